package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal with the program on it, and a screen that knows what a VT100 knows of what the program uses. What it does not know fails the test:
// there is no alternate screen, and no other trick.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	ended  chan error

	mu            sync.Mutex
	width, height int
	cells         [][]rune
	row, column   int
	all           []byte
	odd           string // the first sequence that the screen does not know
}

// typeInto starts the program on a terminal.
func typeInto(t *testing.T, i invocation, width, height int) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	defer slave.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	s := &terminal{t: t, master: master, ended: make(chan error, 1)}
	s.resize(width, height)
	i.env = append([]string{"TERM=vt100"}, i.env...)
	s.cmd = i.command(ctx)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		master.Close()
	})
	go s.read()
	go func() { s.ended <- s.cmd.Wait() }()
	return s
}

func (s *terminal) resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NoError(s.t, unix.IoctlSetWinsize(int(s.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(height), Col: uint16(width)}))
	s.width, s.height, s.row, s.column = width, height, 0, 0
	s.cells = make([][]rune, height)
}

var csi = regexp.MustCompile(`^\x1b\[([?0-9;]*)([A-Za-z])`)

func (s *terminal) read() {
	buf := make([]byte, 4096)
	var rest []byte
	for {
		n, err := s.master.Read(buf)
		s.mu.Lock()
		s.all = append(s.all, buf[:n]...)
		rest = s.show(append(rest, buf[:n]...))
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// show puts output on the screen, and gives back the beginning of a sequence that is not whole.
func (s *terminal) show(out []byte) []byte {
	for len(out) > 0 {
		switch c := out[0]; {
		case c == '\x1b':
			m := csi.FindSubmatch(out)
			if m == nil {
				if len(out) < 16 {
					return out
				}
				s.odd = fmt.Sprintf("%q", out[:16])
				return nil
			}
			s.control(string(m[1]), string(m[2]))
			out = out[len(m[0]):]
		case c == '\r':
			s.column, out = 0, out[1:]
		case c == '\n':
			if s.row++; s.row >= s.height {
				s.cells, s.row = append(s.cells[1:], nil), s.height-1
			}
			out = out[1:]
		case c < ' ':
			s.odd, out = fmt.Sprintf("%q", c), out[1:]
		default:
			if !utf8.FullRune(out) {
				return out
			}
			r, size := utf8.DecodeRune(out)
			line := s.cells[s.row]
			for len(line) <= s.column {
				line = append(line, ' ')
			}
			line[s.column], s.cells[s.row] = r, line
			s.column++
			out = out[size:]
		}
	}
	return nil
}

func (s *terminal) control(parameters, final string) {
	first, second, _ := strings.Cut(parameters, ";")
	switch {
	case final == "m", parameters == "?25" && (final == "l" || final == "h"):
	case final == "H":
		row, _ := strconv.Atoi(first)
		column, _ := strconv.Atoi(second)
		s.row, s.column = max(0, min(row, s.height)-1), max(0, column-1)
	case final == "K" && parameters == "":
		s.cells[s.row] = s.cells[s.row][:min(s.column, len(s.cells[s.row]))]
	case final == "J" && parameters == "":
		s.cells[s.row] = s.cells[s.row][:min(s.column, len(s.cells[s.row]))]
		for i := s.row + 1; i < s.height; i++ {
			s.cells[i] = nil
		}
	default:
		s.odd = fmt.Sprintf("CSI %s %s", parameters, final)
	}
}

func (s *terminal) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Empty(s.t, s.odd, "a control function that the screen does not know")
	var b strings.Builder
	for _, l := range s.cells {
		b.WriteString(strings.TrimRight(string(l), " ") + "\n")
	}
	return b.String()
}

// output is everything that was written.
func (s *terminal) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.all)
}

// until waits for words on the screen.
func (s *terminal) until(words string) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if shown := s.screen(); strings.Contains(shown, words) {
			time.Sleep(30 * time.Millisecond) // the rest of the screen
			return s.screen()
		}
	}
	require.Fail(s.t, "never shown: "+words, s.screen())
	return ""
}

func (s *terminal) types(keys string) {
	s.t.Helper()
	_, err := s.master.WriteString(keys)
	require.NoError(s.t, err)
}

// code waits for the end.
func (s *terminal) code() int {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		require.Fail(s.t, "did not end", s.screen())
	}
	time.Sleep(30 * time.Millisecond)
	return s.cmd.ProcessState.ExitCode()
}

func TestReviewOnATerminal(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bridgeDossier(t, dir, "")
	args := []string{"review", "bridge.dossier"}
	s := typeInto(t, invocation{dir: dir, args: args}, 80, 24)
	first := s.until("s1: 1 of 9")
	golden(t, "review/first.golden", first)
	assert.Contains(t, read(t, readmeFile), strings.TrimRight(first, "\n"), "README.md shows this screen")
	s.types("k")
	s.until("kept s1")
	assert.Contains(t, read(t, dir, "case.yaml"), "acts: [warning]", "a decision is in the file at once")
	s.types("R")
	s.until("rejected because:")
	s.types("a way of\x1b[D\x1b[C speaking\r")
	s.until("rejected s2")
	s.types("lw\r")
	golden(t, "review/labelled.golden", s.until("s3 is now: warning, request"))
	s.types("u")
	s.until("undone: s3 is now")
	s.types("m")
	s.until("exhibit 1 of 5")
	s.types("\x1b[B\r") // down, Enter
	s.until("What does the sentence do?")
	s.types("o\r")
	golden(t, "review/marked.golden", s.until("marked in exhibit 1: order"))
	s.types("\x1b") // Escape, alone
	s.until("s3: 3 of 9")
	s.types("q")
	assert.Equal(t, int(exitDone), s.code())
	last := s.screen()
	assert.Contains(t, last, "9 suggestions: 1 kept, 1 rejected, 7 open; 1 sentence marked besides\n3 decisions saved in case.yaml\nonrecord: hint: onrecord build --case case.yaml -o reviewed.dossier SOURCE...\n")
	golden(t, "review/walked.yaml.golden", read(t, dir, "case.yaml"))
	assert.Contains(t, s.output(), "\x1b[1;36m", "the sentence is coloured")
	assert.NotContains(t, s.output(), "\x1b]", "what mail says reaches no terminal as a control function")

	// Another day, without colours, in a smaller window that is then made larger.
	s = typeInto(t, invocation{dir: dir, args: args, env: []string{"NO_COLOR=1"}}, 40, 16)
	golden(t, "review/narrow.golden", s.until("s3: 3 of 9, 7 open"))
	s.resize(100, 30)
	golden(t, "review/large.golden", s.until("q quit"))
	s.types("q")
	assert.Equal(t, int(exitDone), s.code())
	assert.NotRegexp(t, `\x1b\[[0-9;]*m`, s.output(), "NO_COLOR")
	for _, name := range listing(t, dir) {
		assert.NotContains(t, name, "case.yaml-", "nothing temporary is left")
	}
}

func TestReviewInterrupted(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bridgeDossier(t, dir, "")
	args := []string{"review", "-o", "c.yaml", "bridge.dossier"}
	for n, stop := range []func(*terminal){
		func(s *terminal) { s.types("\x03") },
		func(s *terminal) { require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM)) },
	} {
		s := typeInto(t, invocation{dir: dir, args: args}, 80, 24)
		s.until("q quit")
		before, err := unix.IoctlGetTermios(int(s.master.Fd()), unix.TCGETS)
		require.NoError(t, err)
		assert.Zero(t, before.Lflag&unix.ICANON, "keys are read one by one")
		s.types("k")
		s.until("kept s" + strconv.Itoa(n+1))
		s.types("t") // something half typed is no decision
		s.until("kept, and about:")
		stop(s)
		assert.Equal(t, int(exitFailed), s.code())
		assert.Contains(t, s.screen(), "onrecord: error: interrupted; 1 decision saved in c.yaml\n")
		after, err := unix.IoctlGetTermios(int(s.master.Fd()), unix.TCGETS)
		require.NoError(t, err)
		assert.NotZero(t, after.Lflag&unix.ICANON, "the terminal is as it was")
		assert.NotZero(t, after.Lflag&unix.ECHO)
		assert.Equal(t, n+1, strings.Count(read(t, dir, "c.yaml"), "acts: [warning]"))
	}
	assert.Equal(t, []string{"bridge.dossier/", "bridge.dossier/bagit.txt", "bridge.dossier/dossier.json", "c.yaml"}, listing(t, dir))
}

// Somebody edits the case file while it is gone through.
func TestReviewBesideAnEditor(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bridgeDossier(t, dir, "")
	put(t, dir, "case.yaml", "# mine\n")
	s := typeInto(t, invocation{dir: dir, args: []string{"review", "bridge.dossier"}}, 80, 24)
	s.until("s1: 1 of 9, 9 open")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "case.yaml"), []byte("# mine, and more\nreject:\n  - exhibit: 1\n    quote: Please close the bridge\n"), 0o666))
	s.types("k")
	s.until("was changed by another program and was read again")
	s.types("k")
	s.until("kept s1")
	text := read(t, dir, "case.yaml")
	assert.Contains(t, text, "# mine, and more\nreject:\n")
	assert.Contains(t, text, "I expect it to part.")

	broken := text + "marks: [\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "case.yaml"), []byte(broken), 0o666))
	s.types("k")
	s.until("NOT SAVED: another program has changed case.yaml")
	assert.Equal(t, broken, read(t, dir, "case.yaml"), "nothing is written over it")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "case.yaml"), []byte(text), 0o666))
	s.types("s")
	s.until("read again")
	s.types("q")
	assert.Equal(t, int(exitDone), s.code())
	assert.Equal(t, text, read(t, dir, "case.yaml"))
}

func TestReviewOnAPlainTerminal(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bridgeDossier(t, dir, "")
	s := typeInto(t, invocation{dir: dir, args: []string{"review", "bridge.dossier"}, env: []string{"TERM=dumb"}}, 80, 24)
	s.until("q quit")
	s.types("kq")
	assert.Equal(t, int(exitDone), s.code())
	assert.NotContains(t, s.output(), "\x1b")
	assert.Contains(t, s.output(), "1 decision saved in case.yaml")
}
