package loadfile

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
)

type memory map[string]*bytes.Buffer

type closing struct{ *bytes.Buffer }

func (closing) Close() error { return nil }

func (m memory) create(file string) (io.WriteCloser, error) {
	m[file] = &bytes.Buffer{}
	return closing{m[file]}, nil
}

func sample() *dossier.Dossier {
	at := time.Date(2026, 3, 2, 9, 33, 20, 0, time.UTC)
	mih := strings.Repeat("a", 32)
	records := []*evidence.Record{
		{Exhibit: 1, File: "data/messages/0001.eml", MessageID: "<1@x.example>", Subject: "=HYPERLINK(\"http://evil.example\",\"þ\")\x14\nsecond", From: []message.Address{{Name: "Þóra", Address: "tora@x.example"}},
			To: []message.Address{{Address: "a@x.example"}, {Name: "undisclosed"}}, Date: evidence.Date{Time: &at}, Recorded: evidence.Instant{Time: &at, Basis: evidence.BasisTrace}, Size: 99, Text: "hello\n",
			Digests: evidence.Digests{Message: digest.Of([]byte("1")), EDRMMIH: &mih}, Parts: []message.Part{{Path: "1"}, {Path: "2", Filename: "plan.PDF", Size: 7, SHA256: digest.Of([]byte("plan"))}}},
		{Exhibit: 2, File: "data/messages/0002.eml", Subject: "  +1", Text: ""},
	}
	d := &dossier.Dossier{Count: len(records)}
	d.Messages = func(yield func(*evidence.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	return d
}

func TestDAT(t *testing.T) {
	m := memory{}
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	raw := "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\nContent-Disposition: attachment; filename=plan.PDF\r\nContent-Transfer-Encoding: base64\r\n\r\ncGxhbg==\r\n--x--\r\n"
	d := sample()
	read, err := message.Read(message.Bytes(raw), message.DefaultLimits())
	require.NoError(t, err)
	for r := range d.Messages {
		if r.Exhibit == 1 {
			r.Parts = read.Parts
		}
	}
	o := Output{Create: m.create, Zone: zone, Workers: 2, Open: func(file string) (io.ReadCloser, error) {
		assert.Equal(t, "data/messages/0001.eml", file)
		return io.NopCloser(strings.NewReader(raw)), nil
	}, Page: func(w io.Writer, title, text string) (int, error) {
		_, err := io.WriteString(w, title+"\n"+text)
		return 3, err
	}}
	require.NoError(t, WriteDAT(t.Context(), o, d))
	text, ok := strings.CutPrefix(m[DATFile].String(), "\ufeff")
	require.True(t, ok, "with a byte order mark")
	rows := strings.Split(text, "\r\n")
	require.Len(t, rows, 5, "a header, a message with its attachment, a message, the end")
	var table []map[string]string
	head := strings.Split(rows[0], "\x14")
	for _, row := range rows[1:4] {
		values := strings.Split(row, "\x14")
		require.Len(t, values, len(head), "no value ends its field")
		one := map[string]string{}
		for i, v := range values {
			require.True(t, strings.HasPrefix(v, "þ") && strings.HasSuffix(v, "þ"))
			one[strings.Trim(head[i], "þ")] = strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(v, "þ"), "þ"), "þþ", "þ")
		}
		table = append(table, one)
	}
	a, b, c := table[0], table[1], table[2]
	assert.Equal(t, "=HYPERLINK(\"http://evil.example\",\"þ\") ®second", a["SUBJECT"])
	assert.Equal(t, "Þóra <tora@x.example>", a["FROM"])
	assert.Equal(t, "a@x.example;undisclosed", a["TO"])
	assert.Equal(t, []string{"2026-03-02 10:33:20", "2026-03-02 10:33:20", "Europe/Berlin"}, []string{a["DATESENT"], a["DATERCVD"], a["TIMEZONE"]})
	assert.Equal(t, []string{"ORD00000001", "ORD00000001", "ORD00000001", "ORD00000002"}, []string{a["BEGBATES"], a["ENDBATES"], a["BEGATTACH"], a["ENDATTACH"]})
	assert.Equal(t, []string{"ORD00000002", "ORD00000001", "ORD00000002", "plan.PDF", "PDF", digest.Of([]byte("plan")).Hex()}, []string{b["BEGBATES"], b["BEGATTACH"], b["ENDATTACH"], b["FILENAME"], b["FILEEXT"], b["SHA256HASH"]})
	assert.Equal(t, []string{"ORD00000003", "", ""}, []string{c["BEGBATES"], c["BEGATTACH"], c["DATESENT"]})
	assert.Equal(t, "data/messages/0001.eml", a["NATIVEPATH"])
	assert.Equal(t, "hello\n", m[a["TEXTPATH"]].String())
	assert.Equal(t, []string{"3", "", "3"}, []string{a["PAGECOUNT"], b["PAGECOUNT"], c["PAGECOUNT"]})

	assert.Equal(t, "plan", m[b["NATIVEPATH"]].String(), "decoded, as its digest says")
	assert.Equal(t, "loadfile/natives/ORD00000002.pdf", b["NATIVEPATH"])
	assert.Equal(t, "ORD00000001,ORD001,loadfile/images/ORD00000001.pdf,Y,,,3\r\nORD00000003,ORD001,loadfile/images/ORD00000003.pdf,Y,,,3\r\n", m[OPTFile].String())
	image := m["loadfile/images/ORD00000001.pdf"].String()
	for _, want := range []string{"0001.eml\n", "From:        Þóra <tora@x.example>\n", "Date:        2026-03-02T10:33:20+01:00\n", "Attachment:  plan.PDF\n", "\n\nhello\n"} {
		assert.Contains(t, image, want)
	}
	assert.Len(t, m, 7)
}

// A record of another message, or a name that no file system takes, makes no native and no strange file.
func TestNatives(t *testing.T) {
	for name, want := range map[string]string{"": ".bin", "a": ".bin", "a.PDF": ".pdf", "a.tar.gz": ".gz", "a.": ".bin", "a.p/q": ".bin", "a.\u202egpj": ".bin", "a.exe ": ".bin", "a.abcdefghijk": ".bin"} {
		assert.Equal(t, want, extension(name), "%q", name)
	}
	m := memory{}
	o := Output{Create: m.create, Open: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("A: b\n\n")), nil }}
	names, err := o.natives(&evidence.Record{File: "x"}, []message.Part{{Filename: "a.txt", Offset: 5, Length: 99}}, 1)
	require.NoError(t, err)
	assert.Equal(t, []string{""}, names)
	assert.Empty(t, m)
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteCSV(&b, sample(), time.UTC))
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	require.True(t, ok)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, columns[:], rows[0])
	assert.Equal(t, "'=HYPERLINK(\"http://evil.example\",\"þ\")  second", rows[1][8])
	assert.Equal(t, "'  +1", rows[2][8])
	assert.Equal(t, "plan.PDF", rows[1][10])
	for _, row := range rows {
		for _, v := range row {
			if v != "" {
				assert.NotContains(t, "=+-@\t\r", v[:1], "no field is a formula")
			}
		}
	}
}

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{"": "", "plain": "plain", "=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "' =1", "-2": "'-2", "＝1": "'＝1", "a=b": "a=b", "\xff": "\ufffd", "\u00a0+1": "'\u00a0+1", "|calc": "'|calc"} {
		assert.Equal(t, want, Harmless(in), "%q", in)
	}
}
