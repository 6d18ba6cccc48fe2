package html

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
)

// seen is what is kept of an exhibit while the rest is streamed: a line of the list of exhibits.
type seen struct {
	exhibit int
	file    string
	id      string // Message-ID
	subject string
	at      *time.Time
	basis   evidence.Basis
	from    string
	sha256  digest.Digest
	defects int
}

// duplicate is a further copy of an exhibit.
type duplicate struct {
	exhibit int
	copy    evidence.Copy
}

// defectCount counts the defects of each kind and the exhibits that have them.
type defectCount struct {
	of       map[string]int
	exhibits map[string][]int
}

func (p *page) remember(r *evidence.Record) {
	from := ""
	if len(r.From) > 0 {
		from = cut(first(r.From[0].Name, r.From[0].Address), maxName)
	}
	sent := r.Sent()
	p.seen = append(p.seen, seen{r.Exhibit, strings.Clone(cut(r.File, maxFact)), strings.Clone(cut(r.MessageID, maxFact)), strings.Clone(cut(r.Subject, 120)), sent.Time, sent.Basis, strings.Clone(from), r.Digests.Message, len(r.Defects)})
	for _, c := range r.Copies {
		p.dups = append(p.dups, duplicate{r.Exhibit, c})
	}
	if len(r.Defects) > 0 && p.bad.of == nil {
		p.bad = defectCount{map[string]int{}, map[string][]int{}}
	}
	for _, d := range r.Defects {
		k := cut(string(d.Kind), maxName)
		p.bad.of[k]++
		if x := p.bad.exhibits[k]; len(x) == 0 || x[len(x)-1] != r.Exhibit {
			p.bad.exhibits[k] = append(x, r.Exhibit)
		}
	}
}

// ledger is what was given, and that nothing of it was lost.
func (p *page) ledger() {
	s, l := p.say, p.d.Ledger
	p.section("sources", s.Sources)
	p.m(`<p class="sum">`)
	p.text(fmt.Sprintf(s.LedgerSum, number(l.Found), number(l.Kept), number(l.Duplicate), number(l.Excluded), number(l.Failed)))
	p.m("</p>\n")
	if l.Found != l.Kept+l.Duplicate+l.Excluded+l.Failed {
		p.note(s.LedgerWrong)
	}
	p.para(s.LedgerNote)
	t := p.longTable(len(p.d.Sources), "cards sources", s.SourcesCaption, s.Source, s.Format, s.Found, s.Kept, s.Duplicate, s.Excluded, s.Failed, s.Notes)
	for i := range p.d.Sources {
		src := &p.d.Sources[i]
		p.m(`<tr`)
		if src.File != "" && !src.SHA256.IsZero() {
			p.attr("data-file", src.File)
			p.attr("data-h", src.SHA256.Hex())
		}
		t.rowWith()
		t.head(func() {
			p.m(`<code>`)
			p.mail(cut(src.Path, maxField))
			p.m(`</code> <span class="b">`)
			p.text(s.Bytes.of(int(src.Size)))
			if src.ModifiedAt != nil {
				p.text(", " + s.ModifiedAt + " ")
				p.instant(src.ModifiedAt)
			}
			p.m(`</span>`)
			if !src.SHA256.IsZero() {
				p.m(`<br><span class="b">SHA-256</span> <code class="digest">`)
				p.text(src.SHA256.Hex())
				p.m(`</code>`)
			}
			if src.File != "" {
				p.clause(s.CopiedTo, src.File)
			}
		})
		t.cell(func() {
			p.mail(cut(first(src.Format, s.NotMail), maxName))
			if src.Variant != "" {
				p.m(` <span class="b">`)
				p.mail(cut(src.Variant, maxName))
				p.m(`</span>`)
			}
		})
		t.num(src.Found)
		t.num(src.Kept)
		t.num(src.Duplicate)
		t.num(src.Excluded)
		t.num(src.Failed)
		t.cell(func() {
			p.clause(s.Exporter, src.Exporter)
			p.clause(s.VariantWhy, src.VariantWhy)
			p.notes(src.Notes)
		})
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

// copies lists the further copies of exhibits by what they have in common.
func (p *page) copies() {
	s := p.say
	p.section("copies", s.Copies)
	if len(p.dups) == 0 {
		p.note(s.NoCopies)
		p.m("</section>\n")
		return
	}
	p.para(s.CopiesNote)
	t := p.longTable(min(len(p.dups), maxCells), "cards copies", s.CopiesCaption, s.Exhibit, s.Class, s.Copy)
	for i, d := range p.dups {
		if i == maxCells {
			break
		}
		t.row()
		t.cell(func() { p.exhibit(d.exhibit) })
		t.cell(func() {
			if w, ok := s.CopyClasses[d.copy.Class]; ok {
				p.text(w)
			} else {
				p.mail(cut(string(d.copy.Class), maxName))
			}
		})
		t.cell(func() {
			if d.copy.Exhibit > 0 {
				p.exhibit(d.copy.Exhibit)
				p.m(` `)
			}
			p.origins(d.copy.Origin)
		})
		t.endRow()
	}
	t.end()
	if left := len(p.dups) - maxCells; left > 0 {
		p.note(s.LeftOut.of(left))
	}
	p.m("</section>\n")
}

// defects counts what is malformed, by kind; each exhibit tells its own in full.
func (p *page) defects() {
	s := p.say
	p.section("defects", s.Defects)
	if len(p.bad.of) == 0 {
		p.note(s.NoDefects)
		p.m("</section>\n")
		return
	}
	p.para(s.DefectsNote)
	kinds := make([]string, 0, len(p.bad.of))
	for k := range p.bad.of {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	t := p.table("cards kinds", s.DefectsCaption, s.Kind, s.Times, s.Exhibits)
	for _, k := range kinds {
		t.row()
		t.head(func() {
			p.m(`<code>`)
			p.mail(k)
			p.m(`</code>`)
		})
		t.num(p.bad.of[k])
		t.cell(func() { p.exhibitLinks(p.bad.exhibits[k]) })
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

// list is every exhibit with the digest of its file.
func (p *page) list() {
	s := p.say
	p.section("list", s.List)
	t := p.longTable(len(p.seen), "cards index", s.ListCaption, s.Exhibit, s.When, s.From, s.Subject, "SHA-256")
	for i := range p.seen {
		x := &p.seen[i]
		p.m(`<tr`)
		p.attr("data-file", x.file)
		p.attr("data-n", itoa(x.exhibit))
		if x.id != "" {
			p.attr("data-m", x.id)
		}
		t.rowWith()
		t.head(func() {
			p.m(`<a class="xl"`)
			p.attr("href", "#x"+strconv.Itoa(x.exhibit))
			p.m(`>`)
			p.num(x.exhibit)
			p.m(`</a>`)
		})
		t.cell(func() { p.day(x.at) })
		t.mail(x.from)
		t.mail(x.subject)
		t.text(x.sha256.Hex())
		t.endRow()
	}
	t.end()
	p.m("</section>\n")
}

// checkHere is the place where files are dropped to be compared with the digests of this page; without a script it stays hidden.
func (p *page) checkHere() {
	s := p.say
	p.m(`<div id="check" class="check" hidden`)
	p.attr("data-evidence", p.o.EvidenceDigest)
	for _, w := range []struct {
		name markup
		text string
	}{
		{"data-webcrypto", s.CheckWith["webcrypto"]}, {"data-own", s.CheckWith["own"]}, {"data-large", s.CheckWith["large"]}, {"data-same", s.CheckSame}, {"data-changed", s.CheckChanged}, {"data-endings", s.CheckEndings},
		{"data-unknown", s.CheckUnknown}, {"data-id", s.CheckID}, {"data-body", s.CheckBody}, {"data-head", s.CheckHead}, {"data-tag", s.CheckTag}, {"data-tagbad", s.CheckTagBad},
		{"data-tagopen", s.CheckTagOpen}, {"data-source", s.CheckSource}, {"data-sourcebad", s.CheckSourceBad}, {"data-list", s.CheckList}, {"data-listbad", s.CheckListBad},
		{"data-sum", s.CheckSum}, {"data-sumbad", s.CheckSumBad}, {"data-missing", s.CheckMissing}, {"data-all", s.CheckAll}, {"data-some", s.CheckSome}, {"data-bad", s.CheckBad},
		{"data-none", s.CheckNone}, {"data-fail", s.CheckFail}, {"data-busy", s.Busy}, {"data-left", s.CheckLeft},
		{"data-hfile", s.CheckFile}, {"data-hresult", s.CheckResult}, {"data-hhash", s.Hashed},
	} {
		p.attr(w.name, w.text)
	}
	p.m(`><h3>`)
	p.text(s.CheckHere)
	p.m(`</h3><p>`)
	p.text(s.CheckNote)
	p.m(`</p><div class="place" id="drop"><p>`)
	p.text(s.DropHere)
	p.m(`</p><p><label class="pick">`)
	p.text(s.ChooseFiles)
	p.m(`<input type="file" id="pick-files" multiple></label> <label class="pick">`)
	p.text(s.ChooseFolder)
	p.m(`<input type="file" id="pick-folder" webkitdirectory></label></p></div><p id="check-says" role="status"></p><div id="check-result"></div></div>
`)
}

// verify tells how to check the dossier with what every system has.
func (p *page) verify() {
	s := p.say
	p.section("verify", s.Verify)
	p.checkHere()
	for i, step := range s.VerifySteps {
		p.h3(strconv.Itoa(i+1) + ". " + step.Title)
		p.para(step.Text)
		if step.Command != "" {
			p.m(`<pre class="cmd"><code>`)
			p.text(step.Command)
			p.m("</code></pre>\n")
		}
	}
	p.m(`<p>`)
	p.text(s.EvidenceDigest + s.Colon)
	p.m(`<code class="digest">`)
	p.text(p.evidenceDigest())
	p.m("</code></p></section>\n")
}

func (p *page) method() {
	s := p.say
	p.section("method", s.Method)
	for _, m := range s.MethodText {
		p.h3(m.Title)
		p.para(m.Text)
	}
	p.m(`<h3>`)
	p.text(s.BuildOptions)
	p.m(`</h3><dl class="facts">`)
	o := p.d.Options
	for _, f := range [][2]string{
		{"clock", p.lang.T(p.d.ClockBasis)}, {"format", strings.Join(o.Format, ", ")}, {"lang", o.Lang}, {"paper", o.Paper}, {"bates", o.Bates}, {"timezone", o.Timezone}, {"since", o.Since}, {"until", o.Until},
		{"participant", o.Participant}, {"thread", o.Thread}, {"sources", o.Sources}, {"dns", o.DNS}, {"strict", strconv.FormatBool(o.Strict)},
		{"embed", o.Embed}, {"trust", strings.Join(o.Trust, ", ")},
	} {
		p.fact(f[0], cut(f[1], maxFact))
	}
	for i, font := range o.Fonts {
		if i == maxNames {
			break
		}
		p.fact("font", cut(font.Name, maxFact)+" SHA-256 "+font.SHA256.Hex())
	}
	p.m("</dl></section>\n")
}

// filters writes the tools that the script brings to life; without it they stay hidden.
func (p *page) filters() {
	s := p.say
	p.m(`<search id="filter" class="filter" hidden`)
	p.attr("aria-label", s.Filter)
	p.m(`><label>`)
	p.text(s.FilterPerson)
	p.m(` <select id="f-person"><option value="">`)
	p.text(s.Anyone)
	p.m(`</option>`)
	for i := range p.d.People {
		if i == maxRows {
			break
		}
		pr := &p.d.People[i]
		p.m(`<option`)
		p.attr("value", pr.ID)
		p.m(`>`)
		p.text(cut(name(pr), maxName))
		p.m(`</option>`)
	}
	p.m(`</select></label> <label>`)
	p.text(s.FilterAct)
	p.m(` <select id="f-act"><option value="">`)
	p.text(s.Anything)
	p.m(`</option>`)
	for _, g := range glyphs() {
		w, ok := s.acts()[g.kind]
		if !ok {
			continue
		}
		p.m(`<option`)
		p.attr("value", g.kind)
		p.m(`>`)
		p.text(w)
		p.m(`</option>`)
	}
	p.m(`</select></label> <label>`)
	p.text(s.FilterFrom)
	p.m(` <input type="date" id="f-from"></label> <label>`)
	p.text(s.FilterTo)
	p.m(` <input type="date" id="f-to"></label> <label class="grow">`)
	p.text(s.FilterText)
	p.m(` <input type="search" id="f-text" autocomplete="off" spellcheck="false"></label> <button type="button" id="f-clear">`)
	p.text(s.FilterClear)
	p.m(`</button> <output id="f-count" aria-live="polite"`)
	p.attr("data-shown", s.FilterShown)
	p.m("></output></search>\n")
}
