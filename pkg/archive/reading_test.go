package archive

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// changing is a file that becomes another one when it has been read up to an offset.
type changing struct {
	before, after string
	at            int64
	changed       bool
}

func (c *changing) text() string {
	if c.changed {
		return c.after
	}
	return c.before
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	n, err := strings.NewReader(c.text()).ReadAt(p, off)
	if off+int64(n) >= c.at {
		c.changed = true
	}
	return n, err
}

func (c *changing) Close() error { return nil }
func (c *changing) Now() (int64, time.Time, error) {
	return int64(len(c.text())), modifiedOf(c.text()), nil
}

// takeChanging is one night on which a file changes while it is read.
func takeChanging(t *testing.T, s *Store, c *changing) (*LastRun, error) {
	t.Helper()
	r, err := s.Begin(context.Background(), Options{Now: night1, Version: "test", Gone: func(string) bool { return false }})
	require.NoError(t, err)
	err = r.Take(File{Path: "/mail/inbox", Size: int64(len(c.before)), Modified: modifiedOf(c.before), Named: true, Open: func() (Opened, error) { return c, nil }})
	if err != nil {
		r.Abort()
		return nil, err
	}
	return r.Commit()
}

func TestFileThatGrowsWhileItIsRead(t *testing.T) {
	for _, start := range []int{0, 1, 5} {
		s := newTestStore(t, newMemDisk(), testDir(t))
		whole := inMbox(0, 20)
		if start > 0 {
			_, err := s.add(mailFiles{"/mail/inbox": inMbox(0, start)}, Options{})
			require.NoError(t, err)
		}
		torn := whole[:len(whole)-30] // within the last letter
		l, err := takeChanging(t, s, &changing{before: torn, after: whole, at: int64(len(torn))})
		require.NoError(t, err)
		assert.EqualValues(t, 19-start, l.New, "the last one is being written")
		assert.Equal(t, []string{"/mail/inbox"}, l.Deferred)
		l, err = s.add(mailFiles{"/mail/inbox": whole}, Options{})
		require.NoError(t, err)
		assert.EqualValues(t, 1, l.New)
		assert.Empty(t, l.Vanished)
		assert.Zero(t, l.Duplicates)

		calm := newTestStore(t, newMemDisk(), testDir(t))
		_, err = calm.add(mailFiles{"/mail/inbox": whole}, Options{})
		require.NoError(t, err)
		assert.Equal(t, sightingsOf(t, calm), sightingsOf(t, s), "what is there, and where, is as if nothing had happened")
	}
}

// sightingsOf gives digest, offset and state of all sightings.
func sightingsOf(t *testing.T, s *Store) []string {
	t.Helper()
	r, err := s.Reader()
	require.NoError(t, err)
	defer r.Close()
	var all []string
	for h, err := range r.Find(context.Background(), Query{}) {
		require.NoError(t, err)
		seen, err := r.Sightings(h.Entry)
		require.NoError(t, err)
		require.Len(t, seen, 1)
		assert.Nil(t, seen[0].Gone)
		all = append(all, h.Digest.Hex()+" "+seen[0].Path+" "+strings.Repeat("-", int(seen[0].Offset%1000)))
	}
	return all
}

// Unfinished mail that nothing betrays is kept, and told as grown when the rest is there: it is no loss.
func TestMessageThatWasCutOff(t *testing.T) {
	s := newTestStore(t, newMemDisk(), testDir(t))
	whole := inMbox(0, 3)
	l, err := s.add(mailFiles{"/mail/inbox": whole[:len(whole)-20]}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 3, l.New)
	l, err = s.add(mailFiles{"/mail/inbox": whole + inMbox(3, 4)}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 2, l.New)
	assert.Empty(t, l.Vanished)
}

func TestFileThatIsRewrittenWhileItIsRead(t *testing.T) {
	s := newTestStore(t, newMemDisk(), testDir(t))
	whole := inMbox(0, 2000)
	_, err := takeChanging(t, s, &changing{before: whole, after: inMbox(1000, 2000), at: int64(len(whole)) / 2})
	var torn *TornError
	require.True(t, errors.As(err, &torn), "%v", err)
	l, err := s.add(mailFiles{"/mail/inbox": inMbox(1000, 2000)}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 1000, l.New, "nothing of what was read before is kept")
	assert.EqualValues(t, 1, l.Run)
}

// A change in the old part of a mailbox that also grew is noticed where it is looked for, and always with Recheck.
func TestOldPartIsCompared(t *testing.T) {
	s := newTestStore(t, newMemDisk(), testDir(t))
	old := inMbox(0, 100)
	_, err := s.add(mailFiles{"/mail/inbox": old}, Options{})
	require.NoError(t, err)
	grown := strings.Replace(old, "word50 and others", "word50 and nobody", 1) + inMbox(100, 101)
	l, err := s.add(mailFiles{"/mail/inbox": grown}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 2, l.New)
	assert.EqualValues(t, 101, l.Messages)
	require.Len(t, l.Vanished, 1)
	assert.EqualValues(t, 1, l.Vanished[0].Messages)

	// Of the same size and time, as no honest program leaves it: only reading finds it.
	same := strings.Replace(grown, "word51 and others", "word51 and nobody", 1)
	l, err = s.add(mailFiles{"/mail/inbox": same}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 0, l.Messages)
	l, err = s.add(mailFiles{"/mail/inbox": same}, Options{Recheck: true})
	require.NoError(t, err)
	assert.EqualValues(t, 1, l.New)
	require.Len(t, l.Vanished, 1)
}

// brokenFile fails in the middle, as a bad disk does.
type brokenFile struct{ openedText }

func (b brokenFile) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.Size()*2/3 {
		return 0, errors.New("input/output error")
	}
	return b.openedText.ReadAt(p, off)
}

func TestFileThatCannotBeRead(t *testing.T) {
	s := newTestStore(t, newMemDisk(), testDir(t))
	whole := inMbox(0, 8000)
	r, err := s.Begin(context.Background(), Options{Now: night1, Version: "test", Gone: func(string) bool { return false }})
	require.NoError(t, err)
	require.NoError(t, r.Take(File{Path: "/mail/inbox", Size: int64(len(whole)), Modified: modifiedOf(whole), Open: func() (Opened, error) {
		return brokenFile{openedText{strings.NewReader(whole), modifiedOf(whole)}}, nil
	}}))
	l, err := r.Commit()
	require.NoError(t, err)
	require.Len(t, l.Troubles, 1)
	assert.Contains(t, l.Troubles[0].Reason, "input/output error")
	l, err = s.add(mailFiles{"/mail/inbox": whole}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 8000, l.Messages, "all of it is read again")
	assert.Empty(t, l.Vanished)
}
