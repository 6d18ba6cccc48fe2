package message

import (
	"bytes"
	"strings"
)

const (
	bom           = "\ufeff"
	lookaheadMost = 20 // lines that are looked at behind a broken line
)

// splitter cuts a header into fields; b is the header's bytes and more.
type splitter struct {
	b      []byte
	base   int64 // offset of b[0] in the message
	atEnd  bool  // b reaches the end of the message
	cr     bool  // a bare CR ends a line
	stop   func(line []byte) bool
	fields int // most fields
}

// headerEnd says how a header ended.
type headerEnd struct {
	length    int        // of the fields
	separator int        // of the empty line
	why       DefectKind // "" if it ended at the separator, the end of the message or where stop says
}

// cutLine returns the length of the first line of b without and with its ending. Without ending (whole == content) the line runs to the end of b.
func cutLine(b []byte, cr bool) (content, whole int) {
	i := bytes.IndexByte(b, '\n')
	if cr {
		end := b
		if i >= 0 {
			end = b[:i]
		}
		if j := bytes.IndexByte(end, '\r'); j >= 0 && j != i-1 {
			return j, j + 1
		}
	}
	switch {
	case i < 0:
		return len(b), len(b)
	case i > 0 && b[i-1] == '\r':
		return i - 1, i + 1
	}
	return i, i + 1
}

// whole tells whether the line of b that starts at pos is certainly complete.
func (s *splitter) whole(pos, content, whole int) bool {
	if s.atEnd {
		return true
	}
	if content == whole {
		return false
	}
	// A CR at the very end of what we hold may be the first half of a CRLF.
	return pos+whole < len(s.b) || s.b[pos+whole-1] == '\n'
}

// split returns the fields with Raw and Offset, but without names. ok is false if b is too short to tell where the header ends; then
// the last field may go on.
func (s *splitter) split() (fields []Field, end headerEnd, ok bool) {
	fields = make([]Field, 0, min(24, s.fields))
	pos, trusted := 0, 0
	for pos < len(s.b) {
		content, whole := cutLine(s.b[pos:], s.cr)
		if !s.whole(pos, content, whole) {
			break
		}
		line := s.b[pos : pos+content]
		if s.base == 0 && pos == 0 {
			line = bytes.TrimPrefix(line, []byte(bom))
		}
		if len(line) == 0 {
			return fields, headerEnd{length: pos, separator: whole}, true
		}
		if s.stop != nil && s.stop(line) {
			return fields, headerEnd{length: pos}, true
		}
		if n := len(fields); n > 0 && (line[0] == ' ' || line[0] == '\t') {
			last := &fields[n-1]
			last.Raw = s.b[last.Offset-s.base : pos+whole]
			pos += whole
			continue
		}
		if pos >= trusted {
			if _, verdict := fieldName(line); verdict == broken {
				until, known := s.lookahead(pos + whole)
				if !known {
					return fields, headerEnd{length: pos}, false
				}
				if until == 0 {
					return fields, headerEnd{length: pos, why: MissingSeparator}, true
				}
				trusted = until
			}
		}
		if len(fields) == s.fields {
			return fields, headerEnd{length: pos, why: TooManyFields}, true
		}
		fields = append(fields, Field{Raw: s.b[pos : pos+whole], Offset: s.base + int64(pos)})
		pos += whole
	}
	return fields, headerEnd{length: pos}, s.atEnd
}

// lookahead tells whether the header goes on behind a broken line: until is where the next well-known field starts, 0 if none does. known is false if b is too short to tell.
func (s *splitter) lookahead(pos int) (until int, known bool) {
	for range lookaheadMost {
		if pos >= len(s.b) {
			return 0, s.atEnd
		}
		content, whole := cutLine(s.b[pos:], s.cr)
		if !s.whole(pos, content, whole) {
			return 0, false
		}
		line := s.b[pos : pos+content]
		if len(line) == 0 || s.stop != nil && s.stop(line) {
			return 0, true
		}
		if n, verdict := fieldName(line); verdict == named && wellKnown(string(line[:n])) {
			return pos, true
		}
		pos += whole
	}
	return 0, true
}

type verdict int

const (
	broken     verdict = iota // no colon, or white space in what would be the name
	namedBadly                // a name with octets that RFC 5322 does not allow
	named
)

// fieldName returns the length of the name that line starts with.
func fieldName(line []byte) (int, verdict) {
	found := named
	for i, c := range line {
		switch {
		case c == ':':
			if i == 0 {
				return 0, broken
			}
			return i, found
		case c == ' ' || c == '\t':
			// RFC 5322 §4.5 lets old mail put white space before the colon.
			rest := bytes.TrimLeft(line[i:], " \t")
			if i == 0 || len(rest) == 0 || rest[0] != ':' {
				return 0, broken
			}
			return i, found
		case c < 33 || c > 126:
			found = namedBadly
		}
	}
	return 0, broken
}

// wellKnown tells whether a line with that name, behind a broken line, shows that we are still in a header.
func wellKnown(name string) bool {
	for _, prefix := range [...]string{"X-", "Content-", "Resent-", "List-", "ARC-", "DKIM-", "Received-", "Authentication-", "Delivery-", "Errors-"} {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return true
		}
	}
	for _, known := range [...]string{
		"From", "To", "Cc", "Bcc", "Subject", "Date", "Sender", "Reply-To", "Message-ID", "In-Reply-To", "References", "Received", "Return-Path",
		"MIME-Version", "Delivered-To", "Precedence", "Mailing-List", "User-Agent", "Thread-Topic", "Thread-Index", "Importance", "Priority",
		"Status", "Lines", "Organization", "Organisation", "Comments", "Keywords", "Envelope-To", "Apparently-To", "Auto-Submitted",
		"Disposition-Notification-To", "Return-Receipt-To", "DomainKey-Signature", "Old-Return-Path", "Accept-Language",
	} {
		if len(name) == len(known) && strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// name gives the fields their names, which share one string, and reports the lines that have none.
func name(fields []Field, d *defects) {
	names := make([]byte, 0, 20*len(fields))
	ends := make([]int, len(fields))
	for i := range fields {
		f := &fields[i]
		line := f.Raw
		if f.Offset == 0 {
			line = bytes.TrimPrefix(line, []byte(bom))
		}
		n, verdict := fieldName(line)
		if verdict != named {
			n, verdict = fieldName(firstLine(line))
		}
		switch verdict {
		case named:
			names = append(names, line[:n]...)
		case namedBadly:
			d.add(NameInvalid, f.Offset, "the name of a field is not US-ASCII: "+brief(strings.ToValidUTF8(string(line[:n]), "\ufffd")))
		case broken:
			if n := bytes.IndexByte(firstLine(line), ':'); n < 0 || isEnvelopeLine(line) {
				d.add(LineWithoutColon, f.Offset, "a line in the header is no field: "+brief(strings.ToValidUTF8(string(firstLine(line)), "\ufffd")))
			} else {
				d.add(NameInvalid, f.Offset, "white space in the name of a field: "+brief(strings.ToValidUTF8(string(line[:n]), "\ufffd")))
			}
		}
		ends[i] = len(names)
	}
	text, start := string(names), 0
	for i, end := range ends {
		fields[i].Name = text[start:end]
		start = end
	}
}

// isEnvelopeLine tells an mbox From_ line, quoted or not.
func isEnvelopeLine(b []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(b, ">"), []byte("From ")) }

func firstLine(b []byte) []byte {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		return b[:i]
	}
	return b
}
