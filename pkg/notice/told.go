package notice

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
)

// maxSameSentence bounds the statements that one quoted sentence is tied to: the last that say it.
const maxSameSentence = 4

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
	person   int32
	message  [kindCount]int32 // -1: none
	means    [kindCount]means
	returned int32 // the bounce that says the addressed copy was not delivered; -1
}

// means is how a piece of evidence came about, for its sentence.
type means uint8

const (
	directly means = iota
	byReceipt
	inQuote // in a message that quotes the statement
)

// ledger finds out who was told one statement after the other. Its memory is that of one statement.
type ledger struct {
	*analysis
	rows  []told
	place []int32 // person -> place in rows, from 1; 0: not among them
}

func (a *analysis) newLedger() *ledger {
	return &ledger{analysis: a, place: make([]int32, len(a.Persons))}
}

// add keeps the earliest message of each kind.
func (l *ledger) add(person int32, kind int, message int32, by means) {
	if !l.is(person) {
		return
	}
	if l.place[person] == 0 {
		l.rows = append(l.rows, told{person: person, message: [kindCount]int32{-1, -1, -1, -1, -1, -1, -1}, returned: -1})
		l.place[person] = int32(len(l.rows))
	}
	t := &l.rows[l.place[person]-1]
	if have := t.message[kind]; have >= 0 && !l.when(kind, message).before(l.when(kind, have)) {
		return
	}
	t.message[kind], t.means[kind] = message, by
}

// when is the instant that a kind of evidence rests on: what a server recorded for a delivery, else when the message was sent.
func (a *analysis) when(kind int, message int32) Moment {
	m := &a.Messages[message]
	if kind == kDelivered && m.Recorded.known() {
		return m.Recorded
	}
	return m.Sent
}

// of finds out who was told a warning, incident or notification: a row for each person, in order. The rows hold until the next call.
func (l *ledger) of(statement int32) []told {
	for i := range l.rows {
		l.place[l.rows[i].person] = 0
	}
	l.rows = l.rows[:0]
	b := &l.Input.Statements[statement]
	l.sent(b)
	l.answered(b.Message)
	l.quoted(statement)
	l.reported(b.Message)
	slices.SortFunc(l.rows, func(x, y told) int { return cmp.Compare(x.person, y.person) })
	return l.rows
}

// sent tells of the message that makes the statement.
func (l *ledger) sent(b *Brief) {
	m := b.Message
	msg := &l.Messages[m]
	switch {
	case !b.Inner:
		l.add(msg.Author, kAuthored, m, directly)
	case !l.is(b.Author):
		l.add(msg.Author, kForwarded, m, directly)
	default:
		l.add(b.Author, kAuthored, m, directly)
		if b.Author != msg.Author {
			l.add(msg.Author, kForwarded, m, directly)
		}
	}
	for _, r := range l.recipients(msg) {
		l.add(r.Person, kAddressed, m, directly)
	}
	for _, p := range l.delivered(msg) {
		l.add(p, kDelivered, m, directly)
	}
}

// answered tells of the messages that answer it or pass it on.
func (l *ledger) answered(m int32) {
	for _, c := range l.children.of(m) {
		reply := &l.Messages[c]
		switch {
		case reply.Automatic || reply.Author == l.Messages[m].Author:
		case reply.Forward:
			l.add(reply.Author, kForwarded, c, directly)
		default:
			l.add(reply.Author, kReplied, c, directly)
			if l.thanks.has(c) {
				l.add(reply.Author, kAcknowledged, c, directly)
			}
		}
	}
}

// quoted tells of the messages in which it stands as a quotation: whoever sends its text has it, and whoever is sent its text has it too.
func (l *ledger) quoted(statement int32) {
	author := l.Messages[l.Input.Statements[statement].Message].Author
	for _, q := range l.quoting.of(statement) {
		i := second(q)
		m := &l.Messages[i]
		kind := kQuoted
		if m.Forward {
			kind = kForwarded
		}
		if m.Author != author {
			l.add(m.Author, kind, i, directly)
		}
		for _, r := range l.recipients(m) {
			if r.Person != author {
				l.add(r.Person, kAddressed, i, inQuote)
			}
		}
		for _, p := range l.delivered(m) {
			l.add(p, kDelivered, i, inQuote)
		}
	}
}

// reported tells of read receipts and bounces.
func (l *ledger) reported(m int32) {
	for _, p := range l.reportOf.of(m) {
		r := &l.Receipts[second(p)]
		switch {
		case len(r.Persons) > 0:
			for _, p := range r.Persons {
				l.report(r, p)
			}
		case r.Kind == ReadReceipt:
			l.report(r, l.Messages[r.Message].Author)
		default:
			for _, to := range l.recipients(&l.Messages[m]) {
				l.report(r, to.Person)
			}
		}
	}
}

func (l *ledger) report(r *Return, person int32) {
	switch r.Kind {
	case ReadReceipt:
		l.add(person, kAcknowledged, r.Message, byReceipt)
	case Arrived:
		l.add(person, kDelivered, r.Message, byReceipt)
	case Failed:
		if l.is(person) && l.place[person] > 0 {
			if t := &l.rows[l.place[person]-1]; t.message[kAddressed] == r.Of {
				t.returned = r.Message
			}
		}
	}
}

func (a *analysis) notices() iter.Seq2[Notice, error] {
	return func(yield func(Notice, error) bool) {
		l := a.newLedger()
		for i := range a.Input.Statements {
			if !a.Input.Statements[i].told() {
				continue
			}
			id := statementID(int32(i))
			for _, t := range l.of(int32(i)) {
				if !yield(a.notice(id, &t), nil) {
					return
				}
			}
		}
	}
}

// notice writes one row out. The first time is the earliest of the evidence; a copy that bounced gives none.
func (a *analysis) notice(statement string, t *told) Notice {
	n := Notice{Statement: statement, Person: a.id(t.person), Evidence: make([]Evidence, 0, 2)}
	for k, m := range t.message {
		if m < 0 {
			continue
		}
		at := a.when(k, m).Instant()
		n.Evidence = append(n.Evidence, Evidence{Kind: kinds[k], Exhibit: int(a.Messages[m].Exhibit), At: at.Time, Basis: at.Basis, Why: a.reason(t, k)})
	}
	if first, _ := a.firstNotice(t); first.known() {
		n.FirstAt = first.Instant().Time
	}
	return n
}

// firstNotice is the time of the earliest evidence and its kind; no time if none holds.
func (a *analysis) firstNotice(t *told) (first Moment, kind int) {
	for k, m := range t.message {
		if m < 0 || k == kAddressed && t.returned >= 0 {
			continue
		}
		if at := a.when(k, m); at.known() && at.before(first) {
			first, kind = at, k
		}
	}
	return first, kind
}

func (a *analysis) reason(t *told, kind int) string {
	msg := &a.Messages[t.message[kind]]
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
	why := "named in " + a.fieldOf(msg, t.person).String() + inQuotation(by, msg)
	if t.returned >= 0 {
		why += fmt.Sprintf("; exhibit %d reports that it was not delivered", a.Messages[t.returned].Exhibit)
	}
	return why
}

func inQuotation(by means, m *Message) string {
	if by != inQuote {
		return ""
	}
	return fmt.Sprintf(" of exhibit %d, which quotes it", m.Exhibit)
}

func (a *analysis) fieldOf(m *Message, person int32) Field {
	field := Bcc
	for _, r := range a.recipients(m) {
		if r.Person == person {
			field = min(field, r.Field)
		}
	}
	return field
}
