package message

import (
	"fmt"
	"io"
)

// Source is the exact bytes of one message; *bytes.Reader, *io.SectionReader and Bytes are sources. A source that has the method
// Bytes() []byte is read in place, without a copy.
type Source interface {
	io.ReaderAt
	Size() int64
}

// Bytes is a message in memory.
type Bytes []byte

// ReadAt is io.ReaderAt.
func (b Bytes) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at offset %d", off)
	}
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size returns the number of bytes.
func (b Bytes) Size() int64 { return int64(len(b)) }

// Bytes returns b itself.
func (b Bytes) Bytes() []byte { return b }

const (
	chunkSize = 256 << 10 // the window over a source that is not in memory
	smallSize = 4 << 20   // sources up to here are taken into memory whole
)

// input is a source with a window: everything in Read goes through at.
type input struct {
	src   Source
	size  int64
	mem   []byte // the whole message, if inMem
	inMem bool
	buf   []byte // the window otherwise
	off   int64  // offset of buf[0]
}

func newInput(src Source) (*input, error) {
	in := &input{src: src, size: src.Size()}
	if in.size < 0 {
		return nil, fmt.Errorf("source has the size %d", in.size)
	}
	if b, ok := src.(interface{ Bytes() []byte }); ok {
		if mem := b.Bytes(); int64(len(mem)) == in.size {
			in.mem, in.inMem = mem, true
			return in, nil
		}
	}
	if in.size <= smallSize {
		mem := make([]byte, in.size)
		if err := readFull(src, mem, 0); err != nil {
			return nil, err
		}
		in.src, in.mem, in.inMem = Bytes(mem), mem, true
	}
	return in, nil
}

// at returns the bytes from off on: at least want of them, or all up to the end. They hold until the next call.
func (in *input) at(off int64, want int) ([]byte, error) {
	if in.inMem {
		return in.mem[off:], nil
	}
	if rest := in.size - off; int64(want) > rest {
		want = int(rest)
	}
	if off >= in.off && off+int64(want) <= in.off+int64(len(in.buf)) {
		return in.buf[off-in.off:], nil
	}
	n := int(min(int64(max(want, chunkSize)), in.size-off))
	if cap(in.buf) < n || cap(in.buf) > 4*chunkSize && n <= chunkSize {
		in.buf = make([]byte, n)
	}
	in.buf, in.off = in.buf[:n], off
	if err := readFull(in.src, in.buf, off); err != nil {
		in.buf = in.buf[:0]
		return nil, err
	}
	return in.buf, nil
}

// endingBefore returns the length of the line ending just before the line start off: 0 at the start of the message.
func (in *input) endingBefore(off int64) (int64, error) {
	var pair [2]byte
	b := pair[:min(2, off)]
	if in.inMem {
		copy(b, in.mem[off-int64(len(b)):])
	} else if err := readFull(in.src, b, off-int64(len(b))); err != nil {
		return 0, err
	}
	switch {
	case len(b) == 2 && b[0] == '\r' && b[1] == '\n':
		return 2, nil
	case len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r'):
		return 1, nil
	}
	return 0, nil
}

// readFull fills p from off on; a source that ends early has changed under us, which is an error.
func readFull(src io.ReaderAt, p []byte, off int64) error {
	if len(p) == 0 {
		return nil
	}
	n, err := src.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read message at %d: %w", off+int64(n), err)
}
