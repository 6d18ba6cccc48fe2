package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"onrecord/pkg/notice"
	"onrecord/pkg/notice/model"
)

// example is one sentence with its features.
type example struct {
	lang     string
	thread   string
	mail     int // number over the whole corpus
	file     string
	line     int
	text     string
	fold     int
	noise    bool
	stretch  bool // not a whole mail
	labels   [model.Acts]model.Label
	features [model.Blocks][]uint64
	rows     [][2]int32 // of the word vectors
	shapes   []int
}

const folds = 5

// noiseWeight is how much a sentence of noise counts: real mail holds far more of it than the training text.
const noiseWeight = 4

// mostTogether is how many sentences a stretch of a mail has at most.
const mostTogether = 4

// readCorpus reads every file of the training text and lets the finder and the model name the features. It gives the sentences as they stand in their mails, and
// once more in stretches of one to a few, read as if they were the whole mail: to learn from, so that a sentence is known by what it says and not only by its
// neighbours.
func readCorpus(dir string, without []int, lexicon *model.Lexicon) (all, stretches []example, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(files)
	finder := notice.NewFinder()
	empty, err := model.Decode(model.Encode(model.Weights{}))
	if err != nil {
		return nil, nil, err
	}
	reader := empty.NewReader()
	random := rand.New(rand.NewPCG(3, 4))
	mails := 0
	lay := func(to *[]example, about example, own []model.Labelled, reply, loose bool) error {
		mails++
		texts := make([]string, len(own))
		for j, l := range own {
			texts[j] = l.Text
		}
		finder.Lay(reader, texts, model.Circumstances{Reply: reply})
		if reader.Len() != len(own) {
			// a sentence without a letter was left out
			own = slices.DeleteFunc(slices.Clone(own), func(l model.Labelled) bool { return len(l.Text) < 2 })
			if reader.Len() != len(own) {
				return fmt.Errorf("mail of line %d: %d sentences of %d", own[0].Line, reader.Len(), len(own))
			}
		}
		for j, l := range own {
			e := about
			e.mail, e.line, e.text, e.labels = mails, l.Line, l.Text, l.Labels
			if e.labels[2] != model.No && e.labels[1] == model.No {
				e.labels[1] = model.Either // a request is optional on an order
			}
			for a := 1; a < model.Acts && loose; a++ {
				e.labels[a] = model.Either
			}
			reader.Each(j, func(block int, hash uint64) {
				if !slices.Contains(without, block) {
					e.features[block] = append(e.features[block], hash)
				}
			})
			reader.EachRow(lexicon, j, func(a, b int32) { e.rows = append(e.rows, [2]int32{a, b}) })
			reader.EachShape(j, func(n int) { e.shapes = append(e.shapes, n) })
			*to = append(*to, e)
		}
		return nil
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		threads, err := model.ReadThreads(f)
		f.Close()
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v (left out)\n", name, err)
			continue
		}
		lang := filepath.Base(filepath.Dir(name))
		for _, t := range threads {
			h := fnv.New32a()
			h.Write([]byte(lang + "/" + t.Name))
			about := example{lang: lang, thread: lang + "/" + t.Name, file: strings.TrimPrefix(name, dir+"/"), fold: int(h.Sum32()>>8) % folds, noise: t.Noise}
			for i, m := range t.Mails {
				var own []model.Labelled
				reply := i > 0
				for _, l := range m {
					if l.Quoted {
						reply = true
						continue
					}
					own = append(own, l)
				}
				if err := lay(&all, about, own, reply, t.Loose); err != nil {
					return nil, nil, fmt.Errorf("%s: %w", name, err)
				}
				about := about
				about.stretch = true
				for len(own) > 0 {
					n := min(len(own), 1+random.IntN(mostTogether))
					if err := lay(&stretches, about, own[:n], reply, t.Loose); err != nil {
						return nil, nil, fmt.Errorf("%s: %w", name, err)
					}
					own = own[n:]
				}
			}
		}
	}
	return all, stretches, nil
}

// slope is how far the score of an act is from its label, weighted. What counts as neither right nor wrong in a thread is a mistake, if a smaller one, in noise.
func (e *example) slope(act int, score float32) float32 {
	l := e.labels[act]
	switch {
	case l == model.Either && e.noise:
		return noiseWeight / 2 * logistic(score)
	case l == model.Either:
		return 0
	case e.noise:
		return noiseWeight * (logistic(score) - float32(l))
	}
	return logistic(score) - float32(l)
}
