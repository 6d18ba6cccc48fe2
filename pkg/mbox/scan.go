package mbox

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

const (
	window    = 1 << 19        // bytes read at once; small enough to stay in the processor's cache between search, copy and digest
	lookahead = 4 << 10        // bytes behind a candidate that must be at hand to judge it
	overlap   = maxQuotes + 16 // bytes before the search that stay at hand inside a message too large to be held
	maxHeader = 1 << 20        // a Content-Length is looked for in so much of a message
)

var (
	mmdfLine    = []byte("\x01\x01\x01\x01")
	contentDash = []byte("Content-")
	lengthName  = []byte("Length")
	bom         = []byte("\xEF\xBB\xBF")
)

// What Piece.Notes and Report.Notes say.
const (
	doubtOddFromLine = "the From_ line is in no known form"
	doubtNoFromLine  = "no From_ line before the first message"
	doubtCutOff      = "the file ends within a line: this message may be cut off"
	doubtNoBlank     = "no empty line before the From_ line"
	doubtNoHeader    = "no header field follows the From_ line: it may be a line of the message before"
)

// span is one piece as it lies in the file; offsets count from the start of the file.
type span struct {
	start, end  int64 // the whole piece
	raw, rawEnd int64 // the message
	body        int64 // where the body begins, -1 as long as it was not looked for or not found
	searched    int64 // no empty line ends before this
	fromLine    []byte
	held        bool // raw lies in the window
	message     bool
	quoted      int
	doubts      []string
	length      contentLength
}

type contentLength uint8

const (
	noLength contentLength = iota
	lengthHolds
	lengthLies
)

// scan walks over the pieces of a file.
type scan struct {
	r         io.ReaderAt
	size      int64
	held      int64 // messages up to this size are kept in the window
	useLength bool
	seen      *evidence // set by Detect

	buf     []byte // the bytes from base on
	base    int64
	lent    bool // a piece points into buf: it must not be overwritten
	reuse   bool
	fromBuf []byte // of the piece's From_ line, with reuse
	pos     int64  // where the next piece begins

	needle []byte
	cr     bool  // lines end in a bare CR
	first  int64 // the first From_ line, 0 if there is none near the start
	git    bool  // the mailbox is one of git format-patch
	blank  int   // separators with an empty line before them, less those without

	lengthAt, lengthFrom int64 // the last Content-Length that Detect saw; where it looks on

	next nextLine
}

// nextLine is what was found where the current piece ends.
type nextLine struct {
	from   bool // pos stands on a From_ line (or MMDF line)
	doubts []string
}

// newScan starts at the beginning; messages of more than held bytes are not kept in the window.
func newScan(r io.ReaderAt, size int64, v Variant, held int64) *scan {
	return &scan{r: r, size: size, held: held, useLength: v == MboxCL || v == MboxCL2, needle: fromSpace}
}

// load makes the bytes [keep, upto) of the file available in buf, as far as the file goes; what lies before keep may be dropped.
func (s *scan) load(keep, upto int64) error {
	upto = min(upto, s.size)
	if s.base <= keep && upto <= s.base+int64(len(s.buf)) {
		return nil
	}
	rest := s.buf[min(keep-s.base, int64(len(s.buf))):]
	need := upto - keep
	if need > int64(cap(s.buf)) || s.lent || cap(s.buf) > window && need <= window {
		want := int64(window)
		if need > want {
			want = max(need, 2*int64(cap(s.buf)))
		}
		fresh := make([]byte, 0, min(want, s.size-keep))
		s.buf, s.lent = append(fresh, rest[:min(len(rest), cap(fresh))]...), false
	} else {
		s.buf = s.buf[:copy(s.buf[:cap(s.buf)], rest)]
	}
	s.base = keep
	full := min(int64(cap(s.buf)), s.size-keep)
	for have := int64(len(s.buf)); have < full; have = int64(len(s.buf)) {
		n, err := s.r.ReadAt(s.buf[have:full], keep+have)
		s.buf = s.buf[:have+int64(n)]
		if int64(len(s.buf)) >= upto-keep {
			return nil
		}
		if err == io.EOF {
			return fmt.Errorf("mbox: the file ends at %d, it was %d bytes long: %w", keep+have+int64(n), s.size, io.ErrUnexpectedEOF)
		}
		if err != nil {
			return fmt.Errorf("mbox: read at %d: %w", keep+have, err)
		}
	}
	return nil
}

// at gives the loaded bytes from an offset of the file on.
func (s *scan) at(offset int64) []byte { return s.buf[offset-s.base:] }

// more gives the next piece; ok is false at the end of the file.
func (s *scan) more() (sp span, ok bool, err error) {
	if s.pos >= s.size {
		return sp, false, nil
	}
	sp = span{start: s.pos, raw: s.pos, body: -1, held: true}
	if err := s.load(s.pos, s.pos+2*lookahead); err != nil {
		return sp, false, err
	}
	if s.pos == 0 {
		s.begin()
	}
	if s.next.from {
		s.fromLine(&sp)
	} else {
		s.withoutFromLine(&sp)
	}
	stop, sep, err := s.promised(&sp)
	if err != nil {
		return sp, false, err
	}
	if err := s.find(&sp, stop, sep); err != nil {
		return sp, false, err
	}
	s.pos = sp.end
	return sp, true, nil
}

// begin decides from the first bytes what kind of mailbox this is.
func (s *scan) begin() {
	head := s.buf[:min(len(s.buf), 2*lookahead)]
	if bytes.HasPrefix(head, mmdfLine) {
		if n := len(mmdfLine); eolAt(head[n:], false) > 0 {
			s.needle, s.next.from = mmdfLine, true
			return
		}
	}
	i := len(head) - len(trimStart(head))
	line, rest := cutLine(head[i:])
	s.cr = endsInCR(line, rest)
	s.git = bytes.HasPrefix(line, fromSpace) && isGitLine(line)
	if IsFromLine(line) || bytes.HasPrefix(line, fromSpace) && isField(rest) {
		s.first, s.next.from = int64(i), i == 0
	}
}

// endsInCR tells whether a line, cut after its ending, ends in a bare CR.
func endsInCR(line, rest []byte) bool {
	return bytes.HasSuffix(line, []byte("\r")) && len(rest) > 0
}

// fromLine takes the From_ line (in MMDF the U+0001 line and a From_ line after it) off the piece.
func (s *scan) fromLine(sp *span) {
	sp.message, sp.doubts = true, s.next.doubts
	line, rest := cutLine(s.at(s.pos))
	if s.mmdf() {
		sp.raw += int64(len(line))
		if line, _ = cutLine(rest); !IsFromLine(line) {
			return
		}
	}
	sp.raw += int64(len(line))
	sp.fromLine = bytes.TrimRight(line, "\r\n")
	if s.reuse {
		s.fromBuf = append(s.fromBuf[:0], sp.fromLine...)
		sp.fromLine = s.fromBuf
	} else {
		sp.fromLine = bytes.Clone(sp.fromLine)
	}
	if s.pos == s.first && !s.mmdf() && !IsFromLine(line) {
		sp.doubts = append(sp.doubts, doubtOddFromLine)
	}
}

func (s *scan) mmdf() bool { return s.needle[0] == mmdfLine[0] }

// withoutFromLine judges a piece that no From_ line begins.
func (s *scan) withoutFromLine(sp *span) {
	if s.mmdf() {
		return
	}
	if text := trimStart(s.at(s.pos)); isField(text) {
		sp.message = true
		sp.doubts = append(sp.doubts, doubtNoFromLine)
	}
}

// find looks for the end of the piece. stop is the offset where Content-Length has it end (-1: it does not), sep the
// length of the empty line before it.
func (s *scan) find(sp *span, stop, sep int64) error {
	i := sp.raw
	for {
		have := s.base + int64(len(s.buf))
		until := have
		if have < s.size {
			until = max(i, have-lookahead)
		}
		if stop >= 0 {
			until = min(until, stop)
		}
		for i < until {
			b := s.at(i)
			k := bytes.Index(b[:min(int64(len(b)), until-i+int64(len(s.needle))-1)], s.needle)
			if k < 0 {
				i = until
				break
			}
			i += int64(k)
			if s.candidate(sp, i, stop) {
				return nil
			}
			i += int64(len(s.needle))
		}
		if stop >= 0 && i >= stop {
			s.end(sp, stop, sep, nextLine{from: stop < s.size})
			return nil
		}
		if have >= s.size {
			s.endOfFile(sp)
			return nil
		}
		keep := sp.start
		if !sp.held || i-sp.raw > s.held+lookahead {
			sp.held = false
			s.findBody(sp, i)
			keep = max(s.base, i-overlap, sp.start)
		}
		if err := s.load(keep, have+1); err != nil {
			return err
		}
	}
}

func (s *scan) end(sp *span, at, sep int64, next nextLine) {
	if !sp.message {
		sep = 0
	}
	sp.end, sp.rawEnd, s.next = at, at-sep, next
	if sp.rawEnd-sp.raw > s.held {
		sp.held = false
	}
}

// endOfFile: one empty line is the separator if this writer puts one before each From_ line.
func (s *scan) endOfFile(sp *span) {
	sep := int64(0)
	if s.blank >= 0 && sp.message && !s.mmdf() {
		sep = s.emptyLineBefore(sp.raw, s.size)
	}
	if last := s.buf[len(s.buf)-1]; sp.message && last != '\n' && last != '\r' {
		sp.doubts = append(sp.doubts, doubtCutOff)
	}
	s.end(sp, s.size, sep, nextLine{})
}

// candidate judges the "From " at an offset of the file; true: the piece ends there.
func (s *scan) candidate(sp *span, at, stop int64) bool {
	i := int(at - s.base)
	if at == s.first && at > 0 { // behind a BOM or blank lines: as at the start of the file
		s.end(sp, at, 0, nextLine{from: true})
		return true
	}
	if at == sp.raw && !(s.mmdf() && at > sp.start) {
		return false
	}
	before := s.buf[i-1]
	if before == '>' {
		if line := quoteStart(s.buf, i); line >= 0 {
			if s.findBody(sp, s.base+int64(line)); sp.body >= 0 && sp.body <= s.base+int64(line) {
				sp.quoted++
				if s.seen != nil {
					s.seen.quotedLine(s.buf, line, i-line)
				}
			}
		}
		return false
	}
	if before != '\n' && !(s.cr && before == '\r') {
		return false
	}
	line, rest := cutLine(s.buf[i:])
	if s.mmdf() {
		return s.mmdfEnd(sp, at, line)
	}
	sep := s.emptyLineBefore(sp.raw, at)
	if stop < 0 {
		if doubts, ok := s.separates(line, rest, sep > 0); ok {
			if sep > 0 {
				s.blank++
			} else {
				s.blank--
			}
			s.end(sp, at, sep, nextLine{from: true, doubts: doubts})
			return true
		}
	}
	if s.seen != nil {
		if s.findBody(sp, at); sp.body >= 0 && sp.body <= at {
			s.seen.bareLine(sep > 0)
		}
	}
	return false
}

// separates tells whether line begins a message, and what is doubtful about it.
func (s *scan) separates(line, rest []byte, afterBlank bool) (doubts []string, ok bool) {
	sender, date, ok := splitFromLine(line)
	if !ok || isGitLine(line) && !s.git {
		return nil, false
	}
	header := isField(rest)
	if !header && !(afterBlank && certainSender(sender) && !date.dateless) {
		return nil, false
	}
	if !afterBlank {
		doubts = append(doubts, doubtNoBlank)
	}
	if !header && len(rest) > 0 {
		doubts = append(doubts, doubtNoHeader)
	}
	return doubts, true
}

// mmdfEnd ends a message at its closing line; what lies between two messages is a piece of its own.
func (s *scan) mmdfEnd(sp *span, at int64, line []byte) bool {
	if len(bytes.TrimRight(line, "\r\n")) != len(mmdfLine) {
		return false
	}
	if !sp.message { // junk ends before the opening line
		s.end(sp, at, 0, nextLine{from: true})
		return true
	}
	after := at + int64(len(line))
	s.end(sp, after, int64(len(line)), nextLine{from: bytes.HasPrefix(s.at(after), mmdfLine)})
	return true
}

// emptyLineBefore gives the length of the empty line that ends at an offset, 0 where there is none at or after from.
func (s *scan) emptyLineBefore(from, at int64) int64 {
	b := s.buf[max(from-s.base, 0) : at-s.base]
	n := eolBefore(b, s.cr)
	if n == 0 {
		return 0
	}
	if b = b[:len(b)-n]; len(b) == 0 && from >= s.base || eolBefore(b, s.cr) > 0 {
		return int64(n)
	}
	return 0
}

// findBody looks for the end of the header before an offset, and goes on where it last stopped.
func (s *scan) findBody(sp *span, before int64) {
	if sp.body >= 0 || before <= sp.searched {
		return
	}
	from := max(sp.searched, sp.raw)
	b := s.buf[from-s.base : before-s.base]
	n := -1
	if from == sp.raw {
		n = headerEnd(b)
	} else {
		n = emptyLine(b)
	}
	if n >= 0 {
		sp.body = from + int64(n)
	} else if before-2 > from {
		sp.searched = before - 2
	}
}

// promised gives the offset where the piece ends by its Content-Length, if it ends at a From_ line or the end of the
// file there, and the length of the separating empty line; -1 where it has none or it lies.
func (s *scan) promised(sp *span) (stop, sep int64, err error) {
	if !s.useLength || !sp.message || s.mmdf() {
		return -1, 0, nil
	}
	if s.seen != nil {
		if near, err := s.lengthNear(sp); err != nil || !near {
			return -1, 0, err
		}
	}
	for n := int64(lookahead); sp.body < 0; n *= 16 {
		upto := min(sp.raw+n, s.size)
		if err := s.load(sp.start, upto); err != nil {
			return -1, 0, err
		}
		s.findBody(sp, upto)
		if upto == s.size || n >= maxHeader {
			break
		}
	}
	if sp.body < 0 {
		return -1, 0, nil
	}
	value := fieldContentLength(s.buf[sp.raw-s.base : sp.body-s.base])
	if value == "" {
		return -1, 0, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err == nil && n >= 0 && n <= s.size-sp.body {
		stop, sep, ok, err := s.lands(sp.body + n)
		if err != nil {
			return -1, 0, err
		}
		if ok {
			sp.length = lengthHolds
			return stop, sep, nil
		}
	}
	sp.length = lengthLies
	doubt := "Content-Length " + value + " does not end where a message ends"
	if err == nil && n > s.size-sp.body {
		doubt = "Content-Length " + value + " goes past the end of the file"
	}
	sp.doubts = append(sp.doubts, doubt)
	return -1, 0, nil
}

// lengthNear spares Detect a look through every header: it tells whether the name Content-Length comes up at all in the
// window from the message on, which holds at least its first 32 KiB.
func (s *scan) lengthNear(sp *span) (bool, error) {
	if err := s.load(sp.start, sp.raw+8*lookahead); err != nil {
		return false, err
	}
	if s.lengthAt >= sp.raw {
		return true, nil
	}
	have := s.base + int64(len(s.buf))
	for from := max(s.lengthFrom, sp.raw); from < have; {
		i := bytes.Index(s.at(from), contentDash)
		if i < 0 {
			s.lengthFrom = max(from, have-int64(len(contentDash)+len(lengthName)))
			return false, nil
		}
		from += int64(i + len(contentDash))
		if b := s.at(from); len(b) >= len(lengthName) && bytes.EqualFold(b[:len(lengthName)], lengthName) {
			s.lengthAt, s.lengthFrom = from, from
			return true, nil
		}
	}
	return false, nil
}

// lands tells whether a body may end at an offset: behind at most one line ending and one empty line comes a From_ line
// or the end of the file.
func (s *scan) lands(at int64) (stop, sep int64, ok bool, err error) {
	from, upto := at-1, min(at+maxFromLine+8, s.size) // at-1 is there: a body follows an empty line
	var b []byte
	if from >= s.base && upto <= s.base+int64(len(s.buf)) {
		b = s.buf[from-s.base : upto-s.base]
	} else {
		b = make([]byte, upto-from)
		if n, err := s.r.ReadAt(b, from); n < len(b) {
			return 0, 0, false, fmt.Errorf("mbox: read at %d: %w", from, err)
		}
	}
	lineStart := b[0] == '\n'
	b = b[1:]
	for range 2 {
		if n := eolAt(b, false); n > 0 && (!lineStart || sep == 0) {
			if lineStart {
				sep = int64(n)
			}
			lineStart, at, b = true, at+int64(n), b[n:]
		}
	}
	if at == s.size {
		return at, sep, true, nil
	}
	line, _ := cutLine(b)
	return at, sep, lineStart && IsFromLine(line), nil
}
