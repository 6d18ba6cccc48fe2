package source

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"

	"onrecord/pkg/mbox"
)

var mmdfLine = []byte("\x01\x01\x01\x01")

// isMbox recognises an mbox by its content: a From_ line (or MMDF's line) first, behind a BOM or blank lines at most. What is
// called .mbox may also be empty, begin with a message that lacks its From_ line, or with other text before the first.
func isMbox(p probe) ([]string, bool) {
	if startsWithFromLine(p.head) || bytes.HasPrefix(p.head, mmdfLine) {
		return nil, true
	}
	if ext := strings.ToLower(path.Ext(p.path)); ext != ".mbox" && ext != ".mbx" {
		return nil, false
	}
	switch {
	case p.size == 0:
		return []string{"empty mbox"}, true
	case looksLikeMail(p.head):
		return []string{"no From_ line at the start"}, true
	}
	for rest := p.head; len(rest) > 0; {
		var line []byte
		if line, rest = cutLine(rest); mbox.IsFromLine(line) {
			return []string{"the first From_ line is not at the start"}, true
		}
	}
	return nil, false
}

// startsWithFromLine: a line that reads as a From_ line, or one that only begins like it and has a header behind it.
func startsWithFromLine(head []byte) bool {
	line, rest := cutLine(trimStart(head))
	return mbox.IsFromLine(line) || bytes.HasPrefix(line, []byte("From ")) && looksLikeMail(rest)
}

func mboxItems(name string, r Content, o Options) (Reading, iter.Seq2[Item, error], error) {
	rep, err := mbox.Detect(r, r.Size())
	if err != nil {
		return Reading{}, nil, err
	}
	items := func(yield func(Item, error) bool) {
		for p, err := range mbox.Split(r, r.Size(), rep.Variant, o.Mbox) {
			if err != nil {
				yield(Item{}, fmt.Errorf("%s: %w", name, err))
				return
			}
			if !p.Message {
				continue // told by Reading.Notes
			}
			item := Item{
				Origin:      Origin{Source: name, Offset: p.RawOffset, Length: p.RawLength},
				Raw:         Bytes(p.Raw),
				Variant:     rep.Variant,
				QuotedLines: p.QuotedLines,
				Notes:       p.Notes,
			}
			if p.Raw == nil {
				item.Raw = io.NewSectionReader(r, p.RawOffset, p.RawLength)
			}
			item.Origin.setEnvelope(p.FromLine)
			if !yield(item, nil) {
				return
			}
		}
	}
	return Reading{Format: Mbox, Variant: rep.Variant, VariantWhy: rep.Why, Notes: rep.Notes}, items, nil
}
