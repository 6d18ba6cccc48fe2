package words

import (
	"slices"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/notice"
)

// Counts are the figures of the answer. Every view says these and no others, so that no two pages differ.
type Counts struct {
	Messages  int
	Warnings  int        // statements that warn and that no person rejected
	Authors   int        // persons who wrote them
	First     *time.Time // of the warnings, where known
	Last      *time.Time
	Told      int                   // persons (no list, no automatic sender) with notice of at least one warning that they did not write
	Incident  *notice.Statement     // the first that tells of an incident; nil if none does
	Before    int                   // of Told: who had notice before it
	Reports   int                   // statements that report an incident or notify, and do not warn
	Denials   int                   // contradictions
	Suggested int                   // warnings that no person confirmed
	Marked    int                   // warnings that a person marked or confirmed
	Altered   int                   // quotations that differ from their original
	Unheld    int                   // messages that others cite and that are not held
	Origins   map[notice.Origin]int // of all statements
}

// Count counts; t.d must be loaded.
func (t *Teller) Count() Counts {
	d := t.d
	c := Counts{Messages: d.Count, Denials: len(d.Contradictions), Origins: map[notice.Origin]int{}}
	authors, told, before := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range d.Statements {
		s := &d.Statements[i]
		c.Origins[s.Origin]++
		if s.Origin == notice.Rejected {
			continue
		}
		if s.At != nil && slices.Contains(s.Acts, notice.Incident) && (c.Incident == nil || s.At.Before(*c.Incident.At)) {
			c.Incident = s
		}
		if !Warns(s) {
			if slices.Contains(s.Acts, notice.Incident) || slices.Contains(s.Acts, notice.Notification) {
				c.Reports++
			}
			continue
		}
		c.Warnings++
		if s.Origin == notice.Marked {
			c.Marked++
		} else {
			c.Suggested++
		}
		authors[s.Author] = true
		if s.At != nil && (c.First == nil || s.At.Before(*c.First)) {
			c.First = s.At
		}
		if s.At != nil && (c.Last == nil || s.At.After(*c.Last)) {
			c.Last = s.At
		}
	}
	for i := range d.Notices {
		n := &d.Notices[i]
		s := t.statement[n.Statement]
		if s == nil || !Warns(s) || n.Person == s.Author || !t.Human(n.Person) {
			continue
		}
		told[n.Person] = true
		if c.Incident != nil && n.FirstAt != nil && n.FirstAt.Before(*c.Incident.At) {
			before[n.Person] = true
		}
	}
	c.Authors, c.Told, c.Before = len(authors), len(told), len(before)
	for i := range d.Quotes {
		if d.Quotes[i].State == notice.QuoteAltered {
			c.Altered++
		}
	}
	c.Unheld = unheld(d)
	return c
}

func unheld(d *dossier.Dossier) int {
	n := 0
	for i := range d.Threads {
		n += len(d.Threads[i].Missing)
	}
	return n
}

// Result says in a few sentences what was found; every view starts with it. A thread without any warning says so plainly.
func (t *Teller) Result() string { return t.ResultOf(t.Count()) }

// ResultOf is Result for figures that were counted already.
func (t *Teller) ResultOf(c Counts) string {
	if c.Warnings == 0 {
		out := t.N(c.Messages, "No warning was found in this %s message.", "No warning was found in these %s messages.")
		if c.Reports > 0 {
			out += " " + t.N(c.Reports, "%s sentence reports an incident or notifies.", "%s sentences report an incident or notify.")
		}
		return out + " " + t.T("What was said, and by whom, stands in the exhibits.")
	}
	warnings, authors := t.N(c.Warnings, "%s warning", "%s warnings"), t.N(max(1, c.Authors), "by %s person", "by %s people")
	var out string
	switch {
	case c.First == nil:
		out = t.T("%s %s", warnings, authors)
	case t.Date(c.First.In(t.zone)) == t.Date(c.Last.In(t.zone)):
		out = t.T("%s %s on %s", warnings, authors, t.Date(c.First.In(t.zone)))
	default:
		out = t.T("%s %s between %s and %s", warnings, authors, t.Date(c.First.In(t.zone)), t.Date(c.Last.In(t.zone)))
	}
	out = t.T("%s; %s", out, t.N(c.Told, "%s person who did not write them had notice of at least one.", "%s people had notice of at least one that they did not write."))
	if c.Incident != nil && c.Before > 0 {
		out += " " + t.N(c.Before, "%[1]s of them had it before the incident first told of on %[2]s (exhibit %[3]d).",
			"%[1]s of them had it before the incident first told of on %[2]s (exhibit %[3]d).", t.Date(c.Incident.At.In(t.zone)), c.Incident.Exhibit)
	}
	if c.Denials == 0 {
		return out + " " + t.T("No denial was found that stands against them.")
	}
	return out + " " + t.N(c.Denials, "%s denial or blame stands against them.", "%s denials or blames stand against them.")
}

// Confirmed says how many of the warnings a person confirmed.
func (t *Teller) Confirmed(c Counts) string {
	switch {
	case c.Warnings == 0:
		return ""
	case c.Marked == 0:
		return t.T("All of them are suggestions of the program; no person has confirmed any yet.")
	case c.Suggested == 0:
		return t.T("A person confirmed all of them.")
	}
	return t.T("A person confirmed %s of them; the program suggests the others.", t.Int(c.Marked))
}
