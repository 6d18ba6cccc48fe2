// Package cms knows signed data of the Cryptographic Message Syntax (RFC 5652): detached signatures, the attributes that bind the signer's certificate (RFC 5035) and a
// time-stamp (RFC 3161 appendix A) to them, and the files in which keys and certificates are kept (RFC 7468, RFC 8018, RFC 7292).
//
// It reads what seals are made of, strictly: DER, one signer, no weak digest. Signatures in mail are read by package smime, which takes BER, many signers and old algorithms as they come and
// tells what it could not read: a reader for both would be lax with seals.
//
// Whether a signature holds, whether its certificate leads to a root that the caller trusts, and when it was made are three questions with three answers.
package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" // for certificate references of old time-stamp tokens, not for signatures
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"
)

// Object identifiers.
var (
	OIDData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	OIDTSTInfo    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}

	oidContentType       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCert       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStampToken    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidRSA               = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidECPublicKey       = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidEd25519           = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidSHA256WithRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidSHA384WithRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}
	oidSHA512WithRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}
	oidECDSAWithSHA256   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidECDSAWithSHA384   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
	oidECDSAWithSHA512   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}
	errNotDER            = errors.New("it is not DER, or something follows it")
	errNotSignedData     = errors.New("it is no CMS signed data")
	errOneSigner         = errors.New("it has not exactly one signer")
	errNoCertificate     = errors.New("it does not hold the signer's certificate")
	errNotTheseBytes     = errors.New("it does not hold for these bytes")
	errAttributes        = errors.New("its signed attributes are not complete")
	errCertificateBound  = errors.New("it names another certificate than the one that it holds")
	errAlgorithm         = errors.New("it uses an algorithm that is not accepted here")
	errSignatureMismatch = errors.New("the certificate's key did not sign it")
)

type contentInfo struct {
	ContentType asn1.ObjectIdentifier
	Content     asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedData struct {
	Version          int
	DigestAlgorithms []pkix.AlgorithmIdentifier `asn1:"set"`
	ContentInfo      contentInfo
	Certificates     asn1.RawValue   `asn1:"optional,tag:0"`
	CRLs             asn1.RawValue   `asn1:"optional,tag:1"`
	SignerInfos      []asn1.RawValue `asn1:"set"`
}

type signerInfo struct {
	Version            int
	SID                asn1.RawValue
	DigestAlgorithm    pkix.AlgorithmIdentifier
	SignedAttrs        asn1.RawValue `asn1:"optional,tag:0"`
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
	UnsignedAttrs      asn1.RawValue `asn1:"optional,tag:1"`
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue `asn1:"set"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

// SignedData is signed data with one signer, as it was read. Whether it holds tells Verify.
type SignedData struct {
	ContentType  asn1.ObjectIdentifier
	Content      []byte              // what is signed, where it is inside; nil: detached
	Certificates []*x509.Certificate // all that it holds, in their order
	Signer       *x509.Certificate
	SigningTime  *time.Time // as the signer claims; nil: not claimed
	Signature    []byte
	Token        []byte // a time-stamp token over Signature; nil: none

	digest      crypto.Hash
	algorithm   x509.SignatureAlgorithm
	pss         bool
	signed      []byte // the signed attributes as they are signed
	messageSum  []byte
	contentAttr asn1.ObjectIdentifier
	certHash    []byte
	certHashAlg crypto.Hash
}

// maxCertificates bounds what a signature may bring with it.
const maxCertificates = 32

// Parse reads DER signed data with exactly one signer. Its certificate must be inside.
func Parse(der []byte) (*SignedData, error) {
	var outer contentInfo
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		return nil, errNotDER
	}
	if !outer.ContentType.Equal(oidSignedData) {
		return nil, errNotSignedData
	}
	var sd signedData
	if rest, err := asn1.Unmarshal(outer.Content.Bytes, &sd); err != nil || len(rest) > 0 {
		return nil, errNotSignedData
	}
	if len(sd.SignerInfos) != 1 {
		return nil, errOneSigner
	}
	s := &SignedData{ContentType: sd.ContentInfo.ContentType}
	if len(sd.ContentInfo.Content.Bytes) > 0 {
		var octets []byte
		if rest, err := asn1.Unmarshal(sd.ContentInfo.Content.Bytes, &octets); err != nil || len(rest) > 0 {
			return nil, errNotSignedData
		}
		s.Content = octets
	}
	for rest := sd.Certificates.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return nil, errNotDER
		}
		if len(s.Certificates) == maxCertificates {
			return nil, fmt.Errorf("it holds more than %d certificates", maxCertificates)
		}
		if one.Class != asn1.ClassUniversal {
			continue // attribute certificates and other kinds
		}
		c, err := x509.ParseCertificate(one.FullBytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate in it cannot be read: %w", err)
		}
		s.Certificates = append(s.Certificates, c)
	}
	var si signerInfo
	if rest, err := asn1.Unmarshal(sd.SignerInfos[0].FullBytes, &si); err != nil || len(rest) > 0 {
		return nil, errNotSignedData
	}
	return s, s.signer(si)
}

func (s *SignedData) signer(si signerInfo) error {
	s.Signature = si.Signature
	if s.Signer = s.find(si.SID); s.Signer == nil {
		return errNoCertificate
	}
	var ok bool
	if s.digest, ok = hashOf(si.DigestAlgorithm.Algorithm); !ok || s.digest == crypto.SHA1 {
		return errAlgorithm
	}
	if s.algorithm = algorithmOf(si.SignatureAlgorithm.Algorithm, s.digest); s.algorithm == x509.UnknownSignatureAlgorithm {
		return errAlgorithm
	}
	s.pss = si.SignatureAlgorithm.Algorithm.Equal(oidRSAPSS)
	if len(si.SignedAttrs.FullBytes) == 0 {
		return errAttributes // RFC 5652 lets them out for data alone; nothing that is made here does
	}
	// RFC 5652 §5.4: the attributes are signed as a SET OF, not with their tag in the structure.
	s.signed = bytes.Clone(si.SignedAttrs.FullBytes)
	s.signed[0] = asn1.TagSet | 0x20
	err := eachAttribute(si.SignedAttrs.Bytes, func(a attribute) error {
		switch {
		case a.Type.Equal(oidContentType):
			return single(a, &s.contentAttr)
		case a.Type.Equal(oidMessageDigest):
			return single(a, &s.messageSum)
		case a.Type.Equal(oidSigningTime):
			var t time.Time
			err := single(a, &t)
			s.SigningTime = &t
			return err
		case a.Type.Equal(oidSigningCertV2):
			return s.bind(a, crypto.SHA256)
		case a.Type.Equal(oidSigningCert) && s.certHash == nil:
			return s.bind(a, crypto.SHA1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachAttribute(si.UnsignedAttrs.Bytes, func(a attribute) error {
		if a.Type.Equal(oidTimeStampToken) {
			s.Token = a.Values.Bytes
		}
		return nil
	})
}

// essCertID names a certificate (RFC 5035 §4). Version 1 has no algorithm: there it is SHA-1.
type essCertID struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

// bind reads which certificate the signed attributes name, by its digest; h is the algorithm where none is named.
func (s *SignedData) bind(a attribute, h crypto.Hash) error {
	var v struct {
		Certs    []essCertID
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := single(a, &v); err != nil || len(v.Certs) == 0 {
		return errAttributes
	}
	s.certHash, s.certHashAlg = v.Certs[0].Hash, h
	if alg := v.Certs[0].Algorithm.Algorithm; len(alg) > 0 {
		named, ok := hashOf(alg)
		if !ok || h == crypto.SHA1 {
			return errAlgorithm
		}
		s.certHashAlg = named
	}
	return nil
}

func eachAttribute(set []byte, do func(attribute) error) error {
	for len(set) > 0 {
		var a attribute
		var err error
		if set, err = asn1.Unmarshal(set, &a); err != nil {
			return errNotDER
		}
		if err := do(a); err != nil {
			return err
		}
	}
	return nil
}

// single reads the one value of an attribute.
func single(a attribute, into any) error {
	if rest, err := asn1.Unmarshal(a.Values.Bytes, into); err != nil || len(rest) > 0 {
		return errAttributes
	}
	return nil
}

// find gives the certificate that a SignerIdentifier (RFC 5652 §5.3) names.
func (s *SignedData) find(sid asn1.RawValue) *x509.Certificate {
	var is issuerAndSerial
	byKey := sid.Class == asn1.ClassContextSpecific && sid.Tag == 0
	if !byKey {
		if rest, err := asn1.Unmarshal(sid.FullBytes, &is); err != nil || len(rest) > 0 {
			return nil
		}
	}
	for _, c := range s.Certificates {
		if byKey && bytes.Equal(c.SubjectKeyId, sid.Bytes) || !byKey && is.Serial.Cmp(c.SerialNumber) == 0 && bytes.Equal(is.Issuer.FullBytes, c.RawIssuer) {
			return c
		}
	}
	return nil
}

// Verify checks that the signer's key signed content, of the type that is expected, and that the signed attributes name the certificate inside, where they name one. No error: so it is.
// Whether the certificate is to be trusted tells Chain.
func (s *SignedData) Verify(content io.Reader, contentType asn1.ObjectIdentifier) error {
	if !s.ContentType.Equal(contentType) || !s.contentAttr.Equal(contentType) {
		return fmt.Errorf("it signs content of type %v", s.ContentType)
	}
	h := s.digest.New()
	if _, err := io.Copy(h, content); err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), s.messageSum) {
		return errNotTheseBytes
	}
	if err := s.checkSignature(); err != nil {
		return errSignatureMismatch
	}
	if s.certHash != nil && !bytes.Equal(s.certHash, sum(s.certHashAlg, s.Signer.Raw)) {
		return errCertificateBound
	}
	return nil
}

func (s *SignedData) checkSignature() error {
	if key, ok := s.Signer.PublicKey.(*rsa.PublicKey); ok && s.pss {
		// crypto/x509 knows one length of salt, OpenSSL writes another.
		return rsa.VerifyPSS(key, s.digest, sum(s.digest, s.signed), s.Signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: s.digest})
	}
	return s.Signer.CheckSignature(s.algorithm, s.signed, s.Signature)
}

// BindsCertificate tells whether the signed attributes name the signer's certificate (RFC 5035).
func (s *SignedData) BindsCertificate() bool { return s.certHash != nil }

// Chain checks that the signer's certificate leads to one of roots at a time, for one of the uses, and gives the way there. The certificates inside are what lies between.
// Revocation is not looked up: nothing here goes over the network.
func (s *SignedData) Chain(roots *x509.CertPool, at time.Time, uses ...x509.ExtKeyUsage) ([]*x509.Certificate, error) {
	between := x509.NewCertPool()
	for _, c := range s.Certificates {
		between.AddCert(c)
	}
	if len(uses) == 0 {
		uses = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	}
	chains, err := s.Signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: uses})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

func sum(h crypto.Hash, b []byte) []byte {
	if h == crypto.SHA1 {
		s := sha1.Sum(b)
		return s[:]
	}
	x := h.New()
	x.Write(b)
	return x.Sum(nil)
}

var digests = [...]struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, crypto.SHA1},
}

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	for _, d := range digests {
		if d.oid.Equal(oid) {
			return d.hash, true
		}
	}
	return 0, false
}

// HashOf gives the digest algorithm of an identifier, of those that are accepted: SHA-256, SHA-384, SHA-512.
func HashOf(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	h, ok := hashOf(oid)
	return h, ok && h != crypto.SHA1
}

// OIDOf is the identifier of SHA-256, SHA-384 or SHA-512.
func OIDOf(h crypto.Hash) asn1.ObjectIdentifier {
	for _, d := range digests {
		if d.hash == h {
			return d.oid
		}
	}
	return nil
}

func algorithmOf(oid asn1.ObjectIdentifier, h crypto.Hash) x509.SignatureAlgorithm {
	byHash := func(s256, s384, s512 x509.SignatureAlgorithm) x509.SignatureAlgorithm {
		switch h {
		case crypto.SHA256:
			return s256
		case crypto.SHA384:
			return s384
		case crypto.SHA512:
			return s512
		}
		return x509.UnknownSignatureAlgorithm
	}
	switch {
	case oid.Equal(oidRSA):
		return byHash(x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA)
	case oid.Equal(oidRSAPSS):
		return byHash(x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS)
	case oid.Equal(oidECPublicKey):
		return byHash(x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512)
	case oid.Equal(oidSHA256WithRSA):
		return x509.SHA256WithRSA
	case oid.Equal(oidSHA384WithRSA):
		return x509.SHA384WithRSA
	case oid.Equal(oidSHA512WithRSA):
		return x509.SHA512WithRSA
	case oid.Equal(oidECDSAWithSHA256):
		return x509.ECDSAWithSHA256
	case oid.Equal(oidECDSAWithSHA384):
		return x509.ECDSAWithSHA384
	case oid.Equal(oidECDSAWithSHA512):
		return x509.ECDSAWithSHA512
	case oid.Equal(oidEd25519):
		return x509.PureEd25519
	}
	return x509.UnknownSignatureAlgorithm
}
