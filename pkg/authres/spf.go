package authres

import "strings"

// SPF is one Received-SPF field (RFC 7208 §9.1).
type SPF struct {
	Raw        string     `json:"raw"`
	RawBase64  string     `json:"raw_base64,omitempty"`
	Value      string     `json:"value"` // lower case: pass, fail, softfail, neutral, none, temperror, permerror
	Comment    string     `json:"comment"`
	Properties Properties `json:"properties"` // client-ip, envelope-from, helo, receiver, identity, mechanism …; their Type is ""
	Notes      []string   `json:"notes"`      // never nil
}

// ParseReceivedSPF reads the body of a Received-SPF field. It never fails: what it cannot place is in Notes.
func ParseReceivedSPF(body []byte) SPF {
	s := SPF{Properties: Properties{}, Notes: []string{}}
	s.Raw, s.RawBase64 = keep(body)
	p := newParser(s.Raw, &s.Notes)
	var comments []string
	for p.more() {
		for {
			e := p.element()
			if e.kind == end {
				break
			}
			switch {
			case e.kind == commentElement:
				comments = append(comments, e.value)
			case e.kind == wordElement && s.Value == "" && len(s.Properties) == 0:
				s.Value = strings.ToLower(strings.TrimRight(e.name, ","))
			case e.kind == wordElement:
				p.note("not a key=value: " + e.name)
			case len(s.Properties) < maxParts:
				s.Properties = append(s.Properties, Property{Name: strings.ToLower(e.name), Value: e.value})
			default:
				p.note("more than 400 pairs; left out: " + e.name + "=" + e.value)
			}
		}
	}
	s.Comment = strings.Join(comments, "; ")
	p.close()
	if s.Value == "" {
		s.Notes = append(s.Notes, "no result")
	}
	return s
}
