package model

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var mails = [][]string{
	{"Morning both,", "With the guard open the blade would still turn for nine seconds.", "Please leave the switch in!", "Does Thursday at four suit you?"},
	{"Wer die Klappe öffnet, steht im Dampf.", "Das ist mir egal, es wird heute geliefert.", "Erledigt seit 16:40 Uhr."},
	{"L’accès n’est pas contrôlé, n’importe qui peut lire les factures."},
	{"Ya te lo dije: el día que se corte la luz, ¿quién abre la puerta?", "", "…", "ok"},
	{},
	{strings.Repeat("all of this and more ", 100)},
}

func read(r *Reader, sentences []string) [][Acts]int32 {
	r.Begin(Circumstances{Reply: len(sentences) > 3})
	for i, s := range sentences {
		r.Add(s, []uint32{uint32(i)*77 + 1})
	}
	r.Score(nil)
	scores := make([][Acts]int32, r.Len())
	for i := range scores {
		scores[i] = *r.Scores(i)
	}
	return scores
}

// What every platform must give is what the trainer wrote down when it made the model.
func TestScoresAreTheSameEverywhere(t *testing.T) {
	r := Load().NewReader()
	golden, err := os.ReadFile("testdata/golden.txt")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(golden)) {
		numbers, text, found := strings.Cut(strings.TrimSpace(line), "\t")
		require.True(t, found)
		r.Begin(Circumstances{})
		for s := range strings.SplitSeq(text, " / ") {
			r.Add(s, nil)
		}
		r.Score(nil)
		var got []string
		for _, score := range r.Scores(0) {
			got = append(got, strconv.Itoa(int(score)))
		}
		assert.Equal(t, numbers, strings.Join(got, " "), text)
		n++
	}
	assert.Greater(t, n, 4)
}

// The quick way with its cache of words gives what adding up every feature gives.
func TestQuickWayIsTheLongWay(t *testing.T) {
	m := *Load()
	m.net = nil
	r := m.NewReader()
	for range 2 { // the second time from the cache
		for _, mail := range mails {
			scores := read(r, mail)
			for i := range scores {
				var s sentence
				r.Each(i, func(block int, hash uint64) {
					m.add(&s.sum[block], hash)
					s.n[block]++
				})
				assert.Equal(t, [Acts]int32(r.total(&s)), scores[i], "%q", mail[i])
			}
		}
	}
}

func TestMailsDoNotInfluenceEachOther(t *testing.T) {
	m := Load()
	used := m.NewReader()
	for range 2 {
		for _, mail := range mails {
			assert.Equal(t, read(m.NewReader(), mail), read(used, mail))
		}
	}
}

func TestExplanationNamesWords(t *testing.T) {
	r := Load().NewReader()
	read(r, mails[0])
	text := mails[0][1]
	spans := r.Explain(1, []int{0})
	require.NotEmpty(t, spans)
	last := -1
	words := 0
	for _, s := range spans {
		require.Greater(t, s.Start, last)
		require.Greater(t, s.End, s.Start)
		last = s.End
		words += len(strings.Fields(text[s.Start:s.End]))
	}
	require.LessOrEqual(t, last, len(text))
	assert.LessOrEqual(t, words, mostWords)
}

func TestConfidence(t *testing.T) {
	assert.InDelta(t, 0.5, Confidence(0), 1e-9)
	assert.InDelta(t, 0.73, Confidence(One), 1e-9)
	assert.InDelta(t, 0.99, Confidence(20*One), 1e-9)
	assert.InDelta(t, 0.01, Confidence(-20*One), 1e-9)
}

func TestDecodeRefusesWhatIsNoModel(t *testing.T) {
	for _, data := range [][]byte{nil, []byte(magic), embedded[:len(embedded)-1], append(slices.Clone(embedded), 0), embedded[1:]} {
		_, err := Decode(data)
		assert.Error(t, err)
	}
	m, err := Decode(Encode(Weights{}))
	require.NoError(t, err)
	assert.Len(t, read(m.NewReader(), mails[0]), 4, "a model without features reads too")
}

// Every line of the training text has known codes and a sentence, and every thread of a language its own name.
func TestTrainingText(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/training/*/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	seen := map[string]string{}
	sentences := 0
	for _, name := range files {
		f, err := os.Open(name)
		require.NoError(t, err)
		threads, err := ReadThreads(f)
		assert.NoError(t, err, name)
		assert.NoError(t, f.Close())
		for _, thread := range threads {
			key := filepath.Base(filepath.Dir(name)) + "/" + thread.Name
			assert.Empty(t, seen[key], "%s: thread %s stands twice", name, thread.Name)
			seen[key] = name
			for _, mail := range thread.Mails {
				sentences += len(mail)
			}
		}
	}
	assert.Greater(t, sentences, 10_000)
}

func TestReadThreads(t *testing.T) {
	threads, err := ReadThreads(strings.NewReader("# a comment\n@thread one\n@mail A > B\nW R | Leave it, or it burns.\nN ?W | It is 90 degrees.\n@mail B > A\nN | > Leave it, or it burns.\n@noise two\nN | Hello.\n@list three\nW | Leave it.\n"))
	require.NoError(t, err)
	require.Len(t, threads, 3)
	assert.Equal(t, Thread{Name: "one", Mails: [][]Labelled{
		{{Text: "Leave it, or it burns.", Labels: [Acts]Label{Yes, Yes}, Line: 4}, {Text: "It is 90 degrees.", Labels: [Acts]Label{Either}, Line: 5}},
		{{Text: "Leave it, or it burns.", Quoted: true, Line: 7}},
	}}, threads[0])
	assert.True(t, threads[1].Noise)
	assert.False(t, threads[1].Loose)
	assert.True(t, threads[2].Loose)
	for _, bad := range []string{"W | no thread", "@thread x\nZ | what", "@thread x\nno bar", "@thread x\n | no code", "@thread x\nW |"} {
		_, err := ReadThreads(strings.NewReader(bad))
		assert.Error(t, err, bad)
	}
}

func FuzzReader(f *testing.F) {
	m := Load()
	for _, mail := range mails {
		f.Add(strings.Join(mail, "\n"))
	}
	f.Add("\xff\xc3 \xe2\x80 don't’t 0:0% Ⅷ")
	// Any text is read without a crash, twice alike, and explanations lie within it.
	f.Fuzz(func(t *testing.T, text string) {
		sentences := strings.Split(text, "\n")
		r := m.NewReader()
		first := read(r, sentences)
		require.Equal(t, first, read(r, sentences))
		for i := range first {
			for _, s := range r.Explain(i, []int{0, 5}) {
				require.True(t, 0 <= s.Start && s.Start < s.End && s.End <= len(sentences[i]))
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	r := Load().NewReader()
	size := 0
	for _, s := range mails[0] {
		size += len(s)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		read(r, mails[0])
	}
}
