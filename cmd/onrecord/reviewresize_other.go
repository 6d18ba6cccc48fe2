//go:build !unix

package main

import "os"

func notifyResize() (c chan os.Signal, stop func()) { return nil, func() {} }
