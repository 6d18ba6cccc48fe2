package dkim

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/corpora"
)

func keysFrom(t testing.TB, path string) *Keys {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	keys, err := ReadKeys(f, OriginFile)
	require.NoError(t, err)
	require.NotZero(t, keys.Len())
	return keys
}

// passes is the one word that a mail server would make of the facts, but for expiry.
func passes(s Signature) bool { return s.BodyHash == Match && s.Signature == Valid }

// TestMailDKIMCorpus: the verdicts of Mail::DKIM stand in its file names. Where its newest version says otherwise than the name, or we do, the
// reason is here.
func TestMailDKIMCorpus(t *testing.T) {
	dir := filepath.Join(corpora.Dir(t, "fixtures"), "mail-dkim", "t")
	keys := keysFrom(t, filepath.Join(dir, "FAKE_DNS.dat"))
	explained := map[string]string{
		"bad_dk_3.txt": "q= is missing: RFC 4870 section 3.3 knows one method alone, dns; newer Mail::DKIM accepts it as well",
		"ignore_7.txt": "expired: RFC 6376 section 3.5 (x=) lets a verifier treat it as it likes; the signature was valid when it was made, and the policy says expired",
	}
	files, err := filepath.Glob(filepath.Join(dir, "corpus", "*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 79)
	for _, path := range files {
		name := filepath.Base(path)
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		pass := false
		for _, s := range verify(t, raw, Options{Lookup: keys.Lookup, Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}) {
			pass = pass || passes(s)
		}
		want := !strings.HasPrefix(name, "bad") && !strings.HasPrefix(name, "ignore")
		if explained[name] != "" {
			want = !want
		}
		assert.Equal(t, want, pass, "%s %s", name, explained[name])
	}
	raw, err := os.ReadFile(filepath.Join(dir, "corpus", "ignore_7.txt"))
	require.NoError(t, err)
	assert.Contains(t, verify(t, raw, Options{Lookup: keys.Lookup, Now: time.Now()})[0].Policy, PolicyExpired)
}

// TestGmailSet: real mail of lists on which dkimpy, mailauth and Mail::DKIM agree (an "x" there: past x=).
func TestGmailSet(t *testing.T) {
	dir := corpora.Dir(t, "dkim")
	keys := keysFrom(t, filepath.Join(dir, "keys.zone"))
	f, err := os.Open(filepath.Join(dir, "gmail-set", "expected.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n, expired, explained := 0, 0, 0
	for lines.Scan() {
		var want struct {
			File   string `json:"file"`
			Dkimpy string `json:"dkimpy"`
			Index  int    `json:"sig_index"`
			HasX   bool   `json:"has_x"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &want))
		raw, err := os.ReadFile(filepath.Join(dir, "gmail-set", want.File))
		require.NoError(t, err)
		sigs := verify(t, raw, Options{Lookup: keys.Lookup, Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
		require.Greater(t, len(sigs), want.Index, want.File)
		s := sigs[want.Index]
		switch {
		case strings.HasPrefix(want.Dkimpy, "pass"):
			assert.True(t, passes(s), want.File)
		case strings.HasPrefix(want.Dkimpy, "fail:body hash"):
			assert.Equal(t, Mismatch, s.BodyHash, want.File)
			assert.NotEmpty(t, s.Why, want.File)
		default:
			assert.Equal(t, Match, s.BodyHash, want.File)
			assert.Equal(t, Invalid, s.Signature, want.File)
			assert.Contains(t, s.Why, "with this key", want.File)
		}
		if want.HasX {
			expired++
			assert.Contains(t, s.Policy, PolicyExpired, want.File)
			assert.NotNil(t, s.ExpiresAt, want.File)
		}
		if strings.Contains(s.Why, "fits once") {
			explained++
		}
		n++
	}
	require.NoError(t, lines.Err())
	assert.Equal(t, 334, n)
	assert.Equal(t, 98, expired)
	assert.GreaterOrEqual(t, explained, 20, "mail changed by lists whose change is found out")
}

// TestRFCVectors: RFC 6376 appendix A.2 with the key of appendix C and that of RFC 4871 (of which one fits), RFC 8463 appendix A.3, and the
// altered forms of them that the DKIM Verifier extension tests with.
func TestRFCVectors(t *testing.T) {
	dir := filepath.Join(corpora.Dir(t, "dkim"), "rfc", "test", "data")
	keys, err := ReadKeys(strings.NewReader(rfcKeys), OriginFile)
	require.NoError(t, err)
	require.Equal(t, 4, keys.Len())
	for _, c := range []struct {
		file string
		want []string
	}{
		{"rfc6376-A.2.eml", []string{"match valid"}},
		{"rfc6376-A.2-body_modified.eml", []string{"mismatch valid"}},
		{"rfc6376-A.2-header_subject_modified.eml", []string{"match invalid"}},
		{"rfc6376-A.2-ill_formed-missing_v.eml", []string{"match invalid"}},
		{"rfc8463-A.3.eml", []string{"match valid", "match valid"}},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, c.file))
		require.NoError(t, err)
		var got []string
		for _, s := range verify(t, raw, Options{Lookup: keys.Lookup}) {
			got = append(got, string(s.BodyHash)+" "+string(s.Signature))
		}
		assert.Equal(t, c.want, got, c.file)
	}
}

const rfcKeys = `; RFC 6376 appendix C, RFC 4871 appendix C, RFC 8463 appendix A.2
$ORIGIN _domainkey
brisbane.example.com IN TXT "never used: the name is not a key name without the label in the middle"
$ORIGIN example.com.
brisbane._domainkey IN TXT ( "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
	"KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
	"IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
	"/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
	"tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB" )
brisbane._domainkey.example.com. TXT "v=DKIM1; p=MIGJAoGBALVI635dLK4cJJAH3Lx6upo3X/Lm1tQz3mezcWTA3BUBnyIsdnRf57aD5BtNmhPrYYDlWlzw3UgnKisIxktkk5+iMQMlFtAS10JB8L3YadXNJY+JBcbeSi5TgJe4WFzNgW95FWDAuSTRXSWZfA/8xjflbTLDx0euFZOM7C4T0GwLAgMBAAE="
$ORIGIN football.example.com.
brisbane._domainkey 3600 IN TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
test._domainkey IN 3600 TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
`
