package evidence

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/dkim"
	"onrecord/pkg/message"
	"onrecord/pkg/remark"
	"onrecord/pkg/smime"
)

// sentenceKinds lists the sentences of a list of findings.
func sentenceKinds(list []Finding) string {
	var out []string
	for _, f := range list {
		for _, r := range f.Text {
			out = append(out, r.Kind)
		}
		if f.Against {
			out = append(out, "!")
		}
	}
	return strings.Join(out, " ")
}

// What a reader is told of the origin depends on how a signature of that domain stands; states that differ never read alike.
func TestStandingOfTheOrigin(t *testing.T) {
	at := func(domain string, aligned bool, body dkim.BodyHash, v dkim.Verdict, remarks ...string) dkim.Signature {
		s := dkim.Signature{Domain: domain, Aligned: aligned, BodyHash: body, Signature: v, Key: dkim.Key{Name: "s._domainkey." + domain, Record: "p="}, Summary: "told"}
		if v == dkim.Unchecked {
			s.Key.Record = ""
		}
		for _, r := range remarks {
			s.Remarks = append(s.Remarks, remark.Remark{Kind: r})
		}
		return s
	}
	part := at("a.example", true, dkim.Match, dkim.Valid)
	part.UnsignedFields = []string{"to", "subject", "mime-version"}
	other := at("a.example", true, dkim.Match, dkim.Valid)
	other.UnsignedFields = []string{"subject", "date"}
	for _, c := range []struct {
		name                       string
		dkim                       []dkim.Signature
		established, claimed, open string
	}{
		{"holds", []dkim.Signature{at("a.example", true, dkim.Match, dkim.Valid)}, "summary", "", ""},
		{"holds, and does not cover all", []dkim.Signature{part}, "summary", "not-covered", ""},
		{"two hold", []dkim.Signature{part, other}, "summary summary", "not-covered", ""},
		{"of another domain", []dkim.Signature{at("list.example", false, dkim.Match, dkim.Valid)}, "summary", "tie-other", ""},
		{"key vanished", []dkim.Signature{at("a.example", true, dkim.Match, dkim.Unchecked)}, "", "tie-open", "summary no-sign-of-forgery"},
		{"key vanished, body changed", []dkim.Signature{at("a.example", true, dkim.Mismatch, dkim.Unchecked)}, "summary !", "tie-broken", "signature-itself no-sign-of-forgery"},
		{"changed by a list", []dkim.Signature{at("a.example", true, dkim.Mismatch, dkim.Invalid, "body-fits/footer", "header-fits/subject-mark")}, "summary", "changes-unsigned", ""},
		{"changed by a list, which signed", []dkim.Signature{at("list.example", false, dkim.Match, dkim.Valid), at("a.example", true, dkim.Mismatch, dkim.Valid, "body-fits/footer")}, "summary summary", "changes-signed-by", ""},
		{"changed, and half of it explained", []dkim.Signature{at("a.example", true, dkim.Mismatch, dkim.Invalid, "body-fits/footer", "other-key")}, "summary !", "tie-broken", "earlier-key"},
		{"another key since", []dkim.Signature{at("a.example", true, dkim.Match, dkim.Invalid, "other-key")}, "summary", "tie-broken", "earlier-key"},
		{"a field changed", []dkim.Signature{at("a.example", true, dkim.Match, dkim.Invalid, "header-unexplained-own-key")}, "summary !", "tie-broken", ""},
		{"never signed", nil, "", "tie-none", "unsigned"},
	} {
		r := &Record{From: []message.Address{{Address: "ada@a.example"}}}
		r.Authentication.DKIM = c.dkim
		s := r.Standing()
		assert.Equal(t, []string{c.established, c.claimed, c.open}, []string{sentenceKinds(s.Established), sentenceKinds(s.Claimed), sentenceKinds(s.Open)}, c.name)
	}
	r := &Record{From: []message.Address{{Address: "ada@a.example"}}}
	r.Authentication.DKIM = []dkim.Signature{part, other}
	assert.Equal(t, "Subject: not covered by the signature that holds", r.Standing().Claimed[0].Text.String(), "what one of them covers is covered")
	r.Authentication.DKIM = nil
	r.Authentication.Signatures = []smime.Signature{{Kind: smime.SMIME, Signature: smime.Valid, Digest: smime.Match, Aligned: true, Chain: smime.TrustUnchecked, Summary: "told"}}
	s := r.Standing()
	assert.Equal(t, "summary / not-covered / issuer", sentenceKinds(s.Established)+" / "+sentenceKinds(s.Claimed)+" / "+sentenceKinds(s.Open))
}

// What a spam filter noted is a claim, unless the receiver wrote it where nobody else can; other servers' copies of results are claims wherever they stand.
func TestStandingOfOtherRecords(t *testing.T) {
	const spam = "X-Spam-Checker-Version: SpamAssassin 3.4.6 (2021-04-09) on mx.corp.example\nX-Spam-Status: No, score=-2.1 required=5.0 tests=DKIM_VALID,SPF_PASS autolearn=ham\n"
	const hop = "Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n"
	const older = "Received: from desk (localhost [127.0.0.1]) by out.sender.example with ESMTPA id 3; Mon, 2 Mar 2026 08:00:01 +0000\n"
	for _, c := range []struct {
		name, header string
		trusted      bool
		text         string
	}{
		{"above the boundary", spam + hop + older, true, "recorded when the mail came in: dkim=pass (DKIM_VALID), spf=pass (SPF_PASS)"},
		{"below it", hop + older + spam, false, "results in the name of mx.corp.example (X-Spam-Status), claimed by the message itself: dkim=pass (DKIM_VALID), spf=pass (SPF_PASS)"},
		{"above, in nobody's name", "X-Spam-Status: No, score=1 tests=SPF_PASS\n" + hop + older, false, "results in the name of a server that is not named (X-Spam-Status), claimed by the message itself: spf=pass (SPF_PASS)"},
		{"above, in another's name", strings.ReplaceAll(spam, "corp.example", "other.example") + hop + older, false, "results in the name of mx.other.example (X-Spam-Status), claimed by the message itself: dkim=pass (DKIM_VALID), spf=pass (SPF_PASS)"},
		{"Exchange's copy", "X-MS-Exchange-Authentication-Results: spf=pass smtp.mailfrom=a@sender.example\n" + hop + older, false,
			"results in the name of a server that is not named (X-MS-Exchange-Authentication-Results), claimed by the message itself: spf=pass (a@sender.example)"},
	} {
		r := examineWith(t, newExaminer(), c.header+"From: a@sender.example\nDate: Mon, 2 Mar 2026 08:00:00 +0000\n\nhello\n")
		if assert.Len(t, r.Authentication.Recorded, 1, c.name) {
			assert.Equal(t, c.trusted, r.Authentication.Recorded[0].Trusted, c.name)
		}
		assert.NotEmpty(t, r.Authentication.SPF, c.name)
		s := r.Standing()
		list := s.Claimed
		if c.trusted {
			list = s.Established
		}
		assert.Equal(t, c.text, list[0].Text.String(), c.name)
	}
	// A filter that says nothing of authentication is no finding on it.
	r := examineWith(t, newExaminer(), "X-Spam-Status: Yes, score=9 required=5 tests=BAYES_99\n"+hop+"From: a@sender.example\n\nhello\n")
	assert.Len(t, r.Authentication.Recorded, 1)
	assert.Equal(t, "tie-none", sentenceKinds(r.Standing().Claimed))
}
