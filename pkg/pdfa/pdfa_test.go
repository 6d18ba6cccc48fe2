package pdfa

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jung-kurt/gofpdf"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"

	"onrecord/pkg/pdfa/rules"
)

var about = Options{Title: "Grüße <& \U0001F600", Author: "Mira Okafor", Subject: "a test", Keywords: "one two", Creator: "the maker", Producer: "the maker 1", Lang: "en",
	Created: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)}

// drawn gives a document of gofpdf's, a page for each text.
func drawn(t testing.TB, texts ...string) []byte {
	t.Helper()
	f := gofpdf.New("P", "pt", "A4", "")
	f.SetCompression(false)
	f.SetCatalogSort(true)
	f.SetCreationDate(about.Created)
	f.SetModificationDate(about.Created)
	f.AddUTF8FontFromBytes("text", "", bytes.Clone(goregular.TTF))
	f.AddUTF8FontFromBytes("mono", "", bytes.Clone(gomono.TTF))
	for i, text := range texts {
		f.AddPage()
		f.SetFont([]string{"text", "mono"}[i%2], "", 12)
		f.Text(50, 100, text)
	}
	var out bytes.Buffer
	require.NoError(t, f.Output(&out))
	return out.Bytes()
}

// written is a document with all that there is: parts, pages drawn over, links, an outline, files.
func written(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	d := NewWriter(&out, about)
	require.NoError(t, d.Pages(drawn(t, "first (page)", "second \\ page")))
	require.NoError(t, d.Pages(drawn(t, "third: äöü", "fourth: γράμμα")))
	require.NoError(t, d.Overlay(2, drawn(t, "", "over the third", "over the fourth")))
	d.Link(1, [4]float64{50, 60, 120, 72}, Destination{4, 700})
	d.Link(1, [4]float64{50, 80, 120, 92}, Destination{2, 0})
	for i, level := range []int{0, 1, 1, 0, 5, 2} {
		d.Bookmark(fmt.Sprint("mark ", i), level, Destination{1 + i%4, 500})
	}
	for i := range 2*leafNames + 3 {
		f := File{Name: fmt.Sprintf("%04d.eml", 5000-i), Description: "Exhibit", MediaType: "message/rfc822", Relationship: Source, Modified: about.Created}
		require.NoError(t, d.Embed(f, strings.NewReader(strings.Repeat(fmt.Sprint("file ", i, "\n"), 100))))
	}
	require.NoError(t, d.Embed(File{Name: "naïve 文.json", MediaType: "application/json", Relationship: Data, Modified: about.Created}, strings.NewReader("")))
	const all = " ()\\:abcdefghijklmnopqrstuvwxyzäöüγράμμα"
	require.NoError(t, d.Close(drawn(t, all, all)))
	return out.Bytes()
}

func saved(t *testing.T, doc []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(name, doc, 0o600))
	return name
}

// run calls a program of others, where it is installed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func TestRulesHold(t *testing.T) {
	assert.Empty(t, rules.Check(written(t)))
	var out bytes.Buffer
	require.NoError(t, Complete(&out, drawn(t, "a page", "another"), about))
	assert.Empty(t, rules.Check(out.Bytes()))
}

// Each rule finds what breaks it.
func TestEachRuleCanBeBroken(t *testing.T) {
	doc := written(t)
	for _, c := range []struct{ clause, old, broken string }{
		{"6.1.2", "%\xe2\xe3\xcf\xd3", "%abcd"}, {"6.1.3", "/ID [", "/Id ["}, {"6.1.3", "/ID [", "/Encrypt 1 0 R\n/ID ["}, {"6.1.4", "trailer\n<</Size ", "trailer\n<</Size 9"},
		{"6.1.7", "endstream", "Endstream"}, {"6.1.7.2", "/Filter /FlateDecode", "/Filter /LZWDecode  "}, {"6.1.6", "/Title <FEFF", "/Title <FEFZ"},
		{"6.5.1", "/MarkInfo <</Marked false>>", "/Names<</JavaScript 1 0 R>>"}, {"6.5.2", "/MarkInfo <</Marked false>>", "/AA <<>>                   "},
		{"7.1", "DisplayDocTitle", "displayDocTitle"}, {"6.7.4", "/Lang <FEFF0065", "/Lang <FEFF0020"}, {"6.2.3", "/GTS_PDFA1", "/GTS_PDFX "}, {"6.2.3", "/N 3 ", "/N 4 "},
		{"6.1.13", "/MediaBox [0 0 595.28", "/MediaBox [0 0 002.28"}, {"6.3.2", "/F 4 ", "/F 6 "}, {"6.3.1", "/Subtype /Link", "/Subtype /Ring"}, {"destinations", "0 R /XYZ", "1 R /XYZ"},
		{"outline", "/Prev ", "/Perv "}, {"outline", "/Count -2", "/Count -3"}, {"6.6.2.1", "\n/Metadata ", "\n/metadata "}, {"6.6.4", "<pdfaid:part>3", "<pdfaid:part>2"}, {"6.6.3", "<pdf:Keywords>one", "<pdf:Keywords>two"},
		{"6.6.3", "<xmp:CreateDate>2026", "<xmp:CreateDate>2025"}, {"6.8", "/AFRelationship /Source", "/AFRelationship /Origin"}, {"6.8", "/AF [", "/Af ["}, {"6.8", "message#2Frfc822", "message-rfc822  "}, {"6.8", "/ModDate (D:2026", "/ModDate (D:20x6"},
		{"6.2.11.4.1", "/FontFile2 ", "/FontFile9 "}, {"6.2.11.7.2", "/ToUnicode ", "/toUnicode "}, {"6.2.11.5", "/W [", "/V ["}, {"6.2.11.4.2", "+utf8text", "-utf8text"},
	} {
		require.True(t, bytes.Contains(doc, []byte(c.old)), c.old)
		broken := bytes.Replace(doc, []byte(c.old), []byte(c.broken), 1)
		if c.clause == "6.1.4" || c.clause == "6.1.3" { // the last one
			at := bytes.LastIndex(doc, []byte(c.old))
			broken = append(append(bytes.Clone(doc[:at]), c.broken...), doc[at+len(c.old):]...)
		}
		found := strings.Join(rules.Check(broken), "\n")
		assert.Contains(t, "\n"+found, "\n"+c.clause+": ", "%s to %s", c.old, c.broken)
	}
	var without bytes.Buffer
	d := NewWriter(&without, about)
	require.NoError(t, d.Pages(drawn(t, "äöü")))
	require.NoError(t, d.Close(drawn(t, "abc")))
	assert.Contains(t, strings.Join(rules.Check(without.Bytes()), "\n"), "6.2.11.8: ", "a character that the subset does not have")
}

func TestOthersReadIt(t *testing.T) {
	doc := written(t)
	name := saved(t, doc)
	assert.NotContains(t, strings.ToLower(run(t, "qpdf", "--check", name)), "warning")
	assert.NotContains(t, run(t, "mutool", "info", name), "error")
	info := run(t, "pdfinfo", name)
	for _, says := range []string{"Grüße <& \U0001F600", "Mira Okafor", "PDF version:     1.7", "Pages:           4"} {
		assert.Contains(t, info, says)
	}
	text := strings.Join(strings.Fields(run(t, "pdftotext", name, "-")), " ")
	for _, says := range []string{"first (page)", "second \\ page", "third: äöü", "over the third", "fourth:", "γράμμα", "over the fourth"} {
		assert.Contains(t, text, says)
	}
	dir := t.TempDir()
	run(t, "pdfdetach", "-saveall", "-o", dir, name)
	got, err := os.ReadFile(filepath.Join(dir, "4999.eml"))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("file 1\n", 100), string(got))
	assert.Contains(t, run(t, "pdfdetach", "-list", name), "204 embedded files")
	assert.Contains(t, run(t, "mutool", "show", name, "outline"), "mark 5")
}

func TestPdfcpuFindsItValid(t *testing.T) {
	api.DisableConfigDir()
	doc := written(t)
	assert.NoError(t, api.Validate(bytes.NewReader(doc), nil))
	assert.Error(t, api.Validate(bytes.NewReader(bytes.Replace(doc, []byte("/Type /Catalog"), []byte("/Type /Katalog"), 1)), nil))
}

func TestSameBytes(t *testing.T) {
	one, two := written(t), written(t)
	assert.True(t, bytes.Equal(one, two))
	o := about
	o.Title = "another"
	var a, b bytes.Buffer
	require.NoError(t, Complete(&a, drawn(t, "x"), about))
	require.NoError(t, Complete(&b, drawn(t, "x"), o))
	id := func(doc []byte) string { return string(doc[bytes.LastIndex(doc, []byte("/ID")):]) }
	assert.NotEqual(t, id(a.Bytes()), id(b.Bytes()), "another content, another identifier")
}

// A code point for private use stands for a text, and readers get that text back.
func TestWhatIsDrawnForAnotherText(t *testing.T) {
	o := about
	o.Unicode = map[rune]string{'x': "\U0001F469\u200D\U0001F52C"}
	var out bytes.Buffer
	require.NoError(t, Complete(&out, drawn(t, "a x b"), o))
	assert.Empty(t, rules.Check(out.Bytes()))
	text := run(t, "pdftotext", "-enc", "UTF-8", saved(t, out.Bytes()), "-")
	assert.Contains(t, text, "a \U0001F469\u200D\U0001F52C b")
}

func TestCMapGroups(t *testing.T) {
	var codes []uint16
	for c := range uint16(250) {
		codes = append(codes, 0x4E00+c)
	}
	text := string(toUnicode(append(codes, 0, 0xfeff, 0xffff), map[rune]string{0x4E01: "\U0001F600"}))
	assert.Equal(t, 2, strings.Count(text, "100 beginbfchar"))
	assert.Equal(t, 1, strings.Count(text, "50 beginbfchar"))
	assert.Contains(t, text, "<4E01> <D83DDE00>\n")
	assert.NotContains(t, text, "<FEFF>")
	assert.NotContains(t, text, "bfrange")
}

func TestRefused(t *testing.T) {
	good := string(drawn(t, "a page"))
	trouble := errors.New("trouble")
	for name, bad := range map[string]string{
		"empty": "", "cut": good[:len(good)/2], "no table": strings.Replace(good, "\nxref\n", "\nyref\n", 1), "root": strings.Replace(good, "/Root ", "/Root 9", 1),
		"kids": strings.Replace(good, "/Kids [3 0 R ]", "/Kids [77 0 R ]", 1), "size": strings.Replace(good, "/MediaBox [0 0 595.28 841.89]", "/MediaBox [0 0 595.28 NaN]", 1),
		"length": strings.Replace(good, "<</Length ", "<</Length 9", 1), "links": strings.Replace(good, "/Resources 2 0 R", "/Annots [<</F 9>>]/Resources 2 0 R", 1),
	} {
		assert.Error(t, Complete(io.Discard, []byte(bad), about), name)
	}
	fails := func() *Writer {
		d := NewWriter(io.Discard, about)
		require.NoError(t, d.Pages([]byte(good)))
		return d
	}
	d := fails()
	d.Link(2, [4]float64{}, Destination{1, 0})
	assert.Error(t, d.Close([]byte(good)), "a link on a page that is not there")
	d = fails()
	d.Link(1, [4]float64{}, Destination{2, 0})
	assert.Error(t, d.Close([]byte(good)), "a link to a page that is not there")
	d = fails()
	d.Bookmark("x", 0, Destination{0, 0})
	assert.Error(t, d.Close([]byte(good)))
	d = fails()
	assert.Error(t, d.Overlay(2, []byte(good)))
	assert.Error(t, d.Close([]byte(good)), "the first error stays")
	d = fails()
	assert.ErrorIs(t, d.Embed(File{}, io.MultiReader(strings.NewReader("x"), failing{trouble})), trouble)
	assert.ErrorIs(t, d.Close([]byte(good)), trouble)
	d = NewWriter(io.Discard, about)
	assert.Error(t, d.Close([]byte(good)), "no page")
	assert.ErrorIs(t, Complete(failing{trouble}, []byte(good), about), trouble)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A long document needs the memory of its longest part.
func TestMemoryIsThatOfAPart(t *testing.T) {
	part := drawn(t, strings.Repeat("a long line ", 10_000))
	var most counted
	d := NewWriter(&most, about)
	for range 300 {
		require.NoError(t, d.Pages(part))
	}
	kept := cap(d.out.buf)
	require.NoError(t, d.Close(part))
	assert.Less(t, kept, 2<<20)
	assert.Less(t, most.largest, 2<<20)
}

type counted struct{ largest int }

func (c *counted) Write(p []byte) (int, error) {
	c.largest = max(c.largest, len(p))
	return len(p), nil
}

// Invariant: whatever bytes it is given, it ends with an error or with a file in which no rule of the frame is broken; it never panics.
func FuzzComplete(f *testing.F) {
	good := drawn(f, "a page", "(another) \\ one")
	f.Add(good)
	for _, cut := range []int{10, len(good) / 3, len(good) - 100} {
		f.Add(good[:cut])
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var out bytes.Buffer
		if Complete(&out, doc, about) != nil {
			return
		}
		for _, found := range rules.Check(out.Bytes()) {
			// What was drawn is the drawing's.
			for _, ours := range []string{"6.1.2:", "6.1.3:", "6.1.4:", "6.1.13:", "6.2.3:", "6.3", "6.6", "6.7", "7.1", "destinations", "outline"} {
				if strings.HasPrefix(found, ours) {
					t.Error(found)
				}
			}
		}
	})
}
