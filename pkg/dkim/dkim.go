// Package dkim knows DKIM (RFC 6376, 8301, 8463), its forerunner DomainKeys (RFC 4870) and the ARC chain that is built from it (RFC 8617) as
// evidence: for every signature the separate facts that stay checkable for years, not the one word that a mail server says on the day of delivery.
//
// The body hash is computed always and needs no key. The signature is computed wherever a key record is at hand; keys arrive through a
// function, this package knows no network. What a policy says of a signature that holds (expired, SHA-1, a weak key, a body of which only a
// part is signed) is told beside the facts and changes none of them. Where a rule says that a key record must be passed over for this
// signature (RFC 6376 §3.6.1, §6.1.2: another hash, another service, a strict domain …) or that the signature field contradicts itself
// (§6.1.1), the signature counts as unchecked, and a note says whether the numbers fit.
package dkim

import (
	"context"
	"io"
	"time"

	"onrecord/pkg/remark"
)

// Kind is the header field that a signature stands in.
type Kind string

// The two kinds of signature field.
const (
	DKIM       Kind = "DKIM-Signature"
	DomainKeys Kind = "DomainKey-Signature"
)

// BodyHash says whether the body is the one that was signed.
type BodyHash string

// Partial: the signed start of the body fits (l=), and more follows. BodyUnchecked: the hash could not be computed, or (DomainKeys) the one
// hash over header and body does not say.
const (
	Match         BodyHash = "match"
	Mismatch      BodyHash = "mismatch"
	Partial       BodyHash = "partial"
	BodyUnchecked BodyHash = "unchecked"
)

// Verdict says whether the signature over the header fields (which cover the body hash) was made with the key.
type Verdict string

// Unchecked: there is no usable key at hand.
const (
	Valid     Verdict = "valid"
	Invalid   Verdict = "invalid"
	Unchecked Verdict = "unchecked"
)

// KeyOrigin is where a key record came from.
type KeyOrigin string

// A snapshot is a file of ours that tells time and resolver; a file is any other key file.
const (
	OriginSnapshot KeyOrigin = "snapshot"
	OriginDNS      KeyOrigin = "dns"
	OriginFile     KeyOrigin = "file"
	OriginNone     KeyOrigin = "none"
)

// Record is one key record known for a name.
type Record struct {
	Name          string // selector._domainkey.domain
	TXT           string // its strings joined
	Origin        KeyOrigin
	RetrievedAt   *time.Time
	Resolver      string
	Authenticated bool // the resolver vouched for it by DNSSEC (AD)

	parsed *parsedKey // what a set of keys keeps beside the text; nil in a record from elsewhere
}

// Lookup gives all records known for a name, none if there are none. An error is kept as a note: the signature is then unchecked.
type Lookup func(ctx context.Context, name string) ([]Record, error)

// Options: the zero value checks body hashes alone.
type Options struct {
	Lookup        Lookup
	MaxSignatures int       // 0: 50; the last signature says how many more there are
	Received      time.Time // when the receiving server recorded the message; zero: unknown
	Now           time.Time // zero: expiry is judged against Received alone
}

// Key is the key record that a signature was checked with.
type Key struct {
	Origin      KeyOrigin  `json:"origin"`
	Record      string     `json:"record"`
	Bits        int        `json:"bits"`
	RetrievedAt *time.Time `json:"retrieved_at"`
	Resolver    string     `json:"resolver,omitempty"`
	DNSSEC      bool       `json:"dnssec,omitempty"`
	Name        string     `json:"name,omitempty"` // selector._domainkey.domain: what to ask the DNS for
}

// Signature is all that one signature field shows.
type Signature struct {
	Domain           string     `json:"domain"`           // d=, lower case
	Selector         string     `json:"selector"`         // s=
	Algorithm        string     `json:"algorithm"`        // a=
	Canonicalization string     `json:"canonicalization"` // header/body
	SignedFields     []string   `json:"signed_fields"`    // names in lower case, those that the message has
	UnsignedFields   []string   `json:"unsigned_fields"`  // fields of the message that matter and are not covered
	BodyHash         BodyHash   `json:"body_hash"`
	Signature        Verdict    `json:"signature"`
	Key              Key        `json:"key"`
	Policy           []string   `json:"policy"`
	SignedAt         *time.Time `json:"signed_at"`
	ExpiresAt        *time.Time `json:"expires_at"`
	Aligned          bool       `json:"aligned"` // d= and every From address have one organisational domain
	Summary          string     `json:"summary"`

	Kind            Kind            `json:"kind"`
	Identity        string          `json:"identity,omitempty"`         // i=, decoded
	BodyLength      *int64          `json:"body_length,omitempty"`      // l=
	Oversigned      []string        `json:"oversigned,omitempty"`       // names signed as absent: none can be added unnoticed
	Why             string          `json:"why,omitempty"`              // why a hash or signature does not fit, as far as found
	Notes           []string        `json:"notes,omitempty"`            // whatever else a reader must know
	KeyAlternatives []Key           `json:"key_alternatives,omitempty"` // differing records for the same name
	Remarks         []remark.Remark `json:"remarks,omitempty"`          // why and notes again, for programs
	Said            remark.Told     `json:"said,omitempty"`             // the sentences of Summary
}

// Policy notes. A field's name with "-unsigned" is one, too (from-unsigned, subject-unsigned …).
const (
	PolicyExpired     = "expired"
	PolicySHA1        = "sha1"
	PolicyWeakKey     = "weak-key" // RSA below 1024 bits
	PolicyPartialBody = "partial-body"
	PolicyTestMode    = "test-mode" // t=y in the key record
	PolicyRevoked     = "revoked"   // p= empty in the key record
	PolicyUnaligned   = "unaligned"
	PolicyMalformed   = "malformed"
	PolicyVersion     = "version"      // v= missing or not 1
	PolicyAlgorithm   = "algorithm"    // an algorithm or canonicalization that we do not know
	PolicyQuery       = "query-method" // q= names no method that we know
	PolicyIdentity    = "identity"     // i= (DomainKeys: the sender) lies outside d=
	PolicyKey         = "key-unusable" // the key record is to be passed over for this signature
	PolicyKeyFailed   = "key-lookup-failed"
)

const defaultMaxSignatures = 50

// Verify examines every signature field of DKIM and DomainKeys, top first. body is called for each reading of the body, which is streamed; from holds the From
// addresses. Broken signatures are kept with what could be read. An error is trouble with reading, or the end of ctx.
func Verify(ctx context.Context, header []Field, body func() (io.Reader, error), from []string, o Options) ([]Signature, error) {
	return newMessage(header, from, o).verify(ctx, body)
}

// VerifyAll does what Verify does and validates the ARC chain (RFC 8617 §5.2) with the same reading of the body. The chain is nil where the message has no ARC field.
func VerifyAll(ctx context.Context, header []Field, body func() (io.Reader, error), from []string, o Options) ([]Signature, *Chain, error) {
	m := newMessage(header, from, o)
	m.parseChain()
	signatures, err := m.verify(ctx, body)
	if err != nil || m.chain == nil {
		return signatures, nil, err
	}
	c, err := m.chain.validate(ctx, m)
	return signatures, c, err
}

func (m *message) verify(ctx context.Context, body func() (io.Reader, error)) ([]Signature, error) {
	if len(m.checks) == 0 && m.chain == nil {
		return nil, ctx.Err()
	}
	if err := m.hashBody(body); err != nil {
		return nil, err
	}
	for _, c := range m.checks {
		if err := m.checkSignature(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := m.explain(body); err != nil {
		return nil, err
	}
	out := make([]Signature, len(m.checks))
	for i, c := range m.checks {
		m.judge(c)
		c.Said = m.summary(c)
		c.Summary = c.Said.String()
		out[i] = c.Signature
	}
	return out, nil
}

// BodyHashFits says whether the body hash of any DKIM-Signature fits this reading of the body, and whether there is any to compare with. It is
// for choosing between readings, such as the un-quotings of an mbox.
func BodyHashFits(header []Field, body io.Reader) (fits, hasSignature bool, err error) {
	m := newMessage(header, nil, Options{})
	for _, c := range m.checks {
		hasSignature = hasSignature || c.Kind == DKIM && c.sink != nil
	}
	if !hasSignature {
		return false, false, nil
	}
	if err := m.hashBody(func() (io.Reader, error) { return body, nil }); err != nil {
		return false, true, err
	}
	for _, c := range m.checks {
		if c.BodyHash == Match || c.BodyHash == Partial {
			return true, true, nil
		}
	}
	return false, true, nil
}

// Names gives the names of the key records that a message needs (selector._domainkey.domain, RFC 6376 §3.6.2.1), each once, in order; those of
// an ARC chain are among them.
func Names(header []Field) []string {
	m := newMessage(header, nil, Options{})
	m.parseChain()
	var names []string
	seen := map[string]bool{}
	add := func(_ int, c *check) {
		if name := c.Key.Name; name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for i, c := range m.checks {
		add(i, c)
	}
	m.chain.each(add)
	return names
}
