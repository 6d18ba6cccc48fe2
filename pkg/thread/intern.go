package thread

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"math"
	"strings"

	"onrecord/pkg/rows"
)

const (
	chunkSize = 1 << 20
	maxText   = 998 // a line of mail (RFC 5322 §2.1.1); longer texts are cut and told apart by a digest
)

// interner gives equal texts equal numbers, 1 and up in order of first sight. Texts lie in chunks, each behind its length in two bytes; the table
// holds numbers alone. That is some 22 bytes a text beside the text, which is not kept where nobody asks for it. Texts without one are told apart by 64 bits of a
// hash: seeded, so that nobody can write mail that collides, and by chance two of a million collide once in 40 million builds.
type interner struct {
	seed   maphash.Seed
	chunks [][]byte
	at     rows.Rows[uint64] // by number-1: chunk<<32 | offset in it, +1; 0 without its text
	hashes rows.Rows[uint64] // by number-1
	slots  []uint32          // open addressing, 0 is free
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
	return in.find(s, true, true)
}

// withoutText is number for a text that need not be given back: text is "" then, unless number has seen it first.
func (in *interner) withoutText(s string) uint32 {
	return in.find(s, true, false)
}

// lookup returns the text's number, 0 if it was never seen.
func (in *interner) lookup(s string) uint32 {
	return in.find(s, false, false)
}

func (in *interner) find(s string, add, keep bool) uint32 {
	s = bounded(s)
	if s == "" {
		return 0
	}
	h := maphash.String(in.seed, s)
	mask := uint64(len(in.slots) - 1)
	i := h & mask
	for ; in.slots[i] != 0; i = (i + 1) & mask {
		n := in.slots[i]
		if *in.hashes.At(int(n - 1)) != h {
			continue
		}
		if known := in.bytes(n); known == nil || string(known) == s {
			return n
		}
	}
	if !add || in.len() >= math.MaxInt32 {
		return 0
	}
	at := uint64(0)
	if keep {
		at = in.keep(s) + 1
	}
	in.at.Add(at)
	in.hashes.Add(h)
	n := uint32(in.len())
	in.slots[i] = n
	if uint64(n)*8 > uint64(len(in.slots))*7 {
		in.grow()
	}
	return n
}

// keep puts a text into the chunks and returns its place.
func (in *interner) keep(s string) uint64 {
	last := len(in.chunks) - 1
	if last < 0 || len(in.chunks[last])+2+len(s) > chunkSize {
		in.chunks = append(in.chunks, make([]byte, 0, chunkSize))
		last++
	}
	c := in.chunks[last]
	in.chunks[last] = append(append(c, byte(len(s)>>8), byte(len(s))), s...)
	return uint64(last)<<32 | uint64(len(c))
}

func (in *interner) grow() {
	in.slots = make([]uint32, 2*len(in.slots))
	mask := uint64(len(in.slots) - 1)
	for k := range in.hashes.Len() {
		i := *in.hashes.At(k) & mask
		for in.slots[i] != 0 {
			i = (i + 1) & mask
		}
		in.slots[i] = uint32(k + 1)
	}
}

// bytes gives the text of a number, nil if it was not kept.
func (in *interner) bytes(n uint32) []byte {
	at := *in.at.At(int(n - 1))
	if at == 0 {
		return nil
	}
	c := in.chunks[(at-1)>>32][uint32(at-1):]
	return c[2 : 2+int(c[0])<<8+int(c[1])]
}

func (in *interner) text(n uint32) string {
	if n == 0 {
		return ""
	}
	return string(in.bytes(n))
}

func (in *interner) len() int { return in.at.Len() }
