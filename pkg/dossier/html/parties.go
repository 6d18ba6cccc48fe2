package html

import (
	"fmt"

	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// contradictions sets each denial or blame beside the warnings that its author had notice of.
func (p *page) contradictions() {
	s := p.say
	p.section("contradictions", s.Contradictions)
	p.para(s.NoVerdict)
	for i := range p.d.Contradictions {
		c := &p.d.Contradictions[i]
		p.m(`<article class="versus"`)
		if st := p.statement[c.Statement]; st != nil {
			p.filterable(st)
		}
		p.m(`><h3>`)
		p.who(c.Person)
		p.m(`</h3><div class="pair"><div class="side before"><h4>`)
		p.text(s.SaidBefore)
		p.m(`</h4>`)
		for j, id := range c.Against {
			if j == maxNames {
				p.note(s.AndMore.of(len(c.Against) - j))
				break
			}
			p.side(id, p.reached(c, id))
		}
		p.m(`</div><div class="side after"><h4>`)
		p.text(s.SaidAfter)
		p.m(`</h4>`)
		p.side(c.Statement, nil)
		p.m(`</div></div>`)
		if len(c.Evidence) == 0 && c.Why != "" {
			p.m(`<p class="b">`)
			p.text(s.Why + s.Colon)
			p.told(c.Why)
			p.m(`</p>`)
		}
		p.m("</article>\n")
	}
	p.m("</section>\n")
}

// reached writes how an earlier statement had reached the person, since when, and how long before; nil where the dossier does not say.
func (p *page) reached(c *notice.Contradiction, id string) func() {
	for i := range c.Evidence {
		if e := &c.Evidence[i]; e.Statement == id {
			return func() {
				p.m(`<p class="reached"><span class="b">`)
				p.text(fmt.Sprintf(p.say.ReachedBy, cut(p.plainName(c.Person), maxName)))
				p.m(`</span> <strong>`)
				p.text(p.evidenceWord(e.Kind))
				p.m(`</strong>, `)
				p.exhibit(e.Exhibit)
				p.m(`, `)
				p.moment(e.At, e.Basis)
				p.m(` · <strong>`)
				p.text(p.say.DaysBetween.of(e.Days))
				p.m(`</strong></p>`)
			}
		}
	}
	return nil
}

func (p *page) side(id string, reached func()) {
	st := p.statement[id]
	if st == nil {
		p.note(cut(id, maxName))
		return
	}
	p.m(`<div class="said"><p>`)
	p.acts(st.Acts)
	p.m(` `)
	p.origin(st.Origin)
	p.m(`<br>`)
	p.who(st.Author)
	p.m(`, `)
	p.moment(st.At, st.Basis)
	p.m(`, `)
	p.passage(st)
	p.m(`</p>`)
	p.quote(st)
	if reached != nil {
		reached()
	}
	p.m(`</div>`)
}

// recipients is the ledger of who was added and who was dropped from reply to reply.
func (p *page) recipients() {
	s := p.say
	p.section("recipients", s.Recipients)
	p.para(s.RecipientsNote)
	t := p.longTable(len(p.d.Recipients), "cards ledger", s.RecipientsCaption, s.Exhibit, s.ComparedTo, s.Added, s.DroppedCol, s.Moved, s.Headline)
	for i := range p.d.Recipients {
		c := &p.d.Recipients[i]
		p.m(`<tr`)
		p.filterRow(nil, "", nil, c.Exhibit)
		t.rowWith()
		t.cell(func() { p.exhibit(c.Exhibit) })
		t.cell(func() { p.exhibit(c.ComparedTo) })
		t.cell(func() { p.change("add", c.Added) })
		t.cell(func() { p.change("drop", c.Dropped) })
		t.cell(func() { p.change("move", c.Moved) })
		t.cell(func() {
			if c.Headline != "" {
				p.mail(p.tell.Headline(c))
			}
		})
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

func (p *page) change(class markup, ids []string) {
	if len(ids) == 0 {
		p.m(`<span class="b">–</span>`)
		return
	}
	p.m(`<span class="`, class, `">`)
	p.names(ids)
	p.m(`</span>`)
}

func (p *page) people() {
	s := p.say
	p.section("people", s.People)
	if len(p.d.People) == 0 {
		p.note(s.NoPeople)
		p.m("</section>\n")
		return
	}
	p.parties()
	t := p.longTable(len(p.d.People), "cards folk", s.PeopleCaption, s.Name, s.Addresses, s.Role, s.NamesSeen, s.Merged)
	for i := range p.d.People {
		pr := &p.d.People[i]
		p.m(`<tr data-f`)
		p.attr("id", "p-"+pr.ID)
		p.attr("data-p", pr.ID)
		t.rowWith()
		t.head(func() {
			p.mail(cut(name(pr), maxName*2))
			if pr.Kind != people.Human {
				p.m(` <span class="b">`)
				if w, ok := s.PersonKinds[pr.Kind]; ok {
					p.text(w)
				} else {
					p.text(cut(string(pr.Kind), maxName))
				}
				p.m(`</span>`)
			}
		})
		t.cell(func() { p.lines(pr.Addresses, true) })
		t.cell(func() {
			p.mail(cut(pr.Role, maxField))
			if pr.Party != "" {
				p.m(` <span class="b">`)
				p.mail(cut(pr.Party, maxField))
				p.m(`</span>`)
			}
			if pr.Side != "" {
				p.m(` <span class="b">`)
				p.text(s.Side + s.Colon)
				p.mail(cut(pr.Side, maxField))
				p.m(`</span>`)
			}
		})
		t.cell(func() { p.lines(pr.Names, false) })
		t.cell(func() { p.lines(pr.MergedBecause, false) })
		t.endRow()
	}
	t.end()
	p.notes(p.d.PeopleNotes)
	p.possibleSame()
	p.lookAlikes()
	p.m("</section>\n")
}

// possibleSame lists persons who may be one and were left apart.
func (p *page) possibleSame() {
	s := p.say
	if len(p.d.PossibleSame) == 0 {
		return
	}
	p.m(`<h3 id="possible">`)
	p.text(s.PossibleSame)
	p.m(`</h3>`)
	p.para(s.PossibleNote)
	t := p.longTable(len(p.d.PossibleSame), "cards pairs", s.PossibleCaption, s.Person, s.Person, s.Why)
	for i := range p.d.PossibleSame {
		x := &p.d.PossibleSame[i]
		p.m(`<tr`)
		p.filterRow([]string{x.A, x.B}, "", nil, 0)
		t.rowWith()
		t.cell(func() { p.who(x.A) })
		t.cell(func() { p.who(x.B) })
		t.cell(func() { p.told(x.Why) })
		t.endRow()
	}
	t.end()
}

// lines writes texts one below the other.
func (p *page) lines(list []string, code bool) {
	for i, s := range list {
		if i > 0 {
			p.m(`<br>`)
		}
		if i == maxAddresses {
			p.text(p.say.AndMore.of(len(list) - i))
			return
		}
		if code {
			p.m(`<code>`)
			p.mail(cut(s, maxField))
			p.m(`</code>`)
		} else {
			p.told(s)
		}
	}
}

func (p *page) threads() {
	s := p.say
	p.section("threads", s.Threads)
	if len(p.d.Threads) == 0 {
		p.note(s.NoThreads)
		p.m("</section>\n")
		return
	}
	p.para(s.ThreadsNote)
	for i := range p.d.Threads {
		t := &p.d.Threads[i]
		p.m(`<article class="thread"`)
		p.attr("id", "th-"+t.ID)
		p.m(`><h3>`)
		p.mail(cut(first(t.Subject, s.NoSubject), maxField))
		p.m(`</h3><p>`)
		p.text(s.Messages.of(len(t.Exhibits)) + s.Colon)
		p.exhibitLinks(t.Exhibits)
		p.m(`</p>`)
		if len(t.Missing) > 0 {
			p.m(`<p class="missing"><strong>`)
			p.text(s.MissingMessages.of(len(t.Missing)))
			p.m(`</strong></p><ul>`)
			for j, m := range t.Missing {
				if j == maxRows {
					p.m(`<li>`)
					p.text(s.AndMore.of(len(t.Missing) - j))
					p.m(`</li>`)
					break
				}
				p.m(`<li><code>`)
				p.mail(cut(m.MessageID, maxField))
				p.m(`</code> <span class="b">`)
				p.text(s.CitedBy + " ")
				p.exhibitLinks(m.CitedBy)
				p.m(`</span></li>`)
			}
			p.m(`</ul>`)
			if t.MissingLeftOut > 0 {
				p.note(s.AndMore.of(t.MissingLeftOut))
			}
		}
		for j, why := range t.Joined {
			if j == maxRows {
				p.note(s.AndMore.of(len(t.Joined) - j))
				break
			}
			p.m(`<p class="b">`)
			p.text(s.Joined + s.Colon)
			p.told(why)
			p.m(`</p>`)
		}
		p.m("</article>\n")
	}
	p.m("</section>\n")
}
