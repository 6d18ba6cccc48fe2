package main

import (
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"onrecord/pkg/archive"
)

// progress shows on a terminal how far long work is: with rate and time left where its size is known. Into a pipe it writes nothing.
type progress struct {
	w     io.Writer // nil: nothing is shown
	bar   *progressbar.ProgressBar
	total int64
	at    int64
	then  string // the phase that begins when total is reached; "" for none
}

// newProgress begins with a phase of so many bytes; total gives -1 where that is not known, and is not asked where nothing is shown.
func newProgress(e *env, quiet bool, phase string, total func() int64) *progress {
	p := &progress{}
	if quiet || !isTerminal(e.stderr) {
		return p
	}
	p.w = e.stderr
	p.next(phase, total())
	return p
}

// next ends a phase and begins another; without a total it shows what was done and how long it takes.
func (p *progress) next(phase string, total int64) {
	if p.w == nil {
		return
	}
	p.done()
	p.total, p.at, p.then = total, 0, ""
	if total <= 0 {
		p.total = -1
	}
	p.bar = progressbar.NewOptions64(p.total, progressbar.OptionSetWriter(p.w), progressbar.OptionShowBytes(true), progressbar.OptionSetDescription(phase),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth())
}

func (p *progress) add(bytes int64) {
	if p.bar == nil {
		return
	}
	if p.at += bytes; p.total > 0 && p.at >= p.total && p.then != "" {
		p.next(p.then, -1)
		return
	}
	p.bar.Add64(bytes)
}

// set says how far it is; the first call may change the total.
func (p *progress) set(done, of int64) {
	if p.bar != nil && of > 0 {
		p.bar.ChangeMax64(max(of, done))
		p.bar.Set64(done)
	}
}

// done takes the bar away; more can follow.
func (p *progress) done() {
	if p.bar != nil {
		p.bar.Finish()
		p.bar = nil
	}
}

// watch counts what is written into files.
func (p *progress) watch(create func(string) (io.WriteCloser, error)) func(string) (io.WriteCloser, error) {
	if p.w == nil {
		return create
	}
	return func(file string) (io.WriteCloser, error) {
		w, err := create(file)
		if err != nil {
			return nil, err
		}
		return watchedWriter{w, p.bar}, nil
	}
}

// watchedWriter tells a bar, which may be shared, what it writes.
type watchedWriter struct {
	io.WriteCloser
	bar *progressbar.ProgressBar
}

func (w watchedWriter) Write(b []byte) (int, error) {
	n, err := w.WriteCloser.Write(b)
	w.bar.Add(n)
	return n, err
}

// watchedFile tells a bar what is read of a source, at most its size.
type watchedFile struct {
	archive.Opened
	p    *progress
	left *int64
}

func (f watchedFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.Opened.ReadAt(b, off)
	step := min(int64(n), *f.left)
	*f.left -= step
	f.p.add(step)
	return n, err
}

// sizeBelow adds up the sizes of the files below a directory; what cannot be read counts nothing.
func sizeBelow(fsys fs.FS, dir string) int64 {
	total := int64(0)
	_ = fs.WalkDir(fsys, filepath.ToSlash(dir), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return total
}
