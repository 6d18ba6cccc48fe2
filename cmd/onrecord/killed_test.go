package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mailgen"
)

// generated writes a mailbox of size bytes.
func generated(t testing.TB, dir, name string, size int64) {
	t.Helper()
	var mail bytes.Buffer
	require.NoError(t, mailgen.Mailbox(&mail, 7, size))
	put(t, dir, name, mail.String())
}

// partial gives the directories of builds that are under way in dir.
func partial(t testing.TB, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, ".*.onrecord-partial-*"))
	require.NoError(t, err)
	return all
}

// started starts a run and gives a function that waits for its end.
func started(t testing.TB, i invocation) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := i.command(ctx)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	return cmd, &stderr
}

func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 20<<20)
	args := []string{"build", "--format", "json", "mail.mbox", "-o", "out"}
	begin := time.Now()
	succeed(t, dir, args...)
	took := time.Since(begin)
	want := read(t, dir, "out", "tagmanifest-sha256.txt")
	out := filepath.Join(dir, "out")
	require.NoError(t, os.RemoveAll(out))

	moment := rand.New(rand.NewPCG(1, 2))
	killed, whole := 0, 0
	for range 20 {
		cmd, _ := started(t, invocation{dir: dir, args: args})
		time.Sleep(time.Duration(moment.Int64N(int64(took))))
		if cmd.Process.Kill() == nil {
			killed++
		}
		cmd.Wait()
		if _, err := os.Stat(out); err == nil {
			whole++
			assert.Equal(t, want, read(t, out, "tagmanifest-sha256.txt"))
			succeed(t, dir, "verify", "-q", "out")
			require.NoError(t, os.RemoveAll(out))
		}
	}
	t.Logf("%d of 20 killed, %d had written a whole dossier", killed, whole)
	assert.Positive(t, killed)
	// The next build removes what the killed ones left, and is as if they had not been.
	succeed(t, dir, args...)
	assert.Equal(t, want, read(t, out, "tagmanifest-sha256.txt"))
	assert.Equal(t, []string{"mail.mbox", "out/"}, topLevel(t, dir))
}

func topLevel(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	for _, name := range listing(t, dir) {
		if i := strings.Index(name, "/"); i < 0 || i == len(name)-1 {
			all = append(all, name)
		}
	}
	return all
}

// A dossier that is replaced is there at every moment: the old one or the new one.
func TestKilledWhileReplacing(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 1<<20)
	put(t, dir, "a.eml", winchReply)
	succeed(t, dir, "build", "--format", "json", "-o", "old", "a.eml")
	succeed(t, dir, "build", "--format", "json", "-o", "new", "mail.mbox")
	manifests := []string{read(t, dir, "old", "tagmanifest-sha256.txt"), read(t, dir, "new", "tagmanifest-sha256.txt")}
	args := []string{"build", "--force", "--format", "json", "-o", "out", "mail.mbox"}
	begin := time.Now()
	succeed(t, dir, args...)
	took := time.Since(begin)
	moment := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		succeed(t, dir, "build", "--force", "--format", "json", "-o", "out", "a.eml")
		cmd, _ := started(t, invocation{dir: dir, args: args})
		time.Sleep(time.Duration(moment.Int64N(int64(took))))
		cmd.Process.Kill()
		cmd.Wait()
		assert.Contains(t, manifests, read(t, dir, "out", "tagmanifest-sha256.txt"))
		succeed(t, dir, "verify", "-q", "out")
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 3<<20)
	args := []string{"build", "mail.mbox", "-o", "out"}
	begin := time.Now()
	succeed(t, dir, args...)
	took := time.Since(begin)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "out")))
	for _, c := range []struct {
		signal  syscall.Signal
		percent time.Duration
	}{{syscall.SIGINT, 0}, {syscall.SIGTERM, 20}, {syscall.SIGINT, 40}, {syscall.SIGTERM, 60}, {syscall.SIGINT, 75}, {syscall.SIGINT, 90}} {
		cmd, stderr := started(t, invocation{dir: dir, args: args})
		// A signal before the program has begun its work is the system's affair.
		for deadline := time.Now().Add(patience); len(partial(t, dir)) == 0 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(took * c.percent / 100)
		require.NoError(t, cmd.Process.Signal(c.signal))
		err := cmd.Wait()
		if err == nil {
			// It was too late for that: then all is there.
			assert.Contains(t, topLevel(t, dir), "out/")
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "out")))
			continue
		}
		var exit *exec.ExitError
		require.True(t, errors.As(err, &exit))
		assert.Equal(t, int(exitFailed), exit.ExitCode(), "%s at %d %%: %s", c.signal, c.percent, stderr)
		assert.Contains(t, stderr.String(), "onrecord: error: interrupted; nothing was left half-written")
		assert.Equal(t, []string{"mail.mbox"}, topLevel(t, dir), "%s at %d %%", c.signal, c.percent)
	}
}

func TestInterruptedWhileWaitingForInput(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	for _, command := range []string{"build", "inspect"} {
		cmd, stderr := started(t, invocation{dir: dir, args: []string{command, "-"}, stdin: r})
		io.WriteString(w, "From: ")
		if command == "build" {
			for deadline := time.Now().Add(patience); len(partial(t, dir)) == 0 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
		} else {
			time.Sleep(500 * time.Millisecond)
		}
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		err := cmd.Wait()
		assert.Equal(t, int(exitFailed), cmd.ProcessState.ExitCode(), "%s: %v %s", command, err, stderr)
		assert.Empty(t, listing(t, dir))
	}
	r.Close()
}

// Writing fails at each of many places, as on a full disk: the limit on file sizes does the same as a disk of that size for one file.
func TestWritingFails(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 300<<10)
	succeed(t, dir, "build", "-o", "whole", "mail.mbox")
	biggest := int64(0)
	for _, name := range listing(t, filepath.Join(dir, "whole")) {
		info, err := os.Stat(filepath.Join(dir, "whole", name))
		require.NoError(t, err)
		biggest = max(biggest, info.Size())
	}
	before := listing(t, dir)
	failed := 0
	for _, kib := range []int64{0, 1, 8, 64, 200, 290, 310, 400, 500, 700, 900, 1200} {
		r := shell(t, dir, "ulimit -f "+strconv.FormatInt(kib, 10)+`; exec "$0" build -o out mail.mbox`)
		if r.code == 0 {
			assert.GreaterOrEqual(t, kib<<10, biggest)
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "out")))
			continue
		}
		failed++
		assert.Equal(t, int(exitFailed), r.code, "%d KiB: %s", kib, r.err)
		assert.Regexp(t, `^onrecord: error: .*file too large\n$`, r.err, "%d KiB", kib)
		assert.Equal(t, before, listing(t, dir), "%d KiB: something half-written was left", kib)
	}
	assert.GreaterOrEqual(t, failed, 6)
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 300<<10)
	disk := filepath.Join(dir, "disk")
	require.NoError(t, os.Mkdir(disk, 0o777))
	full := 0
	for _, kib := range []int64{16, 128, 320, 700, 1100, 1500, 8000} {
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+strconv.FormatInt(kib, 10)+"k", "tmpfs", disk).CombinedOutput(); err != nil {
			t.Skipf("no small disk to fill (%s); TestWritingFails has the same with a limit on file sizes", bytes.TrimSpace(out))
		}
		r := onrecord(t, dir, "build", "-o", "disk/out", "mail.mbox")
		left := listing(t, disk)
		require.NoError(t, exec.Command("umount", disk).Run())
		if r.code == 0 {
			assert.Contains(t, left, "out/dossier.pdf")
			continue
		}
		full++
		assert.Equal(t, int(exitFailed), r.code, "%d KiB: %s", kib, r.err)
		assert.Regexp(t, `^onrecord: error: .*no space left on device\n$`, r.err, "%d KiB", kib)
		assert.Empty(t, left, "%d KiB", kib)
	}
	assert.GreaterOrEqual(t, full, 4)
	assert.Less(t, full, 7, "the largest disk is large enough")
}

// Two builds to the same place at the same time: one of them wins, none harms the other.
func TestTwoBuildsAtOnce(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	generated(t, dir, "mail.mbox", 2<<20)
	var all []*exec.Cmd
	for range 4 {
		cmd, _ := started(t, invocation{dir: dir, args: []string{"build", "--format", "json", "-o", "out", "mail.mbox"}})
		all = append(all, cmd)
	}
	won := 0
	for _, cmd := range all {
		cmd.Wait()
		if cmd.ProcessState.ExitCode() == 0 {
			won++
		} else {
			assert.Equal(t, int(exitFailed), cmd.ProcessState.ExitCode())
		}
	}
	assert.Equal(t, 1, won)
	assert.Equal(t, []string{"mail.mbox", "out/"}, topLevel(t, dir))
	succeed(t, dir, "verify", "-q", "out")
}

// What is written has the rights that the umask gives, like any other output.
func TestRightsOfWhatIsWritten(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply)
	r := shell(t, dir, `umask 027; "$0" build -q -o out a.eml && stat -c %a out out/data out/data/messages/0001.eml out/dossier.pdf out/manifest-sha256.txt`)
	require.Zero(t, r.code, r.err)
	assert.Equal(t, "750\n750\n640\n640\n640\n", r.out)
}
