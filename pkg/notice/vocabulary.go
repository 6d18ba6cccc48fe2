package notice

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// languages in the order of their indices.
var languages = [...]string{"en", "fr", "de", "es"}

const (
	langCount = len(languages)
	maskWords = 4
	maskBits  = maskWords * 64 // classes that rules speak of; the single words of phrases have higher numbers
	minSuffix = 6              // letters of a word before its end is looked at ("*gefahr")
)

// mask is a set of classes, as far as rules speak of them.
type mask [maskWords]uint64

func (m *mask) set(c uint16) {
	if c < maskBits {
		m[c/64] |= 1 << (c % 64)
	}
}

func (m *mask) has(c uint16) bool { return c >= maskBits || m[c/64]>>(c%64)&1 != 0 }

func (m *mask) holds(need *mask) bool {
	for i := range m {
		if need[i]&^m[i] != 0 {
			return false
		}
	}
	return true
}

// vocabulary is the compiled form of the rule files: a trie over folded letters that gives for each word its classes in each language,
// phrases that give classes too, and the rules over classes. It is immutable once built.
type vocabulary struct {
	forward, reverse trie
	sets             []wordSet // 0 is the empty one
	functions        []uint8   // beside sets: bit per language in which it is a function word
	lang             [langCount]grammar
}

// wordSet is what a word is, in each language.
type wordSet struct {
	classes [langCount][]uint16
	anchors [langCount][]uint16 // those of the classes that a phrase is looked for by
}

// grammar is one language's classes, phrases and rules.
type grammar struct {
	class    map[string]uint16
	names    []string
	parents  map[uint16][]uint16 // class -> classes that include it
	phrases  []phrase
	byAnchor [][]int32 // class -> phrases that it is the anchor of
	rules    []compiled
	byClass  [][]int32 // class -> rules tried when it is present
	ruleCue  []uint32  // rule -> number by which the model knows it
	classCue []uint32  // class -> the same; 0 if the model does not
}

// phrase is a sequence of words that gives a class. It is looked for where its rarest word stands.
type phrase struct {
	seq    []element
	give   uint16
	anchor int    // step of the rarest word; the steps before it are one word each
	next   uint16 // class of the word that must follow the anchor; 0 if there may be a gap
}

// element is one step of a pattern.
type element struct {
	class    uint16
	gap      uint8 // up to so many words before it
	any      bool  // any one word
	optional bool
}

// pseudo classes are set by how a sentence stands, not by its words.
var pseudo = [...]string{"#q", "#ex", "#bulk", "#short", "#long"}

const (
	pseudoQuestion = iota
	pseudoExclaim
	pseudoBulk
	pseudoShort
	pseudoLong
)

// trie maps folded words to sets. prefix is the set of the stems on the way, exact that of the word that ends here, the stems included.
type trie struct {
	next          [][foldSymbols]uint16 // 60 bytes each: a node in a line of the cache
	prefix, exact []uint32
}

// pending is a word or stem of a language before the tries are made.
type pending struct {
	text  string
	kind  byte // '=' word, '<' stem ("warn*"), '>' end ("*gefahr")
	class uint16
	lang  int
	fn    bool
}

type builder struct {
	voc   *vocabulary
	words []pending
}

func newVocabulary(files []ruleFile) *vocabulary {
	b := &builder{voc: &vocabulary{}}
	for l := range b.voc.lang {
		b.voc.lang[l].class = map[string]uint16{}
		b.voc.lang[l].parents = map[uint16][]uint16{}
		for _, p := range pseudo {
			b.classID(l, p)
		}
	}
	for _, f := range files {
		for _, l := range f.langs {
			for i := range f.rules {
				b.rule(l, &f.rules[i])
			}
		}
	}
	for l := range b.voc.lang {
		if len(b.voc.lang[l].names) > maskBits {
			panic("notice: the rules speak of too many classes")
		}
	}
	for _, f := range files {
		for _, l := range f.langs {
			for _, lex := range f.lexicons {
				id := b.classID(l, "@"+lex.name)
				for _, e := range lex.entries {
					b.entry(l, id, e, lex.name == "function")
				}
			}
		}
	}
	b.finish()
	b.number()
	return b.voc
}

func (b *builder) classID(l int, name string) uint16 {
	g := &b.voc.lang[l]
	if id, found := g.class[name]; found {
		return id
	}
	id := uint16(len(g.names))
	g.class[name] = id
	g.names = append(g.names, name)
	return id
}

// entry adds a word, a phrase or a whole class to a class.
func (b *builder) entry(l int, class uint16, text string, fn bool) {
	g := &b.voc.lang[l]
	if sub, found := strings.CutPrefix(text, "@"); found && !strings.ContainsRune(text, ' ') {
		id := b.classID(l, "@"+sub)
		g.parents[id] = append(g.parents[id], class)
		return
	}
	words := ruleWords(text)
	if len(words) == 1 {
		b.word(l, class, words[0], fn)
		return
	}
	g.phrases = append(g.phrases, phrase{seq: b.sequence(l, words), give: class})
}

// ruleWords splits an entry as tokenize splits mail: "qu'il" and "mise-à-jour" are several words, "don't" is one.
func ruleWords(text string) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "-", " "), "’", "'")
	for i := 0; i < len(text); i++ {
		if text[i] == '\'' && (i == 0 || !contraction(text, i+1, len(text))) {
			text = text[:i] + " " + text[i+1:]
		}
	}
	return strings.Fields(text)
}

// transcribe writes German as on a keyboard without umlauts.
var transcribe = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

func (b *builder) word(l int, class uint16, text string, fn bool) {
	kind := byte('=')
	if t, found := strings.CutSuffix(text, "*"); found {
		text, kind = t, '<'
	} else if t, found := strings.CutPrefix(text, "*"); found {
		text, kind = t, '>'
	}
	b.words = append(b.words, pending{fold(text), kind, class, l, fn})
	if languages[l] == "de" && strings.ContainsAny(text, "äöü") {
		text = transcribe.Replace(text)
		b.words = append(b.words, pending{fold(text), kind, class, l, fn})
	}
}

// sequence compiles steps: @class, word, stem*, a|b|c, _ for any word, ~ or ~9 for a gap, and ? behind what may be missing.
func (b *builder) sequence(l int, steps []string) []element {
	var seq []element
	gap := uint8(0)
	for _, s := range steps {
		if s[0] == '~' {
			gap = 3
			if len(s) > 1 {
				gap = 0
				for _, c := range s[1:] {
					gap = gap*10 + uint8(c-'0')
				}
			}
			continue
		}
		e := element{gap: gap}
		gap = 0
		if t, found := strings.CutSuffix(s, "?"); found {
			s, e.optional = t, true
		}
		switch {
		case s == "_":
			e.any = true
		case strings.HasPrefix(s, "@") && !strings.Contains(s, "|"):
			e.class = b.classID(l, s)
		default:
			known := len(b.voc.lang[l].names)
			e.class = b.classID(l, s)
			if int(e.class) == known { // new: fill it
				for _, alternative := range strings.Split(s, "|") {
					b.entry(l, e.class, alternative, false)
				}
			}
		}
		seq = append(seq, e)
	}
	return seq
}

// finish makes the tries and indices.
func (b *builder) finish() {
	for l := range b.voc.lang {
		g := &b.voc.lang[l]
		b.anchor(l)
		g.byClass = make([][]int32, len(g.names))
		load := make([]int, len(g.names)) // rules that need a class: the rarer the better
		for i := range g.rules {
			for _, c := range g.rules[i].anchors {
				load[c]++
			}
		}
		for i := range g.rules {
			best := g.rules[i].anchors[0]
			for _, c := range g.rules[i].anchors {
				if load[c] < load[best] {
					best = c
				}
			}
			g.byClass[best] = append(g.byClass[best], int32(i))
		}
	}
	forward, reverse := newTrieBuilder(), newTrieBuilder()
	for _, w := range b.words {
		if w.kind == '>' {
			reverse.add(w, true)
		} else {
			forward.add(w, false)
		}
	}
	b.voc.sets, b.voc.functions = []wordSet{{}}, []uint8{0}
	intern := map[string]uint32{}
	b.voc.forward = forward.compile(b, intern)
	b.voc.reverse = reverse.compile(b, intern)
}

// anchor chooses the rarest word of each phrase: no function word, and one that few phrases hold.
func (b *builder) anchor(l int) {
	g := &b.voc.lang[l]
	load := make([]int, len(g.names))
	for _, p := range g.phrases {
		for _, e := range p.seq {
			load[e.class]++
		}
	}
	for _, w := range b.words {
		if w.fn && w.lang == l {
			if c, found := g.class[w.text]; found {
				load[c] += 1000
			}
		}
	}
	g.byAnchor = make([][]int32, len(g.names))
	for i := range g.phrases {
		p := &g.phrases[i]
		for k, e := range p.seq {
			if e.gap > 0 || e.optional {
				break
			}
			if !e.any && (p.seq[p.anchor].any || load[e.class] < load[p.seq[p.anchor].class]) {
				p.anchor = k
			}
		}
		if k := p.anchor + 1; k < len(p.seq) && p.seq[k].gap == 0 && !p.seq[k].optional && !p.seq[k].any {
			p.next = p.seq[k].class
		}
		class := p.seq[p.anchor].class
		g.byAnchor[class] = append(g.byAnchor[class], int32(i))
	}
}

// trieBuilder collects the words at each node.
type trieBuilder struct {
	next          [][foldSymbols]uint16
	exact, prefix [][]pending
}

func newTrieBuilder() *trieBuilder {
	t := &trieBuilder{}
	t.node()
	return t
}

func (t *trieBuilder) node() uint16 {
	if len(t.next) > math.MaxUint16 {
		panic("notice: the rules hold too many words")
	}
	t.next = append(t.next, [foldSymbols]uint16{})
	t.exact = append(t.exact, nil)
	t.prefix = append(t.prefix, nil)
	return uint16(len(t.next) - 1)
}

func (t *trieBuilder) add(w pending, backwards bool) {
	at := uint16(0)
	for i := range len(w.text) {
		c := w.text[i]
		if backwards {
			c = w.text[len(w.text)-1-i]
		}
		f := foldASCII[c]
		if f == 0 || f == 0xFF {
			panic(fmt.Sprintf("notice: the rule word %q holds a sign that separates words", w.text))
		}
		if t.next[at][f] == 0 {
			n := t.node()
			t.next[at][f] = n
		}
		at = t.next[at][f]
	}
	if w.kind == '=' {
		t.exact[at] = append(t.exact[at], w)
	} else {
		t.prefix[at] = append(t.prefix[at], w)
	}
}

// compile walks the trie from its root, gathering the stems on the way.
func (t *trieBuilder) compile(b *builder, intern map[string]uint32) trie {
	out := trie{next: t.next, prefix: make([]uint32, len(t.next)), exact: make([]uint32, len(t.next))}
	gathered := make([][]pending, len(t.next))
	from := make([]uint32, len(t.next)) // the set of the node before
	for queue := []uint16{0}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if len(t.prefix[n]) > 0 {
			gathered[n] = slices.Concat(gathered[n], t.prefix[n])
			out.prefix[n] = b.set(gathered[n], intern)
		} else {
			out.prefix[n] = from[n]
		}
		out.exact[n] = out.prefix[n]
		if len(t.exact[n]) > 0 {
			out.exact[n] = b.set(slices.Concat(gathered[n], t.exact[n]), intern)
		}
		for _, c := range t.next[n] {
			if c != 0 {
				gathered[c], from[c] = gathered[n], out.prefix[n]
				queue = append(queue, c)
			}
		}
	}
	return out
}

// set interns what a word is.
func (b *builder) set(words []pending, intern map[string]uint32) uint32 {
	if len(words) == 0 {
		return 0
	}
	var s wordSet
	function := uint8(0)
	for _, w := range words {
		if w.fn {
			function |= 1 << w.lang
			continue
		}
		s.classes[w.lang] = append(s.classes[w.lang], b.withParents(w.lang, w.class)...)
	}
	for l := range s.classes {
		slices.Sort(s.classes[l])
		s.classes[l] = slices.Compact(s.classes[l])
		for _, c := range s.classes[l] {
			if len(b.voc.lang[l].byAnchor[c]) > 0 {
				s.anchors[l] = append(s.anchors[l], c)
			}
		}
	}
	var key []byte
	key = append(key, function)
	for _, classes := range s.classes {
		for _, c := range classes {
			key = append(key, byte(c>>8), byte(c))
		}
		key = append(key, 0xFF, 0xFF)
	}
	id, found := intern[string(key)]
	if !found {
		id = uint32(len(b.voc.sets))
		b.voc.sets, b.voc.functions = append(b.voc.sets, s), append(b.voc.functions, function)
		intern[string(key)] = id
	}
	return id
}

// withParents gives a class and all that include it.
func (b *builder) withParents(l int, class uint16) []uint16 {
	all := []uint16{class}
	for i := 0; i < len(all); i++ {
		for _, p := range b.voc.lang[l].parents[all[i]] {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}
