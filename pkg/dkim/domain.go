package dkim

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// asciiDomain gives a domain in the form in which the DNS knows it: lower case, no dot at the end, A-labels (RFC 5890).
func asciiDomain(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	for i := 0; i < len(s); i++ {
		if s[i] < 0x80 {
			continue
		}
		s = strings.ToValidUTF8(s, "\uFFFD")
		labels := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '。' || r == '．' || r == '｡' })
		for j := range labels {
			labels[j] = aLabel(labels[j])
		}
		return strings.Join(labels, ".")
	}
	return s
}

// maxLabel bounds the work on one label, which is quadratic; the DNS knows none above 63 bytes.
const maxLabel = 255

// aLabel writes a label of other than ASCII in Punycode (RFC 3492 §6.3).
func aLabel(label string) string {
	out := []byte("xn--")
	runes := []rune(label)
	if len(label) > maxLabel {
		return label
	}
	for _, r := range runes {
		if r < 0x80 {
			out = append(out, byte(r))
		}
	}
	basic := len(out) - 4
	if basic == len(runes) {
		return label
	}
	if basic > 0 {
		out = append(out, '-')
	}
	const base, low, high, skew, damp = 36, 1, 26, 38, 700
	n, delta, bias := rune(0x80), 0, 72
	for handled := basic; handled < len(runes); {
		next := rune(0x10FFFF + 1)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (handled + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, low), high)
				if q < t {
					break
				}
				out = append(out, punycodeDigit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out = append(out, punycodeDigit(q))
			// adapt (RFC 3492 §6.1)
			if handled == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			delta += delta / (handled + 1)
			k := 0
			for ; delta > (base-low)*high/2; k += base {
				delta /= base - low
			}
			bias = k + (base-low+1)*delta/(delta+skew)
			delta = 0
			handled++
		}
		delta++
		n++
	}
	return string(out)
}

func punycodeDigit(d int) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

// domainOf is the domain of an address.
func domainOf(address string) string {
	return asciiDomain(strings.Trim(address[strings.LastIndexByte(address, '@')+1:], fws))
}

// within says whether domain is the other or lies below it.
func within(domain, other string) bool {
	return other != "" && (domain == other || strings.HasSuffix(domain, "."+other))
}

// organisational is the domain that an organisation registered, by the public suffix list (RFC 7489 §3.2).
func organisational(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}

// aligned says whether the signing domain and every From address belong to one organisation: relaxed alignment of RFC 7489 §3.1.1.
func aligned(domain string, from []string) bool {
	if domain == "" || len(from) == 0 {
		return false
	}
	org := organisational(domain)
	for _, address := range from {
		if other := domainOf(address); other == "" || organisational(other) != org {
			return false
		}
	}
	return true
}
