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
	for _, name := range []string{"index.csv", "loadfile/onrecord.dat", "loadfile/text/ORD00000001.txt", "loadfile/onrecord.opt", "loadfile/images/ORD00000001.pdf", "certificate-902.txt", "certificate-902.pdf", "verfahren-de.pdf", "methode-fr.txt"} {
		assert.Contains(t, listing(t, d), name)
	}
	assert.Contains(t, read(t, d, "certificate-902.txt"), "It found 4 messages: 4 kept")
	assert.True(t, strings.HasPrefix(read(t, d, "loadfile/onrecord.dat"), "\ufeffþBEGBATESþ\x14þENDBATESþ\x14"))
	sumsPass(t, d)
	rep := report(t, dir, "d")
	assert.True(t, rep.OK, troubles(rep))
	// Every row of the OPT file names a PDF of so many pages; every native has the digest that its row tells.
	for line := range strings.Lines(read(t, d, "loadfile/onrecord.opt")) {
		values := strings.Split(strings.TrimSuffix(line, "\r\n"), ",")
		require.Len(t, values, 7)
		if _, err := exec.LookPath("pdfinfo"); err == nil {
			assert.Regexp(t, `(?m)^Pages: +`+values[6]+`$`, shell(t, d, "pdfinfo "+values[2]).out)
		}
	}
	natives := 0
	for line := range strings.Lines(strings.TrimPrefix(read(t, d, "loadfile/onrecord.dat"), "\ufeff")) {
		values := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), "þ", ""), "\x14")
		if native := values[25]; native != "NATIVEPATH" {
			assert.Equal(t, values[17], sha256Hex(read(t, d, native)), native)
			natives++
		}
	}
	assert.Equal(t, 5, natives, "four messages and an attachment")
	for _, name := range []string{"index.csv", "loadfile/onrecord.dat", "loadfile/onrecord.opt", "loadfile/natives/ORD00000004.png", "certificate-902.txt"} {
		c := copied(t, d, dir, "c")
		put(t, c, name, flipped(read(t, c, name)))
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

// A mailbag is a valid bag for others too.
func TestMailbag(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...))
	succeed(t, dir, "build", "-q", "--format", "json", "-o", "d", "winch.mbox")
	succeed(t, dir, "render", "d", "--format", "mailbag", "-o", "out")
	bag := filepath.Join(dir, "out", "mailbag")
	assert.Equal(t, read(t, dir, "winch.mbox"), read(t, bag, "data/mbox/winch.mbox"))
	assert.Equal(t, read(t, dir, "d/data/messages/0002.eml"), read(t, bag, "data/eml/0002.eml"))
	for _, l := range []string{"Bag-Type: Mailbag", "Mailbag-Source: mbox", "Mailbag-Specification-Version: 1.0", "Original-Included: True", "Bagging-Timestamp: 2026-03-09T08:00:00Z", "Bagging-Date: 2026-03-09", "Mailbag-Agent: onrecord"} {
		assert.Contains(t, read(t, bag, "bag-info.txt"), l+"\n")
	}
	csv := read(t, bag, "mailbag.csv")
	assert.True(t, strings.HasPrefix(csv, `"Error","Mailbag-Message-ID","Message-ID","Original-File","Message-Path","Derivatives-Path","Attachments","Date"`))
	assert.Contains(t, csv, "\r\n\"\",\"0001\",\"<w1@hoist.example>\",\"winch.mbox\",\"\",\"\",\"0\",\"Mon, 2 Mar 2026 10:33:20 +0100\"")
	for _, a := range []string{"sha256", "sha512"} {
		for _, m := range []string{"manifest-", "tagmanifest-"} {
			r := shell(t, bag, a+"sum --strict --check --quiet "+m+a+".txt")
			assert.Zero(t, r.code, r.err)
		}
	}
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "build", "-q", "--format", "mailbag", "-o", "e", "winch.mbox").code)
}
