package archive

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"

	"onrecord/pkg/datetime"
	"onrecord/pkg/digest"
	"onrecord/pkg/message"
)

const (
	jobRecords   = 8192     // lines of a manifest that are one job at most
	batchRecords = 20_000   // lines after which the index is committed
	indexedText  = 64 << 10 // bytes of a message's text that can be found
	maxCited     = 64       // Message-IDs that a message is found by: it may cite more
	readers      = 2        // frames that are read at the same time
	maxSubject   = 300      // bytes of a subject that are shown
)

// role says how an address stands in a message.
type role int

const (
	roleFrom role = iota + 1
	roleSender
	roleTo
	roleCc
	roleBcc
	roleReplyTo
)

// correspondent is an address of a message.
type correspondent struct {
	role    role
	address string
}

// document is what the index keeps of a message.
type document struct {
	record
	location
	entry     int64
	date      *int64
	messageID string
	sender    string
	subject   string
	people    []correspondent
	cites     []int64
	words     string
}

// midOf is a Message-ID as SQLite's integer.
func midOf(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// piece is a part of a manifest: lines, and the frame that holds the new messages among them.
type piece struct {
	records []record
	at      int64 // of the frame
	length  int64
	size    int64
	first   int64 // the number of the first new message
	docs    []document
	err     error
	done    chan struct{}
}

// layout is what a manifest says of its segment.
type layout struct {
	head     manifestHead
	frames   []frame
	segment  digest.Digest
	size     int64
	messages int64
}

// readLayout reads a manifest once for the frames, which stand at its end, and checks that they fit its messages.
func (s *Store) readLayout(run int64) (layout, error) {
	m, err := s.manifest(run)
	if err != nil {
		return layout{}, err
	}
	defer m.close()
	l := layout{head: m.Head}
	var sizes []int64
	for r, err := range m.records() {
		if err != nil {
			return l, fmt.Errorf("%s: %w", manifestName(run), err)
		}
		switch r.kind {
		case kindNew:
			sizes = append(sizes, r.size)
		case kindFrame:
			l.frames = append(l.frames, frame{r.count, r.length, r.size})
		case kindSegment:
			l.segment, l.size = r.digest, r.size
		}
	}
	l.messages = int64(len(sizes))
	var length int64
	for _, f := range l.frames {
		if f.messages > int64(len(sizes)) {
			return l, fmt.Errorf("%s: its frames hold more messages than it names", manifestName(run))
		}
		var tarred int64
		for _, size := range sizes[:f.messages] {
			tarred += padded(size)
		}
		if f.messages > 0 && tarred != f.size || f.messages == 0 && len(sizes) > 0 {
			return l, fmt.Errorf("%s: a frame of %d bytes does not hold its messages", manifestName(run), f.size)
		}
		sizes = sizes[f.messages:]
		if length += f.length; length > l.size {
			break
		}
	}
	if len(sizes) > 0 || length != l.size {
		return l, fmt.Errorf("%s: its frames are not its segment", manifestName(run))
	}
	return l, nil
}

// pieces cuts a manifest into pieces, the same way each time.
func pieces(m *manifestFile, l layout) iter.Seq2[*piece, error] {
	return func(yield func(*piece, error) bool) {
		next, at, entry := 0, int64(0), l.head.First
		p := &piece{first: entry}
		var fresh int64
		for r, err := range m.records() {
			if err != nil {
				yield(nil, err)
				return
			}
			p.records = append(p.records, r)
			if r.kind == kindNew {
				fresh++
				entry++
			}
			full := fresh > 0 && fresh == l.frames[next].messages
			if !full && (fresh > 0 || len(p.records) < jobRecords) {
				continue
			}
			if full {
				f := l.frames[next]
				p.at, p.length, p.size = at, f.length, f.size
				at += f.length
				next++
			}
			if !yield(p, nil) {
				return
			}
			p, fresh = &piece{first: entry}, 0
		}
		if len(p.records) > 0 {
			yield(p, nil)
		}
	}
}

// catchUp reads into the index what committed runs recorded since. It can be cut off anywhere and goes on from there.
func (ix *index) catchUp(ctx context.Context, s *Store, upto int64) error {
	for {
		run, jobs, err := ix.indexed()
		if err != nil {
			return err
		}
		if run >= upto {
			return nil
		}
		if err := ix.fillRun(ctx, s, run+1, jobs); err != nil {
			ix.rollback()
			return err
		}
	}
}

// fillRun reads one run, without its first jobs, which stand there already.
func (ix *index) fillRun(ctx context.Context, s *Store, run, skip int64) error {
	l, err := s.readLayout(run)
	if err != nil {
		return err
	}
	m, err := s.manifest(run)
	if err != nil {
		return err
	}
	defer m.close()
	var segment oldFile
	if l.size > 0 {
		if segment, err = s.disk.Open(segmentName(run, l.segment)); err != nil {
			return err
		}
		defer segment.Close()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan *piece, readers)
	order := make(chan *piece, 2*readers)
	var readErr error
	f := &filler{ix: ix, run: run, addresses: map[string]int64{}, dirs: map[string]int64{}}
	go func() {
		defer close(order)
		defer close(work)
		n := int64(0)
		for p, err := range pieces(m, l) {
			if err != nil {
				readErr = err
				return
			}
			p.done = make(chan struct{})
			if n++; n <= skip {
				close(p.done)
			} else {
				select {
				case work <- p:
				case <-ctx.Done():
					readErr = ctx.Err()
					return
				}
			}
			select {
			case order <- p:
			case <-ctx.Done():
				readErr = ctx.Err()
				return
			}
		}
	}()
	for range readers {
		go func() {
			r := &docReader{run: run}
			for p := range work {
				if p.size > 0 {
					p.docs, p.err = r.read(segment, p)
				}
				close(p.done)
			}
			r.close()
		}()
	}
	// The goroutines end before the segment is closed.
	defer func() {
		cancel()
		for p := range order {
			<-p.done
		}
	}()
	if err := ix.begin(); err != nil {
		return err
	}
	n, pending := int64(0), 0
	for p := range order {
		<-p.done
		if p.err != nil {
			return p.err
		}
		n++
		if err := f.apply(p, n <= skip); err != nil {
			return err
		}
		if n <= skip {
			continue
		}
		if pending += len(p.records); pending >= batchRecords {
			pending = 0
			if err := ix.setMeta("jobs", n); err != nil {
				return err
			}
			if err := ix.commit(); err != nil {
				return err
			}
			if err := ix.begin(); err != nil {
				return err
			}
		}
	}
	if readErr != nil {
		return readErr
	}
	sum, err := s.manifestDigest(run)
	if err != nil {
		return err
	}
	var segmentSum any
	if l.size > 0 {
		segmentSum = l.segment[:]
	}
	if err := ix.do("INSERT INTO run VALUES(?, ?, ?, ?, ?, ?, ?, ?)", run, l.head.Time.Unix(), l.head.Tool, sum[:], l.head.First, l.messages, segmentSum, l.size); err != nil {
		return err
	}
	if err := ix.setMeta("run", run); err != nil {
		return err
	}
	if err := ix.setMeta("jobs", 0); err != nil {
		return err
	}
	return ix.commit()
}

// docReader reads messages out of frames.
type docReader struct {
	run    int64
	frames *frameReader
	words  wordSet
}

func (r *docReader) close() {
	if r.frames != nil {
		r.frames.close()
	}
}

func (r *docReader) read(segment oldFile, p *piece) ([]document, error) {
	if r.frames == nil {
		var err error
		if r.frames, err = newFrameReader(segment); err != nil {
			return nil, err
		}
	}
	docs := make([]document, 0, 64)
	pos, entry := int64(tarBlock), p.first
	for _, rec := range p.records {
		if rec.kind != kindNew {
			continue
		}
		d := document{record: rec, entry: entry, location: location{run: r.run, at: p.at, length: p.length, pos: pos, size: rec.size, digest: rec.digest}}
		pos += padded(rec.size)
		entry++
		raw, err := r.beginning(d.location)
		if err != nil {
			return nil, fmt.Errorf("segment of run %d: %w", r.run, err)
		}
		if err := r.describe(&d, raw); err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return docs, nil
}

// beginning gives a message, of a very large one its beginning. Its digest is not looked at: the index proves nothing.
func (r *docReader) beginning(l location) ([]byte, error) {
	if l.size <= maxWhole {
		return r.frames.slice(l)
	}
	b := &limitedBuffer{most: maxWhole}
	if err := r.frames.copy(b, l); err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return b.b, nil
}

// errEnough ends a copy of which enough was seen.
var errEnough = errors.New("enough")

type limitedBuffer struct {
	b    []byte
	most int
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	n := min(len(p), l.most-len(l.b))
	l.b = append(l.b, p[:n]...)
	if n < len(p) {
		return n, errEnough
	}
	return n, nil
}

// indexLimits bound what is read for the index.
func indexLimits() message.Limits {
	l := message.DefaultLimits()
	l.TextBytes, l.Defects = indexedText, 1
	return l
}

func (r *docReader) describe(d *document, raw []byte) error {
	m, err := message.Read(message.Bytes(raw), indexLimits())
	if err != nil {
		return err
	}
	seen := map[correspondent]bool{}
	cited := map[int64]bool{}
	cite := func(body string, most int) {
		ids := message.ParseMessageIDs(body)
		// The first names the thread, the last ones what is answered.
		if len(ids) > most {
			ids = append(ids[:most/2:most/2], ids[len(ids)-most/2:]...)
		}
		for _, id := range ids {
			if mid := midOf(id); !cited[mid] {
				cited[mid] = true
				d.cites = append(d.cites, mid)
			}
		}
	}
	for _, f := range m.Header {
		as := role(0)
		switch strings.ToLower(f.Name) {
		case "from":
			as = roleFrom
		case "sender":
			as = roleSender
		case "to":
			as = roleTo
		case "cc":
			as = roleCc
		case "bcc":
			as = roleBcc
		case "reply-to":
			as = roleReplyTo
		case "date":
			if t, err := datetime.Parse(f.Unfolded()); err == nil && d.date == nil {
				at := t.Time.Unix()
				d.date = &at
			}
		case "message-id":
			if ids := message.ParseMessageIDs(f.Unfolded()); d.messageID == "" && len(ids) > 0 {
				d.messageID = strings.ToValidUTF8(ids[0], "\uFFFD")
			}
		case "subject":
			if d.subject == "" {
				d.subject = clipText(strings.ToValidUTF8(f.Decoded(), "\uFFFD"), maxSubject)
			}
		case "in-reply-to", "references":
			cite(f.Unfolded(), maxCited)
		}
		if as == 0 || len(d.people) > 5000 {
			continue
		}
		list, _ := message.ParseAddressList(f)
		for _, a := range list {
			c := correspondent{as, foldAddress(a.Address)}
			if c.address == "" || seen[c] {
				continue
			}
			seen[c] = true
			d.people = append(d.people, c)
			if as == roleFrom && d.sender == "" {
				d.sender = c.address
			}
		}
	}
	r.words.reset()
	r.words.add(d.subject, "")
	r.words.add(d.subject, subjectMark)
	r.words.add(m.Text, "")
	d.words = string(r.words.out)
	return nil
}

// foldAddress is the form in which addresses are compared.
func foldAddress(a string) string {
	return clip(strings.ToLower(strings.ToValidUTF8(strings.TrimSpace(a), "\uFFFD")), 320)
}

func clipText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
