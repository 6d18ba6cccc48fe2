package pdf

import (
	"encoding/base64"
	"fmt"
	"strings"

	"onrecord/pkg/evidence"
)

// Bounds of the appendix of headers, for each exhibit.
const (
	maxHeader = 60_000 // octets
	maxFields = 1000
)

// headerOf is the header of one exhibit.
type headerOf struct {
	exhibit int
	file    string
	digest  string
	fields  []evidence.HeaderField
}

func newHeaderOf(r *evidence.Record) headerOf {
	return headerOf{r.Exhibit, r.File, r.Digests.Header.String(), r.Header}
}

// keepHeader keeps the header of an exhibit for the appendix, as long as there is room for those of all exhibits.
func (b *book) keepHeader(r *evidence.Record) {
	if b.headerOctets > b.bounds.headers {
		return
	}
	for i := range r.Header {
		b.headerOctets += len(r.Header[i].Raw) + len(r.Header[i].RawBase64) + 64
	}
	if b.held = append(b.held, newHeaderOf(r)); b.headerOctets > b.bounds.headers {
		b.held = nil
	}
}

// headers draws the header of every exhibit, verbatim.
func (b *book) headers(v *view) error {
	if b.d.Count == 0 {
		return b.err
	}
	b.chapter(b.w.HeadersTitle, "headers")
	b.para(faint(b.w.HeadersIntro))
	c := &columns2{b: b, top: b.y}
	if b.headerOctets <= b.bounds.headers {
		for _, h := range b.held {
			b.header(c, h)
		}
		b.held = nil
		c.end()
		return b.err
	}
	for r, err := range ahead(b.d.Messages) {
		if err != nil {
			return err
		}
		if b.err != nil {
			return b.err
		}
		b.header(c, newHeaderOf(r))
	}
	c.end()
	return b.err
}

// The appendix of headers is set in two columns, as a directory is.
const (
	gutter      = 14.0
	headerWidth = (measure - gutter) / 2
	headerSize  = 5.4
	headerLead  = 6.7
)

// columns2 runs text down two columns of a page, then on to the next page.
type columns2 struct {
	b      *book
	top    float64 // where they start on it
	second bool
}

// need makes room for h points in the column at hand, or moves on to the next one.
func (c *columns2) need(h float64) {
	b := c.b
	if b.y+h <= b.bottom+hair {
		return
	}
	if !c.second {
		c.second = true
		b.line(b.left+headerWidth+gutter/2, c.top, b.left+headerWidth+gutter/2, b.bottom, 0.3, rule)
		b.y = c.top
		return
	}
	b.newPage()
	c.second, c.top = false, b.y
}

// end leaves the columns: what follows stands below both.
func (c *columns2) end() {
	if c.second {
		c.b.y = c.b.bottom
	}
}

func (c *columns2) x() float64 {
	if c.second {
		return c.b.left + headerWidth + gutter
	}
	return c.b.left
}

func (b *book) header(c *columns2, h headerOf) {
	title := fmt.Sprintf(b.w.ExhibitN, h.exhibit)
	c.need(36)
	b.y += 5
	b.anchor(anchorHeader(h.exhibit), b.y-4)
	b.text(c.x(), b.y+7, title, style{face: bold, size: tinySize, ink: accent, to: anchorExhibit(h.exhibit)})
	b.textRight(c.x()+headerWidth, b.y+7, b.t.fit(h.digest, mono, 4.6, headerWidth-52), style{face: mono, size: 4.6, ink: grey})
	b.line(c.x(), b.y+9.6, c.x()+headerWidth, b.y+9.6, 0.4, rule)
	b.y += 12
	octets := 0
	for i := range h.fields {
		f := &h.fields[i]
		raw := f.Raw
		if f.RawBase64 != "" {
			if exact, err := base64.StdEncoding.DecodeString(f.RawBase64); err == nil {
				raw = string(exact)
			}
		}
		if i == maxFields || octets+len(raw) > maxHeader {
			c.flow(b.set([]span{{fmt.Sprintf(b.w.HeaderLeftOut, len(h.fields)-i, h.file), style{face: bold, size: tinySize, ink: ink}}}, headerWidth, prose), tinyLead)
			break
		}
		octets += len(raw)
		b.field(c, f.Name, raw)
	}
	b.y += 3
}

func (c *columns2) flow(lines []line, leading float64) {
	for i := range lines {
		c.need(leading)
		at := c.x()
		if lines[i].rtl {
			at += headerWidth - lines[i].width
		}
		c.b.drawLine(&lines[i], at, c.b.y+leading*0.76)
		c.b.y += leading
	}
}

// field draws one header field as it stands in the message: its name in ink, its folds kept.
func (b *book) field(c *columns2, name, raw string) {
	raw = strings.TrimSuffix(strings.TrimSuffix(raw, "\n"), "\r")
	plain := style{face: mono, size: headerSize, ink: colour{66, 72, 80}}
	named := style{face: mono, size: headerSize, ink: ink}
	spans := []span{{raw, plain}}
	if n := len(name); n > 0 && n < len(raw) && strings.EqualFold(raw[:n], name) {
		spans = []span{{raw[:n], named}, {raw[n:], plain}}
	}
	c.flow(b.set(spans, headerWidth, verbatim), headerLead)
}

// index lists every exhibit with its pages and digest.
func (b *book) index(v *view) {
	if len(v.exhibits) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.IndexTitle, "index")
	b.para(faint(w.IndexIntro))
	head := func() {
		s := style{face: bold, size: tinySize, ink: grey}
		b.textRight(b.left+24, b.y+7, w.No, s)
		b.text(b.left+34, b.y+7, w.DateField, s)
		b.text(b.left+92, b.y+7, w.From, s)
		b.text(b.left+214, b.y+7, w.Subject, s)
		b.textRight(b.right-44, b.y+7, w.Page, s)
		b.textRight(b.right, b.y+7, w.HeaderPage, s)
		b.line(b.left, b.y+10, b.right, b.y+10, 0.7, ink)
		b.y += 13
	}
	head()
	for i := range v.exhibits {
		x := &v.exhibits[i]
		if b.y+23 > b.bottom {
			b.newPage()
			head()
		}
		y, st := b.y+8, style{size: 7.2, ink: ink, to: anchorExhibit(i + 1)}
		b.textRight(b.left+24, y, fmt.Sprint(i+1), style{face: bold, size: 7.2, ink: accent, to: st.to})
		b.text(b.left+34, y, b.date(x.at), style{size: 7.2, ink: grey})
		b.text(b.left+92, y, b.t.fit(v.sender(x), regular, 7.2, 116), st)
		b.text(b.left+214, y, b.t.fit(b.subject(x.subject), regular, 7.2, b.right-44-34-b.left-214), st)
		b.refs = append(b.refs, pageRef{b.page, b.right - 44, y, 7.2, st.to, false}, pageRef{b.page, b.right, y, 7.2, anchorHeader(i + 1), false})
		b.text(b.left+34, y+9, x.digest.String(), style{face: mono, size: 5.9, ink: grey})
		b.textRight(b.right, y+9, b.t.fit(x.file, mono, 5.9, 130), style{face: mono, size: 5.9, ink: grey})
		b.y += 21
		b.line(b.left, b.y, b.right, b.y, 0.35, rule)
		b.y += 1.5
	}
}

// ledger accounts for every message of every source.
func (b *book) ledger(v *view) {
	w := b.w
	b.chapterOn(w.LedgerTitle, "ledger")
	b.para(faint(w.LedgerIntro))
	t := b.newTable(tinyLead, column{head: w.Source, width: 47}, column{head: w.Format, width: 11}, column{head: w.Found, width: 7, right: true}, column{head: w.Kept, width: 7, right: true},
		column{head: w.Duplicate, width: 10, right: true}, column{head: w.Excluded, width: 10, right: true}, column{head: w.Failed, width: 8, right: true})
	number := func(n int, face faceID) []span {
		return []span{{fmt.Sprint(n), style{face: face, size: tinySize, ink: ink}}}
	}
	for i := range b.d.Sources {
		if i == maxListed {
			break
		}
		s := &b.d.Sources[i]
		format := s.Format
		if s.Variant != "" {
			format += " (" + cut(s.Variant, 40) + ")"
		}
		name := []span{{cut(s.Path, 600), style{face: bold, size: tinySize, ink: ink}}, tiny("\n" + b.say.Bytes(s.Size))}
		if s.ModifiedAt != nil {
			name = append(name, tiny(", "+fmt.Sprintf(w.Modified, b.dateTime(s.ModifiedAt))))
		}
		if s.Exporter != "" {
			name = append(name, tiny("\n"+fmt.Sprintf(w.WrittenBy, cut(s.Exporter, 200))))
		}
		if s.VariantWhy != "" {
			name = append(name, tiny("\n"+cut(b.free(s.VariantWhy), 400)))
		}
		for k, note := range s.Notes {
			if k == 20 {
				name = append(name, tiny("\n"+fmt.Sprintf(w.More, len(s.Notes)-k)))
				break
			}
			name = append(name, span{"\n" + cut(b.free(note), 400), style{size: tinySize, ink: alert}})
		}
		if !s.SHA256.IsZero() {
			name = append(name, span{"\n" + s.SHA256.String(), style{face: mono, size: 5, ink: grey}})
		}
		l := s.Ledger
		t.row(name, []span{tiny(format)}, number(l.Found, regular), number(l.Kept, regular), number(l.Duplicate, regular), number(l.Excluded, regular), number(l.Failed, regular))
	}
	l := b.d.Ledger
	t.row([]span{{w.Total, style{face: bold, size: tinySize, ink: ink}}}, nil, number(l.Found, bold), number(l.Kept, bold), number(l.Duplicate, bold), number(l.Excluded, bold), number(l.Failed, bold))
	t.end()
	b.leftOut(maxListed, len(b.d.Sources))

	b.heading(w.KeysTitle, 40)
	k := b.d.Keys
	if k.Signatures == 0 {
		b.para(faint(w.NoSignatures))
	} else {
		b.para(small(fmt.Sprintf(w.SignaturesChecked, k.Checked, k.Signatures)))
	}
	if len(k.Missing) > 0 {
		b.para(small(fmt.Sprintf(w.MissingKeys, w.of(w.Keys, len(k.Missing)))))
		n := min(len(k.Missing), 400)
		b.flow(b.set([]span{code(cut(strings.Join(k.Missing[:n], "\n"), 100_000))}, measure, prose), b.left, measure, monoLead)
		b.leftOut(n, len(k.Missing))
	}
	b.defectList(v)
}

// defectList says which exhibits have defects; each exhibit tells its own.
func (b *book) defectList(v *view) {
	w := b.w
	b.heading(w.DefectsTitle, 40)
	b.para(small(fmt.Sprintf(w.DefectsIn, w.of(w.Defects, v.defects), w.of(w.Exhibits, v.defective))))
	if v.defective == 0 {
		return
	}
	var list []span
	shown := 0
	for i := range v.exhibits {
		n := v.exhibits[i].defects
		if n == 0 {
			continue
		}
		if shown++; shown > 1000 {
			continue
		}
		if shown > 1 {
			list = append(list, faint(" · "))
		}
		list = append(list, link(fmt.Sprintf(w.ExhibitN, i+1), anchorExhibit(i+1)), faint(" "+w.of(w.Defects, n)))
	}
	b.para(list...)
	b.leftOut(1000, shown)
}

// glossary explains the words of the trade.
func (b *book) glossary() {
	b.chapterOn(b.w.GlossaryTitle, "glossary")
	t := b.newTable(smallLead, column{width: 24}, column{width: 76})
	for _, g := range b.w.Glossary {
		t.row([]span{strong(g.Title)}, []span{small(g.Says)})
	}
	t.end()
}

// method says how to check the dossier with stock tools, what was done, and what it proves.
func (b *book) method(v *view) {
	w := b.w
	b.chapterOn(w.CheckTitle, "check")
	for _, s := range w.CheckSteps {
		b.need(46)
		b.para(text(s.Says))
		if s.Command == "" {
			continue
		}
		lines := b.set([]span{{s.Command, style{face: mono, size: 7.2, ink: ink}}}, measure-16, verbatim)
		b.rect(b.left, b.y, measure, float64(len(lines))*10+6, panel)
		b.y += 3
		b.flow(lines, b.left+8, measure-16, 10)
		b.y += 12
	}
	b.embedded()
	b.chapter(w.MethodTitle, "method")
	for _, s := range w.Method {
		b.heading(s.Title, 30)
		b.para(text(s.Says))
	}
	b.heading(w.ClockTitle, 40)
	clock := fmt.Sprintf(w.ClockSays, b.exact(&b.d.GeneratedAt), b.o.Zone)
	if b.d.ClockBasis != "" {
		clock += " " + fmt.Sprintf(w.ClockBasis, cut(b.free(b.d.ClockBasis), 200))
	}
	b.para(text(clock))
	b.heading(w.GlyphsTitle, 40)
	if len(b.stats.MissingGlyphs) == 0 {
		b.para(text(w.NoMissing))
		return
	}
	n := 0
	for _, c := range b.stats.MissingGlyphs {
		n += c
	}
	b.para(text(fmt.Sprintf(w.MissingGlyphs, w.of(w.Characters, n), w.of(w.CodePoints, len(b.stats.MissingGlyphs)))))
}
