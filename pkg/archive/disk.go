package archive

import (
	"io"
	"io/fs"
	"os"
	"path"
)

// disk is the directory of a store. Names are slash paths inside of it; none leads out. Tests put one in its place that stops at any operation.
type disk interface {
	Create(name string) (newFile, error) // a file that is not there yet, 0600
	Open(name string) (oldFile, error)
	ReadDir(name string) ([]fs.DirEntry, error) // sorted by name
	MkdirAll(name string) error                 // 0700
	Rename(from, to string) error               // replaces to
	Remove(name string) error                   // a file or an empty directory
	SyncDir(name string) error                  // what was created, renamed and removed in it outlasts a loss of power
}

// newFile is a file that is being written.
type newFile interface {
	io.Writer
	Sync() error
	Close() error
}

// oldFile is a file that is read.
type oldFile interface {
	io.ReaderAt
	Stat() (fs.FileInfo, error)
	Close() error
}

// osDisk is a directory of the operating system that cannot be left: os.Root refuses names and links that lead out.
type osDisk struct{ root *os.Root }

func (d osDisk) Create(name string) (newFile, error) {
	return d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

func (d osDisk) Open(name string) (oldFile, error) { return d.root.Open(name) }

func (d osDisk) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(d.root.FS(), name) }

func (d osDisk) MkdirAll(name string) error { return d.root.MkdirAll(name, 0o700) }

func (d osDisk) Rename(from, to string) error { return d.root.Rename(from, to) }

func (d osDisk) Remove(name string) error { return d.root.Remove(name) }

func (d osDisk) SyncDir(name string) error {
	if !canSyncDir {
		return nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// readFile gives a whole file of at most most bytes.
func readFile(d disk, name string, most int64) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errTooLarge}
	}
	b := make([]byte, info.Size())
	n, err := f.ReadAt(b, 0)
	if n == len(b) {
		return b, nil
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: err}
}

// place puts a small file where it belongs: written beside, brought to the disk, renamed. Its directory is not brought to the disk yet.
func place(d disk, name string, content []byte) error {
	tmp := path.Join(workDir, path.Base(name)+".new")
	if err := d.Remove(tmp); err != nil && !isNotExist(err) {
		return err
	}
	f, err := d.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return d.Rename(tmp, name)
}
