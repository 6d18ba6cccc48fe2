package rows_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/rows"
)

func TestRows(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, 20_000} {
		var l rows.Rows[int]
		for i := range n {
			l.Add(i)
		}
		require.Equal(t, n, l.Len())
		for i := range n {
			require.Equal(t, i, *l.At(i))
		}
		at := 0
		l.Take(func(i int, v *int) {
			require.Equal(t, at, i)
			require.Equal(t, at, *v)
			at++
		})
		assert.Equal(t, n, at)
		assert.Zero(t, l.Len())
		l.Add(7)
		assert.Equal(t, 7, *l.At(0), "an emptied list may be filled again")
	}
}

// A place that At gave stays that of its element while the list grows.
func TestPlacesStay(t *testing.T) {
	var l rows.Rows[int]
	l.Add(1)
	first := l.At(0)
	for i := range 10_000 {
		l.Add(i)
	}
	*first = 5
	assert.Equal(t, 5, *l.At(0))
}
