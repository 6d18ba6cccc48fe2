package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
)

// builtFrom builds source in dir and checks what holds for every mail: the ledger adds up, each message's digest is that of the bytes at its place in
// the source, mbox pieces join to the file but for the separators, and verify agrees.
func builtFrom(t testing.TB, dir, source string, args ...string) *dossier.Dossier {
	t.Helper()
	out := filepath.Join(dir, "out")
	r := measured(t, dir, append([]string{"build", "--json", "--format", "json", "-o", out, source}, args...)...)
	require.Contains(t, []int{int(exitDone), int(exitPartial)}, r.code, r.err)
	quiet(t, r)
	assert.Less(t, r.peak, int64(mostMemory))
	f, err := os.Open(filepath.Join(out, "dossier.json"))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	require.NoError(t, err)
	d, err := dossier.Decode(f, info.Size())
	require.NoError(t, err)

	sum := dossier.Ledger{}
	at := map[string]dossier.Source{}
	for _, s := range d.Sources {
		require.Equal(t, s.Found, s.Kept+s.Duplicate+s.Excluded+s.Failed, s.Path)
		sum.Found, sum.Kept, sum.Duplicate = sum.Found+s.Found, sum.Kept+s.Kept, sum.Duplicate+s.Duplicate
		sum.Excluded, sum.Failed = sum.Excluded+s.Excluded, sum.Failed+s.Failed
		at[s.Path] = s
	}
	require.Equal(t, sum, d.Ledger)
	require.Equal(t, d.Ledger.Failed > 0, r.code == int(exitPartial), "exit %d with %+v", r.code, d.Ledger)
	require.Equal(t, d.Ledger.Kept, d.Count)

	open := map[string]*os.File{}
	defer func() {
		for _, f := range open {
			f.Close()
		}
	}()
	section := func(source string, offset, length int64) io.Reader {
		f := open[source]
		if f == nil {
			f, err = os.Open(source)
			require.NoError(t, err)
			if len(open) < 500 {
				open[source] = f
			} else {
				t.Cleanup(func() { f.Close() })
			}
		}
		return io.NewSectionReader(f, offset, length)
	}
	held := map[string]int64{} // bytes that lie in messages, by source
	count := 0
	for m, err := range d.Messages {
		require.NoError(t, err)
		count++
		require.Contains(t, at, m.Origin.Source)
		h := sha256.New()
		n, err := io.Copy(h, section(m.Origin.Source, m.Origin.Offset, m.Origin.Length))
		require.NoError(t, err)
		require.Equal(t, m.Origin.Length, n)
		require.Equal(t, m.Digests.Raw, digest.Sum(h), "%s at %d", m.Origin.Source, m.Origin.Offset)
		file := sha256Hex(read(t, out, m.File))
		require.Equal(t, m.Digests.Message.Hex(), file, m.File)
		held[m.Origin.Source] += m.Origin.Length
		for _, c := range m.Copies {
			if c.Class == evidence.CopyIdentical {
				held[c.Origin.Source] += c.Origin.Length
			}
		}
	}
	require.Equal(t, d.Count, count)
	for path, s := range at {
		if s.Found == s.Kept+s.Duplicate && s.Format != "mbox" && s.Format != "emlx" && s.File != "" {
			assert.LessOrEqual(t, s.Size-held[path], int64(200), "%s: only a From_ line or a byte order mark may stand beside the message", path)
		}
	}
	v := measured(t, dir, "verify", out)
	assert.Zero(t, v.code, "%s%s", troublesOf(v.out), v.err)
	assert.Less(t, v.peak, int64(mostMemory))
	quiet(t, v)
	return d
}

func troublesOf(report string) string {
	var b strings.Builder
	for l := range strings.Lines(report) {
		if !strings.Contains(l, "  verified  ") && b.Len() < 4000 {
			b.WriteString(l)
		}
	}
	return b.String()
}

func TestCorpora(t *testing.T) {
	t.Parallel()
	for _, pack := range []string{"fixtures", "spamassassin", "warnings", "dkim"} {
		t.Run(pack, func(t *testing.T) {
			t.Parallel()
			d := builtFrom(t, tempDir(t), corpora.Dir(t, pack))
			t.Logf("%+v in %d sources, %d with defects", d.Ledger, len(d.Sources), d.Defective)
			assert.Positive(t, d.Count)
		})
	}
}

// The first 10 MB of a list's archive, with all views.
func TestListCorpus(t *testing.T) {
	t.Parallel()
	lists, err := filepath.Glob(filepath.Join(corpora.Dir(t, "lists"), "*.mbox"))
	require.NoError(t, err)
	require.NotEmpty(t, lists)
	f, err := os.Open(lists[0])
	require.NoError(t, err)
	defer f.Close()
	first := make([]byte, 10<<20)
	_, err = io.ReadFull(f, first)
	require.NoError(t, err)
	end := strings.LastIndex(string(first), "\nFrom ") + 1
	dir := tempDir(t)
	put(t, dir, "list.mbox", string(first[:end]))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "views"), 0o777))
	d := builtFrom(t, dir, filepath.Join(dir, "list.mbox"))
	assert.Zero(t, d.Ledger.Failed+d.Ledger.Excluded)
	assert.GreaterOrEqual(t, d.Ledger.Found, 900)
	succeed(t, dir, "build", "-o", "views/out", "list.mbox")
	v := succeed(t, dir, "verify", "views/out")
	assert.Contains(t, v.out, "dossier.pdf: written again")
	inert(t, filepath.Join(dir, "views", "out", "dossier.html"), ownTags(t))
}

// The same 352 messages in every form: which ones come out byte for byte, by the digests of those who made the forms.
func TestMailboxForms(t *testing.T) {
	t.Parallel()
	pack := corpora.Dir(t, "mbox-variants")
	type digests struct {
		SHA256     string `json:"sha256"`
		SHA256NL   string `json:"sha256_nl"`
		SHA256CRLF string `json:"sha256_crlf"`
	}
	var expected []digests
	f, err := os.Open(filepath.Join(pack, "expected.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e digests
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
		expected = append(expected, e)
	}
	require.NoError(t, lines.Err())
	require.Len(t, expected, 352)
	// The fields that some writers put into the message itself.
	length, gmail, mozilla := regexp.MustCompile(`(?m)^Content-Length: \d+\r?\n`), regexp.MustCompile(`(?m)^X-GM-THRID: .*\nX-Gmail-Labels: .*\n`),
		regexp.MustCompile(`(?m)^X-Mozilla-Status: .*\nX-Mozilla-Status2: .*\nX-Mozilla-Keys: .*\n`)
	for _, c := range []struct {
		form  string
		added *regexp.Regexp
		kept  int
		exact int // at least; what a form has lost is lost: mboxo and mboxcl do not tell the author's own ">From ", without blank lines the last empty lines are gone
	}{
		{"mboxrd.mbox", nil, 352, 352}, {"mboxrd-bom.mbox", nil, 352, 352}, {"mboxrd-crlf.mbox", nil, 352, 352}, {"mboxrd-leading-blank.mbox", nil, 352, 352}, {"mboxrd-truncated.mbox", nil, 317, 316},
		{"mboxo.mbox", nil, 352, 343}, {"mboxcl.mbox", length, 352, 343}, {"mboxcl2.mbox", length, 352, 352}, {"mmdf.mmdf", nil, 352, 352}, {"no-blank-line.mbox", nil, 352, 175},
		{"takeout-like.mbox", gmail, 352, 352}, {"thunderbird-like.mbox", mozilla, 352, 343}, {"unquoted-broken.mbox", nil, 352, 352}, {"Maildir", nil, 352, 352}, {"eml-lf", nil, 352, 352}, {"eml-crlf", nil, 352, 352},
	} {
		t.Run(c.form, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			d := builtFrom(t, dir, filepath.Join(pack, c.form))
			got := map[string]bool{}
			for m, err := range d.Messages {
				require.NoError(t, err)
				text := read(t, dir, "out", m.File)
				if c.added != nil {
					if at := c.added.FindStringIndex(text); at != nil {
						text = text[:at[0]] + text[at[1]:]
					}
				}
				got[sha256Hex(text)], got[sha256Hex(strings.TrimSuffix(text, "\r\n"))] = true, true
			}
			exact := 0
			for _, e := range expected {
				if got[e.SHA256] || got[e.SHA256NL] || got[e.SHA256CRLF] {
					exact++
				}
			}
			t.Logf("%d of 352 exact; %+v", exact, d.Ledger)
			assert.GreaterOrEqual(t, exact, c.exact)
			assert.Equal(t, c.kept, d.Ledger.Kept)
		})
	}
}
