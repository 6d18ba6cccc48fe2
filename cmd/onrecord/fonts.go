package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/pdf"
)

// maxFont bounds the size of a font file: those of all Chinese characters have some 30 MB.
const maxFont = 64 << 20

// givenFont is a font of --font. A dossier records its digest, not the font: few licences allow to pass one on.
type givenFont struct {
	pdf.Font
	digest digest.Digest
}

func fontFlag(f *pflag.FlagSet, names *[]string, help string) {
	f.StringArrayVar(names, "font", nil, help)
}

// readFonts reads font files and refuses those that a PDF cannot hold.
func readFonts(names []string) ([]givenFont, error) {
	if len(names) > pdf.MostFonts {
		return nil, usage("--font: at most %d fonts", pdf.MostFonts)
	}
	var all []givenFont
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, failed("", "--font: %w", err)
		}
		ttf, err := io.ReadAll(io.LimitReader(f, maxFont+1))
		f.Close()
		if err != nil {
			return nil, failed("", "--font: %w", err)
		}
		if len(ttf) > maxFont {
			return nil, usage("--font %s: larger than %d MB", name, maxFont>>20)
		}
		if err := pdf.CheckFont(ttf); err != nil {
			return nil, usage("--font %s: %v", name, err)
		}
		all = append(all, givenFont{pdf.Font{Name: filepath.Base(name), TTF: ttf}, digest.Of(ttf)})
	}
	return all, nil
}

func recordedFonts(given []givenFont) []dossier.FontFile {
	var all []dossier.FontFile
	for _, g := range given {
		all = append(all, dossier.FontFile{Name: harmless(g.Name), SHA256: g.digest})
	}
	return all
}

func pdfFonts(given []givenFont) []pdf.Font {
	var all []pdf.Font
	for _, g := range given {
		all = append(all, g.Font)
	}
	return all
}

// fontsOf picks the fonts that a dossier was set with, in its order, from those that are given. lacking names what is not among them.
func fontsOf(recorded []dossier.FontFile, given []givenFont) (fonts []pdf.Font, lacking []string) {
next:
	for _, r := range recorded {
		for _, g := range given {
			if g.digest == r.SHA256 {
				fonts = append(fonts, g.Font)
				continue next
			}
		}
		lacking = append(lacking, fmt.Sprintf("%s (%s)", r.Name, r.SHA256))
	}
	return fonts, lacking
}

// giveUp says of the views that depend on fonts that they cannot be written again without them.
func giveUp(create func(file string) (io.WriteCloser, error), fsys fs.FS, names, lacking []string) error {
	why := "it was set with a font that is not in the dossier; give it with --font: " + strings.Join(lacking, ", ")
	files := []string{drawing}
	for _, n := range names {
		if n != "pdf" {
			continue
		}
		volumes, err := fs.Glob(fsys, "dossier-*.pdf")
		if err != nil {
			return err
		}
		files = append(append(files, "dossier.pdf"), volumes...)
	}
	for _, file := range files {
		w, err := create(file)
		if err != nil {
			return err
		}
		if c, ok := w.(interface{ GiveUp(why string) }); ok {
			c.GiveUp(why)
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// unwritten takes a file that need not be written.
type unwritten struct{}

func (unwritten) Write(p []byte) (int, error) { return len(p), nil }
func (unwritten) Close() error                { return nil }
