package pdf

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jung-kurt/gofpdf"
	"golang.org/x/image/font/sfnt"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/pdfa"
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
	v      *view
	o      Options
	w      *labels
	say    *words.Teller
	t      typesetter
	paper
	bounds bounds
	stats  Stats
	err    error // the first one; nothing is drawn after it

	out     io.WriteCloser // of this volume
	volume  *pdfa.Writer
	pdf     *gofpdf.Fpdf // the part of the volume that is being drawn
	drawn   int          // pages of it
	packing chan error   // the outcome for the part before, which is written meanwhile; nil if none is
	page    int          // of this volume, from 1
	y       float64
	footers []string // what stands at the left of each page's footer
	section string   // the same for pages to come
	// exhibitNow is the exhibit that is being drawn.
	exhibitNow int
	cites      []citation
	refs       []pageRef
	marks      []bookmark
	anchors    map[string]place

	embeds *embedding // once it is decided

	thumbCount  int // images shown
	thumbPixels int64

	held         []headerOf // for the appendix, while headerOctets is within its bound
	headerOctets int

	// What gofpdf's page stands at, so that nothing is said twice.
	font     *face
	fontSize float64
	fill     colour
	stroke   colour
	raw      []byte

	// What the volume draws: glyphs by face and code, the private codes among them, and the text that each of these stands for.
	glyphs []*[0x10000]sfnt.GlyphIndex
	codes  map[shown]rune
	texts  map[rune]string
}

// openVolume starts the next volume.
func (b *book) openVolume() {
	b.stats.Volumes++
	if b.out, b.err = b.create(b.stats.Volumes); b.err != nil {
		b.out = nil
		return
	}
	b.glyphs, b.codes, b.texts = make([]*[0x10000]sfnt.GlyphIndex, len(b.t.fonts.faces)), map[shown]rune{}, map[rune]string{}
	by := b.plain("onrecord " + b.o.Version)
	b.volume = pdfa.NewWriter(b.out, pdfa.Options{Title: b.plain(b.title()), Author: b.plain(b.d.Case.PreparedBy), Subject: b.plain(b.w.DocSubject), Creator: by, Producer: by,
		Lang: b.w.say.Lang(), Created: b.d.GeneratedAt, Unicode: b.texts})
	b.page = 0
	b.footers, b.cites, b.refs, b.marks = b.footers[:0], b.cites[:0], b.refs[:0], b.marks[:0]
}

// newPage starts a page, and with it a volume where the last one is full.
func (b *book) newPage() {
	if b.err == nil && b.volume != nil && b.page >= b.bounds.pages {
		b.closeVolume(false)
	}
	if b.err == nil && b.volume == nil {
		b.openVolume()
	}
	if b.err != nil {
		return
	}
	if b.drawn >= b.bounds.part {
		b.closePart(b.volume.Pages)
	}
	b.addPage()
	b.page++
	b.stats.Pages++
	b.footers = append(b.footers, b.section)
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
	if b.err != nil || b.volume == nil {
		return
	}
	b.closePart(b.volume.Pages)
	b.frames(last)
	b.wait()
	for _, c := range b.cites {
		if p, ok := b.anchors[c.to]; ok && p.volume == b.stats.Volumes {
			b.volume.Link(c.page, [4]float64{c.x, b.pageHeight - c.y - c.h, c.x + c.w, b.pageHeight - c.y}, b.destination(p))
		}
	}
	for _, m := range b.marks {
		b.volume.Bookmark(m.title, m.level, b.destination(m.place))
	}
	if b.err == nil && b.stats.Volumes == 1 {
		b.err = b.embed()
	}
	if b.err == nil {
		b.err = b.closeFonts()
	}
	if b.err == nil {
		b.err = b.out.Close()
		b.out, b.volume = nil, nil
	}
	if b.err != nil {
		b.err = fmt.Errorf("write volume %d: %w", b.stats.Volumes, b.err)
	}
}

func (b *book) destination(p place) pdfa.Destination {
	return pdfa.Destination{Page: p.page, Top: b.pageHeight - p.y}
}

// abandon closes what is open after a failure.
func (b *book) abandon() {
	b.wait()
	if b.out != nil {
		_ = b.out.Close()
		b.out = nil
	}
}

// frames draws the header and footer lines of all pages, now that their number is known, and the page numbers that lines of them name.
func (b *book) frames(last bool) {
	pages, refs := b.page, b.refs
	slices.SortStableFunc(refs, func(x, y pageRef) int { return x.page - y.page })
	before := b.stats.Pages - pages // in the volumes before
	first := 1
	for page := 1; page <= pages; page++ {
		b.addPage()
		b.page = page
		for len(refs) > 0 && refs[0].page == page {
			b.pageNumber(refs[0])
			refs = refs[1:]
		}
		b.frame(page, pages, before, last)
		if b.drawn >= 4*b.bounds.part || page == pages {
			from := first
			first = page + 1
			b.closePart(func(doc []byte) error { return b.volume.Overlay(from, doc) })
		}
	}
}

// pageNumber writes the number of the page where an anchor lies.
func (b *book) pageNumber(r pageRef) {
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

// frame draws the header and footer lines of one page.
func (b *book) frame(page, pages, before int, last bool) {
	const size = 6.8
	if b.stats.Volumes > 1 || page > 1 {
		b.text(b.left, 44, b.t.fit(b.title(), bold, size, measure*0.7), style{face: bold, size: size, ink: grey})
		b.textRight(b.right, 44, b.t.fit(b.d.Case.Reference, regular, size, measure*0.28), style{size: size, ink: grey})
		b.line(b.left, 50, b.right, 50, 0.4, rule)
	}
	y := b.pageHeight - 40.0
	b.line(b.left, y-10, b.right, y-10, 0.4, rule)
	b.text(b.left, y, b.t.fit(b.footers[page-1], bold, size, measure*0.36), style{face: bold, size: size, ink: ink})
	count := fmt.Sprintf(b.w.PageOf, page, pages)
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

// anchor names this place of this page.
func (b *book) anchor(name string, y float64) {
	if _, ok := b.anchors[name]; !ok {
		b.anchors[name] = place{b.stats.Volumes, b.page, max(0, y)}
	}
}

// bookmark is an entry of the outline.
type bookmark struct {
	title string
	level int
	place place
}

// bookmark adds an entry to the outline, below its chapter (level 0) or as one. Where a new volume goes on with exhibits, their chapter
// is named again.
func (b *book) bookmark(text string, level int, y float64) {
	if b.err != nil {
		return
	}
	here := place{b.stats.Volumes, b.page, max(0, y)}
	if level > 0 && len(b.marks) == 0 {
		b.marks = append(b.marks, bookmark{b.plain(b.w.ExhibitsTitle), 0, here})
	}
	b.marks = append(b.marks, bookmark{b.plain(text), level, here})
}

// plain makes text fit for titles and bookmarks.
func (b *book) plain(text string) string { return cut(b.readable(text), 200) }

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
