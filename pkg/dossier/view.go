package dossier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"onrecord/pkg/evidence"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/thread"
)

// view reads the records back in exhibit order.
type view struct {
	b     *builder
	files *files
}

func (v *view) place(n int) (threadID string, copies []evidence.Copy) {
	copies = v.b.copies[v.b.order[n]]
	if copies == nil {
		copies = []evidence.Copy{}
	}
	return thread.ID(int(v.b.ordered[n].Thread)), copies
}

func (v *view) record(n int) (*evidence.Record, error) {
	r, err := v.b.decode(int32(n))
	if err != nil {
		return nil, err
	}
	r.File = v.files.name(n)
	r.Thread, r.Copies = v.place(n)
	return r, nil
}

// decode reads the spooled record of exhibit n+1, without what is not known before the end.
func (b *builder) decode(n int32) (*evidence.Record, error) {
	raw, err := b.fragment(b.order[n], nil)
	if err != nil {
		return nil, err
	}
	r := new(evidence.Record)
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("read back record: %w", err)
	}
	r.Exhibit = int(n) + 1
	return r, nil
}

func (v *view) records() iter.Seq2[*evidence.Record, error] {
	return func(yield func(*evidence.Record, error) bool) {
		for n := range v.b.order {
			r, err := v.record(n)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// fragments gives the JSON of each record as it stands in dossier.json: the spooled bytes with what was not known when they were written.
func (v *view) fragments() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var raw, out []byte
		for n := range v.b.order {
			var err error
			raw, err = v.b.fragment(v.b.order[n], raw)
			if err == nil {
				out, err = v.splice(out[:0], raw, n)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// The places of a spooled record that are filled in later. At this indentation they cannot stand in a nested value, nor in a string, which holds no line break.
var (
	openHead   = []byte("{\n      \"exhibit\": 0,\n      \"file\": \"\",")
	openCopies = []byte("\n      \"copies\": [],")
	openThread = []byte("\n      \"thread\": \"\",")
)

// openText begins the text of a spooled record.
var openText = []byte("\n      \"text\": ")

// text gives the text of a record without reading the rest of it.
func (v *view) text(n int32) (string, error) {
	raw, err := v.b.fragment(v.b.order[n], nil)
	if err != nil {
		return "", err
	}
	_, line, ok := bytes.Cut(raw, openText)
	if !ok {
		return "", io.ErrUnexpectedEOF
	}
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	var text string
	err = json.Unmarshal(bytes.TrimSuffix(line, []byte(",")), &text)
	return text, err
}

func (v *view) splice(out, raw []byte, n int) ([]byte, error) {
	thread, copies := v.place(n)
	rest, ok1 := bytes.CutPrefix(raw, openHead)
	head, rest, ok2 := bytes.Cut(rest, openCopies)
	middle, tail, ok3 := bytes.Cut(rest, openThread)
	if !ok1 || !ok2 || !ok3 {
		return nil, io.ErrUnexpectedEOF
	}
	e := jsonout.Encoder{Buf: out, Indent: true, Depth: recordDepth + 1}
	e.Buf = fmt.Appendf(e.Buf, "{\n      \"exhibit\": %d,\n      \"file\": ", n+1)
	e.Value(func() { e.String(v.files.name(n)) })
	e.Buf = append(e.Buf, ',')
	e.Buf = append(e.Buf, head...)
	e.Buf = append(e.Buf, "\n      \"copies\": "...)
	var err error
	e.Value(func() { err = e.Any(copies) })
	e.Buf = append(e.Buf, ',')
	e.Buf = append(e.Buf, middle...)
	e.Buf = append(e.Buf, "\n      \"thread\": "...)
	e.Value(func() { e.String(thread) })
	e.Buf = append(e.Buf, ',')
	return append(e.Buf, tail...), err
}
