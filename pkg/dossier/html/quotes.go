package html

import (
	"onrecord/pkg/notice"
)

// quotes sets quotations that differ from their original beside it, and lists those whose original is not held.
func (p *page) quotes() {
	s := p.say
	same, only, altered := p.quoted()
	p.section("quotes", s.Quotes)
	p.para(s.QuotesNote)
	if altered == 0 {
		p.para(s.NoQuotes)
	}
	if same > 0 {
		p.note(s.SameQuotes.of(same))
	}
	shown := 0
	for i := range p.d.Quotes {
		if q := &p.d.Quotes[i]; q.State != notice.QuoteSame && q.State != notice.QuoteOnly {
			if shown == maxAnswers {
				p.note(s.LeftOut.of(altered - shown))
				break
			}
			shown++
			p.altered(q)
		}
	}
	p.onlyQuoted(only)
	p.sameQuotes(same)
	p.m("</section>\n")
}

// quoted counts the quotations by their state.
func (p *page) quoted() (same, only, altered int) {
	for i := range p.d.Quotes {
		switch p.d.Quotes[i].State {
		case notice.QuoteSame:
			same++
		case notice.QuoteOnly:
			only++
		default:
			altered++
		}
	}
	return same, only, altered
}

// altered writes the passages of one quotation and of its original side by side.
func (p *page) altered(q *notice.Quotation) {
	s := p.say
	p.m(`<article class="quotation" data-f`)
	p.attr("data-x", itoa(q.Exhibit))
	p.m(`><h3>`)
	p.exhibit(q.Exhibit)
	if q.Quoted != nil {
		p.m(` → `)
		p.exhibit(*q.Quoted)
	}
	p.m(`</h3><p class="b">`)
	p.text(s.QuotesOf + " ")
	p.who(q.Author)
	p.text(" · " + s.QuotedWords.of(q.Words))
	if q.Introduce != "" {
		p.text(" · " + s.Attribution + " ")
		p.mail(cut(q.Introduce, maxFact))
	}
	p.m(`</p>`)
	t := p.table("cards passages", s.Passage, s.What, s.OriginalAs, s.QuotedAs)
	for i := range q.Passages {
		d := &q.Passages[i]
		t.row()
		t.cell(func() {
			if w, ok := s.Differences[d.Kind]; ok {
				p.text(w)
			} else {
				p.text(cut(d.Kind, maxName))
			}
		})
		t.cell(func() { p.words("del", d.Original) })
		t.cell(func() { p.words("ins", d.Quoted) })
		t.endRow()
	}
	t.end()
	if q.LeftOut > 0 {
		p.note(s.MoreDifferences.of(q.LeftOut))
	}
	p.m("</article>\n")
}

func (p *page) words(class markup, text string) {
	if text == "" {
		p.m(`<span class="b">`)
		p.text(p.say.NothingThere)
		p.m(`</span>`)
		return
	}
	p.m(`<span class="q1 `, class, `" dir="auto">`)
	p.text(cut(text, maxQuote))
	p.m(`</span>`)
}

func (p *page) onlyQuoted(n int) {
	if n > 0 {
		p.quotations(p.longTable, n, notice.QuoteOnly, p.say.QuoteOnlyCaption)
	}
}

// sameQuotes lists, folded, the quotations that agree with their original.
func (p *page) sameQuotes(n int) {
	if n == 0 {
		return
	}
	p.m(`<details class="wideblock"><summary>`)
	p.text(p.say.SameCaption)
	p.m(`</summary>`)
	p.quotations(p.foldedTable, n, notice.QuoteSame, p.say.SameCaption)
	p.m("</details>\n")
}

// quotations lists the n quotations of one state.
func (p *page) quotations(table func(int, markup, string, ...string) *table, n int, state notice.QuoteState, caption string) {
	s := p.say
	t := table(min(n, maxCells), "cards only", caption, s.QuotedIn, s.QuotesOf, s.Attribution, s.QuotedText)
	rows := 0
	for i := range p.d.Quotes {
		q := &p.d.Quotes[i]
		if q.State != state {
			continue
		}
		if rows++; rows > maxCells {
			break
		}
		p.m(`<tr`)
		p.filterRow(nil, "", nil, q.Exhibit)
		t.rowWith()
		t.cell(func() {
			p.exhibit(q.Exhibit)
			if q.Quoted != nil {
				p.m(` → `)
				p.exhibit(*q.Quoted)
			}
		})
		t.cell(func() { p.who(q.Author) })
		t.mail(cut(q.Introduce, maxFact))
		t.text(s.QuotedWords.of(q.Words))
		t.endRow()
	}
	t.end()
	if n > maxCells {
		p.note(s.LeftOut.of(n - maxCells))
	}
}
