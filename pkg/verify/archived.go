package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"onrecord/pkg/archive"
	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/merkle"
	"onrecord/pkg/seal"
)

// Where a dossier that came out of a store (package archive) has the proofs that the store's log holds its exhibits.
const (
	ProofDir = "archive"
	ProofKey = "log-key.txt" // in ProofDir: the public key of the log
	// SightingsFile, in ProofDir, lists when and where the store saw the messages.
	SightingsFile = "sightings.jsonl"
)

// ProofFile is the proof of an exhibit (c2sp.org/tlog-proof).
func ProofFile(exhibit, count int) string {
	return path.Join(ProofDir, strings.TrimSuffix(path.Base(seal.ExhibitFile(exhibit, count)), ".eml")+".tlog-proof")
}

// maxProof bounds a proof: 64 hashes and a checkpoint with signatures of witnesses.
const maxProof = 1 << 20

// archived checks the proofs that the log of a store holds the exhibits, offline, against the checkpoint that they bear.
func (v *verifier) archived(held *dossier.Dossier) error {
	key, err := readProof(v.FS, path.Join(ProofDir, ProofKey))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	public := strings.TrimSpace(string(key))
	good := 0
	var last merkle.Checkpoint
	for rec, err := range held.Messages {
		if err != nil {
			return err
		}
		name := ProofFile(rec.Exhibit, held.Count)
		c, err := v.proof(name, public, rec.Digests.Raw)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			v.add(Finding{Check: "archive", Subject: name, Status: Missing, Why: fmt.Sprintf("there is no proof that the log holds exhibit %d", rec.Exhibit)})
		case isProof(err):
			v.add(Finding{Check: "archive", Subject: name, Status: Mismatch, Found: err.Error(), Why: fmt.Sprintf("it does not prove that the log holds the bytes of exhibit %d", rec.Exhibit)})
		case err != nil:
			return err
		default:
			good++
			last = c
		}
	}
	if good > 0 {
		v.add(Finding{Check: "archive", Subject: ProofDir + "/", Status: Verified,
			Why: fmt.Sprintf("%d of %d exhibits are in the log %s, in the tree of %d entries whose head its key signed; compare the key with the one that the keeper of the store published: %s",
				good, held.Count, last.Origin, last.Size, public)})
	}
	return nil
}

// proofError is a proof that does not hold.
type proofError struct{ error }

func (e *proofError) Unwrap() error { return e.error }

func isProof(err error) bool {
	var p *proofError
	return errors.As(err, &p)
}

func (v *verifier) proof(name, public string, raw digest.Digest) (merkle.Checkpoint, error) {
	text, err := readProof(v.FS, name)
	if err != nil {
		return merkle.Checkpoint{}, err
	}
	var p merkle.Proof
	if err := p.UnmarshalText(text); err != nil {
		return merkle.Checkpoint{}, &proofError{err}
	}
	c, err := p.Check(archive.Entry(raw), public)
	if err != nil {
		return c, &proofError{err}
	}
	return c, nil
}

func readProof(fsys fs.FS, name string) ([]byte, error) {
	f, err := openRegular(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxProof {
		return nil, &proofError{fmt.Errorf("%d bytes are too many for a proof", info.Size())}
	}
	return fs.ReadFile(fsys, name)
}
