// Package tnef knows the Transport Neutral Encapsulation Format ([MS-OXTNEF]): the winmail.dat in which Outlook and Exchange wrap attachments that other programs then do not see.
package tnef

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Attachment is one file in it. Data is a part of what was read.
type Attachment struct {
	Name      string // "" where none is given; not safe as a path
	MediaType string // lower case, "" where none is given
	Data      []byte
}

// File is what a winmail.dat holds.
type File struct {
	Attachments []Attachment
	Body        string   // the plain text, where there is one
	RichText    bool     // the text is there as RTF or HTML, too: not read
	Notes       []string // what is broken or left out; never nil
}

const (
	signature      = 0x223E9F78
	maxAttachments = 1000
	maxAttributes  = 100_000
	maxProperties  = 10_000
	maxNotes       = 20

	attBody         = 0x800C
	attData         = 0x800F
	attTitle        = 0x8010
	attRenderData   = 0x9002
	attProperties   = 0x9005
	attMessageProps = 0x9003

	propBody         = 0x1000
	propRTF          = 0x1009
	propHTML         = 0x1013
	propAttachData   = 0x3701
	propFilename     = 0x3704
	propLongFilename = 0x3707
	propMediaType    = 0x370E
)

// Is tells a TNEF stream by its first bytes.
func Is(b []byte) bool { return len(b) >= 6 && binary.LittleEndian.Uint32(b) == signature }

// Parse reads a TNEF stream; what is broken ends it with a note. The data of the attachments is not copied.
func Parse(b []byte) File {
	f := File{Attachments: []Attachment{}, Notes: []string{}}
	if !Is(b) {
		f.note("it does not begin as TNEF does")
		return f
	}
	b = b[6:]
	for n := 0; len(b) > 0; n++ {
		if len(b) < 11 || n == maxAttributes {
			f.note("it ends within an attribute")
			return f
		}
		attachment, id := b[0] == 2, binary.LittleEndian.Uint16(b[1:])
		size := int64(binary.LittleEndian.Uint32(b[5:]))
		if size+11 > int64(len(b)) {
			f.note(fmt.Sprintf("attribute %04x is to have %d bytes, and %d are left", id, size, len(b)-11))
			return f
		}
		data := b[9 : 9+size]
		sum := binary.LittleEndian.Uint16(b[9+size:])
		if checksum(data) != sum {
			f.note(fmt.Sprintf("the checksum of attribute %04x does not fit", id))
		}
		b = b[11+size:]
		if attachment {
			f.attachment(id, data)
			continue
		}
		switch id {
		case attBody:
			f.Body = text8(data)
		case attMessageProps:
			f.properties(data, func(id uint16, value any) {
				s, isText := value.(string)
				switch {
				case isText && id == propBody && f.Body == "":
					f.Body = s
				case id == propHTML, id == propRTF:
					f.RichText = true
				}
			})
		}
	}
	return f
}

func (f *File) note(s string) {
	if len(f.Notes) < maxNotes {
		f.Notes = append(f.Notes, s)
	}
}

func checksum(b []byte) (sum uint16) {
	for _, c := range b {
		sum += uint16(c)
	}
	return sum
}

func (f *File) attachment(id uint16, data []byte) {
	if id == attRenderData || len(f.Attachments) == 0 {
		if len(f.Attachments) == maxAttachments {
			f.note(fmt.Sprintf("more than %d attachments; the rest is left out", maxAttachments))
			return
		}
		f.Attachments = append(f.Attachments, Attachment{})
	}
	a := &f.Attachments[len(f.Attachments)-1]
	switch id {
	case attTitle:
		if a.Name == "" {
			a.Name = text8(data)
		}
	case attData:
		a.Data = data
	case attProperties:
		f.properties(data, func(id uint16, value any) {
			switch v := value.(type) {
			case string:
				switch {
				case id == propLongFilename && v != "", id == propFilename && a.Name == "":
					a.Name = v
				case id == propMediaType:
					a.MediaType = strings.ToLower(v)
				}
			case []byte:
				if id == propAttachData && a.Data == nil {
					a.Data = v
				}
			}
		})
	}
}

// properties reads a list of MAPI properties ([MS-OXTNEF] §2.1.3.4) and gives those that are texts or bytes.
func (f *File) properties(b []byte, give func(id uint16, value any)) {
	r := reader{b: b}
	count := r.long()
	for n := uint32(0); n < count && n < maxProperties && !r.failed; n++ {
		kind, id := r.short(), r.short()
		if id >= 0x8000 { // named: a GUID, then a number or a name
			r.take(16)
			if r.long() == 0 {
				r.take(4)
			} else {
				r.padded(int64(r.long()))
			}
		}
		values := uint32(1)
		many := kind&0x1000 != 0
		kind &^= 0x1000
		if size, fixed := fixedSize(kind); fixed {
			if many {
				values = r.long()
			}
			r.take(int64(size) * int64(values))
			continue
		}
		switch kind {
		case 0x1E, 0x1F, 0x102, 0x0D:
			values = r.long()
		default:
			f.note(fmt.Sprintf("a property of the unknown type %04x: those after it were not read", kind))
			return
		}
		for range min(values, maxProperties) {
			data := r.padded(int64(r.long()))
			if r.failed {
				break
			}
			switch kind {
			case 0x1E:
				give(id, text8(data))
			case 0x1F:
				give(id, text16(data))
			case 0x102:
				give(id, data)
			case 0x0D:
				give(id, data[min(16, len(data)):]) // an object: its interface stands first
			}
		}
	}
	if r.failed {
		f.note("a list of properties ends too early")
	}
}

func fixedSize(kind uint16) (size int, ok bool) {
	switch kind {
	case 0x01:
		return 0, true
	case 0x02, 0x03, 0x04, 0x0A, 0x0B:
		return 4, true
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return 8, true
	case 0x48:
		return 16, true
	}
	return 0, false
}

// reader takes bytes from the front; once they do not suffice it has failed and gives nothing more.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) take(n int64) []byte {
	if r.failed || n < 0 || n > int64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// padded takes n bytes and what fills them up to four.
func (r *reader) padded(n int64) []byte {
	out := r.take(n)
	if fill := (4 - n%4) % 4; fill <= int64(len(r.b)) {
		r.take(fill)
	}
	return out
}

func (r *reader) short() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) long() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// text8 reads a text that ends with a zero. Its code page is not told reliably: what is not UTF-8 is read as Windows-1252's common ground with Latin-1.
func text8(b []byte) string {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

func text16(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
