// Package verify knows how to derive a dossier again from its payload, by the code that built it, and how to compare: each check ends as verified, mismatch,
// missing or unverifiable. What could not be checked is never shown as wrong, nor as right. Broken evidence is a finding; an error is of the world only.
package verify

import "fmt"

// Status is the result of one check.
type Status string

// The results.
const (
	Verified     Status = "verified"
	Mismatch     Status = "mismatch"
	Missing      Status = "missing"
	Unverifiable Status = "unverifiable"
)

// Finding is the result of one check of one thing.
type Finding struct {
	Check    string `json:"check"`   // what was done: digests, facts, views, loose mail …
	Subject  string `json:"subject"` // file or field
	Status   Status `json:"status"`
	Expected string `json:"expected"` // as recorded
	Found    string `json:"found"`    // as derived again
	Why      string `json:"why"`
}

// Report is all findings, in the order of the checks.
type Report struct {
	OK       bool      `json:"ok"` // no mismatch and nothing missing
	Findings []Finding `json:"findings"`
}

func (r *Report) add(f Finding) {
	r.Findings = append(r.Findings, f)
	if f.Status == Mismatch || f.Status == Missing {
		r.OK = false
	}
}

// Count tells how many findings have the status.
func (r *Report) Count(s Status) int {
	n := 0
	for _, f := range r.Findings {
		if f.Status == s {
			n++
		}
	}
	return n
}

// Conclusion is the report in one sentence.
func (r *Report) Conclusion() string {
	if len(r.Findings) > 0 && r.Findings[0].Check == looseCheck {
		return r.LooseConclusion()
	}
	wrong, open := r.Count(Mismatch)+r.Count(Missing), r.Count(Unverifiable)
	rest := ""
	if open > 0 {
		rest = fmt.Sprintf("; %s could not be checked", things(open))
	}
	if wrong > 0 {
		return fmt.Sprintf("This dossier is not as it was made: %s or missing%s.", differ(wrong), rest)
	}
	return "Everything in this dossier is as its manifests and its bytes say" + rest + "."
}

func things(n int) string {
	if n == 1 {
		return "1 thing"
	}
	return fmt.Sprintf("%d things", n)
}

func differ(n int) string {
	if n == 1 {
		return "1 thing differs"
	}
	return fmt.Sprintf("%d things differ", n)
}
