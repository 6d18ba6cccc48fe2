package message

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// decoder undoes a transfer encoding (RFC 2045 §6), piece by piece, and never fails: it notes the first thing that is wrong.
type decoder interface {
	// decode appends to dst what src decodes to and returns how much of src it used; the rest must come again, with more behind
	// it. final tells that nothing follows; then all is used.
	decode(dst, src []byte, final bool) (out []byte, used int)
	// trouble returns what is wrong and at which octet of the encoded content, "" if nothing is.
	trouble() (what string, at int64)
}

// newDecoder returns nil where there is nothing to undo.
func newDecoder(encoding string, cr bool) decoder {
	switch encoding {
	case "base64":
		return &base64Decoder{}
	case "quoted-printable":
		return &qpDecoder{cr: cr}
	}
	return nil
}

// transferEncoding reads the value of Content-Transfer-Encoding with the mistakes that occur.
func transferEncoding(s string) (encoding string, known bool) {
	s = strings.ToLower(strings.Trim(s, " \t\"'"))
	if i := strings.IndexAny(s, ";( \t,"); i > 0 && s != "8 bit" && s != "7 bit" {
		s = strings.Trim(s[:i], "\"'")
	}
	switch s {
	case "", "7bit", "7-bit", "7 bit":
		return "7bit", true
	case "8bit", "8-bit", "8 bit", "8bits":
		return "8bit", true
	case "binary":
		return "binary", true
	case "base64", "base-64", "b":
		return "base64", true
	case "quoted-printable", "quotedprintable", "quoted printable", "q", "qp":
		return "quoted-printable", true
	}
	return s, false
}

type note struct {
	what string
	at   int64
}

func (n *note) set(what string, at int64) {
	if n.what == "" {
		n.what, n.at = what, at
	}
}

func (n *note) trouble() (string, int64) { return n.what, n.at }

const (
	b64Space = 0xfd
	b64Pad   = 0xfe
	b64Bad   = 0xff

	b64LineLikely = 40   // so many octets of the alphabet in a row are no text
	b64NextLine   = 1024 // how far behind a wrong octet the next line is looked for
)

var b64Table = func() (t [256]byte) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = b64Bad
		if i <= ' ' {
			t[i] = b64Space
		}
	}
	for i, c := range []byte(alphabet) {
		t[c] = byte(i)
	}
	t['='] = b64Pad
	return t
}()

// base64Decoder decodes up to the padding or to the first wrong octet, unless base64 clearly goes on behind it: a footer that a
// mailing list put below must not become part of an attachment, a stray octet must not cost the rest of it.
type base64Decoder struct {
	note
	seen  int64 // octets used before this piece
	acc   uint32
	n     int  // sextets in acc
	ended bool // the padding was read
	dead  bool // nothing more is decoded
}

func (d *base64Decoder) decode(dst, src []byte, final bool) ([]byte, int) {
	if d.dead {
		return dst, len(src)
	}
	dst = slices.Grow(dst, len(src)/4*3+6)
	start := len(dst)
	checked := 0 // up to where lines were looked at as a whole
	i := 0
	for i < len(src) {
		if d.n == 0 && !d.ended {
			dst, i = wholeGroups(dst, src, i)
			if i == len(src) {
				break
			}
		}
		v := b64Table[src[i]]
		if i >= checked && (v == b64Bad || v == b64Space && (src[i] == ' ' || src[i] == '\t')) {
			line, end, text := textLine(src, i)
			if checked = end; text {
				dst, v = d.takeBack(dst, start, src[line:i]), b64Bad
			}
		}
		switch {
		case v == b64Space || d.ended && v == b64Pad:
			i++
		case v == b64Pad && d.n < 2:
			d.set("padding where there is nothing to pad", d.seen+int64(i))
			i++
		case v == b64Pad:
			dst = d.flush(dst)
			d.ended = true
			i++
		case d.ended || v == b64Bad:
			rest := src[i:]
			if len(rest) < b64NextLine+b64LineLikely && !final {
				d.seen += int64(i)
				return dst, i
			}
			rest = rest[:min(len(rest), b64NextLine+b64LineLikely)]
			goesOn := d.ended && allBase64(rest)
			skip := 1
			if v == b64Bad {
				goesOn, skip = nextBase64(rest)
			}
			if !goesOn {
				d.set("there is text that is not base64, nothing is decoded from there on", d.seen+int64(i))
				d.dead = true
				return d.flush(dst), len(src)
			}
			if v == b64Bad {
				what := "an octet that is not base64 is left out"
				if skip > 1 {
					what = "text that is not base64 is left out"
				}
				d.set(what, d.seen+int64(i))
				i += skip
			} else {
				d.set("base64 goes on behind its padding", d.seen+int64(i))
			}
			d.ended = false
		default:
			d.acc = d.acc<<6 | uint32(v)
			i++
			if d.n++; d.n == 4 {
				dst = append(dst, byte(d.acc>>16), byte(d.acc>>8), byte(d.acc))
				d.acc, d.n = 0, 0
			}
		}
	}
	d.seen += int64(i)
	if final && d.n > 0 {
		d.set("the last group is not whole", d.seen)
		dst = d.flush(dst)
	}
	return dst, i
}

// wholeGroups decodes groups of four as long as nothing else stands in src.
func wholeGroups(dst, src []byte, i int) ([]byte, int) {
	n := len(dst)
	out := dst[:cap(dst)]
	for i+4 <= len(src) && n+3 <= len(out) {
		a, b, c, e := b64Table[src[i]], b64Table[src[i+1]], b64Table[src[i+2]], b64Table[src[i+3]]
		if a|b|c|e >= 64 {
			if src[i] != '\n' {
				break
			}
			i++
			continue
		}
		v := uint32(a)<<18 | uint32(b)<<12 | uint32(c)<<6 | uint32(e)
		out[n], out[n+1], out[n+2] = byte(v>>16), byte(v>>8), byte(v)
		n += 3
		i += 4
	}
	return dst[:n], i
}

// flush writes the octets that an unfinished group still holds.
func (d *base64Decoder) flush(dst []byte) []byte {
	switch d.n {
	case 2:
		dst = append(dst, byte(d.acc>>4))
	case 3:
		dst = append(dst, byte(d.acc>>10), byte(d.acc>>2))
	}
	d.acc, d.n = 0, 0
	return dst
}

// textLine tells whether the line that i stands in is words and no base64, where it begins and ends. White space within base64 is let through where it parts whole groups.
func textLine(src []byte, i int) (start, end int, text bool) {
	start = bytes.LastIndexAny(src[max(i-b64NextLine, 0):i], "\r\n") + 1 + max(i-b64NextLine, 0)
	end = bytes.IndexAny(src[i:min(i+b64NextLine, len(src))], "\r\n")
	if end < 0 {
		end = min(b64NextLine, len(src)-i)
	}
	end += i
	words := bytes.Fields(src[start:end])
	for n, w := range words {
		if n < len(words)-1 && len(w)%4 != 0 {
			return start, end, true
		}
	}
	return start, end, false
}

// takeBack undoes what was decoded of the line so far, where the line began with a whole group.
func (d *base64Decoder) takeBack(dst []byte, start int, line []byte) []byte {
	k := 0
	for _, c := range line {
		if b64Table[c] < 64 {
			k++
		}
	}
	if drop := (k - d.n) / 4 * 3; k >= d.n && (k-d.n)%4 == 0 && drop <= len(dst)-start {
		d.acc, d.n = 0, 0
		return dst[:len(dst)-drop]
	}
	return dst
}

// nextBase64 tells whether base64 goes on behind a wrong octet, and how much is to be left out (RFC 2045 §6.8: what is not of the alphabet is ignored): the octet alone where the
// next line is base64, else all lines of text up to one that is.
func nextBase64(rest []byte) (goesOn bool, skip int) {
	for at, first := 0, true; ; first = false {
		nl := bytes.IndexAny(rest[at:], "\r\n")
		if nl < 0 {
			return false, 0
		}
		at += nl
		for at < len(rest) && (rest[at] == '\r' || rest[at] == '\n') {
			at++
		}
		if allBase64(rest[at:]) {
			if first && !bytes.ContainsAny(rest[:nl], " \t") {
				return true, 1
			}
			return true, at
		}
	}
}

func allBase64(b []byte) bool {
	if len(b) < b64LineLikely {
		return false
	}
	for _, c := range b[:b64LineLikely] {
		if b64Table[c] >= 64 {
			return false
		}
	}
	return true
}

// qpLongest is the longest line that is waited for: a longer one is decoded in pieces.
const qpLongest = 8 << 10

// qpDecoder is RFC 2045 §6.7; a "=" that starts no octet stays as it is.
type qpDecoder struct {
	note
	cr   bool // a bare CR ends a line
	seen int64
}

func (d *qpDecoder) decode(dst, src []byte, final bool) ([]byte, int) {
	dst = slices.Grow(dst, len(src))
	i := 0
	for i < len(src) {
		content, whole := cutLine(src[i:], d.cr)
		line := src[i : i+content]
		ending := src[i+content : i+whole]
		if d.cr && !final && i+whole == len(src) && len(ending) == 1 && ending[0] == '\r' {
			ending = nil // the LF may follow
		}
		if len(ending) == 0 && !final {
			if len(line) < qpLongest {
				break
			}
			line = line[:safeCut(line)]
			dst = d.line(dst, line, d.seen+int64(i))
			i += len(line)
			continue
		}
		// RFC 2045 §6.7 (3): white space at the end of a line was added on the way.
		line = bytes.TrimRight(line, " \t")
		if n := len(line); n > 0 && line[n-1] == '=' {
			line, ending = line[:n-1], nil
		}
		dst = d.line(dst, line, d.seen+int64(i))
		dst = append(dst, ending...)
		i += whole
	}
	d.seen += int64(i)
	return dst, i
}

// safeCut returns how much of an endless line can be decoded without knowing what follows.
func safeCut(line []byte) int {
	n := len(bytes.TrimRight(line, " \t\r"))
	for k := n; k > 0 && k > n-2; k-- {
		if line[k-1] == '=' {
			n = k - 1
			break
		}
	}
	if n == 0 {
		return len(line)
	}
	return n
}

func (d *qpDecoder) line(dst, line []byte, at int64) []byte {
	for i := 0; ; {
		j := bytes.IndexByte(line[i:], '=')
		if j < 0 {
			return append(dst, line[i:]...)
		}
		dst = append(dst, line[i:i+j]...)
		i += j
		if i+2 < len(line) {
			if hi, lo := unhex(line[i+1]), unhex(line[i+2]); hi < 16 && lo < 16 {
				dst = append(dst, hi<<4|lo)
				i += 3
				continue
			}
		}
		d.set("a \"=\" that starts no octet", at+int64(i))
		dst = append(dst, '=')
		i++
	}
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// decodeReader decodes while it is read.
type decodeReader struct {
	src  io.Reader
	dec  decoder
	in   []byte // read, not yet decoded
	out  []byte // decoded, not yet given
	rest []byte // what of out is left
	eof  bool
}

func (r *decodeReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.rest) == 0 {
		if r.eof {
			return 0, io.EOF
		}
		if cap(r.in) == 0 {
			r.in = make([]byte, 0, pieceSize)
		}
		n, err := io.ReadFull(r.src, r.in[len(r.in):cap(r.in)])
		r.in = r.in[:len(r.in)+n]
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			r.eof = true
		default:
			return 0, err
		}
		var used int
		r.out, used = r.dec.decode(r.out[:0], r.in, r.eof)
		r.rest = r.out
		r.in = r.in[:copy(r.in, r.in[used:])]
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// pieceSize is larger than what a decoder can leave unused, so that each piece is progress.
const pieceSize = 64 << 10
