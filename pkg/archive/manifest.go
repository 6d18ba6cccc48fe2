package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/digest"
)

const (
	manifestTitle = "onrecord archive manifest 1"
	maxLine       = 1 << 20 // bytes of a manifest's line
	blocksInLine  = 1000
	none          = "none"
)

// kind says what a line of a manifest records.
type kind string

// The lines of a manifest. Kinds are added, never renamed or used for something else; a reader that does not know one refuses the manifest, because it
// would misread the store.
const (
	kindSource  kind = "source"  // what follows was found in this file
	kindNew     kind = "new"     // a message that the store did not have
	kindKnown   kind = "known"   // a message that it has, found here for the first time
	kindGone    kind = "gone"    // a message that lay here and does no more
	kindGrew    kind = "grew"    // a message that had been read while it was written; whole it is another one
	kindState   kind = "state"   // where the next run goes on
	kindBlocks  kind = "blocks"  // digests of the file's blocks
	kindAbsent  kind = "absent"  // a file that is there no more
	kindRenamed kind = "renamed" // a file of a Maildir whose flags or directory changed
	kindFrame   kind = "frame"   // so many messages lie in so many bytes of the segment
	kindSegment kind = "segment" // digest and size of the segment
	kindEnd     kind = "end"
)

// record is one line of a manifest.
type record struct {
	kind kind

	path, to string // source, absent, renamed
	format   string // source
	variant  string // source
	modified int64  // source: nanoseconds since 1970

	digest   digest.Digest // new, segment
	size     int64         // source, new, segment; frame: bytes of the tar
	entry    int64         // known, gone, grew: the number of the message in the log
	offset   int64         // new, known: of the message in its source
	envelope string        // new, known: the From_ line, exact bytes

	settled bool            // state: nothing wrote to it while it was read
	tail    int64           // state: where the message before the last one ends
	last    int64           // state: the last message's number in the log, -1 if what lies behind tail was not taken
	block   int64           // blocks: number of the first one
	blocks  []digest.Digest // blocks

	count  int64 // frame, end: messages
	length int64 // frame: bytes in the segment
}

// manifestHead is the beginning of a manifest.
type manifestHead struct {
	Run      int64
	Time     time.Time
	Tool     string
	Previous digest.Digest // of the manifest of the run before, zero for the first
	First    int64         // the log's size before the run: number of its first message
}

func (h manifestHead) text() string {
	previous := none
	if !h.Previous.IsZero() {
		previous = h.Previous.String()
	}
	return fmt.Sprintf("%s\nrun %d\ntime %s\ntool %s\nprevious %s\nfirst %d\n", manifestTitle, h.Run, h.Time.UTC().Format(time.RFC3339), strconv.Quote(h.Tool), previous, h.First)
}

// appendTo writes the line.
func (r *record) appendTo(b []byte) []byte {
	b = append(b, r.kind...)
	number := func(n int64) { b = strconv.AppendInt(append(b, ' '), n, 10) }
	quoted := func(s string) { b = strconv.AppendQuote(append(b, ' '), s) }
	word := func(s string) { b = append(append(b, ' '), s...) }
	switch r.kind {
	case kindSource:
		word(orDash(r.format))
		word(orDash(r.variant))
		number(r.size)
		number(r.modified)
		quoted(r.path)
	case kindNew, kindKnown:
		if r.kind == kindNew {
			word(r.digest.Hex())
			number(r.size)
		} else {
			number(r.entry)
		}
		number(r.offset)
		if r.envelope != "" {
			quoted(r.envelope)
		}
	case kindGone, kindGrew:
		number(r.entry)
	case kindState:
		if r.settled {
			word("settled")
		} else {
			word("moving")
		}
		number(r.tail)
		if r.last < 0 {
			word("-")
		} else {
			number(r.last)
		}
	case kindBlocks:
		number(r.block)
		for _, d := range r.blocks {
			word(d.Hex())
		}
	case kindAbsent:
		quoted(r.path)
	case kindRenamed:
		quoted(r.path)
		quoted(r.to)
	case kindFrame:
		number(r.count)
		number(r.length)
		number(r.size)
	case kindSegment:
		if r.digest.IsZero() {
			word(none)
		} else {
			word(r.digest.Hex())
			number(r.size)
		}
	case kindEnd:
		number(r.count)
	}
	return append(b, '\n')
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func unDash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// line takes a line of a manifest apart.
type line struct {
	rest string
	err  error
}

func (l *line) fail(what string) {
	if l.err == nil {
		l.err = fmt.Errorf("%s expected at %q", what, clip(l.rest, 40))
	}
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

func (l *line) word() string {
	w, rest, more := strings.Cut(l.rest, " ")
	if w == "" || more && rest == "" {
		l.fail("a word")
		return ""
	}
	l.rest = rest
	return w
}

// number reads a number of bytes, messages or blocks.
func (l *line) number() int64 {
	w := l.word()
	n, err := strconv.ParseInt(w, 10, 64)
	if err != nil || n < 0 || n > maxNumber || w[0] == '+' || w[0] == '-' || w[0] == '0' && w != "0" {
		l.fail("a number")
		return 0
	}
	return n
}

// maxNumber bounds what is added up: no sum of two of them overflows.
const maxNumber = 1 << 60

func (l *line) hex() digest.Digest { return l.digest("sha256:") }

// digest reads a digest in lower case, prefix being what is left out of its text form.
func (l *line) digest(prefix string) digest.Digest {
	w := l.word()
	d, err := digest.Parse(prefix + w)
	if err != nil || d.IsZero() || strings.ContainsAny(w, "ABCDEF") {
		l.fail("a digest")
	}
	return d
}

func (l *line) quoted() string {
	if s, ok := l.plain(); ok {
		return s
	}
	prefix, err := strconv.QuotedPrefix(l.rest)
	if err != nil || prefix[0] != '"' {
		l.fail("a quoted text")
		return ""
	}
	s, err := strconv.Unquote(prefix)
	if err != nil || strconv.Quote(s) != prefix {
		l.fail("a quoted text")
		return ""
	}
	l.rest = l.rest[len(prefix):]
	if l.rest != "" {
		if l.rest[0] != ' ' || l.rest == " " {
			l.fail("a space")
		}
		l.rest = l.rest[1:]
	}
	return s
}

// plain reads a quoted text in which nothing is escaped, as nearly all are.
func (l *line) plain() (string, bool) {
	if l.rest == "" || l.rest[0] != '"' {
		return "", false
	}
	for i := 1; i < len(l.rest); i++ {
		switch c := l.rest[i]; {
		case c == '\\' || c < ' ' || c > '~':
			return "", false
		case c == '"':
			s := l.rest[1:i]
			switch rest := l.rest[i+1:]; {
			case rest == "":
				l.rest = ""
			case rest[0] == ' ' && rest != " ":
				l.rest = rest[1:]
			default:
				return "", false
			}
			return s, true
		}
	}
	return "", false
}

func parseRecord(text string) (record, error) {
	l := &line{rest: text}
	r := record{kind: kind(l.word())}
	switch r.kind {
	case kindSource:
		r.format, r.variant, r.size = unDash(l.word()), unDash(l.word()), l.number()
		w := l.word()
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != w {
			l.fail("a time")
		}
		r.modified, r.path = n, l.quoted()
	case kindNew, kindKnown:
		if r.kind == kindNew {
			r.digest, r.size = l.hex(), l.number()
		} else {
			r.entry = l.number()
		}
		if r.offset = l.number(); l.rest != "" {
			if r.envelope = l.quoted(); r.envelope == "" {
				l.fail("an envelope line")
			}
		}
	case kindGone, kindGrew:
		r.entry = l.number()
	case kindState:
		w := l.word()
		if r.settled = w == "settled"; !r.settled && w != "moving" {
			l.fail("settled or moving")
		}
		r.tail, r.last = l.number(), -1
		if l.rest == "-" {
			l.rest = ""
		} else {
			r.last = l.number()
		}
	case kindBlocks:
		r.block = l.number()
		for l.rest != "" && l.err == nil {
			r.blocks = append(r.blocks, l.hex())
		}
	case kindAbsent:
		r.path = l.quoted()
	case kindRenamed:
		r.path = l.quoted()
		r.to = l.quoted()
	case kindFrame:
		r.count, r.length, r.size = l.number(), l.number(), l.number()
	case kindSegment:
		if l.rest == none {
			l.rest = ""
		} else {
			r.digest, r.size = l.hex(), l.number()
		}
	case kindEnd:
		r.count = l.number()
	default:
		return r, fmt.Errorf("a line of a kind that this version does not know: %q", clip(text, 40))
	}
	if l.err == nil && l.rest != "" {
		l.fail("the end of the line")
	}
	return r, l.err
}

// manifestReader reads a manifest from its beginning to its end line.
type manifestReader struct {
	Head manifestHead
	scan *bufio.Scanner
	line int
}

func newManifestReader(r io.Reader) (*manifestReader, error) {
	m := &manifestReader{scan: bufio.NewScanner(r)}
	m.scan.Buffer(make([]byte, 64<<10), maxLine)
	m.scan.Split(scanWholeLines)
	want := func(name string) (*line, error) {
		m.line++
		if !m.scan.Scan() {
			return nil, m.broken(io.ErrUnexpectedEOF)
		}
		text := m.scan.Text()
		rest, ok := strings.CutPrefix(text, name)
		if !ok {
			return nil, m.broken(fmt.Errorf("%q expected", name))
		}
		return &line{rest: rest}, nil
	}
	title, err := want(manifestTitle)
	if err != nil {
		return nil, err
	}
	if title.rest != "" {
		return nil, m.broken(errors.New("a manifest of another version"))
	}
	for _, part := range []struct {
		name string
		read func(l *line)
	}{
		{"run ", func(l *line) { m.Head.Run = l.number() }},
		{"time ", func(l *line) {
			text := l.word()
			t, err := time.Parse(time.RFC3339, text)
			if err != nil || t.UTC().Format(time.RFC3339) != text {
				l.fail("a time")
			}
			m.Head.Time = t.UTC()
		}},
		{"tool ", func(l *line) { m.Head.Tool = l.quoted() }},
		{"previous ", func(l *line) {
			if l.rest == none {
				l.rest = ""
				return
			}
			m.Head.Previous = l.digest("")
		}},
		{"first ", func(l *line) { m.Head.First = l.number() }},
	} {
		l, err := want(part.name)
		if err != nil {
			return nil, err
		}
		if part.read(l); l.err == nil && l.rest != "" {
			l.fail("the end of the line")
		}
		if l.err != nil {
			return nil, m.broken(l.err)
		}
	}
	return m, nil
}

func (m *manifestReader) broken(err error) error {
	if m.scan.Err() != nil {
		err = m.scan.Err()
	}
	return fmt.Errorf("manifest, line %d: %w", m.line, err)
}

// records gives the lines after the head. The sequence ends with the end line, which counts the new messages, or with an error.
func (m *manifestReader) records() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		messages := int64(0)
		for {
			m.line++
			if !m.scan.Scan() {
				yield(record{}, m.broken(io.ErrUnexpectedEOF))
				return
			}
			r, err := parseRecord(m.scan.Text())
			if err == nil && r.kind == kindEnd && r.count != messages {
				err = fmt.Errorf("%d messages stand here, not %d", messages, r.count)
			}
			if err == nil && r.kind == kindEnd && m.scan.Scan() {
				err = errors.New("text behind the end")
			}
			if err != nil {
				yield(record{}, m.broken(err))
				return
			}
			if r.kind == kindNew {
				messages++
			}
			if !yield(r, nil) || r.kind == kindEnd {
				return
			}
		}
	}
}

// scanWholeLines gives lines that end in LF: what is cut off is an error.
func scanWholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}
