package evidence

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/jsonout"
	"onrecord/pkg/mbox"
	"onrecord/pkg/smime"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "smime", "testdata", name))
	require.NoError(t, err)
	return b
}

func lines76(b []byte) string {
	var out strings.Builder
	for s := base64.StdEncoding.EncodeToString(b); s != ""; {
		n := min(len(s), 76)
		out.WriteString(s[:n] + "\r\n")
		s = s[n:]
	}
	return out.String()
}

func signers(t testing.TB) *smime.Keys {
	t.Helper()
	k := &smime.Keys{}
	roots, err := smime.ParseRoots(fixture(t, "root.pem"))
	require.NoError(t, err)
	require.NoError(t, k.AddRoots(roots))
	require.NoError(t, k.AddRing(fixture(t, "ring.asc")))
	return k
}

func examineWith(t testing.TB, x *Examiner, raw string) *Record {
	t.Helper()
	e, err := x.Examine(context.Background(), itemOf(raw, mbox.Unknown))
	require.NoError(t, err)
	defer e.Close()
	// What is written by hand is what encoding/json writes.
	enc := jsonout.Encoder{}
	require.NoError(t, e.Record.Encode(&enc))
	want, err := json.Marshal(e.Record)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(enc.Buf))
	return e.Record
}

const signedHead = "From: Ada Lind <ada@plant.example>\r\nTo: Ben <ben@client.example>\r\nSubject: the valve\r\nMIME-Version: 1.0\r\n"

func multipartSigned(t testing.TB, content []byte, protocol, name string, signature string) string {
	return signedHead + "Content-Type: multipart/signed; protocol=\"" + protocol + "\"; boundary=\"b1\"\r\n\r\nThis is signed.\r\n--b1\r\n" + string(content) +
		"\r\n--b1\r\nContent-Type: " + protocol + "; name=" + name + "\r\n" + signature + "\r\n--b1--\r\n"
}

func TestContentSignatures(t *testing.T) {
	content := fixture(t, "content.txt")
	x := newExaminer()
	x.Signers = signers(t)
	p7s := "Content-Transfer-Encoding: base64\r\n\r\n" + lines76(fixture(t, "rsa.p7s"))
	pgp := "\r\n" + string(fixture(t, "eddsa.asc"))
	for _, c := range []struct {
		name, mail string
		form       smime.Form
		verdict    smime.Verdict
		digest     smime.Digest
	}{
		{"S/MIME detached", multipartSigned(t, content, "application/pkcs7-signature", "smime.p7s", p7s), smime.Detached, smime.Valid, smime.Match},
		{"S/MIME detached, LF", strings.ReplaceAll(multipartSigned(t, content, "application/x-pkcs7-signature", "smime.p7s", p7s), "\r\n", "\n"), smime.Detached, smime.Valid, smime.Match},
		{"S/MIME, text changed", multipartSigned(t, bytes.Replace(content, []byte("leave"), []byte("remove"), 1), "application/pkcs7-signature", "smime.p7s", p7s), smime.Detached, smime.Valid, smime.Mismatch},
		{"PGP/MIME", multipartSigned(t, content, "application/pgp-signature", "signature.asc", pgp), smime.Detached, smime.Valid, smime.Match},
		{"PGP/MIME, changed", multipartSigned(t, append([]byte("X-Other: 1\r\n"), content...), "application/pgp-signature", "signature.asc", pgp), smime.Detached, smime.Invalid, smime.Mismatch},
		{"S/MIME in a list's multipart", signedHead + "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" + strings.TrimPrefix(multipartSigned(t, content, "application/pkcs7-signature", "smime.p7s", p7s), signedHead) +
			"--outer\r\nContent-Type: text/plain\r\n\r\nthe list's footer\r\n--outer--\r\n", smime.Detached, smime.Valid, smime.Match},
		{"S/MIME opaque", signedHead + "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines76(fixture(t, "opaque.p7m")), smime.Opaque, smime.Valid, smime.Match},
		{"S/MIME enveloped", signedHead + "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines76(fixture(t, "enveloped.p7m")), smime.Encrypted, smime.Unchecked, smime.DigestUnchecked},
		{"a signature beside nothing", signedHead + "Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines76(fixture(t, "rsa.p7s")), smime.Detached, smime.Unchecked, smime.DigestUnchecked},
		{"cleartext", signedHead + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + string(fixture(t, "clear.txt")), smime.Cleartext, smime.Valid, smime.Match},
	} {
		r := examineWith(t, x, c.mail)
		require.Len(t, r.Authentication.Signatures, 1, c.name)
		s := r.Authentication.Signatures[0]
		assert.Equal(t, c.form, s.Form, c.name)
		assert.Equal(t, c.verdict, s.Signature, "%s: %s", c.name, s.Why)
		assert.Equal(t, c.digest, s.Digest, c.name)
		assert.NotEmpty(t, s.Summary, c.name)
		if s.Kind == smime.SMIME && s.Signature == smime.Valid {
			assert.Equal(t, smime.Trusted, s.Chain, c.name)
		}
		assert.Equal(t, c.verdict == smime.Valid || s.Signature == smime.Invalid, s.Aligned, c.name)
		if c.form == smime.Opaque {
			assert.Contains(t, r.Text, "Please leave the safety valve in.", "the text that lies inside is the text of the message")
			require.Len(t, r.Unpacked, 1)
		}
		if c.form != smime.Encrypted && c.form != smime.Opaque && c.name != "a signature beside nothing" {
			assert.Contains(t, r.Text, "valve", c.name)
		}
	}
	// Most mail is not signed by people.
	assert.Empty(t, examineWith(t, x, signedHead+"\r\nhello\r\n").Authentication.Signatures)
}

func TestWinmail(t *testing.T) {
	attribute := func(id byte, high byte, data string) string {
		sum := 0
		for _, c := range []byte(data) {
			sum += int(c)
		}
		return string([]byte{2, id, high, 6, 0, byte(len(data)), 0, 0, 0}) + data + string([]byte{byte(sum), byte(sum >> 8)})
	}
	stream := "\x78\x9f\x3e\x22\x01\x00" + attribute(0x02, 0x90, "render") + attribute(0x10, 0x80, "plan.pdf\x00") + attribute(0x0f, 0x80, "%PDF")
	mail := signedHead + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee the plan\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	r := examineWith(t, newExaminer(), mail+lines76([]byte(stream))+"--b--\r\n")
	require.Len(t, r.Unpacked, 1)
	assert.Equal(t, "plan.pdf", r.Unpacked[0].Filename)
	assert.Equal(t, int64(4), r.Unpacked[0].Size)
	assert.Equal(t, "2", r.Unpacked[0].Part)
	broken := len(r.Defects)
	r = examineWith(t, newExaminer(), mail+lines76([]byte(stream[:len(stream)-4]))+"--b--\r\n")
	require.Len(t, r.Defects, broken+1)
	assert.Contains(t, r.Defects[broken].Detail, "winmail.dat")
}
