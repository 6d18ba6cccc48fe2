package notice

import (
	"math/bits"
	"slices"
)

// bitset marks messages.
type bitset []uint64

func (b bitset) set(i int32) { b[i>>6] |= 1 << (i & 63) }

func (b bitset) has(i int32) bool { return b[i>>6]>>(i&63)&1 != 0 }

// messagesWith tells which messages hold such a statement that nobody rejected.
func (a *analysis) messagesWith(is func(b *Brief) bool) bitset {
	with := make(bitset, (len(a.Messages)+63)/64)
	for i := range a.Input.Statements {
		if b := &a.Input.Statements[i]; !b.Rejected && is(b) {
			with.set(b.Message)
		}
	}
	return with
}

// lists gives each of a range of numbers its list.
type lists struct {
	start []uint32
	all   []int32
}

func (l *lists) of(i int32) []int32 { return l.all[l.start[i]:l.start[i+1]] }

// childLists ties messages to those that answer or forward them, in order.
func (a *analysis) childLists() lists {
	l := lists{start: make([]uint32, len(a.Messages)+2)}
	is := func(i int) bool { p := a.Messages[i].Parent; return a.holds(p) && p != int32(i) }
	for i := range a.Messages {
		if is(i) {
			l.start[a.Messages[i].Parent+2]++
		}
	}
	for i := 2; i < len(l.start); i++ {
		l.start[i] += l.start[i-1]
	}
	l.all = make([]int32, l.start[len(l.start)-1])
	for i := range a.Messages { // start[p+1] runs from the beginning of the list of p to its end, which is the beginning of the next
		if is(i) {
			next := &l.start[a.Messages[i].Parent+1]
			l.all[*next] = int32(i)
			*next++
		}
	}
	return l
}

// pairs are two numbers each, sorted: a list for the first of them.
type pairs []uint64

func pair(first, second int32) uint64 { return uint64(first)<<32 | uint64(second) }

// of gives the pairs of a first number; second reads the other one.
func (p pairs) of(first int32) pairs {
	from, _ := slices.BinarySearch(p, pair(first, 0))
	to, _ := slices.BinarySearch(p[from:], pair(first+1, 0))
	return p[from : from+to]
}

func second(pair uint64) int32 { return int32(uint32(pair)) }

// sentences finds the statements that have a sentence, by its fingerprint.
type sentences struct {
	all    []print  // sorted
	bucket []uint32 // by the upper bits of the fingerprint: where it begins in all
	shift  int
}

type print struct {
	print     uint64
	statement int32
}

// tellingSentences indexes the statements that make notices and takes away their prints.
func (a *analysis) tellingSentences() *sentences {
	count := 0
	for i := range a.Input.Statements {
		if b := &a.Input.Statements[i]; b.told() {
			count += len(b.Prints)
		}
	}
	x := &sentences{all: make([]print, 0, count)}
	for i := range a.Input.Statements {
		b := &a.Input.Statements[i]
		if b.told() {
			for _, p := range b.Prints {
				x.all = append(x.all, print{p, int32(i)})
			}
		}
		b.Prints = nil
	}
	slices.SortFunc(x.all, func(p, q print) int {
		switch {
		case p.print < q.print || p.print == q.print && p.statement < q.statement:
			return -1
		case p == q:
			return 0
		}
		return 1
	})
	width := bits.Len(uint(len(x.all)))
	x.shift = 64 - width
	x.bucket = make([]uint32, 1<<width+1)
	for _, p := range x.all {
		x.bucket[p.print>>x.shift+1]++
	}
	for i := 1; i < len(x.bucket); i++ {
		x.bucket[i] += x.bucket[i-1]
	}
	return x
}

// of gives the last statements that have the sentence, at most maxSameSentence.
func (x *sentences) of(fingerprint uint64) []print {
	if len(x.all) == 0 {
		return nil
	}
	in := x.all[x.bucket[fingerprint>>x.shift]:x.bucket[fingerprint>>x.shift+1]]
	end, _ := slices.BinarySearchFunc(in, fingerprint, func(p print, f uint64) int {
		if p.print <= f {
			return -1
		}
		return 1
	})
	start := end
	for start > 0 && in[start-1].print == fingerprint && end-start < maxSameSentence {
		start--
	}
	return in[start:end]
}

// quotations ties each statement to the messages in which it stands as a quotation.
func (a *analysis) quotations() (pairs, error) {
	telling := a.tellingSentences()
	var found pairs
	a.quotes = make(bitset, (len(a.Messages)+63)/64)
	for i := range a.Messages {
		m := &a.Messages[i]
		quotes, err := a.Quotes(int32(i))
		if err != nil {
			return nil, err
		}
		if len(quotes) > 0 {
			a.quotes.set(int32(i))
		}
		first := len(found)
		for _, q := range quotes {
			for _, p := range telling.of(q) {
				of := a.Input.Statements[p.statement].Message
				if of != int32(i) && !m.Sent.before(a.Messages[of].Sent) {
					found = append(found, pair(p.statement, int32(i)))
				}
			}
		}
		slices.Sort(found[first:]) // several of its sentences may be quoted
		found = found[:first+len(slices.Compact(found[first:]))]
	}
	slices.Sort(found)
	return found, nil
}
