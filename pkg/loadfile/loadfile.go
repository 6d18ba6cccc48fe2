// Package loadfile knows the files by which review platforms take in documents: Concordance DAT (fields between þ, separated by U+0014, as Relativity and others read it) with the OPT file
// that lists page images, and a CSV index (RFC 4180) that no spreadsheet takes for formulas.
package loadfile

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/ordered"
)

// The characters of a DAT file, written in UTF-8 behind a byte order mark: readers tell the encoding by that alone.
const (
	byteOrderMark = "\ufeff"
	separator     = "\x14"
	qualifier     = "\u00fe"
	lineInField   = "\u00ae"
)

// Prefix begins the numbers of documents.
const Prefix = "ORD"

// Number is the number of a document: of an exhibit, or of its n-th attachment (from 1). Families have numbers that follow each other.
func Number(n int) string { return fmt.Sprintf("%s%08d", Prefix, n) }

// fields of the DAT file, in order. MD5HASH is empty: no MD5 is made. So is CUSTODIAN: who held the mailbox is not known here.
var fields = [...]string{"BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "CUSTODIAN", "FROM", "TO", "CC", "BCC", "SUBJECT", "DATESENT", "DATERCVD", "TIMEZONE", "FILENAME", "FILEEXT", "FILESIZE",
	"MD5HASH", "SHA256HASH", "MESSAGEID", "EDRM MIH", "INREPLYTO", "REFERENCES", "EXHIBIT", "THREAD", "PAGECOUNT", "NATIVEPATH", "TEXTPATH"}

// Create opens a file for writing. It may be called with files in directories.
type Create func(file string) (io.WriteCloser, error)

// Page draws a document as a PDF, as reviewers see it, and tells how many pages it has.
type Page func(w io.Writer, title, text string) (pages int, err error)

// Files that are written.
const (
	DATFile = "loadfile/onrecord.dat"
	OPTFile = "loadfile/onrecord.opt"
	textDir = "loadfile/text"
	// imageDir has the pages of each message, nativeDir its attachments.
	imageDir  = "loadfile/images"
	nativeDir = "loadfile/natives"
	CSVFile   = "index.csv"
)

// volume is the name of the one volume that is written, in the OPT file.
const volume = "ORD001"

// Output is where a load file is written, and what it is made from beside the records.
type Output struct {
	Create Create
	Open   Open
	Page   Page
	Zone   *time.Location
	// Workers is how many documents are drawn at the same time.
	Workers int
}

// drawn is a message with its pages.
type drawn struct {
	rec   *evidence.Record
	pdf   []byte
	pages int
	err   error
}

// WriteDAT writes the load files of review platforms: the DAT file, the OPT file with the pages of every message, the text of every message, and its attachments. Messages are their own
// natives, where they lie in the dossier; attachments are rows of their families, with the digests of their content. Paths are relative to the dossier.
func WriteDAT(ctx context.Context, o Output, d *dossier.Dossier) error {
	dat, opt := &table{}, &table{}
	if err := dat.create(o.Create, DATFile); err != nil {
		return err
	}
	defer dat.close()
	if err := opt.create(o.Create, OPTFile); err != nil {
		return err
	}
	defer opt.close()
	dat.WriteString(byteOrderMark)
	row(dat.Writer, fields[:])
	next := 1
	records := func(yield func(drawn) bool) {
		for rec, err := range d.Messages {
			if !yield(drawn{rec: rec, err: err}) || err != nil {
				return
			}
		}
	}
	draw := func(m drawn) drawn {
		if m.err == nil {
			var pdf bytes.Buffer
			m.pages, m.err = o.Page(&pdf, path.Base(m.rec.File), pageText(m.rec, o.Zone))
			m.pdf = pdf.Bytes()
		}
		return m
	}
	lim := ordered.Limits{Workers: o.Workers, Batch: 64 << 10, Flight: 4 << 20}
	err := ordered.Map(ctx, lim, records, func(m drawn) int64 {
		if m.rec == nil {
			return 0
		}
		return 4<<10 + int64(len(m.rec.Text))
	}, draw, func(_, m drawn) error {
		if m.err != nil {
			return m.err
		}
		var err error
		next, err = o.family(dat.Writer, opt.Writer, m, next)
		return err
	})
	return cmp.Or(err, dat.close(), opt.close())
}

// table is a file of rows.
type table struct {
	*bufio.Writer
	f io.WriteCloser
}

func (t *table) create(create Create, file string) error {
	f, err := create(file)
	if err == nil {
		t.f, t.Writer = f, bufio.NewWriterSize(f, 64<<10)
	}
	return err
}

func (t *table) close() error {
	if t.f == nil {
		return nil
	}
	err := t.Flush()
	err = cmp.Or(err, t.f.Close())
	t.f = nil
	return err
}

// pageText is what the pages of a message show: the fields that a reader knows, and the text.
func pageText(r *evidence.Record, zone *time.Location) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name+":", strings.Join(strings.Fields(value), " "))
		}
	}
	field("From", addresses(r.From))
	field("To", addresses(r.To))
	field("Cc", addresses(r.Cc))
	field("Bcc", addresses(r.Bcc))
	field("Date", stamp(r.Date.Time, zone))
	field("Subject", r.Subject)
	field("Message-ID", r.MessageID)
	for _, p := range attachments(r) {
		field("Attachment", cmp.Or(p.Filename, p.ContentType))
	}
	b.WriteString("\n" + r.Text)
	return b.String()
}

// family writes the rows and files of a message and its attachments, and gives the next number.
func (o Output) family(dat, opt *bufio.Writer, m drawn, first int) (int, error) {
	r := m.rec
	files := attachments(r)
	last := first + len(files)
	text := path.Join(textDir, Number(first)+".txt")
	if err := write(o.Create, text, strings.NewReader(r.Text)); err != nil {
		return 0, err
	}
	image := path.Join(imageDir, Number(first)+".pdf")
	if err := write(o.Create, image, bytes.NewReader(m.pdf)); err != nil {
		return 0, err
	}
	// PageID, volume, image, whether a document begins, folder, box, number of pages. The pages of a document lie in one PDF.
	fmt.Fprintf(opt, "%s,%s,%s,Y,,,%d\r\n", Number(first), volume, image, m.pages)
	mih := ""
	if r.Digests.EDRMMIH != nil {
		mih = *r.Digests.EDRMMIH
	}
	values := map[string]string{"FROM": addresses(r.From), "TO": addresses(r.To), "CC": addresses(r.Cc), "BCC": addresses(r.Bcc), "SUBJECT": r.Subject,
		"DATESENT": clock(r.Date.Time, o.Zone), "TIMEZONE": o.Zone.String(), "FILENAME": path.Base(r.File), "FILEEXT": "eml", "FILESIZE": fmt.Sprint(r.Size), "SHA256HASH": r.Digests.Message.Hex(),
		"MESSAGEID": r.MessageID, "EDRM MIH": mih, "INREPLYTO": strings.Join(r.InReplyTo, ";"), "REFERENCES": strings.Join(r.References, ";"), "EXHIBIT": fmt.Sprint(r.Exhibit), "THREAD": r.Thread,
		"PAGECOUNT": fmt.Sprint(m.pages), "NATIVEPATH": r.File, "TEXTPATH": text}
	if r.Recorded.Basis == evidence.BasisTrace {
		values["DATERCVD"] = clock(r.Recorded.Time, o.Zone)
	}
	number(values, first, first, last)
	document(dat, values)
	natives, err := o.natives(r, files, first)
	if err != nil {
		return 0, err
	}
	for i, p := range files {
		number(values, first+1+i, first, last)
		attached := map[string]string{"FILENAME": p.Filename, "FILEEXT": strings.TrimPrefix(path.Ext(p.Filename), "."), "FILESIZE": fmt.Sprint(p.Size), "SHA256HASH": p.SHA256.Hex(),
			"EXHIBIT": fmt.Sprint(r.Exhibit), "NATIVEPATH": natives[i]}
		for _, same := range []string{"BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "THREAD", "TIMEZONE", "DATESENT"} {
			attached[same] = values[same]
		}
		document(dat, attached)
	}
	return last + 1, nil
}

// natives writes the decoded attachments of a message under their numbers, and gives their paths.
func (o Output) natives(r *evidence.Record, files []message.Part, first int) ([]string, error) {
	names := make([]string, len(files))
	if len(files) == 0 {
		return names, nil
	}
	f, err := o.Open(r.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	m, err := message.Read(message.Bytes(raw), message.DefaultLimits())
	if err != nil {
		return nil, err
	}
	for i, p := range files {
		content, err := m.Open(p)
		if err != nil {
			continue // the record is not of this message: its row has no native
		}
		names[i] = path.Join(nativeDir, Number(first+1+i)+extension(p.Filename))
		if err := write(o.Create, names[i], content); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// extension is that of a file name where every file system takes it, else ".bin".
func extension(name string) string {
	e := strings.ToLower(path.Ext(name))
	if len(e) < 2 || len(e) > 11 || strings.ContainsFunc(e[1:], func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return ".bin"
	}
	return e
}

// attachments are the parts of a message that have a file name or are meant to be attached.
func attachments(r *evidence.Record) []message.Part {
	var all []message.Part
	for _, p := range r.Parts {
		if p.Filename != "" || p.Disposition == "attachment" {
			all = append(all, p)
		}
	}
	return all
}

// number fills in the numbers of a document and of its family. A document has one number, its pages have none of their own.
func number(values map[string]string, own, first, last int) {
	values["BEGBATES"], values["ENDBATES"] = Number(own), Number(own)
	if last > first {
		values["BEGATTACH"], values["ENDATTACH"] = Number(first), Number(last)
	}
}

func document(w *bufio.Writer, values map[string]string) {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = values[f]
	}
	row(w, list)
}

func row(w *bufio.Writer, values []string) {
	for i, v := range values {
		if i > 0 {
			w.WriteString(separator)
		}
		w.WriteString(qualifier)
		w.WriteString(inField.Replace(strings.ToValidUTF8(v, "\ufffd")))
		w.WriteString(qualifier)
	}
	w.WriteString("\r\n")
}

// inField makes a value that cannot end its field or its row: the qualifier is doubled, line breaks are ®.
var inField = strings.NewReplacer(qualifier, qualifier+qualifier, "\r\n", lineInField, "\n", lineInField, "\r", lineInField, separator, " ", "\x00", "")

func addresses(list []message.Address) string {
	var all []string
	for _, a := range list {
		switch {
		case a.Name == "":
			all = append(all, a.Address)
		case a.Address == "":
			all = append(all, a.Name)
		default:
			all = append(all, a.Name+" <"+a.Address+">")
		}
	}
	return strings.Join(all, ";")
}

// clock writes a time as one field, in the zone that TIMEZONE names.
func clock(t *time.Time, zone *time.Location) string {
	if t == nil {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

func write(create Create, file string, content io.Reader) error {
	f, err := create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return cmp.Or(err, f.Close())
}
