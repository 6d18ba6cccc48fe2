package evidence

import (
	"bytes"
	"fmt"
	"io"

	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/mbox"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// maxLineTrials bounds how many quoted lines are tried one by one for the reading that a DKIM body hash fits: 2^8 readings.
const maxLineTrials = 8

// maxTrialSize bounds the messages for which that is done.
const maxTrialSize = 512 << 10

// read gets the message out of the raw bytes of the item (mbox un-quoting) and says which reading was taken and why.
// It returns the digest of the raw bytes where they differ from the message, else the zero Digest.
func (x *Examiner) read(item source.Item, e *Examined) (digest.Digest, error) {
	r := e.Record
	r.Reading.QuotedLines = item.QuotedLines
	if item.QuotedLines == 0 {
		r.Reading.Why = "the bytes as they lie in the source"
		return digest.Digest{}, nil
	}
	raw, ok := item.Raw.(source.Bytes)
	if !ok {
		return x.readLarge(item, e)
	}
	usual := mbox.Unquote(nil, raw, item.Variant)
	chosen, variant, why := x.byBodyHash(raw, usual, item)
	if bytes.Equal(chosen, raw) {
		r.Reading.Why = why
		return digest.Digest{}, nil
	}
	r.Reading.Variant = variant.String()
	r.Reading.Unquoted = len(raw) - len(chosen)
	r.Reading.Why = why
	e.Message = source.Bytes(chosen)
	return digest.Of(raw), nil
}

func usualWhy(v mbox.Variant, n int) string {
	if n == 0 {
		return fmt.Sprintf("the bytes as they lie in the source: %s has no quoting to undo here", orPlain(v))
	}
	return fmt.Sprintf("un-quoted as %s", orPlain(v))
}

func orPlain(v mbox.Variant) string {
	if s := v.String(); s != "" {
		return s
	}
	return "an mbox of unknown variant"
}

// byBodyHash takes the reading that a DKIM body hash fits, where one does and the usual reading does not. No key is needed for that.
func (x *Examiner) byBodyHash(raw, usual []byte, item source.Item) (chosen []byte, undone mbox.Variant, why string) {
	why = usualWhy(item.Variant, len(raw)-len(usual))
	// Un-quoting touches the body alone: the header and where the body begins are the same in every reading.
	m, err := message.Read(message.Bytes(raw), x.Limits)
	if err != nil {
		return usual, item.Variant, why
	}
	fields := dkimFields(m.Header)
	fits := func(reading []byte) bool {
		fit, _, err := dkim.BodyHashFits(fields, bytes.NewReader(reading[m.BodyOffset:]))
		return fit && err == nil
	}
	if fields == nil {
		return usual, item.Variant, why
	}
	if fits(usual) {
		return usual, item.Variant, why + "; a DKIM body hash fits this reading"
	}
	whole := [...]struct {
		reading []byte
		undone  mbox.Variant
		name    string
	}{
		{raw, mbox.Unknown, "no line un-quoted"},
		{mbox.Unquote(nil, raw, mbox.MboxO), mbox.MboxO, "un-quoted as mboxo"},
		{mbox.Unquote(nil, raw, mbox.MboxRD), mbox.MboxRD, "un-quoted as mboxrd"},
	}
	for _, w := range whole {
		if fits(w.reading) {
			return w.reading, w.undone, w.name + ": a DKIM body hash fits this reading and not that of " + orPlain(item.Variant)
		}
	}
	lines := mbox.QuotedLines(raw, maxLineTrials+1)
	if len(lines) > maxLineTrials || len(raw) > maxTrialSize {
		return usual, item.Variant, why + "; no reading of all lines fits a DKIM body hash; readings line by line were not tried on so many"
	}
	for mask := 1; mask < 1<<len(lines)-1; mask++ {
		trial := withoutBytes(raw, lines, mask)
		if fits(trial) {
			return trial, mbox.MboxO, fmt.Sprintf("%d of %d quoted lines un-quoted: a DKIM body hash fits only this reading, line by line", len(raw)-len(trial), len(lines))
		}
	}
	return usual, item.Variant, why + "; no reading fits a DKIM body hash"
}

// withoutBytes drops the byte at each of the offsets whose bit is set in mask.
func withoutBytes(raw []byte, offsets []int64, mask int) []byte {
	out := make([]byte, 0, len(raw))
	from := int64(0)
	for i, at := range offsets {
		if mask&(1<<i) != 0 {
			out = append(out, raw[from:at]...)
			from = at + 1
		}
	}
	return append(out, raw[from:]...)
}

// readLarge un-quotes a message too large for memory into a spool file. The usual reading is taken without trials, and said so.
func (x *Examiner) readLarge(item source.Item, e *Examined) (digest.Digest, error) {
	r := e.Record
	raw := io.NewSectionReader(item.Raw, 0, item.Raw.Size())
	sum, _, err := digest.OfReader(raw)
	if err != nil {
		return digest.Digest{}, err
	}
	if x.Spool == nil {
		return digest.Digest{}, fmt.Errorf("message of %d bytes at offset %d needs a temporary file to be un-quoted, and none was given", item.Raw.Size(), item.Origin.Offset)
	}
	spool, err := x.Spool()
	if err != nil {
		return digest.Digest{}, err
	}
	e.closer = spool
	raw = io.NewSectionReader(item.Raw, 0, item.Raw.Size())
	n, err := io.Copy(spool, mbox.NewUnquoter(raw, item.Variant))
	if err != nil {
		return digest.Digest{}, err
	}
	e.Message = io.NewSectionReader(spool, 0, n)
	r.Reading.Unquoted = int(item.Raw.Size() - n)
	r.Reading.Why = usualWhy(item.Variant, r.Reading.Unquoted) + "; other readings were not tried on a message of this size"
	if r.Reading.Unquoted == 0 {
		return digest.Digest{}, nil
	}
	r.Reading.Variant = item.Variant.String()
	return sum, nil
}
