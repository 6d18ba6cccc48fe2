package html

import (
	"fmt"
	"time"

	"onrecord/pkg/notice"
)

// clocks measures the time from a start to what the case file names.
func (p *page) clocks() {
	s := p.say
	p.section("clocks", s.Clocks)
	p.para(s.ClocksNote)
	for i := range p.d.Clocks {
		p.clock(&p.d.Clocks[i], i+1)
	}
	p.m("</section>\n")
}

func (p *page) clock(c *notice.Clock, n int) {
	s := p.say
	p.m(`<article class="clock"`)
	p.attr("id", "c-"+itoa(n))
	p.m(`><h3>`)
	p.mail(cut(first(c.Title, s.Clocks), maxField))
	p.m(`</h3><p class="result">`)
	p.mail(p.tell.ClockText(c))
	p.m("</p>\n")
	p.clockDrawing(c)
	t := p.table("cards phases", s.ClockCaption, s.Phase, s.When, s.SinceStart, s.Exhibit, s.Why)
	p.reading(t, &c.Start, s.ClockStart, true)
	if c.Due != nil {
		t.row()
		t.head(func() { p.text(s.Due) })
		t.cell(func() { p.moment(c.Due, "") })
		t.text(p.span(float64(c.LimitSeconds)))
		t.text("")
		t.text(s.Limit)
		t.endRow()
	}
	for i := range c.Phases {
		p.reading(t, &c.Phases[i], "", false)
	}
	if !p.amongPhases(c) {
		p.reading(t, &c.Stop, s.Stop, false)
	}
	t.end()
	p.m("</article>\n")
}

// amongPhases tells whether what stops the clock is one of the phases, so that it needs no line of its own.
func (p *page) amongPhases(c *notice.Clock) bool {
	for i := range c.Phases {
		x := &c.Phases[i]
		if x.Phase == c.Stop.Phase && (x.At == nil) == (c.Stop.At == nil) && (x.At == nil || x.At.Equal(*c.Stop.At)) {
			return true
		}
	}
	return c.Stop.At == nil && c.Stop.Phase == "" && c.Stop.Title == ""
}

func (p *page) reading(t *table, r *notice.Reading, label string, start bool) {
	p.m(`<tr`)
	p.filterRow(nil, "", r.At, r.Exhibit)
	t.rowWith()
	t.head(func() {
		word := p.phase(r.Phase)
		p.mail(cut(first(label, word), maxField))
		if label != "" && word != "" {
			p.m(` <span class="b">`)
			p.mail(cut(word, maxField))
			p.m(`</span>`)
		}
		if r.Title != "" && r.Title != r.Phase {
			p.m(` <span class="b">`)
			p.mail(cut(r.Title, maxField))
			p.m(`</span>`)
		}
	})
	t.cell(func() {
		if r.At == nil {
			p.m(`<span class="b">`)
			p.text(p.say.NotStated)
			p.m(`</span>`)
		} else {
			p.moment(r.At, r.Basis)
		}
	})
	t.cell(func() {
		if r.At != nil && !start {
			p.m(`<strong>`)
			p.text(p.clockSpan(r.Seconds))
			p.m(`</strong>`)
		}
	})
	t.cell(func() {
		if st := p.statement[r.Statement]; st != nil {
			p.passage(st)
		} else if r.Exhibit > 0 {
			p.exhibit(r.Exhibit)
		}
	})
	t.cell(func() { p.told(r.Why) })
	t.endRow()
}

func (p *page) phase(phase string) string {
	if w, ok := p.say.Phases[phase]; ok {
		return w
	}
	return cut(phase, maxName)
}

// clockSpan tells hours up to four days, as clocks of 72 hours need them.
func (p *page) clockSpan(seconds int64) string {
	if seconds >= 3600 && seconds < 4*86400 {
		out := number(int(seconds/3600)) + "\u00a0" + p.say.UnitHour
		if m := seconds % 3600 / 60; m > 0 {
			out += " " + number(int(m)) + "\u00a0" + p.say.UnitMinute
		}
		return out
	}
	return p.span(float64(seconds))
}

// clockDrawing is the clock to scale: a line from the start, the limit as a bar across it, a mark for each phase.
func (p *page) clockDrawing(c *notice.Clock) {
	if c.Start.At == nil {
		return
	}
	type tick struct {
		at    time.Time
		class markup
	}
	var ticks []tick
	for i := range c.Phases {
		if at := c.Phases[i].At; at != nil {
			ticks = append(ticks, tick{*at, "phase"})
		}
	}
	if c.Stop.At != nil {
		ticks = append(ticks, tick{*c.Stop.At, "stop"})
	}
	from, to := *c.Start.At, *c.Start.At
	if c.Due != nil && c.Due.After(to) {
		to = *c.Due
	}
	for _, t := range ticks {
		if t.at.Before(from) {
			from = t.at
		}
		if t.at.After(to) {
			to = t.at
		}
	}
	whole := to.Sub(from)
	if whole <= 0 || whole.Hours() > 24*3650 {
		return
	}
	const width = 960
	x := func(at time.Time) int { return 20 + int(float64(width)*float64(at.Sub(from))/float64(whole)) }
	p.m(`<svg class="clockline" role="img" preserveAspectRatio="none" viewBox="0 0 1000 56"`)
	p.attr("aria-label", fmt.Sprintf(p.say.ClockDrawing, cut(c.Title, maxName)))
	p.m(`>`)
	p.line("lane", 20, 28, 20+width, 28)
	stop := to
	if c.Stop.At != nil {
		stop = *c.Stop.At
	}
	if c.Due != nil {
		p.line("within", x(*c.Start.At), 28, min(x(*c.Due), max(x(stop), x(*c.Start.At))), 28)
		if c.Stop.At != nil && stop.After(*c.Due) {
			p.line("over", x(*c.Due), 28, x(stop), 28)
		}
		p.line("due", x(*c.Due), 10, x(*c.Due), 46)
	}
	p.line("begin", x(*c.Start.At), 16, x(*c.Start.At), 40)
	for _, t := range ticks {
		p.line(t.class, x(t.at), 18, x(t.at), 38)
	}
	p.m("</svg>\n")
}
