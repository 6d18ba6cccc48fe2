package model

// Rows of the word vectors that stand for no word of their own.
const (
	RowUnknown = iota
	RowNumber
	RowQuestion
	RowExclaim
	RowComma
	RowSign
	FirstWord
)

// Lexicon finds the row of a word's vector.
type Lexicon struct {
	hashes []uint64
	places []int32 // open addressing; 0 is empty, else the row and one
	mask   uint64
}

// NewLexicon numbers words in the given order, from FirstWord on.
func NewLexicon(hashes []uint64) *Lexicon {
	n := 1
	for n < 2*len(hashes)+2 {
		n *= 2
	}
	l := &Lexicon{hashes: hashes, places: make([]int32, n), mask: uint64(n - 1)}
	for i, h := range hashes {
		at := mix(h) & l.mask
		for l.places[at] != 0 {
			at = (at + 1) & l.mask
		}
		l.places[at] = int32(FirstWord + i + 1)
	}
	return l
}

func (l *Lexicon) row(hash uint64) int32 {
	for at := mix(hash) & l.mask; ; at = (at + 1) & l.mask {
		p := l.places[at]
		if p == 0 {
			return RowUnknown
		}
		if l.hashes[p-1-FirstWord] == hash {
			return p - 1
		}
	}
}

const leastPart = 4 // letters of a known word within an unknown one

// rows gives the two rows whose mean is the vector of a word: of an unknown word the longest known words that it begins and ends with.
func (l *Lexicon) rows(w *word, letters []byte) (a, b int32) {
	switch w.kind {
	case kindNumber:
		return RowNumber, RowNumber
	case kindSign:
		switch w.hash {
		case signHash('?'):
			return RowQuestion, RowQuestion
		case signHash('!'):
			return RowExclaim, RowExclaim
		case signHash(','):
			return RowComma, RowComma
		}
		return RowSign, RowSign
	}
	if a = l.row(w.hash); a != RowUnknown {
		return a, a
	}
	first, last := int32(RowUnknown), int32(RowUnknown)
	h := uint64(fnvOffset)
	for i, c := range letters {
		h = (h ^ uint64(c)) * fnvPrime
		if i+1 >= leastPart {
			if r := l.row(h); r != RowUnknown {
				first = r
			}
		}
	}
	for i := 1; i+leastPart <= len(letters) && last == RowUnknown; i++ {
		h = fnvOffset
		for _, c := range letters[i:] {
			h = (h ^ uint64(c)) * fnvPrime
		}
		last = l.row(h)
	}
	switch {
	case first == RowUnknown:
		return last, last
	case last == RowUnknown:
		return first, first
	}
	return first, last
}

func signHash(c byte) uint64 {
	h := uint64(fnvOffset)
	return (h ^ uint64(c)) * fnvPrime
}

// EachRow calls emit with the rows of every word of sentence i; for the trainer.
func (r *Reader) EachRow(l *Lexicon, i int, emit func(a, b int32)) {
	s := &r.sents[i]
	for j := s.words[0]; j < s.words[1]; j++ {
		w := &r.all[j]
		emit(l.rows(w, r.folded[w.folded[0]:w.folded[1]]))
	}
}

// EachShape calls emit with the numbers, below Shapes, of how sentence i stands; for the trainer.
func (r *Reader) EachShape(i int, emit func(number int)) { r.eachShape(i, emit) }
