package pdfa

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
)

// xmp writes the metadata (ISO 16684-1) with what ISO 19005-3 §6.6.4 asks for.
func (d *Writer) xmp() []byte {
	var b packet
	escaped := func(s string) string {
		var e bytes.Buffer
		xml.EscapeText(&e, []byte(s)) // into memory: it does not fail
		return e.String()
	}
	property := func(name, format, text string) {
		if text != "" {
			fmt.Fprintf(&b, "<%s>%s</%s>\n", name, fmt.Sprintf(format, escaped(text)), name)
		}
	}
	const alternative = `<rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt>`
	date := d.o.Created.UTC().Format("2006-01-02T15:04:05Z07:00")
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n" +
		"<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n" +
		"<pdfaid:part>3</pdfaid:part>\n<pdfaid:conformance>U</pdfaid:conformance>\n<dc:format>application/pdf</dc:format>\n")
	property("dc:title", alternative, d.o.Title)
	property("dc:creator", `<rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq>`, d.o.Author)
	property("dc:description", alternative, d.o.Subject)
	property("dc:language", `<rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag>`, d.o.Lang)
	property("pdf:Keywords", "%s", d.o.Keywords)
	property("pdf:Producer", "%s", d.o.Producer)
	property("xmp:CreatorTool", "%s", d.o.Creator)
	property("xmp:CreateDate", "%s", date)
	property("xmp:ModifyDate", "%s", date)
	b.WriteString("</rdf:Description>\n")
	b.mail(slices.DeleteFunc(slices.Clone(d.files), func(f embedded) bool { return f.Mail == nil }))
	b.WriteString("</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return b.Bytes()
}
