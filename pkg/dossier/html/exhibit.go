package html

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// exhibits writes every message in full, one in memory at a time, and keeps the little that the lists after them need.
func (p *page) exhibits() error {
	p.section("exhibits", p.say.Exhibits)
	p.para(p.say.ExhibitsNote)
	p.m(`<p class="tools" hidden id="tools"><button type="button" id="open-all">`)
	p.text(p.say.OpenHeaders)
	p.m(`</button> <button type="button" id="close-all">`)
	p.text(p.say.CloseHeaders)
	p.m("</button></p>\n")
	n := 0
	for r, err := range p.d.Messages {
		if err != nil {
			return fmt.Errorf("read exhibits for html: %w", err)
		}
		n++
		p.remember(r)
		p.message(r)
		if _, err := p.w.Write(nil); err != nil { // the first error sticks: do not go on for a full disk
			return fmt.Errorf("write html: %w", err)
		}
	}
	if n == 0 {
		p.note(p.say.NoExhibits)
	}
	p.m("</section>\n")
	return nil
}

// message writes one exhibit and, below it, the messages that it encloses.
func (p *page) message(r *evidence.Record) {
	anchor := "x" + strconv.Itoa(r.Exhibit)
	persons, acts := p.involved(r)
	p.m(`<article class="x" data-f`)
	p.attr("id", anchor)
	p.attr("aria-labelledby", anchor+"-h")
	p.attr("data-p", strings.Join(persons, " "))
	p.attr("data-a", acts)
	if at := r.Sent().Time; at != nil {
		p.attr("data-d", at.In(p.o.Zone).Format("2006-01-02"))
	}
	p.m(`><h3`)
	p.attr("id", anchor+"-h")
	p.m(`><a class="no"`)
	p.attr("href", "#"+anchor)
	p.m(`>`)
	p.text(p.say.Exhibit + "\u00a0" + strconv.Itoa(r.Exhibit))
	p.m(`</a> `)
	p.mail(cut(first(r.Subject, p.say.NoSubject), maxField))
	p.m("</h3>\n")
	if r.Exhibit > whole {
		p.fold(func() {
			p.examined(r, r.Exhibit, "")
			p.nested(r)
		})
	} else {
		p.examined(r, r.Exhibit, "")
		p.nested(r)
	}
	p.m("</article>\n")
}

// examined writes all that one message shows; part is "" for the exhibit itself, else the path of the enclosed message.
func (p *page) examined(r *evidence.Record, exhibit int, part string) {
	p.box(r)
	p.body(r, exhibit, part)
	p.fold(func() {
		p.parts(r)
		p.unpacked(r)
		p.authenticity(r)
		p.hops(r)
		p.times(r)
		p.export(r)
		p.defectsOf(r)
		p.header(r)
		p.digests(r)
	})
}

// nested writes the enclosed messages with a stack, not by recursion: mail may nest as deep as it likes.
func (p *page) nested(r *evidence.Record) {
	type inner struct {
		part string
		r    *evidence.Record
	}
	var stack []inner
	push := func(r *evidence.Record) {
		for _, n := range slices.Backward(r.Nested) {
			if n.Record != nil {
				stack = append(stack, inner{n.Part, n.Record})
			}
		}
	}
	push(r)
	for n := 0; len(stack) > 0; n++ {
		if n == maxNested {
			p.note(p.say.NestedLeftOut.of(len(stack)))
			return
		}
		in := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		p.m(`<section class="nested"><h4>`)
		p.text(p.say.Nested + " " + cut(in.part, maxName) + p.say.Colon)
		p.mail(cut(first(in.r.Subject, p.say.NoSubject), maxField))
		p.m(`</h4>`)
		p.examined(in.r, r.Exhibit, in.part)
		p.m("</section>\n")
		push(in.r)
	}
}

// involved gives the ids of the persons on a message and the acts of its statements, for the filter.
func (p *page) involved(r *evidence.Record) (persons []string, acts string) {
	for _, list := range [][]message.Address{r.From, r.Sender, r.To, r.Cc, r.Bcc} {
		for i, a := range list {
			if i == maxAddresses {
				break
			}
			if id := p.byAddress[strings.ToLower(a.Address)]; id != "" && !slices.Contains(persons, id) {
				persons = append(persons, id)
			}
		}
	}
	var all []string
	for _, st := range p.ofExhibit[r.Exhibit] {
		for _, a := range st.Acts {
			if !slices.Contains(all, string(a)) {
				all = append(all, string(a))
			}
		}
	}
	return persons, strings.Join(all, " ")
}

// box is the header as a reader wants it: who, to whom, when by whose word, and where it was found.
func (p *page) box(r *evidence.Record) {
	s := p.say
	p.m(`<dl class="box">`)
	p.addresses(s.From, r.From)
	p.addresses(s.Sender, r.Sender)
	p.addresses(s.ReplyTo, r.ReplyTo)
	p.addresses(s.To, r.To)
	p.addresses(s.Cc, r.Cc)
	p.addresses(s.Bcc, r.Bcc)
	p.fact(s.Subject, cut(r.Subject, maxField))
	p.m(`<div><dt>`)
	p.text(s.Date)
	p.m(`</dt><dd>`)
	if r.Date.Time != nil {
		p.when(r.Date.Time, evidence.BasisOrigination, "")
	} else if r.Date.Raw != "" {
		p.text(s.DateUnreadable + " ")
		p.mail(cut(r.Date.Raw, maxField))
	} else {
		p.text(s.NoDate)
	}
	p.notes(r.Date.Notes)
	p.m(`</dd></div><div><dt>`)
	p.text(s.Recorded)
	p.m(`</dt><dd>`)
	p.when(r.Recorded.Time, r.Recorded.Basis, recorder(r))
	p.m("</dd></div></dl>\n")
	p.fold(func() { p.rest(r) })
}

// rest is the part of the box that few readers need.
func (p *page) rest(r *evidence.Record) {
	s := p.say
	p.m(`<dl class="box rest">`)
	p.fact(s.MessageID, cut(r.MessageID, maxField))
	p.fact(s.InReplyTo, cut(strings.Join(r.InReplyTo, " "), maxField))
	if r.Thread != "" {
		p.m(`<div><dt>`)
		p.text(s.Thread)
		p.m(`</dt><dd><a`)
		p.attr("href", "#th-"+r.Thread)
		p.m(`>`)
		p.mail(cut(first(p.subject[r.Thread], r.Thread), maxField))
		p.m(`</a></dd></div>`)
	}
	p.fact(s.ReturnPath, cut(strings.Join(r.Delivery.ReturnPath, " "), maxField))
	p.fact(s.DeliveredTo, cut(strings.Join(r.Delivery.DeliveredTo, " "), maxField))
	p.fact(s.OriginalTo, cut(strings.Join(r.Delivery.OriginalTo, " "), maxField))
	if r.File != "" {
		p.m(`<div class="wide"><dt>`)
		p.text(s.File)
		p.m(`</dt><dd><code>`)
		p.mail(cut(r.File, maxField))
		p.m(`</code> <span class="b">`)
		p.text(s.Bytes.of(int(r.Size)) + ", SHA-256")
		p.m(`</span> <code class="digest">`)
		p.text(r.Digests.Message.Hex())
		p.m(`</code></dd></div>`)
	}
	if r.Origin.Source != "" {
		p.m(`<div class="wide"><dt>`)
		p.text(s.FoundIn)
		p.m(`</dt><dd>`)
		p.origins(r.Origin)
		if r.Reading.Why != "" {
			p.m(` <span class="b">`)
			p.text(s.Reading + s.Colon)
			p.told(r.Reading.Why)
			p.m(`</span>`)
		}
		p.m(`</dd></div>`)
	}
	p.m("</dl>\n")
}

// recorder names the server that wrote the recorded time.
func recorder(r *evidence.Record) string {
	if r.Recorded.Time == nil {
		return ""
	}
	for i := range r.Received {
		if h := &r.Received[i]; h.Time != nil && h.Time.Equal(*r.Recorded.Time) {
			return h.By.Name
		}
	}
	return ""
}

func (p *page) origins(o source.Origin) {
	p.m(`<code>`)
	p.mail(cut(o.Source, maxField))
	p.m(`</code> <span class="b">`)
	p.text(fmt.Sprintf(p.say.OffsetLength, number(int(o.Offset)), p.say.Bytes.of(int(o.Length))))
	if o.EnvelopeLine != "" {
		p.text("; " + p.say.EnvelopeLine + " ")
		p.mail(cut(strings.TrimRight(o.EnvelopeLine, "\r\n"), maxField))
	}
	if o.Flags != "" {
		p.text("; " + p.say.MaildirFlags + " ")
		p.mail(cut(o.Flags, maxName))
	}
	p.m(`</span>`)
}

func (p *page) addresses(label string, list []message.Address) {
	if len(list) == 0 {
		return
	}
	if len(list) > 4 {
		p.m(`<div class="wide"><dt>`)
	} else {
		p.m(`<div><dt>`)
	}
	p.text(label)
	p.m(`</dt><dd>`)
	for i, a := range list {
		if i == maxAddresses {
			p.text(" " + p.say.AndMore.of(len(list)-i))
			break
		}
		if i > 0 {
			p.m(`, `)
		}
		p.address(a)
	}
	p.m(`</dd></div>`)
}

// address writes display name and address as the mail has them; the address leads to the person.
func (p *page) address(a message.Address) {
	if a.Name != "" {
		p.mail(cut(a.Name, maxName*2))
		p.m(` `)
	}
	if a.Address == "" {
		return
	}
	id := p.byAddress[strings.ToLower(a.Address)]
	if id == "" {
		p.m(`<span class="ad">&lt;`)
		p.mail(cut(a.Address, maxName*4))
		p.m(`&gt;</span>`)
		return
	}
	p.m(`<a class="ad"`)
	p.attr("href", "#p-"+id)
	p.m(`>&lt;`)
	p.mail(cut(a.Address, maxName*4))
	p.m(`&gt;</a>`)
}

// notes writes remarks of the examination below a value.
func (p *page) notes(list []string) {
	for i, n := range list {
		p.m(`<span class="remark">`)
		if i == maxRows {
			p.text(p.say.AndMore.of(len(list) - i))
			p.m(`</span>`)
			return
		}
		p.told(n)
		p.m(`</span>`)
	}
}

func (p *page) h4(s string) {
	p.m(`<h4>`)
	p.text(s)
	p.m(`</h4>`)
}

// parts lists the MIME parts with their digests.
func (p *page) parts(r *evidence.Record) {
	s := p.say
	if len(r.Parts) == 0 {
		return
	}
	p.h4(s.Parts)
	t := p.table("cards parts", s.PartsCaption, s.Part, s.Filename, s.Type, s.Disposition, s.Size, "SHA-256")
	for i, part := range r.Parts {
		if i == maxRows {
			break
		}
		t.row()
		t.mail(cut(part.Path, maxName))
		t.mail(cut(part.Filename, maxField))
		t.cell(func() {
			p.mail(cut(part.ContentType, maxName*2))
			if part.Charset != "" || part.Encoding != "" {
				p.m(` <span class="b">`)
				p.mail(cut(strings.TrimSpace(part.Charset+" "+part.Encoding), maxName))
				p.m(`</span>`)
			}
			p.clause("Content-ID", cut(part.ContentID, maxFact))
		})
		t.mail(cut(part.Disposition, maxName))
		t.text(s.Bytes.of(int(part.Size)))
		t.text(part.SHA256.Hex())
		t.endRow()
	}
	t.end()
	if left := len(r.Parts) - maxRows; left > 0 {
		p.note(s.LeftOut.of(left))
	}
}

func (p *page) defectsOf(r *evidence.Record) {
	s := p.say
	if len(r.Defects) == 0 {
		return
	}
	p.h4(s.DefectsOf)
	p.m(`<ul class="defects">`)
	for i, d := range r.Defects {
		if i == maxRows {
			break
		}
		p.m(`<li><code>`)
		p.mail(cut(string(d.Kind), maxName))
		p.m(`</code> `)
		p.told(d.Detail)
		p.m(` <span class="b">`)
		p.text(fmt.Sprintf(s.AtOffset, number(int(d.Offset))))
		p.m(`</span></li>`)
	}
	p.m(`</ul>`)
	if left := len(r.Defects) - maxRows; left > 0 {
		p.note(s.LeftOut.of(left))
	}
}

// header writes every header field, verbatim and in order.
func (p *page) header(r *evidence.Record) {
	s := p.say
	if len(r.Header) == 0 {
		return
	}
	p.m(`<details class="raw"><summary>`)
	p.text(s.RawHeader + " (" + s.Fields.of(len(r.Header)) + ")")
	p.m(`</summary><pre tabindex="0"`)
	p.attr("aria-label", s.RawHeader)
	p.m(">\n") // a line feed right after <pre> is not content
	left := maxHeader
	for i, f := range r.Header {
		if left <= 0 {
			p.m(`</pre><p class="note">`)
			p.text(s.FieldsLeftOut.of(len(r.Header) - i))
			p.m("</p></details>\n")
			return
		}
		raw := cut(verbatim(f), left)
		left -= len(raw)
		p.text(raw)
	}
	p.m("</pre></details>\n")
}

// verbatim gives the exact bytes of a field.
func verbatim(f evidence.HeaderField) string {
	if f.RawBase64 != "" {
		if b, err := base64.StdEncoding.DecodeString(f.RawBase64); err == nil {
			return string(b)
		}
	}
	return f.Raw
}

func (p *page) digests(r *evidence.Record) {
	d := r.Digests
	p.m(`<details><summary>`)
	p.text(p.say.Digests)
	p.m("</summary><pre class=\"sums\">\n")
	for i, v := range []string{d.Message.Hex(), d.Raw.Hex(), d.Canonical.Hex(), d.Header.Hex(), d.Body.Hex(), d.Content.Hex()} {
		p.text(v + "  " + p.say.DigestNames[i] + "\n")
	}
	if d.EDRMMIH != nil {
		p.text(cut(*d.EDRMMIH, maxName) + "  " + p.say.DigestMIH + "\n")
	}
	p.m("</pre></details>\n")
}

// clause writes "label value" on a line of its own; nothing without a value.
func (p *page) clause(label, value string) {
	if value == "" {
		return
	}
	p.m(`<span class="clause"><i>`)
	p.text(label)
	p.m(`</i> `)
	p.mail(cut(value, maxField))
	p.m(`</span>`)
}
