package pdf

import (
	"strings"
)

// Sizes of text, in points.
const (
	bodySize    = 9.0
	bodyLeading = 12.6
	smallSize   = 7.8
	smallLead   = 10.2
	tinySize    = 6.8
	tinyLead    = 9.0
	monoSize    = 6.7
	monoLead    = 8.9
)

// paragraphs parts spans at line ends (LF, CRLF).
func paragraphs(spans []span) [][]span {
	out := [][]span{nil}
	for _, s := range spans {
		rest := s.text
		for {
			head, tail, more := strings.Cut(rest, "\n")
			if more {
				head = strings.TrimSuffix(head, "\r")
			}
			if head != "" {
				last := len(out) - 1
				out[last] = append(out[last], span{head, s.style})
			}
			if !more {
				break
			}
			out = append(out, nil)
			rest = tail
		}
	}
	return out
}

// set breaks spans, which may hold line ends, into lines.
func (b *book) set(spans []span, width float64, mode int) []line {
	if len(spans) == 1 && !strings.Contains(spans[0].text, "\n") {
		return b.t.lines(spans, width, mode)
	}
	var out []line
	for _, p := range paragraphs(spans) {
		out = append(out, b.t.lines(p, width, mode)...)
	}
	return out
}

// flow draws lines down the page, over page breaks.
func (b *book) flow(lines []line, x, width, leading float64) {
	for i := range lines {
		b.need(leading)
		at := x
		if lines[i].rtl {
			at = x + width - lines[i].width
		}
		b.drawLine(&lines[i], at, b.y+leading*0.76)
		b.y += leading
	}
}

// para draws a paragraph of our own words. One that fits on a page but not on the rest of this one starts with at least two lines.
func (b *book) para(spans ...span) {
	lines := b.set(spans, measure, prose)
	lead := bodyLeading
	if len(spans) > 0 && spans[0].size < bodySize {
		lead = spans[0].size * 1.38
	}
	b.need(lead * float64(min(len(lines), 2)))
	b.flow(lines, b.left, measure, lead)
	b.y += lead * 0.4
}

// The styles of running text.
func text(s string) span  { return span{s, style{size: bodySize, ink: ink}} }
func small(s string) span { return span{s, style{size: smallSize, ink: ink}} }
func faint(s string) span { return span{s, style{size: smallSize, ink: grey}} }
func strong(s string) span {
	return span{s, style{face: bold, size: smallSize, ink: ink}}
}
func link(s, to string) span { return span{s, style{size: smallSize, ink: accent, to: to}} }
func tiny(s string) span     { return span{s, style{size: tinySize, ink: grey}} }
func code(s string) span     { return span{s, style{face: mono, size: monoSize, ink: ink}} }

// chapter starts a new page with a heading of the first order.
func (b *book) chapter(title, name string) {
	b.section = title
	b.newPage()
	b.chapterHead(title, name)
}

// chapterRoom is what the head of a chapter, what it says first and the first row of the tallest table (the knowledge matrix, under heads of eight lines) take up.
const chapterRoom = 240

// chapterOn starts a chapter on the same page where room for its head and a few lines is left, so that short chapters do not leave a trail of empty pages.
func (b *book) chapterOn(title, name string) {
	if b.y > b.bottom-chapterRoom {
		b.chapter(title, name)
		return
	}
	b.section = title
	b.y += 26
	b.chapterHead(title, name)
}

func (b *book) chapterHead(title, name string) {
	b.bookmark(title, 0, b.y-20)
	b.anchor(name, b.y-24)
	b.text(b.left, b.y+14, title, style{face: bold, size: 16, ink: accent})
	b.line(b.left, b.y+23, b.right, b.y+23, 0.8, accent)
	b.y += 36
}

// heading draws a heading of the second order and keeps it with what follows.
func (b *book) heading(title string, keep float64) {
	b.need(30 + keep)
	if b.y > top {
		b.y += 9
	}
	b.text(b.left, b.y+9, title, style{face: bold, size: 10, ink: ink})
	b.y += 18
}

// column is one column of a table.
type column struct {
	head  string
	width float64
	right bool // numbers
	mode  int
}

// table draws rows under heads, which it repeats on every page.
type table struct {
	b       *book
	cols    []column
	leading float64
	x       float64
	pad     float64 // above and below the lines of a row
	fill    colour  // behind the rows
	started bool
	lines   [][]line // of the row at hand
}

const (
	cellPad  = 4.0
	rowPad   = 2.6
	densePad = 0.9
	hair     = 0.01 // forgives the rounding of sums
)

// newTable starts a table at the left margin; widths are shares of the measure.
func (b *book) newTable(leading float64, cols ...column) *table {
	sum := 0.0
	for _, c := range cols {
		sum += c.width
	}
	for i := range cols {
		cols[i].width *= measure / sum
	}
	return &table{b: b, cols: cols, leading: leading, pad: rowPad, x: b.left, lines: make([][]line, len(cols))}
}

// dense sets the rows closer.
func (t *table) dense() *table {
	t.pad = densePad
	return t
}

func (t *table) headed() bool { return t.cols[0].head != "" || len(t.cols) > 1 && t.cols[1].head != "" }

func (t *table) heads() [][]line {
	heads := make([][]line, len(t.cols))
	for i, c := range t.cols {
		heads[i] = t.b.set([]span{{c.head, style{face: bold, size: tinySize, ink: grey}}}, c.width-cellPad, prose)
	}
	return heads
}

func (t *table) headHeight() float64 {
	if !t.headed() {
		return 0
	}
	return float64(tallest(t.heads()))*tinyLead + 5
}

func (t *table) head() {
	t.started = true
	if !t.headed() {
		return
	}
	b := t.b
	heads := t.heads()
	n := tallest(heads)
	x := t.x
	for i, c := range t.cols {
		for k := range heads[i] {
			at := x
			if c.right {
				at = x + c.width - cellPad - heads[i][k].width
			}
			b.drawLine(&heads[i][k], at, b.y+tinyLead*float64(k+n-len(heads[i]))+tinyLead*0.76)
		}
		x += c.width
	}
	b.y += float64(n)*tinyLead + 3
	b.line(t.x, b.y, x, b.y, 0.7, ink)
	b.y += 1
}

func tallest(cols [][]line) int {
	n := 0
	for _, l := range cols {
		n = max(n, len(l))
	}
	return n
}

// lay breaks the cells of a row into lines and returns the row's height.
func (t *table) lay(cells ...[]span) float64 {
	for i := range t.cols {
		t.lines[i] = nil
		if i < len(cells) && len(cells[i]) > 0 {
			t.lines[i] = t.b.set(cells[i], t.cols[i].width-cellPad, t.cols[i].mode)
		}
	}
	return float64(max(1, tallest(t.lines)))*t.leading + 2*t.pad
}

// row draws a row. A short one is kept together, a long one goes on over the page break.
func (t *table) row(cells ...[]span) {
	b := t.b
	t.lay(cells...)
	n := max(1, tallest(t.lines))
	head := 0.0
	if !t.started {
		head = t.headHeight()
	}
	const keep = 14 // lines
	room := int((b.bottom - b.y - head - 2*t.pad + hair) / t.leading)
	if n > room && (n <= keep || room < 4) {
		b.newPage()
		t.started = false
	}
	if !t.started {
		t.head()
	}
	for from := 0; from < n; {
		room := max(1, int((b.bottom-b.y-2*t.pad+hair)/t.leading))
		to := min(n, from+room)
		height := float64(to-from)*t.leading + 2*t.pad
		t.slice(from, to, height)
		from = to
		if from < n {
			b.newPage()
			t.head()
		}
	}
}

// slice draws the lines from to to of the row at hand.
func (t *table) slice(from, to int, height float64) {
	b := t.b
	width := 0.0
	for _, c := range t.cols {
		width += c.width
	}
	if t.fill != noColour {
		b.rect(t.x-4, b.y, width+8, height+0.3, t.fill)
	}
	x := t.x
	for i, c := range t.cols {
		for k := from; k < min(to, len(t.lines[i])); k++ {
			l := &t.lines[i][k]
			at := x
			if c.right || l.rtl {
				at = x + c.width - cellPad - l.width
			}
			b.drawLine(l, at, b.y+t.pad+float64(k-from)*t.leading+t.leading*0.76)
		}
		x += c.width
	}
	b.y += height
	if t.fill == noColour {
		b.line(t.x, b.y, x, b.y, 0.35, rule)
	}
}

// keep starts a table on a new page where less than its head and a few rows would stand on this one.
func (t *table) keep() { t.b.need(t.headHeight() + 4*(2*t.leading+2*t.pad)) }

func (t *table) end() { t.b.y += 8 }
