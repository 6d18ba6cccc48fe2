package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The same bytes, options and epoch give the same dossier, to the last byte of the last file, whatever else is different.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail/mail.mbox", 1<<20)
	all := winch(t)
	put(t, dir, "mail/1.eml", all[0], "mail/2.eml", all[2], "mail/3.eml", winchBroken, "case.yaml", winchCase, "keys.zone", winchZone())
	build := func(out string, env ...string) map[string]string {
		r := invocation{dir: dir, env: env, args: []string{"build", "--timezone", "Europe/Berlin", "--case", "case.yaml", "--keys", "keys.zone", "-o", out, "mail"}}.run(t)
		require.Zero(t, r.code, r.err)
		return files(t, filepath.Join(dir, out))
	}
	want := build("first")
	for _, name := range []string{"dossier.json", "dossier.pdf", "dossier.html", "tagmanifest-sha256.txt", "bag-info.txt"} {
		require.Contains(t, want, name)
	}
	for _, env := range [][]string{{}, {"GOMAXPROCS=1"}, {"GOMAXPROCS=4"}, {"GOGC=10", "GOMAXPROCS=3"}, {"TZ=Asia/Kathmandu", "LC_ALL=de_DE.UTF-8", "HOME=/nonexistent", "NO_COLOR=1"}} {
		got := build("other", env...)
		require.Len(t, got, len(want), "%v", env)
		for name, content := range want {
			assert.True(t, content == got[name], "%v: %s differs", env, name)
		}
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "other")))
	}
	// Without --timezone it is that of the machine, and said; another one is another page but the same evidence.
	r := invocation{dir: dir, env: []string{"TZ=Asia/Kathmandu"}, args: []string{"build", "--format", "json", "-o", "kathmandu", "mail"}}.run(t)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, read(t, dir, "kathmandu", "dossier.json"), `"timezone": "Asia/Kathmandu"`)
	assert.Contains(t, read(t, dir, "kathmandu", "dossier.json"), `"generated_at": "2026-03-09T13:45:00+05:45"`)
	assert.Equal(t, want["manifest-sha256.txt"], read(t, dir, "kathmandu", "manifest-sha256.txt"))
	succeed(t, dir, "verify", "-q", "first")
}
