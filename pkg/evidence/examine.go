package evidence

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"onrecord/pkg/datetime"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/mbox"
	"onrecord/pkg/message"
	"onrecord/pkg/smime"
	"onrecord/pkg/source"
	"onrecord/pkg/trace"
)

// Examiner examines messages. It is safe for concurrent use; its fields are set before the first use.
type Examiner struct {
	Limits message.Limits
	// Keys finds DKIM public keys; nil leaves every signature unchecked.
	Keys dkim.Lookup
	// Trust names servers (authserv-ids of RFC 8601, domains of ARC sealers) whose results are believed where their place in the header allows it,
	// besides those that the Received fields show to be the receiver's own.
	Trust []string
	// Signers are the roots and keys that people's own signatures are checked with; nil: none are at hand.
	Signers *smime.Keys
	// Now is the moment against which a signature's expiry is judged.
	Now time.Time
	// Spool gives room for a message too large to be held in memory that has to be un-quoted. Nil refuses such messages.
	Spool func() (Spool, error)

	scratch sync.Pool // of *scratch
	lists   addressLists
}

// Spool is a temporary file.
type Spool interface {
	io.Writer
	io.ReaderAt
	io.Closer // removes it
}

// Examined is a message with its record.
type Examined struct {
	Record *Record
	// Message is the message after un-quoting: the bytes that Record.Digests.Message is the digest of. Valid until Close.
	Message source.Content
	// Reports are its parts that speak of another message.
	Reports []Report
	// Returned is the Message-ID of the message that it brings back, whole or its header alone, as bounces do; "" if none.
	Returned string
	closer   io.Closer
}

// Report is the text of a message/disposition-notification (RFC 8098) or message/delivery-status (RFC 3464) part.
type Report struct {
	MediaType string
	Body      string
}

// Close frees what the message was spooled in.
func (e *Examined) Close() error {
	if e.closer == nil {
		return nil
	}
	return e.closer.Close()
}

// bounds on messages inside of messages.
const (
	maxNestedDepth = 10
	maxNested      = 200
)

// Examine reads one item. Malformed mail gives a record with defects; an error means that the item could not be read.
func (x *Examiner) Examine(ctx context.Context, item source.Item) (*Examined, error) {
	e := &Examined{Message: item.Raw, Record: &Record{Origin: item.Origin, Copies: []Copy{}, Size: item.Raw.Size()}}
	raw, err := x.read(item, e)
	if err != nil {
		e.Close()
		return nil, err
	}
	m, err := message.Read(e.Message, x.Limits)
	if err != nil {
		e.Close()
		return nil, err
	}
	e.Record.Size = e.Message.Size()
	if err := x.facts(ctx, e.Record, m, e.Message); err != nil {
		e.Close()
		return nil, err
	}
	if e.Record.Digests.Raw = raw; raw.IsZero() {
		e.Record.Digests.Raw = e.Record.Digests.Message
	}
	if e.Reports, err = reports(m); err == nil {
		err = x.nested(ctx, e.Record, m)
	}
	if err == nil && len(e.Reports) > 0 {
		e.Returned, err = x.returned(e.Record, m)
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// work is a message whose message/rfc822 parts are still to be examined.
type work struct {
	record *Record
	m      *message.Message
	depth  int
}

// nested examines message/rfc822 parts, and those inside of them, with a queue.
func (x *Examiner) nested(ctx context.Context, top *Record, m *message.Message) error {
	left, room := maxNested, x.Limits.NestedBytes // in all: what is still to be examined is held in memory
	for queue := []work{{top, m, 1}}; len(queue) > 0; queue = queue[1:] {
		w := queue[0]
		for _, p := range w.m.Parts {
			if !isMessagePart(p) {
				continue
			}
			if w.depth > maxNestedDepth || left == 0 {
				w.record.Defects = append(w.record.Defects, message.Defect{Kind: message.DepthLimit, Offset: p.Offset,
					Detail: fmt.Sprintf("part %s: message inside of a message not examined: deeper than %d or more than %d in all", p.Path, maxNestedDepth, maxNested)})
				break
			}
			left--
			content, err := readPart(w.m, p, room+1)
			if err != nil {
				return err
			}
			if int64(len(content)) > room {
				w.record.Defects = append(w.record.Defects, message.Defect{Kind: message.DepthLimit, Offset: p.Offset,
					Detail: fmt.Sprintf("part %s: message inside of a message not examined: more than %d bytes of them in all", p.Path, x.Limits.NestedBytes)})
				continue
			}
			room -= int64(len(content))
			inner := &Record{Copies: []Copy{}, Size: int64(len(content)),
				Origin: source.Origin{Source: w.record.Origin.Source, Offset: w.record.Origin.Offset, Length: int64(len(content))}}
			im, err := message.Read(message.Bytes(content), x.Limits)
			if err != nil {
				return err
			}
			if err := x.facts(ctx, inner, im, source.Bytes(content)); err != nil {
				return err
			}
			inner.Digests.Raw = inner.Digests.Message
			inner.Export = nil // it was not exported by itself
			w.record.Nested = append(w.record.Nested, Nested{Part: p.Path, Record: inner})
			queue = append(queue, work{inner, im, w.depth + 1})
		}
	}
	return nil
}

// readPart returns the decoded content of p, at most limit bytes of it.
func readPart(m *message.Message, p message.Part, limit int64) ([]byte, error) {
	r, err := m.Open(p)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, limit))
}

// maxReport bounds what is read of a report part.
const maxReport = 64 << 10

// reports reads the parts that speak of another message: read receipts and delivery reports.
func reports(m *message.Message) ([]Report, error) {
	var all []Report
	for _, p := range m.Parts {
		if p.ContentType != "message/disposition-notification" && p.ContentType != "message/delivery-status" {
			continue
		}
		body, err := readPart(m, p, maxReport)
		if err != nil {
			return nil, err
		}
		all = append(all, Report{MediaType: p.ContentType, Body: string(body)})
	}
	return all, nil
}

// returned finds the Message-ID of the message that a report brings back (RFC 3462 §2: message/rfc822 or text/rfc822-headers).
func (x *Examiner) returned(r *Record, m *message.Message) (string, error) {
	for _, n := range r.Nested {
		if n.Record.MessageID != "" {
			return n.Record.MessageID, nil
		}
	}
	for _, p := range m.Parts {
		if p.ContentType != "text/rfc822-headers" && p.ContentType != "message/rfc822-headers" {
			continue
		}
		text, err := readPart(m, p, maxReport)
		if err != nil {
			return "", err
		}
		h, err := message.ReadHeader(message.Bytes(text), x.Limits)
		if err != nil {
			return "", err
		}
		if f, ok := h.First("Message-ID"); ok {
			return firstID(f), nil
		}
	}
	return "", nil
}

func isMessagePart(p message.Part) bool {
	return p.ContentType == "message/rfc822" || p.ContentType == "message/global"
}

// facts fills the record of a message from its bytes.
func (x *Examiner) facts(ctx context.Context, r *Record, m *message.Message, content source.Content) error {
	r.Defects = m.Defects
	if r.Defects == nil {
		r.Defects = []message.Defect{}
	}
	r.Parts = m.Parts
	if r.Parts == nil {
		r.Parts = []message.Part{}
	}
	r.Nested = []Nested{}
	r.Text, r.TextSource, r.RemoteContent = m.Text, m.TextSource, m.RemoteContent
	s, ok := x.scratch.Get().(*scratch)
	if !ok {
		s = &scratch{canonical: newCanonical(), whole: sha256.New()}
	}
	defer x.scratch.Put(s)
	x.header(r, m)
	x.trace(r, m)
	if err := x.authentication(ctx, r, m, content); err != nil {
		return err
	}
	if err := x.signed(r, m, content); err != nil {
		return err
	}
	r.Recorded = recorded(r)
	r.clocks(m.Header)
	r.traces()
	return digests(r, m, content, s)
}

func (x *Examiner) header(r *Record, m *message.Message) {
	r.Header = headerFields(m.Header)
	if f, ok := m.Header.First("Message-ID"); ok {
		r.MessageID = firstID(f)
	}
	r.InReplyTo = ids(m.Header, "In-Reply-To")
	r.References = ids(m.Header, "References")
	r.Subject = m.Header.Text("Subject")
	for _, a := range []struct {
		name string
		to   *[]message.Address
	}{{"From", &r.From}, {"Sender", &r.Sender}, {"Reply-To", &r.ReplyTo}, {"To", &r.To}, {"Cc", &r.Cc}, {"Bcc", &r.Bcc}} {
		*a.to = []message.Address{}
		for _, f := range m.Header {
			if !f.Is(a.name) {
				continue
			}
			list, defects := x.lists.parse(f)
			*a.to = append(*a.to, list...)
			r.Defects = append(r.Defects, defects...)
		}
	}
	r.Date.Notes = []string{}
	if f, ok := m.Header.First("Date"); ok {
		body := bytes.TrimSpace(f.Body())
		r.Date.Raw, r.Date.RawBase64 = verbatim(body)
		d, err := datetime.Parse(string(body))
		if err != nil {
			r.Date.Notes = append(r.Date.Notes, err.Error())
		} else {
			t := d.Time
			r.Date.Time = &t
			r.Date.Notes = append(r.Date.Notes, d.Notes...)
		}
	}
}

// headerFields gives the fields as text. Where the whole header is UTF-8, as nearly always, all of them share one string.
func headerFields(h message.Header) []HeaderField {
	fields := make([]HeaderField, len(h))
	size := 0
	for i := range h {
		size += len(h[i].Raw)
	}
	var all strings.Builder
	all.Grow(size)
	for i := range h {
		all.Write(h[i].Raw)
	}
	if text := all.String(); utf8.ValidString(text) {
		at := 0
		for i := range h {
			end := at + len(h[i].Raw)
			fields[i] = HeaderField{Name: strings.ToValidUTF8(h[i].Name, "�"), Raw: text[at:end]}
			at = end
		}
		return fields
	}
	for i, f := range h {
		fields[i].Name = strings.ToValidUTF8(f.Name, "�")
		fields[i].Raw, fields[i].RawBase64 = verbatim(f.Raw)
	}
	return fields
}

// verbatim returns b as text, and its base64 form when it is not UTF-8 and so the text cannot give the bytes back.
func verbatim(b []byte) (text, encoded string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	return strings.ToValidUTF8(string(b), "�"), base64.StdEncoding.EncodeToString(b)
}

// firstID returns the value up to the first ">" with its brackets, or, without brackets, the first word.
func firstID(f message.Field) string {
	if ids := message.ParseMessageIDs(f.Unfolded()); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

func ids(h message.Header, name string) []string {
	all := []string{}
	for _, f := range h {
		if f.Is(name) {
			all = append(all, message.ParseMessageIDs(f.Unfolded())...)
		}
	}
	return all
}

func (x *Examiner) trace(r *Record, m *message.Message) {
	hops := 0
	for i := range m.Header {
		if m.Header[i].Is("Received") {
			hops++
		}
	}
	r.Received = make([]trace.Received, 0, hops)
	r.Delivery = Delivery{ReturnPath: []string{}, DeliveredTo: []string{}, OriginalTo: []string{}}
	for _, f := range m.Header {
		switch {
		case f.Is("Received"):
			r.Received = append(r.Received, trace.ParseReceived(f.Body()))
		case f.Is("Return-Path"):
			r.Delivery.ReturnPath = append(r.Delivery.ReturnPath, trace.ParseReturnPath(f.Body()))
		case f.Is("Delivered-To"):
			r.Delivery.DeliveredTo = append(r.Delivery.DeliveredTo, f.Unfolded())
		case f.Is("X-Original-To"):
			r.Delivery.OriginalTo = append(r.Delivery.OriginalTo, f.Unfolded())
		}
	}
	trace.Delays(r.Received)
	gaps(r.Received)
}

// recorded picks the best time that somebody other than the sender's program gives, and says on what basis.
func recorded(r *Record) Instant {
	for _, hop := range r.Received {
		if hop.Time != nil {
			return Instant{Time: hop.Time, Basis: BasisTrace}
		}
	}
	for _, s := range r.Authentication.DKIM {
		if s.Signature == dkim.Valid && s.SignedAt != nil {
			return Instant{Time: s.SignedAt, Basis: BasisSignature}
		}
	}
	if _, when, _, ok := mbox.ParseFromLine([]byte(r.Origin.EnvelopeLine)); ok && !when.IsZero() {
		return Instant{Time: &when, Basis: BasisEnvelope}
	}
	if r.Date.Time != nil {
		return Instant{Time: r.Date.Time, Basis: BasisOrigination}
	}
	return Instant{Basis: BasisNone}
}

// plausible is how far a Date field may lie from the first hop's time and still be taken for the time of writing.
const plausible = 24 * time.Hour

// Sent is the time at which the message was written: the Date field where it fits the first hop that a server recorded, or where no server
// recorded any; else that hop's time; else the next best, with its basis.
func (r *Record) Sent() Instant {
	var first *time.Time
	for i := len(r.Received) - 1; i >= 0 && first == nil; i-- {
		first = r.Received[i].Time
	}
	switch {
	case r.Date.Time != nil && (first == nil || first.Sub(*r.Date.Time).Abs() <= plausible):
		return Instant{Time: r.Date.Time, Basis: BasisOrigination}
	case first != nil:
		return Instant{Time: first, Basis: BasisTrace}
	}
	return r.Recorded
}

// digests computes the identities of the message (architecture: three identities that never merge).
func digests(r *Record, m *message.Message, content source.Content, s *scratch) error {
	canonical := s.canonical
	headerEnd, bodyStart := m.HeaderLength, m.BodyOffset
	if b, ok := content.(source.Bytes); ok {
		s.whole.Reset()
		s.whole.Write(b[:headerEnd])
		r.Digests.Header = digest.Sum(s.whole)
		s.whole.Write(b[headerEnd:])
		r.Digests.Message = digest.Sum(s.whole)
		r.Digests.Body = digest.Of(b[bodyStart:])
		canonical.Write(b)
	} else {
		whole, header, body := sha256.New(), sha256.New(), sha256.New()
		var at int64
		buf := make([]byte, 1<<20)
		for size := content.Size(); at < size; {
			n, err := content.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
			if n == 0 && err != nil {
				return err
			}
			p := buf[:n]
			whole.Write(p)
			canonical.Write(p)
			header.Write(window(p, at, 0, headerEnd))
			body.Write(window(p, at, bodyStart, size))
			at += int64(n)
		}
		r.Digests.Message, r.Digests.Header, r.Digests.Body = digest.Sum(whole), digest.Sum(header), digest.Sum(body)
	}
	r.Digests.Canonical = canonical.sum()
	r.Digests.EDRMMIH = edrmMIH(m.Header)
	var err error
	r.Digests.Content, err = contentKey(r, m, &s.content)
	return err
}

// edrmMIH is the EDRM Message Identification Hash 1.0: the MD5 of the Message-ID's value with its brackets and nothing behind them. It identifies, it proves
// nothing. The specification does not say what becomes of a value without brackets: it is taken as it stands, unfolded.
func edrmMIH(h message.Header) *string {
	f, ok := h.First("Message-ID")
	if !ok {
		return nil
	}
	value := f.Unfolded()
	if i := strings.IndexByte(value, '>'); i >= 0 {
		value = value[:i+1]
	}
	if value = strings.TrimSpace(value); value == "" || value == "<>" {
		return nil
	}
	sum := md5.Sum([]byte(value))
	mih := hex.EncodeToString(sum[:])
	return &mih
}

// window returns the part of p, which lies at offset at, that falls into [from, to).
func window(p []byte, at, from, to int64) []byte {
	lo, hi := max(from-at, 0), min(to-at, int64(len(p)))
	if lo >= hi {
		return nil
	}
	return p[lo:hi]
}
