package source

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecognise(t *testing.T) {
	mail := "Received: from a.example by b.example; Mon, 5 Jan 2026 10:02:03 +0000\nFrom: ann@plant.example\nSubject: x\n\ny\n"
	from := "From ann@plant.example Mon Jan  5 10:02:03 2026\n"
	for _, c := range []struct {
		name, head string
		want       Format
	}{
		{"a.eml", "", EML}, {"a.EML", "rubbish", EML}, {"a.eml", mail, EML}, {"a.eml", from + mail, EML},
		{"a", mail, EML}, {"a.txt", "\n\n" + mail, EML}, {"a.dat", strings.ReplaceAll(mail, "\n", "\r"), EML},
		{"a.txt", "Subject: x\nFrom: ann@plant.example\n\ny", EML},
		{"a.txt", "Subject : x\nFrom  : ann@plant.example\n\ny", EML},
		{"a.msg", "Subject: x\n\ny", EML},
		{"a", from + mail, Mbox}, {"Inbox.pst.txt", "\xEF\xBB\xBF\r\n" + from + mail, Mbox}, {"a.mbox", "", Mbox}, {"a.mbox", mail, Mbox},
		{"a", "From ann, who does not know the form\n" + mail, Mbox},
		{"x/cur/1767607323.M1P2.host:2,S", "", Maildir}, {"x/cur/5:2,", "rubbish", Maildir}, {"x/cur/whatever", mail, Maildir},
		{"x/new/1767607323.1234_5.host", "rubbish", Maildir}, {"x/tmp/1767607323.Q7.host", "", Maildir},
		{"x/tmp/letter", mail, EML}, {"x/new/Inbox", from + mail, Mbox}, {"x/cur/a.eml", mail, EML},
		{"1.emlx", "5\nA: 1\n<plist>", EMLX},
	} {
		for _, named := range []bool{true, false} {
			k := Recognise(c.name, []byte(c.head), int64(len(c.head)), named)
			require.Nil(t, k.Trouble, "%s: %+v", c.name, k.Trouble)
			assert.Equal(t, c.want, k.Format, "%s %q", c.name, c.head)
		}
	}
	k := Recognise("x/tmp/1767607323.Q7.host", nil, 0, false)
	assert.Contains(t, strings.Join(k.Notes, "; "), "delivery was not finished")
}

func TestTrouble(t *testing.T) {
	utf16 := func(s string) string { return "\xFF\xFE" + strings.Join(strings.Split(s, ""), "\x00") + "\x00" }
	for _, c := range []struct {
		name, head string
		kind       TroubleKind // found in a directory; named it is always Failed
		reason     string
		hint       string
	}{
		{"a.pst", "!BDN....", Failed, "Outlook data file", "readpst"},
		{"a.ost", "whatever", Failed, "Outlook data file", "readpst"},
		{"a.msg", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Failed, "Outlook message", ".eml"},
		{"a.msg", "nothing", Failed, "Outlook message", ".eml"},
		{"a.eml", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Failed, "Outlook message", ".eml"},
		{"a.olm", "PK\x03\x04", Failed, "Outlook for Mac", ".eml"},
		{"takeout.zip", "PK\x03\x04", Failed, "zip", "Takeout"},
		{"a.mbox.gz", "\x1F\x8B\x08", Failed, "gzip", "gunzip"},
		{"a.xz", "\xFD7zXZ\x00", Failed, "xz", "unxz"},
		{"a.bz2", "BZh91AY", Failed, "bzip2", "bunzip2"},
		{"a.zst", "\x28\xB5\x2F\xFD", Failed, "zstd", "unzstd"},
		{"a.tar", strings.Repeat("a", 257) + "ustar", Failed, "tar", "unpack"},
		{"winmail.dat", "\x78\x9F\x3E\x22", Failed, "TNEF", "message"},
		{"a.dbx", "\xCF\xAD\x12\xFE", Failed, "Outlook Express", ".eml"},
		{"a.nsf", "\x1A\x00\x00\x04\x00\x00", Failed, "Notes", ".eml"},
		{"a.mht", "From: <Saved by a browser>\nSubject: x\nMIME-Version: 1.0\n\n", Failed, "web page archive", ".eml"},
		{"a.emlx", "rubbish", Failed, "Apple Mail", "Raw"},
		{"a.mbox", "no separator", Failed, "no From_ line", "From sender date"},
		{"a.txt", utf16("From: a@plant.example\nSubject: x\nDate: y\n\nz"), Failed, "UTF-16", "export"},
		{"b.txt", utf16("nothing of the kind"), Excluded, "UTF-16 text", ""},
		{"a.pdf", "%PDF-1.7", Excluded, "PDF", ".eml"},
		{"a.html", "<!DOCTYPE html>", Excluded, "HTML", ".eml"},
		{"a.json", "{}", Excluded, "JSON", ".eml"},
		{"a.csv", "a,b", Excluded, "CSV", ".eml"},
		{"a.png", "\x89PNG\r\n\x1a\n", Excluded, "PNG", ""},
		{"a.bin", "\x00\x01\x02", Excluded, "binary", ""},
		{"a.txt", "A letter.\n", Excluded, "text", ".eml"},
		{"a.txt", "Note: one\nTodo: two\nSubject of it\n", Excluded, "text", ".eml"},
		{"a", "", Excluded, "empty", ""},
		{"a", " \n", Excluded, "white space", ""},
	} {
		k := Recognise(c.name, []byte(c.head), int64(len(c.head)), false)
		require.NotNil(t, k.Trouble, c.name)
		assert.Empty(t, k.Format)
		assert.Equal(t, c.kind, k.Trouble.Kind, "%s: %s", c.name, k.Trouble.Kind)
		assert.Contains(t, k.Trouble.Reason, c.reason, c.name)
		assert.Contains(t, k.Trouble.Hint, c.hint, c.name)
		k = Recognise(c.name, []byte(c.head), int64(len(c.head)), true)
		require.NotNil(t, k.Trouble, c.name)
		assert.Equal(t, Failed, k.Trouble.Kind, "%s, named by the user", c.name)
	}
}
