// Package notice knows statements (sentences that do something: warn, order, deny …) and notices (who was told by them, since when, on which evidence).
// It suggests; a person decides. Every statement names the rule and the words that decided.
package notice

import (
	"time"

	"onrecord/pkg/evidence"
)

// Act is what a sentence does.
type Act string

// The acts.
const (
	Warning         Act = "warning"
	Request         Act = "request"
	Order           Act = "order"
	Threat          Act = "threat"
	Approval        Act = "approval"
	Acknowledgement Act = "acknowledgement"
	Confirmation    Act = "confirmation"
	Denial          Act = "denial"
	Blame           Act = "blame"
	Incident        Act = "incident"
	Notification    Act = "notification"
)

// Origin tells who says so: the program or a person.
type Origin string

// The origins of a statement.
const (
	Suggested Origin = "suggested" // found by the program, not yet confirmed
	Marked    Origin = "marked"    // a person marked or confirmed it in the case file
	Rejected  Origin = "rejected"  // found by the program, rejected by a person; kept so that the rejection shows
)

// Statement is one sentence of a message's own text that does something.
type Statement struct {
	ID         string         `json:"id"` // s1, s2 … in order of exhibit and place
	Exhibit    int            `json:"exhibit"`
	Part       string         `json:"part,omitempty"` // path of the message/rfc822 part whose text it stands in; "" for the exhibit's own text
	Author     string         `json:"author"`         // person id; "" if unknown
	At         *time.Time     `json:"at"`
	Basis      evidence.Basis `json:"basis"`
	Acts       []Act          `json:"acts"`       // never empty; in the order of the constants
	Text       string         `json:"text"`       // exactly the characters of the span
	Span       [2]int         `json:"span"`       // start and end in Unicode code points of the message's text
	Language   string         `json:"language"`   // en, fr, de, es
	Topic      string         `json:"topic"`      // a short phrase; "" if none was found
	TopicID    string         `json:"topic_id"`   // of topics[]; "" if it belongs to none
	Addressees []string       `json:"addressees"` // person ids of To, Cc and Bcc
	Rule       string         `json:"rule"`       // ID of the rule; "case-file" for a mark
	Why        string         `json:"why"`        // the words that decided
	Confidence float64        `json:"confidence"` // 0 to 1
	Origin     Origin         `json:"origin"`
}

// EvidenceKind tells how we know that somebody was told.
type EvidenceKind string

// The kinds, strongest first.
const (
	Authored     EvidenceKind = "authored"
	Acknowledged EvidenceKind = "acknowledged" // a read receipt (RFC 8098) or words of acknowledgement
	Quoted       EvidenceKind = "quoted"       // the statement stands in a message of theirs
	Forwarded    EvidenceKind = "forwarded"
	Replied      EvidenceKind = "replied"
	Delivered    EvidenceKind = "delivered" // a server of theirs recorded it
	Addressed    EvidenceKind = "addressed" // in To, Cc or Bcc
)

// Evidence is one reason to say that a person had notice.
type Evidence struct {
	Kind    EvidenceKind   `json:"kind"`
	Exhibit int            `json:"exhibit"`
	At      *time.Time     `json:"at"`
	Basis   evidence.Basis `json:"basis"`
	Why     string         `json:"why"`
}

// Notice says that a person was told by a statement. Only warnings, incidents and notifications make notices.
type Notice struct {
	Statement string     `json:"statement"`
	Person    string     `json:"person"`
	FirstAt   *time.Time `json:"first_at"` // earliest of the evidence
	Evidence  []Evidence `json:"evidence"` // strongest kind first, then by time
}

// Contradiction sets a denial or blame beside earlier warnings that its author had notice of. It is no verdict on truth.
type Contradiction struct {
	Statement string    `json:"statement"`
	Person    string    `json:"person"`
	Topic     string    `json:"topic"`   // topic id; "" if the denial is of all
	Against   []string  `json:"against"` // statement ids
	Why       string    `json:"why"`
	Evidence  []Against `json:"evidence"` // beside Against
}

// RecipientChange tells how the recipients of a reply differ from the people on the message that it answers.
// Sender and recipients of the parent who are neither sender nor recipient of the reply are dropped.
type RecipientChange struct {
	Exhibit    int      `json:"exhibit"`
	ComparedTo int      `json:"compared_to"` // the parent's exhibit
	Added      []string `json:"added"`       // person ids
	Dropped    []string `json:"dropped"`
	Moved      []string `json:"moved"`    // from To to Cc or Bcc, or back
	Headline   string   `json:"headline"` // "replied to Ann Lee alone, 4 recipients dropped"; "" when nothing stands out
}

// EntryKind is the kind of a timeline entry.
type EntryKind string

// The kinds of timeline entries; a statement's entry has its first act as kind.
const (
	KindMessage EntryKind = "message"
	KindDropped EntryKind = "recipients-dropped"
	KindEvent   EntryKind = "event" // from the case file
	KindReceipt EntryKind = "read-receipt"
	KindBounce  EntryKind = "bounce"
)

// Entry is one line of the timeline.
type Entry struct {
	At        *time.Time     `json:"at"`
	Basis     evidence.Basis `json:"basis"`
	Kind      EntryKind      `json:"kind"`
	Exhibit   int            `json:"exhibit"`   // 0 for an event
	Statement string         `json:"statement"` // "" if none
	Text      string         `json:"text"`
}
