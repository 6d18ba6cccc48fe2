package notice

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxSignatureLines = 12
	maxSignatureLine  = 72 // bytes of a line of a signature block
	maxParagraph      = 4 << 10
)

// markFooters finds signatures and disclaimers in the own words. A stretch of own words before a quotation that own words follow is an inline answer
// and has no signature but an explicit one.
func (r *reading) markFooters(text string) {
	for i := 0; i < len(r.lines); {
		if r.lines[i].kind != ZoneOwn {
			i++
			continue
		}
		end := i
		for end < len(r.lines) && r.lines[end].kind == ZoneOwn {
			end++
		}
		r.markDisclaimers(text, i, end)
		r.markSignature(text, i, end)
		i = end
	}
}

// markDisclaimers looks at each paragraph.
func (r *reading) markDisclaimers(text string, from, to int) {
	for i := from; i < to; {
		if r.lines[i].blank() {
			i++
			continue
		}
		end := i
		for end < to && !r.lines[end].blank() {
			end++
		}
		start, stop := r.lines[i].start, r.lines[end-1].end
		if stop-start <= maxParagraph {
			// line by line first: a banner or footer often shares a paragraph with words of its own
			if disclaims(text[start:stop]) && (end-i == 1 || !r.mixed(text, i, end)) {
				for j := i; j < end; j++ {
					r.lines[j].kind = ZoneDisclaimer
				}
			}
		}
		i = end
	}
}

// mixed tells whether a paragraph starts with a greeting: then it is a letter, whatever it speaks of.
func (r *reading) mixed(text string, from, to int) bool {
	return isGreeting(r.words(text, from)) && to-from > 1
}

// markSignature finds "-- ", a closing line, or a block of names at the end.
func (r *reading) markSignature(text string, from, to int) {
	mark := func(start int) {
		for j := start; j < to; j++ {
			if r.lines[j].kind == ZoneOwn {
				r.lines[j].kind = ZoneSignature
			}
		}
	}
	last := to - 1 // last line with words of the own
	for last >= from && (r.lines[last].blank() || r.lines[last].kind != ZoneOwn) {
		last--
	}
	low := max(from, last-maxSignatureLines)
	for i := from; i <= last; i++ {
		if w := r.words(text, i); w == "--" || w == "—" || i >= low && i > from && len(w) >= 3 && len(w) <= 80 && allOf(w, '_') {
			mark(i)
			return
		}
	}
	for i := low; i <= last; i++ {
		if r.lines[i].kind == ZoneOwn && !r.lines[i].blank() && len(r.words(text, i)) <= 50 && r.allShort(text, i+1, last) && isClosing(fold(r.words(text, i))) {
			mark(i)
			return
		}
	}
	// a block of short lines after an empty one, the first of which is a name
	start := last
	for start > from && !r.lines[start-1].blank() && r.lines[start-1].kind == ZoneOwn {
		start--
	}
	if start > from && start <= last && r.lines[start].kind == ZoneOwn && looksLikeName(r.words(text, start)) && r.allShort(text, start, last) {
		mark(start)
	}
}

// allShort tells whether the lines could stand in a signature: short, and without the end of a sentence.
func (r *reading) allShort(text string, from, to int) bool {
	for i := from; i <= to; i++ {
		w := r.words(text, i)
		if len(w) > maxSignatureLine || len(w) > 20 && (strings.HasSuffix(w, ".") || strings.HasSuffix(w, "?") || strings.HasSuffix(w, "!")) {
			return false
		}
	}
	return to-from <= maxSignatureLines
}

// looksLikeName tells whether a line is a name or initials: one to five words, each with a capital or a particle, no full stop.
func looksLikeName(w string) bool {
	w = strings.TrimRight(w, ",")
	if len(w) == 0 || len(w) > 40 || strings.ContainsAny(w, "?!;@") || strings.HasSuffix(w, ".") && len(w) > 4 {
		return false
	}
	words := strings.Fields(strings.TrimLeft(w, "-–—~/ "))
	if len(words) == 0 || len(words) > 5 {
		return false
	}
	capitals := 0
	for _, word := range words {
		first, _ := utf8.DecodeRuneInString(word)
		switch {
		case unicode.IsUpper(first):
			capitals++
		case len(word) <= 3 || len(words) == 1 && len(word) <= 12 && unicode.IsLetter(first):
		default:
			return false
		}
	}
	return capitals > 0 || len(words) == 1
}

// greetings begin a letter; folded.
var greetings = foldAll(
	"hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "morning", "afternoon", "all", "team", "folks", "greetings", "to whom it may concern",
	"hallo", "moin", "servus", "guten morgen", "guten tag", "guten abend", "liebe", "lieber", "sehr geehrte", "sehr geehrter", "grüß gott", "gruezi", "werte", "werter", "tach", "mahlzeit",
	"bonjour", "bonsoir", "salut", "coucou", "cher", "chere", "chers", "cheres", "madame", "monsieur", "mesdames", "messieurs", "rebonjour", "re-bonjour",
	"hola", "buenos dias", "buenas tardes", "buenas noches", "buenas", "buen dia", "estimado", "estimada", "estimados", "estimadas", "querido", "querida", "queridos", "apreciado", "apreciada", "muy señor", "senor", "senora",
)

// isGreeting tells whether a line greets and says no more.
func isGreeting(w string) bool {
	if len(w) == 0 || len(w) > 80 || !(strings.HasSuffix(w, ",") || strings.HasSuffix(w, "!") || strings.HasSuffix(w, ":") || len(w) < 30 && !strings.ContainsAny(w[len(w)-1:], ".?;")) {
		return false
	}
	folded := fold(w)
	for _, g := range greetings {
		if rest, found := strings.CutPrefix(folded, g); found && (rest == "" || rest[0] == ' ' || rest[0] == ',' || rest[0] == '!') {
			return len(strings.Fields(rest)) <= 6 || strings.HasSuffix(w, ",")
		}
	}
	// a name alone before a comma
	return strings.HasSuffix(w, ",") && len(strings.Fields(w)) <= 3 && looksLikeName(w)
}
