package notice

import "strings"

// separators introduce a message without ">" marks; folded. bare ones stand without rulers too.
var separators = []struct {
	text          string
	forward, bare bool
}{
	{"original message", false, false}, {"original appointment", false, false}, {"reply message", false, false}, {"reply to message", false, false},
	{"message d'origine", false, false}, {"message original", false, false}, {"message initial", false, false}, {"courriel original", false, false},
	{"ursprungliche nachricht", false, false}, {"urspruengliche nachricht", false, false}, {"originalnachricht", false, false}, {"original-nachricht", false, false},
	{"ursprunglicher termin", false, false}, {"antwort an", false, false},
	{"mensaje original", false, false}, {"mensaje de origen", false, false}, {"correo original", false, false},
	{"forwarded message", true, false}, {"forwarded by", true, false}, {"begin forwarded message", true, true}, {"forwarded mail", true, false},
	{"message transfere", true, false}, {"message reexpedie", true, false}, {"debut du message transfere", true, true}, {"debut du message reexpedie", true, true},
	{"weitergeleitete nachricht", true, false}, {"anfang der weitergeleiteten nachricht", true, true}, {"anfang der weitergeleiteten e-mail", true, true},
	{"mensaje reenviado", true, false}, {"inicio del mensaje reenviado", true, true}, {"correo reenviado", true, false},
	{"weitergeleitet von", true, false}, {"transfere par", true, false}, {"reenviado por", true, false},
}

// header field names of copied headers.
const (
	keyNone = iota
	keyFrom
	keyDate
	keyTo
	keyCc
	keySubject
	keyOther
	keyCount
)

var headerKeys = map[string]int{
	"from": keyFrom, "von": keyFrom, "de": keyFrom, "expediteur": keyFrom, "absender": keyFrom, "remitente": keyFrom,
	"sent": keyDate, "date": keyDate, "gesendet": keyDate, "gesendet am": keyDate, "datum": keyDate, "envoye": keyDate, "envoye le": keyDate, "date d'envoi": keyDate,
	"enviado": keyDate, "enviado el": keyDate, "fecha": keyDate, "sent at": keyDate, "sent on": keyDate,
	"to": keyTo, "an": keyTo, "a": keyTo, "para": keyTo, "destinataire": keyTo, "destinataires": keyTo, "pour": keyTo, "empfanger": keyTo, "destinatario": keyTo, "destinatarios": keyTo,
	"cc": keyCc, "copie": keyCc, "copie a": keyCc, "kopie": keyCc, "bcc": keyCc, "con copia": keyCc, "copia": keyCc, "cci": keyCc, "cco": keyCc,
	"subject": keySubject, "betreff": keySubject, "objet": keySubject, "asunto": keySubject, "sujet": keySubject, "thema": keySubject, "re": keySubject,
	"importance": keyOther, "wichtigkeit": keyOther, "prioritat": keyOther, "importancia": keyOther, "priority": keyOther, "reply-to": keyOther, "antwort an": keyOther,
	"repondre a": keyOther, "responder a": keyOther, "attachments": keyOther, "anlagen": keyOther, "pieces jointes": keyOther, "datos adjuntos": keyOther,
	"organization": keyOther, "newsgroups": keyOther, "message-id": keyOther,
}

// headerKey tells which header field a line of a copied header holds ("Von: …", "*From:* …", "De : …").
func headerKey(w string) int {
	for len(w) > 0 && (w[0] == '*' || w[0] == '_' || w[0] == ' ') {
		w = w[1:]
	}
	colon := strings.IndexByte(w[:min(len(w), 24)], ':')
	if colon < 1 {
		return keyNone
	}
	var room [48]byte
	return headerKeys[string(appendFold(room[:0], strings.Trim(w[:colon], "*_ \t\u00a0")))]
}

// attributionStart tells whether a line begins as the long attribution lines do.
func attributionStart(w string) bool {
	if w == "" || w[0] < 'A' || w[0] > 'Z' {
		return false
	}
	word, _, _ := strings.Cut(w, " ")
	switch strings.TrimRight(word, ",") {
	case "On", "Am", "Le", "El", "Il", "Em", "At", "In", "Den", "Vom", "Von", "De", "From", "Al", "Op":
		return true
	}
	return false
}

// wroteWords end or mark an attribution; folded.
var wroteWords = []string{
	" wrote", " writes", " said", " says", "a ecrit", "ecrivait", " schrieb", " schreibt", "geschrieben", " hat am ", " escribio", " ha escrito", " escribe", "quoting ", "zitat von", "citando a",
	"en reponse a", "selon ", " scripsit", " schreef",
}

// saysWrote tells whether folded words are an attribution.
func saysWrote(all string) bool {
	for _, w := range wroteWords {
		if strings.Contains(all, w) {
			return true
		}
	}
	return false
}

// closings begin a signature; folded, compared with the start of a short line.
var closings = foldAll(
	"best regards", "kind regards", "warm regards", "regards", "best wishes", "many thanks and", "sincerely", "yours sincerely", "yours faithfully", "yours truly", "yours", "cheers", "best", "thanks", "thank you", "many thanks",
	"with kind regards", "with best regards", "kindest regards", "all the best", "cordially", "respectfully", "take care", "rgds", "br", "kr", "thx", "sent from my", "get outlook for",
	"mit freundlichen grüßen", "mit freundlichem gruß", "freundliche grüße", "freundlichen grüße", "viele grüße", "viele liebe grüße", "beste grüße", "schöne grüße", "liebe grüße", "herzliche grüße", "herzlichen gruß", "gruß", "grüße", "lg", "mfg", "vg",
	"mit besten grüßen", "mit bestem gruß", "hochachtungsvoll", "besten dank", "vielen dank", "danke", "schönen gruß", "bis dann", "von meinem iphone gesendet", "gesendet von", "i. a.", "i.a.",
	"cordialement", "bien cordialement", "tres cordialement", "bien a vous", "bien a toi", "salutations", "meilleures salutations", "sinceres salutations", "sincerement", "amicalement", "bonne journee", "bonne reception", "a bientot",
	"merci", "merci d'avance", "respectueusement", "veuillez agreer", "je vous prie d'agreer", "envoye de mon", "bises",
	"un saludo", "saludos", "saludos cordiales", "un cordial saludo", "reciba un cordial saludo", "atentamente", "muy atentamente", "cordialmente", "gracias", "muchas gracias", "un abrazo", "enviado desde mi", "quedo a la espera", "atte",
)

// isClosing tells whether folded words of a short line close a letter.
func isClosing(w string) bool {
	w = strings.Trim(w, " ,.!-")
	for _, c := range closings {
		if rest, found := strings.CutPrefix(w, c); found && (rest == "" || len(rest) <= 24 && (rest[0] == ' ' || rest[0] == ',')) {
			return true
		}
	}
	return false
}

// disclaimerCues are stems, without their first letter because of capitals. Two different ones in a paragraph make a disclaimer.
var disclaimerCues = [...]string{
	"onfidential", "ertraulich", "onfidentiel", "onfidencial", "rivileged", "ntended recipient", "ntended solely", "ntended only", "n error", "elete ", "nauthori", "isclos", "isclaimer", "irus", "otify the sender",
	"estinataire", "ar erreur", "étruire", "étruisez", "upprimer", "mpfänger", "mpfaenger", "rrtümlich", "rrtuemlich", "ernichten", "öschen", "nbefugt", "bsender", "estinatari", "or error", "liminar", "liminelo", "elimínelo", "lectrónico",
	"nsubscri", "ésinscri", "bmelden", "bbestellen", "arse de baja", "ailing list", "ailing-list", "ewsletter", "privacy policy", "egistered in", "ompany number", "andelsregister", "mtsgericht", "eschäftsführer", "iège social", "ntes de imprimir", "efore printing", "vant d'imprimer",
	"external sender", "utside of the", "utside your org", "rom outside", "xternal e", "XTERN", "xterne", "on außerhalb", "on ausserhalb", "uera de la org", "xterieur de", "xtérieur de", "nhänge", "ttachments", "ièces jointes", "djuntos", "nbekannt", "inks ", "known sender", "liens", "nlaces",
}

// cueIndex finds the cues by their first two bytes; cueBits says quickly that there is none.
var cueIndex, cueBits = func() (map[uint16][]int, *[1 << 10]uint64) {
	index, bits := map[uint16][]int{}, new([1 << 10]uint64)
	for i, c := range disclaimerCues {
		key := uint16(c[0])<<8 | uint16(c[1])
		index[key] = append(index[key], i)
		bits[key>>6] |= 1 << (key & 63)
	}
	return index, bits
}()

// disclaims tells whether a paragraph holds two different cues. Each stands at the second byte of a word.
func disclaims(paragraph string) bool {
	first := -1
	inWord := false
	for i := 0; i+2 < len(paragraph); i++ {
		if paragraph[i] <= ' ' {
			inWord = false
			continue
		}
		if inWord {
			continue
		}
		inWord = true
		if paragraph[i] == '"' || paragraph[i] == '(' || paragraph[i] == '[' || paragraph[i] == '\'' || paragraph[i+1] == '\'' {
			inWord = false // the word begins behind the sign
			continue
		}
		key := uint16(paragraph[i+1])<<8 | uint16(paragraph[i+2])
		if cueBits[key>>6]>>(key&63)&1 == 0 {
			continue
		}
		for _, c := range cueIndex[key] {
			if !strings.HasPrefix(paragraph[i+1:], disclaimerCues[c]) {
				continue
			}
			if first >= 0 && first != c {
				return true
			}
			first = c
			break
		}
	}
	return false
}
