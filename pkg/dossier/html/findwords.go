package html

import (
	"onrecord/pkg/notice"
)

// findingWords are the words of what is found between messages: silence, sequence, clocks, gaps, quotations, reports, matters.
type findingWords struct {
	// groups of the contents, and the sections
	Colon, Findings, Record, Basis                             string
	Matters, Silence, Sequence, Clocks, Gaps, Quotes, Delivery string
	Absent, AbsentNote                                         string

	// at a glance
	AlsoFound                                        string
	UnansweredCount, AlteredCount, ReturnedCount     plural
	GapCount, PossibleCount                          plural
	NoMatters, MattersNote, MatterCaption            string
	MatterNamed, Tie, SingleMatters, FirstWarning    string
	NoSilence, SilenceNote, SilenceCaption           string
	Warning, Answer, Waited, NotAnswered, WithoutWho string
	NoSequence, SequenceNote, SequenceCaption        string
	Stands, Earlier, HadNotice, NoNotice             string
	Relations                                        map[notice.Relation]string
	Untils                                           map[notice.UntilKind]string
	NoClocks, ClocksNote, ClockCaption, ClockDrawing string
	Phase, SinceStart, Limit, Due, Stop, NotStated   string
	ClockStart                                       string
	Phases                                           map[string]string
	NoGaps, GapsNote, GapsCaption, MissingWhat       string
	ShownBy, Holders, DateSkew                       string
	GapKinds                                         map[notice.GapKind]string
	NoQuotes, QuotesNote, QuotedAs, OriginalAs       string
	QuoteOnlyCaption, QuotedIn, QuotesOf, QuotedText string
	NothingThere, Passage, Attribution               string
	SameQuotes, MoreDifferences, QuotedWords         plural
	Differences                                      map[string]string
	NoReports, ReportsNote, UndeliveredCaption       string
	ReportsCaption, Report, Of, Outcome, Tied        string
	OtherWay, NoOtherWay                             string
	Outcomes                                         map[notice.OutcomeKind]string
	Ties                                             map[notice.TieKind]string
	PossibleSame, PossibleNote, PossibleCaption      string
	ReachedBy                                        string
	DaysBetween                                      plural
	Path, HopTable, Slow, Backwards, Start           string
	RemoteNote                                       string

	// the timeline's tools and the check in the page
	ZoomIn, ZoomOut, ZoomFit, DrawingKeys, GoTo, Close               string
	CheckHere, CheckNote, DropHere, ChooseFiles, ChooseFolder        string
	CheckWith                                                        map[string]string // webcrypto, own
	CheckSame, CheckChanged, CheckEndings, CheckUnknown, CheckID     string
	CheckBody, CheckHead, CheckTag, CheckTagBad, CheckTagOpen        string
	CheckSource, CheckSourceBad, CheckList, CheckListBad, CheckSum   string
	CheckSumBad, CheckMissing, CheckAll, CheckSome, CheckBad, Hashed string
	CheckNone, CheckFail, CheckFile, CheckResult, Busy, CheckLeft    string
}

func englishFindings() findingWords {
	return findingWords{
		Colon: ": ", Findings: "What was found", Record: "The record", Basis: "What it rests on",
		Matters: "Matters", Silence: "Warnings and their answers", Sequence: "Order of events", Clocks: "Clocks", Gaps: "Gaps",
		Quotes: "Quotations compared", Delivery: "Delivery reports", Absent: "Looked for, and not found",
		AbsentNote: "These were looked for in the same way as all the rest; the mail that is held shows none.",

		AlsoFound:       "What else stands out",
		UnansweredCount: count("%s message that warns was answered by nobody, as far as this mail shows", "%s messages that warn were answered by nobody, as far as this mail shows"),
		AlteredCount:    count("%s quotation differs from its original", "%s quotations differ from their originals"),
		ReturnedCount:   count("%s copy of a warning was not delivered", "%s copies of warnings were not delivered"),
		GapCount:        count("%s gap in the record", "%s gaps in the record"),
		PossibleCount:   count("%s pair of names may be one person", "%s pairs of names may be one person"),

		NoMatters:     "No warning, order or denial shares a matter with another.",
		MattersNote:   "Statements that seem to be about the same matter, over messages and languages, in order of time. What ties them is named; a person decides in the case file.",
		MatterCaption: "Statements about this matter", MatterNamed: "named in the case file", Tie: "What ties it", FirstWarning: "first of the matter",
		SingleMatters: "Matters with a single statement are not listed here.",

		NoSilence:      "No message that warns.",
		SilenceNote:    "Each message that warns, with the first answer that is held. An answer may exist that nobody exported; a conversation by telephone leaves no mail.",
		SilenceCaption: "Messages that warn, and who answered", Warning: "Warning", Answer: "First answer", Waited: "Time until then", NotAnswered: "no answer held",
		WithoutWho: "No answer held from",
		Untils: map[notice.UntilKind]string{
			notice.UntilAnswer: "until the answer", notice.UntilIncident: "until the next incident", notice.UntilEvent: "until the event of the case file", notice.UntilEnd: "until the last message of the thread",
		},

		NoSequence:      "No order, approval, confirmation or incident stands on a matter with a warning.",
		SequenceNote:    "Orders, approvals and incidents beside the warning on the same matter, confirmations beside the order: which came first, and whether its author had notice. Only the order in time is told, no cause.",
		SequenceCaption: "What came before what", Stands: "Stands", Earlier: "Beside", HadNotice: "Notice of the author", NoNotice: "nothing shows it",
		Relations: keys(notice.Before, notice.After),

		NoClocks:     "The case file sets no clock.",
		ClocksNote:   "Time from a start to what the case file names. A limit is what the case file says; whether it applies is not for this dossier to say.",
		ClockCaption: "Phases of the clock", ClockDrawing: "Clock drawn to scale: %s", Phase: "Phase", SinceStart: "Since the start", Limit: "Limit", Due: "Runs out",
		Stop: "Stopped by", NotStated: "nothing is stated", ClockStart: "Start",
		Phases: keys("event-start", "detected", "on-call-engaged", "response-team-engaged", "confirmed", "customer-impact-determined", "affected-customers-determined", "customers-notified", "incident-declared", "aware", "notification"),

		NoGaps: "Every message that is cited is held, and every date fits its hops.", GapsNote: "What the messages point to and what is not held, and dates that do not fit. Those named would have it, if anyone has.",
		GapsCaption: "Gaps in the record", MissingWhat: "What is missing", ShownBy: "Shown by", Holders: "Who would have it", DateSkew: "the Date lies %s from the time of the first server",
		GapKinds: keys(notice.GapCited, notice.GapParent, notice.GapQuoted, notice.GapDate, notice.GapHole),

		NoQuotes:   "No quotation differs from its original.",
		QuotesNote: "Quoted text is compared with the message that it quotes; white space, wrapping and quote marks do not count. That a quotation differs says nothing of why.",
		QuotedAs:   "As quoted", OriginalAs: "In the original", Passage: "Passage", NothingThere: "(nothing stands here)", Attribution: "Introduced by",
		QuoteOnlyCaption: "Quotations of messages that are not held: nothing but the quotation shows them", QuotedIn: "Quoted in", QuotesOf: "Words of", QuotedText: "Words",
		SameQuotes:      count("%s quotation agrees with its original.", "%s quotations agree with their originals."),
		MoreDifferences: count("%s more difference is not shown.", "%s more differences are not shown."), QuotedWords: count("%s word", "%s words"),
		Differences: keys("changed", "added", "missing"),

		NoReports:          "No read receipt, delivery report or bounce.",
		ReportsNote:        "What machines reported about a message. A report shows what a server or a mail program said; a read receipt shows that a program displayed a message, not that a person understood it.",
		UndeliveredCaption: "Statements whose copy came back", ReportsCaption: "Read receipts, delivery reports and bounces", Report: "Report", Of: "Of message", Outcome: "Says", Tied: "Tied by",
		OtherWay: "other evidence of notice is held", NoOtherWay: "no other evidence of notice",
		Outcomes: keys(notice.OutcomeDisplayed, notice.OutcomeDeleted, notice.OutcomeDelivered, notice.OutcomeDelayed, notice.OutcomeFailed),
		Ties:     keys(notice.TieOriginalID, notice.TieAttached, notice.TieInReplyTo, notice.TieReferences, notice.TieSubject, notice.TieNone),

		PossibleSame: "Names that may be one person", PossibleNote: "They were left apart. Only a person can tell: the case file joins them, or says that they are not the same.",
		PossibleCaption: "Pairs that were left apart",
		ReachedBy:       "How it had reached %s:", DaysBetween: count("%s day before", "%s days before"),
		Path: "Path, in the order of travel", HopTable: "Each hop in full", Slow: "slow", Backwards: "clock runs backwards", Start: "start unknown",
		RemoteNote: "Pictures and trackers of this kind tell the sender when and where a mail was opened.",

		ZoomIn: "Enlarge the drawing", ZoomOut: "Reduce the drawing", ZoomFit: "Fit the drawing", GoTo: "Go to the sentence", Close: "Close",
		DrawingKeys: "Arrow keys go from mark to mark, Enter opens, Escape closes, + and − enlarge and reduce.",
		CheckHere:   "Check files in this page",
		CheckNote:   "Drop the folder of this dossier, single exhibits (.eml) or an export here. Their SHA-256 is computed in this browser and compared with the digests that stand in this page. Nothing leaves this machine.",
		DropHere:    "Drop files or the folder here", ChooseFiles: "Choose files", ChooseFolder: "Choose a folder",
		CheckWith: map[string]string{"webcrypto": "Computed by the browser (WebCrypto).", "own": "Computed by this page’s own SHA-256: the browser offers none here.", "large": "Computed by this page’s own SHA-256: a file was too large for the browser’s."},
		CheckSame: "identical with exhibit %s", CheckChanged: "NOT the bytes of exhibit %s", CheckEndings: "exhibit %s with other line endings: the same mail, not the same bytes",
		CheckUnknown: "not in this dossier", CheckID: "carries the Message-ID of exhibit %s, and is NOT its bytes", CheckBody: "the body is the same, the header differs", CheckHead: "the header is the same, the body differs",
		CheckTag: "as listed in tagmanifest-sha256.txt", CheckTagBad: "NOT as listed in tagmanifest-sha256.txt", CheckTagOpen: "no evidence; its digest stands in tagmanifest-sha256.txt, which was not dropped",
		CheckSource: "identical with the source %s", CheckSourceBad: "NOT the bytes of the source %s", CheckList: "lists the digests that stand in this page", CheckListBad: "does NOT list the digests that stand in this page: %s",
		CheckSum: "All exhibits are there and give the evidence digest of this page.", CheckSumBad: "All exhibits are there, and do NOT give the evidence digest of this page.",
		CheckMissing: "Not among what was dropped: %s", CheckAll: "%s checked: every one is as this page says.", CheckSome: "%s checked: %s as this page says, %s not part of its evidence.",
		CheckBad: "%s checked: %s NOT as this page says.", Hashed: "SHA-256 as computed", CheckNone: "Nothing was dropped that can be read.", CheckFail: "could not be read",
		CheckFile: "File", CheckResult: "Result", Busy: "Computing … %s of %s", CheckLeft: "and %s more that are as this page says",
	}
}
