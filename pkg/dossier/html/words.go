package html

import (
	"fmt"
	"reflect"
	"strconv"

	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// labels are everything that the page says in its own words, in one language. A further language is a further value of this type;
// a test checks that no word of it is empty.
type labels struct {
	findingWords
	beyondWords

	Lang string // tag for lang=""

	// the page
	Dossier, NoTitle, Skip, Contents, Reference, PreparedBy, MadeAt, MachineClock              string
	EvidenceDigest, EvidenceDigestIs, NoDigest, MadeWith, MadeBy, FootEvidence, Zone, ZoneNote string

	// its sections
	Glance, Timeline, Knowledge, Contradictions, Recipients, People, Threads, Exhibits string
	Sources, Copies, Defects, List, Verify, Method                                     string

	// at a glance
	Messages, Statements                                                   plural
	AnswersCaption, NoAnswers, OrdersCaption, AgainstIt                    string
	When, Who, Whom, About, Words, What, Entry, Exhibit                    string
	Dropped, DroppedNamed, Unchecked, NoTrustedTime, NoSignatures, NotRead string
	SomeChecked                                                            string
	AllChecked, Signatures, KeysMissing, FailedMessages, MissingMessages   plural
	AndMore, LeftOut                                                       plural
	Unknown, NoOne                                                         string
	Origins, OriginMeans                                                   map[notice.Origin]string
	Acts                                                                   map[notice.Act]string
	Kinds                                                                  map[notice.EntryKind]string
	Evidence                                                               map[notice.EvidenceKind]string
	Bases                                                                  map[evidence.Basis]string
	NoTime, RecordedBy, SameOffset, InTheMail                              string
	UnitSecond, UnitMinute, UnitHour, UnitDay                              string
	Days                                                                   plural

	// the timeline and the matrix
	NoEntries, TimelineCaption, RejectedCaption                                string
	DrawingNote, DrawingTitle, DrawingDesc, EventLane, LegendTo, LegendDropped string
	DroppedHere                                                                string
	DrawingLeftOut, LanesLeftOut, MatrixLeftOut                                plural
	NoNotices, KnowledgeNote, MatrixCaption, Person, NoEvidence                string
	GroundsTitle, GroundsCaption, Statement, EvidenceWord, Why                 string
	NoContradictions, NoVerdict, SaidBefore, SaidAfter                         string
	NoRecipients, RecipientsNote, RecipientsCaption, ComparedTo                string
	Added, DroppedCol, Moved, Headline                                         string
	NoPeople, PeopleCaption, Name, Addresses, Role, Side, NamesSeen, Merged    string
	PersonKinds                                                                map[people.Kind]string
	NoThreads, ThreadsNote, CitedBy, Joined, NoSubject                         string

	// an exhibit
	ExhibitsNote, NoExhibits, OpenHeaders, CloseHeaders, Nested                                              string
	NestedLeftOut, FieldsLeftOut, TextLeftOut, Fields, Bytes                                                 plural
	From, Sender, ReplyTo, To, Cc, Bcc, Subject, Date, DateUnreadable, NoDate, Recorded                      string
	MessageID, InReplyTo, Thread, ReturnPath, DeliveredTo, OriginalTo                                        string
	File, FoundIn, Reading, OffsetLength, EnvelopeLine, MaildirFlags                                         string
	Text, NoText, FromHTML, ReasonsCaption, OnWhoseWord, Confidence, Rule                                    string
	Parts, PartsCaption, Part, Filename, Type, Disposition, Size                                             string
	DefectsOf, AtOffset, RawHeader, Digests, DigestMIH                                                       string
	DigestNames                                                                                              [6]string // message, raw, canonical, header, body, content
	Hops, NoHops, HopsCaption, HopNumber, HopFrom, HopBy, HopTime, HopDelay, HopNotes                        string
	HopWith, HopVia, HopFor, PrivateAddress, EnvelopeFrom, AuthenticatedAs                                   string
	HELO, Reverse, Software                                                                                  string
	Authenticity, BodyHash, Signature, Key, Policy, Alignment, Aligned, NotAligned                           string
	Covered, NotCovered, SignedAt, ExpiresAt, Algorithm, Identity, Bits, Retrieved, SignedLength, Oversigned string
	KeyAlternatives                                                                                          plural
	BodyHashes                                                                                               map[dkim.BodyHash]string
	Verdicts                                                                                                 map[dkim.Verdict]string
	KeyOrigins                                                                                               map[dkim.KeyOrigin]string
	Policies                                                                                                 map[string]string
	NoResult, RecordedCaption, AuthMethod, Value, Server, Trusted, Claimed, Reason                           string
	ARC, ARCSets, ARCInstance, ARCClaim                                                                      string
	Chains                                                                                                   map[evidence.ARCChain]string

	// the lists at the end
	LedgerSum, LedgerWrong, LedgerNote, SourcesCaption, Source, Format   string
	Found, Kept, Duplicate, Excluded, Failed, Notes, NotMail, ModifiedAt string
	CopiedTo, Exporter, VariantWhy                                       string
	NoCopies, CopiesNote, CopiesCaption, Class, Copy                     string
	CopyClasses                                                          map[evidence.CopyClass]string
	NoDefects, DefectsNote, DefectsCaption, Kind, Times, ListCaption     string
	VerifySteps                                                          []step
	MethodText                                                           []step
	BuildOptions                                                         string

	// the filter
	Filter, FilterPerson, FilterAct, FilterFrom, FilterTo, FilterText, FilterClear, FilterShown string
	Anyone, Anything                                                                            string
}

// step is a paragraph with its title and, where there is one, the command to type.
type step struct{ Title, Text, Command string }

// plural is a phrase with its number; %s takes the number. None is what is said for 0 where that is not Many.
type plural struct{ One, Many, None string }

func count(one, many string) plural { return plural{One: one, Many: many} }

// of gives the phrase for n.
func (p plural) of(n int) string {
	switch {
	case n == 1:
		return fmt.Sprintf(p.One, "1")
	case n == 0 && p.None != "":
		return fmt.Sprintf(p.None, "0")
	}
	return fmt.Sprintf(p.Many, number(n))
}

// number writes n with a narrow space between groups of three digits, from five digits on (ISO 80000-1 §7.3.1: the same in every language).
func number(n int) string {
	s := strconv.Itoa(n)
	digits := len(s)
	if n < 0 {
		digits--
	}
	if digits < 5 {
		return s
	}
	out := s[:len(s)-digits]
	for i, c := range s[len(s)-digits:] {
		if i > 0 && (digits-i)%3 == 0 {
			out += "\u202f"
		}
		out += string(c)
	}
	return out
}

// speak gives the labels in a language; what the catalogue of onrecord/pkg/dossier/words does not hold stays English.
func speak(w *words.Words) *labels {
	say := english()
	var commands []string // no words of a language
	for _, s := range say.VerifySteps {
		commands = append(commands, s.Command)
	}
	w.Translate(say)
	w.Translate(&say.findingWords)
	w.Translate(&say.beyondWords)
	for i, c := range commands {
		say.VerifySteps[i].Command = c
	}
	say.Lang = w.Lang()
	say.Acts, say.Kinds = named(say.Acts, w.Act), named(say.Kinds, w.Kind)
	say.Origins, say.OriginMeans, say.Evidence, say.Bases = named(say.Origins, w.Origin), named(say.OriginMeans, w.OriginMeans), named(say.Evidence, w.Evidence), named(say.Bases, w.Basis)
	say.GapKinds, say.Outcomes, say.Ties, say.Differences = named(say.GapKinds, w.Gap), named(say.Outcomes, w.Outcome), named(say.Ties, w.Tie), named(say.Differences, w.Difference)
	say.Relations, say.Phases, say.CopyClasses, say.Chains = named(say.Relations, w.Relation), named(say.Phases, w.Phase), named(say.CopyClasses, w.CopyClass), named(say.Chains, w.Chain)
	say.Policies = named(say.Policies, w.Policy)
	say.UnitSecond, say.UnitMinute, say.UnitHour, say.UnitDay = w.T("unit|s"), w.T("unit|min"), w.T("unit|h"), w.T("unit|d")
	if say.Lang == "fr" { // in French none is counted like one
		noneLikeOne(reflect.ValueOf(say).Elem())
	}
	return say
}

// named says the values that the keys of a map stand for, as every view says them.
func named[K comparable](of map[K]string, say func(K) string) map[K]string {
	out := make(map[K]string, len(of))
	for k := range of {
		out[k] = say(k)
	}
	return out
}

func noneLikeOne(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == reflect.TypeFor[plural]():
			p := f.Addr().Interface().(*plural)
			p.None = p.One
		case f.Kind() == reflect.Struct:
			noneLikeOne(f)
		}
	}
}

// keys is a map whose values are said by onrecord/pkg/dossier/words.
func keys[K comparable](list ...K) map[K]string {
	out := make(map[K]string, len(list))
	for _, k := range list {
		out[k] = ""
	}
	return out
}

// acts are the words of acts and of other entries, by kind.
func (w *labels) acts() map[string]string {
	all := map[string]string{}
	for k, v := range w.Acts {
		all[string(k)] = v
	}
	for k, v := range w.Kinds {
		all[string(k)] = v
	}
	return all
}
