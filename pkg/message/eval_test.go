package message_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/message"
)

// The labels of the evaluation set say where, in code points, each sentence stands in the first text/plain: Text must have it there.
func TestTextIsWhereLabelsSay(t *testing.T) {
	dir := filepath.Join(corpora.Shared(t), "eval")
	labels, err := os.Open(filepath.Join(dir, "labels.jsonl"))
	if err != nil {
		t.Skip("no evaluation set here")
	}
	defer labels.Close()
	texts := map[string][]rune{}
	boxes, err := filepath.Glob(filepath.Join(dir, "mbox", "*.mbox"))
	require.NoError(t, err)
	for _, box := range boxes {
		data, err := os.ReadFile(box)
		require.NoError(t, err)
		for i, one := range bytes.Split(append([]byte("\n\n"), data...), []byte("\n\nFrom ")) {
			if i == 0 {
				continue
			}
			_, one, _ = bytes.Cut(one, []byte("\n"))
			m := check(t, unquoteRD(append(one, '\n')), message.DefaultLimits())
			if ids := message.ParseMessageIDs(m.Header.Text("Message-ID")); len(ids) == 1 && m.TextSource == "text/plain" {
				texts[ids[0]] = []rune(m.Text)
			}
		}
	}
	checked := 0
	for s := bufio.NewScanner(labels); s.Scan(); {
		var l struct {
			MessageID string `json:"message_id"`
			Sentence  string
			Part      string
			Start     int
			End       int
		}
		require.NoError(t, json.Unmarshal(s.Bytes(), &l))
		text, ok := texts[l.MessageID]
		if l.Part != "text/plain" || !ok {
			continue
		}
		checked++
		if assert.LessOrEqual(t, l.End, len(text), l.MessageID) {
			assert.Equal(t, l.Sentence, string(text[l.Start:l.End]), l.MessageID)
		}
	}
	assert.Greater(t, checked, 100)
}

// unquoteRD undoes mboxrd quoting.
func unquoteRD(b []byte) []byte {
	lines := bytes.SplitAfter(b, []byte("\n"))
	for i, l := range lines {
		if l = bytes.TrimLeft(l, ">"); len(l) < len(lines[i]) && bytes.HasPrefix(l, []byte("From ")) {
			lines[i] = lines[i][1:]
		}
	}
	return bytes.Join(lines, nil)
}
