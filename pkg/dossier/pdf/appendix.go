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
	b.chapter(b.w.headersTitle, "headers")
	b.para(faint(b.w.headersIntro))
	if b.headerOctets <= b.bounds.headers {
		for _, h := range b.held {
			b.header(h)
		}
		b.held = nil
		return b.err
	}
	for r, err := range ahead(b.d.Messages) {
		if err != nil {
			return err
		}
		if b.err != nil {
			return b.err
		}
		b.header(newHeaderOf(r))
	}
	return b.err
}

func (b *book) header(h headerOf) {
	title := fmt.Sprintf(b.w.exhibitN, h.exhibit)
	b.need(60)
	b.y += 6
	b.anchor(anchorHeader(h.exhibit), b.y-4)
	b.text(left, b.y+8, title, style{face: bold, size: smallSize, ink: accent, to: anchorExhibit(h.exhibit)})
	b.textRight(right, b.y+8, h.digest, style{face: mono, size: 5.8, ink: grey})
	b.line(left, b.y+12, right, b.y+12, 0.4, rule)
	b.y += 15
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
			b.para(strong(fmt.Sprintf(b.w.headerLeftOut, len(h.fields)-i, h.file)))
			break
		}
		octets += len(raw)
		b.field(f.Name, raw)
	}
	b.y += 4
}

// field draws one header field as it stands in the message: its name in ink, its folds kept.
func (b *book) field(name, raw string) {
	raw = strings.TrimSuffix(strings.TrimSuffix(raw, "\n"), "\r")
	plain := style{face: mono, size: monoSize, ink: grey}
	named := style{face: mono, size: monoSize, ink: ink}
	spans := []span{{raw, plain}}
	if n := len(name); n > 0 && n < len(raw) && strings.EqualFold(raw[:n], name) {
		spans = []span{{raw[:n], named}, {raw[n:], plain}}
	}
	spans[len(spans)-1].ink = colour{66, 72, 80}
	b.flow(b.set(spans, measure, verbatim), left, measure, monoLead)
}

// index lists every exhibit with its pages and digest.
func (b *book) index(v *view) {
	if len(v.exhibits) == 0 {
		return
	}
	w := b.w
	b.chapterOn(w.indexTitle, "index")
	b.para(faint(w.indexIntro))
	head := func() {
		s := style{face: bold, size: tinySize, ink: grey}
		b.textRight(left+24, b.y+7, w.no, s)
		b.text(left+34, b.y+7, w.dateField, s)
		b.text(left+92, b.y+7, w.from, s)
		b.text(left+214, b.y+7, w.subject, s)
		b.textRight(right-44, b.y+7, w.page, s)
		b.textRight(right, b.y+7, w.headerPage, s)
		b.line(left, b.y+10, right, b.y+10, 0.7, ink)
		b.y += 13
	}
	head()
	for i := range v.exhibits {
		x := &v.exhibits[i]
		if b.y+23 > bottom {
			b.newPage()
			head()
		}
		y, st := b.y+8, style{size: 7.2, ink: ink, to: anchorExhibit(i + 1)}
		b.textRight(left+24, y, fmt.Sprint(i+1), style{face: bold, size: 7.2, ink: accent, to: st.to})
		b.text(left+34, y, b.date(x.at), style{size: 7.2, ink: grey})
		b.text(left+92, y, b.t.fit(v.sender(x), regular, 7.2, 116), st)
		b.text(left+214, y, b.t.fit(b.subject(x.subject), regular, 7.2, right-44-34-left-214), st)
		b.refs = append(b.refs, pageRef{b.page, right - 44, y, 7.2, st.to, false}, pageRef{b.page, right, y, 7.2, anchorHeader(i + 1), false})
		b.text(left+34, y+9, x.digest.String(), style{face: mono, size: 5.9, ink: grey})
		b.textRight(right, y+9, b.t.fit(x.file, mono, 5.9, 130), style{face: mono, size: 5.9, ink: grey})
		b.y += 21
		b.line(left, b.y, right, b.y, 0.35, rule)
		b.y += 1.5
	}
}

// ledger accounts for every message of every source.
func (b *book) ledger(v *view) {
	w := b.w
	b.chapterOn(w.ledgerTitle, "ledger")
	b.para(faint(w.ledgerIntro))
	t := b.newTable(tinyLead, column{head: w.source, width: 47}, column{head: w.format, width: 11}, column{head: w.found, width: 7, right: true}, column{head: w.kept, width: 7, right: true},
		column{head: w.duplicate, width: 10, right: true}, column{head: w.excluded, width: 10, right: true}, column{head: w.failed, width: 8, right: true})
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
		name := []span{{cut(s.Path, 600), style{face: bold, size: tinySize, ink: ink}}, tiny("\n" + b.bytes(s.Size))}
		if s.ModifiedAt != nil {
			name = append(name, tiny(", "+fmt.Sprintf(w.modified, b.dateTime(s.ModifiedAt))))
		}
		if s.Exporter != "" {
			name = append(name, tiny("\n"+fmt.Sprintf(w.writtenBy, cut(s.Exporter, 200))))
		}
		if s.VariantWhy != "" {
			name = append(name, tiny("\n"+cut(s.VariantWhy, 400)))
		}
		for k, note := range s.Notes {
			if k == 20 {
				name = append(name, tiny("\n"+fmt.Sprintf(w.more, len(s.Notes)-k)))
				break
			}
			name = append(name, span{"\n" + cut(note, 400), style{size: tinySize, ink: alert}})
		}
		if !s.SHA256.IsZero() {
			name = append(name, span{"\n" + s.SHA256.String(), style{face: mono, size: 5, ink: grey}})
		}
		l := s.Ledger
		t.row(name, []span{tiny(format)}, number(l.Found, regular), number(l.Kept, regular), number(l.Duplicate, regular), number(l.Excluded, regular), number(l.Failed, regular))
	}
	l := b.d.Ledger
	t.row([]span{{w.total, style{face: bold, size: tinySize, ink: ink}}}, nil, number(l.Found, bold), number(l.Kept, bold), number(l.Duplicate, bold), number(l.Excluded, bold), number(l.Failed, bold))
	t.end()
	b.leftOut(maxListed, len(b.d.Sources))

	b.heading(w.keysTitle, 40)
	k := b.d.Keys
	if k.Signatures == 0 {
		b.para(faint(w.noSignatures))
	} else {
		b.para(small(fmt.Sprintf(w.signaturesChecked, k.Checked, k.Signatures)))
	}
	if len(k.Missing) > 0 {
		b.para(small(fmt.Sprintf(w.missingKeys, w.keys.of(len(k.Missing)))))
		n := min(len(k.Missing), 400)
		b.flow(b.set([]span{code(cut(strings.Join(k.Missing[:n], "\n"), 100_000))}, measure, prose), left, measure, monoLead)
		b.leftOut(n, len(k.Missing))
	}
	b.defectList(v)
}

// defectList says which exhibits have defects; each exhibit tells its own.
func (b *book) defectList(v *view) {
	w := b.w
	b.heading(w.defectsTitle, 40)
	b.para(small(fmt.Sprintf(w.defectsIn, w.defects.of(v.defects), w.exhibits.of(v.defective))))
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
		list = append(list, link(fmt.Sprintf(w.exhibitN, i+1), anchorExhibit(i+1)), faint(" "+w.defects.of(n)))
	}
	b.para(list...)
	b.leftOut(1000, shown)
}

// method says how to check the dossier with stock tools, what was done, and what it proves.
func (b *book) method(v *view) {
	w := b.w
	b.chapterOn(w.checkTitle, "check")
	for _, s := range w.checkSteps {
		b.need(46)
		b.para(text(s.says))
		if s.command == "" {
			continue
		}
		lines := b.set([]span{{s.command, style{face: mono, size: 7.2, ink: ink}}}, measure-16, verbatim)
		b.rect(left, b.y, measure, float64(len(lines))*10+6, panel)
		b.y += 3
		b.flow(lines, left+8, measure-16, 10)
		b.y += 12
	}
	b.chapter(w.methodTitle, "method")
	for _, s := range w.method {
		b.heading(s.title, 30)
		b.para(text(s.says))
	}
	b.heading(w.clockTitle, 40)
	clock := fmt.Sprintf(w.clockSays, b.exact(&b.d.GeneratedAt), b.o.Zone)
	if b.d.ClockBasis != "" {
		clock += " " + fmt.Sprintf(w.clockBasis, cut(b.d.ClockBasis, 200))
	}
	b.para(text(clock))
	b.heading(w.glyphsTitle, 40)
	if len(b.stats.MissingGlyphs) == 0 {
		b.para(text(w.noMissing))
		return
	}
	n := 0
	for _, c := range b.stats.MissingGlyphs {
		n += c
	}
	b.para(text(fmt.Sprintf(w.missingGlyphs, w.characters.of(n), w.codePoints.of(len(b.stats.MissingGlyphs)))))
}
