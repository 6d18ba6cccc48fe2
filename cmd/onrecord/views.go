package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/html"
	"onrecord/pkg/dossier/pdf"
	"onrecord/pkg/dossier/words"
)

// view is one output format. Adding one is a row here.
type view struct {
	name  string
	whole bool // it needs all statements and notices in memory
	write func(t target, d *dossier.Dossier) error
	asked bool // written only where it is asked for
}

// target is where views are written, and what they may read.
type target struct {
	create func(file string) (io.WriteCloser, error) // called by several goroutines
	open   func(file string) (io.ReadCloser, error)  // a file of the dossier, by its path in it
	zone   *time.Location
	fonts  []pdf.Font // besides the embedded ones
	heap   *heap
}

// views, in the order in which they are written.
var views = [...]view{
	{"json", false, writeJSON, false},
	{"html", true, writeHTML, false},
	{"pdf", true, writePDF, false},
	{"csv", false, writeCSV, true},
	{"dat", false, writeDAT, true},
	{"certificate", false, writeCertificates, true},
	{mailbagView, false, writeMailbag, true},
}

// factsFile is what every other view is made from.
const factsFile = "dossier.json"

// drawing is the timeline alone, beside the pages that show it. The PDF's writer makes it on its way.
const drawing = "timeline.svg"

func viewNames() []string {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = v.name
	}
	slices.Sort(names)
	return names
}

// usualViews are written where --format does not say otherwise.
func usualViews() []string {
	var names []string
	for _, v := range views {
		if !v.asked {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	return names
}

// parseFormats reads --format. dossier.json is what everything else is made from, so it is always there.
func parseFormats(list []string) ([]string, error) {
	chosen := map[string]bool{"json": true}
	for _, name := range list {
		if name = strings.ToLower(strings.TrimSpace(name)); !slices.Contains(viewNames(), name) {
			return nil, usage("--format %q: there is %s", name, strings.Join(viewNames(), ", "))
		}
		chosen[name] = true
	}
	var names []string
	for _, v := range views {
		if chosen[v.name] {
			names = append(names, v.name)
		}
	}
	return names, nil
}

// writeViews writes the chosen views, at the same time: each reads the dossier on its own.
func writeViews(t target, d *dossier.Dossier, names []string) error {
	var chosen []view
	whole := false
	for _, v := range views {
		if slices.Contains(names, v.name) {
			chosen = append(chosen, v)
			whole = whole || v.whole
		}
	}
	if slices.Contains(names, "html") && !slices.Contains(names, "pdf") {
		chosen = append(chosen, view{drawing, true, writeTimeline, false})
	}
	if whole {
		t.heap.lift()
		if err := d.Load(); err != nil {
			return err
		}
	}
	// The PDF embeds dossier.json: where that is written too, it waits.
	var facts sync.WaitGroup
	open := t.open
	t.open = func(file string) (io.ReadCloser, error) {
		if file == factsFile {
			facts.Wait()
		}
		return open(file)
	}
	var wg sync.WaitGroup
	failures := make([]error, len(chosen))
	for i, v := range chosen {
		isFacts := v.name == "json"
		if isFacts {
			facts.Add(1)
		}
		wg.Go(func() {
			if isFacts {
				defer facts.Done()
			}
			if err := v.write(t, d); err != nil {
				failures[i] = fmt.Errorf("write %s: %w", v.name, err)
			}
		})
	}
	wg.Wait()
	// One is enough to say: a full disk fails them all.
	return cmp.Or(failures...)
}

// into writes one file and closes it.
func into(create func(file string) (io.WriteCloser, error), file string, write func(io.Writer) error) error {
	w, err := create(file)
	if err != nil {
		return err
	}
	err = write(w)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	return err
}

func writeJSON(t target, d *dossier.Dossier) error {
	return into(t.create, factsFile, func(w io.Writer) error { return dossier.Encode(w, d) })
}

func writeHTML(t target, d *dossier.Dossier) error {
	return into(t.create, "dossier.html", func(w io.Writer) error {
		return html.Write(w, d, html.Options{Zone: t.zone, EvidenceDigest: d.EvidenceDigest.String(), Version: d.Tool.Version})
	})
}

func writePDF(t target, d *dossier.Dossier) error {
	o, err := pdfOptions(t, d)
	if err != nil {
		return err
	}
	o.Drawing = func() (io.WriteCloser, error) { return t.create(drawing) }
	_, err = pdf.Write(func(volume int) (io.WriteCloser, error) {
		if volume == 1 {
			return t.create("dossier.pdf")
		}
		return t.create(fmt.Sprintf("dossier-%d.pdf", volume))
	}, d, o)
	return err
}

func writeTimeline(t target, d *dossier.Dossier) error {
	o, err := pdfOptions(t, d)
	if err != nil {
		return err
	}
	return into(t.create, drawing, func(w io.Writer) error { return pdf.WriteTimeline(w, d, o) })
}

func pdfOptions(t target, d *dossier.Dossier) (pdf.Options, error) {
	numbers, err := pdf.ParseBates(d.Options.Bates)
	if err != nil {
		return pdf.Options{}, err
	}
	embed, err := pdf.ParseEmbed(cmp.Or(d.Options.Embed, pdf.DefaultEmbed))
	return pdf.Options{Zone: t.zone, EvidenceDigest: d.EvidenceDigest.String(), Version: d.Tool.Version, Paper: d.Options.Paper, Bates: numbers, Open: t.open, Embed: embed, Fonts: t.fonts}, err
}

// look is how views look: the flags of build and render that change nothing but that.
type look struct {
	lang  string
	paper string
	bates string
	embed string
	fonts []string
	given []givenFont // what apply read of fonts
}

func (l *look) flags(f *pflag.FlagSet) {
	f.StringVar(&l.lang, "lang", "", "language of what onrecord says in the views: "+strings.Join(words.Languages(), ", ")+" (default: that of the dossier, else en)")
	f.StringVar(&l.paper, "paper", "", "paper of the PDF: a4, letter (default: that of the dossier, else a4)")
	f.StringVar(&l.bates, "bates", "", "number every page of the PDF: a prefix, and the first number if it is not 1, such as ACME-000120")
	fontFlag(f, &l.fonts, "TrueType font (.ttf) to be asked before the embedded ones for every script but Latin, Greek and Cyrillic, and after them for those (repeatable)")
	f.StringVar(&l.embed, "embed", "", "files to embed in the PDF, dossier.json and the exhibits: all, none, or as many as fit into N MB (default: that of the dossier, else "+pdf.DefaultEmbed+")")
}

// apply checks the flags and puts those that were given into the options.
func (l *look) apply(o *dossier.Options) error {
	if l.lang != "" && !words.Known(l.lang) {
		return usage("--lang %q: there is %s", l.lang, strings.Join(words.Languages(), ", "))
	}
	if l.paper != "" && l.paper != "a4" && l.paper != "letter" {
		return usage("--paper %q: there is a4 and letter", l.paper)
	}
	if _, err := pdf.ParseBates(l.bates); err != nil {
		return usage("--bates %v", err)
	}
	if l.embed != "" {
		if _, err := pdf.ParseEmbed(l.embed); err != nil {
			return usage("--embed %v", err)
		}
	}
	var err error
	if l.given, err = readFonts(l.fonts); err != nil {
		return err
	}
	o.Fonts = recordedFonts(l.given)
	o.Lang, o.Paper, o.Bates = cmp.Or(l.lang, o.Lang, "en"), cmp.Or(l.paper, o.Paper, "a4"), cmp.Or(l.bates, o.Bates)
	o.Embed = cmp.Or(l.embed, o.Embed, pdf.DefaultEmbed)
	return nil
}
