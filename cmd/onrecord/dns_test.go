package main

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"onrecord/pkg/dkim"
)

// nameServer answers TXT questions on loopback: over UDP with the truncation bit for names in large (then the answer comes over TCP), SERVFAIL for names
// in broken, NXDOMAIN for what it does not know.
type nameServer struct {
	records map[string][]string
	large   string
	broken  string

	mu    sync.Mutex
	asked map[string]int
}

func (s *nameServer) start(t *testing.T) (address string) {
	t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	require.NoError(t, err)
	t.Cleanup(func() { udp.Close(); tcp.Close() })
	s.asked = map[string]int{}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := udp.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := s.answer(buf[:n], false); answer != nil {
				_, _ = udp.WriteTo(answer, from)
			}
		}
	}()
	go func() {
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				head := make([]byte, 2)
				if _, err := io.ReadFull(c, head); err != nil {
					return
				}
				question := make([]byte, binary.BigEndian.Uint16(head))
				if _, err := io.ReadFull(c, question); err != nil {
					return
				}
				answer := s.answer(question, true)
				_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
			}()
		}
	}()
	return udp.LocalAddr().String()
}

func (s *nameServer) answer(question []byte, tcp bool) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	s.mu.Lock()
	s.asked[name]++
	s.mu.Unlock()
	m.Response, m.RecursionAvailable = true, true
	m.Additionals = nil
	switch texts, ok := s.records[name]; {
	case name == s.broken:
		m.RCode = dnsmessage.RCodeServerFailure
	case !ok:
		m.RCode = dnsmessage.RCodeNameError
	case name == s.large && !tcp:
		m.Truncated = true
	default:
		for _, text := range texts {
			var parts []string
			for len(text) > 255 {
				parts, text = append(parts, text[:255]), text[255:]
			}
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60},
				Body:   &dnsmessage.TXTResource{TXT: append(parts, text)},
			})
		}
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	return b
}

// storyKeys reads the keys of the story as a name server holds them.
func storyKeys(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "testdata", "story", "dkim-keys.zone"))
	require.NoError(t, err)
	defer f.Close()
	keys, err := dkim.ReadKeys(f, dkim.OriginFile)
	require.NoError(t, err)
	records := map[string][]string{}
	for _, name := range keys.Names() {
		found, err := keys.Lookup(context.Background(), name)
		require.NoError(t, err)
		for _, r := range found {
			records[name] = append(records[name], r.TXT)
		}
	}
	return records
}

// With a name server the keys are fetched, each once, and kept: what was checked then can be checked without it for ever.
func TestKeysFromTheDNS(t *testing.T) {
	server := &nameServer{records: storyKeys(t), large: "tw2025._domainkey.tidewell.example"}
	address := server.start(t)
	dir := tempDir(t)
	story, err := filepath.Abs(filepath.Join("..", "..", "testdata", "story", "thread.mbox"))
	require.NoError(t, err)

	r := onrecord(t, dir, "build", "--format", "json", "--dns", address, "-o", "x.dossier", story)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, "1 of 16 DKIM signatures")
	for name, n := range server.asked {
		if name == server.large {
			assert.Equal(t, 2, n, "%s: once over UDP, once over TCP", name)
		} else {
			assert.Equal(t, 1, n, name)
		}
	}
	snapshot, err := os.ReadFile(filepath.Join(dir, "x.dossier", "dkim-keys.txt"))
	require.NoError(t, err)
	assert.Contains(t, string(snapshot), "retrieved 2026-03-09T08:00:00Z from "+address)

	asked := len(server.asked)
	v := onrecord(t, dir, "verify", "x.dossier")
	assert.Zero(t, v.code, v.out)
	assert.Len(t, server.asked, asked, "verify asks nobody")

	// The snapshot serves another build as well as the name server did.
	again := onrecord(t, dir, "build", "--format", "json", "--keys", "x.dossier/dkim-keys.txt", "-o", "y.dossier", story)
	require.Zero(t, again.code, again.err)
	assert.Contains(t, again.out, "1 of 16 DKIM signatures")

	// keys fetches the same, and adds to what is there without losing anything.
	kept := filepath.Join(dir, "keys.txt")
	require.NoError(t, os.WriteFile(kept, []byte("old._domainkey.gone.example. IN TXT \"v=DKIM1; p=\"\n"), 0o600))
	k := onrecord(t, dir, "keys", "--dns", address, "-o", "keys.txt", story)
	require.Zero(t, k.code, k.err)
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	assert.Contains(t, string(text), "old._domainkey.gone.example.")
	assert.Contains(t, string(text), "tw2025._domainkey.tidewell.example.")
	assert.Contains(t, string(text), "arcselector10001._domainkey.outlook.example.", "the keys of ARC seals are fetched, too")
}

// A name server that fails is told as such: the signature stays unchecked, it is not invalid.
func TestNameServerThatFails(t *testing.T) {
	server := &nameServer{records: storyKeys(t), broken: "tw2025._domainkey.tidewell.example"}
	address := server.start(t)
	dir := tempDir(t)
	story, err := filepath.Abs(filepath.Join("..", "..", "testdata", "story", "eml", "02-warning.eml"))
	require.NoError(t, err)
	r := onrecord(t, dir, "inspect", "--dns", address, story)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.err, "gave no answer for tw2025._domainkey.tidewell.example")
	assert.Contains(t, r.out, "selector tw2025: body hash match, signature unchecked")
	assert.Contains(t, r.out, "selector tw2025e: body hash match, signature valid")

	k := onrecord(t, dir, "keys", "--dns", address, "-o", "keys.txt", story)
	assert.Equal(t, 1, k.code)
	assert.Contains(t, k.err, "could not be looked up")
	assert.FileExists(t, filepath.Join(dir, "keys.txt"), "what was found is kept")
}
