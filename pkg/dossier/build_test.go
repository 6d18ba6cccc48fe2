package dossier_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/mbox"
	"onrecord/pkg/source"
)

func TestLedger(t *testing.T) {
	d := mill(t).mustBuild(t)
	of := map[string]dossier.Ledger{}
	for _, s := range d.Sources {
		of[s.Path] = s.Ledger
	}
	assert.Equal(t, dossier.Ledger{Found: 1, Kept: 1}, of["eml/warning.eml"])
	assert.Equal(t, dossier.Ledger{Found: 6, Kept: 5, Duplicate: 1}, of["mail.mbox"], "its first message is the warning once more")
	assert.Equal(t, dossier.Ledger{Found: 2, Kept: 2}, of["other.mbox"], "CRLF is not the same bytes")
	assert.Equal(t, dossier.Ledger{Found: 1, Duplicate: 1}, of["md/cur/1:2,S"])
	assert.Equal(t, dossier.Ledger{Found: 1, Excluded: 1}, of["notes.txt"])
	assert.Equal(t, dossier.Ledger{Found: 1, Failed: 1}, of["locked.mbox"])
	assert.Equal(t, dossier.Ledger{Found: 19, Kept: 15, Duplicate: 2, Excluded: 1, Failed: 1}, d.Ledger)
}

// The exhibit's file is the message; the evidence digest is over their digests.
func TestStoreHoldsTheMessages(t *testing.T) {
	in := mill(t)
	in.store = newStore()
	d := in.mustBuild(t)
	lines := ""
	for _, r := range records(t, d) {
		b, ok := in.store.files[r.File]
		require.True(t, ok, r.File)
		assert.Equal(t, r.Digests.Message, digest.Of(b))
		assert.Equal(t, r.Size, int64(len(b)))
		lines += r.Digests.Message.Hex() + "  " + r.File + "\n"
		head := ""
		for _, f := range r.Header {
			if f.RawBase64 == "" {
				head += f.Raw
			}
		}
		if !strings.Contains(r.Subject, "gr") { // has a field that is not UTF-8
			assert.True(t, strings.HasPrefix(string(b), head), "the fields joined are the header of %s", r.File)
		}
	}
	assert.Equal(t, digest.Of([]byte(lines)), d.EvidenceDigest)
	assert.Len(t, in.store.files, d.Count)
}

func TestExhibitsInOrderOfTime(t *testing.T) {
	at := func(date, id string) string {
		return "Date: " + date + "\nFrom: a@x.example\nMessage-ID: <" + id + "@x.example>\n\n" + id + "\n"
	}
	// By instant, not by clock digits; ties as they were read; without any time last.
	in := input{files: map[string]string{"all.mbox": strings.ReplaceAll(mboxOf(
		at("Mon, 2 Mar 2026 09:00:00 +0100", "c"), at("no date at all", "z"), at("Mon, 2 Mar 2026 08:00:00 +0200", "a"),
		at("Mon, 2 Mar 2026 07:00:00 +0000", "b"), at("Mon, 2 Mar 2026 08:00:00 +0000", "d")), "From sender@mill.example Mon Mar  2 08:00:00 2026\n", "From - \n")}}
	var ids []string
	for _, r := range records(t, in.mustBuild(t)) {
		ids = append(ids, strings.Trim(r.MessageID, "<>")[:1])
	}
	assert.Equal(t, []string{"a", "b", "c", "d", "z"}, ids)
}

// A Date field far from the first hop's time is not believed: the hop orders the exhibit.
func TestOrderWithAWrongClock(t *testing.T) {
	in := input{files: map[string]string{
		"1.eml": "Received: by mx.x.example; Mon, 2 Mar 2026 08:00:00 +0000\nDate: Thu, 1 Jan 1970 00:00:00 +0000\nFrom: a@x.example\nMessage-ID: <late@x.example>\n\n1\n",
		"2.eml": "Date: Sun, 1 Mar 2026 08:00:00 +0000\nFrom: a@x.example\nMessage-ID: <early@x.example>\n\n2\n",
	}}
	got := records(t, in.mustBuild(t))
	require.Len(t, got, 2)
	assert.Equal(t, "<early@x.example>", got[0].MessageID)
	assert.Equal(t, evidence.BasisTrace, got[1].Sent().Basis)
}

func TestCopies(t *testing.T) {
	d := mill(t).mustBuild(t)
	classes := map[string][]string{}
	byPath := map[string]*evidence.Record{}
	for _, r := range records(t, d) {
		key := fmt.Sprintf("%s %d", r.Origin.Source, r.Origin.Offset)
		byPath[key] = r
		for _, c := range r.Copies {
			classes[key] = append(classes[key], string(c.Class)+" "+c.Origin.Source)
		}
		slices.Sort(classes[key])
	}
	assert.Equal(t, []string{"identical bytes mail.mbox", "same Message-ID, different content mail.mbox", "same Message-ID, modified mail.mbox",
		"same message, other line endings other.mbox"}, classes["eml/warning.eml 0"])
	for key, r := range byPath {
		if r.MessageID == "<other@insurer.example>" && r.Origin.Source == "mail.mbox" {
			assert.Equal(t, []string{"identical bytes md/cur/1:2,S", "same content, other transport header eml/labelled.eml"}, classes[key])
		}
		if r.Subject == "else" {
			assert.Equal(t, []string{"same Message-ID, different content eml/warning.eml"}, classes[key], "each names the other")
		}
	}
	assert.Equal(t, []string{"same content, other transport header mail.mbox", "same content, other transport header other.mbox"}, classes["eml/labelled.eml 0"], "the first of its group")
	assert.Empty(t, classes["eml/receipt.eml 0"])
}

// Two exports of one mail, LF and CRLF, are that and nothing else, whatever is in it.
func TestCopiesWithOtherLineEndings(t *testing.T) {
	for name, mail := range map[string]string{"warning": warning, "receipt": receipt, "bounce": bounce, "forwarded": forwarded} {
		d := input{files: map[string]string{"1.eml": mail, "2.eml": strings.ReplaceAll(mail, "\n", "\r\n")}}.mustBuild(t)
		require.Equal(t, 2, d.Count)
		for _, r := range records(t, d) {
			require.Len(t, r.Copies, 1, name)
			assert.Equal(t, evidence.CopyLineEndings, r.Copies[0].Class, name)
		}
	}
}

// What a copy says was said once.
func TestCopiesSayNothingNew(t *testing.T) {
	alone := input{files: map[string]string{"1.eml": warning}}.mustBuild(t)
	twice := input{files: map[string]string{"1.eml": warning, "2.eml": strings.ReplaceAll(warning, "\n", "\r\n")}}.mustBuild(t)
	require.NoError(t, alone.Load())
	require.NoError(t, twice.Load())
	require.NotEmpty(t, alone.Statements)
	assert.Equal(t, 2, twice.Count)
	assert.Equal(t, len(alone.Statements), len(twice.Statements))
}

func TestSelection(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return at
	}
	in := input{files: map[string]string{"mail.mbox": strings.ReplaceAll(mboxOf(warning, quoting, other, denial, undated), "From sender@mill.example Mon Mar  2 08:00:00 2026\n", "From - \n")}}
	for name, c := range map[string]struct {
		sel  dossier.Selection
		want []string
	}{
		"all":                     {dossier.Selection{}, []string{"w1", "q1", "other", "d1", ""}},
		"since, inclusive":        {dossier.Selection{Since: day("2026-03-02T09:00:00+01:00")}, []string{"q1", "other", "d1", ""}},
		"until, exclusive":        {dossier.Selection{Until: day("2026-03-02T09:00:00+01:00")}, []string{"w1", ""}},
		"since and until":         {dossier.Selection{Since: day("2026-03-03T00:00:00Z"), Until: day("2026-03-05T00:00:00Z")}, []string{"other", ""}},
		"participant as author":   {dossier.Selection{Participant: "IDA@mill.example"}, []string{"w1", "q1", "other"}},
		"participant in Cc":       {dossier.Selection{Participant: "kay@insurer.example"}, []string{"w1", "other", "d1"}},
		"thread by its first":     {dossier.Selection{Thread: "<w1@mill.example>"}, []string{"w1", "q1", "d1"}},
		"thread by a reply":       {dossier.Selection{Thread: "<d1@mill.example>"}, []string{"w1", "q1", "d1"}},
		"thread and until":        {dossier.Selection{Thread: "<d1@mill.example>", Until: day("2026-03-03T00:00:00Z")}, []string{"w1", "q1"}},
		"part of an address":      {dossier.Selection{Participant: "ida@mill"}, nil},
		"a thread that is nobody": {dossier.Selection{Thread: "<nobody@mill.example>"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			in.sel, in.store = c.sel, nil
			d, err := in.build()
			if c.want == nil {
				require.ErrorIs(t, err, dossier.ErrNoMessages)
				assert.Equal(t, dossier.Ledger{Found: 5, Excluded: 5}, d.Ledger)
				return
			}
			require.NoError(t, err)
			var ids []string
			for _, r := range records(t, d) {
				id, _, _ := strings.Cut(strings.Trim(r.MessageID, "<>"), "@")
				ids = append(ids, id)
			}
			assert.Equal(t, c.want, ids)
			assert.Equal(t, dossier.Ledger{Found: 5, Kept: len(c.want), Excluded: 5 - len(c.want)}, d.Ledger)
			requireWhole(t, encode(t, d))
		})
	}
}

func TestOptionsGiveTheSelection(t *testing.T) {
	o := dossier.Options{Timezone: "Europe/Berlin", Since: "2026-03-29", Until: "2026-03-30T09:30:00Z", Participant: "a@x.example", Thread: "<t@x.example>"}
	s, err := o.Selection()
	require.NoError(t, err)
	assert.Equal(t, "2026-03-29T00:00:00+01:00", s.Since.Format(time.RFC3339), "midnight in the zone, before the clocks change")
	assert.Equal(t, "2026-03-30T09:30:00Z", s.Until.Format(time.RFC3339))
	for _, o := range []dossier.Options{{Since: "29.3.2026"}, {Until: "2026-02-30"}, {Timezone: "Mars/Base"}} {
		_, err := o.Selection()
		assert.Error(t, err, "%+v", o)
	}
}

func TestNoMessages(t *testing.T) {
	_, err := input{}.build()
	assert.ErrorIs(t, err, dossier.ErrNoMessages)
	d, err := input{files: map[string]string{"notes.txt": "no mail at all, just some words\n"}}.build()
	require.ErrorIs(t, err, dossier.ErrNoMessages)
	assert.Equal(t, dossier.Ledger{Found: 1, Excluded: 1}, d.Ledger)
}

// A world that breaks, at whatever moment, gives an error: no panic, no dossier that looks whole.
func TestStoreFails(t *testing.T) {
	broken := errors.New("disk full")
	mail := mill(t)
	for _, what := range []string{"add", "place", "spool", "write", "read"} {
		failed := 0
		for after := 0; ; after++ {
			in := mail
			in.matter, in.workers, in.store = millCase, 1+after%3, newStore()
			left := after
			in.store.fail = func(did string) error {
				if did != what {
					return nil
				}
				if left--; left < 0 {
					return broken
				}
				return nil
			}
			d, err := in.build()
			if err == nil {
				err = dossier.Encode(discard{}, d) // reads from the spool
			}
			if err == nil {
				break // it broke after the last time
			}
			require.ErrorIs(t, err, broken, "%s, %d times right", what, after)
			failed++
			require.Less(t, after, 500)
		}
		assert.Positive(t, failed, what)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// A writer that fails is told.
func TestEncodeFails(t *testing.T) {
	d := mill(t).mustBuild(t)
	whole := len(encode(t, d))
	for _, room := range []int{0, 1, whole / 2, whole - 1} {
		assert.Error(t, dossier.Encode(&narrow{room}, d), "%d of %d bytes", room, whole)
	}
	assert.NoError(t, dossier.Encode(&narrow{whole}, d))
}

type narrow struct{ room int }

func (n *narrow) Write(p []byte) (int, error) {
	if n.room -= len(p); n.room < 0 {
		return 0, errors.New("no room")
	}
	return len(p), nil
}

// A source that cannot be read further stops the build with its name.
func TestSourceFails(t *testing.T) {
	d, err := dossier.Build(t.Context(), dossier.Input{
		Sources: func(yield func(dossier.SourceFile, error) bool) {
			yield(dossier.SourceFile{Source: dossier.Source{Path: "torn.mbox"}, Kind: source.Kind{Format: source.Mbox}, Content: torn{}}, nil)
		},
		Examiner: &evidence.Examiner{}, Store: newStore(), Workers: 2})
	require.ErrorIs(t, err, errTorn)
	assert.ErrorContains(t, err, "torn.mbox")
	assert.Nil(t, d)
}

var errTorn = errors.New("input/output error")

type torn struct{}

func (torn) Size() int64                       { return 1 << 20 }
func (torn) ReadAt([]byte, int64) (int, error) { return 0, errTorn }

// A message that is not held in memory gives the same record as one that is.
func TestLargeMessages(t *testing.T) {
	in := mill(t)
	want := encode(t, in.mustBuild(t))
	in.reader = source.Options{Mbox: mbox.Options{MaxInMemory: 100}}
	in.disk = true
	got := decode(t, encode(t, in.mustBuild(t)))
	large := map[string]*evidence.Record{}
	for r, err := range got.Messages {
		require.NoError(t, err)
		large[fmt.Sprint(r.Origin)] = r
	}
	spooled := 0
	for r, err := range decode(t, want).Messages {
		require.NoError(t, err)
		l := large[fmt.Sprint(r.Origin)]
		require.NotNil(t, l, r.File)
		if strings.Contains(l.Reading.Why, "not tried") {
			spooled++
			l.Reading.Why = r.Reading.Why
		}
		assert.Equal(t, standard(t, r, "", true), standard(t, l, "", true), r.File)
	}
	assert.Positive(t, spooled)
}
