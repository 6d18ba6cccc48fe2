package seal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fill writes two messages, two sources and two tag files, the messages in another order than they were read.
func fill(t testing.TB, b *Bag) {
	t.Helper()
	first, err := b.AddMessage(0, strings.NewReader("Subject: late\n\n2\n"))
	require.NoError(t, err)
	second, err := b.AddMessage(1, strings.NewReader("Subject: early\n\n1\n"))
	require.NoError(t, err)
	_, err = b.AddSource("mail/z%1\n.mbox", strings.NewReader("From - \n\n"))
	require.NoError(t, err)
	_, err = b.AddSource("mail/a.mbox", strings.NewReader(""))
	require.NoError(t, err)
	require.NoError(t, b.PlaceMessage(1, ExhibitFile(1, 2), second))
	require.NoError(t, b.PlaceMessage(0, ExhibitFile(2, 2), first))
	require.NoError(t, b.WriteTag("dossier.json", []byte("{}\n")))
	require.NoError(t, b.WriteTag("README.txt", []byte("read me\n")))
}

var info = Info{Date: time.Date(2026, 3, 2, 23, 30, 0, 0, time.FixedZone("", -3600)), Agent: "onrecord test", Description: "two\nlines: \r\nPayload-Oxum: 9.9", Identifier: ""}

// commit makes a whole bag at dir.
func commit(t testing.TB, dir string, replace bool) {
	t.Helper()
	b, err := Create(dir, replace)
	require.NoError(t, err)
	defer b.Abort()
	fill(t, b)
	require.NoError(t, b.Commit(info))
}

// entries lists everything below dir.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, p)
		}
		return err
	}))
	return all
}

func content(t testing.TB, parts ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return string(b)
}

func TestCommit(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "x.dossier")
	b, err := Create(dir, false)
	require.NoError(t, err)
	fill(t, b)
	_, err = os.Stat(dir)
	assert.ErrorIs(t, err, fs.ErrNotExist, "nothing stands at the final place before all of it does")
	f, err := b.OpenSource("mail/a.mbox")
	require.NoError(t, err)
	f.Close()
	require.NoError(t, b.Commit(info))
	b.Abort() // does nothing any more

	assert.Equal(t, []string{"README.txt", "bag-info.txt", "bagit.txt", "data/messages/0001.eml", "data/messages/0002.eml", "data/sources/mail/a.mbox",
		"data/sources/mail/z%1\n.mbox", "dossier.json", "manifest-sha256.txt", "manifest-sha512.txt", "messages.root", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"}, entries(t, dir))
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Len(t, left, 1, "nothing is left beside it")
	seal, err := os.Stat(filepath.Join(dir, "seal"))
	require.NoError(t, err)
	assert.True(t, seal.IsDir())

	assert.Equal(t, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", content(t, dir, "bagit.txt"))
	assert.Equal(t, "Bag-Software-Agent: onrecord test\nBagging-Date: 2026-03-03\nExternal-Description: two lines: Payload-Oxum: 9.9\nPayload-Oxum: 44.4\n", content(t, dir, "bag-info.txt"))
	assert.Equal(t, "Subject: early\n\n1\n", content(t, dir, "data/messages/0001.eml"))
	var lines []string
	for line := range strings.Lines(content(t, dir, "manifest-sha512.txt")) {
		sum, name, _ := strings.Cut(line, "  ")
		assert.Len(t, sum, 128)
		lines = append(lines, strings.TrimSuffix(name, "\n"))
	}
	assert.Equal(t, []string{"data/messages/0001.eml", "data/messages/0002.eml", "data/sources/mail/a.mbox", "data/sources/mail/z%251%0A.mbox"}, lines)

	c, err := Check(os.DirFS(dir))
	require.NoError(t, err)
	assert.Empty(t, c.Problems)
	assert.Equal(t, 4, c.Payload)
	assert.Equal(t, 7, c.Tags)
	if runtime.GOOS == "linux" {
		old := umask()
		st, err := os.Stat(dir)
		require.NoError(t, err)
		assert.Equal(t, 0o777&^old, st.Mode().Perm())
	}

	// The same content gives the same files.
	again := filepath.Join(parent, "y.dossier")
	commit(t, again, false)
	for _, name := range entries(t, dir) {
		assert.Equal(t, content(t, dir, name), content(t, again, name), name)
	}
}

func TestAbort(t *testing.T) {
	parent := t.TempDir()
	b, err := Create(filepath.Join(parent, "x"), false)
	require.NoError(t, err)
	fill(t, b)
	b.Abort()
	b.Abort()
	assert.Empty(t, entries(t, parent))
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// What stands at the place already decides.
func TestForce(t *testing.T) {
	parent := t.TempDir()
	at := func(name string, files ...string) string {
		dir := filepath.Join(parent, name)
		require.NoError(t, os.MkdirAll(dir, 0o777))
		for _, f := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, f), []byte("old\n"), 0o666))
		}
		return dir
	}
	file := filepath.Join(at("files", "file"), "file")
	for name, c := range map[string]struct {
		dir          string
		plain, force error
	}{
		"an empty directory":         {at("empty"), nil, nil},
		"a dossier":                  {at("dossier", "bagit.txt", "dossier.json", "more.txt"), ErrExists, nil},
		"a directory of other files": {at("photos", "a.jpg"), ErrExists, ErrNotADossier},
		"a bag that is no dossier":   {at("bag", "bagit.txt"), ErrExists, ErrNotADossier},
		"a file":                     {file, ErrExists, ErrExists},
	} {
		b, err := Create(c.dir, false)
		if c.plain == nil {
			require.NoError(t, err, name)
			b.Abort()
		} else {
			assert.ErrorIs(t, err, c.plain, name)
			assert.ErrorContains(t, err, c.dir, name)
		}
		if c.force != nil {
			_, err = Create(c.dir, true)
			assert.ErrorIs(t, err, c.force, name)
			continue
		}
		b, err = Create(c.dir, true)
		require.NoError(t, err, name)
		fill(t, b)
		before := entries(t, c.dir)
		b.Abort()
		assert.Equal(t, before, entries(t, c.dir), "%s: the old one stands until the new one is whole", name)
	}
	assert.Equal(t, "old\n", content(t, parent, "photos/a.jpg"))
	assert.Equal(t, "old\n", content(t, file))

	commit(t, filepath.Join(parent, "dossier"), true)
	_, err := os.Stat(filepath.Join(parent, "dossier", "more.txt"))
	assert.ErrorIs(t, err, fs.ErrNotExist, "replaced, not mixed")
	commit(t, filepath.Join(parent, "empty"), true)
	for _, name := range []string{"dossier", "empty"} {
		c, err := Check(os.DirFS(filepath.Join(parent, name)))
		require.NoError(t, err)
		assert.Empty(t, c.Problems)
	}
	for _, e := range entries(t, parent) {
		assert.NotContains(t, e, partialMark)
	}
}

func TestCommitIntoAnEmptyDirectory(t *testing.T) {
	commit(t, t.TempDir(), false)
}

// Somebody puts something at the place while the bag is written: it is not touched.
func TestPlaceTakenMeanwhile(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "x")
	b, err := Create(dir, false)
	require.NoError(t, err)
	fill(t, b)
	require.NoError(t, os.Mkdir(dir, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "theirs"), nil, 0o666))
	require.Error(t, b.Commit(info))
	b.Abort()
	assert.Equal(t, []string{"x/theirs"}, entries(t, parent))
}

func TestCreateFails(t *testing.T) {
	parent := t.TempDir()
	_, err := Create(filepath.Join(parent, "nowhere", "x"), false)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.WriteFile(filepath.Join(parent, "file"), nil, 0o666))
	_, err = Create(filepath.Join(parent, "file", "x"), false)
	assert.Error(t, err)

	readOnly := filepath.Join(parent, "readonly")
	require.NoError(t, os.Mkdir(readOnly, 0o555))
	if os.Getuid() == 0 {
		readOnly = "/proc" // the one place where root cannot write either
	}
	if runtime.GOOS == "linux" {
		_, err = Create(filepath.Join(readOnly, "x"), false)
		assert.Error(t, err)
	}
}

// Nothing is written over, and trouble with what is read is told.
func TestWritesFail(t *testing.T) {
	b, err := Create(filepath.Join(t.TempDir(), "x"), false)
	require.NoError(t, err)
	defer b.Abort()
	fill(t, b)
	assert.ErrorIs(t, b.WriteTag("README.txt", nil), fs.ErrExist)
	_, err = b.AddSource("mail/a.mbox", strings.NewReader(""))
	assert.ErrorIs(t, err, fs.ErrExist)
	broken := errors.New("input/output error")
	_, err = b.AddMessage(7, iotest.ErrReader(broken))
	assert.ErrorIs(t, err, broken)
	_, err = b.AddMessage(7, strings.NewReader(""))
	assert.ErrorIs(t, err, fs.ErrExist)
	_, err = b.AddSource("torn", io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken)))
	assert.ErrorIs(t, err, broken)
	assert.Error(t, b.PlaceMessage(99, "data/messages/0099.eml", Sums{}))
	assert.Error(t, b.Commit(info), "message 7 has no place: a bag that would lose it is not put in its place")
	_, err = os.Stat(b.final)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// The digests of a file do not depend on the pieces that it comes in.
func TestDigester(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 3*large/16)
	for _, piece := range []int{1000, large - 1, large, len(data)} {
		d := newDigester(io.Discard)
		for rest := data; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			_, err := d.Write(rest[:min(piece, len(rest))])
			require.NoError(t, err)
		}
		assert.Equal(t, Sums{SHA256: sha256.Sum256(data), SHA512: sha512.Sum512(data), Size: int64(len(data))}, d.sums(), piece)
	}
}

const writerEnv = "ONRECORD_TEST_WRITER"

// TestMain is the writer that the tests kill, where they start it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		b, err := Create(dir, true)
		if err != nil {
			panic(err)
		}
		if _, err := b.AddMessage(0, strings.NewReader("Subject: x\n\nx\n")); err != nil {
			panic(err)
		}
		os.Stdout.WriteString(b.Dir() + "\n")
		io.Copy(io.Discard, os.Stdin) // for ever: it is killed
		return
	}
	os.Exit(m.Run())
}

// writer starts a process that writes at dir, and gives its partial directory.
func writer(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), writerEnv+"="+dir)
	_, err = cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return cmd, strings.TrimSpace(line)
}

// kill -9 leaves nothing at the final place; the next run for that place clears up after the dead, and leaves the living alone.
func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("locks that end with their process are used on Linux")
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "x")
	commit(t, dir, false)
	before := entries(t, dir)

	dead, partial := writer(t, dir)
	_, living := writer(t, dir)
	require.NotEqual(t, partial, living)
	other := filepath.Join(parent, ".y"+partialMark+"1") // of another target
	require.NoError(t, os.Mkdir(other, 0o777))

	require.NoError(t, dead.Process.Kill())
	dead.Wait()
	assert.DirExists(t, partial)
	assert.Equal(t, before, entries(t, dir), "the old dossier stands as it stood")
	c, err := Check(os.DirFS(dir))
	require.NoError(t, err)
	assert.Empty(t, c.Problems)

	b, err := Create(dir, true)
	require.NoError(t, err)
	defer b.Abort()
	assert.NoDirExists(t, partial, "of the dead")
	assert.DirExists(t, living)
	assert.DirExists(t, other)

	second, err := Create(dir, true)
	require.NoError(t, err)
	defer second.Abort()
	assert.DirExists(t, b.Dir(), "of a writer in the same process")
}
