package main

import (
	"bytes"
	"context"
	"io"
	"runtime"

	"onrecord/pkg/certificate"
	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/pdf"
	"onrecord/pkg/loadfile"
)

// What courts and review platforms ask for, beside the views.

func writeCSV(t target, d *dossier.Dossier) error {
	return into(t.create, loadfile.CSVFile, func(w io.Writer) error { return loadfile.WriteCSV(w, d, t.zone) })
}

func writeDAT(t target, d *dossier.Dossier) error {
	page := func(w io.Writer, title, text string) (int, error) {
		return pdf.Pages(w, title, d.Options.Lang, text, d.GeneratedAt)
	}
	return loadfile.WriteDAT(context.Background(), loadfile.Output{Create: t.create, Open: t.open, Page: page, Zone: t.zone, Workers: runtime.GOMAXPROCS(0)}, d)
}

// writeCertificates writes the drafts that a person completes and signs.
func writeCertificates(t target, d *dossier.Dossier) error {
	for _, c := range []struct {
		name, lang string
		write      func(io.Writer, *dossier.Dossier) error
	}{{"certificate-902", "en", certificate.Write902}, {"verfahren-de", "de", certificate.WriteGerman}, {"methode-fr", "fr", certificate.WriteFrench}} {
		var text bytes.Buffer
		if err := c.write(&text, d); err != nil {
			return err
		}
		if err := into(t.create, c.name+".txt", func(w io.Writer) error {
			_, err := w.Write(text.Bytes())
			return err
		}); err != nil {
			return err
		}
		if err := into(t.create, c.name+".pdf", func(w io.Writer) error { return pdf.Text(w, c.name, c.lang, text.String(), d.GeneratedAt) }); err != nil {
			return err
		}
	}
	return nil
}

// mailbagView is a bag of its own: render writes it, beside a dossier and not into it.
const mailbagView = "mailbag"

func writeMailbag(t target, d *dossier.Dossier) error {
	return loadfile.WriteMailbag(t.create, t.open, d)
}
