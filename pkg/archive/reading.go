package archive

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"slices"

	"onrecord/pkg/digest"
	"onrecord/pkg/mbox"
	"onrecord/pkg/source"
)

const (
	headSize = 64 << 10 // what a file is recognised by
	// sampledBlocks of a file that has grown are compared, besides the first one and the old end.
	sampledBlocks = 16
)

// fileReading is the reading of one file.
type fileReading struct {
	r        *Run
	f        File
	st       *sourceState // nil: it was not known
	in       watched
	size     int64 // when it was opened
	modified int64
	line     *record // the line that the others of this file follow
	opened   bool    // it stands in the manifest
	tail     bool    // only what lies behind the old end is read

	still  map[int64]int // what lay here before and was not met yet
	ends   [2]int64      // where the last two messages end
	last   int64         // number of the last message
	met    int           // messages
	atTail *taken        // the first message behind the old end
}

func readerOptions() source.Options { return source.Options{Mbox: mbox.Options{MaxInMemory: maxWhole}} }

func (f *fileReading) take() error {
	head := make([]byte, min(headSize, f.size))
	if err := readFull(f.in, head, 0); err != nil {
		return err
	}
	k := source.Recognise(f.f.Path, head, f.size, f.f.Named)
	if k.Trouble != nil {
		return f.noMail(k.Trouble)
	}
	f.last = -1
	if k.Format == source.Mbox {
		return f.takeMbox(k, head)
	}
	return f.takeSingle(k)
}

func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// noMail: the file holds no mail, or none any more.
func (f *fileReading) noMail(t *source.Trouble) error {
	if t.Kind == source.Failed && f.size > 0 {
		f.r.sum.Troubles = append(f.r.sum.Troubles, Trouble{f.f.Path, t.Reason, t.Hint})
	}
	if f.st == nil {
		return nil
	}
	// A mailbox that was emptied is one without messages.
	if err := f.before(); err != nil {
		return err
	}
	f.open(f.st.format, f.st.variant)
	f.last = -1
	return f.closeMbox(nil, 0, true)
}

// before notes what lay in the file.
func (f *fileReading) before() error {
	f.still = map[int64]int{}
	if f.st == nil {
		return nil
	}
	var err error
	f.still, err = f.r.ix.live(f.st.id)
	return err
}

// open says what the file is. That is recorded when something else is.
func (f *fileReading) open(format, variant string) {
	f.line = &record{kind: kindSource, format: format, variant: variant, size: f.size, modified: f.modified, path: f.f.Path}
}

// put records a line of this file.
func (f *fileReading) put(rec *record) error {
	if !f.opened {
		f.opened = true
		if err := f.r.put(f.line); err != nil {
			return err
		}
	}
	return f.r.put(rec)
}

// moved tells whether the file was written to since it was opened.
func (f *fileReading) moved() (bool, error) {
	size, modified, err := f.in.Now()
	return size != f.size || modified.UnixNano() != f.modified, err
}

// takeSingle reads a file that is one message. One that is written to waits for the next run.
func (f *fileReading) takeSingle(k source.Kind) error {
	var content source.Content = io.NewSectionReader(f.in, 0, f.size)
	if f.size <= maxWhole {
		b := make(source.Bytes, f.size)
		if err := readFull(f.in, b, 0); err != nil {
			return err
		}
		content = b
	}
	reading, items, err := source.Items(f.f.Path, content, k, readerOptions())
	if err != nil {
		return err
	}
	if reading.Format == source.Mbox { // in truth
		return f.takeMbox(k, nil)
	}
	var held []taken
	for item, err := range items {
		if err != nil {
			return err
		}
		t := taken{item: item}
		if t.digest, err = digestOf(item.Raw); err != nil {
			return err
		}
		held = append(held, t)
	}
	if moved, err := f.moved(); err != nil || moved {
		if err == nil {
			f.r.sum.Deferred = append(f.r.sum.Deferred, f.f.Path)
		}
		return err
	}
	if err := f.before(); err != nil {
		return err
	}
	f.open(string(reading.Format), reading.Variant.String())
	for _, t := range held {
		if err := f.message(t); err != nil {
			return err
		}
	}
	if err := f.gone(); err != nil {
		return err
	}
	if f.opened || f.st != nil && f.st.size == f.size && f.st.modified == f.modified {
		return nil
	}
	f.opened = true
	return f.r.put(f.line)
}

// taken is a message with its digest.
type taken struct {
	item   source.Item
	digest digest.Digest
}

// message records a message: taken in if it is new, seen here if that is new.
func (f *fileReading) message(t taken) error {
	r := f.r
	r.sum.Messages++
	if f.met++; f.atTail == nil && f.st != nil && t.item.Origin.Offset >= f.st.tail {
		f.atTail = &t
	}
	length := t.item.Raw.Size()
	f.ends[0], f.ends[1] = f.ends[1], t.item.Origin.Offset+length
	entry, known, err := r.find(t.digest)
	if err != nil {
		return err
	}
	f.last = entry
	rec := &record{kind: kindKnown, entry: entry, offset: t.item.Origin.Offset, envelope: exactEnvelope(t.item.Origin)}
	if known {
		if f.still[entry] > 0 {
			f.still[entry]--
			return nil
		}
		r.sum.Duplicates++
		return f.put(rec)
	}
	if err := r.keep(t.digest, t.item.Raw); err != nil {
		if errors.Is(err, errChanged) {
			return &TornError{f.f.Path}
		}
		return err
	}
	r.sum.New++
	r.sum.NewBytes += length
	f.last = r.head.Checkpoint.Size + int64(len(r.inRun.all))
	r.inRun.add(t.digest)
	rec.kind, rec.digest, rec.size = kindNew, t.digest, length
	return f.put(rec)
}

// find gives the number of a message in the log.
func (r *Run) find(d digest.Digest) (int64, bool, error) {
	if i, ok := r.inRun.find(d); ok {
		return r.head.Checkpoint.Size + i, true, nil
	}
	if r.head.Run == 0 {
		return 0, false, nil
	}
	return r.ix.entryOf(d)
}

// gone records what lay in the file and does no more.
func (f *fileReading) gone() error {
	var entries []int64
	for entry, count := range f.still {
		for range count {
			entries = append(entries, entry)
		}
	}
	slices.Sort(entries)
	n := int64(0)
	for _, entry := range entries {
		rec := &record{kind: kindGone, entry: entry}
		grew, err := f.grew(entry)
		if err != nil {
			return err
		}
		if grew {
			rec.kind = kindGrew
		} else {
			n++
		}
		if err := f.put(rec); err != nil {
			return err
		}
	}
	if n > 0 {
		f.r.vanished(f.f.Path, n, false)
	}
	return nil
}

// grew tells whether what was the last message is the beginning of the message that lies there now: it had been read while it was written.
func (f *fileReading) grew(entry int64) (bool, error) {
	if f.st == nil || entry != f.st.last || f.atTail == nil {
		return false, nil
	}
	l, ok, err := f.r.ix.locate(entry)
	now := f.atTail.item.Raw
	if err != nil || !ok || l.size >= now.Size() {
		return false, err
	}
	begin, _, err := digest.OfReader(io.NewSectionReader(now, 0, l.size))
	return begin == l.digest, err
}

// unfinished marks a file that could not be read to its end: the next run reads it from the beginning.
func (f *fileReading) unfinished() error {
	if err := f.put(&record{kind: kindState, last: -1}); err != nil {
		return err
	}
	return f.put(&record{kind: kindBlocks})
}

func (f *fileReading) takeMbox(k source.Kind, head []byte) error {
	if f.st != nil && !f.r.o.Recheck {
		ok, err := f.takeTail(head)
		if err != nil || ok {
			return err
		}
	}
	if err := f.before(); err != nil {
		return err
	}
	in := newBlockReader(f.in, 0)
	reading, items, err := source.Items(f.f.Path, sized{in, f.size}, k, readerOptions())
	if err != nil {
		return err
	}
	f.open(string(reading.Format), reading.Variant.String())
	return f.takeItems(items, in, nil)
}

// sized gives a reader a fixed size: what is written behind it meanwhile is of the next run.
type sized struct {
	io.ReaderAt
	size int64
}

func (s sized) Size() int64 { return s.size }

// takeItems takes the messages of an mbox. The last one waits until it is clear that nothing wrote to the file: it may be cut off. old are the blocks before the
// first that in digests.
func (f *fileReading) takeItems(items iter.Seq2[source.Item, error], in *blockReader, old []digest.Digest) error {
	var pending *taken
	for item, err := range items {
		if err != nil {
			return err
		}
		t := &taken{item: item}
		if t.digest, err = digestOf(item.Raw); err != nil {
			return err
		}
		if pending != nil {
			if err := f.message(*pending); err != nil {
				return err
			}
		}
		pending = t
	}
	blocks, err := in.finish(f.size)
	if err != nil {
		return err
	}
	moved, err := f.moved()
	if err != nil {
		return err
	}
	if moved {
		if err := f.sameBlocks(blocks, int64(len(old))); err != nil {
			return err
		}
		f.r.sum.Deferred = append(f.r.sum.Deferred, f.f.Path)
		if err := f.hold(pending); err != nil {
			return err
		}
		if !f.tail && len(f.still) > 0 {
			blocks = nil // what is gone is clear when all is read again
		}
	} else if pending != nil {
		if err := f.message(*pending); err != nil {
			return err
		}
	}
	return f.closeMbox(blocks, int64(len(old)), !moved)
}

// sameBlocks looks again at a file that was written to while it was read. If only its end changed, what was read is what lies there.
func (f *fileReading) sameBlocks(blocks []digest.Digest, first int64) error {
	again := newBlockReader(f.in, first*blockSize)
	now, err := again.finish(f.size)
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && !slices.Equal(now, blocks) {
		return &TornError{f.f.Path}
	}
	return err
}

// hold leaves the last message to the next run, unless it lay here before.
func (f *fileReading) hold(pending *taken) error {
	f.ends[0], f.last = f.ends[1], -1
	if f.tail && f.met > 0 {
		if err := f.gone(); err != nil { // another message lies where the last one did
			return err
		}
	} else if f.tail {
		f.last = f.st.last
	}
	if pending == nil || f.tail {
		return nil
	}
	entry, known, err := f.r.find(pending.digest)
	if err == nil && known && f.still[entry] > 0 {
		f.last = entry
	}
	return err
}

// closeMbox writes what the next run goes on from, if that is not what it would know anyway.
func (f *fileReading) closeMbox(blocks []digest.Digest, first int64, settled bool) error {
	if settled {
		if err := f.gone(); err != nil {
			return err
		}
	}
	if st := f.st; !f.opened && st != nil && st.size == f.size && st.modified == f.modified && st.settled == settled && st.tail == f.ends[0] && st.last == f.last && first == 0 {
		held, err := f.r.ix.blocks(st.id)
		if err != nil || slices.Equal(held, blocks) {
			return err
		}
	}
	if err := f.put(&record{kind: kindState, settled: settled, tail: f.ends[0], last: f.last}); err != nil {
		return err
	}
	if len(blocks) == 0 {
		return f.put(&record{kind: kindBlocks, block: first})
	}
	for part := range slices.Chunk(blocks, blocksInLine) {
		if err := f.put(&record{kind: kindBlocks, block: first, blocks: part}); err != nil {
			return err
		}
		first += int64(len(part))
	}
	return nil
}

// takeTail reads an mbox that only grew from its old end on. That it only grew is taken from the first block, the old end and some blocks between, chosen anew
// each time; where one of them differs, or nothing is known of them, it returns false and all is read.
func (f *fileReading) takeTail(head []byte) (bool, error) {
	st := f.st
	if st.format != string(source.Mbox) || f.size < st.size || f.size == st.size && st.settled || st.tail == 0 || bytes.HasPrefix(head, []byte("\x01\x01\x01\x01")) {
		return false, nil
	}
	blocks, err := f.r.ix.blocks(st.id)
	if err != nil {
		return false, err
	}
	count := (st.size + blockSize - 1) / blockSize
	if count == 0 || count != int64(len(blocks)) {
		return false, nil
	}
	some := map[int64]bool{0: true, count - 1: true}
	random := rand.New(rand.NewPCG(f.r.o.Seed, uint64(st.id)))
	for range sampledBlocks {
		some[random.Int64N(count)] = true
	}
	some[st.tail/blockSize] = true
	buf := make([]byte, blockSize)
	for n := range some {
		same, err := equalBlock(f.in, n, st.size, blocks[n], buf)
		if err != nil || !same {
			return false, err
		}
	}
	var variant mbox.Variant
	if err := variant.UnmarshalText([]byte(st.variant)); err != nil {
		return false, nil
	}
	f.open(st.format, st.variant)
	f.tail = true
	// What lies behind tail is read again: the last message may have been cut off, and it decides how the rest is split.
	f.still = map[int64]int{}
	if st.last >= 0 {
		f.still[st.last] = 1
	}
	f.ends = [2]int64{st.tail, st.tail}
	kept := st.size / blockSize // blocks that are full stay as they are
	in := newBlockReader(f.in, kept*blockSize)
	if from := kept * blockSize; from < st.tail {
		// The block in which the old end lies begins before what is read.
		if err := in.skipTo(st.tail); err != nil {
			return false, err
		}
	}
	items := func(yield func(source.Item, error) bool) {
		for p, err := range mbox.Split(shifted{in, st.tail}, f.size-st.tail, variant, readerOptions().Mbox) {
			if err != nil {
				yield(source.Item{}, err)
				return
			}
			if !p.Message {
				continue
			}
			item := source.Item{Origin: source.Origin{Source: f.f.Path, Offset: st.tail + p.RawOffset, Length: p.RawLength, EnvelopeLine: string(p.FromLine)},
				Raw: source.Bytes(p.Raw), Variant: variant, QuotedLines: p.QuotedLines}
			if p.Raw == nil {
				item.Raw = io.NewSectionReader(f.in, st.tail+p.RawOffset, p.RawLength)
			}
			if !yield(item, nil) {
				return
			}
		}
	}
	return true, f.takeItems(items, in, blocks[:kept])
}

// shifted reads from an offset on.
type shifted struct {
	r    io.ReaderAt
	from int64
}

func (s shifted) ReadAt(p []byte, off int64) (int, error) { return s.r.ReadAt(p, s.from+off) }
