package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateGoldens = flag.Bool("update", false, "write testdata/*.golden anew")

// program is the binary that the tests run, as users have it.
var program string

func TestMain(m *testing.M) {
	if name := os.Getenv(peakTo); name != "" {
		os.Exit(measure(name, os.Args[1:]))
	}
	flag.Parse()
	os.Exit(buildAndTest(m))
}

func buildAndTest(m *testing.M) int {
	dir, err := os.MkdirTemp("", "onrecord-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// Another account runs it too.
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	program = filepath.Join(dir, "onrecord")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// scratch is where the tests write: in memory where there is room, because every build waits for the disk. "": the usual place.
var scratch = func() string {
	const shm = "/dev/shm"
	var fs syscall.Statfs_t
	if syscall.Statfs(shm, &fs) != nil || fs.Bavail*uint64(fs.Bsize) < 4<<30 {
		return ""
	}
	return shm
}()

// tempDir gives a directory that other accounts may enter, removed after the test.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "onrecord-test-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

// patience is how long a run may take at most. It is far more than any needs: it ends what hangs.
const patience = 120 * time.Second

// epoch is the clock of all runs: 2026-03-09 08:00:00 UTC.
const epoch = "SOURCE_DATE_EPOCH=1773043200"

// invocation is one run of the program.
type invocation struct {
	dir    string
	args   []string
	env    []string // beside those that every run has
	stdin  io.Reader
	stdout *os.File // instead of result.out
	uid    uint32   // 0: ours
	peak   bool     // result.peak is wanted
}

// result is what a run gave.
type result struct {
	code     int
	out, err string
	peak     int64 // resident memory in bytes, where it is wanted
}

// peakTo names the file that measure writes to.
const peakTo = "ONRECORD_TEST_PEAK"

// measure runs a command and writes down its peak of resident memory. What the kernel tells of a process begins with what the one held that started it: the
// tests hold too much to start it themselves.
func measure(name string, command []string) int {
	os.Unsetenv(peakTo)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	peak := int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	if runtime.GOOS == "linux" {
		peak <<= 10 // kilobytes there
	}
	if err := os.WriteFile(name, []byte(strconv.FormatInt(peak, 10)), 0o666); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	return cmd.ProcessState.ExitCode() & 0xff // 255 where a signal ended it
}

func (i invocation) command(ctx context.Context) *exec.Cmd {
	name, args := program, i.args
	if i.peak {
		name, args = os.Args[0], append([]string{program}, i.args...)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin = i.dir, i.stdin
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + i.dir, "TMPDIR=" + os.TempDir(), "TZ=UTC", "LC_ALL=C", epoch}, i.env...)
	if i.uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: i.uid, Gid: i.uid}}
	}
	return cmd
}

// run runs the program to its end. A run that crashes or does not end fails the test.
func (i invocation) run(t testing.TB) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := i.command(ctx)
	peak := filepath.Join(t.TempDir(), "peak")
	if i.peak {
		cmd.Env = append(cmd.Env, peakTo+"="+peak)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if i.stdout != nil {
		cmd.Stdout = i.stdout
	}
	err := cmd.Run()
	require.NoError(t, ctx.Err(), "onrecord %q did not end\n%s", i.args, stderr.String())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	r := result{code: cmd.ProcessState.ExitCode(), out: stdout.String(), err: stderr.String()}
	require.GreaterOrEqual(t, r.code, 0, "onrecord %q was killed\n%s", i.args, r.err)
	if i.peak {
		require.Less(t, r.code, 125, "onrecord %q was killed or not started\n%s", i.args, r.err)
		r.peak, err = strconv.ParseInt(read(t, peak), 10, 64)
		require.NoError(t, err)
	}
	require.NotContains(t, r.err, "goroutine ", "onrecord %q crashed", i.args)
	return r
}

// onrecord runs the program in dir.
func onrecord(t testing.TB, dir string, args ...string) result {
	t.Helper()
	return invocation{dir: dir, args: args}.run(t)
}

// measured is onrecord with result.peak.
func measured(t testing.TB, dir string, args ...string) result {
	t.Helper()
	return invocation{dir: dir, args: args, peak: true}.run(t)
}

// succeed runs the program in dir and wants the exit code 0.
func succeed(t testing.TB, dir string, args ...string) result {
	t.Helper()
	r := onrecord(t, dir, args...)
	require.Zero(t, r.code, "onrecord %q\n%s%s", args, r.out, r.err)
	return r
}

// put writes files given as name, content, name, content … below dir.
func put(t testing.TB, dir string, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(files[i+1]), 0o666))
		// The time of a file goes into the dossier.
		require.NoError(t, os.Chtimes(name, time.Time{}, time.Unix(1773000000, 0)))
	}
}

func read(t testing.TB, name ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(name...))
	require.NoError(t, err)
	return string(b)
}

// listing gives the slash paths of all that lies below dir, directories with a slash at the end.
func listing(t testing.TB, dir string) []string {
	t.Helper()
	all := []string{}
	require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if d.IsDir() {
			rel += "/"
		}
		all = append(all, filepath.ToSlash(rel))
		return err
	}))
	slices.Sort(all)
	return all
}

// golden compares got with testdata/name, whole.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *updateGoldens {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	if string(want) == got {
		return
	}
	w, g := strings.SplitAfter(string(want), "\n"), strings.SplitAfter(got, "\n")
	at := 0
	for at < len(w) && at < len(g) && w[at] == g[at] {
		at++
	}
	around := func(lines []string) string {
		return strings.Join(lines[max(0, min(at, len(lines))-2):min(len(lines), at+6)], "")
	}
	assert.Fail(t, "not as in "+file, "from line %d on (go test ./cmd/onrecord -update writes it anew)\nwant:\n%s\ngot:\n%s", at+1, around(w), around(g))
}

// shell runs a bash script in dir; $0 is the program.
func shell(t testing.TB, dir, script string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script, program)
	cmd.Dir, cmd.Env = dir, invocation{dir: dir}.command(ctx).Env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	require.NoError(t, ctx.Err(), "%s did not end", script)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return result{code: cmd.ProcessState.ExitCode(), out: stdout.String(), err: stderr.String()}
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// sumsPass lets sha256sum and sha512sum check a dossier, as its README says.
func sumsPass(t testing.TB, dossier string) {
	t.Helper()
	for _, name := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt"} {
		tool := strings.TrimSuffix(name[strings.Index(name, "-")+1:], ".txt") + "sum"
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here: the manifests were not checked with it", tool)
		}
		r := shell(t, dossier, tool+" --strict -c "+name)
		assert.Zero(t, r.code, "%s -c %s\n%s%s", tool, name, r.out, r.err)
	}
}
