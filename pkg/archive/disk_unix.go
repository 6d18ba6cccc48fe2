//go:build unix

package archive

import (
	"errors"
	"os"
	"syscall"
)

const canSyncDir = true

// lockFile takes the lock of an open file, or says that another process has it. The kernel drops it with the process, however that ends.
func lockFile(f *os.File) (taken bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
