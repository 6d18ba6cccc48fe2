package main

import "io"

// stoppableReader ends with an error as soon as stopped gives one.
type stoppableReader struct {
	io.Reader
	stopped func() error
}

func (r stoppableReader) Read(p []byte) (int, error) {
	if err := r.stopped(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// stoppableWriter ends with an error as soon as stopped gives one.
type stoppableWriter struct {
	io.WriteCloser
	stopped func() error
}

func (w stoppableWriter) Write(p []byte) (int, error) {
	if err := w.stopped(); err != nil {
		return 0, err
	}
	return w.WriteCloser.Write(p)
}

// waitingReader ends even while it waits for a terminal or a pipe: nothing else can end such a read.
type waitingReader struct {
	r       io.Reader
	done    <-chan struct{}
	stopped func() error
}

func (w *waitingReader) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	// A read that is left behind goes on, so it has a buffer of its own.
	buf := make([]byte, len(p))
	c := make(chan result, 1)
	go func() {
		n, err := w.r.Read(buf)
		c <- result{n, err}
	}()
	select {
	case r := <-c:
		return copy(p, buf[:r.n]), r.err
	case <-w.done:
		return 0, w.stopped()
	}
}
