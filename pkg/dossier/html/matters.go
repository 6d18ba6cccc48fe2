package html

import (
	"strconv"
	"time"

	"onrecord/pkg/notice"
)

// filterRow writes the attributes that the page's filter looks at, for what is no statement of its own. Without persons the filter takes those of the exhibit.
func (p *page) filterRow(persons []string, acts string, at *time.Time, exhibit int) {
	p.m(` data-f`)
	if len(persons) > 0 {
		p.m(` data-p="`)
		for i, id := range persons {
			if i > 0 {
				p.m(` `)
			}
			p.text(id)
		}
		p.m(`"`)
	} else if exhibit > 0 {
		p.attr("data-x", strconv.Itoa(exhibit))
	}
	if acts != "" {
		p.attr("data-a", acts)
	}
	if at != nil {
		p.attr("data-d", p.isoDay(at))
	}
}

// matters lists, for each matter with several statements, what was said about it, over messages and languages.
func (p *page) matters() {
	s := p.say
	shared := p.sharedTopics()
	p.section("matters", s.Matters)
	p.para(s.MattersNote)
	rows, done := 0, 0
	for i := range p.d.Topics {
		t := &p.d.Topics[i]
		if len(t.Statements) < 2 {
			continue
		}
		if rows > maxCells {
			p.note(s.LeftOut.of(shared - done))
			break
		}
		rows += len(t.Statements)
		done++
		p.topic(t)
	}
	if shared < len(p.d.Topics) {
		p.note(s.SingleMatters)
	}
	p.m("</section>\n")
}

func (p *page) sharedTopics() (n int) {
	for i := range p.d.Topics {
		if len(p.d.Topics[i].Statements) > 1 {
			n++
		}
	}
	return n
}

func (p *page) topic(t *notice.Topic) {
	s := p.say
	p.m(`<article class="matter"`)
	p.attr("id", "m-"+t.ID)
	p.m(`><h3`)
	p.language(t.Language)
	p.m(`>`)
	p.mail(cut(first(t.Label, t.ID), maxName*2))
	p.m(`</h3>`)
	if t.Origin == notice.Marked {
		p.m(`<p>`)
		p.origin(notice.Marked)
		p.m(` <span class="b">`)
		p.text(s.MatterNamed)
		p.m(`</span></p>`)
	}
	tab := p.longTable(len(t.Statements), "cards said-of", s.MatterCaption, s.When, s.Who, s.What, s.Words, s.Tie, s.Exhibit)
	for i, id := range t.Statements {
		st := p.statement[id]
		if st == nil {
			tab.rows--
			continue
		}
		p.m(`<tr`)
		p.filterable(st)
		tab.rowWith()
		tab.cell(func() { p.moment(st.At, st.Basis) })
		tab.cell(func() { p.who(st.Author) })
		tab.cell(func() {
			p.acts(st.Acts)
			p.m(` `)
			p.origin(st.Origin)
		})
		tab.cell(func() { p.quote(st) })
		tab.cell(func() {
			why := ""
			if i < len(t.Why) {
				why = t.Why[i]
			}
			if i == 0 && why == "" {
				why = s.FirstWarning
			}
			p.told(why)
		})
		tab.cell(func() { p.passage(st) })
		tab.endRow()
	}
	tab.end()
	p.m("</article>\n")
}
