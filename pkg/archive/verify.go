package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
)

// FindingStatus is what a check showed.
type FindingStatus uint8

const (
	Verified FindingStatus = iota + 1
	Mismatch
	Missing
	Unverifiable
)

// String returns "verified", "mismatch", "missing" or "unverifiable".
func (s FindingStatus) String() string {
	names := [...]string{"", "verified", "mismatch", "missing", "unverifiable"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("FindingStatus(%d)", uint8(s))
}

// MarshalText writes the name.
func (s FindingStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is the result of one check.
type Finding struct {
	Check   string        `json:"check"`
	Subject string        `json:"subject"`
	Status  FindingStatus `json:"status"`
	Why     string        `json:"why"`
}

// Report is the result of a verification.
type Report struct {
	OK       bool      `json:"ok"` // no mismatch, nothing missing
	Runs     int64     `json:"runs"`
	Entries  int64     `json:"entries"`
	Messages int64     `json:"messages"`
	Bytes    int64     `json:"bytes"` // of messages that were read
	Deep     bool      `json:"deep"`
	Findings []Finding `json:"findings"`
}

// maxFindings bounds how much of what is wrong is told.
const maxFindings = 1000

// verifier derives everything from manifests and segments and compares.
type verifier struct {
	*Report
	s      *Store
	ctx    context.Context
	head   Head
	reader *logReader
	log    appender
	ix     *index
	rows   int64 // sightings that the index has to hold

	read, all int64 // bytes, for Store.Progress

	tokens    int64  // checkpoints with a time-stamp that fits
	lastToken string // what the last of them says
}

func (v *verifier) add(check, subject string, status FindingStatus, format string, args ...any) {
	if status == Mismatch || status == Missing {
		v.OK = false
	}
	if len(v.Findings) < maxFindings {
		v.Findings = append(v.Findings, Finding{check, subject, status, fmt.Sprintf(format, args...)})
	}
}

// broken tells what is wrong with the store from what is wrong with the machine: a file that cannot be read is an error of the world.
func (v *verifier) broken(check, subject string, err error) error {
	if cerr := v.ctx.Err(); cerr != nil {
		return cerr
	}
	var pe *fs.PathError
	switch {
	case isNotExist(err):
		v.add(check, subject, Missing, "%v", err)
	case errors.As(err, &pe) && !errors.Is(err, errTooLarge) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	default:
		v.add(check, subject, Mismatch, "%v", err)
	}
	return nil
}

// Verify derives the log, its checkpoints and what the index says of messages from manifests, and compares. deep reads every byte of every segment too. It
// checks the state of the last whole run; a run that goes on meanwhile is left aside.
//
// kept are checkpoints of earlier nights that were kept elsewhere, by name: the log has to begin with theirs.
func (s *Store) Verify(ctx context.Context, deep bool, kept map[string][]byte) (*Report, error) {
	v := &verifier{Report: &Report{OK: true, Deep: deep, Findings: []Finding{}}, s: s, ctx: ctx}
	var err error
	if v.head, err = s.head(); err != nil {
		if err := v.broken("checkpoints", checkpointDir, err); err != nil {
			return nil, err
		}
		return v.Report, nil
	}
	v.reader = newLogReader(s.disk, s.packTiles, v.head.Checkpoint.Size)
	defer v.reader.close()
	v.log.full = func(id tileID, data []byte) error { return v.tile(id, tileWidth, data) }
	if v.ix, err = openIndex(s.index, false); err != nil && !errors.Is(err, errIndex) {
		return nil, err
	}
	if v.ix != nil {
		defer v.ix.close()
	}
	v.Runs, v.Entries = v.head.Run, v.head.Checkpoint.Size
	if err := v.names(); err != nil {
		return nil, err
	}
	v.measure()
	previous := digest.Digest{}
	whole := true
	for run := int64(1); run <= v.head.Run && whole; run++ {
		if previous, whole, err = v.run(run, previous); err != nil {
			return nil, err
		}
	}
	if whole {
		if err := v.end(); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if err := v.beginsWith(name, kept[name]); err != nil {
			return nil, err
		}
	}
	v.index(whole)
	if v.OK {
		v.add("store", "segments", Verified, "%s", v.summary())
	}
	return v.Report, nil
}

// measure adds up what is going to be read.
func (v *verifier) measure() {
	if v.s.Progress == nil {
		return
	}
	list, err := v.s.disk.ReadDir(segmentDir)
	if err != nil {
		return // told where it is read
	}
	for _, e := range list {
		if info, err := e.Info(); err == nil && (v.Deep || strings.HasSuffix(e.Name(), ".manifest")) {
			v.all += info.Size()
		}
	}
}

func (v *verifier) told(bytes int64) {
	if v.s.Progress != nil {
		v.read += bytes
		v.s.Progress(v.read, v.all)
	}
}

// toldFile tells what is read of it, by one goroutine.
type toldFile struct {
	oldFile
	v *verifier
}

func (f toldFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.oldFile.ReadAt(b, off)
	f.v.told(int64(n))
	return n, err
}

func (v *verifier) summary() string {
	if v.Deep {
		return fmt.Sprintf("every byte of %d messages in %d runs has the digest that the log holds", v.Messages, v.Runs)
	}
	return fmt.Sprintf("%d runs with %d messages: all segments are there and have their size; --deep reads their bytes", v.Runs, v.Messages)
}

// names looks for files that nothing accounts for.
func (v *verifier) names() error {
	for _, dir := range [...]string{segmentDir, checkpointDir} {
		list, err := v.s.disk.ReadDir(dir)
		if err != nil {
			return v.broken("files", dir, err)
		}
		for _, e := range list {
			if v.accounted(dir, e.Name()) {
				continue
			}
			v.add("files", path.Join(dir, e.Name()), Unverifiable, "no run of the log accounts for this file: left by a run that was cut off (the next one finishes or removes it), or put there by somebody")
		}
	}
	return nil
}

func (v *verifier) accounted(dir, name string) bool {
	number, rest := name, ""
	if i := strings.IndexAny(name, "-."); i >= 0 {
		number, rest = name[:i], name[i:]
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || n > v.head.Run || runName(n) != number {
		return false
	}
	if dir == checkpointDir {
		return rest == "" || rest == ".tsr"
	}
	return rest == ".manifest" || strings.HasPrefix(rest, "-") && strings.HasSuffix(rest, ".tar.zst") && len(rest) == len("-.tar.zst")+64
}

// tile compares a tile of the log with what it has to be.
func (v *verifier) tile(id tileID, width int, data []byte) error {
	held, err := v.reader.load(id, width)
	if err != nil {
		return v.broken("log", id.path(width%tileWidth), err)
	}
	if len(held) < len(data) || !bytes.Equal(held[:len(data)], data) {
		v.add("log", id.path(width%tileWidth), Mismatch, "it is not what the manifests give")
	}
	return nil
}

// run checks one run. whole is false where the rest cannot be checked.
func (v *verifier) run(run int64, previous digest.Digest) (sum digest.Digest, whole bool, err error) {
	if err := v.ctx.Err(); err != nil {
		return sum, false, err
	}
	name := manifestName(run)
	l, err := v.s.readLayout(run)
	if err != nil {
		return sum, false, v.broken("manifests", name, err)
	}
	if l.head.Previous != previous || l.head.First != v.log.size {
		v.add("manifests", name, Mismatch, "it does not follow the manifest of the run before")
	}
	segment, err := v.openSegment(run, l)
	if err != nil {
		return sum, false, err
	}
	if segment != nil {
		defer segment.Close()
	}
	f, err := v.s.disk.Open(name)
	if err != nil {
		return sum, false, v.broken("manifests", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sum, false, err
	}
	whose := sha256.New()
	m, err := newManifestReader(io.TeeReader(io.NewSectionReader(f, 0, info.Size()), whose))
	if err != nil {
		return sum, false, v.broken("manifests", name, err)
	}
	var digests []digest.Digest
	var sizes []int64
	for r, err := range m.records() {
		if err != nil {
			return sum, false, v.broken("manifests", name, err)
		}
		switch r.kind {
		case kindNew:
			v.rows++
			digests = append(digests, r.digest)
			if v.Deep {
				sizes = append(sizes, r.size)
			}
			if err := v.log.append(messageEntry(r.digest)); err != nil {
				return sum, false, err
			}
		case kindKnown:
			v.rows++
			if r.entry >= v.log.size {
				v.add("manifests", name, Mismatch, "it speaks of entry %d, which is not in the log yet", r.entry)
			}
		}
	}
	sum = digest.Sum(whose)
	v.Messages += int64(len(digests))
	v.told(info.Size())
	if err := v.log.append(manifestEntry(sum)); err != nil {
		return sum, false, err
	}
	if err := v.checkpoint(run); err != nil {
		return sum, false, err
	}
	err = v.log.partial(func(id tileID, width int, data []byte) error {
		if id.widthAt(v.head.Checkpoint.Size) == tileWidth {
			return nil // full by now
		}
		return v.tile(id, width, data)
	})
	if err != nil {
		return sum, false, err
	}
	if err := v.rowsOf(run, l.head.First, digests, sum); err != nil {
		return sum, false, err
	}
	if v.Deep && segment != nil {
		if err := v.deep(run, l, toldFile{segment, v}, digests, sizes); err != nil {
			return sum, false, err
		}
	}
	return sum, true, nil
}

func (v *verifier) openSegment(run int64, l layout) (oldFile, error) {
	if l.size == 0 {
		return nil, nil
	}
	name := segmentName(run, l.segment)
	f, err := v.s.disk.Open(name)
	if err != nil {
		return nil, v.broken("segments", name, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if info.Size() != l.size {
		v.add("segments", name, Mismatch, "it has %d bytes, not %d", info.Size(), l.size)
		f.Close()
		return nil, nil
	}
	return f, nil
}

// checkpoint checks that what was signed after a run is the log as its manifests give it.
func (v *verifier) checkpoint(run int64) error {
	h, err := v.s.headOf(run)
	if err != nil {
		return v.broken("checkpoints", checkpointName(run), err)
	}
	if h.Checkpoint.Size != v.log.size {
		v.add("checkpoints", checkpointName(run), Mismatch, "it is of %d entries; the manifests give %d", h.Checkpoint.Size, v.log.size)
		return nil
	}
	if root := v.log.root(); h.Checkpoint.Root != root {
		v.add("checkpoints", checkpointName(run), Mismatch, "its root is not that of the entries that the manifests give")
	}
	return v.stamped(run, h.Signed)
}

// root gives the root of the tree: the complete subtrees at its right edge, joined from the right.
func (a *appender) root() merkle.Hash {
	var edge []merkle.Hash // from the smallest
	for _, tile := range a.levels {
		n := len(tile) / hashSize
		for size := 1; n > 0; size *= 2 {
			if n&size == 0 {
				continue
			}
			edge = append(edge, fold(tile[(n-size)*hashSize:n*hashSize]))
			n -= size
		}
	}
	if len(edge) == 0 {
		return (&merkle.Tree{}).Root()
	}
	h := edge[0]
	for _, left := range edge[1:] {
		h = merkle.NodeHash(left, h)
	}
	return h
}

// beginsWith proves that the log begins with that of an older checkpoint.
func (v *verifier) beginsWith(name string, signed []byte) error {
	old, err := merkle.Open(signed, v.s.Config.PublicKey)
	now := v.head.Checkpoint
	switch {
	case err != nil || old.Origin != now.Origin:
		v.add("kept checkpoint", name, Mismatch, "it is not signed by the key of this store as a checkpoint of %s (%v)", now.Origin, err)
		return nil
	case old.Size > now.Size:
		v.add("kept checkpoint", name, Mismatch, "it is of %d entries, and the log has %d: something was cut off", old.Size, now.Size)
		return nil
	}
	var path []merkle.Hash
	if old.Size > 0 {
		path, err = v.reader.source().Consistency(now.Size, old.Size)
	}
	if err != nil {
		return v.broken("kept checkpoint", name, err)
	}
	if old.Size > 0 && merkle.CheckConsistency(path, now.Size, now.Root, old.Size, old.Root) != nil {
		v.add("kept checkpoint", name, Mismatch, "the log of %d entries does not begin with its %d", now.Size, old.Size)
		return nil
	}
	v.add("kept checkpoint", name, Verified, "the log of %d entries begins with its %d: nothing of them was changed since", now.Size, old.Size)
	return nil
}

// end compares what is at the end of the log.
func (v *verifier) end() error {
	if v.head.Run == 0 {
		return nil
	}
	name := path.Join(logDir, checkpointFile)
	current, err := readFile(v.s.disk, name, maxSmall)
	if err != nil {
		return v.broken("log", name, err)
	}
	if !bytes.Equal(current, v.head.Signed) {
		v.add("log", name, Mismatch, "it is not the checkpoint of the last run")
	}
	if v.tokens > 0 {
		v.add("time-stamps", checkpointDir, Verified, "%d of %d checkpoints bear a time-stamp of theirs; %s; whether that authority is to be trusted, \"openssl ts -verify\" tells with its certificates",
			v.tokens, v.Runs, v.lastToken)
	}
	if v.OK {
		v.add("log", name, Verified, "%d entries, %d checkpoints signed by %s: each is the log as its manifests give it, and begins with the one before",
			v.Entries, v.Runs, v.s.Config.Origin)
	}
	return nil
}

// rowsOf compares the messages of a run with the index.
func (v *verifier) rowsOf(run, first int64, digests []digest.Digest, manifest digest.Digest) error {
	if v.ix == nil {
		return nil
	}
	done, _, err := v.ix.indexed()
	if err != nil || run > done {
		return err
	}
	var held []byte
	if ok, err := v.ix.get("SELECT manifest FROM run WHERE number = ?", []any{run}, &held); err != nil || !ok || !bytes.Equal(held, manifest[:]) {
		v.add("index", indexFile, Mismatch, "it does not hold the manifest of run %d (%v)", run, err)
		return nil
	}
	next := first
	err = v.ix.each("SELECT entry, key, digest, run FROM message WHERE entry >= ? AND entry < ? ORDER BY entry", []any{first, first + int64(len(digests)) + 1}, func(row func(...any) error) error {
		var entry, key, of int64
		if err := row(&entry, &key, &held, &of); err != nil {
			return err
		}
		if entry != next || entry-first >= int64(len(digests)) || !bytes.Equal(held, digests[entry-first][:]) || key != keyOf(digests[entry-first]) || of != run {
			return errIndex
		}
		next++
		return nil
	})
	if err != nil || next-first != int64(len(digests)) {
		v.add("index", indexFile, Mismatch, "its messages of run %d are not those of the manifest (from entry %d on)", run, next)
	}
	return nil
}

func (v *verifier) index(whole bool) {
	if v.ix == nil {
		if v.head.Run > 0 {
			v.add("index", indexFile, Unverifiable, "there is none, or none of this version; \"onrecord archive index --rebuild\" makes it from the segments")
		}
		return
	}
	done, _, err := v.ix.indexed()
	var messages, sightings int64
	if err == nil {
		_, err = v.ix.get("SELECT count(*) FROM message", nil, &messages)
	}
	if err == nil {
		_, err = v.ix.get("SELECT count(*) FROM sighting", nil, &sightings)
	}
	switch {
	case err != nil:
		v.add("index", indexFile, Mismatch, "%v; \"onrecord archive index --rebuild\" makes it anew", err)
	case done < v.head.Run:
		v.add("index", indexFile, Unverifiable, "it holds %d of %d runs; the next run of add goes on", done, v.head.Run)
	case done > v.head.Run:
		v.add("index", indexFile, Unverifiable, "it holds a run that the log does not")
	case whole && (messages != v.Messages || sightings != v.rows):
		v.add("index", indexFile, Mismatch, "it holds %d messages and %d sightings; the manifests give %d and %d", messages, sightings, v.Messages, v.rows)
	case whole && v.OK:
		v.add("index", indexFile, Verified, "%d messages and %d sightings, as the manifests give them", messages, sightings)
	}
}
