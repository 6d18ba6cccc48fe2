// Package exporter knows the traces that mail programs leave in what they save or export, what they are known to alter, and how a better export is got from them. The knowledge
// is a table; a trace shows that a program had the message in its hands, not that nothing else did.
package exporter

import "strings"

// Program is one that saves or exports mail.
type Program struct {
	Name    string
	Altered string // what its exports are known to change; "" where nothing is known
	Better  string // how to get the message as it was received
}

// The programs.
var (
	takeout     = &Program{"Google Takeout", "two fields of its own are added on top of the header (X-GM-THRID, X-Gmail-Labels); the rest of the message is left as it is", "in Gmail, Show original and Download original give the message as it was received"}
	thunderbird = &Program{"Thunderbird", "fields of its own are added on top of the header (X-Mozilla-Status, X-Mozilla-Keys, X-Account-Key), and the line before the message tells when it was fetched", "save the message from the server's own web mail, or copy the mailbox by IMAP again"}
	mozAltered  = &Program{"Thunderbird, attachments removed", "somebody deleted or detached attachments in Thunderbird: a note stands in their place, and body hashes no longer fit", "fetch the message from the server again, where it is whole"}
	appleMail   = &Program{"Apple Mail", "fields and a property list of its own are added; attachments of large messages may be kept in files beside the message", "in Apple Mail, save the message as Raw Message Source"}
	appleCut    = &Program{"Apple Mail, partial message", "attachments were taken out of the message and kept in files beside it", "in Apple Mail, save the message as Raw Message Source after it was loaded whole"}
	exchange    = &Program{"Exchange", "the message was made anew out of the mailbox store: field order, line ends and MIME structure are not those of the way", "ask the administrator for the message from the transport archive, or open it in Outlook on the web and download it"}
	outlook     = &Program{"Outlook", "the message was made anew out of Outlook's store: the fields of the way may be gone, and MIME is written again", "in Outlook on the web, Download gives the message with its whole header"}
	proton      = &Program{"Proton Mail export", "the body was decrypted and written anew, fields of its own are added: body hashes of the sender's signature no longer fit", "in Proton Mail, Export of a single message with its headers (View headers) gives the header as received"}
	dovecot     = &Program{"mbox kept by a mail server or mutt", "fields that hold its state are added to the header or changed (Status, X-Status, X-UID, X-Keywords)", ""}
	popServer   = &Program{"POP3 server", "a field with the server's number of the message is added (X-UIDL)", ""}
	readpst     = &Program{"readpst", "the message was made anew out of an Outlook data file (.pst): its bytes are not those that were received, and no signature can be checked on them", "ask for the message from the server, or for an export of the mailbox by IMAP"}
	getmail     = &Program{"getmail", "a Received field and fields of its own are added on top", ""}
	fetchmail   = &Program{"fetchmail", "a Received field of its own is added on top, with the clock of the machine that fetched", ""}
	pipermail   = &Program{"pipermail list archive", "most of the header was dropped, addresses have ' at ' in place of the @, and attachments were taken out", "ask a subscriber of the list for the message as he received it, or the list's owner for the archive with full headers"}
	publicInbox = &Program{"public-inbox", "the line before the message is the same for all; the message itself is kept as the list sent it", ""}
	offlineIMAP = &Program{"OfflineIMAP", "a field of its own is added (X-OfflineIMAP)", ""}
	mbsync      = &Program{"mbsync", "a field of its own is added while it copies (X-TUID)", ""}
	evolution   = &Program{"Evolution", "a field with its flags is added (X-Evolution)", ""}
	kmail       = &Program{"KMail", "fields with its state are added (X-KMail-…)", ""}
	claws       = &Program{"Claws Mail or Sylpheed", "fields with its state are added", ""}
	eudora      = &Program{"Eudora", "attachments were taken out and a line with their file names stands in their place; the HTML of the body was rewritten", "ask the other side or the server for the message"}
	aid4mail    = &Program{"Aid4Mail", "fields of its own may be added, and mail of some sources is written anew", ""}
	mailstore   = &Program{"MailStore", "fields of its own are added", ""}
	unsent      = &Program{"a draft saved by Outlook or Windows Mail", "the message carries the mark of one that was not sent (X-Unsent)", "look for the message in the sent folder or at the receiver"}
)

// fields is the table of fingerprints in the header: the name as the program writes it.
var fields = map[string]*Program{
	"X-GM-THRID": takeout, "X-Gmail-Labels": takeout,
	"X-Mozilla-Status": thunderbird, "X-Mozilla-Status2": thunderbird, "X-Mozilla-Keys": thunderbird, "X-Account-Key": thunderbird, "X-Mozilla-External-Attachment-URL": mozAltered, "X-Mozilla-Altered": mozAltered,
	"X-Uniform-Type-Identifier": appleMail, "X-Universally-Unique-Identifier": appleMail, "X-Apple-Mail-Remote-Attachments": appleMail, "X-Apple-Base-Url": appleMail, "X-Apple-Content-Length": appleCut,
	"X-MS-Exchange-Organization-SCL": exchange, "X-MS-Exchange-Organization-AuthSource": exchange, "X-MS-Exchange-Organization-AuthAs": exchange, "X-MS-Exchange-Organization-RecordReviewCfmType": exchange,
	"X-Unsent": unsent, "X-OlkEid": outlook, "X-Outlook-Message-Flags": outlook,
	"X-Pm-Origin": proton, "X-Pm-Content-Encryption": proton, "X-Pm-External-Id": proton, "X-Pm-Internal-Id": proton, "X-Pm-Labels": proton, "X-Pm-Conversationid-Id": proton, "X-Pm-ConversationID-Id": proton, "X-Pm-Date": proton,
	"Status": dovecot, "X-Status": dovecot, "X-UID": dovecot, "X-Keywords": dovecot, "X-IMAP": dovecot, "X-IMAPbase": dovecot,
	"X-UIDL":                   popServer,
	"X-libpst-forensic-sender": readpst, "X-libpst-forensic-bcc": readpst,
	"X-getmail-retrieved-from-mailbox": getmail, "X-getmail-filter-classifier": getmail,
	"X-OfflineIMAP": offlineIMAP, "X-TUID": mbsync, "X-Evolution": evolution, "X-Evolution-Source": evolution,
	"X-KMail-EncryptionState": kmail, "X-KMail-SignatureState": kmail, "X-KMail-MDN-Sent": kmail,
	"X-Claws-Account-Id": claws, "X-Sylpheed-Account-Id": claws, "X-Sylpheed-End-Special-Headers": claws, "X-Claws-End-Special-Headers": claws,
	"X-Aid4Mail-Folder": aid4mail, "X-Aid4Mail-Source": aid4mail, "X-MailStore-Message-ID": mailstore, "X-MailStore-Folder": mailstore,
}

// longest and shortest names of the table, so that most fields of most mail are not looked up.
const shortest, longest = len("X-UID"), len("X-MS-Exchange-Organization-RecordReviewCfmType")

// Finding is a program with the trace that shows it.
type Finding struct {
	Program *Program
	Trace   string // the name of a field, or what else it is
}

// Field tells whether a field of that name is a program's trace.
func Field(name string) *Program {
	if len(name) < shortest || len(name) > longest || name[0] != 'X' && name[0] != 'S' {
		return nil
	}
	return fields[name]
}

// Envelope tells the program that writes such a line before a message of an mbox.
func Envelope(line string) (Finding, bool) {
	line, found := strings.CutPrefix(line, "From ")
	if !found {
		return Finding{}, false
	}
	sender, rest, _ := strings.Cut(line, " ")
	switch {
	case sender == "mboxrd@z":
		return Finding{publicInbox, "envelope line"}, true
	case sender == "-":
		return Finding{thunderbird, "envelope line"}, true
	case sender == "???@???":
		return Finding{eudora, "envelope line"}, true
	case strings.HasPrefix(rest, "at ") && !strings.Contains(sender, "@"):
		return Finding{pipermail, "envelope line"}, true
	}
	return Finding{}, false
}

// Received tells the program that fetched the message, by the newest Received field.
func Received(raw string) (Finding, bool) {
	switch {
	case strings.Contains(raw, "(fetchmail-"):
		return Finding{fetchmail, "Received"}, true
	case strings.Contains(raw, "by getmail") || strings.Contains(raw, "with getmail"):
		return Finding{getmail, "Received"}, true
	}
	return Finding{}, false
}

// Boundary tells the program that makes such MIME boundaries.
func Boundary(b string) (Finding, bool) {
	if strings.Contains(b, "boundary-LibPST-iamunique") {
		return Finding{readpst, "MIME boundary"}, true
	}
	return Finding{}, false
}

// Store tells Outlook or Exchange by a field that only they write, in a message that no server's Received field came with: it was made out of their store.
func Store(name string) (Finding, bool) {
	switch name {
	case "X-MS-Has-Attach", "X-MS-TNEF-Correlator", "Thread-Index", "X-MS-Exchange-MessageSentRepresentingType":
		return Finding{outlook, name + " without Received"}, true
	}
	return Finding{}, false
}

// AppleMail is for messages of .emlx files.
func AppleMail() Finding { return Finding{appleMail, ".emlx file"} }

// NoWay is what is said of a message without any Received field.
const NoWay = "no Received field: this export cannot show the way; ask for the original from the server"
