// Package timestamp knows RFC 3161 time-stamps: how one is asked for, what must be checked before a token may be believed, and how it is checked again later.
// The way to the authority is a function of the caller; nothing here reaches for the network or the clock.
package timestamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/cms"
)

type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Digest    []byte
}

// query is a TimeStampReq (§2.4.1). Extensions are not asked for.
type query struct {
	Version int
	Imprint messageImprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int              `asn1:"optional"`
	CertReq bool                  `asn1:"optional"`
}

// Query is a request for a time-stamp over a digest. It asks for the authority's certificates.
type Query struct {
	Hash   crypto.Hash
	Digest []byte
	Nonce  *big.Int              // nil: none
	Policy asn1.ObjectIdentifier // the authority's policy that is asked for; nil: its own choice
}

// nonceBytes is how many random bytes a nonce has.
const nonceBytes = 16

// NewQuery asks for a time-stamp over a digest, with a nonce from random.
func NewQuery(h crypto.Hash, digest []byte, random io.Reader) (Query, error) {
	b := make([]byte, nonceBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return Query{}, err
	}
	b[0] |= 0x40 // of one length always, and positive
	b[0] &= 0x7f
	return Query{Hash: h, Digest: digest, Nonce: new(big.Int).SetBytes(b)}, nil
}

// DER is the request as it is sent, and as "openssl ts -query" reads it.
func (q Query) DER() ([]byte, error) {
	return asn1.Marshal(query{Version: 1, Imprint: messageImprint{pkix.AlgorithmIdentifier{Algorithm: cms.OIDOf(q.Hash), Parameters: asn1.NullRawValue}, q.Digest},
		Policy: q.Policy, Nonce: q.Nonce, CertReq: true})
}

// ParseQuery reads what DER writes and nothing else: a changed byte is an error.
func ParseQuery(der []byte) (Query, error) {
	var raw query
	if rest, err := asn1.Unmarshal(der, &raw); err != nil || len(rest) > 0 {
		return Query{}, errors.New("it is no time-stamp request")
	}
	h, ok := cms.HashOf(raw.Imprint.Algorithm.Algorithm)
	if !ok || len(raw.Imprint.Digest) != h.Size() {
		return Query{}, errors.New("time-stamp request with an unknown digest")
	}
	q := Query{Hash: h, Digest: raw.Imprint.Digest, Nonce: raw.Nonce, Policy: raw.Policy}
	again, err := q.DER()
	if err != nil || !bytes.Equal(again, der) {
		return Query{}, errors.New("time-stamp request in another form than it is sent here")
	}
	return q, nil
}

// Token is a time-stamp token that was read. Whether it is to be believed tell Check and Trust.
type Token struct {
	Time     time.Time
	Accuracy time.Duration // 0: not said
	Policy   asn1.ObjectIdentifier
	Serial   *big.Int
	Nonce    *big.Int // nil: none
	Hash     crypto.Hash
	Digest   []byte

	signed *cms.SignedData
}

type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    messageImprint
	Serial     *big.Int
	Time       asn1.RawValue
	Accuracy   accuracy         `asn1:"optional"`
	Ordering   bool             `asn1:"optional"`
	Nonce      *big.Int         `asn1:"optional"`
	TSA        asn1.RawValue    `asn1:"optional,explicit,tag:0"`
	Extensions []pkix.Extension `asn1:"optional,tag:1"`
}

type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

type response struct {
	Status statusInfo
	Token  asn1.RawValue `asn1:"optional"`
}

type statusInfo struct {
	Status int
	Text   []asn1.RawValue `asn1:"optional"`
	Fail   asn1.BitString  `asn1:"optional"`
}

// RefusedError is an answer in which the authority gives no token.
type RefusedError struct {
	Status int // PKIStatus (§2.4.2)
	Text   string
}

func (e *RefusedError) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("the authority refused (status %d)", e.Status)
	}
	return fmt.Sprintf("the authority refused (status %d): %s", e.Status, e.Text)
}

// ParseResponse reads a TimeStampResp (§2.4.2): granted (0) or granted with modifications (1), with the token.
func ParseResponse(der []byte) (*Token, error) {
	token, err := TokenOf(der)
	if err != nil {
		return nil, err
	}
	return ParseToken(token)
}

// TokenOf gives the token in a response as it stands there: it may go into a signature (appendix A).
func TokenOf(der []byte) ([]byte, error) {
	var r response
	if rest, err := asn1.Unmarshal(der, &r); err != nil || len(rest) > 0 {
		return nil, errors.New("it is no time-stamp response")
	}
	if r.Status.Status != 0 && r.Status.Status != 1 {
		var words []string
		for _, t := range r.Status.Text {
			words = append(words, strings.ToValidUTF8(string(t.Bytes), "?"))
		}
		return nil, &RefusedError{r.Status.Status, strings.Join(words, "; ")}
	}
	if len(r.Token.FullBytes) == 0 {
		return nil, errors.New("the time-stamp response holds no token")
	}
	return r.Token.FullBytes, nil
}

// ParseToken reads a TimeStampToken.
func ParseToken(der []byte) (*Token, error) {
	signed, err := cms.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("time-stamp token: %w", err)
	}
	var info tstInfo
	if rest, err := asn1.Unmarshal(signed.Content, &info); err != nil || len(rest) > 0 || info.Version != 1 {
		return nil, errors.New("time-stamp token: what it says cannot be read")
	}
	t := &Token{Policy: info.Policy, Serial: info.Serial, Nonce: info.Nonce, Digest: info.Imprint.Digest, signed: signed}
	var ok bool
	if t.Hash, ok = cms.HashOf(info.Imprint.Algorithm.Algorithm); !ok || len(t.Digest) != t.Hash.Size() {
		return nil, errors.New("time-stamp token: it stamps a digest of an algorithm that is not accepted here")
	}
	// GeneralizedTime in UTC, with a fraction or without (§2.4.2).
	if t.Time, err = time.Parse("20060102150405Z", string(info.Time.Bytes)); err != nil || info.Time.Tag != asn1.TagGeneralizedTime {
		return nil, errors.New("time-stamp token: its time cannot be read")
	}
	for _, e := range info.Extensions {
		if e.Critical {
			return nil, errors.New("time-stamp token: it holds a critical extension that is not known here")
		}
	}
	t.Accuracy = time.Duration(info.Accuracy.Seconds)*time.Second + time.Duration(info.Accuracy.Millis)*time.Millisecond + time.Duration(info.Accuracy.Micros)*time.Microsecond
	return t, nil
}

// Check checks that the token is an answer to q: imprint, nonce and, where one was asked for, policy; and that its own certificate signed it, was valid at its time, is named in
// the signed attributes and is for time-stamping and nothing else (§2.3). Whether that certificate is to be trusted tells Trust.
func (t *Token) Check(q Query) error {
	if t.Hash != q.Hash || !bytes.Equal(t.Digest, q.Digest) {
		return errors.New("it stamps another digest")
	}
	switch {
	case q.Nonce == nil:
	case t.Nonce == nil || t.Nonce.Cmp(q.Nonce) != 0:
		return errors.New("its nonce is not that of the request")
	}
	if len(q.Policy) > 0 && !t.Policy.Equal(q.Policy) {
		return fmt.Errorf("it was made under policy %v, not %v", t.Policy, q.Policy)
	}
	if err := t.signed.Verify(bytes.NewReader(t.signed.Content), cms.OIDTSTInfo); err != nil {
		return err
	}
	if !t.signed.BindsCertificate() {
		return errors.New("its signed attributes do not name the certificate")
	}
	c := t.signed.Signer
	if !stampingOnly(c) {
		return errors.New("its certificate is not for time-stamping alone (a critical extended key usage)")
	}
	if t.Time.Before(c.NotBefore) || t.Time.After(c.NotAfter) {
		return errors.New("its certificate was not valid at the time that it gives")
	}
	return nil
}

func stampingOnly(c *x509.Certificate) bool {
	critical := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37}) && e.Critical
	})
	return critical && slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) && len(c.UnknownExtKeyUsage) == 0
}

// Trust checks that the authority's certificate led to one of roots at the time of the token, and gives the way there.
func (t *Token) Trust(roots *x509.CertPool) ([]*x509.Certificate, error) {
	return t.signed.Chain(roots, t.Time, x509.ExtKeyUsageTimeStamping)
}

// Certificates are those that the token holds, the authority's own first.
func (t *Token) Certificates() []*x509.Certificate {
	all := []*x509.Certificate{t.signed.Signer}
	for _, c := range t.signed.Certificates {
		if !c.Equal(t.signed.Signer) {
			all = append(all, c)
		}
	}
	return all
}

// Authority is the name of the authority for people to read.
func (t *Token) Authority() string {
	name := t.signed.Signer.Subject
	return strings.TrimPrefix(strings.Join([]string{strings.Join(name.Organization, " "), name.CommonName}, ", "), ", ")
}

// Post sends a request with Content-Type application/timestamp-query and gives the body of the answer (§3.4).
type Post func(ctx context.Context, url string, request []byte) ([]byte, error)

// Stamp asks an authority and checks its answer. It gives the response as it came.
func Stamp(ctx context.Context, post Post, url string, q Query) ([]byte, *Token, error) {
	request, err := q.DER()
	if err != nil {
		return nil, nil, err
	}
	answer, err := post(ctx, url, request)
	if err != nil {
		return nil, nil, err
	}
	t, err := ParseResponse(answer)
	if err != nil {
		return nil, nil, err
	}
	return answer, t, t.Check(q)
}
