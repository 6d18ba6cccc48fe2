package words

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+0-9.]*([a-z%])`)

// verbs lists the verbs of a phrase by the argument that each takes.
func verbs(phrase string) []string {
	var out []string
	next := 1
	for _, m := range verb.FindAllStringSubmatch(phrase, -1) {
		if m[2] == "%" {
			continue
		}
		at := next
		if m[1] != "" {
			at = int(m[1][0] - '0')
		}
		next = at + 1
		out = append(out, string(rune('0'+at))+m[2])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Every phrase has one translation, in four languages, with the same verbs and the same gaps in each.
func TestCatalogue(t *testing.T) {
	seen := map[string]row{}
	rows := 0
	for _, list := range catalogue() {
		for _, r := range list {
			rows++
			if before, twice := seen[r[0]]; twice {
				assert.Equal(t, before, r, "two translations of one phrase")
			}
			seen[r[0]] = r
			gaps := strings.Count(r[0], "{")
			for i, text := range r {
				assert.NotEmpty(t, strings.TrimSpace(text), "%q has no %s", r[0], Languages()[i])
				assert.Equal(t, verbs(r[0]), verbs(text), "%q in %s: %q", r[0], Languages()[i], text)
				assert.Equal(t, gaps, strings.Count(text, "{"), "%q in %s: %q", r[0], Languages()[i], text)
				if i > 0 { // the English is what other packages write
					assert.NotContains(t, text, "'", "a typewriter's apostrophe: %q", text)
				}
			}
		}
	}
	assert.Greater(t, rows, 700)
}

func TestFormsOfLanguages(t *testing.T) {
	at := time.Date(2025, 3, 1, 7, 5, 9, 0, time.FixedZone("", 3600))
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace
	for lang, want := range map[string][]string{
		"en": {"1 Mar 2025", "1 March 2025", "1 Mar", "1 Mar 2025, 07:05", "12 345", "0.82", "1 234 567 B", "“so”", "2 days 1 hour", "50 h", "0 messages", "1 message", "A, B and C"},
		"fr": {"1er mars 2025", "1er mars 2025", "1er mars", "1er mars 2025, 07:05", "12 345", "0,82", "1 234 567 o", "« so »", "2 jours 1 heure", "50 h", "0 message", "1 message", "A, B et C"},
		"de": {"1. März 2025", "1. März 2025", "1. März", "1. März 2025, 07:05", "12 345", "0,82", "1 234 567 B", "„so“", "2 Tage 1 Stunde", "50 h", "0 Nachrichten", "1 Nachricht", "A, B und C"},
		"es": {"1 mar 2025", "1 de marzo de 2025", "1 mar", "1 mar 2025, 07:05", "12 345", "0,82", "1 234 567 B", "«so»", "2 días 1 hora", "50 h", "0 mensajes", "1 mensaje", "A, B y C"},
	} {
		w := For(lang)
		got := []string{w.Date(at), w.FullDate(at), w.DayMonth(at), w.DateTime(at), w.Int(12345), w.Decimal(0.82, 2), w.Bytes(1234567), w.Quoted("so"), w.Lasting(2*86400 + 3700), w.Span(50 * 3600),
			w.N(0, "%s message", "%s messages"), w.N(1, "%s message", "%s messages"), w.List([]string{"A", "B", "C"})}
		for i := range got {
			assert.Equal(t, want[i], plain(got[i]), lang)
		}
	}
	assert.Equal(t, "−12 s", plain(For("en").Span(-12)))
	assert.Equal(t, "1234", For("en").Int(1234))
	assert.Equal(t, "−12 345", plain(For("en").Int(-12345)))
}

func TestForUnknownLanguageIsEnglish(t *testing.T) {
	assert.Equal(t, "en", For("tlh").Lang())
	assert.Equal(t, "Exhibit 3", For("").T("Exhibit %d", 3))
	assert.Equal(t, "Pièce 3", For("fr").T("Exhibit %d", 3))
	assert.Equal(t, "no such phrase", For("de").T("no such phrase"))
	assert.Equal(t, "h", For("en").T("unit|h"), "the context is never shown")
	assert.False(t, Has("no such phrase"))
	assert.False(t, Known("xx"))
}

// French signs of two parts keep their space, which does not break.
func TestFrenchSpaces(t *testing.T) {
	for _, p := range For("fr").phrases {
		for _, sign := range []string{" ;", " :", " ?", " !", "« ", " »"} {
			assert.NotContains(t, p, sign)
		}
	}
}

func TestTranslate(t *testing.T) {
	type inner struct{ Says string }
	labels := struct {
		Title  string
		List   []inner
		ByName map[string]string
		hidden string
	}{"Exhibit", []inner{{"Warnings"}}, map[string]string{"a": "Gaps"}, "Exhibit"}
	require.Equal(t, []string{"Exhibit", "Warnings", "Gaps"}, Phrases(&labels))
	For("fr").Translate(&labels)
	assert.Equal(t, "Pièce", labels.Title)
	assert.Equal(t, "Mises en garde", labels.List[0].Says)
	assert.Equal(t, "Lacunes", labels.ByName["a"])
	assert.Equal(t, "Exhibit", labels.hidden)
}

func TestFree(t *testing.T) {
	for english, want := range map[string]string{
		"replied to it in exhibit 7": "hat in Anlage 7 darauf geantwortet",
		"a@b.example answered a message that was sent to c@d.example, and both bear the name “X Y”":               "a@b.example hat eine an c@d.example gesandte Nachricht beantwortet, und beide tragen den Namen „X Y“",
		"named in To; exhibit 3 reports that exhibit 2 was not delivered":                                         "genannt unter An; Anlage 3 meldet, dass Anlage 2 nicht zugestellt wurde",
		"the mail service of x.example signed From, To and the body on 2025-01-02; it does not show who typed it": "der Maildienst von x.example hat From, To und den Text signiert (am 2025-01-02); das zeigt nicht, wer getippt hat",
		"exhibit 4 was not delivered to Ann, Ben":                                                                 "Anlage 4 wurde nicht zugestellt an Ann, Ben",
	} {
		got, ok := For("de").Free(english)
		assert.True(t, ok, english)
		assert.Equal(t, want, got)
		same, ok := For("en").Free(english)
		assert.True(t, ok)
		assert.Equal(t, english, same)
	}
	got, ok := For("fr").Free("something new; replied to it in exhibit 7")
	assert.False(t, ok)
	assert.Equal(t, "something new\u202f; y a répondu dans la pièce 7", got, "what has no translation stays as it is")
	text, ok := For("es").Free("")
	assert.True(t, ok)
	assert.Empty(t, text)
}

// Sentences from mail must not cost more than their length.
func FuzzFree(f *testing.F) {
	f.Add("{} and {} ; : “”")
	f.Add(strings.Repeat("replied to it in exhibit ", 200))
	words := For("fr")
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := words.Free(s)
		assert.LessOrEqual(t, len(got), 4*len(s)+4000)
	})
}
