package source

import (
	"bytes"
	"strings"
)

// headSize is how much of a file recognition looks at.
const headSize = 64 << 10

var bom = []byte("\xEF\xBB\xBF")

// trimStart leaves out what may stand before the first line: a byte order mark, blank lines.
func trimStart(b []byte) []byte { return bytes.TrimLeft(bytes.TrimPrefix(b, bom), " \t\r\n") }

// cutLine cuts b after its first line ending: LF, CRLF or a bare CR.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexAny(b, "\r\n")
	switch {
	case i < 0:
		return b, nil
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		i++
	}
	return b[:i+1], b[i+1:]
}

// looksLikeMail tells whether head begins with the header of a message (RFC 5322 §3.6, RFC 5321 §4.4): two fields by names
// that mail has, and where the header does not end with them, one of a name that only mail has or three.
func looksLikeMail(head []byte) bool { return knownFields(head) > 1 }

// knownFields counts the fields of known names at the start of head, until it is clear that this is a header.
func knownFields(head []byte) int {
	rest := trimStart(head)
	own, common, others := 0, 0, 0
	for lines := 0; lines < 200 && len(rest) > 0; lines++ {
		var line []byte
		line, rest = cutLine(rest)
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, ok := bytes.Cut(line[:min(len(line), 80)], []byte(":"))
		name = bytes.TrimRight(name, " \t")
		if !ok || bytes.ContainsAny(name, " \t<>{}\"'/=;,()") {
			if bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From ")) {
				continue
			}
			if others++; others > 2 || lines == 0 {
				return 0
			}
			continue
		}
		switch kindOfField(strings.ToLower(string(name))) {
		case ownToMail:
			own++
		case commonField:
			common++
		}
		if own > 0 && own+common > 1 || common > 2 {
			break
		}
	}
	return own + common
}

type fieldKind uint8

const (
	otherField fieldKind = iota
	commonField
	ownToMail
)

func kindOfField(name string) fieldKind {
	switch name {
	case "from", "to", "cc", "bcc", "date", "subject", "reply-to", "sender", "content-type", "content-transfer-encoding", "references",
		"organization", "content-disposition", "content-length", "comments", "keywords", "lines", "status", "precedence", "newsgroups", "path":
		return commonField
	case "received", "return-path", "delivered-to", "message-id", "in-reply-to", "mime-version", "dkim-signature", "domainkey-signature",
		"authentication-results", "x-original-to", "envelope-to", "x-mailer", "x-received", "errors-to", "auto-submitted", "thread-index",
		"received-spf", "x-mozilla-status", "x-gm-thrid", "x-uidl", "user-agent", "disposition-notification-to", "apparently-to":
		return ownToMail
	}
	if strings.HasPrefix(name, "arc-") || strings.HasPrefix(name, "resent-") || strings.HasPrefix(name, "list-") || strings.HasPrefix(name, "x-ms-exchange") {
		return ownToMail
	}
	return otherField
}

// looksUTF16 tells whether head is text in UTF-16, by its byte order mark or by the zero in every other byte.
func looksUTF16(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF")) {
		return true
	}
	head = head[:min(len(head), 256)]
	if len(head) < 8 {
		return false
	}
	even, odd := 0, 0
	for i, c := range head {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	half := len(head) / 2
	return even == 0 && odd > half*9/10 || odd == 0 && even > half*9/10
}

// narrowed gives UTF-16 text of Latin letters as bytes, to look at it.
func narrowed(head []byte) []byte {
	var b []byte
	for _, c := range head[:min(len(head), 8<<10)] {
		if c != 0 && c < 0x80 {
			b = append(b, c)
		}
	}
	return b
}
