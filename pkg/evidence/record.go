// Package evidence knows what one message says of itself and what servers wrote into it: facts with their basis, no opinion
// (examination in the sense of NIST SP 800-86; RFC 5322, RFC 5321 §4.4, RFC 8601, RFC 6376, RFC 8617).
package evidence

import (
	"time"

	"onrecord/pkg/authres"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/message"
	"onrecord/pkg/remark"
	"onrecord/pkg/smime"
	"onrecord/pkg/source"
	"onrecord/pkg/trace"
)

// Basis tells on whose word a time rests.
type Basis string

// The bases of an Instant, from the strongest to none.
const (
	BasisTrace       Basis = "trace time-stamp" // a server wrote it into a Received field (RFC 5321 §4.4)
	BasisSignature   Basis = "signature time"   // t= of a DKIM signature
	BasisOrigination Basis = "origination date" // the Date field: the sender's clock (RFC 5322 §3.6.1)
	BasisEnvelope    Basis = "envelope line"    // the From_ line of an mbox file
	BasisCase        Basis = "case file"        // stated by a person

	// Further times that a message shows; Recorded and Sent never rest on these.
	BasisResent      Basis = "resent date"      // Resent-Date: the clock of who sent it on (RFC 5322 §3.6.6)
	BasisSeal        Basis = "seal time"        // t= of an ARC signature
	BasisExpiry      Basis = "signature expiry" // x= of a DKIM signature
	BasisMessageID   Basis = "message id"       // put into the Message-ID by the program that wrote the message
	BasisBoundary    Basis = "mime boundary"    // put into a MIME boundary by that program
	BasisThreadIndex Basis = "thread index"     // in Outlook's Thread-Index

	BasisNone Basis = "none" // no time is known
)

// Instant is a time together with the basis it rests on. Time keeps the offset that the mail carried; nil means unknown.
type Instant struct {
	Time  *time.Time `json:"time"`
	Basis Basis      `json:"basis"`
}

// Digests are the identities of one message; see the package documentation of dossier for their recipes.
type Digests struct {
	Raw       digest.Digest `json:"raw"`       // the bytes as they lie in the source
	Message   digest.Digest `json:"message"`   // after mbox un-quoting: the bytes of the exhibit's file
	Canonical digest.Digest `json:"canonical"` // Message with every line ending CRLF
	Header    digest.Digest `json:"header"`    // Message up to the empty line, exclusive
	Body      digest.Digest `json:"body"`      // Message after the empty line
	Content   digest.Digest `json:"content"`   // the same-mail key across exports (recipe "onrecord-content-1")
	EDRMMIH   *string       `json:"edrm_mih"`  // MD5 of the Message-ID, 32 hex digits (EDRM MIH 1.0); nil without a Message-ID
}

// CopyClass tells in what two copies of a mail are alike.
type CopyClass string

// The classes of copies.
const (
	CopyIdentical     CopyClass = "identical bytes"                      // not an exhibit of its own
	CopyLineEndings   CopyClass = "same message, other line endings"     // an exhibit of its own
	CopySameContent   CopyClass = "same content, other transport header" // an exhibit of its own
	CopyModified      CopyClass = "same Message-ID, modified"            // an exhibit of its own: subject, date and sender agree, the body does not
	CopySameMessageID CopyClass = "same Message-ID, different content"   // an exhibit of its own
)

// Copy is a further copy of a message.
type Copy struct {
	Class   CopyClass     `json:"class"`
	Exhibit int           `json:"exhibit"` // its own exhibit; 0 for identical bytes
	Origin  source.Origin `json:"origin"`
}

// HeaderField is one header field, verbatim. Name is empty for a line that is no field.
type HeaderField struct {
	Name      string `json:"name"`
	Raw       string `json:"raw"` // name, colon, body, folds, line ending
	RawBase64 string `json:"raw_base64,omitempty"`
}

// Date is the origination date field: what the sender claims.
type Date struct {
	Raw       string     `json:"raw"`
	RawBase64 string     `json:"raw_base64,omitempty"`
	Time      *time.Time `json:"time"`
	Notes     []string   `json:"notes"`
}

// Delivery holds what the last servers wrote about where the message went (RFC 5321 §4.4, RFC 9228).
type Delivery struct {
	ReturnPath  []string `json:"return_path"`
	DeliveredTo []string `json:"delivered_to"`
	OriginalTo  []string `json:"x_original_to"`
}

// RecordedResult is one SPF or DMARC result as a server recorded it: never evaluated again.
type RecordedResult struct {
	Value      string             `json:"value"`
	Reason     string             `json:"reason"`
	Properties authres.Properties `json:"properties"`
	Field      string             `json:"field"`  // the header field it stands in
	Index      int                `json:"index"`  // that field's position in header[], from 0
	Server     string             `json:"server"` // the authserv-id or receiver that it names
	Trusted    bool               `json:"trusted"`
	Aligned    *bool              `json:"aligned,omitempty"` // what was checked and every From address belong to one organisation; nil where the result does not say what was checked
}

// ARCChain is the state of the Authenticated Received Chain (RFC 8617).
type ARCChain string

// The states of a chain.
const (
	ARCNone      ARCChain = "none"
	ARCPass      ARCChain = "pass"
	ARCFail      ARCChain = "fail"
	ARCUnchecked ARCChain = "unchecked"
)

// ARC is the chain and its sets.
type ARC struct {
	Chain ARCChain         `json:"chain"`
	Why   string           `json:"why"`
	Sets  []authres.ARCSet `json:"sets"`
	// What was computed, newest set first.
	Instance   int             `json:"instance,omitempty"`    // the set at which the chain breaks
	OldestPass int             `json:"oldest_pass,omitempty"` // the message is unchanged since that set's sealer had it
	Checks     []dkim.ARCCheck `json:"checks,omitempty"`
	Said       remark.Told     `json:"said,omitempty"` // the sentences of Why
}

// Authentication gathers what can be said about who sent the message.
type Authentication struct {
	Recorded []authres.Field  `json:"recorded"`
	DKIM     []dkim.Signature `json:"dkim"`
	ARC      ARC              `json:"arc"`
	SPF      []RecordedResult `json:"spf"`
	DMARC    []RecordedResult `json:"dmarc"`
	// Signatures are those that people put on the message, and what is encrypted.
	Signatures []smime.Signature `json:"signatures,omitempty"`
}

// Reading tells how the message was got out of its container where there was a choice.
type Reading struct {
	Variant     string `json:"variant"`      // mbox variant whose un-quoting was applied; "" if none
	QuotedLines int    `json:"quoted_lines"` // body lines of the raw bytes that match ^>+From
	Unquoted    int    `json:"unquoted"`     // how many of them lost a ">"
	Why         string `json:"why"`
}

// Record is all that one message shows, in the order and with the names of messages[] in dossier.json.
// Exhibit, File, Copies and Thread say where the message stands in a dossier; they are zero outside of one.
// Fields are added, never renamed or given another meaning.
type Record struct {
	Exhibit        int               `json:"exhibit"`
	File           string            `json:"file"`
	Origin         source.Origin     `json:"origin"`
	Digests        Digests           `json:"digests"`
	Copies         []Copy            `json:"copies"`
	MessageID      string            `json:"message_id"`
	InReplyTo      []string          `json:"in_reply_to"`
	References     []string          `json:"references"`
	Subject        string            `json:"subject"`
	From           []message.Address `json:"from"`
	Sender         []message.Address `json:"sender"`
	ReplyTo        []message.Address `json:"reply_to"`
	To             []message.Address `json:"to"`
	Cc             []message.Address `json:"cc"`
	Bcc            []message.Address `json:"bcc"`
	Date           Date              `json:"date"`
	Recorded       Instant           `json:"recorded"`         // the newest time that a server recorded; else the next best, with its basis
	Instants       []Mark            `json:"instants"`         // every time that the message shows, each with its basis
	Clocks         []ClockNote       `json:"clocks,omitempty"` // where these times contradict each other
	Thread         string            `json:"thread"`
	Size           int64             `json:"size"` // bytes of the message
	Reading        Reading           `json:"reading"`
	Header         []HeaderField     `json:"header"`
	Received       []trace.Received  `json:"received"` // top first, as in the message
	Delivery       Delivery          `json:"delivery"`
	Authentication Authentication    `json:"authentication"`
	Parts          []message.Part    `json:"parts"`
	TextSource     string            `json:"text_source"`              // media type the text was read from
	Text           string            `json:"text"`                     // decoded body as read; what the spans of statements point into
	RemoteContent  []message.Remote  `json:"remote_content,omitempty"` // hosts that its HTML would load something from, by name
	Unpacked       []Unpacked        `json:"unpacked,omitempty"`
	Export         *Export           `json:"export,omitempty"` // traces of the program that saved it
	Nested         []Nested          `json:"nested"`
	Defects        []message.Defect  `json:"defects"`
}

// Nested is a message/rfc822 part examined as a message of its own.
type Nested struct {
	Part   string  `json:"part"` // path of the part in the message that holds it
	Record *Record `json:"message"`
}
