package review

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/pkg/casefile"
)

// Model is the state of a walk through a session: which question is shown, what is being typed, what the case file says. It is not safe for concurrent use.
type Model struct {
	s      *Session
	name   string // of the case file
	source string // of the dossier
	text   []byte // the case file
	matter *casefile.Case
	st     standing
	at     int   // in shown
	shown  []int // items that are walked through
	scroll int
	mode   mode
	done   bool
	stop   bool // interrupted

	status string
	bad    bool // status tells of something that went wrong
	undo   []step
	made   int // decisions since the start, less those that were undone

	ask    []question
	answer func([]string)
	given  []string
	edit   line
	find   string

	acts   map[string]bool
	chosen func([]string)
	from   mode // to go back to

	open   int // mail that is shown whole
	parts  []sentence
	sel    [2]int // of parts
	people picker
	page   int // rows of the last view, for paging
}

type mode uint8

const (
	onCard mode = iota
	onMail
	onActs
	onPrompt
	onPeople
	onHelp
)

// step is what undo goes back to.
type step struct {
	text []byte
	at   int
	said string
}

// question is one thing to type.
type question struct {
	label   string
	value   string
	choices []string
}

const maxUndo = 200

// Options are choices of a walk.
type Options struct {
	Source string   // name of the dossier, to show
	Case   string   // name of the case file, to show
	Acts   []string // walk through suggestions of these acts only; none: all
}

// New begins a walk with the text of a case file; nil is a new one. An error is one of the case file.
func New(s *Session, text []byte, o Options) (*Model, error) {
	m := &Model{s: s, name: o.Case, source: o.Source, acts: map[string]bool{}, people: picker{ticked: map[int]bool{}}, page: 10}
	for i := range s.items {
		if s.Wanted(i, o.Acts) {
			m.shown = append(m.shown, i)
		}
	}
	if err := m.take(text); err != nil {
		return nil, err
	}
	m.at = -1
	m.forward()
	return m, nil
}

// Wanted tells whether item i does one of these acts; none: any.
func (s *Session) Wanted(i int, acts []string) bool {
	return len(acts) == 0 || s.items[i].same == nil && slices.ContainsFunc(actNames(s.items[i].said.Acts), func(a string) bool { return slices.Contains(acts, a) })
}

// take reads a case file anew.
func (m *Model) take(text []byte) error {
	ed, err := casefile.Open(text, m.name)
	if err != nil {
		return err
	}
	m.text, m.matter = text, ed.Case()
	m.st = m.s.stand(m.matter)
	return nil
}

// Text is the case file as it stands. It changes with every decision; whoever sees it change writes it.
func (m *Model) Text() []byte { return m.text }

// Done tells that the walk is over; Interrupted, that Ctrl-C ended it.
func (m *Model) Done() bool        { return m.done }
func (m *Model) Interrupted() bool { return m.stop }

// Made is how many decisions were made and not undone.
func (m *Model) Made() int { return m.made }

// Unfit is how many marks and rejections of the case file fit no message, or no words of one. A file of another matter has many.
func (m *Model) Unfit() int { return m.st.unfit }

// Replace takes in a case file that somebody else has changed. Undo does not go behind it.
func (m *Model) Replace(text []byte) error {
	if err := m.take(text); err != nil {
		return err
	}
	m.undo = nil
	m.tell("%s was changed by another program and was read again", m.name)
	return nil
}

// Complain shows that something went wrong.
func (m *Model) Complain(format string, args ...any) {
	m.status, m.bad = fmt.Sprintf(format, args...), true
}

func (m *Model) tell(format string, args ...any) {
	m.status, m.bad = fmt.Sprintf(format, args...), false
}

// Back takes the last change back, where it could not be written.
func (m *Model) Back() {
	if len(m.undo) > 0 {
		m.takeBack()
	}
}

func (m *Model) takeBack() {
	last := m.undo[len(m.undo)-1]
	m.undo = m.undo[:len(m.undo)-1]
	if err := m.take(last.text); err != nil {
		m.Complain("%v", err)
		return
	}
	m.at, m.scroll = last.at, 0
	m.made--
	m.tell("undone: %s", last.said)
}

// do makes decisions, all of them or none, and tells whether it could.
func (m *Model) do(commands ...Command) bool {
	ed, err := casefile.Open(m.text, m.name)
	if err != nil {
		m.Complain("%v", err)
		return false
	}
	said := ""
	for _, c := range commands {
		st := m.st
		if said != "" {
			st = m.s.stand(ed.Case())
		}
		if said, err = m.s.apply(ed, &st, c); err != nil {
			m.Complain("%v", err)
			return false
		}
	}
	before := step{m.text, m.at, said}
	if err := m.take(ed.Bytes()); err != nil {
		m.Complain("%v", err)
		return false
	}
	if m.undo = append(m.undo, before); len(m.undo) > maxUndo {
		m.undo = m.undo[1:]
	}
	m.made++
	m.tell("%s", said)
	return true
}

// decide makes a decision on the question that is shown, and goes on to the next that is open.
func (m *Model) decide(c Command) {
	if m.do(c) {
		m.forward()
	}
}

// item is the question that is shown, -1 for none.
func (m *Model) item() int {
	if m.at < 0 || m.at >= len(m.shown) {
		return -1
	}
	return m.shown[m.at]
}

func (m *Model) openLeft() (n int) {
	for _, i := range m.shown {
		n += bit(m.st.of[i].state == Open)
	}
	return n
}

// forward goes to the next open question, from the beginning again if there is none behind; to the end if there is none at all.
func (m *Model) forward() {
	m.scroll = 0
	for n := 1; n <= len(m.shown); n++ {
		if at := m.at + n; at < len(m.shown) && m.st.of[m.shown[at]].state == Open {
			m.at = at
			return
		}
	}
	for at := 0; at <= min(m.at, len(m.shown)-1); at++ {
		if m.st.of[m.shown[at]].state == Open {
			if m.at = at; m.status == "" {
				m.tell("from the beginning again")
			}
			return
		}
	}
	m.at = len(m.shown)
}

func (m *Model) move(by int) {
	m.scroll = 0
	m.at = min(max(m.at+by, 0), len(m.shown))
}

// Update takes one key.
func (m *Model) Update(k Key) {
	if k.Code == Interrupt {
		m.done, m.stop = true, true
		return
	}
	if k.Code == Redraw {
		return
	}
	m.status, m.bad = "", false
	switch m.mode {
	case onPrompt:
		m.typing(k)
	case onActs:
		m.labelling(k)
	case onMail:
		m.reading(k)
	case onPeople:
		m.picking(k)
	case onHelp:
		m.helping(k)
	default:
		m.card(k)
	}
}

func (m *Model) help() { m.from, m.mode, m.scroll = m.mode, onHelp, 0 }

func (m *Model) helping(k Key) {
	switch k.Code {
	case Up:
		m.scroll--
	case Down:
		m.scroll++
	case PageUp:
		m.scroll -= m.page
	case PageDown:
		m.scroll += m.page
	default:
		m.mode, m.scroll = m.from, 0
	}
}

func (m *Model) card(k Key) {
	switch k.Code {
	case Up:
		m.scroll--
		return
	case Down:
		m.scroll++
		return
	case PageUp:
		m.scroll -= m.page
		return
	case PageDown:
		m.scroll += m.page
		return
	case Right:
		m.move(1)
		return
	case Left:
		m.move(-1)
		return
	case Home:
		m.move(-len(m.shown))
		return
	case End:
		m.move(len(m.shown))
		return
	case EOF:
		m.done = true
		return
	case Char:
	default:
		return
	}
	switch k.Rune {
	case 'q':
		m.done = true
	case 's', ' ':
		m.forward()
	case 'n':
		m.move(1)
	case 'b':
		m.move(-1)
	case 'u':
		if len(m.undo) == 0 {
			m.Complain("there is nothing to undo; o opens a decided suggestion again")
			return
		}
		m.takeBack()
	case '?':
		m.help()
	case '/':
		m.prompt([]question{{"find", m.find, nil}}, func(a []string) { m.find = a[0]; m.search() })
	case 'N':
		m.search()
	case 'g':
		m.prompt([]question{{"go to (s12, e3 for an exhibit)", "", nil}}, func(a []string) { m.goTo(a[0]) })
	case ':':
		m.prompt([]question{{"command (? lists them)", "", nil}}, func(a []string) { m.command(a[0]) })
	case 'p':
		m.from, m.mode = onCard, onPeople
	case 'a':
		c := m.matter
		m.prompt([]question{{"matter: title", c.Title, nil}, {"matter: reference", c.Reference, nil}, {"matter: prepared by", c.PreparedBy, nil}}, m.nameMatter)
	default:
		m.onItem(k.Rune)
	}
}

// onItem is what can be done with the question that is shown.
func (m *Model) onItem(r rune) {
	i := m.item()
	if i < 0 {
		m.Complain("all is gone through: b goes back, q quits")
		return
	}
	it, d := &m.s.items[i], &m.st.of[i]
	if it.same != nil {
		switch r {
		case 'y':
			m.decide(Command{"merge", []string{it.same.A, it.same.B}})
		case 'x':
			m.decide(Command{"apart", []string{it.same.A, it.same.B}})
		default:
			m.Complain("%q is no key here; ? shows all keys", string(r))
		}
		return
	}
	switch r {
	case 'k':
		m.decide(Command{"keep", []string{it.id}})
	case 'r':
		m.decide(Command{"reject", []string{it.id}})
	case 'R':
		m.prompt([]question{{"rejected because", d.reason, nil}}, func(a []string) { m.decide(Command{"reject", []string{it.id, a[0]}}) })
	case 'o':
		if d.state == Open {
			m.Complain("%s is open", it.id)
			return
		}
		m.do(Command{"open", []string{it.id}})
	case 'l':
		m.askActs(m.s.acts(i, d), func(acts []string) { m.decide(Command{"label", []string{it.id, strings.Join(acts, ",")}}) })
	case 't':
		topics := m.topics(it, d)
		m.prompt([]question{{"kept, and about", topics[0], topics}}, func(a []string) {
			if strings.TrimSpace(a[0]) != "" {
				m.decide(Command{"topic", []string{it.id, a[0]}})
			}
		})
	case 'm':
		m.readMail(it.mail, it.said.Span)
	case 'e':
		m.prompt([]question{{"event: what happened", "", nil}, {"event: kind", "", []string{"", "incident", "breach", "detected", "aware", "incident declared", "change deployed", "notified"}}},
			func(a []string) { m.addEvent(it.id, a) })
	case 'c':
		m.askClock(it.id)
	default:
		m.Complain("%q is no key here; ? shows all keys", string(r))
	}
}

// topics are those that a statement may belong to, the likeliest first.
func (m *Model) topics(it *item, d *decided) []string {
	var all []string
	take := func(name string) {
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	take(d.topic)
	for _, t := range m.s.topics {
		if t.ID == it.said.TopicID {
			take(t.Label)
		}
	}
	take(it.said.Topic)
	for _, t := range m.matter.Topics {
		take(t.Name)
	}
	for _, t := range m.s.topics {
		if len(all) < 50 {
			take(t.Label)
		}
	}
	if len(all) == 0 {
		all = []string{""}
	}
	return all
}

func (m *Model) nameMatter(a []string) {
	var commands []Command
	for n, verb := range []string{"title", "reference", "prepared-by"} {
		old := []string{m.matter.Title, m.matter.Reference, m.matter.PreparedBy}[n]
		if v := strings.TrimSpace(a[n]); v != "" && v != old {
			commands = append(commands, Command{verb, []string{v}})
		}
	}
	if len(commands) > 0 && m.do(commands...) {
		m.tell("the matter is named")
	}
}

func (m *Model) addEvent(id string, a []string) {
	if strings.TrimSpace(a[0]) == "" {
		m.Complain("no event: it has no words")
		return
	}
	m.do(Command{"event", []string{id, strings.TrimSpace(a[0]), strings.TrimSpace(a[1])}})
}

// askClock ties a phase of a clock to a statement.
func (m *Model) askClock(id string) {
	phases := append([]string{"aware", "incident declared", "notified"}, casefile.Phases()...)
	clocks := []string{}
	for _, c := range m.matter.Clocks {
		clocks = append(clocks, c.Title)
		for _, f := range c.Phases {
			phases = slices.DeleteFunc(phases, func(p string) bool { return casefile.Slug(p) == f.Slug })
		}
	}
	if len(clocks) == 0 {
		clocks = []string{firstClock}
	}
	phases = append(phases, "")
	m.prompt([]question{{"clock: which phase begins here", phases[0], phases}, {"clock: title", clocks[0], clocks}, {"clock: limit, and the phase it is for (72 h notified), or nothing", "", nil}},
		func(a []string) { m.setClock(id, a) })
}

func (m *Model) setClock(id string, a []string) {
	if strings.TrimSpace(a[0]) == "" {
		m.Complain("no phase was named")
		return
	}
	commands := []Command{{"phase", []string{id, strings.TrimSpace(a[0]), strings.TrimSpace(a[1])}}}
	if limit := strings.Fields(a[2]); len(limit) > 0 {
		n := 1
		if len(limit) > 2 && strings.Trim(limit[0], "0123456789") == "" {
			n = 2
		}
		if len(limit) == n {
			m.Complain("name the phase that the limit is for: 72 h notified")
			return
		}
		commands = append(commands, Command{"limit", []string{strings.Join(limit[:n], " "), strings.Join(limit[n:], " "), strings.TrimSpace(a[1])}})
	}
	m.do(commands...)
}

// search goes to the next question that holds the words, in what is shown of it.
func (m *Model) search() {
	if m.find == "" {
		m.Complain("nothing to find: / asks for words")
		return
	}
	want := strings.ToLower(m.find)
	for n := 1; n <= len(m.shown); n++ {
		at := (max(m.at, -1) + n) % len(m.shown)
		if strings.Contains(strings.ToLower(m.s.words(m.shown[at])), want) {
			m.at, m.scroll = at, 0
			m.tell("found; N finds the next")
			return
		}
	}
	m.Complain("no suggestion holds %q", m.find)
}

// words are those that search looks through.
func (s *Session) words(i int) string {
	it := &s.items[i]
	if it.same != nil {
		return it.id + " " + s.personName(it.same.A) + " " + s.personName(it.same.B)
	}
	mail := &s.mails[it.mail]
	return strings.Join([]string{strings.Join(strings.Fields(it.said.Text), " "), mail.from, mail.subject, it.said.Topic, strings.Join(actNames(it.said.Acts), " ")}, "\n")
}

func (m *Model) goTo(to string) {
	to = strings.ToLower(strings.TrimSpace(to))
	if i, ok := m.s.itemOf[to]; ok {
		at := slices.Index(m.shown, i)
		if at < 0 {
			m.Complain("%s is not among the acts that are gone through", to)
			return
		}
		m.at, m.scroll = at, 0
		return
	}
	in, err := m.s.exhibit(to)
	if err != nil {
		m.Complain("there is no %q: s1 to s%d are suggestions, e1 to e%d exhibits", to, len(m.s.items), len(m.s.mails))
		return
	}
	m.readMail(in, [2]int{})
}

func (m *Model) command(text string) {
	if strings.TrimSpace(text) == "?" {
		m.help()
		return
	}
	c, err := ParseCommand(text)
	if err != nil {
		m.Complain("%v", err)
		return
	}
	if c.Verb != "" {
		m.do(c)
	}
}
