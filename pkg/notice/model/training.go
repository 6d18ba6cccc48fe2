package model

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Label says whether an act is performed.
type Label int8

// The labels.
const (
	No     Label = 0
	Yes    Label = 1
	Either Label = -1 // one may say so or not
)

// Labelled is one sentence of the training text.
type Labelled struct {
	Text   string
	Labels [Acts]Label
	Quoted bool // of another mail: not the writer's own
	Line   int
}

// Thread is a mail thread of the training text, or a mail of noise.
type Thread struct {
	Name  string
	Noise bool
	Loose bool // only the warnings in it are labelled with care
	Mails [][]Labelled
}

// Codes are the letters of the acts in the training text.
const Codes = "WROTAKCDBIF"

// ReadThreads reads training text: "@thread name", "@noise name" or "@list name" (loose), "@mail anything", and lines of codes, "|" and a sentence.
func ReadThreads(from io.Reader) ([]Thread, error) {
	var threads []Thread
	scan := bufio.NewScanner(from)
	scan.Buffer(nil, 1<<20)
	for number := 1; scan.Scan(); number++ {
		line := strings.TrimRight(scan.Text(), " \t\r")
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case word == "@thread" || word == "@noise" || word == "@list":
			threads = append(threads, Thread{Name: strings.TrimSpace(rest), Noise: word == "@noise", Loose: word == "@list"})
		case len(threads) == 0:
			return nil, fmt.Errorf("line %d: no @thread before it", number)
		case word == "@mail":
			last := &threads[len(threads)-1]
			last.Mails = append(last.Mails, nil)
		default:
			l, err := readLine(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
			l.Line = number
			last := &threads[len(threads)-1]
			if len(last.Mails) == 0 {
				last.Mails = append(last.Mails, nil)
			}
			mail := &last.Mails[len(last.Mails)-1]
			*mail = append(*mail, l)
		}
	}
	return threads, scan.Err()
}

func readLine(line string) (Labelled, error) {
	codes, text, found := strings.Cut(line, "|")
	l := Labelled{Text: strings.TrimSpace(text)}
	if !found || l.Text == "" {
		return l, fmt.Errorf("want: codes | sentence")
	}
	for _, code := range strings.Fields(codes) {
		letter := strings.Trim(code, "?")
		if letter == "N" {
			continue
		}
		act := slices.Index(strings.Split(Codes, ""), letter)
		if act < 0 {
			return l, fmt.Errorf("no such code: %s", code)
		}
		l.Labels[act] = Yes
		if letter != code {
			l.Labels[act] = Either
		}
	}
	if strings.TrimSpace(codes) == "" {
		return l, fmt.Errorf("no codes")
	}
	if l.Text, l.Quoted = strings.CutPrefix(l.Text, "> "); l.Quoted {
		l.Labels = [Acts]Label{}
	}
	return l, nil
}
