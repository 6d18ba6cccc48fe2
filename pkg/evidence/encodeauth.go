package evidence

import (
	"onrecord/pkg/authres"
	"onrecord/pkg/dkim"
	"onrecord/pkg/jsonout"
	"onrecord/pkg/remark"
)

func encodeAuthentication(e *jsonout.Encoder, a *Authentication) (err error) {
	e.Object(func() {
		e.Key("recorded")
		e.Array(func() {
			for i := range a.Recorded {
				encodeResults(e, &a.Recorded[i])
			}
		})
		e.Key("dkim")
		e.Array(func() {
			for i := range a.DKIM {
				encodeSignature(e, &a.DKIM[i])
			}
		})
		e.Key("arc")
		e.Object(func() {
			e.Member("chain", string(a.ARC.Chain))
			e.Member("why", a.ARC.Why)
			e.Key("sets")
			e.Array(func() {
				for i := range a.ARC.Sets {
					encodeARCSet(e, &a.ARC.Sets[i])
				}
			})
			optionalInt(e, "instance", a.ARC.Instance)
			optionalInt(e, "oldest_pass", a.ARC.OldestPass)
			if len(a.ARC.Checks) > 0 {
				e.Key("checks")
				e.Array(func() {
					for i := range a.ARC.Checks {
						encodeARCCheck(e, &a.ARC.Checks[i])
					}
				})
			}
			encodeRemarks(e, "said", a.ARC.Said)
		})
		e.Key("spf")
		encodeRecorded(e, a.SPF)
		e.Key("dmarc")
		encodeRecorded(e, a.DMARC)
		if len(a.Signatures) > 0 {
			e.Key("signatures")
			err = e.Any(a.Signatures)
		}
	})
	return err
}

func encodeMembers(e *jsonout.Encoder, each func(func(key, value string))) {
	e.Object(func() {
		each(func(key, value string) {
			e.Name(key)
			e.String(value)
		})
	})
}

func encodeResults(e *jsonout.Encoder, f *authres.Field) {
	e.Object(func() {
		e.Member("raw", f.Raw)
		e.Optional("raw_base64", f.RawBase64)
		e.Member("authserv_id", f.AuthServID)
		e.Optional("version", f.Version)
		if f.Instance != 0 {
			e.Key("instance")
			e.Int(int64(f.Instance))
		}
		e.Key("trusted")
		e.Bool(f.Trusted)
		e.Key("results")
		e.Array(func() {
			for i := range f.Results {
				r := &f.Results[i]
				e.Object(func() {
					e.Member("method", r.Method)
					e.Optional("version", r.Version)
					e.Member("value", r.Value)
					e.Member("reason", r.Reason)
					e.Optional("comment", r.Comment)
					e.Key("properties")
					encodeMembers(e, r.Properties.Each)
				})
			}
		})
		e.Key("notes")
		e.Strings(f.Notes)
		e.Optional("field", f.Field)
	})
}

func encodeRecorded(e *jsonout.Encoder, list []RecordedResult) {
	e.Array(func() {
		for i := range list {
			r := &list[i]
			e.Object(func() {
				e.Member("value", r.Value)
				e.Member("reason", r.Reason)
				e.Key("properties")
				encodeMembers(e, r.Properties.Each)
				e.Member("field", r.Field)
				e.Key("index")
				e.Int(int64(r.Index))
				e.Member("server", r.Server)
				e.Key("trusted")
				e.Bool(r.Trusted)
				if r.Aligned != nil {
					e.Key("aligned")
					e.Bool(*r.Aligned)
				}
			})
		}
	})
}

func encodeSignature(e *jsonout.Encoder, s *dkim.Signature) {
	e.Object(func() {
		e.Member("domain", s.Domain)
		e.Member("selector", s.Selector)
		e.Member("algorithm", s.Algorithm)
		e.Member("canonicalization", s.Canonicalization)
		e.Key("signed_fields")
		e.Strings(s.SignedFields)
		e.Key("unsigned_fields")
		e.Strings(s.UnsignedFields)
		e.Member("body_hash", string(s.BodyHash))
		e.Member("signature", string(s.Signature))
		e.Key("key")
		encodeKey(e, &s.Key)
		e.Key("policy")
		e.Strings(s.Policy)
		e.Key("signed_at")
		e.Time(s.SignedAt)
		e.Key("expires_at")
		e.Time(s.ExpiresAt)
		e.Key("aligned")
		e.Bool(s.Aligned)
		e.Member("summary", s.Summary)
		e.Member("kind", string(s.Kind))
		e.Optional("identity", s.Identity)
		if s.BodyLength != nil {
			e.Key("body_length")
			e.Int(*s.BodyLength)
		}
		optionalStrings(e, "oversigned", s.Oversigned)
		e.Optional("why", s.Why)
		optionalStrings(e, "notes", s.Notes)
		if len(s.KeyAlternatives) > 0 {
			e.Key("key_alternatives")
			e.Array(func() {
				for i := range s.KeyAlternatives {
					encodeKey(e, &s.KeyAlternatives[i])
				}
			})
		}
		encodeRemarks(e, "remarks", s.Remarks)
		encodeRemarks(e, "said", s.Said)
	})
}

func encodeARCCheck(e *jsonout.Encoder, c *dkim.ARCCheck) {
	e.Object(func() {
		e.Key("instance")
		e.Int(int64(c.Instance))
		e.Member("kind", string(c.Kind))
		e.Member("domain", c.Domain)
		e.Member("selector", c.Selector)
		e.Optional("body_hash", string(c.BodyHash))
		e.Member("signature", string(c.Signature))
		e.Key("key")
		encodeKey(e, &c.Key)
		e.Key("signed_at")
		e.Time(c.SignedAt)
		e.Optional("why", c.Why)
		optionalStrings(e, "notes", c.Notes)
		encodeRemarks(e, "remarks", c.Remarks)
	})
}

func encodeRemarks(e *jsonout.Encoder, key string, list []remark.Remark) {
	if len(list) == 0 {
		return
	}
	e.Key(key)
	e.Array(func() {
		for _, r := range list {
			e.Object(func() {
				e.Member("kind", r.Kind)
				optionalStrings(e, "args", r.Args)
				e.Member("text", r.Text)
			})
		}
	})
}

func optionalInt(e *jsonout.Encoder, key string, n int) {
	if n != 0 {
		e.Key(key)
		e.Int(int64(n))
	}
}

func optionalStrings(e *jsonout.Encoder, key string, list []string) {
	if len(list) > 0 {
		e.Key(key)
		e.Strings(list)
	}
}

func encodeKey(e *jsonout.Encoder, k *dkim.Key) {
	e.Object(func() {
		e.Member("origin", string(k.Origin))
		e.Member("record", k.Record)
		e.Key("bits")
		e.Int(int64(k.Bits))
		e.Key("retrieved_at")
		e.Time(k.RetrievedAt)
		e.Optional("resolver", k.Resolver)
		if k.DNSSEC {
			e.Key("dnssec")
			e.Bool(true)
		}
		e.Optional("name", k.Name)
	})
}

func encodeARCSet(e *jsonout.Encoder, s *authres.ARCSet) {
	e.Object(func() {
		e.Key("instance")
		e.Int(int64(s.Instance))
		e.Member("cv", s.CV)
		e.Member("domain", s.Domain)
		e.Member("selector", s.Selector)
		e.Key("time")
		e.Time(s.Time)
		e.Key("results")
		if s.Results == nil {
			e.Raw("null")
		} else {
			encodeResults(e, s.Results)
		}
		e.Key("message")
		encodeMembers(e, s.Message.Each)
		e.Key("seal")
		encodeMembers(e, s.Seal.Each)
		e.Key("notes")
		e.Strings(s.Notes)
	})
}
