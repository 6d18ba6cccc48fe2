package mailgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// correspondent is a person of the bulk mail.
type correspondent struct {
	name    string // as it stands in text
	display string // as it stands in a header field, encoded (RFC 2047)
	local   string
	office  int
}

// conversation is a thread that may still get replies.
type conversation struct {
	tongue     int
	subject    string   // encoded
	references []string // Message-IDs, oldest first, shortened in the middle
	people     []int
	list       int    // index of lists, -1: none
	last       []byte // what its last message said, LF, UTF-8
	lastAuthor int
	lastTime   time.Time
	left       int // replies to come
}

// mailbox is the state of a Mailbox run. out, body, text and lines are used again for every message.
type mailbox struct {
	r         random
	count     int
	clock     time.Time
	languages []language
	offices   []office
	people    []correspondent
	open      []*conversation
	blob      []byte // base64 text of which attachments are cut
	out       []byte // the piece for the mbox
	body      []byte // the body as sent, LF
	text      []byte // the text as written, LF, UTF-8
	lines     []byte
	canonical []byte
}

const (
	openThreads = 60
	blobSize    = 1 << 20
	quoteSize   = 3000 // bytes of the parent that a reply quotes
)

func newMailbox(seed uint64) *mailbox {
	g := &mailbox{r: random{seed}, clock: time.Date(2019, 1, 7, 7, 30, 0, 0, time.UTC), offices: offices()}
	g.languages = []language{english(), german(), french(), spanish()}
	first, last := names()
	for range 80 {
		f, l := pick(&g.r, first), pick(&g.r, last)
		o := g.r.n(len(g.offices))
		p := correspondent{name: f + " " + l, office: o, local: localPart(f) + "." + localPart(l) + strconv.Itoa(len(g.people))}
		p.display = encodedWord(p.name)
		g.people = append(g.people, p)
	}
	g.blob = g.r.base64Lines(blobSize)
	return g
}

// localPart drops from a name all that an address cannot have.
func localPart(name string) string {
	b := make([]byte, 0, len(name))
	for _, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, byte(c)+'a'-'A')
		case c >= 'a' && c <= 'z':
			b = append(b, byte(c))
		case c == 'ö', c == 'ø':
			b = append(b, "oe"...)
		case c == 'ü':
			b = append(b, "ue"...)
		case c == 'é', c == 'è':
			b = append(b, 'e')
		case c == 'ñ':
			b = append(b, 'n')
		}
	}
	return string(b)
}

// encodedWord gives the text as it may stand in a header field (RFC 2047 B); pure ASCII stays. Texts here are short: one word is enough.
func encodedWord(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
		}
	}
	return s
}

// next makes the next message; it stands in g.out until the call after.
func (g *mailbox) next() {
	g.count++
	g.clock = g.clock.Add(time.Duration(20+g.r.n(900)) * time.Second)
	c := g.conversation()
	author := pick(&g.r, c.people)
	if author == c.lastAuthor {
		author = c.people[(g.r.n(len(c.people)))]
	}
	o := &g.offices[g.people[author].office]
	sent := g.clock.In(time.FixedZone("", o.zone*60))

	g.write(c, author)
	format := g.entity(c)

	id := make([]byte, 0, 80)
	id = append(id, '<')
	if o.software == "microsoft" {
		id = g.r.letters(append(id, "AM0PR04MB"...), 4, "0123456789")
		id = g.r.letters(id, 24, "0123456789ABCDEF")
		id = append(strconv.AppendInt(id, int64(g.count), 16), "@AM0PR04MB5123.eurprd04.prod.outlook.example>"...)
	} else {
		id = g.r.letters(id, 16, hexDigits)
		id = append(strconv.AppendInt(append(id, '.'), int64(g.count), 10), '@')
		id = append(append(id, o.domain...), '>')
	}

	g.out = g.out[:0]
	g.trace(c, author, sent)
	g.signature(o, sent)
	g.header(c, author, sent, string(id), format)
	g.out = append(g.out, '\n')
	g.out = appendMboxRD(g.out, g.body)
	g.out = append(g.out, '\n')

	c.references = append(c.references, string(id))
	if len(c.references) > 14 {
		c.references = append(c.references[:1], c.references[4:]...)
	}
	c.last, c.lastAuthor, c.lastTime, c.left = append(c.last[:0], g.text...), author, sent, c.left-1
}

// conversation picks a thread to reply to, or begins one.
func (g *mailbox) conversation() *conversation {
	if len(g.open) > openThreads || len(g.open) > 5 && g.r.percent(65) {
		i := g.r.n(len(g.open))
		if c := g.open[i]; c.left > 0 {
			return c
		}
		g.open[i] = g.open[len(g.open)-1]
		g.open = g.open[:len(g.open)-1]
	}
	c := &conversation{list: -1, lastAuthor: -1, left: 1 + g.r.n(9)}
	for range 2 + g.r.n(5) {
		c.people = append(c.people, g.r.n(len(g.people)))
	}
	c.tongue = g.offices[g.people[c.people[0]].office].tongue
	if g.r.percent(35) {
		c.list = g.r.n(len(listNames()))
	}
	subject := g.numbers(nil, pick(&g.r, g.languages[c.tongue].subject))
	c.subject = encodedWord(string(subject))
	g.open = append(g.open, c)
	return c
}

func listNames() []string { return []string{"planning", "maintenance", "devel"} }

// numbers appends a sentence with its '#' replaced by numbers.
func (g *mailbox) numbers(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '#' {
			b = strconv.AppendInt(b, int64(1+g.r.n([]int{9, 90, 900, 9000}[g.r.n(4)])), 10)
		} else {
			b = append(b, s[i])
		}
	}
	return b
}

// write makes the message's text into g.text.
func (g *mailbox) write(c *conversation, author int) {
	l := &g.languages[c.tongue]
	b := append(g.text[:0], pick(&g.r, l.greeting)...)
	b = append(b, "\n\n"...)
	for range 1 + g.r.n(5) {
		g.lines = g.lines[:0]
		for range 2 + g.r.n(5) {
			from := l.sentence
			if g.r.percent(3) {
				from = l.warning
			}
			g.lines = append(g.numbers(g.lines, pick(&g.r, from)), ' ')
		}
		b = append(appendWrapped(b, g.lines), '\n')
	}
	b = append(append(b, pick(&g.r, l.closing)...), '\n')
	b = append(append(b, g.people[author].name...), "\n\n-- \n"...)
	o := &g.offices[g.people[author].office]
	b = append(append(append(append(b, g.people[author].name...), ", "...), o.name...), "\nPhone +00 555 "...)
	b = append(strconv.AppendInt(b, int64(1000+author*37), 10), '\n')
	if c.lastAuthor >= 0 {
		b = append(b, '\n')
		date := c.lastTime.AppendFormat(nil, "02.01.2006 15:04")
		line := bytes.ReplaceAll([]byte(l.wrote), []byte("%1"), date)
		b = append(append(b, bytes.ReplaceAll(line, []byte("%2"), []byte(g.people[c.lastAuthor].name))...), "\n\n"...)
		for line := range bytes.Lines(c.last[:min(len(c.last), quoteSize)]) {
			b = append(b, '>')
			if line[0] != '>' && line[0] != '\n' {
				b = append(b, ' ')
			}
			b = append(b, line...)
		}
		if b[len(b)-1] != '\n' { // the quotation was cut: not within a character
			b = append(bytes.ToValidUTF8(b, nil), '\n')
		}
	}
	g.text = b
}

// appendWrapped appends words in lines of at most 76 bytes.
func appendWrapped(b, words []byte) []byte {
	for words = bytes.TrimRight(words, " "); len(words) > 76; {
		cut := bytes.LastIndexByte(words[:77], ' ')
		if cut < 0 {
			break
		}
		b = append(append(b, words[:cut]...), '\n')
		words = words[cut+1:]
	}
	return append(append(b, words...), '\n')
}

// trace writes the From_ line and the trace fields, newest first.
func (g *mailbox) trace(c *conversation, author int, sent time.Time) {
	p := &g.people[author]
	o := &g.offices[p.office]
	address := p.local + "@" + o.domain
	at := sent.Add(time.Duration(3+g.r.n(20)) * time.Second).UTC()
	b := append(append(g.out, "From "...), address...)
	b = at.AppendFormat(append(b, ' '), time.ANSIC)
	b = append(append(append(b, "\nReturn-Path: <"...), address...), ">\nDelivered-To: archive@records.example\n"...)

	b = append(b, "Received: from mx1.records.example (mx1.records.example [192.0.2.25])\n\tby store.records.example (Postfix) with ESMTPS id "...)
	b = g.r.letters(b, 10, idLetters)
	b = append(at.AppendFormat(append(b, "\n\tfor <archive@records.example>; "...), time.RFC1123Z), '\n')
	if g.r.percent(70) {
		b = append(b, "Received: from localhost (localhost [127.0.0.1])\n\tby mx1.records.example (Postfix) with ESMTP id "...)
		b = g.r.letters(b, 10, idLetters)
		b = append(at.Add(-time.Second).AppendFormat(append(b, ";\n\t"...), time.RFC1123Z), '\n')
	}
	b = append(append(append(b, "Received: from out."...), o.domain...), " (out."...)
	b = append(append(append(append(b, o.domain...), " ["...), o.address...), "])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits))\n\t(No client certificate requested)\n\tby mx1.records.example (Postfix) with ESMTPS id "...)
	b = g.r.letters(b, 10, idLetters)
	b = append(at.Add(-2*time.Second).AppendFormat(append(b, "\n\tfor <archive@records.example>; "...), time.RFC1123Z), '\n')
	b = append(append(append(b, "Authentication-Results: mx1.records.example;\n\tdkim=pass (2048-bit key) header.d="...), o.domain...), " header.i=@"...)
	b = append(append(append(append(b, o.domain...), " header.s="...), o.selector...), ";\n\tspf=pass (mx1.records.example: domain of "...)
	b = append(append(append(append(b, address...), " designates "...), o.address...), " as permitted sender) smtp.mailfrom="...)
	b = append(append(append(append(b, address...), ";\n\tdmarc=pass (policy=quarantine) header.from="...), o.domain...), '\n')
	if c.list >= 0 {
		b = append(b, "Received: from lists.records.example (localhost [127.0.0.1])\n\tby lists.records.example (Postfix) with ESMTP id "...)
		b = g.r.letters(b, 10, idLetters)
		b = append(at.Add(-2*time.Second).AppendFormat(append(b, ";\n\t"...), time.RFC1123Z), '\n')
	}
	g.out = g.ownHops(b, o, p, sent)
}

// ownHops writes the hops inside the sender's organisation in the dialect of its server.
func (g *mailbox) ownHops(b []byte, o *office, p *correspondent, sent time.Time) []byte {
	after := sent.Add(time.Second)
	switch o.software {
	case "microsoft":
		for range 2 + g.r.n(2) {
			b = g.r.letters(append(b, "Received: from AM0PR04MB"...), 4, "0123456789")
			b = append(g.r.letters(append(b, ".eurprd04.prod.outlook.example (2001:db8:208:c5::"...), 2, "123456789"), ")\n by AM9PR04MB"...)
			b = g.r.letters(b, 4, "0123456789")
			b = append(b, ".eurprd04.prod.outlook.example (2001:db8:20b:40d::14) with\n Microsoft SMTP Server (version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20."...)
			b = append(g.r.letters(b, 4, "123456789"), ".19; "...)
			b = append(after.UTC().AppendFormat(b, time.RFC1123Z), '\n')
		}
	case "google":
		b = g.r.letters(append(b, "Received: by mail-yw1-f176.google.example with SMTP id "...), 22, hexDigits)
		b = append(append(append(b, "\n        for <archive@records.example>; "...), after.AppendFormat(nil, "Mon, 02 Jan 2006 15:04:05 -0700 (MST)")...), '\n')
		b = g.r.letters(append(b, "X-Received: by 2001:db8:6102:"...), 4, hexDigits)
		b = g.r.letters(append(b, ":b0:"...), 4, hexDigits)
		b = append(after.AppendFormat(append(b, " with SMTP id 42mr;\n        "...), "Mon, 02 Jan 2006 15:04:05 -0700 (MST)"), '\n')
	case "exim":
		b = append(append(append(b, "Received: from [203.0.113.7] (helo=desk.lan)\n\tby out."...), o.domain...), " with esmtpsa  (TLS1.3) tls TLS_AES_128_GCM_SHA256\n\t(Exim 4.97)\n\t(envelope-from <"...)
		b = append(append(append(append(b, p.local...), '@'), o.domain...), ">)\n\tid 1"...)
		b = append(g.r.letters(b, 5, idLetters), '-')
		b = append(g.r.letters(b, 11, idLetters), "-2A\n\tfor archive@records.example;\n\t"...)
		b = append(after.AppendFormat(b, time.RFC1123Z), '\n')
	case "sendmail":
		b = append(append(append(b, "Received: from desk (desk ["...), "192.0.2.130])\n\t(authenticated bits=0)\n\tby out."...), o.domain...)
		b = g.r.letters(append(b, " (8.17.1/8.17.1) with ESMTPSA id "...), 14, idLetters)
		b = append(after.AppendFormat(append(b, "\n\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT);\n\t"...), time.RFC1123Z), '\n')
	case "qmail":
		b = append(strconv.AppendInt(append(b, "Received: (qmail "...), int64(1000+g.r.n(60000)), 10), " invoked by uid 89); "...)
		b = append(after.UTC().AppendFormat(b, "2 Jan 2006 15:04:05 -0000"), '\n')
		b = append(after.UTC().AppendFormat(append(b, "Received: from unknown (HELO desk) (203.0.113.9)\n  by out.tanaka-optics.example with SMTP; "...), "2 Jan 2006 15:04:05 -0000"), '\n')
	default:
		b = append(append(append(b, "Received: from desk.lan (unknown [203.0.113.8])\n\t(Authenticated sender: "...), p.local...), ")\n\tby out."...)
		b = g.r.letters(append(append(b, o.domain...), " (Postfix) with ESMTPSA id "...), 11, idLetters)
		b = append(after.AppendFormat(append(b, ";\n\t"...), time.RFC1123Z), '\n')
	}
	return b
}

// signature writes the DKIM-Signature; in every other message with the right body hash (c=relaxed/simple: LF to CRLF, one final line ending).
func (g *mailbox) signature(o *office, sent time.Time) {
	b := append(append(append(g.out, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d="...), o.domain...), "; s="...)
	b = strconv.AppendInt(append(append(b, o.selector...), ";\n\tt="...), sent.Unix(), 10)
	b = append(b, "; h=from:to:subject:date:message-id:mime-version:content-type;\n\tbh="...)
	right := g.count%2 == 0
	if right {
		g.canonical = appendCRLF(g.canonical[:0], g.body)
		sum := sha256.Sum256(g.canonical)
		b = base64.StdEncoding.AppendEncode(b, sum[:])
	} else {
		b = append(g.r.letters(b, 43, idLetters), '=')
	}
	b = append(b, ";\n\tb="...)
	for i := range 5 {
		if i > 0 {
			b = append(b, "\n\t "...)
		}
		b = g.r.letters(b, 64, idLetters)
	}
	b = g.r.letters(append(b, "\n\t "...), 22, idLetters)
	b = append(b, "==\nX-Body-Hash: "...)
	if right {
		b = append(b, "right\n"...)
	} else {
		b = append(b, "wrong\n"...)
	}
	g.out = b
}

// appendCRLF appends an LF text in the canonical form "simple" of RFC 6376 §3.4.3.
func appendCRLF(b, text []byte) []byte {
	for text = bytes.TrimRight(text, "\n"); ; {
		line, rest, more := bytes.Cut(text, []byte("\n"))
		b = append(append(b, line...), "\r\n"...)
		if !more {
			return b
		}
		text = rest
	}
}

func (g *mailbox) header(c *conversation, author int, sent time.Time, id string, f format) {
	p := &g.people[author]
	o := &g.offices[p.office]
	b := append(append(append(append(g.out, "From: "...), p.display...), " <"...), p.local...)
	b = append(append(append(append(b, '@'), o.domain...), ">\nTo: "...), "archive@records.example"...)
	for i, other := range c.people {
		separator := ",\n\t"
		if i == 1 {
			separator = "\nCc: "
		}
		q := &g.people[other]
		b = append(append(append(append(b, separator...), q.display...), " <"...), q.local...)
		b = append(append(append(b, '@'), g.offices[q.office].domain...), '>')
	}
	b = append(b, "\nSubject: "...)
	if len(c.references) > 0 {
		b = append(b, [...]string{"Re: ", "AW: ", "RE: ", "RE: "}[c.tongue]...)
	}
	b = append(append(b, c.subject...), "\nDate: "...)
	b = append(sent.AppendFormat(b, time.RFC1123Z), "\nMessage-ID: "...)
	b = append(append(b, id...), '\n')
	if n := len(c.references); n > 0 {
		b = append(append(b, "In-Reply-To: "...), c.references[n-1]...)
		b = append(b, "\nReferences:"...)
		for _, ref := range c.references {
			b = append(append(b, "\n "...), ref...)
		}
		b = append(b, '\n')
	}
	b = append(append(b, "MIME-Version: 1.0\nContent-Type: "...), f.contentType...)
	b = append(b, '\n')
	if f.encoding != "" {
		b = append(append(append(b, "Content-Transfer-Encoding: "...), f.encoding...), '\n')
	}
	if c.list >= 0 {
		name := listNames()[c.list]
		for _, field := range []string{"List-Id: <%.lists.records.example>", "List-Unsubscribe: <mailto:%-leave@lists.records.example>", "List-Post: <mailto:%@lists.records.example>", "Sender: \"%\" <%-bounces@lists.records.example>"} {
			b = append(append(b, bytes.ReplaceAll([]byte(field), []byte("%"), []byte(name))...), '\n')
		}
	}
	if o.software == "microsoft" {
		b = append(b, "Thread-Topic: "...)
		b = append(append(b, c.subject...), "\nThread-Index: AQHb"...)
		b = append(g.r.letters(b, 24, idLetters), "==\nAccept-Language: en-US\nContent-Language: en-US\nX-MS-Has-Attach:\nX-MS-TNEF-Correlator:\nX-MS-Exchange-MessageSentRepresentingType: 1\nX-MS-PublicTrafficType: Email\n"...)
		b = append(b, "X-Microsoft-Antispam: BCL:0;ARA:13230040|366016|1800799024|376014|38070700018|7053199007;\nX-Microsoft-Antispam-Message-Info:\n"...)
		for range 12 {
			b = append(g.r.letters(append(b, " "...), 75, idLetters), '\n')
		}
	} else {
		b = append(b, "User-Agent: Mozilla Thunderbird\n"...)
	}
	g.out = b
}
