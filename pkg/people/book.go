package people

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Resolve decides who is who. The Resolver may be used further.
func (r *Resolver) Resolve() *Book {
	m := newMerger(r)
	m.byCase()
	m.byMailbox()
	m.byCaseName()
	m.byName()
	m.byAnswer()
	m.acrossOrganisations()
	m.byNameAlone()
	return m.book()
}

func (m *merger) book() *Book {
	b := &Book{Persons: []Person{}, person: make([]int32, len(m.boxes)), Notes: m.notes}
	index := map[Ref]int32{}
	var members [][]Ref
	for i := range m.boxes {
		root := m.root(Ref(i))
		at, known := index[root]
		if !known {
			at = int32(len(members))
			index[root] = at
			members = append(members, nil)
		}
		b.person[i] = at
		members[at] = append(members[at], Ref(i))
	}
	for k, refs := range members {
		p := m.person(refs)
		p.ID = fmt.Sprintf("p%d", k+1)
		b.Persons = append(b.Persons, p)
	}
	for _, why := range m.reasons {
		p := &b.Persons[b.person[why.at]]
		if len(p.MergedBecause) < mostReasons {
			p.MergedBecause = append(p.MergedBecause, why.text)
		}
	}
	type pair struct{ a, b int }
	told := map[pair]bool{}
	for _, a := range m.apart {
		x, y := int(b.person[a.a]), int(b.person[a.b])
		if x > y {
			x, y = y, x
		}
		if x == y || told[pair{x, y}] || len(b.Possible) >= mostPossible || !m.allowed(a.a, a.b) {
			continue // merged for another reason, or decided by the case file
		}
		told[pair{x, y}] = true
		b.Possible = append(b.Possible, Possible{A: x, B: y, Why: a.why})
	}
	return b
}

func (m *merger) person(refs []Ref) Person {
	p := Person{Addresses: []string{}, Names: []string{}, MergedBecause: []string{}, Kind: m.kindOfAll(refs)}
	byUse := slices.Clone(refs)
	slices.SortStableFunc(byUse, func(a, b Ref) int { return cmp.Compare(m.boxes[b].uses(), m.boxes[a].uses()) })
	uses := map[int32]uint64{}
	var names []int32
	for _, ref := range byUse {
		b := &m.boxes[ref]
		if b.address != "" {
			p.Addresses = append(p.Addresses, b.address)
		}
		for _, u := range b.names {
			if uses[u.name] == 0 {
				names = append(names, u.name)
			}
			uses[u.name] += uint64(u.authored) + uint64(u.received) + 1
		}
	}
	slices.SortStableFunc(names, func(a, b int32) int { return cmp.Compare(uses[b], uses[a]) })
	for _, n := range names {
		if raw := m.names[n].raw; len(p.Names) < mostNames {
			p.Names = append(p.Names, raw)
		}
	}
	if k := m.owner[m.root(refs[0])]; k >= 0 {
		c := m.matter.People[k]
		p.Name, p.Role, p.Party, p.Side = c.Name, c.Role, c.Party, c.Side
		if c.List {
			p.Kind = List
		}
	}
	if p.Party == "" {
		for _, party := range m.matter.Parties {
			if slices.ContainsFunc(p.Addresses, party.Has) {
				p.Party, p.Side = party.Name, cmp.Or(p.Side, party.Side)
				break
			}
		}
	}
	if p.Name == "" {
		p.Name = m.bestName(names, uses)
	}
	if p.Name == "" && len(p.Addresses) > 0 {
		p.Name = p.Addresses[0]
	}
	return p
}

// kindOfAll: one list makes a list, one human being a person.
func (m *merger) kindOfAll(refs []Ref) Kind {
	kind := Automatic
	for _, ref := range refs {
		switch {
		case m.kind[ref] == List || m.boxes[ref].address == "" && m.undisclosed(ref):
			return List
		case m.kind[ref] == Human:
			kind = Human
		}
	}
	return kind
}

// undisclosed tells the names that stand for recipients who are not named (RFC 5322 Appendix A.1.3).
func (m *merger) undisclosed(ref Ref) bool {
	for _, u := range m.boxes[ref].names {
		raw := strings.ToLower(m.names[u.name].raw)
		if strings.HasPrefix(raw, "undisclosed") || strings.HasPrefix(raw, "unlisted-recipients") || strings.HasPrefix(raw, "recipient list not shown") {
			return true
		}
	}
	return false
}

// bestName takes the most used name, in its most complete spelling: names of two words before others, and among the spellings of one name
// the one in the order of speech, with accents, in mixed case.
func (m *merger) bestName(names []int32, uses map[int32]uint64) string {
	groups := map[string]uint64{}
	group := func(n *name) string {
		if n.key != "" {
			return n.key
		}
		return "=" + strings.ToLower(n.shown)
	}
	for _, i := range names {
		groups[group(&m.names[i])] += uses[i]
	}
	best, bestScore := "", [5]uint64{}
	for _, i := range names {
		n := &m.names[i]
		if n.shown == "" {
			continue
		}
		score := [5]uint64{0, groups[group(n)], complete(n), uses[i], uint64(len(n.words))}
		switch {
		case n.via:
		case len(n.words) > 1:
			score[0] = 2
		default:
			score[0] = 1
		}
		if best == "" || slices.Compare(score[:], bestScore[:]) > 0 {
			best, bestScore = n.shown, score
		}
	}
	if best == "" && len(names) > 0 {
		best = m.names[names[0]].raw
	}
	return best
}

// complete weighs the spelling of a name.
func complete(n *name) (score uint64) {
	if !n.comma {
		score += 4
	}
	if strings.ContainsFunc(n.shown, func(r rune) bool { return r > unicode.MaxASCII }) {
		score += 2
	}
	for word := range strings.FieldsSeq(n.shown) {
		if letters := []rune(word); len(letters) > 2 && strings.ToUpper(word) == word {
			return score // SHOUTED
		}
	}
	return score + 8
}
