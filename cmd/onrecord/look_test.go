package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The views speak the language that is asked for, on the paper that is asked for; verify writes them again to the same bytes, render in another language.
func TestLookOfTheViews(t *testing.T) {
	t.Parallel()
	dir := story(t)
	r := succeed(t, dir, "build", "--lang", "de", "--paper", "letter", "--bates", "OR-0100", "--case", "case.yaml", "--keys", "dkim-keys.zone", "-o", "d", "thread.mbox")
	assert.Contains(t, r.out, "Warnungen von")
	assert.Contains(t, r.out, "Nachrichten: 16 gefunden = 16 behalten")
	succeed(t, dir, "verify", "-q", "d")
	json := read(t, dir, "d/dossier.json")
	for _, want := range []string{`"lang": "de"`, `"paper": "letter"`, `"bates": "OR-0100"`} {
		assert.Contains(t, json, want)
	}
	assert.Contains(t, read(t, dir, "d/timeline.svg"), `xml:lang="de"`)
	assert.Contains(t, read(t, dir, "d/tagmanifest-sha256.txt"), "  timeline.svg\n")
	pdf := read(t, dir, "d/dossier.pdf")
	assert.Contains(t, pdf, "/MediaBox [0 0 612.00 792.00]")

	r = succeed(t, dir, "render", "--lang", "fr", "--paper", "a4", "-o", "fr", "d")
	assert.Equal(t, "fr/dossier.html\nfr/dossier.pdf\nfr/timeline.svg\n", r.out)
	assert.Contains(t, read(t, dir, "fr/timeline.svg"), `xml:lang="fr"`)
	assert.Contains(t, read(t, dir, "fr/dossier.pdf"), "/MediaBox [0 0 595.28 841.89]")
	again := succeed(t, dir, "render", "--format", "pdf", "-o", "same", "d")
	assert.Equal(t, "same/dossier.pdf\nsame/timeline.svg\n", again.out)
	assert.Equal(t, pdf, read(t, dir, "same/dossier.pdf"), "without flags it is what the build made")

	for _, args := range [][]string{{"--lang", "nl"}, {"--paper", "b5"}, {"--bates", "a\nb"}} {
		for _, command := range []string{"build", "render"} {
			r := onrecord(t, dir, append([]string{command, "-o", "x", "d"}, args...)...)
			assert.Equal(t, int(exitUsage), r.code, args)
			assert.Contains(t, r.err, args[0])
		}
	}
	_, err := os.Stat(filepath.Join(dir, "x"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The answer on the terminal is that of page 1, in ten lines.
func TestTheTerminalAnswersInTenLines(t *testing.T) {
	t.Parallel()
	dir := story(t)
	for _, format := range []string{"pdf", "json"} {
		r := succeed(t, dir, "build", "--force", "--format", format, "--case", "case.yaml", "--keys", "dkim-keys.zone", "-o", "d", "thread.mbox")
		assert.LessOrEqual(t, strings.Count(r.out, "\n"), 10, r.out)
		for _, want := range []string{" warnings", "Missing: ", "Not checked: ", "Messages: 16 found", "Written: d/ (dossier.json", "evidence digest: sha256:"} {
			assert.Contains(t, r.out, want)
		}
		assert.Equal(t, format == "pdf", strings.Contains(r.out, "Who knew: "), "who knew is told where all notices are at hand")
	}
}
