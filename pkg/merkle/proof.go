package merkle

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const proofHeader = "c2sp.org/tlog-proof@v1"

// maxPath is the length of the longest path in a tree whose size fits into 63 bits.
const maxPath = 64

// Proof says of one entry that it is in the tree of a checkpoint, to be checked offline (c2sp.org/tlog-proof). Files of it are called *.tlog-proof.
type Proof struct {
	Extra      []byte // of the application; nothing vouches for it
	Index      int64  // of the entry in the log
	Path       []Hash // from the leaf's sibling up
	Checkpoint []byte // signed note, or the text of a Checkpoint where nobody signed
}

// MarshalText writes the form of c2sp.org/tlog-proof.
func (p Proof) MarshalText() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintln(&b, proofHeader)
	if len(p.Extra) > 0 {
		fmt.Fprintf(&b, "extra %s\n", base64.StdEncoding.EncodeToString(p.Extra))
	}
	fmt.Fprintf(&b, "index %d\n", p.Index)
	for _, h := range p.Path {
		fmt.Fprintln(&b, h)
	}
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return b.Bytes(), nil
}

// UnmarshalText reads what MarshalText writes and nothing else. A failed parse changes nothing.
func (p *Proof) UnmarshalText(text []byte) error {
	head, checkpoint, ok := strings.Cut(string(text), "\n\n")
	if !ok {
		return errors.New("tlog-proof: no empty line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return fmt.Errorf("tlog-proof: the first line is not %s", proofHeader)
	}
	read := Proof{Checkpoint: []byte(checkpoint)}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		extra, err := base64.StdEncoding.Strict().DecodeString(lines[0][len("extra "):])
		if err != nil || len(extra) == 0 {
			return errors.New("tlog-proof: extra is no base64")
		}
		read.Extra, lines = extra, lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("tlog-proof: no index")
	}
	if read.Index, ok = parseNumber(lines[0][len("index "):]); !ok {
		return fmt.Errorf("tlog-proof: %q", lines[0])
	}
	if lines = lines[1:]; len(lines) > maxPath {
		return fmt.Errorf("tlog-proof: a path of %d hashes", len(lines))
	}
	for _, line := range lines {
		h, err := ParseHash(line)
		if err != nil {
			return fmt.Errorf("tlog-proof: %w", err)
		}
		read.Path = append(read.Path, h)
	}
	if len(read.Checkpoint) == 0 {
		return errors.New("tlog-proof: no checkpoint")
	}
	*p = read
	return nil
}

// Check checks that entry is in the tree of the checkpoint and that one of the public keys signed that. It gives the checkpoint, for its origin and size.
func (p Proof) Check(entry []byte, public ...string) (Checkpoint, error) {
	c, err := Open(p.Checkpoint, public...)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, p.CheckIn(c, entry)
}

// CheckIn checks that entry is in the tree of a checkpoint that the caller trusts for reasons of its own.
func (p Proof) CheckIn(c Checkpoint, entry []byte) error {
	return CheckInclusion(p.Path, c.Size, c.Root, p.Index, LeafHash(entry))
}
