package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/notice"
)

// summary is what build says at its end: to people in ten lines, to programs (--json) in one.
type summary struct {
	Output         string         `json:"output"`
	Files          []string       `json:"files"`
	EvidenceDigest string         `json:"evidence_digest"`
	Ledger         dossier.Ledger `json:"ledger"`
	Exhibits       int            `json:"exhibits"`
	Defective      int            `json:"messages_with_defects"`
	Warnings       int            `json:"warnings"`
	Contradictions int            `json:"contradictions"`
	Missing        int            `json:"cited_but_not_held"`
	Signatures     int            `json:"signatures"`
	Checked        int            `json:"signatures_checked"`
	MissingKeys    []string       `json:"missing_keys"`
	CaseWarnings   []string       `json:"case_warnings"`

	d         *dossier.Dossier
	say       *words.Teller
	counts    *words.Counts         // nil where the views did not need it all in memory
	foremost  []*notice.Statement   // warnings
	denial    *notice.Contradiction // the weightiest
	suggested int                   // warnings that no person confirmed
	width     int                   // of the terminal; 0: it is none
}

func newSummary(d *dossier.Dossier, output string, formats []string, zone *time.Location) (*summary, error) {
	s := &summary{Output: output, EvidenceDigest: d.EvidenceDigest.String(), Ledger: d.Ledger, Exhibits: d.Count, Defective: d.Defective,
		Contradictions: len(d.Contradictions), Signatures: d.Keys.Signatures, Checked: d.Keys.Checked, MissingKeys: d.Keys.Missing,
		CaseWarnings: d.CaseWarnings, d: d, say: words.Tell(words.For(d.Options.Lang), d, zone)}
	for _, v := range views {
		if slices.Contains(formats, v.name) {
			s.Files = append(s.Files, "dossier."+v.name)
			if v.whole && s.counts == nil {
				c := s.say.Count()
				s.counts = &c
			}
		}
	}
	denies := map[string]*notice.Contradiction{}
	for i := range d.Contradictions {
		denies[d.Contradictions[i].Statement] = &d.Contradictions[i]
	}
	var denial *notice.Statement
	for st, err := range d.EachStatement() {
		if err != nil {
			return nil, err
		}
		if c := denies[st.ID]; c != nil && (denial == nil || outweighs(&st, denial)) {
			denial, s.denial = &st, c
		}
		if !words.Warns(&st) {
			continue
		}
		s.Warnings++
		s.foremost = words.Foremost(append(s.foremost, &st), shownWarnings)
		if st.Origin == notice.Suggested {
			s.suggested++
		}
	}
	for t, err := range d.EachThread() {
		if err != nil {
			return nil, err
		}
		s.Missing += len(t.Missing)
	}
	if s.CaseWarnings == nil {
		s.CaseWarnings = []string{}
	}
	return s, nil
}

// outweighs tells whether a denial or blame says more than another: what a person confirmed before a suggestion, a denial before blame, then the surer one.
func outweighs(x, y *notice.Statement) bool {
	confirmed := func(s *notice.Statement) bool { return s.Origin == notice.Marked }
	denies := func(s *notice.Statement) bool { return slices.Contains(s.Acts, notice.Denial) }
	switch {
	case confirmed(x) != confirmed(y):
		return confirmed(x)
	case denies(x) != denies(y):
		return denies(x)
	}
	return x.Confidence > y.Confidence
}

// The terminal shows the answer in ten lines: so many warnings, and so many persons who knew.
const (
	shownWarnings = 3
	shownPersons  = 4
)

// print says what page 1 says: the answer, the foremost warnings, who knew, what stands against them, what is missing, what could not be checked, where the
// files are. On a terminal what is long is cut so that all of it stands on a screen of 24 by 80.
func (s *summary) print(w io.Writer, p paint) {
	t := s.say
	line := func(text string) { fmt.Fprintln(w, text) }
	s.width = terminalWidth(w)
	rows := func(text string, n int) string {
		if s.width == 0 {
			return text
		}
		return clip(text, n*s.width-1)
	}
	line(p.bold(s.answer()))
	for _, st := range s.foremost {
		mark := t.Origin(st.Origin)
		if st.Origin == notice.Marked {
			mark = "✓ " + mark
		}
		said := func(most int) string {
			return fmt.Sprintf("  %s  %s: %s  (%s, %s)", s.when(st.At), oneLine(t.Name(st.Author)), oneLine(t.Quoted(clip(words.OneLine(st.Text), most))), t.T("exhibit %d", st.Exhibit), mark)
		}
		text := said(90)
		if over := utf8.RuneCountInString(text) - 2*s.width; s.width > 0 && over > 0 {
			text = said(max(90-over-1, 20))
		}
		line(text)
	}
	if knew := s.knew(); knew != "" {
		line(rows(t.T("Who knew: %s", knew), 2))
	}
	if n := len(s.d.Contradictions); n > 0 && s.denial != nil {
		said := oneLine(clip(t.Contradiction(s.denial), 260))
		if n > 1 {
			said += " " + t.T("(%d more)", n-1)
		}
		line(p.unsure(rows(said, 2)))
	}
	if missing := s.missing(); missing != "" {
		line(t.T("Missing: %s", missing))
	}
	line(t.T("Not checked: %s", s.unchecked()))
	l := s.Ledger
	line(t.T("Messages: %d found = %d kept + %d duplicate + %d excluded + %d failed", l.Found, l.Kept, l.Duplicate, l.Excluded, l.Failed))
	line(t.T("Written: %s; evidence digest: %s", fmt.Sprintf("%s/ (%s)", harmless(s.Output), strings.Join(s.Files, ", ")), s.EvidenceDigest))
}

// answer is the sentence that stands first in every view; where nothing but dossier.json was written, the short one.
func (s *summary) answer() string {
	if s.counts != nil {
		return strings.TrimSpace(s.say.ResultOf(*s.counts) + " " + s.say.Confirmed(*s.counts))
	}
	exhibits := s.say.N(s.Exhibits, "%s exhibit", "%s exhibits")
	if s.Warnings == 0 {
		return exhibits + "; " + s.say.T("no warning found")
	}
	c := words.Counts{Warnings: s.Warnings, Suggested: s.suggested, Marked: s.Warnings - s.suggested}
	return exhibits + "; " + s.say.N(s.Warnings, "%s warning", "%s warnings") + ". " + s.say.Confirmed(c)
}

func (s *summary) when(at *time.Time) string {
	if at == nil {
		return s.say.T("no time")
	}
	if s.width > 0 {
		return at.Format("2006-01-02")
	}
	return at.Format("2006-01-02 15:04 -0700")
}

// knew names who had notice of a warning that they did not write, and since when: the first ones.
func (s *summary) knew() string {
	if s.counts == nil {
		return ""
	}
	first := map[string]*time.Time{}
	var order []string
	for i := range s.d.Notices {
		n := &s.d.Notices[i]
		st := s.say.Statement(n.Statement)
		if st == nil || !words.Warns(st) || n.Person == st.Author || !s.say.Human(n.Person) {
			continue
		}
		at, known := first[n.Person]
		if !known {
			order = append(order, n.Person)
		}
		if !known || at == nil || n.FirstAt != nil && n.FirstAt.Before(*at) {
			first[n.Person] = n.FirstAt
		}
	}
	slices.SortStableFunc(order, func(a, b string) int {
		x, y := first[a], first[b]
		if x == nil || y == nil {
			return cmp.Compare(btoi(x == nil), btoi(y == nil))
		}
		return x.Compare(*y)
	})
	var names []string
	for i, id := range order {
		if i == shownPersons {
			names = append(names, s.say.T("and %d more", len(order)-i))
			break
		}
		names = append(names, s.say.T("%s since %s", oneLine(s.say.Name(id)), s.when(first[id])))
	}
	return strings.Join(names, "; ")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// missing tells what others cite and is not held, which warnings have no answer, and which were not delivered.
func (s *summary) missing() string {
	t := s.say
	var open []string
	if s.Missing > 0 {
		open = append(open, t.N(s.Missing, "%s message that others cite", "%s messages that others cite"))
	}
	silent := 0
	for i := range s.d.Silence {
		if !s.d.Silence[i].Answered {
			silent++
		}
	}
	if silent > 0 {
		open = append(open, t.N(silent, "%s message that warns and has no answer", "%s messages that warn and have no answer"))
	}
	if n := len(s.d.Undelivered); n > 0 {
		open = append(open, t.N(n, "%s undelivered copy of a warning", "%s undelivered copies of warnings"))
	}
	return strings.Join(open, "; ")
}

func (s *summary) unchecked() string {
	t := s.say
	open := []string{t.T("the clock of this machine (no trusted time-stamp)")}
	if n := s.Signatures - s.Checked; n > 0 {
		open = append(open, t.T("%d of %d DKIM signatures", n, s.Signatures))
	} else if s.Signatures == 0 {
		open = append(open, t.T("who sent the mail: no message carries a DKIM signature"))
	}
	if s.Defective > 0 {
		open = append(open, t.N(s.Defective, "%s message has defects", "%s messages have defects"))
	}
	return strings.Join(open, "; ")
}

func clip(s string, runes int) string {
	n := 0
	for i := range s {
		if n++; n > runes {
			return s[:i] + "…"
		}
	}
	return s
}
