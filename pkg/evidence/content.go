package evidence

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/message"
)

// contentRecipe is the first line that goes into the content key. Another recipe gets another name.
const contentRecipe = "onrecord-content-1"

// contentKey is the same-mail key for copies across exports. It is equal where exporting changed line endings, mbox quoting, transfer
// encodings, transport header fields, or white space at line ends. It groups copies and identifies nothing. The recipe stands in pkg/dossier/FORMAT.md.
func contentKey(r *Record, m *message.Message, scratch *[]byte) (digest.Digest, error) {
	b := (*scratch)[:0]
	line := func(label string, values ...string) {
		b = append(b, label...)
		for _, v := range values {
			b = append(b, '\t')
			start := len(b)
			for word := range strings.FieldsSeq(v) {
				if len(b) > start {
					b = append(b, ' ')
				}
				b = append(b, word...)
			}
		}
		b = append(b, '\n')
	}
	line(contentRecipe)
	line("message-id", r.MessageID)
	if r.Date.Time != nil {
		line("date", r.Date.Time.UTC().Format(time.RFC3339))
	} else {
		line("date", r.Date.Raw)
	}
	line("from", addresses(r.From)...)
	line("to", addresses(r.To)...)
	line("cc", addresses(r.Cc)...)
	line("subject", r.Subject)
	var sums []string
	for _, p := range r.Parts {
		if !strings.HasPrefix(p.ContentType, "text/") || p.Filename != "" {
			sum, err := looseSum(m, p)
			if err != nil {
				return digest.Digest{}, err
			}
			sums = append(sums, sum.Hex())
		}
	}
	slices.Sort(sums)
	line("parts", sums...)
	line("text")
	*scratch = appendLooseText(b, r.Text)
	return digest.Of(*scratch), nil
}

// looseSum is the digest of a part's decoded content. One that was not sent as base64 has lines, whose endings exports change: they are taken as CRLF.
func looseSum(m *message.Message, p message.Part) (digest.Digest, error) {
	if strings.EqualFold(p.Encoding, "base64") {
		return p.SHA256, nil
	}
	r, err := m.Open(p)
	if err != nil {
		return digest.Digest{}, err
	}
	c := newCanonical()
	if _, err := io.Copy(c, r); err != nil {
		return digest.Digest{}, err
	}
	return c.sum(), nil
}

func addresses(list []message.Address) []string {
	all := make([]string, 0, len(list))
	for _, a := range list {
		all = append(all, strings.ToLower(a.Address))
	}
	slices.Sort(all)
	return all
}

// appendLooseText appends text without what exports change: white space at line ends, blank lines at the end, ">" before "From ".
func appendLooseText(b []byte, text string) []byte {
	blank := 0
	for l := range strings.Lines(text) {
		l = trimEnd(l)
		if l == "" {
			blank++
			continue
		}
		for ; blank > 0; blank-- {
			b = append(b, '\n')
		}
		if l[0] == '>' {
			if rest := strings.TrimLeft(l, ">"); strings.HasPrefix(rest, "From ") {
				l = rest
			}
		}
		b = append(b, l...)
		b = append(b, '\n')
	}
	return b
}

// trimEnd takes the white space off the end of a line: space, tab, CR, LF and U+00A0. (strings.TrimRight is slow for a set that is not ASCII alone.)
func trimEnd(l string) string {
	for n := len(l); n > 0; {
		switch c := l[n-1]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			n--
		case c == 0xA0 && n > 1 && l[n-2] == 0xC2:
			n -= 2
		default:
			return l
		}
		l = l[:n]
	}
	return l
}

// canonical digests a message with every line ending (CRLF, LF, bare CR) as CRLF. Lines are gathered, for a hash takes large pieces faster.
type canonical struct {
	h   hash.Hash
	cr  bool // the last byte written was CR, and its CRLF is out already
	buf []byte
}

// scratch is what examining a message needs for a moment.
type scratch struct {
	canonical *canonical
	whole     hash.Hash
	content   []byte
}

const canonicalBuffer = 8 << 10

func newCanonical() *canonical {
	return &canonical{h: sha256.New(), buf: make([]byte, 0, canonicalBuffer)}
}

// Write implements io.Writer; it does not fail.
func (c *canonical) Write(p []byte) (int, error) {
	n := len(p)
	if c.cr && n > 0 {
		c.cr = false
		if p[0] == '\n' {
			p = p[1:]
		}
	}
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		ended := end >= 0
		if !ended {
			end = len(p)
		}
		line := p[:end]
		p = p[min(end+1, len(p)):]
		// Bare CRs end lines too; a CR right before the LF is half of that line's ending.
		for {
			cr := bytes.IndexByte(line, '\r')
			if cr < 0 {
				break
			}
			c.line(line[:cr])
			if line = line[cr+1:]; len(line) == 0 {
				c.cr = !ended // an LF may come with the next Write
				ended = false
			}
		}
		if ended {
			c.line(line)
		} else {
			c.add(line)
		}
	}
	return n, nil
}

func (c *canonical) line(p []byte) {
	c.add(p)
	c.add(crlf)
}

var crlf = []byte("\r\n")

func (c *canonical) add(p []byte) {
	if len(c.buf)+len(p) > canonicalBuffer {
		c.h.Write(c.buf)
		c.buf = c.buf[:0]
	}
	if len(p) > canonicalBuffer {
		c.h.Write(p)
		return
	}
	c.buf = append(c.buf, p...)
}

// sum gives the digest and begins anew.
func (c *canonical) sum() digest.Digest {
	c.h.Write(c.buf)
	d := digest.Sum(c.h)
	c.h.Reset()
	c.buf, c.cr = c.buf[:0], false
	return d
}
