package review

import (
	"strings"
	"unicode/utf8"
)

// Key is one key of a terminal: a character, or one of the codes.
type Key struct {
	Rune rune
	Code Code
}

// Code is a key that is no character.
type Code uint8

// The keys that are no characters.
const (
	Char Code = iota // see Key.Rune
	Enter
	Escape
	Backspace
	Delete
	Up
	Down
	Left
	Right
	PageUp
	PageDown
	Home
	End
	Interrupt // Ctrl-C
	Redraw    // Ctrl-L
	EraseLine // Ctrl-U
	EraseWord // Ctrl-W
	LineStart // Ctrl-A
	LineEnd   // Ctrl-E
	EOF       // Ctrl-D
)

// maxSequence bounds a control sequence: what is longer is no key.
const maxSequence = 32

// Keys reads the bytes that a terminal sends (ECMA-48 control sequences, UTF-8). rest is the beginning of a key whose end has not come yet; with last, no more
// comes, and an escape that stands alone is the key. Sequences that are no known key are passed over.
func Keys(in []byte, last bool) (keys []Key, rest []byte) {
	for len(in) > 0 {
		key, n := next(in, last)
		if n == 0 {
			return keys, in
		}
		if key != (Key{}) {
			keys = append(keys, key)
		}
		in = in[n:]
	}
	return keys, nil
}

var controls = map[byte]Code{'\r': Enter, '\n': Enter, 0x7f: Backspace, 0x08: Backspace, 0x03: Interrupt, 0x0c: Redraw, 0x15: EraseLine, 0x17: EraseWord, 0x01: LineStart, 0x05: LineEnd, 0x04: EOF}

var finals = map[byte]Code{'A': Up, 'B': Down, 'C': Right, 'D': Left, 'H': Home, 'F': End}

var tildes = map[string]Code{"1": Home, "3": Delete, "4": End, "5": PageUp, "6": PageDown, "7": Home, "8": End}

func next(in []byte, last bool) (Key, int) {
	c := in[0]
	switch {
	case c == 0x1b:
		return sequence(in, last)
	case c < ' ' || c == 0x7f:
		return Key{Code: controls[c]}, 1
	case c < utf8.RuneSelf:
		return Key{Rune: rune(c)}, 1
	}
	if !utf8.FullRune(in) && !last {
		return Key{}, 0
	}
	r, n := utf8.DecodeRune(in)
	if r == utf8.RuneError && n == 1 {
		return Key{}, 1
	}
	return Key{Rune: r}, n
}

// sequence reads what begins with an escape.
func sequence(in []byte, last bool) (Key, int) {
	if len(in) == 1 {
		if last {
			return Key{Code: Escape}, 1
		}
		return Key{}, 0
	}
	switch in[1] {
	case '[':
		for i := 2; i < len(in) && i < maxSequence; i++ {
			if c := in[i]; c >= 0x40 && c <= 0x7e {
				parameters, _, _ := strings.Cut(string(in[2:i]), ";")
				if c == '~' {
					return Key{Code: tildes[parameters]}, i + 1
				}
				return Key{Code: finals[c]}, i + 1
			}
		}
	case 'O':
		if len(in) > 2 {
			return Key{Code: finals[in[2]]}, 3
		}
	default:
		return Key{Code: Escape}, 1
	}
	switch {
	case len(in) >= maxSequence:
		return Key{}, maxSequence
	case last:
		return Key{Code: Escape}, len(in)
	}
	return Key{}, 0
}
