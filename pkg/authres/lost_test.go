package authres_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/authres"
	"onrecord/pkg/corpora"
)

// lost returns the first run of letters and digits of raw that stands in none of the parts, without regard to case.
func lost(raw string, parts []string) string {
	all := strings.ToLower(strings.Join(parts, "\x00"))
	for _, run := range strings.FieldsFunc(strings.ToLower(raw), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !strings.Contains(all, run) {
			return run
		}
	}
	return ""
}

func partsOf(f authres.Field) []string {
	parts := append([]string{f.AuthServID, f.Version}, f.Notes...)
	if f.Instance > 0 {
		parts = append(parts, "i", f.Raw[:min(len(f.Raw), 40)])
	}
	for _, r := range f.Results {
		parts = append(parts, r.Method, r.Version, r.Value, r.Comment, r.Reason)
		if r.Reason != "" {
			parts = append(parts, "reason")
		}
		for _, p := range r.Properties {
			parts = append(parts, p.Type, p.Name, p.Value)
		}
	}
	return parts
}

func partsOfSPF(s authres.SPF) []string {
	parts := append([]string{s.Value, s.Comment}, s.Notes...)
	for _, p := range s.Properties {
		parts = append(parts, p.Name, p.Value)
	}
	return parts
}

// Nothing that the field says is lost: every word of it stands in the results or in the notes. The JSON form survives its own reading.
func FuzzParse(f *testing.F) {
	for _, s := range []string{" example.com; dkim=pass reason=\"a; b\" (c (d) e) header.i=@x", "i=1; mx 1; spf=pass smtp.mailfrom=<>; arc=none", "spf=pass (x) action=none; y; dkim / 1 = fail policy . a = b", "a=(;\"\\", "none", "mx; none; from=b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		field := authres.Parse(body)
		if len(body) < 4000 { // within the limits
			assert.Empty(t, lost(field.Raw, partsOf(field)), "%q", body)
		}
		b, err := json.Marshal(field)
		require.NoError(t, err)
		var back authres.Field
		require.NoError(t, json.Unmarshal(b, &back))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(b), string(again))
	})
}

// As FuzzParse, for Received-SPF.
func FuzzParseReceivedSPF(f *testing.F) {
	f.Add([]byte(" pass (a: b) client-ip=192.0.2.1; envelope-from=\"x@y\"; z"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := authres.ParseReceivedSPF(body)
		if len(body) < 4000 {
			assert.Empty(t, lost(s.Raw, partsOfSPF(s)), "%q", body)
		}
		_, err := json.Marshal(s)
		require.NoError(t, err)
	})
}

// The sets are in order of i=, each once, within 1 to 50.
func FuzzParseARC(f *testing.F) {
	f.Add([]byte("i=1; mx; spf=pass"), []byte("i=1; a=b"), []byte("i=2; cv=none; t=1"))
	f.Fuzz(func(t *testing.T, aar, ams, as []byte) {
		sets, _ := authres.ParseARC([][]byte{aar, aar}, [][]byte{ams}, [][]byte{as, ams})
		last := 0
		for _, s := range sets {
			assert.Greater(t, s.Instance, last)
			last = s.Instance
		}
		assert.LessOrEqual(t, last, 50)
		_, err := json.Marshal(sets)
		require.NoError(t, err)
	})
}

func TestCorporaLoseNothing(t *testing.T) {
	fields, noResult := 0, 0
	for _, pack := range []string{"lists", "dkim", "fixtures", "warnings"} {
		walk(t, corpora.Dir(t, pack), func(name string, body []byte) {
			switch {
			case name == "received-spf":
				s := authres.ParseReceivedSPF(body)
				assert.Empty(t, lost(s.Raw, partsOfSPF(s)), "%q", body)
				fields++
			case strings.HasSuffix(name, "authentication-results") || name == "authentication-results-original":
				f := authres.Parse(body)
				assert.Empty(t, lost(f.Raw, partsOf(f)), "%q", body)
				fields++
				if len(f.Results) == 0 {
					noResult++
				}
			case name == "arc-seal" || name == "arc-message-signature":
				_, err := authres.ParseTagList(body)
				assert.NoError(t, err, "%q", body)
				fields++
			}
		})
	}
	t.Logf("%d fields, %d of them without a result", fields, noResult)
	assert.Greater(t, fields, 1000)
	assert.LessOrEqual(t, noResult, 1)
}

// walk gives every header field of every message below dir, split as simply as a test may: a line that begins with "From " begins a message.
func walk(t *testing.T, dir string, yield func(name string, body []byte)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		header := true
		var field []byte
		for line := range bytes.Lines(b) {
			switch {
			case bytes.HasPrefix(line, []byte("From ")):
				header, field = true, nil
				continue
			case !header:
				continue
			case line[0] == ' ' || line[0] == '\t':
				field = append(field, line...)
				continue
			}
			if name, body, ok := bytes.Cut(field, []byte(":")); ok {
				yield(string(bytes.ToLower(name)), bytes.TrimSuffix(body, []byte("\n")))
			}
			field = append([]byte(nil), line...)
			header = line[0] != '\n'
		}
		return nil
	}))
}
