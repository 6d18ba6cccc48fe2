package model

// word is a word, number or sign of a sentence.
type word struct {
	start, end int // bytes of the sentence
	hash       uint64
	folded     [2]int // of reader.folded
	kind       kind
}

type kind uint8

const (
	kindWord kind = iota
	kindNumber
	kindSign
)

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
	maxWords  = 160 // of a sentence; what follows is not read
	maxWord   = 32  // letters of a word
)

// Hash gives the number of a feature that is named by a string.
func Hash(s string) uint64 {
	h := uint64(fnvOffset)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

// class says what an ASCII byte is: a letter in lower case, '0' for a digit, '\” for an apostrophe, a sign as itself, 0 for what only separates.
var class = func() (t [256]byte) {
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z':
			t[c] = byte(c)
		case 'A' <= c && c <= 'Z':
			t[c] = byte(c) | 0x20
		case '0' <= c && c <= '9':
			t[c] = '0'
		case c == '\'' || c == '?' || c == '!' || c == ',' || c == ':' || c == ';' || c == '%' || c == '$' || c == '(' || c == '"':
			t[c] = byte(c)
		case c >= 0x80:
			t[c] = 0xFF
		}
	}
	return t
}()

// The base letters of U+00C0–U+00FF and U+0100–U+017F; "." is none. ä, ö, ü are ae, oe, ue, as on a keyboard without them.
const (
	latin1   = "aaaa.a.ceeeeiiiidnoooo..ouuu.yp.aaaa.a.ceeeeiiiidnoooo..ouuu.ypy"
	extended = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln" + "nnnnnnnnooooooooorrrrrrsssssssstttttt" + "uuuuuuuuuuuuwwyyyzzzzzzs"
)

// foldAt folds the character beyond ASCII at i: up to two letters and its length in bytes. letters 0: it separates; skip: it belongs to no word and ends none.
func foldAt(s string, i int) (first, second byte, size int, skip bool) {
	c := s[i]
	if i+1 >= len(s) {
		return 0, 0, 1, false
	}
	d := s[i+1]
	switch {
	case c == 0xC2:
		return 0, 0, 2, d == 0xAD
	case c == 0xC3 && d >= 0x80 && d <= 0xBF:
		switch d {
		case 0x84, 0xA4, 0x86, 0xA6:
			return 'a', 'e', 2, false
		case 0x96, 0xB6:
			return 'o', 'e', 2, false
		case 0x9C, 0xBC:
			return 'u', 'e', 2, false
		case 0x9F:
			return 's', 's', 2, false
		}
		if b := latin1[d-0x80]; b != '.' {
			return b, 0, 2, false
		}
		return 0, 0, 2, false
	case (c == 0xC4 || c == 0xC5) && d >= 0x80 && d <= 0xBF:
		if c == 0xC5 && (d == 0x92 || d == 0x93) {
			return 'o', 'e', 2, false
		}
		if n := int(c-0xC4)<<6 + int(d-0x80); n < len(extended) {
			return extended[n], 0, 2, false
		}
		return 'x', 0, 2, false
	case c == 0xCC && d == 0x88: // a combining diaeresis
		return 'e', 0, 2, false
	case c == 0xCC || c == 0xCD && d < 0xB0:
		return 0, 0, 2, true
	case c >= 0xC6 && c < 0xE0:
		return 'x', 0, 2, false
	case c == 0xE2:
		if i+2 < len(s) && d == 0x80 {
			switch s[i+2] {
			case 0x98, 0x99:
				return '\'', 0, 3, false
			case 0xA6:
				return ';', 0, 3, false
			}
		}
		if i+2 < len(s) && d == 0x82 && s[i+2] == 0xAC {
			return '$', 0, 3, false
		}
		return 0, 0, min(3, len(s)-i), false
	case c >= 0xE0 && c < 0xF0:
		if c == 0xE1 || c >= 0xE3 {
			return 'x', 0, min(3, len(s)-i), false
		}
		return 0, 0, min(3, len(s)-i), false
	case c >= 0xF0:
		return 0, 0, min(4, len(s)-i), false
	}
	return 0, 0, 1, false
}

// contraction tells whether what follows an apostrophe belongs to the word before it, as in "don't", "I'll".
func contraction(text string, i int) bool {
	n := i
	for n < len(text) && n-i < 3 && (text[n]|0x20) >= 'a' && (text[n]|0x20) <= 'z' {
		n++
	}
	switch n - i {
	case 1:
		c := text[i] | 0x20
		return c == 't' || c == 's' || c == 'd' || c == 'm'
	case 2:
		c, d := text[i]|0x20, text[i+1]|0x20
		return c == 'l' && d == 'l' || (c == 'r' || c == 'v') && d == 'e'
	}
	return false
}

// split appends the words of a sentence. Letters are folded: lower case, no accents, digits all alike.
func (r *Reader) split(text string) {
	most := len(r.all) + maxWords
	in, number, start, from := false, false, 0, 0
	h := uint64(fnvOffset)
	for i := 0; i < len(text); {
		first, second, size := class[text[i]], byte(0), 1
		if first == 0xFF {
			var skip bool
			if first, second, size, skip = foldAt(text, i); skip {
				i += size
				continue
			}
		}
		switch {
		case first >= 'a' && first <= 'z' || first == '0':
			if !in {
				in, start, from, h, number = true, i, len(r.folded), fnvOffset, first == '0'
			}
			if len(r.folded)-from < maxWord {
				h = (h ^ uint64(first)) * fnvPrime
				r.folded = append(r.folded, first)
				if second != 0 {
					h = (h ^ uint64(second)) * fnvPrime
					r.folded = append(r.folded, second)
				}
			}
			i += size
			continue
		case first == '\'' && in && contraction(text, i+size):
			h = (h ^ '\'') * fnvPrime
			r.folded = append(r.folded, '\'')
			i += size
			continue
		}
		if in {
			r.end(start, i, from, h, number)
			in = false
		}
		if first != 0 && first != '\'' {
			r.all = append(r.all, word{start: i, end: i + size, hash: (fnvOffset ^ uint64(first)) * fnvPrime, kind: kindSign})
		}
		i += size
		if len(r.all) >= most {
			return
		}
	}
	if in {
		r.end(start, len(text), from, h, number)
	}
}

func (r *Reader) end(start, end, from int, h uint64, number bool) {
	k := kindWord
	if number {
		k = kindNumber
	}
	r.all = append(r.all, word{start: start, end: end, hash: h, folded: [2]int{from, len(r.folded)}, kind: k})
}
