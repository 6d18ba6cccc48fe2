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
	returned int32 // the report that says that a copy was not delivered, as an index in Receipts; -1
}

// means is how a piece of evidence came about, for its sentence.
type means uint8

const (
	directly means = iota
	byReceipt
	inQuote // in a message that quotes the statement
	onTopic // in words on the same topic, in a message that does not answer it
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
	t := l.row(person)
	if have := t.message[kind]; have >= 0 && !l.when(kind, message).before(l.when(kind, have)) {
		return
	}
	t.message[kind], t.means[kind] = message, by
}

func (l *ledger) row(person int32) *told {
	if l.place[person] == 0 {
		l.rows = append(l.rows, told{person: person, message: [kindCount]int32{-1, -1, -1, -1, -1, -1, -1}, returned: -1})
		l.place[person] = int32(len(l.rows))
	}
	return &l.rows[l.place[person]-1]
}

// address says that a person is named in To, Cc or Bcc, unless a report says that their copy was not delivered.
func (l *ledger) address(person, message int32, by means) {
	report := l.failedFor(message, person)
	if report < 0 {
		l.add(person, kAddressed, message, by)
	} else if l.is(person) {
		if t := l.row(person); t.returned < 0 {
			t.returned = report
		}
	}
}

// when is the instant that a kind of evidence rests on: what a server recorded for a delivery, else when the message was sent.
func (a *analysis) when(kind int, message int32) Moment {
	if kind == kDelivered && a.Recorded != nil {
		if at := a.Recorded(message); at.known() {
			return at
		}
	}
	return a.Messages[message].Sent
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
	l.thanked(statement)
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
		l.address(r.Person, m, directly)
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
		if m.Author != author {
			l.add(m.Author, kQuoted, i, directly)
			if m.Forward {
				l.add(m.Author, kForwarded, i, directly)
			}
		}
		for _, r := range l.recipients(m) {
			if r.Person != author {
				l.address(r.Person, i, inQuote)
			}
		}
		for _, p := range l.delivered(m) {
			l.add(p, kDelivered, i, inQuote)
		}
	}
}

// reported tells of read receipts and of reports that it was delivered.
func (l *ledger) reported(m int32) {
	for _, p := range l.reportOf.of(m) {
		r := &l.Receipts[second(p)]
		switch {
		case r.Kind == ReadReceipt && len(r.Persons) == 0:
			l.add(l.Messages[r.Message].Author, kAcknowledged, r.Message, byReceipt)
		case r.Kind == ReadReceipt:
			for _, p := range r.Persons {
				l.add(p, kAcknowledged, r.Message, byReceipt)
			}
		case r.Kind == Arrived, r.Kind == Deleted:
			for _, p := range r.Persons {
				l.add(p, kDelivered, r.Message, byReceipt)
			}
		}
	}
}

// thanked tells of acknowledgements by words that stand elsewhere than in an answer: by somebody who had notice before, on the same topic.
func (l *ledger) thanked(statement int32) {
	topic := l.topicOf[statement]
	if topic < 0 || len(l.acks) == 0 {
		return
	}
	author := l.Messages[l.Input.Statements[statement].Message].Author
	for i := range l.rows {
		t := &l.rows[i]
		if t.message[kAcknowledged] >= 0 || t.message[kAuthored] >= 0 || t.person == author {
			continue
		}
		first, _ := l.firstNotice(t)
		if !first.known() {
			continue
		}
		at, _ := slices.BinarySearchFunc(l.acks, ack{topic, t.person, first, 0}, compareAcks)
		if at < len(l.acks) && l.acks[at].topic == topic && l.acks[at].person == t.person {
			t.message[kAcknowledged], t.means[kAcknowledged] = l.acks[at].message, onTopic
		}
	}
}

// ack is an acknowledgement in words.
type ack struct {
	topic, person int32
	at            Moment
	message       int32
}

func compareAcks(x, y ack) int {
	return cmp.Or(cmp.Compare(x.topic, y.topic), cmp.Compare(x.person, y.person), x.at.compare(y.at), cmp.Compare(x.message, y.message))
}

// listAcks sorts the acknowledgements by topic, person and time. Those that rest on nothing nearer than the affair as a whole are left out.
func (a *analysis) listAcks() {
	for i := range a.Input.Statements {
		b, t := &a.Input.Statements[i], a.topicOf[i]
		if !b.Rejected && !b.Inner && b.thanks() && t >= 0 && a.tieOf[i] != tieAffair && a.Messages[b.Message].Sent.known() {
			a.acks = append(a.acks, ack{t, a.Messages[b.Message].Author, a.Messages[b.Message].Sent, b.Message})
		}
	}
	slices.SortFunc(a.acks, compareAcks)
}

// failure says that a message was not delivered to a person.
type failure struct{ message, person, report int32 }

func compareFailures(x, y failure) int {
	return cmp.Or(cmp.Compare(x.message, y.message), cmp.Compare(x.person, y.person), cmp.Compare(x.report, y.report))
}

// listFailures sorts what the reports say. A bounce that names nobody is of the one recipient, if there is but one.
func (a *analysis) listFailures() {
	for i := range a.Receipts {
		r := &a.Receipts[i]
		if r.Kind != Failed || !a.holds(r.Of) {
			continue
		}
		persons := r.Persons
		if to := a.recipients(&a.Messages[r.Of]); len(persons) == 0 && len(to) == 1 {
			persons = []int32{to[0].Person}
		}
		for _, p := range persons {
			a.failures = append(a.failures, failure{r.Of, p, int32(i)})
		}
	}
	slices.SortFunc(a.failures, compareFailures)
}

// failedFor gives the report that says so; -1 for none.
func (a *analysis) failedFor(message, person int32) int32 {
	at, _ := slices.BinarySearchFunc(a.failures, failure{message, person, 0}, compareFailures)
	if at < len(a.failures) && a.failures[at].message == message && a.failures[at].person == person {
		return a.failures[at].report
	}
	return -1
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
				if t.shown() && !yield(a.notice(id, &t), nil) {
					return
				}
			}
		}
	}
}

// shown tells whether anything but a returned copy speaks for it.
func (t *told) shown() bool {
	return slices.ContainsFunc(t.message[:], func(m int32) bool { return m >= 0 })
}

// undelivered lists the returned copies of statements that make notices.
func (a *analysis) undelivered() iter.Seq2[Undelivered, error] {
	return func(yield func(Undelivered, error) bool) {
		l := a.newLedger()
		for i := range a.Input.Statements {
			if len(a.failures) == 0 {
				return
			}
			if !a.Input.Statements[i].told() {
				continue
			}
			for _, t := range l.of(int32(i)) {
				if t.returned < 0 {
					continue
				}
				r := &a.Receipts[t.returned]
				at := a.Messages[r.Message].Sent.Instant()
				u := Undelivered{Statement: statementID(int32(i)), Person: a.id(t.person), Exhibit: int(a.Messages[r.Of].Exhibit), Report: int(a.Messages[r.Message].Exhibit),
					At: at.Time, Basis: at.Basis, Notice: t.shown()}
				u.Why = fmt.Sprintf("exhibit %d reports that exhibit %d was not delivered to %s", u.Report, u.Exhibit, a.name(t.person))
				if !yield(u, nil) {
					return
				}
			}
		}
	}
}

// notice writes one row out. The first time is the earliest of the evidence; a copy that came back is none.
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
		if m < 0 {
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
		if by == onTopic {
			return fmt.Sprintf("acknowledges it in exhibit %d, on the same topic", msg.Exhibit)
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
		r := &a.Receipts[t.returned]
		why += fmt.Sprintf("; exhibit %d reports that exhibit %d was not delivered", a.Messages[r.Message].Exhibit, a.Messages[r.Of].Exhibit)
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
