package message

import (
	"strings"
)

// Address is one mailbox (RFC 5322 §3.4): the display name decoded, the addr-spec as written.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

const (
	mostAddresses = 50_000
	mostTokens    = 1_000 // between two separators: then one is assumed
	mostGlued     = 320   // octets of an address with white space in it
	mostHeld      = 5     // pieces of a display name with commas that are not quoted
)

// ParseAddressList reads an address list with the obsolete and the broken forms that occur. The members of a group are listed as
// the others; an empty group gives its name without an address. Nothing is lost: what holds no address is an Address with its text as
// Name, and a defect. Defects stand at the offset of the field.
func ParseAddressList(f Field) ([]Address, []Defect) {
	p := addressParser{addressScan: addressScan{s: f.Unfolded()}, offset: f.Offset}
	p.d.most = 100
	p.parse()
	return p.list, p.d.list
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted
	tokenComment
	tokenAngle
	tokenComma
	tokenSemicolon
	tokenColon
)

// token is one piece of an address list; spaced tells that white space stands before it.
type token struct {
	kind   tokenKind
	text   string // without quotes, parentheses or brackets
	spaced bool
	torn   bool // the closing bracket is missing
}

// addressScan cuts an address list into tokens, each octet looked at a bounded number of times.
type addressScan struct {
	s                  string
	i                  int
	noQuote, noComment bool // there is none that ends: take the opening octet as text
}

func (p *addressScan) next() token {
	start := p.i
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n>", p.s[p.i]) >= 0 {
		p.i++
	}
	t := token{spaced: p.i > start}
	if p.i == len(p.s) {
		return t
	}
	switch c := p.s[p.i]; {
	case c == ',':
		t.kind = tokenComma
		p.i++
	case c == ';':
		t.kind = tokenSemicolon
		p.i++
	case c == ':':
		t.kind = tokenColon
		p.i++
	case c == '"' && !p.noQuote:
		if end := quoteEnd(p.s, p.i); end > 0 {
			t.kind, t.text = tokenQuoted, unquote(p.s[p.i+1:end-1])
			if end < len(p.s) && (p.s[end] == '@' || p.s[end] == '.') {
				start := p.i // a quoted local part
				p.i = end
				p.i = p.wordEnd(end)
				t.kind, t.text = tokenWord, p.s[start:p.i]
				return t
			}
			p.i = end
			return t
		}
		p.noQuote = true
		t.kind, t.text = p.word()
	case c == '(' && !p.noComment:
		if end := commentEnd(p.s, p.i); end > 0 {
			t.kind, t.text = tokenComment, unquote(p.s[p.i+1:end-1])
			p.i = end
			return t
		}
		p.noComment = true
		t.kind, t.text = p.word()
	case c == '<':
		t.kind = tokenAngle
		t.text, t.torn = p.angle()
	default:
		t.kind, t.text = p.word()
	}
	return t
}

// word reads at least one octet.
func (p *addressScan) word() (tokenKind, string) {
	start := p.i
	p.i = p.wordEnd(p.i)
	if p.i == start {
		p.i++
	}
	return tokenWord, p.s[start:p.i]
}

func (p *addressScan) wordEnd(i int) int {
	for i < len(p.s) {
		switch p.s[i] {
		case ' ', '\t', '\r', '\n', ',', ';', ':', '<', '>':
			return i
		case '"':
			if !p.noQuote {
				return i
			}
		case '(':
			if !p.noComment {
				return i
			}
		case '[':
			// A domain literal may hold colons.
			if end := strings.IndexByte(p.s[i:min(len(p.s), i+64)], ']'); end > 0 {
				i += end
			}
		case '=':
			// An encoded word may hold anything but white space, against the rules.
			if n := encodedWordLength(p.s[i:min(len(p.s), i+256)]); n > 0 {
				i += n - 1
			}
		}
		i++
	}
	return i
}

// encodedWordLength returns the length of the encoded word without white space that s starts with, else 0.
func encodedWordLength(s string) int {
	if !strings.HasPrefix(s, "=?") {
		return 0
	}
	if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
		s = s[:i]
	}
	if w := parseWord(s, strings.LastIndex(s, "?=")); w.ok {
		return w.length
	}
	return 0
}

// angle reads what stands between "<" and ">"; where that is missing it ends at the next "," or "<".
func (p *addressScan) angle() (text string, torn bool) {
	for p.i < len(p.s) && (p.s[p.i] == '<' || p.s[p.i] == ' ') {
		p.i++
	}
	start := p.i
	route := start < len(p.s) && p.s[start] == '@' // RFC 5322 §4.4: <@one,@two:user@host>
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '>':
			p.i++
			return p.s[start : p.i-1], false
		case c == '<', c == ',' && !route, c == ';' && !closesSoon(p.s[p.i+1:]):
			return p.s[start:p.i], true
		case c == '"' && !p.noQuote:
			if end := quoteEnd(p.s, p.i); end > 0 {
				p.i = end
				continue
			}
			p.noQuote = true
		}
		p.i++
	}
	return p.s[start:], true
}

// closesSoon tells whether a ">" comes before the next address.
func closesSoon(s string) bool {
	s = s[:min(len(s), mostGlued)]
	i := strings.IndexAny(s, "<>,")
	return i >= 0 && s[i] == '>'
}

// quoteEnd returns the index behind the quoted string that starts at i, 0 if it does not end.
func quoteEnd(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return 0
}

// commentEnd returns the index behind the comment, with those in it, that starts at i, 0 if it does not end.
func commentEnd(s string, i int) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return 0
}

func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}
