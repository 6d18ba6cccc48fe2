package mbox

import (
	"bytes"
	"strings"
	"time"
)

// maxFromLine bounds a From_ line: the 998 octets of RFC 5322 §2.1.1 and some grace.
const maxFromLine = 1024

var fromSpace = []byte("From ")

// IsFromLine tells whether line (with or without its line ending) is a From_ line in a form that real writers use:
// "From ", a sender, a date with year and time of day. "From here on …" is none.
func IsFromLine(line []byte) bool {
	_, _, _, ok := ParseFromLine(line)
	return ok
}

// ParseFromLine reads the sender and the date of a From_ line (with or without its line ending). The sender is as it
// stands: an address, "-", "MAILER-DAEMON", "user at host.example", Takeout's "123@xxx", or empty. when is in the zone
// that the line names; without one (hasZone false; asctime has none) its clock digits are given as UTC. when is zero with
// ok true where the calendar does not have the date (30 February), and for the two known forms without a date: "From -" and
// "From 123@xxx".
func ParseFromLine(line []byte) (sender string, when time.Time, hasZone bool, ok bool) {
	sender, d, ok := splitFromLine(line)
	if !ok {
		return "", time.Time{}, false, false
	}
	if d.dateless {
		return sender, time.Time{}, false, true
	}
	loc := time.UTC
	if d.hasZone {
		loc = time.FixedZone("", d.offset)
		if d.offset == 0 {
			loc = time.UTC
		}
	}
	when = time.Date(d.year, d.month, d.day, d.hour, d.minute, d.second, 0, loc)
	if when.Day() != d.day && d.second < 60 {
		when = time.Time{}
	}
	return sender, when, d.hasZone, true
}

// splitFromLine finds where the date begins: the first word from which on everything reads as a date.
func splitFromLine(line []byte) (sender string, d fromDate, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	if sender, ok := withoutDate(line); ok {
		return sender, fromDate{dateless: true}, true
	}
	if len(line) > maxFromLine || !bytes.HasPrefix(line, fromSpace) || bytes.IndexByte(line, ':') < 0 {
		return "", fromDate{}, false
	}
	text := string(line[len(fromSpace):])
	var few [16]string // a mailbox has a From_ line for each message: its words need no heap
	words := appendWords(few[:0], text)
	if n := len(words); n > 3 && words[n-3] == "remote" && words[n-2] == "from" { // UUCP: the host it came from
		words = words[:n-3]
	}
	// The longest date that is read has eight words ("Mon", "Jan", "5", time, "PM", two of zone, year).
	for i := max(0, len(words)-9); i < len(words); i++ {
		if !startsDate(words[i]) {
			continue
		}
		if d, ok := parseDate(words[i:]); ok {
			return senderBefore(text, i), d, true
		}
	}
	return "", fromDate{}, false
}

// appendWords is strings.Fields for text whose white space is that of ASCII.
func appendWords(words []string, text string) []string {
	for at := 0; at < len(text); {
		for at < len(text) && isSpace(text[at]) {
			at++
		}
		start := at
		for at < len(text) && !isSpace(text[at]) {
			at++
		}
		if at > start {
			words = append(words, text[start:at])
		}
	}
	return words
}

// withoutDate reads what two writers put where no date is known: Netscape "From - ", Takeout "From 1234567890@xxx".
func withoutDate(line []byte) (sender string, ok bool) {
	text, ok := bytes.CutPrefix(bytes.TrimRight(line, " "), []byte("From "))
	if !ok || string(text) == "-" {
		return "-", ok
	}
	id, ok := bytes.CutSuffix(text, []byte("@xxx"))
	return string(text), ok && len(id) > 0 && len(bytes.Trim(id, "0123456789")) == 0
}

// senderBefore gives the text before its nth word, trimmed, inner spaces as they stand.
func senderBefore(text string, n int) string {
	at := 0
	for range n {
		for at < len(text) && isSpace(text[at]) {
			at++
		}
		for at < len(text) && !isSpace(text[at]) {
			at++
		}
	}
	return strings.TrimSpace(text[:at])
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// certainSender tells whether a From_ line names its sender in a form that prose does not have: one address, "-", or
// MAILER-DAEMON. With any other sender ("root", "John Smith", "joe at host.example") a header must follow to make it a separator.
func certainSender(sender string) bool {
	if sender == "-" || strings.EqualFold(sender, "MAILER-DAEMON") {
		return true
	}
	quoted := false
	for i := range len(sender) {
		switch c := sender[i]; {
		case c == '"':
			quoted = !quoted
		case isSpace(c) && !quoted:
			return false
		}
	}
	return !quoted && strings.LastIndexByte(sender, '@') > 0
}

// isGitLine tells whether the line is what git format-patch writes: an object id and a fixed date. Patches quoted in a
// body carry it without being messages of the mailbox.
func isGitLine(line []byte) bool {
	id, date, _ := bytes.Cut(bytes.TrimRight(line[len(fromSpace):], "\r\n"), []byte(" "))
	if len(id) != 40 && len(id) != 64 || string(date) != "Mon Sep 17 00:00:00 2001" {
		return false
	}
	for _, c := range id {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

type fromDate struct {
	year, day, hour, minute, second int
	month                           time.Month
	offset                          int // seconds east of UTC, when hasZone
	hasZone                         bool
	dateless                        bool
}

func startsDate(word string) bool {
	if _, ok := month(word); ok {
		return true
	}
	return isWeekday(word) || word[0] >= '0' && word[0] <= '9'
}

// parseDate reads all words as one date: weekday? then "Jan 5" | "5 Jan" | "5-Jan-2026" | "2026-01-05", and after it, in
// any order, a time of day, a year and at most two words of zone. The time and the year must be there.
func parseDate(words []string) (d fromDate, ok bool) {
	if isWeekday(words[0]) {
		words = words[1:]
	}
	if len(words) == 0 {
		return d, false
	}
	haveYear, haveTime, haveDay := false, false, false
	if m, ok := month(words[0]); ok && len(words) > 1 {
		d.month = m
		if d.day, ok = digits(strings.TrimSuffix(words[1], ","), 1, 2); !ok {
			return d, false
		}
		words, haveDay = words[2:], true
	} else if day, ok := digits(words[0], 1, 2); ok && len(words) > 1 {
		if d.month, ok = month(words[1]); !ok {
			return d, false
		}
		d.day = day
		words, haveDay = words[2:], true
	} else if parts := strings.Split(words[0], "-"); len(parts) == 3 {
		rest := words[1:]
		if day, clock, cut := strings.Cut(parts[2], "T"); cut { // RFC 3339
			parts[2] = day
			rest = append([]string{clock}, rest...)
		}
		if d.year, haveYear = digits(parts[0], 4, 4); haveYear {
			m, ok1 := digits(parts[1], 1, 2)
			day, ok2 := digits(parts[2], 1, 2)
			haveDay = ok1 && ok2 && m >= 1 && m <= 12
			d.month, d.day = time.Month(m), day
		} else if d.day, haveDay = digits(parts[0], 1, 2); haveDay {
			d.month, haveDay = month(parts[1])
			d.year, haveYear = digits(parts[2], 4, 4)
		}
		words = rest
	}
	if !haveDay || d.day < 1 || d.day > 31 {
		return d, false
	}
	zones := 0
	for i, w := range words {
		if !haveTime {
			if haveTime = d.clock(w); haveTime {
				continue
			}
		}
		if !haveYear {
			if d.year, haveYear = digits(w, 4, 4); haveYear {
				continue
			}
			if i == len(words)-1 { // two digits, as they were written before 2000
				if d.year, haveYear = digits(w, 2, 2); haveYear {
					d.year += 1900
					if d.year < 1970 {
						d.year += 100
					}
					continue
				}
			}
		}
		if haveTime && (w == "AM" || w == "PM") {
			if d.hour = d.hour % 12; w == "PM" {
				d.hour += 12
			}
			continue
		}
		if w == "DST" && d.hasZone { // "MET DST"
			d.offset += 3600
			continue
		}
		zones++
		if offset, known, ok := zone(w); !ok || zones > 2 || !haveTime {
			return d, false
		} else if known && !d.hasZone {
			d.offset, d.hasZone = offset, true
		}
	}
	return d, haveTime && haveYear && d.year >= 1970
}

// clock reads hh:mm or hh:mm:ss, with a zone directly behind it (RFC 3339) where there is one.
func (d *fromDate) clock(w string) bool {
	hasZone := false
	if i := strings.IndexAny(w, "Z+"); i > 0 {
		offset, known, ok := zone(w[i:])
		if !ok || !known {
			return false
		}
		d.offset, hasZone, w = offset, true, w[:i]
	}
	parts := strings.Split(w, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return false
	}
	h, ok1 := digits(parts[0], 1, 2)
	m, ok2 := digits(parts[1], 2, 2)
	s, ok3 := 0, true
	if len(parts) == 3 {
		s, ok3 = digits(parts[2], 2, 2)
	}
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 60 {
		return false
	}
	d.hour, d.minute, d.second, d.hasZone = h, m, s, d.hasZone || hasZone
	return true
}

func digits(s string, least, most int) (n int, ok bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func month(w string) (time.Month, bool) {
	n := nameIn(w, "janfebmaraprmayjunjulaugsepoctnovdec")
	if n < 0 || len(w) > 3 && !strings.EqualFold(w, time.Month(n+1).String()) {
		return 0, false
	}
	return time.Month(n + 1), true
}

func isWeekday(w string) bool {
	w = strings.TrimSuffix(w, ",")
	n := nameIn(w, "sunmontuewedthufrisat")
	return n >= 0 && (len(w) == 3 || strings.EqualFold(w, time.Weekday(n).String()))
}

// nameIn gives the number of the three-letter name that w begins with, -1 if it is none of them.
func nameIn(w, names string) int {
	if len(w) < 3 {
		return -1
	}
	a, b, c := w[0]|0x20, w[1]|0x20, w[2]|0x20
	for i := 0; i < len(names); i += 3 {
		if names[i] == a && names[i+1] == b && names[i+2] == c {
			return i / 3
		}
	}
	return -1
}

// zone reads one word of a zone. known is false for a name that means nothing or several things: it is skipped, not guessed.
func zone(w string) (offset int, known, ok bool) {
	w = strings.TrimSuffix(strings.TrimPrefix(w, "("), ")")
	if len(w) >= 5 && (w[0] == '+' || w[0] == '-') {
		hh, ok1 := digits(w[1:3], 2, 2)
		mm, ok2 := digits(strings.TrimPrefix(w[3:], ":"), 2, 2)
		if !ok1 || !ok2 || hh > 23 || mm > 59 {
			return 0, false, false
		}
		offset = (hh*60 + mm) * 60
		if w[0] == '-' {
			offset = -offset
		}
		return offset, true, true
	}
	if len(w) == 0 || len(w) > 8 {
		return 0, false, false
	}
	for i := range len(w) {
		c := w[i]
		letter := c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-')) {
			return 0, false, false
		}
	}
	switch w {
	case "UT", "UTC", "GMT", "Z", "WET":
		return 0, true, true
	case "CET", "MET", "MEZ", "WEST":
		return 1 * 3600, true, true
	case "CEST", "MEST", "MESZ", "EET":
		return 2 * 3600, true, true
	case "EEST", "MSK":
		return 3 * 3600, true, true
	case "JST", "KST":
		return 9 * 3600, true, true
	case "EDT": // the North American names are those of RFC 5322 §4.3
		return -4 * 3600, true, true
	case "EST", "CDT":
		return -5 * 3600, true, true
	case "CST", "MDT":
		return -6 * 3600, true, true
	case "MST", "PDT":
		return -7 * 3600, true, true
	case "PST":
		return -8 * 3600, true, true
	}
	return 0, false, true
}
