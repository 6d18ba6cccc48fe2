package dossier

import (
	"hash/maphash"

	"onrecord/pkg/digest"
)

// tags finds the kept messages whose digests have the same hash: a map of the digests themselves takes ten times as much. Hashes are seeded, so nobody can
// write mail that has the same ones.
type tags struct {
	seed  maphash.Seed
	slots []int32 // open addressing: index in kept + 1
	n     int
}

func newTags() tags { return tags{seed: maphash.MakeSeed(), slots: make([]int32, 64)} }

func (t *tags) of(d digest.Digest) uint32 { return uint32(maphash.Bytes(t.seed, d[:])) }

// with calls each with the messages whose tag may be this one until it returns false.
func (t *tags) with(tag uint32, each func(i int32) bool) {
	mask := uint32(len(t.slots) - 1)
	for i := tag & mask; t.slots[i] != 0 && each(t.slots[i]-1); i = (i + 1) & mask {
	}
}

// add takes the next message in; tagOf gives the tag of one that was added.
func (t *tags) add(tag uint32, tagOf func(i int32) uint32) {
	if (t.n+1)*4 > len(t.slots)*3 {
		t.slots = make([]int32, 2*len(t.slots))
		for i := range int32(t.n) {
			t.put(tagOf(i), i)
		}
	}
	t.put(tag, int32(t.n))
	t.n++
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
	first, tag = -1, b.byDigest.of(d)
	b.byDigest.with(tag, func(i int32) bool {
		if b.kept.At(int(i)).tag != tag {
			return true
		}
		if err = b.journal.flush(); err != nil {
			return false
		}
		var held keys
		if held, err = b.loadKeys(i); err == nil && held.message == d {
			first = i
		}
		return err == nil && first < 0
	})
	return first, tag, err
}
