package notice

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zoneText gives the words of all zones of a kind.
func zoneText(text string, kind ZoneKind) string {
	var b strings.Builder
	for _, z := range Zones(text) {
		if z.Kind == kind {
			b.WriteString(text[z.Start:z.End])
		}
	}
	return strings.TrimSpace(b.String())
}

func TestZones(t *testing.T) {
	for name, c := range map[string]struct{ text, own, quoted, attribution string }{
		"marks": {"I agree.\n\n> The mast is loose.\n> It sways.\n", "I agree.", "> The mast is loose.\n> It sways.", ""},
		"Gmail en": {"Do it.\n\nOn Tue, Mar 4, 2025 at 9:12 AM Ann Lee <ann@boat.example> wrote:\n\n> The mast is loose.\n", "Do it.", "> The mast is loose.",
			"On Tue, Mar 4, 2025 at 9:12 AM Ann Lee <ann@boat.example> wrote:"},
		"wrapped over three lines, no marks": {"Do it.\n\nOn Tuesday, 4 March 2025 at 09:12,\nAnn Lee of the boat yard\n<ann@boat.example> wrote:\n\nThe mast is loose.\n", "Do it.", "The mast is loose.",
			"On Tuesday, 4 March 2025 at 09:12,\nAnn Lee of the boat yard\n<ann@boat.example> wrote:"},
		"Gmail de": {"Ja.\n\nAm Di., 4. März 2025 um 09:12 Uhr schrieb Ann Lee <ann@boot.example>:\n> Der Mast wackelt.\n", "Ja.", "> Der Mast wackelt.",
			"Am Di., 4. März 2025 um 09:12 Uhr schrieb Ann Lee <ann@boot.example>:"},
		"Thunderbird fr": {"Oui.\n\nLe 04/03/2025 à 09:12, Ann Lee a écrit\u00a0:\n> Le mât bouge.\n", "Oui.", "> Le mât bouge.", "Le 04/03/2025 à 09:12, Ann Lee a écrit\u00a0:"},
		"Gmail es": {"Sí.\n\nEl mar, 4 mar 2025 a las 9:12, Ann Lee (<ann@barco.example>) escribió:\n\n> El mástil baila.\n", "Sí.", "> El mástil baila.",
			"El mar, 4 mar 2025 a las 9:12, Ann Lee (<ann@barco.example>) escribió:"},
		"Outlook en": {"Do it.\n\nFrom: Ann Lee <ann@boat.example>\nSent: Tuesday, March 4, 2025 9:12 AM\nTo: Bob\nSubject: Mast\n\nThe mast is loose.\n", "Do it.", "The mast is loose.",
			"From: Ann Lee <ann@boat.example>\nSent: Tuesday, March 4, 2025 9:12 AM\nTo: Bob\nSubject: Mast"},
		"Outlook de": {"Ja.\n\n-----Ursprüngliche Nachricht-----\nVon: Ann Lee\nGesendet: Dienstag, 4. März 2025 09:12\nAn: Bob\nBetreff: Mast\n\nDer Mast wackelt.\n", "Ja.", "Der Mast wackelt.",
			"-----Ursprüngliche Nachricht-----\nVon: Ann Lee\nGesendet: Dienstag, 4. März 2025 09:12\nAn: Bob\nBetreff: Mast"},
		"Outlook fr": {"Oui.\n\n________________________________\nDe\u00a0: Ann Lee <ann@bateau.example>\nEnvoyé\u00a0: mardi 4 mars 2025 09:12\nÀ\u00a0: Bob\nObjet\u00a0: Mât\n\nLe mât bouge.\n", "Oui.", "Le mât bouge.",
			"________________________________\nDe\u00a0: Ann Lee <ann@bateau.example>\nEnvoyé\u00a0: mardi 4 mars 2025 09:12\nÀ\u00a0: Bob\nObjet\u00a0: Mât"},
		"Outlook es": {"Sí.\n\n-----Mensaje original-----\nDe: Ann Lee\nEnviado el: martes, 4 de marzo de 2025 9:12\nPara: Bob\nAsunto: Mástil\n\nEl mástil baila.\n", "Sí.", "El mástil baila.",
			"-----Mensaje original-----\nDe: Ann Lee\nEnviado el: martes, 4 de marzo de 2025 9:12\nPara: Bob\nAsunto: Mástil"},
		"inline answers": {"> Is the mast safe?\nIt is not.\n> And the keel?\nFine.\n", "It is not.\nFine.", "> Is the mast safe?\n> And the keel?", ""},
		"a plain letter": {"To: be or not to be is the question.\nFrom here on we sail.\n", "To: be or not to be is the question.\nFrom here on we sail.", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.own, zoneText(c.text, ZoneOwn))
			assert.Equal(t, c.quoted, zoneText(c.text, ZoneQuoted))
			assert.Equal(t, c.attribution, zoneText(c.text, ZoneAttribution))
		})
	}
}

func TestForwardedZones(t *testing.T) {
	for _, text := range []string{
		"See below.\n\n---------- Forwarded message ---------\nFrom: Ann Lee <ann@boat.example>\nDate: Tue, Mar 4, 2025\nSubject: Mast\nTo: Bob\n\nThe mast is loose.\n",
		"See below.\n\nAnfang der weitergeleiteten Nachricht:\n\nVon: Ann Lee\nBetreff: Mast\nDatum: 4. März 2025\nAn: Bob\n\nThe mast is loose.\n",
		"See below.\n\nDébut du message transféré :\n\n> De: Ann Lee\n> The mast is loose.\n",
	} {
		assert.Equal(t, "See below.", zoneText(text, ZoneOwn), text)
		assert.Contains(t, zoneText(text, ZoneForwarded), "The mast is loose.", text)
	}
}

func TestSignaturesAndDisclaimers(t *testing.T) {
	for _, c := range []struct{ text, own, kind string }{
		{"The mast is loose.\n\n-- \nAnn Lee\nBoat yard\n", "The mast is loose.", "-- \nAnn Lee\nBoat yard"},
		{"The mast is loose.\n\nBest regards,\nAnn Lee\nHead of risk and safety\n", "The mast is loose.", "Best regards,\nAnn Lee\nHead of risk and safety"},
		{"Der Mast wackelt.\n\nMit freundlichen Grüßen\nAnn Lee\n", "Der Mast wackelt.", "Mit freundlichen Grüßen\nAnn Lee"},
		{"Le mât bouge.\n\nCordialement,\nAnn\n", "Le mât bouge.", "Cordialement,\nAnn"},
		{"El mástil baila.\n\nUn saludo,\nAnn\n", "El mástil baila.", "Un saludo,\nAnn"},
		{"The mast is loose.\n\nAnn\n", "The mast is loose.", "Ann"},
	} {
		assert.Equal(t, c.own, zoneText(c.text, ZoneOwn), c.text)
		assert.Equal(t, c.kind, zoneText(c.text, ZoneSignature), c.text)
	}
	for _, footer := range []string{
		"This e-mail is confidential and intended solely for the addressee. If you received it in error, delete it.",
		"Diese Nachricht ist vertraulich. Wenn Sie nicht der Empfänger sind, vernichten Sie sie.",
		"Ce courriel est confidentiel. Si vous n'êtes pas le destinataire, merci de le détruire.",
		"Este mensaje es confidencial. Si lo ha recibido por error, elimínelo.",
		"[EXTERNAL] Caution: do not click links or open attachments from unknown senders.",
	} {
		text := "The mast is loose.\n\n" + footer + "\n"
		assert.Equal(t, "The mast is loose.", zoneText(text, ZoneOwn), footer)
		assert.Equal(t, footer, zoneText(text, ZoneDisclaimer), footer)
	}
}

// FuzzZones states that the zones follow each other without a gap from the first to the last byte, and that Find never panics and points at what it quotes.
func FuzzZones(f *testing.F) {
	for _, s := range []string{"", "a", "> a\n>> b\nc", "From: a\nSent: b\n\nc", "On 1234, x\nwrote:\n> a", "-- \n", "\xff\xfe>", "If it breaks, people die.\n\n> If it breaks"} {
		f.Add(s)
	}
	finder := NewFinder()
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, z := range Zones(text) {
			require.Equal(t, at, z.Start)
			require.Greater(t, z.End, z.Start)
			at = z.End
		}
		require.Equal(t, len(text), at)
		found := finder.Find(Text{Body: text})
		last := 0
		runes := []rune(text)
		for _, s := range found.Statements {
			require.NotEmpty(t, s.Acts)
			require.GreaterOrEqual(t, s.Span[0], last)
			last = s.Span[1]
			require.LessOrEqual(t, last, utf8.RuneCountInString(text))
			if utf8.ValidString(text) {
				require.Equal(t, s.Text, string(runes[s.Span[0]:s.Span[1]]))
			}
		}
	})
}
