package trace

import "strings"

// tlsComment reads what a comment tells of encryption: "using TLSv1.3 with cipher X (256/256 bits)", "version=TLS1_2, cipher=X", "TLSv1.2:X:128", "TLS1.3", "Cipher TLSv1:X:168".
func (p *parser) tlsComment(inner string) bool {
	switch inner[0] | 0x20 {
	case 'u':
		if !hasPrefixFold(inner, "using ") {
			return false
		}
		version, rest := nextField(inner[6:])
		with, rest := nextField(rest)
		cipher, rest := nextField(rest)
		name, _ := nextField(rest)
		if !strings.EqualFold(with, "with") || !strings.EqualFold(cipher, "cipher") {
			name = ""
		}
		p.setTLS(version, name)
		return true
	case 'v':
		if !hasPrefixFold(inner, "version=") {
			return false
		}
	case 'c':
		if hasPrefixFold(inner, "cipher ") {
			p.setTLS(nextOf(inner[7:]), "")
			return true
		}
		if !hasPrefixFold(inner, "cipher=") {
			return false
		}
	case 't', 's':
		if !hasPrefixFold(inner, "TLS") && !hasPrefixFold(inner, "SSL") || strings.ContainsAny(inner, "[@") {
			return false
		}
		if !strings.Contains(inner, "=") {
			w, rest := nextField(inner)
			// "TLSv1.2 cipher X", "TLS: TLSv1/SSLv3,128bits,X"
			if next, after := nextField(rest); strings.EqualFold(next, "cipher") {
				p.setTLS(w, nextOf(after))
			} else if strings.HasSuffix(w, ":") {
				p.setTLS(unfold(strings.TrimSpace(rest)), "")
			} else {
				p.setTLS(w, "")
			}
			return true
		}
	default:
		return false
	}
	version, cipher := "", ""
	for rest := inner; rest != ""; {
		var w string
		w, rest = nextField(rest)
		if key, value, ok := strings.Cut(w, "="); ok {
			switch strings.ToLower(key) {
			case "version":
				version = value
			case "cipher":
				cipher = value
			}
		}
	}
	p.setTLS(version, cipher)
	return true
}

func nextOf(s string) string {
	w, _ := nextField(s)
	return w
}

func (p *parser) setTLS(version, cipher string) {
	if p.r.TLS != "" {
		return
	}
	p.r.TLS = version
	if cipher != "" {
		p.r.TLS = strings.TrimSpace(version + " " + cipher)
	}
}

// envelopeComment reads "(envelope-from <a@b.example>)" and its kin.
func (p *parser) envelopeComment(inner string) bool {
	if inner[0]|0x20 != 'e' {
		return false
	}
	for _, prefix := range [...]string{"envelope-from", "envelope-sender", "env-from"} {
		if !hasPrefixFold(inner, prefix) {
			continue
		}
		value, _ := nextField(strings.TrimLeft(inner[len(prefix):], " \t\r\n:="))
		p.r.EnvelopeFrom = unbracket(value)
		return true
	}
	return false
}

// loginComment reads "(Authenticated sender: x)", "(smtp-auth username x, mechanism y)", "(SquirrelMail authenticated user x)", and passes over comments that name no host.
func (p *parser) loginComment(inner string) bool {
	for i := 0; i < len(inner); i++ {
		if c := inner[i] | 0x20; c != 'a' && c != 's' || i > 0 && !isSpace(inner[i-1]) {
			continue
		}
		for _, mark := range [...]string{"authenticated sender:", "authenticated user:", "authenticated user", "authenticated as", "authenticated id:", "smtp-auth username", "authid=", "auth=", "account "} {
			if !hasPrefixFold(inner[i:], mark) || mark == "account " && i > 0 {
				continue
			}
			if value := nextOf(inner[i+len(mark):]); value != "" {
				p.r.AuthenticatedAs = unbracket(value)
			}
			p.helo(inner)
			return true
		}
	}
	return hasPrefixFold(inner, "authenticated") || hasPrefixFold(inner, "no client certificate") || hasPrefixFold(inner, "client ") || hasPrefixFold(inner, "proxying for ")
}

// helo reads the HELO name from a comment that is about something else: "account user HELO name".
func (p *parser) helo(inner string) {
	if p.clause != fromClause || p.r.From.HELO != "" {
		return
	}
	for rest := inner; rest != ""; {
		var w string
		if w, rest = nextField(rest); strings.EqualFold(w, "helo") {
			p.r.From.HELO = nextOf(rest)
			return
		}
	}
}
