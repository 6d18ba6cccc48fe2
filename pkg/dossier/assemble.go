package dossier

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"onrecord/pkg/digest"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/thread"
)

// assemble numbers the exhibits and derives what the messages show together.
func (b *builder) assemble() error {
	b.byDigest = tags{}
	b.number()
	// Putting the files in their places waits for the file system; what follows does not need them before the end.
	files := &files{}
	placed := make(chan error, 1)
	go func() { placed <- b.putInPlace(files) }()
	err := b.journal.Flush()
	if err == nil {
		err = b.derive(files)
	}
	if perr := <-placed; perr != nil {
		b.d.Wait()
		err = cmp.Or(err, perr)
	}
	return err
}

// number orders the messages by time, then by reading.
func (b *builder) number() {
	at := make([]int64, b.kept.Len())
	b.order, b.place = make([]int32, len(at)), make([]int32, len(at))
	for i := range at {
		at[i], b.order[i] = b.kept.At(i).Order, int32(i)
	}
	slices.SortFunc(b.order, func(x, y int32) int { return cmp.Or(cmp.Compare(at[x], at[y]), cmp.Compare(x, y)) })
	for n, i := range b.order {
		b.place[i] = int32(n)
	}
}

// putInPlace gives each message its exhibit's name, and digests them all.
func (b *builder) putInPlace(files *files) error {
	lines := sha256.New()
	for n, i := range b.order {
		name, sum, err := b.in.Store.Place(int(i), n+1, len(b.order))
		if err != nil {
			return err
		}
		files.add(n, name)
		fmt.Fprintf(lines, "%s  %s\n", sum.Hex(), name)
	}
	b.d.EvidenceDigest = digest.Sum(lines)
	return nil
}

// derive finds copies, threads, people, and who was told what.
func (b *builder) derive(files *files) error {
	forest, err := b.threads.Build(b.order)
	if err != nil {
		return err
	}
	b.threads = nil
	b.d.threads = forest.Threads
	if err := b.findCopies(); err != nil {
		return err
	}
	b.ordered = make([]notice.Message, len(b.order))
	for i, n := range b.place {
		b.ordered[n] = b.messages.At(i)
	}
	b.told, b.served = b.recipients.Slice(), b.delivered.Slice()
	if err := cmp.Or(b.kept.Err(), b.messages.Err(), b.recipients.Err(), b.delivered.Err()); err != nil {
		return err
	}
	b.messages, b.recipients, b.delivered = nil, nil, nil

	b.answers(forest)
	book := b.resolver.Resolve()
	refs := b.resolver.Len()
	b.resolver = nil
	b.resolve(b.people(book, refs))

	d := b.d
	d.Count = len(b.order)
	d.LookAlikes = people.LookAlikes(d.People)
	d.Keys.Missing = slices.Sorted(maps.Keys(b.keys))
	if d.Keys.Missing == nil {
		d.Keys.Missing = []string{}
	}
	for n := range b.ordered {
		i, m := int(b.order[n]), &b.ordered[n]
		m.Exhibit, m.Thread = int32(n+1), int32(forest.ThreadOf(i))
		if p := forest.Parent(i); p >= 0 {
			m.Parent = b.place[p]
		}
	}
	view := &view{b: b, files: files}
	d.Messages = view.records()
	d.fragments = view.fragments()
	done := make(chan error, 1)
	go func() { done <- b.analyse(forest, view) }()
	d.wait = sync.OnceValue(func() error { return <-done })
	return nil
}

// files holds the exhibits' file names, which differ in the number only.
type files struct {
	head, tail string // around the number
	digits     int
	others     map[int]string // that do not
}

func (f *files) add(n int, name string) {
	if n == 0 {
		end := strings.LastIndexAny(name, "0123456789") + 1
		head := strings.TrimRight(name[:end], "0123456789")
		*f = files{head: head, tail: name[end:], digits: end - len(head), others: map[int]string{}}
	}
	if f.numbered(n) != name {
		f.others[n] = name
	}
}

func (f *files) numbered(n int) string {
	return fmt.Sprintf("%s%0*d%s", f.head, f.digits, n+1, f.tail)
}

func (f *files) name(n int) string {
	if name, is := f.others[n]; is {
		return name
	}
	return f.numbered(n)
}

// fragment reads the spooled JSON of kept message i into buf, which is made larger where needed.
func (b *builder) fragment(i int32, buf []byte) ([]byte, error) {
	k := b.kept.At(int(i))
	if err := b.kept.Err(); err != nil {
		return nil, err
	}
	raw := slices.Grow(buf[:0], int(k.Length))[:k.Length]
	if _, err := b.spool.ReadAt(raw, k.Offset); err != nil {
		return nil, fmt.Errorf("read back record: %w", err)
	}
	return raw, nil
}

// answers tells the resolver who answered whom: the address that a reply comes from is tied to those that its parent went to.
func (b *builder) answers(forest *thread.Forest) {
	everybody := func(m *notice.Message) []people.Ref {
		var refs []people.Ref
		for _, r := range b.told[m.Recipients.Start:][:m.Recipients.Len] {
			refs = append(refs, people.Ref(r.Person))
		}
		return refs
	}
	for i := range b.kept.Len() {
		p := forest.Parent(i)
		if p < 0 || forest.ParentWhy(i) != thread.ByInReplyTo && forest.ParentWhy(i) != thread.ByReferences {
			continue
		}
		m, parent := &b.ordered[b.place[i]], &b.ordered[b.place[p]]
		b.resolver.Replied(people.Ref(m.Author), everybody(m), people.Ref(parent.Author), everybody(parent))
	}
}

// people puts the persons in order of their first appearance and returns their new places by people.Ref, -1 for none.
func (b *builder) people(book *people.Book, refs int) []int32 {
	number := make([]int32, len(book.Persons))
	for i := range number {
		number[i] = -1
	}
	place := make([]int32, refs)
	for i := range place {
		place[i] = -1
	}
	b.d.People = make([]people.Person, 0, len(book.Persons))
	meet := func(ref int32) {
		if ref < 0 || place[ref] >= 0 {
			return
		}
		p := book.Person(people.Ref(ref))
		if p < 0 {
			return
		}
		if number[p] < 0 {
			number[p] = int32(len(b.d.People))
			person := book.Persons[p]
			person.ID = fmt.Sprintf("p%d", len(b.d.People)+1)
			b.d.People = append(b.d.People, person)
		}
		place[ref] = number[p]
	}
	for i := range b.ordered {
		m := &b.ordered[i]
		meet(m.Author)
		for _, r := range b.told[m.Recipients.Start:][:m.Recipients.Len] {
			meet(r.Person)
		}
		for _, r := range b.served[m.Delivered.Start:][:m.Delivered.Len] {
			meet(r)
		}
	}
	for i := range b.statements.Len() {
		meet(b.statements.At(i).Author)
	}
	for _, r := range b.addressees {
		meet(r)
	}
	b.d.PeopleNotes = book.Notes
	for _, p := range book.Possible {
		if x, y := number[p.A], number[p.B]; x >= 0 && y >= 0 {
			b.d.PossibleSame = append(b.d.PossibleSame, PossibleSame{A: b.d.People[min(x, y)].ID, B: b.d.People[max(x, y)].ID, Why: p.Why})
		}
	}
	return place
}

// resolve puts persons in the place of mailboxes. A person who is named twice in one field of a message stands there once.
func (b *builder) resolve(place []int32) {
	person := func(ref int32) int32 {
		if ref < 0 {
			return -1
		}
		return place[ref]
	}
	for i := range b.told {
		b.told[i].Person = person(b.told[i].Person)
	}
	for _, list := range [...][]int32{b.served, b.addressees} {
		for i := range list {
			list[i] = person(list[i])
		}
	}
	known := func(p int32) bool { return p >= 0 }
	for i := range b.ordered {
		m := &b.ordered[i]
		m.Author = person(m.Author)
		m.Recipients.Len = uint32(distinct(b.told[m.Recipients.Start:][:m.Recipients.Len], func(r notice.Recipient) bool { return known(r.Person) }))
		m.Delivered.Len = uint32(distinct(b.served[m.Delivered.Start:][:m.Delivered.Len], known))
	}
	for i := range b.statements.Len() {
		st := b.statements.At(i)
		st.Author = person(st.Author)
		// The statements of one inner message share its run: doing this again changes nothing.
		st.Addressees.Len = uint32(distinct(b.addressees[st.Addressees.Start:][:st.Addressees.Len], known))
	}
}

// distinct moves the first of each kept value to the front, in order, and returns their number.
func distinct[T comparable](list []T, keep func(T) bool) int {
	seen := make(map[T]bool, min(len(list), 64))
	n := 0
	for _, v := range list {
		if keep(v) && !seen[v] {
			seen[v] = true
			list[n] = v
			n++
		}
	}
	return n
}

// analyse finds who was told what, when.
func (b *builder) analyse(forest *thread.Forest, v *view) error {
	in := notice.Input{Case: b.in.Case, Persons: make([]notice.Party, len(b.d.People)), Messages: b.ordered,
		Recipients: b.told, Delivered: b.served, InnerAddressees: b.addressees, Load: b.loadStatement}
	for i, p := range b.d.People {
		in.Persons[i] = notice.Party{ID: p.ID, Name: p.Name, List: p.Kind == people.List, Automatic: p.Kind == people.Automatic}
	}
	b.copiesDeliver(&in)
	in.Statements = b.said()
	b.inner = nil
	if err := b.applyMarks(&in); err != nil {
		return err
	}
	if err := b.addReturns(&in, forest); err != nil {
		return err
	}
	b.place = nil
	in.Quotes = func(n int32) ([]uint64, error) {
		quotes, _, err := b.loadNote(n)
		return quotes, err
	}
	in.Cited = citations(forest.Threads)
	in.Recorded = func(n int32) notice.Moment { return b.kept.At(int(b.order[n])).Recorded }
	in.Skew = func(n int32) int64 { return b.kept.At(int(b.order[n])).Skew }
	in.ThreadID = func(t int32) string { return thread.ID(int(t)) }
	in.Text, in.Wording = v.text, b.loadWording
	in.ByID = b.byID()
	in.Subject = func(n int32) (string, error) {
		_, subject, err := b.loadNote(n)
		return subject, err
	}
	out, err := notice.Analyse(in)
	if err != nil {
		return err
	}
	d := b.d
	d.Contradictions, d.CaseWarnings, d.Clocks = out.Contradictions, out.Warnings, out.Clocks
	d.streams, d.intact = &out, b.kept.Err
	return b.kept.Err()
}

// copiesDeliver lets what the copies of a message show of its way count for the first one.
func (b *builder) copiesDeliver(in *notice.Input) {
	if len(b.copyOf) == 0 {
		return
	}
	more := map[int32][]int32{} // message → persons
	for n, i := range b.order {
		if of, is := b.copyOf[i]; is {
			m := &in.Messages[n]
			more[b.place[of]] = append(more[b.place[of]], in.Delivered[m.Delivered.Start:][:m.Delivered.Len]...)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(more)) {
		m := &in.Messages[n]
		all := slices.Concat(in.Delivered[m.Delivered.Start:][:m.Delivered.Len], more[n])
		all = all[:distinct(all, func(int32) bool { return true })]
		m.Delivered = notice.Run{Start: uint32(len(in.Delivered)), Len: uint32(len(all))}
		in.Delivered = append(in.Delivered, all...)
	}
}

// said gives the statements by exhibit: what a copy says was said once, and so was what a message inside of a message says that is an exhibit of its own
// or is attached to an earlier exhibit too.
func (b *builder) said() []notice.Brief {
	held := map[uint64]bool{} // Message-IDs of messages inside of messages: whether an exhibit has them
	for _, in := range b.inner {
		held[in.id] = false
	}
	if len(held) > 0 {
		for i := range b.kept.Len() {
			if id := b.kept.At(i).ID; id != 0 {
				if _, asked := held[id]; asked {
					held[id] = true
				}
			}
		}
	}
	slices.SortFunc(b.inner, func(x, y innerOrigin) int {
		return cmp.Or(cmp.Compare(b.place[b.statements.At(int(x.statement)).Message], b.place[b.statements.At(int(y.statement)).Message]), cmp.Compare(x.statement, y.statement))
	})
	drop := map[int32]bool{}
	told := map[uint64]int32{}
	for _, in := range b.inner {
		message := b.statements.At(int(in.statement)).Message
		first, before := told[in.id]
		if in.id != 0 && (held[in.id] || before && first != message) {
			drop[in.statement] = true
			continue
		}
		told[in.id] = message
	}
	all := make([]notice.Brief, 0, b.statements.Len())
	b.statements.Take(func(i int, st *notice.Brief) {
		if _, copied := b.copyOf[st.Message]; copied || drop[int32(i)] {
			return
		}
		st.Message = b.place[st.Message]
		all = append(all, *st)
	})
	return all
}

// applyMarks puts what the case file says of sentences in the place of the suggestions.
func (b *builder) applyMarks(in *notice.Input) error {
	if b.in.Case == nil || len(b.in.Case.Marks) == 0 {
		return nil
	}
	marks := notice.NewMarks(b.in.Case)
	named := map[int32]bool{} // messages that a mark names
	ids := map[uint64]bool{}
	for _, m := range b.in.Case.Marks {
		if m.MessageID != "" {
			ids[hashID(m.MessageID)] = true
		} else {
			named[int32(m.Exhibit-1)] = true
		}
	}
	found := map[int32][]notice.Statement{}
	rest := in.Statements[:0]
	if len(ids) > 0 {
		for i, n := range b.place {
			if _, copied := b.copyOf[int32(i)]; !copied && ids[b.kept.At(i).ID] {
				named[n] = true
			}
		}
	}
	for _, st := range in.Statements {
		if !named[st.Message] || st.Inner {
			rest = append(rest, st)
			continue
		}
		s, err := b.loadStatement(st.Ref)
		if err != nil {
			return err
		}
		found[st.Message] = append(found[st.Message], s)
	}
	in.Statements = rest
	for _, n := range slices.Sorted(maps.Keys(named)) {
		if n < 0 || int(n) >= len(b.order) {
			continue // Analyse tells that there is no such exhibit
		}
		r, err := b.decode(n)
		if err != nil {
			return err
		}
		list, results := marks.Apply(r.Exhibit, r.MessageID, r.Text, found[n])
		in.Marked = append(in.Marked, results...)
		for i := range list {
			if list[i].Language == "" {
				list[i].Language = cmp.Or(b.in.Finder.Language(list[i].Text), b.in.Finder.Language(r.Text))
			}
			st, err := b.addStatement(&list[i])
			if err != nil {
				return err
			}
			st.Message = n
			in.Statements = append(in.Statements, st)
		}
	}
	return b.journal.Flush()
}
