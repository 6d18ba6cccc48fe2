package html_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/html"
	"onrecord/pkg/evidence"
)

// BenchmarkWriteDossier writes the first exhibits of a real dossier, whose dossier.json ONRECORD_DOSSIER names; want at least 2,000 a second. Their records
// are in memory, as a build has them; reading them is not measured.
func BenchmarkWriteDossier(b *testing.B) {
	name := os.Getenv("ONRECORD_DOSSIER")
	if name == "" {
		b.Skip("ONRECORD_DOSSIER names no dossier.json")
	}
	file, err := os.Open(name)
	require.NoError(b, err)
	defer file.Close()
	info, err := file.Stat()
	require.NoError(b, err)
	d, err := dossier.Decode(file, info.Size())
	require.NoError(b, err)
	require.NoError(b, d.Load())
	var records []*evidence.Record
	for r, err := range d.Messages {
		require.NoError(b, err)
		if records = append(records, r); len(records) == 10_000 {
			break
		}
	}
	d.Messages = sequence(records)
	var n counter
	for b.Loop() {
		n = 0
		require.NoError(b, html.Write(&n, d, html.Options{}))
	}
	b.ReportMetric(float64(len(records)*b.N)/b.Elapsed().Seconds(), "exhibits/s")
	b.ReportMetric(float64(n)/float64(len(records)), "bytes/exhibit")
}
