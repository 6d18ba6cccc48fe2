package notice

import (
	"math/bits"
	"slices"
	"strings"

	"onrecord/pkg/notice/model"
)

const actCount = len(allActs)

// What raises the score that an act needs, in units of 1/model.One, measured on ordinary mail (make eval): mail to many; and long texts, in which any words
// come up sooner or later, by so much for every doubling of their sentences.
const (
	bulkRaise   = 2 * model.One
	doubleRaise = 15 * model.One / 16
	longRaise   = 5 * model.One / 2 // at most
	fewBits     = 3                 // a text of 1<<fewBits sentences is not long

	// For warnings the training text holds such mail as well: they need less.
	warnBulkRaise   = 3 * model.One / 2
	warnDoubleRaise = 5 * model.One / 8
	warnRaise       = -model.One / 2 // in a short mail to a few: fewer than in the held-out text do nothing
	besideLower     = model.One      // what a warning beside another one needs less there: people who warn give reasons
)

// An outspoken warning is one that the rules find as well; it needs less of the model, and the length of the text does not matter.
const (
	outspoken          = 0.8 // weight of the rules
	outspokenLower     = model.One / 2
	veryOutspoken      = 1.3
	veryOutspokenLower = 3 * model.One / 2
	outspokenBulk      = 0.6 // what a rule counts in mail to many
	ruleAlone          = 1.0 // weight at which the rules would have decided alone, so that a rule gives its name to the statement
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
	r.lookUp(text)
}

// lookUp finds the words of the sentences and the language of each.
func (r *reading) lookUp(text string) {
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

// judge collects the cues of every sentence, lets the model score them and turns the scores into acts.
func (r *reading) judge(in Text) {
	if r.model == nil {
		r.model = r.trained.NewReader()
	}
	r.model.Begin(model.Circumstances{Reply: r.answers(in)})
	for i := range r.sents {
		s := &r.sents[i]
		r.cuesOf(in, s)
		r.model.Add(in.Body[s.start:s.end], r.numbers)
	}
	warning, other := r.raise(in)
	r.model.Score(func(i int) (int32, int32) {
		if r.sents[i].outspokenness(in) > 0 {
			return 0, 0
		}
		return warning + warnRaise, other
	})
	for i := range r.sents {
		r.decide(in, i, warning, other)
	}
}

// raise is what the mail as a whole adds to the score that a warning needs, and any other act.
func (r *reading) raise(in Text) (warning, other int32) {
	if in.Bulk {
		warning, other = warnBulkRaise, bulkRaise
	}
	n := uint(len(r.sents))
	if whole := bits.Len(n) - 1; whole >= fewBits {
		doubled := int32(whole-fewBits)*model.One + int32(n<<10>>whole) - model.One // the logarithm to base 2, with straight lines between powers
		warning += min(longRaise, doubled*warnDoubleRaise/model.One)
		other += min(longRaise, doubled*doubleRaise/model.One)
	}
	return warning, other
}

// outspokenness is how much less an outspoken warning needs; 0 for any other sentence.
func (s *sentence) outspokenness(in Text) int32 {
	weight := s.scores[0]
	if in.Bulk {
		weight *= outspokenBulk
	}
	switch {
	case weight+1e-9 >= veryOutspoken:
		return veryOutspokenLower
	case weight+1e-9 >= outspoken:
		return outspokenLower
	}
	return 0
}

// besideWarning tells whether one of the two sentences before or after scores as a warning: people who warn give reasons.
func (r *reading) besideWarning(i int, needed int32) bool {
	for j := max(0, i-2); j <= min(len(r.sents)-1, i+2); j++ {
		if j != i && r.model.Scores(j)[0] >= needed {
			return true
		}
	}
	return false
}

// answers tells whether a mail answers another one.
func (r *reading) answers(in Text) bool {
	for i := range r.lines {
		if r.lines[i].kind == ZoneQuoted {
			return true
		}
	}
	return replyPrefix.MatchString(in.Subject)
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

// decide turns the scores of a sentence into acts, with the words that decided.
func (r *reading) decide(in Text, i int, warning, other int32) {
	s := &r.sents[i]
	scores := r.model.Scores(i)
	var acts []Act
	var numbers []int
	for a, score := range scores {
		needed := r.trained.Threshold(a) + other
		if a == 0 {
			needed = r.warnsFrom(in, i, warning)
		}
		if score >= needed {
			acts = append(acts, allActs[a])
			numbers = append(numbers, a)
		}
	}
	if len(acts) == 0 {
		return
	}
	raise := other
	if numbers[0] == 0 {
		raise = warning
	}
	s.verdict = verdict{acts: acts, confidence: model.Confidence(scores[numbers[0]] - raise)}
	if !r.explainByRule(in, s) {
		s.verdict.rule = model.ID
		s.verdict.why = quoteSpans(in.Body[s.start:s.end], r.model.Explain(i, numbers))
	}
}

// warnsFrom is the score from which sentence i warns; raise is what the mail adds.
func (r *reading) warnsFrom(in Text, i int, raise int32) int32 {
	needed := r.trained.Threshold(0) + raise + warnRaise
	if raise == 0 && r.besideWarning(i, needed) {
		needed -= besideLower
	}
	if lower := r.sents[i].outspokenness(in); lower > 0 {
		needed = min(needed, r.trained.Threshold(0)-lower)
	}
	return needed
}

// explainByRule names the rule that weighed most, if the rules alone would have found one of the acts, and the words of all that spoke for the acts.
func (r *reading) explainByRule(in Text, s *sentence) bool {
	found := false
	for a, score := range s.scores {
		found = found || score+1e-9 >= ruleAlone && slices.Contains(s.verdict.acts, allActs[a])
	}
	if !found {
		return false
	}
	g := &r.voc.lang[s.lang]
	r.begin(s)
	r.circumstances(in, s)
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
	var spans []model.Span
	for i := 0; i < s.n; i++ {
		if !chosen[i] {
			continue
		}
		end := i
		for end+1 < s.n && chosen[end+1] {
			end++
		}
		spans = append(spans, model.Span{Start: r.toks[i].start - s.start, End: r.toks[end].end - s.start})
		i = end
	}
	s.verdict.why = quoteSpans(in.Body[s.start:s.end], spans)
	return s.verdict.why != ""
}

// quoteSpans writes words of a sentence as a reader expects them: “these” … “and those”.
func quoteSpans(sentence string, spans []model.Span) string {
	var why strings.Builder
	for _, span := range spans {
		if why.Len() > 160 {
			why.WriteString(" …")
			break
		}
		if why.Len() > 0 {
			why.WriteString(" … ")
		}
		why.WriteString("“")
		why.WriteString(strings.Join(strings.Fields(sentence[span.Start:span.End]), " "))
		why.WriteString("”")
	}
	return why.String()
}

func overlap(a, b []Act) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}
