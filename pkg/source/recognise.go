package source

import (
	"bytes"
	"path"
	"strings"
)

// Recognise tells what a file is from its first bytes (64 KiB, or all of a shorter one), its name and the directory it
// lies in. named is true for a file that the user gave by name: what would be left aside in a directory is then trouble.
// The result has either a Format or Trouble.
func Recognise(name string, head []byte, size int64, named bool) Kind {
	p := probe{path: name, head: head[:min(len(head), headSize)], size: size, named: named}
	if s, ok := bySignature(p); ok {
		return Kind{Trouble: s.trouble(p)}
	}
	for _, f := range formats() {
		if notes, ok := f.is(p); ok {
			return Kind{Format: f.name, Notes: notes}
		}
	}
	return Kind{Trouble: byLook(p).trouble(p)}
}

// other is a kind of file that onrecord does not read.
type other struct {
	magic string // its first bytes; the row without one is found by its extension only
	at    int    // where they stand
	exts  string // extensions, each with a space behind it
	what  string
	mail  bool // it may hold mail
	hint  string
}

func (s other) trouble(p probe) *Trouble {
	t := &Trouble{Kind: Excluded, Reason: s.what, Hint: s.hint}
	if s.mail || p.named {
		t.Kind = Failed
	}
	return t
}

const (
	hintPST   = "export it with Outlook or with \"readpst -e\"; a .pst holds no original bytes, so DKIM cannot be checked on what comes out: ask the server or the provider for the original messages"
	hintMSG   = "in Outlook on the web or the new Outlook save the message as .eml, or drag it from Outlook to a mail program that does; a .msg holds no original bytes, so DKIM cannot be checked on what is made from it"
	hintZip   = "unpack it and name what is in it (a Google Takeout holds .mbox files)"
	hintPrint = "a print of a message is not the message: export it as .eml or mbox"
	hintText  = "export the mail itself as .eml or mbox"
)

// others is the table of what is recognised to be named, not read.
func others() []other {
	return []other{
		{magic: "!BDN", exts: ".pst .ost ", what: "Outlook data file (.pst, .ost)", mail: true, hint: hintPST},
		{magic: "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", exts: ".msg ", what: "OLE compound file: an Outlook message (.msg), or an old Office document", mail: true, hint: hintMSG},
		{magic: "\x78\x9F\x3E\x22", exts: ".tnef ", what: "TNEF (winmail.dat): an attachment as Outlook packs it", mail: true, hint: "it is part of a message: give the message as .eml"},
		{magic: "\xCF\xAD\x12\xFE", exts: ".dbx ", what: "Outlook Express mailbox (.dbx)", mail: true, hint: "export it as .eml with Outlook Express or with \"readdbx\""},
		{magic: "\x1A\x00\x00\x04\x00\x00", exts: ".nsf ", what: "Lotus Notes database (.nsf)", mail: true, hint: "drag the messages out of Notes, or export them as .eml; what Notes makes is not the bytes that were sent"},
		{exts: ".olm ", magic: "PK\x03\x04", what: "archive of Outlook for Mac (.olm)", mail: true, hint: "drag the messages out of Outlook for Mac as .eml; an .olm holds no original bytes"},
		{magic: "PK\x03\x04", exts: ".zip ", what: "zip archive, or an Office document", mail: true, hint: hintZip},
		{magic: "PK\x05\x06", what: "empty zip archive"},
		{magic: "\x1F\x8B", exts: ".gz .tgz ", what: "gzip file", mail: true, hint: "unpack it with gunzip"},
		{magic: "BZh", exts: ".bz2 ", what: "bzip2 file", mail: true, hint: "unpack it with bunzip2"},
		{magic: "\xFD7zXZ\x00", exts: ".xz ", what: "xz file", mail: true, hint: "unpack it with unxz"},
		{magic: "\x28\xB5\x2F\xFD", exts: ".zst ", what: "zstd file", mail: true, hint: "unpack it with unzstd"},
		{magic: "7z\xBC\xAF\x27\x1C", exts: ".7z ", what: "7-Zip archive", mail: true, hint: "unpack it and name what is in it"},
		{magic: "Rar!\x1A\x07", exts: ".rar ", what: "rar archive", mail: true, hint: "unpack it and name what is in it"},
		{magic: "ustar", at: 257, exts: ".tar ", what: "tar archive", mail: true, hint: "unpack it and name what is in it"},
		{magic: "SQLite format 3\x00", what: "SQLite database", hint: "mail programs keep indexes in such files, the messages lie elsewhere"},
		{magic: "%PDF-", exts: ".pdf ", what: "PDF document", hint: hintPrint},
		{magic: "\x89PNG\r\n", exts: ".png ", what: "PNG image", hint: hintPrint},
		{magic: "\xFF\xD8\xFF", exts: ".jpg .jpeg ", what: "JPEG image", hint: hintPrint},
		{magic: "GIF8", exts: ".gif ", what: "GIF image"},
		{magic: "II*\x00", exts: ".tif .tiff ", what: "TIFF image", hint: hintPrint},
		{magic: "MM\x00*", exts: ".tif .tiff ", what: "TIFF image", hint: hintPrint},
		{magic: "WEBP", at: 8, exts: ".webp ", what: "WebP image"},
		{magic: "{\\rtf", exts: ".rtf ", what: "RTF document", hint: hintPrint},
		{magic: "\x7FELF", what: "program"},
		{exts: ".pst .ost ", what: "named like an Outlook data file", mail: true, hint: hintPST},
		{exts: ".msg ", what: "named like an Outlook message, but neither that nor mail", mail: true, hint: hintMSG},
		{exts: ".mht .mhtml ", what: "web page archive (.mht)", mail: true, hint: "Outlook saves messages so without their header: save it as .eml"},
		{exts: ".emlx ", what: "Apple Mail message (.emlx) whose first line is not its length", mail: true, hint: "in Mail choose the message and \"Save As … Raw Message Source\""},
		{exts: ".dbx ", what: "named like an Outlook Express mailbox", mail: true, hint: "export it as .eml"},
		{exts: ".nsf ", what: "named like a Lotus Notes database", mail: true, hint: "export the messages as .eml"},
		{exts: ".mbox .mbx ", what: "named like an mbox, but no From_ line is in its first 64 KiB", mail: true, hint: "an mbox begins with a line \"From sender date\""},
		{exts: ".csv .tsv ", what: "table of text (CSV)", hint: hintText},
	}
}

// bySignature finds what its first bytes betray, and the web page archives: their header looks like that of a message.
func bySignature(p probe) (other, bool) {
	ext := strings.ToLower(path.Ext(p.path))
	for _, s := range others() {
		if s.magic == "" {
			if s.has(ext) && s.has(".mht") {
				return s, true
			}
			continue
		}
		if len(p.head) < s.at || !bytes.HasPrefix(p.head[s.at:], []byte(s.magic)) {
			continue
		}
		if s.has(".olm") && ext != ".olm" {
			continue
		}
		return s, true
	}
	return other{}, false
}

func (s other) has(ext string) bool { return ext != "" && strings.Contains(s.exts, ext+" ") }

// byLook names what is no mail and has no signature.
func byLook(p probe) other {
	if p.size == 0 {
		return other{what: "empty file"}
	}
	ext := strings.ToLower(path.Ext(p.path))
	for _, s := range others() {
		if s.magic == "" && s.has(ext) {
			return s
		}
	}
	text := trimStart(p.head)
	start := strings.ToLower(string(text[:min(len(text), 256)]))
	switch {
	case looksUTF16(p.head):
		if narrow := narrowed(p.head); looksLikeMail(narrow) || startsWithFromLine(narrow) {
			return other{what: "mail saved as UTF-16 text", mail: true, hint: "these are not the bytes that were sent: export it again as .eml or mbox"}
		}
		return other{what: "UTF-16 text", hint: hintText}
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"), ext == ".html", ext == ".htm":
		return other{what: "web page (HTML)", hint: hintPrint}
	case strings.HasPrefix(start, "<?xml"), ext == ".xml":
		return other{what: "XML", hint: hintText}
	case ext == ".json", ext == ".jsonl":
		return other{what: "JSON", hint: hintText}
	case strings.HasPrefix(start, "begin:vcard"):
		return other{what: "address card (vCard)"}
	case strings.HasPrefix(start, "begin:vcalendar"):
		return other{what: "calendar entry (iCalendar)"}
	case bytes.IndexByte(p.head, 0) >= 0:
		return other{what: "binary data that is no known mail format"}
	case len(text) == 0:
		return other{what: "only white space"}
	}
	return other{what: "text that does not begin with the header of a message or a From_ line", hint: "if it is one message, name it .eml"}
}
