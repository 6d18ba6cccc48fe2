package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mailgen"
)

// hostileMail is what the whole program must survive: kind of package mailgen → how much of it.
var hostileMail = []struct {
	kind string
	n    int64
}{
	{"nested", 100_000}, {"parts", 100_000}, {"header", 20 << 20}, {"folded", 20 << 20}, {"fields", 1_000_000}, {"received", 20_000}, {"recipients", 20_000}, {"references", 2_000},
	{"escapes", 1_000}, {"encodings", 24 /* each level makes it a third larger */}, {"messages", 2_000}, {"quotes", 2_000}, {"line", 10 << 20}, {"html", 200_000}, {"large", 40 << 20},
}

// mostMemory is what a run may take, in bytes.
const mostMemory = 400 << 20

func TestHostileMail(t *testing.T) {
	t.Parallel()
	own := ownTags(t)
	for _, c := range hostileMail {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			f, err := os.Create(filepath.Join(dir, "hostile.eml"))
			require.NoError(t, err)
			require.NoError(t, mailgen.Hostile(c.kind, f, c.n))
			require.NoError(t, f.Close())
			name := "hostile.eml"
			if c.kind == "references" {
				name = "hostile.mbox"
				require.NoError(t, os.Rename(f.Name(), filepath.Join(dir, name)))
			}
			r := measured(t, dir, "build", "-o", "out", name)
			assert.Zero(t, r.code, r.err)
			quiet(t, r)
			assert.Less(t, r.peak, int64(mostMemory), "build")
			t.Logf("build: %d MB", r.peak>>20)
			_, total := ledgerOf(t, filepath.Join(dir, "out"))
			assert.Zero(t, total.Failed)
			assert.Positive(t, total.Kept)
			inert(t, filepath.Join(dir, "out", "dossier.html"), own)
			v := measured(t, dir, "verify", "out")
			assert.Zero(t, v.code, "%s%s", v.out, v.err)
			quiet(t, v)
			assert.Less(t, v.peak, int64(mostMemory), "verify")
			t.Logf("verify: %d MB", v.peak>>20)
			for _, args := range [][]string{{"inspect", name}, {"inspect", "--json", name}, {"keys", "--dns", "off", name}} {
				i := measured(t, dir, args...)
				assert.Zero(t, i.code, i.err)
				quiet(t, i)
				assert.Less(t, i.peak, int64(mostMemory), "%q", args)
			}
			assert.Equal(t, []string{name, "out/"}, topLevel(t, dir), "nothing is written elsewhere")
		})
	}
}

// c1 is a raw control character of ISO 8859-1 or of Unicode, or one that turns the direction of writing.
var c1 = regexp.MustCompile("[\u0080-\u009f\u202a-\u202e\u2066-\u2069]")

// quiet wants nothing in what a run prints that acts on a terminal.
func quiet(t testing.TB, r result) {
	t.Helper()
	for what, text := range map[string]string{"stdout": r.out, "stderr": r.err} {
		json := strings.HasPrefix(text, "{") // for programs: beyond US-ASCII its strings hold what the mail holds
		for _, raw := range []string{"\x1b", "\a", "\b", "\x00", "\r", "\x7f"} {
			assert.False(t, strings.Contains(text, raw) && !(json && raw == "\x7f"), "%s holds %q", what, raw)
		}
		assert.False(t, !json && c1.MatchString(text), "%s holds a control character", what)
		assert.True(t, utf8.ValidString(text), "%s is UTF-8", what)
	}
}

// acting is a tag that acts, loads or leads elsewhere. In text, < is always escaped: what looks like a tag is one.
var acting = regexp.MustCompile(`(?is)<(?:script|img|iframe|frame|object|embed|form|input|button|link|base|style|meta|textarea|animate|set|foreignobject)\b[^>]*>|<[^>]*\s(?:on[a-z]+|src|srcset|action|style|xlink:href)\s*=[^>]*>|<[^>]*\shref="[^#][^>]*>`)

// ownTags gives the acting tags that every page has: those of one of harmless mail.
func ownTags(t testing.TB) map[string]int {
	t.Helper()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchWarning)
	succeed(t, dir, "build", "--format", "html", "-o", "out", "a.eml")
	own := map[string]int{}
	for _, tag := range acting.FindAllString(read(t, dir, "out", "dossier.html"), -1) {
		own[tag]++
	}
	require.NotEmpty(t, own)
	return own
}

// inert wants nothing on a page that acts or loads but what every page has.
func inert(t testing.TB, page string, own map[string]int) {
	t.Helper()
	html := read(t, page)
	seen := map[string]int{}
	for _, tag := range acting.FindAllString(html, -1) {
		if seen[tag]++; seen[tag] > own[tag] && !assert.Fail(t, "the page holds a tag that no other page has", "%.300s", tag) {
			return
		}
	}
	assert.Contains(t, html, "default-src &#39;none&#39;")
	assert.False(t, strings.ContainsAny(html, "\x1b\x00\a\b"), "the page holds control characters")
}

// Names of attachments lead nowhere, and what is in every field is shown as text.
func TestHostileFieldsAndNames(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	evil := "\x1b]0;owned\x07\x1b[2J<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x9b31m"
	var b bytes.Buffer
	for _, field := range []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Received", "Return-Path", "Delivered-To", "Authentication-Results", "DKIM-Signature", "List-Id", "X-" + evil} {
		b.WriteString(field + ": " + evil + " <a@evil.example>; x=" + evil + "\n")
	}
	b.WriteString("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n" + evil + "<b>If you remove the guard, somebody will die.</b>\n")
	for _, name := range []string{"../../x", "/etc/passwd", `..\..\x`, "data/messages/0001.eml", "dossier.json", "~/x", "CON", "x\x00.txt", evil, strings.Repeat("../", 100) + "x"} {
		b.WriteString("--b\nContent-Type: application/octet-stream; name=\"" + name + "\"\nContent-Disposition: attachment; filename=\"" + name + "\"\n\npayload\n")
	}
	b.WriteString("--b--\n")
	put(t, dir, "a/evil.eml", b.String(), "a/evil.mbox", "From "+evil+" Mon Mar  2 09:00:00 2026\n"+b.String(), "case.yaml", "matter:\n  title: \"</title><script>alert(1)</script>\\e[2J\"\n  reference: \"$(touch x)\"\n")
	before := files(t, dir)
	for _, args := range [][]string{{"build", "--case", "case.yaml", "-o", "a/b/out", "a"}, {"inspect", "a/evil.eml", "a/evil.mbox"}, {"inspect", "--json", "a"}} {
		if args[0] == "build" {
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o777))
		}
		r := onrecord(t, dir, args...)
		assert.Zero(t, r.code, r.err)
		quiet(t, r)
	}
	v := onrecord(t, dir, "verify", "a/b/out")
	assert.Zero(t, v.code, v.out)
	quiet(t, v)
	out := filepath.Join(dir, "a", "b", "out")
	inert(t, filepath.Join(out, "dossier.html"), ownTags(t))
	assert.NotContains(t, read(t, out, "bag-info.txt"), "\x1b")
	assert.NotContains(t, read(t, out, "README.txt"), "\x1b")
	assert.NotContains(t, read(t, out, "dossier.json"), "\x1b")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "a", "b")))
	assert.Equal(t, before, files(t, dir), "nothing was written outside of the dossier")
}

// files gives path and content of all files below dir.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range listing(t, dir) {
		if !strings.HasSuffix(name, "/") {
			all[name] = read(t, dir, name)
		}
	}
	return all
}

// One line of 10 MB and NULs, in a field and in the body; in an mbox between good messages.
func TestHostileBytes(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	long := strings.Repeat("x", 10<<20)
	nul := "Subject: a\x00b\nFrom: \x00@nul.example\nMessage-ID: <nul@nul.example>\n\n\x00\x00\x00\n" + strings.Repeat("\x00", 1<<20) + "\n"
	put(t, dir, "all.mbox", mailbox(winchReply, "Subject: long\nFrom: a@long.example\n\n"+long+"\n", nul, winchDenial))
	r := measured(t, dir, "build", "-o", "out", "all.mbox")
	assert.Zero(t, r.code, r.err)
	assert.Less(t, r.peak, int64(mostMemory))
	_, total := ledgerOf(t, filepath.Join(dir, "out"))
	assert.Equal(t, 4, total.Kept)
	inert(t, filepath.Join(dir, "out", "dossier.html"), ownTags(t))
	v := measured(t, dir, "verify", "out")
	assert.Zero(t, v.code, v.out+v.err)
	assert.Less(t, v.peak, int64(mostMemory))
	quiet(t, onrecord(t, dir, "inspect", "all.mbox"))
}
