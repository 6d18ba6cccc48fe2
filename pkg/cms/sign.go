package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"slices"
	"time"
)

// Options are what a signature says beside what it signs.
type Options struct {
	// SigningTime is what the signer claims; zero: nothing is claimed. PAdES baseline signatures must not (ETSI EN 319 142-1 §6.3).
	SigningTime time.Time
	// TimeStamp, if set, gives a time-stamp token over the signature's bytes (RFC 3161 appendix A), or none.
	TimeStamp func(signature []byte) (token []byte, err error)
}

// Sign makes a detached signature over content with the key of chain[0]; the chain goes into it. The result is DER.
func Sign(content io.Reader, key crypto.Signer, chain []*x509.Certificate, o Options) ([]byte, error) {
	if len(chain) == 0 {
		return nil, errNoCertificate
	}
	if pub, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !pub.Equal(chain[0].PublicKey) {
		return nil, errors.New("the key is not that of the certificate")
	}
	hash, algorithm, err := algorithmFor(key)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	if _, err := io.Copy(h, content); err != nil {
		return nil, err
	}
	attrs, err := signedAttributes(h.Sum(nil), chain, o.SigningTime)
	if err != nil {
		return nil, err
	}
	set, err := asn1.MarshalWithParams(attrs, "set")
	if err != nil {
		return nil, err
	}
	signature, err := signBytes(key, hash, set)
	if err != nil {
		return nil, err
	}
	si := signerInfo{Version: 1, DigestAlgorithm: pkix.AlgorithmIdentifier{Algorithm: OIDOf(hash)}, SignatureAlgorithm: algorithm, Signature: signature}
	sid, err := asn1.Marshal(issuerAndSerial{asn1.RawValue{FullBytes: chain[0].RawIssuer}, chain[0].SerialNumber})
	if err != nil {
		return nil, err
	}
	si.SID = asn1.RawValue{FullBytes: sid}
	si.SignedAttrs = retagged(set, 0)
	if o.TimeStamp != nil {
		token, err := o.TimeStamp(signature)
		if err != nil {
			return nil, err
		}
		if len(token) > 0 {
			a, err := asn1.MarshalWithParams([]attribute{{Type: oidTimeStampToken, Values: setOf(token)}}, "set")
			if err != nil {
				return nil, err
			}
			si.UnsignedAttrs = retagged(a, 1)
		}
	}
	one, err := asn1.Marshal(si)
	if err != nil {
		return nil, err
	}
	sd := signedData{Version: 1, DigestAlgorithms: []pkix.AlgorithmIdentifier{{Algorithm: OIDOf(hash)}}, ContentInfo: contentInfo{ContentType: OIDData},
		SignerInfos: []asn1.RawValue{{FullBytes: one}}}
	var certificates []byte
	for _, c := range chain {
		certificates = append(certificates, c.Raw...)
	}
	sd.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificates}
	inner, err := asn1.Marshal(sd)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{ContentType: oidSignedData, Content: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
}

// retagged gives a SET its context-specific tag.
func retagged(set []byte, tag byte) asn1.RawValue {
	b := slices.Clone(set)
	b[0] = 0xa0 | tag
	return asn1.RawValue{FullBytes: b}
}

func setOf(value []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: value}
}

func signedAttributes(digest []byte, chain []*x509.Certificate, at time.Time) ([]attribute, error) {
	values := []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{{oidContentType, OIDData}, {oidMessageDigest, digest}}
	if !at.IsZero() {
		values = append(values, struct {
			oid   asn1.ObjectIdentifier
			value any
		}{oidSigningTime, at.UTC()})
	}
	// The digests of the whole chain, the signer first (RFC 5035 §3): nothing that comes with the signature can be exchanged.
	var ids []essCertID
	for _, c := range chain {
		digest := sha512.Sum512(c.Raw)
		ids = append(ids, essCertID{Algorithm: pkix.AlgorithmIdentifier{Algorithm: OIDOf(crypto.SHA512)}, Hash: digest[:]})
	}
	values = append(values, struct {
		oid   asn1.ObjectIdentifier
		value any
	}{oidSigningCertV2, struct{ Certs []essCertID }{ids}})
	var all []attribute
	for _, v := range values {
		b, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		all = append(all, attribute{Type: v.oid, Values: setOf(b)})
	}
	return all, nil
}

func algorithmFor(key crypto.Signer) (crypto.Hash, pkix.AlgorithmIdentifier, error) {
	switch k := key.Public().(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return 0, pkix.AlgorithmIdentifier{}, errors.New("an RSA key of less than 2048 bits")
		}
		return crypto.SHA256, pkix.AlgorithmIdentifier{Algorithm: oidSHA256WithRSA, Parameters: asn1.NullRawValue}, nil
	case *ecdsa.PublicKey:
		switch bits := k.Curve.Params().BitSize; {
		case bits <= 256:
			return crypto.SHA256, pkix.AlgorithmIdentifier{Algorithm: oidECDSAWithSHA256}, nil
		case bits <= 384:
			return crypto.SHA384, pkix.AlgorithmIdentifier{Algorithm: oidECDSAWithSHA384}, nil
		}
		return crypto.SHA512, pkix.AlgorithmIdentifier{Algorithm: oidECDSAWithSHA512}, nil
	case ed25519.PublicKey:
		return crypto.SHA512, pkix.AlgorithmIdentifier{Algorithm: oidEd25519}, nil // RFC 8419 §3.1
	}
	return 0, pkix.AlgorithmIdentifier{}, errAlgorithm
}

func signBytes(key crypto.Signer, hash crypto.Hash, b []byte) ([]byte, error) {
	if _, ok := key.Public().(ed25519.PublicKey); ok {
		return key.Sign(rand.Reader, b, crypto.Hash(0))
	}
	h := hash.New()
	h.Write(b)
	return key.Sign(rand.Reader, h.Sum(nil), hash)
}
