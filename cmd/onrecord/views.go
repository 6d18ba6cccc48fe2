package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/html"
	"onrecord/pkg/dossier/pdf"
)

// view is one output format. Adding one is a row here.
type view struct {
	name  string
	whole bool // it needs all statements and notices in memory
	write func(create func(file string) (io.WriteCloser, error), d *dossier.Dossier, zone *time.Location) error
}

// views, in the order in which they are written.
var views = [...]view{
	{"json", false, writeJSON},
	{"html", true, writeHTML},
	{"pdf", true, writePDF},
}

func viewNames() []string {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = v.name
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

// writeViews writes the chosen views, at the same time: each reads the dossier on its own. create is called by several goroutines.
func writeViews(create func(file string) (io.WriteCloser, error), d *dossier.Dossier, names []string, zone *time.Location) error {
	var chosen []view
	whole := false
	for _, v := range views {
		if slices.Contains(names, v.name) {
			chosen = append(chosen, v)
			whole = whole || v.whole
		}
	}
	if whole {
		// From here on everything is in memory; the limit that kept reading small would only make the collector work.
		limitMemory(100, math.MaxInt64)
		if err := d.Load(); err != nil {
			return err
		}
	}
	var wg sync.WaitGroup
	failures := make([]error, len(chosen))
	for i, v := range chosen {
		wg.Go(func() {
			if err := v.write(create, d, zone); err != nil {
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

func writeJSON(create func(string) (io.WriteCloser, error), d *dossier.Dossier, _ *time.Location) error {
	return into(create, "dossier.json", func(w io.Writer) error { return dossier.Encode(w, d) })
}

func writeHTML(create func(string) (io.WriteCloser, error), d *dossier.Dossier, zone *time.Location) error {
	return into(create, "dossier.html", func(w io.Writer) error {
		return html.Write(w, d, html.Options{Zone: zone, EvidenceDigest: d.EvidenceDigest.String(), Version: d.Tool.Version})
	})
}

func writePDF(create func(string) (io.WriteCloser, error), d *dossier.Dossier, zone *time.Location) error {
	_, err := pdf.Write(func(volume int) (io.WriteCloser, error) {
		if volume == 1 {
			return create("dossier.pdf")
		}
		return create(fmt.Sprintf("dossier-%d.pdf", volume))
	}, d, pdf.Options{Zone: zone, EvidenceDigest: d.EvidenceDigest.String(), Version: d.Tool.Version})
	return err
}
