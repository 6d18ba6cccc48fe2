package mbox_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mbox"
)

// quote is what a writer of the variant does to a message: to each line of its body, told apart in the plainest way.
func quote(raw []byte, v mbox.Variant) []byte {
	var out []byte
	header := true
	for _, line := range bytes.SplitAfter(raw, []byte("\n")) {
		text := bytes.TrimLeft(line, ">")
		quotes := len(line) - len(text)
		if !header && bytes.HasPrefix(text, []byte("From ")) && (quotes == 0 && v != mbox.MboxCL2 || v == mbox.MboxRD) {
			out = append(out, '>')
		}
		if string(line) == "\n" || string(line) == "\r\n" {
			header = false
		}
		out = append(out, line...)
	}
	return out
}

func TestUnquote(t *testing.T) {
	raw := "A: 1\n>From header\n\n>From a\n>>From b\n> From c\nx>From d\n>From\n>From \n\r\n>From e"
	once := "A: 1\n>From header\n\nFrom a\n>>From b\n> From c\nx>From d\n>From\nFrom \n\r\nFrom e"
	all := "A: 1\n>From header\n\nFrom a\n>From b\n> From c\nx>From d\n>From\nFrom \n\r\nFrom e"
	for v, want := range map[mbox.Variant]string{mbox.Unknown: raw, mbox.MboxO: once, mbox.MboxRD: all, mbox.MboxCL: once, mbox.MboxCL2: raw} {
		assert.Equal(t, want, string(mbox.Unquote(nil, []byte(raw), v)), v.String())
	}
	assert.Equal(t, "dst"+all, string(mbox.Unquote([]byte("dst"), []byte(raw), mbox.MboxRD)))

	same := []byte("A: 1\n\nnothing to do\n")
	got := mbox.Unquote(nil, same, mbox.MboxRD)
	assert.True(t, &same[0] == &got[0], "raw itself where nothing changes")
}

func TestQuotedLines(t *testing.T) {
	raw := []byte(">From a\n\n>From b\n>>From c\r\nFrom d\n")
	assert.Equal(t, []int64{9, 17}, mbox.QuotedLines(raw, 10))
	assert.Equal(t, []int64{9}, mbox.QuotedLines(raw, 1))
	assert.Empty(t, mbox.QuotedLines(raw, 0))
	assert.Empty(t, mbox.QuotedLines([]byte("A: 1\n>From a header without a body\n"), 10))
	assert.Equal(t, []int64{1}, mbox.QuotedLines([]byte("\n>From a"), 10))
	assert.Equal(t, []int64{2}, mbox.QuotedLines([]byte("\r\n>From a"), 10))
}

func TestUnquoterErrors(t *testing.T) {
	r := mbox.NewUnquoter(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("A: 1\n\n>From x\n"))), mbox.MboxRD)
	_, err := io.ReadAll(r)
	assert.ErrorIs(t, err, iotest.ErrTimeout)
}

// Un-quoting takes off exactly what the variant's writer put on; streaming and in memory are the same.
func FuzzQuote(f *testing.F) {
	f.Add([]byte("A: 1\n\nFrom x\n>From y\n>>From z\n"), uint8(2))
	f.Add([]byte("\r\nFrom x\n"), uint8(1))
	f.Add([]byte("A\r\n\r\n"+strings.Repeat(">", 995)+"From x\n"), uint8(2))
	f.Fuzz(func(t *testing.T, raw []byte, n uint8) {
		v := mbox.Variant(n % 5)
		got := mbox.Unquote(nil, raw, v)
		streamed, err := io.ReadAll(mbox.NewUnquoter(iotest.OneByteReader(bytes.NewReader(raw)), v))
		require.NoError(t, err)
		require.Equal(t, string(got), string(streamed))
		whole, err := io.ReadAll(mbox.NewUnquoter(bytes.NewReader(raw), v))
		require.NoError(t, err)
		require.Equal(t, string(got), string(whole))

		if bytes.Contains(raw, bytes.Repeat([]byte(">"), 980)) {
			return // beyond the depth that is looked at
		}
		ambiguous := (v == mbox.MboxO || v == mbox.MboxCL) && len(mbox.QuotedLines(raw, 1)) > 0
		if v != mbox.Unknown && !ambiguous {
			require.Equal(t, string(raw), string(mbox.Unquote(nil, quote(raw, v), v)))
		}
	})
}

// The pieces joined are the file, for every input, variant and memory limit; Detect does not fail.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(from+"A: 1\n\nx\n\n"+from+"B: 2\n\ny\n\n"), uint8(0))
	f.Add([]byte(from+"Content-Length: 2\n\nx\n\n"+from+"Content-Length: 5\n\nFrom \n"), uint8(4))
	f.Add([]byte("\xEF\xBB\xBF\r\n"+crlf(from)+"A: 1\r\n\r\n>From x\r\n"), uint8(2))
	f.Add([]byte(cr(from+"A: 1\n\nx\n\n"+from+"B: 2\n")), uint8(1))
	f.Add([]byte("\x01\x01\x01\x01\nA: 1\n\x01\x01\x01\x01\njunk\n\x01\x01\x01\x01\n"), uint8(0))
	f.Fuzz(func(t *testing.T, file []byte, n uint8) {
		v := mbox.Variant(n % 5)
		held := joined(t, file, v, mbox.Options{})
		require.Len(t, joined(t, file, v, mbox.Options{Reuse: true}), len(held))
		short := joined(t, file, v, mbox.Options{MaxInMemory: 8})
		require.Len(t, short, len(held))
		for i := range held {
			require.Equal(t, held[i].RawLength, short[i].RawLength)
			require.Equal(t, held[i].QuotedLines, short[i].QuotedLines)
			require.EqualValues(t, len(held[i].Raw), held[i].RawLength)
			if bytes.IndexByte(file, '\x01') < 0 {
				require.Len(t, mbox.QuotedLines(held[i].Raw, len(file)), held[i].QuotedLines)
			}
			require.Equal(t, held[i].RawLength > 8, short[i].Raw == nil)
		}
		_, err := mbox.Detect(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
	})
}

func FuzzFromLine(f *testing.F) {
	f.Add([]byte(from))
	f.Fuzz(func(t *testing.T, line []byte) {
		sender, when, hasZone, ok := mbox.ParseFromLine(line)
		require.Equal(t, ok, mbox.IsFromLine(line))
		require.True(t, ok || sender == "" && when.IsZero() && !hasZone)
		if ok && sender != "" {
			require.True(t, bytes.HasPrefix(line, []byte("From ")))
			require.Contains(t, string(line), sender)
		}
	})
}
