package notice

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fires tells which rules hold for a sentence read in a language.
func fires(f *Finder, lang, text string) []string {
	r := &reading{voc: f.voc}
	r.split(text)
	for i := range r.lines {
		r.lines[i].kind = ZoneOwn
	}
	r.sentences(text)
	var ids []string
	for i := range r.sents {
		s := &r.sents[i]
		s.lang = slices.Index(languages[:], lang)
		r.begin(s)
		r.circumstances(Text{Body: text}, s)
		r.cues(s)
		for _, c := range s.fired {
			ids = append(ids, f.voc.lang[s.lang].rules[c].rule.ID)
		}
	}
	return ids
}

func TestEveryRuleMatchesItsExamples(t *testing.T) {
	finder := NewFinder()
	seen := map[string]bool{}
	for _, r := range Rules() {
		require.False(t, seen[r.ID], "rule %s stands twice", r.ID)
		seen[r.ID] = true
		require.NotEmpty(t, r.Yes, "rule %s has no example that must match", r.ID)
		require.NotEmpty(t, r.No, "rule %s has no example that must not match", r.ID)
		for _, ex := range r.Yes {
			assert.Contains(t, fires(finder, ex.Lang, ex.Text), r.ID, "%s must match %q", r.ID, ex.Text)
		}
		for _, ex := range r.No {
			assert.NotContains(t, fires(finder, ex.Lang, ex.Text), r.ID, "%s must not match %q", r.ID, ex.Text)
		}
	}
	assert.Greater(t, len(seen), 60)
}
