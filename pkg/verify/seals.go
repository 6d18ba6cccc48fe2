package verify

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/cms"
	"onrecord/pkg/digest"
	"onrecord/pkg/ots"
	"onrecord/pkg/seal"
	"onrecord/pkg/sshsig"
	"onrecord/pkg/timestamp"
)

// Trust is what the person who verifies knows: whose keys are whose, and which roots of certificates are to be believed. Without it a signature is told with its key, to be compared.
type Trust struct {
	Signers []sshsig.Allowed
	Roots   *x509.CertPool // nil: none known
}

// sshNamespace is what SSH signatures of dossiers are made for.
const sshNamespace = "onrecord"

const tagManifest = "tagmanifest-sha256.txt"

// Bounds of what is read from seal/.
const (
	maxSeals    = 1000
	maxSealSize = 4 << 20
	maxTagSize  = 64 << 20 // a tag manifest
)

// Sealed is who sealed and when, for the report's first sentence.
type Sealed struct {
	Signatures []SealedBy   `json:"signatures"`
	Stamps     []SealedTime `json:"time_stamps"`
}

// SealedBy is a signature that holds.
type SealedBy struct {
	File   string `json:"file"`
	Role   string `json:"role"`
	Signer string `json:"signer"` // as known to the one who verifies, else as the signer says
	Key    string `json:"key"`
	Known  bool   `json:"known"` // the key is known to the one who verifies
	Time   string `json:"time"`  // as claimed; "" if not
}

// SealedTime is a time-stamp that holds.
type SealedTime struct {
	File      string    `json:"file"`
	Authority string    `json:"authority"`
	Time      time.Time `json:"time"`
	Known     bool      `json:"known"`
}

// seals checks everything in seal/ against the tag manifest of fsys.
type seals struct {
	*Report
	fs       fs.FS
	trust    Trust
	manifest []byte
	names    []string
	custody  []byte
	partial  bool // a proof of single messages: there is no record of custody
}

// checkSeals checks signatures, time-stamps and, unless partial, the record of custody.
func checkSeals(r *Report, fsys fs.FS, trust Trust, partial bool) error {
	s := &seals{Report: r, fs: fsys, trust: trust, partial: partial}
	var err error
	if s.manifest, err = readBounded(fsys, tagManifest, maxTagSize); err != nil {
		if isEvidence(err) {
			return nil // told by digests
		}
		return err
	}
	var entries []fs.DirEntry
	switch info, err := fs.Lstat(fsys, "seal"); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.IsDir():
		s.add(Finding{Check: "seal", Subject: "seal", Status: Mismatch, Found: info.Mode().Type().String(), Why: "it is no directory"})
	default:
		if entries, err = fs.ReadDir(fsys, "seal"); err != nil {
			return err
		}
	}
	if len(entries) > maxSeals {
		s.add(Finding{Check: "seal", Subject: "seal/", Status: Unverifiable, Why: fmt.Sprintf("it holds more than %d files; none was looked at", maxSeals)})
		entries = nil
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			s.add(Finding{Check: "seal", Subject: "seal/" + e.Name(), Status: Mismatch, Found: e.Type().String(), Why: "it is no regular file"})
			continue
		}
		s.names = append(s.names, e.Name())
	}
	if err := s.record(); err != nil {
		return err
	}
	for _, name := range s.names {
		err := s.one(name)
		var broken *evidenceError
		if errors.As(err, &broken) {
			s.wrong(name, err.Error(), "it is no seal that could be read")
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Seals checks what lies in seal/ and the record of custody against the tag manifests, and nothing else.
func Seals(fsys fs.FS, trust Trust) (*Report, error) {
	r := NewReport()
	return r, checkSeals(r, fsys, trust, false)
}

// one checks a file of seal/ by its kind. What belongs to another file is checked with that.
func (s *seals) one(name string) error {
	stem, isStamp := strings.CutPrefix(name, "stamp-")
	number, kind, _ := strings.Cut(stem, ".")
	switch {
	case isStamp && kind == "tsr":
		return s.stamp(name, "stamp-"+number)
	case isStamp && kind == "tsq" && !s.has("stamp-"+number+".tsr"):
		s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Unverifiable, Why: "not stamped yet: an authority was asked and has not answered; onrecord seal --tsa asks again"})
		return nil
	case isStamp && (kind == "tsq" || (kind == "pem" || kind == "list") && s.has("stamp-"+number+".tsq")):
		return nil
	case name == otsFile:
		return s.calendars(name)
	case strings.HasSuffix(name, ".txt.sig"), strings.HasSuffix(name, ".txt.p7s"):
		if !s.has(name[:strings.LastIndex(name, ".txt")]) {
			s.stray(name)
		}
		return nil
	case strings.HasSuffix(name, ".sig.txt"), strings.HasSuffix(name, ".p7s.txt"):
		if !s.has(strings.TrimSuffix(name, ".txt")) {
			s.stray(name)
		}
		return nil
	case strings.HasSuffix(name, ".sig"):
		return s.signature(name, s.ssh)
	case strings.HasSuffix(name, ".p7s"):
		return s.signature(name, s.cms)
	}
	s.stray(name)
	return nil
}

func (s *seals) has(name string) bool { _, ok := slices.BinarySearch(s.names, name); return ok }

// stray tells of a file that belongs to no signature and no stamp.
func (s *seals) stray(name string) {
	s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Unverifiable, Why: "it is no signature or time-stamp that is known here, and nothing vouches for it"})
}

func (s *seals) wrong(name, found, why string) {
	s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Mismatch, Found: oneLine(found), Why: why})
}

// signed is a signature that holds, and whose it is.
type signed struct {
	key, who, why string // fingerprint; name; how the key is or is not known
	known         bool
	time          string // as claimed in the signature itself
}

// signature checks a signature over the tag manifest and the signer's statement beside it.
func (s *seals) signature(name string, check func(name string, content []byte, at time.Time) (signed, error)) error {
	st, text, err := s.statement(name)
	if err != nil {
		return err
	}
	at, _ := time.Parse(time.RFC3339, st.Time)
	x, err := check(name, s.manifest, at)
	if err != nil {
		return s.broken(name, err, "it does not hold for "+tagManifest+": this dossier is not the one that was signed, or the signature was changed")
	}
	said := SealedBy{File: "seal/" + name, Role: st.Role, Signer: cmp.Or(x.who, st.Signer), Key: x.key, Known: x.known, Time: cmp.Or(st.Time, x.time)}
	if text != nil {
		suffix := name[strings.LastIndex(name, "."):]
		y, err := check(name+".txt"+suffix, text, at)
		if err != nil {
			return s.broken(name+".txt"+suffix, err, "the statement of role and time is not signed as it stands")
		}
		if problem := s.contradicts(st, name, x.key, y.key); problem != "" {
			s.wrong(name+".txt", problem, "the signer's statement is not of this signature")
			return nil
		}
	} else if st.Signature == "" {
		said.Role = "signed by"
	}
	s.Sealed.Signatures = append(s.Sealed.Signatures, said)
	claimed := ""
	if said.Time != "" {
		claimed = ", at " + said.Time + " by the signer's own clock"
	}
	s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Verified,
		Why: fmt.Sprintf("the signature holds for every file that %s lists; %s: %s, key %s%s", tagManifest, said.Role, cmp.Or(said.Signer, "nobody named"), x.key, claimed)})
	status := Unverifiable
	if x.known {
		status = Verified
	}
	s.add(Finding{Check: "seal", Subject: "key " + x.key, Status: status, Why: x.why})
	return nil
}

// broken tells of trouble with what a file says. Trouble with reading it is an error.
func (s *seals) broken(name string, err error, why string) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Missing, Why: why})
	case errors.As(err, &pe):
		return err
	default:
		s.wrong(name, err.Error(), why)
	}
	return nil
}

// statement reads the statement that belongs to a signature; text is nil where there is none.
func (s *seals) statement(name string) (seal.Statement, []byte, error) {
	if !s.has(name + ".txt") {
		return seal.Statement{}, nil, nil
	}
	text, err := readBounded(s.fs, "seal/"+name+".txt", maxSealSize)
	if err != nil {
		return seal.Statement{}, nil, err
	}
	st, err := seal.ParseStatement(text)
	if err != nil {
		return seal.Statement{}, []byte{}, nil // its signature cannot hold for nothing
	}
	return st, text, nil
}

// contradicts tells in what a statement does not fit the signature that it stands beside; "" if it fits.
func (s *seals) contradicts(st seal.Statement, name, key, statementKey string) string {
	switch {
	case st.Signature != name:
		return "it is of the signature " + st.Signature
	case key != statementKey || st.Key != key:
		return "it is of the key " + statementKey
	case st.Dossier != digest.Of(s.manifest).String():
		return "it is of the dossier " + st.Dossier
	case !s.partial && !seal.HeadAt(s.custody, st.Custody):
		return fmt.Sprintf("when it was signed, line %d of %s was another (%s)", st.Custody.N, seal.CustodyFile, st.Custody.Digest)
	}
	return ""
}

func (s *seals) ssh(name string, content []byte, at time.Time) (signed, error) {
	text, err := readBounded(s.fs, "seal/"+name, maxSealSize)
	if err != nil {
		return signed{}, err
	}
	sig, err := sshsig.Parse(text)
	if err != nil {
		return signed{}, err
	}
	if err := sig.Verify(sshNamespace, bytes.NewReader(content)); err != nil {
		return signed{}, err
	}
	x := signed{key: sig.Fingerprint(), why: "the key is not known to you: compare this fingerprint with the one that the signer gives you on another way, or give --allowed-signers"}
	for _, a := range s.trust.Signers {
		if a.Allows(sig.PublicKey, sshNamespace, at) {
			return signed{key: x.key, who: a.Principal(), known: true, why: "the allowed signers say that it is the key of " + a.Principal()}, nil
		}
	}
	return x, nil
}

func (s *seals) cms(name string, content []byte, at time.Time) (signed, error) {
	der, err := readBounded(s.fs, "seal/"+name, maxSealSize)
	if err != nil {
		return signed{}, err
	}
	sd, err := cms.Parse(der)
	if err != nil {
		return signed{}, err
	}
	if err := sd.Verify(bytes.NewReader(content), cms.OIDData); err != nil {
		return signed{}, err
	}
	if !strings.HasSuffix(name, ".txt.p7s") {
		if err := signatureStamp(s.Report, s.trust, "seal/"+name, sd); err != nil {
			return signed{}, fmt.Errorf("its time-stamp: %w", err)
		}
	}
	x := signed{key: fmt.Sprintf("sha256:%x", sha256.Sum256(sd.Signer.Raw)), who: sd.Signer.Subject.CommonName}
	if sd.SigningTime != nil {
		x.time = sd.SigningTime.UTC().Format(time.RFC3339)
		if at.IsZero() {
			at = *sd.SigningTime
		}
	}
	if at.IsZero() {
		at = sd.Signer.NotBefore
	}
	x.why = fmt.Sprintf("its certificate (%s, issued by %s) leads to no root that is known to you: compare this fingerprint, or give --ca", sd.Signer.Subject, sd.Signer.Issuer)
	if s.trust.Roots == nil {
		return x, nil
	}
	way, err := sd.Chain(s.trust.Roots, at)
	if err != nil {
		x.why = fmt.Sprintf("its certificate (%s, issued by %s) does not lead to a root that you gave: %v", sd.Signer.Subject, sd.Signer.Issuer, err)
		return x, nil
	}
	x.known = true
	x.why = fmt.Sprintf("its certificate (%s) leads to %s and was valid at the time that the signer claims; whether it was revoked was not asked", sd.Signer.Subject, way[len(way)-1].Subject)
	return x, nil
}

// stamp checks a time-stamp: what it is over, that it answers its request, and the authority's certificate.
func (s *seals) stamp(name, stem string) error {
	over, content := tagManifest, s.manifest
	if s.has(stem + ".list") {
		var err error
		over = "seal/" + stem + ".list"
		if content, err = readBounded(s.fs, over, maxSealSize); err != nil {
			return err
		}
		if ok, err := s.list(stem+".list", content); !ok {
			return err
		}
	}
	answer, err := readBounded(s.fs, "seal/"+name, maxSealSize)
	if err != nil {
		return err
	}
	token, err := timestamp.ParseResponse(answer)
	if err != nil {
		s.wrong(name, err.Error(), "it is no time-stamp")
		return nil
	}
	q := timestamp.Query{Hash: token.Hash, Digest: sumOf(token.Hash, content)}
	if s.has(stem + ".tsq") {
		request, err := readBounded(s.fs, "seal/"+stem+".tsq", maxSealSize)
		if err != nil {
			return err
		}
		asked, err := timestamp.ParseQuery(request)
		if err != nil || asked.Hash != q.Hash || !bytes.Equal(asked.Digest, q.Digest) {
			s.wrong(stem+".tsq", "", "it is not the request for this time-stamp")
			return nil
		}
		q = asked
	}
	if err := token.Check(q); err != nil {
		s.wrong(name, err.Error(), "the time-stamp does not hold for "+over)
		return nil
	}
	if s.has(stem + ".pem") {
		chain, err := readBounded(s.fs, "seal/"+stem+".pem", maxSealSize)
		if err != nil {
			return err
		}
		var want []byte
		for _, c := range token.Certificates() {
			want = append(want, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		if !bytes.Equal(chain, want) {
			s.wrong(stem+".pem", "", "it does not hold the certificates of the time-stamp "+name)
			return nil
		}
	}
	at := SealedTime{File: "seal/" + name, Authority: token.Authority(), Time: token.Time}
	leaf := token.Certificates()[0]
	key := fmt.Sprintf("sha256:%x", sha256.Sum256(leaf.Raw))
	f := Finding{Check: "seal", Subject: "authority " + key, Status: Unverifiable,
		Why: fmt.Sprintf("the certificate of %s leads to no root that is known to you: compare this fingerprint, or give --ca", at.Authority)}
	if s.trust.Roots != nil {
		if way, err := token.Trust(s.trust.Roots); err != nil {
			f.Why = fmt.Sprintf("the certificate of %s does not lead to a root that you gave: %v", at.Authority, err)
		} else {
			at.Known, f.Status = true, Verified
			f.Why = fmt.Sprintf("the certificate of %s leads to %s and was valid at that time; whether it was revoked was not asked", at.Authority, way[len(way)-1].Subject)
		}
	}
	s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Verified, Why: fmt.Sprintf("%s states that %s existed at %s (policy %v; its certificate ends on %s)",
		at.Authority, over, token.Time.UTC().Format(time.RFC3339), token.Policy, leaf.NotAfter.UTC().Format(time.DateOnly))})
	s.add(f)
	s.Sealed.Stamps = append(s.Sealed.Stamps, at)
	return nil
}

// otsFile is the OpenTimestamps proof over the tag manifest.
const otsFile = tagManifest + ".ots"

// calendars tells what an OpenTimestamps proof comes to. Blocks are not looked up: nothing here goes over the network.
func (s *seals) calendars(name string) error {
	file, err := readBounded(s.fs, "seal/"+name, maxSealSize)
	if err != nil {
		return err
	}
	proof, err := ots.Parse(file)
	if err != nil {
		s.wrong(name, err.Error(), "it is no proof that could be read")
		return nil
	}
	if want := sha256.Sum256(s.manifest); !bytes.Equal(proof.Message, want[:]) {
		s.wrong(name, fmt.Sprintf("sha256:%x", proof.Message), "it is a proof of another file than "+tagManifest)
		return nil
	}
	promises, anchors := proof.State()
	for _, a := range anchors {
		s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Unverifiable,
			Why: fmt.Sprintf("it leads to Bitcoin block %d: if the Merkle root in the header of that block is %s, %s existed before it; look it up where you trust", a.Height, a.MerkleRoot, tagManifest)})
	}
	if len(anchors) == 0 {
		var all []string
		for _, p := range promises {
			all = append(all, oneLine(p.URI))
		}
		s.add(Finding{Check: "seal", Subject: "seal/" + name, Status: Unverifiable, Why: fmt.Sprintf("submitted, not yet anchored (%s); onrecord seal --ots with the same address asks again", cmp.Or(strings.Join(all, ", "), "to nobody"))})
	}
	return nil
}

// list checks the list of files that a renewed stamp is over.
func (s *seals) list(name string, text []byte) (bool, error) {
	covers, good := false, true
	err := seal.ReadManifest(bytes.NewReader(text), seal.SHA512, func(e seal.Entry) {
		if e.Path != tagManifest && e.Path != seal.SHA512.TagManifest() && !strings.HasPrefix(e.Path, "seal/") {
			good = false
			return
		}
		content, err := readBounded(s.fs, e.Path, maxTagSize)
		sum := sha512.Sum512(content)
		if err != nil || !bytes.Equal(sum[:], e.Sum) {
			good = false
			s.add(Finding{Check: "seal", Subject: e.Path, Status: Mismatch, Expected: "sha512:" + hex.EncodeToString(e.Sum), Found: fmt.Sprintf("sha512:%x", sum), Why: "it is not as it was when seal/" + name + " was stamped"})
		}
		covers = covers || e.Path == tagManifest
	})
	if err != nil || !covers {
		s.wrong(name, "", "it is no list of the tag manifests and seals")
		return false, nil
	}
	return good, nil
}

func sumOf(h crypto.Hash, b []byte) []byte {
	x := h.New()
	x.Write(b)
	return x.Sum(nil)
}

// record checks the record of custody, and what it says of the files that were made.
func (s *seals) record() error {
	if s.partial {
		return nil
	}
	var err error
	s.custody, err = readBounded(s.fs, seal.CustodyFile, maxTagSize)
	if errors.Is(err, fs.ErrNotExist) {
		if bytes.Contains(s.manifest, []byte("  "+seal.RootFile+"\n")) {
			// Every release that writes the one writes the other.
			s.add(Finding{Check: "custody", Subject: seal.CustodyFile, Status: Missing, Why: "the record of what was done with this dossier is not there"})
		}
		return nil
	}
	var events []seal.Event
	var head seal.Head
	var long *evidenceError
	switch {
	case err == nil:
		events, head, err = seal.ReadCustody(s.custody)
	case !errors.As(err, &long):
		return err
	}
	if err != nil {
		s.add(Finding{Check: "custody", Subject: seal.CustodyFile, Status: Mismatch, Found: oneLine(err.Error()), Why: "the record was changed: its lines are linked by digests"})
		return nil
	}
	last := map[string]digest.Digest{}
	var order []string
	for _, e := range events {
		for _, f := range e.Files {
			if _, ok := last[f.Path]; !ok {
				order = append(order, f.Path)
			}
			last[f.Path] = f.SHA256
		}
	}
	before := len(s.Findings)
	if _, ok := last[tagManifest]; !ok {
		s.add(Finding{Check: "custody", Subject: seal.CustodyFile, Status: Mismatch, Found: fmt.Sprintf("%d lines", head.N), Why: "the record does not begin with the making of a dossier"})
	}
	for _, p := range order {
		if !fs.ValidPath(p) || p == seal.CustodyFile {
			continue
		}
		f, err := openRegular(s.fs, p)
		if errors.Is(err, fs.ErrNotExist) {
			s.add(Finding{Check: "custody", Subject: p, Status: Missing, Expected: last[p].String(), Why: "the record of custody names it, and it is not there"})
			continue
		}
		if err != nil {
			return err
		}
		got, _, err := digest.OfReader(f)
		f.Close()
		if err != nil {
			return err
		}
		if got != last[p] {
			s.add(Finding{Check: "custody", Subject: p, Status: Mismatch, Expected: last[p].String(), Found: got.String(), Why: "it is not the file that the record of custody names"})
		}
	}
	if len(s.Findings) == before {
		s.add(Finding{Check: "custody", Subject: seal.CustodyFile, Status: Verified, Why: fmt.Sprintf("%d lines, each linked to the one before; the files that they name are as they were; the last is %s", head.N, cmp.Or(head.Digest, "none"))})
	}
	for _, name := range s.names {
		if _, ok := last["seal/"+name]; !ok {
			s.add(Finding{Check: "custody", Subject: "seal/" + name, Status: Unverifiable, Why: "the record of custody does not name it: it was put there without this program, or lines were cut off the end of the record"})
		}
	}
	return nil
}

// readBounded reads a regular file of at most limit bytes. A longer one counts as evidence that cannot be read.
func readBounded(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := openRegular(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, &evidenceError{fmt.Errorf("%s is longer than %d bytes", name, limit)}
	}
	return b, nil
}
