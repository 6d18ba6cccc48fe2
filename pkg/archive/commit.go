package archive

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
)

// manifestFile is an open manifest.
type manifestFile struct {
	*manifestReader
	f oldFile
}

func (m *manifestFile) close() { m.f.Close() }

// manifest opens the manifest of a run. Its head has to be that of this run.
func (s *Store) manifest(run int64) (*manifestFile, error) {
	name := manifestName(run)
	f, err := s.disk.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	m, err := newManifestReader(io.NewSectionReader(f, 0, info.Size()))
	if err == nil && m.Head.Run != run {
		err = fmt.Errorf("it is that of run %d", m.Head.Run)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &manifestFile{m, f}, nil
}

func (s *Store) manifestDigest(run int64) (digest.Digest, error) {
	f, err := s.disk.Open(manifestName(run))
	if err != nil {
		return digest.Digest{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return digest.Digest{}, err
	}
	d, _, err := digest.OfReader(io.NewSectionReader(f, 0, info.Size()))
	return d, err
}

// recover brings the store to the state after its last committed run. A run is committed when its manifest is in its place: what comes after follows from it
// and is done now where it was not done. What an uncommitted run left is removed: its sources are still there and are read again.
func (s *Store) recover(ctx context.Context, sign func(merkle.Checkpoint) ([]byte, error)) (Head, error) {
	if err := s.disk.MkdirAll(workDir); err != nil {
		return Head{}, err
	}
	list, err := s.disk.ReadDir(workDir)
	if err != nil {
		return Head{}, err
	}
	for _, e := range list {
		if err := s.disk.Remove(path.Join(workDir, e.Name())); err != nil {
			return Head{}, err
		}
	}
	head, err := s.head()
	if err != nil {
		return Head{}, err
	}
	runs, err := numbered(s.disk, segmentDir, ".manifest")
	if err != nil {
		return Head{}, err
	}
	for i, run := range runs {
		if run != int64(i+1) {
			return Head{}, fmt.Errorf("%s is missing", manifestName(int64(i+1)))
		}
	}
	last := int64(len(runs))
	if head.Run > last {
		return Head{}, fmt.Errorf("%s is missing, and there is a checkpoint of that run", manifestName(head.Run))
	}
	if err := s.removeUncommitted(last); err != nil {
		return Head{}, err
	}
	for head.Run < last {
		if err := ctx.Err(); err != nil {
			return Head{}, err
		}
		if head, err = s.complete(head, head.Run+1, sign); err != nil {
			return Head{}, err
		}
	}
	// The copy under the name that tlog-tiles gives it may be the last thing that was missing.
	if current, err := readFile(s.disk, path.Join(logDir, checkpointFile), maxSmall); head.Run > 0 && (err != nil || string(current) != string(head.Signed)) {
		if err := s.publish(head); err != nil {
			return Head{}, err
		}
	}
	return head, tidyLog(s.disk, s.packTiles, head.Checkpoint.Size)
}

// removeUncommitted removes segments of runs that have no manifest.
func (s *Store) removeUncommitted(last int64) error {
	list, err := s.disk.ReadDir(segmentDir)
	if err != nil {
		return err
	}
	for _, e := range list {
		number, _, ok := strings.Cut(e.Name(), "-")
		if ok && number == runName(last+1) && strings.HasSuffix(e.Name(), ".tar.zst") {
			if err := s.disk.Remove(path.Join(segmentDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete does for a committed run all that follows from its manifest: the log, the checkpoint. Done twice it is the same.
func (s *Store) complete(head Head, run int64, sign func(merkle.Checkpoint) ([]byte, error)) (Head, error) {
	reader := newLogReader(s.disk, s.packTiles, head.Checkpoint.Size)
	defer reader.close()
	w, err := newLogWriter(reader)
	if err != nil {
		return Head{}, err
	}
	m, err := s.manifest(run)
	if err != nil {
		return Head{}, err
	}
	defer m.close()
	if m.Head.First != head.Checkpoint.Size {
		return Head{}, fmt.Errorf("%s: it goes on at entry %d, the log ends at %d", manifestName(run), m.Head.First, head.Checkpoint.Size)
	}
	for r, err := range m.records() {
		if err != nil {
			return Head{}, fmt.Errorf("%s: %w", manifestName(run), err)
		}
		if r.kind != kindNew {
			continue
		}
		if err := w.append(messageEntry(r.digest)); err != nil {
			return Head{}, err
		}
	}
	sum, err := s.manifestDigest(run)
	if err != nil {
		return Head{}, err
	}
	if err := w.append(manifestEntry(sum)); err != nil {
		return Head{}, err
	}
	root, err := w.finish()
	if err != nil {
		return Head{}, err
	}
	next := Head{Run: run, Checkpoint: merkle.Checkpoint{Origin: s.Config.Origin, Size: w.size, Root: root}}
	if next.Signed, err = sign(next.Checkpoint); err != nil {
		return Head{}, err
	}
	if err := place(s.disk, checkpointName(run), next.Signed); err != nil {
		return Head{}, err
	}
	if err := s.disk.SyncDir(checkpointDir); err != nil {
		return Head{}, err
	}
	return next, s.publish(next)
}

// publish puts the checkpoint where readers of the log look for it, and removes what the log does not need any more.
func (s *Store) publish(head Head) error {
	if err := place(s.disk, path.Join(logDir, checkpointFile), head.Signed); err != nil {
		return err
	}
	if err := s.disk.SyncDir(logDir); err != nil {
		return err
	}
	return tidyLog(s.disk, s.packTiles, head.Checkpoint.Size)
}

// signer gives the function that signs checkpoints.
func (s *Store) signer() (func(merkle.Checkpoint) ([]byte, error), error) {
	name := s.Config.KeyFile
	if name == keyFile {
		name = s.dir + "/" + keyFile
	}
	text, err := readKey(name)
	if err != nil {
		return nil, err
	}
	private, _, _ := strings.Cut(text, "\n")
	return func(c merkle.Checkpoint) ([]byte, error) {
		signed, err := merkle.Sign(c, strings.TrimSpace(private))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		// A key that is not the store's would spoil every later check.
		if _, err := merkle.Open(signed, s.Config.PublicKey); err != nil {
			return nil, fmt.Errorf("%s is not the key of this store: %w", name, err)
		}
		return signed, nil
	}, nil
}
