package notice

import (
	"math/bits"
	"slices"
	"strings"
)

const actCount = len(allActs)

// Thresholds on the sum of weights.
const (
	threshold     = 1.0
	warnThreshold = 0.62
	nearThreshold = 0.35 // for a warning within two sentences of one that is sure
	sure          = 1.0
	bulkFactor    = 0.6 // of what is sent to many
	manySentences = 30
)

// verdict is what the scorer makes of the cues of a sentence.
type verdict struct {
	acts       []Act
	rule       string
	why        string
	confidence float64
}

// sentences cuts the own words and looks up every word.
func (r *reading) sentences(text string) {
	r.cut(text, false)
	r.tokens = r.tokens[:0]
	var total [langCount]int
	for i := range r.sents {
		s := &r.sents[i]
		function := r.tokenize(text, s)
		s.lang = speaks(function)
		for l, n := range function {
			total[l] += n
		}
	}
	r.main = 0
	for l, n := range total {
		if n > total[r.main] {
			r.main = l
		}
	}
	for i := range r.sents {
		if s := &r.sents[i]; s.lang < 0 {
			s.lang = r.main
		}
	}
}

// speaks gives the language that clearly leads, else -1.
func speaks(function [langCount]int) int {
	best, second := 0, -1
	for l := 1; l < langCount; l++ {
		switch {
		case function[l] > function[best]:
			best, second = l, best
		case second < 0 || function[l] > function[second]:
			second = l
		}
	}
	if function[best] >= function[second]+2 {
		return best
	}
	return -1
}

// judge collects the cues of every sentence and turns them into acts.
func (r *reading) judge(in Text) {
	// a letter that warns is short; in a long text any words come up sooner or later
	r.crowd = 1
	if n := float64(len(r.sents)); n > manySentences {
		r.crowd = 1 + min(1, (n-manySentences)/manySentences)
	}
	for i := range r.sents {
		s := &r.sents[i]
		r.begin(s)
		r.circumstances(in, s)
		r.cues(s)
		if in.Bulk {
			for a, v := range s.scores {
				if v > 0 {
					s.scores[a] = v * bulkFactor
				}
			}
		}
	}
	for i := range r.sents {
		if s := &r.sents[i]; len(s.fired) > 0 {
			r.decide(in.Body, s, r.besideWarning(i))
		}
	}
}

// circumstances sets the pseudo classes.
func (r *reading) circumstances(in Text, s *sentence) {
	if s.question {
		r.present.set(pseudoQuestion)
	}
	if in.Body[s.end-1] == '!' {
		r.present.set(pseudoExclaim)
	}
	if in.Bulk {
		r.present.set(pseudoBulk)
	}
	if s.n <= 4 {
		r.present.set(pseudoShort)
	}
	if s.n > 40 {
		r.present.set(pseudoLong)
	}
}

// cues finds the rules that hold and adds up their weights.
func (r *reading) cues(s *sentence) {
	g := &r.voc.lang[s.lang]
	for word, left := range r.present {
		for ; left != 0; left &= left - 1 {
			class := word*64 + bits.TrailingZeros64(left)
			for _, i := range g.byClass[class] {
				if r.matches(&g.rules[i]) {
					s.fired = append(s.fired, i)
					for _, a := range g.rules[i].rule.Acts {
						s.scores[actIndex(a)] += g.rules[i].rule.Weight
					}
				}
			}
		}
	}
	slices.Sort(s.fired)
}

func actIndex(a Act) int { return slices.Index(allActs[:], a) }

// besideWarning tells whether a neighbour is surely a warning: people who warn give reasons before and after.
func (r *reading) besideWarning(i int) bool {
	for j := max(0, i-2); j <= min(len(r.sents)-1, i+2); j++ {
		if j != i && r.sents[j].scores[0] >= sure {
			return true
		}
	}
	return false
}

// decide turns scores into acts, with the rules and words that decided.
func (r *reading) decide(body string, s *sentence, beside bool) {
	var acts []Act
	best := 0.0
	for a, score := range s.scores {
		least := threshold
		if a == 0 {
			least = warnThreshold * r.crowd
		}
		if a == 0 && beside {
			least = nearThreshold * r.crowd
		}
		if score+1e-9 < least {
			continue
		}
		acts = append(acts, allActs[a])
		best = max(best, score)
	}
	if len(acts) == 0 {
		return
	}
	s.verdict = verdict{acts: acts, confidence: confidence(best)}
	r.explain(body, s)
}

// confidence is a fixed, monotone table over the score. It is cautious, not calibrated: a few hundred labelled sentences are too few for that.
func confidence(score float64) float64 {
	switch {
	case score >= 3:
		return 0.9
	case score >= 2:
		return 0.8
	case score >= 1.5:
		return 0.7
	case score >= 1.2:
		return 0.6
	case score >= 1:
		return 0.5
	default:
		return 0.4
	}
}

// explain names the rule that weighed most and the words of all that spoke for the acts, in the order of the sentence.
func (r *reading) explain(body string, s *sentence) {
	g := &r.voc.lang[s.lang]
	r.begin(s)
	r.circumstances(Text{Body: body}, s)
	weight := 0.0
	chosen := make([]bool, s.n)
	for _, i := range s.fired {
		c := &g.rules[i]
		if c.rule.Weight <= 0 || !overlap(c.rule.Acts, s.verdict.acts) {
			continue
		}
		if c.rule.Weight > weight {
			weight, s.verdict.rule = c.rule.Weight, c.rule.ID
		}
		if r.matches(c) {
			for _, m := range r.marks {
				chosen[m] = true
			}
		}
	}
	var why strings.Builder
	for i := 0; i < s.n; i++ {
		if !chosen[i] {
			continue
		}
		end := i
		for end+1 < s.n && chosen[end+1] {
			end++
		}
		if why.Len() > 160 {
			why.WriteString(" …")
			break
		}
		if why.Len() > 0 {
			why.WriteString(" … ")
		}
		why.WriteString("“")
		why.WriteString(strings.Join(strings.Fields(body[r.toks[i].start:r.toks[end].end]), " "))
		why.WriteString("”")
		i = end
	}
	s.verdict.why = why.String()
}

func overlap(a, b []Act) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}
