package people

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"

	"onrecord/pkg/corpora"
)

// header is just enough of a header reader for the labelled threads.
type header map[string]string

func readHeaders(mbox []byte) []header {
	var out []header
	for _, block := range regexp.MustCompile(`(?m)(?:\A|\n\n)From .*\n`).Split(string(mbox), -1) {
		head, _, _ := strings.Cut(block, "\n\n")
		h := header{}
		for _, field := range strings.Split(strings.NewReplacer("\n ", " ", "\n\t", " ").Replace(head), "\n") {
			if name, body, ok := strings.Cut(field, ":"); ok {
				h[strings.ToLower(name)] = strings.TrimSpace(body)
			}
		}
		if h["message-id"] != "" {
			out = append(out, h)
		}
	}
	return out
}

var decoder = mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return transform.NewReader(in, e.NewDecoder()), nil
}}

var oneMailbox = regexp.MustCompile(`\s*("[^"]*"|[^",<]*)\s*<([^>]*)>`)

func (h header) mailboxes(field string) []Mailbox {
	var out []Mailbox
	for _, m := range oneMailbox.FindAllStringSubmatch(h[field], -1) {
		name, err := decoder.DecodeHeader(strings.Trim(strings.TrimSpace(m[1]), `"`))
		if err != nil {
			name = m[1]
		}
		out = append(out, Mailbox{Name: name, Address: m[2]})
	}
	return out
}

// resolve reads messages as a build would: all mailboxes first, then which message answers which.
func resolve(r *Resolver, messages []header) *Book {
	type parties struct {
		author     Ref
		recipients []Ref
	}
	byID := map[string]parties{}
	for _, h := range messages {
		p := parties{author: NoRef}
		for _, a := range h.mailboxes("from") {
			use := AsAuthor
			if strings.HasPrefix(h["auto-submitted"], "auto-generated") {
				use |= AsGenerated
			}
			p.author = r.Add(a, use)
		}
		for _, field := range []string{"to", "cc"} {
			for _, a := range h.mailboxes(field) {
				p.recipients = append(p.recipients, r.Add(a, AsRecipient))
			}
		}
		byID[h["message-id"]] = p
	}
	for _, h := range messages {
		if parent, held := byID[h["in-reply-to"]]; held {
			own := byID[h["message-id"]]
			r.Replied(own.author, own.recipients, parent.author, parent.recipients)
		}
	}
	return r.Resolve()
}

// The labelled threads say which addresses are one person's. No pair may be merged that they keep apart.
func TestLabelledThreads(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpora.Shared(t), "eval", "expected", "*.json"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the labelled threads are not here")
	}
	right, missed, wrong, absent, names := 0, 0, 0, 0, 0
	persons := 0
	for _, file := range files {
		var want struct {
			People map[string][]string
			Lists  map[string][]string
		}
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &want))
		thread := strings.TrimSuffix(filepath.Base(file), ".expected.json")
		mbox, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(file)), "mbox", thread+".mbox"))
		require.NoError(t, err)
		book := resolve(NewResolver(nil), readHeaders(bytes.ReplaceAll(mbox, []byte("\r\n"), []byte("\n"))))
		owner, got := map[string]string{}, map[string]int{}
		for name, addresses := range want.People {
			for _, a := range addresses {
				owner[a] = name
			}
		}
		for k, p := range book.Persons {
			for _, a := range p.Addresses {
				got[strings.ToLower(a)] = k
				if owner[a] == p.Name {
					names++
				}
				for _, b := range p.Addresses {
					if owner[strings.ToLower(a)] != owner[strings.ToLower(b)] && a < b {
						wrong++
						t.Errorf("%s: merged, but of two people: %s, %s: %v", thread, a, b, p.MergedBecause)
					}
				}
			}
		}
		for name, addresses := range want.People {
			persons += len(addresses)
			for i, a := range addresses {
				for _, b := range addresses[:i] {
					x, okX := got[a]
					y, okY := got[b]
					switch {
					case !okX || !okY:
						absent++
					case x == y:
						right++
						t.Logf("%s: %s: %v", thread, name, book.Persons[x].MergedBecause)
					default:
						missed++
						t.Logf("%s: %s: not merged: %s, %s", thread, name, a, b)
					}
				}
			}
		}
		for _, p := range book.Possible {
			t.Logf("%s: possible: %s", thread, p.Why)
		}
	}
	t.Logf("pairs: %d right, %d missed, %d wrong, %d with an address in no header; names right for %d of %d addresses", right, missed, wrong, absent, names, persons)
	assert.GreaterOrEqual(t, right*10, (right+missed)*8)
}
