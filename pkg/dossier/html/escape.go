package html

import (
	"bufio"
	"unicode/utf8"
)

// escape writes s as character data or attribute value: the five characters that mean something to HTML become references, and what a reader could
// not see, or what would turn the line around it, is written in visible form: controls, bidirectional marks and other invisible characters as
// [U+202E] (few fonts have the control pictures), bytes that are not UTF-8 as [0xFF]. CR LF becomes a line feed, as a browser would make it.
func escape(w *bufio.Writer, s string) {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !special[c] {
				i++
				continue
			}
			w.WriteString(s[from:i])
			i++
			from = i
			if c == '\r' && i < len(s) && s[i] == '\n' {
				continue
			}
			escapeASCII(w, c)
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			w.WriteString(s[from:i])
			w.WriteString("[0x")
			hex(w, rune(c), 2)
			w.WriteByte(']')
			from = i + 1
		} else if invisible(r) {
			w.WriteString(s[from:i])
			visible(w, r)
			from = i + n
		}
		i += n
	}
	w.WriteString(s[from:])
}

// special are the ASCII characters that escapeASCII writes otherwise.
var special = func() (t [utf8.RuneSelf]bool) {
	for c := range 0x20 {
		t[c] = c != '\t' && c != '\n'
	}
	for _, c := range "\x7f&<>\"'" {
		t[c] = true
	}
	return t
}()

func escapeASCII(w *bufio.Writer, c byte) {
	switch {
	case c == '&':
		w.WriteString("&amp;")
	case c == '<':
		w.WriteString("&lt;")
	case c == '>':
		w.WriteString("&gt;")
	case c == '"':
		w.WriteString("&#34;")
	case c == '\'':
		w.WriteString("&#39;")
	default:
		visible(w, rune(c))
	}
}

// invisible tells which characters beyond ASCII would deceive or vanish. Joiners (U+200C, U+200D) and variation selectors stay: scripts and emoji need them.
func invisible(r rune) bool {
	switch {
	case r < 0xA0: // C1 controls
		return true
	case r < 0x061C:
		return false
	case r == 0x061C, r == 0x180E, r == 0x200B, r == 0x200E, r == 0x200F,
		r >= 0x2028 && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
		r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB,
		r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE, // noncharacters
		r >= 0xE0000 && r <= 0xE007F: // tags
		return true
	}
	return false
}

// rightToLeft tells whether a text holds a character of a script that runs from right to left (Unicode Bidirectional Algorithm, blocks of classes R and AL).
func rightToLeft(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0xD6 { // the first octet of U+0590
			for _, r := range s[i:] {
				if r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF {
					return true
				}
			}
			return false
		}
	}
	return false
}

// visible writes what cannot be seen as its code point.
func visible(w *bufio.Writer, r rune) {
	w.WriteString("[U+")
	hex(w, r, 4)
	w.WriteByte(']')
}

// hex writes r in upper-case hexadecimal with at least digits digits.
func hex(w *bufio.Writer, r rune, digits int) {
	const set = "0123456789ABCDEF"
	for digits < 8 && r>>(4*digits) != 0 {
		digits++
	}
	for d := digits - 1; d >= 0; d-- {
		w.WriteByte(set[r>>(4*d)&0xF])
	}
}
