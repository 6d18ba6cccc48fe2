package html

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
)

// body writes the text as read, with the statements marked where they stand and quoted lines toned down.
func (p *page) body(r *evidence.Record, exhibit int, part string) {
	s := p.say
	p.h4(s.Text)
	text := r.Text
	if strings.TrimSpace(text) == "" {
		p.note(s.NoText)
		p.remote(r.RemoteContent)
		return
	}
	if strings.EqualFold(r.TextSource, "text/html") {
		p.m(`<p class="b">`)
		p.text(s.FromHTML)
		p.m(`</p>`)
	}
	p.remote(r.RemoteContent)
	shown, left := bound(text, maxText)
	var marks []*notice.Statement
	for _, st := range p.ofExhibit[exhibit] {
		if st.Part == part {
			marks = append(marks, st)
		}
	}
	p.m(`<pre class="body" dir="auto">` + "\n")
	for _, piece := range pieces(shown, marks) {
		p.piece(shown[piece.start:piece.end], piece)
	}
	p.m(`</pre>`)
	if left > 0 {
		p.note(s.TextLeftOut.of(left))
	}
	p.reasons(marks)
}

// remote lists the hosts that the HTML would have loaded something from.
func (p *page) remote(hosts []message.Remote) {
	if len(hosts) == 0 {
		return
	}
	p.m(`<p class="hosts b">`)
	p.text(p.lang.RemoteLead(hosts) + " ")
	for i, h := range hosts {
		if i > 0 {
			p.m(`, `)
		}
		p.m(`<code>`)
		p.mail(cut(p.lang.RemoteHost(h), maxFact))
		p.m(`</code>`)
	}
	p.text(". " + p.say.RemoteNote)
	p.m("</p>\n")
}

// bound gives at most n characters of s and how many are left out.
func bound(s string, n int) (string, int) {
	if len(s) <= n {
		return s, 0
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
		count++
	}
	return s, 0
}

// piece is a run of text that is alike: in the same statement, or in none, and quoted, or not.
type piece struct {
	start, end int // octets
	st         *notice.Statement
	first      bool // the first piece of its statement: carries the anchor
	quoted     bool
}

// pieces cuts text at the edges of statements and of quoted lines; joined they are the text. Where statements overlap, the earlier one keeps
// the words, and the later one keeps its anchor on what is left of it, if only on nothing.
func pieces(text string, marks []*notice.Statement) []piece {
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b *notice.Statement) int { return cmp.Compare(a.Span[0], b.Span[0]) })
	spans := octets(text, marks)
	var out []piece
	at, next := 0, 0
	add := func(end int, st *notice.Statement, isFirst bool) {
		for at < end || isFirst {
			quoted, stop := quotedRun(text, at, end)
			out = append(out, piece{at, stop, st, isFirst, quoted})
			at, isFirst = stop, false
		}
	}
	for ; next < len(marks); next++ {
		sp := spans[next]
		add(max(at, sp[0]), nil, false)
		add(max(at, sp[1]), marks[next], true)
	}
	add(len(text), nil, false)
	return out
}

// octets turns the spans, in code points and ordered by their start, into octets of text, clamped to it.
func octets(text string, marks []*notice.Statement) [][2]int {
	type edge struct{ rune, mark, side int }
	edges := make([]edge, 0, 2*len(marks))
	for i, m := range marks {
		edges = append(edges, edge{m.Span[0], i, 0}, edge{m.Span[1], i, 1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.rune, b.rune) })
	out := make([][2]int, len(marks))
	e, count := 0, 0
	for i := range text {
		for e < len(edges) && edges[e].rune <= count {
			out[edges[e].mark][edges[e].side] = i
			e++
		}
		if e == len(edges) {
			return out
		}
		count++
	}
	for ; e < len(edges); e++ {
		out[edges[e].mark][edges[e].side] = len(text)
	}
	return out
}

// quotedRun tells whether the line that holds at is quoted, and where the run of lines alike ends, at most at end.
func quotedRun(text string, at, end int) (quoted bool, stop int) {
	line := strings.LastIndexByte(text[:at], '\n') + 1
	quoted = isQuoted(text[line:])
	for stop = at; stop < end; {
		n := strings.IndexByte(text[stop:end], '\n')
		if n < 0 {
			return quoted, end
		}
		stop += n + 1
		if stop < end && isQuoted(text[stop:]) != quoted {
			return quoted, stop
		}
	}
	return quoted, end
}

// isQuoted tells a line that begins with ">", as replies quote (RFC 3676 §4.5).
func isQuoted(line string) bool {
	for i := 0; i < len(line) && i < 4; i++ {
		switch line[i] {
		case '>':
			return true
		case ' ':
		default:
			return false
		}
	}
	return false
}

func (p *page) piece(text string, c piece) {
	switch {
	case c.st != nil:
		if c.first {
			p.label(c.st)
		}
		p.m(`<mark class="`, glyphOf(firstAct(c.st)), `"`)
		if c.first {
			p.attr("id", mark(c.st))
		}
		p.attr("data-o", originOf(c.st))
		p.m(`>`)
		p.text(text)
		p.m(`</mark>`)
	case c.quoted:
		p.m(`<span class="qt">`)
		p.text(text)
		p.m(`</span>`)
	default:
		p.text(text)
	}
}

// label names a marked sentence before it, and leads back to its line in the timeline.
func (p *page) label(st *notice.Statement) {
	p.m(`<a class="al"`)
	if p.inTimeline[st.ID] || st.Origin == notice.Rejected {
		p.attr("href", "#tl-"+st.ID)
	}
	p.m(`>`)
	p.acts(st.Acts)
	p.m(` `)
	p.origin(st.Origin)
	p.m(`</a>`)
}

// reasons tells for each statement why it was taken for one.
func (p *page) reasons(marks []*notice.Statement) {
	s := p.say
	if len(marks) == 0 {
		return
	}
	t := p.table("cards reasons", s.ReasonsCaption, s.Statement, s.What, s.Words, s.OnWhoseWord, s.Why)
	for _, st := range marks {
		t.row()
		t.cell(func() { p.link(mark(st), st.ID) })
		t.cell(func() { p.acts(st.Acts) })
		t.mail(cut(strings.TrimSpace(st.Text), 160))
		t.cell(func() {
			p.origin(st.Origin)
			if st.Origin != notice.Marked {
				p.m(` <span class="b">`)
				p.text(s.Confidence + "\u00a0" + percent(st.Confidence))
				p.m(`</span>`)
			}
		})
		t.cell(func() {
			p.mail(cut(st.Why, maxField))
			p.m(` <span class="b">`)
			p.text(s.Rule + " ")
			p.mail(cut(st.Rule, maxName))
			p.m(`</span>`)
		})
		t.endRow()
	}
	t.end()
}
