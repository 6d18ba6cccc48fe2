package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/verify"
)

// report runs verify --json and reads what it says. The exit code must fit it.
func report(t testing.TB, dir string, args ...string) verify.Report {
	t.Helper()
	r := onrecord(t, dir, append([]string{"verify", "--json"}, args...)...)
	require.Contains(t, []int{int(exitDone), int(exitMismatch)}, r.code, "%s", r.err)
	var rep verify.Report
	require.NoError(t, json.Unmarshal([]byte(r.out), &rep), "%s", r.out)
	assert.Equal(t, rep.OK, r.code == int(exitDone))
	assert.Equal(t, rep.OK, rep.Count(verify.Mismatch)+rep.Count(verify.Missing) == 0)
	return rep
}

// troubles gives what a report found wrong, one a line.
func troubles(r verify.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Status == verify.Mismatch || f.Status == verify.Missing {
			fmt.Fprintf(&b, "%s %s: %s (expected %q, found %q): %s\n", f.Status, f.Check, f.Subject, f.Expected, f.Found, f.Why)
		}
	}
	return b.String()
}

// reseal writes the manifests of a dossier anew, as somebody would who wants a change not to be seen. It is written from RFC 8493, not with the program's code.
func reseal(t testing.TB, dossier string) {
	t.Helper()
	var payload, tags []string
	for _, name := range listing(t, dossier) {
		switch {
		case strings.HasSuffix(name, "/"), strings.HasPrefix(name, "seal/"), name == "custody.jsonl", strings.HasPrefix(name, "manifest-"), strings.HasPrefix(name, "tagmanifest-"):
		case strings.HasPrefix(name, "data/"):
			payload = append(payload, name)
		default:
			tags = append(tags, name)
		}
	}
	sums := func(names []string, sum func([]byte) string) string {
		var b strings.Builder
		for _, n := range names {
			fmt.Fprintf(&b, "%s  %s\n", sum([]byte(read(t, dossier, n))), strings.ReplaceAll(n, "%", "%25"))
		}
		return b.String()
	}
	s256 := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	s512 := func(b []byte) string { s := sha512.Sum512(b); return hex.EncodeToString(s[:]) }
	octets := 0
	for _, n := range payload {
		octets += len(read(t, dossier, n))
	}
	info := read(t, dossier, "bag-info.txt")
	at := strings.Index(info, "Payload-Oxum: ")
	require.Positive(t, at)
	put(t, dossier, "bag-info.txt", fmt.Sprintf("%sPayload-Oxum: %d.%d\n", info[:at], octets, len(payload)),
		"manifest-sha256.txt", sums(payload, s256), "manifest-sha512.txt", sums(payload, s512))
	tags = append(tags, "manifest-sha256.txt", "manifest-sha512.txt")
	slices.Sort(tags)
	put(t, dossier, "tagmanifest-sha256.txt", sums(tags, s256), "tagmanifest-sha512.txt", sums(tags, s512))
}

// copied copies a dossier to dir/name.
func copied(t testing.TB, from, dir, name string) string {
	t.Helper()
	to := filepath.Join(dir, name)
	require.NoError(t, os.RemoveAll(to))
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

func TestReseal(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	dossier := filepath.Join(dir, "winch.dossier")
	before := map[string]string{}
	for _, name := range []string{"bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"} {
		before[name] = read(t, dossier, name)
	}
	reseal(t, dossier)
	for name, want := range before {
		assert.Equal(t, want, read(t, dossier, name), "the tests' manifests and the program's are the same")
	}
}

func TestChecksWithoutTheProgram(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	r := winchDossier(t, dir)
	dossier := filepath.Join(dir, "winch.dossier")
	sumsPass(t, dossier)
	// Each command of README.txt, as it stands there.
	readme := read(t, dossier, "README.txt")
	digest := shell(t, dossier, line(t, readme, "    grep "))
	assert.Zero(t, digest.code)
	hash := strings.Fields(digest.out)[0]
	assert.Contains(t, readme, "Evidence digest (all exhibits): sha256:"+hash+"\n")
	assert.Contains(t, r.out, "evidence digest: sha256:"+hash+"\n")
	assert.Contains(t, read(t, dossier, "dossier.html"), hash)
	assert.Equal(t, 2, strings.Count(readme, "    sha256sum -c "))
	for l := range strings.Lines(readme) {
		if strings.HasPrefix(l, "    sha256sum -c ") {
			command, _, _ := strings.Cut(strings.TrimSpace(l), "   ")
			assert.Zero(t, shell(t, dossier, command).code, command)
		}
	}
	if out := shell(t, dossier, line(t, readme, "    openssl ")); out.code != 127 {
		assert.Contains(t, out.out, sha256Hex(read(t, dossier, "data", "messages", "0001.eml")))
	}
	assert.Zero(t, shell(t, dossier, strings.Replace(line(t, readme, "With onrecord:"), "With onrecord:  onrecord", `"$0"`, 1)).code)
	// RFC 8493 §2.1.1 and §2.2.2.
	assert.Equal(t, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", read(t, dossier, "bagit.txt"))
	octets, files := 0, 0
	for _, name := range listing(t, filepath.Join(dossier, "data")) {
		if !strings.HasSuffix(name, "/") {
			octets, files = octets+len(read(t, dossier, "data", name)), files+1
		}
	}
	assert.Contains(t, read(t, dossier, "bag-info.txt"), fmt.Sprintf("\nPayload-Oxum: %d.%d\n", octets, files))
}

// line gives the line of text that starts so.
func line(t testing.TB, text, start string) string {
	t.Helper()
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, start) {
			return strings.TrimSpace(l)
		}
	}
	require.Fail(t, "no line "+start)
	return ""
}

func TestFlippedBits(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	held := filepath.Join(dir, "winch.dossier")
	random := rand.New(rand.NewPCG(5, 6))
	flips := 0
	for _, name := range listing(t, held) {
		if strings.HasSuffix(name, "/") {
			continue
		}
		file := filepath.Join(held, name)
		content := []byte(read(t, file))
		for _, at := range []int{0, len(content) - 1, random.IntN(len(content)), random.IntN(len(content))} {
			changed := slices.Clone(content)
			changed[at] ^= 1 << random.IntN(8)
			if strings.HasPrefix(name, "tagmanifest-") && strings.EqualFold(string(changed), string(content)) {
				continue // a hexadecimal digit in the other case: the same digest
			}
			flips++
			require.NoError(t, os.WriteFile(file, changed, 0o666))
			rep := report(t, dir, "winch.dossier")
			assert.False(t, rep.OK, "%s: a flipped bit at %d was not found", name, at)
			assert.Contains(t, troubles(rep), name, "byte %d", at)
		}
		require.NoError(t, os.WriteFile(file, content, 0o666))
	}
	assert.Greater(t, flips, 60)
	assert.True(t, report(t, dir, "winch.dossier").OK)
}

func TestFilesThatComeAndGo(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	held := filepath.Join(dir, "winch.dossier")
	for _, name := range listing(t, held) {
		if strings.HasSuffix(name, "/") {
			continue
		}
		d := copied(t, held, dir, "d")
		require.NoError(t, os.Remove(filepath.Join(d, name)))
		rep := report(t, dir, "d")
		assert.False(t, rep.OK, name)
		assert.Regexp(t, `(?m)^missing .*: `+strings.ReplaceAll(name, ".", `\.`)+` `, troubles(rep), "the file that is gone")
		if _, err := os.Stat(filepath.Join(d, "dossier.json")); err == nil {
			require.NoError(t, os.WriteFile(filepath.Join(d, name), nil, 0o666))
			rep = report(t, dir, "d")
			assert.False(t, rep.OK, "%s is empty", name)
			assert.Contains(t, troubles(rep), name)
		}
	}
	for _, name := range []string{"note.txt", "data/note.txt", "data/messages/0006.eml", "data/messages/sub/0001.eml", ".hidden", "manifest-md5.txt", "sealed.txt"} {
		d := copied(t, held, dir, "d")
		put(t, d, name, "added")
		rep := report(t, dir, "d")
		assert.False(t, rep.OK, name)
		assert.Contains(t, troubles(rep), name)
	}
	d := copied(t, held, dir, "d")
	require.NoError(t, os.Rename(filepath.Join(d, "data", "messages", "0001.eml"), filepath.Join(d, "data", "messages", "0001.EML")))
	rep := report(t, dir, "d")
	assert.Contains(t, troubles(rep), "0001.EML")
	assert.Contains(t, troubles(rep), "0001.eml")
	d = copied(t, held, dir, "d")
	require.NoError(t, os.Remove(filepath.Join(d, "data", "messages", "0001.eml")))
	require.NoError(t, os.Symlink("../../../winch.dossier/data/messages/0001.eml", filepath.Join(d, "data", "messages", "0001.eml")))
	assert.Contains(t, troubles(report(t, dir, "d")), "0001.eml", "a link that leads out of the dossier is not its file")
}

// Somebody changes a thing and writes the manifests anew: what is derived again shows it.
func TestResealedChanges(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	held := filepath.Join(dir, "winch.dossier")
	replace := func(name, old, with string) func(t testing.TB, d string) {
		return func(t testing.TB, d string) {
			content := read(t, d, name)
			require.Contains(t, content, old, name)
			put(t, d, name, strings.Replace(content, old, with, 1))
		}
	}
	// facts changes dossier.json by what it says, and keeps its form.
	facts := func(change func(d map[string]any)) func(t testing.TB, d string) {
		return func(t testing.TB, d string) {
			var j map[string]any
			require.NoError(t, json.Unmarshal([]byte(read(t, d, "dossier.json")), &j))
			change(j)
			b, err := json.MarshalIndent(j, "", "  ")
			require.NoError(t, err)
			put(t, d, "dossier.json", string(b)+"\n")
		}
	}
	list := func(j any, keys ...any) any {
		for _, k := range keys {
			switch k := k.(type) {
			case string:
				j = j.(map[string]any)[k]
			case int:
				j = j.([]any)[k]
			}
		}
		return j
	}
	for _, c := range []struct {
		name   string
		change func(t testing.TB, d string)
		says   []string // each must stand in what verify found wrong
	}{
		{"a statement's words", replace("dossier.json", `"text": "Somebody will be killed."`, `"text": "Somebody will be pleased."`), []string{"dossier.json: statements[", "].text", "pleased", "killed"}},
		{"a statement's span", facts(func(j map[string]any) { list(j, "statements", 1, "span").([]any)[0] = 3 }), []string{"dossier.json: statements[1].span[0]"}},
		{"a removed statement", facts(func(j map[string]any) { j["statements"] = j["statements"].([]any)[1:] }), []string{"dossier.json: statements", "entries"}},
		{"an added notice", facts(func(j map[string]any) { n := j["notices"].([]any); j["notices"] = append(n, n[0]) }), []string{"dossier.json: notices", "entries"}},
		{"a removed notice", facts(func(j map[string]any) { j["notices"] = j["notices"].([]any)[1:] }), []string{"dossier.json: notices"}},
		{"a time of knowledge", facts(func(j map[string]any) {
			list(j, "notices", 2).(map[string]any)["first_at"] = "2026-03-07T10:33:20+01:00"
		}), []string{"dossier.json: notices[2].first_at", "2026-03-07"}},
		{"a subject", replace("dossier.json", `"subject": "The accident of this morning"`, `"subject": "The incident of this morning"`), []string{"dossier.json: messages[4].subject", "incident", "accident"}},
		{"a recipient", replace("dossier.json", `"address": "dora@owner.example"`, `"address": "dora@other.example"`), []string{"dossier.json: messages[0].cc[0].address"}},
		{"a hop's time", replace("dossier.json", `"time": "2026-03-02T09:33:25Z",`+"\n          \"delay", `"time": "2026-03-02T09:43:25Z",`+"\n          \"delay"), []string{"dossier.json: messages[0].received[0].time"}},
		{"a DKIM result", replace("dossier.json", `"body_hash": "match"`, `"body_hash": "mismatch"`), []string{"dossier.json: messages[0].authentication.dkim[0].body_hash"}},
		{"a digest", facts(func(j map[string]any) {
			list(j, "messages", 1, "digests").(map[string]any)["body"] = "sha256:" + strings.Repeat("0", 64)
		}), []string{"dossier.json: messages[1].digests.body"}},
		{"the evidence digest", facts(func(j map[string]any) { j["evidence_digest"] = "sha256:" + strings.Repeat("0", 64) }), []string{"dossier.json: evidence_digest"}},
		{"the ledger", facts(func(j map[string]any) { list(j, "ledger").(map[string]any)["found"] = 5 }), []string{"dossier.json: ledger.found"}},
		{"a source's offset", facts(func(j map[string]any) { list(j, "messages", 0, "origin").(map[string]any)["offset"] = 50 }), []string{"dossier.json: messages[0].origin.offset"}},
		{"a person", facts(func(j map[string]any) { list(j, "people", 2).(map[string]any)["name"] = "Somebody Else" }), []string{"dossier.json: people[2].name"}},
		{"a thread", facts(func(j map[string]any) { j["threads"] = j["threads"].([]any)[1:] }), []string{"dossier.json: threads"}},
		{"who was dropped", facts(func(j map[string]any) { list(j, "recipients", 0).(map[string]any)["dropped"] = []any{} }), []string{"dossier.json: recipients[0].dropped"}},
		{"the timeline", facts(func(j map[string]any) { slices.Reverse(j["timeline"].([]any)) }), []string{"dossier.json: timeline["}},
		{"a removed message", facts(func(j map[string]any) { j["messages"] = j["messages"].([]any)[:4] }), []string{"dossier.json: messages"}},
		{"an added member", replace("dossier.json", `"clock":`, `"note": "made by a court",`+"\n  \"clock\":"), []string{"dossier.json"}},
		{"another form of the JSON", replace("dossier.json", "  \"clock\"", "   \"clock\""), []string{"dossier.json"}},
		{"no JSON at all", func(t testing.TB, d string) { put(t, d, "dossier.json", "{}\n") }, []string{"dossier.json"}},
		{"cut-off JSON", func(t testing.TB, d string) { s := read(t, d, "dossier.json"); put(t, d, "dossier.json", s[:len(s)/2]) }, []string{"dossier.json"}},
		{"a word on the page", replace("dossier.html", "killed", "filled"), []string{"views: dossier.html", "killed", "filled"}},
		{"a byte of the PDF", func(t testing.TB, d string) {
			b := []byte(read(t, d, "dossier.pdf"))
			b[len(b)/2] ^= 0x20
			put(t, d, "dossier.pdf", string(b))
		}, []string{"views: dossier.pdf"}},
		{"something behind the PDF", func(t testing.TB, d string) { put(t, d, "dossier.pdf", read(t, d, "dossier.pdf")+"%\n") }, []string{"views: dossier.pdf", "further bytes"}},
		{"the README", replace("README.txt", "sha256sum -c", "echo"), []string{"views: README.txt"}},
		{"a word of an exhibit", replace("data/messages/0001.eml", "Somebody will be killed", "Nobody will be injured!"), []string{"exhibits: data/messages/0001.eml"}},
		{"swapped exhibits", func(t testing.TB, d string) {
			a, b := read(t, d, "data/messages/0003.eml"), read(t, d, "data/messages/0004.eml")
			put(t, d, "data/messages/0003.eml", b, "data/messages/0004.eml", a)
		}, []string{"exhibits: data/messages/0003.eml", "exhibits: data/messages/0004.eml"}},
		{"a removed exhibit", func(t testing.TB, d string) {
			require.NoError(t, os.Remove(filepath.Join(d, "data/messages/0005.eml")))
		}, []string{"exhibits: data/messages/0005.eml"}},
		{"an added exhibit", func(t testing.TB, d string) { put(t, d, "data/messages/0006.eml", winchReply) }, []string{"data/messages/0006.eml"}},
		{"an added source", func(t testing.TB, d string) { put(t, d, "data/sources/more.eml", winchReply) }, []string{"data/sources/more.eml"}},
		{"a word in the export", replace("data/sources/winch.mbox", "Somebody will be killed", "Nobody will be injured!"), []string{"sha256", "messages[0].", "exhibits: data/messages/0001.eml"}},
		{"a message added to the export", func(t testing.TB, d string) {
			put(t, d, "data/sources/winch.mbox", read(t, d, "data/sources/winch.mbox")+mailbox(strings.ReplaceAll(winchReply, "w2@", "w9@")))
		}, []string{"dossier.json: messages", "ledger"}},
		{"no export at all", func(t testing.TB, d string) { put(t, d, "data/sources/winch.mbox", "") }, []string{"messages"}},
		{"another key", replace("dkim-keys.txt", "p=5", "p=4"), []string{"dkim[0]"}},
		{"an added key", func(t testing.TB, d string) {
			put(t, d, "dkim-keys.txt", read(t, d, "dkim-keys.txt")+"more._domainkey.other.example. IN TXT \"v=DKIM1; p=\"\n")
		}, []string{"dkim-keys.txt", "more._domainkey.other.example"}},
		{"no key", func(t testing.TB, d string) { put(t, d, "dkim-keys.txt", "; nothing\n") }, []string{"dkim[0].signature"}},
		{"the case file's mark", replace("case.yaml", "[warning]", "[threat]"), []string{"statements["}},
		{"no case file", func(t testing.TB, d string) { require.NoError(t, os.Remove(filepath.Join(d, "case.yaml"))) }, []string{"statements"}},
		{"the time of making", replace("dossier.json", `"generated_at": "2026-03-09T08:00:00Z"`, `"generated_at": "2025-03-09T08:00:00Z"`), []string{"dossier.html", "dossier.pdf", "README.txt"}},
		{"the case's title", replace("dossier.json", `"title": "Winch 2, loss of the brake"`, `"title": "Winch 2, nothing happened"`), []string{"dossier.html"}},
	} {
		d := copied(t, held, dir, "d")
		c.change(t, d)
		reseal(t, d)
		sumsPass(t, d)
		rep := report(t, dir, "d")
		assert.False(t, rep.OK, "%s was not found", c.name)
		for _, word := range c.says {
			assert.Contains(t, troubles(rep), word, c.name)
		}
	}
}

func TestHostileManifests(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	held := filepath.Join(dir, "winch.dossier")
	put(t, dir, "outside.txt", "outside")
	sum := sha256Hex("outside")
	manifest := read(t, held, "manifest-sha256.txt")
	for _, l := range []string{
		sum + "  data/../../outside.txt\n", sum + "  ../outside.txt\n", sum + "  /etc/passwd\n", sum + "  ~/x\n", sum + "  data/sources/../../../outside.txt\n", sum + "  data\\..\\x\n", sum + "  C:/x\n",
		sum + "  data/%2e%2e/%2e%2e/outside.txt\n", sum + "\n", sum + "  \n", "zz  data/x\n", "abcd  data/x\n", strings.Repeat("0", 64) + "  data/x\x00y\n", sum + "  data/" + strings.Repeat("x", 100_000) + "\n",
		strings.Repeat("\xff", 70_000) + "\n", "\x1b[2J" + sum + "  data/x\n", sum + "  data/\x1b[31mred\n", manifest, strings.Repeat(sum+"  data/none\n", 2000), strings.Repeat("junk\n", 5000),
		sum + "  dossier.json\n", sum + "  data/messages/0001.EML\n",
	} {
		d := copied(t, held, dir, "d")
		put(t, d, "manifest-sha256.txt", manifest+l)
		r := onrecord(t, dir, "verify", "d")
		assert.Equal(t, int(exitMismatch), r.code, "%.80q\n%s", l, r.err)
		assert.Contains(t, r.out, "manifest-sha256.txt", "%.80q", l)
		assert.NotContains(t, r.out+r.err, "\x1b", "%.80q", l)
		assert.NotContains(t, r.out, "outside\n", "%.80q", l)
		assert.Less(t, len(r.out), 1<<20, "%.80q", l)
	}
}

// A hostile dossier.json must not make verify open what lies outside.
func TestHostileDossier(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	held := filepath.Join(dir, "winch.dossier")
	put(t, dir, "outside.mbox", read(t, held, "data", "sources", "winch.mbox"))
	for _, file := range []string{"../outside.mbox", "data/../../outside.mbox", "/etc/passwd", "data/sources/none", "data/sources", "dossier.json", "", "data/messages/0001.eml", "\\u001b[2J"} {
		d := copied(t, held, dir, "d")
		j := read(t, d, "dossier.json")
		put(t, d, "dossier.json", strings.Replace(j, `"file": "data/sources/winch.mbox"`, `"file": "`+file+`"`, 1))
		reseal(t, d)
		r := onrecord(t, dir, "verify", "d")
		assert.Equal(t, int(exitMismatch), r.code, "%q\n%s%s", file, r.out, r.err)
		assert.NotContains(t, r.out+r.err, "\x1b")
	}
	for _, change := range [][2]string{{`"timezone": "UTC"`, `"timezone": "../../etc/passwd"`}, {`"exhibits": 5`, `"exhibits": 1000000000`}, {`"exhibits": 5`, `"exhibits": -1`}, {`"since": ""`, `"since": "never"`},
		{`"html"`, `"docx"`}, {`"found": 6`, `"found": "six"`}, {`"messages": [`, `"messages": {}, "x": [`}, {`"messages": [`, `"messages": [null, 7, `},
		{`"schema": "onrecord/dossier/1"`, `"schema": "onrecord/dossier/99"`}, {`"span": [`, `"span": [-5, 99999999, `}, {`"people": [`, `"people": [], "people": [`}, {`"thread": ""`, `"thread": "<x@y.example>"`}, {`"sources": "copy"`, `"sources": "reference"`},
		{`"text": "`, `"text": "` + strings.Repeat(`\u001b]0;x\u0007`, 1000)}, {`"exhibit": 1,`, `"exhibit": 99,`}} {
		d := copied(t, held, dir, "d")
		j := read(t, d, "dossier.json")
		require.Contains(t, j, change[0])
		put(t, d, "dossier.json", strings.Replace(j, change[0], change[1], 1))
		reseal(t, d)
		r := onrecord(t, dir, "verify", "d")
		assert.Equal(t, int(exitMismatch), r.code, "%.60q\n%s%s", change[1], r.out, r.err)
		assert.NotContains(t, r.out+r.err, "\x1b")
		assert.NotContains(t, r.out+r.err, "\a")
		r = onrecord(t, dir, "render", "d", "-o", "rendered")
		assert.Contains(t, []int{int(exitDone), int(exitFailed), int(exitUsage)}, r.code, "%.60q\n%s", change[1], r.err)
	}
}

// snapshot gives path, mode, size, time and content of all below dir.
func snapshot(t testing.TB, dir string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		sum := ""
		if info.Mode().IsRegular() {
			sum = sha256Hex(read(t, p))
		}
		fmt.Fprintln(&b, p, info.Mode(), info.Size(), info.ModTime().UnixNano(), sum)
		return nil
	}))
	return b.String()
}

func TestVerifyOnlyReads(t *testing.T) {
	t.Parallel()
	dir, uid := otherAccount(t)
	winchDossier(t, dir)
	dossier := filepath.Join(dir, "winch.dossier")
	put(t, dir, "loose.eml", winchReply)
	var made []string
	require.NoError(t, filepath.WalkDir(dossier, func(p string, d fs.DirEntry, err error) error {
		made = append(made, p)
		return err
	}))
	for _, p := range slices.Backward(made) {
		info, err := os.Stat(p)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(p, info.Mode().Perm()&0o555))
		t.Cleanup(func() { os.Chmod(p, 0o777) })
	}
	before := snapshot(t, dossier)
	for _, args := range [][]string{{"verify", "winch.dossier"}, {"verify", "--json", "winch.dossier"}, {"verify", "winch.dossier", "loose.eml"}, {"render", "winch.dossier", "-o", "views"}} {
		r := invocation{dir: dir, uid: uid, args: args}.run(t)
		assert.Zero(t, r.code, "%q\n%s%s", args, r.out, r.err)
		assert.Equal(t, before, snapshot(t, dossier), "%q", args)
	}
	// In another time zone and with another clock, too.
	r := invocation{dir: dir, uid: uid, args: []string{"verify", "winch.dossier"}, env: []string{"TZ=Asia/Kathmandu", "SOURCE_DATE_EPOCH=1", "LC_ALL=C.UTF-8"}}.run(t)
	assert.Zero(t, r.code, r.out)
	r = invocation{dir: dossier, uid: uid, args: []string{"verify", "."}}.run(t)
	assert.Zero(t, r.code, r.out)
	assert.Equal(t, read(t, dossier, "dossier.html"), read(t, dir, "views", "dossier.html"))
	assert.Equal(t, read(t, dossier, "dossier.pdf"), read(t, dir, "views", "dossier.pdf"))
}

func TestReferencedSources(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...), "keys.zone", winchZone())
	succeed(t, dir, "build", "--sources", "reference", "--keys", "keys.zone", "-o", "out", "winch.mbox")
	out := filepath.Join(dir, "out")
	assert.NotContains(t, listing(t, out), "data/sources/winch.mbox")
	rep := report(t, dir, "out")
	assert.True(t, rep.OK, troubles(rep))
	assert.Positive(t, rep.Count(verify.Unverifiable), "what cannot be checked is said")
	sumsPass(t, out)
	for _, change := range []string{"data/messages/0001.eml", "dossier.json", "dossier.html"} {
		d := copied(t, out, dir, "d")
		put(t, d, change, strings.ReplaceAll(read(t, d, change), "Somebody will be killed", "Nobody will be injured!"))
		reseal(t, d)
		assert.False(t, report(t, dir, "d").OK, change)
	}
}
