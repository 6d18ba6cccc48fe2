package html

import "onrecord/pkg/evidence"

// standing tells first what is established and by whom, then what is only claimed, then what could not be checked and how it could be.
func (p *page) standing(r *evidence.Record) {
	s := r.Standing()
	p.m(`<dl class="facts standing">`)
	p.m(`<div><dt>`)
	p.told("Domains")
	p.m(`</dt><dd>`)
	p.mail(cut(first(r.Domains().Line(), "–"), maxField))
	p.m(`</dd></div>`)
	for _, group := range []struct {
		label string
		list  []evidence.Finding
	}{{"Established", s.Established}, {"Only claimed", s.Claimed}, {"Not checked", s.Open}} {
		p.m(`<div><dt>`)
		p.told(group.label)
		p.m(`</dt><dd>`)
		if len(group.list) == 0 {
			p.told("nothing")
		}
		for _, f := range group.list {
			p.m(`<p>`)
			if f.Against {
				p.m(`<span class="v bad">`)
			}
			p.told(cut(f.Text, maxField))
			if f.Against {
				p.m(`</span>`)
			}
			if f.By != "" {
				p.m(` <span class="remark">`)
				p.told(cut(f.By, maxField))
				p.m(`</span>`)
			}
			if f.How != "" {
				p.m(` <span class="remark">`)
				p.text("→ ")
				p.told(cut(f.How, maxField))
				p.m(`</span>`)
			}
			p.m(`</p>`)
		}
		p.m(`</dd></div>`)
	}
	p.m(`</dl>`)
}
