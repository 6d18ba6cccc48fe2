package review

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/pkg/casefile"
	"onrecord/pkg/people"
)

// somebody finds a person by id, address or name.
func (s *Session) somebody(arg string) (int, error) {
	if i := s.person(strings.ToLower(arg)); i >= 0 {
		return i, nil
	}
	if i, ok := s.personOf[strings.ToLower(arg)]; ok {
		return i, nil
	}
	at := -1
	for i := range s.persons {
		if strings.EqualFold(s.persons[i].Name, arg) {
			if at >= 0 {
				return 0, fmt.Errorf("several persons are called %q: name an address, or p1 to p%d", arg, len(s.persons))
			}
			at = i
		}
	}
	if at < 0 {
		return 0, fmt.Errorf("there is no person %q: there is p1 to p%d", arg, len(s.persons))
	}
	return at, nil
}

// entry gives what the case file says of a person, or what it would.
func (s *Session) entry(c *casefile.Case, i int) casefile.Person {
	p := &s.persons[i]
	if at := entryOf(c, p); at >= 0 {
		return c.People[at]
	}
	e := casefile.Person{Name: nameOf(p), Addresses: p.Addresses, List: p.Kind == people.List}
	for _, n := range p.Names {
		if len(p.Addresses) == 0 && n != e.Name {
			e.Aliases = append(e.Aliases, n)
		}
	}
	return e
}

func (s *Session) merge(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	var all casefile.Person
	var who []int
	for _, arg := range args {
		i, err := s.somebody(arg)
		if err != nil {
			return "", err
		}
		if !slices.Contains(who, i) {
			who = append(who, i)
		}
	}
	if len(who) < 2 {
		return "", fmt.Errorf("%s and %s are one person already", args[0], args[1])
	}
	for n, i := range who {
		e := s.entry(ed.Case(), i)
		if n == 0 {
			all = casefile.Person{Name: e.Name, Role: e.Role, Party: e.Party, Side: e.Side}
		} else if e.Name != all.Name && !slices.Contains(all.Aliases, e.Name) && len(e.Addresses) == 0 {
			all.Aliases = append(all.Aliases, e.Name)
		}
		all.Aliases = append(all.Aliases, e.Aliases...)
		for _, a := range e.Addresses {
			if !hasOne(all.Addresses, []string{a}) {
				all.Addresses = append(all.Addresses, a)
			}
		}
	}
	if len(all.Addresses) == 0 {
		return fmt.Sprintf("%d names are one person: %s", len(who), all.Name), ed.SetPerson(all)
	}
	return fmt.Sprintf("%d persons are one: %s", len(who), all.Name), ed.MergePeople(all)
}

func (s *Session) apart(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	a, err := s.somebody(args[0])
	if err != nil {
		return "", err
	}
	b, err := s.somebody(args[1])
	if err != nil {
		return "", err
	}
	of, other := &s.persons[a], &s.persons[b]
	if a == b {
		return "", fmt.Errorf("%s is one person in this dossier, with %s: name two", args[0], strings.Join(of.Addresses, ", "))
	}
	if len(of.Addresses) == 0 {
		of, other = other, of
	}
	if len(of.Addresses) == 0 || len(other.Addresses) == 0 {
		return "", fmt.Errorf("only addresses can be kept apart, and %s has none", nameOf(other))
	}
	for _, address := range other.Addresses {
		if err := ed.KeepApart(nameOf(of), of.Addresses[0], address); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s is not %s", nameOf(of), joined(", ", nameOf(other), other.Addresses[0])), nil
}

// change sets something of a person's entry.
func (s *Session) change(ed *casefile.Editor, arg string, set func(*casefile.Person)) (string, error) {
	i, err := s.somebody(arg)
	if err != nil {
		return "", err
	}
	e := s.entry(ed.Case(), i)
	old := e.Name
	set(&e)
	if len(e.Addresses) == 0 && e.Name != old { // it is found by the name in the mail
		e.Aliases = append(slices.Clone(e.Aliases), old)
	}
	return nameOf(&s.persons[i]), ed.SetPerson(e)
}

func (s *Session) name(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	who, err := s.change(ed, args[0], func(p *casefile.Person) { p.Name = args[1] })
	return fmt.Sprintf("%s is printed as %s", who, args[1]), err
}

func (s *Session) role(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	who, err := s.change(ed, args[0], func(p *casefile.Person) { p.Role = args[1] })
	return fmt.Sprintf("%s: %s", who, args[1]), err
}

func (s *Session) side(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	who, err := s.change(ed, args[0], func(p *casefile.Person) { p.Side = args[1] })
	return fmt.Sprintf("%s belongs to: %s", who, args[1]), err
}

func (s *Session) list(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	who, err := s.change(ed, args[0], func(p *casefile.Person) { p.List = true })
	return who + " is a distribution list", err
}

func matterVerb(key string) func(*Session, *casefile.Editor, *standing, []string) (string, error) {
	return func(_ *Session, ed *casefile.Editor, _ *standing, args []string) (string, error) {
		return strings.ReplaceAll(key, "_", " ") + ": " + args[0], ed.SetMatter(key, strings.TrimSpace(args[0]))
	}
}

// moment reads what tells a time: a suggestion, an exhibit, or a time with its zone. quote is of a suggestion.
func (s *Session) moment(arg string) (at casefile.Mark, quote string, err error) {
	if i, ok := s.itemOf[strings.ToLower(arg)]; ok && s.items[i].mail >= 0 {
		it := &s.items[i]
		return s.in(it.mail), strings.Join(strings.Fields(it.said.Text), " "), nil
	}
	in, err := s.exhibit(arg)
	if err != nil {
		return at, "", err
	}
	return s.in(in), "", nil
}

func (s *Session) event(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	e := casefile.Event{Title: args[1]}
	if len(args) == 3 {
		e.Kind = args[2]
	}
	if at, err := casefile.ParseTime(args[0]); err == nil {
		e.At = at
	} else {
		m, _, merr := s.moment(args[0])
		if merr != nil {
			return "", fmt.Errorf("%q is no suggestion, no exhibit and no time: %w", args[0], err)
		}
		e.MessageID, e.Exhibit = m.MessageID, m.Exhibit
	}
	return "event: " + e.Title, ed.AddEvent(e)
}

// firstClock is the title of a clock where none is given and none is there.
const firstClock = "Incident response"

func clockTitle(c *casefile.Case, args []string) string {
	switch {
	case len(args) == 3 && args[2] != "":
		return args[2]
	case len(c.Clocks) > 0:
		return c.Clocks[0].Title
	}
	return firstClock
}

func (s *Session) phase(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	f := casefile.Phase{Name: args[1]}
	title := clockTitle(ed.Case(), args)
	if at, err := casefile.ParseTime(args[0]); err == nil {
		f.At = at
	} else {
		m, quote, merr := s.moment(args[0])
		if merr != nil {
			return "", fmt.Errorf("%q is no suggestion, no exhibit and no time: %w", args[0], err)
		}
		f.MessageID, f.Exhibit, f.Quote = m.MessageID, m.Exhibit, quote
	}
	return fmt.Sprintf("clock %s: %s", title, f.Name), ed.SetPhase(title, f)
}

func (s *Session) limit(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	title := clockTitle(ed.Case(), args)
	return fmt.Sprintf("clock %s: %s is due after %s", title, args[1], args[0]), ed.SetLimit(title, args[0], args[1])
}
