package thread

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Forest is the result: every message is in exactly one thread, and the links of parents have no cycle.
type Forest struct {
	Threads  []Thread
	threadOf []int32
	parent   []int32
	why      []ground
}

// ground is an index into grounds.
type ground uint8

const (
	none ground = iota
	byInReplyTo
	byReferences
	byIndex
	bySubject
)

// ThreadOf returns the index into Threads of message i.
func (f *Forest) ThreadOf(i int) int { return int(f.threadOf[i]) }

// Parent returns the message that message i answers, or -1 when that is not known or not held.
func (f *Forest) Parent(i int) int { return int(f.parent[i]) }

// ParentWhy tells on what Parent rests: ByInReplyTo, ByReferences, ByThreadIndex, BySubject; "" without a parent.
func (f *Forest) ParentWhy(i int) string {
	return [...]string{none: "", byInReplyTo: ByInReplyTo, byReferences: ByReferences, byIndex: ByThreadIndex, bySubject: BySubject}[f.why[i]]
}

// build is the state of one Build.
type build struct {
	*Builder
	*Forest
	exhibit []int32  // by message
	order   []int32  // messages by exhibit
	held    []int32  // by id: the first message in order that has it, or -1
	set     []uint32 // union-find over ids, then messages
	joins   []join
}

// join is a tie that References and In-Reply-To do not make.
type join struct {
	message, to int32
	why         ground
}

// Build ties the messages together. exhibit gives the exhibit number of message i, from 1.
// The Builder may be used further.
func (b *Builder) Build(exhibit func(i int) int) *Forest {
	n := b.entries.Len()
	s := &build{Builder: b, Forest: &Forest{Threads: []Thread{}, threadOf: make([]int32, n), parent: make([]int32, n), why: make([]ground, n)}}
	s.exhibit, s.order = make([]int32, n), make([]int32, n)
	for i := range n {
		s.threadOf[i], s.parent[i] = -1, -1
		s.exhibit[i], s.order[i] = int32(exhibit(i)), int32(i)
	}
	slices.SortStableFunc(s.order, func(x, y int32) int { return cmp.Compare(s.exhibit[x], s.exhibit[y]) })
	s.set = make([]uint32, b.ids.len()+n)
	for k := range s.set {
		s.set[k] = uint32(k)
	}
	s.tieByIDs()
	s.tieByIndex()
	s.tieBySubject()
	s.breakCycles()
	s.collect()
	return s.Forest
}

func (s *build) entry(i int32) *entry { return s.entries.At(int(i)) }

func (s *build) idNode(id uint32) uint32    { return id - 1 }
func (s *build) messageNode(i int32) uint32 { return uint32(s.ids.len()) + uint32(i) }
func (s *build) together(i, other int32) bool {
	return s.root(s.messageNode(i)) == s.root(s.messageNode(other))
}

func (s *build) root(x uint32) uint32 {
	for s.set[x] != x {
		s.set[x] = s.set[s.set[x]] // halving the path keeps it short without recursion
		x = s.set[x]
	}
	return x
}

func (s *build) union(x, y uint32) {
	x, y = s.root(x), s.root(y)
	s.set[max(x, y)] = min(x, y)
}

// tieByIDs joins each message with its own id and all that it cites (RFC 5256 step 1), and finds parents.
func (s *build) tieByIDs() {
	s.held = make([]int32, s.ids.len()+1)
	for id := range s.held {
		s.held[id] = -1
	}
	for _, i := range s.order {
		if id := s.entry(i).id; id != 0 && s.held[id] < 0 {
			s.held[id] = i
		}
	}
	for _, i := range s.order {
		e := s.entry(i)
		node := s.messageNode(i)
		if e.id != 0 {
			s.union(node, s.idNode(e.id))
		}
		for id, why := range s.citedBy(e) {
			s.union(node, s.idNode(id))
			// Of References the last one that is held, of In-Reply-To the first, which weighs more.
			if s.held[id] >= 0 && s.why[i] != byInReplyTo {
				s.parent[i], s.why[i] = s.held[id], why
			}
		}
	}
}

// tieByIndex joins messages whose Thread-Index has the same root, and takes the longest shorter index as the parent's.
func (s *build) tieByIndex() {
	if s.indexes.len() == 0 {
		return
	}
	first := make([]int32, s.indexes.len()+1) // by index: the first message that has it
	for k := range first {
		first[k] = -1
	}
	for _, i := range s.order {
		if x := s.entry(i).index; x != 0 && first[x] < 0 {
			first[x] = i
		}
	}
	conversations := map[string]int32{}
	for _, i := range s.order {
		x := s.entry(i).index
		if x == 0 {
			continue
		}
		raw := s.indexes.text(x)
		leader, known := conversations[raw[:indexRoot]]
		if !known {
			conversations[raw[:indexRoot]] = i
			leader = i
		}
		if !s.together(i, leader) {
			s.union(s.messageNode(i), s.messageNode(leader))
			s.joins = append(s.joins, join{i, leader, byIndex})
		}
		for l := len(raw) - indexBlock; s.parent[i] < 0 && l >= indexRoot; l -= indexBlock {
			if y := s.indexes.lookup(raw[:l]); y != 0 && first[y] >= 0 {
				s.parent[i], s.why[i] = first[y], byIndex
			}
		}
	}
}

// tieBySubject joins an answer that no id and no index ties to anything with an earlier message of the same base subject.
func (s *build) tieBySubject() {
	keys := s.keys()
	wanted := map[uint32]bool{} // subjects of messages that look for a parent
	size := map[uint32]int{}    // messages by set, for the sets of these messages
	for _, i := range s.order {
		if e := s.entry(i); e.answer && keys[e.subject] != 0 && e.at != unknown && s.parent[i] < 0 {
			wanted[keys[e.subject]] = true
			size[s.root(s.messageNode(i))] = 0
		}
	}
	if len(wanted) == 0 {
		return
	}
	for _, i := range s.order {
		r := s.root(s.messageNode(i))
		if n, ok := size[r]; ok {
			size[r] = n + 1
		}
	}
	var pool []int32
	for _, i := range s.order {
		if e := s.entry(i); e.at != unknown && wanted[keys[e.subject]] {
			pool = append(pool, i)
		}
	}
	slices.SortStableFunc(pool, func(x, y int32) int {
		a, b := s.entry(x), s.entry(y)
		return cmp.Or(cmp.Compare(keys[a.subject], keys[b.subject]), cmp.Compare(a.at, b.at))
	})
	for k, i := range pool {
		e := s.entry(i)
		cites := e.references+e.inReplyTo > 0
		if !e.answer || s.parent[i] >= 0 || cites && size[s.root(s.messageNode(i))] != 1 {
			continue // its ids tie it to others already
		}
		earlier := pool[max(0, k-subjectLookBack):k]
		for len(earlier) > 0 && keys[s.entry(earlier[0]).subject] != keys[e.subject] {
			earlier = earlier[1:]
		}
		if to := s.answered(earlier, i); to >= 0 {
			if !s.together(i, to) {
				s.union(s.messageNode(i), s.messageNode(to))
				s.joins = append(s.joins, join{i, to, bySubject})
			}
			s.parent[i], s.why[i] = to, bySubject
		}
	}
}

// keys gives each subject the number of the first one with the same base; 0 where the base is empty.
func (s *build) keys() []uint32 {
	first := map[string]uint32{}
	keys := make([]uint32, s.subjects.len()+1)
	for n := 1; n < len(keys); n++ {
		_, key, _ := base(s.subjects.text(uint32(n)))
		if first[key] == 0 && key != "" {
			first[key] = uint32(n)
		}
		keys[n] = first[key]
	}
	return keys
}

// answered picks, from earlier messages of the same subject, the newest one that i answers; best one whose author i writes to.
func (s *build) answered(earlier []int32, i int32) int32 {
	e := s.entry(i)
	second := int32(-1)
	for k := len(earlier) - 1; k >= 0; k-- {
		o := s.entry(earlier[k])
		if e.at-o.at > int64(subjectWindow/time.Second) {
			break
		}
		if o.id != 0 && o.id == e.id {
			continue
		}
		mine, theirs := s.peopleOf(e), s.peopleOf(o)
		if mine == nil || theirs == nil || o.author && slices.Contains(mine[bit(e.author):], theirs[0]) {
			return earlier[k]
		}
		if second < 0 && slices.ContainsFunc(mine, func(p uint32) bool { return slices.Contains(theirs, p) }) {
			second = earlier[k]
		}
	}
	return second
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// breakCycles cuts each cycle of parents (forged or mangled ids) at its earliest message.
func (s *build) breakCycles() {
	walk := make([]int32, len(s.parent)) // 0: not seen; else the number of the walk that came here
	for k, start := range s.order {
		mark := int32(k + 1)
		i := start
		for i >= 0 && walk[i] == 0 {
			walk[i] = mark
			i = s.parent[i]
		}
		if i < 0 || walk[i] != mark {
			continue
		}
		earliest := i
		for j := s.parent[i]; j != i; j = s.parent[j] {
			a, b := s.entry(j), s.entry(earliest)
			known := a.at != unknown && (b.at == unknown || a.at < b.at)
			if known || a.at == b.at && s.exhibit[j] < s.exhibit[earliest] {
				earliest = j
			}
		}
		s.parent[earliest], s.why[earliest] = -1, none
	}
}

// collect writes the threads down, in order of their first exhibits.
func (s *build) collect() {
	number := make([]int32, len(s.set)) // by set: its thread, from 1
	sizes := []int{}
	for _, i := range s.order {
		r := s.root(s.messageNode(i))
		if number[r] == 0 {
			sizes = append(sizes, 0)
			number[r] = int32(len(sizes))
		}
		s.threadOf[i] = number[r] - 1
		sizes[number[r]-1]++
	}
	s.Threads = make([]Thread, len(sizes))
	slab := make([]int, len(s.order))
	for t, size := range sizes {
		s.Threads[t] = Thread{ID: fmt.Sprintf("t%d", t+1), Exhibits: slab[:0:size], Missing: []Missing{}, Joined: []string{}}
		slab = slab[size:]
	}
	place := map[uint32]int32{} // of a missing id, in its thread's Missing; -1 when it was left out
	for _, i := range s.order {
		t := &s.Threads[s.threadOf[i]]
		if len(t.Exhibits) == 0 {
			t.Subject = s.subjects.text(s.entry(i).subject)
		}
		t.Exhibits = append(t.Exhibits, int(s.exhibit[i]))
		for id := range s.citedBy(s.entry(i)) {
			if s.held[id] < 0 {
				s.miss(t, id, int(s.exhibit[i]), place)
			}
		}
	}
	s.tell()
}

func (s *build) miss(t *Thread, id uint32, exhibit int, place map[uint32]int32) {
	at, known := place[id]
	if !known {
		at = int32(len(t.Missing))
		if at >= mostMissing {
			at = -1
			t.MissingLeftOut++
		} else {
			t.Missing = append(t.Missing, Missing{MessageID: "<" + s.ids.text(id) + ">"})
		}
		place[id] = at
	}
	if at < 0 {
		return
	}
	m := &t.Missing[at]
	if n := len(m.CitedBy); n < mostCitedBy && (n == 0 || m.CitedBy[n-1] != exhibit) {
		m.CitedBy = append(m.CitedBy, exhibit)
	}
}

// tell writes a sentence for each join.
func (s *build) tell() {
	left := map[int32]int{}
	slices.SortStableFunc(s.joins, func(a, b join) int { return cmp.Compare(s.exhibit[a.message], s.exhibit[b.message]) })
	for _, j := range s.joins {
		t := s.threadOf[j.message]
		if len(s.Threads[t].Joined) >= mostJoined {
			left[t]++
			continue
		}
		s.Threads[t].Joined = append(s.Threads[t].Joined, s.sentence(j))
	}
	for t := range s.Threads {
		if n := left[int32(t)]; n > 0 {
			s.Threads[t].Joined = append(s.Threads[t].Joined, fmt.Sprintf("%d further messages were joined in the same ways", n))
		}
	}
}

func (s *build) sentence(j join) string {
	e, o := s.entry(j.message), s.entry(j.to)
	if j.why == byIndex {
		return fmt.Sprintf("exhibit %d was joined with exhibit %d because their Thread-Index fields have the same root", s.exhibit[j.message], s.exhibit[j.to])
	}
	cites := "it cites no message"
	if e.references+e.inReplyTo > 0 {
		cites = "no message that it cites is held"
	}
	common := ", and they have correspondents in common"
	if e.persons == 0 || o.persons == 0 {
		common = ""
	}
	return fmt.Sprintf("exhibit %d was joined with exhibit %d by subject alone: %s, but it answers “%s”, the subject of exhibit %d, which was sent %s%s",
		s.exhibit[j.message], s.exhibit[j.to], cites, shorten(s.subjects.text(e.subject)), s.exhibit[j.to], ago(e.at-o.at), common)
}

func shorten(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func ago(seconds int64) string {
	switch days := seconds / (24 * 3600); {
	case days > 1:
		return fmt.Sprintf("%d days earlier", days)
	case days == 1:
		return "a day earlier"
	}
	return "less than a day earlier"
}
