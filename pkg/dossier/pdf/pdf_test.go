package pdf

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
)

// tool skips the test where an outside program is not installed.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
}

// render writes d and keeps its volumes as files.
func render(t *testing.T, d *dossier.Dossier, limit int) ([]string, Stats) {
	t.Helper()
	return renderWith(t, d, sampleOptions, limit)
}

func renderWith(t *testing.T, d *dossier.Dossier, o Options, limit int) ([]string, Stats) {
	t.Helper()
	var s shelf
	stats, err := write(s.create, d, o, bounds{limit, 40, 1 << 20})
	require.NoError(t, err)
	require.Len(t, s.volumes, stats.Volumes)
	var files []string
	dir := t.TempDir()
	if keep := os.Getenv("ONRECORD_KEEP_PDF"); keep != "" { // to look at the pages
		dir = filepath.Join(keep, t.Name())
		require.NoError(t, os.MkdirAll(dir, 0o755))
	}
	for i, v := range s.volumes {
		file := filepath.Join(dir, fmt.Sprintf("dossier-%d.pdf", i+1))
		require.NoError(t, os.WriteFile(file, v.Bytes(), 0o600))
		files = append(files, file)
	}
	return files, stats
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// textOf returns the text of a PDF with all white space as single spaces.
func textOf(t *testing.T, file string) string {
	t.Helper()
	return strings.Join(strings.Fields(output(t, "pdftotext", "-raw", file, "-")), " ")
}

func firstPage(t *testing.T, file string) string {
	t.Helper()
	return strings.Join(strings.Fields(output(t, "pdftotext", "-layout", "-l", "1", file, "-")), " ")
}

// holds checks for a piece of text without printing the whole document when it is not there.
func holds(t *testing.T, text, want string) {
	t.Helper()
	assert.True(t, strings.Contains(text, want), "not there: %s", want)
}

func dossiers() map[string]func() *dossier.Dossier {
	return map[string]func() *dossier.Dossier{
		"sample": sample, "hostile": hostile,
		"facts": facts, "empty": func() *dossier.Dossier { return &dossier.Dossier{Messages: over(nil, nil)} },
		"scripts": languages,
		"many":    func() *dossier.Dossier { return many(150) },
		"quiet": func() *dossier.Dossier {
			return story([]mail{{0, mira, nil, nil, "", "Nothing to say.\n"}}, nil)
		},
	}
}

func TestWriteIsSound(t *testing.T) {
	tool(t, "qpdf")
	for name, build := range dossiers() {
		t.Run(name, func(t *testing.T) {
			files, _ := render(t, build(), volumePages)
			out := output(t, "qpdf", "--check", files[0])
			assert.NotContains(t, strings.ToLower(out), "warning")
		})
	}
}

func TestNothingLeavesThePage(t *testing.T) {
	tool(t, "pdftotext")
	for name, build := range dossiers() {
		t.Run(name, func(t *testing.T) { within(t, build(), sampleOptions) })
	}
	for _, lang := range words.Languages() {
		for name := range papers {
			t.Run(lang+" "+name, func(t *testing.T) {
				d, o := facts(), sampleOptions
				d.Options.Lang, o.Paper, o.Bates = lang, name, Bates{"ACME-", 99_998, 6}
				within(t, d, o)
			})
		}
	}
}

// within checks that every word of every page lies between the margins.
func within(t *testing.T, d *dossier.Dossier, o Options) {
	t.Helper()
	files, stats := renderWith(t, d, o, volumePages)
	boxes := output(t, "pdftotext", "-bbox", files[0], "-")
	boxes = strings.ToValidUTF8(boxes, "?") // pdftotext writes halves of pairs in titles
	boxes = regexp.MustCompile(`[\x00-\x08\x0B\x0C\x0E-\x1F]`).ReplaceAllString(boxes, "?")
	sheet := papers[cmp.Or(o.Paper, "a4")]
	pages, words := 0, 0
	for d := xml.NewDecoder(strings.NewReader(boxes)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		at := map[string]float64{}
		for _, a := range e.Attr {
			if a.Name.Local != "lang" {
				at[a.Name.Local], _ = strconv.ParseFloat(a.Value, 64)
			}
		}
		switch e.Name.Local {
		case "page":
			pages++
			assert.InDelta(t, sheet.pageWidth, at["width"], 0.1)
			assert.InDelta(t, sheet.pageHeight, at["height"], 0.1)
		case "word":
			words++
			if at["xMin"] < 20 || at["xMax"] > sheet.right+1 || at["yMin"] < 30 || at["yMax"] > sheet.pageHeight-24 {
				assert.Fail(t, "outside of the margins", "page %d: %v", pages, at)
			}
		}
	}
	assert.Equal(t, stats.Pages, pages)
	assert.Greater(t, words, 100)
}

func TestSampleReads(t *testing.T) {
	tool(t, "pdftotext")
	files, stats := render(t, sample(), volumePages)
	assert.Equal(t, 1, stats.Volumes)
	assert.Empty(t, stats.MissingGlyphs)
	text := textOf(t, files[0])
	first := firstPage(t, files[0])
	for _, want := range []string{
		"Press 4: removal of the light curtain", "2031-017", "Works council", "this machine’s clock, no trusted time-stamp yet",
		"4 warnings by 3 people between 3 Mar 2031 and 11 Mar 2031; 5 people had notice of at least one that they did not write.",
		"5 of them had it before the incident first told of on 1 Apr 2031 (exhibit 6). 1 denial or blame stands against them.", "A person confirmed 1 of them; the program suggests the others.",
		"What was later denied", "replied to Mira Falk alone, 2 recipients dropped", "Confirmed by a person: 1 statement",
		"9 found = 7 kept + 1 duplicate + 1 excluded + 0 failed, in 1 source.", "6 of 7 DKIM signatures", "old._domainkey.safety.example",
		sampleOptions.EvidenceDigest, fmt.Sprintf("page 1 of %d", stats.Pages),
	} {
		holds(t, first, want)
	}
	assert.False(t, strings.Contains(first, "more on page"))
	for _, want := range []string{
		"Exhibit 1", "Exhibit 7", "safety engineer", "both addresses stand under the name in the case file", "rejected by a person",
		"<lost@press.example>", "bh=Ab3Ab3", "Way of the message", "claimed", "2048 bit", "sha256sum -c manifest-sha256.txt", "sort -V -k 2",
		"What a DKIM signature proves", "Curtain dismounted", "20 days", "mboxrd", "> since Monday press 4 runs",
	} {
		holds(t, text, want)
	}
	for r := range sample().Messages {
		holds(t, text, r.Digests.Message.String())
	}
}

func TestManyWarningsGoOn(t *testing.T) {
	tool(t, "pdftotext")
	d := many(150)
	files, _ := render(t, d, volumePages)
	first := firstPage(t, files[0])
	assert.Regexp(t, `\d+ more on page \d+`, first)
	assert.Equal(t, 12, strings.Count(first, "“This is dangerous.”"))
}

func TestTwelveWarningsFitPageOne(t *testing.T) {
	tool(t, "pdftotext")
	var mails []mail
	var marks []said
	for i := range 12 {
		words := fmt.Sprintf("Warning %d: %s.", i+1, strings.TrimSpace(strings.Repeat("if the guard is missing somebody will be hurt badly ", 5)))
		mails = append(mails, mail{float64(i * 30), mira, []message.Address{carl, tom, ines, legal}, nil, "guard", words + "\n"})
		marks = append(marks, said{i + 1, words, []notice.Act{notice.Warning}, notice.Suggested, "the guard of the press and what it costs"})
	}
	d := story(mails, marks)
	for i := range 3 {
		d.Contradictions = append(d.Contradictions, notice.Contradiction{Statement: fmt.Sprint("s", i+1), Person: "p3", Against: []string{"s1", "s2", "s3"}})
	}
	files, _ := render(t, d, volumePages)
	first := firstPage(t, files[0])
	assert.False(t, strings.Contains(first, "more on page"))
	for i := range 12 {
		holds(t, first, fmt.Sprintf("“Warning %d:", i+1))
	}
}

func TestNoWarning(t *testing.T) {
	tool(t, "pdftotext")
	d := dossiers()["quiet"]()
	files, _ := render(t, d, volumePages)
	holds(t, textOf(t, files[0]), "No warning was found in this 1 message.")
}

func TestHostileIsShown(t *testing.T) {
	tool(t, "pdftotext")
	files, stats := render(t, hostile(), volumePages)
	text := textOf(t, files[0])
	for _, want := range []string{
		"[U+0000][U+0007][U+001B][2J", "Astral: \U0001F600 \U0001F4A9 and CJK 中文字", "[U+E123][U+0378]", "[0xFF][0xFE][0xE9]", "[U+202E]evil[U+202C]", "[U+FEFF]", "<script>alert('x')</script>",
		"Ελληνικά", "Кириллица", "Recipient 299", "X-Bad: [0xE9][U+0007]", "a line that is no field", "[U+202E]fdp.exe", "Enclosed message, part 3/2",
		"An inner warning: this is dangerous.", "{nb}", `(paren\theses)`, "nul-byte",
	} {
		holds(t, text, want)
	}
	assert.False(t, strings.Contains(text, "\x07"))
	assert.Equal(t, map[rune]int{0xE123: 1, 0x378: 1}, stats.MissingGlyphs)
	assert.NotContains(t, stats.MissingGlyphs, rune(7), "a control character is no character that a font lacks")
}

func TestWriteIsDeterministic(t *testing.T) {
	for name, build := range map[string]func() *dossier.Dossier{"sample": sample, "hostile": hostile, "scripts": languages} {
		var one, two shelf
		_, err := Write(one.create, build(), sampleOptions)
		require.NoError(t, err)
		_, err = Write(two.create, build(), sampleOptions)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(one.volumes[0].Bytes(), two.volumes[0].Bytes()), name)
	}
}

// Where the headers are too large to be kept, the messages are read once more, to the same result.
func TestHeadersReadAgain(t *testing.T) {
	var kept, again shelf
	_, err := write(kept.create, sample(), sampleOptions, bounds{volumePages, partPages, 1 << 20})
	require.NoError(t, err)
	_, err = write(again.create, sample(), sampleOptions, bounds{volumePages, partPages, 100})
	require.NoError(t, err)
	assert.True(t, bytes.Equal(kept.volumes[0].Bytes(), again.volumes[0].Bytes()))
}

func TestVolumes(t *testing.T) {
	tool(t, "pdftotext")
	tool(t, "qpdf")
	files, stats := render(t, sample(), 6)
	assert.Greater(t, stats.Volumes, 3)
	pages := 0
	all := ""
	for i, f := range files {
		n, err := strconv.Atoi(strings.TrimSpace(output(t, "qpdf", "--show-npages", f)))
		require.NoError(t, err)
		assert.LessOrEqual(t, n, 6)
		pages += n
		output(t, "qpdf", "--check", f)
		text := textOf(t, f)
		holds(t, text, fmt.Sprintf("volume %d · page 1 of %d", i+1, n))
		all += text
	}
	assert.Equal(t, stats.Pages, pages)
	holds(t, all, "vol. 2, p. ")
	for i := range 7 {
		holds(t, all, fmt.Sprintf("data/messages/%04d.eml", i+1))
	}
}

// Links and bookmarks name pages by object number.
func TestLinksLeadToPages(t *testing.T) {
	var s shelf
	_, err := write(s.create, sample(), sampleOptions, bounds{volumePages, 3, 1 << 20})
	require.NoError(t, err)
	raw := s.volumes[0].Bytes()
	found := regexp.MustCompile(`/Dest \[(\d+) 0 R /XYZ 0 (-?[\d.]+) null\]`).FindAllSubmatch(raw, -1)
	assert.Greater(t, len(found), 60)
	for _, m := range found {
		object, err := strconv.Atoi(string(m[1]))
		require.NoError(t, err)
		require.True(t, bytes.Contains(raw, fmt.Appendf(nil, "\n%d 0 obj\n<</Type /Page\n", object)), "object %d", object)
		height, err := strconv.ParseFloat(string(m[2]), 64)
		require.NoError(t, err)
		assert.True(t, height > 0 && height <= papers["a4"].pageHeight, "height %v", height)
	}
}

type broken struct{ write, close error }

func (w broken) Write(p []byte) (int, error) { return len(p), w.write }
func (w broken) Close() error                { return w.close }

func TestErrorsComeBack(t *testing.T) {
	trouble := errors.New("trouble")
	fine := func(int) (io.WriteCloser, error) { return broken{}, nil }
	for name, c := range map[string]struct {
		create   func(int) (io.WriteCloser, error)
		messages iter.Seq2[*evidence.Record, error]
	}{
		"messages": {fine, over(nil, trouble)},
		"create":   {func(int) (io.WriteCloser, error) { return nil, trouble }, sample().Messages},
		"write":    {func(int) (io.WriteCloser, error) { return broken{write: trouble}, nil }, sample().Messages},
		"close":    {func(int) (io.WriteCloser, error) { return broken{close: trouble}, nil }, sample().Messages},
	} {
		for _, limit := range []int{volumePages, 4} {
			d := sample()
			d.Messages = c.messages
			_, err := write(c.create, d, sampleOptions, bounds{limit, 7, 1 << 20})
			assert.ErrorIs(t, err, trouble, "%s, %d pages a volume", name, limit)
		}
	}
}

func TestLongTextIsCutAndSaidSo(t *testing.T) {
	tool(t, "pdftotext")
	d := story([]mail{{0, mira, nil, nil, "long", strings.Repeat("forty letters and more stand in this line\n", 6000)}}, nil)
	files, _ := render(t, d, volumePages)
	holds(t, textOf(t, files[0]), "52000 more characters of this text are not printed")
}

// The command that the appendix gives for the evidence digest is run as it stands there.
func TestEvidenceDigestCommand(t *testing.T) {
	for _, name := range []string{"sh", "grep", "sort", "sha256sum"} {
		tool(t, name)
	}
	var lines []string
	for _, n := range []int{1, 2, 10, 999, 9999, 10000, 10001} {
		lines = append(lines, fmt.Sprintf("%s  data/messages/%04d.eml\n", digest.Of([]byte{byte(n)}).Hex(), n))
	}
	want := digest.Of([]byte(strings.Join(lines, "")))
	dir := t.TempDir()
	shuffled := digest.Of(nil).Hex() + "  data/sources/a.mbox\n" + lines[5] + lines[6] + strings.Join(lines[:5], "")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest-sha256.txt"), []byte(shuffled), 0o600))
	c := exec.Command("sh", "-c", english().CheckSteps[2].Command)
	c.Dir = dir
	out, err := c.Output()
	require.NoError(t, err)
	assert.Equal(t, want.Hex()+"  -\n", string(out))
}
