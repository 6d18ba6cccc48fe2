package mailgen

import (
	"encoding/base64"
	"strconv"
)

// format is what the header says of the body.
type format struct{ contentType, encoding string }

// entity turns g.text into the body as sent: one part, an alternative with HTML, or a mixture with attachments.
func (g *mailbox) entity(c *conversation) format {
	g.body = g.body[:0]
	charset, encoding := g.charset(c.tongue)
	html := g.r.percent(45)
	attached := 0
	if g.r.percent(10) {
		attached = 1 + g.r.n(2)
	}
	if !html && attached == 0 {
		g.textPart(charset, encoding, g.text)
		if c.list >= 0 && encoding != "base64" {
			g.body = append(g.body, "_______________________________________________\nYou get this because you are on a list of records.example.\n"...)
		}
		return format{"text/plain; charset=" + charset + "; format=flowed", encoding}
	}
	outer := g.boundary("=_outer_")
	if attached == 0 {
		g.alternative(outer, charset, encoding)
		return format{"multipart/alternative;\n\tboundary=\"" + outer + "\"", ""}
	}
	g.body = append(g.body, "This is a multi-part message in MIME format.\n"...)
	if html {
		inner := g.boundary("=_inner_")
		g.delimiter(outer, "multipart/alternative;\n\tboundary=\""+inner+"\"", "")
		g.alternative(inner, charset, encoding)
	} else {
		g.delimiter(outer, "text/plain; charset="+charset, encoding)
		g.textPart(charset, encoding, g.text)
	}
	for range attached {
		name := "plan-" + strconv.Itoa(g.r.n(9000)) + pick(&g.r, []string{".pdf", ".xlsx", ".jpg", ".zip"})
		g.delimiter(outer, "application/octet-stream; name=\""+name+"\"", "base64\nContent-Disposition: attachment; filename=\""+name+"\"")
		size := (2000 + g.r.n(90000)) / 77 * 77
		start := g.r.n((len(g.blob)-size)/77) * 77
		g.body = append(g.body, g.blob[start:start+size]...)
	}
	g.body = append(append(append(g.body, "\n--"...), outer...), "--\n"...)
	return format{"multipart/mixed;\n\tboundary=\"" + outer + "\"", ""}
}

// charset chooses what a writer of that language sends.
func (g *mailbox) charset(tongue int) (charset, encoding string) {
	if tongue == 0 && g.r.percent(50) {
		return "utf-8", "7bit"
	}
	switch g.r.n(5) {
	case 0:
		return "iso-8859-1", "8bit"
	case 1:
		return "windows-1252", "quoted-printable"
	case 2:
		return "utf-8", "base64"
	case 3:
		return "utf-8", "8bit"
	}
	return "utf-8", "quoted-printable"
}

func (g *mailbox) boundary(prefix string) string {
	return string(g.r.letters([]byte(prefix), 24, idLetters))
}

func (g *mailbox) delimiter(boundary, contentType, encoding string) {
	b := append(append(append(g.body, "\n--"...), boundary...), "\nContent-Type: "...)
	b = append(append(b, contentType...), '\n')
	if encoding != "" {
		b = append(append(append(b, "Content-Transfer-Encoding: "...), encoding...), '\n')
	}
	g.body = append(b, '\n')
}

func (g *mailbox) alternative(boundary, charset, encoding string) {
	g.delimiter(boundary, "text/plain; charset="+charset, encoding)
	g.textPart(charset, encoding, g.text)
	g.delimiter(boundary, "text/html; charset="+charset, encoding)
	h := append(g.lines[:0], "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html\"><style>p.MsoNormal{margin:0cm;font-size:11.0pt;font-family:\"Calibri\",sans-serif}</style></head>\n<body lang=\"EN-GB\">\n<p class=\"MsoNormal\">"...)
	for i := 0; i < len(g.text); i++ {
		switch ch := g.text[i]; ch {
		case '\n':
			if i+1 < len(g.text) && g.text[i+1] == '\n' {
				h = append(h, "</p>\n<p class=\"MsoNormal\">"...)
			} else {
				h = append(h, "<br>\n"...)
			}
		case '<':
			h = append(h, "&lt;"...)
		case '>':
			h = append(h, "&gt;"...)
		case '&':
			h = append(h, "&amp;"...)
		default:
			h = append(h, ch)
		}
	}
	h = append(h, "</p>\n</body></html>\n"...)
	g.textPart(charset, encoding, h)
	g.lines = h
	g.body = append(append(append(g.body, "\n--"...), boundary...), "--\n"...)
}

// textPart appends a text in the charset and encoding.
func (g *mailbox) textPart(charset, encoding string, text []byte) {
	if charset != "utf-8" {
		g.canonical = appendLatin1(g.canonical[:0], text)
		text = g.canonical
	}
	switch encoding {
	case "7bit": // English has no other characters than those of names
		g.body = appendASCII(g.body, text)
	case "8bit":
		g.body = append(g.body, text...)
	case "quoted-printable":
		g.body = appendQuotedPrintable(g.body, text)
	case "base64":
		for len(text) > 57 {
			g.body = append(base64.StdEncoding.AppendEncode(g.body, text[:57]), '\n')
			text = text[57:]
		}
		g.body = append(base64.StdEncoding.AppendEncode(g.body, text), '\n')
	}
}

// appendLatin1 appends UTF-8 text as ISO 8859-1, of which all letters here are.
func appendLatin1(b, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c < 0x80:
			b = append(b, c)
		case c&^1 == 0xc2 && i+1 < len(text):
			i++
			b = append(b, c<<6|text[i]&0x3f)
		case c >= 0xc4:
			b = append(b, '?')
		}
	}
	return b
}

func appendASCII(b, text []byte) []byte {
	for _, c := range text {
		switch {
		case c < 0x80:
			b = append(b, c)
		case c >= 0xc0:
			b = append(b, '?')
		}
	}
	return b
}

// appendQuotedPrintable appends a text in quoted-printable (RFC 2045 §6.7), lines of at most 76.
func appendQuotedPrintable(b, text []byte) []byte {
	const digits = "0123456789ABCDEF"
	column := 0
	for i, c := range text {
		if c == '\n' {
			b, column = append(b, '\n'), 0
			continue
		}
		if column >= 73 {
			b, column = append(b, "=\n"...), 0
		}
		final := (c == ' ' || c == '\t') && (i+1 == len(text) || text[i+1] == '\n')
		if c < 0x80 && c >= ' ' && c != '=' && !final || c == '\t' && !final {
			b = append(b, c)
			column++
			continue
		}
		b = append(b, '=', digits[c>>4], digits[c&15])
		column += 3
	}
	return b
}
