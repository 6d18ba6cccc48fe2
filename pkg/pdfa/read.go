package pdfa

import (
	"bytes"
	"fmt"
	"strconv"

	"onrecord/pkg/cos"
)

// source is a document of gofpdf's, in memory.
type source struct {
	doc  []byte
	at   []int // offsets by object number; 0 is none
	root int
}

// maxObjects bounds a document's objects.
const maxObjects = 10_000_000

// read reads the cross-reference table and the trailer (ISO 32000-1 §7.5.4, §7.5.5).
func read(doc []byte) (*source, error) {
	tail := bytes.LastIndex(doc, []byte("startxref\n"))
	if tail < 0 || !bytes.HasPrefix(doc, []byte("%PDF-1.")) {
		return nil, ErrForm
	}
	digits, _, _ := bytes.Cut(doc[tail+len("startxref\n"):], []byte("\n"))
	xref, err := strconv.Atoi(string(digits))
	if err != nil || xref < 0 || xref > tail {
		return nil, ErrForm
	}
	head, rest, ok := bytes.Cut(doc[xref:tail], []byte("\n"))
	if !ok || string(head) != "xref" {
		return nil, ErrForm
	}
	head, rest, _ = bytes.Cut(rest, []byte("\n"))
	size, ok := bytes.CutPrefix(head, []byte("0 "))
	n, err := strconv.Atoi(string(size))
	const line = len("0000000000 65535 f \n")
	if !ok || err != nil || n < 1 || n > maxObjects || len(rest)/line < n {
		return nil, ErrForm
	}
	s := &source{doc: doc[:xref], at: make([]int, n)}
	for i := range n {
		at, err := strconv.Atoi(string(rest[i*line : i*line+10]))
		if err != nil || at < 0 || at >= xref && i > 0 {
			return nil, ErrForm
		}
		s.at[i] = at
	}
	trailer, ok := bytes.CutPrefix(rest[n*line:], []byte("trailer\n"))
	if !ok {
		return nil, ErrForm
	}
	root, _ := cos.Value(trailer, "Root")
	if s.root, err = cos.Reference(root); err != nil {
		return nil, ErrForm
	}
	return s, nil
}

// object gives an object, and what its stream holds if it is one (§7.3.8); plain tells a stream that is not compressed.
func (s *source) object(number int) (body, stream []byte, err error) {
	if number < 1 || number >= len(s.at) {
		return nil, nil, ErrForm
	}
	rest, ok := bytes.CutPrefix(s.doc[s.at[number]:], fmt.Appendf(nil, "%d 0 obj\n", number))
	if !ok {
		return nil, nil, ErrForm
	}
	end, err := cos.Skip(rest, 0)
	if err != nil {
		return nil, nil, ErrForm
	}
	body, rest = rest[:end], rest[end:]
	if rest, ok = bytes.CutPrefix(rest, []byte("\nstream\n")); !ok {
		return body, nil, nil
	}
	text, _ := cos.Value(body, "Length")
	length, err := strconv.Atoi(string(text))
	if err != nil || length < 0 || length > len(rest) || !bytes.HasPrefix(rest[length:], []byte("\nendstream")) {
		return nil, nil, ErrForm
	}
	return body, rest[:length:length], nil
}

// entry gives the object that a dictionary's key names.
func (s *source) entry(dict []byte, key string) (number int, body, stream []byte, err error) {
	v, ok := cos.Value(dict, key)
	if !ok {
		return 0, nil, nil, ErrForm
	}
	if number, err = cos.Reference(v); err != nil {
		return 0, nil, nil, ErrForm
	}
	body, stream, err = s.object(number)
	return number, body, stream, err
}

// sheet is a page as gofpdf has drawn it.
type sheet struct {
	box       string
	extra     string
	resources int
	content   []byte
}

// pages gives all pages in order. gofpdf's page tree has one level.
func (s *source) pages() ([]sheet, error) {
	catalog, _, err := s.object(s.root)
	if err != nil {
		return nil, err
	}
	if _, ok := cos.Value(catalog, "Outlines"); ok {
		return nil, fmt.Errorf("%w: with bookmarks of its own", ErrForm)
	}
	_, tree, _, err := s.entry(catalog, "Pages")
	if err != nil {
		return nil, err
	}
	list, _ := cos.Value(tree, "Kids")
	if !bytes.HasPrefix(list, []byte("[")) {
		return nil, ErrForm
	}
	common, _ := cos.Value(tree, "MediaBox")
	var all []sheet
	for i := cos.Space(list, 1); i < len(list) && list[i] != ']'; i = cos.Space(list, i) {
		if len(all) == len(s.at) {
			return nil, ErrForm
		}
		end, err := cos.SkipValue(list, i)
		if err != nil {
			return nil, ErrForm
		}
		number, err := cos.Reference(list[i:end])
		if err != nil {
			return nil, ErrForm
		}
		p, err := s.page(number, common)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
		i = end
	}
	return all, nil
}

func (s *source) page(number int, box []byte) (sheet, error) {
	var p sheet
	dict, _, err := s.object(number)
	if err != nil {
		return p, err
	}
	if own, ok := cos.Value(dict, "MediaBox"); ok {
		box = own
	}
	var x [4]float64
	sides := bytes.Fields(bytes.Trim(box, "[]"))
	if len(sides) != len(x) {
		return p, ErrForm
	}
	for i, field := range sides {
		if x[i], err = strconv.ParseFloat(string(field), 64); err != nil {
			return p, ErrForm
		}
	}
	// What a page can be: ISO 19005-3 §6.1.13.
	if w, h := x[2]-x[0], x[3]-x[1]; !(w >= 3 && w <= 14400 && h >= 3 && h <= 14400) {
		return p, ErrForm
	}
	p.box = string(bytes.Join(sides, []byte(" ")))
	if _, ok := cos.Value(dict, "Annots"); ok {
		return p, fmt.Errorf("%w: with links of its own", ErrForm)
	}
	if group, ok := cos.Value(dict, "Group"); ok {
		p.extra = fmt.Sprintf("/Group %s\n", group)
	}
	if p.resources, _, _, err = s.entry(dict, "Resources"); err != nil {
		return p, err
	}
	_, head, content, err := s.entry(dict, "Contents")
	if err != nil || content == nil {
		return p, ErrForm
	}
	if _, ok := cos.Value(head, "Filter"); ok {
		return p, fmt.Errorf("%w: compressed", ErrForm)
	}
	p.content = content
	return p, nil
}
