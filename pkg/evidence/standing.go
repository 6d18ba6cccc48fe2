package evidence

import (
	"fmt"
	"strings"
	"time"

	"onrecord/pkg/authres"
	"onrecord/pkg/dkim"
	"onrecord/pkg/smime"
)

// Finding is one sentence on the authenticity of a message.
type Finding struct {
	Text    string
	By      string // who established it; "" in the other lists
	How     string // of what could not be checked: how it could be
	Against bool   // it shows that something does not fit
}

// Standing is what can be said about the authenticity of a message, in the order in which a reader should meet it. It is made from the record alone.
type Standing struct {
	Established []Finding // computed here, or recorded by the server that received the message
	Claimed     []Finding // the message says so of itself
	Open        []Finding // could not be checked
}

const (
	computedHere = "computed here from the bytes of the message"
	maxStanding  = 40 // of each list
)

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
			s.Established = append(s.Established, Finding{Text: "recorded when the mail came in: " + results(set.Results), By: "the sealer " + set.Domain + ", under its ARC seal"})
		}
	}
	for _, c := range r.Clocks {
		s.Established = append(s.Established, Finding{Text: c.Text, By: "the times in the message, compared", Against: true})
	}
	s.origin(r)
	s.Established, s.Claimed, s.Open = bounded(s.Established), bounded(s.Claimed), bounded(s.Open)
	return s
}

func bounded(list []Finding) []Finding {
	if n := len(list); n > maxStanding {
		return append(list[:maxStanding:maxStanding], Finding{Text: fmt.Sprintf("%d further findings are in dossier.json", n-maxStanding)})
	}
	return list
}

// signature sorts one DKIM or DomainKeys signature. A body that changed is established whether or not there is a key.
func (s *Standing) signature(g *dkim.Signature) {
	by := computedHere
	if g.Key.Record != "" {
		by += ", with the key " + g.Key.Name + keyOrigin(&g.Key)
	}
	f := Finding{Text: g.Summary, By: by, Against: g.Signature == dkim.Invalid || g.BodyHash == dkim.Mismatch}
	if g.Signature != dkim.Unchecked {
		s.Established = append(s.Established, f)
		return
	}
	if g.BodyHash == dkim.Mismatch {
		f.By = computedHere + "; no key is needed for that"
		s.Established = append(s.Established, f)
	}
	if g.Key.Name == "" {
		s.Open = append(s.Open, Finding{Text: g.Summary})
		return
	}
	open := Finding{Text: g.Summary, How: "onrecord keys fetches " + g.Key.Name + " where the domain still publishes it; where it does not, an older snapshot (--keys) or the domain's owner may have it"}
	if g.BodyHash == dkim.Mismatch {
		open.Text = "whether " + g.Domain + " made the signature itself"
	}
	if has := len(g.Key.Record) > 0; has {
		open.How = "an older record of " + g.Key.Name + ", from before it was changed or withdrawn, given with --keys"
	} else {
		open.Text += "; a key that is not at hand is no sign of forgery"
	}
	s.Open = append(s.Open, open)
}

func keyOrigin(k *dkim.Key) string {
	var parts []string
	switch k.Origin {
	case dkim.OriginDNS:
		parts = append(parts, "from the DNS")
	case dkim.OriginSnapshot:
		parts = append(parts, "from a snapshot")
	case dkim.OriginFile:
		parts = append(parts, "from a file")
	}
	if k.RetrievedAt != nil {
		parts = append(parts, "of "+k.RetrievedAt.UTC().Format(time.DateOnly))
	}
	if k.DNSSEC {
		parts = append(parts, "with DNSSEC")
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, " ") + ")"
}

// person sorts one S/MIME or OpenPGP signature.
func (s *Standing) person(g *smime.Signature) {
	f := Finding{Text: g.Summary, By: computedHere + ", with the certificate in it", Against: g.Signature == smime.Invalid || g.Digest == smime.Mismatch}
	if g.Kind == smime.OpenPGP {
		f.By = computedHere + ", with the key that was given"
	}
	switch {
	case g.Form == smime.Encrypted:
		s.Open = append(s.Open, Finding{Text: g.Summary, How: "whoever received it can decrypt it"})
		return
	case g.Signature != smime.Unchecked || g.Digest == smime.Mismatch:
		s.Established = append(s.Established, f)
	case g.Kind == smime.OpenPGP:
		s.Open = append(s.Open, Finding{Text: g.Summary, How: "give the signer's public key with --pgp-key FILE"})
		return
	default:
		s.Open = append(s.Open, Finding{Text: g.Summary})
		return
	}
	if g.Kind == smime.SMIME && g.Chain == smime.TrustUnchecked {
		s.Open = append(s.Open, Finding{Text: "whether " + g.Signer.Issuer + " issued the certificate of " + g.Signer.Name, How: "give the issuer's root with --ca FILE"})
	}
}

func (s *Standing) chain(a *ARC) {
	switch a.Chain {
	case ARCPass:
		s.Established = append(s.Established, Finding{Text: "the ARC chain holds: " + a.Why, By: computedHere})
	case ARCFail:
		s.Established = append(s.Established, Finding{Text: "the ARC chain does not hold: " + a.Why, By: computedHere, Against: true})
	case ARCUnchecked:
		s.Open = append(s.Open, Finding{Text: "the ARC chain: " + a.Why, How: "onrecord keys fetches the keys where the domains still publish them"})
	}
}

// recorded sorts one Authentication-Results field.
func (s *Standing) recorded(f *authres.Field) {
	server := f.AuthServID
	if server == "" {
		server = "a server that is not named"
	}
	if f.Trusted {
		text := "recorded when the mail came in: " + results(f)
		for _, n := range f.Notes {
			if strings.Contains(n, "Received field") {
				text += "; " + n
			}
		}
		s.Established = append(s.Established, Finding{Text: text, By: "the receiving server " + server})
		return
	}
	text := "results in the name of " + server + ", claimed by the message itself: " + results(f)
	for _, n := range f.Notes {
		if strings.HasPrefix(n, "not counted") {
			text += "; " + n
		}
	}
	s.Claimed = append(s.Claimed, Finding{Text: text})
}

func (s *Standing) spf(x *RecordedResult) {
	text := "spf=" + x.Value
	if d := senderOf(x.Properties); d != "" {
		text += " for " + d
	}
	if x.Trusted {
		s.Established = append(s.Established, Finding{Text: "recorded when the mail came in: " + text, By: "the receiving server " + x.Server})
	} else {
		s.Claimed = append(s.Claimed, Finding{Text: text + ", claimed by the message itself"})
	}
}

// results is what a field says, in short.
func results(f *authres.Field) string {
	var all []string
	for i := range f.Results {
		res := &f.Results[i]
		text := res.Method + "=" + res.Value
		for _, name := range [...]string{"header.d", "header.i", "header.from", "smtp.mailfrom", "smtp.mfrom", "smtp.mail"} {
			if v, ok := res.Property(name); ok {
				text += " (" + v + ")"
				break
			}
		}
		if all = append(all, text); len(all) == 12 {
			break
		}
	}
	if all == nil {
		return "no result"
	}
	return strings.Join(all, ", ")
}

// origin says what nothing bears out.
func (s *Standing) origin(r *Record) {
	bound := false
	signed := len(r.Authentication.DKIM) > 0
	for i := range r.Authentication.DKIM {
		g := &r.Authentication.DKIM[i]
		bound = bound || g.Signature == dkim.Valid && g.Aligned && g.BodyHash != dkim.Mismatch
	}
	for i := range r.Authentication.Signatures {
		g := &r.Authentication.Signatures[i]
		bound = bound || g.Signature == smime.Valid && g.Digest == smime.Match && g.Aligned
	}
	from := "From"
	if len(r.From) > 0 && r.From[0].Address != "" {
		from += " (" + r.From[0].Address + ")"
	}
	if !bound {
		s.Claimed = append(s.Claimed, Finding{Text: from + ", Date and Subject: no signature that holds here ties them to that domain"})
	}
	d := r.Domains()
	for _, n := range d.Notes {
		s.Claimed = append(s.Claimed, Finding{Text: n})
	}
	if !signed && len(r.Authentication.Signatures) == 0 {
		s.Open = append(s.Open, Finding{Text: "the message carries no signature: nothing in it can be checked against the sender's mail service",
			How: "compare with the copy of another recipient or of the sender, or ask the receiving server's operator for its log"})
	}
	if r.Export != nil && r.Export.Hint != "" {
		what, how, _ := strings.Cut(r.Export.Hint, ": ")
		if how, found := strings.CutPrefix(how, "this export cannot show the way; "); found {
			s.Open = append(s.Open, Finding{Text: "the way that it took: " + what + " in this export", How: how})
		}
	}
}
