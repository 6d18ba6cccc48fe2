package rules

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"onrecord/pkg/cos"
)

// text reads a text string.
func text(s []byte) string {
	switch {
	case bytes.HasPrefix(s, []byte("<FEFF")):
		raw, err := hex.DecodeString(string(s[5 : len(s)-1]))
		if err != nil {
			return ""
		}
		var units []uint16
		for i := 0; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		return string(utf16.Decode(units))
	case bytes.HasPrefix(s, []byte("(")):
		return string(s[1 : len(s)-1])
	}
	return ""
}

// properties reads XMP as it is written here: the text of each property by its namespace and name.
func properties(packet []byte) (map[string]string, error) {
	all := map[string]string{}
	var path []xml.Name
	for d := xml.NewDecoder(bytes.NewReader(packet)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 3 && strings.TrimSpace(string(token)) != "" {
				all[path[3].Space+path[3].Local] = string(token)
			}
		}
	}
}

// metadata checks the XMP packet, and that the information dictionary says the same.
func (c *checker) metadata(catalog []byte) {
	stream, ok := c.value(catalog, "Metadata")
	if _, packed := cos.Value(stream.body, "Filter"); !ok || stream.stream == nil || packed {
		c.say("6.6.2.1", "no metadata that can be read without decoding")
		return
	}
	packet := stream.stream
	if !bytes.HasPrefix(packet, []byte("<?xpacket begin=\"\ufeff\"")) || bytes.Contains(packet[:60], []byte("encoding=")) {
		c.say("6.6.2.1", "it is no packet")
	}
	xmp, err := properties(packet)
	if err != nil {
		c.say("6.6.2.1", "%v", err)
		return
	}
	const (
		pdfaid = "http://www.aiim.org/pdfa/ns/id/"
		dc     = "http://purl.org/dc/elements/1.1/"
		basic  = "http://ns.adobe.com/xap/1.0/"
		pdf    = "http://ns.adobe.com/pdf/1.3/"
	)
	if xmp[pdfaid+"part"] != "3" || xmp[pdfaid+"conformance"] != "U" {
		c.say("6.6.4", "it claims PDF/A-%s%s", xmp[pdfaid+"part"], xmp[pdfaid+"conformance"])
	}
	info, _ := c.value(c.trailer, "Info")
	for key, property := range map[string]string{"Title": dc + "title", "Author": dc + "creator", "Subject": dc + "description", "Keywords": pdf + "Keywords", "Creator": basic + "CreatorTool", "Producer": pdf + "Producer"} {
		v, _ := cos.Value(info.body, key)
		if text(v) != xmp[property] {
			c.say("6.6.3", "%s is %q in one place and %q in the other", key, text(v), xmp[property])
		}
	}
	for key, property := range map[string]string{"CreationDate": basic + "CreateDate", "ModDate": basic + "ModifyDate"} {
		v, _ := cos.Value(info.body, key)
		one, err := time.Parse("D:20060102150405-07'00'", text(v))
		other, err2 := time.Parse(time.RFC3339, xmp[property])
		if err != nil || err2 != nil || !one.Equal(other) {
			c.say("6.6.3", "%s is %q in one place and %q in the other", key, text(v), xmp[property])
		}
	}
	lang, _ := cos.Value(catalog, "Lang")
	if text(lang) != xmp[dc+"language"] {
		c.say("6.7.4", "language %q and %q", text(lang), xmp[dc+"language"])
	}
}

// embedded checks the files inside.
func (c *checker) embedded(catalog []byte) {
	associated := map[int]bool{}
	list, _ := c.value(catalog, "AF")
	for _, e := range elements(list.body) {
		number, _ := cos.Reference(e)
		associated[number] = true
	}
	for number := range c.files {
		spec, _ := c.object(number)
		if !associated[number] {
			c.say("6.8", "file %d is associated with nothing", number)
		}
		f, _ := cos.Value(spec.body, "F")
		uf, _ := cos.Value(spec.body, "UF")
		if text(f) == "" || text(uf) == "" {
			c.say("6.8", "file %d has no name", number)
		}
		relationship, _ := cos.Value(spec.body, "AFRelationship")
		switch string(relationship) {
		case "/Source", "/Data", "/Alternative", "/Supplement", "/Unspecified":
		default:
			c.say("6.8", "file %d is %q to the document", number, relationship)
		}
		ef, _ := c.value(spec.body, "EF")
		stream, ok := c.value(ef.body, "F")
		kind, _ := cos.Value(stream.body, "Subtype")
		params, _ := c.value(stream.body, "Params")
		date, _ := cos.Value(params.body, "ModDate")
		if !ok || !bytes.Contains(kind, []byte("#2F")) {
			c.say("6.8", "file %d is of the type %q", number, kind)
		}
		if _, err := time.Parse("D:20060102150405-07'00'", text(date)); err != nil {
			c.say("6.8", "file %d: %v", number, err)
		}
	}
}
