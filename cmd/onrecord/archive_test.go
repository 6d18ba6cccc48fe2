package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/testpki"
)

// nightly is a letter of the tests' own mail.
func nightly(n int, more string) string {
	return fmt.Sprintf("From: Ines Roth <ines%d@hoist.example>\nTo: crew@quay.example\nDate: Mon, 2 Mar 2026 10:%02d:00 +0100\nMessage-ID: <winch-%d@hoist.example>\n%sSubject: winch %d\n\nThe winch of crane %d was looked at.\n",
		n%5, n%60, n, more, n, n)
}

func nightlyMbox(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "From ines@hoist.example Mon Mar  2 09:00:00 2026\n%s\n", nightly(n, ""))
	}
	return b.String()
}

// touch gives a file another time of change, as writing to it does.
func touch(t testing.TB, seconds int64, name ...string) {
	t.Helper()
	require.NoError(t, os.Chtimes(filepath.Join(name...), time.Time{}, time.Unix(1773000000+seconds, 0)))
}

// archived gives what stands in a store: the files that make it up, and what can be found in it.
func archived(t testing.TB, store string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range listing(t, store) {
		top, _, _ := strings.Cut(name, "/")
		if strings.HasSuffix(name, "/") || slices.Contains([]string{"lock", "tmp", "last-run.json", "key"}, top) || strings.HasPrefix(name, "index.sqlite") {
			continue
		}
		all[name] = read(t, store, name)
	}
	all["found"] = succeed(t, store, "archive", "find", ".", "--limit", "0", "--json").out
	return all
}

// sameFiles compares stores without printing them.
func sameFiles(t testing.TB, want, got map[string]string, what string, args ...any) {
	t.Helper()
	var names []string
	for name := range want {
		if want[name] != got[name] {
			names = append(names, name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, "+"+name)
		}
	}
	slices.Sort(names)
	require.Empty(t, names, what, args)
}

// digests gives the digests of all messages of a store, sorted.
func digests(t testing.TB, store string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(succeed(t, store, "archive", "find", ".", "--limit", "0", "--json").out) {
		var hit struct{ Digest string }
		require.NoError(t, json.Unmarshal([]byte(line), &hit))
		all = append(all, hit.Digest)
	}
	slices.Sort(all)
	return all
}

func copyTree(t testing.TB, from, to string) {
	t.Helper()
	require.NoError(t, exec.Command("cp", "-a", from, to).Run())
}

func TestArchiveNights(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "inbox.mbox", nightlyMbox(0, 30), "md/cur/1700000001.M1P1.quay:2,", nightly(100, ""), "md/new/1700000002.M1P1.quay", nightly(101, "In-Reply-To: <winch-100@hoist.example>\n"),
		"md/cur/1700000003.M1P1.quay:2,", nightly(102, "References: <winch-100@hoist.example> <lost@hoist.example>\n"))
	r := succeed(t, dir, "archive", "init", "store")
	assert.Regexp(t, `^store: an empty store\npublic key: onrecord-archive-[0-9a-f]{12}\+[0-9a-f]{8}\+\S+\n$`, r.out)
	add := []string{"archive", "add", "--json", "store", "inbox.mbox", "md"}
	var sum struct {
		Run, Files, Unchanged, Renamed, Messages, New, Duplicates int
		Vanished                                                  []struct {
			Path     string
			Messages int
		}
	}
	night := func() {
		t.Helper()
		r := succeed(t, dir, add...)
		sum.Vanished = nil
		require.NoError(t, json.Unmarshal([]byte(r.out), &sum), r.out)
		assert.Equal(t, 1, strings.Count(r.out, "\n"))
	}
	night()
	assert.Equal(t, 33, sum.New)
	night()
	assert.Equal(t, 0, sum.Run)
	assert.Equal(t, 4, sum.Unchanged)
	r = succeed(t, dir, "archive", "add", "store", "inbox.mbox", "md")
	assert.Empty(t, r.out+r.err, "when all is well nothing is said")

	put(t, dir, "inbox.mbox", nightlyMbox(0, 40))
	touch(t, 1, dir, "inbox.mbox")
	require.NoError(t, os.Rename(filepath.Join(dir, "md/new/1700000002.M1P1.quay"), filepath.Join(dir, "md/cur/1700000002.M1P1.quay:2,S")))
	night()
	assert.Equal(t, 10, sum.New)
	assert.Equal(t, 11, sum.Messages, "the last one is read again")
	assert.Equal(t, 1, sum.Renamed)

	put(t, dir, "inbox.mbox", nightlyMbox(5, 41))
	touch(t, 2, dir, "inbox.mbox")
	require.NoError(t, os.Remove(filepath.Join(dir, "md/cur/1700000003.M1P1.quay:2,")))
	r = succeed(t, dir, "archive", "add", "store", "inbox.mbox", "md")
	assert.Equal(t, "onrecord: warning: 5 messages that were in "+dir+"/inbox.mbox on 2026-03-09T08:00:00Z are gone; they are kept here\n"+
		"onrecord: warning: 1 message that was in "+dir+"/md/cur/1700000003.M1P1.quay:2, on 2026-03-09T08:00:00Z is gone; it is kept here\n", r.err)
	assert.Empty(t, r.out)

	// Everything is still there, and found.
	r = succeed(t, dir, "archive", "find", "store", "--message-id", "<winch-2@hoist.example>", "--json")
	assert.Contains(t, r.out, `"gone":"2026-03-09T08:00:00Z"`)
	assert.Equal(t, 44, len(digests(t, filepath.Join(dir, "store"))))
	assert.Equal(t, 1, strings.Count(succeed(t, dir, "archive", "find", "store", "crane", "39").out, "\n"))
	assert.Equal(t, 8, strings.Count(succeed(t, dir, "archive", "find", "store", "--from", "ines3@hoist.example").out, "\n"))
	assert.Equal(t, 44, strings.Count(succeed(t, dir, "archive", "find", "store", "--to", "@quay.example").out, "\n"))
	assert.Equal(t, 1, strings.Count(succeed(t, dir, "archive", "find", "store", "--subject", "winch 7").out, "\n"))
	assert.Equal(t, 0, strings.Count(succeed(t, dir, "archive", "find", "store", "--subject", "crane").out, "\n"))
	assert.Equal(t, 44, strings.Count(succeed(t, dir, "archive", "find", "store", "--since", "2026-03-02", "--until", "2026-03-03").out, "\n"))
	assert.Equal(t, 0, strings.Count(succeed(t, dir, "archive", "find", "store", "--until", "2026-03-02").out, "\n"))
	r = succeed(t, dir, "archive", "thread", "store", "winch-101@hoist.example")
	assert.Equal(t, 3, strings.Count(r.out, "\n"), r.out)
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "archive", "thread", "store", "nobody@hoist.example").code)

	before := archived(t, filepath.Join(dir, "store"))
	succeed(t, dir, "archive", "verify", "--deep", "store")
	succeed(t, dir, "archive", "index", "store", "--rebuild")
	sameFiles(t, before, archived(t, filepath.Join(dir, "store")), "after index --rebuild")
	r = succeed(t, dir, "archive", "status", "store")
	assert.Contains(t, r.out, "messages    44, ")
	assert.Contains(t, r.out, "1 file no more there, 6 messages no more where they were")
	var st struct{ Runs, Entries int }
	require.NoError(t, json.Unmarshal([]byte(succeed(t, dir, "archive", "status", "--json", "store").out), &st))
	assert.Equal(t, 3, st.Runs)
	assert.Equal(t, 47, st.Entries)
}

// What stock tools make of a store, as its README.txt says.
func TestArchiveWithoutOnrecord(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("zstd is not installed")
	}
	dir := tempDir(t)
	put(t, dir, "inbox.mbox", nightlyMbox(0, 300), "crlf.eml", strings.ReplaceAll(nightly(400, ""), "\n", "\r\n"), "big.eml", nightly(401, "")+strings.Repeat("0123456789abcdef\n", 400_000))
	succeed(t, dir, "archive", "init", "store")
	succeed(t, dir, "archive", "add", "store", "inbox.mbox", "crlf.eml", "big.eml")
	r := shell(t, dir, `set -e; mkdir out; cd out
for s in ../store/segments/*.tar.zst; do
	test "$(sha256sum <"$s" | cut -d' ' -f1)" = "$(basename "$s" .tar.zst | cut -d- -f2)"
	tar --zstd -xf "$s"
done
cd messages
for m in *.eml; do echo "${m%.eml}  $m"; done | sha256sum -c --quiet
ls | wc -l
cmp "$(sha256sum ../../big.eml | cut -d' ' -f1).eml" ../../big.eml && cmp "$(sha256sum ../../crlf.eml | cut -d' ' -f1).eml" ../../crlf.eml
printf '\000message sha256:%s' "$(sha256sum ../../crlf.eml | cut -d' ' -f1)" | sha256sum | cut -d' ' -f1 >/dev/null`)
	require.Zero(t, r.code, r.err)
	assert.Equal(t, "302\n", r.out)
	succeed(t, dir, "archive", "verify", "--deep", "store")
}

func TestArchiveIsClosedToOthers(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "inbox.mbox", nightlyMbox(0, 3))
	r := shell(t, dir, `umask 000; "$0" archive init store >/dev/null && "$0" archive add store inbox.mbox && find store -printf '%y %m\n' | sort -u`)
	require.Zero(t, r.code, r.err)
	assert.Equal(t, "d 700\nf 600\n", r.out)
	require.NoError(t, os.Chmod(filepath.Join(dir, "store/key"), 0o640))
	r = onrecord(t, dir, "archive", "add", "store", "inbox.mbox")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "has mode 0640: others can read the signing key\nonrecord: hint: chmod 600 ")
	require.NoError(t, os.Chmod(filepath.Join(dir, "store/key"), 0o600))
	// A key from elsewhere stays there.
	require.NoError(t, os.Rename(filepath.Join(dir, "store/key"), filepath.Join(dir, "k")))
	succeed(t, dir, "archive", "init", "--key", "k", "other")
	succeed(t, dir, "archive", "add", "other", "inbox.mbox")
	assert.NotContains(t, listing(t, filepath.Join(dir, "other")), "key")
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "archive", "init", "store").code, "there is one already")
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "archive", "status", ".").code, "no store")
}

func TestArchiveLock(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	succeed(t, dir, "archive", "init", "store")
	put(t, dir, "a.eml", nightly(1, ""))
	in, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	first, _ := started(t, invocation{dir: dir, args: []string{"archive", "add", "store", "-"}, stdin: in})
	in.Close()
	var r result
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if r = onrecord(t, dir, "archive", "status", "store"); strings.Contains(r.out, "lock ") {
			break
		}
	}
	pid := strconv.Itoa(first.Process.Pid)
	assert.Contains(t, r.out, "lock        process "+pid+" on ")
	begin := time.Now()
	r = onrecord(t, dir, "archive", "add", "store", "a.eml")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Regexp(t, `^onrecord: error: another run has this store: process `+pid+` on \S+, since 2026-03-09T08:00:00Z\n`, r.err)
	assert.Less(t, time.Since(begin), 5*time.Second)
	// The lock of a process that was killed is free.
	require.NoError(t, first.Process.Kill())
	first.Wait()
	succeed(t, dir, "archive", "add", "store", "a.eml")
	assert.Len(t, digests(t, filepath.Join(dir, "store")), 1)
}

// killings is how often runs are killed: enough for every push, more where somebody asks (ONRECORD_KILLS).
func killings() int {
	if n, err := strconv.Atoi(os.Getenv("ONRECORD_KILLS")); err == nil {
		return n
	}
	return 25
}

// A run that is killed at any moment is as if it had not been or as if it had ended well: the next run makes of the store what an undisturbed run makes, byte for byte.
func TestArchiveKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 4<<20)
	succeed(t, dir, "archive", "init", "empty")
	copyTree(t, filepath.Join(dir, "empty"), filepath.Join(dir, "first"))
	begin := time.Now()
	succeed(t, dir, "archive", "add", "first", "mail.mbox")
	took := time.Since(begin)
	want1 := archived(t, filepath.Join(dir, "first"))
	f, err := os.OpenFile(filepath.Join(dir, "mail.mbox"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = io.WriteString(f, nightlyMbox(0, 600))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	touch(t, 5, dir, "mail.mbox")
	copyTree(t, filepath.Join(dir, "first"), filepath.Join(dir, "second"))
	succeed(t, dir, "archive", "add", "second", "mail.mbox")
	want2 := archived(t, filepath.Join(dir, "second"))
	require.Contains(t, want2, "checkpoints/000002")
	_ = want1

	moment := rand.New(rand.NewPCG(9, 10))
	killed := 0
	for i := range killings() {
		from := "first"
		span := took / 2
		if i%4 == 3 {
			from, span = "empty", took
		}
		store := filepath.Join(dir, "try"+strconv.Itoa(i))
		copyTree(t, filepath.Join(dir, from), store)
		for range 1 + i%3 { // a run after a killed one may be killed too
			cmd, _ := started(t, invocation{dir: dir, args: []string{"archive", "add", store, "mail.mbox"}})
			time.Sleep(time.Duration(moment.Int64N(int64(span) + 1)))
			if cmd.Process.Kill() == nil {
				killed++
			}
			cmd.Wait()
		}
		r := onrecord(t, dir, "archive", "add", store, "mail.mbox")
		require.Zero(t, r.code, r.err)
		succeed(t, dir, "archive", "verify", "--deep", "-q", store)
		if from == "first" {
			sameFiles(t, want2, archived(t, store), "try %d", i)
		} else {
			assert.Equal(t, len(digests(t, filepath.Join(dir, "second"))), len(digests(t, store)))
		}
		require.NoError(t, os.RemoveAll(store))
	}
	t.Logf("%d runs killed; one takes %s", killed, took)
	assert.Positive(t, killed)
}

// Writing fails at each of many places, as on a full disk.
func TestArchiveWritingFails(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 1<<20)
	succeed(t, dir, "archive", "init", "empty")
	copyTree(t, filepath.Join(dir, "empty"), filepath.Join(dir, "whole"))
	succeed(t, dir, "archive", "add", "whole", "mail.mbox")
	want := archived(t, filepath.Join(dir, "whole"))
	copyTree(t, filepath.Join(dir, "empty"), filepath.Join(dir, "store"))
	refused := 0
	for _, kib := range []int64{0, 1, 4, 16, 64, 128, 200, 300, 400, 600, 800} {
		r := shell(t, dir, "ulimit -f "+strconv.FormatInt(kib, 10)+`; exec "$0" archive add store mail.mbox`)
		if r.code == 0 {
			break
		}
		refused++
		assert.Equal(t, int(exitFailed), r.code, "%d KiB: %s", kib, r.err)
		assert.Regexp(t, `^onrecord: error: `, r.err, "%d KiB", kib)
	}
	assert.GreaterOrEqual(t, refused, 4)
	succeed(t, dir, "archive", "add", "store", "mail.mbox")
	sameFiles(t, want, archived(t, filepath.Join(dir, "store")), "after a full disk")
	succeed(t, dir, "archive", "verify", "--deep", "-q", "store")
}

// Mail is delivered while runs read: into the mailbox itself, and into a new one after the old one was put aside. Each message is taken in once, and none that was never sent.
func TestArchiveWhileMailArrives(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "mail"), 0o777))
	succeed(t, dir, "archive", "init", "store")
	inbox := filepath.Join(dir, "mail", "inbox")
	const letters = 3000
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			for n := range letters {
				if n%1000 == 700 {
					if err := os.Rename(inbox, inbox+"."+strconv.Itoa(n)); err != nil {
						return err
					}
				}
				f, err := os.OpenFile(inbox, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
				if err != nil {
					return err
				}
				piece := nightlyMbox(n, n+1)
				half := len(piece) / 2
				time.Sleep(300 * time.Microsecond)
				for _, part := range []string{piece[:half], piece[half:]} { // as a delivery does, in more than one write
					if _, err := f.WriteString(part); err != nil {
						return err
					}
				}
				if err := f.Close(); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	runs := 0
	for over := false; !over; runs++ {
		select {
		case err := <-done:
			require.NoError(t, err)
			over = true
		default:
		}
		r := onrecord(t, dir, "archive", "add", "store", "mail")
		require.Contains(t, []int{int(exitDone), int(exitPartial)}, r.code, r.err)
	}
	succeed(t, dir, "archive", "add", "--recheck", "store", "mail")
	t.Logf("%d runs while mail arrived", runs)
	succeed(t, dir, "archive", "init", "calm")
	succeed(t, dir, "archive", "add", "calm", "mail")
	want := digests(t, filepath.Join(dir, "calm"))
	assert.Len(t, want, letters)
	got := digests(t, filepath.Join(dir, "store"))
	// A run can come between two writes of one delivery and see nothing that tells: then the beginning of that letter is kept too, and said to have grown.
	got = slices.DeleteFunc(got, func(d string) bool { return !slices.Contains(want, d) })
	assert.Equal(t, want, got)
	succeed(t, dir, "archive", "verify", "--deep", "-q", "store")
}

func TestArchiveExport(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	quoted := "From a@hoist.example Mon Mar  2 09:00:00 2026\n" + nightly(50, "References: <winch-1@hoist.example>\n") + ">From the crane nothing was seen.\n\n"
	put(t, dir, "inbox.mbox", nightlyMbox(0, 5)+quoted, "crlf.eml", strings.ReplaceAll(nightly(60, "In-Reply-To: <winch-1@hoist.example>\n"), "\n", "\r\n"))
	succeed(t, dir, "archive", "init", "store")
	succeed(t, dir, "archive", "add", "store", "inbox.mbox", "crlf.eml")
	r := succeed(t, dir, "archive", "export", "store", "-o", "out")
	assert.Contains(t, r.out, "7 messages, ")
	r = shell(t, filepath.Join(dir, "out"), "sha256sum -c --quiet SHA256SUMS && cat messages/*.eml | sha256sum && wc -l <index.jsonl && ls proofs | wc -l && head -1 proofs/0000000*")
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, "\n7\n7\nc2sp.org/tlog-proof@v1\n")
	succeed(t, dir, "archive", "export", "store", "-o", "box", "--format", "mbox", "--quiet")
	assert.Equal(t, read(t, dir, "inbox.mbox"), read(t, dir, "box/messages/mail.mbox")[:len(read(t, dir, "inbox.mbox"))], "an mbox comes out as it went in")
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "archive", "export", "store", "-o", "out").code, "it is not empty")
	assert.Equal(t, int(exitFailed), onrecord(t, dir, "archive", "export", "store", "-o", "none", "nowhere").code)
	assert.NoDirExists(t, filepath.Join(dir, "none"))

	// A thread as a dossier, with proofs that verify checks offline.
	r = succeed(t, dir, "archive", "export", "store", "-o", "thread.dossier", "--thread", "<winch-1@hoist.example>", "--build")
	assert.Contains(t, r.out, "Messages: 3 found = 3 kept")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "store")))
	r = succeed(t, dir, "verify", "thread.dossier")
	assert.Contains(t, r.out, "3 of 3 exhibits are in the log onrecord-archive-")
	assert.Contains(t, read(t, dir, "thread.dossier/data/messages/0002.eml")+read(t, dir, "thread.dossier/data/messages/0003.eml"), "\nFrom the crane nothing", "the quoting of the mbox is undone")
	proof := filepath.Join(dir, "thread.dossier/archive/0001.tlog-proof")
	good, err := os.ReadFile(proof)
	require.NoError(t, err)
	other := read(t, dir, "thread.dossier/archive/0002.tlog-proof")
	require.NoError(t, os.WriteFile(proof, []byte(other), 0o600))
	r = onrecord(t, dir, "verify", "thread.dossier")
	assert.Equal(t, int(exitMismatch), r.code)
	assert.Contains(t, r.out, "it does not prove that the log holds the bytes of exhibit 1")
	require.NoError(t, os.WriteFile(proof, good, 0o600))
	succeed(t, dir, "verify", "-q", "thread.dossier")
}

// Whoever changes a store is found, and a changed store does no harm.
func TestArchiveTampered(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "inbox.mbox", nightlyMbox(0, 300))
	succeed(t, dir, "archive", "init", "store")
	succeed(t, dir, "archive", "add", "store", "inbox.mbox")
	put(t, dir, "inbox.mbox", nightlyMbox(0, 310))
	touch(t, 3, dir, "inbox.mbox")
	succeed(t, dir, "archive", "add", "store", "inbox.mbox")
	store := filepath.Join(dir, "store")
	copyTree(t, filepath.Join(store, "checkpoints/000001"), filepath.Join(dir, "kept"))
	assert.Contains(t, succeed(t, dir, "archive", "verify", "--checkpoint", "kept", "store").out, "the log of 312 entries begins with its 301")
	put(t, dir, "kept", strings.Replace(read(t, dir, "kept"), "\n301\n", "\n300\n", 1))
	assert.Equal(t, int(exitMismatch), onrecord(t, dir, "archive", "verify", "--checkpoint", "kept", "store").code)
	key := strings.TrimPrefix(strings.Split(succeed(t, dir, "archive", "status", "store").out, "public key  ")[1], "")
	key, _, _ = strings.Cut(key, "\n")
	succeed(t, dir, "archive", "verify", "--public-key", key, "store")
	assert.Equal(t, int(exitMismatch), onrecord(t, dir, "archive", "verify", "--public-key", strings.Replace(key, "+A", "+B", 1), "store").code)
	deepOnly := 0
	for _, name := range listing(t, store) {
		top, _, _ := strings.Cut(name, "/")
		if strings.HasSuffix(name, "/") || slices.Contains([]string{"tmp", "lock", "last-run.json", "README.txt", "key"}, top) || strings.HasPrefix(name, "index") {
			continue
		}
		file := filepath.Join(store, name)
		held := read(t, file)
		for _, at := range []int{0, len(held) / 2, len(held) - 1} {
			if name == "store.json" && at != len(held)/2 {
				continue
			}
			changed := []byte(held)
			changed[at] ^= 4
			require.NoError(t, os.WriteFile(file, changed, 0o600))
			r := onrecord(t, dir, "archive", "verify", "store")
			if strings.HasSuffix(name, ".tar.zst") {
				deepOnly++
				assert.Zero(t, r.code, "its bytes are not read")
				r = onrecord(t, dir, "archive", "verify", "--deep", "store")
			}
			if name == "store.json" {
				assert.NotZero(t, r.code, "%s, byte %d", name, at)
				continue
			}
			assert.Equal(t, int(exitMismatch), r.code, "%s, byte %d: %s%s", name, at, r.out, r.err)
		}
		require.NoError(t, os.Remove(file))
		r := onrecord(t, dir, "archive", "verify", "store")
		assert.NotZero(t, r.code, "%s is missing: %s", name, r.out)
		require.NoError(t, os.WriteFile(file, []byte(held), 0o600))
	}
	assert.Equal(t, 6, deepOnly)
	succeed(t, dir, "archive", "verify", "--deep", "store")

	// A segment that somebody else made, with members that lead outside: export goes by the manifest and by digests, never by names in the tar.
	if _, err := exec.LookPath("zstd"); err == nil {
		segment, err := filepath.Glob(filepath.Join(store, "segments/000001-*"))
		require.NoError(t, err)
		r := shell(t, dir, `mkdir -p x/y && echo evil >evil && cd x/y && tar -cPf - ../../evil | zstd -q -f -o "`+segment[0]+`" && rm ../../evil`)
		require.Zero(t, r.code, r.err)
		r = onrecord(t, dir, "archive", "export", "store", "-o", "out")
		assert.Equal(t, int(exitFailed), r.code)
		assert.NoFileExists(t, filepath.Join(dir, "evil"))
		assert.NoDirExists(t, filepath.Join(dir, "out"))
		assert.Equal(t, int(exitMismatch), onrecord(t, dir, "archive", "verify", "store").code)
	}
}

func TestArchiveTroubles(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "inbox.mbox", nightlyMbox(0, 5), "mail/a.eml", nightly(7, ""), "mail/takeout.zip", "PK\x03\x04\x14\x00\x00\x00")
	succeed(t, dir, "archive", "init", "store")
	r := onrecord(t, dir, "archive", "add", "store", "mail", "typo.mbox")
	assert.Equal(t, int(exitFailed), r.code, "a mistyped name costs nothing")
	assert.Contains(t, r.err, "typo.mbox")
	r = onrecord(t, dir, "archive", "add", "--json", "store", "mail", "inbox.mbox")
	assert.Equal(t, int(exitPartial), r.code)
	assert.Contains(t, r.err, "takeout.zip: zip archive")
	assert.Contains(t, r.out, `"new":6`)
	require.NoError(t, os.Remove(filepath.Join(dir, "inbox.mbox")))
	require.NoError(t, os.Remove(filepath.Join(dir, "mail/takeout.zip")))
	r = onrecord(t, dir, "archive", "add", "store", "mail", "inbox.mbox")
	assert.Equal(t, int(exitPartial), r.code)
	assert.Contains(t, r.err, "inbox.mbox: is there no more")
	assert.Contains(t, r.err, "5 messages that were in ")
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "archive", "add", "store").code)
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "archive", "index", "store").code)
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "archive", "nonsense").code)
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "archive", "find", "store", "--act", "song").code)

	// Structured logs, figures, and a clock that was set back.
	put(t, dir, "inbox.mbox", nightlyMbox(0, 6))
	r = invocation{dir: dir, args: []string{"archive", "add", "--log-format", "json", "--metrics", "m.prom", "store", "mail", "inbox.mbox"}, env: []string{"SOURCE_DATE_EPOCH=1700000000"}}.run(t)
	require.Zero(t, r.code, r.err)
	lines := strings.Split(strings.TrimSpace(r.err), "\n")
	require.Len(t, lines, 2, r.err)
	for i, level := range []string{"WARN", "INFO"} {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &entry))
		assert.Equal(t, level, entry["level"])
	}
	assert.Contains(t, lines[0], "the clock says 2023-11-14T22:13:20Z")
	assert.Contains(t, read(t, dir, "m.prom"), "\nonrecord_archive_messages_new 1\n")
	succeed(t, dir, "archive", "verify", "--deep", "store")
	// Warnings are found by what is said, not by words of the index.
	put(t, dir, "w.eml", winchWarning)
	succeed(t, dir, "archive", "add", "-q", "store", "w.eml")
	r = succeed(t, dir, "archive", "find", "store", "--act", "warning")
	assert.Equal(t, 1, strings.Count(r.out, "\n"), r.out)
	assert.Contains(t, r.out, "@hoist.example>")
}

func TestArchiveTimeStamps(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", nightly(1, ""), "b.eml", nightly(2, ""))
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	succeed(t, dir, "archive", "init", "store")
	r := onrecord(t, dir, "archive", "add", "--tsa", "http://127.0.0.1:1/", "store", "a.eml")
	assert.Equal(t, int(exitPartial), r.code)
	assert.Contains(t, r.err, "time-stamp authority: ")
	succeed(t, dir, "archive", "add", "--tsa", tsa.URL, "store", "a.eml")
	assert.Contains(t, listing(t, filepath.Join(dir, "store")), "checkpoints/000001.tsr", "the run after asks again")
	assert.Contains(t, succeed(t, dir, "archive", "verify", "store").out, "1 of 1 checkpoints bear a time-stamp of theirs; Example, Stamps says")
	succeed(t, dir, "archive", "add", "store", "b.eml")
	copyTree(t, filepath.Join(dir, "store/checkpoints/000001.tsr"), filepath.Join(dir, "store/checkpoints/000002.tsr"))
	r = onrecord(t, dir, "archive", "verify", "store")
	assert.Equal(t, int(exitMismatch), r.code)
	assert.Contains(t, r.out, "it stamps another digest")
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "archive", "add", "--tsa", "ftp://x.example", "store", "a.eml").code)
}

// A mailbox of one message a file costs one stat a file, and few files in the store.
func TestArchiveStandardInputAndOwnStore(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "mail/a.eml", nightly(1, ""))
	succeed(t, dir, "archive", "init", "mail/store")
	succeed(t, dir, "archive", "add", "mail/store", "mail")
	r := succeed(t, dir, "archive", "add", "--json", "mail/store", "mail")
	assert.Contains(t, r.out, `"files":1,`, "a store is no source of itself")
	r = invocation{dir: dir, args: []string{"archive", "add", "--json", "mail/store", "-"}, stdin: strings.NewReader(nightlyMbox(1, 3))}.run(t)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, `"new":1,`)
	assert.Contains(t, r.out, `"duplicates":1,`)
	assert.Contains(t, r.out, `"vanished":[]`)
}
