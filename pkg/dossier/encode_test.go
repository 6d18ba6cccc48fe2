package dossier_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/notice"
)

// requireWhole checks what must be true of every dossier.json: it comes back byte for byte, its sums are right, its spans give its texts, nothing is null that is a list.
func requireWhole(t testing.TB, b []byte) {
	t.Helper()
	requireSame(t, string(b), string(encode(t, decode(t, b))), "Encode(Decode(json))")
	require.True(t, utf8.Valid(b))
	require.True(t, bytes.HasSuffix(b, []byte("}\n")))
	requireNoNullLists(t, b)

	var d struct {
		Ledger     dossier.Ledger
		Exhibits   int
		Defective  int `json:"exhibits_with_defects"`
		Sources    []dossier.Source
		Messages   []evidence.Record
		Statements []notice.Statement
	}
	require.NoError(t, json.Unmarshal(b, &d))
	sum, defective := dossier.Ledger{}, 0
	for _, s := range append(d.Sources, dossier.Source{Path: "all", Ledger: d.Ledger}) {
		require.Equal(t, s.Found, s.Kept+s.Duplicate+s.Excluded+s.Failed, "ledger of %s", s.Path)
		if s.Path == "all" {
			break
		}
		sum.Found, sum.Kept, sum.Duplicate = sum.Found+s.Found, sum.Kept+s.Kept, sum.Duplicate+s.Duplicate
		sum.Excluded, sum.Failed = sum.Excluded+s.Excluded, sum.Failed+s.Failed
	}
	require.Equal(t, sum, d.Ledger)
	require.Equal(t, d.Ledger.Kept, len(d.Messages))
	require.Equal(t, d.Exhibits, len(d.Messages))

	identical := 0
	last := time.Time{}
	undated := false
	for i := range d.Messages {
		r := &d.Messages[i]
		require.Equal(t, i+1, r.Exhibit)
		switch sent := r.Sent().Time; {
		case sent == nil:
			undated = true
		default:
			require.False(t, undated, "exhibit %d is dated and stands after one that is not", r.Exhibit)
			require.False(t, sent.Before(last), "exhibit %d is older than the one before", r.Exhibit)
			last = *sent
		}
		for _, c := range r.Copies {
			if c.Class == evidence.CopyIdentical {
				identical++
				require.Zero(t, c.Exhibit)
				continue
			}
			o := &d.Messages[c.Exhibit-1]
			require.Equal(t, o.Origin, c.Origin)
			require.Contains(t, o.Copies, evidence.Copy{Class: c.Class, Exhibit: r.Exhibit, Origin: r.Origin}, "exhibits %d and %d", r.Exhibit, c.Exhibit)
			require.NotEqual(t, o.Digests.Message, r.Digests.Message)
			endings, content := o.Digests.Canonical == r.Digests.Canonical, o.Digests.Content == r.Digests.Content
			if c.Class == evidence.CopyLineEndings {
				require.True(t, endings, "exhibits %d and %d", r.Exhibit, c.Exhibit)
			} else {
				require.Equal(t, c.Class == evidence.CopySameContent, content, "exhibits %d and %d", r.Exhibit, c.Exhibit)
			}
			require.True(t, endings || content || o.MessageID == r.MessageID)
		}
		if len(r.Defects) > 0 {
			defective++
		}
	}
	require.Equal(t, d.Ledger.Duplicate, identical)
	require.Equal(t, d.Defective, defective)

	for i, s := range d.Statements {
		require.Equal(t, fmt.Sprintf("s%d", i+1), s.ID)
		r := &d.Messages[s.Exhibit-1]
		for path := s.Part; path != ""; {
			var step string
			step, path, _ = strings.Cut(path, "/")
			at := slices.IndexFunc(r.Nested, func(n evidence.Nested) bool { return n.Part == step })
			require.GreaterOrEqual(t, at, 0, s.Part)
			r = r.Nested[at].Record
		}
		runes := []rune(r.Text)
		require.LessOrEqual(t, s.Span[1], len(runes))
		require.Equal(t, string(runes[s.Span[0]:s.Span[1]]), s.Text, "%s in exhibit %d", s.ID, s.Exhibit)
		require.NotEmpty(t, s.Acts)
	}
}

// requireSame compares long texts, and shows the place at which they part.
func requireSame(t testing.TB, want, got, what string) {
	t.Helper()
	if want == got {
		return
	}
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	from := max(i-80, 0)
	require.FailNow(t, "not the same", "%s, from byte %d on:\nwant %q\nhave %q", what, i, want[from:min(i+80, len(want))], got[from:min(i+80, len(got))])
}

// nullable are the members that may be null: times, numbers, one digest, one field. A list never is.
var nullable = []string{"edrm_mih", "time", "at", "first_at", "modified_at", "delay_seconds", "retrieved_at", "signed_at", "expires_at", "results",
	"quoted_exhibit", "answer", "of", "until_at", "due", "not_before", "not_after"}

func requireNoNullLists(t testing.TB, b []byte) {
	t.Helper()
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), ",")); !strings.HasSuffix(line, "null") || strings.HasSuffix(line, `"`) {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(line, `"`), `"`)
		require.Contains(t, nullable, name, line)
	}
}

// requireRecordsEncode compares Record.Encode with encoding/json, and with the bytes that stand in dossier.json.
func requireRecordsEncode(t testing.TB, b []byte) {
	t.Helper()
	n := 0
	for r, err := range decode(t, b).Messages {
		require.NoError(t, err)
		n++
		for _, indent := range []bool{false, true} {
			e := jsonout.Encoder{Indent: indent}
			require.NoError(t, r.Encode(&e))
			requireSame(t, standard(t, r, "", indent), string(e.Buf), r.File)
		}
		line, err := dossier.EncodeRecord([]byte("before "), r)
		require.NoError(t, err)
		requireSame(t, "before "+standard(t, r, "", false)+"\n", string(line), r.File)
		require.True(t, strings.Contains(string(b), "    "+standard(t, r, "    ", true)), "%s stands otherwise in dossier.json", r.File)
	}
	require.Positive(t, n)
}

func standard(t testing.TB, v any, prefix string, indent bool) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if indent {
		enc.SetIndent(prefix, "  ")
	}
	require.NoError(t, enc.Encode(v))
	return strings.TrimSuffix(b.String(), "\n")
}

func TestMillIsWhole(t *testing.T) {
	in := mill(t)
	delete(in.files, "eml/deep.eml") // TestDeepMailIsWhole
	b := encode(t, in.mustBuild(t))
	requireWhole(t, b)
	requireRecordsEncode(t, b)
	in.matter = millCase
	requireWhole(t, encode(t, in.mustBuild(t)))
}

func TestDeepMailIsWhole(t *testing.T) {
	in := input{files: map[string]string{"deep.eml": mill(t).files["eml/deep.eml"]}}
	b := encode(t, in.mustBuild(t))
	requireWhole(t, b)
	requireRecordsEncode(t, b)
}

func TestFixturesAreWhole(t *testing.T) {
	for _, name := range []string{"story", "variants"} {
		t.Run(name, func(t *testing.T) {
			in := input{files: fixture(t, name), workers: 2}
			b := encode(t, in.mustBuild(t))
			requireWhole(t, b)
			requireRecordsEncode(t, b)
		})
	}
}

// The same mail gives the same bytes, whatever number of workers read it.
func TestDeterministic(t *testing.T) {
	in := mill(t)
	in.matter = millCase
	// Enough messages for several batches, so that workers overtake one another.
	var many []string
	for i := range 3000 {
		m := []string{warning, denial, quoting, other, forwarded, chained}[i%6]
		m = strings.Replace(m, "Message-ID: <", fmt.Sprintf("Message-ID: <%d.", i/2), 1) // each id twice
		many = append(many, strings.Replace(m, "2026", fmt.Sprint(2000+i%27), 1))
	}
	in.files["many.mbox"] = mboxOf(many...)
	var before []byte
	for _, workers := range []int{1, 4, 4} {
		in.workers, in.store = workers, nil
		b := encode(t, in.mustBuild(t))
		if before != nil {
			require.True(t, bytes.Equal(before, b), "%d workers give another dossier", workers)
		}
		before = b
	}
	assert.Greater(t, bytes.Count(before, []byte(`"exhibit": `)), 3000)
}

// Messages may be ranged over as often as one likes, and a range may be left.
func TestMessagesAreReadAnew(t *testing.T) {
	b := encode(t, mill(t).mustBuild(t))
	for name, d := range map[string]*dossier.Dossier{"built": mill(t).mustBuild(t), "decoded": decode(t, b)} {
		t.Run(name, func(t *testing.T) {
			for r, err := range d.Messages {
				require.NoError(t, err)
				require.Equal(t, 1, r.Exhibit)
				break
			}
			require.Len(t, records(t, d), d.Count)
			require.Len(t, records(t, d), d.Count)
			require.Equal(t, string(b), string(encode(t, d)))
		})
	}
}

// Whatever the text of a mail is, splicing number, copies and thread into the spooled record leaves the rest as it was.
func TestSpliceIsNotFooled(t *testing.T) {
	// Texts that look like the places that are filled in later.
	trap := "{\n      \"exhibit\": 0,\n      \"file\": \"\",\n      \"copies\": [],\n      \"thread\": \"\",\n"
	inner := "Subject: \"copies\": [],\nMessage-ID: <i@x.example>\n\n" + trap
	m := "Date: Mon, 2 Mar 2026 08:00:00 +0000\nFrom: \"\\\"thread\\\": \\\"\\\",\" <a@x.example>\nMessage-ID: <\"thread\": \"\",>\nSubject: \"exhibit\": 0,\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n" + trap + "\n--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--\n"
	in := input{files: map[string]string{"a.eml": m, "b.eml": "X-More: 1\n" + m}}
	b := encode(t, in.mustBuild(t))
	requireValid(t, b)
	requireWhole(t, b)
	requireRecordsEncode(t, b)
}
