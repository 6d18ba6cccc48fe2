package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/pkg/archive"
)

func newArchiveCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "archive",
		Short: "keep a nightly store of mail: append-only, exactly once, provable",
		Long: `archive keeps a store that takes in, night after night, what is new in mailboxes: every
message once, byte for byte, with a record of where it was seen and since when, under a signed
Merkle log. Nothing in it is ever changed. Any thread comes out of it as a dossier with proofs.

  onrecord archive init  ~/mail.store
  onrecord archive add   ~/mail.store ~/Maildir ~/mail/*.mbox      every night
  onrecord archive find  ~/mail.store --from ada@example.org invoice
  onrecord archive export ~/mail.store --thread '<id@example.org>' --build -o thread.dossier
` + exitCodesHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command \"archive %s\"", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newArchiveInitCommand(e), newArchiveAddCommand(e), newArchiveVerifyCommand(e), newArchiveFindCommand(e), newArchiveThreadCommand(e),
		newArchiveExportCommand(e), newArchiveStatusCommand(e), newArchiveIndexCommand(e))
	return cmd
}

// argCount is someArgs with a number of arguments that is needed at least.
func argCount(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if most >= 0 && len(args) > most {
			return &outcome{code: exitUsage, err: fmt.Errorf("%s: there is an argument too many: %q", cmd.CommandPath(), args[most]), hint: "see " + cmd.CommandPath() + " --help"}
		}
		if len(args) < least {
			return &outcome{code: exitUsage, err: fmt.Errorf("%s needs %s", cmd.CommandPath(), what), hint: "see " + cmd.CommandPath() + " --help"}
		}
		return nil
	}
}

// archiveError gives an error of a store its exit code and a hint.
func archiveError(err error) error {
	var locked *archive.LockedError
	var open *archive.OpenToOthersError
	switch {
	case errors.As(err, &locked):
		return failed("wait for it to end; if that process is dead, the lock is free already and this message does not come", "%w", err)
	case errors.As(err, &open):
		return failed("chmod 600 "+open.Path+"; if somebody may have read it, checkpoints of the time since prove less", "%w", err)
	case errors.Is(err, archive.ErrNoStore):
		return failed("\"onrecord archive init\" makes one", "%w", err)
	case errors.Is(err, archive.ErrIndex):
		return failed("where the disk is not full, \"onrecord archive index STORE --rebuild\" makes it anew from the segments", "%w", err)
	case errors.Is(err, archive.ErrNoIndex):
		return failed("\"onrecord archive index STORE --rebuild\" makes it from the segments", "%w", err)
	}
	return err
}

// withStore opens a store for a command that takes no lock.
func withStore(dir string, do func(s *archive.Store) error) error {
	s, err := archive.Open(dir)
	if err != nil {
		return archiveError(err)
	}
	defer s.Close()
	return archiveError(do(s))
}

// withLock opens a store and takes its lock.
func withLock(e *env, dir, what string, do func(s *archive.Store) error) error {
	return withStore(dir, func(s *archive.Store) error {
		host, err := os.Hostname()
		if err != nil {
			host = "unknown"
		}
		if err := s.Lock(archive.Holder{PID: os.Getpid(), Host: host, Since: e.now().UTC().Truncate(time.Second), What: what}); err != nil {
			return err
		}
		return do(s)
	})
}

func newArchiveInitCommand(e *env) *cobra.Command {
	var n archive.NewStore
	cmd := &cobra.Command{
		Use:   "init STORE",
		Short: "make an empty store, and its signing key unless one is given",
		Long: `init makes an empty store with mode 0700, and an Ed25519 key that signs a checkpoint of the log
after each run. --key FILE uses a key from elsewhere: a file of two lines, the private and the
public key as golang.org/x/mod/sumdb/note writes them (the file "key" of another store is one).
Keep a copy of the public key, or of a checkpoint, where nobody who can write the store can
change it: that is what the store is checked against later.
` + exitCodesHelp,
		Args: argCount(1, 1, "a STORE: a directory that is empty or not there yet"),
		RunE: func(_ *cobra.Command, args []string) error {
			n.Dir, n.Random, n.Now, n.Version = args[0], rand.Reader, e.now(), version
			s, err := archive.Init(n)
			if err != nil {
				return archiveError(err)
			}
			defer s.Close()
			fmt.Fprintf(e.stdout, "%s: an empty store\npublic key: %s\n", harmless(args[0]), s.Config.PublicKey)
			return nil
		},
	}
	cmd.Flags().StringVar(&n.Key, "key", "", "sign with the key in FILE instead of a new one; it stays where it is")
	cmd.Flags().StringVar(&n.Origin, "origin", "", "name of the log in checkpoints, such as mail.example.org/archive (default: made up)")
	return cmd
}

func newArchiveStatusCommand(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status STORE", Short: "sizes, last run, last checkpoint, what vanished, who has the lock",
		Args: argCount(1, 1, "a STORE"),
		RunE: func(_ *cobra.Command, args []string) error {
			return withStore(args[0], func(s *archive.Store) error {
				st, err := s.Status()
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(e.stdout, st)
				}
				printStatus(e, st)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object for programs")
	return cmd
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// sizeText gives a size in bytes as people read it.
func sizeText(n int64) string {
	for _, u := range [...]struct {
		size int64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.size), u.name)
		}
	}
	return count(int(n), "byte", "bytes")
}

func printStatus(e *env, st *archive.Status) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(e.stdout, "%-11s %s\n", name, harmless(fmt.Sprintf(format, args...)))
	}
	line("store", "%s, log %s, since %s", st.Store, st.Origin, st.CreatedAt.Format(time.RFC3339))
	line("messages", "%d, %s; in %s, %d entries in the log", st.Messages, sizeText(st.MessageBytes), count(int(st.Runs), "run", "runs"), st.Entries)
	line("on disk", "%s in %s: segments %s, log %s, index %s", sizeText(st.Bytes), count(int(st.Files), "file", "files"), sizeText(st.SegmentBytes), sizeText(st.LogBytes), sizeText(st.IndexBytes))
	line("sources", "%s; %s no more there, %s no more where they were (all are kept here)", count(int(st.Sources), "file", "files"), count(int(st.GoneFiles), "file", "files"),
		count(int(st.GoneMessages), "message", "messages"))
	for _, g := range st.Gone {
		line("  gone", "%s, with %s, found missing %s", g.Path, count(int(g.Messages), "message", "messages"), g.Since.Format(time.RFC3339))
	}
	if l := st.LastRun; l != nil {
		line("last run", "%s to %s: %s", l.StartedAt.Format(time.RFC3339), l.EndedAt.Format(time.RFC3339), runText(l))
	} else {
		line("last run", "none yet")
	}
	if st.Behind > 0 {
		line("index", "is %s behind; the next add, or index --rebuild, makes it whole", count(int(st.Behind), "run", "runs"))
	}
	if st.Unfinished > 0 {
		line("unfinished", "%s; the next add finishes", count(int(st.Unfinished), "run", "runs"))
	}
	if st.Lock != nil {
		line("lock", "%s (%s)", st.Lock, cmp.Or(st.Lock.What, "?"))
	}
	line("public key", "%s", st.PublicKey)
	if st.Checkpoint != "" {
		fmt.Fprintf(e.stdout, "checkpoint\n")
		for text := range strings.Lines(st.Checkpoint) {
			fmt.Fprintf(e.stdout, "  %s\n", harmless(strings.TrimRight(text, "\n")))
		}
	}
}

func runText(l *archive.LastRun) string {
	if l.Error != "" {
		return "failed: " + l.Error
	}
	return fmt.Sprintf("%s looked at, %d unchanged; %s read, %d new", count(int(l.Files), "file", "files"), l.Unchanged+l.Renamed, count(int(l.Messages), "message", "messages"), l.New)
}

func newArchiveVerifyCommand(e *env) *cobra.Command {
	var deep, asJSON, quiet bool
	var key string
	var kept []string
	cmd := &cobra.Command{
		Use: "verify STORE", Short: "derive log, checkpoints, digests and index again, and compare",
		Long: `verify derives the log and every checkpoint from the manifests and compares them with what is
there; looks that every segment is there with its size; and compares the index. --deep reads
every byte of every segment and compares each message with the digest that the log holds.
The key that checkpoints are checked with is the one in the store, unless --public-key gives
the one that was kept elsewhere: only that shows that the whole store was not exchanged.
--checkpoint FILE (a copy of log/checkpoint of an earlier night, kept elsewhere) proves that the
log of today begins with that of then.
` + exitCodesHelp,
		Args: argCount(1, 1, "a STORE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(args[0], func(s *archive.Store) error {
				if key != "" {
					if err := s.TrustOnly(key); err != nil {
						return &outcome{code: exitMismatch, err: err}
					}
				}
				checkpoints := map[string][]byte{}
				for _, name := range kept {
					var err error
					if checkpoints[name], err = os.ReadFile(name); err != nil {
						return err
					}
				}
				progress := newProgress(e, quiet || asJSON, "checking", func() int64 { return -1 })
				if progress.w != nil {
					s.Progress = progress.set
				}
				r, err := s.Verify(cmd.Context(), deep, checkpoints)
				progress.done()
				if err != nil {
					return err
				}
				if asJSON {
					err = printJSON(e.stdout, r)
				} else {
					printArchiveReport(e, r, quiet, key != "")
				}
				if err == nil && !r.OK {
					err = &outcome{code: exitMismatch}
				}
				return err
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&deep, "deep", false, "read every byte of every segment")
	f.StringVar(&key, "public-key", "", "the store's public key, as \"archive init\" printed it")
	f.StringArrayVar(&kept, "checkpoint", nil, "a checkpoint of an earlier night that was kept elsewhere (repeatable)")
	f.BoolVar(&asJSON, "json", false, "one JSON object for programs")
	f.BoolVarP(&quiet, "quiet", "q", false, "say nothing when all is well")
	return cmd
}

func printArchiveReport(e *env, r *archive.Report, quiet, pinned bool) {
	if quiet && r.OK {
		return
	}
	w := e.stdout
	switch {
	case !r.OK:
		fmt.Fprintln(w, "The store is not as its log says.")
	case r.Deep:
		fmt.Fprintf(w, "Every byte of the %s is as the log says.\n", count(int(r.Messages), "message", "messages"))
	default:
		fmt.Fprintf(w, "Log, checkpoints and index fit the manifests of %s. The bytes of messages were not read (--deep does).\n", count(int(r.Runs), "run", "runs"))
	}
	if !pinned && r.OK {
		fmt.Fprintln(w, "The public key was taken from the store itself: --public-key checks against the one that you kept.")
	}
	fmt.Fprintln(w)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %-13s %s: %s\n", f.Status, harmless(f.Subject), harmless(f.Why))
	}
}

func newArchiveIndexCommand(e *env) *cobra.Command {
	var rebuild bool
	cmd := &cobra.Command{
		Use: "index STORE --rebuild", Short: "make the index anew from manifests and segments",
		Long: `index makes index.sqlite anew. It is a cache: all of it follows from the segments and their
manifests, and made anew it has the same content. --rebuild says that this is meant.
` + exitCodesHelp,
		Args: argCount(1, 1, "a STORE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !rebuild {
				return usage("archive index: say --rebuild; there is nothing else to do with an index")
			}
			return withLock(e, args[0], "archive index", func(s *archive.Store) error { return s.Rebuild(cmd.Context()) })
		},
	}
	cmd.Flags().BoolVar(&rebuild, "rebuild", false, "make the index anew")
	return cmd
}

// absolute gives the path by which a source is known from night to night.
func absolute(p string) (string, error) {
	abs, err := filepath.Abs(p)
	return filepath.ToSlash(abs), err
}

// interrupted tells whether a command ended because it was asked to.
func interrupted(ctx context.Context) bool { return ctx.Err() != nil }
