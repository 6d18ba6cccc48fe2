package dossier

import (
	"encoding/binary"
	"encoding/json"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// addStatement keeps a statement and gives its brief, without Message.
func (b *builder) addStatement(s *notice.Statement) (notice.Brief, error) {
	entry, err := json.Marshal(s)
	if err != nil {
		return notice.Brief{}, err
	}
	brief := notice.BriefOf(s)
	brief.Ref, err = b.journal.Add(entry)
	return brief, err
}

func (b *builder) loadStatement(ref int64) (notice.Statement, error) {
	var s notice.Statement
	entry, err := b.journal.Read(ref, nil)
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
	at, err := b.journal.Add(b.note)
	if err != nil {
		return 0, err
	}
	_, err = b.journal.Add(found.Wording)
	return at, err
}

// loadNote reads what exhibit n+1 quotes and its subject.
func (b *builder) loadNote(n int32) (quotes []uint64, subject string, err error) {
	entry, err := b.journal.Read(b.kept.At(int(b.order[n])).Note, nil)
	if err != nil {
		return nil, "", err
	}
	entry = entry[keysSize:]
	count, k := binary.Uvarint(entry)
	entry = entry[k:]
	quotes = make([]uint64, count)
	for i := range quotes {
		quotes[i] = binary.BigEndian.Uint64(entry[8*i:])
	}
	return quotes, string(entry[8*count:]), nil
}

// loadKeys gives the keys of kept message i.
func (b *builder) loadKeys(i int32) (k keys, err error) {
	var buf [keysSize]byte
	if err := b.journal.Begin(b.kept.At(int(i)).Note, buf[:]); err != nil {
		return k, err
	}
	entry := buf[:]
	for _, d := range [...]*digest.Digest{&k.message, &k.content, &k.canonical} {
		entry = entry[copy(d[:], entry):]
	}
	k.envelope = binary.BigEndian.Uint64(entry)
	return k, nil
}

// loadWording reads the wording of exhibit n+1, which lies behind its note.
func (b *builder) loadWording(n int32) ([]byte, error) {
	at, err := b.journal.After(b.kept.At(int(b.order[n])).Note)
	if err != nil {
		return nil, err
	}
	return b.journal.Read(at, nil)
}
