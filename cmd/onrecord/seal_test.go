package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"software.sslmate.com/src/go-pkcs12"

	"onrecord/pkg/seal"
	"onrecord/pkg/testpki"
	"onrecord/pkg/verify"
)

// sshKey makes a key with ssh-keygen at dir/name and gives its line for an allowed-signers file.
func sshKey(t testing.TB, dir, name, kind, passphrase string) string {
	t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	out, err := exec.Command("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name+"@firm.example", "-f", filepath.Join(dir, name)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name + "@firm.example " + read(t, dir, name+".pub")
}

// sealedDossier gives dir with a dossier that is not sealed yet, a key "anna" and the file "allowed" that knows it.
func unsealedDossier(t testing.TB) string {
	t.Helper()
	dir := tempDir(t)
	winchDossier(t, dir)
	put(t, dir, "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	return dir
}

// findings gives the findings of a check, one a line.
func findings(r verify.Report, check string) string {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Check == check {
			b.WriteString(string(f.Status) + " " + f.Subject + ": " + f.Why + "\n")
		}
	}
	return b.String()
}

func TestSealWithSSHKeys(t *testing.T) {
	t.Parallel()
	dir := unsealedDossier(t)
	d := filepath.Join(dir, "winch.dossier")
	before := read(t, d, "tagmanifest-sha256.txt")
	r := succeed(t, dir, "seal", "winch.dossier", "--ssh-key", "anna")
	assert.Contains(t, r.out, "seal/anna.sig  collected by anna@firm.example, key SHA256:")
	assert.Equal(t, before, read(t, d, "tagmanifest-sha256.txt"), "sealing changes nothing that is sealed")
	sumsPass(t, d)

	// Stock tools check it.
	check := "ssh-keygen -Y verify -f ../allowed -I anna@firm.example -n onrecord -s seal/anna.sig <tagmanifest-sha256.txt"
	r = shell(t, d, check)
	assert.Zero(t, r.code, r.out+r.err)
	r = shell(t, d, strings.NewReplacer("anna.sig", "anna.sig.txt.sig", "tagmanifest-sha256.txt", "seal/anna.sig.txt").Replace(check))
	assert.Zero(t, r.code, r.out+r.err)
	assert.Contains(t, read(t, d, "seal/anna.sig.txt"), "\nRole: collected by\n")
	r = shell(t, d, "(cat tagmanifest-sha256.txt; echo) | "+strings.TrimSuffix(check, "<tagmanifest-sha256.txt"))
	assert.NotZero(t, r.code)

	// A second person, with a passphrase from a file, in another role.
	put(t, dir, "allowed", read(t, dir, "allowed")+sshKey(t, dir, "ben", "rsa", "lamp oil"), "secret", "lamp oil\nmore\n", "wrong", "no\n")
	succeed(t, dir, "seal", "winch.dossier", "--ssh-key", "ben", "--passphrase-file", "secret", "--role", "reviewed by", "--signer", "Ben Okoro")
	r = onrecord(t, dir, "seal", "winch.dossier", "--ssh-key", "ben", "--passphrase-file", "wrong")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "passphrase")
	rep := report(t, dir, "--allowed-signers", "allowed", "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	require.Len(t, rep.Sealed.Signatures, 2)
	assert.Equal(t, []string{"collected by", "reviewed by"}, []string{rep.Sealed.Signatures[0].Role, rep.Sealed.Signatures[1].Role})
	assert.True(t, rep.Sealed.Signatures[0].Known && rep.Sealed.Signatures[1].Known)
	r = succeed(t, dir, "verify", "--allowed-signers", "allowed", "winch.dossier")
	assert.True(t, strings.HasPrefix(r.out, "Every file is as sealed on 2026-03-09T08:00:00Z by anna@firm.example (collected by) and sealed on 2026-03-09T08:00:00Z by ben@firm.example (reviewed by).\n"), r.out)

	// A key that is not known is told with its fingerprint: neither right nor wrong.
	rep = report(t, dir, "winch.dossier")
	assert.True(t, rep.OK)
	shown := shell(t, dir, "ssh-keygen -l -f anna.pub | cut -d' ' -f2").out
	assert.Contains(t, findings(rep, "seal"), "unverifiable key "+strings.TrimSpace(shown)+": the key is not known to you")

	// The same key again does not replace the first signature.
	succeed(t, dir, "seal", "winch.dossier", "--ssh-key", "anna")
	assert.Contains(t, listing(t, d), "seal/anna-2.sig")
	assert.True(t, report(t, dir, "winch.dossier").OK)
	// Custody: collected, built, three seals; each line linked.
	_, head, err := seal.ReadCustody([]byte(read(t, d, "custody.jsonl")))
	require.NoError(t, err)
	assert.Equal(t, 5, head.N)
}

func TestSealWithTheSSHAgent(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ssh-agent"); err != nil {
		t.Skip("no ssh-agent here")
	}
	dir := unsealedDossier(t)
	script := `eval "$(ssh-agent -a ./agent.sock)" >/dev/null; trap 'kill $SSH_AGENT_PID' EXIT; ssh-add -q anna && "$0" seal winch.dossier --ssh-key anna.pub`
	r := shell(t, dir, script)
	require.Zero(t, r.code, r.out+r.err)
	rep := report(t, dir, "--allowed-signers", "allowed", "winch.dossier")
	require.Len(t, rep.Sealed.Signatures, 1)
	assert.True(t, rep.Sealed.Signatures[0].Known)
	r = onrecord(t, dir, "seal", "winch.dossier", "--ssh-key", "anna.pub")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "agent")
}

// person gives dir the files NAME.pem (with the chain), NAME.key and NAME.p12 (passphrase "lamp oil") of a certificate.
func person(t testing.TB, ca *testpki.Authority, dir, name string, change ...func(*x509.Certificate)) {
	t.Helper()
	key := testpki.Key(t, "rsa")
	chain := ca.Issue(t, name, key, change...)
	p12, err := pkcs12.Modern.Encode(key, chain[0], chain[1:], "lamp oil")
	require.NoError(t, err)
	put(t, dir, name+".pem", string(testpki.CertificatesPEM(chain...)), name+".key", string(testpki.KeyPEM(t, key)), name+".p12", string(p12), "secret", "lamp oil")
}

func TestSealWithCertificates(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	d := filepath.Join(dir, "winch.dossier")
	ca := testpki.New(t, "Firm")
	person(t, ca, dir, "Carla")
	put(t, dir, "ca.pem", string(testpki.CertificatesPEM(ca.Root)))
	r := shell(t, dir, "openssl pkcs8 -topk8 -in Carla.key -out Carla.locked -passout file:secret")
	require.Zero(t, r.code, r.err)
	succeed(t, dir, "seal", "winch.dossier", "--cert", "Carla.pem", "--key", "Carla.locked", "--passphrase-file", "secret", "--role", "collected by")
	succeed(t, dir, "seal", "winch.dossier", "--pkcs12", "Carla.p12", "--passphrase-file", "secret", "--role", "reviewed by", "--seal-name", "Second look")
	for _, f := range []string{"carla.p7s", "second-look.p7s"} {
		for _, c := range [][2]string{{f, "tagmanifest-sha256.txt"}, {f + ".txt.p7s", "seal/" + f + ".txt"}} {
			r = shell(t, d, "openssl cms -verify -binary -inform DER -in seal/"+c[0]+" -content "+c[1]+" -CAfile ../ca.pem -purpose any -out /dev/null")
			assert.Zero(t, r.code, r.out+r.err)
		}
	}
	rep := report(t, dir, "--ca", "ca.pem", "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	require.Len(t, rep.Sealed.Signatures, 2)
	for i, role := range []string{"collected by", "reviewed by"} {
		s := rep.Sealed.Signatures[i]
		assert.Equal(t, []any{role, "Carla", true, "2026-03-09T08:00:00Z"}, []any{s.Role, s.Signer, s.Known, s.Time})
		shown := shell(t, dir, "openssl x509 -in Carla.pem -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f")
		assert.Equal(t, "sha256:"+strings.TrimSpace(shown.out), s.Key)
	}
	other := testpki.New(t, "Other")
	put(t, dir, "other.pem", string(testpki.CertificatesPEM(other.Root)))
	rep = report(t, dir, "--ca", "other.pem", "winch.dossier")
	assert.True(t, rep.OK, "a root that is not known makes nothing wrong")
	assert.Contains(t, findings(rep, "seal"), "does not lead to a root that you gave")
	for _, args := range [][]string{{"--cert", "Carla.pem"}, {"--key", "Carla.key"}, {}, {"--stamp-again"}, {"--tsa", "ftp://x.example"}, {"--tsa", "https://x.example", "--tsa-policy", "x"}, {"--cert", "Carla.pem", "--key", "Carla.key", "--role", " "}} {
		r := onrecord(t, dir, append([]string{"seal", "winch.dossier"}, args...)...)
		assert.Equal(t, int(exitUsage), r.code, "%q: %s", args, r.err)
	}
	put(t, dir, "winch.dossier/README.txt", "changed")
	r = onrecord(t, dir, "seal", "winch.dossier", "--cert", "Carla.pem", "--key", "Carla.key")
	assert.Equal(t, int(exitMismatch), r.code)
	assert.Contains(t, r.err, "not as its manifests say")
}

func TestTimeStamps(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	d := filepath.Join(dir, "winch.dossier")
	ca := testpki.New(t, "Time")
	put(t, dir, "tsa.pem", string(testpki.CertificatesPEM(ca.Root)))
	one, two := ca.NewTSA(t, "Stamps One"), ca.NewTSA(t, "Stamps Two")
	r := succeed(t, dir, "seal", "winch.dossier", "--tsa", one.URL, "--tsa", two.URL)
	assert.Contains(t, r.out, "by Example, Stamps Two over tagmanifest-sha256.txt")
	for _, n := range []string{"1", "2"} {
		r = shell(t, d, "openssl ts -verify -data tagmanifest-sha256.txt -in seal/stamp-"+n+".tsr -CAfile ../tsa.pem")
		assert.Zero(t, r.code, r.out+r.err)
		r = shell(t, d, "openssl ts -verify -queryfile seal/stamp-"+n+".tsq -in seal/stamp-"+n+".tsr -CAfile ../tsa.pem -untrusted seal/stamp-"+n+".pem")
		assert.Zero(t, r.code, r.out+r.err)
	}
	rep := report(t, dir, "--ca", "tsa.pem", "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	require.Len(t, rep.Sealed.Stamps, 2)
	assert.True(t, rep.Sealed.Stamps[0].Known)
	assert.Equal(t, 0, strings.Count(findings(rep, "seal"), "unverifiable"), findings(rep, "seal"))
	rep = report(t, dir, "winch.dossier")
	assert.Equal(t, 2, strings.Count(findings(rep, "seal"), "unverifiable authority sha256:"), findings(rep, "seal"))

	// Renewal: a stamp over all that was there, with SHA-512.
	put(t, dir, "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	succeed(t, dir, "seal", "winch.dossier", "--ssh-key", "anna")
	succeed(t, dir, "seal", "winch.dossier", "--stamp-again", "--tsa", two.URL)
	r = shell(t, d, "sha512sum --check --strict --quiet seal/stamp-3.list && openssl ts -verify -data seal/stamp-3.list -in seal/stamp-3.tsr -CAfile ../tsa.pem && cat seal/stamp-3.list")
	assert.Zero(t, r.code, r.out+r.err)
	for _, f := range []string{"tagmanifest-sha256.txt", "tagmanifest-sha512.txt", "seal/anna.sig", "seal/stamp-1.tsr", "seal/stamp-2.tsr"} {
		assert.Contains(t, r.out, "  "+f+"\n")
	}
	rep = report(t, dir, "--ca", "tsa.pem", "--allowed-signers", "allowed", "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	assert.Len(t, rep.Sealed.Stamps, 3)
	// A renewed stamp does not outlive a change of what it renews.
	c := copied(t, d, dir, "c")
	require.NoError(t, os.Remove(filepath.Join(c, "custody.jsonl")))
	put(t, c, "seal/stamp-1.tsr", read(t, c, "seal/stamp-2.tsr"))
	rep = report(t, dir, "c")
	assert.Contains(t, troubles(rep), "it is not as it was when seal/stamp-3.list was stamped")
}

func TestNotStampedYet(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	for name, answer := range map[string]func(_, _ []byte) (int, []byte){
		"not ready":      func(_, _ []byte) (int, []byte) { return http.StatusServiceUnavailable, nil },
		"rubbish":        func(_, _ []byte) (int, []byte) { return http.StatusOK, []byte("<html>") },
		"endless":        func(_, _ []byte) (int, []byte) { return http.StatusOK, bytes.Repeat([]byte("x"), 3<<20) },
		"a refusal":      func(_, _ []byte) (int, []byte) { return http.StatusOK, []byte{0x30, 5, 0x30, 3, 2, 1, 2} },
		"no such answer": func(_, _ []byte) (int, []byte) { return http.StatusNotFound, nil },
	} {
		tsa.Answer = answer
		before := tsa.Calls.Load()
		r := onrecord(t, dir, "seal", "winch.dossier", "--tsa", tsa.URL)
		assert.Equal(t, int(exitFailed), r.code, name)
		assert.Contains(t, r.err, "not stamped yet", name)
		assert.Contains(t, r.out, "seal/stamp-1.tsq  not stamped yet", name)
		if name == "not ready" {
			assert.Equal(t, int64(stampAttempts), tsa.Calls.Load()-before, "it was asked again")
		}
		rep := report(t, dir, "winch.dossier")
		assert.True(t, rep.OK, name)
		assert.Contains(t, findings(rep, "seal"), "unverifiable seal/stamp-1.tsq: not stamped yet", name)
		assert.NotContains(t, listing(t, filepath.Join(dir, "winch.dossier")), "seal/stamp-1.tsr", name)
	}
	tsa.Answer = nil
	succeed(t, dir, "seal", "winch.dossier", "--tsa", tsa.URL)
	rep := report(t, dir, "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	assert.NotContains(t, findings(rep, "seal"), "not stamped yet")
	assert.NotContains(t, listing(t, filepath.Join(dir, "winch.dossier")), "seal/stamp-2.tsq", "the request that was kept was sent")
	// Nobody there, and an authority that does not answer in time.
	r := onrecord(t, dir, "seal", "winch.dossier", "--tsa", "http://user:hunter2@127.0.0.1:1/", "--tsa-timeout", "100ms")
	assert.Equal(t, int(exitFailed), r.code)
	assert.NotContains(t, r.err+r.out+read(t, dir, "winch.dossier", "custody.jsonl"), "hunter2")
}

// The same flags at build: the dossier appears with its seal.
func TestBuildAndSeal(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...), "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	person(t, ca, dir, "Carla")
	put(t, dir, "ca.pem", string(testpki.CertificatesPEM(ca.Root)))
	succeed(t, dir, "build", "-q", "-o", "d", "--ssh-key", "anna", "--cert", "Carla.pem", "--key", "Carla.key", "--tsa", tsa.URL, "--role", "collected by", "winch.mbox")
	rep := report(t, dir, "--ca", "ca.pem", "--allowed-signers", "allowed", "d")
	assert.True(t, rep.OK, troubles(rep))
	assert.Len(t, rep.Sealed.Signatures, 2)
	assert.Len(t, rep.Sealed.Stamps, 1)
	assert.Zero(t, strings.Count(findings(rep, "seal"), "unverifiable"))

	// The dossier is written though no authority answers, and that is said.
	tsa.Answer = func(_, _ []byte) (int, []byte) { return http.StatusNotFound, nil }
	r := onrecord(t, dir, "build", "-q", "-o", "e", "--tsa", tsa.URL, "winch.mbox")
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "not stamped yet")
	assert.True(t, report(t, dir, "e").OK)
	// A wrong key is found before anything is read.
	r = onrecord(t, dir, "build", "-q", "-o", "f", "--ssh-key", "none", "winch.mbox")
	assert.Equal(t, int(exitFailed), r.code)
	assert.NoDirExists(t, filepath.Join(dir, "f"))
}

// What is recorded of who did what, where no clock is given: account, host, program, arguments.
func TestCustody(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "a.eml", winchReply, "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	r := invocation{dir: dir, env: []string{"SOURCE_DATE_EPOCH="}, args: []string{"build", "-q", "-o", "d", "a.eml"}}.run(t)
	require.Zero(t, r.code, r.err)
	succeed(t, dir, "seal", "d", "--ssh-key", "anna")
	before := snapshot(t, filepath.Join(dir, "d"))
	succeed(t, dir, "verify", "d")
	assert.Equal(t, before, snapshot(t, filepath.Join(dir, "d")), "verify only reads, unless it is asked to record")
	r = succeed(t, dir, "verify", "--record", "d")
	events, _, err := seal.ReadCustody([]byte(read(t, dir, "d", "custody.jsonl")))
	require.NoError(t, err)
	var actions []string
	for _, e := range events {
		actions = append(actions, e.Action)
	}
	assert.Equal(t, []string{"collected", "built", "sealed", "verified"}, actions)
	b := events[1]
	host, _ := os.Hostname()
	assert.Equal(t, host, b.Host)
	assert.NotEmpty(t, b.Account)
	assert.Equal(t, "sha256:"+sha256Hex(read(t, program)), b.Digest)
	assert.Equal(t, []string{"build", "-q", "-o", "d", "a.eml"}, b.Arguments)
	assert.Contains(t, b.Clock, "this machine's clock")
	assert.Equal(t, strings.SplitN(r.out, "\n", 2)[0], events[3].Result)
	assert.True(t, report(t, dir, "d").OK, "the record grows, the seal holds")

	for name, change := range map[string]func(string) string{
		"a word":           func(s string) string { return strings.Replace(s, `"action":"built"`, `"action":"found"`, 1) },
		"the first line":   func(s string) string { _, rest, _ := strings.Cut(s, "\n"); return rest },
		"the sealed lines": func(s string) string { return strings.SplitAfter(s, "\n")[0] },
		"no record":        func(string) string { return "" },
	} {
		c := copied(t, filepath.Join(dir, "d"), dir, "c")
		put(t, c, "custody.jsonl", change(read(t, c, "custody.jsonl")))
		rep := report(t, dir, "c")
		assert.False(t, rep.OK, name)
		assert.Contains(t, troubles(rep), "custody", name)
	}
	c := copied(t, filepath.Join(dir, "d"), dir, "c")
	require.NoError(t, os.Remove(filepath.Join(c, "custody.jsonl")))
	assert.Contains(t, troubles(report(t, dir, "c")), "missing custody: custody.jsonl")
}

func TestSealJSON(t *testing.T) {
	t.Parallel()
	dir := unsealedDossier(t)
	r := succeed(t, dir, "seal", "winch.dossier", "--ssh-key", "anna", "--json")
	var got sealed
	require.NoError(t, json.Unmarshal([]byte(r.out), &got))
	require.Len(t, got.Signatures, 1)
	assert.Equal(t, "seal/anna.sig", got.Signatures[0].File)
	assert.Regexp(t, regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]{43}$`), got.Signatures[0].Key)
}

// The PDF itself is signed, with a time-stamp; PDF readers see it, and verify sees that nothing but the signature was added.
func TestSignedPDF(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	put(t, dir, "winch.mbox", mailbox(winch(t)...))
	ca := testpki.New(t, "Firm")
	tsa := ca.NewTSA(t, "Stamps")
	person(t, ca, dir, "Carla")
	put(t, dir, "ca.pem", string(testpki.CertificatesPEM(ca.Root)), "allowed", sshKey(t, dir, "anna", "ed25519", ""))
	key := []string{"--cert", "Carla.pem", "--key", "Carla.key", "--sign-pdf", "--tsa", tsa.URL}
	succeed(t, dir, append([]string{"build", "-q", "-o", "built", "winch.mbox"}, key...)...)
	succeed(t, dir, "build", "-q", "-o", "later", "winch.mbox")
	unsigned := read(t, dir, "later/dossier.pdf")
	succeed(t, dir, append([]string{"seal", "later"}, key...)...)
	for _, d := range []string{"built", "later"} {
		file := read(t, dir, d, "dossier.pdf")
		assert.True(t, strings.HasPrefix(file, unsigned), "no byte of the PDF was changed")
		sumsPass(t, filepath.Join(dir, d))
		rep := report(t, dir, "--ca", "ca.pem", d)
		assert.True(t, rep.OK, troubles(rep))
		assert.Contains(t, findings(rep, "views"), "verified dossier.pdf: written again from the facts in dossier.json; the same, byte for byte, but for the signature at its end")
		assert.Contains(t, findings(rep, "seal"), "verified dossier.pdf: the signature in the PDF holds for all of it; collected by: Carla")
		assert.Contains(t, findings(rep, "seal"), "verified dossier.pdf: Example, Stamps states that this signature existed at")
		assert.NotContains(t, findings(rep, "seal"), "unverifiable")
		r := shell(t, filepath.Join(dir, d), "qpdf --check dossier.pdf")
		assert.Zero(t, r.code, r.out+r.err)
		if _, err := exec.LookPath("pdfsig"); err != nil {
			t.Log("no pdfsig here: not asked")
			continue
		}
		r = shell(t, filepath.Join(dir, d), "pdfsig -nocert dossier.pdf")
		for _, says := range []string{"Signature is Valid.", "Total document signed", "ETSI.CAdES.detached"} {
			assert.Contains(t, r.out, says)
		}
	}
	// Once sealed, the PDF stays as it is.
	r := onrecord(t, dir, append([]string{"seal", "later"}, key...)...)
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "sealed already")
	assert.Equal(t, int(exitUsage), onrecord(t, dir, "seal", "later", "--ssh-key", "anna", "--sign-pdf").code)

	// Changes, with all manifests made anew.
	for name, change := range map[string]func(string) string{
		"something behind the signature": func(s string) string { return s + "\n%%EOF\n" },
		"a second update":                func(s string) string { return s + s[len(unsigned):] },
		"a page":                         func(s string) string { return strings.Replace(s, "/Type /Page", "/Type /Pagf", 1) },
		"the reason":                     func(s string) string { return strings.Replace(s, "/Reason <FEFF0063", "/Reason <FEFF0064", 1) },
		"the signature's digits":         func(s string) string { return strings.Replace(s, "/Contents <30", "/Contents <31", 1) },
		"another time":                   func(s string) string { return strings.Replace(s, "/M (D:2026", "/M (D:2025", 1) },
	} {
		d := copied(t, filepath.Join(dir, "built"), dir, "c")
		s := read(t, d, "dossier.pdf")
		require.NotEqual(t, s, change(s), name)
		put(t, d, "dossier.pdf", change(s))
		reseal(t, d)
		rep := report(t, dir, "c")
		assert.Contains(t, troubles(rep), "mismatch views: dossier.pdf", name)
	}

	// Signing that ended half-way: the next run puts it right.
	succeed(t, dir, "build", "-q", "-o", "half", "winch.mbox")
	put(t, dir, "half/dossier.pdf", read(t, dir, "later/dossier.pdf"))
	require.False(t, report(t, dir, "half").OK)
	succeed(t, dir, append([]string{"seal", "half"}, key...)...)
	assert.True(t, report(t, dir, "half").OK)
}
