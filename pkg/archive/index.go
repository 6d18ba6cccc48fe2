package archive

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo

	"onrecord/pkg/digest"
)

// indexVersion is raised whenever what stands in the index changes: an index of another version is made anew.
const indexVersion = 1

const schema = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE run(number INTEGER PRIMARY KEY, time INTEGER, tool TEXT, manifest BLOB, first INTEGER, messages INTEGER, segment BLOB, segment_size INTEGER);
CREATE TABLE message(entry INTEGER PRIMARY KEY, key INTEGER, digest BLOB, run INTEGER, at INTEGER, length INTEGER, pos INTEGER, size INTEGER,
	date INTEGER, mid INTEGER, message_id TEXT, sender INTEGER, subject TEXT);
CREATE INDEX message_key ON message(key);
CREATE INDEX message_mid ON message(mid) WHERE mid IS NOT NULL;
CREATE TABLE address(id INTEGER PRIMARY KEY, address TEXT UNIQUE);
CREATE TABLE correspondent(address INTEGER, entry INTEGER, role INTEGER, PRIMARY KEY(address, entry, role)) WITHOUT ROWID;
CREATE TABLE cites(mid INTEGER, entry INTEGER, PRIMARY KEY(mid, entry)) WITHOUT ROWID;
CREATE TABLE dir(id INTEGER PRIMARY KEY, path BLOB UNIQUE);
CREATE TABLE source(id INTEGER PRIMARY KEY, dir INTEGER, name BLOB, format TEXT, variant TEXT, size INTEGER, modified INTEGER, settled INTEGER, tail INTEGER, last INTEGER,
	run INTEGER, gone INTEGER);
CREATE INDEX source_path ON source(dir, name);
CREATE TABLE block(source INTEGER, n INTEGER, digest BLOB, PRIMARY KEY(source, n)) WITHOUT ROWID;
CREATE TABLE sighting(source INTEGER, entry INTEGER, run INTEGER, offset INTEGER, gone INTEGER, grew INTEGER, envelope BLOB,
	PRIMARY KEY(source, entry, run, offset)) WITHOUT ROWID;
CREATE INDEX sighting_entry ON sighting(entry);
CREATE VIRTUAL TABLE word USING fts5(words, content='', columnsize=0, detail=none, tokenize='ascii');
INSERT INTO word(word, rank) VALUES('hashsize', 16777216);
`

// index is the SQLite file: what can be asked quickly. All of it follows from manifests and segments.
type index struct {
	db *sql.DB
	q  map[string]*sql.Stmt // prepared, by their text
	tx *sql.Tx              // the batch that is being written
}

// errIndex: the index is not there, of another version, or not of this store. It has to be made anew.
var errIndex = errors.New("the index has to be made anew")

// ErrIndex: SQLite could not do what was asked of it. The segments are not concerned.
var ErrIndex = errors.New("index")

func openIndex(name string, write bool) (*index, error) {
	if _, err := os.Stat(name); err != nil && !write {
		if isNotExist(err) {
			return nil, errIndex
		}
		return nil, err
	}
	if write {
		// SQLite gives its files the rights of the database.
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	uri := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(name) +
		"?_pragma=busy_timeout(10000)&_pragma=synchronous(normal)&_pragma=temp_store(memory)&_pragma=foreign_keys(off)"
	if write {
		uri += "&_pragma=cache_size(-32768)&_pragma=page_size(8192)&_pragma=journal_mode(wal)&_pragma=journal_size_limit(67108864)"
	} else {
		uri += "&_pragma=cache_size(-16384)&_pragma=query_only(1)"
	}
	ix, version, err := openDatabase(uri)
	if ix == nil {
		return nil, err
	}
	if err != nil && !write && !exists(name+"-wal") {
		// Where nothing can be written, as on a backup, SQLite has to be told that nobody else writes.
		if again, v, aerr := openDatabase(uri + "&immutable=1"); aerr == nil {
			ix.db.Close()
			ix, version, err = again, v, nil
		}
	}
	if err != nil && write {
		// An empty file, or none of ours: the schema fails on the latter.
		if _, serr := ix.db.Exec("BEGIN;" + schema + "INSERT INTO meta VALUES('version', 1), ('run', 0), ('jobs', 0); COMMIT;"); serr == nil {
			version, err = indexVersion, nil
		}
	}
	if err != nil || version != indexVersion {
		ix.db.Close()
		return nil, fmt.Errorf("%w: %w", errIndex, err)
	}
	return ix, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// openDatabase opens a database and reads the version of its schema.
func openDatabase(uri string) (*index, int64, error) {
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, 0, err // the name of the driver
	}
	db.SetMaxOpenConns(1)
	ix := &index{db: db, q: map[string]*sql.Stmt{}}
	version, err := ix.meta("version")
	return ix, version, err
}

func (ix *index) close() error {
	for _, s := range ix.q {
		s.Close()
	}
	return ix.db.Close()
}

// removeIndex removes the file and what SQLite keeps beside it.
func removeIndex(name string) error {
	for _, suffix := range [...]string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(name + suffix); err != nil && !isNotExist(err) {
			return err
		}
	}
	return nil
}

// stmt gives a prepared statement, inside of the batch if there is one.
func (ix *index) stmt(text string) (*sql.Stmt, error) {
	s := ix.q[text]
	if s == nil {
		var err error
		if ix.tx != nil {
			s, err = ix.tx.Prepare(text)
		} else {
			s, err = ix.db.Prepare(text)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrIndex, err)
		}
		ix.q[text] = s
	}
	return s, nil
}

func (ix *index) exec(text string, args ...any) (sql.Result, error) {
	s, err := ix.stmt(text)
	if err != nil {
		return nil, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return r, nil
}

func (ix *index) do(text string, args ...any) error {
	_, err := ix.exec(text, args...)
	return err
}

// get reads one row; false if there is none.
func (ix *index) get(text string, args []any, into ...any) (bool, error) {
	s, err := ix.stmt(text)
	if err != nil {
		return false, err
	}
	err = s.QueryRow(args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return true, nil
}

// each reads rows one after the other. scan is called for each.
func (ix *index) each(text string, args []any, scan func(row func(...any) error) error) error {
	s, err := ix.stmt(text)
	if err != nil {
		return err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrIndex, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// begin starts a batch. Statements that were prepared outside are prepared anew inside.
func (ix *index) begin() error {
	ix.forget()
	var err error
	if ix.tx, err = ix.db.Begin(); err != nil {
		return fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return nil
}

func (ix *index) forget() {
	for _, s := range ix.q {
		s.Close()
	}
	clear(ix.q)
}

func (ix *index) commit() error {
	ix.forget()
	err := ix.tx.Commit()
	ix.tx = nil
	if err != nil {
		return fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return nil
}

func (ix *index) rollback() {
	if ix.tx != nil {
		ix.forget()
		ix.tx.Rollback()
		ix.tx = nil
	}
}

func (ix *index) meta(key string) (int64, error) {
	var v int64
	ok, err := ix.get("SELECT value FROM meta WHERE key = ?", []any{key}, &v)
	if err == nil && !ok {
		err = fmt.Errorf("index: no %s", key)
	}
	return v, err
}

func (ix *index) setMeta(key string, v int64) error {
	return ix.do("UPDATE meta SET value = ? WHERE key = ?", v, key)
}

// keyOf is the beginning of a digest as SQLite's integer: half an index is a fast one. The whole digest decides.
func keyOf(d digest.Digest) int64 { return int64(binary.BigEndian.Uint64(d[:8])) }

// entryOf finds a message by its digest.
func (ix *index) entryOf(d digest.Digest) (int64, bool, error) {
	var entry int64
	ok, err := ix.get("SELECT entry FROM message WHERE key = ? AND digest = ?", []any{keyOf(d), d[:]}, &entry)
	return entry, ok, err
}

const locationColumns = "run, at, length, pos, size, digest"

func (l *location) columns(sum *[]byte) []any {
	return []any{&l.run, &l.at, &l.length, &l.pos, &l.size, sum}
}

// locate finds where a message lies.
func (ix *index) locate(entry int64) (location, bool, error) {
	var l location
	var sum []byte
	ok, err := ix.get("SELECT "+locationColumns+" FROM message WHERE entry = ?", []any{entry}, l.columns(&sum)...)
	if err == nil && ok {
		if len(sum) != len(l.digest) {
			return l, false, errIndex
		}
		l.digest = digest.Digest(sum)
	}
	return l, ok, err
}

// sourceState is what the store knows of a file.
type sourceState struct {
	id       int64
	name     string // in its directory
	format   string
	variant  string
	size     int64
	modified int64
	settled  bool
	tail     int64
	last     int64
	run      int64
}

const stateColumns = "id, name, format, variant, size, modified, settled, tail, last, run"

func (st *sourceState) scan(row func(...any) error) error {
	var name []byte
	if err := row(&st.id, &name, &st.format, &st.variant, &st.size, &st.modified, &st.settled, &st.tail, &st.last, &st.run); err != nil {
		return err
	}
	st.name = string(name)
	return nil
}

func (ix *index) dirID(dir string) (int64, bool, error) {
	var id int64
	ok, err := ix.get("SELECT id FROM dir WHERE path = ?", []any{[]byte(dir)}, &id)
	return id, ok, err
}

// splitPath cuts a path into directory and name. Paths are bytes: they need not be UTF-8.
func splitPath(p string) (dir, name string) {
	dir, name = path.Split(p)
	return dir, name
}

// page is how many files of a directory are looked up at once.
const page = 4096

// stateCache looks files up in the order in which a walk meets them: sorted by name in each directory.
type stateCache struct {
	ix    *index
	dir   string
	known bool // the directory stands in the index
	id    int64
	rows  []sourceState // sorted by name
	next  int
	whole bool // no rows come after
	asked bool
}

// lookup gives what is known of a file that is there, nil if nothing.
func (c *stateCache) lookup(p string) (*sourceState, error) {
	dir, name := splitPath(p)
	if !c.asked || dir != c.dir {
		id, ok, err := c.ix.dirID(dir)
		if err != nil {
			return nil, err
		}
		*c = stateCache{ix: c.ix, dir: dir, known: ok, id: id, asked: true}
	}
	if !c.known {
		return nil, nil
	}
	before := c.next > 0 && c.next <= len(c.rows) && c.rows[c.next-1].name >= name
	beyond := len(c.rows) == 0 || c.rows[len(c.rows)-1].name < name
	if before || beyond && !c.whole {
		c.rows, c.next = c.rows[:0], 0
		err := c.ix.each("SELECT "+stateColumns+" FROM source WHERE dir = ? AND name >= ? AND gone = 0 ORDER BY name LIMIT ?", []any{c.id, []byte(name), page},
			func(row func(...any) error) error {
				c.rows = append(c.rows, sourceState{})
				return c.rows[len(c.rows)-1].scan(row)
			})
		if err != nil {
			return nil, err
		}
		c.whole = len(c.rows) < page
	}
	for c.next < len(c.rows) && c.rows[c.next].name < name {
		c.next++
	}
	if c.next < len(c.rows) && c.rows[c.next].name == name {
		return &c.rows[c.next], nil
	}
	return nil, nil
}

// renamedFrom looks for a file of the same Maildir and unique name with another info part, or in its other directory: what setting a flag or reading new mail makes
// of a file name (maildir(5)).
func (ix *index) renamedFrom(p string, size, modified int64) (string, *sourceState, error) {
	dir, name := splitPath(p)
	base := path.Base(dir)
	if base != "cur" && base != "new" {
		return "", nil, nil
	}
	unique := uniqueName(name)
	home := dir[:len(dir)-len(base)-1]
	for _, d := range [...]string{home + "cur/", home + "new/"} {
		id, ok, err := ix.dirID(d)
		if err != nil {
			return "", nil, err
		}
		if !ok {
			continue
		}
		var found *sourceState
		err = ix.each("SELECT "+stateColumns+" FROM source WHERE dir = ? AND name >= ? AND name < ? AND gone = 0 ORDER BY name", []any{id, []byte(unique), []byte(unique + "\xff")},
			func(row func(...any) error) error {
				var st sourceState
				if err := st.scan(row); err != nil {
					return err
				}
				if uniqueName(st.name) == unique && st.size == size && st.modified == modified && d+st.name != p {
					found = &st
				}
				return nil
			})
		if err != nil {
			return "", nil, err
		}
		if found != nil {
			return d + found.name, found, nil
		}
	}
	return "", nil, nil
}

// uniqueName is the name of a file in a Maildir without its info part.
func uniqueName(name string) string {
	for _, mark := range [...]string{":2,", ":1,", ";2,", "!2,"} {
		if i := strings.LastIndex(name, mark); i > 0 {
			return name[:i]
		}
	}
	return name
}

// under visits all files that are there, in and below a directory, or the file of that path, in order.
func (ix *index) under(root string, visit func(path string, id int64) error) error {
	base := strings.TrimSuffix(root, "/") + "/"
	dir, name := splitPath(root)
	type dirRow struct {
		id   int64
		path string
	}
	var dirs []dirRow
	err := ix.each("SELECT id, path FROM dir WHERE path >= ? AND path < ? ORDER BY path", []any{[]byte(base), []byte(base[:len(base)-1] + "0")}, func(row func(...any) error) error {
		var d dirRow
		var p []byte
		err := row(&d.id, &p)
		d.path = string(p)
		dirs = append(dirs, d)
		return err
	})
	if err != nil {
		return err
	}
	files := func(d dirRow, where string, args ...any) error {
		return ix.each("SELECT id, name FROM source WHERE dir = ? AND gone = 0"+where+" ORDER BY name", append([]any{d.id}, args...), func(row func(...any) error) error {
			var id int64
			var name []byte
			if err := row(&id, &name); err != nil {
				return err
			}
			return visit(d.path+string(name), id)
		})
	}
	if id, ok, err := ix.dirID(dir); err != nil {
		return err
	} else if ok && name != "" {
		if err := files(dirRow{id, dir}, " AND name = ?", []byte(name)); err != nil {
			return err
		}
	}
	for _, d := range dirs {
		if err := files(d, ""); err != nil {
			return err
		}
	}
	return nil
}

// live counts how often each message lies in a file.
func (ix *index) live(source int64) (map[int64]int, error) {
	all := map[int64]int{}
	err := ix.each("SELECT entry, count(*) FROM sighting WHERE source = ? AND gone = 0 GROUP BY entry", []any{source}, func(row func(...any) error) error {
		var entry int64
		var n int
		err := row(&entry, &n)
		all[entry] = n
		return err
	})
	return all, err
}

// blocks gives the digests of a file's blocks.
func (ix *index) blocks(source int64) ([]digest.Digest, error) {
	var all []digest.Digest
	err := ix.each("SELECT n, digest FROM block WHERE source = ? ORDER BY n", []any{source}, func(row func(...any) error) error {
		var n int64
		var b []byte
		if err := row(&n, &b); err != nil {
			return err
		}
		if n != int64(len(all)) || len(b) != len(digest.Digest{}) {
			return fmt.Errorf("%w: its blocks are not whole", errIndex)
		}
		all = append(all, digest.Digest(b))
		return nil
	})
	return all, err
}

// indexed says up to where the index goes: the last whole run, and how many jobs of the next one.
func (ix *index) indexed() (run, jobs int64, err error) {
	if run, err = ix.meta("run"); err == nil {
		jobs, err = ix.meta("jobs")
	}
	return run, jobs, err
}

// follows checks that the index is that of this store: the manifest of its last run is the one that is there.
func (ix *index) follows(ctx context.Context, s *Store, head Head) error {
	run, jobs, err := ix.indexed()
	if err != nil {
		return err
	}
	if run > head.Run || run == head.Run && jobs > 0 {
		return fmt.Errorf("%w: it holds run %d, the store ends at %d", errIndex, run, head.Run)
	}
	if run == 0 {
		return nil
	}
	var held []byte
	if ok, err := ix.get("SELECT manifest FROM run WHERE number = ?", []any{run}, &held); err != nil || !ok {
		return fmt.Errorf("%w: %w", errIndex, err)
	}
	sum, err := s.manifestDigest(run)
	if err != nil {
		return err
	}
	if string(held) != string(sum[:]) {
		return fmt.Errorf("%w: its run %d is another one", errIndex, run)
	}
	return ctx.Err()
}
