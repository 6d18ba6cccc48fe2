package mailgen_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dkim"
	"onrecord/pkg/mailgen"
)

var update = flag.Bool("update", false, "write testdata/story and testdata/variants again")

const storyDir = "../../testdata/story"

// sameFiles compares the generated files with those below dir, or writes them. In the folders named in owned nothing else may lie.
func sameFiles(t *testing.T, dir string, files []mailgen.File, owned ...string) {
	t.Helper()
	want := map[string]bool{}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		want[name] = true
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
			require.NoError(t, os.WriteFile(name, f.Data, 0o644))
		}
	}
	for _, folder := range owned {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		require.NoError(t, err)
		for _, e := range entries {
			name := filepath.Join(dir, folder, e.Name())
			if want[name] || e.IsDir() {
				continue
			}
			if *update {
				require.NoError(t, os.Remove(name))
				continue
			}
			assert.Fail(t, "not made by the generator", name)
		}
	}
	for _, f := range files {
		have, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		require.NoError(t, err, "run: go test ./pkg/mailgen -update")
		assert.True(t, bytes.Equal(f.Data, have), "%s differs from what the generator makes; run: go test ./pkg/mailgen -update", f.Path)
	}
}

func TestStory(t *testing.T) {
	files, err := mailgen.Story(os.DirFS(storyDir))
	require.NoError(t, err)
	sameFiles(t, storyDir, files, "eml", "maildir/cur", "maildir/new")

	again, err := mailgen.Story(os.DirFS(storyDir))
	require.NoError(t, err)
	assert.Equal(t, files, again)
}

// split cuts a message into fields and body.
func split(raw []byte) (header []dkim.Field, body []byte) {
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n') + 1
		if end == 0 {
			end = len(raw)
		}
		line := raw[:end]
		raw = raw[end:]
		if len(bytes.Trim(line, "\r\n")) == 0 {
			return header, raw
		}
		if n := len(header); n > 0 && (line[0] == ' ' || line[0] == '\t') {
			header[n-1].Raw = append(header[n-1].Raw[:len(header[n-1].Raw):len(header[n-1].Raw)], line...)
			continue
		}
		name, _, _ := bytes.Cut(line, []byte(":"))
		header = append(header, dkim.Field{Name: string(name), Raw: line})
	}
	return header, nil
}

func signatures(t *testing.T, raw []byte, keys *dkim.Keys) []dkim.Signature {
	t.Helper()
	header, body := split(raw)
	var from []string
	for _, f := range header {
		if strings.EqualFold(f.Name, "From") {
			if a, err := mail.ParseAddress(strings.TrimSpace(string(f.Raw[len("From:"):]))); err == nil {
				from = append(from, a.Address)
			}
		}
	}
	out, err := dkim.Verify(context.Background(), header, func() (io.Reader, error) { return bytes.NewReader(body), nil }, from, dkim.Options{Lookup: keys.Lookup, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return out
}

// fact is what a signature shows, as "domain/selector body_hash signature policies"; of the fields that it leaves out only To is named.
func fact(s dkim.Signature) string {
	words := []string{s.Domain + "/" + s.Selector, string(s.BodyHash), string(s.Signature)}
	for _, p := range s.Policy {
		if p == "to-unsigned" || !strings.HasSuffix(p, "-unsigned") {
			words = append(words, p)
		}
	}
	return strings.Join(words, " ")
}

func storyKeys(t *testing.T) *dkim.Keys {
	t.Helper()
	zone, err := os.Open(filepath.Join(storyDir, "dkim-keys.zone"))
	require.NoError(t, err)
	defer zone.Close()
	keys, err := dkim.ReadKeys(zone, dkim.OriginFile)
	require.NoError(t, err)
	require.Empty(t, keys.Skipped())
	return keys
}

func TestStorySignatures(t *testing.T) {
	keys := storyKeys(t)
	for _, tt := range []struct {
		file string
		want []string
	}{
		{"01-request", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"02-warning", []string{"tidewell.example/tw2025 match valid", "tidewell.example/tw2025e match valid"}},
		{"03-bounce", nil},
		{"04-auto-reply", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"05-read-receipt", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"06-order", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"07-second-warning", []string{"ardennit.example/mail match valid"}},
		{"08-confirmation", []string{"tidewell.example/tw2025 match valid"}},
		{"09-third-warning", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"10-october-run", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"11-status", []string{"tidewell.example/tw2025 mismatch valid"}},
		{"12-alarm", []string{"ardennit.example/mail2026 match unchecked"}},
		{"13-incident-report", []string{"tidewell.example/tw2025 match valid"}},
		{"14-notification", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"15-denial", []string{"sauerwerke.example/selector1 match valid to-unsigned"}},
		{"16-preserve", []string{"weydert.example/google match valid expired"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(storyDir, "eml", tt.file+".eml"))
			require.NoError(t, err)
			var have []string
			for _, s := range signatures(t, raw, keys) {
				have = append(have, fact(s))
			}
			assert.Equal(t, tt.want, have)
		})
	}
}

const variantsDir = "../../testdata/variants"

func TestVariants(t *testing.T) {
	files, err := mailgen.Variants(os.DirFS(storyDir))
	require.NoError(t, err)
	sameFiles(t, variantsDir, files, "")

	var all int
	for _, f := range files {
		all += len(f.Data)
	}
	assert.Less(t, all, 300_000, "the variants are to stay small")
}

func TestVariantSignatures(t *testing.T) {
	keys := storyKeys(t)
	for name, want := range map[string]string{
		"auth-1-key-gone":        "ardennit.example/mail2026 match unchecked",
		"auth-3-changed-by-list": "tidewell.example/tw2025 mismatch invalid",
		"auth-4-forged":          "tidewell.example/tw2025 mismatch invalid",
		"signed-good":            "tidewell.example/tw2025 match valid",
		"signed-expired":         "tidewell.example/tw2025 match valid expired",
		"signed-sha1":            "tidewell.example/tw2025 match valid sha1",
		"signed-partial":         "tidewell.example/tw2025 partial valid partial-body",
		"signed-unaligned":       "weydert.example/google match valid unaligned",
		"signed-changed-body":    "tidewell.example/tw2025 mismatch valid",
		"signed-changed-subject": "tidewell.example/tw2025 match invalid",
	} {
		raw, err := os.ReadFile(filepath.Join(variantsDir, name+".eml"))
		require.NoError(t, err)
		have := signatures(t, raw, keys)
		require.Len(t, have, 1, name)
		assert.Equal(t, want, fact(have[0]), name)
	}
}

// In the confirmation a line that begins with ">From " tells mboxrd from mboxo, and the body hash decides.
func TestStoryQuoting(t *testing.T) {
	mbox, err := os.ReadFile(filepath.Join(storyDir, "thread.mbox"))
	require.NoError(t, err)
	all := pieces(mbox)
	require.Len(t, all, 16)
	for i, piece := range all {
		_, raw, _ := bytes.Cut(piece, []byte("\n"))
		raw = bytes.TrimSuffix(raw, []byte("\n"))
		names, err := filepath.Glob(filepath.Join(storyDir, "eml", "*.eml"))
		require.NoError(t, err)
		eml, err := os.ReadFile(names[i])
		require.NoError(t, err)
		assert.Equal(t, string(eml), string(mailgen.CRLF(unquote(raw))), names[i])
	}

	_, raw, _ := bytes.Cut(all[7], []byte("\n"))
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	require.Contains(t, string(raw), "\n>>From the hour")
	require.Contains(t, string(raw), "\n>From this morning")
	readings := map[string]bool{}
	for name, text := range map[string][]byte{"raw": raw, "mboxrd": unquote(raw), "mboxo": bytes.ReplaceAll(raw, []byte("\n>From "), []byte("\nFrom "))} {
		header, body := split(text)
		readings[name], _, err = dkim.BodyHashFits(header, bytes.NewReader(body))
		require.NoError(t, err)
	}
	assert.Equal(t, map[string]bool{"raw": false, "mboxrd": true, "mboxo": false}, readings)
}
