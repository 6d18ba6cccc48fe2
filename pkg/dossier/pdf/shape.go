package pdf

import (
	"math"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"golang.org/x/image/font/sfnt"
)

// Text in which glyphs are not simply one per character: the rules of its script and font (OpenType Layout) say which are drawn where.

// letter is a code point of a paragraph.
type letter struct {
	r    rune
	span uint16
	kind cellKind
}

// placed is one drawn glyph of a shaped cell.
type placed struct {
	face faceID
	gid  sfnt.GlyphIndex
	x, y float32 // of its origin from the cell's, in points; y upwards
	text string  // what it gives back in the text layer; "" for nothing
}

// unit is what a shaped cell draws, from left to right.
type unit struct {
	glyphs []placed
	text   string
}

const (
	mostUnits  = 8    // of UTF-16 that one glyph stands for: MuPDF takes no more
	maxCluster = 24   // code points drawn as one; marks beyond are a cluster of their own
	maxOffset  = 1.15 // em that a mark may stand away from the line, so that a pile of marks stays off the other lines
)

// shaper is the scratch space of what shapes.
type shaper struct {
	letters []letter
	runes   []rune
	buffer  *harfbuzz.Buffer
	words   segmenter.Segmenter
}

// composeInvolved is compose for text that holds more than one glyph per character. It tells whether right-to-left text is among it.
func (t *typesetter) composeInvolved(spans []span) (rtl bool) {
	t.spell(spans)
	for _, r := range t.runes {
		rtl = rtl || isRTL(r)
	}
	lv := make([]uint8, len(t.runes))
	if rtl {
		lv = levels(t.runes, baseLevel(t.runes))
	}
	level := func(i int) uint8 { return lv[i] }
	var pending []int // starts of the clusters to be shaped together
	var face faceID
	var script language.Script
	end := 0
	flush := func() {
		if len(pending) > 0 {
			t.shape(spans, pending, end, face, script, level(pending[0]))
			pending = pending[:0]
		}
	}
	t.words.Init(t.runes)
	for it := t.words.GraphemeIterator(); it.Next(); {
		g := it.Grapheme()
		for from, stop := g.Offset, g.Offset+len(g.Text); from < stop; {
			to := from + 1
			for to < stop && to-from < maxCluster && t.letters[to].kind == t.letters[from].kind {
				to++
			}
			if t.letters[from].kind != glyph {
				to = from + 1
			}
			first := t.letters[from]
			s := &spans[first.span]
			cluster := t.runes[from:to]
			if len(cluster) == 1 && (first.kind != glyph || !involved(first.r) && (level(from)%2 == 0 || !mirrors(first.r))) {
				flush()
				t.plainCell(first, s, level(from))
				from = to
				continue
			}
			id, ok := t.fonts.cover(s.face, cluster)
			sc := scriptOf(cluster)
			if !ok {
				flush()
				t.piecemeal(spans, from, to, level(from))
				from = to
				continue
			}
			if len(pending) > 0 && (end != from || id != face || t.letters[pending[0]].span != first.span || level(pending[0]) != level(from) || sc.Strong() && script.Strong() && sc != script) {
				flush()
			}
			if len(pending) == 0 || !script.Strong() {
				script = sc
			}
			pending, face, end = append(pending, from), id, to
			from = to
		}
	}
	flush()
	return rtl
}

// spell fills t.letters and t.runes with the code points of the spans; what must be shown by number is spelt so.
func (t *typesetter) spell(spans []span) {
	t.letters, t.runes = t.letters[:0], t.runes[:0]
	for i := range spans {
		at := uint16(min(i, 0xFFFF))
		text := spans[i].text
		number := func(text string) {
			for k, r := range text {
				kind := stand
				if k == len(text)-1 {
					kind = standEnd
				}
				t.letters = append(t.letters, letter{r: r, span: at, kind: kind})
			}
		}
		for k := 0; k < len(text); {
			r, n := utf8.DecodeRuneInString(text[k:])
			switch {
			case r == '\t':
				for stop := tabStop - len(t.letters)%tabStop; stop > 0; stop-- {
					t.letters = append(t.letters, letter{r: ' ', span: at, kind: space})
				}
			case r == utf8.RuneError && n == 1:
				number(octetNumber(text[k]))
			case hidden(r):
				number(runeNumber(r))
			case r == ' ':
				t.letters = append(t.letters, letter{r: r, span: at, kind: space})
			default:
				t.letters = append(t.letters, letter{r: r, span: at})
			}
			k += n
		}
	}
	for _, l := range t.letters {
		t.runes = append(t.runes, l.r)
	}
}

// plainCell adds a letter that has a glyph of its own, or its number if no face has one.
func (t *typesetter) plainCell(l letter, s *span, level uint8) {
	if l.kind >= stand {
		w, _ := t.fonts.faces[s.face].advance(l.r)
		t.cells = append(t.cells, cell{r: l.r, w: float32(float64(w) * s.size / 1000), span: l.span, face: s.face, kind: l.kind, level: level})
		return
	}
	face, w, ok := t.fonts.choose(s.face, l.r)
	if !ok {
		t.number(l, s, level)
		return
	}
	t.cells = append(t.cells, cell{r: l.r, w: float32(w * s.size / 1000), span: l.span, face: face, kind: l.kind, level: level})
}

// number adds the number of a letter that no face can draw.
func (t *typesetter) number(l letter, s *span, level uint8) {
	lost := l.r
	if ignorable(l.r) {
		lost = 0 // no font is asked to draw it
	}
	from := len(t.cells)
	t.placeholder(runeNumber(l.r), lost, s, l.span)
	for i := range t.cells[from:] {
		t.cells[from+i].level = level
	}
}

// piecemeal adds the letters of a cluster that no face can draw as a whole, each by itself.
func (t *typesetter) piecemeal(spans []span, from, to int, level uint8) {
	for i := from; i < to; i++ {
		l := t.letters[i]
		s := &spans[l.span]
		if ignorable(l.r) {
			t.number(l, s, level)
			continue
		}
		if id, ok := t.fonts.cover(s.face, t.runes[i:i+1]); ok && involved(l.r) {
			t.shape(spans, []int{i}, i+1, id, scriptOf(t.runes[i:i+1]), level)
			continue
		}
		t.plainCell(l, s, level)
	}
}

// scriptOf returns the script of a cluster.
func scriptOf(cluster []rune) language.Script {
	for _, r := range cluster {
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
	}
	return language.Common
}

// shape adds the cells of clusters that are drawn by one face in one style and direction. starts holds where each begins, end where the last one ends.
func (t *typesetter) shape(spans []span, starts []int, end int, id faceID, script language.Script, level uint8) {
	f, from := t.fonts.faces[id], starts[0]
	style := &spans[t.letters[from].span]
	if t.buffer == nil {
		t.buffer = harfbuzz.NewBuffer()
	}
	b := t.buffer
	b.Clear()
	b.ClusterLevel = harfbuzz.MonotoneCharacters
	b.Flags = harfbuzz.RemoveDefaultIgnorables | harfbuzz.DoNotinsertDottedCircle
	b.Props = harfbuzz.SegmentProperties{Direction: harfbuzz.LeftToRight, Script: script, Language: "und"}
	if level%2 == 1 {
		b.Props.Direction = harfbuzz.RightToLeft
	}
	b.AddRunes(t.runes, from, end-from) // with what stands around it: letters join over a change of style
	hb := f.shape()
	if !shaped(b, hb) {
		for i := from; i < end; i++ {
			t.number(t.letters[i], style, level)
		}
		return
	}
	n := len(b.Info)
	logical := func(i int) int { // the buffer is in visual order
		if level%2 == 1 {
			return n - 1 - i
		}
		return i
	}
	em := float64(hb.Face().Upem())
	scale := style.size * f.scale
	for i, k := 0, 0; k < len(starts); {
		// The cell goes from starts[k] to the next start at which glyphs begin.
		to := k + 1
		next := i
		for next < n && b.Info[logical(next)].Cluster < stop(starts, to, end) {
			next++
		}
		for to < len(starts) && (next == i || next == n || b.Info[logical(next)].Cluster != starts[to]) {
			to++
			for next < n && b.Info[logical(next)].Cluster < stop(starts, to, end) {
				next++
			}
		}
		a, z := starts[k], stop(starts, to, end)
		lo, hi := i, next
		if level%2 == 1 {
			lo, hi = n-next, n-i
		}
		t.unit(a, z, b.Info[lo:hi], b.Pos[lo:hi], id, scale/em, em, level, style)
		i, k = next, to
	}
}

// shaped runs the shaper. Its library trusts the tables of a font, and panics over a broken one that was given.
func shaped(b *harfbuzz.Buffer, f *harfbuzz.Font) (ok bool) {
	defer func() { ok = recover() == nil }()
	b.Shape(f, nil)
	return true
}

func stop(starts []int, k, end int) int {
	if k < len(starts) {
		return starts[k]
	}
	return end
}

// unit adds one cell of the letters from a to z with its glyphs, which are given in visual order.
func (t *typesetter) unit(a, z int, info []harfbuzz.GlyphInfo, pos []harfbuzz.GlyphPosition, id faceID, perUnit, em float64, level uint8, style *span) {
	f := t.fonts.faces[id]
	missing := len(info) == 0
	for i := range info {
		missing = missing || info[i].Glyph == 0
	}
	if missing {
		for i := a; i < z; i++ {
			t.number(t.letters[i], style, level)
		}
		return
	}
	u := unit{glyphs: make([]placed, len(info)), text: string(t.runes[a:z])}
	pen := 0.0
	clamp := func(v, most float64) float64 { return max(-most, min(most, v)) }
	for i := range info {
		g := sfnt.GlyphIndex(info[i].Glyph)
		p := &pos[i]
		u.glyphs[i] = placed{face: id, gid: g, x: float32(pen + clamp(float64(p.XOffset), maxOffset*em)*perUnit), y: float32(clamp(float64(p.YOffset), maxOffset*em) * perUnit)}
		step := float64(p.XAdvance)
		if w, ok := f.glyphWidth(g); ok && math.Abs(step-float64(w)*em/1000) <= em/1000 {
			step = float64(w) * em / 1000 // as it will stand in the file
		}
		if step != 0 && u.glyphs[i].y == 0 {
			u.glyphs[i].text = "-" // it stands on the line and carries text
		}
		pen += clamp(step, 4*em) * perUnit
	}
	empty := placed{face: id, gid: f.empty()}
	if empty.gid == 0 {
		empty = placed{face: regular, gid: t.fonts.faces[regular].empty()}
	}
	u.share(t.runes[a:z], level%2 == 1, empty, float32(pen))
	t.units = append(t.units, u)
	l := &t.letters[a]
	t.cells = append(t.cells, cell{r: l.r, w: float32(max(0, pen)), span: l.span, face: id, kind: l.kind, level: level, unit: int32(len(t.units))})
}

// share gives the glyphs that stand on the line the letters of the cell, so that reading them gives the letters back; the others, marks above and below, give
// nothing, for readers that go by places would take them for words of their own. From left to right, the last one takes what is left over, as much as
// it may, and empty glyphs at the right edge the rest. From right to left readers turn the characters round one by one, also those of one glyph; there an empty glyph at the left edge carries each.
func (u *unit) share(letters []rune, rtl bool, empty placed, right float32) {
	var solid []*placed // in logical order
	for i := range u.glyphs {
		if u.glyphs[i].text != "" {
			u.glyphs[i].text = ""
			solid = append(solid, &u.glyphs[i])
		}
	}
	if len(solid) == 0 {
		u.glyphs[0].text = u.text
		return
	}
	for _, g := range solid {
		empty.x = min(empty.x, g.x)
	}
	if rtl {
		slices.Reverse(solid)
	}
	solid = solid[:min(len(solid), len(letters))]
	for i, g := range solid {
		g.text = string(letters[i : i+1])
	}
	rest := letters[len(solid):]
	if len(rest) == 0 {
		return
	}
	if !rtl {
		last := solid[len(solid)-1]
		for _, r := range rest {
			if len(utf16.Encode([]rune(last.text+string(r)))) > mostUnits {
				empty.x, empty.text = right, ""
				u.glyphs = append(u.glyphs, empty)
				last = &u.glyphs[len(u.glyphs)-1]
			}
			last.text += string(r)
		}
		return
	}
	carriers := make([]placed, 0, len(rest)+len(u.glyphs))
	for _, r := range slices.Backward(rest) {
		empty.text = string(r)
		carriers = append(carriers, empty)
	}
	u.glyphs = append(carriers, u.glyphs...)
}

// mirrors tells whether the glyph of r is turned round in right-to-left text (the common pairs of BidiMirroring.txt).
func mirrors(r rune) bool { return strings.ContainsRune("()[]{}<>«»‹›≤≥", r) }
