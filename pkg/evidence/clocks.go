package evidence

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/datetime"
	"onrecord/pkg/idtime"
	"onrecord/pkg/mbox"
	"onrecord/pkg/message"
	"onrecord/pkg/remark"
	"onrecord/pkg/trace"
)

// Mark is a time that stands in a message, with where it stands.
type Mark struct {
	Time  time.Time `json:"time"`
	Basis Basis     `json:"basis"`
	Index int       `json:"index"`          // of the field in header[]; -1 for the envelope line
	Form  string    `json:"form,omitempty"` // of a time that a program left: which program, and how exact

	within time.Duration // how exact the form is
}

// ClockNote tells where two times contradict each other. It says what does not fit, not why.
type ClockNote struct {
	Kind     string  `json:"kind"`
	Text     string  `json:"text"`     // with both values
	Instants [2]int  `json:"instants"` // indices in instants[]
	Seconds  float64 `json:"seconds"`  // from the first to the second
}

// The kinds of notes.
const (
	ClockDateAfterReceipt  = "date-after-receipt"      // received before it was written
	ClockDateBeforeReceipt = "date-long-before"        // received long after it was written
	ClockMadeAfterDate     = "made-after-date"         // an identifier was made after the Date
	ClockMadeBeforeDate    = "made-long-before-date"   // an identifier was made long before the Date
	ClockMadeAfterReceipt  = "made-after-receipt"      // an identifier was made after a server had the message
	ClockSignedBeforeDate  = "signed-before-date"      // the signature is older than the message
	ClockSignedAfter       = "signed-after-receipt"    // the signature is newer than the newest record
	ClockHopOrder          = "hop-order"               // a later server has an earlier time
	ClockHopGap            = "hop-gap"                 // a long time between two servers
	ClockSealOrder         = "seal-order"              // a later ARC set is older
	ClockResent            = "resent-before-date"      // sent on before it was written
	ClockEnvelope          = "envelope-before-receipt" // the mailbox has an earlier time than the servers
	ClockThread            = "conversation-after-date" // the conversation began after the message was written
)

const (
	clockTolerance = 15 * time.Minute // what clocks of servers may differ by without a word
	dateTolerance  = time.Hour        // what the clocks of people's machines may, or a mistaken summer time
	longTime       = 24 * time.Hour
	zoneless       = 15 * time.Hour    // of a local time without its zone
	conversation   = time.Duration(-1) // of Mark.within: when the conversation began, which is never after the message
	untold         = time.Duration(-2) // of Mark.within: programs count it in different ways; shown, not compared
	maxClockNotes  = 20
	maxMarks       = 300
)

// clocks gathers every time that the message shows, and notes where they contradict each other.
func (r *Record) clocks(h message.Header) {
	marks := make([]Mark, 0, len(r.Received)+4+len(r.Authentication.DKIM)+3*len(r.Authentication.ARC.Sets))
	hop, signature := 0, 0
	for i := range h {
		f := &h[i]
		if len(marks) >= maxMarks || f.Name == "" {
			break
		}
		switch f.Name[0] | 0x20 {
		case 'd':
			switch {
			case f.Is("Date"):
				if r.Date.Time != nil && len(marks) < maxMarks && !has(marks, BasisOrigination) {
					marks = append(marks, Mark{Time: *r.Date.Time, Basis: BasisOrigination, Index: i})
				}
			case f.Is("DKIM-Signature") || f.Is("DomainKey-Signature"):
				if signature < len(r.Authentication.DKIM) {
					s := &r.Authentication.DKIM[signature]
					signature++
					if s.SignedAt != nil {
						marks = append(marks, Mark{Time: *s.SignedAt, Basis: BasisSignature, Index: i})
					}
					if s.ExpiresAt != nil {
						marks = append(marks, Mark{Time: *s.ExpiresAt, Basis: BasisExpiry, Index: i})
					}
				}
			}
		case 'r':
			switch {
			case f.Is("Received"):
				if hop < len(r.Received) {
					if t := r.Received[hop].Time; t != nil {
						marks = append(marks, Mark{Time: *t, Basis: BasisTrace, Index: i})
					}
					hop++
				}
			case f.Is("Resent-Date"):
				if d, err := datetime.Parse(string(bytes.TrimSpace(f.Body()))); err == nil {
					marks = append(marks, Mark{Time: d.Time, Basis: BasisResent, Index: i})
				}
			}
		case 'm':
			if f.Is("Message-ID") && r.MessageID != "" && !has(marks, BasisMessageID) {
				if m, ok := idtime.MessageID(r.MessageID); ok {
					marks = append(marks, Mark{Time: m.Time, Basis: BasisMessageID, Index: i, Form: m.Form, within: m.Within})
				}
			}
		case 'c':
			if f.Is("Content-Type") {
				if m, ok := idtime.Boundary(boundaryOf(f.Raw)); ok {
					marks = append(marks, Mark{Time: m.Time, Basis: BasisBoundary, Index: i, Form: m.Form, within: m.Within})
				}
			}
		case 't':
			if f.Is("Thread-Index") {
				began, reply, ok := idtime.ThreadIndex(string(f.Body()))
				if ok {
					marks = append(marks, Mark{Time: began.Time, Basis: BasisThreadIndex, Index: i, Form: began.Form + ": the conversation began", within: conversation})
				}
				if ok && !reply.Time.IsZero() {
					marks = append(marks, Mark{Time: reply.Time, Basis: BasisThreadIndex, Index: i, Form: reply.Form + ": this reply was begun", within: untold})
				}
			}
		case 'a':
			if f.Is("ARC-Seal") {
				if t := r.sealTime(f); t != nil {
					marks = append(marks, Mark{Time: *t, Basis: BasisSeal, Index: i})
				}
			}
		}
	}
	if r.Origin.EnvelopeLine != "" {
		if _, when, _, ok := mbox.ParseFromLine([]byte(r.Origin.EnvelopeLine)); ok && !when.IsZero() {
			marks = append(marks, Mark{Time: when, Basis: BasisEnvelope, Index: -1})
		}
	}
	r.Instants = marks
	r.compareClocks()
}

func has(marks []Mark, b Basis) bool {
	for i := range marks {
		if marks[i].Basis == b {
			return true
		}
	}
	return false
}

// sealTime is t= of the set that an ARC-Seal field belongs to.
func (r *Record) sealTime(f *message.Field) *time.Time {
	for i := range r.Authentication.ARC.Sets {
		if set := &r.Authentication.ARC.Sets[i]; set.Time != nil && bytes.Contains(f.Raw, []byte(fmt.Sprintf("i=%d;", set.Instance))) {
			return set.Time
		}
	}
	return nil
}

// boundaryOf takes the parameter out of the field as it stands: the forms that hold a time need no decoding.
func boundaryOf(raw []byte) string {
	i := bytes.Index(raw, []byte("oundary="))
	if i < 0 {
		return ""
	}
	rest := bytes.TrimLeft(raw[i+len("oundary="):], `"`)
	if end := bytes.IndexAny(rest, "\";\r\n \t"); end >= 0 {
		rest = rest[:end]
	}
	return string(rest)
}

// comparison is what the times are held against.
type comparison struct {
	r           *Record
	date        int // index in Instants, or -1
	first, last int // the oldest and the newest trace time-stamp
}

func (r *Record) compareClocks() {
	c := comparison{r: r, date: -1, first: -1, last: -1}
	previous, sealed := -1, -1
	for i := range r.Instants {
		m := &r.Instants[i]
		switch m.Basis {
		case BasisOrigination:
			c.date = i
		case BasisTrace: // newest first
			if c.last < 0 {
				c.last = i
			}
			if previous >= 0 {
				newer := &r.Instants[previous]
				switch d := newer.Time.Sub(m.Time); {
				case d < -clockTolerance:
					c.note(ClockHopOrder, i, previous, "a server recorded %s, the next one on the way %s: earlier by %s")
				case d > longTime:
					c.note(ClockHopGap, i, previous, "between two servers lie %[3]s: %[1]s and %[2]s")
				}
			}
			previous, c.first = i, i
		case BasisSeal: // newest first
			if sealed >= 0 && r.Instants[sealed].Time.Sub(m.Time) < -clockTolerance {
				c.note(ClockSealOrder, i, sealed, "an ARC seal was made at %s, a later one at %s: earlier by %s")
			}
			sealed = i
		}
	}
	for i := range r.Instants {
		c.compare(i, &r.Instants[i])
	}
	if c.date >= 0 && c.first >= 0 {
		switch d := c.between(c.date, c.first); {
		case d < -clockTolerance:
			c.note(ClockDateAfterReceipt, c.date, c.first, "the Date is %s, the first server recorded %s: it was received %s before it was written")
		case d > longTime:
			c.note(ClockDateBeforeReceipt, c.date, c.first, "the Date is %s, the first server recorded %s: %s later")
		}
	}
}

func (c *comparison) between(a, b int) time.Duration {
	return c.r.Instants[b].Time.Sub(c.r.Instants[a].Time)
}

func (c *comparison) compare(i int, m *Mark) {
	switch m.Basis {
	case BasisMessageID, BasisBoundary, BasisThreadIndex:
		switch m.within {
		case untold:
			return
		case conversation:
			if c.date >= 0 && c.between(c.date, i) > longTime {
				c.note(ClockThread, c.date, i, "the Date is %s, the conversation began at %s by its Thread-Index: %s later")
			}
			return
		}
		what := "Message-ID"
		if m.Basis == BasisBoundary {
			what = "MIME boundary"
		}
		if c.date >= 0 {
			switch d := c.between(c.date, i); {
			case d > m.within+dateTolerance:
				c.note(ClockMadeAfterDate, c.date, i, "the Date is %s, the "+what+" was made at %s: %s later")
			case d < -m.within-longTime:
				c.note(ClockMadeBeforeDate, i, c.date, "the "+what+" was made at %s, the Date is %s: %s later")
			}
		}
		if c.first >= 0 && c.between(c.first, i) > m.within+dateTolerance {
			c.note(ClockMadeAfterReceipt, c.first, i, "the first server recorded the message at %s, its "+what+" was made at %s: %s later")
		}
	case BasisSignature:
		if c.date >= 0 && c.between(i, c.date) > dateTolerance {
			c.note(ClockSignedBeforeDate, i, c.date, "a signature says it was made at %s, the Date is %s: %s later")
		}
		if c.last >= 0 && c.between(c.last, i) > clockTolerance {
			c.note(ClockSignedAfter, c.last, i, "the newest record of a server is of %s, a signature says it was made at %s: %s later")
		}
	case BasisSeal:
		if c.last >= 0 && c.between(c.last, i) > clockTolerance {
			c.note(ClockSignedAfter, c.last, i, "the newest record of a server is of %s, an ARC seal says it was made at %s: %s later")
		}
	case BasisResent:
		if c.date >= 0 && c.between(i, c.date) > dateTolerance {
			c.note(ClockResent, i, c.date, "it was sent on at %s by its Resent-Date, the Date is %s: %s later")
		}
	case BasisEnvelope:
		if c.first >= 0 && c.between(i, c.first) > zoneless {
			c.note(ClockEnvelope, i, c.first, "the line that the mailbox keeps before the message has %s, the first server recorded %s: %s later")
		}
	}
}

// note tells of two times; the text takes both values and how far they lie apart.
func (c *comparison) note(kind string, a, b int, text string) {
	if len(c.r.Clocks) == maxClockNotes {
		return
	}
	x, y := c.r.Instants[a].Time, c.r.Instants[b].Time
	// Not Time.Sub: invented dates may lie farther apart than a Duration reaches.
	seconds := float64(y.Unix() - x.Unix())
	c.r.Clocks = append(c.r.Clocks, ClockNote{Kind: kind, Instants: [2]int{a, b}, Seconds: seconds, Text: fmt.Sprintf(text, clock(x), clock(y), span(seconds))})
}

// told is the note with its values as arguments, in the order of its sentence.
func (n *ClockNote) told(r *Record) remark.Remark {
	out := remark.Remark{Kind: "clock-" + n.Kind, Text: n.Text}
	if max(n.Instants[0], n.Instants[1]) >= len(r.Instants) || min(n.Instants[0], n.Instants[1]) < 0 {
		return out
	}
	args := []string{clock(r.Instants[n.Instants[0]].Time), clock(r.Instants[n.Instants[1]].Time), span(n.Seconds)}
	slices.SortStableFunc(args, func(a, b string) int { return strings.Index(n.Text, a) - strings.Index(n.Text, b) })
	out.Args = args
	return out
}

func clock(t time.Time) string { return t.Format("2006-01-02 15:04:05 -0700") }

// span tells a length of time in two units.
func span(seconds float64) string {
	s := int64(seconds)
	if s < 0 {
		s = -s
	}
	unit := func(n int64, name string) string {
		if n == 1 {
			return "1 " + name
		}
		return fmt.Sprintf("%d %ss", n, name)
	}
	var parts []string
	for _, u := range [...]struct {
		size int64
		name string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		if n := s / u.size; n > 0 && len(parts) < 2 {
			parts = append(parts, unit(n, u.name))
			s -= n * u.size
		} else if len(parts) > 0 {
			break
		}
	}
	if len(parts) == 0 {
		return "no time"
	}
	return strings.Join(parts, " ")
}

// gaps notes between which hops the way is not shown: a server took the message from another one than wrote the field below. Hops are newest first.
func gaps(hops []trace.Received) {
	for i := 0; i+1 < len(hops); i++ {
		from, by := &hops[i].From, &hops[i+1].By
		if by.Name == "" || hops[i].Private || from.IP.IsLoopback() || from.IP.IsPrivate() || from.IP.IsValid() && from.IP == by.IP {
			continue
		}
		if sameHost(from.Name, by.Name) || sameHost(from.HELO, by.Name) || sameHost(from.Reverse, by.Name) {
			continue
		}
		writer := orgDomain(by.Name)
		if writer == "" {
			continue
		}
		shown, known, same := "", false, false
		for _, n := range [...]string{from.Reverse, from.HELO, from.Name} {
			if org := orgDomain(n); org != "" {
				shown, known, same = n, true, same || org == writer
			}
		}
		if known && !same {
			hops[i].Notes = append(hops[i].Notes, "taken from "+shown+", while the hop below was written by "+by.Name+": a server between them is not shown, or one of them has two names")
		}
	}
}

// sameHost compares names, or their last two labels: that is enough to see that nothing is wrong.
func sameHost(a, b string) bool {
	if len(a) == len(b) && strings.EqualFold(a, b) {
		return true
	}
	for range 2 {
		i, j := strings.LastIndexByte(a, '.'), strings.LastIndexByte(b, '.')
		if i <= 0 || j <= 0 || !strings.EqualFold(a[i:], b[j:]) {
			return false
		}
		a, b = a[:i], b[:j]
	}
	i, j := strings.LastIndexByte(a, '.'), strings.LastIndexByte(b, '.')
	return i == j && i < 0 || strings.EqualFold(a[i+1:], b[j+1:])
}
