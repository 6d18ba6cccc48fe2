package pdf

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/image/font/sfnt"
)

// gofpdf draws a glyph only by a code point of the basic plane. Glyphs that have none (ligatures, joined letters, everything on the other planes) are drawn by
// code points for private use. When a volume is finished, gofpdf gets a copy of each font in whose character map the codes that were drawn are named. The text
// layer gives the text back that a private code stands for.
const (
	privateFirst = 0xE000
	privateLast  = 0xF8FF
)

// shown is a glyph and the text that it stands for.
type shown struct {
	face faceID
	gid  sfnt.GlyphIndex
	text string
}

// drawnBy is what a face has drawn of this volume.
func (b *book) drawnBy(id faceID) *[0x10000]sfnt.GlyphIndex {
	if b.glyphs[id] == nil {
		b.glyphs[id] = new([0x10000]sfnt.GlyphIndex)
	}
	return b.glyphs[id]
}

// code returns the private code by which a glyph is drawn. A code stands for one text in a volume; false if all 6,400 are taken.
func (b *book) code(face faceID, gid sfnt.GlyphIndex, text string) (rune, bool) {
	s := shown{face, gid, cmp.Or(text, "\u200b")} // something has to be there, and this is nothing
	code, ok := b.codes[s]
	if !ok {
		if code = rune(privateFirst + len(b.codes)); code > privateLast {
			return 0, false
		}
		b.codes[s], b.texts[code] = code, s.text
		b.drawnBy(face)[code] = gid
	}
	return code, true
}

// readTables are what gofpdf reads from a font (OpenType 1.9), besides the tables that are written here.
var readTables = [...]string{"OS/2", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}

// fontTables finds the tables of a TrueType font.
func fontTables(ttf string) (map[string]string, error) {
	if len(ttf) < 12 {
		return nil, errors.New("it is no font")
	}
	switch ttf[:4] {
	case "\x00\x01\x00\x00", "true":
	case "OTTO":
		return nil, errors.New("its outlines are of the kind CFF (.otf), which the PDF writer cannot hold; give the TrueType version of it (.ttf), or convert it, for instance with otf2ttf")
	case "ttcf":
		return nil, errors.New("it is a collection of fonts (.ttc); give one font of it as a file of its own (.ttf), for instance taken out with FontForge")
	case "wOFF", "wOF2":
		return nil, errors.New("it is packed for web pages (.woff, .woff2); give the .ttf file that it was made from")
	default:
		return nil, errors.New("it is no TrueType font (.ttf)")
	}
	tables := map[string]string{}
	count := int(binary.BigEndian.Uint16([]byte(ttf[4:6])))
	if len(ttf) < 12+16*count {
		return nil, errors.New("it is cut off")
	}
	for i := range count {
		entry := []byte(ttf[12+16*i : 28+16*i])
		at, size := int64(binary.BigEndian.Uint32(entry[8:])), int64(binary.BigEndian.Uint32(entry[12:]))
		if at+size > int64(len(ttf)) {
			return nil, errors.New("it is cut off")
		}
		tables[string(entry[:4])] = ttf[at : at+size]
	}
	return tables, nil
}

// recoded writes a TrueType font with another character map.
func recoded(ttf string, glyphs *[0x10000]sfnt.GlyphIndex) []byte {
	tables, _ := fontTables(ttf) // has been read before
	out := map[string]string{
		"cmap": string(characterMap(glyphs)),
		"name": "\x00\x00\x00\x00\x00\x06",                    // no names
		"post": "\x00\x03\x00\x00" + string(make([]byte, 28)), // version 3: no names of glyphs
	}
	if post := tables["post"]; len(post) >= 32 {
		out["post"] = "\x00\x03\x00\x00" + post[4:32]
	}
	size := 0
	for _, name := range readTables {
		if t, ok := tables[name]; ok {
			out[name] = t
			size += len(t)
		}
	}
	names := make([]string, 0, len(out))
	for name := range out {
		names = append(names, name)
	}
	slices.Sort(names)
	head := 12 + 16*len(names)
	all := make([]byte, head, head+size+len(out["cmap"])+256)
	copy(all, []byte{0, 1, 0, 0, 0, byte(len(names))})
	for i, name := range names {
		entry := all[12+16*i:] // without a checksum: gofpdf writes its own
		copy(entry, name)
		binary.BigEndian.PutUint32(entry[8:], uint32(len(all)))
		binary.BigEndian.PutUint32(entry[12:], uint32(len(out[name])))
		all = append(all, out[name]...)
		for len(all)%4 != 0 {
			all = append(all, 0)
		}
	}
	return all
}

// characterMap writes a cmap table with one subtable of format 4.
func characterMap(glyphs *[0x10000]sfnt.GlyphIndex) []byte {
	var starts, ends, deltas []uint16
	for c := 1; c < 0xFFFF; c++ {
		if glyphs[c] == 0 {
			continue
		}
		start := c
		for c+1 < 0xFFFF && glyphs[c+1] != 0 && glyphs[c+1] == glyphs[c]+1 {
			c++
		}
		starts, ends, deltas = append(starts, uint16(start)), append(ends, uint16(c)), append(deltas, uint16(glyphs[c])-uint16(c))
	}
	starts, ends, deltas = append(starts, 0xFFFF), append(ends, 0xFFFF), append(deltas, 1)
	n := len(starts)
	out := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12}
	put := func(v ...uint16) {
		for _, x := range v {
			out = binary.BigEndian.AppendUint16(out, x)
		}
	}
	put(4, uint16(min(0xFFFF, 16+8*n)), 0, uint16(2*n), 0, 0, 0)
	put(ends...)
	put(0)
	put(starts...)
	put(deltas...)
	put(make([]uint16, n)...)
	return out
}
