package mbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mbox"
)

const from = "From ann@plant.example Mon Jan  5 10:02:03 2026\n"

func split(t *testing.T, file string, v mbox.Variant) (raws []string, pieces []mbox.Piece) {
	t.Helper()
	pieces = joined(t, []byte(file), v, mbox.Options{})
	for _, p := range pieces {
		raws = append(raws, string(p.Raw))
	}
	return raws, pieces
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
func cr(s string) string   { return strings.ReplaceAll(s, "\n", "\r") }

func TestSplit(t *testing.T) {
	git := "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"
	for name, c := range map[string]struct {
		file  string
		want  []string
		notes [][]string // of each message; nil: none anywhere
	}{
		"two":                   {file: from + "A: 1\n\nx\n\n" + from + "B: 2\n\ny\n\n", want: []string{"A: 1\n\nx\n", "B: 2\n\ny\n"}},
		"last without blank":    {file: from + "A: 1\n\nx\n\n" + from + "B: 2\n\ny\n", want: []string{"A: 1\n\nx\n", "B: 2\n\ny\n"}},
		"empty lines stay":      {file: from + "A: 1\n\nx\n\n\n\n" + from + "B: 2\n\n\n", want: []string{"A: 1\n\nx\n\n\n", "B: 2\n\n"}},
		"crlf":                  {file: crlf(from + "A: 1\n\nx\n\n" + from + "B: 2\n\ny\n\n"), want: []string{"A: 1\r\n\r\nx\r\n", "B: 2\r\n\r\ny\r\n"}},
		"cr":                    {file: cr(from + "A: 1\n\nx\n\n" + from + "B: 2\n\ny\n\n"), want: []string{"A: 1\r\rx\r", "B: 2\r\ry\r"}},
		"prose":                 {file: from + "A: 1\n\nFrom here on: all\n\nFrom there at 10:02 2026\nA: 2\n", want: []string{"A: 1\n\nFrom here on: all\n\nFrom there at 10:02 2026\nA: 2\n"}},
		"only From_ lines":      {file: from + "\n" + from + "\n", want: []string{"", ""}, notes: [][]string{nil, {"no header field"}}},
		"header alone":          {file: from + "A: 1\n\n" + from + "B: 2\n", want: []string{"A: 1\n", "B: 2\n"}},
		"no blank":              {file: from + "A: 1\n\nx\n" + from + "B: 2\n\ny\n\n", want: []string{"A: 1\n\nx\n", "B: 2\n\ny\n\n"}, notes: [][]string{nil, {"no empty line before"}}},
		"no blank, no header":   {file: from + "A: 1\n\nx\n" + from + "is what I saw\n", want: []string{"A: 1\n\nx\n" + from + "is what I saw\n"}},
		"blank, no header":      {file: from + "A: 1\n\nx\n\n" + from + "\ntext\n", want: []string{"A: 1\n\nx\n", "\ntext\n"}, notes: [][]string{nil, {"no header field"}}},
		"name, no header":       {file: from + "A: 1\n\nx\n\nFrom Ann Mon Jan  5 10:02:03 2026\n\ntext\n", want: []string{"A: 1\n\nx\n\nFrom Ann Mon Jan  5 10:02:03 2026\n\ntext\n"}},
		"name, header":          {file: from + "A: 1\n\nx\n\nFrom Ann Mon Jan  5 10:02:03 2026\nB: 2\n\ntext\n", want: []string{"A: 1\n\nx\n", "B: 2\n\ntext\n"}},
		"second From_ line":     {file: from + from + "A: 1\n\nx\n", want: []string{from + "A: 1\n\nx\n"}},
		">From in the header":   {file: from + ">From bob Mon Jan  5 10:02:03 2026 remote from plant\nA: 1\n\nx\n", want: []string{">From bob Mon Jan  5 10:02:03 2026 remote from plant\nA: 1\n\nx\n"}},
		"bom":                   {file: "\xEF\xBB\xBF" + from + "A: 1\n\nx\n", want: []string{"A: 1\n\nx\n"}},
		"leading blank":         {file: "\n \r\n" + from + "A: 1\n\nx\n", want: []string{"A: 1\n\nx\n"}},
		"leading text":          {file: "Exported by a program\n\n" + from + "A: 1\n\nx\n", want: []string{"A: 1\n\nx\n"}},
		"leading message":       {file: "A: 0\n\nw\n\n" + from + "A: 1\n\nx\n", want: []string{"A: 0\n\nw\n", "A: 1\n\nx\n"}, notes: [][]string{{"no From_ line"}, nil}},
		"odd first From_ line":  {file: "From ann, on a Monday\nA: 1\n\nx\n", want: []string{"A: 1\n\nx\n"}, notes: [][]string{{"in no known form"}}},
		"netscape without date": {file: "From - \nA: 1\n\nx\n\nFrom -\n\nno header\n\nFrom - \nB: 2\n\ny\n", want: []string{"A: 1\n\nx\n\nFrom -\n\nno header\n", "B: 2\n\ny\n"}},
		"cut off":               {file: from + "A: 1\n\nx", want: []string{"A: 1\n\nx"}, notes: [][]string{{"may be cut off"}}},
		"a patch in a body":     {file: from + "A: 1\n\n" + git + "From: bob\n\n", want: []string{"A: 1\n\n" + git + "From: bob\n"}},
		"a file of patches":     {file: git + "From: bob\n\nx\n\n" + git + "From: bob\n\ny\n\n", want: []string{"From: bob\n\nx\n", "From: bob\n\ny\n"}},
		"mmdf":                  {file: "\x01\x01\x01\x01\nA: 1\n\nx\n\x01\x01\x01\x01\n\x01\x01\x01\x01\n" + from + "B: 2\n\n" + from + "\x01\x01\x01\x01\n", want: []string{"A: 1\n\nx\n", "B: 2\n\n" + from}},
		"mmdf, empty":           {file: "\x01\x01\x01\x01\n\x01\x01\x01\x01\n\x01\x01\x01\x01\nB: 2\n\x01\x01\x01\x01\n", want: []string{"", "B: 2\n"}},
		"nothing":               {file: "", want: nil},
		"white space":           {file: "\n\n", want: nil},
	} {
		t.Run(name, func(t *testing.T) {
			raws, pieces := split(t, c.file, mbox.Unknown)
			assert.Equal(t, c.want, raws)
			for i, p := range pieces {
				if c.notes == nil || i >= len(c.notes) || c.notes[i] == nil {
					assert.Empty(t, p.Notes)
					continue
				}
				require.Len(t, p.Notes, len(c.notes[i]))
				for j, note := range c.notes[i] {
					assert.Contains(t, p.Notes[j], note)
				}
			}
		})
	}
}

func TestPiece(t *testing.T) {
	file := "\n" + from + "A: 1\n\n>From x\n>>From y\n> From z\n\n"
	var pieces []mbox.Piece
	for p, err := range mbox.Split(strings.NewReader(file), int64(len(file)), mbox.Unknown, mbox.Options{}) {
		require.NoError(t, err)
		pieces = append(pieces, p)
	}
	require.Len(t, pieces, 2)
	assert.False(t, pieces[0].Message)
	assert.EqualValues(t, 1, pieces[0].Length)
	assert.NotEmpty(t, pieces[0].Notes)
	p := pieces[1]
	assert.True(t, p.Message)
	assert.Equal(t, strings.TrimSpace(from), string(p.FromLine))
	assert.EqualValues(t, 1, p.Offset)
	assert.EqualValues(t, 1+len(from), p.RawOffset)
	assert.EqualValues(t, len(file)-1-len(from)-1, p.RawLength)
	assert.Equal(t, 2, p.QuotedLines)
}

func TestContentLength(t *testing.T) {
	message := func(length int, body string) string {
		return fmt.Sprintf("%sContent-Length: %d\n\n%s\n", from, length, body)
	}
	inner := "x\n\n" + from + "B: 2\n\ny\n"
	file := message(len(inner), inner) + message(2, "z\n")
	raws, pieces := split(t, file, mbox.MboxCL2)
	require.Len(t, raws, 2, "a From_ line before the end of the body is text")
	assert.Contains(t, raws[0], from)
	assert.Empty(t, pieces[0].Notes)
	raws, _ = split(t, file, mbox.MboxRD)
	assert.Len(t, raws, 3, "only mboxcl and mboxcl2 believe it")

	for _, length := range []string{"1", "4", "9999", "-1", "x", "99999999999999999999", ""} {
		lying := from + "Content-Length: " + length + "\n\nx\n\n" + from + "B: 2\n\ny\n\n"
		raws, pieces = split(t, lying, mbox.MboxCL)
		require.Len(t, raws, 2, length)
		assert.Equal(t, "B: 2\n\ny\n", raws[1])
		if length == "1" { // it leaves out the last line ending
			assert.Empty(t, pieces[0].Notes)
		} else if length != "" {
			require.NotEmpty(t, pieces[0].Notes, length)
			assert.Contains(t, pieces[0].Notes[0], "Content-Length "+length)
		}
	}
}

func TestDetect(t *testing.T) {
	length := func(body string) string {
		return fmt.Sprintf("%sContent-Length: %d\n\n%s\n", from, len(body), body)
	}
	plain := from + "A: 1\n\n"
	for name, c := range map[string]struct {
		file     string
		want     mbox.Variant
		messages int64
	}{
		"nothing to see":               {plain + "x\n\n", mbox.Unknown, 1},
		"one >":                        {plain + "\n>From x\n\n", mbox.MboxO, 1},
		">>From":                       {plain + "\n>From x\n>>From y\n\n", mbox.MboxRD, 1},
		"as deep as its neighbours":    {plain + ">>one\n>>From x\n>>two\n\n", mbox.MboxO, 1},
		"one deeper":                   {plain + ">one\n>>From x\n>two\n\n", mbox.MboxRD, 1},
		"next to a spaced quotation":   {plain + "> one\n>From x\n\n", mbox.MboxO, 1},
		"unquoted":                     {plain + "\nFrom x\n\nFrom y\n\n>From z\n\n", mbox.Unknown, 1},
		"a header does not count":      {from + ">From x\nA: 1\n\n", mbox.Unknown, 1},
		"lengths hold":                 {length("x\n") + length("\nFrom y\n"), mbox.MboxCL2, 2},
		"lengths hold, quoted":         {length("x\n") + length("\n>From y\n"), mbox.MboxCL, 2},
		"lengths hold, no From":        {length("x\n") + length("y\n"), mbox.MboxCL2, 2},
		"lengths hold over separators": {length("x\n\n"+from+"B: 2\n\n") + length("y\n"), mbox.MboxCL2, 2},
		"one length of many":           {plain + "x\n\n" + plain + "x\n\n" + length("x\n\n"+from+"B: 2\n\n>From z\n"), mbox.MboxO, 4},
		"empty":                        {"", mbox.Unknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rep, err := mbox.Detect(strings.NewReader(c.file), int64(len(c.file)))
			require.NoError(t, err)
			assert.Equal(t, c.want, rep.Variant, rep.Why)
			assert.Equal(t, c.messages, rep.Messages)
			assert.NotEmpty(t, rep.Why)
			raws, _ := split(t, c.file, rep.Variant)
			assert.Len(t, raws, int(c.messages), "Split and Detect count alike")
		})
	}
}

// A message larger than MaxInMemory, and than several windows, is not held, and its lines are counted all the same.
func TestLargeMessage(t *testing.T) {
	const lines = 40000
	body := strings.Repeat("\n>From a line that is quoted, and more text after it to fill the line up\n", lines)
	file := from + "A: 1\n\n" + body + "\n" + from + "B: 2\n\ny\n\n"
	for _, v := range []mbox.Variant{mbox.Unknown, mbox.MboxRD, mbox.MboxCL} {
		messages := joined(t, []byte(file), v, mbox.Options{MaxInMemory: 1000})
		require.Len(t, messages, 2)
		assert.Nil(t, messages[0].Raw)
		assert.Equal(t, lines, messages[0].QuotedLines)
		assert.EqualValues(t, len("A: 1\n\n")+len(body), messages[0].RawLength)
		assert.Equal(t, "B: 2\n\ny\n", string(messages[1].Raw))
	}
	held := joined(t, []byte(file), mbox.MboxRD, mbox.Options{})
	assert.Len(t, held[0].Raw, len("A: 1\n\n")+len(body))
	assert.Equal(t, lines, held[0].QuotedLines)
}

// What Split hands out is not written over by what it reads later.
func TestRawStays(t *testing.T) {
	var file bytes.Buffer
	var want []string
	for i := range 3000 {
		raw := fmt.Sprintf("A: %d\n\n%s\n", i, strings.Repeat("text\n", i%400))
		want = append(want, raw)
		file.WriteString(from + raw + "\n")
	}
	raws, _ := split(t, file.String(), mbox.Unknown)
	assert.Equal(t, want, raws)
}

type failing struct{ at int64 }

var errDisk = errors.New("disk on fire")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		if off+int64(i) >= f.at {
			return i, errDisk
		}
		p[i] = "A: 1\n"[(off+int64(i))%5]
	}
	return len(p), nil
}

func TestReadErrors(t *testing.T) {
	_, err := mbox.Detect(failing{at: 3 << 20}, 4<<20)
	assert.ErrorIs(t, err, errDisk)
	for _, err = range mbox.Split(failing{at: 3 << 20}, 4<<20, mbox.Unknown, mbox.Options{}) {
	}
	assert.ErrorIs(t, err, errDisk)
	for _, err = range mbox.Split(strings.NewReader(from), 1000, mbox.Unknown, mbox.Options{}) {
	}
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "the file has become shorter")
}

func TestVariantText(t *testing.T) {
	for v := mbox.Unknown; v <= mbox.MboxCL2; v++ {
		text, err := v.MarshalText()
		require.NoError(t, err)
		var back mbox.Variant
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, v, back)
	}
	var v mbox.Variant
	assert.Error(t, v.UnmarshalText([]byte("mboxx")))
	_, err := mbox.Variant(9).MarshalText()
	assert.Error(t, err)
}
