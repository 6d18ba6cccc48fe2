package model

import "math/bits"

// The blocks of features. The sum of a block is divided by the root of its number of features, so that a long sentence does not outweigh a short one.
const (
	blockWords  = iota // one to three neighbouring words, pairs with gaps
	blockChars         // three to five neighbouring letters of a word
	blockCues          // the cues that the caller found: rules, classes of words
	blockShape         // question, length, numbers, place in the mail
	blockAround        // words and cues of the sentences before and after
	Blocks
)

// Circumstances is what is known of the mail around a sentence.
type Circumstances struct {
	Reply bool // it answers another mail
}

// Reader scores the sentences of one mail after the other. It is working memory: not safe for concurrent use.
type Reader struct {
	m      *Model
	sents  []sentence
	all    []word   // of all sentences
	folded []byte   // their letters
	cues   []uint32 // of all sentences
	scores []row
	cache  []cached
	hashes []uint64 // of the features at hand
	about  Circumstances
	net    netMemory
}

type sentence struct {
	text  string
	words [2]int
	cues  [2]int
	sum   [Blocks]row
	n     [Blocks]int

	hopeless bool // the costly parts were spared
}

// cached is what a word weighs, whatever stands beside it.
type cached struct {
	hash  uint64
	own   [Acts]int8
	chars [Acts]int16
	n     uint8
	known bool
}

const cacheBits = 12

// NewReader makes working memory for the model.
func (m *Model) NewReader() *Reader {
	return &Reader{m: m, cache: make([]cached, 1<<cacheBits)}
}

// Begin starts a mail.
func (r *Reader) Begin(c Circumstances) {
	r.about = c
	r.sents, r.all, r.folded, r.cues, r.scores = r.sents[:0], r.all[:0], r.folded[:0], r.cues[:0], r.scores[:0]
	r.net.begin()
}

// Add appends the next sentence and what the caller knows of it: numbers of rules that hold and of classes of words that are present.
func (r *Reader) Add(text string, cues []uint32) {
	first, firstCue := len(r.all), len(r.cues)
	r.split(text)
	r.cues = append(r.cues, cues...)
	r.sents = append(r.sents, sentence{text: text, words: [2]int{first, len(r.all)}, cues: [2]int{firstCue, len(r.cues)}})
}

// Len is the number of sentences added.
func (r *Reader) Len() int { return len(r.sents) }

const (
	gram2  = 0x9e3779b97f4a7c15
	gram3  = 0xc2b2ae3d27d4eb4f
	skip2  = 0x165667b19e3779f9
	skip3  = 0x27d4eb2f165667c5
	chars  = 0x85ebca77c2b2ae63
	before = 0xff51afd7ed558ccd
	after  = 0x2545f4914f6cdd1d
	cue    = 0x9fb21c651e98df25
	shape  = 0xd6e8feb86659fd93
	edge   = 0xa0761d6478bd642f // begin of a sentence; the end is its complement
)

func pair(a, b, seed uint64) uint64 { return (a*31+bits.RotateLeft64(b, 29))*seed + seed>>7 }

// Each calls emit for every feature of sentence i; the trainer's way through. It must name the same features as score.
func (r *Reader) Each(i int, emit func(block int, hash uint64)) {
	s := &r.sents[i]
	words := r.all[s.words[0]:s.words[1]]
	for j := range words {
		emit(blockWords, words[j].hash)
		for _, h := range r.runs(&words[j]) {
			emit(blockChars, h)
		}
	}
	eachGram(words, func(h uint64, _ [3]int) { emit(blockWords, h) })
	for _, c := range r.cues[s.cues[0]:s.cues[1]] {
		emit(blockCues, uint64(c)*cue)
	}
	r.eachShape(i, func(n int) { emit(blockShape, shapeHash(n)) })
	if i > 0 {
		r.eachAround(i-1, before, func(h uint64) { emit(blockAround, h) })
	} else {
		emit(blockAround, before)
	}
	if i+1 < len(r.sents) {
		r.eachAround(i+1, after, func(h uint64) { emit(blockAround, h) })
	} else {
		emit(blockAround, after)
	}
}

func (r *Reader) eachAround(i int, role uint64, emit func(uint64)) {
	s := &r.sents[i]
	for _, w := range r.all[s.words[0]:s.words[1]] {
		emit(w.hash ^ role)
	}
	for _, c := range r.cues[s.cues[0]:s.cues[1]] {
		emit(uint64(c)*cue ^ role)
	}
}

// eachGram names the features of more than one word, with the places of the words; a place outside of the sentence stands for its edge.
func eachGram(words []word, emit func(h uint64, at [3]int)) {
	const begin, end = uint64(edge), ^uint64(edge)
	a, b, c := uint64(0), uint64(0), begin // the three words before
	n := len(words)
	for j := 0; j <= n; j++ {
		d := end
		if j < n {
			d = words[j].hash
		}
		emit(pair(c, d, gram2), [3]int{j - 1, j, -1})
		if j >= 1 {
			emit(pair(pair(b, c, gram2), d, gram3), [3]int{j - 2, j - 1, j})
			emit(pair(b, d, skip2), [3]int{j - 2, j, -1})
		}
		if j >= 2 && j < n {
			emit(pair(a, d, skip3), [3]int{j - 3, j, -1})
		}
		a, b, c = b, c, d
	}
}

// runs names the runs of three to five letters of a word, with a mark at its beginning and end, in r.hashes.
func (r *Reader) runs(w *word) []uint64 {
	list := r.hashes[:0]
	letters := r.folded[w.folded[0]:w.folded[1]]
	if w.kind != kindWord || len(letters) < 4 {
		return list
	}
	a, b := uint64('<'), uint64(letters[0]) // the two letters before
	var three, four uint64                  // the runs that end with the letter before
	for i := 1; i <= len(letters); i++ {
		c := uint64('>')
		if i < len(letters) {
			c = uint64(letters[i])
		}
		five := (four + c) * fnvPrime
		four = (three + c) * fnvPrime
		three = ((a<<8|b)<<8 | c) * chars
		list = append(list, three)
		if i >= 2 {
			list = append(list, four)
		}
		if i >= 3 {
			list = append(list, five)
		}
		a, b = b, c
	}
	r.hashes = list
	return list
}

// Shapes is the number of ways to stand that eachShape tells apart.
const Shapes = 12 << 3

func shapeHash(number int) uint64 { return uint64(number+256) * shape }

// eachShape names how a sentence stands.
func (r *Reader) eachShape(i int, emit func(number int)) {
	s := &r.sents[i]
	words := r.all[s.words[0]:s.words[1]]
	number := func(group, value int) { emit(group<<3 | value) }
	n, numbers, upper := 0, 0, 0
	question, exclaim := r.ends(i, '?'), r.ends(i, '!')
	for j := range words {
		w := &words[j]
		switch w.kind {
		case kindWord:
			n++
			if c := s.text[w.start]; w.end-w.start > 2 && c >= 'A' && c <= 'Z' && s.text[w.start+1] >= 'A' && s.text[w.start+1] <= 'Z' {
				upper++
			}
		case kindNumber:
			numbers++
		}
	}
	length := 0
	for _, least := range [...]int{3, 6, 9, 13, 18, 25, 35} {
		if n >= least {
			length++
		}
	}
	number(1, length)
	number(2, min(numbers, 3))
	if question {
		number(3, 1)
		number(4, length)
	}
	if exclaim {
		number(3, 2)
	}
	if upper > 2 && upper*2 > n {
		number(3, 3)
	}
	// First and last, and nothing finer: how long a mail is tells what kind of mail we had to learn from, not what a sentence does.
	number(5, min(i, 1))
	number(6, min(len(r.sents)-1-i, 1))
	if r.about.Reply {
		number(8, 1)
		number(9, min(i, 1))
	}
	if i > 0 && r.ends(i-1, '?') {
		number(10, 1)
	}
	if i+1 < len(r.sents) && r.ends(i+1, '?') {
		number(10, 2)
	}
}

// ends tells whether a sentence ends with a sign, whatever brackets follow.
func (r *Reader) ends(i int, sign byte) bool {
	t := r.sents[i].text
	for j := len(t) - 1; j >= 0 && j >= len(t)-3; j-- {
		if t[j] == sign {
			return true
		}
	}
	return false
}

// early is how far below the gates the first look at a sentence, at its words one by one, may leave it. No warning that is found in list mail or ham lies lower.
const early = 3 * One / 2

// Score works out the scores of all sentences of the mail. raise, if not nil, tells by how much the score of the first act of sentence i, and those of the others,
// have to be above the thresholds to count (in units of 1/One): where that is far, the costly parts are spared.
func (r *Reader) Score(raise func(i int) (first, others int32)) {
	for i := range r.sents {
		r.firstLook(i)
		score := r.total(&r.sents[i])
		r.sents[i].hopeless = r.below(&score, i, raise, early)
		r.scores = append(r.scores, score)
	}
	for i := range r.sents {
		s := &r.sents[i]
		if s.hopeless {
			continue
		}
		r.hashes = r.hashes[:0]
		eachGram(r.all[s.words[0]:s.words[1]], func(h uint64, _ [3]int) { r.hashes = append(r.hashes, h) })
		s.n[blockWords] += len(r.hashes)
		r.m.addAll(&s.sum[blockWords], r.hashes)
		r.around(s, i-1, before)
		r.around(s, i+1, after)
		r.scores[i] = r.total(s)
		s.hopeless = r.below(&r.scores[i], i, raise, 0)
	}
	if r.m.net != nil {
		r.net.score(r)
	}
}

// below tells whether all linear scores of sentence i are further than a margin below those of sentences that perform an act.
func (r *Reader) below(scores *row, i int, raise func(i int) (first, others int32), margin int32) bool {
	var first, others int32
	if raise != nil {
		first, others = raise(i)
	}
	if scores[0] >= r.m.gates[0]+first-margin {
		return false
	}
	for a, score := range scores[1:] {
		if score >= r.m.gates[a+1]+others-margin {
			return false
		}
	}
	return true
}

// total is the linear score of a sentence.
func (r *Reader) total(s *sentence) (score row) {
	var sum [Acts]int64
	for b := range s.sum {
		if s.n[b] == 0 {
			continue
		}
		f := int64(inverseRoot[min(s.n[b], len(inverseRoot)-1)])
		for a, v := range s.sum[b] {
			sum[a] += int64(v) * f
		}
	}
	for a, v := range sum {
		score[a] = int32(v*int64(r.m.scale[a])>>(scaleShift+rootShift)) + r.m.bias[a]
	}
	return score
}

// firstLook adds up what the words of a sentence weigh one by one, with the cues and how it stands.
func (r *Reader) firstLook(i int) {
	s := &r.sents[i]
	words := r.all[s.words[0]:s.words[1]]
	own, letters := &s.sum[blockWords], &s.sum[blockChars]
	for j := range words {
		c := r.look(&words[j])
		for a := range own {
			own[a] += int32(c.own[a])
			letters[a] += int32(c.chars[a])
		}
		s.n[blockChars] += int(c.n)
	}
	s.n[blockWords] = len(words)
	cues := r.cues[s.cues[0]:s.cues[1]]
	for _, c := range cues {
		r.m.add(&s.sum[blockCues], uint64(c)*cue)
	}
	s.n[blockCues] = len(cues)
	shapes := &s.sum[blockShape]
	r.eachShape(i, func(n int) {
		for a, w := range r.m.shapes[n] {
			shapes[a] += w
		}
		s.n[blockShape]++
	})
}

// around adds what sentence i says about s beside it; outside of the mail it is the edge that does.
func (r *Reader) around(s *sentence, i int, role uint64) {
	if i < 0 || i >= len(r.sents) {
		r.m.add(&s.sum[blockAround], role)
		s.n[blockAround]++
		return
	}
	r.hashes = r.hashes[:0]
	r.eachAround(i, role, func(h uint64) { r.hashes = append(r.hashes, h) })
	s.n[blockAround] += len(r.hashes)
	r.m.addAll(&s.sum[blockAround], r.hashes)
}

// look finds what a word weighs by itself in the cache, or puts it there.
func (r *Reader) look(w *word) *cached {
	c := &r.cache[w.hash*gram2>>(64-cacheBits)]
	if c.hash == w.hash && c.known {
		return c
	}
	*c = cached{hash: w.hash, known: true}
	var own, letters row
	r.m.add(&own, w.hash)
	runs := r.runs(w)
	c.n = uint8(len(runs))
	r.m.addAll(&letters, runs)
	for a := range own {
		c.own[a] = int8(own[a])
		c.chars[a] = int16(letters[a])
	}
	return c
}

// Scores gives the scores of sentence i.
func (r *Reader) Scores(i int) *[Acts]int32 { return (*[Acts]int32)(&r.scores[i]) }
