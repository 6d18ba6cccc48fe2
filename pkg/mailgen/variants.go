package mailgen

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
)

// variant is one authored case of odd, broken or hostile mail: a line of testdata/variants/INDEX.md and a file.
type variant struct {
	name, what, expected string
	data                 []byte
}

// Variants makes the files of testdata/variants, INDEX.md among them. story must hold the folder keys of testdata/story.
func Variants(story fs.FS) ([]File, error) {
	signed, err := signedVariants(&composer{story})
	if err != nil {
		return nil, err
	}
	groups := []struct {
		title    string
		variants []variant
	}{
		{"Bytes", byteVariants()},
		{"Header fields", headerVariants()},
		{"MIME", mimeVariants()},
		{"Text", textVariants()},
		{"Copies and threads", threadVariants()},
		{"Times and authentication", traceVariants()},
		{"Signatures (keys: ../story/dkim-keys.zone)", signed},
		{"Mailboxes", mailboxVariants()},
	}
	var index strings.Builder
	index.WriteString("# Odd, broken and hostile mail\n\nAll authored. Written by `go test ./pkg/mailgen -update` from `pkg/mailgen`; edit there. " +
		"In every case the message is kept, its bytes and offsets are exact, and nothing of it acts on a terminal or in a browser; what else is expected stands in the third column.\n")
	var out []File
	for _, g := range groups {
		fmt.Fprintf(&index, "\n## %s\n\n| file | what it is | expected |\n|--|--|--|\n", g.title)
		for _, v := range g.variants {
			fmt.Fprintf(&index, "| `%s` | %s | %s |\n", v.name, v.what, v.expected)
			out = append(out, File{v.name, v.data})
		}
	}
	return append(out, File{"INDEX.md", []byte(index.String())}), nil
}

const plant = "plant.example" // where the variants play: a small heating plant

// head is an ordinary header; more fields go below it.
func head(id, subject string, more ...string) string {
	h := "Return-Path: <ada@" + plant + ">\n" +
		"Received: from out." + plant + " (out." + plant + " [192.0.2.60])\n\tby mx.client.example (Postfix) with ESMTPS id 4Xa" + id + "\n\tfor <ben@client.example>; Tue, 3 Mar 2026 09:15:04 +0100\n" +
		"From: Ada Lind <ada@" + plant + ">\nTo: Ben Rohr <ben@client.example>\nSubject: " + subject + "\n" +
		"Date: Tue, 3 Mar 2026 09:15:00 +0100\nMessage-ID: <" + id + "@" + plant + ">\n"
	for _, field := range more {
		h += field + "\n"
	}
	return h
}

const valve = "Please leave the safety valve in. Without it the boiler has no limit, and the cellar below is a nursery.\n"

func letter(id, subject string, more ...string) string {
	return head(id, subject, more...) + "\n" + valve
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func byteVariants() []variant {
	plain := letter("bytes", "The safety valve")
	body := strings.Index(plain, "\n\n") + 1
	return []variant{
		{"lf.eml", "ordinary, LF", "the measure for the next ones", []byte(plain)},
		{"crlf.eml", "the same with CRLF", "same `canonical` digest as lf.eml, other `raw`", []byte(crlf(plain))},
		{"bare-cr.eml", "the same with bare CR, as an old Macintosh wrote it", "all fields read", []byte(strings.ReplaceAll(plain, "\n", "\r"))},
		{"mixed-endings.eml", "CRLF in the header, LF and CR in the body", "all fields read, a note on the mixture", []byte(crlf(plain[:body]) + "\n" + strings.ReplaceAll(valve, ". ", ".\r") + "\r\nend\n")},
		{"no-final-newline.eml", "the last line has no ending", "body complete", []byte(strings.TrimSuffix(plain, "\n"))},
		{"bom.eml", "a UTF-8 byte order mark before the first field", "first field read, defect", []byte("\ufeff" + plain)},
		{"from-line.eml", "an mbox From_ line before the header", "From_ line is the envelope, header read", []byte("From ada@" + plant + " Tue Mar  3 08:15:04 2026\n" + plain)},
		{"nul.eml", "NUL bytes in a field and in the body", "kept, defect", []byte(head("nul", "The \x00 valve") + "\nPlease \x00leave it in.\n")},
		{"empty.eml", "an empty file", "one message without anything, or failed in the ledger; never dropped", nil},
		{"no-header.eml", "begins with an empty line", "a message without fields", []byte("\n" + valve)},
		{"no-body.eml", "ends after the last field, without an empty line", "no body, no error", []byte(head("nobody", "The safety valve"))},
		{"header-cut-off.eml", "ends within a field", "the piece is kept as a field", []byte(head("cut", "The safety valve") + "X-Note: this line has no e")},
		{"only-white-space.eml", "blanks and empty lines only", "kept", []byte(" \n\t\n\n  \n")},
	}
}

func headerVariants() []variant {
	long := strings.Repeat("valve", 2000)
	return []variant{
		{"no-colon.eml", "a line without a colon within the header", "fields after it are read, defect", []byte(head("nocolon", "The safety valve", "this line is no field", "X-After: read me") + "\n" + valve)},
		{"quoted-from-in-header.eml", "a `>From ` line on top of the header, as a re-exported mbox has it", "fields read, defect", []byte(">From ada@" + plant + " Tue Mar  3 08:15:04 2026\n" + letter("gtfrom", "The safety valve"))},
		{"eight-bit-header.eml", "ISO 8859-1 bytes in From and Subject", "shown as ü and é, raw bytes kept in base64", []byte(strings.Replace(letter("latin1", "Sicherheitsventil f\xfcr den Kessel caf\xe9"), "Ada Lind", "Ada L\xfcnd", 1))},
		{"utf8-header.eml", "UTF-8 without encoding in From, To and Subject (RFC 6532)", "shown as it is", []byte(strings.Replace(letter("utf8", "Sicherheitsventil für Kessel № 4"), "Ada Lind", "Ada Lünd", 1))},
		{"broken-encoded-words.eml", "encoded words with an unknown charset, bad base64, a cut character, and good ones between", "the good ones decoded, the others shown raw, defects", []byte(letter("words", "=?x-none?Q?one?= =?utf-8?B?%%%?= =?utf-8?Q?gr=C3?=\n =?utf-8?Q?=BC=C3=9Fe?= =?iso-8859-1?Q?caf=E9?= =?utf-8?Q?open"))},
		{"folding.eml", "folds by tab, by a line of blanks, in the middle of an address list, and a blank before the colon", "unfolded, no field lost", []byte(head("folding", "The\n\tsafety\n \n valve", "Cc: Carl\n <carl@client.example>,\n\t\"Dora,\n D.\" <dora@client.example>", "X-Space : before the colon") + "\n" + valve)},
		{"repeated-fields.eml", "two From, two Date, two Subject, two Message-ID", "all kept in order, defect", []byte(head("twice", "The safety valve", "From: Eve Moll <eve@other.example>", "Date: Wed, 4 Mar 2026 10:00:00 +0100", "Subject: Nothing to see", "Message-ID: <twice2@"+plant+">") + "\n" + valve)},
		{"addresses.eml", "groups, an empty group, a route, quoted local parts, a comment, an address without a domain, a trailing comma", "every mailbox that can be read is read", []byte(head("addresses", "The safety valve", "Cc: Works: carl@client.example, Dora <dora@client.example>;, undisclosed-recipients:;", "Bcc: <@relay.example:fred@client.example>, \"g h\"@client.example, ida@client.example (Ida), root, ") + "\n" + valve)},
		{"long-field.eml", "a field of 10,000 characters without a blank", "kept, wraps in every view", []byte(letter("longfield", long))},
		{"resent.eml", "Resent- fields on top, as a redirection writes them", "From and To are the author's and first reader's; the resender is no author", []byte("Resent-From: Carl <carl@client.example>\nResent-To: dora@client.example\nResent-Date: Wed, 4 Mar 2026 08:00:00 +0100\nResent-Message-ID: <resent@client.example>\n" + letter("resentfirst", "The safety valve"))},
		{"pipermail.eml", "an address as list archives hide it", "no address invented, or told", []byte(strings.Replace(letter("pipermail", "The safety valve"), "Ada Lind <ada@"+plant+">", "ada at "+plant+" (Ada Lind)", 1))},
		{"look-alike.eml", "From a domain that looks like plant.example", "never merged with ada@plant.example; noted", []byte(strings.ReplaceAll(letter("alike", "The safety valve"), "<ada@"+plant+">", "<ada@p1ant.example>"))},
		{"escapes.eml", "terminal escapes, C1 and bidi controls, HTML, script, template and spreadsheet formulas in every field and in the text", "harmless in every output", hostile("escapes", 22)},
	}
}

func hostile(kind string, n int64) []byte {
	var b bytes.Buffer
	if err := Hostile(kind, &b, n); err != nil {
		panic(err) // a bytes.Buffer does not fail, and the kinds are those of this package
	}
	return b.Bytes()
}

func textVariants() []variant {
	scripts := "English, then Hebrew: אל תסירו את השסתום 4, then Arabic: لا تزيلوا الصمام رقم 4.\n" +
		"Chinese 请不要拆除安全阀。 Japanese 安全弁を外さないでください。 Korean 안전밸브를 제거하지 마세요.\n" +
		"Thai ห้ามถอดวาล์วนิรภัย Hindi सुरक्षा वाल्व न हटाएँ Greek Μην αφαιρείτε τη βαλβίδα.\n" +
		"Emoji: 👩‍🔧🔥 🇱🇺 👍🏽 ⚠️ Combining: Zürich ȧ̧̈́͜ n̥ Tags: 🏴󠁧󠁢󠁳󠁣󠁴󠁿\n" +
		"Overridden: \u202e4 evlav\u202c and isolated \u2067valve 4\u2069, zero width: val\u200bve, soft hyphen: val\u00adve.\n"
	return []variant{
		{"scripts.eml", "right-to-left, CJK, Indic, emoji sequences, combining marks, bidi controls", "nothing dropped: what a font lacks is printed as U+XXXX", []byte(head("scripts", "=?utf-8?B?15DXnCDXqteh15nXqNeV?= 请不要 👩‍🔧", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit") + "\n" + scripts)},
		{"long-token.eml", "one word of 10,000 characters", "wraps, nothing runs off the page", []byte(head("longtoken", "The safety valve") + "\n" + valve + strings.Repeat("0123456789", 1000) + "\n")},
		{"flowed.eml", "format=flowed with DelSp, space-stuffing and quotes (RFC 3676)", "paragraphs joined, `From` without its stuffed space", []byte(head("flowed", "The safety valve", "Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes") + "\n> Do we need  \n> the valve?\n\nPlease leave the  \nsafety valve in.\n From here on I say no more.\n-- \nAda\n")},
		{"html-script.eml", "HTML only: script, style, form, remote images, a meta refresh, hidden text, a link that shows another address", "text only, hidden text shown as hidden or shown, no remote request", []byte(head("script", "The safety valve", "Content-Type: text/html; charset=utf-8") + "\n<html><head><meta http-equiv=refresh content=\"0;url=http://hostile.example/\"><style>p{background:url(http://hostile.example/a.png)}</style></head>\n<body onload=\"alert(1)\"><p>Please leave the <b>safety valve</b> in.</p>\n<p style=\"display:none\">Take it out.</p><img src=\"http://hostile.example/pixel.png?ben\">\n<form action=\"http://hostile.example/\"><input name=q></form><script>alert('valve')</script>\n<a href=\"http://hostile.example/\">https://client.example/</a><table><tr><td>Boiler</td><td>4</td></tr></table></body></html>\n")},
		{"unknown-charset.eml", "charset=x-none, 8-bit text", "ASCII shown, defect, bytes reachable", []byte(head("charset", "The safety valve", "Content-Type: text/plain; charset=x-none", "Content-Transfer-Encoding: 8bit") + "\nDas Ventil f\xfcr Kessel 4 bleibt.\n")},
		{"wrong-charset.eml", "says utf-8, is windows-1252", "shown as windows-1252 or with U+FFFD, defect", []byte(head("wrongcharset", "The safety valve", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit") + "\nDas \x84Ventil\x93 f\xfcr Kessel 4 bleibt \x96 bitte.\n")},
	}
}

func threadVariants() []variant {
	reply := func(id, parent, text string) []byte {
		return []byte(head(id, "Re: The safety valve", "In-Reply-To: <"+parent+"@"+plant+">", "References: <"+parent+"@"+plant+"> <"+id+"@"+plant+">") + "\n" + text)
	}
	base := letter("copy", "The safety valve")
	indexed := func(id, index, text string) []byte {
		return []byte(strings.Replace(head(id, "The safety valve", "Thread-Topic: The safety valve", "Thread-Index: "+index), "\nMessage-ID", "\nX-MS-Exchange-Organization-AuthAs: Internal\nMessage-ID", 1) + "\n" + text)
	}
	return []variant{
		{"duplicate-id-1.eml", "a message", "with the next: same Message-ID, different content", []byte(letter("sameid", "The safety valve"))},
		{"duplicate-id-2.eml", "the same Message-ID with another text", "two exhibits, told as such, neither merged", []byte(head("sameid", "The safety valve") + "\nYou may take the safety valve out, I checked.\n")},
		{"copy-1.eml", "a message as one reader got it", "with the next: one exhibit, copy of the class same content", []byte(base)},
		{"copy-2.eml", "the same message as another reader got it: other trace fields", "copy of copy-1.eml", []byte("Delivered-To: carl@client.example\nX-Spam-Score: 0.1\n" + strings.ReplaceAll(base, "<ben@client.example>;", "<carl@client.example>;"))},
		{"cycle-1.eml", "answers cycle-2, which answers it", "with the next: one thread, no hang, one of them is the root", reply("cycle1", "cycle2", "As I said below.\n")},
		{"cycle-2.eml", "answers cycle-1", "see cycle-1.eml", reply("cycle2", "cycle1", "As I said above.\n")},
		{"self-reference.eml", "answers itself", "a root", reply("self", "self", valve)},
		{"thread-index-1.eml", "Exchange: no References, only Thread-Index", "with the next two: one thread", indexed("ti1", "AdyrfUfQ3g4J1H5lT8uTqk8mXr5dQg==", valve)},
		{"thread-index-2.eml", "reply: its Thread-Index is 5 bytes longer", "answers thread-index-1.eml", indexed("ti2", "AdyrfUfQ3g4J1H5lT8uTqk8mXr5dQgAAcHqA", "It comes out on Friday. That is an order.\n")},
		{"thread-index-3.eml", "reply to the reply", "answers thread-index-2.eml", indexed("ti3", "AdyrfUfQ3g4J1H5lT8uTqk8mXr5dQgAAcHqAAAGS1EA=", "Then I will not be there on Friday.\n")},
	}
}

func traceVariants() []variant {
	results := "Authentication-Results: "
	forged := func(id, hop string) []byte {
		return []byte(results + "mx.client.example; dkim=none; spf=softfail smtp.mailfrom=ada@" + plant + "; dmarc=fail header.from=" + plant + "\n" +
			strings.Replace(letter(id, "The safety valve"), "From: Ada", hop+results+"mx.client.example;\n\tdkim=pass header.d="+plant+"; spf=pass smtp.mailfrom=ada@"+plant+"\nFrom: Ada", 1))
	}
	ms := func(id, field string) []byte {
		return []byte("Received: from FR2P281CA0101.DEUP281.PROD.OUTLOOK.EXAMPLE (2001:db8:10a6:d10::12)\n by BE1P281MB2034.DEUP281.PROD.OUTLOOK.EXAMPLE (2001:db8:b10:3e::9) with\n Microsoft SMTP Server (version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9654.18; Tue, 3 Mar\n 2026 08:15:06 +0000\n" +
			"Authentication-Results: " + field + "\nReceived: from out." + plant + " (192.0.2.60)\n by FR2PEPF0000001.mail.protection.outlook.example (203.0.113.66) with Microsoft SMTP\n Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9654.16 via\n Frontend Transport; Tue, 3 Mar 2026 08:15:05 +0000\n" +
			strings.SplitN(letter(id, "The safety valve"), "+0100\n", 2)[1])
	}
	return []variant{
		{"undated.eml", "no Date, no Received", "shown without a time, never dropped", []byte("From: Ada Lind <ada@" + plant + ">\nTo: ben@client.example\nSubject: The safety valve\nMessage-ID: <undated@" + plant + ">\n\n" + valve)},
		{"unreadable-date.eml", "Date: last Tuesday", "raw kept, defect; the recorded time comes from Received", []byte(strings.Replace(letter("baddate", "The safety valve"), "Date: Tue, 3 Mar 2026 09:15:00 +0100", "Date: last Tuesday, quarter past nine", 1))},
		{"misdated.eml", "Date in 2036, hops in 2026", "both times shown, the difference noted", []byte(strings.Replace(letter("misdated", "The safety valve"), "Date: Tue, 3 Mar 2026", "Date: Mon, 3 Mar 2036", 1))},
		{"obsolete-date.eml", "two-digit year, zone EST, a wrong weekday", "2026-03-03 09:15 -0500, weekday noted", []byte(strings.Replace(letter("obsdate", "The safety valve"), "Date: Tue, 3 Mar 2026 09:15:00 +0100", "Date: Mon, 3 Mar 26 09:15 EST (really)", 1))},
		{"microsoft-results.eml", "Authentication-Results without authserv-id, as Microsoft 365 writes it", "results read; trusted only where Microsoft's servers are the boundary", ms("msar1", "spf=pass (sender IP is 192.0.2.60)\n smtp.mailfrom="+plant+"; dkim=pass (signature was verified)\n header.d="+plant+";dmarc=pass action=none header.from="+plant+";compauth=pass reason=100")},
		{"microsoft-results-1.eml", "Authentication-Results with `mx.microsoft.com 1;` in front (here of outlook.example)", "authserv-id and version read", ms("msar2", "mx.outlook.example 1; spf=pass\n smtp.mailfrom="+plant+"; dmarc=pass action=none header.from="+plant+"; dkim=pass\n header.d="+plant+"; arc=none")},
		{"forged-results.eml", "the boundary's field says fail; below an invented older hop stands one in its name that says pass", "first trusted, second claimed by the message itself", forged("forged1", "Received: from desk ([192.0.2.61]) by out."+plant+" with ESMTPSA id 5; Tue, 3 Mar 2026 09:15:02 +0100\n")},
		{"forged-results-no-hop.eml", "the same without an older hop: the forged field stands directly below the boundary's own Received", "only the upper one is trusted: two fields of one server that contradict each other are not both its own", forged("forged2", "")},
		{"hop-without-date.eml", "a hop without a date between two others, and one whose clock is an hour ahead", "delays over the gap, notes", []byte("Received: by store.client.example with LMTP id 7; Tue, 3 Mar 2026 09:15:06 +0100\nReceived: from mx.client.example by store.client.example with ESMTP id 6\n" + strings.Replace(letter("hops", "The safety valve"), "From: Ada", "Received: from desk ([192.0.2.61]) by out."+plant+" with ESMTPSA id 5; Tue, 3 Mar 2026 10:15:03 +0100\nFrom: Ada", 1))},
	}
}
