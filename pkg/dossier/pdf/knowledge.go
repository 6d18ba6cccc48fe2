package pdf

import (
	"fmt"
	"strings"

	"onrecord/pkg/notice"
)

// told is a group of statements of one message that the same people had notice of in the same way: one column of the matrix, or one row of the evidence.
type told struct {
	first      *notice.Statement
	statements []*notice.Statement
	notices    []*notice.Notice // of the first
	key        string
}

// groups puts statements of one message together where nothing that is shown tells their notices apart: in full, or the strongest evidence of each alone.
func (v *view) groups(full bool) []told {
	var out []told
	for _, s := range v.noticed {
		key := noticeKey(s, v.notices[s.ID], full)
		found := false
		for i := len(out) - 1; i >= 0 && out[i].first.Exhibit == s.Exhibit; i-- {
			if out[i].key == key {
				out[i].statements = append(out[i].statements, s)
				found = true
				break
			}
		}
		if !found {
			out = append(out, told{s, []*notice.Statement{s}, v.notices[s.ID], key})
		}
	}
	return out
}

func noticeKey(s *notice.Statement, list []*notice.Notice, full bool) string {
	var b strings.Builder
	fmt.Fprint(&b, s.Exhibit, s.Part, s.Origin == notice.Marked)
	for _, n := range list {
		b.WriteString("|" + n.Person)
		if n.FirstAt != nil {
			fmt.Fprint(&b, n.FirstAt.Unix())
		}
		for k, e := range n.Evidence {
			if full {
				fmt.Fprint(&b, e.Kind, e.Exhibit, e.Why)
			} else if k == 0 {
				fmt.Fprint(&b, e.Kind, e.Exhibit)
			}
		}
	}
	return b.String()
}

// ids names the statements of a group, at most most of them.
func (g *told) ids(most int) string {
	names := make([]string, 0, most)
	for i, s := range g.statements {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, s.ID)
	}
	return strings.Join(names, " ")
}

// acts are those of the group, each once.
func (g *told) acts() []notice.Act {
	var out []notice.Act
	seen := map[notice.Act]bool{}
	for _, s := range g.statements {
		for _, a := range s.Acts {
			if !seen[a] && (a == notice.Warning || a == notice.Incident || a == notice.Notification) {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// knowledge draws the matrix persons × warnings: since when, and how we know.
func (b *book) knowledge(v *view) {
	groups := v.groups(false)
	if len(groups) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.KnowledgeTitle, "knowledge")
	b.para(faint(w.KnowledgeIntro))
	for from := 0; from < min(maxMatrix, len(groups)); from += matrixWide {
		b.matrix(v, groups[from:min(from+matrixWide, len(groups), maxMatrix)])
	}
	b.leftOut(maxMatrix, len(groups))
	b.evidenceList(v, v.groups(true))
}

// matrix draws up to matrixWide groups side by side. Groups whose table would hold nobody but its author are drawn with the others.
func (b *book) matrix(v *view, groups []told) {
	const nameWidth = 19.0
	wide := max(len(groups), 3)
	cols := []column{{head: b.w.Name, width: nameWidth}}
	at := make([]map[string]*notice.Notice, len(groups))
	for i := range groups {
		g := &groups[i]
		cols = append(cols, column{head: fmt.Sprintf(b.w.ExhibitN, g.first.Exhibit) + "\n" + b.date(g.first.At) + "\n" + b.acts(g.acts()) + "\n" + g.ids(5), width: (100 - nameWidth) / float64(wide)})
		at[i] = map[string]*notice.Notice{}
		for _, n := range g.notices {
			at[i][n.Person] = n
		}
	}
	for len(cols) <= wide {
		cols = append(cols, column{width: (100 - nameWidth) / float64(wide)})
	}
	t := b.newTable(tinyLead, cols...)
	t.keep()
	for k := range b.d.People {
		id := b.d.People[k].ID
		cells, any := [][]span{{strong(cut(personName(&b.d.People[k]), 60))}}, false
		for i := range groups {
			n := at[i][id]
			if n == nil || len(n.Evidence) == 0 {
				cells = append(cells, []span{{"–", style{size: tinySize, ink: pale}}})
				continue
			}
			any = true
			e := n.Evidence[0]
			if e.Kind == notice.Authored {
				cells = append(cells, []span{{b.evidenceKind(e.Kind), style{size: tinySize, ink: grey}}})
				continue
			}
			cells = append(cells, []span{
				{b.dayMonth(n.FirstAt) + ", " + b.clock(n.FirstAt), style{face: bold, size: tinySize, ink: ink}},
				{"\n" + b.evidenceKind(e.Kind), style{size: tinySize, ink: ink}},
				{"\u00a0(" + fmt.Sprint(e.Exhibit) + ")", style{size: tinySize, ink: accent, to: anchorExhibit(e.Exhibit)}},
			})
		}
		if any {
			t.row(cells...)
		}
	}
	t.end()
}

// evidenceList gives every reason behind the matrix, group by group.
func (b *book) evidenceList(v *view, groups []told) {
	w := b.w
	b.heading(w.EvidenceTitle, 70)
	t := b.newTable(tinyLead, column{head: w.Statement, width: 17}, column{head: w.Name, width: 19}, column{head: w.Since, width: 15}, column{head: w.HowKnown, width: 49})
	shown := 0
	for i := range groups {
		g := &groups[i]
		for k, n := range g.notices {
			if shown++; shown > maxListed {
				continue
			}
			head := []span{}
			if k == 0 {
				head = []span{{fmt.Sprintf(w.ExhibitN, g.first.Exhibit), style{face: bold, size: tinySize, ink: accent, to: anchorStatement(g.first.ID)}}, tiny(", " + b.date(g.first.At) + "\n" + g.ids(24))}
			}
			t.row(head, []span{{cut(v.name(n.Person), 80), style{size: tinySize, ink: ink}}}, []span{{b.dateTime(n.FirstAt), style{size: tinySize, ink: ink}}}, b.how(n))
		}
	}
	t.end()
	b.leftOut(maxListed, shown)
}

// how lists the evidence of a notice, the strongest first.
func (b *book) how(n *notice.Notice) []span {
	var how []span
	for k := range n.Evidence {
		e := &n.Evidence[k]
		if k == 6 {
			return append(how, tiny("\n"+fmt.Sprintf(b.w.More, len(n.Evidence)-k)))
		}
		if k > 0 {
			how = append(how, tiny("\n"))
		}
		how = append(how, span{b.evidenceKind(e.Kind), style{face: bold, size: tinySize, ink: ink}}, tiny(" "),
			span{fmt.Sprintf(b.w.InExhibit, e.Exhibit), style{size: tinySize, ink: accent, to: anchorExhibit(e.Exhibit)}})
		if more, ok := b.say.EvidenceMore(e); ok {
			how = append(how, tiny(" · "+cut(more, 200)))
		}
	}
	return how
}
