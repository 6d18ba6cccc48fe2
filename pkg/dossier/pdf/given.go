package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/image/font/sfnt"
)

// Font is a TrueType font that the caller gives. It is asked before the embedded ones for every script but those of the text faces (Latin, Greek, Cyrillic,
// Armenian), and right after those for them; of several, the first comes first.
type Font struct {
	Name string // for messages
	TTF  []byte
}

// MostFonts is how many fonts may be given.
const MostFonts = 16

// CheckFont tells why a font cannot be used, and what to do about it; nil if it can.
func CheckFont(ttf []byte) error {
	tables, err := fontTables(string(ttf))
	if err != nil {
		return err
	}
	for _, name := range [...]string{"glyf", "head", "hhea", "hmtx", "loca", "maxp", "cmap"} {
		if tables[name] == "" {
			return fmt.Errorf("it has no table %q, so it is no TrueType font with outlines", name)
		}
	}
	if os2 := tables["OS/2"]; len(os2) >= 10 && (os2[9]&0x0F == 2 || os2[8]&3 != 0) {
		return errors.New("its licence field (OS/2 fsType) forbids to embed a part of its outlines in a document; choose another font")
	}
	f := &face{ttf: string(ttf)}
	if !f.open() {
		return errors.New("it cannot be read")
	}
	if err := f.sound(tables); err != nil {
		return err
	}
	if f.shape() == nil {
		return errors.New("its rules for setting text cannot be read")
	}
	return nil
}

// sound looks at every glyph, so that a broken table is found here and not where the font is embedded.
func (f *face) sound(tables map[string]string) error {
	broken := errors.New("its tables contradict one another")
	glyphs := f.font.NumGlyphs()
	os2 := tables["OS/2"]
	if len(tables["hhea"]) < 36 || len(tables["head"]) < 54 || len(tables["maxp"]) < 6 || len(os2) > 0 && (len(os2) < 78 || os2[1] > 1 && len(os2) < 90) {
		return broken
	}
	metrics := int(binary.BigEndian.Uint16([]byte(tables["hhea"][34:])))
	if metrics == 0 || metrics > glyphs || len(tables["hmtx"]) < 4*metrics+2*(glyphs-metrics) {
		return broken
	}
	long, size := tables["head"][51] == 1, 2
	if long {
		size = 4
	}
	if tables["head"][50] != 0 || len(tables["loca"]) < size*(glyphs+1) {
		return broken
	}
	last := int64(0)
	for i := range glyphs + 1 {
		at := int64(0)
		if entry := []byte(tables["loca"][size*i : size*i+size]); long {
			at = int64(binary.BigEndian.Uint32(entry))
		} else {
			at = 2 * int64(binary.BigEndian.Uint16(entry))
		}
		if at < last || at > int64(len(tables["glyf"])) {
			return broken
		}
		last = at
	}
	for i := range glyphs {
		if _, err := f.font.LoadGlyph(&f.buf, sfnt.GlyphIndex(i), 1<<6, nil); err != nil {
			return fmt.Errorf("glyph %d cannot be drawn: %w", i, err)
		}
	}
	return nil
}
