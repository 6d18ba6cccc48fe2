package thread

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"onrecord/pkg/rows"
)

// Forest is the result: every message is in exactly one thread, and the links of parents have no cycle.
type Forest struct {
	Threads  *Threads
	threadOf []int32
	parent   []int32
	why      []ground
}

// Threads are all threads, on disk: there may be as many as messages.
type Threads struct {
	count    int
	notes    *rows.Journal      // a thread without its exhibits each
	exhibits *rows.Table[int32] // of all threads, one after the other
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

// ID is the name of thread t, from 0; "" of none.
func ID(t int) string {
	if t < 0 {
		return ""
	}
	return "t" + strconv.Itoa(t+1)
}

// Len is their number.
func (l *Threads) Len() int { return l.count }

// All reads them back, in order of their first exhibits.
func (l *Threads) All() iter.Seq2[Thread, error] {
	return func(yield func(Thread, error) bool) {
		at := 0
		for raw, err := range l.notes.All() {
			var t Thread
			if err == nil {
				err = t.read(raw)
			}
			for k := range t.Exhibits {
				t.Exhibits[k] = int(l.exhibits.At(at))
				at++
			}
			if err == nil {
				err = l.exhibits.Err()
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// ThreadOf returns the number of the thread of message i, from 0.
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
	order   []int32  // messages by exhibit
	exhibit []int32  // by message
	ids     numbers  // of the Message-IDs that messages have or cite
	sight   []uint32 // by their numbers: which id it is, by first sight in the order of Add
	held    []int32  // by id: the first message in order that has it, or -1
	node    []uint32 // by message: its id; without one, a number behind those
	set     []uint32 // union-find over nodes
	lacking []bool   // messages that cite what is not held
	joins   []join
}

// join is a tie that References and In-Reply-To do not make.
type join struct {
	message, to int32
	why         ground
}

// Build ties the messages together. order lists them by exhibit number: order[0] is the message that is exhibit 1. The Builder is not used further.
func (b *Builder) Build(order []int32) (*Forest, error) {
	n := b.entries.Len()
	s := &build{Builder: b, order: order, exhibit: make([]int32, n), lacking: make([]bool, n), Forest: &Forest{
		threadOf: make([]int32, n), parent: make([]int32, n), why: make([]ground, n), Threads: &Threads{notes: rows.NewJournal(b.open), exhibits: rows.NewTable[int32](b.open)}}}
	for k, i := range order {
		s.exhibit[i] = int32(k + 1)
	}
	for i := range n {
		s.parent[i] = -1
	}
	b.raw = make([]byte, 1<<10) // more than most notes have
	if err := b.notes.Flush(); err != nil {
		return nil, err
	}
	for _, step := range [...]func() error{s.number, s.tieByIDs, s.tieByIndex, s.tieBySubject, s.breakCycles, s.collect} {
		if err := cmp.Or(step(), s.entries.Err()); err != nil {
			return nil, err
		}
	}
	return s.Forest, nil
}

func (s *build) entry(i int32) entry { return s.entries.At(int(i)) }

func (s *build) together(i, other int32) bool {
	return s.root(s.node[i]) == s.root(s.node[other])
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

// id is the place of a Message-ID among all, by first sight.
func (s *build) id(hash uint64) (uint32, error) {
	at := s.ids.of(hash)
	if at < 0 {
		return 0, errPacked
	}
	return s.sight[at], nil
}

// eachID goes through the Message-IDs that messages have or cite, in the order of Add.
func (s *build) eachID(do func(hash uint64)) error {
	for i := range s.order {
		e := s.entry(int32(i))
		if e.ID != 0 {
			do(e.ID)
		}
		if !e.Cites {
			continue
		}
		note, err := s.noteOf(e)
		if err != nil {
			return err
		}
		for _, id := range note.cites {
			do(s.hash(id))
		}
	}
	return nil
}

// number puts the ids in order of first sight, so that nothing depends on their hashes, and gives each message its node.
func (s *build) number() error {
	if err := s.eachID(s.ids.add); err != nil {
		return err
	}
	s.ids.settle()
	s.sight = make([]uint32, s.ids.len())
	next := uint32(0)
	if err := s.eachID(func(hash uint64) {
		if at := s.ids.of(hash); at >= 0 && s.sight[at] == 0 {
			next++
			s.sight[at] = next
		}
	}); err != nil {
		return err
	}
	for at := range s.sight {
		s.sight[at]--
	}
	s.node = make([]uint32, len(s.order))
	for i := range s.node {
		hash := s.entry(int32(i)).ID
		if hash == 0 {
			s.node[i] = next
			next++
			continue
		}
		var err error
		if s.node[i], err = s.id(hash); err != nil {
			return err
		}
	}
	s.set = make([]uint32, next)
	for k := range s.set {
		s.set[k] = uint32(k)
	}
	s.held = make([]int32, s.ids.len())
	for id := range s.held {
		s.held[id] = -1
	}
	for _, i := range s.order {
		if id := s.node[i]; int(id) < len(s.held) && s.held[id] < 0 {
			s.held[id] = i
		}
	}
	return nil
}

// tieByIDs joins each message with all that it cites (RFC 5256 step 1), and finds parents.
func (s *build) tieByIDs() error {
	for _, i := range s.order {
		e := s.entry(i)
		if !e.Cites {
			continue
		}
		note, err := s.noteOf(e)
		if err != nil {
			return err
		}
		for k, text := range note.cites {
			id, err := s.id(s.hash(text))
			if err != nil {
				return err
			}
			s.union(s.node[i], id)
			if s.held[id] < 0 {
				s.lacking[i] = true
				continue
			}
			// Of References the last one that is held, of In-Reply-To the first, which weighs more.
			if s.why[i] == byInReplyTo {
				continue
			}
			if s.parent[i], s.why[i] = s.held[id], byInReplyTo; k < note.references {
				s.why[i] = byReferences
			}
		}
	}
	return nil
}

// tieByIndex joins messages whose Thread-Index has the same root, and takes the longest shorter index as the parent's.
func (s *build) tieByIndex() error {
	var indexes numbers // of whole ones and of their roots
	each := func(do func(i int32, index string)) error {
		for _, i := range s.order {
			e := s.entry(i)
			if !e.Indexed {
				continue
			}
			note, err := s.noteOf(e)
			if err == nil && len(note.index) < indexRoot {
				err = errPacked
			}
			if err != nil {
				return err
			}
			do(i, note.index)
		}
		return nil
	}
	if err := each(func(_ int32, index string) {
		indexes.add(s.hash(index))
		indexes.add(s.hash(index[:indexRoot]))
	}); err != nil || indexes.len() == 0 {
		return err
	}
	indexes.settle()
	first, leader := make([]int32, indexes.len()), make([]int32, indexes.len()) // the first message that has the index; whose index has the root
	for k := range first {
		first[k], leader[k] = -1, -1
	}
	if err := each(func(i int32, index string) {
		if k := indexes.of(s.hash(index)); k >= 0 && first[k] < 0 {
			first[k] = i
		}
	}); err != nil {
		return err
	}
	return each(func(i int32, index string) {
		k := indexes.of(s.hash(index[:indexRoot]))
		if k < 0 {
			return // not read back as it was before
		}
		if leader[k] < 0 {
			leader[k] = i
		}
		if !s.together(i, leader[k]) {
			s.union(s.node[i], s.node[leader[k]])
			s.joins = append(s.joins, join{i, leader[k], byIndex})
		}
		for l := len(index) - indexBlock; s.parent[i] < 0 && l >= indexRoot; l -= indexBlock {
			if k := indexes.of(s.hash(index[:l])); k >= 0 && first[k] >= 0 {
				s.parent[i], s.why[i] = first[k], byIndex
			}
		}
	})
}

// candidate is a message that may be tied to another by its subject.
type candidate struct {
	message int32
	rank    int32 // of the base subject
	at      int64
}

// tieBySubject joins an answer that no id and no index ties to anything with an earlier message of the same base subject.
func (s *build) tieBySubject() error {
	var subjects numbers                 // of messages that look for a parent
	members := make([]uint8, len(s.set)) // by set that holds such a message: how many are in it, plus one, up to three
	for _, i := range s.order {
		if s.parent[i] >= 0 {
			continue
		}
		if e := s.entry(i); e.Answer && e.Subject != 0 && e.At != unknown {
			subjects.add(e.Subject)
			members[s.root(s.node[i])] = 1
		}
	}
	if subjects.len() == 0 {
		return nil
	}
	subjects.settle()
	rank := make([]int32, subjects.len()) // by first sight, from 1
	for i := range s.order {
		if r := s.root(s.node[i]); members[r] > 0 {
			members[r] = min(members[r]+1, 3)
		}
		if k := subjects.of(s.entry(int32(i)).Subject); k >= 0 && rank[k] == 0 {
			rank[k] = int32(i + 1)
		}
	}
	var pool []candidate
	for _, i := range s.order {
		e := s.entry(i)
		if k := subjects.of(e.Subject); k >= 0 && e.At != unknown {
			pool = append(pool, candidate{i, rank[k], e.At})
		}
	}
	slices.SortStableFunc(pool, func(x, y candidate) int { return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.at, y.at)) })
	var earlier []said // of the same subject
	for _, c := range pool {
		e := s.entry(c.message)
		note, err := s.noteOf(e)
		if err != nil {
			return err
		}
		if len(earlier) > 0 && earlier[0].rank != c.rank {
			earlier = nil
		}
		i, own := c.message, said{c, e.ID, slices.Clone(note.people), note.author}
		// Of those that cite, only those whose ids tie them to nobody.
		if e.Answer && s.parent[i] < 0 && (!e.Cites || members[s.root(s.node[i])] == 2) {
			if to := answered(earlier, &own); to >= 0 {
				if !s.together(i, to) {
					s.union(s.node[i], s.node[to])
					s.joins = append(s.joins, join{i, to, bySubject})
				}
				s.parent[i], s.why[i] = to, bySubject
			}
		}
		if earlier = append(earlier, own); len(earlier) > subjectLookBack {
			earlier = earlier[1:]
		}
	}
	return nil
}

// said is a candidate and who wrote it to whom.
type said struct {
	candidate
	id     uint64
	people []int32
	author bool // people[0] is the author
}

// answered picks, from earlier messages of the same subject, the newest one that a message answers; best one whose author it is written to.
func answered(earlier []said, by *said) int32 {
	second := int32(-1)
	for _, o := range slices.Backward(earlier) {
		if by.at-o.at > int64(subjectWindow/time.Second) {
			break
		}
		if o.id != 0 && o.id == by.id {
			continue
		}
		if len(by.people) == 0 || len(o.people) == 0 || o.author && slices.Contains(by.people[bit(by.author):], o.people[0]) {
			return o.message
		}
		if second < 0 && slices.ContainsFunc(by.people, func(p int32) bool { return slices.Contains(o.people, p) }) {
			second = o.message
		}
	}
	return second
}

// breakCycles cuts each cycle of parents (forged or mangled ids) at its earliest message.
func (s *build) breakCycles() error {
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
			known := a.At != unknown && (b.At == unknown || a.At < b.At)
			if known || a.At == b.At && s.exhibit[j] < s.exhibit[earliest] {
				earliest = j
			}
		}
		s.parent[earliest], s.why[earliest] = -1, none
	}
	return nil
}

// collect writes the threads down, in order of their first exhibits.
func (s *build) collect() error {
	number := make([]int32, len(s.set)) // by set: its thread, from 1
	var end []int32                     // by thread: first its size, then where it ends in members
	for _, i := range s.order {
		r := s.root(s.node[i])
		if number[r] == 0 {
			end = append(end, 0)
			number[r] = int32(len(end))
		}
		s.threadOf[i] = number[r] - 1
		end[number[r]-1]++
	}
	s.set, s.node = nil, nil
	for t := 1; t < len(end); t++ {
		end[t] += end[t-1]
	}
	members := make([]int32, len(s.order))
	for _, i := range slices.Backward(s.order) { // end falls to where the thread begins
		t := s.threadOf[i]
		end[t]--
		members[end[t]] = i
	}
	slices.SortStableFunc(s.joins, func(a, b join) int {
		return cmp.Or(cmp.Compare(s.threadOf[a.message], s.threadOf[b.message]), cmp.Compare(s.exhibit[a.message], s.exhibit[b.message]))
	})
	for t := range end {
		last := len(members)
		if t+1 < len(end) {
			last = int(end[t+1])
		}
		if err := s.thread(members[end[t]:last]); err != nil {
			return err
		}
	}
	return s.Threads.notes.Flush()
}

// thread writes down the next thread.
func (s *build) thread(members []int32) error {
	l := s.Threads
	t := Thread{ID: ID(l.count), Exhibits: make([]int, len(members))}
	place := map[uint32]int{} // of a missing id, in t.Missing; -1 when it was left out
	for k, i := range members {
		t.Exhibits[k] = int(s.exhibit[i])
		if err := l.exhibits.Add(s.exhibit[i]); err != nil {
			return err
		}
		if k > 0 && !s.lacking[i] {
			continue
		}
		note, err := s.noteOf(s.entry(i))
		if err != nil {
			return err
		}
		if k == 0 {
			t.Subject = note.subject
		}
		for _, text := range note.cites {
			id, err := s.id(s.hash(text))
			if err != nil {
				return err
			}
			if s.held[id] < 0 {
				t.miss(id, text, int(s.exhibit[i]), place)
			}
		}
	}
	if err := s.tell(&t); err != nil {
		return err
	}
	l.count++
	_, err := l.notes.Add(t.append(nil))
	return err
}

func (t *Thread) miss(id uint32, text string, exhibit int, place map[uint32]int) {
	at, known := place[id]
	if !known {
		at = len(t.Missing)
		if at >= mostMissing {
			at = -1
			t.MissingLeftOut++
		} else {
			t.Missing = append(t.Missing, Missing{MessageID: "<" + text + ">"})
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

// tell writes a sentence for each join of the thread.
func (s *build) tell(t *Thread) error {
	left := 0
	for ; len(s.joins) > 0 && int(s.threadOf[s.joins[0].message]) == s.Threads.count; s.joins = s.joins[1:] {
		if len(t.Joined) >= mostJoined {
			left++
			continue
		}
		sentence, err := s.sentence(s.joins[0])
		if err != nil {
			return err
		}
		t.Joined = append(t.Joined, sentence)
	}
	if left > 0 {
		t.Joined = append(t.Joined, fmt.Sprintf("%d further messages were joined in the same ways", left))
	}
	return nil
}

func (s *build) sentence(j join) (string, error) {
	if j.why == byIndex {
		return fmt.Sprintf("exhibit %d was joined with exhibit %d because their Thread-Index fields have the same root", s.exhibit[j.message], s.exhibit[j.to]), nil
	}
	e, o := s.entry(j.message), s.entry(j.to)
	note, err := s.noteOf(o)
	if err != nil {
		return "", err
	}
	persons := len(note.people) > 0
	if note, err = s.noteOf(e); err != nil {
		return "", err
	}
	cites := "it cites no message"
	if e.Cites {
		cites = "no message that it cites is held"
	}
	common := ", and they have correspondents in common"
	if !persons || len(note.people) == 0 {
		common = ""
	}
	return fmt.Sprintf("exhibit %d was joined with exhibit %d by subject alone: %s, but it answers “%s”, the subject of exhibit %d, which was sent %s%s",
		s.exhibit[j.message], s.exhibit[j.to], cites, shorten(note.subject), s.exhibit[j.to], ago(e.At-o.At), common), nil
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
