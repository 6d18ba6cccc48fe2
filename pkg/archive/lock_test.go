//go:build unix

package archive

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who has taken the lock writes down a moment later who it is: until then the file is empty, or tells of a process that is dead.
func TestLockHolderIsWaitedFor(t *testing.T) {
	s, err := Init(NewStore{Dir: filepath.Join(t.TempDir(), "store"), Origin: "onrecord-archive-test", Now: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	defer s.Close()
	dead := Holder{PID: 41, Host: "attic.example", Since: time.Date(2026, 3, 8, 8, 0, 0, 0, time.UTC)}
	require.NoError(t, s.Lock(dead))
	require.NoError(t, s.lock.Close()) // as its end does
	s.lock = nil
	h, err := s.LockHolder()
	require.NoError(t, err)
	assert.Nil(t, h)

	f, err := os.OpenFile(filepath.Join(s.Dir(), lockName), os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	taken, err := lockFile(f)
	require.NoError(t, err)
	require.True(t, taken)
	require.NoError(t, f.Truncate(0))
	h, err = s.LockHolder()
	require.NoError(t, err)
	require.NotNil(t, h)
	assert.Equal(t, "a process that has not written down yet which it is", h.String())

	written := make(chan error, 1)
	time.AfterFunc(30*time.Millisecond, func() {
		_, err := f.WriteAt([]byte(`{"pid":42,"host":"attic.example","since":"2026-03-09T08:00:00Z","what":"archive add"}`+"\n"), 0)
		written <- err
	})
	h, err = s.LockHolder()
	require.NoError(t, err)
	require.NoError(t, <-written)
	assert.Equal(t, "process 42 on attic.example, since 2026-03-09T08:00:00Z", h.String())
}
