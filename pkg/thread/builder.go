package thread

import (
	"encoding/base64"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"onrecord/pkg/rows"
)

// entry is what is kept of one message, beside its note.
type entry struct {
	ID      uint64 // hash of its Message-ID; 0 if it has none
	Subject uint64 // hash of the base subject; 0 if that is empty
	At      int64  // Unix seconds, or unknown
	Note    int64  // in Builder.notes
	Answer  bool   // the subject has a prefix
	Cites   bool   // the note has ids
	Indexed bool   // the note has a Thread-Index
}

const unknown = math.MinInt64

// Builder takes in messages. It keeps them in temporary files. It is not safe for use by several goroutines.
type Builder struct {
	open    rows.Opener
	seed    maphash.Seed
	entries *rows.Table[entry]
	notes   *rows.Journal
	note    note   // scratch
	raw     []byte // scratch
}

// NewBuilder returns an empty Builder. open makes its temporary files.
func NewBuilder(open rows.Opener) *Builder {
	return &Builder{open: open, seed: maphash.MakeSeed(), entries: rows.NewTable[entry](open), notes: rows.NewJournal(open)}
}

// hash stands for a text, 0 for the empty one. It is seeded, so that nobody can write mail that collides, and by chance two of a million texts collide once
// in 40 million builds.
func (b *Builder) hash(s string) uint64 {
	if s == "" {
		return 0
	}
	return max(1, maphash.String(b.seed, s))
}

// Add takes in the next message: the i-th call is message i, from 0. The order does not matter.
func (b *Builder) Add(in Input) error {
	id := bounded(bareID(in.MessageID))
	e := entry{ID: b.hash(id), At: unknown}
	if !in.At.IsZero() {
		e.At = in.At.Unix()
	}
	n := &b.note
	n.subject, _, e.Answer = base(in.Subject)
	_, key, _ := base(n.subject)
	e.Subject = b.hash(key)
	n.index = conversationIndex(in.ThreadIndex)
	e.Indexed = n.index != ""
	refs := in.References
	if len(refs) > mostReferences {
		refs = slices.Concat(refs[:mostReferences/2], refs[len(refs)-mostReferences/2:])
	}
	n.cites = cite(n.cites[:0], refs, id)
	n.references = len(n.cites)
	n.cites = cite(n.cites, in.InReplyTo[:min(len(in.InReplyTo), mostInReplyTo)], id)
	e.Cites = len(n.cites) > 0
	n.author = len(in.From) > 0
	n.people = append(append(n.people[:0], in.From[:min(len(in.From), 1)]...), in.People[:min(len(in.People), mostPeople)]...)
	b.raw = n.append(b.raw[:0])
	var err error
	if e.Note, err = b.notes.Add(b.raw); err != nil {
		return err
	}
	return b.entries.Add(e)
}

// cite adds the ids, without the message's own one.
func cite(list, ids []string, own string) []string {
	for _, id := range ids {
		if id = bounded(bareID(id)); id != "" && id != own {
			list = append(list, id)
		}
	}
	return list
}

// noteOf reads the note of a message; it is valid until the next one is read.
func (b *Builder) noteOf(e entry) (*note, error) {
	raw, err := b.notes.Read(e.Note, b.raw)
	if err != nil {
		return nil, err
	}
	return &b.note, b.note.read(raw)
}

func bareID(id string) string {
	id = strings.TrimSpace(id)
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">"))
}

const (
	indexRoot   = 22 // [MS-OXOMSG] 2.2.1.3: one reserved byte, five of time, a GUID
	indexBlock  = 5  // one response level
	indexLevels = 64 // that are kept
)

// conversationIndex decodes a Thread-Index. What does not have its form is "", that is none.
func conversationIndex(body string) string {
	if body == "" || len(body) > 1<<16 {
		return ""
	}
	body = strings.TrimRight(strings.Join(strings.Fields(body), ""), "=")
	raw, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil || len(raw) < indexRoot || (len(raw)-indexRoot)%indexBlock != 0 {
		return ""
	}
	return string(raw[:min(len(raw), indexRoot+indexLevels*indexBlock)])
}
