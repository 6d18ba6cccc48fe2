package review

import (
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/casefile"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// State is what the case file says of a question.
type State string

// The states. Of two persons, Kept says that they are one, Rejected that they are two.
const (
	Open     State = "open"
	Kept     State = "kept"
	Rejected State = "rejected"
)

// decided is what the case file says of one item.
type decided struct {
	state  State
	acts   []string
	topic  string
	reason string
	line   int             // in the case file
	marks  []casefile.Mark // all that overlap the sentence
}

// further is a mark on a sentence that was not suggested.
type further struct {
	span [2]int
	mark casefile.Mark
}

// standing is what the case file says of everything.
type standing struct {
	of      []decided
	further map[int][]further // by mail
	unfit   int               // marks whose words or message are not here
	counts  map[State]int
}

// stand works out what a case file says. A mark stands before a rejection, as in the build.
func (s *Session) stand(c *casefile.Case) standing {
	st := standing{of: make([]decided, len(s.items)), further: map[int][]further{}, counts: map[State]int{}}
	for _, m := range c.Marks { // marks first, then rejections
		fits := false
		for _, in := range s.mailsOf(&m) {
			span, found := s.locate(in, m.Quote)
			if !found {
				continue
			}
			fits = true
			onItem := false
			for _, i := range s.mails[in].items {
				if !overlap(s.items[i].said.Span, span) {
					continue
				}
				onItem = true
				d := &st.of[i]
				if d.marks = append(d.marks, m); len(d.marks) > 1 {
					continue
				}
				*d = decided{state: Kept, acts: m.Acts, topic: m.Topic, line: m.Line, marks: d.marks}
				if m.Reject {
					d.state, d.reason = Rejected, m.Reason
				}
			}
			if !onItem && !m.Reject {
				st.further[in] = append(st.further[in], further{span, m})
			}
		}
		if !fits {
			st.unfit++
		}
	}
	for i := range s.items {
		if p := s.items[i].same; p != nil {
			st.of[i] = s.samePerson(c, s.person(p.A), s.person(p.B))
		}
		if st.of[i].state == "" {
			st.of[i].state = Open
		}
		st.counts[st.of[i].state]++
	}
	return st
}

// samePerson tells what the case file says of two persons.
func (s *Session) samePerson(c *casefile.Case, a, b int) decided {
	if a < 0 || b < 0 {
		return decided{state: Rejected}
	}
	ofA, ofB := entryOf(c, &s.persons[a]), entryOf(c, &s.persons[b])
	switch {
	case ofA >= 0 && ofA == ofB:
		return decided{state: Kept, line: c.People[ofA].Line}
	case ofA >= 0 && ofB >= 0:
		return decided{state: Rejected, line: c.People[ofA].Line}
	case ofA >= 0 && hasOne(c.People[ofA].Not, s.persons[b].Addresses):
		return decided{state: Rejected, line: c.People[ofA].Line}
	case ofB >= 0 && hasOne(c.People[ofB].Not, s.persons[a].Addresses):
		return decided{state: Rejected, line: c.People[ofB].Line}
	}
	return decided{}
}

// entryOf finds the entry of a person in the case file: by an address, or by the name where it has none.
func entryOf(c *casefile.Case, p *people.Person) int {
	return slices.IndexFunc(c.People, func(e casefile.Person) bool {
		return hasOne(e.Addresses, p.Addresses) || len(e.Addresses) == 0 && e.Name == p.Name && p.Name != ""
	})
}

func hasOne(list, of []string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		return slices.ContainsFunc(of, func(b string) bool { return strings.EqualFold(a, b) })
	})
}

// acts gives what an item does as it stands: as marked, else as suggested.
func (s *Session) acts(i int, d *decided) []string {
	if d.state == Kept && len(d.acts) > 0 {
		return d.acts
	}
	return actNames(s.items[i].said.Acts)
}

func actNames(acts []notice.Act) []string {
	names := make([]string, len(acts))
	for i, a := range acts {
		names[i] = string(a)
	}
	return names
}

func itoa(n int) string { return strconv.Itoa(n) }
