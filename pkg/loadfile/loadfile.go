// Package loadfile knows the files by which review platforms take in documents: Concordance DAT (fields between þ, separated by U+0014, as Relativity and others read it), and a CSV
// index (RFC 4180) that no spreadsheet takes for formulas.
package loadfile

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
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

// fields of the DAT file, in order. MD5HASH and PAGECOUNT are empty: no MD5 and no pages of messages are made. So is CUSTODIAN: who held the mailbox is not known here.
var fields = [...]string{"BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "CUSTODIAN", "FROM", "TO", "CC", "BCC", "SUBJECT", "DATESENT", "DATERCVD", "TIMEZONE", "FILENAME", "FILEEXT", "FILESIZE",
	"MD5HASH", "SHA256HASH", "MESSAGEID", "EDRM MIH", "INREPLYTO", "REFERENCES", "EXHIBIT", "THREAD", "PAGECOUNT", "NATIVEPATH", "TEXTPATH"}

// Create opens a file for writing. It may be called with files in directories.
type Create func(file string) (io.WriteCloser, error)

// Files that are written.
const (
	DATFile = "loadfile/onrecord.dat"
	textDir = "loadfile/text"
	CSVFile = "index.csv"
)

// WriteDAT writes the DAT file and the text of every message. Messages are their own natives, where they lie in the dossier; their attachments are rows of their families, with the digests
// of their content. Paths are relative to the dossier.
func WriteDAT(create Create, d *dossier.Dossier, zone *time.Location) error {
	f, err := create(DATFile)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	w.WriteString(byteOrderMark)
	row(w, fields[:])
	next := 1
	for rec, err := range d.Messages {
		if err != nil {
			f.Close()
			return err
		}
		if next, err = family(w, create, rec, zone, next); err != nil {
			f.Close()
			return err
		}
	}
	err = w.Flush()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// family writes the rows of a message and its attachments, and gives the next number.
func family(w *bufio.Writer, create Create, r *evidence.Record, zone *time.Location, first int) (int, error) {
	files := attachments(r)
	last := first + len(files)
	text := path.Join(textDir, Number(first)+".txt")
	if err := writeText(create, text, r.Text); err != nil {
		return 0, err
	}
	mih := ""
	if r.Digests.EDRMMIH != nil {
		mih = *r.Digests.EDRMMIH
	}
	values := map[string]string{"FROM": addresses(r.From), "TO": addresses(r.To), "CC": addresses(r.Cc), "BCC": addresses(r.Bcc), "SUBJECT": r.Subject,
		"DATESENT": clock(r.Date.Time, zone), "TIMEZONE": zone.String(), "FILENAME": path.Base(r.File), "FILEEXT": "eml", "FILESIZE": fmt.Sprint(r.Size), "SHA256HASH": r.Digests.Message.Hex(),
		"MESSAGEID": r.MessageID, "EDRM MIH": mih, "INREPLYTO": strings.Join(r.InReplyTo, ";"), "REFERENCES": strings.Join(r.References, ";"), "EXHIBIT": fmt.Sprint(r.Exhibit), "THREAD": r.Thread,
		"NATIVEPATH": r.File, "TEXTPATH": text}
	if r.Recorded.Basis == evidence.BasisTrace {
		values["DATERCVD"] = clock(r.Recorded.Time, zone)
	}
	number(values, first, first, last)
	document(w, values)
	for i, p := range files {
		number(values, first+1+i, first, last)
		attached := map[string]string{"FILENAME": p.Filename, "FILEEXT": strings.TrimPrefix(path.Ext(p.Filename), "."), "FILESIZE": fmt.Sprint(p.Size), "SHA256HASH": p.SHA256.Hex(), "EXHIBIT": fmt.Sprint(r.Exhibit)}
		for _, same := range []string{"BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "THREAD", "TIMEZONE", "DATESENT"} {
			attached[same] = values[same]
		}
		document(w, attached)
	}
	return last + 1, nil
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

// number fills in the numbers of a document and of its family. A document has one number: it has no pages.
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

func writeText(create Create, file, text string) error {
	f, err := create(file)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
