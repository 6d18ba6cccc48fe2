package pdf

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
)

// WriteTimeline writes the timeline's drawing as an SVG 1.1 file that loads nothing: the same plates as in the PDF, one below the other. The numbers of exhibits
// lead to dossier.html beside it. The same dossier and options give the same bytes. Errors are those of w and of d.Messages.
func WriteTimeline(w io.Writer, d *dossier.Dossier, o Options) error {
	fonts, err := newFontSet(o.Fonts)
	if err != nil {
		return err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	b := &book{d: d, o: o, w: labelsIn(d.Options.Lang), paper: papers["a4"], t: typesetter{fonts: fonts}}
	b.say = words.Tell(b.w.say, d, o.Zone)
	v, err := survey(d)
	if err != nil {
		return err
	}
	return b.drawing(w, v)
}

// drawing writes the SVG file.
func (b *book) drawing(w io.Writer, v *view) error {
	sheet := b.paper
	b.paper = papers["a4"]
	defer func() { b.paper = sheet }()
	slots, all := b.slots(v)
	const margin = 20.0
	out := &svg{b: b, shift: margin - b.left, body: &strings.Builder{}}
	out.text(b.left, 26, b.t.fit(oneLine(b.title()), bold, 12, measure), style{face: bold, size: 12, ink: ink})
	note := b.w.EvidenceDigest + " " + b.o.EvidenceDigest
	if len(slots) < all {
		note = fmt.Sprintf(b.w.TimelineSome, len(slots), all) + " " + note
	}
	out.text(b.left, 38, b.t.fit(note, regular, 6.4, measure), style{size: 6.4, ink: grey})
	y := b.legend(out, 46)
	for _, part := range stretchesOf(slots) {
		p := b.newPlate(part)
		b.drawPlate(out, v, p, y)
		y += p.height + 10
	}
	y += margin
	f := bufio.NewWriter(w)
	fmt.Fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.2f %.2f\" xml:lang=\"%s\" role=\"img\">\n",
		(measure+2*margin)*4/3, y*4/3, measure+2*margin, y, b.say.Lang())
	fmt.Fprintf(f, "<title>%s</title>\n<desc>%s</desc>\n<style>text{font-family:'DejaVu Sans Condensed','DejaVu Sans','Liberation Sans Narrow',Arial,sans-serif;unicode-bidi:plaintext;white-space:pre}.b{font-weight:bold}</style>\n",
		out.clean(b.title()+": "+b.w.TimelineTitle), out.clean(b.w.TimelineIntro))
	fmt.Fprintf(f, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n")
	f.WriteString(out.body.String())
	f.WriteString("</svg>\n")
	return f.Flush()
}

// svg is a canvas that writes SVG elements.
type svg struct {
	b     *book
	shift float64 // of all x
	body  *strings.Builder
}

func (c colour) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// clean makes text fit for XML: what would leave no mark or turn the direction is written by number, as on paper.
func (s *svg) clean(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s.b.readable(text))
}

func (s *svg) text(x, y float64, text string, st style) {
	if text == "" {
		return
	}
	class := ""
	if st.face == bold {
		class = ` class="b"`
	}
	element := fmt.Sprintf(`<text x="%.2f" y="%.2f" font-size="%.1f" textLength="%.2f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`, x+s.shift, y, st.size,
		s.b.t.measure(text, st.face, st.size), st.ink.hex(), class, s.clean(text))
	if st.to != "" {
		element = fmt.Sprintf(`<a xlink:href="dossier.html#%s">%s</a>`, s.clean(st.to), element)
	}
	s.body.WriteString(element + "\n")
}

func (s *svg) rect(x, y, w, h float64, c colour) {
	fmt.Fprintf(s.body, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"/>`+"\n", x+s.shift, y, w, h, c.hex())
}

func (s *svg) line(x1, y1, x2, y2, width float64, c colour) { s.stroke(x1, y1, x2, y2, width, c, "") }

func (s *svg) dashed(x1, y1, x2, y2, width float64, c colour) {
	s.stroke(x1, y1, x2, y2, width, c, ` stroke-dasharray="1.6 1.6"`)
}

func (s *svg) stroke(x1, y1, x2, y2, width float64, c colour, more string) {
	fmt.Fprintf(s.body, `<line x1="%.2f" y1="%.2f" x2="%.2f" y2="%.2f" stroke="%s" stroke-width="%.1f"%s/>`+"\n", x1+s.shift, y1, x2+s.shift, y2, c.hex(), width, more)
}

func (s *svg) path(points [][2]float64, width float64, c, fill colour) {
	var at strings.Builder
	for i, p := range points {
		if i > 0 {
			at.WriteByte(' ')
		}
		fmt.Fprintf(&at, "%.2f,%.2f", p[0]+s.shift, p[1])
	}
	fmt.Fprintf(s.body, `<polygon points="%s" fill="%s" stroke="%s" stroke-width="%.1f"/>`+"\n", at.String(), fill.hex(), c.hex(), width)
}

func (s *svg) disc(x, y, r, width float64, c, fill colour) {
	fmt.Fprintf(s.body, `<circle cx="%.2f" cy="%.2f" r="%.1f" fill="%s" stroke="%s" stroke-width="%.1f"/>`+"\n", x+s.shift, y, r, fill.hex(), c.hex(), width)
}
