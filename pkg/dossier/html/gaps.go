package html

import (
	"fmt"
	"strconv"

	"onrecord/pkg/notice"
)

func itoa(n int) string { return strconv.Itoa(n) }

// gaps lists what is missing and what does not fit, with who would have it.
func (p *page) gaps() {
	s := p.say
	p.section("gaps", s.Gaps)
	p.para(s.GapsNote)
	n := min(len(p.d.Gaps), maxCells)
	t := p.longTable(n, "cards gaps", s.GapsCaption, s.Kind, s.MissingWhat, s.ShownBy, s.Holders)
	for i := range p.d.Gaps[:n] {
		g := &p.d.Gaps[i]
		exhibit := 0
		if len(g.Exhibits) > 0 {
			exhibit = g.Exhibits[0]
		}
		p.m(`<tr`)
		p.filterRow(g.Holders, "", nil, exhibit)
		t.rowWith()
		t.cell(func() {
			if w, ok := s.GapKinds[g.Kind]; ok {
				p.text(w)
			} else {
				p.text(cut(string(g.Kind), maxName))
			}
		})
		t.cell(func() {
			switch {
			case g.Kind == notice.GapDate:
				p.text(fmt.Sprintf(s.DateSkew, p.span(float64(g.Seconds))))
			case g.MessageID != "":
				p.m(`<code>`)
				p.mail(cut(g.MessageID, maxField))
				p.m(`</code>`)
			default:
				p.m(`<span class="b">`)
				p.text(s.Unknown)
				p.m(`</span>`)
			}
		})
		t.cell(func() { p.exhibitLinks(g.Exhibits) })
		t.cell(func() {
			if len(g.Holders) > 0 && g.Kind != notice.GapDate {
				p.names(g.Holders)
			} else {
				p.m(`<span class="b">–</span>`)
			}
		})
		t.endRow()
	}
	t.end()
	if left := len(p.d.Gaps) - n; left > 0 {
		p.note(s.LeftOut.of(left))
	}
	p.m("</section>\n")
}

// reports tells what machines said about messages, first what came back undelivered.
func (p *page) reports() {
	s := p.say
	p.section("delivery", s.Delivery)
	p.para(s.ReportsNote)
	p.undelivered()
	if len(p.d.Reports) == 0 {
		p.m("</section>\n")
		return
	}
	t := p.longTable(len(p.d.Reports), "cards reports", s.ReportsCaption, s.When, s.Report, s.Outcome, s.Of, s.Person, s.Tied)
	for i := range p.d.Reports {
		r := &p.d.Reports[i]
		p.m(`<tr`)
		p.filterRow(r.Persons, "", r.At, r.Exhibit)
		t.rowWith()
		t.cell(func() { p.moment(r.At, r.Basis) })
		t.cell(func() {
			p.exhibit(r.Exhibit)
			p.m(` <span class="b">`)
			p.text(cut(r.Form, maxName))
			p.m(`</span>`)
		})
		t.cell(func() {
			switch r.Kind {
			case notice.OutcomeFailed:
				p.m(`<span class="v bad">`)
			case notice.OutcomeDelivered, notice.OutcomeDisplayed:
				p.m(`<span class="v good">`)
			default:
				p.m(`<span class="v open">`)
			}
			if w, ok := s.Outcomes[r.Kind]; ok {
				p.text(w)
			} else {
				p.text(cut(string(r.Kind), maxName))
			}
			p.m(`</span>`)
		})
		t.cell(func() {
			if r.Of != nil {
				p.exhibit(*r.Of)
			} else {
				p.m(`<span class="b">`)
				p.text(s.Unknown)
				p.m(`</span>`)
			}
		})
		t.cell(func() {
			if len(r.Persons) > 0 {
				p.names(r.Persons)
			} else {
				p.lines(r.Addresses, true)
			}
		})
		t.cell(func() {
			if w, ok := s.Ties[r.Tie]; ok {
				p.text(w)
			} else {
				p.text(cut(string(r.Tie), maxName))
			}
		})
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

func (p *page) undelivered() {
	s := p.say
	if len(p.d.Undelivered) == 0 {
		return
	}
	t := p.longTable(len(p.d.Undelivered), "cards returned", s.UndeliveredCaption, s.Statement, s.Person, s.Outcome, s.Report, s.EvidenceWord)
	for i := range p.d.Undelivered {
		u := &p.d.Undelivered[i]
		st := p.statement[u.Statement]
		p.m(`<tr`)
		p.filterRow([]string{u.Person}, "", u.At, 0)
		t.rowWith()
		t.cell(func() {
			if st != nil {
				p.saidLine(st, "")
			} else {
				p.exhibit(u.Exhibit)
			}
		})
		t.cell(func() { p.who(u.Person) })
		t.cell(func() {
			p.m(`<span class="v bad">`)
			p.text(s.Outcomes[notice.OutcomeFailed])
			p.m(`</span> `)
			p.moment(u.At, u.Basis)
		})
		t.cell(func() { p.exhibit(u.Report) })
		t.cell(func() {
			if u.Notice {
				p.text(s.OtherWay)
			} else {
				p.text(s.NoOtherWay)
			}
		})
		t.endRow()
	}
	t.end()
}
