package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/source"
)

func TestLooseHostileMailIsBounded(t *testing.T) {
	noise := make([]byte, 6<<20)
	state := uint32(1)
	for i := range noise {
		state = state*1664525 + 1013904223
		noise[i] = byte(state >> 24)
	}
	head := plainMail[:strings.Index(plainMail, "\n\n")+2]
	many := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	words := func(seed int) string {
		return many(400_000, func(i int) string { return fmt.Sprintf("w%d ", (i*seed)%1009) })
	}
	parts := func(n int) string {
		return "Message-ID: <parts@works.example>\nContent-Type: multipart/mixed; boundary=b\n\n" +
			many(20_000, func(i int) string { return fmt.Sprintf("--b\nContent-Type: image/png; name=p%d\n\n%d\n", i, i*n) }) + "--b--\n"
	}
	fieldsOf := func(n int) string {
		return "Message-ID: <fields@works.example>\n" + many(60_000, func(i int) string { return fmt.Sprintf("X-F%d: %d\n", i%50_000, i*n) }) + "\nbody\n"
	}
	held := heldOf(t, plainMail, head+words(7), parts(1), fieldsOf(1), string(noise[:1<<20]))
	for name, mail := range map[string]string{
		"noise":               string(noise),
		"noise below a head":  head + string(noise),
		"one endless line":    head + strings.Repeat("x", 8<<20),
		"empty lines":         head + strings.Repeat("\n", 4<<20),
		"carriage returns":    head + strings.Repeat("\r", 256<<10),
		"quotation marks":     head + strings.Repeat(">", 4<<20),
		"other words":         head + words(11),
		"other parts":         parts(3),
		"other fields":        fieldsOf(3),
		"addresses":           strings.Replace(plainMail, "Cc: ", "Cc: "+strings.Repeat("a@b.example, ", 100_000), 1),
		"tags in the subject": strings.Replace(plainMail, "Subject: ", "Subject: "+strings.Repeat("[a] ", 100_000), 1),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			began := time.Now()
			found, err := held.Message(ctx, examiner(), source.Item{Origin: source.Origin{Source: "hostile.eml"}, Raw: source.Bytes(mail)})
			require.NoError(t, err)
			assert.Less(t, time.Since(began), 20*time.Second)
			require.NotEmpty(t, found)
			assert.Equal(t, name == "other fields", LooseReport(found).OK)
			for _, f := range found {
				assert.Less(t, len(f.Why)+len(f.Expected)+len(f.Found), 32<<10)
			}
		})
	}
}

// TestLooseMboxVariants asks for the same mails as nine kinds of mailbox keep them: not one is lost or called forged.
func TestLooseMboxVariants(t *testing.T) {
	dir := corpora.Dir(t, "mbox-variants")
	names, err := filepath.Glob(filepath.Join(dir, "eml-lf", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var mails []string
	for _, n := range names {
		b, err := os.ReadFile(n)
		require.NoError(t, err)
		mails = append(mails, string(b))
	}
	held := heldOf(t, mails...)
	for _, variant := range []string{"mboxrd.mbox", "mboxrd-crlf.mbox", "mboxrd-bom.mbox", "mboxcl.mbox", "mboxcl2.mbox", "mmdf.mmdf", "takeout-like.mbox", "thunderbird-like.mbox", "no-blank-line.mbox"} {
		t.Run(variant, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(dir, variant))
			require.NoError(t, err)
			_, items, err := source.Items(variant, source.Bytes(b), source.Recognise(variant, b[:min(len(b), 64<<10)], int64(len(b)), true), source.Options{})
			require.NoError(t, err)
			n := 0
			for item, err := range items {
				require.NoError(t, err)
				found, err := held.Message(t.Context(), examiner(), item)
				require.NoError(t, err)
				require.Len(t, found, 1)
				assert.Equal(t, Verified, found[0].Status, found[0].Why)
				n++
			}
			assert.Equal(t, len(mails), n)
		})
	}
}
