package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/mailgen"
)

// recordsOf reads messages[] of a dossier.
func recordsOf(t testing.TB, dir string) []*evidence.Record {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "dossier.json"))
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	d, err := dossier.Decode(f, info.Size())
	require.NoError(t, err)
	var all []*evidence.Record
	for r, err := range d.Messages {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

func TestStandardInput(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	mail := mailbox(winch(t)...)
	put(t, dir, "winch.mbox", mail)
	from := func(stdin string, args ...string) result {
		return invocation{dir: dir, args: args, stdin: strings.NewReader(stdin)}.run(t)
	}
	r := from(mail, "build", "--format", "json", "-")
	require.Zero(t, r.code, r.err)
	assert.Equal(t, mail, read(t, dir, "stdin.dossier", "data", "sources", "stdin"))
	sources, _ := ledgerOf(t, filepath.Join(dir, "stdin.dossier"))
	assert.Nil(t, sources["-"].ModifiedAt)
	assert.Equal(t, 4, sources["-"].Kept)
	succeed(t, dir, "verify", "stdin.dossier")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "stdin.dossier")))
	assert.Equal(t, strings.ReplaceAll(succeed(t, dir, "inspect", "--json", "winch.mbox").out, `"source":"winch.mbox"`, `"source":"-"`), from(mail, "inspect", "--json", "-").out)

	// Beside files, and only once.
	r = from(winchBroken, "build", "--format", "json", "-o", "both", "winch.mbox", "-")
	assert.Zero(t, r.code, r.err)
	_, total := ledgerOf(t, filepath.Join(dir, "both"))
	assert.Equal(t, 5, total.Kept)

	for _, stdin := range []string{"", "only words\n", "\xFF\xD8\xFF"} {
		for _, command := range []string{"build", "inspect"} {
			r = from(stdin, command, "-")
			assert.NoDirExists(t, filepath.Join(dir, "stdin.dossier"))
			assert.Equal(t, int(exitFailed), r.code, "%s %q\n%s", command, stdin, r.err)
			assert.Contains(t, r.err, "onrecord: warning: -: ")
		}
	}
	r = from("", "build", "--format", "json", "-o", "some", "winch.mbox", "-")
	assert.Equal(t, int(exitPartial), r.code, r.err)
}

// oddNames are names that files have on real disks.
func oddNames() []string {
	return []string{"with space.eml", "new\nline.eml", "carriage\rreturn.eml", "tab\t.eml", "latin1-\xe9.eml", "~home.eml", "~", "-x", "--output", "back\\slash.eml", "per%cent%0A.eml",
		"per%cent=0A.eml", "c:drive.eml", "star*?.eml", "quote\"'$(touch x)`touch y`.eml", "1767607323.M1P2.host:2,S", "trailing.dot.", "trailing space ", " leading", "*star", "\x1b[31mred.eml", "Größe-größe.eml", "\u202egnp.eml",
		strings.Repeat("n", 200), strings.Repeat("ü", 110) + ".eml", strings.Repeat("\xff", 250), "Twin.eml", "twin.eml", "TWIN.EML", "Deep/Twin.eml", "deep/twin.eml", "data/sources/x.eml", "bagit.txt", "con.eml", "a=41.eml"}
}

func TestOddNames(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	var files []string
	for i, name := range oddNames() {
		files = append(files, "odd/"+name, strings.Replace(winchReply, "w2@", fmt.Sprintf("odd%d@", i), 1))
	}
	put(t, dir, files...)
	deep := "odd" + strings.Repeat("/"+strings.Repeat("d", 150), 20)
	put(t, dir, deep+"/deep.eml", winchPhoto)
	check := func(out string, kept int) {
		t.Helper()
		sources, total := ledgerOf(t, filepath.Join(dir, out))
		assert.Equal(t, dossier.Ledger{Found: kept, Kept: kept}, total)
		assert.Len(t, sources, kept)
		sumsPass(t, filepath.Join(dir, out))
		r := onrecord(t, dir, "verify", "./"+out)
		assert.Zero(t, r.code, "%s", r.out)
		seen := map[string]bool{}
		for _, s := range sources {
			assert.NotContains(t, seen, strings.ToLower(s.File), "names that differ in case only")
			seen[strings.ToLower(s.File)] = true
			for _, element := range strings.Split(s.File, "/") {
				assert.LessOrEqual(t, len(element), 255)
				assert.NotRegexp(t, "[\x00-\x1f\x7f\\\\:*?\"<>|%]|[. ]$", element, "a name that some system or sha256sum does not take")
			}
			copied := read(t, dir, out, s.File)
			assert.Equal(t, s.SHA256.Hex(), sha256Hex(copied))
		}
	}
	succeed(t, dir, "build", "--format", "json", "-o", "tree", "odd")
	check("tree", len(oddNames())+1)

	// The same files named one by one, behind --.
	args := []string{"build", "--format", "json", "-o", "../named", "--"}
	args = append(args, oddNames()...)
	r := onrecord(t, filepath.Join(dir, "odd"), args...)
	require.Zero(t, r.code, r.err)
	check("named", len(oddNames()))
	assert.NotContains(t, r.out+r.err, "\x1b")
	assert.NoFileExists(t, filepath.Join(dir, "odd", "x"))

	r = onrecord(t, filepath.Join(dir, "odd"), "inspect", "--", "\x1b[31mred.eml", "new\nline.eml", "latin1-\xe9.eml", "\u202egnp.eml")
	assert.Zero(t, r.code)
	for _, raw := range []string{"\x1b", "\u202e", "\xe9"} {
		assert.NotContains(t, r.out+r.err, raw)
	}
	r = onrecord(t, dir, "build", "odd", "\x1b[31mmissing")
	assert.Equal(t, int(exitFailed), r.code)
	assert.NotContains(t, r.err, "\x1b")
	// Twice the same name in other directories, and the same file twice.
	put(t, dir, "one/same.eml", winchReply, "two/same.eml", winchDenial)
	succeed(t, dir, "build", "--format", "json", "-o", "same", "one/same.eml", "two/same.eml", "one/same.eml")
	_, total := ledgerOf(t, filepath.Join(dir, "same"))
	assert.Equal(t, dossier.Ledger{Found: 3, Kept: 2, Duplicate: 1}, total)
	succeed(t, dir, "verify", "same")
}

func TestLinksAndSpecialFiles(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "mail/a.eml", winchReply, "mail/sub/b.eml", winchDenial, "outside/c.eml", winchPhoto)
	for name, target := range map[string]string{"loop": ".", "up": "..", "self": "self", "inside": "sub/b.eml", "insidedir": "sub", "out": "../outside/c.eml", "outdir": "../outside", "absolute": "/etc/hostname",
		"dead": "nothing", "sub/loop": "..", "sub/a": "b", "sub/b": "a"} {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, "mail", name)))
	}
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "mail", "fifo"), 0o666))
	// A socket's path is short, a test's directory may not be.
	socketDir, err := os.MkdirTemp(scratch, "s")
	require.NoError(t, err)
	defer os.RemoveAll(socketDir)
	socket, err := net.Listen("unix", filepath.Join(socketDir, "s"))
	require.NoError(t, err)
	defer socket.Close()
	require.NoError(t, os.Rename(filepath.Join(socketDir, "s"), filepath.Join(dir, "mail", "socket")))
	device := syscall.Mknod(filepath.Join(dir, "mail", "null"), syscall.S_IFCHR|0o666, 1<<8|3) == nil
	before := listing(t, dir)

	r := onrecord(t, dir, "build", "--format", "json", "-o", "out", "mail")
	assert.Equal(t, int(exitPartial), r.code, "links that lead out were not followed, which is said\n%s", r.err)
	sources, total := ledgerOf(t, filepath.Join(dir, "out"))
	assert.Equal(t, 2, total.Kept)
	for name, says := range map[string]string{"mail/loop": "read where it lies", "mail/up": "outside", "mail/self": "", "mail/inside": "read where it lies", "mail/insidedir": "read where it lies", "mail/out": "outside",
		"mail/outdir": "outside", "mail/absolute": "outside", "mail/dead": "nothing is", "mail/sub/loop": "read where it lies", "mail/fifo": "named pipe", "mail/socket": "socket"} {
		require.Contains(t, sources, name)
		assert.Contains(t, sources[name].Notes[0], says, name)
		assert.Equal(t, 1, sources[name].Failed+sources[name].Excluded, name)
	}
	if device {
		assert.Contains(t, sources["mail/null"].Notes[0], "device")
	}
	for _, f := range listing(t, filepath.Join(dir, "out", "data")) {
		assert.NotContains(t, f, "c.eml")
	}
	succeed(t, dir, "verify", "out")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "out")))
	assert.Equal(t, before, listing(t, dir))

	// Named by the user: a link is what it points to; a pipe is not waited for.
	succeed(t, dir, "build", "--format", "json", "-o", "linked", "mail/out")
	r = onrecord(t, dir, "build", "--format", "json", "-o", "none", "mail/fifo")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "no regular file")
	for _, name := range []string{"mail/fifo", "mail/socket", "/dev/null"} {
		assert.Equal(t, int(exitPartial), onrecord(t, dir, "build", "--force", "--format", "json", "-o", "some", name, "mail/a.eml").code, name)
	}
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "build", "-o", "none", "mail/self").code)
}

func TestOutputInsideOfTheSource(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "box/a.eml", winchReply, "box/b.eml", winchDenial)
	box := filepath.Join(dir, "box")
	require.NoError(t, os.Symlink("box", filepath.Join(dir, "way")))
	succeed(t, box, "build", "--format", "json", ".", "-o", "first.dossier")
	succeed(t, box, "build", "--format", "json", ".", "-o", "second.dossier")
	succeed(t, box, "build", "--format", "json", "--force", ".", "-o", "first.dossier")
	succeed(t, dir, "build", "--format", "json", "way", "-o", "box/third.dossier")
	succeed(t, dir, "build", "--format", "json", "box", "-o", "way/fourth.dossier")
	// What a killed build left is no source either.
	put(t, box, ".gone.dossier.onrecord-partial-1/data/sources/x.eml", winchPhoto)
	succeed(t, box, "build", "--format", "json", ".", "-o", "fifth.dossier")
	excluded := map[string]int{"first.dossier": 2, "second.dossier": 1, "third.dossier": 2, "fourth.dossier": 3, "fifth.dossier": 5}
	for name, n := range excluded {
		sources, total := ledgerOf(t, filepath.Join(box, name))
		assert.Equal(t, dossier.Ledger{Found: 2 + n, Kept: 2, Excluded: n}, total, "%s: %v", name, sources)
		succeed(t, box, "verify", name)
	}
	// A dossier is no source, whether it is named or lies deeper.
	r := onrecord(t, box, "build", "first.dossier")
	assert.Equal(t, int(exitFailed), r.code)
	// Its messages are, when they are named.
	succeed(t, box, "build", "--format", "json", "-o", "again.dossier", "first.dossier/data/messages")
}

func TestSourceThatChanges(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	var mail bytes.Buffer
	require.NoError(t, mailgen.Mailbox(&mail, 1, 8<<20))
	put(t, dir, "live.mbox", mail.String(), "good.eml", winchReply)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		f, err := os.OpenFile(filepath.Join(dir, "live.mbox"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return
		}
		defer f.Close()
		for {
			select {
			case <-stop:
				return
			default:
				// All of it is of one size: a writer that is faster than the reader would never let it end.
				f.WriteString("\nmore")
				time.Sleep(100 * time.Microsecond)
			}
		}
	}()
	before := []string{"good.eml", "live.mbox"}
	for _, args := range [][]string{{"build", "-o", "out", "good.eml", "live.mbox"}, {"build", "--sources", "reference", "-o", "out", "live.mbox"}, {"inspect", "--json", "live.mbox"}} {
		r := onrecord(t, dir, args...)
		assert.Equal(t, int(exitFailed), r.code, "%q\n%s", args, r.err)
		assert.Contains(t, r.err, "live.mbox changed while it was being read", "%q", args)
		assert.Contains(t, r.err, "onrecord: hint: ", "%q", args)
		assert.Equal(t, before, listing(t, dir))
	}
	close(stop)
	<-done
	succeed(t, dir, "build", "--format", "json", "-o", "out", "live.mbox")
}

// The same messages as mbox, files and Maildir are the same exhibits.
func TestFormsOfOneStory(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	all := append(winch(t), winchBroken)
	put(t, dir, "story.mbox", mailbox(all...), "maildir/tmp/.keep", "", "maildir/new/.keep", "")
	for i, m := range all {
		put(t, dir, fmt.Sprintf("files/%d.eml", i), m, fmt.Sprintf("crlf/%d.eml", i), strings.ReplaceAll(m, "\n", "\r\n"), fmt.Sprintf("maildir/cur/177244%d.M1P%d.host:2,RS", i, i), m)
	}
	digests := func(form string, of func(*evidence.Record) string) []string {
		succeed(t, dir, "build", "--format", "json", "--force", "-o", form+".dossier", map[string]string{"mbox": "story.mbox"}[form]+strings.TrimPrefix(form, "mbox"))
		var list []string
		for _, r := range recordsOf(t, filepath.Join(dir, form+".dossier")) {
			list = append(list, of(r))
		}
		slices.Sort(list) // a message without a date has its place by the file
		return list
	}
	bytesOf := func(r *evidence.Record) string { return r.Digests.Message.String() }
	canonical := func(r *evidence.Record) string {
		return r.Digests.Canonical.String() + " " + r.Digests.Content.String()
	}
	assert.Len(t, digests("mbox", bytesOf), len(all))
	assert.Equal(t, digests("mbox", bytesOf), digests("files", bytesOf))
	assert.Equal(t, digests("mbox", bytesOf), digests("maildir", bytesOf))
	assert.Equal(t, digests("mbox", canonical), digests("crlf", canonical))
	flags, _ := json.Marshal(recordsOf(t, filepath.Join(dir, "maildir.dossier"))[0].Origin)
	assert.Contains(t, string(flags), `"flags":"RS"`)

	// All forms in one dossier: each message is kept once for each form of its bytes, and the rest are named as copies.
	succeed(t, dir, "build", "--format", "json", "-o", "all.dossier", "story.mbox", "files", "maildir", "crlf")
	_, total := ledgerOf(t, filepath.Join(dir, "all.dossier"))
	assert.Equal(t, dossier.Ledger{Found: 4*len(all) + 2, Kept: 2 * len(all), Duplicate: 2 * len(all), Excluded: 2}, total)
	succeed(t, dir, "verify", "all.dossier")
}

func TestSelection(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...))
	for _, c := range []struct {
		args     []string
		exhibits []string
	}{
		{[]string{"--since", "2026-03-03"}, []string{"<w4@owner.example>"}},
		{[]string{"--until", "2026-03-02T10:00:00Z"}, []string{"<w1@hoist.example>"}},
		{[]string{"--participant", "DORA@owner.example"}, []string{"<w1@hoist.example>", "<w4@owner.example>"}},
		{[]string{"--thread", "w3@hoist.example"}, []string{"<w1@hoist.example>", "<w2@hoist.example>", "<w3@hoist.example>"}},
	} {
		succeed(t, dir, append([]string{"build", "--force", "--format", "json", "-o", "out", "winch.mbox"}, c.args...)...)
		var ids []string
		for _, r := range recordsOf(t, filepath.Join(dir, "out")) {
			ids = append(ids, r.MessageID)
		}
		assert.Equal(t, c.exhibits, ids, "%q", c.args)
		_, total := ledgerOf(t, filepath.Join(dir, "out"))
		assert.Equal(t, dossier.Ledger{Found: 4, Kept: len(ids), Excluded: 4 - len(ids)}, total)
		v := onrecord(t, dir, "verify", "out")
		assert.Zero(t, v.code, "%q\n%s", c.args, v.out)
	}
	r := onrecord(t, dir, "build", "--since", "2027-01-01", "-o", "none", "winch.mbox")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "4 messages or files were left out; widen the selection")
	assert.NoDirExists(t, filepath.Join(dir, "none"))
}

func TestManyFilesStayFewOpen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("limits are set by prlimit")
	}
	t.Parallel()
	dir := tempDir(t)
	var files []string
	for i := range 400 {
		files = append(files, fmt.Sprintf("many/%04d.eml", i), strings.Replace(winchReply, "w2@", fmt.Sprintf("many%d@", i), 1))
	}
	put(t, dir, files...)
	r := shell(t, dir, `ulimit -n 40; "$0" build --format json -o out many`)
	assert.Zero(t, r.code, r.err)
	_, total := ledgerOf(t, filepath.Join(dir, "out"))
	assert.Equal(t, 400, total.Kept)
}
