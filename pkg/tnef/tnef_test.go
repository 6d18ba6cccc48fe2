package tnef

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
)

// builder writes a TNEF stream.
type builder struct{ bytes.Buffer }

func newBuilder() *builder {
	b := &builder{}
	b.Write([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0})
	return b
}

func (b *builder) attribute(level byte, id uint16, data []byte) {
	b.WriteByte(level)
	b.Write(binary.LittleEndian.AppendUint16(nil, id))
	b.Write(binary.LittleEndian.AppendUint16(nil, 6))
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	b.Write(data)
	b.Write(binary.LittleEndian.AppendUint16(nil, checksum(data)))
}

func property(kind, id uint16, data []byte) []byte {
	out := binary.LittleEndian.AppendUint16(nil, kind)
	out = binary.LittleEndian.AppendUint16(out, id)
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	out = append(out, data...)
	return append(out, make([]byte, (4-len(data)%4)%4)...)
}

func sample() []byte {
	b := newBuilder()
	b.attribute(1, attBody, []byte("See the plan.\x00"))
	b.attribute(2, attRenderData, make([]byte, 14))
	b.attribute(2, attTitle, []byte("PLAN~1.PDF\x00"))
	b.attribute(2, attData, []byte("%PDF of the boiler"))
	var props []byte
	props = binary.LittleEndian.AppendUint32(props, 4)
	props = append(props, 0x03, 0, 0x05, 0x37, 1, 0, 0, 0) // a number
	props = append(props, 0x1e, 0, 0x01, 0x80)             // a named property
	props = append(props, make([]byte, 16)...)
	props = append(props, 1, 0, 0, 0, 2, 0, 0, 0, 'x', 0, 0, 0)
	props = append(props, 1, 0, 0, 0, 3, 0, 0, 0, 'a', 'b', 0, 0)
	props = append(props, property(0x1f, propLongFilename, []byte("P\x00l\x00\xe4\x00n\x00e\x00.\x00p\x00d\x00f\x00\x00\x00"))...)
	props = append(props, property(0x1e, propMediaType, []byte("Application/PDF\x00"))...)
	b.attribute(2, attProperties, props)
	b.attribute(2, attRenderData, make([]byte, 14))
	b.attribute(2, attTitle, []byte("list.csv\x00"))
	b.attribute(2, attData, []byte("valve;open"))
	return b.Bytes()
}

func TestParse(t *testing.T) {
	f := Parse(sample())
	assert.Empty(t, f.Notes)
	assert.Equal(t, "See the plan.", f.Body)
	require.Len(t, f.Attachments, 2)
	assert.Equal(t, Attachment{Name: "Pläne.pdf", MediaType: "application/pdf", Data: []byte("%PDF of the boiler")}, f.Attachments[0])
	assert.Equal(t, Attachment{Name: "list.csv", Data: []byte("valve;open")}, f.Attachments[1])
}

func TestBroken(t *testing.T) {
	assert.NotEmpty(t, Parse([]byte("no TNEF")).Notes)
	whole := sample()
	for i := range whole {
		f := Parse(whole[:i])
		assert.LessOrEqual(t, len(f.Attachments), 2)
		if i > 6 && len(f.Attachments) == 2 && f.Attachments[1].Data == nil && i < len(whole)-21 {
			continue
		}
	}
	whole[len(whole)-3] ^= 1
	assert.Contains(t, strings.Join(Parse(whole).Notes, "\n"), "checksum")

	b := newBuilder()
	for range maxAttachments + 5 {
		b.attribute(2, attRenderData, nil)
	}
	f := Parse(b.Bytes())
	assert.Len(t, f.Attachments, maxAttachments)
	assert.NotEmpty(t, f.Notes)
}

// The winmail.dat files of MimeKit hold the files that the lists beside them name; a text as RTF or HTML is not among ours.
func TestCorpora(t *testing.T) {
	all, err := filepath.Glob(filepath.Join(corpora.Dir(t, "fixtures"), "mimekit", "UnitTests", "TestData", "tnef", "*.tnef"))
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, path := range all {
		list, err := os.ReadFile(strings.TrimSuffix(path, ".tnef") + ".list")
		require.NoError(t, err)
		want, have := []string{}, []string{}
		for _, name := range strings.Fields(strings.ReplaceAll(string(list), " ", "_")) {
			if !strings.HasPrefix(name, "body.") && name != "Untitled_Attachment" {
				want = append(want, name)
			}
		}
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, a := range Parse(b).Attachments {
			have = append(have, strings.ReplaceAll(a.Name, " ", "_"))
		}
		assert.Subset(t, have, want, filepath.Base(path))
	}
}

// FuzzParse: no input panics, and what comes out is not larger than what went in.
func FuzzParse(f *testing.F) {
	f.Add(sample())
	f.Add([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0, 2, 0x05, 0x90, 6, 0, 8, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		file, sum := Parse(b), 0
		for _, a := range file.Attachments {
			sum += len(a.Data)
		}
		if sum > len(b) {
			t.Fatalf("%d bytes of attachments in %d bytes", sum, len(b))
		}
	})
}
