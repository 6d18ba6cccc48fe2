package ots

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func promise(uri string) []byte {
	var b bytes.Buffer
	b.WriteByte(attestation)
	b.WriteString(tagPending)
	var payload bytes.Buffer
	writeBytes(&payload, []byte(uri))
	writeBytes(&b, payload.Bytes())
	return b.Bytes()
}

func TestLifeOfAProof(t *testing.T) {
	digest := sha256.Sum256([]byte("list"))
	root, commitment, err := New(digest, rand.Reader)
	require.NoError(t, err)
	// The answers of two calendars: the one appends and hashes, the other promises at once.
	require.NoError(t, commitment.Add(append([]byte{opAppend, 2, 7, 7, opSHA256}, promise("https://one.example")...)))
	require.NoError(t, commitment.Add(promise("https://two.example")))
	file := root.File()
	assert.True(t, strings.HasPrefix(hex.EncodeToString(file), "004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e892940108"+hex.EncodeToString(digest[:])))
	read, err := Parse(file)
	require.NoError(t, err)
	promises, anchors := read.State()
	require.Len(t, promises, 2)
	assert.Empty(t, anchors)
	assert.Equal(t, "https://two.example", promises[0].URI)
	assert.Equal(t, "https://one.example", promises[1].URI)
	want := sha256.Sum256(append(bytes.Clone(commitment.Message), 7, 7))
	assert.Equal(t, hex.EncodeToString(want[:]), promises[1].Node.Commitment())

	// Later the calendar knows the block.
	require.NoError(t, promises[1].Node.Add(append([]byte{opPrepend, 1, 9, opSHA256, opSHA256, attestation}, tagBitcoin+"\x03\xa0\xbb\x35"...)))
	again, err := Parse(read.File())
	require.NoError(t, err)
	_, anchors = again.State()
	require.Len(t, anchors, 1)
	assert.Equal(t, uint64(0xd5da0), anchors[0].Height) // a0 bb 35: 7 bits each, the lowest first
	one := sha256.Sum256(append([]byte{9}, want[:]...))
	two := sha256.Sum256(one[:])
	for i, j := 0, len(two)-1; i < j; i, j = i+1, j-1 {
		two[i], two[j] = two[j], two[i]
	}
	assert.Equal(t, hex.EncodeToString(two[:]), anchors[0].MerkleRoot)
	assert.True(t, again.Anchored())
}

func TestRefused(t *testing.T) {
	digest := sha256.Sum256([]byte("list"))
	root, commitment, err := New(digest, rand.Reader)
	require.NoError(t, err)
	for _, answer := range [][]byte{nil, {0x00}, {0x08}, {0xff}, {0x67, 0}, append(promise("x"), 0), append([]byte{opAppend, 0xff, 0xff, 0xff}, promise("x")...), bytes.Repeat([]byte{opSHA256}, 1000), bytes.Repeat([]byte{opHexlify}, 20)} {
		assert.Error(t, commitment.Add(answer), "%x", answer[:min(len(answer), 20)])
	}
	require.NoError(t, commitment.Add(promise("https://one.example")))
	file := root.File()
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if n, err := Parse(changed); err == nil {
			assert.Equal(t, changed, n.File())
		}
	}
	_, err = Parse(append(file, 0))
	assert.Error(t, err)
}

// Invariant: what is read is written again as it was; nothing panics or grows without bound.
func FuzzParse(f *testing.F) {
	root, commitment, err := New(sha256.Sum256([]byte("list")), rand.Reader)
	require.NoError(f, err)
	require.NoError(f, commitment.Add(append([]byte{opAppend, 2, 7, 7, opSHA256}, promise("https://one.example")...)))
	f.Add(root.File())
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Parse(b)
		if err != nil {
			return
		}
		assert.Equal(t, b, n.File())
		n.State()
	})
}
