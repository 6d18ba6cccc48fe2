package dkim

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzTagList: a tag's place is where its value stands, between "=" and ";", and the places are in order and apart.
func FuzzTagList(f *testing.F) {
	for _, s := range []string{"v=1; a=b; b=; h=a:b", ";;=;", "a=1;a=2", "a", "a==;b= \r\n\t c ;"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		tags, err := ParseTagList(s)
		end := 0
		for _, tag := range tags {
			require.Greater(t, tag.Start, end)
			require.LessOrEqual(t, tag.Start, tag.End)
			require.Equal(t, byte('='), s[tag.Start-1])
			require.Equal(t, tag.Value, string(bytes.Trim(s[tag.Start:tag.End], fws)))
			require.NotContains(t, tag.Value, ";")
			end = tag.End
		}
		if err == nil {
			require.Equal(t, len(tags), strings.Count(";"+string(s), ";")-emptyPlaces(s))
		}
	})
}

func emptyPlaces(s []byte) int {
	n := 0
	for place := range bytes.SplitSeq(s, []byte(";")) {
		if len(bytes.Trim(place, fws)) == 0 {
			n++
		}
	}
	return n
}

// FuzzKey: a record that is accepted holds a key that can be computed with, or a revoked one.
func FuzzKey(f *testing.F) {
	f.Add("v=DKIM1; k=rsa; p=MIGJAoGBALVI635dLK4cJJAH3Lx6upo3X/Lm1tQz3mezcWTA3BUBnyIsdnRf57aD5BtNmhPrYYDlWlzw3UgnKisIxktkk5+iMQMlFtAS10JB8L3YadXNJY+JBcbeSi5TgJe4WFzNgW95FWDAuSTRXSWZfA/8xjflbTLDx0euFZOM7C4T0GwLAgMBAAE=")
	f.Add("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=; g=; h=; s=*; t=y:s")
	f.Add("p=")
	f.Add("p=MAYCAQkCAQM=")
	f.Fuzz(func(t *testing.T, txt string) {
		key, err := ParseKey(txt)
		if err != nil {
			return
		}
		require.True(t, key.Revoked || key.Bits > 0 && key.Bits <= maxKeyBits)
		if !key.Revoked {
			require.False(t, key.check(crypto.SHA256, make([]byte, 32), make([]byte, (key.Bits+7)/8)) && key.rsa != nil, "a signature of zeros fits no key")
		}
	})
}

// FuzzKeys: what is read from any key file is the same after it went through a snapshot, and snapshots of equal sets are equal.
func FuzzKeys(f *testing.F) {
	f.Add([]byte(rfcKeys))
	f.Add([]byte("; retrieved 2020-03-01T12:00:00Z from 198.51.100.1:53, authenticated by DNSSEC\na._domainkey.b. IN TXT \"x\\255\" \"y\"\n"))
	f.Add([]byte("a\\\"b._domainkey.c\tp=1\nd._domainkey.e CNAME a._domainkey.f\n$ORIGIN g\n(((\n"))
	f.Add([]byte("\xc3\xbc._domainkey.\xc3\xbc TXT (\"a\" \n \"b\" ) ; c\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		keys, err := ReadKeys(bytes.NewReader(file), OriginFile)
		require.NoError(t, err)
		var first, second bytes.Buffer
		_, err = keys.WriteTo(&first)
		require.NoError(t, err)
		again, err := ReadKeys(bytes.NewReader(first.Bytes()), OriginFile)
		require.NoError(t, err)
		require.Empty(t, again.Skipped(), first.String())
		require.Equal(t, keys.Names(), again.Names())
		for _, name := range keys.Names() {
			want, _ := keys.Lookup(context.Background(), name)
			got, _ := again.Lookup(context.Background(), name)
			require.Equal(t, want, got)
		}
		_, err = again.WriteTo(&second)
		require.NoError(t, err)
		require.Equal(t, first.String(), second.String())
	})
}

// FuzzVerify: nothing in a message stops the examination; the LF and the CRLF form of one message give equal facts; what can't have been signed is
// not valid.
func FuzzVerify(f *testing.F) {
	f.Add(signed(f, story, testEd25519, nil))
	f.Add(signed(f, story, testEd25519, func(o *SignOptions) { o.Canonicalization = "simple/simple"; o.Identity = "a@acme.example" }))
	f.Add([]byte("DomainKey-Signature: a=rsa-sha1; c=nofws; d=a.example; s=s; h=from:to; b=AAAA\nFrom: a@a.example\nSender: b\n\nbody \n"))
	f.Add([]byte("DKIM-Signature: a=rsa-sha1; c=relaxed; d=a.example; s=s; h=from:to; l=3; t=1; x=0; b=AAAA\nFrom: a@a.example\n\n>From \n--x\n\nb\n--x--\n"))
	f.Add([]byte("DKIM-Signature: v=1; a=rsa-sha256; bh=AAAA; b=; d=a; s=b; h=:::; i==40; l=99999999999999999999; q=x\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		raw = bytes.ReplaceAll(raw, []byte("\r"), nil)
		o := Options{Lookup: known(recordOf(t, testEd25519), "p=MIGJAoGBALVI635dLK4cJJAH3Lx6upo3X/Lm1tQz3mezcWTA3BUBnyIsdnRf57aD5BtNmhPrYYDlWlzw3UgnKisIxktkk5+iMQMlFtAS10JB8L3YadXNJY+JBcbeSi5TgJe4WFzNgW95FWDAuSTRXSWZfA/8xjflbTLDx0euFZOM7C4T0GwLAgMBAAE="),
			Now: time.Unix(2e9, 0)}
		lf, crlf := verify(t, raw, o), verify(t, bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")), o)
		require.Equal(t, len(lf), len(crlf))
		for i := range lf {
			require.Equal(t, facts(lf[i]), facts(crlf[i]))
			_, err := json.Marshal(lf[i])
			require.NoError(t, err)
			assert.NotEmpty(t, lf[i].Summary)
		}
		header, body := split(raw)
		_, _, err := BodyHashFits(header, bytes.NewReader(body))
		require.NoError(t, err)
	})
}

// facts leaves out the reasons that were found: they may speak of line endings.
func facts(s Signature) Signature {
	s.Why, s.Summary, s.Said, s.Remarks = "", "", nil, nil
	return s
}
