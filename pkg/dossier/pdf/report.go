package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jung-kurt/gofpdf"

	"onrecord/pkg/pdfa"
)

// Sizes of a page of plain text, in millimetres and points.
const (
	textMargin   = 18.0
	textSize     = 7.6
	textLeading  = 3.8
	textColumns  = 106
	textLastLine = 275.0
)

// Text writes plain text on A4 pages, in letters of one width: a draft to be completed by hand, or a report. Lines that are too long are broken; characters that the font cannot draw are
// written as [U+XXXX]. The same text, title and time give the same bytes.
func Text(w io.Writer, title, lang, text string, at time.Time) error {
	_, err := Pages(w, title, lang, text, at)
	return err
}

// Pages is Text, and tells how many pages it wrote.
func Pages(w io.Writer, title, lang, text string, at time.Time) (int, error) {
	fonts, err := newFontSet(nil)
	if err != nil {
		return 0, err
	}
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetCreationDate(at.UTC())
	f.SetModificationDate(at.UTC())
	f.SetCatalogSort(true)
	f.SetCompression(false) // pdfa does it
	f.SetMargins(textMargin, textMargin, textMargin)
	f.SetAutoPageBreak(false, 0)
	f.AddUTF8FontFromBytes(fonts.faces[mono].family, "", []byte(fonts.faces[mono].ttf))
	y := textLastLine + 1
	for line := range strings.Lines(text) {
		for _, piece := range textLines(fonts.faces[mono], strings.TrimRight(line, "\r\n")) {
			if y > textLastLine {
				f.AddPage()
				f.SetFont(fonts.faces[mono].family, "", textSize-1.5)
				f.Text(textMargin, 289, fmt.Sprintf("%s  ·  %d", title, f.PageNo()))
				f.SetFont(fonts.faces[mono].family, "", textSize)
				y = textMargin + textLeading
			}
			f.Text(textMargin, y, piece)
			y += textLeading
		}
	}
	if f.PageNo() == 0 {
		f.AddPage()
	}
	var doc bytes.Buffer
	if err := f.Output(&doc); err != nil {
		return 0, err
	}
	return f.PageNo(), pdfa.Complete(w, doc.Bytes(), pdfa.Options{Title: title, Creator: "onrecord", Producer: "onrecord", Lang: lang, Created: at})
}

// textLines cuts a line into pieces of textColumns characters, at blanks where there are any.
func textLines(m *face, line string) []string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(strings.ToValidUTF8(line, "\ufffd"), "\t", "    ") {
		if _, ok := m.advance(r); !ok || hidden(r) {
			fmt.Fprintf(&b, "[U+%04X]", r)
			continue
		}
		b.WriteRune(r)
	}
	rest := []rune(b.String())
	var all []string
	for len(rest) > textColumns {
		cut := textColumns
		for i := textColumns; i > textColumns/2; i-- {
			if rest[i] == ' ' {
				cut = i
				break
			}
		}
		all = append(all, string(rest[:cut]))
		rest = []rune(strings.TrimLeft(string(rest[cut:]), " "))
	}
	return append(all, string(rest))
}
