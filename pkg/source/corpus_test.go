package source

import (
	"crypto/md5"
	"encoding/hex"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
)

// readAll reads a whole corpus and checks the invariants of every file.
func readAll(t *testing.T, dir string, each func(name string, size int64, k Kind, r Reading, items []Item)) {
	fsys := os.DirFS(dir)
	for f, err := range Walk(fsys, ".") {
		require.NoError(t, err)
		if f.Trouble != nil {
			require.NotEmpty(t, f.Trouble.Reason, f.Path)
			continue
		}
		file, err := os.ReadFile(path.Join(dir, f.Path))
		require.NoError(t, err)
		k, reading, items := read(t, f.Path, file, false)
		each(f.Path, f.Size, k, reading, items)
	}
}

func TestSpamassassinCorpus(t *testing.T) {
	messages, other := 0, 0
	readAll(t, corpora.Dir(t, "spamassassin"), func(name string, size int64, k Kind, _ Reading, items []Item) {
		_, sum, ok := strings.Cut(path.Base(name), ".")
		sum, isMail := strings.CutSuffix(sum, ".txt")
		if !ok || !isMail || len(sum) != 32 {
			assert.NotNil(t, k.Trouble, name)
			return
		}
		require.Len(t, items, 1, name)
		messages++
		// The digest in the name is that of the file: From_ line, message, and an mbox's empty line at the end.
		whole := append([]byte(nil), items[0].Raw.(Bytes)...)
		if line := items[0].Origin.EnvelopeLine; line != "" {
			whole = append(append([]byte(line), '\n'), whole...)
		}
		if int64(len(whole)) < size {
			whole = append(whole, '\n')
		}
		require.EqualValues(t, size, len(whole), name)
		have := md5.Sum(whole)
		if hex.EncodeToString(have[:]) != sum {
			other++
		}
	})
	assert.Equal(t, 2750, messages)
	assert.Equal(t, 1, other, "one file is known to differ")
}

func TestVariantsCorpus(t *testing.T) {
	messages := map[string]int{}
	readAll(t, corpora.Dir(t, "mbox-variants"), func(name string, _ int64, k Kind, _ Reading, items []Item) {
		messages[strings.Split(name, "/")[0]] += len(items)
		if strings.HasPrefix(name, "Maildir/") {
			assert.Equal(t, Maildir, k.Format, name)
			require.Len(t, items, 1)
			assert.Equal(t, "S", items[0].Origin.Flags)
		}
	})
	want := map[string]int{"expected.jsonl": 0, "Maildir": 352, "eml-lf": 352, "eml-crlf": 352, "mmdf.mmdf": 352, "mboxrd-truncated.mbox": 317}
	for _, name := range []string{"mboxo", "mboxrd", "mboxrd-bom", "mboxrd-crlf", "mboxrd-leading-blank", "mboxcl", "mboxcl2", "no-blank-line", "takeout-like", "thunderbird-like", "unquoted-broken"} {
		want[name+".mbox"] = 352
	}
	assert.Equal(t, want, messages)
}

// The messages of each project of the fixtures. They are as many as the pack's index counts (eight more in sisimai and one in
// mikel-mail aside), and more in james-mime4j and mimekit: expected outputs and summaries there are mail themselves.
func TestFixturesCorpus(t *testing.T) {
	messages := map[string]int{}
	formats := map[Format]int{}
	readAll(t, corpora.Dir(t, "fixtures"), func(name string, _ int64, k Kind, r Reading, items []Item) {
		project, _, _ := strings.Cut(name, "/")
		messages[project] += len(items)
		formats[r.Format]++
	})
	assert.Equal(t, map[string]int{
		"arc_test_suite": 0, "authentication-headers": 12, "cpython-test_email": 45, "dkimpy": 12, "email-outlook-message": 6,
		"eml2pdf": 15, "enmime": 88, "flufl.bounce": 115, "james-mime4j": 163, "mail-dkim": 79, "mikel-mail": 104, "mime-tools": 66,
		"mimekit": 274, "sisimai": 879, "spamscope-mail-parser": 22, "tomes-darcmail": 6,
	}, messages)
	assert.Positive(t, formats[EML])
	assert.Positive(t, formats[Mbox])
}
