package evidence

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who wrote an Authentication-Results field? The names are invented, the order of the fields is that of the real servers.
var boundaries = []struct {
	name    string
	header  string
	trusted []bool // of the Authentication-Results fields, top first
}{
	{
		name: "Postfix, two hops of its own",
		header: "Received: from mx.corp.example (mx.corp.example [192.0.2.1]) by store.corp.example (Postfix) with ESMTP id 1; Mon, 2 Mar 2026 08:00:03 +0000\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Received-SPF: pass\n" +
			"Authentication-Results: mx.corp.example; spf=pass\n" +
			"Received: from desk (localhost [127.0.0.1]) by out.sender.example with ESMTPA id 3; Mon, 2 Mar 2026 08:00:01 +0000\n",
		trusted: []bool{true},
	},
	{
		name: "one above its own Received field, one forged right below it",
		header: "Authentication-Results: mx.corp.example; dkim=fail\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Authentication-Results: mx.corp.example; dkim=pass\n" +
			"Received: from desk (localhost [127.0.0.1]) by out.sender.example with ESMTPA id 3; Mon, 2 Mar 2026 08:00:01 +0000\n",
		trusted: []bool{true, false},
	},
	{
		name: "forged right below the only hop",
		header: "Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Authentication-Results: mx.corp.example; dkim=pass\n",
		trusted: []bool{false},
	},
	{
		name: "forged below the boundary",
		header: "Authentication-Results: mx.corp.example; dkim=fail\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Received: from a (b [203.0.113.9]) by out.sender.example with ESMTP id 3; Mon, 2 Mar 2026 08:00:01 +0000\n" +
			"Authentication-Results: mx.corp.example; dkim=pass\n",
		trusted: []bool{true, false},
	},
	{
		name: "forged hops below the boundary, in the name of the receiver",
		header: "Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Received: from x.corp.example (x.corp.example [192.0.2.7]) by mx.corp.example (Postfix) with ESMTPS id 3; Mon, 2 Mar 2026 08:00:01 +0000\n" +
			"Authentication-Results: mx.corp.example; dkim=pass\n",
		trusted: []bool{false},
	},
	{
		name: "a client without a reverse name, that calls itself as the receiver",
		header: "Received: from mx2.corp.example (unknown [203.0.113.66]) by mx.corp.example (Postfix) with ESMTP id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Received: from x.sender.example (x.sender.example [192.0.2.7]) by mx2.corp.example (Postfix) with ESMTPS id 3; Mon, 2 Mar 2026 08:00:01 +0000\n" +
			"Authentication-Results: mx.corp.example; dkim=pass\n",
		trusted: []bool{false},
	},
	{
		name: "a receiver that names itself without a domain",
		header: "Received: from mx.sender.example (mx.sender.example [203.0.113.66]) by mailhost (Postfix) with ESMTP id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Received: from desk (desk [203.0.113.67]) by mx.sender.example (Postfix) with ESMTPS id 3; Mon, 2 Mar 2026 08:00:01 +0000\n" +
			"Authentication-Results: mx.sender.example; dkim=pass\n",
		trusted: []bool{false},
	},
	{
		name: "Gmail: its results stand below the hop by which the mail came in",
		header: "Delivered-To: a@gmail.example\n" +
			"Received: by 2002:a05:6a20:1234:b0:1a2:3b4c:5d6e with SMTP id x1; Mon, 2 Mar 2026 00:00:03 -0800 (PST)\n" +
			"X-Received: by 2002:a17:902:c40c:b0:1d9:1111:2222 with SMTP id k12; Mon, 02 Mar 2026 00:00:03 -0800 (PST)\n" +
			"Return-Path: <ida@mill.example>\n" +
			"Received: from out.mill.example (out.mill.example. [203.0.113.10]) by mx.google.com with ESMTPS id y2 for <a@gmail.example>; Mon, 02 Mar 2026 00:00:02 -0800 (PST)\n" +
			"Authentication-Results: mx.google.com; dkim=pass header.i=@mill.example; spf=pass\n" +
			"DKIM-Signature: v=1; d=mill.example\n" +
			"Received: from desk.mill.example (desk.mill.example [203.0.113.11]) by out.mill.example with ESMTPSA id 3; Mon, 02 Mar 2026 08:00:01 +0000\n" +
			"Authentication-Results: mx.google.com; dkim=pass header.i=@forged.example\n",
		trusted: []bool{true, false},
	},
	{
		name: "Microsoft: no authserv-id",
		header: "Received: from DB8PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:10::1) by AM9PR01MB0002.eurprd01.prod.outlook.com with HTTPS; Mon, 2 Mar 2026 08:00:04 +0000\n" +
			"Received: from AS4P190CA0001.EURP190.PROD.OUTLOOK.COM (2603:10a6:20b::1) by DB8PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:10::1) with Microsoft SMTP Server id 15.20; Mon, 2 Mar 2026 08:00:03 +0000\n" +
			"Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=mill.example; dkim=pass\n" +
			"Received: from out.mill.example (203.0.113.9) by AMS0EPF0001.mail.protection.outlook.com (10.167.16.1) with Microsoft SMTP Server id 15.20 via Frontend Transport; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Received: from desk (desk [203.0.113.11]) by out.mill.example with ESMTPSA id 3; Mon, 02 Mar 2026 08:00:01 +0000\n" +
			"Authentication-Results: spf=pass; dkim=pass\n",
		trusted: []bool{true, false},
	},
	{
		name: "Microsoft was the sender, not the receiver",
		header: "Received: from out.protection.outlook.com (mail-1.outbound.protection.outlook.com [203.0.113.12]) by mx.corp.example (Postfix) with ESMTPS id 1; Mon, 2 Mar 2026 08:00:03 +0000\n" +
			"Received: from A.eurprd01.prod.outlook.com (2603::1) by B.eurprd01.prod.outlook.com (2603::2) with Microsoft SMTP Server; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Authentication-Results: dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=x.example;\n",
		trusted: []bool{false},
	},
	{
		name: "an authserv-id of somebody else above the boundary",
		header: "Authentication-Results: checker.evil.example; dkim=pass\n" +
			"Authentication-Results: corp.example.evil.example; dkim=pass\n" +
			"Authentication-Results: ; dkim=pass\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n",
		trusted: []bool{false, false, false},
	},
	{
		name: "another server of the receiver's domain",
		header: "Authentication-Results: corp.example; dkim=pass\n" +
			"Authentication-Results: CHECK.Corp.Example 1; dkim=pass\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n",
		trusted: []bool{true, true},
	},
	{
		name:    "no Received field shows no boundary",
		header:  "Authentication-Results: mx.corp.example; dkim=pass\n",
		trusted: []bool{false},
	},
	{
		name: "no domain is shared by those who have a public suffix in common",
		header: "Authentication-Results: mx.other.co.uk; dkim=pass\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.co.uk (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n",
		trusted: []bool{false},
	},
	{
		name: "the original of a forwarder is never believed",
		header: "Authentication-Results-Original: mx.corp.example; dkim=pass\n" +
			"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n",
		trusted: []bool{false},
	},
}

func TestTrusted(t *testing.T) {
	for _, c := range boundaries {
		t.Run(c.name, func(t *testing.T) {
			r := record(t, c.header+"From: ida@mill.example\nSubject: x\n\nx\n")
			require.Len(t, r.Authentication.Recorded, len(c.trusted))
			for i, want := range c.trusted {
				assert.Equal(t, want, r.Authentication.Recorded[i].Trusted, "field %d", i)
			}
		})
	}
}

// The results of SPF and DMARC name the field that they come from, and are trusted as it is.
func TestRecordedResults(t *testing.T) {
	r := record(t, "Received-SPF: pass (mx.corp.example: fine) client-ip=203.0.113.5; receiver=mx.corp.example\n"+
		"Received-SPF: pass client-ip=203.0.113.5; receiver=mx.evil.example\n"+
		"Authentication-Results: mx.corp.example; spf=pass smtp.mailfrom=a@b.example; dmarc=fail reason=\"policy\" header.from=b.example\n"+
		"Received: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n\nx\n")
	a := r.Authentication
	require.Len(t, a.SPF, 3)
	assert.Equal(t, []bool{true, false, true}, []bool{a.SPF[0].Trusted, a.SPF[1].Trusted, a.SPF[2].Trusted})
	assert.Equal(t, []string{"Received-SPF", "Received-SPF", "Authentication-Results"}, []string{a.SPF[0].Field, a.SPF[1].Field, a.SPF[2].Field})
	assert.Equal(t, []int{0, 1, 2}, []int{a.SPF[0].Index, a.SPF[1].Index, a.SPF[2].Index})
	assert.Equal(t, "mx.corp.example", a.SPF[0].Server)
	require.Len(t, a.DMARC, 1)
	assert.Equal(t, "fail", a.DMARC[0].Value)
	assert.Equal(t, "policy", a.DMARC[0].Reason)
	assert.True(t, a.DMARC[0].Trusted)
}
