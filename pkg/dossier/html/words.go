package html

import (
	"fmt"
	"strconv"

	"onrecord/pkg/dkim"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// words is everything that the page says in its own words, in one language. A further language is a further value of this type;
// a test checks that no word of it is empty.
type words struct {
	Lang   string // tag for lang=""
	Months [12]string

	// the page
	Dossier, NoTitle, Skip, Contents, Reference, PreparedBy, MadeAt, MachineClock              string
	EvidenceDigest, EvidenceDigestIs, NoDigest, MadeWith, MadeBy, FootEvidence, Zone, ZoneNote string

	// its sections
	Glance, Timeline, Knowledge, Contradictions, Recipients, People, Threads, Exhibits string
	Sources, Copies, Defects, List, Verify, Method                                     string

	// at a glance
	ResultNone, ResultWarnings, ResultOn, ResultBetween, ResultTold        string
	ResultAgainst, Persons, Warnings, Reports, Messages, Statements        plural
	AnswersCaption, NoAnswers, OrdersCaption, AgainstIt                    string
	And, When, Who, Whom, About, Words, What, Entry, Exhibit               string
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
	Authenticity, NoDKIM, BodyHash, Signature, Key, Policy, Alignment, Aligned, NotAligned                   string
	Covered, NotCovered, SignedAt, ExpiresAt, Algorithm, Identity, Bits, Retrieved, SignedLength, Oversigned string
	KeyAlternatives                                                                                          plural
	BodyHashes                                                                                               map[dkim.BodyHash]string
	Verdicts                                                                                                 map[dkim.Verdict]string
	KeyOrigins                                                                                               map[dkim.KeyOrigin]string
	Policies                                                                                                 map[string]string
	NoRecorded, NoResult, RecordedCaption, AuthMethod, Value, Server, Trusted, Claimed, Reason               string
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

// plural is a phrase with its number; %s takes the number.
type plural struct{ One, Many string }

// of gives the phrase for n.
func (p plural) of(n int) string {
	if n == 1 {
		return fmt.Sprintf(p.One, "1")
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

// acts are the words of acts and of other entries, by kind.
func (w *words) acts() map[string]string {
	all := map[string]string{}
	for k, v := range w.Acts {
		all[string(k)] = v
	}
	for k, v := range w.Kinds {
		all[string(k)] = v
	}
	return all
}
