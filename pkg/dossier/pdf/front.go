package pdf

import (
	"fmt"
	"slices"
	"strings"

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
	b.section = b.w.glance
	b.newPage()
	b.bookmark(b.w.glance, 0, 0)
	b.anchor("glance", 0)
	b.masthead(v)

	size := style{size: 10.4, ink: ink}
	b.flow(b.set([]span{{b.result(v), size}}, measure, prose), left, measure, 14.6)
	b.y += 8

	facts := b.facts(v)
	factsHeight := 0.0
	ft := b.newTable(tinyLead, column{width: 18}, column{width: 82})
	for _, f := range facts {
		factsHeight += ft.lay(f...)
	}
	room := bottom - b.y - factsHeight - 14
	var wt, dt *table
	var rows, denials [][][]span
	more := 0
	// Denials give way before the warnings' words become too short to understand.
	for _, try := range []struct{ denials, words, least int }{{frontDenials, 160, 160}, {frontDenials, 80, 90}, {2, 80, 64}, {1, 60, 64}} {
		dt = b.newTable(smallLead-0.6, b.denialColumns()...)
		denials = b.denials(v, try.denials, try.words)
		height := 0.0
		if len(denials) > 0 {
			height = 32 + dt.headHeight()
			for _, row := range denials {
				height += dt.lay(row...)
			}
		}
		if wt, rows, more = b.fitWarnings(v, room-height, try.least); more <= max(0, len(v.warnings)-frontWarnings) {
			break
		}
	}
	if len(v.warnings) > 0 {
		for _, row := range rows {
			wt.row(row...)
		}
		if more > 0 {
			b.y += 3
			text := fmt.Sprintf(b.w.moreWarnings, more)
			b.text(left, b.y+8, text, style{face: bold, size: smallSize, ink: accent, to: "warnings"})
			x := left + b.t.measure(text, bold, smallSize) + 2.5
			b.refs = append(b.refs, pageRef{b.page, x, b.y + 8, smallSize, "warnings", true})
			b.y += 12
		}
		b.y += 6
	}
	if len(denials) > 0 {
		b.y += 4
		b.text(left, b.y+9, b.w.denialsHead, style{face: bold, size: 9, ink: alert})
		b.y += 15
		for _, row := range denials {
			dt.row(row...)
		}
		b.y += 6
	}
	b.y = max(b.y, bottom-factsHeight)
	for _, f := range facts {
		ft.row(f...)
	}
	b.contents(v)
}

func (b *book) masthead(v *view) {
	y := 58.0
	b.text(left, y, b.w.masthead, style{face: bold, size: 7.6, ink: accent})
	b.textRight(right, y, b.t.fit(b.d.Case.Reference, regular, 7.6, measure*0.5), style{size: 7.6, ink: grey})
	b.rect(left, y+6, measure, 1.6, accent)
	b.y = y + 14
	size := 18.0
	title := b.set([]span{{cut(oneLine(b.title()), 160), style{face: bold, size: size, ink: ink}}}, measure, prose)
	if len(title) > 2 {
		size = 12
		title = b.set([]span{{cut(oneLine(b.title()), 160), style{face: bold, size: size, ink: ink}}}, measure, prose)
	}
	b.flow(title, left, measure, size*1.28)
	var by []string
	if b.d.Case.PreparedBy != "" {
		by = append(by, fmt.Sprintf(b.w.preparedBy, cut(b.d.Case.PreparedBy, 80)))
	}
	by = append(by, fmt.Sprintf(b.w.madeAt, b.dateTime(&b.d.GeneratedAt), b.o.Zone))
	b.flow(b.set([]span{{strings.Join(by, " · "), style{size: smallSize, ink: grey}}}, measure, prose), left, measure, 11)
	b.y += 7
}

// result says in one sentence, or a few, what was found.
func (b *book) result(v *view) string {
	w := b.w
	if len(v.warnings) == 0 {
		return fmt.Sprintf(w.noWarnings, w.messages.of(b.d.Count))
	}
	authors := map[string]bool{}
	told := map[string]bool{}
	var first, last *notice.Statement
	for _, s := range v.warnings {
		if s.Author != "" {
			authors[s.Author] = true
		}
		if s.At != nil {
			if first == nil {
				first = s
			}
			last = s
		}
		for _, n := range v.notices[s.ID] {
			if n.Person != s.Author && v.human(n.Person) {
				told[n.Person] = true
			}
		}
	}
	out := fmt.Sprintf(w.warningsBy, w.warnings.of(len(v.warnings)), w.people.of(max(1, len(authors))))
	if first != nil {
		if b.date(first.At) == b.date(last.At) {
			out += fmt.Sprintf(w.onDay, b.date(first.At))
		} else {
			out += fmt.Sprintf(w.betweenDays, b.date(first.At), b.date(last.At))
		}
	}
	out += "; " + fmt.Sprintf(w.hadNotice, w.people.of(len(told))) + "."
	if incident := b.firstIncident(); incident != nil {
		before := map[string]bool{}
		for _, s := range v.warnings {
			for _, n := range v.notices[s.ID] {
				if n.FirstAt != nil && incident.At != nil && n.FirstAt.Before(*incident.At) && n.Person != s.Author && v.human(n.Person) {
					before[n.Person] = true
				}
			}
		}
		if len(before) > 0 {
			out += " " + fmt.Sprintf(w.beforeIncident, w.people.of(len(before)), b.date(incident.At), incident.Exhibit)
		}
	}
	said := map[string]bool{}
	for _, c := range b.d.Contradictions {
		s := v.statement[c.Statement]
		if s == nil || said[c.Person] || len(said) == 2 {
			continue
		}
		said[c.Person] = true
		out += " " + fmt.Sprintf(w.hadNoticeBefore, cut(v.name(c.Person), 60), w.warningsOf.of(len(c.Against)), b.date(s.At), s.Exhibit)
	}
	switch n := len(b.d.Contradictions); {
	case n > 0:
		out += " " + fmt.Sprintf(w.standAgainst, w.denials.of(n))
	default:
		out += " " + w.noDenial
	}
	return out
}

// firstIncident is the earliest statement that tells of an incident.
func (b *book) firstIncident() *notice.Statement {
	var first *notice.Statement
	for i := range b.d.Statements {
		s := &b.d.Statements[i]
		if s.Origin != notice.Rejected && s.At != nil && slices.Contains(s.Acts, notice.Incident) && (first == nil || s.At.Before(*first.At)) {
			first = s
		}
	}
	return first
}

func (b *book) warningColumns() []column {
	w := b.w
	return []column{{head: w.when, width: 16.5}, {head: w.who, width: 14}, {head: w.whom, width: 17.5}, {head: w.about, width: 13}, {head: w.words, width: 33}, {head: w.exhibit, width: 8}}
}

// warningRow is one line of the answer in the given size, with at most limit code points of each text.
func (b *book) warningRow(v *view, s *notice.Statement, size float64, limit int) [][]span {
	plain := style{size: size, ink: ink}
	note := style{size: size - 1, ink: grey}
	when := []span{{b.date(s.At), plain}}
	if s.At != nil {
		when = append(when, span{"\n" + b.clock(s.At) + " " + b.basis(s.Basis), note})
	}
	topic := s.Topic
	if topic == "" {
		if x := v.exhibit(s.Exhibit); x != nil {
			topic = x.subject
		}
	}
	return [][]span{when,
		{{cut(b.author(v, s), 60), style{face: bold, size: size, ink: ink}}},
		{{b.several(v, s.Addressees, max(1, limit/60)), plain}},
		{{cut(topic, max(40, limit/4)), plain}},
		{{"“" + cut(oneLine(s.Text), limit) + "”", plain}, {" " + b.origin(s.Origin), note}},
		{{fmt.Sprint(s.Exhibit), style{face: bold, size: size, ink: accent, to: anchorStatement(s.ID)}}, {"\n" + s.ID, note}},
	}
}

// fitWarnings chooses how large page 1 can show the warnings, and how much of each: at least so many code points of their words.
func (b *book) fitWarnings(v *view, room float64, least int) (t *table, rows [][][]span, more int) {
	n := min(len(v.warnings), frontWarnings)
	for _, try := range []struct {
		size  float64
		limit int
	}{{8.6, 420}, {smallSize, 420}, {smallSize, 300}, {smallSize, 220}, {smallSize, 160}, {7.2, 120}, {7.2, 90}, {7.2, 64}} {
		if try.limit < least {
			break
		}
		t = b.newTable(try.size*1.24, b.warningColumns()...)
		rows = nil
		free := room - t.headHeight()
		if len(v.warnings) > n {
			free -= 16
		}
		for _, s := range v.warnings[:n] {
			row := b.warningRow(v, s, try.size, try.limit)
			if free -= t.lay(row...); free < 0 {
				break
			}
			rows = append(rows, row)
		}
		if len(rows) == n {
			break
		}
	}
	return t, rows, len(v.warnings) - len(rows)
}

func (b *book) denialColumns() []column {
	w := b.w
	return []column{{head: w.when, width: 16.5}, {head: w.who, width: 14}, {head: w.words, width: 31}, {head: w.against, width: 31.5}, {head: w.exhibit, width: 8}}
}

// denials are the first denials that stand against warnings.
func (b *book) denials(v *view, most, limit int) [][][]span {
	var rows [][][]span
	for i, c := range b.d.Contradictions {
		if i == most {
			rows = append(rows, [][]span{nil, nil, {link(fmt.Sprintf(b.w.moreDenials, len(b.d.Contradictions)-i), "contradictions")}})
			break
		}
		s := v.statement[c.Statement]
		if s == nil {
			continue
		}
		rows = append(rows, [][]span{
			{small(b.date(s.At)), tiny("\n" + b.clock(s.At))},
			{strong(cut(v.name(c.Person), 60))},
			{small("“" + cut(oneLine(s.Text), limit) + "”"), tiny(" " + b.origin(s.Origin))},
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
			return append(out, faint(" "+fmt.Sprintf(b.w.more, len(ids)-i)))
		}
		if s := v.statement[id]; s != nil {
			if i > 0 {
				out = append(out, faint("; "))
			}
			out = append(out, link(fmt.Sprintf(b.w.exhibitOn, s.Exhibit, s.ID, b.date(s.At)), anchorStatement(id)))
		}
	}
	return out
}

// facts are the lines at the foot of page 1: who says so, what was not checked, what was read.
func (b *book) facts(v *view) [][][]span {
	w := b.w
	key := func(s string) []span { return []span{{s, style{face: bold, size: tinySize, ink: grey}}} }
	val := func(s string) span { return span{s, style{size: tinySize, ink: ink}} }
	rows := [][][]span{{key(w.whoSays), {val(fmt.Sprintf(w.origins, w.statements.of(v.suggested), w.statements.of(v.marked), w.statements.of(v.rejected)))}}}

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
		dropped = append(dropped, val(cut(c.Headline, 140)+" "), span{fmt.Sprintf(w.inExhibit, c.Exhibit), style{size: tinySize, ink: accent, to: anchorExhibit(c.Exhibit)}})
	}
	if count > frontDropped {
		dropped = append(dropped, val("; "), span{fmt.Sprintf(w.more, count-frontDropped), style{size: tinySize, ink: accent, to: "recipients"}})
	}
	if count == 0 {
		dropped = []span{val(w.noneDropped)}
	}
	rows = append(rows, [][]span{key(w.dropped), dropped})

	k := b.d.Keys
	unchecked := []string{w.noSignatures}
	if k.Signatures > 0 {
		unchecked[0] = fmt.Sprintf(w.signaturesChecked, k.Checked, k.Signatures)
		if len(k.Missing) > 0 {
			unchecked[0] += fmt.Sprintf(w.keysMissing, w.keys.of(len(k.Missing)), cut(strings.Join(k.Missing[:min(3, len(k.Missing))], ", "), 120))
		}
	}
	unchecked = append(unchecked, fmt.Sprintf(w.defectsIn, w.defects.of(v.defects), w.exhibits.of(v.defective)))
	missing := 0
	for _, t := range b.d.Threads {
		missing += len(t.Missing)
	}
	if missing > 0 {
		unchecked = append(unchecked, fmt.Sprintf(w.citedMissing, w.messages.of(missing)))
	}
	rows = append(rows, [][]span{key(w.notChecked), {val(strings.Join(unchecked, " "))}})

	l := b.d.Ledger
	rows = append(rows,
		[][]span{key(w.messagesRead), {val(fmt.Sprintf(w.ledgerLine, l.Found, l.Kept, l.Duplicate, l.Excluded, l.Failed, w.sources.of(len(b.d.Sources))))}},
		[][]span{key(w.evidenceDigest), {{b.o.EvidenceDigest, style{face: mono, size: tinySize, ink: ink}}}})
	return rows
}

// contents lists the chapters, and the exhibits where they are few.
func (b *book) contents(v *view) {
	w := b.w
	b.chapter(w.contents, "contents")
	entry := func(title, to string, s style) {
		b.need(bodyLeading)
		s.to = to
		b.text(left, b.y+9, b.t.fit(title, s.face, s.size, measure-50), s)
		b.refs = append(b.refs, pageRef{b.page, right, b.y + 9, s.size, to, false})
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
			entry(fmt.Sprintf(w.seeIndex, contentsMost), "index", style{size: smallSize, ink: grey})
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
	b.textRight(left+24, y, fmt.Sprint(n), style{size: smallSize, ink: accent, to: st.to})
	b.text(left+34, y, b.date(x.at), style{size: smallSize, ink: grey})
	b.text(left+92, y, b.t.fit(v.sender(x), regular, smallSize, 120), st)
	b.text(left+220, y, b.t.fit(b.subject(x.subject), regular, smallSize, measure-220-40), st)
	b.refs = append(b.refs, pageRef{b.page, right, y, smallSize, st.to, false})
	b.y += smallSize * 1.62
}

// subject is a subject as it is shown; a message may have none.
func (b *book) subject(s string) string {
	if s == "" {
		return b.w.noSubject
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
		{chapterRef{w.warningsTitle, "warnings"}, len(v.warnings) > 0},
		{chapterRef{w.peopleTitle, "people"}, len(b.d.People) > 0},
		{chapterRef{w.timelineTitle, "timeline"}, len(b.d.Timeline) > 0},
		{chapterRef{w.knowledgeTitle, "knowledge"}, len(v.noticed) > 0},
		{chapterRef{w.recipientsTitle, "recipients"}, len(b.d.Recipients) > 0},
		{chapterRef{w.contradictionsTitle, "contradictions"}, len(b.d.Contradictions) > 0},
		{chapterRef{w.threadsTitle, "threads"}, len(b.d.Threads) > 0},
		{chapterRef{w.exhibitsTitle, "exhibits"}, b.d.Count > 0},
		{chapterRef{w.headersTitle, "headers"}, b.d.Count > 0},
		{chapterRef{w.indexTitle, "index"}, b.d.Count > 0},
		{chapterRef{w.ledgerTitle, "ledger"}, true},
		{chapterRef{w.checkTitle, "check"}, true},
		{chapterRef{w.methodTitle, "method"}, true},
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
		out += " " + fmt.Sprintf(b.w.more, len(ids)-len(shown))
	}
	return out
}
