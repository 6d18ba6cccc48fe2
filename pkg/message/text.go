package message

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"
	"unicode/utf8"

	"onrecord/pkg/digest"
)

// htmlFactor: so many times Limits.TextBytes of HTML are read for the text that is in it.
const htmlFactor = 4

// reading is the content of a leaf that the text may come from.
type reading struct {
	leaf  int
	html  bool
	text  string // of text/plain: decoded, lines end in LF
	raw   []byte // of text/html: the transfer encoding undone
	blank bool
	cut   bool
}

// readLeaves digests every leaf and fills in Message.Parts and the readings.
func (r *reader) readLeaves() error {
	if len(r.leaves) == 0 {
		return nil
	}
	r.m.Parts = make([]Part, len(r.leaves))
	for i := range r.leaves {
		l := &r.leaves[i]
		html, show, ok := r.readable(i)
		most, scan := 0, 0
		if ok && show && r.textLeft > 0 {
			most = int(r.textLeft)
			if html {
				most *= htmlFactor
			}
		}
		if ok && html {
			scan = int(r.htmlLeft)
		}
		kept, err := r.readLeaf(&l.Part, max(most, scan))
		if err != nil {
			return err
		}
		if scan > 0 {
			looked := kept[:min(len(kept), scan)]
			r.htmlLeft -= int64(len(looked))
			r.look(l, looked)
		}
		if most > 0 {
			r.keep(i, kept[:min(len(kept), most)])
		}
		r.m.Parts[i] = l.Part
	}
	return nil
}

// look notes what an HTML part loads. Most charsets write what matters here as ASCII does.
func (r *reader) look(l *leaf, doc []byte) {
	if name := charsetName(l.Charset); strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf-32") || strings.HasPrefix(name, "utf-7") {
		decoded, _ := decodeCharset(l.Charset, doc)
		doc = []byte(decoded)
	}
	r.remotes.base = ""
	r.remotes.read(doc, true)
}

// readable tells whether the leaf is one that a mail program shows, whether that is HTML, and whether it is read for the text.
func (r *reader) readable(i int) (html, show, ok bool) {
	l := &r.leaves[i]
	alone := l.parent < 0
	if !alone {
		if l.Disposition == "attachment" || l.Disposition == "" && l.Filename != "" && len(r.readings) > 0 {
			return false, false, false
		}
	}
	switch {
	case l.ContentType == "text/html" || l.ContentType == "application/xhtml+xml" && alone:
		// Where the text/plain of the same alternative was read the HTML is not wanted.
		return true, !r.hasPlain(l.parent), true
	case l.ContentType == "text/plain", l.Multipart, alone && strings.HasPrefix(l.ContentType, "text/"):
		return false, true, true
	}
	return false, false, false
}

func (r *reader) hasPlain(parent int) bool {
	for ; parent >= 0; parent = r.nodes[parent].parent {
		if r.nodes[parent].hasText {
			return true
		}
	}
	return false
}

func (r *reader) keep(i int, kept []byte) {
	l := &r.leaves[i]
	reading := reading{leaf: i, html: l.ContentType == "text/html" || l.ContentType == "application/xhtml+xml", cut: int64(len(kept)) < l.Size}
	if reading.html {
		reading.raw = kept
	} else {
		if reading.cut {
			kept = wholeRunes(kept)
		}
		text, kind := decodeCharset(l.Charset, kept)
		r.reportCharset(l, kind)
		reading.text = unixLines(text)
		if isDelSp(l.Header) {
			reading.text = joinFlowed(reading.text)
		}
		r.textLeft -= int64(len(reading.text))
		reading.blank = isBlank(reading.text)
		if !reading.blank {
			for at := l.parent; at >= 0 && !r.nodes[at].hasText; at = r.nodes[at].parent {
				if r.nodes[at].alternative {
					r.nodes[at].hasText = true
				}
			}
		}
	}
	r.readings = append(r.readings, reading)
}

func (r *reader) reportCharset(l *leaf, kind DefectKind) {
	switch kind {
	case CharsetUnknown:
		r.d.add(kind, l.Offset, "part "+l.Path+": the charset "+brief(l.Charset)+" is not known; read as UTF-8 where it is, else as windows-1252")
	case CharsetInvalid:
		r.d.add(kind, l.Offset, "part "+l.Path+" holds octets that are not of its charset "+brief(l.Charset))
	}
}

// wholeRunes cuts off the start of a UTF-8 sequence at the end.
func wholeRunes(b []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

func isBlank(s string) bool { return strings.TrimLeft(s, " \t\n\u00a0") == "" }

// readLeaf undoes the transfer encoding, fills in size and digest and returns the first octets of the content, up to most.
func (r *reader) readLeaf(p *Part, most int) ([]byte, error) {
	dec := newDecoder(p.Encoding, r.m.cr)
	if dec == nil && r.in.inMem {
		content := r.in.mem[p.Offset : p.Offset+p.Length]
		p.Size, p.SHA256 = p.Length, digest.Of(content)
		return content[:min(len(content), most)], nil
	}
	c := content{hash: sha256.New(), most: most}
	for used := int64(0); used < p.Length; {
		piece, err := r.in.at(p.Offset+used, int(min(pieceSize, p.Length-used)))
		if err != nil {
			return nil, err
		}
		piece = piece[:min(int64(len(piece)), pieceSize, p.Length-used)]
		if dec == nil {
			c.add(piece)
			used += int64(len(piece))
			continue
		}
		out, n := dec.decode(r.scratch[:0], piece, used+int64(len(piece)) == p.Length)
		r.scratch = out
		c.add(out)
		used += int64(n)
	}
	p.Size, p.SHA256 = c.size, digest.Sum(c.hash)
	if dec != nil {
		if what, at := dec.trouble(); what != "" {
			kind := Base64Invalid
			if p.Encoding == "quoted-printable" {
				kind = QuotedPrintableBad
			}
			r.d.add(kind, p.Offset+at, fmt.Sprintf("part %s: %s", p.Path, what))
		}
	}
	return c.kept, nil
}

// content digests what it is given and keeps the start of it.
type content struct {
	hash hash.Hash
	size int64
	most int
	kept []byte
}

func (c *content) add(b []byte) {
	c.hash.Write(b)
	c.size += int64(len(b))
	if room := c.most - len(c.kept); room > 0 {
		c.kept = append(c.kept, b[:min(len(b), room)]...)
	}
}

// assembleText joins the readings: every text/plain that is not an attachment, and HTML where no text/plain stands for it.
func (r *reader) assembleText() {
	var out strings.Builder
	cut := false
	for _, reading := range r.readings {
		l := &r.leaves[reading.leaf]
		text := reading.text
		cut = cut || reading.cut && !reading.html
		switch {
		case reading.html && r.hasPlain(l.parent), !reading.html && reading.blank && r.blankIsReplaced(reading):
			continue
		case reading.html:
			var kind DefectKind
			text, kind = readHTML(reading.raw, l.Charset, int(r.lim.TextBytes))
			r.reportCharset(l, kind)
			cut = cut || reading.cut
		}
		if text == "" {
			continue
		}
		contentType := "text/plain"
		if reading.html {
			contentType = "text/html"
		}
		if len(r.readings) == 1 && len(text) <= int(r.lim.TextBytes) {
			r.m.Text = text
			r.m.TextSpans = []TextSpan{{0, len(text), l.Path, contentType}}
			break
		}
		if out.Len() > 0 {
			separator := "\n\n"
			if strings.HasSuffix(out.String(), "\n") {
				separator = "\n"
			}
			if out.Len()+len(separator) >= int(r.lim.TextBytes) {
				cut = true
				break
			}
			out.WriteString(separator)
		}
		if room := int(r.lim.TextBytes) - out.Len(); len(text) > room {
			text, cut = string(wholeRunes([]byte(text[:max(room, 0)]))), true
		}
		start := out.Len()
		out.WriteString(text)
		r.m.TextSpans = append(r.m.TextSpans, TextSpan{start, out.Len(), l.Path, contentType})
	}
	if out.Len() > 0 {
		r.m.Text = out.String()
	}
	if len(r.m.TextSpans) > 0 {
		r.m.TextSource = r.m.TextSpans[0].ContentType
	}
	r.m.RemoteContent = r.remotes.list()
	if cut {
		r.d.add(TextTruncated, r.m.BodyOffset, fmt.Sprintf("the text is longer than the %d octets of it that are kept", r.lim.TextBytes))
	}
}

// blankIsReplaced tells whether HTML of the same alternative is read instead of an empty text/plain.
func (r *reader) blankIsReplaced(blank reading) bool {
	for at := r.leaves[blank.leaf].parent; at >= 0; at = r.nodes[at].parent {
		if r.nodes[at].alternative {
			return !r.nodes[at].hasText
		}
	}
	return false
}
