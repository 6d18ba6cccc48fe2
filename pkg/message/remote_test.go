package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/message"
)

// remote examines a message whose only part is this HTML.
func remote(t testing.TB, html string) []message.Remote {
	m, err := message.Read(message.Bytes([]byte(full+"Content-Type: text/html; charset=utf-8\n\n"+html)), message.DefaultLimits())
	require.NoError(t, err)
	return m.RemoteContent
}

func TestRemoteContent(t *testing.T) {
	for _, c := range []struct{ name, html, want string }{
		{"pictures", `<img src="https://Two.example/a.gif"><img src='//one.example/b'><img SRC=HTTP://two.example:8080/c>`, "one.example 1/0 two.example 2/0"},
		{"what is in the mail", `<img src=cid:1><img src="data:image/gif;base64,R0lGOD//x.example"><img src="a.png"><img src="/a.png"><img src="#a"><img src="file:///c:/a.png">`, ""},
		{"links are not loaded", `<a href="http://three.example/">x</a><area href="//four.example"><link rel=canonical href="//five.example"><link href="//six.example">`, ""},
		{"style sheets", `<link rel="StyleSheet" href="http://a.example/s.css"><style>@import "https://b.example/x.css"; @import url('//c.example/y.css'); b{background:url( http://d.example/z )}</style><p style="background-image:url(&quot;https://e.example/b.png&quot;)">`,
			"a.example 1/0 b.example 1/0 c.example 1/0 d.example 1/0 e.example 1/0"},
		{"after the style sheet", `<style>a{}</style>url(http://no.example/)`, ""},
		{"backgrounds", `<body background="http://a.example/x"><table><td BACKGROUND=//b.example/y>`, "a.example 1/0 b.example 1/0"},
		{"srcset", `<img srcset="https://a.example/1,2.png 1x, //b.example/3.png 2x,https://c.example/4.png"><source srcset="//d.example/x">`, "a.example 1/0 b.example 1/0 c.example 1/0 d.example 1/0"},
		{"frames and media", `<iframe src="//a.example"></iframe><object data="//b.example"></object><embed src="//c.example"><video poster="//d.example"><audio src="//e.example"><input type=image src="//f.example">`,
			"a.example 1/0 b.example 1/0 c.example 1/0 d.example 1/0 e.example 1/0 f.example 1/0"},
		{"web bugs", `<img width=1 height="1" src="//a.example/t"><img style="width:1px; height:0 !important" src="//b.example"><img style="display:none" src="//c.example"><img width=1 height=20 src="//d.example"><img width=600 height=1 src="//e.example"><img hidden src=//f.example>`,
			"a.example 1/1 b.example 1/1 c.example 1/1 d.example 1/0 e.example 1/0 f.example 1/1"},
		{"how browsers read addresses", "<img src=' \nht\ttps:\\\\a.example/x'><img src=\"https:b.example\"><img src='https:////user:pw@c.example:443?x@y'><img src='&#x68;ttp://d%2Eexample/'><img src='\\\\e.example\\share'><img src='file://f.example/x'><img src=http://[2001:DB8::1]:80/>",
			"[2001:db8::1] 1/0 a.example 1/0 b.example 1/0 c.example 1/0 d.example 1/0 e.example 1/0 f.example 1/0"},
		{"base", `<base href="https://a.example/x/"><img src="b.png"><img src="#c"><img src="cid:1">`, "a.example 1/0"},
		{"conditional comment", `<!--[if gte mso 9]><v:fill type="tile" src="https://a.example/bg.png"/><![endif]--><!-- <img src="//no.example"> -->`, "a.example 1/0"},
		{"refresh", `<meta http-equiv="refresh" content="0; url='https://a.example/'"><meta name=x content="url=//no.example">`, "a.example 1/0"},
		{"svg", `<svg><image xlink:href="https://a.example/x.svg"/><use href="#y"/></svg>`, "a.example 1/0"},
		{"no host", `<img src="https://"><img src="//"><img src="https://a<c"><img src="http://` + strings.Repeat("a", 300) + `/">`, ""},
	} {
		var got []string
		for _, h := range remote(t, c.html) {
			got = append(got, fmt.Sprintf("%s %d/%d", h.Host, h.Count, h.Pixels))
		}
		assert.Equal(t, c.want, strings.Join(got, " "), c.name)
	}
}

// HTML beside a text/plain is what most mail programs show: it counts although its text is not read; an attachment is not opened by itself.
func TestRemoteContentOfPartsNotShown(t *testing.T) {
	m := check(t, []byte(full+"Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nplain\n--a\nContent-Type: text/html; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n"+
		"PABpAG0AZwAgAHMAcgBjAD0ALwAvAGEALgBlAHgAYQBtAHAAbABlAD4A\n--a--\n--m\nContent-Type: text/html\nContent-Disposition: attachment\n\n<img src=//b.example>\n--m--\n"), message.DefaultLimits())
	assert.Equal(t, "plain", strings.TrimSpace(m.Text))
	assert.Equal(t, []message.Remote{{Host: "a.example", Count: 1}}, m.RemoteContent)
}

// However many hosts there are, a hundred are named and all are counted.
func TestRemoteContentIsBound(t *testing.T) {
	var html strings.Builder
	for i := range 250 {
		fmt.Fprintf(&html, `<img width=1 height=1 src="//h%d.example">`, i)
	}
	got := remote(t, html.String())
	require.Len(t, got, 101)
	assert.Equal(t, message.Remote{Host: "", Count: 150, Pixels: 150}, got[100])
}

// FuzzRemoteContent: every host is a name that can be shown, there is a bound to them, and each is counted at least as often as its invisible pictures.
func FuzzRemoteContent(f *testing.F) {
	for _, s := range []string{`<img src=//a.example>`, `<style>@import 'http://a'; url(url(//b))`, `<!--[if x]><img src="http:\\c@d:1">`, `<img srcset="//a 1x,,//b,">`, `<base href=//a><img src=b width=1 height=1>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, html string) {
		got := remote(t, html)
		require.LessOrEqual(t, len(got), 101)
		for i, h := range got {
			require.True(t, h.Host != "" || i == 100)
			require.NotContains(t, h.Host, "/")
			require.NotContains(t, h.Host, " ")
			require.GreaterOrEqual(t, h.Count, max(1, h.Pixels))
			if i > 0 && h.Host != "" {
				require.Less(t, got[i-1].Host, h.Host)
			}
		}
	})
}
