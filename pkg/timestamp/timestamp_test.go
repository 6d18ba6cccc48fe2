package timestamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/testpki"
)

const text = "0000  manifest-sha256.txt\n"

func post(ctx context.Context, url string, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func ask(t testing.TB) Query {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	q, err := NewQuery(crypto.SHA256, sum[:], rand.Reader)
	require.NoError(t, err)
	return q
}

func TestStampByOpenSSL(t *testing.T) {
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	q := ask(t)
	before := time.Now().Add(-2 * time.Second)
	answer, token, err := Stamp(t.Context(), post, tsa.URL, q)
	require.NoError(t, err)
	assert.WithinRange(t, token.Time, before, time.Now().Add(2*time.Second))
	assert.Equal(t, time.Second, token.Accuracy)
	assert.Equal(t, "1.3.6.1.4.1.55555.1", token.Policy.String())
	assert.Equal(t, "Example, Stamps", token.Authority())
	assert.Len(t, token.Certificates(), 3)
	way, err := token.Trust(ca.Roots())
	require.NoError(t, err)
	assert.Equal(t, ca.Root.Raw, way[len(way)-1].Raw)
	_, err = token.Trust(testpki.New(t, "Other").Roots())
	assert.Error(t, err)

	// What is kept can be checked without this program.
	dir := t.TempDir()
	request, err := q.DER()
	require.NoError(t, err)
	ca509 := testpki.Write(t, dir, "ca.pem", testpki.CertificatesPEM(ca.Root))
	tsr, tsq := testpki.Write(t, dir, "a.tsr", answer), testpki.Write(t, dir, "a.tsq", request)
	for _, args := range [][]string{{"-data", testpki.Write(t, dir, "a", []byte(text))}, {"-queryfile", tsq}} {
		out, err := exec.Command("openssl", append([]string{"ts", "-verify", "-in", tsr, "-CAfile", ca509}, args...)...).CombinedOutput()
		assert.NoError(t, err, "%s", out)
	}
	out, err := exec.Command("openssl", "ts", "-query", "-in", tsq, "-text").CombinedOutput()
	require.NoError(t, err)
	assert.Contains(t, string(out), "Certificate required: yes")

	// A policy may be asked for.
	q.Policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 55555, 2}
	_, token, err = Stamp(t.Context(), post, tsa.URL, q)
	require.NoError(t, err)
	assert.Equal(t, q.Policy, token.Policy)
	q.Policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 55555, 3}
	_, _, err = Stamp(t.Context(), post, tsa.URL, q)
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 2, refused.Status)
}

// What must be checked before a token is believed.
func TestRefusedTokens(t *testing.T) {
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	q := ask(t)
	answer, token, err := Stamp(t.Context(), post, tsa.URL, q)
	require.NoError(t, err)

	other := ask(t)
	assert.ErrorContains(t, token.Check(other), "nonce")
	without := q
	without.Nonce = nil
	assert.NoError(t, token.Check(without))
	another := q
	another.Digest = bytes.Repeat([]byte{1}, 32)
	assert.ErrorContains(t, token.Check(another), "another digest")
	longer := q
	longer.Hash = crypto.SHA512
	assert.ErrorContains(t, token.Check(longer), "another digest")
	policy := q
	policy.Policy = asn1.ObjectIdentifier{1, 2, 3}
	assert.ErrorContains(t, token.Check(policy), "policy")

	// The answer of yesterday, given again.
	tsa.Answer = func(_, _ []byte) (int, []byte) { return http.StatusOK, answer }
	_, _, err = Stamp(t.Context(), post, tsa.URL, ask(t))
	assert.ErrorContains(t, err, "nonce")
	for _, rubbish := range [][]byte{nil, []byte("no"), answer[:len(answer)-1], append(bytes.Clone(answer), 0), {0x30, 3, 2, 1, 0}} {
		tsa.Answer = func(_, _ []byte) (int, []byte) { return http.StatusOK, rubbish }
		_, _, err = Stamp(t.Context(), post, tsa.URL, q)
		assert.Error(t, err, "%x", rubbish)
	}
	tsa.Answer = func(_, _ []byte) (int, []byte) { return http.StatusServiceUnavailable, nil }
	_, _, err = Stamp(t.Context(), post, tsa.URL, q)
	assert.ErrorContains(t, err, "503")

	// A certificate for more than time-stamping: openssl makes no token with it, so the token of the good one is put under it.
	for _, change := range []func(*x509.Certificate){func(*x509.Certificate) {}, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} },
		func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageEmailProtection}
		}} {
		assert.False(t, stampingOnly(ca.Issue(t, "x", testpki.Key(t, "ecdsa"), change)[0]))
	}
	assert.True(t, stampingOnly(tsa.Chain[0]))
}

// No changed bit of a response passes all checks, but for what nobody signs: the status text and version numbers.
func TestEachByteCounts(t *testing.T) {
	ca := testpki.New(t, "Time")
	tsa := ca.NewTSA(t, "Stamps")
	q := ask(t)
	answer, _, err := Stamp(t.Context(), post, tsa.URL, q)
	require.NoError(t, err)
	roots, missed := ca.Roots(), 0
	for i := range answer {
		changed := bytes.Clone(answer)
		changed[i] ^= 1
		token, err := ParseResponse(changed)
		if err == nil {
			err = token.Check(q)
		}
		if err == nil {
			_, err = token.Trust(roots)
		}
		if err == nil {
			missed++
		}
	}
	// The copy of the root in the token is of no meaning: the caller's own is taken.
	t.Logf("%d of %d bytes are of no meaning", missed, len(answer))
	assert.Less(t, missed, len(ca.Root.Raw)+40)

	request, err := q.DER()
	require.NoError(t, err)
	for i := range request {
		for bit := range 8 {
			changed := bytes.Clone(request)
			changed[i] ^= 1 << bit
			got, err := ParseQuery(changed)
			if err == nil {
				assert.NotEqual(t, q, got, "byte %d", i)
			}
		}
	}
	got, err := ParseQuery(request)
	require.NoError(t, err)
	assert.Equal(t, q, got)
}

// Invariant: nothing panics; what was not asked for is not accepted.
func FuzzParseResponse(f *testing.F) {
	ca := testpki.New(f, "Time")
	tsa := ca.NewTSA(f, "Stamps")
	q := ask(f)
	answer, _, err := Stamp(f.Context(), post, tsa.URL, q)
	require.NoError(f, err)
	f.Add(answer)
	other := ask(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		token, err := ParseResponse(b)
		if err != nil {
			return
		}
		assert.Error(t, token.Check(other))
	})
}
