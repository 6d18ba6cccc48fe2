package source

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mbox"
)

// read recognises a file and gives its items, after checking what holds for every format: an item's raw bytes are those of the
// file at its offset, its envelope line stands before them, items follow one another without overlap; and they are the same
// whether the content is held, read in pieces, or too large to be held.
func read(t testing.TB, name string, file []byte, named bool) (Kind, Reading, []Item) {
	t.Helper()
	k := Recognise(name, file[:min(len(file), headSize)], int64(len(file)), named)
	require.NotEqual(t, k.Format == "", k.Trouble == nil, "%s: a format or trouble", name)
	if k.Trouble != nil {
		require.NotEmpty(t, k.Trouble.Reason, name)
		require.Contains(t, []TroubleKind{Excluded, Failed}, k.Trouble.Kind, name)
		_, _, err := Items(name, Bytes(file), k, Options{})
		require.Error(t, err)
		return k, Reading{}, nil
	}
	reading, items := collect(t, name, Bytes(file), k, Options{})
	end := int64(0)
	for _, item := range items {
		o := item.Origin
		require.Equal(t, name, o.Source)
		require.GreaterOrEqual(t, o.Offset, end, name)
		end = o.Offset + o.Length
		require.LessOrEqual(t, end, int64(len(file)), name)
		require.Equal(t, o.Length, item.Raw.Size())
		raw, ok := item.Raw.(Bytes)
		require.True(t, ok, name)
		require.True(t, bytes.Equal(file[o.Offset:end], raw), name)
		if o.EnvelopeLine != "" && o.EnvelopeLineBase64 == "" {
			require.True(t, bytes.HasSuffix(bytes.TrimRight(file[:o.Offset], "\r\n"), []byte(o.EnvelopeLine)), name)
		}
	}
	unheld := struct{ Content }{Bytes(file)}
	for _, o := range []Options{{}, {Mbox: mbox.Options{MaxInMemory: 20}}} {
		again, others := collect(t, name, unheld, k, o)
		require.Equal(t, reading, again, name)
		require.Len(t, others, len(items), name)
		for i, other := range others {
			require.Equal(t, items[i].Origin, other.Origin)
			raw, err := io.ReadAll(io.NewSectionReader(other.Raw, 0, other.Raw.Size()))
			require.NoError(t, err)
			require.True(t, bytes.Equal(items[i].Raw.(Bytes), raw), name)
			if o.Mbox.MaxInMemory > 0 && len(raw) > 20 {
				_, held := other.Raw.(Bytes)
				require.False(t, held, "too large to be held")
			}
		}
	}
	return k, reading, items
}

func collect(t testing.TB, name string, c Content, k Kind, o Options) (Reading, []Item) {
	t.Helper()
	reading, seq, err := Items(name, c, k, o)
	require.NoError(t, err)
	var items []Item
	for item, err := range seq {
		require.NoError(t, err)
		items = append(items, item)
	}
	return reading, items
}

// Every row of the table has fixtures, all of them are read as that format, and the invariants of read hold.
func TestFormats(t *testing.T) {
	messages := map[string]int{ // where it is not 1
		"mbox/two.mbox": 2, "mbox/Inbox": 2, "mbox/several.eml": 2, "mbox/no-from-line.mbox": 2, "mbox/mmdf": 2, "mbox/empty.mbox": 0,
	}
	seen := 0
	for _, name := range formatNames() {
		dir := os.DirFS(filepath.Join("testdata", string(name)))
		files := 0
		for f, err := range Walk(dir, ".") {
			require.NoError(t, err)
			require.Nil(t, f.Trouble, f.Path)
			file, err := fs.ReadFile(dir, f.Path)
			require.NoError(t, err)
			require.EqualValues(t, len(file), f.Size)
			files++
			_, reading, items := read(t, f.Path, file, false)
			assert.Equal(t, name, reading.Format, f.Path)
			want := 1
			if n, ok := messages[path.Join(string(name), f.Path)]; ok {
				want = n
				seen++
			}
			assert.Len(t, items, want, f.Path)
		}
		assert.Positive(t, files, "fixtures of %s", name)
	}
	assert.Equal(t, len(messages), seen, "every exception is a fixture")
}

func formatNames() (names []Format) {
	have := map[Format]bool{}
	for _, f := range formats() {
		if !have[f.name] {
			names = append(names, f.name)
		}
		have[f.name] = true
	}
	return names
}

func one1(t *testing.T, name string) Item {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	require.NoError(t, err)
	_, _, items := read(t, name, file, true)
	require.Len(t, items, 1)
	return items[0]
}

func TestOrigins(t *testing.T) {
	const line = "From ann@plant.example Mon Jan  5 10:02:03 2026"
	item := one1(t, "eml/from-line.eml")
	assert.Equal(t, line, item.Origin.EnvelopeLine)
	assert.EqualValues(t, len(line)+1, item.Origin.Offset)

	item = one1(t, "eml/bom.eml")
	assert.Zero(t, item.Origin.Offset)
	assert.True(t, bytes.HasPrefix(item.Raw.(Bytes), bom), "a BOM stays")

	item = one1(t, "eml/bom-from-line.eml")
	assert.Equal(t, line, item.Origin.EnvelopeLine)
	assert.EqualValues(t, len(bom)+len(line)+2, item.Origin.Offset)
	assert.NotEmpty(t, item.Notes)

	item = one1(t, "eml/from-8bit.eml")
	assert.Equal(t, "From j\uFFFDrg@plant.example Mon Jan  5 10:02:03 2026", item.Origin.EnvelopeLine)
	assert.Equal(t, "RnJvbSBq9nJnQHBsYW50LmV4YW1wbGUgTW9uIEphbiAgNSAxMDowMjowMyAyMDI2", item.Origin.EnvelopeLineBase64)

	item = one1(t, "maildir/cur/1767607323.M1P2.host!2,RS")
	assert.Equal(t, "RS", item.Origin.Flags)
	item = one1(t, "maildir/cur/1767607327.V801I5M6.host,S=9;2,S")
	assert.Equal(t, "S", item.Origin.Flags)
	assert.Equal(t, line, item.Origin.EnvelopeLine)
	assert.Contains(t, string(item.Raw.(Bytes)), line, "a file of a Maildir is one message, whatever is in it")

	item = one1(t, "emlx/12.emlx")
	assert.True(t, bytes.HasPrefix(item.Raw.(Bytes), []byte("Received: ")))
	assert.True(t, bytes.HasSuffix(item.Raw.(Bytes), []byte("must not be used.\n")))
}

func TestReadings(t *testing.T) {
	file, err := os.ReadFile("testdata/mbox/two.mbox")
	require.NoError(t, err)
	_, reading, items := read(t, "two.mbox", file, true)
	assert.Equal(t, mbox.MboxO, reading.Variant)
	assert.NotEmpty(t, reading.VariantWhy)
	require.Len(t, items, 2)
	assert.Equal(t, 1, items[1].QuotedLines)
	assert.Equal(t, mbox.MboxO, items[1].Variant)

	file, err = os.ReadFile("testdata/mbox/several.eml")
	require.NoError(t, err)
	k, reading, _ := read(t, "several.eml", file, true)
	assert.Equal(t, EML, k.Format)
	assert.Equal(t, Mbox, reading.Format, "more From_ lines: an mbox in truth")
	assert.NotEmpty(t, reading.Notes)

	file, err = os.ReadFile("testdata/mbox/note-first.mbox")
	require.NoError(t, err)
	_, reading, _ = read(t, "note-first.mbox", file, true)
	assert.Contains(t, strings.Join(reading.Notes, "; "), "belong to no message")
}

type broken struct {
	io.ReaderAt
	size int64
}

func (b broken) Size() int64 { return b.size }

func TestReadErrors(t *testing.T) {
	for _, name := range []Format{EML, Maildir, Mbox, EMLX} {
		shorter := broken{Bytes("From: a@plant.example\n"), 1000}
		_, seq, err := Items("x", shorter, Kind{Format: name}, Options{})
		if err == nil {
			for _, err = range seq {
			}
		}
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
	}
}

// Whatever the file, it is a format or trouble with a reason, and the invariants of read hold.
func FuzzRecognise(f *testing.F) {
	for _, name := range []string{"x.eml", "cur/1767607323.M1P2.host:2,S", "x.mbox", "x", "1.emlx", "x.msg"} {
		f.Add(name, []byte("From a@plant.example Mon Jan  5 10:02:03 2026\nFrom: a@plant.example\nSubject: x\n\ny\n\nFrom - \nA: 1\n"), true)
		f.Add(name, []byte("12\nSubject: x\n\n<plist>"), false)
		f.Add(name, []byte("F\x00r\x00o\x00m\x00:\x00 \x00a\x00\n\x00"), false)
	}
	f.Fuzz(func(t *testing.T, name string, file []byte, named bool) { read(t, name, file, named) })
}
