package mbox

import (
	"io"
	"iter"
)

// Piece is one stretch of an mbox file. The pieces joined are the file, byte for byte.
type Piece struct {
	Offset, Length       int64    // the whole piece in the file: From_ line, message, separating empty line
	FromLine             []byte   // without its line ending; nil for a piece that has none
	RawOffset, RawLength int64    // the message: without From_ line and without the separating empty line
	Raw                  []byte   // the message; nil when it is longer than Options.MaxInMemory: read it through the ReaderAt. Never overwritten, unless Options.Reuse
	QuotedLines          int      // body lines that match ^>+From
	Message              bool     // false for what stands before the first From_ line and is no message (blank lines, a BOM, garbage)
	Notes                []string // what is doubtful: a split, a Content-Length that lies, a message cut off
}

// Options of Split.
type Options struct {
	MaxInMemory int64 // bytes; a larger message is never held. 0 means DefaultMaxInMemory
	Reuse       bool  // Piece.Raw and FromLine are only valid until the next piece: less garbage for who only digests or counts
}

// DefaultMaxInMemory is 16 MiB.
const DefaultMaxInMemory = 16 << 20

func (o Options) maxInMemory() int64 {
	if o.MaxInMemory > 0 {
		return o.MaxInMemory
	}
	return DefaultMaxInMemory
}

// Split gives the pieces of the size bytes of r, in order, with a window of half a MiB (more only for a message that needs it,
// up to about twice Options.MaxInMemory). A piece ends before a From_ line (see IsFromLine) that stands after an empty line, or
// that a header field follows. In MboxCL and MboxCL2 a Content-Length that ends at such a line or at the end of the file
// is believed, and From_ lines before it are text. The only errors are those of r; the sequence ends with the first.
func Split(r io.ReaderAt, size int64, v Variant, o Options) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		s := newScan(r, size, v, o.maxInMemory())
		s.reuse = o.Reuse
		for {
			sp, ok, err := s.more()
			if err != nil {
				yield(Piece{}, err)
				return
			}
			if !ok || !yield(s.piece(sp), nil) {
				return
			}
		}
	}
}

func (s *scan) piece(sp span) Piece {
	p := Piece{
		Offset: sp.start, Length: sp.end - sp.start,
		FromLine:  sp.fromLine,
		RawOffset: sp.raw, RawLength: sp.rawEnd - sp.raw,
		QuotedLines: sp.quoted,
		Message:     sp.message,
		Notes:       sp.doubts,
	}
	if sp.held {
		p.Raw, s.lent = s.at(sp.raw)[:p.RawLength:p.RawLength], !s.reuse
	}
	if !p.Message {
		p.Notes = append(p.Notes, s.junkNote(sp))
	}
	return p
}

func (s *scan) junkNote(sp span) string {
	switch {
	case s.mmdf():
		return "between two messages: no message"
	case sp.held && len(trimStart(s.at(sp.start)[:sp.end-sp.start])) == 0:
		return "only white space or a byte order mark before the first From_ line: no message"
	}
	return "text before the first From_ line that does not begin like a header: no message"
}
