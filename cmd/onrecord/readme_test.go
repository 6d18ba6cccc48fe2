package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const readmeFile = "../../README.md"

// block is a fenced block of README.md.
type block struct {
	kind  string // what stands behind the fence: console, sh …
	lines []string
}

// readmeBlocks cuts README.md at its fences. Joined again with newlines, the texts and blocks are the file.
func readmeBlocks(t *testing.T) (texts [][]string, blocks []block) {
	t.Helper()
	text, fenced := []string{}, false
	for line := range strings.SplitSeq(read(t, readmeFile), "\n") {
		kind, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && !fenced:
			texts, blocks, text = append(texts, append(text, line)), append(blocks, block{kind: kind}), nil
			fenced = true
		case isFence:
			text, fenced = []string{line}, false
		case fenced:
			b := &blocks[len(blocks)-1]
			b.lines = append(b.lines, line)
		default:
			text = append(text, line)
		}
	}
	require.False(t, fenced, "a fence in README.md is not closed")
	return append(texts, text), blocks
}

// Every command that README.md shows is run, in its order, in a copy of testdata/story, and prints what README.md says that it prints. A "console"
// block holds commands behind "$ ", each with its output; a command that is to fail shows its exit code itself (echo $?). An "sh" block is a script.
func TestReadmeCommands(t *testing.T) {
	texts, blocks := readmeBlocks(t)
	work := t.TempDir()
	require.NoError(t, os.CopyFS(work, os.DirFS("../../testdata/story")))
	ran := 0
	for i, b := range blocks {
		switch b.kind {
		case "console":
			require.True(t, strings.HasPrefix(b.lines[0], "$ "), "a console block begins with a command, not with %q", b.lines[0])
			var now []string
			for _, line := range b.lines {
				command, ok := strings.CutPrefix(line, "$ ")
				if !ok {
					continue // output
				}
				ran++
				now = append(append(now, line), runInReadme(t, work, command)...)
			}
			if !*updateGoldens {
				assert.Equal(t, strings.Join(b.lines, "\n"), strings.Join(now, "\n"), "go test ./cmd/onrecord -run Readme -update writes README.md anew")
			}
			blocks[i].lines = now
		case "sh":
			ran++
			script := filepath.Join(work, "script.sh")
			require.NoError(t, os.WriteFile(script, []byte(strings.Join(b.lines, "\n")+"\n"), 0o755))
			runInReadme(t, work, "./script.sh")
		default:
			assert.Equal(t, "text", b.kind, "README.md: what is in a block? console, sh and text are known")
		}
	}
	assert.Greater(t, ran, 5, "commands were found in README.md")
	if *updateGoldens {
		var all []string
		for i, text := range texts {
			all = append(all, text...)
			if i < len(blocks) {
				all = append(all, blocks[i].lines...)
			}
		}
		require.NoError(t, os.WriteFile(readmeFile, []byte(strings.Join(all, "\n")), 0o666))
	}
}

// runInReadme runs a command line with onrecord in the path and gives the lines that a terminal would show.
func runInReadme(t *testing.T, dir, command string) []string {
	t.Helper()
	if target, ok := strings.CutPrefix(command, "make "); ok {
		if target != "demo" { // the other targets run the tests, this one too
			command = "make --dry-run " + target + " >/dev/null"
		}
		dir = repositoryCopy(t)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"), "TZ=UTC", "LC_ALL=C.UTF-8", "MAKEFLAGS=", "MAKELEVEL=0", epoch)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Run(), "%s\n%s", command, &out)
	if out.Len() == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// repositoryCopy copies what make needs, so that what it makes does not lie in the repository.
func repositoryCopy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"cmd", "pkg", "testdata/story"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join("../..", part))))
	}
	for _, name := range []string{"Makefile", "go.mod", "go.sum"} {
		put(t, dir, name, read(t, "../..", name))
	}
	return dir
}

// What README.md links to is there.
func TestReadmeLinks(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, readmeFile), -1)
	assert.NotEmpty(t, links)
	for _, l := range links {
		_, err := os.Stat(filepath.Join("../..", l[1]))
		assert.NoError(t, err)
	}
}

// README.md and the help say the same of exit codes.
func TestReadmeExitCodes(t *testing.T) {
	readme := strings.Join(strings.Fields(read(t, readmeFile)), " ")
	for _, row := range []string{"| 0 | done; verified |", "| 1 | could not do it (file, disk, network, permission) |", "| 2 | wrong usage |",
		"| 3 | done, but part of the sources could not be read (with `--strict`: or a message has defects) |",
		"| 4 | verification found a mismatch or something missing |"} {
		assert.Contains(t, readme, row)
	}
}
