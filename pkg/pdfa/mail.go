package pdfa

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Mail is what the XMP metadata tell of an embedded message, in the names of EA-PDF (PDF/mail 1, draft 0.5 and its schema). Raw values are the bodies of header fields as written. "" and
// what is empty is left out.
type Mail struct {
	From, To, Cc, Bcc             []Agent
	RawFrom, RawTo, RawCc, RawBcc string
	Sent                          *time.Time // as the Date field says; told in UTC
	RawSent                       string
	Subject, MessageID            string
	InReplyTo, References         []string
	Attachments                   int
}

// Agent is a mailbox: the name decoded, the address as written.
type Agent struct{ Name, Address string }

const mailNamespace, agentNamespace = "http://www.pdfa.org/eapdf/ns/meta/", "http://xmlns.com/foaf/0.1/"

// declared is a property or field for the extension schema.
type declared struct{ name, valueType, description string }

var (
	mailProperties = [...]declared{{"assets", "seq Asset", "embedded source files"}, {"email", "seq Email", "messages in the embedded source files"}}
	mailTypes      = [...]struct {
		name, namespace, prefix, description string
		fields                               []declared
	}{
		{"Asset", mailNamespace, "pdfmailmeta", "an embedded source file", []declared{{"Filename", "Text", "name of the file"}, {"SizeInBytes", "Integer", "size of the file in octets"},
			{"Format", "Text", "media type of the file"}, {"NumberMessages", "Integer", "number of messages in the file"}, {"CheckSum", "Text", "MD5 of the file, hexadecimal"}}},
		{"Email", mailNamespace, "pdfmailmeta", "a message in an embedded source file", []declared{{"AssetFilename", "Text", "name of the file that holds the message"},
			{"From", "seq Agent", "authors"}, {"Raw-From", "Text", "From as written"}, {"To", "seq Agent", "primary recipients"}, {"Raw-To", "Text", "To as written"},
			{"Cc", "seq Agent", "recipients of a copy"}, {"Raw-Cc", "Text", "Cc as written"}, {"Bcc", "seq Agent", "recipients of a blind copy"}, {"Raw-Bcc", "Text", "Bcc as written"},
			{"Sent", "Date", "time in the Date field"}, {"Raw-Sent", "Text", "Date as written"}, {"Subject", "Text", "subject"}, {"Message-ID", "Text", "identifier of the message"},
			{"SizeInBytes", "Integer", "size of the message in octets"}, {"NumberAttachments", "Integer", "number of attachments"},
			{"In-Reply-To", "seq Text", "identifiers of the messages answered"}, {"References", "seq Text", "identifiers of the messages before it in its thread"}}},
		{"Agent", agentNamespace, "foaf", "a person, group or program", []declared{{"name", "Text", "name"}, {"mbox", "URI", "mailbox, a mailto URI"}}},
	}
)

// packet is XMP being written.
type packet struct{ bytes.Buffer }

func (p *packet) open(name string)  { fmt.Fprintf(p, "<%s>", name) }
func (p *packet) close(name string) { fmt.Fprintf(p, "</%s>\n", name) }

// text writes a property, a field or an item, unless it is empty. What XML cannot say is left out, a fold with it.
func (p *packet) text(name, value string) {
	if value = printable(strings.ReplaceAll(value, "\t", " ")); value != "" {
		p.open(name)
		xml.EscapeText(p, []byte(value)) // into memory: it does not fail
		p.close(name)
	}
}

const item, resource = "rdf:li", `rdf:li rdf:parseType="Resource"`

// list writes n structures as an array.
func (p *packet) list(name, kind string, n int, each func(i int)) {
	if n == 0 {
		return
	}
	p.open(name)
	p.open(kind)
	for i := range n {
		p.open(resource)
		each(i)
		p.close(item)
	}
	p.close(kind)
	p.close(name)
}

func (p *packet) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	p.open(name)
	p.open("rdf:Seq")
	for _, v := range values {
		p.text(item, v)
	}
	p.close("rdf:Seq")
	p.close(name)
}

func (p *packet) agents(name string, agents []Agent, raw string) {
	p.list("pdfmailmeta:"+name, "rdf:Seq", len(agents), func(i int) {
		p.text("foaf:name", agents[i].Name)
		if a := printable(agents[i].Address); a != "" { // RFC 6068 §2
			p.text("foaf:mbox", "mailto:"+strings.NewReplacer("&", "%26", "=", "%3D").Replace(url.PathEscape(a)))
		}
	})
	p.text("pdfmailmeta:Raw-"+name, raw)
}

// mail writes what is told of embedded messages, and the extension schema (ISO 19005-3 §6.6.2.3) that declares it; nothing if there are none.
func (p *packet) mail(files []embedded) {
	if len(files) == 0 {
		return
	}
	fmt.Fprintf(p, "<rdf:Description rdf:about=\"\" xmlns:pdfmailmeta=\"%s\" xmlns:foaf=\"%s\">\n", mailNamespace, agentNamespace)
	p.list("pdfmailmeta:assets", "rdf:Seq", len(files), func(i int) {
		f := &files[i]
		p.text("pdfmailmeta:Filename", f.Name)
		p.text("pdfmailmeta:SizeInBytes", fmt.Sprint(f.size))
		p.text("pdfmailmeta:Format", f.MediaType)
		p.text("pdfmailmeta:NumberMessages", "1")
		p.text("pdfmailmeta:CheckSum", fmt.Sprintf("%x", f.md5))
	})
	p.list("pdfmailmeta:email", "rdf:Seq", len(files), func(i int) {
		f, m := &files[i], files[i].Mail
		p.text("pdfmailmeta:AssetFilename", f.Name)
		p.agents("From", m.From, m.RawFrom)
		p.agents("To", m.To, m.RawTo)
		p.agents("Cc", m.Cc, m.RawCc)
		p.agents("Bcc", m.Bcc, m.RawBcc)
		if m.Sent != nil {
			if t := m.Sent.UTC(); t.Year() > 0 && t.Year() < 10_000 { // others are no date of XMP's
				p.text("pdfmailmeta:Sent", t.Format(time.RFC3339))
			}
		}
		p.text("pdfmailmeta:Raw-Sent", m.RawSent)
		p.text("pdfmailmeta:Subject", m.Subject)
		p.text("pdfmailmeta:Message-ID", m.MessageID)
		p.text("pdfmailmeta:SizeInBytes", fmt.Sprint(f.size))
		p.text("pdfmailmeta:NumberAttachments", fmt.Sprint(m.Attachments))
		p.texts("pdfmailmeta:In-Reply-To", m.InReplyTo)
		p.texts("pdfmailmeta:References", m.References)
	})
	p.WriteString("</rdf:Description>\n<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\"" +
		" xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\" xmlns:pdfaType=\"http://www.aiim.org/pdfa/ns/type#\" xmlns:pdfaField=\"http://www.aiim.org/pdfa/ns/field#\">\n")
	p.list("pdfaExtension:schemas", "rdf:Bag", 1, func(int) {
		p.text("pdfaSchema:schema", "descriptions of e-mail")
		p.text("pdfaSchema:namespaceURI", mailNamespace)
		p.text("pdfaSchema:prefix", "pdfmailmeta")
		p.list("pdfaSchema:property", "rdf:Seq", len(mailProperties), func(i int) {
			p.declare("pdfaProperty:", mailProperties[i])
			p.text("pdfaProperty:category", "external")
		})
		p.list("pdfaSchema:valueType", "rdf:Seq", len(mailTypes), func(i int) {
			t := &mailTypes[i]
			p.text("pdfaType:type", t.name)
			p.text("pdfaType:namespaceURI", t.namespace)
			p.text("pdfaType:prefix", t.prefix)
			p.text("pdfaType:description", t.description)
			p.list("pdfaType:field", "rdf:Seq", len(t.fields), func(i int) { p.declare("pdfaField:", t.fields[i]) })
		})
	})
	p.WriteString("</rdf:Description>\n")
}

func (p *packet) declare(prefix string, d declared) {
	p.text(prefix+"name", d.name)
	p.text(prefix+"valueType", d.valueType)
	p.text(prefix+"description", d.description)
}
