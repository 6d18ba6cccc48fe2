package dkim

import (
	"context"
	"crypto"
	_ "crypto/sha1"
	_ "crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"onrecord/pkg/remark"
)

// message is what the signatures of one message share.
type message struct {
	header []Field
	at     index
	names  []string // of the fields, in lower case; with at
	from   []string
	cr     bool
	o      Options
	checks []*check
	more   int // signature fields beyond the bound
	budget int64
	sinks  []*sharedSink
	keys   map[string]found
	chain  *chain  // nil: no ARC field, or not asked for
	part   []Field // the header of the first part, where that part alone is the body that was signed
}

// maxHeaderHashed bounds the header bytes canonicalized for one message: many signatures over a huge header cost their product.
const maxHeaderHashed = 256 << 20

// check is one signature field on its way.
type check struct {
	Signature
	self       int // its place in the header
	tags       []Tag
	value      int // offset of the tag list in the field
	hash       crypto.Hash
	keyType    string
	headerForm canon
	bodyForm   canon
	names      []string // h=
	listed     bool     // there is h=
	slots      []int    // for each of the names the field that it stands for, or -1
	fields     []int    // the fields covered, in the order of signing
	bodyHash   []byte   // bh=
	b          []byte   // b=
	sink       *sink    // over the body, to be compared with bh=
	texts      []*sink  // over header and body as one text, where there is no bh=
	digests    [][]byte // what the signature may be over
	key        PublicKey
	rejected   string
	why        remark.Told // what Why says
}

type sharedSink struct {
	*sink
	canon canon
	kind  crypto.Hash
}

type found struct {
	records []Record
	err     error
}

func newMessage(header []Field, from []string, o Options) *message {
	m := &message{header: header, from: from, o: o, budget: maxHeaderHashed}
	if m.o.MaxSignatures <= 0 {
		m.o.MaxSignatures = defaultMaxSignatures
	}
	for i, f := range header {
		kind := Kind("")
		switch name := strings.Trim(f.Name, fws); {
		case strings.EqualFold(name, string(DKIM)):
			kind = DKIM
		case strings.EqualFold(name, string(DomainKeys)):
			kind = DomainKeys
		default:
			continue
		}
		if len(m.checks) == m.o.MaxSignatures {
			m.more++
			continue
		}
		if m.at == nil {
			m.at, m.names = indexOf(header)
			m.cr = bareCR(header)
		}
		c := &check{self: i, hash: crypto.SHA256}
		c.Kind, c.BodyHash, c.Signature.Signature, c.Key.Origin = kind, BodyUnchecked, Unchecked, OriginNone
		c.Policy, c.SignedFields, c.UnsignedFields = []string{}, []string{}, []string{}
		m.checks = append(m.checks, c)
		m.parse(c)
	}
	if m.more > 0 {
		m.checks[len(m.checks)-1].note("more-signatures", "%d more signature fields follow, beyond the bound of %d: they were not examined", m.more, m.o.MaxSignatures)
	}
	return m
}

func (c *check) note(kind, sentence string, args ...any) {
	r := remark.New(kind, sentence, args...)
	c.Notes, c.Remarks = append(c.Notes, r.Text), append(c.Remarks, r)
}

func (c *check) policy(p string) {
	if !slices.Contains(c.Policy, p) {
		c.Policy = append(c.Policy, p)
	}
}

// reject says that the rules let no verifier rely on this signature or key; the numbers are still computed.
func (c *check) reject(policy, format string, args ...any) {
	c.policy(policy)
	if c.rejected == "" {
		c.rejected = fmt.Sprintf(format, args...)
	}
}

// malformed says that the signature field is broken so that something cannot be computed.
func (c *check) malformed(kind, sentence string, args ...any) {
	c.policy(PolicyMalformed)
	if c.Why == "" {
		c.because(kind, sentence, args...)
	}
}

// afford takes the header bytes that a signature needs from what is left for the message.
func (m *message) afford(c *check) bool {
	size := int64(len(m.header[c.self].Raw))
	for _, i := range c.fields {
		size += int64(len(m.header[i].Raw))
	}
	if m.budget -= size; m.budget < 0 {
		c.note("header-too-large", "the header is too large to be computed for every signature")
		return false
	}
	return true
}

// share gives a digest over the canonical body, the same one to all that ask for the same.
func (m *message) share(form canon, kind crypto.Hash, limit int64) *sink {
	for _, s := range m.sinks {
		if s.canon == form && s.kind == kind && s.limit == limit && !s.domainKey {
			return s.sink
		}
	}
	s := &sharedSink{sink: &sink{hash: kind.New(), limit: limit}, canon: form, kind: kind}
	m.sinks = append(m.sinks, s)
	return s.sink
}

// hashBody makes one pass over the body for all signatures.
func (m *message) hashBody(body func() (io.Reader, error)) error {
	writers := m.writers()
	if len(writers) == 0 {
		return nil
	}
	r, err := body()
	if err != nil {
		return err
	}
	if err := writers.pass(r); err != nil {
		return err
	}
	for _, c := range m.checks {
		for _, text := range c.texts {
			text.hash.Write(text.after)
			c.digests = append(c.digests, text.hash.Sum(nil))
		}
		c.compareBody()
	}
	m.chain.each(func(_ int, c *check) { c.compareBody() })
	return nil
}

func (c *check) compareBody() {
	if c.sink == nil {
		return
	}
	c.BodyHash = Mismatch
	if string(c.sink.hash.Sum(nil)) == string(c.bodyHash) {
		c.BodyHash = Match
		if c.BodyLength != nil && c.sink.n > *c.BodyLength {
			c.BodyHash = Partial
		}
	}
}

func (m *message) writers() bodyWriters {
	var writers bodyWriters
	for _, s := range m.sinks {
		i := slices.IndexFunc(writers, func(w *bodyWriter) bool { return w.canon == s.canon })
		if i < 0 {
			i = len(writers)
			writers = append(writers, newBodyWriter(s.canon, m.cr))
		}
		writers[i].sinks = append(writers[i].sinks, s.sink)
	}
	return writers
}

// signedText adds what the signature is over to out: the fields, then the signature field with an empty b= and no line ending (RFC 6376 §3.7).
func (m *message) signedText(out []byte, c *check) []byte {
	for _, i := range c.fields {
		out = c.headerForm.appendField(out, m.header[i].Raw, m.cr)
	}
	out = c.headerForm.appendField(out, c.withoutB(m.header[c.self].Raw), m.cr)
	return out[:len(out)-len(crlf)]
}

// pooledTexts are used for one header after the other; those of huge headers are not kept.
var pooledTexts = sync.Pool{New: func() any { return new([]byte) }}

const maxPooledText = 64 << 10

func (m *message) headerDigest(c *check) []byte {
	text := pooledTexts.Get().(*[]byte)
	*text = m.signedText((*text)[:0], c)
	h := c.hash.New()
	h.Write(*text)
	if cap(*text) <= maxPooledText {
		pooledTexts.Put(text)
	}
	return h.Sum(nil)
}

// withoutB empties the value of b=, found by its place in the tag list and not by its looks.
func (c *check) withoutB(raw []byte) []byte {
	b := tagOf(c.tags, "b")
	if b == nil {
		return raw
	}
	out := make([]byte, 0, len(raw))
	out = append(out, raw[:c.value+b.Start]...)
	return append(out, raw[c.value+b.End:]...)
}

// records asks for the key once for each name.
func (m *message) records(ctx context.Context, name string) ([]Record, error) {
	if f, ok := m.keys[name]; ok {
		return f.records, f.err
	}
	records, err := m.o.Lookup(ctx, name)
	if m.keys == nil {
		m.keys = map[string]found{}
	}
	m.keys[name] = found{records, err}
	return records, err
}

// checkSignature computes the signature with every record known for its key.
func (m *message) checkSignature(ctx context.Context, c *check) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.hash == 0 || c.headerForm == "" || c.b == nil {
		return nil
	}
	if c.Key.Name == "" || m.o.Lookup == nil || c.Kind == DomainKeys && len(c.texts) == 0 {
		return nil
	}
	records, err := m.records(ctx, c.Key.Name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.policy(PolicyKeyFailed)
		c.note("key-lookup-failed", "the look-up of the key %s failed: %s", c.Key.Name, err)
	}
	if len(records) == 0 {
		return nil
	}
	if len(c.texts) == 0 {
		if !m.afford(c) {
			return nil
		}
		c.digests = [][]byte{m.headerDigest(c)}
	}
	m.tryKeys(c, records)
	return nil
}

// tryKeys tries every record and takes the one that says most: one that fits, else one that is usable, else the first.
func (m *message) tryKeys(c *check, records []Record) {
	var all []tried
	best := -1
	for _, record := range records {
		if slices.ContainsFunc(all, func(t tried) bool { return t.record.TXT == record.TXT }) {
			continue
		}
		all = append(all, m.tryKey(c, record))
		if best < 0 || all[len(all)-1].rank > all[best].rank {
			best = len(all) - 1
		}
	}
	if best < 0 {
		return
	}
	if len(all) > 1 {
		c.note("differing-records", "%d differing records are known for the key %s; each was tried", len(all), c.Key.Name)
	}
	name := c.Key.Name
	for i, t := range all {
		key := Key{Origin: t.record.Origin, Record: strings.ToValidUTF8(t.record.TXT, "\uFFFD"), Bits: t.key.Bits, RetrievedAt: t.record.RetrievedAt,
			Resolver: t.record.Resolver, DNSSEC: t.record.Authenticated, Name: name}
		if i == best {
			c.Key = key
		} else {
			c.KeyAlternatives = append(c.KeyAlternatives, key)
		}
	}
	c.decide(all[best])
}

// tried is one record with what came of it.
type tried struct {
	record  Record
	key     PublicKey
	broken  error  // the record cannot be read
	refused string // the record is not for this signature
	fits    bool
	rank    int
}

func (m *message) tryKey(c *check, record Record) tried {
	t := tried{record: record}
	t.key, t.broken = record.publicKey()
	switch {
	case t.broken != nil:
		return t
	case t.key.Revoked || t.key.Type != c.keyType:
		t.rank = 1
		return t
	}
	t.rank = 2
	t.refused = m.refusal(c, &t.key)
	if t.fits = slices.ContainsFunc(c.digests, func(digest []byte) bool { return t.key.check(c.hash, digest, c.b) }); t.fits {
		t.rank = 3
	}
	if t.fits && t.refused == "" {
		t.rank = 4
	}
	return t
}

func (c *check) decide(t tried) {
	c.key = t.key
	switch {
	case t.broken != nil:
		c.policy(PolicyKey)
		c.note("key-record-unusable", "the key record cannot be used: %v", t.broken)
		return
	case t.key.Revoked:
		c.policy(PolicyRevoked)
		return
	case t.key.Type != c.keyType:
		c.reject(PolicyKey, "the key record holds a key of type %s, the signature is %s", t.key.Type, c.Algorithm)
	case t.refused != "":
		c.reject(PolicyKey, "%s", t.refused)
	}
	switch {
	case c.rejected != "" && t.fits:
		c.note("not-counted-but-fits", "not counted: %s; the numbers do fit the key", c.rejected)
	case c.rejected != "":
		c.note("not-counted", "not counted: %s", c.rejected)
	case t.fits:
		c.Signature.Signature = Valid
		if len(c.texts) > 0 {
			c.BodyHash = Match // the one signature covers the body as well
		}
	default:
		c.Signature.Signature = Invalid
	}
}

// refusal says why the record must be passed over for this signature, "" if it need not.
func (m *message) refusal(c *check, key *PublicKey) string {
	name := "sha256"
	if c.hash == crypto.SHA1 {
		name = "sha1"
	}
	switch {
	case key.Hashes != nil && !slices.Contains(key.Hashes, name):
		return fmt.Sprintf("the key record does not allow %s (h=%s; RFC 6376 §6.1.2)", name, clip(strings.Join(key.Hashes, ":")))
	case key.Services != nil && !slices.Contains(key.Services, "*") && !slices.Contains(key.Services, "email"):
		return fmt.Sprintf("the key record is not for mail (s=%s; RFC 6376 §3.6.1)", clip(strings.Join(key.Services, ":")))
	}
	if c.Kind == DomainKeys {
		return m.domainKeyRefusal(c, key)
	}
	if at := strings.LastIndexByte(c.Identity, '@'); key.has("s") && at >= 0 && asciiDomain(c.Identity[at+1:]) != c.Domain {
		return fmt.Sprintf("the key record allows no subdomain in i=%s (t=s; RFC 6376 §3.6.1)", clip(c.Identity))
	}
	// g= is of RFC 4871 §3.6.1; RFC 6376 dropped it, but who published it meant it. Without v= an empty one is the DomainKeys form: any.
	if local := c.Identity[:max(strings.LastIndexByte(c.Identity, '@'), 0)]; !granted(key, local) {
		return fmt.Sprintf("the key record is for the local part %q alone (g=; RFC 4871 §3.6.1)", clip(key.Granularity))
	}
	return ""
}

func granted(key *PublicKey, local string) bool {
	g := key.Granularity
	if g == "*" || g == "" && key.Version == "" {
		return true
	}
	before, after, wild := strings.Cut(g, "*")
	if !wild {
		return g != "" && g == local
	}
	return len(local) >= len(before)+len(after) && strings.HasPrefix(local, before) && strings.HasSuffix(local, after)
}
