package message_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/message"
)

// FuzzRead: fields, separator and body are the message; every part lies in it and gives the digest that it is listed with; a
// source that is read through a window gives what memory gives; small limits change none of that.
func FuzzRead(f *testing.F) {
	f.Add([]byte(full + "\nbody\n"))
	f.Add([]byte(mixed + "--=_1\nContent-Type: multipart/alternative; boundary==_1.1\n\n--=_1.1\n\na\n--=_1.1\nContent-Type: text/html\n\n<p>b\n--=_1.1--\n--=_1\nContent-Transfer-Encoding: base64\n\nQUJD!\n--=_1--\n"))
	f.Add([]byte("From x\r\rFrom: a\r b\r\rContent-Transfer-Encoding: quoted-printable\r\ra=\r=C3=A9"))
	f.Add([]byte("\ufeffSubject: =?utf-8?B?w6k=?= =?x?q?=?=\r\nbroken\r\nTo: \"a\" <b@c>, d\r\n\r\n\x00\xff"))
	f.Add([]byte("Content-Type: text/plain; charset=utf-7; name*0*=x'y'%41; name*1=b\nContent-Disposition: a; filename=\"../x\"\n\n+AGk-"))
	small := message.Limits{HeaderBytes: 200, Fields: 5, Depth: 2, Parts: 3, TextBytes: 40, NestedBytes: 10, Defects: 3}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, lim := range []message.Limits{message.DefaultLimits(), small} {
			want := check(t, data, lim)
			got, err := message.ReadStreamed(hidden{bytes.NewReader(data)}, lim)
			require.NoError(t, err)
			same(t, want, got, "")
			for _, p := range want.Parts {
				src, _, err := want.Nested(p, lim)
				require.NoError(t, err)
				require.LessOrEqual(t, src.Size(), max(p.Length, lim.NestedBytes))
			}
		}
	})
}

// FuzzAddressList: names and addresses are UTF-8, and a field with text gives an address or a defect.
func FuzzAddressList(f *testing.F) {
	for _, s := range []string{"Ann <a@b.example>, (c) d@e", "g: a@b, \"c, d\" <e@f>;", "<@a,@b:c@d>", "=?utf-8?Q?a,b?= <c@d", "a at b.example (c)", "\"a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, defects := message.ParseAddressList(message.Field{Name: "To", Raw: append([]byte("To:"), data...)})
		for _, a := range list {
			assert.True(t, utf8.ValidString(a.Name) && utf8.ValidString(a.Address), "%q", a)
		}
		if bytes.ContainsAny(data, "abcdefghijklmnopqrstuvwxyz@") {
			assert.True(t, len(list)+len(defects) > 0 || bytes.ContainsAny(data, ":;(\"="), "%q", data)
		}
	})
}

// FuzzMediaType: the type and the names of parameters are in lower case, and all is UTF-8.
func FuzzMediaType(f *testing.F) {
	for _, s := range []string{"text/plain; charset=utf-8", "a/b; c*0*=x'y'%41; c*1=\"d\\\"e\"", "a; b=c d e=f; (g) h", "multipart/mixed boundary=x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mediaType, params, _ := message.ParseMediaType(message.Field{Name: "X", Raw: append([]byte("X:"), data...)})
		assert.True(t, utf8.ValidString(mediaType))
		for name, value := range params {
			assert.True(t, utf8.ValidString(name) && utf8.ValidString(value), "%q %q", name, value)
			assert.NotContains(t, name, ";")
		}
	})
}

// FuzzHTMLToText: the text is UTF-8 and not out of proportion.
func FuzzHTMLToText(f *testing.F) {
	for _, s := range []string{"<p>a<br>b</p>", "<blockquote><ul><li>a<a href=http://b>c</a>", "<p style='display:none'>a", "<pre>a\n b</pre><table><tr><td>a<td>b", "<a href='http://é'>\xff"} {
		f.Add([]byte(s), "utf-8")
	}
	f.Fuzz(func(t *testing.T, data []byte, charset string) {
		text := message.HTMLToText(data, charset)
		assert.True(t, utf8.ValidString(text))
		assert.LessOrEqual(t, len(text), 200*len(data)+100)
	})
}
