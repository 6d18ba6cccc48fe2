package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/source"
)

// The answers about loose mail: each Why begins with one of them.
const (
	looseIdentical = "identical"
	looseSameMail  = "same mail, different bytes"
	looseOtherText = "same Message-ID, different content"
	looseNotHere   = "not in this dossier"
)

const looseCheck = "loose mail"

// bounds on what is looked at for one loose message
const (
	mostCandidates = 16  // exhibits that are read again
	mostScored     = 256 // exhibits of one property that are looked at in the index
	mostHeld       = 32 << 20
)

// Message tells whether one loose message is in the dossier: identical, the same mail with other bytes and why, the same Message-ID with
// another content and where, or not in here and what is nearest. Malformed mail is an answer too; an error means that it, or an exhibit, could
// not be read.
func (h *Held) Message(ctx context.Context, x *evidence.Examiner, item source.Item) ([]Finding, error) {
	subject := item.Origin.Source
	if item.Origin.Offset > 0 {
		subject += fmt.Sprintf(" at byte %d", item.Origin.Offset)
	}
	ex, err := x.Examine(ctx, item)
	if err != nil {
		return nil, err
	}
	defer ex.Close()
	q := &question{held: h, x: x, subject: subject}
	if q.loose, err = newVersion(ex, x.Limits); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) (bool, error){q.identical, q.sameMail, q.near} {
		done, err := step(ctx)
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	return q.findings, nil
}

// question is the work on one loose message.
type question struct {
	held     *Held
	x        *evidence.Examiner
	subject  string
	loose    *version
	findings []Finding
	looked   map[int32]*answer
}

// answer is what came out for one exhibit.
type answer struct {
	entry *entry
	*comparison
}

func (q *question) tell(f Finding) {
	f.Check, f.Subject = looseCheck, q.subject
	q.findings = append(q.findings, f)
}

func (e *entry) String() string { return fmt.Sprintf("exhibit %d", e.exhibit) }

// identical looks for an exhibit of the same bytes, and makes sure that its file still has them.
func (q *question) identical(context.Context) (bool, error) {
	d := q.loose.r.Digests
	for _, sum := range slices.Compact([]digest.Digest{d.Message, d.Raw}) {
		for _, at := range q.held.find(digestKey(byDigest, sum), noDate, mostCandidates) {
			e := &q.held.entries[at]
			if e.sum != sum {
				continue
			}
			found, err := q.held.sumOf(e)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return false, err
			}
			f := Finding{Expected: e.String() + ": " + sum.String(), Found: e.String()}
			switch {
			case err != nil:
				f.Status, f.Found = Missing, "no file"
				f.Why = looseIdentical + " to what dossier.json records of " + e.String() + "; but the exhibit's own file " + clipped(e.file, 200) + " is not there"
			case found != sum:
				f.Status, f.Found = Mismatch, found.String()
				f.Why = looseIdentical + " to what dossier.json records of " + e.String() + "; but the exhibit's own file " + e.file + " was changed since: it is not what was recorded"
			default:
				f.Status = Verified
				f.Why = looseIdentical + ": byte for byte " + e.String() + " (" + e.file + ", " + sum.String() + ")" + q.lies(sum)
			}
			q.tell(f)
			return true, nil
		}
	}
	return false, nil
}

// lies says how an identical message lies in its file.
func (q *question) lies(sum digest.Digest) string {
	r := q.loose.r
	switch {
	case sum == r.Digests.Raw && r.Digests.Raw != r.Digests.Message:
		return ", as it lies in its file"
	case r.Reading.Unquoted > 0:
		return ", after the mbox quoting of " + counted(r.Reading.Unquoted, "line", "lines") + " was undone (" + r.Reading.Variant + ")"
	case r.Origin.EnvelopeLine != "":
		return "; in its file an mbox From_ line stands in front of it"
	}
	return ""
}

// open opens a file of the dossier that a record names.
func (h *Held) open(e *entry) (fs.File, error) {
	if !fs.ValidPath(e.file) || !strings.HasPrefix(e.file, "data/") {
		return nil, &fs.PathError{Op: "open", Path: e.file, Err: fs.ErrNotExist}
	}
	return h.fsys.Open(e.file)
}

func (h *Held) sumOf(e *entry) (digest.Digest, error) {
	f, err := h.open(e)
	if err != nil {
		return digest.Digest{}, err
	}
	defer f.Close()
	sum, _, err := digest.OfReader(f)
	return sum, err
}

// look reads an exhibit again and compares it. It returns nil where the exhibit's file is not there.
func (q *question) look(ctx context.Context, at int32) (*answer, error) {
	if a, ok := q.looked[at]; ok {
		return a, nil
	}
	if q.looked == nil {
		q.looked = map[int32]*answer{}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e := &q.held.entries[at]
	f, err := q.held.open(e)
	if errors.Is(err, fs.ErrNotExist) {
		q.looked[at] = nil
		q.tell(Finding{Status: Missing, Expected: e.sum.String(), Found: "no file", Why: "the file of " + e.String() + ", with which it would have been compared, is not there: " + clipped(e.file, 200)})
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := contentOf(f, e.file)
	if err != nil {
		return nil, err
	}
	ex, err := q.x.Examine(ctx, source.Item{Origin: source.Origin{Source: e.file, Length: content.Size()}, Raw: content})
	if err != nil {
		return nil, err
	}
	defer ex.Close()
	v, err := newVersion(ex, q.x.Limits)
	if err != nil {
		return nil, err
	}
	if ex.Record.Digests.Message != e.sum {
		q.tell(Finding{Status: Mismatch, Expected: e.sum.String(), Found: ex.Record.Digests.Message.String(),
			Why: "the file of " + e.String() + ", with which it is compared, was changed: it is not what was recorded (" + e.file + ")"})
	}
	c, err := compare(v, q.loose)
	if err != nil {
		return nil, err
	}
	q.looked[at] = &answer{e, c}
	return q.looked[at], nil
}

// contentOf gives an open file as content, in memory where it is not too large.
func contentOf(f fs.File, name string) (source.Content, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	at, ok := f.(io.ReaderAt)
	if !ok || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is no regular file", name)
	}
	if info.Size() > mostHeld {
		return io.NewSectionReader(at, 0, info.Size()), nil
	}
	b, err := io.ReadAll(io.NewSectionReader(at, 0, info.Size()))
	return source.Bytes(b), err
}

// best reads the exhibits again and returns the one that is most alike.
func (q *question) best(ctx context.Context, all []int32) (*answer, error) {
	var best *answer
	for _, at := range all[:min(len(all), mostCandidates)] {
		a, err := q.look(ctx, at)
		if err != nil {
			return nil, err
		}
		if a == nil {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(a.distance(), best.distance()), cmp.Compare(a.entry.exhibit, best.entry.exhibit)) < 0 {
			best = a
		}
	}
	return best, nil
}

// sameMail looks at the exhibits with the same Message-ID, content or text but for line endings.
func (q *question) sameMail(ctx context.Context) (bool, error) {
	r := q.loose.r
	date := dateOf(r)
	all := q.held.find(digestKey(byCanonical, r.Digests.Canonical), date, mostCandidates)
	all = append(all, q.held.find(digestKey(byContent, r.Digests.Content), date, mostCandidates)...)
	if r.MessageID != "" {
		all = append(all, q.held.find(keyOf(byID, r.MessageID), date, mostCandidates)...)
	}
	a, err := q.best(ctx, unique(all))
	if err != nil || a == nil {
		return false, err
	}
	switch {
	case a.sameMail():
		q.tellSameMail(a)
	case r.MessageID != "" && !a.told["message-id"]:
		q.tellOther(a)
	default:
		return false, nil
	}
	return true, nil
}

func unique(list []int32) []int32 {
	seen := map[int32]bool{}
	return slices.DeleteFunc(list, func(at int32) bool {
		defer func() { seen[at] = true }()
		return seen[at]
	})
}

// mostReasons bounds how many reasons one sentence holds.
const mostReasons = 12

func sentence(list []reason) string {
	var all []string
	for _, r := range list[:min(len(list), mostReasons)] {
		all = append(all, r.what)
	}
	if n := len(list) - mostReasons; n > 0 {
		all = append(all, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(all, "; ")
}

// parted are the reasons that exporting and delivering explain, and the others.
func (a *answer) parted() (explained, open []reason) {
	for _, r := range a.reasons {
		if r.explained {
			explained = append(explained, r)
		} else {
			open = append(open, r)
		}
	}
	return explained, open
}

func (q *question) tellSameMail(a *answer) {
	e := a.entry
	f := Finding{Status: Verified, Expected: e.String() + ": " + e.sum.String(), Found: q.loose.r.Digests.Message.String()}
	explained, open := a.parted()
	f.Why = looseSameMail + ": it is " + e.String() + " (" + e.file + "). "
	if len(open) == 0 {
		f.Why += "From, To, Cc, Date, Subject, Message-ID, text and attachments are equal. What differs comes from delivering, storing or exporting the mail: " + sentence(explained)
	} else {
		f.Status = Mismatch
		f.Expected, f.Found = e.String()+": "+sides(open, func(r reason) string { return r.held }), sides(open, func(r reason) string { return r.loose })
		f.Why += "But not all that differs is explained by delivering, storing or exporting it: " + sentence(open)
		if len(explained) > 0 {
			f.Why += ". Explained by that: " + sentence(explained)
		}
	}
	q.tell(f)
}

// sides joins what one of the two has.
func sides(list []reason, side func(reason) string) string {
	var all []string
	for _, r := range list[:min(len(list), mostReasons)] {
		if s := side(r); s != "" {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return "see why"
	}
	return strings.Join(all, "; ")
}

// content puts what differs in content side by side.
func (a *answer) content() (held, loose, what string) {
	var hs, ls, names []string
	for _, f := range a.fields {
		hs, ls, names = append(hs, f.held), append(ls, f.loose), append(names, f.what)
	}
	for i, p := range a.passages[:min(len(a.passages), mostPassages)] {
		hs, ls = append(hs, fmt.Sprintf("(%d) %s", i+1, p.held)), append(ls, fmt.Sprintf("(%d) %s", i+1, p.loose))
	}
	var all []string
	if len(names) > 0 {
		all = append(all, "another "+strings.Join(names, ", "))
	}
	all = append(all, a.notes...)
	if a.differ > 0 {
		s := counted(a.differ, "passage of the text differs", "passages of the text differ") + fmt.Sprintf(" (%d of the exhibit's %d words are not there, %d of the loose mail's %d are new; they stand in « »", a.words.gone, a.words.held, a.words.came, a.words.loose)
		if n := len(a.passages); a.differ > n {
			s += fmt.Sprintf("; the first %d passages are shown", n)
		}
		all = append(all, s+")")
	}
	return strings.Join(hs, "; "), strings.Join(ls, "; "), strings.Join(all, "; ")
}

func (q *question) tellOther(a *answer) {
	held, loose, what := a.content()
	f := Finding{Status: Mismatch, Expected: a.entry.String() + ": " + held, Found: loose}
	f.Why = looseOtherText + ": it bears the Message-ID of " + a.entry.String() + " (" + a.entry.file + ") and says something else: " + what
	if len(a.reasons) > 0 {
		f.Why += ". Besides: " + sentence(a.reasons)
	}
	q.tell(f)
}

// near looks for what is nearest to a message that is not in the dossier.
func (q *question) near(ctx context.Context) (bool, error) {
	nearest := q.scored()
	a, err := q.best(ctx, nearest[:min(len(nearest), 3)])
	if err != nil {
		return false, err
	}
	if a != nil && q.lostID(a) {
		q.tellLostID(a)
		return true, nil
	}
	f := Finding{Status: Missing}
	f.Why = looseNotHere
	if q.loose.m.Size == 0 {
		f.Why += ": it holds no byte"
	}
	f.Why += q.traces()
	if a == nil {
		f.Why += "; and no exhibit is near to it by Message-ID, date, subject, sender or text"
	} else {
		held, loose, what := a.content()
		f.Expected, f.Found = "nearest is "+a.entry.String()+": "+held, loose
		f.Why += "; nearest is " + a.entry.String() + " (" + a.entry.file + "), which differs in this: " + what
		if explained, open := a.parted(); a.differ == 0 && len(a.reasons) > 0 {
			f.Why += ". Besides: " + sentence(append(open, explained...))
		}
	}
	if len(q.held.limits) > 0 {
		f.Why += ". Note that " + strings.Join(q.held.limits, ", and that ")
	}
	q.tell(f)
	return true, nil
}

// traces tells where a message that is no exhibit shows in the dossier all the same.
func (q *question) traces() string {
	r := q.loose.r
	date := dateOf(r)
	s := ""
	shown := func(at []int32) string {
		const most = 5
		var all []string
		for _, i := range at[:min(len(at), most)] {
			all = append(all, fmt.Sprint(q.held.entries[i].exhibit))
		}
		if len(at) > most {
			all = append(all, "…")
		}
		return map[bool]string{true: "exhibit ", false: "exhibits "}[len(at) == 1] + strings.Join(all, ", ")
	}
	if at := q.held.find(digestKey(byEnclosed, r.Digests.Message), date, mostCandidates); len(at) > 0 {
		s += " as a message of its own, but " + shown(at) + " encloses it, byte for byte"
	} else if at := q.held.find(digestKey(byEnclosedContent, r.Digests.Content), date, mostCandidates); len(at) > 0 {
		s += " as a message of its own, but " + shown(at) + " encloses a message of the same content"
	}
	if r.MessageID != "" {
		if at := q.held.find(keyOf(byCitation, r.MessageID), date, mostCandidates); len(at) > 0 {
			s += "; its Message-ID is named in " + shown(at) + " as one that was answered or referred to"
		}
	}
	return s
}

// lostID tells whether the exhibit is the same mail but for a Message-ID that one of the two has lost or has in another form.
func (q *question) lostID(a *answer) bool {
	if a.differ > 0 || len(a.fields) > 1 || len(a.fields) == 1 && !a.told["message-id"] {
		return false
	}
	if r := q.loose.r; r.Date.Time == nil || len(r.From) == 0 {
		return false // without a Message-ID these say which mail it is
	}
	return len(a.fields) == 0 || a.idForms
}

func (q *question) tellLostID(a *answer) {
	for _, f := range a.fields {
		a.named("the Message-ID is missing in one of the two, or written in another form", f.held, f.loose)
	}
	q.tellSameMail(a)
}

// scored returns exhibits that have something in common with the loose message, those with the most first.
func (q *question) scored() []int32 {
	r := q.loose.r
	date := dateOf(r)
	points := map[int32]int{}
	give := func(key uint64, n int) {
		for _, at := range q.held.find(key, date, mostScored) {
			points[at] += n
		}
	}
	for i, key := range idKeys(r.MessageID) {
		give(key, [...]int{12, 10, 6}[i])
	}
	if key, ok := textKey(r.Text); ok {
		give(key, 6)
	}
	if date != noDate {
		give(dateKey(date), 4)
	}
	subject, from := subjectKey(r), fromKey(r)
	if withoutTags(r.Subject) != "" {
		give(subject, 3)
	}
	if len(r.From) > 0 {
		give(from, 1)
	}
	const day = int64(24 * time.Hour / time.Second)
	away := func(at int32) int64 {
		d := q.held.entries[at].date
		if d == noDate || date == noDate {
			return 1 << 40
		}
		return max(d-date, date-d)
	}
	var all []int32
	for at, n := range points {
		if away(at) <= day {
			points[at]++
			n++
		}
		if n >= 3 {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, func(a, b int32) int {
		return cmp.Or(cmp.Compare(points[b], points[a]), cmp.Compare(away(a), away(b)), cmp.Compare(a, b))
	})
	return all
}

// LooseReport is the report over findings about loose mail.
func LooseReport(findings []Finding) *Report {
	r := NewReport()
	for _, f := range findings {
		r.add(f)
	}
	return r
}

// LooseConclusion is a report about loose mail in one sentence.
func (r *Report) LooseConclusion() string {
	var counts []string
	for _, word := range [...]string{looseIdentical, looseSameMail, looseOtherText, looseNotHere} {
		n := 0
		for _, f := range r.Findings {
			if strings.HasPrefix(f.Why, word) {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, word))
		}
	}
	if n := r.Count(Unverifiable); n > 0 {
		counts = append(counts, fmt.Sprintf("%d could not be checked", n))
	}
	all := strings.Join(counts, "; ")
	if r.OK {
		return "The loose mail is in this dossier: " + all + "."
	}
	return "Not all of the loose mail is in this dossier as it was shown: " + all + "."
}
