package dkim

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Keys is a set of key records, by name. It is for one goroutine while it is filled; Lookup may then be used by many.
type Keys struct {
	records map[string][]Record
	count   int
	skipped []string
}

// Add keeps a record. Differing records of one name are all kept; of equal ones the earliest known retrieval.
func (k *Keys) Add(r Record) {
	r.Name = asciiDomain(r.Name)
	r.Resolver = strings.Join(strings.Fields(r.Resolver), " ")
	if k.records == nil {
		k.records = map[string][]Record{}
	}
	all := k.records[r.Name]
	if i := slices.IndexFunc(all, func(other Record) bool { return other.TXT == r.TXT }); i >= 0 {
		if earlier(r, all[i]) {
			r.parsed = all[i].parsed
			all[i] = r
			slices.SortFunc(all, compareRecords)
		}
		return
	}
	r.parsed = &parsedKey{}
	all = append(all, r)
	slices.SortFunc(all, compareRecords)
	k.records[r.Name] = all
	k.count++
}

// earlier: a known time is worth more than none, an early one more than a late one.
func earlier(a, b Record) bool {
	return a.RetrievedAt != nil && (b.RetrievedAt == nil || a.RetrievedAt.Before(*b.RetrievedAt))
}

func compareRecords(a, b Record) int {
	switch {
	case earlier(a, b):
		return -1
	case earlier(b, a):
		return 1
	}
	return strings.Compare(a.TXT, b.TXT)
}

// Merge adds all records of another set.
func (k *Keys) Merge(other *Keys) {
	if other == nil {
		return
	}
	for _, name := range other.Names() {
		for _, r := range other.records[name] {
			k.Add(r)
		}
	}
}

// Lookup gives the records of a name, oldest known first. It is a Lookup.
func (k *Keys) Lookup(_ context.Context, name string) ([]Record, error) {
	return slices.Clone(k.records[asciiDomain(name)]), nil
}

// Len is the number of records.
func (k *Keys) Len() int { return k.count }

// Names gives the names that have a record, sorted.
func (k *Keys) Names() []string { return slices.Sorted(maps.Keys(k.records)) }

// Skipped tells the lines of the key file that were not understood.
func (k *Keys) Skipped() []string { return k.skipped }

const snapshotTitle = "; onrecord DKIM key snapshot, zone-file format (RFC 1035 section 5)"

// WriteTo writes the snapshot: zone-file text, sorted, with time and resolver as a comment before each record. Equal sets give equal bytes.
func (k *Keys) WriteTo(w io.Writer) (int64, error) {
	out := &countingWriter{w: bufio.NewWriter(w)}
	fmt.Fprintln(out, snapshotTitle)
	for _, name := range k.Names() {
		for _, r := range k.records[name] {
			fmt.Fprintln(out, provenance(r))
			fmt.Fprintf(out, "%s. IN TXT", ownerName(r.Name))
			for _, part := range characterStrings(r.TXT) {
				fmt.Fprintf(out, " %s", part)
			}
			fmt.Fprintln(out)
		}
	}
	if out.err == nil {
		out.err = out.w.Flush()
	}
	return out.n, out.err
}

type countingWriter struct {
	w   *bufio.Writer
	n   int64
	err error
}

func (c *countingWriter) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	c.n, c.err = c.n+int64(n), err
	return n, err
}

// provenance is the comment before a record; readProvenance reads it back.
func provenance(r Record) string {
	if r.RetrievedAt == nil {
		return "; retrieved at an unknown time"
	}
	line := "; retrieved " + r.RetrievedAt.UTC().Format(time.RFC3339)
	if r.Resolver != "" {
		line += " from " + r.Resolver
	}
	if r.Authenticated {
		line += ", authenticated by DNSSEC"
	}
	return line
}

// readProvenance: an ordinary comment changes nothing.
func readProvenance(comment string, r *Record) {
	rest, found := strings.CutPrefix(strings.TrimSpace(strings.TrimLeft(comment, "; \t")), "retrieved ")
	if !found {
		return
	}
	rest, authenticated := strings.CutSuffix(rest, ", authenticated by DNSSEC")
	stamp, resolver, _ := strings.Cut(rest, " from ")
	r.RetrievedAt, r.Resolver, r.Authenticated = nil, "", false
	if t, err := time.Parse(time.RFC3339, stamp); err == nil {
		t = t.UTC()
		r.RetrievedAt, r.Resolver, r.Authenticated = &t, resolver, authenticated
	}
}

// characterStrings writes a text as quoted strings of at most 255 bytes each (RFC 1035 §3.3, §5.1).
func characterStrings(s string) []string {
	var out []string
	for {
		part := s[:min(len(s), 255)]
		s = s[len(part):]
		var b strings.Builder
		b.WriteByte('"')
		for i := 0; i < len(part); i++ {
			switch c := part[i]; {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, "\\%03d", c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('"')
		out = append(out, b.String())
		if s == "" {
			return out
		}
	}
}

// ownerName escapes what would end a name in a zone file.
func ownerName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.IndexByte(`"\;()@$`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c <= ' ' || c > '~':
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
