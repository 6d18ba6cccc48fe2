package merkle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs and roots of certificate-transparency's own reference tests (merkle_tree_test), which other logs use too.
var referenceEntries = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}

var referenceRoots = []string{
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

func TestReferenceTrees(t *testing.T) {
	tree := &Tree{}
	assert.Equal(t, Hash(sha256.Sum256(nil)), tree.Root(), "the empty tree")
	for i, e := range referenceEntries {
		entry, err := hex.DecodeString(e)
		require.NoError(t, err)
		tree.Append(LeafHash(entry))
		root := tree.Root()
		assert.Equal(t, referenceRoots[i], hex.EncodeToString(root[:]), "%d leaves", i+1)
	}
}

func leaves(n int) []Hash {
	var all []Hash
	for i := range n {
		all = append(all, LeafHash(fmt.Append(nil, "entry ", i)))
	}
	return all
}

// What RFC 6962 §2.1 says, written down a second time: the tree is that of its definition.
func rootByDefinition(l []Hash) Hash {
	switch len(l) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return l[0]
	}
	k := 1
	for 2*k < len(l) {
		k *= 2
	}
	left, right := rootByDefinition(l[:k]), rootByDefinition(l[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func TestProofsOfAllTrees(t *testing.T) {
	all := leaves(40)
	for size := 1; size <= len(all); size++ {
		tree := TreeOf(all[:size])
		root := tree.Root()
		require.Equal(t, rootByDefinition(all[:size]), root)
		for i := range size {
			path, err := tree.Inclusion(int64(i))
			require.NoError(t, err)
			require.NoError(t, CheckInclusion(path, int64(size), root, int64(i), all[i]))
			require.Error(t, CheckInclusion(path, int64(size), root, int64(i), LeafHash([]byte("another"))))
			if size > 1 {
				require.Error(t, CheckInclusion(path, int64(size), root, int64((i+1)%size), all[i]))
			}
		}
		for old := 1; old <= size; old++ {
			path, err := tree.Consistency(int64(old))
			require.NoError(t, err)
			require.NoError(t, CheckConsistency(path, int64(size), root, int64(old), rootByDefinition(all[:old])))
			require.Error(t, CheckConsistency(path, int64(size), root, int64(old), rootByDefinition(all[1:old])))
		}
	}
	_, err := TreeOf(all).Inclusion(40)
	assert.Error(t, err)
	_, err = Source((&Tree{}).Hashes).Root(3)
	assert.Error(t, err)
}

func TestCheckpointAndProofText(t *testing.T) {
	private, public, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "log.example/mail")
	require.NoError(t, err)
	_, other, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{8}, 64)), "log.example/mail")
	require.NoError(t, err)
	tree := TreeOf(leaves(5))
	c := Checkpoint{Origin: "log.example/mail", Size: 5, Root: tree.Root()}
	signed, err := Sign(c, private)
	require.NoError(t, err)
	again, err := Sign(c, private)
	require.NoError(t, err)
	assert.Equal(t, signed, again, "signing is deterministic")
	assert.True(t, strings.HasPrefix(string(signed), "log.example/mail\n5\n"+c.Root.String()+"\n\n— log.example/mail "))

	path, err := tree.Inclusion(3)
	require.NoError(t, err)
	p := Proof{Extra: []byte("note"), Index: 3, Path: path, Checkpoint: signed}
	text, err := p.MarshalText()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), "c2sp.org/tlog-proof@v1\nextra bm90ZQ==\nindex 3\n"))
	var q Proof
	require.NoError(t, q.UnmarshalText(text))
	assert.Equal(t, p, q)
	got, err := q.Check([]byte("entry 3"), public)
	require.NoError(t, err)
	assert.Equal(t, c, got)
	_, err = q.Check([]byte("entry 4"), public)
	assert.Error(t, err, "another entry")
	_, err = q.Check([]byte("entry 3"), other)
	assert.Error(t, err, "another key")
	_, err = q.Check([]byte("entry 3"))
	assert.Error(t, err, "no key")
	q.Checkpoint = bytes.Replace(q.Checkpoint, []byte("\n5\n"), []byte("\n6\n"), 1)
	_, err = q.Check([]byte("entry 3"), public)
	assert.Error(t, err, "another size")
	u, err := Unsigned(signed)
	require.NoError(t, err)
	assert.Equal(t, c, u)
}

func TestRefusedTexts(t *testing.T) {
	root := Hash{}.String()
	for _, text := range []string{"", "a\n1\n", "a\n1\n" + root, "\n1\n" + root + "\n", "a\n01\n" + root + "\n", "a\n-1\n" + root + "\n", "a\n1\nAAAA\n", "a\n1\n" + root + "\n\n"} {
		_, err := ParseCheckpoint([]byte(text))
		assert.Error(t, err, "%q", text)
	}
	for _, text := range []string{"", proofHeader + "\n\nc", proofHeader + "\nindex 01\n\nc", proofHeader + "\nindex 1\nAAAA\n\nc", proofHeader + "\nextra !\nindex 1\n\nc",
		proofHeader + "\nindex 1\n\n", "x\nindex 1\n\nc", proofHeader + "\nindex 1\n" + strings.Repeat(root+"\n", 65) + "\nc"} {
		assert.Error(t, new(Proof).UnmarshalText([]byte(text)), "%q", text)
	}
}

// Invariant: what is accepted is written again as it was read.
func FuzzProofText(f *testing.F) {
	f.Add([]byte(proofHeader + "\nextra bm90ZQ==\nindex 3\n" + Hash{}.String() + "\n\nlog\n5\n" + Hash{}.String() + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Proof
		if p.UnmarshalText(text) != nil {
			return
		}
		again, err := p.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, string(text), string(again))
		if c, err := ParseCheckpoint(p.Checkpoint); err == nil {
			assert.Equal(t, string(p.Checkpoint), string(c.Text()))
		}
	})
}
