package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"onrecord/pkg/merkle"
)

// ErrNoRoot says that a dossier has no RootFile: it was made by a release that did not write one.
var ErrNoRoot = errors.New("it holds no " + RootFile + ", so that no message can be proved alone: a release that did not write it made this dossier")

// Prover proves of single messages that they are among those of a dossier.
type Prover struct {
	tree  merkle.Tree
	paths map[string]int64
	root  []byte
}

// NewProver reads manifest-sha256.txt and RootFile of a dossier. They must fit each other; whether the files fit the manifest is not looked at.
func NewProver(fsys fs.FS) (*Prover, error) {
	root, err := readSmall(fsys, RootFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoRoot
	}
	if err != nil {
		return nil, err
	}
	f, err := fsys.Open(SHA256.PayloadManifest())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := &Prover{paths: map[string]int64{}, root: root}
	err = ReadManifest(f, SHA256, func(e Entry) {
		if strings.HasPrefix(e.Path, messagesDir) {
			p.paths[e.Path] = p.tree.Size()
			p.tree.Append(merkle.LeafHash(leafEntry(e.Sum, e.Path)))
		}
	})
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(merkle.Checkpoint{Origin: rootOrigin, Size: p.tree.Size(), Root: p.tree.Root()}.Text(), root) {
		return nil, fmt.Errorf("%s is not the root of the messages that %s lists", RootFile, SHA256.PayloadManifest())
	}
	return p, nil
}

// Count is the number of messages.
func (p *Prover) Count() int { return int(p.tree.Size()) }

// Proof gives the proof of a message ("data/messages/0007.eml") as the text of c2sp.org/tlog-proof.
func (p *Prover) Proof(name string) ([]byte, error) {
	index, ok := p.paths[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	path, err := p.tree.Inclusion(index)
	if err != nil {
		return nil, err
	}
	return merkle.Proof{Index: index, Path: path, Checkpoint: p.root}.MarshalText()
}

// CheckProof checks that a message with this name and digest is among those of root, the content of RootFile. It gives how many there are.
func CheckProof(text, root []byte, name string, sum [32]byte) (of int64, err error) {
	var p merkle.Proof
	if err := p.UnmarshalText(text); err != nil {
		return 0, err
	}
	if !bytes.Equal(p.Checkpoint, root) {
		return 0, errors.New("it is a proof for another root")
	}
	c, err := merkle.ParseCheckpoint(root)
	if err != nil {
		return 0, err
	}
	if c.Origin != rootOrigin {
		return 0, fmt.Errorf("%s is of another kind: %q", RootFile, clip(c.Origin))
	}
	if again, err := p.MarshalText(); err != nil || !bytes.Equal(again, text) {
		return 0, errors.New("it is written in another form")
	}
	return c.Size, p.CheckIn(c, leafEntry(sum[:], name))
}
