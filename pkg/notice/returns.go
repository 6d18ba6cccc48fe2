package notice

import (
	"cmp"
	"strings"
)

// ReturnKind tells what a report says happened to a message.
type ReturnKind uint8

// The kinds of reports.
const (
	ReadReceipt ReturnKind = iota + 1 // it was displayed (RFC 8098 §3.2.6.2 "displayed")
	Deleted                           // it was deleted without being displayed
	Arrived                           // it was delivered or relayed (RFC 3464 §2.3.3)
	Delayed                           // it is still being tried
	Failed                            // it could not be delivered
)

// Report is what a report part says, before the message that it speaks of is known.
type Report struct {
	Kind       ReturnKind
	Original   string   // Original-Message-ID with angle brackets; "" if the part does not name it (then take the Message-ID of the returned message or header)
	Recipients []string // addresses, as written
	Form       string   // "mdn", "dsn", or the mail program whose free text it is
	Subject    string   // of the message that it speaks of, where it says so; "" if not
}

// Bounds on a report.
const (
	maxReport           = 64 << 10 // bytes that are read
	maxReportRecipients = 1000
)

// ReadReport reads the body of a message/disposition-notification or message/delivery-status part. ok is false for any other media type
// and for a part that says nothing.
func ReadReport(mediaType, body string) (rep Report, ok bool) {
	if len(body) > maxReport {
		body = body[:maxReport]
	}
	mdn := strings.EqualFold(mediaType, "message/disposition-notification")
	if !mdn && !strings.EqualFold(mediaType, "message/delivery-status") {
		return Report{}, false
	}
	var final, original string
	var kind ReturnKind
	keep := func() { // the end of one recipient's fields: only those of the worst outcome are told
		if kind > rep.Kind {
			rep.Kind, rep.Recipients = kind, nil
		}
		if address := cmp.Or(final, original); address != "" && kind == rep.Kind && len(rep.Recipients) < maxReportRecipients {
			rep.Recipients = append(rep.Recipients, address)
		}
		final, original, kind = "", "", 0
	}
	for line := range strings.Lines(body) {
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found {
			if strings.TrimSpace(line) == "" {
				keep()
			}
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "original-message-id":
			rep.Original = value
		case "final-recipient":
			final = mailbox(value)
		case "original-recipient":
			original = mailbox(value)
		case "disposition":
			kind = disposition(strings.ToLower(value))
		case "action":
			kind = action(strings.ToLower(value))
		}
	}
	keep()
	rep.Form = "dsn"
	if mdn {
		rep.Form = "mdn"
	}
	return rep, rep.Kind != 0
}

// mailbox takes the address of "rfc822; joe@example.org".
func mailbox(v string) string {
	if _, address, found := strings.Cut(v, ";"); found {
		v = address
	}
	return strings.Trim(strings.TrimSpace(v), "<>")
}

func disposition(v string) ReturnKind {
	_, kind, found := strings.Cut(v, ";")
	if !found {
		kind = v
	}
	switch kind = strings.TrimSpace(kind); {
	case strings.HasPrefix(kind, "displayed"):
		return ReadReceipt
	case strings.HasPrefix(kind, "deleted"):
		return Deleted
	case strings.HasPrefix(kind, "failed"), strings.HasPrefix(kind, "error"):
		return Failed
	}
	return 0
}

func action(v string) ReturnKind {
	switch {
	case strings.HasPrefix(v, "failed"):
		return Failed
	case strings.HasPrefix(v, "delayed"):
		return Delayed
	case strings.HasPrefix(v, "delivered"), strings.HasPrefix(v, "relayed"), strings.HasPrefix(v, "expanded"):
		return Arrived
	}
	return 0
}
