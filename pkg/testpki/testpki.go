// Package testpki is for tests only: certificates of a root of its own, and a time-stamping authority (RFC 3161) that is the real "openssl ts" behind HTTP on the loopback interface.
package testpki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// Authority is a root with an intermediate below it.
type Authority struct {
	Root, Intermediate *x509.Certificate
	rootKey, key       crypto.Signer
	serial             int64
}

// From and To are the validity of all certificates here.
var (
	From = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	To   = time.Date(2046, 1, 1, 0, 0, 0, 0, time.UTC)
)

// New makes an authority.
func New(t testing.TB, name string) *Authority {
	t.Helper()
	a := &Authority{rootKey: Key(t, "ecdsa"), key: Key(t, "ecdsa")}
	root := a.template(name+" root", true)
	a.Root = create(t, root, root, a.rootKey.Public(), a.rootKey)
	a.Intermediate = create(t, a.template(name+" intermediate", true), a.Root, a.key.Public(), a.rootKey)
	return a
}

func (a *Authority) template(name string, ca bool) *x509.Certificate {
	a.serial++
	c := &x509.Certificate{SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}}, NotBefore: From, NotAfter: To,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true}
	if ca {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, c, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, key)
	must(t, err)
	parsed, err := x509.ParseCertificate(der)
	must(t, err)
	return parsed
}

// Key makes a private key: rsa, ecdsa or ed25519.
func Key(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch kind {
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	must(t, err)
	return key
}

// Issue makes a certificate for a person, and gives it with the intermediate behind it.
func (a *Authority) Issue(t testing.TB, name string, key crypto.Signer, change ...func(*x509.Certificate)) []*x509.Certificate {
	t.Helper()
	c := a.template(name, false)
	for _, f := range change {
		f(c)
	}
	return []*x509.Certificate{create(t, c, a.Intermediate, key.Public(), a.key), a.Intermediate}
}

// StampingOnly gives a certificate the one critical use that RFC 3161 §2.3 asks for.
func StampingOnly(c *x509.Certificate) {
	value, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		panic(err)
	}
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value})
}

// Roots is the pool of the root alone.
func (a *Authority) Roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

// CertificatesPEM writes certificates.
func CertificatesPEM(chain ...*x509.Certificate) []byte {
	var b []byte
	for _, c := range chain {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return b
}

// KeyPEM writes a key as PKCS#8.
func KeyPEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Write writes a file into dir and gives its name.
func Write(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	must(t, os.WriteFile(file, content, 0o600))
	return file
}

// TSA is a time-stamping authority.
type TSA struct {
	URL   string
	Chain []*x509.Certificate
	// Calls counts the requests.
	Calls atomic.Int64
	// Answer, if set, replaces the answer of openssl to the request.
	Answer func(request, answer []byte) (status int, body []byte)
}

const tsaConfig = `[tsa]
default_tsa = t
[t]
serial = %s
crypto_device = builtin
signer_cert = %s
certs = %s
signer_key = %s
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
other_policies = 1.3.6.1.4.1.55555.2
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
`

// NewTSA starts one; it ends with the test. The test is skipped where there is no openssl. Its answers bear the time of this machine.
func (a *Authority) NewTSA(t testing.TB, name string, change ...func(*x509.Certificate)) *TSA {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	dir := t.TempDir()
	key := Key(t, "rsa")
	if len(change) == 0 {
		change = append(change, StampingOnly)
	}
	tsa := &TSA{Chain: a.Issue(t, name, key, change...)}
	config := Write(t, dir, "tsa.cnf", fmt.Appendf(nil, tsaConfig, Write(t, dir, "serial", []byte("01\n")), Write(t, dir, "tsa.pem", CertificatesPEM(tsa.Chain[0])),
		Write(t, dir, "chain.pem", CertificatesPEM(a.Intermediate, a.Root)), Write(t, dir, "tsa.key", KeyPEM(t, key))))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := tsa.Calls.Add(1)
		query, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "no time-stamp query", http.StatusBadRequest)
			return
		}
		in, out := filepath.Join(dir, fmt.Sprintf("%d.tsq", n)), filepath.Join(dir, fmt.Sprintf("%d.tsr", n))
		os.WriteFile(in, query, 0o600)
		if text, err := exec.Command(openssl, "ts", "-reply", "-config", config, "-queryfile", in, "-out", out).CombinedOutput(); err != nil {
			http.Error(w, string(text), http.StatusInternalServerError)
			return
		}
		answer, err := os.ReadFile(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		status := http.StatusOK
		if tsa.Answer != nil {
			status, answer = tsa.Answer(query, answer)
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		w.WriteHeader(status)
		w.Write(answer)
	}))
	t.Cleanup(s.Close)
	tsa.URL = s.URL
	return tsa
}
