package evidence

import (
	"slices"
	"strings"

	"onrecord/pkg/exporter"
)

// Export tells which programs had the message in their hands after it was received, as far as they leave traces.
type Export struct {
	Programs []string `json:"programs"`
	Traces   []string `json:"traces"`         // what shows each of them: a field's name, the envelope line …
	Hint     string   `json:"hint,omitempty"` // what this export cannot show, and how a better one is got

	found []exporter.Finding
}

// Found gives the programs with what is known of them; for records that were just examined.
func (x *Export) Found() []exporter.Finding {
	if x == nil {
		return nil
	}
	return x.found
}

func (r *Record) traces() {
	var found []exporter.Finding
	add := func(f exporter.Finding) {
		if !slices.ContainsFunc(found, func(g exporter.Finding) bool { return g.Program == f.Program }) {
			found = append(found, f)
		}
	}
	for i := range r.Header {
		name := r.Header[i].Name
		if p := exporter.Field(name); p != nil {
			add(exporter.Finding{Program: p, Trace: name})
		}
		if len(name) == len("Content-Type") && name[0]|0x20 == 'c' && strings.EqualFold(name, "Content-Type") {
			if f, ok := exporter.Boundary(r.Header[i].Raw); ok {
				add(f)
			}
		}
	}
	if f, ok := exporter.Envelope(r.Origin.EnvelopeLine); ok {
		add(f)
	}
	if len(r.Received) > 0 {
		if f, ok := exporter.Received(r.Received[0].Raw); ok {
			add(f)
		}
	}
	if strings.HasSuffix(r.Origin.Source, ".emlx") {
		add(exporter.AppleMail())
	}
	if found == nil && len(r.Received) > 0 {
		return
	}
	for i := range r.Header {
		if f, ok := exporter.Store(r.Header[i].Name); ok && len(r.Received) == 0 && found == nil {
			add(f)
		}
	}
	r.Export = &Export{Programs: []string{}, Traces: []string{}, found: found}
	for _, f := range found {
		r.Export.Programs = append(r.Export.Programs, f.Program.Name)
		r.Export.Traces = append(r.Export.Traces, f.Trace)
	}
	if len(r.Received) == 0 {
		r.Export.Hint = exporter.NoWay
		for _, f := range found {
			if f.Program.Better != "" {
				r.Export.Hint += "; " + f.Program.Better
				break
			}
		}
	}
}
