package pdf

import (
	"fmt"
	"strings"

	"onrecord/pkg/notice"
)

// Bounds of the chapters before the exhibits. What is left out is said, and is in dossier.json.
const (
	maxWarnings = 2000
	maxTimeline = 5000
	maxPeople   = 5000
	maxListed   = 5000 // recipient changes, threads, contradictions
	matrixWide  = 6    // warnings side by side
	maxMatrix   = 120  // warnings
)

// leftOut says that a list was cut.
func (b *book) leftOut(shown, all int) {
	if all > shown {
		b.para(faint(fmt.Sprintf(b.w.LeftOut, all-shown)))
	}
}

// people draws the warnings in full, then the people.
func (b *book) people(v *view) {
	w := b.w
	if len(v.warnings) > 0 {
		b.chapter(w.WarningsTitle, "warnings")
		b.para(faint(w.WarningsIntro))
		t := b.newTable(smallLead, column{head: w.When, width: 18}, column{head: w.Who, width: 16}, column{head: w.TheirWords, width: 39}, column{head: w.WhyColumn, width: 17}, column{head: w.Exhibit, width: 10})
		for _, s := range v.warnings[:min(maxWarnings, len(v.warnings))] {
			words := []span{{b.quoted(s.Text, 1200), style{size: smallSize, ink: ink, wash: markedWash(s.Origin)}}}
			if s.Topic != "" {
				words = append(words, tiny("\n"+fmt.Sprintf(w.Topic, cut(s.Topic, 200))))
			}
			words = append(words, tiny("\n"+fmt.Sprintf(w.To, b.several(v, s.Addressees, 8))))
			t.row([]span{small(b.dateTime(s.At)), tiny("\n" + b.basis(s.Basis))},
				[]span{strong(b.author(v, s))}, words,
				b.reason(s),
				[]span{link(fmt.Sprint(s.Exhibit), anchorStatement(s.ID)), tiny("\n" + s.ID)})
		}
		t.end()
		b.leftOut(maxWarnings, len(v.warnings))
	}
	if len(b.d.People) == 0 {
		return
	}
	b.chapterOn(w.PeopleTitle, "people")
	b.para(faint(w.PeopleIntro))
	t := b.newTable(smallLead, column{head: w.Name, width: 24}, column{head: w.Role, width: 18}, column{head: w.Addresses, width: 32}, column{head: w.MergedBecause, width: 26})
	for i := range b.d.People {
		if i == maxPeople {
			break
		}
		p := &b.d.People[i]
		name := []span{strong(cut(personName(p), 120))}
		if also := others(p.Names, p.Name, 6); also != "" {
			name = append(name, tiny("\n"+fmt.Sprintf(w.AlsoNamed, also)))
		}
		role := make([]string, 0, 3)
		for _, s := range []string{p.Role, p.Side} {
			if s != "" {
				role = append(role, cut(s, 80))
			}
		}
		if kind := b.say.PersonKind(p.Kind); kind != "" {
			role = append(role, kind)
		}
		addresses := make([]string, 0, len(p.Addresses))
		for k, a := range p.Addresses {
			if k == 12 {
				addresses = append(addresses, fmt.Sprintf(w.More, len(p.Addresses)-k))
				break
			}
			addresses = append(addresses, cut(a, 200))
		}
		merged := p.MergedBecause[:min(12, len(p.MergedBecause))]
		t.row(name, []span{small(strings.Join(role, "\n"))}, []span{small(strings.Join(addresses, "\n"))}, []span{tiny(b.freeList(merged, 1500))})
	}
	t.end()
	b.leftOut(maxPeople, len(b.d.People))
	if len(b.d.PossibleSame) == 0 {
		return
	}
	b.heading(b.say.T("Left apart, and possibly one"), 40)
	for i := range b.d.PossibleSame[:min(100, len(b.d.PossibleSame))] {
		b.para(small(cut(b.say.PossibleSame(&b.d.PossibleSame[i]), 400)))
	}
	b.leftOut(100, len(b.d.PossibleSame))
}

// reason tells on whose word a statement counts, by which rule, and which words decided.
func (b *book) reason(s *notice.Statement) []span {
	out := []span{tiny(b.origin(s.Origin))}
	if s.Origin == notice.Marked {
		out[0] = span{"✓\u00a0" + b.origin(s.Origin), style{face: bold, size: tinySize, ink: ink}}
	} else if s.Rule != "" {
		out = append(out, tiny("\n"+fmt.Sprintf(b.w.RuleAnd, cut(s.Rule, 60), b.say.Decimal(s.Confidence, 2))))
	}
	if s.Why != "" {
		why, _ := b.say.Free(s.Why) // mostly the mail's own words
		out = append(out, tiny("\n"+cut(why, 160)))
	}
	return out
}

// freeList says sentences of the JSON on lines of their own.
func (b *book) freeList(list []string, most int) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = b.free(s)
	}
	return cut(strings.Join(out, "\n"), most)
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
		return b.w.Unknown
	}
	return cut(v.name(s.Author), 80)
}

// timelineList draws the entries of the timeline.
func (b *book) timelineList(v *view) {
	w := b.w
	b.heading(w.TimelineList, 60)
	t := b.newTable(smallLead, column{head: w.When, width: 17}, column{head: w.What, width: 17}, column{head: "", width: 56}, column{head: w.Exhibit, width: 10})
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
		t.row([]span{{b.dateTime(e.At), ink}}, []span{{b.kind(e.Kind), what}}, []span{{cut(oneLine(b.say.Entry(&e)), 400), ink}}, to)
	}
	t.end()
	b.leftOut(maxTimeline, len(b.d.Timeline))
}

// recipients draws the ledger of added and dropped recipients.
func (b *book) recipients(v *view) {
	if len(b.d.Recipients) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.RecipientsTitle, "recipients")
	b.para(faint(w.RecipientsIntro))
	t := b.newTable(smallLead, column{head: w.Exhibit, width: 12}, column{head: w.Dropped, width: 30}, column{head: w.Added, width: 26}, column{head: w.Moved, width: 14}, column{head: w.Headline, width: 24})
	for i, c := range b.d.Recipients {
		if i == maxListed {
			break
		}
		t.row([]span{link(fmt.Sprint(c.Exhibit), anchorExhibit(c.Exhibit)), tiny("\n" + w.Answers + " "), {fmt.Sprint(c.ComparedTo), style{size: tinySize, ink: accent, to: anchorExhibit(c.ComparedTo)}}},
			[]span{{b.several(v, c.Dropped, 40), style{size: smallSize, ink: alert}}},
			[]span{small(b.several(v, c.Added, 40))}, []span{small(b.several(v, c.Moved, 20))}, []span{faint(cut(b.say.Headline(&c), 300))})
	}
	t.end()
	b.leftOut(maxListed, len(b.d.Recipients))
}

// threads draws the conversations with what they lack.
func (b *book) threads(v *view) {
	if len(b.d.Threads) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.ThreadsTitle, "threads")
	b.para(faint(w.ThreadsIntro))
	t := b.newTable(smallLead, column{head: w.Thread, width: 8}, column{head: w.Subject, width: 30}, column{head: w.ExhibitsTitle, width: 26}, column{head: w.Missing, width: 36})
	for i, th := range b.d.Threads {
		if i == maxListed {
			break
		}
		var list, missing []span
		for k, n := range th.Exhibits {
			if k == 200 {
				list = append(list, faint(" "+fmt.Sprintf(w.More, len(th.Exhibits)-k)))
				break
			}
			if k > 0 {
				list = append(list, faint(", "))
			}
			list = append(list, link(fmt.Sprint(n), anchorExhibit(n)))
		}
		for k, m := range th.Missing {
			if k == 20 {
				missing = append(missing, faint(fmt.Sprintf("\n"+w.More, len(th.Missing)-k)))
				break
			}
			if k > 0 {
				missing = append(missing, tiny("\n"))
			}
			cited := make([]string, 0, 8)
			for _, n := range m.CitedBy[:min(8, len(m.CitedBy))] {
				cited = append(cited, fmt.Sprint(n))
			}
			missing = append(missing, code(cut(m.MessageID, 200)), tiny(" "+fmt.Sprintf(w.CitedBy, strings.Join(cited, ", "))))
		}
		subject := []span{small(cut(b.subject(th.Subject), 200))}
		for _, j := range th.Joined[:min(6, len(th.Joined))] {
			subject = append(subject, tiny("\n"+cut(b.free(j), 200)))
		}
		t.row([]span{strong(th.ID)}, subject, list, missing)
	}
	t.end()
	b.leftOut(maxListed, len(b.d.Threads))
}
