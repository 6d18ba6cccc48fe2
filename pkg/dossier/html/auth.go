package html

import (
	"fmt"
	"strings"
	"time"

	"onrecord/pkg/authres"
	"onrecord/pkg/dkim"
	"onrecord/pkg/evidence"
)

// authenticity tells what can be said about who sent the message, each fact with its basis.
func (p *page) authenticity(r *evidence.Record) {
	s, a := p.say, &r.Authentication
	p.h4(s.Authenticity)
	p.m(`<div class="auth">`)
	p.standing(r)
	for i := range a.DKIM {
		if i == maxRows {
			p.note(s.LeftOut.of(len(a.DKIM) - i))
			break
		}
		p.signature(&a.DKIM[i])
	}
	for i := range a.Signatures {
		if i == maxRows {
			p.note(s.LeftOut.of(len(a.Signatures) - i))
			break
		}
		p.personal(&a.Signatures[i])
	}
	p.recorded(a)
	p.arc(&a.ARC)
	p.m("</div>\n")
}

func (p *page) signature(g *dkim.Signature) {
	s := p.say
	p.m(`<div class="sig"><p><strong>`)
	p.text(first(string(g.Kind), "DKIM-Signature"))
	p.m(`</strong> `)
	p.mail(cut(g.Domain, maxField))
	p.m(`</p>`)
	p.m(`<dl class="facts">`)
	p.verdict(s.BodyHash, string(g.BodyHash), s.BodyHashes[g.BodyHash])
	p.verdict(s.Signature, string(g.Signature), s.Verdicts[g.Signature])
	p.m(`<div><dt>`)
	p.text(s.Key)
	p.m(`</dt><dd>`)
	p.key(g)
	p.m(`</dd></div>`)
	if len(g.Policy) > 0 {
		p.m(`<div><dt>`)
		p.text(s.Policy)
		p.m(`</dt><dd>`)
		for i, note := range g.Policy {
			if i == maxRows {
				break
			}
			p.m(`<span class="remark">`)
			if w, ok := s.Policies[note]; ok {
				p.text(w)
			} else {
				p.mail(cut(note, maxField))
			}
			p.m(`</span>`)
		}
		p.m(`</dd></div>`)
	}
	p.m(`<div><dt>`)
	p.text(s.Alignment)
	p.m(`</dt><dd>`)
	if g.Aligned {
		p.text(s.Aligned)
	} else {
		p.text(s.NotAligned)
	}
	p.m(`</dd></div>`)
	p.fact(s.Covered, cut(strings.Join(g.SignedFields, ", "), maxField))
	p.fact(s.NotCovered, cut(strings.Join(g.UnsignedFields, ", "), maxField))
	p.fact(s.Oversigned, cut(strings.Join(g.Oversigned, ", "), maxField))
	if g.BodyLength != nil {
		p.fact(s.SignedLength, s.Bytes.of(int(*g.BodyLength)))
	}
	p.signedAt(s.SignedAt, g.SignedAt)
	p.signedAt(s.ExpiresAt, g.ExpiresAt)
	p.fact(s.Algorithm, cut(strings.TrimSpace(g.Algorithm+" "+g.Canonicalization), maxField))
	p.fact(s.Identity, cut(g.Identity, maxField))
	p.toldFact(s.Why, g.Why)
	p.m(`</dl>`)
	p.notes(g.Notes)
	p.m(`</div>`)
}

// verdict writes a fact whose look follows its value; word is ours, value the JSON's.
func (p *page) verdict(label, value, word string) {
	if value == "" {
		return
	}
	p.m(`<div><dt>`)
	p.text(label)
	p.m(`</dt><dd>`)
	switch value {
	case string(dkim.Match), string(dkim.Valid), "pass":
		p.m(`<span class="v good">`)
	case string(dkim.Mismatch), string(dkim.Invalid), "fail", "permerror":
		p.m(`<span class="v bad">`)
	default:
		p.m(`<span class="v open">`)
	}
	if word == "" {
		word = cut(value, maxName)
	}
	p.text(word)
	p.m(`</span></dd></div>`)
}

func (p *page) key(g *dkim.Signature) {
	s, k := p.say, &g.Key
	if w, ok := s.KeyOrigins[k.Origin]; ok {
		p.text(w)
	} else {
		p.mail(cut(string(k.Origin), maxName))
	}
	if k.Bits > 0 {
		p.text(", " + fmt.Sprintf(s.Bits, k.Bits))
	}
	if k.RetrievedAt != nil {
		p.text(", " + s.Retrieved + " ")
		p.instant(k.RetrievedAt)
	}
	if k.Resolver != "" {
		p.text(", " + s.Asked + " ")
		p.mail(cut(k.Resolver, maxName))
	}
	if k.DNSSEC {
		p.text(", DNSSEC")
	}
	if n := first(k.Name, g.Selector); n != "" {
		p.m(` <code>`)
		p.mail(cut(n, maxField))
		p.m(`</code>`)
	}
	if n := len(g.KeyAlternatives); n > 0 {
		p.notes([]string{p.say.KeyAlternatives.of(n)})
	}
}

func (p *page) signedAt(label string, at *time.Time) {
	if at == nil {
		return
	}
	p.m(`<div><dt>`)
	p.text(label)
	p.m(`</dt><dd>`)
	p.instant(at)
	p.m(`</dd></div>`)
}

// recorded tells what servers wrote, and whether one that we may trust wrote it.
func (p *page) recorded(a *evidence.Authentication) {
	s := p.say
	if len(a.Recorded) == 0 && len(a.SPF) == 0 && len(a.DMARC) == 0 {
		return
	}
	t := p.table("cards recorded", s.RecordedCaption, s.AuthMethod, s.Value, s.Server, s.OnWhoseWord, s.Reason)
	rows, left := 0, 0
	line := func(method, value, server string, trusted bool, reason, field string, aligned *bool, props authres.Properties) {
		if rows == maxRows {
			left++
			return
		}
		rows++
		t.row()
		t.mail(cut(method, maxName))
		t.mail(cut(value, maxName))
		t.mail(cut(server, maxField))
		t.cell(func() {
			if trusted {
				p.m(`<span class="v good">`)
				p.text(s.Trusted)
			} else {
				p.m(`<span class="v open">`)
				p.text(s.Claimed)
			}
			p.m(`</span>`)
		})
		t.cell(func() {
			p.mail(cut(reason, maxField))
			p.properties(props)
			if aligned != nil {
				p.m(`<span class="remark">`)
				p.text(map[bool]string{true: s.ForSender, false: s.ForOther}[*aligned])
				p.m(`</span>`)
			}
			p.clause(s.StandsIn, field)
		})
		t.endRow()
	}
	for i := range a.Recorded {
		f := &a.Recorded[i]
		for _, res := range f.Results {
			line(res.Method, res.Value, f.AuthServID, f.Trusted, strings.TrimSpace(res.Reason+" "+res.Comment), f.Field, nil, res.Properties)
		}
		if len(f.Results) == 0 || len(f.Notes) > 0 {
			line("", map[bool]string{true: s.NoResult}[len(f.Results) == 0], f.AuthServID, f.Trusted, p.noteText(f.Notes), f.Field, nil, nil)
		}
	}
	for _, x := range a.SPF {
		if !isResult(x.Field) {
			line("spf", x.Value, x.Server, x.Trusted, x.Reason, x.Field, x.Aligned, x.Properties)
		}
	}
	for _, x := range a.DMARC {
		if !isResult(x.Field) {
			line("dmarc", x.Value, x.Server, x.Trusted, x.Reason, x.Field, x.Aligned, x.Properties)
		}
	}
	t.end()
	if left > 0 {
		p.note(s.LeftOut.of(left))
	}
}

// isResult tells a field whose results stand in the table already.
func isResult(field string) bool { return strings.EqualFold(field, "Authentication-Results") }

func (p *page) arc(a *evidence.ARC) {
	s := p.say
	if len(a.Sets) == 0 && (a.Chain == evidence.ARCNone || a.Chain == "") {
		return
	}
	p.m(`<dl class="facts">`)
	p.verdict(s.ARC, string(a.Chain), s.Chains[a.Chain])
	p.toldFact(s.Why, a.Why)
	if a.Instance > 0 {
		p.fact(s.BreaksAt, number(a.Instance))
	}
	if a.OldestPass > 0 {
		p.fact(s.UnchangedSince, number(a.OldestPass))
	}
	p.m(`</dl>`)
	p.arcChecks(a)
	if len(a.Sets) == 0 {
		return
	}
	t := p.table("cards arc", s.ARCSets, s.ARCInstance, s.Server, s.ARCClaim, s.SignedAt, s.RecordedThen)
	for i := range a.Sets {
		if i == maxRows {
			break
		}
		set := &a.Sets[i]
		t.row()
		t.num(set.Instance)
		t.mail(cut(set.Domain, maxField))
		t.mail(cut(set.CV, maxName))
		t.cell(func() {
			if set.Time != nil {
				p.instant(set.Time)
			}
		})
		t.cell(func() {
			if f := set.Results; f != nil {
				p.mail(cut(f.AuthServID, maxField))
				for j := range f.Results {
					if j == maxLinks {
						p.note(s.AndMore.of(len(f.Results) - j))
						break
					}
					res := &f.Results[j]
					p.m(`<span class="remark">`)
					p.mail(cut(strings.TrimSpace(res.Method+"="+res.Value+" "+res.Reason+" "+res.Comment), maxField))
					p.m(`</span>`)
					p.properties(res.Properties)
				}
				p.notes(f.Notes)
			}
			p.notes(set.Notes)
		})
		t.endRow()
	}
	t.end()
}

// properties writes what a result was about ("header.d=mail.example").
func (p *page) properties(list authres.Properties) {
	for i, x := range list {
		if i == maxAddresses {
			p.text(p.say.AndMore.of(len(list) - i))
			return
		}
		name := x.Name
		if x.Type != "" {
			name = x.Type + "." + x.Name
		}
		p.m(`<span class="remark">`)
		p.mail(cut(name+"="+x.Value, maxField))
		p.m(`</span>`)
	}
}
