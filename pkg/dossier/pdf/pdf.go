// Package pdf writes a dossier as PDF volumes (ISO 32000-1): a page for the table, people, timeline, who knew what, one exhibit per
// message, and appendices. It knows typography only; every fact comes from the dossier.
package pdf

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
)

// Options of the PDF.
type Options struct {
	Zone           *time.Location // in which times are told; nil is UTC
	EvidenceDigest string         // sha256:…, printed in every footer
	Paper          string         // a4 or letter; "" is a4
	Bates          Bates          // a number for every page; the zero value prints none
	// Open opens a file of the dossier by its path in it ("dossier.json", "data/messages/0001.eml"), for images to be shown small and for files to be embedded; nil shows
	// and embeds none. An image that cannot be opened or is not what its digest says is not shown.
	Open  func(file string) (io.ReadCloser, error)
	Embed int64 // bytes of files that are embedded, together
	// Drawing, if set, is called once for where the timeline's drawing is written as well, as WriteTimeline would, without reading the messages once more.
	Drawing func() (io.WriteCloser, error)
	Version string // of the program
	Fonts   []Font // besides the embedded ones
}

// Bates numbers the pages, over all volumes, as law offices do: a prefix and a number with leading zeros.
type Bates struct {
	Prefix string
	Start  int // number of the first page
	Digits int // at least so many; 0 prints no number at all
}

// ParseBates reads PREFIX[START]: "ACME-" starts at 1 with six digits, "ACME-000120" goes on from 120 with as many digits as it is written with.
func ParseBates(s string) (Bates, error) {
	at := len(s)
	for at > 0 && s[at-1] >= '0' && s[at-1] <= '9' {
		at--
	}
	b := Bates{Prefix: s[:at], Start: 1, Digits: 6}
	if digits := s[at:]; digits != "" {
		n, err := strconv.Atoi(digits)
		if err != nil || len(digits) > 12 {
			return Bates{}, fmt.Errorf("%q ends in a number that is too long", s)
		}
		b.Start, b.Digits = n, len(digits)
	}
	switch {
	case s == "":
		return Bates{}, nil
	case utf8.RuneCountInString(b.Prefix) > 24:
		return Bates{}, fmt.Errorf("%q is longer than 24 characters before its number", s)
	case strings.ContainsFunc(b.Prefix, func(r rune) bool { return !unicode.IsPrint(r) }):
		return Bates{}, fmt.Errorf("%q holds a character that is not printed", s)
	}
	return b, nil
}

// of is the number of a page, counted from 0 over all volumes; "" if none is printed.
func (n Bates) of(page int) string {
	if n.Digits == 0 {
		return ""
	}
	return fmt.Sprintf("%s%0*d", n.Prefix, n.Digits, n.Start+page)
}

// Stats tells what was written.
type Stats struct {
	Pages, Volumes int
	// MissingGlyphs counts the characters that no embedded font can draw and that are printed as [U+XXXX] instead.
	MissingGlyphs map[rune]int
}

// Pages of one volume, at most, and of a part of it, which gofpdf holds in memory: about 50 kB a page.
const (
	volumePages = 5000
	partPages   = 128
)

// bounds are what a test makes small.
type bounds struct {
	pages   int // of a volume
	part    int // pages of a volume that are drawn at a time
	headers int // octets of headers kept in memory for the appendix; beyond, the messages are read once more
}

// Write writes the dossier as volumes of at most 5,000 pages. create is called with 1, 2 … when a volume begins, the volume is
// streamed into what it returns, and that is closed. Volumes share their anchors only within: a citation of an exhibit in another volume
// names it, without a link. Errors are those of create, of its writers, and of d.Messages.
// The same dossier and options give the same bytes.
func Write(create func(volume int) (io.WriteCloser, error), d *dossier.Dossier, o Options) (Stats, error) {
	return write(create, d, o, bounds{pages: volumePages, part: partPages, headers: 32 << 20})
}

func write(create func(volume int) (io.WriteCloser, error), d *dossier.Dossier, o Options, most bounds) (Stats, error) {
	fonts, err := newFontSet(o.Fonts)
	if err != nil {
		return Stats{}, err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Paper == "" {
		o.Paper = "a4"
	}
	sheet, ok := papers[o.Paper]
	if !ok {
		return Stats{}, fmt.Errorf("no paper is called %q", o.Paper)
	}
	b := &book{create: create, d: d, o: o, w: labelsIn(d.Options.Lang), paper: sheet, bounds: most, t: typesetter{fonts: fonts},
		anchors: map[string]place{}, stats: Stats{MissingGlyphs: map[rune]int{}}}
	defer b.abandon()
	b.say = words.Tell(b.w.say, d, o.Zone)
	v, err := survey(d)
	if err != nil {
		return b.stats, err
	}
	b.v = v
	if err := b.separateDrawing(v); err != nil {
		return b.stats, err
	}
	b.front(v)
	b.people(v)
	b.timeline(v)
	b.knowledge(v)
	b.contradictions(v)
	b.sequence(v)
	b.silence(v)
	b.clocks(v)
	b.recipients(v)
	b.reports(v)
	b.quotes(v)
	b.threads(v)
	b.gaps(v)
	if err := b.exhibits(v); err != nil {
		return b.stats, err
	}
	if err := b.headers(v); err != nil {
		return b.stats, err
	}
	b.index(v)
	b.ledger(v)
	b.method(v)
	b.glossary()
	b.closeVolume(true)
	return b.stats, b.err
}

func (b *book) separateDrawing(v *view) error {
	if b.o.Drawing == nil {
		return nil
	}
	w, err := b.o.Drawing()
	if err != nil {
		return err
	}
	err = b.drawing(w, v)
	return cmp.Or(err, w.Close())
}
