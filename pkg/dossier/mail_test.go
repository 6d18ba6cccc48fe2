package dossier_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/dkim"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

// The mail of a mill whose boiler valve sticks. Every kind of thing that a record can show occurs in it.

const warning = `Return-Path: <ida@mill.example>
Delivered-To: tom.burr@mill.example
Received: from out.mill.example (out.mill.example [192.0.2.10])
	by mx.mill.example (Postfix) with ESMTPS id 4F2aB1
	for <tom.burr@mill.example>; Mon, 2 Mar 2026 08:15:09 +0100 (CET)
Received: from [10.0.0.7] (desk7.mill.example [10.0.0.7])
	by out.mill.example with ESMTPSA id 77; Mon, 2 Mar 2026 08:15:07 +0100
Authentication-Results: mx.mill.example; dkim=pass reason="good <key>" header.d=mill.example header.d=mill.example;
	spf=pass smtp.mailfrom=ida@mill.example; dmarc=pass (p=none) header.from=mill.example
Received-SPF: pass (mx.mill.example: permitted) client-ip=192.0.2.10; receiver=mx.mill.example
Date: Mon, 2 Mar 2026 08:15:00 +0100
From: Ida Moor <ida@mill.example>
To: Tom Burr <tom.burr@mill.example>
Cc: =?utf-8?Q?Kay_F=C3=A9nn?= <kay@insurer.example>
Subject: Boiler valve
Message-ID: <w1@mill.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Tom, 🙂 𝒊t is about boiler 2.

The relief valve sticks and the boiler could explode if we keep running it.
Please shut it down today.

Ida
`

const denial = `Received: from mx.mill.example (mx.mill.example [192.0.2.11]) by mx.insurer.example with ESMTP id 9;
	Tue, 24 Mar 2026 10:00:04 +0000
Date: Tue, 24 Mar 2026 11:00:00 +0100
From: Tom Burr <tom.burr@mill.example>
To: kay@insurer.example
Subject: Re: Boiler valve
Message-ID: <d1@mill.example>
In-Reply-To: <w1@mill.example>
References: <w1@mill.example> <lost@mill.example>

Nobody warned me about the valve.
I was never told that there was a problem.
`

// quoting answers the warning to fewer people and quotes it.
const quoting = `Date: Mon, 2 Mar 2026 09:00:00 +0100
From: "Burr, Tom" <Tom.Burr@mill.example>
To: Ida Moor <ida@mill.example>
Subject: Re: Boiler valve
Message-ID: <q1@mill.example>
In-Reply-To: <w1@mill.example>

Noted, thank you. We keep running.

From here on nobody else needs to know.

> The relief valve sticks and the boiler could explode if we keep running it.
`

const undated = "From: clerk@mill.example\nTo: \"list\": ;\nSubject: gr\xfc\xdfe\nX-Odd: a\xff\nthis line is no field\n\nno date, no id\n"

const other = `Date: Wed, 4 Mar 2026 12:00:00 +0000
From: Kay Fenn <kay@insurer.example>
To: ida@mill.example
Subject: Lunch
Message-ID: <other@insurer.example>

Soup or salad?
`

const receipt = `Date: Mon, 2 Mar 2026 08:40:00 +0100
From: Tom Burr <tom.burr@mill.example>
To: ida@mill.example
Subject: Read: Boiler valve
Message-ID: <mdn@mill.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Your message was read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; tom.burr@mill.example
Original-Message-ID: <w1@mill.example>
Disposition: manual-action/MDN-sent-manually; displayed

--b--
`

const bounce = `Return-Path: <>
Date: Mon, 2 Mar 2026 08:16:00 +0100
From: MAILER-DAEMON@mx.mill.example
To: ida@mill.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <b1@mx.mill.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mill.example

Final-Recipient: rfc822; kay@insurer.example
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

` + warning + `
--b--
`

const forwarded = `Date: Thu, 5 Mar 2026 07:00:00 +0100
From: ida@mill.example
To: kay@insurer.example
Subject: Fwd: an old mail
Message-ID: <f1@mill.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: text/plain

See below.
--outer
Content-Type: message/rfc822

Date: Fri, 2 Jan 2026 07:00:00 +0100
From: Old Smith <smith@mill.example>
To: tom.burr@mill.example
Message-ID: <old@mill.example>
Subject: valve

I warn you again: the valve could burst and kill somebody.
--outer
Content-Type: application/octet-stream; name="../../plan.bin"
Content-Disposition: attachment; filename="../../plan.bin"
Content-Transfer-Encoding: base64
Content-ID: <plan@mill.example>

AAECAwQ=
--outer--
`

const chained = `ARC-Seal: i=1; a=rsa-sha256; t=1772438400; cv=none; d=relay.example; s=s1; b=AAAA
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=relay.example; s=s1; h=from; bh=AAAA; b=AAAA
ARC-Authentication-Results: i=1; relay.example; spf=pass smtp.mailfrom=x.example
DKIM-Signature: v=1; a=rsa-sha256; d=gone.example; s=s; h=from:to:subject; i=@gone.example; x=1772438500; t=1772438400; l=3; bh=AAAA; b=AAAA
Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=gone.example; dkim=none
Received-SPF: Fail (no) client-ip=2001:db8::1
Date: 30 Feb 2026 25:00 EST
From: a@gone.example, "B" <b@gone.example>
Sender: a@gone.example
Reply-To: c@gone.example
To: ida@mill.example, tom.burr@mill.example, kay@insurer.example, undisclosed-recipients:;
Bcc: tom.burr@mill.example
Subject: =?utf-8?q?chain?=
Message-ID: <c1@gone.example>
X-Original-To: ida@mill.example
Content-Type: text/html; charset=x-unknown

<p>You must approve the payment &amp; keep <b>quiet</b> about it.</p>
`

// sameID has the Message-ID of the warning, and nothing else of it.
const sameID = "Date: Sat, 7 Mar 2026 12:00:00 +0000\nFrom: x@other.example\nMessage-ID: <w1@mill.example>\nSubject: else\n\nSomething else.\n"

// testKey signs mail of mill.example. The seed is public: it is worth nothing.
func testKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte("onrecord test key of mill.exampl"))
}

func lookup(_ context.Context, name string) ([]dkim.Record, error) {
	if name != "s._domainkey.mill.example" {
		return nil, nil
	}
	txt := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(testKey().Public().(ed25519.PublicKey))
	return []dkim.Record{{Name: name, TXT: txt, Origin: dkim.OriginSnapshot, RetrievedAt: &now, Resolver: "192.0.2.53:53", Authenticated: true}}, nil
}

// signed puts a DKIM signature of mill.example on top.
func signed(t testing.TB, mail string) string {
	t.Helper()
	m, err := message.Read(message.Bytes(mail), message.DefaultLimits())
	require.NoError(t, err)
	var fields []dkim.Field
	for _, f := range m.Header {
		fields = append(fields, dkim.Field{Name: f.Name, Raw: f.Raw})
	}
	field, err := dkim.Sign(fields, strings.NewReader(mail[m.BodyOffset:]), dkim.SignOptions{Domain: "mill.example", Selector: "s", Key: testKey(),
		SignedAt: time.Date(2026, 3, 2, 7, 15, 1, 0, time.UTC)})
	require.NoError(t, err)
	return strings.ReplaceAll(field, "\r\n", "\n") + mail
}

// mill is the whole matter: 17 messages, of which two are identical to others, a file that is no mail, and one that could not be opened.
func mill(t testing.TB) input {
	deep := "Subject: core\n\nthe innermost\n"
	for i := range 12 {
		deep = fmt.Sprintf("Subject: shell %d\nReceived: by h%d.example; Mon, 2 Mar 2026 0%d:00:00 +0000\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n", i, i, i%10) + deep
	}
	w := signed(t, warning)
	return input{
		files: map[string]string{
			"eml/bounce.eml":    bounce,
			"eml/chained.eml":   chained,
			"eml/deep.eml":      deep,
			"eml/forwarded.eml": forwarded,
			"eml/labelled.eml":  "X-Labels: Inbox\n" + other,
			"eml/receipt.eml":   receipt,
			"eml/undated.eml":   undated,
			"eml/warning.eml":   w,
			"mail.mbox": mboxOf(w, signed(t, quoting), other, denial, sameID,
				strings.Replace(warning, "today", "tomorrow", 1)), // modified, and no signature
			"other.mbox":   strings.ReplaceAll(mboxOf(w, other), "\n", "\r\n"), // the same mail, exported with CRLF
			"md/cur/1:2,S": other,
			"notes.txt":    "no mail at all, just some words\n",
		},
		trouble: map[string]*source.Trouble{"locked.mbox": {Kind: source.Failed, Reason: "could not be opened: permission denied", Hint: "make it readable"}},
		keys:    lookup,
	}
}

const millCase = `matter: {title: Mill boiler, reference: 7 O 1/26, prepared_by: Nora Quist}
people:
  - {name: Tom Burr, addresses: [tom.burr@mill.example], role: manager, side: defendant}
marks:
  - {message: "<q1@mill.example>", quote: "We keep running.", acts: [order], topic: boiler 2}
  - {message: "<nowhere@mill.example>", quote: "x", acts: [order]}
reject:
  - {message: "<w1@mill.example>", quote: "Please shut it down today.", reason: a wish}
events:
  - {at: 2026-03-20T06:40:00+01:00, title: The boiler burst, kind: incident}
`
