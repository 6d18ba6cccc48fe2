// Package merkle knows the hash tree of transparency logs (RFC 6962 §2.1: SHA-256, 0x00 before a leaf, 0x01 before a node), proofs of inclusion and of
// consistency in it (§2.1.1, §2.1.2), and how they are written down: checkpoints (c2sp.org/tlog-checkpoint), signed notes (c2sp.org/signed-note, Ed25519)
// and proofs that are checked offline (c2sp.org/tlog-proof). The mathematics are those of golang.org/x/mod/sumdb/tlog.
package merkle

import (
	"encoding/base64"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is the hash of a leaf or a node. It is comparable; its text form is standard base64.
type Hash [tlog.HashSize]byte

// String returns the base64 form.
func (h Hash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// ParseHash reads the base64 form. A failed parse returns the zero Hash.
func ParseHash(s string) (Hash, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(Hash{}) {
		return Hash{}, fmt.Errorf("hash %q: want the base64 form of %d bytes", s, len(Hash{}))
	}
	return Hash(b), nil
}

// LeafHash is the hash of an entry.
func LeafHash(entry []byte) Hash { return Hash(tlog.RecordHash(entry)) }

// NodeHash is the hash of two subtrees.
func NodeHash(left, right Hash) Hash { return Hash(tlog.NodeHash(tlog.Hash(left), tlog.Hash(right))) }

// Node names one hash of a tree: the n-th complete subtree of 2^Level leaves.
type Node struct {
	Level int
	N     int64
}

// Source gives hashes of complete subtrees, in the order in which they are asked for.
type Source func(nodes []Node) ([]Hash, error)

func (s Source) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		nodes := make([]Node, len(indexes))
		for i, index := range indexes {
			nodes[i].Level, nodes[i].N = tlog.SplitStoredHashIndex(index)
		}
		hashes, err := s(nodes)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, len(hashes))
		for i, h := range hashes {
			out[i] = tlog.Hash(h)
		}
		return out, nil
	})
}

// Root gives the root of the tree of the first size leaves; that of the empty tree is the hash of nothing.
func (s Source) Root(size int64) (Hash, error) {
	if size < 0 {
		return Hash{}, fmt.Errorf("merkle: a tree of %d leaves", size)
	}
	h, err := tlog.TreeHash(size, s.reader())
	return Hash(h), err
}

// Inclusion proves that the leaf at an index is in the tree of the first size leaves.
func (s Source) Inclusion(size, index int64) ([]Hash, error) {
	p, err := tlog.ProveRecord(size, index, s.reader())
	return ours(p), err
}

// Consistency proves that the tree of the first size leaves begins with that of the first old leaves.
func (s Source) Consistency(size, old int64) ([]Hash, error) {
	p, err := tlog.ProveTree(size, old, s.reader())
	return ours(p), err
}

// CheckInclusion checks a proof that leaf is at an index of the tree with this size and root. No error: it is.
func CheckInclusion(path []Hash, size int64, root Hash, index int64, leaf Hash) error {
	return tlog.CheckRecord(theirs(path), size, tlog.Hash(root), index, tlog.Hash(leaf))
}

// CheckConsistency checks a proof that the tree with this size and root begins with the older tree. No error: it does.
func CheckConsistency(path []Hash, size int64, root Hash, oldSize int64, oldRoot Hash) error {
	return tlog.CheckTree(theirs(path), size, tlog.Hash(root), oldSize, tlog.Hash(oldRoot))
}

func ours(p []tlog.Hash) []Hash {
	all := make([]Hash, len(p))
	for i, h := range p {
		all[i] = Hash(h)
	}
	return all
}

func theirs(p []Hash) []tlog.Hash {
	all := make([]tlog.Hash, len(p))
	for i, h := range p {
		all[i] = tlog.Hash(h)
	}
	return all
}

// Tree is a tree that is held in memory, 64 bytes a leaf. The zero value is the empty tree.
type Tree struct {
	levels [][]Hash // levels[l][n] is the hash of the n-th complete subtree of 2^l leaves
}

// TreeOf gives the tree of these leaves.
func TreeOf(leaves []Hash) *Tree {
	t := &Tree{}
	for _, l := range leaves {
		t.Append(l)
	}
	return t
}

// Append adds a leaf.
func (t *Tree) Append(leaf Hash) {
	h := leaf
	for level := 0; ; level++ {
		if level == len(t.levels) {
			t.levels = append(t.levels, nil)
		}
		t.levels[level] = append(t.levels[level], h)
		n := len(t.levels[level])
		if n%2 == 1 {
			return
		}
		h = NodeHash(t.levels[level][n-2], t.levels[level][n-1])
	}
}

// Size is the number of leaves.
func (t *Tree) Size() int64 {
	if len(t.levels) == 0 {
		return 0
	}
	return int64(len(t.levels[0]))
}

// Hashes is the tree as a source of proofs.
func (t *Tree) Hashes(nodes []Node) ([]Hash, error) {
	all := make([]Hash, len(nodes))
	for i, n := range nodes {
		if n.Level >= len(t.levels) || n.N >= int64(len(t.levels[n.Level])) {
			return nil, fmt.Errorf("merkle: subtree %d of 2^%d leaves is not in this tree of %d", n.N, n.Level, t.Size())
		}
		all[i] = t.levels[n.Level][n.N]
	}
	return all, nil
}

// Root gives the root of the whole tree.
func (t *Tree) Root() Hash {
	h, err := Source(t.Hashes).Root(t.Size())
	if err != nil {
		panic(err) // all subtrees are held
	}
	return h
}

// Inclusion proves that the leaf at an index is in the whole tree.
func (t *Tree) Inclusion(index int64) ([]Hash, error) {
	return Source(t.Hashes).Inclusion(t.Size(), index)
}

// Consistency proves that the whole tree begins with the tree of its first old leaves.
func (t *Tree) Consistency(old int64) ([]Hash, error) {
	return Source(t.Hashes).Consistency(t.Size(), old)
}
