package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" // old mail
	"crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	maxSigners      = 20
	maxCertificates = 100
)

var (
	oidSigned    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidEnveloped = []asn1.ObjectIdentifier{
		{1, 2, 840, 113549, 1, 7, 3},         // enveloped data
		{1, 2, 840, 113549, 1, 9, 16, 1, 23}, // authenticated-enveloped data (RFC 5083)
		{1, 2, 840, 113549, 1, 7, 6}}         // encrypted data
	oidDigest      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidPSS         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}

	errNotCMS = errors.New("it is no CMS structure (RFC 5652)")
)

// hashes are the digests that a signature may name, by themselves or within a signature algorithm.
var hashes = []struct {
	name string
	hash crypto.Hash
	oids []asn1.ObjectIdentifier
}{
	{"sha1", crypto.SHA1, []asn1.ObjectIdentifier{{1, 3, 14, 3, 2, 26}, {1, 2, 840, 113549, 1, 1, 5}, {1, 2, 840, 10045, 4, 1}}},
	{"sha224", crypto.SHA224, []asn1.ObjectIdentifier{{2, 16, 840, 1, 101, 3, 4, 2, 4}, {1, 2, 840, 113549, 1, 1, 14}, {1, 2, 840, 10045, 4, 3, 1}}},
	{"sha256", crypto.SHA256, []asn1.ObjectIdentifier{{2, 16, 840, 1, 101, 3, 4, 2, 1}, {1, 2, 840, 113549, 1, 1, 11}, {1, 2, 840, 10045, 4, 3, 2}}},
	{"sha384", crypto.SHA384, []asn1.ObjectIdentifier{{2, 16, 840, 1, 101, 3, 4, 2, 2}, {1, 2, 840, 113549, 1, 1, 12}, {1, 2, 840, 10045, 4, 3, 3}}},
	{"sha512", crypto.SHA512, []asn1.ObjectIdentifier{{2, 16, 840, 1, 101, 3, 4, 2, 3}, {1, 2, 840, 113549, 1, 1, 13}, {1, 2, 840, 10045, 4, 3, 4}}},
}

func hashOf(oid asn1.ObjectIdentifier) (name string, h crypto.Hash) {
	for _, x := range hashes {
		if slices.ContainsFunc(x.oids, oid.Equal) {
			return x.name, x.hash
		}
	}
	return "", 0
}

// signedData is what was read of a SignedData (RFC 5652 §5.1).
type signedData struct {
	content      []byte // nil where it is detached
	held         bool
	certificates []*x509.Certificate
	broken       int // certificates that cannot be read
	signers      []element
}

// object reads an OBJECT IDENTIFIER.
func (e element) object() (oid asn1.ObjectIdentifier) {
	if e.is(0, asn1.TagOID) {
		asn1.Unmarshal(e.whole, &oid) // nil if it is none
	}
	return oid
}

// read takes a ContentInfo apart. encrypted: it is one of the kinds that cannot be read without a key.
func read(der []byte) (sd *signedData, encrypted bool, err error) {
	outer, _, err := next(der)
	if err != nil || !outer.is(0, asn1.TagSequence) {
		return nil, false, errNotCMS
	}
	info, err := children(outer.content, 10)
	if err != nil || len(info) < 2 {
		return nil, false, errNotCMS
	}
	kind := info[0].object()
	if slices.ContainsFunc(oidEnveloped, kind.Equal) {
		return nil, true, nil
	}
	if !kind.Equal(oidSigned) {
		return nil, false, errNotCMS
	}
	body, _, err := next(info[1].content)
	if err != nil {
		return nil, false, errNotCMS
	}
	list, err := children(body.content, 10)
	if err != nil || len(list) < 4 {
		return nil, false, errNotCMS
	}
	sd = &signedData{}
	if err := sd.readContent(list[2]); err != nil {
		return nil, false, errNotCMS
	}
	for _, e := range list[3:] {
		switch {
		case e.is(2, 0):
			certificates, err := children(e.content, maxCertificates)
			for _, c := range certificates {
				parsed, err := x509.ParseCertificate(c.whole)
				if err != nil {
					sd.broken++
					continue
				}
				sd.certificates = append(sd.certificates, parsed)
			}
			if err != nil {
				sd.broken++
			}
		case e.is(0, asn1.TagSet):
			if sd.signers, err = children(e.content, maxSigners); err != nil {
				return nil, false, errNotCMS
			}
		}
	}
	return sd, false, nil
}

func (sd *signedData) readContent(encapsulated element) error {
	list, err := children(encapsulated.content, 10)
	if err != nil || len(list) == 0 {
		return errNotCMS
	}
	if len(list) < 2 {
		return nil
	}
	octets, _, err := next(list[1].content)
	if err != nil {
		return err
	}
	sd.content, err = octets.octets()
	sd.held = err == nil
	return err
}

// VerifyCMS examines the signatures of a CMS structure. content gives what was signed; nil where it is to lie inside, and is returned then. Broken structures give a
// Signature that says so; an error is trouble with reading content.
func VerifyCMS(der []byte, part string, content Content, k *Keys) (all []Signature, inside []byte, err error) {
	form := Detached
	if content == nil {
		form = Opaque
	}
	blank := Signature{Kind: SMIME, Form: form, Part: part, Digest: DigestUnchecked, Signature: Unchecked, Chain: TrustUnchecked, Signer: Signer{Addresses: []string{}}}
	sd, encrypted, err := read(der)
	switch {
	case encrypted:
		blank.Form = Encrypted
		return []Signature{blank}, nil, nil
	case err != nil:
		blank.because("unreadable", "%v", err)
		return []Signature{blank}, nil, nil
	case len(sd.signers) == 0:
		// Certificates alone (RFC 8551 §3.8) sign nothing.
		return nil, sd.content, nil
	}
	if sd.held && len(sd.content) > maxContent {
		blank.because("too-large", "the content inside is larger than %d bytes", maxContent)
		return []Signature{blank}, nil, nil
	}
	switch {
	case content == nil && sd.held:
		content = func() (io.Reader, error) { return bytes.NewReader(sd.content), nil }
	case content == nil:
		blank.because("no-content", "it holds neither the content nor stands beside one")
		return []Signature{blank}, nil, nil
	}
	for _, e := range sd.signers {
		s := blank
		if err := s.verifySigner(sd, e, content, k); err != nil {
			return nil, nil, err
		}
		all = append(all, s)
	}
	return all, sd.content, nil
}

// verifySigner examines one SignerInfo (RFC 5652 §5.3, §5.4, §5.6).
func (s *Signature) verifySigner(sd *signedData, info element, content Content, k *Keys) error {
	list, err := children(info.content, 10)
	if err != nil || len(list) < 5 {
		s.because("signer-unreadable", "its signer information cannot be read")
		return nil
	}
	id, digestAlgorithm, list := list[1], list[2], list[3:]
	var attributes *element
	if list[0].is(2, 0) {
		attributes, list = &list[0], list[1:]
	}
	if len(list) < 2 {
		s.because("signer-unreadable", "its signer information cannot be read")
		return nil
	}
	signatureAlgorithm := list[0]
	signature, err := list[1].octets()
	if err != nil {
		s.because("signer-unreadable", "its signer information cannot be read")
		return nil
	}
	name, hash := hashOf(algorithmOf(digestAlgorithm))
	s.Algorithm = name
	certificate := sd.certificateOf(id)
	if certificate != nil {
		s.describe(certificate)
	}
	if hash == 0 {
		s.because("unknown-digest", "its digest algorithm %s is not known here", algorithmOf(digestAlgorithm))
		return nil
	}
	r, err := content()
	if err != nil {
		return err
	}
	h := hash.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	sum := h.Sum(nil)
	signed := sum
	if attributes != nil {
		digest, at := readAttributes(*attributes)
		s.SignedAt = at
		s.Digest = Mismatch
		if digest != nil && bytes.Equal(digest, sum) {
			s.Digest = Match
		} else if digest == nil {
			s.Digest = DigestUnchecked
			s.because("no-digest", "the signed attributes name no digest of the content")
		}
		// RFC 5652 §5.4: they are signed under the tag of a SET.
		text := slices.Concat([]byte{0x31}, attributes.whole[1:])
		h := hash.New()
		h.Write(text)
		signed = h.Sum(nil)
		if at == nil {
			s.note("no-signing-time", "the signature does not say when it was made")
		}
	}
	if certificate == nil {
		s.because("no-certificate", "the signer's certificate is not in it")
		return nil
	}
	algorithm, fits, known := check(certificate, signatureAlgorithm, hash, signed, signature, attributes, content)
	if algorithm != "" {
		s.Algorithm = algorithm + "-" + name
	}
	switch {
	case !known:
		s.because("unknown-algorithm", "its signature algorithm is not known here")
	case fits:
		s.Signature = Valid
		if attributes == nil {
			s.Digest = Match // the one signature is over the content itself
		}
	default:
		s.Signature = Invalid
	}
	if name == "sha1" {
		s.note("weak-digest", "SHA-1 was the measure of its time and is weak today")
	}
	s.judgeCertificate(sd, certificate, k)
	return nil
}

func algorithmOf(e element) asn1.ObjectIdentifier {
	list, _ := children(e.content, 4)
	if len(list) == 0 {
		return nil
	}
	return list[0].object()
}

// certificateOf finds the signer's certificate: by issuer and serial number, or by its key identifier (RFC 5652 §5.3).
func (sd *signedData) certificateOf(id element) *x509.Certificate {
	for _, c := range sd.certificates {
		if id.is(2, 0) {
			if octets, err := id.octets(); err == nil && len(c.SubjectKeyId) > 0 && bytes.Equal(octets, c.SubjectKeyId) {
				return c
			}
			continue
		}
		list, err := children(id.content, 4)
		if err != nil || len(list) != 2 {
			return nil
		}
		serial, err := asn1.Marshal(c.SerialNumber)
		if err == nil && bytes.Equal(list[0].whole, c.RawIssuer) && bytes.Equal(list[1].whole, serial) {
			return c
		}
	}
	return nil
}

func (s *Signature) describe(c *x509.Certificate) {
	sum := sha256.Sum256(c.Raw)
	from, until := c.NotBefore.UTC(), c.NotAfter.UTC()
	s.Signer = Signer{Name: clip(nameOf(c.Subject)), Addresses: []string{}, Issuer: clip(nameOf(c.Issuer)), Serial: c.SerialNumber.Text(16),
		Fingerprint: hex.EncodeToString(sum[:]), NotBefore: &from, NotAfter: &until}
	add := func(address string) {
		if address = clip(address); address != "" && !slices.Contains(s.Signer.Addresses, address) && len(s.Signer.Addresses) < 20 {
			s.Signer.Addresses = append(s.Signer.Addresses, address)
		}
	}
	for _, a := range c.EmailAddresses {
		add(a)
	}
	for _, n := range c.Subject.Names { // the address in the subject (RFC 5280 §4.1.2.6), as old certificates have it
		if n.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}) {
			if text, ok := n.Value.(string); ok {
				add(text)
			}
		}
	}
}

// nameOf is the common name with the organisation, else the whole name.
func nameOf(n pkix.Name) string {
	switch {
	case n.CommonName != "" && len(n.Organization) > 0 && n.Organization[0] != n.CommonName:
		return n.CommonName + ", " + n.Organization[0]
	case n.CommonName != "":
		return n.CommonName
	}
	return n.String()
}

// readAttributes gives the message digest and the signing time (RFC 5652 §11.2, §11.3).
func readAttributes(attributes element) (digest []byte, at *time.Time) {
	list, _ := children(attributes.content, 100)
	for _, a := range list {
		pair, err := children(a.content, 4)
		if err != nil || len(pair) < 2 {
			continue
		}
		value, _, err := next(pair[1].content)
		if err != nil {
			continue
		}
		switch oid := pair[0].object(); {
		case oid.Equal(oidDigest) && digest == nil:
			digest, _ = value.octets()
		case oid.Equal(oidSigningTime) && at == nil:
			var t time.Time
			if _, err := asn1.Unmarshal(value.whole, &t); err == nil {
				t = t.UTC()
				at = &t
			}
		}
	}
	return digest, at
}

// check computes a signature over a digest. Ed25519 signs the text itself (RFC 8419): here its attributes or, without them, the content.
func check(c *x509.Certificate, algorithm element, hash crypto.Hash, digest, signature []byte, attributes *element, content Content) (name string, fits, known bool) {
	oid := algorithmOf(algorithm)
	if _, own := hashOf(oid); own != 0 && own != hash {
		return "", false, true // it contradicts itself
	}
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() > 16384 || key.N.BitLen() < 512 {
			return "rsa", false, false
		}
		if oid.Equal(oidPSS) {
			return "rsa-pss", rsa.VerifyPSS(key, hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: hash}) == nil, true
		}
		return "rsa", rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil, true
	case *ecdsa.PublicKey:
		return "ecdsa", ecdsa.VerifyASN1(key, digest, signature), true
	case ed25519.PublicKey:
		if attributes == nil {
			r, err := content()
			if err != nil {
				return "ed25519", false, false
			}
			text, err := io.ReadAll(io.LimitReader(r, maxContent))
			return "ed25519", err == nil && ed25519.Verify(key, text, signature), err == nil
		}
		return "ed25519", ed25519.Verify(key, slices.Concat([]byte{0x31}, attributes.whole[1:]), signature), true
	}
	return "", false, false
}

// judgeCertificate says whether the certificate was good when the signature was made, and where it leads.
func (s *Signature) judgeCertificate(sd *signedData, c *x509.Certificate, k *Keys) {
	at := c.NotBefore
	if s.SignedAt != nil {
		at = *s.SignedAt
		in := !at.Before(c.NotBefore) && !at.After(c.NotAfter)
		s.InTime = &in
	}
	if k == nil || k.pool == nil {
		return
	}
	between := x509.NewCertPool()
	for _, other := range sd.certificates {
		between.AddCert(other)
	}
	_, err := c.Verify(x509.VerifyOptions{Roots: k.pool, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageAny}})
	if s.Chain = Trusted; err != nil && !slices.ContainsFunc(k.roots, c.Equal) {
		s.Chain = Untrusted
		s.broken(err)
	}
	if sd.broken > 0 {
		s.note("unreadable-certificates", "%d certificates in it cannot be read", sd.broken)
	}
}

// broken says why a chain of certificates does not hold, in our words where we have some.
func (s *Signature) broken(err error) {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		s.note("chain-unknown-issuer", "the chain of certificates leads to an issuer that is not among the roots that were given")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		s.note("chain-expired", "the chain of certificates: one of them was not good at that time")
	case errors.As(err, &invalid) && invalid.Reason == x509.NotAuthorizedToSign:
		s.note("chain-no-authority", "the chain of certificates: one of them may not issue others")
	default:
		s.note("chain-broken", "the chain of certificates does not hold (%s)", clip(strings.TrimPrefix(err.Error(), "x509: ")))
	}
}

// AddRoots takes the certificates of a PEM or DER file as roots.
func (k *Keys) AddRoots(certificates []*x509.Certificate) error {
	if len(certificates) == 0 {
		return errors.New("no certificate in it")
	}
	if k.pool == nil {
		k.pool = x509.NewCertPool()
	}
	for _, c := range certificates {
		if !slices.ContainsFunc(k.roots, c.Equal) {
			k.pool.AddCert(c)
			k.roots = append(k.roots, c)
		}
	}
	return nil
}

// RootsPEM gives the roots as PEM text, with their names as comments, to be kept beside what was checked with them.
func (k *Keys) RootsPEM() []byte {
	var b bytes.Buffer
	for _, c := range k.roots {
		fmt.Fprintf(&b, "# %s\n", clip(nameOf(c.Subject)))
		pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a Buffer takes everything
	}
	return b.Bytes()
}

// Inside gives the content that lies in opaque signed data, nil if there is none that can be read.
func Inside(der []byte) []byte {
	sd, _, err := read(der)
	if err != nil || sd == nil || !sd.held || len(sd.content) > maxContent {
		return nil
	}
	return sd.content
}
