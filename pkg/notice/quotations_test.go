package notice

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const original = "Hello Ben,\n\nThe spillway gate sticks and will not open in a flood. We measured 58 mm of play\nwhere 5 mm are allowed. Please do not fill the lake before it is repaired.\n\nRegards\nAda\n"

// quoteOf tells what Analyse makes of one message that quotes another.
func quotationsOf(t *testing.T, texts ...string) []Quotation {
	t.Helper()
	m := &mails{plainInput: plainInput{Persons: folk("Ada Ash", "Ben Birch", "Cyd Cole")}}
	for i, text := range texts {
		m.add(plainMessage{Author: int32(i), Parent: int32(i - 1), Sent: at(i), Recipients: to(int32((i+1)%3), int32((i+2)%3))}, text)
	}
	var all []Quotation
	for q, err := range m.analyse(t).Quotes() {
		require.NoError(t, err)
		text := []rune(texts[q.Exhibit-1])
		require.LessOrEqual(t, q.Span[1], len(text))
		for _, d := range q.Passages {
			if d.QuotedSpan[1] > d.QuotedSpan[0] {
				assert.Contains(t, d.Quoted, clean(string(text[d.QuotedSpan[0]:d.QuotedSpan[1]])))
			}
			if of := []rune(texts[*q.Quoted-1]); d.OriginalSpan[1] > d.OriginalSpan[0] {
				assert.Contains(t, d.Original, clean(string(of[d.OriginalSpan[0]:d.OriginalSpan[1]])))
			}
		}
		all = append(all, q)
	}
	return all
}

func quote(text, mark string) string {
	return mark + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+mark) + "\n"
}

// Every manner of quoting, in every language: the words are the same, and they are known to be.
func TestQuotationsThatAreTheSame(t *testing.T) {
	wrapped := "> The spillway gate sticks and will not\n> open in a flood. We measured 58 mm of\n> play where 5 mm are allowed. Please do not fill the lake before\n> it is repaired.\n"
	for name, reply := range map[string]string{
		"plain":               "Noted.\n\nAda Ash wrote:\n" + quote(original, "> "),
		"wrapped anew":        "Noted.\n\nOn Tue, Mar 4, 2025 at 9:00 AM Ada Ash <ada@dam.example> wrote:\n\n" + wrapped,
		"attribution wrapped": "Noted.\n\nOn Tuesday, the fourth of March 2025 at 9:00 AM Ada Ash from the dam\n<ada.ash.of.the.upper.lake@dam.example> wrote:\n\n" + wrapped,
		"Gmail, French":       "Vu.\n\nLe mar. 4 mars 2025 à 09:00, Ada Ash <ada@dam.example> a écrit :\n\n" + wrapped,
		"Thunderbird, German": "Am 04.03.25 um 09:00 schrieb Ada Ash:\n" + wrapped + "\nGelesen.\n",
		"Gmail, Spanish":      "Visto.\n\nEl mar, 4 mar 2025 a las 9:00, Ada Ash (<ada@dam.example>)\nescribió:\n\n" + wrapped,
		"Outlook, English":    "Noted.\n\n-----Original Message-----\nFrom: Ada Ash <ada@dam.example>\nSent: Tuesday, March 4, 2025 9:00 AM\nTo: Ben Birch <ben@dam.example>\nSubject: Spillway\n\n" + original,
		"Outlook, French":     "Vu.\n\n________________________________\nDe : Ada Ash <ada@dam.example>\nEnvoyé : mardi 4 mars 2025 09:00\nÀ : Ben Birch <ben@dam.example>\nObjet : Spillway\n\n" + original,
		"Outlook, German":     "Gelesen.\n\nVon: Ada Ash <ada@dam.example>\nGesendet: Dienstag, 4. März 2025 09:00\nAn: Ben Birch <ben@dam.example>\nBetreff: Spillway\n\n" + original,
		"Outlook, Spanish":    "Visto.\n\nDe: Ada Ash <ada@dam.example>\nEnviado el: martes, 4 de marzo de 2025 9:00\nPara: Ben Birch <ben@dam.example>\nAsunto: Spillway\n\n" + original,
		"inline answers":      "On Tue, Mar 4, 2025 at 9:00 AM Ada Ash <ada@dam.example> wrote:\n> The spillway gate sticks and will not open in a flood.\n\nI doubt that.\n\n> We measured 58 mm of play\n> where 5 mm are allowed.\n\nBy whom?\n",
		"parts left out":      "Ada Ash wrote:\n> The spillway gate sticks and will not open in a flood.\n> [...]\n> Please do not fill the lake before it is repaired.\n\nWe shall see.\n",
		"initials":            "AA> The spillway gate sticks and will not open in a flood. We measured 58 mm of play\nAA> where 5 mm are allowed.\n\nWe shall see.\n",
		"typography":          "Ada Ash wrote:\n" + quote(strings.ReplaceAll(strings.ReplaceAll(original, "spillway", "*spillway*"), "58 mm", "58\u00a0mm"), "> "),
	} {
		got := quotationsOf(t, original, reply)
		require.Len(t, got, 1, name)
		assert.Equal(t, QuoteSame, got[0].State, "%s: %v", name, got[0].Passages)
		assert.Equal(t, 1, *got[0].Quoted, name)
		assert.Equal(t, "p1", got[0].Author, name)
		assert.Empty(t, got[0].Passages, name)
	}
}

func TestQuotationsThatDiffer(t *testing.T) {
	for name, c := range map[string]struct{ from, to, kind, quoted, original string }{
		"a word taken out":      {"will not open", "will open", "missing", "gate sticks and will open in a flood.", "sticks and will not open in a flood."},
		"a number changed":      {"58 mm", "8 mm", "changed", "We measured 8 mm of play", "We measured 58 mm of play"},
		"words put in":          {"in a flood", "in a very rare flood", "added", "not open in a very rare flood.", "open in a flood."},
		"a sign changed":        {"flood.", "flood?", "changed", "flood?", "flood."},
		"the end of a sentence": {" before it is repaired", "", "changed", "lake.", "lake before it is repaired."},
	} {
		got := quotationsOf(t, original, "Noted.\n\nAda Ash wrote:\n"+quote(strings.Replace(original, c.from, c.to, 1), "> "))
		require.Len(t, got, 1, name)
		require.Equal(t, QuoteAltered, got[0].State, name)
		require.Len(t, got[0].Passages, 1, name)
		d := got[0].Passages[0]
		assert.Equal(t, c.kind, d.Kind, name)
		assert.Contains(t, d.Quoted, c.quoted, name)
		assert.Contains(t, d.Original, c.original, name)
		assert.Equal(t, "exhibit 2 quotes exhibit 1, by Ada Ash, in other words than stand there: 1 difference", got[0].Text)
	}
}

// A quotation inside of a quotation is of the message before, and what is not held is said to be so.
func TestQuotationsInsideOfQuotations(t *testing.T) {
	second := "I have had the gate oiled twice this week and see no need to wait.\n\nOn 4 March 2025 09:00, Ada Ash wrote:\n" + quote(original, "> ")
	third := "So be it then, the decision stands.\n\nOn 4 March 2025 10:00, Ben Birch wrote:\n" + quote(second, "> ")
	got := quotationsOf(t, original, second, third)
	require.Len(t, got, 3)
	assert.Equal(t, []int{1, 2, 1}, []int{*got[0].Quoted, *got[1].Quoted, *got[2].Quoted})
	for _, q := range got {
		assert.Equal(t, QuoteSame, q.State)
	}
	lost := "See what he wrote.\n\nOn 4 March 2025 10:00, Cyd Cole wrote:\n> Nobody may enter the gallery below the gate until the divers have been there again.\n"
	got = quotationsOf(t, original, lost)
	require.Len(t, got, 1)
	assert.Equal(t, QuoteOnly, got[0].State)
	assert.Nil(t, got[0].Quoted)
	assert.False(t, got[0].Held)
	assert.Equal(t, "p3", got[0].Author, "whom the attribution names")
	assert.Equal(t, "On 4 March 2025 10:00, Cyd Cole wrote:", got[0].Introduce)
	forwarded := quotationsOf(t, original, "For your information.\n\n---------- Forwarded message ---------\nFrom: Ada Ash <ada@dam.example>\nDate: Tue, Mar 4, 2025 at 9:00 AM\nSubject: Spillway\nTo: Ben Birch <ben@dam.example>\n\n"+original)
	require.Len(t, forwarded, 1)
	assert.True(t, forwarded[0].Forwarded)
	assert.Equal(t, QuoteSame, forwarded[0].State)
}

// FuzzDiffWords: what the hunks leave is the same in both, in the same order.
func FuzzDiffWords(f *testing.F) {
	f.Add("a b c d e", "a c d x e")
	f.Add("", "x")
	f.Add(strings.Repeat("p q ", 400), strings.Repeat("q r ", 500))
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := appendWords(nil, x, 0, len(x)), appendWords(nil, y, 0, len(y))
		ai, bi := 0, 0
		for _, h := range append(diffWords(a, b), hunk{len(a), len(a), len(b), len(b)}) {
			require.LessOrEqual(t, ai, h.q0)
			require.LessOrEqual(t, bi, h.o0)
			require.True(t, slices.EqualFunc(a[ai:h.q0], b[bi:h.o0], func(p, q word) bool { return p.hash == q.hash }))
			ai, bi = h.q1, h.o1
		}
		require.Equal(t, len(a), ai)
		require.Equal(t, len(b), bi)
		compareWords(x, a, y, b)
	})
}
