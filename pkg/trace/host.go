package trace

import (
	"net/netip"
	"strings"
)

// hostWord takes a word of a from or by clause: a name, an address, or more of a name.
func (p *parser) hostWord(h *Host, s *side, it item, w string) {
	if bracket := strings.IndexByte(w, '['); bracket > 0 && strings.HasSuffix(w, "]") {
		// "mail.example[192.0.2.1]"
		if ip, ok := parseIP(w[bracket:]); ok {
			h.setIP(ip, w[bracket:])
			w, it.end = w[:bracket], it.start+bracket
		}
	}
	if ip, ok := parseIP(w); ok {
		// "[192.0.2.1] (name [198.51.100.1])": what stands first is HELO then, and the comment has the address of the connection.
		if s.name.end == 0 && !h.IP.IsValid() {
			s.literal, s.firstEnd = true, it.end
		}
		h.setIP(ip, w)
		s.ended = true
		return
	}
	if s.ended && s.name.end > 0 || s.dotted {
		return
	}
	if dot := strings.IndexByte(w, '.') >= 0; dot {
		// "host mail.example": the word with a dot is the name.
		if s.name.end > 0 && p.text[s.name.start:s.name.end] == "host" {
			s.name = span{}
		}
		s.dotted = s.name.end == 0
	}
	grow(&s.name, it)
}

// setIP keeps the first address of a clause.
func (h *Host) setIP(ip netip.Addr, written string) {
	if h.IP.IsValid() {
		return
	}
	h.IP = ip
	if written = strings.Trim(written, "[]"); written != ip.String() {
		h.IPText = written
	}
}

// comment reads what stands in parentheses: TLS, login, envelope sender, or more on the host of the clause.
func (p *parser) comment(it item) {
	inner := strings.TrimSpace(p.text[it.start+1 : it.end-1])
	if inner == "" {
		return
	}
	switch p.clause {
	case fromClause:
		p.from.ended = true
	case byClause:
		p.by.ended = true
	}
	if p.tlsComment(inner) || p.envelopeComment(inner) || p.loginComment(inner) {
		return
	}
	switch p.clause {
	case fromClause:
		p.fromComment(inner)
	case byClause:
		p.byComment(inner)
	case withClause, tlsClause:
		if p.r.By.Software == "" {
			p.r.By.Software = unfold(inner)
		}
	case noClause:
		if !p.dated {
			p.looseComment(it, inner)
		}
	}
}

// fromComment reads more on the client; its address goes before one that the client gave as its name.
func (p *parser) fromComment(inner string) {
	h := &p.r.From
	if !p.from.literal {
		h.details(inner, p.r)
		return
	}
	first, firstText := h.IP, h.IPText
	h.IP, h.IPText = netip.Addr{}, ""
	h.details(inner, p.r)
	if h.IP.IsValid() {
		p.from.literal = false
		if h.HELO == "" {
			h.HELO = p.text[p.from.all.start:p.from.firstEnd]
		}
	} else {
		h.IP, h.IPText = first, firstText
	}
}

// byComment reads the address of the server, or its software, with the local user where Postfix names one.
func (p *parser) byComment(inner string) {
	if ip, ok := parseIP(inner); ok {
		p.r.By.setIP(ip, inner)
		return
	}
	if open := strings.IndexAny(inner, "[("); open >= 0 {
		if shut := strings.IndexAny(inner[open:], "])"); shut > 0 {
			if ip, ok := parseIP(inner[open+1 : open+shut]); ok {
				p.r.By.setIP(ip, inner[open+1:open+shut])
				return
			}
		}
	}
	inner = unfold(inner)
	if before, user, ok := strings.Cut(inner, ", from "); ok && strings.HasPrefix(user, "userid ") {
		p.r.From.User = user
		inner = before
	}
	if p.r.By.Software == "" {
		p.r.By.Software = inner
	}
}

// looseComment reads a comment before any clause: sendmail's "(from user@host)", qmail's "(qmail 1 invoked by uid 2)", or the writer's name for itself.
func (p *parser) looseComment(it item, inner string) {
	if p.seen[byClause] || p.seen[fromClause] {
		return
	}
	if hasPrefixFold(inner, "from ") {
		p.seen[fromClause] = true
		p.from.all = span{it.start, it.end}
		p.r.From.details(inner[5:], p.r)
		if p.r.From.Name = p.r.From.Reverse; p.r.From.Name == "" && !p.r.From.IP.IsValid() {
			p.r.From.Name = unfold(inner[5:])
		}
		return
	}
	if p.by.all.end > 0 {
		return
	}
	if at := strings.IndexByte(inner, '@'); at > 0 && !strings.ContainsAny(inner, " \t\r\n") {
		p.r.From.User = inner // vger's "(majordomo@list.example) by …"
		return
	}
	p.by.all = span{it.start, it.end}
	p.r.By.Software = unfold(inner)
	// qmail and its heirs: "qmail 1 invoked by uid 2", "qmail 1 messnum 2 invoked from network[192.0.2.1/name]", "ofmipd 192.0.2.1".
	program, rest := nextField(inner)
	if how := strings.Index(rest, "invoked "); how >= 0 {
		p.r.By.Software, p.ownLine = program, true
		how, who := nextField(rest[how+len("invoked "):])
		if peer, ok := strings.CutPrefix(strings.TrimSpace(who), "network["); ok && how == "from" {
			ip, name, _ := strings.Cut(strings.TrimSuffix(peer, "]"), "/")
			p.r.From.details("["+ip+"] "+name, p.r)
		} else if how == "by" {
			p.r.From.User = unfold(strings.TrimSpace(who))
		}
	} else if program == "ofmipd" {
		p.r.By.Software, p.ownLine = program, true
		p.r.From.details(rest, p.r)
	}
}

// details reads the words of a comment behind a client's name: "rdns [ip]", "HELO x", "[ip]:port helo=x ident=y", "user@rdns [ip]" and mixtures.
func (h *Host) details(inner string, r *Received) {
	hasIP := strings.IndexByte(inner, '[') >= 0
	first := true
	for rest := inner; rest != ""; {
		var w string
		w, rest = nextField(rest)
		if w == "" {
			continue
		}
		h.detail(w, &rest, first, hasIP, r)
		first = strings.EqualFold(w, "actually")
	}
}

func (h *Host) detail(w string, rest *string, first, hasIP bool, r *Received) {
	if eq := strings.IndexByte(w, '='); eq > 0 {
		switch strings.ToLower(w[:eq]) {
		case "helo", "ehlo":
			h.HELO = w[eq+1:]
			return
		case "ident", "user":
			h.User = w[eq+1:]
			return
		case "port", "job", "account", "smtp-auth":
			return
		}
	}
	switch {
	case (len(w) == 4) && (strings.EqualFold(w, "helo") || strings.EqualFold(w, "ehlo")):
		h.HELO, *rest = nextField(*rest)
		return
	case w == "forged":
		r.note("the server notes: may be forged")
		return
	}
	if at := strings.LastIndexByte(w, '@'); at >= 0 {
		h.User = strings.TrimPrefix(w[:at], "IDENT:")
		w = w[at+1:]
		first = true
		hasIP = true
	}
	if ip, ok := parseIP(w); ok {
		h.setIP(ip, w)
		return
	}
	if h.Reverse != "" || !nameLike(w) {
		return
	}
	switch dotted := strings.IndexByte(w, '.') >= 0; {
	case strings.EqualFold(w, "unknown") || strings.EqualFold(w, "unverified"):
	case dotted && (first || hasIP), first && (hasIP || strings.EqualFold(w, "localhost")):
		h.Reverse = strings.TrimSuffix(w, ".")
	}
}

// nextField cuts the first word off s, without quotation marks and the marks around it; an opening bracket begins a word.
func nextField(s string) (w, rest string) {
	i := 0
	for i < len(s) && (isSpace(s[i]) || s[i] == ',' || s[i] == '"' || s[i] == '(' || s[i] == ')' || s[i] == ';') {
		i++
	}
	start := i
	for i < len(s) && !isSpace(s[i]) && s[i] != ',' && s[i] != '"' && s[i] != '(' && s[i] != ')' && s[i] != ';' && (s[i] != '[' || i == start || s[i-1] == '=') {
		i++
	}
	return s[start:i], s[i:]
}

// nameLike tells whether w can be a host name: letters, digits, and the marks that real names have.
func nameLike(w string) bool {
	letters := false
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80:
			letters = true
		case c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_':
		default:
			return false
		}
	}
	return letters
}

// finishHost turns the spans of a clause into its text and name.
func (p *parser) finishHost(h *Host, s *side) {
	if s.all.end > 0 {
		h.Text = p.value(s.all)
	}
	if s.name.end > 0 {
		h.Name = strings.TrimRight(unbracket(p.value(s.name)), ",")
	}
}

// settleNames decides whether the first name of the from clause is the HELO name or the reverse name. Where HELO stands in a comment (Exim, qmail) the first is
// the looked-up one; where the comment names the looked-up one (Postfix, sendmail, Gmail) the first is HELO.
func (p *parser) settleNames(h *Host) {
	first := h.Name
	switch {
	case h.HELO != "":
		if h.Reverse == "" && first != "" && !strings.EqualFold(first, "unknown") && !p.from.literal {
			h.Reverse = first
		}
	case p.from.ended && (h.IP.IsValid() || h.Reverse != "") && !strings.HasPrefix(h.Text, "("):
		h.HELO = first
	}
	if h.Name == "" {
		h.Name = h.Reverse
	}
}

// parseIP reads an address, with or without brackets, "IPv6:", zone and port. Version numbers are none: they have other than four parts, or stand beside a word.
func parseIP(w string) (netip.Addr, bool) {
	if len(w) < 3 || len(w) > 70 {
		return netip.Addr{}, false
	}
	bracketed := w[0] == '['
	if bracketed {
		end := strings.IndexByte(w, ']')
		switch {
		case end < 0:
			end = len(w) // "[192.0.2.1 port:25]" was cut at the space
		case end+1 < len(w) && w[end+1] != ':':
			return netip.Addr{}, false
		}
		w = w[1:end]
	}
	if len(w) > 5 && hasPrefixFold(w, "ipv6:") {
		w = w[5:]
	}
	if zone := strings.IndexByte(w, '%'); zone > 0 {
		w = w[:zone]
	}
	dots, colons := 0, 0
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c >= '0' && c <= '9':
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			if dots > 0 {
				return netip.Addr{}, false
			}
		default:
			return netip.Addr{}, false
		}
	}
	if colons == 1 && dots == 3 {
		w = w[:strings.IndexByte(w, ':')]
	} else if colons < 2 && dots != 3 {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(w)
	return ip.Unmap(), err == nil
}

// sharedSpace is the block of carrier-grade translators (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// private tells whether an address has no meaning outside one network.
func private(ip netip.Addr) bool {
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || sharedSpace.Contains(ip)
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
