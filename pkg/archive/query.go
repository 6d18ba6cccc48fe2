package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// Query says which messages are looked for: those that fit all that is given.
type Query struct {
	From        string // an address, "@domain" or a part of an address; of From and Sender
	To          string // of To, Cc and Bcc
	Participant string // of any of them
	Subject     string // words, all of them
	Text        string // words of subject or text, all of them
	MessageID   string
	Since       *time.Time // Date is at or after it
	Until       *time.Time // and before it
	Limit       int        // the last so many that were taken in; 0: all
}

// Hit is a message that was found.
type Hit struct {
	Entry     int64         `json:"entry"` // its number in the log
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	Date      *time.Time    `json:"date"` // as it says itself
	MessageID string        `json:"message_id"`
	From      string        `json:"from"`
	Subject   string        `json:"subject"`
	Run       int64         `json:"run"`      // that took it in
	TakenIn   time.Time     `json:"taken_in"` // the clock of that run
	location  location
}

// Sighting says where a message was seen.
type Sighting struct {
	Path     string     `json:"path"`
	Offset   int64      `json:"offset"`         // when it was seen there first
	Since    time.Time  `json:"since"`          // the run that saw it there first
	Gone     *time.Time `json:"gone,omitempty"` // the run that did not see it there any more
	Envelope string     `json:"envelope_line,omitempty"`
}

// Reader answers questions. It takes no lock: it sees the store as the last whole run left it.
type Reader struct {
	Head   Head
	Behind int64 // runs that the index does not hold yet

	s       *Store
	ix      *index
	times   map[int64]time.Time
	sums    map[int64]digest.Digest // of segments
	segment int64                   // the open one
	file    oldFile
	frames  *frameReader
	log     *logReader
}

// ErrNoIndex: there is no index, or none of this version.
var ErrNoIndex = errors.New("there is no index of this store")

// Reader opens the index for questions.
func (s *Store) Reader() (*Reader, error) {
	head, err := s.head()
	if err != nil {
		return nil, err
	}
	r := &Reader{Head: head, s: s, times: map[int64]time.Time{}, sums: map[int64]digest.Digest{}}
	r.log = newLogReader(s.disk, s.packTiles, head.Checkpoint.Size)
	if head.Run == 0 {
		return r, nil
	}
	if r.ix, err = openIndex(s.index, false); err != nil {
		if errors.Is(err, errIndex) {
			err = ErrNoIndex
		}
		return nil, err
	}
	run, _, err := r.ix.indexed()
	if err == nil {
		r.Behind = max(0, head.Run-run)
		err = r.ix.each("SELECT number, time, segment FROM run", nil, func(row func(...any) error) error {
			var n, at int64
			var sum []byte
			if err := row(&n, &at, &sum); err != nil {
				return err
			}
			r.times[n] = time.Unix(at, 0).UTC()
			if len(sum) == len(digest.Digest{}) {
				r.sums[n] = digest.Digest(sum)
			}
			return nil
		})
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close frees what the Reader has opened.
func (r *Reader) Close() {
	r.closeSegment()
	r.log.close()
	if r.ix != nil {
		r.ix.close()
	}
}

func (r *Reader) closeSegment() {
	if r.file != nil {
		r.frames.close()
		r.file.Close()
		r.file, r.frames, r.segment = nil, nil, 0
	}
}

// condition is a part of a query.
type condition struct {
	text string
	args []any
}

func (r *Reader) addressIDs(like string) ([]any, error) {
	folded := foldAddress(strings.Trim(like, "<>"))
	text, arg := "SELECT id FROM address WHERE address = ?", any(folded)
	switch {
	case strings.HasPrefix(folded, "@"):
		text, arg = "SELECT id FROM address WHERE substr(address, -length(?1)) = ?1", folded
	case !strings.Contains(folded, "@"):
		text, arg = "SELECT id FROM address WHERE instr(address, ?) > 0", folded
	}
	var ids []any
	err := r.ix.each(text, []any{arg}, func(row func(...any) error) error {
		var id int64
		err := row(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// fewAddresses is how many addresses a query may be driven by.
const fewAddresses = 400

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// matchOf makes a query for FTS5 of words: all of them.
func matchOf(text, mark string) string {
	var w wordSet
	w.add(text, mark)
	var all []string
	for _, word := range strings.Fields(string(w.out)) {
		all = append(all, `"`+word+`"`)
	}
	return strings.Join(all, " ")
}

// entries gives the numbers of the messages that fit, the last one first.
func (r *Reader) entries(q Query) ([]int64, error) {
	if r.ix == nil {
		return nil, nil
	}
	from := "message m"
	var joined condition
	var where []condition
	driven := false
	if q.MessageID != "" {
		id := "<" + strings.Trim(strings.TrimSpace(q.MessageID), "<>") + ">"
		where = append(where, condition{"m.mid = ? AND m.message_id = ?", []any{midOf(id), id}})
		driven = true
	}
	for _, a := range [...]struct {
		like  string
		roles string
	}{{q.From, "1,2"}, {q.To, "3,4,5"}, {q.Participant, "1,2,3,4,5"}} {
		if a.like == "" {
			continue
		}
		ids, err := r.addressIDs(a.like)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, nil
		}
		if len(ids) > fewAddresses {
			// Too many for a list: the table of addresses is asked again.
			folded := foldAddress(strings.Trim(a.like, "<>"))
			where = append(where, condition{"EXISTS(SELECT 1 FROM correspondent c JOIN address a ON a.id = c.address WHERE c.entry = m.entry AND c.role IN (" + a.roles +
				") AND instr(a.address, ?) > 0)", []any{folded}})
			continue
		}
		if !driven {
			driven = true
			from = "(SELECT DISTINCT entry FROM correspondent WHERE address IN (" + marks(len(ids)) + ") AND role IN (" + a.roles + ")) d CROSS JOIN message m ON m.entry = d.entry"
			joined.args = ids
			continue
		}
		where = append(where, condition{"EXISTS(SELECT 1 FROM correspondent c WHERE c.address IN (" + marks(len(ids)) + ") AND c.entry = m.entry AND c.role IN (" + a.roles + "))", ids})
	}
	match := strings.TrimSpace(matchOf(q.Subject, subjectMark) + " " + matchOf(q.Text, ""))
	order := "m.entry"
	if match != "" {
		if driven {
			where = append(where, condition{"EXISTS(SELECT 1 FROM word WHERE word MATCH ? AND word.rowid = m.entry)", []any{match}})
		} else {
			from = "word CROSS JOIN message m ON m.entry = word.rowid"
			where = append(where, condition{"word MATCH ?", []any{match}})
			order = "word.rowid"
		}
	} else if q.Text != "" || q.Subject != "" {
		return nil, nil // nothing but punctuation
	}
	if q.Since != nil {
		where = append(where, condition{"m.date >= ?", []any{q.Since.Unix()}})
	}
	if q.Until != nil {
		where = append(where, condition{"m.date < ?", []any{q.Until.Unix()}})
	}
	text := "SELECT m.entry FROM " + from
	args := joined.args
	for i, c := range where {
		if i == 0 {
			text += " WHERE "
		} else {
			text += " AND "
		}
		text += c.text
		args = append(slices.Clip(args), c.args...)
	}
	text += " ORDER BY " + order + " DESC"
	if q.Limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", q.Limit)
	}
	var all []int64
	err := r.ix.each(text, args, func(row func(...any) error) error {
		var n int64
		err := row(&n)
		all = append(all, n)
		return err
	})
	return all, err
}

// Find gives the messages that fit, in the order in which they were taken in.
func (r *Reader) Find(ctx context.Context, q Query) iter.Seq2[Hit, error] {
	return func(yield func(Hit, error) bool) {
		all, err := r.entries(q)
		if err != nil {
			yield(Hit{}, err)
			return
		}
		for _, entry := range slices.Backward(all) {
			h, err := r.hit(entry)
			if err == nil {
				err = ctx.Err()
			}
			if !yield(h, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) hit(entry int64) (Hit, error) {
	h := Hit{Entry: entry}
	var sum []byte
	var date *int64
	into := append(h.location.columns(&sum), &date, &h.MessageID, &h.From, &h.Subject)
	ok, err := r.ix.get("SELECT "+locationColumns+", date, message_id, coalesce((SELECT address FROM address WHERE id = sender), ''), subject FROM message WHERE entry = ?", []any{entry}, into...)
	if err == nil && (!ok || len(sum) != len(h.Digest)) {
		err = fmt.Errorf("%w: message %d is missing", errIndex, entry)
	}
	if err != nil {
		return h, err
	}
	h.Digest = digest.Digest(sum)
	h.location.digest = h.Digest
	h.Size, h.Run, h.TakenIn = h.location.size, h.location.run, r.times[h.location.run]
	if date != nil {
		t := time.Unix(*date, 0).UTC()
		h.Date = &t
	}
	return h, nil
}

// Sightings says where a message was seen, in the order of runs.
func (r *Reader) Sightings(entry int64) ([]Sighting, error) {
	var all []Sighting
	err := r.ix.each(`SELECT d.path, s.name, g.offset, g.run, g.gone, coalesce(g.envelope, '') FROM sighting g JOIN source s ON s.id = g.source JOIN dir d ON d.id = s.dir
		WHERE g.entry = ? ORDER BY g.run, g.source, g.offset`, []any{entry}, func(row func(...any) error) error {
		var s Sighting
		var dir, name, envelope []byte
		var run, gone int64
		if err := row(&dir, &name, &s.Offset, &run, &gone, &envelope); err != nil {
			return err
		}
		s.Path, s.Envelope, s.Since = string(dir)+string(name), string(envelope), r.times[run]
		if gone > 0 {
			t := r.times[gone]
			s.Gone = &t
		}
		all = append(all, s)
		return nil
	})
	return all, err
}

// open opens the segment of a run.
func (r *Reader) open(run int64) error {
	if r.segment == run && r.file != nil {
		return nil
	}
	r.closeSegment()
	sum, ok := r.sums[run]
	if !ok {
		return fmt.Errorf("%w: run %d has no segment", errIndex, run)
	}
	f, err := r.s.disk.Open(segmentName(run, sum))
	if err != nil {
		return err
	}
	frames, err := newFrameReader(f)
	if err != nil {
		f.Close()
		return err
	}
	r.segment, r.file, r.frames = run, f, frames
	return nil
}

// Copy writes the bytes of a message. Only if it returns without an error they are whole, and have its digest.
func (r *Reader) Copy(w io.Writer, h Hit) error {
	if err := r.open(h.location.run); err != nil {
		return err
	}
	return r.frames.copy(w, h.location)
}

// Beginning gives the bytes of a message, at most the first 4 MiB. They are valid until the next call.
func (r *Reader) Beginning(h Hit) (source.Bytes, error) {
	if err := r.open(h.location.run); err != nil {
		return nil, err
	}
	d := docReader{frames: r.frames}
	return d.beginning(h.location)
}

// maxThread bounds a thread.
const maxThread = 100_000

// Thread gives the messages that belong together by what they cite, the one with this Message-ID among them, in the order in which they were taken in. Messages that
// are only cited connect those that cite them.
func (r *Reader) Thread(ctx context.Context, messageID string) ([]Hit, error) {
	if r.ix == nil {
		return nil, nil
	}
	start := "<" + strings.Trim(strings.TrimSpace(messageID), "<>") + ">"
	ids := map[string]bool{start: true}
	found := map[int64]Hit{}
	for queue := []string{start}; len(queue) > 0 && len(found) < maxThread; queue = queue[1:] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		id := queue[0]
		var entries []int64
		err := r.ix.each("SELECT entry FROM message WHERE mid = ?1 UNION SELECT entry FROM cites WHERE mid = ?1", []any{midOf(id)}, func(row func(...any) error) error {
			var n int64
			err := row(&n)
			entries = append(entries, n)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if _, ok := found[entry]; ok {
				continue
			}
			h, err := r.hit(entry)
			if err != nil {
				return nil, err
			}
			own, err := r.identifiers(h)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(own, id) {
				continue // another identifier with the same beginning of its hash
			}
			found[entry] = h
			for _, other := range own {
				if !ids[other] {
					ids[other] = true
					queue = append(queue, other)
				}
			}
		}
	}
	all := make([]Hit, 0, len(found))
	for _, h := range found {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b Hit) int { return int(a.Entry - b.Entry) })
	return all, nil
}

// identifiers gives the Message-ID of a message and those that it cites.
func (r *Reader) identifiers(h Hit) ([]string, error) {
	raw, err := r.Beginning(h)
	if err != nil {
		return nil, err
	}
	header, err := message.ReadHeader(message.Bytes(raw), indexLimits())
	if err != nil {
		return nil, err
	}
	var all []string
	for _, name := range [...]string{"Message-ID", "In-Reply-To", "References"} {
		for _, f := range header.All(name) {
			ids := message.ParseMessageIDs(f.Unfolded())
			if name == "Message-ID" && len(ids) > 1 {
				ids = ids[:1]
			}
			all = append(all, ids...)
		}
	}
	return all, nil
}

// Proof says of a message that it is in the log of the last checkpoint, in the form of c2sp.org/tlog-proof.
func (r *Reader) Proof(entry int64) (merkle.Proof, error) {
	path, err := r.log.source().Inclusion(r.Head.Checkpoint.Size, entry)
	return merkle.Proof{Index: entry, Path: path, Checkpoint: r.Head.Signed}, err
}

// Entry gives the bytes that the log holds of a message.
func Entry(d digest.Digest) []byte { return messageEntry(d) }

// Status is what can be said of a store without looking at its bytes.
type Status struct {
	Store        string       `json:"store"`
	Origin       string       `json:"origin"`
	PublicKey    string       `json:"public_key"`
	CreatedAt    time.Time    `json:"created_at"`
	Runs         int64        `json:"runs"` // that recorded something
	Entries      int64        `json:"entries"`
	Messages     int64        `json:"messages"`
	MessageBytes int64        `json:"message_bytes"`
	Sources      int64        `json:"sources"` // files that are there
	Gone         []GoneSource `json:"gone"`    // files that are not any more, the last ones
	GoneFiles    int64        `json:"gone_files"`
	GoneMessages int64        `json:"gone_messages"` // sightings that are no more; the messages are kept
	Files        int64        `json:"files"`         // of the store
	Bytes        int64        `json:"bytes"`
	SegmentBytes int64        `json:"segment_bytes"`
	IndexBytes   int64        `json:"index_bytes"`
	LogBytes     int64        `json:"log_bytes"`
	Behind       int64        `json:"index_behind"`
	Unfinished   int64        `json:"unfinished_runs"` // committed, and to be finished by the next run
	Checkpoint   string       `json:"checkpoint"`      // the last one, as it is signed
	LastRun      *LastRun     `json:"last_run"`
	Lock         *Holder      `json:"lock"`
}

// GoneSource is a file that is there no more.
type GoneSource struct {
	Path     string    `json:"path"`
	Since    time.Time `json:"since"`
	Messages int64     `json:"messages"`
}

const shownGone = 20

// Status looks at a store.
func (s *Store) Status() (*Status, error) {
	r, err := s.Reader()
	if err != nil && !errors.Is(err, ErrNoIndex) {
		return nil, err
	}
	st := &Status{Store: s.dir, Origin: s.Config.Origin, PublicKey: s.Config.PublicKey, CreatedAt: s.Config.CreatedAt, Gone: []GoneSource{}}
	if err == nil {
		defer r.Close()
		st.Behind = r.Behind
		if err := r.count(st); err != nil {
			return nil, err
		}
	}
	head, err := s.head()
	if err != nil {
		return nil, err
	}
	if r == nil {
		st.Behind = head.Run
	}
	runs, err := numbered(s.disk, segmentDir, ".manifest")
	if err != nil {
		return nil, err
	}
	st.Runs, st.Entries, st.Checkpoint, st.Unfinished = head.Run, head.Checkpoint.Size, string(head.Signed), int64(len(runs))-head.Run
	if st.LastRun, err = s.readLastRun(); err != nil {
		return nil, err
	}
	if st.Lock, err = s.LockHolder(); err != nil {
		return nil, err
	}
	return st, s.sizes(st)
}

func (r *Reader) count(st *Status) error {
	if r.ix == nil {
		return nil
	}
	for _, c := range [...]struct {
		text string
		into *int64
	}{{"SELECT count(*) FROM message", &st.Messages}, {"SELECT coalesce(sum(size), 0) FROM message", &st.MessageBytes}, {"SELECT count(*) FROM source WHERE gone = 0", &st.Sources},
		{"SELECT count(*) FROM source WHERE gone > 0", &st.GoneFiles}, {"SELECT count(*) FROM sighting WHERE gone > 0 AND grew = 0", &st.GoneMessages}} {
		if _, err := r.ix.get(c.text, nil, c.into); err != nil {
			return err
		}
	}
	return r.ix.each(`SELECT d.path, s.name, s.gone, (SELECT count(*) FROM sighting g WHERE g.source = s.id AND g.gone = s.gone) FROM source s JOIN dir d ON d.id = s.dir
		WHERE s.gone > 0 ORDER BY s.gone DESC, d.path, s.name LIMIT ?`, []any{shownGone}, func(row func(...any) error) error {
		var dir, name []byte
		var gone, n int64
		err := row(&dir, &name, &gone, &n)
		st.Gone = append(st.Gone, GoneSource{string(dir) + string(name), r.times[gone], n})
		return err
	})
}

// sizes adds up the files of the store.
func (s *Store) sizes(st *Status) error {
	for queue := []string{"."}; len(queue) > 0; queue = queue[1:] {
		list, err := s.disk.ReadDir(queue[0])
		if err != nil {
			return err
		}
		for _, e := range list {
			name := path.Join(queue[0], e.Name())
			if e.IsDir() {
				queue = append(queue, name)
				continue
			}
			info, err := e.Info()
			if isNotExist(err) {
				continue // a run goes on
			}
			if err != nil {
				return err
			}
			st.Files++
			st.Bytes += info.Size()
			switch {
			case strings.HasPrefix(name, segmentDir+"/") && strings.HasSuffix(name, ".zst"):
				st.SegmentBytes += info.Size()
			case strings.HasPrefix(name, indexFile):
				st.IndexBytes += info.Size()
			case strings.HasPrefix(name, logDir+"/"):
				st.LogBytes += info.Size()
			}
		}
	}
	return nil
}

// EntryOf finds a message by the digest of its bytes.
func (r *Reader) EntryOf(d digest.Digest) (int64, bool, error) {
	if r.ix == nil {
		return 0, false, nil
	}
	return r.ix.entryOf(d)
}
