package seal

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
)

// whole gives a bag as files in memory.
func whole(t testing.TB) fstest.MapFS {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x")
	commit(t, dir, false)
	bag := fstest.MapFS{}
	for _, name := range entries(t, dir) {
		bag[name] = &fstest.MapFile{Data: []byte(content(t, dir, name))}
	}
	return bag
}

// show writes problems as "kind path (manifest)".
func show(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		kind := map[ProblemKind]string{Changed: "changed", Absent: "absent", Extra: "extra", Malformed: "malformed", Twin: "twin", Form: "form", Oxum: "oxum"}[p.Kind]
		s := kind + " " + p.Path
		if p.Manifest != "" {
			s += " (" + p.Manifest + ")"
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestCheckFinds(t *testing.T) {
	bag := whole(t)
	for name, c := range map[string]struct {
		spoil func(b fstest.MapFS)
		want  []string
	}{
		"nothing": {func(fstest.MapFS) {}, nil},
		"a changed byte": {func(b fstest.MapFS) { b["data/messages/0001.eml"].Data[3] ^= 1 },
			[]string{"changed data/messages/0001.eml (manifest-sha256.txt)", "changed data/messages/0001.eml (manifest-sha512.txt)"}},
		"a byte more": {func(b fstest.MapFS) { b["dossier.json"].Data = append(b["dossier.json"].Data, ' ') },
			[]string{"changed dossier.json (tagmanifest-sha256.txt)", "changed dossier.json (tagmanifest-sha512.txt)"}},
		"a file cut to nothing": {func(b fstest.MapFS) { b["data/messages/0002.eml"].Data = nil },
			[]string{"changed data/messages/0002.eml (manifest-sha256.txt)", "changed data/messages/0002.eml (manifest-sha512.txt)"}},
		"a file missing":        {func(b fstest.MapFS) { delete(b, "data/messages/0002.eml") }, []string{"absent data/messages/0002.eml"}},
		"a tag file missing":    {func(b fstest.MapFS) { delete(b, "README.txt") }, []string{"absent README.txt"}},
		"a file more":           {func(b fstest.MapFS) { b["data/messages/0003.eml"] = &fstest.MapFile{} }, []string{"extra data/messages/0003.eml"}},
		"a file beside":         {func(b fstest.MapFS) { b[".hidden"] = &fstest.MapFile{} }, []string{"extra .hidden"}},
		"a file below":          {func(b fstest.MapFS) { b["data/x/y/z"] = &fstest.MapFile{} }, []string{"extra data/x/y/z"}},
		"what lies in seal/":    {func(b fstest.MapFS) { b["seal/a.sig"] = &fstest.MapFile{} }, nil},
		"what looks like seal/": {func(b fstest.MapFS) { b["sealed"] = &fstest.MapFile{} }, []string{"extra sealed"}},
		"a manifest missing": {func(b fstest.MapFS) { delete(b, "manifest-sha256.txt") }, []string{"absent manifest-sha256.txt", "malformed data/messages/0001.eml (manifest-sha256.txt)",
			"malformed data/messages/0002.eml (manifest-sha256.txt)", "malformed data/sources/mail/a.mbox (manifest-sha256.txt)", "malformed data/sources/mail/z%1\n.mbox (manifest-sha256.txt)"}},
		"no declaration":          {func(b fstest.MapFS) { delete(b, "bagit.txt") }, []string{"absent bagit.txt"}},
		"another version":         {declare("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"), []string{"changed bagit.txt", "malformed bagit.txt"}},
		"another encoding":        {declare("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n"), []string{"changed bagit.txt", "malformed bagit.txt"}},
		"a byte order mark":       {declare("\uFEFFBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"), []string{"changed bagit.txt", "malformed bagit.txt"}},
		"a space before a colon":  {declare("BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n"), []string{"changed bagit.txt", "malformed bagit.txt"}},
		"a third line":            {declare("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nx: y\n"), []string{"changed bagit.txt", "malformed bagit.txt"}},
		"an endless declaration":  {declare(strings.Repeat("x", 1<<20)), []string{"changed bagit.txt", "malformed bagit.txt"}},
		"another file's digest":   {swap("manifest-sha512.txt"), []string{"changed data/messages/0001.eml (manifest-sha512.txt)", "changed data/messages/0002.eml (manifest-sha512.txt)", "changed manifest-sha512.txt"}},
		"listed in one only":      {unlist("manifest-sha512.txt", "0001.eml"), []string{"changed manifest-sha512.txt", "malformed data/messages/0001.eml (manifest-sha512.txt)"}},
		"listed nowhere":          {both(unlist("manifest-sha512.txt", "0001.eml"), unlist("manifest-sha256.txt", "0001.eml")), []string{"changed manifest-sha256.txt", "changed manifest-sha512.txt", "extra data/messages/0001.eml"}},
		"listed twice":            {relist("manifest-sha256.txt", "0001.eml", "0001.eml"), []string{"changed manifest-sha256.txt", "malformed data/messages/0001.eml (manifest-sha256.txt)"}},
		"a tag file as payload":   {relist("manifest-sha256.txt", "data/messages/0001.eml", "README.txt"), []string{"changed manifest-sha256.txt", "malformed README.txt (manifest-sha256.txt)"}},
		"a payload file as a tag": {relist("tagmanifest-sha256.txt", "README.txt", "data/messages/0001.eml"), []string{"malformed data/messages/0001.eml (tagmanifest-sha256.txt)"}},
		"a path that leads out":   {relist("manifest-sha256.txt", "data/messages/0001.eml", "data/../../x"), []string{"changed manifest-sha256.txt", "malformed manifest-sha256.txt"}},
		"twins": {func(b fstest.MapFS) {
			add(b, "data/messages/0001.EML", "x")
		}, []string{"changed manifest-sha256.txt", "changed manifest-sha512.txt", "twin data/messages/0001.eml"}},
		"a link": {func(b fstest.MapFS) {
			b["data/messages/0001.eml"] = &fstest.MapFile{Data: []byte("0002.eml"), Mode: fs.ModeSymlink}
		}, []string{"malformed data/messages/0001.eml"}},
		"one digit in upper case": {func(b fstest.MapFS) {
			d := b["tagmanifest-sha256.txt"].Data
			i := bytes.IndexAny(d, "abcdef")
			d[i] ^= 0x20
		}, []string{"form tagmanifest-sha256.txt"}},
		"a star for a blank": {func(b fstest.MapFS) {
			d := b["tagmanifest-sha512.txt"].Data
			d[bytes.Index(d, []byte("  "))+1] = '*'
		}, []string{"form tagmanifest-sha512.txt"}},
		"an empty line more": {func(b fstest.MapFS) {
			b["tagmanifest-sha512.txt"].Data = append(b["tagmanifest-sha512.txt"].Data, '\n')
		}, []string{"form tagmanifest-sha512.txt"}},
		"the record of custody":         {func(b fstest.MapFS) { b[CustodyFile] = &fstest.MapFile{} }, nil},
		"what looks like such a record": {func(b fstest.MapFS) { b["data/"+CustodyFile] = &fstest.MapFile{} }, []string{"extra data/custody.jsonl"}},
		"another size": {func(b fstest.MapFS) {
			d := b["bag-info.txt"].Data
			d[bytes.Index(d, []byte("44.4"))] = '5'
		}, []string{"changed bag-info.txt", "oxum bag-info.txt"}},
		"a pipe": {func(b fstest.MapFS) { b["README.txt"].Mode = fs.ModeNamedPipe }, []string{"malformed README.txt"}},
	} {
		copied := fstest.MapFS{}
		for p, f := range bag {
			copied[p] = &fstest.MapFile{Data: bytes.Clone(f.Data), Mode: f.Mode}
		}
		c.spoil(copied)
		got, err := Check(copied)
		require.NoError(t, err, name)
		var want []string
		for _, w := range c.want {
			if file, ok := strings.CutPrefix(w, "changed "); ok && !strings.Contains(file, "/") && !strings.Contains(file, "(") {
				want = append(want, w+" (tagmanifest-sha256.txt)", w+" (tagmanifest-sha512.txt)")
				continue
			}
			want = append(want, w)
		}
		slices.Sort(want)
		assert.Equal(t, want, show(got.Problems), name)
		if want == nil {
			assert.Equal(t, 4, got.Payload, name)
			assert.Equal(t, 7, got.Tags, name)
		}
	}
}

func declare(text string) func(fstest.MapFS) {
	return func(b fstest.MapFS) { b["bagit.txt"].Data = []byte(text) }
}

func both(one, other func(fstest.MapFS)) func(fstest.MapFS) {
	return func(b fstest.MapFS) { one(b); other(b) }
}

// lines changes the lines of a manifest.
func lines(b fstest.MapFS, manifest string, change func([]string) []string) {
	all := strings.SplitAfter(strings.TrimSuffix(string(b[manifest].Data), "\n"), "\n")
	all[len(all)-1] += "\n"
	b[manifest].Data = []byte(strings.Join(change(all), ""))
}

func swap(manifest string) func(fstest.MapFS) {
	return func(b fstest.MapFS) {
		lines(b, manifest, func(l []string) []string {
			x, y, ok := strings.Cut(l[0], "  ")
			v, w, _ := strings.Cut(l[1], "  ")
			_ = ok
			l[0], l[1] = v+"  "+y, x+"  "+w
			return l
		})
	}
}

func unlist(manifest, name string) func(fstest.MapFS) {
	return func(b fstest.MapFS) {
		lines(b, manifest, func(l []string) []string {
			return slices.DeleteFunc(l, func(s string) bool { return strings.HasSuffix(s, name+"\n") })
		})
	}
}

// relist adds the line of a file once more, with another path in it.
func relist(manifest, name, other string) func(fstest.MapFS) {
	return func(b fstest.MapFS) {
		lines(b, manifest, func(l []string) []string {
			i := slices.IndexFunc(l, func(s string) bool { return strings.HasSuffix(s, name+"\n") })
			return append(l, strings.Replace(l[i], name, other, 1))
		})
	}
}

// add puts a file into the payload and lists it.
func add(b fstest.MapFS, name, text string) {
	b[name] = &fstest.MapFile{Data: []byte(text)}
	d := newDigester(&bytes.Buffer{})
	d.Write([]byte(text))
	s := d.sums()
	for manifest, sum := range map[string][]byte{"manifest-sha256.txt": s.SHA256[:], "manifest-sha512.txt": s.SHA512[:]} {
		b[manifest].Data = fmt.Appendf(b[manifest].Data, "%x  %s\n", sum, encodePath(name))
	}
}

// ü composed and ü of two code points are one name on some file systems (RFC 8493 §5.1.4 asks to warn).
func TestCheckFindsNormalizationTwins(t *testing.T) {
	b := whole(t)
	add(b, "data/sources/\u00fc", "x")
	add(b, "data/sources/u\u0308", "x")
	c, err := Check(b)
	require.NoError(t, err)
	assert.Contains(t, show(c.Problems), "twin data/sources/\u00fc")
}

// A bag of nothing but trouble gives a bounded report.
func TestCheckIsBounded(t *testing.T) {
	b := fstest.MapFS{}
	for i := range 3 * maxProblems {
		b[fmt.Sprintf("data/%d", i)] = &fstest.MapFile{}
	}
	c, err := Check(b)
	require.NoError(t, err)
	assert.Len(t, c.Problems, maxProblems)
}

// Real links on a real disk are not followed.
func TestCheckDoesNotFollowLinks(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "x")
	commit(t, dir, false)
	outside := filepath.Join(parent, "outside")
	require.NoError(t, os.Rename(filepath.Join(dir, "data", "messages"), outside))
	if err := os.Symlink(outside, filepath.Join(dir, "data", "messages")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	c, err := Check(os.DirFS(dir))
	require.NoError(t, err)
	assert.Equal(t, []string{"absent data/messages/0001.eml", "absent data/messages/0002.eml", "extra data/messages"}, show(c.Problems))

	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	c, err = Check(root.FS())
	require.NoError(t, err)
	assert.Len(t, c.Problems, 3)
}

// The Library of Congress conformance bags, all of them: valid ones are accepted, invalid ones refused.
func TestConformanceOfBags(t *testing.T) {
	root := os.DirFS(corpora.Dir(t, "bagit"))
	bags, err := fs.Glob(root, "v*/*/*")
	require.NoError(t, err)
	exceptions := map[string]string{
		// Listed, and not in the suite as it is distributed: git leaves such files out. Without the file the bag is not complete.
		"v0.97/warning/special-system-files": "absent data/.DS_Store",
		// What a bag may hold, with a warning.
		"v0.97/warning/duplicate-file-with-different-case":                      "twin data/HELLO.txt",
		"v0.97/warning/same-filename-listed-twice-with-different-normalization": "twin data/Nu\u0301n\u0303ez",
	}
	seen := map[string]int{}
	for _, name := range bags {
		sub, err := fs.Sub(root, name)
		require.NoError(t, err)
		c, err := CheckBag(sub)
		require.NoError(t, err, name)
		kind := strings.Split(name, "/")[1]
		seen[kind]++
		switch want, exception := exceptions[name]; {
		case exception:
			assert.Equal(t, []string{want}, show(c.Problems), name)
			delete(exceptions, name)
		case kind == "valid" || kind == "warning":
			assert.Empty(t, show(c.Problems), name)
		default: // invalid everywhere, or on Linux or Windows: no path leads out on any system
			assert.NotEmpty(t, c.Problems, name)
		}
	}
	assert.Empty(t, exceptions)
	assert.Equal(t, map[string]int{"valid": 27, "invalid": 15, "warning": 6, "linux-only": 6, "windows-only": 6}, seen)
}

// The conformance bags of version 1.0 as dossiers. They have no SHA-256, which every dossier has: that comes on top of what is wrong with them.
func TestConformance(t *testing.T) {
	root := os.DirFS(corpora.Dir(t, "bagit"))
	for name, want := range map[string][]string{
		"v1.0/valid/basicBag": {"absent manifest-sha256.txt", "absent tagmanifest-sha256.txt", "malformed bagit.txt (tagmanifest-sha256.txt)",
			"malformed data/hello.txt (manifest-sha256.txt)", "malformed manifest-sha512.txt (tagmanifest-sha256.txt)"},
		"v1.0/invalid/notAllManifestsListAllFiles": {"absent manifest-sha256.txt", "absent tagmanifest-sha256.txt", "extra data/missingFromManifest.txt",
			"malformed bagit.txt (tagmanifest-sha256.txt)", "malformed data/hello.txt (manifest-sha256.txt)", "malformed manifest-sha512.txt (tagmanifest-sha256.txt)"},
		"v1.0/invalid/bagit-with-invalid-whitespace": {"form tagmanifest-sha256.txt", "form tagmanifest-sha512.txt", "malformed bagit.txt"},
		// Their tag manifests do not fit their bagit.txt either.
		"v1.0/invalid/same-filename-listed-twice-with-different-hashes": {"changed bagit.txt (tagmanifest-sha256.txt)", "changed bagit.txt (tagmanifest-sha512.txt)",
			"form tagmanifest-sha256.txt", "form tagmanifest-sha512.txt", "malformed bagit.txt", "malformed data/README (manifest-sha256.txt)"},
		"v1.0/invalid/same-filename-listed-twice-with-the-same-hash": {"changed bagit.txt (tagmanifest-sha256.txt)", "changed bagit.txt (tagmanifest-sha512.txt)",
			"extra debug", "form tagmanifest-sha256.txt", "form tagmanifest-sha512.txt", "malformed data/README (manifest-sha256.txt)"},
		// Of version 0.97, with MD5: nothing in them is vouched for by a digest that is read here.
		"v0.97/invalid/missing-bagit.txt": {"absent bagit.txt", "absent manifest-sha256.txt", "absent manifest-sha512.txt", "absent tagmanifest-sha256.txt", "absent tagmanifest-sha512.txt",
			"extra bag-info.txt", "extra data/bare-filename", "extra data/text-file.txt", "extra manifest-md5.txt", "extra tagmanifest-md5.txt"},
		"v0.97/invalid/bom-in-bagit.txt": {"absent manifest-sha256.txt", "absent manifest-sha512.txt", "absent tagmanifest-sha256.txt", "absent tagmanifest-sha512.txt",
			"extra bag-info.txt", "extra bagit.txt", "extra data/hello.txt", "extra manifest-md5.txt", "extra tagmanifest-md5.txt", "malformed bagit.txt"},
	} {
		sub, err := fs.Sub(root, name)
		require.NoError(t, err)
		c, err := Check(sub)
		require.NoError(t, err, name)
		assert.Equal(t, want, show(c.Problems), name)
	}
}
