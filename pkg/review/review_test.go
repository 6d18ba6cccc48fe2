package review

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
	"onrecord/pkg/dossier"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// bridge is an invented dossier: a footbridge that nobody closes.
func bridge(t testing.TB) *Session {
	t.Helper()
	f, err := os.Open("testdata/bridge.json")
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	require.NoError(t, err)
	d, err := dossier.Decode(f, info.Size())
	require.NoError(t, err)
	s, err := NewSession(d)
	require.NoError(t, err)
	return s
}

func begin(t testing.TB, text string, acts ...string) *Model {
	t.Helper()
	m, err := New(bridge(t), []byte(text), Options{Source: "bridge.dossier", Case: "case.yaml", Acts: acts})
	require.NoError(t, err)
	return m
}

// press types: characters stand for themselves, <enter>, <esc>, <up> and so on for keys.
func press(m *Model, typed string) {
	codes := map[string]Code{"enter": Enter, "esc": Escape, "up": Up, "down": Down, "left": Left, "right": Right, "home": Home, "end": End, "del": Backspace, "pgdn": PageDown, "ctrl-c": Interrupt, "ctrl-u": EraseLine}
	for typed != "" {
		if name, rest, ok := strings.Cut(strings.TrimPrefix(typed, "<"), ">"); ok && typed[0] == '<' && codes[name] != 0 {
			m.Update(Key{Code: codes[name]})
			typed = rest
			continue
		}
		r := []rune(typed)[0]
		m.Update(Key{Rune: r})
		typed = typed[len(string(r)):]
	}
}

func screen(m *Model, width, height int) string {
	lines, row, column := m.View(width, height)
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.String() + "\n")
	}
	if row >= 0 {
		fmt.Fprintf(&b, "(cursor in row %d, column %d)\n", row+1, column+1)
	}
	return b.String()
}

func TestScreens(t *testing.T) {
	for _, c := range []struct {
		name, typed   string
		width, height int
	}{
		{"card", "", 80, 24}, {"card-narrow", "", 40, 16}, {"card-tiny", "", 24, 7}, {"card-wide", "nn", 140, 40},
		{"kept", "kb", 80, 24}, {"rejected", "Rit is a joke<enter>b", 80, 24}, {"denial", "gs8<enter>", 80, 24}, {"hostile", "gs7<enter>", 80, 24},
		{"acts", "li", 80, 24}, {"acts-tiny", "l", 30, 10}, {"topic", "t<down>", 80, 24}, {"prompt", "/the", 80, 24}, {"mail", "gs3<enter>m<down>+", 80, 24}, {"mail-marked", "m<down><down><down><down><enter>wr<enter>", 80, 24},
		{"people", "p<down> ", 80, 24}, {"pair", "gq1<enter>", 80, 24}, {"end", "<end>", 80, 24}, {"help", "?", 80, 24}, {"clock", "c<down>", 80, 24}, {"unknown-key", "z", 80, 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := begin(t, "")
			press(m, c.typed)
			got := screen(m, c.width, c.height)
			file := filepath.Join("testdata", c.name+".golden")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), got, "go test ./pkg/review -update writes it anew")
		})
	}
}

// fits checks that a view is as large as the screen at most, and that nothing in it can move a cursor.
func fits(t *testing.T, m *Model, width, height int) {
	t.Helper()
	lines, row, column := m.View(width, height)
	require.LessOrEqual(t, len(lines), max(height, 4), "%d×%d", width, height)
	require.Less(t, row, len(lines))
	require.LessOrEqual(t, column, max(width, 20))
	for _, l := range lines {
		text := l.String()
		require.LessOrEqual(t, wide(text), max(width, 20), "%d×%d: %q", width, height, text)
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }), "%q", text)
	}
}

func TestEveryScreenFits(t *testing.T) {
	for _, typed := range []string{"", "gs7<enter>", "gs7<enter>m", "gs8<enter>t", "l", "p", "p<end>r", "gq1<enter>", "<end>", "?", "c", "a", ":mark e1 \"a very long text that is longer than the screen is wide, if it is a small one\"", "ge3<enter>"} {
		m := begin(t, "")
		press(m, typed)
		for _, width := range []int{1, 20, 21, 30, 40, 79, 80, 81, 132, 300} {
			for _, height := range []int{1, 4, 5, 7, 10, 16, 23, 24, 25, 60} {
				fits(t, m, width, height)
			}
		}
		lines, _, _ := m.View(80, 24)
		assert.Len(t, lines, 24, typed)
	}
}

// The sentence that is asked about is on the screen, whatever its size.
func TestTheSentenceShows(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 16}, {24, 7}, {200, 60}} {
		m := begin(t, "")
		for range m.shown {
			i := m.item()
			if m.s.items[i].same != nil {
				break
			}
			first, _, _ := strings.Cut(harmless(m.s.items[i].said.Text), " ")
			assert.Contains(t, screen(m, size[0], size[1]), "| "+first, "%v %s", size, m.s.items[i].id)
			press(m, "n")
		}
	}
}

func TestDecisionsAreTheCaseFile(t *testing.T) {
	m := begin(t, "")
	press(m, "k")                       // s1
	press(m, "R")                       //
	press(m, "a manner of speaking")    //
	press(m, "<enter>")                 // s2
	press(m, "lw<enter>")               // s3: request and warning
	press(m, "t<ctrl-u>signing<enter>") // s4
	press(m, "s")                       // s5
	press(m, "k")                       // s6
	assert.Equal(t, `marks:
  - message: "<f1@span.example>"
    quote: "If the school uses it on Friday, I expect it to part."
    acts: [warning]
  - message: "<f1@span.example>"
    quote: "Please close the bridge until we have replaced the cable."
    acts: [warning, request]
  - message: "<f1@span.example>"
    quote: "I would not sign a certificate for it."
    acts: [warning]
    topic: signing
  - message: "<f2@town.example>"
    quote: "The bridge stays open until Friday."
    acts: [order]

reject:
  - message: "<f1@span.example>"
    quote: "I would not let my own children onto it."
    reason: a manner of speaking

topics:
  - name: signing
`, string(m.Text()))
	assert.Equal(t, 5, m.Made())

	// Another day: what is decided is not asked again.
	later := begin(t, string(m.Text()))
	assert.Equal(t, "s5", later.s.items[later.item()].id)
	press(later, "s")
	assert.Equal(t, "s7", later.s.items[later.item()].id)
	assert.Equal(t, "9 suggestions: 4 kept, 1 rejected, 4 open", later.Report())
	press(later, "gs2<enter>")
	assert.Contains(t, screen(later, 80, 24), "rejected: a manner of speaking (case.yaml, line ")
	press(later, "k")
	assert.NotContains(t, string(later.Text()), "a manner of speaking", "the rejection gives way to the mark")
	press(later, "gs1<enter>r")
	assert.NotContains(t, string(later.Text()), "  - message: \"<f1@span.example>\"\n    quote: \"If the school uses it on Friday, I expect it to part.\"\n    acts")
	press(later, "gs1<enter>o")
	assert.NotContains(t, string(later.Text()), "If the school")
}

const commented = `# mine
matter:
  title: The bridge   # a working title

marks:   # so far
  # clear as day
  - exhibit: 1
    quote: "I expect it to part"
    acts: [warning]

events: []
`

func TestUndoAndComments(t *testing.T) {
	m := begin(t, commented)
	assert.Equal(t, "s2", m.s.items[m.item()].id, "words of a sentence decide on it")
	press(m, "uk")
	press(m, "r")
	press(m, "gs1<enter>lt<enter>")
	assert.Contains(t, string(m.Text()), "  # clear as day\n  - exhibit: 1\n    quote: \"I expect it to part\"\n    acts: [warning, threat]\n", "one's own words stay")
	press(m, "ee fell<enter><enter>")
	press(m, "pe<ctrl-u>T. Brandt<enter><esc>")
	press(m, "a<ctrl-u>Bridge 2<enter><enter><enter>")
	for _, c := range []string{"# mine\n", "   # so far\n", "# clear as day\n", "# a working title\n"} {
		assert.Contains(t, string(m.Text()), c)
	}
	assert.Equal(t, 6, m.Made())
	press(m, "uuuuuu")
	assert.Equal(t, commented, string(m.Text()), "byte for byte")
	assert.Zero(t, m.Made())
	press(m, "u")
	assert.Contains(t, screen(m, 80, 24), "nothing to undo")
}

func TestPeople(t *testing.T) {
	m := begin(t, "")
	press(m, "gq1<enter>y")
	assert.Contains(t, string(m.Text()), "  - name: Emil Hartog\n    addresses: [emil@town.example, emil.hartog@mail.example]\n")
	assert.Equal(t, Kept, m.st.of[m.s.itemOf["q1"]].state)
	press(m, "u")
	press(m, "gq1<enter>x")
	assert.Contains(t, string(m.Text()), "not: [emil.hartog@mail.example]")
	assert.Equal(t, Rejected, m.st.of[m.s.itemOf["q1"]].state)
	press(m, "p<home> <down><down><down> m")
	assert.Contains(t, string(m.Text()), "addresses: [tove@span.example, mei@span.example]")
	press(m, "<home>x")
	assert.Contains(t, screen(m, 80, 24), "tick them first")
	press(m, "sSpan<enter>")
	assert.Contains(t, string(m.Text()), "side: Span\n")
	press(m, "/roads<enter>l<esc>")
	assert.Contains(t, string(m.Text()), "list: true")
	assert.Equal(t, onCard, m.mode)
}

// The same words stand twice in exhibit 3: the second ones are found by words before them, or not at all.
func TestTheSameWordsTwice(t *testing.T) {
	s := bridge(t)
	i := s.itemOf["s7"]
	_, err := s.quote(s.items[i].mail, s.items[i].said.Text, s.items[i].said.Span)
	require.NoError(t, err)
	m := begin(t, "")
	press(m, "gs7<enter>k")
	assert.Equal(t, Kept, m.st.of[i].state, "%s", m.Text())
	assert.Empty(t, m.st.further)
}

func TestInterruptAndQuit(t *testing.T) {
	m := begin(t, "")
	press(m, "ka<ctrl-c>")
	assert.True(t, m.Done())
	assert.True(t, m.Interrupted())
	m = begin(t, "")
	press(m, "q")
	assert.True(t, m.Done())
	assert.False(t, m.Interrupted())
}

func TestActsSelect(t *testing.T) {
	m := begin(t, "", "denial", "order")
	assert.Equal(t, "2 suggestions: 0 kept, 0 rejected, 2 open", m.Report())
	press(m, "gs1<enter>")
	assert.Contains(t, screen(m, 80, 24), "not among the acts")
	press(m, "kk")
	assert.Equal(t, -1, m.item())
	press(m, "s")
	assert.Equal(t, -1, m.item())
}

func TestReplace(t *testing.T) {
	m := begin(t, "")
	press(m, "k")
	require.NoError(t, m.Replace([]byte("reject:\n  - exhibit: 1\n    quote: Please close the bridge\n")))
	assert.Equal(t, "9 suggestions: 0 kept, 1 rejected, 8 open", m.Report())
	require.Error(t, m.Replace([]byte("colour: red\n")))
	press(m, "u")
	assert.Contains(t, screen(m, 80, 24), "nothing to undo", "what another program wrote is not undone")
}

func TestCommands(t *testing.T) {
	s := bridge(t)
	for _, c := range []struct{ lines, wants string }{
		{`keep s4 "the cable"`, "    acts: [warning]\n    topic: the cable\n"},
		{"reject s4\nkeep s4", "marks:\n  - message: \"<f1@span.example>\"\n    quote: \"I would not sign a certificate for it.\"\n    acts: [warning]\n"},
		{"KEEP S4 # a comment", "acts: [warning]"},
		{"keep s8", "marks:\n  - exhibit: 4\n    quote: \"Nobody told us about the cable.\"\n    acts: [denial]\n"},
		{`label s4 'threat, warning'`, "acts: [warning, threat]"},
		{`mark e2 "We have done it\tthis way" blame "the old way"`, "quote: \"We have done it this way\"\n    acts: [blame]\n    topic: the old way\n"},
		{"mark 5 \"on Monday at nine\" notification\nunmark e5 'on  Monday at nine'", "marks:\n"},
		{"merge p1 mei@span.example", "addresses: [tove@span.example, mei@span.example]"},
		{"apart 'Tove Brandt' p5", "not: [mei@span.example]"},
		{"name p1 'T. Brandt'\nrole p1 inspector\nside p1 \"The \\\"Span\\\" people\"", "  - name: T. Brandt\n    addresses: [tove@span.example]\n    role: inspector\n    side: The \"Span\" people\n"},
		{"list p5", "list: true"},
		{"title 'The bridge'\nprepared-by N\nreference 7", "matter:\n  title: The bridge\n  reference: \"7\"\n  prepared_by: N\n"},
		{"event '2026-04-17 11:20 Europe/Amsterdam' 'It fell' incident", "events:\n  - at: 2026-04-17T11:20:00+02:00\n    title: It fell\n    kind: incident\n"},
		{"event s8 'they say so'\nevent e1 'a letter'", "events:\n  - exhibit: 4\n    title: they say so\n  - message: \"<f1@span.example>\"\n    title: a letter\n"},
		{"phase 2026-04-17T11:20:00Z aware\nphase s8 notified\nlimit '72 h' notified", "clocks:\n  - title: Incident response\n    start: aware\n    stop: notified\n    limit: 72 h\n    phases:\n"},
		{"# nothing\n\n   \n", ""},
	} {
		ed, err := casefile.Open(nil, "case.yaml")
		require.NoError(t, err)
		for line := range strings.Lines(c.lines) {
			command, err := ParseCommand(strings.ReplaceAll(line, `\t`, "\t"))
			require.NoError(t, err, line)
			if command.Verb != "" {
				said, err := s.Apply(ed, command)
				require.NoError(t, err, line)
				assert.NotEmpty(t, said, line)
			}
		}
		assert.Contains(t, string(ed.Bytes()), c.wants, c.lines)
	}
}

func TestWrongCommands(t *testing.T) {
	s := bridge(t)
	for line, says := range map[string]string{
		"keap s1": `there is no command "keap": there is keep, reject`, "keep": "keep takes ID [TOPIC]", "keep s1 a b": "keep takes", `keep "s1`: "not closed", "keep s99": `no suggestion "s99"`,
		"keep q1": "asks for two persons", "label s1 shout": `"shout" is no act: there is warning`, "label s1 ''": "is no act", "topic s1 ' '": "has a name", "mark e9 x order": "there is e1 to e5",
		"mark e1 'never said' order": "does not say", "unmark e1 'Please close'": "no mark", "merge p1 p9": `no person "p9"`, "merge p1 tove@span.example": "one person already", "apart p1 p1": "one person in this dossier",
		"event yesterday x": "no suggestion, no exhibit and no time", "phase 2026-01-01 x": "no suggestion", "limit '72 h' notified": "no clock", "open s77": "no suggestion",
	} {
		ed, err := casefile.Open(nil, "case.yaml")
		require.NoError(t, err)
		c, err := ParseCommand(line)
		if err == nil {
			_, err = s.Apply(ed, c)
		}
		assert.ErrorContains(t, err, says, line)
	}
}

func TestKeys(t *testing.T) {
	for in, want := range map[string][]Key{
		"k": {{Rune: 'k'}}, "é林": {{Rune: 'é'}, {Rune: '林'}}, "\r": {{Code: Enter}}, "\x7f\x08": {{Code: Backspace}, {Code: Backspace}}, "\x03": {{Code: Interrupt}},
		"\x1b[A\x1bOB\x1b[C\x1b[D": {{Code: Up}, {Code: Down}, {Code: Right}, {Code: Left}}, "\x1b[5~\x1b[6~\x1b[1~\x1b[F": {{Code: PageUp}, {Code: PageDown}, {Code: Home}, {Code: End}},
		"\x1b[1;5A": {{Code: Up}}, "\x1b[200~x": {{Rune: 'x'}}, "\x1bk": {{Code: Escape}, {Rune: 'k'}}, "\xffx": {{Rune: 'x'}}, "\x1b[99999999999999999999999999999999999999999999m": nil,
	} {
		got, rest := Keys([]byte(in), false)
		if want == nil {
			continue // whatever it is, it ends
		}
		assert.Equal(t, want, got, "%q", in)
		assert.Empty(t, rest, "%q", in)
	}
	// In pieces.
	keys, rest := Keys([]byte("\x1b"), false)
	assert.Empty(t, keys)
	keys, rest = Keys(append(rest, '['), false)
	assert.Empty(t, keys)
	keys, _ = Keys(append(rest, 'A'), false)
	assert.Equal(t, []Key{{Code: Up}}, keys)
	keys, rest = Keys([]byte("\x1b"), true)
	assert.Equal(t, []Key{{Code: Escape}}, keys)
	assert.Empty(t, rest)
}

func TestSentences(t *testing.T) {
	text := "Emil,\n\nthe cable is worn. It will part, e.g. on\nFriday! Will you close it?\n1. Close it.\n2. Tell them (all of them).\n> who says so?\nI do. 這座橋很危險。它會倒。\nTove\n"
	var got []string
	for _, s := range sentences(text) {
		got = append(got, strings.Join(strings.Fields(text[s.from:s.to]), " "))
		assert.Equal(t, text[s.from:s.to], string([]rune(text)[s.span[0]:s.span[1]]), "spans are code points")
		assert.Equal(t, text[s.from] == '>', s.quoted)
	}
	assert.Equal(t, []string{"Emil,", "the cable is worn.", "It will part, e.g. on Friday!", "Will you close it?", "Close it.", "Tell them (all of them).", "> who says so?", "I do.", "這座橋很危險。", "它會倒。", "Tove"}, got)
}

func TestHarmless(t *testing.T) {
	assert.Equal(t, "a[U+001B][2J b    c[U+202E]d\\xff é林", harmless("a\x1b[2J\nb\tc\u202ed\xff é林"))
	assert.Equal(t, 7, wide("é林a\u0301 ab"))
	assert.Equal(t, "林…", fit("林林林", 4))
	assert.Equal(t, []string{"one two", "threefo", "urfive", "", "  six"}, wrap("one two threefourfive\n\n  six", 7))
}

func TestList(t *testing.T) {
	s := bridge(t)
	c, err := casefile.Parse(strings.NewReader("reject:\n  - exhibit: 1\n    quote: Please close the bridge\n    reason: \"a\\e[2Jb\"\n"), "c")
	require.NoError(t, err)
	var text, lines strings.Builder
	require.NoError(t, s.WriteText(&text, c, nil))
	assert.Contains(t, text.String(), "s3  rejected  request, confidence 0.88  e1  2026-04-13 10:02 +0200 (origination date)  Tove Brandt\n    “Please close the bridge until we have replaced the cable.”; about the north cable; rejected because a[U+001B][2Jb\n")
	assert.Contains(t, text.String(), "q1  open  same person? Emil Hartog (p2) and E. Hartog (p4)\n")
	assert.NotContains(t, text.String(), "\x1b")
	require.NoError(t, s.WriteJSON(&lines, c, []string{"denial"}))
	assert.JSONEq(t, `{"id":"s8","state":"open","exhibit":4,"author":"E. Hartog","at":"2026-04-18T08:00:00+02:00","acts":["denial"],"suggested":["denial"],"text":"Nobody told us about the cable.","topic":"the cable","rule":"w-model","why":"“Nobody told us”","confidence":0.97}`, lines.String())
}

// FuzzTyping: whatever is typed, the case file can be read, the screen fits, and undoing all gives back what was there.
func FuzzTyping(f *testing.F) {
	f.Add("kkr\x1b[Alw\rtx\rm++\rw\ru", 80, 24)
	f.Add("p  m\x1bgq1\rya a\r\r\r:mark e1 \"Tell the school\" order\r?", 30, 9)
	f.Add("ccx\r\r3 days y\rex\r\r/no\rNoooouuu", 20, 4)
	s := bridge(f)
	f.Fuzz(func(t *testing.T, typed string, width, height int) {
		m, err := New(s, []byte(commented), Options{Source: "d", Case: "c"})
		require.NoError(t, err)
		keys, _ := Keys([]byte(typed[:min(len(typed), 60)]), true)
		width, height = width%200, height%80
		for _, k := range keys {
			m.Update(k)
			fits(t, m, width, height)
		}
		_, err = casefile.Parse(strings.NewReader(string(m.Text())), "c")
		require.NoError(t, err)
		for _, c := range []string{"# mine\n", "# so far\n", "# clear as day\n", "# a working title\n"} {
			require.Contains(t, string(m.Text())+"# clear as day\n", c, "a comment stays; one of an entry goes with the entry")
		}
		for m.mode != onCard {
			m.Update(Key{Code: Escape})
		}
		for range maxUndo {
			m.Update(Key{Rune: 'u'})
		}
		require.Equal(t, commented, string(m.Text()))
	})
}
