package trace_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/trace"
)

// brief writes what was read in one line, leaving out what is empty.
func brief(r trace.Received) string {
	var b strings.Builder
	add := func(key, value string) {
		if value != "" {
			b.WriteString(" " + key + "=" + value)
		}
	}
	host := func(key string, h trace.Host) {
		add(key, h.Name)
		add(key+".helo", h.HELO)
		add(key+".reverse", h.Reverse)
		if h.IP.IsValid() {
			add(key+".ip", h.IP.String())
		}
		add(key+".user", h.User)
		add(key+".software", h.Software)
	}
	host("from", r.From)
	host("by", r.By)
	add("via", r.Via)
	add("with", r.With)
	add("id", r.ID)
	add("for", r.For)
	add("tls", r.TLS)
	add("sender", r.EnvelopeFrom)
	add("auth", r.AuthenticatedAs)
	if r.Time != nil {
		add("time", r.Time.Format(time.RFC3339Nano))
	}
	add("#", strings.Join(r.Notes, " · "))
	return strings.TrimSpace(b.String())
}

const date = " Wed, 15 Jul 2026 08:09:10 +0200"
const read = " time=2026-07-15T08:09:10+02:00"

func TestParseReceived(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		// RFC 5321 appendix D and §4.4.
		{"RFC 5321 D.3", " from bar.com by foo.com ; Thu, 21 May 1998\r\n    05:33:29 -0700", "from=bar.com by=foo.com time=1998-05-21T05:33:29-07:00"},
		{"RFC 5322 A.4", "\n   from x.y.test\n   by example.net\n   via TCP\n   with ESMTP\n   id ABC12345\n   for <mary@example.net>;  21 Nov 1997 10:05:43 -0600", "from=x.y.test by=example.net via=TCP with=ESMTP id=ABC12345 for=mary@example.net time=1997-11-21T10:05:43-06:00"},
		{"extended domain", " from a.example (rev.a.example [192.0.2.1]) by b.example via TCP with ESMTP id 1 for <c@b.example>;" + date, "from=a.example from.helo=a.example from.reverse=rev.a.example from.ip=192.0.2.1 by=b.example via=TCP with=ESMTP id=1 for=c@b.example" + read},

		{"Postfix", " from helo.example (rev.example [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n\t(No client certificate requested)\r\n\t(Authenticated sender: joe@a.example)\r\n\tby mx.b.example (Postfix) with ESMTPSA id 4ABC\r\n\tfor <x@b.example>;" + date + " (CEST)",
			"from=helo.example from.helo=helo.example from.reverse=rev.example from.ip=192.0.2.1 by=mx.b.example by.software=Postfix with=ESMTPSA id=4ABC for=x@b.example tls=TLSv1.3 TLS_AES_256_GCM_SHA384 auth=joe@a.example" + read},
		{"Postfix, IPv6", " from h.example (unknown [IPv6:2001:db8::25]) by mx.b.example (Postfix) with ESMTP id 4;" + date, "from=h.example from.helo=h.example from.ip=2001:db8::25 by=mx.b.example by.software=Postfix with=ESMTP id=4" + read},
		{"Postfix, local", " by mx.b.example (Postfix, from userid 1000)\n\tid 4;" + date, "from.user=userid 1000 by=mx.b.example by.software=Postfix id=4" + read},
		{"Exim", " from [192.0.2.3] (port=51234 helo=[10.0.0.27]) by mx.b.example with esmtpsa (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <a@a.example>) id 1kABC-0001-2X for x@b.example;" + date,
			"from.helo=[10.0.0.27] from.ip=192.0.2.3 by=mx.b.example by.software=Exim 4.96 with=esmtpsa id=1kABC-0001-2X for=x@b.example tls=TLS1.3 TLS_AES_256_GCM_SHA384 sender=a@a.example" + read},
		{"Exim, looked up", " from rev.example ([192.0.2.3]:4711 helo=h.example ident=joe) by mx.b.example with esmtps (TLSv1.2:ECDHE-RSA-AES128-GCM-SHA256:128) (Exim 4.91) id 1k;" + date,
			"from=rev.example from.helo=h.example from.reverse=rev.example from.ip=192.0.2.3 from.user=joe by=mx.b.example by.software=Exim 4.91 with=esmtps id=1k tls=TLSv1.2:ECDHE-RSA-AES128-GCM-SHA256:128" + read},
		{"Exim, local", " from joe by mx.b.example with local (Exim 4.91) id 1k;" + date, "from=joe by=mx.b.example by.software=Exim 4.91 with=local id=1k" + read},
		{"sendmail", " from h.example (IDENT:joe@rev.example [192.0.2.1] (may be forged)) by mx.b.example (8.15.2/8.15.2/Debian-18) with ESMTP id x6 (version=TLSv1/SSLv3 cipher=AES256-SHA bits=256 verify=NO) for <x@b.example>;" + date,
			"from=h.example from.helo=h.example from.reverse=rev.example from.ip=192.0.2.1 from.user=joe by=mx.b.example by.software=8.15.2/8.15.2/Debian-18 with=ESMTP id=x6 for=x@b.example tls=TLSv1/SSLv3 AES256-SHA" + read + " #=the server notes: may be forged"},
		{"sendmail, local", " (from joe@localhost)\n\tby mx.b.example (8.15.2/8.15.2/Submit) id x6;" + date, "from=localhost from.reverse=localhost from.user=joe by=mx.b.example by.software=8.15.2/8.15.2/Submit id=x6" + read},
		{"qmail", " from unknown (HELO h.example) (joe@192.0.2.1)\n  by mx.b.example with SMTP; 15 Jul 2026 06:09:10 -0000", "from=unknown from.helo=h.example from.ip=192.0.2.1 from.user=joe by=mx.b.example with=SMTP time=2026-07-15T06:09:10Z"},
		{"qmail, queue", " (qmail 1234 invoked by uid 89); 15 Jul 2026 06:09:10 -0000", "from.user=uid 89 by.software=qmail time=2026-07-15T06:09:10Z #=a line of qmail itself, which names no host"},
		{"qmail-ldap", " (qmail 1234 messnum 5 invoked from network[192.0.2.1/rev.example]); 15 Jul 2026 06:09:10 -0000", "from=rev.example from.reverse=rev.example from.ip=192.0.2.1 by.software=qmail time=2026-07-15T06:09:10Z #=a line of qmail itself, which names no host"},
		{"Microsoft 365", " from AA.prod.example (2001:db8:1::11) by BB.prod.example\r\n (2001:db8:2::13) with Microsoft SMTP Server (version=TLS1_2,\r\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.3433.34 via Frontend\r\n Transport;" + date,
			"from=AA.prod.example from.helo=AA.prod.example from.ip=2001:db8:1::11 by=BB.prod.example by.ip=2001:db8:2::13 via=Frontend Transport with=Microsoft SMTP Server id=15.20.3433.34 tls=TLS1_2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" + read},
		{"Exchange, mapi", " from AA.example ([fe80::1039%3]) by AA.example ([fe80::1039%3]) with mapi id 15.20.1835.010;" + date, "from=AA.example from.helo=AA.example from.ip=fe80::1039 by=AA.example by.ip=fe80::1039 with=mapi id=15.20.1835.010" + read + " #=private address fe80::1039"},
		{"Gmail, inside", " by 2002:a05:6402:1f89:: with SMTP id c9csp1;\r\n        Wed, 15 Jul 2026 08:09:10 -0700 (PDT)", "by.ip=2002:a05:6402:1f89:: with=SMTP id=c9csp1 time=2026-07-15T08:09:10-07:00"},
		{"Gmail, border", " from h.example (rev.example. [192.0.2.1])\r\n        by mx.google.example with ESMTPS id 1si2.2026.07.15.08.09.10\r\n        for <x@b.example>\r\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);" + date,
			"from=h.example from.helo=h.example from.reverse=rev.example from.ip=192.0.2.1 by=mx.google.example with=ESMTPS id=1si2.2026.07.15.08.09.10 for=x@b.example tls=TLS1_3 TLS_AES_128_GCM_SHA256" + read},
		{"Gmail, client behind a router", " from [10.1.2.3] (rev.example. [198.51.100.7]) by smtp.gmail.example with ESMTPSA id 7;" + date, "from=rev.example from.helo=[10.1.2.3] from.reverse=rev.example from.ip=198.51.100.7 by=smtp.gmail.example with=ESMTPSA id=7" + read},
		{"Yahoo", " from [192.0.2.9] by web1.mail.yahoo.example via HTTP; Wed, 15 Jul 2026 08:09:10 PDT", "from.ip=192.0.2.9 by=web1.mail.yahoo.example via=HTTP time=2026-07-15T08:09:10-07:00 #=date: obsolete zone PDT read as -0700"},
		{"Yahoo, border", " from 127.0.0.1 (EHLO h.example) (192.0.2.9) by mta1.yahoo.example with SMTPS;" + date, "from.helo=h.example from.ip=192.0.2.9 by=mta1.yahoo.example with=SMTPS" + read},
		{"Amazon SES", " from a1-2.smtp-out.amazonses.example (a1-2.smtp-out.amazonses.example. [192.0.2.2])\r\n by inbound-smtp.example with SMTP id abc\r\n for x@b.example;\r\n Wed, 15 Jul 2026 06:09:10 +0000 (UTC)",
			"from=a1-2.smtp-out.amazonses.example from.helo=a1-2.smtp-out.amazonses.example from.reverse=a1-2.smtp-out.amazonses.example from.ip=192.0.2.2 by=inbound-smtp.example with=SMTP id=abc for=x@b.example time=2026-07-15T06:09:10Z"},
		{"SendGrid", " by filter0001p1las1.sendgrid.example with SMTP id filter0001p1las1-12345-5C0A1B2C-3\n        2026-07-15 06:09:10.123456789 +0000 UTC m=+12345.678901234", "by=filter0001p1las1.sendgrid.example with=SMTP id=filter0001p1las1-12345-5C0A1B2C-3 time=2026-07-15T06:09:10.123456789Z #=no semicolon before the date"},
		{"SendGrid, border", " from MTI (unknown [192.0.2.4]) by geopod-ismtpd-1 (SG) with ESMTP id Abc_d for <x@b.example>; Wed, 15 Jul 2026 06:09:10.123 +0000 (UTC)", "from=MTI from.helo=MTI from.ip=192.0.2.4 by=geopod-ismtpd-1 by.software=SG with=ESMTP id=Abc_d for=x@b.example time=2026-07-15T06:09:10.123Z"},
		{"Domino", " from h.example ([192.0.2.1])\n          by mail.b.example (Lotus Domino Release 6.5.4)\n          with ESMTP id 2026071508091012-3456 ;\n          Wed, 15 Jul 2026 08:09:10 +0200", "from=h.example from.helo=h.example from.ip=192.0.2.1 by=mail.b.example by.software=Lotus Domino Release 6.5.4 with=ESMTP id=2026071508091012-3456" + read},
		{"MDaemon", " from h.example by b.example (MDaemon PRO v9.6.6) with ESMTP id md50001234567.msg for <x@b.example>;" + date, "from=h.example by=b.example by.software=MDaemon PRO v9.6.6 with=ESMTP id=md50001234567.msg for=x@b.example" + read},
		{"Zimbra", " from zimbra.b.example ([127.0.0.1]) by localhost (zimbra.b.example [127.0.0.1]) (amavisd-new, port 10032) with ESMTP id qx for <x@b.example>;" + date, "from=zimbra.b.example from.helo=zimbra.b.example from.ip=127.0.0.1 by=localhost by.ip=127.0.0.1 by.software=amavisd-new, port 10032 with=ESMTP id=qx for=x@b.example" + read + " #=private address 127.0.0.1"},
		{"Dovecot LMTP", " from mx.b.example ([203.0.113.5])\r\n\tby store.b.example with LMTP\r\n\tid yHP+AbcjlmkX\r\n\t(envelope-from <a@a.example>)\r\n\tfor <x@b.example>;" + date, "from=mx.b.example from.helo=mx.b.example from.ip=203.0.113.5 by=store.b.example with=LMTP id=yHP+AbcjlmkX for=x@b.example sender=a@a.example" + read},
		{"fetchmail", " from mail.b.example [192.0.2.1]\n\tby localhost with POP3 (fetchmail-6.3.26)\n\tfor <x@localhost> (single-drop);" + date, "from=mail.b.example from.helo=mail.b.example from.ip=192.0.2.1 by=localhost by.software=fetchmail-6.3.26 with=POP3 for=x@localhost" + read},
		{"CommuniGate", " from [192.0.2.1] (account joe@a.example HELO h.example) by b.example (CommuniGate Pro SMTP 5.1) with ESMTPA id 123 for x@b.example;" + date, "from.helo=h.example from.ip=192.0.2.1 by=b.example by.software=CommuniGate Pro SMTP 5.1 with=ESMTPA id=123 for=x@b.example auth=joe@a.example" + read},
		{"Proofpoint", " from pps.filterd (m001.ppops.net [127.0.0.1]) by mx0a-001.pphosted.example (8.16.0.43/8.16.0.43) with SMTP id 06F; Wed, 15 Jul 2026 08:09:10 +0200", "from=pps.filterd from.helo=pps.filterd from.reverse=m001.ppops.net from.ip=127.0.0.1 by=mx0a-001.pphosted.example by.software=8.16.0.43/8.16.0.43 with=SMTP id=06F" + read + " #=private address 127.0.0.1"},
		{"Mimecast", " from h.example (rev.example [192.0.2.1]) (Using TLS) by relay.mimecast.example with ESMTP id eu-mta-1-abc-1;" + date, "from=h.example from.helo=h.example from.reverse=rev.example from.ip=192.0.2.1 by=relay.mimecast.example with=ESMTP id=eu-mta-1-abc-1 tls=TLS" + read},
		{"hMailServer", " from h.example (rev.example [192.0.2.1])\n\tby b.example with ESMTP\n\t; Wed, 15 Jul 2026 08:09:10 +0200", "from=h.example from.helo=h.example from.reverse=rev.example from.ip=192.0.2.1 by=b.example with=ESMTP" + read},
		{"Mercury", " from SpoolDir by B-EXAMPLE (Mercury 1.44); 15 Jul 26 08:09:10 +0200", "from=SpoolDir by=B-EXAMPLE by.software=Mercury 1.44" + read + " #=date: two-digit year 26 read as 2026"},
		{"PMDF", " from CONVERSION-DAEMON.b.example by b.example (PMDF V6.2 #1) id <0ABC@b.example> for x@b.example (ORCPT x@b.example);" + date, "from=CONVERSION-DAEMON.b.example by=b.example by.software=PMDF V6.2 #1 id=<0ABC@b.example> for=x@b.example" + read},
		{"vger", " from rev.example ([192.0.2.1]:53428 \"EHLO\r\n        h.example\" rhost-flags-OK-OK-OK-OK) by vger.example\r\n        with ESMTP id S1 (ORCPT\r\n        <rfc822;x@b.example>);" + date, "from=rev.example from.helo=h.example from.reverse=rev.example from.ip=192.0.2.1 by=vger.example with=ESMTP id=S1" + read},
		{"IBM gateway", " from localhost by e1.b.example with IBM ESMTP SMTP Gateway: Authorized Use Only! for <x@b.example> from <a@a.example>;" + date, "from=localhost by=e1.b.example with=IBM ESMTP SMTP Gateway: Authorized Use Only! for=x@b.example sender=a@a.example" + read},
		{"OpenSMTPD", " from localhost (localhost [local]);\n\tby b.example (OpenSMTPD) with ESMTPA id 1e2a;\n\tfor <x@b.example>;\n\tWed, 15 Jul 2026 08:09:10 +0200", "from=localhost from.helo=localhost from.reverse=localhost by=b.example by.software=OpenSMTPD with=ESMTPA id=1e2a for=x@b.example" + read},
		{"Intel", " from h.example ([10.7.209.58]) by b.example with ESMTP/TLS/DHE-RSA-AES256-GCM-SHA384;" + date, "from=h.example from.helo=h.example from.ip=10.7.209.58 by=b.example with=ESMTP/TLS/DHE-RSA-AES256-GCM-SHA384 tls=DHE-RSA-AES256-GCM-SHA384" + read + " #=private address 10.7.209.58"},
		{"MSN", " from mail pickup service by b.example with Microsoft SMTPSVC;" + date, "from=mail pickup service by=b.example with=Microsoft SMTPSVC" + read},
		{"eGroups", " (EGP: mail-8_1_0_1);" + date, "by.software=EGP: mail-8_1_0_1" + read + " #=no by clause"},

		// Shapes that break rules.
		{"no semicolon", " from a.example by b.example id 0LvVA5-1Y3oYj Wed, 15 Jul 2026 08:09:10 +0200", "from=a.example by=b.example id=0LvVA5-1Y3oYj" + read + " #=no semicolon before the date"},
		{"semicolons", " from a.example by b.example for <x@b.example>;0cc93573e5704417;" + date, "from=a.example by=b.example for=x@b.example" + read + " #=outside the clauses: 0cc93573e5704417"},
		{"several recipients", " from a.example by b.example for <x@b.example>,<y@b.example> <z@b.example>;" + date, "from=a.example by=b.example for=x@b.example, y@b.example, z@b.example" + read},
		{"comment after the date", " from a.example by b.example;" + date + " (CEST) (envelope-from a@a.example)", "from=a.example by=b.example sender=a@a.example" + read},
		{"nested comments", " from a.example (a(b(c)d)e [192.0.2.1]) by b.example (x (y));" + date, "from=a.example from.helo=a.example from.reverse=a from.ip=192.0.2.1 by=b.example by.software=x (y)" + read},
		{"comment left open", " from a.example (by b.example with ESMTP id 1;" + date, "from=a.example by=b.example with=ESMTP id=1" + read + " #=a comment does not close"},
		{"glued", " from a.example[192.0.2.1](x)by b.example(Postfix)id 1;" + date, "from=a.example from.helo=a.example from.ip=192.0.2.1 by=b.example by.software=Postfix id=1" + read},
		{"capitals", " From A.example By B.example With ESMTP Id 1 For x@b.example;" + date, "from=A.example by=B.example with=ESMTP id=1 for=x@b.example" + read},
		{"versions are no addresses", " from a.example by b.example (InterMail vM.5.01.04.19 201-253) with Internet Mail Service (5.5.2653.19) id 1;" + date, "from=a.example by=b.example by.software=InterMail vM.5.01.04.19 201-253 with=Internet Mail Service id=1" + read},
		{"no date", " from a.example by b.example", "from=a.example by=b.example #=hop without a date"},
		{"no by", " from a.example (192.0.2.1)", "from=a.example from.helo=a.example from.ip=192.0.2.1 #=hop without a date · no by clause"},
		{"impossible date", " from a.example by b.example; 31 Feb 2026 08:09:10 +0200", "from=a.example by=b.example #=hop without a date: there is no day 31 in February 2026 · outside the clauses: 31 Feb 2026 08:09:10 +0200"},
		{"header run together", " from a.example by b.example;" + date + " Received: from c.example by d.example; Mon, 1 Jan 2001 00:00:00 +0000 Subject: " + strings.Repeat("long ", 50), "from=a.example by=b.example" + read + " #=more text follows the date"},
		{"second clauses", " from a.example from c.example by b.example by d.example;" + date, "from=a.example by=b.example" + read + " #=outside the clauses: from c.example by d.example"},
		{"empty", "", "#=hop without a date · no by clause"},
	} {
		r := trace.ParseReceived([]byte(c.in))
		assert.Equal(t, c.want, brief(r), c.name)
		assert.Equal(t, c.in, r.Raw, c.name)
	}
}

func TestReceivedJSON(t *testing.T) {
	r := trace.ParseReceived([]byte(" from a.example ([192.0.2.1]) by b.example with SMTP id 1 for <x@b.example>;" + date))
	b, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Equal(t, `{"raw":" from a.example ([192.0.2.1]) by b.example with SMTP id 1 for \u003cx@b.example\u003e; Wed, 15 Jul 2026 08:09:10 +0200",`+
		`"from":{"name":"a.example","helo":"a.example","reverse":"","ip":"192.0.2.1","text":"a.example ([192.0.2.1])"},`+
		`"by":{"name":"b.example","helo":"","reverse":"","ip":"","text":"b.example"},`+
		`"via":"","with":"SMTP","id":"1","for":"x@b.example","time":"2026-07-15T08:09:10+02:00","delay_seconds":null,"notes":[]}`, string(b))
	var back trace.Received
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, brief(r), brief(back))

	b, err = json.Marshal(trace.ParseReceived([]byte("by b\xe9.example")))
	require.NoError(t, err)
	assert.Contains(t, string(b), `"raw_base64":"YnkgYukuZXhhbXBsZQ=="`)
	assert.Contains(t, string(b), `"time":null`)
}

func TestDelays(t *testing.T) {
	hop := func(body string) trace.Received { return trace.ParseReceived([]byte(body)) }
	hops := []trace.Received{
		hop("by e.example; 15 Jul 2026 08:00:20 +0200"),
		hop("(qmail 1 invoked from network); 15 Jul 2026 06:00:08 -0000"),
		hop("from c.example by d.example with SMTP; 15 Jul 2026 06:00:20 -0000"),
		hop("by c.example"),
		hop("by b.example; 15 Jul 2026 02:00:00 -0400"),
		hop("by a.example"),
	}
	delays := trace.Delays(hops)
	want := []any{12.0, -12.0, 20.0, nil, nil, nil}
	for i, d := range delays {
		if want[i] == nil {
			assert.Nil(t, d, i)
			assert.Nil(t, hops[i].DelaySeconds, i)
			continue
		}
		require.NotNil(t, d, i)
		assert.Equal(t, want[i], *d, i)
		assert.Equal(t, want[i], *hops[i].DelaySeconds, i)
	}
	assert.Equal(t, []string{"a line of qmail itself, which names no host", "written by the qmail that took the message in the hop below: d.example", "clock runs backwards by 12 s"}, hops[1].Notes)
	assert.Equal(t, []string{"delay counted over hops without a date"}, hops[2].Notes)
	assert.Equal(t, []string{"hop without a date"}, hops[3].Notes)
	assert.Empty(t, trace.Delays(nil))
}

func TestParseReturnPath(t *testing.T) {
	for in, want := range map[string]string{
		" <a@a.example>": "a@a.example", " <>": "<>", " a@a.example\r\n": "a@a.example", "": "", " ": "", " (x) <a@a.example> (y)": "a@a.example",
		" <@r.example,@s.example:a@a.example>": "a@a.example", ` <"a b"@a.example>`: `"a b"@a.example`, " <a@a.example": "a@a.example", "\xff": "\uFFFD",
	} {
		assert.Equal(t, want, trace.ParseReturnPath([]byte(in)), in)
	}
}
