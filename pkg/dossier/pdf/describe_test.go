package pdf

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/pdfa/rules"
)

type sequence struct {
	Items []struct {
		Filename, SizeInBytes, Format, NumberMessages, CheckSum, AssetFilename string
		From, To                                                               struct {
			Agents []struct {
				Name string `xml:"name"`
				Mbox string `xml:"mbox"`
			} `xml:"Seq>li"`
		}
		RawTo             string `xml:"Raw-To"`
		Sent              string
		RawSent           string `xml:"Raw-Sent"`
		Subject           string
		MessageID         string `xml:"Message-ID"`
		NumberAttachments string
		InReplyTo         []string `xml:"In-Reply-To>Seq>li"`
	} `xml:"Seq>li"`
}

type metadata struct {
	Descriptions []struct {
		Assets *sequence `xml:"http://www.pdfa.org/eapdf/ns/meta/ assets"`
		Email  *sequence `xml:"http://www.pdfa.org/eapdf/ns/meta/ email"`
	} `xml:"RDF>Description"`
}

// metadataOf reads the whole packet, which has to be well formed.
func metadataOf(t *testing.T, doc []byte) (assets, email sequence, packet string) {
	t.Helper()
	_, rest, found := bytes.Cut(doc, []byte("<?xpacket begin"))
	require.True(t, found)
	body, _, found := bytes.Cut(rest, []byte("<?xpacket end"))
	require.True(t, found)
	_, body, _ = bytes.Cut(body, []byte("?>"))
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err != nil {
			require.True(t, errors.Is(err, io.EOF), "%v", err)
			break
		}
	}
	var m metadata
	require.NoError(t, xml.Unmarshal(body, &m))
	for _, d := range m.Descriptions {
		if d.Assets != nil {
			assets, email = *d.Assets, *d.Email
		}
	}
	return assets, email, string(body)
}

func drawnWith(t *testing.T, d *dossier.Dossier, o Options, pages int) [][]byte {
	files, _ := renderWith(t, d, o, pages)
	var docs [][]byte
	for _, f := range files {
		doc, err := os.ReadFile(f)
		require.NoError(t, err)
		assert.Empty(t, rules.Check(doc))
		docs = append(docs, doc)
	}
	return docs
}

func TestEmbeddedMessagesAreDescribed(t *testing.T) {
	docs := drawnWith(t, sample(), holding(sample(), 1<<20), 6)
	assets, email, packet := metadataOf(t, docs[0])
	require.Len(t, assets.Items, 7)
	require.Len(t, email.Items, 7)
	records := map[string]*evidence.Record{}
	for r := range sample().Messages {
		records[strings.TrimPrefix(r.File, "data/messages/")] = r
	}
	for i, a := range assets.Items {
		e, r := email.Items[i], records[a.Filename]
		require.NotNil(t, r)
		assert.Equal(t, a.Filename, e.AssetFilename)
		assert.Equal(t, []string{"message/rfc822", "1", fmt.Sprint(r.Size), fmt.Sprint(r.Size)}, []string{a.Format, a.NumberMessages, a.SizeInBytes, e.SizeInBytes})
		assert.Contains(t, strings.ToLower(string(docs[0])), "/checksum <"+a.CheckSum+">", "as the file's own")
		assert.Equal(t, []any{r.Subject, r.MessageID, r.Date.Raw, r.InReplyTo}, []any{e.Subject, e.MessageID, e.RawSent, e.InReplyTo})
		assert.Equal(t, r.Date.Time.UTC().Format(time.RFC3339), e.Sent)
		assert.Equal(t, r.From[0], message.Address{Name: e.From.Agents[0].Name, Address: strings.TrimPrefix(e.From.Agents[0].Mbox, "mailto:")})
		assert.Len(t, e.To.Agents, len(r.To))
	}
	for _, claim := range []string{"pdfmailid", "EA-PDF"} {
		assert.NotContains(t, packet, claim, "no conformance is claimed")
	}
	for _, doc := range docs[1:] {
		assert.NotContains(t, string(doc), "pdfmailmeta", "no file lies there")
	}
	assert.NotContains(t, string(drawnWith(t, sample(), sampleOptions, volumePages)[0]), "pdfmailmeta")
	assert.Equal(t, docs, drawnWith(t, sample(), holding(sample(), 1<<20), 6), "the same bytes")
}

func TestHostileDescriptions(t *testing.T) {
	evil := "</rdf:li>]]><x:a b='&quot;' \"&<?xpacket end=\"w\"?>\r\nendstream\x00\x1b\xff\ufffe\ufeff\U0001F4A3"
	d := hostile()
	var all []*evidence.Record
	for r := range d.Messages {
		all = append(all, r)
	}
	r := all[0]
	far := time.Date(99_999, 1, 1, 0, 0, 0, 0, time.UTC)
	r.Subject, r.MessageID, r.InReplyTo, r.References, r.Date.Raw, r.Date.Time = evil, evil, []string{evil, ""}, []string{"\x00"}, evil, &far
	r.From, r.To = []message.Address{{Name: evil, Address: "a&b=c %?#é<>@x.example"}, {Name: "only a name"}, {Name: "\x00"}}, []message.Address{{Address: evil}}
	r.Header = append(r.Header, evidence.HeaderField{Name: "TO", Raw: "TO: one@x.example,\r\n\ttwo@x.example\r\n"}, evidence.HeaderField{Name: "To", Raw: "To" + evil}, evidence.HeaderField{Name: "To", Raw: "To:three"})
	all[2].Header = append(all[2].Header, evidence.HeaderField{Name: "X", Raw: strings.Repeat("x", maxHeader)})
	docs := drawnWith(t, d, holding(d, 1<<62), volumePages)
	assets, email, _ := metadataOf(t, docs[0])
	require.Len(t, email.Items, 6, "one has too long a header")
	assert.Len(t, assets.Items, 6)
	e := email.Items[0]
	said := "</rdf:li>]]><x:a b='&quot;' \"&<?xpacket end=\"w\"?>endstream\ufffd\U0001F4A3"
	assert.Equal(t, []string{said, said, said, "", said}, []string{e.Subject, e.MessageID, e.RawSent, e.Sent, e.InReplyTo[0]})
	assert.Equal(t, said, e.From.Agents[0].Name)
	assert.Equal(t, "mailto:a%26b%3Dc%20%25%3F%23%C3%A9%3C%3E@x.example", e.From.Agents[0].Mbox)
	assert.Empty(t, e.From.Agents[1].Mbox)
	assert.True(t, strings.HasPrefix(e.RawTo, "one@x.example, two@x.example, "), e.RawTo)
	assert.True(t, strings.HasSuffix(e.RawTo, ", three"), e.RawTo)
	assert.Len(t, email.Items[1].To.Agents, 300)
	assert.Equal(t, "1", email.Items[1].NumberAttachments)
}

func TestDescriptionsAreBounded(t *testing.T) {
	d := many(maxDescribed + 5)
	_, email, _ := metadataOf(t, drawnWith(t, d, holding(d, 1<<40), volumePages)[0])
	assert.Len(t, email.Items, maxDescribed)
}
