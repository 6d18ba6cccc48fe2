package pdf

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
)

// Bounds of one exhibit. What is left out is said, with the place where it lies whole.
const (
	maxBody      = 200_000 // code points
	maxAddresses = 1000
	maxParts     = 300
	maxHops      = 200
	maxDefects   = 200
	maxNested    = 50
	maxResults   = 100
	maxField     = 4000 // code points of one header value in the box
)

// exhibits draws one exhibit per message.
func (b *book) exhibits(v *view) error {
	first := true
	for r, err := range ahead(b.d.Messages) {
		if err != nil {
			return err
		}
		if b.err != nil {
			return b.err
		}
		b.exhibit(v, r, first)
		b.keepHeader(r)
		first = false
	}
	return b.err
}

func (b *book) exhibit(v *view, r *evidence.Record, first bool) {
	w := b.w
	b.exhibitNow = r.Exhibit
	title := fmt.Sprintf(w.exhibitN, r.Exhibit)
	b.section = title
	b.newPage()
	if first {
		b.anchor("exhibits", 0)
		b.bookmark(w.exhibitsTitle, 0, 0)
	}
	b.anchor(anchorExhibit(r.Exhibit), 0)
	subject := b.subject(cut(r.Subject, 500))
	b.bookmark(title+" · "+subject, 1, 0)
	b.text(left, b.y+12, title, style{face: bold, size: 15, ink: accent})
	b.textRight(right, b.y+12, r.File, style{face: mono, size: monoSize, ink: grey})
	b.y += 21
	b.flow(b.set([]span{{subject, style{face: bold, size: 11.5, ink: ink}}}, measure, prose), left, measure, 15)
	b.y += 5

	b.headerBox(v, r, true)
	b.message822(v, r, "")
	b.nested(v, r)
	b.statementsOf(v, r)
	b.authenticity(r)
	b.hops(r)
	b.digestsOf(r)
	b.reading(r)
	for _, s := range v.inExhibit[r.Exhibit] { // one whose words are not printed is cited by its exhibit
		if _, ok := b.anchors[anchorStatement(s.ID)]; !ok {
			b.anchors[anchorStatement(s.ID)] = b.anchors[anchorExhibit(r.Exhibit)]
		}
	}
}

// message822 draws what a message says: body, parts, defects; part is "" for the exhibit itself.
func (b *book) message822(v *view, r *evidence.Record, part string) {
	b.body(v, r, part)
	b.parts(r)
	b.defectsOf(r)
}

// nested draws the messages inside of the message, with a stack.
func (b *book) nested(v *view, r *evidence.Record) {
	type inner struct {
		part string
		r    *evidence.Record
	}
	var stack []inner
	push := func(prefix string, r *evidence.Record) {
		for _, n := range slices.Backward(r.Nested) {
			if n.Record != nil {
				stack = append(stack, inner{prefix + n.Part, n.Record})
			}
		}
	}
	push("", r)
	for n := 0; len(stack) > 0; n++ {
		if n == maxNested {
			b.para(faint(fmt.Sprintf(b.w.nestedLeftOut, len(stack))))
			return
		}
		in := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		b.heading(fmt.Sprintf(b.w.enclosed, cut(in.part, 60), cut(b.subject(in.r.Subject), 120)), 80)
		b.headerBox(v, in.r, false)
		b.message822(v, in.r, in.part)
		push(in.part+"/", in.r)
	}
}

// addresses lists mailboxes.
func (b *book) addresses(list []message.Address) string {
	var out strings.Builder
	for i, a := range list {
		if i == maxAddresses {
			fmt.Fprintf(&out, " "+b.w.more, len(list)-i)
			break
		}
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(cut(mailbox(a), 400))
	}
	return out.String()
}

// headerBox draws the key header fields on a tinted ground.
func (b *book) headerBox(v *view, r *evidence.Record, whole bool) {
	w := b.w
	t := b.newTable(smallLead+0.6, column{width: 15}, column{width: 85})
	t.fill = panel
	b.y += 2
	put := func(key string, value ...span) {
		if len(value) > 0 && value[0].text != "" {
			t.row([]span{{key, style{face: bold, size: tinySize, ink: grey}}}, value)
		}
	}
	put(w.from, strong(b.addresses(r.From)))
	if len(r.Sender) > 0 && !slices.Equal(r.Sender, r.From) {
		put(w.sender, small(b.addresses(r.Sender)))
	}
	put(w.toField, small(b.addresses(r.To)))
	put(w.cc, small(b.addresses(r.Cc)))
	put(w.bcc, small(b.addresses(r.Bcc)))
	put(w.replyTo, small(b.addresses(r.ReplyTo)))
	date := []span{small(b.exact(r.Date.Time))}
	if r.Date.Time == nil {
		date[0].text = w.noDate
	}
	date = append(date, faint("  "+w.senderClock))
	if raw := strings.TrimSpace(r.Date.Raw); raw != "" {
		date = append(date, faint("\n"+fmt.Sprintf(w.asWritten, cut(oneLine(raw), 200))))
	}
	for _, n := range r.Date.Notes[:min(4, len(r.Date.Notes))] {
		date = append(date, faint("\n"+cut(n, 200)))
	}
	put(w.dateField, date...)
	if r.Recorded.Time != nil {
		put(w.recorded, small(b.exact(r.Recorded.Time)), faint("  "+b.basis(r.Recorded.Basis)))
	}
	put(w.messageID, code(cut(r.MessageID, 400)))
	var answers []span
	for i, id := range r.InReplyTo[:min(4, len(r.InReplyTo))] {
		if i > 0 {
			answers = append(answers, small("\n"))
		}
		if n := v.byID[id]; n > 0 {
			answers = append(answers, link(fmt.Sprintf(w.exhibitN, n), anchorExhibit(n)), small("  "))
		} else {
			answers = append(answers, faint(w.notHeld+"  "))
		}
		answers = append(answers, code(cut(id, 400)))
	}
	put(w.inReplyTo, answers...)
	if whole {
		thread := small(r.Thread)
		thread.to = "threads"
		put(w.thread, thread)
		b.provenance(r, put)
	}
	b.y += 10
}

// provenance says where the message was found.
func (b *book) provenance(r *evidence.Record, put func(string, ...span)) {
	w := b.w
	o := r.Origin
	put(w.source, small(fmt.Sprintf(w.sourceAt, cut(o.Source, 400), o.Offset, o.Length)))
	var copies []span
	for i, c := range r.Copies {
		if i == 12 {
			copies = append(copies, faint(fmt.Sprintf("\n"+w.more, len(r.Copies)-i)))
			break
		}
		if i > 0 {
			copies = append(copies, small("\n"))
		}
		copies = append(copies, small(string(c.Class)+": "))
		if c.Exhibit > 0 {
			copies = append(copies, link(fmt.Sprintf(w.exhibitN, c.Exhibit), anchorExhibit(c.Exhibit)), small(", "))
		}
		copies = append(copies, faint(fmt.Sprintf(w.sourceAt, cut(c.Origin.Source, 200), c.Origin.Offset, c.Origin.Length)))
	}
	put(w.copies, copies...)
	if c := b.delivery(r); c != "" {
		put(w.delivery, small(c))
	}
}

func (b *book) delivery(r *evidence.Record) string {
	var out []string
	for _, f := range []struct {
		name   string
		values []string
	}{{"Return-Path", r.Delivery.ReturnPath}, {"Delivered-To", r.Delivery.DeliveredTo}, {"X-Original-To", r.Delivery.OriginalTo}} {
		for i, value := range f.values {
			if i == 6 {
				break
			}
			out = append(out, f.name+": "+cut(value, 200))
		}
	}
	return strings.Join(out, "\n")
}

// parts lists the MIME parts with their digests.
func (b *book) parts(r *evidence.Record) {
	if len(r.Parts) == 0 || len(r.Parts) == 1 && !isAttachment(r.Parts[0]) {
		return
	}
	w := b.w
	b.heading(w.partsTitle, 50)
	t := b.newTable(tinyLead, column{head: w.part, width: 5}, column{head: w.name, width: 23}, column{head: w.mediaType, width: 18}, column{head: w.size, width: 10, right: true}, column{head: w.sha256Decoded, width: 44})
	for i, p := range r.Parts {
		if i == maxParts {
			break
		}
		name := style{size: tinySize, ink: ink}
		if isAttachment(p) {
			name.face = bold
		}
		kind := cut(p.ContentType, 120)
		if p.Charset != "" {
			kind += "; " + cut(p.Charset, 40)
		}
		if p.Disposition != "" {
			kind += "\n" + cut(p.Disposition, 40)
		}
		t.row([]span{tiny(cut(p.Path, 40))}, []span{{cut(p.Filename, 600), name}}, []span{tiny(kind)}, []span{{b.bytes(p.Size), style{size: tinySize, ink: ink}}},
			[]span{{p.SHA256.Hex(), style{face: mono, size: 5.2, ink: ink}}})
	}
	t.end()
	b.leftOut(maxParts, len(r.Parts))
}

// statementsOf lists what was found in the exhibit, with rule and reason.
func (b *book) statementsOf(v *view, r *evidence.Record) {
	list := v.inExhibit[r.Exhibit]
	if len(list) == 0 {
		return
	}
	w := b.w
	b.heading(w.statementsTitle, 50)
	t := b.newTable(tinyLead, column{head: w.statement, width: 9}, column{head: w.act, width: 20}, column{head: w.origin, width: 22}, column{head: w.words, width: 49})
	for i, s := range list {
		if i == maxResults {
			break
		}
		words := []span{{"“" + cut(oneLine(s.Text), 90) + "”", style{size: tinySize, ink: ink}}}
		if s.Topic != "" {
			words = append(words, tiny("\n"+fmt.Sprintf(w.topic, cut(s.Topic, 100))))
		}
		if s.Why != "" {
			words = append(words, tiny("\n"+fmt.Sprintf(w.decidedBy, cut(s.Why, 160))))
		}
		from := b.origin(s.Origin)
		if s.Origin != notice.Marked && s.Rule != "" {
			from += "\n" + fmt.Sprintf(w.ruleAnd, cut(s.Rule, 60), b.decimal(s.Confidence))
		}
		t.row([]span{{s.ID, style{face: bold, size: tinySize, ink: ink}}}, []span{{b.acts(s.Acts), style{size: tinySize, ink: ink}}}, []span{tiny(from)}, words)
	}
	t.end()
	b.leftOut(maxResults, len(list))
}

// hops draws the Received chain in the order of travel.
func (b *book) hops(r *evidence.Record) {
	w := b.w
	b.heading(w.hopsTitle, 60)
	if len(r.Received) == 0 {
		b.para(faint(w.noHops))
		return
	}
	b.para(faint(w.hopsIntro))
	t := b.newTable(tinyLead, column{head: w.hop, width: 5}, column{head: w.when, width: 17}, column{head: w.from, width: 27}, column{head: w.by, width: 22}, column{head: w.with, width: 18}, column{head: w.delay, width: 11, right: true})
	n := len(r.Received)
	for i := range min(n, maxHops) {
		h := &r.Received[n-1-i]
		from := []span{{cut(h.From.Name, 200), style{size: tinySize, ink: ink}}}
		if h.From.Reverse != "" && h.From.Reverse != h.From.Name {
			from = append(from, tiny("\n"+fmt.Sprintf(w.reverse, cut(h.From.Reverse, 200))))
		}
		if h.From.HELO != "" && h.From.HELO != h.From.Name {
			from = append(from, tiny("\n"+fmt.Sprintf(w.helo, cut(h.From.HELO, 200))))
		}
		if ip := h.From.IP; ip.IsValid() {
			from = append(from, tiny("\n"+ip.String()))
		}
		by := []span{{cut(h.By.Name, 200), style{size: tinySize, ink: ink}}}
		if h.For != "" {
			by = append(by, tiny("\n"+fmt.Sprintf(w.forWhom, cut(h.For, 300))))
		}
		with := []span{{cut(h.With, 100), style{size: tinySize, ink: ink}}}
		if h.TLS != "" {
			with = append(with, tiny("\n"+cut(h.TLS, 100)))
		}
		if h.ID != "" {
			with = append(with, tiny("\nid "+cut(h.ID, 120)))
		}
		when := []span{{b.clockDate(h.Time), style{size: tinySize, ink: ink}}}
		if h.Time != nil {
			when = append(when, tiny("\n"+h.Time.Format("15:04:05 -0700")))
		}
		for _, note := range h.Notes[:min(6, len(h.Notes))] {
			from = append(from, span{"\n" + cut(note, 300), style{size: tinySize, ink: alert}})
		}
		t.row([]span{{fmt.Sprint(i + 1), style{face: bold, size: tinySize, ink: ink}}}, when, from, by, with, []span{{b.delay(h.DelaySeconds), style{size: tinySize, ink: ink}}})
	}
	t.end()
	b.leftOut(maxHops, n)
}

// digestsOf lists the digests of the exhibit.
func (b *book) digestsOf(r *evidence.Record) {
	w := b.w
	b.heading(w.digestsTitle, 90)
	t := b.newTable(tinyLead, column{width: 40}, column{width: 60})
	t.fill = panel
	put := func(label, value string) {
		t.row([]span{tiny(label)}, []span{{value, style{face: mono, size: 6.2, ink: ink}}})
	}
	d := r.Digests
	for _, e := range []struct{ label, value string }{
		{w.digestMessage, d.Message.String()}, {w.digestRaw, d.Raw.String()}, {w.digestCanonical, d.Canonical.String()},
		{w.digestHeader, d.Header.String()}, {w.digestBody, d.Body.String()}, {w.digestContent, d.Content.String()},
	} {
		put(e.label, e.value)
	}
	if d.EDRMMIH != nil {
		put("EDRM MIH", *d.EDRMMIH)
	} else {
		put("EDRM MIH", w.noMessageID)
	}
	t.end()
}

// reading says how the message was got out of its mbox where there was a choice.
func (b *book) reading(r *evidence.Record) {
	if r.Reading.Variant == "" && r.Reading.QuotedLines == 0 {
		return
	}
	b.para(faint(fmt.Sprintf(b.w.readingNote, r.Reading.Variant, r.Reading.QuotedLines, r.Reading.Unquoted)), faint(" "+cut(r.Reading.Why, 600)))
}

// defectsOf lists what is malformed.
func (b *book) defectsOf(r *evidence.Record) {
	if len(r.Defects) == 0 {
		return
	}
	w := b.w
	b.heading(w.defectsTitle, 40)
	t := b.newTable(tinyLead, column{head: w.kindColumn, width: 26}, column{head: w.what, width: 60}, column{head: w.offset, width: 14, right: true})
	for i, d := range r.Defects {
		if i == maxDefects {
			break
		}
		t.row([]span{{string(d.Kind), style{size: tinySize, ink: ink}}}, []span{tiny(cut(d.Detail, 400))}, []span{tiny(fmt.Sprint(d.Offset))})
	}
	t.end()
	b.leftOut(maxDefects, len(r.Defects))
}
