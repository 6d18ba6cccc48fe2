package dkim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// told are the fields that a summary names.
var told = []string{"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"}

// summary says in plain words what the signature shows and what it does not.
func (m *message) summary(c *check) string {
	if c.Domain == "" || (c.hash != 0 && c.b == nil) || (c.hash == 0 && c.Algorithm == "") {
		return "a signature field that is broken: " + orElse(c.Why, "it cannot be read") + "; it shows nothing"
	}
	who := "the mail service of " + c.Domain
	var b strings.Builder
	switch {
	case c.Signature.Signature == Valid && (c.BodyHash == Match || c.BodyHash == Partial):
		fmt.Fprintf(&b, "%s signed %s%s; it does not show who typed it", who, c.covered(true), c.when())
		if c.BodyHash == Partial {
			b.WriteString("; what stands in the body after the signed bytes is not signed")
		}
	case c.Signature.Signature == Valid && c.BodyHash == Mismatch:
		fmt.Fprintf(&b, "%s signed %s as they stand here%s, but the body is not as it was signed", who, c.covered(false), c.when())
	case c.Signature.Signature == Valid:
		fmt.Fprintf(&b, "%s signed %s%s; the body could not be compared", who, c.covered(false), c.when())
	case c.headerFound && (c.bodyFound || c.BodyHash == Match || c.BodyHash == Partial):
		fmt.Fprintf(&b, "%s signed this message%s, and it was changed afterwards", who, c.when())
	case c.Signature.Signature == Invalid && c.BodyHash == Match || c.Signature.Signature == Invalid && c.BodyHash == Partial:
		fmt.Fprintf(&b, "the body is the one that the signature field names, but the signature does not fit the header fields and the key of %s at hand: "+
			"a field was changed after signing, or the key is not the one of then", c.Domain)
	case c.Signature.Signature == Invalid && c.BodyHash == Mismatch:
		fmt.Fprintf(&b, "neither the body nor the signature over the header fields fits the key of %s at hand: the message was changed after signing, "+
			"or was not signed by that domain", c.Domain)
	case c.Signature.Signature == Invalid:
		fmt.Fprintf(&b, "the signature does not fit header, body and the key of %s at hand: the message was changed after signing, or the key is not the one of then", c.Domain)
	default:
		m.summarizeUnchecked(c, &b)
	}
	if c.Why != "" {
		b.WriteString(": " + c.Why)
	}
	c.appendLimits(m, &b)
	return b.String()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// summarizeUnchecked: without a usable key only the body can be told about.
func (m *message) summarizeUnchecked(c *check, b *strings.Builder) {
	switch c.BodyHash {
	case Match:
		fmt.Fprintf(b, "the body is as the signature field of %s names it", c.Domain)
	case Partial:
		fmt.Fprintf(b, "the first %d bytes of the body are as the signature field of %s names them, what follows is not signed", *c.BodyLength, c.Domain)
	case Mismatch:
		fmt.Fprintf(b, "the body is not the one that the signature field of %s names", c.Domain)
	default:
		fmt.Fprintf(b, "a signature field of %s that could not be computed", c.Domain)
	}
	switch {
	case c.hash == 0 || c.headerForm == "":
		b.WriteString("; its algorithm is not known here")
	case slices.Contains(c.Policy, PolicyRevoked):
		b.WriteString("; the domain has withdrawn the key (its record is empty), so the signature itself can no longer be checked: that alone does not make it false")
	case c.rejected != "":
		fmt.Fprintf(b, "; the signature is not counted, for %s", c.rejected)
	case slices.Contains(c.Policy, PolicyKey):
		b.WriteString("; the signature itself was not checked: the key record at hand cannot be used")
	case c.Key.Name != "" && c.b != nil:
		fmt.Fprintf(b, "; the signature itself was not checked: the key %s is not at hand", c.Key.Name)
	}
}

// covered names what is signed.
func (c *check) covered(body bool) string {
	var names []string
	for _, name := range told {
		if slices.Contains(c.SignedFields, name) {
			names = append(names, titleCase(name))
		}
	}
	switch {
	case body && c.BodyHash == Partial:
		names = append(names, fmt.Sprintf("the first %d bytes of the body", *c.BodyLength))
	case body:
		names = append(names, "the body")
	case len(names) == 0:
		return "header fields"
	}
	return enumerate(names)
}

func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func (c *check) when() string {
	if c.SignedAt == nil {
		return " (the signature does not say when)"
	}
	return " on " + day(*c.SignedAt)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// appendLimits says what bounds the worth of a signature that holds.
func (c *check) appendLimits(m *message, b *strings.Builder) {
	if c.Signature.Signature != Valid {
		return
	}
	var open []string
	for _, name := range told {
		if slices.Contains(c.UnsignedFields, name) {
			open = append(open, titleCase(name))
		}
	}
	if len(open) > 0 {
		fmt.Fprintf(b, "; not signed: %s", enumerate(open))
	}
	if !c.Aligned && len(m.from) > 0 {
		b.WriteString("; that is not the domain of the From address")
	}
	if slices.Contains(c.Policy, PolicyExpired) {
		switch until := day(*c.ExpiresAt); {
		case c.expired(m.o.Received):
			fmt.Fprintf(b, "; the signature was good until %s and had expired when the mail was received on %s", until, day(m.o.Received))
		case !m.o.Received.IsZero():
			fmt.Fprintf(b, "; valid when signed and when received on %s, expired since (%s)", day(m.o.Received), until)
		default:
			fmt.Fprintf(b, "; valid when signed, expired since (%s)", until)
		}
	}
	if slices.Contains(c.Policy, PolicyTestMode) {
		b.WriteString("; the domain's key record says that it is testing (t=y)")
	}
	if slices.Contains(c.Policy, PolicyWeakKey) {
		fmt.Fprintf(b, "; the key of %d bits is weak: others could have found it out by now", c.key.Bits)
	}
	if slices.Contains(c.Policy, PolicySHA1) {
		b.WriteString("; SHA-1 was the measure of its time and is weak today")
	}
}
