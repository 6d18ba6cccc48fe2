package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"onrecord/pkg/casefile"
	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/review"
	"onrecord/pkg/seal"
)

type reviewOptions struct {
	output string
	from   string
	acts   []string
	list   bool
	json   bool
	apply  string
}

func newReviewCommand(e *env) *cobra.Command {
	var o reviewOptions
	cmd := &cobra.Command{
		Use:   "review DOSSIER|SOURCE...",
		Short: "go through the suggestions, write the case file",
		Long: `review shows one suggestion after the other, with the text around it, why it was suggested and
what hangs on it, and asks for a decision: keep, reject, call it something else. Further
sentences can be marked, people merged or kept apart, topics, events and clocks named. Every
key is on the screen; ? explains them.

Each decision goes into the case file at once (case.yaml here, or -o FILE), whose comments and
order stay. If the file is there, it is continued: what it decides already is not asked again.
If not, it starts as a copy of --case FILE or of the dossier's own case file. The dossier itself
is not changed: onrecord build --case case.yaml writes one with the decisions.

Without a terminal, --list prints the suggestions and --apply reads decisions, one a line; all
of them are made, or none:

  ` + strings.Join(review.CommandHelp(), "\n  ") + `

ID is s1, s2 … as --list shows; EXHIBIT e1, e2 …; PERSON an id (p1), an address or a name. Words
with blanks stand in quotes. What follows # is a comment.` + "\n" + exitCodesHelp,
		Example: "  onrecord review thread.mbox.dossier\n  onrecord review --list --acts warning,denial thread.mbox\n  echo 'reject s14 \"the weather report\"' | onrecord review --apply - thread.mbox.dossier",
		Args:    someArgs("a DOSSIER directory, or a SOURCE"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runReview(cmd.Context(), e, o, args) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "case.yaml", "case file to write; continued if it is there")
	f.StringVar(&o.from, "case", "", "case file to start from, where the one to write is not there yet")
	f.StringSliceVar(&o.acts, "acts", nil, "only suggestions of these acts, such as warning,denial")
	f.BoolVar(&o.list, "list", false, "print the suggestions and what is decided")
	f.BoolVar(&o.json, "json", false, "with --list: one JSON object a line")
	f.StringVar(&o.apply, "apply", "", "make the decisions in `FILE` (-: standard input), one a line")
	return cmd
}

func (o *reviewOptions) check(args []string) error {
	if o.json && !o.list {
		return usage("--json goes with --list")
	}
	if o.list && o.apply != "" {
		return usage("--list and --apply exclude each other")
	}
	for i, a := range o.acts {
		o.acts[i] = strings.ToLower(strings.TrimSpace(a))
		if !slices.Contains(casefile.Acts(), o.acts[i]) {
			return usage("--acts %q: there is %s", a, strings.Join(casefile.Acts(), ", "))
		}
	}
	if slices.Contains(args, "-") && (o.apply == "-" || !o.list && o.apply == "") {
		return usage("standard input cannot be the mail and give the decisions too: save the mail to a file first")
	}
	return nil
}

func runReview(ctx context.Context, e *env, o reviewOptions, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	screen, err := openScreen(e)
	if err != nil && !o.list && o.apply == "" {
		return err
	}
	isDossier := len(args) == 1 && holdsDossier(args[0])
	file, err := openCase(e, o, args[0], isDossier)
	if err != nil {
		return err
	}
	read := readSources
	if isDossier {
		read = readDossier
	}
	s, partial, done, err := read(ctx, e, args, file.start, o.list || o.apply != "")
	if err != nil {
		return err
	}
	defer done()
	switch {
	case o.list && o.json:
		err = listTo(e, func(w io.Writer) error { return s.WriteJSON(w, file.start, o.acts) })
	case o.list:
		err = listTo(e, func(w io.Writer) error { return s.WriteText(w, file.start, o.acts) })
	case o.apply != "":
		err = applyDecisions(e, o, s, file, rebuild(file.name, args, isDossier))
	default:
		err = walk(ctx, e, o, s, file, screen, filepath.Base(filepath.Clean(args[0])), rebuild(file.name, args, isDossier))
	}
	if err == nil && partial {
		return &outcome{code: exitPartial}
	}
	return err
}

func listTo(e *env, write func(io.Writer) error) error {
	out := bufio.NewWriter(e.stdout)
	err := write(out)
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

func holdsDossier(dir string) bool {
	for _, name := range []string{"dossier.json", "bagit.txt"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// readDossier reads what a build has written. done closes it.
func readDossier(_ context.Context, _ *env, args []string, _ *casefile.Case, _ bool) (*review.Session, bool, func(), error) {
	root, err := openDossier(args[0])
	if err != nil {
		return nil, false, nil, err
	}
	defer root.Close()
	f, err := root.Open("dossier.json")
	if err != nil {
		return nil, false, nil, failed("", "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, nil, err
	}
	d, err := dossier.Decode(f, info.Size())
	if err != nil {
		return nil, false, nil, failed("onrecord verify tells what is wrong with a dossier", "%s: %w", filepath.Join(args[0], "dossier.json"), err)
	}
	s, err := review.NewSession(d)
	return s, false, func() {}, err
}

// reviewStore keeps nothing but what the analysis reads again.
type reviewStore struct{ spools []evidence.Spool }

func (s *reviewStore) AddMessage(_ int, content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return err
}

func (s *reviewStore) Place(_, exhibit, count int) (string, digest.Digest, error) {
	return seal.ExhibitFile(exhibit, count), digest.Digest{}, nil
}

func (s *reviewStore) Spool() (evidence.Spool, error) {
	f, err := temporarySpool()
	if err == nil {
		s.spools = append(s.spools, f)
	}
	return f, err
}

// readSources analyses mail as a build does. The marks of the case file are left out of it, so that the ids of the suggestions stay the same while it grows.
func readSources(ctx context.Context, e *env, args []string, matter *casefile.Case, quiet bool) (*review.Session, bool, func(), error) {
	ring, err := openKeyring(e, nil, "off")
	if err != nil {
		return nil, false, nil, err
	}
	src := &sources{args: args, stdin: e.stdin, keeper: inPlace{}, spool: temporaryInput}
	arguments, err := src.check()
	if err != nil {
		return nil, false, nil, err
	}
	unmarked := *matter
	unmarked.Marks, unmarked.Events, unmarked.Clocks = nil, nil, nil
	store := &reviewStore{}
	done := func() {
		for _, f := range store.spools {
			f.Close()
		}
	}
	progress := newProgress(e, quiet, "reading", func() int64 { return totalSize(arguments) })
	d, err := dossier.Build(ctx, dossier.Input{
		Sources: src.all(arguments), Reader: readerOptions(),
		Examiner: &evidence.Examiner{Limits: message.DefaultLimits(), Keys: ring.lookup, Now: e.now(), Spool: temporarySpool},
		Finder:   notice.NewFinder(), Case: &unmarked, Store: store, Workers: runtime.GOMAXPROCS(0), Progress: progress.add,
	})
	progress.done()
	if err != nil {
		done()
		return nil, false, nil, buildError(e, err, d)
	}
	warnSources(e, d)
	s, err := review.NewSession(d)
	if err != nil {
		done()
	}
	return s, d.Ledger.Failed > 0, done, err
}

// caseOnDisk is the case file that is written.
type caseOnDisk struct {
	name  string
	text  []byte // as last read or written; of a file that is not there yet what it starts with
	there bool
	seen  os.FileInfo
	start *casefile.Case // what it said at the start
	// broken: somebody else has written what is no case file. Until it is one again, nothing is written over it.
	broken bool
}

const newCase = "# Case file of onrecord. \"onrecord schema --case\" prints what it may hold.\n"

// openCase finds what the case file says so far.
func openCase(e *env, o reviewOptions, first string, isDossier bool) (*caseOnDisk, error) {
	c := &caseOnDisk{name: o.output}
	if dir := dossierAround(o.output); dir != "" && !o.list {
		return nil, failed("choose another place with -o; the dossier's own case file is copied there", "%s lies in the dossier %s, which is not changed", o.output, dir)
	}
	text, err := os.ReadFile(o.output)
	from := o.output
	switch {
	case err == nil && o.from != "" && !sameFile(o.from, o.output):
		return nil, failed("leave --case out, or name another file to write with -o", "%s is there already, and is what would be continued", o.output)
	case err == nil:
		c.there = true
	case !errors.Is(err, fs.ErrNotExist):
		return nil, failed("", "%w", err)
	case o.from != "":
		from = o.from
		if text, err = os.ReadFile(from); err != nil {
			return nil, failed("", "%w", err)
		}
	default:
		if text, from = []byte(newCase), o.output; isDossier {
			if own, err := os.ReadFile(filepath.Join(first, "case.yaml")); err == nil {
				text, from = own, filepath.Join(first, "case.yaml")
			}
		}
	}
	if c.start, err = casefile.Parse(bytes.NewReader(text), from); err != nil {
		return nil, &outcome{code: exitUsage, err: err, hint: "onrecord schema --case prints what a case file may hold"}
	}
	c.text = text
	c.look()
	return c, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// dossierAround gives the dossier directory that a file lies in, "" if none.
func dossierAround(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "bagit.txt")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

func (c *caseOnDisk) look() {
	if info, err := os.Stat(c.name); err == nil {
		c.seen = info
	}
}

// changed gives the file's text if somebody else has written it since it was last read or written.
func (c *caseOnDisk) changed() ([]byte, bool) {
	info, err := os.Stat(c.name)
	if err != nil || c.seen != nil && os.SameFile(info, c.seen) && info.Size() == c.seen.Size() && info.ModTime().Equal(c.seen.ModTime()) {
		return nil, false
	}
	text, err := os.ReadFile(c.name)
	if err != nil {
		return nil, false
	}
	c.seen = info
	return text, !c.there || c.broken || !bytes.Equal(text, c.text)
}

// write puts the text in the file's place, whole or not at all.
func (c *caseOnDisk) write(text []byte) error {
	name := c.name
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	_, err = f.Write(text)
	for _, step := range []func() error{func() error { return f.Chmod(mode) }, f.Sync} {
		if err == nil {
			err = step()
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err == nil {
		c.text, c.there = text, true
		c.look()
	}
	return err
}

// maxDecisions bounds the size of what --apply reads.
const maxDecisions = 16 << 20

// applyDecisions makes the decisions of a file, all or none.
func applyDecisions(e *env, o reviewOptions, s *review.Session, file *caseOnDisk, again string) error {
	in := e.stdin
	if o.apply != "-" {
		f, err := os.Open(o.apply)
		if err != nil {
			return failed("", "%w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxDecisions))
	if err != nil {
		return err
	}
	ed, err := casefile.Open(file.text, file.name)
	if err != nil {
		return err
	}
	var wrong []error
	n, made := 0, 0
	for line := range strings.Lines(string(text)) {
		n++
		c, err := review.ParseCommand(line)
		if err == nil && c.Verb != "" {
			made++
			_, err = s.Apply(ed, c)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s, line %d: %w", cmpOr(strings.TrimPrefix(o.apply, "-"), "standard input"), n, err))
			if len(wrong) == 20 {
				break
			}
		}
	}
	if len(wrong) > 0 {
		return &outcome{code: exitUsage, err: errors.Join(wrong...), hint: "nothing was written; see onrecord review --help"}
	}
	if !bytes.Equal(ed.Bytes(), file.text) {
		if err := file.write(ed.Bytes()); err != nil {
			return failed("", "cannot write %s: %w", file.name, err)
		}
	}
	m, err := review.New(s, ed.Bytes(), review.Options{Case: file.name, Acts: o.acts})
	if err != nil {
		return err
	}
	if made == 0 {
		fmt.Fprintf(e.stdout, "%s\nno decision\n", harmless(m.Report()))
		return nil
	}
	fmt.Fprintf(e.stdout, "%s\n%s in %s\n", harmless(m.Report()), count(made, "decision", "decisions"), harmless(file.name))
	goOn(e, m, file, again)
	return nil
}

// goOn says what is odd about the case file, and what to do with it.
func goOn(e *env, m *review.Model, file *caseOnDisk, again string) {
	if n := m.Unfit(); n > 0 {
		e.warn("%s of %s no words of this mail: is it the case file of this matter?", count(n, "entry", "entries"), file.name+map[bool]string{true: " fits", false: " fit"}[n == 1])
	}
	if file.there {
		e.hint("%s", again)
	}
}

// rebuild is the command that puts the decisions into a dossier.
func rebuild(caseName string, args []string, isDossier bool) string {
	words := []string{"onrecord", "build", "--case", caseName}
	if isDossier {
		dir := filepath.Clean(args[0])
		if keys, err := os.ReadFile(filepath.Join(dir, "dkim-keys.txt")); err == nil && bytes.Contains(keys, []byte("._domainkey.")) {
			words = append(words, "--keys", filepath.Join(dir, "dkim-keys.txt"))
		}
		words = append(words, "-o", "reviewed.dossier")
		args = []string{filepath.Join(dir, "data", "sources")}
		if _, err := os.Stat(args[0]); err != nil {
			args = []string{"SOURCE..."} // they were not copied
		}
	}
	words = append(words, args...)
	for i, w := range words {
		if strings.ContainsAny(w, " '\"$\\*?[]()&;|<>`!#~\t\n") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
