package pdf

import (
	"fmt"
	"strings"

	"onrecord/pkg/dossier"
	"onrecord/pkg/notice"
)

// contradictions sets each denial beside the warnings that its author had notice of: what was said on the left, what had been said to them on the right.
func (b *book) contradictions(v *view) {
	if len(b.d.Contradictions) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.ContradictionsTitle, "contradictions")
	b.para(faint(w.ContradictionsIntro))
	for i := range b.d.Contradictions {
		if i == maxListed {
			break
		}
		c := &b.d.Contradictions[i]
		if s := v.statement[c.Statement]; s != nil {
			b.contradiction(v, c, s)
		}
	}
	b.leftOut(maxListed, len(b.d.Contradictions))
}

func (b *book) contradiction(v *view, c *notice.Contradiction, s *notice.Statement) {
	w := b.w
	b.heading(fmt.Sprintf(w.ContradictionHead, cut(v.name(c.Person), 60), b.date(s.At)), 90)
	t := b.newTable(smallLead+0.4, column{head: w.DeniedWords, width: 44}, column{head: w.WarnedWords, width: 56})
	left := []span{{b.quoted(s.Text, 1500), style{size: bodySize, ink: ink, wash: markedWash(s.Origin)}}, tiny("\n" + b.acts(s.Acts) + " ·"), b.said(s.Origin, tinySize), tiny(" · "),
		{fmt.Sprintf(w.ExhibitOn, s.Exhibit, s.ID, b.dateTime(s.At)), style{size: tinySize, ink: accent, to: anchorStatement(s.ID)}}}
	// The warnings of one message that reached the person in one way stand together.
	for k := 0; k < len(c.Against); {
		if k >= 40 {
			t.row(nil, []span{faint(fmt.Sprintf(w.More, len(c.Against)-k))})
			break
		}
		first := v.statement[c.Against[k]]
		if first == nil {
			k++
			continue
		}
		var right []span
		next := k
		for ; next < len(c.Against); next++ {
			a := v.statement[c.Against[next]]
			if a == nil || a.Exhibit != first.Exhibit || a.Part != first.Part || !sameEvidence(c, k, next) {
				break
			}
			if next > k {
				right = append(right, small("\n"))
			}
			right = append(right, span{b.quoted(a.Text, 700), style{size: smallSize, ink: ink, wash: markedWash(a.Origin)}}, span{" " + a.ID, style{size: tinySize, ink: accent, to: anchorStatement(a.ID)}}, b.said(a.Origin, tinySize))
		}
		right = append(right, tiny("\n"+b.author(v, first)+", "), span{fmt.Sprintf(w.InExhibit, first.Exhibit), style{size: tinySize, ink: accent, to: anchorExhibit(first.Exhibit)}}, tiny(", "+b.dateTime(first.At)))
		if k < len(c.Evidence) {
			right = append(right, span{"\n" + b.say.Against(c, &c.Evidence[k]), style{size: tinySize, ink: ink}})
		}
		t.row(left, right)
		left, k = nil, next
	}
	t.end()
}

// sameEvidence tells whether two warnings reached the person in the same way at the same time.
func sameEvidence(c *notice.Contradiction, i, k int) bool {
	if i >= len(c.Evidence) || k >= len(c.Evidence) {
		return i >= len(c.Evidence) && k >= len(c.Evidence)
	}
	p, q := &c.Evidence[i], &c.Evidence[k]
	return p.Kind == q.Kind && p.Exhibit == q.Exhibit && compareTimes(p.At, q.At) == 0
}

// sequence tells which orders, approvals and incidents came before or after the warnings on their topic.
func (b *book) sequence(v *view) {
	list := b.d.Sequence
	if len(list) == 0 {
		return
	}
	b.chapterOn(b.w.SequenceTitle, "sequence")
	b.para(faint(b.w.SequenceIntro))
	t := b.newTable(tinyLead+0.6, column{head: b.w.When, width: 15}, column{head: b.w.Act, width: 35}, column{head: b.say.T("Before or after"), width: 50})
	shown := 0
	for i := 0; i < len(list) && shown < maxListed; {
		q := &list[i]
		s, to := v.statement[q.Statement], v.statement[q.To]
		if s == nil || to == nil {
			i++
			continue
		}
		// Sentences of one message that do the same stand together.
		act := []span{{b.say.Words.Act(q.Act), style{face: bold, size: tinySize, ink: b.markOf(string(q.Act)).ink}}}
		for first := i; i < len(list); i++ {
			next := v.statement[list[i].Statement]
			if next == nil || next.Exhibit != s.Exhibit || list[i].Act != q.Act || list[i].To != q.To || list[i].Relation != q.Relation {
				break
			}
			if shown++; i-first < 12 {
				act = append(act, span{" " + b.quoted(next.Text, 140), style{size: tinySize, ink: ink, wash: markedWash(next.Origin)}}, span{" " + next.ID, style{size: tinySize, ink: accent, to: anchorStatement(next.ID)}})
			}
		}
		t.row([]span{{b.dateTime(q.At), style{size: tinySize, ink: ink}}}, act,
			[]span{{b.say.Sequel(q), style{size: tinySize, ink: ink}}, tiny(" "), {to.ID, style{size: tinySize, ink: accent, to: anchorStatement(to.ID)}}})
	}
	t.end()
	b.leftOut(maxListed, len(list))
}

// silence tells of each message that warns whether anybody answered.
func (b *book) silence(v *view) {
	list := b.d.Silence
	if len(list) == 0 {
		return
	}
	b.chapterOn(b.w.SilenceTitle, "silence")
	b.para(faint(b.w.SilenceIntro))
	t := b.newTable(tinyLead+0.6, column{head: b.w.Exhibit, width: 9}, column{head: b.w.Who, width: 18}, column{head: b.say.T("What came next"), width: 43}, column{head: b.say.T("No answer from"), width: 30})
	for i := range list {
		if i == maxListed {
			break
		}
		s := &list[i]
		said := style{size: tinySize, ink: ink}
		if !s.Answered {
			said.face = bold
		}
		who := []span{{b.say.Name(s.Author), style{size: tinySize, ink: ink}}}
		if x := v.exhibit(s.Exhibit); x != nil {
			who = append(who, tiny("\n"+b.dateTime(x.at)))
		}
		t.row([]span{{fmt.Sprint(s.Exhibit), style{face: bold, size: tinySize, ink: accent, to: anchorExhibit(s.Exhibit)}}, tiny(" " + cut(strings.Join(s.Statements, " "), 40))},
			who, []span{{b.say.Silence(s), said}}, []span{tiny(b.several(v, s.Unanswered, 8))})
	}
	t.end()
	b.leftOut(maxListed, len(list))
}

// clocks draws each clock: its sentence, a bar from start to stop with the limit on it, and its phases.
func (b *book) clocks(v *view) {
	list := b.d.Clocks
	if len(list) == 0 {
		return
	}
	b.chapterOn(b.w.ClocksTitle, "clocks")
	b.para(faint(b.w.ClocksIntro))
	for i := range list {
		if i == 100 {
			break
		}
		c := &list[i]
		b.heading(cut(oneLine(c.Title), 120), 110)
		b.para(text(b.say.ClockText(c)))
		b.clockBar(c)
		t := b.newTable(tinyLead+0.6, column{head: b.say.T("Phase"), width: 26}, column{head: b.w.When, width: 24}, column{head: b.say.T("Since the start"), width: 14, right: true}, column{head: "", width: 2}, column{head: b.w.WhyColumn, width: 34})
		rows := append([]notice.Reading{c.Start}, c.Phases...)
		for k := range rows {
			r := &rows[k]
			when := []span{{b.exact(r.At), style{size: tinySize, ink: ink}}}
			if r.At == nil {
				when[0] = tiny(b.say.T("not stated"))
			}
			var why []span
			if r.Exhibit > 0 {
				to := anchorExhibit(r.Exhibit)
				if r.Statement != "" {
					to = anchorStatement(r.Statement)
				}
				why = append(why, span{fmt.Sprintf(b.w.ExhibitN, r.Exhibit), style{size: tinySize, ink: accent, to: to}}, tiny(" "))
			}
			why = append(why, tiny(b.basis(r.Basis)))
			if r.Why != "" {
				why = append(why, tiny("\n"+cut(b.free(r.Why), 300)))
			}
			since := "–"
			if r.At != nil && k > 0 {
				since = b.say.Span(r.Seconds)
			}
			name := b.say.Reading(r)
			if k == 0 {
				name = b.say.T("Start: %s", name)
			}
			t.row([]span{{name, style{face: bold, size: tinySize, ink: ink}}}, when, []span{{since, style{size: tinySize, ink: ink}}}, nil, why)
		}
		t.end()
	}
	b.leftOut(100, len(list))
}

// clockBar draws a clock to scale: start, phases, limit, stop. Without a limit and a stop there is nothing to draw.
func (b *book) clockBar(c *notice.Clock) {
	longest := c.LimitSeconds
	for _, r := range append([]notice.Reading{c.Stop}, c.Phases...) {
		if r.At != nil {
			longest = max(longest, r.Seconds)
		}
	}
	if c.Start.At == nil || longest <= 0 {
		return
	}
	b.need(46)
	const h = 9.0
	x := func(seconds int64) float64 {
		return b.left + 2 + (measure-60)*min(1, max(0, float64(seconds)/float64(longest)))
	}
	y := b.y + 12
	if c.LimitSeconds > 0 {
		b.rect(x(0), y, x(c.LimitSeconds)-x(0), h, colour{214, 226, 236})
	}
	if c.Stop.At != nil && c.LimitSeconds > 0 && c.Stop.Seconds > c.LimitSeconds {
		b.rect(x(c.LimitSeconds), y, x(c.Stop.Seconds)-x(c.LimitSeconds), h, colour{240, 205, 200})
	}
	b.line(x(0), y+h, x(longest), y+h, 0.6, ink)
	for _, r := range c.Phases {
		if r.At != nil {
			b.line(x(r.Seconds), y, x(r.Seconds), y+h, 0.9, grey)
		}
	}
	if c.LimitSeconds > 0 {
		b.line(x(c.LimitSeconds), y-3, x(c.LimitSeconds), y+h+3, 1.1, alert)
		label := b.say.Limit(c.LimitSeconds)
		b.text(x(c.LimitSeconds)-b.t.measure(label, bold, 6.4)/2, y-5, label, style{face: bold, size: 6.4, ink: alert})
	}
	if c.Stop.At != nil {
		drawMark(b, x(c.Stop.Seconds), y+h/2, mark{diamond, ink})
		label := b.say.Span(c.Stop.Seconds)
		b.text(min(x(c.Stop.Seconds)-b.t.measure(label, bold, 6.4)/2, b.right-b.t.measure(label, bold, 6.4)), y+h+9, label, style{face: bold, size: 6.4, ink: ink})
	}
	b.text(x(0), y+h+9, "0", style{size: 6.4, ink: grey})
	b.y = y + h + 18
}

// reports lists read receipts, delivery reports and bounces, and which warnings did not arrive.
func (b *book) reports(v *view) {
	if len(b.d.Reports)+len(b.d.Undelivered) == 0 {
		return
	}
	b.chapterOn(b.w.ReportsTitle, "reports")
	b.para(faint(b.w.ReportsIntro))
	if len(b.d.Reports) > 0 {
		t := b.newTable(tinyLead+0.6, column{head: b.w.Exhibit, width: 8}, column{head: b.w.When, width: 18}, column{head: b.w.What, width: 44}, column{head: b.say.T("How it is tied"), width: 30})
		for i := range b.d.Reports {
			if i == maxListed {
				break
			}
			r := &b.d.Reports[i]
			t.row([]span{{fmt.Sprint(r.Exhibit), style{face: bold, size: tinySize, ink: accent, to: anchorExhibit(r.Exhibit)}}}, []span{{b.dateTime(r.At), style{size: tinySize, ink: ink}}},
				[]span{{b.say.Report(r), style{size: tinySize, ink: ink}}}, []span{tiny(b.say.Tie(r.Tie) + " (" + cut(r.Form, 40) + ")")})
		}
		t.end()
		b.leftOut(maxListed, len(b.d.Reports))
	}
	if len(b.d.Undelivered) == 0 {
		return
	}
	b.heading(b.say.T("Warnings that did not arrive"), 40)
	// One line for the statements of one message that came back from one person by one report.
	type returned struct {
		exhibit, report int
		person          string
		notice          bool
	}
	ids := map[returned][]string{}
	var order []*notice.Undelivered
	for i := range b.d.Undelivered {
		u := &b.d.Undelivered[i]
		key := returned{u.Exhibit, u.Report, u.Person, u.Notice}
		if ids[key] == nil {
			order = append(order, u)
		}
		ids[key] = append(ids[key], u.Statement)
	}
	for i, u := range order {
		if i == 1000 {
			break
		}
		list := strings.Join(ids[returned{u.Exhibit, u.Report, u.Person, u.Notice}], ", ")
		b.para(small(b.say.Undelivered(u)+" "), span{"(" + cut(list, 120) + ")", style{size: smallSize, ink: accent, to: anchorExhibit(u.Exhibit)}})
	}
	b.leftOut(1000, len(order))
}

func hasQuotes(d *dossier.Dossier) bool {
	for i := range d.Quotes {
		if d.Quotes[i].State != notice.QuoteSame {
			return true
		}
	}
	return false
}

// quotes shows quotations that differ from what they quote, both passages side by side, and names those whose original is not held.
func (b *book) quotes(v *view) {
	if !hasQuotes(b.d) {
		return
	}
	b.chapterOn(b.w.QuotesTitle, "quotes")
	b.para(faint(b.w.QuotesIntro))
	shown, same := 0, 0
	for i := range b.d.Quotes {
		q := &b.d.Quotes[i]
		if q.State == notice.QuoteSame {
			same++
			continue
		}
		if shown++; shown > 500 {
			continue
		}
		b.need(60)
		b.para(strong(b.say.Quotation(q)+" "), span{fmt.Sprintf(b.w.ExhibitN, q.Exhibit), style{size: smallSize, ink: accent, to: anchorExhibit(q.Exhibit)}})
		if len(q.Passages) == 0 {
			continue
		}
		t := b.newTable(smallLead, column{head: b.say.T("As quoted"), width: 43}, column{head: b.say.T("In the original"), width: 43}, column{head: "", width: 14})
		for k := range q.Passages {
			p := &q.Passages[k]
			t.row([]span{small(cut(oneLine(p.Quoted), 600))}, []span{small(cut(oneLine(p.Original), 600))}, []span{tiny(b.say.Words.Difference(p.Kind))})
		}
		t.end()
		b.leftOut(0, q.LeftOut)
	}
	b.leftOut(500, shown)
	if same > 0 {
		b.para(faint(b.say.N(same, "%s further quotation is as in the original.", "%s further quotations are as in the original.")))
	}
}

// gaps lists what is missing or does not fit.
func (b *book) gaps(v *view) {
	list := b.d.Gaps
	if len(list) == 0 {
		return
	}
	b.chapterOn(b.w.GapsTitle, "gaps")
	b.para(faint(b.w.GapsIntro))
	t := b.newTable(tinyLead+0.6, column{head: b.w.KindColumn, width: 19}, column{head: b.w.What, width: 57}, column{head: b.w.MessageID, width: 24})
	for i := range list {
		if i == maxListed {
			break
		}
		g := &list[i]
		what := []span{{b.say.GapText(g), style{size: tinySize, ink: ink}}}
		for k, n := range g.Exhibits[:min(8, len(g.Exhibits))] {
			sep := " "
			if k > 0 {
				sep = ", "
			}
			what = append(what, tiny(sep), span{fmt.Sprint(n), style{size: tinySize, ink: accent, to: anchorExhibit(n)}})
		}
		t.row([]span{{b.say.Words.Gap(g.Kind), style{face: bold, size: tinySize, ink: ink}}}, what, []span{{cut(g.MessageID, 200), style{face: mono, size: 5.8, ink: ink}}})
	}
	t.end()
	b.leftOut(maxListed, len(list))
}
