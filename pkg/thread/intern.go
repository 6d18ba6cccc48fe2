package thread

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"math"
	"strings"
)

const (
	chunkSize = 1 << 20
	maxText   = 998 // a line of mail (RFC 5322 §2.1.1); longer texts are cut and told apart by a digest
)

// interner gives equal texts equal numbers, 1 and up in order of first sight. Texts lie in chunks, each behind its length in two bytes; the table
// holds numbers alone. That is 20 bytes a text beside the text. Hashes are seeded, so nobody can write mail that collides; no result depends on them.
type interner struct {
	seed   maphash.Seed
	chunks [][]byte
	at     []uint64 // by number-1: chunk<<32 | offset in it
	hashes []uint32 // by number-1
	slots  []uint32 // open addressing, 0 is free
}

func newInterner() *interner {
	return &interner{seed: maphash.MakeSeed(), slots: make([]uint32, 64)}
}

// bounded keeps texts of any length apart in at most maxText bytes.
func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:maxText-65], "") + "#" + hex.EncodeToString(sum[:])
}

// number returns the text's number, and gives it one when it is new. The empty text is 0.
func (in *interner) number(s string) uint32 {
	return in.find(s, true)
}

// lookup returns the text's number, 0 if it was never seen.
func (in *interner) lookup(s string) uint32 {
	return in.find(s, false)
}

func (in *interner) find(s string, add bool) uint32 {
	s = bounded(s)
	if s == "" {
		return 0
	}
	h := uint32(maphash.String(in.seed, s))
	mask := uint32(len(in.slots) - 1)
	i := h & mask
	for ; in.slots[i] != 0; i = (i + 1) & mask {
		if n := in.slots[i]; in.hashes[n-1] == h && string(in.bytes(n)) == s {
			return n
		}
	}
	if !add || len(in.at) >= math.MaxInt32 {
		return 0
	}
	last := len(in.chunks) - 1
	if last < 0 || len(in.chunks[last])+2+len(s) > chunkSize {
		in.chunks = append(in.chunks, make([]byte, 0, chunkSize))
		last++
	}
	c := in.chunks[last]
	in.at = append(in.at, uint64(last)<<32|uint64(len(c)))
	in.hashes = append(in.hashes, h)
	c = append(c, byte(len(s)>>8), byte(len(s)))
	in.chunks[last] = append(c, s...)
	n := uint32(len(in.at))
	in.slots[i] = n
	if uint64(n)*8 > uint64(len(in.slots))*7 {
		in.grow()
	}
	return n
}

func (in *interner) grow() {
	in.slots = make([]uint32, 2*len(in.slots))
	mask := uint32(len(in.slots) - 1)
	for k, h := range in.hashes {
		i := h & mask
		for in.slots[i] != 0 {
			i = (i + 1) & mask
		}
		in.slots[i] = uint32(k + 1)
	}
}

func (in *interner) bytes(n uint32) []byte {
	at := in.at[n-1]
	c := in.chunks[at>>32][uint32(at):]
	return c[2 : 2+int(c[0])<<8+int(c[1])]
}

func (in *interner) text(n uint32) string {
	if n == 0 {
		return ""
	}
	return string(in.bytes(n))
}

func (in *interner) len() int { return len(in.at) }
