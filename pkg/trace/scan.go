package trace

import "strings"

type kind byte

const (
	none kind = iota
	word
	comment
	semicolon
)

// item is a word, a whole comment with its parentheses, or a semicolon: text[start:end].
type item struct {
	kind       kind
	start, end int
}

// scanner cuts a field body into items.
type scanner struct {
	text     string
	pos      int
	unclosed bool // a "(" did not close: later ones are not followed far, so that time stays linear
}

// next gives the next item; its kind is none at the end of the text.
func (s *scanner) next() item {
	text, i := s.text, s.pos
	for i < len(text) {
		switch c := text[i]; {
		case isSpace(c) || c == ')':
			i++
			continue
		case c == ';':
			s.pos = i + 1
			return item{semicolon, i, i + 1}
		case c == '(':
			limit := len(text)
			if s.unclosed {
				limit = min(limit, i+200)
			}
			if end := commentEnd(text[:limit], i); end > 0 {
				s.pos = end
				return item{comment, i, end}
			}
			s.unclosed = true
			i++ // its words are read as if it were not there
			continue
		}
		start := i
		for i < len(text) {
			c := text[i]
			if isSpace(c) || c == ';' || c == '(' {
				break
			}
			switch {
			case c == '"':
				i = closing(text, i, '"')
			case c == '<' && i == start:
				i = closing(text, i, '>')
			default:
				i++
			}
		}
		s.pos = i
		return item{word, start, i}
	}
	s.pos = i
	return item{none, i, i}
}

// closing returns the index behind the mark that closes what opens at i, or i+1 if it does not close near by.
func closing(text string, i int, mark byte) int {
	limit := min(len(text), i+400)
	for j := i + 1; j < limit; j++ {
		switch c := text[j]; {
		case c == mark:
			return j + 1
		case c == '\\' && mark == '"':
			j++
		case c == '<' || c == '(' && mark == '>':
			return i + 1
		}
	}
	return i + 1
}

// commentEnd returns the index behind the comment that opens at i (nested, RFC 5322 §3.2.2), or 0 if it does not close.
func commentEnd(text string, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// unbracket takes the angle brackets, commas and quotation marks off an address.
func unbracket(s string) string { return strings.Trim(s, "<>,\"") }

// unfold makes every run of white space one space, and takes it off the ends.
func unfold(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = !isSpace(s[i]) || s[i] == ' ' && i > 0 && i+1 < len(s) && !isSpace(s[i+1])
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for i := 0; i < len(s); i++ {
		if isSpace(s[i]) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
