package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/seal"
)

// ProofSuffix is what the proof of a message is called, behind the name of the message.
const ProofSuffix = ".tlog-proof"

// maxProofs bounds how many messages one directory of proofs may show.
const maxProofs = 100_000

// Proof checks a directory that "onrecord prove" wrote: single messages, each with the proof that it is among the messages of a dossier, and that dossier's seals.
func Proof(fsys fs.FS, trust Trust) (*Report, error) {
	r := NewReport()
	r.proof = true
	root, err := readBounded(fsys, seal.RootFile, maxSealSize)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	if len(entries) > 2*maxProofs {
		return nil, fmt.Errorf("more than %d files", 2*maxProofs)
	}
	shown := map[string]bool{}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ProofSuffix); ok {
			shown[name] = true
			if err := r.prove(fsys, name, root); err != nil {
				return nil, err
			}
		}
	}
	if len(shown) == 0 {
		r.add(Finding{Check: "messages", Subject: "*" + ProofSuffix, Status: Missing, Why: "there is no proof of any message"})
	}
	known := []string{"README.txt", "seal", seal.RootFile, tagManifest, seal.SHA512.TagManifest()}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ProofSuffix)
		if !shown[name] && !slices.Contains(known, e.Name()) {
			r.add(Finding{Check: "messages", Subject: e.Name(), Status: Mismatch, Why: "there is no proof for it: nothing shows that it belongs to the dossier"})
		}
	}
	if err := r.rootIsListed(fsys, root); err != nil {
		return nil, err
	}
	if err := checkSeals(r, fsys, trust, true); err != nil {
		return nil, err
	}
	if len(r.Sealed.Signatures)+len(r.Sealed.Stamps) == 0 {
		r.add(Finding{Check: "seal", Subject: "seal/", Status: Unverifiable,
			Why: "there is no signature and no trusted time-stamp: compare tagmanifest-sha256.txt, or its digest, with that of the dossier"})
	}
	return r, nil
}

func (r *Report) prove(fsys fs.FS, name string, root []byte) error {
	text, err := readBounded(fsys, name+ProofSuffix, maxSealSize)
	if err != nil {
		return r.unread(name+ProofSuffix, err)
	}
	f, err := openRegular(fsys, name)
	if err != nil {
		return r.unread(name, err)
	}
	sum, size, err := digest.OfReader(f)
	f.Close()
	if err != nil {
		return err
	}
	of, err := seal.CheckProof(text, root, path.Join("data/messages", name), sum)
	if err != nil {
		r.add(Finding{Check: "messages", Subject: name, Status: Mismatch, Found: oneLine(err.Error()), Why: "the proof does not show that these bytes are a message of the dossier"})
		return nil
	}
	r.add(Finding{Check: "messages", Subject: name, Status: Verified, Why: fmt.Sprintf("these %d bytes (%s) are one of the %d messages that %s stands for", size, sum, of, seal.RootFile)})
	return nil
}

func (r *Report) unread(name string, err error) error {
	if !isEvidence(err) {
		return err
	}
	r.add(Finding{Check: "messages", Subject: name, Status: unreadable(err), Why: "there is nothing that could be checked"})
	return nil
}

// rootIsListed checks that the tag manifest, which the seals are over, holds the digest of the root.
func (r *Report) rootIsListed(fsys fs.FS, root []byte) error {
	manifest, err := readBounded(fsys, tagManifest, maxTagSize)
	if err != nil {
		return r.unread(tagManifest, err)
	}
	listed := 0
	want := digest.Of(root)
	err = seal.ReadManifest(bytes.NewReader(manifest), seal.SHA256, func(e seal.Entry) {
		if e.Path == seal.RootFile && bytes.Equal(e.Sum, want[:]) {
			listed++
		}
	})
	var broken *seal.ManifestError
	if err != nil && !errors.As(err, &broken) {
		return err
	}
	if err != nil || listed != 1 {
		r.add(Finding{Check: "messages", Subject: seal.RootFile, Status: Mismatch, Why: "it is not the root that " + tagManifest + " lists"})
		return nil
	}
	r.add(Finding{Check: "messages", Subject: seal.RootFile, Status: Verified, Why: "it is the root that " + tagManifest + " lists, which the seals are over"})
	return nil
}
