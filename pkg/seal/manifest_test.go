package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
)

var zero = strings.Repeat("0", 64)

// read gives the paths of a manifest and what is wrong with it.
func read(t testing.TB, text string, a Algorithm) (paths []string, err error) {
	t.Helper()
	err = ReadManifest(strings.NewReader(text), a, func(e Entry) {
		require.Len(t, e.Sum, a.size())
		paths = append(paths, e.Path)
	})
	return paths, err
}

func TestReadManifest(t *testing.T) {
	got, err := read(t, zero+"  data/a\n"+zero+" *data/b\r\n\n"+strings.ToUpper(strings.Repeat("ab", 32))+"    ./data/c d\n"+zero+"  data/p%25%0A%0d%0Aq%41\n"+zero+"  data/no newline", SHA256)
	require.NoError(t, err)
	assert.Equal(t, []string{"data/a", "data/b", "data/c d", "data/p%\n\r\nq%41", "data/no newline"}, got)

	_, err = read(t, "", SHA256)
	assert.NoError(t, err)
	got, err = read(t, strings.Repeat("0", 128)+"  data/a\n", SHA512)
	require.NoError(t, err)
	assert.Equal(t, []string{"data/a"}, got)
}

// Lines that say nothing usable are errors with their number; the good ones are handed on.
func TestReadManifestRefuses(t *testing.T) {
	for _, line := range []string{
		zero, zero + "  ", zero + "  *", zero[1:] + "  data/a", zero + "0  data/a", "g" + zero[1:] + "  data/a", "data/a", strings.Repeat("0", 32) + "  data/a",
		"sha256:" + zero + "  data/a", "\uFEFF" + zero + "  data/a",
	} {
		got, err := read(t, zero+"  data/before\n"+line+"\n"+zero+"  data/after\n", SHA256)
		var broken *ManifestError
		require.ErrorAs(t, err, &broken, "%q", line)
		assert.Equal(t, 2, broken.Line, "%q", line)
		assert.Equal(t, []string{"data/before", "data/after"}, got, "%q", line)
	}
	_, err := read(t, zero+"  "+strings.Repeat("x", maxManifestLine)+"\n", SHA256)
	assert.Error(t, err)

	broken := errors.New("input/output error")
	err = ReadManifest(iotest.ErrReader(broken), SHA256, func(Entry) {})
	assert.ErrorIs(t, err, broken, "trouble with reading is no trouble with the manifest")
	assert.False(t, errors.As(err, new(*ManifestError)))
}

func TestReadManifestIsBounded(t *testing.T) {
	_, err := read(t, strings.Repeat("x\n", 10_000), SHA256)
	assert.Less(t, len(err.Error()), 20_000, "a file of rubbish gives a bounded error")
}

// hostile are paths that lead out of a bag, on one system or another (RFC 8493 §5.2).
var hostile = []string{
	"..", "../x", "../../etc/passwd", "data/..", "data/../../x", "data/../x", "/etc/passwd", "//server/share", "~", "~/x", "~root/x", `\x`, `data\..\x`, `\\server\share\x`,
	"C:x", "C:/x", `c:\x`, "data/./x", "data//x", "data/", "./../x", "data/a\x00b", "\x00",
}

func TestHostilePaths(t *testing.T) {
	for _, p := range hostile {
		got, err := read(t, zero+"  "+p+"\n", SHA256)
		assert.Error(t, err, "%q", p)
		assert.Empty(t, got, "%q", p)
	}
	// Looks hostile, and is a plain name: nothing but LF, CR and % is ever encoded.
	for _, p := range []string{"data/%2e%2e/x", "data/..x", "data/...", "data/~", "data/a:b", "data/-rf", "data/ü", "data/a b ", "data/%%", "data/$(x)"} {
		got, err := read(t, zero+"  "+p+"\n", SHA256)
		assert.NoError(t, err, "%q", p)
		assert.Equal(t, []string{p}, got, "%q", p)
	}
}

// FuzzManifest: what is written is read as it was; whatever is read stays inside of the bag.
func FuzzManifest(f *testing.F) {
	for _, p := range append(hostile, "data/a", "data/%0A", "data/\n", "data/\r", "data/%25", "data/*") {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		var b bytes.Buffer
		require.NoError(t, writeEntry(&b, make([]byte, 32), p))
		require.Equal(t, 1, strings.Count(b.String(), "\n"), "one line")
		var got []string
		err := ReadManifest(&b, SHA256, func(e Entry) { got = append(got, e.Path) })
		if fs.ValidPath(p) && strings.HasPrefix(p, "data/") && !strings.ContainsAny(p, "\\\x00") {
			require.NoError(t, err, "%q", p)
			require.Equal(t, []string{p}, got)
		}
		for _, q := range got {
			require.True(t, path.Clean(q) == q && q != ".." && !strings.HasPrefix(q, "../") && !strings.HasPrefix(q, "/"), "%q", q)
		}
		// As a whole manifest it may be anything.
		_ = ReadManifest(strings.NewReader(p), SHA512, func(Entry) {})
	})
}

// The paths of the conformance bags that lead out of them, under digests of an algorithm that is read here.
func TestConformancePaths(t *testing.T) {
	fsys := os.DirFS(corpora.Dir(t, "bagit"))
	manifests, err := fs.Glob(fsys, "v0.97/*/out-of-scope*/manifest-*.txt")
	require.NoError(t, err)
	refused := 0
	for _, name := range manifests {
		if strings.Contains(name, "-for-fetch/") {
			continue // their fetch.txt is what leads out; nothing here reads it
		}
		b, err := fs.ReadFile(fsys, name)
		require.NoError(t, err)
		text := ""
		for line := range strings.Lines(string(b)) {
			_, p, _ := strings.Cut(line, " ")
			text += zero + " " + p
		}
		_, err = read(t, text, SHA256)
		assert.Error(t, err, name)
		refused++
	}
	assert.Equal(t, 7, refused)
	for _, name := range []string{"v0.97/valid/bag-with-leading-dot-slash-in-manifest", "v0.97/valid/bag-with-space", "v0.97/valid/bag-with-encoded-names", "v0.97/valid/bag-in-a-bag"} {
		found, err := fs.Glob(fsys, name+"/manifest-*.txt")
		require.NoError(t, err)
		require.NotEmpty(t, found, name)
		b, err := fs.ReadFile(fsys, found[0])
		require.NoError(t, err)
		text := ""
		for line := range strings.Lines(string(b)) {
			_, p, _ := strings.Cut(line, " ")
			text += zero + " " + p
		}
		paths, err := read(t, text, SHA256)
		require.NoError(t, err, name)
		for _, p := range paths {
			_, err := fs.Stat(fsys, path.Join(name, p))
			assert.NoError(t, err, "%s: %q", name, p)
		}
	}
}

func TestExhibitFile(t *testing.T) {
	for want, n := range map[string][2]int{"data/messages/0001.eml": {1, 1}, "data/messages/9999.eml": {9999, 9999}, "data/messages/00001.eml": {1, 10_000}, "data/messages/123456.eml": {123_456, 234_567}} {
		assert.Equal(t, want, ExhibitFile(n[0], n[1]), fmt.Sprint(n))
	}
}
