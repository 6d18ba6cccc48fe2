package pades

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"onrecord/pkg/cos"
)

// errForm says that a document is not of the form that is read here: a file with a cross-reference table, whose objects are not in object streams.
var errForm = errors.New("the PDF is not of the form that can be signed here")

// document is a PDF file with its cross-reference table (ISO 32000-1 §7.5).
type document struct {
	doc     []byte
	xref    int         // offset of the newest table
	offsets map[int]int // of objects in use
	size    int
	root    int
	rest    []byte // /Info and /ID of the trailer, as they stand there
}

// Bounds of what is followed.
const (
	maxObjects  = 10_000_000
	maxSections = 100
	maxKids     = 64 // levels of the page tree
)

// read reads the tables, the newest first.
func read(doc []byte) (*document, error) {
	d := &document{doc: doc, offsets: map[int]int{}}
	tail := bytes.LastIndex(doc, []byte("startxref"))
	if tail < 0 {
		return nil, errForm
	}
	at, err := strconv.Atoi(string(firstLine(bytes.TrimLeft(doc[tail+len("startxref"):], "\r\n "))))
	if err != nil || at < 0 || at >= tail {
		return nil, errForm
	}
	d.xref = at
	for section := 0; ; section++ {
		if section == maxSections {
			return nil, errForm
		}
		trailer, err := d.section(at)
		if err != nil {
			return nil, err
		}
		if section == 0 {
			if err := d.trailer(trailer); err != nil {
				return nil, err
			}
		}
		prev, ok := cos.Value(trailer, "Prev")
		if !ok {
			return d, nil
		}
		if at, err = strconv.Atoi(string(prev)); err != nil || at < 0 || at >= len(doc) {
			return nil, errForm
		}
	}
}

func firstLine(b []byte) []byte {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		return b[:i]
	}
	return b
}

// section reads one cross-reference section and gives the dictionary of its trailer.
func (d *document) section(at int) ([]byte, error) {
	rest, ok := bytes.CutPrefix(d.doc[at:], []byte("xref"))
	if !ok {
		return nil, errForm // a cross-reference stream
	}
	for {
		rest = bytes.TrimLeft(rest, "\r\n ")
		if after, ok := bytes.CutPrefix(rest, []byte("trailer")); ok {
			dict := bytes.TrimLeft(after, "\r\n ")
			end, err := cos.Skip(dict, 0)
			if err != nil || !bytes.HasPrefix(dict, []byte("<<")) {
				return nil, errForm
			}
			return dict[:end], nil
		}
		head := firstLine(rest)
		var first, count int
		if n, err := fmt.Sscanf(string(head), "%d %d", &first, &count); n != 2 || err != nil || first < 0 || count < 0 || first > maxObjects || count > maxObjects {
			return nil, errForm
		}
		rest = bytes.TrimLeft(rest[len(head):], "\r\n ")
		if len(rest) < 20*count {
			return nil, errForm
		}
		for i := range count {
			line := rest[20*i : 20*i+20]
			offset, err := strconv.Atoi(string(line[:10]))
			if err != nil || offset > len(d.doc) {
				return nil, errForm
			}
			if _, newer := d.offsets[first+i]; !newer && line[17] == 'n' {
				d.offsets[first+i] = offset
			}
		}
		rest = rest[20*count:]
	}
}

func (d *document) trailer(dict []byte) error {
	size, ok := cos.Value(dict, "Size")
	n, err := strconv.Atoi(string(size))
	if !ok || err != nil || n < 1 || n > maxObjects {
		return errForm
	}
	d.size = n
	root, ok := cos.Value(dict, "Root")
	if d.root, err = cos.Reference(root); !ok || err != nil {
		return errForm
	}
	if _, ok := cos.Value(dict, "Encrypt"); ok {
		return errors.New("the PDF is encrypted")
	}
	for _, key := range []string{"Info", "ID"} {
		if v, ok := cos.Value(dict, key); ok {
			d.rest = fmt.Appendf(d.rest, "/%s %s\n", key, v)
		}
	}
	return nil
}

// object gives the dictionary of an object.
func (d *document) object(number int) ([]byte, error) {
	at, ok := d.offsets[number]
	if !ok {
		return nil, errForm
	}
	rest, ok := bytes.CutPrefix(d.doc[at:], fmt.Appendf(nil, "%d 0 obj", number))
	if !ok {
		return nil, errForm
	}
	rest = bytes.TrimLeft(rest, "\r\n ")
	end, err := cos.Skip(rest, 0)
	if err != nil || !bytes.HasPrefix(rest, []byte("<<")) && !bytes.HasPrefix(rest, []byte("[")) {
		return nil, errForm
	}
	return rest[:end], nil
}

// firstPage gives the number and dictionary of the first page (§7.7.3).
func (d *document) firstPage() (int, []byte, error) {
	catalog, err := d.object(d.root)
	if err != nil {
		return 0, nil, err
	}
	next, _ := cos.Value(catalog, "Pages")
	for range maxKids {
		number, err := cos.Reference(next)
		if err != nil {
			return 0, nil, errForm
		}
		dict, err := d.object(number)
		if err != nil {
			return 0, nil, err
		}
		kids, ok := cos.Value(dict, "Kids")
		if !ok {
			return number, dict, nil
		}
		next = bytes.TrimLeft(bytes.TrimPrefix(kids, []byte("[")), "\r\n ")
	}
	return 0, nil, errForm
}
