// Package certificate knows the papers by which a qualified person vouches for electronic evidence before a court: a draft of the certification of Federal Rules of Evidence 902(13) and
// 902(14) with the declaration of 28 U.S.C. § 1746, and statements of method for German and French proceedings. They hold the facts that the dossier holds and blanks for
// what only the person knows. Nothing here signs, and nothing concludes on law.
package certificate

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"onrecord/pkg/dossier"
)

// maxSources is how many exports are listed one by one; the dossier lists all.
const maxSources = 50

// language is one paper.
type language struct {
	paper  string // with the verbs of Write in it, see facts
	source string
	more   string
	none   string
	copied map[bool]string
}

// facts are what the papers have in common, in the order of the marks in their texts.
func (l language) facts(d *dossier.Dossier) *strings.Replacer {
	var sources strings.Builder
	for i, s := range d.Sources {
		if i == maxSources {
			fmt.Fprintf(&sources, l.more, len(d.Sources)-maxSources)
			break
		}
		sum := s.SHA256.String()
		if s.SHA256.IsZero() {
			sum = l.none
		}
		fmt.Fprintf(&sources, l.source, i+1, oneLine(s.Path), s.Size, sum, s.Found, s.Kept, s.Duplicate, s.Excluded, s.Failed)
	}
	n := d.Ledger
	matter := oneLine(d.Case.Title)
	if ref := oneLine(d.Case.Reference); ref != "" {
		matter = strings.TrimPrefix(matter+" ("+ref+")", " ")
	}
	return strings.NewReplacer("{MATTER}", orBlank(matter), "{PREPARED}", orBlank(oneLine(d.Case.PreparedBy)), "{TOOL}", d.Tool.Name+" "+d.Tool.Version, "{MADE}", d.GeneratedAt.Format(time.RFC3339),
		"{CLOCK}", d.ClockBasis, "{SOURCES}", strings.TrimRight(sources.String(), "\n"), "{COPIED}", l.copied[d.Options.Sources != "reference"],
		"{FOUND}", fmt.Sprint(n.Found), "{KEPT}", fmt.Sprint(n.Kept), "{DUPLICATE}", fmt.Sprint(n.Duplicate), "{EXCLUDED}", fmt.Sprint(n.Excluded), "{FAILED}", fmt.Sprint(n.Failed),
		"{COUNT}", fmt.Sprint(d.Count), "{DEFECTS}", fmt.Sprint(d.Defective), "{EVIDENCE}", d.EvidenceDigest.String(),
		"{SIGNATURES}", fmt.Sprint(d.Keys.Signatures), "{CHECKED}", fmt.Sprint(d.Keys.Checked))
}

func orBlank(s string) string {
	if s == "" {
		return blank
	}
	return s
}

const blank = "______________________________"

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Write902 writes the draft of a certification under FRE 902(13) and (14).
func Write902(w io.Writer, d *dossier.Dossier) error { return write(w, d, american) }

// WriteGerman writes a statement of method in German.
func WriteGerman(w io.Writer, d *dossier.Dossier) error { return write(w, d, german) }

// WriteFrench writes a statement of method in French.
func WriteFrench(w io.Writer, d *dossier.Dossier) error { return write(w, d, french) }

func write(w io.Writer, d *dossier.Dossier, l language) error {
	b := bufio.NewWriter(w)
	b.WriteString(l.facts(d).Replace(strings.TrimLeft(l.paper, "\n")))
	return b.Flush()
}
