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
)

// Checked is what Check found, and what it looked at.
type Checked struct {
	Problems []Problem
	Payload  int               // payload files whose digests fit
	Tags     int               // tag files whose digests fit
	SHA256   map[string][]byte // digest of each tag file that was read
}

// maxProblems bounds what one check reports; a bag of 100,000 changed files says the same with the first hundreds.
const maxProblems = 1000

// Check computes every digest of the bag in fsys anew and compares it with the manifests, in both directions (RFC 8493 §3).
// The directory seal/ is not listed in manifests: what lies there signs them. Errors are of the file system only.
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
	if err := c.files(listed); err != nil {
		return c.Checked, err
	}
	return c.Checked, nil
}

type expected struct{ sha256, sha512 []byte }

type checker struct {
	Checked
	fsys fs.FS
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
	err = ReadManifest(f, a, func(e Entry) {
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
	return err
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
		if p == SHA256.TagManifest() || p == SHA512.TagManifest() || strings.HasPrefix(p, "seal/") {
			return nil
		}
		there[p] = true
		one := norm.NFC.String(strings.ToLower(p))
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

func (c *checker) file(p string, want expected) error {
	f, err := c.fsys.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	h256, h512 := sha256.New(), sha512.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(h256, h512)}, struct{ io.Reader }{f}, make([]byte, 64<<10)); err != nil {
		return err
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
