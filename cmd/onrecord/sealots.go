package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/ots"
	"onrecord/pkg/seal"
)

// otsFile is the proof over the tag manifest, as the ots program calls it.
const otsFile = "tagmanifest-sha256.txt.ots"

// calendars sends the tag manifest's digest, behind a nonce, to OpenTimestamps calendars, and asks those that have promised to anchor it whether they have. A calendar is asked only if
// it is named now: the addresses in a proof are whatever somebody wrote there.
func (p *sealPlan) calendars(ctx context.Context, root *os.Root, done *sealed, manifest []byte) error {
	if len(p.ots) == 0 {
		return nil
	}
	proof, commitment, fresh, err := openProofOTS(root, manifest)
	if err != nil {
		return err
	}
	var failures []error
	changed := false
	promises, _ := proof.State()
	for _, calendar := range p.ots {
		calendar = strings.TrimRight(calendar, "/")
		known := false
		for _, promise := range promises {
			if strings.TrimRight(promise.URI, "/") != calendar {
				continue
			}
			known = true
			if promise.Node.Anchored() {
				continue
			}
			answer, err := p.ask(ctx, http.MethodGet, calendar+"/timestamp/"+promise.Node.Commitment(), nil)
			if err == nil {
				err = promise.Node.Add(answer)
			}
			if err != nil {
				failures = append(failures, fmt.Errorf("%s: not yet anchored: %w", redacted(calendar), err))
				continue
			}
			changed = true
		}
		if known {
			continue
		}
		answer, err := p.ask(ctx, http.MethodPost, calendar+"/digest", commitment.Message)
		if err == nil {
			err = commitment.Add(answer)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", redacted(calendar), err))
			continue
		}
		changed = true
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if changed {
		file := proof.File()
		if _, err := ots.Parse(file); err != nil {
			return failed("", "a calendar's answer cannot be kept: %w", err)
		}
		if fresh {
			if err := seal.AddSeal(root, otsFile, file); err != nil {
				return failed("", "%w", err)
			}
		} else if err := seal.Replace(root, "seal/"+otsFile, file); err != nil {
			return failed("", "%w", err)
		}
		done.digests = append(done.digests, seal.FileDigest{Path: "seal/" + otsFile, SHA256: digest.Of(file)})
		promises, anchors := proof.State()
		done.Calendars = &calendarState{"seal/" + otsFile, len(promises), len(anchors)}
	}
	if len(failures) > 0 {
		return failed("run it again later with the same --ots: anchoring takes hours", "OpenTimestamps: %w", errors.Join(failures...))
	}
	return nil
}

// openProofOTS reads the proof that is there, or begins one. What calendars are sent is the value behind the nonce.
func openProofOTS(root *os.Root, manifest []byte) (proof, commitment *ots.Node, fresh bool, err error) {
	sum := sha256.Sum256(manifest)
	file, err := root.ReadFile("seal/" + otsFile)
	if errors.Is(err, fs.ErrNotExist) {
		proof, commitment, err = ots.New(sum, rand.Reader)
		return proof, commitment, true, err
	}
	if err != nil {
		return nil, nil, false, failed("", "%w", err)
	}
	if proof, err = ots.Parse(file); err != nil {
		return nil, nil, false, failed("", "seal/%s: %w", otsFile, err)
	}
	if !slices.Equal(proof.Message, sum[:]) {
		return nil, nil, false, failed("onrecord verify tells more", "seal/%s is of another dossier", otsFile)
	}
	return proof, proof.Behind(), false, nil
}

func (p *sealPlan) ask(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	return p.patiently(ctx, func() (*http.Request, error) {
		r, err := http.NewRequest(method, url, bytes.NewReader(body))
		if err == nil {
			r.Header.Set("Accept", "application/vnd.opentimestamps.v1")
			r.Header.Set("User-Agent", "onrecord/"+version)
		}
		return r, err
	})
}
