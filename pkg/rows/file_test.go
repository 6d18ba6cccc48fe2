package rows_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/rows"
)

// disk is a temporary file. While down is set it fails.
type disk struct {
	b    []byte
	down error
}

func (d *disk) Write(p []byte) (int, error) {
	d.b = append(d.b, p...)
	return len(p), d.down
}

func (d *disk) ReadAt(p []byte, at int64) (int, error) {
	if d.down != nil {
		return 0, d.down
	}
	return bytes.NewReader(d.b).ReadAt(p, at)
}

func (d *disk) open() (rows.File, error) { return d, nil }

type record struct {
	N    int64
	Pair [2]uint32
	Odd  bool
}

func recordOf(i int) record {
	return record{int64(i) * -1_000_003, [2]uint32{uint32(i), ^uint32(i)}, i%2 == 1}
}

func TestTable(t *testing.T) {
	for _, n := range []int{0, 1, 481, 482, 483, 100_000} { // 481 records make a page
		d := &disk{}
		l := rows.NewTable[record](d.open)
		for i := range n {
			require.NoError(t, l.Add(recordOf(i)))
			require.Equal(t, recordOf(i), l.At(i), "the newest")
			require.Equal(t, recordOf(i/2), l.At(i/2), "an older one, while the list grows")
		}
		require.Equal(t, n, l.Len())
		for i := range n { // in steps that jump over pages
			at := i * 7919 % n
			require.Equal(t, recordOf(at), l.At(at))
		}
		all := l.Slice()
		require.Len(t, all, n)
		for i, v := range all {
			require.Equal(t, recordOf(i), v)
		}
		require.NoError(t, l.Err())
		assert.Equal(t, n < 481, len(d.b) == 0, "a short list needs no file")
	}
}

func TestTableIsReadByMany(t *testing.T) {
	l := rows.NewTable[int32](new(disk).open)
	for i := range int32(500_000) {
		require.NoError(t, l.Add(i))
	}
	var all sync.WaitGroup
	wrong := make([]int, 4)
	for g := range wrong {
		all.Go(func() {
			for k := range 50_000 {
				if i := k * (g + 1) * 997 % l.Len(); l.At(i) != int32(i) {
					wrong[g]++
				}
			}
		})
	}
	all.Wait()
	assert.Equal(t, []int{0, 0, 0, 0}, wrong)
}

func TestTableFails(t *testing.T) {
	full := errors.New("disk full")
	l := rows.NewTable[int64](func() (rows.File, error) { return nil, full })
	var err error
	for i := int64(0); err == nil && i < 10_000; i++ {
		err = l.Add(i)
	}
	assert.ErrorIs(t, err, full, "no file")
	assert.ErrorIs(t, l.Err(), full)

	d := &disk{}
	l = rows.NewTable[int64](d.open)
	for i := range int64(10_000) {
		require.NoError(t, l.Add(i))
	}
	d.down = errors.New("unplugged")
	assert.Zero(t, l.At(5))
	assert.ErrorIs(t, l.Err(), d.down)
	d.down = nil
	assert.Zero(t, l.At(5), "a failure is for good")

	l = rows.NewTable[int64](d.open)
	d.down = full
	for i := int64(0); l.Err() == nil && i < 10_000; i++ {
		l.Add(i)
	}
	assert.ErrorIs(t, l.Err(), full, "nothing can be written")
	d.down = nil
	assert.ErrorIs(t, l.Add(1), full, "a failure is for good")
}

func TestJournal(t *testing.T) {
	entry := func(i int) string { return strings.Repeat(fmt.Sprint(i, " "), i*i%600) } // empty ones and long ones
	d := &disk{}
	j := rows.NewJournal(d.open)
	for range j.All() {
		t.Fatal("an entry of an empty journal")
	}
	require.NoError(t, j.Flush())
	var at []int64
	for i := range 500 {
		place, err := j.Add([]byte(entry(i)))
		require.NoError(t, err)
		at = append(at, place)
	}
	require.NoError(t, j.Flush())
	buf := make([]byte, 2000)
	for i := range at {
		for _, buf := range [][]byte{nil, buf} {
			got, err := j.Read(at[i], buf)
			require.NoError(t, err)
			require.Equal(t, entry(i), string(got))
		}
		if i > 0 {
			place, err := j.After(at[i-1])
			require.NoError(t, err)
			require.Equal(t, at[i], place)
		}
	}
	head := make([]byte, 5)
	require.NoError(t, j.Begin(at[7], head))
	assert.Equal(t, entry(7)[:5], string(head))
	n := 0
	for got, err := range j.All() {
		require.NoError(t, err)
		require.Equal(t, entry(n), string(got))
		n++
	}
	assert.Equal(t, len(at), n)

	d.down = errors.New("unplugged")
	_, err := j.Read(at[3], nil)
	assert.ErrorIs(t, err, d.down)
	_, err = j.After(at[3])
	assert.ErrorIs(t, err, d.down)
	assert.ErrorIs(t, j.Begin(at[3], head), d.down)
	for _, err = range j.All() {
	}
	assert.ErrorIs(t, err, d.down)
	_, err = j.Add(make([]byte, 1<<20))
	assert.ErrorIs(t, err, d.down)
	assert.ErrorIs(t, j.Flush(), d.down)
}
