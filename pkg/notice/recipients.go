package notice

import "fmt"

// recipientChanges compares every reply with the message that it answers. Persons are compared, not addresses. Bcc of the parent counts for nobody:
// a replier cannot drop whom he cannot see.
func (a *analysis) recipientChanges() []RecipientChange {
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
func (a *analysis) messagesWith(act Act) map[int32]bool {
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

func (a *analysis) compare(reply, parent *Message, warned bool) RecipientChange {
	before, after := fields(parent), fields(reply)
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
	c.Headline = a.headline(len(after), alone, len(c.Dropped), people, warned)
	return c
}

// fields gives each recipient the strongest field that names them.
func fields(m *Message) map[int32]Field {
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

func (a *analysis) headline(recipients int, alone int32, dropped, people int, warned bool) string {
	switch {
	case dropped == 0:
		return ""
	case recipients == 1:
		return fmt.Sprintf("replied to %s alone, %s dropped", a.name(alone), count(dropped, "recipient"))
	case warned:
		return fmt.Sprintf("answered a warning without %d of the %d people on it", dropped, people)
	}
	return ""
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
