package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const winchCase = `matter:
  title: Winch 2, loss of the brake
  reference: 3 O 44/26
  prepared_by: Nora Quist
people:
  - name: Ines Okafor
    addresses: [ines@hoist.example]
    role: safety engineer
marks:
  - message: "<w1@hoist.example>"
    quote: Somebody will be killed.
    acts: [warning]
    topic: the brake
`

// winchDossier builds the tests' own mail with a case file and keys into dir/winch.dossier.
func winchDossier(t testing.TB, dir string) result {
	t.Helper()
	all := winch(t)
	put(t, dir, "winch.mbox", mailbox(all[0], all[1], all[2], all[1], all[3], winchBroken), "case.yaml", winchCase, "keys.zone", winchZone())
	return succeed(t, dir, "build", "--case", "case.yaml", "--keys", "keys.zone", "-o", "winch.dossier", "winch.mbox")
}

// story copies the fixture of the whole project, and gives the copy.
func story(t testing.TB) string {
	t.Helper()
	dir := tempDir(t)
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../testdata/story")))
	for _, name := range listing(t, dir) {
		require.NoError(t, os.Chtimes(filepath.Join(dir, name), time.Time{}, time.Unix(1773000000, 0)))
	}
	return dir
}

// The whole output for the story: all that is printed, and every file of the dossier but the pages, which their own packages test.
func TestGoldenBuild(t *testing.T) {
	t.Parallel()
	dir := story(t)
	r := succeed(t, dir, "build", "--case", "case.yaml", "--keys", "dkim-keys.zone", "-o", "story.dossier", "thread.mbox")
	golden(t, "build/summary.golden", r.out)
	golden(t, "build/stderr.golden", r.err)
	dossier := filepath.Join(dir, "story.dossier")
	golden(t, "build/listing.golden", strings.Join(listing(t, dossier), "\n")+"\n")
	for _, name := range []string{"dossier.json", "README.txt", "bag-info.txt", "bagit.txt", "dkim-keys.txt", "manifest-sha256.txt"} {
		golden(t, "build/"+name+".golden", read(t, dossier, name))
	}
	assert.Equal(t, read(t, dir, "case.yaml"), read(t, dossier, "case.yaml"))
	assert.Regexp(t, `\A([0-9a-f]{128}  data/messages/00[0-9]{2}\.eml\n)+[0-9a-f]{128}  data/sources/thread\.mbox\n\z`, read(t, dossier, "manifest-sha512.txt"))
	sumsPass(t, dossier)

	v := succeed(t, dir, "verify", "story.dossier")
	golden(t, "build/verify.golden", v.out)
	assert.Empty(t, v.err)
	golden(t, "build/verify.json.golden", succeed(t, dir, "verify", "--json", "story.dossier").out)
	v = succeed(t, dir, "verify", "-q", "story.dossier")
	assert.Empty(t, v.out+v.err)

	// The same mail as .eml files and as Maildir: the same exhibits.
	want := evidenceOf(t, dossier)
	for _, form := range []string{"eml", "maildir"} {
		succeed(t, dir, "build", "--format", "json", "--case", "case.yaml", "--keys", "dkim-keys.zone", "-o", form+".dossier", form)
		assert.Equal(t, want, evidenceOf(t, filepath.Join(dir, form+".dossier")), form)
		succeed(t, dir, "verify", "-q", form+".dossier")
	}
}

// evidenceOf gives the content keys of the exhibits, in order: what is the same whatever the line endings and the container.
func evidenceOf(t testing.TB, dossier string) []string {
	t.Helper()
	var all []string
	for _, r := range recordsOf(t, dossier) {
		all = append(all, r.MessageID+" "+r.Digests.Canonical.String()+" "+r.Digests.Content.String())
	}
	return all
}

// Every odd, broken and hostile case is kept, verified, and harmless to look at.
func TestVariants(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "variants"), os.DirFS("../../testdata/variants")))
	r := onrecord(t, dir, "build", "-o", "out", "variants")
	assert.Contains(t, []int{int(exitDone), int(exitPartial)}, r.code, r.err)
	quiet(t, r)
	v := onrecord(t, dir, "verify", "out")
	assert.Zero(t, v.code, v.out)
	quiet(t, v)
	inert(t, filepath.Join(dir, "out", "dossier.html"), ownTags(t))
	sources, total := ledgerOf(t, filepath.Join(dir, "out"))
	assert.Positive(t, total.Kept)
	for _, name := range listing(t, filepath.Join(dir, "variants")) {
		s, ok := sources["variants/"+name]
		assert.True(t, ok || strings.HasSuffix(name, "/"), "%s is not in the ledger", name)
		if strings.HasSuffix(name, ".eml") {
			assert.Equal(t, 1, s.Kept+s.Duplicate, name)
		}
	}
	for _, name := range []string{"escapes", "nul", "broken-encoded-words", "attachment-names", "nested-messages", "forged-results", "deep"} {
		r := succeed(t, dir, "inspect", "variants/"+name+".eml")
		golden(t, "inspect/"+name+".golden", r.out)
		quiet(t, r)
	}
}

func TestGoldenBuildForPrograms(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...))
	r := succeed(t, dir, "build", "--json", "--format", "html", "winch.mbox")
	golden(t, "build/summary.json.golden", r.out)
	golden(t, "build/hint.golden", r.err)
	assert.Equal(t, 1, strings.Count(r.out, "\n"))
	assert.NotContains(t, listing(t, filepath.Join(dir, "winch.mbox.dossier")), "dossier.pdf")
	quiet := succeed(t, dir, "build", "-q", "--force", "winch.mbox")
	assert.Empty(t, quiet.out+quiet.err)
}

func TestGoldenInspect(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	all := winch(t)
	put(t, dir, "warning.eml", all[0], "photo.eml", strings.ReplaceAll(all[2], "\n", "\r\n"), "broken.eml", winchBroken, "two.mbox", mailbox(all[1], all[2]), "keys.zone", winchZone(),
		"empty.eml", "", "bare.eml", "no header at all", "cr.eml", strings.ReplaceAll(winchReply, "\n", "\r"))
	for name, args := range map[string][]string{
		"warning":       {"warning.eml"},
		"warning-keys":  {"--keys", "keys.zone", "warning.eml"},
		"photo":         {"photo.eml"},
		"broken":        {"broken.eml"},
		"mbox":          {"two.mbox"},
		"several":       {"empty.eml", "bare.eml", "cr.eml"},
		"warning.jsonl": {"--json", "--keys", "keys.zone", "warning.eml"},
		"mbox.jsonl":    {"--json", "two.mbox"},
	} {
		r := succeed(t, dir, append([]string{"inspect"}, args...)...)
		golden(t, "inspect/"+name+".golden", r.out)
		assert.Empty(t, r.err, name)
		assert.NotContains(t, r.out, "\x1b", "no colours into a pipe")
		if !strings.HasSuffix(name, ".jsonl") {
			continue
		}
		for line := range strings.Lines(r.out) {
			assert.True(t, json.Valid([]byte(line)), name)
		}
	}
}

func TestGoldenHelp(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	for _, command := range []string{"", "build", "verify", "inspect", "render", "keys", "schema", "version", "completion", "completion bash", "help"} {
		args := strings.Fields(command)
		r := succeed(t, dir, append(args, "--help")...)
		golden(t, "help/"+strings.ReplaceAll("onrecord "+command, " ", "-")+".golden", r.out)
		assert.Empty(t, r.err)
		for line := range strings.Lines(r.out) {
			if !strings.Contains(line, "  --") && !strings.Contains(line, ", --") { // cobra does not wrap flags
				assert.LessOrEqual(t, len([]rune(line)), 101, "%s: wider than a terminal: %s", command, line)
			}
		}
		if command != "" && command != "help" && command != "completion bash" {
			assert.Equal(t, r.out, succeed(t, dir, append([]string{"help"}, args...)...).out, "help %s", command)
		}
	}
	assert.Equal(t, succeed(t, dir, "--help").out, succeed(t, dir).out, "without arguments")
	assert.Equal(t, "onrecord "+version+"\n", succeed(t, dir, "version").out)
	assert.Equal(t, "onrecord "+version+"\n", succeed(t, dir, "--version").out)
}

func TestSchemaIsPrinted(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	for _, args := range [][]string{{"schema"}, {"schema", "--case"}} {
		r := succeed(t, dir, args...)
		var schema map[string]any
		require.NoError(t, json.Unmarshal([]byte(r.out), &schema))
		assert.Contains(t, schema, "$schema")
	}
	assert.NotEqual(t, succeed(t, dir, "schema").out, succeed(t, dir, "schema", "--case").out)
}

func TestCompletionAndManual(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "completion.bash", succeed(t, dir, "completion", "bash").out)
	// The script itself runs in bash, and asks the program on PATH.
	script := `source ./completion.bash; COMP_WORDS=(onrecord ver); COMP_CWORD=1; COMP_LINE="onrecord ver"; COMP_POINT=12; COMP_TYPE=9
		_get_comp_words_by_ref() { cur=ver; prev=onrecord; words=(onrecord ver); cword=1; }; _init_completion() { _get_comp_words_by_ref; }; compopt() { :; }
		__start_onrecord; printf '%s\n' "${COMPREPLY[@]}"`
	bash := exec.Command("bash", "-c", script)
	bash.Dir, bash.Env = dir, []string{"PATH=" + filepath.Dir(program) + ":/usr/bin:/bin"}
	out, err := bash.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "verify")
	assert.Contains(t, string(out), "version")
	assert.NotContains(t, string(out), "build")
	for _, shell := range []string{"zsh", "fish", "powershell"} {
		assert.Contains(t, succeed(t, dir, "completion", shell).out, "onrecord")
	}

	put(t, dir, "man/.keep", "")
	succeed(t, dir, "man", "man")
	pages := listing(t, filepath.Join(dir, "man"))
	for _, page := range []string{"onrecord.1", "onrecord-build.1", "onrecord-verify.1", "onrecord-inspect.1", "onrecord-keys.1", "onrecord-render.1", "onrecord-schema.1", "onrecord-version.1"} {
		assert.Contains(t, pages, page)
	}
	page := read(t, dir, "man", "onrecord-build.1")
	assert.True(t, strings.HasPrefix(page, ".nh\n.TH \"ONRECORD\" \"1\" \"Mar 2026\" \"onrecord "), "%.80q", page)
	assert.Contains(t, page, "--timezone")
	assert.NotContains(t, page, "cobra")
	assert.Equal(t, 1, onrecord(t, dir, "man", "no/such/directory").code)
}
