package pdf

import (
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/pdfa"
)

// The metadata of the volume that holds the files tell of the embedded ones among the first maxDescribed exhibits, but for one whose header is beyond maxHeader: a message is told of whole, or
// not at all.
const maxDescribed = 200

// described is what the metadata tell of a message; nil if it is too long for them.
func described(r *evidence.Record) *pdfa.Mail {
	octets := 0
	raw := map[string]string{}
	for i := range r.Header {
		f := &r.Header[i]
		if octets += len(f.Raw); octets > maxHeader {
			return nil
		}
		switch name := strings.ToLower(f.Name); name {
		case "from", "to", "cc", "bcc":
			_, body, _ := strings.Cut(f.Raw, ":")
			if body = strings.Trim(body, " \t\r\n"); raw[name] != "" {
				body = raw[name] + ", " + body // as repeated address fields are to be read (RFC 5322 §4.5.3)
			}
			raw[name] = body
		}
	}
	m := &pdfa.Mail{From: agents(r.From), To: agents(r.To), Cc: agents(r.Cc), Bcc: agents(r.Bcc), RawFrom: raw["from"], RawTo: raw["to"], RawCc: raw["cc"], RawBcc: raw["bcc"],
		Sent: r.Date.Time, RawSent: r.Date.Raw, Subject: r.Subject, MessageID: r.MessageID, InReplyTo: r.InReplyTo, References: r.References}
	for _, p := range r.Parts {
		if isAttachment(p) {
			m.Attachments++
		}
	}
	return m
}

func agents(list []message.Address) []pdfa.Agent {
	var all []pdfa.Agent
	for _, a := range list {
		all = append(all, pdfa.Agent(a))
	}
	return all
}
