// Package trace reads the trace information that mail servers write into a message (RFC 5321 §4.4): Received, in the grammar and in the dialects of real servers, and Return-Path.
// All that it gives is what the text says: a field below the border of the servers that a reader trusts can be invented as a whole.
package trace

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Host is one side of a hop, as its clause names it.
type Host struct {
	Name     string     `json:"name"`               // the first name of the clause: by server the HELO name or the reverse name; "" if it is an address only
	HELO     string     `json:"helo"`               // what the client called itself (RFC 5321 §4.1.1.1), where the form tells it
	Reverse  string     `json:"reverse"`            // the name that the server looked up for the address
	IP       netip.Addr `json:"ip"`                 // the zero Addr, "" in JSON, if the text has none
	IPText   string     `json:"ip_text,omitempty"`  // the address as written, where that differs from IP
	User     string     `json:"user,omitempty"`     // local or IDENT user (RFC 1413)
	Software string     `json:"software,omitempty"` // what the server calls itself
	Text     string     `json:"text,omitempty"`     // the whole clause without its keyword, unfolded
}

// Received is one time-stamp-line (RFC 5321 §4.4).
type Received struct {
	Raw             string     `json:"raw"`                  // the field body, unchanged but for bytes that are not UTF-8
	RawBase64       string     `json:"raw_base64,omitempty"` // the exact body, only where it is not UTF-8
	From            Host       `json:"from"`
	By              Host       `json:"by"`
	Via             string     `json:"via"`
	With            string     `json:"with"`
	ID              string     `json:"id"`
	For             string     `json:"for"`           // without angle brackets; several recipients with ", " between
	Time            *time.Time `json:"time"`          // with the offset that the text carried; nil without a date
	DelaySeconds    *float64   `json:"delay_seconds"` // since the next older hop with a date, filled by Delays; nil if not known
	TLS             string     `json:"tls,omitempty"` // version and cipher as written, "" if not told
	EnvelopeFrom    string     `json:"envelope_from,omitempty"`
	AuthenticatedAs string     `json:"authenticated_as,omitempty"`
	Private         bool       `json:"private,omitempty"` // the client's address is one of a private network, loopback or link
	Notes           []string   `json:"notes"`             // never nil
}

// Delays sets DelaySeconds of each hop, counted from the next older hop that has a date, and adds notes on what does not fit. Hops are newest first, as in the message.
// It returns the delays in seconds, nil where there is nothing to count from.
func Delays(hops []Received) []*float64 {
	delays := make([]*float64, len(hops))
	var older *Received
	for i := len(hops) - 1; i >= 0; i-- {
		hop := &hops[i]
		if hop.By.Software == "qmail" && hop.By.Name == "" && i+1 < len(hops) && hop.From.User == "" && hops[i+1].By.Name != "" {
			hop.note("written by the qmail that took the message in the hop below: " + hops[i+1].By.Name)
		}
		if hop.Time == nil {
			continue // ParseReceived has noted it
		}
		if older != nil {
			// Not Time.Sub: invented dates may lie farther apart than a Duration reaches.
			seconds := float64(hop.Time.Unix()-older.Time.Unix()) + float64(hop.Time.Nanosecond()-older.Time.Nanosecond())/1e9
			delays[i] = &seconds
			hop.DelaySeconds = &seconds
			if seconds < 0 {
				hop.note("clock runs backwards by " + strconv.FormatFloat(-seconds, 'f', -1, 64) + " s")
			}
			if older != &hops[i+1] {
				hop.note("delay counted over hops without a date")
			}
		}
		older = hop
	}
	return delays
}

// ParseReturnPath gives the reverse-path of a Return-Path field body (RFC 5321 §4.4) without angle brackets and without a source route; "<>" for the null path of a bounce, "" if there is none.
func ParseReturnPath(body []byte) string {
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	s := scanner{text: text[:min(len(text), maxBody)]}
	for it := s.next(); it.kind != none; it = s.next() {
		if it.kind != word {
			continue
		}
		path := text[it.start:it.end]
		if path == "<>" {
			return path
		}
		path = strings.Trim(path, "<>")
		if strings.HasPrefix(path, "@") {
			if colon := strings.IndexByte(path, ':'); colon >= 0 {
				path = path[colon+1:]
			}
		}
		return path
	}
	return ""
}

func (r *Received) note(s string) { r.Notes = append(r.Notes, s) }

// setRaw keeps the body, as text and, where text cannot hold it, as bytes.
func (r *Received) setRaw(body []byte) {
	if utf8.Valid(body) {
		r.Raw = string(body)
		return
	}
	r.Raw = strings.ToValidUTF8(string(body), "\uFFFD")
	r.RawBase64 = base64.StdEncoding.EncodeToString(body)
}
