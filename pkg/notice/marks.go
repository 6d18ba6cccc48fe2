package notice

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/pkg/casefile"
)

// Marks is what a case file says about sentences, indexed by message. It is immutable and safe for concurrent use.
type Marks struct {
	marks     []casefile.Mark
	byExhibit map[int][]int
	byID      map[string][]int
}

// MarkResult tells whether a mark's words stand in the message that it names.
type MarkResult struct {
	Mark    int    // index in Case.Marks
	Found   bool   //
	Nearest string // the passage most like it, when not found; "" if nothing is like it
}

// NewMarks indexes the marks of a case file; c may be nil.
func NewMarks(c *casefile.Case) *Marks {
	m := &Marks{byExhibit: map[int][]int{}, byID: map[string][]int{}}
	if c == nil {
		return m
	}
	m.marks = c.Marks
	for i, mark := range c.Marks {
		if mark.MessageID != "" {
			m.byID[mark.MessageID] = append(m.byID[mark.MessageID], i)
		} else {
			m.byExhibit[mark.Exhibit] = append(m.byExhibit[mark.Exhibit], i)
		}
	}
	return m
}

// Apply adds what the case file says of one message to the statements found in its text: a marked sentence becomes a statement of origin Marked
// in place of the suggestions that it overlaps; a rejected one stays as Rejected. found may be changed. The results go into Input.Marked.
// A Message-ID that several copies share gives several results: one found among them is enough.
func (m *Marks) Apply(exhibit int, messageID, text string, found []Statement) ([]Statement, []MarkResult) {
	if len(m.marks) == 0 {
		return found, nil
	}
	which := slices.Concat(m.byExhibit[exhibit], m.byID[messageID])
	slices.Sort(which)
	var results []MarkResult
	for _, i := range slices.Compact(which) {
		mark := &m.marks[i]
		start, end, ok := locate(text, mark.Quote)
		if !ok {
			results = append(results, MarkResult{Mark: i, Nearest: nearest(text, mark.Quote)})
			continue
		}
		results = append(results, MarkResult{Mark: i, Found: true})
		from := utf8.RuneCountInString(text[:start])
		found = apply(mark, found, text[start:end], from)
	}
	slices.SortStableFunc(found, func(a, b Statement) int { return a.Span[0] - b.Span[0] })
	return found, results
}

// ruleMarked stands in the place of a rule's ID where a person said what the sentence does.
const ruleMarked = "case-file"

func apply(mark *casefile.Mark, found []Statement, quote string, from int) []Statement {
	span := [2]int{from, from + utf8.RuneCountInString(quote)}
	stated := Statement{
		Acts: acts(mark.Acts), Text: quote, Span: span, Topic: mark.Topic, Rule: ruleMarked,
		Why: fmt.Sprintf("marked in the case file, line %d", mark.Line), Confidence: 1, Origin: Marked,
	}
	kept := found[:0]
	for _, s := range found {
		overlaps := s.Span[0] < span[1] && span[0] < s.Span[1]
		switch {
		case !overlaps || s.Origin == Marked:
		case mark.Reject:
			s.Origin = Rejected
		default:
			if stated.Language == "" {
				stated.Language = s.Language
			}
			if stated.Topic == "" {
				stated.Topic = s.Topic
			}
			continue // the mark stands in its place
		}
		kept = append(kept, s)
	}
	if !mark.Reject && len(stated.Acts) > 0 {
		kept = append(kept, stated)
	}
	return kept
}

// allActs in the order of the constants.
var allActs = [...]Act{Warning, Request, Order, Threat, Approval, Acknowledgement, Confirmation, Denial, Blame, Incident, Notification}

// acts keeps the known names, in the order of the constants.
func acts(names []string) []Act {
	var list []Act
	for _, act := range allActs {
		for _, n := range names {
			if strings.EqualFold(n, string(act)) {
				list = append(list, act)
				break
			}
		}
	}
	return list
}

// locate finds words in a text; any run of white space is equal to any other. Offsets are bytes.
func locate(text, quote string) (start, end int, ok bool) {
	words := strings.Fields(quote)
	if len(words) == 0 {
		return 0, 0, false
	}
	for from := 0; from <= len(text); {
		i := strings.Index(text[from:], words[0])
		if i < 0 {
			return 0, 0, false
		}
		start = from + i
		if end, ok = follows(text, start, words); ok {
			return start, end, true
		}
		from = start + 1
	}
	return 0, 0, false
}

func follows(text string, at int, words []string) (int, bool) {
	for i, w := range words {
		if i > 0 {
			rest := strings.TrimLeftFunc(text[at:], unicode.IsSpace)
			if len(rest) == len(text)-at {
				return 0, false
			}
			at = len(text) - len(rest)
		}
		if !strings.HasPrefix(text[at:], w) {
			return 0, false
		}
		at += len(w)
	}
	return at, true
}

// nearest gives the sentence of a text that shares most words with the quote.
func nearest(text, quote string) string {
	want := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(quote)) {
		want[w] = true
	}
	best, score := "", 0.0
	for _, span := range splitSentences(text, 0, min(len(text), maxOwnBytes)) {
		words := strings.Fields(strings.ToLower(text[span[0]:span[1]]))
		same := 0
		for _, w := range words {
			if want[w] {
				same++
			}
		}
		if s := float64(same) / float64(len(want)+len(words)); same > 0 && s > score {
			best, score = text[span[0]:span[1]], s
		}
	}
	return short(best)
}

// unfitMarks says which marks of the case file fit no message or no words.
func unfitMarks(c *casefile.Case, results []MarkResult) []string {
	warnings := []string{}
	if c == nil {
		return warnings
	}
	seen := make([]int, len(c.Marks)) // 0: no such message, 1: words not found, 2: found
	near := make([]string, len(c.Marks))
	for _, r := range results {
		if r.Mark < 0 || r.Mark >= len(c.Marks) {
			continue
		}
		state := 1
		if r.Found {
			state = 2
		} else if near[r.Mark] == "" {
			near[r.Mark] = r.Nearest
		}
		seen[r.Mark] = max(seen[r.Mark], state)
	}
	for i, mark := range c.Marks {
		where := fmt.Sprintf("exhibit %d", mark.Exhibit)
		if mark.MessageID != "" {
			where = mark.MessageID
		}
		switch {
		case seen[i] == 0:
			warnings = append(warnings, fmt.Sprintf("case file line %d: there is no %s", mark.Line, where))
		case seen[i] == 1 && near[i] == "":
			warnings = append(warnings, fmt.Sprintf("case file line %d: %s does not say %q", mark.Line, where, mark.Quote))
		case seen[i] == 1:
			warnings = append(warnings, fmt.Sprintf("case file line %d: %s does not say %q; the nearest passage is %q", mark.Line, where, mark.Quote, near[i]))
		}
	}
	return warnings
}
