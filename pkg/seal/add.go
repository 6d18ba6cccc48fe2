package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Lock keeps other runs from adding to the same dossier until it is closed.
func Lock(dir string) (*os.File, error) {
	f, err := lockDir(dir)
	if errors.Is(err, errLocked) {
		return nil, errors.New("another run is at work in it")
	}
	return f, err
}

// AddSeal writes a file into seal/, whole or not at all. What is there already is not replaced, unless it is the same.
func AddSeal(root *os.Root, name string, content []byte) error {
	if strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("%q is no name for a seal", name)
	}
	if err := root.Mkdir("seal", 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	file := path.Join("seal", name)
	if old, err := root.ReadFile(file); err == nil {
		if string(old) == string(content) {
			return nil
		}
		return fmt.Errorf("%s: %w", file, fs.ErrExist)
	}
	return Replace(root, file, content)
}

// Replace writes a file anew, whole or not at all, and brings it to the disk.
func Replace(root *os.Root, name string, content []byte) error {
	dir, base := path.Split(name)
	tmp := dir + ".onrecord-" + base
	if err := root.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a killed run
		return err
	}
	f, err := root.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
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
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
		return err
	}
	return syncRootDir(root, dir)
}

func syncRootDir(root *os.Root, dir string) error {
	f, err := root.Open(path.Clean("./" + dir))
	if err != nil {
		return err
	}
	defer f.Close()
	return syncOpened(f)
}
