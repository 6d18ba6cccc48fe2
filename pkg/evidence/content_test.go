package evidence

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/digest"
	"onrecord/pkg/mbox"
)

// canonicalForm is the canonical digest's text, in the plainest way.
func canonicalForm(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

// FuzzCanonical: in whatever pieces a message is written, its canonical digest is that of the plain replacement.
func FuzzCanonical(f *testing.F) {
	f.Add([]byte("a\r\nb\nc\rd\r\r\n\n\re"), uint8(3))
	f.Add([]byte("\r\n"), uint8(1))
	f.Add([]byte("\r\r\r\n\n\n\r"), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		c := newCanonical()
		for rest := b; len(rest) > 0; {
			n := min(len(rest), int(piece)%7+1)
			if w, err := c.Write(rest[:n]); w != n || err != nil {
				t.Fatal(w, err)
			}
			rest = rest[n:]
		}
		want := digest.Of(canonicalForm(b))
		if got := c.sum(); got != want {
			t.Fatalf("%q in pieces of %d", b, int(piece)%7+1)
		}
		c.Write(b) // sum began anew
		if c.sum() != want {
			t.Fatalf("%q as a whole", b)
		}
	})
}

const contentHeader = `Date: Mon, 2 Mar 2026 08:15:00 +0100
From: Ida Moor <ida@mill.example>
To: Tom Burr <tom.burr@mill.example>, kay@insurer.example
Cc: Site <site@mill.example>
Subject: Boiler valve: stürmisch
Message-ID: <w1@mill.example>
MIME-Version: 1.0
`

const contentText = "Tom,\n\nthe relief valve sticks – höchste Zeit.\nFrom now on it is your turn.\n\nIda\n"

const contentPlain = contentHeader + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + contentText

func withPart(part string) string {
	return contentHeader + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n" + contentText + "\n--b\n" + part + "\n--b--\n"
}

const binary = "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=plan.bin\nContent-Transfer-Encoding: base64\n\nAAECAwQFBgc="

func crlfForm(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func encoded(s string) string {
	var b strings.Builder
	for s = base64.StdEncoding.EncodeToString([]byte(s)); len(s) > 40; s = s[40:] {
		b.WriteString(s[:40] + "\n")
	}
	return b.String() + s + "\n"
}

// What exporting changes leaves the key as it is.
func TestContentKeySame(t *testing.T) {
	key := record(t, contentPlain).Digests.Content
	replace := func(old, new string) string {
		if !strings.Contains(contentPlain, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.Replace(contentPlain, old, new, 1)
	}
	for name, mail := range map[string]string{
		"CRLF":                     crlfForm(contentPlain),
		"transport header on top":  "Return-Path: <ida@mill.example>\nDelivered-To: tom.burr@mill.example\nReceived: by mx.mill.example; Mon, 2 Mar 2026 08:15:09 +0100\nX-Spam-Level: *\n" + contentPlain,
		"fields at the end":        replace("MIME-Version", "X-Gmail-Labels: Inbox\nStatus: RO\nContent-Length: 123\nMIME-Version"),
		"signed":                   sign(t, contentPlain),
		"base64":                   contentHeader + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + encoded(contentText),
		"base64, its lines CRLF":   contentHeader + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + encoded(crlfForm(contentText)),
		"quoted-printable":         contentHeader + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nTom,\n\nthe relief valve st=\nicks =E2=80=93 h=C3=B6chste Zeit.\n=46rom now on it is your turn.\n\nIda\n",
		"another charset":          contentHeader + "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable\n\nTom,\n\nthe relief valve sticks =96 h=F6chste Zeit.\nFrom now on it is your turn.\n\nIda\n",
		"white space at line ends": replace("Tom,\n", "Tom,  \t\n"),
		"blank lines at the end":   contentPlain + "\n\n \n",
		"mbox quoting left in":     replace("\nFrom now", "\n>From now"),
		"recipients in other order": replace("Tom Burr <tom.burr@mill.example>, kay@insurer.example",
			"kay@insurer.example, tom.burr@mill.example"),
		"case of an address":    replace("<ida@mill.example>", "<Ida@Mill.Example>"),
		"display names changed": replace("Site <site", "\"The whole site\" <site"),
		"folded":                replace("Tom Burr <tom.burr@mill.example>, kay", "Tom Burr <tom.burr@mill.example>,\n\tkay"),
		"subject encoded":       replace("Boiler valve: stürmisch", "=?utf-8?Q?Boiler_valve:_st=C3=BCrmisch?="),
		"subject with spaces":   replace("Boiler valve: ", "Boiler   valve:\n "),
		"date in another zone":  replace("08:15:00 +0100", "07:15:00 +0000 (GMT)"),
		"date without weekday":  replace("Mon, 2 Mar 2026", "2 Mar 2026"),
	} {
		assert.Equal(t, key, record(t, mail).Digests.Content, name)
	}
	// In an mbox, whatever its quoting.
	for _, v := range []mbox.Variant{mbox.MboxO, mbox.MboxRD} {
		r, _ := examine(t, quote(contentPlain, v), v)
		assert.Equal(t, key, r.Digests.Content, v.String())
	}
}

// Another mail has another key.
func TestContentKeyDiffers(t *testing.T) {
	seen := map[digest.Digest]string{}
	for name, mail := range map[string]string{
		"as it was":         contentPlain,
		"a word":            strings.Replace(contentPlain, "sticks", "stuck", 1),
		"a blank line":      strings.Replace(contentPlain, "turn.\n\n", "turn.\n", 1),
		"indented":          strings.Replace(contentPlain, "\nIda", "\n  Ida", 1),
		"subject":           strings.Replace(contentPlain, "Boiler", "Broiler", 1),
		"case of subject":   strings.Replace(contentPlain, "Boiler", "boiler", 1),
		"a second":          strings.Replace(contentPlain, "08:15:00", "08:15:01", 1),
		"unreadable date":   strings.Replace(contentPlain, "Mon, 2 Mar 2026 08:15:00 +0100", "yesterday", 1),
		"no date":           strings.Replace(contentPlain, "Date: ", "X-Date: ", 1),
		"author":            strings.Replace(contentPlain, "ida@", "eva@", 1),
		"recipient more":    strings.Replace(contentPlain, "Cc: ", "Cc: b@mill.example, ", 1),
		"recipient less":    strings.Replace(contentPlain, ", kay@insurer.example", "", 1),
		"Cc for To":         strings.Replace(strings.Replace(contentPlain, ", kay@insurer.example", "", 1), "Cc: ", "Cc: kay@insurer.example, ", 1),
		"Message-ID":        strings.Replace(contentPlain, "w1@", "w2@", 1),
		"no Message-ID":     strings.Replace(contentPlain, "Message-ID", "X-ID", 1),
		"attachment":        withPart(binary),
		"other attachment":  withPart(strings.Replace(binary, "AAEC", "AAED", 1)),
		"a text attachment": withPart("Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\nContent-Transfer-Encoding: base64\n\nYSxiCg=="),
	} {
		key := record(t, mail).Digests.Content
		assert.Empty(t, seen[key], "%s has the key of another", name)
		seen[key] = name
	}
}

// Attachments are compared by what they decode to.
func TestContentKeyOfAttachments(t *testing.T) {
	key := record(t, withPart(binary)).Digests.Content
	for name, mail := range map[string]string{
		"CRLF":       crlfForm(withPart(binary)),
		"re-wrapped": withPart(strings.Replace(binary, "AAECAwQF", "AAEC\nAwQF", 1)),
		"renamed":    withPart(strings.Replace(binary, "plan.bin", "plan(1).bin", 1)),
		"boundary":   strings.NewReplacer("boundary=b", "boundary=c", "--b", "--c").Replace(withPart(binary)),
		"other type": withPart(strings.Replace(binary, "octet-stream", "pdf", 1)),
		"an order":   withPart(strings.Replace(binary, "Content-Disposition: attachment; filename=plan.bin\n", "", 1)),
	} {
		assert.Equal(t, key, record(t, mail).Digests.Content, name)
	}
}

// LF and CRLF exports of one mail, where a part that is not base64 has lines.
func TestContentKeyOfPartsWithLines(t *testing.T) {
	for name, part := range map[string]string{
		"OpenPGP signature": "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n",
		"forwarded message": "Content-Type: message/rfc822\n\nSubject: in\n\ntext\n",
		"text attachment":   "Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\na,b\nc,d\n",
		"quoted-printable":  "Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\nContent-Transfer-Encoding: quoted-printable\n\na,b\nc=3Dd\n",
	} {
		assert.Equal(t, record(t, withPart(part)).Digests.Content, record(t, crlfForm(withPart(part))).Digests.Content, name)
	}
}

func TestLooseText(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"\n\n":                  "",
		"a":                     "a\n",
		"a \n\n\nb\n\n":         "a\n\n\nb\n",
		"\na":                   "\na\n",
		">From a\n>>From b\n":   "From a\nFrom b\n",
		">From\n> From a\n>x\n": ">From\n> From a\n>x\n",
		"a\u00a0\r\n":           "a\n",
		" a":                    " a\n",
	} {
		assert.Equal(t, "x"+want, string(appendLooseText([]byte("x"), in)), "%q", in)
	}
}
