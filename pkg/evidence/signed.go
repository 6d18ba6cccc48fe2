package evidence

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/message"
	"onrecord/pkg/smime"
	"onrecord/pkg/source"
	"onrecord/pkg/tnef"
)

// Unpacked is a file that lies inside of a part: an attachment in a winmail.dat ([MS-OXTNEF]) or a part of what an S/MIME signature holds (RFC 8551 §3.5.2).
type Unpacked struct {
	Part        string        `json:"part"` // path of the part that holds it
	Path        string        `json:"path"` // its place in there, from 1
	ContentType string        `json:"content_type"`
	Filename    string        `json:"filename"`
	Size        int64         `json:"size"`
	SHA256      digest.Digest `json:"sha256"`
}

const (
	maxWrapped      = 64 << 20 // bytes of a part that is taken apart
	maxSignatures   = 50       // of one message
	maxPGPText      = 1 << 20
	beginPGPMessage = "-----BEGIN PGP MESSAGE-----"
)

// wrapping tells what a part is wrapped in, by its media type or, where that says nothing, by its name.
func wrapping(p *message.Part) string {
	if !strings.HasPrefix(p.ContentType, "application/") {
		return ""
	}
	switch p.ContentType[len("application/"):] {
	case "pkcs7-signature", "x-pkcs7-signature":
		return "p7s"
	case "pkcs7-mime", "x-pkcs7-mime":
		return "p7m"
	case "pgp-signature":
		return "pgp"
	case "pgp-encrypted":
		return "pgp-encrypted"
	case "ms-tnef", "vnd.ms-tnef":
		return "tnef"
	case "octet-stream":
		switch strings.ToLower(p.Filename) {
		case "winmail.dat", "win.dat":
			return "tnef"
		case "smime.p7s":
			return "p7s"
		case "smime.p7m":
			return "p7m"
		}
	}
	return ""
}

// signed examines the signatures that people put on the message, and unpacks what other programs would not show. Most mail has neither, and costs a look at its media types.
func (x *Examiner) signed(r *Record, m *message.Message, content source.Content) error {
	inline := strings.Contains(r.Text, "BEGIN PGP ")
	for i := range m.Parts {
		p := &m.Parts[i]
		kind := wrapping(p)
		if kind == "" {
			if inline && p.ContentType == "text/plain" {
				if err := x.inline(r, m, p); err != nil {
					return err
				}
			}
			continue
		}
		if len(r.Authentication.Signatures) >= maxSignatures {
			break
		}
		var data []byte
		if kind != "pgp-encrypted" {
			var err error
			if data, err = readPart(m, *p, maxWrapped+1); err != nil {
				return err
			}
			if len(data) > maxWrapped {
				r.Defects = append(r.Defects, message.Defect{Kind: message.DepthLimit, Offset: p.Offset, Detail: fmt.Sprintf("part %s: not taken apart, it is larger than %d bytes", p.Path, maxWrapped)})
				continue
			}
		}
		if err := x.unwrap(r, m, p, kind, data, content); err != nil {
			return err
		}
	}
	if len(r.Authentication.Signatures) > 0 {
		var from []string
		for _, a := range r.From {
			from = append(from, a.Address)
		}
		for i := range r.Authentication.Signatures {
			r.Authentication.Signatures[i].Judge(from)
		}
	}
	return nil
}

func (x *Examiner) unwrap(r *Record, m *message.Message, p *message.Part, kind string, data []byte, content source.Content) error {
	a := &r.Authentication
	var list []smime.Signature
	var err error
	switch kind {
	case "tnef":
		r.unpackTNEF(p, data)
		return nil
	case "pgp-encrypted":
		list = []smime.Signature{smime.EncryptedPGP(p.Path)}
	case "p7m":
		if list, _, err = smime.VerifyCMS(data, p.Path, nil, x.Signers); err == nil {
			err = x.inside(r, p, smime.Inside(data))
		}
	default:
		over, trouble, ferr := signedContent(m, content, p)
		switch {
		case ferr != nil:
			return ferr
		case over == nil:
			list = []smime.Signature{smime.Unplaced(kind == "pgp", p.Path, trouble)}
		case kind == "pgp":
			list, err = smime.VerifyPGP(data, p.Path, over, x.Signers)
		default:
			list, _, err = smime.VerifyCMS(data, p.Path, over, x.Signers)
		}
	}
	a.Signatures = append(a.Signatures, list...)
	return err
}

// inline finds OpenPGP within the text of a part. The text that was read tells whether it is worth to decode the part once more.
func (x *Examiner) inline(r *Record, m *message.Message, p *message.Part) error {
	if len(r.Authentication.Signatures) >= maxSignatures {
		return nil
	}
	text, err := readPart(m, *p, maxPGPText)
	if err != nil {
		return err
	}
	r.Authentication.Signatures = append(r.Authentication.Signatures, smime.VerifyClear(text, p.Path, x.Signers)...)
	if bytes.Contains(text, []byte(beginPGPMessage)) {
		r.Authentication.Signatures = append(r.Authentication.Signatures, smime.EncryptedPGP(p.Path))
	}
	return nil
}

// inside reads the message that lies in opaque signed data: its text is the text of the message, which has no other.
func (x *Examiner) inside(r *Record, p *message.Part, inner []byte) error {
	if inner == nil {
		return nil
	}
	im, err := message.Read(message.Bytes(inner), x.Limits)
	if err != nil {
		return err
	}
	if r.Text == "" {
		r.Text, r.TextSource = im.Text, im.TextSource
	}
	for _, q := range im.Parts {
		r.Unpacked = append(r.Unpacked, Unpacked{Part: p.Path, Path: q.Path, ContentType: q.ContentType, Filename: q.Filename, Size: q.Size, SHA256: q.SHA256})
	}
	return nil
}

func (r *Record) unpackTNEF(p *message.Part, data []byte) {
	f := tnef.Parse(data)
	for i, a := range f.Attachments {
		r.Unpacked = append(r.Unpacked, Unpacked{Part: p.Path, Path: fmt.Sprint(i + 1), ContentType: valid(a.MediaType), Filename: valid(a.Name), Size: int64(len(a.Data)), SHA256: digest.Of(a.Data)})
	}
	if r.Text == "" && f.Body != "" {
		r.Text, r.TextSource = valid(strings.ReplaceAll(f.Body, "\r\n", "\n")), "application/ms-tnef"
	}
	if r.Text == "" && f.RichText {
		f.Notes = append(f.Notes, "the text stands in it as RTF or HTML alone, which is not read")
	}
	for _, n := range f.Notes {
		r.Defects = append(r.Defects, message.Defect{Kind: message.WrappingBroken, Offset: p.Offset, Detail: "part " + p.Path + ", winmail.dat: " + n})
	}
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// signedContent gives the entity that a detached signature is over: the one before it in the same multipart (RFC 1847 §2.1), from the first octet of its header to the line
// ending before the delimiter. Where there is none, trouble says why.
func signedContent(m *message.Message, content source.Content, p *message.Part) (over smime.Content, trouble string, err error) {
	if len(p.Header) == 0 || p.Header[0].Offset <= m.BodyOffset {
		return nil, "it does not stand in a multipart beside what it signs", nil
	}
	head := p.Header[0].Offset
	before := make([]byte, min(head-m.BodyOffset, 1024))
	if _, err := content.ReadAt(before, head-int64(len(before))); err != nil && err != io.EOF {
		return nil, "", err
	}
	line := before
	if i := bytes.LastIndexByte(bytes.TrimRight(before, "\r\n"), '\n'); i >= 0 {
		line = before[i+1:]
	}
	delimiter := bytes.TrimRight(line, " \t\r\n")
	end := head - int64(len(line))
	if !bytes.HasPrefix(delimiter, []byte("--")) || len(delimiter) < 3 {
		return nil, "the delimiter before it was not found", nil
	}
	start, next, err := delimiters(io.NewSectionReader(content, m.BodyOffset, end-m.BodyOffset+int64(len(line))), delimiter)
	if err != nil {
		return nil, "", err
	}
	if start < 0 || next != end-m.BodyOffset {
		return nil, "it is not the second of two parts", nil
	}
	start += m.BodyOffset
	// The line ending before a delimiter belongs to it (RFC 2046 §5.1.1).
	var ending [2]byte
	if end-start >= 2 {
		if _, err := content.ReadAt(ending[:], end-2); err != nil && err != io.EOF {
			return nil, "", err
		}
	}
	switch {
	case ending[0] == '\r' && ending[1] == '\n':
		end -= 2
	case ending[1] == '\n':
		end--
	}
	return func() (io.Reader, error) {
		return smime.NewCanonical(io.NewSectionReader(content, start, end-start)), nil
	}, "", nil
}

// delimiters gives where the content after the first delimiter line begins, and where the next such line does; -1 where there is none.
func delimiters(r io.Reader, delimiter []byte) (start, next int64, err error) {
	start, next = -1, -1
	lines := bufio.NewReaderSize(r, 64<<10)
	atStart := true
	for pos := int64(0); ; {
		line, err := lines.ReadSlice('\n')
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return -1, -1, err
		}
		if atStart && err == nil && bytes.Equal(bytes.TrimRight(line, " \t\r\n"), delimiter) {
			if start >= 0 {
				return start, pos, nil
			}
			start = pos + int64(len(line))
		}
		pos += int64(len(line))
		atStart = err == nil
		if err == io.EOF {
			return start, next, nil
		}
	}
}
