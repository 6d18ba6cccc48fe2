// Package pdf writes a dossier as PDF volumes (ISO 32000-1): a page for the table, people, timeline, who knew what, one exhibit per
// message, and appendices. It knows typography only; every fact comes from the dossier.
package pdf

import (
	"io"
	"time"

	"onrecord/pkg/dossier"
)

// Options of the PDF.
type Options struct {
	Zone           *time.Location // in which times are told; nil is UTC
	EvidenceDigest string         // sha256:…, printed in every footer
	Version        string         // of the program
}

// Stats tells what was written.
type Stats struct {
	Pages, Volumes int
	// MissingGlyphs counts the characters that no embedded font can draw and that are printed as [U+XXXX] instead.
	MissingGlyphs map[rune]int
}

// volumePages is the largest number of pages of one volume: gofpdf holds a volume in memory, about 50 kB a page.
const volumePages = 5000

// bounds are what a test makes small.
type bounds struct {
	pages   int // of a volume
	headers int // octets of headers kept in memory for the appendix; beyond, the messages are read once more
}

// Write writes the dossier as volumes of at most 5,000 pages. create is called with 1, 2 … when a volume is finished, the volume is
// streamed into what it returns, and that is closed. Volumes share their anchors only within: a citation of an exhibit in another volume
// names it, without a link. Errors are those of create, of its writers, and of d.Messages.
// The same dossier and options give the same bytes.
func Write(create func(volume int) (io.WriteCloser, error), d *dossier.Dossier, o Options) (Stats, error) {
	return write(create, d, o, bounds{pages: volumePages, headers: 32 << 20})
}

func write(create func(volume int) (io.WriteCloser, error), d *dossier.Dossier, o Options, most bounds) (Stats, error) {
	fonts, err := newFontSet()
	if err != nil {
		return Stats{}, err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	b := &book{create: create, d: d, o: o, w: &english, bounds: most, t: typesetter{fonts: fonts},
		anchors: map[string]place{}, stats: Stats{MissingGlyphs: map[rune]int{}}}
	v, err := survey(d)
	if err != nil {
		return b.stats, err
	}
	b.front(v)
	b.people(v)
	b.timeline(v)
	b.knowledge(v)
	b.recipients(v)
	b.contradictions(v)
	b.threads(v)
	if err := b.exhibits(v); err != nil {
		return b.stats, err
	}
	if err := b.headers(v); err != nil {
		return b.stats, err
	}
	b.index(v)
	b.ledger(v)
	b.method(v)
	b.closeVolume(true)
	return b.stats, b.err
}
