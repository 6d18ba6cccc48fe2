package verify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/source"
)

// FuzzHunks: what stands between the hunks is equal, hunks are in order and touch nothing twice, and equal texts have none.
func FuzzHunks(f *testing.F) {
	f.Add("a b c d e", "a x c e f")
	f.Add("", "a")
	f.Add("a b a b a b", "b a b a")
	f.Add("a", "a")
	f.Fuzz(func(t *testing.T, held, loose string) {
		a, b := numbered(tokens(held), tokens(loose))
		i, j := 0, 0
		hunks := hunksOf(a, b)
		for _, h := range hunks {
			require.True(t, i <= h.a0 && h.a0 <= h.a1 && h.a1 <= len(a) && j <= h.b0 && h.b0 <= h.b1 && h.b1 <= len(b))
			require.Less(t, 0, h.a1-h.a0+h.b1-h.b0)
			require.Equal(t, a[i:h.a0], b[j:h.b0])
			i, j = h.a1, h.b1
		}
		require.Equal(t, a[i:], b[j:])
		require.Empty(t, hunksOf(a, a))
		shown, n, _ := passagesOf(tokens(held), tokens(loose))
		require.LessOrEqual(t, len(shown), n)
		require.Equal(t, len(hunks) == 0, n == 0)
	})
}

// FuzzLoose: no mail breaks the comparison; a mail is identical to itself; two that are not the same bytes are never called identical, each
// difference has a name, and what is called verified has the same sender, recipients, subject, date and Message-ID.
func FuzzLoose(f *testing.F) {
	f.Add(plainMail, crlf(plainMail))
	f.Add(richMail, strings.Replace(richMail, "outer-1", "x", 3))
	f.Add(enclosingMail, innerMail)
	f.Add(bareMail, "\ufeffFrom x\n>From: y\n\n")
	f.Fuzz(func(t *testing.T, held, loose string) {
		if len(held)+len(loose) > 64<<10 {
			return
		}
		h := heldOf(t, held)
		found := ask(t, h, loose)
		require.NotEmpty(t, found)
		last := found[len(found)-1]
		require.Equal(t, held == loose, strings.HasPrefix(last.Why, looseIdentical))
		a, b := versionOf(t, held), versionOf(t, loose)
		c, err := compare(a, b)
		require.NoError(t, err)
		require.Equal(t, held == loose, len(c.reasons)+len(c.fields)+c.differ == 0)
		if last.Status == Verified {
			assert.Equal(t, a.r.MessageID, b.r.MessageID)
			assert.Equal(t, collapse(a.r.Subject), collapse(b.r.Subject))
			assert.Equal(t, dateOf(a.r), dateOf(b.r))
			assert.Equal(t, bareAddresses(a.r.From), bareAddresses(b.r.From))
			assert.Equal(t, bareAddresses(a.r.To), bareAddresses(b.r.To))
			assert.Equal(t, bareAddresses(a.r.Cc), bareAddresses(b.r.Cc))
		}
	})
}

func versionOf(t testing.TB, mail string) *version {
	ex, err := examiner().Examine(t.Context(), source.Item{Raw: source.Bytes(mail)})
	require.NoError(t, err)
	v, err := newVersion(ex, examiner().Limits)
	require.NoError(t, err)
	return v
}
