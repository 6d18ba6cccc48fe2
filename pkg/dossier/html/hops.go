package html

import (
	"time"

	"onrecord/pkg/evidence"
)

// hops tells the way of the message in the order of travel.
func (p *page) hops(r *evidence.Record) {
	s := p.say
	if len(r.Received) == 0 {
		p.h4(s.Hops)
		p.note(s.NoHops)
		return
	}
	p.h4(s.Hops)
	p.path(r)
	p.m(`<details class="hoptable"><summary>`)
	p.text(s.HopTable)
	p.m(`</summary>`)
	t := p.table("cards hops", s.HopsCaption, s.HopNumber, s.HopFrom, s.HopBy, s.HopTime, s.HopDelay, s.HopNotes)
	for i := len(r.Received) - 1; i >= 0; i-- {
		n := len(r.Received) - i
		if n > maxRows {
			break
		}
		h := &r.Received[i]
		t.row()
		t.num(n)
		t.cell(func() { p.host(&h.From) })
		t.cell(func() {
			p.host(&h.By)
			p.clause(s.HopWith, h.With)
			p.clause(s.HopVia, h.Via)
			p.clause("TLS", h.TLS)
			p.clause("ID", h.ID)
			p.clause(s.HopFor, h.For)
		})
		t.cell(func() { p.hopTime(h.Time) })
		t.cell(func() {
			if h.DelaySeconds != nil {
				p.text(p.span(*h.DelaySeconds))
			}
		})
		t.cell(func() {
			if h.Private {
				p.notes([]string{s.PrivateAddress})
			}
			p.clause(s.EnvelopeFrom, h.EnvelopeFrom)
			p.clause(s.AuthenticatedAs, h.AuthenticatedAs)
			p.notes(h.Notes)
		})
		t.endRow()
	}
	t.end()
	if left := len(r.Received) - maxRows; left > 0 {
		p.note(s.LeftOut.of(left))
	}
	p.m("</details>\n")
}

// slowHop is the delay, in seconds, from which a hop stands out.
const slowHop = 3600

// path draws the way as stations, one after the other in the order of travel, with the delay between them.
func (p *page) path(r *evidence.Record) {
	s := p.say
	p.m(`<ol class="path"`)
	p.attr("aria-label", s.Path)
	p.m(`>`)
	oldest := &r.Received[len(r.Received)-1]
	p.m(`<li><span class="st">`)
	p.mail(cut(first(first(oldest.From.Name, oldest.From.HELO), first(oldest.From.IPText, s.Start)), maxName))
	p.m(`</span></li>`)
	for i := len(r.Received) - 1; i >= 0; i-- {
		n := len(r.Received) - i
		if n > maxHops {
			p.m(`<li><span class="b">`)
			p.text(s.AndMore.of(i + 1))
			p.m(`</span></li>`)
			break
		}
		h := &r.Received[i]
		switch d := h.DelaySeconds; {
		case d != nil && *d < 0:
			p.m(`<li class="back">`)
		case d != nil && *d >= slowHop:
			p.m(`<li class="slow">`)
		default:
			p.m(`<li>`)
		}
		p.m(`<span class="leg">`)
		if h.DelaySeconds != nil {
			p.text(p.span(*h.DelaySeconds))
			if *h.DelaySeconds < 0 {
				p.text(", " + s.Backwards)
			} else if *h.DelaySeconds >= slowHop {
				p.text(", " + s.Slow)
			}
		} else {
			p.text(cut(h.With, maxName))
		}
		p.m(`</span> <span class="st">`)
		p.mail(cut(first(h.By.Name, s.Unknown), maxName))
		if h.Time != nil {
			p.m(` <span class="b">`)
			p.instant(h.Time)
			p.m(`</span>`)
		}
		p.m(`</span></li>`)
	}
	p.m("</ol>\n")
}

func (p *page) hopTime(at *time.Time) {
	if at == nil {
		p.text(p.say.NoTime)
		return
	}
	p.instant(at)
	p.m(` <span class="b">`)
	p.text(p.original(at))
	p.m(`</span>`)
}
