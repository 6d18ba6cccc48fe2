package evidence

import (
	"slices"
	"strings"
	"time"

	"onrecord/pkg/authres"
	"onrecord/pkg/dkim"
	"onrecord/pkg/remark"
	"onrecord/pkg/smime"
)

// Finding is one thing to say on the authenticity of a message.
type Finding struct {
	Text    remark.Told
	By      remark.Told // who established it; nil in the other lists
	How     remark.Told // of what could not be checked: how it could be
	Against bool        // it shows that something does not fit
}

// Standing is what can be said about the authenticity of a message, in the order in which a reader should meet it. It is made from the record alone.
type Standing struct {
	Established []Finding // computed here, or recorded by the server that received the message
	Claimed     []Finding // the message says so of itself
	Open        []Finding // could not be checked
}

const maxStanding = 40 // of each list

// Standing sorts what the record holds.
func (r *Record) Standing() Standing {
	var s Standing
	for i := range r.Authentication.DKIM {
		s.signature(&r.Authentication.DKIM[i])
	}
	for i := range r.Authentication.Signatures {
		s.person(&r.Authentication.Signatures[i])
	}
	s.chain(&r.Authentication.ARC)
	for i := range r.Authentication.Recorded {
		s.recorded(&r.Authentication.Recorded[i])
	}
	for _, x := range r.Authentication.SPF {
		if strings.EqualFold(x.Field, "Received-SPF") {
			s.spf(&x)
		}
	}
	for i := range r.Authentication.ARC.Sets {
		if set := &r.Authentication.ARC.Sets[i]; set.Results != nil && set.Results.Trusted {
			s.establish(Finding{Text: remark.Tell("recorded", "recorded when the mail came in: %s", results(set.Results)), By: remark.Tell("by-sealer", "the sealer %s, under its ARC seal", set.Domain)})
		}
	}
	for i := range r.Clocks {
		s.establish(Finding{Text: remark.Told{r.Clocks[i].told(r)}, By: remark.Tell("by-times", "the times in the message, compared"), Against: true})
	}
	s.origin(r)
	s.Established, s.Claimed, s.Open = bounded(s.Established), bounded(s.Claimed), bounded(s.Open)
	return s
}

func (s *Standing) establish(f Finding) { s.Established = append(s.Established, f) }
func (s *Standing) claim(t remark.Told) { s.Claimed = append(s.Claimed, Finding{Text: t}) }
func (s *Standing) leave(f Finding)     { s.Open = append(s.Open, f) }

func bounded(list []Finding) []Finding {
	if n := len(list); n > maxStanding {
		return append(list[:maxStanding:maxStanding], Finding{Text: remark.Tell("further", "%d further findings are in dossier.json", n-maxStanding)})
	}
	return list
}

func computedHere() remark.Told {
	return remark.Tell("computed-here", "computed here from the bytes of the message")
}

// summarized: a record that was written before there were sentences with kinds has the summary alone.
func summarized(said remark.Told, summary string) remark.Told {
	if said == nil {
		return remark.Told{{Kind: "summary", Text: summary}}
	}
	return said
}

// signature sorts one DKIM or DomainKeys signature. A body that changed is established whether or not there is a key.
func (s *Standing) signature(g *dkim.Signature) {
	text := summarized(g.Said, g.Summary)
	by := computedHere()
	if g.Key.Record != "" {
		by = withKey(by, &g.Key)
	}
	f := Finding{Text: text, By: by, Against: g.Signature == dkim.Invalid && !g.OtherKey() || g.BodyHash == dkim.Mismatch}
	f.Against = f.Against && !g.Restored()
	if g.Signature != dkim.Unchecked {
		s.establish(f)
		if g.OtherKey() {
			s.leave(Finding{Text: remark.Tell("earlier-key", "whether an earlier key of %s made the signature", g.Domain), How: earlierRecord(g.Key.Name)})
		}
		return
	}
	if g.BodyHash == dkim.Mismatch {
		f.By = by.And("no-key-needed", "no key is needed for that")
		s.establish(f)
	}
	if g.Key.Name == "" {
		s.leave(Finding{Text: text})
		return
	}
	open := Finding{Text: text}
	if g.BodyHash == dkim.Mismatch {
		open.Text = remark.Tell("signature-itself", "whether %s made the signature itself", g.Domain)
	}
	if g.Key.Record != "" {
		open.How = earlierRecord(g.Key.Name)
	} else {
		open.Text = open.Text.And("no-sign-of-forgery", "a key that is not at hand is no sign of forgery")
		open.How = remark.Tell("fetch-key", "onrecord keys fetches %s where the domain still publishes it", g.Key.Name).
			And("older-snapshot", "where it does not, an older snapshot (--keys) or the domain's owner may have it")
	}
	s.leave(open)
}

func earlierRecord(name string) remark.Told {
	return remark.Tell("earlier-record", "an older record of %s, from before it was changed or withdrawn, given with --keys", name)
}

// withKey says with which key it was computed, and where that came from.
func withKey(t remark.Told, k *dkim.Key) remark.Told {
	t = t.And("with-key", "with the key %s", k.Name)
	day := ""
	if k.RetrievedAt != nil {
		day = k.RetrievedAt.UTC().Format(time.DateOnly)
	}
	switch {
	case k.Origin == dkim.OriginDNS && day != "":
		t = t.And("key-dns-day", "which came from the DNS on %s", day)
	case k.Origin == dkim.OriginDNS:
		t = t.And("key-dns", "which came from the DNS")
	case k.Origin == dkim.OriginSnapshot && day != "":
		t = t.And("key-snapshot-day", "which a snapshot holds as fetched on %s", day)
	case k.Origin == dkim.OriginSnapshot:
		t = t.And("key-snapshot", "which a snapshot holds")
	case k.Origin == dkim.OriginFile:
		t = t.And("key-file", "which came from a file")
	}
	if k.DNSSEC {
		t = t.And("key-dnssec", "vouched for by DNSSEC")
	}
	return t
}

// person sorts one S/MIME or OpenPGP signature.
func (s *Standing) person(g *smime.Signature) {
	text := summarized(g.Said, g.Summary)
	by := computedHere().And("with-certificate", "with the certificate in it")
	if g.Kind == smime.OpenPGP {
		by = computedHere().And("with-given-key", "with the key that was given")
	}
	switch {
	case g.Form == smime.Encrypted:
		s.leave(Finding{Text: text, How: remark.Tell("recipient-decrypts", "whoever received it can decrypt it")})
		return
	case g.Signature != smime.Unchecked || g.Digest == smime.Mismatch:
		s.establish(Finding{Text: text, By: by, Against: g.Signature == smime.Invalid || g.Digest == smime.Mismatch})
	case g.Kind == smime.OpenPGP:
		s.leave(Finding{Text: text, How: remark.Tell("give-pgp-key", "give the signer's public key with --pgp-key FILE")})
		return
	default:
		s.leave(Finding{Text: text})
		return
	}
	if g.Kind == smime.SMIME && g.Chain == smime.TrustUnchecked {
		s.leave(Finding{Text: remark.Tell("issuer", "whether %s issued the certificate of %s", g.Signer.Issuer, g.Signer.Name), How: remark.Tell("give-root", "give the issuer's root with --ca FILE")})
	}
}

func (s *Standing) chain(a *ARC) {
	why := summarized(a.Said, a.Why)
	switch a.Chain {
	case ARCPass:
		s.establish(Finding{Text: append(remark.Tell("arc-holds", "the ARC chain holds"), why...), By: computedHere()})
	case ARCFail:
		s.establish(Finding{Text: append(remark.Tell("arc-broken", "the ARC chain does not hold"), why...), By: computedHere(), Against: true})
	case ARCUnchecked:
		s.leave(Finding{Text: append(remark.Tell("arc-unchecked", "the ARC chain was not checked to its end"), why...),
			How: remark.Tell("fetch-keys", "onrecord keys fetches the keys where the domains still publish them")})
	}
}

// recorded sorts one Authentication-Results field or one of its kin.
func (s *Standing) recorded(f *authres.Field) {
	said := results(f)
	if said == "" {
		return // a spam filter that tells nothing of authentication
	}
	server := f.AuthServID
	if server == "" {
		server = "a server that is not named"
	}
	if f.Field != "" {
		server += " (" + f.Field + ")"
	}
	text := remark.Tell("claimed", "results in the name of %s, claimed by the message itself: %s", server, said)
	note := "not counted"
	if f.Trusted {
		text, note = remark.Tell("recorded", "recorded when the mail came in: %s", said), "it stands below"
	}
	for _, n := range f.Notes {
		if strings.HasPrefix(n, note) {
			text = append(text, remark.Remark{Kind: "place", Text: n})
		}
	}
	if f.Trusted {
		s.establish(Finding{Text: text, By: receivedBy(server)})
		return
	}
	s.claim(text)
}

// receivedBy: the record is a header field, and as good as the copy that it stands in.
func receivedBy(server string) remark.Told {
	return remark.Tell("by-receiver", "the receiving server %s, as this copy of the message has it", server)
}

func (s *Standing) spf(x *RecordedResult) {
	said := "spf=" + x.Value
	if d := senderOf(x.Properties); d != "" {
		said += " (" + d + ")"
	}
	if x.Trusted {
		s.establish(Finding{Text: remark.Tell("recorded", "recorded when the mail came in: %s", said), By: receivedBy(x.Server)})
	} else {
		s.claim(remark.Tell("claimed-unnamed", "%s, claimed by the message itself", said))
	}
}

// results is what a field says, in short.
func results(f *authres.Field) string {
	var all []string
	for i := range f.Results {
		res := &f.Results[i]
		if res.Method == authres.SpamMethod {
			continue
		}
		text := res.Method + "=" + res.Value
		for _, name := range [...]string{"header.d", "header.i", "header.from", "smtp.mailfrom", "smtp.mfrom", "smtp.mail", "rule"} {
			if v, ok := res.Property(name); ok {
				text += " (" + v + ")"
				break
			}
		}
		if all = append(all, text); len(all) == 12 {
			break
		}
	}
	if all == nil && len(f.Results) == 0 {
		return "no result"
	}
	return strings.Join(all, ", ")
}

// tie is what there is between From and a signature of its domain, the strongest first.
type tie struct {
	bound    bool     // one that holds
	restored string   // domain of one that holds once changes are undone
	open     string   // of one that could not be checked
	broken   string   // of one that does not fit
	other    []string // domains of those that hold and are not of From
	unsigned []string // fields that no signature that holds covers
}

func (r *Record) tie() (t tie) {
	for i := range r.Authentication.DKIM {
		g := &r.Authentication.DKIM[i]
		holds := g.Signature == dkim.Valid && g.BodyHash != dkim.Mismatch
		switch {
		case holds && g.Aligned:
			t.unsigned = uncovered(t.bound, t.unsigned, g.UnsignedFields)
			t.bound = true
		case holds:
			if !slices.Contains(t.other, g.Domain) {
				t.other = append(t.other, g.Domain)
			}
		case !g.Aligned || g.Domain == "":
		case g.Restored():
			t.restored = g.Domain
		case g.Signature == dkim.Unchecked && g.BodyHash != dkim.Mismatch:
			t.open = g.Domain
		default:
			t.broken = g.Domain
		}
	}
	for i := range r.Authentication.Signatures {
		g := &r.Authentication.Signatures[i]
		if g.Signature == smime.Valid && g.Digest == smime.Match && g.Aligned && !t.bound {
			// The content is the signer's; the header fields of the message are not part of it.
			t.bound, t.unsigned = true, []string{"To", "Subject", "Date"}
		}
	}
	return t
}

// uncovered keeps of the fields that a reader relies on those that none of the signatures covers.
func uncovered(before bool, known, fields []string) []string {
	var out []string
	for _, f := range [...]string{"From", "To", "Cc", "Subject", "Date", "Reply-To"} {
		if slices.Contains(fields, strings.ToLower(f)) && (!before || slices.Contains(known, f)) {
			out = append(out, f)
		}
	}
	return out
}

// origin says what nothing bears out, and why it does not.
func (s *Standing) origin(r *Record) {
	from := "From"
	if len(r.From) > 0 && r.From[0].Address != "" {
		from += " (" + r.From[0].Address + ")"
	}
	t := r.tie()
	switch {
	case t.bound && len(t.unsigned) > 0:
		s.claim(remark.Tell("not-covered", "%s: not covered by the signature that holds", strings.Join(t.unsigned, ", ")))
	case t.bound:
	case t.restored != "" && len(t.other) > 0:
		s.claim(remark.Tell("changes-signed-by", "what was added or changed after signing: signed by %s alone", strings.Join(t.other, ", ")))
	case t.restored != "":
		s.claim(remark.Tell("changes-unsigned", "what was added or changed after signing: no signature covers it"))
	case t.open != "":
		s.claim(remark.Tell("tie-open", "%s, Date and Subject: the signature that would tie them to %s could not be checked, so they are the message's own word here", from, t.open))
	case t.broken != "":
		s.claim(remark.Tell("tie-broken", "%s, Date and Subject: the signature that names %s does not fit, and no other ties them to that domain", from, t.broken))
	case len(t.other) > 0:
		s.claim(remark.Tell("tie-other", "%s, Date and Subject: what holds is signed by %s, not by the domain of From", from, strings.Join(t.other, ", ")))
	default:
		s.claim(remark.Tell("tie-none", "%s, Date and Subject: no signature ties them to that domain", from))
	}
	s.Claimed = append(s.Claimed, r.otherDomains()...)
	if len(r.Authentication.DKIM)+len(r.Authentication.Signatures) == 0 {
		s.leave(Finding{Text: remark.Tell("unsigned", "the message carries no signature: nothing in it can be checked against the sender's mail service"),
			How: remark.Tell("compare-copies", "compare with the copy of another recipient or of the sender, or ask the receiving server's operator for its log")})
	}
	if r.Export != nil && r.Export.Hint != "" {
		_, how, _ := strings.Cut(r.Export.Hint, "this export cannot show the way; ")
		s.leave(Finding{Text: remark.Tell("no-way", "the way that it took: this copy has no Received field"), How: hints(how)})
	}
}

// hints are the sentences of an export's hint.
func hints(how string) (t remark.Told) {
	for text := range strings.SplitSeq(how, "; ") {
		t = append(t, remark.Remark{Kind: "better-export", Text: text})
	}
	return t
}

// otherDomains tells where a field of the origin is of another domain than From.
func (r *Record) otherDomains() (list []Finding) {
	d := r.Domains()
	for _, x := range d.differing() {
		list = append(list, Finding{Text: remark.Tell("other-domain", "%s is of %s, From is of %s", x[0], x[1], strings.Join(d.From, ", "))})
	}
	return list
}
