package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/dossier"
)

// readmeText is README.txt of a dossier: what it is, and how to check it without this program.
func readmeText(d *dossier.Dossier) []byte {
	var b bytes.Buffer
	title := oneLine(strings.Join(strings.Fields(d.Case.Title), " "))
	if title == "" {
		title = "E-mail evidence dossier"
	}
	fmt.Fprintf(&b, "%s\n%s\n\n", title, strings.Repeat("=", len([]rune(title))))
	fmt.Fprintf(&b, "Made by %s %s on %s\n(%s).\n\n", d.Tool.Name, d.Tool.Version, d.GeneratedAt.Format(time.RFC3339), d.ClockBasis)
	fmt.Fprintf(&b, "Evidence digest (all exhibits): %s\n\n", d.EvidenceDigest)
	l := d.Ledger
	fmt.Fprintf(&b, "Messages: %d found = %d kept + %d duplicate + %d excluded + %d failed\n\n", l.Found, l.Kept, l.Duplicate, l.Excluded, l.Failed)
	b.WriteString(`What lies here
--------------
`)
	for _, v := range [...]struct{ format, what string }{{"pdf", "the dossier to read and to print"}, {"html", "the same facts in a browser; it loads nothing from anywhere"},
		{"json", "the same facts for programs; the canonical form"}} {
		if slices.Contains(d.Options.Format, v.format) {
			fmt.Fprintf(&b, "dossier.%-5s %s\n", v.format, v.what)
		}
	}
	b.WriteString(`data/messages exhibit 1 is 0001.eml, and so on: each message, byte for byte
`)
	if d.Options.Sources == "copy" {
		b.WriteString("data/sources  the exports they were taken from, byte for byte\n")
	} else {
		b.WriteString("              The exports were not copied here; dossier.json holds their paths, sizes and digests.\n")
	}
	b.WriteString(`dkim-keys.txt the DKIM public keys that signatures were checked with
seal          signatures and time-stamps, if any were added
custody.jsonl what was done with this dossier, one line for each thing, linked by digests
messages.root one digest (RFC 6962) over all messages, so that one can be shown and proved alone
manifest-*, tagmanifest-*, bagit.txt, bag-info.txt
              digests of every file, as a BagIt 1.0 bag (RFC 8493)

How to check it without onrecord
--------------------------------
In this directory, on any Unix (macOS: shasum -a 256 -c):

    sha256sum -c tagmanifest-sha256.txt     what is said about the messages is unchanged
    sha256sum -c manifest-sha256.txt        the messages and exports are unchanged

The evidence digest, over all exhibits:

    grep '  data/messages/' manifest-sha256.txt | sha256sum

One message with OpenSSL:

    openssl dgst -sha256 data/messages/0001.eml

A signature in seal/ (here: anna.sig with an SSH key, or anna.p7s with a certificate). Whose key
it is you must know from somebody else: allowed-signers and ca.pem are yours. The role that the
signer claims stands in anna.sig.txt, which is signed in the same way (anna.sig.txt.sig):

    ssh-keygen -Y verify -f allowed-signers -I anna@firm.example -n onrecord -s seal/anna.sig <tagmanifest-sha256.txt
    openssl cms -verify -binary -inform DER -in seal/anna.p7s -content tagmanifest-sha256.txt -CAfile ca.pem -purpose any -out /dev/null

A time-stamp in seal/ (where there is a stamp-1.list, that is the data):

    openssl ts -verify -data tagmanifest-sha256.txt -in seal/stamp-1.tsr -CAfile ca.pem

Windows:

    certutil -hashfile data\messages\0001.eml SHA256

What this shows, and what it does not
-------------------------------------
Digests that fit show that nothing in here was changed since the manifests were written. They do
not show who wrote the manifests, nor when: that takes a signature and a time-stamp in seal/.
A signature shows that somebody who had that key signed these manifests, and a time-stamp that they
existed at that time at the latest. Neither shows who wrote a message, when, or that it is true.
That a message bears a valid DKIM signature shows that the mail service of the signing domain
signed those header fields and that body. It does not show who typed it, nor that it was read.
A Date field is the sender's clock; a Received field is what a server wrote down.
Statements (warnings, orders, denials) are suggestions of the program unless marked as confirmed
by a person. Nothing here is a legal conclusion.

With onrecord:  onrecord verify .
`)
	return b.Bytes()
}
