package archive

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
)

func someRecords() []record {
	d := digest.Of([]byte("a"))
	return []record{
		{kind: kindSource, path: "/mail/in box \"1\"\n\xff.mbox", format: "mbox", variant: "mboxrd", size: 12, modified: -5},
		{kind: kindNew, digest: d, size: 7, offset: 0, envelope: "From a@mail.example \xe9"},
		{kind: kindNew, digest: d, size: 0, offset: 3},
		{kind: kindKnown, entry: 3, offset: 9, envelope: "From b"},
		{kind: kindGone, entry: 4}, {kind: kindGrew, entry: 5},
		{kind: kindState, settled: true, tail: 8, last: 2}, {kind: kindState, tail: 0, last: -1},
		{kind: kindBlocks, block: 0, blocks: []digest.Digest{d, d}}, {kind: kindBlocks, block: 3},
		{kind: kindSource, path: "/mail/x.eml", format: "eml", size: 1, modified: 1},
		{kind: kindAbsent, path: "/mail/y"}, {kind: kindRenamed, path: "/mail/new/a", to: "/mail/cur/a:2,S"},
		{kind: kindFrame, count: 2, length: 30, size: 2048}, {kind: kindSegment, digest: d, size: 30}, {kind: kindEnd, count: 2},
	}
}

func manifestOf(records []record) []byte {
	b := []byte(manifestHead{Run: 3, Time: time.Unix(1773043200, 0), Tool: "onrecord \"x\"", Previous: digest.Of(nil), First: 9}.text())
	for i := range records {
		b = records[i].appendTo(b)
	}
	return b
}

func readAll(text []byte) (manifestHead, []record, error) {
	m, err := newManifestReader(bytes.NewReader(text))
	if err != nil {
		return manifestHead{}, nil, err
	}
	var all []record
	for r, err := range m.records() {
		if err != nil {
			return m.Head, nil, err
		}
		all = append(all, r)
	}
	return m.Head, all, nil
}

func TestManifestIsReadAsWritten(t *testing.T) {
	want := someRecords()
	head, got, err := readAll(manifestOf(want))
	require.NoError(t, err)
	assert.EqualValues(t, 3, head.Run)
	assert.EqualValues(t, 9, head.First)
	assert.Equal(t, "onrecord \"x\"", head.Tool)
	assert.Equal(t, want, got)
}

func TestManifestRefuses(t *testing.T) {
	good := string(manifestOf(someRecords()))
	for name, bad := range map[string]string{
		"cut off":            good[:len(good)-1],
		"without its end":    strings.TrimSuffix(good, "end 2\n"),
		"one message fewer":  strings.Replace(good, "end 2", "end 3", 1),
		"text behind":        good + "end 2\n",
		"an unknown line":    strings.Replace(good, "gone 4", "lost 4", 1),
		"a negative number":  strings.Replace(good, "gone 4", "gone -4", 1),
		"a leading zero":     strings.Replace(good, "gone 4", "gone 04", 1),
		"a number too large": strings.Replace(good, "gone 4", "gone 9999999999999999999", 1),
		"two spaces":         strings.Replace(good, "gone 4", "gone  4", 1),
		"another version":    strings.Replace(good, "manifest 1", "manifest 2", 1),
		"another quoting":    strings.Replace(good, `"/mail/y"`, `"\x2fmail/y"`, 1),
		"a time elsewhere":   strings.Replace(good, "T08:00:00Z", "T09:00:00+01:00", 1),
		"empty":              "",
	} {
		require.NotEqual(t, good, bad, name)
		_, _, err := readAll([]byte(bad))
		assert.Error(t, err, name)
	}
}

// Invariant: whatever is accepted is written again byte for byte, so that a manifest has one reading and one digest.
func FuzzManifest(f *testing.F) {
	f.Add(manifestOf(someRecords()))
	f.Fuzz(func(t *testing.T, text []byte) {
		head, records, err := readAll(text)
		if err != nil {
			return
		}
		again := []byte(head.text())
		for i := range records {
			again = records[i].appendTo(again)
		}
		assert.Equal(t, string(text), string(again))
	})
}

func TestWords(t *testing.T) {
	var w wordSet
	w.add("Größe, größe! the-end 42 "+strings.Repeat("x", 100), "")
	w.add("日本 the", subjectMark)
	w.add("", "")
	assert.Equal(t, "größe the end 42 "+strings.Repeat("x", maxWord)+" §日 §本 §the ", string(w.out))
	w.reset()
	for i := range 3 * maxWords {
		w.add(strings.Repeat("ab", 1+i%3)+string(rune('a'+i%26))+strings.Repeat("q", i%20)+time.Duration(i).String(), "")
	}
	assert.Equal(t, maxWords, w.count)
}

func TestTilePaths(t *testing.T) {
	// The examples of c2sp.org/tlog-tiles.
	assert.Equal(t, "tile/0/x001/x234/067", tileID{0, 1234067}.path(0))
	assert.Equal(t, "tile/entries/000.p/12", tileID{entriesLevel, 0}.path(12))
	widths := map[tileID]int{{0, 272}: 256, {0, 273}: 112, {1, 0}: 256, {1, 1}: 17, {2, 0}: 1, {entriesLevel, 273}: 112, {0, 274}: 0}
	for id, want := range widths {
		assert.Equal(t, want, id.widthAt(70_000), "%v", id)
	}
}
