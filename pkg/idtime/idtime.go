// Package idtime knows the times that mail programs leave in identifiers: Message-IDs (RFC 5322 §3.6.4 asks only that they be unique), MIME boundaries (RFC 2046 §5.1.1) and
// Outlook's Thread-Index ([MS-OXOMSG] §2.2.1.3). Nobody who types a Date thinks of them.
//
// A form is read only where its shape leaves little room for chance, and its time is one that mail can have; what cannot be read so is no time.
package idtime

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// Mark is a time that was found, with what wrote it.
type Mark struct {
	Time time.Time // UTC
	Form string    // such as "Mozilla: seconds"
	// Within is how exact the form is: of a local clock without its zone it is a day, else what its last digit counts.
	Within time.Duration
}

const (
	local  = 15 * time.Hour // zones reach from -12:00 to +14:00, and summer time
	minute = time.Minute
	second = time.Second
)

// plausible bounds: no mail is older than the format, none is written after this century.
func plausible(t time.Time) bool {
	return t.Year() >= 1990 && t.Year() < 2100
}

func mark(t time.Time, form string, within time.Duration) (Mark, bool) {
	if !plausible(t) {
		return Mark{}, false
	}
	return Mark{t.UTC(), form, within}, true
}

// MessageID reads a Message-ID, with or without its brackets.
func MessageID(id string) (Mark, bool) {
	id = strings.Trim(id, "<> \t")
	left, right, found := strings.Cut(id, "@")
	if !found || len(left) < 8 || len(left) > 200 {
		return Mark{}, false
	}
	if strings.IndexByte(left, '$') > 0 {
		return outlookID(left)
	}
	if m, ok := byDots(left, right); ok {
		return m, true
	}
	if left[0] == 'E' && len(left) >= 16 {
		return exim(left[1:])
	}
	return Mark{}, false
}

// byDots reads the forms that are made of numbers between dots and dashes.
func byDots(left, right string) (Mark, bool) {
	first, rest, dotted := strings.Cut(left, ".")
	switch {
	case !dotted:
		return numbersFirst(left, right)
	case strings.EqualFold(first, "pine") || strings.EqualFold(first, "alpine"):
		// Pine.LNX.4.64.0801021234560.1234: a local clock
		pieces := strings.Split(rest, ".")
		for _, p := range pieces {
			if len(p) >= 10 && digits(p) {
				if t, ok := stamp("20"+p[:10], "200601021504"); ok && (p[:2] < "70") {
					return mark(t, "Pine: its local clock", local)
				}
				if t, ok := stamp("19"+p[:10], "200601021504"); ok {
					return mark(t, "Pine: its local clock", local)
				}
			}
		}
	case strings.Contains(rest, "JavaMail"):
		// 1234567890.12.1600000000000.JavaMail.root
		for p := range strings.SplitSeq(left, ".") {
			if len(p) == 13 && digits(p) {
				return millis(p, "JavaMail: milliseconds")
			}
		}
	case strings.HasSuffix(rest, "camel") && len(first) >= 9 && len(first) <= 10 && digits(first):
		return seconds(first, "Evolution: seconds")
	case len(first) == 8 && hexDigits(first) && (digits(rest) && len(rest) >= 5 && len(rest) <= 8):
		// 4F3A1B2C.7060809: Mozilla until 2013
		return mark(time.Unix(number(first, 16), 0), "Mozilla: seconds", second)
	case len(first) == 14 && digits(first):
		return clock14(first, rest)
	case len(first) == 12 && digits(first) && len(rest) >= 10:
		// sendmail: 200801021234.m02CYabc012345, the clock of the machine
		if t, ok := stamp(first, "200601021504"); ok {
			return mark(t, "sendmail: its clock, often local", local)
		}
	case strings.HasSuffix(right, "yahoo.com") && strings.Count(left, ".") == 2:
		if last := left[strings.LastIndexByte(left, '.')+1:]; len(last) == 13 && digits(last) {
			return millis(last, "Yahoo: milliseconds")
		}
	}
	return Mark{}, false
}

// clock14 tells the programs apart that begin with a clock of 14 digits.
func clock14(first, rest string) (Mark, bool) {
	t, ok := stamp(first, "20060102150405")
	if !ok {
		return Mark{}, false
	}
	switch {
	case len(rest) >= 3 && rest[0] == 'G' && rest[1] >= 'A' && rest[1] <= 'Z' && digits(rest[2:]):
		return mark(t, "mutt: its clock in UTC", second)
	case strings.IndexByte(rest, '-') > 0 && digits(rest[:strings.IndexByte(rest, '-')]):
		return mark(t, "git send-email: its clock in UTC", second)
	case digits(rest) && len(rest) <= 7:
		return mark(t, "qmail: its clock in UTC", second)
	case len(rest) >= 8 && len(rest) <= 17 && upperHex(rest):
		return mark(t, "Postfix: its clock in UTC", second)
	}
	// KMail and others write the local clock.
	return mark(t, "a clock without its zone", local)
}

// numbersFirst reads forms without a dot.
func numbersFirst(left, right string) (Mark, bool) {
	if dash := strings.IndexByte(left, '-'); dash == 10 && digits(left[:dash]) && strings.Contains(left, "-git-send-email-") {
		return seconds(left[:dash], "git send-email: seconds")
	}
	// a1b2c3d40801021234k1a2b3c4dh5e6f: Gmail until 2011, the clock of California
	if strings.HasSuffix(right, "mail.gmail.com") && len(left) >= 28 && len(left) <= 40 {
		for i := 6; i+11 <= len(left) && i < 20; i++ {
			c := left[i+10]
			if c >= 'g' && c <= 'z' && digits(left[i:i+10]) {
				if t, ok := stamp("20"+left[i:i+10], "200601021504"); ok && t.Year() >= 2004 && t.Year() <= 2011 {
					return mark(t.Add(8*time.Hour), "Gmail: the clock of its servers", 2*time.Hour)
				}
			}
		}
	}
	return Mark{}, false
}

// outlookID reads 000001c8d5a7$e2f4b4a0$6501a8c0: the FILETIME of Outlook and Outlook Express.
func outlookID(left string) (Mark, bool) {
	pieces := strings.Split(left, "$")
	if len(pieces) < 3 || len(pieces[0]) < 8 || len(pieces[1]) != 8 {
		return Mark{}, false
	}
	return filetime(pieces[0][len(pieces[0])-8:], pieces[1], "Outlook: the clock of Windows")
}

// filetime reads two halves of eight hexadecimal digits; the upper one begins with 01 (1829 to 2057).
func filetime(high, low, form string) (Mark, bool) {
	if !hexDigits(high) || !hexDigits(low) || high[:2] != "01" {
		return Mark{}, false
	}
	return mark(windows(uint64(number(high, 16))<<32|uint64(number(low, 16))), form, second)
}

// windows converts 100 ns since 1601 (FILETIME); what lies outside of 1970 to 2198 gives a time that is not plausible.
func windows(ticks uint64) time.Time {
	const epoch = 116444736000000000
	if ticks < epoch || ticks-epoch > 1<<56 {
		return time.Time{}
	}
	since := int64(ticks - epoch)
	return time.Unix(since/1e7, since%1e7*100)
}

// exim reads E1abcde-000123-4A: six digits to the base 62.
func exim(s string) (Mark, bool) {
	if len(s) < 16 || s[6] != '-' {
		return Mark{}, false
	}
	pieces := strings.Split(s, "-")
	if len(pieces) != 3 || len(pieces[0]) != 6 || len(pieces[1]) != 6 && len(pieces[1]) != 11 || len(pieces[2]) != 2 && len(pieces[2]) != 4 {
		return Mark{}, false
	}
	var n int64
	for _, c := range []byte(pieces[0]) {
		switch {
		case c >= '0' && c <= '9':
			n = n*62 + int64(c-'0')
		case c >= 'A' && c <= 'Z':
			n = n*62 + int64(c-'A') + 10
		case c >= 'a' && c <= 'z':
			n = n*62 + int64(c-'a') + 36
		default:
			return Mark{}, false
		}
	}
	return mark(time.Unix(n, 0), "Exim: seconds", second)
}

// Boundary reads a MIME boundary.
func Boundary(b string) (Mark, bool) {
	switch {
	case len(b) == 28 && b[0] == '0' && hexDigits(b):
		// Gmail: microseconds, the upper ten digits at the end, the lower four before the middle
		if t := number(b[18:]+b[12:16], 16); t > 0 {
			return mark(time.UnixMicro(t), "Gmail: microseconds", second)
		}
	case strings.Contains(b, "NextPart_") && len(b) >= 17:
		// ----=_NextPart_000_0012_01C8D5A7.E2F4B4A0
		if tail := b[len(b)-17:]; tail[8] == '.' {
			return filetime(tail[:8], tail[9:], "Outlook: the clock of Windows")
		}
	case strings.HasPrefix(b, "----=_Part_"):
		// ----=_Part_123_12345.1600000000000
		if i := strings.LastIndexByte(b, '.'); i > 0 && len(b)-i == 14 && digits(b[i+1:]) {
			return millis(b[i+1:], "JavaMail: milliseconds")
		}
	}
	return Mark{}, false
}

// ThreadIndex reads when the conversation began and, where the older form of the header allows it, when this reply was made.
func ThreadIndex(value string) (began Mark, reply Mark, ok bool) {
	if len(value) > 10_000 {
		return Mark{}, Mark{}, false
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.Join(strings.Fields(value), ""), "="))
	if err != nil || len(raw) < 22 || raw[0] != 1 {
		return Mark{}, Mark{}, false
	}
	const form = "Outlook: the clock of Windows, in the Thread-Index"
	if raw[1] == 1 {
		// A reserved octet stands before five of the FILETIME: the steps after it count from somewhere else.
		began, ok = mark(windows(uint64(binary.BigEndian.Uint32(raw[1:]))<<32|uint64(raw[5])<<24), form, 2*second)
		return began, Mark{}, ok
	}
	ticks := uint64(binary.BigEndian.Uint32(raw))<<32 | uint64(binary.BigEndian.Uint16(raw[4:]))<<16
	if began, ok = mark(windows(ticks), form, second); !ok {
		return Mark{}, Mark{}, false
	}
	for at := 22; at+5 <= len(raw); at += 5 {
		step := binary.BigEndian.Uint32(raw[at:])
		if shift := 18; step>>31 == 0 {
			ticks += uint64(step) << shift
		} else {
			ticks += uint64(step&0x7fffffff) << 23
		}
		if t, plausible := mark(windows(ticks), form, minute); plausible {
			reply = t
		}
	}
	return began, reply, true
}

func stamp(s, layout string) (time.Time, bool) {
	t, err := time.Parse(layout, s)
	return t, err == nil
}

func seconds(s, form string) (Mark, bool) { return mark(time.Unix(number(s, 10), 0), form, second) }
func millis(s, form string) (Mark, bool)  { return mark(time.UnixMilli(number(s, 10)), form, second) }

// number reads at most 16 digits; the caller knows that they are such.
func number(s string, base int64) (n int64) {
	for _, c := range []byte(s) {
		switch {
		case c <= '9':
			n = n*base + int64(c-'0')
		default:
			n = n*base + int64(c|0x20-'a') + 10
		}
	}
	return n
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func hexDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f') {
			return false
		}
	}
	return s != ""
}

func upperHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return s != ""
}
