package verify

import (
	"bytes"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
)

// written are the fields that the author's side writes and that say something to a reader: where one of them differs no export and no
// delivery explains it. Bcc is looked at apart.
func isWritten(name string) bool {
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id", "sender", "reply-to", "in-reply-to", "references", "importance", "priority", "x-priority",
		"sensitivity", "disposition-notification-to", "return-receipt-to", "expires", "expiry-date", "reply-by", "comments", "keywords", "followup-to":
		return true
	}
	return strings.HasPrefix(name, "resent-")
}

// isContent tells the fields that belong to what a mail is: with another one of them it is another mail.
func isContent(name string) bool {
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id":
		return true
	}
	return false
}

// isServers tells the fields that servers, lists and filters write on the way.
func isServers(name string) bool {
	switch name {
	case "received", "return-path", "delivered-to", "x-original-to", "envelope-to", "delivery-date", "x-envelope-to", "x-envelope-from", "x-received", "received-spf",
		"dkim-signature", "domainkey-signature", "authentication-results", "authentication-results-original", "precedence", "errors-to", "x-beenthere", "mailing-list",
		"x-loop", "auto-submitted", "x-original-authentication-results", "old-return-path", "x-virus-scanned", "x-forwarded-to", "x-forwarded-for", "x-rcpt-to", "apparently-to":
		return true
	}
	return hasAnyPrefix(name, "arc-", "list-", "x-spam", "x-ms-exchange-", "x-google-", "x-mailman-", "x-gm-", "x-amavis", "x-barracuda", "x-proofpoint", "x-forefront", "x-microsoft-antispam", "x-sophos", "x-antivirus")
}

// isStorage tells the fields that programs write where they store a message.
func isStorage(name string) bool {
	switch name {
	case "status", "x-status", "x-keywords", "x-uid", "x-uidl", "x-imap", "x-imapbase", "x-gmail-labels", "x-gm-thrid", "x-gm-msgid", "content-length", "lines", "x-account-key",
		"x-label", "x-tuid", "x-folder", "x-sylpheed", "x-message-flag":
		return true
	}
	return hasAnyPrefix(name, "x-mozilla-", "x-evolution", "x-kmail-", "x-apple-", "x-claws-", "x-offlineimap", "x-dovecot-", "x-uniform-type-identifier", "x-universally-unique")
}

// isMIME tells the fields that say how the body is built (RFC 2045 §9): the parts themselves are compared.
func isMIME(name string) bool {
	return name == "mime-version" || strings.HasPrefix(name, "content-") && name != "content-length"
}

func hasAnyPrefix(s string, all ...string) bool {
	return slices.ContainsFunc(all, func(p string) bool { return strings.HasPrefix(s, p) })
}

// headerField is a field of one of the two headers.
type headerField struct {
	message.Field
	name  string // lower case
	plain string // name and body unfolded, with single spaces
	mate  int    // index in the other header, -1 without
}

func fieldsOf(h message.Header) []headerField {
	all := make([]headerField, len(h))
	for i, f := range h {
		name := strings.ToLower(f.Name)
		all[i] = headerField{Field: f, name: name, plain: name + ":" + strings.Join(strings.Fields(f.Unfolded()), " "), mate: -1}
	}
	return all
}

// pair pairs those fields of both headers that have the same key and no other yet, in their order, and gives each pair to seen.
func pair(held, loose []headerField, key func(*headerField) string, seen func(h, l *headerField)) {
	free := map[string][]int{}
	for i := range held {
		if held[i].mate < 0 {
			k := key(&held[i])
			free[k] = append(free[k], i)
		}
	}
	for i := range loose {
		if loose[i].mate >= 0 {
			continue
		}
		k := key(&loose[i])
		if list := free[k]; len(list) > 0 {
			loose[i].mate, held[list[0]].mate = list[0], i
			seen(&held[list[0]], &loose[i])
			free[k] = list[1:]
		}
	}
}

// headers compares the two headers field by field.
func (c *comparison) headers(held, loose *version) {
	h, l := c.envelope(held, loose)
	var folded, respaced, recased, recoded names
	pair(h, l, func(f *headerField) string { return f.plain }, func(a, b *headerField) {
		switch {
		case a.Name != b.Name:
			recased.add(b.Name)
		case bytes.Equal(unixBytes(a.Raw), unixBytes(b.Raw)):
		case a.Unfolded() == b.Unfolded():
			folded.add(b.Name)
		default:
			respaced.add(b.Name)
		}
	})
	pair(h, l, func(f *headerField) string { return f.name + ":" + strings.Join(strings.Fields(f.Decoded()), " ") }, func(_, b *headerField) { recoded.add(b.Name) })
	c.moved(h, l)
	c.explain(folded, "header fields are folded at other places: ")
	c.explain(respaced, "white space inside of header fields differs: ")
	c.explain(recased, "the names of header fields are written in other letters (upper and lower case): ")
	c.explain(recoded, "header fields say the same in another encoding: ")
	c.content(held.r, loose.r)
	c.contradictions(h, l)
	c.leftover(h, l)
}

// envelope takes off what stands before the header: a byte order mark and an mbox From_ line.
func (c *comparison) envelope(held, loose *version) (h, l []headerField) {
	h, l = fieldsOf(held.m.Header), fieldsOf(loose.m.Header)
	for _, x := range []struct {
		fields *[]headerField
		which  string
	}{{&h, "the exhibit"}, {&l, "the loose mail"}} {
		if list := *x.fields; len(list) > 0 && list[0].Name == "" && strings.HasPrefix(strings.TrimLeft(string(list[0].Raw), ">\ufeff"), "From ") {
			c.explained("an mbox From_ line stands in front of the header of " + x.which)
			*x.fields = list[1:]
		}
	}
	const bom = "\ufeff"
	hb, lb := startsWith(held, bom), startsWith(loose, bom)
	switch {
	case lb && !hb:
		c.explained("a byte order mark stands in front of the loose mail")
	case hb && !lb:
		c.explained("a byte order mark stands in front of the exhibit")
	}
	return h, l
}

func startsWith(v *version, s string) bool {
	b := make([]byte, len(s))
	n, _ := v.ex.Message.ReadAt(b, 0) // what cannot be read here is told by the comparison of the bodies
	return string(b[:n]) == s
}

// moved tells fields that stand in another order.
func (c *comparison) moved(h, l []headerField) {
	var out names
	last := -1
	for i := range l {
		switch p := l[i].mate; {
		case p < 0:
		case p < last:
			out.add(l[i].Name)
		default:
			last = p
		}
	}
	c.explain(out, "header fields stand in another order: ")
}

// content compares what makes a mail the mail it is: From, To, Cc, Date, Subject, Message-ID.
func (c *comparison) content(held, loose *evidence.Record) {
	for _, x := range [...]struct {
		name string
		h, l []message.Address
	}{{"From", held.From, loose.From}, {"To", held.To, loose.To}, {"Cc", held.Cc, loose.Cc}} {
		c.addresses(x.name, x.h, x.l)
	}
	switch h, l := held.Date, loose.Date; {
	case h.Time != nil && l.Time != nil && h.Time.Equal(*l.Time):
		c.noted["date"] = true
		switch {
		case collapse(h.Raw) == collapse(l.Raw):
		case !slices.Equal(h.Notes, l.Notes) || !regularDate(l.Raw):
			c.named("the Date field gives the same moment, but is damaged or contradicts itself in one of the two", "Date: "+quoted(h.Raw, 60), "Date: "+quoted(l.Raw, 60))
		default:
			c.explained("the Date field gives the same moment in another form (" + quoted(h.Raw, 60) + ", " + quoted(l.Raw, 60) + ")")
		}
	case h.Time == nil && l.Time == nil && collapse(h.Raw) == collapse(l.Raw):
	default:
		c.changed("Date", h.Raw, l.Raw)
	}
	if h, l := collapse(held.Subject), collapse(loose.Subject); h != l {
		c.noted["subject"] = true
		if withoutTags(h) == withoutTags(l) {
			c.named("the Subject differs by a tag in brackets, as mailing lists and mail gateways put it there", "Subject: "+quoted(h, 200), "Subject: "+quoted(l, 200))
		} else {
			c.changed("Subject", h, l)
		}
	}
	if held.MessageID != loose.MessageID {
		c.changed("Message-ID", held.MessageID, loose.MessageID)
		c.idForms = held.MessageID == "" || loose.MessageID == "" || foldID(held.MessageID) == foldID(loose.MessageID)
	}
}

// regularDate tells a Date as RFC 5322 §3.3 has it: programs that store mail may write another one, but not a damaged one.
func regularDate(raw string) bool {
	_, err := mail.ParseDate(collapse(raw))
	return err == nil
}

func (c *comparison) addresses(name string, held, loose []message.Address) {
	h, l := bareAddresses(held), bareAddresses(loose)
	if !slices.Equal(h, l) {
		c.changed(name, listed(held), listed(loose))
		return
	}
	if slices.Equal(held, loose) {
		return
	}
	c.noted[strings.ToLower(name)] = true
	byName := func(a, b message.Address) int {
		if n := strings.Compare(strings.ToLower(a.Address), strings.ToLower(b.Address)); n != 0 {
			return n
		}
		return strings.Compare(collapse(a.Name), collapse(b.Name))
	}
	held, loose = slices.SortedFunc(slices.Values(held), byName), slices.SortedFunc(slices.Values(loose), byName)
	if slices.EqualFunc(held, loose, func(a, b message.Address) bool { return collapse(a.Name) == collapse(b.Name) }) {
		c.explained("the addresses in " + name + " are equal, but in another order or in other letters (upper and lower case)")
		return
	}
	c.named("the names beside the addresses in "+name+" differ, the addresses do not", name+": "+listed(held), name+": "+listed(loose))
}

// listed shows addresses, the first few of them.
func listed(list []message.Address) string {
	const most = 10
	var all []string
	for _, a := range list[:min(len(list), most)] {
		all = append(all, collapse(strings.TrimSpace(a.Name+" <"+a.Address+">")))
	}
	if len(list) > most {
		all = append(all, fmt.Sprintf("and %d more", len(list)-most))
	}
	return strings.Join(all, ", ")
}

// mostTrace bounds how many fields of one server's making are compared with each other.
const mostTrace = 50

// contradictions tells the fields in which one server would have written two things about one event: the time of a hop, the value of a
// signature. Another delivery adds fields or brings other ones; it does not change those.
func (c *comparison) contradictions(h, l []headerField) {
	for _, x := range [...]struct {
		name, why string
		event     func(plain string) string // what is equal although the field is not
	}{
		{"received", "a Received field names the same hop with another time", func(s string) string { return s[:max(0, strings.LastIndexByte(s, ';'))] }},
		{"dkim-signature", "a DKIM-Signature field has another signature over the same header fields and the same body", withoutSignature},
	} {
		events := map[string]*headerField{}
		for i := range h {
			if h[i].mate < 0 && h[i].name == x.name && len(events) < mostTrace {
				events[x.event(h[i].plain)] = &h[i]
			}
		}
		delete(events, "")
		for i := range l {
			if l[i].mate >= 0 || l[i].name != x.name {
				continue
			}
			if was, ok := events[x.event(l[i].plain)]; ok {
				c.named(x.why, quoted(was.plain, 300), quoted(l[i].plain, 300))
				break
			}
		}
	}
}

// withoutSignature is a DKIM-Signature field (RFC 6376 §3.5) without white space and its tag b=.
func withoutSignature(s string) string {
	tags := strings.Split(strings.ReplaceAll(s, " ", ""), ";")
	return strings.Join(slices.DeleteFunc(tags, func(t string) bool { return strings.HasPrefix(t, "b=") }), ";")
}

// leftover tells the fields that only one of the two headers has.
func (c *comparison) leftover(h, l []headerField) {
	type count struct{ held, loose int }
	counts := map[string]*count{}
	var order []*headerField
	note := func(f *headerField) *count {
		n := counts[f.name]
		if n == nil {
			n = new(count)
			counts[f.name] = n
			order = append(order, f)
		}
		return n
	}
	for i := range l {
		if l[i].mate < 0 {
			note(&l[i]).loose++
		}
	}
	for i := range h {
		if h[i].mate < 0 {
			note(&h[i]).held++
		}
	}
	var kinds [4]struct{ added, removed, changed names }
	what := [4]string{"that servers write on the way", "that mail programs write where they store a message", "that say how the body is built (MIME)", "that say nothing of the author, the recipients or the text"}
	for _, f := range order {
		n := counts[f.name]
		kind := &kinds[3]
		switch {
		case f.name == "":
			c.named("lines of the header that are no fields differ", rawOf(h, ""), rawOf(l, ""))
			continue
		case isContent(f.name) && c.told[f.name]:
			continue
		case isContent(f.name) && n.held == 1 && n.loose == 1:
			if !c.noted[f.name] {
				c.explained("the field " + f.Name + " is written in another form and says the same")
			}
			continue
		case f.name == "bcc" && n.loose == 0:
			c.explained("the field Bcc, which only the sender's own copy keeps, is missing")
			continue
		case isWritten(f.name), f.name == "bcc":
			c.named("the header field "+f.Name+" "+verb(n.held, n.loose), f.Name+": "+rawOf(h, f.name), f.Name+": "+rawOf(l, f.name))
			continue
		case isStorage(f.name):
			kind = &kinds[1]
		case isServers(f.name):
			kind = &kinds[0]
		case isMIME(f.name):
			kind = &kinds[2]
			c.mime = true
		}
		both := min(n.held, n.loose)
		kind.changed.addTimes(f.Name, both)
		kind.added.addTimes(f.Name, n.loose-both)
		kind.removed.addTimes(f.Name, n.held-both)
	}
	for i, k := range kinds {
		c.explain(k.added, "header fields "+what[i]+" were added: ")
		c.explain(k.removed, "header fields "+what[i]+" are missing: ")
		c.explain(k.changed, "header fields "+what[i]+" have another value: ")
	}
}

func verb(held, loose int) string {
	switch {
	case loose == 0:
		return "is missing"
	case held == 0:
		return "was added"
	}
	return "has another value"
}

// rawOf shows what the fields of that name say that the other header does not have.
func rawOf(list []headerField, name string) string {
	var all []string
	for i := range list {
		if list[i].mate < 0 && list[i].name == name {
			if all = append(all, quoted(list[i].Decoded(), 200)); len(all) == 3 {
				break
			}
		}
	}
	if len(all) == 0 {
		return "(no such field)"
	}
	return strings.Join(all, ", ")
}

// withoutTags takes "[…]" off the start of a subject, behind answer prefixes too.
func withoutTags(s string) string {
	words := strings.Fields(s)
	var out []string
	for len(words) > 0 {
		w := words[0]
		switch {
		case strings.HasPrefix(w, "["):
			end := slices.IndexFunc(words, func(w string) bool { return strings.HasSuffix(w, "]") })
			if end < 0 || end > 4 {
				return strings.Join(append(out, words...), " ")
			}
			words = words[end+1:]
			continue
		case len(w) <= 5 && strings.HasSuffix(w, ":"):
			out, words = append(out, w), words[1:]
			continue
		}
		break
	}
	return strings.Join(append(out, words...), " ")
}

// unixBytes is b with LF line endings.
func unixBytes(b []byte) []byte {
	if bytes.IndexByte(b, '\r') < 0 {
		return bytes.TrimSuffix(b, []byte("\n"))
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.TrimSuffix(bytes.ReplaceAll(b, []byte("\r"), []byte("\n")), []byte("\n"))
}
