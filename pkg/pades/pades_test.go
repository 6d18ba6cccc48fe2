package pades

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/cms"
	"onrecord/pkg/testpki"
)

var texts = Texts{Name: "Anna Berg (β)", Reason: "collected by", Time: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)}

// made writes a PDF of one page whose dictionary has these annotations.
func made(annots string, more ...string) []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	for i, body := range append([]string{"<</Type /Pages /Kids [2 0 R] /Count 1 /MediaBox [0 0 200 200]>>", "<</Type /Page /Parent 1 0 R /Resources <<>> " + annots + ">>",
		"<</Title (a \\( string >> \\) with /AcroForm in it)>>", "<</Type /Catalog /Pages 1 0 R /Lang (en) % a comment >>\n>>"}, more...) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 4 0 R /Info 3 0 R /ID [<0102><0102>]>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

func signing(t testing.TB) (func(io.Reader) ([]byte, error), *testpki.Authority) {
	t.Helper()
	ca := testpki.New(t, "Firm")
	key := testpki.Key(t, "rsa")
	chain := ca.Issue(t, "Anna Berg", key)
	return func(r io.Reader) ([]byte, error) { return cms.Sign(r, key, chain, cms.Options{}) }, ca
}

func TestOthersAcceptIt(t *testing.T) {
	sign, ca := signing(t)
	for _, doc := range [][]byte{made(""), made("/Annots []"), made("/Annots [5 0 R]", "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /F 4>>"), made("/Annots 5 0 R", "[]"), bytes.TrimSuffix(made(""), []byte("\n"))} {
		appended, err := Sign(doc, texts, sign)
		require.NoError(t, err)
		file := append(bytes.Clone(doc), appended...)
		name := testpki.Write(t, t.TempDir(), "a.pdf", file)
		for _, c := range [][]string{{"qpdf", "--check", name}, {"mutool", "info", name}} {
			if _, err := exec.LookPath(c[0]); err != nil {
				continue
			}
			out, err := exec.Command(c[0], c[1:]...).CombinedOutput()
			assert.NoError(t, err, "%s", out)
		}
		if _, err := exec.LookPath("pdfsig"); err == nil {
			out, err := exec.Command("pdfsig", "-nocert", name).CombinedOutput()
			require.NoError(t, err, "%s", out)
			for _, says := range []string{"Signature is Valid.", "Total document signed", "ETSI.CAdES.detached", "Signer Certificate Common Name: Anna Berg"} {
				assert.Contains(t, string(out), says)
			}
			changed := bytes.Clone(file)
			changed[bytes.Index(changed, []byte("MediaBox [0"))+10] = '1'
			out, _ = exec.Command("pdfsig", "-nocert", testpki.Write(t, t.TempDir(), "b.pdf", changed)).CombinedOutput()
			assert.Contains(t, string(out), "Digest Mismatch")
		} else {
			t.Log("no pdfsig here: not asked")
		}

		before, after, ok := Split(file)
		require.True(t, ok)
		assert.Equal(t, string(bytes.TrimSuffix(doc, []byte("\n"))), string(bytes.TrimSuffix(before, []byte("\n"))))
		if !bytes.HasSuffix(doc, []byte("\n")) {
			continue // the line break belongs to the update then
		}
		s, content, err := Check(before, after)
		require.NoError(t, err)
		assert.Equal(t, texts, s.Texts)
		sd, err := cms.Parse(s.CMS)
		require.NoError(t, err)
		assert.NoError(t, sd.Verify(content, cms.OIDData))
		_, err = sd.Chain(ca.Roots(), texts.Time)
		assert.NoError(t, err)
		assert.Nil(t, sd.SigningTime, "PAdES baseline has the time in the PDF alone")
		_, err = Sign(file, texts, sign)
		assert.ErrorIs(t, err, ErrSigned)
	}
}

// Every byte of the update counts: it is either what the file and the texts give, or the signature.
func TestEachByteCounts(t *testing.T) {
	sign, ca := signing(t)
	doc := made("/Annots []")
	appended, err := Sign(doc, texts, sign)
	require.NoError(t, err)
	missed, roots := 0, ca.Roots()
	for i := range appended {
		if i > 3000 && i < len(appended)-800 && i%97 != 0 {
			continue // zeros
		}
		changed := bytes.Clone(appended)
		changed[i] ^= 1
		s, content, err := Check(doc, changed)
		if err == nil {
			sd, perr := cms.Parse(s.CMS)
			if err = perr; err == nil {
				err = sd.Verify(content, cms.OIDData)
			}
			if err == nil {
				_, err = sd.Chain(roots, texts.Time)
			}
		}
		if err == nil {
			missed++ // a version number in the CMS
		}
	}
	assert.Less(t, missed, 40)
	for _, more := range []string{"x", "1 0 obj\n<<>>\nendobj\n", "\n%%EOF\n"} {
		_, _, err := Check(doc, append(bytes.Clone(appended), more...))
		assert.Error(t, err)
	}
}

func TestRefused(t *testing.T) {
	sign, _ := signing(t)
	good := string(made(""))
	for _, bad := range []string{"", "%PDF-1.7", strings.Replace(good, "startxref\n", "startxref\n9", 1), strings.Replace(good, "/Root 4", "/Root 9", 1), strings.Replace(good, "trailer\n<<", "trailer\n", 1),
		strings.Replace(good, "/Size 5", "/Size 5 /Encrypt 3 0 R", 1), strings.Replace(good, "/Size 5", "/Size 5 /Prev "+fmt.Sprint(strings.Index(good, "xref\n0")), 1), strings.Replace(good, "xref\n0 5", "xref\n0 99999999", 1),
		strings.Replace(good, "/Kids [2 0 R]", "/Kids [1 0 R]", 1)} {
		_, err := Sign([]byte(bad), texts, sign)
		assert.Error(t, err, "%.60q", bad)
	}
	_, err := Sign([]byte(good), texts, func(io.Reader) ([]byte, error) { return make([]byte, room+1), nil })
	assert.Error(t, err)
}

// Invariant: no file makes it panic or go on for ever; what Split gives, joined, is the file.
func FuzzRead(f *testing.F) {
	sign, _ := signing(f)
	doc := made("/Annots [5 0 R]", "<<>>")
	appended, err := Sign(doc, texts, sign)
	require.NoError(f, err)
	f.Add(doc)
	f.Add(append(bytes.Clone(doc), appended...))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = Sign(b, texts, func(io.Reader) ([]byte, error) { return []byte{0x30, 0}, nil })
		if before, after, ok := Split(b); ok {
			assert.Equal(t, string(b), string(before)+string(after))
			_, _, _ = Check(before, after)
		}
	})
}
