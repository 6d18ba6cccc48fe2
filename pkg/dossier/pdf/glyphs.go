package pdf

import (
	"math"
)

// showUnits draws shaped text: each glyph by its code, as many at a time as stand where the one before them ends.
func (b *book) showUnits(r *run, c colour, x, y float64) {
	f := b.t.fonts.faces[r.face]
	size := r.style.size * f.scale
	var text []rune
	face := r.face
	var start, rise, pen float64
	flush := func() {
		if len(text) > 0 {
			b.show(face, size, c, start, y-rise, string(text))
			text = text[:0]
		}
	}
	for i := range r.units {
		u := &r.units[i]
		for k := range u.glyphs {
			g := &u.glyphs[k]
			code, ok := b.code(g.face, g.gid, g.text)
			if !ok { // a volume of more than 6,400 such glyphs
				for _, lost := range u.text {
					b.stats.MissingGlyphs[lost]++
				}
				flush()
				b.show(regular, r.style.size, c, x+float64(r.at[i]), y, "\uFFFD")
				break
			}
			at, up := x+float64(r.at[i])+float64(g.x), float64(g.y)
			silent := g.text == ""
			if silent { // readers are told that it says nothing (ISO 32000-1 §14.9.4)
				flush()
				b.pdf.RawWriteStr("/Span <</ActualText <FEFF>>> BDC")
			}
			if len(text) == 0 || g.face != face || math.Abs(at-pen) > 0.01 || up != rise {
				flush()
				face, start, rise = g.face, at, up
			}
			text = append(text, code)
			w, _ := b.t.fonts.faces[g.face].glyphWidth(g.gid)
			pen = at + float64(w)*size/1000
			if silent {
				flush()
				b.pdf.RawWriteStr("EMC")
			}
		}
	}
	flush()
}
