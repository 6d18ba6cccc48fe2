// Package cos knows the object syntax of PDF (ISO 32000-1 §7.2 and §7.3; the field calls it COS): where a value of a dictionary stands, and how strings, names and dates are
// written. It reads bytes as they are, copies nothing and builds no tree.
package cos

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// ErrSyntax says that bytes are not an object as it is read here.
var ErrSyntax = errors.New("not the syntax of a PDF object")

// Reference reads the object number of "12 0 R" at the beginning of b.
func Reference(b []byte) (int, error) {
	number, _, err := reference(b)
	return number, err
}

// reference gives the length of "12 0 R" too.
func reference(b []byte) (number, length int, err error) {
	i := 0
	digits := func() (int, bool) {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		if i == from || i-from > 10 {
			return 0, false
		}
		n, err := strconv.Atoi(string(b[from:i]))
		return n, err == nil
	}
	number, ok := digits()
	from := i
	i = Space(b, i)
	if !ok || i == from || number < 1 {
		return 0, 0, ErrSyntax
	}
	generation, ok := digits()
	from = i
	i = Space(b, i)
	if !ok || i == from || generation != 0 || i >= len(b) || b[i] != 'R' || i+1 < len(b) && !delimits(b[i+1]) {
		return 0, 0, ErrSyntax
	}
	return number, i + 1, nil
}

// Value gives the value of a key of a dictionary, of that itself and of none inside of it.
func Value(dict []byte, key string) ([]byte, bool) {
	from, to, ok := Find(dict, key)
	if !ok {
		return nil, false
	}
	return dict[from:to], true
}

// Find gives where the value of a key stands in a dictionary.
func Find(dict []byte, key string) (from, to int, ok bool) {
	err := Each(dict, func(name string, start, end int) bool {
		if name == key {
			from, to, ok = start, end, true
		}
		return !ok
	})
	return from, to, ok && err == nil
}

// Each calls f with every key of a dictionary, without its solidus, and where its value stands, until f gives false.
func Each(dict []byte, f func(key string, from, to int) bool) error {
	if !bytes.HasPrefix(dict, []byte("<<")) {
		return ErrSyntax
	}
	for i := 2; ; {
		i = Space(dict, i)
		if i >= len(dict) {
			return ErrSyntax
		}
		if bytes.HasPrefix(dict[i:], []byte(">>")) {
			return nil
		}
		end, err := Skip(dict, i)
		if err != nil || dict[i] != '/' {
			return ErrSyntax
		}
		from := Space(dict, end)
		to, err := SkipValue(dict, from)
		if err != nil {
			return err
		}
		if !f(string(dict[i+1:end]), from, to) {
			return nil
		}
		i = to
	}
}

// Space gives the place behind white space and comments (§7.2.2, §7.2.3).
func Space(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case 0, '\t', '\n', '\f', '\r', ' ':
			i++
		case '%':
			for i < len(b) && b[i] != '\n' && b[i] != '\r' {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// SkipValue is Skip, with "12 0 R" as one value.
func SkipValue(b []byte, i int) (int, error) {
	end, err := Skip(b, i)
	if err != nil {
		return 0, err
	}
	if _, n, err := reference(b[i:]); err == nil {
		return i + n, nil
	}
	return end, nil
}

// delimits tells whether a character ends a name or number (§7.2.2).
func delimits(c byte) bool { return strings.IndexByte("\x00\t\n\f\r ()<>[]{}/%", c) >= 0 }

// Skip gives the place behind the object at i: a dictionary, array, string, name, number or word. Nesting is counted, not recursed into.
func Skip(b []byte, i int) (int, error) {
	depth := 0
	for {
		i = Space(b, i)
		if i >= len(b) {
			return 0, ErrSyntax
		}
		switch {
		case bytes.HasPrefix(b[i:], []byte("<<")), b[i] == '[':
			depth++
			if b[i] == '<' {
				i++
			}
			i++
		case bytes.HasPrefix(b[i:], []byte(">>")), b[i] == ']':
			depth--
			if b[i] == '>' {
				i++
			}
			i++
		case b[i] == '<':
			n := bytes.IndexByte(b[i:], '>')
			if n < 0 {
				return 0, ErrSyntax
			}
			i += n + 1
		case b[i] == '(':
			n, err := skipString(b, i)
			if err != nil {
				return 0, err
			}
			i = n
		default:
			i++
			for i < len(b) && !delimits(b[i]) {
				i++
			}
		}
		if depth < 0 {
			return 0, ErrSyntax
		}
		if depth == 0 {
			return i, nil
		}
	}
}

func skipString(b []byte, i int) (int, error) {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
	}
	return 0, ErrSyntax
}

// Renumbered gives an object, without a stream, with every reference in it replaced by one to what number gives for it. What stands in strings and comments is no reference.
func Renumbered(b []byte, number func(int) (int, error)) ([]byte, error) {
	out := make([]byte, 0, len(b)+16)
	for i := 0; i < len(b); {
		from := i
		switch c := b[i]; {
		case c == '(':
			end, err := skipString(b, i)
			if err != nil {
				return nil, err
			}
			i = end
		case c == '%':
			i = Space(b, i)
		case delimits(c):
			i++
		default:
			if old, n, err := reference(b[i:]); err == nil {
				now, err := number(old)
				if err != nil {
					return nil, err
				}
				out = fmt.Appendf(out, "%d 0 R", now)
				i += n
				continue
			}
			for i < len(b) && !delimits(b[i]) {
				i++
			}
		}
		out = append(out, b[from:i]...)
	}
	return out, nil
}

// Text writes a text string as UTF-16 in hexadecimal digits (§7.9.2.2).
func Text(s string) string {
	b := []byte{'<'}
	b = append(b, "FEFF"...)
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04X", u)
	}
	return string(append(b, '>'))
}

// Date writes a date as it stands in a string (§7.9.4), in UTC.
func Date(t time.Time) string { return t.UTC().Format("D:20060102150405") + "+00'00'" }

// Name writes a name (§7.3.5).
func Name(s string) string {
	out := []byte{'/'}
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f && c != '#' && !delimits(c) {
			out = append(out, c)
		} else {
			out = fmt.Appendf(out, "#%02X", c)
		}
	}
	return string(out)
}
