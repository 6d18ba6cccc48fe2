package review

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a stretch of a message that can be marked: bytes of its text, and code points.
type sentence struct {
	from, to int
	span     [2]int
	quoted   bool // it stands behind ">": somebody else's words
}

const maxSentences = 5000

// sentences cuts a text, roughly: a person may take several together.
func sentences(text string) []sentence {
	var all []sentence
	points, at := 0, 0
	add := func(from, to int, quoted bool) {
		for from < to {
			r, n := utf8.DecodeRuneInString(text[from:to])
			if !unicode.IsSpace(r) {
				break
			}
			from += n
		}
		if n := itemMark(text[from:to]); !quoted && n > 0 {
			from += n // "2. " is none of the words
		}
		to = from + len(strings.TrimRightFunc(text[from:to], unicode.IsSpace))
		if from >= to || len(all) >= maxSentences {
			return
		}
		points += utf8.RuneCountInString(text[at:from])
		n := utf8.RuneCountInString(text[from:to])
		all = append(all, sentence{from, to, [2]int{points, points + n}, quoted})
		points, at = points+n, to
	}
	start, place := 0, 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		from := place
		place += len(line)
		t := strings.TrimSpace(line)
		switch {
		case t == "":
			add(start, from, false)
			start = place
		case strings.HasPrefix(t, ">"):
			add(start, from, false)
			add(from, place, true)
			start = place
		default:
			if itemMark(t) > 0 {
				add(start, from, false)
				start = from
			}
			for _, end := range ends(text, from, place) {
				add(start, end, false)
				start = end
			}
			if len(t) < 40 && !strings.HasSuffix(t, ",") || len(t) < 25 { // no wrap: a greeting, a heading
				add(start, place, false)
				start = place
			}
		}
	}
	add(start, len(text), false)
	return all
}

// itemMark is how long the mark is with which an entry of a list begins; 0 if t begins none.
func itemMark(t string) int {
	for _, m := range [...]string{"- ", "* ", "• "} {
		if strings.HasPrefix(t, m) {
			return len(m)
		}
	}
	n := len(t) - len(strings.TrimLeft(t, "0123456789"))
	if n > 0 && n < 4 && (strings.HasPrefix(t[n:], ". ") || strings.HasPrefix(t[n:], ") ")) {
		return n + 2
	}
	return 0
}

// ends finds the ends of sentences in a line.
func ends(text string, from, to int) (all []int) {
	start := from
	for i := from; i < to; {
		r, n := utf8.DecodeRuneInString(text[i:to])
		i += n
		if r != '.' && r != '!' && r != '?' && r != '…' && r != '。' {
			continue
		}
		for i < to && strings.IndexAny(text[i:i+1], `.!?")'`) == 0 || strings.HasPrefix(text[i:to], "”") || strings.HasPrefix(text[i:to], "»") {
			_, n := utf8.DecodeRuneInString(text[i:to])
			i += n
		}
		if strings.Trim(text[start:i], " \t0123456789.)") == "" {
			continue // the number of a list
		}
		after := strings.TrimLeft(text[i:to], " ")
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(after, `"'(“„«¿¡`))
		if r == '。' || after == "" || after[0] == '\n' || after[0] == '\r' || len(after) < to-i && !unicode.IsLower(next) {
			all = append(all, i)
			start = i
		}
	}
	return all
}

// readMail shows a message whole, at a sentence.
func (m *Model) readMail(mail int, span [2]int) {
	m.mode, m.open, m.parts, m.sel = onMail, mail, sentences(m.s.mails[mail].text), [2]int{}
	for i, p := range m.parts {
		if overlap(p.span, span) {
			m.sel = [2]int{i, i}
			break
		}
	}
}

func (m *Model) reading(k Key) {
	to := func(i int) { i = max(0, min(i, len(m.parts)-1)); m.sel = [2]int{i, i} }
	switch k.Code {
	case Escape, Left:
		m.mode = onCard
	case Up:
		to(m.sel[0] - 1)
	case Down:
		to(m.sel[1] + 1)
	case PageUp:
		to(m.sel[0] - m.page/2)
	case PageDown:
		to(m.sel[1] + m.page/2)
	case Home:
		to(0)
	case End:
		to(len(m.parts) - 1)
	case Enter:
		m.markHere()
	case Char:
		m.readingChar(k.Rune)
	}
}

func (m *Model) readingChar(r rune) {
	switch r {
	case 'q':
		m.mode = onCard
	case 'm', ' ':
		m.markHere()
	case '+':
		m.sel[1] = max(0, min(m.sel[1]+1, len(m.parts)-1))
	case '-':
		m.sel[1] = max(m.sel[0], m.sel[1]-1)
	case '[':
		m.readMail(max(0, m.open-1), [2]int{})
	case ']':
		m.readMail(min(len(m.s.mails)-1, m.open+1), [2]int{})
	case 'o':
		m.unmarkHere()
	case 'u':
		if len(m.undo) > 0 {
			m.takeBack()
		}
	case '?':
		m.help()
	default:
		m.Complain("%q is no key here; ? shows all keys", string(r))
	}
}

// selected gives the sentences that are selected, as a span of code points.
func (m *Model) selected() (span [2]int, text string, ok bool) {
	if len(m.parts) == 0 {
		m.Complain("this message has no text of its own")
		return span, "", false
	}
	a, b := m.parts[m.sel[0]], m.parts[m.sel[1]]
	return [2]int{a.span[0], b.span[1]}, m.s.mails[m.open].text[a.from:b.to], true
}

// markHere asks what the selected words do, and marks them. Words that were suggested are decided upon as such.
func (m *Model) markHere() {
	span, text, ok := m.selected()
	if !ok {
		return
	}
	for n := m.sel[0]; n <= m.sel[1]; n++ {
		if m.parts[n].quoted {
			m.Complain("these are somebody else's words, quoted: mark them in the message that they come from")
			return
		}
	}
	if m.sel[0] == m.sel[1] {
		for _, i := range m.s.mails[m.open].items {
			it := &m.s.items[i]
			if overlap(it.said.Span, span) {
				m.askActs(m.s.acts(i, &m.st.of[i]), func(acts []string) { m.do(Command{"label", []string{it.id, strings.Join(acts, ",")}}) })
				return
			}
		}
	}
	quote, err := m.s.quote(m.open, text, span)
	if err != nil {
		m.Complain("%v", err)
		return
	}
	var now []string
	for _, f := range m.st.further[m.open] {
		if f.span == span {
			now = f.mark.Acts
		}
	}
	m.askActs(now, func(acts []string) {
		m.do(Command{"mark", []string{"e" + itoa(m.s.mails[m.open].exhibit), quote, strings.Join(acts, ",")}})
	})
}

// unmarkHere takes back what was decided on the selected words.
func (m *Model) unmarkHere() {
	span, _, ok := m.selected()
	if !ok {
		return
	}
	for _, f := range m.st.further[m.open] {
		if overlap(f.span, span) {
			m.do(Command{"unmark", []string{"e" + itoa(m.s.mails[m.open].exhibit), f.mark.Quote}})
			return
		}
	}
	for _, i := range m.s.mails[m.open].items {
		if overlap(m.s.items[i].said.Span, span) && m.st.of[i].state != Open {
			m.do(Command{"open", []string{m.s.items[i].id}})
			return
		}
	}
	m.Complain("nothing was decided on these words")
}

// sign tells in one character what is known of a sentence of the open message.
func (m *Model) sign(p *sentence) string {
	for _, f := range m.st.further[m.open] {
		if overlap(f.span, p.span) {
			return "k"
		}
	}
	for _, i := range m.s.mails[m.open].items {
		if overlap(m.s.items[i].said.Span, p.span) {
			switch m.st.of[i].state {
			case Kept:
				return "k"
			case Rejected:
				return "x"
			}
			return "?"
		}
	}
	return " "
}
