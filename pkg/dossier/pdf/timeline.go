package pdf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"onrecord/pkg/notice"
)

// The drawing: time goes across, a lane for each person, a mark where the sender sends, lines to the recipients.
const (
	laneLabel  = 104.0
	laneHeight = 21.0
	laneMost   = 14 // lanes of one plate; the last one gathers the others
	slotMost   = 24 // marks of one plate
	drawMost   = 400
	drawAll    = 120 // up to so many messages all are drawn; beyond, those that say or change something
)

// slot is one place on the time axis.
type slot struct {
	at      *time.Time
	exhibit int    // 0 for an event
	event   string // its title
	act     string // decides the mark
	from    int32
	to      []int32
	dropped []int32
}

// timeline draws the chapter: plates, legend, list.
func (b *book) timeline(v *view) {
	if len(b.d.Timeline) == 0 {
		return
	}
	b.chapter(b.w.TimelineTitle, "timeline")
	slots, all := b.slots(v)
	b.para(faint(b.w.TimelineIntro))
	if len(slots) < all {
		b.para(faint(fmt.Sprintf(b.w.TimelineSome, len(slots), all)))
	}
	b.y = b.legend(b, b.y)
	for _, part := range stretchesOf(slots) {
		p := b.newPlate(part)
		b.need(p.height)
		b.drawPlate(b, v, p, b.y)
		b.y += p.height + 10
	}
	b.timelineList(v)
}

// canvas is what a drawing is made on: a page, or an SVG file.
type canvas interface {
	text(x, y float64, text string, s style)
	rect(x, y, w, h float64, c colour)
	line(x1, y1, x2, y2, width float64, c colour)
	dashed(x1, y1, x2, y2, width float64, c colour)
	path(points [][2]float64, width float64, c, fill colour)
	disc(x, y, r, width float64, c, fill colour)
}

// stretchesOf parts the slots into plates, the last two of nearly equal length.
func stretchesOf(slots []slot) [][]slot {
	var out [][]slot
	for len(slots) > 0 {
		n := min(slotMost, len(slots))
		if len(slots) > slotMost && len(slots) < 2*slotMost {
			n = (len(slots) + 1) / 2
		}
		out = append(out, slots[:n])
		slots = slots[n:]
	}
	return out
}

// slots chooses what is drawn, in order of time; all is how many there would be.
func (b *book) slots(v *view) ([]slot, int) {
	var out []slot
	for i := range v.exhibits {
		x := &v.exhibits[i]
		s := slot{at: x.at, exhibit: i + 1, from: x.from, to: x.to, act: string(notice.KindMessage)}
		rank := 0
		for _, st := range v.inExhibit[i+1] {
			if st.Origin == notice.Rejected {
				continue
			}
			for _, a := range st.Acts {
				if r := actRank(a); r > rank {
					rank, s.act = r, string(a)
				}
			}
		}
		if c := v.changes[i+1]; c != nil {
			for _, id := range c.Dropped {
				if k, ok := v.person[id]; ok && len(s.dropped) < maxMarks {
					s.dropped = append(s.dropped, int32(k))
				}
			}
		}
		if len(v.exhibits) <= drawAll || rank > 1 || len(s.dropped) > 0 {
			out = append(out, s)
		}
	}
	all := len(v.exhibits)
	for _, e := range b.d.Timeline {
		if e.Kind == notice.KindEvent {
			all++
			out = append(out, slot{at: e.At, event: e.Text, from: -1, act: string(e.Kind)})
		}
	}
	slices.SortStableFunc(out, func(p, q slot) int { return compareTimes(p.at, q.at) })
	return out[:min(len(out), drawMost)], all
}

// actRank orders acts by what a mark should show of a message that does several things.
func actRank(a notice.Act) int {
	switch a {
	case notice.Denial:
		return 9
	case notice.Incident:
		return 8
	case notice.Warning:
		return 7
	case notice.Blame:
		return 6
	case notice.Threat:
		return 5
	case notice.Order:
		return 4
	case notice.Notification:
		return 3
	case notice.Approval, notice.Acknowledgement, notice.Confirmation:
		return 2
	}
	return 1
}

// legend explains the marks, from y on, and returns where it ends.
func (b *book) legend(c canvas, y float64) float64 {
	x := b.left
	for _, e := range [...]struct{ kind, text string }{
		{string(notice.Warning), b.w.LegendWarning}, {string(notice.Notification), b.w.LegendNotification}, {string(notice.Order), b.w.LegendOrder},
		{string(notice.Denial), b.w.LegendDenial}, {string(notice.Incident), b.w.LegendIncident},
		{string(notice.Acknowledgement), b.w.LegendAcknowledgement}, {string(notice.KindMessage), b.w.LegendMessage}, {string(notice.KindDropped), b.w.LegendDropped}, {string(notice.KindEvent), b.say.Kind(notice.KindEvent)},
	} {
		width := b.t.measure(e.text, regular, tinySize)
		if x+width+16 > b.right {
			x = b.left
			y += 11
		}
		if e.kind == string(notice.KindEvent) {
			c.dashed(x+4, y, x+4, y+10, 0.8, alert)
		} else {
			drawMark(c, x+4, y+5, b.markOf(e.kind))
		}
		c.text(x+11, y+7.4, e.text, style{size: tinySize, ink: ink})
		x += width + 24
	}
	return y + 20
}

// lanes chooses the people of a plate: those who take part, by first appearance. The last lane gathers what does not fit, as -1.
func lanes(slots []slot) []int32 {
	marks := map[int32]int{}
	var order []int32
	note := func(p int32, weight int) {
		if p < 0 {
			return
		}
		if marks[p] == 0 {
			order = append(order, p)
		}
		marks[p] += weight
	}
	for _, s := range slots {
		note(s.from, 100)
		for _, p := range s.dropped {
			note(p, 10)
		}
		for _, p := range s.to {
			note(p, 1)
		}
	}
	if len(order) <= laneMost {
		slices.Sort(order)
		return order
	}
	slices.SortStableFunc(order, func(p, q int32) int { return cmp.Or(-cmp.Compare(marks[p], marks[q]), cmp.Compare(p, q)) })
	order = order[:laneMost-1]
	slices.Sort(order)
	return append(order, -1)
}

func events(slots []slot) int {
	n := 0
	for i := range slots {
		if slots[i].exhibit == 0 {
			n++
		}
	}
	return n
}

// The heights of a plate's parts.
const (
	plateHead  = 35.0
	eventLine  = 8.6
	clockLane  = 15.0
	plateFoot  = 13.0
	clocksMost = 4 // clocks on a plate
)

// plate is one stretch of time, measured.
type plate struct {
	slots  []slot
	who    []int32
	lane   map[int32]int
	clocks []*notice.Clock // that run in it
	xs     []float64
	folds  []fold
	y0     float64 // upper edge of the lanes
	bottom float64 // lower edge of the lanes
	height float64
}

// newPlate measures a plate whose upper edge is at y.
func (b *book) newPlate(slots []slot) *plate {
	p := &plate{slots: slots, who: lanes(slots), lane: map[int32]int{}}
	for i, person := range p.who {
		p.lane[person] = i
	}
	p.xs, p.folds = places(slots, b.left+laneLabel+14, b.right-12)
	for i := range b.d.Clocks {
		if c := &b.d.Clocks[i]; len(p.clocks) < clocksMost && p.touches(c) {
			p.clocks = append(p.clocks, c)
		}
	}
	p.height = plateHead + laneHeight*float64(len(p.who)) + clockLane*float64(len(p.clocks)) + plateFoot
	if n := events(slots); n > 0 {
		p.height += 8 + eventLine*float64(n)
	}
	return p
}

func (p *plate) touches(c *notice.Clock) bool {
	first, last := p.span()
	end := c.Stop.At
	if end == nil {
		end = c.Due
	}
	return c.Start.At != nil && end != nil && first != nil && !c.Start.At.After(*last) && !end.Before(*first)
}

// span gives the first and the last known time.
func (p *plate) span() (first, last *time.Time) {
	for i := range p.slots {
		if at := p.slots[i].at; at != nil {
			if first == nil {
				first = at
			}
			last = at
		}
	}
	return first, last
}

// x is where a time lies on the axis, between the slots around it.
func (p *plate) x(at time.Time) float64 {
	before := -1
	for i := range p.slots {
		t := p.slots[i].at
		if t == nil {
			continue
		}
		if !t.Before(at) {
			if before < 0 || t.Equal(at) {
				return p.xs[i]
			}
			share := float64(at.Sub(*p.slots[before].at)) / float64(t.Sub(*p.slots[before].at))
			return p.xs[before] + share*(p.xs[i]-p.xs[before])
		}
		before = i
	}
	return p.xs[max(before, 0)] + 10
}

func (p *plate) laneOf(person int32) (int, bool) {
	if i, ok := p.lane[person]; ok {
		return i, true
	}
	gathered, ok := p.lane[-1]
	return gathered, ok && person >= 0
}

func (p *plate) laneY(i int) float64 { return p.y0 + laneHeight*(float64(i)+0.5) }

// draw draws a plate with its upper edge at y.
func (b *book) drawPlate(c canvas, v *view, p *plate, y float64) {
	p.y0 = y + plateHead
	p.bottom = p.y0 + laneHeight*float64(len(p.who))
	from := b.left + laneLabel
	for i, person := range p.who {
		name := b.w.Others
		if person >= 0 {
			name = personName(&v.d.People[person])
		}
		if i%2 == 0 {
			c.rect(b.left, p.y0+laneHeight*float64(i), measure, laneHeight, panel)
		}
		c.text(b.left+3, p.laneY(i)+2.6, b.t.fit(oneLine(name), regular, 7.2, laneLabel-8), style{size: 7.2, ink: ink})
		c.line(from, p.laneY(i), b.right, p.laneY(i), 0.3, rule)
	}
	for _, f := range p.folds {
		c.rect(f.x-3.4, p.y0, 6.8, p.bottom-p.y0, colour{255, 255, 255})
		c.dashed(f.x-3.4, p.y0, f.x-3.4, p.bottom, 0.4, pale)
		c.dashed(f.x+3.4, p.y0, f.x+3.4, p.bottom, 0.4, pale)
	}
	b.foldLabels(c, p)
	b.dates(c, p)
	foot := p.bottom + plateFoot
	for _, k := range p.clocks {
		b.drawClock(c, p, k, foot)
		foot += clockLane
	}
	b.drawEvents(c, p, foot)
	end := -1000.0 // of the last number that stands low; one that would touch it stands higher
	for i := range p.slots {
		if s := &p.slots[i]; s.exhibit > 0 {
			number := fmt.Sprint(s.exhibit)
			width := b.t.measure(number, regular, 6)
			x, y := p.xs[i]-width/2, p.y0-5
			if x < end+1.5 {
				y -= 6
			} else {
				end = x + width
			}
			c.text(x, y, number, style{size: 6, ink: accent, to: anchorExhibit(s.exhibit)})
			b.message(c, s, p.xs[i], p.laneOf, p.laneY)
		}
	}
	c.line(from, p.y0, from, p.bottom, 0.5, pale)
}

// foldLabels says how long the folded silences are; of two that would run into each other the second stands lower.
func (b *book) foldLabels(c canvas, p *plate) {
	end := -1000.0
	for _, f := range p.folds {
		label := b.say.Days(f.days)
		width := b.t.measure(label, regular, 5.4)
		x, y := f.x-width/2, p.bottom+6.4
		if x < end+2 {
			y += 5.6
		} else {
			end = x + width
		}
		c.text(x, y, label, style{size: 5.4, ink: grey})
	}
}

// dates writes the days above the lanes, and a year where it changes.
func (b *book) dates(c canvas, p *plate) {
	lastLabel, lastDay, lastYear := -1000.0, "", ""
	for i := range p.slots {
		s, x := &p.slots[i], p.xs[i]
		day := b.dayMonth(s.at)
		if day == lastDay {
			continue
		}
		width := b.t.measure(day, bold, 6.2)
		if x-width/2 <= lastLabel+3 {
			continue
		}
		at := max(b.left+laneLabel, min(x-width/2, b.right-width))
		c.text(at, p.y0-20, day, style{face: bold, size: 6.2, ink: grey})
		if year := b.year(s.at); year != lastYear {
			c.text(at, p.y0-27.5, year, style{face: bold, size: 6.2, ink: accent})
			lastYear = year
		}
		lastLabel, lastDay = at+width, day
	}
}

// drawEvents draws what the case file says happened: a dashed line over the lanes with a letter at its foot, and what the letters stand for below.
func (b *book) drawEvents(c canvas, p *plate, y float64) {
	n, lastEnd := 0, -1000.0
	for i := range p.slots {
		s, x := &p.slots[i], p.xs[i]
		if s.exhibit > 0 {
			continue
		}
		letter := eventLetter(n)
		width := b.t.measure(letter, bold, 6.2)
		c.dashed(x, p.y0-4, x, y, 0.8, alert)
		at := max(x-width/2, lastEnd+2)
		c.text(at, y+6.6, letter, style{face: bold, size: 6.2, ink: alert})
		lastEnd = at + width
		base := y + 10 + eventLine*float64(n+1)
		when := b.dateTime(s.at)
		c.text(b.left+3, base, letter, style{face: bold, size: 6.4, ink: alert})
		c.text(b.left+16, base, when, style{size: 6.4, ink: grey})
		c.text(b.left+laneLabel, base, b.t.fit(oneLine(s.event), regular, 6.4, measure-laneLabel), style{size: 6.4, ink: ink})
		n++
	}
}

// eventLetter names the n-th event of a plate: A to Z, then A2 …
func eventLetter(n int) string {
	letter := string(rune('A' + n%26))
	if n >= 26 {
		letter += fmt.Sprint(n/26 + 1)
	}
	return letter
}

// drawClock draws a clock below the lanes: from its start to its stop, the limit marked.
func (b *book) drawClock(c canvas, p *plate, k *notice.Clock, y float64) {
	first, last := p.span()
	place := func(at *time.Time) float64 {
		switch {
		case at.Before(*first):
			return b.left + laneLabel
		case at.After(*last):
			return b.right
		}
		return p.x(*at)
	}
	start := place(k.Start.At)
	end := start
	if k.Stop.At != nil {
		end = place(k.Stop.At)
	}
	c.text(b.left+3, y+8, b.t.fit(oneLine(k.Title), regular, 6.4, laneLabel-8), style{size: 6.4, ink: ink})
	if k.Due != nil {
		due := place(k.Due)
		c.rect(start, y+3.4, max(0, due-start), 5, colour{190, 208, 224})
		if end > due {
			c.rect(due, y+3.4, end-due, 5, colour{226, 170, 164})
		}
		c.line(due, y+1, due, y+10.6, 1.1, alert)
		end = max(end, due)
	} else {
		c.rect(start, y+3.4, max(0, end-start), 5, colour{190, 208, 224})
	}
	c.line(start, y+1, start, y+10.6, 0.8, ink)
	if k.Stop.At != nil {
		drawMark(c, place(k.Stop.At), y+5.9, mark{diamond, ink})
	}
	label := ""
	if k.LimitSeconds > 0 {
		label = b.say.Limit(k.LimitSeconds)
	}
	if k.Stop.At != nil {
		label = b.say.Span(k.Stop.Seconds)
		if k.LimitSeconds > 0 {
			label += " / " + b.say.Limit(k.LimitSeconds)
		}
	}
	width := b.t.measure(label, bold, 5.8)
	at := end + 6
	if at+width > b.right {
		at = start - 4 - width
	}
	c.text(at, y+8, label, style{face: bold, size: 5.8, ink: ink})
}

// message draws one message: a stroke over the lanes that it touches, a bar for each recipient, a cross for each that was dropped,
// and the sender's mark on top.
func (b *book) message(c canvas, s *slot, x float64, laneOf func(int32) (int, bool), laneY func(int) float64) {
	m := b.markOf(s.act)
	from, known := laneOf(s.from)
	lo, hi := math.Inf(1), math.Inf(-1)
	reach := func(i int) { lo, hi = min(lo, laneY(i)), max(hi, laneY(i)) }
	if known {
		reach(from)
	}
	for _, p := range s.to {
		if i, ok := laneOf(p); ok {
			reach(i)
		}
	}
	if hi > lo {
		c.line(x, lo, x, hi, 0.7, m.ink)
	}
	for _, p := range s.to {
		if i, ok := laneOf(p); ok && !(known && i == from) {
			c.rect(x-2.6, laneY(i)-0.9, 5.2, 1.8, m.ink)
		}
	}
	for _, p := range s.dropped {
		if i, ok := laneOf(p); ok {
			drawMark(c, x, laneY(i), mark{cross, alert})
		}
	}
	if known {
		drawMark(c, x, laneY(from), m)
	}
}

// fold is a stretch of silence that is drawn shorter than it was.
type fold struct {
	x    float64
	days int
}

// places spreads the slots over the axis: distances grow with the logarithm of time, and long silences are folded.
func places(slots []slot, from, to float64) ([]float64, []fold) {
	gaps := make([]float64, len(slots))
	days := make([]int, len(slots))
	var all []float64
	for i := 1; i < len(slots); i++ {
		gap := 1.0
		if slots[i].at != nil && slots[i-1].at != nil {
			hours := slots[i].at.Sub(*slots[i-1].at).Hours()
			gap += 0.5 * math.Log1p(max(0, hours)/6)
			days[i] = int(hours / 24)
			all = append(all, hours)
		}
		gaps[i] = gap
	}
	slices.Sort(all)
	threshold := 72.0
	if len(all) > 0 {
		threshold = max(threshold, 4*all[len(all)/2])
	}
	sum := 0.0
	for i := range gaps {
		if float64(days[i])*24 >= threshold {
			gaps[i] = max(2.4, min(gaps[i], 3))
		} else {
			days[i] = 0
		}
		sum += gaps[i]
	}
	unit := 0.0
	if sum > 0 {
		unit = min((to-from)/sum, 40)
	}
	xs := make([]float64, len(slots))
	var folds []fold
	x := from
	for i := range slots {
		x += gaps[i] * unit
		xs[i] = x
		if days[i] > 0 {
			folds = append(folds, fold{x - gaps[i]*unit/2, days[i]})
		}
	}
	return xs, folds
}
