package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"onrecord/pkg/dossier"
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
	first     []notice.Statement // the first warnings
	suggested int                // warnings that no person confirmed
}

func newSummary(d *dossier.Dossier, output string, formats []string) (*summary, error) {
	s := &summary{Output: output, EvidenceDigest: d.EvidenceDigest.String(), Ledger: d.Ledger, Exhibits: d.Count, Defective: d.Defective,
		Contradictions: len(d.Contradictions), Signatures: d.Keys.Signatures, Checked: d.Keys.Checked, MissingKeys: d.Keys.Missing,
		CaseWarnings: d.CaseWarnings, d: d}
	for _, f := range formats {
		s.Files = append(s.Files, "dossier."+f)
	}
	for st, err := range d.EachStatement() {
		if err != nil {
			return nil, err
		}
		if !isWarning(st) {
			continue
		}
		if s.Warnings++; s.Warnings <= shownWarnings {
			s.first = append(s.first, st)
		}
		if st.Origin == notice.Suggested {
			s.suggested++
		}
	}
	for _, t := range d.Threads {
		s.Missing += len(t.Missing)
	}
	if s.CaseWarnings == nil {
		s.CaseWarnings = []string{}
	}
	return s, nil
}

func isWarning(s notice.Statement) bool {
	return s.Origin != notice.Rejected && slices.Contains(s.Acts, notice.Warning)
}

// shownWarnings is how many warnings the terminal lists.
const shownWarnings = 5

func (s *summary) print(w io.Writer, p paint) {
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	line("%s", p.bold(fmt.Sprintf("%s, %s", count(s.Exhibits, "exhibit", "exhibits"), warningsLine(s))))
	for _, st := range s.first {
		when := "undated"
		if st.At != nil {
			when = st.At.Format("2006-01-02 15:04 -0700")
		}
		line("  %s  %s: %s  (exhibit %d, %s)", when, oneLine(s.name(st.Author)), quote(st.Text), st.Exhibit, st.Origin)
	}
	if more := s.Warnings - len(s.first); more > 0 {
		line("  and %d more", more)
	}
	for i, c := range s.d.Contradictions {
		if i == 3 {
			line("  and %d more contradictions", len(s.d.Contradictions)-i)
			break
		}
		line("  %s", p.unsure(oneLine(clip(c.Why, 200))))
	}
	l := s.Ledger
	line("ledger: %d found = %d kept + %d duplicate + %d excluded + %d failed", l.Found, l.Kept, l.Duplicate, l.Excluded, l.Failed)
	var open []string
	if s.Missing > 0 {
		open = append(open, count(s.Missing, "message cited but not held", "messages cited but not held"))
	}
	if n := s.Signatures - s.Checked; n > 0 {
		open = append(open, fmt.Sprintf("%d of %s not checked", n, count(s.Signatures, "DKIM signature", "DKIM signatures")))
	}
	if s.Defective > 0 {
		open = append(open, count(s.Defective, "message has defects", "messages have defects"))
	}
	if len(open) > 0 {
		line("open: %s", strings.Join(open, "; "))
	}
	line("evidence digest: %s", s.EvidenceDigest)
	line("written: %s/ (%s)", harmless(s.Output), strings.Join(s.Files, ", "))
}

func warningsLine(s *summary) string {
	if s.Warnings == 0 {
		return "no warning found"
	}
	text := count(s.Warnings, "warning", "warnings")
	switch s.suggested {
	case 0:
		return text + " confirmed by a person"
	case s.Warnings:
		return text + " suggested, none confirmed by a person yet"
	}
	return fmt.Sprintf("%s, %d suggested and not confirmed by a person yet", text, s.suggested)
}

func (s *summary) name(id string) string {
	for _, p := range s.d.People {
		if p.ID == id {
			return cmpOr(p.Name, id)
		}
	}
	return cmpOr(id, "somebody")
}

// quote gives words of a mail on one line of a terminal.
func quote(text string) string {
	return "“" + oneLine(clip(strings.Join(strings.Fields(text), " "), 100)) + "”"
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
