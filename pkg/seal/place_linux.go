package seal

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// syncTree brings all that was written below dir to the disk. One syncfs costs less than an fsync of each of 100,000 files and promises the same.
func syncTree(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return &fs.PathError{Op: "syncfs", Path: dir, Err: err}
	}
	return nil
}

// moveInto renames tmp to final. A dossier that stands there is exchanged in one step, so that at every moment there is a whole one, and then removed.
func moveInto(tmp, final string, replace bool) error {
	if err := os.Remove(final); err != nil && !errors.Is(err, fs.ErrNotExist) && !(replace && errors.Is(err, unix.ENOTEMPTY)) {
		return err // neither an empty directory nor one that may be replaced
	}
	err := os.Rename(tmp, final)
	if err == nil || !replace || !(errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST)) {
		return err
	}
	if err := unix.Renameat2(unix.AT_FDCWD, tmp, unix.AT_FDCWD, final, unix.RENAME_EXCHANGE); err != nil {
		return moveAside(tmp, final)
	}
	return os.RemoveAll(tmp)
}

// rename is os.Rename without the look at the new name, which costs as much as the rename itself.
func rename(from, to string) error {
	if err := unix.Rename(from, to); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// plainFile is a file without what os.File adds for pipes and sockets, which takes six system calls a file: messages are many.
type plainFile struct {
	fd   int
	path string
}

func createPlain(path string) (io.WriteCloser, error) {
	for {
		fd, err := unix.Open(path, unix.O_CREAT|unix.O_WRONLY|unix.O_EXCL|unix.O_CLOEXEC, 0o666)
		if err == nil {
			return plainFile{fd, path}, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

func (f plainFile) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, err := unix.Write(f.fd, p[written:min(len(p), written+1<<30)])
		if n > 0 {
			written += n
		}
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return written, &fs.PathError{Op: "write", Path: f.path, Err: err}
		case n == 0:
			return written, &fs.PathError{Op: "write", Path: f.path, Err: io.ErrShortWrite}
		}
	}
	return written, nil
}

// Close is not tried again after EINTR: on Linux the file is closed then (close(2)).
func (f plainFile) Close() error {
	if err := unix.Close(f.fd); err != nil && !errors.Is(err, unix.EINTR) {
		return &fs.PathError{Op: "close", Path: f.path, Err: err}
	}
	return nil
}

func umask() os.FileMode {
	// There is no way to ask without setting it for a moment; nothing else creates files meanwhile.
	m := unix.Umask(0)
	unix.Umask(m)
	return os.FileMode(m)
}

// errLocked says that somebody else holds the lock.
var errLocked error = unix.EWOULDBLOCK

// lockDir locks a directory itself: no file is left to be removed. The kernel drops the lock of a killed process.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// beforeMove does nothing: the lock moves with the directory.
func beforeMove(string) error { return nil }

// abandoned tells whether no living process writes in dir.
func abandoned(dir string) bool {
	f, err := lockDir(dir)
	if err != nil {
		return false
	}
	f.Close()
	return true
}
