package pdf

import (
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"onrecord/pkg/dossier"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
)

// languages is one message a script, in subject, names and body, with a warning in each.
func languages() *dossier.Dossier {
	var mails []mail
	var marks []said
	for i, text := range scriptTexts {
		name, rest, _ := strings.Cut(text, "\n")
		mails = append(mails, mail{float64(i), address(name, "a@plant.example"), []message.Address{carl, address(name, "b@plant.example")}, nil, strings.SplitN(rest, "\n", 2)[0], rest})
		marks = append(marks, said{i + 1, strings.SplitN(rest, "\n", 2)[0], []notice.Act{notice.Warning}, notice.Suggested, ""})
	}
	return story(mails, marks)
}

// scriptTexts: a name, a sentence, and more lines.
var scriptTexts = []string{
	"Ζωή Παππά\nΜην αφαιρείτε τη βαλβίδα 4.\nΕίναι επικίνδυνο.\n",
	"Юрий Лебедев\nНе снимайте клапан 4.\nЭто опасно.\n",
	"דנה לוי\nאל תסירו את השסתום 4 (לפי ISO 9001), זה מסוכן.\nבְּרֵאשִׁית בָּרָא\n12.5% (ראו abc) ו-\"xyz\".\n",
	"سارة العلي\nلا تُزيلوا الصمّام رقم 4 (انظر ISO 9001)، فهو خطر.\nالسلام عليكم ١٢٣ و 45.6%.\n",
	"王丽\n请不要拆除四号安全阀，这很危险。\n“安全第一”（见第3条）。\n",
	"山田 花子\n4番の安全弁を外さないでください。危険です！\nサーバーを「確認」してください。\n",
	"김민지\n4번 안전밸브를 제거하지 마세요. 위험합니다.\n",
	"สมชาย ใจดี\nห้ามถอดวาล์วนิรภัยหมายเลข 4 เพราะอันตราย\n",
	"आशा शर्मा\nसुरक्षा वाल्व 4 न हटाएँ, यह ख़तरनाक है।\nक्षत्रिय किताब हिन्दी\n",
	"Emoji \U0001F469\u200D\U0001F527\nDanger \U0001F525\u26A0\uFE0F \U0001F44D\U0001F3FD \U0001F468\u200D\U0001F469\u200D\U0001F467 \U0001F1F1\U0001F1FA 1\uFE0F\u20E3.\n\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F \U0001D5D5\U0001D5FC\U0001D5F9\U0001D5F1\n",
	"Zu\u0308rich N\u0303\nCombining: e\u0301 a\u0308 n\u0303 e\u0331\u030A o\u0328\u0301 x\u0302.\n",
	"নীলা\nভালভ 4 সরাবেন না, এটি বিপজ্জনক।\n",
	"தமிழ்\nவால்வு 4 ஐ அகற்ற வேண்டாம், இது ஆபத்து.\n",
	"ნინო\nნუ მოხსნით სარქველს 4.\n",
	"አበበ\nቫልቭ 4ን አታስወግዱ፣ አደገኛ ነው።\n",
}

// seen gives a text as it stands on paper from left to right, without white space: what is written from right to left is turned round, code point by code point.
func seen(ts *typesetter, text string) string {
	if !strings.ContainsFunc(text, isRTL) {
		return squeeze(text)
	}
	ts.spell([]span{{text, plainStyle()}})
	var cells []cell
	for i, level := range levels(ts.runes, baseLevel(ts.runes)) {
		cells = append(cells, cell{r: ts.runes[i], level: level})
	}
	reorder(cells, baseLevel(ts.runes))
	var out []rune
	for i := range cells {
		out = append(out, cells[i].r)
	}
	return squeeze(string(out))
}

// seenByReader does the same for what pdftotext gives: it goes from left to right over a line, and turns each stretch of right-to-left text round, which it puts
// between U+202B and U+202C.
func seenByReader(text string) string {
	var out, stretch []rune
	inside := false
	for _, r := range text {
		switch {
		case r == 0x202B:
			inside = true
		case r == 0x202C:
			slices.Reverse(stretch)
			out, stretch, inside = append(out, stretch...), nil, false
		case inside:
			stretch = append(stretch, r)
		default:
			out = append(out, r)
		}
	}
	return squeeze(string(append(out, stretch...)))
}

func squeeze(text string) string { return norm.NFC.String(strings.Join(strings.Fields(text), "")) }

// Every line comes back from the text layer in its own characters. Lines from right to left are compared as they stand on paper: pdftotext does not put the
// stretches of a mixed line into the order in which they are read.
func TestScriptsRead(t *testing.T) {
	tool(t, "pdftotext")
	files, stats := render(t, languages(), volumePages)
	assert.Empty(t, stats.MissingGlyphs)
	ts := setter(t)
	layout := seenByReader(output(t, "pdftotext", files[0], "-"))
	for _, s := range scriptTexts {
		for line := range strings.Lines(s) {
			holds(t, layout, seen(ts, strings.TrimSpace(line)))
		}
	}
}

// A glyph that is turned round still gives back the character that was written.
func TestBracketsAreTurnedRound(t *testing.T) {
	ts := setter(t)
	for _, l := range ts.lines([]span{{"\u05d0(", plainStyle()}}, 500, prose) {
		r := l.runs[0]
		require.Len(t, r.units, 1)
		assert.Equal(t, "(", r.units[0].text)
		assert.Equal(t, ts.fonts.faces[r.face].glyph(')'), r.units[0].glyphs[0].gid)
	}
}

func TestArabicLettersJoin(t *testing.T) {
	ts := setter(t)
	for word, joined := range map[string]bool{"بيت": true, "دار": false} { // of the second, none joins to the following letter
		r := ts.lines([]span{{word, plainStyle()}}, 500, prose)[0].runs[0]
		require.Len(t, r.units, 3)
		for _, u := range r.units {
			letter, _ := utf8.DecodeRuneInString(u.text)
			assert.Equal(t, joined, u.glyphs[0].gid != ts.fonts.faces[r.face].glyph(letter), "%s in %s", u.text, word)
		}
	}
}

// Lam and alef are one glyph, which stands for the lam; an empty one beside it stands for the alef, so that readers that turn characters round one by one get both.
func TestLamAlef(t *testing.T) {
	ts := setter(t)
	l := ts.lines([]span{{"لا", plainStyle()}}, 500, prose)[0]
	require.Len(t, l.runs, 1)
	require.Len(t, l.runs[0].units, 1)
	u := l.runs[0].units[0]
	require.Len(t, u.glyphs, 2)
	assert.Equal(t, "ا", u.glyphs[0].text)
	assert.Equal(t, "ل", u.glyphs[1].text)
}

// Every embedded font can be opened, shaped with, and written as gofpdf reads it.
func TestEmbeddedFonts(t *testing.T) {
	set, err := newFontSet(nil)
	require.NoError(t, err)
	for _, f := range set.faces {
		require.True(t, f.open(), f.file)
		require.NotNil(t, f.shape(), f.file)
		require.NoError(t, CheckFont([]byte(f.ttf)), f.file)
	}
	assert.NotZero(t, set.faces[regular].empty())
	for _, s := range set.scripts {
		f, drawn := set.faces[s.plain], 0
		for i := 0; i < len(s.ranges); i += 2 {
			for r := s.ranges[i]; r <= s.ranges[i+1]; r++ {
				if f.glyph(r) != 0 {
					drawn++
				}
			}
		}
		assert.Greater(t, drawn, 20, s.file)
	}
	seen := map[string]bool{}
	for _, f := range set.faces {
		seen[f.file] = true
	}
	files, err := packedTTF.ReadDir("fonts")
	require.NoError(t, err)
	for _, f := range files {
		assert.True(t, seen[f.Name()], "%s is embedded for nothing", f.Name())
	}
}

// FuzzCheckFont: no font makes it panic, and what it lets pass is drawn by a document that readers take.
func FuzzCheckFont(f *testing.F) {
	thai, err := unpack("NotoSansThai-Regular.ttf.gz")
	require.NoError(f, err)
	f.Add(uint32(0), byte(0), uint32(len(thai)))
	f.Add(uint32(5), byte(200), uint32(len(thai)))
	f.Add(uint32(60), byte(1), uint32(1000))
	f.Fuzz(func(t *testing.T, at uint32, value byte, size uint32) {
		font := []byte(thai)
		font[int(at)%len(font)] ^= value
		font = font[:min(int(size), len(font))]
		if CheckFont(font) != nil {
			return
		}
		o := sampleOptions
		o.Fonts = []Font{{"x.ttf", font}}
		_, err := Write(func(int) (io.WriteCloser, error) { return drain{}, nil }, story([]mail{{0, mira, nil, nil, "ห้าม", "ห้ามถอดวาล์ว น้ำ ก็\n"}}, nil), o)
		require.NoError(t, err)
	})
}

func BenchmarkScripts(b *testing.B) {
	d := languages()
	for b.Loop() {
		_, err := Write(func(int) (io.WriteCloser, error) { return drain{}, nil }, d, sampleOptions)
		require.NoError(b, err)
	}
}
