package archive

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"time"

	"onrecord/pkg/timestamp"
)

func tokenName(run int64) string { return checkpointName(run) + ".tsr" }

// Unstamped gives the last checkpoint if it bears no RFC 3161 token yet; run 0: there is none to stamp.
func (s *Store) Unstamped() (run int64, signed []byte, err error) {
	head, err := s.head()
	if err != nil || head.Run == 0 {
		return 0, nil, err
	}
	if _, err := readFile(s.disk, tokenName(head.Run), maxSmall); !isNotExist(err) {
		return 0, nil, err
	}
	return head.Run, head.Signed, nil
}

// AddToken keeps an authority's response over the SHA-256 of a checkpoint. The store is locked.
func (s *Store) AddToken(run int64, response []byte) error {
	if err := place(s.disk, tokenName(run), response); err != nil {
		return err
	}
	return s.disk.SyncDir(checkpointDir)
}

// token is what a response says of a checkpoint; nil if there is none.
func (s *Store) token(run int64, signed []byte) (*timestamp.Token, error) {
	response, err := readFile(s.disk, tokenName(run), maxSmall)
	if isNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t, err := timestamp.ParseResponse(response)
	if err != nil {
		return nil, &tokenError{err}
	}
	sum := sha256.Sum256(signed)
	if err := t.Check(timestamp.Query{Hash: crypto.SHA256, Digest: sum[:]}); err != nil {
		return nil, &tokenError{err}
	}
	return t, nil
}

// tokenError is a token that does not hold.
type tokenError struct{ error }

func (e *tokenError) Unwrap() error { return e.error }

// stamped notes the token of a checkpoint.
func (v *verifier) stamped(run int64, signed []byte) error {
	t, err := v.s.token(run, signed)
	if err != nil {
		return v.broken("time-stamps", tokenName(run), err)
	}
	if t != nil {
		v.tokens++
		v.lastToken = fmt.Sprintf("%s says that the checkpoint of run %d was there at %s", t.Authority(), run, t.Time.UTC().Format(time.RFC3339))
	}
	return nil
}
