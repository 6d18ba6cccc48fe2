package html

// beyondWords are the words of what lies beyond the text of a message: files inside of parts, its times, its export, personal signatures, domains.
type beyondWords struct {
	UnpackedCaption, InPart                                     string
	TimesOf, TimesCaption, Field                                string
	ExportOf, Programs, SeenBy, ExportHint                      string
	SignedContent, Certificate, HeldAs                          string
	Issuer, Serial, Fingerprint, ValidFrom, ValidUntil          string
	Period, InPeriod, OutOfPeriod, NamesSender, NamesOther      string
	ContentDigests, PersonVerdicts, Trusts, Forms               map[string]string
	ARCChecks, RecordedThen, BreaksAt, UnchangedSince           string
	StandsIn, ForSender, ForOther, Asked, User                  string
	LookAlikes, LookAlikesNote, LookAlikesCaption               string
	LookAlikeCount                                              plural
	PartiesCaption, Party, DomainWord, DomainWords, SameCaption string
}

func englishBeyond() beyondWords {
	return beyondWords{
		UnpackedCaption: "Files inside of the parts, digests of their content", InPart: "In part",
		TimesOf: "Times in the message", TimesCaption: "Every time that the message shows, and on whose word", Field: "Field",
		ExportOf: "Traces of the export", Programs: "Programs", SeenBy: "Seen by", ExportHint: "What this export cannot show",
		SignedContent: "Signed content", Certificate: "Certificate", HeldAs: "Form",
		Issuer: "Issuer", Serial: "Serial number", Fingerprint: "Fingerprint", ValidFrom: "Valid from", ValidUntil: "Valid until",
		Period: "Period", InPeriod: "signed while the certificate was valid", OutOfPeriod: "signed outside of the certificate’s period",
		NamesSender: "the certificate names the sender’s address", NamesOther: "the certificate does not name the sender’s address",
		ContentDigests: map[string]string{"match": "matches: the content is the one that was signed", "mismatch": "does not match: the content is not the one that was signed", "unchecked": "not checked"},
		PersonVerdicts: map[string]string{"valid": "valid: made with the signer’s key", "invalid": "not valid for this key", "unchecked": "not checked"},
		Trusts:         map[string]string{"trusted": "leads to a root that was named", "untrusted": "leads to no root that was named", "unchecked": "not checked: no root was named"},
		Forms:          map[string]string{"detached": "beside the content", "opaque": "the content lies inside of the signature", "cleartext": "within the text", "encrypted": "encrypted: it cannot be read without the recipient’s key"},
		ARCChecks:      "What was computed of the chain", RecordedThen: "Recorded then", BreaksAt: "Breaks at set", UnchangedSince: "Unchanged since set",
		StandsIn: "stands in", ForSender: "checked for the sender’s domain", ForOther: "checked for another domain than the sender’s", Asked: "asked of", User: "user",
		LookAlikes: "Domains that look alike", LookAlikesNote: "These names are easily taken for each other. That says nothing of why they are alike.", LookAlikesCaption: "Pairs of domains",
		LookAlikeCount: count("%s pair of domains looks alike", "%s pairs of domains look alike"),
		PartiesCaption: "Parties, as the case file names them", Party: "Party", DomainWord: "Domain", DomainWords: "Domains", SameCaption: "Quotations that agree with their original",
	}
}
