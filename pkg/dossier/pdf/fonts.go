package pdf

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// The embedded faces; fonts/ holds their licences. gofpdf embeds the used glyphs of each. Those for text are there as they are, those of the other scripts
// packed: most dossiers never open them.
var (
	//go:embed fonts/DejaVuSansCondensed.ttf
	regularTTF string
	//go:embed fonts/DejaVuSansCondensed-Bold.ttf
	boldTTF string
	//go:embed fonts/DejaVuSansMono.ttf
	monoTTF string
	//go:embed fonts/*.ttf.gz
	packedTTF embed.FS
)

// faceID names one of the faces of a fontSet.
type faceID uint8

// The faces of text. Those of other scripts and those that the caller gives come after them.
const (
	regular faceID = iota
	bold
	mono
	textFaces
)

// face is one font: which runes it can draw, and how wide. It is opened when it is first asked.
type face struct {
	family string // the name under which gofpdf knows it
	file   string // below fonts/, where it lies packed; "" where ttf is there from the start
	ttf    string
	scale  float64 // of the size at which it is drawn, so that it stands well beside the others
	plain  bool    // there is no bold one beside it, so that it is drawn with a thicker pen where bold is asked for

	opened bool
	font   *sfnt.Font // nil if it could not be opened
	buf    sfnt.Buffer
	width  *[0x10000]int16 // advance in 1/1000 em, or one of the two marks below
	shaper *harfbuzz.Font
	// nothing is what empty returns: 0 before it was asked, -1 if there is none.
	nothing int
}

const (
	notAsked int16 = -1
	noGlyph  int16 = -2
)

// open parses the font, once, and tells whether it can be used.
func (f *face) open() bool {
	if f.opened {
		return f.font != nil
	}
	f.opened = true
	if f.file != "" {
		text, err := unpack(f.file)
		if err != nil {
			return false
		}
		f.ttf = text
	}
	parsed, err := sfnt.Parse([]byte(f.ttf))
	if err != nil {
		return false
	}
	f.font, f.width = parsed, new([0x10000]int16)
	for i := range f.width {
		f.width[i] = notAsked
	}
	return true
}

func unpack(file string) (string, error) {
	packed, err := packedTTF.Open("fonts/" + file)
	if err != nil {
		return "", err
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}

// advance returns the width of r in 1/1000 em, rounded as gofpdf rounds it, and false if the face has no glyph of its own for it.
// gofpdf panics on runes above U+FFFF; those and glyphs without a code point go through a sheet. What private-use code points show is a font's own affair, so
// they count as missing too.
func (f *face) advance(r rune) (int16, bool) {
	if r > 0xFFFF || !f.open() {
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
	g := f.glyph(r)
	if g == 0 {
		return noGlyph
	}
	w, ok := f.glyphWidth(g)
	if !ok {
		return noGlyph
	}
	return w
}

// glyph returns the glyph of r, on whatever plane; 0 if there is none.
func (f *face) glyph(r rune) sfnt.GlyphIndex {
	if r >= 0xE000 && r <= 0xF8FF || r >= 0xF0000 || !f.open() {
		return 0
	}
	g, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil {
		return 0
	}
	return g
}

// glyphWidth returns the advance of a glyph in 1/1000 em.
func (f *face) glyphWidth(g sfnt.GlyphIndex) (int16, bool) {
	a, err := f.font.GlyphAdvance(&f.buf, g, fixed.I(1000), xfont.HintingNone)
	return int16(a.Round()), err == nil
}

// empty returns a glyph that draws nothing and takes no room; 0 if there is none.
func (f *face) empty() sfnt.GlyphIndex {
	if f.nothing == 0 {
		f.nothing = -1
		for _, r := range [...]rune{0x200C, 0x200B, 0x200D} {
			g := f.glyph(r)
			if w, ok := f.glyphWidth(g); g == 0 || !ok || w != 0 {
				continue
			}
			if outline, err := f.font.LoadGlyph(&f.buf, g, fixed.I(1000), nil); err == nil && len(outline) == 0 {
				f.nothing = int(g)
				break
			}
		}
	}
	return sfnt.GlyphIndex(max(0, f.nothing))
}

// shape gives the font to the shaper; nil if it cannot read it.
func (f *face) shape() *harfbuzz.Font {
	if f.shaper == nil && f.open() {
		f.shaper = newShaper(f.ttf)
	}
	return f.shaper
}

// newShaper returns nil for a font that cannot be read; the library panics over some of them.
func newShaper(ttf string) (s *harfbuzz.Font) {
	defer func() {
		if recover() != nil {
			s = nil
		}
	}()
	parsed, err := font.ParseTTF(bytes.NewReader([]byte(ttf)))
	if err != nil {
		return nil
	}
	return harfbuzz.NewFont(parsed)
}

// fontSet holds the faces in the order of their ids: those of text, the given ones, those of other scripts.
type fontSet struct {
	faces   []*face
	given   int          // how many of the caller's own come after the text faces
	scripts []scriptFace // where the others stand
	list    []faceID     // scratch
}

// scriptFace is what draws a script: the same in bold where there is one.
type scriptFace struct {
	*script
	plain, strong faceID
}

func newFontSet(given []Font) (*fontSet, error) {
	s := &fontSet{}
	for id, f := range [textFaces]struct{ family, ttf string }{{"text", regularTTF}, {"strong", boldTTF}, {"mono", monoTTF}} {
		s.faces = append(s.faces, &face{family: f.family, ttf: f.ttf, scale: 1})
		if !s.faces[id].open() {
			return nil, fmt.Errorf("embedded font %s cannot be read", f.family)
		}
	}
	for i, g := range given {
		if err := CheckFont(g.TTF); err != nil {
			return nil, fmt.Errorf("font %s: %w", g.Name, err)
		}
		s.faces = append(s.faces, &face{family: fmt.Sprint("given", i), ttf: string(g.TTF), scale: 1, plain: true})
	}
	s.given = len(given)
	add := func(file string, scale float64) faceID {
		s.faces = append(s.faces, &face{family: fmt.Sprint("script", len(s.faces)), file: file + ".ttf.gz", scale: scale})
		return faceID(len(s.faces) - 1)
	}
	for i := range scripts {
		x := scriptFace{script: &scripts[i]}
		x.plain = add(x.file, x.scale)
		x.strong = x.plain
		s.faces[x.plain].plain = x.bold == "" && !x.emoji
		if x.bold != "" {
			x.strong = add(x.bold, x.scale)
		}
		s.scripts = append(s.scripts, x)
	}
	return s, nil
}

// candidates lists the faces that may draw r, the best one first. The text faces come first for the scripts that they were made for, and last for all others; the
// given ones come right after them or before all.
func (s *fontSet) candidates(want faceID, r rune, emoji bool) []faceID {
	out := s.list[:0]
	texts := func() { out = append(out, want, regular, mono, bold) }
	if own(r) && !emoji {
		texts()
	}
	for i := range s.given {
		out = append(out, textFaces+faceID(i))
	}
	for i := range s.scripts {
		x := &s.scripts[i]
		if x.emoji && emoji || x.holds(r) {
			id := x.plain
			if want == bold {
				id = x.strong
			}
			out = append(out, id)
		}
	}
	if !own(r) || emoji {
		texts()
	}
	s.list = out
	return out
}

// choose returns the first face that has a glyph of its own for r, and its width in 1/1000 of the size of the text; false if none has.
func (s *fontSet) choose(want faceID, r rune) (faceID, float64, bool) {
	if own(r) {
		if w, ok := s.faces[want].advance(r); ok {
			return want, float64(w), true
		}
	}
	for _, id := range s.candidates(want, r, false) {
		if w, ok := s.faces[id].advance(r); ok {
			return id, float64(w) * s.faces[id].scale, true
		}
	}
	return want, 0, false
}

// cover returns the first face that can draw a whole cluster, apart from what is never drawn: its code points, or those that they compose to, which the shaper
// takes instead (a letter and its mark, the letters of a Hangul syllable).
func (s *fontSet) cover(want faceID, cluster []rune) (faceID, bool) {
	emoji := cluster[0] >= 0x1F000
	for _, r := range cluster[1:] {
		emoji = emoji || r == 0xFE0F || r == 0x20E3
	}
	var composed []rune
	if len(cluster) > 1 {
		composed = []rune(norm.NFC.String(string(cluster)))
	}
	for _, id := range s.candidates(want, cluster[0], emoji) {
		f := s.faces[id]
		if (f.draws(cluster) || len(composed) > 0 && len(composed) < len(cluster) && f.draws(composed)) && f.shape() != nil {
			return id, true
		}
	}
	return want, false
}

func (f *face) draws(cluster []rune) bool {
	for _, r := range cluster {
		if !ignorable(r) && f.glyph(r) == 0 {
			return false
		}
	}
	return true
}
