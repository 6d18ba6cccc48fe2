package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
	"onrecord/pkg/verify"
)

// verifyLoose tells of each message in args whether it is in the dossier. No network: signatures of loose mail are not checked.
func verifyLoose(ctx context.Context, e *env, fsys fs.FS, args []string) (*verify.Report, error) {
	src := &sources{args: args, stdin: e.stdin, keeper: inPlace{}, spool: temporaryInput}
	arguments, err := src.check()
	if err != nil {
		return nil, err
	}
	d, closeDossier, err := verify.Open(fsys)
	if err != nil {
		return nil, failed("verify the dossier by itself first", "dossier.json: %w", err)
	}
	defer closeDossier()
	held, err := verify.NewHeld(fsys, d)
	if err != nil {
		return nil, failed("verify the dossier by itself first", "%w", err)
	}
	x := &evidence.Examiner{Limits: message.DefaultLimits(), Now: e.now(), Spool: temporarySpool}
	var findings []verify.Finding
	err = dossier.EachMessage(ctx, src.all(arguments), readerOptions(), runtime.GOMAXPROCS(0), func(item source.Item) ([]verify.Finding, error) {
		return held.Message(ctx, x, item)
	}, func(_ source.Item, f []verify.Finding) error {
		findings = append(findings, f...)
		return nil
	}, func(s dossier.SourceFile) {
		findings = append(findings, verify.Finding{Check: "loose mail", Subject: s.Source.Path, Status: verify.Unverifiable, Why: strings.TrimSuffix(s.Trouble.Reason+"; "+s.Trouble.Hint, "; ")})
	})
	if err != nil {
		return nil, err
	}
	if len(findings) == 0 {
		return nil, failed("", "%w in %s", dossier.ErrNoMessages, count(len(args), "source", "sources"))
	}
	return verify.LooseReport(findings), nil
}

// verifyAgainst compares two dossiers.
func verifyAgainst(ctx context.Context, e *env, one fs.FS, dir, against string) (*verify.Report, error) {
	root, err := openDossier(against)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var sides [2]verify.Side
	for i, s := range []struct {
		name string
		fs   fs.FS
	}{{dir, one}, {against, root.FS()}} {
		d, closeDossier, err := verify.Open(s.fs)
		if err != nil {
			return nil, failed("verify it by itself first", "%s: dossier.json: %w", s.name, err)
		}
		defer closeDossier()
		sides[i] = verify.Side{Name: filepath.Base(filepath.Clean(s.name)), FS: s.fs, Dossier: d}
	}
	if sides[0].Name == sides[1].Name {
		sides[0].Name, sides[1].Name = dir, against
	}
	return verify.Against(ctx, sides[0], sides[1], &evidence.Examiner{Limits: message.DefaultLimits(), Now: e.now(), Spool: temporarySpool})
}
