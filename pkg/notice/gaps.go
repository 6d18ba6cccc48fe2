package notice

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Cited is a message that others cite and that is not held.
type Cited struct {
	MessageID string
	Thread    int32
	By        []int32 // messages
}

// Bounds on a date that fits its hops.
const (
	maxDateAhead  = 10 * 60      // seconds by which a Date may be after the first hop: clocks differ
	maxDateBehind = 24 * 60 * 60 // seconds by which it may be before it: mail waits in outboxes
	maxHolders    = 50
	leastGapWords = 8 // of a quotation that shows that a message is missing
)

// gaps lists what is missing or does not fit: cited messages, answers without what they answer, dates that their hops do not bear out.
func (a *analysis) gaps() iter.Seq2[Gap, error] {
	return func(yield func(Gap, error) bool) {
		cited := make(bitset, (len(a.Messages)+63)/64) // messages whose gap is told already
		if a.Cited != nil {
			for c, err := range a.Cited {
				if err != nil {
					yield(Gap{}, err)
					return
				}
				for _, m := range c.By {
					cited.set(m)
				}
				if !yield(a.citedGap(&c), nil) {
					return
				}
			}
		}
		quote := 0
		for i := range a.Messages {
			m := &a.Messages[i]
			only := 0
			for ; quote < a.quoteRows.Len() && a.quoteRows.At(quote).message <= int32(i); quote++ {
				if q := a.quoteRows.At(quote); q.state == 2 && q.words >= leastGapWords {
					only++
				}
			}
			if only > 0 && !cited.has(int32(i)) {
				g := a.gap(GapQuoted, []int32{int32(i)})
				g.Text = fmt.Sprintf("exhibit %d quotes words that stand in no message held", m.Exhibit)
				if !yield(g, nil) {
					return
				}
			}
			if m.Bare && m.Parent < 0 && !m.Automatic {
				g := a.gap(GapParent, []int32{int32(i)})
				g.Text = fmt.Sprintf("the subject of exhibit %d says that it answers a message; it names none, and none that fits is held", m.Exhibit)
				if !yield(g, nil) {
					return
				}
			}
			if a.Skew == nil {
				continue
			}
			if by := a.Skew(int32(i)); (by > maxDateAhead || by < -maxDateBehind) && !yield(a.dateGap(int32(i), by), nil) {
				return
			}
		}
	}
}

// dateGap tells of a Date that is so many seconds after the oldest hop.
func (a *analysis) dateGap(message int32, by int64) Gap {
	g := a.gap(GapDate, []int32{message})
	g.Seconds = by
	relation := "later"
	if by < 0 {
		relation = "earlier"
	}
	g.Text = fmt.Sprintf("the Date of exhibit %d is %s %s than the time at which the first server recorded it", g.Exhibits[0], lasting(time.Duration(by)*time.Second), relation)
	return g
}

// gap takes the exhibits and who would have what is missing: those of the messages that show it.
func (a *analysis) gap(kind GapKind, by []int32) Gap {
	g := Gap{Kind: kind, Exhibits: []int{}, Holders: []string{}}
	add := func(p int32) {
		if id := a.id(p); id != "" && len(g.Holders) < maxHolders && !slices.Contains(g.Holders, id) {
			g.Holders = append(g.Holders, id)
		}
	}
	for n, i := range by {
		m := &a.Messages[i]
		g.Exhibits = append(g.Exhibits, int(m.Exhibit))
		if a.ThreadID != nil {
			g.Thread = a.ThreadID(m.Thread)
		}
		if n > 0 {
			continue // the first who cites it shows best to whom it went
		}
		add(m.Author)
		for _, r := range a.recipients(m) {
			add(r.Person)
		}
	}
	return g
}

func (a *analysis) citedGap(c *Cited) Gap {
	g := a.gap(GapCited, c.By)
	g.MessageID = c.MessageID
	inside := slices.ContainsFunc(c.By, func(i int32) bool { return a.holds(a.Messages[i].Parent) })
	by := exhibits(g.Exhibits)
	_, domain, _ := strings.Cut(strings.Trim(c.MessageID, "<>"), "@")
	g.Text = fmt.Sprintf("%s cite%s a message that is not held", by, plural(len(g.Exhibits) == 1))
	if inside {
		g.Kind = GapHole
		g.Text = fmt.Sprintf("%s cite%s a message that is not held and that stands between messages of the thread that are", by, plural(len(g.Exhibits) == 1))
	}
	if domain != "" {
		g.Text += "; its ID was made at " + short(domain)
	}
	if len(g.Holders) > 0 {
		g.Text += "; who wrote or received exhibit " + fmt.Sprint(g.Exhibits[0]) + " is likely to have it"
	}
	return g
}

func plural(one bool) string {
	if one {
		return "s"
	}
	return ""
}

// exhibits names up to five.
func exhibits(list []int) string {
	if len(list) == 1 {
		return fmt.Sprintf("exhibit %d", list[0])
	}
	var b strings.Builder
	b.WriteString("exhibits ")
	for i, e := range list[:min(5, len(list))] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, e)
	}
	if more := len(list) - 5; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}
