package pdf

import "fmt"

// words are all our own words in one language. Another language is another value of this type.
type words struct {
	docSubject, untitled, masthead, glance, contents        string
	preparedBy, madeAt, evidenceDigest                      string
	pageOf, volume, volumePage, laterVolume                 string
	noWarnings, warningsBy, onDay, betweenDays, hadNotice   string
	beforeIncident, hadNoticeBefore, standAgainst, noDenial string
	moreWarnings, moreDenials, more, leftOut                string
	denialsHead, exhibitOn, inExhibit, exhibitN             string

	when, who, whom, about, words, exhibit, against, unknown     string
	whoSays, origins, dropped, noneDropped                       string
	notChecked, noSignatures, signaturesChecked, keysMissing     string
	defectsIn, citedMissing, messagesRead, ledgerLine, seeIndex  string
	noSubject, noTime, noDate, noText, noMessageID               string
	warningsTitle, warningsIntro, whyColumn, topic, to           string
	peopleTitle, peopleIntro, name, role, addresses              string
	mergedBecause, alsoNamed, listKind, automaticKind            string
	timelineTitle, timelineIntro, timelineSome, timelineList     string
	legendWarning, legendNotification, legendOrder, legendDenial string
	legendIncident, legendAcknowledgement, legendMessage         string
	legendDropped, others, foldDays, what                        string
	knowledgeTitle, knowledgeIntro, evidenceTitle, statement     string
	since, howKnown, recipientsTitle, recipientsIntro, added     string
	moved, headline, answers, contradictionsTitle                string
	contradictionsIntro, contradictionHead, deniedWords          string
	warnedWords, noticeSince, threadsTitle, threadsIntro, thread string
	subject, missing, citedBy                                    string
	exhibitsTitle, from, sender, toField, cc, bcc, replyTo       string
	dateField, senderClock, asWritten, recorded, messageID       string
	inReplyTo, notHeld, source, sourceAt, copies, delivery       string
	textFrom, bodyLeftOut, enclosed, nestedLeftOut               string
	partsTitle, part, mediaType, size, sha256Decoded             string
	statementsTitle, act, origin, decidedBy, ruleAnd             string
	hopsTitle, hopsIntro, noHops, hop, by, with, delay           string
	reverse, helo, forWhom                                       string
	authTitle, noDKIM, noRecorded, recordedBy, trust, results    string
	unnamed, trusted, claimed, fromField, arc, computed          string
	signatureN, signedBy, bodyHash, signature, key, signedAt     string
	expires, policy, signedFields, unsignedFields, notes         string
	alignedYes, alignedNo                                        string
	digestsTitle, digestMessage, digestRaw, digestCanonical      string
	digestHeader, digestBody, digestContent, readingNote         string
	defectsTitle, kindColumn, offset                             string
	headersTitle, headersIntro, headerLeftOut                    string
	indexTitle, indexIntro, no, page, headerPage                 string
	ledgerTitle, ledgerIntro, format, found, kept, duplicate     string
	excluded, failed, total, modified, writtenBy                 string
	keysTitle, missingKeys                                       string
	checkTitle, methodTitle, clockTitle, clockSays, clockBasis   string
	glyphsTitle, noMissing, missingGlyphs                        string
	dayForm, dayMonth, decimalPoint, thousands                   string
	months                                                       [12]string
	messages, warnings, warningsOf, people, denials, statements  plural
	keys, defects, exhibits, sources, characters, codePoints     plural
	bases, originNames, kinds, evidenceKinds                     map[string]string
	checkSteps                                                   []step
	method                                                       []chapterText
}

// plural is a counted noun: a form for one and a form for any other number.
type plural struct{ one, other string }

func (p plural) of(n int) string {
	if n == 1 {
		return fmt.Sprintf(p.one, n)
	}
	return fmt.Sprintf(p.other, n)
}

type step struct{ says, command string }

type chapterText struct{ title, says string }
