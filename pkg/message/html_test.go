package message_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/message"
)

func TestHTMLToText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "<html><head><title>T</title><style>p{}</style></head><body><p>one\n two</p><p>three<br>four</p></body></html>", "one two\n\nthree\nfour"},
		{"divisions", "<div>a</div><div>b<div>c</div></div>d", "a\nb\nc\nd"},
		{"empty division with br", "<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
		{"entities", "caf&eacute; &lt;x&gt; &amp; &#8364;&nbsp;5", "café <x> & € 5"},
		{"inline", "a<b>b</b>c <i>d</i>", "abc d"},
		{"list", "x<ul><li>a</li><li>b<ol><li>c<li>d</ol></ul>y", "x\n- a\n- b\n  1. c\n  2. d\ny"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td></td><td>c</td></tr></table>z", "a\tb\nc\n\nz"},
		{"quotation", "<p>new</p><blockquote><p>old</p><p>older<blockquote>oldest</blockquote></blockquote>end", "new\n\n> old\n>\n> older\n>\n> > oldest\n\nend"},
		{"link", `<a href="https://one.example/x">here</a> <a href="https://one.example/">one.example</a> <a href="mailto:a@one.example">a@one.example</a> <a href="#top">up</a>`,
			"here [https://one.example/x] one.example a@one.example up"},
		{"script", "a<script>var b = '<p>'</script><!-- c -->d", "ad"},
		{"preformatted", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		{"hidden", `a <span style="DISPLAY : none !important">b <span>c</span> d</span> e<p hidden>f</p>`, "a [hidden: b c d] e\n\n[hidden: f]"},
		{"hidden and empty", `<div style="display:none"> <img src="x"></div>a`, "a"},
		{"image", `<img alt="a chart" src="cid:1">`, "[a chart]"},
		{"unclosed", "<div><p>a <b>b", "a b"},
		{"broken", "a < b and c <d", "a < b and c"},
		{"charset of the document", "<meta charset=windows-1251><p>\xcf\xf0\xe8", "При"},
		{"windows-1252 where nothing is said", "caf\xe9", "café"},
	} {
		assert.Equal(t, c.want, message.HTMLToText([]byte(c.in), ""), c.name)
	}
	assert.Equal(t, "é", message.HTMLToText([]byte("\xe9"), "iso-8859-1"))
}
