// Package pdfa knows what a PDF must be for archives: PDF/A-3, conformance level U (ISO 19005-3:2012, on ISO 32000-1). It assembles such a file from documents that gofpdf has drawn, which are
// none: their pages and the fonts' subsets are taken over, and everything else is written here: header, identifier, colour profile, metadata, maps to Unicode, links, outline, embedded
// files. Pages are written out as they come, so that a document of any length needs the memory of its longest part.
package pdfa

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zlib"

	"onrecord/pkg/cos"
	"onrecord/pkg/ordered"
)

// ErrForm says that a document is not of the form that gofpdf writes.
var ErrForm = errors.New("document is not of the form that gofpdf writes")

// Options say what a document tells of itself. The document information dictionary and the XMP metadata hold the same (ISO 19005-3 §6.6.3); "" is left out.
type Options struct {
	Title, Author, Subject, Keywords string
	Creator, Producer                string // the program
	Lang                             string // RFC 3066, such as "en"
	Created                          time.Time
	// Unicode gives the text for a code point that is drawn in its stead, such as one for private use that stands for an emoji. It is read by Close, and may grow until then.
	Unicode map[rune]string
}

// Destination is a place on a page.
type Destination struct {
	Page int     // from 1
	Top  float64 // in points from the lower edge
}

// Writer writes one document. Its methods are not called at the same time.
type Writer struct {
	out   *output
	o     Options
	pages []page
	fonts map[string]int // object numbers by /BaseFont
	names []string       // of fonts, in the order in which they were met
	// resources of all pages: object numbers by kind and name.
	resources map[string]map[string]int
	marks     []mark
	files     []embedded
	writers   sync.Pool // *zlib.Writer
	err       error
}

// page is one page: what it shows is written already.
type page struct {
	box      string // of numbers
	extra    string // further entries
	contents []int  // object numbers
	links    []link
}

type link struct {
	area [4]float64
	to   Destination
}

// NewWriter begins a document.
func NewWriter(w io.Writer, o Options) *Writer {
	for _, s := range []*string{&o.Title, &o.Author, &o.Subject, &o.Keywords, &o.Creator, &o.Producer, &o.Lang} {
		*s = printable(*s)
	}
	d := &Writer{out: newOutput(w), o: o, fonts: map[string]int{}, resources: map[string]map[string]int{"Font": {}, "XObject": {}}}
	d.writers.New = func() any { return zlib.NewWriter(io.Discard) }
	// Four octets above 127 say that the file is binary (§6.1.2).
	d.out.text("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return d
}

// Complete writes one document of gofpdf's with its own fonts.
func Complete(w io.Writer, doc []byte, o Options) error {
	d := NewWriter(w, o)
	if err := d.Pages(doc); err != nil {
		return err
	}
	return d.Close(doc)
}

// Pages appends the pages of a document, which may have no links, bookmarks or attachments of its own. Fonts are named by it, and taken from what Close is given.
func (d *Writer) Pages(doc []byte) error {
	return d.take(doc, func(_ int, p page) error {
		d.pages = append(d.pages, p)
		return nil
	})
}

// Overlay draws the pages of a document over those that are there already, from page first on (from 1).
func (d *Writer) Overlay(first int, doc []byte) error {
	return d.take(doc, func(i int, over page) error {
		n := first - 1 + i
		if n < 0 || n >= len(d.pages) {
			return fmt.Errorf("there is no page %d to draw over", n+1)
		}
		d.pages[n].contents = append(d.pages[n].contents, over.contents...)
		return nil
	})
}

// Link makes an area of a page (left, bottom, right, top in points) lead to a place.
func (d *Writer) Link(page int, area [4]float64, to Destination) {
	if page < 1 || page > len(d.pages) {
		d.fail(fmt.Errorf("there is no page %d for a link", page))
		return
	}
	p := &d.pages[page-1]
	p.links = append(p.links, link{area, to})
}

func (d *Writer) fail(err error) error {
	if d.err == nil {
		d.err = err
	}
	return d.err
}

// take writes what the pages of a document show, and hands them on.
func (d *Writer) take(doc []byte, add func(i int, p page) error) error {
	if d.err != nil {
		return d.err
	}
	s, err := read(doc)
	if err != nil {
		return d.fail(err)
	}
	sheets, err := s.pages()
	if err != nil {
		return d.fail(err)
	}
	copied, taken := d.copier(s), map[int]bool{}
	i := 0
	lim := ordered.Limits{Workers: runtime.GOMAXPROCS(0), Batch: 128 << 10, Flight: 4 << 20}
	err = ordered.Map(context.Background(), lim, iter.Seq[sheet](slices.Values(sheets)), func(p sheet) int64 { return int64(len(p.content)) },
		// What a page sets, it sets for itself: another stream may follow.
		func(p sheet) []byte { return d.packed([]byte("q\n"), p.content, []byte("\nQ\n")) },
		func(p sheet, packed []byte) error {
			if !taken[p.resources] {
				taken[p.resources] = true
				if err := copied.resources(p.resources); err != nil {
					return err
				}
			}
			n := d.out.number()
			d.out.stream(n, "/Filter /FlateDecode", packed)
			i++
			return add(i-1, page{box: p.box, extra: p.extra, contents: []int{n}})
		})
	if err != nil {
		return d.fail(err)
	}
	return d.fail(d.out.err)
}

// packed compresses some bytes (FlateDecode, ISO 32000-1 §7.4.4). The compressor is a pinned module's, three times as fast as that of Go's library: another release of Go does not give
// other bytes.
func (d *Writer) packed(pieces ...[]byte) []byte {
	var b bytes.Buffer
	z := d.writers.Get().(*zlib.Writer)
	defer d.writers.Put(z)
	z.Reset(&b)
	for _, p := range pieces {
		z.Write(p) // into memory: it does not fail
	}
	z.Close()
	return b.Bytes()
}

// Close ends the document with the fonts of fonts, a document of gofpdf's with all the fonts of the pages, which name them by /BaseFont, or as that document does. The writer underneath is
// not closed.
func (d *Writer) Close(fonts []byte) error {
	if d.err != nil {
		return d.err
	}
	if len(d.pages) == 0 {
		return d.fail(errors.New("a document without a page"))
	}
	if err := d.writeFonts(fonts); err != nil {
		return d.fail(err)
	}
	tree := d.out.number()
	first, err := d.writePages(tree, d.writeResources())
	if err != nil {
		return d.fail(err)
	}
	profile := d.out.number()
	d.out.stream(profile, "/N 3 /Filter /FlateDecode", d.packed(sRGB()))
	intent := d.out.number()
	d.out.object(intent, fmt.Sprintf("<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) /DestOutputProfile %d 0 R>>", profile))
	metadata := d.out.number()
	d.out.stream(metadata, "/Type /Metadata /Subtype /XML", d.xmp()) // not compressed (§6.6.2.1)

	var catalog strings.Builder
	fmt.Fprintf(&catalog, "<</Type /Catalog\n/Version /1.7\n/Pages %d 0 R\n/Metadata %d 0 R\n/OutputIntents [%d 0 R]\n/OpenAction [%d 0 R /Fit]\n/PageLayout /SinglePage\n/MarkInfo <</Marked false>>\n/ViewerPreferences <</DisplayDocTitle true /NonFullScreenPageMode /UseOutlines>>\n",
		tree, metadata, intent, first)
	if d.o.Lang != "" {
		fmt.Fprintf(&catalog, "/Lang %s\n", cos.Text(d.o.Lang))
	}
	if outline := d.writeOutline(first); outline > 0 {
		fmt.Fprintf(&catalog, "/Outlines %d 0 R\n/PageMode /UseOutlines\n", outline)
	}
	if names, list := d.writeFileNames(); names > 0 {
		fmt.Fprintf(&catalog, "/Names <</EmbeddedFiles %d 0 R>>\n/AF %s\n", names, list)
	}
	info := d.out.number()
	d.out.object(info, d.info())
	root := d.out.number()
	d.out.object(root, catalog.String()+">>")
	return d.fail(d.out.end(root, info))
}

// leaf is the number of pages in a node of the page tree.
const leaf = 50

// writePages writes the page tree with the given number, and gives the number of the first page; the others follow it.
func (d *Writer) writePages(tree, resources int) (first int, err error) {
	nodes := (len(d.pages) + leaf - 1) / leaf
	node := d.out.numbers(nodes)
	first = d.out.numbers(len(d.pages))
	at := func(to Destination) (string, error) {
		if to.Page < 1 || to.Page > len(d.pages) {
			return "", fmt.Errorf("there is no page %d to lead to", to.Page)
		}
		return destination(first, to), nil
	}
	var b bytes.Buffer
	for i := range d.pages {
		p := &d.pages[i]
		b.Reset()
		fmt.Fprintf(&b, "<</Type /Page\n/Parent %d 0 R\n/MediaBox [%s]\n/Resources %d 0 R\n%s", node+i/leaf, p.box, resources, p.extra)
		b.WriteString("/Contents [")
		for k, number := range p.contents {
			if k > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%d 0 R", number)
		}
		b.WriteByte(']')
		for k, l := range p.links {
			if k == 0 {
				b.WriteString("\n/Annots [")
			}
			to, err := at(l.to)
			if err != nil {
				return 0, err
			}
			// F: it is printed (§6.3.2).
			fmt.Fprintf(&b, "<</Type /Annot /Subtype /Link /F 4 /Rect [%.2f %.2f %.2f %.2f] /Border [0 0 0] /Dest %s>>\n", l.area[0], l.area[1], l.area[2], l.area[3], to)
		}
		if len(p.links) > 0 {
			b.WriteByte(']')
		}
		b.WriteString(">>")
		d.out.object(first+i, b.String())
	}
	var kids []string
	for k := range nodes {
		from, to := k*leaf, min((k+1)*leaf, len(d.pages))
		d.out.object(node+k, fmt.Sprintf("<</Type /Pages\n/Parent %d 0 R\n/Count %d\n/Kids [%s]>>", tree, to-from, references(first+from, first+to)))
		kids = append(kids, fmt.Sprintf("%d 0 R", node+k))
	}
	d.out.object(tree, fmt.Sprintf("<</Type /Pages\n/Count %d\n/Kids [%s]>>", len(d.pages), strings.Join(kids, " ")))
	return first, nil
}

func references(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "%d 0 R ", n)
	}
	return strings.TrimRight(b.String(), " ")
}

func destination(firstPage int, to Destination) string {
	return fmt.Sprintf("[%d 0 R /XYZ 0 %.2f null]", firstPage+to.Page-1, to.Top)
}

// printable leaves out what XML cannot say, so that both kinds of metadata hold the same text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff || r == '\ufeff' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// info is the document information dictionary (ISO 32000-1 §14.3.3).
func (d *Writer) info() string {
	var b strings.Builder
	b.WriteString("<<")
	for _, e := range [...]struct{ key, text string }{{"Title", d.o.Title}, {"Author", d.o.Author}, {"Subject", d.o.Subject}, {"Keywords", d.o.Keywords}, {"Creator", d.o.Creator}, {"Producer", d.o.Producer}} {
		if e.text != "" {
			fmt.Fprintf(&b, "/%s %s\n", e.key, cos.Text(e.text))
		}
	}
	fmt.Fprintf(&b, "/CreationDate (%s)\n/ModDate (%s)>>", cos.Date(d.o.Created), cos.Date(d.o.Created))
	return b.String()
}

// output writes objects and remembers where they stand.
type output struct {
	w   io.Writer
	sum hash.Hash
	buf []byte
	at  int64
	to  []int64 // offsets by number; to[0] is none
	err error
}

func newOutput(w io.Writer) *output {
	return &output{w: w, sum: sha256.New(), to: make([]int64, 1)}
}

// flushAt is how much is gathered before it is written.
const flushAt = 64 << 10

func (o *output) write(p []byte) {
	o.at += int64(len(p))
	o.buf = append(o.buf, p...)
	if len(o.buf) >= flushAt {
		o.flush()
	}
}

func (o *output) flush() {
	if o.err == nil {
		o.sum.Write(o.buf)
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
}

func (o *output) text(s string) { o.write([]byte(s)) }

func (o *output) printf(format string, a ...any) { o.write(fmt.Appendf(nil, format, a...)) }

// number reserves the number of one object.
func (o *output) number() int { return o.numbers(1) }

// numbers reserves n numbers in a row and gives the first.
func (o *output) numbers(n int) int {
	first := len(o.to)
	o.to = append(o.to, make([]int64, n)...)
	return first
}

func (o *output) begin(number int) {
	o.to[number] = o.at
	o.printf("%d 0 obj\n", number)
}

func (o *output) object(number int, body string) {
	o.begin(number)
	o.text(body)
	o.text("\nendobj\n")
}

// stream writes a stream with entries of its dictionary besides the length.
func (o *output) stream(number int, entries string, data []byte) {
	o.begin(number)
	o.printf("<<%s /Length %d>>\nstream\n", entries, len(data))
	o.write(data)
	o.text("\nendstream\nendobj\n")
}

// end writes the table of offsets and the trailer. The identifier is of the content: everything before it.
func (o *output) end(root, info int) error {
	start := o.at
	o.printf("xref\n0 %d\n0000000000 65535 f \n", len(o.to))
	for n, at := range o.to[1:] {
		if at == 0 && o.err == nil {
			o.err = fmt.Errorf("object %d was never written", n+1)
		}
		if at > 9_999_999_999 && o.err == nil {
			o.err = errors.New("the document is longer than its table of offsets can say")
		}
		o.printf("%010d 00000 n \n", at)
	}
	o.flush()
	id := o.sum.Sum(nil)[:16]
	o.printf("trailer\n<</Size %d\n/Root %d 0 R\n/Info %d 0 R\n/ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n", len(o.to), root, info, id, id, start)
	o.flush()
	return o.err
}
