package rules

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"

	"onrecord/pkg/cos"
)

// document is a file whose objects stand one by one, with tables of offsets (ISO 32000-1 §7.5.4).
type document struct {
	doc     []byte
	at      map[int]int
	trailer []byte
}

var errForm = errors.New("not of the form that is read here")

// read reads all tables, the newest first.
func read(doc []byte) (*document, error) {
	d := &document{doc: doc, at: map[int]int{}}
	tail := bytes.LastIndex(doc, []byte("startxref"))
	if tail < 0 {
		return nil, errForm
	}
	next := bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(doc[tail+len("startxref"):]), []byte("%%EOF")))
	for range 100 {
		start, err := strconv.Atoi(string(next))
		if err != nil || start < 0 || start >= len(doc) {
			return nil, errForm
		}
		trailer, err := d.table(start)
		if err != nil {
			return nil, err
		}
		if d.trailer == nil {
			d.trailer = trailer
		}
		var ok bool
		if next, ok = cos.Value(trailer, "Prev"); !ok {
			return d, nil
		}
	}
	return nil, errForm
}

func (d *document) table(start int) (trailer []byte, err error) {
	rest, ok := bytes.CutPrefix(d.doc[start:], []byte("xref\n"))
	if !ok {
		return nil, errForm
	}
	for !bytes.HasPrefix(rest, []byte("trailer\n")) {
		var first, count int
		head, after, ok := bytes.Cut(rest, []byte("\n"))
		if n, err := fmt.Sscanf(string(head), "%d %d", &first, &count); !ok || n != 2 || err != nil || first < 0 || count < 0 || len(after)/20 < count {
			return nil, errForm
		}
		for i := range count {
			line := after[20*i : 20*i+20]
			at, err := strconv.Atoi(string(line[:10]))
			if err != nil || at >= len(d.doc) {
				return nil, errForm
			}
			if _, newer := d.at[first+i]; !newer && line[17] == 'n' {
				d.at[first+i] = at
			}
		}
		rest = after[20*count:]
	}
	dict := rest[len("trailer\n"):]
	end, err := cos.Skip(dict, 0)
	if err != nil {
		return nil, err
	}
	return dict[:end], nil
}

// object is an indirect object, and its stream if it has one.
type object struct {
	body   []byte
	stream []byte // as it lies there; nil if it is none
}

func (d *document) object(number int) (object, error) {
	at, ok := d.at[number]
	if !ok {
		return object{}, fmt.Errorf("object %d is missing", number)
	}
	rest, ok := bytes.CutPrefix(d.doc[at:], fmt.Appendf(nil, "%d 0 obj\n", number))
	if !ok {
		return object{}, fmt.Errorf("object %d does not stand where its offset says", number)
	}
	end, err := cos.Skip(rest, 0)
	if err != nil {
		return object{}, fmt.Errorf("object %d: %w", number, err)
	}
	o := object{body: rest[:end]}
	rest = rest[end:]
	data, ok := bytes.CutPrefix(rest, []byte("\nstream\n"))
	if !ok {
		if !bytes.HasPrefix(rest, []byte("\nendobj\n")) {
			return o, fmt.Errorf("object %d has no end", number)
		}
		return o, nil
	}
	length, _ := cos.Value(o.body, "Length")
	if ref, err := cos.Reference(length); err == nil {
		in, err := d.object(ref)
		if err != nil {
			return o, err
		}
		length = in.body
	}
	n, err := strconv.Atoi(string(length))
	if err != nil || n < 0 || n > len(data) || !bytes.HasPrefix(data[n:], []byte("\nendstream\nendobj\n")) {
		return o, fmt.Errorf("the stream of object %d is not as long as it says", number)
	}
	o.stream = data[:n:n]
	return o, nil
}

// value gives what a key of a dictionary stands for, through a reference.
func (d *document) value(dict []byte, key string) (object, bool) {
	v, ok := cos.Value(dict, key)
	if !ok {
		return object{}, false
	}
	if number, err := cos.Reference(v); err == nil {
		o, err := d.object(number)
		return o, err == nil
	}
	return object{body: v}, true
}

// content gives a stream decoded.
func (o object) content() ([]byte, error) {
	filter, ok := cos.Value(o.body, "Filter")
	if !ok {
		return o.stream, nil
	}
	if string(filter) != "/FlateDecode" {
		return nil, fmt.Errorf("filter %s", filter)
	}
	z, err := zlib.NewReader(bytes.NewReader(o.stream))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// elements gives the values of an array.
func elements(array []byte) [][]byte {
	var all [][]byte
	if !bytes.HasPrefix(array, []byte("[")) {
		return nil
	}
	for i := cos.Space(array, 1); i < len(array) && array[i] != ']'; i = cos.Space(array, i) {
		end, err := cos.SkipValue(array, i)
		if err != nil {
			return all
		}
		all = append(all, array[i:end])
		i = end
	}
	return all
}
