package words

import (
	"slices"
	"strings"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// Teller tells the facts of one dossier in sentences. They are built from the fields of the JSON, not from its English texts, so that they are the same in
// every language and every view. Times are told in the zone of Tell.
type Teller struct {
	*Words
	d         *dossier.Dossier
	zone      *time.Location
	person    map[string]*people.Person
	statement map[string]*notice.Statement
	topic     map[string]*notice.Topic
}

// Tell prepares the sentences of a dossier, which must be loaded (dossier.Load). zone nil is UTC.
func Tell(w *Words, d *dossier.Dossier, zone *time.Location) *Teller {
	if zone == nil {
		zone = time.UTC
	}
	t := &Teller{Words: w, d: d, zone: zone, person: make(map[string]*people.Person, len(d.People)),
		statement: make(map[string]*notice.Statement, len(d.Statements)), topic: make(map[string]*notice.Topic, len(d.Topics))}
	for i := range d.People {
		t.person[d.People[i].ID] = &d.People[i]
	}
	for i := range d.Statements {
		t.statement[d.Statements[i].ID] = &d.Statements[i]
	}
	for i := range d.Topics {
		t.topic[d.Topics[i].ID] = &d.Topics[i]
	}
	return t
}

const (
	maxName  = 60  // code points
	maxWords = 160 // of the mail, in a sentence
)

// Name is what a person is called.
func (t *Teller) Name(id string) string {
	p := t.person[id]
	switch {
	case id == "":
		return t.T("somebody unknown")
	case p == nil:
		return id
	case p.Name != "":
		return Cut(p.Name, maxName)
	case len(p.Addresses) > 0:
		return Cut(p.Addresses[0], maxName)
	}
	return id
}

// Names joins the names of several persons, at most most of them.
func (t *Teller) Names(ids []string, most int) string {
	shown := ids
	if len(ids) > most+1 {
		shown = ids[:most]
	}
	names := make([]string, len(shown))
	for i, id := range shown {
		names[i] = t.Name(id)
	}
	if more := len(ids) - len(shown); more > 0 {
		return strings.Join(names, ", ") + " " + t.T("and %s more", t.Int(more))
	}
	return t.List(names)
}

// Cut shortens text to n code points, with an ellipsis.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
		n--
	}
	return s
}

// OneLine joins the lines of a text.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (t *Teller) words(s string) string { return t.Quoted(Cut(OneLine(s), maxWords)) }

// when is a time to the minute, in the zone.
func (t *Teller) when(at *time.Time) string {
	if at == nil {
		return t.T("an unknown time")
	}
	return t.DateTime(at.In(t.zone))
}

// Contradiction tells of a denial or blame, and of the first of the warnings that its author had notice of.
func (t *Teller) Contradiction(c *notice.Contradiction) string {
	s := t.statement[c.Statement]
	if s == nil {
		return ""
	}
	out := t.T("%s says on %s (exhibit %d): %s", t.Name(c.Person), t.when(s.At), s.Exhibit, t.words(s.Text))
	if len(c.Evidence) > 0 {
		out += " " + t.Against(c, &c.Evidence[0])
	}
	if n := len(c.Against); n > 1 {
		out += " " + t.N(n, "It stands beside %s such warning in all.", "It stands beside %s such warnings in all.")
	}
	return out
}

// Against tells of one warning that a contradiction rests on: since when its author had notice, how we know, how long before.
func (t *Teller) Against(c *notice.Contradiction, a *notice.Against) string {
	s := t.statement[a.Statement]
	if s == nil {
		return ""
	}
	denial := t.statement[c.Statement]
	before := t.Days(a.Days)
	if denial != nil && denial.At != nil && a.At != nil {
		before = t.Lasting(int64(denial.At.Sub(*a.At) / time.Second))
	}
	return t.T("%[1]s had notice of the warning by %[2]s (exhibit %[3]d) since %[4]s, %[5]s before: %[6]s (exhibit %[7]d).",
		t.Name(c.Person), t.Name(s.Author), s.Exhibit, t.when(a.At), before, t.Words.Evidence(a.Kind), a.Exhibit)
}

// Silence tells whether a warning was answered, and when.
func (t *Teller) Silence(s *notice.Silence) string {
	after := ""
	if s.UntilAt != nil && s.Seconds != 0 {
		after = t.Lasting(s.Seconds)
	}
	switch {
	case s.Answered && s.Answer != nil && after == "":
		return t.T("%s answered in exhibit %d.", t.Name(s.Answerer), *s.Answer)
	case s.Answered && s.Answer != nil:
		return t.T("%s answered %s later, in exhibit %d.", t.Name(s.Answerer), after, *s.Answer)
	case after == "" && s.Until == notice.UntilEnd && s.UntilShown == s.Exhibit:
		return t.T("No answer is held; it is the last message of its thread.")
	case after == "":
		return t.T("No answer is held.")
	case s.Until == notice.UntilIncident:
		return t.T("No answer is held; %s passed until the incident of exhibit %d was reported.", after, s.UntilShown)
	case s.Until == notice.UntilEvent:
		return t.T("No answer is held; %s passed until the next event of the case file.", after)
	}
	return t.T("No answer is held; %s passed until the last message of the thread, exhibit %d.", after, s.UntilShown)
}

// Sequel tells whether an act came before or after a warning, an order, an approval.
func (t *Teller) Sequel(q *notice.Sequel) string {
	s, to := t.statement[q.Statement], t.statement[q.To]
	if s == nil || to == nil {
		return ""
	}
	out := t.T("%[1]s by %[2]s (exhibit %[3]d) came %[4]s %[5]s by %[6]s (exhibit %[7]d).", t.T("act|The "+string(q.Act)), t.Name(s.Author), s.Exhibit,
		t.Lasting(q.Seconds), t.T(string(q.Relation)+" the "+string(q.ToAct)), t.Name(to.Author), to.Exhibit)
	warned := q.ToAct == notice.Warning || q.ToAct == notice.Incident || q.ToAct == notice.Notification
	switch {
	case q.Act == notice.Incident, q.Relation == notice.Before, !warned, q.Notice == notice.Authored:
	case q.Notice == "":
		out += " " + t.T("Nothing held shows that it had reached %s.", t.Name(s.Author))
	default:
		out += " " + t.T("%s had notice of it by then: %s.", t.Name(s.Author), t.Words.Evidence(q.Notice))
	}
	return out
}

// Gap tells what is missing or does not fit.
func (t *Teller) GapText(g *notice.Gap) string {
	first := 0
	if len(g.Exhibits) > 0 {
		first = g.Exhibits[0]
	}
	var out string
	switch g.Kind {
	case notice.GapParent:
		return t.T("The subject of exhibit %d says that it answers a message; it names none, and none that fits is held.", first)
	case notice.GapDate:
		if g.Seconds < 0 {
			return t.T("The Date of exhibit %d is %s earlier than the time at which the first server recorded it.", first, t.Lasting(g.Seconds))
		}
		return t.T("The Date of exhibit %d is %s later than the time at which the first server recorded it.", first, t.Lasting(g.Seconds))
	case notice.GapHole:
		out = t.N(len(g.Exhibits), "%[2]s cites a message that is not held and that stands between messages of the thread that are.",
			"%[2]s cite a message that is not held and that stands between messages of the thread that are.", t.exhibits(g.Exhibits))
	case notice.GapQuoted:
		out = t.N(len(g.Exhibits), "%[2]s quotes a message that is not held.", "%[2]s quote a message that is not held.", t.exhibits(g.Exhibits))
	default:
		out = t.N(len(g.Exhibits), "%[2]s cites a message that is not held.", "%[2]s cite a message that is not held.", t.exhibits(g.Exhibits))
	}
	if len(g.Holders) > 0 {
		out += " " + t.T("Who wrote or received exhibit %d is likely to have it: %s.", first, t.Names(g.Holders, 6))
	}
	return out
}

// exhibits names up to five, to start a sentence with.
func (t *Teller) exhibits(list []int) string {
	if len(list) == 1 {
		return t.T("Exhibit %d", list[0])
	}
	numbers := make([]string, 0, 5)
	for _, e := range list[:min(5, len(list))] {
		numbers = append(numbers, t.T("%d", e))
	}
	if more := len(list) - 5; more > 0 {
		return t.T("Exhibits %s", strings.Join(numbers, ", ")+" "+t.T("and %s more", t.Int(more)))
	}
	return t.T("Exhibits %s", t.List(numbers))
}

// Undelivered tells that a copy of a statement came back.
func (t *Teller) Undelivered(u *notice.Undelivered) string {
	out := t.T("Exhibit %d reports that exhibit %d was not delivered to %s.", u.Report, u.Exhibit, t.Name(u.Person))
	if u.Notice {
		return out + " " + t.T("There is other evidence that it reached them.")
	}
	return out + " " + t.T("There is no other evidence that it reached them.")
}

// Report tells what a read receipt, a delivery report or a bounce says.
func (t *Teller) Report(r *notice.DeliveryReport) string {
	of := t.T("A message that is not held")
	if r.Of != nil {
		of = t.T("Exhibit %d", *r.Of)
	}
	to := t.Names(r.Persons, 6)
	if len(r.Persons) == 0 {
		to = Cut(strings.Join(r.Addresses[:min(6, len(r.Addresses))], ", "), 200)
	}
	if to == "" {
		to = t.T("somebody unknown")
	}
	switch r.Kind {
	case notice.OutcomeFailed:
		return t.T("%s was not delivered to %s.", of, to)
	case notice.OutcomeDelayed:
		return t.T("%s was delayed on its way to %s.", of, to)
	case notice.OutcomeDelivered:
		return t.T("%s was delivered to %s.", of, to)
	case notice.OutcomeDeleted:
		return t.T("%s was deleted unread by %s.", of, to)
	}
	return t.T("%s was displayed to %s.", of, to) // on a screen: not that anybody read it
}

// Quotation tells how a quotation stands to what it quotes.
func (t *Teller) Quotation(q *notice.Quotation) string {
	switch {
	case !q.Held || q.Quoted == nil:
		if q.Author != "" {
			return t.T("Exhibit %d quotes a message that is not held; the line before it names %s.", q.Exhibit, t.Name(q.Author))
		}
		return t.T("Exhibit %d quotes a message that is not held.", q.Exhibit)
	case q.State == notice.QuoteAltered:
		return t.T("Exhibit %d quotes exhibit %d, by %s, in other words than stand there.", q.Exhibit, *q.Quoted, t.Name(q.Author))
	}
	return t.T("Exhibit %d quotes exhibit %d, by %s, as it stands there.", q.Exhibit, *q.Quoted, t.Name(q.Author))
}

// ClockText tells what a clock shows: the time from its start to its stop, and what that is against the limit. No verdict.
func (t *Teller) ClockText(c *notice.Clock) string {
	if c.Start.At == nil {
		return t.T("The start of this clock is not known.")
	}
	out := ""
	if c.Stop.At != nil {
		out = t.T("%[1]s: %[2]s after the start (%[3]s).", t.Reading(&c.Stop), t.Span(c.Stop.Seconds), t.when(c.Stop.At))
		if c.LimitSeconds > 0 && c.LateSeconds > 0 {
			out += " " + t.T("That is %s after the limit of %s had run out.", t.Span(c.LateSeconds), t.Limit(c.LimitSeconds))
		} else if c.LimitSeconds > 0 {
			out += " " + t.T("That is %s before the limit of %s ran out.", t.Span(-c.LateSeconds), t.Limit(c.LimitSeconds))
		}
		return out
	}
	out = t.T("Nothing is stated of what stops this clock.")
	if c.Due != nil {
		out += " " + t.T("The limit of %s ran out on %s.", t.Limit(c.LimitSeconds), t.when(c.Due))
	}
	return out
}

// Limit is a length that is told in hours, as laws do: 72 h.
func (t *Teller) Limit(seconds int64) string {
	if seconds%3600 == 0 {
		return t.Int(int(seconds/3600)) + "\u00a0" + t.T("unit|h")
	}
	return t.Span(seconds)
}

// Reading names a mark on a clock: by its title, else by its phase.
func (t *Teller) Reading(r *notice.Reading) string {
	if r.Title != "" {
		return Cut(OneLine(r.Title), 120)
	}
	return t.Phase(r.Phase)
}

// Headline tells what stands out of a change of recipients; "" if nothing does.
func (t *Teller) Headline(c *notice.RecipientChange) string {
	text, _ := t.Free(c.Headline)
	return text
}

// Entry tells an entry of the timeline: the words of the mail or of the case file as they are, all else in the language. The texts of read receipts and
// bounces are those of Report.
func (t *Teller) Entry(e *notice.Entry) string {
	switch e.Kind {
	case notice.KindReceipt, notice.KindBounce, notice.KindDropped:
		text, _ := t.Free(e.Text)
		return text
	}
	return e.Text
}

// EvidenceMore tells what the JSON says of a piece of evidence beyond its kind and exhibit; ok is false if that is all.
func (t *Teller) EvidenceMore(e *notice.Evidence) (text string, ok bool) {
	switch first, _, more := strings.Cut(e.Why, "; "); {
	case e.Kind == notice.Authored, e.Kind == notice.Quoted, e.Kind == notice.Forwarded, e.Kind == notice.Replied:
		if !more {
			return "", false
		}
		text, _ = t.Free(strings.TrimPrefix(e.Why, first+"; "))
	default:
		text, _ = t.Free(e.Why)
	}
	return text, text != ""
}

// PossibleSame says that two persons may be one.
func (t *Teller) PossibleSame(p *dossier.PossibleSame) string {
	why, _ := t.Free(p.Why)
	return t.T("%s and %s may be one person: %s", t.Name(p.A), t.Name(p.B), why)
}

// Human tells whether a person is one, and no list or automatic sender.
func (t *Teller) Human(id string) bool {
	p := t.person[id]
	return p != nil && p.Kind != people.List && p.Kind != people.Automatic
}

// Statement, Person and Topic look up what ids name; nil if there is none.
func (t *Teller) Statement(id string) *notice.Statement { return t.statement[id] }

// Person looks a person up.
func (t *Teller) Person(id string) *people.Person { return t.person[id] }

// Topic looks a topic up.
func (t *Teller) Topic(id string) *notice.Topic { return t.topic[id] }

// Warns tells whether a statement counts as a warning in every view: an act of warning that no person rejected.
func Warns(s *notice.Statement) bool {
	return s.Origin != notice.Rejected && slices.Contains(s.Acts, notice.Warning)
}
