package html

import (
	"strconv"
	"strings"

	"onrecord/pkg/notice"
)

// quote writes a statement's own words, in its own language.
func (p *page) quote(s *notice.Statement) {
	p.m(`<blockquote class="q1"`)
	switch s.Origin {
	case notice.Rejected:
		p.m(` data-o="rejected"`)
	case notice.Marked:
		p.m(` data-o="marked"`)
	}
	p.language(s.Language)
	p.m(` dir="auto">`)
	p.text(p.lang.Quoted(cut(strings.TrimSpace(s.Text), maxQuote)))
	p.m(`</blockquote>`)
}

// language marks up the language of a text, if it is one that statements are found in.
func (p *page) language(tag string) {
	switch tag {
	case "en", "fr", "de", "es":
		p.attr("lang", tag)
	}
}

// acts writes what a sentence does, as labels with a shape and a word.
func (p *page) acts(acts []notice.Act) {
	for i, a := range acts {
		if i > 0 {
			p.m(` `)
		}
		p.act(string(a), p.actWord(a))
	}
}

func (p *page) act(kind, word string) {
	g := glyphOf(kind)
	p.m(`<span class="act `, g, `"><svg class="g" aria-hidden="true" viewBox="-8 -8 16 16"><use href="#g-`, g, `"/></svg>`)
	p.text(word)
	p.m(`</span>`)
}

func (p *page) actWord(a notice.Act) string {
	if w, ok := p.say.Acts[a]; ok {
		return w
	}
	return cut(string(a), maxName)
}

// origin writes who says so, in words and in look.
func (p *page) origin(o notice.Origin) {
	switch o {
	case notice.Marked:
		p.m(`<span class="or marked">`)
	case notice.Rejected:
		p.m(`<span class="or rejected">`)
	default:
		p.m(`<span class="or suggested">`)
	}
	if w, ok := p.say.Origins[o]; ok {
		p.text(w)
	} else {
		p.text(cut(string(o), maxName))
	}
	p.m(`</span>`)
}

// filterable writes the attributes that the page's filter looks at.
func (p *page) filterable(s *notice.Statement) {
	persons := append([]string{s.Author}, s.Addressees...)
	p.m(` data-f`)
	p.attr("data-p", strings.Join(persons, " "))
	p.attr("data-a", joinActs(s.Acts))
	if s.At != nil {
		p.attr("data-d", s.At.In(p.o.Zone).Format("2006-01-02"))
	}
}

func joinActs(acts []notice.Act) string {
	var b strings.Builder
	for i, a := range acts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(a))
	}
	return b.String()
}

func firstAct(s *notice.Statement) string {
	if len(s.Acts) == 0 {
		return ""
	}
	return string(s.Acts[0])
}

func originOf(s *notice.Statement) string {
	switch s.Origin {
	case notice.Marked, notice.Rejected:
		return string(s.Origin)
	}
	return string(notice.Suggested)
}

// percent writes a share of one; whatever lies outside is clamped.
func percent(f float64) string {
	return strconv.Itoa(int(100*min(max(f, 0), 1)+0.5)) + "\u00a0%"
}
