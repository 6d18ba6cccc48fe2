package pdf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// The body is set narrower than the page; beside it stand the notes on its statements.
const (
	bodyWidth = measure - 104
	noteWidth = 92.0
)

// noteX is where the notes start.
func (b *book) noteX() float64 { return b.left + bodyWidth + 12 }

// stretch is a statement as a range of octets of the text.
type stretch struct {
	from, to int
	mark     int // index into the exhibit's statements, from 1
	s        *notice.Statement
}

// stretches turns the code points of spans into octets, in one pass over the text. They are in order of their start.
func stretches(text string, list []*notice.Statement, part string) []stretch {
	var out []stretch
	for i, s := range list {
		if s.Part == part && s.Span[0] >= 0 && s.Span[0] < s.Span[1] && len(s.Acts) > 0 {
			out = append(out, stretch{from: -1, to: len(text), mark: i + 1, s: s})
		}
	}
	type edge struct {
		point int
		octet *int
	}
	edges := make([]edge, 0, 2*len(out))
	for i := range out {
		edges = append(edges, edge{out[i].s.Span[0], &out[i].from}, edge{out[i].s.Span[1], &out[i].to})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.point, b.point) })
	point, next := 0, 0
	for at := range text {
		for ; next < len(edges) && edges[next].point == point; next++ {
			*edges[next].octet = at
		}
		if next == len(edges) {
			break
		}
		point++
	}
	out = slices.DeleteFunc(out, func(x stretch) bool { return x.from < 0 })
	slices.SortStableFunc(out, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	return out
}

// body draws the text of a message, its statements on a wash, quoted text toned down.
func (b *book) body(v *view, r *evidence.Record, part string) {
	if r.Text == "" {
		b.para(faint(b.w.NoText))
		return
	}
	if r.TextSource != "" && r.TextSource != "text/plain" {
		b.flow(b.set([]span{tiny(fmt.Sprintf(b.w.TextFrom, cut(r.TextSource, 100)))}, measure, prose), b.left, measure, tinyLead)
		b.y += 3
	}
	text, rest := r.Text, 0
	if len(text) > maxBody {
		if n := utf8.RuneCountInString(text); n > maxBody {
			text = strings.TrimSuffix(cut(text, maxBody), "…")
			rest = n - maxBody
		}
	}
	marks := stretches(text, v.inExhibit[b.exhibitNow], part) // an enclosed message has no number of its own
	m := margin{b: b}
	blank := 0
	for at := 0; at <= len(text); {
		end := strings.IndexByte(text[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end, next = len(text)-at, len(text)+1
		}
		to := at + end
		if to > at && text[to-1] == '\r' {
			to--
		}
		if to == at {
			if blank++; blank <= 2 && b.y > top && b.y+bodyLeading*0.62 < b.bottom && next <= len(text) {
				b.y += bodyLeading * 0.62
			}
		} else {
			blank = 0
			for len(marks) > 0 && marks[0].to <= at {
				marks = marks[1:]
			}
			b.bodyLine(&m, text[at:to], at, marks)
		}
		at = next
	}
	b.y = max(b.y, m.noteEnd(b)) + 8
	if rest > 0 {
		b.para(strong(fmt.Sprintf(b.w.BodyLeftOut, rest)))
	}
}

// bodyLine draws one line of the mail, which starts at octet from of the text.
func (b *book) bodyLine(m *margin, line string, from int, marks []stretch) {
	base := style{size: bodySize, ink: ink}
	mode := prose
	if quoted := strings.HasPrefix(line, ">"); quoted {
		base.ink, base.size = grey, bodySize-0.6
	}
	if columns(line) {
		base.face, base.size, mode = mono, 7.2, verbatim
	}
	var spans []span
	for at := 0; at < len(line); {
		to, st := len(line), base
		for i := range marks {
			x := &marks[i]
			if x.from >= from+len(line) {
				break
			}
			if x.from <= from+at && from+at < x.to {
				to = min(to, x.to-from)
				st.mark, st.wash = x.mark, washOf(x.s.Origin) // of two that overlap, the one that starts later
			} else if x.from > from+at {
				to = min(to, x.from-from)
			}
		}
		spans = append(spans, span{line[at:to], st})
		at = to
	}
	lines := b.set(spans, bodyWidth, mode)
	for i := range lines {
		l := &lines[i]
		h := m.height(l, marks)
		if b.y+max(bodyLeading, h) > b.bottom {
			b.newPage()
			m.end, m.page = 0, 0
		}
		x := b.left
		if l.rtl {
			x += bodyWidth - l.width
		}
		m.draw(l, marks)
		b.drawLine(l, x, b.y+bodyLeading*0.76)
		b.y += bodyLeading
	}
}

// columns tells whether a line seems to be set in columns by spaces, which only equal widths keep.
func columns(line string) bool {
	t := strings.TrimLeft(line, " >")
	return strings.Contains(t, "   ") || strings.IndexByte(t, '\t') > 0 || strings.Contains(t, "+---") || strings.Contains(t, "│") || strings.Contains(t, "──")
}

func washOf(o notice.Origin) colour {
	switch o {
	case notice.Marked:
		return amberDeep
	case notice.Rejected:
		return washGrey
	}
	return amber
}

// margin keeps track of the notes beside the body.
type margin struct {
	b    *book
	last int     // mark of the last note
	end  float64 // where the last note of this page ends
	page int
}

// fresh lists the statements that start in the line.
func (m *margin) fresh(l *line, marks []stretch) []*stretch {
	var out []*stretch
	last := m.last
	for i := range l.runs {
		if k := l.runs[i].style.mark; k > last {
			last = k
			for j := range marks {
				if marks[j].mark == k {
					out = append(out, &marks[j])
				}
			}
		}
	}
	return out
}

func (m *margin) lines(x *stretch) []line {
	b := m.b
	acts := span{b.acts(x.s.Acts), style{face: bold, size: tinySize, ink: b.markOf(string(x.s.Acts[0])).ink}}
	if x.s.Origin == notice.Rejected {
		acts.ink = grey
	}
	return b.set([]span{acts, tiny("\n" + b.origin(x.s.Origin))}, noteWidth-m.indent(x), prose)
}

// indent is the room that the number of a note takes.
func (m *margin) indent(x *stretch) float64 { return m.b.t.measure(x.s.ID+"  ", bold, tinySize) }

const noteLead = 8.4

// height is how much room the notes of a line need, from its upper edge.
func (m *margin) height(l *line, marks []stretch) float64 {
	h := 0.0
	for _, x := range m.fresh(l, marks) {
		h += float64(len(m.lines(x)))*noteLead + 2
	}
	if h > 0 && m.page == m.b.page {
		h += max(0, m.end-m.b.y)
	}
	return h
}

// draw draws the bar, the number and the notes of a line.
func (m *margin) draw(l *line, marks []stretch) {
	b := m.b
	fresh := m.fresh(l, marks)
	if len(fresh) > 0 {
		number := fresh[0].s.ID
		if len(fresh) > 1 {
			number += "–" + fresh[len(fresh)-1].s.ID
		}
		b.textRight(b.left-9, b.y+bodyLeading*0.74, number, style{face: bold, size: tinySize, ink: ink})
	}
	for _, x := range fresh {
		m.last = max(m.last, x.mark)
		y := b.y
		if m.page == b.page {
			y = max(y, m.end)
		}
		lines := m.lines(x)
		b.anchor(anchorStatement(x.s.ID), b.y-10)
		b.text(b.noteX(), y+noteLead*0.9, x.s.ID, style{face: bold, size: tinySize, ink: ink})
		indent := m.indent(x)
		for k := range lines {
			b.drawLine(&lines[k], b.noteX()+indent, y+noteLead*(float64(k)+0.9))
		}
		m.end, m.page = y+float64(len(lines))*noteLead+2, b.page
	}
	for i := range l.runs {
		k := l.runs[i].style.mark
		if k == 0 {
			continue
		}
		for j := range marks {
			if marks[j].mark != k {
				continue
			}
			switch marks[j].s.Origin {
			case notice.Marked:
				b.rect(b.left-6, b.y, 2.4, bodyLeading, alert)
			case notice.Rejected:
				b.dashed(b.left-5, b.y, b.left-5, b.y+bodyLeading, 0.8, pale)
			default:
				b.rect(b.left-5.4, b.y, 1.2, bodyLeading, colour{214, 160, 40})
			}
		}
		break
	}
}

// noteEnd is where the last note of this page ends.
func (m *margin) noteEnd(b *book) float64 {
	if m.page == b.page {
		return m.end
	}
	return 0
}
