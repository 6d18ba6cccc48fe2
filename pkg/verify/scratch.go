package verify

import (
	"fmt"
	"io"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/seal"
)

// scratch is the dossier.Store of a dossier that is built again to be compared: it keeps digests, not messages.
type scratch struct {
	spool  func() (evidence.Spool, error)
	spools []evidence.Spool
	sums   []digest.Digest // by order of reading
	placed []digest.Digest // by exhibit
}

// AddMessage implements dossier.Store.
func (s *scratch) AddMessage(seq int, content io.Reader) error {
	if seq != len(s.sums) {
		return fmt.Errorf("message %d out of order", seq)
	}
	sum, _, err := digest.OfReader(content)
	s.sums = append(s.sums, sum)
	return err
}

// Place implements dossier.Store.
func (s *scratch) Place(seq, exhibit, count int) (string, digest.Digest, error) {
	s.placed = append(s.placed, s.sums[seq])
	return seal.ExhibitFile(exhibit, count), s.sums[seq], nil
}

// Spool implements dossier.Store.
func (s *scratch) Spool() (evidence.Spool, error) {
	f, err := s.spool()
	if err == nil {
		s.spools = append(s.spools, f)
	}
	return f, err
}

func (s *scratch) close() {
	for _, f := range s.spools {
		f.Close()
	}
}
