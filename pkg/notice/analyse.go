package notice

import (
	"cmp"
	"slices"
	"strconv"

	"onrecord/pkg/casefile"
	"onrecord/pkg/evidence"
)

// Input is a whole dossier, in brief: what Analyse needs of every message, without its text.
type Input struct {
	Persons    []Party
	Messages   []Message   // in exhibit order
	Statements []Statement // as Find and Marks.Apply left them, with Exhibit set; any order. See Analyse for what else may be set.
	Receipts   []Return    // read receipts, delivery reports and bounces; any order
	Marked     []MarkResult
	Case       *casefile.Case // nil without one
}

// Party is a person or list as package people resolved it.
type Party struct {
	ID        string // people.Person.ID
	Name      string // people.Person.Name, or its first address
	List      bool   // a distribution list
	Automatic bool   // mailer-daemon, no-reply and the like
}

// Message is one exhibit in brief. Persons are indices into Input.Persons; -1 is nobody known.
type Message struct {
	Exhibit     int32            // number of the exhibit
	Author      int32            // person in From; -1 if there is none
	Parent      int32            // index in Input.Messages of the message that it answers or forwards; -1 if none is held
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
	Message int32 // index in Input.Messages of the message that carries it
	Of      int32 // index of the message that it speaks of; -1 if that is not held
	Kind    ReturnKind
	Persons []int32 // whom it speaks of: Final-Recipient or Original-Recipient; empty: the author of a receipt, all recipients for a bounce
}

// Result is what the messages show together.
type Result struct {
	Statements     []Statement // with ids, ordered by exhibit and place
	Notices        []Notice    // ordered by statement, then person
	Contradictions []Contradiction
	Recipients     []RecipientChange
	Timeline       []Entry
	Warnings       []string // about marks of the case file that fit nothing
}

// analysis holds the input and the indices over it.
type analysis struct {
	Input
	at      map[int]int32    // exhibit -> message
	byID    map[string]int32 // person id -> index
	stmtMsg []int32          // statement -> message
	out     Result
}

// Analyse derives notices, recipient changes, contradictions and the timeline. It is pure, deterministic and near-linear in the number of messages.
// Author, At, Basis and Addressees of a statement are taken from its message, but for a statement with Part set (a message/rfc822 part):
// there the caller sets them to what the attached message says.
func Analyse(in Input) Result {
	a := &analysis{Input: in, at: make(map[int]int32, len(in.Messages)), byID: make(map[string]int32, len(in.Persons))}
	for i := range in.Persons {
		a.byID[in.Persons[i].ID] = int32(i)
	}
	for i := range in.Messages {
		a.at[int(in.Messages[i].Exhibit)] = int32(i)
	}
	a.number()
	a.out.Recipients = a.recipientChanges()
	ledger := a.notices()
	a.out.Contradictions = a.contradictions(ledger)
	a.out.Timeline = a.timeline()
	a.out.Warnings = unfitMarks(in.Case, in.Marked)
	return a.out
}

// number orders the statements and fills in what their message knows.
func (a *analysis) number() {
	sts := slices.Clone(a.Input.Statements)
	slices.SortStableFunc(sts, func(x, y Statement) int {
		return cmp.Or(cmp.Compare(x.Exhibit, y.Exhibit), cmp.Compare(x.Part, y.Part), cmp.Compare(x.Span[0], y.Span[0]), cmp.Compare(x.Span[1], y.Span[1]))
	})
	kept := sts[:0]
	for _, s := range sts {
		m, held := a.at[s.Exhibit]
		if !held {
			continue // not part of this dossier
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

func (a *analysis) id(person int32) string {
	if person < 0 || int(person) >= len(a.Persons) {
		return ""
	}
	return a.Persons[person].ID
}

func (a *analysis) name(person int32) string {
	if person < 0 || int(person) >= len(a.Persons) {
		return "somebody unknown"
	}
	return a.Persons[person].Name
}

func (a *analysis) addressees(m *Message) []string {
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
