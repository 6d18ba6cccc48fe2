package dkim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// split cuts a message into fields and body; the line endings are kept. It is a test's own splitter, so that this package is tested alone.
func split(raw []byte) (header []Field, body []byte) {
	lineEnd := []byte("\n")
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		lineEnd = []byte("\r")
	}
	for len(raw) > 0 {
		end := bytes.Index(raw, lineEnd) + 1
		if end == 0 {
			end = len(raw)
		}
		line := raw[:end]
		raw = raw[end:]
		if len(bytes.Trim(line, "\r\n")) == 0 {
			return header, raw
		}
		if (line[0] == ' ' || line[0] == '\t') && len(header) > 0 {
			last := &header[len(header)-1]
			last.Raw = append(last.Raw[:len(last.Raw):len(last.Raw)], line...)
			continue
		}
		name, _, found := bytes.Cut(line, []byte(":"))
		if !found {
			name = nil
		}
		header = append(header, Field{Name: string(bytes.TrimSpace(name)), Raw: line})
	}
	return header, nil
}

func fromOf(header []Field) []string {
	var out []string
	for _, f := range header {
		if !strings.EqualFold(f.Name, "From") {
			continue
		}
		_, value, _ := strings.Cut(string(f.Raw), ":")
		if list, err := mail.ParseAddressList(strings.TrimSpace(value)); err == nil {
			for _, a := range list {
				out = append(out, a.Address)
			}
		}
	}
	return out
}

func verify(t testing.TB, raw []byte, o Options) []Signature {
	t.Helper()
	header, body := split(raw)
	out, err := Verify(context.Background(), header, reread(body), fromOf(header), o)
	require.NoError(t, err)
	return out
}

func reread(body []byte) func() (io.Reader, error) {
	return func() (io.Reader, error) { return bytes.NewReader(body), nil }
}

var (
	testEd25519 = ed25519.NewKeyFromSeed([]byte("onrecord test key, not a secret!"))
	testRSA     = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
)

// recordOf is the key record for a private key.
func recordOf(t testing.TB, key crypto.Signer) string {
	t.Helper()
	if public, ok := key.Public().(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// known is a look-up that gives the same records for every name.
func known(records ...string) Lookup {
	return func(_ context.Context, name string) ([]Record, error) {
		var out []Record
		for _, txt := range records {
			out = append(out, Record{Name: name, TXT: txt, Origin: OriginFile})
		}
		return out, nil
	}
}

const story = "Received: from mail.acme.example (192.0.2.1) by mx.other.example; Mon, 2 Mar 2026 09:00:07 +0000\r\n" +
	"From: Ada Example <ada@acme.example>\r\n" +
	"To: Bob <bob@other.example>,\r\n\tCarol <carol@other.example>\r\n" +
	"Subject: The  interlock\r\n must stay\r\n" +
	"Date: Mon, 2 Mar 2026 09:00:00 +0000\r\n" +
	"Message-ID: <1@acme.example>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"\r\n" +
	"Do not remove the interlock.  \r\n" +
	"From the start I said so.\r\n" +
	"-- \r\n" +
	"Ada\r\n"

var signedAt = time.Date(2026, 3, 2, 9, 0, 1, 0, time.UTC)

// signed puts a signature of acme.example on top of a message.
func signed(t testing.TB, raw string, key crypto.Signer, change func(o *SignOptions)) []byte {
	t.Helper()
	o := SignOptions{Domain: "acme.example", Selector: "s1", Key: key, SignedAt: signedAt}
	if change != nil {
		change(&o)
	}
	header, body := split([]byte(raw))
	field, err := Sign(header, bytes.NewReader(body), o)
	require.NoError(t, err)
	return []byte(field + raw)
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
