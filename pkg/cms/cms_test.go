package cms

import (
	"bytes"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"software.sslmate.com/src/go-pkcs12"

	"onrecord/pkg/testpki"
)

const text = "0000  manifest-sha256.txt\n"

var at = time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)

func openssl(t testing.TB, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl here")
	}
	out, err := exec.Command("openssl", args...).CombinedOutput()
	return string(out), err
}

func TestOpenSSLAccepts(t *testing.T) {
	ca := testpki.New(t, "Firm")
	for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		key := testpki.Key(t, kind)
		chain := ca.Issue(t, "Anna Berg", key)
		for _, o := range []Options{{SigningTime: at}, {}} {
			der, err := Sign(strings.NewReader(text), key, chain, o)
			require.NoError(t, err)
			dir := t.TempDir()
			args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", testpki.Write(t, dir, "a.p7s", der), "-content", testpki.Write(t, dir, "a", []byte(text)),
				"-CAfile", testpki.Write(t, dir, "ca.pem", testpki.CertificatesPEM(ca.Root)), "-out", "/dev/null"}
			if !(kind == "ed25519") { // OpenSSL 3.0 signs and checks no Ed25519 in CMS without its attributes' digest set to SHA-512; the rest is the same
				out, err := openssl(t, args...)
				assert.NoError(t, err, "%s: %s", kind, out)
				out, err = openssl(t, append(args, "-cades")...)
				assert.NoError(t, err, "%s: %s", kind, out)
			}
			s, err := Parse(der)
			require.NoError(t, err, kind)
			assert.NoError(t, s.Verify(strings.NewReader(text), OIDData))
			assert.ErrorIs(t, s.Verify(strings.NewReader(text+"x"), OIDData), errNotTheseBytes)
			assert.True(t, s.BindsCertificate())
			way, err := s.Chain(ca.Roots(), at)
			require.NoError(t, err)
			assert.Len(t, way, 3)
			_, err = s.Chain(testpki.New(t, "Other").Roots(), at)
			assert.Error(t, err)
			_, err = s.Chain(ca.Roots(), testpki.To.AddDate(1, 0, 0))
			assert.Error(t, err, "expired")
			assert.Equal(t, o.SigningTime.IsZero(), s.SigningTime == nil)
		}
	}
}

// Keys of others.
func TestRefusedKeys(t *testing.T) {
	ca := testpki.New(t, "Firm")
	_, err := Sign(strings.NewReader(text), testpki.Key(t, "ecdsa"), ca.Issue(t, "Anna", testpki.Key(t, "ecdsa")), Options{})
	assert.ErrorContains(t, err, "not that of the certificate")
	_, err = Sign(strings.NewReader(text), testpki.Key(t, "ecdsa"), nil, Options{})
	assert.Error(t, err)
}

func TestWhatOpenSSLSigns(t *testing.T) {
	ca := testpki.New(t, "Firm")
	for _, more := range [][]string{{}, {"-keyid"}, {"-cades"}, {"-md", "sha512"}, {"-keyopt", "rsa_padding_mode:pss"}, {"-nosmimecap"}} {
		key := testpki.Key(t, "rsa")
		chain := ca.Issue(t, "Anna Berg", key, func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} })
		dir := t.TempDir()
		out := filepath.Join(dir, "out.p7s")
		args := append([]string{"cms", "-sign", "-binary", "-in", testpki.Write(t, dir, "a", []byte(text)), "-signer", testpki.Write(t, dir, "c.pem", testpki.CertificatesPEM(chain[0])),
			"-inkey", testpki.Write(t, dir, "k.pem", testpki.KeyPEM(t, key)), "-certfile", testpki.Write(t, dir, "i.pem", testpki.CertificatesPEM(chain[1])), "-outform", "DER", "-out", out}, more...)
		said, err := openssl(t, args...)
		require.NoError(t, err, said)
		s, err := Parse(read(t, out))
		require.NoError(t, err, "%v", more)
		assert.NoError(t, s.Verify(strings.NewReader(text), OIDData), "%v", more)
		_, err = s.Chain(ca.Roots(), at)
		assert.NoError(t, err)
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return b
}

// Every byte of a signature counts, if the trusted root is known, but for those of attributes that nobody signs: there are none here.
func TestEachByteCounts(t *testing.T) {
	ca := testpki.New(t, "Firm")
	key := testpki.Key(t, "ecdsa")
	der, err := Sign(strings.NewReader(text), key, ca.Issue(t, "Anna Berg", key), Options{SigningTime: at})
	require.NoError(t, err)
	missed := 0
	for i := range der {
		changed := bytes.Clone(der)
		changed[i] ^= 1
		s, err := Parse(changed)
		if err == nil {
			err = s.Verify(strings.NewReader(text), OIDData)
		}
		if err == nil {
			_, err = s.Chain(ca.Roots(), at)
		}
		if err == nil {
			missed++
		}
	}
	// Version numbers and the list of digest algorithms outside of the signer's part say nothing: a dossier's custody record holds the digest of the file.
	assert.Less(t, missed, 30)
	t.Logf("%d of %d bytes are of no meaning", missed, len(der))
}

func TestKeyFiles(t *testing.T) {
	secret := func() ([]byte, error) { return []byte("lamp oil"), nil }
	for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		key := testpki.Key(t, kind)
		dir := t.TempDir()
		plain := testpki.Write(t, dir, "k.pem", testpki.KeyPEM(t, key))
		got, err := ParseKey(testpki.KeyPEM(t, key), nil)
		require.NoError(t, err)
		assert.Equal(t, key.Public(), got.Public())
		for _, how := range [][]string{{}, {"-v2", "aes-128-cbc"}, {"-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"}, {"-v2", "des3", "-v2prf", "hmacWithSHA1"}} {
			out := filepath.Join(dir, "e.pem")
			said, err := openssl(t, append([]string{"pkcs8", "-topk8", "-in", plain, "-out", out, "-passout", "pass:lamp oil"}, how...)...)
			require.NoError(t, err, said)
			got, err := ParseKey(read(t, out), secret)
			require.NoError(t, err, "%v", how)
			assert.Equal(t, key.Public(), got.Public())
			_, err = ParseKey(read(t, out), func() ([]byte, error) { return []byte("no"), nil })
			assert.ErrorIs(t, err, ErrPassphrase, "%v", how)
		}
		ca := testpki.New(t, "Firm")
		chain := ca.Issue(t, "Anna", key)
		p12, err := pkcs12.Modern.Encode(key, chain[0], chain[1:], "lamp oil")
		require.NoError(t, err)
		k, c, err := ParsePKCS12(p12, "lamp oil")
		require.NoError(t, err)
		assert.Equal(t, key.Public(), k.Public())
		assert.Len(t, c, 2)
		_, _, err = ParsePKCS12(p12, "no")
		assert.ErrorIs(t, err, ErrPassphrase)
		certs, err := ParseCertificates(testpki.CertificatesPEM(chain...))
		require.NoError(t, err)
		assert.Len(t, certs, 2)
	}
	_, err := ParseKey([]byte("nothing"), nil)
	assert.Error(t, err)
	_, err = ParseCertificates([]byte("nothing"))
	assert.Error(t, err)
}

// Invariant: nothing panics, and what verifies holds for the text alone.
func FuzzParse(f *testing.F) {
	ca := testpki.New(f, "Firm")
	key := testpki.Key(f, "ecdsa")
	der, err := Sign(strings.NewReader(text), key, ca.Issue(f, "Anna Berg", key), Options{SigningTime: at})
	require.NoError(f, err)
	f.Add(der)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		if s.Verify(strings.NewReader(text), OIDData) == nil {
			assert.Error(t, s.Verify(strings.NewReader(text+"x"), OIDData))
		}
	})
}
