package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
)

// ledgerOf reads the sources of a dossier by path.
func ledgerOf(t testing.TB, dir string) (map[string]dossier.Source, dossier.Ledger) {
	t.Helper()
	var d struct {
		Sources []dossier.Source
		Ledger  dossier.Ledger
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, dir, "dossier.json")), &d))
	byPath := map[string]dossier.Source{}
	sum := dossier.Ledger{}
	for _, s := range d.Sources {
		byPath[s.Path] = s
		assert.Equal(t, s.Found, s.Kept+s.Duplicate+s.Excluded+s.Failed, s.Path)
		sum.Found, sum.Kept, sum.Duplicate = sum.Found+s.Found, sum.Kept+s.Kept, sum.Duplicate+s.Duplicate
		sum.Excluded, sum.Failed = sum.Excluded+s.Excluded, sum.Failed+s.Failed
	}
	assert.Equal(t, sum, d.Ledger, "the total is the sum of the sources")
	return byPath, d.Ledger
}

func TestWrongUsageIsTwo(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply, "bad.yaml", "matter: [", "unknown.yaml", "mater:\n  title: x\n")
	before := listing(t, dir)
	for _, c := range []struct{ args, says string }{
		{"nosuch", `unknown command "nosuch"`}, {"--nosuch", "unknown flag: --nosuch"}, {"-z", "unknown shorthand"},
		{"build", "onrecord build needs a SOURCE"}, {"build --nosuch a.eml", "unknown flag: --nosuch"}, {"build --format docx a.eml", "--format"},
		{"build --lang xx a.eml", "--lang"}, {"build --sources move a.eml", "--sources"}, {"build --timezone Mars/Base a.eml", "--timezone"},
		{"build --timezone Local a.eml", "--timezone"}, {"build --since yesterday a.eml", "since"}, {"build --until 2026-13-01 a.eml", "until"},
		{"build --dns nonsense a.eml", "--dns"}, {"build --case bad.yaml a.eml", "bad.yaml"}, {"build --case unknown.yaml a.eml", "mater"},
		{"build --thread <x@y.example> -", "standard input"}, {"build -o", "flag needs an argument"},
		{"verify", "onrecord verify needs a DOSSIER"}, {"verify --nosuch x", "unknown flag"}, {"inspect", "onrecord inspect needs a SOURCE"},
		{"inspect --dns nonsense a.eml", "--dns"}, {"keys", "onrecord keys needs a SOURCE"}, {"render", "onrecord render needs a DOSSIER"}, {"render x", "render needs -o DIR"}, {"render -o x", "needs a DOSSIER"}, {"render a b -o x", "one argument"},
		{"render -o x --format docx y", "--format"}, {"schema extra", "takes no argument"}, {"version extra", "takes no argument"}, {"man", "needs a directory"},
		{"help nosuch", "no command"}, {"completion nosuch", "takes no argument"}, {"completion bash extra", "unknown command"},
		{"archive nosuch", "no command"}, {"archive add x", "archive add needs a STORE and a SOURCE"}, {"archive status", "needs a STORE"}, {"review", "needs a DOSSIER"}, {"review --nosuch x", "unknown flag"}, {"review a.eml", "is no terminal"}, {"review --apply", "flag needs an argument"},
	} {
		r := onrecord(t, dir, strings.Fields(c.args)...)
		assert.Equal(t, int(exitUsage), r.code, "%s\n%s", c.args, r.err)
		assert.Contains(t, r.err, c.says, c.args)
		assert.True(t, strings.HasPrefix(r.err, "onrecord: error: "), "%s: %s", c.args, r.err)
		assert.Contains(t, r.err, "\nonrecord: hint: ", c.args)
		assert.Empty(t, r.out, c.args)
	}
	assert.Equal(t, before, listing(t, dir), "nothing was written")

	r := invocation{dir: dir, args: []string{"version"}, env: []string{"SOURCE_DATE_EPOCH=tomorrow"}}.run(t)
	assert.Equal(t, int(exitUsage), r.code)
	assert.Contains(t, r.err, "SOURCE_DATE_EPOCH")
}

// notMail is what people name by mistake, with what is said of it.
var notMail = []struct{ name, content, says, hint string }{
	{"archive.pst", "!BDN\x00\x00\x00\x00SM", "Outlook data file", "readpst"},
	{"takeout.zip", "PK\x03\x04\x14\x00\x00\x00", "zip archive", "unpack it"},
	{"screenshot.jpg", "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00", "JPEG image", "export it as .eml"},
	{"message.msg", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "OLE compound file: an Outlook message (.msg)", ".eml"},
	{"nothing.txt", "", "empty file", ""},
}

func TestNotMail(t *testing.T) {
	t.Parallel()
	for _, c := range notMail {
		dir := tempDir(t)
		put(t, dir, c.name, c.content, "good.eml", winchReply)
		before := listing(t, dir)
		for _, command := range []string{"build", "inspect"} {
			r := onrecord(t, dir, command, c.name)
			assert.Equal(t, int(exitFailed), r.code, "%s %s\n%s", command, c.name, r.err)
			assert.Contains(t, r.err, "onrecord: warning: "+c.name+": "+c.says, command)
			assert.Contains(t, r.err, c.hint)
			assert.Contains(t, r.err, "no message found")
			assert.Empty(t, r.out)
		}
		assert.Equal(t, before, listing(t, dir), "nothing was left of the failed build")

		r := onrecord(t, dir, "build", "--format", "json", "-o", "out", "good.eml", c.name)
		assert.Equal(t, int(exitPartial), r.code, "%s\n%s", c.name, r.err)
		assert.Contains(t, r.err, "onrecord: warning: "+c.name+": "+c.says)
		sources, total := ledgerOf(t, filepath.Join(dir, "out"))
		assert.Equal(t, dossier.Ledger{Found: 2, Kept: 1, Failed: 1}, total)
		assert.Contains(t, strings.Join(sources[c.name].Notes, "\n"), c.says)
		r = onrecord(t, dir, "inspect", "good.eml", c.name)
		assert.Equal(t, int(exitPartial), r.code, c.name)
		assert.Contains(t, r.out, "Re: Winch 2")
		succeed(t, dir, "verify", "out")
	}
}

func TestMissingSourceIsOne(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply)
	before := listing(t, dir)
	for _, command := range []string{"build", "inspect", "keys"} {
		r := onrecord(t, dir, command, "a.eml", "missing.mbox", "missing.eml")
		assert.Equal(t, int(exitFailed), r.code, command)
		assert.Contains(t, r.err, "missing.mbox")
		assert.Contains(t, r.err, "missing.eml", "all that is missing is said at once")
		assert.Contains(t, r.err, "no such file")
		assert.Empty(t, r.out)
	}
	for _, args := range [][]string{{"verify", "missing.dossier"}, {"verify", "a.eml"}, {"verify", "."}, {"render", "missing", "-o", "x"}, {"build", "--case", "missing.yaml", "a.eml"}, {"build", "--keys", "missing", "a.eml"}} {
		r := onrecord(t, dir, args...)
		assert.Equal(t, int(exitFailed), r.code, "%q\n%s", args, r.err)
		assert.Empty(t, r.out)
	}
	assert.Equal(t, before, listing(t, dir))
}

func TestStrictAndDefectsAreThree(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "broken.eml", winchBroken, "good.eml", winchReply)
	r := onrecord(t, dir, "build", "--strict", "--format", "json", "-o", "strict", "broken.eml", "good.eml")
	assert.Equal(t, int(exitPartial), r.code)
	assert.Contains(t, r.err, "1 message has defects")
	succeed(t, dir, "verify", "strict")
	r = succeed(t, dir, "build", "--format", "json", "-o", "lax", "broken.eml", "good.eml")
	assert.Contains(t, r.out, "1 message has defects")
	succeed(t, dir, "build", "--strict", "--format", "json", "-o", "good", "good.eml")
}

func TestCaseThatDoesNotFitIsThree(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply, "case.yaml", "marks:\n  - message: <w2@hoist.example>\n    quote: words that nobody wrote\n    acts: [warning]\n")
	r := onrecord(t, dir, "build", "--format", "json", "--case", "case.yaml", "a.eml")
	assert.Equal(t, int(exitPartial), r.code)
	assert.Contains(t, r.err, "onrecord: warning: ")
	assert.Contains(t, r.err, "words that nobody wrote")
}

func TestOutputThatExists(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply, "b.eml", winchDenial, "foreign/holiday.txt", "keep me", "file", "keep me")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o777))
	succeed(t, dir, "build", "--format", "json", "-o", "empty", "a.eml")

	first := succeed(t, dir, "build", "--format", "json", "-o", "out", "a.eml")
	whole := read(t, dir, "out", "dossier.json")
	r := onrecord(t, dir, "build", "--format", "json", "-o", "out", "b.eml")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "out: exists already")
	assert.Contains(t, r.err, "onrecord: hint: ")
	assert.Contains(t, r.err, "--force")
	assert.Equal(t, whole, read(t, dir, "out", "dossier.json"))

	second := succeed(t, dir, "build", "--format", "json", "--force", "-o", "out", "b.eml")
	assert.NotEqual(t, first.out, second.out)
	assert.NotEqual(t, whole, read(t, dir, "out", "dossier.json"))
	succeed(t, dir, "verify", "out")

	for _, args := range [][]string{{"-o", "foreign"}, {"-o", "foreign", "--force"}, {"-o", "file"}, {"-o", "file", "--force"}} {
		r := onrecord(t, dir, append([]string{"build", "--format", "json", "a.eml"}, args...)...)
		assert.Equal(t, int(exitFailed), r.code, "%q", args)
		assert.Contains(t, r.err, "hint", "%q", args)
	}
	assert.Equal(t, "keep me", read(t, dir, "foreign", "holiday.txt"))
	assert.Equal(t, "keep me", read(t, dir, "file"))
	for _, name := range listing(t, dir) {
		assert.NotContains(t, name, "partial")
	}

	// A failed build with --force leaves the dossier that is there as it is.
	put(t, dir, "c.jpg", "\xFF\xD8\xFF")
	whole = read(t, dir, "out", "dossier.json")
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "build", "--force", "-o", "out", "c.jpg").code)
	assert.Equal(t, whole, read(t, dir, "out", "dossier.json"))
}

func TestDefaultOutput(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "mail/a.eml", winchReply, "work/.keep", "")
	work := filepath.Join(dir, "work")
	succeed(t, work, "build", "--format", "json", "../mail/a.eml")
	succeed(t, work, "build", "--format", "json", "../mail/")
	r := invocation{dir: work, args: []string{"build", "--format", "json", "-"}, stdin: strings.NewReader(winchReply)}.run(t)
	assert.Zero(t, r.code, r.err)
	for _, name := range []string{"a.eml.dossier/", "mail.dossier/", "stdin.dossier/"} {
		assert.Contains(t, listing(t, work), name)
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir, uid := otherAccount(t)
	put(t, dir, "a.eml", winchReply)
	locked := filepath.Join(dir, "locked")
	require.NoError(t, os.Mkdir(locked, 0o555))
	r := invocation{dir: dir, uid: uid, args: []string{"build", "-o", "locked/out", "a.eml"}}.run(t)
	assert.Equal(t, int(exitFailed), r.code, r.err)
	assert.Contains(t, r.err, "cannot write locked/out")
	assert.Contains(t, r.err, "permission denied")
	assert.Empty(t, listing(t, locked))
	r = onrecord(t, dir, "build", "-o", "no/such/parent", "a.eml")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "cannot write no/such/parent")
}

// otherAccount gives a directory that an account without special rights may write in, and its uid: 0 if we have no special rights ourselves.
func otherAccount(t testing.TB) (dir string, uid uint32) {
	t.Helper()
	if os.Getuid() != 0 {
		return tempDir(t), 0
	}
	dir = tempDir(t)
	require.NoError(t, os.Chmod(dir, 0o777))
	const nobody = 65534
	probe := invocation{dir: dir, uid: nobody, args: []string{"version"}}
	cmd := probe.command(t.Context())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("cannot run as another account, and root may read and write everything: %v %s", err, out)
	}
	return dir, nobody
}

func TestUnreadableSource(t *testing.T) {
	t.Parallel()
	dir, uid := otherAccount(t)
	put(t, dir, "mail/a.eml", winchReply, "mail/secret.eml", winchDenial, "mail/vault/x.eml", winchPhoto, "vault/x.eml", winchPhoto)
	for _, name := range []string{"mail/secret.eml", "mail/vault", "vault"} {
		require.NoError(t, os.Chmod(filepath.Join(dir, name), 0))
		t.Cleanup(func() { os.Chmod(filepath.Join(dir, name), 0o700) })
	}
	run := func(args ...string) result { return invocation{dir: dir, uid: uid, args: args}.run(t) }
	for _, args := range [][]string{{"mail"}, {"mail/a.eml", "mail/secret.eml"}, {"mail/a.eml", "vault"}} {
		r := run(append([]string{"build", "--force", "--format", "json", "-o", "out"}, args...)...)
		require.Equal(t, int(exitPartial), r.code, "%q\n%s", args, r.err)
		assert.Contains(t, r.err, "permission denied")
		sources, total := ledgerOf(t, filepath.Join(dir, "out"))
		assert.Equal(t, 1, total.Kept)
		for _, name := range []string{"mail/secret.eml", "mail/vault", "vault"} {
			if s, ok := sources[name]; ok {
				assert.Equal(t, 1, s.Failed, name)
				assert.Contains(t, s.Notes[0], "permission denied")
				assert.Contains(t, r.err, "onrecord: warning: "+name)
			}
		}
		assert.Equal(t, total.Failed, strings.Count(r.err, "onrecord: warning: "))
		if args[0] == "mail" {
			assert.Equal(t, 2, total.Failed, "%v", sources)
		}
		r = run(append([]string{"inspect"}, args...)...)
		assert.Equal(t, int(exitPartial), r.code, "%q\n%s", args, r.err)
	}
	for _, name := range []string{"mail/secret.eml", "vault"} {
		r := run("build", "--format", "json", "-o", "none", name)
		assert.Equal(t, int(exitFailed), r.code, "nothing else to read\n%s", r.err)
		assert.Contains(t, r.err, name)
		assert.NoDirExists(t, filepath.Join(dir, "none"))
	}
}

func TestStandardOutputThatTakesNothing(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply)
	succeed(t, dir, "build", "--format", "json", "-o", "held", "a.eml")
	for _, args := range [][]string{{"build", "--format", "json", "--force", "--json", "-o", "out", "a.eml"}, {"build", "--format", "json", "--force", "-o", "out", "a.eml"},
		{"inspect", "a.eml"}, {"inspect", "--json", "a.eml"}, {"verify", "held"}, {"verify", "--json", "held"}, {"review", "--list", "held"}, {"schema"}, {"version"}, {"completion", "bash"}, {"help", "build"}, {"keys", "--dns", "off", "a.eml"}} {
		if args[0] == "keys" {
			put(t, dir, "a.eml", signed(t, winchWarning)) // something to print
		}
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("no /dev/full here")
		}
		r := invocation{dir: dir, args: args, stdout: full}.run(t)
		require.NoError(t, full.Close())
		assert.Equal(t, int(exitFailed), r.code, "%q\n%s", args, r.err)
		assert.Contains(t, r.err, "no space left", "%q", args)
	}
	// A closed standard output must not become a file of the dossier.
	cmd := exec.Command("bash", "-c", `"$0" build --format json --force -o out a.eml >&- 2>&- <&-`, program)
	cmd.Dir = dir
	require.NoError(t, cmd.Run())
	succeed(t, dir, "verify", "out")
}
