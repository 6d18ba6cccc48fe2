package dossier

import (
	"io"
	"iter"
	"time"

	"onrecord/pkg/evidence"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/thread"
)

// recordDepth is the nesting depth of an element of messages[] in dossier.json.
const recordDepth = 2

// flushAt is how much JSON is gathered before it is written.
const flushAt = 256 << 10

// Encode writes the dossier as JSON: UTF-8, two-space indent, keys in the order of FORMAT.md. The same dossier gives the same bytes.
func Encode(w io.Writer, d *Dossier) error {
	e := &jsonout.Encoder{Indent: true, Buf: make([]byte, 0, 2*flushAt)}
	var err error
	flush := func(at int) {
		// The last byte stays: the encoder looks at it to see whether a container was just opened.
		if n := len(e.Buf) - 1; n >= at && err == nil {
			_, err = w.Write(e.Buf[:n])
			e.Buf = append(e.Buf[:0], e.Buf[n])
		}
	}
	member := func(key string, v any) {
		e.Key(key)
		if err2 := e.Any(v); err == nil {
			err = err2
		}
		flush(flushAt)
	}
	e.Object(func() {
		member("schema", d.Schema)
		member("generated_at", d.GeneratedAt.Format(time.RFC3339))
		member("clock", d.ClockBasis)
		member("tool", d.Tool)
		member("options", d.Options)
		matter := d.Case
		matter.Parties = nonNil(matter.Parties)
		member("case", matter)
		member("evidence_digest", d.EvidenceDigest)
		member("ledger", d.Ledger)
		member("exhibits", d.Count)
		member("exhibits_with_defects", d.Defective)
		list(e, "sources", d.Sources, &err, flush)
		e.Key("messages")
		e.Array(func() {
			for raw, err2 := range d.encoded() {
				if err == nil {
					err = err2
				}
				if err != nil {
					return
				}
				e.Element(raw)
				flush(flushAt)
			}
		})
		if err2 := d.Wait(); err == nil {
			err = err2
		}
		list(e, "people", d.People, &err, flush)
		e.Key("threads")
		e.Array(func() {
			for t, err2 := range d.EachThread() {
				if err == nil {
					err = err2
				}
				if err != nil {
					return
				}
				encodeThread(e, &t, &err, flush)
			}
		})
		recipients, statements, notices, timeline := each(d.Recipients), each(d.Statements), each(d.Notices), each(d.Timeline)
		topics, sequence, silence, quotes := each(d.Topics), each(d.Sequence), each(d.Silence), each(d.Quotes)
		reports, undelivered, gaps := each(d.Reports), each(d.Undelivered), each(d.Gaps)
		if s := d.streams; s != nil {
			recipients, silence, reports = withoutError(s.Recipients()), withoutError(s.Silence()), withoutError(s.Reports())
			statements, notices, timeline, gaps = s.Statements(), s.Notices(), s.Timeline(), s.Gaps()
			topics, sequence, quotes, undelivered = withoutError(s.Topics()), s.Sequence(), s.Quotes(), s.Undelivered()
		}
		stream(e, "recipients", recipients, &err, flush)
		stream(e, "statements", statements, &err, flush)
		stream(e, "notices", notices, &err, flush)
		list(e, "contradictions", d.Contradictions, &err, flush)
		stream(e, "topics", topics, &err, flush)
		stream(e, "sequence", sequence, &err, flush)
		stream(e, "silence", silence, &err, flush)
		stream(e, "timeline", timeline, &err, flush)
		stream(e, "quotes", quotes, &err, flush)
		stream(e, "reports", reports, &err, flush)
		stream(e, "undelivered", undelivered, &err, flush)
		stream(e, "gaps", gaps, &err, flush)
		if d.streams != nil && err == nil {
			err = d.intact()
		}
		list(e, "clocks", d.Clocks, &err, flush)
		list(e, "possible_same", d.PossibleSame, &err, flush)
		list(e, "lookalikes", d.LookAlikes, &err, flush)
		member("people_notes", nonNil(d.PeopleNotes))
		member("keys", d.Keys)
		member("case_warnings", nonNil(d.CaseWarnings))
	})
	if err != nil {
		return err
	}
	e.Buf = append(e.Buf, '\n')
	_, err = w.Write(e.Buf)
	return err
}

// encodeThread writes a thread piece by piece: it may hold a million exhibits.
func encodeThread(e *jsonout.Encoder, t *thread.Thread, err *error, flush func(int)) {
	e.Object(func() {
		e.Member("id", t.ID)
		e.Member("subject", t.Subject)
		e.Key("exhibits")
		e.Array(func() {
			for _, n := range t.Exhibits {
				e.Int(int64(n))
				flush(flushAt)
			}
		})
		list(e, "missing", t.Missing, err, flush)
		if t.MissingLeftOut > 0 {
			e.Key("missing_left_out")
			e.Int(int64(t.MissingLeftOut))
		}
		e.Key("joined_because")
		e.Strings(t.Joined)
	})
	flush(flushAt)
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// stream writes an array element by element, so that a long one is never held as a whole.
func stream[T any](e *jsonout.Encoder, key string, values iter.Seq2[T, error], err *error, flush func(int)) {
	e.Key(key)
	e.Array(func() {
		for v, err2 := range values {
			if err2 == nil {
				err2 = e.Any(&v)
			}
			if *err == nil {
				*err = err2
			}
			if *err != nil {
				return
			}
			flush(flushAt)
		}
	})
}

func list[T any](e *jsonout.Encoder, key string, values []T, err *error, flush func(int)) {
	stream(e, key, each(values), err, flush)
}

func withoutError[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range seq {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// encoded gives the JSON of each record at its place in dossier.json.
func (d *Dossier) encoded() func(yield func([]byte, error) bool) {
	if d.fragments != nil {
		return d.fragments
	}
	return func(yield func([]byte, error) bool) {
		var e jsonout.Encoder
		for r, err := range d.Messages {
			if err == nil {
				e = jsonout.Encoder{Buf: e.Buf[:0], Indent: true, Depth: recordDepth}
				err = r.Encode(&e)
			}
			if !yield(e.Buf, err) || err != nil {
				return
			}
		}
	}
}

// EncodeRecord appends the record as one line of JSON. Its size is some 1.6 times that of the message.
func EncodeRecord(buf []byte, r *evidence.Record) ([]byte, error) {
	e := jsonout.Encoder{Buf: buf}
	err := r.Encode(&e)
	return append(e.Buf, '\n'), err
}
