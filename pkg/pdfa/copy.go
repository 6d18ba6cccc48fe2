package pdfa

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/zlib"

	"onrecord/pkg/cos"
)

// copier takes objects of one source over, each once.
type copier struct {
	d     *Writer
	s     *source
	now   map[int]int       // numbers here by those there
	names map[string]string // of fonts here by those there
	queue []int
}

func (d *Writer) copier(s *source) *copier {
	return &copier{d: d, s: s, now: map[int]int{}, names: map[string]string{}}
}

// number gives the number that an object will have.
func (c *copier) number(old int) (int, error) {
	if old >= len(c.s.at) {
		return 0, ErrForm
	}
	n, ok := c.now[old]
	if !ok {
		n = c.d.out.number()
		c.now[old] = n
		c.queue = append(c.queue, old)
	}
	return n, nil
}

// rest writes what was named and is not written yet.
func (c *copier) rest() error {
	for len(c.queue) > 0 {
		old := c.queue[0]
		c.queue = c.queue[1:]
		body, stream, err := c.s.object(old)
		if err != nil {
			return err
		}
		if stream == nil {
			if body, err = cos.Renumbered(c.renamed(body), c.number); err != nil {
				return ErrForm
			}
			c.d.out.object(c.now[old], string(body))
			continue
		}
		var entries []byte
		_, packed := cos.Value(body, "Filter")
		err = cos.Each(body, func(key string, from, to int) bool {
			if key != "Length" {
				entries = fmt.Appendf(entries, "%s %s ", cos.Name(key), body[from:to])
			}
			return true
		})
		if err != nil {
			return ErrForm
		}
		if entries, err = cos.Renumbered(entries, c.number); err != nil {
			return ErrForm
		}
		if !packed {
			entries = append(entries, "/Filter /FlateDecode"...)
			stream = c.d.packed(stream)
		}
		c.d.out.stream(c.now[old], string(bytes.TrimRight(entries, " ")), stream)
	}
	return nil
}

// renamed gives a dictionary in which a font has its name of here.
func (c *copier) renamed(dict []byte) []byte {
	for _, key := range [...]string{"BaseFont", "FontName"} {
		if from, to, ok := cos.Find(dict, key); ok {
			if name := c.names[string(dict[from:to])]; name != "" {
				return slices.Concat(dict[:from], []byte(name), dict[to:])
			}
		}
	}
	return dict
}

// resources takes a resource dictionary over (ISO 32000-1 §7.8.3) into the one that all pages share: gofpdf names a font or image by what it is, so a name means the same in every source.
// Fonts are those of the same name that Close is given.
func (c *copier) resources(old int) error {
	body, _, err := c.s.object(old)
	if err != nil {
		return err
	}
	failed := cos.Each(body, func(kind string, from, to int) bool {
		switch kind {
		case "ProcSet": // obsolete
		case "Font":
			err = c.eachResource(body[from:to], func(name string, number int) error {
				font, _, err := c.s.object(number)
				if err != nil {
					return err
				}
				base, _ := cos.Value(font, "BaseFont")
				return c.d.resource("Font", name, c.d.font(string(base)))
			})
		case "XObject":
			err = c.eachResource(body[from:to], func(name string, number int) error {
				if _, ok := c.d.resources["XObject"][name]; ok {
					return nil
				}
				now, err := c.number(number)
				if err != nil {
					return err
				}
				return c.d.resource("XObject", name, now)
			})
		default:
			err = c.eachResource(body[from:to], func(string, int) error { return fmt.Errorf("%w: with %s", ErrForm, kind) })
		}
		return err == nil
	})
	if err = cmp.Or(err, failed); err != nil {
		return err
	}
	return c.rest()
}

func (c *copier) eachResource(dict []byte, f func(name string, number int) error) error {
	var err error
	failed := cos.Each(dict, func(name string, from, to int) bool {
		var number int
		if number, err = cos.Reference(dict[from:to]); err == nil {
			err = f(name, number)
		}
		return err == nil
	})
	return cmp.Or(err, failed)
}

// resource names an object for the pages.
func (d *Writer) resource(kind, name string, number int) error {
	if n, ok := d.resources[kind][name]; ok && n != number {
		return fmt.Errorf("%w: %s means two things", ErrForm, name)
	}
	d.resources[kind][name] = number
	return nil
}

// writeResources writes what the pages share.
func (d *Writer) writeResources() int {
	b := []byte("<<")
	for _, kind := range [...]string{"Font", "XObject"} {
		b = fmt.Appendf(b, "/%s <<", kind)
		for _, name := range slices.Sorted(maps.Keys(d.resources[kind])) {
			b = fmt.Appendf(b, "%s %d 0 R\n", cos.Name(name), d.resources[kind][name])
		}
		b = append(b, ">>\n"...)
	}
	n := d.out.number()
	d.out.object(n, string(append(b, ">>"...)))
	return n
}

// font gives the object number of a font.
func (d *Writer) font(name string) int {
	n, ok := d.fonts[name]
	if !ok {
		n = d.out.number()
		d.fonts[name] = n
		d.names = append(d.names, name)
	}
	return n
}

// writeFonts writes the fonts of a document, which are all that the pages name. They may name them as the document does, or by /BaseFont.
func (d *Writer) writeFonts(doc []byte) error {
	s, err := read(doc)
	if err != nil {
		return err
	}
	sheets, err := s.pages()
	if err != nil {
		return err
	}
	if len(sheets) == 0 {
		return ErrForm
	}
	resources, _, err := s.object(sheets[0].resources)
	if err != nil {
		return err
	}
	list, _ := cos.Value(resources, "Font")
	at := map[string]int{}
	err = cos.Each(list, func(_ string, from, to int) bool {
		number, _ := cos.Reference(list[from:to])
		font, _, err := s.object(number)
		if err != nil {
			return false
		}
		name, _ := cos.Value(font, "BaseFont")
		at[string(name)] = number
		d.resources["Font"][strings.TrimPrefix(string(name), "/")] = d.font(string(name))
		return true
	})
	if err != nil {
		return ErrForm
	}
	c := d.copier(s)
	for _, name := range d.names {
		number, ok := at[name]
		if !ok {
			return fmt.Errorf("the font %s is missing", name)
		}
		if err := d.writeFont(c, number, d.fonts[name]); err != nil {
			return err
		}
	}
	return c.rest()
}

// writeFont writes a Type 0 font (ISO 32000-1 §9.7.6) with a map to Unicode of our own: gofpdf's has one range of more than 256 codes, which is none (§9.10.3).
func (d *Writer) writeFont(c *copier, old, number int) error {
	dict, _, err := c.s.object(old)
	if err != nil {
		return err
	}
	if kind, _ := cos.Value(dict, "Subtype"); string(kind) != "/Type0" {
		return fmt.Errorf("%w: a font that is not embedded", ErrForm)
	}
	list, _ := cos.Value(dict, "DescendantFonts")
	child, err := cos.Reference(bytes.TrimLeft(bytes.TrimPrefix(list, []byte("[")), " "))
	if err != nil {
		return ErrForm
	}
	cid, _, err := c.s.object(child)
	if err != nil {
		return err
	}
	_, _, glyphs, err := c.s.entry(cid, "CIDToGIDMap")
	if err != nil {
		return err
	}
	codes, err := codesOf(glyphs)
	if err != nil {
		return err
	}
	map_, _ := cos.Value(dict, "ToUnicode")
	oldMap, err := cos.Reference(map_)
	if err != nil {
		return ErrForm
	}
	name, _ := cos.Value(dict, "BaseFont")
	c.names[string(name)] = subset(string(name), codes)
	c.now[old] = number
	newMap := d.out.number()
	c.now[oldMap] = newMap
	d.out.stream(newMap, "/Filter /FlateDecode", d.packed(toUnicode(codes, d.o.Unicode)))
	if dict, err = cos.Renumbered(c.renamed(dict), c.number); err != nil {
		return ErrForm
	}
	d.out.object(number, string(dict))
	return nil
}

// subset gives the name of a font of which some glyphs are embedded: with six letters before it that tell one subset from another (ISO 32000-1 §9.6.4).
func subset(name string, codes []uint16) string {
	sum := sha256.Sum256(fmt.Append(nil, name, codes))
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return "/" + string(tag) + "+" + strings.TrimPrefix(name, "/")
}

// codesOf gives the codes that a font has a glyph for. gofpdf's codes are UTF-16, so none is half of a pair.
func codesOf(packed []byte) ([]uint16, error) {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, ErrForm
	}
	glyphs, err := io.ReadAll(io.LimitReader(z, 2<<16))
	if err != nil || len(glyphs) != 2<<16 {
		return nil, ErrForm
	}
	var codes []uint16
	for code := ' '; code <= 0xffff; code++ {
		if (glyphs[2*code] != 0 || glyphs[2*code+1] != 0) && !utf16.IsSurrogate(code) {
			codes = append(codes, uint16(code))
		}
	}
	return codes, nil
}

// group is the largest number of codes that one operator of a CMap may name.
const group = 100

// toUnicode writes a CMap (ISO 32000-1 §9.10.3) for codes that stand for themselves or for a text. U+0000, U+FEFF and U+FFFE are no text (ISO 19005-3 §6.2.11.7.2).
func toUnicode(codes []uint16, texts map[rune]string) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n<</Registry (Adobe)\n/Ordering (UCS)\n/Supplement 0\n>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	codes = slices.DeleteFunc(slices.Clone(codes), func(c uint16) bool { return c == 0 || c >= 0xfffe || c == 0xfeff })
	for chunk := range slices.Chunk(codes, group) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(chunk))
		for _, code := range chunk {
			fmt.Fprintf(&b, "<%04X> <", code)
			for _, unit := range utf16.Encode([]rune(cmp.Or(printable(texts[rune(code)]), string(rune(code))))) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
