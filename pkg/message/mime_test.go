package message_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/message"
)

// shape lists the parts as "path type size".
func shape(m *message.Message) []string {
	var s []string
	for _, p := range m.Parts {
		line := p.Path + " " + p.ContentType
		if p.Filename != "" {
			line += " " + p.Filename
		}
		s = append(s, line)
	}
	return s
}

const mixed = full + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_1\"\n\n"

func TestParts(t *testing.T) {
	deep := mixed + "preamble\n--=_1\nContent-Type: multipart/alternative; boundary==_1.1\n\n" +
		"--=_1.1\nContent-Type: text/plain\n\nthe plain text\n\n--=_1.1 \t\nContent-Type: text/html\n\n<p>the HTML</p>\n--=_1.1--\n\n" +
		"--=_1\nContent-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=\"b.pdf\"\nContent-Transfer-Encoding: base64\n\nQUJD\n" +
		"--=_1\nContent-Type: message/rfc822\n\nFrom: b@one.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ninner\n--x--\n" +
		"--=_1\n\nfooter\n--=_1--\nepilogue\n"
	for _, c := range []struct {
		name, in string
		shape    []string
		text     string
		source   string
		defects  []message.DefectKind
	}{
		{"not a multipart", full + "\nbody\n", []string{"1 text/plain"}, "body\n", "text/plain", nil},
		{"deep", deep, []string{"1.1 text/plain", "1.2 text/html", "2 application/pdf b.pdf", "3 message/rfc822", "4 text/plain"}, "the plain text\n\nfooter", "text/plain", []message.DefectKind{message.TextAfterParts}},
		{"HTML where plain is blank", mixed + "--=_1\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\n \n--x\nContent-Type: text/html\n\n<p>H</p>\n--x--\n--=_1--",
			[]string{"1.1 text/plain", "1.2 text/html"}, "H", "text/html", nil},
		{"HTML first", full + "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/html\n\n<p>H</p>\n--x\n\nplain\n--x--\n",
			[]string{"1 text/html", "2 text/plain"}, "plain", "text/plain", nil},
		{"HTML with a plain footer", mixed + "--=_1\nContent-Type: text/html\n\n<p>H</p>\n--=_1\n\nfooter\n--=_1--\n",
			[]string{"1 text/html", "2 text/plain"}, "H\n\nfooter", "text/html", nil},
		{"HTML below related", full + "Content-Type: multipart/alternative; boundary=x\n\n--x\n\nplain\n--x\nContent-Type: multipart/related; boundary=y\n\n--y\nContent-Type: text/html\n\n<p>H\n--y--\n--x--\n",
			[]string{"1 text/plain", "2.1 text/html"}, "plain", "text/plain", nil},
		{"attachments are no text", mixed + "--=_1\n\none\n--=_1\nContent-Disposition: attachment\n\ntwo\n--=_1\nContent-Type: text/plain; name=t.txt\n\nthree\n--=_1\nContent-Disposition: inline; filename=f.patch\n\nfour\n--=_1--\n",
			[]string{"1 text/plain", "2 text/plain", "3 text/plain t.txt", "4 text/plain f.patch"}, "one\n\nfour", "text/plain", nil},
		{"digest", full + "Content-Type: multipart/digest; boundary=x\n\n--x\n\nFrom: b@one.example\n\nb\n--x--\n", []string{"1 message/rfc822"}, "", "", nil},
		{"bounce", full + "Content-Type: multipart/report; boundary=x; report-type=delivery-status\n\n--x\n\nfailed\n--x\nContent-Type: message/delivery-status\n\nA: b\n--x\nContent-Type: text/rfc822-headers\n\nFrom: x\n--x--\n",
			[]string{"1 text/plain", "2 message/delivery-status", "3 text/rfc822-headers"}, "failed", "text/plain", nil},
		{"not terminated", mixed + "--=_1\n\none\n", []string{"1 text/plain"}, "one\n", "text/plain", []message.DefectKind{message.BoundaryUnclosed}},
		{"inner not terminated", mixed + "--=_1\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--=_1\n\ntwo\n--=_1--\n",
			[]string{"1.1 text/plain", "2 text/plain"}, "one\n\ntwo", "text/plain", []message.DefectKind{message.BoundaryUnclosed}},
		{"never there", mixed + "text\n", []string{"1 multipart/mixed"}, "text\n", "text/plain", []message.DefectKind{message.BoundaryMissing}},
		{"no parameter", full + "Content-Type: multipart/mixed\n\ntext\n", []string{"1 multipart/mixed"}, "text\n", "text/plain", []message.DefectKind{message.BoundaryMissing}},
		{"the same inside", mixed + "--=_1\nContent-Type: multipart/alternative; boundary==_1\n\n--=_1\n\none\n--=_1--\n--=_1\n\ntwo\n--=_1--\n",
			[]string{"1.1 text/plain", "2 text/plain"}, "one\n\ntwo", "text/plain", []message.DefectKind{message.BoundaryDuplicate}},
		{"goes on behind its end", mixed + "--=_1\n\none\n--=_1--\n--=_1\n\ntwo\n--=_1--\n", []string{"1 text/plain", "2 text/plain"}, "one\n\ntwo", "text/plain", []message.DefectKind{message.PartAfterClose}},
		{"no separator in a part", mixed + "--=_1\nContent-Type: text/plain\n--=_1\nHello,\nyou\n--=_1--\n", []string{"1 text/plain", "2 text/plain"}, "Hello,\nyou", "text/plain", []message.DefectKind{message.MissingSeparator}},
		{"CRLF delimiters in LF mail", mixed + "--=_1\r\n\r\none\r\n--=_1--\r\n", []string{"1 text/plain"}, "one", "text/plain", []message.DefectKind{message.MixedLineEndings}},
		{"a boundary that another starts with", mixed + "--=_1\nContent-Type: multipart/mixed; boundary=\"=_1--\"\n\n--=_1--\n\none\n--=_1----\n--=_1--\n", []string{"1.1 text/plain"}, "one", "text/plain", nil},
		{"top HTML", full + "Content-Type: text/html; charset=iso-8859-1\nContent-Disposition: attachment\n\n<b>caf\xe9</b>", []string{"1 text/html"}, "café", "text/html", nil},
		{"top binary", full + "Content-Type: application/pdf\n\nx", []string{"1 application/pdf"}, "", "", nil},
		{"odd text", full + "Content-Type: text/enriched\n\nx", []string{"1 text/enriched"}, "x", "text/plain", nil},
		{"no media type", full + "Content-Type: text\n\nx", []string{"1 text/plain"}, "x", "text/plain", []message.DefectKind{message.MediaTypeInvalid}},
		{"unsafe name", full + "Content-Type: application/pdf; name=\"../a.pdf\"\n\nx", []string{"1 application/pdf ../a.pdf"}, "", "", []message.DefectKind{message.FilenameUnsafe}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, crlf := range []bool{false, true} {
				in, defects := c.in, c.defects
				if crlf {
					in, defects = strings.ReplaceAll(strings.ReplaceAll(in, "\r\n", "\n"), "\n", "\r\n"), nil
				}
				m := check(t, []byte(in), message.DefaultLimits())
				assert.Equal(t, c.shape, shape(m))
				assert.Equal(t, c.text, m.Text)
				assert.Equal(t, c.source, m.TextSource)
				var found []message.DefectKind
				for _, d := range m.Defects {
					found = append(found, d.Kind)
				}
				if !crlf {
					assert.Equal(t, defects, found)
				}
				streamed, err := message.ReadStreamed(hidden{bytes.NewReader([]byte(in))}, message.DefaultLimits())
				require.NoError(t, err)
				same(t, m, streamed, c.name)
			}
		})
	}
}

func TestPartContents(t *testing.T) {
	in := mixed + "--=_1\nContent-Type: text/plain\n\none\n\n--=_1\nContent-Type: message/rfc822\nContent-ID: <c@one.example>\n\nFrom: b@one.example\n\nb\n--=_1--\n"
	m := check(t, []byte(in), message.DefaultLimits())
	require.Len(t, m.Parts, 2)
	assert.Equal(t, "one\n", in[m.Parts[0].Offset:m.Parts[0].Offset+m.Parts[0].Length], "the line ending before a delimiter belongs to it")
	assert.Equal(t, "c@one.example", m.Parts[1].ContentID)
	assert.Equal(t, []message.TextSpan{{Start: 0, End: 4, Path: "1", ContentType: "text/plain"}}, m.TextSpans)
	src, cut, err := m.Nested(m.Parts[1], message.DefaultLimits())
	require.NoError(t, err)
	assert.False(t, cut)
	inner, err := message.Read(src, message.DefaultLimits())
	require.NoError(t, err)
	assert.Equal(t, "b@one.example", inner.Header.Text("from"))
	assert.Equal(t, "b", inner.Text)
}

func TestLimits(t *testing.T) {
	lim := message.DefaultLimits()
	lim.Parts, lim.Depth, lim.TextBytes, lim.Fields, lim.Defects = 3, 2, 10, 8, 2
	m := check(t, []byte(mixed+strings.Repeat("--=_1\n\nx\n", 5)), lim)
	assert.Equal(t, []string{"1 text/plain", "2 text/plain", "3 text/plain"}, shape(m))
	assert.Equal(t, m.Size, m.Parts[2].Offset+m.Parts[2].Length, "the last part holds the rest")
	assert.Equal(t, 1, kinds(m)[message.PartLimit])

	m = check(t, []byte(mixed+"--=_1\nContent-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--a--\n--=_1--\n"), lim)
	assert.Equal(t, []string{"1.1 multipart/mixed"}, shape(m))
	assert.Equal(t, 1, kinds(m)[message.DepthLimit])

	m = check(t, []byte(full+"\nabcdefghi\u00e9\n"), lim)
	assert.Equal(t, "abcdefghi", m.Text, "no half character")
	assert.Equal(t, 1, kinds(m)[message.TextTruncated])

	m = check(t, []byte(full+strings.Repeat("X-A: b\n", 10)+"\nbody\n"), lim)
	assert.Len(t, m.Header, 8)
	assert.Equal(t, 1, kinds(m)[message.TooManyFields])
	assert.True(t, strings.HasPrefix(m.Text, "X-A: b\nX"), "the rest counts as body")

	m = check(t, []byte(full+strings.Repeat("bad line\n", 5)+"X-A: b\n\n"), lim)
	assert.Equal(t, 3, kinds(m)[message.LineWithoutColon])

	lim = message.DefaultLimits()
	lim.HeaderBytes = 90
	m = check(t, []byte(full+"Subject: x\n y\n\nbody\n"), lim)
	assert.Len(t, m.Header, 3)
	assert.Equal(t, 1, kinds(m)[message.HeaderTooLarge])
	assert.Equal(t, "Subject: x\n y\n\nbody\n", m.Text)
}

func TestMediaTypes(t *testing.T) {
	type params map[string]string
	for _, c := range []struct {
		in, mediaType string
		params        params
		defects       int
	}{
		{"text/plain", "text/plain", params{}, 0},
		{"Text/Plain ; Charset=\"US-ASCII\" (comment (nested)) ; format=flowed", "text/plain", params{"charset": "US-ASCII", "format": "flowed"}, 0},
		{"text/plain; charset=us-ascii (Plain text)", "text/plain", params{"charset": "us-ascii"}, 0},
		{"text/html;;charset=utf-8;", "text/html", params{"charset": "utf-8"}, 0},
		{"multipart/mixed;\n\tboundary=\"a\\\"b; c=d\"", "multipart/mixed", params{"boundary": `a"b; c=d`}, 0},
		{`application/x-a; name="C:\temp\new.txt"`, "application/x-a", params{"name": `C:\temp\new.txt`}, 0},
		{"application/pdf; name=my own file.pdf; x=y", "application/pdf", params{"name": "my own file.pdf", "x": "y"}, 1},
		{"text/plain charset=utf-8 format=flowed", "text/plain", params{"charset": "utf-8", "format": "flowed"}, 1},
		{`text/plain; charset="utf-8`, "text/plain", params{"charset": "utf-8"}, 1},
		{"text/plain; charset=a; charset=b", "text/plain", params{"charset": "a"}, 1},
		{"text/plain; charset", "text/plain", params{}, 1},
		// RFC 2231 §3 and §4
		{"message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.example/pub\"", "message/external-body", params{"access-type": "URL", "url": "ftp://cs.example/pub"}, 0},
		{"application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "application/x-stuff", params{"title": "This is ***fun***"}, 0},
		{"application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"", "application/x-stuff", params{"title": "This is even more ***fun*** isn't it!"}, 0},
		{"attachment; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac.txt", "attachment", params{"filename": "€.txt"}, 0},
		{"attachment; filename*=iso-8859-1''%e9.txt", "attachment", params{"filename": "é.txt"}, 0},
		{"attachment; filename*=%c3%a9.txt", "attachment", params{"filename": "é.txt"}, 0},
		{"attachment; filename*1=b; filename*0=a; filename*3=d", "attachment", params{"filename": "abd"}, 1},
		{"attachment; filename=\"=?utf-8?B?w6kudHh0?=\"", "attachment", params{"filename": "é.txt"}, 0},
		{"attachment; filename=\"=?utf-8?Q?=C3=A9?=\n =?utf-8?Q?.txt?=\"", "attachment", params{"filename": "é.txt"}, 0},
		{"attachment; filename=caf\xe9.txt", "attachment", params{"filename": "café.txt"}, 0},
		{"", "", params{}, 0},
	} {
		mediaType, got, defects := message.ParseMediaType(message.Field{Name: "X", Raw: []byte("X: " + c.in + "\n"), Offset: 7})
		assert.Equal(t, c.mediaType, mediaType, c.in)
		assert.Equal(t, map[string]string(c.params), got, c.in)
		if assert.Len(t, defects, c.defects, c.in) && len(defects) > 0 {
			assert.EqualValues(t, 7, defects[0].Offset)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	for in, want := range map[string][]string{
		"<a@one.example>": {"<a@one.example>"},
		" <a@one.example>\r\n <b@one.example>,<c@d> ": {"<a@one.example>", "<b@one.example>", "<c@d>"},
		"<a@one.\r\n example>":                        {"<a@one.example>"},
		"\"Your message\" <a@one.example> of today":   {"<a@one.example>"},
		"<a@one.example <b@one.example>":              {"<a@one.example>", "<b@one.example>"},
		"<a@one.example":                              {"<a@one.example>"},
		"a@one.example b@one.example":                 {"<a@one.example>", "<b@one.example>"},
		"Message from bob@one.example of today":       nil,
		"<>":                                          nil,
		"":                                            nil,
		"<no at sign>":                                {"<noatsign>"},
	} {
		assert.Equal(t, want, message.ParseMessageIDs(in), in)
	}
}
