package notice

import (
	"fmt"
	"iter"
)

// recipientChanges compares every reply with the message that it answers.
func (a *analysis) recipientChanges() iter.Seq[RecipientChange] {
	return func(yield func(RecipientChange) bool) {
		w := a.newComparison()
		for i := range a.Messages {
			if c, changed := w.of(int32(i)); changed && !yield(c) {
				return
			}
		}
	}
}

// comparison is the working memory in which replies are compared with what they answer, one after the other: a cell for each person.
type comparison struct {
	*analysis
	before, after []Field // the strongest field that names a person, from 1; 0: none
	seen          []bool
}

func (a *analysis) newComparison() *comparison {
	n := len(a.Persons)
	return &comparison{analysis: a, before: make([]Field, n), after: make([]Field, n), seen: make([]bool, n)}
}

// of compares a message with the one that it answers. Persons are compared, not addresses. Bcc of the parent counts for nobody: a replier cannot drop
// whom he cannot see.
func (w *comparison) of(message int32) (c RecipientChange, changed bool) {
	reply := &w.Messages[message]
	if !w.holds(reply.Parent) || reply.Forward || reply.Automatic || reply.Recipients.Len == 0 {
		return c, false
	}
	parent := &w.Messages[reply.Parent]
	was, is := w.recipients(parent), w.recipients(reply)
	w.fields(w.before, was)
	kept := w.fields(w.after, is)
	c = RecipientChange{Exhibit: int(reply.Exhibit), ComparedTo: int(parent.Exhibit), Added: []string{}, Dropped: []string{}, Moved: []string{}}
	people := w.dropped(&c, reply, parent)
	alone := w.added(&c, reply, parent)
	c.Headline = w.headline(kept, alone, len(c.Dropped), people, w.warned.has(reply.Parent))
	w.forget(w.before, was)
	w.forget(w.after, is)
	return c, len(c.Added)+len(c.Dropped)+len(c.Moved) > 0
}

// dropped lists who is not on the reply, and counts who could have been.
func (w *comparison) dropped(c *RecipientChange, reply, parent *Message) (people int) {
	consider := func(p int32) {
		if !w.is(p) || p == reply.Author || w.seen[p] {
			return
		}
		w.seen[p] = true
		people++
		if w.after[p] == 0 {
			c.Dropped = append(c.Dropped, w.id(p))
		}
	}
	consider(parent.Author)
	for _, r := range w.recipients(parent) {
		if r.Field != Bcc {
			consider(r.Person)
		}
	}
	w.unsee(parent)
	return people
}

// added lists who is new on the reply or stands in another field, and gives the last of the recipients.
func (w *comparison) added(c *RecipientChange, reply, parent *Message) (alone int32) {
	alone = -1
	for _, r := range w.recipients(reply) {
		p := r.Person
		if !w.is(p) || w.seen[p] {
			continue
		}
		w.seen[p] = true
		alone = p
		switch {
		case p == parent.Author:
		case w.before[p] == 0:
			c.Added = append(c.Added, w.id(p))
		case w.before[p] != w.after[p]:
			c.Moved = append(c.Moved, w.id(p))
		}
	}
	w.unsee(reply)
	if w.is(reply.Author) && w.before[reply.Author] == 0 && reply.Author != parent.Author {
		c.Added = append(c.Added, w.id(reply.Author))
	}
	return alone
}

// fields notes the strongest field that names each recipient, and counts them.
func (w *comparison) fields(cells []Field, list []Recipient) (persons int) {
	for _, r := range list {
		if !w.is(r.Person) {
			continue
		}
		if cells[r.Person] == 0 {
			persons++
		}
		if f := r.Field + 1; cells[r.Person] == 0 || f < cells[r.Person] {
			cells[r.Person] = f
		}
	}
	return persons
}

func (w *comparison) forget(cells []Field, list []Recipient) {
	for _, r := range list {
		if w.is(r.Person) {
			cells[r.Person] = 0
		}
	}
}

func (w *comparison) unsee(m *Message) {
	for _, r := range w.recipients(m) {
		if w.is(r.Person) {
			w.seen[r.Person] = false
		}
	}
	if w.is(m.Author) {
		w.seen[m.Author] = false
	}
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
