package pdf

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"onrecord/pkg/notice"
)

func setter(t testing.TB) *typesetter {
	fonts, err := newFontSet(nil)
	require.NoError(t, err)
	return &typesetter{fonts: fonts}
}

func plainStyle() style { return style{size: 9, ink: ink} }

func joined(lines []line) []string {
	var out []string
	for _, l := range lines {
		s := ""
		for _, r := range l.runs {
			s += r.text
			for _, u := range r.units {
				s += u.text
			}
		}
		out = append(out, s)
	}
	return out
}

func TestLinesBreak(t *testing.T) {
	ts := setter(t)
	for _, c := range []struct {
		name, text string
		width      float64
		want       []string
	}{
		{"empty", "", 100, []string{""}},
		{"fits", "one two", 100, []string{"one two"}},
		{"space", "one two three", 40, []string{"one two", "three"}},
		{"spaces at the edge go", "one two     three", 40, []string{"one two", "three"}},
		{"hyphen", "stopping-time", 50, []string{"stopping-", "time"}},
		{"the same beyond ASCII", "stopping-timé", 50, []string{"stopping-", "timé"}},
		{"long token", "abcdefghijklmnop", 40, []string{"abcdefgh", "ijklmnop"}},
		{"marks stay with their base", strings.Repeat("e\u0301", 10), 25, []string{strings.Repeat("e\u0301", 5), strings.Repeat("e\u0301", 5)}},
		{"a placeholder stays whole", "ab \u0378\u0378", 60, []string{"ab [U+0378]", "[U+0378]"}},
		{"ideographs part anywhere", "安全弁四番", 28, []string{"安全弁", "四番"}},
		{"no line starts with a full stop", "安全弁。四番", 28, []string{"安全", "弁。四", "番"}},
		{"nor ends with a bracket", "安全「弁」", 28, []string{"安全", "「弁」"}},
		{"nor starts with a small letter", "人サッと", 19, []string{"人", "サッ", "と"}},
		{"Latin among ideographs", "安全valve四番", 45, []string{"安全valve", "四番"}},
		{"Korean parts at spaces", "안전밸브 제거하지", 60, []string{"안전밸브", "제거하지"}},
		{"Thai has none", "ห้ามถอดวาล์วนิรภัย", 40, []string{"ห้ามถอดวา", "ล์วนิรภัย"}},
		{"only spaces", "      ", 10, []string{""}},
	} {
		assert.Equal(t, c.want, joined(ts.lines([]span{{c.text, plainStyle()}}, c.width, prose)), c.name)
	}
}

func TestVerbatimSetsIn(t *testing.T) {
	ts := setter(t)
	lines := ts.lines([]span{{"\tb=" + strings.Repeat("x", 60), style{face: mono, size: 10}}}, 300, verbatim)
	require.Len(t, lines, 2)
	assert.Equal(t, "        b=", lines[0].runs[0].text[:10])
	assert.Greater(t, lines[1].runs[0].x, 0.0)
}

func TestMissingRunesAreCounted(t *testing.T) {
	ts := setter(t)
	lines := ts.lines([]span{{"a\u0378b\uE000", plainStyle()}}, 500, prose)
	var lost []rune
	for _, r := range lines[0].runs {
		lost = append(lost, r.lost...)
	}
	assert.Equal(t, []rune{0x378, 0xE000}, lost)
}

// FuzzLines: no input panics, no line is wider than the measure unless it is one cluster, and but for white space every cell is drawn once.
func FuzzLines(f *testing.F) {
	for _, s := range []string{"", "a b", "שלום 123 abc", "سلام", "\xff\x00\t", strings.Repeat("x", 300), "e\u0301\u0301", "\U0001F600 中", "a\u200D\u200Fb", "لا لا"} {
		f.Add(s, uint16(60), false)
	}
	ts := setter(f)
	f.Fuzz(func(t *testing.T, s string, width uint16, exact bool) {
		if len(s) > 4000 {
			return
		}
		mode := prose
		if exact {
			mode = verbatim
		}
		spans := []span{{s[:len(s)/2], plainStyle()}, {s[len(s)/2:], style{face: mono, size: 7, ink: ink}}}
		room := float64(width%400) + 20
		lines := ts.lines(spans, room, mode)
		require.NotEmpty(t, lines)
		drawn := 0
		for i := range lines {
			n := 0
			for _, r := range lines[i].runs {
				require.True(t, utf8.ValidString(r.text))
				n += len(r.units)
				for _, c := range r.text {
					require.Less(t, c, rune(0x10000))
					if c != ' ' {
						n++
					}
				}
			}
			drawn += n
			if lines[i].width > room+0.1 && n > 12 {
				t.Fatalf("line of %f in %f", lines[i].width, room)
			}
		}
		ts.compose(spans)
		want := 0
		for i := range ts.cells {
			if ts.cells[i].kind != space {
				want++
			}
		}
		require.Equal(t, want, drawn)
	})
}

// visual sets a line and gives back its glyphs from left to right; capitals of the input stand for Hebrew letters, as in UAX #9.
func visual(t *testing.T, logical string) string {
	ts := setter(t)
	up := func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return 0x05D0 + r - 'A'
		}
		return r
	}
	down := func(r rune) rune {
		if r >= 0x05D0 && r <= 0x05EA {
			return 'A' + r - 0x05D0
		}
		return r
	}
	return strings.Map(down, strings.Join(joined(ts.lines([]span{{strings.Map(up, logical), plainStyle()}}, 1000, prose)), "|"))
}

func TestBidi(t *testing.T) {
	for logical, want := range map[string]string{
		"car means CAR.":       "car means RAC.", // UAX #9, example 1 of rule L2
		"CAR MEANS car.":       ".car SNAEM RAC",
		"ABC 123 DEF":          "FED 123 CBA",
		"abc DEF 123 ghi":      "abc 123 FED ghi",
		"he said CAR (car).":   "he said RAC (car).",
		"CAR (VAN)":            ")NAV( RAC", // what the glyphs stand for; they are turned round
		"tel. 12-34, TEL 5,00": "tel. 12-34, 5,00 LET",
		"plain":                "plain",
	} {
		assert.Equal(t, want, visual(t, logical), logical)
	}
}

func TestRightToLeftParagraphsAlignRight(t *testing.T) {
	ts := setter(t)
	assert.True(t, ts.lines([]span{{"שלום abc", plainStyle()}}, 500, prose)[0].rtl)
	assert.False(t, ts.lines([]span{{"abc שלום", plainStyle()}}, 500, prose)[0].rtl)
}

func TestStretches(t *testing.T) {
	text := "é\U0001F600\r\nwarn now\xff!"
	warn := []notice.Act{notice.Warning}
	list := []*notice.Statement{{ID: "s1", Acts: warn, Span: [2]int{4, 8}}, {ID: "s2", Acts: warn, Part: "2", Span: [2]int{0, 1}}, {ID: "s3", Acts: warn, Span: [2]int{9, 99}}, {ID: "s4", Acts: warn, Span: [2]int{5, 5}}, {ID: "s5", Acts: warn, Span: [2]int{-1, 3}}, {ID: "s6", Acts: warn, Span: [2]int{500, 600}}}
	got := stretches(text, list, "")
	require.Len(t, got, 2)
	assert.Equal(t, "warn", text[got[0].from:got[0].to])
	assert.Equal(t, "now\xff!", text[got[1].from:got[1].to])
	assert.Equal(t, 3, got[1].mark)
}

func TestPlacesFoldSilence(t *testing.T) {
	slots := []slot{{at: at(0)}, {at: at(1)}, {at: at(2)}, {at: at(2000)}, {}}
	xs, folds := places(slots, 100, 500)
	require.Len(t, folds, 1)
	assert.Equal(t, 83, folds[0].days)
	for i := 1; i < len(xs); i++ {
		assert.Greater(t, xs[i], xs[i-1])
	}
	assert.LessOrEqual(t, xs[len(xs)-1], 500.01)
}
