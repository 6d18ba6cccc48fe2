package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/pkg/casefile"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/mbox"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/seal"
	"onrecord/pkg/smime"
	"onrecord/pkg/source"
)

// machineClock is what every view says of the time of making until a trusted time-stamp is added.
const machineClock = "this machine's clock; no trusted time-stamp"

// maxInMemory is the size up to which a message is held in memory, in bytes; larger ones are streamed.
const maxInMemory = 4 << 20

func readerOptions() source.Options {
	return source.Options{Mbox: mbox.Options{MaxInMemory: maxInMemory}}
}

type buildOptions struct {
	output      string
	force       bool
	caseFile    string
	formats     []string
	look        look
	timezone    string
	since       string
	until       string
	participant string
	thread      string
	sources     string
	keys        []string
	dns         string
	trust       trustOptions
	strict      bool
	quiet       bool
	json        bool
	seal        sealOptions
}

func newBuildCommand(e *env) *cobra.Command {
	var o buildOptions
	cmd := &cobra.Command{
		Use:   "build SOURCE...",
		Short: "write a dossier directory from exports",
		Long: `build reads .eml files, mbox files (recognised by content, whatever their name), directories of
them (Maildir included) and, as -, standard input, and writes a dossier: dossier.pdf for the
table, dossier.html to look things up, dossier.json for programs, and behind them every
message's exact bytes with manifests that sha256sum checks. Sources are only read.` + "\n" + exitCodesHelp,
		Example: "  onrecord build thread.mbox\n  onrecord build --case case.yaml -o warning.dossier mail/ sent.mbox",
		Args:    someArgs("a SOURCE: an .eml file, an mbox file, a directory of them, or - for standard input"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runBuild(cmd.Context(), e, o, args) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "", "directory to write (default: the first source's name + .dossier, here)")
	f.BoolVar(&o.force, "force", false, "replace a dossier that is there already")
	f.StringVar(&o.caseFile, "case", "", "case file: the matter, people with roles, marks (see onrecord schema --case)")
	f.StringSliceVar(&o.formats, "format", usualViews(), "which views to write: "+strings.Join(slices.DeleteFunc(viewNames(), func(n string) bool { return n == mailbagView }), ", ")+"; dossier.json is always written")
	o.look.flags(f)
	f.StringVar(&o.timezone, "timezone", "", "time zone for display, an IANA name such as Europe/Berlin (default: the machine's)")
	f.StringVar(&o.since, "since", "", "leave out what was sent before DATE (2006-01-02 or RFC 3339)")
	f.StringVar(&o.until, "until", "", "leave out what was sent on or after DATE")
	f.StringVar(&o.participant, "participant", "", "only messages from or to ADDRESS")
	f.StringVar(&o.thread, "thread", "", "only the thread of MESSAGE-ID")
	f.StringVar(&o.sources, "sources", "copy", "copy the exports into the dossier, or keep only path, size and digest: copy, reference")
	f.StringArrayVar(&o.keys, "keys", nil, "file with DKIM keys: a dossier's dkim-keys.txt, or a zone file (repeatable)")
	f.StringVar(&o.dns, "dns", "off", "look DKIM keys up: off, system, or HOST:PORT of a name server")
	o.trust.flags(f)
	f.BoolVar(&o.strict, "strict", false, "exit with 3 if a message has defects")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but warnings and errors")
	f.BoolVar(&o.json, "json", false, "print a summary for programs on standard output")
	o.seal.flags(f)
	return cmd
}

// buildPlan is buildOptions read and checked.
type buildPlan struct {
	buildOptions
	output   string
	formats  []string
	zone     *time.Location
	zoneName string
	options  dossier.Options
	sel      dossier.Selection
	caseText []byte
	matter   *casefile.Case
	keys     *keyring
	signers  *smime.Keys
	seal     *sealPlan // nil: not to be sealed now
}

func (o buildOptions) plan(e *env, args []string) (*buildPlan, error) {
	p := &buildPlan{buildOptions: o, output: o.output}
	if p.output == "" {
		p.output = defaultOutput(args[0])
	}
	var err error
	if p.formats, err = parseFormats(o.formats); err != nil {
		return nil, err
	}
	if slices.Contains(p.formats, mailbagView) {
		return nil, usage("--format %s: a mailbag is a bag of its own; onrecord render DOSSIER --format %s -o DIR writes it", mailbagView, mailbagView)
	}
	if o.sources != "copy" && o.sources != "reference" {
		return nil, usage("--sources %q: there is copy and reference", o.sources)
	}
	if p.zone, p.zoneName, err = parseZone(o.timezone); err != nil {
		return nil, err
	}
	p.participant = strings.Trim(strings.TrimSpace(o.participant), "<>")
	if o.thread != "" {
		p.thread = "<" + strings.Trim(strings.TrimSpace(o.thread), "<>") + ">"
	}
	p.options = dossier.Options{Format: p.formats, Timezone: p.zoneName, Since: o.since, Until: o.until,
		Participant: p.participant, Thread: p.thread, Sources: o.sources, DNS: o.dns, Strict: o.strict}
	if err := p.look.apply(&p.options); err != nil {
		return nil, err
	}
	if p.sel, err = p.options.Selection(); err != nil {
		return nil, usage("--%v", err)
	}
	if o.caseFile != "" {
		if p.matter, p.caseText, err = readCase(o.caseFile); err != nil {
			return nil, err
		}
	}
	if o.seal.wanted() {
		if p.seal, err = o.seal.plan(e); err != nil {
			return nil, err
		}
	}
	if p.signers, err = o.trust.signers(); err != nil {
		return nil, err
	}
	p.options.Trust = o.trust.servers
	p.keys, err = openKeyring(e, o.keys, o.dns)
	return p, err
}

func defaultOutput(arg string) string {
	if arg == "-" {
		return "stdin.dossier"
	}
	abs, err := filepath.Abs(arg)
	if err != nil || filepath.Dir(abs) == abs {
		return "mail.dossier"
	}
	return filepath.Base(abs) + ".dossier"
}

// parseZone reads --timezone. The machine's own zone is given by its IANA name, so that the dossier says which it was.
func parseZone(name string) (*time.Location, string, error) {
	if name == "" {
		name = machineZone()
	}
	if name == "Local" {
		return nil, "", usage("--timezone Local: name the zone, such as Europe/Berlin")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, "", usage("--timezone %q: %v", name, err)
	}
	return zone, zone.String(), nil
}

func machineZone() string {
	if tz := strings.TrimPrefix(os.Getenv("TZ"), ":"); tz != "" {
		if _, err := time.LoadLocation(tz); err == nil {
			return tz
		}
	}
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); ok {
			if _, err := time.LoadLocation(name); err == nil {
				return name
			}
		}
	}
	return "UTC"
}

func readCase(name string) (*casefile.Case, []byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, failed("", "%w", err)
	}
	c, err := casefile.Parse(strings.NewReader(string(text)), name)
	if err != nil {
		return nil, nil, &outcome{code: exitUsage, err: err, hint: "onrecord schema --case prints what a case file may hold"}
	}
	return c, text, nil
}

func runBuild(ctx context.Context, e *env, o buildOptions, args []string) error {
	p, err := o.plan(e, args)
	if err != nil {
		return err
	}
	src := &sources{args: args, stdin: e.stdin}
	arguments, err := src.check()
	if err != nil {
		return err
	}
	if p.thread != "" && hasStdin(arguments) {
		return usage("--thread reads the sources twice, which standard input does not allow: save it to a file first")
	}
	return p.build(ctx, e, mail{total: func() int64 { return totalSize(arguments) }, open: func(store *bagStore) (all, again iter.Seq2[dossier.SourceFile, error]) {
		src.keeper, src.skip, src.spool = store, store.bag.Dir(), store.temporary
		return src.all(arguments), src.inPlace().all(arguments)
	}})
}

// mail is where a build takes its messages from.
type mail struct {
	total func() int64 // in bytes, for the progress bar; -1 if it is not known
	// open gives the sources, and the same once more for a selection by thread.
	open func(store *bagStore) (all, again iter.Seq2[dossier.SourceFile, error])
	// seal, if set, adds files to a dossier that is ready but for its manifests.
	seal func(bag *seal.Bag, d *dossier.Dossier) error
}

// build writes the dossier.
func (p *buildPlan) build(ctx context.Context, e *env, from mail) error {
	bag, err := seal.Create(p.output, p.force)
	if err != nil {
		return createError(err, p.output)
	}
	defer bag.Abort()
	if !e.fixed {
		go e.digest() // it is needed at the end
	}
	store, err := newBagStore(bag, p.sources == "copy", ctx.Err)
	if err != nil {
		return err
	}
	defer store.close()
	all, again := from.open(store)

	say := words.For(p.options.Lang)
	progress := newProgress(e, p.quiet, say.T("reading"), from.total)
	defer progress.done()
	progress.then = say.T("analysing")
	now := e.now()
	d, err := dossier.Start(ctx, dossier.Input{
		Sources: all, Prescan: again, Reader: readerOptions(),
		Examiner: &evidence.Examiner{Limits: message.DefaultLimits(), Keys: p.keys.lookup, Trust: p.options.Trust, Signers: p.signers, Now: now, Spool: store.Spool},
		Finder:   notice.NewFinder(), Case: p.matter, Select: p.sel, Store: store, Workers: runtime.GOMAXPROCS(0), Progress: progress.add,
	})
	if err != nil {
		progress.done()
		return buildError(e, err, d)
	}
	defer d.Wait() // it reads the spools
	progress.next(say.T("writing"), -1)
	bag.SyncEarly()
	p.describe(d, now)
	create := tagFiles(bag, ctx.Err)
	if err := writeViews(target{progress.watch(create), store.open, p.zone, pdfFonts(p.look.given), e.heap}, d, p.formats); err != nil {
		return err
	}
	if err := d.Wait(); err != nil {
		return err
	}
	if err := p.writeTags(bag, create, d); err != nil {
		return err
	}
	if from.seal != nil {
		if err := from.seal(bag, d); err != nil {
			return err
		}
	}
	sum, err := newSummary(d, p.output, p.formats, p.zone) // reads the spools
	if err != nil {
		return err
	}
	if err := store.finish(); err != nil {
		return err
	}
	store.close()
	info := seal.InfoOf(d)
	if err := bag.Finish(info); err != nil {
		return createError(err, p.output)
	}
	progress.done()
	notStamped, err := p.sealBag(ctx, e, bag, d)
	if err != nil {
		return err
	}
	if err := bag.Commit(info); err != nil {
		return createError(err, p.output)
	}
	return cmp.Or(notStamped, p.report(e, d, sum))
}

func cmpOr(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func tagFiles(bag *seal.Bag, stopped func() error) func(string) (io.WriteCloser, error) {
	return func(file string) (io.WriteCloser, error) {
		f, err := bag.Tag(file)
		if err != nil {
			return nil, err
		}
		return stoppableWriter{f, stopped}, nil
	}
}

func createError(err error, output string) error {
	switch {
	case errors.Is(err, seal.ErrNotADossier):
		return failed("choose another place with -o", "%w", err)
	case errors.Is(err, seal.ErrExists):
		return failed("choose another place with -o, or --force to replace a dossier", "%w", err)
	}
	return failed("", "cannot write %s: %w", output, err)
}

func buildError(e *env, err error, d *dossier.Dossier) error {
	if !errors.Is(err, dossier.ErrNoMessages) {
		return err
	}
	warnSources(e, d)
	hint := "onrecord reads .eml files, mbox files, directories of them, and - for standard input"
	if d.Ledger.Excluded > 0 && d.Ledger.Failed == 0 {
		hint = fmt.Sprintf("%s left out; widen the selection", count(d.Ledger.Excluded, "message or file was", "messages or files were"))
	}
	return failed(hint, "%w: nothing was written", err)
}

// describe fills in what the build knows of itself.
func (p *buildPlan) describe(d *dossier.Dossier, now time.Time) {
	d.GeneratedAt, d.ClockBasis = now.In(p.zone), machineClock
	d.Tool = dossier.Tool{Name: "onrecord", Version: version}
	d.Options = p.options
	if c := p.matter; c != nil {
		d.Case = dossier.CaseOf(c)
	}
}

func (p *buildPlan) writeTags(bag *seal.Bag, create func(string) (io.WriteCloser, error), d *dossier.Dossier) error {
	if err := bag.WriteTag("README.txt", readmeText(d)); err != nil {
		return err
	}
	if p.caseText != nil {
		if err := bag.WriteTag("case.yaml", p.caseText); err != nil {
			return err
		}
	}
	if err := writeSigners(bag, p.signers); err != nil {
		return err
	}
	return into(create, "dkim-keys.txt", func(w io.Writer) error {
		_, err := p.keys.used.WriteTo(w)
		return err
	})
}

// report says what was done, and decides the exit code.
func (p *buildPlan) report(e *env, d *dossier.Dossier, sum *summary) error {
	warnSources(e, d)
	for _, name := range p.keys.failures() {
		e.warn("the name server gave no answer for %s", name)
	}
	for _, w := range d.CaseWarnings {
		e.warn("%s", w)
	}
	if p.json {
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(sum); err != nil {
			return err
		}
	} else if !p.quiet {
		sum.print(e.stdout, newPaint(e.stdout))
	}
	if !p.quiet && len(d.Keys.Missing) > 0 {
		e.hint("%s", missingKeys(d.Keys))
	}
	switch {
	case d.Ledger.Failed > 0:
		return &outcome{code: exitPartial}
	case len(d.CaseWarnings) > 0:
		return &outcome{code: exitPartial}
	case p.strict && sum.Defective > 0:
		return &outcome{code: exitPartial, err: fmt.Errorf("%s", count(sum.Defective, "message has defects", "messages have defects"))}
	}
	return nil
}

// maxWarnedSources bounds the warnings about single files; all of them stand in the ledger.
const maxWarnedSources = 20

func warnSources(e *env, d *dossier.Dossier) {
	said := 0
	for _, s := range d.Sources {
		if s.Failed == 0 {
			continue
		}
		if said++; said > maxWarnedSources {
			continue
		}
		e.warn("%s: %s", s.Path, strings.Join(s.Notes[:min(1, len(s.Notes))], ""))
		if len(s.Notes) > 1 {
			e.hint("%s", s.Notes[1])
		}
	}
	if said > maxWarnedSources {
		e.warn("%d further sources could not be read; the ledger in the dossier names them", said-maxWarnedSources)
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
