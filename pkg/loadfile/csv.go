package loadfile

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"onrecord/pkg/dossier"
)

// columns of the CSV index.
var columns = [...]string{"Exhibit", "Sent (sender's clock)", "Recorded", "Recorded by", "From", "To", "Cc", "Bcc", "Subject", "Message-ID", "Attachments", "Thread", "File", "SHA-256", "EDRM MIH", "Defects"}

// WriteCSV writes the index of all messages: UTF-8 with a byte order mark, CRLF, every field quoted (RFC 4180). A field that a spreadsheet would take for a formula begins with an apostrophe.
func WriteCSV(out io.Writer, d *dossier.Dossier, zone *time.Location) error {
	w := bufio.NewWriterSize(out, 64<<10)
	w.WriteString(byteOrderMark)
	line(w, columns[:])
	for r, err := range d.Messages {
		if err != nil {
			return err
		}
		var names []string
		for _, p := range attachments(r) {
			names = append(names, p.Filename)
		}
		mih := ""
		if r.Digests.EDRMMIH != nil {
			mih = *r.Digests.EDRMMIH
		}
		line(w, []string{fmt.Sprint(r.Exhibit), stamp(r.Date.Time, zone), stamp(r.Recorded.Time, zone), string(r.Recorded.Basis), addresses(r.From), addresses(r.To), addresses(r.Cc), addresses(r.Bcc),
			r.Subject, r.MessageID, strings.Join(names, ";"), r.Thread, r.File, r.Digests.Message.Hex(), mih, fmt.Sprint(len(r.Defects))})
	}
	return w.Flush()
}

func stamp(t *time.Time, zone *time.Location) string {
	if t == nil {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

func line(w *bufio.Writer, values []string) {
	for i, v := range values {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteByte('"')
		w.WriteString(strings.ReplaceAll(Harmless(v), `"`, `""`))
		w.WriteByte('"')
	}
	w.WriteString("\r\n")
}

// Harmless makes a text that spreadsheets show and do not compute: one that begins, behind white space, with = + - @ or a full-width form of these gets an apostrophe in front; control
// characters are blanks. It is longer by that apostrophe: the exact text stands in dossier.json.
func Harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if t := strings.TrimLeft(s, " \u00a0\u3000"); t != "" && strings.ContainsAny(t[:firstRune(t)], "=+-@|%＝＋－＠") {
		return "'" + s
	}
	return s
}

func firstRune(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}
