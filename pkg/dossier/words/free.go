package words

import (
	"sort"
	"strings"
)

// template is a sentence of the JSON that exists in English alone, with {} for what varies. Parts of it are themselves said in the language where the
// catalogue has them.
type template struct {
	pieces []string // English, around the gaps
	say    []string // the language's, around the gaps
	order  []int    // which gap of the English stands in each gap of the language
}

// Free says a sentence that the JSON has in English alone (notes, reasons), by the templates of the catalogue; several that "; " joins are said one by one.
// ok is false if a part of it has no template: then that part is as it was, and a view marks it as English.
func (w *Words) Free(english string) (text string, ok bool) {
	if w.col == 0 || english == "" {
		return english, true
	}
	parts, all := strings.Split(english, "; "), true
	for i, p := range parts {
		said, known := w.sentence(p, 0)
		parts[i] = said
		all = all && known
	}
	if all {
		return strings.Join(parts, w.form.punctuate(w.semicolon())), true
	}
	if text, ok = w.sentence(english, 0); ok { // a name with a semicolon
		return text, true
	}
	return strings.Join(parts, w.form.punctuate(w.semicolon())), false
}

func (w *Words) semicolon() string {
	if w.form.spaced {
		return " ; "
	}
	return "; "
}

// maxDepth bounds templates inside of templates.
const maxDepth = 3

// sentence says one sentence; one without a template comes back as it is.
func (w *Words) sentence(english string, depth int) (string, bool) {
	if said, ok := w.notes[english]; ok {
		return said, true
	}
	if len(english) > 4000 {
		return english, false
	}
	for i := range w.free {
		t := &w.free[i]
		gaps, ok := t.match(english)
		if !ok {
			continue
		}
		var b strings.Builder
		for k, piece := range t.say {
			b.WriteString(piece)
			if k < len(t.order) {
				gap := gaps[t.order[k]]
				if depth < maxDepth {
					gap, _ = w.sentence(gap, depth+1)
				}
				b.WriteString(gap)
			}
		}
		return b.String(), true
	}
	return english, false
}

// match takes the gaps out of a sentence, the shortest that fit.
func (t *template) match(s string) ([]string, bool) {
	s, ok := strings.CutPrefix(s, t.pieces[0])
	if !ok {
		return nil, false
	}
	gaps := make([]string, 0, len(t.order))
	for i, piece := range t.pieces[1:] {
		if i == len(t.pieces)-2 { // the last one ends the sentence
			gap, ok := strings.CutSuffix(s, piece)
			return append(gaps, gap), ok
		}
		gap, rest, ok := strings.Cut(s, piece)
		if !ok {
			return nil, false
		}
		gaps, s = append(gaps, gap), rest
	}
	return gaps, s == ""
}

// plainNotes are the sentences and parts of sentences without gaps, and the names of fields that stand in gaps: no word that could be a person's name.
func plainNotes(phrases map[string]string) map[string]string {
	notes := map[string]string{}
	add := func(phrase string) {
		if said, ok := phrases[phrase]; ok {
			notes[phrase] = said
		}
	}
	for _, r := range freeTexts() {
		add(r[0])
	}
	for _, phrase := range []string{"To", "Cc", "Bcc", "nothing", "wrote it", "from the DNS", "from a snapshot", "from a file"} {
		add(phrase)
	}
	return notes
}

// templates are those of a language, the ones with the most words of their own first, so that the closest fits.
func templates(col int) []template {
	var all []template
	for _, r := range freeTexts() {
		t := template{pieces: strings.Split(r[0], "{}")}
		if len(t.pieces) == 1 {
			continue // plain phrases are in the catalogue
		}
		// {} in order, or {1}, {2} … by number
		rest, next := forms[col].punctuate(r[col]), 0
		for {
			at := strings.IndexByte(rest, '{')
			if at < 0 {
				break
			}
			end := strings.IndexByte(rest[at:], '}') + at
			which := next
			if end > at+1 {
				which = int(rest[at+1] - '1')
			}
			next++
			t.say, t.order = append(t.say, rest[:at]), append(t.order, which)
			rest = rest[end+1:]
		}
		t.say = append(t.say, rest)
		all = append(all, t)
	}
	own := func(t *template) int { return len(strings.Join(t.pieces, "")) }
	sort.SliceStable(all, func(i, j int) bool { return own(&all[i]) > own(&all[j]) })
	return all
}
