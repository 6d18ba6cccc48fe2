package html

import (
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/remark"
)

// said writes sentences of the record in the page's language; what has none is marked as English.
func (p *page) said(t remark.Told) {
	text, ok := p.lang.Told(t)
	if !ok {
		p.m(`<span lang="en">`)
	}
	p.mail(cut(text, maxField))
	if !ok {
		p.m(`</span>`)
	}
}

// toldFact is a fact that is told in sentences.
func (p *page) toldFact(label, text string) {
	if text == "" {
		return
	}
	p.m(`<div><dt>`)
	p.text(label)
	p.m(`</dt><dd>`)
	p.told(text)
	p.m(`</dd></div>`)
}

// noteText are notes in one line, in the page's language.
func (p *page) noteText(list []string) string {
	text, _ := p.lang.Free(strings.Join(list, "; "))
	return text
}

// standing tells first what is established and by whom, then what is only claimed, then what could not be checked and how it could be.
func (p *page) standing(r *evidence.Record) {
	s := r.Standing()
	p.m(`<dl class="facts standing">`)
	p.m(`<div><dt>`)
	p.text(p.lang.T("Domains"))
	p.m(`</dt><dd>`)
	p.mail(cut(first(r.Domains().Line(), "–"), maxField))
	p.m(`</dd></div>`)
	for _, group := range []struct {
		label string
		list  []evidence.Finding
	}{{"Established", s.Established}, {"Only claimed", s.Claimed}, {"Not checked", s.Open}} {
		p.m(`<div><dt>`)
		p.text(p.lang.T(group.label))
		p.m(`</dt><dd>`)
		if len(group.list) == 0 {
			p.text(p.lang.T("nothing"))
		}
		for _, f := range group.list {
			p.m(`<p>`)
			if f.Against {
				p.m(`<span class="v bad">`)
			}
			p.said(f.Text)
			if f.Against {
				p.m(`</span>`)
			}
			if f.By != nil {
				p.m(` <span class="remark">`)
				p.said(f.By)
				p.m(`</span>`)
			}
			if f.How != nil {
				p.m(` <span class="remark">`)
				p.text("→ ")
				p.said(f.How)
				p.m(`</span>`)
			}
			p.m(`</p>`)
		}
		p.m(`</dd></div>`)
	}
	p.m(`</dl>`)
}
