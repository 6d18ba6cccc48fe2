package main

import (
	"io"
	"os"
	"path/filepath"
)

// replacement is a file that appears whole or not at all: written beside its place, renamed there by Close.
type replacement struct {
	*os.File
	name string
	err  error
}

func newReplacement(name string) (*replacement, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return nil, err
	}
	return &replacement{File: f, name: name}, nil
}

func (r *replacement) Write(p []byte) (int, error) {
	n, err := r.File.Write(p)
	if err != nil {
		r.err = err
	}
	return n, err
}

// Close puts the file in its place, unless writing failed.
func (r *replacement) Close() error {
	defer os.Remove(r.File.Name())
	err := r.err
	if err == nil {
		err = r.Sync()
	}
	if cerr := r.File.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(r.File.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(r.File.Name(), r.name)
	}
	return err
}

// replaceFile writes a file whole or not at all.
func replaceFile(name string, write func(io.Writer) error) error {
	r, err := newReplacement(name)
	if err != nil {
		return err
	}
	if err := write(r); err != nil {
		r.err = err
	}
	return r.Close()
}
