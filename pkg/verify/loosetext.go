package verify

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// reading is what a trial found out about two texts: what differs in their form, and, where their words differ too, in what.
type reading struct {
	reasons  []reason
	passages []passage
	differ   int // number of differing passages
	words    changes
	note     string
}

// compareTexts finds out in what loose differs from held, by trials from the smallest difference to the largest. what names the text.
func compareTexts(held, loose, what string) reading {
	var r reading
	explained := func(s string) { r.reasons = append(r.reasons, reason{what: s, explained: true}) }
	named := func(s string) { r.reasons = append(r.reasons, reason{what: s}) }
	if held == loose {
		return r
	}
	// Each step takes one thing more away from both texts. Where they are equal then, the steps that it took are the reasons.
	steps := [...]struct {
		reduce func(string) string
		why    string
	}{
		{unquotedFrom, "lines of " + what + " that begin with “From ” are quoted with “>” as mbox files do, in one of the two only"},
		{trimmedLines, "white space at the ends of lines of " + what + " differs"},
		{trimmedEnds, "empty lines at the start or the end of " + what + " differ"},
		{withoutEmptyLines, "empty lines inside of " + what + " differ"},
	}
	without := func(s string, last, skip int) string {
		for i := range steps[:last+1] {
			if i != skip {
				s = steps[i].reduce(s)
			}
		}
		return s
	}
	for last := range steps {
		if without(held, last, -1) != without(loose, last, -1) {
			continue
		}
		for i := range steps[:last] {
			if without(held, last, i) != without(loose, last, i) {
				explained(steps[i].why)
			}
		}
		explained(steps[last].why)
		return r
	}
	if h, l := unquotedFrom(held), unquotedFrom(loose); h != held || l != loose {
		if slices.Equal(tokens(h), tokens(l)) && !slices.Equal(tokens(held), tokens(loose)) {
			explained(steps[0].why)
		}
		held, loose = h, l
	}
	a, b := tokens(held), tokens(loose)
	switch {
	case slices.Equal(a, b):
		explained("the lines of " + what + " are wrapped at another length; its words, their order and their quotation marks are equal")
	case slices.EqualFunc(a, b, func(x, y token) bool { return x.word == y.word }):
		named("the words of " + what + " are equal, but other lines of it are marked as quoted (“>”)")
	case joined(a) == joined(b):
		named("the white space between the words of " + what + " differs")
	default:
		if why := lostCharacters(a, b); why != "" {
			named(why + " in " + what)
			return r
		}
		if why, text, ok := addition(a, b); ok {
			r.reasons = append(r.reasons, reason{what: why + " " + what, loose: text})
			return r
		}
		if why, text, ok := addition(b, a); ok {
			r.reasons = append(r.reasons, reason{what: why + " " + what + " of the exhibit, and is not in the loose mail", held: text})
			return r
		}
		r.passages, r.differ, r.words = passagesOf(a, b)
		switch {
		case len(b) < len(a) && slices.Equal(a[:len(b)], b):
			r.note = what + " of the loose mail ends early: it is the start of that of the exhibit"
		case len(a) < len(b) && slices.Equal(b[:len(a)], a):
			r.note = what + " of the exhibit goes on in the loose mail"
		}
	}
	return r
}

func lines(s string, keep func(line string) (string, bool)) string {
	var out strings.Builder
	out.Grow(len(s))
	for l := range strings.Lines(s) {
		body, ended := strings.CutSuffix(l, "\n")
		if body, ok := keep(body); ok {
			out.WriteString(body)
			if ended {
				out.WriteByte('\n')
			}
		}
	}
	return out.String()
}

func unquotedFrom(s string) string {
	return lines(s, func(l string) (string, bool) {
		if rest := strings.TrimLeft(l, ">"); strings.HasPrefix(rest, "From ") {
			return rest, true
		}
		return l, true
	})
}

func trimmedLines(s string) string {
	return lines(s, func(l string) (string, bool) { return strings.TrimRight(l, " \t\u00a0"), true })
}

func trimmedEnds(s string) string { return strings.Trim(s, "\n") }

func withoutEmptyLines(s string) string {
	return lines(s, func(l string) (string, bool) { return l, l != "" })
}

// token is a word and how often its line is quoted.
type token struct {
	word  string
	depth uint8
}

func tokens(s string) []token {
	var all []token
	for l := range strings.Lines(s) {
		depth := uint8(0)
		for rest := strings.TrimLeft(l, " "); strings.HasPrefix(rest, ">") && depth < 100; rest = strings.TrimLeft(rest[1:], " ") {
			depth, l = depth+1, rest[1:]
		}
		for w := range strings.FieldsSeq(l) {
			all = append(all, token{w, depth})
		}
	}
	return all
}

// joined is all words without the white space between them.
func joined(list []token) string {
	var s strings.Builder
	for _, t := range list {
		s.WriteString(t.word)
	}
	return s.String()
}

// lostCharacters tells whether the words differ only in that characters beyond US-ASCII were damaged on the way, and how.
func lostCharacters(a, b []token) string {
	if len(a) != len(b) {
		return ""
	}
	misread, plain, lost := true, true, true
	n := 0
	for i := range a {
		x, y := a[i].word, b[i].word
		if x == y {
			continue
		}
		n++
		if isPlain(x) && isPlain(y) || n > 100_000 {
			return ""
		}
		misread = misread && (readAsUTF8(x) == y || readAsUTF8(y) == x)
		plain = plain && plainMarks(x) == plainMarks(y)
		lost = lost && withoutForeign(x) == withoutForeign(y) && (damaged(x) || damaged(y))
		if !misread && !plain && !lost {
			return ""
		}
	}
	switch {
	case misread:
		return "characters beyond US-ASCII were read in a wrong charset (" + counted(n, "word", "words") + ")"
	case plain:
		return "typographic quotation marks, dashes or dots were replaced by plain ones (" + counted(n, "word", "words") + ")"
	}
	return "characters beyond US-ASCII were lost or replaced (" + counted(n, "word", "words") + ")"
}

func isPlain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// readAsUTF8 undoes that UTF-8 was read as windows-1252.
func readAsUTF8(s string) string {
	b, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil || !utf8.ValidString(b) {
		return s
	}
	return b
}

func plainMarks(s string) string {
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "‘", "'", "’", "'", "‚", "'", "–", "-", "—", "-", "…", "...", "•", "*").Replace(s)
}

// damaged tells a word that holds what programs put where a character was lost.
func damaged(s string) bool { return strings.ContainsAny(s, "?\ufffd") }

func withoutForeign(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf || r == '?' {
			return -1
		}
		return r
	}, s)
}

// longestAddition bounds a footer or banner.
const longestAddition = 600 // words

// addition tells whether b is a with a footer behind it or a banner before it, by the words that mailing lists, mail gateways and
// offices put there. Any other addition is a change of the text.
func addition(a, b []token) (why, text string, ok bool) {
	n := len(b) - len(a)
	if n <= 0 || n > longestAddition {
		return "", "", false
	}
	show := func(list []token) string {
		words := make([]string, len(list))
		for i, t := range list {
			words[i] = t.word
		}
		return quoted(strings.Join(words, " "), 600)
	}
	if slices.Equal(a, b[:len(a)]) {
		rest := b[len(a):]
		words := " " + strings.ToLower(strings.Join(strings.FieldsFunc(show(rest), notWord), " ")) + " "
		switch {
		case isRule(rest[0].word) && containsAny(words, " mailing list ", " mailinglist ", " listinfo ", " unsubscribe ", " list archive ", " abbestellen ", " mailingliste "):
			return "the footer of a mailing list stands below", show(rest), true
		case containsAny(words, " confidential ", " intended recipient ", " intended solely ", " privileged ", " vertraulich ", " confidentiel ", " confidencial "):
			return "a disclaimer stands below", show(rest), true
		case containsAny(words, " virus free ", " checked for viruses ", " scanned for viruses ", " sent from my ", " get outlook for "):
			return "a line of a mail program or virus scanner stands below", show(rest), true
		}
	}
	if slices.Equal(a, b[n:]) {
		words := " " + strings.ToLower(strings.Join(strings.FieldsFunc(show(b[:n]), notWord), " ")) + " "
		if containsAny(words, " external ", " caution ", " originated outside ", " from outside ", " extern ", " externe mail ") && n <= 60 {
			return "a gateway's banner stands above", show(b[:n]), true
		}
	}
	return "", "", false
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func containsAny(s string, all ...string) bool {
	return slices.ContainsFunc(all, func(x string) bool { return strings.Contains(s, x) })
}

// isRule tells a line such as ____ or ----.
func isRule(word string) bool {
	return len(word) >= 2 && strings.Trim(word, "_-=*~#") == ""
}

// sameWords tells whether HTML read as text says what a plain text says: letters and digits alone count, and no addresses of links,
// which only one of the two shows.
func sameWords(a, b string) bool { return bareWords(a) == bareWords(b) }

func bareWords(s string) string {
	var out strings.Builder
	for w := range strings.FieldsSeq(s) {
		if strings.Contains(w, "://") || strings.Contains(w, "mailto:") {
			continue
		}
		for _, r := range w {
			if !notWord(r) {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}
