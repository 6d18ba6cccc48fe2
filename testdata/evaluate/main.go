// Command evaluate measures the finder of statements: on the labelled threads beside two baselines, on ordinary mail and on mail with hand-read warnings.
// It needs ONRECORD_SHARED; what make train measured on held-out threads of our own it repeats from the report.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"onrecord/pkg/notice"
)

func main() {
	atThresholds := flag.Bool("sweep", false, "count warnings in ordinary mail at several thresholds of the model instead")
	dump := flag.String("dump", "", "write the warnings found in ordinary mail to this file")
	unpacked := flag.String("corpora", "", "directory of the unpacked corpora; unpacked anew without it")
	report := flag.String("report", "testdata/train/report.txt", "what make train measured")
	flag.Parse()
	shared := os.Getenv("ONRECORD_SHARED")
	if err := run(shared, *unpacked, *report, *dump, *atThresholds); err != nil {
		fmt.Fprintln(os.Stderr, "evaluate:", err)
		os.Exit(1)
	}
}

func run(shared, unpacked, report, dump string, atThresholds bool) error {
	own, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	if !atThresholds {
		fmt.Printf("== our own threads, each judged by a model that had not seen it\n%s", own)
	}
	if shared == "" {
		fmt.Println("ONRECORD_SHARED is not set: the labelled threads and the corpora are left out")
		return nil
	}
	finder := notice.NewFinder()
	if !atThresholds {
		if err := labelled(finder, filepath.Join(shared, "eval")); err != nil {
			return err
		}
	}
	if unpacked == "" {
		if unpacked, err = unpack(filepath.Join(shared, "corpora")); err != nil {
			return err
		}
		defer os.RemoveAll(unpacked)
	}
	if atThresholds {
		return sweep(finder, unpacked)
	}
	return alarms(finder, unpacked, dump)
}

func unpack(from string) (string, error) {
	dir, err := os.MkdirTemp("", "onrecord-corpora-")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"spamassassin", "lists", "warnings"} {
		if out, err := exec.Command("tar", "-xJf", filepath.Join(from, name+".tar.xz"), "-C", dir).CombinedOutput(); err != nil {
			return "", fmt.Errorf("tar: %w: %s", err, out)
		}
	}
	return dir, nil
}

// riskWords are a baseline: a sentence with one of them is called a warning.
var riskWords = regexp.MustCompile(`(?i)\b(warn\w*|risk\w*|danger\w*|unsafe|hazard\w*|concern\w*|risque\w*|danger\w*|avert\w*|attention|warn\w*|gefahr\w*|gefähr\w*|risik\w*|bedenken|riesgo\w*|peligro\w*|advert\w*|advier\w*)\b`)

// labelled prints the table of the labelled threads.
func labelled(finder *notice.Finder, dir string) error {
	threads, files, err := readAll(filepath.Join(dir, "mbox", "*.mbox"))
	if err != nil {
		return err
	}
	var model, words, everything bytes.Buffer
	put := func(to *bytes.Buffer, thread, id, sentence, label string) {
		line, _ := json.Marshal(map[string]string{"thread": thread, "message_id": id, "sentence": sentence, "label": label})
		to.Write(append(line, '\n'))
	}
	for i, mails := range threads {
		thread := strings.TrimSuffix(filepath.Base(files[i]), ".mbox")
		for _, m := range mails {
			for _, s := range finder.Find(m.text).Statements {
				for _, act := range s.Acts {
					put(&model, thread, m.id, s.Text, strings.ToUpper(string(act)))
				}
			}
			for _, s := range finder.Score(m.text) {
				put(&everything, thread, m.id, s.Text, "WARNING")
				if riskWords.MatchString(s.Text) {
					put(&words, thread, m.id, s.Text, "WARNING")
				}
			}
		}
	}
	fmt.Println("\n== labelled threads of shared/eval")
	for _, b := range []struct {
		name  string
		lines *bytes.Buffer
	}{{"baseline: word list", &words}, {"baseline: every sentence", &everything}, {"onrecord", &model}} {
		var result struct {
			PerLabel map[string]map[string]struct{ Precision, Recall, F1 float64 } `json:"per_label"`
			Message  map[string]struct{ F1 float64 }                               `json:"warning_message_level"`
			Macro    map[string]float64                                            `json:"macro_f1"`
		}
		out, err := score(dir, b.lines.Bytes(), "--json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(out), "NaN", "0")), &result); err != nil {
			return err
		}
		w := result.PerLabel["WARNING"]["all"]
		fmt.Printf("%-26s WARNING precision %.3f recall %.3f F1 %.3f, message level F1 %.3f, macro F1 over all acts %.3f\n", b.name, w.Precision, w.Recall, w.F1, result.Message["all"].F1, result.Macro["all"])
	}
	out, err := score(dir, model.Bytes())
	fmt.Printf("\n%s", out)
	return err
}

func score(dir string, predictions []byte, more ...string) ([]byte, error) {
	f, err := os.CreateTemp("", "onrecord-predictions-")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(predictions); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	c := exec.Command("python3", append([]string{filepath.Join(dir, "score.py"), "sentences", filepath.Join(dir, "labels.jsonl"), f.Name()}, more...)...)
	c.Stderr = os.Stderr
	return c.Output()
}

// sets of mail that holds few warnings or was read by hand.
var sets = []struct{ name, pattern string }{
	{"ham", "spamassassin/*-ham-1/*"}, {"list", "lists/*.mbox"}, {"warnings: positive", "warnings/positive/*"}, {"warnings: negative", "warnings/negative/*"},
}

// mailsOf reads a set. Outside of the lists a file is one message.
func mailsOf(corpora string, name, pattern string) ([]mail, error) {
	files, _, err := readAll(filepath.Join(corpora, pattern))
	if err != nil {
		return nil, err
	}
	var all []mail
	for _, mails := range files {
		if name != "list" {
			mails = mails[:min(1, len(mails))]
		}
		all = append(all, mails...)
	}
	return all, nil
}

// alarms counts the warnings found.
func alarms(finder *notice.Finder, corpora, dump string) error {
	var found bytes.Buffer
	fmt.Println("\n== sentences called warnings in ordinary mail, and messages with warnings that were read by hand")
	for _, set := range sets {
		mails, err := mailsOf(corpora, set.name, set.pattern)
		if err != nil {
			return err
		}
		flagged, sentences := 0, 0
		for _, m := range mails {
			n := 0
			for _, s := range finder.Find(m.text).Statements {
				if s.Acts[0] == notice.Warning {
					n++
					fmt.Fprintf(&found, "%s\t%.2f\t%s\t%s\t%s\n", set.name, s.Confidence, s.Rule, s.Why, strings.Join(strings.Fields(s.Text), " "))
				}
			}
			sentences += n
			flagged += min(n, 1)
		}
		fmt.Printf("%-20s%5d messages, %4d with a warning (%.0f %%), %4d sentences: %.1f in 100 messages\n", set.name, len(mails), flagged, 100*float64(flagged)/float64(len(mails)), sentences, 100*float64(sentences)/float64(len(mails)))
	}
	if dump != "" {
		return os.WriteFile(dump, found.Bytes(), 0o600)
	}
	return nil
}

// sweep prints the same at other thresholds for the model, the rules left aside.
func sweep(finder *notice.Finder, corpora string) error {
	for _, set := range sets {
		mails, err := mailsOf(corpora, set.name, set.pattern)
		if err != nil {
			return err
		}
		offsets := []int32{-1024, -512, 0, 256, 512, 1024, 2048}
		flagged, sentences := make([]int, len(offsets)), make([]int, len(offsets))
		for _, m := range mails {
			scores := finder.Score(m.text)
			for i, offset := range offsets {
				n := 0
				for _, s := range scores {
					if s.Scores[0] >= finder.Threshold(0)+offset {
						n++
					}
				}
				sentences[i] += n
				flagged[i] += min(n, 1)
			}
		}
		fmt.Printf("%-20s", set.name)
		for i, offset := range offsets {
			fmt.Printf(" | %+d: %.1f, %d %%", offset, 100*float64(sentences[i])/float64(len(mails)), 100*flagged[i]/len(mails))
		}
		fmt.Println()
	}
	return nil
}
