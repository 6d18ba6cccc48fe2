package authres_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/authres"
)

// brief writes a field in one line: "id version | method/version=value reason=… (comment) type.name=value … | … # notes".
func brief(f authres.Field) string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(f.AuthServID + " " + f.Version))
	for _, r := range f.Results {
		b.WriteString(" | " + r.Method)
		if r.Version != "" {
			b.WriteString("/" + r.Version)
		}
		b.WriteString("=" + r.Value)
		if r.Reason != "" {
			b.WriteString(" reason=" + r.Reason)
		}
		if r.Comment != "" {
			b.WriteString(" (" + r.Comment + ")")
		}
		for _, p := range r.Properties {
			b.WriteString(" ")
			if p.Type != "" {
				b.WriteString(p.Type + ".")
			}
			b.WriteString(p.Name + "=" + p.Value)
		}
	}
	if len(f.Notes) > 0 {
		b.WriteString(" # " + strings.Join(f.Notes, " · "))
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		// RFC 8601 appendix B.
		{"B.2", " example.org 1; none", "example.org 1 # none: no authentication was done"},
		{"B.3", " example.com;\n          spf=pass smtp.mailfrom=example.net", "example.com | spf=pass smtp.mailfrom=example.net"},
		{"B.4", " example.com;\r\n          auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n          spf=pass smtp.mailfrom=example.net",
			"example.com | auth=pass (cram-md5) smtp.auth=sender@example.net | spf=pass smtp.mailfrom=example.net"},
		{"B.5", " example.com; sender-id=pass\n          header.from=example.net", "example.com | sender-id=pass header.from=example.net"},
		{"B.6", " example.com;\n  dkim=pass reason=\"good signature\"\n    header.i=@mail-router.example.net;\n  dkim=fail reason=\"bad signature\"\n    header.i=@newyork.example.com",
			"example.com | dkim=pass reason=good signature header.i=@mail-router.example.net | dkim=fail reason=bad signature header.i=@newyork.example.com"},
		{"B.7", " foo.example.net (foobar) 1 (baz);\n  dkim (Because I like it) / 1 (One yay) = (wait for it) fail\n    policy (A dot can go here) . (like that) expired\n    (this surprised me) = (as I wasn't expecting it) 1362471462",
			"foo.example.net 1 | dkim/1=fail (Because I like it; One yay; wait for it; A dot can go here; like that; this surprised me; as I wasn't expecting it) policy.expired=1362471462 # comment: foobar · comment: baz"},

		// The forms of big receivers.
		{"Gmail, ';' inside a comment", " mx.example;\r\n       dkim=pass header.i=@a.example header.s=s1 header.b=\"Ab+/1==\";\r\n       arc=pass (i=1 spf=pass spfdomain=a.example dkim=pass; dkdomain=a.example);\r\n       spf=pass (mx.example: domain of x@a.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=x@a.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example",
			"mx.example | dkim=pass header.i=@a.example header.s=s1 header.b=Ab+/1== | arc=pass (i=1 spf=pass spfdomain=a.example dkim=pass; dkdomain=a.example) | spf=pass (mx.example: domain of x@a.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=x@a.example | dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example"},
		{"Microsoft without authserv-id", " spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=a.example; b.example; dkim=pass (signature was verified)\r\n header.d=a.example;b.example; dmarc=bestguesspass action=none\r\n header.from=a.example;compauth=pass reason=109",
			" | spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=a.example | dkim=pass (signature was verified) header.d=a.example | dmarc=bestguesspass action=none header.from=a.example | compauth=pass reason=109 # outside any result: b.example · outside any result: b.example · no authserv-id"},
		{"Microsoft, bounce", " spf=none (sender IP is ) smtp.mailfrom=<>;", " | spf=none (sender IP is) smtp.mailfrom=<> # no authserv-id"},
		{"Microsoft, ARC", " mx.microsoft.example 1; spf=pass\r\n smtp.mailfrom=a.example; dmarc=pass action=none header.from=a.example;\r\n dkim=pass header.d=a.example; arc=none", "mx.microsoft.example 1 | spf=pass smtp.mailfrom=a.example | dmarc=pass action=none header.from=a.example | dkim=pass header.d=a.example | arc=none"},
		{"Yahoo", " mta1.mail.example  from=a.example; domainkeys=neutral (no sig);  from=a.example; dkim=pass (ok)",
			"mta1.mail.example | domainkeys=neutral (no sig) | dkim=pass (ok) # outside any result: from=a.example · outside any result: from=a.example"},
		{"Yahoo Japan", " mta1.mail.example; dkim=pass (ok); header.i=@a.example", "mta1.mail.example | dkim=pass (ok) header.i=@a.example # a semicolon stands before header.i=@a.example"},
		{"Proofpoint", " ppops.net; dkim=pass header.s=google header.d=a.example; spf=softfail smtp.mailfrom=x@a.example; dmarc=pass policy=none", "ppops.net | dkim=pass header.s=google header.d=a.example | spf=softfail smtp.mailfrom=x@a.example | dmarc=pass policy=none"},
		{"Mimecast", " relay.mimecast.example;\r\n\tauth=pass smtp.auth=CUSA000A000 smtp.mailfrom=x@a.example", "relay.mimecast.example | auth=pass smtp.auth=CUSA000A000 smtp.mailfrom=x@a.example"},
		{"Proofpoint, policy in the way", " ppops.net;\r\n\tspf=pass smtp.mailfrom=x@a.example;\r\n\tdkim=pass header.d=a.example header.s=sel-1;\r\n\tdmarc=pass header.from=a.example", "ppops.net | spf=pass smtp.mailfrom=x@a.example | dkim=pass header.d=a.example header.s=sel-1 | dmarc=pass header.from=a.example"},
		{"Mimecast, all four", " relay.mimecast.example;\r\n\tdkim=pass header.d=a.example header.s=k1 header.b=Ab1;\r\n\tarc=none;\r\n\tspf=pass (relay.mimecast.example: domain of x@a.example designates 192.0.2.7 as permitted sender) smtp.mailfrom=x@a.example;\r\n\tdmarc=pass (policy=reject) header.from=a.example",
			"relay.mimecast.example | dkim=pass header.d=a.example header.s=k1 header.b=Ab1 | arc=none | spf=pass (relay.mimecast.example: domain of x@a.example designates 192.0.2.7 as permitted sender) smtp.mailfrom=x@a.example | dmarc=pass (policy=reject) header.from=a.example"},
		{"Yahoo, no space before the comment", " atlas-1.mail.example;\n dkim=pass header.i=@a.example header.s=s1;\n spf=pass smtp.mailfrom=a.example;\n dmarc=pass(p=REJECT) header.from=a.example;",
			"atlas-1.mail.example | dkim=pass header.i=@a.example header.s=s1 | spf=pass smtp.mailfrom=a.example | dmarc=pass (p=REJECT) header.from=a.example"},
		{"OpenDKIM, of several", " mx.b.example;\n\tdkim=pass (1024-bit key, unprotected) header.d=a.example header.i=@a.example header.b=\"x+1\";\n\tdkim=permerror (bad message/signature format)",
			"mx.b.example | dkim=pass (1024-bit key, unprotected) header.d=a.example header.i=@a.example header.b=x+1 | dkim=permerror (bad message/signature format)"},
		{"OpenDKIM", " mx.b.example;\n\tdkim=fail reason=\"signature verification failed\" (2048-bit key; unprotected) header.d=a.example header.i=@a.example header.a=rsa-sha256 header.s=k1 header.b=Qx1+/9aZ;\n\tdkim-atps=neutral",
			"mx.b.example | dkim=fail reason=signature verification failed (2048-bit key; unprotected) header.d=a.example header.i=@a.example header.a=rsa-sha256 header.s=k1 header.b=Qx1+/9aZ | dkim-atps=neutral"},
		{"OpenDMARC", " mx.b.example; dmarc=pass (p=none dis=none) header.from=a.example", "mx.b.example | dmarc=pass (p=none dis=none) header.from=a.example"},
		{"SpamAssassin", " mx.b.example (amavisd-new);\n\tdkim=pass (1024-bit key) header.d=a.example", "mx.b.example | dkim=pass (1024-bit key) header.d=a.example # comment: amavisd-new"},
		{"Fastmail", " mx1.b.example;\n    x-me-sender=pass policy.xms= GOA2_x-AA;\n    bimi=pass header.d=a.example policy.mark-type=\"Registered Mark\"\n      policy.authority-uri=\n      https://pki.a.example/v.pem;\n    x-tls=pass smtp.version=TLSv1.3 smtp.bits=256/256",
			"mx1.b.example | x-me-sender=pass policy.xms=GOA2_x-AA | bimi=pass header.d=a.example policy.mark-type=Registered Mark policy.authority-uri=https://pki.a.example/v.pem | x-tls=pass smtp.version=TLSv1.3 smtp.bits=256/256"},
		{"address in brackets, twice the same property", " mx.b.example; dmarc=pass header.from=<x@a.example> header.from=<y@a.example>", "mx.b.example | dmarc=pass header.from=<x@a.example> header.from=<y@a.example>"},

		// What does not fit is kept.
		{"empty value", " mx.b.example; spf=none smtp.mailfrom= smtp.helo=a.example; dkim=", "mx.b.example | spf=none smtp.mailfrom= smtp.helo=a.example | dkim= # no result for dkim"},
		{"no semicolons", " mx.b.example spf=pass smtp.mailfrom=a.example dkim=pass header.d=a.example", "mx.b.example | spf=pass smtp.mailfrom=a.example | dkim=pass header.d=a.example # no semicolon before spf=pass · no semicolon before dkim=pass"},
		{"words", " mx.b.example; dkim=pass well done header.d=a.example", "mx.b.example | dkim=pass header.d=a.example # outside any result: well · outside any result: done"},
		{"comment left open", " mx.b.example; dkim=pass (2048 bit; spf=fail", "mx.b.example | dkim=pass (2048 bit; spf=fail) # a comment does not close"},
		{"quoted pair", ` mx.b.example; dkim=fail reason="say \"no\"; (really)" header.i="a b"@c.example`, `mx.b.example | dkim=fail reason=say "no"; (really) header.i=a b@c.example`},
		{"capitals", " MX.b.example; DKIM=Pass Header.D=A.example", "MX.b.example | dkim=pass header.d=A.example"},
		{"empty", "", ""},
		{"only a mark", "=", "="},
	} {
		f := authres.Parse([]byte(c.in))
		assert.Equal(t, c.want, brief(f), c.name)
		assert.Equal(t, c.in, f.Raw, c.name)
		assert.False(t, f.Trusted)
	}
}

func TestJSON(t *testing.T) {
	f := authres.Parse([]byte(" mx.b.example; dkim=pass header.d=a.example header.b=x header.d=c.example"))
	b, err := json.Marshal(f)
	require.NoError(t, err)
	assert.Equal(t, `{"raw":" mx.b.example; dkim=pass header.d=a.example header.b=x header.d=c.example","authserv_id":"mx.b.example","trusted":false,`+
		`"results":[{"method":"dkim","value":"pass","reason":"","properties":{"header.d":"a.example","header.b":"x","header.d#2":"c.example"}}],"notes":[]}`, string(b))
	var back authres.Field
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, f, back)

	b, err = json.Marshal(authres.Parse([]byte("a\xff; dkim=none")))
	require.NoError(t, err)
	assert.Contains(t, string(b), `"raw_base64":"Yf87IGRraW09bm9uZQ=="`)

	b, err = json.Marshal(authres.Parse(nil))
	require.NoError(t, err)
	assert.NotContains(t, string(b), "null")
	assert.Error(t, json.Unmarshal([]byte(`[]`), &authres.Properties{}))
	assert.Error(t, json.Unmarshal([]byte(`{"a":1}`), &authres.Tags{}))
}

func TestProperty(t *testing.T) {
	f := authres.Parse([]byte("mx.b.example; spf=pass smtp.mailfrom=a.example action=none"))
	v, ok := f.Results[0].Property("smtp.mailfrom")
	assert.True(t, ok)
	assert.Equal(t, "a.example", v)
	v, _ = f.Results[0].Property("action")
	assert.Equal(t, "none", v)
	_, ok = f.Results[0].Property("header.d")
	assert.False(t, ok)
}

func TestReceivedSPF(t *testing.T) {
	for _, c := range []struct{ in, value, comment, client, from, notes string }{
		// RFC 7208 §9.1.
		{" pass (mybox.example.org: domain of\n    myname@example.com designates 192.0.2.1 as permitted sender)\n       receiver=mybox.example.org; client-ip=192.0.2.1;\n       envelope-from=\"myname@example.com\"; helo=foo.example.com;",
			"pass", "mybox.example.org: domain of myname@example.com designates 192.0.2.1 as permitted sender", "192.0.2.1", "myname@example.com", ""},
		{" Pass (protection.b.example: domain of a.example designates\r\n 192.0.2.9 as permitted sender) receiver=protection.b.example;\r\n client-ip=192.0.2.9; helo=mail.a.example; pr=C", "pass", "protection.b.example: domain of a.example designates 192.0.2.9 as permitted sender", "192.0.2.9", "", ""},
		{" softfail (x) client-ip=2001:db8::1; envelope-from=<a@a.example>;", "softfail", "x", "2001:db8::1", "<a@a.example>", ""},
		{" none (domain of a.example does not designate permitted sender hosts)\n AzE-", "none", "domain of a.example does not designate permitted sender hosts", "", "", "not a key=value: AzE-"},
		{" client-ip=192.0.2.1", "", "", "192.0.2.1", "", "no result"},
	} {
		s := authres.ParseReceivedSPF([]byte(c.in))
		get := func(name string) string {
			for _, p := range s.Properties {
				if p.Name == name {
					return p.Value
				}
			}
			return ""
		}
		assert.Equal(t, []string{c.value, c.comment, c.client, c.from, c.notes},
			[]string{s.Value, s.Comment, get("client-ip"), get("envelope-from"), strings.Join(s.Notes, " · ")}, c.in)
		assert.Equal(t, c.in, s.Raw)
	}
}
