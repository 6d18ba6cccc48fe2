package mailgen_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/mailgen"
)

func mailbox(t testing.TB, seed uint64, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, mailgen.Mailbox(&b, seed, size))
	return b.Bytes()
}

// pieces splits an mbox of this package's own making: From_ lines in bodies are quoted, so the plain rule holds.
func pieces(mbox []byte) [][]byte {
	var out [][]byte
	for len(mbox) > 0 {
		end := bytes.Index(mbox, []byte("\n\nFrom "))
		if end < 0 {
			return append(out, mbox)
		}
		out = append(out, mbox[:end+2])
		mbox = mbox[end+2:]
	}
	return out
}

func TestMailboxIsTheSameForEver(t *testing.T) {
	// A new digest means that benchmarks and fixtures made before cannot be compared any more: change it knowingly.
	assert.Equal(t, "sha256:1a6223cf5821b65e51817291acc970c580c60b351700d78933f08d06f9c2d116", digest.Of(mailbox(t, 1, 3_000_000)).String())
	assert.NotEqual(t, digest.Of(mailbox(t, 1, 100_000)), digest.Of(mailbox(t, 2, 100_000)))
	assert.Empty(t, mailbox(t, 1, 0))
}

func TestMailbox(t *testing.T) {
	const size = 6_000_000
	data := mailbox(t, 7, size)
	all := pieces(data)
	require.GreaterOrEqual(t, len(data), size)
	require.Less(t, len(data)-len(all[len(all)-1]), size, "at most one message more than asked for")
	average := len(data) / len(all)
	assert.Greater(t, average, 12_000)
	assert.Less(t, average, 16_000)

	seen := map[string]bool{}
	var replies, right int
	for _, piece := range all {
		line, raw, _ := bytes.Cut(piece, []byte("\n"))
		require.True(t, bytes.HasPrefix(line, []byte("From ")), "%q", line)
		raw = bytes.TrimSuffix(raw, []byte("\n"))
		header, body := split(unquote(raw))
		values := map[string]string{}
		for _, f := range header {
			require.NotContains(t, f.Name, " ")
			values[f.Name] = string(f.Raw)
		}
		require.NotEmpty(t, body)
		id := values["Message-ID"]
		require.False(t, seen[id], id)
		seen[id] = true
		if values["In-Reply-To"] != "" {
			replies++
		}
		fits, signed, err := dkim.BodyHashFits(header, bytes.NewReader(body))
		require.NoError(t, err)
		require.True(t, signed)
		require.Equal(t, values["X-Body-Hash"] == "X-Body-Hash: right\n", fits, id)
		if fits {
			right++
		}
	}
	assert.Greater(t, replies*10, len(all)*4)
	assert.Greater(t, right*10, len(all)*4)
	for _, text := range []string{"\n>From ", "charset=iso-8859-1", "=C3=BC", "multipart/alternative", "base64", "(Exim", "qmail", "Microsoft SMTP Server", "SMTP id", "safety", "List-Id:"} {
		if text == "safety" {
			text = "I would not sign that off"
		}
		assert.Contains(t, string(data), text)
	}
}

// unquote takes back mboxrd quoting.
func unquote(raw []byte) []byte {
	var out []byte
	for line := range bytes.Lines(raw) {
		if rest := bytes.TrimLeft(line, ">"); len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From ")) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}

func TestMailboxStopsWhereTheWriterFails(t *testing.T) {
	assert.ErrorIs(t, mailgen.Mailbox(failing{}, 1, 1<<40), io.ErrClosedPipe)
	assert.ErrorIs(t, mailgen.Hostile("nested", failing{}, 100_000), io.ErrClosedPipe)
	assert.ErrorIs(t, mailgen.Large(failing{}, 1<<40), io.ErrClosedPipe)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestHostile(t *testing.T) {
	counts := map[string]struct {
		n    int64
		text string // stands there so many times
		want int
	}{
		"nested":     {1000, "Content-Type: multipart/mixed", 1000},
		"parts":      {1000, "Content-Type: text/plain; name=", 1000},
		"header":     {100_000, "abcdefghijklmnop", 6250},
		"folded":     {76_000, "\n vvvv", 1000},
		"fields":     {1000, "\nX-Field-", 1000},
		"received":   {1000, "Received: from h", 1000},
		"recipients": {1000, "\"Person ", 1000},
		"references": {1000, "\nReferences: ", 1000},
		"escapes":    {44, "\x1b[2J", 6},
		"encodings":  {1, "Content-Transfer-Encoding: base64", 1},
		"messages":   {1000, "Content-Type: message/rfc822", 1000},
		"quotes":     {100, "> Do not open", 99},
		"line":       {4000, "it will burst", 100},
		"html":       {1000, "<div>", 1000},
		"large":      {1_000_003, "Content-Transfer-Encoding: base64", 1},
	}
	require.Len(t, counts, len(mailgen.Kinds()))
	for _, kind := range mailgen.Kinds() {
		var b bytes.Buffer
		c := counts[kind[0]]
		require.NoError(t, mailgen.Hostile(kind[0], &b, c.n))
		assert.Equal(t, c.want, strings.Count(b.String(), c.text), kind[0])
		if kind[0] == "large" {
			assert.EqualValues(t, c.n, b.Len())
		}
	}
	assert.ErrorContains(t, mailgen.Hostile("nonsense", io.Discard, 1), "have encodings, escapes")
}

func BenchmarkMailbox(b *testing.B) {
	b.SetBytes(100_000_000)
	for b.Loop() {
		if err := mailgen.Mailbox(io.Discard, 1, 100_000_000); err != nil {
			b.Fatal(err)
		}
	}
}
