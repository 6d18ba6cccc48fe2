package rows

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
)

// File is a temporary file: what is written goes to its end.
type File interface {
	io.Writer
	io.ReaderAt
}

// Opener makes a File, for a list that has more than fits into a page of memory.
type Opener func() (File, error)

const (
	pageSize = 8 << 10 // bytes
	pages    = 64      // of a Table that are in memory, besides the one that is being filled
)

// Table is Rows in a temporary file: its elements, numbers and structs and arrays of them (see encoding/binary), take some pages of memory, however many they
// are. It may be used by several goroutines.
type Table[T any] struct {
	mu      sync.Mutex
	open    Opener
	file    File
	size    int // bytes of an element
	perPage int // elements
	n       int
	last    []byte // the elements behind the last full page
	held    [pages]struct {
		number int // from 1
		raw    []byte
	}
	scratch T
	err     error
}

// NewTable makes an empty Table.
func NewTable[T any](open Opener) *Table[T] {
	size := binary.Size(new(T))
	return &Table[T]{open: open, size: size, perPage: pageSize / size}
}

// Len is the number of elements.
func (t *Table[T]) Len() int { return t.n }

// Add appends v.
func (t *Table[T]) Add(v T) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return t.err
	}
	t.scratch = v
	t.last, t.err = binary.Append(t.last, binary.LittleEndian, &t.scratch)
	t.n++
	if t.err != nil || len(t.last) < t.perPage*t.size {
		return t.err
	}
	if t.file == nil {
		if t.file, t.err = t.open(); t.err != nil {
			return t.err
		}
	}
	_, t.err = t.file.Write(t.last)
	t.last = t.last[:0]
	return t.err
}

// At gives element i, from 0. After a failure, which Err tells, it is the zero T.
func (t *Table[T]) At(i int) (v T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	raw := t.page(i / t.perPage)
	if t.err != nil {
		return v
	}
	_, t.err = binary.Decode(raw[i%t.perPage*t.size:], binary.LittleEndian, &t.scratch)
	return t.scratch
}

// page gives the elements of a page.
func (t *Table[T]) page(number int) []byte {
	if number == t.n/t.perPage {
		return t.last
	}
	p := &t.held[number%pages]
	if p.number == number+1 || t.err != nil {
		return p.raw
	}
	p.number = number + 1
	if p.raw == nil {
		p.raw = make([]byte, t.perPage*t.size)
	}
	if _, err := t.file.ReadAt(p.raw, int64(number)*int64(len(p.raw))); err != nil {
		t.err = fmt.Errorf("read back: %w", err)
	}
	return p.raw
}

// Slice reads the elements into memory.
func (t *Table[T]) Slice() []T {
	all := make([]T, t.n)
	for i := range all {
		all[i] = t.At(i)
	}
	return all
}

// Err is the first failure to write or to read.
func (t *Table[T]) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Journal keeps entries of any length in a temporary file.
type Journal struct {
	open Opener
	file File
	w    *bufio.Writer
	at   int64
}

// headSize is the size of what stands before an entry: its length.
const headSize = 4

// NewJournal makes an empty Journal.
func NewJournal(open Opener) *Journal { return &Journal{open: open} }

// Add writes an entry and returns where it lies.
func (j *Journal) Add(entry []byte) (int64, error) {
	if j.file == nil {
		var err error
		if j.file, err = j.open(); err != nil {
			return 0, err
		}
		j.w = bufio.NewWriterSize(j.file, 64<<10)
	}
	at := j.at
	var head [headSize]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(entry)))
	if _, err := j.w.Write(head[:]); err != nil {
		return 0, err
	}
	_, err := j.w.Write(entry)
	j.at += int64(headSize + len(entry))
	return at, err
}

// Flush makes all entries readable. Only then may they be read, by several goroutines even.
func (j *Journal) Flush() error {
	if j.w == nil {
		return nil
	}
	return j.w.Flush()
}

// Read gives the entry at a place that Add or After returned, in buf where it has the room.
func (j *Journal) Read(at int64, buf []byte) ([]byte, error) {
	// Most entries are small: one read gets the length and the entry.
	if cap(buf) < 1024 {
		buf = make([]byte, 1024)
	}
	buf = buf[:cap(buf)]
	n := min(int64(len(buf)), j.at-at)
	if n < headSize {
		return nil, fmt.Errorf("no entry at %d", at)
	}
	if _, err := j.file.ReadAt(buf[:n], at); err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	size := int64(binary.BigEndian.Uint32(buf))
	if size+headSize <= n {
		return buf[headSize : headSize+size], nil
	}
	entry := make([]byte, size)
	if _, err := j.file.ReadAt(entry, at+headSize); err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	return entry, nil
}

// Begin fills buf with the first bytes of the entry at a place.
func (j *Journal) Begin(at int64, buf []byte) error {
	if _, err := j.file.ReadAt(buf, at+headSize); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	return nil
}

// After gives the place of the entry behind another one.
func (j *Journal) After(at int64) (int64, error) {
	var head [headSize]byte
	if _, err := j.file.ReadAt(head[:], at); err != nil {
		return 0, fmt.Errorf("read back: %w", err)
	}
	return at + headSize + int64(binary.BigEndian.Uint32(head[:])), nil
}

// All gives the entries in order; each is valid until the next.
func (j *Journal) All() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if j.file == nil {
			return
		}
		r := bufio.NewReaderSize(io.NewSectionReader(j.file, 0, j.at), 64<<10)
		var head [headSize]byte
		var entry []byte
		for at := int64(0); at < j.at; at += int64(headSize + len(entry)) {
			_, err := io.ReadFull(r, head[:])
			if err == nil {
				n := int(binary.BigEndian.Uint32(head[:]))
				entry = slices.Grow(entry[:0], n)[:n]
				_, err = io.ReadFull(r, entry)
			}
			if err != nil {
				yield(nil, fmt.Errorf("read back: %w", err))
				return
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}
