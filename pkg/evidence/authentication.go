package evidence

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"onrecord/pkg/authres"
	"onrecord/pkg/dkim"
	"onrecord/pkg/message"
	"onrecord/pkg/remark"
	"onrecord/pkg/source"
)

// authentication gathers what servers recorded and what the signatures themselves show.
func (x *Examiner) authentication(ctx context.Context, r *Record, m *message.Message, content source.Content) error {
	a := &r.Authentication
	*a = Authentication{Recorded: []authres.Field{}, DKIM: []dkim.Signature{}, SPF: []RecordedResult{}, DMARC: []RecordedResult{},
		ARC: ARC{Chain: ARCNone, Sets: []authres.ARCSet{}}}
	err := x.signatures(ctx, r, m.Header, func() (io.Reader, error) {
		if b, ok := content.(source.Bytes); ok {
			return bytes.NewReader(b[m.BodyOffset:]), nil // it writes itself in one piece
		}
		return io.NewSectionReader(content, m.BodyOffset, content.Size()-m.BodyOffset), nil
	})
	if err != nil {
		return err
	}
	b := findBoundary(m.Header, r.Received, x.Trust)
	var aar, ams, as [][]byte
	var aarAt []int
	for i, f := range m.Header {
		if len(f.Name) < len("ARC-Seal") {
			continue
		}
		switch {
		case f.Is("Authentication-Results"):
			field := authres.Parse(f.Body())
			x.believe(&b, i, &field, r)
			a.Recorded = append(a.Recorded, field)
			a.record(f.Name, i, &field, r.From)
		case f.Is("Received-SPF"):
			s := authres.ParseReceivedSPF(f.Body())
			receiver := property(s.Properties, "receiver")
			trusted := b.wrote(i, receiver) && !(b.below(i) && contradicted(r, b, spfProperties(s.Value, s.Properties)) != "")
			a.SPF = append(a.SPF, RecordedResult{Value: s.Value, Reason: s.Comment, Properties: s.Properties, Field: f.Name, Index: i,
				Server: receiver, Trusted: trusted, Aligned: alignedSPF(s.Properties, r.From)})
		case authres.IsSpamField(f.Name):
			field := authres.ParseSpam(f.Name, f.Body())
			field.AuthServID = spamServer(m.Header, i)
			field.Trusted = b.wroteAbove(i, field.AuthServID)
			a.Recorded = append(a.Recorded, field)
			a.record(f.Name, i, &field, r.From)
		case isKin(f.Name):
			field := authres.Parse(f.Body())
			field.Field = f.Name
			a.Recorded = append(a.Recorded, field)
			a.record(f.Name, i, &field, r.From)
		case f.Is("ARC-Authentication-Results"):
			aar, aarAt = append(aar, f.Body()), append(aarAt, i)
		case f.Is("ARC-Message-Signature"):
			ams = append(ams, f.Body())
		case f.Is("ARC-Seal"):
			as = append(as, f.Body())
		}
	}
	if len(aar)+len(ams)+len(as) > 0 {
		var notes []string
		a.ARC.Sets, notes = authres.ParseARC(aar, ams, as)
		for _, n := range notes {
			a.ARC.Said = append(a.ARC.Said, remark.Remark{Kind: "arc-form", Text: n})
		}
		a.ARC.Why = a.ARC.Said.String()
		x.sealed(&b, a, aar, aarAt, r.From)
	}
	return nil
}

// isKin tells a field of the form of Authentication-Results under another name: Authentication-Results-Original, X-MS-Exchange-Authentication-Results …
// They hold what an earlier server wrote, and are a claim wherever they stand.
func isKin(name string) bool {
	if name[0]|0x20 == 'a' && name[1]|0x20 == 'r' { // an ARC set's
		return false
	}
	const results, original = "authentication-results", "-original"
	if n := len(name) - len(original); n == len(results) && strings.EqualFold(name[n:], original) {
		name = name[:n]
	}
	n := len(name) - len(results)
	return n >= 0 && strings.EqualFold(name[n:], results)
}

// spamServer is the host that the spam filter's field at index at was written on, by the field that names it in the same run of X-Spam fields.
func spamServer(h message.Header, at int) string {
	for _, step := range [...]int{-1, 1} {
		for i := at; i >= 0 && i < len(h) && strings.HasPrefix(strings.ToLower(h[i].Name), "x-spam-"); i += step {
			if h[i].Is("X-Spam-Checker-Version") {
				return authres.SpamServer(string(h[i].Body()))
			}
		}
	}
	return ""
}

// believe decides whether the field at index i of the header was written by the receiver.
func (x *Examiner) believe(b *boundary, i int, f *authres.Field, r *Record) {
	if f.Trusted = b.wrote(i, f.AuthServID); !f.Trusted || !b.below(i) {
		return
	}
	for _, res := range f.Results {
		if why := contradicted(r, *b, res); why != "" {
			f.Trusted = false
			f.Notes = append(f.Notes, "not counted as the receiver's: it stands below his own Received field, where a sender can write too, and "+why)
			return
		}
	}
	f.Notes = append(f.Notes, "it stands below the receiver's own Received field: a sender could have put it there, if that server takes out no such fields")
}

// contradicted tells what in the message speaks against a result, "" if nothing does.
func contradicted(r *Record, b boundary, res authres.Result) string {
	if res.Value != "pass" {
		return ""
	}
	switch res.Method {
	case "dkim":
		domain, _ := res.Property("header.d")
		if domain == "" {
			identity, _ := res.Property("header.i")
			domain = identity[strings.LastIndexByte(identity, '@')+1:]
		}
		if domain = strings.ToLower(strings.TrimSuffix(domain, ".")); domain == "" {
			return ""
		}
		for _, s := range r.Authentication.DKIM {
			if domain == s.Domain || strings.HasSuffix(domain, "."+s.Domain) {
				return ""
			}
		}
		return "the message holds no DKIM signature of " + domain + ", which it records as valid"
	case "spf":
		mailFrom := senderOf(res.Properties)
		if len(r.Delivery.ReturnPath) > 0 && mailFrom != "" {
			if path := domainOf(r.Delivery.ReturnPath[0]); path != "" && !sameOrganisation(path, mailFrom) {
				return "it is about the envelope sender " + mailFrom + ", the Return-Path is of " + path
			}
		}
	}
	for _, name := range [...]string{"policy.iprev", "smtp.remote-ip", "client-ip"} {
		text, _ := res.Property(name)
		if ip, err := netip.ParseAddr(text); err == nil && b.client.IsValid() && ip.Unmap() != b.client.Unmap() {
			return "it is about the address " + text + ", the receiver took the mail from " + b.client.String()
		}
	}
	return ""
}

func spfProperties(value string, list authres.Properties) authres.Result {
	return authres.Result{Method: "spf", Value: value, Properties: list}
}

// record takes the SPF and DMARC results out of a field.
func (a *Authentication) record(name string, index int, f *authres.Field, from []message.Address) {
	for _, res := range f.Results {
		rr := RecordedResult{Value: res.Value, Reason: res.Reason, Properties: res.Properties, Field: name, Index: index, Server: f.AuthServID, Trusted: f.Trusted}
		switch res.Method {
		case "spf":
			rr.Aligned = alignedSPF(res.Properties, from)
			a.SPF = append(a.SPF, rr)
		case "dmarc":
			if domain, ok := res.Property("header.from"); ok {
				rr.Aligned = alignedWith(domainOf(domain), from)
			}
			a.DMARC = append(a.DMARC, rr)
		}
	}
}

// sealed marks the results that a trusted sealer put under its seal, where the whole chain holds (RFC 8617 §7.2: what a sealer vouches for is worth what the sealer is), and those
// that stand where only the receiver can have written them.
func (x *Examiner) sealed(b *boundary, a *Authentication, bodies [][]byte, at []int, from []message.Address) {
	for i := range a.ARC.Sets {
		set := &a.ARC.Sets[i]
		if set.Results == nil {
			continue
		}
		index := -1
		for k, body := range bodies {
			if string(body) == set.Results.Raw {
				index = at[k]
				break
			}
		}
		if index < 0 {
			continue
		}
		own := b.owns(orgDomain(set.Domain)) || b.named(set.Domain)
		if a.ARC.Chain == ARCPass && own || index < b.entry && b.known && (b.owns(orgDomain(set.Results.AuthServID)) || b.named(set.Results.AuthServID)) {
			set.Results.Trusted = true
		}
		if a.ARC.Chain == ARCPass && own {
			a.record("ARC-Authentication-Results", index, set.Results, from)
		}
	}
}

// signatures computes DKIM, DomainKeys and ARC.
func (x *Examiner) signatures(ctx context.Context, r *Record, h message.Header, body func() (io.Reader, error)) error {
	fields := dkimFields(h)
	if fields == nil {
		return nil
	}
	from := make([]string, 0, len(r.From))
	for _, a := range r.From {
		from = append(from, a.Address)
	}
	o := dkim.Options{Lookup: x.Keys, Now: x.Now}
	if len(r.Received) > 0 && r.Received[0].Time != nil {
		o.Received = *r.Received[0].Time
	}
	sigs, chain, err := dkim.VerifyAll(ctx, fields, body, from, o)
	if sigs != nil {
		r.Authentication.DKIM = sigs
	}
	if chain != nil {
		arc := &r.Authentication.ARC
		arc.Chain, arc.Why, arc.Instance, arc.OldestPass, arc.Checks, arc.Said = ARCChain(chain.State), chain.Why, chain.Instance, chain.OldestPass, chain.Checks, chain.Said
	}
	return err
}

func property(list authres.Properties, name string) string {
	for _, p := range list {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// dkimFields returns the header for the verifier, nil if it holds no signature.
func dkimFields(h message.Header) []dkim.Field {
	signed := false
	for _, f := range h {
		if len(f.Name) < len("ARC-Seal") {
			continue
		}
		switch f.Name[0] {
		case 'D', 'd':
			signed = f.Is("DKIM-Signature") || f.Is("DomainKey-Signature")
		case 'A', 'a':
			signed = f.Is("ARC-Seal") || f.Is("ARC-Message-Signature") || f.Is("ARC-Authentication-Results")
		}
		if signed {
			break
		}
	}
	if !signed {
		return nil
	}
	fields := make([]dkim.Field, len(h))
	for i, f := range h {
		fields[i] = dkim.Field{Name: f.Name, Raw: f.Raw}
	}
	return fields
}

// senderOf is the domain that an SPF result is about: of the envelope sender, else of the client's greeting (RFC 7208 §2.4).
func senderOf(list authres.Properties) string {
	for _, name := range [...]string{"mailfrom", "mfrom", "mail", "envelope-from", "helo"} {
		if v := property(list, name); v != "" {
			return domainOf(v)
		}
	}
	return ""
}

func alignedSPF(list authres.Properties, from []message.Address) *bool {
	return alignedWith(senderOf(list), from)
}

// alignedWith says whether a domain and every From address belong to one organisation (RFC 7489 §3.1, relaxed); nil where one of them is not known.
func alignedWith(domain string, from []message.Address) *bool {
	if domain == "" || len(from) == 0 {
		return nil
	}
	yes := true
	for _, a := range from {
		d := domainOf(a.Address)
		if d == "" {
			return nil
		}
		yes = yes && sameOrganisation(d, domain)
	}
	return &yes
}

// domainOf is the domain of an address, or the domain itself; "" for what is none.
func domainOf(address string) string {
	d := strings.ToLower(strings.Trim(address[strings.LastIndexByte(address, '@')+1:], "<>. \t\""))
	if strings.ContainsAny(d, " \t\r\n") {
		return ""
	}
	return d
}

func sameOrganisation(a, b string) bool {
	if a == b {
		return true
	}
	x, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	y, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && x == y
}

// Domains are the organisations that a message names as its origin, each in the form of the field that names it.
type Domains struct {
	From, Sender, ReplyTo, ReturnPath []string
	DKIM                              []string // of signatures that are valid
	Notes                             []string // where they differ
}

// Domains gives the domains of a message side by side.
func (r *Record) Domains() Domains {
	var d Domains
	add := func(to *[]string, domain string) {
		if domain == "" {
			return
		}
		for _, known := range *to {
			if known == domain {
				return
			}
		}
		*to = append(*to, domain)
	}
	for _, x := range []struct {
		list []message.Address
		to   *[]string
	}{{r.From, &d.From}, {r.Sender, &d.Sender}, {r.ReplyTo, &d.ReplyTo}} {
		for _, a := range x.list {
			add(x.to, domainOf(a.Address))
		}
	}
	for _, p := range r.Delivery.ReturnPath {
		if p != "" && p != "<>" {
			add(&d.ReturnPath, domainOf(p))
		}
	}
	for _, s := range r.Authentication.DKIM {
		if s.Signature == dkim.Valid {
			add(&d.DKIM, s.Domain)
		}
	}
	for _, x := range d.differing() {
		d.Notes = append(d.Notes, fmt.Sprintf("%s is of %s, From is of %s", x[0], x[1], strings.Join(d.From, ", ")))
	}
	return d
}

// differing gives the fields with a domain that is of no organisation of From, each with that domain.
func (d Domains) differing() (out [][2]string) {
	for _, x := range []struct {
		name string
		list []string
	}{{"Sender", d.Sender}, {"Reply-To", d.ReplyTo}, {"Return-Path", d.ReturnPath}} {
		for _, other := range x.list {
			if !within(other, d.From) && len(d.From) > 0 {
				out = append(out, [2]string{x.name, other})
			}
		}
	}
	return out
}

// Line puts them side by side in one line; "" where the message names none.
func (d Domains) Line() string {
	var parts []string
	for _, x := range []struct {
		name string
		list []string
	}{{"From", d.From}, {"Sender", d.Sender}, {"Reply-To", d.ReplyTo}, {"Return-Path", d.ReturnPath}, {"DKIM, valid", d.DKIM}} {
		if len(x.list) > 0 {
			parts = append(parts, x.name+": "+strings.Join(x.list, ", "))
		}
	}
	return strings.Join(parts, " · ")
}

func within(domain string, list []string) bool {
	for _, other := range list {
		if sameOrganisation(domain, other) {
			return true
		}
	}
	return false
}
