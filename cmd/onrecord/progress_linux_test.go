package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// On a terminal of 24 by 80 a build ends with the whole answer in view: the result first, the files last, and no trace of the bar.
func TestBuildOnATerminal(t *testing.T) {
	dir := tempDir(t)
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../testdata/story")))
	s := typeInto(t, invocation{dir: dir, args: []string{"build", "--case", "case.yaml", "--keys", "dkim-keys.zone", "-o", "out", "thread.mbox"}}, 80, 24)
	assert.Equal(t, exitDone, exitCode(s.code()))
	last := s.screen()
	for _, want := range []string{" warnings by ", "Who knew: ", "Missing: ", "Not checked: ", "Written: out/", "evidence digest: sha256:"} {
		assert.Contains(t, strings.ReplaceAll(last, "\n", ""), want)
	}
	assert.NotContains(t, last, "writing", "the bar is gone")
	assert.Contains(t, s.output(), "reading", "it was there")
	assert.Contains(t, s.output(), "writing")
	for _, file := range []string{"README.txt", "bag-info.txt", "manifest-sha256.txt", "custody.jsonl"} {
		text, err := os.ReadFile(filepath.Join(dir, "out", file))
		require.NoError(t, err)
		assert.NotContains(t, string(text), "\x1b")
		assert.NotContains(t, string(text), "\r")
	}
}

// Into a pipe nothing is written, whatever is counted.
func TestNoProgressIntoAPipe(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&env{stderr: &out}, false, "reading", func() int64 {
		t.Error("the size was asked for")
		return 1
	})
	p.add(1)
	p.next("writing", 10)
	p.set(1, 2)
	create := p.watch(func(string) (io.WriteCloser, error) { return nil, os.ErrClosed })
	_, err := create("x")
	assert.ErrorIs(t, err, os.ErrClosed)
	p.done()
	assert.Empty(t, out.String())
}

// The archive's long work shows a bar too.
func TestArchiveOnATerminal(t *testing.T) {
	dir := tempDir(t)
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../testdata/story")))
	for _, step := range [][]string{{"archive", "init", "store"}, {"archive", "add", "store", "thread.mbox"}, {"archive", "verify", "--deep", "store"}} {
		s := typeInto(t, invocation{dir: dir, args: step}, 80, 24)
		assert.Equal(t, exitDone, exitCode(s.code()), s.screen())
		switch step[1] {
		case "add":
			assert.Contains(t, s.output(), "reading")
		case "verify":
			assert.Contains(t, s.output(), "checking")
		}
		assert.NotContains(t, s.screen(), "|", "the bar is gone")
	}
}
