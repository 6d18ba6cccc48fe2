// Command train fits the sentence model to the sentences of testdata/training and writes pkg/notice/model/sentence.model.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"onrecord/pkg/notice/model"
)

// lostByGate is how many in a thousand sentences that are found may be lost because the network is not asked about them.
const lostByGate = 10

func main() {
	data := flag.String("data", "testdata/training", "directory of the training text")
	out := flag.String("o", "pkg/notice/model/sentence.model", "file to write; without it only the cross-validation is done")
	report := flag.String("report", "testdata/train/report.txt", "file for the measures on held-out threads")
	dumped := flag.String("dump", "", "file for every sentence with its labels and how far its scores, of a model that had not seen it, are from the thresholds")
	quick := flag.Bool("quick", false, "cross-validate the linear part only and write nothing")
	without := flag.String("without", "", "blocks of features to leave out, for trials")
	set := flag.String("set", "", "settings for trials: rate=…,decay=…,epochs=…,b0=…")
	flag.Parse()
	if err := run(*data, *out, *report, *dumped, *quick, *without, *set); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(data, out, report, dumped string, quick bool, without, trial string) error {
	var skip []int
	for _, f := range strings.FieldsFunc(without, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return err
		}
		skip = append(skip, n)
	}
	set, schedule := standard, standardSchedule
	for _, kv := range strings.FieldsFunc(trial, func(r rune) bool { return r == ',' }) {
		k, v, _ := strings.Cut(kv, "=")
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return err
		}
		switch k {
		case "rate":
			set.rate = f
		case "decay":
			set.decay = f
		case "epochs":
			set.epochs = int(f)
		case "nepochs":
			schedule.epochs = int(f)
		case "nrate":
			schedule.rate = float32(f)
		case "ndecay":
			schedule.decay = float32(f)
		case "dw":
			schedule.dropWord = f
		case "du":
			schedule.dropUnit = f
		case "tune":
			schedule.tune = float32(f)
		case "least":
			set.least = int(f)
		default:
			set.blocks[k[1]-'0'] = f
		}
	}
	start := time.Now()
	vectors, err := readVectors("testdata/train/vectors.bin")
	if err != nil {
		return err
	}
	corpus, stretches, err := readCorpus(data, skip, vectors.lexicon)
	if err != nil {
		return err
	}
	all, more := pointers(corpus), pointers(stretches)
	fmt.Printf("%d sentences, read in %s\n", len(all), time.Since(start).Round(time.Second))
	first := crossValidate(all, more, func(seen, unseen []*example) [][model.Acts]float32 {
		return trainLinear(seen, set).scores(unseen)
	})
	show("words", all, first)
	if quick {
		return nil
	}
	second := crossValidate(all, more, func(seen, unseen []*example) [][model.Acts]float32 {
		return trainNetwork(seen, vectors, schedule).scores(unseen)
	})
	show("network", all, second)
	fmt.Println(time.Since(start).Round(time.Second))
	var thresholds [model.Acts]float64
	var gates [model.Acts]float64
	var mixtures [model.Acts]mixture
	scores := make([][model.Acts]float32, len(all))
	for a := range thresholds {
		m := mix(all, first, second, a)
		for i := range scores {
			scores[i][a] = float32(m.score(float64(first[i][a]), float64(second[i][a])))
		}
		mixtures[a] = m
		_, thresholds[a] = bestF1(all, scores, a)
		var linear []float64
		for i := range scores {
			if float64(scores[i][a]) >= thresholds[a] {
				linear = append(linear, m.score(float64(first[i][a]), 0))
			}
		}
		slices.Sort(linear)
		gates[a] = linear[len(linear)*lostByGate/1000]
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%d sentences\n", len(all))
	table(&text, all, scores, thresholds)
	fmt.Printf("%s%.2f\n", text.Bytes(), thresholds)
	if dumped != "" {
		if err := dump(dumped, all, scores, thresholds); err != nil {
			return err
		}
	}
	if out == "" {
		return nil
	}
	both := slices.Concat(all, more)
	linear := trainLinear(both, set)
	w := linear.pack()
	w.Net = trainNetwork(both, vectors, schedule).pack()
	for a, m := range mixtures {
		w.Scale[a] = int32(math.Round(float64(w.Scale[a]) * m[0]))
		w.Bias[a] = int32(math.Round(float64(w.Bias[a])*m[0] + m[2]*model.One))
		w.Net.Mix[a] = int32(math.Round(m[1] * model.One))
		w.Gates[a] = int32(math.Round(gates[a] * model.One))
		w.Thresholds[a] = int32(math.Round(thresholds[a] * model.One))
	}
	packed := model.Encode(w)
	fmt.Printf("%d features, %d bytes, %s\n", len(w.Features), len(packed), time.Since(start).Round(time.Second))
	if err := os.WriteFile(report, text.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(out, packed, 0o644); err != nil {
		return err
	}
	m, err := model.Decode(packed)
	if err != nil {
		return err
	}
	golden := filepath.Join(filepath.Dir(out), "testdata")
	if err := os.MkdirAll(golden, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(golden, "golden.txt"), goldenScores(m), 0o644)
}

// examplesOfText are what the test of the model reads on every platform; sentences of one mail are parted by " / ".
var examplesOfText = []string{
	"If the sluice stays shut tonight, the lower meadow will be under water by morning. / Please open it!",
	"My name won't be on that sheet. / Build #4411 finished with 3 warnings.",
	"Wenn jemand die Tür öffnet, läuft das Messer noch neun Sekunden nach. / Bitte nicht einschalten.",
	"N’importe qui pourrait lire les factures des autres clients. / Je l’ai déjà dit en mars.",
	"El día que falle la bomba, nadie se va a enterar hasta el lunes. / ¿Quién lo firma?",
	"Lunch is at noon.",
}

func goldenScores(m *model.Model) []byte {
	var out bytes.Buffer
	r := m.NewReader()
	for _, text := range examplesOfText {
		r.Begin(model.Circumstances{})
		for s := range strings.SplitSeq(text, " / ") {
			r.Add(s, nil)
		}
		r.Score(nil)
		for a, score := range r.Scores(0) {
			if a > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(strconv.Itoa(int(score)))
		}
		fmt.Fprintf(&out, "\t%s\n", text)
	}
	return out.Bytes()
}

// dump writes every sentence with how far its scores are from the thresholds, to look at errors.
func dump(name string, all []*example, scores [][model.Acts]float32, thresholds [model.Acts]float64) error {
	var b strings.Builder
	for i, e := range all {
		fmt.Fprintf(&b, "%d\t%s\t%d\t%v\t", e.fold, e.lang, e.mail, e.noise)
		for a, l := range e.labels {
			fmt.Fprintf(&b, "%d:%.3f ", l, scores[i][a]-float32(thresholds[a]))
		}
		fmt.Fprintf(&b, "\t%s:%d\t%s\n", e.file, e.line, e.text)
	}
	return os.WriteFile(name, []byte(b.String()), 0o600)
}

// show prints the best F1 of each act in a line.
func show(name string, all []*example, scores [][model.Acts]float32) {
	sum := 0.0
	fmt.Printf("%-8s", name)
	for a, act := range names {
		f, _ := bestF1(all, scores, a)
		sum += f
		fmt.Printf("%s %.3f  ", act[:3], f)
	}
	fmt.Printf("macro %.3f\n", sum/model.Acts)
}

func pointers(list []example) []*example {
	all := make([]*example, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}

// crossValidate scores every sentence by a model that has not seen its thread. more is what is learnt from besides.
func crossValidate(all, more []*example, judge func(seen, unseen []*example) [][model.Acts]float32) [][model.Acts]float32 {
	scores := make([][model.Acts]float32, len(all))
	var wg sync.WaitGroup
	gate := make(chan struct{}, 2)
	for fold := range folds {
		wg.Add(1)
		go func() {
			defer wg.Done()
			gate <- struct{}{}
			defer func() { <-gate }()
			var seen, unseen []*example
			var places []int
			for i, e := range all {
				if e.fold == fold {
					unseen, places = append(unseen, e), append(places, i)
				} else {
					seen = append(seen, e)
				}
			}
			for _, e := range more {
				if e.fold != fold {
					seen = append(seen, e)
				}
			}
			for i, s := range judge(seen, unseen) {
				scores[places[i]] = s
			}
		}()
	}
	wg.Wait()
	return scores
}
