package pdfa

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zlib"

	"onrecord/pkg/cos"
)

// Files are embedded as EA-PDF (PDF/mail 1) asks for as well: what a document was made from as Source, with size, dates and MD5, and described in XMP where File.Mail is given. What else it
// asks for (a part of the document for each message, structure, metadata of attachments and of every message) is not all written, so conformance with it is not claimed: there is neither a
// pdfmailid:conformance nor its keyword.

// Relationship says what an embedded file is to the document (ISO 19005-3 annex E).
type Relationship string

const (
	Data   Relationship = "Data"   // what the document shows, for a program
	Source Relationship = "Source" // what it was made from
)

// File is to be embedded.
type File struct {
	Name         string // without a directory; each is there once
	Description  string
	MediaType    string
	Relationship Relationship
	Modified     time.Time
	Mail         *Mail // of a file that is one message: what the metadata tell of it; nil: nothing
}

// embedded is a file that is written.
type embedded struct {
	File
	key  string // for the tree of names
	spec int
	size int64
	md5  []byte
}

// Embed writes a file into the document. It is read once, to its end.
func (d *Writer) Embed(f File, content io.Reader) error {
	if d.err != nil {
		return d.err
	}
	number := d.out.numbers(4) // stream, length, parameters, specification
	d.out.begin(number)
	d.out.printf("<</Type /EmbeddedFile /Subtype %s /Filter /FlateDecode /Length %d 0 R /Params %d 0 R>>\nstream\n", cos.Name(f.MediaType), number+1, number+2)
	start := d.out.at
	z := d.writers.Get().(*zlib.Writer)
	defer d.writers.Put(z)
	sum := md5.New()
	z.Reset(writing{d.out})
	size, err := io.Copy(io.MultiWriter(z, sum), content)
	if err != nil {
		return d.fail(err)
	}
	if err := z.Close(); err != nil {
		return d.fail(err)
	}
	length := d.out.at - start
	d.out.text("\nendstream\nendobj\n")
	d.out.object(number+1, fmt.Sprint(length))
	// MD5 is what the key CheckSum means (ISO 32000-1 §7.11.4.1): it finds damage, and proves nothing.
	d.out.object(number+2, fmt.Sprintf("<</Size %d /CreationDate (%s) /ModDate (%s) /CheckSum <%X>>>", size, cos.Date(f.Modified), cos.Date(f.Modified), sum.Sum(nil)))
	name := cos.Text(printable(f.Name))
	d.out.object(number+3, fmt.Sprintf("<</Type /Filespec /F %s /UF %s /Desc %s /AFRelationship /%s /EF <</F %d 0 R /UF %d 0 R>>>>", name, name, cos.Text(printable(f.Description)), f.Relationship, number, number))
	d.files = append(d.files, embedded{File: f, key: name, spec: number + 3, size: size, md5: sum.Sum(nil)})
	return d.fail(d.out.err)
}

// writing is the output as a writer. Its error is kept there.
type writing struct{ o *output }

func (w writing) Write(p []byte) (int, error) {
	w.o.write(p)
	return len(p), w.o.err
}

// leafNames is the number of names in a node of the tree.
const leafNames = 100

// writeFileNames writes the tree of names (ISO 32000-1 §7.9.6), and gives its number and the array of associated files (ISO 19005-3 annex E); 0 if there are none.
func (d *Writer) writeFileNames() (tree int, list string) {
	if len(d.files) == 0 {
		return 0, ""
	}
	b := []byte("[")
	for i, f := range d.files {
		if i > 0 {
			b = append(b, ' ')
		}
		b = fmt.Appendf(b, "%d 0 R", f.spec)
	}
	files := slices.Clone(d.files)
	slices.SortStableFunc(files, func(a, b embedded) int { return cmp.Compare(a.key, b.key) })
	var kids strings.Builder
	for chunk := range slices.Chunk(files, leafNames) {
		var names bytes.Buffer
		for _, f := range chunk {
			fmt.Fprintf(&names, "%s %d 0 R\n", f.key, f.spec)
		}
		n := d.out.number()
		d.out.object(n, fmt.Sprintf("<</Limits [%s %s]\n/Names [%s]>>", chunk[0].key, chunk[len(chunk)-1].key, names.Bytes()))
		fmt.Fprintf(&kids, "%d 0 R ", n)
	}
	tree = d.out.number()
	d.out.object(tree, fmt.Sprintf("<</Kids [%s]>>", strings.TrimRight(kids.String(), " ")))
	return tree, string(append(b, ']'))
}
