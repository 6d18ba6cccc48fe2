package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/source"
)

// blocks gives the code blocks of a language in pkg/dossier/FORMAT.md.
func blocks(t testing.TB, language string) []string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("..", "dossier", "FORMAT.md"))
	require.NoError(t, err)
	parts := strings.Split(string(doc), "\n```"+language+"\n")
	var all []string
	for _, p := range parts[1:] {
		block, _, found := strings.Cut(p, "\n```\n")
		require.True(t, found)
		all = append(all, block+"\n")
	}
	require.NotEmpty(t, all)
	return all
}

// inBag is the dossier.Store of a bag.
type inBag struct {
	*Bag
	sums []Sums
	tmp  string
}

func (s *inBag) AddMessage(seq int, content io.Reader) error {
	sums, err := s.Bag.AddMessage(seq, content)
	s.sums = append(s.sums, sums)
	return err
}

func (s *inBag) Place(seq, exhibit, count int) (string, digest.Digest, error) {
	name := ExhibitFile(exhibit, count)
	return name, s.sums[seq].SHA256, s.PlaceMessage(seq, name, s.sums[seq])
}

func (s *inBag) Spool() (evidence.Spool, error) { return os.CreateTemp(s.tmp, "spool-") }

// story builds the dossier of testdata/story at dir.
func story(t testing.TB, dir string) {
	t.Helper()
	in := filepath.Join("..", "..", "testdata", "story")
	mail := content(t, in, "thread.mbox")
	keys, err := dkim.ReadKeys(strings.NewReader(content(t, in, "dkim-keys.zone")), dkim.OriginSnapshot)
	require.NoError(t, err)
	matter, err := casefile.Parse(strings.NewReader(content(t, in, "case.yaml")), "case.yaml")
	require.NoError(t, err)

	b, err := Create(dir, false)
	require.NoError(t, err)
	defer b.Abort()
	sums, err := b.AddSource("thread.mbox", strings.NewReader(mail))
	require.NoError(t, err)
	store := &inBag{Bag: b, tmp: t.TempDir()}
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	d, err := dossier.Build(t.Context(), dossier.Input{
		Sources: func(yield func(dossier.SourceFile, error) bool) {
			yield(dossier.SourceFile{Kind: source.Recognise("thread.mbox", []byte(mail[:min(len(mail), 64<<10)]), int64(len(mail)), true), Content: source.Bytes(mail),
				Source: dossier.Source{Path: "thread.mbox", File: "data/sources/thread.mbox", Size: int64(len(mail)), SHA256: sums.SHA256}}, nil)
		},
		Examiner: &evidence.Examiner{Limits: message.DefaultLimits(), Keys: keys.Lookup, Now: now, Spool: store.Spool},
		Finder:   notice.NewFinder(), Case: matter, Store: store, Workers: 2})
	require.NoError(t, err)
	d.GeneratedAt, d.ClockBasis, d.Tool = now, "the clock of the tests", dossier.Tool{Name: "onrecord", Version: "test"}
	d.Options = dossier.Options{Format: []string{"json"}, Lang: "en", Timezone: "UTC", Sources: "copy", DNS: "off"}
	tag, err := b.Tag("dossier.json")
	require.NoError(t, err)
	require.NoError(t, dossier.Encode(tag, d))
	require.NoError(t, tag.Close())
	require.NoError(t, b.Commit(Info{Date: now, Agent: "onrecord test"}))
}

// Every command of FORMAT.md runs as it stands there, and says no where something was changed.
func TestFormatCommands(t *testing.T) {
	for _, tool := range []string{"sh", "sha256sum", "md5sum", "openssl", "python3", "grep", "tail", "head"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%v: the commands of FORMAT.md did not run", err)
		}
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "story.dossier")
	story(t, dir)
	run := func(command string) (string, error) {
		cmd := exec.Command("sh", "-eu", "-c", command)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	commands := blocks(t, "sh")
	assert.Len(t, commands, 7)
	for _, c := range commands {
		out, err := run(c)
		assert.NoError(t, err, "%s\n%s", c, out)
	}

	file := filepath.Join(dir, "dossier.json")
	good := content(t, file)
	spoil := func(old, new string) {
		require.Contains(t, good, old)
		require.NoError(t, os.WriteFile(file, []byte(strings.Replace(good, old, new, -1)), 0o666))
	}
	var d struct {
		EvidenceDigest digest.Digest `json:"evidence_digest"`
		Messages       []evidence.Record
		Statements     []notice.Statement
	}
	require.NoError(t, json.Unmarshal([]byte(good), &d))
	other := digest.Of(nil)
	for i, change := range [][2]string{
		{`"onrecord"`, `"offrecord"`},
		{d.Messages[1].Digests.Message.Hex(), other.Hex()},
		{d.EvidenceDigest.Hex(), other.Hex()},
		{d.Messages[0].Digests.Raw.Hex(), other.Hex()},
		{*d.Messages[1].Digests.EDRMMIH, strings.Repeat("0", 32)},
		{d.Messages[7].Digests.Content.Hex(), other.Hex()},
		{fmt.Sprintf("%q: [\n        %d,", "span", d.Statements[0].Span[0]), fmt.Sprintf("%q: [\n        %d,", "span", d.Statements[0].Span[0]+1)},
	} {
		spoil(change[0], change[1])
		out, err := run(commands[i])
		assert.Error(t, err, "%s\nsays yes to another dossier:\n%s", commands[i], out)
	}
}

// The example of FORMAT.md is what the story gives.
func TestFormatExample(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "story.dossier")
	story(t, dir)
	var example, whole any
	decode := func(text string, v any) {
		dec := json.NewDecoder(bytes.NewReader([]byte(text)))
		dec.UseNumber()
		require.NoError(t, dec.Decode(v))
	}
	decode(blocks(t, "json")[0], &example)
	decode(content(t, dir, "dossier.json"), &whole)
	assert.Empty(t, missing("", example, whole))
}

// missing names what of the example the whole does not have. An element of a list stands for one that has all of it.
func missing(path string, example, whole any) []string {
	switch e := example.(type) {
	case map[string]any:
		w, ok := whole.(map[string]any)
		if !ok {
			return []string{path}
		}
		var all []string
		for k, v := range e {
			all = append(all, missing(path+"."+k, v, w[k])...)
		}
		return all
	case []any:
		var best []string
		list, _ := whole.([]any)
		for i, v := range e {
			nearest := []string{fmt.Sprintf("%s[%d]", path, i)}
			for j, w := range list {
				if m := missing(fmt.Sprintf("%s[%d]", path, j), v, w); j == 0 || len(m) < len(nearest) {
					nearest = m
				}
			}
			best = append(best, nearest...)
		}
		return best
	}
	if example != whole {
		return []string{fmt.Sprintf("%s: %v, where the story gives %v", path, example, whole)}
	}
	return nil
}
