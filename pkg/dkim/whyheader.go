package dkim

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"onrecord/pkg/remark"
)

// variant is how fields may have been when they were signed, by their place in the signed text; a nil text: the field was not there.
type variant struct {
	fields map[int][]byte
	told   remark.Told
}

// one is a change of one field; name is what varies in what is told.
func one(place int, raw []byte, kind, name, told string) variant {
	return variant{map[int][]byte{place: raw}, remark.Told{{Kind: kind, Args: []string{name}, Text: told}}}
}

// searchHeader looks for the fields as they were signed. An RSA signature gives away the digest that it was made over, so that a trial costs a
// hash and no more; and it shows whether it was made with this key at all.
func (m *message) searchHeader(c *check) {
	fits := func(digest []byte) bool { return c.key.check(c.hash, digest, c.b) }
	if c.key.rsa != nil {
		signed, ok := c.key.signedDigest(c.hash, c.b)
		if !ok {
			c.because(otherKey, "the signature was not made with the key at hand (another key since under the same name, a damaged signature field, or a forgery)")
			return
		}
		fits = func(digest []byte) bool { return bytes.Equal(digest, signed) }
	}
	if !m.afford(c) {
		return
	}
	pieces := make([][]byte, len(c.slots))
	for place, i := range c.slots {
		if i >= 0 {
			pieces[place] = c.headerForm.appendField(nil, m.header[i].Raw, m.cr)
		}
	}
	own := bytes.TrimSuffix(c.headerForm.appendField(nil, c.withoutB(m.header[c.self].Raw), m.cr), crlf)
	try := func(chosen variant) bool {
		h := c.hash.New()
		for place, piece := range pieces {
			if other, found := chosen.fields[place]; found {
				piece = other
			}
			h.Write(piece)
		}
		h.Write(own)
		if m.budget -= int64(len(m.header[c.self].Raw)); m.budget < 0 || !fits(h.Sum(nil)) {
			return false
		}
		c.fits(headerFits, "the signature", chosen.told)
		return true
	}
	singles := m.variants(c)
	wrapped, isWrapped := m.wrapped(c)
	if isWrapped {
		singles = append([]variant{wrapped}, singles...)
	}
	for _, v := range singles {
		for place, raw := range v.fields {
			if raw != nil {
				v.fields[place] = c.headerForm.appendField(nil, raw, m.cr)
			}
		}
	}
	if slices.ContainsFunc(singles, try) {
		return
	}
	trials := 0
	for i, v := range singles {
		for j := i + 1; j < len(singles) && trials < maxTextTrials; j++ {
			both := together(v, singles[j])
			if trials++; both.fields == nil {
				continue
			}
			if try(both) || isWrapped && i > 0 && try(together(wrapped, both)) {
				return
			}
		}
	}
	if c.key.rsa != nil {
		c.because("header-unexplained-own-key", "the signature was made with this key, but over other header fields than those that stand here, and no usual change explains it")
	} else {
		c.because("header-unexplained", "no usual change of the header explains it")
	}
}

// together joins two variants that touch different fields.
func together(a, b variant) variant {
	out := variant{maps.Clone(a.fields), slices.Concat(a.told, b.told)}
	for place, raw := range b.fields {
		if _, taken := out.fields[place]; taken {
			return variant{}
		}
		out.fields[place] = raw
	}
	return out
}

// variants gives what servers and lists are known to do to fields that were signed.
func (m *message) variants(c *check) []variant {
	var out, removals []variant
	for place, i := range c.slots {
		name := c.names[place]
		title := titleCase(name)
		if i < 0 {
			if !slices.Contains(c.names[:place], name) {
				out = append(out, one(place, []byte(name+":"), "empty-field", title, "an empty "+title+" field is put back"))
			}
			continue
		}
		raw := m.header[i].Raw
		switch name {
		case "subject":
			for _, tag := range subjectTags(raw) {
				mark := clip(strings.Trim(string(raw[tag[0]:tag[1]]), fws))
				out = append(out, one(place, slices.Concat(raw[:tag[0]], raw[tag[1]:]), "subject-mark", mark, "the mark "+mark+" is taken out of the Subject: it was put there after signing"))
			}
		case "from":
			for _, other := range []string{"x-original-from", "x-orig-from", "original-from", "reply-to"} {
				for _, at := range m.at[other] {
					out = append(out, one(place, renamed(raw, m.header[at].Raw), "from-rewritten", titleCase(other), "From is read as "+titleCase(other)+" has it: From was rewritten after signing"))
				}
			}
		}
		for _, at := range m.at[name] {
			if at != i && !slices.Contains(c.fields, at) {
				out = append(out, one(place, m.header[at].Raw, "other-field-of-name", title, "another of its "+title+" fields is taken for the signed one"))
			}
		}
		if original, found := m.at["x-original-"+name]; found && name != "from" {
			out = append(out, one(place, renamed(raw, m.header[original[0]].Raw), "original-field", title, title+" is read as its X-Original field has it"))
		}
		if c.headerForm == simple && bytes.ContainsAny(bytes.TrimRight(raw, "\r\n"), "\r\n") {
			out = append(out, one(place, unfolded(raw), "folded", title, title+" is put on one line: it was folded after signing"))
		}
		removals = append(removals, one(place, nil, "added-field", title, "the "+title+" field is taken away: it was added after signing"))
	}
	return append(out, removals...)
}

// wrapped undoes what a list does that puts a message into a part of its own: the part's fields stood in the header.
func (m *message) wrapped(c *check) (variant, bool) {
	if m.part == nil {
		return variant{}, false
	}
	at, _ := indexOf(m.part)
	v := variant{map[int][]byte{}, remark.Tell("wrapped-part", "the fields of the first part are put back into the header")}
	for place, name := range c.names {
		if name != "content-type" && name != "content-transfer-encoding" && name != "content-disposition" {
			continue
		}
		v.fields[place] = nil
		if found := at[name]; len(found) > 0 {
			v.fields[place] = m.part[found[0]].Raw
		}
	}
	return v, len(v.fields) > 0
}

// subjectTags gives the places of [marks] in a Subject, with the blank after each.
func subjectTags(raw []byte) [][2]int {
	var out [][2]int
	for at := bytes.IndexByte(raw, ':') + 1; len(out) < 4; {
		start := bytes.IndexByte(raw[at:], '[')
		if start < 0 {
			return out
		}
		start += at
		end := bytes.IndexByte(raw[start:], ']')
		if end < 0 {
			return out
		}
		end += start + 1
		for at = end; end < len(raw) && (raw[end] == ' ' || raw[end] == '\t'); {
			end++
		}
		out = append(out, [2]int{start, end})
	}
	return out
}

// renamed gives another field's value under the name of the first.
func renamed(raw, other []byte) []byte {
	name, _, _ := bytes.Cut(raw, []byte{':'})
	_, value, _ := bytes.Cut(other, []byte{':'})
	return slices.Concat(name, []byte{':'}, value)
}

func unfolded(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for _, b := range bytes.TrimRight(raw, "\r\n") {
		if b != '\r' && b != '\n' {
			out = append(out, b)
		}
	}
	return append(out, '\r', '\n')
}
