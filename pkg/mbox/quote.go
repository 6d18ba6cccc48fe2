package mbox

import (
	"bufio"
	"bytes"
	"io"
)

// maxQuotes bounds the run of '>' of a quoted line: a longer one leaves the 998 octets of RFC 5322 §2.1.1 and is text.
const maxQuotes = 990

var gtFromSpace = []byte(">From ")

// headerEnd returns the offset of the body: after the first empty line (LF or CRLF), or -1 where there is none.
func headerEnd(raw []byte) int {
	switch {
	case bytes.HasPrefix(raw, []byte("\n")):
		return 1
	case bytes.HasPrefix(raw, []byte("\r\n")):
		return 2
	}
	return emptyLine(raw)
}

// emptyLine is headerEnd for bytes that do not begin a line.
func emptyLine(b []byte) int {
	end := -1
	if i := bytes.Index(b, []byte("\n\n")); i >= 0 {
		end = i + 2
		b = b[:i+1]
	}
	if i := bytes.Index(b, []byte("\n\r\n")); i >= 0 {
		end = i + 3
	}
	return end
}

// QuotedLines returns the offsets in raw of the body lines that match ^>+From , at most limit of them. Lines of the
// header do not count, nor those of mail whose lines end in a bare CR.
func QuotedLines(raw []byte, limit int) []int64 {
	var lines []int64
	body := -1
	for at := 0; len(lines) < limit; {
		i := bytes.Index(raw[at:], gtFromSpace)
		if i < 0 {
			return lines
		}
		at += i + 1
		start := quoteStart(raw, at)
		if start < 0 {
			continue
		}
		if body < 0 {
			if body = headerEnd(raw); body < 0 {
				return lines
			}
		}
		if start >= body {
			lines = append(lines, int64(start))
		}
	}
	return lines
}

// quoteStart walks back from the "From " at b[at:] over its '>' and returns where the line begins, -1 if they do not begin one.
func quoteStart(b []byte, at int) int {
	i := at
	for i > 0 && b[i-1] == '>' && at-i < maxQuotes {
		i--
	}
	if i == at || i > 0 && b[i-1] != '\n' {
		return -1
	}
	return i
}

// loses tells whether the variant's writer has put one '>' before a line that now begins with n of them and "From ".
func (v Variant) loses(n int) bool {
	switch v {
	case MboxRD:
		return n >= 1
	case MboxO, MboxCL:
		return n == 1
	}
	return false
}

// Unquote appends the message as it was before the variant's writer quoted it to dst: body lines ^>+From  lose one '>'
// in mboxrd, only ^>From  does in mboxo and mboxcl, none in mboxcl2 and Unknown. Where nothing changes it returns raw
// itself, and dst is not used. In mboxo and mboxcl a ">From " of the author's own loses its '>' too: the file does not tell.
func Unquote(dst, raw []byte, v Variant) []byte {
	done, changed := 0, false
	if v == MboxRD || v == MboxO || v == MboxCL {
		for _, at := range QuotedLines(raw, len(raw)) {
			start := int(at)
			n := bytes.IndexByte(raw[start:], 'F')
			if !v.loses(n) {
				continue
			}
			dst = append(dst, raw[done:start]...)
			done, changed = start+1, true
		}
	}
	if !changed {
		return raw
	}
	return append(dst, raw[done:]...)
}

// NewUnquoter is Unquote for a message of any size, in constant memory.
func NewUnquoter(r io.Reader, v Variant) io.Reader {
	if v != MboxRD && v != MboxO && v != MboxCL {
		return r
	}
	return &unquoter{r: bufio.NewReaderSize(r, 64<<10), variant: v, header: true, lineStart: true}
}

type unquoter struct {
	r         *bufio.Reader
	variant   Variant
	header    bool // before the first empty line
	lineStart bool
	line      int  // bytes of the header's line that were handed out so far
	cr        bool // the first of them is a CR
}

func (u *unquoter) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if u.lineStart && !u.header {
		if err := u.dropQuote(); err != nil {
			return 0, err
		}
	}
	if _, err := u.r.Peek(1); err != nil {
		return 0, err
	}
	b, _ := u.r.Peek(min(u.r.Buffered(), len(p)))
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i+1]
	}
	n := copy(p, b)
	u.r.Discard(n)
	u.note(p[:n])
	return n, nil
}

// note keeps account of where the lines of the header begin and end.
func (u *unquoter) note(b []byte) {
	u.lineStart = b[len(b)-1] == '\n'
	if !u.header {
		return
	}
	if u.line == 0 {
		u.cr = b[0] == '\r'
	}
	u.line += len(b)
	if u.lineStart {
		u.header = !(u.line == 1 || u.line == 2 && u.cr)
		u.line = 0
	}
}

// dropQuote skips one '>' where the line that begins here has lost one.
func (u *unquoter) dropQuote() error {
	for n := 1; ; n++ {
		b, err := u.r.Peek(n)
		if err != nil && err != io.EOF {
			return err
		}
		if len(b) < n || b[n-1] != '>' || n > maxQuotes {
			n--
			b, err = u.r.Peek(n + len(fromSpace))
			if err != nil && err != io.EOF {
				return err
			}
			if len(b) == n+len(fromSpace) && bytes.Equal(b[n:], fromSpace) && u.variant.loses(n) {
				u.r.Discard(1)
			}
			return nil
		}
	}
}
