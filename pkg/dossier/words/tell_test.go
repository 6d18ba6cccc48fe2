package words

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/dossier"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/thread"
)

func hour(n int) *time.Time {
	at := time.Date(2031, 5, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
	return &at
}

// matter is two warnings, of which one is confirmed, an incident, a denial, and a rejected suggestion.
func matter() *dossier.Dossier {
	d := &dossier.Dossier{Count: 5, People: []people.Person{
		{ID: "p1", Name: "Mira Falk", Kind: people.Human}, {ID: "p2", Name: "Carl Voss", Kind: people.Human}, {ID: "p3", Addresses: []string{"all@press.example"}, Kind: people.List}, {ID: "p4", Name: "Tom Oduya", Kind: people.Human},
	}}
	for i, s := range []notice.Statement{
		{Author: "p1", At: hour(0), Acts: []notice.Act{notice.Warning}, Text: "It will fall.", Origin: notice.Marked},
		{Author: "p1", At: hour(24), Acts: []notice.Act{notice.Order, notice.Warning}, Text: "Again.", Origin: notice.Suggested},
		{Author: "p2", At: hour(48), Acts: []notice.Act{notice.Incident}, Text: "It fell.", Origin: notice.Suggested},
		{Author: "p2", At: hour(72), Acts: []notice.Act{notice.Denial}, Text: "Nobody told me.", Origin: notice.Suggested},
		{Author: "p4", At: hour(1), Acts: []notice.Act{notice.Warning}, Text: "Not one.", Origin: notice.Rejected},
	} {
		s.ID, s.Exhibit = []string{"s1", "s2", "s3", "s4", "s5"}[i], i+1
		d.Statements = append(d.Statements, s)
	}
	for _, n := range []struct {
		statement, person string
		at                *time.Time
	}{{"s1", "p1", hour(0)}, {"s1", "p2", hour(0)}, {"s1", "p3", hour(0)}, {"s2", "p4", hour(60)}, {"s3", "p3", hour(48)}, {"s5", "p2", hour(1)}} {
		d.Notices = append(d.Notices, notice.Notice{Statement: n.statement, Person: n.person, FirstAt: n.at})
	}
	d.Contradictions = []notice.Contradiction{{Statement: "s4", Person: "p2", Against: []string{"s1", "s2"}, Evidence: []notice.Against{{Statement: "s1", Kind: notice.Addressed, Exhibit: 1, At: hour(0), Days: 3}, {Statement: "s2", At: hour(24)}}}}
	d.Threads = []thread.Thread{{Missing: []thread.Missing{{MessageID: "<a@b>"}}}}
	return d
}

// The figures of the answer: authors, lists, automatic senders and rejected suggestions count for nobody who had notice.
func TestCount(t *testing.T) {
	c := Tell(For("en"), matter(), nil).Count()
	assert.Equal(t, 2, c.Warnings)
	assert.Equal(t, 1, c.Authors)
	assert.Equal(t, 2, c.Told, "Carl and Tom: neither the author nor the list")
	assert.Equal(t, 1, c.Before, "Carl alone before the incident")
	assert.Equal(t, 1, c.Reports)
	assert.Equal(t, 1, c.Denials)
	assert.Equal(t, 1, c.Marked)
	assert.Equal(t, 1, c.Suggested)
	assert.Equal(t, 1, c.Unheld)
	assert.Equal(t, map[notice.Origin]int{notice.Marked: 1, notice.Suggested: 3, notice.Rejected: 1}, c.Origins)
}

func TestResult(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "2 warnings by 1 person between 1 May 2031 and 2 May 2031; 2 people had notice of at least one that they did not write. 1 of them had it before the incident first told of on 3 May 2031 (exhibit 3). 1 denial or blame stands against them.",
		"de": "2 Warnungen von 1 Person zwischen dem 1. Mai 2031 und dem 2. Mai 2031; 2 Personen hatten Kenntnis von mindestens einer, die sie nicht selbst verfasst haben. 1 davon vor dem Vorfall, von dem zuerst am 3. Mai 2031 die Rede ist (Anlage 3). 1 Bestreiten oder Schuldzuweisung steht ihnen gegenüber.",
	} {
		assert.Equal(t, want, spaces(Tell(For(lang), matter(), nil).Result()))
	}
	d := matter()
	d.Statements, d.Notices, d.Contradictions = d.Statements[4:], nil, nil
	assert.Equal(t, "No warning was found in these 5 messages. What was said, and by whom, stands in the exhibits.", Tell(For("en"), d, nil).Result())
	assert.Equal(t, "All of them are suggestions of the program; no person has confirmed any yet.", Tell(For("en"), d, nil).Confirmed(Counts{Warnings: 2, Suggested: 2}))
}

func spaces(s string) string {
	out := []rune(s)
	for i, r := range out {
		if r == '\u00a0' || r == '\u202f' {
			out[i] = ' '
		}
	}
	return string(out)
}

func TestContradiction(t *testing.T) {
	d := matter()
	assert.Equal(t, "Carl Voss says on 4 May 2031, 08:00 (exhibit 4): “Nobody told me.” Carl Voss had notice of the warning by Mira Falk (exhibit 1) since 1 May 2031, 08:00, 3 days before: was addressed (exhibit 1). It stands beside 2 such warnings in all.",
		spaces(Tell(For("en"), d, nil).Contradiction(&d.Contradictions[0])))
	assert.Empty(t, Tell(For("en"), d, nil).Contradiction(&notice.Contradiction{Statement: "s99"}))
}

// What names nobody and nothing is told all the same.
func TestTellWithoutFacts(t *testing.T) {
	tell := Tell(For("fr"), &dossier.Dossier{}, nil)
	for _, said := range []string{tell.Result(), tell.Silence(&notice.Silence{}), tell.GapText(&notice.Gap{}), tell.Undelivered(&notice.Undelivered{}), tell.Report(&notice.DeliveryReport{}), tell.Quotation(&notice.Quotation{}), tell.ClockText(&notice.Clock{}), tell.Name("p9"), tell.Name("")} {
		assert.NotEmpty(t, said)
		assert.NotContains(t, said, "%!")
	}
	assert.Empty(t, tell.Sequel(&notice.Sequel{}))
}
