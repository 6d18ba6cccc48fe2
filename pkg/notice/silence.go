package notice

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"
)

// silences tells of each message that warns whether anybody answered, and when; if not, what came next.
func (a *analysis) silences() iter.Seq[Silence] {
	return func(yield func(Silence) bool) {
		q := a.newQuiet()
		for i := 0; i < len(a.Input.Statements); {
			m := a.Input.Statements[i].Message
			var warnings []int32
			for ; i < len(a.Input.Statements) && a.Input.Statements[i].Message == m; i++ {
				if b := &a.Input.Statements[i]; !b.Rejected && !b.Inner && b.Acts.Any(ofWarning) {
					warnings = append(warnings, int32(i))
				}
			}
			if len(warnings) > 0 && !yield(q.of(m, warnings)) {
				return
			}
		}
	}
}

// quiet finds out what ended the wait after a warning.
type quiet struct {
	*analysis
	harm   []harm // sorted by scope, then time
	events []item // of the case file, by time
}

type harm struct {
	scope     int32
	at        Moment
	message   int32
	statement int32
}

func compareHarm(x, y harm) int {
	return cmp.Or(cmp.Compare(x.scope, y.scope), x.at.compare(y.at), cmp.Compare(x.message, y.message))
}

func (a *analysis) newQuiet() *quiet {
	q := &quiet{analysis: a}
	for i := range a.Input.Statements {
		if b := &a.Input.Statements[i]; !b.Rejected && !b.Inner && b.Acts.Any(ofHarm) && a.at(b).known() {
			q.harm = append(q.harm, harm{a.scopeOf(b.Message), a.at(b), b.Message, int32(i)})
		}
	}
	slices.SortFunc(q.harm, compareHarm)
	for _, x := range a.others {
		if x.of == itemEvent {
			q.events = append(q.events, x)
		}
	}
	return q
}

func (q *quiet) of(m int32, warnings []int32) Silence {
	msg := &q.Messages[m]
	s := Silence{Exhibit: int(msg.Exhibit), Author: q.id(msg.Author), Statements: []string{}, Unanswered: []string{}}
	for _, w := range warnings {
		s.Statements = append(s.Statements, statementID(w))
	}
	answered := map[int32]bool{}
	best, ended := int32(-1), Moment{}
	consider := func(c, who int32) {
		if who == msg.Author || !q.is(who) {
			return
		}
		answered[who] = true
		if at := q.Messages[c].Sent; at.known() && !at.before(msg.Sent) && at.before(ended) {
			best, ended = c, at
		}
	}
	for _, c := range q.children.of(m) {
		if reply := &q.Messages[c]; !reply.Automatic && (!reply.Forward || q.names(reply, msg.Author)) {
			consider(c, reply.Author)
		}
	}
	for _, r := range q.recipients(msg) {
		for _, w := range warnings {
			if t := q.topicOf[w]; t >= 0 && msg.Sent.known() {
				at, _ := slices.BinarySearchFunc(q.acks, ack{t, r.Person, msg.Sent, 0}, compareAcks)
				if at < len(q.acks) && q.acks[at].topic == t && q.acks[at].person == r.Person {
					consider(q.acks[at].message, r.Person)
				}
			}
		}
	}
	for _, r := range q.recipients(msg) {
		if id := q.id(r.Person); q.is(r.Person) && r.Person != msg.Author && !answered[r.Person] && !q.Persons[r.Person].List && !q.Persons[r.Person].Automatic && r.Field != Bcc && !slices.Contains(s.Unanswered, id) {
			s.Unanswered = append(s.Unanswered, id)
		}
	}
	switch {
	case best >= 0:
		exhibit := int(q.Messages[best].Exhibit)
		s.Answered, s.Answer, s.Answerer, s.Until, s.UntilShown = true, &exhibit, q.id(q.Messages[best].Author), UntilAnswer, exhibit
	default:
		ended = q.next(&s, m)
	}
	at := ended.Instant()
	s.UntilAt = at.Time
	waited := ""
	if msg.Sent.known() && ended.known() {
		d := ended.time().Sub(msg.Sent.time())
		s.Seconds = int64(d / time.Second)
		waited = lasting(d)
	}
	s.Text = q.tellSilence(&s, best, waited)
	return s
}

// names tells whether a person is a recipient.
func (a *analysis) names(m *Message, person int32) bool {
	return slices.ContainsFunc(a.recipients(m), func(r Recipient) bool { return r.Person == person })
}

// next is what came after a warning that nobody answered: an incident of the same affair or an event of the case file, whichever is first, else the last
// message of the thread.
func (q *quiet) next(s *Silence, m int32) Moment {
	msg := &q.Messages[m]
	ended := Moment{}
	scope := q.scopeOf(m)
	i, _ := slices.BinarySearchFunc(q.harm, harm{scope: scope, at: msg.Sent, message: m + 1}, compareHarm)
	if i < len(q.harm) && q.harm[i].scope == scope && msg.Sent.known() {
		ended = q.harm[i].at
		s.Until, s.UntilShown = UntilIncident, int(q.Messages[q.harm[i].message].Exhibit)
	}
	for _, x := range q.events {
		at, _ := q.placeOf(x)
		if at.known() && msg.Sent.known() && msg.Sent.before(at) {
			if at.before(ended) {
				ended = at
				s.Until, s.UntilShown = UntilEvent, 0
			}
			break
		}
	}
	if ended.known() {
		return ended
	}
	s.Until = UntilEnd
	if n, known := q.talkOf[msg.Thread]; known && q.talks[n].end >= 0 {
		s.UntilShown = int(q.Messages[q.talks[n].end].Exhibit)
		return q.talks[n].last
	}
	return ended
}

func (q *quiet) tellSilence(s *Silence, answer int32, after string) string {
	if s.Answered {
		if after == "" {
			return fmt.Sprintf("%s answered in exhibit %d", q.name(q.Messages[answer].Author), *s.Answer)
		}
		return fmt.Sprintf("%s answered %s later, in exhibit %d", q.name(q.Messages[answer].Author), after, *s.Answer)
	}
	const none = "no answer is held"
	switch {
	case after == "":
		return none
	case s.Until == UntilIncident:
		return fmt.Sprintf("%s; %s until the incident of exhibit %d was reported", none, after, s.UntilShown)
	case s.Until == UntilEvent:
		return fmt.Sprintf("%s; %s until the next event of the case file", none, after)
	case s.UntilShown == s.Exhibit:
		return none + "; it is the last message of its thread"
	}
	return fmt.Sprintf("%s; %s until the last message of the thread, exhibit %d", none, after, s.UntilShown)
}

// lasting names a length of time by its two largest units.
func lasting(d time.Duration) string {
	d = d.Abs()
	days, hours, minutes := int(d/(24*time.Hour)), int(d%(24*time.Hour)/time.Hour), int(d%time.Hour/time.Minute)
	two := func(n int, noun string, m int, other string) string {
		if m == 0 {
			return count(n, noun)
		}
		return count(n, noun) + " " + count(m, other)
	}
	switch {
	case days > 0:
		return two(days, "day", hours, "hour")
	case hours > 0:
		return two(hours, "hour", minutes, "minute")
	case minutes > 0:
		return count(minutes, "minute")
	}
	return count(int(d/time.Second), "second")
}
