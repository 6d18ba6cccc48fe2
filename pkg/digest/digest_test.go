package digest_test

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
)

// FIPS 180-4 example: SHA-256 of "abc".
const abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func TestTextForm(t *testing.T) {
	d := digest.Of([]byte("abc"))
	assert.Equal(t, abc, d.String())
	back, err := digest.Parse(abc)
	require.NoError(t, err)
	assert.Equal(t, d, back)

	fromReader, n, err := digest.OfReader(strings.NewReader("abc"))
	require.NoError(t, err)
	assert.Equal(t, d, fromReader)
	assert.EqualValues(t, 3, n)

	h := sha256.New()
	h.Write([]byte("abc"))
	assert.Equal(t, d, digest.Sum(h))
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "sha256:", abc[7:], "sha1:" + abc[7:], abc + "00", abc[:len(abc)-1] + "x"} {
		d, err := digest.Parse(s)
		assert.Error(t, err, s)
		assert.True(t, d.IsZero(), "a failed parse writes nothing: %q", s)
	}
}

func TestJSON(t *testing.T) {
	type box struct {
		D digest.Digest `json:"d"`
	}
	b, err := json.Marshal(box{digest.Of([]byte("abc"))})
	require.NoError(t, err)
	assert.JSONEq(t, `{"d":"`+abc+`"}`, string(b))
	var back box
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, digest.Of([]byte("abc")), back.D)

	b, err = json.Marshal(box{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"d":""}`, string(b))
	require.NoError(t, json.Unmarshal(b, &back))
	assert.True(t, back.D.IsZero())
	assert.Error(t, json.Unmarshal([]byte(`{"d":"sha256:zz"}`), &back))
}
