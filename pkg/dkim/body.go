package dkim

import (
	"bytes"
	"encoding/binary"
	"hash"
	"io"
	"sync"
)

// canon is a canonicalization: the two of RFC 6376 §3.4 and the nofws of RFC 4870 §3.4.2.2.
type canon string

const (
	simple  canon = "simple"
	relaxed canon = "relaxed"
	nofws   canon = "nofws"
)

// sink is one digest over a canonical body. Sinks that share a canonicalization share the pass.
type sink struct {
	hash  hash.Hash
	limit int64 // bytes to take (l=), or -1
	n     int64 // bytes that the canonical body has
	// domainKey: RFC 4870 hashes header and body as one text, in which the line between them falls away with the blank lines at the end.
	domainKey bool
	after     []byte // what follows the body in the text that is signed
}

func (s *sink) write(p []byte) {
	if s.domainKey && s.n == 0 && len(p) > 0 {
		s.hash.Write(crlf)
	}
	if s.limit >= 0 {
		take := max(s.limit-s.n, 0)
		s.n += int64(len(p))
		p = p[:min(take, int64(len(p)))]
		if len(p) > 0 {
			s.hash.Write(p)
		}
		return
	}
	s.n += int64(len(p))
	s.hash.Write(p)
}

var crlf = []byte("\r\n")

// bodyWriter makes the canonical body on the way to its sinks. Line endings become CRLF: a line ends at CRLF or LF, and at a bare CR only in
// a message whose header knows no other line ending (cr).
//
// It works in two steps, each over whole blocks: white space (relaxed and nofws only), then line endings and the blank lines at the end.
type bodyWriter struct {
	canon canon
	cr    bool
	sinks []*sink

	// first step
	space   bool   // white space is held back (relaxed)
	heldCR  bool   // after it a CR, which may turn out to be half a line ending
	afterCR bool   // before it a CR
	out     []byte // the block after this step
	// second step
	lastCR  bool // a CR at the end of the last block is held back
	content bool // the line has content so far
	blank   int64
	lines   []byte // converted lines on their way to the sinks

	buffers *bodyBuffers // out and lines lie here; nil after release
}

// bodyBuffers are used for one message after the other: most signed bodies are smaller than they are.
type bodyBuffers struct {
	out   [blockSize + 8]byte
	lines [lineBlock + 2]byte
}

var pooledBuffers = sync.Pool{New: func() any { return new(bodyBuffers) }}

const (
	blockSize = 4 << 10 // of the first step
	lineBlock = 4 << 10 // of what goes to the sinks
)

func newBodyWriter(c canon, cr bool) *bodyWriter {
	b := pooledBuffers.Get().(*bodyBuffers)
	return &bodyWriter{canon: c, cr: cr, out: b.out[:0], lines: b.lines[:0], buffers: b}
}

// release gives the buffers back; w must not be written to any more.
func (w *bodyWriter) release() {
	if w.buffers != nil {
		pooledBuffers.Put(w.buffers)
		w.buffers, w.out, w.lines = nil, nil, nil
	}
}

func (w *bodyWriter) write(p []byte) {
	for len(p) > 0 {
		block := p[:min(len(p), blockSize)]
		p = p[len(block):]
		switch w.canon {
		case relaxed:
			w.endLines(w.relax(block))
		case nofws:
			w.endLines(w.strip(block))
		default:
			w.endLines(block)
		}
	}
}

// close ends a last line that has no line ending (RFC 6376 §3.4.3), drops the blank lines at the end, and gives an empty body in simple
// form its one line ending.
func (w *bodyWriter) close() {
	if w.heldCR {
		w.endLines([]byte(" \r"))
	}
	if w.lastCR {
		w.lastCR = false
		if w.cr {
			w.endLine()
		} else {
			w.put([]byte{'\r'})
		}
	}
	if w.content {
		w.endLine()
	}
	w.flush()
	for _, s := range w.sinks {
		if w.canon == simple && s.n == 0 && !s.domainKey {
			s.write(crlf)
		}
	}
}

// put adds content of a line, after the blank lines that were held back.
func (w *bodyWriter) put(p []byte) {
	for ; w.blank > 0; w.blank-- {
		w.lines = append(w.lines, '\r', '\n')
		if len(w.lines) >= lineBlock {
			w.flush()
		}
	}
	w.content = true
	if len(w.lines)+len(p) > lineBlock {
		w.flush()
		if len(p) > lineBlock/2 {
			for _, s := range w.sinks {
				s.write(p)
			}
			return
		}
	}
	w.lines = append(w.lines, p...)
}

func (w *bodyWriter) endLine() {
	if !w.content {
		w.blank++
		return
	}
	w.lines = append(w.lines, '\r', '\n')
	w.content = false
}

func (w *bodyWriter) flush() {
	for _, s := range w.sinks {
		s.write(w.lines)
	}
	w.lines = w.lines[:0]
}

// endLines is the second step.
func (w *bodyWriter) endLines(p []byte) {
	if len(p) == 0 {
		return
	}
	if w.lastCR {
		w.lastCR = false
		switch {
		case p[0] == '\n':
			w.endLine()
			p = p[1:]
		case w.cr:
			w.endLine()
		default:
			w.put([]byte{'\r'})
		}
	}
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		line := p
		if end >= 0 {
			line = p[:end]
		} else if p[len(p)-1] == '\r' {
			w.lastCR = true
			line = p[:len(p)-1]
		}
		if end > 0 && line[end-1] == '\r' {
			line = line[:end-1]
		}
		if w.cr {
			for {
				at := bytes.IndexByte(line, '\r')
				if at < 0 {
					break
				}
				if at > 0 {
					w.put(line[:at])
				}
				w.endLine()
				line = line[at+1:]
			}
		}
		if len(line) > 0 {
			w.put(line)
		}
		if end < 0 {
			return
		}
		w.endLine()
		p = p[end+1:]
	}
}

// relax reduces white space (RFC 6376 §3.4.4): none at the end of a line, one space elsewhere. What needs no change is given back as it is.
func (w *bodyWriter) relax(p []byte) []byte {
	w.out = w.out[:0]
	for i := 0; i < len(p); {
		if w.space {
			i += w.afterSpace(p[i])
			continue
		}
		end := i + cleanRun(p[i:])
		if end-i == len(p) && len(w.out) == 0 {
			return p
		}
		w.out = append(w.out, p[i:end]...)
		for i = end; i < len(p) && (p[i] == ' ' || p[i] == '\t'); {
			i++
		}
		switch {
		case i == end: // the end of the block
		case i < len(p) && p[i] > ' ':
			w.out = append(w.out, ' ')
		case i+1 < len(p) && p[i] == '\r' && p[i+1] == '\n':
			w.out = append(w.out, '\r', '\n')
			i += 2
		default:
			w.space = true
			// The last byte may be a CR that was content (or, with cr, a line ending): if a LF follows, the two must not become one ending.
			w.afterCR = w.lastCR
			if n := len(w.out); n > 0 {
				w.afterCR = w.out[n-1] == '\r'
			}
		}
	}
	return w.out
}

// afterSpace decides about white space that is held back, by the byte after it, and says whether that byte is taken.
func (w *bodyWriter) afterSpace(c byte) int {
	switch {
	case w.heldCR && c == '\n':
		w.out = append(w.out, '\r', '\n')
	case w.heldCR:
		w.out = append(w.out, ' ', '\r')
		w.space, w.heldCR = false, false
		return 0
	case c == ' ' || c == '\t':
		return 1
	case c == '\r' && !w.cr:
		w.heldCR = true
		return 1
	case c == '\n' && w.afterCR:
		w.out = append(w.out, '\r', '\n')
	case c == '\n' || c == '\r':
		w.out = append(w.out, c)
	default:
		w.out = append(w.out, ' ')
		w.space = false
		return 0
	}
	w.space, w.heldCR = false, false
	return 1
}

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// cleanRun is the length of the start of p that the relaxed form leaves as it is: no tab, no space before white space or a line ending. What
// stands there, if anything, is white space. Words of eight bytes are looked at together, four of them without a branch between.
func cleanRun(p []byte) int {
	i := 0
	for i+33 <= len(p) {
		if q := p[i : i+33 : i+33]; doubtful(q, 0) == 0 {
			if i += 8; doubtful(q, 8)|doubtful(q, 16)|doubtful(q, 24) == 0 {
				i += 24
			}
			continue
		}
		for end := i + 8; i < end; i++ {
			if p[i] == '\t' || p[i] == ' ' && p[i+1] <= ' ' {
				return i
			}
		}
	}
	for ; i < len(p); i++ {
		if p[i] == '\t' || p[i] == ' ' && (i+1 == len(p) || p[i+1] <= ' ') {
			return i
		}
	}
	return len(p)
}

// doubtful is not zero where one of the eight bytes at i may have to go: x at their place, y at the place after, where a byte below 0x21 means that
// a space in x may. It may claim too much, never too little; the bytes themselves decide.
func doubtful(p []byte, i int) uint64 {
	x := binary.LittleEndian.Uint64(p[i:])
	y := binary.LittleEndian.Uint64(p[i+1:])
	tabs, spaces := x^(everyByte*'\t'), x^(everyByte*' ')
	tabs = (tabs - everyByte) & ^tabs
	spaces = (spaces - everyByte) & ^spaces
	small := (y - everyByte*0x21) & ^y
	return (tabs | spaces&small) & highBits
}

// strip takes all white space out of the lines (RFC 4870 §3.4.2.2). A CR is white space there, so that only LF is left to end a line.
func (w *bodyWriter) strip(p []byte) []byte {
	w.out = w.out[:0]
	for _, c := range p {
		switch c {
		case ' ', '\t':
		case '\r':
			if w.cr {
				w.out = append(w.out, '\r')
			}
		default:
			w.out = append(w.out, c)
		}
	}
	return w.out
}

// bodyWriters gives one reading of the body to several canonicalizations.
type bodyWriters []*bodyWriter

func (ws bodyWriters) Write(p []byte) (int, error) {
	for _, w := range ws {
		w.write(p)
	}
	return len(p), nil
}

func (ws bodyWriters) close() {
	for _, w := range ws {
		w.close()
	}
}

// pass reads the body once, to its end.
func (ws bodyWriters) pass(body io.Reader) error {
	if body != nil {
		if _, err := io.Copy(ws, body); err != nil {
			return err
		}
	}
	ws.close()
	for _, w := range ws {
		w.release()
	}
	return nil
}
