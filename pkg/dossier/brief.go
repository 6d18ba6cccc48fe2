package dossier

import (
	"strings"
	"time"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// brief is what analysis needs of a message, in terms that do not depend on what is read after it.
type brief struct {
	sent, recorded evidence.Instant
	author         people.Ref // -1 without one
	to, cc, bcc    []people.Ref
	delivered      []people.Ref
	quotes         []uint64
	subject        string
	forward        bool
	automatic      bool
}

func (b *builder) brief(r *evidence.Record) brief {
	t := FinderText(r)
	x := brief{sent: r.Sent(), recorded: r.Recorded, author: people.NoRef, automatic: t.Automatic, forward: forwards(r), subject: strings.Clone(clip(r.Subject, maxSubject))}
	as := people.AsAuthor
	if strings.Contains(strings.ToLower(headerText(r, "Auto-Submitted")), "auto-generated") {
		as |= people.AsGenerated
	}
	if from := b.refs(r.From, as); len(from) > 0 {
		x.author = from[0]
	} else if sender := b.refs(r.Sender, as); len(sender) > 0 {
		x.author = sender[0]
	}
	x.to, x.cc, x.bcc = b.refs(r.To, people.AsRecipient), b.refs(r.Cc, people.AsRecipient), b.refs(r.Bcc, people.AsRecipient)
	if list := headerText(r, "List-Post"); list != "" {
		if a, ok := strings.CutPrefix(strings.Trim(list, "<> \t\r\n"), "mailto:"); ok {
			b.resolver.Add(people.Mailbox{Address: a}, people.AsList)
		}
	}
	seen := map[string]bool{}
	deliver := func(address string) {
		address = strings.Trim(strings.TrimSpace(address), "<>")
		if key := strings.ToLower(address); strings.Contains(address, "@") && !seen[key] && len(seen) < 20 {
			seen[key] = true
			x.delivered = append(x.delivered, b.resolver.Add(people.Mailbox{Address: address}, people.AsRecipient))
		}
	}
	for _, a := range r.Delivery.DeliveredTo {
		deliver(a)
	}
	for _, a := range r.Delivery.OriginalTo {
		deliver(a)
	}
	if len(r.Received) > 0 {
		deliver(r.Received[0].For)
	}
	return x
}

// maxSubject bounds what is kept in memory of a subject, in bytes.
const maxSubject = 200

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// forwards tells whether a message passes on another one.
func forwards(r *evidence.Record) bool {
	if len(r.Nested) > 0 {
		return true
	}
	s := strings.ToLower(strings.TrimSpace(r.Subject))
	for _, p := range [...]string{"fw:", "fwd:", "wg:", "tr:", "rv:", "i:", "[fwd:"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func orderTime(r *evidence.Record) time.Time {
	if at := r.Sent().Time; at != nil {
		return *at
	}
	return time.Time{}
}

// innerStatement is a statement of a message/rfc822 part: its author and addressees are those of that message.
type innerStatement struct {
	in     int32 // index in kept of the message that holds it
	id     uint64
	author people.Ref
	to     []people.Ref
	found  notice.Statement
}

// takeInner keeps the statements of messages inside of the message.
func (b *builder) takeInner(i int32, out examined) {
	for _, in := range out.inner {
		r := in.record
		author := people.NoRef
		if from := b.refs(r.From, people.AsAuthor); len(from) > 0 {
			author = from[0]
		}
		var to []people.Ref
		for _, list := range [...][]message.Address{r.To, r.Cc, r.Bcc} {
			to = append(to, b.refs(list, people.AsRecipient)...)
		}
		for _, s := range apart(in.found) {
			s.Part = in.part
			sent := r.Sent()
			s.At, s.Basis = sent.Time, sent.Basis
			b.inner = append(b.inner, innerStatement{in: i, id: hashID(r.MessageID), author: author, to: to, found: s})
		}
	}
}

// innerFound are the statements found in one message/rfc822 part.
type innerFound struct {
	part   string
	record *evidence.Record
	found  []notice.Statement
}

// findInner reads the messages inside of a message, with a queue.
func (b *builder) findInner(r *evidence.Record) []innerFound {
	type at struct {
		prefix string
		r      *evidence.Record
	}
	var all []innerFound
	for queue := []at{{"", r}}; len(queue) > 0; queue = queue[1:] {
		for _, n := range queue[0].r.Nested {
			part := queue[0].prefix + n.Part
			if f := b.in.Finder.Find(FinderText(n.Record)); len(f.Statements) > 0 {
				all = append(all, innerFound{part, n.Record, f.Statements})
			}
			queue = append(queue, at{part + "/", n.Record})
		}
	}
	return all
}
