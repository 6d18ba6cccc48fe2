package dossier_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
)

// long is an mbox of more messages than the lists of a build hold in memory, in no order of time: threads of ten, of each the fifth is not there and the
// ninth is there twice, in other words.
func long(count int) string {
	var all []string
	for i := range count {
		first := i - i%10
		if i%10 == 5 {
			continue
		}
		cites := ""
		if i > first {
			cites = fmt.Sprintf("References: <m%d@mill.example>\nIn-Reply-To: <m%d@mill.example>\n", first, i-1)
		}
		mail := fmt.Sprintf("Received: from a.example by b.example; Mon, 02 Mar 2026 08:%02d:%02d +0000\nFrom: P%d <p%d@mill.example>\nTo: p%d@mill.example\nDelivered-To: p%d@mill.example\n"+
			"Date: Mon, 02 Mar 2026 08:%02d:%02d +0000\nMessage-ID: <m%d@mill.example>\n%sSubject: Belt %d\n\nThe belt will tear, number %d.\n",
			i/60%60, i%60, i%7, i%7, i%5, i%5, i/60%60, i%60, i, cites, first, i)
		if all = append(all, mail); i%10 == 9 {
			all = append(all, strings.Replace(mail, "will tear, number", "will tear,  number", 1))
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return mboxOf(all...)
}

// What lies on disk while a long mailbox is read comes back as it was: threads, copies, persons, what stands in exhibits.
func TestLongMailbox(t *testing.T) {
	const count = 3000
	d := input{files: map[string]string{"long.mbox": long(count)}, workers: 3}.mustBuild(t)
	written := encode(t, d)
	require.NoError(t, d.Load())
	require.Equal(t, written, encode(t, d), "the same from memory")
	require.Equal(t, count, d.Count)
	require.Len(t, d.Threads, count/10)
	for k, th := range d.Threads {
		require.Len(t, th.Exhibits, 10, "nine and a copy")
		require.Equal(t, fmt.Sprintf("Belt %d", k*10), th.Subject)
		require.Len(t, th.Missing, 1)
		require.Equal(t, fmt.Sprintf("<m%d@mill.example>", k*10+5), th.Missing[0].MessageID)
	}
	all := records(t, d)
	for k, th := range d.Threads {
		first := all[th.Exhibits[0]-1]
		require.Equal(t, fmt.Sprintf("<m%d@mill.example>", k*10), first.MessageID)
		require.Equal(t, th.ID, first.Thread)
		of, again := all[th.Exhibits[8]-1], all[th.Exhibits[9]-1]
		require.Equal(t, of.MessageID, again.MessageID)
		require.Len(t, of.Copies, 1)
		require.Equal(t, []any{again.Exhibit, evidence.CopyModified}, []any{of.Copies[0].Exhibit, of.Copies[0].Class})
		require.Equal(t, of.Exhibit, again.Copies[0].Exhibit)
	}
	require.Len(t, d.People, 7)
	require.Len(t, d.Gaps, count/10)
	for _, s := range d.Statements {
		r := all[s.Exhibit-1]
		require.Equal(t, s.Text, string([]rune(r.Text)[s.Span[0]:s.Span[1]]))
	}
}

// A disk that fails while a long mailbox is read or looked at gives an error, whenever it is.
func TestStoreFailsInALongMailbox(t *testing.T) {
	broken := errors.New("disk full")
	mail := map[string]string{"long.mbox": long(600)}
	for _, what := range []string{"spool", "write", "read"} {
		var all atomic.Int64 // several goroutines ask
		in := input{files: mail, store: newStore()}
		in.store.fail = func(does string) error {
			if does == what {
				all.Add(1)
			}
			return nil
		}
		encode(t, in.mustBuild(t))
		did := int(all.Load())
		points := []int{0, did - 1}
		for k := range 25 {
			points = append(points, k*did/25)
		}
		slices.Sort(points)
		for _, after := range slices.Compact(points) {
			var left atomic.Int64
			left.Store(int64(after))
			in.store = newStore()
			in.store.fail = func(does string) error {
				if does == what && left.Add(-1) < 0 {
					return broken
				}
				return nil
			}
			d, err := in.build()
			if err == nil {
				err = dossier.Encode(discard{}, d)
			}
			assert.ErrorIs(t, err, broken, "%s, %d of %d times right", what, after, did)
		}
	}
}
