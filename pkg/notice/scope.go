package notice

import (
	"cmp"
	"slices"
	"time"
)

// A scope is what threads speak of one affair: those that are tied by a quotation, or that share people, time and words. Topics and contradictions are
// looked for inside of a scope. A mailbox of many affairs has many; the fewer threads there are, the less it takes to tie two.

// Bounds of the search for scopes.
const (
	scopeGap      = 60 * 24 * time.Hour // between the end of one thread and the beginning of another
	scopeGapFew   = 14 * 24 * time.Hour // where they have no word in common, in a dossier of few threads
	fewThreads    = 12                  // so many threads are read as one affair where people and time agree
	someThreads   = 30                  // up to here one word in common is enough
	scopeLookBack = 16                  // earlier threads with the same word that are looked at
	maxThreadWord = 400                 // stems kept of one thread
	maxThreadFolk = 64                  // persons kept of one thread
	maxStems      = 48                  // stems kept of one statement
)

// spoken is what topics need of a statement.
type spoken struct {
	words    Run   // in analysis.stems
	additive bool  // it says that it adds another matter: "on top of that", "außerdem"
	definite bool  // it begins with a subject of its own
	pointing bool  // it begins with a word that points back
	named    int32 // in analysis.caseTopics; -1: the case file does not name its topic
	topic    int32
	tie      tie
}

// talk is one thread that holds statements.
type talk struct {
	last  Moment
	end   int32 // the message of last; -1: none has a time
	scope int32 // index in talks of the scope's first thread
}

// gist is what tying threads together needs of one.
type gist struct {
	thread int32
	first  Moment
	words  []uint32 // sorted
	folk   []int32  // sorted
}

// search is what is at hand while topics are looked for.
type search struct {
	*analysis
	spoken []spoken // beside Statements
	stems  []uint32 // the slab of spoken.words
	gists  []gist   // beside talks

	caseMatters map[int32]int32 // index in caseTopics → in matters
}

// listen reads the statements once and keeps the stems of their words.
func (a *search) listen() error {
	a.spoken = make([]spoken, len(a.Input.Statements))
	for i := range a.Input.Statements {
		b := &a.Input.Statements[i]
		a.spoken[i].topic, a.spoken[i].named = -1, -1
		if b.Rejected {
			continue
		}
		s, err := a.Load(b.Ref)
		if err != nil {
			return err
		}
		w := contentWords(s.Text)
		w = w[:min(len(w), maxStems)]
		a.spoken[i].words = Run{uint32(len(a.stems)), uint32(len(w))}
		a.stems = append(a.stems, w...)
		sp := &a.spoken[i]
		sp.additive, sp.definite, sp.pointing = opening(s.Text)
		sp.named = a.caseTopicOf(&s)
	}
	return nil
}

// scopes ties threads together. Afterwards scopeOf gives the scope of a message.
func (a *search) scopes() error {
	index := map[int32]int32{} // thread → talk
	for i := range a.Input.Statements {
		b := &a.Input.Statements[i]
		if b.Rejected {
			continue
		}
		t := a.Messages[b.Message].Thread
		n, known := index[t]
		if !known {
			n = int32(len(a.talks))
			index[t] = n
			a.talks = append(a.talks, talk{scope: n, end: -1})
			a.gists = append(a.gists, gist{thread: t})
		}
		if g := &a.gists[n]; len(g.words) < maxThreadWord {
			g.words = append(g.words, cut(a.stems, a.spoken[i].words)...)
		}
	}
	for i := range a.Messages {
		m := &a.Messages[i]
		n, known := index[m.Thread]
		if !known {
			continue
		}
		k, g := &a.talks[n], &a.gists[n]
		if m.Sent.known() && m.Sent.before(g.first) {
			if !g.first.known() || len(g.words) < maxThreadWord {
				subject, err := a.Subject(int32(i))
				if err != nil {
					return err
				}
				g.words = append(g.words, contentWords(subject)...)
			}
			g.first = m.Sent
		}
		if m.Sent.known() && (!k.last.known() || k.last.before(m.Sent)) {
			k.last, k.end = m.Sent, int32(i)
		}
		if len(g.folk) < maxThreadFolk {
			g.folk = append(g.folk, m.Author)
			for _, r := range a.recipients(m) {
				g.folk = append(g.folk, r.Person)
			}
		}
	}
	order := make([]int32, len(a.talks))
	for n := range a.talks {
		k := &a.gists[n]
		k.words, k.folk = sortedSet(k.words), sortedSet(k.folk)
		k.folk = slices.DeleteFunc(k.folk, func(p int32) bool { return !a.is(p) || a.Persons[p].List || a.Persons[p].Automatic })
		order[n] = int32(n)
	}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(a.gists[x].first.compare(a.gists[y].first), cmp.Compare(a.gists[x].thread, a.gists[y].thread))
	})
	a.tieByWords(order)
	for _, q := range a.quoting { // whoever quotes a statement speaks of it
		if n, known := index[a.Messages[second(q)].Thread]; known {
			a.joinTalks(n, index[a.Messages[a.Input.Statements[first(q)].Message].Thread])
		}
	}
	a.talkOf = index
	return nil
}

func sortedSet[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// tieByWords goes through the threads in order of time and looks at the last ones that have a word in common.
func (a *search) tieByWords(order []int32) {
	few, some := len(order) <= fewThreads, len(order) <= someThreads
	df := map[uint32]int{}
	for n := range a.gists {
		for _, w := range a.gists[n].words {
			df[w]++
		}
	}
	rare := max(3, len(order)/100)
	if some {
		rare = len(order)
	}
	latest := map[uint32][]int32{}
	for at, n := range order {
		shared := map[int32]int{}
		for _, w := range a.gists[n].words {
			if df[w] > rare || df[w] < 2 {
				continue
			}
			list := latest[w]
			for _, e := range list[max(0, len(list)-scopeLookBack):] {
				shared[e]++
			}
			latest[w] = append(list, n)
		}
		for _, e := range sortedKeys(shared) {
			if (some || shared[e] >= 3) && a.near(e, n, scopeGap) {
				a.joinTalks(n, e)
			}
		}
		if few {
			for _, e := range order[:at] {
				if a.near(e, n, scopeGapFew) {
					a.joinTalks(n, e)
				}
			}
		}
	}
}

func sortedKeys(m map[int32]int) []int32 {
	keys := make([]int32, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// near tells whether two threads, the first of which began earlier, have two persons in common and no long time between them.
func (a *search) near(e, l int32, gap time.Duration) bool {
	early, late := &a.gists[e], &a.gists[l]
	if last := a.talks[e].last; !last.known() || !late.first.known() || late.first.time().Sub(last.time()) > gap {
		return false
	}
	common := 0
	for i, j := 0, 0; i < len(early.folk) && j < len(late.folk); {
		switch {
		case early.folk[i] < late.folk[j]:
			i++
		case early.folk[i] > late.folk[j]:
			j++
		default:
			common++
			i, j = i+1, j+1
		}
	}
	return common >= 2
}

func (a *analysis) rootTalk(n int32) int32 {
	for a.talks[n].scope != n {
		a.talks[n].scope = a.talks[a.talks[n].scope].scope
		n = a.talks[n].scope
	}
	return n
}

func (a *analysis) joinTalks(x, y int32) {
	x, y = a.rootTalk(x), a.rootTalk(y)
	a.talks[max(x, y)].scope = min(x, y)
}

// scopeOf gives the number of the scope of a message that holds a statement; -1 for another.
func (a *analysis) scopeOf(message int32) int32 {
	n, known := a.talkOf[a.Messages[message].Thread]
	if !known {
		return -1
	}
	return a.rootTalk(n)
}
