package dossier_test

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
)

// While what the messages show together is still worked out, the messages can be written already; the bytes are the same.
func TestStart(t *testing.T) {
	want := encode(t, mill(t).mustBuild(t))
	in := mill(t)
	in.start = true
	d := in.mustBuild(t)
	assert.True(t, bytes.Equal(want, encode(t, d)))
	require.NoError(t, d.Wait())
	require.NoError(t, d.Load())
	assert.True(t, bytes.Equal(want, encode(t, d)))
}

// An error of what is still worked out is told by Encode, and by Wait as often as it is asked.
func TestStartFails(t *testing.T) {
	broken, late := errors.New("disk"), 0
	for readable := int64(0); ; readable++ {
		in := input{files: map[string]string{"w.eml": warning, "o.eml": other}, store: newStore(), start: true}
		var reads atomic.Int64
		in.store.fail = func(what string) error {
			if what == "read" && reads.Add(1) > readable {
				return broken
			}
			return nil
		}
		d, err := in.build()
		if err != nil {
			require.ErrorIs(t, err, broken)
			continue
		}
		failed := d.Wait()
		err = dossier.Encode(io.Discard, d)
		if failed == nil && err == nil {
			break
		}
		require.ErrorIs(t, err, broken)
		if failed != nil {
			late++
			require.ErrorIs(t, failed, broken)
			require.ErrorIs(t, d.Wait(), broken)
			require.ErrorIs(t, d.Load(), broken)
		}
	}
	assert.Positive(t, late, "the analysis reads back")
}
