package message_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/message"
)

const full = "From: a@one.example\nDate: Mon, 2 Jan 2023 10:00:00 +0000\nMessage-ID: <1@one.example>\n"

func names(h message.Header) string {
	var s []string
	for _, f := range h {
		s = append(s, f.Name)
	}
	return strings.Join(s, ",")
}

func TestHeaderEnds(t *testing.T) {
	for _, c := range []struct {
		name, in    string
		fields      string
		header, sep int64
		ending      string
		defects     []message.DefectKind
	}{
		{"LF", full + "\nbody\n", "From,Date,Message-ID", 85, 1, "lf", nil},
		{"CRLF", strings.ReplaceAll(full+"\nbody\n", "\n", "\r\n"), "From,Date,Message-ID", 88, 2, "crlf", nil},
		{"CR", strings.ReplaceAll(full+"\nbody\n", "\n", "\r"), "From,Date,Message-ID", 85, 1, "cr", nil},
		{"mixed", strings.Replace(full+"\nbody\n", "\n", "\r\n", 2), "From,Date,Message-ID", 87, 1, "mixed", []message.DefectKind{message.MixedLineEndings}},
		{"mixed with CR first", strings.Replace(full+"\nbody\n", "\n", "\r", 1), "From,Date,Message-ID", 85, 1, "mixed", []message.DefectKind{message.MixedLineEndings}},
		{"bare CR in a value", full + "Subject: a\rB: c\n\nbody\n", "From,Date,Message-ID,Subject", 101, 1, "lf", []message.DefectKind{message.BareCR}},
		{"folds", full + "Subject: a\n b\n\tc\n \n\nbody\n", "From,Date,Message-ID,Subject", 104, 1, "lf", nil},
		{"white space before the colon", full + "Subject \t: a\n\n", "From,Date,Message-ID,Subject", 98, 1, "lf", nil},
		{"envelope line first", "From a@one.example Mon Jan  2 10:00:00 2023\n" + full + "\nbody\n", ",From,Date,Message-ID", 129, 1, "lf", []message.DefectKind{message.LineWithoutColon}},
		{"quoted envelope line within", full + ">From a@one.example Mon Jan  2 10:00:00 2023\nSubject: x\n\nbody\n", "From,Date,Message-ID,,Subject", 141, 1, "lf", []message.DefectKind{message.LineWithoutColon}},
		{"garbage within", full + "garbage\n goes on\nmore\nX-A: b\n\nbody\n", "From,Date,Message-ID,,,X-A", 114, 1, "lf", []message.DefectKind{message.LineWithoutColon, message.LineWithoutColon}},
		{"space in a name", full + "My Field: a\nX-A: b\n\nbody\n", "From,Date,Message-ID,,X-A", 104, 1, "lf", []message.DefectKind{message.NameInvalid}},
		{"8 bit in a name", full + "S\xfcbject: a\n\nbody\n", "From,Date,Message-ID,", 96, 1, "lf", []message.DefectKind{message.NameInvalid, message.HeaderEightBit}},
		{"no separator", full + "Dear all,\nplease note: it is late\n\nbye\n", "From,Date,Message-ID", 85, 0, "lf", []message.DefectKind{message.MissingSeparator}},
		{"no body", full, "From,Date,Message-ID", 85, 0, "lf", []message.DefectKind{message.NoBody}},
		{"empty body", full + "\n", "From,Date,Message-ID", 85, 1, "lf", nil},
		{"no line ending at the end", full + "Subject: x", "From,Date,Message-ID,Subject", 95, 0, "lf", []message.DefectKind{message.NoBody}},
		{"no header", "\nbody\n", "", 0, 1, "lf", []message.DefectKind{message.NoHeader}},
		{"only text", "Dear all,\nit is late.\n", "", 0, 0, "lf", []message.DefectKind{message.MissingSeparator, message.NoHeader}},
		{"empty", "", "", 0, 0, "none", []message.DefectKind{message.NoHeader}},
		{"BOM", "\ufeff" + full + "\nbody\n", "From,Date,Message-ID", 88, 1, "lf", []message.DefectKind{message.ByteOrderMark, message.HeaderEightBit}},
		{"BOM and empty line", "\ufeff\nbody\n", "", 0, 4, "lf", []message.DefectKind{message.ByteOrderMark, message.NoHeader}},
		{"NUL", full + "\na\x00b\n", "From,Date,Message-ID", 85, 1, "lf", []message.DefectKind{message.NULByte}},
		{"repeated", full + "From: b@one.example\n\n", "From,Date,Message-ID,From", 105, 1, "lf", []message.DefectKind{message.DuplicateField}},
		{"missing", "Subject: x\n\n", "Subject", 11, 1, "lf", []message.DefectKind{message.MissingField, message.MissingField, message.MissingField}},
		{"long line", full + "\n" + strings.Repeat("x", 999) + "\n", "From,Date,Message-ID", 85, 1, "lf", []message.DefectKind{message.LineTooLong}},
		{"longest line", full + "\n" + strings.Repeat("x", 998) + "\r\n" + strings.Repeat("y", 998), "From,Date,Message-ID", 85, 1, "mixed", []message.DefectKind{message.MixedLineEndings}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := check(t, []byte(c.in), message.DefaultLimits())
			assert.Equal(t, c.fields, names(m.Header))
			assert.Equal(t, c.header, m.HeaderLength, "header")
			assert.Equal(t, c.sep, m.SeparatorLength, "separator")
			assert.Equal(t, c.ending, m.LineEnding)
			var found []message.DefectKind
			for _, d := range m.Defects {
				found = append(found, d.Kind)
			}
			assert.Equal(t, c.defects, found)
		})
	}
}

func TestFieldForms(t *testing.T) {
	in := "Subject :  one\r\n\ttwo \r\n =?utf-8?q?th=C3?=\r\n =?UTF-8?Q?=A9?= x\r\nX: \xe9 \x07\r\nbroken\r\nX-A: \xc3\xa9\r\n\r\n"
	m := check(t, []byte(in), message.DefaultLimits())
	require.Len(t, m.Header, 4)
	subject, ok := m.Header.First("SUBJECT")
	require.True(t, ok)
	assert.Equal(t, "Subject", subject.Name)
	assert.Equal(t, "  one\r\n\ttwo \r\n =?utf-8?q?th=C3?=\r\n =?UTF-8?Q?=A9?= x\r\n", string(subject.Body()))
	assert.Equal(t, "one\ttwo  =?utf-8?q?th=C3?= =?UTF-8?Q?=A9?= x", subject.Unfolded())
	assert.Equal(t, "one\ttwo  thé x", subject.Decoded())
	assert.Equal(t, "é \x07", m.Header.Text("x"), "windows-1252 where it is not UTF-8; controls stay")
	assert.Equal(t, "é", m.Header.Text("x-a"))
	assert.Equal(t, "broken\r\n", string(m.Header[2].Body()))
	assert.Empty(t, m.Header.Text("none"))
	assert.Len(t, m.Header.All("x"), 1)
}

func TestEncodedWords(t *testing.T) {
	for in, want := range map[string]string{
		"=?iso-8859-1?Q?a?= b":                            "a b",
		"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=":          "a b", // RFC 2047 §8
		"(=?ISO-8859-1?Q?a?=\t =?ISO-8859-1?Q?b?=)":       "(ab)",
		"=?utf-8?B?w6k?= =?utf-8?b?w6k=?=":                "éé",
		"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=":               "€",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=":              "日本",
		"=?gb2312?B?1tDOxA==?=":                           "中文",
		"=?ks_c_5601-1987?B?x9GxuQ==?=":                   "한국",
		"=?koi8-r?Q?=D4=C5=D3=D4?=":                       "тест",
		"=?us-ascii*EN?Q?Keith_Moore?=":                   "Keith Moore", // RFC 2231 §5
		"=?iso-8859-1?Q?=80?=":                            "€",
		"=?x-none?Q?caf=C3=A9?= =?utf-8?Q?=C3=A9?=":       "caféé",
		"=?utf-8?X?abc?= =?utf-8?Q?=C3=A9?=":              "=?utf-8?X?abc?= é",
		"=?utf-8?B?!?= =?utf-8?Q?=C3=A9?=":                "=?utf-8?B?!?= é",
		"=?utf-8?Q?a b c?=":                               "a b c",
		"=?utf-8?Q?a=ZZ=?=":                               "a=ZZ=",
		"x=?utf-8?Q?=41?=y":                               "xAy",
		"=?utf-8?Q??=":                                    "",
		"=?utf-8?Q?never ends":                            "=?utf-8?Q?never ends",
		"see http://one.example/?a=?b":                    "see http://one.example/?a=?b",
		"=?utf-7?Q?Hi_Mom_+Jjo-!?=":                       "Hi Mom ☺!", // RFC 2152
		"=?utf-8?Q?=E9t=E9?=":                             "été",
		"=?big5?B?pKSk5Q==?= =?shift_jis?B?k/qWew==?=":    "中文日本",
		"=?utf-8?Q?" + strings.Repeat("=C3=A9", 3) + "?=": "ééé",
	} {
		f := message.Field{Name: "S", Raw: []byte("S: " + in + "\n")}
		assert.Equal(t, want, f.Decoded(), in)
	}
}

func TestTransferEncodings(t *testing.T) {
	long := strings.Repeat("QUJD", 15) + "\n"
	decoded := strings.Repeat("ABC", 15)
	for _, c := range []struct {
		name, encoding, in, want string
		defect                   message.DefectKind
	}{
		{"base64", "base64", "QUJD\nRA==\n", "ABCD", ""},
		{"base64 in one octet a line", "BASE64", "Q\r\nU\r\nJ\r\nD\r\n", "ABC", ""},
		{"base64 with a comment", "base64 (really)", "QUJD", "ABC", ""},
		{"base64 without padding", "base64", "QUJDRA", "ABCD", message.Base64Invalid},
		{"base64 with one sextet too many", "base64", "QUJDR", "ABC", message.Base64Invalid},
		{"base64 with trailing octet", "base64", "QUJDRA!", "ABCD", message.Base64Invalid},
		{"base64 with a footer", "base64", long + "RA==\n_______\nList mailing list\n", decoded + "D", message.Base64Invalid},
		{"base64 with a footer and no padding", "base64", long + "_______\nList mailing list\n", decoded, message.Base64Invalid},
		{"base64 with a stray octet", "base64", "QU!JD\n" + long, "ABC" + decoded, message.Base64Invalid},
		{"base64 with text in the middle", "base64", long + "This was put in\nby a gateway: see below.\n" + long, decoded + decoded, message.Base64Invalid},
		{"base64 that goes on", "base64", "RA==\n" + long, "D" + decoded, message.Base64Invalid},
		{"base64 of nothing", "base64", "\n\n", "", ""},
		{"qp", "quoted-printable", "a=20=\nb=3D=c3=A9 \nc\t\n", "a b=é\nc\n", ""},
		{"qp soft break with white space", "quoted-printable", "a= \t\r\nb\r\n", "ab\r\n", ""},
		{"qp broken", "quoted-printable", "a=b=\nc=4", "a=bc=4", message.QuotedPrintableBad},
		{"qp ends in a soft break", "quoted-printable", "a=", "a", ""},
		{"8bit", "8bit", "caf\xc3\xa9\n", "café\n", ""},
		{"quoted name", "\"7bit\"", "=41\n", "=41\n", ""},
		{"unknown", "x-uuencode", "=41\n", "=41\n", message.EncodingUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(full + "Content-Type: application/octet-stream\nContent-Transfer-Encoding: " + c.encoding + "\n\n" + c.in)
			m := check(t, data, message.DefaultLimits())
			require.Len(t, m.Parts, 1)
			r, err := m.Open(m.Parts[0])
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
			assert.Equal(t, digest.Of([]byte(c.want)), m.Parts[0].SHA256)
			assert.EqualValues(t, len(c.want), m.Parts[0].Size)
			raw, err := io.ReadAll(m.Raw(m.Parts[0]))
			require.NoError(t, err)
			assert.Equal(t, c.in, string(raw))
			if c.defect == "" {
				assert.Empty(t, kinds(m)[message.Base64Invalid]+kinds(m)[message.QuotedPrintableBad]+kinds(m)[message.EncodingUnknown])
			} else {
				assert.Equal(t, 1, kinds(m)[c.defect], "%+v", m.Defects)
			}
		})
	}
}

func TestLargeEncodedPart(t *testing.T) {
	plain := bytes.Repeat([]byte("0123456789abcde"), 100_000)
	var b bytes.Buffer
	b.WriteString(full + "Content-Transfer-Encoding: base64\nContent-Type: application/octet-stream\n\n")
	for i := 0; i < len(plain); i += 60 {
		b.WriteString(strings.Repeat("MDEyMzQ1Njc4OWFiY2Rl", 4) + "\r\n")
	}
	m := check(t, b.Bytes(), message.DefaultLimits())
	assert.Equal(t, digest.Of(plain), m.Parts[0].SHA256)
	streamed, err := message.ReadStreamed(hidden{bytes.NewReader(b.Bytes())}, message.DefaultLimits())
	require.NoError(t, err)
	same(t, m, streamed, "")

	src, cut, err := m.Nested(m.Parts[0], message.DefaultLimits())
	require.NoError(t, err)
	assert.False(t, cut)
	assert.EqualValues(t, len(plain), src.Size())
	lim := message.DefaultLimits()
	lim.NestedBytes = 10
	src, cut, err = m.Nested(m.Parts[0], lim)
	require.NoError(t, err)
	assert.True(t, cut)
	assert.EqualValues(t, 10, src.Size())
}

func TestCharsets(t *testing.T) {
	for _, c := range []struct {
		charset, in, want string
		defect            message.DefectKind
	}{
		{"utf-8", "caf\xc3\xa9\r\na\rb", "café\na\nb", ""},
		{"utf-8", "caf\xe9 \xc3\xa9", "café é", message.CharsetInvalid},
		{"us-ascii", "caf\xe9 \x93x\x94", "café “x”", message.CharsetInvalid},
		{"", "caf\xc3\xa9", "café", message.CharsetInvalid},
		{"ISO-8859-1", "caf\xe9 \x80", "café €", ""},
		{"iso-8859-15", "\xa4", "€", ""},
		{"windows-1252", "\x81\x9d", "\u0081\u009d", ""},
		{"windows-1251", "\xcf\xf0\xe8", "При", ""},
		{"x-none", "caf\xe9", "café", message.CharsetUnknown},
		{"iso-2022-kr", "\x1b$)C\x0eGQ", "\x1b$)C\x0eGQ", message.CharsetUnknown},
		{"utf-7", "1 +AGk-", "1 i", ""},
		{"utf-16le", "a\x00b\x00", "ab", ""},
		{"gb2312", "\xd6\xd0", "中", ""},
		{"us-ascii", "a\x00b\x1b[1m", "a\x00b\x1b[1m", ""},
	} {
		data := full + "Content-Type: text/plain; charset=\"" + c.charset + "\"\n\n" + c.in
		m := check(t, []byte(data), message.DefaultLimits())
		assert.Equal(t, c.want, m.Text, "%+v", c)
		assert.Equal(t, strings.ToLower(c.charset), m.Parts[0].Charset)
		if c.defect == "" {
			assert.Zero(t, kinds(m)[message.CharsetInvalid]+kinds(m)[message.CharsetUnknown], "%+v", c)
		} else {
			assert.Equal(t, 1, kinds(m)[c.defect], "%+v", c)
		}
	}
}

type failing struct{ message.Bytes }

var errDisk = errors.New("disk trouble")

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

type shrunk struct{ *bytes.Reader }

func (s shrunk) Size() int64 { return s.Reader.Size() + 1 }

func TestTroubleOfTheSource(t *testing.T) {
	_, err := message.Read(struct{ message.Source }{failing{message.Bytes("From: x\n\n")}}, message.DefaultLimits())
	assert.ErrorIs(t, err, errDisk)
	_, err = message.Read(shrunk{bytes.NewReader([]byte("From: x\n\n"))}, message.DefaultLimits())
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = message.ReadStreamed(shrunk{bytes.NewReader([]byte("From: x\n\n"))}, message.DefaultLimits())
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)

	m := check(t, []byte(full+"\nx"), message.DefaultLimits())
	for _, p := range []message.Part{{Offset: 1 << 40, Length: 1}, {Offset: 1, Length: 1<<63 - 1}, {Offset: -1}} {
		_, err = m.Open(p)
		assert.Error(t, err)
		_, _, err = m.Nested(p, message.DefaultLimits())
		assert.Error(t, err)
	}
}
