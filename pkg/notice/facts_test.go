package notice

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/evidence"
)

// expectedPeople is the part of an expected file that says who is who: this test measures Analyse, not the merging of addresses.
type expectedPeople struct {
	Thread        string
	People, Lists map[string][]string
}

// threadInput makes the brief of one labelled thread.
func threadInput(f *Finder, who expectedPeople, mails []threadMail) (plainInput, []threadMail) {
	in := plainInput{}
	index := map[string]int32{}
	person := func(address string) int32 {
		if i, known := index[address]; known {
			return i
		}
		index[address] = int32(len(in.Persons))
		in.Persons = append(in.Persons, Party{ID: address, Name: address})
		return index[address]
	}
	for _, people := range []map[string][]string{who.People, who.Lists} {
		for _, addresses := range people {
			for _, a := range addresses {
				index[a] = person(addresses[0])
			}
		}
	}
	mails = slices.DeleteFunc(slices.Clone(mails), func(m threadMail) bool { return m.Thread != who.Thread || len(m.From) == 0 })
	slices.SortStableFunc(mails, func(a, b threadMail) int { return int(a.Date - b.Date) })
	byID := map[string]int32{}
	for i, m := range mails {
		t := time.Unix(m.Date, 0).UTC()
		msg := plainMessage{Exhibit: int32(i + 1), Author: person(m.From[0]), Parent: -1, Automatic: m.Automatic, Sent: evidence.Instant{Time: &t, Basis: evidence.BasisOrigination}}
		for _, a := range m.To {
			msg.Recipients = append(msg.Recipients, Recipient{person(a), To})
		}
		for _, a := range m.Cc {
			msg.Recipients = append(msg.Recipients, Recipient{person(a), Cc})
		}
		for _, r := range m.References {
			if p, held := byID[r]; held {
				msg.Parent = p
				break
			}
		}
		for _, z := range Zones(m.Body) {
			msg.Forward = msg.Forward || z.Kind == ZoneForwarded
		}
		byID[m.ID] = int32(i)
		found := f.Find(Text{Body: m.Body, Subject: m.Subject, Automatic: m.Automatic, Bulk: m.Bulk})
		msg.Quotes = found.Quotes
		for _, s := range found.Statements {
			s.Exhibit = i + 1
			in.Statements = append(in.Statements, s)
		}
		if rep, ok := ReadReport(m.ReportType, m.Report); ok {
			r := Return{Message: int32(i), Of: msg.Parent, Kind: rep.Kind}
			if of, held := byID[rep.Original]; held {
				r.Of = of
			}
			for _, a := range rep.Recipients {
				r.Persons = append(r.Persons, person(strings.ToLower(a)))
			}
			in.Receipts = append(in.Receipts, r)
		}
		in.Messages = append(in.Messages, msg)
	}
	return in, mails
}

// facts writes a result in the shape of the expected files: one warning topic per first message and author.
func facts(got plainResult, mails []threadMail) map[string]any {
	said := map[EvidenceKind]string{Acknowledged: "said_so", Quoted: "quoted", Forwarded: "forwarded", Replied: "replied"}
	warnings, dropped, contradictions := []any{}, []any{}, []any{}
	seen := map[string]bool{}
	for i := range got.Statements {
		s := &got.Statements[i]
		if !does(s, Warning) {
			continue
		}
		mail := mails[s.Exhibit-1]
		if seen[mail.ID] {
			continue
		}
		seen[mail.ID] = true
		acknowledged := []any{}
		for _, n := range got.Notices {
			if n.Statement != s.ID {
				continue
			}
			evidence := []any{}
			for _, e := range n.Evidence {
				if kind := said[e.Kind]; kind != "" {
					if e.Kind == Acknowledged && strings.Contains(e.Why, "receipt") {
						kind = "read_receipt"
					}
					evidence = append(evidence, map[string]any{"evidence": kind, "message_id": mails[e.Exhibit-1].ID})
				}
			}
			if len(evidence) > 0 {
				acknowledged = append(acknowledged, map[string]any{"address": n.Person, "person": n.Person, "evidence": evidence})
			}
		}
		warnings = append(warnings, map[string]any{"topic": s.Topic, "first_message_id": mail.ID, "first_warned_by_address": s.Author, "first_warned_at": s.At.Format(time.RFC3339),
			"first_sentence": s.Text, "first_notified": s.Addressees, "acknowledged": acknowledged})
	}
	for _, c := range got.Recipients {
		if len(c.Dropped) > 0 {
			dropped = append(dropped, map[string]any{"message_id": mails[c.Exhibit-1].ID, "addresses": c.Dropped})
		}
	}
	for _, c := range got.Contradictions {
		i := slices.IndexFunc(got.Statements, func(s Statement) bool { return s.ID == c.Statement })
		contradictions = append(contradictions, map[string]any{"message_id": mails[got.Statements[i].Exhibit-1].ID, "address": c.Person})
	}
	return map[string]any{"warnings": warnings, "dropped": dropped, "contradictions": contradictions}
}

// TestFacts measures Analyse on the labelled threads.
func TestFacts(t *testing.T) {
	eval := shared(t, "eval")
	files, err := filepath.Glob(filepath.Join(eval, "mbox", "*.mbox"))
	require.NoError(t, err)
	mails := mailsOf(t, files...)
	finder := NewFinder()
	out := t.TempDir()
	expected, err := filepath.Glob(filepath.Join(eval, "expected", "*.expected.json"))
	require.NoError(t, err)
	for _, file := range expected {
		var who expectedPeople
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &who))
		in, of := threadInput(finder, who, mails)
		raw, err = json.Marshal(facts(analysed(t, in.brief()), of))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(out, who.Thread+".json"), raw, 0o600))
	}
	table, err := exec.Command("python3", filepath.Join(eval, "score.py"), "facts", filepath.Join(eval, "expected"), out).Output()
	require.NoError(t, err)
	t.Logf("\n%s", table)
	if keep := os.Getenv("PRED_OUT"); keep != "" {
		require.NoError(t, os.CopyFS(keep+".facts", os.DirFS(out)))
	}
}
