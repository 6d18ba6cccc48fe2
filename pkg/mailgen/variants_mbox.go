package mailgen

import (
	"fmt"
	"strings"
)

// fromText has the lines on which the mbox variants differ.
const fromText = "Please leave the safety valve in.\nFrom here on nobody watches the pressure.\n\nFrom time to time I look at the gauge.\n>From the gauge alone you cannot tell,\n>as you wrote yourself.\n\nAda\n"

// boxed is a mailbox of three messages: its parts are written by the variant's rules.
func boxed(tag string, newline string, fromLine func(n int) string, fields func(body string) string, quote func(line string) string) []byte {
	var b strings.Builder
	for n, text := range []string{valve, fromText, "Thank you, it stays.\n"} {
		body := ""
		for line := range strings.Lines(text) {
			body += quote(strings.TrimSuffix(line, "\n")) + newline
		}
		b.WriteString(fromLine(n) + newline)
		b.WriteString(strings.ReplaceAll(head(fmt.Sprintf("%s%d", tag, n+1), "The safety valve")+fields(body)+"\n", "\n", newline))
		b.WriteString(body + newline)
	}
	return []byte(b.String())
}

func mailboxVariants() []variant {
	plain := func(n int) string { return fmt.Sprintf("From ada@%s Tue Mar  3 08:15:0%d 2026", plant, 4+n) }
	none := func(string) string { return "" }
	length := func(body string) string { return fmt.Sprintf("Content-Length: %d\n", len(body)) }
	asIs := func(line string) string { return line }
	mboxo := func(line string) string {
		if strings.HasPrefix(line, "From ") {
			return ">" + line
		}
		return line
	}
	mboxrd := func(line string) string {
		if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
			return ">" + line
		}
		return line
	}
	single := func(id string) string { return letter(id, "The safety valve") }
	return []variant{
		{"mboxo.mbox", "`From ` quoted, `>From ` not", "3 messages; variant mboxo", boxed("o", "\n", plain, none, mboxo)},
		{"mboxrd.mbox", "`>*From ` quoted once more", "3 messages; variant mboxrd; the second reads `>From the gauge`", boxed("rd", "\n", plain, none, mboxrd)},
		{"mboxcl.mbox", "Content-Length, quoted like mboxo", "3 messages; variant mboxcl", boxed("cl", "\n", plain, length, mboxo)},
		{"mboxcl2.mbox", "Content-Length, nothing quoted", "3 messages; variant mboxcl2; \"From here on\" starts none", boxed("cl2", "\n", plain, length, asIs)},
		{"unquoted.mbox", "no Content-Length, nothing quoted", "3 messages: \"From here on\" and \"From time to time\" start none", boxed("un", "\n", plain, none, asIs)},
		{"lying-length.mbox", "a Content-Length that is too long by 40", "3 messages, a note", boxed("ly", "\n", plain, func(body string) string { return fmt.Sprintf("Content-Length: %d\n", len(body)+40) }, mboxrd)},
		{"crlf.mbox", "mboxrd with CRLF", "3 messages, 3 empty separating lines", boxed("crlf", "\r\n", plain, none, mboxrd)},
		{"takeout.mbox", "as Google Takeout writes it: number@xxx, the zone before the year, X-GM-THRID, X-Gmail-Labels, CRLF", "3 messages; exporter named", boxed("gt", "\r\n", func(n int) string {
			return fmt.Sprintf("From 18578391204455%d1234@xxx Tue Mar 03 08:15:0%d +0000 2026", n, 4+n)
		},
			func(string) string {
				return "X-GM-THRID: 1857839120445501234\nX-Gmail-Labels: =?UTF-8?Q?Inbox,Important,Kessel_f=C3=BCr_Haus_4?=\n"
			}, mboxrd)},
		{"thunderbird.mbox", "as Thunderbird keeps it: `From - `, X-Mozilla-Status", "3 messages; exporter named", boxed("tb", "\n", func(n int) string { return fmt.Sprintf("From - Tue Mar 03 09:15:0%d 2026", 4+n) }, func(string) string { return "X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n" }, mboxo)},
		{"pipermail.mbox", "as a list archive gives it: `From ada at plant.example  Tue …`", "3 messages", boxed("pm", "\n", func(n int) string { return fmt.Sprintf("From ada at %s  Tue Mar  3 08:15:0%d 2026", plant, 4+n) }, none, mboxrd)},
		{"no-blank-lines.mbox", "no empty line before the From_ lines", "3 messages, a note", []byte(strings.ReplaceAll(string(boxed("nb", "\n", plain, none, mboxrd)), "\n\nFrom ada@", "\nFrom ada@"))},
		{"junk-before.mbox", "text before the first From_ line", "2 messages, the junk in the ledger", []byte("saved on Tuesday\n\n" + plain(0) + "\n" + single("junk1") + "\n" + plain(1) + "\n" + single("junk2") + "\n")},
		{"mbox-without-name", "an mbox without an extension", "recognised by its content", boxed("nn", "\n", plain, none, mboxrd)},
		{"several-from-lines.mbox", "two From_ lines one after the other", "an empty message or a note, nothing lost", []byte(plain(0) + "\n" + plain(1) + "\n" + single("several") + "\n")},
		{"cut-off.mbox", "ends within the header of the second message", "2 messages, the second cut off", []byte(plain(0) + "\n" + single("cut1") + "\n" + plain(1) + "\nFrom: Ada Lind <ada@plant.exa")},
		{"cycle.mbox", "three messages that cite each other in a circle", "one thread, no hang", hostile("references", 3)},
	}
}
