package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"onrecord/pkg/archive"
	"onrecord/pkg/timestamp"
)

// stampPatience is how long a run waits for an answer of a time-stamp authority.
const stampPatience = 30 * time.Second

// authority checks the URL of a time-stamp authority and gives the way to it.
func authority(url string) (timestamp.Post, error) {
	p := &sealPlan{sealOptions: sealOptions{tsa: []string{url}, timeout: stampPatience}}
	return p.post, p.checkAuthorities()
}

// stampCheckpoint has the last checkpoint stamped, if it bears no token yet.
func stampCheckpoint(ctx context.Context, s *archive.Store, url string) error {
	run, signed, err := s.Unstamped()
	if err != nil || run == 0 {
		return err
	}
	post, err := authority(url)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(signed)
	q, err := timestamp.NewQuery(crypto.SHA256, sum[:], rand.Reader)
	if err != nil {
		return err
	}
	answer, _, err := timestamp.Stamp(ctx, post, url, q)
	if err != nil {
		return err
	}
	return s.AddToken(run, answer)
}
