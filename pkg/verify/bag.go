package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"onrecord/pkg/seal"
)

// problems tells in what a dossier is not as its manifests say.
func (r *Report) problems(c seal.Checked) { r.tell(c, Mismatch) }

// tell tells in what a bag is not as its manifests say. Two names that some file systems take for one have the status twin.
func (r *Report) tell(c seal.Checked, twin Status) {
	for _, p := range c.Problems {
		f := Finding{Check: "digests", Subject: p.Path, Status: Mismatch, Expected: p.Expected, Found: p.Found}
		switch p.Kind {
		case seal.Changed:
			f.Why = "the file is not the one that " + p.Manifest + " lists"
		case seal.Absent:
			f.Status, f.Why = Missing, "it is listed, and not there"
		case seal.Extra:
			f.Why = "it is there, and no manifest lists it"
		case seal.Twin:
			f.Status = twin
			f.Why = "two names differ in case or in the form of their letters only: some file systems take them for one"
		case seal.Form:
			f.Why = "it says what it said, but is not written as this program writes it: it was changed"
		case seal.Oxum:
			f.Why = "Payload-Oxum there gives another size or number of files than data/ has"
		default:
			f.Why = strings.TrimSpace(p.Manifest + " is not as BagIt (RFC 8493) asks")
		}
		r.add(f)
	}
}

// IsBag tells whether a directory is a bag (RFC 8493) and nothing in it speaks of a dossier.
func IsBag(fsys fs.FS) (bool, error) {
	for _, name := range []string{"dossier.json", seal.RootFile, seal.CustodyFile, "seal"} {
		if _, err := fs.Lstat(fsys, name); !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	_, err := fs.Lstat(fsys, "bagit.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Bag checks a bag that is no dossier, such as a mailbag or what others made: every file against the manifests, and no more.
func Bag(fsys fs.FS) (*Report, error) {
	r := NewReport()
	r.bagAlone = true
	c, err := seal.CheckBag(fsys)
	if err != nil {
		return nil, err
	}
	r.tell(c, Unverifiable)
	var names []string
	for _, a := range c.Algorithms {
		names = append(names, string(a))
	}
	if r.OK {
		r.add(Finding{Check: "digests", Subject: "payload", Status: Verified, Why: fmt.Sprintf("%d files under data/ have the digests that the manifests list (%s), and there are no others", c.Payload, strings.Join(names, ", "))})
		r.add(Finding{Check: "digests", Subject: "tag files", Status: Verified, Why: fmt.Sprintf("%d files beside it have the digests that the tag manifests list", c.Tags)})
	}
	if len(names) > 0 && !slices.ContainsFunc(c.Algorithms, func(a seal.Algorithm) bool { return !a.Weak() }) {
		r.add(Finding{Check: "digests", Subject: strings.Join(names, ", "), Status: Unverifiable, Why: "other files with the same digest can be made at will: it shows accidents, not changes that somebody wanted"})
	}
	r.add(Finding{Check: "facts", Subject: "dossier.json", Status: Unverifiable, Why: "this is a bag and no dossier: there are no facts to be derived again, and nobody's word but its own for who made it, and when"})
	return r, nil
}
