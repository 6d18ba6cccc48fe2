package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/seal"
	"onrecord/pkg/source"
)

// headSize is what a file is recognised by.
const headSize = 64 << 10

// keeper says what becomes of a source's bytes before its messages are read.
type keeper interface {
	// keep digests r, which holds one source, and gives back what is to be read. file is its name in the dossier, "" if it is not copied there.
	keep(name string, r *os.File) (content source.Content, file string, sum digest.Digest, size int64, err error)
}

// sources opens the arguments of a command one after the other.
type sources struct {
	args   []string
	stdin  io.Reader
	keeper keeper
	skip   string // a directory that is being written to and so is no source
	names  map[string]bool
	// spool keeps standard input where it can be read from any place.
	spool func() (*os.File, error)
}

// argument is one checked source argument.
type argument struct {
	given string
	info  os.FileInfo // nil for standard input
}

// inPlace reads the same sources where they lie.
func (s *sources) inPlace() *sources {
	c := *s
	c.keeper = inPlace{}
	return &c
}

// check looks at all arguments before anything is written: a mistyped name shall cost nothing.
func (s *sources) check() ([]argument, error) {
	var all []argument
	var errs []error
	for _, a := range s.args {
		if a == "-" {
			all = append(all, argument{given: a})
			continue
		}
		info, err := os.Stat(a)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, argument{a, info})
	}
	if len(errs) > 0 {
		return nil, failed("name .eml files, mbox files or directories of them, or - for standard input", "%w", errors.Join(errs...))
	}
	return all, nil
}

// size adds up the arguments that are files: the total for a progress bar, -1 if it cannot be known.
func totalSize(args []argument) int64 {
	total := int64(0)
	for _, a := range args {
		switch {
		case a.info == nil:
			return -1
		case a.info.IsDir():
			total += sizeBelow(os.DirFS(a.given), ".")
		default:
			total += a.info.Size()
		}
	}
	return total
}

// all opens every file. An error ends the sequence.
func (s *sources) all(args []argument) iter.Seq2[dossier.SourceFile, error] {
	s.names = map[string]bool{}
	return func(yield func(dossier.SourceFile, error) bool) {
		for _, a := range args {
			switch {
			case a.info == nil:
				f, err := s.standardInput()
				if !yield(f, err) || err != nil {
					return
				}
			case a.info.IsDir():
				if !s.tree(a.given, yield) {
					return
				}
			case !a.info.Mode().IsRegular():
				hint := "copy it to a file first"
				if !yield(troubled(a.given, 0, time.Time{}, &source.Trouble{Kind: source.Failed, Reason: "is no regular file (" + a.info.Mode().Type().String() + ") and was not opened", Hint: hint}), nil) {
					return
				}
			default:
				f, err := s.file(a.given, s.unique(filepath.Base(a.given)), func() (fs.File, error) { return os.Open(a.given) }, true)
				if !yield(f, err) || err != nil {
					return
				}
			}
		}
	}
}

// tree walks a directory that it cannot leave: os.Root refuses paths and links that lead out.
func (s *sources) tree(dir string, yield func(dossier.SourceFile, error) bool) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return yield(troubled(dir, 0, time.Time{}, unopened(err)), nil)
	}
	defer root.Close()
	abs, err := filepath.Abs(dir)
	if err != nil {
		yield(dossier.SourceFile{}, err)
		return false
	}
	base := s.unique(filepath.Base(abs))
	fsys := root.FS()
	own := ownDirectories{fsys: fsys, writing: inTree(abs, s.skip), known: map[string]string{}}
	said := map[string]bool{}
	for f, err := range source.Walk(fsys, ".") {
		if err != nil {
			return yield(troubled(dir, 0, time.Time{}, unopened(err)), nil)
		}
		if below(f.Path, own.writing) {
			continue
		}
		shown := filepath.Join(dir, filepath.FromSlash(f.Path))
		if at, what := own.around(f.Path); what != "" {
			if said[at] {
				continue
			}
			said[at] = true
			shown, f = filepath.Join(dir, filepath.FromSlash(at)), source.File{Trouble: &source.Trouble{Kind: source.Excluded, Reason: what}}
		}
		if f.Trouble != nil {
			if !yield(troubled(shown, f.Size, f.ModTime, f.Trouble), nil) {
				return false
			}
			continue
		}
		sf, err := s.file(shown, s.unique(base+"/"+f.Path), func() (fs.File, error) { return root.Open(filepath.FromSlash(f.Path)) }, false)
		if !yield(sf, err) || err != nil {
			return false
		}
	}
	return true
}

// inTree gives the slash path of dir inside of tree; "" if it lies elsewhere.
func inTree(tree, dir string) string {
	if dir == "" {
		return ""
	}
	// The same place may have been named by two ways.
	if real, err := filepath.EvalSymlinks(tree); err == nil {
		tree = real
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	rel, err := filepath.Rel(tree, dir)
	if rel = filepath.ToSlash(rel); err != nil || !fs.ValidPath(rel) {
		return ""
	}
	return rel
}

// ownDirectories tells directories that onrecord itself has written: what lies in them is no source a second time.
type ownDirectories struct {
	fsys    fs.FS
	writing string // the directory that is being written to
	known   map[string]string
}

// around finds the outermost such directory that p lies in, and says what it is.
func (o *ownDirectories) around(p string) (dir, what string) {
	dir = "."
	for i := 0; ; i++ {
		what, ok := o.known[dir]
		if !ok {
			what = o.is(dir)
			o.known[dir] = what
		}
		if what != "" {
			return dir, what
		}
		next := strings.IndexByte(p[i:], '/')
		if next < 0 {
			return "", ""
		}
		i += next
		dir = p[:i]
	}
}

func (o *ownDirectories) is(dir string) string {
	if strings.Contains(path.Base(dir), ".onrecord-partial-") {
		return "a dossier that a build of onrecord is writing, or that one left when it was killed: not read"
	}
	for _, name := range []string{"bagit.txt", "dossier.json"} {
		if _, err := fs.Stat(o.fsys, path.Join(dir, name)); err != nil {
			return ""
		}
	}
	return "a dossier of onrecord: what lies in it was not read again"
}

func below(p, dir string) bool {
	return dir != "" && dir != "." && (p == dir || strings.HasPrefix(p, dir+"/"))
}

func unopened(err error) *source.Trouble {
	return &source.Trouble{Kind: source.Failed, Reason: "could not be opened: " + reason(err), Hint: "make it readable for this account and build again"}
}

func troubled(shown string, size int64, modified time.Time, t *source.Trouble) dossier.SourceFile {
	s := dossier.Source{Path: strings.ToValidUTF8(filepath.ToSlash(shown), "�"), Size: size}
	if !modified.IsZero() {
		at := modified.UTC()
		s.ModifiedAt = &at
	}
	return dossier.SourceFile{Source: s, Trouble: t}
}

// file opens one regular file read-only, keeps its bytes, and sees to it that they did not change meanwhile.
// A file that cannot be opened is named in the ledger; one that changes is an error, for nothing certain could be said of it.
func (s *sources) file(shown, name string, open func() (fs.File, error), named bool) (dossier.SourceFile, error) {
	opened, err := open()
	if err != nil {
		return troubled(shown, 0, time.Time{}, unopened(err)), nil
	}
	f, ok := opened.(*os.File)
	if !ok {
		return dossier.SourceFile{}, fmt.Errorf("%s: no file of the operating system", shown)
	}
	before, err := f.Stat()
	if err != nil {
		f.Close()
		return dossier.SourceFile{}, err
	}
	if !before.Mode().IsRegular() {
		f.Close()
		return troubled(shown, 0, time.Time{}, &source.Trouble{Kind: source.Failed, Reason: "is no regular file"}), nil
	}
	head := make([]byte, min(headSize, before.Size()))
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		t := &source.Trouble{Kind: source.Failed, Reason: "could not be read: " + reason(err), Hint: "check the disk and build again"}
		return troubled(shown, before.Size(), before.ModTime(), t), nil
	}
	kind := source.Recognise(filepath.ToSlash(shown), head[:n], before.Size(), named)
	if kind.Trouble != nil {
		f.Close()
		return troubled(shown, before.Size(), before.ModTime(), kind.Trouble), nil
	}
	content, file, sum, size, err := s.keeper.keep(name, f)
	if err != nil {
		f.Close()
		return dossier.SourceFile{}, fmt.Errorf("%s: %w", shown, err)
	}
	unchanged := func() error {
		after, err := f.Stat()
		if err != nil {
			return err
		}
		if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) || size != before.Size() {
			return failed("wait until nothing writes to it, or copy it and build from the copy",
				"%s changed while it was being read (%d bytes before, %d read, %d after)", shown, before.Size(), size, after.Size())
		}
		return nil
	}
	if size <= heldInMemory {
		if content, err = inMemory(content, size, file != ""); err != nil {
			f.Close()
			return dossier.SourceFile{}, fmt.Errorf("%s: %w", shown, err)
		}
	}
	if err := unchanged(); err != nil {
		f.Close()
		return dossier.SourceFile{}, err
	}
	at := before.ModTime().UTC()
	sf := dossier.SourceFile{Kind: kind, Content: content, Source: dossier.Source{Path: strings.ToValidUTF8(filepath.ToSlash(shown), "�"),
		File: file, Size: size, SHA256: sum, ModifiedAt: &at, Notes: kind.Notes}}
	if size <= heldInMemory {
		// Many small files are under way at the same time: none of them stays open.
		return sf, f.Close()
	}
	sf.Close = func() error {
		defer f.Close()
		if c, ok := content.(io.Closer); ok && file != "" {
			defer c.Close()
		}
		if file != "" {
			return nil // read from the copy
		}
		return unchanged()
	}
	return sf, nil
}

// heldInMemory is the size up to which a source is read at once, in bytes.
const heldInMemory = 256 << 10

// inMemory reads all of c. A copy is closed; the source itself is still to be looked at.
func inMemory(c source.Content, size int64, isCopy bool) (source.Content, error) {
	b := make(source.Bytes, size)
	n, err := c.ReadAt(b, 0)
	if closer, ok := c.(io.Closer); ok && isCopy {
		closer.Close()
	}
	if int64(n) < size {
		return nil, fmt.Errorf("read %d of %d bytes: %w", n, size, err)
	}
	return b, nil
}

// contentOf is an open file as content.
type contentOf struct{ *os.File }

func (c contentOf) Size() int64 {
	info, err := c.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// standardInput is kept in a file first, because messages are read from any place of it.
func (s *sources) standardInput() (dossier.SourceFile, error) {
	f, err := s.spool()
	if err != nil {
		return dossier.SourceFile{}, err
	}
	if _, err := io.Copy(f, s.stdin); err != nil {
		f.Close()
		return dossier.SourceFile{}, fmt.Errorf("standard input: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return dossier.SourceFile{}, err
	}
	sf, err := s.file("-", s.unique("stdin"), func() (fs.File, error) { return f, nil }, true)
	sf.Source.ModifiedAt = nil // the time of our own temporary file says nothing
	return sf, err
}

// unique makes of a source's path a name below data/sources/ that no other source has, not even on file systems that do not tell case.
func (s *sources) unique(p string) string {
	if p == "." || p == "/" || p == string(filepath.Separator) || p == "" {
		p = "source"
	}
	p = portable(p)
	dir, base := path.Split(p)
	name := p
	for n := 2; s.names[seal.Folded(name)]; n++ {
		name = fmt.Sprintf("%s%d-%s", dir, n, base)
	}
	s.names[seal.Folded(name)] = true
	return name
}

// The longest names in data/sources/, in bytes. File systems end at 255 for one element and Windows often at 260 for a path.
const (
	longestElement = 200
	longestPath    = 1000
)

// portable escapes, as =XX, what some file system, the manifests or sha256sum -c would not take in the name of a file: control characters, bytes that
// are not UTF-8, % (which BagIt encodes and sha256sum does not), what Windows reserves. What is too long is cut, and bears its hash.
func portable(p string) string {
	elements := strings.Split(p, "/")
	for i, e := range elements {
		elements[i] = cut(escape(e), longestElement)
	}
	if name := strings.Join(elements, "/"); len(name) <= longestPath {
		return name
	}
	return path.Join(elements[0], shortHash(p), elements[len(elements)-1])
}

func escape(element string) string {
	var b strings.Builder
	for i, r := range element {
		c := element[i]
		last := i+1 == len(element)
		switch {
		case r == utf8.RuneError && c != 0xEF, r < ' ', r == 0x7f, strings.ContainsRune(`\%<>:"|?*`, r), c == '~' && i == 0, (c == '.' || c == ' ') && last:
			fmt.Fprintf(&b, "=%02X", c)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cut shortens a name and keeps its ending.
func cut(name string, longest int) string {
	if len(name) <= longest {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 10 {
		ext = ""
	}
	mark := "-" + shortHash(name) + ext
	return strings.ToValidUTF8(name[:longest-len(mark)], "") + mark
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// reason is an error without the path, which stands beside it.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func hasStdin(arguments []argument) bool {
	for _, a := range arguments {
		if a.info == nil {
			return true
		}
	}
	return false
}
