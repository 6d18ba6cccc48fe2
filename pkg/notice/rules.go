package notice

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

// The rule files hold, in lines:
//
//	# a comment
//	@class = word, stem*, *end, several words, @other-class      (lines that begin with white space go on)
//	id  act[+act…]  weight | pattern
//	  + [lang:] a sentence that must match
//	  - [lang:] a sentence that must not
//
// A pattern is one or more terms joined by " & ", all of which must hold in one sentence, in any order; "!" before a term forbids it.
// A term is a sequence of steps: @class, a word, a stem*, an *end, alternatives a|b, _ for any one word, ~ for a gap of up to 3 words and ~9 for one of up
// to 9, "^" for the beginning and "$" for the end of the sentence, "?" behind a step that may be missing. #q (question), #ex (exclamation),
// #bulk (mail to many), #short (up to 4 words) and #long (more than 40) look at the sentence itself.
//
// all.rules holds for every language; its classes have words in each of the others. An ID is never used again for another pattern.
//
//go:embed rules/*.rules
var ruleFS embed.FS

// Rule is one row of the rule files: a cue. The sentence model knows each by its ID; their weights, added up, tell an outspoken warning and which rule a
// statement is named after.
type Rule struct {
	ID      string
	Acts    []Act
	Lang    string // "" for every language
	Weight  float64
	Pattern string
	Yes, No []Example
}

// Example is a sentence that a rule must or must not match.
type Example struct{ Lang, Text string }

// Rules gives every rule of the program, in the order of the files.
func Rules() []Rule {
	var rules []Rule
	for _, f := range ruleFiles() {
		rules = append(rules, f.rules...)
	}
	return rules
}

type ruleFile struct {
	langs    []int
	lexicons []lexicon
	rules    []Rule
}

type lexicon struct {
	name    string
	entries []string
}

// ruleFiles parses the embedded files; a mistake in them is a mistake in the program and panics.
func ruleFiles() []ruleFile {
	var files []ruleFile
	entries, err := ruleFS.ReadDir("rules")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		text, err := ruleFS.ReadFile("rules/" + e.Name())
		if err != nil {
			panic(err)
		}
		lang, _, _ := strings.Cut(strings.TrimSuffix(e.Name(), ".rules"), "-")
		f, err := parseRules(string(text), lang)
		if err != nil {
			panic(fmt.Errorf("rules/%s: %w", e.Name(), err))
		}
		files = append(files, f)
	}
	return files
}

func parseRules(text, lang string) (ruleFile, error) {
	var f ruleFile
	for i, l := range languages {
		if l == lang || lang == "all" {
			f.langs = append(f.langs, i)
		}
	}
	if lang == "all" {
		lang = ""
	}
	inLexicon := false
	number := 0
	for row := range strings.Lines(text) {
		number++
		body := strings.TrimSpace(row)
		indented := row[0] == ' ' || row[0] == '\t'
		switch {
		case body == "" || body[0] == '#' && !indented:
		case indented && inLexicon:
			last := &f.lexicons[len(f.lexicons)-1]
			last.entries = append(last.entries, entries(body)...)
		case indented && len(f.rules) > 0 && (body[0] == '+' || body[0] == '-'):
			r := &f.rules[len(f.rules)-1]
			ex := Example{lang, strings.TrimSpace(body[1:])}
			if len(ex.Text) > 3 && ex.Text[2] == ':' {
				ex = Example{ex.Text[:2], strings.TrimSpace(ex.Text[3:])}
			}
			if body[0] == '+' {
				r.Yes = append(r.Yes, ex)
			} else {
				r.No = append(r.No, ex)
			}
		case body[0] == '@':
			name, list, found := strings.Cut(body[1:], "=")
			if !found {
				return f, fmt.Errorf("line %d: no = after the class", number)
			}
			inLexicon = true
			f.lexicons = append(f.lexicons, lexicon{strings.TrimSpace(name), entries(list)})
		default:
			inLexicon = false
			head, pattern, found := strings.Cut(body, "|")
			words := strings.Fields(head)
			if !found || len(words) != 3 {
				return f, fmt.Errorf("line %d: want: id act weight | pattern", number)
			}
			weight, err := strconv.ParseFloat(words[2], 64)
			if err != nil {
				return f, fmt.Errorf("line %d: %w", number, err)
			}
			acts := acts(strings.Split(words[1], "+"))
			if words[1] == "any" {
				acts = allActs[:]
			}
			if len(acts) == 0 {
				return f, fmt.Errorf("line %d: no such act: %s", number, words[1])
			}
			f.rules = append(f.rules, Rule{ID: words[0], Acts: acts, Lang: lang, Weight: weight, Pattern: strings.TrimSpace(pattern)})
		}
	}
	return f, nil
}

func entries(list string) []string {
	var out []string
	for e := range strings.SplitSeq(list, ",") {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}

// compiled is a rule in one language.
type compiled struct {
	rule    *Rule
	need    mask
	anchors []uint16 // classes that must be present: one of them finds the rule
	terms   []term
}

type term struct {
	seq        []element
	forbid     bool
	start, end bool
}

// rule compiles one rule for one language.
func (b *builder) rule(l int, r *Rule) {
	g := &b.voc.lang[l]
	c := compiled{rule: r}
	for part := range strings.SplitSeq(r.Pattern, " & ") {
		steps := strings.Fields(part)
		var t term
		if s, found := strings.CutPrefix(steps[0], "!"); found {
			t.forbid = true
			steps[0] = s
		}
		if steps[0] == "^" {
			t.start = true
			steps = steps[1:]
		}
		if n := len(steps) - 1; n > 0 && steps[n] == "$" {
			t.end = true
			steps = steps[:n]
		}
		t.seq = b.sequence(l, steps)
		if !t.forbid {
			for _, e := range t.seq {
				if !e.any && !e.optional {
					c.need.set(e.class)
					c.anchors = append(c.anchors, e.class)
				}
			}
		}
		c.terms = append(c.terms, t)
	}
	if len(c.anchors) == 0 {
		panic("notice: rule " + r.ID + " has nothing to find it by")
	}
	g.rules = append(g.rules, c)
}
