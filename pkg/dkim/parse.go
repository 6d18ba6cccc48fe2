package dkim

import (
	"crypto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parse reads the signature field (RFC 6376 §3.5, RFC 4870 §3.3).
func (m *message) parse(c *check) {
	raw := m.header[c.self].Raw
	c.value = slices.Index(raw, ':') + 1
	tags, err := ParseTagList(raw[c.value:])
	c.tags = tags
	if err != nil {
		c.malformed("unreadable", "the signature field cannot be read: %v", err)
	}
	domain, _ := tagValue(tags, "d")
	c.Domain = asciiDomain(stripFWS(domain))
	selector, _ := tagValue(tags, "s")
	c.Selector = strings.ToValidUTF8(stripFWS(selector), "\uFFFD")
	if c.Domain != "" && c.Selector != "" {
		c.Key.Name = asciiDomain(c.Selector) + "._domainkey." + c.Domain
	} else {
		c.malformed("no-key-name", "the signature does not name the domain and selector of its key")
	}
	c.parseAlgorithm()
	c.parseCanonicalization()

	h, listed := tagValue(tags, "h")
	c.names, c.listed = list(h), listed
	if signature, found := tagValue(tags, "b"); !found || stripFWS(signature) == "" {
		c.malformed("no-signature", "the field holds no signature (no b=)")
	} else if c.b, err = decodeBase64(signature); err != nil {
		c.b = nil
		c.malformed("signature-no-base64", "the signature in b= is no base64")
	}
	if c.Kind == DomainKeys {
		m.parseDomainKey(c)
		return
	}
	if !listed || len(c.names) == 0 {
		c.malformed("no-field-list", "the field does not say which header fields are signed (no h=)")
	}
	c.slots = signedFields(c.names, m.at, c.self)
	for _, i := range c.slots {
		if i >= 0 {
			c.fields = append(c.fields, i)
		}
	}
	if v, found := tagValue(tags, "v"); !found {
		c.policy(PolicyVersion)
		c.note("no-version", "the version (v=) is missing, as in drafts before RFC 4871; computed all the same")
	} else if v != "1" {
		c.policy(PolicyVersion)
		c.note("other-version", "the version is v=%s, not 1; computed by the rules of version 1", clip(v))
	}
	c.SignedAt = c.time("t")
	c.ExpiresAt = c.time("x")
	c.parseIdentity()
	c.parseQuery("dns/txt", "dns")
	c.parseBodyHash()
	if c.hash == 0 || c.bodyForm == "" {
		return
	}
	if c.bodyHash != nil {
		c.sink = m.share(c.bodyForm, c.hash, c.limit())
	} else if _, found := tagValue(tags, "bh"); found {
		return
	} else if version, _ := tagValue(tags, "v"); version == "1" {
		c.malformed("no-body-hash", "the field holds no body hash (no bh=)")
	} else if c.b != nil && c.headerForm != "" && m.afford(c) {
		m.parseDraft(c)
	}
}

func (c *check) limit() int64 {
	if c.BodyLength == nil {
		return -1
	}
	return *c.BodyLength
}

func (c *check) parseAlgorithm() {
	a, found := tagValue(c.tags, "a")
	a = strings.ToLower(strings.ToValidUTF8(stripFWS(a), "\uFFFD"))
	if !found && c.Kind == DomainKeys {
		a = "rsa-sha1" // RFC 4870 §3.3: the default
	}
	c.Algorithm = a
	switch {
	case a == "rsa-sha1":
		c.keyType, c.hash = "rsa", crypto.SHA1
	case a == "rsa-sha256" && c.Kind == DKIM:
		c.keyType, c.hash = "rsa", crypto.SHA256
	case a == "ed25519-sha256" && c.Kind == DKIM:
		c.keyType, c.hash = "ed25519", crypto.SHA256
	case a == "":
		c.hash = 0
		c.malformed("no-algorithm", "the field names no algorithm (no a=)")
	default:
		c.hash = 0
		c.policy(PolicyAlgorithm)
		c.note("unknown-algorithm", "the algorithm %s is unknown: nothing could be computed", clip(a))
	}
}

func (c *check) parseCanonicalization() {
	value, found := tagValue(c.tags, "c")
	value = strings.ToLower(strings.ToValidUTF8(stripFWS(value), "\uFFFD"))
	header, body, both := strings.Cut(value, "/")
	if c.Kind == DomainKeys {
		if !found || header == "" {
			header = string(simple)
		}
		body, c.Canonicalization = header, header
		if header == string(simple) || header == string(nofws) {
			c.headerForm, c.bodyForm = canon(header), canon(header)
			return
		}
	} else {
		if !found {
			header = string(simple)
		}
		if !both {
			body = string(simple)
		}
		c.Canonicalization = header + "/" + body
		if form := canon(header); form == simple || form == relaxed {
			c.headerForm = form
		}
		if form := canon(body); form == simple || form == relaxed {
			c.bodyForm = form
		}
		if c.headerForm != "" && c.bodyForm != "" {
			return
		}
	}
	c.policy(PolicyAlgorithm)
	c.note("unknown-canonicalization", "the canonicalization %s is unknown: what depends on it could not be computed", clip(c.Canonicalization))
}

// time reads a tag of seconds since 1970.
func (c *check) time(tag string) *time.Time {
	value, found := tagValue(c.tags, tag)
	if !found {
		return nil
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	// RFC 3339 ends with the year 9999; RFC 6376 §3.5 asks to be ready for far later times.
	if err != nil || seconds < 0 || seconds > 253402300799 {
		c.note("unreadable-time", "%s=%s is no time that can be told", tag, clip(value))
		return nil
	}
	t := time.Unix(seconds, 0).UTC()
	return &t
}

func (c *check) parseIdentity() {
	value, found := tagValue(c.tags, "i")
	if !found {
		return
	}
	c.Identity = strings.ToValidUTF8(unquote(value), "\uFFFD")
	if !within(domainOf(c.Identity), c.Domain) {
		c.reject(PolicyIdentity, "the identity i=%s lies outside the signing domain d=%s (RFC 6376 §3.5: it must not)", clip(c.Identity), c.Domain)
	}
}

func (c *check) parseQuery(methods ...string) {
	value, found := tagValue(c.tags, "q")
	if !found {
		return
	}
	for _, q := range list(value) {
		if slices.Contains(methods, q) {
			return
		}
	}
	c.reject(PolicyQuery, "q=%s names no known way to the key", clip(value))
}

func (c *check) parseBodyHash() {
	if value, found := tagValue(c.tags, "l"); found {
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			c.malformed("unreadable-length", "the body length l=%s is no number", clip(value))
			return
		}
		length := int64(n)
		c.BodyLength = &length
	}
	value, found := tagValue(c.tags, "bh")
	if !found {
		return
	}
	if stripFWS(value) == "" {
		c.malformed("empty-body-hash", "the body hash bh= is empty")
		return
	}
	sum, err := decodeBase64(value)
	if err != nil {
		c.malformed("body-hash-no-base64", "the body hash bh= is no base64")
		return
	}
	c.bodyHash = sum
}
