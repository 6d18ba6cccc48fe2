//go:build !linux

package seal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.OpenFile(p, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Sync()
	})
}

func moveInto(tmp, final string, replace bool) error {
	if _, err := os.Stat(final); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(tmp, final)
	}
	if err := os.Remove(final); err == nil { // an empty directory
		return os.Rename(tmp, final)
	}
	if !replace {
		return &fs.PathError{Op: "rename", Path: final, Err: fs.ErrExist}
	}
	return moveAside(tmp, final)
}

func rename(from, to string) error { return os.Rename(from, to) }

func createPlain(path string) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o666)
}

func umask() os.FileMode { return 0o022 }

const lockName = ".lock"

// Elsewhere than on Linux a partial directory counts as abandoned after a day.
const staleAfter = 24 * time.Hour

var errLocked = errors.New("locked")

func lockDir(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
}

func beforeMove(dir string) error { return os.Remove(filepath.Join(dir, lockName)) }

func abandoned(dir string) bool {
	name := filepath.Join(dir, lockName)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(dir) // killed before the lock was made, or after it was removed
	}
	return err == nil && time.Since(info.ModTime()) >= staleAfter
}
