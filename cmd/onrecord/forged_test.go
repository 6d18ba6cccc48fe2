package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/testpki"
	"onrecord/pkg/verify"
)

// A date is changed in dossier.json, all views are written from it with the program itself, and all manifests and the record are made anew: the bytes in data/ say otherwise, and so do
// the signature and the stamp.
func TestConsistentForgery(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json,html,pdf")
	for name, change := range map[string]func(j map[string]any){
		"when a warning was sent": func(j map[string]any) {
			j["messages"].([]any)[0].(map[string]any)["date"].(map[string]any)["time"] = "2026-03-04T09:33:20+01:00"
		},
		"when it was delivered": func(j map[string]any) {
			j["messages"].([]any)[0].(map[string]any)["recorded"].(map[string]any)["time"] = "2026-03-04T09:33:25+01:00"
		},
		"since when somebody knew": func(j map[string]any) {
			for _, n := range j["notices"].([]any) {
				n.(map[string]any)["first_at"] = "2026-03-06T12:00:00+01:00"
			}
		},
		"when it was made": func(j map[string]any) { j["generated_at"] = "2024-03-09T08:00:00Z" },
	} {
		d := copied(t, filepath.Join(dir, "d"), dir, "c")
		var j map[string]any
		require.NoError(t, json.Unmarshal([]byte(read(t, d, "dossier.json")), &j))
		change(j)
		b, err := json.MarshalIndent(j, "", "  ")
		require.NoError(t, err)
		put(t, d, "dossier.json", string(b)+"\n")
		succeed(t, dir, "render", "c", "-o", "views")
		for _, view := range []string{"dossier.html", "dossier.pdf", "timeline.svg"} {
			put(t, d, view, read(t, dir, "views", view))
		}
		reseal(t, d)
		rep := report(t, dir, append(known, "c")...)
		assert.False(t, rep.OK, name)
		for _, f := range []string{"seal/anna.sig", "seal/carla.p7s", "seal/stamp-1"} {
			assert.Contains(t, troubles(rep), "mismatch seal: "+f, name)
		}
		assert.Empty(t, rep.Sealed.Stamps, name)
		if name == "when it was made" {
			continue // nothing in the bytes says when: that is what stamps are for
		}
		// Without the seals the bytes alone tell.
		require.NoError(t, os.RemoveAll(filepath.Join(d, "seal")))
		assert.Contains(t, troubles(report(t, dir, "c")), "mismatch facts: dossier.json: ", name)
	}
}

// Every file of a sealed dossier, cut off: at its beginning, in the middle, by one byte, by its last line.
func TestTruncatedFiles(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json,html")
	d := filepath.Join(dir, "d")
	for _, name := range listing(t, d) {
		if strings.HasSuffix(name, "/") {
			continue
		}
		whole := read(t, d, name)
		lines := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
		for what, cut := range map[string]string{"all": "", "half": whole[:len(whole)/2], "a byte": whole[:len(whole)-1], "a line": strings.Join(lines[:len(lines)-1], "")} {
			put(t, d, name, cut)
			rep := report(t, dir, append(known, "d")...)
			if name == "custody.jsonl" && what == "a line" {
				// No later line vouches for the last one. But what it was about lies there.
				assert.Contains(t, findings(rep, "custody"), "unverifiable seal/stamp-2.tsr: the record of custody does not name it", what)
				continue
			}
			assert.False(t, rep.OK, "%s without %s", name, what)
		}
		put(t, d, name, whole)
	}
	assert.True(t, report(t, dir, append(known, "d")...).OK)
}

// A tag file that no build writes, and what a build writes about itself, with manifests made anew.
func TestForgedTagFiles(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	for name, c := range map[string]struct {
		change func(d string)
		says   string
	}{
		"another page":       {func(d string) { put(t, d, "dossier-2.pdf", "%PDF-1.7\n") }, "mismatch views: dossier-2.pdf"},
		"an expert's report": {func(d string) { put(t, d, "report.txt", "All is well.\n") }, "mismatch views: report.txt"},
		"in a directory":     {func(d string) { put(t, d, "archive/0099.tlog-proof", "x") }, "mismatch views: archive/0099.tlog-proof"},
		"whose bag it is": {func(d string) {
			put(t, d, "bag-info.txt", "External-Identifier: 1 BvR 1/26\n"+read(t, d, "bag-info.txt"))
		}, "mismatch views: bag-info.txt"},
		"when a key was retrieved": {func(d string) {
			put(t, d, "dkim-keys.txt", strings.Replace(read(t, d, "dkim-keys.txt"), "; retrieved ", "; retrieved 2020-01-01T00:00:00Z from ns.example, not ", 1))
		}, "mismatch views: dkim-keys.txt"},
	} {
		d := copied(t, filepath.Join(dir, "winch.dossier"), dir, "d")
		c.change(d)
		reseal(t, d)
		assert.Contains(t, troubles(report(t, dir, "d")), c.says, name)
	}
}

// Hostile PDFs: what follows the document is no signature of it, or is endless.
func TestHostilePDF(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	ca := testpki.New(t, "Firm")
	person(t, ca, dir, "Carla")
	held := filepath.Join(dir, "winch.dossier")
	plain := read(t, held, "dossier.pdf")
	signedDossier := copied(t, held, dir, "s")
	succeed(t, dir, "seal", "s", "--sign-pdf", "--cert", "Carla.pem", "--key", "Carla.key")
	signed := read(t, signedDossier, "dossier.pdf")
	update := strings.TrimPrefix(signed, plain)
	require.NotEqual(t, signed, update, "the update follows the document")
	for name, pdf := range map[string]string{
		"twice signed":            signed + update,
		"a text behind it":        signed + "\n1 0 obj\n<</Type /Catalog>>\nendobj\n",
		"an update of the update": signed + strings.Replace(update, "/Type /Sig", "/Type /Six", 1),
		"an empty signature":      plain + strings.Map(func(r rune) rune { return map[bool]rune{true: '0', false: r}[r >= 'a' && r <= 'f'] }, update),
		"only a trailer":          plain + "xref\n0 0\ntrailer\n<</Size 1 /Prev 99999999999999999999>>\nstartxref\n99999999999999999999\n%%EOF\n",
		"half of a signature":     signed[:len(signed)-len(update)/2],
		"much":                    signed + strings.Repeat("%\n", 2<<20),
		"no PDF":                  "x",
		"nothing":                 "",
	} {
		d := copied(t, held, dir, "d")
		put(t, d, "dossier.pdf", pdf)
		reseal(t, d)
		r := onrecord(t, dir, "verify", "--json", "d")
		assert.Equal(t, int(exitMismatch), r.code, "%s: %s", name, r.err)
		var rep verify.Report
		require.NoError(t, json.Unmarshal([]byte(r.out), &rep))
		assert.Contains(t, troubles(rep), "views: dossier.pdf", name)
		assert.NotContains(t, findings(rep, "seal"), "the signature in the PDF holds", name)
	}
	// Larger than any memory, where it costs nothing.
	d := copied(t, held, dir, "d")
	reseal(t, d)
	require.NoError(t, os.Truncate(filepath.Join(d, "dossier.pdf"), 300<<20))
	r := measured(t, dir, "verify", "d")
	assert.Equal(t, int(exitMismatch), r.code, r.err)
	assert.Less(t, r.peak, int64(250<<20))
	assert.Contains(t, r.out, "more than any signature has")
}

// However many small sources there are, few are open at a time.
func TestManySources(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	for i := range 1200 {
		put(t, dir, fmt.Sprintf("mail/%04d.eml", i), fmt.Sprintf("From: a@x.example\nMessage-ID: <%d@x.example>\n\nhello\n", i))
	}
	succeed(t, dir, "build", "-q", "--format", "json", "-o", "d", "mail")
	r := shell(t, dir, `ulimit -n 64 && "$0" verify d`)
	assert.Zero(t, r.code, r.out+r.err)
}
