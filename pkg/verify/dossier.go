package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"onrecord/pkg/casefile"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/seal"
	"onrecord/pkg/source"
)

// Input is what a verification needs.
type Input struct {
	FS      fs.FS // the dossier directory; it is only read
	Version string
	Workers int
	Reader  source.Options
	// Spool makes a temporary file outside of the dossier.
	Spool func() (evidence.Spool, error)
	// Render writes the named views and the other files that are made from a dossier, by the code that made them when it was built. It may call create
	// from several goroutines.
	Render func(create func(file string) (io.WriteCloser, error), d *dossier.Dossier) error
	Trust  Trust
	// Progress, if set, is told how many bytes of sources were read.
	Progress func(bytes int64)
}

// Dossier checks a dossier directory: its manifests against its files, then every fact against what the payload gives when it is examined anew.
func Dossier(ctx context.Context, in Input) (*Report, error) {
	v := &verifier{Input: in, Report: NewReport()}
	if err := v.digests(); err != nil {
		return nil, err
	}
	if err := checkSeals(v.Report, v.FS, v.Trust, false); err != nil {
		return nil, err
	}
	held, closeHeld, err := Open(in.FS)
	if err != nil {
		if !isEvidence(err) {
			return nil, err
		}
		v.add(Finding{Check: "facts", Subject: "dossier.json", Status: unreadable(err), Found: oneLine(err.Error()), Why: "without it nothing can be compared with the messages"})
		return v.Report, nil
	}
	defer closeHeld()
	if held.Tool.Version != v.Version {
		v.maker = "onrecord " + oneLine(held.Tool.Version)
	}
	if err := v.derive(ctx, held); err != nil {
		return nil, err
	}
	if err := v.archived(held); err != nil {
		return nil, err
	}
	v.limits(held)
	return v.Report, nil
}

// Open opens the dossier.json of a dossier directory.
func Open(fsys fs.FS) (*dossier.Dossier, func() error, error) {
	f, err := fsys.Open("dossier.json")
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		f.Close()
		return nil, nil, errors.New("dossier.json cannot be read from any place")
	}
	d, err := dossier.Decode(at, info.Size())
	if err != nil {
		f.Close()
		return nil, nil, &evidenceError{err}
	}
	return d, f.Close, nil
}

// evidenceError is trouble with what a file says, not with reading it.
type evidenceError struct{ error }

func (e *evidenceError) Unwrap() error { return e.error }

func isEvidence(err error) bool {
	var e *evidenceError
	return errors.As(err, &e) || errors.Is(err, fs.ErrNotExist)
}

func unreadable(err error) Status {
	if errors.Is(err, fs.ErrNotExist) {
		return Missing
	}
	return Mismatch
}

type verifier struct {
	Input
	*Report
	maker string          // the version that made the dossier, where it is not this one
	held  []digest.Digest // of the exhibits as dossier.json numbers them
	bag   seal.Checked
	made  []string // files that were written again to be compared
}

// unless gives the status of what no build of this version can have made: another version may have.
func (v *verifier) unless(s Status) Status {
	if v.maker != "" {
		return Unverifiable
	}
	return s
}

// digests compares all files with the manifests.
func (v *verifier) digests() error {
	c, err := seal.Check(v.FS)
	if err != nil {
		return err
	}
	v.bag = c
	v.problems(c)
	if err := v.root(c.Root); err != nil {
		return err
	}
	if len(c.Problems) == 0 {
		v.add(Finding{Check: "digests", Subject: "payload", Status: Verified, Why: fmt.Sprintf("%d files under data/ have the SHA-256 and SHA-512 that the manifests list, and there are no others", c.Payload)})
		v.add(Finding{Check: "digests", Subject: "tag files", Status: Verified, Why: fmt.Sprintf("%d files beside it have the digests that the tag manifests list, and there are no others", c.Tags)})
	}
	return nil
}

// root compares the root of the hash tree over the messages with the one that they give. Releases before it was written have none.
func (v *verifier) root(want []byte) error {
	got, err := readBounded(v.FS, seal.RootFile, maxSealSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil && !isEvidence(err) {
		return err
	}
	if !bytes.Equal(got, want) {
		v.add(Finding{Check: "digests", Subject: seal.RootFile, Status: Mismatch, Expected: oneLine(beginning(got)), Found: oneLine(string(want)), Why: "the messages that manifest-sha256.txt lists give another root"})
	}
	return nil
}

func beginning(b []byte) string { return strings.ToValidUTF8(string(b[:min(len(b), 200)]), "?") }

// derive builds the dossier again from its own payload and compares.
func (v *verifier) derive(ctx context.Context, held *dossier.Dossier) error {
	matter, err := v.caseFile()
	if err != nil {
		return err
	}
	keys, err := v.keys(held)
	if err != nil {
		return err
	}
	signers, err := v.signers()
	if err != nil {
		return err
	}
	copied := held.Options.Sources != "reference"
	store := &scratch{spool: v.Spool}
	defer store.close()
	sel, err := held.Options.Selection()
	if err != nil {
		v.add(Finding{Check: "facts", Subject: "options", Status: Mismatch, Found: err.Error(), Why: "no build can have had these options"})
		return nil
	}
	in := dossier.Input{Reader: v.Reader, Finder: notice.NewFinder(), Case: matter, Select: sel, Store: store, Workers: v.Workers, Progress: v.Progress,
		Examiner: &evidence.Examiner{Limits: message.DefaultLimits(), Keys: keys.lookup, Trust: held.Options.Trust, Signers: signers, Now: held.GeneratedAt, Spool: v.Spool}}
	in.Sources, in.Prescan = v.sources(held, copied), v.sources(held, copied)
	again, err := dossier.Build(ctx, in)
	if err != nil && !errors.Is(err, dossier.ErrNoMessages) {
		if missing := new(fs.PathError); errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist) {
			v.add(Finding{Check: "facts", Subject: missing.Path, Status: Missing, Why: "the facts of its messages cannot be derived again"})
			return nil
		}
		return err
	}
	if again.Messages == nil {
		v.add(Finding{Check: "facts", Subject: "messages", Status: Mismatch, Expected: fmt.Sprint(held.Count), Found: "0", Why: "the payload holds no message"})
		return nil
	}
	inherit(again, held, copied)
	order, renumbered := v.order(store.placed)
	if renumbered {
		again.EvidenceDigest = evidenceDigest(order)
	}
	if err := v.compareJSON(again, held, copied, renumbered); err != nil {
		return err
	}
	if err := v.exhibits(order); err != nil {
		return err
	}
	if err := v.unnamed(held); err != nil {
		return err
	}
	for _, name := range keys.snapshot.Names() {
		if !keys.asked[name] {
			v.add(Finding{Check: "dkim", Subject: "dkim-keys.txt", Status: v.unless(Mismatch), Found: name, Why: "no signature in this dossier names this key"})
		}
	}
	// The views are compared with what the recorded facts give: a page that says something else than dossier.json is found even where both differ from the payload.
	if err := v.views(held); err != nil {
		return err
	}
	return v.tagFiles(held, keys)
}

// inherit takes over what no payload can show: it is told as unverifiable, see limits.
func inherit(again, held *dossier.Dossier, copied bool) {
	again.GeneratedAt, again.ClockBasis, again.Tool, again.Options, again.Case = held.GeneratedAt, held.ClockBasis, held.Tool, held.Options, held.Case
	at := map[string]*dossier.Source{}
	for i := range held.Sources {
		at[held.Sources[i].File] = &held.Sources[i]
	}
	if !copied {
		again.Sources, again.Ledger = held.Sources, held.Ledger
		return
	}
	for i := range again.Sources {
		if h := at[again.Sources[i].File]; h != nil && h.File != "" {
			again.Sources[i].ModifiedAt = h.ModifiedAt
		}
	}
}

// caseFile reads the case file that the dossier was built with.
func (v *verifier) caseFile() (*casefile.Case, error) {
	f, err := v.FS.Open("case.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := casefile.Parse(f, "case.yaml")
	if err != nil {
		v.add(Finding{Check: "facts", Subject: "case.yaml", Status: v.unless(Mismatch), Found: oneLine(err.Error()), Why: "no build of this version can have read this case file"})
		return nil, nil
	}
	return c, nil
}

// keyring is the dossier's key snapshot. Where its keys came from is what dossier.json says.
type keyring struct {
	snapshot *dkim.Keys
	origin   map[string]dkim.Key // by name and record

	mu    sync.Mutex
	asked map[string]bool
	used  *dkim.Keys
}

func (v *verifier) keys(held *dossier.Dossier) (*keyring, error) {
	k := &keyring{snapshot: new(dkim.Keys), origin: map[string]dkim.Key{}, asked: map[string]bool{}, used: new(dkim.Keys)}
	f, err := v.FS.Open("dkim-keys.txt")
	if err == nil {
		defer f.Close()
		k.snapshot, err = dkim.ReadKeys(f, dkim.OriginSnapshot)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if k.snapshot.Len() == 0 && v.maker == "" {
		return k, nil
	}
	for r, err := range held.Messages {
		if err != nil {
			v.add(Finding{Check: "facts", Subject: "dossier.json messages", Status: Mismatch, Found: oneLine(err.Error()), Why: "a record cannot be read"})
			break
		}
		v.held = append(v.held, r.Digests.Message)
		remember(k.origin, r)
	}
	return k, nil
}

func remember(origin map[string]dkim.Key, top *evidence.Record) {
	for queue := []*evidence.Record{top}; len(queue) > 0; queue = queue[1:] {
		for _, s := range queue[0].Authentication.DKIM {
			name := strings.ToLower(s.Selector + "._domainkey." + s.Domain)
			for _, key := range append([]dkim.Key{s.Key}, s.KeyAlternatives...) {
				origin[name+" "+key.Record] = key
			}
		}
		for _, c := range queue[0].Authentication.ARC.Checks {
			origin[c.Key.Name+" "+c.Key.Record] = c.Key
		}
		for _, n := range queue[0].Nested {
			queue = append(queue, n.Record)
		}
	}
}

func (k *keyring) lookup(ctx context.Context, name string) ([]dkim.Record, error) {
	k.mu.Lock()
	k.asked[strings.ToLower(strings.TrimSuffix(name, "."))] = true
	k.mu.Unlock()
	records, err := k.snapshot.Lookup(ctx, name)
	for i := range records {
		if key, ok := k.origin[strings.ToLower(name)+" "+records[i].TXT]; ok {
			records[i].Origin, records[i].RetrievedAt, records[i].Resolver = key.Origin, key.RetrievedAt, key.Resolver
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range records {
		k.used.Add(r)
	}
	return records, err
}

// sources gives the payload: the copied exports, or, where they were not copied, the exhibits themselves.
func (v *verifier) sources(held *dossier.Dossier, copied bool) iter.Seq2[dossier.SourceFile, error] {
	return func(yield func(dossier.SourceFile, error) bool) {
		if copied {
			for _, s := range held.Sources {
				if !yield(v.source(s)) {
					return
				}
			}
			return
		}
		for r, err := range held.Messages {
			if err != nil {
				return // told when the records are compared
			}
			sf, err := v.source(dossier.Source{Path: r.File, File: r.File, Format: string(source.EML)})
			if !yield(sf, err) || err != nil {
				return
			}
		}
	}
}

// smallSource is up to what size a source is read at once, in bytes.
const smallSource = 256 << 10

func (v *verifier) source(s dossier.Source) (dossier.SourceFile, error) {
	given := dossier.Source{Path: s.Path, File: s.File, Size: s.Size, SHA256: s.SHA256, Notes: []string{}}
	if s.File == "" {
		// Named in the ledger and not read as mail: nothing of it is here.
		t := &source.Trouble{Kind: source.Excluded}
		if s.Failed > 0 {
			t.Kind = source.Failed
		}
		given.ModifiedAt = s.ModifiedAt
		for i, n := range s.Notes {
			switch i {
			case 0:
				t.Reason = n
			case 1:
				t.Hint = n
			}
		}
		return dossier.SourceFile{Source: given, Trouble: t}, nil
	}
	if !fs.ValidPath(s.File) || !strings.HasPrefix(s.File, "data/") {
		return dossier.SourceFile{}, &fs.PathError{Op: "open", Path: s.File, Err: fs.ErrNotExist}
	}
	f, err := openRegular(v.FS, s.File)
	if err != nil {
		return dossier.SourceFile{}, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return dossier.SourceFile{}, err
	}
	at, ok := f.(io.ReaderAt)
	if !ok || !info.Mode().IsRegular() {
		f.Close()
		return dossier.SourceFile{}, &fs.PathError{Op: "read", Path: s.File, Err: fs.ErrNotExist}
	}
	var content source.Content = io.NewSectionReader(at, 0, info.Size())
	closing := f.Close
	if info.Size() <= smallSource {
		// Of thousands of small files none stays open until its turn comes.
		b := make([]byte, info.Size())
		n, err := at.ReadAt(b, 0)
		f.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return dossier.SourceFile{}, err
		}
		content, closing = source.Bytes(b[:n]), func() error { return nil }
	}
	given.Size = content.Size()
	sum, _, err := digest.OfReader(io.NewSectionReader(content, 0, content.Size()))
	head := make([]byte, min(64<<10, content.Size()))
	if err == nil {
		_, err = content.ReadAt(head, 0)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		closing()
		return dossier.SourceFile{}, err
	}
	given.SHA256 = sum
	kind := source.Recognise(s.Path, head, content.Size(), true)
	if kind.Trouble != nil {
		kind = source.Kind{Format: source.Format(s.Format)}
	}
	given.Notes = append(given.Notes, kind.Notes...)
	return dossier.SourceFile{Source: given, Kind: kind, Content: content, Close: closing}, nil
}

// unnamed finds files of the payload that dossier.json says nothing of.
func (v *verifier) unnamed(held *dossier.Dossier) error {
	sources := map[string]bool{}
	for _, s := range held.Sources {
		sources[s.File] = true
	}
	said := 0
	err := fs.WalkDir(v.FS, "data", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || sources[p] || isExhibit(p, held.Count) {
			return err
		}
		if said++; said <= maxDifferences {
			v.add(Finding{Check: "exhibits", Subject: p, Status: Mismatch, Why: "it is there, and dossier.json names no such exhibit or source"})
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func isExhibit(p string, count int) bool {
	n, err := strconv.Atoi(strings.TrimSuffix(path.Base(p), ".eml"))
	return err == nil && n >= 1 && n <= count && p == seal.ExhibitFile(n, count)
}

// openRegular opens a file; what is a link or something else counts as not there.
func openRegular(fsys fs.FS, name string) (fs.File, error) {
	info, err := fs.Lstat(fsys, name)
	if err != nil {
		return nil, throughLink(fsys, name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fsys.Open(name)
}

// throughLink tells that a file is not there, if its way leads through a link out of the dossier: that is trouble with the evidence, not with the disk.
func throughLink(fsys fs.FS, name string, err error) error {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if info, lerr := fs.Lstat(fsys, dir); lerr == nil && !info.IsDir() {
			return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
	}
	return err
}

// limits tells what this verification cannot show.
func (v *verifier) limits(held *dossier.Dossier) {
	if len(v.Sealed.Signatures)+len(v.Sealed.Stamps) == 0 {
		v.add(Finding{Check: "seal", Subject: "seal/", Status: Unverifiable,
			Why: "there is no signature and no trusted time-stamp: who made this dossier, and that it was made on " + held.GeneratedAt.Format(time.RFC3339) + ", rests on its own word"})
	}
	if n := held.Keys.Signatures - held.Keys.Checked; n > 0 {
		v.add(Finding{Check: "dkim", Subject: fmt.Sprintf("%d of %d signatures", n, held.Keys.Signatures), Status: Unverifiable,
			Why: "no usable key for them is in dkim-keys.txt; their body hashes were computed again"})
	}
	outside := 0
	for _, s := range held.Sources {
		if s.File == "" {
			outside++
		}
	}
	if outside > 0 {
		v.add(Finding{Check: "sources", Subject: fmt.Sprintf("%d of %d sources", outside, len(held.Sources)), Status: Unverifiable,
			Why: "their bytes are not in this dossier, only what was said of them"})
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
