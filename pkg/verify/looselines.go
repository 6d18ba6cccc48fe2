package verify

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lineEnd is what a line ends with.
type lineEnd byte

const (
	noEnd lineEnd = iota // end of the bytes, or a line longer than longestLine
	endLF
	endCRLF
	endCR
	endCRCRLF // more than one CR before LF: converted twice
)

const longestLine = 64 << 10

// lineReader cuts bytes into lines, in constant memory.
type lineReader struct {
	r    *bufio.Reader
	line []byte
	end  lineEnd
	err  error
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: bufio.NewReaderSize(r, 64<<10)} }

// next reads a line; false at the end and at an error.
func (l *lineReader) next() bool {
	l.line, l.end = l.line[:0], noEnd
	for len(l.line) < longestLine {
		c, err := l.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return len(l.line) > 0
		}
		if err != nil {
			l.err = err
			return false
		}
		switch c {
		case '\n':
			l.end = endLF
			return true
		case '\r':
			l.end = l.afterCR()
			return true
		}
		l.line = append(l.line, c)
	}
	return true
}

func (l *lineReader) afterCR() lineEnd {
	// A reader's error is met again by the next ReadByte.
	b, _ := l.r.Peek(2)
	switch {
	case len(b) > 0 && b[0] == '\n':
		l.r.Discard(1)
		return endCRLF
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		l.r.Discard(2)
		return endCRCRLF
	}
	return endCR
}

// lineDifferences says in what two sequences of lines differ that are the same text.
type lineDifferences struct {
	equal    bool // but for the differences below
	ends     bool // line endings
	quoted   int  // lines "From " that one has with one ">" more
	trailing int  // lines with other white space at their end
	blank    int  // empty lines at the end: more in b if positive
	final    int  // 1: only b has a line ending after its last line; -1: only a has
}

// compareLines compares two texts line by line; the error is one of reading.
func compareLines(a, b io.Reader) (lineDifferences, error) {
	var d lineDifferences
	x, y := newLineReader(a), newLineReader(b)
	lastX, lastY := noEnd, noEnd
	for {
		inX, inY := x.next(), y.next()
		if err := errors.Join(x.err, y.err); err != nil {
			return d, err
		}
		if !inX || !inY {
			rest, last, sign, in := x, &lastX, -1, inX
			if inY {
				rest, last, sign, in = y, &lastY, 1, inY
			}
			for ; in; in = rest.next() {
				if len(bytes.TrimRight(rest.line, " \t")) > 0 {
					return d, nil
				}
				d.blank += sign
				*last = rest.end
			}
			switch {
			case lastX == noEnd && lastY != noEnd:
				d.final = 1
			case lastX != noEnd && lastY == noEnd:
				d.final = -1
			}
			d.equal = true
			return d, rest.err
		}
		lastX, lastY = x.end, y.end
		if x.end != y.end && x.end != noEnd && y.end != noEnd {
			d.ends = true
		}
		if bytes.Equal(x.line, y.line) {
			continue
		}
		p, q := bytes.TrimRight(x.line, " \t"), bytes.TrimRight(y.line, " \t")
		switch {
		case bytes.Equal(p, q):
			d.trailing++
		case oneQuoteMore(x.line, y.line), oneQuoteMore(y.line, x.line):
			d.quoted++
		default:
			return d, nil
		}
	}
}

// oneQuoteMore tells whether b is the line a quoted once more, as mbox files do.
func oneQuoteMore(a, b []byte) bool {
	return len(b) == len(a)+1 && b[0] == '>' && bytes.Equal(b[1:], a) && bytes.HasPrefix(bytes.TrimLeft(a, ">"), []byte("From "))
}
