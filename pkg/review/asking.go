package review

import (
	"slices"
	"strings"

	"onrecord/pkg/casefile"
)

// line is a line of text that is being typed.
type line struct {
	text []rune
	at   int
}

func (l *line) set(s string) { l.text = []rune(s); l.at = len(l.text) }

func (l *line) key(k Key) {
	switch k.Code {
	case Char:
		if len(l.text) < 1000 && k.Rune >= ' ' {
			l.text = slices.Insert(l.text, l.at, k.Rune)
			l.at++
		}
	case Backspace:
		if l.at > 0 {
			l.text = slices.Delete(l.text, l.at-1, l.at)
			l.at--
		}
	case Delete, EOF:
		if l.at < len(l.text) {
			l.text = slices.Delete(l.text, l.at, l.at+1)
		}
	case Left:
		l.at = max(0, l.at-1)
	case Right:
		l.at = min(len(l.text), l.at+1)
	case Home, LineStart:
		l.at = 0
	case End, LineEnd:
		l.at = len(l.text)
	case EraseLine:
		l.text, l.at = l.text[l.at:], 0
	case EraseWord:
		from := l.at
		for from > 0 && l.text[from-1] == ' ' {
			from--
		}
		for from > 0 && l.text[from-1] != ' ' {
			from--
		}
		l.text = slices.Delete(l.text, from, l.at)
		l.at = from
	}
}

// prompt asks for texts, one after the other. Escape gives up all.
func (m *Model) prompt(ask []question, answer func([]string)) {
	m.from, m.mode = m.mode, onPrompt
	m.ask, m.answer, m.given = ask, answer, nil
	m.edit.set(ask[0].value)
}

func (m *Model) typing(k Key) {
	q := &m.ask[len(m.given)]
	switch k.Code {
	case Escape:
		m.mode = m.from
		m.tell("nothing was changed")
	case Up, Down:
		if len(q.choices) == 0 {
			return
		}
		by := 1
		if k.Code == Up {
			by = -1
		}
		at := slices.Index(q.choices, string(m.edit.text))
		if at < 0 && by < 0 {
			at = 0
		}
		m.edit.set(q.choices[(at+by+len(q.choices))%len(q.choices)])
	case Enter:
		m.given = append(m.given, string(m.edit.text))
		if len(m.given) < len(m.ask) {
			m.edit.set(m.ask[len(m.given)].value)
			return
		}
		m.mode = m.from
		m.answer(m.given)
	default:
		m.edit.key(k)
	}
}

// actKeys are the keys of the acts, in their order.
const actKeys = "wrotakcdbin"

// askActs asks what a sentence does.
func (m *Model) askActs(now []string, chosen func([]string)) {
	m.from, m.mode = m.mode, onActs
	clear(m.acts)
	for _, a := range now {
		m.acts[a] = true
	}
	m.chosen = chosen
}

func (m *Model) labelling(k Key) {
	switch k.Code {
	case Escape:
		m.mode = m.from
		m.tell("nothing was changed")
	case Enter:
		var acts []string
		for _, a := range casefile.Acts() {
			if m.acts[a] {
				acts = append(acts, a)
			}
		}
		if len(acts) == 0 {
			m.Complain("tick at least one act, or go back with Esc")
			return
		}
		m.mode = m.from
		m.chosen(acts)
	case Char:
		n := strings.IndexRune(actKeys, k.Rune)
		if n < 0 {
			m.Complain("%q is none of the keys", string(k.Rune))
			return
		}
		a := casefile.Acts()[n]
		m.acts[a] = !m.acts[a]
	}
}

// picker is the list of people.
type picker struct {
	at     int
	ticked map[int]bool
}

func (m *Model) picking(k Key) {
	p := &m.people
	switch k.Code {
	case Escape, Left:
		clear(p.ticked)
		m.mode = onCard
		return
	case Up:
		p.at--
	case Down:
		p.at++
	case PageUp:
		p.at -= m.page
	case PageDown:
		p.at += m.page
	case Home:
		p.at = 0
	case End:
		p.at = len(m.s.persons) - 1
	}
	p.at = max(0, min(p.at, len(m.s.persons)-1))
	if k.Code != Char || len(m.s.persons) == 0 {
		return
	}
	id := m.s.persons[p.at].ID
	entry := m.s.entry(m.matter, p.at)
	set := func(verb, label, now string) {
		m.prompt([]question{{label, now, nil}}, func(a []string) {
			if v := strings.TrimSpace(a[0]); v != "" && v != now {
				m.do(Command{verb, []string{id, v}})
			}
		})
	}
	switch k.Rune {
	case 'q':
		clear(p.ticked)
		m.mode = onCard
	case 'j':
		p.at = min(p.at+1, len(m.s.persons)-1)
	case ' ':
		p.ticked[p.at] = !p.ticked[p.at]
		p.at = min(p.at+1, len(m.s.persons)-1)
	case 'm', 'x':
		m.togetherOrApart(k.Rune == 'm')
	case 'e':
		set("name", "name to print", entry.Name)
	case 'r':
		set("role", "role of "+entry.Name, entry.Role)
	case 's':
		set("side", "side of "+entry.Name, entry.Side)
	case 'l':
		m.do(Command{"list", []string{id}})
	case 'u':
		if len(m.undo) > 0 {
			at := m.at
			m.takeBack()
			m.at = at
		}
	case '/':
		m.prompt([]question{{"find a person", m.find, nil}}, func(a []string) { m.find = a[0]; m.findPerson() })
	case 'N':
		m.findPerson()
	case '?':
		m.help()
	default:
		m.Complain("%q is no key here; ? shows all keys", string(k.Rune))
	}
}

func (m *Model) togetherOrApart(together bool) {
	var ids []string
	for i := range m.s.persons {
		if m.people.ticked[i] {
			ids = append(ids, m.s.persons[i].ID)
		}
	}
	verb := "apart"
	if together {
		verb = "merge"
	}
	switch {
	case len(ids) < 2:
		m.Complain("tick them first, with the space bar")
		return
	case !together && len(ids) > 2:
		m.Complain("tick two to keep them apart")
		return
	}
	if m.do(Command{verb, ids}) {
		clear(m.people.ticked)
	}
}

func (m *Model) findPerson() {
	n := len(m.s.persons)
	for i := 1; i <= n; i++ {
		at := (m.people.at + i) % n
		p := &m.s.persons[at]
		if strings.Contains(strings.ToLower(p.Name+" "+strings.Join(p.Names, " ")+" "+strings.Join(p.Addresses, " ")), strings.ToLower(m.find)) {
			m.people.at = at
			m.tell("found; N finds the next")
			return
		}
	}
	m.Complain("nobody is called %q", m.find)
}
