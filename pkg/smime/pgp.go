package smime

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

const (
	maxSignatureText = 1 << 20
	maxClear         = 10 // cleartext signatures of one part
)

// ParseRoots reads certificates out of PEM text or DER.
func ParseRoots(text []byte) ([]*x509.Certificate, error) {
	if all, err := x509.ParseCertificates(text); err == nil && len(all) > 0 {
		return all, nil
	}
	var all []*x509.Certificate
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if !strings.HasSuffix(block.Type, "CERTIFICATE") {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("it holds no certificate, in PEM or DER")
	}
	return all, nil
}

// AddRing takes the OpenPGP public keys of a file, armored or not.
func (k *Keys) AddRing(text []byte) error {
	const kind = "PUBLIC KEY BLOCK"
	before := len(k.ring)
	if !bytes.Contains(text, []byte("-----BEGIN PGP "+kind)) {
		owners, err := parseOwners(text)
		if err != nil {
			return errors.New("it holds no OpenPGP public key")
		}
		k.ring = append(k.ring, owners...)
	}
	for data, rest, ok := dearmor(text, kind); ok; data, rest, ok = dearmor(rest, kind) {
		owners, err := parseOwners(data)
		if err != nil {
			return err
		}
		k.ring = append(k.ring, owners...)
	}
	if len(k.ring) == before {
		return errors.New("it holds no OpenPGP public key of version 4")
	}
	return nil
}

// RingText gives the keys as armored text, each under its name, to be kept beside what was checked with them.
func (k *Keys) RingText() []byte {
	var b bytes.Buffer
	for _, o := range k.ring {
		fmt.Fprintf(&b, "%s %x\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", o.name(), o.keys[0].fingerprint)
		for encoded := base64.StdEncoding.EncodeToString(o.raw); encoded != ""; {
			n := min(len(encoded), 64)
			b.WriteString(encoded[:n] + "\n")
			encoded = encoded[n:]
		}
		b.WriteString("-----END PGP PUBLIC KEY BLOCK-----\n\n")
	}
	return b.Bytes()
}

func (o *pgpOwner) name() string {
	if len(o.users) == 0 {
		return "a key without a name"
	}
	name, _, _ := strings.Cut(o.users[0], "<")
	if name = strings.TrimSpace(name); name == "" {
		name = o.users[0]
	}
	return clip(name)
}

func blankPGP(form Form, part string) Signature {
	return Signature{Kind: OpenPGP, Form: form, Part: part, Digest: DigestUnchecked, Signature: Unchecked, Chain: TrustUnchecked, Signer: Signer{Addresses: []string{}}}
}

// EncryptedPGP is a part that is encrypted with OpenPGP (RFC 3156 §4).
func EncryptedPGP(part string) Signature { return blankPGP(Encrypted, part) }

// VerifyPGP examines a detached OpenPGP signature (RFC 3156 §5). An error is trouble with reading content.
func VerifyPGP(signature []byte, part string, content Content, k *Keys) ([]Signature, error) {
	raw, _, ok := dearmor(signature, "SIGNATURE")
	if !ok {
		if raw, _, ok = dearmor(signature, "MESSAGE"); !ok {
			raw = signature
		}
	}
	return verifyPackets(raw, blankPGP(Detached, part), content, k)
}

// VerifyClear examines cleartext signatures within a text (RFC 9580 §7). text is the decoded content of a part, in its own charset.
func VerifyClear(text []byte, part string, k *Keys) []Signature {
	var all []Signature
	for n := 0; n < maxClear; n++ {
		signed, raw, whole, rest, ok := cleartext(text)
		if !ok {
			break
		}
		content := func() (io.Reader, error) { return bytes.NewReader(signed), nil }
		list, err := verifyPackets(raw, blankPGP(Cleartext, part), content, k)
		if err != nil {
			break
		}
		for i := range list {
			if !whole {
				list[i].note("text-beyond-signed", "the part holds more text than what is signed")
			}
		}
		all, text = append(all, list...), rest
	}
	return all
}

// cleartext takes the first cleartext signature apart: its text in canonical form, lines without blanks at their ends and dashes un-escaped. whole: nothing else stands there.
func cleartext(text []byte) (signed, signature []byte, whole bool, rest []byte, ok bool) {
	const begin, end = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
	at := bytes.Index(text, []byte(begin))
	if at < 0 {
		return nil, nil, false, nil, false
	}
	before := text[:at]
	text = text[at+len(begin):]
	stop := bytes.Index(text, []byte("\n"+end))
	if stop < 0 {
		return nil, nil, false, nil, false
	}
	signature, rest, ok = dearmor(text[stop:], "SIGNATURE")
	header, first := true, true
	for line := range bytes.Lines(text[:stop+1]) {
		line = bytes.TrimRight(line, " \t\r\n")
		if header {
			// The rest of the first line, then "Hash: …", then a blank line.
			header = first || len(line) > 0
			first = false
			continue
		}
		line = bytes.TrimPrefix(line, []byte("- "))
		signed = append(append(signed, line...), '\r', '\n')
	}
	signed = bytes.TrimSuffix(signed, []byte("\r\n"))
	whole = len(bytes.TrimSpace(before)) == 0 && len(bytes.TrimSpace(rest)) == 0
	return signed, signature, whole, rest, ok
}

// verifyPackets examines each signature packet.
func verifyPackets(raw []byte, blank Signature, content Content, k *Keys) ([]Signature, error) {
	var all []Signature
	for len(raw) > 0 && len(all) < maxSigners {
		s := blank
		p, rest, err := nextPacket(raw)
		if err != nil {
			break
		}
		raw = rest
		if p.tag != packetSignature {
			continue
		}
		sig, err := parsePGPSignature(p.body)
		if err != nil {
			s.because("unknown-version", "the signature packet is of a version that is not known here")
		} else if err := s.verifyPacket(sig, content, k); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		blank.because("unreadable", "there is no signature in it that can be read")
		all = append(all, blank)
	}
	return all, nil
}

func (s *Signature) verifyPacket(sig *pgpSignature, content Content, k *Keys) error {
	at := sig.created.UTC()
	if s.Algorithm = sig.hashName; !sig.created.IsZero() {
		s.SignedAt = &at
	}
	s.Signer.Fingerprint = fmt.Sprintf("%016x", sig.issuer)
	if sig.fingerprint != nil {
		s.Signer.Fingerprint = hex.EncodeToString(sig.fingerprint)
	}
	s.Signer.Name = "key " + s.Signer.Fingerprint
	key := k.find(sig)
	switch {
	case k == nil || len(k.ring) == 0:
		s.because("no-key", "its key is not at hand")
		return nil
	case key == nil:
		s.because("other-key", "its key is not among those at hand")
		return nil
	}
	s.describeKey(key)
	switch {
	case sig.hash == 0 || key.public == nil:
		s.because("unknown-algorithm", "its algorithm is not known here")
		return nil
	case sig.kind != sigBinary && sig.kind != sigText:
		s.because("not-over-text", "it is no signature over a text")
		return nil
	}
	r, err := content()
	if err != nil {
		return err
	}
	h := sig.hash.New()
	if err := hashContent(h, r, sig.kind); err != nil {
		return err
	}
	h.Write(sig.trailer)
	digest := h.Sum(nil)
	switch {
	case !key.fits(sig, digest):
		s.Signature = Invalid
		if digest[0] != sig.left[0] || digest[1] != sig.left[1] {
			s.Digest = Mismatch
		}
		return nil
	case !key.bound:
		s.because("subkey-not-vouched", "the numbers fit, but the key's owner does not vouch for this subkey")
		return nil
	}
	s.Signature, s.Digest = Valid, Match
	primary := key.owner.keys[0]
	in := !key.revoked && !primary.revoked
	for _, x := range [...]*pgpKey{key, primary} {
		in = in && !at.Before(x.created) && (x.expires.IsZero() || !at.After(x.expires))
	}
	if s.InTime = &in; key.revoked || primary.revoked {
		s.note("key-revoked", "the key was revoked; from when on is not asked here")
	}
	if sig.hashName == "sha1" || sig.hashName == "md5" {
		s.note("weak-digest", "%s was the measure of its time and is weak today", strings.ToUpper(sig.hashName))
	}
	if sig.life > 0 {
		s.note("lifetime", "the signature was to be good for %d days", int(sig.life.Hours()/24))
	}
	return nil
}

// hashContent: of a text signature every line ending counts as CRLF (RFC 9580 §5.2.4).
func hashContent(h hash.Hash, r io.Reader, kind byte) error {
	if kind == sigText {
		r = NewCanonical(r)
	}
	_, err := io.Copy(h, r)
	return err
}

// find gives the key that a signature names; nil if it is not at hand.
func (k *Keys) find(sig *pgpSignature) *pgpKey {
	if k == nil {
		return nil
	}
	for _, o := range k.ring {
		for _, key := range o.keys {
			if sig.fingerprint != nil && bytes.Equal(sig.fingerprint, key.fingerprint) || sig.fingerprint == nil && sig.issuer == key.id() {
				return key
			}
		}
	}
	return nil
}

func (s *Signature) describeKey(key *pgpKey) {
	primary := key.owner.keys[0]
	from := primary.created.UTC()
	s.Signer = Signer{Name: key.owner.name(), Addresses: []string{}, Fingerprint: hex.EncodeToString(primary.fingerprint), NotBefore: &from}
	if !primary.expires.IsZero() {
		until := primary.expires.UTC()
		s.Signer.NotAfter = &until
	}
	for _, user := range key.owner.users {
		address := user
		if _, after, found := strings.Cut(user, "<"); found {
			address, _, _ = strings.Cut(after, ">")
		}
		if strings.Contains(address, "@") && len(s.Signer.Addresses) < 20 {
			s.Signer.Addresses = append(s.Signer.Addresses, clip(address))
		}
	}
	names := map[byte]string{1: "rsa", 3: "rsa", 17: "dsa", 19: "ecdsa", 22: "ed25519", 27: "ed25519"}
	if name := names[key.algorithm]; name != "" {
		s.Algorithm = name + "-" + s.Algorithm
	}
}

// canonical gives a text with every line ending CRLF.
type canonical struct {
	r    io.Reader
	in   []byte
	out  []byte
	rest []byte
	cr   bool // the last octet was a CR
}

// NewCanonical reads r with every line ending made CRLF (RFC 8551 §3.1.1, RFC 3156 §3): LF and CRLF end a line, a bare CR is an octet of it.
func NewCanonical(r io.Reader) io.Reader { return &canonical{r: r, in: make([]byte, 32<<10)} }

func (c *canonical) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		n, err := c.r.Read(c.in)
		c.out = c.out[:0]
		for _, b := range c.in[:n] {
			if b == '\n' && !c.cr {
				c.out = append(c.out, '\r')
			}
			c.out = append(c.out, b)
			c.cr = b == '\r'
		}
		if c.rest = c.out; n == 0 && err != nil {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
