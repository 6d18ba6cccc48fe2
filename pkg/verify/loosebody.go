package verify

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// mostPartText bounds what is read of one part to compare it as text.
const mostPartText = 4 << 20

// bodies compares what stands below the two headers: line by line; where that is not enough, text and parts.
func (c *comparison) bodies(held, loose *version) error {
	d, err := compareLines(bodyOf(held), bodyOf(loose))
	if err != nil {
		return err
	}
	if d.equal {
		c.lines(d, "the body", held.m.LineEnding == loose.m.LineEnding)
		if !c.mime {
			return nil
		}
	}
	before := len(c.reasons) + c.differ
	h, l := partsOf(held), partsOf(loose)
	c.structure(h, l)
	if err := c.shownText(h, l); err != nil {
		return err
	}
	if err := c.attachments(h, l); err != nil {
		return err
	}
	if d.equal {
		return nil
	}
	c.between(h, l)
	if len(c.reasons)+c.differ == before {
		c.named("bytes of the body differ in a way that neither its text nor its parts show", "", "")
	}
	return nil
}

func bodyOf(v *version) io.Reader {
	return io.NewSectionReader(v.ex.Message, v.m.BodyOffset, v.m.Size-v.m.BodyOffset)
}

// lines takes over the differences of lines that are the same text.
func (c *comparison) lines(d lineDifferences, what string, tellEnds bool) {
	if d.ends && tellEnds {
		c.explained("lines of " + what + " end in other line endings")
	}
	if d.quoted > 0 {
		c.explained(counted(d.quoted, "line", "lines") + " of " + what + " that would begin with “From ” stand quoted with “>”, as mbox files do, in one of the two only")
	}
	if d.trailing > 0 {
		c.explained("white space at the end of " + counted(d.trailing, "line", "lines") + " of " + what + " differs")
	}
	switch {
	case d.blank > 0:
		c.explained(counted(d.blank, "empty line", "empty lines") + " more at the end of " + what)
	case d.blank < 0:
		c.explained(counted(-d.blank, "empty line", "empty lines") + " less at the end of " + what)
	case d.final > 0:
		c.explained("a line ending was added after the last line of " + what)
	case d.final < 0:
		c.explained("the line ending after the last line of " + what + " is missing")
	}
}

// parts is a message taken apart as it is compared.
type parts struct {
	*version
	top    string         // media type of the whole
	shown  []message.Part // what the text was read from, and empty texts
	html   []message.Part // HTML that stands beside a text/plain with the same meaning
	others []message.Part // attachments, pictures, enclosed messages
}

func partsOf(v *version) *parts {
	p := &parts{version: v, top: "text/plain"}
	if f, ok := v.m.Header.First("Content-Type"); ok {
		if t, _, _ := message.ParseMediaType(f); t != "" {
			p.top = t
		}
	}
	read := map[string]bool{}
	for _, s := range v.m.TextSpans {
		read[s.Path] = true
	}
	for _, x := range v.m.Parts {
		inText := (x.ContentType == "text/plain" || x.ContentType == "text/html") && x.Filename == "" && x.Disposition != "attachment"
		switch {
		case read[x.Path], inText && x.ContentType == "text/plain":
			p.shown = append(p.shown, x)
		case inText:
			p.html = append(p.html, x)
		default:
			p.others = append(p.others, x)
		}
	}
	return p
}

func (p *parts) outline() string {
	const most = 8
	if !strings.HasPrefix(p.top, "multipart/") {
		return clipped(p.top, 60)
	}
	var all []string
	for _, x := range p.m.Parts[:min(len(p.m.Parts), most)] {
		all = append(all, clipped(x.ContentType, 60))
	}
	if n := len(p.m.Parts) - most; n > 0 {
		all = append(all, fmt.Sprintf("and %d more", n))
	}
	return clipped(p.top, 60) + " (" + strings.Join(all, ", ") + ")"
}

// structure compares the MIME trees and the boundary of the whole.
func (c *comparison) structure(h, l *parts) {
	same := h.top == l.top && slices.EqualFunc(h.m.Parts, l.m.Parts, func(a, b message.Part) bool { return a.Path == b.Path && a.ContentType == b.ContentType })
	if !same {
		c.explained("the body is built in another way (MIME): " + h.outline() + " in the exhibit, " + l.outline() + " in the loose mail")
		return
	}
	if hb, lb := boundary(h.m), boundary(l.m); hb != lb {
		c.explained("the boundary string between the parts is another one")
	}
	if hf, lf := flowed(h.m), flowed(l.m); hf != lf {
		c.explained("format=flowed, which says that lines may be wrapped anew (RFC 3676), is given in one of the two only")
	}
}

func boundary(m *message.Message) string { return topParam(m, "boundary") }

func flowed(m *message.Message) bool { return strings.EqualFold(topParam(m, "format"), "flowed") }

func topParam(m *message.Message, name string) string {
	f, ok := m.Header.First("Content-Type")
	if !ok {
		return ""
	}
	_, params, _ := message.ParseMediaType(f)
	return params[name]
}

// shownText compares the text that a reader sees, and the HTML beside it.
func (c *comparison) shownText(h, l *parts) error {
	ht, lt := h.m.Text, l.m.Text
	switch hs, ls := h.r.TextSource, l.r.TextSource; {
	case hs == ls || hs == "" || ls == "":
	case hs == "text/plain" && len(h.html) > 0:
		// The loose mail has the HTML alone: it is compared with the exhibit's HTML.
		html, err := h.allHTML()
		if err != nil {
			return err
		}
		c.add(reason{what: "the plain text that stood beside the HTML is missing" + wordsNote(ht, html), explained: sameWords(ht, html)})
		ht, h.shown, h.html = html, h.html, nil
	case ls == "text/plain" && len(l.html) > 0:
		html, err := l.allHTML()
		if err != nil {
			return err
		}
		c.add(reason{what: "a plain text was put beside the HTML" + wordsNote(lt, html), explained: sameWords(lt, html)})
		lt, l.shown, l.html = html, l.html, nil
	case sameWords(ht, lt):
		c.named("the text stands in another form, with the same words: "+hs+" in the exhibit, "+ls+" in the loose mail", "", "")
		return nil
	}
	c.texts(compareTexts(ht, lt, "the text"))
	if cutText(h.r) || cutText(l.r) {
		if !slices.EqualFunc(h.shown, l.shown, func(a, b message.Part) bool { return a.SHA256 == b.SHA256 }) {
			c.named("the text is so long that only its start was compared", "", "")
		}
	}
	if len(h.shown) == len(l.shown) {
		for i := range h.shown {
			c.form(h, l, h.shown[i], l.shown[i], partName(h, h.shown[i]), c.differ == 0)
			if a, b := h.shown[i].Filename, l.shown[i].Filename; a != b {
				c.named("a text part has another file name", quoted(a, 100), quoted(b, 100))
			}
			if h.shown[i].ContentType == "text/html" && l.shown[i].ContentType == "text/html" {
				if err := c.markup(h, l, h.shown[i], l.shown[i], false); err != nil {
					return err
				}
			}
		}
	}
	return c.alternatives(h, l, ht, lt)
}

func cutText(r *evidence.Record) bool {
	return slices.ContainsFunc(r.Defects, func(d message.Defect) bool { return d.Kind == message.TextTruncated })
}

func wordsNote(plain, html string) string {
	if sameWords(plain, html) {
		return "; its words were those of the HTML"
	}
	return "; its words were not all those of the HTML"
}

// alternatives compares the HTML that stands beside a plain text.
func (c *comparison) alternatives(h, l *parts, ht, lt string) error {
	both := min(len(h.html), len(l.html))
	for i := range both {
		c.form(h, l, h.html[i], l.html[i], "the HTML part", h.html[i].SHA256 == l.html[i].SHA256)
		if err := c.markup(h, l, h.html[i], l.html[i], true); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		p    *parts
		text string
		what string
	}{{h, ht, "the HTML part is missing"}, {l, lt, "an HTML part was added"}} {
		if len(x.p.html) == both {
			continue
		}
		html, err := x.p.allHTML()
		if err != nil {
			return err
		}
		same := sameWords(x.text, html)
		note := "; its words are those of the plain text"
		if !same {
			note = "; its words are not all those of the plain text"
		}
		c.add(reason{what: x.what + note, explained: same})
	}
	return nil
}

// markup compares two HTML parts; text tells that what they say was not compared yet.
func (c *comparison) markup(h, l *parts, a, b message.Part, text bool) error {
	if a.SHA256 == b.SHA256 && a.Charset == b.Charset {
		return nil
	}
	if text {
		ha, err := h.textOf(a, "text/html")
		if err != nil {
			return err
		}
		lb, err := l.textOf(b, "text/html")
		if err != nil {
			return err
		}
		r := compareTexts(ha, lb, "the HTML part")
		c.texts(r)
		if r.differ > 0 {
			return nil
		}
	}
	ha, err := h.textOf(a, "text/plain")
	if err != nil {
		return err
	}
	lb, err := l.textOf(b, "text/plain")
	if err != nil {
		return err
	}
	if a.Size > mostPartText || b.Size > mostPartText {
		c.named("an HTML part is so long that only its start was compared", "", "")
	}
	bare := func(s, charset string) string {
		if charset != "" {
			s = strings.ReplaceAll(strings.ToLower(s), "charset="+charset, "")
		}
		return strings.Join(strings.Fields(s), " ")
	}
	if bare(ha, a.Charset) != bare(lb, b.Charset) {
		c.named("the HTML is written with other tags; the text in it was compared by itself", "", "")
	}
	return nil
}

// form tells in what form a part lies in the two messages; same says that its content is known to be equal.
func (c *comparison) form(h, l *parts, a, b message.Part, what string, same bool) {
	if a.Encoding != b.Encoding {
		c.explained(what + " is encoded for transfer in another way: " + clipped(a.Encoding, 40) + " in the exhibit, " + clipped(b.Encoding, 40) + " in the loose mail")
	} else if same && (a.Encoding == "base64" || a.Encoding == "quoted-printable") {
		// An error of reading would have shown where the bodies were compared.
		if d, err := compareLines(h.m.Raw(a), l.m.Raw(b)); err == nil && !d.equal {
			c.explained(what + " is encoded for transfer (" + a.Encoding + ") in lines of another length or in other letters, with the same content")
		}
	}
	if a.Charset != b.Charset {
		c.explained(what + " is in another charset: " + orNone(a.Charset) + " in the exhibit, " + orNone(b.Charset) + " in the loose mail")
	}
}

func orNone(s string) string {
	if s == "" {
		return "none given"
	}
	return clipped(s, 40)
}

func partName(p *parts, x message.Part) string {
	if len(p.m.Parts) == 1 {
		return "the body"
	}
	return "the text part " + x.Path
}

// textOf reads a part as a text of the given type: HTML as its tags or as what a reader sees.
func (p *parts) textOf(x message.Part, as string) (string, error) {
	r, err := p.m.Open(x)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(r, mostPartText))
	if err != nil {
		return "", err
	}
	charset := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, x.Charset)
	// A message of this one part: it is decoded as all text is.
	head := "Content-Type: " + as + "; charset=\"" + charset + "\"\r\n\r\n"
	m, err := message.Read(message.Bytes(append([]byte(head), b...)), message.DefaultLimits())
	if err != nil {
		return "", err
	}
	return m.Text, nil
}

func (p *parts) allHTML() (string, error) {
	var all []string
	for _, x := range p.html {
		s, err := p.textOf(x, "text/html")
		if err != nil {
			return "", err
		}
		if all = append(all, s); len(all) == 20 {
			break
		}
	}
	return strings.Join(all, "\n"), nil
}

// mostDetailed bounds how many attachments are compared or named one by one.
const mostDetailed = 20

// attachments compares all parts that are not text of the mail: by digest first, then by name.
func (c *comparison) attachments(h, l *parts) error {
	free := map[digest.Digest][]int{}
	for i, x := range h.others {
		free[x.SHA256] = append(free[x.SHA256], i)
	}
	gone, came := map[int]bool{}, []message.Part(nil)
	for i := range h.others {
		gone[i] = true
	}
	for _, x := range l.others {
		list := free[x.SHA256]
		if len(list) == 0 {
			came = append(came, x)
			continue
		}
		a := h.others[list[0]]
		free[x.SHA256] = list[1:]
		delete(gone, list[0])
		c.form(h, l, a, x, "the attachment "+attachmentName(a), true)
		if a.Filename != x.Filename {
			c.named("the attachment "+attachmentName(a)+" has the name "+attachmentName(x)+" in the loose mail", attachmentName(a), attachmentName(x))
		}
		if a.ContentType != x.ContentType {
			c.explained("the attachment " + attachmentName(a) + " is labelled " + clipped(x.ContentType, 60) + " instead of " + clipped(a.ContentType, 60))
		}
	}
	told := 0
	for i, a := range h.others {
		if !gone[i] {
			continue
		}
		at := slices.IndexFunc(came, func(x message.Part) bool { return sameAttachment(a, x) })
		if told++; told > mostDetailed {
			c.named("more attachments differ", "", "")
			return nil
		}
		if at < 0 {
			c.named("the attachment "+attachmentName(a)+" is missing", attachmentName(a)+" "+a.SHA256.String(), "(no such attachment)")
			continue
		}
		x := came[at]
		came = slices.Delete(came, at, at+1)
		if err := c.attachment(h, l, a, x); err != nil {
			return err
		}
	}
	for _, x := range came {
		if told++; told > mostDetailed {
			c.named("more attachments differ", "", "")
			return nil
		}
		c.named("an attachment "+attachmentName(x)+" was added", "(no such attachment)", attachmentName(x)+" "+x.SHA256.String())
	}
	return nil
}

func sameAttachment(a, b message.Part) bool {
	return a.Filename == b.Filename && (a.Filename != "" || a.ContentType == b.ContentType)
}

func attachmentName(p message.Part) string {
	if p.Filename != "" {
		return quoted(p.Filename, 100)
	}
	return "without a name (" + clipped(p.ContentType, 60) + ")"
}

// attachment compares two that have one name and two digests.
func (c *comparison) attachment(h, l *parts, a, b message.Part) error {
	what := "the attachment " + attachmentName(a)
	c.form(h, l, a, b, what, false)
	if done, err := c.enclosed(h, l, a, b, what); done || err != nil {
		return err
	}
	if strings.HasPrefix(a.ContentType, "text/") {
		x, err := h.m.Open(a)
		if err != nil {
			return err
		}
		y, err := l.m.Open(b)
		if err != nil {
			return err
		}
		d, err := compareLines(x, y)
		if err != nil {
			return err
		}
		if d.equal {
			c.lines(d, what, true)
			return nil
		}
	}
	show := func(p message.Part) string {
		return fmt.Sprintf("%s, %d bytes, %s", attachmentName(p), p.Size, p.SHA256)
	}
	c.named(what+" is another file", show(a), show(b))
	return nil
}

// mostEnclosed bounds the messages inside of messages that are compared as messages.
const mostEnclosed = 16 << 20

// enclosed compares two enclosed messages as messages; false if they are none, or too large, or too deep inside of others.
func (c *comparison) enclosed(h, l *parts, a, b message.Part, what string) (bool, error) {
	x, err := h.inside(a)
	if err != nil || x == nil {
		return false, err
	}
	y, err := l.inside(b)
	if err != nil || y == nil {
		return false, err
	}
	// As deep as evidence.Record.Nested goes, which is bounded.
	inner, err := compare(x, y)
	if err != nil {
		return false, err
	}
	answer := &answer{comparison: inner}
	explained, open := answer.parted()
	switch held, loose, content := answer.content(); {
	case !inner.sameMail():
		c.named(what+" is an enclosed message with another content: "+content, held, loose)
	case len(open) > 0:
		c.named(what+" is an enclosed message that differs: "+sentence(open), sides(open, func(r reason) string { return r.held }), sides(open, func(r reason) string { return r.loose }))
	default:
		c.explained(what + " is an enclosed message of the same content with other bytes: " + sentence(explained))
	}
	return true, nil
}

// inside reads an enclosed message; nil if it was not examined as one.
func (p *parts) inside(x message.Part) (*version, error) {
	at := slices.IndexFunc(p.r.Nested, func(n evidence.Nested) bool { return n.Part == x.Path })
	if at < 0 || x.Size > mostEnclosed {
		return nil, nil
	}
	r, err := p.m.Open(x)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, mostEnclosed))
	if err != nil {
		return nil, err
	}
	return newVersion(&evidence.Examined{Record: p.r.Nested[at].Record, Message: source.Bytes(b)}, message.DefaultLimits())
}

// between compares what stands between the parts: header fields of parts, and text that mail programs do not show.
func (c *comparison) between(h, l *parts) {
	if !strings.HasPrefix(h.top, "multipart/") && !strings.HasPrefix(l.top, "multipart/") {
		return
	}
	hf, ht := h.outside()
	lf, lt := l.outside()
	if hf != lf {
		c.explained("header fields of the parts are written in another form")
	}
	switch {
	case ht == lt:
	case lt == "" || lt == "This is a multi-part message in MIME format.":
		c.explained("text outside of the parts, which mail programs do not show, is missing or another")
	default:
		c.named("text stands outside of the parts, where mail programs do not show it", quoted(ht, 300), quoted(lt, 300))
	}
}

// outside returns the lines between the parts: those of header fields, and all others, without boundary lines.
func (p *parts) outside() (fields, text string) {
	const most = 256 << 10
	var f, t strings.Builder
	at := p.m.BodyOffset
	gap := func(to int64) {
		if to <= at || f.Len()+t.Len() > most {
			return
		}
		r := newLineReader(io.NewSectionReader(p.ex.Message, at, min(to-at, most)))
		inField := false
		for r.next() {
			line := strings.TrimRight(string(r.line), " \t")
			lower := strings.ToLower(line)
			switch {
			case line == "", strings.HasPrefix(line, "--"):
				inField = false
			case strings.HasPrefix(lower, "content-"), strings.HasPrefix(lower, "x-attachment-id:"), inField && (line[0] == ' ' || line[0] == '\t'):
				inField = true
				f.WriteString(collapse(line) + "\n")
			default:
				inField = false
				t.WriteString(collapse(line) + " ")
			}
		}
	}
	for _, x := range p.m.Parts {
		gap(x.Offset)
		at = max(at, x.Offset+x.Length)
	}
	gap(p.m.Size)
	return f.String(), strings.TrimSpace(t.String())
}
