package html_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// findings gives the story what is found between its messages.
func findings(d *dossier.Dossier) {
	seven, one := 7, 1
	for i := range d.Statements {
		switch d.Statements[i].ID {
		case "s1", "s4", "s6", "s11":
			d.Statements[i].TopicID = "m1"
		}
	}
	d.Topics = []notice.Topic{
		{ID: "m1", Label: "the light curtain on press 4", Language: "en", Origin: notice.Marked, Thread: "t1", Statements: []string{"s1", "s4", "s6", "s11"}, Why: []string{"", "“without the curtain”", "“the curtain”", "“light curtain”"}},
		{ID: "m2", Label: "the glove", Language: "en", Origin: notice.Suggested, Thread: "t2", Statements: []string{"s8"}, Why: []string{""}},
	}
	d.Sequence = []notice.Sequel{
		{Statement: "s4", Act: notice.Order, Relation: notice.After, To: "s1", ToAct: notice.Warning, Topic: "m1", Seconds: 8841, Notice: notice.Quoted, At: at("2025-03-03T11:40:02+01:00"), Basis: evidence.BasisOrigination, Text: "after"},
		{Statement: "s6", Act: notice.Order, Relation: notice.Before, To: "s8", ToAct: notice.Incident, Topic: "m1", Seconds: 3240000, At: at("2025-03-04T18:21:00+00:00"), Basis: evidence.BasisOrigination, Text: "before"},
	}
	d.Silence = []notice.Silence{
		{Exhibit: 1, Author: "p1", Statements: []string{"s1"}, Answered: true, Answer: intp(2), Answerer: "p2", Until: notice.UntilAnswer, UntilAt: at("2025-03-03T11:40:02+01:00"), UntilShown: 2, Seconds: 8841, Unanswered: []string{"p3"}, Text: "answered"},
		{Exhibit: 3, Author: "p1", Statements: []string{"s5"}, Until: notice.UntilIncident, UntilAt: at("2025-04-11T06:55:30+02:00"), UntilShown: 5, Seconds: 3279200, Unanswered: []string{"p2", "p5", "p3"}, Text: "nobody answered"},
	}
	d.Quotes = []notice.Quotation{
		{Exhibit: 2, Quoted: &one, Held: true, Author: "p1", State: notice.QuoteSame, Words: 22, Introduce: "Mara wrote:", Text: "same"},
		{Exhibit: 8, Quoted: &seven, Held: true, Author: "p5", State: notice.QuoteAltered, Words: 14, Introduce: "On 20 Jun 2025 Inès Fabre wrote:", LeftOut: 2, Text: "altered", Passages: []notice.Difference{
			{Quoted: "nobody told me that the curtain was out", Original: "nobody ever told me that the light curtain was out", Kind: "changed"},
			{Quoted: "", Original: "Maintenance failed to report it.", Kind: "missing"},
		}},
		{Exhibit: 6, Author: "", State: notice.QuoteOnly, Words: 9, Introduce: "The works council wrote:", Text: "only quoted"},
	}
	d.Reports = []notice.DeliveryReport{
		{Exhibit: 6, Of: intp(5), Kind: notice.OutcomeFailed, Form: "dsn", Persons: []string{"p4"}, Addresses: []string{"line@stamping.example"}, Tie: notice.TieAttached, At: at("2025-04-11T07:31:00+02:00"), Basis: evidence.BasisTrace, Text: "not delivered"},
		{Exhibit: 8, Kind: notice.OutcomeDisplayed, Form: "mdn", Addresses: []string{"plant@stamping.example"}, Tie: notice.TieNone, Text: "displayed"},
	}
	d.Undelivered = []notice.Undelivered{{Statement: "s8", Person: "p4", Exhibit: 5, Report: 6, At: at("2025-04-11T07:31:00+02:00"), Basis: evidence.BasisTrace, Why: "came back"}}
	d.Gaps = []notice.Gap{
		{Kind: notice.GapHole, Exhibits: []int{1}, MessageID: "<risk-report@stamping.example>", Thread: "t1", Holders: []string{"p1", "p2"}, Text: "cited"},
		{Kind: notice.GapDate, Exhibits: []int{4}, Thread: "t1", Holders: []string{"p5"}, Seconds: -90061, Text: "date"},
	}
	d.Clocks = []notice.Clock{{
		Title: "Report of the accident to the inspectorate", LimitSeconds: 72 * 3600, Due: at("2025-06-20T10:20:00+02:00"), LateSeconds: 11400, Text: "late",
		Start: notice.Reading{Phase: "aware", Title: "Accident at press 4", At: at("2025-06-17T10:20:00+02:00"), Basis: evidence.BasisCase, Why: "stated in the case file"},
		Stop:  notice.Reading{Phase: "notification", Title: "Inspectorate told", At: at("2025-06-20T13:30:00+02:00"), Basis: evidence.BasisCase, Seconds: 270600, Why: "stated in the case file"},
		Phases: []notice.Reading{
			{Phase: "response-team-engaged", Title: "Works council called", At: at("2025-06-17T14:00:00+02:00"), Basis: evidence.BasisCase, Seconds: 13200, Why: "stated in the case file"},
			{Phase: "customers-notified", At: at("2025-06-20T15:00:00-05:00"), Basis: evidence.BasisOrigination, Exhibit: 7, Statement: "s11", Seconds: 301200, Why: "the message of that time"},
			{Phase: "detected", Title: "nobody says when"},
		},
	}}
	d.PeopleNotes, d.CaseWarnings = []string{"the case file names “Ola Berg”, whom no message names"}, []string{"the mark in line 12 fits no message"}
	d.PossibleSame = []dossier.PossibleSame{{A: "p3", B: "p4", Why: "the same last name in both addresses"}}
	for i := range d.Contradictions {
		d.Contradictions[i].Topic = "m1"
		d.Contradictions[i].Evidence = []notice.Against{
			{Statement: "s5", Kind: notice.Replied, Exhibit: 4, At: at("2025-03-04T18:21:00+00:00"), Basis: evidence.BasisOrigination, Days: 108, Why: "replied in exhibit 4"},
			{Statement: "s1", Kind: notice.Addressed, Exhibit: 2, At: at("2025-03-03T11:40:02+01:00"), Basis: evidence.BasisOrigination, Days: 109, Why: "was addressed"},
		}
	}
}

func intp(n int) *int { return &n }

// What was found between the messages is told from its fields, in its section, with links to what shows it.
func TestFindings(t *testing.T) {
	page := write(t, story(0))
	for id, want := range map[string][]string{
		"glance": {
			"What else stands out", "Report of the accident to the inspectorate: Inspectorate told: 75 h 10 min after the start (20 Jun 2025, 13:30). That is 3 h 10 min after the limit of 72 h had run out.",
			"the mark in line 12 fits no message", "1 message that warns was answered by nobody", "1 quotation differs from its original", "1 copy of a warning was not delivered", "2 gaps in the record", "1 pair of names may be one person",
		},
		"contradictions": {"How it had reached Inès Fabre: replied to it, Exhibit 4", "108 days before", "109 days before"},
		"silence":        {"Tom Reyes, Exhibit 2 2 h 27 min until the answer Jon Adeyemi", "no answer held 37 d 22 h until the next incident Exhibit 5"},
		"sequence":       {"2 h 27 min after", "quoted it", "37 d 12 h before"},
		"m-m1":           {"the light curtain on press 4", "confirmed named in the case file", "“without the curtain”", "first of the matter"},
		"clocks":         {"Start aware Accident at press 4", "Runs out 20 Jun 2025, 10:20:00 +02:00", "response team engaged Works council called", "3 h 40 min", "83 h 40 min Exhibit 7", "detected nobody says when nothing is stated", "Stopped by notification Inspectorate told"},
		"quotes":         {"1 quotation agrees with its original.", "Exhibit 8 → Exhibit 7", "nobody ever told me that the light curtain was out nobody told me that the curtain was out", "missing Maintenance failed to report it. (nothing stands here)", "2 more differences are not shown.", "Exhibit 6 unknown The works council wrote: 9 words"},
		"delivery":       {"Line Four Crew not delivered 11 Apr 2025", "no other evidence of notice", "Exhibit 6 dsn not delivered Exhibit 5", "not tied to a message"},
		"gaps":           {"hole in the thread <risk-report@stamping.example> Exhibit 1 Mara Lindqvist, Tom Reyes", "the Date lies −1 d 1 h from the time of the first server"},
		"people":         {"the case file names “Ola Berg”", "Names that may be one person", "Jon Adeyemi Line Four Crew the same last name in both addresses"},
	} {
		got := text(t, page, id)
		for _, w := range want {
			assert.Contains(t, got, strings.Join(strings.Fields(w), " "), id)
		}
	}
}

// What is not there is said in one place, under the anchor that it would have; nothing leads to an empty section.
func TestNothingFound(t *testing.T) {
	page := write(t, &dossier.Dossier{Messages: sequence([]*evidence.Record{{Exhibit: 1}})})
	absent := text(t, page, "absent")
	for _, want := range []string{"No person had notice", "No denial or blame", "No message that warns", "sets no clock", "No quotation differs", "No read receipt", "Every message that is cited is held"} {
		assert.Contains(t, absent, want)
	}
	for _, id := range []string{"knowledge", "contradictions", "silence", "sequence", "matters", "clocks", "recipients", "quotes", "delivery", "gaps"} {
		assert.Contains(t, page, `<li id="`+id+`">`)
	}
	assert.Equal(t, "No quotation differs from its original.", text(t, page, "quotes"))
}
