package trace_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/trace"
)

var (
	anyComment = regexp.MustCompile(`\([^()]*\)`)
	fromWord   = regexp.MustCompile(`(?i)(^|\s)from\s+\S`)
	byWord     = regexp.MustCompile(`(?i)(^|\s)by\s+\S`)
)

// plain takes the comments out of a body.
func plain(body []byte) []byte {
	for {
		shorter := anyComment.ReplaceAll(body, []byte(" "))
		if len(shorter) == len(body) && bytes.Equal(shorter, body) || len(shorter) == 0 {
			return shorter
		}
		body = shorter
	}
}

// Of all Received fields of the corpora at least 99.5 % must give a time, and a by (a name or an address) where the text has a by clause at all; and at least 98 % of those
// with a from clause must give it. qmail-queue's own lines, "(qmail 1 invoked by uid 2)", name no host: they are counted apart, and give by.text and by.software.
func TestCorporaRates(t *testing.T) {
	var all, withTime, byClause, by, anyBy, both, fromClause, from int
	for _, pack := range []string{"lists", "spamassassin", "dkim", "fixtures", "warnings", "mbox-variants"} {
		walk(t, corpora.Dir(t, pack), func(body []byte) {
			r := trace.ParseReceived(body)
			rest := plain(body)
			hasBy := r.By.Name != "" || r.By.IP.IsValid()
			all++
			count(&withTime, r.Time != nil)
			count(&anyBy, hasBy || r.By.Text != "")
			if byWord.Match(rest) {
				byClause++
				count(&by, hasBy)
				count(&both, hasBy && r.Time != nil)
			}
			if fromWord.Match(rest) {
				fromClause++
				count(&from, r.From.Name != "" || r.From.IP.IsValid())
			}
		})
	}
	rate := func(part, whole int) float64 { return 100 * float64(part) / float64(whole) }
	t.Logf("%d Received fields: %.2f %% give a time, %.2f %% a by object", all, rate(withTime, all), rate(anyBy, all))
	t.Logf("%d have a by clause: %.2f %% give its name or address, %.2f %% that and a time", byClause, rate(by, byClause), rate(both, byClause))
	t.Logf("%d have a from clause: %.2f %% give its name or address", fromClause, rate(from, fromClause))
	require.Greater(t, all, 10000)
	assert.GreaterOrEqual(t, rate(withTime, all), 99.5)
	assert.GreaterOrEqual(t, rate(anyBy, all), 99.5)
	assert.GreaterOrEqual(t, rate(both, byClause), 99.5)
	assert.GreaterOrEqual(t, rate(from, fromClause), 98.0)
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// walk gives the body of every Received field below dir, split as simply as a test may: a line that begins with "From " begins a message.
func walk(t *testing.T, dir string, yield func(body []byte)) {
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
			if name, body, ok := bytes.Cut(field, []byte(":")); ok && strings.EqualFold(string(name), "received") {
				yield(bytes.TrimSuffix(body, []byte("\n")))
			}
			field = append([]byte(nil), line...)
			header = line[0] != '\n'
		}
		return nil
	}))
}

// Any body is read without a panic, is kept, and its JSON form survives; delays of any chain are counted.
func FuzzParseReceived(f *testing.F) {
	for _, s := range []string{
		" from a.example (b.example [192.0.2.1]) (using TLSv1.3 with cipher X (1/2 bits)) by c.example (Postfix) with ESMTP id 1 for <d@c.example>; Wed, 15 Jul 2026 08:09:10 +0200",
		" (qmail 1 messnum 2 invoked from network[192.0.2.1/x]); 15 Jul 2026 08:09:10 -0000", "by [::1%1]:25 (([[ ;; (\\", "from \"<(\" by <> from <x> tls a b id: <;>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := trace.ParseReceived(body)
		if r.RawBase64 == "" {
			assert.Equal(t, string(body), r.Raw)
		}
		assert.NotNil(t, r.Notes)
		trace.Delays([]trace.Received{r, trace.ParseReceived([]byte("by a.example; 15 Jul 2026 08:09:10 -0000")), r})
		trace.ParseReturnPath(body)
		b, err := json.Marshal(r)
		require.NoError(t, err)
		var back trace.Received
		require.NoError(t, json.Unmarshal(b, &back))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(b), string(again))
	})
}

func BenchmarkParseReceived(b *testing.B) {
	for name, body := range map[string]string{
		"short": " by 2002:a05:6402:1f89:: with SMTP id c9csp1234567;\r\n        Wed, 15 Jul 2026 08:09:10 -0700 (PDT)",
		"long":  " from helo.example (rev.example [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n\t(No client certificate requested)\r\n\tby mx.b.example (Postfix) with ESMTPS id 4ABC\r\n\tfor <x@b.example>; Wed, 15 Jul 2026 08:09:10 +0200 (CEST)",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				trace.ParseReceived([]byte(body))
			}
		})
	}
}
