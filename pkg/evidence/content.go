package evidence

import (
	"bufio"
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
func contentKey(r *Record) digest.Digest {
	h := sha256.New()
	w := bufio.NewWriterSize(h, 4096)
	line := func(label string, values ...string) {
		w.WriteString(label)
		for _, v := range values {
			w.WriteByte('\t')
			w.WriteString(strings.Join(strings.Fields(v), " "))
		}
		w.WriteByte('\n')
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
			sums = append(sums, p.SHA256.Hex())
		}
	}
	slices.Sort(sums)
	line("parts", sums...)
	w.WriteString("text\n")
	writeLooseText(w, r.Text)
	w.Flush()
	return digest.Sum(h)
}

func addresses(list []message.Address) []string {
	all := make([]string, 0, len(list))
	for _, a := range list {
		all = append(all, strings.ToLower(a.Address))
	}
	slices.Sort(all)
	return all
}

// writeLooseText writes text without what exports change: white space at line ends, blank lines at the end, ">" before "From ".
func writeLooseText(w io.Writer, text string) {
	blank := 0
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, " \t\r\n\u00a0")
		if l == "" {
			blank++
			continue
		}
		for ; blank > 0; blank-- {
			io.WriteString(w, "\n")
		}
		if rest := strings.TrimLeft(l, ">"); len(rest) < len(l) && strings.HasPrefix(rest, "From ") {
			l = rest
		}
		io.WriteString(w, l)
		io.WriteString(w, "\n")
	}
}

// canonical digests a message with every line ending (CRLF, LF, bare CR) as CRLF.
type canonical struct {
	h  hash.Hash
	cr bool // the last byte written was CR, and its CRLF is hashed already
}

func newCanonical(h hash.Hash) *canonical { return &canonical{h: h} }

var crlf = []byte("\r\n")

func (c *canonical) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if c.cr {
			c.cr = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		lf := bytes.IndexByte(p, '\n')
		end := lf
		if end < 0 {
			end = len(p)
		}
		if cr := bytes.IndexByte(p[:end], '\r'); cr >= 0 {
			if cr == end-1 && lf == end {
				// CRLF as it should be: hashed in one piece.
				c.h.Write(p[:end+1])
				p = p[end+1:]
				continue
			}
			c.h.Write(p[:cr])
			c.h.Write(crlf)
			c.cr = true
			p = p[cr+1:]
			continue
		}
		c.h.Write(p[:end])
		if lf < 0 {
			break
		}
		c.h.Write(crlf)
		p = p[end+1:]
	}
	return n, nil
}

func (c *canonical) sum() digest.Digest { return digest.Sum(c.h) }
