// The files plain*_test.go hold a second, straightforward Analyse that keeps everything in memory: the oracle of the one that does not.

package notice

// The files plain*_test.go hold a second, straightforward Analyse that keeps everything in memory: the oracle of the one that does not.

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
	"onrecord/pkg/evidence"
)

// Input is a whole dossier, in brief: what Analyse needs of every message, without its text.
type plainInput struct {
	Persons    []Party
	Messages   []plainMessage // in exhibit order
	Statements []Statement    // as Find and Marks.Apply left them, with Exhibit set; any order. See Analyse for what else may be set.
	Receipts   []Return       // read receipts, delivery reports and bounces; any order
	Marked     []MarkResult
	Case       *casefile.Case // nil without one
}

// Message is one exhibit in brief. Persons are indices into plainInput.Persons; -1 is nobody known.
type plainMessage struct {
	Exhibit     int32            // number of the exhibit
	Author      int32            // person in From; -1 if there is none
	Parent      int32            // index in plainInput.Messages of the message that it answers or forwards; -1 if none is held
	Thread      int32            // any number that is equal within a thread
	Forward     bool             // it passes mail on: its text holds a Forwarded zone, its subject begins with Fw, WG, TR, RV …, or it carries a message/rfc822 part
	Automatic   bool             // as in Text: a receipt, a bounce, an auto-reply; it answers nobody and drops nobody
	Sent        evidence.Instant // Record.Sent()
	Recorded    evidence.Instant // Record.Recorded
	Recipients  []Recipient      // To, then Cc, then Bcc, each person once per field
	DeliveredTo []int32          // persons whose server recorded it: Delivered-To, X-Original-To, "for" of Received
	Quotes      []uint64         // Findings.Quotes
	Subject     string           // for the timeline; a string of its own, no part of the message's bytes
}

// Result is what the messages show together.
type plainResult struct {
	Statements     []Statement // with ids, ordered by exhibit and place
	Notices        []Notice    // ordered by statement, then person
	Contradictions []Contradiction
	Recipients     []RecipientChange
	Timeline       []Entry
	Warnings       []string // about marks of the case file that fit nothing
}

// analysis holds the input and the indices over it.
type plainAnalysis struct {
	plainInput
	at      map[int]int32    // exhibit -> message
	byID    map[string]int32 // person id -> index
	stmtMsg []int32          // statement -> message
	topics  *analysis        // for the topics and scopes of the statements, which are found in one way only
	out     plainResult
}

// Analyse derives notices, recipient changes, contradictions and the timeline. It is pure, deterministic and near-linear in the number of messages.
// Author, At, Basis and Addressees of a statement are taken from its message, but for a statement with Part set (a message/rfc822 part):
// there the caller sets them to what the attached message says.
func plainAnalyse(in plainInput) plainResult {
	a := &plainAnalysis{plainInput: in, at: make(map[int]int32, len(in.Messages)), byID: make(map[string]int32, len(in.Persons))}
	for i := range in.Persons {
		a.byID[in.Persons[i].ID] = int32(i)
	}
	for i := range in.Messages {
		a.at[int(in.Messages[i].Exhibit)] = int32(i)
	}
	topics, err := prepare(in.brief(), maxKnown)
	if err != nil {
		panic(err)
	}
	a.topics = topics
	a.number()
	a.out.Recipients = a.recipientChanges()
	ledger := a.notices()
	a.out.Contradictions = a.contradictions(ledger)
	a.out.Timeline = a.timeline()
	a.out.Warnings = unfitMarks(in.Case, in.Marked)
	return a.out
}

// number orders the statements and fills in what their message knows.
func (a *plainAnalysis) number() {
	sts := slices.Clone(a.plainInput.Statements)
	slices.SortStableFunc(sts, func(x, y Statement) int {
		return cmp.Or(cmp.Compare(x.Exhibit, y.Exhibit), cmp.Compare(x.Part, y.Part), cmp.Compare(x.Span[0], y.Span[0]), cmp.Compare(x.Span[1], y.Span[1]))
	})
	kept := sts[:0]
	for _, s := range sts {
		m, held := a.at[s.Exhibit]
		if !held {
			continue // not part of this dossier
		}
		if t := a.topics.topicOf[len(kept)]; t >= 0 {
			s.TopicID, s.Topic = topicID(t), a.topics.labels[t].text // all of one language
		}
		s.ID = "s" + strconv.Itoa(len(kept)+1)
		if s.Part == "" {
			msg := &a.Messages[m]
			s.Author = a.id(msg.Author)
			s.At, s.Basis = msg.Sent.Time, msg.Sent.Basis
			s.Addressees = a.addressees(msg)
		}
		if s.Addressees == nil {
			s.Addressees = []string{}
		}
		kept = append(kept, s)
		a.stmtMsg = append(a.stmtMsg, m)
	}
	a.out.Statements = kept
}

func (a *plainAnalysis) id(person int32) string {
	if person < 0 || int(person) >= len(a.Persons) {
		return ""
	}
	return a.Persons[person].ID
}

func (a *plainAnalysis) name(person int32) string {
	if person < 0 || int(person) >= len(a.Persons) {
		return "somebody unknown"
	}
	return a.Persons[person].Name
}

func (a *plainAnalysis) addressees(m *plainMessage) []string {
	ids := make([]string, 0, len(m.Recipients))
	seen := map[int32]bool{}
	for _, r := range m.Recipients {
		if r.Person >= 0 && !seen[r.Person] {
			seen[r.Person] = true
			ids = append(ids, a.id(r.Person))
		}
	}
	return ids
}

// told is what is known of one person and one statement: for each kind of evidence the message that first shows it, and by which means.
type plainTold struct {
	statement int32
	person    int32
	message   [kindCount]int32 // -1: none
	means     [kindCount]means
	returned  int32 // the report that says that a copy was not delivered, as an index in Receipts; -1
}

// address says that a person is named, unless a report says that their copy was not delivered.
func (a *plainAnalysis) address(l *plainLedger, statement, person, message int32, by means) {
	if person < 0 || int(person) >= len(a.Persons) {
		return
	}
	for i := range a.Receipts {
		r := &a.Receipts[i]
		persons := r.Persons
		if r.Kind != Failed || r.Of != message || r.Of < 0 {
			continue
		}
		if to := a.Messages[r.Of].Recipients; len(persons) == 0 && len(to) == 1 {
			persons = []int32{to[0].Person}
		}
		if slices.Contains(persons, person) {
			if t := l.row(statement, person); t.returned < 0 {
				t.returned = int32(i)
			}
			return
		}
	}
	a.add(l, statement, person, kAddressed, message, by)
}

// ledger is who was told what, with an index.
type plainLedger struct {
	rows  []plainTold
	index map[[2]int32]int32 // statement, person
}

func (l *plainLedger) row(statement, person int32) *plainTold {
	key := [2]int32{statement, person}
	i, found := l.index[key]
	if !found {
		i = int32(len(l.rows))
		l.index[key] = i
		t := plainTold{statement: statement, person: person, returned: -1}
		for k := range t.message {
			t.message[k] = -1
		}
		l.rows = append(l.rows, t)
	}
	return &l.rows[i]
}

// add keeps the earliest message of each kind.
func (a *plainAnalysis) add(l *plainLedger, statement, person int32, kind int, message int32, by means) {
	if person < 0 || int(person) >= len(a.Persons) {
		return
	}
	t := l.row(statement, person)
	if have := t.message[kind]; have >= 0 && !plainBefore(a.when(kind, message), a.when(kind, have)) {
		return
	}
	t.message[kind], t.means[kind] = message, by
}

// when is the instant that a kind of evidence rests on: what a server recorded for a delivery, else when the message was sent.
func (a *plainAnalysis) when(kind int, message int32) evidence.Instant {
	m := &a.Messages[message]
	if kind == kDelivered && m.Recorded.Time != nil {
		return m.Recorded
	}
	return m.Sent
}

func plainBefore(x, y evidence.Instant) bool {
	if x.Time == nil || y.Time == nil {
		return x.Time != nil
	}
	return x.Time.Before(*y.Time)
}

// notices finds out who was told by each warning, incident and notification, and writes it into the result.
func (a *plainAnalysis) notices() *plainLedger {
	l := &plainLedger{index: map[[2]int32]int32{}}
	children := a.children()
	bySentence := map[uint64][]int32{}
	telling := map[int32][]int32{} // message -> its statements that tell
	thanks := map[int32]bool{}
	for i := range a.out.Statements {
		if s := &a.out.Statements[i]; s.Origin != Rejected && does(s, Acknowledgement) && !does(s, Denial) {
			thanks[a.stmtMsg[i]] = true
		}
	}
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
			a.address(l, statement, r.Person, m, directly)
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
	a.thanks(l)
	slices.SortFunc(l.rows, func(x, y plainTold) int {
		return cmp.Or(cmp.Compare(x.statement, y.statement), cmp.Compare(x.person, y.person))
	})
	for i := range l.rows {
		l.index[[2]int32{l.rows[i].statement, l.rows[i].person}] = int32(i)
		if t := &l.rows[i]; slices.ContainsFunc(t.message[:], func(m int32) bool { return m >= 0 }) {
			a.out.Notices = append(a.out.Notices, a.notice(t))
		}
	}
	return l
}

func (a *plainAnalysis) children() map[int32][]int32 {
	children := map[int32][]int32{}
	for i := range a.Messages {
		if p := a.Messages[i].Parent; p >= 0 && int(p) < len(a.Messages) && p != int32(i) {
			children[p] = append(children[p], int32(i))
		}
	}
	return children
}

// quoting ties the messages in which a statement stands as a quotation to it: whoever sends its text has it, and whoever is sent its text has it too.
func (a *plainAnalysis) quoting(l *plainLedger, bySentence map[uint64][]int32) {
	linked := map[int32]bool{}
	for i := range a.Messages {
		m := &a.Messages[i]
		clear(linked)
		for _, q := range m.Quotes {
			same := bySentence[q]
			for _, statement := range same[max(0, len(same)-maxSameSentence):] {
				if a.stmtMsg[statement] == int32(i) || plainBefore(m.Sent, a.Messages[a.stmtMsg[statement]].Sent) {
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
			author := a.Messages[a.stmtMsg[statement]].Author
			if m.Author != author {
				a.add(l, statement, m.Author, kQuoted, int32(i), directly)
				if m.Forward {
					a.add(l, statement, m.Author, kForwarded, int32(i), directly)
				}
			}
			for _, r := range m.Recipients {
				if r.Person != author {
					a.address(l, statement, r.Person, int32(i), inQuote)
				}
			}
			for _, p := range m.DeliveredTo {
				a.add(l, statement, p, kDelivered, int32(i), inQuote)
			}
		}
	}
}

// returns applies read receipts and bounces.
func (a *plainAnalysis) returns(l *plainLedger, telling map[int32][]int32) {
	for _, r := range a.Receipts {
		if r.Of < 0 || int(r.Of) >= len(a.Messages) || r.Message < 0 || int(r.Message) >= len(a.Messages) {
			continue
		}
		persons := r.Persons
		if len(persons) == 0 && r.Kind == ReadReceipt {
			persons = []int32{a.Messages[r.Message].Author}
		}
		for _, statement := range telling[r.Of] {
			for _, p := range persons {
				switch r.Kind {
				case ReadReceipt:
					a.add(l, statement, p, kAcknowledged, r.Message, byReceipt)
				case Arrived, Deleted:
					a.add(l, statement, p, kDelivered, r.Message, byReceipt)
				}
			}
		}
	}
}

// thanks finds acknowledgements on the topic by those who had notice before.
func (a *plainAnalysis) thanks(l *plainLedger) {
	for i := range l.rows {
		t := &l.rows[i]
		topic := a.topics.topicOf[t.statement]
		first, _ := a.firstNotice(t)
		if topic < 0 || first == nil || t.message[kAcknowledged] >= 0 || t.message[kAuthored] >= 0 || t.person == a.Messages[a.stmtMsg[t.statement]].Author {
			continue
		}
		for k := range a.out.Statements {
			s := &a.out.Statements[k]
			m := a.stmtMsg[k]
			if s.Origin == Rejected || s.Part != "" || !does(s, Acknowledgement) || does(s, Denial) || a.topics.topicOf[k] != topic || a.topics.tieOf[k] == tieAffair || s.At == nil || s.At.Before(*first) || a.Messages[m].Author != t.person {
				continue
			}
			if have := t.message[kAcknowledged]; have < 0 || s.At.Before(*a.Messages[have].Sent.Time) {
				t.message[kAcknowledged], t.means[kAcknowledged] = m, onTopic
			}
		}
	}
}

// notice writes one row out. The first time is the earliest of the evidence.
func (a *plainAnalysis) notice(t *plainTold) Notice {
	n := Notice{Statement: a.out.Statements[t.statement].ID, Person: a.id(t.person), Evidence: []Evidence{}}
	for k, m := range t.message {
		if m < 0 {
			continue
		}
		at := a.when(k, m)
		n.Evidence = append(n.Evidence, Evidence{Kind: kinds[k], Exhibit: int(a.Messages[m].Exhibit), At: at.Time, Basis: at.Basis, Why: a.reason(t, k)})
		if at.Time != nil && (n.FirstAt == nil || at.Time.Before(*n.FirstAt)) {
			n.FirstAt = at.Time
		}
	}
	return n
}

// firstNotice is the time of the earliest evidence, nil if none holds.
func (a *plainAnalysis) firstNotice(t *plainTold) (first *time.Time, kind int) {
	for k, m := range t.message {
		if m < 0 {
			continue
		}
		if at := a.when(k, m).Time; at != nil && (first == nil || at.Before(*first)) {
			first, kind = at, k
		}
	}
	return first, kind
}

func (a *plainAnalysis) reason(t *plainTold, kind int) string {
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
		return "a server recorded the delivery" + inQuotation(by, &Message{Exhibit: msg.Exhibit})
	}
	var why strings.Builder
	why.WriteString("named in ")
	why.WriteString(a.fieldOf(msg, t.person).String())
	why.WriteString(inQuotation(by, &Message{Exhibit: msg.Exhibit}))
	if t.returned >= 0 {
		r := &a.Receipts[t.returned]
		fmt.Fprintf(&why, "; exhibit %d reports that exhibit %d was not delivered", a.Messages[r.Message].Exhibit, a.Messages[r.Of].Exhibit)
	}
	return why.String()
}

func (a *plainAnalysis) fieldOf(m *plainMessage, person int32) Field {
	field := Bcc
	for _, r := range m.Recipients {
		if r.Person == person {
			field = min(field, r.Field)
		}
	}
	return field
}

// brief gives the same input as Analyse wants it, with the statements that it will load.
func (in plainInput) brief() Input {
	out := Input{Persons: in.Persons, Receipts: in.Receipts, Marked: in.Marked, Case: in.Case}
	out.Recorded = func(m int32) Moment { return MomentOf(in.Messages[m].Recorded) }
	at, person := map[int]int32{}, map[string]int32{}
	for i, p := range in.Persons {
		person[p.ID] = int32(i)
	}
	for i, m := range in.Messages {
		at[int(m.Exhibit)] = int32(i)
		out.Messages = append(out.Messages, Message{
			Exhibit: m.Exhibit, Author: m.Author, Parent: m.Parent, Thread: m.Thread, Forward: m.Forward, Automatic: m.Automatic,
			Sent:       MomentOf(m.Sent),
			Recipients: Run{uint32(len(out.Recipients)), uint32(len(m.Recipients))}, Delivered: Run{uint32(len(out.Delivered)), uint32(len(m.DeliveredTo))},
		})
		out.Recipients = append(out.Recipients, m.Recipients...)
		out.Delivered = append(out.Delivered, m.DeliveredTo...)
	}
	parts := map[[2]string]int32{} // place of a part among those of its exhibit
	for _, s := range in.Statements {
		parts[[2]string{strconv.Itoa(s.Exhibit), s.Part}] = 0
	}
	for key := range parts {
		for other := range parts {
			if other[0] == key[0] && other[1] < key[1] {
				parts[key]++
			}
		}
	}
	for i := range in.Statements {
		s := &in.Statements[i]
		b := BriefOf(s)
		b.Ref, b.Order = int64(i), parts[[2]string{strconv.Itoa(s.Exhibit), s.Part}]
		var held bool
		if b.Message, held = at[s.Exhibit]; !held {
			b.Message = -1
		}
		if b.Inner {
			b.At = MomentOf(evidence.Instant{Time: s.At, Basis: s.Basis})
			if p, known := person[s.Author]; known {
				b.Author = p
			}
			b.Addressees = Run{uint32(len(out.InnerAddressees)), uint32(len(s.Addressees))}
			for _, id := range s.Addressees {
				out.InnerAddressees = append(out.InnerAddressees, person[id])
			}
		}
		out.Statements = append(out.Statements, b)
	}
	out.Quotes = func(message int32) ([]uint64, error) { return in.Messages[message].Quotes, nil }
	out.Subject = func(message int32) (string, error) { return in.Messages[message].Subject, nil }
	out.Load = func(ref int64) (Statement, error) {
		s := in.Statements[ref]
		return Statement{Part: s.Part, Acts: s.Acts, Text: s.Text, Span: s.Span, Language: s.Language, Topic: s.Topic, Rule: s.Rule, Why: s.Why, Confidence: s.Confidence, Origin: s.Origin}, nil
	}
	return out
}

// compact gives an analysis with the persons and exhibits.
func (a *plainAnalysis) compact() *analysis {
	out := &analysis{Input: Input{Persons: a.Persons}}
	for _, m := range a.Messages {
		out.Messages = append(out.Messages, Message{Exhibit: m.Exhibit})
	}
	return out
}

// analysed works everything out.
func analysed(t *testing.T, in Input) plainResult {
	t.Helper()
	got, err := Analyse(in)
	require.NoError(t, err)
	return ranged(t, got)
}

func ranged(t *testing.T, got Result) plainResult {
	t.Helper()
	out := plainResult{Contradictions: got.Contradictions, Warnings: got.Warnings, Statements: whole(t, got.Statements()), Notices: whole(t, got.Notices()), Timeline: whole(t, got.Timeline())}
	require.Len(t, out.Statements, got.Count)
	out.Recipients = slices.Collect(got.Recipients())
	return out
}

func whole[T any](t *testing.T, seq iter.Seq2[T, error]) (all []T) {
	t.Helper()
	for v, err := range seq {
		require.NoError(t, err)
		all = append(all, v)
	}
	return all
}
