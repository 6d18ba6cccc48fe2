package message

import (
	"strings"
	"unicode/utf8"
)

// addressParser puts tokens together to mailboxes.
type addressParser struct {
	addressScan
	offset int64
	d      defects
	list   []Address
	piece  []token   // since the last separator
	held   [][]token // pieces without an address: they may be the start of a display name with commas in it

	addressed bool // an address stands in piece
	group     bool
	empty     bool   // nothing stood in the group yet
	name      string // of the group
}

func (p *addressParser) parse() {
	for {
		if len(p.list)+len(p.held) >= mostAddresses {
			p.release()
			p.d.add(AddressListTooLarge, p.offset, "more addresses than are read; the rest is one text")
			p.list = append(p.list, Address{Name: strings.Join(strings.Fields(p.s[p.i:]), " ")})
			return
		}
		switch t := p.next(); t.kind {
		case tokenEnd:
			p.endPiece()
			p.release()
			p.endGroup()
			return
		case tokenComma:
			p.endPiece()
		case tokenSemicolon:
			p.endPiece()
			p.release()
			p.endGroup()
		case tokenColon:
			p.colon(t)
		default:
			p.piece = append(p.piece, t)
			p.addressed = p.addressed || t.kind == tokenAngle || strings.Contains(t.text, "@")
			if len(p.piece) == mostTokens {
				p.endPiece()
			}
		}
	}
}

// colon starts a group if a phrase stands before it.
func (p *addressParser) colon(t token) {
	if len(p.piece) == 1 && strings.EqualFold(p.piece[0].text, "mailto") {
		p.piece = p.piece[:0]
		return
	}
	if p.group || p.addressed || len(p.piece) == 0 {
		p.piece = append(p.piece, token{kind: tokenWord, text: ":", spaced: t.spaced})
		return
	}
	p.release()
	p.group, p.empty, p.name = true, true, fullName(p.piece)
	p.piece = p.piece[:0]
}

func (p *addressParser) endGroup() {
	if p.group && p.empty {
		p.list = append(p.list, Address{Name: p.name})
	}
	p.group = false
}

// endPiece takes what stands between two separators.
func (p *addressParser) endPiece() {
	if len(p.piece) == 0 {
		return
	}
	piece := p.piece
	angles, comments := 0, 0
	for _, t := range piece {
		switch t.kind {
		case tokenAngle:
			angles++
		case tokenComment:
			comments++
		}
	}
	p.addressed = false
	if p.group && comments == len(piece) {
		p.piece = p.piece[:0]
		return // RFC 5322 §3.4: a group may hold nothing but comments
	}
	p.empty = false
	if angles == 0 {
		if a, ok := p.bare(piece); ok {
			p.release()
			p.list = append(p.list, a)
		} else {
			if len(p.held) == mostHeld {
				p.release()
			}
			p.held = append(p.held, append([]token(nil), piece...))
		}
		p.piece = p.piece[:0]
		return
	}
	if len(p.held) > 0 {
		var joined []token
		for _, h := range p.held {
			joined = append(append(joined, h...), token{kind: tokenWord, text: ","})
		}
		piece[0].spaced = true
		if piece[0].kind == tokenAngle {
			joined = joined[:len(joined)-1]
		}
		piece = append(joined, piece...)
		p.held = p.held[:0]
		p.d.add(AddressInvalid, p.offset, "a comma in a display name is not quoted")
	}
	p.angles(piece, angles)
	p.piece = p.piece[:0]
}

// angles takes a piece with one address in brackets, or with several where separators are missing.
func (p *addressParser) angles(piece []token, n int) {
	if n > 1 {
		p.d.add(AddressInvalid, p.offset, "no comma between addresses")
	}
	start := 0
	for i, t := range piece {
		if t.kind != tokenAngle {
			continue
		}
		end := i + 1
		if n == 1 {
			end = len(piece)
		}
		name := piece[start:i]
		if i+1 < end {
			name = append(append([]token(nil), name...), piece[i+1:end]...)
		}
		p.list = append(p.list, p.mailbox(t, name))
		start, n = end, n-1
	}
}

// mailbox is an address in brackets with the name around it.
func (p *addressParser) mailbox(angle token, name []token) Address {
	a := Address{Name: fullName(name), Address: addrSpec(angle.text)}
	if strings.Contains(a.Address, ":;") {
		p.d.add(AddressInvalid, p.offset, "a group stands in the brackets of an address: "+brief(a.Address))
		return Address{Name: strings.TrimSpace(a.Name + " " + a.Address)}
	}
	switch {
	case angle.torn:
		p.d.add(AddressInvalid, p.offset, "the bracket of an address is not closed: "+brief(a.Address))
	case a.Address == "":
		p.d.add(AddressInvalid, p.offset, "empty brackets instead of an address")
	case !plausible(a.Address):
		p.d.add(AddressInvalid, p.offset, "no address: "+brief(a.Address))
	}
	return a
}

// bare reads a piece without brackets: an address, and a comment or words as its name. ok is false if there is no address in it.
func (p *addressParser) bare(piece []token) (Address, bool) {
	words, rest := glue(piece)
	found := -1
	for i, w := range words {
		if w.kind == tokenWord && strings.Contains(w.text, "@") {
			if found >= 0 {
				return p.severalBare(words, rest), true
			}
			found = i
		}
	}
	if found >= 0 {
		a := Address{Address: addrSpec(words[found].text)}
		var name []token
		name = append(append(append(name, words[:found]...), words[found+1:]...), rest...)
		a.Name = fullName(name)
		if len(words) > 1 || !plausible(a.Address) {
			p.d.add(AddressInvalid, p.offset, "an address is not in the form of RFC 5322: "+brief(phrase(piece)))
		}
		return a, true
	}
	if a, ok := inside(piece); ok {
		p.d.add(AddressInvalid, p.offset, "an address stands within a quoted or encoded display name: "+brief(a.Address))
		return a, true
	}
	if a, ok := spelled(words, rest); ok {
		p.d.add(AddressInvalid, p.offset, "an address is spelled out with \"at\": "+brief(phrase(piece)))
		return a, true
	}
	return Address{}, false
}

// severalBare takes addresses with nothing but white space between them; all but the last go to the list.
func (p *addressParser) severalBare(words, comments []token) Address {
	p.d.add(AddressInvalid, p.offset, "no comma between addresses")
	var name []token
	var last *Address
	for _, w := range words {
		if w.kind != tokenWord || !strings.Contains(w.text, "@") {
			name = append(name, w)
			continue
		}
		if last != nil {
			p.release()
			p.list = append(p.list, *last)
		}
		last = &Address{Name: fullName(name), Address: addrSpec(w.text)}
		name = nil
	}
	if name = append(name, comments...); len(name) > 0 {
		last.Name = strings.TrimSpace(last.Name + " " + fullName(name))
	}
	return *last
}

// release gives the pieces that no address came for.
func (p *addressParser) release() {
	for _, h := range p.held {
		a := Address{Name: fullName(h)}
		p.d.add(AddressInvalid, p.offset, "no address: "+brief(a.Name))
		p.list = append(p.list, a)
	}
	p.held = p.held[:0]
}

// glue separates words from comments and joins the words that an "@" with white space around it tore apart.
func glue(piece []token) (words, comments []token) {
	dot := false // the last word got a dot that stood alone
	for _, t := range piece {
		if t.kind == tokenComment {
			comments = append(comments, t)
			continue
		}
		if n := len(words); n > 0 && t.kind == tokenWord && words[n-1].kind == tokenWord && len(words[n-1].text) < mostGlued {
			last := &words[n-1]
			alone := t.text == "." && strings.Contains(last.text, "@")
			if alone || dot || strings.HasPrefix(t.text, "@") && !strings.Contains(last.text, "@") || strings.HasSuffix(last.text, "@") && len(last.text) > 1 ||
				!t.spaced && (strings.HasSuffix(last.text, ":") || t.text == ":" || strings.Contains(last.text, "@")) {
				last.text += t.text
				dot = alone
				continue
			}
		}
		dot = false
		words = append(words, t)
	}
	return words, comments
}

// inside looks for an address in a quoted or encoded word that is all there is.
func inside(piece []token) (Address, bool) {
	if len(piece) == 0 || len(piece) > 8 {
		return Address{}, false
	}
	text := fullName(piece)
	if !strings.Contains(text, "@") || len(text) > 1000 {
		return Address{}, false
	}
	name, rest, ok := strings.Cut(text, "<")
	address, _, closed := strings.Cut(rest, ">")
	if !ok || !closed {
		name, address = "", strings.Trim(text, "'\" ")
	}
	if !plausible(address) {
		return Address{}, false
	}
	return Address{Name: strings.Trim(name, "'\" "), Address: address}, true
}

// spelled reads "user at host.example" and "user (at) host.example".
func spelled(words, comments []token) (Address, bool) {
	switch {
	case len(words) == 3 && strings.EqualFold(strings.Trim(words[1].text, "[]{}"), "at"):
		words = []token{words[0], words[2]}
	case len(words) == 2 && len(comments) > 0 && strings.EqualFold(comments[0].text, "at"):
		comments = comments[1:]
	default:
		return Address{}, false
	}
	if !strings.Contains(words[1].text, ".") || words[0].kind != tokenWord || words[1].kind != tokenWord {
		return Address{}, false
	}
	return Address{Name: fullName(comments), Address: words[0].text + "@" + words[1].text}, true
}

// addrSpec cleans the text of an address: white space, a route, a "mailto:" and comments go.
func addrSpec(s string) string {
	if strings.HasPrefix(s, "@") {
		if i := strings.LastIndexByte(s, ':'); i > 0 {
			s = s[i+1:]
		}
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if !strings.ContainsAny(s, " \t\"(") {
		return strings.Trim(s, "'")
	}
	if strings.HasPrefix(s, "=?") {
		s, _ = decodeWords(s)
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '"' {
			if end := quoteEnd(s, i); end > 0 {
				out.WriteString(s[i:end])
				i = end
				continue
			}
		}
		if s[i] == '(' {
			if end := commentEnd(s, i); end > 0 {
				i = end
				continue
			}
			out.WriteString(s[i:])
			break
		}
		if s[i] != ' ' && s[i] != '\t' {
			out.WriteByte(s[i])
		}
		i++
	}
	return out.String()
}

func plausible(address string) bool {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return false
	}
	if address[0] == '"' {
		return true
	}
	return !strings.ContainsAny(address, " \t<>,;") && strings.IndexByte(address, '@') == at
}

// phrase joins the words of a display name, white space made one space, and decodes it.
func phrase(piece []token) string {
	size := 0
	for _, t := range piece {
		size += len(t.text) + len(" ()")
	}
	var out strings.Builder
	out.Grow(size)
	for _, t := range piece {
		if out.Len() > 0 && t.spaced {
			out.WriteByte(' ')
		}
		switch t.kind {
		case tokenComment:
			out.WriteString("(" + t.text + ")")
		case tokenAngle:
			out.WriteString("<" + t.text + ">")
		default:
			out.WriteString(t.text)
		}
	}
	s, _ := decodeWords(out.String())
	if isSpaced(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// isSpaced tells a text in ASCII whose words stand one space apart, with none around them.
func isSpaced(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c == ' ' && space || c < ' ' || c >= utf8.RuneSelf {
			return false
		}
		space = c == ' '
	}
	return !space
}

// fullName is the phrase, or the text of the comments if there is nothing but comments.
func fullName(piece []token) string {
	onlyComments := len(piece) > 0
	for _, t := range piece {
		onlyComments = onlyComments && t.kind == tokenComment
	}
	if onlyComments {
		plain := make([]token, len(piece))
		for i, t := range piece {
			plain[i] = token{kind: tokenWord, text: t.text, spaced: true}
		}
		piece = plain
	}
	name := phrase(piece)
	if len(name) > 1 && strings.Count(name, `"`) == 1 {
		name = strings.TrimSpace(strings.Trim(name, `"`)) // half of a pair
	}
	return name
}
