package evidence

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/mbox"
	"onrecord/pkg/message"
)

// sign puts a DKIM signature on a message. The key is of no worth and needs not be known: the body hash shows without it.
func sign(t testing.TB, mail string) string {
	t.Helper()
	m, err := message.Read(message.Bytes(mail), message.DefaultLimits())
	require.NoError(t, err)
	var fields []dkim.Field
	for _, f := range m.Header {
		fields = append(fields, dkim.Field{Name: f.Name, Raw: f.Raw})
	}
	field, err := dkim.Sign(fields, strings.NewReader(mail[m.BodyOffset:]), dkim.SignOptions{Domain: "mill.example", Selector: "s",
		Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), SignedAt: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return strings.ReplaceAll(field, "\r\n", "\n") + mail
}

const head = "From: a@mill.example\nSubject: x\nDate: Mon, 2 Mar 2026 08:00:00 +0100\nMessage-ID: <x@mill.example>\n\n"

// quote writes a message as an mbox writer of the variant does.
func quote(mail string, v mbox.Variant) string {
	header, body, _ := strings.Cut(mail, "\n\n")
	var b strings.Builder
	for line := range strings.Lines(body) {
		bare := strings.TrimLeft(line, ">")
		if strings.HasPrefix(bare, "From ") && (v == mbox.MboxRD || (v == mbox.MboxO || v == mbox.MboxCL) && bare == line) {
			b.WriteByte('>')
		}
		b.WriteString(line)
	}
	return header + "\n\n" + b.String()
}

var readings = []struct {
	name     string
	body     string
	written  mbox.Variant // by whom the file was written
	taken    mbox.Variant // what the file as a whole was taken for
	why      string
	variant  string // Reading.Variant
	unsigned bool
	spoilt   bool // the signature is over something else
	want     string
}{
	{name: "mboxrd", body: "From a\n>From b\n", written: mbox.MboxRD, taken: mbox.MboxRD, why: "un-quoted as mboxrd; a DKIM body hash fits this reading", variant: "mboxrd"},
	{name: "mboxo", body: "From a\nb\n", written: mbox.MboxO, taken: mbox.MboxO, why: "un-quoted as mboxo; a DKIM body hash fits this reading", variant: "mboxo"},
	{name: "mboxcl2", body: "From a\n>From b\n", written: mbox.MboxCL2, taken: mbox.MboxCL2, why: "the bytes as they lie in the source: mboxcl2 has no quoting to undo here; a DKIM body hash fits this reading"},
	{name: "taken for mboxo, written by nobody who quotes", body: ">From b\n", written: mbox.Unknown, taken: mbox.MboxO, why: "no line un-quoted: a DKIM body hash fits this reading and not that of mboxo"},
	{name: "taken for mboxrd, written as mboxo", body: "From a\n>>From b\n", written: mbox.MboxO, taken: mbox.MboxRD, why: "un-quoted as mboxo: a DKIM body hash fits this reading and not that of mboxrd", variant: "mboxo"},
	{name: "taken for mboxo, written as mboxrd", body: "From a\n>From b\n", written: mbox.MboxRD, taken: mbox.MboxO, why: "un-quoted as mboxrd: a DKIM body hash fits this reading and not that of mboxo", variant: "mboxrd"},
	{name: "not known, written as mboxrd", body: "From a\n>From b\n", written: mbox.MboxRD, taken: mbox.Unknown, why: "un-quoted as mboxrd: a DKIM body hash fits this reading and not that of an mbox of unknown variant", variant: "mboxrd"},
	{name: "mboxo, where one > was the author's own", body: "From a\n>From b\nFrom c\n", written: mbox.MboxO, taken: mbox.MboxO,
		why: "2 of 3 quoted lines un-quoted: a DKIM body hash fits only this reading, line by line", variant: "mboxo"},
	{name: "no signature", body: "From a\n>From b\n", written: mbox.MboxRD, taken: mbox.MboxRD, unsigned: true, why: "un-quoted as mboxrd", variant: "mboxrd"},
	{name: "a signature that fits nothing", body: "From a\n>From b\n", written: mbox.MboxRD, taken: mbox.MboxRD, spoilt: true, why: "un-quoted as mboxrd; no reading fits a DKIM body hash", variant: "mboxrd"},
	{name: "too many lines for trials", body: strings.Repeat("From a\n>From b\n", maxLineTrials), written: mbox.MboxO, taken: mbox.MboxO, variant: "mboxo",
		why:  "un-quoted as mboxo; no reading of all lines fits a DKIM body hash; readings line by line were not tried on so many",
		want: strings.Repeat("From a\nFrom b\n", maxLineTrials)},
}

func TestReading(t *testing.T) {
	for _, c := range readings {
		mail := head + "Hello.\n" + c.body + "Bye.\n"
		if !c.unsigned {
			mail = sign(t, mail)
		}
		if c.spoilt {
			mail = strings.Replace(mail, "Bye.", "Hi.", 1)
		}
		raw := quote(mail, c.written)
		r, got := examine(t, raw, c.taken)
		want := mail
		if c.want != "" {
			want = strings.Replace(mail, c.body, c.want, 1)
		}
		assert.Equal(t, want, got, c.name)
		assert.Equal(t, c.why, r.Reading.Why, c.name)
		assert.Equal(t, digest.Of([]byte(raw)), r.Digests.Raw, c.name)
		assert.Equal(t, digest.Of([]byte(want)), r.Digests.Message, c.name)
		assert.Equal(t, strings.Count(raw, "\n>"), r.Reading.QuotedLines, c.name)
		assert.Equal(t, len(raw)-len(want), r.Reading.Unquoted, c.name)
		if !c.unsigned {
			require.Len(t, r.Authentication.DKIM, 1, c.name)
			assert.Equal(t, c.spoilt || c.want != "", r.Authentication.DKIM[0].BodyHash == dkim.Mismatch, c.name)
		}
	}
}

func TestReadingNamesTheVariantThatWasUndone(t *testing.T) {
	for _, c := range readings {
		mail := head + "Hello.\n" + c.body + "Bye.\n"
		if !c.unsigned {
			mail = sign(t, mail)
		}
		r, _ := examine(t, quote(mail, c.written), c.taken)
		assert.Equal(t, c.variant, r.Reading.Variant, c.name)
	}
}

// The header is never un-quoted, and a message without quoted lines is handed on as it is.
func TestReadingLeavesTheRest(t *testing.T) {
	for name, raw := range map[string]string{
		"in the header":    ">From x\nSubject: a\n\nhello\n",
		"not a line start": "Subject: a\n\nx >From y\n",
		"no space":         "Subject: a\n\n>Fromage\n>From\n",
		"no header end":    "Subject: a\n>From b\n",
	} {
		r, got := examine(t, raw, mbox.MboxRD)
		assert.Equal(t, raw, got, name)
		assert.Equal(t, r.Digests.Raw, r.Digests.Message, name)
		assert.Equal(t, Reading{Why: "the bytes as they lie in the source"}, r.Reading, name)
	}
}
