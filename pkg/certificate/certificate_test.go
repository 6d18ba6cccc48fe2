package certificate

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
)

func TestPapers(t *testing.T) {
	d := &dossier.Dossier{GeneratedAt: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC), ClockBasis: "a clock", Tool: dossier.Tool{Name: "onrecord", Version: "9.9"}, Count: 4, Defective: 1,
		Case: dossier.Case{Title: "Winch 2\n{TOOL}", Reference: "7/26", PreparedBy: ""}, EvidenceDigest: digest.Of([]byte("all")), Ledger: dossier.Ledger{Found: 10, Kept: 4, Duplicate: 3, Excluded: 2, Failed: 1},
		Keys: dossier.KeySummary{Signatures: 5, Checked: 2}}
	for range maxSources + 2 {
		d.Sources = append(d.Sources, dossier.Source{Path: "mail\n/x.mbox", Size: 12, SHA256: digest.Of([]byte("x")), Ledger: dossier.Ledger{Found: 10, Kept: 4, Duplicate: 3, Excluded: 2, Failed: 1}})
	}
	d.Sources[0].SHA256 = digest.Digest{}
	for name, c := range map[string]struct {
		write func(io.Writer, *dossier.Dossier) error
		says  []string
	}{
		"902": {Write902, []string{"DRAFT - NOT SIGNED", "902(13)", "902(14)", "28 U.S.C. § 1746", "under penalty of perjury", "It found 10 messages: 4 kept", "3 identical", "and 2 more", "2 of 5 DKIM", "not read", "were identical\n   [ ] without exception"}},
		"de":  {WriteGerman, []string{"ENTWURF", "10 Nachrichten", "4 behalten", "und 2 weitere", "2 von 5 DKIM", "nicht gelesen"}},
		"fr":  {WriteFrench, []string{"PROJET", "10 messages ont", "4 conservés", "et 2 autres", "non lu"}},
	} {
		var b bytes.Buffer
		require.NoError(t, c.write(&b, d), name)
		text := b.String()
		for _, says := range append(c.says, "Winch 2 {TOOL} (7/26)", "onrecord 9.9", "2026-03-09T08:00:00Z", d.EvidenceDigest.String(), "mail /x.mbox", blank) {
			assert.Contains(t, text, says, name)
		}
		assert.NotRegexp(t, `%!|\{[A-Z]+\}`, strings.Replace(text, "{TOOL}", "", 1), "%s: every fact is filled in", name)
		for line := range strings.Lines(text) {
			assert.LessOrEqual(t, len([]rune(line)), 112, "%s: %q", name, line)
		}
		draft := strings.Fields(text)[0]
		assert.True(t, strings.HasPrefix(text[strings.LastIndex(text, draft):], draft+" - N"), "%s: marked as a draft at both ends", name)
	}
}
