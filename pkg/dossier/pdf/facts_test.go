package pdf

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
)

func pointer[T any](v T) *T { return &v }

// facts is the sample with one of each finding.
func facts() *dossier.Dossier {
	d := sample()
	d.Contradictions[0].Evidence = []notice.Against{
		{Statement: "s1", Kind: notice.Replied, Exhibit: 2, At: at(0), Days: 30}, {Statement: "s4", Kind: notice.Addressed, Exhibit: 3, At: at(29), Days: 28},
		{Statement: "s5", Kind: notice.Addressed, Exhibit: 4, At: at(53), Days: 27}, {Statement: "s7", Kind: notice.Delivered, Exhibit: 5, At: at(200), Days: 21},
	}
	d.Topics = []notice.Topic{{ID: "m1", Label: "the light curtain", Origin: notice.Marked, Statements: []string{"s1", "s3", "s4"}, Why: []string{"", "", ""}}}
	for i := range d.Statements {
		d.Statements[i].TopicID = "m1"
	}
	d.Sequence = []notice.Sequel{
		{Statement: "s3", Act: notice.Order, Relation: notice.After, To: "s1", ToAct: notice.Warning, Seconds: 5 * 3600, Notice: notice.Replied, At: at(5)},
		{Statement: "s8", Act: notice.Incident, Relation: notice.After, To: "s7", ToAct: notice.Warning, Seconds: 500 * 3600, At: at(700)},
	}
	d.Silence = []notice.Silence{
		{Exhibit: 1, Author: "p1", Statements: []string{"s1"}, Answered: true, Answer: pointer(2), Answerer: "p3", Until: notice.UntilAnswer, UntilAt: at(5), UntilShown: 2, Seconds: 5 * 3600, Unanswered: []string{"p2", "p4"}},
		{Exhibit: 5, Author: "p2", Statements: []string{"s7"}, Until: notice.UntilIncident, UntilAt: at(700), UntilShown: 6, Seconds: 500 * 3600, Unanswered: []string{"p3"}},
		{Exhibit: 7, Author: "p3", Statements: []string{"s9"}, Until: notice.UntilEnd, UntilShown: 7},
	}
	d.Reports = []notice.DeliveryReport{
		{Exhibit: 4, Of: pointer(3), Kind: notice.OutcomeFailed, Form: "dsn", Persons: []string{"p5"}, Tie: notice.TieAttached, At: at(30)},
		{Exhibit: 5, Kind: notice.OutcomeDisplayed, Form: "mdn", Addresses: []string{"x@y.example"}, Tie: notice.TieNone, At: at(31)},
	}
	d.Undelivered = []notice.Undelivered{{Statement: "s4", Person: "p5", Exhibit: 3, Report: 4, At: at(30)}}
	d.Gaps = []notice.Gap{
		{Kind: notice.GapHole, Exhibits: []int{2, 3}, MessageID: "<lost@press.example>", Holders: []string{"p1", "p3"}}, {Kind: notice.GapParent, Exhibits: []int{4}},
		{Kind: notice.GapDate, Exhibits: []int{5}, Seconds: -172_800}, {Kind: notice.GapQuoted, Exhibits: []int{6}},
	}
	d.Quotes = []notice.Quotation{
		{Exhibit: 2, Quoted: pointer(1), Held: true, Author: "p1", State: notice.QuoteAltered, Passages: []notice.Difference{{Quoted: "they may lose a hand", Original: "they will lose a hand", Kind: "changed"}}, LeftOut: 2},
		{Exhibit: 3, State: notice.QuoteOnly, Author: "p3"}, {Exhibit: 4, Quoted: pointer(1), Held: true, Author: "p1", State: notice.QuoteSame},
	}
	d.Clocks = []notice.Clock{{Title: "Report to the authority", Start: notice.Reading{Phase: "aware", At: at(700), Exhibit: 6, Statement: "s8", Basis: evidence.BasisOrigination}, LimitSeconds: 72 * 3600, Due: at(772),
		Stop: notice.Reading{Phase: "notification", Title: "Authority told", At: at(775.5), Seconds: 75*3600 + 1800, Basis: evidence.BasisCase}, LateSeconds: 3*3600 + 1800,
		Phases: []notice.Reading{{Phase: "detected", At: at(701), Seconds: 3600, Basis: evidence.BasisCase}, {Phase: "customers-notified"}}}}
	d.PossibleSame = []dossier.PossibleSame{{A: "p2", B: "p4", Why: "both bear the name “Tom”"}}
	return d
}

func TestFindingsRead(t *testing.T) {
	tool(t, "pdftotext")
	for lang, wanted := range map[string][]string{
		"en": {
			"The order by Carl Voss (exhibit 2) came 5 hours after the warning by Mira Falk (exhibit 1). Carl Voss had notice of it by then: replied to it.",
			"Carl Voss had notice of the warning by Mira Falk (exhibit 1) since 3 Mar 2031, 08:12, 30 days 4 hours before: replied to it (exhibit 2).",
			"No answer is held; 20 days 20 hours passed until the incident of exhibit 6 was reported.", "Exhibit 3 was not delivered to ", "There is no other evidence that it reached them.",
			"Exhibits 2 and 3 cite a message that is not held and that stands between", "is 2 days earlier than the time", "in other words than stand there", "they may lose a hand", "they will lose a hand", "changed",
			"Authority told: 75 h 30 min after the start", "That is 3 h 30 min after the limit of 72 h had run out.", "customers notified", "1 clock past its limit", "may be one person",
			"✓ confirmed", "Appendix: words used here",
		},
		"fr": {"L’instruction – Carl Voss (pièce 2) – est intervenue 5 heures après la mise en garde", "75 h 30 min après le point de départ", "Mises en garde non parvenues", "3 mars 2031", "✓ confirmé"},
		"de": {"Die Weisung von Carl Voss (Anlage 2) kam 5 Stunden nach der Warnung von Mira Falk (Anlage 1).", "Frist von 72 h", "3. März 2031", "Seite 1 von", "✓ bestätigt"},
		"es": {"La orden de Carl Voss (documento 2) llegó 5 horas después de la advertencia", "el plazo de 72 h", "3 mar 2031", "página 1 de", "✓ confirmado"},
	} {
		d := facts()
		d.Options.Lang = lang
		files, _ := render(t, d, volumePages)
		text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(textOf(t, files[0]))
		for _, want := range wanted {
			holds(t, text, want)
		}
	}
}

func TestBatesNumbersGoOnOverVolumes(t *testing.T) {
	tool(t, "pdftotext")
	o := sampleOptions
	o.Bates = Bates{"OR-", 98, 3}
	files, stats := renderWith(t, sample(), o, 6)
	require.Greater(t, stats.Volumes, 2)
	page := 0
	for _, f := range files {
		for _, text := range strings.Split(strings.TrimSuffix(output(t, "pdftotext", f, "-"), "\f"), "\f") {
			holds(t, text, o.Bates.of(page))
			page++
		}
	}
	assert.Equal(t, stats.Pages, page)
	assert.Equal(t, "OR-100", o.Bates.of(2))
}

func TestParseBates(t *testing.T) {
	for text, want := range map[string]Bates{"": {}, "ACME-": {"ACME-", 1, 6}, "ACME-000120": {"ACME-", 120, 6}, "7": {"", 7, 1}, "Ä 0": {"Ä ", 0, 1}} {
		got, err := ParseBates(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, bad := range []string{strings.Repeat("x", 25), "A\n1", "1234567890123"} {
		_, err := ParseBates(bad)
		assert.Error(t, err, bad)
	}
}

// pictures are images in the forms that mail has them in, as the content of one file, and the parts that name them.
func pictures(t *testing.T) (file []byte, parts []message.Part) {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 800, 500), color.Palette{color.White, color.RGBA{200, 30, 30, 255}})
	for i := range 400 * 250 {
		img.SetColorIndex(i%400, i/400, 1)
	}
	var a, b, c bytes.Buffer
	require.NoError(t, png.Encode(&a, img))
	require.NoError(t, jpeg.Encode(&b, img, nil))
	require.NoError(t, gif.Encode(&c, img, nil))
	add := func(kind, name string, content []byte) {
		coded := base64.StdEncoding.EncodeToString(content)
		parts = append(parts, message.Part{Path: name[:1], ContentType: kind, Filename: name, Disposition: "attachment", Encoding: "base64", Size: int64(len(content)), SHA256: digest.Of(content), Offset: int64(len(file)), Length: int64(len(coded))})
		file = append(file, coded...)
	}
	add("image/png", "2.png", a.Bytes())
	add("image/jpeg", "3.jpg", b.Bytes())
	add("image/gif", "4.gif", c.Bytes())
	return file, parts
}

func withPictures(t *testing.T, change func(parts []message.Part)) (*dossier.Dossier, Options) {
	t.Helper()
	d, o := sample(), sampleOptions
	file, parts := pictures(t)
	change(parts)
	var records []*evidence.Record
	for r := range d.Messages {
		records = append(records, r)
	}
	records[0].Parts = append(records[0].Parts, parts...)
	d.Messages = over(records, nil)
	o.Open = func(name string) (io.ReadCloser, error) {
		if name != records[0].File {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(bytes.NewReader(file)), nil
	}
	return d, o
}

func TestImagesAreShownSmall(t *testing.T) {
	tool(t, "pdfimages")
	d, o := withPictures(t, func([]message.Part) {})
	files, _ := renderWith(t, d, o, volumePages)
	list := strings.Fields(output(t, "pdfimages", "-list", files[0]))
	assert.Equal(t, 3, strings.Count(strings.Join(list, " "), "280 175"))
	output(t, "qpdf", "--check", files[0])
	again, _ := renderWith(t, d, o, volumePages)
	assert.NoError(t, exec.Command("cmp", files[0], again[0]).Run())
}

// What is not what its digest says, or would cost too much, is told of and not shown.
func TestImagesThatAreNotShown(t *testing.T) {
	tool(t, "pdfimages")
	for name, change := range map[string]func(parts []message.Part){
		"digest": func(parts []message.Part) {
			parts[0].SHA256, parts[1].SHA256, parts[2].SHA256 = digest.Of(nil), digest.Of(nil), digest.Of(nil)
		},
		"size": func(parts []message.Part) { parts[0].Size, parts[1].Size, parts[2].Size = 1<<40, 1<<40, 1<<40 },
		"encoding": func(parts []message.Part) {
			parts[0].Encoding, parts[1].Encoding, parts[2].Encoding = "7bit", "8bit", "x-new"
		},
		"place": func(parts []message.Part) { parts[0].Offset, parts[1].Offset, parts[2].Length = 1<<40, -5, -1 },
	} {
		d, o := withPictures(t, change)
		files, _ := renderWith(t, d, o, volumePages)
		assert.Len(t, strings.Split(strings.TrimSpace(output(t, "pdfimages", "-list", files[0])), "\n"), 2, name)
		holds(t, textOf(t, files[0]), "3 images are not shown here; the exhibit’s file holds them.")
	}
}

// A picture that claims to be huge is not decoded.
func TestImageBombIsNotDecoded(t *testing.T) {
	var small bytes.Buffer
	require.NoError(t, png.Encode(&small, image.NewGray(image.Rect(0, 0, 1, 1))))
	b := &book{o: Options{Open: func(string) (io.ReadCloser, error) {
		huge := bytes.Clone(small.Bytes())
		copy(huge[16:24], []byte{0, 0, 0xF0, 0, 0, 0, 0xF0, 0})
		return io.NopCloser(bytes.NewReader(huge)), nil
	}}}
	huge := bytes.Clone(small.Bytes())
	copy(huge[16:24], []byte{0, 0, 0xF0, 0, 0, 0, 0xF0, 0})
	_, err := b.thumb("x", &message.Part{Length: int64(len(huge)), SHA256: digest.Of(huge)})
	assert.Error(t, err)
	assert.Zero(t, b.thumbPixels)
}

type closing struct{ *bytes.Buffer }

func (closing) Close() error { return nil }

// The drawing is the same file whoever writes it, well-formed, and holds the facts.
func TestTimelineDrawing(t *testing.T) {
	for name, build := range map[string]func() *dossier.Dossier{"facts": facts, "hostile": hostile, "many": func() *dossier.Dossier { return many(150) }, "empty": func() *dossier.Dossier { return &dossier.Dossier{Messages: over(nil, nil)} }} {
		var alone, beside bytes.Buffer
		require.NoError(t, WriteTimeline(&alone, build(), sampleOptions), name)
		o := sampleOptions
		o.Drawing = func() (io.WriteCloser, error) { return closing{&beside}, nil }
		o.Paper = "letter"
		var s shelf
		_, err := Write(s.create, build(), o)
		require.NoError(t, err)
		assert.Equal(t, alone.String(), beside.String(), name)
		for d := xml.NewDecoder(strings.NewReader(alone.String())); ; {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			require.NoError(t, err, name)
		}
		if name == "facts" {
			for _, want := range []string{"Mira Falk", "Report to the authority", "75 h 30 min / 72", "Curtain dismounted", `xlink:href="dossier.html#x3"`} {
				assert.Contains(t, strings.ReplaceAll(alone.String(), "\u00a0", " "), want)
			}
		}
		assert.NotContains(t, alone.String(), "<script")
	}
	failing := sampleOptions
	failing.Drawing = func() (io.WriteCloser, error) { return nil, errors.New("disk full") }
	var s shelf
	_, err := Write(s.create, sample(), failing)
	assert.ErrorContains(t, err, "disk full")
}

// Page 1 answers in every language on every paper; the answer is that of package words, which all views say.
func TestPageOneInEveryLanguage(t *testing.T) {
	tool(t, "pdftotext")
	for _, lang := range words.Languages() {
		for paper := range papers {
			d, o := facts(), sampleOptions
			d.Options.Lang, o.Paper = lang, paper
			files, _ := renderWith(t, d, o, volumePages)
			answer := words.Tell(words.For(lang), d, time.FixedZone("CET", 3600)).Result()
			clean := func(s string) string {
				return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
			}
			holds(t, clean(firstPage(t, files[0])), clean(answer))
		}
	}
	_, err := Write(nil, sample(), Options{Paper: "b5"})
	assert.ErrorContains(t, err, "b5")
}
