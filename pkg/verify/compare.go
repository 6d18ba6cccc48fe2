package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/seal"
)

// maxDifferences bounds how many single facts are named.
const maxDifferences = 100

// group is some members of dossier.json in the words of the report.
type group struct {
	what    string
	members []string
	rest    string // what, without the standing facts; "" if that is the same
}

var groups = [...]group{
	{"sources and ledger", []string{"sources", "ledger", "evidence_digest"}, "notes on sources"},
	{"records: digests, headers, hops, authentication, parts, text", []string{"messages", "exhibits_with_defects"}, "records: hops, authentication results, parts, text"},
	{"people", []string{"people", "possible_same", "people_notes", "lookalikes"}, ""},
	{"threads", []string{"threads"}, ""},
	{"recipients", []string{"recipients"}, ""},
	{"statements and their spans", []string{"statements", "case_warnings"}, ""},
	{"notices", []string{"notices"}, ""},
	{"contradictions", []string{"contradictions"}, ""},
	{"topics, sequence and silence", []string{"topics", "sequence", "silence"}, ""},
	{"timeline", []string{"timeline"}, ""},
	{"quotations", []string{"quotes"}, ""},
	{"receipts, delivery reports and bounces", []string{"reports", "undelivered"}, ""},
	{"gaps", []string{"gaps"}, ""},
	{"clocks", []string{"clocks"}, ""},
	{"DKIM with the key snapshot, offline", []string{"keys"}, "counts of signatures and keys"},
}

// groupOf gives the group of a fact by its path: "statements[3].text".
func groupOf(path string) string {
	member := path
	if i := strings.IndexAny(path, ".["); i >= 0 {
		member = path[:i]
	}
	for _, g := range groups {
		if slices.Contains(g.members, member) {
			return g.what
		}
	}
	return member
}

// compareJSON compares dossier.json with what was derived again, first byte for byte and, where that fails, fact by fact.
func (v *verifier) compareJSON(again, held *dossier.Dossier, copied, renumbered bool) error {
	if copied {
		c := &comparer{fs: v.FS, name: "dossier.json"}
		w, err := c.open()
		if err != nil {
			return err
		}
		if err := dossier.Encode(w, again); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if c.at < 0 && !c.absent {
			v.same(groups[:], exportsCopied, nil)
			return nil
		}
	}
	if err := again.Load(); err != nil {
		return err
	}
	c := &contrast{verifier: v, otherwise: map[string]*otherwise{}}
	if again.Count != held.Count {
		c.differ("messages", fmt.Sprintf("%d messages", held.Count), fmt.Sprintf("%d messages", again.Count))
	}
	if err := c.records(again, held, copied, renumbered); err != nil {
		return err
	}
	for _, x := range []struct {
		name        string
		held, again any
	}{
		{"ledger", held.Ledger, again.Ledger}, {"evidence_digest", held.EvidenceDigest, again.EvidenceDigest}, {"sources", held.Sources, again.Sources},
		{"people", held.People, again.People}, {"threads", held.Threads, again.Threads}, {"recipients", held.Recipients, again.Recipients},
		{"statements", held.Statements, again.Statements}, {"notices", held.Notices, again.Notices}, {"contradictions", held.Contradictions, again.Contradictions},
		{"topics", held.Topics, again.Topics}, {"sequence", held.Sequence, again.Sequence}, {"silence", held.Silence, again.Silence},
		{"quotes", held.Quotes, again.Quotes}, {"reports", held.Reports, again.Reports}, {"undelivered", held.Undelivered, again.Undelivered},
		{"gaps", held.Gaps, again.Gaps}, {"clocks", held.Clocks, again.Clocks}, {"possible_same", held.PossibleSame, again.PossibleSame},
		{"people_notes", held.PeopleNotes, again.PeopleNotes}, {"timeline", held.Timeline, again.Timeline}, {"lookalikes", held.LookAlikes, again.LookAlikes}, {"keys", held.Keys, again.Keys}, {"case_warnings", held.CaseWarnings, again.CaseWarnings},
		{"exhibits_with_defects", held.Defective, again.Defective},
	} {
		if err := diff(x.name, x.held, x.again, c.differ); err != nil {
			return err
		}
	}
	if v.maker != "" {
		return c.tellOfOther(held, copied)
	}
	switch {
	case c.named > 0:
	case copied:
		v.add(Finding{Check: "facts", Subject: "dossier.json", Status: Mismatch, Why: "its facts are those that the bytes give, but it is not written as this program writes it: something was added or its form was changed"})
	default:
		v.same(groups[1:], exhibitsAlone, nil)
		v.exportsNotCopied()
	}
	return nil
}

// What the facts of a dossier are derived again from.
const (
	exportsCopied = "the exports in data/sources"
	exhibitsAlone = "the exhibits in data/messages"
)

// same tells the groups that were derived again and are the same.
func (v *verifier) same(all []group, from string, but map[string]*otherwise) {
	for _, g := range all {
		if but[g.what] == nil {
			v.add(Finding{Check: "facts", Subject: g.what, Status: Verified, Why: "derived again from " + from + "; the same"})
		}
	}
}

func (v *verifier) exportsNotCopied() {
	v.add(Finding{Check: "facts", Subject: groups[0].what, Status: Unverifiable, Why: "the exports were not copied (--sources reference): where the messages lay, what else lay there, and how they were un-quoted cannot be derived again"})
}

// contrast gathers the facts in which a dossier differs from what its payload gives.
type contrast struct {
	*verifier
	named     int                   // facts that are wrong
	otherwise map[string]*otherwise // by group, for the dossier of another version: facts that this one finds in another way
}

// differ takes one fact that differs.
func (c *contrast) differ(path, expected, found string) {
	f := Finding{Check: "facts", Subject: "dossier.json: " + path, Status: Mismatch, Expected: expected, Found: found, Why: "the bytes in data/ give another value"}
	if c.maker != "" && (!standing(path) || expected == unchecked) {
		c.note(path, f)
		return
	}
	if c.named++; c.named <= maxDifferences {
		c.add(f)
	}
}

// records goes through both sequences of messages side by side.
func (c *contrast) records(again, held *dossier.Dossier, copied, renumbered bool) error {
	if renumbered {
		return c.renumbered(again, held)
	}
	differ := c.differ
	next, stop := iter.Pull2(again.Messages)
	defer stop()
	n := 0
	for h, err := range held.Messages {
		if err != nil {
			differ(fmt.Sprintf("messages[%d]", n), "a record", err.Error())
			return nil
		}
		a, err, ok := next()
		if !ok {
			differ("messages", fmt.Sprintf("more than %d records", n), fmt.Sprintf("%d records", n))
			return nil
		}
		if err != nil {
			return err
		}
		if !copied {
			// What only the export could show.
			a.Origin, a.Digests.Raw, a.Reading, a.Copies = h.Origin, h.Digests.Raw, h.Reading, h.Copies
			if h.Recorded.Basis == evidence.BasisEnvelope {
				a.Recorded = h.Recorded
			}
			if own := slices.DeleteFunc(slices.Clone(h.Instants), func(m evidence.Mark) bool { return m.Basis == evidence.BasisEnvelope }); len(own) < len(h.Instants) {
				h.Instants, a.Clocks = own, h.Clocks // the From_ line's time, and what it contradicts
			}
		}
		if err := diff(fmt.Sprintf("messages[%d]", n), h, a, differ); err != nil {
			return err
		}
		n++
	}
	if _, _, ok := next(); ok {
		differ("messages", fmt.Sprintf("%d records", n), fmt.Sprintf("%d records", again.Count))
	}
	return nil
}

// diff compares two values in their JSON form and names each place in which they differ.
func diff(path string, held, again any, differ func(path, expected, found string)) error {
	hb, err := json.Marshal(held)
	if err != nil {
		return err
	}
	ab, err := json.Marshal(again)
	if err != nil {
		return err
	}
	if bytes.Equal(hb, ab) || string(hb) == "null" && string(ab) == "[]" || string(hb) == "[]" && string(ab) == "null" {
		return nil
	}
	var h, a any
	if err := json.Unmarshal(hb, &h); err != nil {
		return err
	}
	if err := json.Unmarshal(ab, &a); err != nil {
		return err
	}
	type pair struct {
		path string
		h, a any
	}
	for todo := []pair{{path, h, a}}; len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch h := p.h.(type) {
		case map[string]any:
			if a, ok := p.a.(map[string]any); ok {
				for _, k := range keysOf(h, a) {
					todo = append(todo, pair{p.path + "." + k, h[k], a[k]})
				}
				continue
			}
		case []any:
			if a, ok := p.a.([]any); ok && len(a) == len(h) {
				for i := range slices.Backward(h) {
					todo = append(todo, pair{fmt.Sprintf("%s[%d]", p.path, i), h[i], a[i]})
				}
				continue
			} else if ok {
				differ(p.path, fmt.Sprintf("%d entries", len(h)), fmt.Sprintf("%d entries", len(a)))
				continue
			}
		}
		hs, as := text(p.h), text(p.a)
		if hs != as {
			differ(p.path, hs, as)
		}
	}
	return nil
}

func keysOf(a, b map[string]any) []string {
	var all []string
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	slices.Reverse(all) // they are taken from the end
	return all
}

// text shows a value, shortened.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	if len(b) > 300 {
		return strings.ToValidUTF8(string(b[:300]), "") + "…"
	}
	return string(b)
}

// exhibits compares each exhibit's file with the message that the export gives.
func (v *verifier) exhibits(placed []digest.Digest) error {
	good := 0
	for n, want := range placed {
		name := seal.ExhibitFile(n+1, len(placed))
		f, err := openRegular(v.FS, name)
		if errors.Is(err, fs.ErrNotExist) {
			v.add(Finding{Check: "exhibits", Subject: name, Status: Missing, Expected: want.String(), Why: "the export in data/sources gives this message, and its file is not there"})
			continue
		}
		if err != nil {
			return err
		}
		got, _, err := digest.OfReader(f)
		f.Close()
		if err != nil {
			return err
		}
		if got != want {
			v.add(Finding{Check: "exhibits", Subject: name, Status: Mismatch, Expected: want.String(), Found: got.String(), Why: "the message that the export gives at this place has other bytes"})
			continue
		}
		good++
	}
	if good == len(placed) {
		v.add(Finding{Check: "exhibits", Subject: "data/messages", Status: Verified, Why: fmt.Sprintf("each of %d files is byte for byte the message that lies in its source", good)})
	}
	return nil
}
