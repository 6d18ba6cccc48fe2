package idtime

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/datetime"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestMessageID(t *testing.T) {
	for id, form := range map[string]string{
		"<69A55190.7060809@plant.example>":                          "Mozilla: seconds",
		"<000001dcaa22$f331a800$6501a8c0@desk>":                     "Outlook: the clock of Windows",
		"<!&!AAAAA01DCAA22$F331A800$@plant.example>":                "Outlook: the clock of Windows",
		"<20260302090000.GA1234@plant.example>":                     "mutt: its clock in UTC",
		"<20260302090000.12345-1-ada@plant.example>":                "git send-email: its clock in UTC",
		"<1772442000-1234-1-git-send-email-ada@plant.example>":      "git send-email: seconds",
		"<20260302090000.4821.qmail@plant.example>":                 "a clock without its zone",
		"<20260302090000.4821@plant.example>":                       "qmail: its clock in UTC",
		"<20260302090000.ABCDEF1234@mx.plant.example>":              "Postfix: its clock in UTC",
		"<202603020900.m02CYabc012345@plant.example>":               "sendmail: its clock, often local",
		"<1772442000.1234.5.camel@plant.example>":                   "Evolution: seconds",
		"<1234567890.12.1772442000000.JavaMail.root@plant.example>": "JavaMail: milliseconds",
		"<1234567.7654321.1772442000000@mail.yahoo.com>":            "Yahoo: milliseconds",
		"<Pine.LNX.4.64.2603020900000.1234@plant.example>":          "Pine: its local clock",
		"<E1vwz8C-000123-4A@mx.plant.example>":                      "Exim: seconds",
		"  20260302090000.12345-1-ada@plant.example":                "git send-email: its clock in UTC",
	} {
		m, ok := MessageID(id)
		require.True(t, ok, id)
		assert.Equal(t, form, m.Form, id)
		assert.WithinDuration(t, nine, m.Time, time.Second, id)
		assert.Positive(t, m.Within)
	}
	old, ok := MessageID("<a1b2c3d40803020900k1a2b3c4dh5e6f7a8b9@mail.gmail.com>")
	require.True(t, ok)
	assert.Equal(t, 2008, old.Time.Year())
	for _, id := range []string{"", "<>", "<@>", "<CABcd+12345678@mail.gmail.com>", "<6F9A1B2C-1234-4567-89AB-0123456789AB@plant.example>", "<99999999999999.GA1@x.example>", "<FFFFFFFF.7060809@x.example>",
		"<12345678@x.example>", "<00000000.7060809@x.example>", "<a$b$c@x.example>", "<$$$@x.example>", "<E1------------------@x.example>", "<123456789012345.1.1@x.example>"} {
		_, ok := MessageID(id)
		assert.False(t, ok, id)
	}
}

func TestBoundary(t *testing.T) {
	for b, form := range map[string]string{
		"0000000000008400ab064c06cfcb":              "Gmail: microseconds",
		"----=_NextPart_000_0012_01DCAA22.F331A800": "Outlook: the clock of Windows",
		"----=_Part_123_12345.1772442000000":        "JavaMail: milliseconds",
	} {
		m, ok := Boundary(b)
		require.True(t, ok, b)
		assert.Equal(t, form, m.Form)
		assert.WithinDuration(t, nine, m.Time, time.Second, b)
	}
	for _, b := range []string{"", "b1", "Apple-Mail=_6F9A1B2C-1234-4567-89AB-0123456789AB", "----=_Part_1_2.3", "----=_NextPart_000_0012_ZZDCAA22.F331A800", "------------070809060504030201000908"} {
		_, ok := Boundary(b)
		assert.False(t, ok, b)
	}
}

func TestThreadIndex(t *testing.T) {
	began, reply, ok := ThreadIndex("AdyqIvMxAAAAAAAAAAAAAAAAAAAAAA==")
	require.True(t, ok)
	assert.WithinDuration(t, nine, began.Time, time.Second)
	assert.True(t, reply.Time.IsZero())
	began, reply, ok = ThreadIndex("AdyqIvMxAAAAAAAAAAAAAAAAAAAAAAAAWWgA")
	require.True(t, ok)
	assert.WithinDuration(t, nine, began.Time, time.Second)
	assert.WithinDuration(t, nine.Add(10*time.Minute), reply.Time, time.Second)
	began, reply, ok = ThreadIndex("AQHcqiLzAAAA AAAAAAAAAAAAAAAAAA==")
	require.True(t, ok)
	assert.WithinDuration(t, nine, began.Time, 2*time.Second)
	assert.True(t, reply.Time.IsZero())
	for _, bad := range []string{"", "AAAA", "!!!", "/////////////////////////////w=="} {
		_, _, ok := ThreadIndex(bad)
		assert.False(t, ok, bad)
	}
}

// On real mail what is read lies where the Date says, but for clocks that are wrong and mail that was written long before it was sent.
func TestCorpora(t *testing.T) {
	read, near := map[string]int{}, map[string]int{}
	for _, pack := range []string{"lists", "spamassassin"} {
		require.NoError(t, filepath.WalkDir(corpora.Dir(t, pack), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			for _, raw := range bytes.Split(b, []byte("\n\nFrom ")) {
				head, _, _ := bytes.Cut(raw, []byte("\n\n"))
				field := func(name string) string {
					i := bytes.Index(bytes.ToLower(head), []byte("\n"+name+":"))
					if i < 0 {
						return ""
					}
					line, _, _ := bytes.Cut(head[i+2+len(name):], []byte("\n"))
					return string(bytes.TrimSpace(line))
				}
				date, err := datetime.Parse(field("date"))
				m, ok := MessageID(field("message-id"))
				if err != nil || !ok {
					continue
				}
				read[m.Form]++
				if m.Time.Sub(date.Time).Abs() <= m.Within+time.Hour {
					near[m.Form]++
				}
			}
			return err
		}))
	}
	for form, n := range read {
		t.Logf("%-40s %5d of %5d within an hour", form, near[form], n)
		if n >= 20 {
			assert.GreaterOrEqual(t, float64(near[form])/float64(n), 0.9, form)
		}
	}
}

// FuzzMarks: no input panics, and what is read is a time that mail can have.
func FuzzMarks(f *testing.F) {
	for _, s := range []string{"<69A55190.7060809@plant.example>", "<000001dcaa22$f331a800$6501a8c0@desk>", "----=_NextPart_000_0012_01DCAA22.F331A800", "AdyqIvMxAAAAAAAAAAAAAAAAAAAAAAAAWWgA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		check := func(m Mark, ok bool) {
			if ok && !plausible(m.Time) {
				t.Fatal(m)
			}
		}
		check(MessageID(s))
		check(Boundary(s))
		m, _, ok := ThreadIndex(s)
		check(m, ok)
	})
}

func BenchmarkMessageID(b *testing.B) {
	for b.Loop() {
		MessageID("<20260302090000.12345-1-ada@plant.example>")
		MessageID("<CABcd+12345678abcdefgh@mail.gmail.com>")
	}
}
