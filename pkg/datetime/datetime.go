// Package datetime reads the dates that mail carries: RFC 5322 §3.3 date-time, the obsolete zones and years of §4.3, and what real mail has instead (asctime, RFC 850, ISO 8601, numbers only, month names of four languages). It says how it read what the text left open.
package datetime

import (
	"errors"
	"strconv"
	"time"
)

// maxText bounds how much of a text is looked at; no date of real mail begins later.
const maxText = 2000

// ErrNoDate tells that a text holds no date.
var ErrNoDate = errors.New("no date found")

// Result is a date as it was read.
type Result struct {
	Time    time.Time // with the offset that the text carried; UTC if it carried none
	HasZone bool      // the text told its zone, and we could read it
	Notes   []string  // what was left open or is wrong in the text, and how it was read; nil for a date of RFC 5322 §3.3
}

// Parse reads the first date in s, wherever it stands. Comments (RFC 5322 §3.2.2), folding and junk around it are passed over.
// The error is ErrNoDate, or tells why the only date in s does not exist (31 February).
func Parse(s string) (Result, error) {
	r, _, _, err := Find(s)
	return r, err
}

// Find is Parse that also tells where the date stands: in s[start:end].
func Find(s string) (r Result, start, end int, err error) {
	if len(s) > maxText {
		s = s[:maxText]
	}
	if r, end, ok := strict(s); ok {
		return r, 0, end, nil
	}
	p := parser{text: s}
	p.tokens = p.buffer[:0]
	p.scan()
	// A date with a time of day is preferred to an earlier one without.
	for _, wantTime := range [2]bool{true, false} {
		for i := range p.tokens {
			if !p.opens(i) {
				continue
			}
			d, ok := p.date(i)
			if !ok || d.hasTime != wantTime {
				continue
			}
			result, why := d.result()
			if why != nil {
				err = why
				continue
			}
			return result, p.tokens[d.first].start, p.tokens[d.next-1].end, nil
		}
	}
	if err == nil {
		err = ErrNoDate
	}
	return Result{}, 0, 0, err
}

// fields are the parts of one date, before it is known whether they fit together.
type fields struct {
	year, month, day           int
	hour, minute, second, nano int
	weekday                    time.Weekday // -1: not told
	hasTime                    bool
	zone                       zone
	zoneTold                   bool // a note says already why there is no zone
	notes                      []string
	first, next                int // the tokens that it stands in: first ≤ i < next
}

// zone is an offset from UTC.
type zone struct {
	seconds int
	name    string
	known   bool
}

func (d *fields) note(s string) { d.notes = append(d.notes, s) }

// result puts the parts together and refuses what no calendar has.
func (d *fields) result() (Result, error) {
	switch {
	case d.year < 1 || d.year > 9999:
		return Result{}, errors.New("year " + strconv.Itoa(d.year) + " is out of range")
	case d.month < 1 || d.month > 12:
		return Result{}, errors.New("there is no month " + strconv.Itoa(d.month))
	case d.day < 1 || d.day > daysIn(d.year, d.month):
		return Result{}, errors.New("there is no day " + strconv.Itoa(d.day) + " in " + time.Month(d.month).String() + " " + strconv.Itoa(d.year))
	case d.hour > 24 || d.minute > 59 || d.second > 60 || d.hour == 24 && (d.minute > 0 || d.second > 0):
		return Result{}, errors.New("there is no such time of day")
	}
	if d.second == 60 {
		d.note("second 60 read as the next minute")
	}
	if d.hour == 24 {
		d.note("hour 24 read as the next day")
	}
	if !d.hasTime {
		d.note("no time of day given: taken as 00:00")
	}
	if !d.zone.known && !d.zoneTold {
		d.note("no zone given: taken as UTC")
	}
	loc := time.UTC
	if d.zone.known && (d.zone.seconds != 0 || d.zone.name != "") {
		loc = time.FixedZone(d.zone.name, d.zone.seconds)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, d.nano, loc)
	if y := t.UTC().Year(); y < 1 || y > 9999 || t.Year() > 9999 {
		return Result{}, errors.New("year " + strconv.Itoa(y) + " is out of range")
	}
	if d.weekday >= 0 && d.weekday != time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC).Weekday() {
		d.note("weekday does not fit the date")
	}
	return Result{Time: t, HasZone: d.zone.known, Notes: d.notes}, nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// strict reads the one form that nearly all mail has, "[Mon, ]2 Jan 2006 15:04:05 -0700 [(MST)]", at the start of s; all else is left to the parser.
func strict(s string) (r Result, end int, ok bool) {
	d := fields{weekday: -1, hasTime: true}
	i := space(s, 0)
	if i+4 <= len(s) && letter(s[i]) {
		d.weekday = weekdayOf(s[i : i+3])
		if d.weekday < 0 || s[i+3] != ',' {
			return r, 0, false
		}
		i = space(s, i+4)
	}
	n := 0
	d.day, n = number(s, i, 2)
	i += n
	if j := space(s, i); n == 0 || j == i || j+3 > len(s) {
		return r, 0, false
	} else {
		i = j
	}
	d.month = englishMonth(s[i : i+3])
	i += 3
	if d.month == 0 || i == len(s) || !isSpace(s[i]) {
		return r, 0, false
	}
	i = space(s, i)
	d.year, n = number(s, i, 4)
	if n != 4 || i+4 == len(s) || !isSpace(s[i+4]) {
		return r, 0, false
	}
	i = space(s, i+4)
	if len(s)-i < len("15:04:05 -0700") || s[i+2] != ':' || s[i+5] != ':' || !isSpace(s[i+8]) {
		return r, 0, false
	}
	var a, b, c int
	d.hour, a = number(s, i, 2)
	d.minute, b = number(s, i+3, 2)
	d.second, c = number(s, i+6, 2)
	if a != 2 || b != 2 || c != 2 || d.hour > 23 || d.second > 59 {
		return r, 0, false
	}
	i = space(s, i+8)
	if len(s)-i < 5 || s[i] != '+' && s[i] != '-' {
		return r, 0, false
	}
	offset, n := number(s, i+1, 4)
	if n != 4 || offset/100 > 15 || offset%100 > 59 || i+5 < len(s) && (digit(s[i+5]) || s[i+5] == ':') {
		return r, 0, false
	}
	d.zone = zone{seconds: (offset/100*60 + offset%100) * 60, known: true}
	if s[i] == '-' {
		d.zone.seconds = -d.zone.seconds
	}
	r, err := d.result()
	return r, i + 5, err == nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func digit(c byte) bool   { return c >= '0' && c <= '9' }
func letter(c byte) bool  { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }

// space returns the index of the first byte at or after i that is no white space.
func space(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// number reads at most limit digits at i and tells how many there were.
func number(s string, i, limit int) (value, digits int) {
	for digits < limit && i+digits < len(s) && digit(s[i+digits]) {
		value = value*10 + int(s[i+digits]-'0')
		digits++
	}
	return value, digits
}
