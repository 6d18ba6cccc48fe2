package notice

import "onrecord/pkg/notice/model"

const (
	maxTokens = 400 // of a sentence
	maxSpans  = 200 // phrases in it
	maxSteps  = 20000
)

// token is one word: its place and what it is.
type token struct {
	start, end int
	set        uint32
}

// span is a phrase that gives a class, in tokens.
type span struct {
	class      uint16
	start, end int16
}

// reading is the working memory of one Find.
type reading struct {
	voc     *vocabulary
	trained *model.Model
	model   *model.Reader // made when first needed
	inner   *reading      // for quotations
	lines   []line
	zoneBuf []Zone
	buf     []byte
	sents   []sentence
	parts   [][2]int // into which the last cut could have cut paragraphs as well
	tokens  []token
	main    int // language of most of the text

	// of the sentence at hand
	toks    []token
	lang    int
	spans   []span
	present mask
	steps   int
	marks   []int16  // tokens that the last match rests on
	numbers []uint32 // of its cues, for the model
	hashes  []byte   // of the words at hand
	kept    []byte   // the wording
}

// tokenize splits a sentence into words and looks each up, letter by letter, in the one trie of all languages. It counts function words.
func (r *reading) tokenize(text string, s *sentence) (function [langCount]int) {
	s.first = len(r.tokens)
	fw, functions := &r.voc.forward, r.voc.functions
	node, in, letters, start := uint16(0), false, 0, 0
	alive := true
	finish := func(end int) {
		var set uint32
		if alive {
			set = fw.exact[node]
		} else {
			set = fw.prefix[node]
		}
		if set == 0 && letters >= minSuffix {
			set = r.suffix(text[start:end])
		}
		if f := functions[set]; f != 0 {
			for l := range function {
				function[l] += int(f >> l & 1)
			}
		}
		r.tokens = append(r.tokens, token{start, end, set})
		node, in, letters, alive = 0, false, 0, true
	}
	for i := s.start; i < s.end; {
		first, second, size := foldASCII[text[i]], byte(0), 1
		if first-1 < foldDigit { // ASCII, for the most part
			if !in {
				in, start = true, i
			}
			letters++
			if alive {
				n := fw.next[node][first]
				if alive = n != 0; alive {
					node = n
				}
			}
			i++
			continue
		}
		if first == 0xFF {
			var skip bool
			if first, second, size, skip = foldAt(text, i); skip {
				i += size
				continue
			}
		}
		if first == foldApostrophe && in && !contraction(text, i+size, s.end) {
			first = 0
		}
		if first == 0 || first == foldApostrophe && !in {
			if in {
				if finish(i); len(r.tokens)-s.first >= maxTokens {
					break
				}
			}
			i += size
			continue
		}
		if !in {
			in, start = true, i
		}
		for c := first; c != 0; c, second = second, 0 {
			letters++
			if alive {
				if n := fw.next[node][c]; n != 0 {
					node = n
				} else {
					alive = false
				}
			}
		}
		i += size
	}
	if in {
		finish(s.end)
	}
	s.n = len(r.tokens) - s.first
	return function
}

// contraction tells whether what follows an apostrophe belongs to the word before it, as in "don't", "I'll".
func contraction(text string, i, end int) bool {
	n := i
	for n < end && n-i < 3 && (text[n]|0x20) >= 'a' && (text[n]|0x20) <= 'z' {
		n++
	}
	switch text[i:n] {
	case "t", "s", "d", "m", "ll", "re", "ve", "T", "S", "D", "M", "LL", "RE", "VE":
		return n == end || foldASCII[text[n]] == 0
	}
	return false
}

// suffix looks a long word up by its end.
func (r *reading) suffix(word string) uint32 {
	var folded [64]byte
	n := 0
	for i := 0; i < len(word) && n < len(folded)-1; {
		first, second, size, skip := foldAt(word, i)
		if i += size; skip {
			continue
		}
		folded[n] = first
		if n++; second != 0 {
			folded[n] = second
			n++
		}
	}
	t := &r.voc.reverse
	node := uint16(0)
	for n--; n >= 0; n-- {
		next := t.next[node][folded[n]]
		if next == 0 {
			break
		}
		node = next
	}
	return t.prefix[node]
}

// begin makes a sentence the one at hand: the classes of its words and phrases.
func (r *reading) begin(s *sentence) {
	r.toks = r.tokens[s.first : s.first+s.n]
	r.lang = s.lang
	r.spans = r.spans[:0]
	r.present = mask{}
	g := &r.voc.lang[s.lang]
	for i := range r.toks {
		set := r.toks[i].set
		if set == 0 {
			continue
		}
		for _, c := range r.voc.sets[set].classes[s.lang] {
			r.present.set(c)
		}
	}
	r.steps = 0
	for i := range r.toks {
		if set := r.toks[i].set; set != 0 {
			for _, c := range r.voc.sets[set].anchors[s.lang] {
				r.phrases(g, g.byAnchor[c], i)
			}
		}
	}
}

// phrases notes those of a list whose anchor word stands at a token.
func (r *reading) phrases(g *grammar, list []int32, at int) {
	for _, p := range list {
		ph := &g.phrases[p]
		start := at - ph.anchor
		if start < 0 || at+len(ph.seq)-ph.anchor > len(r.toks) || ph.next != 0 && !r.is(at+1, ph.next) {
			continue
		}
		if end := r.follow(ph.seq, start, -1); end >= 0 && len(r.spans) < maxSpans {
			r.give(g, ph.give, start, end)
		}
	}
}

// give notes a class and those that include it.
func (r *reading) give(g *grammar, class uint16, start, end int) {
	for _, s := range r.spans {
		if s.class == class && int(s.start) == start && int(s.end) == end {
			return
		}
	}
	r.spans = append(r.spans, span{class, int16(start), int16(end)})
	r.present.set(class)
	for _, p := range g.parents[class] {
		r.give(g, p, start, end)
	}
}

// is tells whether one word belongs to a class.
func (r *reading) is(at int, class uint16) bool {
	set := r.toks[at].set
	if set == 0 {
		return false
	}
	for _, c := range r.voc.sets[set].classes[r.lang] {
		if c >= class {
			return c == class
		}
	}
	return false
}

// follow matches a sequence whose first step stands at a token; it gives the end, or -1. With end ≥ 0 the match must end there.
// The recursion is as deep as a pattern has steps.
func (r *reading) follow(seq []element, at, end int) int {
	if len(seq) == 0 {
		if end >= 0 && at != end {
			return -1
		}
		return at
	}
	if r.steps++; r.steps > maxSteps {
		return -1
	}
	e := &seq[0]
	for gap := 0; gap <= int(e.gap) && at+gap < len(r.toks); gap++ {
		from := at + gap
		if e.any || r.is(from, e.class) {
			if done := r.follow(seq[1:], from+1, end); done >= 0 {
				if !e.any {
					r.marks = append(r.marks, int16(from))
				}
				return done
			}
		}
		if e.any || !r.present.has(e.class) {
			continue
		}
		for k := range r.spans {
			s := r.spans[k]
			if s.class != e.class || int(s.start) != from {
				continue
			}
			if done := r.follow(seq[1:], int(s.end), end); done >= 0 {
				for i := s.start; i < s.end; i++ {
					r.marks = append(r.marks, i)
				}
				return done
			}
		}
	}
	if e.optional {
		return r.follow(seq[1:], at, end)
	}
	return -1
}

// matches tells whether a rule holds for the sentence at hand; r.marks are the tokens that it rests on.
func (r *reading) matches(c *compiled) bool {
	if !r.present.holds(&c.need) {
		return false
	}
	r.marks = r.marks[:0]
	for i := range c.terms {
		t := &c.terms[i]
		if r.find(t) == t.forbid {
			return false
		}
	}
	return true
}

// find looks for a term anywhere in the sentence.
func (r *reading) find(t *term) bool {
	if first := t.seq[0]; int(first.class) < len(pseudo) && !first.any {
		return r.present.has(first.class)
	}
	end := -1
	if t.end {
		end = len(r.toks)
	}
	kept := len(r.marks)
	for at := range r.toks {
		if r.follow(t.seq, at, end) >= 0 {
			if t.forbid {
				r.marks = r.marks[:kept]
			}
			return true
		}
		if t.start {
			break
		}
	}
	return false
}
