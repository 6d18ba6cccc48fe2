package verify

import (
	"errors"
	"io"
	"io/fs"

	"onrecord/pkg/smime"
)

// signers reads the roots and keys that people's signatures were checked with when the dossier was built; nil where there are none.
func (v *verifier) signers() (*smime.Keys, error) {
	var keys *smime.Keys
	for _, x := range []struct {
		name string
		add  func(k *smime.Keys, text []byte) error
	}{
		{smime.RootsFile, func(k *smime.Keys, text []byte) error {
			roots, err := smime.ParseRoots(text)
			if err != nil {
				return err
			}
			return k.AddRoots(roots)
		}},
		{smime.RingFile, func(k *smime.Keys, text []byte) error { return k.AddRing(text) }},
	} {
		f, err := v.FS.Open(x.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		if keys == nil {
			keys = &smime.Keys{}
		}
		if err := x.add(keys, text); err != nil {
			v.add(Finding{Check: "facts", Subject: x.name, Status: v.unless(Mismatch), Found: oneLine(err.Error()), Why: "no build of this version can have written this file"})
		}
	}
	return keys, nil
}
