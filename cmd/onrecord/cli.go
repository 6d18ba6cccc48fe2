package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// version is set by the linker.
var version = "0.1.0-dev"

// exitCode is the exit status of the program. Scripts rely on these numbers.
type exitCode int

const (
	exitDone     exitCode = 0 // done; verified
	exitFailed   exitCode = 1 // could not do it (file, disk, network, permission)
	exitUsage    exitCode = 2 // wrong usage
	exitPartial  exitCode = 3 // done, but part of the sources could not be read (with --strict: or a message has defects)
	exitMismatch exitCode = 4 // verification found a mismatch or something missing
)

const exitCodesHelp = `
Exit codes: 0 done, verified; 1 could not do it; 2 wrong usage; 3 done, but part of the
sources could not be read (with --strict: or a message has defects); 4 verification found a
mismatch or something missing.`

// outcome is an error that carries its exit code, and what may help. Its text may be empty: then all was said already.
type outcome struct {
	code exitCode
	err  error
	hint string
}

func (o *outcome) Error() string {
	if o.err == nil {
		return ""
	}
	return o.err.Error()
}

func (o *outcome) Unwrap() error { return o.err }

func usage(format string, args ...any) error {
	return &outcome{code: exitUsage, err: fmt.Errorf(format, args...), hint: "see onrecord help"}
}

func failed(hint string, format string, args ...any) error {
	return &outcome{code: exitFailed, err: fmt.Errorf(format, args...), hint: hint}
}

// env is what a command sees of the world.
type env struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
	args   []string      // of this run
	fixed  bool          // now is SOURCE_DATE_EPOCH
	digest func() string // of the program's own file

	// What ends a wait: a signal, and the error that tells of it.
	done    <-chan struct{}
	stopped func() error

	heap *heap
}

// warn, hint and fail write messages for people. What comes out of mail is made harmless first.
func (e *env) warn(format string, args ...any) { e.say("warning", format, args...) }
func (e *env) hint(format string, args ...any) { e.say("hint", format, args...) }

func (e *env) say(kind, format string, args ...any) {
	fmt.Fprintf(e.stderr, "onrecord: %s: %s\n", kind, harmless(fmt.Sprintf(format, args...)))
}

// run runs the program and returns its exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	heap := limitHeap()
	defer heap.close()
	ignoreFileSizeSignal()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks to end in order; a second one ends at once.
	context.AfterFunc(ctx, stop)
	out := &output{Writer: stdout}
	e := &env{stdin: &waitingReader{r: stdin, done: ctx.Done(), stopped: ctx.Err}, stdout: out, stderr: stderr, now: time.Now, args: args, digest: sync.OnceValue(programDigest),
		done: ctx.Done(), stopped: ctx.Err, heap: heap}
	if err := e.fixClock(os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		return e.finish(err)
	}
	root := newRootCommand(e)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("standard output: %w", out.err)
	}
	return e.finish(err)
}

// output remembers that a write failed: a result that could not be handed over is no success.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// fixClock lets SOURCE_DATE_EPOCH (reproducible-builds.org) stand for the clock.
func (e *env) fixClock(epoch string) error {
	if epoch == "" {
		return nil
	}
	sec, err := strconv.ParseInt(epoch, 10, 64)
	// Later than the year 9999 cannot be written as RFC 3339.
	if err != nil || sec < 0 || sec > 253402300799 {
		return usage("SOURCE_DATE_EPOCH=%q is no number of seconds since 1970", epoch)
	}
	e.now, e.fixed = func() time.Time { return time.Unix(sec, 0).UTC() }, true
	return nil
}

func (e *env) finish(err error) int {
	if err == nil {
		return int(exitDone)
	}
	var o *outcome
	if !errors.As(err, &o) {
		o = &outcome{code: exitFailed, err: err}
		switch {
		case errors.Is(err, context.Canceled):
			o.err = errors.New("interrupted; nothing was left half-written")
		case strings.HasPrefix(err.Error(), "unknown command"), strings.HasPrefix(err.Error(), "unknown shorthand"):
			o.code, o.hint = exitUsage, "see onrecord help"
		}
	}
	if o.err != nil {
		// The first line is the error, further ones come of joined errors.
		for line := range strings.Lines(o.Error()) {
			e.say("error", "%s", strings.TrimRight(line, "\n"))
		}
	}
	if o.hint != "" {
		e.hint("%s", o.hint)
	}
	return int(o.code)
}

func newRootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "onrecord",
		Short: "turn e-mail exports into evidence: who warned whom about what, when, and who knew",
		Long: `onrecord reads .eml and mbox exports, keeps every byte, header and DKIM fact, hashes each
message, and writes a dossier (PDF, HTML, JSON) that shows who warned whom about what, when,
and who knew. Nothing leaves this machine unless you ask for it.

  onrecord build thread.mbox          write thread.mbox.dossier/
  onrecord review thread.mbox.dossier go through the suggestions, write the case file
  onrecord verify thread.mbox.dossier re-derive everything from the bytes and compare
  onrecord inspect message.eml        show one message: headers, hops, authentication, digests
` + exitCodesHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetVersionTemplate("onrecord {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &outcome{code: exitUsage, err: err, hint: "see " + cmd.CommandPath() + " --help"}
	})
	root.AddCommand(newBuildCommand(e), newVerifyCommand(e), newInspectCommand(e), newReviewCommand(e), newRenderCommand(e), newKeysCommand(e),
		newSchemaCommand(e), newVersionCommand(e), newManCommand(e), newArchiveCommand(e),
		newSealCommand(e), newProveCommand(e))
	root.SetHelpCommand(newHelpCommand(root))
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Args, completion.RunE = noArgs, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	return root
}

func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "show how a command is used",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage("there is no command %q", strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

func newVersionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(e.stdout, "onrecord %s\n", version)
			return err
		},
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no argument, but was given %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// oneArg is someArgs for a command that takes no more than one.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return &outcome{code: exitUsage, err: fmt.Errorf("%s takes one argument, but was also given %q", cmd.CommandPath(), args[1]), hint: "see " + cmd.CommandPath() + " --help"}
		}
		return someArgs(what)(cmd, args)
	}
}

func someArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return &outcome{code: exitUsage, err: fmt.Errorf("%s needs %s", cmd.CommandPath(), what), hint: "see " + cmd.CommandPath() + " --help"}
		}
		return nil
	}
}
