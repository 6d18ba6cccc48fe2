package dossier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"onrecord/pkg/evidence"
)

// ErrSchema says that a file is no dossier.json of a schema that this version reads.
var ErrSchema = errors.New("no dossier.json of schema " + Schema)

// Decode reads a dossier.json of size bytes. Its messages are read from r again, one at a time, whenever they are ranged over:
// r must stay open as long as the dossier is used. Unknown members are passed over: fields are added in later versions.
func Decode(r io.ReaderAt, size int64) (*Dossier, error) {
	dec := json.NewDecoder(io.NewSectionReader(r, 0, size))
	if err := expect(dec, json.Delim('{')); err != nil {
		return nil, err
	}
	d := &Dossier{Messages: func(func(*evidence.Record, error) bool) {}}
	into := map[string]any{
		"schema": &d.Schema, "generated_at": &d.GeneratedAt, "clock": &d.ClockBasis, "tool": &d.Tool, "options": &d.Options, "case": &d.Case,
		"evidence_digest": &d.EvidenceDigest, "ledger": &d.Ledger, "exhibits": &d.Count, "exhibits_with_defects": &d.Defective, "sources": &d.Sources,
		"people": &d.People, "threads": &d.Threads, "recipients": &d.Recipients, "statements": &d.Statements, "notices": &d.Notices,
		"contradictions": &d.Contradictions, "timeline": &d.Timeline, "keys": &d.Keys, "case_warnings": &d.CaseWarnings,
		"topics": &d.Topics, "sequence": &d.Sequence, "silence": &d.Silence, "quotes": &d.Quotes, "reports": &d.Reports, "undelivered": &d.Undelivered,
		"gaps": &d.Gaps, "clocks": &d.Clocks, "possible_same": &d.PossibleSame, "people_notes": &d.PeopleNotes, "lookalikes": &d.LookAlikes,
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("%w: a member without a name", ErrSchema)
		}
		switch to, known := into[name]; {
		case name == "messages":
			at := dec.InputOffset()
			n, err := skipArray(dec)
			if err != nil {
				return nil, fmt.Errorf("messages: %w", err)
			}
			d.Messages = messagesAt(r, at, size)
			if d.Count == 0 {
				d.Count = n
			}
		case known:
			if err := dec.Decode(to); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		default:
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return nil, err
	}
	if d.Schema != Schema {
		return nil, fmt.Errorf("%w: it says %.60q", ErrSchema, d.Schema)
	}
	// JSON keeps the offset of the time of making, not the zone's name.
	if zone, err := time.LoadLocation(d.Options.Timezone); err == nil && d.Options.Timezone != "" {
		d.GeneratedAt = d.GeneratedAt.In(zone)
	}
	return d, nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("%w: %v where %v was expected", ErrSchema, t, want)
	}
	return nil
}

// skipArray passes over an array, one element in memory at a time, and counts them.
func skipArray(dec *json.Decoder) (int, error) {
	if err := expect(dec, json.Delim('[')); err != nil {
		return 0, err
	}
	n := 0
	var element json.RawMessage
	for ; dec.More(); n++ {
		if err := dec.Decode(&element); err != nil {
			return n, err
		}
	}
	return n, expect(dec, json.Delim(']'))
}

// messagesAt reads the array of messages whose name ends at offset at.
func messagesAt(r io.ReaderAt, at, size int64) iter.Seq2[*evidence.Record, error] {
	return func(yield func(*evidence.Record, error) bool) {
		// Between the name and the array may stand the colon, which a decoder does not take at the start of its input.
		lead := make([]byte, 64)
		n, err := r.ReadAt(lead, at)
		if err != nil && !errors.Is(err, io.EOF) {
			yield(nil, err)
			return
		}
		from := at + int64(n-len(bytes.TrimLeft(lead[:n], " \t\r\n:"))) // at stays: views range over the messages at the same time
		dec := json.NewDecoder(io.NewSectionReader(r, from, size-from))
		if err := expect(dec, json.Delim('[')); err != nil {
			yield(nil, err)
			return
		}
		for dec.More() {
			rec := new(evidence.Record)
			if err := dec.Decode(rec); err != nil {
				yield(nil, err)
				return
			}
			if err := wholeNested(rec); err != nil {
				yield(nil, err)
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// wholeNested refuses a record in which a message inside of a message is null: no build writes that, and nobody who reads records expects it.
func wholeNested(top *evidence.Record) error {
	for queue := []*evidence.Record{top}; len(queue) > 0; queue = queue[1:] {
		for _, n := range queue[0].Nested {
			if n.Record == nil {
				return fmt.Errorf("%w: part %.40q of exhibit %d holds no message", ErrSchema, n.Part, top.Exhibit)
			}
			queue = append(queue, n.Record)
		}
	}
	return nil
}
