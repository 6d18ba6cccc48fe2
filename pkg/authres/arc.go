package authres

import (
	"fmt"
	"strings"
	"time"
)

// maxSets is the limit of RFC 8617 §4.2.1 on i=.
const maxSets = 50

// maxFields bounds how many fields of one kind are looked at.
const maxFields = 1000

// Tag is one "name=value" of a tag list, with the white space around the value taken off and that inside kept.
type Tag struct{ Name, Value string }

// Get returns the value of the first tag of that name, "" if there is none.
func (t Tags) Get(name string) string {
	for _, tag := range t {
		if tag.Name == name {
			return tag.Value
		}
	}
	return ""
}

// ARCSet is one ARC Set (RFC 8617 §4.2): what one intermediary sealed. Where a field of the set is missing or repeated, Notes says so and the topmost one is read.
type ARCSet struct {
	Instance int        `json:"instance"` // i=
	CV       string     `json:"cv"`       // cv= of the seal: what the sealer claims of the chain before it
	Domain   string     `json:"domain"`   // d= of the seal
	Selector string     `json:"selector"` // s= of the seal
	Time     *time.Time `json:"time"`     // t= of the seal, UTC; nil if not told
	Results  *Field     `json:"results"`  // ARC-Authentication-Results
	Message  Tags       `json:"message"`  // tags of ARC-Message-Signature; empty if there is none
	Seal     Tags       `json:"seal"`     // tags of ARC-Seal; empty if there is none
	Notes    []string   `json:"notes"`    // never nil
}

// ParseARC groups the bodies of all ARC-Authentication-Results, ARC-Message-Signature and ARC-Seal fields of a message, topmost first, into sets, lowest instance first.
// The notes tell of fields that belong to no set and of gaps. Nothing is verified.
func ParseARC(aar, ams, as [][]byte) (sets []ARCSet, notes []string) {
	notes = []string{}
	slots := make([]*ARCSet, maxSets+1)
	slot := func(number int, kind string, nth int) *ARCSet {
		if number < 1 || number > maxSets {
			notes = append(notes, fmt.Sprintf("%s field %d from the top has no i= from 1 to %d", kind, nth+1, maxSets))
			return nil
		}
		if slots[number] == nil {
			slots[number] = &ARCSet{Instance: number, Message: Tags{}, Seal: Tags{}, Notes: []string{}}
		}
		return slots[number]
	}
	within := func(bodies [][]byte, kind string) [][]byte {
		if len(bodies) > maxFields {
			notes = append(notes, fmt.Sprintf("only the first %d of %d %s fields were read", maxFields, len(bodies), kind))
			bodies = bodies[:maxFields]
		}
		return bodies
	}

	for nth, body := range within(aar, "ARC-Authentication-Results") {
		field := Parse(body)
		if set := slot(field.Instance, "ARC-Authentication-Results", nth); set != nil {
			if set.Results != nil {
				set.repeated("ARC-Authentication-Results")
				continue
			}
			set.Results = &field
		}
	}
	for nth, body := range within(ams, "ARC-Message-Signature") {
		tags, err := ParseTagList(body)
		if set := slot(instance(tags.Get("i")), "ARC-Message-Signature", nth); set != nil {
			set.take(&set.Message, tags, err, "ARC-Message-Signature")
		}
	}
	for nth, body := range within(as, "ARC-Seal") {
		tags, err := ParseTagList(body)
		if set := slot(instance(tags.Get("i")), "ARC-Seal", nth); set != nil {
			set.take(&set.Seal, tags, err, "ARC-Seal")
		}
	}

	sets = []ARCSet{}
	highest := 0
	for i, set := range slots {
		if set != nil {
			set.finish()
			sets = append(sets, *set)
			highest = i
		}
	}
	for i := 1; i < highest; i++ {
		if slots[i] == nil {
			notes = append(notes, fmt.Sprintf("there is no ARC set i=%d", i))
		}
	}
	return sets, notes
}

func (s *ARCSet) note(text string) {
	if len(s.Notes) < maxParts {
		s.Notes = append(s.Notes, text)
	}
}

func (s *ARCSet) repeated(kind string) {
	s.note(kind + " stands there more than once; the topmost is shown")
}

func (s *ARCSet) take(to *Tags, tags Tags, err error, kind string) {
	if len(*to) > 0 {
		s.repeated(kind)
		return
	}
	*to = tags
	if err != nil {
		s.note(kind + ": " + err.Error())
	}
}

// finish lifts the seal's main tags and notes what a set must have (RFC 8617 §4.2).
func (s *ARCSet) finish() {
	s.CV = strings.ToLower(s.Seal.Get("cv"))
	s.Domain = s.Seal.Get("d")
	s.Selector = s.Seal.Get("s")
	if t := s.Seal.Get("t"); t != "" {
		// 12 digits reach beyond the year 9999.
		if seconds := int64(0); digits(t) && len(t) < 12 {
			for _, c := range t {
				seconds = seconds*10 + int64(c-'0')
			}
			at := time.Unix(seconds, 0).UTC()
			s.Time = &at
		} else {
			s.note("ARC-Seal: t= is no time: " + t)
		}
	}
	if s.Results == nil {
		s.note("no ARC-Authentication-Results")
	}
	if len(s.Message) == 0 {
		s.note("no ARC-Message-Signature")
	}
	switch {
	case len(s.Seal) == 0:
		s.note("no ARC-Seal")
	case s.CV != "none" && s.CV != "pass" && s.CV != "fail":
		s.note("ARC-Seal: cv= must be none, pass or fail")
	case s.Instance == 1 && s.CV != "none", s.Instance > 1 && s.CV == "none":
		s.note(fmt.Sprintf("ARC-Seal: cv=%s at i=%d", s.CV, s.Instance))
	}
}

// ParseTagList reads a tag list (RFC 6376 §3.2). All tags that can be read are given, in order; the error names the first that breaks the grammar or is repeated.
func ParseTagList(body []byte) (Tags, error) {
	raw, _ := keep(body)
	var err error
	fail := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	if len(raw) > maxBody {
		raw = raw[:maxBody]
		fail("only the first %d bytes were read", maxBody)
	}
	tags := Tags{}
	seen := map[string]bool{}
	for more := true; more; {
		var spec string
		spec, raw, more = strings.Cut(raw, ";")
		if strings.TrimSpace(spec) == "" {
			if more {
				fail("empty tag")
			}
			continue
		}
		name, value, ok := strings.Cut(spec, "=")
		name = strings.TrimSpace(name)
		if !ok {
			fail("no = in %.40q", name)
			continue
		}
		if !tagName(name) {
			fail("bad tag name %.40q", name)
		}
		if seen[name] {
			fail("tag %s= is repeated", name)
		}
		if len(tags) == maxParts {
			fail("more than %d tags", maxParts)
			break
		}
		seen[name] = true
		tags = append(tags, Tag{name, strings.TrimSpace(value)})
	}
	return tags, err
}

// tagName is ALPHA *(ALPHA / DIGIT / "_").
func tagName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_')) {
			return false
		}
	}
	return s != ""
}
