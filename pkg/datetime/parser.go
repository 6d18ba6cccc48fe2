package datetime

import (
	"strconv"
	"strings"
)

// token is a run of digits ('n'), a run of letters ('w') or one mark (its own byte).
type token struct {
	kind       byte
	start, end int
	value      int  // of digits; not read beyond nine of them
	spaced     bool // white space or a comment stands before it
}

type parser struct {
	text    string
	tokens  []token
	comment string // the last short comment, for "12:00:00 (EST)"
	buffer  [40]token
}

// scan cuts the text into tokens. Comments and quotation marks count as white space.
func (p *parser) scan() {
	s := p.text
	spaced := true
	for i := 0; i < len(s); {
		start := i
		switch c := s[i]; {
		case isSpace(c) || c == '"' || c == 0:
			spaced = true
			i++
			continue
		case c == '(':
			end := skipComment(s, i)
			if end > 0 {
				inner := strings.TrimSpace(s[i+1 : end-1])
				if len(inner) <= 10 {
					p.comment = inner
				}
				spaced = true
				i = end
				continue
			}
			i++
			p.tokens = append(p.tokens, token{kind: '(', start: start, end: i, spaced: spaced})
		case digit(c):
			value := 0
			for i < len(s) && digit(s[i]) {
				if i-start < 9 {
					value = value*10 + int(s[i]-'0')
				}
				i++
			}
			p.tokens = append(p.tokens, token{kind: 'n', start: start, end: i, value: value, spaced: spaced})
		case letter(c):
			for i < len(s) && letter(s[i]) {
				i++
			}
			p.tokens = append(p.tokens, token{kind: 'w', start: start, end: i, spaced: spaced})
		default:
			i++
			p.tokens = append(p.tokens, token{kind: c, start: start, end: i, spaced: spaced})
		}
		spaced = false
	}
}

// skipComment returns the index behind the comment that opens at i (nested, with quoted pairs), or 0 if it does not close.
func skipComment(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// opens tells whether a date may begin at token i: it hangs on no number, word or address before it.
func (p *parser) opens(i int) bool {
	t := p.tokens[i]
	if t.kind != 'n' && t.kind != 'w' {
		return false
	}
	if t.spaced || i == 0 {
		return true
	}
	switch p.tokens[i-1].kind {
	case 'n', 'w', '.', ':', '-', '/', '@', '_', '%', '+':
		return false
	}
	return true
}

func (p *parser) kind(i int) byte {
	if i < 0 || i >= len(p.tokens) {
		return 0
	}
	return p.tokens[i].kind
}

func (p *parser) word(i int) string {
	if p.kind(i) != 'w' {
		return ""
	}
	return p.text[p.tokens[i].start:p.tokens[i].end]
}

// number returns the value and count of digits of token i; 0, 0 if it is no number.
func (p *parser) number(i int) (value, digits int) {
	if p.kind(i) != 'n' {
		return 0, 0
	}
	return p.tokens[i].value, p.tokens[i].end - p.tokens[i].start
}

// glued tells whether token i stands close behind token i-1.
func (p *parser) glued(i int) bool { return i > 0 && i < len(p.tokens) && !p.tokens[i].spaced }

// date reads the date that begins at token i.
func (p *parser) date(i int) (d fields, ok bool) {
	d = fields{weekday: -1, first: i}
	if w := p.word(i); w != "" {
		if day, note, told := weekdayWord(w); told {
			d.weekday = day
			if note != "" {
				d.note(note)
			}
			i = p.pass(i+1, ",.")
		} else if month, _ := monthWord(w); foreignDay(w) {
			// "mar" is Tuesday in "mar 3 mars 2026", and March in "Mar 3 2026".
			if next := p.pass(i+1, ",."); p.kind(next) == 'n' && (month == 0 || p.kind(p.separator(next+1)) == 'w') {
				i = next
			}
		}
	}
	value, digits := p.number(i)
	switch {
	case digits == 4 || digits == 8:
		i, ok = p.yearFirst(&d, i)
	case digits == 1 || digits == 2:
		if i, ok = p.dayFirst(&d, i, value); !ok {
			return d, false
		}
	case p.kind(i) == 'w':
		i, ok = p.monthFirst(&d, i)
	}
	if !ok {
		return d, false
	}
	needYear := d.year < 0
	d.next = i
	if p.timeOfDay(&d, i) {
		p.zone(&d)
		if needYear {
			if !p.year(&d, d.next) {
				return d, false
			}
			if !d.zone.known {
				p.zone(&d)
			}
		}
	} else if needYear {
		return d, false
	} else if p.timeBefore(&d) {
		p.zone(&d)
	}
	if !d.zone.known && p.comment != "" {
		p.commentZone(&d)
	}
	return d, true
}

// pass steps over marks out of set that stand at i.
func (p *parser) pass(i int, set string) int {
	for i < len(p.tokens) && strings.IndexByte(set, p.tokens[i].kind) >= 0 {
		i++
	}
	return i
}

// year reads a year at token i, RFC 5322 §4.3: two digits from 00 to 49 are 20xx, other two or three digits count from 1900.
func (p *parser) year(d *fields, i int) bool {
	value, digits := p.number(i)
	if digits < 2 || digits > 4 || p.kind(i+1) == ':' && p.glued(i+1) {
		return false
	}
	d.year = value
	if digits < 4 {
		d.year += 1900
		if digits == 2 && value < 50 {
			d.year += 100
		}
		count := "two"
		if digits == 3 {
			count = "three"
		}
		d.note(count + "-digit year " + p.text[p.tokens[i].start:p.tokens[i].end] + " read as " + strconv.Itoa(d.year))
	}
	d.next = i + 1
	return true
}

// yearFirst reads 2006-01-02, 2006/1/2, 2006 Jan 2, 20060102.
func (p *parser) yearFirst(d *fields, i int) (next int, ok bool) {
	value, digits := p.number(i)
	if digits == 8 {
		d.year, d.month, d.day = value/10000, value/100%100, value%100
		// Eight digits alone are more often an identifier than a date.
		return i + 1, p.word(i+1) == "T" && p.glued(i+1)
	}
	d.year = value
	i = p.separator(i + 1)
	if p.kind(i) == 'w' {
		month, note := monthWord(p.word(i))
		if month == 0 {
			return i, false
		}
		if note != "" {
			d.note(note)
		}
		d.month = month
	} else {
		if !p.glued(i) {
			return i, false
		}
		d.month, digits = p.number(i)
		if digits == 0 || digits > 2 {
			return i, false
		}
	}
	i = p.separator(i + 1)
	d.day, digits = p.number(i)
	return i + 1, (digits == 1 || digits == 2) && !(p.kind(i+1) == ':' && p.glued(i+1))
}

// separator steps over one mark between the parts of a date.
func (p *parser) separator(i int) int {
	switch p.kind(i) {
	case '-', '/', '.', ',':
		return i + 1
	}
	return i
}

// dayFirst reads "2 Jan 2006", "02-Jan-06", "2. Januar 2006", "02/01/2006".
func (p *parser) dayFirst(d *fields, i, value int) (next int, ok bool) {
	d.day = value
	i++
	if w := p.word(i); p.glued(i) && (w == "st" || w == "nd" || w == "rd" || w == "th") {
		i++
	}
	mark := p.kind(i)
	i = p.separator(i)
	if w := p.word(i); w == "de" || w == "of" {
		i++
	}
	if month, note := monthWord(p.word(i)); month > 0 {
		d.month = month
		if note != "" {
			d.note(note)
		}
		i = p.separator(i + 1)
		if w := p.word(i); w == "de" {
			i++
		}
		return p.yearOrTime(d, i)
	}
	month, digits := p.number(i)
	if digits == 0 || digits > 2 || mark != '/' && mark != '.' && mark != '-' || p.kind(i+1) != mark || !p.glued(i+1) || !p.glued(i+2) {
		return i, false
	}
	if _, digits := p.number(i + 2); digits != 2 && digits != 4 || !p.year(d, i+2) {
		return i, false
	}
	d.month = month
	i = d.next
	switch {
	case d.day <= 12 && month <= 12 && d.day != month:
		d.note("numbers only: which is the day and which the month is not certain")
		if mark == '/' && p.halfDayAhead(i) {
			d.day, d.month = d.month, d.day
		}
	case month > 12:
		d.day, d.month = d.month, d.day
	}
	return i, true
}

// halfDayAhead tells whether AM or PM follows soon, the mark of the American order.
func (p *parser) halfDayAhead(i int) bool {
	for j := i; j < i+8 && j < len(p.tokens); j++ {
		if w := p.word(j); len(w) == 2 && w[1]|0x20 == 'm' && (w[0]|0x20 == 'a' || w[0]|0x20 == 'p') {
			return true
		}
	}
	return false
}

// monthFirst reads "Jan 2 2006", "Jan. 2nd, 2006", and "Jan 2" of asctime, whose year follows the time.
func (p *parser) monthFirst(d *fields, i int) (next int, ok bool) {
	month, note := monthWord(p.word(i))
	if month == 0 {
		return i, false
	}
	d.month = month
	if note != "" {
		d.note(note)
	}
	i = p.pass(i+1, ".,-")
	value, digits := p.number(i)
	if digits == 0 || digits > 2 || p.kind(i+1) == ':' {
		return i, false
	}
	d.day = value
	i++
	if w := p.word(i); p.glued(i) && (w == "st" || w == "nd" || w == "rd" || w == "th") {
		i++
	}
	return p.yearOrTime(d, p.pass(i, ",-"))
}

// yearOrTime reads the year at i; where a time stands instead, the year is left open (-1) and comes after it.
func (p *parser) yearOrTime(d *fields, i int) (next int, ok bool) {
	if p.year(d, i) {
		return d.next, true
	}
	if _, digits := p.number(i); (digits == 1 || digits == 2) && p.kind(i+1) == ':' {
		d.year = -1
		return i, true
	}
	return i, false
}
