// Package html writes the dossier as one self-contained page for a browser: it needs no script to be read, loads nothing, and shows mail only as inert text
// (WHATWG HTML, W3C Content Security Policy Level 3, WCAG 2.2 AA).
//
// What this package says in its own words stands in english.go and findwords.go, in the other languages in the catalogue of onrecord/pkg/dossier/words; what comes from mail can reach the page through page.text and page.attr alone, which escape it.
package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // style and script are plain files beside this one
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
)

//go:embed style.css
var style markup

// The scripts of the page, in the order in which they stand in it: what is laid out later, filters and links, the drawing, SHA-256 in plain script, the check of dropped files.
var (
	//go:embed unfold.js
	unfoldScript markup
	//go:embed script.js
	filterScript markup
	//go:embed drawing.js
	drawingScript markup
	//go:embed sha256.js
	sha256Script markup
	//go:embed check.js
	checkScript markup
)

func scripts() []markup {
	return []markup{unfoldScript, filterScript, drawingScript, sha256Script, checkScript}
}

// Options are what the page needs beside the dossier.
type Options struct {
	Lang           string         // en, fr, de, es; "" takes that of the build, else English
	Zone           *time.Location // times are shown in it; nil means UTC
	EvidenceDigest string         // "sha256:<hex>"; "" when it is not known
	Version        string         // of the program; "" takes the one that made the dossier
}

// Write writes d as one HTML page. It reads the messages once, one at a time. An error is of the writer or of d.Messages;
// nothing in the mail itself makes one.
func Write(w io.Writer, d *dossier.Dossier, o Options) error {
	p := newPage(w, d, o)
	p.head()
	p.masthead()
	p.contents()
	p.m(`<main id="main" tabindex="-1">`)
	p.filters()
	p.glance()
	p.findings()
	p.people()
	p.threads()
	if err := p.exhibits(); err != nil {
		return err
	}
	p.list()
	p.ledger()
	p.copies()
	p.defects()
	p.verify()
	p.method()
	p.m(`</main>`)
	p.foot()
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write html: %w", err)
	}
	return nil
}

func newPage(w io.Writer, d *dossier.Dossier, o Options) *page {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Version == "" {
		o.Version = d.Tool.Version
	}
	if o.Lang == "" {
		o.Lang = d.Options.Lang
	}
	lang := words.For(o.Lang)
	p := &page{w: bufio.NewWriterSize(w, 64<<10), d: d, o: o, say: speak(lang), lang: lang, tell: words.Tell(lang, d, o.Zone)}
	p.index()
	return p
}

// policy is the Content-Security-Policy: nothing may be loaded, and only the style and the scripts of this package may act.
func policy() string {
	hashes := ""
	for _, s := range scripts() {
		hashes += " '" + hashOf(s) + "'"
	}
	return "default-src 'none'; style-src '" + hashOf(style) + "'; script-src" + hashes + "; img-src data:; form-action 'none'; base-uri 'none'"
}

func hashOf(m markup) string {
	sum := sha256.Sum256([]byte(m))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func (p *page) head() {
	p.m(`<!DOCTYPE html>
<html lang="`)
	p.text(p.say.Lang)
	p.m(`">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"`)
	p.attr("content", policy())
	p.m(`>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<meta name="generator"`)
	p.attr("content", p.tool())
	p.m(`>
<link rel="icon" href="data:,">
<title>`)
	p.text(cut(p.matter(), maxFact) + " – " + p.say.Dossier)
	p.m(`</title>
<style>`, style, `</style>
</head>
<body>
<a class="skip" href="#main">`)
	p.text(p.say.Skip)
	p.m(`</a>
`)
}

func (p *page) foot() {
	p.m(`<footer class="foot"><p>`)
	p.text(p.say.FootEvidence)
	p.m(` <code>`)
	p.text(p.evidenceDigest())
	p.m(`</code></p><p>`)
	p.text(p.say.MadeBy + " " + p.tool() + ". " + p.say.MachineClock)
	p.m(`</p></footer>
`)
	for _, s := range scripts() {
		p.m(`<script>`, s, "</script>\n")
	}
	p.m(`</body>
</html>
`)
}

func (p *page) matter() string {
	if p.d.Case.Title != "" {
		return p.d.Case.Title
	}
	return p.say.NoTitle
}

func (p *page) tool() string {
	name := p.d.Tool.Name
	if name == "" {
		name = "onrecord"
	}
	if p.o.Version == "" {
		return name
	}
	return cut(name+" "+p.o.Version, maxFact)
}

func (p *page) evidenceDigest() string {
	if p.o.EvidenceDigest == "" {
		return p.say.NoDigest
	}
	return p.o.EvidenceDigest
}

func (p *page) masthead() {
	s, c := p.say, p.d.Case
	p.m(`<header class="masthead"><p class="kicker">`)
	p.text(s.Dossier)
	p.m(`</p><h1>`)
	p.mail(cut(p.matter(), 2*maxFact))
	p.m(`</h1><dl class="facts">`)
	p.fact(s.Reference, cut(c.Reference, maxFact))
	p.fact(s.PreparedBy, cut(c.PreparedBy, maxFact))
	p.m(`<div><dt>`)
	p.text(s.MadeAt)
	p.m(`</dt><dd>`)
	p.instant(&p.d.GeneratedAt)
	p.m(` <span class="b">`)
	p.text(s.MachineClock)
	p.m(`</span></dd></div>`)
	p.fact(s.MadeWith, p.tool())
	p.m(`<div><dt>`)
	p.text(s.Zone)
	p.m(`</dt><dd>`)
	p.text(cut(p.o.Zone.String(), maxFact))
	p.m(` <span class="b">`)
	p.text(s.ZoneNote)
	p.m(`</span></dd></div><div class="wide"><dt>`)
	p.text(s.EvidenceDigest)
	p.m(`</dt><dd><code class="digest">`)
	p.text(p.evidenceDigest())
	p.m(`</code> <span class="b">`)
	p.text(s.EvidenceDigestIs)
	p.m(`</span></dd></div></dl></header>
`)
}

// fact writes one pair of a <dl class="facts">; nothing when there is no value.
func (p *page) fact(name, value string) {
	if value == "" {
		return
	}
	p.m(`<div><dt>`)
	p.text(name)
	p.m(`</dt><dd>`)
	p.mail(cut(value, maxField))
	p.m(`</dd></div>`)
}
