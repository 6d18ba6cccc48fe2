package pdf

import (
	"onrecord/pkg/evidence"
	"onrecord/pkg/remark"
)

// told are sentences of the record in the language; what has no translation is marked.
func (b *book) told(t remark.Told) string {
	text, ok := b.say.Told(t)
	if !ok {
		return text + " [en]"
	}
	return text
}

// standing draws first what is established and by whom, then what is only claimed, then what could not be checked and how it could be.
func (b *book) standing(r *evidence.Record) {
	s := r.Standing()
	t := b.newTable(tinyLead, column{width: 17}, column{width: 83}).dense()
	t.fill = panel
	if d := r.Domains().Line(); d != "" {
		t.row([]span{{b.say.T("Domains"), style{face: bold, size: tinySize, ink: grey}}}, []span{{cut(d, 600), style{size: tinySize, ink: ink}}})
	}
	for _, group := range []struct {
		label string
		list  []evidence.Finding
	}{{"Established", s.Established}, {"Only claimed", s.Claimed}, {"Not checked", s.Open}} {
		label := b.say.T(group.label)
		if len(group.list) == 0 {
			t.row([]span{{label, style{face: bold, size: tinySize, ink: grey}}}, []span{tiny(b.say.T("nothing"))})
			continue
		}
		for _, f := range group.list {
			text := span{cut(b.told(f.Text), 1200), style{size: tinySize, ink: ink}}
			if f.Against {
				text.ink = alert
			}
			what := []span{text}
			if f.By != nil {
				what = append(what, tiny("  ("+cut(b.told(f.By), 400)+")"))
			}
			if f.How != nil {
				what = append(what, tiny("  → "+cut(b.told(f.How), 600)))
			}
			t.row([]span{{label, style{face: bold, size: tinySize, ink: grey}}}, what)
			label = ""
		}
	}
	t.end()
	b.y += 4
}
