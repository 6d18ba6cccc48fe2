package archive

import (
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"

	"onrecord/pkg/digest"
	"onrecord/pkg/source"
)

// bitset is a set of small numbers.
type bitset []uint64

func (b *bitset) set(i int64) {
	for int64(len(*b)) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bitset) has(i int64) bool { return i/64 < int64(len(b)) && b[i/64]&(1<<(i%64)) != 0 }

// digestTable finds the messages of a run by their digests, about 50 bytes each.
type digestTable struct {
	all   []digest.Digest
	slots []int32 // 1 + index into all
}

func (t *digestTable) find(d digest.Digest) (int64, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	for h := uint64(keyOf(d)); ; h++ {
		i := t.slots[h&uint64(len(t.slots)-1)]
		if i == 0 {
			return 0, false
		}
		if t.all[i-1] == d {
			return int64(i - 1), true
		}
	}
}

func (t *digestTable) add(d digest.Digest) {
	t.all = append(t.all, d)
	if 2*len(t.all) > len(t.slots) {
		t.slots = make([]int32, max(1024, 2*len(t.slots)))
		for i := range t.all {
			t.insert(i)
		}
		return
	}
	t.insert(len(t.all) - 1)
}

func (t *digestTable) insert(i int) {
	h := uint64(keyOf(t.all[i]))
	for t.slots[h&uint64(len(t.slots)-1)] != 0 {
		h++
	}
	t.slots[h&uint64(len(t.slots)-1)] = int32(i + 1)
}

// blockSize is the size of a file's pieces that have a digest each.
const blockSize = 1 << 20

// blockReader digests a file block by block while it is read in order. What is read a second time counts once.
type blockReader struct {
	io.ReaderAt
	next   int64
	sum    hash.Hash
	blocks []digest.Digest
}

func newBlockReader(r io.ReaderAt, from int64) *blockReader {
	return &blockReader{ReaderAt: r, next: from, sum: sha256.New()}
}

func (b *blockReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.ReaderAt.ReadAt(p, off)
	if off <= b.next && b.next < off+int64(n) {
		b.feed(p[b.next-off : n])
	}
	return n, err
}

func (b *blockReader) feed(p []byte) {
	for len(p) > 0 {
		room := blockSize - b.next%blockSize
		part := p[:min(int64(len(p)), room)]
		b.sum.Write(part)
		b.next += int64(len(part))
		p = p[len(part):]
		if b.next%blockSize == 0 {
			b.cut()
		}
	}
}

func (b *blockReader) cut() {
	b.blocks = append(b.blocks, digest.Sum(b.sum))
	b.sum.Reset()
}

// skipTo reads up to an offset.
func (b *blockReader) skipTo(off int64) error {
	if off <= b.next {
		return nil
	}
	p := make([]byte, off-b.next)
	return readFull(b, p, b.next)
}

// finish reads what was not read yet and gives the digests of all blocks up to size.
func (b *blockReader) finish(size int64) ([]digest.Digest, error) {
	buf := make([]byte, 256<<10)
	for b.next < size {
		n, err := b.ReaderAt.ReadAt(buf[:min(int64(len(buf)), size-b.next)], b.next)
		if n == 0 {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		b.feed(buf[:n])
	}
	if b.next%blockSize != 0 {
		b.cut()
	}
	return b.blocks, nil
}

// digestOf reads a message of any size.
func digestOf(c source.Content) (digest.Digest, error) {
	if b, ok := c.(source.Bytes); ok {
		return digest.Of(b), nil
	}
	d, n, err := digest.OfReader(io.NewSectionReader(c, 0, c.Size()))
	if err == nil && n != c.Size() {
		err = io.ErrUnexpectedEOF
	}
	return d, err
}

func equalBlock(r io.ReaderAt, n, size int64, want digest.Digest, buf []byte) (bool, error) {
	from := n * blockSize
	b := buf[:min(blockSize, size-from)]
	if got, err := r.ReadAt(b, from); got < len(b) {
		if err == io.EOF {
			return false, nil
		}
		return false, err
	}
	return digest.Of(b) == want, nil
}

// exactEnvelope gives the bytes of the From_ line.
func exactEnvelope(o source.Origin) string {
	if o.EnvelopeLineBase64 != "" {
		if b, err := base64.StdEncoding.DecodeString(o.EnvelopeLineBase64); err == nil {
			return string(b)
		}
	}
	return o.EnvelopeLine
}
