package html

import (
	"strings"

	"onrecord/pkg/notice"
)

// silence tells for each message that warns who answered it, after how long, and who did not.
func (p *page) silence() {
	s := p.say
	p.section("silence", s.Silence)
	p.para(s.SilenceNote)
	t := p.longTable(len(p.d.Silence), "cards silence", s.SilenceCaption, s.When, s.Who, s.Warning, s.Answer, s.Waited, s.WithoutWho)
	for i := range p.d.Silence {
		x := &p.d.Silence[i]
		said := p.firstSaid(x)
		persons := append([]string{x.Author, x.Answerer}, x.Unanswered...)
		p.m(`<tr`)
		if said == nil {
			p.filterRow(persons, string(notice.Warning), nil, 0)
		} else {
			p.filterRow(persons, joinActs(said.Acts), said.At, 0)
		}
		t.rowWith()
		t.cell(func() {
			if said != nil {
				p.moment(said.At, said.Basis)
			}
		})
		t.cell(func() { p.who(x.Author) })
		t.cell(func() {
			if said != nil {
				p.quote(said)
				p.passage(said)
				p.m(` `)
				p.origin(said.Origin)
			} else {
				p.exhibit(x.Exhibit)
			}
			if more := len(x.Statements) - 1; more > 0 {
				p.m(` <span class="b">`)
				p.text(s.AndMore.of(more))
				p.m(`</span>`)
			}
		})
		t.cell(func() {
			if !x.Answered {
				p.m(`<strong class="v bad">`)
				p.text(s.NotAnswered)
				p.m(`</strong>`)
				return
			}
			p.who(x.Answerer)
			if x.Answer != nil {
				p.m(`, `)
				p.exhibit(*x.Answer)
			}
		})
		t.cell(func() {
			if x.Seconds > 0 {
				p.m(`<strong>`)
				p.text(p.span(float64(x.Seconds)))
				p.m(`</strong> `)
			}
			p.m(`<span class="b">`)
			if w, ok := s.Untils[x.Until]; ok {
				p.text(w)
			} else {
				p.text(cut(string(x.Until), maxName))
			}
			p.m(`</span>`)
			if x.Until != notice.UntilAnswer && x.UntilShown > 0 {
				p.m(` `)
				p.exhibit(x.UntilShown)
			}
		})
		t.cell(func() {
			if len(x.Unanswered) > 0 {
				p.names(x.Unanswered)
			} else {
				p.m(`<span class="b">–</span>`)
			}
		})
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

func (p *page) firstSaid(x *notice.Silence) *notice.Statement {
	for _, id := range x.Statements {
		if st := p.statement[id]; st != nil {
			return st
		}
	}
	return nil
}

// sequence tells which came first: the order, approval, confirmation or incident, or what it stands beside.
func (p *page) sequence() {
	s := p.say
	p.section("sequence", s.Sequence)
	p.para(s.SequenceNote)
	t := p.longTable(len(p.d.Sequence), "cards sequel", s.SequenceCaption, s.Statement, s.Stands, s.Earlier, s.HadNotice)
	for i := range p.d.Sequence {
		x := &p.d.Sequence[i]
		st, to := p.statement[x.Statement], p.statement[x.To]
		if st == nil || to == nil {
			t.rows--
			continue
		}
		p.m(`<tr`)
		p.filterRow([]string{st.Author, to.Author}, strings.TrimSpace(joinActs(st.Acts)+" "+joinActs(to.Acts)), st.At, 0)
		t.rowWith()
		t.cell(func() { p.saidLine(st, x.Act) })
		t.cell(func() {
			p.m(`<strong>`)
			p.text(p.span(float64(x.Seconds)))
			p.m(` `)
			if w, ok := s.Relations[x.Relation]; ok {
				p.text(w)
			} else {
				p.text(cut(string(x.Relation), maxName))
			}
			p.m(`</strong>`)
		})
		t.cell(func() { p.saidLine(to, x.ToAct) })
		t.cell(func() {
			switch {
			case x.Relation == notice.Before:
				p.m(`<span class="b">–</span>`)
			case x.Notice == "":
				p.m(`<span class="b">`)
				p.text(s.NoNotice)
				p.m(`</span>`)
			default:
				p.text(p.evidenceWord(x.Notice))
			}
		})
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

// saidLine writes a statement with its author, day and exhibit, under one of its acts.
func (p *page) saidLine(st *notice.Statement, a notice.Act) {
	p.m(`<p class="by">`)
	if a == "" {
		p.acts(st.Acts)
	} else {
		p.act(string(a), p.actWord(a))
	}
	p.m(` `)
	p.origin(st.Origin)
	p.m(`<br>`)
	p.who(st.Author)
	p.m(`, `)
	p.day(st.At)
	p.m(`, `)
	p.passage(st)
	p.m(`</p>`)
	p.quote(st)
}
