// Package archive knows the nightly store of messages: append-only segments of exact bytes (tar in independent zstd frames, RFC 8878) with plain-text
// manifests of what was seen where and when, an RFC 6962 log over them in the form of c2sp.org/tlog-tiles with signed checkpoints, and an index in SQLite
// that can be made anew from them. FORMAT.md beside this code describes every file. What is committed is never changed; a run that is cut off at any moment
// is finished or forgotten by the next one.
package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
)

// The files of a store.
const (
	configFile     = "store.json"
	readmeFile     = "README.txt"
	keyFile        = "key"
	lockName       = "lock"
	lastRunFile    = "last-run.json"
	indexFile      = "index.sqlite"
	workDir        = "tmp"
	segmentDir     = "segments"
	logDir         = "log"
	checkpointDir  = "checkpoints"
	checkpointFile = "checkpoint" // in logDir
)

const (
	formatName  = "onrecord/archive/1"
	maxSmall    = 1 << 20 // bytes of any file but segments, manifests, packs and the index
	packedTiles = 256     // level 0 tiles of the log in one file
)

var (
	errTooLarge = errors.New("larger than it can be")
	errDigest   = errors.New("its bytes do not have its digest any more")

	// ErrNoStore: the directory is no store.
	ErrNoStore = errors.New("no onrecord archive is here")
)

// LockedError says who has the lock of a store.
type LockedError struct{ Holder Holder }

func (e *LockedError) Error() string {
	return "another run has this store: " + e.Holder.String()
}

// Holder is who took the lock.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	What  string    `json:"what"` // the command
}

func (h Holder) String() string {
	if h.PID == 0 {
		return "a process that has not written down yet which it is"
	}
	return fmt.Sprintf("process %d on %s, since %s", h.PID, h.Host, h.Since.Format(time.RFC3339))
}

// Config is store.json: what is fixed when a store is made.
type Config struct {
	Format    string    `json:"format"`
	Origin    string    `json:"origin"`     // names the log in checkpoints
	PublicKey string    `json:"public_key"` // of the checkpoints, as c2sp.org/signed-note writes it
	KeyFile   string    `json:"key_file"`   // where the private key lies: "key" in the store, or an absolute path
	CreatedAt time.Time `json:"created_at"`
}

// Store is an open store.
type Store struct {
	Config   Config
	Progress func(done, of int64) // if set, Verify tells it how many bytes it has read, and how many there are

	disk      disk
	dir       string
	packTiles int64
	index     string // path of the index
	lock      *os.File
}

// NewStore says how a store is to be made.
type NewStore struct {
	Dir     string
	Origin  string // "": made up from Random
	Key     string // path of a private key; "": one is made
	Random  io.Reader
	Now     time.Time
	Version string
}

// Init makes an empty store in a directory that is empty or not there yet.
func Init(n NewStore) (*Store, error) {
	if err := os.MkdirAll(n.Dir, 0o700); err != nil {
		return nil, err
	}
	list, err := os.ReadDir(n.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if e.Name() == configFile {
			return nil, fmt.Errorf("%s: a store is here already", n.Dir)
		}
		// What an Init left that was cut off may be replaced: nothing in it was used yet.
		if !slices.Contains([]string{workDir, keyFile, readmeFile, segmentDir, logDir, checkpointDir}, e.Name()) {
			return nil, fmt.Errorf("%s is not empty", n.Dir)
		}
	}
	if err := os.Chmod(n.Dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(n.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{disk: osDisk{root}, dir: n.Dir, packTiles: packedTiles, index: filepath.Join(n.Dir, indexFile)}
	if err := s.init(n); err != nil {
		root.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) init(n NewStore) error {
	c := Config{Format: formatName, Origin: n.Origin, CreatedAt: n.Now.UTC().Truncate(time.Second)}
	var private string
	switch {
	case n.Key != "":
		text, err := readKey(n.Key)
		if err != nil {
			return err
		}
		if private, c.PublicKey, c.Origin, err = publicOf(text, n.Origin); err != nil {
			return fmt.Errorf("%s: %w", n.Key, err)
		}
		if c.KeyFile, err = filepath.Abs(n.Key); err != nil {
			return err
		}
	default:
		if c.Origin == "" {
			var id [6]byte
			if _, err := io.ReadFull(n.Random, id[:]); err != nil {
				return err
			}
			c.Origin = fmt.Sprintf("onrecord-archive-%x", id)
		}
		if strings.ContainsAny(c.Origin, "+ \t\r\n") {
			return fmt.Errorf("origin %q: no space and no plus sign may be in it", c.Origin)
		}
		var err error
		if private, c.PublicKey, err = merkle.GenerateKey(n.Random, c.Origin); err != nil {
			return err
		}
		c.KeyFile = keyFile
	}
	for _, dir := range [...]string{workDir, segmentDir, logDir, checkpointDir} {
		if err := s.disk.MkdirAll(dir); err != nil {
			return err
		}
	}
	if c.KeyFile == keyFile {
		if err := place(s.disk, keyFile, []byte(private+"\n"+c.PublicKey+"\n")); err != nil {
			return err
		}
	}
	if err := place(s.disk, readmeFile, []byte(readmeText)); err != nil {
		return err
	}
	// With this file it is a store.
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := s.disk.SyncDir("."); err != nil {
		return err
	}
	if err := place(s.disk, configFile, append(text, '\n')); err != nil {
		return err
	}
	s.Config = c
	return s.disk.SyncDir(".")
}

// readKey reads a private key. One that others may read is none.
func readKey(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if canSyncDir && info.Mode().Perm()&0o077 != 0 {
		return "", &OpenToOthersError{Path: name, Mode: info.Mode().Perm()}
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSmall))
	return strings.TrimSpace(string(b)), err
}

// OpenToOthersError: a file that is to be private can be read by others.
type OpenToOthersError struct {
	Path string
	Mode fs.FileMode
}

func (e *OpenToOthersError) Error() string {
	return fmt.Sprintf("%s has mode %04o: others can read the signing key", e.Path, e.Mode)
}

// publicOf takes a private key file: the key, and in a second line its public half, as merkle.GenerateKey makes them.
func publicOf(text, origin string) (private, public, name string, err error) {
	private, public, ok := strings.Cut(text, "\n")
	if !ok {
		return "", "", "", errors.New("want two lines: the private key and the public key, as \"onrecord archive init --help\" describes")
	}
	private, public = strings.TrimSpace(private), strings.TrimSpace(public)
	name, _, _ = strings.Cut(public, "+")
	if origin != "" && origin != name {
		return "", "", "", fmt.Errorf("it is a key of %q, not of %q", name, origin)
	}
	signed, err := merkle.Sign(merkle.Checkpoint{Origin: name}, private)
	if err == nil {
		_, err = merkle.Open(signed, public)
	}
	return private, public, name, err
}

// Open opens a store. Nothing is written and no lock is taken.
func Open(dir string) (*Store, error) {
	info, err := os.Stat(filepath.Join(dir, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoStore)
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoStore)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{disk: osDisk{root}, dir: dir, packTiles: packedTiles, index: filepath.Join(dir, indexFile)}
	if err := s.readConfig(); err != nil {
		root.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) readConfig() error {
	text, err := readFile(s.disk, configFile, maxSmall)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &s.Config); err != nil {
		return fmt.Errorf("%s: %w", configFile, err)
	}
	if s.Config.Format != formatName {
		return fmt.Errorf("%s: a store of the form %q; this version reads %s", configFile, s.Config.Format, formatName)
	}
	return nil
}

// Close gives the lock back, if there is one.
func (s *Store) Close() error {
	if s.lock != nil {
		s.lock.Close()
		s.lock = nil
	}
	if d, ok := s.disk.(osDisk); ok {
		return d.root.Close()
	}
	return nil
}

// Dir is the directory of the store.
func (s *Store) Dir() string { return s.dir }

// Lock takes the lock, or returns a *LockedError at once. The lock of a process that is dead is free.
func (s *Store) Lock(h Holder) error {
	d, ok := s.disk.(osDisk)
	if !ok {
		return nil // a test's
	}
	f, err := d.root.OpenFile(lockName, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	taken, err := lockFile(f)
	if err == nil && !taken {
		err = &LockedError{readHolder(f)}
	}
	if err != nil {
		f.Close()
		return err
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), 0)
	}
	if err != nil {
		f.Close()
		return err
	}
	s.lock = f
	return nil
}

// readHolder reads who has the lock. Who has only just taken it has not written that down yet: the file is empty, or still tells of the one before. So it is
// read until it says the same twice, for a fifth of a second at most. Where it cannot be read the holder stays unknown.
func readHolder(f io.ReaderAt) Holder {
	var h, before Holder
	for range 20 {
		text, _ := io.ReadAll(io.NewSectionReader(f, 0, maxSmall))
		if h = (Holder{}); json.Unmarshal(text, &h) != nil {
			h = Holder{}
		}
		if h.PID != 0 && h == before {
			break
		}
		before = h
		time.Sleep(10 * time.Millisecond)
	}
	return h
}

// LockHolder says who has the lock; nil: nobody.
func (s *Store) LockHolder() (*Holder, error) {
	d, ok := s.disk.(osDisk)
	if !ok {
		return nil, nil
	}
	f, err := d.root.OpenFile(lockName, os.O_RDWR, 0)
	if isNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if taken, err := lockFile(f); err != nil || taken {
		return nil, err
	}
	h := readHolder(f)
	return &h, nil
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// The names of what a run leaves.
func runName(run int64) string        { return fmt.Sprintf("%06d", run) }
func manifestName(run int64) string   { return path.Join(segmentDir, runName(run)+".manifest") }
func checkpointName(run int64) string { return path.Join(checkpointDir, runName(run)) }
func segmentName(run int64, d digest.Digest) string {
	return path.Join(segmentDir, runName(run)+"-"+d.Hex()+".tar.zst")
}

// Head is the state of a store after its last run.
type Head struct {
	Run        int64 // 0: no run yet
	Checkpoint merkle.Checkpoint
	Signed     []byte // the checkpoint as it is signed
}

// head reads the last checkpoint that is there, and checks its signature.
func (s *Store) head() (Head, error) {
	runs, err := numbered(s.disk, checkpointDir, "")
	if err != nil || len(runs) == 0 {
		return Head{Checkpoint: merkle.Checkpoint{Origin: s.Config.Origin, Root: (&merkle.Tree{}).Root()}}, err
	}
	return s.headOf(runs[len(runs)-1])
}

func (s *Store) headOf(run int64) (Head, error) {
	h := Head{Run: run}
	var err error
	if h.Signed, err = readFile(s.disk, checkpointName(run), maxSmall); err != nil {
		return h, err
	}
	if h.Checkpoint, err = merkle.Open(h.Signed, s.Config.PublicKey); err == nil && h.Checkpoint.Origin != s.Config.Origin {
		err = fmt.Errorf("it is of the log %q", h.Checkpoint.Origin)
	}
	if err != nil {
		return h, fmt.Errorf("%s: %w", checkpointName(run), err)
	}
	return h, nil
}

// numbered lists the runs that have a file in dir: its number and a suffix. Other files are not looked at.
func numbered(d disk, dir, suffix string) ([]int64, error) {
	list, err := d.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		n, err := strconv.ParseInt(name, 10, 64)
		if ok && err == nil && n > 0 && runName(n) == name {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// readmeText lies in every store.
const readmeText = `This directory is a store of e-mail that "onrecord archive" writes. It is only added to.

segments/NNNNNN-<sha256>.tar.zst  the messages that run NNNNNN took in, byte for byte; the name holds the file's digest
segments/NNNNNN.manifest          what run NNNNNN saw: which message, where, since when; what was gone
checkpoints/NNNNNN                the signed head of the log after run NNNNNN
log/                              a Merkle log over messages and manifests (c2sp.org/tlog-tiles); log/pack/*.zip holds older tiles
store.json                        the log's name and public key
key                               the private key that signs; keep it from others
index.sqlite                      for searching; can be deleted: "onrecord archive index STORE --rebuild" makes it anew

To get every message back without onrecord:

    for s in segments/*.tar.zst; do tar --zstd -xf "$s"; done

To check a segment, and every message in it (each is named by its SHA-256):

    sha256sum segments/000001-*.tar.zst
    cd messages && for m in *.eml; do echo "${m%.eml}  $m"; done | sha256sum -c --quiet
`

// writeLastRun keeps what status shows of the last run. It is no part of the record.
func (s *Store) writeLastRun(l LastRun) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := s.disk.MkdirAll(workDir); err != nil {
		return err
	}
	return place(s.disk, lastRunFile, append(text, '\n'))
}

// LastRun is what the last run of add said.
type LastRun struct {
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
	Run       int64     `json:"run"` // 0: it found nothing to record
	Error     string    `json:"error,omitempty"`
	Summary
}

func (s *Store) readLastRun() (*LastRun, error) {
	text, err := readFile(s.disk, lastRunFile, maxSmall)
	if isNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l := &LastRun{}
	if err := json.Unmarshal(bytes.TrimSpace(text), l); err != nil {
		return nil, fmt.Errorf("%s: %w", lastRunFile, err)
	}
	return l, nil
}

// LastRun gives what the last run said; nil before the first.
func (s *Store) LastRun() (*LastRun, error) { return s.readLastRun() }

// TrustOnly has checkpoints checked with a key that was kept elsewhere. It is an error if the store is under another one.
func (s *Store) TrustOnly(publicKey string) error {
	if strings.TrimSpace(publicKey) != s.Config.PublicKey {
		return fmt.Errorf("the store is under the key %s, not under the one that was given", s.Config.PublicKey)
	}
	return nil
}
