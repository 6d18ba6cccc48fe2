//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreFileSizeSignal lets a write beyond a limit on file sizes fail as a write to a full disk does, instead of ending the program in the middle.
func ignoreFileSizeSignal() { signal.Ignore(syscall.SIGXFSZ) }
