package evidence

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mbox"
)

// clockKinds are those of the notes on one message.
func clockKinds(r *Record) []string {
	out := []string{}
	for _, c := range r.Clocks {
		out = append(out, c.Kind)
	}
	return out
}

func TestClocks(t *testing.T) {
	const (
		way   = "Received: from out.plant.example (out.plant.example [192.0.2.60]) by mx.client.example with ESMTPS id 2; Mon, 2 Mar 2026 09:00:04 +0000\n"
		first = "Received: from desk ([192.0.2.61]) by out.plant.example with ESMTPSA id 1; Mon, 2 Mar 2026 09:00:02 +0000\n"
		date  = "Date: Mon, 2 Mar 2026 10:00:00 +0100\n"
		id    = "Message-ID: <69A55190.7060809@plant.example>\n" // 2026-03-02 09:00:00 UTC
	)
	for _, c := range []struct {
		name, header string
		kinds        []string
	}{
		{"one story", way + first + date + id, []string{}},
		{"received before it was written", way + first + "Date: Mon, 2 Mar 2026 12:00:00 +0100\n", []string{ClockDateAfterReceipt}},
		{"received days after it was written", way + first + "Date: Fri, 20 Feb 2026 12:00:00 +0100\n", []string{ClockDateBeforeReceipt}},
		{"the identifier is newer than the Date", "Date: Fri, 20 Feb 2026 12:00:00 +0100\n" + id, []string{ClockMadeAfterDate}},
		{"the identifier is newer than the first record", way + first + date + "Message-ID: <69A8F490.7060809@plant.example>\n", []string{ClockMadeAfterDate, ClockMadeAfterReceipt}},
		{"the identifier is far older", way + first + date + "Message-ID: <69955190.7060809@plant.example>\n", []string{ClockMadeBeforeDate}},
		{"the boundary is newer than the Date", date + "Content-Type: multipart/mixed; boundary=\"----=_Part_1_2.1772642000000\"\n", []string{ClockMadeAfterDate}},
		{"a server before the one below it", "Received: by mx.client.example; Mon, 2 Mar 2026 08:00:00 +0000\n" + first + date, []string{ClockHopOrder}},
		{"a long way", "Received: by mx.client.example; Thu, 5 Mar 2026 08:00:00 +0000\n" + first + date, []string{ClockHopGap}},
		{"signed before it was written", "DKIM-Signature: v=1; a=rsa-sha256; d=plant.example; s=s; h=from; t=1772000000; bh=AA==; b=AA==\n" + way + first + date, []string{ClockSignedBeforeDate}},
		{"signed after it was received", "DKIM-Signature: v=1; a=rsa-sha256; d=plant.example; s=s; h=from; t=1773000000; bh=AA==; b=AA==\n" + way + first + date, []string{ClockSignedAfter}},
		{"sent on before it was written", "Resent-Date: Sun, 1 Mar 2026 09:00:00 +0000\n" + date, []string{ClockResent}},
		{"the conversation began after it", date + "Thread-Index: AdywIvMxAAAAAAAAAAAAAAAAAAAAAA==\n", []string{ClockThread}},
	} {
		r := record(t, c.header+"From: ada@plant.example\n\nx\n")
		assert.Equal(t, c.kinds, clockKinds(r), "%s: %v", c.name, r.Clocks)
		for _, n := range r.Clocks {
			require.Less(t, n.Instants[0], len(r.Instants))
			a, b := r.Instants[n.Instants[0]], r.Instants[n.Instants[1]]
			assert.InDelta(t, b.Time.Sub(a.Time).Seconds(), n.Seconds, 1)
			assert.Contains(t, n.Text, clock(a.Time))
			assert.Contains(t, n.Text, clock(b.Time))
		}
	}
	r := record(t, way+first+date+id+"From: ada@plant.example\n\nx\n")
	var bases []Basis
	for _, m := range r.Instants {
		bases = append(bases, m.Basis)
	}
	assert.Equal(t, []Basis{BasisTrace, BasisTrace, BasisOrigination, BasisMessageID}, bases)
	assert.Equal(t, "Mozilla: seconds", r.Instants[3].Form)
	assert.Equal(t, "1 day 2 hours", span(93601))
	assert.Equal(t, "no time", span(0))
}

func TestGaps(t *testing.T) {
	const rest = "From: ada@plant.example\n\nx\n"
	r := record(t, "Received: from out.relay.example (out.relay.example [192.0.2.9]) by mx.client.example with ESMTPS id 1; Mon, 2 Mar 2026 08:00:03 +0000\n"+
		"Received: from desk (desk [192.0.2.3]) by mail.plant.example with ESMTPS id 2; Mon, 2 Mar 2026 08:00:01 +0000\n"+rest)
	assert.Contains(t, r.Received[0].Notes[0], "a server between them is not shown")
	r = record(t, "Received: from out.plant.example (out.plant.example [192.0.2.9]) by mx.client.example with ESMTPS id 1; Mon, 2 Mar 2026 08:00:03 +0000\n"+
		"Received: from desk (desk [192.0.2.3]) by mail.plant.example with ESMTPS id 2; Mon, 2 Mar 2026 08:00:01 +0000\n"+rest)
	assert.Empty(t, r.Received[0].Notes)
}

// Where a result stands where a sender can write, what in the message speaks against it counts.
func TestContradictedResults(t *testing.T) {
	header := func(results string) string {
		return "Return-Path: <ada@sender.example>\nReceived: from out.sender.example (out.sender.example [203.0.113.5]) by mx.corp.example (Postfix) with ESMTPS id 2; Mon, 2 Mar 2026 08:00:02 +0000\n" +
			"Authentication-Results: mx.corp.example; " + results + "\n" +
			"Received: from desk ([192.0.2.7]) by out.sender.example with ESMTPA id 3; Mon, 2 Mar 2026 08:00:01 +0000\nFrom: ada@sender.example\n\nx\n"
	}
	for results, trusted := range map[string]bool{
		"spf=pass smtp.mailfrom=ada@sender.example": true,
		"dkim=none":                                         true,
		"dkim=pass header.d=bank.example":                   false, // no signature of that domain is there
		"spf=pass smtp.mailfrom=ceo@bank.example":           false, // another Return-Path
		"iprev=pass policy.iprev=198.51.100.7 (out.sender)": false, // another client
	} {
		r := record(t, header(results))
		f := r.Authentication.Recorded[0]
		assert.Equal(t, trusted, f.Trusted, results)
		require.NotEmpty(t, f.Notes, results)
		assert.Contains(t, f.Notes[len(f.Notes)-1], "Received field", "that a sender could have written it is said")
	}
}

func TestExportTraces(t *testing.T) {
	const rest = "From: ada@plant.example\n\nx\n"
	const hop = "Received: from a.plant.example by mx.client.example; Mon, 2 Mar 2026 08:00:03 +0000\n"
	r := record(t, "X-GM-THRID: 1\nX-Gmail-Labels: Inbox\n"+hop+rest)
	assert.Equal(t, []string{"Google Takeout"}, r.Export.Programs)
	assert.Empty(t, r.Export.Hint)
	r = record(t, "X-Mozilla-Status: 0001\n"+rest)
	assert.Equal(t, []string{"Thunderbird"}, r.Export.Programs)
	assert.Contains(t, r.Export.Hint, "no Received field: this export cannot show the way; ask for the original from the server; ")
	assert.Nil(t, record(t, hop+rest).Export)
	e, err := newExaminer().Examine(t.Context(), itemOf(rest, mbox.Unknown))
	require.NoError(t, err)
	assert.Empty(t, e.Record.Export.Programs)
	assert.NotEmpty(t, e.Record.Export.Hint)
}
