package dossier

import (
	"slices"
	"strings"

	"onrecord/pkg/evidence"
)

// maxPrograms bounds how many programs one source is said to have gone through.
const maxPrograms = 6

// traces takes what a message shows of the programs that saved it into its source: their names, and once for each what it is known to alter.
func (b *builder) traces(s *Source, r *evidence.Record) {
	for _, f := range r.Export.Found() {
		names := strings.Split(s.Exporter, ", ")
		if s.Exporter == "" {
			names = nil
		}
		if slices.Contains(names, f.Program.Name) || len(names) == maxPrograms {
			continue
		}
		s.Exporter = strings.Join(append(names, f.Program.Name), ", ")
		note := f.Program.Name + " (seen by: " + f.Trace + "): " + f.Program.Altered
		if f.Program.Better != "" {
			note += "; for a better export: " + f.Program.Better
		}
		s.Notes = append(s.Notes, note)
	}
}

// countSeals counts ARC chains, and notes the keys that they lack.
func (b *builder) countSeals(a *evidence.ARC) {
	if a.Chain == evidence.ARCNone {
		return
	}
	b.d.Keys.Chains++
	if a.Chain != evidence.ARCUnchecked {
		b.d.Keys.Sealed++
	}
	for _, c := range a.Checks {
		if c.Key.Record == "" && c.Key.Name != "" {
			b.keys[c.Key.Name] = true
		}
	}
}
