package verify

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"time"

	"onrecord/pkg/cms"
	"onrecord/pkg/pades"
	"onrecord/pkg/timestamp"
)

// Bounds on what is read of a PDF that is said to be signed, in bytes.
const (
	maxPDF    = 512 << 20
	maxUpdate = 1 << 20 // of what follows the document: a signature with its time-stamp has some 50 kB
)

// isPDF names dossier.pdf and its further volumes.
var isPDF = regexp.MustCompile(`^dossier(-[0-9]+)?\.pdf$`)

// signedPDF checks what follows the first octets of a PDF, which are as the facts give them: an update that holds one signature over all of the file, and nothing else.
func (v *verifier) signedPDF(name string, octets int64) error {
	file, err := readBounded(v.FS, name, min(octets+maxUpdate, maxPDF))
	if isEvidence(err) {
		v.add(Finding{Check: "views", Subject: name, Status: Mismatch, Expected: "end of file, or a signature", Found: oneLine(err.Error()), Why: fmt.Sprintf("further bytes follow from byte %d on, more than any signature has", octets)})
		return nil
	}
	if err != nil {
		return err
	}
	if int64(len(file)) < octets {
		v.add(Finding{Check: "views", Subject: name, Status: Mismatch, Why: "it changed while it was read"})
		return nil
	}
	v.pdfSignature(name, file[:octets], file[octets:], "written again from the facts in dossier.json; the same, byte for byte, but for the signature at its end")
	return nil
}

// signedPDFs checks the signatures in PDFs that could not be compared with what this version writes.
func (v *verifier) signedPDFs(written []*comparer) error {
	entries, err := fs.ReadDir(v.FS, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		i := slices.IndexFunc(written, func(c *comparer) bool { return c.name == e.Name() })
		if !isPDF.MatchString(e.Name()) || v.maker == "" && (i < 0 || written[i].gaveUp == "") || i >= 0 && written[i].more {
			continue
		}
		file, err := readBounded(v.FS, e.Name(), maxPDF)
		if isEvidence(err) {
			v.add(Finding{Check: "seal", Subject: e.Name(), Status: Unverifiable, Why: "whether it is signed was not looked at: " + oneLine(err.Error())})
			continue
		}
		if err != nil {
			return err
		}
		if doc, appended, ok := pades.Split(file); ok {
			v.pdfSignature(e.Name(), doc, appended, "")
		}
	}
	return nil
}

func (v *verifier) pdfSignature(name string, doc, appended []byte, good string) {
	wrong := func(err error, why string) {
		v.add(Finding{Check: "views", Subject: name, Status: Mismatch, Expected: "end of file, or a signature", Found: oneLine(err.Error()), Why: why})
	}
	s, content, err := pades.Check(doc, appended)
	if err != nil {
		wrong(err, fmt.Sprintf("further bytes follow from byte %d on, and they are no signature of this file", len(doc)))
		return
	}
	sd, err := cms.Parse(s.CMS)
	if err == nil {
		err = sd.Verify(content, cms.OIDData)
	}
	if err != nil {
		wrong(err, "the signature in the PDF does not hold")
		return
	}
	if good != "" {
		v.add(Finding{Check: "views", Subject: name, Status: Verified, Why: good})
	}
	key := fmt.Sprintf("sha256:%x", sha256.Sum256(sd.Signer.Raw))
	v.add(Finding{Check: "seal", Subject: name, Status: Verified, Why: fmt.Sprintf("the signature in the PDF holds for all of it; %s: %s, certificate %s, at %s by the signer's own clock",
		s.Texts.Reason, s.Texts.Name, key, s.Texts.Time.Format(time.RFC3339))})
	trusted(v.Report, v.Trust, sd, key, s.Texts.Time)
	if err := signatureStamp(v.Report, v.Trust, name, sd); err != nil {
		wrong(err, "the time-stamp in the signature of the PDF does not hold")
	}
}

// trusted tells whether a certificate leads to a root that is known.
func trusted(r *Report, t Trust, sd *cms.SignedData, key string, at time.Time) {
	f := Finding{Check: "seal", Subject: "key " + key, Status: Unverifiable,
		Why: fmt.Sprintf("its certificate (%s, issued by %s) leads to no root that is known to you: compare this fingerprint, or give --ca", sd.Signer.Subject, sd.Signer.Issuer)}
	if t.Roots != nil {
		if way, err := sd.Chain(t.Roots, at); err != nil {
			f.Why = fmt.Sprintf("its certificate (%s, issued by %s) does not lead to a root that you gave: %v", sd.Signer.Subject, sd.Signer.Issuer, err)
		} else {
			f.Status = Verified
			f.Why = fmt.Sprintf("its certificate (%s) leads to %s and was valid at the time that the signer claims; whether it was revoked was not asked", sd.Signer.Subject, way[len(way)-1].Subject)
		}
	}
	r.add(f)
}

// signatureStamp checks the time-stamp inside of a signature (RFC 3161 appendix A), if there is one.
func signatureStamp(r *Report, t Trust, name string, sd *cms.SignedData) error {
	if sd.Token == nil {
		return nil
	}
	token, err := timestamp.ParseToken(sd.Token)
	if err != nil {
		return err
	}
	var digest []byte
	switch token.Hash {
	case crypto.SHA256:
		sum := sha256.Sum256(sd.Signature)
		digest = sum[:]
	case crypto.SHA512:
		sum := sha512.Sum512(sd.Signature)
		digest = sum[:]
	default:
		return errors.New("it stamps another digest")
	}
	if err := token.Check(timestamp.Query{Hash: token.Hash, Digest: bytes.Clone(digest)}); err != nil {
		return err
	}
	f := Finding{Check: "seal", Subject: name, Status: Verified, Why: fmt.Sprintf("%s states that this signature existed at %s", token.Authority(), token.Time.UTC().Format(time.RFC3339))}
	r.add(f)
	if t.Roots != nil {
		if _, err := token.Trust(t.Roots); err == nil {
			return nil
		}
	}
	r.add(Finding{Check: "seal", Subject: "authority " + token.Authority(), Status: Unverifiable, Why: "the certificate of the authority that stamped the signature of " + name + " leads to no root that is known to you: give --ca"})
	return nil
}
