// Package digest knows SHA-256 digests of exact bytes as comparable values with a text form (FIPS 180-4; the text form is "sha256:" and 64 lower-case hex digits).
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
)

const prefix = "sha256:"

// Digest is the SHA-256 of exact bytes. It is comparable; the zero value means "no digest".
type Digest [sha256.Size]byte

// Of returns the digest of b.
func Of(b []byte) Digest { return sha256.Sum256(b) }

// OfReader returns the digest and the number of bytes read from r until EOF.
func OfReader(r io.Reader) (Digest, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return Digest{}, n, err
	}
	return Sum(h), n, nil
}

// Sum returns the digest that the running SHA-256 hash h stands at.
func Sum(h hash.Hash) Digest {
	var d Digest
	h.Sum(d[:0])
	return d
}

// Parse reads the text form "sha256:<64 hex digits>". A failed parse returns the zero Digest.
func Parse(s string) (Digest, error) {
	hexed, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return Digest{}, fmt.Errorf("digest %q: want %s and 64 hex digits", s, prefix)
	}
	var d Digest
	if len(hexed) != 2*len(d) {
		return Digest{}, fmt.Errorf("digest %q: want 64 hex digits, have %d", s, len(hexed))
	}
	b, err := hex.DecodeString(hexed)
	if err != nil {
		return Digest{}, fmt.Errorf("digest %q: %w", s, err)
	}
	copy(d[:], b)
	return d, nil
}

// IsZero tells whether d is "no digest".
func (d Digest) IsZero() bool { return d == Digest{} }

// Hex returns the 64 lower-case hex digits alone, as sha256sum prints them.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// String returns "sha256:<hex>".
func (d Digest) String() string {
	var b [len(prefix) + 2*len(d)]byte
	copy(b[:], prefix)
	hex.Encode(b[len(prefix):], d[:])
	return string(b[:])
}

// MarshalText writes the text form; the zero Digest becomes the empty text.
func (d Digest) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	b := make([]byte, len(prefix)+2*len(d))
	copy(b, prefix)
	hex.Encode(b[len(prefix):], d[:])
	return b, nil
}

// UnmarshalText reads the text form; the empty text becomes the zero Digest.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Digest{}
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
