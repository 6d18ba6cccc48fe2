package source

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// locked is a file system with a directory that may not be read.
type locked struct {
	fstest.MapFS
	dir string
}

func (l locked) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.dir {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

func tree() fstest.MapFS {
	mail := &fstest.MapFile{Data: []byte("From: a@plant.example\n"), ModTime: time.Unix(1767607323, 0)}
	link := func(target string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
	}
	return fstest.MapFS{
		"box/b.eml":             mail,
		"box/a/z.eml":           mail,
		"box/a/.DS_Store":       mail,
		"box/a/Inbox.msf":       mail,
		"box/cur/1:2,S":         mail,
		"box/dovecot.index.log": mail,
		"box/link-in":           link("a/z.eml"),
		"box/link-loop":         link("."),
		"box/link-dead":         link("a/none"),
		"box/link-out":          link("../other"),
		"box/link-abs":          link("/etc/passwd"),
		"box/link-far":          link("../../../etc/passwd"),
		"box/pipe":              {Mode: fs.ModeNamedPipe},
		"box/sock":              {Mode: fs.ModeSocket},
		"box/dev":               {Mode: fs.ModeDevice},
		"box/shut/x.eml":        mail,
		"other/y.eml":           mail,
	}
}

func walked(t *testing.T, fsys fs.FS, root string) (paths []string, files map[string]File) {
	t.Helper()
	files = map[string]File{}
	for f, err := range Walk(fsys, root) {
		require.NoError(t, err)
		paths = append(paths, f.Path)
		files[f.Path] = f
	}
	return paths, files
}

func TestWalk(t *testing.T) {
	paths, files := walked(t, locked{tree(), "box/shut"}, "box")
	assert.Equal(t, []string{
		"box/a/.DS_Store", "box/a/Inbox.msf", "box/a/z.eml", "box/b.eml", "box/cur/1:2,S", "box/dev", "box/dovecot.index.log",
		"box/link-abs", "box/link-dead", "box/link-far", "box/link-in", "box/link-loop", "box/link-out", "box/pipe", "box/shut", "box/sock",
	}, paths)
	for _, name := range []string{"box/a/z.eml", "box/b.eml", "box/cur/1:2,S"} {
		assert.Nil(t, files[name].Trouble, name)
		assert.EqualValues(t, 22, files[name].Size)
		assert.EqualValues(t, 1767607323, files[name].ModTime.Unix())
	}
	for name, want := range map[string]struct {
		kind   TroubleKind
		reason string
	}{
		"box/a/.DS_Store":       {Excluded, "desktop"},
		"box/a/Inbox.msf":       {Excluded, "Thunderbird"},
		"box/dovecot.index.log": {Excluded, "mail server"},
		"box/link-in":           {Excluded, "link to a/z.eml: read where it lies"},
		"box/link-loop":         {Excluded, "link to .: read where it lies"},
		"box/link-dead":         {Excluded, "where nothing is"},
		"box/link-out":          {Failed, "link to ../other, outside"},
		"box/link-abs":          {Failed, "link to /etc/passwd, outside"},
		"box/link-far":          {Failed, "outside"},
		"box/pipe":              {Excluded, "named pipe"},
		"box/sock":              {Excluded, "socket"},
		"box/dev":               {Excluded, "device"},
		"box/shut":              {Failed, "permission"},
	} {
		require.NotNil(t, files[name].Trouble, name)
		assert.Equal(t, want.kind, files[name].Trouble.Kind, name)
		assert.Contains(t, files[name].Trouble.Reason, want.reason, name)
	}
}

func TestWalkRoot(t *testing.T) {
	paths, files := walked(t, tree(), "box/a/.DS_Store")
	assert.Equal(t, []string{"box/a/.DS_Store"}, paths)
	assert.Nil(t, files["box/a/.DS_Store"].Trouble, "what the user names is looked at")

	_, files = walked(t, tree(), "box/pipe")
	require.NotNil(t, files["box/pipe"].Trouble)
	assert.Equal(t, Failed, files["box/pipe"].Trouble.Kind)

	n := 0
	for _, err := range Walk(tree(), "none") {
		n++
		assert.True(t, errors.Is(err, fs.ErrNotExist))
	}
	assert.Equal(t, 1, n)
	for _, err := range Walk(locked{tree(), "box"}, "box") {
		assert.True(t, errors.Is(err, fs.ErrPermission))
	}

	n = 0
	for range Walk(tree(), ".") {
		if n++; n == 3 {
			break
		}
	}
	assert.Equal(t, 3, n)
}
