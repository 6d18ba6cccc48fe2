package pdf

import (
	_ "embed"
	"fmt"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The embedded faces; fonts/LICENSE holds their licence. gofpdf embeds the used glyphs of each.
var (
	//go:embed fonts/DejaVuSansCondensed.ttf
	regularTTF string
	//go:embed fonts/DejaVuSansCondensed-Bold.ttf
	boldTTF string
	//go:embed fonts/DejaVuSansMono.ttf
	monoTTF string
)

// faceID names one of the faces.
type faceID uint8

const (
	regular faceID = iota
	bold
	mono
	faceCount
)

// face is one font: which runes it can draw, and how wide.
type face struct {
	family string // the name under which gofpdf knows it
	ttf    string
	font   *sfnt.Font
	buf    sfnt.Buffer
	width  [0x10000]int16 // advance in 1/1000 em, or one of the two marks below
}

const (
	notAsked int16 = -1
	noGlyph  int16 = -2
)

func newFace(family, ttf string) (*face, error) {
	parsed, err := sfnt.Parse([]byte(ttf))
	if err != nil {
		return nil, fmt.Errorf("embedded font %s: %w", family, err)
	}
	f := &face{family: family, ttf: ttf, font: parsed}
	for i := range f.width {
		f.width[i] = notAsked
	}
	return f, nil
}

// advance returns the width of r in 1/1000 em, rounded as gofpdf rounds it, and false if the face cannot draw r.
// gofpdf panics on runes above U+FFFF. What private-use code points show is a font's own affair, so they count as missing too.
func (f *face) advance(r rune) (int16, bool) {
	if r > 0xFFFF {
		return 0, false
	}
	w := f.width[r]
	if w == notAsked {
		w = f.ask(r)
		f.width[r] = w
	}
	return w, w != noGlyph
}

func (f *face) ask(r rune) int16 {
	if r >= 0xE000 && r <= 0xF8FF {
		return noGlyph
	}
	g, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil || g == 0 {
		return noGlyph
	}
	a, err := f.font.GlyphAdvance(&f.buf, g, fixed.I(1000), font.HintingNone)
	if err != nil {
		return noGlyph
	}
	return int16(a.Round())
}

// fontSet holds the faces in the order of their ids.
type fontSet [faceCount]*face

func newFontSet() (*fontSet, error) {
	var set fontSet
	for id, f := range [faceCount]struct{ family, ttf string }{{"text", regularTTF}, {"strong", boldTTF}, {"mono", monoTTF}} {
		made, err := newFace(f.family, f.ttf)
		if err != nil {
			return nil, err
		}
		set[id] = made
	}
	return &set, nil
}

// choose returns the first face that can draw r, starting with want; false if none can.
func (s *fontSet) choose(want faceID, r rune) (faceID, int16, bool) {
	if w, ok := s[want].advance(r); ok {
		return want, w, true
	}
	for _, id := range [...]faceID{regular, mono, bold} {
		if w, ok := s[id].advance(r); ok {
			return id, w, true
		}
	}
	return want, 0, false
}
