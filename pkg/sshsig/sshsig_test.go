package sshsig

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

const text = "0000  data/messages/0001.eml\n"

func signers(t testing.TB) map[string]ssh.Signer {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	all := map[string]ssh.Signer{}
	for name, key := range map[string]any{"ed25519": ed, "ecdsa": ec, "rsa": r} {
		all[name], err = ssh.NewSignerFromKey(key)
		require.NoError(t, err)
	}
	return all
}

// keygen runs the real ssh-keygen.
func keygen(t testing.TB, stdin string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	cmd := exec.Command("ssh-keygen", args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestSSHKeygenAccepts(t *testing.T) {
	for name, key := range signers(t) {
		dir := t.TempDir()
		sig, err := Sign(key, "onrecord", strings.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "a.sig"), sig, 0o666))
		allowed := "anna@firm.example namespaces=\"onrecord\" " + string(ssh.MarshalAuthorizedKey(key.PublicKey()))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "allowed"), []byte(allowed), 0o666))
		args := []string{"-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", "anna@firm.example", "-n", "onrecord", "-s", filepath.Join(dir, "a.sig")}
		out, err := keygen(t, text, args...)
		require.NoError(t, err, "%s: %s", name, out)
		_, err = keygen(t, text+"x", args...)
		assert.Error(t, err, name)

		s, err := Parse(sig)
		require.NoError(t, err, name)
		assert.NoError(t, s.Verify("onrecord", strings.NewReader(text)), name)
		assert.Error(t, s.Verify("onrecord", strings.NewReader(text+"x")), name)
		assert.Error(t, s.Verify("file", strings.NewReader(text)), name)
		list, err := ParseAllowed(strings.NewReader("# who\n\n" + allowed))
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, "anna@firm.example", list[0].Principal())
		assert.True(t, list[0].Allows(s.PublicKey, "onrecord", time.Time{}))
		assert.False(t, list[0].Allows(s.PublicKey, "git", time.Time{}))
	}
}

func TestWhatSSHKeygenSigns(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		dir := t.TempDir()
		key := filepath.Join(dir, "key")
		out, err := keygen(t, "", "-q", "-t", kind, "-N", "", "-C", "test", "-f", key)
		require.NoError(t, err, out)
		file := filepath.Join(dir, "file")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		out, err = keygen(t, "", "-Y", "sign", "-f", key, "-n", "onrecord", file)
		require.NoError(t, err, out)
		sig, err := os.ReadFile(file + ".sig")
		require.NoError(t, err)
		s, err := Parse(sig)
		require.NoError(t, err, kind)
		assert.NoError(t, s.Verify("onrecord", strings.NewReader(text)), kind)
		shown, err := keygen(t, "", "-l", "-f", key+".pub")
		require.NoError(t, err)
		assert.Contains(t, shown, s.Fingerprint(), kind)
	}
}

// Every byte of the text form counts.
func TestEachByteCounts(t *testing.T) {
	sig, err := Sign(signers(t)["ed25519"], "onrecord", strings.NewReader(text))
	require.NoError(t, err)
	for i := range sig {
		for _, bit := range []byte{1, 0x20, 0x80} {
			changed := bytes.Clone(sig)
			changed[i] ^= bit
			s, err := Parse(changed)
			if err == nil {
				err = s.Verify("onrecord", strings.NewReader(text))
			}
			assert.Error(t, err, "byte %d, bit %#x", i, bit)
		}
	}
}

func TestAllowedSigners(t *testing.T) {
	key := signers(t)["ed25519"].PublicKey()
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	list, err := ParseAllowed(strings.NewReader("a@x.example,b@x.example valid-after=\"20260101\",valid-before=\"20270101Z\" " + line + " comment\n"))
	require.NoError(t, err)
	at := func(year int) time.Time { return time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC) }
	assert.True(t, list[0].Allows(key, "onrecord", at(2026)))
	assert.False(t, list[0].Allows(key, "onrecord", at(2025)))
	assert.False(t, list[0].Allows(key, "onrecord", at(2027)))
	assert.False(t, list[0].Allows(signers(t)["ed25519"].PublicKey(), "onrecord", at(2026)), "another key")
	for _, bad := range []string{"a@x.example", "a@x.example ssh-ed25519 AAAA", "a@x.example cert-authority " + line, "a@x.example valid-after=\"soon\" " + line} {
		_, err := ParseAllowed(strings.NewReader(bad))
		assert.Error(t, err, bad)
	}
}

// Invariant: what is read is written again as it was; nothing panics.
func FuzzParse(f *testing.F) {
	sig, err := Sign(signers(f)["ed25519"], "onrecord", strings.NewReader(text))
	require.NoError(f, err)
	f.Add(sig)
	f.Add([]byte(armorHead + armorTail))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		_ = s.Verify("onrecord", strings.NewReader(text))
		assert.NotEmpty(t, s.Fingerprint())
	})
}
