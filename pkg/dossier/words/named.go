package words

import (
	"strings"

	"onrecord/pkg/dkim"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// named says the phrase that stands for a value of the JSON; a value without one stands for itself.
func named[K ~string](w *Words, phrases map[K]string, key K) string {
	if phrase, ok := phrases[key]; ok {
		return w.T(phrase)
	}
	return string(key)
}

// Act names what a sentence does.
func (w *Words) Act(a notice.Act) string { return w.T(string(a)) }

// Acts names several.
func (w *Words) Acts(list []notice.Act) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = w.Act(a)
	}
	return strings.Join(out, ", ")
}

// Kind names what an entry of the timeline is: an act, or one of the kinds of its own.
func (w *Words) Kind(k notice.EntryKind) string { return named(w, entryKinds, k) }

// Origin tells who says so, in one or two words: suggested, confirmed, rejected.
func (w *Words) Origin(o notice.Origin) string { return named(w, origins, o) }

// OriginMeans tells what that means, in a sentence that goes on after the number of such statements.
func (w *Words) OriginMeans(o notice.Origin) string { return named(w, originMeans, o) }

// Evidence tells how we know that a person had notice, as a verb without its subject: "replied to it".
func (w *Words) Evidence(k notice.EvidenceKind) string { return named(w, evidenceKinds, k) }

// EvidenceMeans tells what such evidence is worth, in a sentence.
func (w *Words) EvidenceMeans(k notice.EvidenceKind) string { return named(w, evidenceMeans, k) }

// Basis tells on whose word a time rests.
func (w *Words) Basis(b evidence.Basis) string { return named(w, bases, b) }

// Gap names what is missing or does not fit.
func (w *Words) Gap(k notice.GapKind) string { return named(w, gapKinds, k) }

// Outcome names what a report says happened.
func (w *Words) Outcome(k notice.OutcomeKind) string { return named(w, outcomes, k) }

// Tie tells how a report was tied to its message.
func (w *Words) Tie(k notice.TieKind) string { return named(w, ties, k) }

// Quote names how a quotation stands to its message.
func (w *Words) Quote(k notice.QuoteState) string { return named(w, quoteStates, k) }

// Difference names the kind of a difference: changed, added, missing.
func (w *Words) Difference(kind string) string { return w.T("difference|" + kind) }

// Relation is before or after.
func (w *Words) Relation(r notice.Relation) string { return w.T("relation|" + string(r)) }

// Phase names a phase of a clock; one that is a word of the case file stands for itself.
func (w *Words) Phase(phase string) string { return named(w, phases, phase) }

// PersonKind names a mailbox that is no person's; "" for a person's.
func (w *Words) PersonKind(k people.Kind) string {
	switch k {
	case people.List:
		return w.T("distribution list")
	case people.Automatic:
		return w.T("automatic sender")
	}
	return ""
}

// BodyHash, Verdict and KeyOrigin name the facts of a DKIM signature, Chain that of ARC.
func (w *Words) BodyHash(b dkim.BodyHash) string { return named(w, bodyHashes, b) }

// Verdict names whether the signature holds.
func (w *Words) Verdict(v dkim.Verdict) string { return named(w, verdicts, v) }

// KeyOrigin names where a key came from.
func (w *Words) KeyOrigin(k dkim.KeyOrigin) string { return named(w, keyOrigins, k) }

// Chain names the state of an ARC chain.
func (w *Words) Chain(c evidence.ARCChain) string { return named(w, chains, c) }

// Policy explains a policy note of a signature in a few words.
func (w *Words) Policy(note string) string {
	if phrase, ok := policies[note]; ok {
		return w.T(phrase)
	}
	if field, ok := strings.CutSuffix(note, "-unsigned"); ok {
		return w.T("%s is not signed", field)
	}
	return note
}

// CopyClass names in what two copies are alike.
func (w *Words) CopyClass(c evidence.CopyClass) string { return w.T(string(c)) }

var entryKinds = map[notice.EntryKind]string{
	notice.KindMessage: "message", notice.KindDropped: "recipients dropped", notice.KindEvent: "event", notice.KindReceipt: "read receipt", notice.KindBounce: "bounce",
	"warning": "warning", "request": "request", "order": "order", "threat": "threat", "approval": "approval", "acknowledgement": "acknowledgement",
	"confirmation": "confirmation", "denial": "denial", "blame": "blame", "incident": "incident", "notification": "notification",
}

var origins = map[notice.Origin]string{notice.Suggested: "suggested", notice.Marked: "confirmed", notice.Rejected: "rejected"}

var originMeans = map[notice.Origin]string{
	notice.Marked:    "a person marked or confirmed them in the case file.",
	notice.Suggested: "the program found them by its rules and its model; no person has confirmed them yet.",
	notice.Rejected:  "the program found them, and a person rejected them. They count for nothing here and are listed so that the rejection shows.",
}

var evidenceKinds = map[notice.EvidenceKind]string{
	notice.Authored: "wrote it", notice.Acknowledged: "acknowledged it", notice.Quoted: "quoted it", notice.Forwarded: "forwarded it",
	notice.Replied: "replied to it", notice.Delivered: "their server received it", notice.Addressed: "was addressed",
}

var evidenceMeans = map[notice.EvidenceKind]string{
	notice.Authored:     "The person wrote the statement.",
	notice.Acknowledged: "The person acknowledged it in words, or a read receipt says that it was displayed to them.",
	notice.Quoted:       "The statement stands in a message of theirs.",
	notice.Forwarded:    "The person passed the message on.",
	notice.Replied:      "The person answered the message.",
	notice.Delivered:    "A mail server of theirs recorded that it took the message.",
	notice.Addressed:    "The message names the person in To, Cc or Bcc.",
}

var bases = map[evidence.Basis]string{
	evidence.BasisTrace: "recorded by a server", evidence.BasisSignature: "time of a DKIM signature", evidence.BasisOrigination: "sender’s clock",
	evidence.BasisResent: "clock of who sent it on", evidence.BasisSeal: "time of an ARC seal", evidence.BasisExpiry: "end of a DKIM signature", evidence.BasisMessageID: "put into the Message-ID by the sender’s program",
	evidence.BasisBoundary: "put into a MIME boundary by the sender’s program", evidence.BasisThreadIndex: "put into the Thread-Index by Outlook",
	evidence.BasisEnvelope: "envelope line of the mbox file", evidence.BasisCase: "stated in the case file", evidence.BasisNone: "no time is known", "": "no time is known",
}

var gapKinds = map[notice.GapKind]string{
	notice.GapCited: "cited, not held", notice.GapParent: "answer without its message", notice.GapQuoted: "quoted, not held", notice.GapDate: "date and hops differ", notice.GapHole: "hole in the thread",
}

var outcomes = map[notice.OutcomeKind]string{
	notice.OutcomeDisplayed: "displayed", notice.OutcomeDeleted: "deleted unread", notice.OutcomeDelivered: "delivered", notice.OutcomeDelayed: "delayed", notice.OutcomeFailed: "not delivered",
}

var ties = map[notice.TieKind]string{
	notice.TieOriginalID: "the report names the Message-ID", notice.TieAttached: "the report brings the message back", notice.TieInReplyTo: "In-Reply-To of the report",
	notice.TieReferences: "References of the report", notice.TieSubject: "same subject and recipient", notice.TieNone: "not tied to a message",
}

var quoteStates = map[notice.QuoteState]string{notice.QuoteSame: "as in the original", notice.QuoteAltered: "differs from the original", notice.QuoteOnly: "original not held"}

var phases = map[string]string{
	"event-start": "event start", "detected": "detected", "on-call-engaged": "on-call engaged", "response-team-engaged": "response team engaged", "confirmed": "phase|confirmed",
	"customer-impact-determined": "customer impact determined", "affected-customers-determined": "affected customers determined", "customers-notified": "customers notified",
	"incident-declared": "incident declared", "aware": "aware", "notification": "notification",
}

var bodyHashes = map[dkim.BodyHash]string{dkim.Match: "match", dkim.Mismatch: "mismatch", dkim.Partial: "partial"}

var verdicts = map[dkim.Verdict]string{dkim.Valid: "valid", dkim.Invalid: "invalid", dkim.Unchecked: "unchecked"}

var keyOrigins = map[dkim.KeyOrigin]string{dkim.OriginSnapshot: "key from the dossier’s snapshot", dkim.OriginDNS: "key from the DNS", dkim.OriginFile: "key from a file", dkim.OriginNone: "no key at hand"}

var chains = map[evidence.ARCChain]string{evidence.ARCNone: "none", evidence.ARCPass: "holds", evidence.ARCFail: "does not hold", evidence.ARCUnchecked: "not checked"}

var policies = map[string]string{
	dkim.PolicyExpired: "the signature had an end date, which has passed", dkim.PolicySHA1: "the signature uses SHA-1, which is broken", dkim.PolicyWeakKey: "the key is shorter than 1024 bits",
	dkim.PolicyPartialBody: "only the first part of the body is signed", dkim.PolicyTestMode: "the domain marks its key as a test", dkim.PolicyRevoked: "the domain revoked the key",
	dkim.PolicyUnaligned: "the signing domain is not that of From", dkim.PolicyMalformed: "the signature field is malformed", dkim.PolicyVersion: "the version tag is missing or wrong",
	dkim.PolicyAlgorithm: "unknown algorithm", dkim.PolicyQuery: "unknown query method", dkim.PolicyIdentity: "the identity lies outside of the signing domain",
	dkim.PolicyKey: "the key record cannot be used", dkim.PolicyKeyFailed: "the look-up of the key failed",
}

// Defect names a kind of malformed mail; the JSON's word stands for a kind that is not known here.
func (w *Words) Defect(kind string) string {
	if w.col == 0 {
		return kind
	}
	return w.T("defect|" + kind)
}
