package notice

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// item stands for one entry of the timeline.
type item struct {
	of    itemKind
	index int32 // of the message, statement or event
}

// itemKind orders the entries of one exhibit at one time.
type itemKind uint8

const (
	itemMessage   itemKind = iota
	itemStatement          //
	itemDropped            // the recipients that a message leaves out
	itemEvent
)

// orderTimeline sorts the messages by time, and apart from them what has a time of its own: statements of attached messages and events.
func (a *analysis) orderTimeline() {
	byTime := func(x, y int32) int {
		return cmp.Or(a.Messages[x].Sent.compare(a.Messages[y].Sent), cmp.Compare(a.Messages[x].Exhibit, a.Messages[y].Exhibit), cmp.Compare(x, y))
	}
	a.byTime = make([]int32, len(a.Messages))
	for i := range a.byTime {
		a.byTime[i] = int32(i)
	}
	slices.SortFunc(a.byTime, byTime)
	for i := range a.Input.Statements {
		if b := &a.Input.Statements[i]; b.Inner && !b.Rejected {
			a.others = append(a.others, item{itemStatement, int32(i)})
		}
	}
	if a.Case != nil {
		for i := range a.Case.Events {
			a.others = append(a.others, item{itemEvent, int32(i)})
		}
	}
	slices.SortFunc(a.others, a.compareItems)
}

func (a *analysis) compareItems(x, y item) int {
	at, exhibit := a.placeOf(x)
	otherAt, otherExhibit := a.placeOf(y)
	return cmp.Or(at.compare(otherAt), cmp.Compare(exhibit, otherExhibit), cmp.Compare(x.of, y.of), cmp.Compare(x.index, y.index))
}

// placeOf gives time and exhibit of an entry; events have no exhibit.
func (a *analysis) placeOf(x item) (Moment, int32) {
	switch x.of {
	case itemStatement:
		b := &a.Input.Statements[x.index]
		return a.at(b), a.Messages[b.Message].Exhibit
	case itemEvent:
		at, _ := a.eventTime(&a.Case.Events[x.index])
		return at, 0
	}
	return a.Messages[x.index].Sent, a.Messages[x.index].Exhibit
}

// timeline lists messages, statements, dropped recipients, receipts, bounces and the events of the case file by time, then exhibit;
// what has no time stands last. Statements and dropped recipients stand beside their message; what has a time of its own is merged in.
func (a *analysis) timeline() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		others := a.others
		recipients := a.newComparison()
		var change RecipientChange
		write := func(x item) bool {
			e, err := a.entry(x, &change)
			return yield(e, err) && err == nil
		}
		put := func(x item) bool {
			for len(others) > 0 && a.compareItems(others[0], x) < 0 {
				if !write(others[0]) {
					return false
				}
				others = others[1:]
			}
			return write(x)
		}
		for _, m := range a.byTime {
			if !put(item{itemMessage, m}) {
				return
			}
			from, _ := slices.BinarySearchFunc(a.Input.Statements, m, func(b Brief, m int32) int { return cmp.Compare(b.Message, m) })
			for i := from; i < len(a.Input.Statements) && a.Input.Statements[i].Message == m; i++ {
				if b := &a.Input.Statements[i]; !b.Inner && !b.Rejected && !put(item{itemStatement, int32(i)}) {
					return
				}
			}
			if change, _ = recipients.of(m); len(change.Dropped) > 0 && !put(item{itemDropped, m}) {
				return
			}
		}
		for _, x := range others {
			if !write(x) {
				return
			}
		}
	}
}

// entry writes an entry; change is that of the message at hand.
func (a *analysis) entry(x item, change *RecipientChange) (Entry, error) {
	switch x.of {
	case itemStatement:
		b := &a.Input.Statements[x.index]
		s, err := a.Load(b.Ref)
		at := a.at(b).Instant()
		return Entry{At: at.Time, Basis: at.Basis, Kind: EntryKind(b.Acts.First()), Exhibit: int(a.Messages[b.Message].Exhibit), Statement: statementID(x.index), Text: short(s.Text)}, err
	case itemEvent:
		event := &a.Case.Events[x.index]
		moment, m := a.eventTime(event)
		at := moment.Instant()
		e := Entry{At: at.Time, Basis: at.Basis, Kind: KindEvent, Text: event.Title}
		if m >= 0 {
			e.Exhibit = int(a.Messages[m].Exhibit)
		} else if !event.At.IsZero() {
			e.At = &event.At // with the zone that was stated
		}
		return e, nil
	}
	m := &a.Messages[x.index]
	at := m.Sent.Instant()
	e := Entry{At: at.Time, Basis: at.Basis, Kind: KindMessage, Exhibit: int(m.Exhibit)}
	if x.of == itemDropped {
		e.Kind, e.Text = KindDropped, cmp.Or(change.Headline, count(len(change.Dropped), "recipient")+" dropped")
		return e, nil
	}
	if reports := a.reportIn.of(x.index); len(reports) > 0 {
		e.Kind, e.Text = a.returned(&a.Receipts[second(reports[0])], m)
		return e, nil
	}
	var err error
	e.Text, err = a.Subject(x.index)
	return e, err
}

// returned tells what a receipt or bounce says.
func (a *analysis) returned(r *Return, m *Message) (EntryKind, string) {
	of := "a message that is not held"
	if a.holds(r.Of) {
		of = "exhibit " + strconv.Itoa(int(a.Messages[r.Of].Exhibit))
	}
	names := make([]string, 0, len(r.Persons))
	for _, p := range r.Persons {
		names = append(names, a.name(p))
	}
	to := ""
	if len(names) > 0 {
		to = " to " + strings.Join(names, ", ")
	} else if len(r.Addresses) > 0 {
		to = " to " + strings.Join(r.Addresses, ", ")
	}
	switch r.Kind {
	case Failed:
		return KindBounce, of + " was not delivered" + to
	case Delayed:
		return KindBounce, of + " was delayed" + to
	case Arrived:
		return KindReceipt, of + " was delivered" + to
	case Deleted:
		return KindReceipt, of + " was deleted unread by " + cmp.Or(strings.Join(names, ", "), a.name(m.Author))
	default: // a receipt says that it was shown on a screen, not that anybody read it
		return KindReceipt, of + " was displayed to " + cmp.Or(strings.Join(names, ", "), a.name(m.Author))
	}
}

var outcomes = map[ReturnKind]OutcomeKind{ReadReceipt: OutcomeDisplayed, Deleted: OutcomeDeleted, Arrived: OutcomeDelivered, Delayed: OutcomeDelayed, Failed: OutcomeFailed}

// reports lists receipts, delivery reports and bounces by exhibit.
func (a *analysis) reports() iter.Seq[DeliveryReport] {
	return func(yield func(DeliveryReport) bool) {
		for _, p := range a.reportIn {
			r := &a.Receipts[second(p)]
			m := &a.Messages[r.Message]
			at := m.Sent.Instant()
			d := DeliveryReport{Exhibit: int(m.Exhibit), Kind: outcomes[r.Kind], Form: r.Form, Persons: []string{}, Addresses: append([]string{}, r.Addresses...), Tie: r.Tie, At: at.Time, Basis: at.Basis}
			if a.holds(r.Of) {
				of := int(a.Messages[r.Of].Exhibit)
				d.Of = &of
			}
			for _, p := range r.Persons {
				d.Persons = append(d.Persons, a.id(p))
			}
			if _, d.Text = a.returned(r, m); !yield(d) {
				return
			}
		}
	}
}
