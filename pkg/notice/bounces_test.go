package notice

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Words of the programs, as they stand in their sources and manuals, with invented names.
func TestReadFreeReport(t *testing.T) {
	for name, c := range map[string]struct {
		subject, body string
		want          Report
	}{
		"qmail": {"failure notice", "Hi. This is the qmail-send program at mx.mill.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<tom@mill.example>:\n192.0.2.7 does not like recipient.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <mia@mill.example>\nMessage-ID: <a1@mill.example>\nFrom: mia@mill.example\nSubject: press 4\n\nwords\n",
			Report{Kind: Failed, Form: "qmail", Original: "<a1@mill.example>", Subject: "press 4", Recipients: []string{"tom@mill.example"}}},
		"Exim": {"Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  tom@mill.example\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-Id: <a1@mill.example>\nSubject: press 4\n",
			Report{Kind: Failed, Form: "exim", Original: "<a1@mill.example>", Subject: "press 4", Recipients: []string{"tom@mill.example"}}},
		"Exim, delay": {"Warning: message 1x delayed 24 hours", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\n  tom@mill.example\n",
			Report{Kind: Delayed, Form: "exim", Recipients: []string{"tom@mill.example"}}},
		"Postfix": {"Undelivered Mail Returned to Sender", "This is the Postfix program at host mx.mill.example.\n\nI'm sorry to have to inform you that the message returned\nbelow could not be delivered to one or more destinations.\n\nFor further assistance, please send mail to <postmaster>\n\n<tom@mill.example>: unknown user\n",
			Report{Kind: Failed, Form: "postfix", Recipients: []string{"tom@mill.example"}}},
		"sendmail": {"Returned mail: User unknown", "The original message was received at Tue, 4 Mar 2025 09:00:00 +0100\n\n   ----- The following addresses had permanent fatal errors -----\n<tom@mill.example>\n\n   ----- Transcript of session follows -----\n550 <tom@mill.example>... User unknown\n",
			Report{Kind: Failed, Form: "sendmail", Recipients: []string{"tom@mill.example"}}},
		"Exchange, English": {"Undeliverable: press 4", "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tpress 4\n      Sent:\t3/4/2025 9:00 AM\n\nThe following recipient(s) could not be reached:\n\n      tom@mill.example on 3/4/2025 9:01 AM\n",
			Report{Kind: Failed, Form: "exchange", Subject: "press 4", Recipients: []string{"tom@mill.example"}}},
		"Exchange, German": {"Unzustellbar: Presse 4", "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilergruppen:\n\ntom@mill.example\nDie eingegebene E-Mail-Adresse konnte nicht gefunden werden.\n",
			Report{Kind: Failed, Form: "exchange", Subject: "Presse 4", Recipients: []string{"tom@mill.example"}}},
		"Exchange, French": {"Non remis : presse 4", "Échec de la remise pour les destinataires ou groupes suivants :\n\ntom@mill.example\n",
			Report{Kind: Failed, Form: "exchange", Subject: "presse 4", Recipients: []string{"tom@mill.example"}}},
		"Exchange, Spanish": {"No se puede entregar: prensa 4", "Error al entregar a estos destinatarios o grupos:\n\ntom@mill.example\n",
			Report{Kind: Failed, Form: "exchange", Subject: "prensa 4", Recipients: []string{"tom@mill.example"}}},
		"Outlook, read": {"Read: press 4", "Your message\n\n   To: Tom\n   Subject: press 4\n   Sent: Tuesday, March 4, 2025 9:00 AM\n\nwas read on Tuesday, March 4, 2025 10:00 AM.\n",
			Report{Kind: ReadReceipt, Form: "exchange", Subject: "press 4"}},
		"Outlook, deleted": {"Nicht gelesen: Presse 4", "Ihre Nachricht\n\n   An: Tom\n   Betreff: Presse 4\n\nwurde ungelesen gelöscht am 4. März.\n",
			Report{Kind: Deleted, Form: "exchange", Subject: "Presse 4"}},
	} {
		got, ok := ReadFreeReport(c.subject, c.body)
		assert.True(t, ok, name)
		assert.Equal(t, c.want, got, name)
	}
	for _, letter := range []string{"The parcel came back, the address was wrong.", "I could not deliver the minutes in time, sorry.", "Your message was clear.", ""} {
		_, ok := ReadFreeReport("press 4", letter)
		assert.False(t, ok, letter)
	}
	assert.Equal(t, "press 4: now", ReportedSubject("Gelesen:  press 4: now"))
	assert.Equal(t, "", ReportedSubject("press 4"))
	assert.Equal(t, BaseSubject("press 4"), BaseSubject("Re: AW: [list] Press  4"))
}

func FuzzReadFreeReport(f *testing.F) {
	f.Add("Undeliverable: x", "this is the qmail-send program\n<a@b.example>:\n--- below this line is a copy of the message\nMessage-ID: <x@y>\n")
	f.Fuzz(func(t *testing.T, subject, body string) {
		rep, ok := ReadFreeReport(subject, body)
		assert.Equal(t, ok, rep.Kind != 0)
		assert.LessOrEqual(t, len(rep.Recipients), maxFreeAddresses)
	})
}
