package dkim

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"onrecord/pkg/remark"
)

const (
	maxRecoded    = 12 // parts of a multipart of which the encoding is undone
	maxDelimiters = 200
	maxPartHeader = 50 // lines
)

// recoded undoes a change of the content transfer encoding of one part of a multipart (RFC 2045 §6): a server on the way turned 8-bit text into
// quoted-printable or base64, and said so in the part's own header.
func (s *search) recoded(body []byte) {
	lines := bytes.SplitAfter(body, []byte("\n"))
	parts, delimiters := 0, 0
	for at, line := range lines {
		if !bytes.HasPrefix(line, []byte("--")) || len(bytes.TrimRight(line, "\r\n")) < 3 {
			continue
		}
		if delimiters++; delimiters > maxDelimiters {
			return
		}
		boundary := bytes.TrimRight(line, " \t\r\n")
		field, content := -1, -1
		for i := at + 1; i < min(len(lines), at+maxPartHeader) && content < 0; i++ {
			switch text := bytes.TrimRight(lines[i], "\r\n"); {
			case len(text) == 0:
				content = i + 1
			case len(text) > 26 && strings.EqualFold(string(text[:26]), "content-transfer-encoding:"):
				field = i
			}
		}
		if field < 0 || content < 0 {
			continue
		}
		end := content
		for end < len(lines) && !bytes.HasPrefix(lines[end], boundary) {
			end++
		}
		if parts++; parts > maxRecoded || end == len(lines) {
			return
		}
		encoded := bytes.Join(lines[content:end], nil)
		decoded, kind := decodePart(strings.ToLower(string(bytes.Trim(lines[field][26:], fws))), bytes.TrimRight(encoded, "\r\n"))
		if kind == "" {
			continue
		}
		for _, original := range []string{"8bit", "7bit"} {
			name := string(lines[field][:26])
			text := slices.Concat(bytes.Join(lines[:field], nil), []byte(name+" "+original+"\r\n"), bytes.Join(lines[field+1:content], nil),
				decoded, []byte("\r\n"), bytes.Join(lines[end:], nil))
			s.attempt(remark.Told{{Kind: "part-encoded", Args: []string{kind}, Text: "the " + kind + " of a part is decoded: it was encoded after signing"}}, text)
		}
	}
}

// decodePart gives the content of a part; kind is "" for what is in no encoding that can be undone.
func decodePart(encoding string, content []byte) (decoded []byte, kind string) {
	switch encoding {
	case "base64":
		if decoded, err := base64.StdEncoding.DecodeString(stripFWS(string(content))); err == nil {
			return bytes.TrimSuffix(decoded, crlf), encoding
		}
	case "quoted-printable":
		if decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(content))); err == nil {
			return decoded, encoding
		}
	}
	return nil, ""
}
