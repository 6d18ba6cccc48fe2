package dkim

import (
	"bytes"
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCanonicalBody(t *testing.T) {
	for _, c := range []struct {
		name, in                string
		simple, relaxed, nofwsd string
	}{
		{"empty", "", "\r\n", "", ""},
		{"blank lines alone", "\r\n\n\r\n", "\r\n", "", ""},
		{"blanks alone", " \t\r\n  \r\n", " \t\r\n  \r\n", "", ""},
		{"RFC 6376 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n", "C\r\nDE\r\n"},
		{"no ending", "a", "a\r\n", "a\r\n", "a\r\n"},
		{"LF", "a\n\nb\n\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
		{"mixed", "a\r\nb\nc", "a\r\nb\r\nc\r\n", "a\r\nb\r\nc\r\n", "a\r\nb\r\nc\r\n"},
		{"bare CR is content", "a\rb \r\nc\r", "a\rb \r\nc\r\r\n", "a\rb\r\nc\r\r\n", "ab\r\nc\r\n"},
		{"blank before bare CR", "a \rb", "a \rb\r\n", "a \rb\r\n", "ab\r\n"},
		{"blank and CR at the end", "a \r", "a \r\r\n", "a \r\r\n", "a\r\n"},
		{"tabs", "\ta\t\tb\t\r\n", "\ta\t\tb\t\r\n", " a b\r\n", "ab\r\n"},
		{"blank last line without ending", "a\r\n \t", "a\r\n \t\r\n", "a\r\n", "a\r\n"},
		{"doubled CR", "a\r\r\nb\r\n", "a\r\r\nb\r\n", "a\r\r\nb\r\n", "a\r\nb\r\n"},
	} {
		assert.Equal(t, c.simple, string(canonicalBody(simple, false, []byte(c.in))), "simple: %s", c.name)
		assert.Equal(t, c.relaxed, string(canonicalBody(relaxed, false, []byte(c.in))), "relaxed: %s", c.name)
		assert.Equal(t, c.nofwsd, string(canonicalBody(nofws, false, []byte(c.in))), "nofws: %s", c.name)
	}
	assert.Equal(t, "a\r\n\r\nb\r\n", string(canonicalBody(simple, true, []byte("a\r\rb\r\r"))))
	assert.Equal(t, " a\r\nb\r\n", string(canonicalBody(relaxed, true, []byte("  a \rb\t\r"))))
}

var (
	blanksAtEnd = regexp.MustCompile(`[ \t]+\r\n`)
	blanks      = regexp.MustCompile(`[ \t]+`)
)

// naive is the text of RFC 6376 §3.4.3 and §3.4.4, done with whole strings.
func naive(form canon, body string) string {
	body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\n", "\r\n")
	if body != "" && !strings.HasSuffix(body, "\r\n") {
		body += "\r\n"
	}
	if form == relaxed {
		body = blanksAtEnd.ReplaceAllString(body, "\r\n")
		body = blanks.ReplaceAllString(body, " ")
	}
	for strings.HasSuffix(body, "\r\n\r\n") {
		body = strings.TrimSuffix(body, "\r\n")
	}
	if body == "\r\n" {
		body = ""
	}
	if form == simple && body == "" {
		body = "\r\n"
	}
	return body
}

// FuzzCanonicalBody: the streamed forms are those of the RFC's text, however the body is cut into reads.
func FuzzCanonicalBody(f *testing.F) {
	for _, s := range []string{"", "a \r\n\r\n", "x  y\t z\r\n \r\n\r\n", "\r\r\n", "long enough for whole words, with  two blanks \t \r\n.\r\n", "a \r", " \r x"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, body []byte, cut int) {
		for _, form := range []canon{simple, relaxed} {
			want := naive(form, string(body))
			require.Equal(t, want, string(canonicalBody(form, false, body)), "%s", form)
			k := &keep{}
			w := newBodyWriter(form, false)
			w.sinks = []*sink{{hash: k, limit: -1}}
			for rest, n := body, max(cut&63, 1); len(rest) > 0; rest = rest[min(n, len(rest)):] {
				w.write(rest[:min(n, len(rest))])
			}
			w.close()
			require.Equal(t, want, string(k.text), "%s in pieces of %d", form, cut&63)
		}
	})
}

func TestLargeBlocks(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		b.WriteString(strings.Repeat("x y  z\t", i%40))
		b.WriteString(strings.Repeat("\r\n", 1+i%3))
	}
	b.WriteString(strings.Repeat("w", 3*blockSize) + strings.Repeat("\r\n", 2*blockSize))
	for _, form := range []canon{simple, relaxed} {
		want := sha256.Sum256([]byte(naive(form, b.String())))
		s := &sink{hash: sha256.New(), limit: -1}
		w := newBodyWriter(form, false)
		w.sinks = []*sink{s}
		require.NoError(t, bodyWriters{w}.pass(iotest.HalfReader(strings.NewReader(b.String()))))
		assert.Equal(t, want[:], s.hash.Sum(nil), form)
	}
}

func TestBodyReadError(t *testing.T) {
	err := bodyWriters{newBodyWriter(simple, false)}.pass(iotest.ErrReader(assert.AnError))
	assert.ErrorIs(t, err, assert.AnError)
}

func benchmarkBody(b *testing.B, form canon, line string) {
	body := bytes.Repeat([]byte(line), 1<<20/len(line))
	b.SetBytes(int64(len(body)))
	s := &sink{hash: nothing{}, limit: -1}
	for b.Loop() {
		w := newBodyWriter(form, false)
		w.sinks = []*sink{s}
		w.write(body)
		w.close()
	}
}

// nothing is a hash that costs nothing: it leaves the canonicalization to be measured.
type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }
func (nothing) Sum(b []byte) []byte         { return b }
func (nothing) Reset()                      {}
func (nothing) Size() int                   { return 0 }
func (nothing) BlockSize() int              { return 1 }

const proseLine = "The quick brown fox jumps over the lazy dog, and so on until the line ends."

func BenchmarkSimpleCRLF(b *testing.B)  { benchmarkBody(b, simple, proseLine+"\r\n") }
func BenchmarkSimpleLF(b *testing.B)    { benchmarkBody(b, simple, proseLine+"\n") }
func BenchmarkRelaxedCRLF(b *testing.B) { benchmarkBody(b, relaxed, proseLine+"\r\n") }
func BenchmarkRelaxedLF(b *testing.B)   { benchmarkBody(b, relaxed, proseLine+"\n") }
func BenchmarkRelaxedCode(b *testing.B) { benchmarkBody(b, relaxed, "+\t\tif (x  == y) \r\n") }
func BenchmarkRelaxedBase64(b *testing.B) {
	benchmarkBody(b, relaxed, strings.Repeat("QUJD", 19)+"\r\n")
}
