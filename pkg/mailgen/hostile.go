package mailgen

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// kinds is the table of hostile mail. All kinds but "references" are one message (LF); "references" is an mbox.
var kinds = [...]struct {
	name, size string // what n counts
	write      func(w *bufio.Writer, n int64)
}{
	{"nested", "multiparts, each inside the one before", nested},
	{"parts", "parts side by side in one multipart", parts},
	{"header", "bytes of one header field without a fold", hugeField},
	{"folded", "bytes of one header field, folded into lines of 76", foldedField},
	{"fields", "header fields", manyFields},
	{"received", "Received fields", receivedFields},
	{"recipients", "addresses in To", manyRecipients},
	{"references", "messages (an mbox), each citing the next, the last the first", cyclicReferences},
	{"escapes", "header fields with terminal escapes, HTML and script", escapedFields},
	{"encodings", "message/rfc822 parts, each in base64 inside the one before; the size grows by a third a level", nestedEncodings},
	{"messages", "message/rfc822 parts, each inside the one before", nestedMessages},
	{"quotes", "lines, each quoted one level deeper", deepQuotes},
	{"line", "bytes of a body in one line", oneLine},
	{"html", "elements, each inside the one before", deepHTML},
	{"large", "bytes of the whole message, nearly all in an attachment", func(w *bufio.Writer, n int64) { large(w, n) }},
}

// Kinds gives the names that Hostile knows and what n counts for each.
func Kinds() [][2]string {
	var out [][2]string
	for _, k := range kinds {
		out = append(out, [2]string{k.name, k.size})
	}
	return out
}

// Hostile writes a message that is made to break its readers, streamed: no kind holds more than a few kilobytes in memory, whatever n is
// ("encodings" a few more for each level). The kinds and what n counts are those of Kinds. An error is one of w, or an unknown kind.
func Hostile(kind string, w io.Writer, n int64) error {
	for _, k := range kinds {
		if k.name == kind {
			buffered := bufio.NewWriterSize(w, 64<<10)
			k.write(buffered, n) // bufio keeps the first error for Flush
			return buffered.Flush()
		}
	}
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return fmt.Errorf("no hostile mail of the kind %q: have %s", kind, strings.Join(names, ", "))
}

// Large writes one message of exactly n bytes (at least a header's): some text and a base64 attachment. An error is one of w.
func Large(w io.Writer, n int64) error { return Hostile("large", w, n) }

const hostileHead = "Received: from out.hostile.example (out.hostile.example [192.0.2.66]) by mx1.records.example (Postfix) with ESMTPS id 4Zx;\n\tMon, 2 Mar 2026 09:00:01 +0000\n" +
	"From: Mallory <mallory@hostile.example>\nTo: archive@records.example\nSubject: test\nDate: Mon, 2 Mar 2026 09:00:00 +0000\nMIME-Version: 1.0\n"

func repeat(w io.Writer, unit string, n int64) {
	block := strings.Repeat(unit, max(1, 4096/len(unit)))
	for n > 0 {
		take := min(n, int64(len(block)))
		if _, err := io.WriteString(w, block[:take]); err != nil {
			return
		}
		n -= take
	}
}

func nested(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead)
	for i := range n {
		fmt.Fprintf(w, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i)
	}
	w.WriteString("Content-Type: text/plain\n\nThe innermost part.\n")
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(w, "--b%d--\n", i)
	}
}

func parts(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Content-Type: multipart/mixed; boundary=b\n\n")
	for i := range n {
		fmt.Fprintf(w, "--b\nContent-Type: text/plain; name=%d.txt\n\n%d\n", i, i)
	}
	w.WriteString("--b--\n")
}

func hugeField(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Message-ID: <huge@hostile.example>\nX-Huge: ")
	repeat(w, "abcdefghijklmnop", n)
	w.WriteString("\n\nThe body after a huge field.\n")
}

func foldedField(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Message-ID: <folded@hostile.example>\nX-Huge:")
	repeat(w, "\n "+strings.Repeat("v", 74), n/76*76)
	w.WriteString("\n\nThe body after a huge field.\n")
}

func manyFields(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Message-ID: <fields@hostile.example>\n")
	var line []byte
	for i := range n {
		line = append(strconv.AppendInt(append(line[:0], "X-Field-"...), i, 10), ": v\n"...)
		w.Write(line)
	}
	w.WriteString("\nThe body after many fields.\n")
}

func receivedFields(w *bufio.Writer, n int64) {
	for i := range n {
		fmt.Fprintf(w, "Received: from h%d.hostile.example (h%d.hostile.example [192.0.2.%d]) by h%d.hostile.example (Postfix) with ESMTP id A%d;\n\tMon, 2 Mar 2026 09:00:01 +0000\n", i+1, i+1, i%250, i, i)
	}
	w.WriteString(hostileHead + "Message-ID: <received@hostile.example>\n\nThe body after many hops.\n")
}

func manyRecipients(w *bufio.Writer, n int64) {
	w.WriteString("From: Mallory <mallory@hostile.example>\nMessage-ID: <recipients@hostile.example>\nDate: Mon, 2 Mar 2026 09:00:00 +0000\nTo: archive@records.example")
	for i := range n {
		fmt.Fprintf(w, ",\n \"Person %d\" <p%d@hostile.example>", i, i)
	}
	w.WriteString("\n\nWithout the valve the boiler will burst.\n")
}

func cyclicReferences(w *bufio.Writer, n int64) {
	for i := range n {
		fmt.Fprintf(w, "From mallory@hostile.example Mon Mar  2 09:00:00 2026\nFrom: Mallory <mallory@hostile.example>\nTo: archive@records.example\nSubject: Re: cycle\n"+
			"Date: Mon, 2 Mar 2026 09:00:00 +0000\nMessage-ID: <c%d@hostile.example>\nIn-Reply-To: <c%d@hostile.example>\nReferences: <c%d@hostile.example> <c%d@hostile.example> <c%d@hostile.example>\n\n"+
			"Message %d of a circle.\n\n", i, (i+1)%n, (i+2)%n, (i+1)%n, i, i)
	}
}

// escapes are contents that must never reach a terminal, a page or a sheet as they are.
func escapes() []string {
	return []string{
		"\x1b[2J\x1b[1;1Hcleared", "\x1b]0;title\x07", "\x1b]8;;http://hostile.example/\x1b\\link\x1b]8;;\x1b\\", "\x1b]52;c;aG9zdGlsZQ==\x07", "\x9b31mC1", "\x1bP$qm\x1b\\", "a\bb\x7f", "\x00nul",
		"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style></title></textarea><svg onload=alert(1)>", "javascript:alert(1)", "&lt;b&gt;&#x3c;", "{{7*7}} ${7*7} <%= 7*7 %>",
		"=HYPERLINK(\"http://hostile.example\")", "@SUM(1+1)*cmd|' /C calc'!A0", "+1-1", "\u202egnp.exe", "\u2066\u200b\ufeff", "%0d%0aX-Injected: yes", "'; drop table messages; --", "$(touch x) `touch x`",
	}
}

func escapedFields(w *bufio.Writer, n int64) {
	all := escapes()
	for i, name := range []string{"From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Received", "Return-Path", "Authentication-Results",
		"Received-SPF", "DKIM-Signature", "ARC-Seal", "List-Id", "Content-Type", "Content-Disposition", "Thread-Index"} {
		fmt.Fprintf(w, "%s: %s <%s@hostile.example>; d=%s; filename=\"%s\"\n", name, all[i%len(all)], all[(i+1)%len(all)], all[(i+2)%len(all)], all[(i+3)%len(all)])
	}
	for i := range n {
		fmt.Fprintf(w, "X-%d: %s\n", i, all[i%int64(len(all))])
	}
	w.WriteString("\n")
	for _, e := range all {
		w.WriteString(e + "\nIf you remove the guard, " + e + " somebody will lose a hand.\n")
	}
}

// nestedEncodings chains n base64 encoders, each wrapped in lines: what is written innermost passes through all of them.
func nestedEncodings(w *bufio.Writer, n int64) {
	const head = "From: Mallory <mallory@hostile.example>\nSubject: level %d\nMIME-Version: 1.0\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
	var out io.Writer = w
	var closers []io.Closer
	for i := range n {
		fmt.Fprintf(out, head, i)
		e := base64.NewEncoder(base64.StdEncoding, &wrapper{w: out})
		closers = append(closers, e)
		out = e
	}
	io.WriteString(out, "From: Mallory <mallory@hostile.example>\nSubject: innermost\n\nWithout the valve the boiler will burst.\n")
	for _, c := range slices.Backward(closers) {
		c.Close()
	}
}

// wrapper breaks lines after 76 bytes.
type wrapper struct {
	w      io.Writer
	column int
}

func (l *wrapper) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		take := min(len(p), 76-l.column)
		if _, err := l.w.Write(p[:take]); err != nil {
			return 0, err
		}
		p, l.column = p[take:], l.column+take
		if l.column == 76 {
			if _, err := l.w.Write([]byte("\n")); err != nil {
				return 0, err
			}
			l.column = 0
		}
	}
	return total, nil
}

func nestedMessages(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead)
	for i := range n {
		fmt.Fprintf(w, "Content-Type: message/rfc822\n\nFrom: Mallory <mallory@hostile.example>\nMessage-ID: <n%d@hostile.example>\nSubject: level %d\nMIME-Version: 1.0\n", i, i)
	}
	w.WriteString("Content-Type: text/plain\n\nWithout the valve the boiler will burst.\n")
}

func deepQuotes(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Message-ID: <quotes@hostile.example>\nContent-Type: text/plain\n\n")
	for i := range n {
		repeat(w, ">", min(i, 2000)) // deeper would make the size grow with the square of n
		w.WriteString(" Do not open the valve, it will burst.\n")
	}
}

func oneLine(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Message-ID: <line@hostile.example>\nContent-Type: text/plain\n\n")
	repeat(w, "if you open the valve it will burst and ", n)
}

func deepHTML(w *bufio.Writer, n int64) {
	w.WriteString(hostileHead + "Message-ID: <html@hostile.example>\nContent-Type: text/html\n\n<html><body>")
	repeat(w, "<div>", 5*n)
	w.WriteString("Without the valve the boiler will burst.")
	repeat(w, "</div>", 6*n)
}

func large(w *bufio.Writer, n int64) {
	head := hostileHead + "Message-ID: <large@hostile.example>\nContent-Type: multipart/mixed; boundary=large\n\n--large\nContent-Type: text/plain\n\n" +
		"The recording is attached. Without the second server we lose all of them.\n\n--large\nContent-Type: application/octet-stream; name=recording.bin\n" +
		"Content-Disposition: attachment; filename=recording.bin\nContent-Transfer-Encoding: base64\n\n"
	const tail = "\n--large--\n"
	w.WriteString(head)
	r := random{1}
	block := r.base64Lines(77 * 8192)
	left := n - int64(len(head)+len(tail))
	for left >= 77 {
		take := min(int64(len(block)), left/77*77)
		if _, err := w.Write(block[:take]); err != nil {
			return
		}
		left -= take
	}
	// What is left is less than a line: whole groups of four letters, then line endings, so that the attachment stays sound.
	repeat(w, "QUJD", max(0, left)/4*4)
	repeat(w, "\n", max(0, left)%4)
	w.WriteString(tail)
}
