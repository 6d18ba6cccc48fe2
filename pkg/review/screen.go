package review

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Style is how a stretch of text looks where colours are to be had. Every difference shows in the words too.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Strong
	Faint
	Sentence // what is asked about
	Good
	Bad
	Unsure
	Bar // head and foot of the screen
)

// Span is a stretch of text without line breaks, harmless to a terminal.
type Span struct {
	Text  string
	Style Style
}

// Line is one line of the screen, no wider than it.
type Line []Span

// String gives the text alone.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// harmless shows what a terminal would act upon as what it is. Line breaks become blanks.
func harmless(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n' || r == '\r':
			b.WriteByte(' ')
		case r == '\t':
			b.WriteString("    ")
		case r == unicode.ReplacementChar && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, "\\x%02x", s[i])
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cells is how wide a character is on a terminal (Unicode Standard Annex 11).
func cells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func wide(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

// fit cuts a harmless text to a width and says so.
func fit(s string, most int) string {
	if wide(s) <= most {
		return s
	}
	n := 0
	for i, r := range s {
		if n += cells(r); n > most-1 {
			return s[:i] + strings.Repeat("…", bit(most > 0))
		}
	}
	return s
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wrap breaks harmless text into lines of a width at most. Breaks of the text stay; a word that is too long is cut.
func wrap(text string, most int) []string {
	most = max(most, 2)
	var lines []string
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n") {
		paragraph = strings.TrimRight(harmless(paragraph), " ")
		line, at := "", 0
		indent := paragraph[:len(paragraph)-len(strings.TrimLeft(paragraph, " "))]
		if len(indent) < most/2 {
			line, at = indent, len(indent)
		}
		empty := true
		for word := range strings.FieldsSeq(paragraph) {
			w := wide(word)
			if !empty && at+1+w > most {
				lines = append(lines, line)
				line, at, empty = "", 0, true
			}
			if !empty {
				line, at = line+" ", at+1
			}
			for at+w > most { // longer than a line
				n, used := 0, 0
				for i, r := range word {
					if used+cells(r) > most-at {
						break
					}
					n, used = i+len(string(r)), used+cells(r)
				}
				if n == 0 {
					if at == 0 {
						break
					}
				}
				lines = append(lines, line+word[:n])
				line, at, word = "", 0, word[n:]
				w = wide(word)
			}
			line, at, empty = line+word, at+w, false
		}
		lines = append(lines, line)
	}
	return lines
}

// styled makes lines of one style of texts.
func styled(style Style, texts ...string) []Line {
	lines := make([]Line, len(texts))
	for i, t := range texts {
		lines[i] = Line{{t, style}}
	}
	return lines
}

// bar fills a line from end to end: left and right.
func bar(left, right string, w int) Line {
	left, right = harmless(left), harmless(right)
	if wide(left)+2+wide(right) > w {
		right = fit(right, max(0, w-2-wide(left)))
	}
	left = fit(left, w)
	gap := max(0, w-wide(left)-wide(right))
	return Line{{left + strings.Repeat(" ", gap) + right, Bar}}
}

func rule(w int) Line { return Line{{strings.Repeat("-", w), Faint}} }

// menu sets keys with what they do into as many lines as they need; none is parted.
func menu(w int, keys ...string) []Line {
	var lines []Line
	var line Line
	at := 0
	for _, k := range keys {
		key, does, _ := strings.Cut(k, " ")
		n := wide(k)
		if at > 0 && at+2+n > w {
			lines, line, at = append(lines, line), nil, 0
		}
		if at > 0 {
			line, at = append(line, Span{"  ", Plain}), at+2
		}
		line = append(line, Span{fit(key, w), Strong}, Span{fit(" "+does, max(0, w-wide(key))), Plain})
		at += n
	}
	return append(lines, line)
}
