package dossier

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/thread"
)

// assemble numbers the exhibits and derives what the messages show together.
func (b *builder) assemble() error {
	order := make([]int32, len(b.kept))
	for i := range order {
		order[i] = int32(i)
	}
	b.byBytes = nil
	slices.SortFunc(order, func(x, y int32) int {
		kx, ky := &b.kept[x], &b.kept[y]
		if kx.dated != ky.dated {
			if kx.dated {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(kx.order, ky.order), cmp.Compare(x, y))
	})
	files := &files{}
	lines := sha256.New()
	for n, i := range order {
		b.kept[i].exhibit = int32(n + 1)
		name, sum, err := b.in.Store.Place(int(i), n+1, len(order))
		if err != nil {
			return err
		}
		files.add(name)
		fmt.Fprintf(lines, "%s  %s\n", sum.Hex(), name)
	}
	b.d.EvidenceDigest = digest.Sum(lines)
	if err := b.findCopies(); err != nil {
		return err
	}
	forest := b.threads.Build(func(i int) int { return int(b.kept[i].exhibit) })
	b.threads = nil
	b.d.Threads = forest.Threads

	b.answers(forest)
	book := b.resolver.Resolve()
	b.resolver = nil
	number := b.people(book, order)

	d := b.d
	d.Count = len(order)
	d.Keys.Missing = slices.Sorted(maps.Keys(b.keys))
	if d.Keys.Missing == nil {
		d.Keys.Missing = []string{}
	}
	view := &view{b: b, order: order, files: files, forest: forest}
	d.Messages = view.records()
	d.fragments = view.fragments()
	return b.analyse(order, forest, book, number, view)
}

// files holds the exhibits' file names, which differ in the number only.
type files struct {
	names []byte
	ends  []int32
}

func (f *files) add(name string) {
	f.names = append(f.names, name...)
	f.ends = append(f.ends, int32(len(f.names)))
}

func (f *files) name(n int) string {
	from := int32(0)
	if n > 0 {
		from = f.ends[n-1]
	}
	return string(f.names[from:f.ends[n]])
}

// findCopies groups exhibits that are copies of one mail: by content key, then by Message-ID.
func (b *builder) findCopies() error {
	byExhibit := func(x, y int32) int { return cmp.Compare(b.kept[x].exhibit, b.kept[y].exhibit) }
	all := make([]int32, len(b.kept))
	for i := range all {
		all[i] = int32(i)
	}
	type pair struct {
		of, copy int32
		class    evidence.CopyClass
	}
	var pairs []pair
	slices.SortFunc(all, func(x, y int32) int {
		return cmp.Or(bytes.Compare(b.kept[x].content[:], b.kept[y].content[:]), byExhibit(x, y))
	})
	for first, n := 0, 1; n < len(all); n++ {
		if b.kept[all[n]].content != b.kept[all[first]].content {
			first = n
			continue
		}
		b.kept[all[n]].copyOf = all[first]
		pairs = append(pairs, pair{all[first], all[n], evidence.CopySameContent})
	}
	slices.SortFunc(all, func(x, y int32) int { return cmp.Or(cmp.Compare(b.kept[x].id, b.kept[y].id), byExhibit(x, y)) })
	for first, n := 0, 1; n < len(all); n++ {
		of, k := &b.kept[all[first]], &b.kept[all[n]]
		if k.id == 0 || k.id != of.id {
			first = n
			continue
		}
		switch {
		case k.copyOf >= 0 || k.content == of.content: // told already
		case k.envelope == of.envelope:
			pairs = append(pairs, pair{all[first], all[n], evidence.CopyModified})
		default:
			pairs = append(pairs, pair{all[first], all[n], evidence.CopySameMessageID})
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Or(byExhibit(x.of, y.of), byExhibit(x.copy, y.copy)) })
	for _, p := range pairs {
		// Each of the two names the other.
		for _, one := range [...][2]int32{{p.of, p.copy}, {p.copy, p.of}} {
			var other struct{ Origin json.RawMessage }
			raw, err := b.fragment(one[1])
			if err != nil {
				return err
			}
			c := evidence.Copy{Class: p.class, Exhibit: int(b.kept[one[1]].exhibit)}
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

// fragment reads the spooled JSON of kept message i.
func (b *builder) fragment(i int32) ([]byte, error) {
	k := &b.kept[i]
	raw := make([]byte, k.length)
	if _, err := b.spool.ReadAt(raw, k.offset); err != nil {
		return nil, fmt.Errorf("read back record: %w", err)
	}
	return raw, nil
}

// answers tells the resolver who answered whom: the address that a reply comes from is tied to those that its parent went to.
func (b *builder) answers(forest *thread.Forest) {
	everybody := func(x *brief) []people.Ref { return slices.Concat(x.to, x.cc, x.bcc) }
	for i := range b.briefs {
		p := forest.Parent(i)
		if p < 0 || forest.ParentWhy(i) != thread.ByInReplyTo && forest.ParentWhy(i) != thread.ByReferences {
			continue
		}
		x, parent := &b.briefs[i], &b.briefs[p]
		b.resolver.Replied(x.author, everybody(x), parent.author, everybody(parent))
	}
}

// people puts the persons in order of their first appearance and returns their new places by their old ones.
func (b *builder) people(book *people.Book, order []int32) []int32 {
	number := make([]int32, len(book.Persons))
	for i := range number {
		number[i] = -1
	}
	b.d.People = make([]people.Person, 0, len(book.Persons))
	meet := func(refs ...people.Ref) {
		for _, r := range refs {
			if r == people.NoRef {
				continue
			}
			if p := book.Person(r); p >= 0 && number[p] < 0 {
				number[p] = int32(len(b.d.People))
				person := book.Persons[p]
				person.ID = fmt.Sprintf("p%d", len(b.d.People)+1)
				b.d.People = append(b.d.People, person)
			}
		}
	}
	for _, i := range order {
		x := &b.briefs[i]
		meet(x.author)
		meet(x.to...)
		meet(x.cc...)
		meet(x.bcc...)
		meet(x.delivered...)
	}
	for i := range b.inner {
		meet(b.inner[i].author)
		meet(b.inner[i].to...)
	}
	return number
}

// analyse finds who was told what, when.
func (b *builder) analyse(order []int32, forest *thread.Forest, book *people.Book, number []int32, v *view) error {
	person := func(r people.Ref) int32 {
		if r == people.NoRef {
			return -1
		}
		if p := book.Person(r); p >= 0 {
			return number[p]
		}
		return -1
	}
	in := notice.Input{Case: b.in.Case, Persons: make([]notice.Party, len(b.d.People)), Messages: make([]notice.Message, len(order))}
	for i, p := range b.d.People {
		in.Persons[i] = notice.Party{ID: p.ID, Name: p.Name, List: p.Kind == people.List, Automatic: p.Kind == people.Automatic}
	}
	marks := notice.NewMarks(b.in.Case)
	for n, i := range order {
		k, x := &b.kept[i], &b.briefs[i]
		m := &in.Messages[n]
		*m = notice.Message{Exhibit: k.exhibit, Author: person(x.author), Parent: -1, Thread: int32(forest.ThreadOf(int(i))),
			Forward: x.forward, Automatic: x.automatic, Sent: x.sent, Recorded: x.recorded, Quotes: x.quotes, Subject: x.subject}
		if p := forest.Parent(int(i)); p >= 0 {
			m.Parent = b.kept[p].exhibit - 1
		}
		for field, refs := range [...][]people.Ref{notice.To: x.to, notice.Cc: x.cc, notice.Bcc: x.bcc} {
			from := len(m.Recipients)
			for _, r := range refs {
				rc := notice.Recipient{Person: person(r), Field: notice.Field(field)}
				if rc.Person >= 0 && !slices.Contains(m.Recipients[from:], rc) {
					m.Recipients = append(m.Recipients, rc)
				}
			}
		}
		for _, r := range x.delivered {
			if p := person(r); p >= 0 && !slices.Contains(m.DeliveredTo, p) {
				m.DeliveredTo = append(m.DeliveredTo, p)
			}
		}
	}
	for n, i := range order {
		k := &b.kept[i]
		if k.copyOf >= 0 {
			// What a copy says was said once. What it shows of the way counts for the first one.
			first := &in.Messages[b.kept[k.copyOf].exhibit-1]
			for _, p := range in.Messages[n].DeliveredTo {
				if !slices.Contains(first.DeliveredTo, p) {
					first.DeliveredTo = append(first.DeliveredTo, p)
				}
			}
			continue
		}
		found := b.statements[i]
		if b.in.Case != nil && len(b.in.Case.Marks) > 0 {
			r, err := v.record(n)
			if err != nil {
				return err
			}
			var results []notice.MarkResult
			found, results = marks.Apply(int(k.exhibit), r.MessageID, r.Text, found)
			in.Marked = append(in.Marked, results...)
		}
		for _, s := range found {
			s.Exhibit = int(k.exhibit)
			in.Statements = append(in.Statements, s)
		}
	}
	b.statements = nil
	b.addInner(&in, person)
	b.addReturns(&in, order)
	b.briefs = nil

	out := notice.Analyse(in)
	d := b.d
	d.Statements, d.Notices, d.Contradictions = out.Statements, out.Notices, out.Contradictions
	d.Recipients, d.Timeline, d.CaseWarnings = out.Recipients, out.Timeline, out.Warnings
	return nil
}

// addInner adds the statements of messages inside of messages, but for those that are exhibits of their own.
func (b *builder) addInner(in *notice.Input, person func(people.Ref) int32) {
	if len(b.inner) == 0 {
		return
	}
	held := map[uint64]bool{}
	for i := range b.kept {
		held[b.kept[i].id] = true
	}
	told := map[uint64]int32{} // a message that is attached many times says its words once
	for _, s := range b.inner {
		if s.id != 0 && held[s.id] {
			continue
		}
		if first, ok := told[s.id]; s.id != 0 && ok && first != s.in {
			continue
		}
		told[s.id] = s.in
		st := s.found
		st.Exhibit = int(b.kept[s.in].exhibit)
		if p := person(s.author); p >= 0 {
			st.Author = in.Persons[p].ID
		}
		st.Addressees = []string{}
		for _, r := range s.to {
			if p := person(r); p >= 0 && !slices.Contains(st.Addressees, in.Persons[p].ID) {
				st.Addressees = append(st.Addressees, in.Persons[p].ID)
			}
		}
		in.Statements = append(in.Statements, st)
	}
}

// addReturns ties receipts and bounces to the messages that they speak of.
func (b *builder) addReturns(in *notice.Input, order []int32) {
	if len(b.returns) == 0 {
		return
	}
	byID := map[uint64]int32{}
	for _, i := range slices.Backward(order) {
		byID[b.kept[i].id] = b.kept[i].exhibit - 1 // the first exhibit with the ID is left in the end
	}
	byAddress := map[string]int32{}
	for i, p := range b.d.People {
		for _, a := range p.Addresses {
			byAddress[strings.ToLower(a)] = int32(i)
		}
	}
	for _, i := range order {
		for _, rep := range b.returns[i] {
			ret := notice.Return{Message: b.kept[i].exhibit - 1, Of: -1, Kind: rep.Kind}
			id := hashID(rep.Original)
			if id == 0 {
				id = b.returned[i]
			}
			if of, ok := byID[id]; ok && id != 0 {
				ret.Of = of
			}
			for _, a := range rep.Recipients {
				if p, ok := byAddress[strings.ToLower(a)]; ok {
					ret.Persons = append(ret.Persons, p)
				}
			}
			in.Receipts = append(in.Receipts, ret)
		}
	}
}

// view reads the records back in exhibit order.
type view struct {
	b      *builder
	order  []int32
	files  *files
	forest *thread.Forest
}

func (v *view) place(n int) (thread string, copies []evidence.Copy) {
	i := v.order[n]
	copies = v.b.copies[i]
	if copies == nil {
		copies = []evidence.Copy{}
	}
	if t := v.forest.ThreadOf(int(i)); t >= 0 {
		thread = v.forest.Threads[t].ID
	}
	return thread, copies
}

func (v *view) record(n int) (*evidence.Record, error) {
	raw, err := v.b.fragment(v.order[n])
	if err != nil {
		return nil, err
	}
	r := new(evidence.Record)
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("read back record: %w", err)
	}
	r.Exhibit, r.File = n+1, v.files.name(n)
	r.Thread, r.Copies = v.place(n)
	return r, nil
}

func (v *view) records() iter.Seq2[*evidence.Record, error] {
	return func(yield func(*evidence.Record, error) bool) {
		for n := range v.order {
			r, err := v.record(n)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// fragments gives the JSON of each record as it stands in dossier.json: the spooled bytes with what was not known when they were written.
func (v *view) fragments() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var out []byte
		for n := range v.order {
			raw, err := v.b.fragment(v.order[n])
			if err == nil {
				out, err = v.splice(out[:0], raw, n)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// The places of a spooled record that are filled in later. At this indentation they cannot stand in a nested value, nor in a string, which holds no line break.
var (
	openHead   = []byte("{\n      \"exhibit\": 0,\n      \"file\": \"\",")
	openCopies = []byte("\n      \"copies\": [],")
	openThread = []byte("\n      \"thread\": \"\",")
)

func (v *view) splice(out, raw []byte, n int) ([]byte, error) {
	thread, copies := v.place(n)
	rest, ok1 := bytes.CutPrefix(raw, openHead)
	head, rest, ok2 := bytes.Cut(rest, openCopies)
	middle, tail, ok3 := bytes.Cut(rest, openThread)
	if !ok1 || !ok2 || !ok3 {
		return nil, io.ErrUnexpectedEOF
	}
	e := jsonout.Encoder{Buf: out, Indent: true, Depth: recordDepth + 1}
	e.Buf = fmt.Appendf(e.Buf, "{\n      \"exhibit\": %d,\n      \"file\": ", n+1)
	e.Value(func() { e.String(v.files.name(n)) })
	e.Buf = append(e.Buf, ',')
	e.Buf = append(e.Buf, head...)
	e.Buf = append(e.Buf, "\n      \"copies\": "...)
	var err error
	e.Value(func() { err = e.Any(copies) })
	e.Buf = append(e.Buf, ',')
	e.Buf = append(e.Buf, middle...)
	e.Buf = append(e.Buf, "\n      \"thread\": "...)
	e.Value(func() { e.String(thread) })
	e.Buf = append(e.Buf, ',')
	return append(e.Buf, tail...), err
}
