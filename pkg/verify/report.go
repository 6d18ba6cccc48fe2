// Package verify knows how to derive a dossier again from its payload, by the code that built it, and how to compare: each check ends as verified, mismatch,
// missing or unverifiable. What could not be checked is never shown as wrong, nor as right. Broken evidence is a finding; an error is of the world only.
package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

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
	Sealed   Sealed    `json:"sealed"` // signatures and time-stamps that hold

	proof    bool      // of single messages
	bagAlone bool      // a bag that is no dossier
	compared *twoSides // of two dossiers
}

// NewReport gives a report without findings.
func NewReport() *Report {
	return &Report{OK: true, Findings: []Finding{}, Sealed: Sealed{Signatures: []SealedBy{}, Stamps: []SealedTime{}}}
}

func (r *Report) add(f Finding) {
	r.Findings = append(r.Findings, f)
	if f.Status == Mismatch || f.Status == Missing {
		r.OK = false
	}
}

// ByCheck gives the findings with those of one check together, in the order in which the checks began.
func (r *Report) ByCheck() []Finding {
	first := map[string]int{}
	for i, f := range r.Findings {
		if _, ok := first[f.Check]; !ok {
			first[f.Check] = i
		}
	}
	return slices.SortedStableFunc(slices.Values(r.Findings), func(a, b Finding) int { return cmp.Compare(first[a.Check], first[b.Check]) })
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
	if r.compared != nil {
		return r.compared.String()
	}
	wrong, open := r.Count(Mismatch)+r.Count(Missing), r.Count(Unverifiable)
	rest := ""
	if open > 0 {
		rest = fmt.Sprintf("; %s could not be checked: %s", things(open), r.open())
	}
	if r.proof {
		return r.proofConclusion(wrong, rest)
	}
	if r.bagAlone {
		if wrong > 0 {
			return fmt.Sprintf("This bag is not as its manifests say: %s or missing%s.", differ(wrong), rest)
		}
		return "Every file in this bag is as its manifests say" + rest + "."
	}
	if wrong > 0 {
		return fmt.Sprintf("This dossier is not as it was made: %s or missing%s.", differ(wrong), rest)
	}
	if who := r.Sealed.String(); who != "" {
		return "Every file is as " + who + rest + "."
	}
	return "Everything in this dossier is as its manifests and its bytes say" + rest + "."
}

func (r *Report) proofConclusion(wrong int, rest string) string {
	if wrong > 0 {
		return fmt.Sprintf("This proof does not hold: %s or missing%s.", differ(wrong), rest)
	}
	n := 0
	for _, f := range r.Findings {
		if f.Check == "messages" && f.Status == Verified {
			n++
		}
	}
	what := "The message shown belongs"
	if n--; n != 1 { // without the root
		what = fmt.Sprintf("The %d messages shown belong", n)
	}
	if who := r.Sealed.String(); who != "" {
		return what + " to the dossier as it was " + who + rest + "."
	}
	return what + " to a dossier that nobody is known to have sealed" + rest + "."
}

// maxNamed is how many things the conclusion names.
const maxNamed = 4

// open names what could not be checked.
func (r *Report) open() string {
	var all []string
	for _, f := range r.Findings {
		if f.Status == Unverifiable && !slices.Contains(all, f.Subject) {
			all = append(all, f.Subject)
		}
	}
	if len(all) > maxNamed {
		all = append(all[:maxNamed], fmt.Sprintf("and %d more", len(all)-maxNamed))
	}
	return strings.Join(all, ", ")
}

// String tells who sealed and when: "sealed by Anna Berg (collected by) and stamped on … by …". "" if nobody did.
func (s Sealed) String() string {
	var parts []string
	for _, x := range s.Signatures {
		part := "sealed"
		if x.Time != "" {
			part += " on " + x.Time
		}
		part += fmt.Sprintf(" by %s (%s)", cmp.Or(x.Signer, x.Key), x.Role)
		if !x.Known {
			part += " with a key that is not known to you"
		}
		parts = append(parts, part)
	}
	for _, x := range s.Stamps {
		part := fmt.Sprintf("stamped on %s by %s", x.Time.UTC().Format(time.RFC3339), x.Authority)
		if !x.Known {
			part += ", an authority that is not known to you"
		}
		parts = append(parts, part)
	}
	if len(parts) > maxNamed {
		parts = append(parts[:maxNamed], "others")
	}
	return strings.Join(parts, " and ")
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
