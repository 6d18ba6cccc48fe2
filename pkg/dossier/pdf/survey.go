package pdf

import (
	"slices"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/pdfa"
	"onrecord/pkg/people"
)

// brief is what is kept of every exhibit, for tables, drawing and links.
type brief struct {
	subject   string
	from      int32   // index of the sender in People; -1 if unknown
	fromText  string  // the sender as written, where no person is known
	to        []int32 // indexes of the recipients in People, at most maxMarks
	at        *time.Time
	basis     evidence.Basis
	digest    digest.Digest
	file      string
	size      int64 // of the file
	messageID string
	defects   int
	mail      *pdfa.Mail // for the metadata; nil if it is not told there
}

const (
	maxMarks    = 40  // recipients kept of a message for the drawing
	maxSubject  = 160 // code points
	maxIDLength = 998
)

// view is the dossier turned over for reading: what is looked up by what.
type view struct {
	d         *dossier.Dossier
	exhibits  []brief // exhibit n at n-1
	byID      map[string]int
	person    map[string]int // person id → index
	address   map[string]int // lower-case address → index
	statement map[string]*notice.Statement
	inExhibit map[int][]*notice.Statement
	warnings  []*notice.Statement // not rejected, in order of time
	noticed   []*notice.Statement // all that have notices
	notices   map[string][]*notice.Notice
	changes   map[int]*notice.RecipientChange
	against   map[string][]*notice.Contradiction // by the warning
	defects   int                                // in all exhibits
	defective int                                // exhibits with defects
	suggested int
	marked    int
	rejected  int
}

// survey ranges over the messages once and keeps a brief of each.
func survey(d *dossier.Dossier) (*view, error) {
	v := &view{d: d, byID: map[string]int{}, person: map[string]int{}, address: map[string]int{},
		statement: map[string]*notice.Statement{}, inExhibit: map[int][]*notice.Statement{},
		notices: map[string][]*notice.Notice{}, changes: map[int]*notice.RecipientChange{}, against: map[string][]*notice.Contradiction{}}
	for i, p := range d.People {
		v.person[p.ID] = i
		for _, a := range p.Addresses {
			v.address[strings.ToLower(a)] = i
		}
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		v.statement[s.ID] = s
		v.inExhibit[s.Exhibit] = append(v.inExhibit[s.Exhibit], s)
		switch s.Origin {
		case notice.Suggested:
			v.suggested++
		case notice.Marked:
			v.marked++
		case notice.Rejected:
			v.rejected++
			continue
		}
		if slices.Contains(s.Acts, notice.Warning) {
			v.warnings = append(v.warnings, s)
		}
	}
	slices.SortStableFunc(v.warnings, func(a, b *notice.Statement) int { return compareTimes(a.At, b.At) })
	for i := range d.Notices {
		n := &d.Notices[i]
		if _, ok := v.notices[n.Statement]; !ok {
			if s := v.statement[n.Statement]; s != nil {
				v.noticed = append(v.noticed, s)
			}
		}
		v.notices[n.Statement] = append(v.notices[n.Statement], n)
	}
	slices.SortStableFunc(v.noticed, func(a, b *notice.Statement) int { return compareTimes(a.At, b.At) })
	for i := range d.Recipients {
		v.changes[d.Recipients[i].Exhibit] = &d.Recipients[i]
	}
	for i := range d.Contradictions {
		for _, id := range d.Contradictions[i].Against {
			v.against[id] = append(v.against[id], &d.Contradictions[i])
		}
	}
	for r, err := range ahead(d.Messages) {
		if err != nil {
			return nil, err
		}
		v.add(r)
	}
	return v, nil
}

func (v *view) add(r *evidence.Record) {
	sent := r.Sent()
	x := brief{subject: cut(r.Subject, maxSubject), from: -1, at: sent.Time, basis: sent.Basis, digest: r.Digests.Message, file: r.File, size: r.Size, defects: len(r.Defects)}
	if len(v.exhibits) < maxDescribed {
		x.mail = described(r)
	}
	if len(r.MessageID) <= maxIDLength {
		x.messageID = r.MessageID
		if _, ok := v.byID[x.messageID]; !ok && x.messageID != "" {
			v.byID[x.messageID] = r.Exhibit
		}
	}
	for _, a := range r.From {
		if i, ok := v.address[strings.ToLower(a.Address)]; ok {
			x.from = int32(i)
			break
		}
	}
	if x.from < 0 && len(r.From) > 0 {
		x.fromText = cut(mailbox(r.From[0]), 80)
	}
	for _, list := range [...][]message.Address{r.To, r.Cc, r.Bcc} {
		for _, a := range list {
			i, ok := v.address[strings.ToLower(a.Address)]
			if ok && len(x.to) < maxMarks && !slices.Contains(x.to, int32(i)) {
				x.to = append(x.to, int32(i))
			}
		}
	}
	if len(r.Defects) > 0 {
		v.defects += len(r.Defects)
		v.defective++
	}
	v.exhibits = append(v.exhibits, x)
}

func isAttachment(p message.Part) bool { return p.Disposition == "attachment" || p.Filename != "" }

// exhibit returns the brief of exhibit n; nil if there is none of that number.
func (v *view) exhibit(n int) *brief {
	if n < 1 || n > len(v.exhibits) {
		return nil
	}
	return &v.exhibits[n-1]
}

// name returns what a person is called.
func (v *view) name(id string) string {
	i, ok := v.person[id]
	if !ok {
		return id
	}
	return personName(&v.d.People[i])
}

func personName(p *people.Person) string {
	switch {
	case p.Name != "":
		return p.Name
	case len(p.Addresses) > 0:
		return p.Addresses[0]
	}
	return p.ID
}

func (v *view) sender(x *brief) string {
	if x.from >= 0 {
		return personName(&v.d.People[x.from])
	}
	return x.fromText
}

// mailbox writes an address as name <addr-spec>.
func mailbox(a message.Address) string {
	switch {
	case a.Name == "":
		return a.Address
	case a.Address == "":
		return a.Name
	}
	return a.Name + " <" + a.Address + ">"
}

// cut shortens text to n code points, with an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// compareTimes orders nil last.
func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}
