package notice

import (
	"time"

	"onrecord/pkg/evidence"
)

// Topic is one matter: the statements of a thread about it, over messages and languages.
type Topic struct {
	ID         string   `json:"id"`         // m1, m2 … in order of the first statement
	Label      string   `json:"label"`      // a short noun phrase; that of the case file, else of the first statement that has one
	Language   string   `json:"language"`   // of the label: en, fr, de, es; "" if unknown
	Origin     Origin   `json:"origin"`     // Marked: the case file names it
	Thread     string   `json:"thread"`     // thread id; "" for a topic of the case file that spans several
	Statements []string `json:"statements"` // ids, in order; the first statement that makes notices is the first warning
	Why        []string `json:"why"`        // beside Statements: what ties each to the topic; "" for the first
}

// Against is one earlier statement that a contradiction rests on: that it had reached the person, and how we know.
type Against struct {
	Statement string         `json:"statement"`
	Kind      EvidenceKind   `json:"kind"`    // the strongest evidence that it had reached the person by then
	Exhibit   int            `json:"exhibit"` // that shows it
	At        *time.Time     `json:"at"`      // since when
	Basis     evidence.Basis `json:"basis"`
	Days      int            `json:"days"` // whole days from At to the denial
	Why       string         `json:"why"`  // one neutral sentence
}

// Undelivered says that a copy of a statement came back or was lost: a report says that it was not delivered to the person.
type Undelivered struct {
	Statement string         `json:"statement"`
	Person    string         `json:"person"`
	Exhibit   int            `json:"exhibit"` // of the message that was not delivered
	Report    int            `json:"report"`  // the exhibit that says so
	At        *time.Time     `json:"at"`      // of the report
	Basis     evidence.Basis `json:"basis"`
	Notice    bool           `json:"notice"` // whether there is evidence beside the returned copy: then a notice stands in notices[]
	Why       string         `json:"why"`
}

// TieKind tells how a report was tied to the message that it speaks of.
type TieKind string

// The ties, the surest first.
const (
	TieOriginalID TieKind = "original-message-id" // the field of RFC 8098 §3.2.5
	TieAttached   TieKind = "attached"            // the Message-ID of the message or header that it brings back
	TieInReplyTo  TieKind = "in-reply-to"
	TieReferences TieKind = "references"
	TieSubject    TieKind = "subject" // the same subject, to the same recipient, sent before it: nothing surer was there
	TieNone       TieKind = ""
)

// OutcomeKind is what a report says happened.
type OutcomeKind string

// The outcomes.
const (
	OutcomeDisplayed OutcomeKind = "displayed" // RFC 8098
	OutcomeDeleted   OutcomeKind = "deleted"   // deleted without being displayed
	OutcomeDelivered OutcomeKind = "delivered" // RFC 3464, delivered, relayed or expanded
	OutcomeDelayed   OutcomeKind = "delayed"
	OutcomeFailed    OutcomeKind = "failed" // not delivered
)

// DeliveryReport is a read receipt (RFC 8098), a delivery report (RFC 3464) or a bounce in free text, tied to the message that it speaks of.
type DeliveryReport struct {
	Exhibit   int            `json:"exhibit"` // the report
	Of        *int           `json:"of"`      // the message that it speaks of; null if that is not held or not known
	Kind      OutcomeKind    `json:"kind"`
	Form      string         `json:"form"`      // mdn, dsn, or the mail program of a bounce in free text: qmail, exim, exchange, postfix, sendmail, generic
	Persons   []string       `json:"persons"`   // whom it speaks of
	Addresses []string       `json:"addresses"` // as the report writes them
	Tie       TieKind        `json:"tie"`
	At        *time.Time     `json:"at"`
	Basis     evidence.Basis `json:"basis"`
	Text      string         `json:"text"` // one sentence
}

// Silence tells of a message that warns: whether anybody answered, and when.
type Silence struct {
	Exhibit    int        `json:"exhibit"`
	Author     string     `json:"author"`
	Statements []string   `json:"statements"` // its warnings
	Answered   bool       `json:"answered"`   // somebody else replied to it, or acknowledged it in words
	Answer     *int       `json:"answer"`     // exhibit of the first answer
	Answerer   string     `json:"answerer"`
	Until      UntilKind  `json:"until"`         // what ended the wait: the answer, the next incident, event or the last message of the thread
	UntilAt    *time.Time `json:"until_at"`      //
	UntilShown int        `json:"until_exhibit"` // 0 for an event of the case file
	Seconds    int64      `json:"seconds"`       // from the warning to until_at; 0 if a time is not known
	Unanswered []string   `json:"unanswered_by"` // persons in To and Cc from whom no answer to it is held
	Text       string     `json:"text"`
}

// UntilKind is what ended the wait for an answer.
type UntilKind string

// The ends of a silence.
const (
	UntilAnswer   UntilKind = "answer"
	UntilIncident UntilKind = "incident"
	UntilEvent    UntilKind = "event" // of the case file
	UntilEnd      UntilKind = "end"   // the last message of the thread
)

// Sequel tells whether an act was done before or after a warning, an approval, an order on the same topic.
type Sequel struct {
	Statement string         `json:"statement"` // the order, approval, confirmation, incident …
	Act       Act            `json:"act"`
	Relation  Relation       `json:"relation"`
	To        string         `json:"to"`     // the warning (or, of a confirmation, the order or request)
	ToAct     Act            `json:"to_act"` //
	Topic     string         `json:"topic"`
	Seconds   int64          `json:"seconds"` // between the two
	Notice    EvidenceKind   `json:"notice"`  // how the author of statement had notice of the earlier one by then; "" if nothing shows it
	At        *time.Time     `json:"at"`
	Basis     evidence.Basis `json:"basis"`
	Text      string         `json:"text"`
}

// Relation is before or after.
type Relation string

// The relations.
const (
	Before Relation = "before"
	After  Relation = "after"
)

// GapKind is what is missing or does not fit.
type GapKind string

// The gaps.
const (
	GapCited  GapKind = "cited-not-held"       // others cite it in References or In-Reply-To
	GapParent GapKind = "reply-without-parent" // its subject says that it answers, and what it answers is not held
	GapQuoted GapKind = "quoted-not-held"      // it quotes a message that is not held
	GapDate   GapKind = "date-and-hops"        // its Date does not fit the times that servers recorded
	GapHole   GapKind = "hole"                 // cited, not held, and between messages of the thread that are held
)

// Gap is one thing that is missing or does not fit.
type Gap struct {
	Kind      GapKind  `json:"kind"`
	Exhibits  []int    `json:"exhibits"`   // that show it
	MessageID string   `json:"message_id"` // of the message that is missing; "" if unknown
	Thread    string   `json:"thread"`
	Holders   []string `json:"holders"` // persons who would have it: those of the messages that show it
	Seconds   int64    `json:"seconds"` // of date-and-hops: Date minus the oldest hop; else 0
	Text      string   `json:"text"`
}

// QuoteState tells how a quotation stands to the message that it quotes.
type QuoteState string

// The states of a quotation.
const (
	QuoteSame    QuoteState = "same"        // what is quoted stands in that message, but for white space, wrapping and quote marks; parts may be left out
	QuoteAltered QuoteState = "altered"     // it differs in words or signs
	QuoteOnly    QuoteState = "quoted-only" // the message is not held: nothing but the quotation shows it
)

// Quotation is a stretch of quoted text in one message, tied to the message that it quotes.
type Quotation struct {
	Exhibit   int          `json:"exhibit"`        // the message that quotes
	Quoted    *int         `json:"quoted_exhibit"` // the message that is quoted; null if it is not held
	Held      bool         `json:"held"`
	Author    string       `json:"author"`    // person who wrote what is quoted: the author of the quoted exhibit, else whom the attribution names; "" if unknown
	Forwarded bool         `json:"forwarded"` // passed on, not answered
	State     QuoteState   `json:"state"`
	Span      [2]int       `json:"span"`       // in code points of the text of exhibit
	Words     int          `json:"words"`      // quoted
	Passages  []Difference `json:"passages"`   // where it differs, at most 20
	LeftOut   int          `json:"left_out"`   // further differences
	Introduce string       `json:"introduced"` // the attribution as it stands ("On … wrote:"), shortened; "" without one
	Text      string       `json:"text"`       // one sentence: what was found
}

// Difference is one place in which a quotation differs from the message that it quotes.
type Difference struct {
	Quoted       string `json:"quoted"`        // the passage as quoted, with a few words around; "" where words are missing
	Original     string `json:"original"`      // the passage of the original; "" where words were put in
	QuotedSpan   [2]int `json:"quoted_span"`   // in code points of the quoting text
	OriginalSpan [2]int `json:"original_span"` // in code points of the original's text
	Kind         string `json:"kind"`          // changed, added, missing
}

// Clock measures the time from a start to the phases that the case file names. It gives no verdict.
type Clock struct {
	Title        string     `json:"title"`
	Start        Reading    `json:"start"`
	LimitSeconds int64      `json:"limit_seconds"` // 0 without a limit
	Due          *time.Time `json:"due"`
	Stop         Reading    `json:"stop"`         // what the limit is held against; At is null as long as nothing is stated
	LateSeconds  int64      `json:"late_seconds"` // after Due; negative: before it; 0 if a time is not known
	Phases       []Reading  `json:"phases"`       // in the order of the incident-response process
	Text         string     `json:"text"`         // "notified 75 h 10 min after …; 3 h 10 min after the 72 h had run out"
}

// Reading is one mark on a clock.
type Reading struct {
	Phase     string         `json:"phase"` // event-start … customers-notified, or a word of the case file
	Title     string         `json:"title"`
	At        *time.Time     `json:"at"`
	Basis     evidence.Basis `json:"basis"`   // "case file" for what a person stated
	Exhibit   int            `json:"exhibit"` // 0 where it was stated by hand
	Statement string         `json:"statement"`
	Seconds   int64          `json:"seconds"` // since the start of the clock; 0 if a time is not known
	Why       string         `json:"why"`
}
