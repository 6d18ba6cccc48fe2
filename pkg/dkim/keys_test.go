package dkim

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadKeysForms(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     map[string][]string
		skipped  int
	}{
		{"zone file", "$TTL 3600\n$ORIGIN acme.example.\n@ IN SOA ns.acme.example. root ( 1 2\n3 4 5 )\n@ IN TXT \"v=spf1 -all\"\n" +
			"s1._domainkey 300 IN TXT ( \"v=DKIM1; \" ; the version\n \"p=AAAA\" )\n\tIN TXT \"p=BBBB\"\n",
			map[string][]string{"s1._domainkey.acme.example": {"p=BBBB", "v=DKIM1; p=AAAA"}}, 0},
		{"dig", ";; ANSWER SECTION:\nS1._DomainKey.Acme.Example. 300 IN TXT \"k=rsa\\; p=AA\" \"AA\\\"\\065\"\n",
			map[string][]string{"s1._domainkey.acme.example": {"k=rsa; p=AAAA\"A"}}, 0},
		{"dig with an alias", "s1._domainkey.acme.example. 300 IN CNAME s1.bulk.example.\ns1.bulk.example. 300 IN CNAME k._domainkey.bulk.example.\n" +
			"k._domainkey.bulk.example. 300 IN TXT \"p=AAAA\"\n",
			map[string][]string{"k._domainkey.bulk.example": {"p=AAAA"}, "s1._domainkey.acme.example": {"p=AAAA"}}, 0},
		{"aliases in a ring", "a._domainkey.x. CNAME b._domainkey.x.\nb._domainkey.x. CNAME a._domainkey.x.\n", map[string][]string{}, 0},
		{"host", "s1._domainkey.acme.example descriptive text \"v=DKIM1; \" \"p=AAAA\"\n", map[string][]string{"s1._domainkey.acme.example": {"v=DKIM1; p=AAAA"}}, 0},
		{"dump", "# keys\r\ns1._domainkey.acme.example TXT v=DKIM1; p=AAAA\r\ns2._domainkey.acme.example\tv=DKIM1\\; p=BBBB\r\ns3._domainkey.acme.example  k=rsa; t=y; p=",
			map[string][]string{"s1._domainkey.acme.example": {"v=DKIM1; p=AAAA"}, "s2._domainkey.acme.example": {"v=DKIM1; p=BBBB"},
				"s3._domainkey.acme.example": {"k=rsa; t=y; p="}}, 0},
		{"byte order mark", "\uFEFFs1._domainkey.acme.example TXT p=AAAA", map[string][]string{"s1._domainkey.acme.example": {"p=AAAA"}}, 0},
		{"not understood", "s1._domainkey.acme.example NXDOMAIN\ns1._domainkey IN TXT \"p=AAAA\"\nwww.acme.example. A 192.0.2.1\n", map[string][]string{}, 2},
		{"open ends", "s1._domainkey.acme.example. TXT ( \"p=AA\n", map[string][]string{}, 2},
		{"no key file", "From: a@b\n\nhello = there\n", map[string][]string{}, 0},
		{"empty", "", map[string][]string{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := ReadKeys(strings.NewReader(c.in), OriginFile)
			require.NoError(t, err)
			got := map[string][]string{}
			for _, name := range keys.Names() {
				records, err := keys.Lookup(context.Background(), name)
				require.NoError(t, err)
				for _, r := range records {
					assert.Equal(t, OriginFile, r.Origin)
					assert.Nil(t, r.RetrievedAt)
					got[name] = append(got[name], r.TXT)
				}
			}
			assert.Equal(t, c.want, got)
			assert.Len(t, keys.Skipped(), c.skipped, "%v", keys.Skipped())
		})
	}
	_, err := ReadKeys(iotest.ErrReader(errors.New("disk")), OriginFile)
	assert.ErrorContains(t, err, "disk")
	keys, err := ReadKeys(strings.NewReader("a._domainkey.b TXT "+strings.Repeat("x", 3<<20)+"\nc._domainkey.d TXT p=A\n"), OriginFile)
	require.NoError(t, err)
	assert.Equal(t, []string{"c._domainkey.d"}, keys.Names())
	assert.Len(t, keys.Skipped(), 1)
}

func at(year int) *time.Time {
	t := time.Date(year, 3, 1, 12, 0, 0, 0, time.UTC)
	return &t
}

func TestSnapshot(t *testing.T) {
	keys := &Keys{}
	long := "v=DKIM1; k=rsa; p=" + strings.Repeat("QUJD", 140)
	keys.Add(Record{Name: "S2._domainkey.acme.example.", TXT: "p=\"\\\x00\xff;", Origin: OriginDNS, RetrievedAt: at(2026), Resolver: "192.0.2.53:53", Authenticated: true})
	keys.Add(Record{Name: "s1._domainkey.acme.example", TXT: "p=NEW", Origin: OriginDNS, RetrievedAt: at(2026), Resolver: "192.0.2.53:53"})
	keys.Add(Record{Name: "s1._domainkey.acme.example", TXT: "p=UNKNOWN", Origin: OriginFile})
	keys.Add(Record{Name: "s1._domainkey.acme.example", TXT: long, Origin: OriginDNS, RetrievedAt: at(2026), Resolver: "192.0.2.53:53"})
	older := &Keys{}
	older.Add(Record{Name: "s1._domainkey.acme.example", TXT: long, Origin: OriginDNS, RetrievedAt: at(2020), Resolver: "198.51.100.1:53"})
	older.Add(Record{Name: "s1._domainkey.acme.example", TXT: "p=NEW", Origin: OriginDNS, RetrievedAt: at(2029)})
	keys.Merge(older)
	keys.Merge(nil)
	assert.Equal(t, 4, keys.Len())

	var out bytes.Buffer
	n, err := keys.WriteTo(&out)
	require.NoError(t, err)
	assert.EqualValues(t, out.Len(), n)
	assert.Equal(t, snapshotTitle+`
; retrieved 2020-03-01T12:00:00Z from 198.51.100.1:53
s1._domainkey.acme.example. IN TXT "`+long[:255]+`" "`+long[255:510]+`" "`+long[510:]+`"
; retrieved 2026-03-01T12:00:00Z from 192.0.2.53:53
s1._domainkey.acme.example. IN TXT "p=NEW"
; retrieved at an unknown time
s1._domainkey.acme.example. IN TXT "p=UNKNOWN"
; retrieved 2026-03-01T12:00:00Z from 192.0.2.53:53, authenticated by DNSSEC
s2._domainkey.acme.example. IN TXT "p=\"\\\000\255;"
`, out.String())

	again, err := ReadKeys(bytes.NewReader(out.Bytes()), OriginFile)
	require.NoError(t, err)
	records, err := again.Lookup(context.Background(), "S1._DOMAINKEY.acme.example.")
	require.NoError(t, err)
	require.Len(t, records, 3)
	records[0].parsed = nil
	assert.Equal(t, Record{Name: "s1._domainkey.acme.example", TXT: long, Origin: OriginSnapshot, RetrievedAt: at(2020), Resolver: "198.51.100.1:53"}, records[0])
	assert.Equal(t, OriginFile, records[2].Origin, "a time that is not told makes no snapshot")
	records, err = again.Lookup(context.Background(), "s2._domainkey.acme.example")
	require.NoError(t, err)
	assert.Equal(t, "p=\"\\\x00\xff;", records[0].TXT)
	assert.True(t, records[0].Authenticated)

	_, err = keys.WriteTo(failing{})
	assert.ErrorContains(t, err, "full")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestParseKey(t *testing.T) {
	pkcs1 := "MIGJAoGBALVI635dLK4cJJAH3Lx6upo3X/Lm1tQz3mezcWTA3BUBnyIsdnRf57aD5BtNmhPrYYDlWlzw3UgnKisIxktkk5+iMQMlFtAS10JB8L3YadXNJY+JBcbeSi5TgJe4WFzNgW95FWDAuSTRXSWZfA/8xjflbTLDx0euFZOM7C4T0GwLAgMBAAE="
	for _, c := range []struct {
		txt     string
		bits    int
		revoked bool
		err     string
	}{
		{"p=" + pkcs1, 1024, false, ""},
		{" v=DKIM1 ; k=RSA; p = " + pkcs1[:40] + " \r\n\t" + pkcs1[40:] + " ; ", 1024, false, ""},
		{"v=DKIM1; p=", 0, true, ""},
		{"v=DKIM1; p= \t", 0, true, ""},
		{"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", 256, false, ""},
		{"v=DKIM1; k=ed25519; p=AAAA", 0, false, "32 bytes"},
		{"v=DKIM2; p=" + pkcs1, 0, false, "no DKIM key record"},
		{"v=DKIM1; k=x448; p=" + pkcs1, 0, false, "unknown kind"},
		{"v=DKIM1; k=rsa", 0, false, "no p="},
		{"p=!!!", 0, false, "no base64"},
		{"p=AAAA", 0, false, "known wrapping"},
		{"p=AAAA; p=BBBB", 0, false, "stands twice"},
		{"", 0, false, "no p="},
	} {
		key, err := ParseKey(c.txt)
		if c.err != "" {
			assert.ErrorContains(t, err, c.err, c.txt)
			continue
		}
		require.NoError(t, err, c.txt)
		assert.Equal(t, c.bits, key.Bits, c.txt)
		assert.Equal(t, c.revoked, key.Revoked, c.txt)
	}
	key, err := ParseKey("v=DKIM1; g=ada; h=sha256:sha1; s=email; t=y:s; n=a note=3B one; p=")
	require.NoError(t, err)
	assert.Equal(t, PublicKey{Version: "DKIM1", Type: "rsa", Hashes: []string{"sha256", "sha1"}, Services: []string{"email"}, Flags: []string{"y", "s"},
		Granularity: "ada", Notes: "a note; one", Revoked: true}, key)
}

func TestParseTagList(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []Tag
		err  string
	}{
		{"a=1", []Tag{{"a", "1", 2, 3}}, ""},
		{" a = 1 2 ;\r\n\tb=; ", []Tag{{"a", "1 2", 4, 9}, {"b", "", 15, 15}}, ""},
		{"z=x=b=y;b=AA==", []Tag{{"z", "x=b=y", 2, 7}, {"b", "AA==", 10, 14}}, ""},
		{"a=1;;B=2;", []Tag{{"a", "1", 2, 3}, {"B", "2", 7, 8}}, ""},
		{"", []Tag{}, ""},
		{"a=1; x", []Tag{{"a", "1", 2, 3}}, "no tag=value"},
		{"a=1; a=2", []Tag{{"a", "1", 2, 3}}, "stands twice"},
		{"=1", []Tag{}, "no tag name"},
		{"a b=1", []Tag{}, "no tag name"},
	} {
		got, err := ParseTagList([]byte(c.in))
		assert.Equal(t, c.want, got, c.in)
		if c.err == "" {
			assert.NoError(t, err, c.in)
		} else {
			assert.ErrorContains(t, err, c.err, c.in)
		}
	}
	_, err := ParseTagList([]byte(manyTags()))
	assert.ErrorContains(t, err, "more than")
}

func manyTags() string {
	var b strings.Builder
	for i := range maxTags + 2 {
		b.WriteString(strings.Repeat("a", 1+i/26))
		b.WriteByte(byte('b' + i%26))
		b.WriteString("=;")
	}
	return b.String()
}
