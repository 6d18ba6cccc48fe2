package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/pkg/archive"
	"onrecord/pkg/source"
)

type addOptions struct {
	recheck   bool
	json      bool
	quiet     bool
	verbose   bool
	logFormat string
	metrics   string
	tsa       string
}

func newArchiveAddCommand(e *env) *cobra.Command {
	var o addOptions
	cmd := &cobra.Command{
		Use:   "add STORE SOURCE...",
		Short: "take in what is new; safe to run again, safe to kill",
		Long: `add takes in every message of the sources that the store does not have, and records where each
was seen. Sources are those of "onrecord build". A file whose size and time of change are as
before is not opened. An mbox that has only grown is read from its old end on, after its first
block (1 MiB), its old end and sixteen blocks between, chosen anew each time, were found to be
as before; --recheck opens every file and reads every byte. What is gone from a source since
the last run is named; it stays in the store.

When all is well add says nothing, so that cron mails only what somebody should look at.
` + exitCodesHelp,
		Example: "  onrecord archive add ~/mail.store ~/Maildir /var/mail/ada",
		Args:    argCount(2, -1, "a STORE and a SOURCE: .eml files, mbox files, directories of them, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch o.logFormat {
			case "", "text", "json":
			default:
				return usage("--log-format %q: there is text and json", o.logFormat)
			}
			if o.tsa != "" {
				if _, err := authority(o.tsa); err != nil {
					return err
				}
			}
			return runArchiveAdd(cmd.Context(), e, o, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.recheck, "recheck", false, "open every file and read every byte, whatever size and time say")
	f.BoolVar(&o.json, "json", false, "print a summary for programs on standard output, one line")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but errors")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "say also what was done when all is well")
	f.StringVar(&o.logFormat, "log-format", "", "write messages as structured logs: text, json")
	f.StringVar(&o.tsa, "tsa", "", "have the checkpoint stamped by the time-stamp authority (RFC 3161) at URL; only its digest is sent")
	f.StringVar(&o.metrics, "metrics", "", "write figures of the run to FILE, in the text form of Prometheus")
	return cmd
}

// nightLog says what a run has to say: in the words of this program, or as structured logs.
type nightLog struct {
	e      *env
	o      addOptions
	logger *slog.Logger
}

func newNightLog(e *env, o addOptions) *nightLog {
	l := &nightLog{e: e, o: o}
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Time(slog.TimeKey, e.now().UTC())
		}
		return a
	}}
	switch o.logFormat {
	case "text":
		l.logger = slog.New(slog.NewTextHandler(e.stderr, options))
	case "json":
		l.logger = slog.New(slog.NewJSONHandler(e.stderr, options))
	}
	return l
}

// info is said where it was asked for, or somebody looks.
func (l *nightLog) info(text string, attrs ...any) {
	switch {
	case l.logger != nil:
		l.logger.Info(text, attrs...)
	case l.o.verbose || isTerminal(l.e.stderr) && !l.o.quiet:
		fmt.Fprintf(l.e.stderr, "onrecord: %s\n", harmless(text))
	}
}

func (l *nightLog) warn(text string, attrs ...any) {
	switch {
	case l.o.quiet:
	case l.logger != nil:
		l.logger.Warn(text, attrs...)
	default:
		l.e.warn("%s", text)
	}
}

func runArchiveAdd(ctx context.Context, e *env, o addOptions, store string, args []string) error {
	log := newNightLog(e, o)
	began := time.Now()
	var l *archive.LastRun
	err := withLock(e, store, "archive add", func(s *archive.Store) error {
		before, err := s.LastRun()
		if err != nil {
			return err
		}
		if before != nil && e.now().Before(before.StartedAt.Add(-time.Minute)) {
			log.warn(fmt.Sprintf("the clock says %s, and the last run was at %s: runs are kept in their order, not in that of their times", e.now().UTC().Format(time.RFC3339),
				before.StartedAt.Format(time.RFC3339)), "last_run", before.StartedAt)
		}
		start := e.now()
		if l, err = takeIn(ctx, e, o, s, args); err == nil {
			if o.tsa != "" {
				if serr := stampCheckpoint(ctx, s, o.tsa); serr != nil {
					l.Troubles = append(l.Troubles, archive.Trouble{Path: "time-stamp authority", Reason: serr.Error(), Hint: "the mail is taken in; the next run asks again"})
				}
			}
			err = s.Finish(l, e.now())
		} else if !interrupted(ctx) {
			// For status. Where even that cannot be written, the error says enough.
			_ = s.Finish(&archive.LastRun{StartedAt: start.UTC().Truncate(time.Second), Error: err.Error()}, e.now())
		}
		return err
	})
	code := exitDone
	if err == nil && len(l.Troubles) > 0 {
		code = exitPartial
	} else if err != nil {
		code = exitFailed
	}
	if o.metrics != "" {
		success := lastSuccess(o.metrics)
		if err == nil {
			success = strconv.FormatInt(e.now().Unix(), 10)
		}
		if merr := replaceFile(o.metrics, func(w io.Writer) error { return writeMetrics(w, e.now(), time.Since(began), success, l, code) }); merr != nil && err == nil {
			err = failed("", "%w", merr)
		}
	}
	if err != nil {
		return err
	}
	log.summary(l)
	if o.json {
		if err := printJSON(e.stdout, l); err != nil {
			return err
		}
	}
	if code != exitDone {
		return &outcome{code: code}
	}
	return nil
}

func (log *nightLog) summary(l *archive.LastRun) {
	for _, t := range l.Troubles {
		text := t.Path + ": " + t.Reason
		if t.Hint != "" {
			text += " (" + t.Hint + ")"
		}
		log.warn(text, "path", t.Path)
	}
	for _, v := range l.Vanished {
		since := "when it was last read"
		if !v.Since.IsZero() {
			since = "on " + v.Since.Format(time.RFC3339)
		}
		is := "are gone; they are kept here"
		if v.Messages == 1 {
			is = "is gone; it is kept here"
		}
		were := "was"
		if v.Messages != 1 {
			were = "were"
		}
		log.warn(fmt.Sprintf("%s that %s in %s %s %s", count(int(v.Messages), "message", "messages"), were, v.Path, since, is), "path", v.Path, "messages", v.Messages, "file_gone", v.File)
	}
	for _, p := range l.Deferred {
		log.info(p+" was written to while it was read: what was being written is taken in by the next run", "path", p)
	}
	log.info(runText(l), "run", l.Run, "files", l.Files, "unchanged", l.Unchanged, "messages", l.Messages, "new", l.New, "new_bytes", l.NewBytes,
		"duplicates", l.Duplicates, "entries", l.Entries)
}

// takeIn reads the sources into a store. A file that is rewritten while it is read ends the attempt, because what was read of it may never have been in it.
func takeIn(ctx context.Context, e *env, o addOptions, s *archive.Store, args []string) (*archive.LastRun, error) {
	const attempts = 2
	torn := map[string]int{}
	in := &intake{e: e, s: s, args: args, torn: torn, attempts: attempts, progress: newProgress(e, o.quiet || o.logFormat != "", "reading", func() int64 { return sizeOf(args) })}
	defer in.progress.done()
	defer in.close()
	if err := in.spoolInput(ctx); err != nil {
		return nil, err
	}
	for {
		now := e.now()
		r, err := s.Begin(ctx, archive.Options{Now: now, Version: version, Recheck: o.recheck, Gone: isGone, Seed: seedOf(now)})
		if err != nil {
			return nil, err
		}
		if err = in.all(r); err == nil {
			return r.Commit()
		}
		r.Abort()
		var again *archive.TornError
		if !errors.As(err, &again) {
			return nil, err
		}
		torn[again.Path]++
	}
}

// isGone tells whether a file is there no more. Where that cannot be known it counts as there.
func isGone(p string) bool {
	_, err := os.Lstat(filepath.FromSlash(p))
	return errors.Is(err, fs.ErrNotExist)
}

// seedOf chooses the blocks that are compared: others each night, the same for the same clock.
func seedOf(now time.Time) uint64 {
	sum := sha256.Sum256([]byte(now.UTC().Format(time.RFC3339Nano)))
	return binary.BigEndian.Uint64(sum[:])
}

// intake walks the sources of a run.
type intake struct {
	e        *env
	s        *archive.Store
	args     []string
	torn     map[string]int
	attempts int
	input    *os.File // standard input, kept where it can be read from any place
	store    string   // real path
	progress *progress
}

// sizeOf adds up what is named, for the progress bar; -1 where standard input is among it.
func sizeOf(args []string) int64 {
	total := int64(0)
	for _, a := range args {
		if a == "-" {
			return -1
		}
		if info, err := os.Stat(a); err == nil && info.IsDir() {
			total += sizeBelow(os.DirFS(a), ".")
		} else if err == nil {
			total += info.Size()
		}
	}
	return total
}

func (in *intake) close() {
	if in.input != nil {
		closeUnnamed(in.input)
	}
}

// spoolInput keeps standard input before the store is touched, if it is a source.
func (in *intake) spoolInput(ctx context.Context) error {
	for _, a := range in.args {
		if a != "-" || in.input != nil {
			continue
		}
		f, err := unnamedFile(os.TempDir())
		if err != nil {
			return err
		}
		in.input = f
		if _, err := io.Copy(f, stoppableReader{in.e.stdin, ctx.Err}); err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
	}
	return nil
}

func (in *intake) all(r *archive.Run) error {
	var err error
	if in.store, err = filepath.EvalSymlinks(in.s.Dir()); err != nil {
		return err
	}
	if in.store, err = filepath.Abs(in.store); err != nil {
		return err
	}
	var missing []error
	for _, a := range in.args {
		if a == "-" {
			continue
		}
		if _, err := os.Stat(a); errors.Is(err, fs.ErrNotExist) {
			known, kerr := in.known(r, a)
			if kerr != nil {
				return kerr
			}
			if !known {
				missing = append(missing, err)
			}
		}
	}
	if len(missing) > 0 {
		return failed("name .eml files, mbox files or directories of them, or - for standard input", "%w", errors.Join(missing...))
	}
	for _, a := range in.args {
		if err := in.argument(r, a); err != nil {
			return err
		}
	}
	return nil
}

// known tells whether an earlier run read something there.
func (in *intake) known(r *archive.Run, a string) (bool, error) {
	abs, err := absolute(a)
	if err != nil {
		return false, err
	}
	return r.Known(abs)
}

func (in *intake) argument(r *archive.Run, a string) error {
	if a == "-" {
		return in.standardInput(r)
	}
	abs, err := absolute(a)
	if err != nil {
		return err
	}
	info, err := os.Stat(a)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r.Missing(abs)
	case err != nil:
		return r.Failed(abs, "could not be read: "+reason(err), "check its permissions")
	case info.IsDir():
		return in.tree(r, a, abs)
	case !info.Mode().IsRegular():
		return r.Failed(abs, "is no regular file ("+info.Mode().Type().String()+") and was not opened", "")
	}
	return in.take(r, archive.File{Path: abs, Size: info.Size(), Modified: info.ModTime(), Named: true, Open: func() (archive.Opened, error) {
		f, err := os.Open(a)
		if err != nil {
			return nil, err
		}
		return sourceFile{f}, nil
	}})
}

func (in *intake) take(r *archive.Run, f archive.File) error {
	if in.torn[f.Path] >= in.attempts {
		return r.Failed(f.Path, fmt.Sprintf("was rewritten while it was read, %d times; nothing of it was taken in", in.attempts), "the next run tries again")
	}
	left := f.Size // of a file that is not read anew, too
	defer func() { in.progress.add(left) }()
	open := f.Open
	f.Open = func() (archive.Opened, error) {
		opened, err := open()
		if err != nil || in.progress.w == nil {
			return opened, err
		}
		return watchedFile{opened, in.progress, &left}, nil
	}
	return r.Take(f)
}

func (in *intake) standardInput(r *archive.Run) error {
	info, err := in.input.Stat()
	if err != nil {
		return err
	}
	// It is another source each time.
	name := "standard input of " + in.e.now().UTC().Format(time.RFC3339)
	return r.Take(archive.File{Path: name, Size: info.Size(), Modified: info.ModTime(), Named: true, Open: func() (archive.Opened, error) { return keptOpen{sourceFile{in.input}}, nil }})
}

// tree walks a directory that it cannot leave.
func (in *intake) tree(r *archive.Run, dir, abs string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return r.Failed(abs, "could not be opened: "+reason(err), "make it readable for this account")
	}
	defer root.Close()
	fsys := root.FS()
	own := ownDirectories{fsys: fsys, known: map[string]string{}}
	store := inTree(abs, in.store)
	base := strings.TrimSuffix(abs, "/")
	var unread []string
	for f, err := range source.Walk(fsys, ".") {
		if err != nil {
			return r.Failed(abs, "could not be read: "+reason(err), "check its permissions")
		}
		if below(f.Path, store) {
			continue
		}
		name := base + "/" + f.Path
		if _, what := own.around(f.Path); what != "" {
			continue
		}
		if f.Trouble != nil {
			unread = append(unread, name)
			if f.Trouble.Kind == source.Failed {
				if err := r.Failed(name, f.Trouble.Reason, f.Trouble.Hint); err != nil {
					return err
				}
			}
			continue
		}
		err := in.take(r, archive.File{Path: name, Size: f.Size, Modified: f.ModTime, Open: func() (archive.Opened, error) {
			opened, err := root.Open(filepath.FromSlash(f.Path))
			if err != nil {
				return nil, err
			}
			return sourceFile{opened}, nil
		}})
		if err != nil {
			return err
		}
	}
	return r.Absent(abs, unread)
}

// sourceFile is a file that is only read.
type sourceFile struct{ *os.File }

// Now implements archive.Opened.
func (f sourceFile) Now() (int64, time.Time, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, time.Time{}, err
	}
	if !info.Mode().IsRegular() {
		return 0, time.Time{}, errors.New("is no regular file")
	}
	return info.Size(), info.ModTime(), nil
}

// keptOpen is not closed by who reads it.
type keptOpen struct{ sourceFile }

func (keptOpen) Close() error { return nil }

const successMetric = "last_success_timestamp_seconds"

// lastSuccess reads from the figures of the run before when the last one ended well, so that a failure does not hide it.
func lastSuccess(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "onrecord_archive_"+successMetric+" "); ok {
			if _, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
				return strings.TrimSpace(v)
			}
		}
	}
	return ""
}

// writeMetrics writes what a run did in the text form of Prometheus.
func writeMetrics(w io.Writer, now time.Time, took time.Duration, success string, l *archive.LastRun, code exitCode) error {
	metric := func(name, help string, value any) {
		fmt.Fprintf(w, "# HELP onrecord_archive_%s %s\n# TYPE onrecord_archive_%s gauge\nonrecord_archive_%s %v\n", name, help, name, name, value)
	}
	metric("last_run_timestamp_seconds", "When the last run ended.", now.Unix())
	metric("last_run_duration_seconds", "How long it took.", took.Seconds())
	metric("last_run_exit_code", "0: all well; 3: part of the sources could not be read; others: see the log.", int(code))
	if success != "" {
		metric(successMetric, "When the last run that reached its end did so.", success)
	}
	if l == nil {
		return nil
	}
	vanished := int64(0)
	for _, v := range l.Vanished {
		vanished += v.Messages
	}
	metric("files", "Files that were looked at.", l.Files)
	metric("messages_read", "Messages that were read.", l.Messages)
	metric("messages_new", "Messages that were taken in.", l.New)
	metric("messages_vanished", "Messages that were gone from their source.", vanished)
	metric("sources_failed", "Files that could not be read.", len(l.Troubles))
	metric("log_entries", "Entries of the log.", l.Entries)
	return nil
}
