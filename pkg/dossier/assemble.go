package dossier

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/thread"
)

// assemble numbers the exhibits and derives what the messages show together.
func (b *builder) assemble() error {
	order := make([]int32, b.kept.Len())
	for i := range order {
		order[i] = int32(i)
	}
	b.byDigest = tags{}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(cmp.Compare(b.kept.At(int(x)).order, b.kept.At(int(y)).order), cmp.Compare(x, y))
	})
	for n, i := range order {
		b.kept.At(int(i)).exhibit = int32(n + 1)
	}
	// Putting the files in their places waits for the file system; what follows does not need them before the end.
	files := &files{}
	placed := make(chan error, 1)
	go func() { placed <- b.putInPlace(order, files) }()
	err := b.journal.flush()
	if err == nil {
		err = b.derive(order, files)
	}
	if perr := <-placed; perr != nil {
		b.d.Wait()
		err = cmp.Or(err, perr)
	}
	return err
}

// place is the place of kept message i among the exhibits, from 0.
func (b *builder) place(i int) int32 { return b.kept.At(i).exhibit - 1 }

// putInPlace gives each message its exhibit's name, and digests them all.
func (b *builder) putInPlace(order []int32, files *files) error {
	lines := sha256.New()
	for n, i := range order {
		name, sum, err := b.in.Store.Place(int(i), n+1, len(order))
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
func (b *builder) derive(order []int32, files *files) error {
	forest := b.threads.Build(func(i int) int { return int(b.kept.At(i).exhibit) })
	b.threads = nil
	b.d.Threads = forest.Threads
	if err := b.findCopies(); err != nil {
		return err
	}
	b.ordered = make([]notice.Message, len(order))
	b.messages.Take(func(i int, m *notice.Message) { b.ordered[b.place(i)] = *m })
	b.told, b.served = b.recipients.Slice(), b.delivered.Slice()

	b.answers(forest)
	book := b.resolver.Resolve()
	refs := b.resolver.Len()
	b.resolver = nil
	b.resolve(b.people(book, refs))

	d := b.d
	d.Count = len(order)
	d.LookAlikes = people.LookAlikes(d.People)
	d.Keys.Missing = slices.Sorted(maps.Keys(b.keys))
	if d.Keys.Missing == nil {
		d.Keys.Missing = []string{}
	}
	view := &view{b: b, order: order, files: files, forest: forest}
	d.Messages = view.records()
	d.fragments = view.fragments()
	done := make(chan error, 1)
	go func() { done <- b.analyse(order, forest, view) }()
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

// findCopies groups exhibits that are copies of one mail: by content key, then by Message-ID.
func (b *builder) findCopies() error {
	byExhibit := func(x, y int32) int { return cmp.Compare(b.kept.At(int(x)).exhibit, b.kept.At(int(y)).exhibit) }
	all := make([]int32, b.kept.Len())
	for i := range all {
		all[i] = int32(i)
	}
	type pair struct {
		of, copy int32
		class    evidence.CopyClass
	}
	var pairs []pair
	// First by content, then, for what a content key may miss, by the bytes but for line endings.
	key := make([]digest.Digest, len(all))
	for _, of := range [...]func(*keys) digest.Digest{func(k *keys) digest.Digest { return k.content }, func(k *keys) digest.Digest { return k.canonical }} {
		for i := range key {
			k, err := b.loadKeys(int32(i))
			if err != nil {
				return err
			}
			key[i] = of(&k)
		}
		slices.SortFunc(all, func(x, y int32) int {
			return cmp.Or(bytes.Compare(key[x][:], key[y][:]), byExhibit(x, y))
		})
		for first, n := 0, 1; n < len(all); n++ {
			of, k := b.kept.At(int(all[first])), b.kept.At(int(all[n]))
			if key[all[n]] != key[all[first]] {
				first = n
				continue
			}
			if k.copyOf >= 0 {
				continue
			}
			k.copyOf = all[first]
			if of.copyOf >= 0 {
				k.copyOf = of.copyOf
			}
			same, err := b.agree(all[first], all[n], func(x, y *keys) bool { return x.canonical == y.canonical })
			if err != nil {
				return err
			}
			class := evidence.CopySameContent
			if same {
				class = evidence.CopyLineEndings
			}
			pairs = append(pairs, pair{all[first], all[n], class})
		}
	}
	slices.SortFunc(all, func(x, y int32) int {
		return cmp.Or(cmp.Compare(b.kept.At(int(x)).id, b.kept.At(int(y)).id), byExhibit(x, y))
	})
	for first, n := 0, 1; n < len(all); n++ {
		of, k := b.kept.At(int(all[first])), b.kept.At(int(all[n]))
		if k.id == 0 || k.id != of.id {
			first = n
			continue
		}
		if k.copyOf >= 0 {
			continue // told already
		}
		same, err := b.agree(all[first], all[n], func(x, y *keys) bool { return x.envelope == y.envelope })
		if err != nil {
			return err
		}
		class := evidence.CopySameMessageID
		if same {
			class = evidence.CopyModified
		}
		pairs = append(pairs, pair{all[first], all[n], class})
	}
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Or(byExhibit(x.of, y.of), byExhibit(x.copy, y.copy)) })
	for _, p := range pairs {
		// Each of the two names the other.
		for _, one := range [...][2]int32{{p.of, p.copy}, {p.copy, p.of}} {
			var other struct{ Origin json.RawMessage }
			raw, err := b.fragment(one[1], nil)
			if err != nil {
				return err
			}
			c := evidence.Copy{Class: p.class, Exhibit: int(b.kept.At(int(one[1])).exhibit)}
			if err := json.Unmarshal(raw, &other); err != nil {
				return err
			}
			if err := json.Unmarshal(other.Origin, &c.Origin); err != nil {
				return err
			}
			b.copies[one[0]] = append(b.copies[one[0]], c)
		}
	}
	return nil
}

// agree loads the keys of two kept messages and compares them.
func (b *builder) agree(i, j int32, equal func(x, y *keys) bool) (bool, error) {
	x, err := b.loadKeys(i)
	if err != nil {
		return false, err
	}
	y, err := b.loadKeys(j)
	return equal(&x, &y), err
}

// fragment reads the spooled JSON of kept message i into buf, which is made larger where needed.
func (b *builder) fragment(i int32, buf []byte) ([]byte, error) {
	k := b.kept.At(int(i))
	raw := slices.Grow(buf[:0], int(k.length))[:k.length]
	if _, err := b.spool.ReadAt(raw, k.offset); err != nil {
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
		m, parent := &b.ordered[b.place(i)], &b.ordered[b.place(p)]
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
func (b *builder) analyse(order []int32, forest *thread.Forest, v *view) error {
	in := notice.Input{Case: b.in.Case, Persons: make([]notice.Party, len(b.d.People)), Messages: b.ordered,
		Recipients: b.told, Delivered: b.served, InnerAddressees: b.addressees, Load: b.loadStatement}
	for i, p := range b.d.People {
		in.Persons[i] = notice.Party{ID: p.ID, Name: p.Name, List: p.Kind == people.List, Automatic: p.Kind == people.Automatic}
	}
	for n, i := range order {
		m := &in.Messages[n]
		m.Exhibit, m.Thread = b.kept.At(int(i)).exhibit, int32(forest.ThreadOf(int(i)))
		if p := forest.Parent(int(i)); p >= 0 {
			m.Parent = b.kept.At(p).exhibit - 1
		}
	}
	b.copiesDeliver(&in, order)
	in.Statements = b.said()
	b.inner = nil
	if err := b.applyMarks(&in, v); err != nil {
		return err
	}
	if err := b.addReturns(&in, order, forest); err != nil {
		return err
	}
	in.Quotes = func(n int32) ([]uint64, error) {
		quotes, _, err := b.loadNote(b.kept.At(int(order[n])).note)
		return quotes, err
	}
	in.Cited, in.Skews = citations(forest), b.skews
	for i := range in.Skews {
		in.Skews[i].Message = b.kept.At(int(in.Skews[i].Message)).exhibit - 1
	}
	slices.SortFunc(in.Skews, func(x, y notice.Skew) int { return cmp.Compare(x.Message, y.Message) })
	in.ThreadID = func(t int32) string {
		if t < 0 || int(t) >= len(forest.Threads) {
			return ""
		}
		return forest.Threads[t].ID
	}
	in.Text = v.text
	in.Wording = func(n int32) ([]byte, error) { return b.loadWording(b.kept.At(int(order[n])).note) }
	in.ByID = b.byID(order)
	in.Subject = func(n int32) (string, error) {
		_, subject, err := b.loadNote(b.kept.At(int(order[n])).note)
		return subject, err
	}
	out, err := notice.Analyse(in)
	if err != nil {
		return err
	}
	d := b.d
	d.Contradictions, d.CaseWarnings, d.Clocks = out.Contradictions, out.Warnings, out.Clocks
	d.streams = &out
	return nil
}

// copiesDeliver lets what the copies of a message show of its way count for the first one.
func (b *builder) copiesDeliver(in *notice.Input, order []int32) {
	more := map[int32][]int32{} // message → persons
	for n, i := range order {
		if of := b.kept.At(int(i)).copyOf; of >= 0 {
			m := &in.Messages[n]
			first := b.kept.At(int(of)).exhibit - 1
			more[first] = append(more[first], in.Delivered[m.Delivered.Start:][:m.Delivered.Len]...)
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
	held := map[uint64]bool{}
	if len(b.inner) > 0 {
		for i := range b.kept.Len() {
			held[b.kept.At(i).id] = true
		}
	}
	slices.SortFunc(b.inner, func(x, y innerOrigin) int {
		return cmp.Or(cmp.Compare(b.kept.At(int(b.statements.At(int(x.statement)).Message)).exhibit, b.kept.At(int(b.statements.At(int(y.statement)).Message)).exhibit), cmp.Compare(x.statement, y.statement))
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
		k := b.kept.At(int(st.Message))
		if k.copyOf >= 0 || drop[int32(i)] {
			return
		}
		st.Message = k.exhibit - 1
		all = append(all, *st)
	})
	return all
}

// applyMarks puts what the case file says of sentences in the place of the suggestions.
func (b *builder) applyMarks(in *notice.Input, v *view) error {
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
	for n, i := range v.order {
		if ids[b.kept.At(int(i)).id] && b.kept.At(int(i)).copyOf < 0 {
			named[int32(n)] = true
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
		if n < 0 || int(n) >= len(v.order) {
			continue // Analyse tells that there is no such exhibit
		}
		r, err := b.decode(v.order[n])
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
	return b.journal.flush()
}
