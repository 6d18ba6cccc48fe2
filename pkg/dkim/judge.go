package dkim

import (
	"crypto"
	"slices"
	"strings"
	"time"
)

// mattering are the fields of which a reader must know whether a signature covers them.
var mattering = []string{"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "content-type",
	"mime-version", "content-transfer-encoding"}

// structural: these say how the body is to be decoded; unsigned, they are listed but are no policy note of their own.
func structural(name string) bool {
	return name == "content-type" || name == "mime-version" || name == "content-transfer-encoding"
}

// titleCase writes a field name as people do.
func titleCase(name string) string {
	switch name {
	case "message-id":
		return "Message-ID"
	case "mime-version":
		return "MIME-Version"
	}
	words := strings.Split(name, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "-")
}

// judge adds what policies say of a signature to its facts.
func (m *message) judge(c *check) {
	before := c.Policy
	c.Policy = []string{}
	m.judgeTime(c)
	if c.hash == crypto.SHA1 {
		c.policy(PolicySHA1)
	}
	if c.key.rsa != nil && c.key.Bits < 1024 {
		c.policy(PolicyWeakKey)
	}
	m.judgeLength(c)
	if c.key.has("y") {
		c.policy(PolicyTestMode)
	}
	if slices.Contains(before, PolicyRevoked) {
		c.policy(PolicyRevoked)
	}
	if c.Aligned = aligned(c.Domain, m.from); !c.Aligned {
		c.policy(PolicyUnaligned)
	}
	m.judgeFields(c)
	for _, p := range before {
		c.policy(p)
	}
}

// clockTolerance is what honest clocks of two servers may differ by.
const clockTolerance = 15 * time.Minute

func (m *message) judgeTime(c *check) {
	if c.ExpiresAt != nil {
		if c.expired(m.o.Now) || c.expired(m.o.Received) {
			c.policy(PolicyExpired)
		}
		if c.SignedAt != nil && !c.ExpiresAt.After(*c.SignedAt) {
			c.note("expires-before-signed", "the signature expires (x=) before it is made (t=)")
		}
	}
	if c.SignedAt != nil && !m.o.Received.IsZero() && c.SignedAt.After(m.o.Received.Add(clockTolerance)) {
		c.note("signed-after-receipt", "the signature says it was made on %s, after the mail was received on %s", stamp(*c.SignedAt), stamp(m.o.Received))
	}
}

// expired: a time that is not known proves nothing.
func (c *check) expired(at time.Time) bool {
	return c.ExpiresAt != nil && !at.IsZero() && at.After(*c.ExpiresAt)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

func (m *message) judgeLength(c *check) {
	if c.BodyLength == nil {
		return
	}
	length, n := *c.BodyLength, int64(-1)
	if c.sink != nil {
		n = c.sink.n
	} else if len(c.texts) > 0 {
		n = c.texts[0].n
	}
	switch {
	case n < 0:
	case c.BodyHash == Match && len(c.texts) > 0 && n > length:
		c.BodyHash = Partial
		fallthrough
	case c.BodyHash == Partial:
		c.policy(PolicyPartialBody)
		c.note("body-beyond-length", "the signature covers the first %d bytes of the canonical body (l=); %d bytes follow that it does not cover", length, n-length)
	case n < length:
		c.policy(PolicyMalformed)
		c.note("body-short-of-length", "the signature says that it covers %d bytes of body (l=), the body has %d", length, n)
	default:
		c.note("body-length", "the signature covers %d bytes of body (l=): text could be added after them without breaking it", length)
	}
}

func (m *message) judgeFields(c *check) {
	covered := make(map[string]int, len(c.fields))
	for _, i := range c.fields {
		covered[m.names[i]]++
	}
	names := c.names
	if c.Kind == DomainKeys && !c.listed {
		for _, i := range c.fields {
			names = append(names, m.names[i])
		}
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if covered[name] > 0 && !seen[name] {
			seen[name] = true
			c.SignedFields = append(c.SignedFields, strings.ToValidUTF8(name, "\uFFFD"))
		}
	}
	for place, name := range c.names {
		if c.Kind != DKIM || c.slots[place] >= 0 {
			continue
		}
		if name = strings.ToValidUTF8(name, "\uFFFD"); !slices.Contains(c.Oversigned, name) {
			c.Oversigned = append(c.Oversigned, name)
		}
	}
	for _, name := range mattering {
		present := len(m.at[name])
		if present <= covered[name] {
			continue
		}
		c.UnsignedFields = append(c.UnsignedFields, name)
		if !structural(name) {
			c.policy(name + "-unsigned")
		}
		if covered[name] > 0 {
			c.note("repeated-field", "the message has %d %s fields; the signature covers the %d lowest", present, titleCase(name), covered[name])
		}
	}
}
