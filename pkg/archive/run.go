package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
	"onrecord/pkg/source"
)

// Options of a run.
type Options struct {
	Now     time.Time
	Version string
	// Recheck opens every file and reads every byte, whatever its size and time say.
	Recheck bool
	// Gone tells whether a file is there no more.
	Gone func(path string) bool
	// Seed chooses which blocks of a file that has grown are compared.
	Seed uint64
}

// Summary is what a run says at its end.
type Summary struct {
	Files      int64     `json:"files"`      // that were looked at
	Unchanged  int64     `json:"unchanged"`  // of them, by size and time: not opened
	Renamed    int64     `json:"renamed"`    // of them, with another flag or in another directory of a Maildir: not opened
	Messages   int64     `json:"messages"`   // that were read
	New        int64     `json:"new"`        // of them, taken in
	NewBytes   int64     `json:"new_bytes"`  // size of those
	Duplicates int64     `json:"duplicates"` // of them, in the store already but not seen in this place
	Deferred   []string  `json:"deferred"`   // files that something wrote to: the rest is read by the next run
	Vanished   []Vanish  `json:"vanished"`   // what is gone from its source, and kept here
	Troubles   []Trouble `json:"troubles"`   // what could not be read
	Entries    int64     `json:"entries"`    // of the log
}

// Vanish says that messages are no more where they were.
type Vanish struct {
	Path     string    `json:"path"`
	Messages int64     `json:"messages"`
	Since    time.Time `json:"seen_until"` // the last run that saw them there
	File     bool      `json:"file"`       // the file itself is gone
}

// Trouble says why a file gave no mail.
type Trouble struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// File is a file that a run is to look at.
type File struct {
	Path     string // absolute; the name by which it is known from run to run
	Size     int64
	Modified time.Time
	Named    bool // by the user
	Open     func() (Opened, error)
}

// Opened is an open file.
type Opened interface {
	io.ReaderAt
	Close() error
	// Now gives its size and time of change at this moment.
	Now() (size int64, modified time.Time, err error)
}

// TornError: a file was rewritten while it was read. What was read of it may never have been in it, so the run has to begin anew.
type TornError struct{ Path string }

func (e *TornError) Error() string { return e.Path + " was rewritten while it was read" }

// Run takes in what is new. It holds the store's lock.
type Run struct {
	ctx    context.Context
	s      *Store
	o      Options
	head   Head
	ix     *index
	sign   func(merkle.Checkpoint) ([]byte, error)
	states stateCache
	before *LastRun

	sum      Summary
	visited  bitset
	inRun    digestTable
	segment  *segmentWriter
	segFile  newFile
	manifest *manifestWriter
}

// Begin starts a run on a locked store: what an earlier run left unfinished is finished, and the index made whole.
func (s *Store) Begin(ctx context.Context, o Options) (*Run, error) {
	r := &Run{ctx: ctx, s: s, o: o, sum: Summary{Deferred: []string{}, Vanished: []Vanish{}, Troubles: []Trouble{}}}
	r.o.Now = o.Now.UTC().Truncate(time.Second)
	var err error
	if r.sign, err = s.signer(); err != nil {
		return nil, err
	}
	if r.head, err = s.recover(ctx, r.sign); err != nil {
		return nil, err
	}
	if r.before, err = s.readLastRun(); err != nil {
		return nil, err
	}
	if r.ix, err = s.indexUpTo(ctx, r.head); err != nil {
		return nil, err
	}
	r.states.ix = r.ix
	return r, nil
}

// indexUpTo opens the index for writing and brings it to the state of the store; where it is of no use it is made anew.
func (s *Store) indexUpTo(ctx context.Context, head Head) (*index, error) {
	ix, err := openIndex(s.index, true)
	if err == nil {
		if err = ix.follows(ctx, s, head); err == nil {
			err = ix.catchUp(ctx, s, head.Run)
		}
		if err == nil {
			return ix, nil
		}
		ix.close()
	}
	if ctx.Err() != nil || !errors.Is(err, errIndex) {
		return nil, err
	}
	return s.rebuild(ctx, head)
}

// rebuild makes the index anew from manifests and segments.
func (s *Store) rebuild(ctx context.Context, head Head) (*index, error) {
	if err := removeIndex(s.index); err != nil {
		return nil, err
	}
	ix, err := openIndex(s.index, true)
	if err != nil {
		return nil, err
	}
	if err := ix.catchUp(ctx, s, head.Run); err != nil {
		ix.close()
		return nil, err
	}
	return ix, nil
}

// Rebuild makes the index of a locked store anew.
func (s *Store) Rebuild(ctx context.Context) error {
	sign, err := s.signer()
	if err != nil {
		return err
	}
	head, err := s.recover(ctx, sign)
	if err != nil {
		return err
	}
	ix, err := s.rebuild(ctx, head)
	if err != nil {
		return err
	}
	return ix.close()
}

// manifestWriter writes the manifest of a run.
type manifestWriter struct {
	f        newFile
	buf      *bufio.Writer
	line     []byte
	messages int64
	lines    int // since the last frame was cut
}

func (w *manifestWriter) write(r *record) error {
	if r.kind == kindNew {
		w.messages++
	}
	w.lines++
	w.line = r.appendTo(w.line[:0])
	_, err := w.buf.Write(w.line)
	return err
}

// put records one line; the first one begins the manifest.
func (r *Run) put(rec *record) error {
	if r.manifest == nil {
		h := manifestHead{Run: r.head.Run + 1, Time: r.o.Now, Tool: "onrecord " + r.o.Version, First: r.head.Checkpoint.Size}
		if r.head.Run > 0 {
			var err error
			if h.Previous, err = r.s.manifestDigest(r.head.Run); err != nil {
				return err
			}
		}
		f, err := r.s.disk.Create(path.Join(workDir, "manifest"))
		if err != nil {
			return err
		}
		r.manifest = &manifestWriter{f: f, buf: bufio.NewWriterSize(f, 256<<10)}
		if _, err := r.manifest.buf.WriteString(h.text()); err != nil {
			return err
		}
	}
	if r.manifest.lines > jobRecords && r.segment != nil {
		// The lines that belong to one frame are read together.
		r.segment.cut()
		r.manifest.lines = 0
	}
	return r.manifest.write(rec)
}

// keep writes a message into the segment.
func (r *Run) keep(d digest.Digest, content source.Content) error {
	if r.segment == nil {
		f, err := r.s.disk.Create(path.Join(workDir, "segment"))
		if err != nil {
			return err
		}
		r.segFile = f
		if r.segment, err = newSegmentWriter(f, r.o.Now); err != nil {
			return err
		}
	}
	return r.segment.add(d, content)
}

// Seen says that a file is there, though it gave no mail this time.
func (r *Run) Seen(p string) error {
	st, err := r.states.lookup(p)
	if err == nil && st != nil {
		r.visited.set(st.id)
	}
	return err
}

// Failed records that a file could not be read.
func (r *Run) Failed(p, reason, hint string) error {
	r.sum.Troubles = append(r.sum.Troubles, Trouble{p, reason, hint})
	return r.Seen(p)
}

// Missing records that a source that the user named is not there any more.
func (r *Run) Missing(p string) error {
	r.sum.Troubles = append(r.sum.Troubles, Trouble{p, "is there no more", "what was seen there is kept"})
	return r.Absent(p, nil)
}

// Take looks at a file and takes in what is new in it. Files of one directory come one after the other, sorted by name. An error is one of the store, or a
// *TornError; what is wrong with the file is in the Summary.
func (r *Run) Take(f File) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.sum.Files++
	st, err := r.states.lookup(f.Path)
	if err != nil {
		return err
	}
	if st != nil {
		held := *st // the cache goes on
		st = &held
		r.visited.set(st.id)
		if !r.o.Recheck && st.settled && st.size == f.Size && st.modified == f.Modified.UnixNano() {
			r.sum.Unchanged++
			return nil
		}
	} else if r.head.Run > 0 {
		old, was, err := r.ix.renamedFrom(f.Path, f.Size, f.Modified.UnixNano())
		if err != nil {
			return err
		}
		if was != nil && r.o.Gone(old) {
			if !r.visited.has(was.id) {
				r.visited.set(was.id)
				r.sum.Renamed++
				return r.put(&record{kind: kindRenamed, path: old, to: f.Path})
			}
		}
	}
	o, err := f.Open()
	if err != nil {
		r.sum.Troubles = append(r.sum.Troubles, Trouble{f.Path, "could not be opened: " + err.Error(), "make it readable for this account"})
		return nil
	}
	defer o.Close()
	return r.read(f, st, o)
}

// errSource is trouble with the file that is read, not with the store.
type errSource struct{ err error }

func (e *errSource) Error() string { return e.err.Error() }
func (e *errSource) Unwrap() error { return e.err }

// watched tells errors of reading a source from all others, and ends a read when the run is to end.
type watched struct {
	Opened
	ctx context.Context
}

func (w watched) ReadAt(p []byte, off int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.Opened.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = &errSource{err}
	}
	return n, err
}

func (r *Run) read(f File, st *sourceState, o Opened) error {
	size, modified, err := o.Now()
	if err != nil {
		return r.unread(f.Path, err)
	}
	in := watched{o, r.ctx}
	reading := &fileReading{r: r, f: f, st: st, in: in, size: size, modified: modified.UnixNano()}
	err = reading.take()
	var trouble *errSource
	if errors.As(err, &trouble) || errors.Is(err, io.ErrUnexpectedEOF) {
		// It got shorter under our hands, or the disk fails. What was read whole of it is kept; all of it is looked at again.
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return &TornError{f.Path}
		}
		if reading.opened {
			if err := reading.unfinished(); err != nil {
				return err
			}
		}
		return r.unread(f.Path, trouble.err)
	}
	return err
}

func (r *Run) unread(p string, err error) error {
	r.sum.Troubles = append(r.sum.Troubles, Trouble{p, "could not be read: " + err.Error(), "check the disk"})
	return nil
}

// Absent says that all of root was walked, but for the directories unread: what was known in it and was not met is gone.
func (r *Run) Absent(root string, unread []string) error {
	type gone struct {
		path string
		id   int64
	}
	var all []gone
	err := r.ix.under(root, func(p string, id int64) error {
		if r.visited.has(id) {
			return nil
		}
		if slices.ContainsFunc(unread, func(dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }) {
			return nil
		}
		all = append(all, gone{p, id})
		return nil
	})
	if err != nil {
		return err
	}
	for _, g := range all {
		r.visited.set(g.id)
		live, err := r.ix.live(g.id)
		if err != nil {
			return err
		}
		n := int64(0)
		for _, count := range live {
			n += int64(count)
		}
		if err := r.put(&record{kind: kindAbsent, path: g.path}); err != nil {
			return err
		}
		if n > 0 {
			r.vanished(g.path, n, true)
		}
	}
	return nil
}

// maxNamed bounds how many files a summary names.
const maxNamed = 1000

func (r *Run) vanished(p string, n int64, file bool) {
	v := Vanish{Path: p, Messages: n, File: file}
	if r.before != nil {
		v.Since = r.before.StartedAt
	}
	if len(r.sum.Vanished) >= maxNamed {
		last := &r.sum.Vanished[maxNamed-1]
		last.Path, last.Messages = "(further files)", last.Messages+n
		return
	}
	r.sum.Vanished = append(r.sum.Vanished, v)
}

// Abort forgets what was read. The store is as before.
func (r *Run) Abort() {
	if r.segment != nil {
		r.segment.close()
	}
	if r.segFile != nil {
		r.segFile.Close()
	}
	if r.manifest != nil {
		r.manifest.f.Close()
	}
	for _, name := range [...]string{"segment", "manifest"} {
		r.s.disk.Remove(path.Join(workDir, name)) // what cannot be removed now is removed by the next run
	}
	r.ix.close()
}

// Commit makes what was read part of the store. After an error the next run finds the store as it was before or as it is after.
func (r *Run) Commit() (*LastRun, error) {
	done := &LastRun{StartedAt: r.o.Now}
	head := r.head
	if r.manifest != nil {
		if err := r.place(); err != nil {
			return nil, err
		}
		var err error
		if head, err = r.s.complete(r.head, r.head.Run+1, r.sign); err != nil {
			return nil, err
		}
		r.inRun = digestTable{} // its room is needed
		if err := r.ix.catchUp(r.ctx, r.s, head.Run); err != nil {
			return nil, fmt.Errorf("the messages are in the store; the index is not whole: %w", err)
		}
		done.Run = head.Run
	}
	if err := r.ix.close(); err != nil {
		return nil, err
	}
	r.sum.Entries = head.Checkpoint.Size
	done.Summary = r.sum
	return done, nil
}

// place brings segment and manifest to the disk and into their places. With the last rename the run is committed.
func (r *Run) place() error {
	end := &record{kind: kindSegment}
	if r.segment != nil {
		err := r.segment.close()
		if err == nil {
			err = r.segFile.Sync()
		}
		if cerr := r.segFile.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
		for _, f := range r.segment.frames {
			if err := r.put(&record{kind: kindFrame, count: f.messages, length: f.length, size: f.size}); err != nil {
				return err
			}
		}
		end.digest, end.size = digest.Sum(r.segment.sum), r.segment.size
	}
	if err := r.manifest.write(end); err != nil {
		return err
	}
	if err := r.manifest.write(&record{kind: kindEnd, count: r.manifest.messages}); err != nil {
		return err
	}
	err := r.manifest.buf.Flush()
	if err == nil {
		err = r.manifest.f.Sync()
	}
	if cerr := r.manifest.f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	run := r.head.Run + 1
	if r.segment != nil {
		if err := r.s.disk.Rename(path.Join(workDir, "segment"), segmentName(run, end.digest)); err != nil {
			return err
		}
		if err := r.s.disk.SyncDir(segmentDir); err != nil {
			return err
		}
	}
	if err := r.s.disk.Rename(path.Join(workDir, "manifest"), manifestName(run)); err != nil {
		return err
	}
	return r.s.disk.SyncDir(segmentDir)
}

// Finish writes down what status shows, and gives the summary. end is the time at the end of the run.
func (s *Store) Finish(l *LastRun, end time.Time) error {
	l.EndedAt = end.UTC().Truncate(time.Second)
	return s.writeLastRun(*l)
}

// Known tells whether an earlier run saw something at a path or below it that was not found gone since.
func (r *Run) Known(p string) (bool, error) {
	known := false
	err := r.ix.under(p, func(string, int64) error {
		known = true
		return nil
	})
	return known, err
}
