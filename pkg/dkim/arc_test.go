package dkim

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"onrecord/pkg/corpora"
)

// TestARCSuite runs every validation scenario of ValiMail's suite with the keys that it names.
func TestARCSuite(t *testing.T) {
	f, err := os.Open(filepath.Join(corpora.Dir(t, "fixtures"), "arc_test_suite", "tests", "arc-draft-validation-tests.yml"))
	require.NoError(t, err)
	defer f.Close()
	// Where the suite wants another word than ours, the reason is here.
	explained := map[string]ChainState{
		// The suite's resolver says for certain that there is no such key today. That a key is not at hand is no sign of forgery (RFC 8617 section 5.2 speaks of the day of delivery).
		"public_key_na": ChainUnchecked,
	}
	type group struct {
		Description string
		Tests       yaml.Node         // a mapping in which four names stand twice
		TXT         map[string]string `yaml:"txt-records"`
	}
	n, d := 0, yaml.NewDecoder(f)
	for {
		var g group
		err := d.Decode(&g)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		keys := &Keys{}
		for name, txt := range g.TXT {
			keys.Add(Record{Name: name, TXT: txt, Origin: OriginFile})
		}
		for i := 0; i < len(g.Tests.Content); i += 2 {
			n++
			name := g.Tests.Content[i].Value
			var test struct{ Message, CV string }
			require.NoError(t, g.Tests.Content[i+1].Decode(&test))
			want := ChainState(strings.ToLower(strings.TrimSpace(test.CV)))
			switch {
			case explained[name] != "":
				want = explained[name]
			case want == "": // no field is wanted of a sealer: RFC 8617 section 5.2 step 2 says that the chain has failed
				want = ChainFail
			case want == "none":
				want = ""
			}
			for _, text := range []string{test.Message, strings.ReplaceAll(test.Message, "\n", "\r\n")} {
				header, body := split([]byte(text))
				_, chain, err := VerifyAll(context.Background(), header, reread(body), fromOf(header), Options{Lookup: keys.Lookup})
				require.NoError(t, err)
				if chain == nil {
					chain = &Chain{}
				}
				assert.Equal(t, want, chain.State, "%s / %s: %s", g.Description, name, chain.Why)
				if chain.State == ChainFail {
					assert.NotEmpty(t, chain.Why, name)
				}
				_, without, err := VerifyAll(context.Background(), header, reread(body), fromOf(header), Options{})
				require.NoError(t, err)
				if without != nil {
					assert.NotEqual(t, ChainPass, without.State, "%s: without keys nothing passes", name)
				}
			}
		}
	}
	assert.Equal(t, 175, n)
}

// sealARC puts one ARC set on top of a message.
func sealARC(t testing.TB, raw string, instance int, domain, cv string, key crypto.Signer) string {
	t.Helper()
	header, body := split([]byte(raw))
	ams, err := Sign(header, strings.NewReader(string(body)), SignOptions{Domain: domain, Selector: "arc", Key: key, SignedAt: signedAt})
	require.NoError(t, err)
	// The field is signed under its own name, with i= in place of v=.
	m := newMessage(header, nil, Options{})
	m.at, m.names = indexOf(header)
	sign := func(field string, fields []int) string {
		all := append([]Field{{Name: strings.SplitN(field, ":", 2)[0], Raw: []byte(field + "\r\n")}}, header...)
		c := &check{self: 0, headerForm: relaxed, value: strings.IndexByte(field, ':') + 1}
		c.tags, err = ParseTagList([]byte(field[c.value:]))
		require.NoError(t, err)
		for _, i := range fields {
			c.fields = append(c.fields, i+1)
		}
		text := (&message{header: all}).signedText(nil, c)
		h := crypto.SHA256.New()
		h.Write(text)
		how := crypto.SHA256
		if _, is := key.(ed25519.PrivateKey); is {
			how = 0
		}
		sum, err := key.Sign(nil, h.Sum(nil), how)
		require.NoError(t, err)
		return field + base64.StdEncoding.EncodeToString(sum) + "\r\n"
	}
	algorithm, err := signingAlgorithm(SignOptions{Key: key})
	require.NoError(t, err)
	tags, err := ParseTagList([]byte(strings.TrimPrefix(ams, "DKIM-Signature:")))
	require.NoError(t, err)
	bh, _ := tagValue(tags, "bh")
	names := []string{"from", "to", "subject", "date", "message-id"}
	covered := signedFields(names, m.at, -1)
	aar := fmt.Sprintf("ARC-Authentication-Results: i=%d; %s; dkim=pass header.d=acme.example\r\n", instance, domain)
	message := sign(fmt.Sprintf("ARC-Message-Signature: i=%d; a=%s; c=relaxed/relaxed; d=%s; s=arc; t=%d; h=%s; bh=%s; b=", instance, algorithm, domain, signedAt.Unix()+int64(instance), strings.Join(names, ":"), bh), covered)
	// The seal is over all sets, oldest first, and the two new fields.
	older := map[string]int{}
	for i, f := range header {
		if isARC(f.Name) {
			number := strings.Index(string(f.Raw), "i=")
			older[f.Name+string(f.Raw[number+2])] = i
		}
	}
	header = append([]Field{{Name: "ARC-Authentication-Results", Raw: []byte(aar)}, {Name: "ARC-Message-Signature", Raw: []byte(message)}}, header...)
	var sets []int
	for i := 1; i < instance; i++ {
		for _, name := range []string{"ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"} {
			sets = append(sets, older[fmt.Sprint(name, i)]+2)
		}
	}
	seal := sign(fmt.Sprintf("ARC-Seal: i=%d; a=%s; cv=%s; d=%s; s=arc; t=%d; b=", instance, algorithm, cv, domain, signedAt.Unix()+int64(instance)), append(sets, 0, 1))
	return seal + message + aar + raw
}

func chainOf(t testing.TB, raw string, o Options) *Chain {
	t.Helper()
	header, body := split([]byte(raw))
	_, chain, err := VerifyAll(context.Background(), header, reread(body), fromOf(header), o)
	require.NoError(t, err)
	return chain
}

func TestARCChain(t *testing.T) {
	keys := &Keys{}
	keys.Add(Record{Name: "arc._domainkey.lists.example", TXT: recordOf(t, testRSA()), Origin: OriginSnapshot})
	keys.Add(Record{Name: "arc._domainkey.relay.example", TXT: recordOf(t, testEd25519), Origin: OriginSnapshot})
	o := Options{Lookup: keys.Lookup}
	assert.Nil(t, chainOf(t, story, o))

	one := sealARC(t, story, 1, "lists.example", "none", testRSA())
	c := chainOf(t, one, o)
	assert.Equal(t, ChainPass, c.State, c.Why)
	assert.Equal(t, 1, c.OldestPass)
	assert.Len(t, c.Checks, 2)
	assert.Equal(t, "arc._domainkey.lists.example", c.Checks[0].Key.Name)
	assert.Equal(t, OriginSnapshot, c.Checks[1].Key.Origin)

	two := sealARC(t, one, 2, "relay.example", "pass", testEd25519)
	c = chainOf(t, two, o)
	assert.Equal(t, ChainPass, c.State, c.Why)
	assert.Equal(t, 1, c.OldestPass)
	header, _ := split([]byte(two))
	assert.Equal(t, []string{"arc._domainkey.relay.example", "arc._domainkey.lists.example"}, Names(header))

	// A list adds a footer between two sealers: the chain holds, and it says where the message was changed.
	c = chainOf(t, sealARC(t, one+"-- \r\nthe list's footer\r\n", 2, "relay.example", "pass", testEd25519), o)
	assert.Equal(t, ChainPass, c.State, c.Why)
	assert.Equal(t, 2, c.OldestPass)
	assert.Contains(t, c.Why, "between sets 1 and 2 the body was changed")

	// After the last sealer nothing may change.
	c = chainOf(t, two+"more\r\n", o)
	assert.Equal(t, ChainFail, c.State)
	assert.Equal(t, 2, c.Instance)
	assert.Contains(t, c.Why, "the body is not the one")
	c = chainOf(t, strings.Replace(two, "Subject: The", "Subject: Then", 1), o)
	assert.Equal(t, ChainFail, c.State)
	assert.Contains(t, c.Why, "message signature of set 2")

	// What an older set recorded cannot be altered.
	c = chainOf(t, strings.Replace(two, "i=1; lists.example; dkim=pass", "i=1; lists.example; dkim=fail", 1), o)
	assert.Equal(t, ChainFail, c.State)
	assert.Contains(t, c.Why, "the seal of set")

	// A set that is gone, one that stands twice, and a chain that a sealer found broken.
	c = chainOf(t, strings.Replace(two, "i=2; relay.example", "i=3; relay.example", 1), o)
	assert.Equal(t, ChainFail, c.State)
	c = chainOf(t, sealARC(t, one, 2, "relay.example", "fail", testEd25519), o)
	assert.Equal(t, ChainFail, c.State)
	assert.Contains(t, c.Why, "recorded that the chain was broken")

	// Without one of the keys: unchecked, and the key that lacks is named.
	half := &Keys{}
	half.Add(Record{Name: "arc._domainkey.relay.example", TXT: recordOf(t, testEd25519), Origin: OriginSnapshot})
	c = chainOf(t, two, Options{Lookup: half.Lookup})
	assert.Equal(t, ChainUnchecked, c.State)
	assert.Contains(t, c.Why, "arc._domainkey.lists.example")
	// But what needs no key is found all the same.
	c = chainOf(t, two+"more\r\n", Options{})
	assert.Equal(t, ChainFail, c.State)
}

// A header full of ARC fields costs no more than the bounds allow.
func TestARCIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "ARC-Seal: i=%d; a=rsa-sha256; cv=pass; d=a.example; s=s; b=AAAA\r\n", i%60)
	}
	c := chainOf(t, b.String()+story, Options{})
	assert.Equal(t, ChainFail, c.State)
	assert.LessOrEqual(t, len(c.Checks), 2*maxSets)
	c = chainOf(t, "ARC-Seal: i=50\r\n"+story, Options{})
	assert.Equal(t, ChainFail, c.State)
}

// FuzzARC: no input makes a chain without keys pass, and none panics.
func FuzzARC(f *testing.F) {
	f.Add("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=a.example; s=s; b=AAAA\r\nARC-Message-Signature: i=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA\r\nARC-Authentication-Results: i=1; a.example; none\r\n" + story)
	f.Add("ARC-Seal:\r\nARC-Seal: i=\r\nARC-Message-Signature: i=99\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		if c := chainOf(t, raw, Options{Lookup: known("v=DKIM1; p=")}); c != nil {
			if c.State == ChainPass {
				t.Fatal("no key, and it passes")
			}
			if c.State == ChainFail && c.Why == "" {
				t.Fatal("it fails without a reason")
			}
		}
	})
}
