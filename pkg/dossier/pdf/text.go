package pdf

import (
	"fmt"
	"strings"
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

// cell is what is drawn as one, in logical order: a glyph, or a few that belong together.
type cell struct {
	r    rune
	w    float32 // points
	span uint16
	face faceID
	kind cellKind
	lost rune // in the first cell of a placeholder: the rune that no font has; 0 else
	// A shaped cell draws a unit, of one or more characters of which r is the first.
	unit  int32 // index into the typesetter's units, from 1; 0 for a cell that draws r
	level uint8 // embedding level (UAX #9)
}

// run is a stretch of one line in one face and style, in visual order.
type run struct {
	text   string
	x, w   float64
	face   faceID
	style  *style
	stands bool
	lost   []rune
	units  []unit    // what is drawn instead of text
	at     []float32 // where each unit starts, from x
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
	units []unit
	buf   []byte
	shaper
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
	if len(cells) == 0 {
		return []line{{}}
	}
	var base uint8
	if rtl {
		base = baseLevel(t.runes)
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
			reorder(part, base)
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
	t.cells, t.units = t.cells[:0], nil // units are still drawn from after the next paragraph was set
	for i := range spans {
		s := &spans[i]
		at := uint16(min(i, 0xFFFF))
		scale := s.size / 1000
		for k := 0; k < len(s.text); {
			r, n := rune(s.text[k]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(s.text[k:])
				if involved(r) || r == 0x200F {
					t.cells = t.cells[:0]
					return t.composeInvolved(spans)
				}
			}
			switch {
			case r == '\t':
				for stop := tabStop - len(t.cells)%tabStop; stop > 0; stop-- {
					w, _ := t.fonts.faces[s.face].advance(' ')
					t.cells = append(t.cells, cell{r: ' ', w: float32(float64(w) * scale), span: at, face: s.face, kind: space})
				}
			case r == utf8.RuneError && n == 1:
				t.placeholder(octetNumber(s.text[k]), 0, s, at)
			case hidden(r):
				t.placeholder(runeNumber(r), 0, s, at)
			default:
				face, w, ok := t.fonts.choose(s.face, r)
				if !ok {
					t.placeholder(runeNumber(r), r, s, at)
					break
				}
				c := cell{r: r, w: float32(w * scale), span: at, face: face}
				if r == ' ' {
					c.kind = space
				}
				t.cells = append(t.cells, c)
			}
			k += n
		}
	}
	return false
}

// octetNumber and runeNumber write what cannot be drawn.
func octetNumber(b byte) string { return fmt.Sprintf("[0x%02X]", b) }
func runeNumber(r rune) string  { return fmt.Sprintf("[U+%04X]", r) }

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
		w, _ := t.fonts.faces[s.face].advance(rune(text[i]))
		t.cells = append(t.cells, cell{r: rune(text[i]), w: float32(float64(w) * s.size / 1000), span: at, face: s.face, kind: stand})
	}
	t.cells[first].lost = lost
	t.cells[len(t.cells)-1].kind = standEnd
}

// breakAt finds where the line that starts at from ends (to), and where the next one starts.
func breakAt(cells []cell, from int, room float64, mode int) (to, next int) {
	const slack = 0.01
	var w float64
	good, fair, word := -1, -1, -1 // after a space, a hyphen or an ideograph; after a mark inside a long token; inside text that has no spaces between its words
	inked := false                 // an indent is no place to break after
	for i := from; i < len(cells); i++ {
		c := &cells[i]
		w += float64(c.w)
		if w > room+slack && c.kind != space {
			switch {
			case word > from && good < from+(i-from)/2:
				next = word
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
		inked = inked || c.kind != space
		if i+1 == len(cells) || !inked || clings(cells, i+1) {
			continue
		}
		n := &cells[i+1]
		switch {
		case c.kind == space:
			good = i + 1
		case n.kind == glyph && notFirst(n.r), c.kind == glyph && notLast(c.r):
		case c.kind == standEnd, c.r == '-' && i > from && joinable(cells, i), c.r >= 0x2010 && c.r <= 0x2014, c.r == 0x200B, c.r == 0x0F0B:
			good = i + 1
		case c.kind == glyph && ideographic(c.r), n.kind == glyph && ideographic(n.r):
			good = i + 1
		case unspaced(c.r) && unspaced(n.r):
			word = i + 1
		case c.r < 0x80 && strings.IndexByte("/.,@&=_;?", byte(c.r)) >= 0, c.r >= 0xAC00 && c.r <= 0xD7AF:
			fair = i + 1
		}
	}
	return trim(cells, from, len(cells), mode), len(cells)
}

// ideographic tells whether a line may end before and after r, which is of Chinese or Japanese writing. Korean is parted at its spaces.
func ideographic(r rune) bool {
	return r >= 0x2E80 && r <= 0xA4CF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F || r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 && r <= 0x3FFFF || r >= 0x1F300 && r <= 0x1FAFF
}

// notFirst tells whether no line starts with r, notLast whether none ends with it (kinsoku, JIS X 4051; GB/T 15834).
func notFirst(r rune) bool {
	return r == ')' || r == ']' || r == '}' || r >= 0x2019 && strings.ContainsRune("’”…‥‰〜～、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〙〗〟｠ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ％｡｣､･", r) ||
		r >= 0x0E2F && r <= 0x0EC6 && strings.ContainsRune("ฯะาำๅๆຯະາຳໆ", r)
}

func notLast(r rune) bool {
	return r == '(' || r == '[' || r == '{' || r >= 0x2018 && strings.ContainsRune("‘“（〔［｛〈《「『【〘〖〝｟｢￥＄￡", r) || r >= 0x0E40 && r <= 0x0E44 || r >= 0x0EC0 && r <= 0x0EC4
}

// unspaced tells whether r is of a script that sets no spaces between words. Where a word ends only a dictionary of the language knows, so that a line may end
// inside of one.
func unspaced(r rune) bool {
	return r >= 0x0E00 && r <= 0x0EFF || r >= 0x1000 && r <= 0x109F || r >= 0x1780 && r <= 0x17FF || r >= 0xA980 && r <= 0xA9DF || r >= 0x1B00 && r <= 0x1B7F
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
		stands, shaped := first.kind >= stand, first.unit > 0
		r := run{x: x, face: first.face, style: &spans[first.span].style, stands: stands}
		t.buf = t.buf[:0]
		for ; i < len(cells) && cells[i].face == first.face && cells[i].span == first.span && (cells[i].kind >= stand) == stands && (cells[i].unit > 0) == shaped; i++ {
			if shaped {
				r.units, r.at = append(r.units, t.units[cells[i].unit-1]), append(r.at, float32(r.w))
			} else {
				t.buf = utf8.AppendRune(t.buf, cells[i].r)
			}
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
	f, scale := t.fonts.faces[s.face], s.size/1000
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
