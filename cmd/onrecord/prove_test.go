package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/testpki"
)

// withoutProgram checks a proof as its README.txt tells, with Python and sha256sum alone.
func withoutProgram(t testing.TB, dir, name string) int {
	t.Helper()
	readme := read(t, dir, "README.txt")
	at := strings.Index(readme, "    import base64")
	require.Positive(t, at)
	program := regexp.MustCompile(`(?m)^    `).ReplaceAllString(readme[at:], "")
	return shell(t, dir, strings.TrimSpace(line(t, readme, "    grep "))+" --status && python3 - "+name+" <<'END'\n"+program+"END\n").code
}

func TestProve(t *testing.T) {
	t.Parallel()
	dir := unsealedDossier(t)
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	put(t, dir, "ca.pem", string(testpki.CertificatesPEM(ca.Root)))
	succeed(t, dir, "seal", "winch.dossier", "--ssh-key", "anna", "--tsa", tsa.URL)
	succeed(t, dir, "seal", "winch.dossier", "--stamp-again", "--tsa", tsa.URL)
	for _, exhibits := range [][]string{{"1"}, {"5"}, {"2", "0004.eml", "2"}, {"data/messages/0003.eml"}, {"1", "2", "3", "4", "5"}} {
		out := filepath.Join(dir, "proof")
		require.NoError(t, os.RemoveAll(out))
		succeed(t, dir, append([]string{"prove", "winch.dossier", "-o", "proof"}, exhibits...)...)
		rep := report(t, dir, "--allowed-signers", "allowed", "--ca", "ca.pem", "proof")
		assert.True(t, rep.OK, troubles(rep))
		assert.NotContains(t, findings(rep, "seal")+findings(rep, "messages"), "unverifiable")
		for _, name := range listing(t, out) {
			if strings.HasSuffix(name, ".eml") {
				assert.Equal(t, read(t, dir, "winch.dossier/data/messages", name), read(t, out, name))
				assert.Zero(t, withoutProgram(t, out, name), name)
			}
			assert.NotContains(t, name, "manifest-sha256.txt.", "nothing of the other messages")
		}
		assert.NotContains(t, listing(t, out), "manifest-sha256.txt")
	}
	r := succeed(t, dir, "verify", "--allowed-signers", "allowed", "--ca", "ca.pem", "proof")
	assert.True(t, strings.HasPrefix(r.out, "The 5 messages shown belong to the dossier as it was sealed on 2026-03-09T08:00:00Z by anna@firm.example (collected by) and stamped on "), r.out)
	assert.True(t, report(t, dir, "winch.dossier").OK)
	assert.Contains(t, read(t, dir, "winch.dossier", "custody.jsonl"), `"action":"exported","result":"proof of data/messages/0001.eml"`)

	// What does not hold is found by both.
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "proof")))
	succeed(t, dir, "prove", "winch.dossier", "-o", "proof", "2", "4")
	proof := filepath.Join(dir, "proof")
	for name, c := range map[string]struct {
		change func(d string)
		python bool // Python alone sees it too
	}{
		"a word": {func(d string) {
			put(t, d, "0002.eml", "X-More: 1\n"+read(t, d, "0002.eml"))
		}, true},
		"two messages swapped": {func(d string) {
			a, b := read(t, d, "0002.eml"), read(t, d, "0004.eml")
			put(t, d, "0002.eml", b, "0004.eml", a)
		}, true},
		"another number": {func(d string) {
			for _, suffix := range []string{"", ".tlog-proof"} {
				require.NoError(t, os.Rename(filepath.Join(d, "0002.eml"+suffix), filepath.Join(d, "0003.eml"+suffix)))
			}
		}, false},
		"another proof": {func(d string) { put(t, d, "0002.eml.tlog-proof", read(t, d, "0004.eml.tlog-proof")) }, true},
		"another root": {func(d string) {
			put(t, d, "messages.root", strings.Replace(read(t, d, "messages.root"), "\n5\n", "\n6\n", 1))
		}, true},
		"a message without one": {func(d string) { put(t, d, "0001.eml", winchReply) }, false},
		"no message":            {func(d string) { require.NoError(t, os.Remove(filepath.Join(d, "0002.eml"))) }, true},
		"another list":          {func(d string) { put(t, d, "tagmanifest-sha256.txt", read(t, d, "tagmanifest-sha256.txt")+"\n") }, false},
		"a proof of nothing":    {func(d string) { put(t, d, "0002.eml.tlog-proof", "") }, true},
	} {
		d := copied(t, proof, dir, "changed")
		c.change(d)
		rep := report(t, dir, "changed")
		assert.False(t, rep.OK, name)
		if c.python {
			assert.NotZero(t, withoutProgram(t, d, "0002.eml"), name)
		}
	}
	for _, args := range [][]string{{"prove", "winch.dossier", "0", "-o", "x"}, {"prove", "winch.dossier", "6", "-o", "x"}, {"prove", "winch.dossier", "one", "-o", "x"}, {"prove", "winch.dossier", "1"}, {"prove", "winch.dossier"}} {
		assert.Equal(t, int(exitUsage), onrecord(t, dir, args...).code, "%q", args)
	}
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "prove", "winch.dossier", "1", "-o", "proof").code, "nothing is overwritten")
	put(t, dir, "winch.dossier/data/messages/0001.eml", "changed")
	r = onrecord(t, dir, "prove", "winch.dossier", "1", "-o", "y")
	assert.Equal(t, int(exitMismatch), r.code)
	assert.NoDirExists(t, filepath.Join(dir, "y"))
}
