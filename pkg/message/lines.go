package message

import (
	"bytes"
	"fmt"
)

// mostInLine is the most octets of a line without its CRLF (RFC 5322 §2.1.1).
const mostInLine = 998

// lines counts, over the chunks of a message in their order, what its line endings are and what lines must not hold.
type lines struct {
	cr bool // a bare CR ends a line

	off               int64 // octets seen
	nl, crs, crlf     int64
	nul               int64
	firstNUL, firstCR int64
	lastCR            bool
	lineStart         int64 // of the line that the chunks seen end in
	long              int64 // offset of the first line that is too long
	hasLong           bool
}

func (l *lines) add(b []byte) {
	if len(b) == 0 {
		return
	}
	l.nl += int64(bytes.Count(b, []byte{'\n'}))
	if i := bytes.IndexByte(b, 0); i >= 0 {
		if l.nul == 0 {
			l.firstNUL = l.off + int64(i)
		}
		l.nul += int64(bytes.Count(b[i:], []byte{0}))
	}
	bare := l.crs - l.crlf
	if l.lastCR && b[0] == '\n' {
		l.crlf++
		bare--
	}
	if n := bytes.Count(b, []byte{'\r'}); n > 0 {
		l.crs += int64(n)
		l.crlf += int64(bytes.Count(b, []byte("\r\n")))
	}
	if bare <= 0 && l.crs > l.crlf {
		l.firstCR = l.off + int64(firstBareCR(b))
	}
	l.lastCR = b[len(b)-1] == '\r'
	if !l.hasLong {
		l.measure(b)
	}
	l.off += int64(len(b))
}

// measure looks for a line that is too long by jumps: a window as wide as the longest line must hold a line ending.
func (l *lines) measure(b []byte) {
	end := l.off + int64(len(b))
	for l.lineStart+mostInLine+2 <= end {
		from := max(l.lineStart-l.off, 0)
		window := b[from : l.lineStart+mostInLine+2-l.off]
		i := l.lastEnding(window[:len(window)-1])
		if i < 0 && bytes.HasSuffix(window, []byte("\r\n")) {
			i = len(window) - 1
		}
		if i < 0 {
			l.long, l.hasLong = l.lineStart, true
			return
		}
		l.lineStart = l.off + from + int64(i) + 1
	}
	from := max(l.lineStart-l.off, 0)
	if i := l.lastEnding(b[from:]); i >= 0 {
		l.lineStart = l.off + from + int64(i) + 1
	}
}

func (l *lines) lastEnding(b []byte) int {
	if l.cr {
		return bytes.LastIndexAny(b, "\r\n")
	}
	return bytes.LastIndexByte(b, '\n')
}

// firstBareCR returns where the first CR without LF stands, the last octet included if it is a CR.
func firstBareCR(b []byte) int {
	for i := 0; i < len(b); {
		j := bytes.IndexByte(b[i:], '\r')
		if j < 0 {
			break
		}
		i += j + 1
		if i == len(b) || b[i] != '\n' {
			return i - 1
		}
	}
	return 0
}

// ending names the line endings: lf, crlf, cr, mixed or none.
func (l *lines) ending() string {
	bareLF, bareCR := l.nl-l.crlf, int64(0)
	if l.cr {
		bareCR = l.crs - l.crlf
	}
	switch {
	case bareLF == 0 && bareCR == 0 && l.crlf == 0:
		return "none"
	case bareLF == 0 && bareCR == 0:
		return "crlf"
	case l.crlf == 0 && bareCR == 0:
		return "lf"
	case l.crlf == 0 && bareLF == 0:
		return "cr"
	}
	return "mixed"
}

func (l *lines) report(d *defects) {
	if l.ending() == "mixed" {
		d.add(MixedLineEndings, 0, fmt.Sprintf("%d lines end in CRLF, %d in LF, %d octets are a bare CR", l.crlf, l.nl-l.crlf, l.crs-l.crlf))
	}
	if bare := l.crs - l.crlf; bare > 0 && !l.cr {
		d.add(BareCR, l.firstCR, fmt.Sprintf("%d octets are a CR without LF", bare))
	}
	if l.nul > 0 {
		d.add(NULByte, l.firstNUL, fmt.Sprintf("%d octets are NUL", l.nul))
	}
	if l.hasLong {
		d.add(LineTooLong, l.long, fmt.Sprintf("a line is longer than %d octets", mostInLine))
	}
}

// crEndsLines tells whether the first line ends in a bare CR.
func crEndsLines(start []byte) bool {
	i := bytes.IndexByte(start, '\r')
	if i < 0 || i+1 == len(start) && len(start) >= chunkSize {
		return false
	}
	if i+1 < len(start) && start[i+1] == '\n' {
		return false
	}
	return bytes.IndexByte(start[:i], '\n') < 0
}
