package message_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/digest"
	"onrecord/pkg/message"
)

// hidden is a source whose bytes cannot be taken in place.
type hidden struct{ *bytes.Reader }

// check states what holds for every input.
func check(t testing.TB, data []byte, lim message.Limits) *message.Message {
	t.Helper()
	m, err := message.Read(message.Bytes(data), lim)
	require.NoError(t, err)
	require.EqualValues(t, len(data), m.Size)
	var joined []byte
	for _, f := range m.Header {
		require.EqualValues(t, len(joined), f.Offset, "offset of a field")
		joined = append(joined, f.Raw...)
	}
	require.EqualValues(t, m.HeaderLength, len(joined), "the fields are the header")
	require.Equal(t, m.BodyOffset, m.HeaderLength+m.SeparatorLength)
	require.LessOrEqual(t, m.BodyOffset, m.Size)
	joined = append(joined, data[m.HeaderLength:m.BodyOffset]...)
	joined = append(joined, data[m.BodyOffset:]...)
	require.True(t, bytes.Equal(data, joined), "fields, separator and body are the message")
	require.True(t, utf8.ValidString(m.Text), "the text is UTF-8")
	require.LessOrEqual(t, int64(len(m.Text)), lim.TextBytes)
	require.LessOrEqual(t, len(m.Parts), 2*lim.Parts)
	for _, d := range m.Defects {
		require.True(t, d.Offset >= 0 && d.Offset <= m.Size, "%+v", d)
		require.True(t, utf8.ValidString(d.Detail), "%q", d.Detail)
	}
	last := m.BodyOffset
	for _, p := range m.Parts {
		require.GreaterOrEqual(t, p.Offset, last, "parts lie one after the other")
		last = p.Offset + p.Length
		require.LessOrEqual(t, last, m.Size)
		r, err := m.Open(p)
		require.NoError(t, err)
		h := sha256.New()
		n, err := io.Copy(h, r)
		require.NoError(t, err)
		require.Equal(t, p.Size, n)
		require.Equal(t, p.SHA256, digest.Sum(h))
	}
	for i, s := range m.TextSpans {
		require.True(t, s.Start >= 0 && s.Start <= s.End && s.End <= len(m.Text), "%+v", s)
		require.True(t, i == 0 || s.Start >= m.TextSpans[i-1].End)
	}
	for _, f := range m.Header {
		require.True(t, utf8.ValidString(f.Decoded()))
		message.ParseAddressList(f)
		message.ParseMediaType(f)
		message.ParseMessageIDs(f.Unfolded())
	}
	return m
}

// files calls f with every regular file of a corpus.
func files(t testing.TB, pack string, f func(path string, data []byte)) {
	dir := corpora.Dir(t, pack)
	n := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		f(path, data)
		return nil
	}))
	require.Positive(t, n)
}

func TestCorporaHold(t *testing.T) {
	for _, pack := range []string{"fixtures", "spamassassin", "dkim", "warnings"} {
		t.Run(pack, func(t *testing.T) {
			files(t, pack, func(path string, data []byte) {
				m := check(t, data, message.DefaultLimits())
				if t.Failed() {
					t.Fatal(path)
				}
				if filepath.Ext(path) == ".eml" && len(data) > 0 {
					assert.NotEmpty(t, m.Parts, path)
				}
			})
		})
	}
}

// The window over a large source must see what is seen in memory.
func TestStreamedIsTheSame(t *testing.T) {
	files(t, "fixtures", func(path string, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		want := check(t, data, message.DefaultLimits())
		got, err := message.ReadStreamed(hidden{bytes.NewReader(data)}, message.DefaultLimits())
		require.NoError(t, err)
		same(t, want, got, path)
	})
}

func same(t testing.TB, want, got *message.Message, path string) {
	t.Helper()
	require.Equal(t, want.Header, got.Header, path)
	require.Equal(t, want.Parts, got.Parts, path)
	require.Equal(t, want.Text, got.Text, path)
	require.Equal(t, want.Defects, got.Defects, path)
	require.Equal(t, want.LineEnding, got.LineEnding, path)
	require.Equal(t, want.BodyOffset, got.BodyOffset, path)
}

// listMessages splits the list corpus at its From_ lines.
func listMessages(t testing.TB) [][]byte {
	var all [][]byte
	files(t, "lists", func(path string, data []byte) {
		for len(data) > 0 {
			end := len(data)
			if i := bytes.Index(data[1:], []byte("\n\nFrom ")); i >= 0 {
				end = i + 3
			}
			one := data[:end]
			if nl := bytes.IndexByte(one, '\n'); nl >= 0 && bytes.HasPrefix(one, []byte("From ")) {
				one = one[nl+1:]
			}
			all = append(all, one)
			data = data[end:]
		}
	})
	return all
}

func BenchmarkRead(b *testing.B) {
	all := listMessages(b)
	size := 0
	for _, m := range all {
		size += len(m)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ReportMetric(float64(len(all)), "messages")
	for b.Loop() {
		for _, m := range all {
			if _, err := message.Read(message.Bytes(m), message.DefaultLimits()); err != nil {
				b.Fatal(err)
			}
		}
	}
}
