package html

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/notice"
)

// glyph is the shape of an act or of another kind of entry, in a box from -8 to 8: shapes, so that the drawing reads without colours.
type glyph struct {
	kind string
	name markup
	path markup
}

func glyphs() []glyph {
	return []glyph{
		{"warning", "warning", "M0-7 7.5 6h-15z"},
		{"request", "request", "M0-6.5A6.5 6.5 0 1 1 0 6.5 6.5 6.5 0 1 1 0-6.5M0-3A3 3 0 1 0 0 3 3 3 0 1 0 0-3"},
		{"order", "order", "M-6-6H6V6H-6z"},
		{"threat", "threat", "M0 7-7.5-6h15z"},
		{"approval", "approval", "M-7.5 0-5-2.5-2 .5 5-6.5 7.5-4-2 5.5z"},
		{"acknowledgement", "acknowledgement", "M-6.5 0A6.5 6.5 0 0 1 6.5 0z"},
		{"confirmation", "confirmation", "M0-6A6 6 0 1 1 0 6 6 6 0 1 1 0-6"},
		{"denial", "denial", "M-6.5-4-4-6.5 0-2.5 4-6.5 6.5-4 2.5 0 6.5 4 4 6.5 0 2.5-4 6.5-6.5 4-2.5 0z"},
		{"blame", "blame", "M-7-5.5H1.5L7.5 0 1.5 5.5H-7z"},
		{"incident", "incident", "M0-8 2-2.7 7.6-2.5 3.2 1 4.7 6.5 0 3.4-4.7 6.5-3.2 1-7.6-2.5-2-2.7z"},
		{"notification", "notification", "M-7.5 0-3.7-6.5h7.4L7.5 0 3.7 6.5h-7.4z"},
		{"message", "message", "M0-3.5A3.5 3.5 0 1 1 0 3.5 3.5 3.5 0 1 1 0-3.5"},
		{"recipients-dropped", "dropped", "M-7-2H7V2H-7z"},
		{"event", "event", "M-6-7.5H6.5L3.5-3 6.5 1.5H-3.5V7.5H-6z"},
		{"read-receipt", "receipt", "M-8 0C-4-6 4-6 8 0 4 6-4 6-8 0M0-2.5A2.5 2.5 0 1 0 0 2.5 2.5 2.5 0 1 0 0-2.5"},
		{"bounce", "bounce", "M5.5-7.5-6 0 5.5 7.5V3L1.5 0 5.5-3z"},
	}
}

// glyphOf names the glyph of a kind; what is unknown looks like a plain message.
func glyphOf(kind string) markup {
	for _, g := range glyphs() {
		if g.kind == kind {
			return g.name
		}
	}
	return "message"
}

// glyphs writes the shapes once; they are used by reference.
func (p *page) glyphs() {
	p.m(`<svg class="defs" aria-hidden="true" width="0" height="0"><defs>`)
	for _, g := range glyphs() {
		p.m(`<path id="g-`, g.name, `" fill-rule="evenodd" d="`, g.path, `"/>`)
	}
	p.m("</defs></svg>\n")
}

// column is one message, or one event, of the drawing.
type column struct {
	at      *time.Time
	exhibit int
	author  string
	said    []*notice.Statement
	to      []string
	dropped []string
	entry   *notice.Entry // an event, receipt or bounce
	x       int
	gap     string // the silence before it, in words
}

const (
	drawWidth = 1000
	gutter    = 204
	laneTop   = 58
	laneStep  = 36
	maxLanes  = 18
	dayLabel  = 112 // room for "20 Sep 2025", "20. Sept. 2025"
)

// columns gathers what is drawn, in order of time: messages that say something, messages that lost recipients, events.
func (p *page) columns() []*column {
	byExhibit := map[int]*column{}
	var cols []*column
	of := func(exhibit int) *column {
		c := byExhibit[exhibit]
		if c == nil {
			c = &column{exhibit: exhibit}
			byExhibit[exhibit] = c
			cols = append(cols, c)
		}
		return c
	}
	for i := range p.d.Statements {
		st := &p.d.Statements[i]
		if st.Origin == notice.Rejected {
			continue
		}
		c := of(st.Exhibit)
		if c.at == nil {
			c.at = st.At
		}
		if c.author == "" {
			c.author = st.Author
		}
		c.said = append(c.said, st)
		for _, id := range st.Addressees {
			if !slices.Contains(c.to, id) {
				c.to = append(c.to, id)
			}
		}
	}
	for i := range p.d.Recipients {
		if r := &p.d.Recipients[i]; len(r.Dropped) > 0 {
			c := of(r.Exhibit)
			c.dropped = append(c.dropped, r.Dropped...)
		}
	}
	for i := range p.d.Timeline {
		e := &p.d.Timeline[i]
		switch e.Kind {
		case notice.KindEvent, notice.KindReceipt, notice.KindBounce:
			cols = append(cols, &column{at: e.At, exhibit: e.Exhibit, entry: e})
		default:
			if c := byExhibit[e.Exhibit]; c != nil && c.at == nil {
				c.at = e.At
			}
		}
	}
	slices.SortStableFunc(cols, func(a, b *column) int { return earlier(a.at, b.at) })
	return cols
}

// drawings writes the timeline as drawings of one page width each.
func (p *page) drawings() {
	cols := p.columns()
	if len(cols) == 0 {
		return
	}
	p.para(p.say.DrawingNote)
	p.legend()
	p.drawingTools()
	n := 0
	for at := 0; at < len(cols); n++ {
		if n == maxDrawings {
			p.note(p.say.DrawingLeftOut.of(len(cols) - at))
			return
		}
		end := p.place(cols, at)
		spread(cols[at:end])
		p.draw(cols[at:end], n+1)
		at = end
	}
}

// drawingTools are brought to life by the script; without it they stay hidden.
func (p *page) drawingTools() {
	s := p.say
	p.m(`<div class="zoom" id="zoom" hidden`)
	for _, w := range []struct {
		name markup
		text string
	}{{"data-go", s.GoTo}, {"data-close", s.Close}} {
		p.attr(w.name, w.text)
	}
	p.m(`>`)
	for _, b := range []struct {
		id, sign markup
		label    string
	}{{"zoom-out", "−", s.ZoomOut}, {"zoom-in", "+", s.ZoomIn}} {
		p.m(`<button type="button" id="`, b.id, `"`)
		p.attr("aria-label", b.label)
		p.attr("title", b.label)
		p.m(`>`, b.sign, `</button> `)
	}
	p.m(`<button type="button" id="zoom-fit">`)
	p.text(s.ZoomFit)
	p.m(`</button> <span class="b" id="draw-keys">`)
	p.text(s.DrawingKeys)
	p.m("</span></div>\n")
}

// place gives each column from at its x, until the drawing is full, and returns the end.
func (p *page) place(cols []*column, at int) int {
	x, day, dayX := gutter+dayLabel/2, "", 0
	for i := at; i < len(cols); i++ {
		c := cols[i]
		if i > at {
			x += 34
		}
		if i > 0 && c.at != nil && cols[i-1].at != nil {
			if gap := c.at.Sub(*cols[i-1].at); gap >= 48*time.Hour {
				c.gap = p.say.Days.of(int(gap.Hours() / 24))
				if i > at {
					x += min(90, 24+int(16*math.Log2(gap.Hours()/24)))
				}
			}
		}
		if c.at != nil { // a new day needs room for its label
			if d := p.date(c.at.In(p.o.Zone)); d != day {
				if day != "" {
					x = max(x, dayX+dayLabel)
				}
				day, dayX = d, x
			}
		}
		width := 26 * max(0, len(c.said)-1)
		if x+width > drawWidth-24 && i > at {
			return i
		}
		c.x = x
		x += min(width, drawWidth-24-gutter)
	}
	return len(cols)
}

// spread uses the whole width of a drawing that is not full.
func spread(cols []*column) {
	last := cols[len(cols)-1]
	from, to := cols[0].x, last.x+26*max(0, len(last.said)-1)
	if to == from {
		return
	}
	factor := min(1.6, float64(drawWidth-dayLabel/2-from)/float64(to-from))
	if factor <= 1 {
		return
	}
	for _, c := range cols {
		c.x = from + int(float64(c.x-from)*factor)
	}
}

func (p *page) legend() {
	used := map[string]bool{}
	for i := range p.d.Statements {
		for _, a := range p.d.Statements[i].Acts {
			used[string(a)] = true
		}
	}
	for i := range p.d.Timeline {
		used[string(p.d.Timeline[i].Kind)] = true
	}
	p.m(`<ul class="legend">`)
	for _, g := range glyphs() {
		if !used[g.kind] || g.kind == string(notice.KindMessage) || g.kind == string(notice.KindDropped) {
			continue
		}
		p.m(`<li>`)
		if w, ok := p.say.Acts[notice.Act(g.kind)]; ok {
			p.act(g.kind, w)
		} else {
			p.act(g.kind, p.say.Kinds[notice.EntryKind(g.kind)])
		}
		p.m(`</li>`)
	}
	p.m(`<li><svg class="g to" aria-hidden="true" viewBox="-8 -8 16 16"><circle r="4"/></svg>`)
	p.text(p.say.LegendTo)
	p.m(`</li><li><svg class="g drop" aria-hidden="true" viewBox="-8 -8 16 16"><path d="M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0m1.5 3.5 7-7"/></svg>`)
	p.text(p.say.LegendDropped)
	p.m("</li></ul>\n")
}

// draw writes one drawing: a lane for each person, time across, every message a mark from its author to its recipients.
func (p *page) draw(cols []*column, n int) {
	lanes, beyond := p.lanes(cols)
	row := make(map[string]int, len(lanes))
	for i, id := range lanes {
		row[id] = laneTop + i*laneStep
	}
	events := slices.ContainsFunc(cols, func(c *column) bool { return c.entry != nil })
	height := laneTop + len(lanes)*laneStep
	eventRow := height
	if events {
		height += laneStep
	}
	id := "tl-" + strconv.Itoa(n)
	p.m(`<figure class="draw"><div class="scroll" role="region" tabindex="0"`)
	p.attr("aria-labelledby", id+"-t")
	p.m(`><svg class="names" aria-hidden="true"`)
	p.attr("viewBox", fmt.Sprintf("0 0 %d %d", gutter, height))
	p.m(`>`)
	for i, lane := range lanes {
		p.laneName(laneTop+i*laneStep, p.plainName(lane))
	}
	if events {
		p.laneName(eventRow, p.say.EventLane)
	}
	p.m(`</svg><svg class="lanes" role="group"`)
	p.attr("aria-labelledby", id+"-t "+id+"-d")
	p.attr("viewBox", fmt.Sprintf("%d 0 %d %d", gutter, drawWidth-gutter, height))
	p.m(`><title`)
	p.attr("id", id+"-t")
	p.m(`>`)
	p.text(fmt.Sprintf(p.say.DrawingTitle, n))
	p.m(`</title><desc`)
	p.attr("id", id+"-d")
	p.m(`>`)
	p.text(p.say.DrawingDesc)
	p.m("</desc>\n")
	for i := range lanes {
		p.line("lane", gutter, laneTop+i*laneStep, drawWidth-4, laneTop+i*laneStep)
	}
	if events {
		p.line("lane", gutter, eventRow, drawWidth-4, eventRow)
	}
	p.axis(cols, height)
	for _, c := range cols {
		if c.entry != nil {
			p.drawEntry(c, eventRow, height)
		} else {
			p.drawMessage(c, row)
		}
	}
	p.m(`</svg></div></figure>
`)
	if beyond > 0 {
		p.note(p.say.LanesLeftOut.of(beyond))
	}
}

// lanes are the persons of these columns in the order of people, authors before the rest where there are too many.
func (p *page) lanes(cols []*column) (ids []string, beyond int) {
	rank := map[string]int{}
	for _, c := range cols {
		if c.author != "" {
			rank[c.author] = 2
		}
		for _, id := range slices.Concat(c.to, c.dropped) {
			rank[id] = max(rank[id], 1)
		}
	}
	for want := 2; want >= 1; want-- {
		for i := range p.d.People {
			id := p.d.People[i].ID
			if rank[id] != want {
				continue
			}
			if len(ids) == maxLanes {
				beyond++
				continue
			}
			ids = append(ids, id)
		}
	}
	order := map[string]int{}
	for i := range p.d.People {
		order[p.d.People[i].ID] = i
	}
	slices.SortStableFunc(ids, func(a, b string) int { return order[a] - order[b] })
	return ids, beyond
}

func (p *page) plainName(id string) string {
	if pr := p.person[id]; pr != nil {
		return name(pr)
	}
	return id
}

// at writes a number as an attribute of the drawing.
func (p *page) at(name markup, n int) { p.attr(name, strconv.Itoa(n)) }

func (p *page) svgText(class markup, x, y int, anchor markup, s string) {
	p.m(`<text class="`, class, `" text-anchor="`, anchor, `"`)
	p.at("x", x)
	p.at("y", y)
	p.m(`>`)
	p.text(s)
	p.m(`</text>`)
}

func (p *page) line(class markup, x1, y1, x2, y2 int) {
	p.m(`<path class="`, class, `"`)
	p.attr("d", fmt.Sprintf("M%d %dL%d %d", x1, y1, x2, y2))
	p.m(`/>`)
}

func (p *page) laneName(y int, label string) {
	p.svgText("name", gutter-12, y+5, "end", cut(label, 24))
}

// axis labels the days and the silences between them.
func (p *page) axis(cols []*column, height int) {
	lastGap, shown := math.MinInt/2, ""
	for i, c := range cols {
		if c.gap != "" && i > 0 {
			mid := (cols[i-1].x + 26*max(0, len(cols[i-1].said)-1) + c.x) / 2
			if mid-lastGap > 70 {
				p.svgText("gap", mid, 38, "middle", c.gap)
				lastGap = mid
			}
			p.line("fold", mid, 42, mid, height-12)
		}
		if c.at == nil {
			continue
		}
		day := p.date(c.at.In(p.o.Zone))
		if day != shown {
			p.svgText("day", c.x, 18, "middle", day)
			p.line("tick", c.x, 24, c.x, 30)
			shown = day
		}
	}
	p.m("\n")
}

func (p *page) drawMessage(c *column, row map[string]int) {
	top, bottom := math.MaxInt, math.MinInt
	reach := func(id string) (int, bool) {
		y, ok := row[id]
		if ok {
			top, bottom = min(top, y), max(bottom, y)
		}
		return y, ok
	}
	y, known := reach(c.author)
	for _, id := range slices.Concat(c.to, c.dropped) {
		reach(id)
	}
	if top < bottom {
		p.line("reach", c.x, top, c.x, bottom)
	}
	for _, id := range c.to {
		if y, ok := row[id]; ok && id != c.author {
			p.m(`<circle class="to" r="4"`)
			p.at("cx", c.x)
			p.at("cy", y)
			p.m(`/>`)
		}
	}
	for _, id := range c.dropped {
		if y, ok := row[id]; ok {
			p.m(`<path class="drop"`)
			p.attr("d", fmt.Sprintf("M%d %da5 5 0 1 0 10 0a5 5 0 1 0-10 0m1.5 3.5 7-7", c.x-5, y))
			p.m(`><title>`)
			p.text(fmt.Sprintf(p.say.DroppedHere, p.plainName(id), strconv.Itoa(c.exhibit)))
			p.m(`</title></path>`)
		}
	}
	if !known {
		y = laneTop - 10
	}
	for i, st := range c.said {
		x := c.x + 26*i
		if x > drawWidth-14 {
			break
		}
		p.drawMark(mark(st), st.ID, glyphOf(firstAct(st)), st.Origin == notice.Marked, x, y, p.caption(st))
	}
	p.m("\n")
}

// drawMark writes one mark: a link with a target of 24 by 24.
func (p *page) drawMark(anchor, statement string, g markup, marked bool, x, y int, caption string) {
	p.m(`<a class="mk `, g, `"`)
	p.attr("href", "#"+anchor)
	if marked {
		p.m(` data-o="marked"`)
	}
	if statement != "" {
		p.attr("data-s", statement)
	}
	p.m(`><title>`)
	p.text(caption)
	p.m(`</title><rect class="hit" width="24" height="24" rx="4"`)
	p.at("x", x-12)
	p.at("y", y-12)
	p.m(`/><use href="#g-`, g, `"`)
	p.at("x", x)
	p.at("y", y)
	p.m(`/></a>`)
}

// caption tells a mark in words.
func (p *page) caption(st *notice.Statement) string {
	var b strings.Builder
	if st.At != nil {
		b.WriteString(p.date(st.At.In(p.o.Zone)) + ", ")
	}
	b.WriteString(cut(first(p.plainName(st.Author), p.say.Unknown), maxName) + ": ")
	for i, a := range st.Acts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.actWord(a))
	}
	if w := p.say.Origins[st.Origin]; w != "" {
		b.WriteString(" (" + w + ")")
	}
	b.WriteString(". " + p.lang.Quoted(cut(strings.TrimSpace(st.Text), 160)))
	return b.String()
}

func (p *page) drawEntry(c *column, y, height int) {
	p.line("event", c.x, laneTop-14, c.x, height-laneStep)
	caption := cut(c.entry.Text, 200)
	if c.at != nil {
		caption = p.date(c.at.In(p.o.Zone)) + ": " + caption
	}
	anchor := "timeline"
	if c.exhibit > 0 {
		anchor = "x" + strconv.Itoa(c.exhibit)
	}
	p.drawMark(anchor, "", glyphOf(string(c.entry.Kind)), true, c.x, y, p.say.Kinds[c.entry.Kind]+p.say.Colon+caption)
	p.m("\n")
}
