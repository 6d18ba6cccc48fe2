package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Problem is something in which a bag is not as its manifests say.
type Problem struct {
	Kind     ProblemKind
	Path     string // the file concerned
	Manifest string // the manifest that says otherwise; "" if none
	Expected string
	Found    string
}

// ProblemKind is the kind of a Problem.
type ProblemKind uint8

// The kinds of problems.
const (
	Changed   ProblemKind = iota + 1 // digest differs
	Absent                           // listed, not there
	Extra                            // there, not listed
	Malformed                        // a bag declaration or manifest that cannot be read
	Twin                             // two paths that one file system would take for one
	Form                             // a manifest that says the same in another form than it is written here: it is valid, and not the one that was written
	Oxum                             // bag-info.txt gives another size or number of payload files (RFC 8493 §2.2.2)
)

// Checked is what Check found, and what it looked at.
type Checked struct {
	Problems []Problem
	Payload  int               // payload files whose digests fit
	Tags     int               // tag files whose digests fit
	SHA256   map[string][]byte // digest of each tag file that was read
	Root     []byte            // what RootFile must hold, by the messages as manifest-sha256.txt lists them
	Octets   int64             // size of the payload files that are there, in bytes
	Files    int64             // their number

	Algorithms []Algorithm // of the payload manifests
}

// TagFiles gives the paths of the tag files that are listed and there, sorted.
func (c *Checked) TagFiles() []string { return slices.Sorted(maps.Keys(c.SHA256)) }

// maxProblems bounds what one check reports; a bag of 100,000 changed files says the same with the first hundreds.
const maxProblems = 1000

// Check computes every digest of the dossier in fsys anew and compares it with the manifests, in both directions (RFC 8493 §3). A dossier is a bag of version 1.0 with SHA-256 and SHA-512 for
// every file, payload and tag, and nothing else. Custody.jsonl and what lies in seal/ need not be listed in manifests: the one grows, the others sign them. Errors are of the file system only.
func Check(fsys fs.FS) (Checked, error) {
	return check(fsys, false)
}

// CheckBag does the same for any bag of BagIt 0.93 to 1.0: with the manifests that it has, of any algorithm from MD5 to SHA-512, in which tag files need not be listed.
func CheckBag(fsys fs.FS) (Checked, error) {
	return check(fsys, true)
}

func check(fsys fs.FS, plain bool) (Checked, error) {
	c := checker{fsys: fsys, plain: plain, whole: true, text: utf8Text, Checked: Checked{SHA256: map[string][]byte{}}}
	if err := c.declaration(); err != nil {
		return c.Checked, err
	}
	if err := c.findManifests(); err != nil {
		return c.Checked, err
	}
	listed := map[string][]listing{}
	for _, a := range anyAlgorithm {
		if slices.Contains(c.Algorithms, a) {
			if err := c.manifest(a, a.PayloadManifest(), true, listed); err != nil {
				return c.Checked, err
			}
		}
		if slices.Contains(c.tagAlgorithms, a) {
			if err := c.manifest(a, a.TagManifest(), false, listed); err != nil {
				return c.Checked, err
			}
		}
	}
	c.Root = c.root.text()
	if err := c.files(listed); err != nil {
		return c.Checked, err
	}
	if plain {
		if err := c.fetch(); err != nil {
			return c.Checked, err
		}
	}
	return c.Checked, c.oxum()
}

// listing is the digest of a file by one manifest.
type listing struct {
	a   Algorithm
	sum []byte
}

type checker struct {
	Checked
	fsys  fs.FS
	plain bool // any bag, not a dossier
	whole bool // every payload manifest lists every payload file: since version 1.0
	text  func(io.Reader) (io.Reader, error)

	tagAlgorithms []Algorithm
	root          rootOf
}

func (c *checker) add(p Problem) {
	if len(c.Problems) < maxProblems {
		c.Problems = append(c.Problems, p)
	}
}

func (c *checker) declaration() error {
	b, err := readSmall(c.fsys, declarationFile)
	if errors.Is(err, fs.ErrNotExist) {
		c.add(Problem{Kind: Absent, Path: declarationFile})
		return nil
	}
	if err != nil {
		return err
	}
	// RFC 8493 §2.1.1: exactly these two lines; readers also meet CRLF.
	got := strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	if !c.plain {
		if got != strings.TrimRight(declared, "\n") {
			c.add(Problem{Kind: Malformed, Path: declarationFile, Expected: "BagIt-Version: 1.0 and Tag-File-Character-Encoding: UTF-8", Found: clip(got)})
		}
		return nil
	}
	m := anyDeclaration.FindStringSubmatch(got)
	if m == nil || textOf[strings.ToUpper(m[2])] == nil {
		c.add(Problem{Kind: Malformed, Path: declarationFile, Expected: "BagIt-Version: 0.93 to 1.0 and Tag-File-Character-Encoding: UTF-8, ISO-8859-1 or UTF-16", Found: clip(got)})
		return nil
	}
	c.whole, c.text = m[1] == "1.0", textOf[strings.ToUpper(m[2])]
	return nil
}

// findManifests finds out which manifests there are. A dossier has four.
func (c *checker) findManifests() error {
	if !c.plain {
		c.Algorithms, c.tagAlgorithms = algorithms[:], algorithms[:]
		return nil
	}
	for _, x := range []struct {
		name func(Algorithm) string
		to   *[]Algorithm
	}{{Algorithm.PayloadManifest, &c.Algorithms}, {Algorithm.TagManifest, &c.tagAlgorithms}} {
		for _, a := range anyAlgorithm {
			_, err := fs.Stat(c.fsys, x.name(a))
			if err == nil {
				*x.to = append(*x.to, a)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	if len(c.Algorithms) == 0 {
		c.add(Problem{Kind: Absent, Path: "manifest-*.txt"})
	}
	return nil
}

func (c *checker) manifest(a Algorithm, name string, payload bool, listed map[string][]listing) error {
	f, err := c.fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		c.add(Problem{Kind: Absent, Path: name})
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	seen := map[string][]byte{}
	form := &formCheck{r: f}
	text, err := c.text(form)
	if err != nil {
		return err
	}
	err = ReadManifest(text, a, func(e Entry) {
		form.expect(e)
		if a == SHA256 && strings.HasPrefix(e.Path, messagesDir) && payload {
			c.root.add(leafEntry(e.Sum, e.Path))
		}
		before, twice := seen[e.Path]
		switch {
		case payload != strings.HasPrefix(e.Path, "data/"):
			c.add(Problem{Kind: Malformed, Path: e.Path, Manifest: name, Found: "listed in the wrong manifest"})
			return
		case twice && !c.whole && bytes.Equal(before, e.Sum):
			return // before version 1.0 it was not forbidden
		case twice:
			c.add(Problem{Kind: Malformed, Path: e.Path, Manifest: name, Found: "listed twice"})
			return
		}
		seen[e.Path] = e.Sum
		listed[e.Path] = append(listed[e.Path], listing{a, e.Sum})
	})
	var broken *ManifestError
	if errors.As(err, &broken) {
		c.add(Problem{Kind: Malformed, Path: name, Found: clip(err.Error())})
		return nil
	}
	if err == nil && !c.plain && !form.same() {
		c.add(Problem{Kind: Form, Path: name})
	}
	return err
}

// formCheck compares a manifest with what its entries give when they are written here: another case of the digits or another blank between is seen.
type formCheck struct {
	r          io.Reader
	read, want hash.Hash
}

func (f *formCheck) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if f.read == nil {
		f.read, f.want = sha256.New(), sha256.New()
	}
	f.read.Write(p[:n])
	return n, err
}

func (f *formCheck) expect(e Entry) { writeEntry(f.want, e.Sum, e.Path) }

func (f *formCheck) same() bool {
	return f.read == nil || bytes.Equal(f.read.Sum(nil), f.want.Sum(nil))
}

// oxum compares the size and number of payload files with what bag-info.txt says, where it says so. Where files were found to be others, so are their sizes.
func (c *checker) oxum() error {
	if slices.ContainsFunc(c.Problems, func(p Problem) bool { return strings.HasPrefix(p.Path, "data/") }) {
		return nil
	}
	f, err := c.fsys.Open("bag-info.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return err
	}
	found := fmt.Sprintf("%d.%d", c.Octets, c.Files)
	for line := range strings.Lines(string(b)) {
		label, value, ok := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); ok && strings.EqualFold(label, "Payload-Oxum") && value != found {
			c.add(Problem{Kind: Oxum, Path: "bag-info.txt", Expected: clip(value), Found: found})
		}
	}
	return nil
}

// files compares the tree with what is listed: every file in the order of its path.
func (c *checker) files(listed map[string][]listing) error {
	there := map[string]bool{}
	folded := map[string]string{}
	var walked error
	regular := func(yield func(string) bool) {
		walked = fs.WalkDir(c.fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			_, ok := listed[p]
			if c.isTagManifest(p) || !ok && c.mayBeUnlisted(p) {
				return nil
			}
			there[p] = true
			one := Folded(p)
			if other, ok := folded[one]; ok {
				c.add(Problem{Kind: Twin, Path: p, Found: other})
			}
			folded[one] = p
			switch {
			case !ok:
				c.add(Problem{Kind: Extra, Path: p})
			case !d.Type().IsRegular():
				c.add(Problem{Kind: Malformed, Path: p, Found: "is no regular file but " + d.Type().String()})
			case !yield(p):
				return fs.SkipAll
			}
			return nil
		})
	}
	for p := range regular {
		if err := c.file(p, listed[p]); err != nil {
			return err
		}
	}
	if walked != nil {
		return walked
	}
	var absent []string
	for p := range listed {
		if !there[p] {
			absent = append(absent, p)
		}
	}
	slices.Sort(absent)
	for _, p := range absent {
		if other, ok := folded[Folded(p)]; ok && c.plain && sameListing(listed[p], listed[other]) {
			c.add(Problem{Kind: Twin, Path: p, Found: other}) // where the bag was made, both were one
			continue
		}
		c.add(Problem{Kind: Absent, Path: p})
	}
	return nil
}

func sameListing(a, b []listing) bool {
	return slices.EqualFunc(a, b, func(x, y listing) bool { return x.a == y.a && bytes.Equal(x.sum, y.sum) })
}

// isTagManifest tells whether a file is one of the tag manifests, which nothing lists.
func (c *checker) isTagManifest(p string) bool {
	return slices.ContainsFunc(c.tagAlgorithms, func(a Algorithm) bool { return p == a.TagManifest() })
}

// mayBeUnlisted tells whether no manifest need list a file: of a plain bag, all tag files.
func (c *checker) mayBeUnlisted(p string) bool {
	if c.plain {
		return !strings.HasPrefix(p, "data/")
	}
	return Outside(p)
}

// Outside tells whether a file may lie in a dossier without being listed.
func Outside(p string) bool { return strings.HasPrefix(p, "seal/") || p == CustodyFile }

// Folded gives one text for all paths that some file system takes for one: it tells neither case nor the forms of Unicode apart (RFC 8493 §5.1.4).
func Folded(p string) string { return norm.NFC.String(strings.ToLower(norm.NFC.String(p))) }

func (c *checker) file(p string, want []listing) error {
	f, err := c.fsys.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	payload := strings.HasPrefix(p, "data/")
	all, manifest := c.tagAlgorithms, Algorithm.TagManifest
	if payload {
		all, manifest = c.Algorithms, Algorithm.PayloadManifest
	}
	var sums []io.Writer
	for _, w := range want {
		sums = append(sums, w.a.New())
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(sums...)}, struct{ io.Reader }{f}, make([]byte, 64<<10))
	if err != nil {
		return err
	}
	if payload {
		c.Octets += n
		c.Files++
	}
	good := true
	for _, a := range all {
		i := slices.IndexFunc(want, func(w listing) bool { return w.a == a })
		if i < 0 {
			if !c.plain || payload && c.whole {
				c.add(Problem{Kind: Malformed, Path: p, Manifest: manifest(a), Found: "not listed there"})
				good = false
			}
			continue
		}
		sum := sums[i].(hash.Hash).Sum(nil)
		if !bytes.Equal(sum, want[i].sum) {
			c.add(Problem{Kind: Changed, Path: p, Manifest: manifest(a), Expected: fmt.Sprintf("%s:%x", a, want[i].sum), Found: fmt.Sprintf("%s:%x", a, sum)})
			good = false
		}
		if a == SHA256 && !payload {
			c.SHA256[p] = sum
		}
	}
	switch {
	case !good:
	case payload:
		c.Payload++
	default:
		c.Tags++
	}
	return nil
}

// readSmall reads a file of at most 64 KiB.
func readSmall(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// ExhibitFile is where exhibit n lies in the bag when the dossier holds count of them: at least four digits, all names of one width.
func ExhibitFile(n, count int) string {
	width := max(4, len(fmt.Sprint(count)))
	return path.Join("data", "messages", fmt.Sprintf("%0*d.eml", width, n))
}
