package review

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/pkg/casefile"
	"onrecord/pkg/notice"
)

// mostWide is how wide text is set at most: longer lines are hard to read.
const mostWide = 110

// page is a screen in its parts, before it is known how much of them there is room for.
type page struct {
	head  []Line // the bar, and whose message it is
	body  func(rows int) []Line
	facts []Line // on the sentence; the line before the last is dispensed with first
	keys  []Line
	short []Line // keys where there is little room; nil if none can be left out
}

// View gives the screen: at most height lines of at most width columns. Beside the lines it gives where the cursor stands; row -1 hides it.
func (m *Model) View(width, height int) (lines []Line, row, column int) {
	width, height = max(width, 20), max(height, 4)
	w := min(width, mostWide)
	var p page
	under := m.mode
	if under == onPrompt || under == onActs {
		under = m.from
	}
	switch under {
	case onHelp:
		p = page{head: []Line{bar(" onrecord review: all keys", "", width)}, keys: menu(w, "up/down scroll", "any-other-key back"),
			body: func(rows int) []Line { return m.window(m.helpLines(w), rows, 0) }}
	case onPeople:
		p = m.viewPeople(w)
		p.head = []Line{bar(" "+m.source+": people", "→ "+m.name+" ", width)}
	default:
		p = m.viewMain(under, w)
		p.head = append([]Line{m.title(width)}, p.head...)
	}
	last := Line{{fit(harmless(m.status), w), []Style{Good, Bad}[bit(m.bad)]}}
	row = -1
	switch m.mode {
	case onActs:
		p.facts = nil
		p.keys, p.short = m.viewActs(w)
	case onPrompt:
		p.facts, p.keys, p.short = nil, m.promptHelp(w), nil
		last, column = m.viewPrompt(w)
	}
	least := min(3, height/4)
	if m.mode == onActs && height < 12 {
		least = 0 // the keys are needed more than the sentence
	}
	p.squeeze(height-1, least)
	rows := max(0, height-1-len(p.head)-len(p.facts)-len(p.keys))
	m.page = max(1, rows-1)
	middle := p.body(rows)
	for len(middle) < rows {
		middle = append(middle, Line{})
	}
	lines = append(slices.Concat(p.head, middle, p.facts, p.keys), last)
	if m.mode == onPrompt {
		row = len(lines) - 1
	}
	return lines, row, column
}

// squeeze leaves lines out until a body of least rows fits: first what is said of the sentence but for the suggestion and the decision, then keys that
// help names too, then the message's head, then the rest.
func (p *page) squeeze(height, least int) {
	over := func() bool { return len(p.head)+len(p.facts)+len(p.keys)+least > height }
	for over() && len(p.facts) > 3 {
		p.facts = slices.Delete(p.facts, len(p.facts)-2, len(p.facts)-1)
	}
	if over() && p.short != nil {
		p.keys = p.short
	}
	for over() && len(p.head) > 2 {
		p.head = p.head[:len(p.head)-1]
	}
	for over() && len(p.facts) > 0 {
		p.facts = p.facts[1:]
	}
	for over() && len(p.head) > 1 {
		p.head = p.head[:len(p.head)-1]
	}
	for over() && len(p.keys) > 1 {
		p.keys = p.keys[1:]
	}
}

func (m *Model) title(width int) Line {
	left := " all gone through"
	if i := m.item(); m.mode == onMail || m.mode == onActs && m.from == onMail {
		left = fmt.Sprintf(" exhibit %d of %d", m.s.mails[m.open].exhibit, len(m.s.mails))
	} else if i >= 0 {
		left = fmt.Sprintf(" %s: %d of %d, %d open", m.s.items[i].id, m.at+1, len(m.shown), m.openLeft())
	}
	return bar(left, m.source+" → "+m.name+" ", width)
}

// window shows rows of lines, from first on, moved by the scroll, which it keeps within bounds.
func (m *Model) window(lines []Line, rows, first int) []Line {
	first = max(0, min(first, len(lines)-rows))
	m.scroll = max(-first, min(m.scroll, max(0, len(lines)-rows-first)))
	from := first + m.scroll
	return lines[from:min(len(lines), from+rows)]
}

// viewMain is a card or a message, whatever is asked above it.
func (m *Model) viewMain(mode mode, w int) page {
	under := func(keys ...string) []Line { return append([]Line{rule(w)}, menu(w, keys...)...) }
	lines := func(text []Line) func(int) []Line {
		return func(rows int) []Line { return m.window(text, rows, 0) }
	}
	i := m.item()
	switch {
	case mode == onMail:
		return page{head: append(m.viewHead(&m.s.mails[m.open], w), rule(w)), body: func(rows int) []Line { return m.viewMail(w, rows) },
			keys:  under("up/down sentence", "+/- more or fewer of them", "Enter say what they do", "o take back", "u undo", "[/] message before, after", "Esc back", "? all keys"),
			short: menu(w, "Enter mark", "Esc back", "? keys")}
	case i < 0:
		return page{body: lines(m.viewEnd(w)),
			keys:  under("b back", "s open ones again", "g go to", "/ find", "p people", "a matter", "u undo", ": type", "? help", "q quit"),
			short: menu(w, "b back", "? keys", "q quit")}
	case m.s.items[i].same != nil:
		return page{body: lines(m.viewPair(i, w)),
			keys: under("y they are one person", "x they are not the same", "s skip", "n next", "b back", "u undo", "/ find", "g go to", "p people", "a matter", ": type", "? help",
				"q quit"),
			short: menu(w, "y one", "x two", "s skip", "? keys", "q quit")}
	}
	it := &m.s.items[i]
	return page{head: append(m.viewHead(&m.s.mails[it.mail], w), rule(w)), body: func(rows int) []Line { return m.viewText(it, w, rows) },
		facts: append([]Line{rule(w)}, m.viewFacts(i, w)...),
		keys: under("k keep", "r reject", "R with a reason", "l label", "t topic", "m mark more", "e event", "c clock", "s skip", "n next", "b back", "o reopen", "u undo", "/ find",
			"g go to", "p people", "a matter", ": type", "? help", "q quit"),
		short: menu(w, "k keep", "r reject", "l label", "s skip", "b back", "u undo", "? keys", "q quit")}
}

// field is one line of facts: a name and a value.
func field(w int, name, value string, style Style) Line {
	const margin = 11
	return Line{{fmt.Sprintf("%-*s", margin, name), Faint}, {fit(harmless(value), w-margin), style}}
}

// fields is a field of several lines at most.
func fields(w int, name, value string, most int) []Line {
	const margin = 11
	texts := wrap(value, w-margin)
	if len(texts) > most {
		texts = append(texts[:most-1], strings.Join(texts[most-1:], " "))
	}
	var lines []Line
	for _, t := range texts {
		lines, name = append(lines, field(w, name, t, Plain)), ""
	}
	return lines
}

func (m *Model) viewHead(mail *mail, w int) []Line {
	from := mail.from
	if mail.fromNote != "" {
		from += " (" + mail.fromNote + ")"
	}
	if from == "" {
		from = "nobody is named"
	}
	to := strings.Join(mail.to, ", ")
	if to == "" {
		to = "nobody is named"
	}
	if len(mail.cc) > 0 {
		to += "; cc " + strings.Join(mail.cc, ", ")
	}
	return []Line{field(w, "from", from, Strong), field(w, "to", to, Plain), field(w, "on", fmt.Sprintf("%s, exhibit %d", mail.when, mail.exhibit), Plain), field(w, "subject", mail.subject, Plain)}
}

// around is how much of a text is set before and after a sentence, in bytes.
const around = 24 << 10

// viewText shows a sentence with the text around it.
func (m *Model) viewText(it *item, w, rows int) []Line {
	text := m.s.mails[it.mail].text
	from, to := byteSpan(text, it.said.Span)
	before, after := strings.TrimRight(text[:from], " \t\r\n"), text[to:]
	gap := text[len(before):from]
	if len(before) > around {
		before = "…" + strings.ToValidUTF8(before[len(before)-around:], "")
	}
	if len(after) > around {
		after = strings.ToValidUTF8(after[:around], "") + "…"
	}
	var lines []Line
	if strings.TrimSpace(before) != "" {
		lines = context(before, w)
		if strings.Count(gap, "\n") > 1 {
			lines = append(lines, Line{})
		}
	}
	first := len(lines)
	for _, l := range wrap(unfolded(text[from:to]), w-2) {
		lines = append(lines, Line{{"| ", Strong}, {l, Sentence}})
	}
	length := len(lines) - first
	if trimmed := strings.TrimLeft(after, " \t\r\n"); trimmed != "" {
		if strings.Count(after[:len(after)-len(trimmed)], "\n") > 1 {
			lines = append(lines, Line{})
		}
		lines = append(lines, context(strings.TrimRight(trimmed, " \t\r\n"), w)...)
	}
	return m.window(lines, rows, first-max(0, rows-length)/2)
}

// unfolded sets a sentence without the line breaks that it has in the mail.
func unfolded(s string) string { return strings.Join(strings.Fields(s), " ") }

// context sets text around a sentence; what is quoted from others stands back.
func context(text string, w int) []Line {
	var lines []Line
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		style := Plain
		if strings.HasPrefix(strings.TrimSpace(paragraph), ">") {
			style = Faint
		}
		for _, l := range wrap(paragraph, w-2) {
			lines = append(lines, Line{{"  ", Plain}, {l, style}})
		}
	}
	return lines
}

// viewFacts says why a sentence was suggested, and what hangs on it.
func (m *Model) viewFacts(i, w int) []Line {
	it, d := &m.s.items[i], &m.st.of[i]
	why := fmt.Sprintf("%s, confidence %.2f", strings.Join(actNames(it.said.Acts), ", "), it.said.Confidence)
	if it.said.Why != "" {
		why += ", by " + it.said.Why
	}
	name := "suggested"
	if it.said.Origin == notice.Marked {
		name, why = "marked", strings.Join(actNames(it.said.Acts), ", ")+" (when the dossier was built)"
	}
	now := field(w, "decision", "none yet", Unsure)
	switch d.state {
	case Kept:
		now = field(w, "decision", fmt.Sprintf("kept as %s%s", strings.Join(d.acts, ", "), m.line(d.line)), Good)
	case Rejected:
		text := "rejected"
		if d.reason != "" {
			text += ": " + d.reason
		}
		now = field(w, "decision", text+m.line(d.line), Bad)
	}
	lines := append(fields(w, name, why, 2), fields(w, "means", m.means(it), 2)...)
	return append(lines, field(w, "topic", m.topics(it, d)[0], Plain), now)
}

func (m *Model) line(n int) string {
	return fmt.Sprintf(" (%s, line %d)", m.name, n)
}

// means says what a statement is worth if it is kept.
func (m *Model) means(it *item) string {
	var parts []string
	var names []string
	for _, t := range it.told {
		if t.kind == notice.Authored {
			continue // who wrote it is no news
		}
		names = append(names, fmt.Sprintf("%s (%s)", t.name, t.kind))
	}
	if n := len(names); n > 0 {
		parts = append(parts, fmt.Sprintf("notice to %s", count(n, "person", "persons"))+": "+strings.Join(names, ", "))
	}
	if n := len(it.against); n > 0 {
		parts = append(parts, fmt.Sprintf("stands beside %s that had reached its author: %s", count(n, "warning", "warnings"), strings.Join(idsOf(it.against), ", ")))
	}
	if len(parts) > 0 {
		return strings.Join(parts, "; ")
	}
	if slices.ContainsFunc(it.said.Acts, func(a notice.Act) bool {
		return a == notice.Warning || a == notice.Incident || a == notice.Notification
	}) {
		return "nobody is known to have been told"
	}
	return "a line of the timeline; it tells nobody of anything"
}

func idsOf(list []notice.Against) []string {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.Statement)
	}
	return ids
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (m *Model) viewPair(i, w int) []Line {
	it, d := &m.s.items[i], &m.st.of[i]
	lines := append(styled(Strong, append([]string{""}, wrap("Are these the same person?", w)...)...), Line{})
	for _, id := range []string{it.same.A, it.same.B} {
		if p := m.s.person(id); p >= 0 {
			one := &m.s.persons[p]
			lines = append(lines, field(w, "  "+one.ID, nameOf(one), Strong), field(w, "  mail", strings.Join(one.Addresses, ", "), Plain))
			if len(one.Names) > 1 {
				lines = append(lines, field(w, "  names", strings.Join(one.Names, ", "), Plain))
			}
			lines = append(lines, Line{})
		}
	}
	for n, l := range wrap(it.same.Why, w-11) {
		lines = append(lines, Line{{fmt.Sprintf("%-11s", []string{"why asked", ""}[bit(n > 0)]), Faint}, {l, Plain}})
	}
	switch d.state {
	case Kept:
		return append(lines, field(w, "decision", "one person"+m.line(d.line), Good))
	case Rejected:
		return append(lines, field(w, "decision", "not the same"+m.line(d.line), Bad))
	}
	return append(lines, field(w, "decision", "none yet", Unsure))
}

func (m *Model) viewEnd(w int) []Line {
	lines := append(styled(Plain, ""), styled(Strong, wrap(m.Report(), w)...)...)
	var rest []string
	if n := m.openLeft(); n > 0 {
		rest = append(rest, fmt.Sprintf("%s still open: s goes through them again.", count(n, "is", "are")))
	}
	if m.s.inner > 0 {
		rest = append(rest, fmt.Sprintf("%s in messages that are attached to others, which the case file cannot name.", count(m.s.inner, "suggestion stands", "suggestions stand")))
	}
	if m.st.unfit > 0 {
		rest = append(rest, fmt.Sprintf("%s of %s nothing here.", count(m.st.unfit, "entry", "entries"), m.name+[]string{" fits", " fit"}[bit(m.st.unfit > 1)]))
	}
	if m.matter.Title == "" {
		rest = append(rest, "The matter has no title yet: a names it.")
	}
	for _, r := range rest {
		lines = append(lines, Line{})
		lines = append(lines, styled(Plain, wrap(r, w)...)...)
	}
	return lines
}

// Report sums up what the case file says of what is gone through.
func (m *Model) Report() string {
	n := map[State]int{}
	for _, i := range m.shown {
		n[m.st.of[i].state]++
	}
	extra := 0
	for _, f := range m.st.further {
		extra += len(f)
	}
	text := fmt.Sprintf("%s: %d kept, %d rejected, %d open", count(len(m.shown), "suggestion", "suggestions"), n[Kept], n[Rejected], n[Open])
	if extra > 0 {
		text += fmt.Sprintf("; %s marked besides", count(extra, "sentence", "sentences"))
	}
	return text
}

// viewMail shows a message sentence by sentence.
func (m *Model) viewMail(w, rows int) []Line {
	mail := &m.s.mails[m.open]
	if len(m.parts) == 0 {
		text := "  (no text)"
		if mail.left {
			text = "  (the text was left out: there is too much mail for memory; it can be marked with the command mark)"
		}
		return styled(Faint, wrap(text, w)...)
	}
	var lines []Line
	first, last := 0, 0
	for i := max(0, m.sel[0]-400); i < len(m.parts) && i <= m.sel[1]+400; i++ {
		p := &m.parts[i]
		gap := mail.text[:p.from]
		if i > 0 {
			gap = mail.text[m.parts[i-1].to:p.from]
		}
		if strings.Count(gap, "\n") > 1 && len(lines) > 0 {
			lines = append(lines, Line{})
		}
		bar, style := "  ", Plain
		if p.quoted {
			style = Faint
		}
		if i >= m.sel[0] && i <= m.sel[1] {
			bar, style = "| ", Sentence
		}
		if i == m.sel[0] {
			first = len(lines)
		}
		sign := m.sign(p)
		for _, l := range wrap(unfolded(gap+" "+mail.text[p.from:p.to]), w-4) {
			lines = append(lines, Line{{sign + " ", Unsure}, {bar, Strong}, {l, style}})
			sign = " "
		}
		if i == m.sel[1] {
			last = len(lines)
		}
	}
	m.scroll = 0
	return m.window(lines, rows, first-max(0, rows-(last-first))/2)
}

func (m *Model) viewActs(w int) (keys, short []Line) {
	var acts []string
	for i, a := range casefile.Acts() {
		tick := "[ ]"
		if m.acts[a] {
			tick = "[x]"
		}
		acts = append(acts, actKeys[i:i+1]+" "+tick+" "+a)
	}
	leave := menu(w, "Enter done", "Esc leave it as it was")
	short = slices.Concat(menu(w, acts...), leave)
	keys = append([]Line{rule(w)}, styled(Strong, wrap("What does the sentence do? Press the keys of all that fit, then Enter.", w)...)...)
	return slices.Concat(keys, menu(w, acts...), []Line{rule(w)}, leave), short
}

// viewPrompt shows what is being typed, its end if it is too long, and where the cursor stands.
func (m *Model) viewPrompt(w int) (Line, int) {
	label := fit(harmless(m.ask[len(m.given)].label)+": ", w/2)
	before, after := harmless(string(m.edit.text[:m.edit.at])), harmless(string(m.edit.text[m.edit.at:]))
	room := w - wide(label) - 1
	for wide(before) > room {
		_, n, _ := strings.Cut(before, string([]rune(before)[0]))
		before = n
	}
	column := wide(label) + wide(before)
	return Line{{label, Strong}, {before + fit(after, room-wide(before)), Plain}}, column
}

func (m *Model) promptHelp(w int) []Line {
	q := m.ask[len(m.given)]
	lines := []Line{rule(w)}
	keys := []string{"Enter done", "Esc leave it as it was"}
	if len(q.choices) > 1 {
		keys = append(keys, "up/down choose")
		at := slices.Index(q.choices, string(m.edit.text))
		for n := max(0, min(at-2, len(q.choices)-5)); n < min(len(q.choices), max(0, min(at-2, len(q.choices)-5))+5); n++ {
			text := q.choices[n]
			if text == "" {
				text = "(nothing)"
			}
			mark, style := "  ", Plain
			if n == at {
				mark, style = "| ", Sentence
			}
			lines = append(lines, Line{{mark, Strong}, {fit(harmless(text), w-2), style}})
		}
		lines = append(lines, rule(w))
	}
	return append(lines, menu(w, keys...)...)
}

func (m *Model) viewPeople(w int) page {
	body := func(rows int) []Line {
		var lines []Line
		for i := range m.s.persons {
			p := &m.s.persons[i]
			entry := m.s.entry(m.matter, i)
			tick, bar, style := "[ ]", "  ", Plain
			if m.people.ticked[i] {
				tick = "[x]"
			}
			if i == m.people.at {
				bar, style = "| ", Sentence
			}
			text := fmt.Sprintf("%-4s %s", p.ID, entry.Name)
			if entry.List {
				text += " [list]"
			}
			text = joined("; ", text, joined(", ", entry.Role, entry.Side), strings.Join(p.Addresses, ", "))
			lines = append(lines, Line{{bar, Strong}, {tick + " ", Unsure}, {fit(harmless(text), w-6), style}})
		}
		if len(lines) == 0 {
			return styled(Faint, "  (nobody)")
		}
		m.scroll = 0
		return m.window(lines, rows, m.people.at-rows/2)
	}
	return page{body: body, short: menu(w, "space tick", "m one", "x two", "Esc back", "? keys"),
		keys: append([]Line{rule(w)}, menu(w, "up/down choose", "space tick", "m ticked are one person", "x ticked are not the same", "e name", "r role", "s side", "l is a list",
			"/ find", "u undo", "Esc back", "? all keys")...)}
}

func (m *Model) helpLines(w int) []Line {
	var lines []Line
	section := func(title string, keys ...string) {
		lines = append(lines, Line{{title, Strong}})
		for _, k := range keys {
			key, does, _ := strings.Cut(k, "|")
			for n, l := range wrap(does, w-14) {
				lines = append(lines, Line{{fmt.Sprintf("  %-11s ", []string{key, ""}[bit(n > 0)]), Strong}, {l, Plain}})
			}
		}
		lines = append(lines, Line{})
	}
	section("A suggestion", "k|keep: it is what it was suggested as", "r|reject; R asks for the reason", "l|label: choose what the sentence does", "t|topic: keep it, and say what it is about; the same words tie statements together",
		"m|mark more: read the whole message, and mark another sentence", "e|event: something happened at the time of this message", "c|clock: a phase begins here (aware, incident declared, notified …)",
		"o|open: take back what was decided, also in an earlier session")
	section("Going about", "s, space|skip: to the next one that is open", "n, right|the next one", "b, left|the one before", "home, end|the first one, the end", "up, down|scroll the message", "/|find words, names, acts; N finds the next", "g|go to s12, or to exhibit e3")
	section("Everything", "p|people: who is one person, who is not, roles, lists", "a|about the matter: title, reference, prepared by", "u|undo the last decision", ":|type a command, as for --apply", "q|quit; Ctrl-C too. Every decision is in the case file at once")
	section("Questions about people", "y|they are one person", "x|they are not the same")
	lines = append(lines, Line{{"Commands, behind : or for --apply", Strong}})
	for _, c := range CommandHelp() {
		lines = append(lines, Line{{fit("  "+c, w), Plain}})
	}
	return lines
}
