package pdf

import (
	"fmt"

	"onrecord/pkg/dossier/words"
)

// labels are what only the PDF says, written in English once (english.go) and put into the language of the dossier by the catalogue of package words. What
// other views say as well comes from there directly.
type labels struct {
	say *words.Words

	SequenceTitle, SequenceIntro, SilenceTitle, SilenceIntro string
	ClocksTitle, ClocksIntro, ReportsTitle, ReportsIntro     string
	QuotesTitle, QuotesIntro, GapsTitle, GapsIntro           string
	GlossaryTitle                                            string
	Glossary                                                 []chapterText
	DocSubject, Untitled, Masthead, Glance, Contents         string
	PreparedBy, MadeAt, EvidenceDigest                       string
	PageOf, Volume, VolumePage, LaterVolume                  string
	MoreWarnings, MoreDenials, More, LeftOut                 string
	DenialsHead, ExhibitOn, InExhibit, ExhibitN              string

	When, Who, Whom, About, TheirWords, Exhibit, Against, Unknown string
	WhoSays, Origins, Dropped, NoneDropped                        string
	NotChecked, NoSignatures, SignaturesChecked, KeysMissing      string
	DefectsIn, CitedMissing, MessagesRead, LedgerLine, SeeIndex   string
	NoSubject, NoTime, NoDate, NoText, NoMessageID                string
	WarningsTitle, WarningsIntro, WhyColumn, Topic, To            string
	PeopleTitle, PeopleIntro, Name, Role, Addresses               string
	MergedBecause, AlsoNamed                                      string
	TimelineTitle, TimelineIntro, TimelineSome, TimelineList      string
	LegendWarning, LegendNotification, LegendOrder, LegendDenial  string
	LegendIncident, LegendAcknowledgement, LegendMessage          string
	LegendDropped, Others, What                                   string
	KnowledgeTitle, KnowledgeIntro, EvidenceTitle, Statement      string
	Since, HowKnown, RecipientsTitle, RecipientsIntro, Added      string
	Moved, Headline, Answers, ContradictionsTitle                 string
	ContradictionsIntro, ContradictionHead, DeniedWords           string
	WarnedWords, ThreadsTitle, ThreadsIntro, Thread               string
	Subject, Missing, CitedBy                                     string
	ExhibitsTitle, From, Sender, ToField, Cc, Bcc, ReplyTo        string
	DateField, SenderClock, AsWritten, Recorded, MessageID        string
	InReplyTo, NotHeld, Source, SourceAt, Copies, Delivery        string
	TextFrom, BodyLeftOut, Enclosed, NestedLeftOut                string
	PartsTitle, Part, MediaType, Size, Sha256Decoded              string
	StatementsTitle, Act, OnWhoseWord, DecidedBy, RuleAnd         string
	HopsTitle, NoHops, Hop, By, With, Delay                       string
	Reverse, Helo, ForWhom                                        string
	AuthTitle, NoDKIM, NoRecorded, RecordedBy, Trust, Results     string
	Unnamed, Trusted, Claimed, FromField, Arc, Computed           string
	SignatureN, SignedBy, BodyHash, Signature, Key, SignedAt      string
	Expires, Policy, SignedFields, UnsignedFields, Notes          string
	AlignedYes, AlignedNo                                         string
	DigestsTitle, DigestMessage, DigestRaw, DigestCanonical       string
	DigestHeader, DigestBody, DigestContent, ReadingNote          string
	DefectsTitle, KindColumn, Offset                              string
	HeadersTitle, HeadersIntro, HeaderLeftOut                     string
	IndexTitle, IndexIntro, No, Page, HeaderPage                  string
	LedgerTitle, LedgerIntro, Format, Found, Kept, Duplicate      string
	Excluded, Failed, Total, Modified, WrittenBy                  string
	KeysTitle, MissingKeys                                        string
	CheckTitle, MethodTitle, ClockTitle, ClockSays, ClockBasis    string
	GlyphsTitle, NoMissing, MissingGlyphs                         string
	EmbeddedTitle, EmbeddedFacts, FactsEmbedded, FactsBeside      string
	AllEmbedded, SomeEmbedded, NoneEmbedded                       string
	ReadersShow, FirstVolume                                      string
	Messages, Statements                                          plural
	Keys, Defects, Exhibits, Sources, Characters, CodePoints      plural
	CheckSteps                                                    []step
	Method                                                        []chapterText
}

// plural is a counted noun: a form for one and a form for any other number.
type plural struct{ One, Other string }

// of gives the phrase for n, which it writes for %s.
func (l *labels) of(p plural, n int) string {
	if n == 1 || n == 0 && l.say.Lang() == "fr" {
		return fmt.Sprintf(p.One, l.say.Int(n))
	}
	return fmt.Sprintf(p.Other, l.say.Int(n))
}

type step struct{ Says, Command string }

type chapterText struct{ Title, Says string }

// labelsIn gives the labels in a language.
func labelsIn(lang string) *labels {
	l := english()
	w := words.For(lang)
	w.Translate(l)
	l.say = w
	return l
}
