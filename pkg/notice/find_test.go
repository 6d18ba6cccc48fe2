package notice

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
)

// letters of an invented mill, in the four languages, with the acts of each sentence that does something.
var letters = []struct {
	text string
	want map[string]Act
}{
	{"Dear Tom,\n\nthe light curtain on press 4 has been bypassed since Friday. If somebody reaches in, the ram will crush his hand. I will not sign the release for the night shift. Please stop the press.\n\nMia\n",
		map[string]Act{"If somebody reaches in, the ram will crush his hand.": Warning, "I will not sign the release for the night shift.": Warning, "Please stop the press.": Request}},
	{"Hallo Tom,\n\ndie Lichtschranke ist überbrückt. Wenn jemand hineingreift, wird er schwer verletzt. Ich rate dringend davon ab, so weiterzufahren. Bitte die Presse anhalten.\n",
		map[string]Act{"Wenn jemand hineingreift, wird er schwer verletzt.": Warning, "Ich rate dringend davon ab, so weiterzufahren.": Warning, "Bitte die Presse anhalten.": Request}},
	{"Bonjour Tom,\n\nsi quelqu'un passe la main, la presse peut le blesser gravement. Je refuse de signer la mise en service. Merci d'arrêter la presse.\n",
		map[string]Act{"si quelqu'un passe la main, la presse peut le blesser gravement.": Warning, "Je refuse de signer la mise en service.": Warning, "Merci d'arrêter la presse.": Request}},
	{"Hola Tom:\n\nsi alguien mete la mano, la prensa puede aplastarla. Me niego a firmar la puesta en marcha. Por favor, paren la prensa.\n",
		map[string]Act{"si alguien mete la mano, la prensa puede aplastarla.": Warning, "Me niego a firmar la puesta en marcha.": Warning, "Por favor, paren la prensa.": Request}},
}

func TestFindInFourLanguages(t *testing.T) {
	finder := NewFinder()
	for i, letter := range letters {
		found := map[string]Statement{}
		for _, s := range finder.Find(Text{Body: letter.text, Subject: "RE: AW: Press 4"}).Statements {
			found[s.Text] = s
			assert.Equal(t, s.Text, string([]rune(letter.text)[s.Span[0]:s.Span[1]]))
		}
		for text, act := range letter.want {
			s := found[text]
			assert.Contains(t, s.Acts, act, text)
			assert.Equal(t, []string{"en", "de", "fr", "es"}[i], s.Language, text)
			assert.NotEmpty(t, s.Why, text)
			assert.NotEmpty(t, s.Rule, text)
			assert.Greater(t, s.Confidence, 0.3, text)
			assert.Equal(t, Suggested, s.Origin)
			assert.NotEmpty(t, s.Topic)
		}
	}
}

func TestFindLeavesAlone(t *testing.T) {
	finder := NewFinder()
	for _, body := range []string{
		"There is no danger at all.",
		"Es besteht kein Risiko.",
		"Il n'y a aucun danger.",
		"No hay ningún peligro.",
		"See you on Monday at the canteen.",
		"> If somebody reaches in, the ram will crush his hand.",
		"Ok.\n\nAm Di., 4. März 2025 um 09:12 Uhr schrieb Mia <mia@mill.example>:\n\nWenn jemand hineingreift, wird er schwer verletzt.\n",
		"Fine.\n\n-- \nMia Holt\nHead of risk, fire and accident prevention\n",
		"The risk assessment is in the folder.",
	} {
		for _, s := range finder.Find(Text{Body: body}).Statements {
			assert.NotContains(t, s.Acts, Warning, "%q", s.Text)
		}
	}
	assert.Empty(t, finder.Find(Text{Body: letters[0].text, Automatic: true}).Statements)
	var alone, bulk int
	for _, l := range letters {
		alone += len(finder.Find(Text{Body: l.text}).Statements)
		bulk += len(finder.Find(Text{Body: l.text, Bulk: true}).Statements)
	}
	assert.Less(t, bulk, alone, "mail to many needs more")
}

func TestEachSentenceHasItsLanguage(t *testing.T) {
	found := NewFinder().Find(Text{Body: "I warn you: if the dam breaks, the people in the valley will drown. Ich warne Sie: wenn der Damm bricht, werden die Leute im Tal ertrinken."})
	require.Len(t, found.Statements, 2)
	assert.Equal(t, "en", found.Statements[0].Language)
	assert.Equal(t, "de", found.Statements[1].Language)
}

func TestMarks(t *testing.T) {
	text := "Hallo Tom,\n\ndie Presse läuft. Das ist  lebensgefährlich. Bitte anhalten.\n"
	c := &casefile.Case{Marks: []casefile.Mark{
		{Exhibit: 3, Quote: "Das\nist lebensgefährlich.", Reject: true, Line: 4},
		{MessageID: "<a@mill.example>", Quote: "die Presse läuft.", Acts: []string{"incident", "warning"}, Topic: "press 4", Line: 7},
		{Exhibit: 3, Quote: "die Presse rennt", Acts: []string{"warning"}, Line: 9},
		{Exhibit: 9, Quote: "x", Line: 11},
	}}
	found := NewFinder().Find(Text{Body: text}).Statements
	statements, results := NewMarks(c).Apply(3, "<a@mill.example>", text, found)
	require.Len(t, results, 3)
	var marked, rejected []Statement
	for _, s := range statements {
		switch s.Origin {
		case Marked:
			marked = append(marked, s)
		case Rejected:
			rejected = append(rejected, s)
		}
	}
	require.Len(t, marked, 1)
	assert.Equal(t, []Act{Warning, Incident}, marked[0].Acts)
	assert.Equal(t, "die Presse läuft.", string([]rune(text)[marked[0].Span[0]:marked[0].Span[1]]))
	assert.Equal(t, "case-file", marked[0].Rule)
	require.Len(t, rejected, 1)
	assert.Equal(t, "Das ist  lebensgefährlich.", rejected[0].Text)
	assert.Equal(t, []string{
		`case file line 9: exhibit 3 does not say "die Presse rennt"; the nearest passage is "die Presse läuft."`,
		"case file line 11: there is no exhibit 9",
	}, unfitMarks(c, results))
}

func TestReports(t *testing.T) {
	rep, ok := ReadReport("message/disposition-notification", "Reporting-UA: x\r\nFinal-Recipient: rfc822;tom@mill.example\r\nOriginal-Message-ID: <a@mill.example>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n")
	require.True(t, ok)
	assert.Equal(t, Report{Kind: ReadReceipt, Original: "<a@mill.example>", Recipients: []string{"tom@mill.example"}, Form: "mdn"}, rep)
	rep, ok = ReadReport("message/delivery-status", "Reporting-MTA: dns; mx.mill.example\n\nFinal-Recipient: rfc822; a@mill.example\nAction: delivered\n\nFinal-Recipient: rfc822; b@mill.example\nAction: failed\nStatus: 5.1.1\n")
	require.True(t, ok)
	assert.Equal(t, Report{Kind: Failed, Recipients: []string{"b@mill.example"}, Form: "dsn"}, rep)
	_, ok = ReadReport("text/plain", "Action: failed")
	assert.False(t, ok)
}

// BenchmarkFind measures own text without any statement-rich bias: letters between plain paragraphs.
func BenchmarkFind(b *testing.B) {
	plain := "The minutes of the meeting are in the folder, together with the list of the members who were there and the plan for the spring. " +
		"Ann has written to the printers about the posters and they have promised to deliver them on the second of April. The room is booked until ten.\n\n"
	text := strings.Repeat(plain, 6) + letters[0].text + strings.Repeat(plain, 6)
	finder := NewFinder()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		finder.Find(Text{Body: text})
	}
}

// BenchmarkNewFinder is paid once by every command that looks for statements.
func BenchmarkNewFinder(b *testing.B) {
	for b.Loop() {
		NewFinder()
	}
}

// A Finder that was told to let go scores the same again, also when others are at work with it.
func TestRelease(t *testing.T) {
	text := Text{Body: "Please do not switch it off. I warn you: without the alarm nobody will notice the leak, and the cellar will flood again."}
	finder := NewFinder()
	want := finder.Score(text)
	require.NotEmpty(t, want)
	got := make([][]Scored, 4)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			finder.Release()
			got[i] = finder.Score(text)
		})
	}
	all.Wait()
	for _, g := range got {
		assert.Equal(t, want, g)
	}
}
