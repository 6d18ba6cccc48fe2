package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

// told is what the text layer of a PDF is compared with.
type told struct {
	Options struct {
		Fonts []struct{ Name, SHA256 string }
	}
	Messages []struct {
		Exhibit       int
		Subject, Text string
		From          []struct{ Name string }
	}
}

// bare leaves nothing of a text but what is drawn, in one form: no white space, and not the marks by which pdftotext tells of direction.
func bare(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', r == 0x85, r == 0xA0, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000, r >= 0x2028 && r <= 0x202E:
			return -1
		}
		return r
	}, text))
}

// pieces parts a text where a line or a direction may change: at white space, and in lines with writing from right to left at each change to other signs, for
// pdftotext gives their stretches from left to right. Long ones are cut, because a line may end inside of them. What is printed by number is left out.
func pieces(text string) []string {
	var all []string
	for line := range strings.Lines(norm.NFC.String(text)) {
		var piece []rune
		flush := func() {
			for part := range slices.Chunk(piece, 8) {
				all = append(all, bare(string(part)))
			}
			piece = nil
		}
		mixed, last := strings.ContainsFunc(line, fromTheRight), 0
		for _, r := range line {
			switch {
			case bare(string(r)) == "" || r < ' ' || r >= 0x7F && r <= 0x9F || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF || r == 0xFFFD:
				flush()
				continue
			case mixed && !unicode.Is(unicode.M, r):
				kind := 1
				if fromTheRight(r) {
					kind = 2
				} else if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
					kind = 3
				}
				if kind != last || kind == 3 {
					flush()
				}
				last = kind
			}
			piece = append(piece, r)
		}
		flush()
	}
	return all
}

func fromTheRight(r rune) bool {
	return unicode.IsLetter(r) && (r >= 0x590 && r <= 0x8FF || r >= 0xFB1D && r <= 0xFEFC)
}

// The text layer of each PDF gives the mail back as dossier.json has it: every word of every subject, name and body.
func TestPDFGivesTheTextBack(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	dir := story(t)
	variants, err := filepath.Abs(filepath.Join("..", "..", "testdata", "variants"))
	require.NoError(t, err)
	scripts, err := filepath.Abs(filepath.Join("..", "..", "testdata", "scripts"))
	require.NoError(t, err)
	for name, source := range map[string]string{"story": "thread.mbox", "scripts": scripts, "variants": variants} {
		succeed(t, dir, "build", "--format", "pdf", "-o", name, source)
		pages, err := exec.Command("pdftotext", filepath.Join(dir, name, "dossier.pdf"), "-").Output()
		require.NoError(t, err)
		layer := bare(string(pages))
		assert.NotContains(t, layer, "\uFEFF")
		for r := rune(0xE000); r <= 0xF8FF; r++ {
			assert.False(t, strings.ContainsRune(layer, r), "private code U+%04X of %s says nothing to a reader", r, name)
		}
		var d told
		require.NoError(t, json.Unmarshal([]byte(read(t, dir, name+"/dossier.json")), &d))
		require.NotEmpty(t, d.Messages)
		missing := map[string]bool{}
		for _, m := range d.Messages {
			text := m.Subject + "\n" + m.Text
			for _, f := range m.From {
				text += "\n" + f.Name
			}
			for _, w := range pieces(text) {
				if !strings.Contains(layer, w) && !strings.Contains(layer, strings.ReplaceAll(w, "-", "")) { // pdftotext takes a hyphen at the end of a line away
					missing[w] = true
				}
			}
		}
		assert.Empty(t, slices.Sorted(maps.Keys(missing)), name)
		if name == "scripts" {
			assert.NotContains(t, layer, "[U+", "there is a font for each")
		}
	}
}

// A given font is recorded by its digest; without it verify says that the PDF could not be checked, with it that it is the same.
func TestGivenFont(t *testing.T) {
	t.Parallel()
	dir := story(t)
	packed, err := os.Open(filepath.Join("..", "..", "pkg", "dossier", "pdf", "fonts", "NotoSansThai-Regular.ttf.gz"))
	require.NoError(t, err)
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	require.NoError(t, err)
	font, err := io.ReadAll(z)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mine.ttf"), font, 0o600))
	succeed(t, dir, "build", "--font", "mine.ttf", "-o", "d", "thread.mbox")
	var d told
	require.NoError(t, json.Unmarshal([]byte(read(t, dir, "d/dossier.json")), &d))
	require.Len(t, d.Options.Fonts, 1)
	assert.Equal(t, "mine.ttf", d.Options.Fonts[0].Name)
	assert.Equal(t, "sha256:"+sha256Hex(string(font)), d.Options.Fonts[0].SHA256)
	without := succeed(t, dir, "verify", "d")
	assert.Contains(t, without.out, "unverifiable  dossier.pdf: it was set with a font that is not in the dossier; give it with --font: mine.ttf (sha256:")
	with := succeed(t, dir, "verify", "--font", "mine.ttf", "d")
	assert.Contains(t, with.out, "verified      dossier.pdf: written again")

	for name, c := range map[string]struct {
		bytes []byte
		says  string
	}{
		"cff.otf":   {append([]byte("OTTO"), font[4:]...), "CFF"},
		"all.ttc":   {append([]byte("ttcf"), font[4:]...), "collection"},
		"cut.ttf":   {font[:len(font)/2], "cut off"},
		"text.ttf":  {[]byte("this is no font at all"), "no TrueType font"},
		"empty.ttf": {nil, "no font"},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), c.bytes, 0o600))
		r := onrecord(t, dir, "build", "--font", name, "-o", "x", "thread.mbox")
		assert.Equal(t, int(exitUsage), r.code, name)
		assert.Contains(t, r.err, c.says)
		assert.NoDirExists(t, filepath.Join(dir, "x"))
	}
}
