package dkim

import (
	"bytes"
	"crypto"
	"encoding"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"mime/quotedprintable"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/remark"
)

// The kinds of remarks on what was found by trial begin with these.
const (
	bodyFits   = "body-fits/"
	headerFits = "header-fits/"
	otherKey   = "other-key"
)

// Restored tells whether the message is what was signed once the changes are undone that the trials found: body and header fields, with the key at hand.
func (s *Signature) Restored() bool {
	body, header := s.BodyHash == Match || s.BodyHash == Partial, s.Signature == Valid
	if body && header {
		return false
	}
	for _, r := range s.Remarks {
		body = body || strings.HasPrefix(r.Kind, bodyFits)
		header = header || strings.HasPrefix(r.Kind, headerFits)
	}
	return body && header
}

// OtherKey tells whether the signature belongs to another key than the one at hand, which may be one that has followed it under the same name.
func (s *Signature) OtherKey() bool {
	return slices.ContainsFunc(s.Remarks, func(r remark.Remark) bool { return r.Kind == otherKey })
}

// Bounds of the search for a reason. Nothing found by it makes a signature valid: it is told as a finding.
const (
	maxTrialBody  = 1 << 20  // a larger body is not searched
	trialBudget   = 64 << 20 // bytes hashed for the bodies of one message
	maxBanner     = 20       // lines taken off the top
	maxLastLines  = 200      // lines that may have come in before the closing boundary
	maxFromLines  = 8        // up to so many ">From " lines each may be quoted or not: 256 readings
	maxTextTrials = 600      // readings of the header
)

// explain looks for what happened to messages whose hashes do not fit.
func (m *message) explain(body func() (io.Reader, error)) error {
	var goals []*goal
	for _, c := range m.checks {
		if c.BodyHash == Mismatch && c.sink != nil {
			goals = addGoal(goals, c)
		}
	}
	if len(goals) > 0 {
		r, err := body()
		if err != nil {
			return err
		}
		if r == nil {
			r = bytes.NewReader(nil)
		}
		text, err := io.ReadAll(io.LimitReader(r, maxTrialBody+1))
		if err != nil {
			return err
		}
		m.searchBody(goals, text)
	}
	for _, c := range m.checks {
		if c.Signature.Signature == Invalid && len(c.texts) == 0 {
			m.searchHeader(c)
		}
	}
	return nil
}

func (c *check) because(kind, sentence string, args ...any) {
	c.explained(remark.New(kind, sentence, args...))
}

func (c *check) explained(r remark.Remark) {
	if c.Why != "" {
		c.Why += "; "
	}
	c.Why += r.Text
	c.why, c.Remarks = append(c.why, r), append(c.Remarks, r)
}

// goal is one body hash that is looked for.
type goal struct {
	form   canon
	kind   crypto.Hash
	limit  int64
	want   string
	checks []*check
	found  remark.Told // nil: not yet
}

func addGoal(goals []*goal, c *check) []*goal {
	for _, g := range goals {
		if g.form == c.bodyForm && g.kind == c.hash && g.limit == c.limit() && g.want == string(c.bodyHash) {
			g.checks = append(g.checks, c)
			return goals
		}
	}
	return append(goals, &goal{form: c.bodyForm, kind: c.hash, limit: c.limit(), want: string(c.bodyHash), checks: []*check{c}})
}

// search is the state of the trials on one body.
type search struct {
	goals  []*goal
	cr     bool
	budget int
}

func (s *search) done() bool {
	if s.budget < 0 {
		return true
	}
	for _, g := range s.goals {
		if g.found == nil {
			return false
		}
	}
	return true
}

func (m *message) searchBody(goals []*goal, body []byte) {
	s := &search{goals: goals, cr: m.cr, budget: trialBudget}
	large := len(body) > maxTrialBody
	if !large {
		s.run(m, body)
	}
	for _, g := range goals {
		for _, c := range g.checks {
			switch {
			case g.found != nil:
				c.fits(bodyFits, "the body hash", g.found)
			case large:
				c.because("not-searched", "the reason was not looked for, the body is larger than %d bytes", maxTrialBody)
			case len(g.want) != g.kind.Size():
				c.because("body-hash-length", "bh= is not of the length of a hash of %s", c.Algorithm)
			default:
				c.because("body-unexplained", "no usual change explains the body hash (line endings, >From, a footer or banner, blanks at line ends, encoding)")
			}
		}
	}
}

// run goes through the trials, the likely and cheap ones first.
func (s *search) run(m *message, body []byte) {
	s.cuts(body, nil)
	if bytes.IndexByte(body, '\r') >= 0 {
		s.cr = !s.cr
		s.try("bare-cr", "a bare CR is read the other way, as a line ending or not", body)
		s.cr = !s.cr
		s.try("doubled-cr", "doubled CRs at line endings are made one", bytes.ReplaceAll(body, []byte("\r\r\n"), crlf))
		s.try("stray-cr", "bare CRs are taken away", bytes.ReplaceAll(bytes.ReplaceAll(body, crlf, []byte("\n")), []byte("\r"), nil))
	}
	s.fromLines(body)
	s.edges(body)
	s.try("blanks-at-line-ends", `the blanks at line ends are taken away`, eachLine(body, func(line []byte) []byte { return bytes.TrimRight(line, " \t") }))
	s.try("signature-separator", `the signature separator "--" has its blank again`, eachLine(body, func(line []byte) []byte {
		if string(line) == "--" {
			return []byte("-- ")
		}
		return line
	}))
	s.try("doubled-dots", `the dot is taken away that stands doubled at the start of lines`, eachLine(body, func(line []byte) []byte {
		return bytes.TrimPrefix(line, []byte(".")[:min(1, countPrefix(line, '.')/2)])
	}))
	s.try("broken-lines", `lines that were broken with "!" are joined`, joinBroken(body))
	s.encodings(m, body)
	s.recoded(body)
	s.parts(m, body)
}

func countPrefix(line []byte, c byte) int {
	n := 0
	for n < len(line) && line[n] == c {
		n++
	}
	return n
}

func joinBroken(body []byte) []byte {
	body = bytes.ReplaceAll(body, []byte("!\r\n "), nil)
	return bytes.ReplaceAll(body, []byte("!\n "), nil)
}

// eachLine changes the lines of a body; they come out with CRLF.
func eachLine(body []byte, change func(line []byte) []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/16)
	for line := range bytes.Lines(body) {
		content := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		out = append(out, change(content)...)
		if len(content) < len(line) {
			out = append(out, '\r', '\n')
		}
	}
	return out
}

// try compares one reading of the body with all goals.
func (s *search) try(kind, found string, body []byte) {
	s.attempt(remark.Told{{Kind: kind, Text: found}}, body)
}

func (s *search) attempt(found remark.Told, body []byte) {
	for _, g := range s.goals {
		if g.found != nil || s.budget < 0 {
			continue
		}
		s.budget -= len(body) + 1000
		k := &sink{hash: g.kind.New(), limit: g.limit}
		w := newBodyWriter(g.form, s.cr)
		w.sinks = []*sink{k}
		w.write(body)
		w.close()
		if string(k.hash.Sum(nil)) == g.want {
			g.found = found
		}
	}
}

// cuts takes lines off the end: all numbers of lines in one pass, since a hash can be read on its way. Then it takes lines off the end of the
// last part, before the closing boundary. also tells what was done to the body before.
func (s *search) cuts(body []byte, also remark.Told) {
	for _, g := range s.goals {
		if g.found != nil || s.budget < 0 || g.limit >= 0 {
			continue
		}
		text := canonicalBody(g.form, s.cr, body)
		s.budget -= 3 * len(text)
		lines := bytes.SplitAfter(text, crlf)
		lines = lines[:len(lines)-1]
		h, removed := g.kind.New(), 0
		var sum [64]byte
		for i, line := range lines {
			h.Write(line)
			if len(line) > len(crlf) && string(h.Sum(sum[:0])) == g.want {
				if removed = countLines(lines[i+1:]); removed == 0 {
					g.found = also
				} else {
					g.found = append(with("footer", removed, "the last %s removed, as if a footer was added after signing"), also...)
				}
				break
			}
		}
		if g.found == nil {
			s.cutLastPart(g, lines, also)
		}
	}
}

// with tells of n lines.
func with(kind string, n int, sentence string) remark.Told {
	return remark.Told{{Kind: kind, Args: []string{strconv.Itoa(n)}, Text: fmt.Sprintf(sentence, plural(n, "line"))}}
}

// fits tells what was undone to make a hash or signature fit.
func (c *check) fits(kind, what string, found remark.Told) {
	once := what + " fits once "
	for _, r := range found {
		c.explained(remark.Remark{Kind: kind + r.Kind, Args: r.Args, Text: once + r.Text})
		once = "and once "
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun + " is"
	}
	return fmt.Sprintf("%d %ss are", n, noun)
}

// countLines leaves out blank lines at the start.
func countLines(lines [][]byte) int {
	for len(lines) > 0 && len(lines[0]) == len(crlf) {
		lines = lines[1:]
	}
	return len(lines)
}

// cutLastPart tries the body with lines missing before its last boundary.
func (s *search) cutLastPart(g *goal, lines [][]byte, also remark.Told) {
	closing := len(lines) - 1
	for closing >= 0 && !bytes.HasPrefix(lines[closing], []byte("--")) {
		closing--
	}
	if closing <= 0 {
		return
	}
	end := bytes.Join(lines[closing:], nil)
	h := g.kind.New()
	start := max(closing-maxLastLines, 0)
	for _, line := range lines[:start] {
		h.Write(line)
	}
	s.budget -= (closing - start) * (len(end) + 200)
	for i := start; i < closing; i++ {
		rest, ok := cloneHash(g.kind, h)
		if !ok {
			return
		}
		rest.Write(end)
		if string(rest.Sum(nil)) == g.want {
			g.found = append(with("footer-in-last-part", countLines(lines[i:closing]), "the last %s removed from the last part, before its closing boundary, as if a footer was added after signing"), also...)
			return
		}
		h.Write(lines[i])
	}
}

// cloneHash copies a hash on its way.
func cloneHash(kind crypto.Hash, h hash.Hash) (hash.Hash, bool) {
	other := kind.New()
	from, ok := h.(encoding.BinaryMarshaler)
	to, both := other.(encoding.BinaryUnmarshaler)
	if !ok || !both {
		return nil, false
	}
	state, err := from.MarshalBinary()
	return other, err == nil && to.UnmarshalBinary(state) == nil
}

// canonicalBody holds a whole canonical body; for bodies within the bound of the search.
func canonicalBody(form canon, cr bool, body []byte) []byte {
	k := &keep{}
	w := newBodyWriter(form, cr)
	w.sinks = []*sink{{hash: k, limit: -1}}
	w.write(body)
	w.close()
	return k.text
}

// keep is a hash in form only: it keeps the text.
type keep struct{ text []byte }

func (k *keep) Write(p []byte) (int, error) { k.text = append(k.text, p...); return len(p), nil }
func (k *keep) Sum(b []byte) []byte         { return append(b, k.text...) }
func (k *keep) Reset()                      { k.text = nil }
func (k *keep) Size() int                   { return len(k.text) }
func (k *keep) BlockSize() int              { return 1 }

// fromLines undoes and redoes what mbox files do to lines that begin with "From ".
func (s *search) fromLines(body []byte) {
	quoted := 0
	unquoted := eachLine(body, func(line []byte) []byte {
		if isQuotedFrom(line) {
			quoted++
			return line[1:]
		}
		return line
	})
	if quoted > 0 {
		told := remark.Tell("quoted-from", `">From " is read as "From ", its quoting in mbox files`)
		s.attempt(told, unquoted)
		s.cuts(unquoted, told)
		if quoted > 1 && quoted <= maxFromLines {
			for choice := 1; choice < 1<<quoted-1 && !s.done(); choice++ {
				n := 0
				s.try("some-quoted-from", `some of the lines with ">From " are read as "From ", their quoting in mbox files`, eachLine(body, func(line []byte) []byte {
					if isQuotedFrom(line) {
						if n++; choice>>(n-1)&1 == 1 {
							return line[1:]
						}
					}
					return line
				}))
			}
		}
	}
	if bytes.HasPrefix(body, []byte("From ")) || bytes.Contains(body, []byte("\nFrom ")) {
		s.try("unquoted-from", `"From " is read as ">From "`, eachLine(body, func(line []byte) []byte {
			if bytes.HasPrefix(line, []byte("From ")) {
				return append([]byte(">"), line...)
			}
			return line
		}))
	}
}

func isQuotedFrom(line []byte) bool {
	rest := bytes.TrimLeft(line, ">")
	return len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From "))
}

// edges adds and takes lines at the top.
func (s *search) edges(body []byte) {
	s.try("blank-line-at-top", "a blank line is put back at the top", append([]byte("\r\n"), body...))
	rest := body
	for n := 1; n <= maxBanner && !s.done(); n++ {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			return
		}
		rest = rest[end:]
		s.attempt(with("banner", n, "the first %s removed, as if a banner was added after signing"), rest)
	}
}

// encodings undoes a change of the content transfer encoding on the way (RFC 2045 §6), for a body of one part.
func (s *search) encodings(m *message, body []byte) {
	encoding := ""
	if at := m.at["content-transfer-encoding"]; len(at) > 0 {
		_, value, _ := bytes.Cut(m.header[at[0]].Raw, []byte(":"))
		encoding = strings.ToLower(string(bytes.Trim(value, fws)))
	}
	switch encoding {
	case "base64":
		if decoded, err := decodeBase64(string(body)); err == nil {
			s.cuts(decoded, remark.Tell("encoded-base64", "its base64 is decoded: it was encoded after signing"))
		}
	case "quoted-printable":
		if decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body))); err == nil {
			s.cuts(decoded, remark.Tell("encoded-quoted-printable", "its quoted-printable is decoded: it was encoded after signing"))
		}
	default:
		for _, text := range [][]byte{body, eachLine(body, func(line []byte) []byte { return line })} {
			encoded := base64.StdEncoding.EncodeToString(text)
			var b bytes.Buffer
			for len(encoded) > 0 {
				n := min(len(encoded), 76)
				b.WriteString(encoded[:n] + "\r\n")
				encoded = encoded[n:]
			}
			s.try("decoded-base64", "it is put in base64 again: it was decoded after signing", b.Bytes())
		}
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		if _, err := w.Write(body); err == nil && w.Close() == nil {
			s.try("decoded-quoted-printable", "it is put in quoted-printable again: it was decoded after signing", b.Bytes())
		}
	}
}

// parts tries the first part alone: lists wrap a message so, to add their own.
func (s *search) parts(m *message, body []byte) {
	start := 0
	if !bytes.HasPrefix(body, []byte("--")) {
		if start = bytes.Index(body, []byte("\n--")) + 1; start == 0 {
			return
		}
	}
	line, rest, found := bytes.Cut(body[start:], []byte("\n"))
	boundary := bytes.TrimRight(line, " \t\r")
	if !found || len(boundary) < 3 {
		return
	}
	content := -1
	for _, blank := range []string{"\n\n", "\n\r\n"} {
		if at := bytes.Index(rest, []byte(blank)); at >= 0 && (content < 0 || at+len(blank) < content) {
			content = at + len(blank)
		}
	}
	if content < 0 {
		return
	}
	header := rest[:content]
	rest = rest[content:]
	end := bytes.Index(rest, append([]byte("\n"), boundary...))
	if end < 0 {
		return
	}
	const wrapped = "wrapped-part"
	s.try(wrapped, "the first part alone is taken: it was wrapped together with others after signing", rest[:end+1])
	for _, g := range s.goals {
		if len(g.found) == 1 && g.found[0].Kind == wrapped {
			m.part = partFields(header)
		}
	}
}

// partFields splits a part's header well enough for a trial.
func partFields(header []byte) []Field {
	var fields []Field
	for line := range bytes.Lines(header) {
		if name, _, found := bytes.Cut(line, []byte{':'}); found && line[0] != ' ' && line[0] != '\t' {
			fields = append(fields, Field{Name: string(name), Raw: line})
		} else if len(fields) > 0 {
			last := &fields[len(fields)-1]
			last.Raw = slices.Concat(last.Raw, line)
		}
	}
	return fields
}
