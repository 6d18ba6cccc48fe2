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
	title := fmt.Sprintf(w.ExhibitN, r.Exhibit)
	b.section = title
	b.newPage()
	if first {
		b.anchor("exhibits", 0)
		b.bookmark(w.ExhibitsTitle, 0, 0)
	}
	b.anchor(anchorExhibit(r.Exhibit), 0)
	subject := b.subject(cut(r.Subject, 500))
	b.bookmark(title+" · "+subject, 1, 0)
	b.text(b.left, b.y+12, title, style{face: bold, size: 15, ink: accent})
	b.textRight(b.right, b.y+12, r.File, style{face: mono, size: monoSize, ink: grey})
	b.y += 21
	b.flow(b.set([]span{{subject, style{face: bold, size: 11.5, ink: ink}}}, measure, prose), b.left, measure, 15)
	b.y += 5

	b.headerBox(v, r, true)
	b.message822(v, r, "")
	b.nested(v, r)
	b.statementsOf(v, r)
	b.authenticity(r)
	b.hops(r)
	b.digestsOf(r)
	for _, s := range v.inExhibit[r.Exhibit] { // one whose words are not printed is cited by its exhibit
		if _, ok := b.anchors[anchorStatement(s.ID)]; !ok {
			b.anchors[anchorStatement(s.ID)] = b.anchors[anchorExhibit(r.Exhibit)]
		}
	}
}

// message822 draws what a message says: body, parts, defects; part is "" for the exhibit itself.
func (b *book) message822(v *view, r *evidence.Record, part string) {
	b.body(v, r, part)
	if remote := b.say.Remote(r.RemoteContent); remote != "" {
		b.para(faint(remote))
	}
	b.parts(r)
	if part == "" {
		b.thumbs(r)
	}
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
			b.para(faint(fmt.Sprintf(b.w.NestedLeftOut, len(stack))))
			return
		}
		in := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		b.heading(fmt.Sprintf(b.w.Enclosed, cut(in.part, 60), cut(b.subject(in.r.Subject), 120)), 80)
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
			fmt.Fprintf(&out, " "+b.w.More, len(list)-i)
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
	t := b.newTable(smallLead, column{width: 15}, column{width: 85}).dense()
	t.fill = panel
	b.y += 2
	put := func(key string, value ...span) {
		if len(value) > 0 && value[0].text != "" {
			t.row([]span{{key, style{face: bold, size: tinySize, ink: grey}}}, value)
		}
	}
	put(w.From, strong(b.addresses(r.From)))
	if len(r.Sender) > 0 && !slices.Equal(r.Sender, r.From) {
		put(w.Sender, small(b.addresses(r.Sender)))
	}
	put(w.ToField, small(b.addresses(r.To)))
	put(w.Cc, small(b.addresses(r.Cc)))
	put(w.Bcc, small(b.addresses(r.Bcc)))
	put(w.ReplyTo, small(b.addresses(r.ReplyTo)))
	date := []span{small(b.exact(r.Date.Time))}
	if r.Date.Time == nil {
		date[0].text = w.NoDate
	}
	date = append(date, faint("  "+w.SenderClock))
	if raw := strings.TrimSpace(r.Date.Raw); raw != "" {
		date = append(date, faint("\n"+fmt.Sprintf(w.AsWritten, cut(oneLine(raw), 200))))
	}
	for _, n := range r.Date.Notes[:min(4, len(r.Date.Notes))] {
		date = append(date, faint("\n"+cut(b.free(n), 200)))
	}
	put(w.DateField, date...)
	if r.Recorded.Time != nil {
		put(w.Recorded, small(b.exact(r.Recorded.Time)), faint("  "+b.basis(r.Recorded.Basis)))
	}
	put(w.MessageID, code(cut(r.MessageID, 400)))
	var answers []span
	for i, id := range r.InReplyTo[:min(4, len(r.InReplyTo))] {
		if i > 0 {
			answers = append(answers, small("\n"))
		}
		if n := v.byID[id]; n > 0 {
			answers = append(answers, link(fmt.Sprintf(w.ExhibitN, n), anchorExhibit(n)), small("  "))
		} else {
			answers = append(answers, faint(w.NotHeld+"  "))
		}
		answers = append(answers, code(cut(id, 400)))
	}
	put(w.InReplyTo, answers...)
	if whole {
		thread := small(r.Thread)
		thread.to = "threads"
		put(w.Thread, thread)
		b.provenance(r, put)
	}
	b.y += 10
}

// provenance says where the message was found.
func (b *book) provenance(r *evidence.Record, put func(string, ...span)) {
	w := b.w
	o := r.Origin
	source := []span{small(fmt.Sprintf(w.SourceAt, cut(o.Source, 400), o.Offset, o.Length))}
	if r.Reading.Variant != "" || r.Reading.QuotedLines > 0 { // how it was got out of its mbox, where there was a choice
		source = append(source, tiny("\n"+fmt.Sprintf(w.ReadingNote, r.Reading.Variant, r.Reading.QuotedLines, r.Reading.Unquoted)+" "+cut(b.free(r.Reading.Why), 600)))
	}
	put(w.Source, source...)
	var copies []span
	for i, c := range r.Copies {
		if i == 12 {
			copies = append(copies, faint(fmt.Sprintf("\n"+w.More, len(r.Copies)-i)))
			break
		}
		if i > 0 {
			copies = append(copies, small("\n"))
		}
		copies = append(copies, small(b.say.CopyClass(c.Class)+": "))
		if c.Exhibit > 0 {
			copies = append(copies, link(fmt.Sprintf(w.ExhibitN, c.Exhibit), anchorExhibit(c.Exhibit)), small(", "))
		}
		copies = append(copies, faint(fmt.Sprintf(w.SourceAt, cut(c.Origin.Source, 200), c.Origin.Offset, c.Origin.Length)))
	}
	put(w.Copies, copies...)
	if c := b.delivery(r); c != "" {
		put(w.Delivery, small(c))
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
	b.heading(w.PartsTitle, 50)
	t := b.newTable(tinyLead, column{head: w.Part, width: 5}, column{head: w.Name, width: 23}, column{head: w.MediaType, width: 18}, column{head: w.Size, width: 10, right: true}, column{head: w.Sha256Decoded, width: 44})
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
		t.row([]span{tiny(cut(p.Path, 40))}, []span{{cut(p.Filename, 600), name}}, []span{tiny(kind)}, []span{{b.say.Bytes(p.Size), style{size: tinySize, ink: ink}}},
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
	b.heading(w.StatementsTitle, 50)
	t := b.newTable(tinyLead, column{head: w.Statement, width: 9}, column{head: w.Act, width: 19}, column{head: w.OnWhoseWord, width: 26}, column{head: w.WhyColumn, width: 46}).dense()
	for i, s := range list {
		if i == maxResults {
			break
		}
		var why []span
		if s.Topic != "" {
			why = append(why, span{fmt.Sprintf(w.Topic, cut(s.Topic, 100)), style{size: tinySize, ink: ink}}, tiny("   "))
		}
		if s.Why != "" {
			words, _ := b.say.Free(s.Why) // mostly the mail's own
			why = append(why, tiny(fmt.Sprintf(w.DecidedBy, cut(words, 160))))
		}
		from := []span{tiny(b.origin(s.Origin))}
		if s.Origin == notice.Marked {
			from[0] = span{"✓\u00a0" + b.origin(s.Origin), style{face: bold, size: tinySize, ink: ink}}
		} else if s.Rule != "" {
			from = append(from, tiny(", "+fmt.Sprintf(w.RuleAnd, cut(s.Rule, 60), b.say.Decimal(s.Confidence, 2))))
		}
		t.row([]span{{s.ID, style{face: bold, size: tinySize, ink: ink, to: anchorStatement(s.ID)}}}, []span{{b.acts(s.Acts), style{size: tinySize, ink: ink}}}, from, why)
	}
	t.end()
	b.leftOut(maxResults, len(list))
}

// hopSize is that of the table of hops.
const hopSize = 6.2

func hopNote(s string) span { return span{s, style{size: hopSize, ink: grey}} }

// hops draws the Received chain in the order of travel.
func (b *book) hops(r *evidence.Record) {
	w := b.w
	b.heading(w.HopsTitle, 60)
	if len(r.Received) == 0 {
		b.para(faint(w.NoHops))
		return
	}
	t := b.newTable(hopSize+1.7, column{head: w.Hop, width: 5}, column{head: w.When, width: 13}, column{head: w.From, width: 29}, column{head: w.By, width: 23}, column{head: w.With, width: 22}, column{head: w.Delay, width: 8, right: true}).dense()
	n := len(r.Received)
	for i := range min(n, maxHops) {
		h := &r.Received[n-1-i]
		from := []span{{cut(h.From.Name, 200), style{size: hopSize, ink: ink}}}
		if h.From.Reverse != "" && h.From.Reverse != h.From.Name {
			from = append(from, hopNote("\n"+fmt.Sprintf(w.Reverse, cut(h.From.Reverse, 200))))
		}
		if h.From.HELO != "" && h.From.HELO != h.From.Name {
			from = append(from, hopNote("\n"+fmt.Sprintf(w.Helo, cut(h.From.HELO, 200))))
		}
		if ip := h.From.IP; ip.IsValid() {
			from = append(from, hopNote("\n"+ip.String()))
		}
		by := []span{{cut(h.By.Name, 200), style{size: hopSize, ink: ink}}}
		if h.For != "" {
			by = append(by, hopNote("\n"+fmt.Sprintf(w.ForWhom, cut(h.For, 300))))
		}
		with := []span{{cut(h.With, 100), style{size: hopSize, ink: ink}}}
		if h.TLS != "" {
			with = append(with, hopNote(" "+cut(h.TLS, 100)))
		}
		if h.ID != "" {
			with = append(with, hopNote("\nid "+cut(h.ID, 120)))
		}
		when := []span{{b.clockDate(h.Time), style{size: hopSize, ink: ink}}}
		if h.Time != nil {
			when = append(when, hopNote("\n"+h.Time.Format("15:04:05 -0700")))
		}
		for _, note := range h.Notes[:min(6, len(h.Notes))] {
			from = append(from, span{"\n" + cut(b.free(note), 300), style{size: hopSize, ink: alert}})
		}
		t.row([]span{{fmt.Sprint(i + 1), style{face: bold, size: hopSize, ink: ink}}}, when, from, by, with, []span{{b.delay(h.DelaySeconds), style{size: hopSize, ink: ink}}})
	}
	t.end()
	b.leftOut(maxHops, n)
}

// digestsOf lists the digests of the exhibit.
func (b *book) digestsOf(r *evidence.Record) {
	w := b.w
	b.heading(w.DigestsTitle, 74)
	t := b.newTable(tinyLead-0.6, column{width: 40}, column{width: 60}).dense()
	t.fill = panel
	put := func(label, value string) {
		t.row([]span{tiny(label)}, []span{{value, style{face: mono, size: 6, ink: ink}}})
	}
	d := r.Digests
	for _, e := range []struct{ label, value string }{
		{w.DigestMessage, d.Message.String()}, {w.DigestRaw, d.Raw.String()}, {w.DigestCanonical, d.Canonical.String()},
		{w.DigestHeader, d.Header.String()}, {w.DigestBody, d.Body.String()}, {w.DigestContent, d.Content.String()},
	} {
		put(e.label, e.value)
	}
	if d.EDRMMIH != nil {
		put("EDRM MIH", *d.EDRMMIH)
	} else {
		put("EDRM MIH", w.NoMessageID)
	}
	t.end()
}

// defectsOf lists what is malformed.
func (b *book) defectsOf(r *evidence.Record) {
	if len(r.Defects) == 0 {
		return
	}
	w := b.w
	b.heading(w.DefectsTitle, 40)
	t := b.newTable(tinyLead, column{head: w.KindColumn, width: 26}, column{head: w.What, width: 60}, column{head: w.Offset, width: 14, right: true})
	for i, d := range r.Defects {
		if i == maxDefects {
			break
		}
		t.row([]span{{b.say.Defect(string(d.Kind)), style{size: tinySize, ink: ink}}}, []span{tiny(cut(b.free(d.Detail), 400))}, []span{tiny(fmt.Sprint(d.Offset))})
	}
	t.end()
	b.leftOut(maxDefects, len(r.Defects))
}
