package notice

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/casefile"
	"onrecord/pkg/evidence"
)

// named finds a message that the case file names by exhibit number or Message-ID; -1 if it is not held.
func (a *analysis) namedMessage(exhibit int, id string) int32 {
	if id != "" {
		if a.ByID == nil {
			return -1
		}
		return a.ByID(id)
	}
	at, is := slices.BinarySearchFunc(a.Messages, int32(exhibit), func(m Message, e int32) int { return int(m.Exhibit) - int(e) })
	if !is {
		return -1
	}
	return int32(at)
}

// eventTime is when an event of the case file was: as stated, or when the message that it names was sent.
func (a *analysis) eventTime(e *casefile.Event) (Moment, int32) {
	if !e.At.IsZero() {
		return MomentOf(evidence.Instant{Time: &e.At, Basis: evidence.BasisCase}), -1
	}
	if m := a.namedMessage(e.Exhibit, e.MessageID); m >= 0 {
		return a.Messages[m].Sent, m
	}
	return Moment{}, -1
}

// clocks reads the clocks of the case file off. What fits no message is told in the warnings.
func (a *analysis) clocks() (list []Clock, warnings []string, err error) {
	list, warnings = []Clock{}, []string{}
	if a.Case == nil {
		return list, warnings, nil
	}
	for i := range a.Case.Events {
		if e := &a.Case.Events[i]; e.At.IsZero() {
			if _, m := a.eventTime(e); m < 0 && e.Exhibit+len(e.MessageID) > 0 {
				warnings = append(warnings, fmt.Sprintf("case file line %d: there is no %s", e.Line, whichMessage(e.Exhibit, e.MessageID)))
			}
		}
	}
	for i := range a.Case.Clocks {
		c, more, err := a.clock(&a.Case.Clocks[i])
		if err != nil {
			return nil, nil, err
		}
		list, warnings = append(list, c), append(warnings, more...)
	}
	return list, warnings, nil
}

func whichMessage(exhibit int, id string) string {
	if id != "" {
		return id
	}
	return fmt.Sprintf("exhibit %d", exhibit)
}

func (a *analysis) clock(c *casefile.Clock) (Clock, []string, error) {
	out := Clock{Title: c.Title, LimitSeconds: int64(c.Limit / time.Second), Phases: []Reading{}, Stop: Reading{Phase: c.Stop, Basis: evidence.BasisNone}, Start: Reading{Phase: c.Start, Basis: evidence.BasisNone}}
	var warnings []string
	for i := range c.Phases {
		r, warning, err := a.reading(&c.Phases[i])
		if err != nil {
			return out, nil, err
		}
		if warning != "" {
			warnings = append(warnings, warning)
		}
		out.Phases = append(out.Phases, r)
	}
	order := casefile.Phases()
	place := func(r Reading) int {
		if at := slices.Index(order, r.Phase); at >= 0 {
			return at
		}
		return len(order)
	}
	known := slices.ContainsFunc(out.Phases, func(r Reading) bool { return place(r) == len(order) })
	if !known { // words of the case file's own have no place in the process: then the order is that of the file
		slices.SortStableFunc(out.Phases, func(x, y Reading) int { return place(x) - place(y) })
	}
	var start *time.Time
	for i := range out.Phases {
		if out.Phases[i].Phase == c.Start {
			start = out.Phases[i].At
		}
	}
	for i := range out.Phases {
		r := &out.Phases[i]
		if start != nil && r.At != nil {
			r.Seconds = int64(r.At.Sub(*start) / time.Second)
		}
		if r.Phase == c.Start {
			out.Start = *r
		}
		if r.Phase == c.Stop {
			out.Stop = *r
		}
	}
	if start != nil && c.Limit > 0 {
		due := start.Add(c.Limit)
		out.Due = &due
		if out.Stop.At != nil {
			out.LateSeconds = int64(out.Stop.At.Sub(due) / time.Second)
		}
	}
	out.Text = tellClock(&out, c)
	return out, warnings, nil
}

// reading ties a phase to its message.
func (a *analysis) reading(f *casefile.Phase) (r Reading, warning string, err error) {
	r = Reading{Phase: f.Slug, Title: f.Name, Basis: evidence.BasisNone}
	if !f.At.IsZero() {
		at := f.At
		r.At, r.Basis, r.Why = &at, evidence.BasisCase, fmt.Sprintf("stated in the case file, line %d", f.Line)
	} else if m := a.namedMessage(f.Exhibit, f.MessageID); m < 0 {
		warning = fmt.Sprintf("case file line %d: there is no %s", f.Line, whichMessage(f.Exhibit, f.MessageID))
		r.Why = "the message that the case file names is not held"
	} else {
		at := a.Messages[m].Sent.Instant()
		r.At, r.Basis, r.Exhibit = at.Time, at.Basis, int(a.Messages[m].Exhibit)
		r.Why = fmt.Sprintf("exhibit %d, named in the case file, line %d", r.Exhibit, f.Line)
		if f.Quote != "" && a.Text != nil {
			if r.Statement, warning, err = a.quoteOf(m, f.Quote, f.Line); err != nil {
				return r, "", err
			}
		}
	}
	if f.Note != "" {
		r.Why += ": " + f.Note
	}
	return r, warning, nil
}

// quoteOf finds words in a message and the statement that they stand in; a warning if the message does not say them.
func (a *analysis) quoteOf(m int32, quote string, line int) (statement, warning string, err error) {
	text, err := a.Text(m)
	if err != nil {
		return "", "", err
	}
	start, end, ok := locate(text, quote)
	if !ok {
		warning = fmt.Sprintf("case file line %d: exhibit %d does not say %q", line, a.Messages[m].Exhibit, quote)
		if near := nearest(text, quote); near != "" {
			warning += fmt.Sprintf("; the nearest passage is %q", near)
		}
		return "", warning, nil
	}
	from := len([]rune(text[:start]))
	to := from + len([]rune(text[start:end]))
	at, _ := slices.BinarySearchFunc(a.Input.Statements, m, func(b Brief, m int32) int { return int(b.Message) - int(m) })
	for ; at < len(a.Input.Statements) && a.Input.Statements[at].Message == m; at++ {
		if b := &a.Input.Statements[at]; !b.Inner && int(b.Start) < to && from < int(b.End) {
			return statementID(int32(at)), "", nil
		}
	}
	return "", "", nil
}

func tellClock(c *Clock, of *casefile.Clock) string {
	name := func(r Reading) string {
		if r.Title != "" {
			return "“" + r.Title + "”"
		}
		return "“" + strings.ReplaceAll(r.Phase, "-", " ") + "”"
	}
	switch {
	case c.Start.At == nil:
		return fmt.Sprintf("when %s was is not known", name(c.Start))
	case of.Stop == "":
		return fmt.Sprintf("counted from %s", name(c.Start))
	case c.Stop.At == nil && c.Due != nil:
		return fmt.Sprintf("nothing is stated for %s; %s after %s ran out on %s", name(c.Stop), lasting(of.Limit), name(c.Start), day(*c.Due))
	case c.Stop.At == nil:
		return fmt.Sprintf("nothing is stated for %s", name(c.Stop))
	}
	after := c.Stop.At.Sub(*c.Start.At)
	text := fmt.Sprintf("%s came %s after %s", name(c.Stop), lasting(after), name(c.Start))
	if after < 0 {
		text = fmt.Sprintf("%s came %s before %s", name(c.Stop), lasting(after), name(c.Start))
	}
	if c.Due != nil {
		relation := "before"
		if c.LateSeconds > 0 {
			relation = "after"
		}
		text += fmt.Sprintf("; that is %s %s the end of %s", lasting(time.Duration(c.LateSeconds)*time.Second), relation, lasting(of.Limit))
	}
	return text
}
