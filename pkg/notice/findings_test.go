package notice

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
)

// mails makes an input of messages with texts; statements are given by hand, so that what is tested is what follows from them.
type mails struct {
	plainInput
	texts []string
	ids   []string
}

func (m *mails) add(msg plainMessage, text string, says ...Statement) int {
	msg.Exhibit = int32(len(m.Messages) + 1)
	r := new(reading)
	msg.Quotes = r.quotes(text, r.zones(text))
	for _, s := range says {
		at := strings.Index(text, s.Text)
		if at < 0 {
			panic(s.Text)
		}
		s.Exhibit, s.Span, s.Origin, s.Rule = int(msg.Exhibit), [2]int{len([]rune(text[:at])), len([]rune(text[:at+len(s.Text)]))}, Suggested, "test"
		m.Statements = append(m.Statements, s)
	}
	m.Messages = append(m.Messages, msg)
	m.texts = append(m.texts, text)
	return len(m.Messages) - 1
}

func (m *mails) analyse(t *testing.T) Result {
	t.Helper()
	in := m.brief()
	in.Text = func(i int32) (string, error) { return m.texts[i], nil }
	in.ByID = func(id string) int32 { return int32(slices.Index(m.ids, id)) }
	in.ThreadID = func(thread int32) string { return fmt.Sprint("t", thread+1) }
	got, err := Analyse(in)
	require.NoError(t, err)
	return got
}

func says(text string, acts ...Act) Statement {
	return Statement{Text: text, Acts: acts, Language: "en"}
}

func folk(names ...string) (list []Party) {
	for i, n := range names {
		list = append(list, Party{ID: fmt.Sprint("p", i+1), Name: n})
	}
	return list
}

// The dam: a warning with two matters, an order, a denial. Persons: 0 Ada, 1 Ben, 2 Cyd.
func dam() *mails {
	m := &mails{plainInput: plainInput{Persons: folk("Ada", "Ben", "Cyd")}}
	m.add(plainMessage{Author: 0, Parent: -1, Sent: at(0), Recipients: to(1, 2), Subject: "Spillway"},
		"The spillway gate sticks, it will not open in a flood. That would drown the village. In addition the siren at the weir has no battery. Nobody would hear it.",
		says("The spillway gate sticks, it will not open in a flood.", Warning), says("That would drown the village.", Warning),
		says("In addition the siren at the weir has no battery.", Warning), says("Nobody would hear it.", Warning))
	m.add(plainMessage{Author: 1, Parent: 0, Sent: at(30), Recipients: to(0), Subject: "Re: Spillway"}, "I have read it. We fill the lake as planned.",
		says("I have read it.", Acknowledgement), says("We fill the lake as planned.", Order))
	m.add(plainMessage{Author: 0, Parent: 1, Sent: at(60), Recipients: to(1), Subject: "Re: Spillway"}, "The siren has a new battery.", says("The siren has a new battery.", Confirmation))
	m.add(plainMessage{Author: 2, Parent: 1, Thread: 1, Sent: at(600), Recipients: to(0, 1), Subject: "flood"}, "The gate did not open, the village is under water.",
		says("The gate did not open, the village is under water.", Incident))
	m.add(plainMessage{Author: 1, Parent: 3, Thread: 1, Sent: at(700), Recipients: to(2), Subject: "Re: flood"}, "I was never warned.", says("I was never warned.", Denial))
	m.add(plainMessage{Author: 2, Parent: -1, Thread: 1, Sent: at(800), Recipients: to(1), Subject: "Re: flood"}, "Nor was I told of any gate.", says("Nor was I told of any gate.", Denial))
	return m
}

func TestTopics(t *testing.T) {
	got := dam().analyse(t)
	topics := slices.Collect(got.Topics())
	require.Len(t, topics, 2)
	assert.Equal(t, Topic{ID: "m2", Label: "the siren", Language: "en", Origin: Suggested, Thread: "t1", Statements: []string{"s3", "s4", "s7"},
		Why: []string{"", "stands beside one in the same message", "has words in common with earlier statements"}}, topics[1])
	assert.Equal(t, []string{"s1", "s2", "s5", "s6", "s8", "s9", "s10"}, topics[0].Statements, "over two threads of the same people: %v", topics[0].Why)
	assert.Equal(t, "", topics[0].Thread)
	for s, err := range got.Statements() {
		require.NoError(t, err)
		assert.NotEmpty(t, s.TopicID)
		assert.Equal(t, topics[slices.IndexFunc(topics, func(m Topic) bool { return m.ID == s.TopicID })].Label, s.Topic)
	}
}

func TestTopicsOfTheCaseFile(t *testing.T) {
	m := dam()
	m.Case = &casefile.Case{Topics: []casefile.Topic{{Name: "Alarm", Words: []string{"Siren", "hear it"}}}}
	topics := slices.Collect(m.analyse(t).Topics())
	require.Len(t, topics, 2)
	assert.Equal(t, []string{"s3", "s4", "s7"}, topics[1].Statements)
	assert.Equal(t, Marked, topics[1].Origin)
	assert.Equal(t, "Alarm", topics[1].Label)
	assert.Equal(t, "the case file says so", topics[1].Why[0])
}

func TestContradictionsRestOnEvidence(t *testing.T) {
	got := dam().analyse(t)
	require.Len(t, got.Contradictions, 2)
	c := got.Contradictions[0]
	assert.Equal(t, "s9", c.Statement)
	assert.Equal(t, "m1", c.Topic)
	assert.Equal(t, []string{"s1", "s2"}, c.Against)
	assert.Equal(t, Against{Statement: "s1", Kind: Acknowledged, Exhibit: 2, At: at(0).Time, Basis: at(0).Basis, Days: 0,
		Why: "was addressed by a warning of Ada on 2025-03-04 09:00 +0100 (exhibit 1, s1), 11 hours before; acknowledged it in exhibit 2"}, c.Evidence[0])
	assert.Contains(t, c.Why, "Ben says on 2025-03-04 20:40 +0100 in exhibit 5: “I was never warned.”; was addressed by a warning of Ada")
	assert.Equal(t, "p3", got.Contradictions[1].Person)

	delivered := dam()
	delivered.Messages[0].Recipients, delivered.Messages[0].DeliveredTo = to(0), []int32{1}
	delivered.Messages[1].Parent, delivered.Statements = -1, slices.DeleteFunc(delivered.Statements, func(s Statement) bool { return does(&s, Acknowledgement) })
	got = delivered.analyse(t)
	require.NotEmpty(t, got.Contradictions, "what a server recorded is enough")
	assert.Equal(t, Delivered, got.Contradictions[0].Evidence[0].Kind)
}

// What is said truthfully is left alone.
func TestTrueDenials(t *testing.T) {
	for name, change := range map[string]func(m *mails){
		"never addressed": func(m *mails) { m.Messages[0].Recipients = to(2); m.Messages[1].Parent, m.Messages[1].Author = -1, 2 },
		"bounced": func(m *mails) {
			m.Messages[1].Parent, m.Messages[1].Author = -1, 0
			m.Receipts = []Return{{Message: 2, Of: 0, Kind: Failed, Persons: []int32{1}}}
		},
		"only after the event": func(m *mails) {
			m.Messages[0].Sent, m.Messages[1].Sent, m.Messages[2].Sent = at(650), at(660), at(670)
		},
	} {
		m := dam()
		change(m)
		for _, c := range m.analyse(t).Contradictions {
			assert.NotEqual(t, "p2", c.Person, name)
		}
	}
	// What the denial answers is no notice from before.
	m := &mails{plainInput: plainInput{Persons: folk("Ada", "Ben")}}
	m.add(plainMessage{Author: 0, Parent: -1, Sent: at(0), Recipients: to(1)}, "The gate will jam.", says("The gate will jam.", Warning))
	m.add(plainMessage{Author: 1, Parent: 0, Sent: at(5), Recipients: to(0)}, "Nobody told me of the gate.", says("Nobody told me of the gate.", Denial))
	assert.Empty(t, m.analyse(t).Contradictions)
}

func TestUndelivered(t *testing.T) {
	m := dam()
	m.Receipts = []Return{{Message: 2, Of: 0, Kind: Failed, Persons: []int32{1, 2}, Form: "dsn", Tie: TieAttached, Addresses: []string{"ben@dam.example"}}}
	got := m.analyse(t)
	var all []Undelivered
	for u, err := range got.Undelivered() {
		require.NoError(t, err)
		if u.Statement == "s1" {
			all = append(all, u)
		}
	}
	require.Len(t, all, 2)
	assert.Equal(t, Undelivered{Statement: "s1", Person: "p2", Exhibit: 1, Report: 3, At: at(60).Time, Basis: at(60).Basis, Notice: true, Why: "exhibit 3 reports that exhibit 1 was not delivered to Ben"}, all[0], "Ben answered all the same")
	assert.False(t, all[1].Notice)
	for n, err := range got.Notices() {
		require.NoError(t, err)
		assert.False(t, n.Statement == "s1" && n.Person == "p3", "no notice for whom nothing but a returned copy speaks")
	}
	reports := slices.Collect(got.Reports())
	require.Len(t, reports, 1)
	of := 1
	assert.Equal(t, DeliveryReport{Exhibit: 3, Of: &of, Kind: OutcomeFailed, Form: "dsn", Persons: []string{"p2", "p3"}, Addresses: []string{"ben@dam.example"}, Tie: TieAttached, At: at(60).Time, Basis: at(60).Basis,
		Text: "exhibit 1 was not delivered to Ben, Cyd"}, reports[0])
}

func TestSilence(t *testing.T) {
	m := dam()
	got := slices.Collect(m.analyse(t).Silence())
	require.Len(t, got, 1)
	answer := 2
	assert.Equal(t, Silence{Exhibit: 1, Author: "p1", Statements: []string{"s1", "s2", "s3", "s4"}, Answered: true, Answer: &answer, Answerer: "p2", Until: UntilAnswer, UntilAt: at(30).Time, UntilShown: 2,
		Seconds: 1800, Unanswered: []string{"p3"}, Text: "Ben answered 30 minutes later, in exhibit 2"}, got[0])

	m.Messages[1].Parent, m.Statements = -1, slices.DeleteFunc(m.Statements, func(s Statement) bool { return does(&s, Acknowledgement) })
	got = slices.Collect(m.analyse(t).Silence())
	assert.Equal(t, UntilIncident, got[0].Until)
	assert.Equal(t, "no answer is held; 10 hours until the incident of exhibit 4 was reported", got[0].Text)
	m.Case = &casefile.Case{Events: []casefile.Event{{At: *at(120).Time, Title: "filling began"}}}
	got = slices.Collect(m.analyse(t).Silence())
	assert.Equal(t, "no answer is held; 2 hours until the next event of the case file", got[0].Text)
	m.Case, m.Statements = nil, m.Statements[:4]
	got = slices.Collect(m.analyse(t).Silence())
	assert.Equal(t, "no answer is held; 1 hour until the last message of the thread, exhibit 3", got[0].Text)
}

func TestSequence(t *testing.T) {
	var rows []string
	for s, err := range dam().analyse(t).Sequence() {
		require.NoError(t, err)
		rows = append(rows, fmt.Sprintf("%s %s %s %s %d %s", s.Statement, s.Act, s.Relation, s.To, s.Seconds, s.Notice))
	}
	assert.Equal(t, []string{"s6 order after s2 1800 acknowledged", "s8 incident after s2 36000 addressed"}, rows)

	m := &mails{plainInput: plainInput{Persons: folk("Ada", "Ben")}}
	m.add(plainMessage{Author: 1, Parent: -1, Sent: at(0), Recipients: to(0)}, "The gate was welded shut.", says("The gate was welded shut.", Confirmation))
	m.add(plainMessage{Author: 1, Parent: 0, Sent: at(10), Recipients: to(0)}, "You may weld the gate.", says("You may weld the gate.", Approval))
	m.add(plainMessage{Author: 0, Parent: 1, Sent: at(20), Recipients: to(1)}, "A gate that is welded cannot open.", says("A gate that is welded cannot open.", Warning))
	rows = nil
	for s, err := range m.analyse(t).Sequence() {
		require.NoError(t, err)
		rows = append(rows, s.Text)
	}
	assert.Equal(t, []string{"the confirmation by Ben (exhibit 1) came 10 minutes before the approval by Ben (exhibit 2)", "the approval by Ben (exhibit 2) came 10 minutes before the warning by Ada (exhibit 3)"}, rows)
}

func TestGaps(t *testing.T) {
	m := dam()
	in := m.brief()
	in.ThreadID = func(thread int32) string { return fmt.Sprint("t", thread+1) }
	in.Cited = cited(nil, Cited{MessageID: "<x@dam.example>", Thread: 0, By: []int32{1}}, Cited{MessageID: "<y@dam.example>", Thread: 1, By: []int32{5}})
	in.Messages[5].Bare = true
	in.Skew = func(m int32) int64 { return []int64{-86_400, 600, -200_000, 0, 601, 0, 0, 0, 0, 0}[m] }
	got, err := Analyse(in)
	require.NoError(t, err)
	var gaps []Gap
	for g, err := range got.Gaps() {
		require.NoError(t, err)
		gaps = append(gaps, g)
	}
	require.Len(t, gaps, 5)
	assert.Equal(t, Gap{Kind: GapHole, Exhibits: []int{2}, MessageID: "<x@dam.example>", Thread: "t1", Holders: []string{"p2", "p1"},
		Text: "exhibit 2 cites a message that is not held and that stands between messages of the thread that are; its ID was made at dam.example; who wrote or received exhibit 2 is likely to have it"}, gaps[0])
	assert.Equal(t, GapCited, gaps[1].Kind)
	assert.Equal(t, "the Date of exhibit 3 is 2 days 7 hours earlier than the time at which the first server recorded it", gaps[2].Text)
	assert.Equal(t, "the Date of exhibit 5 is 10 minutes later than the time at which the first server recorded it", gaps[3].Text)
	assert.Equal(t, GapParent, gaps[4].Kind)

	broken := errors.New("disk")
	in = m.brief()
	in.Cited = cited(broken, Cited{MessageID: "<x@dam.example>", By: []int32{1}})
	got, err = Analyse(in)
	require.NoError(t, err)
	told := 0
	for _, err = range got.Gaps() {
		told++
	}
	assert.Equal(t, 2, told, "the one before the error, and the error")
	assert.ErrorIs(t, err, broken)
}

// cited gives messages that are cited, and then an error if there is one.
func cited(failure error, list ...Cited) iter.Seq2[Cited, error] {
	return func(yield func(Cited, error) bool) {
		for _, c := range list {
			if !yield(c, nil) {
				return
			}
		}
		if failure != nil {
			yield(Cited{}, failure)
		}
	}
}

func TestClocks(t *testing.T) {
	m := dam()
	m.ids = []string{"<a@dam.example>", "<b@dam.example>", "<c@dam.example>", "<d@dam.example>", "<e@dam.example>", "<f@dam.example>"}
	m.Case = &casefile.Case{
		Events: []casefile.Event{{MessageID: "<d@dam.example>", Title: "flood"}, {Exhibit: 99, Title: "lost", Line: 3}},
		Clocks: []casefile.Clock{{Title: "72 h", Start: "detected", Stop: "customers-notified", Limit: 72 * 3600e9, Phases: []casefile.Phase{
			{Name: "Customers notified", Slug: "customers-notified", At: *at(600 + 75*60 + 10).Time, Note: "by radio", Line: 9},
			{Name: "detected", Slug: "detected", MessageID: "<d@dam.example>", Quote: "village  is under water", Line: 10},
			{Name: "confirmed", Slug: "confirmed", Exhibit: 5, Quote: "I was warned.", Line: 11}}}}}
	got := m.analyse(t)
	require.Len(t, got.Clocks, 1)
	c := got.Clocks[0]
	assert.Equal(t, "“Customers notified” came 3 days 3 hours after “detected”; that is 3 hours 10 minutes after the end of 3 days", c.Text)
	assert.Equal(t, int64(3*3600+600), c.LateSeconds)
	assert.Equal(t, []string{"detected", "confirmed", "customers-notified"}, []string{c.Phases[0].Phase, c.Phases[1].Phase, c.Phases[2].Phase}, "in the order of the process")
	assert.Equal(t, "s8", c.Start.Statement)
	assert.Equal(t, 4, c.Start.Exhibit)
	assert.Equal(t, "stated in the case file, line 9: by radio", c.Stop.Why)
	assert.Equal(t, []string{"case file line 3: there is no exhibit 99", `case file line 11: exhibit 5 does not say "I was warned."; the nearest passage is "I was never warned."`}, got.Warnings)
	for e, err := range got.Timeline() {
		require.NoError(t, err)
		if e.Text == "flood" && e.Kind == KindEvent {
			assert.Equal(t, 4, e.Exhibit)
			assert.Equal(t, at(600).Time.Unix(), e.At.Unix())
		}
	}
	m.Case.Clocks[0].Phases = m.Case.Clocks[0].Phases[1:2]
	assert.Equal(t, "nothing is stated for “customers notified”; 3 days after “detected” ran out on 2025-03-07 19:00 +0100", m.analyse(t).Clocks[0].Text)
}
