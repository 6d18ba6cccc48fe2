package html

import (
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/smime"
)

// unpacked lists the files that lie inside of a part: in a winmail.dat, or in what a signature holds.
func (p *page) unpacked(r *evidence.Record) {
	s := p.say
	if len(r.Unpacked) == 0 {
		return
	}
	t := p.table("cards parts", s.UnpackedCaption, s.Part, s.Filename, s.Type, s.InPart, s.Size, "SHA-256")
	for i := range r.Unpacked {
		if i == maxRows {
			break
		}
		u := &r.Unpacked[i]
		t.row()
		t.mail(cut(u.Path, maxName))
		t.mail(cut(u.Filename, maxField))
		t.mail(cut(u.ContentType, maxName*2))
		t.mail(cut(u.Part, maxName))
		t.text(s.Bytes.of(int(u.Size)))
		t.text(u.SHA256.Hex())
		t.endRow()
	}
	t.end()
	if left := len(r.Unpacked) - maxRows; left > 0 {
		p.note(s.LeftOut.of(left))
	}
}

// times lists every time that the message shows, with its basis, and where they contradict each other.
func (p *page) times(r *evidence.Record) {
	s := p.say
	if len(r.Instants) == 0 && len(r.Clocks) == 0 {
		return
	}
	if len(r.Clocks) > 0 {
		p.h4(s.TimesOf)
	}
	for i := range r.Clocks {
		if i == maxRows {
			break
		}
		p.m(`<p><span class="v bad">`)
		p.told(r.Clocks[i].Text)
		p.m(`</span></p>`)
	}
	if len(r.Instants) == 0 {
		return
	}
	p.m(`<details><summary>`)
	p.text(s.TimesCaption)
	p.m(`</summary>`)
	t := p.table("cards times", s.TimesCaption, s.When, s.OnWhoseWord, s.Field, s.HopNotes)
	for i := range r.Instants {
		if i == maxRows {
			break
		}
		m := &r.Instants[i]
		t.row()
		t.cell(func() { p.moment(&m.Time, "") })
		t.text(p.basis(m.Basis))
		t.cell(func() {
			if m.Index >= 0 && m.Index < len(r.Header) {
				p.mail(cut(r.Header[m.Index].Name, maxName))
			}
		})
		t.cell(func() { p.mail(cut(p.form(m.Form), maxField)) })
		t.endRow()
	}
	t.end()
	if left := len(r.Instants) - maxRows; left > 0 {
		p.note(s.LeftOut.of(left))
	}
	p.m("</details>\n")
}

// form says how a program left a time ("Postfix: its clock in UTC"): its name, then ours.
func (p *page) form(form string) string {
	parts := strings.Split(form, ": ")
	for i := 1; i < len(parts); i++ {
		parts[i] = p.lang.T("form|" + parts[i])
	}
	return strings.Join(parts, p.say.Colon)
}

// export tells which programs had the message in their hands after it was received.
func (p *page) export(r *evidence.Record) {
	s, x := p.say, r.Export
	if x == nil || len(x.Programs) == 0 && len(x.Traces) == 0 && x.Hint == "" {
		return
	}
	p.h4(s.ExportOf)
	p.m(`<dl class="facts">`)
	p.fact(s.Programs, cut(strings.Join(x.Programs, ", "), maxField))
	p.fact(s.SeenBy, cut(strings.Join(x.Traces, ", "), maxField))
	if x.Hint != "" {
		p.m(`<div class="wide"><dt>`)
		p.text(s.ExportHint)
		p.m(`</dt><dd>`)
		p.told(cut(x.Hint, maxField))
		p.m(`</dd></div>`)
	}
	p.m("</dl>\n")
}

// personal writes the facts of a signature that a person put on the message, by S/MIME or OpenPGP.
func (p *page) personal(g *smime.Signature) {
	s := p.say
	p.m(`<div class="sig"><p><strong>`)
	p.text(cut(string(g.Kind), maxName))
	p.m(`</strong> `)
	p.mail(cut(first(g.Signer.Name, strings.Join(g.Signer.Addresses, ", ")), maxField))
	p.m(`</p><dl class="facts">`)
	p.verdict(s.SignedContent, string(g.Digest), s.ContentDigests[string(g.Digest)])
	p.verdict(s.Signature, string(g.Signature), s.PersonVerdicts[string(g.Signature)])
	p.verdict(s.Certificate, string(g.Chain), s.Trusts[string(g.Chain)])
	if w, ok := s.Forms[string(g.Form)]; ok {
		p.fact(s.HeldAs, w)
	} else {
		p.fact(s.HeldAs, cut(string(g.Form), maxName))
	}
	p.fact(s.Part, cut(g.Part, maxName))
	p.fact(s.Addresses, cut(strings.Join(g.Signer.Addresses, ", "), maxField))
	p.fact(s.Alignment, map[bool]string{true: s.NamesSender, false: s.NamesOther}[g.Aligned])
	p.fact(s.Issuer, cut(g.Signer.Issuer, maxField))
	p.fact(s.Serial, cut(g.Signer.Serial, maxField))
	p.fact(s.Fingerprint, cut(g.Signer.Fingerprint, maxField))
	p.signedAt(s.ValidFrom, g.Signer.NotBefore)
	p.signedAt(s.ValidUntil, g.Signer.NotAfter)
	p.signedAt(s.SignedAt, g.SignedAt)
	if g.InTime != nil {
		p.fact(s.Period, map[bool]string{true: s.InPeriod, false: s.OutOfPeriod}[*g.InTime])
	}
	p.fact(s.Algorithm, cut(g.Algorithm, maxField))
	if g.Why != "" {
		p.m(`<div><dt>`)
		p.text(s.Why)
		p.m(`</dt><dd>`)
		p.told(g.Why)
		p.m(`</dd></div>`)
	}
	p.m(`</dl>`)
	p.notes(g.Notes)
	p.m(`</div>`)
}

// arcChecks writes what was computed of the chain.
func (p *page) arcChecks(a *evidence.ARC) {
	s := p.say
	if len(a.Checks) == 0 {
		return
	}
	t := p.table("cards checks", s.ARCChecks, s.ARCInstance, s.Signature, s.Server, s.BodyHash, s.Value, s.SignedAt, s.HopNotes)
	for i := range a.Checks {
		if i == maxRows {
			break
		}
		c := &a.Checks[i]
		t.row()
		t.num(c.Instance)
		t.mail(cut(string(c.Kind), maxName))
		t.mail(cut(c.Selector+"._domainkey."+c.Domain, maxField))
		t.text(s.BodyHashes[c.BodyHash])
		t.text(s.Verdicts[c.Signature])
		t.cell(func() {
			if c.SignedAt != nil {
				p.instant(c.SignedAt)
			}
		})
		t.cell(func() {
			p.m(`<span class="remark">`)
			p.text(s.KeyOrigins[c.Key.Origin])
			p.m(`</span>`)
			p.told(c.Why)
			p.notes(c.Notes)
		})
		t.endRow()
	}
	t.end()
}

// lookAlikes lists domains that are easily taken for each other.
func (p *page) lookAlikes() {
	s, list := p.say, p.d.LookAlikes
	if len(list) == 0 {
		return
	}
	p.m(`<h3 id="lookalikes">`)
	p.text(s.LookAlikes)
	p.m(`</h3>`)
	p.para(s.LookAlikesNote)
	t := p.longTable(len(list), "cards pairs", s.LookAlikesCaption, s.DomainWord, s.DomainWord, s.Why)
	for i := range list {
		x := &list[i]
		p.m(`<tr`)
		p.filterRow(append(append([]string{}, x.PeopleA...), x.PeopleB...), "", nil, 0)
		t.rowWith()
		side := func(domain string, people []string) {
			p.m(`<code>`)
			p.mail(cut(domain, maxField))
			p.m(`</code>`)
			if len(people) > 0 {
				p.m(`<br>`)
				p.names(people)
			}
		}
		t.cell(func() { side(x.A, x.PeopleA) })
		t.cell(func() { side(x.B, x.PeopleB) })
		t.cell(func() { p.told(x.Why) })
		t.endRow()
	}
	t.end()
}

// parties lists the parties that the case file names.
func (p *page) parties() {
	s, list := p.say, p.d.Case.Parties
	if len(list) == 0 {
		return
	}
	t := p.longTable(len(list), "cards pairs", s.PartiesCaption, s.Party, s.Side, s.DomainWords)
	for i := range list {
		t.row()
		t.head(func() { p.mail(cut(list[i].Name, maxField)) })
		t.mail(cut(list[i].Side, maxField))
		t.cell(func() { p.lines(list[i].Domains, true) })
		t.endRow()
	}
	t.end()
}
