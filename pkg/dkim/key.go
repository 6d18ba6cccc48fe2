package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
)

// PublicKey is a key record (RFC 6376 §3.6.1, RFC 8463 §4; g= from RFC 4871 §3.6.1).
type PublicKey struct {
	Version     string   // v=, "" when absent
	Type        string   // k=, "rsa" when absent
	Hashes      []string // h=, nil: any
	Services    []string // s=, nil: any
	Flags       []string // t=
	Granularity string   // g=: which local part may sign; "*" when absent
	Notes       string   // n=
	Revoked     bool     // p= is empty
	Bits        int      // of the RSA modulus; 256 for Ed25519

	rsa     *rsa.PublicKey
	ed25519 ed25519.PublicKey
}

// maxKeyBits bounds what one signature may cost: DNS cannot well carry a larger key.
const maxKeyBits = 16384

// ParseKey reads the text of a key record. The error says why a verifier must pass over the record; a revoked key is no error.
func ParseKey(txt string) (PublicKey, error) {
	key := PublicKey{Type: "rsa", Granularity: "*"}
	tags, err := ParseTagList([]byte(txt))
	if err != nil {
		return key, err
	}
	for _, tag := range tags {
		switch tag.Name {
		case "v":
			key.Version = tag.Value
		case "k":
			key.Type = strings.ToLower(tag.Value)
		case "h":
			key.Hashes = list(tag.Value)
		case "s":
			key.Services = list(tag.Value)
		case "t":
			key.Flags = list(tag.Value)
		case "g":
			key.Granularity = tag.Value
		case "n":
			key.Notes = unquoteNotes(tag.Value)
		}
	}
	if key.Version != "" && key.Version != "DKIM1" {
		return key, fmt.Errorf("v=%s is no DKIM key record", clip(key.Version))
	}
	p, found := tagValue(tags, "p")
	if !found {
		return key, errors.New("the record holds no key (no p=)")
	}
	if key.Revoked = stripFWS(p) == ""; key.Revoked {
		return key, nil
	}
	der, err := decodeBase64(p)
	if err != nil {
		return key, errors.New("the key in p= is no base64")
	}
	switch key.Type {
	case "rsa":
		key.rsa, err = parseRSA(der)
		if err != nil {
			return key, err
		}
		key.Bits = key.rsa.N.BitLen()
		if key.Bits > maxKeyBits {
			return key, fmt.Errorf("an RSA key of %d bits is beyond the bound of %d", key.Bits, maxKeyBits)
		}
	case "ed25519":
		// RFC 8463 §4: the 32 bytes themselves, without the wrapping that an RSA key has.
		if len(der) != ed25519.PublicKeySize {
			return key, fmt.Errorf("an Ed25519 key has 32 bytes, this one %d", len(der))
		}
		key.ed25519, key.Bits = der, 256
	default:
		return key, fmt.Errorf("unknown kind of key k=%s", clip(key.Type))
	}
	return key, nil
}

// parsedKey is a key record that is read once, when a signature first asks for it: a domain's key stands behind thousands of messages.
type parsedKey struct {
	once sync.Once
	key  PublicKey
	err  error
}

// publicKey reads the record. What it gives may be shared and is not to be changed.
func (r *Record) publicKey() (PublicKey, error) {
	if r.parsed == nil {
		return ParseKey(r.TXT)
	}
	r.parsed.once.Do(func() { r.parsed.key, r.parsed.err = ParseKey(r.TXT) })
	return r.parsed.key, r.parsed.err
}

// unquoteNotes keeps the spaces of n=, which is text for people.
func unquoteNotes(s string) string {
	words := strings.Fields(s)
	for i := range words {
		words[i] = unquote(words[i])
	}
	return strings.Join(words, " ")
}

// parseRSA reads SubjectPublicKeyInfo (RFC 6376 §3.6.1 as used) or the bare RSAPublicKey of PKCS#1 (as its text says).
func parseRSA(der []byte) (*rsa.PublicKey, error) {
	key := &rsa.PublicKey{}
	if spki, err := x509.ParsePKIXPublicKey(der); err == nil {
		wrapped, ok := spki.(*rsa.PublicKey)
		if !ok {
			return nil, errors.New("the key in p= is no RSA key")
		}
		key = wrapped
	} else {
		var bare struct {
			N *big.Int
			E int
		}
		if rest, err := asn1.Unmarshal(der, &bare); err != nil || len(rest) > 0 {
			return nil, errors.New("the key in p= is no RSA key in a known wrapping")
		}
		key.N, key.E = bare.N, bare.E
	}
	if key.N.Sign() <= 0 || key.E < 3 || key.E%2 == 0 || key.N.Bit(0) == 0 {
		return nil, errors.New("the numbers in p= are no RSA key")
	}
	return key, nil
}

// has says whether the record carries the flag (t=).
func (k *PublicKey) has(flag string) bool { return slices.Contains(k.Flags, flag) }

// check says whether signature was made with this key over the digest.
func (k *PublicKey) check(hash crypto.Hash, digest, signature []byte) bool {
	if k.ed25519 != nil {
		return ed25519.Verify(k.ed25519, digest, signature)
	}
	// crypto/rsa refuses keys below 1024 bits, which is what mail of 2004 to 2012 was often signed with.
	if k.Bits >= 1024 && k.Bits <= 8192 {
		return rsa.VerifyPKCS1v15(k.rsa, hash, digest, signature) == nil
	}
	signed, ok := k.signedDigest(hash, signature)
	return ok && string(signed) == string(digest)
}

// digestInfo is what stands before the digest in an RSASSA-PKCS1-v1_5 signature (RFC 8017 §9.2 note 1).
func digestInfo(hash crypto.Hash) string {
	if hash == crypto.SHA1 {
		return "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"
	}
	return "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
}

// signedDigest gives the digest that an RSA signature was made over (RFC 8017 §8.2.2, read backwards). It is found only where the signature
// belongs to this key: that tells "made with this key over other text" from "not made with this key".
func (k *PublicKey) signedDigest(hash crypto.Hash, signature []byte) ([]byte, bool) {
	if k.rsa == nil || len(signature) != (k.Bits+7)/8 {
		return nil, false
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(k.rsa.N) >= 0 {
		return nil, false
	}
	em := s.Exp(s, big.NewInt(int64(k.rsa.E)), k.rsa.N).FillBytes(make([]byte, len(signature)))
	prefix, size := digestInfo(hash), hash.Size()
	padding := len(em) - 3 - len(prefix) - size
	if padding < 8 || em[0] != 0 || em[1] != 1 || em[2+padding] != 0 {
		return nil, false
	}
	for _, b := range em[2 : 2+padding] {
		if b != 0xff {
			return nil, false
		}
	}
	rest := em[3+padding:]
	if string(rest[:len(prefix)]) != prefix {
		return nil, false
	}
	return rest[len(prefix):], true
}
