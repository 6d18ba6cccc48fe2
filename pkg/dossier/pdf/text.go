package pdf

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// style says how a span of text looks and where it leads.
type style struct {
	face faceID
	size float64 // points
	ink  colour
	wash colour // background; noColour for none
	to   string // anchor that the text links to; "" for none
	mark int    // number of the statement that the text belongs to, from 1; 0 for none
}

// span is a piece of text in one style.
type span struct {
	text string
	style
}

// cellKind tells the line breaker what a cell is.
type cellKind uint8

const (
	glyph cellKind = iota
	space
	stand    // part of a placeholder such as [U+1F600] that stands for what no font can draw
	standEnd // its last cell
)

// cell is one glyph in logical order.
type cell struct {
	r    rune
	w    float32 // points
	span uint16
	face faceID
	kind cellKind
	lost rune // in the first cell of a placeholder: the rune that no font has; 0 else
}

// run is a stretch of one line in one face and style, in visual order.
type run struct {
	text   string
	x, w   float64
	face   faceID
	style  *style
	stands bool
	lost   []rune
}

// line is one line of text after breaking.
type line struct {
	runs  []run
	width float64
	rtl   bool
}

// typesetter breaks text into lines. It holds scratch space only.
type typesetter struct {
	fonts *fontSet
	cells []cell
	buf   []byte
}

// break modes.
const (
	prose    = iota
	verbatim // all spaces are kept; later lines of the paragraph are set in
)

const tabStop = 8

// lines breaks one paragraph (a text without line ends) to width. It never returns a line that is wider, unless a single glyph is.
// An empty paragraph gives one empty line.
func (t *typesetter) lines(spans []span, width float64, mode int) []line {
	if len(spans) == 1 && mode == prose {
		if out, ok := t.plainLines(&spans[0], width); ok {
			return out
		}
	}
	rtl := t.compose(spans)
	cells := t.cells
	var base uint8
	if rtl {
		cells = t.shapeArabic(cells)
		base = baseLevel(cells)
	}
	if len(cells) == 0 {
		return []line{{}}
	}
	var lv []uint8
	if rtl {
		lv = levels(cells, base)
	}
	var out []line
	for from := 0; from < len(cells); {
		room := width
		indent := 0.0
		if mode == verbatim && from > 0 {
			indent = 2 * float64(cells[0].w)
			if indent > width/4 {
				indent = 0
			}
			room -= indent
		}
		to, next := breakAt(cells, from, room, mode)
		var l line
		if rtl {
			part := append([]cell(nil), cells[from:to]...)
			if len(part) > 0 {
				reorder(part, append([]uint8(nil), lv[from:to]...), base)
			}
			l.rtl = base == 1
			t.runs(&l, part, spans, indent)
		} else {
			t.runs(&l, cells[from:to], spans, indent)
		}
		out = append(out, l)
		from = next
	}
	return out
}

// compose fills t.cells from the spans and tells whether right-to-left text is among it.
func (t *typesetter) compose(spans []span) (rtl bool) {
	t.cells = t.cells[:0]
	for i := range spans {
		s := &spans[i]
		at := uint16(min(i, 0xFFFF))
		scale := float32(s.size / 1000)
		for k := 0; k < len(s.text); {
			r, n := rune(s.text[k]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(s.text[k:])
			}
			switch {
			case r == '\t':
				for stop := tabStop - len(t.cells)%tabStop; stop > 0; stop-- {
					w, _ := t.fonts[s.face].advance(' ')
					t.cells = append(t.cells, cell{r: ' ', w: float32(w) * scale, span: at, face: s.face, kind: space})
				}
			case r == utf8.RuneError && n == 1:
				t.placeholder(fmt.Sprintf("[0x%02X]", s.text[k]), 0, s, at)
			case hidden(r):
				t.placeholder(fmt.Sprintf("[U+%04X]", r), 0, s, at)
			default:
				face, w, ok := t.fonts.choose(s.face, r)
				if !ok {
					t.placeholder(fmt.Sprintf("[U+%04X]", r), r, s, at)
					break
				}
				c := cell{r: r, w: float32(w) * scale, span: at, face: face}
				if r == ' ' {
					c.kind = space
				}
				rtl = rtl || isRTL(r)
				t.cells = append(t.cells, c)
			}
			k += n
		}
	}
	return rtl
}

// hidden tells whether r would leave no mark on paper, or change the order of what follows, and so has to be made visible.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r <= 0x9F: // controls
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // bidi embeddings, overrides, isolates
		return true
	case r == 0x2028, r == 0x2029, r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB, r >= 0xFFFE && r <= 0xFFFF:
		return true
	}
	return false
}

func (t *typesetter) placeholder(text string, lost rune, s *span, at uint16) {
	first := len(t.cells)
	for i := 0; i < len(text); i++ {
		w, _ := t.fonts[s.face].advance(rune(text[i]))
		t.cells = append(t.cells, cell{r: rune(text[i]), w: float32(float64(w) * s.size / 1000), span: at, face: s.face, kind: stand})
	}
	t.cells[first].lost = lost
	t.cells[len(t.cells)-1].kind = standEnd
}

// dress gives a cell another glyph, if a font has it.
func (t *typesetter) dress(c *cell, r rune) {
	old, _, _ := t.fonts.choose(c.face, c.r)
	oldWidth, _ := t.fonts[old].advance(c.r)
	face, w, ok := t.fonts.choose(c.face, r)
	if !ok {
		return
	}
	if oldWidth > 0 {
		c.w *= float32(w) / float32(oldWidth)
	}
	c.r, c.face = r, face
}

// breakAt finds where the line that starts at from ends (to), and where the next one starts.
func breakAt(cells []cell, from int, room float64, mode int) (to, next int) {
	const slack = 0.01
	var w float64
	good, fair := -1, -1 // after a space or hyphen; after a mark inside a long token
	inked := false       // an indent is no place to break after
	for i := from; i < len(cells); i++ {
		c := &cells[i]
		w += float64(c.w)
		if w > room+slack && c.kind != space {
			switch {
			case good > from:
				next = good
			case fair > from+(i-from)*2/3:
				next = fair
			case !inked: // spaces alone fill the line
				return from, i
			default:
				next = max(i, from+1)
				for next > from+1 && clings(cells, next) {
					next--
				}
			}
			return trim(cells, from, next, mode), next
		}
		switch {
		case c.kind == space, c.kind == standEnd, c.r == '-' && i > from && joinable(cells, i), c.r >= 0x2010 && c.r <= 0x2014:
			if inked && i+1 < len(cells) && !clings(cells, i+1) {
				good = i + 1
			}
		case c.r < 0x80 && (c.r == '/' || c.r == '.' || c.r == ',' || c.r == '@' || c.r == '&' || c.r == '=' || c.r == '_' || c.r == ';' || c.r == '?'):
			fair = i + 1
		case c.r >= 0x2E80 && c.kind == glyph && !isRTL(c.r): // ideographs may part anywhere
			good = i + 1
		}
		inked = inked || c.kind != space
	}
	return trim(cells, from, len(cells), mode), len(cells)
}

// joinable tells whether the hyphen at i stands between letters, so that a line may end after it.
func joinable(cells []cell, i int) bool {
	return i+1 < len(cells) && unicode.IsLetter(cells[i-1].r) && unicode.IsLetter(cells[i+1].r)
}

// clings tells whether the cell at i must not start a line.
func clings(cells []cell, i int) bool {
	if i >= len(cells) {
		return false
	}
	c := &cells[i]
	if c.kind == stand || c.kind == standEnd {
		return cells[i-1].kind == stand
	}
	return c.r >= 0x300 && (unicode.Is(unicode.M, c.r) || c.r == 0x200D || c.r >= 0xFE00 && c.r <= 0xFE0F)
}

// trim leaves out the spaces at a line's end.
func trim(cells []cell, from, to, mode int) int {
	for to > from && cells[to-1].kind == space {
		to--
	}
	return to
}

// runs groups the cells of a line, in visual order, by face and style.
func (t *typesetter) runs(l *line, cells []cell, spans []span, x float64) {
	for i := 0; i < len(cells); {
		first := &cells[i]
		stands := first.kind >= stand
		r := run{x: x, face: first.face, style: &spans[first.span].style, stands: stands}
		t.buf = t.buf[:0]
		for ; i < len(cells) && cells[i].face == first.face && cells[i].span == first.span && (cells[i].kind >= stand) == stands; i++ {
			t.buf = utf8.AppendRune(t.buf, cells[i].r)
			r.w += float64(cells[i].w)
			if cells[i].lost != 0 {
				r.lost = append(r.lost, cells[i].lost)
			}
		}
		r.text = string(t.buf)
		x += r.w
		l.runs = append(l.runs, r)
	}
	l.width = x
}

// plainLines is lines for one span of printable ASCII, which most text is: runs are pieces of the span's own string.
func (t *typesetter) plainLines(s *span, width float64) ([]line, bool) {
	text := s.text
	for i := 0; i < len(text); i++ {
		if text[i] < 0x20 || text[i] > 0x7E {
			return nil, false
		}
	}
	f, scale := t.fonts[s.face], s.size/1000
	var out []line
	for from := 0; ; {
		var w float64
		good, i := -1, from
		for ; i < len(text); i++ {
			a, _ := f.advance(rune(text[i]))
			cw := float64(a) * scale
			if text[i] == ' ' {
				w += cw
				good = i + 1
				continue
			}
			if w+cw > width+0.01 {
				break
			}
			w += cw
			if text[i] == '-' && i > from && i+1 < len(text) && isLetter(text[i-1]) && isLetter(text[i+1]) {
				good = i + 1
			}
		}
		if i == len(text) {
			end := i
			for end > from && text[end-1] == ' ' {
				end--
			}
			out = append(out, plainLine(s, from, end, f, scale))
			return out, true
		}
		if good < 0 {
			return nil, false // a token that is longer than a line: the general way knows where to part it
		}
		end := good
		for end > from && text[end-1] == ' ' {
			end--
		}
		out = append(out, plainLine(s, from, end, f, scale))
		from = good
	}
}

func plainLine(s *span, from, end int, f *face, scale float64) line {
	if from == end {
		return line{}
	}
	var sum int
	for i := from; i < end; i++ {
		a, _ := f.advance(rune(s.text[i]))
		sum += int(a)
	}
	w := float64(sum) * scale
	return line{runs: []run{{text: s.text[from:end], w: w, face: s.face, style: &s.style}}, width: w}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// measure returns the width of text set on one line.
func (t *typesetter) measure(text string, face faceID, size float64) float64 {
	t.compose([]span{{text: text, style: style{face: face, size: size}}})
	var w float64
	for i := range t.cells {
		w += float64(t.cells[i].w)
	}
	return w
}

// fit cuts text to width, with an ellipsis where something was cut.
func (t *typesetter) fit(text string, face faceID, size, width float64) string {
	if t.measure(text, face, size) <= width {
		return text
	}
	room := width - t.measure("…", face, size)
	var w float64
	for i, r := range text {
		w += t.measure(string(r), face, size)
		if w > room {
			return text[:i] + "…"
		}
	}
	return text
}
