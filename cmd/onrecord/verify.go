package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/verify"
)

func newVerifyCommand(e *env) *cobra.Command {
	var asJSON, quiet bool
	cmd := &cobra.Command{
		Use:   "verify DOSSIER [MESSAGE...]",
		Short: "re-derive everything and compare; with MESSAGEs: is this loose mail in the dossier",
		Long: `verify computes every digest anew, compares it with the manifests, derives every fact again from
the bytes in data/, and writes every view again, all with the program's own building code and
without the network. What differs is named; what cannot be checked is said as such.

With MESSAGEs (.eml, mbox, directories, -), it tells of each whether it is in the dossier:
identical, the same mail with different bytes and why, the same Message-ID with different
content and where, or not in here.` + "\n" + exitCodesHelp,
		Example: "  onrecord verify thread.mbox.dossier\n  onrecord verify thread.mbox.dossier their-version.eml",
		Args:    someArgs("a DOSSIER directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), e, args[0], args[1:], asJSON, quiet)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings for programs")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print nothing; the exit code tells")
	return cmd
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

func runVerify(ctx context.Context, e *env, dir string, loose []string, asJSON, quiet bool) error {
	root, err := openDossier(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	var report *verify.Report
	if len(loose) > 0 {
		report, err = verifyLoose(ctx, e, root.FS(), loose)
	} else {
		report, err = verifyDossier(ctx, e, root.FS(), quiet)
	}
	if err != nil {
		return err
	}
	switch {
	case asJSON:
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			return err
		}
	case !quiet:
		printReport(e.stdout, report)
	}
	if !report.OK {
		return &outcome{code: exitMismatch}
	}
	return nil
}

func verifyDossier(ctx context.Context, e *env, fsys fs.FS, quiet bool) (*verify.Report, error) {
	progress := newProgress(e, quiet, -1)
	defer progress.done()
	return verify.Dossier(ctx, verify.Input{FS: fsys, Version: version, Workers: runtime.GOMAXPROCS(0), Reader: readerOptions(), Spool: temporarySpool,
		Render: renderAll, Progress: progress.add})
}

// renderAll writes everything that is made from a dossier's facts, but for dossier.json.
func renderAll(create func(file string) (io.WriteCloser, error), d *dossier.Dossier) error {
	names, err := parseFormats(d.Options.Format)
	if err != nil {
		return err
	}
	_, zoneErr := d.Options.Selection()
	if zoneErr != nil {
		return zoneErr
	}
	if err := writeViews(create, d, names[1:], d.GeneratedAt.Location()); err != nil {
		return err
	}
	return into(create, "README.txt", func(w io.Writer) error {
		_, err := w.Write(readmeText(d))
		return err
	})
}

func printReport(w io.Writer, r *verify.Report) {
	p := newPaint(w)
	fmt.Fprintln(w, p.bold(r.Conclusion()))
	check := ""
	for _, f := range r.Findings {
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
	cmd := &cobra.Command{
		Use:   "render DOSSIER",
		Short: "write the views again from dossier.json",
		Long: `render writes dossier.pdf and dossier.html from the facts in dossier.json into another
directory (-o). The dossier itself stays as it was sealed.` + "\n" + exitCodesHelp,
		Example: "  onrecord render thread.mbox.dossier --timezone Europe/Berlin -o berlin/",
		Args:    oneArg("a DOSSIER directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRender(e, args[0], output, formats, timezone)
		},
	}
	cmd.Flags().StringSliceVar(&formats, "format", []string{"pdf", "html"}, "which views to write")
	cmd.Flags().StringVar(&timezone, "timezone", "", "time zone for display (default: the dossier's)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "directory to write to (needed)")
	return cmd
}

func runRender(e *env, dir, output string, formats []string, timezone string) error {
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
	create := func(file string) (io.WriteCloser, error) {
		written = append(written, file)
		return newReplacement(filepath.Join(output, file))
	}
	if err := writeViews(create, d, names[1:], zone); err != nil {
		return err
	}
	for _, f := range written {
		fmt.Fprintln(e.stdout, harmless(filepath.Join(output, f)))
	}
	return nil
}
