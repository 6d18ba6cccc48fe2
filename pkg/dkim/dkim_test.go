package dkim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unending are the line endings a message may have been kept with; the facts are the same.
var endings = map[string]func(raw []byte) []byte{
	"CRLF": func(raw []byte) []byte { return raw },
	"LF":   func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")) },
	"CR":   func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\r")) },
}

func TestSignAndVerify(t *testing.T) {
	for _, key := range []crypto.Signer{testEd25519, testRSA()} {
		for _, forms := range []string{"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"} {
			for ending, change := range endings {
				for _, body := range []string{"", "\r\n\r\n", "text without an ending", "one\r\n\r\ntwo\r\n\r\n\r\n", " \t\r\n", "Gr\xfc\xdfe, 8 bit\r\n"} {
					head, _, _ := strings.Cut(story, "\r\n\r\n")
					raw := signed(t, head+"\r\n\r\n"+body, key, func(o *SignOptions) { o.Canonicalization = forms })
					sigs := verify(t, change(raw), Options{Lookup: known(recordOf(t, key))})
					require.Len(t, sigs, 1)
					s := sigs[0]
					assert.Equal(t, Match, s.BodyHash, "%s %s %q", forms, ending, body)
					assert.Equal(t, Valid, s.Signature, "%s %s %q", forms, ending, body)
					assert.Equal(t, forms, s.Canonicalization)
					assert.Empty(t, s.Policy)
					assert.True(t, s.Aligned)
					assert.Equal(t, []string{"from", "to", "subject", "date", "message-id", "mime-version"}, s.SignedFields)
				}
			}
		}
	}
}

func TestSignIsDeterministic(t *testing.T) {
	for _, key := range []crypto.Signer{testEd25519, testRSA()} {
		assert.Equal(t, string(signed(t, story, key, nil)), string(signed(t, story, key, nil)))
	}
	_, err := Sign(nil, nil, SignOptions{})
	assert.Error(t, err)
}

// TestFacts: one change each, and exactly what it does to the facts.
func TestFacts(t *testing.T) {
	good := recordOf(t, testEd25519)
	week := signedAt.AddDate(0, 0, 7)
	limit := int64(len("Do not remove the interlock.\r\n")) // in relaxed form
	for _, c := range []struct {
		name      string
		sign      func(o *SignOptions)
		change    func(raw string) string
		records   []string
		o         Options
		body      BodyHash
		signature Verdict
		policy    []string
		summary   string
	}{
		{name: "as signed", body: Match, signature: Valid,
			summary: "the mail service of acme.example signed From, To, Subject, Date, Message-ID and the body on 2026-03-02; it does not show who typed it"},
		{name: "no key", records: []string{}, body: Match, signature: Unchecked,
			summary: "the body is as the signature field of acme.example names it; the signature itself was not checked: the key s1._domainkey.acme.example is not at hand"},
		{name: "body changed", change: replace("Do not", "Do"), body: Mismatch, signature: Valid, summary: "the body is not as it was signed"},
		{name: "subject changed", change: replace("must stay", "may go"), body: Match, signature: Invalid, summary: "a field was changed after signing"},
		{name: "both changed", change: replace("interlock", "guard"), body: Mismatch, signature: Invalid, summary: "neither the body nor the signature"},
		{name: "unsigned field added", change: replace("MIME-Version", "Reply-To: <x@evil.example>\r\nMIME-Version"), body: Match, signature: Valid,
			policy: []string{"reply-to-unsigned"}, summary: "not signed: Reply-To"},
		{name: "second Subject on top", change: replace("From: Ada", "Subject: stop\r\nFrom: Ada"), body: Match, signature: Valid, policy: []string{"subject-unsigned"}},
		{name: "second From below", change: replace("MIME-Version", "From: <x@evil.example>\r\nMIME-Version"), body: Match, signature: Invalid,
			policy: []string{"unaligned", "from-unsigned"}},
		{name: "oversigned", sign: func(o *SignOptions) { o.Fields = []string{"From", "From", "Reply-To"} },
			change: replace("MIME-Version", "Reply-To: <x@evil.example>\r\nMIME-Version"), body: Match, signature: Invalid,
			policy: []string{"to-unsigned", "subject-unsigned", "date-unsigned", "message-id-unsigned"}},
		{name: "few fields", sign: func(o *SignOptions) { o.Fields = []string{"Date"} }, body: Match, signature: Valid,
			policy: []string{"from-unsigned", "to-unsigned", "subject-unsigned", "message-id-unsigned"}, summary: "not signed: From, To, Subject, Message-ID"},
		{name: "expired", sign: func(o *SignOptions) { o.ExpiresAt = week }, o: Options{Now: week.AddDate(1, 0, 0)}, body: Match, signature: Valid,
			policy: []string{"expired"}, summary: "valid when signed, expired since (2026-03-09)"},
		{name: "expired since received", sign: func(o *SignOptions) { o.ExpiresAt = week }, o: Options{Now: week.AddDate(1, 0, 0), Received: signedAt.Add(6 * time.Second)},
			body: Match, signature: Valid, policy: []string{"expired"}, summary: "valid when signed and when received on 2026-03-02, expired since (2026-03-09)"},
		{name: "expired when received", sign: func(o *SignOptions) { o.ExpiresAt = week }, o: Options{Received: week.AddDate(0, 0, 1)},
			body: Match, signature: Valid, policy: []string{"expired"}, summary: "had expired when the mail was received on 2026-03-10"},
		{name: "not yet expired", sign: func(o *SignOptions) { o.ExpiresAt = week }, o: Options{Now: signedAt.AddDate(0, 0, 1)}, body: Match, signature: Valid},
		{name: "l= and appended", sign: func(o *SignOptions) { o.BodyLength = &limit }, body: Partial, signature: Valid, policy: []string{"partial-body"},
			summary: "signed From, To, Subject, Date, Message-ID and the first 30 bytes of the body"},
		{name: "l= and changed within", sign: func(o *SignOptions) { o.BodyLength = &limit }, change: replace("Do not", "Do"), body: Mismatch, signature: Valid},
		{name: "l=0", sign: func(o *SignOptions) { o.BodyLength = new(int64) }, body: Partial, signature: Valid, policy: []string{"partial-body"}},
		{name: "i= below", sign: func(o *SignOptions) { o.Identity = "ada=2Etest@Lab.ACME.example" }, body: Match, signature: Valid},
		{name: "i= elsewhere", sign: func(o *SignOptions) { o.Identity = "ada@notacme.example" }, body: Match, signature: Unchecked, policy: []string{"identity"},
			summary: "lies outside the signing domain"},
		{name: "i= below, t=s", sign: func(o *SignOptions) { o.Identity = "@lab.acme.example" }, records: []string{good + "; t=s"}, body: Match, signature: Unchecked,
			policy: []string{"key-unusable"}},
		{name: "i= equal, t=s", sign: func(o *SignOptions) { o.Identity = "@ACME.example" }, records: []string{good + "; t=s"}, body: Match, signature: Valid},
		{name: "test mode", records: []string{good + "; t=y:s"}, body: Match, signature: Valid, policy: []string{"test-mode"}, summary: "it is testing"},
		{name: "revoked", records: []string{"v=DKIM1; k=ed25519; p="}, body: Match, signature: Unchecked, policy: []string{"revoked"}, summary: "withdrawn the key"},
		{name: "other hash in key", records: []string{good + "; h=sha1"}, body: Match, signature: Unchecked, policy: []string{"key-unusable"}},
		{name: "this hash in key", records: []string{good + "; h=sha1:sha256"}, body: Match, signature: Valid},
		{name: "other service", records: []string{good + "; s=tlsrpt"}, body: Match, signature: Unchecked, policy: []string{"key-unusable"}},
		{name: "any service", records: []string{good + "; s=tlsrpt:*"}, body: Match, signature: Valid},
		{name: "granularity", sign: func(o *SignOptions) { o.Identity = "ada+x@acme.example" }, records: []string{good + "; g=ada+*"}, body: Match, signature: Valid},
		{name: "other granularity", sign: func(o *SignOptions) { o.Identity = "bob@acme.example" }, records: []string{good + "; g=ada*"}, body: Match, signature: Unchecked,
			policy: []string{"key-unusable"}},
		{name: "unusable record", records: []string{"v=spf1 -all"}, body: Match, signature: Unchecked, policy: []string{"key-unusable"}},
		{name: "two records, the second fits", records: []string{strings.Replace(good, "p=", "p=AAAA", 1), good}, body: Match, signature: Valid},
		{name: "another key since", records: []string{"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}, body: Match, signature: Invalid},
		{name: "no v=", change: replace("v=1; ", ""), body: Match, signature: Invalid, policy: []string{"version"}},
		{name: "b= within other tags", sign: func(o *SignOptions) { o.Identity = "b=b=@acme.example" }, body: Match, signature: Valid},
		{name: "unknown algorithm", change: replace("a=ed25519-sha256", "a=ed448-shake"), body: BodyUnchecked, signature: Unchecked, policy: []string{"algorithm"}},
		{name: "unknown canonicalization", change: replace("c=relaxed/relaxed", "c=relaxed/strict"), body: BodyUnchecked, signature: Invalid, policy: []string{"algorithm"}},
		{name: "tag twice", change: replace("d=acme.example;", "d=acme.example; d=evil.example;"), body: BodyUnchecked, signature: Unchecked, policy: []string{"malformed",
			"from-unsigned", "to-unsigned", "subject-unsigned", "date-unsigned", "message-id-unsigned"}, summary: "broken"},
		{name: "alien", sign: func(o *SignOptions) { o.Domain = "bulk.example" }, body: Match, signature: Valid, policy: []string{"unaligned"},
			summary: "that is not the domain of the From address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := string(signed(t, story, testEd25519, c.sign))
			if c.change != nil {
				raw = c.change(raw)
			}
			c.o.Lookup = known(good)
			if c.records != nil {
				c.o.Lookup = known(c.records...)
			}
			for _, ending := range []string{"CRLF", "LF"} {
				sigs := verify(t, endings[ending]([]byte(raw)), c.o)
				require.Len(t, sigs, 1)
				s := sigs[0]
				assert.Equal(t, c.body, s.BodyHash, ending)
				assert.Equal(t, c.signature, s.Signature, ending)
				assert.ElementsMatch(t, c.policy, s.Policy, ending)
				assert.Contains(t, s.Summary, c.summary, ending)
			}
		})
	}
}

// replace changes the first place in the message below the signature, or in the signature where it is not found there.
func replace(old, other string) func(string) string {
	return func(raw string) string {
		at := strings.Index(raw, "Received:")
		if strings.Contains(raw[at:], old) {
			return raw[:at] + strings.ReplaceAll(raw[at:], old, other)
		}
		if !strings.Contains(raw, old) {
			panic("the case changes nothing: " + old)
		}
		return strings.Replace(raw, old, other, 1)
	}
}

func TestJSON(t *testing.T) {
	at := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	lookup := func(_ context.Context, name string) ([]Record, error) {
		return []Record{{Name: name, TXT: recordOf(t, testEd25519), Origin: OriginDNS, RetrievedAt: &at, Resolver: "192.0.2.53:53"}}, nil
	}
	sigs := verify(t, signed(t, story, testEd25519, nil), Options{Lookup: lookup})
	got, err := json.Marshal(sigs)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"domain":"acme.example","selector":"s1","algorithm":"ed25519-sha256","canonicalization":"relaxed/relaxed",
		"signed_fields":["from","to","subject","date","message-id","mime-version"],"unsigned_fields":[],"body_hash":"match","signature":"valid",
		"key":{"origin":"dns","record":"`+recordOf(t, testEd25519)+`","bits":256,"retrieved_at":"2026-03-03T00:00:00Z","resolver":"192.0.2.53:53",
			"name":"s1._domainkey.acme.example"},
		"policy":[],"signed_at":"2026-03-02T09:00:01Z","expires_at":null,"aligned":true,
		"summary":"the mail service of acme.example signed From, To, Subject, Date, Message-ID and the body on 2026-03-02; it does not show who typed it",
		"kind":"DKIM-Signature",
		"said":[{"kind":"signed","args":["acme.example","From, To, Subject, Date, Message-ID","2026-03-02"],"text":"the mail service of acme.example signed From, To, Subject, Date, Message-ID and the body on 2026-03-02"},
			{"kind":"not-who-typed","text":"it does not show who typed it"}]}]`, string(got))
}

// TestRSASizes: crypto/rsa refuses keys below 1024 bits; mail of twenty years ago is signed with them.
func TestRSASizes(t *testing.T) {
	for _, bits := range []int{512, 768, 1000, 1024, 2048} {
		for _, algorithm := range []string{"rsa-sha1", "rsa-sha256"} {
			key := rsaOf(t, bits)
			raw := signed(t, story, key, func(o *SignOptions) { o.Algorithm = algorithm })
			s := verify(t, raw, Options{Lookup: known(recordOf(t, key))})[0]
			assert.Equal(t, Valid, s.Signature, "%d %s", bits, algorithm)
			assert.Equal(t, bits, s.Key.Bits)
			assert.Equal(t, bits < 1024, contains(s.Policy, PolicyWeakKey))
			assert.Equal(t, algorithm == "rsa-sha1", contains(s.Policy, PolicySHA1))
			s = verify(t, bytes.Replace(raw, []byte("Date: Mon"), []byte("Date: Tue"), 1), Options{Lookup: known(recordOf(t, key))})[0]
			assert.Equal(t, Invalid, s.Signature, "%d %s", bits, algorithm)
		}
	}
}

func contains(all []string, s string) bool {
	return strings.Contains(" "+strings.Join(all, " ")+" ", " "+s+" ")
}

// handRSA signs by the text of RFC 8017 §8.2.1, with a key of any size.
type handRSA struct{ n, d *big.Int }

func rsaOf(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	for {
		p, err := rand.Prime(rand.Reader, bits/2)
		require.NoError(t, err)
		q, err := rand.Prime(rand.Reader, bits-bits/2)
		require.NoError(t, err)
		n, one := new(big.Int).Mul(p, q), big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(big.NewInt(65537), phi); d != nil && n.BitLen() == bits {
			return handRSA{n, d}
		}
	}
}

func (k handRSA) Public() crypto.PublicKey { return &rsa.PublicKey{N: k.n, E: 65537} }

func (k handRSA) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	size := (k.n.BitLen() + 7) / 8
	info := digestInfo(o.HashFunc())
	em := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, size-3-len(info)-len(digest))...)
	em = append(append(append(em, 0), info...), digest...)
	return new(big.Int).Exp(new(big.Int).SetBytes(em), k.d, k.n).FillBytes(make([]byte, size)), nil
}

func TestManySignatures(t *testing.T) {
	raw := []byte(story)
	for i := range 60 {
		header, body := split(raw)
		field, err := Sign(header, bytes.NewReader(body), SignOptions{Domain: "acme.example", Selector: fmt.Sprintf("s%d", i), Key: testEd25519})
		require.NoError(t, err)
		raw = append([]byte(field), raw...)
	}
	header, body := split(raw)
	reads := 0
	sigs, err := Verify(context.Background(), header, func() (io.Reader, error) { reads++; return bytes.NewReader(body), nil },
		[]string{"ada@acme.example"}, Options{Lookup: known(recordOf(t, testEd25519))})
	require.NoError(t, err)
	assert.Equal(t, 1, reads, "signatures share one pass over the body")
	require.Len(t, sigs, 50)
	for i, s := range sigs {
		assert.True(t, passes(s))
		assert.Equal(t, fmt.Sprintf("s%d", 59-i), s.Selector)
	}
	assert.Contains(t, sigs[49].Notes[0], "10 more signature fields")
	assert.Len(t, Names(header), 50)
	sigs, err = Verify(context.Background(), header, reread(body), nil, Options{MaxSignatures: 2})
	require.NoError(t, err)
	assert.Len(t, sigs, 2)
}

func TestTrouble(t *testing.T) {
	header, body := split(signed(t, story, testEd25519, nil))
	_, err := Verify(context.Background(), header, func() (io.Reader, error) { return nil, errors.New("disk") }, nil, Options{})
	assert.ErrorContains(t, err, "disk")
	_, err = Verify(context.Background(), header, func() (io.Reader, error) { return iotest.ErrReader(errors.New("disk")), nil }, nil, Options{})
	assert.ErrorContains(t, err, "disk")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Verify(ctx, header, reread(body), nil, Options{})
	assert.ErrorIs(t, err, context.Canceled)

	sigs, err := Verify(context.Background(), header, reread(body), nil, Options{Lookup: func(context.Context, string) ([]Record, error) {
		return nil, errors.New("server failure")
	}})
	require.NoError(t, err)
	assert.Equal(t, Unchecked, sigs[0].Signature, "a failed look-up says nothing of the signature")
	assert.Contains(t, sigs[0].Policy, PolicyKeyFailed)
	assert.Contains(t, sigs[0].Notes[0], "server failure")

	sigs, err = Verify(context.Background(), nil, nil, nil, Options{})
	assert.NoError(t, err)
	assert.Empty(t, sigs, "no signature, nothing to do")
}

func TestBodyHashFits(t *testing.T) {
	header, body := split(signed(t, story, testEd25519, nil))
	fits, has, err := BodyHashFits(header, bytes.NewReader(body))
	require.NoError(t, err)
	assert.True(t, fits)
	assert.True(t, has)
	fits, has, err = BodyHashFits(header, bytes.NewReader(bytes.Replace(body, []byte("From "), []byte(">From "), 1)))
	require.NoError(t, err)
	assert.False(t, fits)
	assert.True(t, has)
	fits, has, err = BodyHashFits(header[1:], bytes.NewReader(body))
	require.NoError(t, err)
	assert.False(t, fits)
	assert.False(t, has)
	_, _, err = BodyHashFits(header, iotest.ErrReader(errors.New("disk")))
	assert.ErrorContains(t, err, "disk")
}

func TestNames(t *testing.T) {
	header := []Field{
		{Name: "dkim-signature", Raw: []byte("dkim-signature: d=Acme.Example.; s=S1; b=\r\n")},
		{Name: "DKIM-Signature", Raw: []byte("DKIM-Signature: d=acme.example; s=s1\r\n")},
		{Name: "DomainKey-Signature", Raw: []byte("DomainKey-Signature: d=b\u00fccher.example; s=k1\r\n")},
		{Name: "DKIM-Signature", Raw: []byte("DKIM-Signature: d=acme.example\r\n")},
	}
	assert.Equal(t, []string{"s1._domainkey.acme.example", "k1._domainkey.xn--bcher-kva.example"}, Names(header))
}

func TestAlignment(t *testing.T) {
	for _, c := range []struct {
		domain string
		from   []string
		want   bool
	}{
		{"example.com", []string{"a@example.com"}, true},
		{"mail.example.com", []string{"a@NEWS.Example.Com."}, true},
		{"example.co.uk", []string{"a@other.co.uk"}, false},
		{"sub.example.co.uk", []string{"a@example.co.uk"}, true},
		{"example.com", []string{"a@example.com", "b@example.org"}, false},
		{"example.com", nil, false},
		{"", []string{"a@"}, false},
		{"xn--mnchen-3ya.example", []string{"a@M\u00dcNCHEN.example"}, true},
	} {
		assert.Equal(t, c.want, aligned(c.domain, c.from), "%s %v", c.domain, c.from)
	}
	// RFC 3492 §7.1 (L) and (B), which mix and do not mix with ASCII
	assert.Equal(t, "xn--3B-ww4c5e180e575a65lsy2b", aLabel("3\u5e74B\u7d44\u91d1\u516b\u5148\u751f"))
	assert.Equal(t, "xn--ihqwcrb4cv8a8dqg056pqjye", aLabel("\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587"))
}

// TestDomainKeys signs by hand by the text of RFC 4870; the corpus of Mail::DKIM has real ones.
func TestDomainKeys(t *testing.T) {
	key := testRSA()
	for _, form := range []string{"simple", "nofws"} {
		own := "DomainKey-Signature: a=rsa-sha1; q=dns; c=" + form + ";\r\n\ts=s1; d=acme.example; h=From:To:Subject;\r\n\tb="
		text := "From: Ada Example <ada@acme.example>\r\nTo: Bob <bob@other.example>,\r\n\tCarol <carol@other.example>\r\n" +
			"Subject: The  interlock\r\n must stay\r\n\r\nDo not remove the interlock.  \r\nFrom the start I said so.\r\n-- \r\nAda\r\n"
		if form == "nofws" {
			text = "From:AdaExample<ada@acme.example>\r\nTo:Bob<bob@other.example>,Carol<carol@other.example>\r\nSubject:Theinterlockmuststay\r\n\r\n" +
				"Donotremovetheinterlock.\r\nFromthestartIsaidso.\r\n--\r\nAda\r\n"
		}
		h := crypto.SHA1.New()
		h.Write([]byte(text))
		b, err := key.Sign(nil, h.Sum(nil), crypto.SHA1)
		require.NoError(t, err)
		raw := own + base64Of(b) + "\r\n" + story
		for ending, change := range endings {
			s := verify(t, change([]byte(raw)), Options{Lookup: known(recordOf(t, key))})[0]
			assert.Equal(t, Valid, s.Signature, "%s %s", form, ending)
			assert.Equal(t, Match, s.BodyHash)
			assert.Equal(t, []string{"sha1", "date-unsigned", "message-id-unsigned"}, s.Policy)
			assert.Equal(t, DomainKeys, s.Kind)
		}
		s := verify(t, []byte(strings.Replace(raw, "remove", "keep", 1)), Options{Lookup: known(recordOf(t, key))})[0]
		assert.Equal(t, Invalid, s.Signature)
		assert.Equal(t, BodyUnchecked, s.BodyHash, "one hash over both does not say which of them was changed")
	}
}
