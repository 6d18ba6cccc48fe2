package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onrecord/pkg/dkim"
)

// The tests' own mail: a winch that is used without its brake. All of it is invented.

// signed puts a DKIM signature of hoist.example over a message with LF line endings.
func signed(t testing.TB, message string) string {
	t.Helper()
	head, body, _ := strings.Cut(message, "\n\n")
	var fields []dkim.Field
	for _, line := range strings.SplitAfter(head+"\n", "\n") {
		if line == "" {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			fields[len(fields)-1].Raw = append(fields[len(fields)-1].Raw, line...)
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		fields = append(fields, dkim.Field{Name: name, Raw: []byte(line)})
	}
	field, err := dkim.Sign(fields, strings.NewReader(body), dkim.SignOptions{Domain: "hoist.example", Selector: "winch", Key: winchKey(), SignedAt: time.Unix(1772444000, 0)})
	require.NoError(t, err)
	return strings.ReplaceAll(strings.TrimRight(field, "\r\n"), "\r\n", "\n") + "\n" + message
}

func winchKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte("this key is for tests only, no. 1"[:ed25519.SeedSize]))
}

// winchZone is the key of hoist.example as a zone file.
func winchZone() string {
	public := winchKey().Public().(ed25519.PublicKey)
	return fmt.Sprintf("winch._domainkey.hoist.example. 3600 IN TXT \"v=DKIM1; k=ed25519; p=%s\"\n", base64.StdEncoding.EncodeToString(public))
}

const winchWarning = `Received: from mail.hoist.example (mail.hoist.example [192.0.2.10]) by mx.owner.example (Postfix) with ESMTPS id 4Kx1
	for <dora@owner.example>; Mon, 2 Mar 2026 09:33:25 +0000
Received: from desk7.hoist.example (desk7.hoist.example [192.0.2.70]) by mail.hoist.example (Exim 4.97) with esmtpsa
	id 1tZ; Mon, 02 Mar 2026 09:33:21 +0000
From: Ines Okafor <ines@hoist.example>
To: Bram Visser <bram@hoist.example>
Cc: Dora Lind <dora@owner.example>
Subject: Winch 2 runs without its brake
Date: Mon, 2 Mar 2026 10:33:20 +0100
Message-ID: <w1@hoist.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Bram,

the brake of winch 2 was taken out on Friday. If the power fails, the load will fall on the people below.
I must warn you: do not use the winch before the brake is back. Somebody will be killed.

Ines
`

const winchReply = `Received: from mail.hoist.example (mail.hoist.example [192.0.2.10]) by mail.hoist.example (Exim 4.97) with esmtpsa
	id 1ta; Mon, 02 Mar 2026 11:02:07 +0000
From: Bram Visser <bram@hoist.example>
To: Ines Okafor <ines@hoist.example>
Subject: Re: Winch 2 runs without its brake
Date: Mon, 2 Mar 2026 12:02:00 +0100
Message-ID: <w2@hoist.example>
In-Reply-To: <w1@hoist.example>
References: <w1@hoist.example>

I have read your warning. We need the winch until Thursday, the brake stays out. Please do not copy the owner again.

> If the power fails, the load will fall on the people below.
`

// winchPhoto holds ISO-8859-1 and an attachment.
const winchPhoto = "From: Ines Okafor <ines@hoist.example>\nTo: Bram Visser <bram@hoist.example>\nSubject: =?iso-8859-1?Q?Photo_for_S=F8ren?=\n" +
	"Date: Mon, 2 Mar 2026 13:40:00 +0100\nMessage-ID: <w3@hoist.example>\nReferences: <w1@hoist.example> <w2@hoist.example>\nMIME-Version: 1.0\n" +
	"Content-Type: multipart/mixed; boundary=\"=winch\"\n\n--=winch\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n" +
	"S\xf8ren took this photo of the empty brake housing. Without the brake the winch is unsafe.\nFrom here on nobody can say that they did not know.\n\n" +
	"--=winch\nContent-Type: image/png; name=\"housing.png\"\nContent-Disposition: attachment; filename=\"housing.png\"\nContent-Transfer-Encoding: base64\n\n" +
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==\n\n--=winch--\n"

const winchDenial = `From: Dora Lind <dora@owner.example>
To: Ines Okafor <ines@hoist.example>, Bram Visser <bram@hoist.example>
Subject: The accident of this morning
Date: Thu, 5 Mar 2026 08:15:00 +0100
Message-ID: <w4@owner.example>

Nobody told me that the brake was missing. I was never warned.
`

// winchBroken has defects.
const winchBroken = "From: Ines Okafor <ines@hoist.example\nThis line is no header field\nSubject: =?x-unknown?Q?a=FFb?=\nMessage-ID: <w5@hoist.example>\n" +
	"Content-Type: text/plain; charset=x-none\n\nWithout a date.\x00\n"

// winch gives the messages in order of time.
func winch(t testing.TB) []string {
	return []string{signed(t, winchWarning), winchReply, winchPhoto, winchDenial}
}

// mailbox writes messages as an mboxrd file.
func mailbox(messages ...string) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString("From ines@hoist.example Mon Mar  2 09:33:20 2026\n")
		for line := range strings.Lines(m) {
			if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
				b.WriteByte('>')
			}
			b.WriteString(line)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
