package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on a terminal how far a build is; into a pipe it writes nothing.
type progress struct {
	bar *progressbar.ProgressBar
}

// newProgress: total is in bytes, -1 if it is not known.
func newProgress(e *env, quiet bool, total int64) *progress {
	if quiet || !isTerminal(e.stderr) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(total, progressbar.OptionSetWriter(e.stderr), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription("reading"), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth())}
}

func (p *progress) add(bytes int64) {
	if p.bar != nil {
		p.bar.Add64(bytes)
	}
}

func (p *progress) done() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
