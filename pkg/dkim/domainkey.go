package dkim

import (
	"slices"
	"strings"
)

// parseDomainKey reads what RFC 4870 does in its own way: the signature is over header and body as one text.
func (m *message) parseDomainKey(c *check) {
	c.parseQuery("dns")
	// The fields below the signature are meant, all of a name, in their order in the message (RFC 4870 §3.3).
	for i := c.self + 1; i < len(m.header); i++ {
		if !c.listed || slices.Contains(c.names, m.names[i]) {
			c.fields = append(c.fields, i)
		}
	}
	m.checkSender(c)
	if c.hash == 0 || c.bodyForm == "" || c.b == nil || !m.afford(c) {
		return
	}
	orders := [][]int{c.fields}
	// The list is in the order in which the signer saw the fields: where a server has put them in another one since, this is the one to use.
	if listed := m.inListOrder(c); c.listed && !slices.Equal(listed, c.fields) && m.afford(c) {
		orders = append(orders, listed)
	}
	for _, fields := range orders {
		var text []byte
		for _, i := range fields {
			text = c.headerForm.appendField(text, m.header[i].Raw, m.cr)
		}
		s := &sink{hash: c.hash.New(), limit: -1, domainKey: true}
		s.hash.Write(text)
		m.addText(c, s)
	}
}

func (m *message) addText(c *check, s *sink) {
	m.sinks = append(m.sinks, &sharedSink{sink: s, canon: c.bodyForm})
	c.texts = append(c.texts, s)
}

func (m *message) inListOrder(c *check) []int {
	rank := make(map[string]int, len(c.names))
	for i, name := range c.names {
		if _, known := rank[name]; !known {
			rank[name] = i
		}
	}
	fields := slices.Clone(c.fields)
	slices.SortStableFunc(fields, func(a, b int) int {
		return rank[m.names[a]] - rank[m.names[b]]
	})
	return fields
}

// parseDraft prepares a signature of early 2006, before there was bh=: header fields, an empty line, the body, an empty line and the
// signature field are one text (draft-ietf-dkim-base-00).
func (m *message) parseDraft(c *check) {
	c.note("before-body-hash", "a signature without a body hash (bh=), as in drafts before RFC 4871: one hash over header and body")
	s := &sink{hash: c.hash.New(), limit: c.limit()}
	var text []byte
	for _, i := range c.fields {
		text = c.headerForm.appendField(text, m.header[i].Raw, m.cr)
	}
	s.hash.Write(append(text, crlf...))
	own := c.headerForm.appendField(nil, c.withoutB(m.header[c.self].Raw), m.cr)
	s.after = append([]byte("\r\n"), own[:len(own)-len(crlf)]...)
	m.addText(c, s)
}

// sender is the address that RFC 4870 §3.3 (d=, h=) binds to the signing domain: Sender where it is signed, else From.
func (m *message) sender(c *check) string {
	for _, i := range c.fields {
		if m.names[i] != "sender" {
			continue
		}
		_, value, _ := strings.Cut(string(m.header[i].Raw), ":")
		if _, address, found := strings.Cut(value, "<"); found {
			value, _, _ = strings.Cut(address, ">")
		}
		return strings.Trim(value, fws)
	}
	if len(m.from) > 0 {
		return m.from[0]
	}
	return ""
}

func (m *message) checkSender(c *check) {
	sender := m.sender(c)
	if sender == "" {
		c.note("sender-unknown", "the sender's address is not known: RFC 4870 binds it to the signing domain")
		return
	}
	if !within(domainOf(sender), c.Domain) {
		c.reject(PolicyIdentity, "the sender %s lies outside the signing domain d=%s (RFC 4870 §3.3: it must not)", clip(sender), c.Domain)
	}
}

// domainKeyRefusal: the local part of the sender must be the one of g=, where that is not empty (RFC 4870 §3.2.3).
func (m *message) domainKeyRefusal(c *check, key *PublicKey) string {
	sender := m.sender(c)
	if key.Granularity == "" || granted(key, sender[:max(strings.LastIndexByte(sender, '@'), 0)]) {
		return ""
	}
	return "the key record is for the local part " + clip(key.Granularity) + " alone (g=; RFC 4870 §3.2.3)"
}
