package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/merkle"
)

func record(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for i, action := range []string{"collected", "built", "sealed"} {
		var err error
		all, err = AppendEvents(all, Event{Time: time.Unix(int64(i), 0).UTC().Format(time.RFC3339), Clock: "a clock", Action: action, Result: "done <&>", Account: "anna", Host: "desk7",
			Program: "onrecord test", Arguments: []string{"a \"b\"", "\u2028"}, Files: []FileDigest{{"seal/a.sig", digest.Digest(sha256.Sum256([]byte("x")))}}})
		require.NoError(t, err)
	}
	return all
}

func TestCustodyIsLinked(t *testing.T) {
	all := record(t)
	events, head, err := ReadCustody(all)
	require.NoError(t, err)
	assert.Len(t, events, 3)
	assert.Equal(t, 3, head.N)
	assert.Equal(t, events[2].Previous, strings.TrimSuffix(string(bytes.Split(all, []byte(digestMember))[2][:71]), `"`))
	assert.True(t, HeadAt(all, head))
	assert.True(t, HeadAt(all, Head{}))
	assert.True(t, HeadAt(all, Head{2, events[2].Previous}), "as it was before the last line")
	assert.False(t, HeadAt(all, Head{1, events[2].Previous}))
	assert.False(t, HeadAt(all, Head{4, head.Digest}))

	lines := bytes.SplitAfter(all, []byte("\n"))
	for name, changed := range map[string][]byte{
		"without the first": bytes.Join(lines[1:], nil), "without the second": append(bytes.Clone(lines[0]), lines[2]...), "in another order": bytes.Join([][]byte{lines[1], lines[0], lines[2]}, nil),
		"cut off": all[:len(all)-1], "an empty line": append(bytes.Clone(all), '\n'), "twice the last": append(bytes.Clone(all), lines[2]...), "another form": bytes.Replace(all, []byte(`"n":1`), []byte(`"n": 1`), 1),
		"a member more": bytes.Replace(all, []byte(`{"n":1`), []byte(`{"x":0,"n":1`), 1),
	} {
		_, _, err := ReadCustody(changed)
		assert.Error(t, err, name)
		_, err = AppendEvents(changed, Event{})
		assert.Error(t, err, "%s: a broken record is not written on", name)
	}
	// What cannot be seen in the record itself: that its last lines are gone. A seal holds its state.
	_, _, err = ReadCustody(bytes.Join(lines[:2], nil))
	assert.NoError(t, err)
}

func TestEachByteOfCustodyCounts(t *testing.T) {
	all := record(t)
	for i := range all {
		for bit := range 8 {
			changed := bytes.Clone(all)
			changed[i] ^= 1 << bit
			_, _, err := ReadCustody(changed)
			require.Error(t, err, "byte %d, bit %d", i, bit)
		}
	}
}

// The digests can be computed without this program.
func TestCustodyInPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	file := filepath.Join(t.TempDir(), CustodyFile)
	require.NoError(t, os.WriteFile(file, record(t), 0o666))
	out, err := exec.Command(python, "-c", `
import hashlib, json, sys
previous = ""
for line in open(sys.argv[1], "rb"):
    body, rest = line.rsplit(b',"digest":"', 1)
    event = json.loads(line)
    assert event["digest"] == "sha256:" + hashlib.sha256(body).hexdigest() and event["previous"] == previous
    previous = event["digest"]
print(previous)`, file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	_, head, err := ReadCustody(record(t))
	require.NoError(t, err)
	assert.Equal(t, head.Digest+"\n", string(out))
}

func TestStatement(t *testing.T) {
	s := Statement{Signature: "anna.sig", Dossier: "sha256:00", Role: "collected by", Signer: "Anna Berg\nRole: judge", Key: "SHA256:x", Time: "2026-03-09T08:00:00Z", Clock: "a clock", Custody: Head{2, "sha256:01"}, Program: "onrecord test"}
	text := s.Text()
	assert.Contains(t, string(text), "Signer: Anna Berg Role: judge\n", "a line break does not make a second label")
	got, err := ParseStatement(text)
	require.NoError(t, err)
	s.Signer = "Anna Berg Role: judge"
	assert.Equal(t, s, got)
	for i := range text {
		changed := bytes.Clone(text)
		changed[i] ^= 0x20
		if got, err := ParseStatement(changed); err == nil {
			assert.NotEqual(t, s, got)
		}
	}
}

// The root that grows with the leaves is that of the tree.
func TestRoot(t *testing.T) {
	var r rootOf
	var leaves []merkle.Hash
	for i := range 70 {
		assert.Equal(t, merkle.Checkpoint{Origin: rootOrigin, Size: int64(i), Root: merkle.TreeOf(leaves).Root()}, r.checkpoint())
		entry := LeafEntry(sha256.Sum256(fmt.Append(nil, i)), ExhibitFile(i+1, 70))
		r.add(entry)
		leaves = append(leaves, merkle.LeafHash(entry))
	}
	dir := filepath.Join(t.TempDir(), "x")
	commit(t, dir, false)
	c, err := Check(os.DirFS(dir))
	require.NoError(t, err)
	assert.Equal(t, content(t, dir, RootFile), string(c.Root))
	want := merkle.TreeOf([]merkle.Hash{merkle.LeafHash([]byte(strings.SplitAfter(content(t, dir, "manifest-sha256.txt"), "\n")[0])), merkle.LeafHash([]byte(strings.SplitAfter(content(t, dir, "manifest-sha256.txt"), "\n")[1]))})
	assert.Equal(t, rootOrigin+"\n2\n"+want.Root().String()+"\n", string(c.Root))
}

func TestAddSeal(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, AddSeal(root, "a.sig", []byte("one")))
	require.NoError(t, AddSeal(root, "a.sig", []byte("one")), "twice is no error")
	assert.ErrorIs(t, AddSeal(root, "a.sig", []byte("two")), fs.ErrExist)
	for _, name := range []string{"../a", "x/y", ".hidden", `a\b`} {
		assert.Error(t, AddSeal(root, name, nil), name)
	}
	assert.Equal(t, []string{"seal/a.sig"}, entries(t, dir))
	lock, err := Lock(dir)
	require.NoError(t, err)
	_, err = Lock(dir)
	assert.Error(t, err)
	lock.Close()
	lock, err = Lock(dir)
	require.NoError(t, err)
	lock.Close()
}
