package evidence

import (
	"onrecord/pkg/digest"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
	"onrecord/pkg/trace"
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
		e.Member("file", r.File)
		e.Key("origin")
		encodeOrigin(e, &r.Origin)
		e.Key("digests")
		r.Digests.encode(e)
		e.Key("copies")
		keep(e.Any(r.Copies))
		e.Member("message_id", r.MessageID)
		e.Key("in_reply_to")
		e.Strings(r.InReplyTo)
		e.Key("references")
		e.Strings(r.References)
		e.Member("subject", r.Subject)
		for _, a := range []struct {
			name string
			list []message.Address
		}{{"from", r.From}, {"sender", r.Sender}, {"reply_to", r.ReplyTo}, {"to", r.To}, {"cc", r.Cc}, {"bcc", r.Bcc}} {
			e.Key(a.name)
			encodeAddresses(e, a.list)
		}
		e.Key("date")
		e.Object(func() {
			e.Member("raw", r.Date.Raw)
			e.Optional("raw_base64", r.Date.RawBase64)
			e.Key("time")
			e.Time(r.Date.Time)
			e.Key("notes")
			e.Strings(r.Date.Notes)
		})
		e.Key("recorded")
		e.Object(func() {
			e.Key("time")
			e.Time(r.Recorded.Time)
			e.Member("basis", string(r.Recorded.Basis))
		})
		e.Key("instants")
		encodeMarks(e, r.Instants)
		if len(r.Clocks) > 0 {
			e.Key("clocks")
			keep(e.Any(r.Clocks))
		}
		e.Member("thread", r.Thread)
		e.Key("size")
		e.Int(r.Size)
		e.Key("reading")
		e.Object(func() {
			e.Member("variant", r.Reading.Variant)
			e.Key("quoted_lines")
			e.Int(int64(r.Reading.QuotedLines))
			e.Key("unquoted")
			e.Int(int64(r.Reading.Unquoted))
			e.Member("why", r.Reading.Why)
		})
		e.Key("header")
		e.Array(func() {
			for i := range r.Header {
				f := &r.Header[i]
				e.Object(func() {
					e.Member("name", f.Name)
					e.Member("raw", f.Raw)
					e.Optional("raw_base64", f.RawBase64)
				})
			}
		})
		e.Key("received")
		e.Array(func() {
			for i := range r.Received {
				encodeReceived(e, &r.Received[i])
			}
		})
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
		keep(encodeAuthentication(e, &r.Authentication))
		e.Key("parts")
		e.Array(func() {
			for i := range r.Parts {
				encodePart(e, &r.Parts[i])
			}
		})
		e.Member("text_source", r.TextSource)
		e.Member("text", r.Text)
		if len(r.RemoteContent) > 0 {
			e.Key("remote_content")
			keep(e.Any(r.RemoteContent))
		}
		if len(r.Unpacked) > 0 {
			e.Key("unpacked")
			keep(e.Any(r.Unpacked))
		}
		if r.Export != nil {
			e.Key("export")
			keep(e.Any(r.Export))
		}
		e.Key("nested")
		e.Array(func() {
			for _, n := range r.Nested {
				e.Object(func() {
					e.Member("part", n.Part)
					e.Key("message")
					keep(n.Record.Encode(e)) // bounded by maxNestedDepth
				})
			}
		})
		e.Key("defects")
		e.Array(func() {
			for _, d := range r.Defects {
				e.Object(func() {
					e.Member("kind", string(d.Kind))
					e.Member("detail", d.Detail)
					e.Key("offset")
					e.Int(d.Offset)
				})
			}
		})
	})
	return err
}

func encodeMarks(e *jsonout.Encoder, list []Mark) {
	e.Array(func() {
		for i := range list {
			m := &list[i]
			e.Object(func() {
				e.Key("time")
				e.Time(&m.Time)
				e.Member("basis", string(m.Basis))
				e.Key("index")
				e.Int(int64(m.Index))
				e.Optional("form", m.Form)
			})
		}
	})
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
				e.Member("name", a.Name)
				e.Member("address", a.Address)
			})
		}
	})
}

func encodeOrigin(e *jsonout.Encoder, o *source.Origin) {
	e.Object(func() {
		e.Member("source", o.Source)
		e.Key("offset")
		e.Int(o.Offset)
		e.Key("length")
		e.Int(o.Length)
		e.Member("envelope_line", o.EnvelopeLine)
		e.Optional("envelope_line_base64", o.EnvelopeLineBase64)
		e.Optional("flags", o.Flags)
	})
}

func encodeReceived(e *jsonout.Encoder, h *trace.Received) {
	e.Object(func() {
		e.Member("raw", h.Raw)
		e.Optional("raw_base64", h.RawBase64)
		e.Key("from")
		encodeHost(e, &h.From)
		e.Key("by")
		encodeHost(e, &h.By)
		e.Member("via", h.Via)
		e.Member("with", h.With)
		e.Member("id", h.ID)
		e.Member("for", h.For)
		e.Key("time")
		e.Time(h.Time)
		e.Key("delay_seconds")
		if h.DelaySeconds == nil {
			e.Raw("null")
		} else {
			e.Float(*h.DelaySeconds)
		}
		e.Optional("tls", h.TLS)
		e.Optional("envelope_from", h.EnvelopeFrom)
		e.Optional("authenticated_as", h.AuthenticatedAs)
		if h.Private {
			e.Key("private")
			e.Raw("true")
		}
		e.Key("notes")
		e.Strings(h.Notes)
	})
}

func encodeHost(e *jsonout.Encoder, h *trace.Host) {
	e.Object(func() {
		e.Member("name", h.Name)
		e.Member("helo", h.HELO)
		e.Member("reverse", h.Reverse)
		ip := ""
		if h.IP.IsValid() {
			ip = h.IP.String()
		}
		e.Member("ip", ip)
		e.Optional("ip_text", h.IPText)
		e.Optional("user", h.User)
		e.Optional("software", h.Software)
		e.Optional("text", h.Text)
	})
}

func encodePart(e *jsonout.Encoder, p *message.Part) {
	e.Object(func() {
		e.Member("path", p.Path)
		e.Member("content_type", p.ContentType)
		e.Member("charset", p.Charset)
		e.Member("disposition", p.Disposition)
		e.Member("filename", p.Filename)
		e.Key("size")
		e.Int(p.Size)
		e.Member("sha256", p.SHA256.String())
		e.Member("transfer_encoding", p.Encoding)
		e.Optional("content_id", p.ContentID)
		e.Key("offset")
		e.Int(p.Offset)
		e.Key("length")
		e.Int(p.Length)
	})
}
