package pdf

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jung-kurt/gofpdf"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
)

// The page in points: one column for text and a narrow one to its right for notes. The measure is the same on every paper.
const (
	measure   = 477.28
	top       = 72.0
	topHeader = 44.0 // baseline of the header line
)

// paper is a sheet and where its text stands, in points.
type paper struct {
	pageWidth, pageHeight float64
	left, right           float64
	bottom                float64
}

var papers = map[string]paper{
	"a4":     {595.28, 841.89, 66, 66 + measure, 841.89 - 66},
	"letter": {612, 792, 74, 74 + measure, 792 - 62},
}

// colour is an RGB colour; the zero value is none.
type colour struct{ r, g, b uint8 }

// The palette: ink, greys, one accent, and the washes behind statements.
var (
	noColour  = colour{}
	ink       = colour{32, 36, 42}
	grey      = colour{98, 105, 114}
	pale      = colour{150, 156, 164}
	rule      = colour{205, 209, 214}
	panel     = colour{246, 247, 248}
	accent    = colour{26, 70, 108}
	amber     = colour{255, 242, 204}
	amberDeep = colour{250, 224, 150}
	washGrey  = colour{236, 237, 239}
	alert     = colour{158, 42, 43}
)

// place is where an anchor lies.
type place struct {
	volume, page int
	y            float64
}

// citation is a piece of a page that leads to an anchor. It is resolved when its volume is finished, for most citations point forward.
type citation struct {
	page       int
	x, y, w, h float64
	to         string
}

// pageRef is a page number to be printed when its volume is finished, ending at x, or starting there if flush is set.
type pageRef struct {
	page  int
	x, y  float64
	size  float64
	to    string
	flush bool
}

// book is the document being written: the volume in the making and what outlives a volume.
type book struct {
	create func(volume int) (io.WriteCloser, error)
	d      *dossier.Dossier
	o      Options
	w      *labels
	say    *words.Teller
	t      typesetter
	paper
	bounds bounds
	stats  Stats
	err    error // the first one; nothing is drawn after it

	pdf     *gofpdf.Fpdf
	page    int // of this volume, from 1
	y       float64
	footers []string // what stands at the left of each page's footer
	section string   // the same for pages to come
	// exhibitNow is the exhibit that is being drawn.
	exhibitNow int
	cites      []citation
	refs       []pageRef
	anchors    map[string]place

	thumbCount  int // images shown
	thumbPixels int64

	held         []headerOf // for the appendix, while headerOctets is within its bound
	headerOctets int

	// What gofpdf's page stands at, so that nothing is said twice.
	font     *face
	fontSize float64
	fill     colour
	stroke   colour
	known    [faceCount][0x10000]bool // runes that gofpdf has been told of
	raw      []byte
	outlined bool // the volume has a bookmark
}

// openVolume starts the next volume.
func (b *book) openVolume() {
	b.stats.Volumes++
	pdf := gofpdf.NewCustom(&gofpdf.InitType{UnitStr: "pt", Size: gofpdf.SizeType{Wd: b.pageWidth, Ht: b.pageHeight}})
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCompression(false) // pack does it
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	pdf.SetCatalogSort(true)
	at := b.d.GeneratedAt.UTC()
	pdf.SetCreationDate(at)
	pdf.SetModificationDate(at)
	pdf.SetProducer(b.plain("onrecord "+b.o.Version), true)
	pdf.SetCreator(b.plain("onrecord "+b.o.Version), true)
	pdf.SetTitle(b.plain(b.title()), true)
	pdf.SetSubject(b.plain(b.w.DocSubject), true)
	if b.d.Case.PreparedBy != "" {
		pdf.SetAuthor(b.plain(b.d.Case.PreparedBy), true)
	}
	for id, f := range b.t.fonts {
		pdf.AddUTF8FontFromBytes(f.family, "", []byte(f.ttf)) // a copy: gofpdf writes into it
		b.known[id] = [0x10000]bool{}
	}
	pdf.SetDisplayMode("fullpage", "SinglePage")
	b.pdf, b.page, b.outlined = pdf, 0, false
	b.footers, b.cites, b.refs = b.footers[:0], b.cites[:0], b.refs[:0]
}

// newPage starts a page, and with it a volume where the last one is full.
func (b *book) newPage() {
	if b.err != nil {
		return
	}
	if b.pdf == nil {
		b.openVolume()
	} else if b.page >= b.bounds.pages {
		b.closeVolume(false)
		b.openVolume()
	}
	b.pdf.AddPage()
	b.page++
	b.stats.Pages++
	b.footers = append(b.footers, b.section)
	b.forget()
	b.y = top
}

// forget drops what is known of the state of gofpdf's page.
func (b *book) forget() {
	b.font, b.fontSize, b.fill, b.stroke = nil, 0, noColour, noColour
}

// need starts a new page unless h points are left on this one.
func (b *book) need(h float64) {
	if b.y+h > b.bottom+hair && b.y > top {
		b.newPage()
	}
}

// closeVolume resolves what could not be known before, writes header and footer lines, and hands the volume over.
func (b *book) closeVolume(last bool) {
	if b.err != nil || b.pdf == nil {
		return
	}
	for _, r := range b.refs {
		b.turnTo(r.page)
		p, ok := b.anchors[r.to]
		text := b.w.LaterVolume
		switch {
		case ok && p.volume == b.stats.Volumes:
			text = strconv.Itoa(p.page)
		case ok:
			text = fmt.Sprintf(b.w.VolumePage, p.volume, p.page)
		}
		s := style{size: r.size, ink: ink, to: r.to}
		if r.flush {
			b.text(r.x, r.y, text, s)
		} else {
			b.textRight(r.x, r.y, text, s)
		}
	}
	links := map[string]int{}
	for _, c := range b.cites {
		p, ok := b.anchors[c.to]
		if !ok || p.volume != b.stats.Volumes {
			continue
		}
		id, ok := links[c.to]
		if !ok {
			id = b.pdf.AddLink()
			b.pdf.SetLink(id, p.y, p.page)
			links[c.to] = id
		}
		b.pdf.SetPage(c.page)
		b.pdf.Link(c.x, c.y, c.w, c.h, id)
	}
	b.frames(last)
	b.pdf.SetPage(b.page)
	out, err := b.create(b.stats.Volumes)
	if err != nil {
		b.err = err
		return
	}
	var doc whole
	err = b.pdf.Output(&doc)
	b.pdf = nil
	if err == nil {
		err = pack(out, doc.text)
	}
	doc.text = nil
	if err != nil {
		b.err = fmt.Errorf("write volume %d: %w", b.stats.Volumes, err)
		_ = out.Close()
		return
	}
	if err := out.Close(); err != nil {
		b.err = fmt.Errorf("close volume %d: %w", b.stats.Volumes, err)
	}
}

// whole takes what is written at once without a copy: gofpdf hands its finished document over so, and a volume is large.
type whole struct{ text []byte }

func (w *whole) Write(p []byte) (int, error) {
	if w.text == nil {
		w.text = p
	} else {
		w.text = append(w.text[:len(w.text):len(w.text)], p...)
	}
	return len(p), nil
}

// frames draws the header and footer lines of all pages, now that their number is known.
func (b *book) frames(last bool) {
	const size = 6.8
	matter := b.t.fit(b.title(), bold, size, measure*0.7)
	ref := b.t.fit(b.d.Case.Reference, regular, size, measure*0.28)
	before := b.stats.Pages - b.page // in the volumes before
	for page := 1; page <= b.page; page++ {
		b.turnTo(page)
		if b.stats.Volumes > 1 || page > 1 {
			b.text(b.left, 44, matter, style{face: bold, size: size, ink: grey})
			b.textRight(b.right, 44, ref, style{size: size, ink: grey})
			b.line(b.left, 50, b.right, 50, 0.4, rule)
		}
		y := b.pageHeight - 40.0
		b.line(b.left, y-10, b.right, y-10, 0.4, rule)
		b.text(b.left, y, b.t.fit(b.footers[page-1], bold, size, measure*0.36), style{face: bold, size: size, ink: ink})
		count := fmt.Sprintf(b.w.PageOf, page, b.page)
		if b.stats.Volumes > 1 || !last {
			count = fmt.Sprintf(b.w.Volume, b.stats.Volumes) + " · " + count
		}
		b.textRight(b.right, y, count, style{size: size, ink: ink})
		if number := b.o.Bates.of(before + page - 1); number != "" {
			b.text(b.left+(measure-b.t.measure(number, bold, 7.6))/2, y, number, style{face: bold, size: 7.6, ink: ink})
		}
		b.text(b.left, y+9.5, b.w.EvidenceDigest, style{size: 6, ink: grey})
		b.textRight(b.right, y+9.5, b.o.EvidenceDigest, style{face: mono, size: 6, ink: grey})
	}
}

func (b *book) turnTo(page int) {
	b.pdf.SetPage(page)
	b.forget()
}

// anchor names this place of this page.
func (b *book) anchor(name string, y float64) {
	if _, ok := b.anchors[name]; !ok {
		b.anchors[name] = place{b.stats.Volumes, b.page, max(0, y)}
	}
}

// bookmark adds an entry of the outline, below its chapter (level 0) or as one. Where a new volume goes on with exhibits, their chapter
// is named again.
func (b *book) bookmark(text string, level int, y float64) {
	if b.err != nil {
		return
	}
	b.useFont(regular, 8) // gofpdf encodes the text by the current font
	if level > 0 && !b.outlined {
		b.pdf.Bookmark(b.plain(b.w.ExhibitsTitle), 0, max(0, y))
	}
	b.outlined = true
	b.pdf.Bookmark(b.plain(text), level, max(0, y))
}

// plain makes text fit for where no font is at work: titles and bookmarks.
func (b *book) plain(text string) string {
	b.t.compose([]span{{text: text, style: style{size: 8}}})
	b.raw = b.raw[:0]
	for i := range b.t.cells {
		if i == 200 {
			return string(b.raw) + "…"
		}
		b.raw = append(b.raw, string(b.t.cells[i].r)...)
	}
	return string(b.raw)
}

// readable makes text fit for a text file, in logical order: what leaves no mark on paper is written by number.
func (b *book) readable(text string) string {
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if hidden(r) {
			fmt.Fprintf(&out, "[U+%04X]", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func (b *book) title() string {
	if b.d.Case.Title != "" {
		return b.d.Case.Title
	}
	return b.w.Untitled
}
