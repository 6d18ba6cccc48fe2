package message

import (
	"bytes"
	"fmt"
	"io"

	"onrecord/pkg/digest"
)

// Message is what the bytes of one message show. The fields, the separator and the body lie one after the other and are all bytes.
type Message struct {
	Header          Header
	HeaderLength    int64 // octets of the fields
	SeparatorLength int64 // octets of the empty line, 0 if there is none
	BodyOffset      int64
	Size            int64

	LineEnding string // "lf" "crlf" "cr" "mixed" "none"
	Parts      []Part // leaves and message/rfc822, in their order; a multipart only where it could not be split

	Text          string     // the body as a reader saw it: UTF-8, lines end in LF, control characters kept
	TextSource    string     // the type of the first part in Text: "text/plain", "text/html", "" if there is no text
	TextSpans     []TextSpan // which part gave which piece of Text
	RemoteContent []Remote   // hosts that the HTML of the message, whether it stands in Text or not, would load something from, by name

	Defects []Defect

	src Source
	cr  bool
}

// Part is one leaf of the MIME tree (RFC 2045 §2.4) or one enclosed message.
type Part struct {
	Path        string        `json:"path"`         // "1", "1.2": as in IMAP (RFC 9051 §6.4.5.1)
	ContentType string        `json:"content_type"` // lower case, without parameters
	Charset     string        `json:"charset"`      // as declared, lower case
	Disposition string        `json:"disposition"`  // lower case: "attachment", "inline", "" if not given
	Filename    string        `json:"filename"`     // decoded, else as written: not safe as a path
	Size        int64         `json:"size"`         // of the decoded content
	SHA256      digest.Digest `json:"sha256"`       // of the decoded content; charset and line endings as in the message
	Encoding    string        `json:"transfer_encoding"`
	ContentID   string        `json:"content_id,omitempty"` // without brackets
	Offset      int64         `json:"offset"`               // of the encoded content in the message
	Length      int64         `json:"length"`
	Multipart   bool          `json:"-"` // a multipart that could not be split: its content is listed whole
	Header      Header        `json:"-"` // of the part; the message's own if it is not a multipart
}

// TextSpan says that Text[Start:End], in octets, is the text of a part.
type TextSpan struct {
	Start, End  int
	Path        string
	ContentType string
}

// Read examines one message. An error means that src could not be read; what is malformed is in Defects. The Message refers to src and to its bytes.
func Read(src Source, lim Limits) (*Message, error) {
	in, err := newInput(src)
	if err != nil {
		return nil, err
	}
	return read(in, lim)
}

func read(in *input, lim Limits) (*Message, error) {
	r := &reader{in: in, lim: lim, headerBytes: lim.HeaderBytes, fields: lim.Fields, textLeft: lim.TextBytes, htmlLeft: htmlFactor * lim.TextBytes, m: &Message{Size: in.size, src: in.src}}
	r.d.most = lim.Defects
	if err := r.read(); err != nil {
		return nil, err
	}
	r.m.Defects = r.d.list
	return r.m, nil
}

// reader is one run of Read.
type reader struct {
	in  *input
	lim Limits
	m   *Message
	d   defects

	headerBytes int64 // what is left of Limits.HeaderBytes
	fields      int   // and of Limits.Fields

	leaves   []leaf
	nodes    []node    // every multipart that was opened
	readings []reading // the leaves that the text comes from
	textLeft int64     // of Limits.TextBytes
	htmlLeft int64     // octets of HTML that are still looked through for what it loads
	remotes  remotes
	scratch  []byte
}

func (r *reader) read() error {
	start, err := r.in.at(0, chunkSize)
	if err != nil {
		return err
	}
	r.m.cr = crEndsLines(start)
	r.reportBOM(start)

	fields, end, err := r.header(0, nil)
	if err != nil {
		return err
	}
	r.m.Header = fields
	r.m.HeaderLength, r.m.SeparatorLength = int64(end.length), int64(end.separator)
	r.m.BodyOffset = r.m.HeaderLength + r.m.SeparatorLength
	r.reportHeader(end)

	if err := r.countLines(); err != nil {
		return err
	}
	if err := r.walk(); err != nil {
		return err
	}
	if err := r.readLeaves(); err != nil {
		return err
	}
	r.assembleText()
	return nil
}

// header reads the fields that start at off; stop tells a line that ends them early.
func (r *reader) header(off int64, stop func([]byte) bool) ([]Field, headerEnd, error) {
	most := min(r.headerBytes, r.in.size-off)
	for want := min(int64(16<<10), most); ; want = min(4*want, most) {
		b, err := r.in.at(off, int(want))
		if err != nil {
			return nil, headerEnd{}, err
		}
		if int64(len(b)) > most {
			b = b[:most]
		}
		s := splitter{b: b, base: off, atEnd: off+int64(len(b)) == r.in.size, cr: r.m.cr, stop: stop, fields: r.fields}
		fields, end, ok := s.split()
		if !ok && int64(len(b)) < most {
			continue
		}
		if !ok {
			// The last field may go on beyond the limit, and what is not held whole is not a field.
			end.why = HeaderTooLarge
			next := b[end.length:]
			if n := len(fields); n > 0 && (len(next) == 0 || next[0] == ' ' || next[0] == '\t') {
				end.length = int(fields[n-1].Offset - off)
				fields = fields[:n-1]
			}
		}
		own := b[:end.length]
		if !r.in.inMem {
			own = bytes.Clone(own)
			for i := range fields {
				at := fields[i].Offset - off
				fields[i].Raw = own[at : at+int64(len(fields[i].Raw))]
			}
		}
		for i := range fields {
			fields[i].Raw = fields[i].Raw[:len(fields[i].Raw):len(fields[i].Raw)]
		}
		name(fields, &r.d)
		r.headerBytes -= int64(end.length)
		r.fields -= len(fields)
		return fields, end, nil
	}
}

func (r *reader) countLines() error {
	l := lines{cr: r.m.cr}
	for l.off < r.in.size {
		b, err := r.in.at(l.off, 1)
		if err != nil {
			return err
		}
		l.add(b)
	}
	r.m.LineEnding = l.ending()
	l.report(&r.d)
	return nil
}

func (r *reader) reportBOM(start []byte) {
	switch {
	case bytes.HasPrefix(start, []byte(bom)):
		r.d.add(ByteOrderMark, 0, "the message starts with a UTF-8 byte order mark")
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		r.d.add(ByteOrderMark, 0, "the message starts with a UTF-16 byte order mark: it was converted, these are not the bytes that were sent")
	}
}

func (r *reader) reportHeader(end headerEnd) {
	m := r.m
	reportEnd(&r.d, end, m.HeaderLength)
	switch {
	case len(m.Header) == 0:
		r.d.add(NoHeader, 0, "the message has no header")
	case m.BodyOffset == m.Size && m.SeparatorLength == 0:
		r.d.add(NoBody, m.BodyOffset, "the message ends with its header: there is no empty line and no body")
	}
	eightBit := false
	var seen [len(once)]int
	for _, f := range m.Header {
		if !eightBit && !isASCII(f.Raw) {
			eightBit = true
			r.d.add(HeaderEightBit, f.Offset, "the header holds octets outside US-ASCII, first in the field "+brief(f.Name))
		}
		if bytes.Contains(f.Raw, []byte("=?")) {
			if _, bad := decodeWords(f.Unfolded()); bad != "" {
				r.d.add(EncodedWordInvalid, f.Offset, "an encoded word in the field "+brief(f.Name)+" "+bad)
			}
		}
		for i, name := range once {
			if f.Is(name) {
				if seen[i]++; seen[i] == 2 {
					r.d.add(DuplicateField, f.Offset, "the field "+name+" occurs more than once; the first one is shown")
				}
				break
			}
		}
	}
	for i, name := range once[:3] {
		if seen[i] == 0 && len(m.Header) > 0 {
			r.d.add(MissingField, 0, "the header has no field "+name)
		}
	}
}

// once holds the fields that a header may hold once (RFC 5322 §3.6, RFC 2045 §3); the first three it should hold.
var once = [...]string{
	"From", "Date", "Message-ID", "Sender", "Reply-To", "To", "Cc", "Bcc", "In-Reply-To", "References", "Subject",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

func reportEnd(d *defects, end headerEnd, offset int64) {
	switch end.why {
	case MissingSeparator:
		d.add(MissingSeparator, offset, "no empty line between the header and what follows")
	case HeaderTooLarge:
		d.add(HeaderTooLarge, offset, "the header is larger than what is read of it; the rest counts as body")
	case TooManyFields:
		d.add(TooManyFields, offset, "the header has more fields than are read; the rest counts as body")
	}
}

// Raw returns the content of a part as it lies in the message, still encoded.
func (m *Message) Raw(p Part) io.Reader { return io.NewSectionReader(m.src, p.Offset, p.Length) }

// Open returns the decoded content of a part. What follows a defect in the encoding is as in Part.SHA256.
func (m *Message) Open(p Part) (io.Reader, error) {
	if err := m.holds(p); err != nil {
		return nil, err
	}
	raw := m.Raw(p)
	if dec := newDecoder(p.Encoding, m.cr); dec != nil {
		return &decodeReader{src: raw, dec: dec}, nil
	}
	return raw, nil
}

func (m *Message) holds(p Part) error {
	if p.Offset < 0 || p.Length < 0 || p.Offset > m.Size || p.Length > m.Size-p.Offset {
		return fmt.Errorf("part %s does not lie in this message", p.Path)
	}
	return nil
}

// Nested returns the decoded content of a part as a source, for Read: in place where it is not encoded, else decoded into memory
// up to Limits.NestedBytes. cut tells that there is more.
func (m *Message) Nested(p Part, lim Limits) (src Source, cut bool, err error) {
	if err := m.holds(p); err != nil {
		return nil, false, err
	}
	if newDecoder(p.Encoding, m.cr) == nil {
		if whole, ok := m.src.(interface{ Bytes() []byte }); ok {
			return Bytes(whole.Bytes()[p.Offset : p.Offset+p.Length]), false, nil
		}
		return io.NewSectionReader(m.src, p.Offset, p.Length), false, nil
	}
	r, err := m.Open(p)
	if err != nil {
		return nil, false, err
	}
	b, err := io.ReadAll(io.LimitReader(r, lim.NestedBytes+1))
	if err != nil {
		return nil, false, err
	}
	if int64(len(b)) > lim.NestedBytes {
		return Bytes(b[:lim.NestedBytes]), true, nil
	}
	return Bytes(b), false, nil
}
