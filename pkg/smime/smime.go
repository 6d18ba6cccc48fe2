// Package smime knows the signatures that people, not mail services, put on a message: S/MIME (RFC 8551, signed data of RFC 5652) and OpenPGP (RFC 3156, RFC 9580).
//
// A signature is told as separate facts: whether the content is the one that was signed, whether the signature was made with the key of the certificate, whether that
// certificate was good when it was made, and whether it leads to a root that the user named. Nothing is asked of the network: no revocation list, no key server.
package smime

import (
	"crypto/x509"
	"io"
	"strings"
	"time"

	"onrecord/pkg/remark"
)

// Kind names the system.
type Kind string

// The kinds.
const (
	SMIME   Kind = "S/MIME"
	OpenPGP Kind = "OpenPGP"
)

// Form is how the content is held.
type Form string

// The forms. Encrypted content cannot be read without the recipient's key: it is only told that it is there.
const (
	Detached  Form = "detached"  // multipart/signed (RFC 1847)
	Opaque    Form = "opaque"    // the content lies inside the signature
	Cleartext Form = "cleartext" // within the text (RFC 9580 §7)
	Encrypted Form = "encrypted"
)

// Digest says whether the content is the one that was signed.
type Digest string

// DigestUnchecked: it could not be compared by itself.
const (
	Match           Digest = "match"
	Mismatch        Digest = "mismatch"
	DigestUnchecked Digest = "unchecked"
)

// Verdict says whether the signature was made with the key of the certificate at hand.
type Verdict string

// Unchecked: no key is at hand, or it cannot be computed.
const (
	Valid     Verdict = "valid"
	Invalid   Verdict = "invalid"
	Unchecked Verdict = "unchecked"
)

// Trust says whether the certificate leads to a root that the user named.
type Trust string

// TrustUnchecked: no root was named.
const (
	Trusted        Trust = "trusted"
	Untrusted      Trust = "untrusted"
	TrustUnchecked Trust = "unchecked"
)

// Signer is who the certificate or key says its owner is.
type Signer struct {
	Name        string     `json:"name"`
	Addresses   []string   `json:"addresses"`
	Issuer      string     `json:"issuer,omitempty"`
	Serial      string     `json:"serial,omitempty"`      // hexadecimal
	Fingerprint string     `json:"fingerprint,omitempty"` // SHA-256 of the certificate; of an OpenPGP key its own, or the key id where no key is at hand
	NotBefore   *time.Time `json:"not_before"`
	NotAfter    *time.Time `json:"not_after"`
}

// Signature is all that one signature shows.
type Signature struct {
	Kind      Kind            `json:"kind"`
	Form      Form            `json:"form"`
	Part      string          `json:"part"` // path of the part that it stands in
	Digest    Digest          `json:"digest"`
	Signature Verdict         `json:"signature"`
	Algorithm string          `json:"algorithm,omitempty"`
	Signer    Signer          `json:"signer"`
	SignedAt  *time.Time      `json:"signed_at"`         // by the signer's clock
	InTime    *bool           `json:"in_time,omitempty"` // the certificate was good at that time; nil: unknown
	Chain     Trust           `json:"chain"`
	Aligned   bool            `json:"aligned"` // the certificate names an address of From
	Why       string          `json:"why,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
	Summary   string          `json:"summary"`
	Remarks   []remark.Remark `json:"remarks,omitempty"` // why and notes again, for programs
	Said      remark.Told     `json:"said,omitempty"`    // the sentences of Summary

	why remark.Told // what Why says
}

// Keys is what signatures are checked with besides what they bring themselves. The zero value has none.
type Keys struct {
	pool  *x509.CertPool      // nil: the chain stays unchecked
	roots []*x509.Certificate // those in pool
	ring  []*pgpOwner
}

// maxContent bounds what is kept of content that lies inside of a signature.
const maxContent = 64 << 20

// Content gives the signed content in canonical form, from its beginning.
type Content func() (io.Reader, error)

func (s *Signature) note(kind, sentence string, args ...any) {
	r := remark.New(kind, sentence, args...)
	s.Notes, s.Remarks = append(s.Notes, r.Text), append(s.Remarks, r)
}

func (s *Signature) because(kind, sentence string, args ...any) {
	r := remark.New(kind, sentence, args...)
	if s.Why != "" {
		s.Why += "; "
	}
	s.Why += r.Text
	s.why, s.Remarks = append(s.why, r), append(s.Remarks, r)
}

// Judge adds what follows from the whole message: alignment with the From addresses, and the summary.
func (s *Signature) Judge(from []string) {
	for _, a := range s.Signer.Addresses {
		for _, f := range from {
			s.Aligned = s.Aligned || strings.EqualFold(a, f)
		}
	}
	s.Said = s.summary()
	s.Summary = s.Said.String()
}

func (s *Signature) summary() remark.Told {
	if s.Form == Encrypted {
		return remark.Tell("encrypted", "a part is encrypted (%s): what it says is not known here", s.Kind)
	}
	who := s.Signer.Name
	if len(s.Signer.Addresses) > 0 && !strings.Contains(who, s.Signer.Addresses[0]) {
		who = strings.TrimSpace(who + " <" + s.Signer.Addresses[0] + ">")
	}
	if who == "" {
		who = "an unnamed signer"
	}
	certificate := s.Kind != OpenPGP
	var t remark.Told
	switch {
	case s.Signature == Valid && certificate:
		t = remark.Tell("signed-with-certificate", "signed with the certificate of %s (%s)", who, s.Kind)
	case s.Signature == Valid:
		t = remark.Tell("signed-with-key", "signed with the key of %s (%s)", who, s.Kind)
	case s.Signature == Invalid && certificate:
		t = remark.Tell("other-certificate", "a signature (%s) that names %s, and was not made with that certificate over this content", s.Kind, who)
	case s.Signature == Invalid:
		t = remark.Tell("other-key", "a signature (%s) that names %s, and was not made with that key over this content", s.Kind, who)
	default:
		t = remark.Tell("not-checked", "a signature (%s) that names %s and was not checked", s.Kind, who)
	}
	if s.Signature != Valid {
		return append(t, s.why...)
	}
	if s.SignedAt != nil {
		t = t.And("signed-at", "on %s by the signer's clock", s.SignedAt.UTC().Format(time.DateOnly))
	}
	switch s.Digest {
	case Match:
		t = t.And("content-unchanged", "the signed content is unchanged since").And("header-not-signed", "the header fields of the message are not part of it")
	case Mismatch:
		t = t.And("content-changed", "but the content is not the one that was signed")
	default:
		t = t.And("content-not-compared", "the content could not be compared")
	}
	return s.limits(append(t, s.why...), certificate)
}

// limits adds what bounds the worth of a signature that holds.
func (s *Signature) limits(t remark.Told, certificate bool) remark.Told {
	switch {
	case s.Chain == Trusted:
		t = t.And("chain-trusted", "the certificate leads to a root that was named for this dossier")
	case s.Chain == Untrusted:
		t = t.And("chain-untrusted", "the certificate leads to none of the roots that were named for this dossier")
	case certificate:
		t = t.And("chain-unchecked", "who issued the certificate was not checked against any root")
	}
	if s.InTime != nil && !*s.InTime && certificate {
		t = t.And("certificate-out-of-time", "the certificate was not good at that time")
	} else if s.InTime != nil && !*s.InTime {
		t = t.And("key-out-of-time", "the key was not good at that time")
	}
	if !s.Aligned && certificate {
		t = t.And("certificate-of-other", "the certificate names no address of From")
	} else if !s.Aligned {
		t = t.And("key-of-other", "the key names no address of From")
	}
	return t
}

// clip makes what comes out of mail fit for our own sentences: short, on one line, UTF-8.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// Unplaced is a signature of which it is not known what it is over.
func Unplaced(pgp bool, part, why string) Signature {
	s := blankPGP(Detached, part)
	if !pgp {
		s.Kind = SMIME
	}
	s.because("unplaced", "%s", why)
	return s
}

// The files that a dossier keeps roots and keys in.
const (
	RootsFile = "smime-roots.pem"
	RingFile  = "openpgp-keys.asc"
)
