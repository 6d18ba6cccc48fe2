package html

// part is a section of the page: where it stands, what it is called, how many entries it has, and what is said where there are none.
type part struct {
	id, title string
	n         int
	none      string // "" for a section that is written in any case
	write     func()
}

// found are the sections of what was found, in order.
func (p *page) found() []part {
	s, d := p.say, p.d
	same, only, altered := p.quoted()
	noQuotes := s.NoQuotes
	if same > 0 {
		noQuotes += " " + s.SameQuotes.of(same)
	}
	return []part{
		{"timeline", s.Timeline, len(d.Timeline), "", p.timeline},
		{"knowledge", s.Knowledge, len(d.Notices), s.NoNotices, p.knowledge},
		{"contradictions", s.Contradictions, len(d.Contradictions), s.NoContradictions, p.contradictions},
		{"silence", s.Silence, len(d.Silence), s.NoSilence, p.silence},
		{"sequence", s.Sequence, len(d.Sequence), s.NoSequence, p.sequence},
		{"matters", s.Matters, p.sharedTopics(), s.NoMatters, p.matters},
		{"clocks", s.Clocks, len(d.Clocks), s.NoClocks, p.clocks},
		{"recipients", s.Recipients, len(d.Recipients), s.NoRecipients, p.recipients},
		{"quotes", s.Quotes, altered + only, noQuotes, p.quotes},
		{"delivery", s.Delivery, len(d.Reports) + len(d.Undelivered), s.NoReports, p.reports},
		{"gaps", s.Gaps, len(d.Gaps), s.NoGaps, p.gaps},
	}
}

// findings writes them; what was looked for and not found is told in one list, under the anchors of its sections.
func (p *page) findings() {
	var none []part
	for _, f := range p.found() {
		if f.n == 0 && f.none != "" {
			none = append(none, f)
		} else {
			f.write()
		}
	}
	if len(none) == 0 {
		return
	}
	p.section("absent", p.say.Absent)
	p.para(p.say.AbsentNote)
	p.m(`<ul class="absent">`)
	for _, f := range none {
		p.m(`<li`)
		p.attr("id", f.id)
		p.m(`>`)
		p.text(f.none)
		p.m(`</li>`)
	}
	p.m("</ul></section>\n")
}

// contents leads to every section, with the number of its entries.
func (p *page) contents() {
	s, d := p.say, p.d
	found := []part{{id: "glance", title: s.Glance, n: -1}}
	none := false
	for _, f := range p.found() {
		if f.n == 0 && f.none != "" {
			none = true
			continue
		}
		found = append(found, f)
	}
	if none {
		found = append(found, part{id: "absent", title: s.Absent, n: -1})
	}
	p.m(`<nav class="toc" aria-labelledby="toc-h"><details class="stick" open><summary><h2 id="toc-h">`)
	p.text(s.Contents)
	p.m(`</h2></summary>`)
	p.contentsGroup("toc-1", s.Findings, found)
	p.contentsGroup("toc-2", s.Record, []part{
		{id: "people", title: s.People, n: len(d.People)}, {id: "threads", title: s.Threads, n: len(d.Threads)},
		{id: "exhibits", title: s.Exhibits, n: d.Count}, {id: "list", title: s.List, n: -1},
	})
	p.contentsGroup("toc-3", s.Basis, []part{
		{id: "sources", title: s.Sources, n: len(d.Sources)}, {id: "copies", title: s.Copies, n: -1}, {id: "defects", title: s.Defects, n: -1},
		{id: "verify", title: s.Verify, n: -1}, {id: "method", title: s.Method, n: -1},
	})
	p.m("</details></nav>\n")
}

func (p *page) contentsGroup(id, title string, parts []part) {
	p.m(`<h3`)
	p.attr("id", id)
	p.m(`>`)
	p.text(title)
	p.m(`</h3><ul`)
	p.attr("aria-labelledby", id)
	p.m(`>`)
	for _, c := range parts {
		p.m(`<li><a`)
		p.attr("href", "#"+c.id)
		p.m(`>`)
		p.text(c.title)
		if c.n >= 0 {
			p.m(` <span class="n">`)
			p.num(c.n)
			p.m(`</span>`)
		}
		p.m(`</a></li>`)
	}
	p.m("</ul>\n")
}
