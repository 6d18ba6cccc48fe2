package dkim

import (
	"slices"
	"strings"
	"time"

	"onrecord/pkg/remark"
)

// told are the fields that a summary names.
var told = []string{"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"}

// summary says in plain words what the signature shows and what it does not.
func (m *message) summary(c *check) remark.Told {
	if c.Domain == "" || (c.hash != 0 && c.b == nil) || (c.hash == 0 && c.Algorithm == "") {
		told := append(remark.Tell("broken", "a signature field that is broken"), c.why...)
		return told.And("shows-nothing", "it shows nothing")
	}
	told := m.verdict(c)
	told = append(told, c.why...)
	if c.Restored() {
		told = told.And("holds-restored", "with that undone the signature holds")
	}
	if c.Restored() || c.Signature.Signature == Valid && (c.BodyHash == Match || c.BodyHash == Partial) {
		told = told.And("not-who-typed", "it does not show who typed it")
	}
	if c.Signature.Signature == Valid && c.BodyHash == Partial {
		told = told.And("rest-unsigned", "what stands in the body after the signed bytes is not signed")
	}
	if c.Signature.Signature == Valid {
		told = c.limits(m, told)
	}
	return told
}

// verdict is the first sentence, or the first ones.
func (m *message) verdict(c *check) remark.Told {
	verdict, body := c.Signature.Signature, c.BodyHash
	switch {
	case verdict == Valid && body == Match:
		return c.dated("signed", "the mail service of %s signed %s and the body", c.Domain, c.covered())
	case verdict == Valid && body == Partial:
		return c.dated("signed-in-part", "the mail service of %s signed %s and the first %d bytes of the body", c.Domain, c.covered(), *c.BodyLength)
	case verdict == Valid && body == Mismatch:
		return c.dated("signed-fields", "the mail service of %s signed %s as they stand here", c.Domain, c.covered()).And("other-body", "the body is not as it was signed")
	case verdict == Valid:
		return c.dated("signed-fields", "the mail service of %s signed %s as they stand here", c.Domain, c.covered()).And("body-not-compared", "the body could not be compared")
	case c.Restored():
		return c.dated("signed-message", "the mail service of %s signed this message", c.Domain).And("changed-afterwards", "it was changed afterwards")
	case verdict == Invalid && (body == Match || body == Partial):
		return remark.Tell("header-does-not-fit", "the body is the one that the signature field names, but the signature does not fit the header fields and the key of %s at hand: "+
			"a field was changed after signing, or the key is not the one of then", c.Domain)
	case verdict == Invalid && body == Mismatch:
		return remark.Tell("nothing-fits", "neither the body nor the signature over the header fields fits the key of %s at hand: the message was changed after signing, "+
			"or was not signed by that domain", c.Domain)
	case verdict == Invalid:
		return remark.Tell("does-not-fit", "the signature does not fit header, body and the key of %s at hand: the message was changed after signing, or the key is not the one of then", c.Domain)
	}
	return append(c.bodyAlone(), c.unchecked()...)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// bodyAlone: without a usable key only the body can be told about.
func (c *check) bodyAlone() remark.Told {
	switch c.BodyHash {
	case Match:
		return remark.Tell("body-as-named", "the body is as the signature field of %s names it", c.Domain)
	case Partial:
		return remark.Tell("body-in-part-as-named", "the first %d bytes of the body are as the signature field of %s names them, what follows is not signed", *c.BodyLength, c.Domain)
	case Mismatch:
		return remark.Tell("body-not-as-named", "the body is not the one that the signature field of %s names", c.Domain)
	}
	return remark.Tell("not-computed", "a signature field of %s that could not be computed", c.Domain)
}

// unchecked tells why the signature itself was not checked.
func (c *check) unchecked() remark.Told {
	switch {
	case c.hash == 0 || c.headerForm == "":
		return remark.Tell("algorithm-unknown", "its algorithm is not known here")
	case slices.Contains(c.Policy, PolicyRevoked):
		return remark.Tell("key-withdrawn", "the domain has withdrawn the key (its record is empty), so the signature itself can no longer be checked: that alone does not make it false")
	case c.rejected != "":
		return remark.Tell("signature-not-counted", "the signature is not counted: %s", c.rejected)
	case slices.Contains(c.Policy, PolicyKey):
		return remark.Tell("key-unusable", "the signature itself was not checked: the key record at hand cannot be used")
	case c.Key.Name != "" && c.b != nil:
		return remark.Tell("key-missing", "the signature itself was not checked: the key %s is not at hand", c.Key.Name)
	}
	return nil
}

// covered names the header fields that are signed, of those that a reader asks for.
func (c *check) covered() string {
	var names []string
	for _, name := range told {
		if slices.Contains(c.SignedFields, name) {
			names = append(names, titleCase(name))
		}
	}
	if len(names) == 0 {
		return "header fields"
	}
	return strings.Join(names, ", ")
}

// dated says when it was signed.
func (c *check) dated(kind, sentence string, args ...any) remark.Told {
	if c.SignedAt == nil {
		return remark.Tell(kind+"-undated", sentence+" (the signature does not say when)", args...)
	}
	return remark.Tell(kind, sentence+" on %s", append(args, day(*c.SignedAt))...)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// limits adds what bounds the worth of a signature that holds.
func (c *check) limits(m *message, t remark.Told) remark.Told {
	var open []string
	for _, name := range told {
		if slices.Contains(c.UnsignedFields, name) {
			open = append(open, titleCase(name))
		}
	}
	if len(open) > 0 {
		t = t.And("not-signed", "not signed: %s", strings.Join(open, ", "))
	}
	if !c.Aligned && len(m.from) > 0 {
		t = t.And("not-of-from", "that is not the domain of the From address")
	}
	if slices.Contains(c.Policy, PolicyExpired) {
		switch until := day(*c.ExpiresAt); {
		case c.expired(m.o.Received):
			t = t.And("expired-at-receipt", "the signature was good until %s and had expired when the mail was received on %s", until, day(m.o.Received))
		case !m.o.Received.IsZero():
			t = t.And("expired-since-receipt", "valid when signed and when received on %s, expired since (%s)", day(m.o.Received), until)
		default:
			t = t.And("expired-since", "valid when signed, expired since (%s)", until)
		}
	}
	if slices.Contains(c.Policy, PolicyTestMode) {
		t = t.And("testing", "the domain's key record says that it is testing (t=y)")
	}
	if slices.Contains(c.Policy, PolicyWeakKey) {
		t = t.And("weak-key", "the key of %d bits is weak: others could have found it out by now", c.key.Bits)
	}
	if slices.Contains(c.Policy, PolicySHA1) {
		t = t.And("sha1", "SHA-1 was the measure of its time and is weak today")
	}
	return t
}
