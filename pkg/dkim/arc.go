package dkim

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/remark"
)

// The ARC fields that are signatures (RFC 8617 §4.1).
const (
	arcSeal    = "ARC-Seal"
	arcMessage = "ARC-Message-Signature"

	arcResults = "ARC-Authentication-Results"
)

// ChainState is what RFC 8617 §4.4 calls the chain validation status. ChainUnchecked: a key is not at hand, and nothing that needs no key speaks against the chain.
type ChainState string

// The states of a chain.
const (
	ChainPass      ChainState = "pass"
	ChainFail      ChainState = "fail"
	ChainUnchecked ChainState = "unchecked"
)

// Chain is an Authenticated Received Chain with what was computed of it (RFC 8617 §5.2).
type Chain struct {
	State      ChainState
	Why        string      // in plain words
	Said       remark.Told // the sentences of Why
	Instance   int         // the set at which it breaks, 0 if it does not or the fields belong to no set
	OldestPass int         // the first set of which the message signature and all later ones fit: since then the message is unchanged; 0: unknown
	Checks     []ARCCheck  // newest set first, the message signature before the seal
}

// ARCCheck is one signature of a chain.
type ARCCheck struct {
	Instance  int             `json:"instance"`
	Kind      Kind            `json:"kind"`
	Domain    string          `json:"domain"`
	Selector  string          `json:"selector"`
	BodyHash  BodyHash        `json:"body_hash,omitempty"` // of a message signature
	Signature Verdict         `json:"signature"`
	Key       Key             `json:"key"`
	SignedAt  *time.Time      `json:"signed_at"`
	Why       string          `json:"why,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
	Remarks   []remark.Remark `json:"remarks,omitempty"` // why and notes again, for programs
}

const (
	maxSets    = 50  // RFC 8617 §4.2.1
	maxARCRead = 200 // fields; a chain within maxSets has 150
)

// chain is the ARC fields of one message on their way.
type chain struct {
	sets     []arcSet
	instance int         // where it breaks
	why      remark.Told // nil as long as nothing speaks against it
}

// arcSet is one set; a field's place in the header, or -1.
type arcSet struct {
	results int
	message *check
	seal    *check
}

// isARC knows the three fields of a set.
func isARC(name string) bool {
	return len(name) >= len(arcSeal) && (strings.EqualFold(name, string(arcSeal)) || strings.EqualFold(name, string(arcMessage)) || strings.EqualFold(name, arcResults))
}

// breaks says what speaks against the chain; the first thing said stays.
func (h *chain) breaks(instance int, kind, sentence string, args ...any) {
	if h.why == nil {
		h.instance, h.why = instance, remark.Tell(kind, sentence, args...)
	}
}

// parseChain reads the ARC fields and checks the form of the chain (RFC 8617 §4.2, §5.2 steps 1 to 3).
func (m *message) parseChain() {
	var places []int
	for i, f := range m.header {
		if isARC(strings.Trim(f.Name, fws)) {
			places = append(places, i)
		}
	}
	if places == nil {
		return
	}
	if m.at == nil {
		m.at, m.names = indexOf(m.header)
		m.cr = bareCR(m.header)
	}
	h := &chain{}
	m.chain = h
	if len(places) > maxARCRead {
		h.breaks(0, "too-many-sets", "there are %d ARC fields; a chain has at most %d sets (RFC 8617 §4.2.1)", len(places), maxSets)
		places = places[len(places)-maxARCRead:]
	}
	for _, i := range slices.Backward(places) {
		m.placeARC(h, i)
	}
	for i := range h.sets {
		set := &h.sets[i]
		for _, f := range [...]struct {
			absent bool
			name   string
		}{{set.results < 0, arcResults}, {set.message == nil, string(arcMessage)}, {set.seal == nil, string(arcSeal)}} {
			if f.absent {
				h.breaks(i+1, "set-incomplete", "set %d has no %s (RFC 8617 §5.2)", i+1, f.name)
			}
		}
		if set.seal != nil {
			m.parseSeal(h, i)
		}
		if set.message != nil {
			m.parseMessageSignature(h, i)
		}
	}
}

// placeARC puts a field into its set.
func (m *message) placeARC(h *chain, i int) {
	name := strings.Trim(m.header[i].Name, fws)
	raw := m.header[i].Raw
	value := slices.Index(raw, ':') + 1
	if strings.EqualFold(name, arcResults) {
		// RFC 8617 §4.1.1: the instance stands first.
		first, _, found := strings.Cut(string(raw[value:min(len(raw), value+200)]), ";")
		tag, number, isTag := strings.Cut(first, "=")
		n := 0
		if found && isTag && strings.Trim(tag, fws) == "i" {
			n = arcInstance(strings.Trim(number, fws))
		}
		if set := h.set(n, arcResults); set != nil {
			if set.results >= 0 {
				h.breaks(n, "set-repeated", "set %d has more than one %s (RFC 8617 §5.2)", n, arcResults)
			}
			set.results = i
		}
		return
	}
	c := &check{self: i, hash: crypto.SHA256, value: value}
	c.Kind, c.BodyHash, c.Signature.Signature, c.Key.Origin = arcSeal, BodyUnchecked, Unchecked, OriginNone
	if strings.EqualFold(name, string(arcMessage)) {
		c.Kind = arcMessage
	}
	var err error
	if c.tags, err = ParseTagList(raw[value:]); err == nil {
		err = strictTags(raw[value:], c.tags)
	}
	number, _ := tagValue(c.tags, "i")
	n := arcInstance(number)
	if err != nil {
		c.malformed("unreadable", "the field cannot be read: %v", err)
	}
	set := h.set(n, string(c.Kind))
	if set == nil {
		return
	}
	to := &set.seal
	if c.Kind == arcMessage {
		to = &set.message
	}
	if *to != nil {
		h.breaks(n, "set-repeated", "set %d has more than one %s (RFC 8617 §5.2)", n, c.Kind)
		return
	}
	*to = c
}

// set gives the set of that number, nil if there can be none.
func (h *chain) set(n int, name string) *arcSet {
	if n == 0 {
		h.breaks(0, "no-instance", "an %s field names no instance from 1 to %d (i=; RFC 8617 §4.2.1)", name, maxSets)
		return nil
	}
	for len(h.sets) < n {
		h.sets = append(h.sets, arcSet{results: -1})
	}
	return &h.sets[n-1]
}

func arcInstance(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxSets || len(s) > 2 || s[0] == '+' {
		return 0
	}
	return n
}

// strictTags holds a list to the grammar (RFC 6376 §3.2), names being ALPHA *(ALPHA / DIGIT / "_"): a sealer that does not keep to it is not to be relied on.
func strictTags(list []byte, tags []Tag) error {
	for rest, more := list, true; more; {
		var spec []byte
		if spec, rest, more = bytes.Cut(rest, []byte{';'}); more && len(bytes.Trim(spec, fws)) == 0 {
			return errors.New("a tag is empty")
		}
	}
	for _, t := range tags {
		for i := 0; i < len(t.Name); i++ {
			c := t.Name[i]
			if !(c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_')) {
				return fmt.Errorf("%q is no tag name", clip(t.Name))
			}
		}
	}
	return nil
}

// parseARC reads what seal and message signature have in common.
func (m *message) parseARC(c *check) {
	domain, _ := tagValue(c.tags, "d")
	c.Domain = asciiDomain(stripFWS(domain))
	selector, _ := tagValue(c.tags, "s")
	c.Selector = strings.ToValidUTF8(stripFWS(selector), "\uFFFD")
	switch {
	case c.Domain == "" || c.Selector == "":
		c.malformed("no-key-name", "it does not name the domain and selector of its key")
	case strings.Trim(c.Domain, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "":
		c.malformed("no-domain", "d=%s is no domain", clip(c.Domain))
	default:
		c.Key.Name = asciiDomain(c.Selector) + "._domainkey." + c.Domain
	}
	a, _ := tagValue(c.tags, "a")
	switch c.Algorithm = strings.ToValidUTF8(stripFWS(a), "\uFFFD"); c.Algorithm {
	case "rsa-sha256":
		c.keyType = "rsa"
	case "ed25519-sha256":
		c.keyType = "ed25519"
	default:
		c.hash = 0
		c.malformed("unknown-algorithm", "the algorithm a=%s is none that seals (RFC 8617 §4.1)", clip(c.Algorithm))
	}
	if _, found := tagValue(c.tags, "t"); found {
		if c.SignedAt = c.time("t"); c.SignedAt == nil {
			c.malformed("unreadable-time", "its time (t=) cannot be read")
		}
	}
	if b, found := tagValue(c.tags, "b"); !found || stripFWS(b) == "" {
		c.malformed("no-signature", "it holds no signature (no b=)")
	} else if sum, err := decodeBase64(b); err != nil {
		c.malformed("signature-no-base64", "the signature in b= is no base64")
	} else {
		c.b = sum
	}
}

// parseSeal: a seal covers all ARC fields up to its own set, oldest first (RFC 8617 §5.1.1).
func (m *message) parseSeal(h *chain, i int) {
	c := h.sets[i].seal
	m.parseARC(c)
	c.headerForm = relaxed
	if _, found := tagValue(c.tags, "h"); found {
		c.malformed("seal-with-h", "a seal must have no h= (RFC 8617 §4.1.3)")
	}
	for j, set := range h.sets[:i+1] {
		if set.results >= 0 {
			c.fields = append(c.fields, set.results)
		}
		if set.message != nil {
			c.fields = append(c.fields, set.message.self)
		}
		if j < i && set.seal != nil {
			c.fields = append(c.fields, set.seal.self)
		}
	}
	cv, _ := tagValue(c.tags, "cv")
	switch {
	case cv == "fail":
		h.breaks(i+1, "broken-before", "%s, sealer %d, recorded that the chain was broken when the mail came to it (cv=fail)", orElse(c.Domain, "?"), i+1)
	case i == 0 && cv != "none", i > 0 && cv != "pass":
		h.breaks(i+1, "impossible-claim", "the seal of set %d says cv=%s, which cannot stand there (RFC 8617 §5.2)", i+1, clip(cv))
	}
	if c.Why != "" {
		h.breaks(i+1, "seal-malformed", "the seal of set %d is broken: %s", i+1, c.Why)
	}
}

// parseMessageSignature reads what is a DKIM signature but for its name, with i= as the instance and no v= (RFC 8617 §4.1.2). RFC 8617 does not say what holds without
// c=: sealers and ValiMail's suite take relaxed/relaxed.
func (m *message) parseMessageSignature(h *chain, i int) {
	c := h.sets[i].message
	m.parseARC(c)
	if _, found := tagValue(c.tags, "c"); found {
		c.parseCanonicalization()
	} else {
		c.headerForm, c.bodyForm, c.Canonicalization = relaxed, relaxed, "relaxed/relaxed"
	}
	if c.headerForm == "" || c.bodyForm == "" {
		c.malformed("unknown-canonicalization", "the canonicalization %s is unknown", clip(c.Canonicalization))
	}
	names, listed := tagValue(c.tags, "h")
	if c.names, c.listed = list(names), listed; !listed {
		c.malformed("no-field-list", "it does not say which header fields are signed (no h=)")
	}
	if slices.Contains(c.names, "arc-seal") {
		c.malformed("covers-seal", "it covers an ARC-Seal, which it must not (RFC 8617 §4.1.2)")
	}
	for _, at := range signedFields(c.names, m.at, c.self) {
		if at >= 0 {
			c.fields = append(c.fields, at)
		}
	}
	c.parseBodyHash()
	if c.bodyHash == nil {
		c.malformed("no-body-hash", "it holds no body hash (no bh=)")
	} else if c.bodyForm != "" && c.hash != 0 {
		c.sink = m.share(c.bodyForm, c.hash, c.limit())
	}
	// Of the older message signatures nothing is asked (RFC 8617 §5.2 step 5).
	if c.Why != "" && i == len(h.sets)-1 {
		h.breaks(i+1, "message-signature-malformed", "the message signature of set %d is broken: %s", i+1, c.Why)
	}
}

// each gives the signatures of the chain, newest set first.
func (h *chain) each(f func(i int, c *check)) {
	if h == nil {
		return
	}
	for i := len(h.sets) - 1; i >= 0; i-- {
		for _, c := range [...]*check{h.sets[i].message, h.sets[i].seal} {
			if c != nil {
				f(i, c)
			}
		}
	}
}

// validate computes the signatures and draws the conclusion (RFC 8617 §5.2 steps 4 to 7).
func (h *chain) validate(ctx context.Context, m *message) (*Chain, error) {
	out := &Chain{Checks: []ARCCheck{}}
	var err error
	newest := len(h.sets)
	lacking := map[string]bool{}
	var names []string
	h.each(func(i int, c *check) {
		if err != nil {
			return
		}
		err = m.checkSignature(ctx, c)
		if c.Signature.Signature == Valid && c.key.rsa != nil && c.key.Bits < 1024 {
			c.Signature.Signature = Unchecked
			c.reject(PolicyWeakKey, "a key of %d bits does not count (RFC 8301 §3.2)", c.key.Bits)
			c.note("not-counted-but-fits", "not counted: %s; the numbers do fit the key", c.rejected)
		}
		out.Checks = append(out.Checks, c.arcCheck(i+1))
		needed := c.Kind == arcSeal || i+1 == newest
		if !needed {
			return
		}
		what := "the seal"
		if c.Kind == arcMessage {
			what = "the message signature"
		}
		of := fmt.Sprintf("%s of set %d (%s)", what, i+1, orElse(c.Domain, "?"))
		switch {
		case c.Kind == arcMessage && c.BodyHash != Match && c.BodyHash != Partial && c.sink != nil:
			h.breaks(i+1, "body-changed", "the body is not the one that %s names: it was changed after the last sealer", of)
		case c.Signature.Signature == Invalid:
			h.breaks(i+1, "does-not-fit", "%s does not fit the header fields that it covers and the key at hand", of)
		case c.Signature.Signature == Valid:
		case c.rejected != "":
			h.breaks(i+1, "not-counted", "%s does not count: %s", of, c.rejected)
		case slices.Contains(c.Policy, PolicyKey):
			h.breaks(i+1, "key-unusable", "%s cannot be computed: the key record at hand is none that can be used", of)
		case c.Key.Name != "" && !lacking[c.Key.Name]:
			lacking[c.Key.Name] = true
			names = append(names, c.Key.Name)
		}
	})
	if err != nil {
		return nil, err
	}
	out.Instance, out.Said = h.instance, h.why
	switch {
	case h.why != nil:
		out.State = ChainFail
	case len(names) > 0:
		out.State = ChainUnchecked
		out.Said = remark.Tell("form-right", "its form is right, and the body is as the newest set names it").And("seals-unchecked", "the seals were not all checked for want of %s", strings.Join(names, ", "))
	default:
		out.State = ChainPass
		out.OldestPass = h.oldestPass()
		out.Said = h.passed(out.OldestPass)
	}
	out.Why = out.Said.String()
	return out, nil
}

// oldestPass: the message signatures of the sets from this one on fit what stands here.
func (h *chain) oldestPass() int {
	for i := len(h.sets) - 1; i >= 0; i-- {
		if c := h.sets[i].message; c.Signature.Signature != Valid || c.BodyHash != Match && c.BodyHash != Partial {
			return i + 2
		}
	}
	return 1
}

func (h *chain) passed(oldest int) remark.Told {
	var domains []string
	for _, set := range h.sets {
		domains = append(domains, clip(set.seal.Domain))
	}
	told := remark.Tell("sealed", "sealed by %s, in this order", strings.Join(domains, ", "))
	if len(domains) == 1 {
		told = remark.Tell("sealed-once", "sealed by %s", domains[0])
	}
	if oldest == 1 {
		told = told.And("unchanged-since-first", "unchanged since the first seal")
	} else {
		told = told.And("unchanged-since", "unchanged since set %d", oldest)
		switch before := h.sets[oldest-2].message; {
		case before.BodyHash == Mismatch:
			told = told.And("body-changed-between", "between sets %d and %d the body was changed", oldest-1, oldest)
		case before.Signature.Signature == Invalid:
			told = told.And("header-changed-between", "between sets %d and %d header fields were changed", oldest-1, oldest)
		default:
			told = told.And("unknown-before", "before that it is not known, for the message signature of set %d could not be checked", oldest-1)
		}
	}
	return told.And("servers-vouch", "that shows what these servers vouch for, not who typed it")
}

func (c *check) arcCheck(instance int) ARCCheck {
	out := ARCCheck{Instance: instance, Kind: c.Kind, Domain: c.Domain, Selector: c.Selector, Signature: c.Signature.Signature, Key: c.Key, SignedAt: c.SignedAt, Why: c.Why, Notes: c.Notes, Remarks: c.Remarks}
	if c.Kind == arcMessage {
		out.BodyHash = c.BodyHash
	}
	return out
}
