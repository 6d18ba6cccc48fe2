package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A bag that is no dossier: its manifests are checked, and it is not taken for more than it is.
func TestVerifyBag(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	succeed(t, dir, "render", "winch.dossier", "--format", "mailbag", "-o", "out")
	assert.Contains(t, read(t, dir, "winch.dossier", "custody.jsonl"), `"action":"exported","result":"a mailbag of 5 messages"`)
	assert.True(t, report(t, dir, "winch.dossier").OK)
	bag := filepath.Join(dir, "out", "mailbag")
	r := succeed(t, dir, "verify", "out/mailbag")
	assert.True(t, strings.HasPrefix(r.out, "Every file in this bag is as its manifests say; 1 thing could not be checked: dossier.json.\n"), r.out)
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "verify", "out/mailbag", "winch.mbox").code)
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "verify", "out/mailbag", "--record").code)

	eml := read(t, bag, "data/eml/0001.eml")
	put(t, bag, "data/eml/0001.eml", flipped(eml))
	r = onrecord(t, dir, "verify", "out/mailbag")
	assert.Equal(t, int(exitMismatch), r.code)
	assert.True(t, strings.HasPrefix(r.out, "This bag is not as its manifests say: "), r.out)
	put(t, bag, "data/eml/0001.eml", eml, "data/eml/0099.eml", "x")
	assert.Contains(t, troubles(report(t, dir, "out/mailbag")), "data/eml/0099.eml")

	// A dossier whose facts were taken out is no bag that is well.
	d := filepath.Join(dir, "winch.dossier")
	for _, name := range []string{"dossier.json", "dossier.html", "dossier.pdf", "timeline.svg"} {
		require.NoError(t, os.Remove(filepath.Join(d, name)))
	}
	reseal(t, d)
	assert.Contains(t, troubles(report(t, dir, "winch.dossier")), "missing facts: dossier.json")
}
