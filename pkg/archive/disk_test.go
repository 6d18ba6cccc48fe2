package archive

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// errStopped is what a stopped disk answers: the process is dead.
var errStopped = errors.New("stopped")

// memDisk is a disk in memory that stops at an operation and knows what of its content outlasts a loss of power: the bytes of files that were synced, under the
// names that were there when their directory was.
type memDisk struct {
	files   map[string]*memFile
	dirs    map[string]bool
	durable map[string]*memFile
	durDirs map[string]bool
	ops     int
	stopAt  int // the operation that does not happen any more; 0: never
	log     []string
}

type memFile struct {
	data   []byte
	synced []byte
}

func newMemDisk() *memDisk {
	return &memDisk{files: map[string]*memFile{}, dirs: map[string]bool{".": true}, durable: map[string]*memFile{}, durDirs: map[string]bool{".": true}}
}

func (d *memDisk) op(what, name string) error {
	if d.stopAt > 0 && d.ops+1 >= d.stopAt {
		return errStopped
	}
	d.ops++
	d.log = append(d.log, what+" "+name)
	return nil
}

func missing(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

func (d *memDisk) Create(name string) (newFile, error) {
	if err := d.op("create", name); err != nil {
		return nil, err
	}
	if d.files[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	if !d.dirs[path.Dir(name)] {
		return nil, missing("create", name)
	}
	f := &memFile{}
	d.files[name] = f
	return &memWriter{d, name, f}, nil
}

type memWriter struct {
	d    *memDisk
	name string
	f    *memFile
}

func (w *memWriter) Write(p []byte) (int, error) {
	if err := w.d.op("write", w.name); err != nil {
		if w.d.ops+1 == w.d.stopAt {
			w.f.data = append(w.f.data, p[:len(p)/2]...) // torn
			w.d.stopAt = -1
		}
		return 0, err
	}
	w.f.data = append(w.f.data, p...)
	return len(p), nil
}

func (w *memWriter) Sync() error {
	if err := w.d.op("sync", w.name); err != nil {
		return err
	}
	w.f.synced = bytes.Clone(w.f.data)
	return nil
}

func (w *memWriter) Close() error { return nil }

func (d *memDisk) Open(name string) (oldFile, error) {
	f := d.files[name]
	if f == nil {
		return nil, missing("open", name)
	}
	return memReader{bytes.NewReader(f.data), name}, nil
}

type memReader struct {
	*bytes.Reader
	name string
}

func (r memReader) Close() error { return nil }
func (r memReader) Stat() (fs.FileInfo, error) {
	return memInfo{path.Base(r.name), r.Size(), false}, nil
}

type memInfo struct {
	name string
	size int64
	dir  bool
}

func (i memInfo) Name() string               { return i.name }
func (i memInfo) Size() int64                { return i.size }
func (i memInfo) Mode() fs.FileMode          { return 0o600 }
func (i memInfo) ModTime() time.Time         { return time.Time{} }
func (i memInfo) IsDir() bool                { return i.dir }
func (i memInfo) Sys() any                   { return nil }
func (i memInfo) Type() fs.FileMode          { return 0 }
func (i memInfo) Info() (fs.FileInfo, error) { return i, nil }

func (d *memDisk) ReadDir(name string) ([]fs.DirEntry, error) {
	if !d.dirs[name] {
		return nil, missing("readdir", name)
	}
	var all []fs.DirEntry
	for f, c := range d.files {
		if path.Dir(f) == name {
			all = append(all, memInfo{path.Base(f), int64(len(c.data)), false})
		}
	}
	for dir := range d.dirs {
		if dir != "." && path.Dir(dir) == name {
			all = append(all, memInfo{path.Base(dir), 0, true})
		}
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}

func (d *memDisk) MkdirAll(name string) error {
	for dir := name; ; dir = path.Dir(dir) {
		if d.dirs[dir] {
			return nil
		}
		if err := d.op("mkdir", dir); err != nil {
			return err
		}
		d.dirs[dir] = true
	}
}

func (d *memDisk) Rename(from, to string) error {
	if err := d.op("rename", from+" "+to); err != nil {
		return err
	}
	if d.files[from] == nil || !d.dirs[path.Dir(to)] {
		return missing("rename", from)
	}
	d.files[to] = d.files[from]
	delete(d.files, from)
	return nil
}

func (d *memDisk) Remove(name string) error {
	if d.files[name] == nil && !d.dirs[name] {
		return missing("remove", name)
	}
	if err := d.op("remove", name); err != nil {
		return err
	}
	if d.dirs[name] {
		if list, _ := d.ReadDir(name); len(list) > 0 {
			return errors.New("not empty")
		}
	}
	delete(d.files, name)
	delete(d.dirs, name)
	return nil
}

func (d *memDisk) SyncDir(name string) error {
	if err := d.op("syncdir", name); err != nil {
		return err
	}
	for f := range d.durable {
		if path.Dir(f) == name && d.files[f] == nil {
			delete(d.durable, f)
		}
	}
	for f, c := range d.files {
		if path.Dir(f) == name {
			d.durable[f] = c
		}
	}
	for dir := range d.durDirs {
		if dir != "." && path.Dir(dir) == name && !d.dirs[dir] {
			delete(d.durDirs, dir)
		}
	}
	for dir := range d.dirs {
		if path.Dir(dir) == name {
			d.durDirs[dir] = true
		}
	}
	return nil
}

// after gives the disk as the next run finds it.
func (d *memDisk) after(loss string) *memDisk {
	n := newMemDisk()
	switch loss {
	case "killed": // all that was done stands
		for name, f := range d.files {
			n.files[name] = &memFile{bytes.Clone(f.data), bytes.Clone(f.data)}
		}
		for dir := range d.dirs {
			n.dirs[dir] = true
		}
	case "power, names kept": // the names stand, the bytes that were not synced do not
		for name, f := range d.files {
			n.files[name] = &memFile{bytes.Clone(f.synced), bytes.Clone(f.synced)}
		}
		for dir := range d.dirs {
			n.dirs[dir] = true
		}
	case "power, names lost":
		for dir := range d.durDirs {
			whole := true
			for up := dir; up != "."; up = path.Dir(up) {
				whole = whole && d.durDirs[up]
			}
			if whole {
				n.dirs[dir] = true
			}
		}
		for name, f := range d.durable {
			if n.dirs[path.Dir(name)] {
				n.files[name] = &memFile{bytes.Clone(f.synced), bytes.Clone(f.synced)}
			}
		}
	default:
		panic(loss)
	}
	for name, f := range n.files {
		n.durable[name] = f
	}
	for dir := range n.dirs {
		n.durDirs[dir] = true
	}
	return n
}

// content gives all files that make up the store.
func (d *memDisk) content() map[string]string {
	all := map[string]string{}
	for name, f := range d.files {
		if path.Dir(name) != workDir && name != lastRunFile {
			all[name] = string(f.data)
		}
	}
	return all
}
