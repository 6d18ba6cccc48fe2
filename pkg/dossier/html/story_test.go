package html_test

import (
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/authres"
	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/source"
	"onrecord/pkg/thread"
	"onrecord/pkg/trace"
)

// The story: the light curtain of a press is bridged to save cycle time; the safety engineer warns, is dropped, and is later said never to have warned.

func at(s string) *time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err) // a typing error in this file
	}
	return &t
}

func box(name string) message.Address {
	local := strings.ToLower(strings.Fields(name)[0])
	return message.Address{Name: name, Address: local + "@stamping.example"}
}

const (
	mara = "Mara Lindqvist"
	tom  = "Tom Reyes"
	ines = "Inès Fabre"
	jon  = "Jon Adeyemi"
	line = "Line Four Crew"
)

type letter struct {
	from    string
	to, cc  []string
	sent    string
	subject string
	text    string
	said    []said
	answers int
}

type said struct {
	words  string
	acts   []notice.Act
	origin notice.Origin
	topic  string
}

func letters() []letter {
	return []letter{
		{mara, []string{tom}, []string{jon, line}, "2025-03-03T09:12:41+01:00", "Light curtain on press 4",
			"Tom,\n\nthe light curtain on press 4 has been bridged since Friday. Without it the ram can close on an operator’s hand. " +
				"Please do not run the press until the curtain is back.\n\nMara\n",
			[]said{
				{"Without it the ram can close on an operator’s hand.", []notice.Act{notice.Warning}, notice.Marked, "light curtain bridged"},
				{"Please do not run the press until the curtain is back.", []notice.Act{notice.Request}, notice.Suggested, ""},
			}, 0},
		{tom, []string{mara}, []string{ines}, "2025-03-03T11:40:02+01:00", "Re: Light curtain on press 4",
			"Mara, I have read this. We lose nine strokes a minute with the curtain. Run it as it is.\n\n> the light curtain on press 4 has been bridged since Friday.\n> Without it the ram can close on an operator’s hand.\n",
			[]said{
				{"Mara, I have read this.", []notice.Act{notice.Acknowledgement}, notice.Suggested, ""},
				{"Run it as it is.", []notice.Act{notice.Order}, notice.Marked, "run press 4 without the curtain"},
			}, 1},
		{mara, []string{tom, ines}, []string{jon}, "2025-03-04T08:02:10+01:00", "Re: Re: Light curtain on press 4",
			"Inès, Tom,\n\nI warn you again in writing: somebody will lose a hand at press 4. The standard forbids to run it like this.\n\nMara\n",
			[]said{{"I warn you again in writing: somebody will lose a hand at press 4.", []notice.Act{notice.Warning}, notice.Suggested, "injury at press 4"}}, 2},
		{ines, []string{tom}, nil, "2025-03-04T18:21:00+00:00", "Re: Re: Re: Light curtain on press 4",
			"Tom, keep Mara off this thread. The curtain stays out until the quarter is closed. If she goes on, she can look for another job.\n",
			[]said{
				{"The curtain stays out until the quarter is closed.", []notice.Act{notice.Order, notice.Approval}, notice.Marked, "curtain stays out"},
				{"If she goes on, she can look for another job.", []notice.Act{notice.Threat}, notice.Suggested, ""},
			}, 3},
		{jon, []string{tom}, []string{mara}, "2025-04-11T06:55:30+02:00", "Near miss, press 4",
			"Tom, this morning the ram caught a glove at press 4. Nobody was hurt this time.\n",
			[]said{{"this morning the ram caught a glove at press 4.", []notice.Act{notice.Incident, notice.Notification}, notice.Marked, "near miss"}}, 0},
		{tom, []string{jon}, nil, "2025-04-11T07:30:00+02:00", "Re: Near miss, press 4",
			"Jon, fix the glove policy. No word about the curtain.\n",
			[]said{{"No word about the curtain.", []notice.Act{notice.Order}, notice.Suggested, ""}}, 5},
		{ines, []string{line}, []string{tom, mara, jon}, "2025-06-20T15:00:00-05:00", "Statement on the accident",
			"All,\n\nnobody ever told me that the light curtain was out. Maintenance failed to report it.\n\nInès Fabre\n",
			[]said{
				{"nobody ever told me that the light curtain was out.", []notice.Act{notice.Denial}, notice.Marked, "light curtain"},
				{"Maintenance failed to report it.", []notice.Act{notice.Blame}, notice.Suggested, ""},
			}, 0},
		{mara, []string{ines}, []string{tom}, "2025-06-20T22:31:09+02:00", "Re: Statement on the accident",
			"Ich habe Sie am 4. März gewarnt. Siehe Anlage.\n",
			[]said{{"Ich habe Sie am 4. März gewarnt.", []notice.Act{notice.Confirmation}, notice.Rejected, ""}}, 7},
	}
}

// story builds the sample dossier; further copies of its messages come after its own, up to n exhibits (0: the story alone).
func story(n int) *dossier.Dossier {
	id := map[string]string{mara: "p1", tom: "p2", jon: "p3", line: "p4", ines: "p5"}
	ids := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			for _, name := range l {
				out = append(out, id[name])
			}
		}
		return out
	}
	d := &dossier.Dossier{
		Schema: dossier.Schema, GeneratedAt: *at("2025-07-01T10:00:00Z"), ClockBasis: "system clock",
		Tool:    dossier.Tool{Name: "onrecord", Version: "1.0.0"},
		Options: dossier.Options{Format: []string{"html"}, Lang: "en", Paper: "a4", Bates: "ST", Timezone: "Europe/Berlin", Since: "2025-03-01", Until: "2025-07-01", Participant: "mara@stamping.example", Thread: "<1@stamping.example>", Sources: "copy", DNS: "off"},
		Case:    dossier.Case{Title: "Press 4: the removed light curtain", Reference: "ST-2025-17", PreparedBy: "M. Lindqvist"},
		Ledger:  dossier.Ledger{Found: 10, Kept: 8, Duplicate: 1, Failed: 1},
		Sources: []dossier.Source{
			{Path: "export/press4.mbox", File: "data/sources/press4.mbox", Format: "mbox", Variant: "mboxrd", VariantWhy: "a line with >>From", Size: 48211, SHA256: digest.Of([]byte("press4")), ModifiedAt: at("2025-06-30T08:00:00Z"),
				Ledger: dossier.Ledger{Found: 9, Kept: 8, Duplicate: 1}, Exporter: "Thunderbird", Notes: []string{"Thunderbird writes its own status fields (X-Mozilla-Status)"}},
			{Path: "export/old.pst", Size: 1 << 20, SHA256: digest.Of([]byte("pst")), Ledger: dossier.Ledger{Found: 1, Failed: 1}, Notes: []string{"looks like an Outlook data file: export it as mbox or .eml"}},
		},
		People: []people.Person{
			{ID: "p1", Name: mara, Addresses: []string{"mara@stamping.example", "m.lindqvist@home.example"}, Names: []string{mara, "Mara L."}, Role: "safety engineer", Side: "claimant", Party: "Lindqvist", Kind: people.Human, MergedBecause: []string{"the case file says so"}},
			{ID: "p2", Name: tom, Addresses: []string{"tom@stamping.example"}, Names: []string{tom}, Role: "plant manager", Side: "company", Kind: people.Human},
			{ID: "p3", Name: jon, Addresses: []string{"jon@stamping.example"}, Names: []string{jon}, Role: "maintenance", Kind: people.Human},
			{ID: "p4", Name: line, Addresses: []string{"line@stamping.example"}, Names: []string{line}, Kind: people.List},
			{ID: "p5", Name: ines, Addresses: []string{"inès@stamping.example"}, Names: []string{ines}, Role: "operations director", Side: "company", Kind: people.Human},
		},
		Threads: []thread.Thread{
			{ID: "t1", Subject: "Light curtain on press 4", Exhibits: []int{1, 2, 3, 4}, Missing: []thread.Missing{{MessageID: "<risk-report@stamping.example>", CitedBy: []int{1}}}},
			{ID: "t2", Subject: "Near miss, press 4", Exhibits: []int{5, 6}, Joined: []string{"exhibit 6 by Thread-Index alone"}},
			{ID: "t3", Subject: "Statement on the accident", Exhibits: []int{7, 8}},
		},
		Recipients: []notice.RecipientChange{
			{Exhibit: 2, ComparedTo: 1, Added: []string{"p5"}, Dropped: []string{"p3", "p4"}},
			{Exhibit: 4, ComparedTo: 3, Dropped: []string{"p1", "p3"}, Moved: []string{"p2"}, Headline: "replied to Tom Reyes alone, 2 recipients dropped"},
		},
		Contradictions: []notice.Contradiction{
			{Statement: "s10", Person: "p5", Against: []string{"s1", "s5"}, Why: "Inès Fabre received exhibit 3 and answered it in exhibit 4, and denies to have been told"},
		},
		Keys: dossier.KeySummary{Signatures: 9, Checked: 8, Missing: []string{"old._domainkey.lists.example"}},
	}
	var records []*evidence.Record
	for i, l := range letters() {
		r := exhibit(i+1, l)
		records = append(records, r)
		for _, s := range l.said {
			start := strings.Index(l.text, s.words)
			if start < 0 {
				panic(s.words)
			}
			begin := utf8.RuneCountInString(l.text[:start])
			st := notice.Statement{
				ID: fmt.Sprintf("s%d", len(d.Statements)+1), Exhibit: i + 1, Author: id[l.from], At: at(l.sent), Basis: evidence.BasisOrigination, Acts: s.acts, Text: s.words,
				Span: [2]int{begin, begin + utf8.RuneCountInString(s.words)}, Language: "en", Topic: s.topic, Addressees: ids(l.to, l.cc), Rule: "en-warning-3", Why: "“can close on”", Confidence: 0.82, Origin: s.origin,
			}
			d.Statements = append(d.Statements, st)
			if s.origin != notice.Rejected {
				d.Timeline = append(d.Timeline, notice.Entry{At: st.At, Basis: st.Basis, Kind: notice.EntryKind(s.acts[0]), Exhibit: i + 1, Statement: st.ID, Text: s.words})
			}
			if s.acts[0] != notice.Warning && s.acts[0] != notice.Incident {
				continue
			}
			for _, p := range ids([]string{l.from}, l.to, l.cc) {
				n := notice.Notice{Statement: st.ID, Person: p, FirstAt: st.At, Evidence: []notice.Evidence{{Kind: notice.Addressed, Exhibit: i + 1, At: st.At, Basis: st.Basis, Why: "in To"}}}
				if p == id[l.from] {
					n.Evidence[0].Kind, n.Evidence[0].Why = notice.Authored, "wrote it"
				} else if p == "p2" && i == 0 {
					n.Evidence = append([]notice.Evidence{{Kind: notice.Quoted, Exhibit: 2, At: at("2025-03-03T11:40:02+01:00"), Basis: evidence.BasisOrigination, Why: "the sentence stands quoted in exhibit 2"}}, n.Evidence...)
				}
				d.Notices = append(d.Notices, n)
			}
		}
		d.Timeline = append(d.Timeline, notice.Entry{At: at(l.sent), Basis: evidence.BasisOrigination, Kind: notice.KindMessage, Exhibit: i + 1, Text: l.from + ": " + l.subject})
		if i == 5 {
			d.Timeline = append(d.Timeline, notice.Entry{At: at("2025-06-17T10:20:00+02:00"), Basis: evidence.BasisCase, Kind: notice.KindEvent, Text: "Accident at press 4"})
		}
	}
	enrich(records)
	enrichMore(records)
	quoted := letters()[2].said[0]
	start := utf8.RuneCountInString(letters()[2].text[:strings.Index(letters()[2].text, quoted.words)])
	d.Statements = append(d.Statements, notice.Statement{
		ID: fmt.Sprintf("s%d", len(d.Statements)+1), Exhibit: 8, Part: "2", Author: id[mara], At: at(letters()[2].sent), Basis: evidence.BasisOrigination, Acts: quoted.acts, Text: quoted.words,
		Span: [2]int{start, start + utf8.RuneCountInString(quoted.words)}, Language: "en", Addressees: []string{"p2", "p5"}, Rule: "en-warning-3", Why: "“I warn you”", Confidence: 0.9, Origin: notice.Rejected,
	})
	for i := len(records); i < n; i++ {
		r := *records[i%8]
		r.Exhibit, r.File = i+1, fmt.Sprintf("data/messages/%04d.eml", i+1)
		records = append(records, &r)
		d.Timeline = append(d.Timeline, notice.Entry{At: r.Date.Time, Basis: evidence.BasisOrigination, Kind: notice.KindMessage, Exhibit: i + 1, Text: r.Subject})
	}
	findings(d)
	rich(d)
	d.Count = len(records)
	d.Messages = func(yield func(*evidence.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	return d
}

// exhibit makes the record of a letter, with header, hops and authentication.
func exhibit(n int, l letter) *evidence.Record {
	sent := at(l.sent)
	took := 3.0
	arrived := sent.Add(3 * time.Second)
	r := &evidence.Record{
		Exhibit: n, File: fmt.Sprintf("data/messages/%04d.eml", n),
		Origin:    source.Origin{Source: "export/press4.mbox", Offset: int64(n) * 5000, Length: 4821, EnvelopeLine: "From mara@stamping.example Mon Mar  3 08:12:44 2025\n"},
		MessageID: fmt.Sprintf("<%d@stamping.example>", n), Subject: l.subject, From: []message.Address{box(l.from)},
		Date: evidence.Date{Raw: sent.Format(time.RFC1123Z), Time: sent}, Recorded: evidence.Instant{Time: &arrived, Basis: evidence.BasisTrace},
		Thread: "t1", Size: 4821, TextSource: "text/plain", Text: l.text,
		Reading:  evidence.Reading{Variant: "mboxrd", Why: "no line is quoted"},
		Delivery: evidence.Delivery{ReturnPath: []string{box(l.from).Address}, DeliveredTo: []string{"tom@stamping.example"}, OriginalTo: []string{"plant@stamping.example"}},
		Parts:    []message.Part{{Path: "1", ContentType: "text/plain", Charset: "utf-8", Size: int64(len(l.text)), SHA256: digest.Of([]byte(l.text))}},
		Received: []trace.Received{
			{From: trace.Host{Name: "out.stamping.example", HELO: "out.stamping.example", Reverse: "edge-7.stamping.example", IP: netip.MustParseAddr("192.0.2.25")}, By: trace.Host{Name: "mx.stamping.example", Software: "Postfix"}, With: "ESMTPS", ID: "4Z9q1", For: "tom@stamping.example", Time: &arrived, DelaySeconds: &took, TLS: "TLSv1.3 AES_256", EnvelopeFrom: "mara@stamping.example"},
			{From: trace.Host{Name: "desk-12.stamping.example", IP: netip.MustParseAddr("198.51.100.7"), IPText: "[198.51.100.7]"}, By: trace.Host{Name: "out.stamping.example"}, Via: "intranet", With: "ESMTPSA", Time: sent, AuthenticatedAs: "mara", Private: true, Notes: []string{"clock runs backwards by 1s"}},
		},
	}
	sum := digest.Of([]byte(l.text + l.subject))
	r.Digests = evidence.Digests{Raw: sum, Message: sum, Canonical: digest.Of([]byte("c" + l.text)), Header: digest.Of([]byte("h" + l.text)), Body: digest.Of([]byte(l.text)), Content: digest.Of([]byte("x" + l.text))}
	mih := "9b2f1c0d5e6a7b8c9d0e1f2a3b4c5d6e"
	r.Digests.EDRMMIH = &mih
	for _, name := range l.to {
		r.To = append(r.To, box(name))
	}
	for _, name := range l.cc {
		r.Cc = append(r.Cc, box(name))
	}
	if l.answers > 0 {
		r.InReplyTo = []string{fmt.Sprintf("<%d@stamping.example>", l.answers)}
		r.References = r.InReplyTo
	}
	for _, f := range [][2]string{{"Received", "from out.stamping.example (edge-7.stamping.example [192.0.2.25])\r\n\tby mx.stamping.example (Postfix) with ESMTPS id 4Z9q1"}, {"From", box(l.from).Address}, {"Subject", l.subject}, {"Date", r.Date.Raw}, {"Message-ID", r.MessageID}} {
		r.Header = append(r.Header, evidence.HeaderField{Name: f[0], Raw: f[0] + ": " + f[1] + "\r\n"})
	}
	r.Authentication = evidence.Authentication{
		Recorded: []authres.Field{{Raw: "mx.stamping.example; dkim=pass", AuthServID: "mx.stamping.example", Trusted: n%2 == 1, Results: []authres.Result{
			{Method: "dkim", Value: "pass", Reason: "good signature", Comment: "2048 bit", Properties: authres.Properties{{Type: "header", Name: "d", Value: "stamping.example"}}},
		}}},
		DKIM: []dkim.Signature{{
			Domain: "stamping.example", Selector: "k1", Algorithm: "rsa-sha256", Canonicalization: "relaxed/relaxed", SignedFields: []string{"from", "to", "date", "subject"}, UnsignedFields: []string{"cc"},
			BodyHash: dkim.Match, Signature: dkim.Valid, Key: dkim.Key{Origin: dkim.OriginFile, Record: "v=DKIM1; p=…", Bits: 2048, RetrievedAt: at("2025-06-30T08:00:00Z"), Name: "k1._domainkey.stamping.example"},
			Policy: []string{dkim.PolicyExpired}, SignedAt: sent, Aligned: true, Kind: dkim.DKIM,
			Summary: "The mail service of stamping.example signed these header fields and this body.",
		}},
		ARC: evidence.ARC{Chain: evidence.ARCNone},
		SPF: []evidence.RecordedResult{{Value: "pass", Reason: "designated", Field: "Received-SPF", Server: "mx.stamping.example", Properties: authres.Properties{{Type: "smtp", Name: "mailfrom", Value: "stamping.example"}}}},
	}
	return r
}

// enrich gives single messages what not every message has.
func enrich(r []*evidence.Record) {
	r[0].Copies = []evidence.Copy{{Class: evidence.CopyIdentical, Origin: source.Origin{Source: "export/press4.mbox", Offset: 44000, Length: 4211, EnvelopeLine: "From - Mon Mar  3 08:12:44 2025", Flags: "RS"}}}
	r[1].Defects = []message.Defect{{Kind: message.BareCR, Detail: "a carriage return alone", Offset: 1204}}
	r[2].Authentication.DKIM[0].BodyHash, r[2].Authentication.DKIM[0].Signature = dkim.Mismatch, dkim.Invalid
	r[2].Authentication.DKIM[0].Why, r[2].Authentication.DKIM[0].Notes = "a footer was added below the text", []string{"the list lists.example added it"}
	length := int64(120)
	r[2].Authentication.DKIM[0].BodyLength, r[2].Authentication.DKIM[0].Oversigned = &length, []string{"reply-to"}
	r[2].Authentication.DKIM[0].KeyAlternatives = []dkim.Key{{Origin: dkim.OriginDNS}}
	r[4].Authentication.Recorded = []authres.Field{{AuthServID: "mx.stamping.example", Notes: []string{"no results"}}}
	r[2].Authentication.DKIM[0].Identity = "@stamping.example"
	r[2].Authentication.DMARC = []evidence.RecordedResult{{Value: "fail", Field: "X-DMARC", Server: "mx.stamping.example", Reason: "policy none"}}
	r[2].Authentication.ARC = evidence.ARC{Chain: evidence.ARCUnchecked, Why: "no key at hand", Sets: []authres.ARCSet{{Instance: 1, CV: "none", Domain: "lists.example", Selector: "arc", Time: at("2025-03-04T07:02:12Z")}}}
	r[3].Date = evidence.Date{Raw: r[3].Date.Raw, Time: r[3].Date.Time, Notes: []string{"the day of the week does not fit"}}
	r[3].Sender, r[3].ReplyTo, r[3].Bcc = []message.Address{box(ines)}, []message.Address{box(ines)}, []message.Address{{Name: "Counsel", Address: "counsel@law.example"}}
	r[4].TextSource = "text/html"
	r[5].Date = evidence.Date{Raw: "yesterday"}
	r[6].Header = append(r[6].Header, evidence.HeaderField{Name: "X-Old", Raw: "X-Old: caf\ufffd\r\n", RawBase64: "WC1PbGQ6IGNhZukNCg=="})
	r[6].Received[1].From = trace.Host{Text: "unknown (HELO x)", User: "root"}
	inner := exhibit(3, letters()[2])
	inner.Exhibit, inner.File, inner.Origin, inner.Thread = 0, "", source.Origin{}, ""
	r[7].Nested = []evidence.Nested{{Part: "2", Record: inner}}
	r[7].Parts = append(r[7].Parts,
		message.Part{Path: "2", ContentType: "message/rfc822", Disposition: "attachment", Filename: "4. März.eml", Size: 2210, SHA256: digest.Of([]byte("inner"))},
		message.Part{Path: "3", ContentType: "application/pdf", Disposition: "attachment", Filename: "Gefährdungsbeurteilung.pdf", Size: 88123, SHA256: digest.Of([]byte("pdf"))})
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return z
}

// messages gives the records of a dossier.
func messages(t testing.TB, d *dossier.Dossier) []*evidence.Record {
	t.Helper()
	var out []*evidence.Record
	for r, err := range d.Messages {
		require.NoError(t, err)
		out = append(out, r)
	}
	return out
}

func sequence(records []*evidence.Record) iter.Seq2[*evidence.Record, error] {
	return func(yield func(*evidence.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
