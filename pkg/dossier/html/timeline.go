package html

import (
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/notice"
)

// timeline is the drawing and, as its equal in words, the table of all entries.
func (p *page) timeline() {
	s := p.say
	p.section("timeline", s.Timeline)
	p.glyphs()
	p.drawings()
	if len(p.d.Timeline) == 0 {
		p.note(s.NoEntries)
		p.m("</section>\n")
		return
	}
	t := p.longTable(len(p.d.Timeline), "cards events", s.TimelineCaption, s.When, s.What, s.Who, s.Entry, s.Exhibit)
	written := map[string]bool{}
	for i := range p.d.Timeline {
		e := &p.d.Timeline[i]
		st := p.statement[e.Statement]
		p.m(`<tr`)
		if st != nil && !written[st.ID] {
			written[st.ID] = true
			p.attr("id", "tl-"+st.ID)
		}
		if st != nil {
			p.filterable(st)
		} else {
			if e.Kind == notice.KindMessage {
				p.m(` class="plain"`)
			}
			p.m(` data-f`)
			p.attr("data-a", string(e.Kind))
			if e.Exhibit > 0 {
				p.attr("data-x", strconv.Itoa(e.Exhibit)) // the filter looks up its persons there
			}
			if e.At != nil {
				p.attr("data-d", e.At.In(p.o.Zone).Format("2006-01-02"))
			}
		}
		t.rowWith()
		t.cell(func() {
			if e.Kind == notice.KindMessage && st == nil && e.At != nil {
				p.instant(e.At)
			} else {
				p.moment(e.At, e.Basis)
			}
		})
		t.cell(func() { p.entryKind(e, st) })
		t.cell(func() {
			if st != nil {
				p.who(st.Author)
			}
		})
		t.cell(func() {
			if st != nil {
				p.quote(st)
			} else {
				p.mail(cut(p.tell.Entry(e), maxQuote))
			}
		})
		t.cell(func() {
			switch {
			case st != nil:
				p.passage(st)
			case e.Exhibit > 0:
				p.exhibit(e.Exhibit)
			}
		})
		t.endRow()
	}
	t.end()
	p.rejected()
	p.m("</section>\n")
}

func (p *page) entryKind(e *notice.Entry, st *notice.Statement) {
	if st != nil {
		p.acts(st.Acts)
		p.m(` `)
		p.origin(st.Origin)
		return
	}
	word, ok := p.say.Kinds[e.Kind]
	if !ok {
		word = cut(string(e.Kind), maxName)
	}
	p.act(string(e.Kind), word)
}

// rejected lists what a person rejected, so that the rejection shows.
func (p *page) rejected() {
	s := p.say
	var list []*notice.Statement
	for i := range p.d.Statements {
		if st := &p.d.Statements[i]; st.Origin == notice.Rejected && !p.inTimeline[st.ID] {
			list = append(list, st)
		}
	}
	if len(list) == 0 {
		return
	}
	t := p.longTable(len(list), "cards events", s.RejectedCaption, s.When, s.What, s.Who, s.Words, s.Exhibit)
	for _, st := range list {
		p.m(`<tr`)
		p.attr("id", "tl-"+st.ID)
		p.filterable(st)
		t.rowWith()
		t.cell(func() { p.moment(st.At, st.Basis) })
		t.cell(func() {
			p.acts(st.Acts)
			p.m(` `)
			p.origin(st.Origin)
		})
		t.cell(func() { p.who(st.Author) })
		t.cell(func() { p.quote(st) })
		t.cell(func() { p.passage(st) })
		t.endRow()
	}
	t.end()
}

// knowledge is who was told what, since when, and on which evidence.
func (p *page) knowledge() {
	s := p.say
	p.section("knowledge", s.Knowledge)
	p.para(s.KnowledgeNote)
	cell := map[[2]string]*notice.Notice{}
	var warnings []*notice.Statement
	for i := range p.d.Statements { // keeps the order of the statements
		warnings = append(warnings, &p.d.Statements[i])
	}
	told := map[string]bool{}
	for i := range p.d.Notices {
		n := &p.d.Notices[i]
		cell[[2]string{n.Person, n.Statement}] = n
		told[n.Statement] = true
	}
	warnings = slices.DeleteFunc(warnings, func(st *notice.Statement) bool { return !told[st.ID] })
	const perTable = 5
	cells := 0
	for at := 0; at < len(warnings); at += perTable {
		group := warnings[at:min(at+perTable, len(warnings))]
		p.m(`<div class="rows few">`)
		write := func() { cells += p.matrix(group, cell) }
		if at < chunk/4 {
			write()
		} else {
			p.fold(write)
		}
		p.m("</div>\n")
		if cells > maxCells && at+perTable < len(warnings) {
			p.note(s.MatrixLeftOut.of(len(warnings) - at - perTable))
			break
		}
	}
	p.grounds()
	p.m("</section>\n")
}

// matrix writes persons by a few warnings and returns the number of its cells.
func (p *page) matrix(group []*notice.Statement, cell map[[2]string]*notice.Notice) int {
	s := p.say
	cols := []string{s.Person}
	for _, st := range group {
		cols = append(cols, p.heading(st))
	}
	p.m(`<table class="cards matrix"><caption>`)
	p.text(s.MatrixCaption)
	p.m(`</caption><thead><tr><th scope="col">`)
	p.text(s.Person)
	p.m(`</th>`)
	for _, st := range group {
		p.m(`<th scope="col">`)
		p.text(st.ID + " · ")
		p.day(st.At)
		p.m(`<br>`)
		p.acts(st.Acts)
		p.m(`<br><span class="b">`)
		p.mail(cut(first(st.Topic, strings.TrimSpace(st.Text)), maxName))
		p.m(`</span><br>`)
		p.passage(st)
		p.m(`</th>`)
	}
	p.m("</tr></thead><tbody>\n")
	t := &table{p: p, cols: cols}
	n := 0
	for i := range p.d.People {
		id := p.d.People[i].ID
		if !slices.ContainsFunc(group, func(st *notice.Statement) bool { return cell[[2]string{id, st.ID}] != nil }) {
			continue
		}
		p.m(`<tr data-f`)
		p.attr("data-p", id)
		t.rowWith()
		t.head(func() { p.who(id) })
		for _, st := range group {
			n++
			t.cell(func() { p.notice(cell[[2]string{id, st.ID}]) })
		}
		t.endRow()
	}
	t.end()
	return n
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// heading names a warning in one line, for cells that stand alone.
func (p *page) heading(st *notice.Statement) string {
	h := st.ID
	if st.At != nil {
		h += " · " + p.date(st.At.In(p.o.Zone))
	}
	return h
}

func (p *page) notice(n *notice.Notice) {
	if n == nil {
		p.m(`<span class="b">`)
		p.text(p.say.NoEvidence)
		p.m(`</span>`)
		return
	}
	p.m(`<strong>`)
	p.day(n.FirstAt)
	p.m(`</strong><ul class="ev">`)
	for i, e := range n.Evidence {
		if i == maxNames {
			p.m(`<li>`)
			p.text(p.say.AndMore.of(len(n.Evidence) - i))
			p.m(`</li>`)
			break
		}
		p.m(`<li>`)
		p.text(p.evidenceWord(e.Kind) + " ")
		p.exhibit(e.Exhibit)
		p.m(`</li>`)
	}
	p.m(`</ul>`)
}

func (p *page) evidenceWord(k notice.EvidenceKind) string {
	if w, ok := p.say.Evidence[k]; ok {
		return w
	}
	return cut(string(k), maxName)
}

// grounds is every piece of evidence with its reason.
func (p *page) grounds() {
	s := p.say
	p.m(`<details class="wideblock"><summary>`)
	p.text(s.GroundsTitle)
	p.m(`</summary>`)
	total := 0
	for i := range p.d.Notices {
		total += len(p.d.Notices[i].Evidence)
	}
	t := p.foldedTable(min(total, maxCells), "cards grounds", s.GroundsCaption, s.Person, s.Statement, s.EvidenceWord, s.When, s.Why, s.Exhibit)
	rows := 0
	for i := range p.d.Notices {
		n := &p.d.Notices[i]
		for _, e := range n.Evidence {
			if rows == maxCells {
				break
			}
			rows++
			t.row()
			t.head(func() { p.who(n.Person) })
			t.cell(func() {
				if st := p.statement[n.Statement]; st != nil {
					p.link(mark(st), p.heading(st))
				} else {
					p.mail(cut(n.Statement, maxName))
				}
			})
			t.text(p.evidenceWord(e.Kind))
			t.cell(func() { p.moment(e.At, e.Basis) })
			t.cell(func() { p.told(e.Why) })
			t.cell(func() { p.exhibit(e.Exhibit) })
			t.endRow()
		}
	}
	t.end()
	if left := total - rows; left > 0 {
		p.note(s.LeftOut.of(left))
	}
	p.m("</details>\n")
}
