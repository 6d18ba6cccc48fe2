package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"onrecord/pkg/cms"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/pdf"
	"onrecord/pkg/evidence"
	"onrecord/pkg/seal"
	"onrecord/pkg/sshsig"
	"onrecord/pkg/verify"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	json    bool
	quiet   bool
	record  bool
	against string
	pdf     string
	fonts   []string
	signers []string
	ca      []string
}

func newVerifyCommand(e *env) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify DOSSIER [MESSAGE...]",
		Short: "re-derive everything and compare; with MESSAGEs: is this loose mail in the dossier",
		Long: `verify computes every digest anew, compares it with the manifests, derives every fact again from
the bytes in data/, and writes every view again, all with the program's own building code and
without the network. What differs is named; what cannot be checked is said as such. Signatures and
time-stamps in seal/ are checked too; whose keys they are with depends on what you know and give:
--allowed-signers for SSH keys (the file that ssh-keygen -Y verify takes), --ca for certificates.

A bag (BagIt) that is no dossier is checked against its manifests alone.

With MESSAGEs (.eml, mbox, directories, -), it tells of each whether it is in the dossier:
identical, the same mail with different bytes and why, the same Message-ID with different
content and where, or not in here.` + "\n" + exitCodesHelp,
		Example: "  onrecord verify thread.mbox.dossier\n  onrecord verify thread.mbox.dossier their-version.eml\n  onrecord verify thread.mbox.dossier --against theirs.dossier",
		Args:    someArgs("a DOSSIER directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), e, o, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print the findings for programs")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing; the exit code tells")
	f.StringArrayVar(&o.signers, "allowed-signers", nil, "file that says whose SSH key is whose, as ssh-keygen -Y verify takes it (repeatable)")
	f.StringArrayVar(&o.ca, "ca", nil, "file with root certificates (PEM) that you trust; system: those of this machine (repeatable)")
	f.StringVar(&o.against, "against", "", "compare the messages with those of this other dossier: what both hold, what only one holds, what differs")
	fontFlag(f, &o.fonts, "font that the dossier's PDF was set with, if it was built with --font (repeatable)")
	f.StringVar(&o.pdf, "pdf", "", "write the report as a PDF to this file too")
	f.BoolVar(&o.record, "record", false, "write into the dossier's custody.jsonl that it was verified, and with what result")
	return cmd
}

// trust reads what the user knows of keys.
func (o verifyOptions) trust() (verify.Trust, error) {
	var t verify.Trust
	for _, name := range o.signers {
		text, err := os.ReadFile(name)
		if err != nil {
			return t, failed("", "%w", err)
		}
		all, err := sshsig.ParseAllowed(bytes.NewReader(text))
		if err != nil {
			return t, failed("ssh-keygen(1) describes the file under ALLOWED SIGNERS", "%s: %w", name, err)
		}
		t.Signers = append(t.Signers, all...)
	}
	for _, name := range o.ca {
		if name == "system" {
			if t.Roots != nil {
				return t, usage("--ca system comes first")
			}
			roots, err := x509.SystemCertPool()
			if err != nil {
				return t, failed("", "the certificates of this machine: %w", err)
			}
			t.Roots = roots
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return t, failed("", "%w", err)
		}
		certs, err := cms.ParseCertificates(text)
		if err != nil {
			return t, failed("", "%s: %w", name, err)
		}
		if t.Roots == nil {
			t.Roots = x509.NewCertPool()
		}
		for _, c := range certs {
			t.Roots.AddCert(c)
		}
	}
	return t, nil
}

// openDossier opens a dossier directory that nothing in it leads out of.
func openDossier(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, failed("name the dossier directory", "%w", err)
	}
	if _, err := root.Stat("dossier.json"); errors.Is(err, fs.ErrNotExist) {
		if _, err := root.Stat("bagit.txt"); errors.Is(err, fs.ErrNotExist) {
			root.Close()
			return nil, failed("a dossier is the directory that onrecord build writes", "%s is no dossier: it holds neither dossier.json nor bagit.txt", dir)
		}
	}
	return root, nil
}

func temporarySpool() (evidence.Spool, error) {
	f, err := unnamedFile("")
	if err != nil {
		return nil, err
	}
	return &unnamedSpool{f}, nil
}

// unnamedSpool removes itself when closed.
type unnamedSpool struct{ *os.File }

func (s *unnamedSpool) Close() error { return closeUnnamed(s.File) }

func runVerify(ctx context.Context, e *env, o verifyOptions, dir string, loose []string) error {
	trust, err := o.trust()
	if err != nil {
		return err
	}
	if (o.record || o.against != "") && len(loose) > 0 || o.record && o.against != "" {
		return usage("loose mail, --against and --record do not go together")
	}
	fonts, err := readFonts(o.fonts)
	if err != nil {
		return err
	}
	root, err := openDossier(dir)
	if err != nil {
		if r, perr := openProof(dir, trust); perr == nil && len(loose) == 0 && !o.record && o.against == "" {
			return o.tell(e, dir, r)
		}
		return err
	}
	defer root.Close()
	var report *verify.Report
	bag, err := verify.IsBag(root.FS())
	if err != nil {
		return failed("", "%w", err)
	}
	switch {
	case bag && (len(loose) > 0 || o.against != "" || o.record):
		return failed("", "%s is a bag and no dossier: only its manifests can be checked", dir)
	case bag:
		report, err = verify.Bag(root.FS())
	case len(loose) > 0:
		report, err = verifyLoose(ctx, e, root.FS(), loose)
	case o.against != "":
		report, err = verifyAgainst(ctx, e, root.FS(), dir, o.against)
	default:
		report, err = verifyDossier(ctx, e, root.FS(), trust, fonts, o.quiet)
	}
	if err != nil {
		return err
	}
	if o.record {
		if err := e.recordCustody(root, seal.Event{Action: "verified", Result: report.Conclusion()}); err != nil {
			return err
		}
	}
	return o.tell(e, dir, report)
}

// openProof checks a directory that prove wrote.
func openProof(dir string, trust verify.Trust) (*verify.Report, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return verify.Proof(root.FS(), trust)
}

// tell prints a report; the exit code is in the error.
func (o verifyOptions) tell(e *env, subject string, report *verify.Report) error {
	if o.pdf != "" {
		var text bytes.Buffer
		fmt.Fprintf(&text, "Verification of %s\nby onrecord %s on %s\n(%s)\n\n", oneLine(subject), version, e.now().Format(time.RFC3339), e.clock())
		printReport(&text, report)
		err := replaceFile(o.pdf, func(w io.Writer) error { return pdf.Text(w, "Verification report", "en", text.String(), e.now()) })
		if err != nil {
			return failed("", "%w", err)
		}
	}
	switch {
	case o.json:
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			return err
		}
	case !o.quiet:
		printReport(e.stdout, report)
	}
	if !report.OK {
		return &outcome{code: exitMismatch}
	}
	return nil
}

func verifyDossier(ctx context.Context, e *env, fsys fs.FS, trust verify.Trust, fonts []givenFont, quiet bool) (*verify.Report, error) {
	progress := newProgress(e, quiet, "checking", func() int64 { return cmp.Or(sizeBelow(fsys, "data/sources"), sizeBelow(fsys, "data/messages")) })
	defer progress.done()
	return verify.Dossier(ctx, verify.Input{FS: fsys, Version: version, Workers: runtime.GOMAXPROCS(0), Reader: readerOptions(), Spool: temporarySpool,
		Render: func(create func(file string) (io.WriteCloser, error), d *dossier.Dossier) error {
			return renderAll(e.heap, create, fsys, d, fonts)
		}, Trust: trust, Progress: progress.add})
}

// renderAll writes everything that is made from a dossier's facts, but for dossier.json.
func renderAll(h *heap, create func(file string) (io.WriteCloser, error), fsys fs.FS, d *dossier.Dossier, given []givenFont) error {
	names, err := parseFormats(d.Options.Format)
	if err != nil {
		return err
	}
	_, zoneErr := d.Options.Selection()
	if zoneErr != nil {
		return zoneErr
	}
	fonts, lacking := fontsOf(d.Options.Fonts, given)
	if len(lacking) > 0 {
		if err := giveUp(create, fsys, names, lacking); err != nil {
			return err
		}
		wanted := create
		create = func(file string) (io.WriteCloser, error) {
			if file == drawing {
				return unwritten{}, nil
			}
			return wanted(file)
		}
		names = slices.DeleteFunc(names, func(n string) bool { return n == "pdf" })
	}
	if err := writeViews(target{create, opener(fsys), d.GeneratedAt.Location(), fonts, h}, d, names[1:]); err != nil {
		return err
	}
	return into(create, "README.txt", func(w io.Writer) error {
		_, err := w.Write(readmeText(d))
		return err
	})
}

func opener(fsys fs.FS) func(file string) (io.ReadCloser, error) {
	return func(file string) (io.ReadCloser, error) { return fsys.Open(file) }
}

func printReport(w io.Writer, r *verify.Report) {
	p := newPaint(w)
	fmt.Fprintln(w, p.bold(r.Conclusion()))
	check := ""
	for _, f := range r.ByCheck() {
		if f.Check != check {
			check = f.Check
			fmt.Fprintf(w, "\n%s\n", p.bold(oneLine(check)))
		}
		status := fmt.Sprintf("%-12s", f.Status)
		switch f.Status {
		case verify.Verified:
			status = p.good(status)
		case verify.Unverifiable:
			status = p.unsure(status)
		default:
			status = p.bad(status)
		}
		fmt.Fprintf(w, "  %s  %s: %s\n", status, oneLine(f.Subject), oneLine(f.Why))
		if f.Status == verify.Mismatch || f.Status == verify.Missing {
			if f.Expected != "" {
				fmt.Fprintf(w, "                recorded: %s\n", oneLine(f.Expected))
			}
			if f.Found != "" {
				fmt.Fprintf(w, "                found:    %s\n", oneLine(f.Found))
			}
		}
	}
}

func newRenderCommand(e *env) *cobra.Command {
	var formats []string
	var timezone, output string
	var l look
	cmd := &cobra.Command{
		Use:   "render DOSSIER",
		Short: "write the views again from dossier.json",
		Long: `render writes dossier.pdf, dossier.html and timeline.svg from the facts in dossier.json into
another directory (-o), in the language and for the paper that is asked for. The dossier itself
stays as it was sealed; that a mailbag was handed out is written into its custody.jsonl.` + "\n" + exitCodesHelp,
		Example: "  onrecord render thread.mbox.dossier --timezone Europe/Paris --lang fr -o paris/",
		Args:    oneArg("a DOSSIER directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRender(e, args[0], output, formats, timezone, l)
		},
	}
	cmd.Flags().StringSliceVar(&formats, "format", []string{"pdf", "html"}, "which views to write: "+strings.Join(viewNames(), ", "))
	cmd.Flags().StringVar(&timezone, "timezone", "", "time zone for display (default: the dossier's)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "directory to write to (needed)")
	l.flags(cmd.Flags())
	return cmd
}

func runRender(e *env, dir, output string, formats []string, timezone string, l look) error {
	if output == "" {
		return usage("render needs -o DIR: the views in a dossier are sealed with it and stay as they are")
	}
	names, err := parseFormats(formats)
	if err != nil {
		return err
	}
	root, err := openDossier(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	d, closeHeld, err := verify.Open(root.FS())
	if err != nil {
		return failed("", "%s: %w", dir, err)
	}
	defer closeHeld()
	if err := l.apply(&d.Options); err != nil {
		return err
	}
	zone := d.GeneratedAt.Location()
	if timezone != "" {
		if zone, d.Options.Timezone, err = parseZone(timezone); err != nil {
			return err
		}
		d.GeneratedAt = d.GeneratedAt.In(zone)
	}
	if err := os.MkdirAll(output, 0o777); err != nil {
		return failed("", "%w", err)
	}
	var written []string
	var mu sync.Mutex // views are written at the same time
	create := func(file string) (io.WriteCloser, error) {
		mu.Lock()
		written = append(written, file)
		mu.Unlock()
		name := filepath.Join(output, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return nil, err
		}
		return newReplacement(name)
	}
	if err := writeViews(target{create, opener(root.FS()), zone, pdfFonts(l.given), e.heap}, d, names[1:]); err != nil {
		return err
	}
	slices.Sort(written)
	for _, f := range written {
		fmt.Fprintln(e.stdout, harmless(filepath.Join(output, f)))
	}
	if slices.Contains(names, mailbagView) {
		return e.recordExport(root, "a mailbag of "+count(d.Count, "message", "messages"))
	}
	return nil
}
