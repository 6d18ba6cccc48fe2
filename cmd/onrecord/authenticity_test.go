package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
)

// Old mail whose key has vanished, mail never signed, mail that a list changed, and a forgery: side by side, each reads as what it is.
func TestGoldenAuthenticity(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/authenticity")))
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	require.NoError(t, err)
	require.Len(t, names, 4)
	for _, name := range names {
		name = filepath.Base(name)
		r := succeed(t, dir, "inspect", "--keys", "keys.zone", name)
		_, box, found := strings.Cut(r.out, "\nauthenticity\n")
		require.True(t, found, name)
		box, _, found = strings.Cut(box, "\ndigests\n")
		require.True(t, found, name)
		golden(t, "inspect/authenticity-"+strings.TrimSuffix(name, ".eml")+".golden", "authenticity\n"+box+"\n")
	}
	// verify derives all of it again from the snapshot, offline.
	succeed(t, dir, "build", "--keys", "keys.zone", "--format", "json,html", "-o", "four.dossier", "1-old-key-vanished.eml", "2-never-signed.eml", "3-changed-by-a-list.eml", "4-forged.eml")
	v := succeed(t, dir, "verify", "four.dossier")
	assert.Contains(t, v.out, "verified")
	// The forged address differs in one letter from the real one.
	var d struct {
		LookAlikes []struct{ A, B string } `json:"lookalikes"`
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(dir, "four.dossier"), "dossier.json")), &d))
	require.Len(t, d.LookAlikes, 0, "p1ant.example writes nothing: it stands in Reply-To alone")
}

// Who the user vouches for is believed, where the place of the field allows it, and verify knows.
func TestTrustedServer(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	mail := "Authentication-Results: checker.internal.example; spf=pass smtp.mailfrom=ada@plant.example; dmarc=pass header.from=plant.example\n" +
		"Received: from out.plant.example (out.plant.example [192.0.2.60]) by mx.client.example with ESMTPS id 1; Tue, 3 Mar 2026 09:15:04 +0100\n" +
		"Received: from desk ([192.0.2.61]) by out.plant.example with ESMTPSA id 5; Tue, 3 Mar 2026 09:15:02 +0100\n" +
		"Authentication-Results: checker.internal.example; dkim=pass header.d=plant.example\n" +
		"From: ada@plant.example\nTo: ben@client.example\nDate: Tue, 3 Mar 2026 09:15:00 +0100\nMessage-ID: <t1@plant.example>\nSubject: x\n\nhello\n"
	put(t, dir, "a.eml", mail)
	trusted := func(args ...string) (out []bool) {
		var r evidence.Record
		require.NoError(t, json.Unmarshal([]byte(succeed(t, dir, append([]string{"inspect", "--json"}, args...)...).out), &r))
		for _, f := range r.Authentication.Recorded {
			out = append(out, f.Trusted)
		}
		if len(args) > 1 {
			require.NotNil(t, r.Authentication.SPF[0].Aligned)
			assert.True(t, *r.Authentication.SPF[0].Aligned)
			assert.True(t, *r.Authentication.DMARC[0].Aligned)
		}
		return out
	}
	assert.Equal(t, []bool{false, false}, trusted("a.eml"))
	assert.Equal(t, []bool{true, false}, trusted("--trust-authserv-id", "checker.internal.example", "a.eml"), "what stands below the boundary stays claimed")
	succeed(t, dir, "build", "--format", "json", "--trust-authserv-id", "Checker.Internal.example", "-o", "a.dossier", "a.eml")
	assert.Contains(t, read(t, filepath.Join(dir, "a.dossier"), "dossier.json"), `"trust_authserv_ids": [`)
	succeed(t, dir, "verify", "a.dossier")
	r := onrecord(t, dir, "inspect", "--trust-authserv-id", "ada@plant.example", "a.eml")
	assert.Equal(t, 2, r.code, r.err)
}

// S/MIME and OpenPGP: the roots and keys stay in the dossier, so that it can be checked again with nothing else.
func TestSignersInADossier(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	fixtures := filepath.Join("..", "..", "pkg", "smime", "testdata")
	content, err := os.ReadFile(filepath.Join(fixtures, "content.txt"))
	require.NoError(t, err)
	pgp, err := os.ReadFile(filepath.Join(fixtures, "eddsa.asc"))
	require.NoError(t, err)
	for _, name := range []string{"root.pem", "ring.asc"} {
		b, err := os.ReadFile(filepath.Join(fixtures, name))
		require.NoError(t, err)
		put(t, dir, name, string(b))
	}
	put(t, dir, "pgp.eml", "From: Ada Lind <ada@plant.example>\nTo: ben@client.example\nDate: Tue, 3 Mar 2026 09:15:00 +0100\nMessage-ID: <p1@plant.example>\nSubject: x\n"+
		"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b1\n\n--b1\n"+strings.ReplaceAll(string(content), "\r\n", "\n")+"\n--b1\nContent-Type: application/pgp-signature\n\n"+string(pgp)+"\n--b1--\n")
	assert.Contains(t, succeed(t, dir, "inspect", "pgp.eml").out, "give the signer's public key with --pgp-key FILE")
	assert.Contains(t, succeed(t, dir, "inspect", "--pgp-key", "ring.asc", "--ca", "root.pem", "pgp.eml").out, "signed with the key of Ada Lind (eddsa) <ada@plant.example>")
	succeed(t, dir, "build", "--format", "json,html", "--pgp-key", "ring.asc", "--ca", "root.pem", "-o", "pgp.dossier", "pgp.eml")
	assert.FileExists(t, filepath.Join(dir, "pgp.dossier", "openpgp-keys.asc"))
	assert.FileExists(t, filepath.Join(dir, "pgp.dossier", "smime-roots.pem"))
	succeed(t, dir, "verify", "pgp.dossier")
	require.NoError(t, os.Remove(filepath.Join(dir, "pgp.dossier", "openpgp-keys.asc")))
	assert.Equal(t, 4, onrecord(t, dir, "verify", "pgp.dossier").code)
	assert.Equal(t, 1, onrecord(t, dir, "inspect", "--ca", "ring.asc", "pgp.eml").code)
}

// What a sealer recorded counts where the user vouches for the sealer and the whole chain holds, and not otherwise.
func TestTrustedSealer(t *testing.T) {
	t.Parallel()
	dir := story(t)
	sealed := func(args ...string) (trusted bool, chain evidence.ARCChain, spf int) {
		var r evidence.Record
		require.NoError(t, json.Unmarshal([]byte(succeed(t, dir, append([]string{"inspect", "--json", "eml/06-order.eml"}, args...)...).out), &r))
		for _, x := range r.Authentication.SPF {
			if x.Field == "ARC-Authentication-Results" && x.Trusted {
				spf++
			}
		}
		return r.Authentication.ARC.Sets[0].Results.Trusted, r.Authentication.ARC.Chain, spf
	}
	trusted, chain, spf := sealed("--keys", "dkim-keys.zone", "--trust-authserv-id", "outlook.example")
	assert.True(t, trusted)
	assert.Equal(t, evidence.ARCPass, chain)
	assert.Equal(t, 1, spf)
	trusted, chain, spf = sealed("--keys", "dkim-keys.zone")
	assert.False(t, trusted, "nobody vouches for the sealer")
	assert.Equal(t, evidence.ARCPass, chain)
	assert.Zero(t, spf)
	trusted, chain, _ = sealed("--trust-authserv-id", "outlook.example")
	assert.False(t, trusted, "without its keys the seal shows nothing")
	assert.Equal(t, evidence.ARCUnchecked, chain)
}

// The boxes of the same four as the pages show them, one below the other, in every language: established by whom, only claimed, not checked and how it could be.
func TestGoldenAuthenticityOnThePages(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here")
	}
	dir := tempDir(t)
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/authenticity")))
	four := ""
	for _, name := range []string{"1-old-key-vanished.eml", "2-never-signed.eml", "3-changed-by-a-list.eml", "4-forged.eml"} {
		four += "From mailer@client.example Tue Mar  3 08:15:10 2026\n" + read(t, dir, name) + "\n"
	}
	put(t, dir, "four.mbox", four)
	for _, lang := range words.Languages() {
		say := words.For(lang)
		succeed(t, dir, "build", "--keys", "keys.zone", "--lang", lang, "--timezone", "UTC", "--format", "json,html,pdf", "-o", lang+".dossier", "four.mbox")
		var page strings.Builder
		page.WriteString("HTML\n")
		for i, box := range regexp.MustCompile(`(?s)<dl class="facts standing">(.*?)</dl>`).FindAllStringSubmatch(read(t, filepath.Join(dir, lang+".dossier"), "dossier.html"), -1) {
			fmt.Fprintf(&page, "\n%d\n", i+1)
			text := strings.NewReplacer("<dt>", "\n", "</dt>", "\n\t", "<p>", "\n\t- ", ` <span class="remark">`, "\n\t    ").Replace(box[1])
			text = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, ""))
			for line := range strings.SplitSeq(text, "\n") {
				if strings.TrimSpace(line) != "" {
					page.WriteString(strings.TrimRight(line, " ") + "\n")
				}
			}
		}
		page.WriteString("\nPDF\n")
		flat := strings.Join(strings.Fields(shell(t, dir, "pdftotext -raw "+lang+".dossier/dossier.pdf -").out), " ")
		title := " " + say.T("Authenticity") + " " + say.T("Domains") + " "
		for i, box := range strings.Split(flat, title)[1:] {
			// What comes after the box: the facts of the signature, the recorded results, the way.
			for _, next := range []string{" DKIM 1 ", " " + say.T("Recorded by") + " ", " " + say.T("Way of the message") + " "} {
				box, _, _ = strings.Cut(box, next)
			}
			fmt.Fprintf(&page, "\n%d\n%s %s\n", i+1, say.T("Domains"), box)
			assert.NotContains(t, box, "[en]")
		}
		text := page.String()
		for _, label := range []string{"Established", "Only claimed", "Not checked"} {
			assert.Equal(t, 8, strings.Count(text, say.T(label)), "%s: %s stands once in each box", lang, label)
			text = strings.ReplaceAll(text, " "+say.T(label)+" ", "\n"+say.T(label)+" ")
		}
		golden(t, "authenticity-"+lang+".golden", text)
	}
}

// What we say stands in the language of the page: the PDF marks what it has in English alone, and marks nothing in mail of every kind and state.
func TestNothingOfOursStaysEnglish(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here")
	}
	dir := story(t)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "variants"), os.DirFS("../../testdata/variants")))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "four"), os.DirFS("testdata/authenticity")))
	content, err := os.ReadFile("../../pkg/smime/testdata/content.txt")
	require.NoError(t, err)
	pgp, err := os.ReadFile("../../pkg/smime/testdata/eddsa.asc")
	require.NoError(t, err)
	put(t, dir, "pgp.eml", "From: Ada Lind <ada@plant.example>\nTo: ben@client.example\nDate: Tue, 3 Mar 2026 09:15:00 +0100\nMessage-ID: <p1@plant.example>\nSubject: x\n"+
		"X-Spam-Status: No, score=-2.1 required=5.0 tests=DKIM_VALID,SPF_PASS autolearn=ham\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b1\n\n--b1\n"+
		strings.ReplaceAll(string(content), "\r\n", "\n")+"\n--b1\nContent-Type: application/pgp-signature\n\n"+string(pgp)+"\n--b1--\n")
	for _, lang := range words.Languages()[1:] {
		succeed(t, dir, "build", "--keys", "dkim-keys.zone", "--lang", lang, "--timezone", "UTC", "--format", "json,html,pdf", "-o", lang+".dossier", "thread.mbox", "variants", "four", "pgp.eml")
		text := shell(t, dir, "pdftotext -layout "+lang+".dossier/dossier.pdf -").out
		for line := range strings.SplitSeq(text, "\n") {
			assert.NotContains(t, line, "[en]", lang)
		}
		page := read(t, filepath.Join(dir, lang+".dossier"), "dossier.html")
		assert.NotContains(t, page, `<span lang="en">`, lang)
		for _, ours := range []string{"signature field", "at hand", "the body hash", "recorded when", "claimed by", "is not closed", "the header has no"} {
			assert.NotContains(t, page, ours, lang)
		}
	}
}
