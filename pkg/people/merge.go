package people

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// merger is the state of one Resolve: a union-find over mailboxes that knows what must stay apart.
type merger struct {
	*Resolver
	set     []Ref
	next    []Ref     // members of a set in a ring
	owner   []int32   // by root: the case file's person, or -1
	banned  [][]int32 // by root: the case file's persons that it is not
	local   []string
	org     []string
	key     []string // the one full name of the mailbox; "" if none, or if it has names of several people
	alt     []string // its German spelling, if that differs
	kind    []Kind
	reasons []reason
	apart   []apart
	notes   []string
}

type reason struct {
	at   Ref
	text string
}

// apart is a pair that something spoke for and that was not merged.
type apart struct {
	a, b Ref
	why  string
}

const mostMembers = 256 // of two sets that are compared member by member

func newMerger(r *Resolver) *merger {
	n := len(r.boxes)
	m := &merger{Resolver: r, set: make([]Ref, n), next: make([]Ref, n), owner: make([]int32, n), banned: make([][]int32, n),
		local: make([]string, n), org: make([]string, n), key: make([]string, n), alt: make([]string, n), kind: make([]Kind, n)}
	for i := range n {
		b := &r.boxes[i]
		m.set[i], m.next[i], m.owner[i] = Ref(i), Ref(i), -1
		local, domain := split(strings.ToLower(b.address))
		m.local[i], m.org[i] = local, organisation(domain)
		m.kind[i] = kindOf(b, local)
		if m.kind[i] == Human {
			m.key[i], m.alt[i] = r.fullName(b)
		}
	}
	return m
}

func kindOf(b *box, local string) Kind {
	switch {
	case b.list || b.address == "" && len(b.names) == 0:
		return List
	case b.address != "" && isAutomatic(local) || b.authored > 0 && b.authored == b.generated:
		return Automatic
	}
	return Human
}

// fullName returns the key of the mailbox's name. A mailbox that bears names of several people ("Ann Lee", "Bo Ek" at office@) has none.
// The owner's own spelling decides where there is one.
func (r *Resolver) fullName(b *box) (key, german string) {
	var first *name
	for pass := range 2 {
		for _, u := range b.names {
			n := &r.names[u.name]
			if n.via {
				return "", "" // mail of many goes out from here
			}
			if pass == 0 && u.authored == 0 || n.key == "" {
				continue
			}
			if first == nil {
				first = n
			} else if n.key != first.key && n.german != first.key && n.key != first.german && !agree(*n, *first) || initialsClash(*n, *first) {
				return "", ""
			}
		}
		if first != nil {
			break
		}
	}
	if first == nil {
		return "", ""
	}
	n := r.best(b)
	if n == nil || n.key == "" {
		n = first
	}
	return n.key, n.german
}

func (m *merger) root(x Ref) Ref {
	for m.set[x] != x {
		m.set[x] = m.set[m.set[x]]
		x = m.set[x]
	}
	return x
}

// allowed tells whether two sets may become one: never two people of the case file, never against its "not".
func (m *merger) allowed(a, b Ref) bool {
	a, b = m.root(a), m.root(b)
	if m.owner[a] >= 0 && m.owner[b] >= 0 && m.owner[a] != m.owner[b] {
		return false
	}
	return !slices.Contains(m.banned[a], m.owner[b]) && !slices.Contains(m.banned[b], m.owner[a])
}

// similar returns two members, one of each set, whose domains look alike.
func (m *merger) similar(a, b Ref) (x, y Ref, found bool) {
	orgsA, orgsB := m.orgs(a), m.orgs(b)
	if len(orgsA) > mostMembers/8 || len(orgsB) > mostMembers/8 {
		return a, b, true
	}
	for _, x := range orgsA {
		for _, y := range orgsB {
			if lookAlike(m.org[x], m.org[y]) {
				return x, y, true
			}
		}
	}
	return a, b, false
}

// orgs returns one member of a set for each organisation.
func (m *merger) orgs(of Ref) []Ref {
	var out []Ref
	seen := map[string]bool{}
	for x, count := of, 0; count == 0 || x != of && count < mostMembers; x, count = m.next[x], count+1 {
		if org := m.org[x]; org != "" && !seen[org] {
			seen[org] = true
			out = append(out, x)
		}
	}
	return out
}

// merge joins two sets, with the reason. It tells whether they are one now.
func (m *merger) merge(a, b Ref, format string, args ...any) bool {
	ra, rb := m.root(a), m.root(b)
	if ra == rb {
		return true
	}
	if !m.allowed(a, b) {
		return false
	}
	if ra > rb {
		ra, rb = rb, ra
	}
	m.set[rb] = ra
	m.next[ra], m.next[rb] = m.next[rb], m.next[ra]
	m.owner[ra] = max(m.owner[ra], m.owner[rb])
	m.banned[ra] = append(m.banned[ra], m.banned[rb]...)
	m.reasons = append(m.reasons, reason{ra, fmt.Sprintf(format, args...)})
	return true
}

// infer merges unless the domains look alike, and notes what it leaves apart.
func (m *merger) infer(a, b Ref, format string, args ...any) {
	if m.root(a) == m.root(b) {
		return
	}
	if x, y, found := m.similar(a, b); found {
		m.leave(x, y, "%s and %s have the same name, but their domains are easily taken for each other", m.spell(x), m.spell(y))
		return
	}
	m.merge(a, b, format, args...)
}

func (m *merger) leave(a, b Ref, format string, args ...any) {
	if len(m.apart) < 4*mostPossible {
		m.apart = append(m.apart, apart{a, b, fmt.Sprintf(format, args...)})
	}
}

// spell names a mailbox in a sentence.
func (m *merger) spell(x Ref) string {
	if b := &m.boxes[x]; b.address != "" {
		return b.address
	} else if len(b.names) > 0 {
		return "“" + m.names[b.names[0].name].raw + "”"
	}
	return "an empty mailbox"
}

// byCase applies the addresses of the case file, and what it forbids.
func (m *merger) byCase() {
	for k, p := range m.matter.People {
		var own []Ref
		for _, a := range p.Addresses {
			ref, known := m.byAddress[strings.ToLower(tidyAddress(a))]
			if !known {
				m.notes = append(m.notes, fmt.Sprintf("case file, line %d: %s of %s stands in no message", p.Line, a, p.Name))
				continue
			}
			own = append(own, ref)
			m.owner[m.root(ref)] = int32(k)
			if p.List {
				m.kind[ref], m.key[ref] = List, ""
			} else {
				m.kind[ref] = Human // a person says so
			}
		}
		for _, a := range p.Not {
			if ref, known := m.byAddress[strings.ToLower(tidyAddress(a))]; known {
				m.banned[m.root(ref)] = append(m.banned[m.root(ref)], int32(k))
			}
		}
		for _, ref := range own[min(1, len(own)):] {
			m.merge(own[0], ref, "the case file says in line %d that %s and %s are %s", p.Line, m.spell(own[0]), m.spell(ref), p.Name)
		}
	}
}

// byCaseName applies aliases, and names of entries without addresses.
func (m *merger) byCaseName() {
	bearers := map[string][]Ref{}
	for i := range m.boxes {
		ref := Ref(i)
		if m.kind[ref] == Automatic {
			continue
		}
		for _, u := range m.boxes[i].names {
			n := &m.names[u.name]
			for _, k := range []string{n.key, "=" + strings.ToLower(n.shown)} {
				if l := bearers[k]; k != "" && k != "=" && !n.via && (len(l) == 0 || l[len(l)-1] != ref) {
					bearers[k] = append(l, ref)
				}
			}
		}
	}
	for k, p := range m.matter.People {
		anchor := NoRef
		for _, a := range p.Addresses {
			if ref, known := m.byAddress[strings.ToLower(tidyAddress(a))]; known {
				anchor = ref
				break
			}
		}
		names := p.Aliases
		if len(p.Addresses) == 0 {
			names = append([]string{p.Name}, names...)
		}
		for _, called := range names {
			n := parseName(called)
			found := bearers["="+strings.ToLower(n.shown)]
			if n.key != "" {
				found = append(slices.Clone(bearers[n.key]), found...)
			}
			slices.Sort(found)
			found = slices.Compact(found)
			if len(found) > mostBearers {
				m.notes = append(m.notes, fmt.Sprintf("case file, line %d: “%s” stands on %d mailboxes; name the addresses of %s", p.Line, called, len(found), p.Name))
				continue
			}
			for _, ref := range found {
				if anchor == NoRef {
					if m.allowedOwner(ref, int32(k)) {
						anchor = ref
						m.owner[m.root(ref)] = int32(k)
					}
					continue
				}
				if !m.allowedOwner(ref, int32(k)) || m.root(ref) == m.root(anchor) {
					continue
				}
				if x, y, similar := m.similar(anchor, ref); similar {
					m.notes = append(m.notes, fmt.Sprintf("case file, line %d: %s is not taken for %s, because its domain is easily taken for that of %s; add the address if it is right", p.Line, m.spell(y), p.Name, m.spell(x)))
					continue
				}
				m.merge(anchor, ref, "the case file says in line %d that “%s” is %s: %s, %s", p.Line, called, p.Name, m.spell(anchor), m.spell(ref))
			}
		}
		if anchor == NoRef && len(p.Addresses) == 0 {
			m.notes = append(m.notes, fmt.Sprintf("case file, line %d: %s stands in no message", p.Line, p.Name))
		}
	}
}

func (m *merger) allowedOwner(ref Ref, k int32) bool {
	r := m.root(ref)
	return (m.owner[r] < 0 || m.owner[r] == k) && !slices.Contains(m.banned[r], k)
}

// byMailbox merges what is one mailbox by the provider's rule, or by a sub-address whose base was seen.
func (m *merger) byMailbox() {
	first := map[string]Ref{}
	for i := range m.boxes {
		ref := Ref(i)
		_, domain := split(strings.ToLower(m.boxes[i].address))
		if domain == "" || m.kind[ref] == List {
			continue
		}
		base := withoutDetail(m.local[ref])
		if local, host := provided(base, domain); host == "gmail.com" {
			key := local + "@" + host
			if f, known := first[key]; known {
				m.merge(f, ref, "%s and %s are one mailbox: Gmail ignores dots and what follows a plus sign", m.spell(f), m.spell(ref))
			} else {
				first[key] = ref
			}
			continue
		}
		if base == m.local[ref] {
			continue
		}
		if f, known := m.byAddress[base+"@"+domain]; known && m.kind[f] == m.kind[ref] && (m.key[f] == "" || m.key[ref] == "" || m.key[f] == m.key[ref]) {
			m.merge(f, ref, "%s is a sub-address of %s", m.spell(ref), m.spell(f))
		}
	}
}

// byName merges mailboxes of the same full name within one organisation.
func (m *merger) byName() {
	for _, bearers := range m.bearers() {
		if len(bearers) > mostBearers {
			continue
		}
		groups := map[string][]Ref{}
		var orgs []string
		for _, ref := range bearers {
			org := m.org[ref]
			if org == "" || m.boxes[ref].address == "" {
				continue
			}
			if groups[org] == nil {
				orgs = append(orgs, org)
			}
			groups[org] = append(groups[org], ref)
		}
		for _, org := range orgs {
			m.withinOrganisation(org, groups[org])
		}
	}
}

// bearers groups mailboxes by full name, in order of first sight.
func (m *merger) bearers() [][]Ref {
	index := map[string]int{}
	var out [][]Ref
	for i := range m.boxes {
		for _, key := range []string{m.key[i], m.alt[i]} {
			if key == "" {
				continue
			}
			at, known := index[key]
			if !known {
				at = len(out)
				index[key] = at
				out = append(out, nil)
			}
			out[at] = append(out[at], Ref(i))
		}
	}
	return out
}

func (m *merger) withinOrganisation(org string, group []Ref) {
	if provider(org) { // everybody can have an address there; acrossOrganisations says so
		return
	}
	set := make([]bool, len(group)) // set aside
	for i, a := range group {
		if n := m.best(&m.boxes[a]); n != nil && m.boxes[a].authored == 0 && contradicts(m.local[a], n.words) {
			m.leave(group[0], a, "%s bears the name “%s” only where others wrote to it, and its local part is another name", m.spell(a), n.shown)
			set[i] = true
		}
		for j := range i {
			b := group[j]
			na, nb := m.best(&m.boxes[a]), m.best(&m.boxes[b])
			switch {
			case m.root(a) == m.root(b):
			case onlyNumbersDiffer(m.local[a], m.local[b]) || na != nil && nb != nil && initialsClash(*na, *nb):
				m.leave(b, a, "%s and %s bear the same name in one organisation, but are told apart there", m.spell(b), m.spell(a))
				for k := range set { // which of the two a third one belongs to is not known
					set[k] = true
				}
			case m.mistyped(a, b):
				m.leave(b, a, "%s and %s bear the same name, but look like one address and its misspelling", m.spell(b), m.spell(a))
				if m.boxes[a].uses() > m.boxes[b].uses() {
					set[j] = true
				} else {
					set[i] = true
				}
			}
		}
	}
	anchor := NoRef
	for i, ref := range group {
		switch {
		case set[i]:
		case anchor == NoRef:
			anchor = ref
		default:
			m.infer(anchor, ref, "%s and %s bear the same full name, “%s”, within the organisation %s", m.spell(anchor), m.spell(ref), m.best(&m.boxes[ref]).shown, org)
		}
	}
}

// mistyped tells that one local part is the other with one slip, and not another way to write the name: ann.lee and ann.le, but not ann.lee and annlee.
func (m *merger) mistyped(a, b Ref) bool {
	x, y := m.local[a], m.local[b]
	if x == y || !nearly(x, y) {
		return false
	}
	n := m.best(&m.boxes[a])
	if n == nil {
		return true
	}
	madeX, _ := made(x, n.words)
	madeY, _ := made(y, n.words)
	return !madeX || !madeY
}

// acrossOrganisations merges nothing: it notes where the same name stands in several organisations, for a person to decide.
func (m *merger) acrossOrganisations() {
	for _, bearers := range m.bearers() {
		if len(bearers) > mostBearers {
			continue
		}
		for i, a := range bearers {
			for _, b := range bearers[:i] {
				if m.org[a] == "" || m.org[b] == "" || m.org[a] == m.org[b] && !provider(m.org[a]) {
					continue
				}
				if lookAlike(m.org[a], m.org[b]) {
					m.leave(b, a, "%s and %s have the same name, but their domains are easily taken for each other", m.spell(b), m.spell(a))
				} else {
					m.leave(b, a, "%s and %s bear the same full name, “%s”, in different organisations", m.spell(b), m.spell(a), m.best(&m.boxes[a]).shown)
				}
			}
		}
	}
}

// byAnswer merges where an answer came from, or went to, another address whose name agrees.
func (m *merger) byAnswer() {
	pairs := make([][2]Ref, 0, len(m.answers))
	for p := range m.answers {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(x, y [2]Ref) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	for _, p := range pairs {
		a, b := m.answers[p].first[0], m.answers[p].first[1]
		if m.kind[a] != Human || m.kind[b] != Human || m.severalPeople(a) || m.severalPeople(b) || m.boxes[a].address == "" || m.boxes[b].address == "" {
			continue
		}
		if m.org[a] == m.org[b] && (onlyNumbersDiffer(m.local[a], m.local[b]) || m.mistyped(a, b)) {
			continue
		}
		if m.answers[p].from == 0 && m.org[a] != m.org[b] && m.boxes[b].authored == 0 {
			m.leave(a, b, "the answer to a message from %s was sent to %s, which never wrote itself: the address may be a mistake", m.spell(a), m.spell(b))
			continue
		}
		evidence := fmt.Sprintf("%s answered a message that was sent to %s", m.spell(a), m.spell(b))
		if m.answers[p].from == 0 {
			evidence = fmt.Sprintf("the answer to a message from %s was sent to %s", m.spell(a), m.spell(b))
		}
		names := "the name of the one agrees with the address of the other"
		if na, nb := m.best(&m.boxes[a]), m.best(&m.boxes[b]); na != nil && nb != nil {
			if names = fmt.Sprintf("their names agree (“%s”, “%s”)", na.shown, nb.shown); na.shown == nb.shown {
				names = fmt.Sprintf("both bear the name “%s”", na.shown)
			}
		}
		m.infer(a, b, "%s, and %s", evidence, names)
	}
}

// severalPeople tells that a mailbox bears names of several people.
func (m *merger) severalPeople(ref Ref) bool {
	if m.key[ref] != "" {
		return false
	}
	for _, u := range m.boxes[ref].names {
		if n := &m.names[u.name]; n.key != "" || n.via {
			return true
		}
	}
	return false
}

// byNameAlone gives a name that stands without an address to the only person who bears it.
func (m *merger) byNameAlone() {
	for _, bearers := range m.bearers() {
		var alone []Ref
		person := NoRef
		several := false
		for _, ref := range bearers {
			switch {
			case m.boxes[ref].address == "":
				alone = append(alone, ref)
			case person == NoRef:
				person = ref
			case m.root(person) != m.root(ref):
				several = true
			}
		}
		if person == NoRef || len(alone) == 0 {
			continue
		}
		for _, ref := range alone {
			if several {
				m.leave(person, ref, "%s stands without an address, and several people bear this name", m.spell(ref))
				continue
			}
			m.merge(person, ref, "%s stands without an address, and only one correspondent bears this full name: %s", m.spell(ref), m.spell(person))
		}
	}
}
