// Package thread knows which message answers which: References and In-Reply-To trees (RFC 5322 §3.6.4, RFC 5256 REFERENCES threading), then
// Thread-Index ([MS-OXOMSG] 2.2.1.3), then the base subject (RFC 5256 §2.1); cited messages that are not held included.
// Builder keeps what messages say in temporary files and takes some 40 bytes of memory for each when it ties them together; nothing in it recurses, so cyclic
// and endless references are harmless.
package thread

import "time"

// Input is what one message says of its place in a conversation.
type Input struct {
	MessageID   string   // with or without angle brackets; "" if it has none
	InReplyTo   []string // Message-IDs, in the order of the field
	References  []string // Message-IDs, in the order of the field: the oldest first
	Subject     string   // decoded
	ThreadIndex string   // the field's body, base64
	At          time.Time
	// From and People are handles of the author and of all recipients, of any numbering (people.Ref fits). They are used only when nothing but
	// the subject ties a message to another one: then the two must have somebody in common. nil means that they are not known.
	From, People []int32
}

// Thread is one conversation.
type Thread struct {
	ID             string    `json:"id"`       // t1, t2 … in order of their first exhibit
	Subject        string    `json:"subject"`  // of the first exhibit, without prefixes such as "Re:"
	Exhibits       []int     `json:"exhibits"` // in exhibit order
	Missing        []Missing `json:"missing"`
	MissingLeftOut int       `json:"missing_left_out,omitempty"` // cited messages above the bound of 1,000 a thread
	Joined         []string  `json:"joined_because"`             // joins that rest on less than References or In-Reply-To, one sentence each
}

// Missing is a message that others cite and that is not held.
type Missing struct {
	MessageID string `json:"message_id"`
	CitedBy   []int  `json:"cited_by"` // exhibits, the first 50
}

// The answers of Forest.ParentWhy, the strongest first.
const (
	ByInReplyTo   = "in-reply-to"
	ByReferences  = "references" // the last reference that is held: an ancestor, not always the message answered
	ByThreadIndex = "thread-index"
	BySubject     = "subject"
)

// Bounds; what lies beyond is left out, never refused.
const (
	mostMissing     = 1000 // a thread
	mostCitedBy     = 50   // exhibits of a missing message
	mostJoined      = 200  // sentences a thread
	mostReferences  = 100  // of one message: the first and the last 50
	mostInReplyTo   = 10   // of one message
	mostPeople      = 20   // of one message
	subjectWindow   = 30 * 24 * time.Hour
	subjectLookBack = 25 // earlier messages of the same subject that are looked at
)
