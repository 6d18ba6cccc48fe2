package verify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"onrecord/pkg/dossier"
)

// views writes every view again from dossier.json and compares it with the file.
func (v *verifier) views(held *dossier.Dossier) error {
	var all []*comparer
	var mu sync.Mutex // views are written at the same time
	err := v.Render(func(file string) (io.WriteCloser, error) {
		c := &comparer{fs: v.FS, name: file}
		mu.Lock()
		all = append(all, c)
		mu.Unlock()
		return c.open()
	}, held)
	slices.SortFunc(all, func(x, y *comparer) int { return strings.Compare(x.name, y.name) })
	for _, c := range all {
		if c.err != nil {
			return c.err
		}
	}
	if err != nil {
		v.add(Finding{Check: "views", Subject: "dossier.json", Status: v.unless(Mismatch), Found: oneLine(err.Error()), Why: "no view can be written from what is recorded there"})
		return v.signedPDFs(nil)
	}
	good := map[string]int{} // files in directories, of which there are many
	for _, c := range all {
		v.made = append(v.made, c.name)
		if dir := path.Dir(c.name); dir != "." && c.at < 0 && !c.absent {
			good[dir]++
			continue
		}
		if err := v.view(c); err != nil {
			return err
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(good)) {
		v.add(Finding{Check: "views", Subject: dir + "/", Status: Verified, Why: fmt.Sprintf("%s written again from the facts in dossier.json; the same, byte for byte", counted(good[dir], "file", "files"))})
	}
	return v.signedPDFs(all)
}

// view tells how a file that was written again compares with the one that is there.
func (v *verifier) view(c *comparer) error {
	switch {
	case c.absent && v.maker == "":
		v.add(Finding{Check: "views", Subject: c.name, Status: Missing, Why: "the facts in dossier.json give this file, and it is not there"})
	case c.absent: // what the maker wrote, the manifests list
	case c.gaveUp != "":
		v.add(Finding{Check: "views", Subject: c.name, Status: Unverifiable, Why: c.gaveUp + "; not checked by writing it again, covered by the manifests and by seals where there are any"})
	case c.more && isPDF.MatchString(c.name):
		return v.signedPDF(c.name, c.at)
	case c.at < 0:
		v.add(Finding{Check: "views", Subject: c.name, Status: Verified, Why: "written again from the facts in dossier.json; the same, byte for byte"})
	case v.maker != "":
		v.add(Finding{Check: "views", Subject: c.name, Status: Unverifiable,
			Why: fmt.Sprintf("%s made it; this version (%s) writes it otherwise: not checked by writing it again, covered by the manifests and by seals where there are any", v.maker, v.Version)})
	default:
		v.add(Finding{Check: "views", Subject: c.name, Status: Mismatch, Expected: c.expected, Found: c.found,
			Why: fmt.Sprintf("from byte %d on it is not what the facts in dossier.json give", c.at)})
	}
	return nil
}

// comparer is a file that is not written but compared with the one that is there.
type comparer struct {
	fs       fs.FS
	name     string
	absent   bool
	at       int64 // offset of the first difference, -1 if there is none
	expected string
	found    string
	more     bool // the file is the same, and goes on
	gaveUp   string

	f    fs.File
	off  int64
	done bool
	buf  []byte
	err  error // of reading the file
}

// GiveUp says why the file cannot be written again.
func (c *comparer) GiveUp(why string) { c.gaveUp, c.done = why, true }

func (c *comparer) open() (io.WriteCloser, error) {
	c.at = -1
	f, err := openRegular(c.fs, c.name)
	if errors.Is(err, fs.ErrNotExist) {
		c.absent = true
		return c, nil
	}
	c.f, c.err = f, err
	return c, err
}

// Write compares p with what stands in the file at this place.
func (c *comparer) Write(p []byte) (int, error) {
	if c.absent || c.done {
		return len(p), nil
	}
	if cap(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	b := c.buf[:len(p)]
	n, err := io.ReadFull(c.f, b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.err = err
		return 0, err
	}
	for i := range p {
		if i >= n || b[i] != p[i] {
			c.at, c.done = c.off+int64(i), true
			c.expected, c.found = around(p, i), around(b[:n], i)
			break
		}
	}
	c.off += int64(len(p))
	return len(p), nil
}

// around shows the bytes at place i.
func around(b []byte, i int) string {
	if i >= len(b) {
		return "end of file"
	}
	return fmt.Sprintf("%.60q", b[i:min(len(b), i+60)])
}

// Close sees whether the file goes on.
func (c *comparer) Close() error {
	if c.f == nil {
		return nil
	}
	defer c.f.Close()
	if c.done {
		return nil
	}
	n, err := c.f.Read(make([]byte, 1))
	if n > 0 {
		c.at, c.expected, c.found, c.more = c.off, "end of file", "further bytes", true
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
		return err
	}
	return nil
}
