package seal

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Sums are the digests of one file, in the algorithms of the manifests.
type Sums struct {
	SHA256 [sha256.Size]byte
	SHA512 [sha512.Size]byte
	Size   int64
}

// SumsSize is the size of Sums as Append writes them, in bytes.
const SumsSize = sha256.Size + sha512.Size + 8

// Append appends the digests and the size in a fixed form of SumsSize bytes.
func (s *Sums) Append(b []byte) []byte {
	b = append(append(b, s.SHA256[:]...), s.SHA512[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(s.Size))
}

// SumsOf reads what Append wrote.
func SumsOf(b [SumsSize]byte) (s Sums) {
	n := copy(s.SHA256[:], b[:])
	n += copy(s.SHA512[:], b[n:])
	s.Size = int64(binary.BigEndian.Uint64(b[n:]))
	return s
}

// Bag is a dossier directory being written: a temporary sibling of its final place, renamed there when all of it is on disk.
type Bag struct {
	final   string
	dir     string
	lock    *os.File
	replace bool

	payload map[Algorithm]*bufio.Writer // payload manifests, written as the files come
	open    []*os.File
	mu      sync.Mutex // guards tags: tag files are written at the same time
	tags    []tagEntry
	sources []tagEntry // payload entries that are listed after the messages
	octets  int64
	files   int64
	root    rootOf     // over the messages
	ended   bool       // the manifests are written
	early   chan error // a sync under way while the rest is written
}

type tagEntry struct {
	path string
	sums Sums
}

const partialMark = ".onrecord-partial-"

// Create makes an empty bag that Commit will put at dir. An existing dir is refused unless it is an empty directory or, with replace, a dossier.
// What an earlier, killed run left beside it is removed.
func Create(dir string, replace bool) (*Bag, error) {
	final, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := checkTarget(final, dir, replace); err != nil {
		return nil, err
	}
	parent, base := filepath.Split(final)
	removeStale(parent, base)
	b := &Bag{final: final, replace: replace, payload: map[Algorithm]*bufio.Writer{}}
	if b.dir, b.lock, err = lockedTemp(parent, "."+base+partialMark); err != nil {
		return nil, err
	}
	if err := b.prepare(); err != nil {
		b.Abort()
		return nil, err
	}
	return b, nil
}

// lockedTemp makes a directory that is locked as long as its maker lives.
func lockedTemp(parent, pattern string) (string, *os.File, error) {
	for {
		tmp, err := os.MkdirTemp(parent, pattern)
		if err != nil {
			return "", nil, err
		}
		lock, err := lockDir(tmp)
		if err == nil {
			// Another run may have taken it for an abandoned one before it was locked.
			if _, err := os.Lstat(tmp); err == nil {
				return tmp, lock, nil
			}
			lock.Close()
			continue
		}
		if !errors.Is(err, errLocked) && !errors.Is(err, fs.ErrNotExist) {
			os.RemoveAll(tmp)
			return "", nil, err
		}
	}
}

func (b *Bag) prepare() error {
	for _, d := range []string{"data", "data/messages", "data/sources", "seal", ".incoming"} {
		if err := os.Mkdir(filepath.Join(b.dir, d), 0o777); err != nil {
			return err
		}
	}
	for _, a := range algorithms {
		f, err := os.OpenFile(filepath.Join(b.dir, a.PayloadManifest()), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o666)
		if err != nil {
			return err
		}
		b.open = append(b.open, f)
		b.payload[a] = bufio.NewWriter(f)
	}
	return nil
}

// ErrExists says that the place of the dossier is taken.
var ErrExists = errors.New("exists already")

// ErrNotADossier says that a directory that should be replaced is no dossier.
var ErrNotADossier = errors.New("is no dossier, so it is not replaced")

func checkTarget(final, shown string, replace bool) error {
	info, err := os.Lstat(final)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: %w and is no directory", shown, ErrExists)
	}
	names, err := os.ReadDir(final)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return nil
	}
	if !replace {
		return fmt.Errorf("%s: %w and is not empty", shown, ErrExists)
	}
	for _, name := range []string{"bagit.txt", "dossier.json"} {
		if _, err := os.Stat(filepath.Join(final, name)); err != nil {
			return fmt.Errorf("%s: %w", shown, ErrNotADossier)
		}
	}
	return nil
}

// removeStale removes the partial directories of runs for the same target that are no longer alive: they hold no lock.
func removeStale(parent, base string) {
	names, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, n := range names {
		if !n.IsDir() || !strings.HasPrefix(n.Name(), "."+base+partialMark) {
			continue
		}
		dir := filepath.Join(parent, n.Name())
		if abandoned(dir) {
			os.RemoveAll(dir)
		}
	}
}

// SyncEarly begins to bring what is written so far to the disk, while the rest is being written. Commit then has less to wait for.
func (b *Bag) SyncEarly() {
	if b.early == nil {
		b.early = make(chan error, 1)
		go func(dir string) { b.early <- syncTree(dir) }(b.dir)
	}
}

// Dir is where the bag lies while it is being written.
func (b *Bag) Dir() string { return b.dir }

// Abort removes all that was written. After Commit it does nothing.
func (b *Bag) Abort() {
	if b.dir == "" {
		return
	}
	b.close()
	os.RemoveAll(b.dir)
	b.dir = ""
}

func (b *Bag) close() {
	for _, f := range b.open {
		f.Close()
	}
	b.open = nil
	if b.lock != nil {
		b.lock.Close()
		b.lock = nil
	}
}

// digester computes the digests of what is written through it.
type digester struct {
	w      io.Writer
	s256   hash.Hash
	s512   hash.Hash
	octets int64
}

func newDigester(w io.Writer) *digester {
	return &digester{w: w, s256: sha256.New(), s512: sha512.New()}
}

// large is from where on the two digests are computed at the same time: SHA-512 takes as long as all else together.
const large = 32 << 10

func (d *digester) Write(p []byte) (int, error) {
	if len(p) < large {
		n, err := d.w.Write(p)
		d.s256.Write(p[:n])
		d.s512.Write(p[:n])
		d.octets += int64(n)
		return n, err
	}
	done := make(chan struct{})
	go func() {
		d.s512.Write(p)
		close(done)
	}()
	n, err := d.w.Write(p)
	d.s256.Write(p[:n])
	d.octets += int64(n)
	<-done // an error ends the bag: that SHA-512 saw all of p then is of no matter
	return n, err
}

func (d *digester) sums() Sums {
	s := Sums{Size: d.octets}
	d.s256.Sum(s.SHA256[:0])
	d.s512.Sum(s.SHA512[:0])
	return s
}

// block is how much of a file is gathered before it is digested and written, in bytes.
const block = 256 << 10

// File writes one file of the bag through its own digests. While a block is digested and written, the next one is filled. Close must be called; after an error
// the bag is to be aborted.
type File struct {
	bag  *Bag
	name string
	f    *os.File
	d    *digester

	filling []byte
	writing []byte     // belongs to the goroutine that done is waited for
	done    chan error // of the block under way; nil if none is
	err     error      // the first that a block met
}

func (b *Bag) create(name string) (*File, error) {
	full := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(full, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &File{bag: b, name: name, f: f, d: newDigester(f)}, nil
}

// Write takes p. An error of the disk may be told by a later Write or at the end.
func (f *File) Write(p []byte) (int, error) {
	if f.filling == nil {
		f.filling = make([]byte, 0, block)
	}
	taken := 0
	for taken < len(p) && f.err == nil {
		n := min(block-len(f.filling), len(p)-taken)
		f.filling = append(f.filling, p[taken:taken+n]...)
		taken += n
		if len(f.filling) == block {
			f.pass()
		}
	}
	return taken, f.err
}

// pass hands the filled block on.
func (f *File) pass() {
	f.wait()
	if f.err != nil {
		return
	}
	if f.writing == nil {
		f.writing = make([]byte, 0, block)
	}
	f.filling, f.writing = f.writing[:0], f.filling
	f.done = make(chan error, 1)
	go func(p []byte, done chan<- error) {
		_, err := f.d.Write(p)
		done <- err
	}(f.writing, f.done)
}

func (f *File) wait() {
	if f.done == nil {
		return
	}
	err := <-f.done
	f.done = nil
	f.err = cmp.Or(f.err, err)
}

func (f *File) finish() (Sums, error) {
	f.wait()
	if f.err == nil && len(f.filling) > 0 {
		_, f.err = f.d.Write(f.filling)
	}
	if err := f.f.Close(); f.err == nil {
		f.err = err
	}
	return f.d.sums(), f.err
}

// Tag opens a tag file (what is said about the payload) for writing; Close lists it in the tag manifests.
func (b *Bag) Tag(name string) (*TagFile, error) {
	f, err := b.create(name)
	if err != nil {
		return nil, err
	}
	return &TagFile{File: f}, nil
}

// TagFile is a tag file being written.
type TagFile struct{ *File }

// Close ends the file.
func (t *TagFile) Close() error {
	sums, err := t.finish()
	t.bag.mu.Lock()
	defer t.bag.mu.Unlock()
	t.bag.tags = append(t.bag.tags, tagEntry{t.name, sums})
	return err
}

// WriteTag writes a whole tag file.
func (b *Bag) WriteTag(name string, content []byte) error {
	t, err := b.Tag(name)
	if err != nil {
		return err
	}
	_, err = t.Write(content)
	if cerr := t.Close(); err == nil {
		err = cerr
	}
	return err
}

// AddSource copies r byte for byte to data/sources/name.
func (b *Bag) AddSource(name string, r io.Reader) (Sums, error) {
	f, err := b.create("data/sources/" + name)
	if err != nil {
		return Sums{}, err
	}
	// No bufio between: large blocks go straight from the source through the digests to the file.
	_, err = io.CopyBuffer(f.d, struct{ io.Reader }{r}, make([]byte, 1<<20))
	sums, ferr := f.finish()
	if err == nil {
		err = ferr
	}
	b.sources = append(b.sources, tagEntry{f.name, sums})
	return sums, err
}

// OpenSource opens a copied source for reading.
func (b *Bag) OpenSource(name string) (*os.File, error) {
	return os.Open(filepath.Join(b.dir, "data", "sources", filepath.FromSlash(name)))
}

func (b *Bag) incoming(seq int) string { return b.dir + "/.incoming/" + strconv.Itoa(seq) }

// AddMessage writes message number seq (its number in order of reading) under a provisional name; PlaceMessage gives it its exhibit's name.
func (b *Bag) AddMessage(seq int, r io.Reader) (Sums, error) {
	f, err := createPlain(b.incoming(seq))
	if err != nil {
		return Sums{}, err
	}
	d := newDigester(f)
	_, err = io.Copy(d, r)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return d.sums(), err
}

// PlaceMessage renames message seq to name ("data/messages/0001.eml") and lists it in the payload manifests. Call it in exhibit order.
func (b *Bag) PlaceMessage(seq int, name string, sums Sums) error {
	if err := rename(b.incoming(seq), filepath.Join(b.dir, filepath.FromSlash(name))); err != nil {
		return err
	}
	return b.list(name, sums)
}

func (b *Bag) list(name string, sums Sums) error {
	b.octets += sums.Size
	b.files++
	if strings.HasPrefix(name, messagesDir) {
		b.root.add(leafEntry(sums.SHA256[:], name))
	}
	if err := writeEntry(b.payload[SHA256], sums.SHA256[:], name); err != nil {
		return err
	}
	return writeEntry(b.payload[SHA512], sums.SHA512[:], name)
}

// Finish writes the manifests. After it nothing but what lies outside of them may be added: custody.jsonl and files in seal/ (see AddSeal).
func (b *Bag) Finish(info Info) error {
	if b.ended {
		return nil
	}
	b.ended = true
	return b.finish(info)
}

// TagSHA256 is the digest of a tag file as it was written; after Finish those of the payload manifests are among them.
func (b *Bag) TagSHA256(name string) ([sha256.Size]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.tags, func(t tagEntry) bool { return t.path == name })
	if i < 0 {
		return [sha256.Size]byte{}, false
	}
	return b.tags[i].sums.SHA256, true
}

// Commit writes the manifests if that was not done, brings everything to the disk and puts the directory in its place.
func (b *Bag) Commit(info Info) error {
	if err := b.Finish(info); err != nil {
		return err
	}
	if b.early != nil {
		if err := <-b.early; err != nil {
			return err
		}
	}
	if err := syncTree(b.dir); err != nil {
		return err
	}
	if err := beforeMove(b.dir); err != nil {
		return err
	}
	// MkdirTemp made the directory for its owner alone; the umask decides, as for any other output.
	if err := os.Chmod(b.dir, 0o777&^umask()); err != nil {
		return err
	}
	if err := moveInto(b.dir, b.final, b.replace); err != nil {
		return err
	}
	// The lock was held until here: at no moment is there a directory beside the place that looks abandoned and is not.
	b.close()
	b.dir = ""
	return syncDir(filepath.Dir(b.final))
}

func (b *Bag) finish(info Info) error {
	if err := os.Remove(filepath.Join(b.dir, ".incoming")); err != nil {
		return err
	}
	slices.SortFunc(b.sources, func(x, y tagEntry) int { return strings.Compare(x.path, y.path) })
	for _, s := range b.sources {
		if err := b.list(s.path, s.sums); err != nil {
			return err
		}
	}
	for i, a := range algorithms {
		if err := b.payload[a].Flush(); err != nil {
			return err
		}
		sums, err := sumFile(b.open[i])
		if err != nil {
			return err
		}
		b.tags = append(b.tags, tagEntry{a.PayloadManifest(), sums})
	}
	if err := b.WriteTag(RootFile, b.root.text()); err != nil {
		return err
	}
	if err := b.WriteTag(declarationFile, []byte(declared)); err != nil {
		return err
	}
	if err := b.WriteTag("bag-info.txt", info.Text(b.octets, b.files)); err != nil {
		return err
	}
	slices.SortFunc(b.tags, func(x, y tagEntry) int { return strings.Compare(x.path, y.path) })
	for _, a := range algorithms {
		f, err := os.OpenFile(filepath.Join(b.dir, a.TagManifest()), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o666)
		if err != nil {
			return err
		}
		w := bufio.NewWriter(f)
		for _, t := range b.tags {
			sum := t.sums.SHA256[:]
			if a == SHA512 {
				sum = t.sums.SHA512[:]
			}
			if err = writeEntry(w, sum, t.path); err != nil {
				break
			}
		}
		if err == nil {
			err = w.Flush()
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sumFile(f *os.File) (Sums, error) {
	in, err := os.Open(f.Name())
	if err != nil {
		return Sums{}, err
	}
	defer in.Close()
	d := newDigester(io.Discard)
	_, err = io.Copy(d, in)
	return d.sums(), err
}
