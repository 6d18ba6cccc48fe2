// Package jsonout knows how to write JSON (RFC 8259) fast and without reflection, byte for byte as encoding/json would with a two-space indent and no HTML escaping.
package jsonout

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Encoder appends JSON to Buf. With Indent, members stand on lines of their own; Depth is the nesting depth at which the first value stands.
type Encoder struct {
	Buf    []byte
	Indent bool
	Depth  int

	members bool // the innermost container has a member already
	key     bool // a key was written, its value follows
}

// Object writes an object whose members f writes.
func (e *Encoder) Object(f func()) { e.container('{', '}', f) }

// Array writes an array whose elements f writes.
func (e *Encoder) Array(f func()) { e.container('[', ']', f) }

func (e *Encoder) container(open, shut byte, f func()) {
	e.value()
	e.Buf = append(e.Buf, open)
	e.Depth++
	e.members = false
	f()
	e.Depth--
	if e.members {
		e.line()
	}
	e.Buf = append(e.Buf, shut)
	e.members = true
}

// Element writes a value that is encoded already, for the depth at which it stands.
func (e *Encoder) Element(encoded []byte) {
	e.value()
	e.Buf = append(e.Buf, encoded...)
	e.members = true
}

// Value calls f to write one value right where Buf ends, whatever stands there.
func (e *Encoder) Value(f func()) {
	e.key = true
	f()
}

// Key writes the name of the next member.
func (e *Encoder) Key(name string) {
	e.separate()
	e.Buf = append(e.Buf, '"')
	e.Buf = append(e.Buf, name...)
	e.Buf = append(e.Buf, '"', ':')
	if e.Indent {
		e.Buf = append(e.Buf, ' ')
	}
	e.key = true
}

// Name writes the name of the next member when it comes out of mail: Key is for names that need no escapes.
func (e *Encoder) Name(name string) {
	e.separate()
	e.quoted(name)
	e.Buf = append(e.Buf, ':')
	if e.Indent {
		e.Buf = append(e.Buf, ' ')
	}
	e.key = true
}

// value comes before every value: after a key nothing is to be separated, as an element of an array it is.
func (e *Encoder) value() {
	if e.key {
		e.key = false
		return
	}
	e.separate()
}

func (e *Encoder) separate() {
	if e.members {
		e.Buf = append(e.Buf, ',')
	}
	if e.members || len(e.Buf) > 0 && (e.Buf[len(e.Buf)-1] == '{' || e.Buf[len(e.Buf)-1] == '[') {
		e.line()
	}
	e.members = true
}

const spaces = "                                                                "

func (e *Encoder) line() {
	if !e.Indent {
		return
	}
	e.Buf = append(e.Buf, '\n')
	for n := 2 * e.Depth; n > 0; {
		k := min(n, len(spaces))
		e.Buf = append(e.Buf, spaces[:k]...)
		n -= k
	}
}

// String writes a string; invalid UTF-8 becomes U+FFFD.
func (e *Encoder) String(s string) {
	e.value()
	e.quoted(s)
	e.members = true
}

// Member writes a key and a string.
func (e *Encoder) Member(key, value string) {
	e.Key(key)
	e.String(value)
}

// Optional writes a key and a string, unless that is empty (omitempty).
func (e *Encoder) Optional(key, value string) {
	if value != "" {
		e.Member(key, value)
	}
}

// Strings writes an array of strings, [] for none.
func (e *Encoder) Strings(list []string) {
	e.Array(func() {
		for _, s := range list {
			e.String(s)
		}
	})
}

// Int writes an integer.
func (e *Encoder) Int(n int64) {
	e.value()
	e.Buf = strconv.AppendInt(e.Buf, n, 10)
	e.members = true
}

// Raw writes a literal ("null", "true") or a number as it stands.
func (e *Encoder) Raw(s string) {
	e.value()
	e.Buf = append(e.Buf, s...)
	e.members = true
}

// Float writes a number as encoding/json does; it is for values that are neither NaN nor infinite.
func (e *Encoder) Float(f float64) {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	e.value()
	e.Buf = strconv.AppendFloat(e.Buf, f, format, -1, 64)
	if n := len(e.Buf); format == 'e' && n >= 4 && e.Buf[n-4] == 'e' && e.Buf[n-3] == '-' && e.Buf[n-2] == '0' {
		e.Buf[n-2] = e.Buf[n-1] // e-09 is written e-9
		e.Buf = e.Buf[:n-1]
	}
	e.members = true
}

// Bool writes true or false.
func (e *Encoder) Bool(b bool) {
	if b {
		e.Raw("true")
	} else {
		e.Raw("false")
	}
}

// Time writes a time as RFC 3339 with its own offset, null for nil.
func (e *Encoder) Time(t *time.Time) {
	if t == nil {
		e.Raw("null")
		return
	}
	// A year or offset that RFC 3339 cannot hold does not come out of pkg/datetime; encoding/json would refuse it.
	e.value()
	e.Buf = append(e.Buf, '"')
	e.Buf = t.AppendFormat(e.Buf, time.RFC3339Nano)
	e.Buf = append(e.Buf, '"')
	e.members = true
}

// Any writes v through encoding/json: for what is rare.
func (e *Encoder) Any(v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if e.Indent {
		enc.SetIndent(strings.Repeat("  ", e.Depth), "  ")
	}
	if err := enc.Encode(v); err != nil {
		return err
	}
	e.value()
	e.Buf = append(e.Buf, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
	e.members = true
	return nil
}

const hex = "0123456789abcdef"

// plain marks the ASCII bytes that stand for themselves in a string.
var plain = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

// special marks, by their high bits, those of the eight bytes of w that are not plain: above 0x7F, below the space, a quotation mark or a backslash. The lowest mark
// is true; a byte above it may be marked because it follows one that is not plain.
func special(w uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote, back := w^(ones*'"'), w^(ones*'\\')
	return (w | (w - ones*' ') | (quote - ones) | (back - ones)) & high
}

func (e *Encoder) quoted(s string) {
	b := append(e.Buf, '"')
	start := 0
	for i := 0; i < len(s); {
		// Eight bytes at a time as long as none of them is special.
		for i+8 <= len(s) {
			mark := special(binary.LittleEndian.Uint64([]byte(s[i : i+8])))
			if mark != 0 {
				i += bits.TrailingZeros64(mark) / 8
				break
			}
			i += 8
		}
		if i == len(s) {
			break
		}
		if c := s[i]; c < utf8.RuneSelf {
			if plain[c] {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			case '\b':
				b = append(b, '\\', 'b')
			case '\f':
				b = append(b, '\\', 'f')
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[start:i]...)
			b = append(b, `\ufffd`...)
			i += size
			start = i
		case r == '\u2028' || r == '\u2029':
			b = append(b, s[start:i]...)
			b = append(b, `\u202`...)
			b = append(b, hex[r&15])
			i += size
			start = i
		default:
			i += size
		}
	}
	b = append(b, s[start:]...)
	e.Buf = append(b, '"')
}
