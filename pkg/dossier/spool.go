package dossier

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// journal keeps small entries in a temporary file: what analysis needs of single messages only now and then.
type journal struct {
	file evidence.Spool
	w    *bufio.Writer
	at   int64
	head [4]byte
}

func newJournal(file evidence.Spool) *journal {
	return &journal{file: file, w: bufio.NewWriterSize(file, 64<<10)}
}

// add writes an entry and returns where it lies.
func (j *journal) add(entry []byte) (int64, error) {
	at := j.at
	binary.BigEndian.PutUint32(j.head[:], uint32(len(entry)))
	if _, err := j.w.Write(j.head[:]); err != nil {
		return 0, err
	}
	_, err := j.w.Write(entry)
	j.at += int64(len(j.head) + len(entry))
	return at, err
}

// flush makes all entries readable.
func (j *journal) flush() error { return j.w.Flush() }

// read gives the entry at a place that add returned.
func (j *journal) read(at int64) ([]byte, error) {
	// Most entries are small: one read gets the length and the entry.
	buf := make([]byte, 1024)
	n := min(int64(len(buf)), j.at-at)
	if n < int64(len(j.head)) {
		return nil, fmt.Errorf("no entry at %d", at)
	}
	if _, err := j.file.ReadAt(buf[:n], at); err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	size := int64(binary.BigEndian.Uint32(buf))
	if size+4 <= n {
		return buf[4 : 4+size], nil
	}
	entry := make([]byte, size)
	if _, err := j.file.ReadAt(entry, at+4); err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	return entry, nil
}

// after gives the place of the entry behind another one.
func (j *journal) after(at int64) (int64, error) {
	var head [4]byte
	if _, err := j.file.ReadAt(head[:], at); err != nil {
		return 0, fmt.Errorf("read back: %w", err)
	}
	return at + int64(len(head)) + int64(binary.BigEndian.Uint32(head[:])), nil
}

// addStatement keeps a statement and gives its brief, without Message.
func (b *builder) addStatement(s *notice.Statement) (notice.Brief, error) {
	entry, err := json.Marshal(s)
	if err != nil {
		return notice.Brief{}, err
	}
	brief := notice.BriefOf(s)
	brief.Ref, err = b.journal.add(entry)
	return brief, err
}

func (b *builder) loadStatement(ref int64) (notice.Statement, error) {
	var s notice.Statement
	entry, err := b.journal.read(ref)
	if err == nil {
		err = json.Unmarshal(entry, &s)
	}
	return s, err
}

// keys are what copies are told by.
type keys struct {
	message, content, canonical digest.Digest
	envelope                    uint64 // hash of what a modified copy has in common: author, date, subject
}

const keysSize = 3*len(digest.Digest{}) + 8

// addNote keeps the keys of a message, what it quotes, its subject and its wording.
func (b *builder) addNote(r *evidence.Record, found *notice.Findings) (int64, error) {
	note := append(append(append(b.note[:0], r.Digests.Message[:]...), r.Digests.Content[:]...), r.Digests.Canonical[:]...)
	note = binary.BigEndian.AppendUint64(note, hashEnvelope(r))
	note = binary.AppendUvarint(note, uint64(len(found.Quotes)))
	for _, q := range found.Quotes {
		note = binary.BigEndian.AppendUint64(note, q)
	}
	b.note = append(note, clip(r.Subject, maxSubject)...)
	at, err := b.journal.add(b.note)
	if err != nil {
		return 0, err
	}
	_, err = b.journal.add(found.Wording)
	return at, err
}

func (b *builder) loadNote(at int64) (quotes []uint64, subject string, err error) {
	entry, err := b.journal.read(at)
	if err != nil {
		return nil, "", err
	}
	entry = entry[keysSize:]
	n, k := binary.Uvarint(entry)
	entry = entry[k:]
	quotes = make([]uint64, n)
	for i := range quotes {
		quotes[i] = binary.BigEndian.Uint64(entry[8*i:])
	}
	return quotes, string(entry[8*n:]), nil
}

// loadKeys gives the keys of kept message i.
func (b *builder) loadKeys(i int32) (k keys, err error) {
	var buf [keysSize]byte
	if _, err := b.journal.file.ReadAt(buf[:], b.kept.At(int(i)).note+int64(len(b.journal.head))); err != nil {
		return k, fmt.Errorf("read back: %w", err)
	}
	entry := buf[:]
	for _, d := range [...]*digest.Digest{&k.message, &k.content, &k.canonical} {
		entry = entry[copy(d[:], entry):]
	}
	k.envelope = binary.BigEndian.Uint64(entry)
	return k, nil
}

// loadWording reads the wording that lies behind a note.
func (b *builder) loadWording(note int64) ([]byte, error) {
	at, err := b.journal.after(note)
	if err != nil {
		return nil, err
	}
	return b.journal.read(at)
}
