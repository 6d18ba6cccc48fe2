package pdf

import (
	"cmp"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// gofpdf holds a document in memory until its end, about 50 kB a page. So a volume is drawn in parts, each a document of its own whose pages pdfa takes over; while one is drawn, the
// one before is written. A font's glyphs are drawn by their code points, so that gofpdf need not know of fonts until the end: then it makes one subset of each that serves all parts.

// draw begins a document for one part.
func (b *book) draw() *gofpdf.Fpdf {
	return newDrawing(b.pageWidth, b.pageHeight, b.d.GeneratedAt)
}

func newDrawing(width, height float64, at time.Time) *gofpdf.Fpdf {
	pdf := gofpdf.NewCustom(&gofpdf.InitType{UnitStr: "pt", Size: gofpdf.SizeType{Wd: width, Ht: height}})
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCompression(false) // pdfa does it, several pages at a time
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(at) // gofpdf asks the clock otherwise
	pdf.SetModificationDate(at)
	return pdf
}

// addPage adds a page to the part, or begins one.
func (b *book) addPage() {
	if b.pdf == nil {
		b.pdf, b.drawn = b.draw(), 0
	}
	b.pdf.AddPage()
	b.drawn++
	b.forget()
}

// fontName is what the pages call a face: the name that gofpdf gives the font (/BaseFont).
func fontName(f *face) string { return "utf8" + f.family }

// closePart ends the part and has its pages written, while the next part is drawn.
func (b *book) closePart(take func(doc []byte) error) {
	if b.pdf == nil {
		return
	}
	pdf := b.pdf
	b.pdf, b.drawn = nil, 0
	b.wait()
	if b.err != nil {
		return
	}
	done := make(chan error, 1)
	b.packing = done
	go func() {
		doc, err := finished(pdf)
		if err == nil {
			err = take(doc)
		}
		done <- err
	}()
}

// wait waits for the part that is being written.
func (b *book) wait() {
	if b.packing != nil {
		b.err = cmp.Or(b.err, <-b.packing)
		b.packing = nil
	}
}

// closeFonts gives the volume its fonts, in a document that shows every character that was drawn.
func (b *book) closeFonts() error {
	b.addPage()
	for id, glyphs := range b.glyphs {
		if glyphs == nil {
			continue
		}
		var all []rune
		for code, g := range glyphs {
			if g != 0 {
				all = append(all, rune(code))
			}
		}
		f := b.t.fonts.faces[id]
		b.pdf.AddUTF8FontFromBytes(f.family, "", recoded(f.ttf, glyphs))
		b.pdf.SetFont(f.family, "", 8)
		b.pdf.Text(0, 0, string(all))
	}
	doc, err := finished(b.pdf)
	b.pdf, b.drawn = nil, 0
	if err != nil {
		return err
	}
	return b.volume.Close(doc)
}

func finished(pdf *gofpdf.Fpdf) ([]byte, error) {
	var doc whole
	err := pdf.Output(&doc)
	return doc.text, err
}

// whole takes what is written at once without a copy: gofpdf hands its finished document over so, and a part is large.
type whole struct{ text []byte }

func (w *whole) Write(p []byte) (int, error) {
	if w.text == nil {
		w.text = p
	} else {
		w.text = append(w.text[:len(w.text):len(w.text)], p...)
	}
	return len(p), nil
}
