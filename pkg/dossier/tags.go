package dossier

import (
	"hash/maphash"
	"iter"

	"onrecord/pkg/digest"
	"onrecord/pkg/rows"
)

// tags finds the kept messages whose digests have the same hash: a map of the digests themselves takes ten times as much. Hashes are seeded, so nobody can
// write mail that has the same ones.
type tags struct {
	seed  maphash.Seed
	slots []int32           // open addressing: index in kept + 1
	all   rows.Rows[uint32] // of the kept messages
}

func newTags() tags { return tags{seed: maphash.MakeSeed(), slots: make([]int32, 64)} }

func (t *tags) of(d digest.Digest) uint32 { return uint32(maphash.Bytes(t.seed, d[:])) }

// with gives the messages that have a tag.
func (t *tags) with(tag uint32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		mask := uint32(len(t.slots) - 1)
		for i := tag & mask; t.slots[i] != 0; i = (i + 1) & mask {
			if m := t.slots[i] - 1; *t.all.At(int(m)) == tag && !yield(m) {
				return
			}
		}
	}
}

// add takes the next message in.
func (t *tags) add(tag uint32) {
	t.all.Add(tag)
	if n := t.all.Len(); n*4 > len(t.slots)*3 {
		t.slots = make([]int32, 2*len(t.slots))
		for i := range n - 1 {
			t.put(*t.all.At(i), int32(i))
		}
	}
	t.put(tag, int32(t.all.Len()-1))
}

func (t *tags) put(tag uint32, message int32) {
	mask := uint32(len(t.slots) - 1)
	i := tag & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = message + 1
}

// identical finds the kept message with the same bytes, -1 if there is none, and gives the tag of the digest.
func (b *builder) identical(d digest.Digest) (first int32, tag uint32, err error) {
	tag = b.byDigest.of(d)
	for i := range b.byDigest.with(tag) {
		if err := b.journal.Flush(); err != nil {
			return -1, tag, err
		}
		held, err := b.loadKeys(i)
		if err != nil {
			return -1, tag, err
		}
		if held.message == d {
			return i, tag, nil
		}
	}
	return -1, tag, nil
}
