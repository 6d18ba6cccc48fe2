package archive

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/merkle"
)

var night1 = time.Date(2026, 3, 9, 2, 0, 0, 0, time.UTC)

// mailFiles is a directory of sources: path to content. Its time of change is that of its length, so that a changed file shows it.
type mailFiles map[string]string

// openedText is an open file in memory.
type openedText struct {
	*strings.Reader
	modified time.Time
}

func (o openedText) Close() error                   { return nil }
func (o openedText) Now() (int64, time.Time, error) { return o.Size(), o.modified, nil }

func modifiedOf(text string) time.Time { return night1.Add(-time.Hour).Add(time.Duration(len(text))) }

func (m mailFiles) file(p string) File {
	text := m[p]
	return File{Path: p, Size: int64(len(text)), Modified: modifiedOf(text), Open: func() (Opened, error) {
		return openedText{strings.NewReader(text), modifiedOf(text)}, nil
	}}
}

// newTestStore makes a store on a disk, with its index in a directory.
func newTestStore(t testing.TB, d disk, dir string) *Store {
	t.Helper()
	s := &Store{disk: d, dir: dir, packTiles: 1, index: filepath.Join(dir, indexFile)}
	require.NoError(t, s.init(NewStore{Origin: "mail.example/test", Random: bytes.NewReader(bytes.Repeat([]byte{5}, 100)), Now: night1}))
	require.NoError(t, s.bringKey())
	return s
}

// bringKey puts the key of a store on a disk of a test where the store looks for it.
func (s *Store) bringKey() error {
	key, err := readFile(s.disk, keyFile, maxSmall)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, keyFile), key, 0o600)
}

// sameStore is the store on another disk.
func (s *Store) sameStore(d disk, dir string) *Store {
	return &Store{Config: s.Config, disk: d, dir: dir, packTiles: s.packTiles, index: filepath.Join(dir, indexFile)}
}

func testDir(t testing.TB) string {
	t.Helper()
	base := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		base = "/dev/shm"
	}
	dir, err := os.MkdirTemp(base, "onrecord-archive-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// add is one night.
func (s *Store) add(m mailFiles, o Options) (*LastRun, error) {
	if err := s.bringKey(); err != nil {
		return nil, err
	}
	if o.Now.IsZero() {
		o.Now = night1
	}
	o.Version = "test"
	o.Gone = func(p string) bool { _, ok := m[p]; return !ok }
	r, err := s.Begin(context.Background(), o)
	if err != nil {
		return nil, err
	}
	paths := slices.SortedFunc(maps.Keys(m), func(a, b string) int { // as a walk meets them
		return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
	})
	for _, p := range paths {
		if err == nil {
			err = r.Take(m.file(p))
		}
	}
	if err == nil {
		err = r.Absent("/mail", nil)
	}
	if err != nil {
		r.Abort()
		return nil, err
	}
	l, err := r.Commit()
	if err == nil {
		err = s.Finish(l, o.Now)
	}
	return l, err
}

func letter(n int, body string) string {
	return fmt.Sprintf("From: Ada <ada%d@mail.example>\nTo: bo@mail.example\nDate: Mon, 9 Mar 2026 08:%02d:00 +0000\nMessage-ID: <%d@mail.example>\nSubject: letter %d\n\n%s\n", n%7, n%60, n, n, body)
}

func inMbox(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "From ada@mail.example Mon Mar  9 08:00:00 2026\n%s\n", letter(n, fmt.Sprintf("word%d and others", n)))
	}
	return b.String()
}

// dump gives all rows of the index.
func dump(t testing.TB, name string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+name)
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	var b strings.Builder
	for _, table := range []string{"meta", "run", "message", "address", "correspondent", "cites", "dir", "source", "block", "sighting"} {
		rows, err := db.Query("SELECT * FROM " + table)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			require.NoError(t, rows.Scan(into...))
			fmt.Fprintf(&b, "%s %v\n", table, values)
		}
		require.NoError(t, rows.Err())
		rows.Close()
	}
	for _, word := range []string{"letter", "word7", "word260", "§letter"} {
		var n int
		require.NoError(t, db.QueryRow("SELECT count(*) FROM word WHERE word MATCH ?", `"`+word+`"`).Scan(&n))
		fmt.Fprintln(&b, word, n)
	}
	return b.String()
}

func twoNights() (first, second mailFiles) {
	first = mailFiles{"/mail/inbox.mbox": inMbox(0, 200), "/mail/md/cur/1700000001.M1P1.host:2,": letter(900, "a"), "/mail/md/new/1700000002.M1P1.host": letter(901, "b"),
		"/mail/old.eml": letter(902, "c"), "/mail/junk.bin": "\x00\x01\x02"}
	second = mailFiles{"/mail/inbox.mbox": inMbox(0, 520), "/mail/md/cur/1700000001.M1P1.host:2,S": letter(900, "a"), "/mail/md/cur/1700000002.M1P1.host:2,": letter(901, "b"),
		"/mail/copy.eml": letter(3, "word3 and others"), "/mail/junk.bin": "\x00\x01\x02"}
	return first, second
}

func TestTwoNights(t *testing.T) {
	d := newMemDisk()
	s := newTestStore(t, d, testDir(t))
	first, second := twoNights()
	l, err := s.add(first, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 203, l.New)
	assert.EqualValues(t, 204, l.Entries)
	l, err = s.add(first, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 0, l.Run, "nothing to record")
	assert.EqualValues(t, 0, l.Messages)
	assert.EqualValues(t, 4, l.Unchanged)
	l, err = s.add(second, Options{Now: night1.Add(24 * time.Hour)})
	require.NoError(t, err)
	assert.EqualValues(t, 2, l.Run)
	assert.EqualValues(t, 320, l.New)
	assert.EqualValues(t, 2, l.Renamed)
	assert.EqualValues(t, 1, l.Duplicates, "copy.eml")
	assert.EqualValues(t, 321, l.Messages-l.Duplicates, "the last message is read again, and the new ones")
	assert.Equal(t, []Vanish{{Path: "/mail/old.eml", Messages: 1, Since: night1, File: true}}, l.Vanished)
	assert.Empty(t, l.Troubles)
	l, err = s.add(second, Options{Now: night1.Add(48 * time.Hour), Recheck: true})
	require.NoError(t, err)
	assert.EqualValues(t, 0, l.Run)
	assert.EqualValues(t, 523, l.Messages)

	// The log is that of its entries.
	tree := &merkle.Tree{}
	for run := int64(1); run <= 2; run++ {
		m, err := s.manifest(run)
		require.NoError(t, err)
		for r, err := range m.records() {
			require.NoError(t, err)
			if r.kind == kindNew {
				tree.Append(merkle.LeafHash(messageEntry(r.digest)))
			}
		}
		sum, err := s.manifestDigest(run)
		require.NoError(t, err)
		tree.Append(merkle.LeafHash(manifestEntry(sum)))
	}
	head, err := s.head()
	require.NoError(t, err)
	assert.Equal(t, tree.Size(), head.Checkpoint.Size)
	assert.Equal(t, tree.Root(), head.Checkpoint.Root)

	// The index made anew is the same.
	before := dump(t, s.index)
	require.NoError(t, s.Rebuild(context.Background()))
	assert.Equal(t, before, dump(t, s.index))
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		b, err := os.ReadFile(from + suffix)
		if err != nil {
			os.Remove(to + suffix)
			continue
		}
		require.NoError(t, os.WriteFile(to+suffix, b, 0o600))
	}
}

// A run that ends at any operation on the disk, by a kill or a loss of power, is as if it had not been or as if it had ended well: the next run makes the store
// that an undisturbed run makes, byte for byte.
func TestStoppedAtEveryOperation(t *testing.T) {
	t.Parallel()
	first, second := twoNights()
	begin := newMemDisk()
	dir0 := testDir(t)
	s0 := newTestStore(t, begin, dir0)
	zero := begin.after("killed")

	d1 := zero.after("killed")
	s1 := s0.sameStore(d1, testDir(t))
	_, err := s1.add(first, Options{})
	require.NoError(t, err)
	ops1, want1, dump1 := d1.ops, d1.content(), dump(t, s1.index)
	after1 := d1.after("killed")
	d2 := d1.after("killed")
	dir2 := testDir(t)
	copyFile(t, s1.index, filepath.Join(dir2, indexFile))
	s2 := s0.sameStore(d2, dir2)
	_, err = s2.add(second, Options{Now: night1.Add(24 * time.Hour)})
	require.NoError(t, err)
	ops2, want2, dump2 := d2.ops, d2.content(), dump(t, s2.index)

	nights := []struct {
		name  string
		disk  *memDisk
		index string
		mail  mailFiles
		now   time.Time
		ops   int
		want  map[string]string
		dump  string
	}{
		{"first night", zero, "", first, night1, ops1, want1, dump1},
		{"second night", after1, s1.index, second, night1.Add(24 * time.Hour), ops2, want2, dump2},
	}
	for _, n := range nights {
		require.Greater(t, n.ops, 30)
		t.Logf("%s: %d operations", n.name, n.ops)
		dir := testDir(t)
		index := filepath.Join(dir, indexFile)
		for stop := 1; stop <= n.ops; stop++ {
			for i, loss := range []string{"killed", "power, names kept", "power, names lost"} {
				d := n.disk.after("killed")
				require.NoError(t, removeIndex(index))
				if n.index != "" {
					copyFile(t, n.index, index)
				}
				d.stopAt = stop
				_, err := s0.sameStore(d, dir).add(n.mail, Options{Now: n.now})
				if err == nil {
					// Only what status shows was not written any more.
					assert.GreaterOrEqual(t, d.ops, n.ops-6)
				}
				switch (stop + i) % 4 {
				case 0:
					require.NoError(t, removeIndex(index)) // lost
				case 1:
					if n.index != "" {
						copyFile(t, n.index, index) // fallen behind
					}
				}
				next := d.after(loss)
				_, err = s0.sameStore(next, dir).add(n.mail, Options{Now: n.now})
				require.NoError(t, err, "%s, stopped at %d (%s), %s", n.name, stop, lastOf(d.log), loss)
				require.Empty(t, different(n.want, next.content()), "%s, stopped at %d (%s), %s", n.name, stop, lastOf(d.log), loss)
				require.True(t, n.dump == dump(t, index), "%s, stopped at %d, %s: the index is another one", n.name, stop, loss)
			}
		}
	}
}

// different names the files that two stores do not have in common.
func different(a, b map[string]string) []string {
	var names []string
	for name := range a {
		if b[name] != a[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, "+"+name)
		}
	}
	slices.Sort(names)
	return names
}

func lastOf(l []string) string {
	if len(l) == 0 {
		return "before anything"
	}
	return "after " + l[len(l)-1]
}
