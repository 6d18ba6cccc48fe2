package html_test

import (
	"net/netip"
	"time"

	"onrecord/pkg/authres"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/people"
	"onrecord/pkg/smime"
	"onrecord/pkg/trace"
)

// enrichMore gives messages of the story what few mails have, so that every kind of fact stands somewhere in it.
func enrichMore(r []*evidence.Record) {
	yes, no := true, false
	day := func(s string) time.Time { return *at(s) }
	r[0].Authentication.SPF[0].Aligned, r[0].Authentication.SPF[0].Index = &yes, 3
	r[0].Origin.EnvelopeLineBase64 = "RnJvbSBtYXJh"
	r[0].Date.RawBase64 = "TW9u"
	r[0].Instants = []evidence.Mark{
		{Time: day("2025-03-03T08:12:44Z"), Basis: evidence.BasisTrace, Index: 0}, {Time: day("2025-03-03T09:12:41+01:00"), Basis: evidence.BasisOrigination, Index: 3},
		{Time: day("2025-03-04T10:00:05Z"), Basis: evidence.BasisMessageID, Index: 4, Form: "Mozilla, to the second"}, {Time: day("2025-03-03T08:12:40Z"), Basis: evidence.BasisEnvelope, Index: -1},
		{Time: day("2025-03-03T08:00:00Z"), Basis: evidence.BasisResent, Index: 5}, {Time: day("2025-03-03T08:01:00Z"), Basis: evidence.BasisSeal, Index: 6}, {Time: day("2025-04-03T08:02:00Z"), Basis: evidence.BasisExpiry, Index: 7},
		{Time: day("2025-03-03T08:03:00Z"), Basis: evidence.BasisBoundary, Index: 8, Form: "Gmail"}, {Time: day("2025-03-03T07:04:00Z"), Basis: evidence.BasisThreadIndex, Index: 9, Form: "Outlook: the conversation began"},
	}
	r[0].Clocks = []evidence.ClockNote{{Kind: evidence.ClockMadeAfterDate, Text: "the Message-ID was made 25 h 47 min after the Date", Instants: [2]int{1, 2}, Seconds: 92844}}
	r[1].Parts[0].Encoding, r[1].Parts[0].ContentID, r[1].Parts[0].Offset, r[1].Parts[0].Length = "quoted-printable", "part1.7@stamping.example", 1711, 2712
	r[1].Parts = append(r[1].Parts, message.Part{Path: "2", ContentType: "application/ms-tnef", Disposition: "attachment", Filename: "winmail.dat", Size: 40321, SHA256: digest.Of([]byte("tnef"))})
	r[1].Unpacked = []evidence.Unpacked{{Part: "2", Path: "1", ContentType: "application/pdf", Filename: "Stillstandsplan.pdf", Size: 31207, SHA256: digest.Of([]byte("plan"))}}
	r[1].Export = &evidence.Export{Programs: []string{"Microsoft Outlook"}, Traces: []string{"X-MS-TNEF-Correlator"}, Hint: "no Received field: this export cannot show the way; save the message with its headers"}
	r[2].Authentication.DKIM[0].ExpiresAt = at("2025-04-04T00:00:00Z")
	r[2].Authentication.DKIM[0].Key.Resolver, r[2].Authentication.DKIM[0].Key.DNSSEC = "192.0.2.53:53", true
	r[2].Authentication.DKIM[0].KeyAlternatives = []dkim.Key{{Origin: dkim.OriginDNS, Record: "v=DKIM1; p=AAAA", Bits: 1024, Name: "k1._domainkey.stamping.example", RetrievedAt: at("2025-06-29T08:00:00Z"), Resolver: "192.0.2.54:53", DNSSEC: true}}
	r[2].Authentication.DMARC[0].Properties, r[2].Authentication.DMARC[0].Aligned = authres.Properties{{Type: "header", Name: "from", Value: "home.example"}}, &no
	set := &r[2].Authentication.ARC.Sets[0]
	set.Results = &authres.Field{AuthServID: "lists.example", Instance: 1, Field: "ARC-Authentication-Results", Raw: "i=1; lists.example; spf=softfail", RawBase64: "aT0x", Version: "1", Notes: []string{"a stray word"},
		Results: []authres.Result{{Method: "spf", Version: "1", Value: "softfail", Reason: "not listed", Comment: "sender moved", Properties: authres.Properties{{Type: "smtp", Name: "mailfrom", Value: "moved.example"}}}}}
	set.Message, set.Seal, set.Notes = authres.Tags{{Name: "a", Value: "rsa-sha256"}}, authres.Tags{{Name: "s", Value: "arc"}}, []string{"two seals with i=1"}
	r[2].Authentication.ARC.Instance, r[2].Authentication.ARC.OldestPass = 1, 1
	r[2].Authentication.ARC.Checks = []dkim.ARCCheck{{Instance: 1, Kind: "ARC-Message-Signature", Domain: "lists.example", Selector: "arc", BodyHash: dkim.Match, Signature: dkim.Unchecked, SignedAt: at("2025-03-04T07:02:13Z"),
		Key: dkim.Key{Origin: dkim.OriginNone, Record: "v=DKIM1; p=BBBB", Bits: 4096, Name: "arc._domainkey.lists.example", RetrievedAt: at("2025-06-28T08:00:00Z"), Resolver: "192.0.2.55:53", DNSSEC: true}, Why: "the key record is revoked", Notes: []string{"no body length"}}}
	r[3].Authentication.Signatures = []smime.Signature{{
		Kind: smime.SMIME, Form: smime.Detached, Part: "2", Digest: smime.Match, Signature: smime.Valid, Algorithm: "RSA with SHA-256", SignedAt: at("2025-03-04T18:20:58Z"), InTime: &yes, Chain: smime.TrustUnchecked, Aligned: true,
		Signer: smime.Signer{Name: "Inès Fabre", Addresses: []string{"ines.cert@stamping.example"}, Issuer: "Example Trust CA 2", Serial: "7f01", Fingerprint: "a3b1c5", NotBefore: at("2024-01-01T00:00:00Z"), NotAfter: at("2026-01-01T00:00:00Z")},
		Why:    "the issuer’s root was not named", Notes: []string{"the certificate is for e-mail protection"}, Summary: "Inès Fabre signed this text with an S/MIME certificate.",
	}}
	r[4].RemoteContent = []message.Remote{{Host: "pixel.tracker.example", Count: 2, Pixels: 1}, {Host: "static.stamping.example", Count: 3}}
	r[4].Authentication.Recorded[0].Field, r[4].Authentication.Recorded[0].Raw, r[4].Authentication.Recorded[0].RawBase64 = "X-Results", "mx.stamping.example; none", "bXg="
	r[5].References = []string{"<5@stamping.example>", "<risk-report@stamping.example>"}
	r[6].Received[1].From = trace.Host{Text: "unknown (HELO x)", User: "root"}
	r[6].Received[0].RawBase64, r[6].Received[0].Raw = "ZnJvbQ==", "from out.stamping.example"
	r[6].Received[0].From.Software, r[6].Received[0].By = "Exim 4.96", trace.Host{Name: "mx.stamping.example", HELO: "mx-inner", Reverse: "mx-7.stamping.example", IP: netip.MustParseAddr("192.0.2.99"), IPText: "192.0.2.99:25", User: "mailnull", Software: "Postfix"}
	r[6].Received[1].By = trace.Host{Text: "a host without a name"}
	r[6].Origin.Flags = "FS"
	r[6].Authentication.Recorded[0].Instance, r[6].Authentication.Recorded[0].Version, r[6].Authentication.Recorded[0].Results[0].Version = 2, "1", "1"
	r[6].Reading = evidence.Reading{Variant: "mboxrd", QuotedLines: 7, Unquoted: 5, Why: "two lines with >>From"}
	r[6].Copies = []evidence.Copy{{Class: evidence.CopyModified, Exhibit: 8}}
}

// rich adds to the dossier what stands outside of messages.
func rich(d *dossier.Dossier) {
	d.LookAlikes = []people.LookAlike{{A: "stamping.example", B: "starnping.example", Why: "stamping.example and starnping.example read alike", PeopleA: []string{"p1"}, PeopleB: []string{"p3"}}}
	d.Case.Parties = []dossier.Party{{Name: "Stamping Works Ltd", Side: "company", Domains: []string{"stamping.example"}}}
	d.Options.Trust = []string{"mx.stamping.example"}
	d.Keys.Chains, d.Keys.Sealed = 3, 2
	d.Defective = 1
	d.Options.Embed, d.Options.Fonts = "7 MB", []dossier.FontFile{{Name: "NotoSansThai.ttf", SHA256: digest.Of([]byte("font"))}}
	d.Ledger.Found, d.Ledger.Excluded, d.Sources[0].Found, d.Sources[0].Excluded = 13, 3, 12, 3
	d.Threads[0].MissingLeftOut = 27
	d.EvidenceDigest, _ = digest.Parse(evidenceDigest)
	c := &d.Clocks[0]
	c.Start.Exhibit, c.Start.Statement, c.Stop.Exhibit, c.Stop.Statement = 5, "s8", 8, "s12"
	d.Quotes[1].Passages[0].QuotedSpan, d.Quotes[1].Passages[0].OriginalSpan = [2]int{3, 9}, [2]int{5, 11}
}
