package notice

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"onrecord/pkg/evidence"
)

// known is one warning that a person had notice of.
type plainKnown struct {
	statement int32
	first     time.Time
	kind      int
	message   int32 // that shows it
}

// contradictions sets each denial of knowledge, and each blame about the same matter, beside the warnings that its author had notice of before.
// Left alone are denials by persons whom no warning reached, whose copy bounced, or who had notice only after the last incident before the denial.
func (a *plainAnalysis) contradictions(l *plainLedger) []Contradiction {
	found := []Contradiction{}
	had := a.hadNotice(l)
	incidents := a.incidents()
	words := map[int32][]uint32{}
	for i := range a.out.Statements {
		s := &a.out.Statements[i]
		m := &a.Messages[a.stmtMsg[i]]
		if s.Origin == Rejected || s.Part != "" || !does(s, Denial, Blame) || s.At == nil || m.Author < 0 {
			continue
		}
		scope := a.topics.scopeOf(a.stmtMsg[i])
		until := harmBefore(incidents[scope], *s.At)
		all := had[[2]int32{scope, m.Author}]
		end, _ := slices.BinarySearchFunc(all, until, func(k plainKnown, t time.Time) int { return cmp.Or(k.first.Compare(t), 1) })
		all = slices.DeleteFunc(slices.Clone(all[:end]), func(k plainKnown) bool { return a.stmtMsg[k.statement] == m.Parent }) // what it answers it does not deny
		if len(all) == 0 {
			continue
		}
		same := a.sameMatter(int32(i), all, words)
		if len(same) == 0 && does(s, Denial) {
			same = all // a denial that names no matter is one of all
		}
		if len(same) == 0 {
			continue
		}
		found = append(found, a.contradiction(l, s, m, same[:min(len(same), maxAgainst)], until))
	}
	return found
}

// hadNotice lists, for each scope and person, the warnings of others that reached them, by time.
func (a *plainAnalysis) hadNotice(l *plainLedger) map[[2]int32][]plainKnown {
	had := map[[2]int32][]plainKnown{}
	for i := range l.rows {
		t := &l.rows[i]
		if t.message[kAuthored] >= 0 || !does(&a.out.Statements[t.statement], Warning) {
			continue
		}
		if first, kind := a.firstNotice(t); first != nil {
			key := [2]int32{a.topics.scopeOf(a.stmtMsg[t.statement]), t.person}
			had[key] = append(had[key], plainKnown{statement: t.statement, first: *first, kind: kind, message: t.message[kind]})
		}
	}
	for _, list := range had {
		slices.SortStableFunc(list, func(x, y plainKnown) int { return x.first.Compare(y.first) })
	}
	return had
}

// incidents lists the times of the reported incidents of each scope, sorted.
func (a *plainAnalysis) incidents() map[int32][]time.Time {
	times := map[int32][]time.Time{}
	for i := range a.out.Statements {
		if s := &a.out.Statements[i]; s.Origin != Rejected && s.At != nil && does(s, Incident) {
			scope := a.topics.scopeOf(a.stmtMsg[i])
			times[scope] = append(times[scope], *s.At)
		}
	}
	for _, list := range times {
		slices.SortFunc(list, time.Time.Compare)
	}
	return times
}

// harmBefore is the start of the last run of incidents before a denial.
func harmBefore(sorted []time.Time, denial time.Time) time.Time {
	i := len(sorted) - 1
	for i >= 0 && !sorted[i].Before(denial) {
		i--
	}
	if i < 0 {
		return denial
	}
	for i > 0 && sorted[i].Sub(sorted[i-1]) <= sameHarm {
		i--
	}
	return sorted[i]
}

// sameMatter keeps the warnings that share a content word with the denial or, of a denial, its topic.
func (a *plainAnalysis) sameMatter(denial int32, all []plainKnown, cache map[int32][]uint32) []plainKnown {
	wordsOf := func(i int32) []uint32 {
		w, done := cache[i]
		if !done {
			w = contentWords(a.out.Statements[i].Text)
			cache[i] = w
		}
		return w
	}
	mine := wordsOf(denial)
	var same []plainKnown
	for _, k := range all {
		d, w := &a.out.Statements[denial], &a.out.Statements[k.statement]
		if share(mine, wordsOf(k.statement)) || does(d, Denial) && d.TopicID != "" && d.TopicID == w.TopicID {
			if same = append(same, k); len(same) == maxAgainst {
				break
			}
		}
	}
	return same
}

// share tells whether two sorted lists have a common element.
func share(a, b []uint32) bool {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			return true
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return false
}

func (a *plainAnalysis) contradiction(l *plainLedger, s *Statement, m *plainMessage, against []plainKnown, until time.Time) Contradiction {
	c := Contradiction{Statement: s.ID, Person: s.Author, Topic: s.TopicID}
	for _, k := range against {
		w := &a.out.Statements[k.statement]
		c.Against = append(c.Against, w.ID)
		author := int32(-1)
		if p, known := a.byID[w.Author]; known {
			author = p
		}
		e := Against{Statement: w.ID, Kind: kinds[k.kind], Exhibit: int(a.Messages[k.message].Exhibit), At: &k.first, Basis: a.when(k.kind, k.message).Basis, Days: int(s.At.Sub(k.first) / (24 * time.Hour))}
		e.Why = fmt.Sprintf("%s of %s on %s (exhibit %d, %s), %s before", verbs[k.kind], a.name(author), day(k.first), e.Exhibit, w.ID, between(k.first, *s.At))
		row := &l.rows[l.index[[2]int32{k.statement, m.Author}]]
		for kind, shows := range row.message {
			if shows >= 0 && a.when(kind, shows).Time != nil && a.when(kind, shows).Time.Before(until) {
				if kind < k.kind {
					e.Kind, e.Exhibit = kinds[kind], int(a.Messages[shows].Exhibit)
					e.Why += fmt.Sprintf("; %s in exhibit %d", moreover[kind], e.Exhibit)
				}
				break
			}
		}
		c.Evidence = append(c.Evidence, e)
	}
	c.Why = fmt.Sprintf("%s says on %s in exhibit %d: “%s”; %s; %s by then", a.name(m.Author), day(*s.At), s.Exhibit, short(s.Text), c.Evidence[0].Why, count(len(against), "such warning"))
	return c
}

// timeline lists messages, statements, dropped recipients, receipts, bounces and the events of the case file by instant, then exhibit;
// what has no time stands last.
func (a *plainAnalysis) timeline() []Entry {
	entries := make([]Entry, 0, len(a.Messages)+len(a.out.Statements))
	returns := map[int32]*Return{}
	for i := range a.Receipts {
		if r := &a.Receipts[i]; r.Message >= 0 && int(r.Message) < len(a.Messages) && returns[r.Message] == nil {
			returns[r.Message] = r
		}
	}
	for i := range a.Messages {
		m := &a.Messages[i]
		e := Entry{At: m.Sent.Time, Basis: m.Sent.Basis, Kind: KindMessage, Exhibit: int(m.Exhibit), Text: m.Subject}
		if r := returns[int32(i)]; r != nil {
			e.Kind, e.Text = a.compact().returned(r, &Message{Author: m.Author})
		}
		entries = append(entries, e)
	}
	for i := range a.out.Statements {
		if s := &a.out.Statements[i]; s.Origin != Rejected {
			entries = append(entries, Entry{At: s.At, Basis: s.Basis, Kind: EntryKind(s.Acts[0]), Exhibit: s.Exhibit, Statement: s.ID, Text: short(s.Text)})
		}
	}
	for _, c := range a.out.Recipients {
		if len(c.Dropped) == 0 {
			continue
		}
		m := &a.Messages[a.at[c.Exhibit]]
		text := c.Headline
		if text == "" {
			text = count(len(c.Dropped), "recipient") + " dropped"
		}
		entries = append(entries, Entry{At: m.Sent.Time, Basis: m.Sent.Basis, Kind: KindDropped, Exhibit: c.Exhibit, Text: text})
	}
	if a.Case != nil {
		for _, ev := range a.Case.Events {
			e := Entry{Basis: evidence.BasisNone, Kind: KindEvent, Text: ev.Title}
			if !ev.At.IsZero() {
				e.At, e.Basis = &ev.At, evidence.BasisCase
			}
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(x, y Entry) int {
		if x.At == nil || y.At == nil {
			return cmp.Or(compareBool(x.At == nil, y.At == nil), cmp.Compare(x.Exhibit, y.Exhibit))
		}
		return cmp.Or(x.At.Compare(*y.At), cmp.Compare(x.Exhibit, y.Exhibit))
	})
	return entries
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// recipientChanges compares every reply with the message that it answers. Persons are compared, not addresses. Bcc of the parent counts for nobody:
// a replier cannot drop whom he cannot see.
func (a *plainAnalysis) recipientChanges() []RecipientChange {
	changes := []RecipientChange{}
	warned := a.messagesWith(Warning)
	for i := range a.Messages {
		m := &a.Messages[i]
		if m.Parent < 0 || int(m.Parent) >= len(a.Messages) || m.Forward || m.Automatic || len(m.Recipients) == 0 {
			continue
		}
		if c := a.compare(m, &a.Messages[m.Parent], warned[m.Parent]); len(c.Added)+len(c.Dropped)+len(c.Moved) > 0 {
			changes = append(changes, c)
		}
	}
	return changes
}

// messagesWith tells which messages hold a statement of the act that nobody rejected.
func (a *plainAnalysis) messagesWith(act Act) map[int32]bool {
	with := map[int32]bool{}
	for i := range a.out.Statements {
		if s := &a.out.Statements[i]; s.Origin != Rejected && does(s, act) {
			with[a.stmtMsg[i]] = true
		}
	}
	return with
}

func does(s *Statement, acts ...Act) bool {
	for _, have := range s.Acts {
		for _, want := range acts {
			if have == want {
				return true
			}
		}
	}
	return false
}

func (a *plainAnalysis) compare(reply, parent *plainMessage, warned bool) RecipientChange {
	before, after := plainFields(parent), plainFields(reply)
	c := RecipientChange{Exhibit: int(reply.Exhibit), ComparedTo: int(parent.Exhibit), Added: []string{}, Dropped: []string{}, Moved: []string{}}
	people := 0 // who could have been kept
	seen := map[int32]bool{reply.Author: true}
	consider := func(p int32) {
		if p < 0 || seen[p] {
			return
		}
		seen[p] = true
		people++
		if _, kept := after[p]; !kept {
			c.Dropped = append(c.Dropped, a.id(p))
		}
	}
	consider(parent.Author)
	for _, r := range parent.Recipients {
		if r.Field != Bcc {
			consider(r.Person)
		}
	}
	alone := int32(-1)
	seen = map[int32]bool{parent.Author: true}
	for _, r := range reply.Recipients {
		if r.Person < 0 || seen[r.Person] && r.Person != parent.Author {
			continue
		}
		was, known := before[r.Person]
		switch {
		case seen[r.Person]:
		case !known:
			c.Added = append(c.Added, a.id(r.Person))
		case was != after[r.Person]:
			c.Moved = append(c.Moved, a.id(r.Person))
		}
		seen[r.Person] = true
		alone = r.Person
	}
	if _, known := before[reply.Author]; !known && reply.Author >= 0 && reply.Author != parent.Author {
		c.Added = append(c.Added, a.id(reply.Author))
	}
	c.Headline = a.compact().headline(len(after), alone, len(c.Dropped), people, warned)
	return c
}

// fields gives each recipient the strongest field that names them.
func plainFields(m *plainMessage) map[int32]Field {
	where := make(map[int32]Field, len(m.Recipients))
	for _, r := range m.Recipients {
		if r.Person < 0 {
			continue
		}
		if f, found := where[r.Person]; !found || r.Field < f {
			where[r.Person] = r.Field
		}
	}
	return where
}
