package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"sync"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/seal"
	"onrecord/pkg/source"
)

// bagStore keeps messages in a bag that is being written.
type bagStore struct {
	bag     *seal.Bag
	copy    bool          // copy sources into the bag
	sums    *os.File      // one seal.Sums for each message, in order of reading: too much for memory
	written *bufio.Writer // to sums
	added   int
	mu      sync.Mutex // of spools: the examination of several messages asks for them at the same time as the build
	spools  []*os.File
	placing chan placement // files on the way to their places, in order of exhibits
	placed  chan error     // the outcome when all are there
	once    sync.Once
	failed  error // to place them
	// stopped gives an error when the work is to end before its end.
	stopped func() error
}

func newBagStore(bag *seal.Bag, copySources bool, stopped func() error) (*bagStore, error) {
	s := &bagStore{bag: bag, copy: copySources, stopped: stopped}
	f, err := s.temporary()
	if err != nil {
		return nil, err
	}
	s.sums, s.written = f, bufio.NewWriter(f)
	return s, nil
}

// temporary makes a file beside what is being written: where the dossier has room, it has too. It has no name any more, so that nothing stays of it.
func (s *bagStore) temporary() (*os.File, error) {
	f, err := unnamedFile(s.bag.Dir())
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.spools = append(s.spools, f)
	}
	return f, err
}

// unnamedFile makes a temporary file in dir that vanishes with its last user.
func unnamedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".spool-")
	if err != nil {
		return nil, err
	}
	// Where a file that is open cannot be removed, Close does it.
	os.Remove(f.Name())
	return f, nil
}

func closeUnnamed(f *os.File) error {
	err := f.Close()
	os.Remove(f.Name())
	return err
}

func (s *bagStore) close() {
	s.finish() // after a failure: whoever succeeds has called it before
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.spools {
		closeUnnamed(f)
	}
	s.spools = nil
}

// keep implements keeper.
func (s *bagStore) keep(name string, r *os.File) (source.Content, string, digest.Digest, int64, error) {
	all := stoppableReader{io.NewSectionReader(r, 0, 1<<62), s.stopped}
	if !s.copy {
		sum, n, err := digest.OfReader(all)
		return contentOf{r}, "", sum, n, err
	}
	sums, err := s.bag.AddSource(name, all)
	if err != nil {
		return nil, "", digest.Digest{}, 0, err
	}
	f, err := s.bag.OpenSource(name)
	if err != nil {
		return nil, "", digest.Digest{}, 0, err
	}
	return contentOf{f}, "data/sources/" + name, sums.SHA256, sums.Size, nil
}

// AddMessage implements dossier.Store.
func (s *bagStore) AddMessage(_ int, content io.Reader) error {
	sums, err := s.bag.AddMessage(s.added, content)
	if err != nil {
		return err
	}
	s.added++
	_, err = s.written.Write(sums.Append(nil))
	return err
}

// placement is a file to be put in its place.
type placement struct {
	seq  int
	name string
	sums seal.Sums
}

// Place implements dossier.Store. The file system does its part while the analysis goes on: finish waits for it.
func (s *bagStore) Place(seq, exhibit, count int) (string, digest.Digest, error) {
	if s.placing == nil {
		s.placing, s.placed = make(chan placement, 1024), make(chan error, 1)
		go place(s.bag, s.placing, s.placed)
	}
	if err := s.written.Flush(); err != nil {
		return "", digest.Digest{}, err
	}
	raw := make([]byte, seal.SumsSize)
	if _, err := s.sums.ReadAt(raw, int64(seq)*seal.SumsSize); err != nil {
		return "", digest.Digest{}, err
	}
	sums := seal.SumsOf([seal.SumsSize]byte(raw))
	name := seal.ExhibitFile(exhibit, count)
	s.placing <- placement{seq, name, sums}
	return name, sums.SHA256, nil
}

func place(bag *seal.Bag, placing <-chan placement, placed chan<- error) {
	var failed error
	for p := range placing {
		if failed == nil {
			failed = bag.PlaceMessage(p.seq, p.name, p.sums)
		}
	}
	placed <- failed
}

// finish waits until all messages are in their places. No further one is placed after it.
func (s *bagStore) finish() error {
	s.once.Do(func() {
		if s.placing != nil {
			close(s.placing)
			s.failed = <-s.placed
		}
	})
	return s.failed
}

// open opens a file of the dossier for the views, when all messages are in their places.
func (s *bagStore) open(file string) (io.ReadCloser, error) {
	if err := s.finish(); err != nil {
		return nil, err
	}
	return os.Open(filepath.Join(s.bag.Dir(), filepath.FromSlash(file)))
}

// Spool implements dossier.Store.
func (s *bagStore) Spool() (evidence.Spool, error) {
	f, err := s.temporary()
	if err != nil {
		return nil, err
	}
	return f, nil
}
