package mailgen

import (
	"fmt"
	"strings"
)

const (
	signedFields = "from:to:subject:date:message-id:mime-version:content-type"
	signedBody   = "Dear Ben,\n\nplease leave the signature on the links. Without it anybody who guesses a number reads a stranger's bill.\n\nMara\n"
)

// signedVariants are the cases that a reader must be able to tell apart (the first four) and the policies.
func signedVariants(c *composer) ([]variant, error) {
	hop := func(results string) string {
		return "Received: from mx.client.example (mx.client.example [198.51.100.25]) by store.client.example (Postfix) with ESMTPS id 4S2;\n\tTue, 3 Mar 2026 09:15:05 +0100\n" +
			"Authentication-Results: mx.client.example; " + results + "\n" +
			"Received: from mail.tidewell.example (mail.tidewell.example [192.0.2.20]) by mx.client.example (Postfix) with ESMTPS id 4S1;\n\tTue, 3 Mar 2026 09:15:04 +0100\n"
	}
	fields := func(id, subject string) string {
		return "From: Mara Lindqvist <mara.lindqvist@tidewell.example>\nTo: Ben Rohr <ben@client.example>\nSubject: " + subject + "\nDate: Tue, 3 Mar 2026 09:15:00 +0100\nMessage-ID: <" + id + "@tidewell.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
	}
	sign := func(args string) string { return "%%dkim " + args + " h=" + signedFields + "\n" }
	tidewell := "d=tidewell.example s=tw2025 t=2026-03-03T08:15:01Z"
	pass := "dkim=pass header.d=tidewell.example header.s=tw2025; spf=pass smtp.mailfrom=mara.lindqvist@tidewell.example; dmarc=pass header.from=tidewell.example"

	cases := []struct{ name, what, expected, text string }{
		{"auth-1-key-gone.eml", "signed, but the key is no longer to be had", "body hash match, signature unchecked: no forgery, a vanished key",
			strings.NewReplacer("mara.lindqvist@tidewell", "luc.hamelin@ardennit", "Mara Lindqvist", "Luc Hamelin", "\n\nMara\n", "\n\nLuc\n", "auth1@tidewell", "auth1@ardennit", "header.d=tidewell", "header.d=ardennit", "header.s=tw2025", "header.s=mail2026", "header.from=tidewell", "header.from=ardennit", "mail.tidewell", "mail.ardennit", "192.0.2.20", "198.51.100.44").
				Replace(hop(pass) + sign("d=ardennit.example s=mail2026 t=2026-03-03T08:15:01Z") + fields("auth1", "The links") + signedBody)},
		{"auth-2-never-signed.eml", "never signed", "no signature: nothing to check", hop("dkim=none; spf=pass smtp.mailfrom=mara.lindqvist@tidewell.example; dmarc=pass header.from=tidewell.example") + fields("auth2", "The links") + signedBody},
		{"auth-3-changed-by-list.eml", "signed, then a list put a tag before the subject and a footer below the text", "mismatch, but fits once tag and footer are taken off",
			hop("dkim=fail (body hash did not verify) header.d=tidewell.example") + "List-Id: <owners.lists.client.example>\n" + sign(tidewell) + fields("auth3", "The links") + signedBody + "%%after-signing\n_______________________________________________\nowners mailing list\nowners@lists.client.example\n"},
		{"auth-4-forged.eml", "a signature copied from another message, and an Authentication-Results of the forger", "mismatch and invalid; the lower field is claimed by the message itself", ""},
		{"signed-good.eml", "signed, unchanged", "match, valid", hop(pass) + sign(tidewell) + fields("good", "The links") + signedBody},
		{"signed-expired.eml", "signed with x= ten minutes after", "match, valid, expired since", hop(pass) + sign(tidewell+" x=2026-03-03T08:25:01Z") + fields("expired", "The links") + signedBody},
		{"signed-sha1.eml", "rsa-sha1", "match, valid, policy sha1", hop(pass) + sign(tidewell+" a=rsa-sha1") + fields("sha1", "The links") + signedBody},
		{"signed-partial.eml", "l= covers the text but not what follows", "partial, valid, partial-body", hop(pass) + sign(tidewell+fmt.Sprintf(" l=%d", len(CRLF([]byte(signedBody))))) + fields("partial", "The links") + signedBody + "%%after-signing\nP.S. You may take it off after all.\n"},
		{"signed-unaligned.eml", "signed by another domain than that of From", "match, valid, unaligned", hop(pass) + sign("d=weydert.example s=google") + fields("unaligned", "The links") + signedBody},
		{"signed-changed-body.eml", "one word of the text changed after signing", "mismatch; signature over the header valid", ""},
		{"signed-changed-subject.eml", "the subject changed after signing", "match, invalid", ""},
	}
	var good string
	var out []variant
	for _, v := range cases {
		raw := ""
		if v.text != "" {
			m, err := c.message("%%envelope mara.lindqvist@tidewell.example 2026-03-03T08:15:05Z S\n" + v.text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", v.name, err)
			}
			raw = string(m.Raw)
		}
		switch v.name {
		case "signed-good.eml":
			good = raw
		case "auth-3-changed-by-list.eml":
			raw = strings.Replace(raw, "Subject: The links", "Subject: [owners] The links", 1)
		}
		out = append(out, variant{v.name, v.what, v.expected, []byte(raw)})
	}
	for i := range out {
		switch v := &out[i]; v.name {
		case "signed-changed-body.eml":
			v.data = []byte(strings.Replace(good, "leave the signature on", "take the signature off", 1))
		case "signed-changed-subject.eml":
			v.data = []byte(strings.Replace(good, "Subject: The links", "Subject: The links may go", 1))
		case "auth-4-forged.eml":
			_, signature, _ := strings.Cut(good, "DKIM-Signature:")
			signature, _, _ = strings.Cut(signature, "From: Mara")
			v.data = []byte(strings.Replace(hop("dkim=fail (body hash did not verify) header.d=tidewell.example; spf=softfail smtp.mailfrom=mara.lindqvist@tidewell.example; dmarc=fail header.from=tidewell.example"), "mail.tidewell.example (mail.tidewell.example [192.0.2.20])", "mail.tidewell.example (unknown [203.0.113.250])", 1) +
				"Received: from desk.tidewell.example (desk.tidewell.example [192.0.2.157]) by mail.tidewell.example (Postfix) with ESMTPSA id 4S0;\n\tTue, 3 Mar 2026 09:15:02 +0100\n" +
				"Authentication-Results: mx.client.example; " + pass + "\nDKIM-Signature:" + signature + fields("auth4", "The links") + "Dear Ben,\n\nI have looked at it again: the signature can go, there is no risk at all.\n\nMara\n")
		}
	}
	return out, nil
}
