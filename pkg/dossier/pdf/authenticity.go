package pdf

import (
	"fmt"
	"strings"

	"onrecord/pkg/authres"
	"onrecord/pkg/dkim"
	"onrecord/pkg/evidence"
)

// authenticity draws what can be said about who sent the message: how each thing stands, then the facts of each signature, then what servers recorded.
func (b *book) authenticity(r *evidence.Record) {
	w := b.w
	a := &r.Authentication
	b.heading(w.AuthTitle, 70)
	b.standing(r)
	for i := range a.DKIM {
		b.signature(i+1, &a.DKIM[i])
	}
	if len(a.Recorded)+len(a.SPF)+len(a.DMARC)+len(a.ARC.Sets) == 0 && (a.ARC.Chain == "" || a.ARC.Chain == evidence.ARCNone) {
		return
	}
	t := b.newTable(tinyLead, column{head: w.RecordedBy, width: 24}, column{head: w.Trust, width: 14}, column{head: w.Results, width: 62}).dense()
	shown := 0
	for i := range a.Recorded {
		if shown++; shown > maxResults {
			break
		}
		f := &a.Recorded[i]
		server := f.AuthServID
		if server == "" {
			server = w.Unnamed
		}
		t.row([]span{{cut(server, 200), style{size: tinySize, ink: ink}}}, []span{b.trust(f.Trusted)}, b.results(f.Results))
	}
	for _, kind := range []struct {
		name string
		list []evidence.RecordedResult
	}{{"SPF", a.SPF}, {"DMARC", a.DMARC}} {
		for i := range kind.list {
			if shown++; shown > maxResults {
				break
			}
			x := &kind.list[i]
			what := []span{{kind.name + " " + cut(x.Value, 60), style{face: bold, size: tinySize, ink: ink}}}
			if p := properties(x.Properties); p != "" {
				what = append(what, tiny(" "+p))
			}
			if x.Reason != "" {
				what = append(what, tiny(" ("+cut(x.Reason, 200)+")"))
			}
			what = append(what, tiny(", "+fmt.Sprintf(w.FromField, cut(x.Field, 60))))
			server := x.Server
			if server == "" {
				server = w.Unnamed
			}
			t.row([]span{{cut(server, 200), style{size: tinySize, ink: ink}}}, []span{b.trust(x.Trusted)}, what)
		}
	}
	if a.ARC.Chain != "" && a.ARC.Chain != evidence.ARCNone || len(a.ARC.Sets) > 0 {
		what := []span{{b.say.Chain(a.ARC.Chain), style{face: bold, size: tinySize, ink: ink}}, tiny(" " + cut(b.free(a.ARC.Why), 400))}
		for i := range a.ARC.Sets {
			if i == 20 {
				break
			}
			s := &a.ARC.Sets[i]
			what = append(what, tiny(fmt.Sprintf("\ni=%d cv=%s d=%s s=%s", s.Instance, cut(s.CV, 20), cut(s.Domain, 200), cut(s.Selector, 100))))
			if s.Time != nil {
				what = append(what, tiny(" "+b.exact(s.Time)))
			}
		}
		t.row([]span{{w.Arc, style{size: tinySize, ink: ink}}}, []span{tiny(w.Computed)}, what)
	}
	t.end()
	b.leftOut(maxResults, shown)
}

func (b *book) trust(trusted bool) span {
	if trusted {
		return span{b.w.Trusted, style{face: bold, size: tinySize, ink: colour{20, 104, 84}}}
	}
	return tiny(b.w.Claimed)
}

// results writes what one field says.
func (b *book) results(list []authres.Result) []span {
	if len(list) == 0 {
		return []span{tiny("none")}
	}
	var out []span
	for i := range list {
		if i == 30 {
			out = append(out, tiny("\n"+fmt.Sprintf(b.w.More, len(list)-i)))
			break
		}
		r := &list[i]
		if i > 0 {
			out = append(out, tiny("\n"))
		}
		out = append(out, span{cut(r.Method, 40) + "=" + cut(r.Value, 40), style{face: bold, size: tinySize, ink: ink}})
		if p := properties(r.Properties); p != "" {
			out = append(out, tiny(" "+p))
		}
		for _, s := range []string{r.Reason, r.Comment} {
			if s != "" {
				out = append(out, tiny(" ("+cut(s, 240)+")"))
			}
		}
	}
	return out
}

func properties(list authres.Properties) string {
	var out []string
	for i, p := range list {
		if i == 20 {
			break
		}
		name := p.Name
		if p.Type != "" {
			name = p.Type + "." + p.Name
		}
		out = append(out, cut(name, 60)+"="+cut(p.Value, 200))
	}
	return strings.Join(out, " ")
}

// signature draws the facts of one DKIM signature.
func (b *book) signature(n int, s *dkim.Signature) {
	w := b.w
	t := b.newTable(tinyLead, column{width: 17}, column{width: 83}).dense()
	t.fill = panel
	b.need(70)
	value := func(s string) span { return span{s, style{size: tinySize, ink: ink}} }
	put := func(key string, v ...span) {
		if len(v) > 0 && v[0].text != "" {
			t.row([]span{{key, style{face: bold, size: tinySize, ink: grey}}}, v)
		}
	}
	put(fmt.Sprintf(w.SignatureN, n), value(fmt.Sprintf("%s · %s · %s · %s", cut(s.Domain, 200), cut(s.Selector, 120), cut(s.Algorithm, 40), cut(s.Canonicalization, 40))))
	put(w.BodyHash, b.verdict(string(s.BodyHash), b.say.BodyHash(s.BodyHash)), value("   "+w.Signature+" "), b.verdict(string(s.Signature), b.say.Verdict(s.Signature)), value("   "+b.aligned(s.Aligned)))
	key := b.say.KeyOrigin(s.Key.Origin)
	if s.Key.Bits > 0 {
		key += fmt.Sprintf(", %d bit", s.Key.Bits)
	}
	if s.Key.RetrievedAt != nil {
		key += ", " + b.exact(s.Key.RetrievedAt)
	}
	if s.Key.Name != "" {
		key += ", " + cut(s.Key.Name, 300)
	}
	put(w.Key, value(key))
	times := make([]string, 0, 2)
	if s.SignedAt != nil {
		times = append(times, b.exact(s.SignedAt))
	}
	if s.ExpiresAt != nil {
		times = append(times, fmt.Sprintf(w.Expires, b.exact(s.ExpiresAt)))
	}
	put(w.SignedAt, value(strings.Join(times, " · ")))
	put(w.Policy, value(cut(b.policies(s.Policy), 400)))
	put(w.SignedFields, value(cut(strings.Join(s.SignedFields, ", "), 800)))
	put(w.UnsignedFields, value(cut(strings.Join(s.UnsignedFields, ", "), 800)))
	put(w.WhyColumn, value(cut(b.free(s.Why), 600)))
	put(w.Notes, value(b.freeList(s.Notes, 1500)))
	b.y += 6
}

// verdict colours a word of ours: what holds, what does not, what was not checked.
func (b *book) verdict(word, said string) span {
	s := style{face: bold, size: tinySize, ink: ink}
	switch word {
	case string(dkim.Match), string(dkim.Valid):
		s.ink = colour{20, 104, 84}
	case string(dkim.Mismatch), string(dkim.Invalid):
		s.ink = alert
	}
	return span{said, s}
}

// policies explains the policy notes of a signature.
func (b *book) policies(list []string) string {
	out := make([]string, len(list))
	for i, note := range list {
		out[i] = b.say.Policy(note)
	}
	return strings.Join(out, "; ")
}

func (b *book) aligned(yes bool) string {
	if yes {
		return b.w.AlignedYes
	}
	return b.w.AlignedNo
}
