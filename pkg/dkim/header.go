package dkim

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Field is one header field exactly as in the message: name, colon, folded body, line ending.
type Field struct {
	Name string
	Raw  []byte
}

// bareCR decides what ends a line: CRLF and LF do; a bare CR does only where the header knows no LF at all, as in mail kept by old Mac
// programs. Elsewhere a bare CR is a byte of the line, as it was for the signer.
func bareCR(header []Field) bool {
	found := false
	for _, f := range header {
		if bytes.IndexByte(f.Raw, '\n') >= 0 {
			return false
		}
		found = found || bytes.IndexByte(f.Raw, '\r') >= 0
	}
	return found
}

// appendSimple adds the field as it is, its line endings made CRLF (RFC 6376 §3.4.1).
func appendSimple(out, raw []byte, cr bool) []byte {
	start := len(out)
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\r' && i+1 < len(raw) && raw[i+1] == '\n':
		case c == '\n' || c == '\r' && cr:
			out = append(out, '\r', '\n')
		default:
			out = append(out, c)
		}
	}
	if !bytes.HasSuffix(out[start:], crlf) {
		out = append(out, '\r', '\n')
	}
	return out
}

// appendRelaxed adds the field unfolded, its name in lower case, white space reduced (RFC 6376 §3.4.2).
func appendRelaxed(out, raw []byte, cr bool) []byte {
	name, value, found := bytes.Cut(raw, []byte{':'})
	if !found {
		return appendSimple(out, raw, cr)
	}
	for _, c := range bytes.TrimRight(name, fws) {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	out = append(out, ':')
	start, space := len(out), false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == ' ' || c == '\t':
			space = true
		case c == '\n', c == '\r' && (cr || i+1 < len(value) && value[i+1] == '\n'):
		default:
			if space && len(out) > start {
				out = append(out, ' ')
			}
			space = false
			out = append(out, c)
		}
	}
	return append(out, '\r', '\n')
}

// appendNofws adds the field unfolded and without any white space (RFC 4870 §3.4.2.2).
func appendNofws(out, raw []byte) []byte {
	for _, c := range raw {
		if !strings.ContainsRune(fws, rune(c)) {
			out = append(out, c)
		}
	}
	return append(out, '\r', '\n')
}

func (c canon) appendField(out, raw []byte, cr bool) []byte {
	switch c {
	case relaxed:
		return appendRelaxed(out, raw, cr)
	case nofws:
		return appendNofws(out, raw)
	}
	return appendSimple(out, raw, cr)
}

// index knows where the fields of each name stand, top first.
type index map[string][]int

// indexOf returns the index and the name of each field, in lower case.
func indexOf(header []Field) (index, []string) {
	at, names := make(index, len(header)), fieldNames(header)
	places := make([]int, len(header)) // most names stand once: their lists lie in here
	for i, name := range names {
		places[i] = i
		if before, found := at[name]; found {
			at[name] = append(before, i)
		} else {
			at[name] = places[i : i+1 : i+1]
		}
	}
	return at, names
}

// fieldNames returns the names of the fields as fieldName does; those in ASCII share one string.
func fieldNames(header []Field) []string {
	names, size := make([]string, len(header)), 0
	for _, f := range header {
		size += len(f.Name)
	}
	all := make([]byte, 0, size)
	ends := make([]int, len(header))
	for i, f := range header {
		name := strings.Trim(f.Name, fws)
		for j := range len(name) {
			c := name[j]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			all = append(all, c)
		}
		ends[i] = len(all)
	}
	text, start := string(all), 0
	for i, end := range ends {
		if names[i] = text[start:end]; !ascii(names[i]) {
			names[i] = fieldName(header[i].Name)
		}
		start = end
	}
	return names
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func fieldName(s string) string { return strings.ToLower(strings.Trim(s, fws)) }

// signedFields picks the fields that a list of names stands for: for each name the lowest field not yet taken, -1 where none is left, which
// stands for nothing (RFC 6376 §5.4.2). The signature field itself is never among them (§3.5, h=).
func signedFields(names []string, at index, self int) []int {
	slots := make([]int, len(names))
	taken := make(map[string]int, len(names))
	for place, name := range names {
		all, n := at[name], taken[name]
		if n < len(all) && all[len(all)-1-n] == self {
			n++
		}
		slots[place] = -1
		if n < len(all) {
			slots[place] = all[len(all)-1-n]
			taken[name] = n + 1
		}
	}
	return slots
}
