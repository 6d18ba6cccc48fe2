package seal

import (
	"encoding/hex"

	"onrecord/pkg/merkle"
)

// RootFile is the tag file with the root of the hash tree (RFC 6962 §2.1) over all messages, as the text of a checkpoint (c2sp.org/tlog-checkpoint). The tag manifests hold its
// digest: who signs or stamps them vouches for every message, and one can be shown with the proof that it belongs to them, without the others.
const RootFile = "messages.root"

// rootOrigin names the kind of tree in RootFile.
const rootOrigin = "onrecord/dossier/messages/1"

const messagesDir = "data/messages/"

// leafEntry is what a leaf of the tree stands for: the line of manifest-sha256.txt. It binds the bytes of the message and its exhibit number.
func leafEntry(sum []byte, name string) []byte {
	line := hex.AppendEncode(make([]byte, 0, 2*len(sum)+len(name)+3), sum)
	return append(append(append(line, "  "...), name...), '\n')
}

// LeafEntry is the entry of a message: the line of manifest-sha256.txt that lists it.
func LeafEntry(sum [32]byte, name string) []byte { return leafEntry(sum[:], name) }

// rootOf computes a root while leaves come, in the room of the tree's height.
type rootOf struct {
	size  int64
	peaks []merkle.Hash // roots of complete subtrees, the largest first; their sizes are the binary digits of size
}

func (r *rootOf) add(entry []byte) {
	h := merkle.LeafHash(entry)
	for n := r.size; n&1 == 1; n >>= 1 {
		h = merkle.NodeHash(r.peaks[len(r.peaks)-1], h)
		r.peaks = r.peaks[:len(r.peaks)-1]
	}
	r.peaks = append(r.peaks, h)
	r.size++
}

func (r *rootOf) checkpoint() merkle.Checkpoint {
	c := merkle.Checkpoint{Origin: rootOrigin, Size: r.size, Root: merkle.TreeOf(nil).Root()}
	for i := range r.peaks {
		if h := r.peaks[len(r.peaks)-1-i]; i == 0 {
			c.Root = h
		} else {
			c.Root = merkle.NodeHash(h, c.Root)
		}
	}
	return c
}

func (r *rootOf) text() []byte { return r.checkpoint().Text() }
