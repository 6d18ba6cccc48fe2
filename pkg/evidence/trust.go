package evidence

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"onrecord/pkg/message"
	"onrecord/pkg/trace"
)

// boundary is the receiving organisation as the newest Received fields show it: its own hops stand on top, down to the one by which the message came in
// from outside. Fields above that one were written by it. Below it, some servers (Postfix with a milter, Gmail) put their results right under their own
// Received field, where a sender may have put some too: those count only in the run of trace fields between that Received field and the next older one,
// and only where no field of the same author stands above. A message without Received fields shows no boundary.
type boundary struct {
	domains []string // organisational domains of its servers
	entry   int      // index in the header of the Received field by which the message came in; the header's length if none is from outside
	run     int      // end of the run of trace fields below it
	older   bool     // that run ends at an older Received field
	known   bool
	client  netip.Addr      // the address that the message came in from
	first   int             // index of the newest Received field, the header's length if there is none
	trust   []string        // servers that the user vouches for, in lower case
	above   map[string]bool // authors of results above entry
}

func findBoundary(h message.Header, hops []trace.Received, trust []string) boundary {
	b := boundary{entry: len(h), run: len(h), first: len(h)}
	for _, t := range trust {
		b.trust = append(b.trust, strings.ToLower(strings.Trim(t, ". ")))
	}
	hop := 0
	for i, f := range h {
		if !f.Is("Received") || hop >= len(hops) {
			continue
		}
		if hop == 0 {
			b.first = i
		}
		cur := hops[hop]
		hop++
		by := orgDomain(cur.By.Name)
		if by == "" && !b.known && foreign(cur, b) {
			// A receiver without a domain took it in: no field can be known as his, unless the user vouches for it.
			b.run, b.older = traceRun(h, i+1)
			b.client = cur.From.IP
			return b
		}
		if by != "" {
			if b.known && !b.owns(by) {
				// Somebody else's hop without one that took the message over from him: what stands above it is the boundary's.
				b.entry, b.run = i, i
				return b
			}
			if !b.owns(by) {
				b.domains = append(b.domains, by)
			}
			b.known = true
		}
		if b.known && foreign(cur, b) {
			b.entry, b.client = i, cur.From.IP
			b.run, b.older = traceRun(h, i+1)
			return b
		}
	}
	return b
}

// traceRun returns the end of the trace and result fields from index i on, and whether it is the next Received field that ends them.
func traceRun(h message.Header, i int) (end int, older bool) {
	for ; i < len(h); i++ {
		switch name := strings.ToLower(h[i].Name); {
		case name == "received":
			return i, true
		case name == "authentication-results", name == "received-spf", name == "return-path", name == "delivered-to",
			name == "dkim-filter", name == "dmarc-filter", strings.HasPrefix(name, "arc-"), strings.HasPrefix(name, "x-"):
		default:
			return i, false
		}
	}
	return i, false
}

// foreign tells whether hop took the message in from outside the organisation. What the client called itself (HELO) proves nothing: for a client with a
// public address only the name that the server itself looked up counts.
func foreign(hop trace.Received, b boundary) bool {
	ip := hop.From.IP
	switch {
	case ip.IsPrivate(), ip.IsLoopback(), ip.IsLinkLocalUnicast():
		return false
	case hop.From.Reverse != "" && orgDomain(hop.From.Reverse) != "":
		return !b.owns(orgDomain(hop.From.Reverse))
	case ip.IsValid():
		return !b.owns("microsoft.com") || !inMicrosoft(ip)
	}
	for _, name := range []string{hop.From.Name, hop.From.HELO} {
		if d := orgDomain(name); d != "" {
			return !b.owns(d)
		}
	}
	return false
}

// exchangeOnline are the address ranges that Microsoft publishes for Exchange Online: its servers tell no looked-up name of each other.
var exchangeOnline = []netip.Prefix{netip.MustParsePrefix("2603:1000::/24"), netip.MustParsePrefix("2a01:111:f400::/48"), netip.MustParsePrefix("2a01:111:f403::/48"),
	netip.MustParsePrefix("40.92.0.0/15"), netip.MustParsePrefix("40.107.0.0/16"), netip.MustParsePrefix("52.100.0.0/14"), netip.MustParsePrefix("104.47.0.0/17")}

func inMicrosoft(ip netip.Addr) bool {
	for _, p := range exchangeOnline {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// aliases are organisations whose servers sign results under another domain than the one they receive under.
var aliases = map[string]string{
	"office365.com": "microsoft.com", "outlook.com": "microsoft.com", "hotmail.com": "microsoft.com", "exchangelabs.com": "microsoft.com",
	"googlemail.com": "google.com", "gmail.com": "google.com", "yahoodns.net": "yahoo.com", "ymail.com": "yahoo.com",
	"messagingengine.com": "fastmail.com", "pphosted.com": "proofpoint.com",
}

func (b boundary) owns(domain string) bool {
	for _, d := range b.domains {
		if d == domain {
			return true
		}
	}
	return false
}

// rewriters are organisations whose servers put their results below their own Received field and are known to take out forged ones.
var rewriters = map[string]bool{"google.com": true, "microsoft.com": true, "yahoo.com": true}

// named tells whether the user vouches for a server: by its name or by that of a domain above it.
func (b *boundary) named(server string) bool {
	if server == "" {
		return false
	}
	server = strings.ToLower(strings.Trim(server, ". "))
	for _, t := range b.trust {
		if t != "" && (server == t || strings.HasSuffix(server, "."+t)) {
			return true
		}
	}
	return false
}

// below tells whether the index lies below the Received field by which the message came in: where the sender's own fields begin.
func (b *boundary) below(i int) bool {
	if !b.known {
		return i > b.first
	}
	return i > b.entry && !b.rewrites()
}

func (b *boundary) rewrites() bool {
	for _, d := range b.domains {
		if rewriters[d] {
			return true
		}
	}
	return false
}

// wrote tells whether the field at index i of the header, which names server as its author, was written by the boundary.
// Microsoft's form names no server: it is believed where Microsoft's own servers are the boundary. Fields are asked for from the top on.
// A server that the user vouches for counts as the boundary's; but without any Received field nothing shows who wrote what.
func (b *boundary) wrote(i int, server string) bool {
	author := orgDomain(server)
	if server == "" {
		author = "microsoft.com"
	}
	named := len(b.trust) > 0 && b.named(server)
	if named {
		author = strings.ToLower(server)
	}
	entry := b.entry
	switch {
	case !b.known && !(named && b.run > b.first), b.known && !named && !b.owns(author):
		return false
	case !b.known:
		entry = b.first
	}
	if i < entry {
		if b.above == nil {
			b.above = map[string]bool{}
		}
		b.above[author] = true
		return true
	}
	return i < b.run && !b.above[author] && (b.older || rewriters[author])
}

// wroteAbove tells whether the field at index i stands above the Received field by which the message came in and names a server of the boundary: a sender
// can put nothing there.
func (b *boundary) wroteAbove(i int, server string) bool {
	return b.known && i < b.entry && server != "" && (b.owns(orgDomain(server)) || b.named(server))
}

// orgDomain returns the organisational domain of a host name (RFC 7489 §3.2, by the public suffix list), "" for what is no such name.
func orgDomain(host string) string {
	host = strings.ToLower(strings.Trim(host, "[]. "))
	if host == "" || !strings.Contains(host, ".") || strings.ContainsAny(host, " @/:") {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	if a, ok := aliases[d]; ok {
		return a
	}
	return d
}
