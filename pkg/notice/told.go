package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/evidence"
)

// Bounds that keep a hostile or huge mailbox near-linear.
const (
	maxSameSentence = 4 // statements that one quoted sentence is tied to: the latest before the quote
)

// kinds orders the evidence, strongest first.
var kinds = [...]EvidenceKind{Authored, Acknowledged, Quoted, Forwarded, Replied, Delivered, Addressed}

const (
	kAuthored = iota
	kAcknowledged
	kQuoted
	kForwarded
	kReplied
	kDelivered
	kAddressed
	kindCount
)

// told is what is known of one person and one statement: for each kind of evidence the message that first shows it, and by which means.
type told struct {
	statement int32
	person    int32
	message   [kindCount]int32 // -1: none
	means     [kindCount]means
	returned  int32 // the bounce that says the addressed copy was not delivered; -1
}

// means is how a piece of evidence came about, for its sentence.
type means uint8

const (
	directly means = iota
	byReceipt
	inQuote // in a message that quotes the statement
)

// ledger is who was told what, with an index.
type ledger struct {
	rows  []told
	index map[[2]int32]int32 // statement, person
}

func (l *ledger) row(statement, person int32) *told {
	key := [2]int32{statement, person}
	i, found := l.index[key]
	if !found {
		i = int32(len(l.rows))
		l.index[key] = i
		t := told{statement: statement, person: person, returned: -1}
		for k := range t.message {
			t.message[k] = -1
		}
		l.rows = append(l.rows, t)
	}
	return &l.rows[i]
}

// add keeps the earliest message of each kind.
func (a *analysis) add(l *ledger, statement, person int32, kind int, message int32, by means) {
	if person < 0 || int(person) >= len(a.Persons) {
		return
	}
	t := l.row(statement, person)
	if have := t.message[kind]; have >= 0 && !before(a.when(kind, message), a.when(kind, have)) {
		return
	}
	t.message[kind], t.means[kind] = message, by
}

// when is the instant that a kind of evidence rests on: what a server recorded for a delivery, else when the message was sent.
func (a *analysis) when(kind int, message int32) evidence.Instant {
	m := &a.Messages[message]
	if kind == kDelivered && m.Recorded.Time != nil {
		return m.Recorded
	}
	return m.Sent
}

func before(x, y evidence.Instant) bool {
	if x.Time == nil || y.Time == nil {
		return x.Time != nil
	}
	return x.Time.Before(*y.Time)
}

// notices finds out who was told by each warning, incident and notification, and writes it into the result.
func (a *analysis) notices() *ledger {
	l := &ledger{index: map[[2]int32]int32{}}
	children := a.children()
	bySentence := map[uint64][]int32{}
	telling := map[int32][]int32{} // message -> its statements that tell
	thanks := a.messagesWith(Acknowledgement)
	for i := range a.out.Statements {
		s := &a.out.Statements[i]
		if s.Origin == Rejected || !does(s, Warning, Incident, Notification) {
			continue
		}
		statement, m := int32(i), a.stmtMsg[i]
		telling[m] = append(telling[m], statement)
		for _, f := range fingerprints(s.Text) {
			bySentence[f] = append(bySentence[f], statement)
		}
		msg := &a.Messages[m]
		if s.Part == "" {
			a.add(l, statement, msg.Author, kAuthored, m, directly)
		} else if author, known := a.byID[s.Author]; known {
			a.add(l, statement, author, kAuthored, m, directly)
			if author != msg.Author {
				a.add(l, statement, msg.Author, kForwarded, m, directly)
			}
		} else {
			a.add(l, statement, msg.Author, kForwarded, m, directly)
		}
		for _, r := range msg.Recipients {
			a.add(l, statement, r.Person, kAddressed, m, directly)
		}
		for _, p := range msg.DeliveredTo {
			a.add(l, statement, p, kDelivered, m, directly)
		}
		for _, c := range children[m] {
			reply := &a.Messages[c]
			switch {
			case reply.Automatic || reply.Author == msg.Author:
			case reply.Forward:
				a.add(l, statement, reply.Author, kForwarded, c, directly)
			default:
				a.add(l, statement, reply.Author, kReplied, c, directly)
				if thanks[c] {
					a.add(l, statement, reply.Author, kAcknowledged, c, directly)
				}
			}
		}
	}
	a.quoting(l, bySentence)
	a.returns(l, telling)
	slices.SortFunc(l.rows, func(x, y told) int {
		return cmp.Or(cmp.Compare(x.statement, y.statement), cmp.Compare(x.person, y.person))
	})
	for i := range l.rows {
		l.index[[2]int32{l.rows[i].statement, l.rows[i].person}] = int32(i)
		a.out.Notices = append(a.out.Notices, a.notice(&l.rows[i]))
	}
	return l
}

func (a *analysis) children() map[int32][]int32 {
	children := map[int32][]int32{}
	for i := range a.Messages {
		if p := a.Messages[i].Parent; p >= 0 && int(p) < len(a.Messages) && p != int32(i) {
			children[p] = append(children[p], int32(i))
		}
	}
	return children
}

// quoting ties the messages in which a statement stands as a quotation to it: whoever sends its text has it, and whoever is sent its text has it too.
func (a *analysis) quoting(l *ledger, bySentence map[uint64][]int32) {
	linked := map[int32]bool{}
	for i := range a.Messages {
		m := &a.Messages[i]
		clear(linked)
		for _, q := range m.Quotes {
			same := bySentence[q]
			for _, statement := range same[max(0, len(same)-maxSameSentence):] {
				if a.stmtMsg[statement] == int32(i) || before(m.Sent, a.Messages[a.stmtMsg[statement]].Sent) {
					continue
				}
				linked[statement] = true
			}
		}
		order := make([]int32, 0, len(linked))
		for s := range linked {
			order = append(order, s)
		}
		slices.Sort(order)
		for _, statement := range order {
			kind := kQuoted
			if m.Forward {
				kind = kForwarded
			}
			author := a.Messages[a.stmtMsg[statement]].Author
			if m.Author != author {
				a.add(l, statement, m.Author, kind, int32(i), directly)
			}
			for _, r := range m.Recipients {
				if r.Person != author {
					a.add(l, statement, r.Person, kAddressed, int32(i), inQuote)
				}
			}
			for _, p := range m.DeliveredTo {
				a.add(l, statement, p, kDelivered, int32(i), inQuote)
			}
		}
	}
}

// returns applies read receipts and bounces.
func (a *analysis) returns(l *ledger, telling map[int32][]int32) {
	for _, r := range a.Receipts {
		if r.Of < 0 || int(r.Of) >= len(a.Messages) || r.Message < 0 || int(r.Message) >= len(a.Messages) {
			continue
		}
		of := &a.Messages[r.Of]
		persons := r.Persons
		if len(persons) == 0 && r.Kind == ReadReceipt {
			persons = []int32{a.Messages[r.Message].Author}
		}
		if len(persons) == 0 {
			for _, to := range of.Recipients {
				persons = append(persons, to.Person)
			}
		}
		for _, statement := range telling[r.Of] {
			for _, p := range persons {
				switch r.Kind {
				case ReadReceipt:
					a.add(l, statement, p, kAcknowledged, r.Message, byReceipt)
				case Arrived:
					a.add(l, statement, p, kDelivered, r.Message, byReceipt)
				case Failed:
					if i, found := l.index[[2]int32{statement, p}]; found && l.rows[i].message[kAddressed] == r.Of {
						l.rows[i].returned = r.Message
					}
				}
			}
		}
	}
}

// notice writes one row out. The first time is the earliest of the evidence; a copy that bounced gives none.
func (a *analysis) notice(t *told) Notice {
	n := Notice{Statement: a.out.Statements[t.statement].ID, Person: a.id(t.person), Evidence: []Evidence{}}
	for k, m := range t.message {
		if m < 0 {
			continue
		}
		at := a.when(k, m)
		n.Evidence = append(n.Evidence, Evidence{Kind: kinds[k], Exhibit: int(a.Messages[m].Exhibit), At: at.Time, Basis: at.Basis, Why: a.reason(t, k)})
		if (k != kAddressed || t.returned < 0) && at.Time != nil && (n.FirstAt == nil || at.Time.Before(*n.FirstAt)) {
			n.FirstAt = at.Time
		}
	}
	return n
}

// firstNotice is the time of the earliest evidence, nil if none holds.
func (a *analysis) firstNotice(t *told) (first *time.Time, kind int) {
	for k, m := range t.message {
		if m < 0 || k == kAddressed && t.returned >= 0 {
			continue
		}
		if at := a.when(k, m).Time; at != nil && (first == nil || at.Before(*first)) {
			first, kind = at, k
		}
	}
	return first, kind
}

func (a *analysis) reason(t *told, kind int) string {
	m := t.message[kind]
	msg := &a.Messages[m]
	by := t.means[kind]
	switch kind {
	case kAuthored:
		return "wrote it"
	case kAcknowledged:
		if by == byReceipt {
			return fmt.Sprintf("exhibit %d is a read receipt for it", msg.Exhibit)
		}
		return fmt.Sprintf("acknowledges it in the reply, exhibit %d", msg.Exhibit)
	case kQuoted:
		return fmt.Sprintf("its text stands in exhibit %d", msg.Exhibit)
	case kForwarded:
		return fmt.Sprintf("passed it on in exhibit %d", msg.Exhibit)
	case kReplied:
		return fmt.Sprintf("replied to it in exhibit %d", msg.Exhibit)
	case kDelivered:
		if by == byReceipt {
			return fmt.Sprintf("exhibit %d reports its delivery", msg.Exhibit)
		}
		return "a server recorded the delivery" + inQuotation(by, msg)
	}
	var why strings.Builder
	why.WriteString("named in ")
	why.WriteString(a.fieldOf(msg, t.person).String())
	why.WriteString(inQuotation(by, msg))
	if t.returned >= 0 {
		fmt.Fprintf(&why, "; exhibit %d reports that it was not delivered", a.Messages[t.returned].Exhibit)
	}
	return why.String()
}

func inQuotation(by means, m *Message) string {
	if by != inQuote {
		return ""
	}
	return fmt.Sprintf(" of exhibit %d, which quotes it", m.Exhibit)
}

func (a *analysis) fieldOf(m *Message, person int32) Field {
	field := Bcc
	for _, r := range m.Recipients {
		if r.Person == person {
			field = min(field, r.Field)
		}
	}
	return field
}
