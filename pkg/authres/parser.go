package authres

import "strings"

type elementKind byte

const (
	end elementKind = iota // of the segment, or of the text
	wordElement
	pairElement
	commentElement
)

// element is a word, a "name = value" or the inside of a comment (in value).
type element struct {
	kind        elementKind
	name, value string
}

// parser reads the tokens that RFC 8601 §2.2 builds upon: comments (nested), quoted strings, words, "=" and ";" (RFC 5322 §3.2, RFC 2045 §5.1).
type parser struct {
	text  string
	pos   int
	notes *[]string
	ahead []element // comments that stood inside or behind a "name = value", given out after it
}

func newParser(raw string, notes *[]string) *parser {
	p := &parser{text: raw, notes: notes}
	if len(raw) > maxBody {
		p.text = raw[:maxBody]
		p.note("only the first 65536 bytes were read")
	}
	return p
}

func (p *parser) note(s string) {
	if len(*p.notes) < maxParts {
		*p.notes = append(*p.notes, s)
	}
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (p *parser) space() {
	for p.pos < len(p.text) && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// more tells whether a segment is left.
func (p *parser) more() bool {
	p.space()
	return p.pos < len(p.text)
}

// close says when the notes are full.
func (p *parser) close() {
	if len(*p.notes) == maxParts {
		*p.notes = append(*p.notes, "more notes were left out")
	}
}

// segmentEnds steps over a ";" if one is next.
func (p *parser) segmentEnds() bool {
	p.space()
	if p.peek() != ';' || p.pos >= len(p.text) {
		return false
	}
	p.pos++
	return true
}

// element gives the next part of the segment; end steps over the ";".
func (p *parser) element() element {
	if len(p.ahead) > 0 {
		e := p.ahead[0]
		p.ahead = p.ahead[1:]
		return e
	}
	p.space()
	if p.pos == len(p.text) || p.segmentEnds() {
		return element{}
	}
	if p.peek() == '(' {
		return element{kind: commentElement, value: p.comment()}
	}
	name := p.token(true)
	p.gap()
	// White space and comments may stand around the marks: "dkim / 1 = fail policy . expired = 1" (RFC 8601 appendix B.7).
	for len(name) < 200 && (p.peek() == '/' || p.peek() == '.') {
		joint := string(p.peek())
		p.pos++
		p.gap()
		if c := p.peek(); c == '=' || c == ';' || c == 0 {
			name += joint
			break
		}
		name += joint + p.token(true)
		p.gap()
	}
	if p.peek() != '=' || p.pos == len(p.text) {
		return element{kind: wordElement, name: name}
	}
	p.pos++
	return element{kind: pairElement, name: name, value: p.value()}
}

// gap steps over white space and comments inside a "name = value"; the comments are given out after it.
func (p *parser) gap() {
	for p.space(); p.peek() == '(' && len(p.ahead) < maxParts; p.space() {
		p.ahead = append(p.ahead, element{kind: commentElement, value: p.comment()})
	}
}

// value reads what follows "=". White space may stand before it; where another "name=" follows instead, the value is empty.
func (p *parser) value() string {
	mark := p.pos
	p.gap()
	if p.pos == len(p.text) || p.peek() == ';' {
		return ""
	}
	if p.pos == mark {
		return p.token(false)
	}
	mark = p.pos
	if v := p.token(true); p.peek() != '=' {
		return v
	}
	// A "=" inside: it is a property if the word has its form, "ptype.property" or "reason".
	name := p.text[mark:p.pos]
	p.pos = mark
	if strings.IndexByte(name, '.') > 0 || isMethod(strings.ToLower(name)) || strings.EqualFold(name, "reason") || strings.EqualFold(name, "action") {
		return ""
	}
	return p.token(false)
}

// token reads a word, which may hold quoted strings; a name ends at "=" too. It always moves on.
func (p *parser) token(name bool) string {
	start := p.pos
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if isSpace(c) || c == ';' || c == '(' || name && c == '=' {
			break
		}
		if c == '"' {
			return p.quoted(start, name)
		}
		p.pos++
	}
	if p.pos == start && name && p.pos < len(p.text) {
		p.pos++ // a "=" without a name
	}
	return p.text[start:p.pos]
}

// quoted reads on where a quoted string has begun, and takes the marks and backslashes off.
func (p *parser) quoted(start int, name bool) string {
	var b strings.Builder
	b.WriteString(p.text[start:p.pos])
	open := false
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			open = !open
		case open && c == '\\' && p.pos+1 < len(p.text):
			p.pos++
			b.WriteByte(p.text[p.pos])
		case !open && (isSpace(c) || c == ';' || c == '(' || name && c == '='):
			return b.String()
		default:
			b.WriteByte(c)
		}
		p.pos++
	}
	if open {
		p.note("a quoted string does not close")
	}
	return b.String()
}

// comment reads the comment that opens here, and returns its inside, unfolded. One that does not close reaches to the end of the text.
func (p *parser) comment() string {
	start, depth := p.pos+1, 0
	for ; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '\\':
			p.pos++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.pos++
				return unfold(p.text[start : p.pos-1])
			}
		}
	}
	p.pos = len(p.text)
	p.note("a comment does not close")
	return unfold(p.text[start:])
}

// unfold makes every run of white space one space.
func unfold(s string) string { return strings.Join(strings.Fields(s), " ") }
