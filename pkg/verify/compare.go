package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
)

// maxDifferences bounds how many single facts are named.
const maxDifferences = 100

// groups are the members of dossier.json in the words of the report.
var groups = [...]struct{ member, what string }{
	{"sources", "sources and ledger"},
	{"messages", "records: digests, headers, hops, authentication, parts, text"},
	{"people", "people"}, {"threads", "threads"}, {"recipients", "recipients"}, {"statements", "statements and their spans"},
	{"notices", "notices"}, {"contradictions", "contradictions"}, {"topics", "topics, sequence and silence"}, {"timeline", "timeline"},
	{"quotes", "quotations"}, {"reports", "receipts, delivery reports and bounces"}, {"gaps", "gaps"}, {"clocks", "clocks"},
	{"keys", "DKIM with the key snapshot, offline"},
}

// compareJSON compares dossier.json with what was derived again, first byte for byte and, where that fails, fact by fact.
func (v *verifier) compareJSON(again, held *dossier.Dossier, copied bool) error {
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
		if c.at < 0 {
			for _, g := range groups {
				v.add(Finding{Check: "facts", Subject: g.what, Status: Verified, Why: "derived again from the exports in data/sources; the same"})
			}
			return nil
		}
	}
	if err := again.Load(); err != nil {
		return err
	}
	before := len(v.Findings)
	differ := func(path, expected, found string) {
		if n := len(v.Findings) - before; n < maxDifferences {
			v.add(Finding{Check: "facts", Subject: "dossier.json: " + path, Status: Mismatch, Expected: expected, Found: found, Why: "the bytes in data/ give another value"})
		}
	}
	if again.Count != held.Count {
		differ("messages", fmt.Sprintf("%d messages", held.Count), fmt.Sprintf("%d messages", again.Count))
	}
	if err := compareRecords(again, held, copied, differ); err != nil {
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
		if err := diff(x.name, x.held, x.again, differ); err != nil {
			return err
		}
	}
	if len(v.Findings) == before {
		if copied {
			v.add(Finding{Check: "facts", Subject: "dossier.json", Status: Mismatch, Why: "its facts are those that the bytes give, but it is not written as this program writes it: something was added or its form was changed"})
			return nil
		}
		for _, g := range groups[1:] {
			v.add(Finding{Check: "facts", Subject: g.what, Status: Verified, Why: "derived again from the exhibits in data/messages; the same"})
		}
		v.add(Finding{Check: "facts", Subject: groups[0].what, Status: Unverifiable, Why: "the exports were not copied (--sources reference): where the messages lay, what else lay there, and how they were un-quoted cannot be derived again"})
	}
	return nil
}

// compareRecords goes through both sequences of messages side by side.
func compareRecords(again, held *dossier.Dossier, copied bool, differ func(path, expected, found string)) error {
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
func (v *verifier) exhibits(again *dossier.Dossier, store *scratch) error {
	n, good := 0, 0
	for r, err := range again.Messages {
		if err != nil {
			return err
		}
		want := store.placed[n]
		n++
		f, err := openRegular(v.FS, r.File)
		if errors.Is(err, fs.ErrNotExist) {
			v.add(Finding{Check: "exhibits", Subject: r.File, Status: Missing, Expected: want.String(), Why: "the export in data/sources gives this message, and its file is not there"})
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
			v.add(Finding{Check: "exhibits", Subject: r.File, Status: Mismatch, Expected: want.String(), Found: got.String(), Why: "the message that the export gives at this place has other bytes"})
			continue
		}
		good++
	}
	if good == n {
		v.add(Finding{Check: "exhibits", Subject: "data/messages", Status: Verified, Why: fmt.Sprintf("each of %d files is byte for byte the message that lies in its source", n)})
	}
	return nil
}

// views writes every view again from dossier.json and compares it with the file.
func (v *verifier) views(held *dossier.Dossier) error {
	var all []*comparer
	var mu sync.Mutex // views are written at the same time
	err := v.Render(func(file string) (io.WriteCloser, error) {
		c := &comparer{fs: v.FS, name: file}
		mu.Lock()
		all = append(all, c)
		mu.Unlock()
		return c.open()
	}, held)
	slices.SortFunc(all, func(x, y *comparer) int { return strings.Compare(x.name, y.name) })
	for _, c := range all {
		if c.err != nil {
			return c.err
		}
	}
	if err != nil {
		v.add(Finding{Check: "views", Subject: "dossier.json", Status: Mismatch, Found: oneLine(err.Error()), Why: "no view can be written from what is recorded there"})
		return nil
	}
	for _, c := range all {
		switch {
		case c.absent:
			v.add(Finding{Check: "views", Subject: c.name, Status: Missing, Why: "the facts in dossier.json give this file, and it is not there"})
		case c.more && strings.HasSuffix(c.name, ".pdf"):
			if err := v.signedPDF(c.name, c.at); err != nil {
				return err
			}
		case c.at >= 0:
			v.add(Finding{Check: "views", Subject: c.name, Status: Mismatch, Expected: c.expected, Found: c.found,
				Why: fmt.Sprintf("from byte %d on it is not what the facts in dossier.json give", c.at)})
		default:
			v.add(Finding{Check: "views", Subject: c.name, Status: Verified, Why: "written again from the facts in dossier.json; the same, byte for byte"})
		}
	}
	return nil
}

// comparer is a file that is not written but compared with the one that is there.
type comparer struct {
	fs       fs.FS
	name     string
	absent   bool
	at       int64 // offset of the first difference, -1 if there is none
	expected string
	found    string
	more     bool // the file is the same, and goes on

	f    fs.File
	off  int64
	done bool
	buf  []byte
	err  error // of reading the file
}

func (c *comparer) open() (io.WriteCloser, error) {
	c.at = -1
	f, err := openRegular(c.fs, c.name)
	if errors.Is(err, fs.ErrNotExist) {
		c.absent = true
		return c, nil
	}
	c.f, c.err = f, err
	return c, err
}

// Write compares p with what stands in the file at this place.
func (c *comparer) Write(p []byte) (int, error) {
	if c.absent || c.done {
		return len(p), nil
	}
	if cap(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	b := c.buf[:len(p)]
	n, err := io.ReadFull(c.f, b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.err = err
		return 0, err
	}
	for i := range p {
		if i >= n || b[i] != p[i] {
			c.at, c.done = c.off+int64(i), true
			c.expected, c.found = around(p, i), around(b[:n], i)
			break
		}
	}
	c.off += int64(len(p))
	return len(p), nil
}

// around shows the bytes at place i.
func around(b []byte, i int) string {
	if i >= len(b) {
		return "end of file"
	}
	return fmt.Sprintf("%.60q", b[i:min(len(b), i+60)])
}

// Close sees whether the file goes on.
func (c *comparer) Close() error {
	if c.f == nil {
		return nil
	}
	defer c.f.Close()
	if c.done {
		return nil
	}
	n, err := c.f.Read(make([]byte, 1))
	if n > 0 {
		c.at, c.expected, c.found, c.more = c.off, "end of file", "further bytes", true
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
		return err
	}
	return nil
}
