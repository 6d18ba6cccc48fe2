package notice

import (
	"cmp"
	"iter"
	"slices"
	"strconv"

	"onrecord/pkg/casefile"
	"onrecord/pkg/rows"
)

// Input is a whole dossier in brief: some bytes for each message and statement. The words stay with the caller, who reads them, from disk perhaps, when
// they are asked for.
type Input struct {
	Persons         []Party
	Messages        []Message   // in exhibit order
	Recipients      []Recipient // the slab of Message.Recipients
	Delivered       []int32     // the slab of Message.Delivered: persons
	InnerAddressees []int32     // the slab of Brief.Addressees: persons
	Statements      []Brief     // any order; Analyse sorts them in place and keeps them
	Receipts        []Return    // read receipts, delivery reports and bounces; any order
	Marked          []MarkResult
	Case            *casefile.Case // nil without one

	Cited iter.Seq2[Cited, error] // by thread; nil for none

	Recorded func(message int32) Moment // Record.Recorded; nil: of no message
	Skew     func(message int32) int64  // by how many seconds its Date is after the time of its oldest hop; nil: no date is odd

	// ByID finds the message of a Message-ID in angle brackets, -1 for none; nil finds none.
	ByID func(id string) int32

	// ThreadID names the thread of Message.Thread; nil leaves topics without.
	ThreadID func(thread int32) string

	Quotes  func(message int32) ([]uint64, error) // Findings.Quotes of a message; called once for each message, in order; the list is not kept
	Load    func(ref int64) (Statement, error)    // the statement of Brief.Ref as Find and Marks.Apply left it, with Part; what Analyse fills in may be unset
	Text    func(message int32) (string, error)   // Record.Text of a message; called on several goroutines; nil: quotations are not compared
	Wording func(message int32) ([]byte, error)   // Findings.Wording of a message; called on several goroutines; nil: it is worked out from Text
	Subject func(message int32) (string, error)   // subject of a message, for the timeline
}

// Party is a person or list as package people resolved it.
type Party struct {
	ID        string // people.Person.ID
	Name      string // people.Person.Name, or its first address
	List      bool   // a distribution list
	Automatic bool   // mailer-daemon, no-reply and the like
}

// Run is a stretch of a slab.
type Run struct{ Start, Len uint32 }

func cut[T any](slab []T, r Run) []T { return slab[r.Start:][:r.Len] }

// Message is one exhibit in brief. Persons are indices into Input.Persons; -1 is nobody known.
type Message struct {
	Exhibit    int32  // number of the exhibit
	Author     int32  // person in From; -1 if there is none
	Parent     int32  // index in Input.Messages of the message that it answers or forwards; -1 if none is held
	Thread     int32  // any number that is equal within a thread
	Sent       Moment // Record.Sent()
	Recipients Run    // in Input.Recipients: To, then Cc, then Bcc, each person once per field
	Delivered  Run    // in Input.Delivered: persons whose server recorded it: Delivered-To, X-Original-To, "for" of Received
	Forward    bool   // it passes mail on: its text holds a Forwarded zone, its subject begins with Fw, WG, TR, RV …, or it carries a message/rfc822 part
	Bare       bool   // its subject says that it answers another message, and neither In-Reply-To nor References names one
	Automatic  bool   // as in Text: a receipt, a bounce, an auto-reply; it answers nobody and drops nobody
}

// Field is the header field that names a recipient.
type Field uint8

// The fields of recipients.
const (
	To Field = iota
	Cc
	Bcc
)

// String gives the name as in a header.
func (f Field) String() string { return [...]string{"To", "Cc", "Bcc"}[min(f, Bcc)] }

// Recipient is one person in one field.
type Recipient struct {
	Person int32
	Field  Field
}

// Return is what a message/disposition-notification (RFC 8098) or message/delivery-status (RFC 3464) part says of another message.
type Return struct {
	Message   int32 // index in Input.Messages of the message that carries it
	Of        int32 // index of the message that it speaks of; -1 if that is not held
	Kind      ReturnKind
	Persons   []int32  // whom it speaks of: Final-Recipient or Original-Recipient; empty: the author of a receipt; of a bounce the only recipient, if there is but one
	Form      string   // Report.Form
	Tie       TieKind  // how Of was found
	Addresses []string // Report.Recipients
}

// Result is what the messages show together. Its sequences are worked out while they are ranged over, each time anew, from Input, which must stay as it is;
// they may be ranged over at the same time if the functions of Input allow that. A sequence ends with the first error.
type Result struct {
	Count          int                                // statements
	Statements     func() iter.Seq2[Statement, error] // with ids, ordered by exhibit and place
	Notices        func() iter.Seq2[Notice, error]    // ordered by statement, then person
	Timeline       func() iter.Seq2[Entry, error]     // by time, then exhibit; what has no time stands last
	Recipients     func() iter.Seq[RecipientChange]   // by exhibit
	Silence        func() iter.Seq[Silence]           // by exhibit
	Sequence       func() iter.Seq2[Sequel, error]    // by statement
	Gaps           func() iter.Seq2[Gap, error]
	Quotes         func() iter.Seq2[Quotation, error] // by exhibit, then place
	Reports        func() iter.Seq[DeliveryReport]
	Undelivered    func() iter.Seq2[Undelivered, error]
	Topics         func() iter.Seq[Topic] // by their first statement
	Clocks         []Clock                // of the case file
	Contradictions []Contradiction        // by statement; at most one for each denial or blame, of at most maxAgainst warnings and about 200 characters
	Warnings       []string               // about marks of the case file that fit nothing
}

// analysis holds the input and the indices over it.
type analysis struct {
	Input
	children lists   // of a message: those that answer or forward it
	quoting  pairs   // statement and message that quotes it
	quotedBy pairs   // message and statement that it quotes
	reportOf pairs   // message and the receipt that speaks of it
	reportIn pairs   // message and the receipt in it
	thanks   bitset  // messages that acknowledge
	warned   bitset  // messages that warn
	byTime   []int32 // messages
	others   []item  // what of the timeline has a time of its own
	maxKnown int

	topicOf []int32         // of each statement, in matters; -1: none
	tieOf   []tie           // beside topicOf
	talks   []talk          // threads that hold statements
	talkOf  map[int32]int32 // thread → index in talks
	matters []matter
	labels  []label // beside matters
	members []int32 // statements by topic: the slab of matter.members

	caseTopics []caseTopic

	quotes      bitset // messages that quote
	quoteRows   rows.Rows[quoteRow]
	differences []differences

	acks     []ack     // sorted
	failures []failure // sorted
}

// Analyse derives notices, recipient changes, contradictions and the timeline. It is pure and deterministic, near-linear in the number of messages and
// statements, and keeps some 20 bytes for each beside Input, and 8 for each quotation of a statement that makes notices. An error is one of the functions
// of Input.
// Author, At, Basis and Addressees of a statement are those of its message, but for an Inner one.
func Analyse(in Input) (Result, error) { return analyse(in, maxKnown) }

func analyse(in Input, maxKnown int) (Result, error) {
	a, err := prepare(in, maxKnown)
	if err != nil {
		return Result{}, err
	}
	out := Result{
		Topics: a.topics, Undelivered: a.undelivered, Silence: a.silences, Sequence: a.sequence, Gaps: a.gaps, Quotes: a.quotationList, Reports: a.reports,
		Count: len(a.Statements), Statements: a.statements, Notices: a.notices, Timeline: a.timeline, Recipients: a.recipientChanges,
		Warnings: unfitMarks(in.Case, in.Marked),
	}
	if out.Contradictions, err = a.contradictions(); err != nil {
		return out, err
	}
	clocks, warnings, err := a.clocks()
	out.Clocks, out.Warnings = clocks, append(out.Warnings, warnings...)
	return out, err
}

// prepare makes the indices.
func prepare(in Input, maxKnown int) (*analysis, error) {
	a := &analysis{Input: in, maxKnown: maxKnown}
	a.sortStatements()
	a.children = a.childLists()
	for i := range a.Receipts {
		if r := &a.Receipts[i]; a.holds(r.Message) {
			a.reportIn = append(a.reportIn, pair(r.Message, int32(i)))
			if a.holds(r.Of) {
				a.reportOf = append(a.reportOf, pair(r.Of, int32(i)))
			}
		}
	}
	slices.Sort(a.reportIn)
	slices.Sort(a.reportOf)
	a.thanks, a.warned = a.messagesWith((*Brief).thanks), a.messagesWith(func(b *Brief) bool { return b.Acts.Any(ofWarning) })
	var err error
	if a.quoting, err = a.quotations(); err != nil {
		return nil, err
	}
	for _, q := range a.quoting {
		a.quotedBy = append(a.quotedBy, pair(second(q), first(q)))
	}
	slices.Sort(a.quotedBy)
	if err := a.findTopics(); err != nil {
		return nil, err
	}
	if err := a.compareQuotations(); err != nil {
		return nil, err
	}
	a.listAcks()
	a.listFailures()
	a.orderTimeline()
	return a, nil
}

// sortStatements orders the statements by exhibit and place.
func (a *analysis) sortStatements() {
	a.Input.Statements = slices.DeleteFunc(a.Input.Statements, func(b Brief) bool { return !a.holds(b.Message) }) // not part of this dossier
	order := func(x, y Brief) int {
		return cmp.Or(cmp.Compare(x.Message, y.Message), cmp.Compare(x.Order, y.Order), cmp.Compare(x.Start, y.Start), cmp.Compare(x.End, y.End))
	}
	if !slices.IsSortedFunc(a.Input.Statements, order) {
		slices.SortStableFunc(a.Input.Statements, order)
	}
}

// holds tells whether there is such a message.
func (a *analysis) holds(message int32) bool { return message >= 0 && int(message) < len(a.Messages) }

// is tells whether there is such a person.
func (a *analysis) is(person int32) bool { return person >= 0 && int(person) < len(a.Persons) }

func statementID(statement int32) string { return "s" + strconv.Itoa(int(statement)+1) }

func (a *analysis) id(person int32) string {
	if !a.is(person) {
		return ""
	}
	return a.Persons[person].ID
}

func (a *analysis) name(person int32) string {
	if !a.is(person) {
		return "somebody unknown"
	}
	return a.Persons[person].Name
}

func (a *analysis) recipients(m *Message) []Recipient { return cut(a.Input.Recipients, m.Recipients) }

func (a *analysis) delivered(m *Message) []int32 { return cut(a.Input.Delivered, m.Delivered) }

// at is when a statement was made.
func (a *analysis) at(b *Brief) Moment {
	if b.Inner {
		return b.At
	}
	return a.Messages[b.Message].Sent
}

// statement reads one statement and fills in what its message knows.
func (a *analysis) statement(i int32) (Statement, error) {
	b := &a.Input.Statements[i]
	s, err := a.Load(b.Ref)
	if err != nil {
		return Statement{}, err
	}
	m := &a.Messages[b.Message]
	s.ID, s.Exhibit = statementID(i), int(m.Exhibit)
	if t := a.topicOf[i]; t >= 0 {
		s.TopicID = topicID(t)
		if l := a.labels[t]; s.Topic == "" || l.language == "" || l.language == s.Language { // one name for one topic; another language keeps its own words
			s.Topic = l.text
		}
	}
	when := a.at(b).Instant()
	s.At, s.Basis = when.Time, when.Basis
	if b.Inner {
		s.Author = a.id(b.Author)
		inner := cut(a.InnerAddressees, b.Addressees)
		s.Addressees = make([]string, 0, len(inner))
		for _, p := range inner {
			s.Addressees = append(s.Addressees, a.id(p))
		}
		return s, nil
	}
	s.Author = a.id(m.Author)
	s.Addressees = a.addressees(m)
	return s, nil
}

func (a *analysis) statements() iter.Seq2[Statement, error] {
	return func(yield func(Statement, error) bool) {
		for i := range a.Input.Statements {
			s, err := a.statement(int32(i))
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// addressees are the recipients in the order of the header, each once.
func (a *analysis) addressees(m *Message) []string {
	to := a.recipients(m)
	ids := make([]string, 0, len(to))
	seen := map[int32]bool{}
	for _, r := range to {
		if a.is(r.Person) && !seen[r.Person] {
			seen[r.Person] = true
			ids = append(ids, a.id(r.Person))
		}
	}
	return ids
}
