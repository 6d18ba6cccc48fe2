package html

import (
	"fmt"
	"strconv"
	"time"

	"onrecord/pkg/evidence"
)

// when writes a time in the chosen zone, the same time as the mail wrote it, and on whose word it rests. by names the server for a trace time-stamp; "" if unknown.
func (p *page) when(at *time.Time, basis evidence.Basis, by string) {
	if at == nil {
		p.m(`<span class="b">`)
		p.text(p.say.NoTime)
		p.m(`</span>`)
		return
	}
	p.instant(at)
	p.m(` <span class="b">`)
	if basis != evidence.BasisCase {
		p.text(p.original(at) + " · ")
	}
	if basis == evidence.BasisTrace && by != "" {
		p.text(p.say.RecordedBy + " ")
		p.mail(cut(by, maxName))
	} else {
		p.text(p.basis(basis))
	}
	p.m(`</span>`)
}

// moment is when for a table: the time of the mail stands beside it only where its offset is another one.
func (p *page) moment(at *time.Time, basis evidence.Basis) {
	if at == nil {
		p.m(`<span class="b">`)
		p.text(p.say.NoTime)
		p.m(`</span>`)
		return
	}
	p.instant(at)
	if basis == "" {
		return
	}
	p.m(` <span class="b">`)
	if basis != evidence.BasisCase && at.Format("-07:00") != at.In(p.o.Zone).Format("-07:00") {
		p.text(p.original(at) + " · ")
	}
	p.text(p.basis(basis))
	p.m(`</span>`)
}

// isoDay is the day of a time in the chosen zone, as date fields of a form have it.
func (p *page) isoDay(at *time.Time) string { return at.In(p.o.Zone).Format("2006-01-02") }

// instant writes a time alone, with the offset of the chosen zone.
func (p *page) instant(at *time.Time) {
	p.m(`<time`)
	p.attr("datetime", at.Format(time.RFC3339))
	p.m(`>`)
	t := at.In(p.o.Zone)
	p.text(p.date(t) + ", " + t.Format("15:04:05") + " " + offset(t))
	p.m(`</time>`)
}

// day writes the date alone.
func (p *page) day(at *time.Time) {
	if at == nil {
		p.text(p.say.NoTime)
		return
	}
	p.m(`<time`)
	p.attr("datetime", at.Format(time.RFC3339))
	p.m(`>`)
	p.text(p.date(at.In(p.o.Zone)))
	p.m(`</time>`)
}

// date is "4 Mar 2025", with spaces that do not break.
func (p *page) date(t time.Time) string {
	return p.lang.Date(t)
}

// original is the time as the mail wrote it, where its offset is another one than the chosen zone's.
func (p *page) original(at *time.Time) string {
	t := at.In(p.o.Zone)
	if at.Format("-07:00") == t.Format("-07:00") {
		return p.say.SameOffset
	}
	clock := at.Format("15:04:05")
	if at.Day() != t.Day() {
		clock = p.date(*at) + ", " + clock
	}
	return fmt.Sprintf(p.say.InTheMail, clock+" "+offset(*at))
}

// offset is the numeric zone with a true minus sign.
func offset(t time.Time) string {
	s := t.Format("-07:00")
	if s[0] == '-' {
		return "−" + s[1:]
	}
	return s
}

func (p *page) basis(b evidence.Basis) string {
	if s, ok := p.say.Bases[b]; ok {
		return s
	}
	return string(b)
}

// span tells a length of time in its two largest units.
func (p *page) span(seconds float64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	if seconds < 10 && seconds != float64(int(seconds)) {
		return sign + p.lang.Decimal(seconds, 1) + "\u00a0" + p.say.UnitSecond
	}
	if seconds > 1e12 { // beyond any calendar: a broken clock
		return sign + strconv.FormatFloat(seconds, 'g', 3, 64) + "\u00a0" + p.say.UnitSecond
	}
	n := int(seconds)
	pair := func(a int, ua string, b int, ub string) string {
		s := sign + number(a) + "\u00a0" + ua
		if b > 0 {
			s += " " + strconv.Itoa(b) + "\u00a0" + ub
		}
		return s
	}
	switch {
	case n < 60:
		return pair(n, p.say.UnitSecond, 0, "")
	case n < 3600:
		return pair(n/60, p.say.UnitMinute, n%60, p.say.UnitSecond)
	case n < 86400:
		return pair(n/3600, p.say.UnitHour, n%3600/60, p.say.UnitMinute)
	}
	return pair(n/86400, p.say.UnitDay, n%86400/3600, p.say.UnitHour)
}
