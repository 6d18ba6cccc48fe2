package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/testpki"
)

// Passphrases are asked for on the terminal, and not shown there.
func TestPassphraseOnATerminal(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	put(t, dir, "allowed", sshKey(t, dir, "anna", "ed25519", "lamp oil"))
	ca := testpki.New(t, "Firm")
	person(t, ca, dir, "Carla")
	for _, c := range []struct {
		asked string
		args  []string
		seal  string
	}{
		{"Passphrase of anna:", []string{"--ssh-key", "anna"}, "seal/anna.sig"},
		{"Passphrase of Carla.p12:", []string{"--pkcs12", "Carla.p12"}, "seal/carla.p7s"},
	} {
		args := append([]string{"seal", "winch.dossier"}, c.args...)
		s := typeInto(t, invocation{dir: dir, args: args}, 80, 24)
		s.until(c.asked)
		s.types("not this\r")
		assert.Equal(t, int(exitFailed), s.code())
		assert.Contains(t, s.output(), "passphrase")
		assert.NotContains(t, s.output(), "not this")
		assert.NotContains(t, listing(t, filepath.Join(dir, "winch.dossier")), c.seal)

		s = typeInto(t, invocation{dir: dir, args: args}, 80, 24)
		s.until(c.asked)
		s.types("lamp oil\r")
		require.Equal(t, int(exitDone), s.code(), s.output())
		assert.NotContains(t, s.output(), "lamp oil")
		assert.Contains(t, listing(t, filepath.Join(dir, "winch.dossier")), c.seal)

		// Interrupted while it waits: nothing is sealed, and the terminal shows what is typed again.
		s = typeInto(t, invocation{dir: dir, args: args}, 80, 24)
		s.until(c.asked)
		s.types("\x03")
		assert.NotEqual(t, int(exitDone), s.code())
	}
	rep := report(t, dir, "--allowed-signers", "allowed", "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	assert.Len(t, rep.Sealed.Signatures, 2)
	assert.NotContains(t, read(t, dir, "winch.dossier", "custody.jsonl"), "lamp")
	// Without a terminal it is told how else.
	r := onrecord(t, dir, "seal", "winch.dossier", "--ssh-key", "anna")
	if r.code != int(exitDone) {
		assert.Equal(t, int(exitFailed), r.code)
		assert.Contains(t, r.err, "--passphrase-file")
	}
}
