package dossier

import (
	"cmp"
	"slices"
	"strings"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/thread"
)

// brief is what analysis and threads need of a message. Its persons are people.Ref until all messages are read.
func (b *builder) brief(r *evidence.Record, t notice.Text) (notice.Message, thread.Input, error) {
	in := thread.Input{MessageID: r.MessageID, InReplyTo: r.InReplyTo, References: r.References, Subject: r.Subject, ThreadIndex: headerText(r, "Thread-Index")}
	if at := r.Sent().Time; at != nil {
		in.At = *at
	}
	m := notice.Message{Sent: notice.MomentOf(r.Sent()), Author: int32(people.NoRef), Parent: -1,
		Automatic: t.Automatic, Forward: forwards(r), Bare: len(r.InReplyTo)+len(r.References) == 0 && notice.Answers(r.Subject)}
	as := people.AsAuthor
	if strings.Contains(strings.ToLower(headerText(r, "Auto-Submitted")), "auto-generated") {
		as |= people.AsGenerated
	}
	if from := b.refs(r.From, as); len(from) > 0 {
		m.Author = int32(from[0])
	} else if sender := b.refs(r.Sender, as); len(sender) > 0 {
		m.Author = int32(sender[0])
	}
	if m.Author >= 0 {
		in.From = []int32{m.Author}
	}
	var err error
	m.Recipients.Start = uint32(b.recipients.Len())
	for field, list := range [...][]message.Address{notice.To: r.To, notice.Cc: r.Cc, notice.Bcc: r.Bcc} {
		for _, ref := range b.refs(list, people.AsRecipient) {
			in.People = append(in.People, int32(ref))
			err = cmp.Or(err, b.recipients.Add(notice.Recipient{Person: int32(ref), Field: notice.Field(field)}))
		}
	}
	m.Recipients.Len = uint32(b.recipients.Len()) - m.Recipients.Start
	if list := headerText(r, "List-Post"); list != "" {
		if a, ok := strings.CutPrefix(strings.Trim(list, "<> \t\r\n"), "mailto:"); ok {
			b.resolver.Add(people.Mailbox{Address: a}, people.AsList)
		}
	}
	m.Delivered.Start = uint32(b.delivered.Len())
	seen := map[string]bool{}
	deliver := func(address string) {
		address = strings.Trim(strings.TrimSpace(address), "<>")
		if key := strings.ToLower(address); strings.Contains(address, "@") && !seen[key] && len(seen) < maxDelivered {
			seen[key] = true
			err = cmp.Or(err, b.delivered.Add(int32(b.resolver.Add(people.Mailbox{Address: address}, people.AsRecipient))))
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
	m.Delivered.Len = uint32(b.delivered.Len()) - m.Delivered.Start
	b.freeReport(int32(b.kept.Len()), r, t) // the next to be kept
	return m, in, err
}

// skew is how many seconds after the time of the oldest hop the Date is.
func skew(r *evidence.Record) int64 {
	if r.Date.Time == nil {
		return 0
	}
	for i := len(r.Received) - 1; i >= 0; i-- {
		if at := r.Received[i].Time; at != nil {
			return r.Date.Time.Unix() - at.Unix()
		}
	}
	return 0
}

// freeReport reads a bounce or receipt in free text: in what a program sent, where no part of it is a report.
func (b *builder) freeReport(i int32, r *evidence.Record, t notice.Text) {
	machine := t.Automatic
	for _, a := range r.From {
		name := strings.ToLower(a.Name)
		machine = machine || strings.Contains(name, "mail delivery") || name == "system administrator" || name == "microsoft outlook" || name == "systemadministrator" || name == "mailer-daemon"
	}
	if !machine && notice.ReportedSubject(r.Subject) == "" {
		return
	}
	for _, p := range r.Parts {
		if p.ContentType == "message/disposition-notification" || p.ContentType == "message/delivery-status" {
			return
		}
	}
	if rep, ok := notice.ReadFreeReport(r.Subject, r.Text); ok {
		b.returns[i] = append(b.returns[i], rep)
		for _, n := range r.Nested {
			if id := hashID(n.Record.MessageID); id != 0 {
				b.returned[i] = id
				break
			}
		}
	}
}

// maxDelivered bounds the addresses that one message's servers name as delivered to.
const maxDelivered = 20

// refs hands the mailboxes of a list to the resolver.
func (b *builder) refs(list []message.Address, use people.Use) []people.Ref {
	var refs []people.Ref
	for _, a := range list {
		if a.Name != "" || a.Address != "" {
			refs = append(refs, b.resolver.Add(people.Mailbox{Name: a.Name, Address: a.Address}, use))
		}
	}
	return refs
}

// maxSubject bounds what the timeline shows of a subject, in bytes.
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

// innerOrigin says which message inside of a message the statement of the same place in builder.statements stands in.
type innerOrigin struct {
	statement int32 // index in builder.statements
	id        uint64
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
	slices.SortFunc(all, func(x, y innerFound) int { return strings.Compare(x.part, y.part) })
	return all
}

// takeInner keeps the statements of messages inside of message i: their author and addressees are those of that message.
func (b *builder) takeInner(i int32, inner []innerFound) error {
	for order, in := range inner {
		r := in.record
		author := int32(people.NoRef)
		if from := b.refs(r.From, people.AsAuthor); len(from) > 0 {
			author = int32(from[0])
		}
		to := notice.Run{Start: uint32(len(b.addressees))}
		for _, list := range [...][]message.Address{r.To, r.Cc, r.Bcc} {
			for _, ref := range b.refs(list, people.AsRecipient) {
				b.addressees = append(b.addressees, int32(ref))
			}
		}
		to.Len = uint32(len(b.addressees)) - to.Start
		for _, s := range in.found {
			s.Part = in.part
			st, err := b.addStatement(&s)
			if err != nil {
				return err
			}
			st.Message, st.Order, st.Author, st.Addressees, st.At = i, int32(order+1), author, to, notice.MomentOf(r.Sent())
			b.inner = append(b.inner, innerOrigin{int32(b.statements.Len()), hashID(r.MessageID)})
			b.statements.Add(st)
		}
	}
	return nil
}
