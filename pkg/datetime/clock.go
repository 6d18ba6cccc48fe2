package datetime

import (
	"strconv"
	"strings"
)

// timeOfDay reads the time at token i, behind the date: 15:04[:05[.000]], 15.04.05, T150405, 3:04 PM.
func (p *parser) timeOfDay(d *fields, i int) bool {
	i = p.pass(i, ",.-")
	switch p.word(i) {
	case "T", "t", "at", "um", "à", "a":
		i++
	}
	value, digits := p.number(i)
	if digits == 6 && p.word(i-1) == "T" {
		d.hour, d.minute, d.second = value/10000, value/100%100, value%100
		d.hasTime, d.next = true, i+1
		return true
	}
	if digits == 0 || digits > 2 {
		return false
	}
	mark := p.kind(i + 1)
	minute, digits := p.number(i + 2)
	if mark != ':' && (mark != '.' || !p.glued(i+1)) || digits == 0 || digits > 2 {
		return false
	}
	d.hour, d.minute, d.hasTime = value, minute, true
	i += 3
	if second, digits := p.number(i + 1); p.kind(i) == mark && (digits == 1 || digits == 2) {
		d.second = second
		i += 2
		if k := p.kind(i); (k == '.' || k == ',') && p.kind(i+1) == 'n' && p.glued(i) && p.glued(i+1) {
			d.nano = nanoseconds(p.text[p.tokens[i+1].start:p.tokens[i+1].end])
			i += 2
		}
	}
	d.next = p.halfDay(d, i)
	return true
}

// halfDay reads AM or PM, which turns the hour into one of 24.
func (p *parser) halfDay(d *fields, i int) (next int) {
	w := p.word(i)
	if len(w) != 2 || w[1]|0x20 != 'm' || d.hour > 12 {
		return i
	}
	switch w[0] | 0x20 {
	case 'a':
		if d.hour == 12 {
			d.hour = 0
		}
	case 'p':
		if d.hour < 12 {
			d.hour += 12
		}
	default:
		return i
	}
	return i + 1
}

// timeBefore reads a time that stands right before the date, "15:04:05 2 Jan 2006".
func (p *parser) timeBefore(d *fields) bool {
	i := d.first
	if i > 0 && p.kind(i-1) == ',' {
		i--
	}
	for start := i - 6; start <= i-3; start++ {
		if start < 0 || !p.opens(start) {
			continue
		}
		before := *d
		if p.timeOfDay(&before, start) && before.next == i {
			d.hour, d.minute, d.second, d.hasTime, d.first = before.hour, before.minute, before.second, true, start
			return true
		}
	}
	return false
}

func nanoseconds(digits string) int {
	n, scale := 0, 100_000_000
	for i := 0; i < len(digits) && scale > 0; i++ {
		n += int(digits[i]-'0') * scale
		scale /= 10
	}
	return n
}

// zone reads the zone at d.next: +hhmm, +hh:mm, +hh, a name, GMT+0100.
func (p *parser) zone(d *fields) {
	i := d.next
	if p.kind(i) == ',' {
		i++
	}
	if p.numericZone(d, i) {
		return
	}
	w := p.word(i)
	if w == "" {
		return
	}
	if seconds, next, ok := p.longZone(i); ok {
		d.zone, d.next = zone{seconds: seconds, known: true}, next
		d.note("zone " + p.text[p.tokens[i].start:p.tokens[next-1].end] + " read as " + offsetText(seconds))
		return
	}
	name := strings.ToUpper(w)
	if minutes, _, known := namedZone(name); known && minutes == 0 && p.numericZone(d, i+1) {
		return
	}
	if k := p.kind(i + 1); (k == '+' || k == '-') && p.glued(i+1) {
		// "EST-0500": the number says it plainly.
		if _, _, known := namedZone(name); known && p.numericZone(d, i+1) {
			return
		}
	}
	if strings.EqualFold(p.word(i+1), "DST") {
		name += "DST"
	}
	if len(w) == 1 && w != name || !d.named(name) {
		if len(w) <= 5 && w == name && len(name) == len(w) && w[0] < 0x80 {
			d.noZone("unknown zone " + w)
			d.next = i + 1
		}
		return
	}
	d.next = i + 1
	if len(name) != len(w) {
		d.next++
	}
	// A number behind the name says the same more plainly, and wins: "EST -0500".
	if p.numericZone(d, d.next) {
		d.notes = d.notes[:max(0, len(d.notes)-1)]
	}
}

// named takes the zone by its name in capitals; false if nobody knows it.
func (d *fields) named(name string) bool {
	minutes, standard, known := namedZone(name)
	if !known {
		// RFC 5322 §4.3: the military letters were defined wrongly and mean nothing.
		if len(name) == 1 && name[0] >= 'A' && name[0] <= 'Y' && name != "J" {
			d.noZone("military zone " + name + " tells nothing")
			return true
		}
		return false
	}
	d.zone = zone{seconds: minutes * 60, known: true}
	switch {
	case minutes == 0 && standard:
		return true
	case standard:
		d.note("obsolete zone " + name + " read as " + offsetText(minutes*60))
	default:
		d.note("zone " + name + " is not of RFC 5322: read as " + offsetText(minutes*60))
	}
	d.zone.name = name
	return true
}

// noZone notes why the zone that stands there is not taken.
func (d *fields) noZone(why string) {
	d.zone, d.zoneTold = zone{}, true
	d.note(why + ": taken as UTC")
}

// commentZone takes the zone from a comment when there is no other.
func (p *parser) commentZone(d *fields) {
	name := strings.ToUpper(p.comment)
	if name == "MET DST" {
		name = "METDST"
	}
	if _, _, known := namedZone(name); known {
		d.named(name)
		if d.zone.seconds == 0 {
			d.note("zone " + name + " stands in a comment")
		}
	}
}

// numericZone reads +hhmm, +hh:mm, +hh or +hmm at token i; the sign and the number stand close.
func (p *parser) numericZone(d *fields, i int) bool {
	sign := p.kind(i)
	value, digits := p.number(i + 1)
	if sign != '+' && sign != '-' || digits == 0 || !p.glued(i+1) {
		return false
	}
	next := i + 2
	hours, minutes := value/100, value%100
	if digits <= 2 {
		hours, minutes = value, 0
		if m, n := p.number(i + 3); p.kind(i+2) == ':' && n == 2 && p.glued(i+2) {
			minutes, next = m, i+4
		}
	}
	d.next = next
	if digits > 4 || hours > 15 || minutes > 59 {
		d.noZone("zone " + p.text[p.tokens[i].start:p.tokens[next-1].end] + " is impossible")
		return true
	}
	seconds := (hours*60 + minutes) * 60
	if sign == '-' {
		seconds = -seconds
	}
	d.zone = zone{seconds: seconds, known: true}
	return true
}

// longZone reads "Pacific Standard Time" and "Eastern Daylight Time" at token i.
func (p *parser) longZone(i int) (seconds, next int, ok bool) {
	minutes, known := regionZone(p.word(i))
	if !known || !strings.EqualFold(p.word(i+2), "Time") {
		return 0, 0, false
	}
	switch {
	case strings.EqualFold(p.word(i+1), "Standard"):
	case strings.EqualFold(p.word(i+1), "Daylight"):
		minutes += 60
	default:
		return 0, 0, false
	}
	return minutes * 60, i + 3, true
}

// offsetText writes an offset as RFC 5322 does, "-0500".
func offsetText(seconds int) string {
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	digits := strconv.Itoa(10000 + minutes/60*100 + minutes%60)
	return sign + digits[1:]
}
