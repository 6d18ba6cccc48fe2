package verify

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime/quotedprintable"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// plainMail is an invented message of one text part.
const plainMail = `Received: from mx.works.example ([192.0.2.7]) by in.builder.example with ESMTP id 42;
 Tue, 3 Mar 2026 09:15:02 +0100
From: "Mara Lind" <mara@works.example>
To: Jo Brandt <jo@builder.example>, site@builder.example
Cc: Ada Ruiz <ada@builder.example>
Subject: The seal on pump 4 leaks
Date: Tue, 03 Mar 2026 09:14:58 +0100
Message-ID: <seal-on-pump-4.20260303@works.example>
Reply-To: mara@works.example
X-Mailer: Pen 3
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dear Jo,

the seal on pump 4 leaks. I measured it twice on Monday, für alle Fälle, and both times
the pressure fell below 3 bar within one minute. You must not start the pump
before the seal is replaced.

From the start of the week the spare part lies in the store. I will ask Ada to bring it
to the site.

> Can we start on Friday, or is there anything that
> speaks against it?

Mara
`

// richMail is an invented message with HTML and an attachment.
var richMail = `From: Jo Brandt <jo@builder.example>
To: Mara Lind <mara@works.example>
Subject: =?utf-8?q?Pr=C3=BCfbericht_pump_4?=
Date: Wed, 04 Mar 2026 11:02:00 +0100
Message-ID: <report-pump-4.20260304@builder.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer-1"

--outer-1
Content-Type: multipart/alternative; boundary="inner-1"

--inner-1
Content-Type: text/plain; charset=utf-8

The report on the pressure test of pump 4 is attached. The test failed twice.
--inner-1
Content-Type: text/html; charset=utf-8

<html><body><p>The report on the pressure test of <b>pump 4</b> is attached. The test failed twice.</p></body></html>
--inner-1--
--outer-1
Content-Type: application/pdf; name="report.pdf"
Content-Disposition: attachment; filename="report.pdf"
Content-Transfer-Encoding: base64

` + wrapped(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("invented report ", 20))), 76) + `--outer-1--
`

// answerMail cites plainMail and a message that is not there.
const answerMail = `From: Ada Ruiz <ada@builder.example>
To: Mara Lind <mara@works.example>
Subject: Re: The seal on pump 4 leaks
Date: Thu, 05 Mar 2026 08:00:00 +0100
Message-ID: <answer.20260305@builder.example>
In-Reply-To: <lost-question.20260302@works.example>
References: <seal-on-pump-4.20260303@works.example> <lost-question.20260302@works.example>

I bring the spare part tomorrow.
`

const innerMail = `From: Old Hand <old@works.example>
To: mara@works.example
Subject: pump 4, as I told you in January
Date: Mon, 12 Jan 2026 07:00:00 +0100
Message-ID: <january.20260112@works.example>

The seal is of the wrong type.
`

// enclosingMail encloses innerMail.
const enclosingMail = `From: Mara Lind <mara@works.example>
To: jo@builder.example
Subject: Fwd: pump 4
Date: Fri, 06 Mar 2026 10:00:00 +0100
Message-ID: <forward.20260306@works.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="enc"

--enc
Content-Type: text/plain

See below.
--enc
Content-Type: message/rfc822

` + innerMail + `--enc--
`

// bareMail has no Message-ID.
const bareMail = `From: gauge@works.example
To: mara@works.example
Subject: gauge report
Date: Sat, 07 Mar 2026 06:00:00 +0000

pressure 2.1 bar at gate three, temperature nine degrees, valve closed since midnight
`

func wrapped(s string, at int) string {
	var out strings.Builder
	for ; len(s) > at; s = s[at:] {
		out.WriteString(s[:at] + "\n")
	}
	return out.String() + s + "\n"
}

func examiner() *evidence.Examiner {
	return &evidence.Examiner{Limits: message.DefaultLimits(), Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
}

// dossierOf makes a dossier whose exhibits are the mails.
func dossierOf(t testing.TB, mails ...string) (fstest.MapFS, *dossier.Dossier) {
	t.Helper()
	fsys := fstest.MapFS{}
	var records []*evidence.Record
	for i, m := range mails {
		name := fmt.Sprintf("data/messages/%04d.eml", i+1)
		fsys[name] = &fstest.MapFile{Data: []byte(m)}
		ex, err := examiner().Examine(t.Context(), source.Item{Raw: source.Bytes(m)})
		require.NoError(t, err)
		ex.Record.Exhibit, ex.Record.File = i+1, name
		records = append(records, ex.Record)
	}
	return fsys, &dossier.Dossier{Count: len(records), Messages: func(yield func(*evidence.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}}
}

func heldOf(t testing.TB, mails ...string) *Held {
	t.Helper()
	fsys, d := dossierOf(t, mails...)
	h, err := NewHeld(fsys, d)
	require.NoError(t, err)
	return h
}

func ask(t testing.TB, h *Held, mail string) []Finding {
	t.Helper()
	found, err := h.Message(t.Context(), examiner(), source.Item{Origin: source.Origin{Source: "loose.eml", Length: int64(len(mail))}, Raw: source.Bytes(mail)})
	require.NoError(t, err)
	return found
}

// Ways to damage a mail.

type damage func(t *testing.T, mail string) string

// swap replaces old, which must be there.
func swap(pairs ...string) damage {
	return func(t *testing.T, mail string) string {
		for i := 0; i < len(pairs); i += 2 {
			require.Contains(t, mail, pairs[i])
			mail = strings.Replace(mail, pairs[i], pairs[i+1], 1)
		}
		return mail
	}
}

func always(f func(string) string) damage { return func(_ *testing.T, s string) string { return f(s) } }

// body replaces all below the header.
func body(f func(string) string) func(string) string {
	return func(mail string) string {
		header, body, _ := strings.Cut(mail, "\n\n")
		return header + "\n\n" + f(body)
	}
}

func each(all ...damage) damage {
	return func(t *testing.T, mail string) string {
		for _, d := range all {
			mail = d(t, mail)
		}
		return mail
	}
}

// without drops a field of one line.
func without(field string) damage {
	return func(t *testing.T, mail string) string {
		at := strings.Index("\n"+mail, "\n"+field+":")
		require.GreaterOrEqual(t, at, 0)
		end := at + strings.IndexByte(mail[at:], '\n') + 1
		return mail[:at] + mail[end:]
	}
}

func between(t *testing.T, s, from, to string) string {
	i := strings.Index(s, from)
	require.GreaterOrEqual(t, i, 0)
	j := strings.Index(s[i+len(from):], to)
	require.GreaterOrEqual(t, j, 0)
	return s[i : i+len(from)+j]
}

func quotedPrintable(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

func base64Body(s string) string { return wrapped(base64.StdEncoding.EncodeToString([]byte(s)), 76) }

func rewrap(s string) string {
	var out []string
	for para := range strings.SplitSeq(s, "\n\n") {
		mark := ""
		if strings.HasPrefix(para, ">") {
			mark = "> "
			para = strings.ReplaceAll(strings.TrimPrefix(para, "> "), "\n> ", " ")
		}
		line := mark
		var lines []string
		for w := range strings.FieldsSeq(para) {
			if len(line)+len(w) > 40 {
				lines, line = append(lines, strings.TrimRight(line, " ")), mark
			}
			line += w + " "
		}
		out = append(out, strings.Join(append(lines, strings.TrimRight(line, " ")), "\n"))
	}
	return strings.Join(out, "\n\n") + "\n"
}

func TestLooseMail(t *testing.T) {
	const mailingFooter = "\n_______________________________________________\nSite mailing list\nSite@lists.builder.example\nTo unsubscribe visit https://lists.builder.example/listinfo/site\n"
	held := heldOf(t, plainMail, richMail, answerMail, enclosingMail, bareMail)
	for _, c := range []struct {
		name   string
		mail   string
		damage damage
		status Status
		why    string // how Why begins
		says   []string
	}{
		{"untouched", plainMail, always(strings.Clone), Verified, "identical: byte for byte exhibit 1 (data/messages/0001.eml", nil},
		{"untouched with parts", richMail, always(strings.Clone), Verified, "identical: byte for byte exhibit 2 ", nil},

		{"CRLF", plainMail, always(crlf), Verified, "same mail, different bytes: it is exhibit 1", []string{"end in LF, those of the loose mail in CRLF"}},
		{"CRLF with parts", richMail, always(crlf), Verified, "same mail, different bytes: it is exhibit 2", []string{"end in LF, those of the loose mail in CRLF"}},
		{"CR", plainMail, always(func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }), Verified, "same mail, different bytes", []string{"those of the loose mail in CR"}},
		{"CRLF converted twice", plainMail, each(always(crlf), always(func(s string) string {
			header, body, _ := strings.Cut(s, "\r\n\r\n")
			return header + "\r\n\r\n" + strings.ReplaceAll(body, "\r\n", "\r\r\n")
		})), Verified, "same mail, different bytes", nil},
		{"mbox quoting", plainMail, swap("\nFrom the start", "\n>From the start"), Verified, "same mail, different bytes", []string{"1 line of the body that would begin with “From ” stand quoted"}},
		{"no final line ending", plainMail, always(func(s string) string { return strings.TrimSuffix(s, "\n") }), Verified, "same mail, different bytes", []string{"line ending after the last line of the body is missing"}},
		{"empty lines at the end", plainMail, always(func(s string) string { return s + "\n\n" }), Verified, "same mail, different bytes", []string{"2 empty lines more at the end of the body"}},
		{"trailing white space", plainMail, swap("Dear Jo,\n", "Dear Jo, \t\n"), Verified, "same mail, different bytes", []string{"white space at the end of 1 line of the body"}},
		{"byte order mark", plainMail, always(func(s string) string { return "\ufeff" + s }), Verified, "same mail, different bytes", []string{"a byte order mark stands in front of the loose mail"}},
		{"From_ line", plainMail, always(func(s string) string { return "From mara@works.example Tue Mar  3 09:15:02 2026\n" + s }), Verified, "same mail, different bytes",
			[]string{"an mbox From_ line stands in front of the header of the loose mail"}},
		{"fields of the storing program", plainMail, always(func(s string) string { return "X-Gmail-Labels: Inbox\nX-Mozilla-Status: 0001\n" + s }), Verified, "same mail, different bytes",
			[]string{"mail programs write where they store a message were added: X-Gmail-Labels, X-Mozilla-Status"}},
		{"delivered elsewhere", plainMail, swap("id 42", "id 43", "Received: from", "Delivered-To: ada@builder.example\nReceived: from"), Verified, "same mail, different bytes",
			[]string{"servers write on the way were added: Delivered-To", "servers write on the way have another value: Received"}},
		{"fields dropped", plainMail, each(without("X-Mailer"), swap("Received: from mx.works.example ([192.0.2.7]) by in.builder.example with ESMTP id 42;\n Tue, 3 Mar 2026 09:15:02 +0100\n", "")), Verified,
			"same mail, different bytes", []string{"servers write on the way are missing: Received", "are missing: X-Mailer"}},
		{"fields in another order", plainMail, swap("X-Mailer: Pen 3\nMIME-Version: 1.0\n", "MIME-Version: 1.0\nX-Mailer: Pen 3\n"), Verified, "same mail, different bytes", []string{"header fields stand in another order: X-Mailer"}},
		{"folded", plainMail, swap("jo@builder.example>, site", "jo@builder.example>,\n site"), Verified, "same mail, different bytes", []string{"folded at other places: To"}},
		{"names of fields", plainMail, swap("Message-ID:", "Message-Id:", "MIME-Version:", "Mime-Version:"), Verified, "same mail, different bytes", []string{"(upper and lower case): Message-Id, Mime-Version"}},
		{"encoded subject", plainMail, swap("Subject: The seal", "Subject: =?utf-8?q?The?= seal"), Verified, "same mail, different bytes", []string{"say the same in another encoding: Subject"}},
		{"Date in another zone", plainMail, swap("03 Mar 2026 09:14:58 +0100", "03 Mar 2026 08:14:58 +0000"), Verified, "same mail, different bytes", []string{"the same moment in another form"}},
		{"order of addresses", plainMail, swap("Jo Brandt <jo@builder.example>, site@builder.example", "site@builder.example, Jo Brandt <jo@builder.example>"), Verified, "same mail, different bytes",
			[]string{"the addresses in To are equal, but in another order"}},
		{"wrapped again", plainMail, always(body(rewrap)), Verified, "same mail, different bytes", []string{"wrapped at another length"}},
		{"base64", plainMail, each(swap("Encoding: 8bit", "Encoding: base64"), always(body(base64Body))), Verified, "same mail, different bytes",
			[]string{"the body is encoded for transfer in another way: 8bit in the exhibit, base64 in the loose mail"}},
		{"quoted-printable", plainMail, each(swap("Encoding: 8bit", "Encoding: quoted-printable"), always(body(quotedPrintable))), Verified, "same mail, different bytes", []string{"quoted-printable in the loose mail"}},
		{"another charset", plainMail, each(swap("utf-8", "iso-8859-1"), always(latin1)), Verified, "same mail, different bytes", []string{"another charset: utf-8 in the exhibit, iso-8859-1 in the loose mail"}},
		{"all at once", plainMail, each(without("X-Mailer"), swap("Encoding: 8bit", "Encoding: base64"), always(body(func(s string) string {
			return base64Body(strings.Replace(rewrap(s), "\nFrom the start", "\n>From the start", 1))
		})), always(crlf)), Verified,
			"same mail, different bytes", []string{"CRLF", "X-Mailer", "base64", "wrapped at another length", "“From ”"}},
		{"another boundary", richMail, always(func(s string) string { return strings.ReplaceAll(s, "outer-1", "=_new") }), Verified, "same mail, different bytes", []string{"boundary string between the parts is another"}},
		{"base64 in shorter lines", richMail, func(t *testing.T, s string) string {
			old := between(t, s, "base64\n\n", "--outer")[len("base64\n\n"):]
			return strings.Replace(s, old, wrapped(strings.ReplaceAll(old, "\n", ""), 60), 1)
		}, Verified, "same mail, different bytes", []string{"the attachment “report.pdf” is encoded for transfer (base64) in lines of another length"}},
		{"field in the enclosed message", enclosingMail, swap("From: Old Hand", "Status: RO\nFrom: Old Hand"), Verified, "same mail, different bytes: it is exhibit 4", []string{"an enclosed message of the same content", "were added: Status"}},
		{"HTML missing", richMail, func(t *testing.T, s string) string {
			return strings.Replace(s, between(t, s, "--inner-1\nContent-Type: text/html", "--inner-1--"), "", 1)
		}, Verified, "same mail, different bytes", []string{"the HTML part is missing; its words are those of the plain text", "built in another way (MIME)"}},
		{"plain text missing", richMail, func(t *testing.T, s string) string {
			return strings.Replace(s, between(t, s, "--inner-1\nContent-Type: text/plain", "--inner-1\nContent-Type: text/html"), "", 1)
		}, Verified, "same mail, different bytes", []string{"the plain text that stood beside the HTML is missing; its words were those of the HTML"}},

		{"footer of a list", plainMail, always(func(s string) string { return s + mailingFooter }), Mismatch, "same mail, different bytes: it is exhibit 1", []string{"the footer of a mailing list stands below the text"}},
		{"disclaimer", plainMail, always(func(s string) string {
			return s + "\nThis message is confidential and for the intended recipient only.\n"
		}), Mismatch, "same mail, different bytes", []string{"a disclaimer stands below the text"}},
		{"banner", plainMail, swap("\n\nDear Jo", "\n\nCAUTION: this message came from outside.\n\nDear Jo"), Mismatch, "same mail, different bytes", []string{"a gateway's banner stands above the text"}},
		{"tag in the subject", plainMail, swap("Subject: ", "Subject: [site] "), Mismatch, "same mail, different bytes", []string{"the Subject differs by a tag in brackets"}},
		{"attachment missing", richMail, func(t *testing.T, s string) string {
			return strings.Replace(s, between(t, s, "--outer-1\nContent-Type: application/pdf", "--outer-1--"), "", 1)
		}, Mismatch, "same mail, different bytes: it is exhibit 2", []string{"the attachment “report.pdf” is missing"}},
		{"attachment added", richMail, swap("--outer-1--", "--outer-1\nContent-Type: image/png; name=plan.png\n\nno picture\n--outer-1--"), Mismatch, "same mail, different bytes", []string{"an attachment “plan.png” was added"}},
		{"attachment changed", richMail, swap("base64\n\n", "base64\n\nAAAA"), Mismatch, "same mail, different bytes", []string{"the attachment “report.pdf” is another file"}},
		{"attachment renamed", richMail, swap(`filename="report.pdf"`, `filename="draft.pdf"`), Mismatch, "same mail, different bytes", []string{"has the name “draft.pdf” in the loose mail"}},
		{"tags of the HTML", richMail, swap("<b>pump 4</b>", "<i>pump 4</i>"), Mismatch, "same mail, different bytes", []string{"the HTML is written with other tags"}},
		{"hidden text between parts", richMail, swap("\n\n--outer-1\n", "\n\nnobody sees this\n--outer-1\n"), Mismatch, "same mail, different bytes", []string{"text stands outside of the parts"}},
		{"wrong charset", plainMail, swap("für alle Fälle", "fÃ¼r alle FÃ¤lle"), Mismatch, "same mail, different bytes", []string{"read in a wrong charset (2 words)"}},
		{"lost characters", plainMail, swap("für alle Fälle", "f?r alle F?lle"), Mismatch, "same mail, different bytes", []string{"lost or replaced (2 words)"}},
		{"quotation marks dropped", plainMail, swap("> Can", "Can", "> speaks", "speaks"), Mismatch, "same mail, different bytes", []string{"marked as quoted"}},
		{"words run together", plainMail, swap("must not start", "must notstart"), Mismatch, "same mail, different bytes", []string{"the white space between the words"}},
		{"names beside addresses", plainMail, swap("Ada Ruiz", "Ada R."), Mismatch, "same mail, different bytes", []string{"the names beside the addresses in Cc differ"}},
		{"Reply-To added", plainMail, swap("Reply-To: mara@works.example", "Reply-To: list@lists.example"), Mismatch, "same mail, different bytes", []string{"the header field Reply-To has another value"}},
		{"second Subject below", plainMail, swap("X-Mailer", "Subject: something else\nX-Mailer"), Mismatch, "same mail, different bytes", []string{"the header field Subject was added"}},
		{"Bcc added", plainMail, swap("Cc: ", "Bcc: boss@builder.example\nCc: "), Mismatch, "same mail, different bytes", []string{"the header field Bcc was added"}},
		{"time of a hop", plainMail, swap("3 Mar 2026 09:15:02", "3 Mar 2026 08:15:02"), Mismatch, "same mail, different bytes", []string{"a Received field names the same hop with another time"}},
		{"day of the week", plainMail, swap("Date: Tue,", "Date: Mon,"), Mismatch, "same mail, different bytes", []string{"contradicts itself in one of the two"}},
		{"enclosed message changed", enclosingMail, swap("wrong type", "right type"), Mismatch, "same mail, different bytes: it is exhibit 4", []string{"an enclosed message with another content: 1 passage"}},
		{"name in the enclosed message", enclosingMail, swap("Old Hand", "Other Hand"), Mismatch, "same mail, different bytes: it is exhibit 4", []string{"an enclosed message that differs: the names beside"}},
		{"Message-ID lost", plainMail, without("Message-ID"), Mismatch, "same mail, different bytes: it is exhibit 1", []string{"the Message-ID is missing in one of the two"}},

		{"word changed", plainMail, swap("must not start", "may start"), Mismatch, "same Message-ID, different content: it bears the Message-ID of exhibit 1", []string{"1 passage of the text differs (2 of the exhibit's"}},
		{"sentence dropped", plainMail, swap("You must not start the pump\nbefore the seal is replaced.\n", ""), Mismatch, "same Message-ID, different content", []string{"1 passage"}},
		{"sentence added below", plainMail, always(func(s string) string { return s + "\nI was wrong on all of this.\n" }), Mismatch, "same Message-ID, different content", []string{"the text of the exhibit goes on in the loose mail"}},
		{"cut off", plainMail, always(func(s string) string { return s[:strings.Index(s, "From the start")] }), Mismatch, "same Message-ID, different content", []string{"ends early"}},
		{"another Subject", plainMail, swap("pump 4 leaks\nDate", "pump 4 holds\nDate"), Mismatch, "same Message-ID, different content", []string{"another Subject"}},
		{"second Subject above", plainMail, swap("Subject:", "Subject: something else\nSubject:"), Mismatch, "same Message-ID, different content", []string{"another Subject"}},
		{"another From", plainMail, swap("<mara@works", "<mira@works"), Mismatch, "same Message-ID, different content", []string{"another From"}},
		{"recipient added", plainMail, swap("Cc: Ada", "Cc: boss@builder.example, Ada"), Mismatch, "same Message-ID, different content", []string{"another Cc"}},
		{"another Date", plainMail, swap("03 Mar 2026 09:14:58", "02 Mar 2026 09:14:58"), Mismatch, "same Message-ID, different content", []string{"another Date"}},
		{"only the HTML changed", richMail, swap("The test failed twice.</p>", "The test was passed.</p>"), Mismatch, "same Message-ID, different content", []string{"1 passage"}},

		{"another Message-ID", plainMail, swap("seal-on-pump-4.20260303", "quite.another"), Missing, "not in this dossier; nearest is exhibit 1 ", []string{"another Message-ID"}},
		{"rewritten", plainMail, swap("seal-on-pump-4.20260303", "quite.another", "leaks\n", "holds\n", "the seal on pump 4 leaks", "all is well with pump 4"), Missing, "not in this dossier; nearest is exhibit 1 ", []string{"another Subject, Message-ID"}},
		{"answered but not held", "From: a@else.example\nMessage-ID: <lost-question.20260302@works.example>\nDate: Sun, 1 Feb 2026 10:00:00 +0000\n\nWhat now?\n", always(strings.Clone), Missing,
			"not in this dossier; its Message-ID is named in exhibit 3", nil},
		{"enclosed", innerMail, always(strings.Clone), Missing, "not in this dossier as a message of its own, but exhibit 4 encloses", nil},
		{"unrelated", "From: x@else.example\nSubject: lunch\nDate: Mon, 1 Jun 2020 12:00:00 +0000\nMessage-ID: <lunch@else.example>\n\nSoup today.\n", always(strings.Clone), Missing,
			"not in this dossier; and no exhibit is near", nil},
		{"no byte", "", always(strings.Clone), Missing, "not in this dossier: it holds no byte", nil},

		{"without a Message-ID, wrapped", bareMail, always(body(rewrap)), Verified, "same mail, different bytes: it is exhibit 5", []string{"wrapped at another length"}},
		{"without a Message-ID, changed", bareMail, swap("2.1 bar", "4.1 bar"), Missing, "not in this dossier; nearest is exhibit 5 ", []string{"1 passage"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			loose := c.damage(t, c.mail)
			if !strings.HasPrefix(c.why, "identical") && c.status != Missing {
				require.NotEqual(t, c.mail, loose)
			}
			found := ask(t, held, loose)
			require.Len(t, found, 1)
			f := found[0]
			assert.Equal(t, c.status, f.Status, f.Why)
			assert.True(t, strings.HasPrefix(f.Why, c.why), f.Why)
			for _, s := range c.says {
				assert.Contains(t, f.Why, s)
			}
			assert.Equal(t, "loose.eml", f.Subject)
			assert.Equal(t, c.status == Verified, LooseReport(found).OK)
			assert.Equal(t, found, ask(t, held, loose), "the same answer twice")
		})
	}
}

// TestLooseEachLetter changes each letter and digit of what somebody wrote: none of these mails is verified.
func TestLooseEachLetter(t *testing.T) {
	for _, mail := range []string{plainMail, richMail, enclosingMail} {
		held := heldOf(t, mail)
		bodyAt := strings.Index(mail, "\n\n")
		tried := 0
		for i := range len(mail) {
			start := strings.LastIndexByte(mail[:i], '\n') + 1
			name, _, field := strings.Cut(mail[start:i], ":")
			switch {
			case !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", rune(mail[i])):
				continue
			case i < bodyAt && !(field && isWritten(strings.ToLower(name))):
				continue
			case strings.HasPrefix(mail[start:], "--"), strings.HasPrefix(mail[start:], "Content-"), strings.HasPrefix(mail[start:], "Subject: =?") && i < start+20:
				continue // form, not words
			}
			tried++
			other := byte('j')
			if mail[i]|0x20 == 'j' {
				other = 'q'
			}
			found := ask(t, held, mail[:i]+string(other)+mail[i+1:])
			assert.False(t, LooseReport(found).OK, "%q: %s", mail[start:i+1], found[0].Why)
		}
		assert.Greater(t, tried, 150)
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func latin1(s string) string {
	out, err := charmap.ISO8859_1.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestLooseSideBySide(t *testing.T) {
	held := heldOf(t, plainMail)
	f := ask(t, held, strings.NewReplacer("must not start", "may start", "<mara@works", "<mira@works").Replace(plainMail))[0]
	assert.Contains(t, f.Expected, "exhibit 1: From: “Mara Lind <mara@works.example>”")
	assert.Contains(t, f.Expected, "You «must not» start the pump")
	assert.Contains(t, f.Found, "From: “Mara Lind <mira@works.example>”")
	assert.Contains(t, f.Found, "You «may» start the pump")
}

func TestLooseMismatchShowsBothSides(t *testing.T) {
	f := ask(t, heldOf(t, plainMail), plainMail+"\n-- \nThis text is confidential. I deny everything.\n")[0]
	assert.Equal(t, Mismatch, f.Status)
	assert.Contains(t, f.Found, "I deny everything.", "what was added below is shown, whatever it looks like")
}

func TestLooseBestOfCopies(t *testing.T) {
	forged := strings.Replace(plainMail, "must not start", "may start", 1)
	delivered := strings.Replace(plainMail, "id 42", "id 99", 1)
	held := heldOf(t, forged, delivered, plainMail)
	assert.Contains(t, ask(t, held, plainMail)[0].Why, "byte for byte exhibit 3")
	assert.Contains(t, ask(t, held, crlf(forged))[0].Why, "same mail, different bytes: it is exhibit 1")
	assert.Contains(t, ask(t, held, crlf(plainMail))[0].Why, "same mail, different bytes: it is exhibit 3")
}

func TestLooseExhibitNoLongerAsRecorded(t *testing.T) {
	fsys, d := dossierOf(t, plainMail, richMail, answerMail)
	h, err := NewHeld(fsys, d)
	require.NoError(t, err)
	forged := strings.Replace(plainMail, "must not start", "may start", 1)
	fsys["data/messages/0001.eml"] = &fstest.MapFile{Data: []byte(forged)}
	delete(fsys, "data/messages/0002.eml")

	f := ask(t, h, plainMail)
	require.Len(t, f, 1)
	assert.Equal(t, Mismatch, f[0].Status)
	assert.Contains(t, f[0].Why, "was changed since")
	assert.Equal(t, digest.Of([]byte(forged)).String(), f[0].Found)

	f = ask(t, h, richMail)
	require.Len(t, f, 1)
	assert.Equal(t, Missing, f[0].Status)
	assert.Contains(t, f[0].Why, "is not there")

	// The forged mail is the exhibit's file now, and is not believed for that.
	f = ask(t, h, forged)
	require.NotEmpty(t, f)
	assert.False(t, LooseReport(f).OK)
	assert.Contains(t, f[0].Why, "was changed: it is not what was recorded")

	assert.False(t, LooseReport(ask(t, h, crlf(richMail))).OK)
}

func TestLooseHostileDossier(t *testing.T) {
	for _, name := range []string{"../../secret", "/secret", "", "secret", "data/../secret", "data/messages"} {
		fsys, d := dossierOf(t, plainMail)
		fsys["secret"] = &fstest.MapFile{Data: []byte(plainMail)}
		for r := range d.Messages {
			r.File = name
		}
		h, err := NewHeld(fsys, d)
		require.NoError(t, err)
		for _, mail := range []string{plainMail, crlf(plainMail)} {
			f, err := h.Message(t.Context(), examiner(), source.Item{Raw: source.Bytes(mail)})
			if err != nil {
				continue // a directory cannot be read as a file
			}
			assert.False(t, LooseReport(f).OK, name)
		}
	}
	broken := &dossier.Dossier{Messages: func(yield func(*evidence.Record, error) bool) { yield(nil, fs.ErrInvalid) }}
	_, err := NewHeld(fstest.MapFS{}, broken)
	require.ErrorIs(t, err, fs.ErrInvalid)
}

func TestLooseFromMbox(t *testing.T) {
	held := heldOf(t, plainMail, answerMail)
	box := "From mara@works.example Tue Mar  3 09:15:02 2026\n" + strings.Replace(plainMail, "\nFrom the start", "\n>From the start", 1) +
		"\nFrom ada@builder.example Thu Mar  5 08:00:00 2026\n" + strings.Replace(answerMail, "tomorrow", "never", 1) + "\n"
	_, items, err := source.Items("their.mbox", source.Bytes(box), source.Recognise("their.mbox", []byte(box), int64(len(box)), true), source.Options{})
	require.NoError(t, err)
	var all []Finding
	for item, err := range items {
		require.NoError(t, err)
		f, err := held.Message(t.Context(), examiner(), item)
		require.NoError(t, err)
		all = append(all, f...)
	}
	require.Len(t, all, 2)
	assert.Equal(t, Verified, all[0].Status, all[0].Why)
	assert.Equal(t, Mismatch, all[1].Status)
	assert.Regexp(t, `^their\.mbox at byte \d+$`, all[1].Subject)
	assert.Contains(t, all[1].Found, "«never.»")
	assert.Equal(t, "Not all of the loose mail is in this dossier as it was shown: "+looseCount(all)+".", LooseReport(all).LooseConclusion())
}

func looseCount(all []Finding) string {
	first, _, _ := strings.Cut(all[0].Why, ":")
	second, _, _ := strings.Cut(all[1].Why, ":")
	return "1 " + first + "; 1 " + second
}

func TestLooseSelectionIsSaid(t *testing.T) {
	fsys, d := dossierOf(t, answerMail)
	d.Options.Since, d.Ledger.Failed = "2026-03-05", 2
	h, err := NewHeld(fsys, d)
	require.NoError(t, err)
	f := ask(t, h, plainMail)[0]
	assert.Equal(t, Missing, f.Status)
	assert.Contains(t, f.Why, "built from a selection of its sources (since “2026-03-05”)")
	assert.Contains(t, f.Why, "2 messages or files of its sources could not be read")
}
