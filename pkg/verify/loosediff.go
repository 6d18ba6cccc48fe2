package verify

import (
	"fmt"
	"slices"
	"strings"
)

// hunk says that a[a0:a1] became b[b0:b1]. What stands between two hunks is equal.
type hunk struct{ a0, a1, b0, b1 int }

const (
	mostEdits = 1000    // words that are taken away or put in, beyond which two texts are compared no further
	mostSteps = 8 << 20 // comparisons of two words
)

// hunksOf returns the shortest way from a to b (Myers, An O(ND) Difference Algorithm, 1986). Where a and b differ in more than it
// looks for, all between their common start and end is one hunk.
func hunksOf(a, b []int32) []hunk {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	a, b = a[start:], b[start:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	all, ok := []hunk(nil), false
	if len(a) > 0 && len(b) > 0 {
		all, ok = shortest(a, b)
	}
	if !ok {
		all = []hunk{{0, len(a), 0, len(b)}}
	}
	for i := range all {
		all[i].a0, all[i].a1, all[i].b0, all[i].b1 = all[i].a0+start, all[i].a1+start, all[i].b0+start, all[i].b1+start
	}
	return all
}

// shortest is the greedy algorithm: furthest[k] is how far in a one gets on diagonal k with d edits.
func shortest(a, b []int32) ([]hunk, bool) {
	most := min(mostEdits, len(a)+len(b))
	furthest := make([]int32, 2*most+3)
	var rounds [][]int32 // furthest[-d..d] before round d
	steps := 0
	for d := 0; d <= most; d++ {
		rounds = append(rounds, slices.Clone(furthest[most+1-d:most+2+d]))
		for k := -d; k <= d; k += 2 {
			at := most + 1 + k
			var x int
			if k == -d || k != d && furthest[at-1] < furthest[at+1] {
				x = int(furthest[at+1])
			} else {
				x = int(furthest[at-1]) + 1
			}
			y := x - k
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
				steps++
			}
			if steps++; steps > mostSteps {
				return nil, false
			}
			furthest[at] = int32(x)
			if x >= len(a) && y >= len(b) {
				return back(rounds, len(a), len(b)), true
			}
		}
	}
	return nil, false
}

// back walks from the end to the start and collects the edits.
func back(rounds [][]int32, x, y int) []hunk {
	var all []hunk
	for d := len(rounds) - 1; d > 0; d-- {
		// Of round d only the diagonals of round d-1 are needed: they stand one place further in.
		before := func(k int) int32 { return rounds[d][d+k] }
		k := x - y
		from := k - 1
		if k == -d || k != d && before(k-1) < before(k+1) {
			from = k + 1
		}
		px := int(before(from))
		py := px - from
		h := hunk{px, px, py, py}
		if from == k+1 {
			h.b1++
		} else {
			h.a1++
		}
		if n := len(all); n > 0 && all[n-1].a0 == h.a1 && all[n-1].b0 == h.b1 {
			all[n-1].a0, all[n-1].b0 = h.a0, h.b0
		} else {
			all = append(all, h)
		}
		x, y = px, py
	}
	slices.Reverse(all)
	return all
}

// passage is one place in which two texts differ, with words around it.
type passage struct{ held, loose string }

const (
	contextWords  = 6
	nearWords     = 3 // two differences so near are one passage
	mostPassages  = 3
	longestWords  = 40 // of what differs in one passage
	longestInWord = 60 // octets of one word
)

// changes counts words.
type changes struct{ gone, came, held, loose int }

// passagesOf returns the first differing passages, how many there are, and how many words are in them.
func passagesOf(a, b []token) ([]passage, int, changes) {
	ai, bi := numbered(a, b)
	words := changes{held: len(a), loose: len(b)}
	var merged []hunk
	for _, h := range hunksOf(ai, bi) {
		words.gone += h.a1 - h.a0
		words.came += h.b1 - h.b0
		if n := len(merged); n > 0 && h.a0-merged[n-1].a1 <= nearWords {
			merged[n-1].a1, merged[n-1].b1 = h.a1, h.b1
			continue
		}
		merged = append(merged, h)
	}
	var shown []passage
	for _, h := range merged[:min(len(merged), mostPassages)] {
		shown = append(shown, passage{excerpt(a, h.a0, h.a1), excerpt(b, h.b0, h.b1)})
	}
	return shown, len(merged), words
}

// numbered gives equal words equal numbers.
func numbered(a, b []token) (x, y []int32) {
	numbers := map[token]int32{}
	number := func(list []token) []int32 {
		out := make([]int32, len(list))
		for i, t := range list {
			n, ok := numbers[t]
			if !ok {
				n = int32(len(numbers))
				numbers[t] = n
			}
			out[i] = n
		}
		return out
	}
	return number(a), number(b)
}

// excerpt shows words from to to in « », with some around them.
func excerpt(list []token, from, to int) string {
	var s strings.Builder
	write := func(words []token) {
		for _, t := range words {
			if s.Len() > 0 && !strings.HasSuffix(s.String(), "«") {
				s.WriteByte(' ')
			}
			s.WriteString(clipped(t.word, longestInWord))
		}
	}
	start := max(0, from-contextWords)
	if start > 0 {
		s.WriteString("…")
	}
	write(list[start:from])
	if from < to {
		if s.Len() > 0 {
			s.WriteByte(' ')
		}
		s.WriteString("«")
		write(list[from:min(to, from+longestWords)])
		if to-from > longestWords {
			fmt.Fprintf(&s, " … (%d more words)", to-from-longestWords)
		}
		s.WriteString("»")
	}
	end := min(len(list), to+contextWords)
	write(list[to:end])
	if end < len(list) {
		s.WriteString(" …")
	}
	if s.Len() == 0 {
		return "(nothing)"
	}
	return s.String()
}
