package evidence

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/exporter"
	"onrecord/pkg/mbox"
	"onrecord/pkg/source"
)

// Every program of the list leaves its trace; where the way is not shown, the hint says so, and how a better export is got.
func TestFingerprints(t *testing.T) {
	const plain = "From: a@plant.example\nSubject: x\n\nhello\n"
	const way = "Received: from a.plant.example ([192.0.2.1]) by mx.client.example with ESMTPS id 1; Tue, 3 Mar 2026 09:15:04 +0100\n"
	for _, c := range []struct{ name, mail, envelope, file, program, trace, better string }{
		{"Google Takeout", "X-GM-THRID: 1\nX-Gmail-Labels: Inbox\n" + way + plain, "", "", "Google Takeout", "X-GM-THRID", ""},
		{"Google Takeout, labels alone, without the way", "X-Gmail-Labels: Sent\n" + plain, "", "", "Google Takeout", "X-Gmail-Labels", "Show original"},
		{"Thunderbird", "X-Mozilla-Status: 0001\n" + way + plain, "", "", "Thunderbird", "X-Mozilla-Status", ""},
		{"Thunderbird and ImportExportTools, mbox", way + plain, "From - Tue Mar  3 09:15:04 2026", "", "Thunderbird", "envelope line", ""},
		{"Thunderbird, attachments taken out", "X-Mozilla-Altered: AttachmentDeleted\n" + way + plain, "", "", "Thunderbird, attachments removed", "X-Mozilla-Altered", ""},
		{"Apple Mail, .emlx", way + plain, "", "12.emlx", "Apple Mail", ".emlx file", ""},
		{"Apple Mail, remainders", "X-Uniform-Type-Identifier: com.apple.mail-draft\n" + plain, "", "", "Apple Mail", "X-Uniform-Type-Identifier", "Raw Message Source"},
		{"Apple Mail, partial", "X-Apple-Content-Length: 9\n" + way + plain, "", "", "Apple Mail, partial message", "X-Apple-Content-Length", ""},
		{"Exchange, saved without the way", "X-MS-Exchange-Organization-AuthAs: Internal\n" + plain, "", "", "Exchange", "X-MS-Exchange-Organization-AuthAs", "transport archive"},
		{"Outlook, saved without the way", "X-MS-Has-Attach:\nX-MS-TNEF-Correlator:\n" + plain, "", "", "Outlook", "X-MS-Has-Attach without Received", "Outlook on the web"},
		{"a draft", "X-Unsent: 1\n" + plain, "", "", "a draft saved by Outlook or Windows Mail", "X-Unsent", "sent folder"},
		{"Proton", "X-Pm-Internal-Id: x\n" + way + plain, "", "", "Proton Mail export", "X-Pm-Internal-Id", ""},
		{"dovecot", "Status: RO\nX-UID: 4\n" + way + plain, "", "", "mbox kept by a mail server or mutt", "Status", ""},
		{"readpst", "X-libpst-forensic-sender: x\n" + way + plain, "", "", "readpst", "X-libpst-forensic-sender", ""},
		{"readpst, boundary", "Content-Type: multipart/mixed; boundary=\"--boundary-LibPST-iamunique-1_-_-\"\n" + plain, "", "", "readpst", "MIME boundary", "by IMAP"},
		{"getmail", "X-getmail-retrieved-from-mailbox: INBOX\n" + way + plain, "", "", "getmail", "X-getmail-retrieved-from-mailbox", ""},
		{"getmail, its hop", "Received: from unknown by localhost with getmail4 for me; Tue, 3 Mar 2026 09:15:04 +0100\n" + way + plain, "", "", "getmail", "Received", ""},
		{"fetchmail", "Received: from pop.client.example [192.0.2.9] by localhost with POP3 (fetchmail-6.4.39) for <me@localhost>; Tue, 3 Mar 2026 09:15:04 +0100\n" + way + plain, "", "", "fetchmail", "Received", ""},
		{"pipermail", plain, "From a at plant.example  Tue Mar  3 09:15:04 2026", "", "pipermail list archive", "envelope line", "subscriber of the list"},
		{"public-inbox", way + plain, "From mboxrd@z Thu Jan  1 00:00:00 1970", "", "public-inbox", "envelope line", ""},
		{"Eudora", plain, "From ???@??? Tue Mar 03 09:15:04 2026", "", "Eudora", "envelope line", "the other side or the server"},
		{"nobody's", way + plain, "", "", "", "", ""},
		{"nobody's, without the way", plain, "", "", "", "", exporter.NoWay},
	} {
		t.Run(c.name, func(t *testing.T) {
			origin := source.Origin{Source: c.file, EnvelopeLine: c.envelope}
			item := itemOf(c.mail, mbox.Unknown)
			item.Origin = origin
			x, err := newExaminer().Examine(context.Background(), item)
			require.NoError(t, err)
			defer x.Close()
			r := x.Record
			if c.program == "" && c.better == "" {
				assert.Nil(t, r.Export)
				return
			}
			require.NotNil(t, r.Export)
			if c.program != "" {
				require.NotEmpty(t, r.Export.Programs)
				assert.Equal(t, c.program, r.Export.Programs[0])
				assert.Equal(t, c.trace, r.Export.Traces[0])
			}
			assert.Equal(t, c.better != "", strings.HasPrefix(r.Export.Hint, exporter.NoWay), r.Export.Hint)
			assert.Contains(t, r.Export.Hint, c.better)
		})
	}
}
