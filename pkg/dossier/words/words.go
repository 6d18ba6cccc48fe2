// Package words knows what onrecord itself says, in English, French, German and Spanish: labels, dates (CLDR forms), numbers (ISO 80000-1), plurals, the
// names of acts and of evidence, and the sentences that tell the facts of a dossier. Mail stays in its own words.
//
// A phrase is named by its English text, as gettext has it, and translated by the rows of the catalogue:
//
//	w := words.For("fr")
//	w.T("Exhibit %d", 3)                            // Pièce 3
//	w.N(2, "%s message", "%s messages")             // 2 messages
//	words.Tell(w, d, zone).Result()                 // the sentence that stands first in every view
//
// A phrase that means two things has the context before a bar: "place|To"; the bar and what stands before it are never shown.
package words

import (
	"fmt"
	"reflect"
	"strings"
)

// Languages are those that onrecord speaks, in the order of the columns of the catalogue.
func Languages() []string { return []string{"en", "fr", "de", "es"} }

// Known tells whether onrecord speaks a language (en, fr, de, es).
func Known(lang string) bool { return column(lang) >= 0 }

func column(lang string) int {
	for i, l := range Languages() {
		if l == lang {
			return i
		}
	}
	return -1
}

// row is one phrase in the four languages.
type row [4]string

// Words speaks one language. It is safe for use by several goroutines.
type Words struct {
	lang    string
	col     int
	phrases map[string]string // English → the language's; nil for English
	notes   map[string]string // the part of them that stands for sentences of the JSON
	free    []template        // of sentences that the JSON has in English alone
	keyed   map[string]int    // their places in free, by the English with {} for what varies
	form    *form
}

// For returns the words of a language; those of English for one that is not Known.
func For(lang string) *Words {
	w := &Words{lang: lang, col: column(lang)}
	if w.col < 0 {
		w.lang, w.col = "en", 0
	}
	w.form = &forms[w.col]
	if w.col == 0 {
		return w
	}
	w.phrases = map[string]string{}
	for _, list := range catalogue() {
		for _, r := range list {
			w.phrases[r[0]] = w.form.punctuate(r[w.col])
		}
	}
	w.notes, w.free = plainNotes(w.phrases), templates(w.col)
	w.keyed = make(map[string]int, len(w.free))
	for i := range w.free {
		w.keyed[strings.Join(w.free[i].pieces, "{}")] = i
	}
	return w
}

// Lang is the language's tag (BCP 47): en, fr, de or es.
func (w *Words) Lang() string { return w.lang }

// T says a phrase, which is named by its English text; args fill its verbs (those of fmt). A phrase that is not in the catalogue is said in English.
func (w *Words) T(english string, args ...any) string {
	text, ok := w.phrases[english]
	if !ok {
		text = bare(english)
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// bare takes the context, which is one word, off a phrase. A command with a pipe in it has none.
func bare(phrase string) string {
	if at := strings.IndexByte(phrase, '|'); at > 0 && !strings.Contains(phrase[:at], " ") {
		return phrase[at+1:]
	}
	return phrase
}

// N says a phrase that counts: n is its first verb, %s (written by Int), args are the further ones. In French, none is counted like one.
func (w *Words) N(n int, one, other string, args ...any) string {
	phrase := other
	if n == 1 || n == 0 && w.lang == "fr" {
		phrase = one
	}
	return w.T(phrase, append([]any{w.Int(n)}, args...)...)
}

// Translate replaces every string of a struct of phrases, given by its address, by what T says for it: in exported fields, arrays, slices, maps (values) and
// structs inside. It is for tables of labels that are written in English once.
func (w *Words) Translate(labels any) {
	strip(reflect.ValueOf(labels).Elem(), func(s string) string { return w.T(s) })
}

// Phrases lists all strings of such a struct, for tests of the catalogue.
func Phrases(labels any) []string {
	var all []string
	strip(reflect.ValueOf(labels).Elem(), func(s string) string {
		if s != "" {
			all = append(all, s)
		}
		return s
	})
	return all
}

// Has tells whether a phrase is in the catalogue, in all four languages.
func Has(english string) bool {
	for _, list := range catalogue() {
		for _, r := range list {
			if r[0] == english {
				return r[1] != "" && r[2] != "" && r[3] != ""
			}
		}
	}
	return false
}

// strip says every string below v; fields that are not exported stay.
func strip(v reflect.Value, say func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(say(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				strip(v.Field(i), say)
			}
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			strip(v.Index(i), say)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			strip(v.Elem(), say)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			said := reflect.New(it.Value().Type()).Elem()
			said.Set(it.Value())
			strip(said, say)
			v.SetMapIndex(it.Key(), said)
		}
	}
}

// catalogue is the whole of it; each list is a file.
func catalogue() [][]row {
	return [][]row{vocabulary(), sentences(), pdfLabels(), pdfTexts(), htmlLabels(), beyondLabels(), defectKinds(), terminalTexts(), freeTexts()}
}
