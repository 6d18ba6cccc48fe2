package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// calendar is an OpenTimestamps calendar server: it promises, and, once it has anchored, tells of a block.
func calendar(t testing.TB) (url string, anchored *atomic.Bool) {
	t.Helper()
	anchored = new(atomic.Bool)
	known := map[string]bool{}
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/digest" && len(body) == sha256.Size:
			// append 0x07, SHA-256, a promise under our address
			sum := sha256.Sum256(append(body, 7))
			known[hex.EncodeToString(sum[:])] = true
			w.Write([]byte("\xf0\x01\x07\x08\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e" + string(rune(len(s.URL)+1)) + string(rune(len(s.URL))) + s.URL))
		case r.Method == http.MethodGet && known[strings.TrimPrefix(r.URL.Path, "/timestamp/")] && anchored.Load():
			w.Write([]byte("\x08\x08\x00\x05\x88\x96\x0d\x73\xd7\x19\x01\x03\xa0\xbb\x35"))
		default:
			http.Error(w, "Pending confirmation in Bitcoin blockchain", http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, anchored
}

func TestOpenTimestamps(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	winchDossier(t, dir)
	one, anchored := calendar(t)
	two, _ := calendar(t)
	r := succeed(t, dir, "seal", "winch.dossier", "--ots", one, "--ots", two+"/")
	assert.Contains(t, r.out, "OpenTimestamps: submitted to 2 calendars, anchored in 0 blocks")
	rep := report(t, dir, "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	assert.Contains(t, findings(rep, "seal"), "unverifiable seal/tagmanifest-sha256.txt.ots: submitted, not yet anchored")
	file := read(t, dir, "winch.dossier/seal/tagmanifest-sha256.txt.ots")
	sum := sha256.Sum256([]byte(read(t, dir, "winch.dossier/tagmanifest-sha256.txt")))
	assert.True(t, strings.HasPrefix(hex.EncodeToString([]byte(file)), "004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e892940108"+hex.EncodeToString(sum[:])))

	r = onrecord(t, dir, "seal", "winch.dossier", "--ots", one)
	assert.Equal(t, int(exitFailed), r.code)
	assert.Contains(t, r.err, "not yet anchored")
	anchored.Store(true)
	r = succeed(t, dir, "seal", "winch.dossier", "--ots", one)
	assert.Contains(t, r.out, "anchored in 1 block")
	rep = report(t, dir, "winch.dossier")
	assert.True(t, rep.OK, troubles(rep))
	assert.Contains(t, findings(rep, "seal"), "it leads to Bitcoin block 875936: if the Merkle root")
	assert.NotContains(t, findings(rep, "seal"), "not yet anchored")
	succeed(t, dir, "seal", "winch.dossier", "--ots", one)

	// Of another dossier, or changed.
	put(t, dir, "a.eml", winchReply)
	succeed(t, dir, "build", "-q", "--format", "json", "-o", "other", "a.eml")
	put(t, dir, "other/seal/tagmanifest-sha256.txt.ots", read(t, dir, "winch.dossier/seal/tagmanifest-sha256.txt.ots"))
	assert.Contains(t, troubles(report(t, dir, "other")), "it is a proof of another file")
	put(t, dir, "other/seal/tagmanifest-sha256.txt.ots", "x")
	assert.Contains(t, troubles(report(t, dir, "other")), "no proof that could be read")
	r = onrecord(t, dir, "seal", filepath.Join(dir, "other"), "--ots", one)
	require.Equal(t, int(exitFailed), r.code)
}
