package archive

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

const (
	maxWords = 4000 // different words of one message that can be found
	maxWord  = 40   // bytes of a word; of a longer one the beginning counts
	// subjectMark stands before a word of the subject, in a second copy of it.
	subjectMark = "§"
)

// wordSet gathers the different words of a text: what FTS5 is given, so that a word that comes often costs nothing there.
type wordSet struct {
	out   []byte // each word with a space behind it
	count int
	table [4 * 4096]uint32 // 1 + where a word begins in out, by its hash
	word  []byte
}

func (w *wordSet) reset() {
	w.out, w.count = w.out[:0], 0
	clear(w.table[:])
}

// add adds the words of a text, each behind mark. Words are runs of letters and digits, in lower case; where writing knows no spaces, each character is one.
func (w *wordSet) add(text, mark string) {
	w.word = append(w.word[:0], mark...)
	flush := func() {
		if len(w.word) > len(mark) {
			w.keep()
			w.word = w.word[:len(mark)]
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c-'a' < 26, c-'0' < 10:
			case c-'A' < 26:
				c += 'a' - 'A'
			default:
				flush()
				continue
			}
			if len(w.word) < len(mark)+maxWord {
				w.word = append(w.word, c)
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			flush()
			w.word = utf8.AppendRune(w.word, r)
			flush()
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if len(w.word) < len(mark)+maxWord-utf8.UTFMax {
				w.word = utf8.AppendRune(w.word, unicode.ToLower(r))
			}
		default:
			flush()
		}
	}
	flush()
}

func (w *wordSet) keep() {
	h := uint32(2166136261)
	for _, c := range w.word {
		h = (h ^ uint32(c)) * 16777619
	}
	const mask = uint32(len(w.table) - 1)
	for h ^= h >> 15; ; h++ {
		at := w.table[h&mask]
		if at == 0 {
			break
		}
		held := w.out[at-1:]
		if bytes.HasPrefix(held, w.word) && held[len(w.word)] == ' ' {
			return
		}
	}
	if w.count == maxWords {
		return
	}
	w.count++
	w.table[h&mask] = uint32(len(w.out)) + 1
	w.out = append(append(w.out, w.word...), ' ')
}
