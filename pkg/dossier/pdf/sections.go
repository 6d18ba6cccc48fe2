package pdf

import (
	"fmt"
	"strings"

	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// Bounds of the chapters before the exhibits. What is left out is said, and is in dossier.json.
const (
	maxWarnings = 2000
	maxTimeline = 5000
	maxPeople   = 5000
	maxListed   = 5000 // recipient changes, threads, contradictions
	matrixWide  = 6    // statements side by side
	maxMatrix   = 120  // statements
)

// leftOut says that a list was cut.
func (b *book) leftOut(shown, all int) {
	if all > shown {
		b.para(faint(fmt.Sprintf(b.w.leftOut, all-shown)))
	}
}

// people draws the warnings in full, then the people.
func (b *book) people(v *view) {
	w := b.w
	if len(v.warnings) > 0 {
		b.chapter(w.warningsTitle, "warnings")
		b.para(faint(w.warningsIntro))
		t := b.newTable(smallLead, column{head: w.when, width: 18}, column{head: w.who, width: 16}, column{head: w.words, width: 39}, column{head: w.whyColumn, width: 17}, column{head: w.exhibit, width: 10})
		for _, s := range v.warnings[:min(maxWarnings, len(v.warnings))] {
			words := []span{small("“" + cut(oneLine(s.Text), 1200) + "”")}
			if s.Topic != "" {
				words = append(words, tiny("\n"+fmt.Sprintf(w.topic, cut(s.Topic, 200))))
			}
			words = append(words, tiny("\n"+fmt.Sprintf(w.to, b.several(v, s.Addressees, 8))))
			t.row([]span{small(b.dateTime(s.At)), tiny("\n" + b.basis(s.Basis))},
				[]span{strong(b.author(v, s))}, words,
				[]span{tiny(b.origin(s.Origin) + "\n" + cut(s.Rule, 60) + "\n" + cut(s.Why, 160))},
				[]span{link(fmt.Sprint(s.Exhibit), anchorStatement(s.ID)), tiny("\n" + s.ID)})
		}
		t.end()
		b.leftOut(maxWarnings, len(v.warnings))
	}
	if len(b.d.People) == 0 {
		return
	}
	b.chapterOn(w.peopleTitle, "people")
	b.para(faint(w.peopleIntro))
	t := b.newTable(smallLead, column{head: w.name, width: 24}, column{head: w.role, width: 18}, column{head: w.addresses, width: 32}, column{head: w.mergedBecause, width: 26})
	for i := range b.d.People {
		if i == maxPeople {
			break
		}
		p := &b.d.People[i]
		name := []span{strong(cut(personName(p), 120))}
		if also := others(p.Names, p.Name, 6); also != "" {
			name = append(name, tiny("\n"+fmt.Sprintf(w.alsoNamed, also)))
		}
		role := make([]string, 0, 3)
		for _, s := range []string{p.Role, p.Side} {
			if s != "" {
				role = append(role, cut(s, 80))
			}
		}
		switch p.Kind {
		case people.List:
			role = append(role, w.listKind)
		case people.Automatic:
			role = append(role, w.automaticKind)
		}
		addresses := make([]string, 0, len(p.Addresses))
		for k, a := range p.Addresses {
			if k == 12 {
				addresses = append(addresses, fmt.Sprintf(w.more, len(p.Addresses)-k))
				break
			}
			addresses = append(addresses, cut(a, 200))
		}
		merged := p.MergedBecause[:min(12, len(p.MergedBecause))]
		t.row(name, []span{small(strings.Join(role, "\n"))}, []span{small(strings.Join(addresses, "\n"))}, []span{tiny(cut(strings.Join(merged, "\n"), 1500))})
	}
	t.end()
	b.leftOut(maxPeople, len(b.d.People))
}

func others(names []string, but string, most int) string {
	var out []string
	for _, n := range names {
		if n != but && n != "" && len(out) < most {
			out = append(out, cut(n, 60))
		}
	}
	return strings.Join(out, ", ")
}

func (b *book) author(v *view, s *notice.Statement) string {
	if s.Author == "" {
		return b.w.unknown
	}
	return cut(v.name(s.Author), 80)
}

// timelineList draws the entries of the timeline.
func (b *book) timelineList(v *view) {
	w := b.w
	b.heading(w.timelineList, 60)
	t := b.newTable(smallLead, column{head: w.when, width: 17}, column{head: w.what, width: 17}, column{head: "", width: 56}, column{head: w.exhibit, width: 10})
	for i, e := range b.d.Timeline {
		if i == maxTimeline {
			break
		}
		ink := style{size: smallSize, ink: ink}
		what := style{size: smallSize, ink: grey}
		if e.Kind != notice.KindMessage {
			what = style{face: bold, size: smallSize, ink: b.markOf(string(e.Kind)).ink}
		}
		to := []span{}
		if e.Exhibit > 0 {
			anchor := anchorExhibit(e.Exhibit)
			if e.Statement != "" {
				anchor = anchorStatement(e.Statement)
			}
			to = append(to, link(fmt.Sprint(e.Exhibit), anchor))
			if e.Statement != "" {
				to = append(to, tiny("  "+e.Statement))
			}
		}
		t.row([]span{{b.dateTime(e.At), ink}}, []span{{b.kind(string(e.Kind)), what}}, []span{{cut(oneLine(e.Text), 400), ink}}, to)
	}
	t.end()
	b.leftOut(maxTimeline, len(b.d.Timeline))
}

// knowledge draws the matrix persons × statements: since when, and how we know.
func (b *book) knowledge(v *view) {
	if len(v.noticed) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.knowledgeTitle, "knowledge")
	b.para(faint(w.knowledgeIntro))
	for from := 0; from < min(maxMatrix, len(v.noticed)); from += matrixWide {
		group := v.noticed[from:min(from+matrixWide, len(v.noticed), maxMatrix)]
		cols := []column{{head: w.name, width: 20}}
		at := make([]map[string]*notice.Notice, len(group))
		for i, s := range group {
			cols = append(cols, column{head: fmt.Sprintf("%s · %s %d\n%s", s.ID, w.exhibit, s.Exhibit, b.acts(s.Acts)), width: 80.0 / matrixWide})
			at[i] = map[string]*notice.Notice{}
			for _, n := range v.notices[s.ID] {
				at[i][n.Person] = n
			}
		}
		for len(cols) <= matrixWide {
			cols = append(cols, column{width: 80.0 / matrixWide})
		}
		t := b.newTable(tinyLead, cols...)
		for k := range b.d.People {
			id := b.d.People[k].ID
			cells, any := [][]span{{strong(cut(personName(&b.d.People[k]), 60))}}, false
			for i := range group {
				n := at[i][id]
				if n == nil || len(n.Evidence) == 0 {
					cells = append(cells, []span{{"–", style{size: tinySize, ink: pale}}})
					continue
				}
				any = true
				e := n.Evidence[0]
				cells = append(cells, []span{
					{b.date(n.FirstAt), style{face: bold, size: tinySize, ink: ink}},
					{"\n" + b.evidenceKind(e.Kind), style{size: tinySize, ink: ink, to: anchorExhibit(e.Exhibit)}},
					tiny(fmt.Sprintf(" (%d)", e.Exhibit)),
				})
			}
			if any {
				t.row(cells...)
			}
		}
		t.end()
		b.y += 6
	}
	b.leftOut(maxMatrix, len(v.noticed))
	b.evidenceList(v)
}

// evidenceList gives every reason behind the matrix, statement by statement.
func (b *book) evidenceList(v *view) {
	w := b.w
	b.heading(w.evidenceTitle, 70)
	t := b.newTable(smallLead, column{head: w.statement, width: 20}, column{head: w.name, width: 22}, column{head: w.since, width: 16}, column{head: w.howKnown, width: 42})
	shown := 0
	for _, s := range v.noticed {
		for i, n := range v.notices[s.ID] {
			if shown++; shown > maxListed {
				continue
			}
			head := []span{}
			if i == 0 {
				head = []span{link(fmt.Sprintf(w.exhibitOn, s.Exhibit, s.ID, b.date(s.At)), anchorStatement(s.ID))}
			}
			var how []span
			for k, e := range n.Evidence {
				if k == 6 {
					how = append(how, faint(fmt.Sprintf("\n"+w.more, len(n.Evidence)-k)))
					break
				}
				if k > 0 {
					how = append(how, small("\n"))
				}
				how = append(how, strong(b.evidenceKind(e.Kind)), small(" "), link(fmt.Sprintf(w.inExhibit, e.Exhibit), anchorExhibit(e.Exhibit)), faint(" "+cut(e.Why, 200)))
			}
			t.row(head, []span{small(cut(v.name(n.Person), 80))}, []span{small(b.dateTime(n.FirstAt))}, how)
		}
	}
	t.end()
	b.leftOut(maxListed, shown)
}

// recipients draws the ledger of added and dropped recipients.
func (b *book) recipients(v *view) {
	if len(b.d.Recipients) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.recipientsTitle, "recipients")
	b.para(faint(w.recipientsIntro))
	t := b.newTable(smallLead, column{head: w.exhibit, width: 12}, column{head: w.dropped, width: 30}, column{head: w.added, width: 26}, column{head: w.moved, width: 14}, column{head: w.headline, width: 24})
	for i, c := range b.d.Recipients {
		if i == maxListed {
			break
		}
		t.row([]span{link(fmt.Sprint(c.Exhibit), anchorExhibit(c.Exhibit)), tiny("\n" + w.answers + " "), {fmt.Sprint(c.ComparedTo), style{size: tinySize, ink: accent, to: anchorExhibit(c.ComparedTo)}}},
			[]span{{b.several(v, c.Dropped, 40), style{size: smallSize, ink: alert}}},
			[]span{small(b.several(v, c.Added, 40))}, []span{small(b.several(v, c.Moved, 20))}, []span{faint(cut(c.Headline, 300))})
	}
	t.end()
	b.leftOut(maxListed, len(b.d.Recipients))
}

// contradictions sets each denial beside the warnings that its author had notice of.
func (b *book) contradictions(v *view) {
	if len(b.d.Contradictions) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.contradictionsTitle, "contradictions")
	b.para(faint(w.contradictionsIntro))
	for i, c := range b.d.Contradictions {
		if i == maxListed {
			break
		}
		s := v.statement[c.Statement]
		if s == nil {
			continue
		}
		b.heading(fmt.Sprintf(w.contradictionHead, cut(v.name(c.Person), 60), b.date(s.At)), 80)
		t := b.newTable(bodyLeading-1, column{head: w.deniedWords, width: 50}, column{head: w.warnedWords, width: 50})
		denial := []span{text("“" + cut(oneLine(s.Text), 1500) + "”"), faint("\n" + b.acts(s.Acts) + ", " + b.origin(s.Origin) + ", "), link(fmt.Sprintf(w.exhibitOn, s.Exhibit, s.ID, b.dateTime(s.At)), anchorStatement(s.ID)), faint("\n" + cut(c.Why, 400))}
		for k, id := range c.Against {
			if k == 40 {
				t.row(nil, []span{faint(fmt.Sprintf(w.more, len(c.Against)-k))})
				break
			}
			a := v.statement[id]
			if a == nil {
				continue
			}
			warned := []span{text("“" + cut(oneLine(a.Text), 1200) + "”"), faint("\n" + b.author(v, a) + ", "), link(fmt.Sprintf(w.exhibitOn, a.Exhibit, a.ID, b.dateTime(a.At)), anchorStatement(id))}
			for _, n := range v.notices[id] {
				if n.Person == c.Person && len(n.Evidence) > 0 {
					warned = append(warned, faint("\n"+fmt.Sprintf(w.noticeSince, cut(v.name(n.Person), 60), b.dateTime(n.FirstAt), b.evidenceKind(n.Evidence[0].Kind))))
				}
			}
			t.row(denial, warned)
			denial = nil
		}
		t.end()
	}
	b.leftOut(maxListed, len(b.d.Contradictions))
}

// threads draws the conversations with what they lack.
func (b *book) threads(v *view) {
	if len(b.d.Threads) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.threadsTitle, "threads")
	b.para(faint(w.threadsIntro))
	t := b.newTable(smallLead, column{head: w.thread, width: 8}, column{head: w.subject, width: 30}, column{head: w.exhibitsTitle, width: 26}, column{head: w.missing, width: 36})
	for i, th := range b.d.Threads {
		if i == maxListed {
			break
		}
		var list, missing []span
		for k, n := range th.Exhibits {
			if k == 200 {
				list = append(list, faint(" "+fmt.Sprintf(w.more, len(th.Exhibits)-k)))
				break
			}
			if k > 0 {
				list = append(list, faint(", "))
			}
			list = append(list, link(fmt.Sprint(n), anchorExhibit(n)))
		}
		for k, m := range th.Missing {
			if k == 20 {
				missing = append(missing, faint(fmt.Sprintf("\n"+w.more, len(th.Missing)-k)))
				break
			}
			if k > 0 {
				missing = append(missing, tiny("\n"))
			}
			cited := make([]string, 0, 8)
			for _, n := range m.CitedBy[:min(8, len(m.CitedBy))] {
				cited = append(cited, fmt.Sprint(n))
			}
			missing = append(missing, code(cut(m.MessageID, 200)), tiny(" "+fmt.Sprintf(w.citedBy, strings.Join(cited, ", "))))
		}
		subject := []span{small(cut(b.subject(th.Subject), 200))}
		for _, j := range th.Joined[:min(6, len(th.Joined))] {
			subject = append(subject, tiny("\n"+cut(j, 200)))
		}
		t.row([]span{strong(th.ID)}, subject, list, missing)
	}
	t.end()
	b.leftOut(maxListed, len(b.d.Threads))
}
