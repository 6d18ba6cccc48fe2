package smime

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The files in testdata were made with OpenSSL 3.0 and GnuPG 2.2; keys and names are invented.
func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

func reading(b []byte) Content {
	return func() (io.Reader, error) { return bytes.NewReader(b), nil }
}

func roots(t testing.TB) *Keys {
	t.Helper()
	list, err := ParseRoots(file(t, "root.pem"))
	require.NoError(t, err)
	k := &Keys{}
	require.NoError(t, k.AddRoots(list))
	return k
}

func TestCMS(t *testing.T) {
	content := file(t, "content.txt")
	changed := bytes.Replace(content, []byte("Please leave"), []byte("Please remove"), 1)
	for _, x := range []struct{ name, algorithm string }{
		{"rsa.p7s", "rsa-sha256"}, {"ec.p7s", "ecdsa-sha256"}, {"pss.p7s", "rsa-pss-sha256"}, {"noattr.p7s", "rsa-sha256"}, {"sha1.p7s", "rsa-sha1"}, {"keyid.p7s", "rsa-sha256"},
		{"opaque.p7m", "rsa-sha256"}, {"indefinite.p7m", "rsa-sha256"},
	} {
		var of Content
		if x.name != "opaque.p7m" && x.name != "indefinite.p7m" {
			of = reading(content)
		}
		all, inside, err := VerifyCMS(file(t, x.name), "2", of, roots(t))
		require.NoError(t, err)
		require.Len(t, all, 1, x.name)
		s := all[0]
		s.Judge([]string{"Ada@plant.example"})
		assert.Equal(t, Match, s.Digest, x.name)
		assert.Equal(t, Valid, s.Signature, "%s: %s", x.name, s.Why)
		assert.Equal(t, x.algorithm, s.Algorithm, x.name)
		assert.Equal(t, "Ada Lind, Plant Example", s.Signer.Name)
		assert.Equal(t, []string{"ada@plant.example"}, s.Signer.Addresses)
		assert.Equal(t, "Plant Root, Plant Example", s.Signer.Issuer)
		assert.Len(t, s.Signer.Fingerprint, 64)
		assert.Equal(t, Trusted, s.Chain, s.Notes)
		assert.True(t, s.Aligned)
		assert.Contains(t, s.Summary, "signed with the certificate of Ada Lind")
		if x.name == "noattr.p7s" {
			assert.Nil(t, s.SignedAt)
			assert.Nil(t, s.InTime)
		} else {
			require.NotNil(t, s.SignedAt, x.name)
			require.NotNil(t, s.InTime)
			assert.True(t, *s.InTime)
		}
		if of == nil {
			assert.Equal(t, Opaque, s.Form)
			assert.Equal(t, content, inside)
			continue
		}
		assert.Equal(t, Detached, s.Form)

		// Another content: the digest says so, and where the signature is over attributes it still shows who made it.
		all, _, err = VerifyCMS(file(t, x.name), "2", reading(changed), nil)
		require.NoError(t, err)
		s = all[0]
		s.Judge([]string{"mallory@other.example"})
		assert.Equal(t, TrustUnchecked, s.Chain)
		assert.False(t, s.Aligned)
		if x.name == "noattr.p7s" {
			assert.Equal(t, Invalid, s.Signature)
		} else {
			assert.Equal(t, Mismatch, s.Digest, x.name)
			assert.Equal(t, Valid, s.Signature, x.name)
			assert.Contains(t, s.Summary, "but the content is not the one that was signed")
		}
	}
}

func TestCMSOther(t *testing.T) {
	content := file(t, "content.txt")
	all, _, err := VerifyCMS(file(t, "two.p7s"), "2", reading(content), nil)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, Valid, all[0].Signature)
	assert.Equal(t, Valid, all[1].Signature)

	all, inside, err := VerifyCMS(file(t, "enveloped.p7m"), "1", nil, nil)
	require.NoError(t, err)
	assert.Nil(t, inside)
	assert.Equal(t, Encrypted, all[0].Form)
	all[0].Judge(nil)
	assert.Contains(t, all[0].Summary, "is encrypted")

	// The signed attributes are what the signature covers: a change there is found.
	der := file(t, "rsa.p7s")
	i := bytes.LastIndex(der, []byte("Z0")) // the end of the signing time
	require.Positive(t, i)
	der[i-1] ^= 1
	all, _, err = VerifyCMS(der, "2", reading(content), nil)
	require.NoError(t, err)
	assert.Equal(t, Invalid, all[0].Signature)

	// A root that has nothing to do with it.
	other := &Keys{}
	all, _, err = VerifyCMS(file(t, "rsa.p7s"), "2", reading(content), nil)
	require.NoError(t, err)
	assert.Equal(t, TrustUnchecked, all[0].Chain)
	sd, _, err := read(file(t, "ec.p7s"))
	require.NoError(t, err)
	require.NoError(t, other.AddRoots(sd.certificates[:1]))
	all, _, err = VerifyCMS(file(t, "rsa.p7s"), "2", reading(content), other)
	require.NoError(t, err)
	assert.Equal(t, Untrusted, all[0].Chain)
	again, err := ParseRoots(other.RootsPEM())
	require.NoError(t, err)
	assert.True(t, again[0].Equal(sd.certificates[0]))

	broken := errors.New("disk")
	_, _, err = VerifyCMS(file(t, "rsa.p7s"), "2", func() (io.Reader, error) { return nil, broken }, nil)
	assert.ErrorIs(t, err, broken)
}

func ring(t testing.TB, name string) *Keys {
	t.Helper()
	k := &Keys{}
	require.NoError(t, k.AddRing(file(t, name)))
	return k
}

func TestOpenPGP(t *testing.T) {
	content := file(t, "content.txt")
	copied := &Keys{}
	require.NoError(t, copied.AddRing(ring(t, "ring.asc").RingText()))
	for _, k := range []*Keys{ring(t, "ring.asc"), ring(t, "ring.gpg"), copied} {
		for _, x := range []struct{ name, user, algorithm string }{
			{"rsa.asc", "Ada Lind (rsa)", "rsa-sha512"}, {"dsa.asc", "Ada Lind (dsa)", "dsa-sha1"}, {"eddsa.asc", "Ada Lind (eddsa)", "ed25519-sha256"},
			{"ecdsa.asc", "Ada Lind (ecdsa)", "ecdsa-sha256"}, {"text.sig", "Ada Lind (rsa)", "rsa-sha512"}, {"subkey.asc", "Sub Key", "rsa-sha512"},
		} {
			all, err := VerifyPGP(file(t, x.name), "2", reading(content), k)
			require.NoError(t, err)
			require.Len(t, all, 1)
			s := all[0]
			s.Judge([]string{"ada@plant.example"})
			assert.Equal(t, Valid, s.Signature, "%s: %s", x.name, s.Why)
			assert.Equal(t, Match, s.Digest)
			assert.Equal(t, x.user, s.Signer.Name)
			assert.Equal(t, x.algorithm, s.Algorithm, x.name)
			require.NotNil(t, s.InTime)
			assert.True(t, *s.InTime, x.name)
			assert.Equal(t, x.name != "subkey.asc", s.Aligned)
			require.NotNil(t, s.SignedAt)
			assert.Equal(t, x.name != "subkey.asc", s.Signer.NotAfter != nil, x.name)

			all, err = VerifyPGP(file(t, x.name), "2", reading(append([]byte("X"), content...)), k)
			require.NoError(t, err)
			assert.Equal(t, Invalid, all[0].Signature, x.name)
			assert.Equal(t, Mismatch, all[0].Digest, x.name)

			all, err = VerifyPGP(file(t, x.name), "2", reading(content), nil)
			require.NoError(t, err)
			assert.Equal(t, Unchecked, all[0].Signature, x.name)
			assert.Contains(t, all[0].Why, "not at hand")
			assert.Len(t, all[0].Signer.Fingerprint, 40)
		}
	}
	// A text signature holds whatever the line endings are; a binary one does not.
	lf := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	all, err := VerifyPGP(file(t, "text.sig"), "2", reading(lf), ring(t, "ring.asc"))
	require.NoError(t, err)
	assert.Equal(t, Valid, all[0].Signature)
	all, err = VerifyPGP(file(t, "rsa.asc"), "2", reading(lf), ring(t, "ring.asc"))
	require.NoError(t, err)
	assert.Equal(t, Invalid, all[0].Signature)
}

func TestCleartext(t *testing.T) {
	k, text := ring(t, "ring.asc"), file(t, "clear.txt")
	all := VerifyClear(text, "1", k)
	require.Len(t, all, 1)
	assert.Equal(t, Valid, all[0].Signature, all[0].Why)
	assert.Empty(t, all[0].Notes)
	assert.Equal(t, Cleartext, all[0].Form)

	all = VerifyClear(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), "1", k)
	assert.Equal(t, Valid, all[0].Signature)
	all = VerifyClear(bytes.Replace(text, []byte("stays in"), []byte("goes out"), 1), "1", k)
	assert.Equal(t, Invalid, all[0].Signature)
	all = VerifyClear(append([]byte("Forwarded by Mallory: send the money.\n"), text...), "1", k)
	assert.Equal(t, Valid, all[0].Signature)
	assert.Contains(t, all[0].Notes, "the part holds more text than what is signed")
	assert.Empty(t, VerifyClear([]byte("nothing\n-----BEGIN PGP SIGNED MESSAGE-----\n\nno end"), "1", k))
}

func TestKeyFiles(t *testing.T) {
	k := &Keys{}
	assert.Error(t, k.AddRing([]byte("nothing")))
	assert.Error(t, k.AddRing([]byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n")))
	_, err := ParseRoots([]byte("nothing"))
	assert.Error(t, err)
}

// FuzzSignatures: no input panics, and none but the signer's own bytes make a signature valid.
func FuzzSignatures(f *testing.F) {
	for _, name := range []string{"rsa.p7s", "pss.p7s", "indefinite.p7m", "enveloped.p7m", "two.p7s", "rsa.asc", "text.sig", "ring.gpg", "clear.txt"} {
		f.Add(file(f, name))
	}
	k := ring(f, "ring.asc")
	f.Fuzz(func(t *testing.T, b []byte) {
		other := reading([]byte("another text"))
		list, _, err := VerifyCMS(b, "1", other, nil)
		require.NoError(t, err)
		more, err := VerifyPGP(b, "1", other, k)
		require.NoError(t, err)
		for _, s := range append(list, more...) {
			s.Judge([]string{"a@b.example"})
			if s.Digest == Match && s.Signature == Valid && s.Signer.Name == "Ada Lind, Plant Example" {
				t.Fatalf("a forgery: %s", s.Summary)
			}
		}
		VerifyCMS(b, "1", nil, nil)
		Inside(b)
		VerifyClear(b, "1", k)
		new(Keys).AddRing(b)
	})
}
