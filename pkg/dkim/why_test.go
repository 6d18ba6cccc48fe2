package dkim

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// partIn is the story as a multipart of one part.
func partIn(encoding, text string) string {
	head, _, _ := strings.Cut(story, "MIME-Version")
	return head + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x1\r\n\r\n--x1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding +
		"\r\n\r\n" + text + "\r\n--x1\r\nContent-Type: text/plain\r\n\r\nmore\r\n--x1--\r\n"
}

// TestWhy: what lists, mbox files and servers do to signed mail is found out and told; it never becomes a match.
func TestWhy(t *testing.T) {
	multipart := func(inner string) string {
		head, _, _ := strings.Cut(story, "MIME-Version")
		return head + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x1\r\n\r\n--x1\r\nContent-Type: text/plain\r\n\r\n" + inner + "\r\n--x1--\r\n"
	}
	for _, c := range []struct {
		name   string
		raw    string // "": story
		form   string
		change func(raw string) string
		why    string
	}{
		{name: "list footer", change: appended("\r\n_______\r\nsafety mailing list\r\nlist@lists.example\r\n"), why: "the last 3 lines are removed"},
		{name: "one line", change: appended("-- sent through a gateway\r\n"), why: "the last line is removed"},
		{name: "mbox quoting", change: replace("\r\nFrom the start", "\r\n>From the start"), why: `">From " is read as "From "`},
		{name: "mbox quoting and footer", change: func(raw string) string {
			return strings.Replace(raw, "\r\nFrom the start", "\r\n>From the start", 1) + "____\r\nlist\r\n"
		}, why: `the last 2 lines are removed, as if a footer was added after signing; and once ">From " is read`},
		{name: "mbox quoting undone too far", raw: strings.Replace(story, "\r\nFrom the", "\r\n>From the", 1), change: replace("\r\n>From the start", "\r\nFrom the start"),
			why: `"From " is read as ">From "`},
		{name: "one of two lines was quoted", raw: strings.Replace(story, "-- \r\n", ">From him\r\n", 1), change: replace("\r\nFrom the start", "\r\n>From the start"),
			why: `some of the lines with ">From "`},
		{name: "banner", change: replace("Do not remove", "CAUTION: this mail came from outside\r\n\r\nDo not remove"), why: "the first 2 lines are removed"},
		{name: "separator", form: "relaxed/simple", change: replace("\r\n-- \r\n", "\r\n--\r\n"), why: "has its blank again"},
		{name: "blanks at line ends", form: "relaxed/simple", raw: strings.ReplaceAll(strings.Replace(story, "interlock.  ", "interlock.", 1), "-- ", "--"),
			change: replace("so.\r\n", "so. \r\n"), why: "the blanks at line ends are taken away"},
		{name: "doubled dots", change: replace(".Do not", "..Do not"), raw: strings.Replace(story, "Do not", ".Do not", 1), why: "the dot is taken away"},
		{name: "broken lines", change: replace("remove the", "remove!\r\n  the"), why: `broken with "!"`},
		{name: "doubled CR", change: func(raw string) string { return lines(raw, "\r\r\n") }, why: "doubled CRs"},
		{name: "a line ending that lost its LF", change: replace("said so.\r\n", "said so.\r"), why: "a bare CR is read the other way"},
		{name: "a CR within a line", change: replace("remove the", "remove\r the"), why: "bare CRs are taken away"},
		{name: "decoded from quoted-printable", raw: strings.Replace(strings.Replace(story, "MIME-Version", "Content-Transfer-Encoding: quoted-printable\r\nMIME-Version", 1),
			bodyOf(story), "The caf=C3=A9 below is full.\r\n", 1), change: func(raw string) string {
			raw = strings.Replace(raw, "Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: 8bit", 1)
			return strings.Replace(raw, "caf=C3=A9", "caf\u00e9", 1)
		}, why: "put in quoted-printable again"},
		{name: "blank first line lost", raw: strings.Replace(story, "\r\n\r\n", "\r\n\r\n\r\n", 1), change: func(raw string) string {
			return strings.Replace(raw, "\r\n\r\n\r\n", "\r\n\r\n", 1)
		}, why: "a blank line is put back"},
		{name: "encoded", change: func(raw string) string {
			head, body, _ := strings.Cut(raw, "\r\n\r\n")
			return head + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(body)) + "\r\n"
		}, why: "its base64 is decoded"},
		{name: "encoded with a footer", change: func(raw string) string {
			head, body, _ := strings.Cut(raw, "\r\n\r\n")
			return head + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(body+"___\r\nlist\r\n")) + "\r\n"
		}, why: "the last 2 lines are removed, as if a footer was added after signing; and once its base64 is decoded"},
		{name: "quoted-printable", change: func(raw string) string {
			head, body, _ := strings.Cut(raw, "\r\n\r\n")
			return head + "\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n" + strings.ReplaceAll(body, " \r\n", "=20\r\n")
		}, form: "relaxed/simple", why: "its quoted-printable is decoded"},
		{name: "decoded", raw: strings.Replace(strings.Replace(story, "MIME-Version", "Content-Transfer-Encoding: base64\r\nMIME-Version", 1),
			bodyOf(story), base64.StdEncoding.EncodeToString([]byte(bodyOf(story))[:54])+"\r\n", 1), change: func(raw string) string {
			head, _, _ := strings.Cut(raw, "\r\n\r\n")
			return strings.Replace(head, "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: 8bit", 1) + "\r\n\r\n" + bodyOf(story)[:54]
		}, why: "put in base64 again"},
		{name: "footer in the last part", raw: multipart("Do not."), change: replace("Do not.\r\n", "Do not.\r\n____\r\nlist\r\n"), why: "the last 2 lines are removed from the last part"},
		{name: "a part encoded", raw: partIn("8bit", "The caf\u00e9 below is full.\r\nDo not."), change: func(raw string) string {
			raw = strings.Replace(raw, "Content-Transfer-Encoding: 8bit", "Content-Transfer-Encoding: quoted-printable", 1)
			return strings.Replace(raw, "caf\u00e9", "caf=C3=A9", 1)
		}, why: "the quoted-printable of a part is decoded"},
		{name: "a part put in base64", raw: partIn("7bit", "The cafe below is full.\r\nDo not."), change: func(raw string) string {
			raw = strings.Replace(raw, "Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64", 1)
			return strings.Replace(raw, "The cafe below is full.\r\nDo not.", base64.StdEncoding.EncodeToString([]byte("The cafe below is full.\r\nDo not.\r\n")), 1)
		}, why: "the base64 of a part is decoded"},
		{name: "wrapped", change: func(raw string) string {
			head, body, _ := strings.Cut(raw, "\r\n\r\n")
			return head + "\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\n" + body +
				"\r\n--y\r\nContent-Type: text/plain\r\n\r\nlist\r\n--y--\r\n"
		}, why: "the first part alone is taken"},
		{name: "rewritten", change: replace("Do not remove the", "Remove the"), why: "no usual change explains the body hash"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := c.raw
			if raw == "" {
				raw = story
			}
			if c.form == "" {
				c.form = "relaxed/relaxed"
			}
			sealed := signed(t, raw, testEd25519, func(o *SignOptions) { o.Canonicalization = c.form })
			require.True(t, passes(verify(t, sealed, Options{Lookup: known(recordOf(t, testEd25519))})[0]))
			changed := c.change(string(sealed))
			require.NotEqual(t, string(sealed), changed)
			s := verify(t, []byte(changed), Options{})[0]
			assert.Equal(t, Mismatch, s.BodyHash, "a finding is no match")
			assert.Contains(t, s.Why, c.why)
			assert.Contains(t, s.Summary, s.Why)
		})
	}
}

func appended(s string) func(string) string { return func(raw string) string { return raw + s } }

func bodyOf(raw string) string {
	_, body, _ := strings.Cut(raw, "\r\n\r\n")
	return body
}

// lines gives the body other line endings.
func lines(raw, ending string) string {
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	return head + "\r\n\r\n" + strings.ReplaceAll(body, "\r\n", ending)
}

func TestWhyHeader(t *testing.T) {
	for _, c := range []struct {
		name   string
		raw    string // "": story
		form   string
		change func(raw string) string
		why    string
	}{
		{name: "an empty field lost", raw: strings.Replace(story, "MIME-Version", "Reply-To:\r\nMIME-Version", 1), change: replace("\r\nReply-To:\r\n", "\r\n"), why: "an empty Reply-To field is put back"},
		{name: "kept under another name", change: replace("Subject: The  interlock\r\n must stay", "Subject: (external) no\r\nX-Original-Subject: The interlock must stay"), why: "Subject is read as its X-Original field has it"},
		{name: "tag", change: replace("Subject: The", "Subject: [safety] The"), why: "the signature fits once the mark [safety] is taken out of the Subject"},
		{name: "From rewritten", change: func(raw string) string {
			return strings.Replace(strings.Replace(raw, "From: Ada Example <ada@acme.example>", "From: Ada via list <list@lists.example>", 1),
				"MIME-Version", "Reply-To: Ada Example <ada@acme.example>\r\nMIME-Version", 1)
		}, why: "From is read as Reply-To has it"},
		{name: "From rewritten and tag", change: func(raw string) string {
			raw = strings.Replace(raw, "Subject: The", "Subject: [safety] The", 1)
			return strings.Replace(strings.Replace(raw, "From: Ada Example <ada@acme.example>", "From: Ada via list <list@lists.example>", 1),
				"MIME-Version", "X-Original-From: Ada Example <ada@acme.example>\r\nMIME-Version", 1)
		}, why: "From is read as X-Original-From has it: From was rewritten after signing; and once the mark [safety] is taken out"},
		{name: "oversigned field added", change: replace("MIME-Version", "Reply-To: list@lists.example\r\nMIME-Version"), why: "the Reply-To field is taken away"},
		{name: "another lowest", change: replace("MIME-Version", "Subject: other\r\nMIME-Version"), why: "another of its Subject fields"},
		{name: "refolded", form: "simple/simple", change: replace("Subject: The  interlock\r\n must stay", "Subject: The  interlock\r\n\t must stay"),
			why: "over other header fields"},
		{name: "folded", form: "simple/simple", change: replace("From: Ada Example <", "From: Ada Example\r\n <"), why: "From is put on one line"},
		{name: "other key", change: func(raw string) string {
			at := strings.Index(raw, "\tb=") + 10
			return raw[:at] + "AAAA" + raw[at+4:]
		}, why: "not made with the key at hand"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.form == "" {
				c.form = "relaxed/relaxed"
			}
			raw := story
			if c.raw != "" {
				raw = c.raw
			}
			sealed := signed(t, raw, testRSA(), func(o *SignOptions) {
				o.Canonicalization = c.form
				o.Fields = []string{"From", "To", "Subject", "Date", "Reply-To"}
			})
			s := verify(t, []byte(c.change(string(sealed))), Options{Lookup: known(recordOf(t, testRSA()))})[0]
			assert.Equal(t, Match, s.BodyHash)
			assert.Equal(t, Invalid, s.Signature, "a finding makes nothing valid")
			assert.Contains(t, s.Why, c.why)
		})
	}
}

// TestWhyWrapped: a list that puts the message into a part changes body and header at once.
func TestWhyWrapped(t *testing.T) {
	raw := strings.Replace(story, "MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n", 1)
	sealed := string(signed(t, raw, testRSA(), nil))
	changed := strings.Replace(sealed, "Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
		"Content-Type: multipart/mixed; boundary=\"y\"\r\n\r\n--y\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", 1) +
		"\r\n--y\r\nContent-Type: text/plain\r\n\r\nsafety list\r\n--y--\r\n"
	changed = strings.Replace(changed, "Subject: The", "Subject: [safety] The", 1)
	s := verify(t, []byte(changed), Options{Lookup: known(recordOf(t, testRSA()))})[0]
	assert.Equal(t, "the body hash fits once the first part alone is taken: it was wrapped together with others after signing; the signature fits once "+
		"the fields of the first part are put back into the header; and once the mark [safety] is taken out of the Subject: it was put there after signing", s.Why)
}

// TestWhyIsBounded: the search ends soon on mail that is made to be expensive.
func TestWhyIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=from; l=%d; bh=%s; b=AAAA\r\n", 900000+i,
			base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i)}, 32)))
	}
	b.WriteString("From: a@a.example\r\n\r\n" + strings.Repeat(">From x\r\n", 100000))
	start := time.Now()
	sigs := verify(t, []byte(b.String()), Options{})
	assert.Len(t, sigs, 50)
	assert.Less(t, time.Since(start), 20*time.Second)

	// Delimiters without end, and parts that may all be encoded.
	for _, part := range []string{"--x\r\n", "--x\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"} {
		start = time.Now()
		sealed := string(signed(t, story, testEd25519, nil)) + strings.Repeat(part, 900000/len(part))
		assert.Equal(t, Mismatch, verify(t, []byte(sealed), Options{})[0].BodyHash)
		assert.Less(t, time.Since(start), 10*time.Second)
	}

	header, _ := split(signed(t, story, testEd25519, nil))
	large := bytes.Repeat([]byte("0123456789abcde\n"), 1<<17)
	sigs, err := Verify(context.Background(), header, reread(large), nil, Options{})
	require.NoError(t, err)
	assert.Contains(t, sigs[0].Why, "larger than 1048576 bytes")
}
