package html

import (
	"onrecord/pkg/people"
)

// contradictions sets each denial or blame beside the warnings that its author had notice of.
func (p *page) contradictions() {
	s := p.say
	p.section("contradictions", s.Contradictions)
	if len(p.d.Contradictions) == 0 {
		p.note(s.NoContradictions)
	} else {
		p.para(s.NoVerdict)
	}
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
			p.side(id)
		}
		p.m(`</div><div class="side after"><h4>`)
		p.text(s.SaidAfter)
		p.m(`</h4>`)
		p.side(c.Statement)
		p.m(`</div></div><p class="b">`)
		p.text(s.Why + ": ")
		p.mail(cut(c.Why, maxField))
		p.m("</p></article>\n")
	}
	p.m("</section>\n")
}

func (p *page) side(id string) {
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
	p.when(st.At, st.Basis, "")
	p.m(`, `)
	p.passage(st)
	p.m(`</p>`)
	p.quote(st)
	p.m(`</div>`)
}

// recipients is the ledger of who was added and who was dropped from reply to reply.
func (p *page) recipients() {
	s := p.say
	p.section("recipients", s.Recipients)
	if len(p.d.Recipients) == 0 {
		p.note(s.NoRecipients)
		p.m("</section>\n")
		return
	}
	p.para(s.RecipientsNote)
	t := p.longTable(len(p.d.Recipients), "cards ledger", s.RecipientsCaption, s.Exhibit, s.ComparedTo, s.Added, s.DroppedCol, s.Moved, s.Headline)
	for i := range p.d.Recipients {
		c := &p.d.Recipients[i]
		t.row()
		t.cell(func() { p.exhibit(c.Exhibit) })
		t.cell(func() { p.exhibit(c.ComparedTo) })
		t.cell(func() { p.change("add", c.Added) })
		t.cell(func() { p.change("drop", c.Dropped) })
		t.cell(func() { p.change("move", c.Moved) })
		t.mail(cut(c.Headline, maxField))
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
			if pr.Side != "" {
				p.m(` <span class="b">`)
				p.text(s.Side + ": ")
				p.mail(cut(pr.Side, maxField))
				p.m(`</span>`)
			}
		})
		t.cell(func() { p.lines(pr.Names, false) })
		t.cell(func() { p.lines(pr.MergedBecause, false) })
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
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
			p.mail(cut(s, maxField))
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
		p.text(s.Messages.of(len(t.Exhibits)) + ": ")
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
		}
		for j, why := range t.Joined {
			if j == maxRows {
				p.note(s.AndMore.of(len(t.Joined) - j))
				break
			}
			p.m(`<p class="b">`)
			p.text(s.Joined + ": ")
			p.mail(cut(why, maxField))
			p.m(`</p>`)
		}
		p.m("</article>\n")
	}
	p.m("</section>\n")
}
