package jsonout_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/jsonout"
)

type sample struct {
	A string         `json:"a"`
	B []string       `json:"b"`
	C map[string]int `json:"c"`
	D []inner        `json:"d"`
	T *time.Time     `json:"t"`
	N *time.Time     `json:"n"`
	O bool           `json:"o"`
	E []inner        `json:"e"`
}

type inner struct {
	X int64    `json:"x"`
	Y []string `json:"y"`
}

func write(e *jsonout.Encoder, s sample) {
	list := func(in []inner) {
		e.Array(func() {
			for _, v := range in {
				e.Object(func() {
					e.Key("x")
					e.Int(v.X)
					e.Key("y")
					e.Strings(v.Y)
				})
			}
		})
	}
	e.Object(func() {
		e.Key("a")
		e.String(s.A)
		e.Key("b")
		e.Strings(s.B)
		e.Key("c")
		_ = e.Any(s.C)
		e.Key("d")
		list(s.D)
		e.Key("t")
		e.Time(s.T)
		e.Key("n")
		e.Time(s.N)
		e.Key("o")
		e.Bool(s.O)
		e.Key("e")
		list(s.E)
	})
}

func TestAsEncodingJSON(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.FixedZone("", 3600))
	s := sample{A: "x", B: []string{}, C: map[string]int{"k": 1, "l": 2}, D: []inner{{1, []string{"p", "q"}}, {2, []string{}}}, T: &at, O: true, E: []inner{}}
	for _, indent := range []bool{true, false} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if indent {
			enc.SetIndent("", "  ")
		}
		require.NoError(t, enc.Encode(s))
		e := jsonout.Encoder{Indent: indent}
		write(&e, s)
		assert.Equal(t, want.String(), string(e.Buf)+"\n")
	}
}

func FuzzString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\x1f\"\\\n\r\t\b\f\x7f\u2028\u2029\xff é 😀 <>&")
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(s))
		var e jsonout.Encoder
		e.String(s)
		require.Equal(t, want.String(), string(e.Buf)+"\n")
	})
}
