// Package seal knows the BagIt 1.0 layout of a dossier directory (RFC 8493): how it is written so that it appears whole or not at all,
// and how its manifests are read and checked. A bag proves accidental integrity only; who made it and when needs a signature and a time-stamp over the tag manifest.
package seal

import (
	"bufio"
	"crypto/md5"  // of older bags
	"crypto/sha1" // of older bags
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"
)

// Algorithm is a digest algorithm of a manifest, in the spelling of RFC 8493 §2.4.
type Algorithm string

// The algorithms of manifests. Those of dossiers are SHA-256 and SHA-512, which RFC 8493 requires readers to know; the others are in older bags.
const (
	MD5    Algorithm = "md5"
	SHA1   Algorithm = "sha1"
	SHA224 Algorithm = "sha224"
	SHA256 Algorithm = "sha256"
	SHA384 Algorithm = "sha384"
	SHA512 Algorithm = "sha512"
)

// algorithms are the ones that every dossier has manifests for.
var algorithms = [...]Algorithm{SHA256, SHA512}

// anyAlgorithm are those that are read, the weakest first.
var anyAlgorithm = [...]Algorithm{MD5, SHA1, SHA224, SHA256, SHA384, SHA512}

// New gives a hash of the algorithm.
func (a Algorithm) New() hash.Hash {
	switch a {
	case MD5:
		return md5.New()
	case SHA1:
		return sha1.New()
	case SHA224:
		return sha256.New224()
	case SHA384:
		return sha512.New384()
	case SHA512:
		return sha512.New()
	}
	return sha256.New()
}

// Weak tells whether files with equal digests can be made at will: then a digest shows accidents only.
func (a Algorithm) Weak() bool { return a == MD5 || a == SHA1 }

// PayloadManifest is the name of the payload manifest of a.
func (a Algorithm) PayloadManifest() string { return "manifest-" + string(a) + ".txt" }

// TagManifest is the name of the tag manifest of a.
func (a Algorithm) TagManifest() string { return "tagmanifest-" + string(a) + ".txt" }

func (a Algorithm) size() int { return a.New().Size() }

// Entry is one line of a manifest.
type Entry struct {
	Path string // slash path relative to the bag, decoded
	Sum  []byte
}

// maxManifestLine bounds one line of a manifest that is read: a digest and a path of PATH_MAX, percent-encoded.
const maxManifestLine = 64 << 10

// ReadManifest reads the lines of a manifest (RFC 8493 §2.1.3) and calls each with every entry. Malformed lines and paths that leave the bag are errors of
// type *ManifestError, joined; the good lines are still handed on.
func ReadManifest(r io.Reader, a Algorithm, each func(Entry)) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 4096), maxManifestLine)
	var errs []error
	line, size := 0, a.size()
	for sc.Scan() {
		line++
		text := strings.TrimSuffix(sc.Text(), "\r")
		if text == "" {
			continue
		}
		if len(errs) >= maxManifestErrors {
			errs = append(errs, &ManifestError{Line: line, Problem: "and so on: the rest was not read"})
			break
		}
		sum, rest, found := cutBlank(text)
		name := strings.TrimLeft(rest, " \t")
		// sha256sum marks a file read in binary mode with a star.
		name = strings.TrimPrefix(name, "*")
		raw, err := hex.DecodeString(sum)
		switch {
		case !found || name == "":
			errs = append(errs, &ManifestError{Line: line, Problem: "no path after the digest"})
			continue
		case err != nil || len(raw) != size:
			errs = append(errs, &ManifestError{Line: line, Problem: fmt.Sprintf("no %s digest of %d hex digits", a, 2*size)})
			continue
		}
		name = decodePath(strings.TrimPrefix(name, "./"))
		if problem := unsafePath(name); problem != "" {
			errs = append(errs, &ManifestError{Line: line, Problem: problem})
			continue
		}
		each(Entry{Path: name, Sum: raw})
	}
	if err := sc.Err(); err != nil {
		if !errors.Is(err, bufio.ErrTooLong) {
			return err
		}
		errs = append(errs, &ManifestError{Line: line + 1, Problem: "line longer than 64 KiB"})
	}
	return errors.Join(errs...)
}

// maxManifestErrors is after how many bad lines a manifest is given up.
const maxManifestErrors = 100

// cutBlank cuts at the first blank or tab.
func cutBlank(s string) (before, after string, found bool) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// ManifestError is a line of a manifest that says nothing usable.
type ManifestError struct {
	Line    int
	Problem string
}

func (e *ManifestError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Line is the entry as it is written.
func (e Entry) Line() []byte {
	line := hex.AppendEncode(make([]byte, 0, 2*len(e.Sum)+len(e.Path)+8), e.Sum)
	return append(append(append(line, "  "...), encodePath(e.Path)...), '\n')
}

// writeEntry writes one line: hex digest, two spaces (as sha256sum writes and reads), path.
func writeEntry(w io.Writer, sum []byte, name string) error {
	_, err := w.Write(Entry{Path: name, Sum: sum}.Line())
	return err
}

// encodePath encodes LF, CR and % (RFC 8493 §2.1.3).
func encodePath(p string) string { return pathEncoder.Replace(p) }

func decodePath(p string) string { return pathDecoder.Replace(p) }

var (
	pathEncoder = strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D")
	pathDecoder = strings.NewReplacer("%25", "%", "%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r")
)

// unsafePath tells why p must not be opened below a bag ("" if it may): RFC 8493 §5 asks readers to refuse what leads out of it.
func unsafePath(p string) string {
	switch {
	case strings.ContainsRune(p, 0):
		return "path holds a NUL byte"
	case strings.HasPrefix(p, "/"), strings.HasPrefix(p, "~"), strings.Contains(p, `\`), len(p) > 1 && p[1] == ':':
		return fmt.Sprintf("path %q is not relative to the dossier", p)
	case path.Clean(p) != p, p == "..", strings.HasPrefix(p, "../"):
		return fmt.Sprintf("path %q leads out of the dossier or is not in its shortest form", p)
	}
	return ""
}
