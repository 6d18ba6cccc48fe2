package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/review"
)

// bridgeDossier puts the invented dossier of package review into dir: nothing but its dossier.json, and a case file if there is one.
func bridgeDossier(t testing.TB, dir, matter string) {
	t.Helper()
	put(t, dir, "bridge.dossier/dossier.json", read(t, "../../pkg/review/testdata/bridge.json"), "bridge.dossier/bagit.txt", "BagIt-Version: 1.0\n")
	if matter != "" {
		put(t, dir, "bridge.dossier/case.yaml", matter)
	}
}

func TestReviewList(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bridgeDossier(t, dir, "reject:\n  - exhibit: 1\n    quote: Please close the bridge\n    reason: it asks\n")
	r := succeed(t, dir, "review", "--list", "bridge.dossier")
	golden(t, "review/list.golden", r.out)
	assert.Empty(t, r.err)
	quiet(t, r)
	states := map[string]review.State{}
	for line := range strings.Lines(succeed(t, dir, "review", "--list", "--json", "bridge.dossier").out) {
		var e review.Entry
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		states[e.ID] = e.State
	}
	assert.Equal(t, map[string]review.State{"s1": "open", "s2": "open", "s3": "rejected", "s4": "open", "s5": "open", "s6": "open", "s7": "open", "s8": "open", "q1": "open"}, states,
		"the dossier's own case file counts as long as there is no other")
	assert.Equal(t, 1, strings.Count(succeed(t, dir, "review", "--list", "--json", "--acts", "Denial", "bridge.dossier").out, "\n"))
	assert.NoFileExists(t, filepath.Join(dir, "case.yaml"), "listing writes nothing")
	succeed(t, filepath.Join(dir, "bridge.dossier"), "review", "--list", ".")
}

func TestReviewApply(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	own := "# of the first build\nreject:\n  - exhibit: 1\n    quote: Please close the bridge # it asks\n"
	bridgeDossier(t, dir, own)
	put(t, dir, "decisions.txt", "# by Nora\nkeep s1 \"the cable\"\n\nlabel s3 request,warning\r\nmark e1 \"Tell the school today.\" order\nmerge p2 p4\n")
	r := succeed(t, dir, "review", "--apply", "decisions.txt", "bridge.dossier")
	assert.Equal(t, "9 suggestions: 3 kept, 0 rejected, 6 open; 1 sentence marked besides\n4 decisions in case.yaml\n", r.out)
	assert.Equal(t, "onrecord: hint: onrecord build --case case.yaml -o reviewed.dossier SOURCE...\n", r.err)
	golden(t, "review/case.yaml.golden", read(t, dir, "case.yaml"))
	assert.Equal(t, own, read(t, dir, "bridge.dossier", "case.yaml"), "the dossier is not changed")

	// Goes on with the file that is there, and keeps its rights and what it links to.
	require.NoError(t, os.Rename(filepath.Join(dir, "case.yaml"), filepath.Join(dir, "mine.yaml")))
	require.NoError(t, os.Chmod(filepath.Join(dir, "mine.yaml"), 0o600))
	require.NoError(t, os.Symlink("mine.yaml", filepath.Join(dir, "case.yaml")))
	r = invocation{dir: dir, args: []string{"review", "--apply", "-", "bridge.dossier"}, stdin: strings.NewReader("reject s1\n")}.run(t)
	require.Zero(t, r.code, r.err)
	info, err := os.Lstat(filepath.Join(dir, "case.yaml"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	info, err = os.Stat(filepath.Join(dir, "mine.yaml"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Contains(t, read(t, dir, "mine.yaml"), "reject:\n")

	// The case file of another matter.
	put(t, dir, "other.yaml", "marks:\n  - exhibit: 99\n    quote: x\n    acts: [order]\n")
	r = succeed(t, dir, "review", "--apply", "decisions.txt", "-o", "other.yaml", "bridge.dossier")
	assert.Contains(t, r.err, "onrecord: warning: 1 entry of other.yaml fits no words of this mail")

	// All or nothing.
	before, all := read(t, dir, "mine.yaml"), listing(t, dir)
	r = invocation{dir: dir, args: []string{"review", "--apply", "-", "bridge.dossier"}, stdin: strings.NewReader("keep s2\nkeep s99\nmark e1 \"never \x1b[2J said\" order\n")}.run(t)
	assert.Equal(t, int(exitUsage), r.code)
	assert.Contains(t, r.err, "onrecord: error: standard input, line 2: there is no suggestion \"s99\"\n")
	assert.Contains(t, r.err, "line 3: exhibit 1 does not say")
	assert.Contains(t, r.err, "nothing was written")
	quiet(t, r)
	assert.Equal(t, before, read(t, dir, "mine.yaml"))
	assert.Equal(t, all, listing(t, dir))
}

func TestReviewOfSources(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	all := winch(t)
	put(t, dir, "winch.mbox", mailbox(all...), "torn.jpg", "\xFF\xD8\xFF")
	r := succeed(t, dir, "review", "--list", "--json", "--acts", "warning", "winch.mbox")
	var first review.Entry
	require.NoError(t, json.NewDecoder(strings.NewReader(r.out)).Decode(&first))
	assert.Equal(t, "<w1@hoist.example>", first.MessageID)
	assert.Equal(t, review.Open, first.State)
	r = invocation{dir: dir, args: []string{"review", "--apply", "-", "winch.mbox"}, stdin: strings.NewReader("keep " + first.ID + "\n")}.run(t)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.err, "onrecord: hint: onrecord build --case case.yaml winch.mbox\n")
	// The hint does what it says, and the ids stay the same although the case file has grown.
	assert.Contains(t, succeed(t, dir, "review", "--list", "winch.mbox").out, first.ID+"  kept  ")
	succeed(t, dir, "build", "--format", "json", "--case", "case.yaml", "-o", "winch.dossier", "winch.mbox")
	assert.Contains(t, read(t, dir, "winch.dossier", "dossier.json"), `"origin": "marked"`)
	assert.Contains(t, succeed(t, dir, "review", "--list", "winch.dossier").out, "  kept  ")
	r = onrecord(t, dir, "review", "--list", "winch.mbox", "torn.jpg")
	assert.Equal(t, int(exitPartial), r.code)
	assert.Contains(t, r.err, "torn.jpg")
}

func TestReviewRefuses(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bridgeDossier(t, dir, "")
	put(t, dir, "broken.yaml", "matter: [", "there.yaml", "# mine\n", "d.txt", "keep s1\n", "empty.dossier/bagit.txt", "", "locked/.keep", "")
	before := listing(t, dir)
	for _, c := range []struct {
		args, says string
		code       exitCode
	}{
		{"review bridge.dossier", "standard input is no terminal", exitUsage},
		{"review --list --apply d.txt bridge.dossier", "exclude each other", exitUsage},
		{"review --json bridge.dossier", "--json goes with --list", exitUsage},
		{"review --list --acts shout bridge.dossier", "there is warning", exitUsage},
		{"review --apply - -", "cannot be the mail and give the decisions", exitUsage},
		{"review -o broken.yaml --apply d.txt bridge.dossier", "broken.yaml", exitUsage},
		{"review -o bridge.dossier/case.yaml --apply d.txt bridge.dossier", "which is not changed", exitFailed},
		{"review -o there.yaml --case broken.yaml --apply d.txt bridge.dossier", "there already", exitFailed},
		{"review -o no/such/case.yaml --apply d.txt bridge.dossier", "cannot write no/such/case.yaml", exitFailed},
		{"review --case missing.yaml --list bridge.dossier", "missing.yaml", exitFailed},
		{"review --apply missing.txt bridge.dossier", "missing.txt", exitFailed},
		{"review --list empty.dossier", "dossier.json", exitFailed},
		{"review --list missing.mbox", "no such file", exitFailed},
	} {
		r := onrecord(t, dir, strings.Fields(c.args)...)
		assert.Equal(t, int(c.code), r.code, "%s\n%s", c.args, r.err)
		assert.Contains(t, r.err, c.says, c.args)
		assert.True(t, strings.HasPrefix(r.err, "onrecord: error: "), "%s: %s", c.args, r.err)
		assert.Empty(t, r.out, c.args)
	}
	assert.Equal(t, before, listing(t, dir), "nothing was written")
}
