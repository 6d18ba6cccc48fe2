package notice

// Letters are folded so that "GEFÄHRLICH", "gefährlich" and a decomposed "gefährlich" are one word: lower case, no accents, ß as ss, œ as oe.
// A folded letter is 1 to 26, a digit 27, an apostrophe 28, a letter of another script 29; 0 separates words.
const (
	foldDigit = 27 + iota
	foldApostrophe
	foldOther
	foldSymbols
)

// foldASCII folds one byte below 0x80; others are 0xFF.
var foldASCII = func() (t [256]byte) {
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z':
			t[c] = byte(c-'a') + 1
		case 'A' <= c && c <= 'Z':
			t[c] = byte(c-'A') + 1
		case '0' <= c && c <= '9':
			t[c] = foldDigit
		case c == '\'':
			t[c] = foldApostrophe
		case c >= 0x80:
			t[c] = 0xFF
		}
	}
	return t
}()

// latin1 and extended give the base letters of U+00C0–U+00FF and U+0100–U+017F; "." is a separator.
const (
	latin1   = "aaaaaaaceeeeiiiidnooooo.ouuuuypsaaaaaaaceeeeiiiidnooooo.ouuuuypy"
	extended = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln" + "nnnnnnnnooooooooorrrrrrsssssssstttttt" + "uuuuuuuuuuuuwwyyyzzzzzzs"
)

// foldAt folds the character at i: one or two symbols (second 0 if none) and its length in bytes. size 0 symbols with skip true belong to no word
// and do not end one (soft hyphen, combining accents).
func foldAt(s string, i int) (first, second byte, size int, skip bool) {
	c := s[i]
	if f := foldASCII[c]; f != 0xFF {
		return f, 0, 1, false
	}
	if i+1 >= len(s) {
		return 0, 0, 1, false
	}
	d := s[i+1]
	switch {
	case c == 0xC2:
		return 0, 0, 2, d == 0xAD
	case c == 0xC3 && d >= 0x80 && d <= 0xBF:
		switch d {
		case 0x86, 0xA6: // Æ æ
			return 1, 5, 2, false
		case 0x9F: // ß
			return 19, 19, 2, false
		}
		if b := latin1[d-0x80]; b != '.' {
			return b - 'a' + 1, 0, 2, false
		}
		return 0, 0, 2, false
	case (c == 0xC4 || c == 0xC5) && d >= 0x80 && d <= 0xBF:
		if c == 0xC5 && (d == 0x92 || d == 0x93) { // Œ œ
			return 15, 5, 2, false
		}
		if n := int(c-0xC4)<<6 + int(d-0x80); n < len(extended) {
			return extended[n] - 'a' + 1, 0, 2, false
		}
		return foldOther, 0, 2, false
	case c == 0xCC || c == 0xCD && d < 0xB0: // combining accents
		return 0, 0, 2, true
	case c >= 0xC6 && c < 0xE0:
		return foldOther, 0, 2, false
	case c == 0xE2:
		if i+2 < len(s) && d == 0x80 && (s[i+2] == 0x99 || s[i+2] == 0x98) {
			return foldApostrophe, 0, 3, false
		}
		return 0, 0, min(3, len(s)-i), false
	case c >= 0xE0 && c < 0xF0:
		if c == 0xE1 || c >= 0xE3 {
			return foldOther, 0, min(3, len(s)-i), false
		}
		return 0, 0, min(3, len(s)-i), false
	case c >= 0xF0:
		return 0, 0, min(4, len(s)-i), false
	}
	return 0, 0, 1, false
}

const foldLetters = "\x00abcdefghijklmnopqrstuvwxyz0'?"

// fold gives a string with folded letters; digits and ASCII signs stay.
func fold(s string) string { return string(appendFold(make([]byte, 0, len(s)), s)) }

// appendFold is fold without a new string: what a short word is looked up with costs no memory.
func appendFold(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		first, second, size, skip := foldAt(s, i)
		switch {
		case skip:
		case size == 1 && (first == 0 || first == foldDigit):
			b = append(b, s[i])
		case first == 0:
			b = append(b, ' ')
		case first == foldOther:
			b = append(b, s[i:i+size]...)
		default:
			b = append(b, foldLetters[first])
			if second != 0 {
				b = append(b, foldLetters[second])
			}
		}
		i += size
	}
	return b
}

func foldAll(list ...string) []string {
	for i := range list {
		list[i] = fold(list[i])
	}
	return list
}
