package dossier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/source"
)

// now is the clock of all dossiers that are built here.
var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// finder is made once: it reads all rules.
var finder = sync.OnceValue(notice.NewFinder)

// memoryStore keeps messages in memory. fail, if set, is asked before each thing that it does.
type memoryStore struct {
	messages map[int][]byte
	files    map[string][]byte
	spools   []*memorySpool
	fail     func(what string) error
}

func newStore() *memoryStore {
	return &memoryStore{messages: map[int][]byte{}, files: map[string][]byte{}}
}

func (s *memoryStore) ask(what string) error {
	if s.fail == nil {
		return nil
	}
	return s.fail(what)
}

func (s *memoryStore) AddMessage(seq int, content io.Reader) error {
	if err := s.ask("add"); err != nil {
		return err
	}
	if seq != len(s.messages) {
		return fmt.Errorf("message %d comes as number %d", seq, len(s.messages))
	}
	b, err := io.ReadAll(content)
	s.messages[seq] = b
	return err
}

func (s *memoryStore) Place(seq, exhibit, count int) (string, digest.Digest, error) {
	if err := s.ask("place"); err != nil {
		return "", digest.Digest{}, err
	}
	if count != len(s.messages) || exhibit != len(s.files)+1 {
		return "", digest.Digest{}, fmt.Errorf("exhibit %d of %d is placed as number %d of %d", exhibit, count, len(s.files)+1, len(s.messages))
	}
	name := fmt.Sprintf("data/messages/%04d.eml", exhibit)
	s.files[name] = s.messages[seq]
	return name, digest.Of(s.messages[seq]), nil
}

func (s *memoryStore) Spool() (evidence.Spool, error) {
	if err := s.ask("spool"); err != nil {
		return nil, err
	}
	spool := &memorySpool{store: s}
	s.spools = append(s.spools, spool)
	return spool, nil
}

type memorySpool struct {
	store  *memoryStore
	b      []byte
	closed bool
}

func (s *memorySpool) Write(p []byte) (int, error) {
	if err := s.store.ask("write"); err != nil {
		return 0, err
	}
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *memorySpool) ReadAt(p []byte, off int64) (int, error) {
	if err := s.store.ask("read"); err != nil {
		return 0, err
	}
	return bytes.NewReader(s.b).ReadAt(p, off)
}

func (s *memorySpool) Close() error { s.closed = true; return nil }

// input is one build.
type input struct {
	files   map[string]string // path → content, read in lexical order
	trouble map[string]*source.Trouble
	matter  string // case file
	sel     dossier.Selection
	keys    dkim.Lookup
	workers int
	store   *memoryStore
	reader  source.Options
	disk    bool // the sources are not in memory
	start   bool // with Start
}

func (in input) sources() iter.Seq2[dossier.SourceFile, error] {
	names := make([]string, 0, len(in.files)+len(in.trouble))
	for name := range in.files {
		names = append(names, name)
	}
	for name := range in.trouble {
		names = append(names, name)
	}
	sort.Strings(names)
	return func(yield func(dossier.SourceFile, error) bool) {
		for _, name := range names {
			if t := in.trouble[name]; t != nil {
				if !yield(dossier.SourceFile{Source: dossier.Source{Path: name}, Trouble: t}, nil) {
					return
				}
				continue
			}
			b := []byte(in.files[name])
			kind := source.Recognise(name, b[:min(len(b), 64<<10)], int64(len(b)), false)
			if kind.Trouble != nil {
				if !yield(dossier.SourceFile{Source: dossier.Source{Path: name, Size: int64(len(b))}, Trouble: kind.Trouble}, nil) {
					return
				}
				continue
			}
			var content source.Content = source.Bytes(b)
			if in.disk {
				content = bytes.NewReader(b)
			}
			modified := now.Add(-time.Hour)
			if !yield(dossier.SourceFile{Kind: kind, Content: content, Source: dossier.Source{Path: name, File: "data/sources/" + name,
				Size: int64(len(b)), SHA256: digest.Of(b), ModifiedAt: &modified, Notes: kind.Notes}}, nil) {
				return
			}
		}
	}
}

// build runs the build and gives the dossier as cmd/onrecord would complete it.
func (in input) build() (*dossier.Dossier, error) {
	if in.store == nil {
		in.store = newStore()
	}
	var matter *casefile.Case
	if in.matter != "" {
		var err error
		if matter, err = casefile.Parse(strings.NewReader(in.matter), "case.yaml"); err != nil {
			return nil, err
		}
	}
	build := dossier.Build
	if in.start {
		build = dossier.Start
	}
	d, err := build(context.Background(), dossier.Input{
		Sources: in.sources(), Prescan: in.sources(), Reader: in.reader,
		Examiner: &evidence.Examiner{Limits: message.DefaultLimits(), Keys: in.keys, Now: now, Spool: in.store.Spool},
		Finder:   finder(), Case: matter, Select: in.sel, Store: in.store, Workers: max(in.workers, 1),
	})
	if d != nil {
		d.GeneratedAt, d.ClockBasis = now, "the clock of the tests"
		d.Tool = dossier.Tool{Name: "onrecord", Version: "test"}
		d.Options = dossier.Options{Format: []string{"json"}, Lang: "en", Timezone: "UTC", Sources: "copy", DNS: "off"}
		if matter != nil {
			d.Case = dossier.Case{Title: matter.Title, Reference: matter.Reference, PreparedBy: matter.PreparedBy}
		}
	}
	return d, err
}

func (in input) mustBuild(t testing.TB) *dossier.Dossier {
	t.Helper()
	d, err := in.build()
	require.NoError(t, err)
	return d
}

func encode(t testing.TB, d *dossier.Dossier) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, dossier.Encode(&b, d))
	return b.Bytes()
}

func decode(t testing.TB, b []byte) *dossier.Dossier {
	t.Helper()
	d, err := dossier.Decode(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	return d
}

// records reads all messages of a dossier.
func records(t testing.TB, d *dossier.Dossier) []*evidence.Record {
	t.Helper()
	var all []*evidence.Record
	for r, err := range d.Messages {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// tree reads the files below a directory, each step-th of them; nil if the directory is not there.
func tree(t testing.TB, fsys fs.FS, step int) map[string]string {
	t.Helper()
	files := map[string]string{}
	n := 0
	for f, err := range source.Walk(fsys, ".") {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		require.NoError(t, err)
		if f.Trouble != nil || n%step != 0 {
			n++
			continue
		}
		n++
		b, err := fs.ReadFile(fsys, f.Path)
		require.NoError(t, err)
		files[f.Path] = string(b)
	}
	return files
}

// mboxOf puts messages into an mboxrd file.
func mboxOf(messages ...string) string {
	var b strings.Builder
	for _, m := range messages {
		head, body, _ := strings.Cut(m, "\n\n")
		b.WriteString("From sender@mill.example Mon Mar  2 08:00:00 2026\n" + head + "\n\n")
		for line := range strings.Lines(body) {
			if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
				b.WriteByte('>')
			}
			b.WriteString(line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

var _ dossier.Store = (*memoryStore)(nil)
