package dossier

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
)

// pair is an exhibit and a copy of it; both are indices in kept.
type pair struct {
	of, copy int32
	class    evidence.CopyClass
}

// findCopies groups exhibits that are copies of one mail: by content key, then by Message-ID.
func (b *builder) findCopies() error {
	var pairs []pair
	// First by content, then, for what a content key may miss, by the bytes but for line endings.
	for _, by := range [...]struct {
		start func(kept) uint64
		key   func(*keys) digest.Digest
	}{
		{func(k kept) uint64 { return k.Content }, func(k *keys) digest.Digest { return k.content }},
		{func(k kept) uint64 { return k.Canonical }, func(k *keys) digest.Digest { return k.canonical }},
	} {
		for group := range b.alike(by.start) {
			more, err := b.sameContent(group, by.key)
			if err != nil {
				return err
			}
			pairs = append(pairs, more...)
		}
	}
	for group := range b.alike(func(k kept) uint64 { return k.ID }) {
		for _, i := range group[1:] {
			if _, told := b.copyOf[i]; told {
				continue
			}
			same, err := b.agree(group[0], i, func(x, y *keys) bool { return x.envelope == y.envelope })
			if err != nil {
				return err
			}
			class := evidence.CopySameMessageID
			if same {
				class = evidence.CopyModified
			}
			pairs = append(pairs, pair{group[0], i, class})
		}
	}
	byExhibit := func(x, y int32) int { return cmp.Compare(b.place[x], b.place[y]) }
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Or(byExhibit(x.of, y.of), byExhibit(x.copy, y.copy)) })
	for _, p := range pairs {
		// Each of the two names the other.
		for _, one := range [...][2]int32{{p.of, p.copy}, {p.copy, p.of}} {
			var other struct{ Origin json.RawMessage }
			raw, err := b.fragment(one[1], nil)
			if err != nil {
				return err
			}
			c := evidence.Copy{Class: p.class, Exhibit: int(b.place[one[1]]) + 1}
			if err := json.Unmarshal(raw, &other); err != nil {
				return err
			}
			if err := json.Unmarshal(other.Origin, &c.Origin); err != nil {
				return err
			}
			b.copies[one[0]] = append(b.copies[one[0]], c)
		}
	}
	return nil
}

// alike gives the messages that agree in a hash of theirs which is not 0, at least two at a time, by exhibit.
func (b *builder) alike(hash func(kept) uint64) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		all, hashes := slices.Clone(b.order), make([]uint64, len(b.order))
		for i := range hashes {
			hashes[i] = hash(b.kept.At(i))
		}
		slices.SortFunc(all, func(x, y int32) int {
			return cmp.Or(cmp.Compare(hashes[x], hashes[y]), cmp.Compare(b.place[x], b.place[y]))
		})
		for len(all) > 0 {
			n := 1
			for n < len(all) && hashes[all[n]] == hashes[all[0]] {
				n++
			}
			if n > 1 && hashes[all[0]] != 0 && !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// sameContent pairs messages with the first that has the same key, and notes them in copyOf.
func (b *builder) sameContent(group []int32, key func(*keys) digest.Digest) (pairs []pair, err error) {
	first := map[digest.Digest]int32{}
	for _, i := range group {
		k, err := b.loadKeys(i)
		if err != nil {
			return nil, err
		}
		of, known := first[key(&k)]
		if !known {
			first[key(&k)] = i
			continue
		}
		if _, told := b.copyOf[i]; told {
			continue
		}
		b.copyOf[i] = of
		if before, is := b.copyOf[of]; is {
			b.copyOf[i] = before
		}
		same, err := b.agree(of, i, func(x, y *keys) bool { return x.canonical == y.canonical })
		if err != nil {
			return nil, err
		}
		class := evidence.CopySameContent
		if same {
			class = evidence.CopyLineEndings
		}
		pairs = append(pairs, pair{of, i, class})
	}
	return pairs, nil
}

// agree loads the keys of two kept messages and compares them.
func (b *builder) agree(i, j int32, equal func(x, y *keys) bool) (bool, error) {
	x, err := b.loadKeys(i)
	if err != nil {
		return false, err
	}
	y, err := b.loadKeys(j)
	return equal(&x, &y), err
}
