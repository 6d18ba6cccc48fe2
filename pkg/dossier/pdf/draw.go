package pdf

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The lowest layer: operators of a page's content stream (ISO 32000-1, 8.5 and 9.4), written past gofpdf's slower text calls.
// All colours go through here, so gofpdf's own idea of them stays black, which the palette is not.

func (b *book) useFont(id faceID, size float64) {
	f := b.t.fonts.faces[id]
	if b.font == f && b.fontSize == size {
		return
	}
	p := append(append(b.raw[:0], "BT /"...), fontName(f)...)
	p = number(append(p, ' '), size)
	b.raw = append(p, "Tf ET"...)
	b.pdf.RawWriteStr(string(b.raw))
	b.font, b.fontSize = f, size
}

// text draws one line of text with its baseline at y.
func (b *book) text(x, y float64, text string, s style) {
	if text == "" {
		return
	}
	for _, l := range b.t.lines([]span{{text, s}}, 1e6, prose) {
		b.drawLine(&l, x, y)
	}
}

// textRight draws one line of text that ends at x.
func (b *book) textRight(x, y float64, text string, s style) {
	b.text(x-b.t.measure(text, s.face, s.size), y, text, s)
}

// drawLine draws a line of text with its baseline at y.
func (b *book) drawLine(l *line, x, y float64) {
	if b.err != nil {
		return
	}
	for i := range l.runs {
		r := &l.runs[i]
		s := r.style
		if s.wash != noColour {
			b.rect(x+r.x-0.5, y-s.size*0.95, r.w+1, s.size*1.3, s.wash)
		}
	}
	for i := range l.runs {
		r := &l.runs[i]
		s := r.style
		c := s.ink
		if r.stands {
			c = accent
		}
		for _, lost := range r.lost {
			b.stats.MissingGlyphs[lost]++
		}
		heavy := s.face == bold && b.t.fonts.faces[r.face].plain
		if heavy { // outlines are drawn as well as filled (ISO 32000-1 §9.3.6)
			b.strokeColour(c)
			b.pdf.RawWriteStr(fmt.Sprintf("%.2f w 2 Tr", s.size*0.035))
		}
		if len(r.units) > 0 {
			b.showUnits(r, c, x+r.x, y)
		} else {
			b.show(r.face, s.size*b.t.fonts.faces[r.face].scale, c, x+r.x, y, r.text)
		}
		if heavy {
			b.pdf.RawWriteStr("0 Tr")
		}
		if s.to != "" {
			b.cites = append(b.cites, citation{b.page, x + r.x, y - s.size, r.w, s.size * 1.25, s.to})
		}
	}
}

// show draws text, all of whose glyphs are in the face, and remembers which they are.
func (b *book) show(id faceID, size float64, c colour, x, y float64, text string) {
	b.useFont(id, size)
	drawn := b.drawnBy(id)
	b.fillColour(c)
	p := append(b.raw[:0], "BT "...)
	p = number(p, x)
	p = number(p, b.pageHeight-y)
	p = append(p, "Td ("...)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if drawn[r] == 0 {
			drawn[r] = b.t.fonts.faces[id].glyph(r)
		}
		for _, octet := range [2]byte{byte(r >> 8), byte(r)} {
			switch octet {
			case '\\', '(', ')':
				p = append(p, '\\', octet)
			case '\r':
				p = append(p, '\\', 'r')
			default:
				p = append(p, octet)
			}
		}
	}
	p = append(p, ") Tj ET"...)
	b.raw = p
	b.pdf.RawWriteStr(string(p))
}

// number appends v with two decimals and a space, as gofpdf writes its own.
func number(p []byte, v float64) []byte {
	return append(strconv.AppendFloat(p, v, 'f', 2, 64), ' ')
}

func (b *book) fillColour(c colour) {
	if b.fill == c {
		return
	}
	b.fill = c
	b.pdf.RawWriteStr(string(append(components(b.raw[:0], c), "rg"...)))
}

func (b *book) strokeColour(c colour) {
	if b.stroke == c {
		return
	}
	b.stroke = c
	b.pdf.RawWriteStr(string(append(components(b.raw[:0], c), "RG"...)))
}

func components(p []byte, c colour) []byte {
	for _, v := range [3]uint8{c.r, c.g, c.b} {
		p = append(strconv.AppendFloat(p, float64(v)/255, 'f', 3, 64), ' ')
	}
	return p
}

// rect fills a rectangle; y is its upper edge.
func (b *book) rect(x, y, w, h float64, c colour) {
	if b.err != nil {
		return
	}
	b.fillColour(c)
	p := number(number(number(number(b.raw[:0], x), b.pageHeight-y-h), w), h)
	b.raw = append(p, "re f"...)
	b.pdf.RawWriteStr(string(b.raw))
}

// line draws a straight line.
func (b *book) line(x1, y1, x2, y2, width float64, c colour) {
	b.path([][2]float64{{x1, y1}, {x2, y2}}, width, c, noColour)
}

// path draws a polyline, or fills the polygon when fill is a colour; width 0 draws no outline.
func (b *book) path(points [][2]float64, width float64, c, fill colour) {
	if b.err != nil || len(points) == 0 {
		return
	}
	op := "S"
	if fill != noColour {
		b.fillColour(fill)
		op = "b"
		if width == 0 {
			op = "f"
		}
	}
	if width > 0 {
		b.strokeColour(c)
	}
	p := b.raw[:0]
	if width > 0 {
		p = append(number(p, width), "w "...)
	}
	for i, at := range points {
		p = number(number(p, at[0]), b.pageHeight-at[1])
		if i == 0 {
			p = append(p, "m "...)
		} else {
			p = append(p, "l "...)
		}
	}
	b.raw = append(p, op...)
	b.pdf.RawWriteStr(string(b.raw))
}

// dashed draws a straight dashed line.
func (b *book) dashed(x1, y1, x2, y2, width float64, c colour) {
	if b.err != nil {
		return
	}
	b.pdf.RawWriteStr("[1.6 1.6] 0 d")
	b.line(x1, y1, x2, y2, width, c)
	b.pdf.RawWriteStr("[] 0 d")
}

// disc draws a circle of radius r.
func (b *book) disc(x, y, r, width float64, c, fill colour) {
	const k = 0.5523 // for a circle of four Bézier curves
	if b.err != nil {
		return
	}
	op := "s"
	if fill != noColour {
		b.fillColour(fill)
		op = "b"
	}
	b.strokeColour(c)
	y = b.pageHeight - y
	p := append(number(b.raw[:0], width), "w "...)
	p = append(number(number(p, x+r), y), "m "...)
	for _, q := range [4][6]float64{{1, k, k, 1, 0, 1}, {-k, 1, -1, k, -1, 0}, {-1, -k, -k, -1, 0, -1}, {k, -1, 1, -k, 1, 0}} {
		for i := 0; i < 6; i += 2 {
			p = number(number(p, x+r*q[i]), y+r*q[i+1])
		}
		p = append(p, "c "...)
	}
	b.raw = append(p, op...)
	b.pdf.RawWriteStr(string(b.raw))
}
