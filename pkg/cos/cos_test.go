package cos

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValue(t *testing.T) {
	dict := []byte("<</A 12 0 R/B [1 2 <</C (in)>>] % a comment >>\n/C (a \\) ( >> ) string) /D/E /F<FEFF>/#47 null /H 3 0 Rx>>")
	for key, want := range map[string]string{"A": "12 0 R", "B": "[1 2 <</C (in)>>]", "C": "(a \\) ( >> ) string)", "D": "/E", "F": "<FEFF>", "#47": "null"} {
		got, ok := Value(dict, key)
		assert.True(t, ok, key)
		assert.Equal(t, want, string(got), key)
	}
	for _, bad := range []string{"", "<<", "[/A 1]", "<</A>>", "<</A (1>>", "<</A <1", "<<1 2>>", "<</A ]>>"} {
		_, ok := Value([]byte(bad), "A")
		assert.False(t, ok, bad)
	}
}

func TestReference(t *testing.T) {
	for in, want := range map[string]int{"12 0 R": 12, "7 0 R/B": 7, "3\n0\tR>>": 3} {
		got, err := Reference([]byte(in))
		assert.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, bad := range []string{"", "0 0 R", "1 1 R", "1 0", "1 0 Rx", "-1 0 R", "10 R", "99999999999999 0 R", "x"} {
		_, err := Reference([]byte(bad))
		assert.ErrorIs(t, err, ErrSyntax, bad)
	}
}

func TestRenumbered(t *testing.T) {
	more := func(n int) (int, error) { return n + 10, nil }
	got, err := Renumbered([]byte("<</A 1 0 R /B [2 0 R 3 0 R 4 5] /C (6 0 R \\( ) /D <60> /E 1.5 0 R % 7 0 R\n/F null>>"), more)
	require.NoError(t, err)
	assert.Equal(t, "<</A 11 0 R /B [12 0 R 13 0 R 4 5] /C (6 0 R \\( ) /D <60> /E 1.5 0 R % 7 0 R\n/F null>>", string(got))
	trouble := errors.New("trouble")
	_, err = Renumbered([]byte("[1 0 R]"), func(int) (int, error) { return 0, trouble })
	assert.ErrorIs(t, err, trouble)
}

func TestWritten(t *testing.T) {
	assert.Equal(t, "<FEFF0061D83DDE00>", Text("a\U0001F600"))
	assert.Equal(t, "/message#2Frfc822#20#23", Name("message/rfc822 #"))
	assert.Equal(t, "D:20260309070000+00'00'", Date(time.Date(2026, 3, 9, 8, 0, 0, 0, time.FixedZone("", 3600))))
}

// Invariants: nothing panics; Skip goes forward; renumbering by nothing changes no more than how a reference is spaced, and does so once.
func FuzzObjects(f *testing.F) {
	f.Add([]byte("<</A 1 0 R /B [(a\\)) <00>] /C << /D 1 >> >>"))
	f.Add([]byte("1 0 R 2  0  R % 3 0 R\n(4 0 R)"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if end, err := Skip(b, 0); err == nil {
			assert.True(t, end > 0 && end <= len(b))
		}
		_ = Each(b, func(key string, from, to int) bool {
			assert.True(t, from <= to && to <= len(b), strconv.Quote(key))
			return true
		})
		same := func(n int) (int, error) { return n, nil }
		one, err := Renumbered(b, same)
		if err != nil {
			return
		}
		two, err := Renumbered(one, same)
		assert.NoError(t, err)
		assert.Equal(t, one, two)
	})
}
