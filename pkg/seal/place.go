package seal

import (
	"os"
	"runtime"
)

// moveAside replaces final in two renames, for systems that cannot exchange two directories in one.
func moveAside(tmp, final string) error {
	old := tmp + ".old"
	if err := os.Rename(final, old); err != nil {
		return err
	}
	if err := os.Rename(tmp, final); err != nil {
		// Put the old one back: better the old dossier than none.
		os.Rename(old, final)
		return err
	}
	return os.RemoveAll(old)
}

// syncDir makes the rename durable. Windows has no such call and needs none.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return syncOpened(f)
}

func syncOpened(dir *os.File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return dir.Sync()
}
