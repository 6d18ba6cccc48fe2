package evidence

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"onrecord/pkg/message"
	"onrecord/pkg/trace"
)

// boundary is the receiving organisation as the newest Received fields show it: its own hops stand on top, down to the one
// by which the message came in from outside. What stands above the next older hop was written by it or on its behalf (RFC 8601 §5 asks
// it to remove forged fields in its own name). A message without Received fields shows no boundary.
type boundary struct {
	domains []string // organisational domains of its servers
	limit   int      // index in the header of the first Received field that is not its own; the header's length if there is none
	known   bool
}

func findBoundary(h message.Header, hops []trace.Received) boundary {
	b := boundary{limit: len(h)}
	hop := 0
	for i, f := range h {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		if hop >= len(hops) {
			break
		}
		cur := hops[hop]
		hop++
		by := orgDomain(cur.By.Name)
		if by != "" {
			if b.known && !b.owns(by) {
				b.limit = i
				return b
			}
			if !b.owns(by) {
				b.domains = append(b.domains, by)
			}
			b.known = true
		}
		if b.known && foreign(cur, b) {
			// The message came in here: the next older Received field is somebody else's.
			for j := i + 1; j < len(h); j++ {
				if strings.EqualFold(h[j].Name, "Received") {
					b.limit = j
					break
				}
			}
			return b
		}
	}
	return b
}

// foreign tells whether hop took the message in from outside the organisation.
func foreign(hop trace.Received, b boundary) bool {
	if ip := hop.From.IP; ip.IsValid() && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()) {
		return false
	}
	for _, name := range []string{hop.From.Reverse, hop.From.Name, hop.From.HELO} {
		if d := orgDomain(name); d != "" {
			return !b.owns(d)
		}
	}
	return hop.From.IP.IsValid()
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

// wrote tells whether the field at index i of the header, which names server as its author, was written by the boundary.
// Microsoft's form names no server: it is believed where Microsoft's own servers are the boundary.
func (b boundary) wrote(i int, server string) bool {
	if !b.known || i >= b.limit {
		return false
	}
	if server == "" {
		return b.owns("microsoft.com")
	}
	return b.owns(orgDomain(server))
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
