package verify

import (
	"io"
	"path"
	"slices"
	"strings"

	"onrecord/pkg/dossier"
	"onrecord/pkg/seal"
	"onrecord/pkg/smime"
)

// tagFiles compares the tag files that say something beside the views, and finds those that no build writes.
func (v *verifier) tagFiles(held *dossier.Dossier, keys *keyring) error {
	for _, x := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"bag-info.txt", func(w io.Writer) error {
			_, err := w.Write(seal.InfoOf(held).Text(v.bag.Octets, v.bag.Files))
			return err
		}},
		{"dkim-keys.txt", func(w io.Writer) error {
			_, err := keys.used.WriteTo(w)
			return err
		}},
	} {
		c := &comparer{fs: v.FS, name: x.name}
		w, err := c.open()
		if err == nil {
			err = x.write(w)
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			err = v.view(c)
		}
		if err != nil {
			return err
		}
	}
	said := 0
	for _, name := range v.bag.TagFiles() {
		if v.written(name, held.Count) {
			continue
		}
		if said++; said <= maxDifferences {
			v.add(Finding{Check: "views", Subject: name, Status: v.unless(Mismatch), Why: "the manifests list it, and no build with these options writes a file of this name"})
		}
	}
	return nil
}

// written tells whether a build writes a tag file of this name.
func (v *verifier) written(name string, count int) bool {
	if slices.Contains(v.made, name) {
		return true
	}
	switch name {
	case "bagit.txt", "bag-info.txt", "dossier.json", "dkim-keys.txt", "case.yaml", smime.RootsFile, smime.RingFile, seal.RootFile, seal.SHA256.PayloadManifest(), seal.SHA512.PayloadManifest(),
		path.Join(ProofDir, ProofKey), path.Join(ProofDir, SightingsFile):
		return true
	}
	exhibit, ok := strings.CutSuffix(name, ".tlog-proof")
	return ok && path.Dir(name) == ProofDir && isExhibit(path.Join("data/messages", path.Base(exhibit)+".eml"), count)
}
