package notice

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a stretch of own words with what was found out about it.
type sentence struct {
	start, end int // bytes
	first, n   int // its tokens in reading.tokens
	lang       int
	verdict    verdict
	scores     [actCount]float64
	fired      []int32 // rules
	question   bool
}

// splitSentences gives the sentences of text[from:to] taken as own words throughout.
func splitSentences(text string, from, to int) [][2]int {
	r := new(reading)
	r.split(text[from:to])
	for i := range r.lines {
		r.lines[i].kind = ZoneOwn
	}
	r.cut(text[from:to], false)
	out := make([][2]int, 0, len(r.sents))
	for _, s := range r.sents {
		out = append(out, [2]int{from + s.start, from + s.end})
	}
	return out
}

// cut splits the own lines into sentences. A line break ends a sentence if the line is empty, if an item of a list follows, or if the next word would have
// fitted on the line; else it is a wrap. With joined, no break ends one but an empty line or a list item: a quotation may have been wrapped anew; r.parts are
// then what the other breaks would have made of paragraphs.
func (r *reading) cut(text string, joined bool) {
	r.sents, r.parts = r.sents[:0], r.parts[:0]
	width := r.width()
	start, stop := -1, 0 // of the pending paragraph
	part := -1           // where its last part begins, if a break divides it
	prev := 0
	letter := true // at the beginning of a letter
	flush := func() {
		if start >= 0 {
			r.terminate(text, start, stop)
		}
		if part >= 0 {
			r.parts = append(r.parts, [2]int{part, stop})
		}
		start, part = -1, -1
	}
	total := 0
	for i := range r.lines {
		l := &r.lines[i]
		if l.kind != ZoneOwn || l.blank() {
			if l.kind != ZoneOwn {
				letter = true
			}
			flush()
			continue
		}
		if total += l.stop - l.body; total > maxOwnBytes {
			break
		}
		w := text[l.body:l.stop]
		if letter {
			letter = false
			if isGreeting(w) {
				flush()
				continue
			}
		}
		body := l.body
		if m := listMarker(w); m > 0 {
			flush()
			body += m
		} else if start >= 0 && breaks(text, &r.lines[prev], l, width) {
			if joined {
				r.parts = append(r.parts, [2]int{max(start, part), stop})
				part = body
			} else {
				flush()
			}
		}
		if start < 0 {
			start = body
		}
		stop, prev = l.stop, i
	}
	flush()
}

// width estimates at which column the own lines are wrapped: 0 if they are not.
func (r *reading) width() int {
	wrapped, long, widest := 0, 0, 0
	for i := range r.lines {
		l := &r.lines[i]
		if l.kind != ZoneOwn {
			continue
		}
		switch n := l.stop - l.body; {
		case n > 84:
			long++
		case n >= 52:
			wrapped++
			widest = max(widest, n)
		}
	}
	if wrapped == 0 || wrapped < 2*long {
		return 0
	}
	return widest
}

// breaks tells whether the break between two neighbouring lines ends a sentence.
func breaks(text string, a, b *line, width int) bool {
	trimmed := a.end
	for trimmed > a.stop && (text[trimmed-1] == '\n' || text[trimmed-1] == '\r') {
		trimmed--
	}
	if trimmed == a.stop+1 && text[a.stop] == ' ' {
		return false // format=flowed (RFC 3676)
	}
	if text[a.stop-1] == ',' || text[a.stop-1] == '-' && a.stop-a.body > 40 {
		return false
	}
	if width == 0 {
		return true
	}
	word := strings.IndexAny(text[b.body:b.stop], " \t")
	if word < 0 {
		word = b.stop - b.body
	}
	slack := 4
	if first, _ := utf8.DecodeRuneInString(text[b.body:]); unicode.IsLower(first) {
		slack = 16 // ragged wraps are common where the sentence clearly goes on
	}
	return a.stop-a.body+1+word <= width-slack
}

// listMarker gives the length of "- ", "* ", "• ", "1. ", "2) ", "a) " at the beginning of a line.
func listMarker(w string) int {
	if len(w) < 3 {
		return 0
	}
	n := 0
	switch c := w[0]; {
	case c == '-' || c == '*' || c == '+' || c == '#':
		n = 1
		for n < len(w) && w[n] == c {
			n++
		}
	case strings.HasPrefix(w, "•"), strings.HasPrefix(w, "–"), strings.HasPrefix(w, "—"):
		n = 3
	case strings.HasPrefix(w, "·"):
		n = 2
	case '0' <= c && c <= '9':
		for n < len(w) && n < 3 && ('0' <= w[n] && w[n] <= '9') {
			n++
		}
		if n >= len(w) || w[n] != '.' && w[n] != ')' {
			return 0
		}
		n++
	case w[1] == ')':
		n = 2
	default:
		return 0
	}
	if n >= len(w) || w[n] != ' ' && w[n] != '\t' {
		return 0
	}
	for n < len(w) && isSpace(w[n]) {
		n++
	}
	return n
}

// mayEnd holds the bytes with which the end of a sentence begins: full stops, question marks, exclamation marks, and "…".
var mayEnd = [256]bool{'.': true, '!': true, '?': true, 0xE2: true}

// terminate splits one paragraph at full stops, question marks and exclamation marks.
func (r *reading) terminate(text string, start, stop int) {
	from := start
	for i := start; i < stop; i++ {
		c := text[i]
		if !mayEnd[c] {
			continue
		}
		if c == 0xE2 && !strings.HasPrefix(text[i:stop], "…") {
			continue
		}
		end := i
		question, stops := false, 0
		for end < stop {
			switch text[end] {
			case '.', '!':
				stops++
			case '?':
				question = true
				stops++
			default:
				if strings.HasPrefix(text[end:stop], "…") {
					stops += 3
					end += 2
				} else {
					goto run
				}
			}
			end++
		}
	run:
		for end < stop {
			if n := closer(text[end:stop]); n > 0 {
				end += n
				continue
			}
			break
		}
		if end < stop && !isSpace(text[end]) {
			i = end - 1
			continue
		}
		if c == '.' && !question && end < stop && !fullStop(text, from, i, end, stop, stops) {
			i = end - 1
			continue
		}
		r.add(text, from, end)
		for end < stop && isSpace(text[end]) {
			end++
		}
		from, i = end, end-1
	}
	r.add(text, from, stop)
}

// closer gives the length of a closing quotation mark or bracket.
func closer(s string) int {
	switch s[0] {
	case '"', '\'', ')', ']', '*', '_':
		return 1
	}
	for _, q := range [...]string{"”", "“", "’", "»", "\u00a0»", "\u202f»", " »"} {
		if strings.HasPrefix(s, q) {
			return len(q)
		}
	}
	return 0
}

// fullStop tells whether the full stop at dot ends the sentence that began at from; next begins the rest.
func fullStop(text string, from, dot, next, stop, stops int) bool {
	i := next
	for i < stop && isSpace(text[i]) {
		i++
	}
	follow, _ := utf8.DecodeRuneInString(text[i:stop])
	lower := unicode.IsLower(follow)
	if stops > 1 {
		return !lower
	}
	begin := dot
	for begin > from && !isSpace(text[begin-1]) && text[begin-1] != '(' && dot-begin < 24 {
		begin--
	}
	word := text[begin:dot]
	if n := utf8.RuneCountInString(word); n == 1 && !('0' <= word[0] && word[0] <= '9') {
		return false // an initial
	} else if n <= 2 && ordinal(word) && (german(text, from, begin) || month(text[i:stop])) {
		return false
	}
	var room [64]byte
	if abbreviations[string(appendFold(room[:0], word))] {
		return false
	}
	return !lower || len(word) > 3 && !strings.Contains(word, ".")
}

func ordinal(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return len(w) > 0
}

// german tells whether the word before an ordinal takes one in German: "am 15. …".
func german(text string, from, begin int) bool {
	before := strings.TrimRight(text[from:begin], " \t\r\n")
	word := before[strings.LastIndexAny(before, " \t\r\n")+1:]
	switch strings.ToLower(word) {
	case "am", "zum", "vom", "bis", "den", "der", "dem", "das", "die", "im", "seit", "ab", "nach", "vor", "beim", "ihr", "sein", "unser":
		return true
	}
	return false
}

func month(s string) bool {
	word, _, _ := strings.Cut(s, " ")
	word = strings.TrimRight(word, ".,;:!?")
	if len(word) > 16 {
		return false
	}
	var room [32]byte
	switch string(appendFold(room[:0], word)) {
	case "januar", "janner", "februar", "marz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "okt", "nov", "dez":
		return true
	}
	return false
}

// add keeps text[from:to] as a sentence, without the white space around it, if it holds a letter.
func (r *reading) add(text string, from, to int) {
	for from < to && isSpace(text[from]) {
		from++
	}
	for to > from && isSpace(text[to-1]) {
		to--
	}
	if to-from < 2 {
		return
	}
	n := len(r.sents)
	if n < cap(r.sents) {
		r.sents = r.sents[:n+1]
		fired := r.sents[n].fired[:0]
		r.sents[n] = sentence{start: from, end: to, fired: fired}
	} else {
		r.sents = append(r.sents, sentence{start: from, end: to})
	}
	r.sents[n].question = text[to-1] == '?' || to-from > 3 && strings.Contains(text[to-3:to], "?")
}

// abbreviations take a full stop without ending a sentence; folded, without the last stop.
var abbreviations = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`dr prof mr mrs ms st jr sr no nos nr vs etc ex fig eq approx e.g i.e eg ie cf al dept inc ltd corp co est ext tel ca ave blvd ref para art sec vol pp p
		z.b zb d.h dh u.a ua z.t zt bzw ggf evtl usw abs str hr fr hrn inkl exkl max min mind bspw vgl bzgl gem lfd ziff sog o.g og u.u i.d.r idr s.o s.u ing dipl mio mrd tsd std kap anl tl ugs
		mme mlle mm m me p.ex pex c.-à-d cad env min av bd art réf n° tél resp éd
		sra srta dña d dª ud uds vd vds p.ej pej núm num art pág págs tel avda aprox ej admón dpto ee.uu a.m p.m am pm jan feb mar apr jun jul aug sep sept oct nov dec okt dez janv févr avr juil déc ene abr ago dic`) {
		m[fold(w)] = true
	}
	// these are words as well and end sentences often enough
	for _, w := range []string{"no", "am", "min", "max", "fig", "me", "co", "mar", "art", "p", "num", "est", "str", "m"} {
		delete(m, w)
	}
	for _, w := range []string{"nr", "mr"} {
		m[w] = true
	}
	return m
}()
