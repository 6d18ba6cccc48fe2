package pdf

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"onrecord/pkg/ordered"
)

// gofpdf compresses one page after the other, each with a compressor of its own, which takes as long as all the rest. It is told not to, and the streams of
// its finished document are compressed here, several at a time.

// errNotOurs says that gofpdf's output is not of the form that pack knows: a mistake of this program, not of the data.
var errNotOurs = errors.New("document is not of the form that gofpdf writes")

// object is one indirect object of the document (ISO 32000-1 §7.3.10).
type object struct {
	number int
	at     int // offset
	end    int
}

// pack copies the document doc to w with its plain streams compressed (FlateDecode, §7.4.4).
func pack(w io.Writer, doc []byte) error {
	objects, trailer, err := readObjects(doc)
	if err != nil {
		return err
	}
	out := &counter{w: bufio.NewWriterSize(w, 256<<10)}
	if len(objects) == 0 {
		return errNotOurs
	}
	out.Write(doc[:objects[0].at])
	at := make([]int64, len(objects)+1) // by number
	writers := sync.Pool{New: func() any { return zlib.NewWriter(io.Discard) }}
	lim := ordered.Limits{Workers: runtime.GOMAXPROCS(0), Batch: 256 << 10, Flight: 8 << 20}
	err = ordered.Map(context.Background(), lim, iter.Seq[object](slices.Values(objects)), func(o object) int64 { return int64(o.end - o.at) },
		func(o object) []byte { return compressed(doc[o.at:o.end], o.number, &writers) },
		func(o object, text []byte) error {
			at[o.number] = out.n
			_, err := out.Write(text)
			return err
		})
	if err != nil {
		return err
	}
	start := out.n
	fmt.Fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at[1:] {
		fmt.Fprintf(out, "%010d 00000 n \n", offset)
	}
	out.Write(trailer)
	fmt.Fprintf(out, "startxref\n%d\n%%%%EOF\n", start)
	return out.w.Flush()
}

// counter counts what is written.
type counter struct {
	w *bufio.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// readObjects finds the objects, in the order in which they lie in the document, and its trailer dictionary (§7.5.4, §7.5.5).
func readObjects(doc []byte) (objects []object, trailer []byte, err error) {
	tail := bytes.LastIndex(doc, []byte("startxref\n"))
	if tail < 0 {
		return nil, nil, errNotOurs
	}
	number, _, _ := bytes.Cut(doc[tail+len("startxref\n"):], []byte("\n"))
	xref, err := strconv.Atoi(string(number))
	if err != nil || xref < 0 || xref > tail {
		return nil, nil, errNotOurs
	}
	table, rest, ok := bytes.Cut(doc[xref:tail], []byte("trailer\n"))
	if !ok {
		return nil, nil, errNotOurs
	}
	lines := bytes.Split(bytes.TrimSuffix(table, []byte("\n")), []byte("\n"))
	if len(lines) < 3 {
		return nil, nil, errNotOurs
	}
	for i, line := range lines[3:] {
		if len(line) < 10 {
			return nil, nil, errNotOurs
		}
		offset, err := strconv.Atoi(string(line[:10]))
		if err != nil || offset > xref {
			return nil, nil, errNotOurs
		}
		objects = append(objects, object{number: i + 1, at: offset, end: xref})
	}
	slices.SortFunc(objects, func(a, b object) int { return cmp.Compare(a.at, b.at) })
	for i := range len(objects) - 1 {
		objects[i].end = objects[i+1].at
	}
	return objects, append([]byte("trailer\n"), rest...), nil
}

// compressed gives an object that is a plain stream (§7.3.8) compressed, any other as it is.
func compressed(text []byte, number int, writers *sync.Pool) []byte {
	head := fmt.Appendf(nil, "%d 0 obj\n<</Length ", number)
	rest, ok := bytes.CutPrefix(text, head)
	if !ok {
		return text
	}
	digits, rest, ok := bytes.Cut(rest, []byte(">>\nstream\n"))
	length, err := strconv.Atoi(string(digits))
	if !ok || err != nil || length < 0 || length > len(rest) {
		return text
	}
	var packed bytes.Buffer
	z := writers.Get().(*zlib.Writer)
	defer writers.Put(z)
	z.Reset(&packed)
	z.Write(rest[:length]) // into memory: it does not fail
	z.Close()
	out := make([]byte, 0, packed.Len()+128)
	out = fmt.Appendf(out, "%d 0 obj\n<</Filter /FlateDecode /Length %d>>\nstream\n", number, packed.Len())
	out = append(out, packed.Bytes()...)
	return append(out, rest[length:]...)
}
