package loadfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/source"
)

// Open opens a file of the dossier by its path in it.
type Open func(file string) (io.ReadCloser, error)

const (
	mailbagDir = "mailbag/"
	rowsOfACSV = 100_000 // more messages are listed in several files (Mailbag §5.3.3)
)

// mailbag is a bag being written, without the place where it lies.
type mailbag struct {
	create   Create
	payload  [2]bytes.Buffer // manifests: SHA-256, SHA-512
	tags     [2]bytes.Buffer
	octets   int64
	payloads int
}

var mailbagAlgorithms = [2]struct {
	name string
	new  func() hash.Hash
}{{"sha256", sha256.New}, {"sha512", sha512.New}}

// WriteMailbag writes a Mailbag 1.0 (a BagIt bag, RFC 8493): each message as data/eml/<exhibit>.eml, the mbox files that they came from in data/mbox/ where the dossier holds them,
// mailbag.csv and the fields of bag-info.txt that the specification asks for.
func WriteMailbag(create Create, open Open, d *dossier.Dossier) error {
	m := &mailbag{create: create}
	width := max(4, len(fmt.Sprint(d.Count)))
	original := map[string]string{} // by path of a source, its file in the mailbag
	complete := true
	kind := "eml"
	for _, s := range d.Sources {
		if s.Format != string(source.Mbox) {
			complete = complete && s.Kept == s.Found
			continue
		}
		kind = "mbox"
		if s.File == "" {
			complete = false
			continue
		}
		name := strings.TrimPrefix(s.File, "data/sources/")
		if err := m.copy("data/mbox/"+name, open, s.File); err != nil {
			return err
		}
		original[s.Path] = name
	}
	if kind == "mbox" {
		complete = complete && len(original) > 0 && !slices.ContainsFunc(d.Sources, func(s dossier.Source) bool { return s.Kept > 0 && s.Format != string(source.Mbox) })
	}
	if err := m.messages(open, d, width, original); err != nil {
		return err
	}
	return m.finish(d, kind, complete)
}

// messages writes the messages and the CSV files that list them.
func (m *mailbag) messages(open Open, d *dossier.Dossier, width int, original map[string]string) error {
	files := (d.Count + rowsOfACSV - 1) / rowsOfACSV
	var csv *bytes.Buffer
	n := 0
	flush := func() error {
		if csv == nil {
			return nil
		}
		name := "mailbag.csv"
		if files > 1 {
			name = fmt.Sprintf("mailbag-%0*d.csv", len(fmt.Sprint(files)), (n-1)/rowsOfACSV+1)
		}
		return m.tag(name, csv.Bytes())
	}
	for r, err := range d.Messages {
		if err != nil {
			return err
		}
		if n%rowsOfACSV == 0 {
			if err := flush(); err != nil {
				return err
			}
			csv = &bytes.Buffer{}
			if n == 0 {
				mailbagRow(csv, []string{"Error", "Mailbag-Message-ID", "Message-ID", "Original-File", "Message-Path", "Derivatives-Path", "Attachments", "Date", "From", "To", "Cc", "Bcc", "Subject", "Content-Type"})
			}
		}
		n++
		id := fmt.Sprintf("%0*d", width, r.Exhibit)
		if err := m.copy("data/eml/"+id+".eml", open, r.File); err != nil {
			return err
		}
		mailbagRow(csv, mailbagValues(r, id, original[r.Origin.Source]))
	}
	if csv == nil {
		csv = &bytes.Buffer{}
		n = 1
	}
	return flush()
}

func mailbagValues(r *evidence.Record, id, original string) []string {
	var kinds []string
	for _, x := range r.Defects {
		if k := string(x.Kind); !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return []string{strings.Join(kinds, "; "), id, r.MessageID, original, "", "", fmt.Sprint(len(attachments(r))), field(r, "Date"), field(r, "From"), field(r, "To"), field(r, "Cc"), field(r, "Bcc"),
		field(r, "Subject"), field(r, "Content-Type")}
}

// field gives the content of the first header field with a name, on one line.
func field(r *evidence.Record, name string) string {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			_, value, _ := strings.Cut(string(f.Raw), ":")
			return strings.Join(strings.Fields(strings.ToValidUTF8(value, "\ufffd")), " ")
		}
	}
	return ""
}

// mailbagRow quotes every field (Mailbag §5.5).
func mailbagRow(b *bytes.Buffer, values []string) {
	w := bufio.NewWriter(b)
	line(w, values)
	w.Flush()
}

// counting digests what is written.
type counting struct {
	w    io.Writer
	sums [2]hash.Hash
	n    int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	for _, h := range c.sums {
		h.Write(p[:n])
	}
	c.n += int64(n)
	return n, err
}

func (m *mailbag) write(name string, manifests *[2]bytes.Buffer, content io.Reader) (int64, error) {
	f, err := m.create(mailbagDir + name)
	if err != nil {
		return 0, err
	}
	c := &counting{w: f}
	for i, a := range mailbagAlgorithms {
		c.sums[i] = a.new()
	}
	_, err = io.Copy(c, content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if manifests != nil {
		for i, h := range c.sums {
			fmt.Fprintf(&manifests[i], "%x  %s\n", h.Sum(nil), strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D").Replace(name))
		}
	}
	return c.n, err
}

func (m *mailbag) copy(name string, open Open, from string) error {
	in, err := open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	n, err := m.write(name, &m.payload, in)
	m.octets += n
	m.payloads++
	return err
}

func (m *mailbag) tag(name string, content []byte) error {
	_, err := m.write(name, &m.tags, bytes.NewReader(content))
	return err
}

// finish writes the tag files that every bag and every mailbag has.
func (m *mailbag) finish(d *dossier.Dossier, kind string, complete bool) error {
	if err := m.tag("bagit.txt", []byte("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")); err != nil {
		return err
	}
	original := "False"
	if complete {
		original = "True"
	}
	identifier := strings.Join(strings.Fields(d.Case.Reference), " ")
	if identifier == "" {
		identifier = d.EvidenceDigest.String()
	}
	info := []struct{ label, value string }{{"Bag-Type", "Mailbag"}, {"Mailbag-Source", kind}, {"Mailbag-Specification-Version", "1.0"}, {"Original-Included", original},
		{"Bagging-Timestamp", d.GeneratedAt.Format(time.RFC3339)}, {"Bagging-Date", d.GeneratedAt.Format(time.DateOnly)}, {"External-Identifier", identifier},
		{"Mailbag-Agent", d.Tool.Name}, {"Mailbag-Agent-Version", d.Tool.Version}, {"Payload-Oxum", fmt.Sprintf("%d.%d", m.octets, m.payloads)}}
	if kind == "mbox" {
		info = append(info, struct{ label, value string }{"EML-Agent", d.Tool.Name}, struct{ label, value string }{"EML-Agent-Version", d.Tool.Version})
	}
	var b bytes.Buffer
	for _, i := range info {
		fmt.Fprintf(&b, "%s: %s\n", i.label, i.value)
	}
	if err := m.tag("bag-info.txt", b.Bytes()); err != nil {
		return err
	}
	for i, a := range mailbagAlgorithms {
		if err := m.tag("manifest-"+a.name+".txt", m.payload[i].Bytes()); err != nil {
			return err
		}
	}
	for i, a := range mailbagAlgorithms {
		if _, err := m.write("tagmanifest-"+a.name+".txt", nil, bytes.NewReader(m.tags[i].Bytes())); err != nil {
			return err
		}
	}
	return nil
}
