package pdf

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// The invented story: a press whose light curtain was taken out to gain seconds, and who was told what that means.

var start = time.Date(2031, 3, 3, 8, 12, 0, 0, time.FixedZone("", 3600))

func at(hours float64) *time.Time {
	t := start.Add(time.Duration(hours * float64(time.Hour)))
	return &t
}

func address(name, addr string) message.Address { return message.Address{Name: name, Address: addr} }

var (
	mira  = address("Mira Falk", "mira.falk@press.example")
	tom   = address("Tom Oduya", "tom.oduya@press.example")
	carl  = address("Carl Voss", "carl.voss@press.example")
	ines  = address("Inés Prado", "ines.prado@safety.example")
	legal = address("", "legal@press.example")
)

// mail is what the story says of one message.
type mail struct {
	hours   float64
	from    message.Address
	to, cc  []message.Address
	subject string
	text    string
}

// said marks a sentence of a message.
type said struct {
	exhibit int
	quote   string
	acts    []notice.Act
	origin  notice.Origin
	topic   string
}

func record(n int, m mail) *evidence.Record {
	raw := fmt.Appendf(nil, "%d%s%s", n, m.subject, m.text)
	sent := at(m.hours)
	received := at(m.hours + 0.01)
	mih := "0123456789abcdef0123456789abcdef"
	delay := 4.0
	r := &evidence.Record{
		Exhibit: n, File: fmt.Sprintf("data/messages/%04d.eml", n), Origin: source.Origin{Source: "inbox.mbox", Offset: int64(n) * 5000, Length: 4321},
		MessageID: fmt.Sprintf("<m%d@press.example>", n), Subject: m.subject, From: []message.Address{m.from}, To: m.to, Cc: m.cc,
		Date:     evidence.Date{Raw: sent.Format(time.RFC1123Z), Time: sent},
		Recorded: evidence.Instant{Time: received, Basis: evidence.BasisTrace}, Thread: "t1", Size: int64(len(raw)), Text: m.text, TextSource: "text/plain",
		Digests: evidence.Digests{Raw: digest.Of(raw), Message: digest.Of(raw), Canonical: digest.Of(raw), Header: digest.Of(raw), Body: digest.Of(raw), Content: digest.Of(raw), EDRMMIH: &mih},
	}
	if n > 1 {
		r.InReplyTo = []string{fmt.Sprintf("<m%d@press.example>", n-1)}
	}
	for i := range 6 {
		when := received.Add(-time.Duration(i) * 4 * time.Second)
		r.Received = append(r.Received, trace.Received{
			From: trace.Host{Name: fmt.Sprintf("mx%d.press.example", i+1), IP: netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", i+1))},
			By:   trace.Host{Name: fmt.Sprintf("mx%d.press.example", i)}, With: "ESMTPS", ID: fmt.Sprintf("4Xy%dkq2Zz", i), For: m.from.Address, Time: &when, DelaySeconds: &delay,
		})
	}
	r.Received[5].DelaySeconds = nil
	for _, f := range [][2]string{
		{"Received", "from mx1.press.example (mx1.press.example [192.0.2.1])\r\n\tby mx0.press.example (Postfix) with ESMTPS id 4Xy0kq2Zz\r\n\tfor <carl.voss@press.example>; " + received.Format(time.RFC1123Z)},
		{"DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=press.example; s=k1;\r\n\th=from:to:subject:date:message-id;\r\n\tbh=" + strings.Repeat("Ab3", 14) + "=;\r\n\tb=" + strings.Repeat("Zx9Kq", 50)},
		{"From", mailbox(m.from)}, {"Subject", m.subject}, {"Date", sent.Format(time.RFC1123Z)}, {"Message-ID", r.MessageID}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"},
	} {
		r.Header = append(r.Header, evidence.HeaderField{Name: f[0], Raw: f[0] + ": " + f[1] + "\r\n"})
	}
	r.Authentication = evidence.Authentication{
		DKIM: []dkim.Signature{{Domain: "press.example", Selector: "k1", Algorithm: "rsa-sha256", Canonicalization: "relaxed/relaxed", SignedFields: []string{"from", "to", "subject", "date", "message-id"},
			UnsignedFields: []string{"cc", "reply-to"}, BodyHash: dkim.Match, Signature: dkim.Valid, Key: dkim.Key{Origin: dkim.OriginSnapshot, Bits: 2048, RetrievedAt: at(m.hours), Name: "k1._domainkey.press.example"},
			Policy: []string{"to-unsigned"}, SignedAt: sent, Aligned: true, Summary: "press.example signed this body and these header fields; the signature holds"}},
		Recorded: []authres.Field{
			{AuthServID: "mx0.press.example", Trusted: true, Results: []authres.Result{{Method: "dkim", Value: "pass", Properties: authres.Properties{{Type: "header", Name: "d", Value: "press.example"}}}, {Method: "spf", Value: "pass", Properties: authres.Properties{{Type: "smtp", Name: "mailfrom", Value: "press.example"}}}}},
			{AuthServID: "elsewhere.example", Results: []authres.Result{{Method: "dmarc", Value: "pass", Reason: "says so itself"}}},
		},
		SPF: []evidence.RecordedResult{{Value: "pass", Field: "Authentication-Results", Server: "mx0.press.example", Trusted: true}},
		ARC: evidence.ARC{Chain: evidence.ARCNone},
	}
	r.Parts = []message.Part{{Path: "1", ContentType: "text/plain", Charset: "utf-8", Size: int64(len(m.text)), SHA256: digest.Of([]byte(m.text))}}
	return r
}

// story builds a dossier of the given messages and marked sentences.
func story(mails []mail, marks []said) *dossier.Dossier {
	var records []*evidence.Record
	for i, m := range mails {
		records = append(records, record(i+1, m))
	}
	d := &dossier.Dossier{Schema: dossier.Schema, GeneratedAt: time.Date(2031, 7, 1, 9, 30, 0, 0, time.UTC), ClockBasis: "machine", Tool: dossier.Tool{Name: "onrecord", Version: "0.1"},
		Case:  dossier.Case{Title: "Press 4: removal of the light curtain", Reference: "2031-017", PreparedBy: "Works council"},
		Count: len(records), Messages: over(records, nil),
		Ledger: dossier.Ledger{Found: len(records) + 2, Kept: len(records), Duplicate: 1, Excluded: 1},
		Keys:   dossier.KeySummary{Signatures: len(records), Checked: len(records) - 1, Missing: []string{"old._domainkey.safety.example"}},
	}
	d.Sources = []dossier.Source{{Path: "inbox.mbox", File: "data/sources/inbox.mbox", Format: "mbox", Variant: "mboxrd", VariantWhy: "two lines that start with >>From lost one > each", Size: 123456, SHA256: digest.Of([]byte("inbox")), ModifiedAt: at(900), Ledger: d.Ledger, Exporter: "Thunderbird", Notes: []string{"one message without a header"}}}
	for i, a := range []message.Address{mira, tom, carl, ines, legal} {
		d.People = append(d.People, people.Person{ID: fmt.Sprint("p", i+1), Name: a.Name, Addresses: []string{a.Address}, Names: []string{a.Name}, Kind: people.Human})
	}
	d.People[0].Role, d.People[2].Role = "safety engineer", "plant manager"
	d.People[1].Addresses = append(d.People[1].Addresses, "t.oduya@home.example")
	d.People[1].MergedBecause = []string{"both addresses stand under the name in the case file"}
	id := func(a message.Address) string {
		for _, p := range d.People {
			if p.Addresses[0] == a.Address {
				return p.ID
			}
		}
		return ""
	}
	d.Threads = []thread.Thread{{ID: "t1", Subject: mails[0].subject, Missing: []thread.Missing{{MessageID: "<lost@press.example>", CitedBy: []int{2, 3}}}}}
	for i, r := range records {
		d.Threads[0].Exhibits = append(d.Threads[0].Exhibits, i+1)
		d.Timeline = append(d.Timeline, notice.Entry{At: r.Date.Time, Basis: evidence.BasisOrigination, Kind: notice.KindMessage, Exhibit: i + 1, Text: r.Subject})
	}
	for i, s := range marks {
		r := records[s.exhibit-1]
		before, _, found := strings.Cut(r.Text, s.quote)
		if !found {
			panic("no such words: " + s.quote)
		}
		from := utf8.RuneCountInString(before)
		st := notice.Statement{ID: fmt.Sprint("s", i+1), Exhibit: s.exhibit, Author: id(r.From[0]), At: r.Date.Time, Basis: evidence.BasisOrigination, Acts: s.acts, Text: s.quote,
			Span: [2]int{from, from + utf8.RuneCountInString(s.quote)}, Language: "en", Topic: s.topic, Rule: "en-warn-1", Why: "“danger”, “must not”", Confidence: 0.82, Origin: s.origin}
		for _, a := range append(append([]message.Address{}, r.To...), r.Cc...) {
			st.Addressees = append(st.Addressees, id(a))
		}
		d.Statements = append(d.Statements, st)
		d.Timeline = append(d.Timeline, notice.Entry{At: st.At, Basis: st.Basis, Kind: notice.EntryKind(s.acts[0]), Exhibit: s.exhibit, Statement: st.ID, Text: s.quote})
		if s.acts[0] == notice.Warning && s.origin != notice.Rejected {
			for k, p := range append([]string{st.Author}, st.Addressees...) {
				kind := notice.Addressed
				if k == 0 {
					kind = notice.Authored
				}
				d.Notices = append(d.Notices, notice.Notice{Statement: st.ID, Person: p, FirstAt: st.At, Evidence: []notice.Evidence{{Kind: kind, Exhibit: s.exhibit, At: st.At, Basis: st.Basis, Why: "named in To"}, {Kind: notice.Replied, Exhibit: min(s.exhibit+1, len(records)), At: at(30), Why: "answers it"}}})
			}
		}
	}
	return d
}

func over(records []*evidence.Record, failure error) iter.Seq2[*evidence.Record, error] {
	return func(yield func(*evidence.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
		if failure != nil {
			yield(nil, failure)
		}
	}
}

// sample is the plain story: five warnings, a drop, an incident, a denial.
func sample() *dossier.Dossier {
	mails := []mail{
		{0, mira, []message.Address{carl, tom}, []message.Address{ines}, "Light curtain on press 4", "Carl, Tom,\n\nsince Monday press 4 runs without its light curtain. If someone reaches in while the ram comes down, they will lose a hand. Please put it back before the night shift.\n\nThe curtain costs us four seconds a stroke, I know. That is what it is for.\n\nRegards\nMira\n"},
		{5, carl, []message.Address{mira}, nil, "Re: Light curtain on press 4", "Mira,\n\nthe order has to go out by Friday. Leave it as it is until then.\n\n> since Monday press 4 runs without its light curtain. If someone\n> reaches in while the ram comes down, they will lose a hand.\n\nCarl\n"},
		{29, mira, []message.Address{carl, tom}, []message.Address{ines, legal}, "Re: Re: Light curtain on press 4", "Carl,\n\nI must warn you again: running the press like this is dangerous and against the operating permit. I have measured the stopping time:\n\n  Run      with curtain    without\n  1        0.21 s          0.64 s\n  2        0.22 s          0.61 s\n\nI ask you to stop the machine.\n\nMira\n"},
		{53, ines, []message.Address{carl}, []message.Address{mira, legal}, "Permit of press 4", "Dear Mr Voss,\n\nplease note that the permit lapses as soon as the guard is removed. An accident would be on you alone.\n\nInés Prado\n"},
		{200, tom, []message.Address{carl}, nil, "night shift", "Boss, two of the night shift told me they will not work on it any more. Somebody will get hurt.\n\nTom\n"},
		{700, tom, []message.Address{mira, carl, legal}, nil, "Accident on press 4", "At 02:40 Jan Reimers was caught by the ram of press 4. He is in hospital.\n\nTom\n"},
		{724, carl, []message.Address{legal}, nil, "Statement", "For the record: nobody ever told me that the curtain was missing. I was not aware of any danger.\n\nCarl Voss\n"},
	}
	marks := []said{
		{1, "If someone reaches in while the ram comes down, they will lose a hand.", []notice.Act{notice.Warning}, notice.Marked, "light curtain of press 4"},
		{1, "Please put it back before the night shift.", []notice.Act{notice.Request}, notice.Suggested, "light curtain"},
		{2, "Leave it as it is until then.", []notice.Act{notice.Order}, notice.Suggested, ""},
		{3, "I must warn you again: running the press like this is dangerous and against the operating permit.", []notice.Act{notice.Warning}, notice.Suggested, "operating permit"},
		{4, "please note that the permit lapses as soon as the guard is removed.", []notice.Act{notice.Warning, notice.Notification}, notice.Suggested, "permit"},
		{4, "An accident would be on you alone.", []notice.Act{notice.Warning, notice.Threat}, notice.Rejected, ""},
		{5, "Somebody will get hurt.", []notice.Act{notice.Warning}, notice.Suggested, "night shift"},
		{6, "At 02:40 Jan Reimers was caught by the ram of press 4.", []notice.Act{notice.Incident}, notice.Suggested, "accident"},
		{7, "nobody ever told me that the curtain was missing.", []notice.Act{notice.Denial}, notice.Suggested, "light curtain"},
	}
	d := story(mails, marks)
	d.Recipients = []notice.RecipientChange{{Exhibit: 2, ComparedTo: 1, Dropped: []string{"p2", "p4"}, Headline: "replied to Mira Falk alone, 2 recipients dropped"}}
	d.Contradictions = []notice.Contradiction{{Statement: "s9", Person: "p3", Against: []string{"s1", "s4", "s5", "s7"}, Why: "the author was a recipient of each of these messages"}}
	d.Timeline = append(d.Timeline, notice.Entry{At: at(-72), Kind: notice.KindEvent, Basis: evidence.BasisCase, Text: "Curtain dismounted"})
	slices.SortStableFunc(d.Timeline, func(a, b notice.Entry) int { return compareTimes(a.At, b.At) })
	return d
}

// hostile is a message that holds what breaks typesetters.
func hostile() *dossier.Dossier {
	d := sample()
	var records []*evidence.Record
	for r := range d.Messages {
		records = append(records, r)
	}
	bad := records[1]
	bad.Subject = "\x1b[31mred\x07 \U0001F4A3 " + strings.Repeat("subject", 60) + "\xff"
	bad.To = nil
	for i := range 300 {
		bad.To = append(bad.To, address(fmt.Sprintf("Recipient %03d", i), fmt.Sprintf("r%03d@many.example", i)))
	}
	bad.Text = "Control: \x00\x07\x1b[2J end\nAstral: \U0001F600 \U0001F4A9 and CJK 中文字\nNowhere: \ue123\u0378\nPiles: a" + strings.Repeat("\u0301\u0323", 60) + "z\nInvalid: \xff\xfe\xe9 end\nToken: " + strings.Repeat("0123456789", 1000) +
		"\n<script>alert('x')</script><b>bold</b> {nb} (paren\\theses)\nHebrew: שלום עולם 123 abc (סוף)\nمرحبا بالعالم 2031 لا إله\nBidi \u202Eevil\u202C override \uFEFF\n" +
		"Combining: e\u0301 a\u0308 n\u0303\nGreek Ελληνικά Cyrillic Кириллица\n" + strings.Repeat(" ", 500) + "after spaces\n" + strings.Repeat(">", 60) + " deep quote\ttab\n" + strings.Repeat("line\n", 150)
	bad.Header = append(bad.Header, evidence.HeaderField{Name: "X-Bad", Raw: "X-Bad: \uFFFD\r\n", RawBase64: "WC1CYWQ6IOkHDQo="}, evidence.HeaderField{Raw: "a line that is no field\n"},
		evidence.HeaderField{Name: "X-Long", Raw: "X-Long: " + strings.Repeat("y", 5000) + "\r\n"})
	bad.Parts = append(bad.Parts, message.Part{Path: "2", ContentType: "application/x-msdownload", Disposition: "attachment", Filename: "../../" + strings.Repeat("very-long-name", 30) + "\u202Efdp.exe", Size: 1 << 40, SHA256: digest.Of(nil)})
	bad.Defects = []message.Defect{{Kind: message.NULByte, Detail: "3 NUL octets", Offset: 17}, {Kind: message.CharsetInvalid, Detail: strings.Repeat("bad ", 200), Offset: 99}}
	inner := record(0, mail{1, ines, []message.Address{mira}, nil, "Fwd: inner", "An inner warning: this is dangerous.\nBye\n"})
	inner.Nested = []evidence.Nested{{Part: "2", Record: record(0, mail{1, ines, nil, nil, "", ""})}}
	bad.Nested = []evidence.Nested{{Part: "3", Record: inner}}
	d.Statements = append(d.Statements, notice.Statement{ID: "s10", Exhibit: 2, Part: "3", Acts: []notice.Act{notice.Warning}, Text: "An inner warning: this is dangerous.", Span: [2]int{0, 36}, Origin: notice.Suggested},
		notice.Statement{ID: "s11", Exhibit: 2, Acts: []notice.Act{notice.Warning}, Text: "beyond", Span: [2]int{5, 1 << 30}, Origin: notice.Suggested},
		notice.Statement{ID: "s12", Exhibit: 2, Acts: []notice.Act{notice.Denial}, Span: [2]int{-5, 3}, Origin: "new"},
		notice.Statement{ID: "s13", Exhibit: 99, Acts: []notice.Act{"new-act"}, Span: [2]int{9, 3}})
	d.Case.Title = "Case \U0001F6A8 with \x1b]0;title\x07 " + strings.Repeat("unbroken", 60)
	return d
}

// shelf keeps the volumes that Write makes.
type shelf struct{ volumes []*bytes.Buffer }

type volume struct{ *bytes.Buffer }

func (volume) Close() error { return nil }

func (s *shelf) create(n int) (io.WriteCloser, error) {
	if n != len(s.volumes)+1 {
		return nil, fmt.Errorf("volume %d after %d", n, len(s.volumes))
	}
	s.volumes = append(s.volumes, &bytes.Buffer{})
	return volume{s.volumes[n-1]}, nil
}

var sampleOptions = Options{Zone: time.FixedZone("CET", 3600), EvidenceDigest: digest.Of([]byte("sample")).String(), Version: "0.1"}
