// Package casefile knows case.yaml: the matter, its people with roles, and what a person says about the suggestions (marks, rejections, events).
// The form is YAML 1.2 as FORMAT.md beside this file describes it, strict: what it does not know is an error that names line and key. Times are RFC 3339
// or local times with a named zone (RFC 9557 time zones).
package casefile

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Case is a parsed case file. The zero Case is the one of a build without a case file.
type Case struct {
	Title      string
	Reference  string
	PreparedBy string
	Parties    []Party
	People     []Person
	Topics     []Topic
	Marks      []Mark // marks first, then rejections, each in the order of the file
	Events     []Event
	Clocks     []Clock
}

// Party is an organisation or a person that takes a side.
type Party struct {
	Name    string
	Side    string
	Domains []string // of mail: whoever writes from there belongs to this party, unless people says otherwise
	Line    int
}

// Person gives a correspondent a role, a side and aliases.
type Person struct {
	Name      string
	Addresses []string // addr-specs as written; never shared by two people, whatever the case
	Aliases   []string // further names under which this person stands in mail
	Role      string
	Party     string   // name of a Party; "" for the one of the addresses' domain
	Side      string   // that of the party unless it is stated
	List      bool     // a distribution list
	Not       []string // addresses that are not this person
	Line      int      // in the file, for messages
}

// Topic is a matter that marks refer to by its name.
type Topic struct {
	Name  string
	Words []string // words by which the program finds it; may be empty
	Line  int
}

// Mark is what a person says of one sentence. Either Exhibit (1 and up) or MessageID (in angle brackets) tells in which message.
type Mark struct {
	Exhibit   int
	MessageID string
	Quote     string   // words of the message's text; white space is compared loosely
	Acts      []string // what the sentence does; empty for a rejection
	Reject    bool     // "this is not a …": a suggestion that overlaps Quote is rejected
	Topic     string
	Reason    string // of a rejection
	Line      int
}

// Event is something that happened outside of the mail, or that a message tells of.
type Event struct {
	At        time.Time // with the offset of the stated zone; zero where a message gives the time
	Exhibit   int       // as in Mark; both unset where At is stated
	MessageID string
	Title     string
	Kind      string
	Line      int
}

// Clock measures the time from one phase to others.
type Clock struct {
	Title  string
	Start  string        // slug of a phase
	Stop   string        // slug of a phase; "" without a limit
	Limit  time.Duration // 0: none
	Phases []Phase
	Line   int
}

// Phase is one mark on a clock. One of At, Exhibit and MessageID tells when it was.
type Phase struct {
	Name      string // as written
	Slug      string // in lower case, with hyphens
	At        time.Time
	Exhibit   int
	MessageID string
	Quote     string // words of the message that show it; may be empty
	Note      string
	Line      int
}

// Phases returns the slugs of the incident-response process, in its order. A clock may have others besides.
func Phases() []string {
	return []string{"event-start", "detected", "on-call-engaged", "response-team-engaged", "confirmed", "customer-impact-determined", "affected-customers-determined", "customers-notified"}
}

// Slug is the form in which names of phases are compared.
func Slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '\t' }), "-")
}

// Error is one thing that is wrong in a case file.
type Error struct {
	File    string
	Line    int    // from 1; 0 when it is of the whole file
	Key     string // path of the key: people[2].addresses
	Problem string
	Hint    string // what is allowed, or what to do
}

func (e Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	b.WriteString(": " + e.Problem)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

const (
	maxBytes  = 16 << 20 // far above what a person writes
	maxErrors = 50       // enough to see what went wrong
)

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of the file, for editors. It cannot say all that Parse checks.
func Schema() []byte { return []byte(schema) }

// Acts returns the names that a mark's acts may have, in the order of package notice.
func Acts() []string {
	return []string{"warning", "request", "order", "threat", "approval", "acknowledgement", "confirmation", "denial", "blame", "incident", "notification"}
}

// Parse reads a case file. name is used in messages only. Everything that is wrong comes back at once: values of type Error,
// joined (errors.Join); an error of r is returned as it is. An empty file is an empty case.
func Parse(r io.Reader, name string) (*Case, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBytes {
		return nil, Error{File: name, Problem: "the file is larger than 16 MiB", Hint: "is it a case file?"}
	}
	root, err := document(data, name)
	if err != nil {
		return nil, err
	}
	p := &parser{file: name}
	c := &Case{}
	if root != nil && !isNull(root) {
		p.top(root, c)
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	return c, nil
}

// document returns the root node of the one YAML document in data; nil when there is nothing but comments.
func document(data []byte, name string) (*yaml.Node, error) {
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, syntaxError(err, name)
	}
	if err := dec.Decode(&second); err == nil {
		return nil, Error{File: name, Line: second.Line, Problem: "a second document starts here", Hint: "a case file is one YAML document, without \"---\" inside"}
	} else if err != io.EOF {
		return nil, syntaxError(err, name)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	return doc.Content[0], nil
}

// syntaxError takes the line out of "yaml: line 3: …"; the library has no field for it.
func syntaxError(err error, name string) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := Error{File: name, Problem: text, Hint: "not readable as YAML; quote texts that hold \": \", \"#\" or begin with a special character"}
	if n, scanErr := fmt.Sscanf(text, "line %d:", &e.Line); scanErr == nil && n == 1 {
		_, e.Problem, _ = strings.Cut(text, ": ")
	}
	return e
}
