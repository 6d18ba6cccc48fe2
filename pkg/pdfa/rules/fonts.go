package rules

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf16"

	"onrecord/pkg/cos"
)

// font is a Type 0 font with codes of two octets.
type font struct {
	number  int
	used    map[uint16]bool
	glyphs  []byte            // CIDToGIDMap
	unicode map[uint16][]byte // ToUnicode
	widths  map[uint16]float64
	file    []byte
}

// fonts checks the fonts, and that each code that a page shows has a glyph and a meaning.
func (c *checker) fonts() {
	seen := map[int]*font{}
	done := map[int]bool{}
	for i, number := range c.pages {
		page, _ := c.object(number)
		resources, _ := c.value(page.body, "Resources")
		list, _ := c.value(resources.body, "Font")
		names := map[string]*font{}
		_ = cos.Each(list.body, func(name string, from, to int) bool {
			n, _ := cos.Reference(list.body[from:to])
			if !done[n] {
				done[n] = true
				seen[n] = c.font(n)
			}
			names[name] = seen[n]
			return true
		})
		contents, _ := c.value(page.body, "Contents")
		refs := elements(contents.body)
		if refs == nil {
			v, _ := cos.Value(page.body, "Contents")
			refs = [][]byte{v}
		}
		var all []byte
		for _, r := range refs {
			n, _ := cos.Reference(r)
			o, err := c.object(n)
			if err != nil {
				continue
			}
			content, _ := o.content()
			all = append(append(all, content...), '\n')
		}
		if err := shown(all, names); err != nil {
			c.say("6.2.2", "page %d: %v", i+1, err)
		}
	}
	for _, f := range seen {
		if f != nil {
			c.codes(f)
		}
	}
}

func (c *checker) font(number int) *font {
	o, _ := c.object(number)
	if kind, _ := cos.Value(o.body, "Subtype"); string(kind) != "/Type0" {
		c.say("6.2.11.4.1", "font %d is of the kind %s, and not embedded", number, kind)
		return nil
	}
	f := &font{number: number, used: map[uint16]bool{}, unicode: map[uint16][]byte{}, widths: map[uint16]float64{}}
	list, _ := cos.Value(o.body, "DescendantFonts")
	var cid object
	if e := elements(list); len(e) == 1 {
		n, _ := cos.Reference(e[0])
		cid, _ = c.object(n)
	}
	if m, ok := c.value(cid.body, "CIDToGIDMap"); ok {
		f.glyphs, _ = m.content()
	}
	descriptor, _ := c.value(cid.body, "FontDescriptor")
	name, _ := cos.Value(o.body, "BaseFont")
	child, _ := cos.Value(cid.body, "BaseFont")
	told, _ := cos.Value(descriptor.body, "FontName")
	if !subsetName.Match(name) || !bytes.Equal(name, child) || !bytes.Equal(name, told) {
		c.say("6.2.11.4.2", "font %d is called %s, %s and %s", number, name, child, told)
	}
	file, _ := c.value(descriptor.body, "FontFile2")
	f.file, _ = file.content()
	if len(f.glyphs) != 2<<16 || len(f.file) < 12 {
		c.say("6.2.11.4.1", "font %d is not embedded", number)
		return nil
	}
	if w, ok := cos.Value(cid.body, "W"); ok {
		f.readWidths(elements(w))
	}
	cmap, _ := c.value(o.body, "ToUnicode")
	text, err := cmap.content()
	if err == nil {
		err = f.readCMap(text)
	}
	if err != nil {
		c.say("6.2.11.7.2", "font %d: %v", number, err)
	}
	return f
}

func (f *font) readWidths(w [][]byte) {
	for i := 0; i+1 < len(w); {
		from, _ := strconv.Atoi(string(w[i]))
		if list := elements(w[i+1]); list != nil {
			for k, e := range list {
				f.widths[uint16(from+k)], _ = strconv.ParseFloat(string(e), 64)
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			return
		}
		to, _ := strconv.Atoi(string(w[i+1]))
		x, _ := strconv.ParseFloat(string(w[i+2]), 64)
		for code := from; code <= min(to, 0xffff); code++ {
			f.widths[uint16(code)] = x
		}
		i += 3
	}
}

var (
	subsetName = regexp.MustCompile(`^/[A-Z]{6}\+.`)
	operator   = regexp.MustCompile(`(?s)(\d+) begin(bfchar|bfrange)\n(.*?)end(bfchar|bfrange)`)
	pair       = regexp.MustCompile(`<([0-9A-F]+)> <([0-9A-F]+)>\n`)
)

// readCMap reads a map to Unicode of single codes; one of ranges has to have 256 codes at most.
func (f *font) readCMap(text []byte) error {
	for _, m := range operator.FindAllSubmatch(text, -1) {
		if string(m[2]) == "bfrange" {
			return fmt.Errorf("a range: %q", m[3])
		}
		pairs := pair.FindAllSubmatch(m[3], -1)
		if n, _ := strconv.Atoi(string(m[1])); n != len(pairs) || n > 100 {
			return fmt.Errorf("a group says %s and has %d", m[1], len(pairs))
		}
		for _, p := range pairs {
			code, err := strconv.ParseUint(string(p[1]), 16, 16)
			if err != nil || len(p[1]) != 4 || len(p[2])%4 != 0 {
				return fmt.Errorf("%s to %s", p[1], p[2])
			}
			f.unicode[uint16(code)], _ = hex.DecodeString(string(p[2]))
		}
	}
	return nil
}

// codes checks what is known of each code in use.
func (c *checker) codes(f *font) {
	used := make([]uint16, 0, len(f.used))
	for code := range f.used {
		used = append(used, code)
	}
	slices.Sort(used)
	advance := advances(f.file)
	for _, code := range used {
		glyph := binary.BigEndian.Uint16(f.glyphs[2*int(code):])
		if glyph == 0 {
			c.say("6.2.11.8", "font %d: the code %04X has no glyph", f.number, code)
		}
		text, ok := f.unicode[code]
		if !ok || len(text) == 0 {
			c.say("6.2.11.7.2", "font %d: the code %04X means nothing", f.number, code)
		}
		var units []uint16
		for i := 0; i+1 < len(text); i += 2 {
			units = append(units, binary.BigEndian.Uint16(text[i:]))
		}
		for _, r := range utf16.Decode(units) {
			if r == 0 || r == 0xfeff || r == 0xfffe {
				c.say("6.2.11.7.2", "font %d: the code %04X means %U", f.number, code, r)
			}
		}
		if w, ok := advance(glyph); !ok || w-f.widths[code] > 1 || f.widths[code]-w > 1 {
			c.say("6.2.11.5", "font %d: the code %04X is %v wide, and %v in the font", f.number, code, f.widths[code], w)
		}
	}
}

// advances reads the widths of glyphs from a TrueType file, in 1/1000 em.
func advances(file []byte) func(glyph uint16) (float64, bool) {
	table := func(tag string) []byte {
		for i := 12; i+16 <= len(file) && i < 12+16*64; i += 16 {
			if string(file[i:i+4]) == tag {
				at, n := int(binary.BigEndian.Uint32(file[i+8:])), int(binary.BigEndian.Uint32(file[i+12:]))
				if at+n <= len(file) {
					return file[at : at+n]
				}
			}
		}
		return nil
	}
	head, hhea, hmtx := table("head"), table("hhea"), table("hmtx")
	if len(head) < 20 || len(hhea) < 36 {
		return func(uint16) (float64, bool) { return 0, false }
	}
	em, n := float64(binary.BigEndian.Uint16(head[18:])), int(binary.BigEndian.Uint16(hhea[34:]))
	return func(glyph uint16) (float64, bool) {
		i := 4 * min(int(glyph), n-1)
		if i < 0 || i+2 > len(hmtx) {
			return 0, false
		}
		return float64(binary.BigEndian.Uint16(hmtx[i:])) * 1000 / em, true
	}
}

// shown reads a page's content as far as it sets fonts and shows text.
func shown(content []byte, fonts map[string]*font) error {
	var now *font
	var last [2][]byte
	for i := cos.Space(content, 0); i < len(content); i = cos.Space(content, i) {
		end, err := cos.Skip(content, i)
		if err != nil {
			return err
		}
		token := content[i:end]
		i = end
		switch string(token) {
		case "Tf":
			f, ok := fonts[string(bytes.TrimPrefix(last[0], []byte("/")))]
			if !ok {
				return fmt.Errorf("the font %s is not there", last[0])
			}
			now = f
		case "Tj":
			codes, err := literal(last[1])
			if err != nil {
				return err
			}
			if now == nil {
				return fmt.Errorf("text without a font")
			}
			for k := 0; k+1 < len(codes); k += 2 {
				now.used[binary.BigEndian.Uint16(codes[k:])] = true
			}
		case "TJ", "'", "\"":
			return fmt.Errorf("the operator %s is not read here", token)
		case "ID":
			n := bytes.Index(content[i:], []byte("EI\n"))
			if n < 0 {
				return fmt.Errorf("an image without an end")
			}
			i += n
		}
		last[0], last[1] = last[1], token
	}
	return nil
}

// literal reads a string in brackets.
func literal(s []byte) ([]byte, error) {
	if len(s) < 2 || s[0] != '(' {
		return nil, fmt.Errorf("%.20q is no string", s)
	}
	var out []byte
	for i := 1; i < len(s)-1; i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'r':
			out = append(out, '\r')
		case 'n':
			out = append(out, '\n')
		case '(', ')', '\\':
			out = append(out, s[i])
		default:
			return nil, fmt.Errorf("the string %.20q has an escape that is not read here", s)
		}
	}
	if len(out)%2 != 0 {
		return nil, fmt.Errorf("the string %.20q has half a code", s)
	}
	return out, nil
}
