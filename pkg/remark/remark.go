// Package remark knows what onrecord says of a signature beside its facts, for programs and for people: a kind that stays the same, what varies, and an
// English sentence. Package words says the sentence in other languages.
package remark

import (
	"fmt"
	"strings"
)

// Remark is one sentence.
type Remark struct {
	Kind string   `json:"kind"`           // lower case, with hyphens; "body-fits/…" and "header-fits/…" are found by trial
	Args []string `json:"args,omitempty"` // what varies, in the order of the sentence
	Text string   `json:"text"`           // English
}

// New fills the verbs of an English sentence.
func New(kind, sentence string, args ...any) Remark {
	r := Remark{Kind: kind, Text: fmt.Sprintf(sentence, args...)}
	for _, a := range args {
		r.Args = append(r.Args, fmt.Sprint(a))
	}
	return r
}

// Told is several sentences that are told as one.
type Told []Remark

// Tell begins a Told with one sentence.
func Tell(kind, sentence string, args ...any) Told { return Told{New(kind, sentence, args...)} }

// And adds a sentence.
func (t Told) And(kind, sentence string, args ...any) Told {
	return append(t[:len(t):len(t)], New(kind, sentence, args...))
}

// String joins them in English.
func (t Told) String() string {
	texts := make([]string, len(t))
	for i, r := range t {
		texts[i] = r.Text
	}
	return strings.Join(texts, "; ")
}
