package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/seal"
	"onrecord/pkg/testpki"
	"onrecord/pkg/verify"
)

// The attacker's programs: with everything but the signing key, evidence is changed so that verify may pass. None must.

// sealedWinch gives dir with the dossier "d", sealed with the key "anna" and a time-stamp, and what a verifier knows: "allowed" and "ca.pem".
func sealedWinch(t testing.TB, format string) string {
	t.Helper()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...), "case.yaml", winchCase, "keys.zone", winchZone(), "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	person(t, ca, dir, "Carla")
	put(t, dir, "ca.pem", string(testpki.CertificatesPEM(ca.Root)))
	succeed(t, dir, "build", "-q", "--format", format, "--case", "case.yaml", "--keys", "keys.zone", "-o", "d", "--ssh-key", "anna", "--cert", "Carla.pem", "--key", "Carla.key", "--tsa", tsa.URL, "winch.mbox")
	succeed(t, dir, "seal", "d", "--stamp-again", "--tsa", tsa.URL)
	return dir
}

// known are the flags of somebody who knows the keys.
var known = []string{"--allowed-signers", "allowed", "--ca", "ca.pem"}

// Ten thousand single bytes of a sealed dossier, half of them in its large files as they come, half in each file as often as in any other: each change is found.
func TestTenThousandChangedBytes(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json,html")
	held := fstest.MapFS{}
	var names []string
	var at []int64 // where each file begins when all lie one behind the other
	total := int64(0)
	for _, name := range listing(t, filepath.Join(dir, "d")) {
		if strings.HasSuffix(name, "/") {
			continue
		}
		held[name] = &fstest.MapFile{Data: []byte(read(t, dir, "d", name))}
		names, at = append(names, name), append(at, total)
		total += int64(len(held[name].Data))
	}
	trust, err := verifyOptions{signers: []string{filepath.Join(dir, "allowed")}, ca: []string{filepath.Join(dir, "ca.pem")}}.trust()
	require.NoError(t, err)
	render := func(create func(file string) (io.WriteCloser, error), d *dossier.Dossier) error {
		return renderAll(new(heap), create, held, d, nil)
	}
	check := func() *verify.Report {
		r, err := verify.Dossier(t.Context(), verify.Input{FS: held, Version: version, Workers: 1, Reader: readerOptions(), Spool: temporarySpool, Render: render, Trust: trust})
		require.NoError(t, err)
		return r
	}
	r := check()
	require.True(t, r.OK, "the unchanged dossier: %v", r.Conclusion())

	changes := 10_000
	if testing.Short() {
		changes = 500
	}
	random := rand.New(rand.NewPCG(11, 22))
	outside, whole := 0, 0
	for i := range changes {
		var name string
		var off int64
		if i%2 == 0 {
			off = random.Int64N(total)
			n := 0
			for n+1 < len(at) && at[n+1] <= off {
				n++
			}
			name, off = names[n], off-at[n]
		} else {
			for name == "" || len(held[name].Data) == 0 {
				name = names[random.IntN(len(names))]
			}
			off = random.Int64N(int64(len(held[name].Data)))
		}
		data := held[name].Data
		old := data[off]
		for data[off] == old {
			data[off] = byte(random.Uint32())
		}
		// The whole verification only where the digests do not tell.
		c, err := seal.Check(held)
		require.NoError(t, err)
		if len(c.Problems) == 0 {
			outside++
			if r, err := verify.Seals(held, trust); err == nil && !r.OK {
				data[off] = old
				continue
			}
			whole++
			assert.False(t, check().OK, "%s: byte %d, %#x to %#x, was not found", name, off, old, data[off])
		}
		data[off] = old
	}
	t.Logf("%d changed bytes over %d files of %d bytes; %d were outside of the manifests, %d were found by the whole verification alone", changes, len(names), total, outside, whole)
}

// Somebody changes the mail and makes the whole dossier again with the program itself: all is consistent, and nothing but the seals tells.
func TestRebuiltWithOtherMail(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json,html,pdf")
	rep := report(t, dir, append(known, "d")...)
	require.True(t, rep.OK, troubles(rep))
	seals := func(to string) {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, to, "seal")))
		require.NoError(t, os.CopyFS(filepath.Join(dir, to, "seal"), os.DirFS(filepath.Join(dir, "d", "seal"))))
	}
	put(t, dir, "other.mbox", strings.Replace(mailbox(winch(t)...), "Thu, 5 Mar 2026", "Wed, 4 Mar 2026", 1), "other.zone", strings.Replace(winchZone(), "p=", "p=A", 1))
	for name, args := range map[string][]string{
		"another date":         {"--keys", "keys.zone", "--case", "case.yaml", "other.mbox"},
		"another key snapshot": {"--keys", "other.zone", "--case", "case.yaml", "winch.mbox"},
		"another case file":    {"--keys", "keys.zone", "winch.mbox"},
	} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "e")))
		succeed(t, dir, append([]string{"build", "-q", "-o", "e"}, args...)...)
		require.True(t, report(t, dir, "e").OK, "it is consistent in itself")
		seals("e") // another dossier's seal, replayed
		for _, custody := range []string{read(t, dir, "e", "custody.jsonl"), read(t, dir, "d", "custody.jsonl")} {
			put(t, dir, "e/custody.jsonl", custody)
			rep := report(t, dir, append(known, "e")...)
			assert.False(t, rep.OK, name)
			for _, f := range []string{"seal/anna.sig", "seal/carla.p7s", "seal/stamp-1.ts"} { // the request stands for another digest, so it is told first
				assert.Contains(t, troubles(rep), "mismatch seal: "+f, name)
			}
			assert.Empty(t, rep.Sealed.Signatures, name)
			assert.Empty(t, rep.Sealed.Stamps, name)
			r := onrecord(t, dir, append([]string{"verify", "e"}, known...)...)
			assert.True(t, strings.HasPrefix(r.out, "This dossier is not as it was made"), "%s: %.200s", name, r.out)
		}
	}

	// All of the seal thrown away, and the record written anew: then it is a dossier that nobody sealed, and it says so.
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "e")))
	succeed(t, dir, "build", "-q", "-o", "e", "other.mbox")
	r := succeed(t, dir, append([]string{"verify", "e"}, known...)...)
	assert.NotContains(t, strings.SplitN(r.out, "\n", 2)[0], "sealed on")
	assert.Contains(t, r.out, "there is no signature and no trusted time-stamp")

	// Sealed again by the attacker's own key: it is told whose it is not.
	sshKey(t, dir, "mallory", "ed25519", "")
	succeed(t, dir, "seal", "e", "--ssh-key", "mallory", "--signer", "anna@firm.example", "--seal-name", "anna")
	rep = report(t, dir, append(known, "e")...)
	require.Len(t, rep.Sealed.Signatures, 1)
	assert.False(t, rep.Sealed.Signatures[0].Known)
	assert.Contains(t, findings(rep, "seal"), "unverifiable key SHA256:")
}

// Single things of the seal are changed.
func TestChangedSeals(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json")
	replace := func(name, old, now string) func(string) {
		return func(d string) {
			s := read(t, d, name)
			require.Contains(t, s, old, name)
			put(t, d, name, strings.Replace(s, old, now, 1))
		}
	}
	remove := func(name string) func(string) {
		return func(d string) { require.NoError(t, os.Remove(filepath.Join(d, name))) }
	}
	swap := func(a, b string) func(string) {
		return func(d string) {
			x, y := read(t, d, a), read(t, d, b)
			put(t, d, a, y, b, x)
		}
	}
	for name, c := range map[string]struct {
		change func(d string)
		says   string
	}{
		"another role":             {replace("seal/anna.sig.txt", "collected by", "checked by a court"), "seal/anna.sig.txt"},
		"another time":             {replace("seal/carla.p7s.txt", "Time: 2026", "Time: 2025"), "seal/carla.p7s.txt"},
		"the role left out":        {remove("seal/anna.sig.txt"), "seal/anna.sig.txt"},
		"its signature left out":   {remove("seal/anna.sig.txt.sig"), "seal/anna.sig.txt.sig"},
		"the signature left out":   {remove("seal/anna.sig"), "seal/anna.sig"},
		"signatures swapped":       {swap("seal/anna.sig", "seal/anna.sig.txt.sig"), "seal/anna.sig"},
		"certificates swapped":     {swap("seal/carla.p7s", "seal/carla.p7s.txt.p7s"), "seal/carla.p7s"},
		"stamps swapped":           {swap("seal/stamp-1.tsr", "seal/stamp-2.tsr"), "seal/stamp-1"},
		"a stamp left out":         {remove("seal/stamp-1.tsr"), "seal/stamp-1.tsr"},
		"the chain of another":     {replace("seal/stamp-1.pem", "BEGIN CERTIFICATE", "BEGIN CERTIFICATe"), "seal/stamp-1.pem"},
		"the list of a stamp":      {replace("seal/stamp-2.list", "  seal/anna.sig\n", "  seal/carla.p7s\n"), "seal/stamp-2"},
		"a list that leads out":    {replace("seal/stamp-2.list", "  seal/anna.sig\n", "  ../allowed\n"), "seal/stamp-2.list"},
		"an empty signature":       {func(d string) { put(t, d, "seal/anna.sig", "") }, "seal/anna.sig"},
		"a link for a signature":   {func(d string) { link(t, d, "seal/anna.sig", "../../anna.pub") }, "seal/anna.sig"},
		"a directory in seal":      {func(d string) { put(t, d, "seal/more/x.sig", "x") }, "seal/more"},
		"a link for the manifest":  {func(d string) { link(t, d, "tagmanifest-sha256.txt", "manifest-sha256.txt") }, "tagmanifest-sha256.txt"},
		"a link for the directory": {func(d string) { move(t, d, "seal", "../moved"); link(t, d, "seal", "../moved") }, "seal"},
	} {
		d := copied(t, filepath.Join(dir, "d"), dir, "c")
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "moved")))
		c.change(d)
		// With the record of custody, and without it for him who knows to remove that too.
		rep := report(t, dir, append(known, "c")...)
		assert.False(t, rep.OK, name)
		assert.Contains(t, troubles(rep), c.says, name)
		r := onrecord(t, dir, "verify", "c")
		assert.NotContains(t, r.out+r.err, "goroutine", name)
	}
	// An unknown file in seal/ is nobody's, and is told.
	put(t, dir, "d/seal/note.doc", "x")
	assert.Contains(t, findings(report(t, dir, append(known, "d")...), "seal"), "unverifiable seal/note.doc")
}

func link(t testing.TB, d, name, target string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(d, name)))
	if err := os.Symlink(target, filepath.Join(d, name)); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func move(t testing.TB, d, name, to string) {
	t.Helper()
	require.NoError(t, os.Rename(filepath.Join(d, name), filepath.Join(d, to)))
}

// Files far larger than any that is written, where they cost an attacker nothing.
func TestHugeSeals(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json")
	for _, name := range []string{"seal/anna.sig", "seal/carla.p7s", "seal/stamp-1.tsr", "seal/stamp-1.tsq", "seal/stamp-2.list", "seal/anna.sig.txt", "custody.jsonl", "tagmanifest-sha256.txt", "messages.root"} {
		d := copied(t, filepath.Join(dir, "d"), dir, "c")
		require.NoError(t, os.Truncate(filepath.Join(d, name), 3<<30))
		if name == "messages.root" {
			require.NoError(t, os.Truncate(filepath.Join(d, name), 300<<20)) // it is digested whole
		}
		r := measured(t, dir, append([]string{"verify", "c"}, known...)...)
		assert.Equal(t, int(exitMismatch), r.code, "%s: %s", name, r.err)
		assert.Less(t, r.peak, int64(400<<20), name)
	}
	// Many files.
	d := copied(t, filepath.Join(dir, "d"), dir, "c")
	for i := range 1500 {
		put(t, d, fmt.Sprintf("seal/%d.sig", i), "x")
	}
	r := onrecord(t, dir, "verify", "c")
	assert.Equal(t, int(exitDone), r.code)
	assert.NotContains(t, strings.SplitN(r.out, "\n", 2)[0], "sealed on", "none was looked at, so none is said to hold")
	assert.Contains(t, r.out, "more than 1000 files")
}

// Files that change while they are read give an answer or an error, never a crash, and never a good answer for bad bytes once they rest.
func TestFilesThatChangeWhileRead(t *testing.T) {
	t.Parallel()
	dir := sealedWinch(t, "json")
	d := filepath.Join(dir, "d")
	for _, name := range []string{"dossier.json", "data/sources/winch.mbox", "custody.jsonl", "seal/anna.sig", "tagmanifest-sha256.txt"} {
		good := []byte(read(t, d, name))
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			random := rand.New(rand.NewPCG(1, 1))
			for {
				select {
				case <-stop:
					return
				default:
				}
				changed := bytes.Clone(good)
				changed[random.IntN(len(changed))] ^= 1
				os.WriteFile(filepath.Join(d, name), changed[:random.IntN(len(changed))], 0o666)
				os.WriteFile(filepath.Join(d, name), good, 0o666)
				runtime.Gosched()
			}
		}()
		for range 5 {
			r := onrecord(t, dir, "verify", "-q", "d")
			assert.Contains(t, []int{int(exitDone), int(exitFailed), int(exitMismatch)}, r.code, name)
		}
		close(stop)
		<-stopped
		put(t, d, name, string(good))
		rep := report(t, dir, "d")
		assert.True(t, rep.OK, troubles(rep))
	}
}

// Names that some file system takes for one: what is built of them holds everywhere.
func TestTwinsInSources(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "mail/\u00fc.eml", winchReply, "mail/u\u0308.eml", winchWarning, "mail/A.eml", winchPhoto, "mail/a.eml", winchDenial)
	if names, err := os.ReadDir(filepath.Join(dir, "mail")); err != nil || len(names) != 4 {
		t.Skip("this file system takes them for one")
	}
	succeed(t, dir, "build", "-q", "-o", "d", "--format", "json", "mail")
	rep := report(t, dir, "d")
	assert.True(t, rep.OK, troubles(rep))
	folded := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(filepath.Join(dir, "d")), ".", func(p string, _ fs.DirEntry, err error) error {
		assert.Empty(t, folded[seal.Folded(p)], p)
		folded[seal.Folded(p)] = p
		return err
	}))
}
