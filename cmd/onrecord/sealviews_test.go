package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Load files, index and drafts are part of the dossier where they are asked for, and are derived again by verify like every other view.
func TestCourtViews(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...))
	succeed(t, dir, "build", "-q", "--format", "json,csv,dat,certificate", "-o", "d", "winch.mbox")
	d := filepath.Join(dir, "d")
	for _, name := range []string{"index.csv", "loadfile/onrecord.dat", "loadfile/text/ORD00000001.txt", "certificate-902.txt", "certificate-902.pdf", "verfahren-de.pdf", "methode-fr.txt"} {
		assert.Contains(t, listing(t, d), name)
	}
	assert.Contains(t, read(t, d, "certificate-902.txt"), "It found 4 messages: 4 kept")
	assert.True(t, strings.HasPrefix(read(t, d, "loadfile/onrecord.dat"), "\ufeffþBEGBATESþ\x14þENDBATESþ\x14"))
	sumsPass(t, d)
	rep := report(t, dir, "d")
	assert.True(t, rep.OK, troubles(rep))
	for _, name := range []string{"index.csv", "loadfile/onrecord.dat", "certificate-902.txt"} {
		c := copied(t, d, dir, "c")
		put(t, c, name, strings.Replace(read(t, c, name), "w", "v", 1))
		reseal(t, c)
		assert.Contains(t, troubles(report(t, dir, "c")), "mismatch views: "+name)
	}
	succeed(t, dir, "render", "d", "--format", "dat,csv,certificate", "-o", "out")
	assert.Equal(t, read(t, d, "loadfile/onrecord.dat"), read(t, dir, "out/loadfile/onrecord.dat"))
	succeed(t, dir, "build", "-q", "-o", "usual", "winch.mbox")
	assert.NotContains(t, listing(t, filepath.Join(dir, "usual")), "index.csv", "only where they are asked for")
}

func TestReportAsPDF(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply)
	succeed(t, dir, "build", "-q", "--format", "json", "-o", "d", "a.eml")
	succeed(t, dir, "verify", "-q", "d", "--pdf", "report.pdf")
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here")
	}
	text := strings.Join(strings.Fields(shell(t, dir, "pdftotext -layout report.pdf -").out), " ")
	assert.Contains(t, text, "Verification of d by onrecord")
	assert.Contains(t, text, "Everything in this dossier is as its manifests and its bytes say")
	put(t, dir, "d/README.txt", "x")
	r := onrecord(t, dir, "verify", "-q", "d", "--pdf", "report.pdf")
	require.Equal(t, int(exitMismatch), r.code)
	assert.Contains(t, shell(t, dir, "pdftotext -layout report.pdf -").out, "This dossier is not as it was made")
}
