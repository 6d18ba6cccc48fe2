package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/source"
)

// mail is a message, or one inside of another, as the finder reads it.
type mail struct {
	id   string
	text notice.Text
}

// readMail reads every message of a file the way the program does.
func readMail(name string) ([]mail, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	kind := source.Recognise(filepath.Base(name), raw[:min(len(raw), 64<<10)], int64(len(raw)), true)
	if kind.Trouble != nil {
		kind = source.Kind{Format: source.EML}
	}
	_, items, err := source.Items(name, source.Bytes(raw), kind, source.Options{})
	if err != nil {
		return nil, err
	}
	examiner := evidence.Examiner{Limits: message.DefaultLimits()}
	var all []mail
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		e, err := examiner.Examine(context.Background(), item)
		if err != nil {
			return nil, err
		}
		queue := []*evidence.Record{e.Record}
		for len(queue) > 0 {
			r := queue[0]
			queue = queue[1:]
			all = append(all, mail{r.MessageID, dossier.FinderText(r)})
			for i := range r.Nested {
				queue = append(queue, r.Nested[i].Record)
			}
		}
		if err := e.Close(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readAll(pattern string) ([][]mail, []string, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(files)
	var all [][]mail
	for _, f := range files {
		mails, err := readMail(f)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, mails)
	}
	return all, files, nil
}
