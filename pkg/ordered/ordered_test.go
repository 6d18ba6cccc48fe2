package ordered_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/ordered"
)

func count(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestOrderAndFlight(t *testing.T) {
	var inFlight, most atomic.Int64
	in := func(yield func(int) bool) {
		for i := range 5000 {
			if now := inFlight.Add(1); now > most.Load() {
				most.Store(now)
			}
			if !yield(i) {
				return
			}
		}
	}
	var got []int
	err := ordered.Map(context.Background(), ordered.Limits{Workers: 4, Batch: 3, Flight: 20}, in, func(int) int64 { return 1 },
		func(i int) int {
			if i%97 == 0 {
				time.Sleep(time.Millisecond)
			}
			return 2 * i
		},
		func(i, o int) error {
			assert.Equal(t, 2*i, o)
			got = append(got, i)
			inFlight.Add(-1)
			return nil
		})
	require.NoError(t, err)
	require.Len(t, got, 5000)
	assert.True(t, slices.IsSorted(got))
	// The batch that waits for room is taken from the sequence already, and the next item with it.
	assert.LessOrEqual(t, most.Load(), int64(20+3+1))
}

func TestHeavyItemPassesAlone(t *testing.T) {
	var got []int
	err := ordered.Map(context.Background(), ordered.Limits{Workers: 2, Batch: 1, Flight: 10}, count(5), func(i int) int64 { return 1000 },
		func(i int) int { return i }, func(i, o int) error { got = append(got, o); return nil })
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 2, 3, 4}, got)
}

func TestStops(t *testing.T) {
	boom := errors.New("boom")
	n := 0
	err := ordered.Map(context.Background(), ordered.Limits{Workers: 3, Batch: 1, Flight: 5}, count(1000), func(int) int64 { return 1 },
		func(i int) int { return i }, func(i, o int) error {
			if n++; n == 10 {
				return boom
			}
			return nil
		})
	require.ErrorIs(t, err, boom)
	assert.Equal(t, 10, n)

	ctx, cancel := context.WithCancel(context.Background())
	err = ordered.Map(ctx, ordered.Limits{Workers: 3, Batch: 1, Flight: 5}, count(1000000), func(int) int64 { return 1 },
		func(i int) int {
			if i == 50 {
				cancel()
			}
			return i
		}, func(i, o int) error { return nil })
	require.ErrorIs(t, err, context.Canceled)
}

func TestEmpty(t *testing.T) {
	require.NoError(t, ordered.Map(context.Background(), ordered.Limits{}, count(0), func(int) int64 { return 1 },
		func(i int) int { return i }, func(i, o int) error { return nil }))
}
