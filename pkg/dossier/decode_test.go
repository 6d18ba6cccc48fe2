package dossier_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/jsonout"
)

func TestDecodeRefuses(t *testing.T) {
	whole := string(encode(t, mill(t).mustBuild(t)))
	for name, text := range map[string]string{
		"nothing":            "",
		"no object":          "[]",
		"another file":       `{"name": "package", "version": "1"}`,
		"another schema":     strings.Replace(whole, dossier.Schema, "onrecord/dossier/2", 1),
		"cut off":            whole[:len(whole)/2],
		"cut off at the end": whole[:len(whole)-2],
		"no list":            strings.Replace(whole, `"messages": [`, `"messages": 7, "x": [`, 1),
		"a digest cut short": strings.Replace(whole, `"evidence_digest": "sha256:`, `"evidence_digest": "sha256:0`, 1),
	} {
		_, err := dossier.Decode(strings.NewReader(text), int64(len(text)))
		assert.Error(t, err, name)
	}
	_, err := dossier.Decode(strings.NewReader(`{"schema": "onrecord/dossier/2"}`), 32)
	assert.ErrorIs(t, err, dossier.ErrSchema)
}

// Members that a later version adds are passed over.
func TestDecodePassesOverWhatItDoesNotKnow(t *testing.T) {
	whole := string(encode(t, mill(t).mustBuild(t)))
	later := strings.Replace(whole, `"messages": [`, `"later": {"messages": [1]}, "messages"   :   [`, 1)
	later = strings.Replace(later, `"exhibit": 1,`, `"exhibit": 1, "later": [{"x": null}],`, 1)
	assert.Equal(t, whole, string(encode(t, decode(t, []byte(later)))))
}

// FuzzDecode: whatever dossier.json says, decoding, ranging over the messages and writing them again ends without a panic.
func FuzzDecode(f *testing.F) {
	small := encode(f, input{files: map[string]string{"1.eml": other}}.mustBuild(f))
	f.Add(small)
	f.Add([]byte(`{"schema": "onrecord/dossier/1", "messages": [null, {}, {"nested": [{"part": "1", "message": {}}]}]}`))
	f.Add([]byte(`{"schema": "onrecord/dossier/1", "messages": [], "messages": [{}], "sources": null, "people": [null]}`))
	f.Add([]byte(`{"schema": "onrecord/dossier/1"` + strings.Repeat(" ", 100) + `, "messages"` + strings.Repeat(" ", 100) + `: [{"digests": {"raw": ""}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := dossier.Decode(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		n := 0
		for r, err := range d.Messages {
			if err != nil {
				return
			}
			if n++; n > len(b) {
				t.Fatal("more messages than bytes")
			}
			e := jsonout.Encoder{Indent: true}
			_ = r.Encode(&e)
		}
		var out bytes.Buffer
		if err := dossier.Encode(&out, d); err != nil {
			return
		}
		again, err := dossier.Decode(bytes.NewReader(out.Bytes()), int64(out.Len()))
		require.NoError(t, err, "what Encode writes, Decode reads")
		var twice bytes.Buffer
		require.NoError(t, dossier.Encode(&twice, again))
		require.Equal(t, out.String(), twice.String())
	})
}

// A message inside of a message cannot be null: whoever reads Nested relies on it.
func TestDecodeRefusesNullRecords(t *testing.T) {
	text := `{"schema": "onrecord/dossier/1", "messages": [{"nested": [{"part": "1", "message": null}]}]}`
	for r, err := range decode(t, []byte(text)).Messages {
		assert.ErrorIs(t, err, dossier.ErrSchema)
		assert.Nil(t, r)
	}
}

// Views are written at the same time, each ranging over the messages on its own: all of them find the array (run with -race too).
func TestMessagesAreReadByManyAtOnce(t *testing.T) {
	raw := fmt.Sprintf("{\n  \"schema\": %q,\n  \"messages\": [\n    {\n      \"exhibit\": 1\n    }\n  ]\n}\n", dossier.Schema)
	for range 200 {
		d, err := dossier.Decode(strings.NewReader(raw), int64(len(raw)))
		require.NoError(t, err)
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				for r, err := range d.Messages {
					if errs[i] = err; err == nil && r.Exhibit != 1 {
						errs[i] = fmt.Errorf("exhibit %d", r.Exhibit)
					}
				}
			})
		}
		all.Wait()
		require.NoError(t, errors.Join(errs...))
	}
}
