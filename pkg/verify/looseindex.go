package verify

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"slices"
	"sort"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
)

// Held is an index of the messages of a dossier, for loose mail. It holds digests and keys, no texts: those are read again from the
// exhibits' files where a loose message may be one of them. It is safe for concurrent use.
type Held struct {
	fsys    fs.FS
	entries []entry
	keys    []place // by key, then by date
	limits  []string
}

// entry is one exhibit.
type entry struct {
	exhibit int
	file    string
	sum     digest.Digest // as recorded, of the file
	date    int64         // of the Date field, seconds since 1970; noDate without one
}

const noDate = math.MinInt64

// place says that an exhibit has a key. Two values may share a key: what is found by one is looked at before it is believed.
type place struct {
	key uint64
	at  int32 // in Held.entries
}

// property is what messages are found by.
type property byte

const (
	byDigest property = iota
	byCanonical
	byContent
	byID
	byFoldedID
	byLocalID
	byDate
	bySubject
	byFrom
	byText
	byCitation
	byEnclosed
	byEnclosedContent
)

// mostCited bounds how many of the messages that one exhibit cites are kept; the newest stand last in References (RFC 5322 §3.6.4).
const mostCited = 20

func keyOf(p property, value string) uint64 {
	h := fnv.New64a()
	h.Write([]byte{byte(p)})
	h.Write([]byte(value))
	return h.Sum64()
}

func digestKey(p property, d digest.Digest) uint64 { return keyOf(p, string(d[:])) }

// NewHeld reads all records of d once. fsys is the dossier directory. An error means that a record cannot be read.
func NewHeld(fsys fs.FS, d *dossier.Dossier) (*Held, error) {
	h := &Held{fsys: fsys}
	for r, err := range d.Messages {
		if err != nil {
			return nil, fmt.Errorf("dossier.json: messages: %w", err)
		}
		h.add(r)
	}
	slices.SortFunc(h.keys, func(a, b place) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		if c := cmp.Compare(h.entries[a.at].date, h.entries[b.at].date); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
	h.limits = selectionOf(d)
	return h, nil
}

// selectionOf tells why a message of the same mailbox may not be in the dossier.
func selectionOf(d *dossier.Dossier) []string {
	var all []string
	o := d.Options
	for _, x := range [...]struct{ name, value string }{{"since", o.Since}, {"until", o.Until}, {"participant", o.Participant}, {"thread", o.Thread}} {
		if x.value != "" {
			all = append(all, x.name+" "+quoted(x.value, 80))
		}
	}
	if len(all) > 0 {
		all = []string{"this dossier was built from a selection of its sources (" + strings.Join(all, ", ") + ")"}
	}
	if d.Ledger.Failed > 0 {
		all = append(all, counted(d.Ledger.Failed, "message or file", "messages or files")+" of its sources could not be read")
	}
	return all
}

func (h *Held) add(r *evidence.Record) {
	at := int32(len(h.entries))
	e := entry{exhibit: r.Exhibit, file: r.File, sum: r.Digests.Message, date: dateOf(r)}
	h.entries = append(h.entries, e)
	put := func(key uint64) { h.keys = append(h.keys, place{key, at}) }
	put(digestKey(byDigest, r.Digests.Message))
	put(digestKey(byCanonical, r.Digests.Canonical))
	put(digestKey(byContent, r.Digests.Content))
	for _, key := range idKeys(r.MessageID) {
		put(key)
	}
	if e.date != noDate {
		put(dateKey(e.date))
	}
	put(subjectKey(r))
	put(fromKey(r))
	if key, ok := textKey(r.Text); ok {
		put(key)
	}
	cited := append(slices.Clone(r.References), r.InReplyTo...)
	cited = cited[max(0, len(cited)-mostCited):]
	slices.Sort(cited)
	for _, id := range slices.Compact(cited) {
		put(keyOf(byCitation, id))
	}
	for queue := r.Nested; len(queue) > 0; queue = queue[1:] {
		inner := queue[0].Record
		if inner == nil {
			continue
		}
		put(digestKey(byEnclosed, inner.Digests.Message))
		put(digestKey(byEnclosedContent, inner.Digests.Content))
		queue = append(queue[:len(queue):len(queue)], inner.Nested...)
	}
}

// find returns the exhibits with the key, at most so many: those nearest to the date.
func (h *Held) find(key uint64, date int64, most int) []int32 {
	from := sort.Search(len(h.keys), func(i int) bool { return h.keys[i].key >= key })
	to := from + sort.Search(len(h.keys)-from, func(i int) bool { return h.keys[from+i].key > key })
	if to-from > most && date != noDate {
		middle := from + sort.Search(to-from, func(i int) bool { return h.entries[h.keys[from+i].at].date >= date })
		from = max(from, min(middle-most/2, to-most))
	}
	to = min(to, from+most)
	all := make([]int32, 0, to-from)
	for _, p := range h.keys[from:to] {
		all = append(all, p.at)
	}
	return all
}

func dateOf(r *evidence.Record) int64 {
	if r.Date.Time == nil {
		return noDate
	}
	return r.Date.Time.Unix()
}

func dateKey(date int64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(date))
	return keyOf(byDate, string(b[:]))
}

// idKeys are the keys of a Message-ID: as it stands, without brackets and case, and its left side alone, which survives a rewritten domain.
func idKeys(id string) []uint64 {
	if id == "" {
		return nil
	}
	folded := foldID(id)
	keys := []uint64{keyOf(byID, id), keyOf(byFoldedID, folded)}
	if local, _, _ := strings.Cut(folded, "@"); len(local) >= 8 {
		keys = append(keys, keyOf(byLocalID, local))
	}
	return keys
}

func foldID(id string) string {
	return strings.ToLower(strings.Trim(strings.Join(strings.Fields(id), ""), "<>"))
}

func subjectKey(r *evidence.Record) uint64 {
	return keyOf(bySubject, strings.ToLower(withoutTags(r.Subject)))
}

func fromKey(r *evidence.Record) uint64 {
	return keyOf(byFrom, strings.Join(bareAddresses(r.From), " "))
}

// textKey finds the same words under another header. Short texts are alike by chance.
func textKey(text string) (uint64, bool) {
	h := fnv.New64a()
	h.Write([]byte{byte(byText)})
	n := 0
	for word := range strings.FieldsSeq(text) {
		h.Write([]byte(word))
		h.Write([]byte{' '})
		n++
	}
	return h.Sum64(), n >= 8
}

// bareAddresses are the addresses in lower case, sorted.
func bareAddresses(list []message.Address) []string {
	all := make([]string, 0, len(list))
	for _, a := range list {
		all = append(all, strings.ToLower(a.Address))
	}
	slices.Sort(all)
	return all
}
