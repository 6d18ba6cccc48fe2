package dossier

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"strings"
	"sync"

	"onrecord/pkg/dkim"
	"onrecord/pkg/evidence"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/notice"
	"onrecord/pkg/ordered"
	"onrecord/pkg/source"
)

// step is one thing that happens while the sources are read, in order: a source begins, a message comes, a source ends, reading fails.
type step struct {
	begin   *SourceFile
	reading source.Reading
	item    source.Item // Raw is nil for the other steps
	end     func() error
	ended   bool
	err     error
}

// examined is what a worker made of a message.
type examined struct {
	e        *evidence.Examined
	text     notice.Text
	found    notice.Findings
	inner    []innerFound
	json     []byte
	buffer   *[]byte
	selected bool
	err      error
}

// flight bounds what is in memory of messages under way, in bytes of mail; a record costs some three times its mail, and that of a short message, most of
// which is what the program says of it, as much as if the mail were longer by overhead.
const (
	flight   = 6 << 20
	batch    = 128 << 10
	overhead = 6 << 10
)

func (b *builder) collect(ctx context.Context) error {
	buffers := sync.Pool{New: func() any { return new([]byte) }}
	work := func(s step) (out examined) {
		if s.item.Raw == nil {
			return out
		}
		if out.e, out.err = b.in.Examiner.Examine(ctx, s.item); out.err != nil {
			out.err = fmt.Errorf("%s: message at offset %d: %w", s.item.Origin.Source, s.item.Origin.Offset, out.err)
			return out
		}
		r := out.e.Record
		if out.selected = b.in.Select.takes(r); !out.selected {
			return out
		}
		out.text = FinderText(r)
		out.found = b.in.Finder.Find(out.text)
		out.inner = b.findInner(r)
		out.buffer = buffers.Get().(*[]byte)
		// The depth at which the record stands in dossier.json: the spooled bytes are what is written there.
		e := jsonout.Encoder{Buf: (*out.buffer)[:0], Indent: true, Depth: recordDepth}
		out.err = r.Encode(&e)
		*out.buffer, out.json = e.Buf, e.Buf
		return out
	}
	current := -1
	emit := func(s step, out examined) error {
		switch {
		case s.err != nil:
			return s.err
		case s.begin != nil:
			b.d.Sources = append(b.d.Sources, s.begin.Source)
			current = len(b.d.Sources) - 1
			describe(&b.d.Sources[current], s)
		case s.ended:
			if s.end != nil {
				return s.end()
			}
		default:
			if out.err != nil {
				return out.err
			}
			err := b.take(&b.d.Sources[current], s.item, out)
			if cerr := out.e.Close(); err == nil {
				err = cerr
			}
			if out.buffer != nil {
				buffers.Put(out.buffer)
			}
			if b.in.Progress != nil {
				b.in.Progress(s.item.Origin.Length)
			}
			return err
		}
		return nil
	}
	lim := ordered.Limits{Workers: b.in.Workers, Batch: batch, Flight: flight}
	if err := ordered.Map(ctx, lim, steps(b.in.Sources, b.in.Reader), weigh, work, emit); err != nil {
		return err
	}
	for _, s := range b.d.Sources {
		b.d.Ledger.add(s.Ledger)
	}
	return nil
}

// weigh tells what a step holds in memory.
func weigh(s step) int64 {
	if raw, ok := s.item.Raw.(source.Bytes); ok {
		return int64(len(raw)) + overhead
	}
	return overhead
}

// steps reads the sources one after the other.
func steps(files iter.Seq2[SourceFile, error], o source.Options) iter.Seq[step] {
	return func(yield func(step) bool) {
		for f, err := range files {
			if err != nil {
				yield(step{err: err})
				return
			}
			if f.Trouble != nil {
				if !yield(step{begin: &f}) {
					return
				}
				continue
			}
			reading, items, err := source.Items(f.Source.Path, f.Content, f.Kind, o)
			if err != nil {
				yield(step{err: fmt.Errorf("%s: %w", f.Source.Path, err)})
				return
			}
			if !yield(step{begin: &f, reading: reading}) {
				return
			}
			for item, err := range items {
				if err != nil {
					yield(step{err: fmt.Errorf("%s: %w", f.Source.Path, err)})
					return
				}
				if !yield(step{item: item}) {
					return
				}
			}
			if !yield(step{ended: true, end: f.Close}) {
				return
			}
		}
	}
}

func describe(s *Source, st step) {
	if s.Notes == nil {
		s.Notes = []string{}
	}
	if t := st.begin.Trouble; t != nil {
		s.Notes = append(s.Notes, t.Reason)
		if t.Hint != "" {
			s.Notes = append(s.Notes, t.Hint)
		}
		s.Found = 1
		if t.Kind == source.Failed {
			s.Failed = 1
		} else {
			s.Excluded = 1
		}
		return
	}
	s.Format = string(st.reading.Format)
	s.Variant = st.reading.Variant.String()
	s.VariantWhy = st.reading.VariantWhy
	s.Notes = append(s.Notes, st.reading.Notes...)
}

// maxSourceNotes bounds the notes that single messages add to their source.
const maxSourceNotes = 100

// take counts one examined message and keeps it, unless it is a duplicate or not selected.
func (b *builder) take(s *Source, item source.Item, out examined) error {
	s.Found++
	b.traces(s, out.e.Record)
	for _, n := range item.Notes {
		if len(s.Notes) == maxSourceNotes {
			s.Notes = append(s.Notes, "further notes on single messages left out")
		} else if len(s.Notes) < maxSourceNotes {
			s.Notes = append(s.Notes, fmt.Sprintf("at offset %d: %s", item.Origin.Offset, n))
		}
	}
	r := out.e.Record
	if !out.selected {
		s.Excluded++
		return nil
	}
	first, tag, err := b.identical(r.Digests.Message)
	if err != nil {
		return err
	}
	if first >= 0 {
		s.Duplicate++
		b.copies[first] = append(b.copies[first], evidence.Copy{Class: evidence.CopyIdentical, Origin: r.Origin})
		return nil
	}
	s.Kept++
	i := int32(b.kept.Len())
	k := kept{Order: undated, Offset: b.written, Length: int32(len(out.json)), ID: hashID(r.MessageID), Recorded: notice.MomentOf(r.Recorded), Skew: skew(r),
		Content: binary.BigEndian.Uint64(r.Digests.Content[:]), Canonical: binary.BigEndian.Uint64(r.Digests.Canonical[:])}
	if at := r.Sent().Time; at != nil {
		k.Order = at.UnixNano()
	}
	if err := b.in.Store.AddMessage(int(i), reader(out.e.Message)); err != nil {
		return err
	}
	n, err := b.spool.Write(out.json)
	b.written += int64(n)
	if err != nil {
		return err
	}
	m, in, err := b.brief(r, out.text)
	if err != nil {
		return err
	}
	if k.Note, err = b.addNote(r, &out.found); err != nil {
		return err
	}
	if err := cmp.Or(b.kept.Add(k), b.messages.Add(m), b.threads.Add(in)); err != nil {
		return err
	}
	b.byDigest.add(tag)
	for j := range out.found.Statements {
		st, err := b.addStatement(&out.found.Statements[j])
		if err != nil {
			return err
		}
		st.Message = i
		b.statements.Add(st)
	}
	for _, p := range out.e.Reports {
		if rep, ok := notice.ReadReport(p.MediaType, p.Body); ok {
			b.returns[i] = append(b.returns[i], rep)
			if id := hashID(out.e.Returned); id != 0 {
				b.returned[i] = id
			}
		}
	}
	if err := b.takeInner(i, out.inner); err != nil {
		return err
	}
	b.countKeys(r)
	if len(r.Defects) > 0 {
		b.d.Defective++
	}
	return nil
}

// hashID hashes a Message-ID; 0 means that there is none. Where two share a hash by chance, two mails are shown side by side as copies of another class.
func hashID(id string) uint64 {
	if id == "" {
		return 0
	}
	h := fnv.New64a()
	io.WriteString(h, id)
	return h.Sum64()
}

func hashEnvelope(r *evidence.Record) uint64 {
	h := fnv.New64a()
	for _, a := range r.From {
		io.WriteString(h, strings.ToLower(a.Address))
	}
	fmt.Fprintf(h, "\n%s\n%s", r.Date.Raw, r.Subject)
	return h.Sum64()
}

func reader(c source.Content) io.Reader {
	if raw, ok := c.(source.Bytes); ok {
		return bytes.NewReader(raw)
	}
	return io.NewSectionReader(c, 0, c.Size())
}

func (b *builder) countKeys(r *evidence.Record) {
	for _, s := range r.Authentication.DKIM {
		b.d.Keys.Signatures++
		if s.Signature != dkim.Unchecked {
			b.d.Keys.Checked++
		} else if s.Key.Record == "" && s.Selector != "" && s.Domain != "" {
			b.keys[strings.ToLower(s.Selector+"._domainkey."+s.Domain)] = true
		}
	}
	b.countSeals(&r.Authentication.ARC)
}

// FinderText is what the finder of statements reads of a record.
func FinderText(r *evidence.Record) notice.Text {
	t := notice.Text{Body: r.Text, Subject: r.Subject}
	for i := range r.Header {
		f := &r.Header[i]
		switch {
		case strings.EqualFold(f.Name, "Auto-Submitted"):
			t.Automatic = t.Automatic || !strings.Contains(strings.ToLower(f.Raw[len(f.Name):]), "no")
		case strings.EqualFold(f.Name, "Precedence"):
			v := strings.ToLower(f.Raw)
			t.Bulk = t.Bulk || strings.Contains(v, "bulk") || strings.Contains(v, "list") || strings.Contains(v, "junk")
		case strings.EqualFold(f.Name, "List-Id"), strings.EqualFold(f.Name, "List-Unsubscribe"):
			t.Bulk = true
		}
	}
	for _, p := range r.Delivery.ReturnPath {
		t.Automatic = t.Automatic || p == "" || p == "<>"
	}
	for _, a := range r.From {
		local, _, _ := strings.Cut(strings.ToLower(a.Address), "@")
		t.Automatic = t.Automatic || local == "mailer-daemon" || local == "postmaster"
	}
	return t
}

func headerText(r *evidence.Record, name string) string {
	for i := range r.Header {
		if f := &r.Header[i]; strings.EqualFold(f.Name, name) {
			return strings.TrimSpace(strings.TrimPrefix(f.Raw[len(f.Name):], ":"))
		}
	}
	return ""
}
