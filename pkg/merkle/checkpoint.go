package merkle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the head of a log at one size (c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Origin     string // names the log; no line break
	Size       int64
	Root       Hash
	Extensions []string // further lines, opaque, none of them empty
}

// Text is the text that is signed.
func (c Checkpoint) Text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
	for _, line := range c.Extensions {
		fmt.Fprintln(&b, line)
	}
	return b.Bytes()
}

// ParseCheckpoint reads Text. It accepts what Text writes and nothing else.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	lines := strings.Split(string(text), "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return Checkpoint{}, errors.New("checkpoint: want at least three lines: origin, size, root")
	}
	lines = lines[:len(lines)-1]
	for i, line := range lines {
		if line == "" {
			return Checkpoint{}, fmt.Errorf("checkpoint: line %d is empty", i+1)
		}
	}
	size, ok := parseNumber(lines[1])
	if !ok {
		return Checkpoint{}, fmt.Errorf("checkpoint: size %q", lines[1])
	}
	root, err := ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root}
	if len(lines) > 3 {
		c.Extensions = lines[3:]
	}
	return c, nil
}

// parseNumber reads a decimal number as it is written: no sign, no leading zero.
func parseNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

// GenerateKey makes an Ed25519 key for signing checkpoints of the log called name (no space, no plus sign). private is to be kept from others.
func GenerateKey(random io.Reader, name string) (private, public string, err error) {
	return note.GenerateKey(random, name)
}

// Sign gives a checkpoint as a signed note. The same key and checkpoint give the same bytes.
func Sign(c Checkpoint, private string) ([]byte, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: string(c.Text())}, signer)
}

// Open checks that a signed note bears a valid signature by one of the public keys and gives the checkpoint in it. Signatures by other keys, such as those of
// witnesses, are left aside.
func Open(signed []byte, public ...string) (Checkpoint, error) {
	var known []note.Verifier
	for _, key := range public {
		v, err := note.NewVerifier(key)
		if err != nil {
			return Checkpoint{}, err
		}
		known = append(known, v)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, err
	}
	return ParseCheckpoint([]byte(n.Text))
}

// Unsigned gives the checkpoint in a signed note without looking at its signatures.
func Unsigned(signed []byte) (Checkpoint, error) {
	text, _, ok := bytes.Cut(signed, []byte("\n\n"))
	if !ok {
		return Checkpoint{}, errors.New("checkpoint: no empty line before the signatures")
	}
	return ParseCheckpoint(append(bytes.Clone(text), '\n'))
}
