// Package sshsig knows signatures of files with SSH keys as OpenSSH makes and checks them (ssh-keygen -Y sign, -Y verify; the form is that of
// PROTOCOL.sshsig in its sources, keys and signatures those of RFC 4253 §6.6, RFC 8332 and RFC 8709), and the allowed-signers files that say whose key is whose.
package sshsig

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

const (
	magic     = "SSHSIG"
	version   = 1
	armorHead = "-----BEGIN SSH SIGNATURE-----\n"
	armorTail = "-----END SSH SIGNATURE-----\n"
	armorLine = 70 // as ssh-keygen writes it
)

// maxArmored bounds what is read: the largest keys in use give a few kilobytes.
const maxArmored = 64 << 10

// blob is the binary form of a signature, after magic.
type blob struct {
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// signedData is what the key signs, after magic.
type signedData struct {
	Namespace string
	Reserved  string
	Hash      string
	Digest    []byte
}

// Signature is a signature that was read. Whether it holds tells Verify.
type Signature struct {
	PublicKey ssh.PublicKey
	Namespace string
	Hash      string // sha256 or sha512
	signature ssh.Signature
}

// newHash gives the digest algorithms that the form allows.
func newHash(name string) (hash.Hash, error) {
	switch name {
	case "sha256":
		return sha256.New(), nil
	case "sha512":
		return sha512.New(), nil
	}
	return nil, fmt.Errorf("SSH signature with the digest algorithm %q", name)
}

func toSign(namespace, hashName string, message io.Reader) ([]byte, error) {
	h, err := newHash(hashName)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(h, message); err != nil {
		return nil, err
	}
	return append([]byte(magic), ssh.Marshal(signedData{Namespace: namespace, Hash: hashName, Digest: h.Sum(nil)})...), nil
}

// Sign signs message in a namespace ("onrecord"), as ssh-keygen -Y sign -n does. The result is armored text. RSA keys sign with SHA-512 (RFC 8332), never with SHA-1.
func Sign(key ssh.Signer, namespace string, message io.Reader) ([]byte, error) {
	data, err := toSign(namespace, "sha512", message)
	if err != nil {
		return nil, err
	}
	var sig *ssh.Signature
	if key.PublicKey().Type() == ssh.KeyAlgoRSA {
		rsa, ok := key.(ssh.AlgorithmSigner)
		if !ok {
			return nil, errors.New("this RSA key cannot sign with SHA-512")
		}
		sig, err = rsa.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
	} else {
		sig, err = key.Sign(rand.Reader, data)
	}
	if err != nil {
		return nil, err
	}
	return armor(ssh.Marshal(blob{Version: version, PublicKey: key.PublicKey().Marshal(), Namespace: namespace, Hash: "sha512", Signature: ssh.Marshal(sig)})), nil
}

func armor(raw []byte) []byte {
	var b bytes.Buffer
	b.WriteString(armorHead)
	text := base64.StdEncoding.EncodeToString(append([]byte(magic), raw...))
	for line := range slices.Chunk([]byte(text), armorLine) {
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteString(armorTail)
	return b.Bytes()
}

// Parse reads an armored signature. It accepts the form that ssh-keygen writes and nothing else, so that a changed byte is seen wherever it is.
func Parse(armored []byte) (*Signature, error) {
	if len(armored) > maxArmored {
		return nil, fmt.Errorf("SSH signature longer than %d bytes", maxArmored)
	}
	text, ok := bytes.CutPrefix(armored, []byte(armorHead))
	if !ok {
		return nil, errors.New("no SSH signature: it does not begin with BEGIN SSH SIGNATURE")
	}
	if text, ok = bytes.CutSuffix(text, []byte(armorTail)); !ok {
		return nil, errors.New("SSH signature is cut off: it does not end with END SSH SIGNATURE")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	if err != nil {
		return nil, fmt.Errorf("SSH signature: %w", err)
	}
	raw, ok = bytes.CutPrefix(raw, []byte(magic))
	if !ok {
		return nil, errors.New("SSH signature does not begin with SSHSIG")
	}
	if !bytes.Equal(armor(raw), armored) {
		return nil, errors.New("SSH signature is not written as ssh-keygen writes it")
	}
	var b blob
	if err := ssh.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("SSH signature: %w", err)
	}
	if b.Version != version || b.Reserved != "" {
		return nil, fmt.Errorf("SSH signature of version %d", b.Version)
	}
	s := &Signature{Namespace: b.Namespace, Hash: b.Hash}
	if s.PublicKey, err = ssh.ParsePublicKey(b.PublicKey); err != nil {
		return nil, fmt.Errorf("SSH signature: public key: %w", err)
	}
	if err := ssh.Unmarshal(b.Signature, &s.signature); err != nil {
		return nil, fmt.Errorf("SSH signature: %w", err)
	}
	return s, nil
}

// Verify checks that the signature's own key signed message in this namespace. No error: it did. Whose key that is, is another question.
func (s *Signature) Verify(namespace string, message io.Reader) error {
	if s.Namespace != namespace {
		return fmt.Errorf("the signature was made for %q, not for %q", s.Namespace, namespace)
	}
	// PROTOCOL.sshsig: RSA only with SHA-2.
	if s.signature.Format == ssh.KeyAlgoRSA {
		return errors.New("the signature uses SHA-1")
	}
	data, err := toSign(s.Namespace, s.Hash, message)
	if err != nil {
		return err
	}
	if err := s.PublicKey.Verify(data, &s.signature); err != nil {
		return errors.New("the key did not sign these bytes")
	}
	return nil
}

// Fingerprint is the key's fingerprint in the form of ssh-keygen -l: SHA256: and base64.
func (s *Signature) Fingerprint() string { return ssh.FingerprintSHA256(s.PublicKey) }

// Fingerprint is that of a key at hand.
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }
