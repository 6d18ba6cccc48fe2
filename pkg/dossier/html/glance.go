package html

import (
	"fmt"
	"slices"
	"time"

	"onrecord/pkg/notice"
)

// glance is the answer: one sentence, then who warned whom of what, what was ordered, and what could not be checked.
func (p *page) glance() {
	s := p.say
	p.section("glance", s.Glance)
	p.m(`<p class="result">`)
	counts := p.tell.Count()
	p.text(p.tell.ResultOf(counts))
	p.m("</p>\n")
	if confirmed := p.tell.Confirmed(counts); confirmed != "" {
		p.para(confirmed)
	}
	p.marksLegend()
	p.answers(s.AnswersCaption, s.NoAnswers, isWarning, true)
	p.headlines()
	p.standsOut()
	p.answers(s.OrdersCaption, "", isOrder, false)
	p.unchecked()
	p.m("</section>\n")
}

// isWarning tells the statements that give notice; isOrder those that decide or press, and the denials that stand against no warning we hold.
func isWarning(s *notice.Statement) bool {
	return s.Origin != notice.Rejected && (has(s, notice.Warning) || has(s, notice.Incident) || has(s, notice.Notification))
}

func isOrder(s *notice.Statement) bool {
	return s.Origin != notice.Rejected && !isWarning(s) &&
		(has(s, notice.Order) || has(s, notice.Threat) || has(s, notice.Approval) || has(s, notice.Denial) || has(s, notice.Blame))
}

func has(s *notice.Statement, a notice.Act) bool { return slices.Contains(s.Acts, a) }

// marksLegend tells apart what the program suggests and what a person decided, with the number of each.
func (p *page) marksLegend() {
	var n = map[notice.Origin]int{}
	for i := range p.d.Statements {
		n[p.d.Statements[i].Origin]++
	}
	if len(p.d.Statements) == 0 {
		return
	}
	p.m(`<ul class="origins">`)
	for _, o := range []notice.Origin{notice.Marked, notice.Suggested, notice.Rejected} {
		if n[o] == 0 {
			continue
		}
		p.m(`<li>`)
		p.origin(o)
		p.m(` `)
		p.text(p.say.Statements.of(n[o]) + " – " + p.say.OriginMeans[o])
		p.m(`</li>`)
	}
	p.m("</ul>\n")
}

// answers writes the statements that pass as a table; the denials stand beside the warnings they stand against.
func (p *page) answers(caption, none string, pass func(*notice.Statement) bool, denials bool) {
	s := p.say
	var list []*notice.Statement
	for i := range p.d.Statements {
		if st := &p.d.Statements[i]; pass(st) {
			list = append(list, st)
		}
	}
	if len(list) == 0 {
		if none != "" {
			p.note(none)
		}
		return
	}
	slices.SortStableFunc(list, func(a, b *notice.Statement) int { return earlier(a.At, b.At) })
	t := p.longTable(min(len(list), maxAnswers), "cards answers", caption, s.When, s.Who, s.Whom, s.About, s.Words, s.Exhibit)
	for i, st := range list {
		if i == maxAnswers {
			break
		}
		p.m(`<tr`)
		p.filterable(st)
		t.rowWith()
		t.cell(func() { p.moment(st.At, st.Basis) })
		t.cell(func() { p.who(st.Author) })
		t.cell(func() { p.names(st.Addressees) })
		t.cell(func() {
			p.acts(st.Acts)
			if st.Topic != "" {
				p.m(` `)
				p.mail(cut(st.Topic, maxName*2))
			}
		})
		t.cell(func() {
			p.quote(st)
			if denials {
				p.beside(st)
			}
		})
		t.cell(func() {
			p.passage(st)
			p.m(`<br>`)
			p.origin(st.Origin)
		})
		t.endRow()
	}
	t.end()
	if more := len(list) - maxAnswers; more > 0 {
		p.m(`<p class="note"><a href="#timeline">`)
		p.text(s.AndMore.of(more) + s.Colon + s.Timeline)
		p.m("</a></p>\n")
	}
}

// beside writes what was later said against a warning.
func (p *page) beside(st *notice.Statement) {
	for i, c := range p.against[st.ID] {
		denial := p.statement[c.Statement]
		if denial == nil {
			continue
		}
		if i == maxNames {
			p.note(p.say.AndMore.of(len(p.against[st.ID]) - i))
			return
		}
		p.m(`<div class="denied"><p class="b">`)
		p.text(p.say.AgainstIt + " ")
		p.who(denial.Author)
		p.m(`, `)
		p.day(denial.At)
		p.m(`, `)
		p.passage(denial)
		p.m(` `)
		p.origin(denial.Origin)
		p.m(`</p>`)
		p.quote(denial)
		p.m(`</div>`)
	}
}

// headlines tells where recipients were dropped in a way that stands out.
func (p *page) headlines() {
	var list []*notice.RecipientChange
	for i := range p.d.Recipients {
		if p.d.Recipients[i].Headline != "" {
			list = append(list, &p.d.Recipients[i])
		}
	}
	if len(list) == 0 {
		return
	}
	p.h3(p.say.Dropped)
	p.m(`<ul class="headlines">`)
	for i, c := range list {
		if i == maxNames*2 {
			p.m(`<li>`)
			p.link("recipients", p.say.AndMore.of(len(list)-i))
			p.m(`</li>`)
			break
		}
		p.m(`<li>`)
		p.exhibit(c.Exhibit)
		p.m(`: `)
		p.mail(p.tell.Headline(c))
		if len(c.Dropped) > 0 {
			p.m(` <span class="b">`)
			p.text(p.say.DroppedNamed + " ")
			p.names(c.Dropped)
			p.m(`</span>`)
		}
		p.m(`</li>`)
	}
	p.m("</ul>\n")
}

// standsOut leads to what was found beside warnings and denials.
func (p *page) standsOut() {
	s, d := p.say, p.d
	unanswered := 0
	for i := range d.Silence {
		if !d.Silence[i].Answered {
			unanswered++
		}
	}
	_, _, altered := p.quoted()
	items := []struct {
		n      int
		anchor string
		text   plural
	}{
		{unanswered, "silence", s.UnansweredCount}, {altered, "quotes", s.AlteredCount}, {len(d.Undelivered), "delivery", s.ReturnedCount},
		{len(d.Gaps), "gaps", s.GapCount}, {len(d.PossibleSame), "possible", s.PossibleCount}, {len(d.LookAlikes), "lookalikes", s.LookAlikeCount},
	}
	any := len(d.Clocks) > 0
	for _, x := range items {
		any = any || x.n > 0
	}
	if !any {
		return
	}
	p.h3(s.AlsoFound)
	p.m(`<ul class="out">`)
	for i := range d.Clocks {
		if i == maxNames {
			p.m(`<li>`)
			p.link("clocks", s.AndMore.of(len(d.Clocks)-i))
			p.m(`</li>`)
			break
		}
		p.m(`<li><a`)
		p.attr("href", "#c-"+itoa(i+1))
		p.m(`>`)
		p.mail(cut(first(d.Clocks[i].Title, s.Clocks), maxFact))
		p.m(`</a>: `)
		p.mail(p.tell.ClockText(&d.Clocks[i]))
		p.m(`</li>`)
	}
	for _, x := range items {
		if x.n > 0 {
			p.m(`<li>`)
			p.link(x.anchor, x.text.of(x.n))
			p.m(`</li>`)
		}
	}
	p.m("</ul>\n")
}

// unchecked tells what this dossier cannot say.
func (p *page) unchecked() {
	s, d := p.say, p.d
	p.h3(s.Unchecked)
	p.m(`<ul class="unchecked"><li>`)
	p.text(s.NoTrustedTime)
	p.m(`</li>`)
	if d.Ledger.Failed > 0 {
		p.m(`<li>`)
		p.text(s.FailedMessages.of(d.Ledger.Failed) + " ")
		p.link("sources", s.Sources)
		p.m(`</li>`)
	}
	p.m(`<li>`)
	switch {
	case d.Keys.Signatures == 0:
		p.text(s.NoSignatures)
	case d.Keys.Checked == d.Keys.Signatures:
		p.text(s.AllChecked.of(d.Keys.Signatures))
	default:
		p.text(fmt.Sprintf(s.SomeChecked, number(d.Keys.Checked), s.Signatures.of(d.Keys.Signatures)))
	}
	p.m(`</li>`)
	p.keysMissing()
	missing := 0
	for i := range d.Threads {
		missing += len(d.Threads[i].Missing)
	}
	if missing > 0 {
		p.m(`<li>`)
		p.text(s.MissingMessages.of(missing) + " ")
		p.link("threads", s.Threads)
		p.m(`</li>`)
	}
	for i, w := range d.CaseWarnings {
		p.m(`<li>`)
		if i == maxRows {
			p.text(s.AndMore.of(len(d.CaseWarnings) - i))
			p.m(`</li>`)
			break
		}
		p.told(w)
		p.m(`</li>`)
	}
	p.m(`<li>`)
	p.text(s.NotRead)
	p.m("</li></ul>\n")
}

func (p *page) keysMissing() {
	missing := p.d.Keys.Missing
	if len(missing) == 0 {
		return
	}
	p.m(`<li><details><summary>`)
	p.text(p.say.KeysMissing.of(len(missing)))
	p.m(`</summary><ul>`)
	for i, k := range missing {
		if i == maxRows {
			p.m(`<li>`)
			p.text(p.say.AndMore.of(len(missing) - i))
			p.m(`</li>`)
			break
		}
		p.m(`<li><code>`)
		p.mail(cut(k, 300))
		p.m(`</code></li>`)
	}
	p.m(`</ul></details></li>`)
}

// earlier orders times; what has none comes last.
func earlier(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}
