package notice

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"
)

// sequel is one row of the sequence: a statement and the earlier or later one that it is set beside.
type sequel struct {
	statement, to int32
	after         bool
}

// The acts that are set beside warnings, and those that a confirmation is set beside.
const (
	decides = ActSet(1<<2 | 1<<4 | 1<<9) // order, approval, incident
	asks    = ActSet(1<<1 | 1<<2 | 1<<4) // request, order, approval
	reports = ActSet(1 << 6)             // confirmation
)

// sequels sets each order, approval and incident beside the last warning on its topic before it, or, without one, beside the first after it; and each
// confirmation beside the last request, order or approval before it, else the first after it. That is at most two rows for a statement.
func (a *analysis) sequels() []sequel {
	var rows []sequel
	for t := range a.matters {
		list := slices.Clone(cut(a.members, a.matters[t].members))
		slices.SortStableFunc(list, func(x, y int32) int {
			return cmp.Or(a.at(&a.Input.Statements[x]).compare(a.at(&a.Input.Statements[y])), cmp.Compare(x, y))
		})
		rows = append(rows, a.beside(list, decides, ofWarning)...)
		rows = append(rows, a.beside(list, reports, asks)...)
	}
	slices.SortFunc(rows, func(x, y sequel) int { return cmp.Or(cmp.Compare(x.statement, y.statement), cmp.Compare(x.to, y.to)) })
	return rows
}

// beside goes through the statements of a topic in order of time.
func (a *analysis) beside(list []int32, these, those ActSet) (rows []sequel) {
	last := int32(-1)
	var waiting []int32 // these, before the first of those
	for _, i := range list {
		b := &a.Input.Statements[i]
		if b.Rejected || !a.at(b).known() {
			continue
		}
		is := b.Acts.Any(these)
		if is && last >= 0 && a.Input.Statements[last].Message != b.Message {
			rows = append(rows, sequel{i, last, true})
		}
		if b.Acts.Any(those) {
			if last < 0 {
				for _, w := range waiting {
					if a.Input.Statements[w].Message != b.Message {
						rows = append(rows, sequel{w, i, false})
					}
				}
			}
			last = i
		} else if is && last < 0 {
			waiting = append(waiting, i)
		}
	}
	return rows
}

func (a *analysis) sequence() iter.Seq2[Sequel, error] {
	return func(yield func(Sequel, error) bool) {
		l := a.newLedger()
		of := int32(-1)
		var rows []told
		for _, r := range a.sequels() {
			b, to := &a.Input.Statements[r.statement], &a.Input.Statements[r.to]
			author := a.authorOf(b)
			s := Sequel{Statement: statementID(r.statement), Act: firstOf(b.Acts, decides|reports), To: statementID(r.to), ToAct: firstOf(to.Acts, ofWarning|asks), Topic: topicID(a.topicOf[r.statement])}
			at := a.at(b).Instant()
			s.At, s.Basis = at.Time, at.Basis
			d := a.at(b).time().Sub(a.at(to).time())
			s.Seconds = int64(d.Abs() / time.Second)
			s.Relation = Before
			if r.after {
				s.Relation = After
				if to.told() {
					if of != r.to { // the rows of one warning serve all that follows it
						of, rows = r.to, l.of(r.to)
					}
					s.Notice = a.noticeBy(rows, author, a.at(b))
				}
			}
			s.Text = a.tellSequel(&s, b, to, d)
			if !yield(s, nil) {
				return
			}
		}
	}
}

func (a *analysis) authorOf(b *Brief) int32 {
	if b.Inner {
		return b.Author
	}
	return a.Messages[b.Message].Author
}

func firstOf(acts, of ActSet) Act { return (acts & of).First() }

// noticeBy is the strongest evidence that a person had notice by a time.
func (a *analysis) noticeBy(rows []told, person int32, by Moment) EvidenceKind {
	at, is := slices.BinarySearchFunc(rows, person, func(t told, p int32) int { return cmp.Compare(t.person, p) })
	if !is {
		return ""
	}
	for k, m := range rows[at].message {
		if m >= 0 && a.when(k, m).known() && !by.before(a.when(k, m)) {
			return kinds[k]
		}
	}
	return ""
}

var actNouns = map[Act]string{
	Warning: "warning", Request: "request", Order: "order", Threat: "threat", Approval: "approval", Acknowledgement: "acknowledgement", Confirmation: "confirmation", Denial: "denial",
	Blame: "blame", Incident: "report of the incident", Notification: "notification",
}

func (a *analysis) tellSequel(s *Sequel, b, to *Brief, d time.Duration) string {
	text := fmt.Sprintf("the %s by %s (exhibit %d) came %s %s the %s by %s (exhibit %d)", actNouns[s.Act], a.name(a.authorOf(b)), a.Messages[b.Message].Exhibit,
		lasting(d), s.Relation, actNouns[s.ToAct], a.name(a.authorOf(to)), a.Messages[to.Message].Exhibit)
	switch {
	case s.Act == Incident, s.Relation == Before, !to.told():
	case s.Notice == "":
		text += "; nothing held shows that it had reached " + a.name(a.authorOf(b))
	case s.Notice != Authored:
		text += fmt.Sprintf("; %s had been told of it (%s)", a.name(a.authorOf(b)), s.Notice)
	}
	return text
}
