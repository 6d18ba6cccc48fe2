package mbox_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/mbox"
)

type expected struct {
	N      int    `json:"n"`
	LF     string `json:"sha256"`
	LFNL   string `json:"sha256_nl"`
	CRLF   string `json:"sha256_crlf"`
	GTFrom int    `json:"gt_from_lines"`
	EndsNL bool   `json:"ends_nl"`
}

func readExpected(t *testing.T, dir string) (want []expected) {
	f, err := os.Open(filepath.Join(dir, "expected.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e expected
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
		want = append(want, e)
	}
	require.NoError(t, lines.Err())
	return want
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// The fields that the writers of some dialects put into the message itself: the original does not have them.
var writersFields = map[string]*regexp.Regexp{
	"mboxcl.mbox":           regexp.MustCompile(`(?m)^Content-Length: \d+\r?\n`),
	"mboxcl2.mbox":          regexp.MustCompile(`(?m)^Content-Length: \d+\r?\n`),
	"takeout-like.mbox":     regexp.MustCompile(`(?m)^X-GM-THRID: .*\nX-Gmail-Labels: .*\n`),
	"thunderbird-like.mbox": regexp.MustCompile(`(?m)^X-Mozilla-Status: .*\nX-Mozilla-Status2: .*\nX-Mozilla-Keys: .*\n`),
}

func withoutWritersFields(name string, message []byte) []byte {
	re := writersFields[name]
	if re == nil {
		return message
	}
	at := re.FindIndex(message)
	if at == nil {
		return message
	}
	return append(bytes.Clone(message[:at[0]]), message[at[1]:]...)
}

// What a dialect itself loses, so that no reader can give back the original.
const (
	cut      = "cut off"                     // the file ends inside it
	endLost  = "empty lines at the end lost" // that writer ended each message with one line ending
	ownQuote = ">From of the author's own"   // mboxo and mboxcl write "From " and ">From " alike
)

// Every dialect gives back the originals, as far as the dialect keeps them.
func TestVariantsCorpus(t *testing.T) {
	dir := corpora.Dir(t, "mbox-variants")
	want := readExpected(t, dir)
	for _, c := range []struct {
		name     string
		variant  mbox.Variant
		messages int
		lost     map[string]int
	}{
		{"mboxo.mbox", mbox.MboxO, 352, map[string]int{ownQuote: 9}},
		{"mboxrd.mbox", mbox.MboxRD, 352, map[string]int{}},
		{"mboxrd-bom.mbox", mbox.MboxRD, 352, map[string]int{}},
		{"mboxrd-crlf.mbox", mbox.MboxRD, 352, map[string]int{}},
		{"mboxrd-leading-blank.mbox", mbox.MboxRD, 352, map[string]int{}},
		{"mboxrd-truncated.mbox", mbox.MboxRD, 317, map[string]int{cut: 1}},
		{"mboxcl.mbox", mbox.MboxCL, 352, map[string]int{ownQuote: 9}},
		{"mboxcl2.mbox", mbox.MboxCL2, 352, map[string]int{}},
		{"no-blank-line.mbox", mbox.MboxRD, 352, map[string]int{endLost: 177}},
		{"takeout-like.mbox", mbox.MboxRD, 352, map[string]int{}},
		{"thunderbird-like.mbox", mbox.MboxO, 352, map[string]int{ownQuote: 9}},
		{"unquoted-broken.mbox", mbox.Unknown, 352, map[string]int{}},
		{"mmdf.mmdf", mbox.Unknown, 352, map[string]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(dir, c.name))
			require.NoError(t, err)
			rep, err := mbox.Detect(bytes.NewReader(file), int64(len(file)))
			require.NoError(t, err)
			assert.Equal(t, c.variant, rep.Variant, rep.Why)
			assert.EqualValues(t, c.messages, rep.Messages)
			messages := joined(t, file, rep.Variant, mbox.Options{})
			require.Len(t, messages, c.messages)
			require.Len(t, joined(t, file, rep.Variant, mbox.Options{Reuse: true}), c.messages)
			lost := map[string]int{}
			for i, p := range messages {
				got := withoutWritersFields(c.name, mbox.Unquote(nil, p.Raw, rep.Variant))
				if why := notTheOriginal(got, want[i], p); why != "" {
					lost[why]++
				}
			}
			assert.Equal(t, c.lost, lost)
		})
	}
}

// notTheOriginal tells why a message is not one of the forms of the original ("" if it is). The packer ended every message
// with a line ending where it had none.
func notTheOriginal(got []byte, e expected, p mbox.Piece) string {
	switch hexSum(got) {
	case e.LF, e.LFNL, e.CRLF:
		return ""
	}
	if bare, ok := bytes.CutSuffix(got, []byte("\r\n")); ok && !e.EndsNL && hexSum(bare) == e.CRLF {
		return ""
	}
	if slices.Contains(p.Notes, "the file ends within a line: this message may be cut off") {
		return cut
	}
	for range 100 {
		if got = append(got, '\n'); hexSum(got) == e.LF {
			return endLost
		}
	}
	if e.GTFrom > 0 {
		return ownQuote
	}
	return "?"
}

// joined splits, checks the invariants of every piece, and gives the messages.
func joined(t testing.TB, file []byte, v mbox.Variant, o mbox.Options) (messages []mbox.Piece) {
	t.Helper()
	at := int64(0)
	for p, err := range mbox.Split(bytes.NewReader(file), int64(len(file)), v, o) {
		require.NoError(t, err)
		require.Equal(t, at, p.Offset)
		require.Positive(t, p.Length)
		at += p.Length
		require.GreaterOrEqual(t, p.RawOffset, p.Offset)
		require.GreaterOrEqual(t, p.RawLength, int64(0))
		require.LessOrEqual(t, p.RawOffset+p.RawLength, at)
		if p.Raw != nil {
			require.True(t, bytes.Equal(file[p.RawOffset:p.RawOffset+p.RawLength], p.Raw))
		}
		if p.Message {
			messages = append(messages, p)
		}
	}
	require.EqualValues(t, len(file), at, "the pieces joined are the file")
	return messages
}

// MimeKit's test suite holds the offsets that its own parser gives for two mailboxes (one with Content-Length fields that lie, both
// with From_ lines without a date): every message begins at the same byte.
func TestMimeKitOffsets(t *testing.T) {
	dir := filepath.Join(corpora.Dir(t, "fixtures"), "mimekit", "UnitTests", "TestData", "mbox")
	for name, messages := range map[string]int{"content-length": 29, "issue1189": 4} {
		var want []struct {
			Marker int64 `json:"mboxMarkerOffset"`
			Begin  int64 `json:"beginOffset"`
			End    int64 `json:"endOffset"`
		}
		text, err := os.ReadFile(filepath.Join(dir, name+".unix-offsets.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &want))
		require.Len(t, want, messages)
		file, err := os.ReadFile(filepath.Join(dir, name+".mbox.txt"))
		require.NoError(t, err)
		rep, err := mbox.Detect(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		pieces := joined(t, file, rep.Variant, mbox.Options{})
		require.Len(t, pieces, messages)
		for i, p := range pieces {
			assert.Equal(t, want[i].Marker, p.Offset, "%s %d", name, i)
			assert.Equal(t, want[i].Begin, p.RawOffset, "%s %d", name, i)
			// It leaves out the last line ending where no empty line follows.
			assert.InDelta(t, want[i].End, p.RawOffset+p.RawLength, 1, "%s %d", name, i)
		}
	}
}

// The real list mailbox: every message that the pack's README counts, none too many, nothing doubtful.
func TestListsCorpus(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(corpora.Dir(t, "lists"), "*.mbox"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	file, err := os.ReadFile(names[0])
	require.NoError(t, err)
	rep, err := mbox.Detect(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	assert.Equal(t, mbox.MboxRD, rep.Variant, rep.Why)
	messages := joined(t, file, rep.Variant, mbox.Options{})
	assert.Len(t, messages, 6184)
	for _, p := range messages {
		assert.Empty(t, p.Notes)
		assert.NotEmpty(t, p.FromLine)
	}
}
