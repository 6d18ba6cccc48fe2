package notice

import (
	"regexp"
	"strings"
)

// freeForm is a report in free text: what older mail programs write in the place of RFC 3464 and RFC 8098.
type freeForm struct {
	name   string
	kind   ReturnKind
	phrase []string // folded; one of them stands in the text
}

// freeForms in the order in which they are tried: what is told of a delay or a reading before what is told of a failure.
var freeForms = []freeForm{
	{"exchange", Deleted, foldAll("was deleted without being read", "wurde ungelesen gelöscht", "a été supprimé sans être lu", "a été supprimée sans avoir été lue", "se eliminó sin leer", "fue eliminado sin leer")},
	{"exchange", ReadReceipt, foldAll("was read on", "was read at", "wurde gelesen am", "wurde am gelesen", "a été lu le", "a été lue le", "se leyó el", "fue leído el", "return receipt for the mail that you sent")},
	{"exim", Delayed, foldAll("has not yet been delivered to one or more of its recipients", "warning: message still undelivered")},
	{"sendmail", Delayed, foldAll("had transient non-fatal errors", "will keep trying until message", "this is a warning message only")},
	{"postfix", Delayed, foldAll("your message could not be delivered for more than", "####################################################################\n# this is a warning only", "will be retried until it is")},
	{"exchange", Delayed, foldAll("delivery is delayed to these recipients", "verzögerte zustellung an folgende empfänger", "la remise est retardée pour ces destinataires", "se ha retrasado la entrega")},
	{"qmail", Failed, foldAll("this is the qmail-send program", "i wasn't able to deliver your message to the following addresses", "i'm afraid i wasn't able to deliver your message")},
	{"exim", Failed, foldAll("a message that you sent could not be delivered to one or more of its", "the following address(es) failed", "this message was created automatically by mail delivery software")},
	{"postfix", Failed, foldAll("this is the postfix program at host", "this is the mail system at host", "i'm sorry to have to inform you that your message could not", "i'm sorry to have to inform you that the message returned")},
	{"sendmail", Failed, foldAll("the following addresses had permanent fatal errors", "the following addresses had delivery problems", "transcript of session follows")},
	{"exchange", Failed, foldAll("did not reach the following recipient", "did not reach some or all of the intended recipients", "delivery has failed to these recipients", "the following recipient(s) could not be reached", "the following recipient(s) cannot be reached",
		"fehler bei der nachrichtenzustellung an folgende empfänger", "hat einige oder alle empfänger nicht erreicht", "an folgende empfänger konnte die nachricht nicht", "der folgende empfänger kann nicht erreicht werden", "der/die folgende(n) empfänger",
		"échec de la remise pour", "échec de la remise à", "n'est pas parvenu à certains ou à tous", "n'a pas pu être remis", "le ou les destinataires suivants", "impossible de joindre le ou les destinataires",
		"error al entregar a estos destinatarios", "no ha llegado a algunos o a todos los destinatarios", "no se pudo entregar a los siguientes destinatarios", "no se puede localizar a los destinatarios")},
	{"generic", Failed, foldAll("delivery to the following recipient failed permanently", "delivery to the following recipients failed", "your message wasn't delivered to", "could not be delivered to the following", "your message could not be delivered", "undeliverable message", "undelivered mail returned to sender",
		"message could not be delivered to", "konnte nicht zugestellt werden", "n'a pu être distribué", "no pudo ser entregado", "no se ha podido entregar")},
}

// copiedMessage begins the copy of the message that a report brings back in its text; folded.
var copiedMessage = foldAll(
	"--- below this line is a copy of the message", "------ this is a copy of the message", "------ this is a copy of your message", "--- enclosed are the original headers", "--- undelivered message follows", "----- original message",
	"----- message header follows", "----- unsent message follows", "--- the message follows", "received: from ", "return-path: <",
)

// freeSubjects are what reports put before the subject of the message that they speak of; folded.
var freeSubjects = foldAll(
	"read:", "read receipt:", "return receipt (displayed) -", "return receipt:", "disposition notification:", "gelesen:", "lesebestätigung:", "lu :", "lu:", "lecture :", "accusé de lecture :", "leído:", "leido:", "confirmación de lectura:", "not read:", "ungelesen:", "nicht gelesen:", "non lu :", "no leído:",
	"undeliverable:", "undelivered:", "undeliverable mail:", "unzustellbar:", "non remis :", "non remis:", "non distribuable :", "no se puede entregar:", "no entregable:", "delivery failure:", "mail delivery failed:", "delivery delayed:", "verzögert:", "zugestellt:", "delivered:", "remis :", "entregado:",
)

var (
	freeAddress = regexp.MustCompile(`[A-Za-z0-9._%+'/=-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	freeID      = regexp.MustCompile(`(?im)^[> \t]*message-id:[ \t\r\n]*(<[^<>\s]+>)`)
	freeSubject = regexp.MustCompile(`(?im)^[> \t]*(?:subject|betreff|objet|asunto)[ \t]*:[ \t]*([^\r\n]+)`)
)

// maxFreeAddresses bounds the recipients that a text names.
const maxFreeAddresses = 50

// ReadFreeReport reads a report in free text. It is to be asked for messages that a program sent and that have no report part. ok is false where the text
// has none of the phrases by which the mail programs are known.
func ReadFreeReport(subject, body string) (rep Report, ok bool) {
	if len(body) > maxReport {
		body = body[:maxReport]
	}
	folded := strings.Join(strings.Fields(fold(body)), " ")
	for _, f := range freeForms {
		for _, p := range f.phrase {
			if strings.Contains(folded, p) {
				rep = Report{Kind: f.kind, Form: f.name}
				return rep.fill(subject, body), true
			}
		}
	}
	return Report{}, false
}

// fill takes the recipients that are named before the copied message, and what tells which message that is.
func (rep Report) fill(subject, body string) Report {
	own := body
	at := 0
	for line := range strings.Lines(body) {
		l := fold(strings.TrimSpace(line))
		for _, c := range copiedMessage {
			if strings.HasPrefix(l, c) && own == body {
				own = body[:at]
			}
		}
		at += len(line)
	}
	copied := body[len(own):]
	if m := freeID.FindStringSubmatch(copied); m != nil {
		rep.Original = m[1]
	}
	switch m := freeSubject.FindStringSubmatch(body); {
	case m != nil:
		rep.Subject = strings.TrimSpace(m[1])
	default:
		rep.Subject = ReportedSubject(subject)
	}
	if rep.Kind == ReadReceipt || rep.Kind == Deleted {
		return rep // who read it is its author
	}
	seen := map[string]bool{}
	for _, a := range freeAddress.FindAllString(own, -1) {
		a = strings.Trim(a, ".'/=")
		l := strings.ToLower(a)
		local, _, _ := strings.Cut(l, "@")
		if seen[l] || local == "postmaster" || local == "mailer-daemon" || local == "abuse" || len(rep.Recipients) == maxFreeAddresses {
			continue
		}
		seen[l] = true
		rep.Recipients = append(rep.Recipients, a)
	}
	return rep
}

// ReportedSubject gives the subject of the message that a report speaks of, by the report's own; "" if it does not tell.
func ReportedSubject(subject string) string {
	s := strings.TrimSpace(subject)
	folded := fold(s)
	for _, p := range freeSubjects {
		if strings.HasPrefix(folded, p) {
			// Folding keeps the number of letters but not of bytes: count words.
			return strings.Join(strings.Fields(s)[len(strings.Fields(p)):], " ")
		}
	}
	return ""
}

// BaseSubject is a subject without the prefixes of answers and forwards, folded: what a report and its message have in common.
func BaseSubject(subject string) string {
	for range 10 {
		short := replyPrefix.ReplaceAllString(subject, "")
		if short == subject {
			break
		}
		subject = short
	}
	return strings.Join(strings.Fields(fold(subject)), " ")
}
