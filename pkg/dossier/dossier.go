// Package dossier knows the assembled result: the matter, the sources with their ledger, every message as an exhibit, and who was told what, when.
// Its JSON form (schema onrecord/dossier/1) is the canonical one; every view is written from it. FORMAT.md beside this file describes it.
package dossier

import (
	"iter"
	"slices"
	"time"

	"onrecord/pkg/casefile"
	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/thread"
)

// Schema names the JSON form. Fields are added under this name; a renamed or re-used field would need a new one.
const Schema = "onrecord/dossier/1"

// Dossier is the result of one build. Messages may be ranged over many times; each range reads them anew, one in memory at a time,
// in the order of their exhibit numbers (1, 2, 3 …, in order of time).
type Dossier struct {
	Schema      string
	GeneratedAt time.Time // by the clock that ClockBasis names
	ClockBasis  string
	Tool        Tool
	Options     Options
	Case        Case
	Ledger      Ledger // totals over Sources
	Sources     []Source
	Messages    iter.Seq2[*evidence.Record, error]
	Count       int // number of exhibits
	Defective   int // exhibits with defects

	// EvidenceDigest is one digest over all exhibits, for footers and for reading aloud: the SHA-256 of the lines of manifest-sha256.txt
	// that list data/messages/, in exhibit order.
	EvidenceDigest digest.Digest

	People         []people.Person
	Threads        []thread.Thread
	Recipients     []notice.RecipientChange
	Statements     []notice.Statement // ordered by exhibit, then by place in the text
	Notices        []notice.Notice
	Contradictions []notice.Contradiction
	Topics         []notice.Topic
	Sequence       []notice.Sequel  // by statement
	Silence        []notice.Silence // messages that warn, by exhibit
	Timeline       []notice.Entry
	Quotes         []notice.Quotation      // by exhibit, then place
	Reports        []notice.DeliveryReport // read receipts, delivery reports and bounces, by exhibit
	Undelivered    []notice.Undelivered    // by statement, then person
	Gaps           []notice.Gap
	Clocks         []notice.Clock
	PossibleSame   []PossibleSame     // persons who may be one and were left apart
	LookAlikes     []people.LookAlike // domains among the correspondents that are easily taken for each other
	PeopleNotes    []string           // what the case file says of people and the mail does not bear out
	Keys           KeySummary         // what could and could not be checked for want of keys
	CaseWarnings   []string           // what of the case file fits nothing

	streams   *notice.Result           // what Load fills in, where it is not loaded
	threads   *thread.Threads          // as well
	intact    func() error             // tells, when they were read, that what they rest on could be read back; nil without them
	wait      func() error             // for what is still worked out; nil if nothing is
	fragments iter.Seq2[[]byte, error] // the records as they stand in the JSON, where they are at hand in that form
}

// Wait waits for what Start left under way. It may be called again.
func (d *Dossier) Wait() error {
	if d.wait == nil {
		return nil
	}
	return d.wait()
}

// Load fills Threads, Recipients, Statements, Notices, Timeline, and the lists from Topics to Gaps. A dossier that was just built has them in a temporary file, for a large mailbox has more of
// them than fit into memory; a decoded one has them already.
func (d *Dossier) Load() error {
	if err := d.Wait(); err != nil {
		return err
	}
	s := d.streams
	if s == nil {
		return nil
	}
	var err error
	if d.Threads, err = collect(d.EachThread()); err != nil {
		return err
	}
	if d.Gaps, err = collect(s.Gaps()); err != nil {
		return err
	}
	if d.Statements, err = collect(s.Statements()); err != nil {
		return err
	}
	if d.Notices, err = collect(s.Notices()); err != nil {
		return err
	}
	if d.Timeline, err = collect(s.Timeline()); err != nil {
		return err
	}
	if d.Sequence, err = collect(s.Sequence()); err != nil {
		return err
	}
	if d.Quotes, err = collect(s.Quotes()); err != nil {
		return err
	}
	if d.Undelivered, err = collect(s.Undelivered()); err != nil {
		return err
	}
	d.Recipients, d.Topics, d.Silence, d.Reports = gather(s.Recipients()), gather(s.Topics()), gather(s.Silence()), gather(s.Reports())
	if err := d.intact(); err != nil {
		return err
	}
	d.streams, d.threads = nil, nil
	return nil
}

func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	list := []T{}
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func gather[T any](seq iter.Seq[T]) []T { return slices.AppendSeq([]T{}, seq) }

// EachStatement gives the statements in order, loaded or not.
func (d *Dossier) EachStatement() iter.Seq2[notice.Statement, error] {
	if d.streams != nil {
		return d.streams.Statements()
	}
	return each(d.Statements)
}

// EachThread gives the threads in order, loaded or not.
func (d *Dossier) EachThread() iter.Seq2[thread.Thread, error] {
	if d.threads != nil {
		return d.threads.All()
	}
	return each(d.Threads)
}

func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// PossibleSame says that two persons may be one, for a human to decide in the case file.
type PossibleSame struct {
	A   string `json:"a"` // person id
	B   string `json:"b"`
	Why string `json:"why"`
}

// Tool names the program that made the dossier.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Options are the choices of the build that change its result.
type Options struct {
	Format      []string   `json:"format"`
	Lang        string     `json:"lang"`
	Timezone    string     `json:"timezone"` // IANA name
	Since       string     `json:"since"`
	Until       string     `json:"until"`
	Participant string     `json:"participant"`
	Thread      string     `json:"thread"`
	Sources     string     `json:"sources"` // copy | reference
	DNS         string     `json:"dns"`
	Strict      bool       `json:"strict"`
	Paper       string     `json:"paper"`                        // of the PDF: a4, letter
	Bates       string     `json:"bates"`                        // prefix and first number of the PDF's pages; "" for none
	Embed       string     `json:"embed"`                        // files to be embedded in the PDF: all, none, N MB; "" is 20 MB
	Fonts       []FontFile `json:"fonts,omitempty"`              // that the PDF was set with besides the embedded ones, in the order in which they were asked
	Trust       []string   `json:"trust_authserv_ids,omitempty"` // servers whose recorded results are believed besides the receiver's own
}

// FontFile names a font that is not in the dossier.
type FontFile struct {
	Name   string        `json:"name"`
	SHA256 digest.Digest `json:"sha256"`
}

// Case is the matter, as the case file names it.
type Case struct {
	Title      string  `json:"title"`
	Reference  string  `json:"reference"`
	PreparedBy string  `json:"prepared_by"`
	Parties    []Party `json:"parties"`
}

// Party is an organisation or person that takes a side, as the case file names it.
type Party struct {
	Name    string   `json:"name"`
	Side    string   `json:"side"`
	Domains []string `json:"domains"`
}

// CaseOf is what a dossier says of the matter.
func CaseOf(c *casefile.Case) Case {
	matter := Case{Title: c.Title, Reference: c.Reference, PreparedBy: c.PreparedBy, Parties: []Party{}}
	for _, p := range c.Parties {
		matter.Parties = append(matter.Parties, Party{Name: p.Name, Side: p.Side, Domains: append([]string{}, p.Domains...)})
	}
	return matter
}

// Ledger counts messages: Found = Kept + Duplicate + Excluded + Failed, always.
type Ledger struct {
	Found     int `json:"found"`
	Kept      int `json:"kept"`
	Duplicate int `json:"duplicate"` // identical bytes, listed under the kept one's copies
	Excluded  int `json:"excluded"`  // left out by a selection, or no mail
	Failed    int `json:"failed"`    // could not be read
}

// Source is one file that was given or found below a given directory.
type Source struct {
	Path       string        `json:"path"`
	File       string        `json:"file"`    // where its bytes lie in the dossier (data/sources/…); "" when not copied
	Format     string        `json:"format"`  // eml, mbox, maildir; "" when it could not be read as mail
	Variant    string        `json:"variant"` // mbox variant
	VariantWhy string        `json:"variant_why"`
	Size       int64         `json:"size"`
	SHA256     digest.Digest `json:"sha256"`
	ModifiedAt *time.Time    `json:"modified_at"`
	Ledger
	Exporter string   `json:"exporter"` // the programs that left traces in its messages, first seen first; "" if there are none
	Notes    []string `json:"notes"`
}

// KeySummary tells which DKIM signatures could not be checked for want of a key.
type KeySummary struct {
	Signatures int      `json:"signatures"`               // DKIM signatures in the messages
	Checked    int      `json:"checked"`                  // of these, checked against a key
	Chains     int      `json:"chains,omitempty"`         // ARC chains in the messages
	Sealed     int      `json:"chains_checked,omitempty"` // of these, those that pass or fail; the others lack keys
	Missing    []string `json:"missing"`                  // key names (selector._domainkey.domain) that no key was at hand for, sorted
}

func (l *Ledger) add(o Ledger) {
	l.Found += o.Found
	l.Kept += o.Kept
	l.Duplicate += o.Duplicate
	l.Excluded += o.Excluded
	l.Failed += o.Failed
}
