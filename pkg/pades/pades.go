// Package pades knows how a PDF is signed without a byte of it being changed: an incremental update (ISO 32000-1 §7.5.6) with a signature field over the whole file (§12.8) of the kind
// ETSI.CAdES.detached (ETSI EN 319 142-1, PAdES baseline), whose CMS signature (RFC 5652) the caller makes. What the update holds follows from the file, the texts and the
// signature alone, so that a later reader can write it again and see that it holds nothing else.
package pades

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf16"

	"onrecord/pkg/cos"
)

// Texts are what the signature says in the PDF itself. None of it is proved by it but that the signer wrote it.
type Texts struct {
	Name   string
	Reason string
	Time   time.Time // as the signer claims
}

// room is what is kept for a CMS signature, in bytes: one with a chain and a time-stamp token with its chain.
const room = 24 << 10

// update is the bytes that are appended, with a hole for the signature.
type update struct {
	bytes    []byte
	from, to int // of the hole, with its < and >, from the beginning of the file
}

// Sign gives the bytes to be appended to doc. sign makes a detached CMS signature over what it reads: the whole file but for the signature.
func Sign(doc []byte, texts Texts, sign func(content io.Reader) ([]byte, error)) ([]byte, error) {
	u, err := prepare(doc, texts)
	if err != nil {
		return nil, err
	}
	signature, err := sign(u.signed(doc))
	if err != nil {
		return nil, err
	}
	return u.filled(doc, signature)
}

// signed gives what the signature is over.
func (u *update) signed(doc []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(doc), bytes.NewReader(u.bytes[:u.from-len(doc)]), bytes.NewReader(u.bytes[u.to-len(doc):]))
}

func (u *update) filled(doc, signature []byte) ([]byte, error) {
	if len(signature) > room {
		return nil, fmt.Errorf("the signature has %d bytes, more than there is room for", len(signature))
	}
	out := bytes.Clone(u.bytes)
	hex.Encode(out[u.from-len(doc)+1:], signature)
	return out, nil
}

// ErrSigned says that a PDF is signed already, or holds another form.
var ErrSigned = errors.New("the PDF is signed already")

// prepare writes the update with an empty signature.
func prepare(doc []byte, texts Texts) (*update, error) {
	d, err := read(doc)
	if err != nil {
		return nil, err
	}
	catalog, err := d.object(d.root)
	if err != nil {
		return nil, err
	}
	if _, ok := cos.Value(catalog, "AcroForm"); ok {
		return nil, ErrSigned
	}
	pageNumber, page, err := d.firstPage()
	if err != nil {
		return nil, err
	}
	sigNumber, fieldNumber := d.size, d.size+1
	page, err = d.annotated(page, fieldNumber)
	if err != nil {
		return nil, err
	}
	u := &update{}
	at := map[int]int{}
	w := &bytes.Buffer{}
	if !bytes.HasSuffix(doc, []byte("\n")) {
		w.WriteByte('\n')
	}
	object := func(number int, body string) {
		at[number] = len(doc) + w.Len()
		fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", number, body)
	}
	object(d.root, insert(catalog, fmt.Sprintf("/AcroForm <</Fields [%d 0 R] /SigFlags 3>>", fieldNumber)))
	object(pageNumber, string(page))
	// An invisible field: it has no rectangle, so PDF/A (ISO 19005-3 §6.3.3) asks for no appearance. F: print, locked.
	object(fieldNumber, fmt.Sprintf("<</Type /Annot /Subtype /Widget /FT /Sig /T (onrecord) /V %d 0 R /P %d 0 R /F 132 /Rect [0 0 0 0]>>", sigNumber, pageNumber))

	at[sigNumber] = len(doc) + w.Len()
	fmt.Fprintf(w, "%d 0 obj\n<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Name %s /Reason %s /M (%s)\n/ByteRange [0 ", sigNumber, cos.Text(texts.Name), cos.Text(texts.Reason), cos.Date(texts.Time))
	ranges := w.Len()
	w.WriteString("                                ]\n/Contents ")
	u.from = len(doc) + w.Len()
	w.WriteByte('<')
	w.Write(bytes.Repeat([]byte{'0'}, 2*room))
	w.WriteByte('>')
	u.to = len(doc) + w.Len()
	w.WriteString(">>\nendobj\n")

	start := len(doc) + w.Len()
	w.WriteString("xref\n")
	numbers := []int{pageNumber, d.root, sigNumber, fieldNumber}
	if numbers[0] > numbers[1] {
		numbers[0], numbers[1] = numbers[1], numbers[0]
	}
	for _, n := range numbers {
		fmt.Fprintf(w, "%d 1\n%010d 00000 n \n", n, at[n])
	}
	fmt.Fprintf(w, "trailer\n<</Size %d /Root %d 0 R /Prev %d\n%s>>\nstartxref\n%d\n%%%%EOF\n", d.size+2, d.root, d.xref, d.rest, start)
	u.bytes = w.Bytes()
	copy(u.bytes[ranges:], fmt.Sprintf("%d %d %d", u.from, u.to, len(doc)+len(u.bytes)-u.to))
	return u, nil
}

// insert adds entries at the end of a dictionary.
func insert(dict []byte, entries string) string {
	return string(bytes.TrimRight(dict[:len(dict)-2], "\r\n ")) + "\n" + entries + ">>"
}

// annotated gives a page's dictionary with one annotation more.
func (d *document) annotated(page []byte, field int) ([]byte, error) {
	from, to, ok := cos.Find(page, "Annots")
	ref := fmt.Sprintf("%d 0 R", field)
	if !ok {
		return []byte(insert(page, "/Annots ["+ref+"]")), nil
	}
	list := page[from:to]
	if number, err := cos.Reference(list); err == nil {
		if list, err = d.object(number); err != nil {
			return nil, err
		}
	}
	if !bytes.HasPrefix(list, []byte("[")) {
		return nil, errForm
	}
	out := append(bytes.Clone(page[:from]), list[:len(list)-1]...)
	out = append(append(out, " "+ref+"]"...), page[to:]...)
	return out, nil
}

// Split cuts a file that Sign has signed once into the document before and the update; ok is false if it is not such a file. A document is searched for from its end.
func Split(file []byte) (doc, update []byte, ok bool) {
	at := bytes.LastIndex(file, []byte("/ByteRange [0 "))
	if at < 0 {
		return nil, nil, false
	}
	u, err := read(file)
	if err != nil {
		return nil, nil, false
	}
	trailer, err := u.section(u.xref)
	if err != nil {
		return nil, nil, false
	}
	if _, ok := cos.Value(trailer, "Prev"); !ok {
		return nil, nil, false
	}
	// The document ended with the last %%EOF before the update.
	end := bytes.LastIndex(file[:at], []byte("%%EOF"))
	if end < 0 {
		return nil, nil, false
	}
	end += len("%%EOF")
	if end < len(file) && file[end] == '\n' {
		end++
	}
	return file[:end], file[end:], true
}

// Signature is what a signed file holds.
type Signature struct {
	Texts Texts
	CMS   []byte
}

// Check reads the update of a signed file and writes it again: it must hold what Sign writes, and nothing else. It gives the signature and what it is over; whether it holds for that is
// the caller's to check.
func Check(doc, appended []byte) (Signature, io.Reader, error) {
	var s Signature
	at := bytes.Index(appended, []byte("<</Type /Sig "))
	if at < 0 {
		return s, nil, errors.New("it holds no signature")
	}
	end, err := cos.Skip(appended, at)
	if err != nil {
		return s, nil, err
	}
	dict := appended[at:end]
	if s.Texts.Name, err = untext(dict, "Name"); err != nil {
		return s, nil, err
	}
	if s.Texts.Reason, err = untext(dict, "Reason"); err != nil {
		return s, nil, err
	}
	m, _ := cos.Value(dict, "M")
	if s.Texts.Time, err = time.Parse("(D:20060102150405+00'00')", string(m)); err != nil {
		return s, nil, errForm
	}
	contents, _ := cos.Value(dict, "Contents")
	if len(contents) != 2*room+2 {
		return s, nil, errForm
	}
	raw := make([]byte, room)
	if _, err := hex.Decode(raw, contents[1:len(contents)-1]); err != nil {
		return s, nil, errForm
	}
	if s.CMS, err = first(raw); err != nil {
		return s, nil, err
	}
	u, err := prepare(doc, s.Texts)
	if err != nil {
		return s, nil, err
	}
	again, err := u.filled(doc, s.CMS)
	if err != nil {
		return s, nil, err
	}
	if !bytes.Equal(again, appended) {
		return s, nil, errors.New("what is appended holds something else than a signature")
	}
	return s, u.signed(doc), nil
}

func untext(dict []byte, key string) (string, error) {
	v, ok := cos.Value(dict, key)
	if !ok || len(v) < 6 || len(v) > 64<<10 {
		return "", errForm
	}
	raw, err := hex.DecodeString(string(v[1 : len(v)-1]))
	if err != nil || len(raw)%2 != 0 || raw[0] != 0xfe || raw[1] != 0xff {
		return "", errForm
	}
	var units []uint16
	for i := 2; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units)), nil
}

// first gives the DER value at the beginning of b; zeros follow it.
func first(b []byte) ([]byte, error) {
	if len(b) < 2 || b[0] != 0x30 {
		return nil, errors.New("it holds no signature")
	}
	n, head := int(b[1]), 2
	if n >= 0x80 {
		digits := n & 0x7f
		if digits < 1 || digits > 3 || len(b) < 2+digits {
			return nil, errForm
		}
		n, head = 0, 2+digits
		for _, x := range b[2:head] {
			n = n<<8 | int(x)
		}
	}
	if head+n > len(b) {
		return nil, errForm
	}
	return b[:head+n], nil
}
