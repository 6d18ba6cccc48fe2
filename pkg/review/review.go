// Package review knows how a person goes through the suggestions of a dossier and decides: keep, reject, call it something else, mark a sentence that was missed,
// say who is one person, name topics, events and clocks. What is decided lies in the case file (package casefile) and nowhere else: a suggestion that the
// file speaks of is not asked again.
//
// Model is a state machine: keys go in (Update), lines for a terminal come out (View). It touches no terminal and no file. Whatever comes out of mail is made
// harmless before it stands in a line (ECMA-48 control functions, Unicode format characters).
package review

import (
	"slices"
	"strings"

	"onrecord/pkg/casefile"
	"onrecord/pkg/dossier"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// Session is what is gone through. It does not change, whatever is decided.
type Session struct {
	mails    []mail // in exhibit order
	items    []item
	persons  []people.Person
	topics   []notice.Topic
	byID     map[string][]int // Message-ID → mails
	personOf map[string]int   // lower-case address → persons
	itemOf   map[string]int
	inner    int // suggestions in messages inside of messages

	places map[words]place
}

// mail is one exhibit.
type mail struct {
	exhibit  int
	id       string // Message-ID
	from     string // person, or what the header says
	fromNote string // role and side
	to       []string
	cc       []string
	when     string
	subject  string
	text     string
	left     bool // the text was left out
	items    []int
}

// item is one question: a suggestion, or whether two persons are one.
type item struct {
	id      string
	mail    int
	said    notice.Statement
	told    []told
	against []notice.Against // of a denial or blame: what had reached its author before
	same    *dossier.PossibleSame
}

type told struct {
	name string
	kind notice.EvidenceKind
}

type words struct {
	mail  int
	quote string
}

type place struct {
	span  [2]int
	found bool
}

// Bounds: what is above them is left out, and said to be.
const (
	maxTexts = 256 << 20 // bytes of text in memory, beside those of messages with suggestions
	maxText  = 1 << 20   // of one message
)

// NewSession reads what is needed of a dossier.
func NewSession(d *dossier.Dossier) (*Session, error) {
	if err := d.Load(); err != nil {
		return nil, err
	}
	s := &Session{persons: d.People, topics: d.Topics, byID: map[string][]int{}, personOf: map[string]int{}, itemOf: map[string]int{}, places: map[words]place{}}
	for i, p := range d.People {
		for _, a := range p.Addresses {
			s.personOf[strings.ToLower(a)] = i
		}
	}
	suggested := map[int]bool{}
	for _, st := range d.Statements {
		suggested[st.Exhibit] = true
	}
	if err := s.readMails(d, suggested); err != nil {
		return nil, err
	}
	s.readItems(d)
	for i := range d.PossibleSame {
		s.add(item{id: "q" + itoa(i+1), mail: -1, same: &d.PossibleSame[i]})
	}
	return s, nil
}

func (s *Session) readMails(d *dossier.Dossier, suggested map[int]bool) error {
	total := 0
	for r, err := range d.Messages {
		if err != nil {
			return err
		}
		m := mail{exhibit: r.Exhibit, id: r.MessageID, subject: r.Subject, to: s.names(r.To), cc: append(s.names(r.Cc), s.names(r.Bcc)...), when: "undated", text: r.Text}
		if sent := r.Sent(); sent.Time != nil {
			m.when = sent.Time.Format("2006-01-02 15:04 -0700") + " (" + string(sent.Basis) + ")"
		}
		if from := s.names(r.From); len(from) > 0 {
			m.from = from[0]
			if p, ok := s.personOf[strings.ToLower(r.From[0].Address)]; ok {
				m.fromNote = joined(", ", s.persons[p].Role, s.persons[p].Side)
			}
		}
		if len(m.text) > maxText {
			m.text = strings.ToValidUTF8(m.text[:maxText], "")
		}
		if !suggested[r.Exhibit] {
			if total += len(m.text); total > maxTexts {
				m.text, m.left = "", true
			}
		}
		m.text = strings.Clone(m.text) // not to hold the whole record
		if m.id != "" {
			s.byID[m.id] = append(s.byID[m.id], len(s.mails))
		}
		s.mails = append(s.mails, m)
	}
	return nil
}

// names gives the persons of a header field, as the dossier calls them.
func (s *Session) names(list []message.Address) []string {
	var all []string
	for _, a := range list {
		name := a.Name
		if p, ok := s.personOf[strings.ToLower(a.Address)]; ok && s.persons[p].Name != "" {
			name = s.persons[p].Name
		}
		if name == "" {
			name = a.Address
		}
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

func (s *Session) readItems(d *dossier.Dossier) {
	reached := map[string][]told{}
	for _, n := range d.Notices {
		t := told{name: s.personName(n.Person)}
		if len(n.Evidence) > 0 {
			t.kind = n.Evidence[0].Kind
		}
		reached[n.Statement] = append(reached[n.Statement], t)
	}
	against := map[string][]notice.Against{}
	for _, c := range d.Contradictions {
		against[c.Statement] = append(against[c.Statement], c.Evidence...)
	}
	for _, st := range d.Statements {
		m := st.Exhibit - 1
		if m < 0 || m >= len(s.mails) {
			continue
		}
		if st.Part != "" {
			s.inner++ // the case file has no words for it
			continue
		}
		s.add(item{id: st.ID, mail: m, said: st, told: reached[st.ID], against: against[st.ID]})
	}
}

func (s *Session) add(it item) {
	n := len(s.items)
	s.itemOf[it.id] = n
	if it.mail >= 0 {
		s.mails[it.mail].items = append(s.mails[it.mail].items, n)
	}
	s.items = append(s.items, it)
}

func (s *Session) person(id string) int {
	return slices.IndexFunc(s.persons, func(p people.Person) bool { return p.ID == id })
}

func (s *Session) personName(id string) string {
	if p := s.person(id); p >= 0 {
		return nameOf(&s.persons[p])
	}
	return "somebody"
}

func nameOf(p *people.Person) string {
	switch {
	case p.Name != "":
		return p.Name
	case len(p.Addresses) > 0:
		return p.Addresses[0]
	}
	return p.ID
}

// locate finds words in a message as the build does.
func (s *Session) locate(m int, quote string) ([2]int, bool) {
	key := words{m, quote}
	if p, known := s.places[key]; known {
		return p.span, p.found
	}
	var p place
	one := notice.NewMarks(&casefile.Case{Marks: []casefile.Mark{{Exhibit: 1, Quote: quote, Acts: []string{string(notice.Warning)}}}})
	if list, _ := one.Apply(1, "", s.mails[m].text, nil); len(list) == 1 {
		p = place{list[0].Span, true}
	}
	s.places[key] = p
	return p.span, p.found
}

func overlap(a, b [2]int) bool { return a[0] < b[1] && b[0] < a[1] }

// mailsOf gives the messages that a mark names.
func (s *Session) mailsOf(m *casefile.Mark) []int {
	if m.MessageID != "" {
		return s.byID[m.MessageID]
	}
	if m.Exhibit >= 1 && m.Exhibit <= len(s.mails) {
		return []int{m.Exhibit - 1}
	}
	return nil
}

// byteSpan turns a span of code points into one of bytes.
func byteSpan(text string, span [2]int) (from, to int) {
	from, to = len(text), len(text)
	n := 0
	for i := range text {
		if n == span[0] {
			from = i
		}
		if n == span[1] {
			to = i
			break
		}
		n++
	}
	return min(from, to), to
}

func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}
