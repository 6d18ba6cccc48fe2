package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"

	"onrecord/pkg/pades"
	"onrecord/pkg/seal"
)

// isPDF names dossier.pdf and its further volumes.
var isPDF = regexp.MustCompile(`^dossier(-[0-9]+)?\.pdf$`)

// signPDF signs dossier.pdf and its further volumes by an incremental update, and writes the tag manifests anew, which list them. So it comes before every other seal. It gives the
// files that it wrote.
func (p *sealPlan) signPDF(ctx context.Context, e *env, root *os.Root) ([]seal.FileDigest, error) {
	if names, err := sealFiles(root); err != nil || len(names) > 0 {
		return nil, cmpErr(err, failed("sign the PDF first, or leave --sign-pdf out", "the dossier is sealed already: a signature in the PDF would change what the seals are over"))
	}
	i := slices.IndexFunc(p.signers, func(s signer) bool { return s.signPDF != nil })
	by := p.signers[i] // there is one: checked by plan
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, failed("", "%w", err)
	}
	changed := map[string][]byte{}
	var order []string
	for _, entry := range entries {
		name := entry.Name()
		if !isPDF.MatchString(name) {
			continue
		}
		doc, err := root.ReadFile(name)
		if err != nil {
			return nil, failed("", "%w", err)
		}
		appended, err := pades.Sign(doc, pades.Texts{Name: by.signer, Reason: p.role, Time: e.now()}, func(content io.Reader) ([]byte, error) { return by.signPDF(ctx, content) })
		if err != nil {
			return nil, failed("", "%s: %w", name, err)
		}
		changed[name] = append(doc, appended...)
		order = append(order, name)
	}
	if len(changed) == 0 {
		return nil, failed("build it with --format pdf", "the dossier holds no PDF")
	}
	for _, a := range []seal.Algorithm{seal.SHA512, seal.SHA256} {
		text, err := relisted(root, a, changed)
		if err != nil {
			return nil, err
		}
		changed[a.TagManifest()] = text
		order = append(order, a.TagManifest())
	}
	// The PDFs first: if it ends here, restorePDF undoes it.
	for _, name := range order {
		if err := seal.Replace(root, name, changed[name]); err != nil {
			return nil, failed("", "%w", err)
		}
	}
	return digestsOf(root, order...)
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// relisted gives a tag manifest with the digests of changed files.
func relisted(root *os.Root, a seal.Algorithm, changed map[string][]byte) ([]byte, error) {
	f, err := root.Open(a.TagManifest())
	if err != nil {
		return nil, failed("", "%w", err)
	}
	defer f.Close()
	var b bytes.Buffer
	err = seal.ReadManifest(f, a, func(entry seal.Entry) {
		if content, ok := changed[entry.Path]; ok {
			entry.Sum = sumIn(a, content)
		}
		b.Write(entry.Line())
	})
	if err != nil {
		return nil, failed("", "%s: %w", a.TagManifest(), err)
	}
	return b.Bytes(), nil
}

func sumIn(a seal.Algorithm, b []byte) []byte {
	if a == seal.SHA512 {
		sum := sha512.Sum512(b)
		return sum[:]
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// restorePDF undoes a signing of the PDF that ended before the tag manifests were written: the document is still there, in front of what was appended.
func restorePDF(root *os.Root) error {
	f, err := root.Open(tagManifest)
	if err != nil {
		return failed("", "%w", err)
	}
	defer f.Close()
	var failure error
	err = seal.ReadManifest(f, seal.SHA256, func(entry seal.Entry) {
		if !isPDF.MatchString(path.Clean(entry.Path)) || failure != nil {
			return
		}
		file, err := root.ReadFile(entry.Path)
		if err != nil || bytes.Equal(sumIn(seal.SHA256, file), entry.Sum) {
			return
		}
		if doc, _, ok := pades.Split(file); ok && bytes.Equal(sumIn(seal.SHA256, doc), entry.Sum) {
			failure = seal.Replace(root, entry.Path, doc)
		}
	})
	var broken *seal.ManifestError
	if errors.As(err, &broken) {
		err = nil // told by intact
	}
	if err = errors.Join(err, failure); err != nil {
		return failed("", "%w", fmt.Errorf("%s: %w", tagManifest, err))
	}
	return nil
}
