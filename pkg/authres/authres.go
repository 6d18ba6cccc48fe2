// Package authres reads what mail servers recorded about authentication: Authentication-Results (RFC 8601, and the forms of Microsoft, Yahoo and others that do not keep to it),
// what SpamAssassin notes of it (X-Spam-Status, X-Spam-Report), the ARC header fields (RFC 8617) and Received-SPF (RFC 7208 §9.1). It reads field bodies and judges nothing: anybody can write such a field.
package authres

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// Limits on one field; what lies beyond them is named in Notes.
const (
	maxBody    = 64 << 10
	maxResults = 200
	maxParts   = 400 // properties of one result, tags of one list
)

// Property is one "ptype.property=value" (RFC 8601 §2.2). Type is "" where the writer gave none, as in Microsoft's "action=none". Type and Name are in lower case.
type Property struct{ Type, Name, Value string }

// Result is one resinfo (RFC 8601 §2.2).
type Result struct {
	Method     string     `json:"method"` // lower case: dkim, spf, dmarc, arc, iprev, auth …
	Version    string     `json:"version,omitempty"`
	Value      string     `json:"value"`             // lower case: pass, fail, none …
	Reason     string     `json:"reason"`            // of reason="…"
	Comment    string     `json:"comment,omitempty"` // without parentheses; several are joined with "; "
	Properties Properties `json:"properties"`
}

// Property returns the first value of "type.name", and whether there is one.
func (r Result) Property(key string) (string, bool) {
	for _, p := range r.Properties {
		if p.key() == key {
			return p.Value, true
		}
	}
	return "", false
}

// Field is one Authentication-Results field or one of its kin: ARC-Authentication-Results, Authentication-Results-Original, X-MS-Exchange-Authentication-Results …
type Field struct {
	Raw        string   `json:"raw"` // the field body, unchanged but for bytes that are not UTF-8
	RawBase64  string   `json:"raw_base64,omitempty"`
	AuthServID string   `json:"authserv_id"` // "" in Microsoft's form, which has none
	Version    string   `json:"version,omitempty"`
	Instance   int      `json:"instance,omitempty"` // i= of ARC-Authentication-Results
	Trusted    bool     `json:"trusted"`            // set by who knows the way that the message came; never here
	Results    []Result `json:"results"`            // never nil
	Notes      []string `json:"notes"`              // what does not fit the grammar, with its text, so that nothing is lost; never nil
	Field      string   `json:"field,omitempty"`    // name of the header field, where it is not Authentication-Results
}

// Parse reads the body of an Authentication-Results field, folded or not. It never fails: what it cannot place is in Notes.
func Parse(body []byte) Field {
	f := Field{Results: []Result{}, Notes: []string{}}
	f.Raw, f.RawBase64 = keep(body)
	p := newParser(f.Raw, &f.Notes)
	for first := true; p.more(); first = false {
		p.segment(&f, first)
	}
	p.close()
	if f.AuthServID == "" && len(f.Results) > 0 {
		f.Notes = append(f.Notes, "no authserv-id")
	}
	return f
}

// keep returns the body as text and, where text cannot hold it, as bytes too.
func keep(body []byte) (raw, rawBase64 string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return strings.ToValidUTF8(string(body), "\uFFFD"), base64.StdEncoding.EncodeToString(body)
}

// segment reads what stands up to the next ";": "authserv-id version", "i=1", "none", or a result with its properties.
func (p *parser) segment(f *Field, first bool) {
	var r *Result
	var comments []string
	words := 0
	start := len(f.Results)
	for {
		e := p.element()
		switch e.kind {
		case end:
			p.endSegment(r, comments)
			return
		case commentElement:
			comments = append(comments, e.value)
		case wordElement:
			words++
			switch {
			case first && r == nil && words == 1 && e.name != "":
				f.AuthServID = e.name
			case first && r == nil && words == 2 && digits(e.name):
				f.Version = e.name
			case !first && r == nil && words == 1 && strings.EqualFold(e.name, "none") && len(f.Results) == 0:
				p.note("none: no authentication was done")
			default:
				p.note("outside any result: " + e.name)
			}
		case pairElement:
			name := strings.ToLower(e.name)
			switch {
			case first && r == nil && words == 0 && f.Instance == 0 && name == "i":
				if f.Instance = instance(e.value); f.Instance == 0 {
					p.note("no instance: " + e.name + "=" + e.value)
				}
				// The segment with the authserv-id is still to come.
				if p.segmentEnds() {
					p.endSegment(nil, comments)
					p.segment(f, true)
					return
				}
			case r == nil && name == "from":
				p.note("outside any result: " + e.name + "=" + e.value)
			case r == nil && start > 0 && !isMethod(name) && isProperty(name) && len(f.Results[start-1].Properties) < maxParts:
				// Yahoo Japan's "; header.i=@example.jp"
				r = &f.Results[start-1]
				p.note("a semicolon stands before " + e.name + "=" + e.value)
				r.addProperty(name, e.value)
			case r == nil, isMethod(name):
				if len(f.Results) == maxResults {
					p.note("more than 200 results; the rest was not read")
					p.endSegment(r, comments)
					p.pos = len(p.text)
					return
				}
				if r != nil || first && words > 0 && len(f.Results) == start {
					p.note("no semicolon before " + e.name + "=" + e.value)
				}
				if r != nil {
					r.addComments(comments)
					comments = nil
				}
				f.Results = append(f.Results, newResult(name, e.value))
				r = &f.Results[len(f.Results)-1]
			case name == "reason" && r.Reason == "" && e.value != "":
				r.Reason = e.value
			case len(r.Properties) < maxParts:
				r.addProperty(name, e.value)
			default:
				p.note("more than 400 properties; left out: " + e.name + "=" + e.value)
			}
		}
	}
}

// endSegment gives the comments to the segment's result, and notes them where there is none.
func (p *parser) endSegment(r *Result, comments []string) {
	if r == nil {
		for _, c := range comments {
			p.note("comment: " + c)
		}
		return
	}
	r.addComments(comments)
	if r.Value == "" {
		p.note("no result for " + r.Method)
	}
}

func newResult(name, value string) Result {
	r := Result{Value: strings.ToLower(value), Properties: Properties{}}
	r.Method, r.Version, _ = strings.Cut(name, "/")
	return r
}

func (r *Result) addComments(comments []string) {
	if r.Comment != "" && len(comments) > 0 {
		r.Comment += "; "
	}
	r.Comment += strings.Join(comments, "; ")
}

func (r *Result) addProperty(name, value string) {
	typ, prop, ok := strings.Cut(name, ".")
	if !ok {
		typ, prop = "", name
	}
	r.Properties = append(r.Properties, Property{typ, prop, value})
}

// isProperty tells whether a name is no method: it has a ptype, or is a key of Received-SPF that some put here.
func isProperty(name string) bool {
	switch name {
	case "helo", "envelope-from", "client-ip", "receiver", "identity":
		return true
	}
	return strings.IndexByte(name, '.') > 0
}

// isMethod knows the registered methods (IANA "Email Authentication Methods") and usual others: such a name begins a result even where the ";" before it is missing.
func isMethod(name string) bool {
	name, _, _ = strings.Cut(name, "/")
	switch name {
	case "auth", "dkim", "dkim-adsp", "dkim-atps", "dmarc", "domainkeys", "iprev", "rrvs", "sender-id", "smime", "spf", "vbr", "dnswl", "arc", "bimi", "compauth":
		return true
	}
	return false
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// instance reads the number of an ARC set; 0 if it is none. The limit of 50 is not checked here.
func instance(s string) int {
	if !digits(s) || len(s) > 3 {
		return 0
	}
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}
