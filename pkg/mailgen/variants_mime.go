package mailgen

import "strings"

func mimeVariants() []variant {
	multipart := func(id, contentType, body string) []byte {
		return []byte(head(id, "The safety valve", "MIME-Version: 1.0", "Content-Type: "+contentType) + "\n" + body)
	}
	part := "--b\nContent-Type: text/plain\n\n" + valve
	var names strings.Builder
	names.WriteString(part)
	for _, name := range []string{
		"../../../../etc/cron.d/valve", "/etc/passwd", `..\..\Windows\valve.exe`, `C:\Windows\valve.exe`, `\\server.example\share\valve`, "CON", "nul.txt", "aux.pdf.", "-rf", "~/valve", ".htaccess", "valve:stream", "a%2f..%2fb",
		"=?utf-8?B?Li4vdmFsdmU=?=", "valve\u202egnp.exe", "valve.pdf" + strings.Repeat(" ", 60) + ".exe", strings.Repeat("v", 300) + ".pdf", "", "valve.pdf", "VALVE.PDF",
	} {
		quoted := strings.ReplaceAll(name, `\`, `\\`)
		names.WriteString("--b\nContent-Type: application/octet-stream; name=\"" + quoted + "\"\nContent-Disposition: attachment; filename=\"" + quoted + "\"\n\nx\n")
	}
	names.WriteString("--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*0*=utf-8''..%2F..%2F; filename*1=valve%00.pdf\n\nx\n--b--\n")

	inner := "Content-Type: message/rfc822\n\nFrom: Ben Rohr <ben@client.example>\nTo: Ada Lind <ada@plant.example>\nSubject: The valve\nMessage-ID: <inner1@client.example>\nDate: Mon, 2 Mar 2026 17:00:00 +0100\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=c\n\n" +
		"--c\nContent-Type: text/plain\n\nTake the valve out by Friday, see the attached mail of the owner.\n--c\nContent-Type: message/rfc822\n\nFrom: Olga <olga@owner.example>\nTo: ben@client.example\nSubject: Costs\nMessage-ID: <inner2@owner.example>\nDate: Fri, 27 Feb 2026 11:00:00 +0100\n\nThe valve costs too much.\n--c--\n"
	return []variant{
		{"missing-boundary.eml", "multipart/mixed without a boundary parameter", "body shown as text, defect", multipart("nobound", "multipart/mixed", part+"--b--\n")},
		{"boundary-never-seen.eml", "the boundary named does not occur", "body shown, defect", multipart("bound", "multipart/mixed; boundary=other", part+"--b--\n")},
		{"truncated-mime.eml", "ends within an attachment", "both parts, the second with what is there, defect", multipart("trunc", "multipart/mixed; boundary=b", part+"--b\nContent-Type: application/pdf; name=valve.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQKJcfs")},
		{"same-boundary.eml", "a multipart inside with the boundary of the outer", "parts read once, defect", multipart("sameb", "multipart/mixed; boundary=b", "--b\nContent-Type: multipart/alternative; boundary=b\n\n"+part+"--b\nContent-Type: text/html\n\n<p>Leave it in.</p>\n--b--\n--b--\n")},
		{"bad-base64.eml", "base64 with foreign characters, a wrong length, and a list footer behind it", "what can be decoded, defect", []byte(head("badb64", "The safety valve", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64") + "\nUGxlYXNlIGxlYXZlIHRoZSBz*YWZldHkgdmFsdmUgaW4u\nVGhhbmsgeW91\nQQ\n____________________\nlist footer\n")},
		{"bad-quoted-printable.eml", "quoted-printable with =XY, a lone = and trailing blanks", "what can be decoded, defect", []byte(head("badqp", "The safety valve", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable") + "\nLeave the valve =XYin=, please = \nf=C3=BCr Kessel 4=\n")},
		{"unknown-encoding.eml", "Content-Transfer-Encoding: x-none", "bytes as they are, defect", []byte(head("cte", "The safety valve", "Content-Type: text/plain", "Content-Transfer-Encoding: x-none") + "\n" + valve)},
		{"part-without-header.eml", "a part that begins with its text, and one with a line without colon", "both parts read", multipart("nohead", "multipart/mixed; boundary=b", "--b\n\n"+valve+"--b\nno field here\nContent-Type: text/plain\n\nSecond part.\n--b--\n")},
		{"content-types.eml", "broken Content-Type fields: no slash, two semicolons, an unclosed quote, a comment", "parts read as what they can be, defects", multipart("types", "multipart/mixed; boundary=b (a comment)", "--b\nContent-Type: text\n\none\n--b\nContent-Type: text/plain;; charset=\"utf-8\n\ntwo\n--b\nContent-Type: TEXT/Html (really) ; charset=utf-8\n\n<p>three</p>\n--b--\n")},
		{"attachment-names.eml", "names with ../, absolute, of devices, with streams, bidi controls, blanks, empty, too long, twice, in RFC 2231 pieces with NUL", "nothing is written outside; the names are shown as they are", multipart("names", "multipart/mixed; boundary=b", names.String())},
		{"nested-messages.eml", "message/rfc822 in message/rfc822", "three messages, each with its own text below the exhibit", multipart("nestedm", "multipart/mixed; boundary=b", part+"--b\n"+inner+"--b--\n")},
		{"encoded-message.eml", "message/rfc822 in base64, in base64 (RFC 2046 forbids it)", "read within the bound on depth, or a defect", hostile("encodings", 2)},
		{"deep.eml", "200 multiparts, each inside the one before", "bound on depth hit, defect, all bytes kept", hostile("nested", 200)},
		{"alternative-differs.eml", "text/plain and text/html say different things", "both reachable; which one was read is told", multipart("differs", "multipart/alternative; boundary=b", part+"--b\nContent-Type: text/html\n\n<p>Take the safety valve out.</p>\n--b--\n")},
	}
}
