// Package source knows where mail lies: it walks an fs.FS, recognises what each file is by its content, and gives the
// messages in it as items whose bytes and offsets are exactly those of the file.
//
// The vocabulary is that of ISO/IEC 27037 (source, collection). The formats are .eml (RFC 5322 as a file), the mbox family
// (RFC 4155, package mbox) and Maildir (Bernstein's maildir(5)); they stand in one table. What is no mail, or mail
// that cannot be read, gets a reason and a hint: nothing is skipped silently.
package source

import (
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"onrecord/pkg/mbox"
)

// Format names an input format; "" is no mail.
type Format string

const (
	EML     Format = "eml"     // one message a file
	Mbox    Format = "mbox"    // the mbox family, MMDF among it
	Maildir Format = "maildir" // one message a file in cur/, new/ or tmp/
	EMLX    Format = "emlx"    // Apple Mail: byte count, message, property list
)

// Origin is where a message lies in its source. Its JSON form is messages[].origin of the dossier.
type Origin struct {
	Source             string `json:"source"`                         // slash path of the file
	Offset             int64  `json:"offset"`                         // of the message's first byte in it
	Length             int64  `json:"length"`                         // of the message in bytes
	EnvelopeLine       string `json:"envelope_line"`                  // the From_ line, "" where there is none
	EnvelopeLineBase64 string `json:"envelope_line_base64,omitempty"` // its exact bytes, where they are not UTF-8
	Flags              string `json:"flags,omitempty"`                // Maildir info flags, as they stand in the file name
}

// setEnvelope takes the From_ line into the origin.
func (o *Origin) setEnvelope(line []byte) {
	o.EnvelopeLine, o.EnvelopeLineBase64 = string(line), ""
	if !utf8.Valid(line) {
		o.EnvelopeLine = strings.ToValidUTF8(string(line), "\uFFFD")
		o.EnvelopeLineBase64 = base64.StdEncoding.EncodeToString(line)
	}
}

// Content is the bytes of a file or a message.
type Content interface {
	io.ReaderAt
	Size() int64
}

// Bytes is content that is held in memory. Code that can work on a slice may switch on it.
type Bytes []byte

// Bytes gives the bytes themselves: package message reads them in place.
func (b Bytes) Bytes() []byte { return b }

// Size implements Content.
func (b Bytes) Size() int64 { return int64(len(b)) }

// ReadAt implements io.ReaderAt.
func (b Bytes) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("source: read at %d", off)
	}
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// section gives a part of c: as Bytes without copying where c is Bytes, read into memory where it is no longer than
// limit, else as a reader over c.
func section(c Content, offset, length, limit int64) (Content, error) {
	if b, ok := c.(Bytes); ok {
		return b[offset : offset+length : offset+length], nil
	}
	if length > limit {
		return io.NewSectionReader(c, offset, length), nil
	}
	b := make(Bytes, length)
	n, err := c.ReadAt(b, offset)
	if int64(n) == length {
		return b, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("read %d bytes at %d: %w", length, offset, err)
}

// Item is one message of a source.
type Item struct {
	Origin      Origin
	Raw         Content      // exactly the bytes of the source; Bytes unless longer than Options.Mbox.MaxInMemory
	Variant     mbox.Variant // how its lines are quoted
	QuotedLines int          // body lines that match ^>+From
	Notes       []string
}

// Trouble says why a file gives no mail.
type Trouble struct {
	Kind   TroubleKind
	Reason string // what it looks like
	Hint   string // what the user can do, with its limits; may be empty
}

// TroubleKind tells a file that holds no mail from one that may.
type TroubleKind uint8

const (
	Excluded TroubleKind = iota + 1 // no mail: named in the ledger, no error
	Failed                          // may hold mail that could not be read
)

// String returns "excluded" or "failed".
func (k TroubleKind) String() string {
	switch k {
	case Excluded:
		return "excluded"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("TroubleKind(%d)", uint8(k))
}

// Kind is what a file was recognised as: a format, or Trouble.
type Kind struct {
	Format  Format
	Trouble *Trouble
	Notes   []string
}

// Options of Items.
type Options struct {
	Mbox mbox.Options
}

func (o Options) maxInMemory() int64 {
	if o.Mbox.MaxInMemory > 0 {
		return o.Mbox.MaxInMemory
	}
	return mbox.DefaultMaxInMemory
}

// Reading is what a whole source shows of itself.
type Reading struct {
	Format     Format
	Variant    mbox.Variant
	VariantWhy string
	Notes      []string
}

// probe is what recognition looks at.
type probe struct {
	path  string
	head  []byte
	size  int64
	named bool
}

// format is one row of the table of input formats.
type format struct {
	name Format
	// is tells whether a file is of this format.
	is func(p probe) (notes []string, ok bool)
	// items gives its messages; Reading.Format may turn out to be another.
	items func(path string, r Content, o Options) (Reading, iter.Seq2[Item, error], error)
}

// formats is the table of input formats, in the order in which they are tried. A new format is one file, one row here and
// one directory of fixtures under testdata.
func formats() []format {
	return []format{
		{EML, isNamedEML, emlItems},
		{Maildir, isMaildir, maildirItems},
		{Mbox, isMbox, mboxItems},
		{EMLX, isEMLX, emlxItems},
		{EML, isMail, emlItems},
	}
}

// Items gives the messages of one file. path becomes Origin.Source; offsets count in the file. An error is one of
// reading; damaged mail is given as it is. A Kind without a format is an error.
func Items(path string, r Content, k Kind, o Options) (Reading, iter.Seq2[Item, error], error) {
	for _, f := range formats() {
		if f.name == k.Format {
			reading, items, err := f.items(path, r, o)
			if err != nil {
				return Reading{}, nil, fmt.Errorf("%s: %w", path, err)
			}
			reading.Notes = append(append([]string(nil), k.Notes...), reading.Notes...)
			return reading, items, nil
		}
	}
	return Reading{}, nil, fmt.Errorf("%s: no format %q", path, k.Format)
}

// one is the sequence of a single item.
func one(item Item) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) { yield(item, nil) }
}
