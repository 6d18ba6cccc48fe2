package mbox

import (
	"bytes"
	"strings"
)

// cutLine cuts b after its first line ending: LF, CRLF or a bare CR.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b[:min(len(b), maxFromLine)], '\n')
	head := b[:min(len(b), maxFromLine)]
	if i >= 0 {
		head = b[:i+1]
	}
	if c := bytes.IndexByte(head, '\r'); c >= 0 && c != len(head)-2 {
		head = head[:c+1]
	} else if c >= 0 && head[len(head)-1] != '\n' {
		head = head[:c+1]
	}
	return head, b[len(head):]
}

// eolAt gives the length of the line ending that b begins with, 0 where it begins with none.
func eolAt(b []byte, cr bool) int {
	switch {
	case len(b) > 0 && b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	case cr && len(b) > 0 && b[0] == '\r':
		return 1
	}
	return 0
}

// eolBefore gives the length of the line ending that b ends with.
func eolBefore(b []byte, cr bool) int {
	n := len(b)
	switch {
	case n > 1 && b[n-2] == '\r' && b[n-1] == '\n':
		return 2
	case n > 0 && (b[n-1] == '\n' || cr && b[n-1] == '\r'):
		return 1
	}
	return 0
}

// trimStart leaves out what may stand before the first line: a byte order mark, blank lines.
func trimStart(b []byte) []byte { return bytes.TrimLeft(bytes.TrimPrefix(b, bom), " \t\r\n") }

// isField tells whether b begins with what looks like a header field (RFC 5322 §2.2; a name of letters, digits, '-', '_').
// ">From " lines are what some systems make of a second From_ line inside a header.
func isField(b []byte) bool {
	if bytes.HasPrefix(b, gtFromSpace) {
		return true
	}
	for i, c := range b[:min(len(b), 78)] {
		switch {
		case c == ':':
			return i > 0
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return false
}

// fieldContentLength gives the value of the first Content-Length field of a header, "" where there is none.
func fieldContentLength(header []byte) string {
	const name = "content-length"
	for {
		if len(header) > len(name) && header[0]|0x20 == 'c' && strings.EqualFold(string(header[:len(name)]), name) {
			if value, ok := bytes.CutPrefix(bytes.TrimLeft(header[len(name):], " \t"), []byte(":")); ok {
				if i := bytes.IndexByte(value, '\n'); i >= 0 {
					value = value[:i]
				}
				return string(bytes.TrimSpace(value[:min(len(value), 64)]))
			}
		}
		// Content-Length is written with a capital by every known writer, the rest of its name is not.
		i := bytes.Index(header, []byte("\nC"))
		if i < 0 {
			return ""
		}
		header = header[i+1:]
	}
}
