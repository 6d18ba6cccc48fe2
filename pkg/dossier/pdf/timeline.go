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

// mark is how an act looks: shape and colour, so that grey print tells them apart, too.
type mark struct {
	shape shape
	ink   colour
}

type shape int

const (
	dot shape = iota
	triangle
	inverted
	square
	diamond
	cross
	star
	ring
)

// markOf gives the mark of an act or of a kind of timeline entry.
func (b *book) markOf(kind string) mark {
	switch kind {
	case string(notice.Warning):
		return mark{triangle, colour{176, 96, 0}}
	case string(notice.Notification):
		return mark{inverted, colour{176, 96, 0}}
	case string(notice.Order), string(notice.Threat):
		return mark{square, colour{86, 60, 130}}
	case string(notice.Denial), string(notice.Blame):
		return mark{diamond, alert}
	case string(notice.Incident):
		return mark{star, alert}
	case string(notice.Acknowledgement), string(notice.Confirmation), string(notice.Approval), string(notice.KindReceipt):
		return mark{ring, colour{20, 104, 84}}
	case string(notice.KindDropped), string(notice.KindBounce):
		return mark{cross, alert}
	case string(notice.Request):
		return mark{square, colour{120, 128, 138}}
	}
	return mark{dot, ink}
}

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
	b.chapter(b.w.timelineTitle, "timeline")
	slots, all := b.slots(v)
	b.para(faint(b.w.timelineIntro))
	if len(slots) < all {
		b.para(faint(fmt.Sprintf(b.w.timelineSome, len(slots), all)))
	}
	b.legend()
	for from := 0; from < len(slots); from += slotMost {
		b.plate(v, slots[from:min(from+slotMost, len(slots))])
	}
	b.timelineList(v)
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

// legend explains the marks.
func (b *book) legend() {
	x := left
	for _, e := range [...]struct{ kind, text string }{
		{string(notice.Warning), b.w.legendWarning}, {string(notice.Notification), b.w.legendNotification}, {string(notice.Order), b.w.legendOrder},
		{string(notice.Denial), b.w.legendDenial}, {string(notice.Incident), b.w.legendIncident},
		{string(notice.Acknowledgement), b.w.legendAcknowledgement}, {string(notice.KindMessage), b.w.legendMessage}, {string(notice.KindDropped), b.w.legendDropped},
	} {
		width := b.t.measure(e.text, regular, tinySize)
		if x+width+16 > right {
			x = left
			b.y += 11
		}
		b.mark(x+4, b.y+5, b.markOf(e.kind))
		b.text(x+11, b.y+7.4, e.text, style{size: tinySize, ink: ink})
		x += width + 24
	}
	b.y += 20
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

// eventRows is in how many rows the labels of events stand below each other, where they would run into each other in one.
const eventRows = 4

func events(slots []slot) int {
	n := 0
	for i := range slots {
		if slots[i].exhibit == 0 {
			n++
		}
	}
	return n
}

// plate draws one stretch of time.
func (b *book) plate(v *view, slots []slot) {
	who := lanes(slots)
	lane := map[int32]int{}
	for i, p := range who {
		lane[p] = i
	}
	gathered, isGathered := lane[-1]
	laneOf := func(p int32) (int, bool) {
		if i, ok := lane[p]; ok {
			return i, true
		}
		return gathered, isGathered && p >= 0
	}
	const head, eventLine = 30.0, 7.0
	foot := 20 + eventLine*float64(max(0, min(events(slots), eventRows)-1))
	height := head + laneHeight*float64(len(who)) + foot
	b.need(height)
	y0 := b.y + head
	laneY := func(i int) float64 { return y0 + laneHeight*(float64(i)+0.5) }
	for i, p := range who {
		name := b.w.others
		if p >= 0 {
			name = personName(&v.d.People[p])
		}
		if i%2 == 0 {
			b.rect(left, y0+laneHeight*float64(i), measure, laneHeight, panel)
		}
		b.text(left+3, laneY(i)+2.6, b.t.fit(name, regular, 7.2, laneLabel-8), style{size: 7.2, ink: ink})
		b.line(left+laneLabel, laneY(i), right, laneY(i), 0.3, rule)
	}
	xs, folds := places(slots, left+laneLabel+14, right-12)
	bottomY := y0 + laneHeight*float64(len(who))
	for _, f := range folds {
		b.rect(f.x-3.4, y0, 6.8, bottomY-y0, colour{255, 255, 255})
		b.dashed(f.x-3.4, y0, f.x-3.4, bottomY, 0.4, pale)
		b.dashed(f.x+3.4, y0, f.x+3.4, bottomY, 0.4, pale)
		label := fmt.Sprintf(b.w.foldDays, f.days)
		b.text(f.x-b.t.measure(label, regular, 5.4)/2, bottomY+8, label, style{size: 5.4, ink: grey})
	}
	lastLabel, lastDay := -1000.0, ""
	var rowEnd [eventRows]float64 // where the last event's label of each row ends
	for i := range slots {
		s, x := &slots[i], xs[i]
		if day := b.dayMonth(s.at); day != lastDay {
			width := b.t.measure(day, bold, 6.2)
			if x-width/2 > lastLabel+3 {
				at := max(left+laneLabel, min(x-width/2, right-width))
				b.text(at, y0-15, day, style{face: bold, size: 6.2, ink: grey})
				if year := b.year(s.at); i == 0 || year != b.year(slots[i-1].at) {
					b.text(at, y0-22.5, year, style{face: bold, size: 6.2, ink: accent})
				}
				lastLabel, lastDay = at+width, day
			}
		}
		if s.exhibit == 0 {
			b.dashed(x, y0-4, x, bottomY, 0.9, alert)
			label := b.t.fit(oneLine(s.event), bold, 5.8, 90)
			width := b.t.measure(label, bold, 5.8)
			at := max(left+laneLabel, min(x-width/2, right-width))
			row := 0
			for row < eventRows-1 && rowEnd[row] > at-4 {
				row++
			}
			rowEnd[row] = at + width
			b.text(at, bottomY+15+eventLine*float64(row), label, style{face: bold, size: 5.8, ink: alert})
			continue
		}
		number := fmt.Sprint(s.exhibit)
		width := b.t.measure(number, regular, 6)
		b.text(x-width/2, y0-6, number, style{size: 6, ink: accent, to: anchorExhibit(s.exhibit)})
		b.message(s, x, laneOf, laneY)
	}
	b.line(left+laneLabel, y0, left+laneLabel, bottomY, 0.5, pale)
	b.y += height + 10
}

// message draws one message: a stroke over the lanes that it touches, a bar for each recipient, a cross for each that was dropped,
// and the sender's mark on top.
func (b *book) message(s *slot, x float64, laneOf func(int32) (int, bool), laneY func(int) float64) {
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
		b.line(x, lo, x, hi, 0.7, m.ink)
	}
	for _, p := range s.to {
		if i, ok := laneOf(p); ok && !(known && i == from) {
			b.rect(x-2.6, laneY(i)-0.9, 5.2, 1.8, m.ink)
		}
	}
	for _, p := range s.dropped {
		if i, ok := laneOf(p); ok {
			b.mark(x, laneY(i), mark{cross, alert})
		}
	}
	if known {
		b.mark(x, laneY(from), m)
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

// mark draws a mark centred on x, y.
func (b *book) mark(x, y float64, m mark) {
	const r = 3.6
	white := colour{255, 255, 255}
	switch m.shape {
	case triangle:
		b.path([][2]float64{{x, y - r}, {x + r, y + r*0.8}, {x - r, y + r*0.8}}, 0.5, white, m.ink)
	case inverted:
		b.path([][2]float64{{x, y + r}, {x + r, y - r*0.8}, {x - r, y - r*0.8}}, 0.5, white, m.ink)
	case square:
		b.path([][2]float64{{x - 3, y - 3}, {x + 3, y - 3}, {x + 3, y + 3}, {x - 3, y + 3}}, 0.5, white, m.ink)
	case diamond:
		b.path([][2]float64{{x, y - r - 0.6}, {x + r, y}, {x, y + r + 0.6}, {x - r, y}}, 0.5, white, m.ink)
	case star:
		points := make([][2]float64, 0, 10)
		for i := range 10 {
			radius := r + 1
			if i%2 == 1 {
				radius = r * 0.5
			}
			a := math.Pi/5*float64(i) - math.Pi/2
			points = append(points, [2]float64{x + radius*math.Cos(a), y + radius*math.Sin(a)})
		}
		b.path(points, 0.4, white, m.ink)
	case cross:
		b.line(x-2.6, y-2.6, x+2.6, y+2.6, 1.1, m.ink)
		b.line(x-2.6, y+2.6, x+2.6, y-2.6, 1.1, m.ink)
	case ring:
		b.disc(x, y, 2.7, 1.2, m.ink, white)
	default:
		b.disc(x, y, 2.1, 0.4, white, m.ink)
	}
}
