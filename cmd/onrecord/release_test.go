package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/testpki"
	"onrecord/pkg/verify"
)

var releaseProgram = flag.String("release", "", "the program of a release: keep a dossier that it makes in testdata/releases")

const releases = "../../testdata/releases"

// TestKeepRelease makes the fixture of a release, with the release's own program: go test ./cmd/onrecord -run TestKeepRelease -release "$PWD/bin/onrecord"
func TestKeepRelease(t *testing.T) {
	if *releaseProgram == "" {
		t.Skip("it is for making a release: -release FILE")
	}
	dir := tempDir(t)
	mail, err := os.ReadFile("../../testdata/story/case.yaml")
	require.NoError(t, err)
	matter, _, _ := strings.Cut(string(mail), "\nmarks:")
	put(t, dir, "case.yaml", matter+"\n", "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	for _, name := range []string{"02-warning.eml", "06-order.eml", "08-confirmation.eml"} {
		put(t, dir, "mail/"+name, read(t, "../../testdata/story/eml", name))
	}
	put(t, dir, "keys.zone", read(t, "../../testdata/story/dkim-keys.zone"))
	ca := testpki.New(t, "Release")
	person(t, ca, dir, "Carla")
	put(t, dir, "ca.pem", string(testpki.CertificatesPEM(ca.Root)))
	tsa := ca.NewTSA(t, "Stamps")
	run := func(args ...string) string {
		cmd := exec.Command(*releaseProgram, args...)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir(), "TZ=UTC", epoch} // with a fixed clock no account and host are recorded
		out, err := cmd.Output()
		require.NoError(t, err, "%q", args)
		return string(out)
	}
	version := strings.TrimSpace(strings.TrimPrefix(run("version"), "onrecord "))
	run("build", "-q", "--case", "case.yaml", "--keys", "keys.zone", "-o", "dossier", "mail")
	run("seal", "-q", "dossier", "--ssh-key", "anna", "--cert", "Carla.pem", "--key", "Carla.key", "--sign-pdf", "--tsa", tsa.URL)
	run("verify", "-q", "dossier", "--allowed-signers", "allowed", "--ca", "ca.pem")
	kept := filepath.Join(releases, version)
	require.NoError(t, os.Mkdir(kept, 0o777), "a release is kept once")
	require.NoError(t, os.CopyFS(filepath.Join(kept, "dossier"), os.DirFS(filepath.Join(dir, "dossier"))))
	put(t, kept, "allowed", read(t, dir, "allowed"), "ca.pem", read(t, dir, "ca.pem"))
}

// eachRelease runs a test with a copy of the dossier of each release, in dir/dossier, with "allowed" and "ca.pem" beside it.
func eachRelease(t *testing.T, do func(t *testing.T, dir string)) {
	t.Helper()
	kept, err := os.ReadDir(releases)
	require.NoError(t, err)
	n := 0
	for _, k := range kept {
		if !k.IsDir() {
			continue
		}
		n++
		t.Run(k.Name(), func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(releases, k.Name()))))
			do(t, dir)
		})
	}
	require.Positive(t, n)
}

// find gives the findings of a subject.
func find(r verify.Report, subject string) []verify.Finding {
	var all []verify.Finding
	for _, f := range r.Findings {
		if f.Subject == subject {
			all = append(all, f)
		}
	}
	return all
}

// What a release made is verified by every later one: what bytes alone decide is right, what is found and drawn otherwise today is told as unverifiable, and nothing is wrong.
func TestReleases(t *testing.T) {
	t.Parallel()
	eachRelease(t, func(t *testing.T, dir string) {
		rep := report(t, dir, append(known, "dossier")...)
		require.True(t, rep.OK, troubles(rep))
		r := succeed(t, dir, append([]string{"verify", "dossier"}, known...)...)
		assert.True(t, strings.HasPrefix(r.out, "Every file is as sealed on "), "%.300s", r.out)
		require.NotEmpty(t, rep.Sealed.Signatures)
		require.NotEmpty(t, rep.Sealed.Stamps)
		for _, s := range rep.Sealed.Signatures {
			assert.True(t, s.Known, s.File)
		}
		for _, s := range rep.Sealed.Stamps {
			assert.True(t, s.Known, s.File)
		}
		for _, subject := range []string{"payload", "tag files", "data/messages", "custody.jsonl"} {
			require.Len(t, find(rep, subject), 1, subject)
			assert.Equal(t, verify.Verified, find(rep, subject)[0].Status, subject)
		}
		assert.NotContains(t, findings(rep, "dkim"), "unverifiable")
		assert.Contains(t, findings(rep, "seal"), "verified dossier.pdf: the signature in the PDF holds for all of it")
		for _, f := range rep.Findings {
			if (f.Check == "facts" || f.Check == "views") && f.Status == verify.Unverifiable {
				assert.Regexp(t, `onrecord \S+ (made|wrote) (it|them)`, f.Why)
			}
		}
		// What is done with a dossier is done with an old one.
		assert.Contains(t, succeed(t, dir, "verify", "dossier", "dossier/data/messages/0001.eml").out, "identical")
		succeed(t, dir, "prove", "dossier", "2", "-o", "proof")
		assert.True(t, report(t, dir, append(known, "proof")...).OK)
		succeed(t, dir, "verify", "dossier", "--against", "dossier")
		succeed(t, dir, "render", "dossier", "-o", "views")
	})
}

// Whoever changes the dossier of an old release and writes its manifests anew, without the keys: what bytes decide is found, and what no other version can derive again is not said to be right.
func TestChangedReleases(t *testing.T) {
	t.Parallel()
	eachRelease(t, func(t *testing.T, dir string) {
		facts := func(change func(j map[string]any)) func(d string) {
			return func(d string) {
				var j map[string]any
				require.NoError(t, json.Unmarshal([]byte(read(t, d, "dossier.json")), &j))
				change(j)
				b, err := json.MarshalIndent(j, "", "  ")
				require.NoError(t, err)
				put(t, d, "dossier.json", string(b)+"\n")
			}
		}
		message := func(j map[string]any, n int) map[string]any { return j["messages"].([]any)[n].(map[string]any) }
		object := func(v any, keys ...string) map[string]any {
			m := v.(map[string]any)
			for _, k := range keys {
				m = m[k].(map[string]any)
			}
			return m
		}
		first := func(v any) map[string]any { return v.([]any)[0].(map[string]any) }
		zero := "sha256:" + strings.Repeat("0", 64)
		replace := func(name, old, with string) func(d string) {
			return func(d string) {
				s := read(t, d, name)
				require.Contains(t, s, old)
				put(t, d, name, strings.Replace(s, old, with, 1))
			}
		}
		for name, c := range map[string]struct {
			change func(d string)
			says   string // "": it cannot be found, and is not said to be right
			of     string // the subject that is then not verified
		}{
			"a word of an exhibit": {replace("data/messages/0001.eml", "the", "teh"), "exhibits: data/messages/0001.eml", ""},
			"a word of an export":  {replace("data/sources/mail/02-warning.eml", "the", "teh"), "sha256", ""},
			"swapped exhibits": {func(d string) {
				a, b := read(t, d, "data/messages/0001.eml"), read(t, d, "data/messages/0002.eml")
				put(t, d, "data/messages/0001.eml", b, "data/messages/0002.eml", a)
			}, "exhibits: data/messages/0001.eml", ""},
			"an added exhibit": {func(d string) { put(t, d, "data/messages/0004.eml", winchReply) }, "data/messages/0004.eml", ""},
			"an added export":  {func(d string) { put(t, d, "data/sources/more.eml", winchReply) }, "data/sources/more.eml", ""},
			"a digest":         {facts(func(j map[string]any) { object(message(j, 0), "digests")["body"] = zero }), "messages[0].digests.body", ""},
			"a header field":   {facts(func(j map[string]any) { first(message(j, 1)["header"])["raw"] = "X: y\r\n" }), "messages[1].header[0].raw", ""},
			"a removed field":  {facts(func(j map[string]any) { m := message(j, 1); m["header"] = m["header"].([]any)[1:] }), "messages[1].header", ""},
			"a DKIM verdict": {facts(func(j map[string]any) {
				first(object(message(j, 0), "authentication")["dkim"])["signature"] = "invalid"
			}), "dkim[0].signature", ""},
			"an origin":           {facts(func(j map[string]any) { object(message(j, 0), "origin")["offset"] = 5 }), "messages[0].origin.offset", ""},
			"the ledger":          {facts(func(j map[string]any) { object(j, "ledger")["found"] = 9 }), "ledger.found", ""},
			"the evidence digest": {facts(func(j map[string]any) { j["evidence_digest"] = zero }), "evidence_digest", ""},
			"a removed message":   {facts(func(j map[string]any) { j["messages"] = j["messages"].([]any)[:2] }), "messages", ""},
			"two records swapped": {facts(func(j map[string]any) { m := j["messages"].([]any); m[0], m[1] = m[1], m[0] }), "exhibits: data/messages/0001.eml", ""},
			"a key":               {replace("dkim-keys.txt", "p=M", "p=N"), "arc.ch", ""},
			"a statement's words": {facts(func(j map[string]any) { s := first(j["statements"]); s["text"] = "Not " + s["text"].(string) }), "statements[0].text", ""},
			"a statement's place": {facts(func(j map[string]any) { s := first(j["statements"])["span"].([]any); s[0] = s[0].(float64) + 1 }), "statements[0].text", ""},
			"what is not there":   {facts(func(j map[string]any) { first(j["notices"])["statement"] = "s999" }), "notices[0].statement", ""},
			"a PDF":               {func(d string) { put(t, d, "dossier.pdf", flipped(read(t, d, "dossier.pdf"))) }, "dossier.pdf", ""},
			"a removed notice":    {facts(func(j map[string]any) { j["notices"] = j["notices"].([]any)[1:] }), "", "notices"},
			"a word on the page":  {replace("dossier.html", "Oster", "Otter"), "", "dossier.html"},
			"an added page":       {func(d string) { put(t, d, "more.html", "x") }, "", "more.html"},
		} {
			d := copied(t, filepath.Join(dir, "dossier"), dir, "d")
			c.change(d)
			reseal(t, d)
			rep := report(t, dir, append(known, "d")...)
			assert.False(t, rep.OK, "%s: the seals tell at least", name)
			assert.Empty(t, rep.Sealed.Signatures, name)
			// All of the seal thrown away, and the record of custody with it.
			require.NoError(t, os.RemoveAll(filepath.Join(d, "seal")))
			require.NoError(t, os.Remove(filepath.Join(d, "custody.jsonl")))
			rep = report(t, dir, append(known, "d")...)
			if c.says != "" {
				assert.Contains(t, troubles(rep), c.says, name)
				continue
			}
			require.NotEmpty(t, find(rep, c.of), name)
			for _, f := range find(rep, c.of) {
				assert.Equal(t, verify.Unverifiable, f.Status, "%s: %s", name, f.Why)
			}
		}
	})
}

// A release may have put the messages in another order. Then they are told apart by their bytes, and what stands in each is compared all the same.
func TestOtherOrderOfARelease(t *testing.T) {
	t.Parallel()
	eachRelease(t, func(t *testing.T, dir string) {
		d := filepath.Join(dir, "dossier")
		reorder := func(change func(first map[string]any)) string {
			c := copied(t, d, dir, "c")
			var j map[string]any
			require.NoError(t, json.Unmarshal([]byte(read(t, c, "dossier.json")), &j))
			m := j["messages"].([]any)
			m[0], m[1] = m[1], m[0]
			digests := ""
			for i, x := range m {
				r := x.(map[string]any)
				r["exhibit"], r["file"] = i+1, fmt.Sprintf("data/messages/%04d.eml", i+1)
				digests += strings.TrimPrefix(r["digests"].(map[string]any)["message"].(string), "sha256:") + "  " + r["file"].(string) + "\n"
			}
			j["evidence_digest"] = "sha256:" + sha256Hex(digests)
			for _, s := range j["statements"].([]any) {
				if s := s.(map[string]any); s["exhibit"].(float64) <= 2 {
					s["exhibit"] = 3 - s["exhibit"].(float64)
				}
			}
			change(m[0].(map[string]any))
			b, err := json.MarshalIndent(j, "", "  ")
			require.NoError(t, err)
			one, two := read(t, c, "data/messages/0001.eml"), read(t, c, "data/messages/0002.eml")
			put(t, c, "dossier.json", string(b)+"\n", "data/messages/0001.eml", two, "data/messages/0002.eml", one)
			reseal(t, c)
			rep := report(t, dir, "c")
			assert.Contains(t, findings(rep, "facts"), "unverifiable records")
			return troubles(rep)
		}
		said := reorder(func(map[string]any) {})
		assert.NotContains(t, said, " facts: ")
		assert.NotContains(t, said, " exhibits: ")
		said = reorder(func(r map[string]any) { r["header"].([]any)[0].(map[string]any)["raw"] = "X: y\r\n" })
		assert.Contains(t, said, "mismatch facts: dossier.json: messages[0].digests")
	})
}

// flipped changes one bit in the middle.
func flipped(s string) string {
	b := []byte(s)
	b[len(b)/2] ^= 1
	return string(b)
}
