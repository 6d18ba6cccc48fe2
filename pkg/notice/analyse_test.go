package notice

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
	"onrecord/pkg/evidence"
)

func at(minute int) evidence.Instant {
	t := time.Date(2025, 3, 4, 9, 0, 0, 0, time.FixedZone("", 3600)).Add(time.Duration(minute) * time.Minute)
	return evidence.Instant{Time: &t, Basis: evidence.BasisOrigination}
}

func recorded(minute int) evidence.Instant {
	i := at(minute)
	i.Basis = evidence.BasisTrace
	return i
}

// The mill: Mia warns of the bypassed light curtain, Tom answers without Eve, Eve hears of it only from a quotation, the copy to Sam bounces,
// a hand is crushed, and Tom, Sam and Uwe say that they did not know.
const (
	mia = iota
	tom
	eve
	sam
	uwe
	daemon
)

func to(persons ...int32) (list []Recipient) {
	for _, p := range persons {
		list = append(list, Recipient{p, To})
	}
	return list
}

func mill(t *testing.T) plainInput {
	t.Helper()
	finder := NewFinder()
	in := plainInput{
		Persons: []Party{{ID: "p1", Name: "Mia"}, {ID: "p2", Name: "Tom"}, {ID: "p3", Name: "Eve"}, {ID: "p4", Name: "Sam"}, {ID: "p5", Name: "Uwe"}, {ID: "p6", Name: "Mailer", Automatic: true}},
		Case:    &casefile.Case{Events: []casefile.Event{{At: *at(500).Time, Title: "the inspector arrives"}}},
	}
	add := func(m plainMessage, body string) {
		m.Exhibit = int32(len(in.Messages) + 1)
		found := finder.Find(Text{Body: body, Subject: "press 4", Automatic: m.Automatic})
		m.Quotes = found.Quotes
		for _, s := range found.Statements {
			s.Exhibit = int(m.Exhibit)
			in.Statements = append(in.Statements, s)
		}
		in.Messages = append(in.Messages, m)
	}
	warning := "If somebody reaches into the press, the ram will crush his hand."
	add(plainMessage{Author: mia, Parent: -1, Sent: at(0), Recorded: recorded(1), Recipients: append(to(tom, sam), Recipient{eve, Cc}), DeliveredTo: []int32{tom}, Subject: "press 4"}, "Tom,\n\nthe light curtain is bypassed. "+warning+"\n\nMia\n")
	add(plainMessage{Author: daemon, Parent: 0, Automatic: true, Sent: at(2), Recorded: recorded(2), Recipients: to(mia)}, "Your message could not be delivered.")
	add(plainMessage{Author: tom, Parent: 0, Sent: at(10), Recorded: recorded(11), Recipients: to(mia), Subject: "Re: press 4"}, "I have read your message. The decision is final, we go ahead.\n\n> "+warning+"\n")
	add(plainMessage{Author: tom, Parent: 0, Forward: true, Sent: at(12), Recorded: recorded(12), Recipients: to(uwe), Subject: "Fwd: press 4"}, "See below.\n\n-------- Forwarded Message --------\nFrom: Mia\nDate: today\nSubject: press 4\n\n"+warning+"\n")
	add(plainMessage{Author: eve, Parent: 2, Sent: at(60), Recorded: recorded(61), Recipients: to(tom, mia)}, "The press crushed a hand, an ambulance is here. A worker was injured this morning.")
	add(plainMessage{Author: tom, Parent: 4, Sent: at(100), Recorded: recorded(101), Recipients: to(eve)}, "Nobody told me about the press.")
	add(plainMessage{Author: sam, Parent: 4, Sent: at(110), Recorded: recorded(111), Recipients: to(eve)}, "Nobody told me about the press.")
	add(plainMessage{Author: uwe, Parent: 4, Sent: at(120), Recorded: recorded(121), Recipients: to(eve)}, "Nobody told me about the press.")
	in.Receipts = []Return{{Message: 1, Of: 0, Kind: Failed, Persons: []int32{sam}}}
	return in
}

func TestAnalyse(t *testing.T) {
	in := mill(t)
	got := analysed(t, in.brief())

	assert.Equal(t, "s1", got.Statements[0].ID)
	place := slices.IndexFunc(got.Statements, func(s Statement) bool { return s.Exhibit == 1 && does(&s, Warning) })
	require.GreaterOrEqual(t, place, 0)
	warning := got.Statements[place]
	assert.Contains(t, warning.Acts, Warning)
	assert.Equal(t, "p1", warning.Author)
	assert.Equal(t, []string{"p2", "p4", "p3"}, warning.Addressees)

	told := map[string]Notice{}
	for _, n := range got.Notices {
		if n.Statement == warning.ID {
			told[n.Person] = n
		}
	}
	kindsOf := func(person string) (list []EvidenceKind) {
		for _, e := range told[person].Evidence {
			list = append(list, e.Kind)
		}
		return list
	}
	assert.Equal(t, []EvidenceKind{Authored}, kindsOf("p1"))
	assert.Equal(t, []EvidenceKind{Acknowledged, Quoted, Forwarded, Replied, Delivered, Addressed}, kindsOf("p2"))
	assert.Equal(t, at(0).Time, told["p2"].FirstAt)
	assert.Equal(t, recorded(1), evidence.Instant{Time: told["p2"].Evidence[4].At, Basis: told["p2"].Evidence[4].Basis})
	assert.Equal(t, []EvidenceKind{Addressed}, kindsOf("p3"))
	assert.NotContains(t, told, "p4", "the copy bounced, and nothing else speaks for it")
	assert.Equal(t, []EvidenceKind{Addressed}, kindsOf("p5"))
	assert.Equal(t, at(12).Time, told["p5"].FirstAt)
	assert.Contains(t, told["p5"].Evidence[0].Why, "exhibit 4, which quotes it")

	change := got.Recipients[0]
	assert.Equal(t, RecipientChange{Exhibit: 3, ComparedTo: 1, Added: []string{}, Dropped: []string{"p4", "p3"}, Moved: []string{}, Headline: "replied to Mia alone, 2 recipients dropped"}, change)

	deniers := map[string]Contradiction{}
	for _, c := range got.Contradictions {
		deniers[c.Person] = c
	}
	assert.Contains(t, deniers["p2"].Against, warning.ID)
	assert.Contains(t, deniers["p2"].Why, "Tom says on 2025-03-04 10:40 +0100")
	assert.Contains(t, deniers, "p5", "the forwarded text reached Uwe before the accident")
	assert.NotContains(t, deniers, "p4", "the copy to Sam bounced")

	for i := 1; i < len(got.Timeline); i++ {
		a, b := got.Timeline[i-1], got.Timeline[i]
		assert.False(t, b.At.Before(*a.At), "timeline is in order")
	}
	assert.Equal(t, Entry{At: &in.Case.Events[0].At, Basis: evidence.BasisCase, Kind: KindEvent, Text: "the inspector arrives"}, got.Timeline[len(got.Timeline)-1])
	var kinds []EntryKind
	for _, e := range got.Timeline {
		kinds = append(kinds, e.Kind)
	}
	assert.Contains(t, kinds, KindBounce)
	assert.Contains(t, kinds, KindDropped)
	assert.Contains(t, kinds, EntryKind(Warning))
}

// big makes one thread in which everybody answers the message before, quotes the ten before it, and every tenth message warns or denies.
func big(n int) plainInput {
	in := plainInput{}
	for p := range 50 {
		in.Persons = append(in.Persons, Party{ID: fmt.Sprint("p", p+1), Name: fmt.Sprint("Person ", p)})
	}
	text := func(i int) string { return fmt.Sprintf("If pump number %d is opened, the tank will burst.", i) }
	for i := range n {
		m := plainMessage{Exhibit: int32(i + 1), Author: int32(i % 50), Parent: int32(i - 1), Sent: at(i), Recorded: recorded(i), Recipients: to(int32((i+1)%50), int32((i+7)%50), int32((i+13)%50))}
		for k := max(0, i-10); k < i; k++ {
			m.Quotes = append(m.Quotes, fingerprint(text(k)))
		}
		if i%10 == 0 {
			in.Statements = append(in.Statements, Statement{Exhibit: i + 1, Acts: []Act{Warning}, Text: text(i), Span: [2]int{0, 9}})
		}
		if i%10 == 5 {
			in.Statements = append(in.Statements, Statement{Exhibit: i + 1, Acts: []Act{Denial}, Text: "Nobody told me about the pump.", Span: [2]int{0, 9}})
		}
		in.Messages = append(in.Messages, m)
	}
	return in
}

func TestAnalyseSurvivesNonsense(t *testing.T) {
	in := plainInput{
		Persons:    []Party{{ID: "p1"}},
		Messages:   []plainMessage{{Exhibit: 1, Author: 7, Parent: 0, Recipients: to(-1, 99)}, {Exhibit: 2, Author: -1, Parent: 55, DeliveredTo: []int32{42}}},
		Statements: []Statement{{Exhibit: 1, Acts: []Act{Warning, Denial}, Text: "x"}, {Exhibit: 77, Acts: []Act{Warning}}},
		Receipts:   []Return{{Message: 9, Of: 0, Kind: Failed}, {Message: 0, Of: -1, Kind: ReadReceipt, Persons: []int32{99}}},
	}
	got := analysed(t, in.brief())
	assert.Len(t, got.Statements, 1)
	assert.Empty(t, got.Notices)
	assert.Empty(t, got.Recipients)
	assert.NotNil(t, got.Contradictions)
}
