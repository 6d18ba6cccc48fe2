package thread

import (
	"encoding/base64"
	"iter"
	"math"
	"slices"
	"strings"

	"onrecord/pkg/rows"
)

// entry is what is kept of one message.
type entry struct {
	id         uint32 // number in Builder.ids; 0 if it has none
	subject    uint32 // number in Builder.subjects
	index      uint32 // number in Builder.indexes
	slab       uint32 // where its cited ids begin in Builder.slab; behind them its people, the author first
	at         int64  // Unix seconds, or unknown
	references uint8  // how many cited ids come from References
	inReplyTo  uint8  // how many, behind them, from In-Reply-To
	persons    uint8
	author     bool // the first person is the author
	answer     bool // the subject has a prefix
}

const unknown = math.MinInt64

// Builder takes in messages. It is not safe for use by several goroutines.
type Builder struct {
	ids, subjects, indexes *interner
	entries                rows.Rows[entry]
	slab                   rows.Rows[uint32] // numbers in ids, handles of people
}

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder {
	return &Builder{ids: newInterner(), subjects: newInterner(), indexes: newInterner()}
}

// Add takes in the next message: the i-th call is message i, from 0. The order does not matter.
func (b *Builder) Add(in Input) {
	// The text of an id is asked for where a message cites it that nobody holds.
	e := entry{id: b.ids.withoutText(bareID(in.MessageID)), at: unknown, slab: uint32(b.slab.Len())}
	if !in.At.IsZero() {
		e.at = in.At.Unix()
	}
	shown, _, answer := base(in.Subject)
	e.subject, e.answer = b.subjects.number(shown), answer
	e.index = b.indexes.number(conversationIndex(in.ThreadIndex))
	if b.slab.Len() < math.MaxUint32-2*mostReferences {
		refs := in.References
		if len(refs) > mostReferences {
			refs = slices.Concat(refs[:mostReferences/2], refs[len(refs)-mostReferences/2:])
		}
		e.references = b.cite(refs, e.id)
		e.inReplyTo = b.cite(in.InReplyTo[:min(len(in.InReplyTo), mostInReplyTo)], e.id)
		from := in.From[:min(len(in.From), 1)]
		to := in.People[:min(len(in.People), mostPeople)]
		for _, p := range slices.Concat(from, to) {
			b.slab.Add(uint32(p))
		}
		e.author, e.persons = len(from) > 0, uint8(len(from)+len(to))
	}
	b.entries.Add(e)
}

// cite keeps the ids, without the message's own one.
func (b *Builder) cite(ids []string, own uint32) (count uint8) {
	for _, id := range ids {
		if n := b.ids.number(bareID(id)); n != 0 && n != own {
			b.slab.Add(n)
			count++
		}
	}
	return count
}

// citedBy gives the ids that a message cites: those of References, then those of In-Reply-To.
func (b *Builder) citedBy(e *entry) iter.Seq2[uint32, ground] {
	return func(yield func(uint32, ground) bool) {
		for k := range int(e.references) + int(e.inReplyTo) {
			why := byReferences
			if k >= int(e.references) {
				why = byInReplyTo
			}
			if !yield(*b.slab.At(int(e.slab) + k), why) {
				return
			}
		}
	}
}

// peopleOf returns author and recipients; nil when neither is known.
func (b *Builder) peopleOf(e *entry) []uint32 {
	var all []uint32
	start := int(e.slab) + int(e.references) + int(e.inReplyTo)
	for k := range int(e.persons) {
		all = append(all, *b.slab.At(start + k))
	}
	return all
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
