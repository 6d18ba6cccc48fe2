package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
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
}

// maxProblems bounds what one check reports; a bag of 100,000 changed files says the same with the first hundreds.
const maxProblems = 1000

// Check computes every digest of the bag in fsys anew and compares it with the manifests, in both directions (RFC 8493 §3).
// Custody.jsonl and what lies in seal/ need not be listed in manifests: the one grows, the others sign them. Errors are of the file system only.
func Check(fsys fs.FS) (Checked, error) {
	c := checker{fsys: fsys, Checked: Checked{SHA256: map[string][]byte{}}}
	if err := c.declaration(); err != nil {
		return c.Checked, err
	}
	listed := map[string]expected{}
	for _, a := range algorithms {
		if err := c.manifest(a, a.PayloadManifest(), true, listed); err != nil {
			return c.Checked, err
		}
		if err := c.manifest(a, a.TagManifest(), false, listed); err != nil {
			return c.Checked, err
		}
	}
	c.Root = c.root.text()
	if err := c.files(listed); err != nil {
		return c.Checked, err
	}
	return c.Checked, c.oxum()
}

type expected struct{ sha256, sha512 []byte }

type checker struct {
	Checked
	fsys fs.FS
	root rootOf

	octets, payloads int64 // of the payload as it is
}

func (c *checker) add(p Problem) {
	if len(c.Problems) < maxProblems {
		c.Problems = append(c.Problems, p)
	}
}

func (c *checker) declaration() error {
	b, err := readSmall(c.fsys, "bagit.txt")
	if errors.Is(err, fs.ErrNotExist) {
		c.add(Problem{Kind: Absent, Path: "bagit.txt"})
		return nil
	}
	if err != nil {
		return err
	}
	// RFC 8493 §2.1.1: exactly these two lines; readers also meet CRLF.
	want := "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
	got := strings.ReplaceAll(string(b), "\r\n", "\n")
	if strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
		c.add(Problem{Kind: Malformed, Path: "bagit.txt", Expected: "BagIt-Version: 1.0 and Tag-File-Character-Encoding: UTF-8", Found: clip(got)})
	}
	return nil
}

func (c *checker) manifest(a Algorithm, name string, payload bool, listed map[string]expected) error {
	f, err := c.fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		c.add(Problem{Kind: Absent, Path: name})
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	seen := map[string]bool{}
	form := &formCheck{r: f}
	err = ReadManifest(form, a, func(e Entry) {
		form.expect(e)
		if a == SHA256 && strings.HasPrefix(e.Path, messagesDir) && payload {
			c.root.add(leafEntry(e.Sum, e.Path))
		}
		switch {
		case payload != strings.HasPrefix(e.Path, "data/"):
			c.add(Problem{Kind: Malformed, Path: e.Path, Manifest: name, Found: "listed in the wrong manifest"})
			return
		case seen[e.Path]:
			c.add(Problem{Kind: Malformed, Path: e.Path, Manifest: name, Found: "listed twice"})
			return
		}
		seen[e.Path] = true
		x := listed[e.Path]
		if a == SHA256 {
			x.sha256 = e.Sum
		} else {
			x.sha512 = e.Sum
		}
		listed[e.Path] = x
	})
	var broken *ManifestError
	if errors.As(err, &broken) {
		c.add(Problem{Kind: Malformed, Path: name, Found: clip(err.Error())})
		return nil
	}
	if err == nil && !form.same() {
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
	found := fmt.Sprintf("%d.%d", c.octets, c.payloads)
	for line := range strings.Lines(string(b)) {
		label, value, ok := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); ok && strings.EqualFold(label, "Payload-Oxum") && value != found {
			c.add(Problem{Kind: Oxum, Path: "bag-info.txt", Expected: clip(value), Found: found})
		}
	}
	return nil
}

// files compares the tree with what is listed: every file in the order of its path.
func (c *checker) files(listed map[string]expected) error {
	there := map[string]bool{}
	folded := map[string]string{}
	err := fs.WalkDir(c.fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return nil
		}
		if _, ok := listed[p]; p == SHA256.TagManifest() || p == SHA512.TagManifest() || !ok && Outside(p) {
			return nil
		}
		there[p] = true
		one := Folded(p)
		if other, ok := folded[one]; ok {
			c.add(Problem{Kind: Twin, Path: p, Found: other})
		}
		folded[one] = p
		want, ok := listed[p]
		if !ok {
			c.add(Problem{Kind: Extra, Path: p})
			return nil
		}
		if !d.Type().IsRegular() {
			c.add(Problem{Kind: Malformed, Path: p, Found: "is no regular file but " + d.Type().String()})
			return nil
		}
		return c.file(p, want)
	})
	if err != nil {
		return err
	}
	var absent []string
	for p := range listed {
		if !there[p] {
			absent = append(absent, p)
		}
	}
	slices.Sort(absent)
	for _, p := range absent {
		c.add(Problem{Kind: Absent, Path: p})
	}
	return nil
}

// Outside tells whether a file may lie in a dossier without being listed.
func Outside(p string) bool { return strings.HasPrefix(p, "seal/") || p == CustodyFile }

// Folded gives one text for all paths that some file system takes for one: it tells neither case nor the forms of Unicode apart (RFC 8493 §5.1.4).
func Folded(p string) string { return norm.NFC.String(strings.ToLower(norm.NFC.String(p))) }

func (c *checker) file(p string, want expected) error {
	f, err := c.fsys.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	h256, h512 := sha256.New(), sha512.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(h256, h512)}, struct{ io.Reader }{f}, make([]byte, 64<<10))
	if err != nil {
		return err
	}
	if strings.HasPrefix(p, "data/") {
		c.octets += n
		c.payloads++
	}
	good := true
	for _, x := range []struct {
		a    Algorithm
		h    hash.Hash
		want []byte
	}{{SHA256, h256, want.sha256}, {SHA512, h512, want.sha512}} {
		manifest := x.a.TagManifest()
		if strings.HasPrefix(p, "data/") {
			manifest = x.a.PayloadManifest()
		}
		sum := x.h.Sum(nil)
		switch {
		case x.want == nil:
			c.add(Problem{Kind: Malformed, Path: p, Manifest: manifest, Found: "not listed there"})
			good = false
		case !bytes.Equal(sum, x.want):
			c.add(Problem{Kind: Changed, Path: p, Manifest: manifest, Expected: fmt.Sprintf("%s:%x", x.a, x.want), Found: fmt.Sprintf("%s:%x", x.a, sum)})
			good = false
		}
	}
	if strings.HasPrefix(p, "data/") {
		if good {
			c.Payload++
		}
		return nil
	}
	c.SHA256[p] = h256.Sum(nil)
	if good {
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
