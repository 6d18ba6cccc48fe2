package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/mbox"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// spool is a Spool in memory. left, if not nil, is how many bytes it still takes.
type spool struct {
	b      []byte
	left   *int
	closed int
}

var errFull = errors.New("no space left on device")

func (s *spool) Write(p []byte) (int, error) {
	if s.left != nil {
		if *s.left -= len(p); *s.left < 0 {
			return 0, errFull
		}
	}
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *spool) ReadAt(p []byte, off int64) (int, error) { return bytes.NewReader(s.b).ReadAt(p, off) }
func (s *spool) Close() error                            { s.closed++; return nil }

// disk is content that is not in memory: not source.Bytes.
type disk struct{ *bytes.Reader }

func newExaminer() *Examiner {
	return &Examiner{Limits: message.DefaultLimits(), Now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Spool: func() (Spool, error) { return new(spool), nil }}
}

func itemOf(raw string, v mbox.Variant) source.Item {
	return source.Item{Raw: source.Bytes(raw), Variant: v, QuotedLines: len(mbox.QuotedLines([]byte(raw), len(raw))), Origin: source.Origin{Source: "a.mbox", Length: int64(len(raw))}}
}

// examine gives the record and the message of raw as it lies in an mbox of the variant.
func examine(t testing.TB, raw string, v mbox.Variant) (*Record, string) {
	t.Helper()
	e, err := newExaminer().Examine(context.Background(), itemOf(raw, v))
	require.NoError(t, err)
	defer e.Close()
	b, err := io.ReadAll(io.NewSectionReader(e.Message, 0, e.Message.Size()))
	require.NoError(t, err)
	return e.Record, string(b)
}

func record(t testing.TB, raw string) *Record {
	t.Helper()
	r, m := examine(t, raw, mbox.Unknown)
	require.Equal(t, raw, m)
	return r
}

func marshal(t testing.TB, r *Record) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	return string(b)
}

func TestDigestsOfTheParts(t *testing.T) {
	for name, raw := range map[string]string{
		"lf": "Subject: a\nFrom: a@x.example\n\nbody\n", "crlf": "Subject: a\r\n\r\nbody\r\n", "no body": "Subject: a\n", "no header": "\nbody\n", "empty": "",
		"nothing but text": "hello\nworld\n", "8 bit": "Subject: gr\xfc\xdfe\n\n\xff\n",
	} {
		r := record(t, raw)
		assert.Equal(t, digest.Of([]byte(raw)), r.Digests.Raw, name)
		assert.Equal(t, digest.Of([]byte(raw)), r.Digests.Message, name)
		head, body := "", raw
		for _, f := range r.Header {
			n := len(f.Raw)
			if f.RawBase64 != "" {
				n -= 2 * strings.Count(f.Raw, "\uFFFD") // three octets stand for one or two
				n = len("Subject: gr\xfc\xdfe\n")
			}
			head, body = head+body[:n], body[n:]
		}
		body = strings.TrimPrefix(strings.TrimPrefix(body, "\r"), "\n")
		assert.Equal(t, digest.Of([]byte(head)), r.Digests.Header, name)
		assert.Equal(t, digest.Of([]byte(body)), r.Digests.Body, name)
		assert.Equal(t, int64(len(raw)), r.Size, name)
	}
}

// The values were computed with md5sum (printf '%s' '<…>' | md5sum).
func TestEDRMMIH(t *testing.T) {
	for field, want := range map[string]string{
		"Message-ID: <w1@mill.example>\n":                        "4afe6cce1236f1731bcc2e1b802045f2",
		"Message-Id:   <w1@mill.example>   \n":                   "4afe6cce1236f1731bcc2e1b802045f2",
		"MESSAGE-ID:\n <w1@mill.example>\n":                      "4afe6cce1236f1731bcc2e1b802045f2",
		"Message-ID: <w1@mill.example> (a comment)\n":            "4afe6cce1236f1731bcc2e1b802045f2",
		"Message-ID: <w1@mill.example> <w2@mill.example>\n":      "4afe6cce1236f1731bcc2e1b802045f2",
		"Message-ID: <Mixed.Case+Tag@Mill.EXAMPLE>\n":            "b012aa2630a7950a7a9df4e7f4b99e07",
		"Resent-Message-ID: <w1@mill.example>\nMessage-ID: <>\n": "",
		"Message-ID:\n":   "",
		"Subject: none\n": "",
	} {
		got := record(t, field+"\nx\n").Digests.EDRMMIH
		if want == "" {
			assert.Nil(t, got, field)
		} else if assert.NotNil(t, got, field) {
			assert.Equal(t, want, *got, field)
		}
	}
}

func TestSent(t *testing.T) {
	const (
		date  = "Date: Mon, 2 Mar 2026 08:00:00 +0100\n"
		far   = "Date: Thu, 1 Jan 1970 00:00:00 +0000\n"
		hops  = "Received: by b.example; Mon, 2 Mar 2026 10:00:00 +0000\nReceived: by a.example; Mon, 2 Mar 2026 09:00:00 +0000\n"
		day   = "Received: by a.example; Tue, 3 Mar 2026 07:00:00 +0000\n"
		later = "Received: by a.example; Tue, 3 Mar 2026 07:00:01 +0000\n"
		bare  = "Received: by a.example\n"
	)
	for name, c := range map[string]struct {
		header, envelope, sent, recorded string
	}{
		"date alone":               {date, "", "2026-03-02T08:00:00+01:00 origination date", "2026-03-02T08:00:00+01:00 origination date"},
		"date and hops":            {hops + date, "", "2026-03-02T08:00:00+01:00 origination date", "2026-03-02T10:00:00Z trace time-stamp"},
		"a date that is too old":   {hops + far, "", "2026-03-02T09:00:00Z trace time-stamp", "2026-03-02T10:00:00Z trace time-stamp"},
		"a day before, just so":    {day + date, "", "2026-03-02T08:00:00+01:00 origination date", "2026-03-03T07:00:00Z trace time-stamp"},
		"a second more":            {later + date, "", "2026-03-03T07:00:01Z trace time-stamp", "2026-03-03T07:00:01Z trace time-stamp"},
		"no date":                  {hops, "", "2026-03-02T09:00:00Z trace time-stamp", "2026-03-02T10:00:00Z trace time-stamp"},
		"a hop without a date":     {bare + date, "", "2026-03-02T08:00:00+01:00 origination date", "2026-03-02T08:00:00+01:00 origination date"},
		"an envelope line":         {"Subject: x\n", "From a@x.example Mon Mar  2 08:00:00 2026", "2026-03-02T08:00:00Z envelope line", "2026-03-02T08:00:00Z envelope line"},
		"date and envelope line":   {date, "From a@x.example Mon Mar  2 12:00:00 2026", "2026-03-02T08:00:00+01:00 origination date", "2026-03-02T12:00:00Z envelope line"},
		"an envelope without time": {"Subject: x\n", "From -", "- none", "- none"},
		"nothing":                  {"Subject: x\n", "", "- none", "- none"},
		"a date that is none":      {"Date: 30 Feb 2026 25:61 XYZ\n", "", "- none", "- none"},
	} {
		item := itemOf(c.header+"\nx\n", mbox.Unknown)
		item.Origin.EnvelopeLine = c.envelope
		e, err := newExaminer().Examine(t.Context(), item)
		require.NoError(t, err)
		show := func(i Instant) string {
			if i.Time == nil {
				return "- " + string(i.Basis)
			}
			return i.Time.Format(time.RFC3339) + " " + string(i.Basis)
		}
		assert.Equal(t, c.sent, show(e.Record.Sent()), "sent: "+name)
		assert.Equal(t, c.recorded, show(e.Record.Recorded), "recorded: "+name)
	}
}

// shells wraps a message in n messages.
func shells(n int, inner string) string {
	for i := range n {
		inner = fmt.Sprintf("Subject: shell %d\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n", i) + inner
	}
	return inner
}

func depth(r *Record) (levels int, last *Record) {
	for last = r; len(last.Nested) > 0; last = last.Nested[0].Record {
		levels++
	}
	return levels, last
}

func kinds(r *Record) (all []message.DefectKind) {
	for _, d := range r.Defects {
		all = append(all, d.Kind)
	}
	return all
}

func TestNestedIsBounded(t *testing.T) {
	core := "Subject: core\nDate: Mon, 2 Mar 2026 08:00:00 +0000\nFrom: a@x.example\nMessage-ID: <c@x.example>\n\ncore\n"
	levels, last := depth(record(t, shells(maxNestedDepth, core)))
	assert.Equal(t, maxNestedDepth, levels)
	assert.Equal(t, "core", last.Subject)
	assert.Empty(t, last.Defects)
	assert.Equal(t, digest.Of([]byte(core)), last.Digests.Message)

	for _, n := range []int{maxNestedDepth + 1, 300} {
		levels, last = depth(record(t, shells(n, core)))
		assert.Equal(t, maxNestedDepth, levels)
		assert.Contains(t, kinds(last), message.DepthLimit, "what is not examined is said")
	}

	var many strings.Builder
	many.WriteString("Subject: many\nMIME-Version: 1.0\nContent-Type: multipart/digest; boundary=b\n\n")
	for range maxNested + 5 {
		many.WriteString("--b\n\n" + core + "\n")
	}
	many.WriteString("--b--\n")
	r := record(t, many.String())
	assert.Len(t, r.Nested, maxNested)
	assert.Contains(t, kinds(r), message.DepthLimit)
	assert.Equal(t, "3", r.Nested[2].Part)

	x := newExaminer()
	x.Limits.NestedBytes = 50
	e, err := x.Examine(t.Context(), itemOf(shells(1, core), mbox.Unknown))
	require.NoError(t, err)
	assert.Empty(t, e.Record.Nested)
	assert.Contains(t, kinds(e.Record), message.DepthLimit)
}

// A base64 message inside of a message is examined as what it decodes to.
func TestNestedDecoded(t *testing.T) {
	r := record(t, "Subject: outer\nMIME-Version: 1.0\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogaW5uZXIKCnRleHQK\n")
	require.Len(t, r.Nested, 1)
	in := r.Nested[0].Record
	assert.Equal(t, "inner", in.Subject)
	assert.Equal(t, digest.Of([]byte("Subject: inner\n\ntext\n")), in.Digests.Raw)
	assert.Equal(t, int64(21), in.Size)
	assert.Zero(t, in.Exhibit)
}

func TestReports(t *testing.T) {
	e, err := newExaminer().Examine(t.Context(), itemOf("Subject: read\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/disposition-notification\n\n"+
		"Disposition: manual-action; displayed\n--b\nContent-Type: message/delivery-status\n\n"+strings.Repeat("x", 2*maxReport)+"\n--b--\n", mbox.Unknown))
	require.NoError(t, err)
	require.Len(t, e.Reports, 2)
	assert.Equal(t, "message/disposition-notification", e.Reports[0].MediaType)
	assert.Equal(t, "Disposition: manual-action; displayed", strings.TrimSpace(e.Reports[0].Body))
	assert.Len(t, e.Reports[1].Body, maxReport)
}

// fixtures gives every message of the shared variants, in all their dialects.
func fixtures(t testing.TB) []source.Item {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", "variants")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%v: this test did not run", err)
	}
	var items []source.Item
	for f, err := range source.Walk(os.DirFS(dir), ".") {
		require.NoError(t, err)
		if f.Trouble != nil {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		require.NoError(t, err)
		kind := source.Recognise(f.Path, b[:min(len(b), 64<<10)], int64(len(b)), false)
		if kind.Trouble != nil {
			continue
		}
		_, all, err := source.Items(f.Path, source.Bytes(b), kind, source.Options{})
		require.NoError(t, err)
		for item, err := range all {
			require.NoError(t, err)
			items = append(items, item)
		}
	}
	return items
}

// requireSound checks what must be true of every record, whatever the mail.
func requireSound(t testing.TB, item source.Item) *Record {
	t.Helper()
	x := newExaminer()
	e, err := x.Examine(context.Background(), item)
	require.NoError(t, err)
	defer e.Close()
	r := e.Record
	raw := []byte(item.Raw.(source.Bytes))
	require.Equal(t, digest.Of(raw), r.Digests.Raw)
	m, err := io.ReadAll(io.NewSectionReader(e.Message, 0, e.Message.Size()))
	require.NoError(t, err)
	require.Equal(t, digest.Of(m), r.Digests.Message)
	require.Equal(t, digest.Of(canonicalForm(m)), r.Digests.Canonical)
	require.Equal(t, int64(len(m)), r.Size)
	require.Equal(t, len(raw)-len(m), r.Reading.Unquoted, "un-quoting takes one > a line and nothing else")
	require.LessOrEqual(t, r.Reading.Unquoted, r.Reading.QuotedLines)
	require.NotEmpty(t, r.Reading.Why)

	compact := jsonout.Encoder{}
	require.NoError(t, r.Encode(&compact))
	var reflected bytes.Buffer
	slow := json.NewEncoder(&reflected)
	slow.SetEscapeHTML(false)
	require.NoError(t, slow.Encode(r))
	require.Equal(t, strings.TrimSuffix(reflected.String(), "\n"), string(compact.Buf), "as encoding/json writes it")
	back := new(Record)
	require.NoError(t, json.Unmarshal(compact.Buf, back), "what is written can be read")
	again := jsonout.Encoder{}
	require.NoError(t, back.Encode(&again))
	require.Equal(t, string(compact.Buf), string(again.Buf))

	// The same from the disk as from memory, but for readings that are tried in memory alone.
	item.Raw = disk{bytes.NewReader(raw)}
	l, err := x.Examine(context.Background(), item)
	require.NoError(t, err)
	defer l.Close()
	if strings.Contains(l.Record.Reading.Why, "not tried") {
		if l.Record.Reading.Unquoted != r.Reading.Unquoted {
			return r
		}
		l.Record.Reading = r.Reading
	}
	require.Equal(t, marshal(t, r), marshal(t, l.Record), "from the disk")
	return r
}

func TestVariantsAreSound(t *testing.T) {
	items := fixtures(t)
	require.NotEmpty(t, items)
	for _, item := range items {
		requireSound(t, item)
	}
}

func TestLargeNeedsASpool(t *testing.T) {
	raw := "Subject: x\n\n>From here\n"
	item := itemOf(raw, mbox.MboxRD)
	item.Raw = disk{bytes.NewReader([]byte(raw))}
	x := newExaminer()
	x.Spool = nil
	_, err := x.Examine(t.Context(), item)
	assert.ErrorContains(t, err, "temporary file")

	x.Spool = func() (Spool, error) { return nil, errFull }
	_, err = x.Examine(t.Context(), item)
	assert.ErrorIs(t, err, errFull)

	room := 10
	s := &spool{left: &room}
	x.Spool = func() (Spool, error) { return s, nil }
	_, err = x.Examine(t.Context(), item)
	assert.ErrorIs(t, err, errFull)
	assert.Equal(t, 1, s.closed, "the spool is freed")

	s = new(spool)
	e, err := x.Examine(t.Context(), item)
	require.NoError(t, err)
	assert.Equal(t, "Subject: x\n\nFrom here\n", string(s.b))
	assert.Equal(t, digest.Of([]byte(raw)), e.Record.Digests.Raw)
	assert.Zero(t, s.closed)
	require.NoError(t, e.Close())
	assert.Equal(t, 1, s.closed)
}

// torn fails at an offset: trouble with the world is an error.
type torn struct {
	*bytes.Reader
	at int64
}

func (r torn) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.at {
		return 0, io.ErrUnexpectedEOF
	}
	return r.Reader.ReadAt(p, off)
}

func TestReadErrors(t *testing.T) {
	raw := "Subject: x\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\nSubject: in\n\n>From here\n"
	for _, v := range []mbox.Variant{mbox.Unknown, mbox.MboxRD} {
		item := itemOf(raw, v)
		item.Raw = torn{bytes.NewReader([]byte(raw)), int64(len(raw)) - 1}
		_, err := newExaminer().Examine(t.Context(), item)
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF, v.String())
	}
}

// FuzzExamine: any bytes give a record, never an error or a panic; it can be written and read; memory and disk give the same.
func FuzzExamine(f *testing.F) {
	f.Add([]byte("Subject: a\nDate: Mon, 2 Mar 2026 08:00:00 +0100\nReceived: from a (b [192.0.2.1]) by c.example; Mon, 2 Mar 2026 08:00:00 +9959\n\n>From x\n>>From y\n"), uint8(2))
	f.Add([]byte(shells(12, "Subject: \xff\r\rx\r\n")), uint8(1))
	f.Add([]byte("DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s; h=from; t=253402300799; x=99999999999999; bh=AAAA; b=AAAA\nFrom: a@x.example\n\n>From\n"), uint8(1))
	f.Add([]byte("Authentication-Results: a; spf=pass a.b=c a.b=d a.b#2=e\nARC-Seal: i=1; t=99999999999; t=1\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n"), uint8(0))
	f.Fuzz(func(t *testing.T, raw []byte, v uint8) {
		requireSound(t, itemOf(string(raw), mbox.Variant(v%5)))
	})
}

// Messages inside of a message are bounded together: those that wait to be examined are held in memory.
func TestNestedBytesInAll(t *testing.T) {
	inner := "Subject: inner\n\n" + strings.Repeat("x", 400) + "\n"
	raw := "Content-Type: multipart/digest; boundary=b\n\n"
	for range 3 {
		raw += "--b\nContent-Type: message/rfc822\n\n" + inner
	}
	raw += "--b--\n"
	x := &Examiner{Limits: message.DefaultLimits()}
	x.Limits.NestedBytes = int64(2*len(inner)) + 10
	e, err := x.Examine(t.Context(), source.Item{Raw: source.Bytes(raw)})
	require.NoError(t, err)
	defer e.Close()
	assert.Len(t, e.Record.Nested, 2)
	require.NotEmpty(t, e.Record.Defects)
	last := e.Record.Defects[len(e.Record.Defects)-1]
	assert.Equal(t, message.DepthLimit, last.Kind)
	assert.Contains(t, last.Detail, "in all")
}
