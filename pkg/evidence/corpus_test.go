package evidence

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
	"onrecord/pkg/digest"
	"onrecord/pkg/source"
)

// The same 352 real messages, in dialects that can be undone: the canonical digest is that of the message as it was, whatever the dialect.
func TestCanonicalAcrossDialects(t *testing.T) {
	fsys := os.DirFS(corpora.Dir(t, "mbox-variants"))
	names, err := fs.Glob(fsys, "eml-lf/*.eml")
	require.NoError(t, err)
	original := map[digest.Digest]string{}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		require.NoError(t, err)
		original[digest.Of(canonicalForm(b))] = path.Base(name)
		if !bytes.HasSuffix(b, []byte("\n")) {
			original[digest.Of(canonicalForm(append(b, '\n')))] = path.Base(name) // in an mbox its last line has to end
		}
	}
	require.Len(t, names, 352)
	for dialect, most := range map[string]int{
		"mboxrd.mbox": 0, "mboxrd-crlf.mbox": 0, "mmdf.mmdf": 0, "eml-crlf": 0, "Maildir": 0,
		"mboxo.mbox": 8, // where the > of an author cannot be told from that of the program
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			found := map[string]bool{}
			for file, err := range source.Walk(fsys, dialect) {
				require.NoError(t, err)
				b, err := fs.ReadFile(fsys, file.Path)
				require.NoError(t, err)
				kind := source.Recognise(file.Path, b[:min(len(b), 64<<10)], int64(len(b)), true)
				require.Nil(t, kind.Trouble)
				_, items, err := source.Items(file.Path, source.Bytes(b), kind, source.Options{})
				require.NoError(t, err)
				for item, err := range items {
					require.NoError(t, err)
					e, err := newExaminer().Examine(t.Context(), item)
					require.NoError(t, err)
					if name := original[e.Record.Digests.Canonical]; name != "" {
						found[name] = true
					}
				}
			}
			assert.GreaterOrEqual(t, len(found), len(names)-most)
		})
	}
}
