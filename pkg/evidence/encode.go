package evidence

import (
	"onrecord/pkg/digest"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/message"
)

// Encode writes the record as json.Marshal would, but fast: a mailbox has a hundred thousand of them.
// Where a field is added to Record or to a type inside of it, it is added here too; a test compares the two.
func (r *Record) Encode(e *jsonout.Encoder) error {
	var err error
	keep := func(e2 error) {
		if err == nil {
			err = e2
		}
	}
	e.Object(func() {
		e.Key("exhibit")
		e.Int(int64(r.Exhibit))
		e.Key("file")
		e.String(r.File)
		e.Key("origin")
		keep(e.Any(r.Origin))
		e.Key("digests")
		r.Digests.encode(e)
		e.Key("copies")
		keep(e.Any(r.Copies))
		e.Key("message_id")
		e.String(r.MessageID)
		e.Key("in_reply_to")
		e.Strings(r.InReplyTo)
		e.Key("references")
		e.Strings(r.References)
		e.Key("subject")
		e.String(r.Subject)
		for _, a := range []struct {
			name string
			list []message.Address
		}{{"from", r.From}, {"sender", r.Sender}, {"reply_to", r.ReplyTo}, {"to", r.To}, {"cc", r.Cc}, {"bcc", r.Bcc}} {
			e.Key(a.name)
			encodeAddresses(e, a.list)
		}
		e.Key("date")
		e.Object(func() {
			e.Key("raw")
			e.String(r.Date.Raw)
			exactBytes(e, "raw_base64", r.Date.RawBase64)
			e.Key("time")
			e.Time(r.Date.Time)
			e.Key("notes")
			e.Strings(r.Date.Notes)
		})
		e.Key("recorded")
		e.Object(func() {
			e.Key("time")
			e.Time(r.Recorded.Time)
			e.Key("basis")
			e.String(string(r.Recorded.Basis))
		})
		e.Key("thread")
		e.String(r.Thread)
		e.Key("size")
		e.Int(r.Size)
		e.Key("reading")
		e.Object(func() {
			e.Key("variant")
			e.String(r.Reading.Variant)
			e.Key("quoted_lines")
			e.Int(int64(r.Reading.QuotedLines))
			e.Key("unquoted")
			e.Int(int64(r.Reading.Unquoted))
			e.Key("why")
			e.String(r.Reading.Why)
		})
		e.Key("header")
		e.Array(func() {
			for i := range r.Header {
				f := &r.Header[i]
				e.Object(func() {
					e.Key("name")
					e.String(f.Name)
					e.Key("raw")
					e.String(f.Raw)
					exactBytes(e, "raw_base64", f.RawBase64)
				})
			}
		})
		e.Key("received")
		keep(e.Any(r.Received))
		e.Key("delivery")
		e.Object(func() {
			e.Key("return_path")
			e.Strings(r.Delivery.ReturnPath)
			e.Key("delivered_to")
			e.Strings(r.Delivery.DeliveredTo)
			e.Key("x_original_to")
			e.Strings(r.Delivery.OriginalTo)
		})
		e.Key("authentication")
		keep(e.Any(r.Authentication))
		e.Key("parts")
		keep(e.Any(r.Parts))
		e.Key("text_source")
		e.String(r.TextSource)
		e.Key("text")
		e.String(r.Text)
		e.Key("nested")
		e.Array(func() {
			for _, n := range r.Nested {
				e.Object(func() {
					e.Key("part")
					e.String(n.Part)
					e.Key("message")
					keep(n.Record.Encode(e)) // bounded by maxNestedDepth
				})
			}
		})
		e.Key("defects")
		keep(e.Any(r.Defects))
	})
	return err
}

func (d *Digests) encode(e *jsonout.Encoder) {
	e.Object(func() {
		for _, x := range []struct {
			name string
			d    digest.Digest
		}{{"raw", d.Raw}, {"message", d.Message}, {"canonical", d.Canonical}, {"header", d.Header}, {"body", d.Body}, {"content", d.Content}} {
			e.Key(x.name)
			e.String(x.d.String())
		}
		e.Key("edrm_mih")
		if d.EDRMMIH == nil {
			e.Raw("null")
		} else {
			e.String(*d.EDRMMIH)
		}
	})
}

func encodeAddresses(e *jsonout.Encoder, list []message.Address) {
	e.Array(func() {
		for i := range list {
			a := &list[i]
			e.Object(func() {
				e.Key("name")
				e.String(a.Name)
				e.Key("address")
				e.String(a.Address)
			})
		}
	})
}

// exactBytes writes the sibling of a text that is not UTF-8.
func exactBytes(e *jsonout.Encoder, key, value string) {
	if value != "" {
		e.Key(key)
		e.String(value)
	}
}
