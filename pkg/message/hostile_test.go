package message_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/message"
)

// endless is a source of any size that holds no memory: head, then filler over and over.
type endless struct {
	head, filler []byte
	size         int64
}

func (e endless) Size() int64 { return e.size }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off < e.size {
		var c int
		if off < int64(len(e.head)) {
			c = copy(p[n:], e.head[off:])
		} else {
			c = copy(p[n:], e.filler[(off-int64(len(e.head)))%int64(len(e.filler)):])
		}
		c = int(min(int64(c), e.size-off))
		n += c
		off += int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func kinds(m *message.Message) map[message.DefectKind]int {
	found := map[message.DefectKind]int{}
	for _, d := range m.Defects {
		found[d.Kind]++
	}
	return found
}

// Each case is more than the limits let into memory, and must cost little memory and about as much time as reading it.
func TestHostileStreams(t *testing.T) {
	const size = 24 << 20
	top := "From: a@one.example\nContent-Type: multipart/mixed; boundary=B\n\n"
	line := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name, head, filler string
		want               message.DefectKind
	}{
		{"one endless field", "Subject: ", "aaaaaaaa", message.HeaderTooLarge},
		{"fields without end", "", "A: b\n", message.TooManyFields},
		{"folds without end", "A: b\n", " c\n", message.HeaderTooLarge},
		{"broken lines without end", "A: b\n", "no field\n", message.MissingSeparator},
		{"broken and good lines", "A: b\n", "no field\nX-A: b\n", message.TooManyFields},
		{"parts without end", top, "--B\n\nx\n", message.PartLimit},
		{"parts that nest in one boundary", top, "--B\nContent-Type: multipart/mixed; boundary=B\n\n", message.DepthLimit},
		{"parts without separator", top, "--B\nA: b\n", message.PartLimit},
		{"dashes", top, "--\n", message.BoundaryMissing},
		{"only dashes", top, "----------", message.BoundaryMissing},
		{"nearly delimiters", top, "--B-\n", message.BoundaryMissing},
		{"closing delimiters", top + "--B\n\n", "--B--\n", ""},
		{"long lines", "From: a@one.example\n\n", line + "\n", message.LineTooLong},
		{"base64", "Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n", "QUJDREVGR0hJSktMTU5P\n", message.TextTruncated},
		{"not base64", "Content-Transfer-Encoding: base64\n\n", "QUJD!\n", message.Base64Invalid},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\n", "a=20=\n", message.TextTruncated},
		{"quoted-printable in one line", "Content-Transfer-Encoding: quoted-printable\n\n", "a=20= ", message.QuotedPrintableBad},
		{"quoted-printable spaces", "Content-Transfer-Encoding: quoted-printable\n\n", "        ", message.LineTooLong},
		{"HTML", "Content-Type: text/html\n\n", "<div><blockquote><p>a<br>", message.TextTruncated},
		{"NULs", "From: a@one.example\n\n", "\x00\x00\x00\x00", message.NULByte},
		{"CRs", "From: a@one.example\r\r", "a\r", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			started := time.Now()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			m, err := message.Read(endless{[]byte(c.head), []byte(c.filler), size}, message.DefaultLimits())
			require.NoError(t, err)
			runtime.ReadMemStats(&after)
			if c.want != "" {
				assert.Contains(t, kinds(m), c.want)
			}
			assert.LessOrEqual(t, len(m.Text), 4<<20)
			assert.Less(t, int64(after.HeapSys)-int64(before.HeapSys), int64(100<<20), "heap taken")
			assert.Less(t, time.Since(started), 30*time.Second)
			t.Logf("%v, %d MB allocated in all, heap grew %d MB", time.Since(started).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20, (int64(after.HeapSys)-int64(before.HeapSys))>>20)
		})
	}
}

func TestManyMultipartsInEachOther(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("From: a@one.example\n")
	for i := range 100_000 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\nthe end\n")
	m := check(t, b.Bytes(), message.DefaultLimits())
	assert.Contains(t, kinds(m), message.DepthLimit)
	require.Len(t, m.Parts, 1)
	assert.True(t, m.Parts[0].Multipart)
	assert.Equal(t, m.Size, m.Parts[0].Offset+m.Parts[0].Length, "the part holds the rest")
}

// What has no end in sight must not cost the square of its length.
func TestHostileFields(t *testing.T) {
	const n = 1 << 20
	started := time.Now()
	for _, piece := range []string{
		"<", ">", "(", ")", "((a)", `"`, `\"`, "@", ",", ";", ":", "=?", "=?a?q?", "=?a?b?!", "=?a?b?!!!!=?", "=?utf-8?q?=41?= ", "a@b ", "a ", "<a@b> ", "[", "=", "a=b ",
		"charset=", "a*0*=x;", "a=b;", "; ;", "'", "%41", "a:b@", `"a"@`, "a b <", "\x00", "\xff", "é",
	} {
		body := strings.Repeat(piece, n/len(piece))
		f := message.Field{Name: "X", Raw: []byte("X:" + body + "\n")}
		list, _ := message.ParseAddressList(f)
		assert.LessOrEqual(t, len(list), 52_000, piece)
		_, params, _ := message.ParseMediaType(message.Field{Name: "X", Raw: []byte("X:a/b;" + body + "\n")})
		assert.LessOrEqual(t, len(params), 2000, piece)
		assert.LessOrEqual(t, len(message.ParseMessageIDs(body)), 10_000, piece)
		f.Decoded()
		message.HTMLToText([]byte(body), "")
		if d := time.Since(started); d > 60*time.Second {
			t.Fatalf("%q: %v", piece, d)
		}
		t.Logf("%-20q %v", piece, time.Since(started))
	}
}

func TestHostileHTML(t *testing.T) {
	started := time.Now()
	for _, piece := range []string{
		"<div>", "<blockquote>x<br>", "<ol><li>x", "<a href=http://one.example/>x", "<p style='display:none'>x", "<td>x", "</p>", "<!--", "<script>", "<", "&", "&#", "<pre>\n",
		"<a b", "<title>", "<textarea>", "<plaintext>", "</", "<p hidden>", "<svg>", "<![CDATA[", "<p \x00", "<img alt=x src=//two.example>", "\u00a0",
	} {
		out := message.HTMLToText([]byte(strings.Repeat(piece, (4<<20)/len(piece))), "utf-8")
		assert.LessOrEqual(t, len(out), 64<<20, piece)
		if d := time.Since(started); d > 60*time.Second {
			t.Fatalf("%q: %v", piece, d)
		}
		t.Logf("%-40q %v", piece, time.Since(started))
	}
}
