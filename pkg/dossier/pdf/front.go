package pdf

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/pkg/dossier/words"
	"onrecord/pkg/notice"
)

// Bounds of page 1.
const (
	frontWarnings = 12
	frontDenials  = 3
	frontDropped  = 3
	contentsMost  = 120 // exhibits listed in the table of contents
)

// front draws page 1, the page for the table, and the contents.
func (b *book) front(v *view) {
	b.section = b.w.Glance
	b.newPage()
	b.bookmark(b.w.Glance, 0, 0)
	b.anchor("glance", 0)
	b.masthead(v)

	counts := b.say.Count()
	b.flow(b.set([]span{{b.say.ResultOf(counts), style{size: 10.4, ink: ink}}}, measure, prose), b.left, measure, 14.4)
	if says := b.say.Confirmed(counts); says != "" {
		b.y += 1.5
		b.flow(b.set([]span{{says, style{size: smallSize, ink: grey}}}, measure, prose), b.left, measure, smallLead)
	}
	b.y += 7

	facts := b.facts(v, counts)
	factsHeight := 0.0
	ft := b.newTable(tinyLead, column{width: 17}, column{width: 83})
	for _, f := range facts {
		factsHeight += ft.lay(f...)
	}
	room := b.bottom - b.y - factsHeight - 12
	var wt, dt *table
	var rows, denials [][][]span
	more := 0
	// Denials give way before the warnings' words become too short to understand.
	for _, try := range []struct{ denials, words, least int }{{frontDenials, 160, 160}, {frontDenials, 80, 90}, {2, 80, 64}, {1, 60, 64}, {1, 60, 48}} {
		dt = b.newTable(smallLead-0.6, b.denialColumns()...)
		denials = b.denials(v, try.denials, try.words)
		height := 0.0
		if len(denials) > 0 {
			height = 30 + dt.headHeight()
			for _, row := range denials {
				height += dt.lay(row...)
			}
		}
		if wt, rows, more = b.fitWarnings(v, room-height, try.least); more <= max(0, len(v.warnings)-frontWarnings) {
			break
		}
	}
	for _, row := range rows {
		wt.row(row...)
	}
	if more > 0 {
		b.y += 3
		text := fmt.Sprintf(b.w.MoreWarnings, more)
		b.text(b.left, b.y+8, text, style{face: bold, size: smallSize, ink: accent, to: "warnings"})
		x := b.left + b.t.measure(text, bold, smallSize) + 2.5
		b.refs = append(b.refs, pageRef{b.page, x, b.y + 8, smallSize, "warnings", true})
		b.y += 12
	}
	b.y += 6
	if len(denials) > 0 {
		b.y += 3
		b.text(b.left, b.y+9, b.w.DenialsHead, style{face: bold, size: 9, ink: alert})
		b.y += 15
		for _, row := range denials {
			dt.row(row...)
		}
		b.y += 6
	}
	b.y = max(b.y, b.bottom-factsHeight)
	for _, f := range facts {
		ft.row(f...)
	}
	b.contents(v)
}

func (b *book) masthead(v *view) {
	y := 58.0
	b.text(b.left, y, b.w.Masthead, style{face: bold, size: 7.6, ink: accent})
	b.textRight(b.right, y, b.t.fit(b.d.Case.Reference, regular, 7.6, measure*0.5), style{size: 7.6, ink: grey})
	b.rect(b.left, y+6, measure, 1.6, accent)
	b.y = y + 14
	size := 18.0
	title := b.set([]span{{cut(oneLine(b.title()), 160), style{face: bold, size: size, ink: ink}}}, measure, prose)
	if len(title) > 2 {
		size = 12
		title = b.set([]span{{cut(oneLine(b.title()), 160), style{face: bold, size: size, ink: ink}}}, measure, prose)
	}
	b.flow(title, b.left, measure, size*1.28)
	var by []string
	if b.d.Case.PreparedBy != "" {
		by = append(by, fmt.Sprintf(b.w.PreparedBy, cut(b.d.Case.PreparedBy, 80)))
	}
	by = append(by, fmt.Sprintf(b.w.MadeAt, b.dateTime(&b.d.GeneratedAt), b.o.Zone))
	b.flow(b.set([]span{{strings.Join(by, " · "), style{size: smallSize, ink: grey}}}, measure, prose), b.left, measure, 11)
	b.y += 7
}

func (b *book) warningColumns(v *view) []column {
	w := b.w
	when := w.When
	if v.oneBasis() {
		when += " (" + b.basis(v.warnings[0].Basis) + ")"
	}
	cols := []column{{head: when, width: 14.5}, {head: w.Who, width: 13}, {head: w.Whom, width: 16}, {head: w.About, width: 12.5}, {head: w.TheirWords, width: 33}, {head: w.Exhibit, width: 10.6}}
	if len(b.d.Contradictions) > 0 {
		cols = append(cols, column{head: b.say.T("Later denied"), width: 13})
	}
	return cols
}

// said shows on whose word a statement counts: in words, and in look.
func (b *book) said(o notice.Origin, size float64) span {
	if o == notice.Marked {
		return span{" ✓\u00a0" + b.origin(o), style{face: bold, size: size, ink: ink}}
	}
	return span{" " + b.origin(o), style{size: size, ink: grey}}
}

// warningRow is one line of the answer in the given size, with at most limit code points of each text. What is the same as in the row above is not said again.
func (b *book) warningRow(v *view, s, above *notice.Statement, size float64, limit int) [][]span {
	plain := style{size: size, ink: ink}
	note := style{size: size - 1, ink: grey}
	topic := b.topicOf(v, s)
	same := above != nil && above.Exhibit == s.Exhibit && above.Part == s.Part
	row := [][]span{nil, nil, nil, nil,
		{{b.quoted(s.Text, limit), style{size: size, ink: ink, wash: markedWash(s.Origin)}}, b.said(s.Origin, size-1)},
		{{fmt.Sprint(s.Exhibit), style{face: bold, size: size, ink: accent, to: anchorStatement(s.ID)}}, {" " + s.ID, note}},
	}
	if !same || topic != b.topicOf(v, above) {
		most := max(40, limit/4)
		if limit < 120 {
			most = 21 // two lines
		}
		row[3] = []span{{cut(topic, most), plain}}
	}
	if !same {
		row[0] = []span{{b.date(s.At), plain}}
		if s.At != nil {
			row[0] = append(row[0], span{"\n" + b.clock(s.At), note})
		}
		if !v.oneBasis() {
			row[0] = append(row[0], span{" " + b.basis(s.Basis), note})
		}
		row[1] = []span{{cut(b.author(v, s), 60), style{face: bold, size: size, ink: ink}}}
		row[2] = []span{{b.several(v, s.Addressees, max(1, limit/60)), plain}}
	}
	if len(b.d.Contradictions) == 0 {
		return row
	}
	if same && slices.Equal(v.against[s.ID], v.against[above.ID]) {
		return append(row, nil)
	}
	return append(row, b.denied(v, s, size-1))
}

// denied names who later denied a warning, with the exhibits in which they did.
func (b *book) denied(v *view, s *notice.Statement, size float64) []span {
	exhibits := map[string][]*notice.Statement{}
	var order []string
	for _, c := range v.against[s.ID] {
		d := v.statement[c.Statement]
		if d == nil || slices.ContainsFunc(exhibits[c.Person], func(x *notice.Statement) bool { return x.Exhibit == d.Exhibit }) {
			continue
		}
		if exhibits[c.Person] == nil {
			order = append(order, c.Person)
		}
		exhibits[c.Person] = append(exhibits[c.Person], d)
	}
	var out []span
	for i, person := range order {
		if i == 2 {
			return append(out, span{" …", style{size: size, ink: grey}})
		}
		if i > 0 {
			out = append(out, span{"\n", style{size: size, ink: grey}})
		}
		out = append(out, span{cut(v.name(person), 40), style{size: size, ink: alert}})
		for k, d := range exhibits[person][:min(3, len(exhibits[person]))] {
			before := ", "
			if k == 0 {
				before = " "
			}
			out = append(out, span{before, style{size: size, ink: grey}}, span{fmt.Sprint(d.Exhibit), style{size: size, ink: accent, to: anchorStatement(d.ID)}})
		}
	}
	return out
}

// topicOf is what a statement is about: its topic's label, its own words for it, else the message's subject.
func (b *book) topicOf(v *view, s *notice.Statement) string {
	if t := b.say.Topic(s.TopicID); t != nil && t.Label != "" {
		return t.Label
	}
	if s.Topic != "" {
		return s.Topic
	}
	if x := v.exhibit(s.Exhibit); x != nil {
		return x.subject
	}
	return ""
}

// oneBasis tells whether the times of the warnings on page 1 all rest on the same word, so that saying it once will do.
func (v *view) oneBasis() bool {
	for _, s := range words.Foremost(v.warnings, frontWarnings) {
		if s.Basis != v.warnings[0].Basis {
			return false
		}
	}
	return len(v.warnings) > 0
}

// markedWash sets what a person confirmed on a wash, as in the exhibits.
func markedWash(o notice.Origin) colour {
	if o == notice.Marked {
		return amberDeep
	}
	return noColour
}

// The sizes and lengths in which page 1 tries to show the warnings: points, and code points of each one's words.
var frontSizes = []struct {
	size  float64
	limit int
}{{8.6, 420}, {smallSize, 420}, {smallSize, 300}, {smallSize, 220}, {smallSize, 160}, {7.2, 120}, {7.2, 90}, {7.2, 76}, {7.2, 64}, {6.8, 56}, {6.8, 48}}

// fitWarnings chooses how large page 1 can show the warnings, and how much of each: at least so many code points of their words. Where that leaves room, the first
// ones are shown at more length.
func (b *book) fitWarnings(v *view, room float64, least int) (t *table, rows [][][]span, more int) {
	chosen := words.Foremost(v.warnings, frontWarnings)
	last := frontSizes[0]
	for _, try := range frontSizes {
		if try.limit < least {
			break
		}
		last = try
		var free float64
		if t, rows, free = b.layWarnings(v, chosen, room, try.size, try.limit); len(rows) == len(chosen) {
			b.lengthen(v, t, chosen, rows, free, try.size, try.limit)
			return t, rows, len(v.warnings) - len(rows)
		}
	}
	for n := len(rows); n > 0 && len(rows) < len(chosen); n-- { // fewer, then: the weightiest that fit
		chosen = words.Foremost(v.warnings, n)
		t, rows, _ = b.layWarnings(v, chosen, room, last.size, last.limit)
	}
	return t, rows, len(v.warnings) - len(rows)
}

// layWarnings lays out as many of the warnings as there is room for, and tells how much is left.
func (b *book) layWarnings(v *view, chosen []*notice.Statement, room, size float64, limit int) (t *table, rows [][][]span, free float64) {
	t = b.newTable(size*1.24, b.warningColumns(v)...)
	free = room - t.headHeight()
	if len(v.warnings) > len(chosen) {
		free -= 16
	}
	for i, s := range chosen {
		row := b.warningRow(v, s, before(chosen, i), size, limit)
		height := t.lay(row...)
		if height > free {
			break
		}
		free -= height
		rows = append(rows, row)
	}
	return t, rows, free
}

func before(list []*notice.Statement, i int) *notice.Statement {
	if i == 0 {
		return nil
	}
	return list[i-1]
}

// lengthen gives the room that is left to the words of the first rows.
func (b *book) lengthen(v *view, t *table, chosen []*notice.Statement, rows [][][]span, free, size float64, limit int) {
	for i := range rows {
		height := t.lay(rows[i]...)
		for _, try := range frontSizes {
			if try.limit <= limit {
				break
			}
			row := b.warningRow(v, chosen[i], before(chosen, i), size, try.limit)
			if extra := t.lay(row...) - height; extra <= free {
				rows[i], free = row, free-extra
				break
			}
		}
	}
}

func (b *book) denialColumns() []column {
	w := b.w
	return []column{{head: w.When, width: 15}, {head: w.Who, width: 14}, {head: w.TheirWords, width: 32}, {head: w.Against, width: 31}, {head: w.Exhibit, width: 9.5}}
}

// denials are the first denials that stand against warnings.
func (b *book) denials(v *view, most, limit int) [][][]span {
	var rows [][][]span
	for i, c := range b.d.Contradictions {
		if i == most {
			rows = append(rows, [][]span{nil, nil, {link(fmt.Sprintf(b.w.MoreDenials, len(b.d.Contradictions)-i), "contradictions")}})
			break
		}
		s := v.statement[c.Statement]
		if s == nil {
			continue
		}
		rows = append(rows, [][]span{
			{small(b.date(s.At)), tiny("\n" + b.clock(s.At))},
			{strong(cut(v.name(c.Person), 60))},
			{{b.quoted(s.Text, limit), style{size: smallSize, ink: ink, wash: markedWash(s.Origin)}}, b.said(s.Origin, tinySize)},
			b.againstLinks(v, c.Against, max(1, limit/27)),
			{link(fmt.Sprint(s.Exhibit), anchorStatement(s.ID)), tiny("\n" + s.ID)},
		})
	}
	return rows
}

// againstLinks lists statements with their exhibits.
func (b *book) againstLinks(v *view, ids []string, most int) []span {
	var out []span
	for i, id := range ids {
		if i == most {
			return append(out, faint(" "+fmt.Sprintf(b.w.More, len(ids)-i)))
		}
		if s := v.statement[id]; s != nil {
			if i > 0 {
				out = append(out, faint("; "))
			}
			out = append(out, link(fmt.Sprintf(b.w.ExhibitOn, s.Exhibit, s.ID, b.date(s.At)), anchorStatement(id)))
		}
	}
	return out
}

// facts are the lines at the foot of page 1: who says so, what was not checked, what was read.
func (b *book) facts(v *view, counts words.Counts) [][][]span {
	w := b.w
	key := func(s string) []span { return []span{{s, style{face: bold, size: tinySize, ink: grey}}} }
	val := func(s string) span { return span{s, style{size: tinySize, ink: ink}} }
	rows := [][][]span{{key(w.WhoSays), {val(fmt.Sprintf(w.Origins, w.of(w.Statements, v.suggested), w.of(w.Statements, v.marked), w.of(w.Statements, v.rejected)))}}}

	var dropped []span
	count := 0
	for i := range b.d.Recipients {
		c := &b.d.Recipients[i]
		if c.Headline == "" || len(c.Dropped) == 0 {
			continue
		}
		if count++; count > frontDropped {
			continue
		}
		if count > 1 {
			dropped = append(dropped, val("; "))
		}
		dropped = append(dropped, val(cut(b.say.Headline(c), 140)+" "), span{fmt.Sprintf(w.InExhibit, c.Exhibit), style{size: tinySize, ink: accent, to: anchorExhibit(c.Exhibit)}})
	}
	if count > frontDropped {
		dropped = append(dropped, val("; "), span{fmt.Sprintf(w.More, count-frontDropped), style{size: tinySize, ink: accent, to: "recipients"}})
	}
	if count == 0 {
		dropped = []span{val(w.NoneDropped)}
	}
	rows = append(rows, [][]span{key(w.Dropped), dropped})
	if also := b.alsoFound(counts); len(also) > 0 {
		rows = append(rows, [][]span{key(b.say.T("Also found")), also})
	}

	k := b.d.Keys
	unchecked := []string{w.NoSignatures}
	if k.Signatures > 0 {
		unchecked[0] = fmt.Sprintf(w.SignaturesChecked, k.Checked, k.Signatures)
		if len(k.Missing) > 0 {
			unchecked[0] += fmt.Sprintf(w.KeysMissing, w.of(w.Keys, len(k.Missing)), cut(strings.Join(k.Missing[:min(3, len(k.Missing))], ", "), 120))
		}
	}
	unchecked = append(unchecked, fmt.Sprintf(w.DefectsIn, w.of(w.Defects, v.defects), w.of(w.Exhibits, v.defective)))
	if counts.Unheld > 0 {
		unchecked = append(unchecked, fmt.Sprintf(w.CitedMissing, w.of(w.Messages, counts.Unheld)))
	}
	rows = append(rows, [][]span{key(w.NotChecked), {val(strings.Join(unchecked, " "))}})

	l := b.d.Ledger
	rows = append(rows,
		[][]span{key(w.MessagesRead), {val(fmt.Sprintf(w.LedgerLine, l.Found, l.Kept, l.Duplicate, l.Excluded, l.Failed, w.of(w.Sources, len(b.d.Sources))))}},
		[][]span{key(w.EvidenceDigest), {{b.o.EvidenceDigest, style{face: mono, size: tinySize, ink: ink}}}})
	return rows
}

// alsoFound leads to the chapters that have something to say beside the answer.
func (b *book) alsoFound(c words.Counts) []span {
	var out []span
	add := func(n int, one, other, to string) {
		if n == 0 {
			return
		}
		if len(out) > 0 {
			out = append(out, span{" · ", style{size: tinySize, ink: grey}})
		}
		out = append(out, span{b.say.N(n, one, other), style{size: tinySize, ink: accent, to: to}})
	}
	silent, late := 0, 0
	for i := range b.d.Silence {
		if !b.d.Silence[i].Answered {
			silent++
		}
	}
	for i := range b.d.Clocks {
		if b.d.Clocks[i].LateSeconds > 0 {
			late++
		}
	}
	add(silent, "%s message that warns and has no answer", "%s messages that warn and have no answer", "silence")
	add(len(b.d.Undelivered), "%s undelivered copy of a warning", "%s undelivered copies of warnings", "reports")
	add(c.Altered, "%s altered quotation", "%s altered quotations", "quotes")
	add(len(b.d.Sequence), "%s act before or after a warning", "%s acts before or after a warning", "sequence")
	add(len(b.d.Gaps), "%s gap in the record", "%s gaps in the record", "gaps")
	add(late, "%s clock past its limit", "%s clocks past their limit", "clocks")
	return out
}

// contents lists the chapters, and the exhibits where they are few.
func (b *book) contents(v *view) {
	w := b.w
	b.chapter(w.Contents, "contents")
	entry := func(title, to string, s style) {
		b.need(bodyLeading)
		s.to = to
		b.text(b.left, b.y+9, b.t.fit(title, s.face, s.size, measure-50), s)
		b.refs = append(b.refs, pageRef{b.page, b.right, b.y + 9, s.size, to, false})
		b.y += s.size * 1.62
	}
	head := style{face: bold, size: 9, ink: ink}
	for _, c := range b.chapters(v) {
		if c.anchor == "exhibits" || c.anchor == "headers" {
			b.y += 6
		}
		entry(c.title, c.anchor, head)
		if c.anchor != "exhibits" {
			continue
		}
		if len(v.exhibits) > contentsMost {
			entry(fmt.Sprintf(w.SeeIndex, contentsMost), "index", style{size: smallSize, ink: grey})
			continue
		}
		for i := range v.exhibits {
			b.contentsExhibit(v, i+1)
		}
	}
}

// contentsExhibit is one exhibit's line: number, date, sender, subject, page.
func (b *book) contentsExhibit(v *view, n int) {
	x, st := v.exhibit(n), style{size: smallSize, ink: ink, to: anchorExhibit(n)}
	b.need(bodyLeading)
	y := b.y + 9
	b.textRight(b.left+24, y, fmt.Sprint(n), style{size: smallSize, ink: accent, to: st.to})
	b.text(b.left+34, y, b.date(x.at), style{size: smallSize, ink: grey})
	b.text(b.left+92, y, b.t.fit(v.sender(x), regular, smallSize, 120), st)
	b.text(b.left+220, y, b.t.fit(b.subject(x.subject), regular, smallSize, measure-220-40), st)
	b.refs = append(b.refs, pageRef{b.page, b.right, y, smallSize, st.to, false})
	b.y += smallSize * 1.62
}

// subject is a subject as it is shown; a message may have none.
func (b *book) subject(s string) string {
	if s == "" {
		return b.w.NoSubject
	}
	return s
}

type chapterRef struct{ title, anchor string }

// chapters are the parts of the document in order; one that would be empty is left out.
func (b *book) chapters(v *view) []chapterRef {
	w := b.w
	all := []struct {
		chapterRef
		has bool
	}{
		{chapterRef{w.WarningsTitle, "warnings"}, len(v.warnings) > 0},
		{chapterRef{w.PeopleTitle, "people"}, len(b.d.People) > 0},
		{chapterRef{w.TimelineTitle, "timeline"}, len(b.d.Timeline) > 0},
		{chapterRef{w.KnowledgeTitle, "knowledge"}, len(v.noticed) > 0},
		{chapterRef{w.ContradictionsTitle, "contradictions"}, len(b.d.Contradictions) > 0},
		{chapterRef{w.SequenceTitle, "sequence"}, len(b.d.Sequence) > 0},
		{chapterRef{w.SilenceTitle, "silence"}, len(b.d.Silence) > 0},
		{chapterRef{w.ClocksTitle, "clocks"}, len(b.d.Clocks) > 0},
		{chapterRef{w.RecipientsTitle, "recipients"}, len(b.d.Recipients) > 0},
		{chapterRef{w.ReportsTitle, "reports"}, len(b.d.Reports)+len(b.d.Undelivered) > 0},
		{chapterRef{w.QuotesTitle, "quotes"}, hasQuotes(b.d)},
		{chapterRef{w.ThreadsTitle, "threads"}, len(b.d.Threads) > 0},
		{chapterRef{w.GapsTitle, "gaps"}, len(b.d.Gaps) > 0},
		{chapterRef{w.ExhibitsTitle, "exhibits"}, b.d.Count > 0},
		{chapterRef{w.HeadersTitle, "headers"}, b.d.Count > 0},
		{chapterRef{w.IndexTitle, "index"}, b.d.Count > 0},
		{chapterRef{w.LedgerTitle, "ledger"}, true},
		{chapterRef{w.CheckTitle, "check"}, true},
		{chapterRef{w.MethodTitle, "method"}, true},
		{chapterRef{w.GlossaryTitle, "glossary"}, true},
	}
	var out []chapterRef
	for _, c := range all {
		if c.has {
			out = append(out, c.chapterRef)
		}
	}
	return out
}

func anchorExhibit(n int) string       { return fmt.Sprint("x", n) }
func anchorStatement(id string) string { return "s:" + id }
func anchorHeader(n int) string        { return fmt.Sprint("h", n) }

// oneLine joins the lines of a text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// several lists people by name, at most most of them.
func (b *book) several(v *view, ids []string, most int) string {
	if len(ids) == 0 {
		return "–"
	}
	shown := ids
	if len(ids) > most+1 {
		shown = ids[:most]
	}
	names := make([]string, len(shown))
	for i, id := range shown {
		names[i] = cut(v.name(id), 60)
	}
	out := strings.Join(names, ", ")
	if len(shown) < len(ids) {
		out += " " + fmt.Sprintf(b.w.More, len(ids)-len(shown))
	}
	return out
}
