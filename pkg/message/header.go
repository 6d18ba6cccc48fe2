package message

import (
	"bytes"
	"strings"
)

// Field is one header field (RFC 5322 §2.2) as it lies in the message. A broken line is a Field without a name.
type Field struct {
	Name   string // as written, without the colon; "" for a broken line
	Raw    []byte // name, colon, body and folds with all line endings: a sub-slice of the message, not to be changed
	Offset int64  // of Raw in the message
}

// Body returns what stands after the colon, folds and line ending included; of a broken line everything.
func (f Field) Body() []byte {
	if f.Name == "" {
		return f.Raw
	}
	return f.Raw[bytes.IndexByte(f.Raw, ':')+1:]
}

// Unfolded returns the body unfolded (RFC 5322 §2.2.3) and without the white space around it. It is valid UTF-8: octets that are
// not UTF-8 are read as windows-1252.
func (f Field) Unfolded() string {
	b := bytes.Trim(f.Body(), " \t\r\n")
	if bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') < 0 {
		s, _ := decodeLoose(b)
		return s
	}
	out := make([]byte, 0, len(b))
	for i, lf := 0, -1; i < len(b); {
		if lf < i {
			if lf = bytes.IndexByte(b[i:], '\n'); lf < 0 {
				lf = len(b)
			} else {
				lf += i
			}
		}
		end := lf
		if cr := bytes.IndexByte(b[i:end], '\r'); cr >= 0 {
			end = i + cr
		}
		out = append(out, b[i:end]...)
		if i = end; i < len(b) {
			if n := foldAt(b[i:]); n > 0 {
				i += n
			} else {
				out = append(out, b[i])
				i++
			}
		}
	}
	s, _ := decodeLoose(out)
	return s
}

// foldAt returns the length of the line ending at the start of b if white space follows it: a fold.
func foldAt(b []byte) int {
	n := 0
	switch {
	case b[0] == '\r' && len(b) > 1 && b[1] == '\n':
		n = 2
	case b[0] == '\r' || b[0] == '\n':
		n = 1
	}
	if n > 0 && n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		return n
	}
	return 0
}

// Is tells whether the field has that name; case does not matter.
func (f *Field) Is(name string) bool {
	return len(f.Name) == len(name) && strings.EqualFold(f.Name, name)
}

// Decoded returns Unfolded with its encoded words (RFC 2047) decoded: every good one, also after a bad one, which stays as it is.
// Control characters are kept.
func (f Field) Decoded() string {
	s, _ := decodeWords(f.Unfolded())
	return s
}

// Header is the fields in their order, repeated and broken ones included.
type Header []Field

// First returns the first (topmost) field of that name; case does not matter.
func (h Header) First(name string) (Field, bool) {
	for i := range h {
		if h[i].Is(name) {
			return h[i], true
		}
	}
	return Field{}, false
}

// All returns the fields of that name in their order; case does not matter.
func (h Header) All(name string) []Field {
	var all []Field
	for i := range h {
		if h[i].Is(name) {
			all = append(all, h[i])
		}
	}
	return all
}

// Text returns the first field of that name decoded, "" if there is none.
func (h Header) Text(name string) string {
	f, ok := h.First(name)
	if !ok {
		return ""
	}
	return f.Decoded()
}
