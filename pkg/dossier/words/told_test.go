package words

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/remark"
)

// A sentence with its kind is said by its row alone: what varies in it is never taken for words of ours, whatever it holds.
func TestTold(t *testing.T) {
	de := For("de")
	for _, what := range []string{"Message-ID", "MIME boundary"} {
		for _, sentence := range []string{"the Date is X, the " + what + " was made at X: X later", "the " + what + " was made at X, the Date is X: X later", "the first server recorded the message at X, its " + what + " was made at X: X later"} {
			_, ok := de.Told(remark.Told{{Kind: "clock-made", Args: []string{"X", "X", "X"}, Text: sentence}})
			assert.True(t, ok, sentence)
		}
	}
	for _, c := range []struct {
		told remark.Told
		want string
		ok   bool
	}{
		{nil, "", true},
		{remark.Tell("signed", "the mail service of %s signed %s and the body on %s", "a.example", "From, Date", "2026-03-03").And("not-who-typed", "it does not show who typed it"),
			"der Maildienst von a.example hat From, Date und den Text signiert (am 2026-03-03); das zeigt nicht, wer getippt hat", true},
		{remark.Tell("signed", "the mail service of %s signed %s and the body on %s", "x; it does not show who typed it", "header fields", "2026-03-03"),
			"der Maildienst von x; it does not show who typed it hat Kopffelder und den Text signiert (am 2026-03-03)", true},
		{remark.Told{{Kind: "body-fits/footer", Args: []string{"4"}, Text: "the body hash fits once the last 4 lines are removed, as if a footer was added after signing"}},
			"der Hashwert des Textes passt, sobald die letzten 4 Zeilen entfernt sind, als wäre nach dem Signieren eine Fußzeile angefügt worden", true},
		{remark.Tell("clock-date-long-before", "the Date is %s, the first server recorded %s: %s later", "2026-03-03 09:15:00 +0100", "2026-03-08 09:15:00 +0100", "5 days 1 hour"),
			"das Datum ist 2026-03-03 09:15:00 +0100, der erste Server vermerkte 2026-03-08 09:15:00 +0100: 5 Tage 1 Stunde später", true},
		{remark.Tell("key-record-unusable", "the key record cannot be used: %v", "unknown kind of key k=dsa"), "der Schlüsseleintrag ist nicht verwendbar: unbekannte Schlüsselart k=dsa", true},
		{remark.Tell("x", "no such sentence of %s", "a.example").And("not-who-typed", "it does not show who typed it"), "no such sentence of a.example; das zeigt nicht, wer getippt hat", false},
		{remark.Told{{Kind: "old", Args: []string{"not in it"}, Text: "it does not show who typed it"}}, "das zeigt nicht, wer getippt hat", true},
	} {
		got, ok := de.Told(c.told)
		assert.Equal(t, c.want, spaces(got))
		assert.Equal(t, c.ok, ok, c.want)
		got, ok = For("en").Told(c.told)
		assert.Equal(t, c.told.String(), got)
		assert.True(t, ok)
	}
}
