package archive

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	hashSize   = len(merkle.Hash{})
	// entriesLevel stands for the bundles of entries, which have tiles of their own.
	entriesLevel = -1
	maxTile      = 1 << 20
)

// The entries of the log: what was taken in, in order, and after each run the manifest that says where it was seen.
func messageEntry(d digest.Digest) []byte  { return []byte("message " + d.String()) }
func manifestEntry(d digest.Digest) []byte { return []byte("manifest " + d.String()) }

// tileID names a tile of c2sp.org/tlog-tiles.
type tileID struct {
	level int // entriesLevel for a bundle
	n     int64
}

// path gives the name of a tile below the log's directory; width 0 is a full one.
func (t tileID) path(width int) string {
	name := fmt.Sprintf("%03d", t.n%1000)
	for n := t.n / 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	level := "entries"
	if t.level != entriesLevel {
		level = strconv.Itoa(t.level)
	}
	name = path.Join("tile", level, name)
	if width > 0 {
		name += ".p/" + strconv.Itoa(width)
	}
	return name
}

// widthAt is how many hashes the tile has in a log of size entries.
func (t tileID) widthAt(size int64) int {
	if t.level > 0 {
		size >>= t.level * tileHeight
	}
	return int(min(max(size-t.n*tileWidth, 0), tileWidth))
}

// packName is the file that holds the tiles of one group of entries.
func packName(group int64) string { return fmt.Sprintf("pack/%06d.zip", group) }

// logReader reads the tiles of a log of one size.
type logReader struct {
	disk      disk
	packTiles int64 // level 0 tiles in a pack
	size      int64
	tiles     map[tileID][]byte // some that were read
	pack      int64             // the open pack, -1 if none
	packFile  oldFile
	packZip   map[string]*zip.File
}

func newLogReader(d disk, packTiles, size int64) *logReader {
	return &logReader{disk: d, packTiles: packTiles, size: size, tiles: map[tileID][]byte{}, pack: -1}
}

func (l *logReader) close() {
	if l.packFile != nil {
		l.packFile.Close()
		l.packFile, l.pack = nil, -1
	}
}

// heldTiles bounds what a logReader keeps, about 8 KiB each.
const heldTiles = 512

// tile gives at least width elements of a tile: hashes, or a bundle of entries.
func (l *logReader) tile(id tileID, width int) ([]byte, error) {
	if b, ok := l.tiles[id]; ok {
		return b, nil
	}
	b, err := l.load(id, width)
	if err != nil {
		return nil, err
	}
	if id.level != entriesLevel && len(b) < width*hashSize {
		return nil, fmt.Errorf("%s: %d bytes, too few for %d hashes", id.path(0), len(b), width)
	}
	if len(l.tiles) >= heldTiles {
		clear(l.tiles)
	}
	l.tiles[id] = b
	return b, nil
}

func (l *logReader) load(id tileID, width int) ([]byte, error) {
	b, err := readFile(l.disk, path.Join(logDir, id.path(0)), maxTile)
	if err == nil || !isNotExist(err) {
		return b, err
	}
	if width < tileWidth {
		return readFile(l.disk, path.Join(logDir, id.path(width)), maxTile)
	}
	if id.level > 0 {
		return nil, err
	}
	return l.packed(id)
}

func (l *logReader) packed(id tileID) ([]byte, error) {
	if group := id.n / l.packTiles; l.pack != group {
		l.close()
		name := path.Join(logDir, packName(group))
		f, err := l.disk.Open(name)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		z, err := zip.NewReader(f, info.Size())
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		l.pack, l.packFile, l.packZip = group, f, map[string]*zip.File{}
		for _, member := range z.File {
			l.packZip[member.Name] = member
		}
	}
	member := l.packZip[id.path(0)]
	if member == nil {
		return nil, fmt.Errorf("%s: %s is missing", packName(l.pack), id.path(0))
	}
	r, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxTile+1))
	if err == nil && len(b) > maxTile {
		err = errTooLarge
	}
	return b, err
}

// hashes is the log as a source of proofs.
func (l *logReader) hashes(nodes []merkle.Node) ([]merkle.Hash, error) {
	all := make([]merkle.Hash, len(nodes))
	for i, n := range nodes {
		level, inner := n.Level/tileHeight, n.Level%tileHeight
		first := n.N << inner
		id := tileID{level, first / tileWidth}
		b, err := l.tile(id, id.widthAt(l.size))
		if err != nil {
			return nil, err
		}
		from, to := int(first%tileWidth)*hashSize, int(first%tileWidth+1<<inner)*hashSize
		if to > len(b) {
			return nil, fmt.Errorf("%s: a log of %d entries does not hold that subtree", id.path(0), l.size)
		}
		all[i] = fold(b[from:to])
	}
	return all, nil
}

func (l *logReader) source() merkle.Source { return l.hashes }

// fold hashes a complete subtree, given as 2^n hashes.
func fold(b []byte) merkle.Hash {
	level := make([]merkle.Hash, len(b)/hashSize)
	for i := range level {
		level[i] = merkle.Hash(b[i*hashSize:])
	}
	for len(level) > 1 {
		for i := range len(level) / 2 {
			level[i] = merkle.NodeHash(level[2*i], level[2*i+1])
		}
		level = level[:len(level)/2]
	}
	return level[0]
}

// entries takes a bundle apart.
func entries(bundle []byte) ([][]byte, error) {
	var all [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, errors.New("a bundle of entries that ends within one")
		}
		n := int(binary.BigEndian.Uint16(bundle))
		all = append(all, bundle[2:2+n])
		bundle = bundle[2+n:]
	}
	return all, nil
}

// appender adds entries to a log and hands out each tile when it is full.
type appender struct {
	size   int64
	levels [][]byte // the unfinished tile of each level
	bundle []byte   // the unfinished bundle of entries
	full   func(id tileID, data []byte) error
}

func appendEntry(bundle, entry []byte) []byte {
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
}

func (a *appender) append(entry []byte) error {
	a.bundle = appendEntry(a.bundle, entry)
	h := merkle.LeafHash(entry)
	n := a.size
	a.size++
	if a.size%tileWidth == 0 {
		if err := a.full(tileID{entriesLevel, n / tileWidth}, a.bundle); err != nil {
			return err
		}
		a.bundle = nil
	}
	for level := 0; ; level++ {
		if level == len(a.levels) {
			a.levels = append(a.levels, nil)
		}
		a.levels[level] = append(a.levels[level], h[:]...)
		if len(a.levels[level]) < tileWidth*hashSize {
			return nil
		}
		tile := a.levels[level]
		if err := a.full(tileID{level, n / tileWidth}, tile); err != nil {
			return err
		}
		a.levels[level] = nil
		h, n = fold(tile), n/tileWidth
	}
}

// partial visits the tiles that are not full.
func (a *appender) partial(visit func(id tileID, width int, data []byte) error) error {
	for level, b := range a.levels {
		if len(b) == 0 {
			continue
		}
		id := tileID{level, a.size >> (level * tileHeight) / tileWidth}
		if err := visit(id, id.widthAt(a.size), b); err != nil {
			return err
		}
	}
	if len(a.bundle) == 0 {
		return nil
	}
	id := tileID{entriesLevel, a.size / tileWidth}
	return visit(id, id.widthAt(a.size), a.bundle)
}

// logWriter appends entries to the log on the disk. What it writes is determined by them alone: written twice it is the same.
type logWriter struct {
	appender
	reader *logReader // of the log as it was
	disk   disk
	done   []finished
	dirs   map[string]bool // to be brought to the disk
}

type finished struct {
	id   tileID
	data []byte
}

// newLogWriter goes on where a log of some size ends.
func newLogWriter(reader *logReader) (*logWriter, error) {
	w := &logWriter{reader: reader, disk: reader.disk, dirs: map[string]bool{}}
	w.size, w.full = reader.size, w.keep
	for level := 0; w.size>>(level*tileHeight) > 0; level++ {
		id := tileID{level, w.size >> (level * tileHeight) / tileWidth}
		var held []byte
		if width := id.widthAt(w.size); width > 0 {
			b, err := reader.tile(id, width)
			if err != nil {
				return nil, err
			}
			held = slices.Clone(b[:width*hashSize])
		}
		w.levels = append(w.levels, held)
	}
	id := tileID{entriesLevel, w.size / tileWidth}
	if width := id.widthAt(w.size); width > 0 {
		b, err := reader.tile(id, width)
		if err != nil {
			return nil, err
		}
		all, err := entries(b)
		if err != nil || len(all) < width {
			return nil, fmt.Errorf("%s: %d entries instead of %d: %w", id.path(width), len(all), width, err)
		}
		for _, e := range all[:width] {
			w.bundle = appendEntry(w.bundle, e)
		}
	}
	return w, nil
}

// keep holds a full tile until it is written, alone or in a pack.
func (w *logWriter) keep(id tileID, data []byte) error {
	w.done = append(w.done, finished{id, data})
	if group := w.reader.packTiles; id.level == 0 && (id.n+1)%group == 0 {
		return w.pack(id.n / group)
	}
	return nil
}

// pack writes the level 0 tiles and the bundles of a finished group of entries into one file, instead of hundreds.
func (w *logWriter) pack(group int64) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	have := map[tileID][]byte{}
	var rest []finished
	for _, f := range w.done {
		if f.id.level > 0 {
			rest = append(rest, f)
			continue
		}
		have[f.id] = f.data
	}
	for _, level := range [...]int{0, entriesLevel} {
		method := zip.Store
		if level == entriesLevel {
			method = zip.Deflate
		}
		for n := group * w.reader.packTiles; n < (group+1)*w.reader.packTiles; n++ {
			id := tileID{level, n}
			data := have[id]
			if data == nil {
				var err error
				if data, err = w.reader.load(id, tileWidth); err != nil {
					return err
				}
			}
			member, err := z.CreateHeader(&zip.FileHeader{Name: id.path(0), Method: method})
			if err != nil {
				return err
			}
			if _, err := member.Write(data); err != nil {
				return err
			}
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	w.done = rest
	return w.place(packName(group), b.Bytes())
}

func (w *logWriter) place(name string, data []byte) error {
	name = path.Join(logDir, name)
	dir := path.Dir(name)
	if !w.dirs[dir] {
		if err := w.disk.MkdirAll(dir); err != nil {
			return err
		}
		for d := dir; d != "."; d = path.Dir(d) {
			w.dirs[d] = true
		}
	}
	return place(w.disk, name, data)
}

// finish writes what is not written yet, brings all to the disk and gives the root.
func (w *logWriter) finish() (merkle.Hash, error) {
	for _, f := range w.done {
		if err := w.place(f.id.path(0), f.data); err != nil {
			return merkle.Hash{}, err
		}
	}
	err := w.partial(func(id tileID, width int, data []byte) error { return w.place(id.path(width), data) })
	if err != nil {
		return merkle.Hash{}, err
	}
	dirs := make([]string, 0, len(w.dirs))
	for d := range w.dirs {
		dirs = append(dirs, d)
	}
	slices.Sort(dirs)
	for _, d := range slices.Backward(dirs) {
		if err := w.disk.SyncDir(d); err != nil {
			return merkle.Hash{}, err
		}
	}
	after := newLogReader(w.disk, w.reader.packTiles, w.size)
	defer after.close()
	return after.source().Root(w.size)
}

// tidy removes what a longer log does not need any more: the partial tiles of full ones, and single tiles that lie in a pack.
func tidyLog(d disk, packTiles, size int64) error {
	levels, err := d.ReadDir(path.Join(logDir, "tile"))
	if isNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, l := range levels {
		if err := tidyLevel(d, packTiles, size, l.Name()); err != nil {
			return err
		}
	}
	return nil
}

func tidyLevel(d disk, packTiles, size int64, level string) error {
	base := path.Join(logDir, "tile", level)
	queue := []string{""}
	for ; len(queue) > 0; queue = queue[1:] {
		dir := queue[0]
		list, err := d.ReadDir(path.Join(base, dir))
		if err != nil {
			return err
		}
		for _, e := range list {
			name := path.Join(dir, e.Name())
			if strings.HasPrefix(e.Name(), "x") {
				queue = append(queue, name)
				continue
			}
			n, ok := tileNumber(strings.TrimSuffix(name, ".p"))
			if !ok {
				continue
			}
			id := tileID{level: entriesLevel, n: n}
			if level != "entries" {
				if id.level, err = strconv.Atoi(level); err != nil {
					return err
				}
			}
			full := id.widthAt(size) == tileWidth
			packed := full && id.level <= 0 && (n/packTiles+1)*packTiles*tileWidth <= size
			switch partial := strings.HasSuffix(name, ".p"); {
			case partial && full:
				err = removeAll(d, path.Join(base, name))
			case !partial && packed:
				err = d.Remove(path.Join(base, name))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func tileNumber(name string) (int64, bool) {
	digits := strings.ReplaceAll(strings.ReplaceAll(name, "x", ""), "/", "")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n >= 0
}

// removeAll removes a directory of files.
func removeAll(d disk, dir string) error {
	list, err := d.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := d.Remove(path.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return d.Remove(dir)
}
