package trace

import (
	"strings"
	"time"

	"onrecord/pkg/datetime"
)

// maxBody bounds how much of a field body is read; the longest genuine ones have some 2,000 bytes.
const maxBody = 16 << 10

// maxStray bounds what a note quotes.
const maxStray = 80

// clause is the part of a time-stamp-line that a word belongs to.
type clause byte

const (
	noClause clause = iota
	fromClause
	byClause
	viaClause
	withClause
	idClause
	forClause
	tlsClause
	senderClause
)

// keyword tells which clause a word opens; noClause for any other word.
func keyword(w string) clause {
	if len(w) < 2 || len(w) > 4 {
		return noClause
	}
	switch w[0] | 0x20 {
	case 'f':
		if strings.EqualFold(w, "from") {
			return fromClause
		}
		if strings.EqualFold(w, "for") {
			return forClause
		}
	case 'b':
		if strings.EqualFold(w, "by") {
			return byClause
		}
	case 'v':
		if strings.EqualFold(w, "via") {
			return viaClause
		}
	case 'w':
		if strings.EqualFold(w, "with") {
			return withClause
		}
	case 'i':
		if strings.EqualFold(w, "id") || strings.EqualFold(w, "id:") {
			return idClause
		}
	case 't':
		if w == "tls" {
			return tlsClause // Exim since 4.93
		}
	}
	return noClause
}

// span is a part of the text; start == end for none.
type span struct{ start, end int }

// parser holds what is known while one body is read.
type parser struct {
	text          string
	r             *Received
	clause        clause
	seen          [senderClause + 1]bool
	from, by      side
	via, with, id span
	stray         string // words of no clause, each behind a space
	tlsNamed      bool   // the cipher of a tls clause is known
	badDate       string // why the only date is none
	dateEnd       int
	dated         bool // the date is behind us
	ownLine       bool // qmail-queue wrote it, which names no host
}

// side collects one Host.
type side struct {
	all    span // the whole clause
	name   span // its words up to the first comment or address
	dotted bool // the name has a dot: further words are no part of it
	ended  bool // a comment or an address came: further words are no name

	literal  bool // the clause begins with an address, which ends at firstEnd
	firstEnd int
}

// ParseReceived reads the body of a Received field, what stands behind "Received:", folded or not. It never fails: what it cannot place stays in Raw.
func ParseReceived(body []byte) Received {
	r := Received{Notes: []string{}}
	r.setRaw(body)
	p := parser{text: r.Raw, r: &r}
	if len(p.text) > maxBody {
		p.text = p.text[:maxBody]
		r.note("only the first 16384 bytes were read")
	}
	var buffer [48]item
	items := buffer[:0]
	s := scanner{text: p.text}
	for it := s.next(); it.kind != none; it = s.next() {
		items = append(items, it)
	}
	date := p.date(items)
	p.dateEnd = date.end
	p.clauses(items, date)
	if s.unclosed {
		r.note("a comment does not close")
	}
	p.finish()
	return r
}

// date finds the date-time: between the first semicolons that have one, so that a header run together by a broken program does not lend its later dates; else anywhere near the end.
func (p *parser) date(items []item) span {
	tries := 0
	for i, it := range items {
		if it.kind != semicolon {
			continue
		}
		if tries++; tries > 8 {
			break
		}
		end := len(p.text)
		for _, next := range items[i+1:] {
			if next.kind == semicolon {
				end = next.start
				break
			}
		}
		if found, ok := p.dateIn(it.end, end); ok {
			return found
		}
	}
	if found, ok := p.dateIn(max(0, len(p.text)-1000), len(p.text)); ok {
		p.r.note("no semicolon before the date")
		return found
	}
	if p.badDate != "" {
		p.r.note("hop without a date: " + p.badDate)
	} else {
		p.r.note("hop without a date")
	}
	return span{}
}

func (p *parser) dateIn(from, to int) (span, bool) {
	result, start, end, err := datetime.Find(p.text[from:to])
	if err != nil {
		if err != datetime.ErrNoDate {
			p.badDate = err.Error()
		}
		return span{}, false
	}
	p.r.Time = new(time.Time)
	*p.r.Time = result.Time
	for _, n := range result.Notes {
		p.r.note("date: " + n)
	}
	return span{from + start, from + end}, true
}

// clauses gives every item outside the date to its clause.
func (p *parser) clauses(items []item, date span) {
	for i, it := range items {
		if it.start < date.end && it.end > date.start {
			continue
		}
		p.dated = date.end > 0 && it.start >= date.end
		switch it.kind {
		case semicolon:
			p.clause = noClause
		case comment:
			p.extend(it)
			p.comment(it)
		case word:
			w := p.text[it.start:it.end]
			if c := keyword(w); c != noClause && !p.dated {
				p.clause = p.opens(c, items[i+1:])
				p.seen[p.clause] = true
				if p.clause != noClause {
					continue
				}
			}
			p.extend(it)
			p.word(it, w)
		}
	}
}

// opens tells which clause a keyword opens here. The first of a kind counts; a second one is left to Raw, but for IBM's "for <recipient> from <sender>".
func (p *parser) opens(c clause, rest []item) clause {
	if !p.seen[c] {
		return c
	}
	if c == fromClause && len(rest) > 0 && rest[0].kind == word && p.text[rest[0].start] == '<' {
		return senderClause
	}
	return noClause
}

// extend lets the clause reach to the end of it.
func (p *parser) extend(it item) {
	var s *span
	switch p.clause {
	case fromClause:
		s = &p.from.all
	case byClause:
		s = &p.by.all
	default:
		return
	}
	if s.end == 0 {
		s.start = it.start
	}
	s.end = it.end
}

func (p *parser) word(it item, w string) {
	switch p.clause {
	case fromClause:
		p.hostWord(&p.r.From, &p.from, it, w)
	case byClause:
		p.hostWord(&p.r.By, &p.by, it, w)
	case viaClause:
		grow(&p.via, it)
	case withClause:
		if p.with.end == 0 || !p.isTLSWord(w) {
			grow(&p.with, it)
		}
	case idClause:
		if p.id.end == 0 {
			p.id = span{it.start, it.end}
		}
	case forClause:
		p.recipient(w)
	case senderClause:
		p.r.EnvelopeFrom = unbracket(w)
		p.clause = noClause
	case tlsClause:
		if p.r.TLS == "" {
			p.r.TLS = w
		} else if !p.tlsNamed {
			p.r.TLS += " " + w
		}
		p.tlsNamed = true
	default:
		if !p.dated {
			if len(p.stray) < maxStray {
				p.stray += " " + w
			}
		}
	}
}

func grow(s *span, it item) {
	if s.end == 0 {
		s.start = it.start
	}
	s.end = it.end
}

// isTLSWord takes "cipher=…" that some write without parentheses.
func (p *parser) isTLSWord(w string) bool {
	if len(w) > 7 && strings.EqualFold(w[:7], "cipher=") {
		p.r.TLS = strings.TrimSpace(p.r.TLS + " " + w[7:])
		return true
	}
	return false
}

func (p *parser) recipient(w string) {
	for _, one := range strings.Split(w, ",") {
		if one = unbracket(one); one == "" {
			continue
		}
		if p.r.For == "" {
			p.r.For = one
		} else {
			p.r.For += ", " + one
		}
	}
}

// finish puts the collected spans into words and settles which name is which.
func (p *parser) finish() {
	r := p.r
	r.Via = p.value(p.via)
	r.With = p.withValue()
	if p.id.end > 0 {
		r.ID = p.text[p.id.start:p.id.end]
	}
	p.finishHost(&r.From, &p.from)
	p.finishHost(&r.By, &p.by)
	p.settleNames(&r.From)
	if r.From.IP.IsValid() && private(r.From.IP) {
		r.Private = true
		r.note("private address " + r.From.IP.String())
	}
	if p.stray != "" {
		r.note("outside the clauses:" + clip(p.stray))
	}
	if p.dated && len(p.text)-p.dateEnd > 200 {
		r.note("more text follows the date")
	}
	if r.By.Name == "" && !r.By.IP.IsValid() {
		if p.ownLine {
			r.note("a line of " + r.By.Software + " itself, which names no host")
		} else {
			r.note("no by clause")
		}
	}
}

func (p *parser) value(s span) string { return unfold(p.text[s.start:s.end]) }

// withValue gives the words of the with clause without the comments between them.
func (p *parser) withValue() string {
	v := p.value(p.with)
	if strings.IndexByte(v, '(') >= 0 {
		s := scanner{text: v}
		words := []string{}
		for it := s.next(); it.kind != none; it = s.next() {
			if it.kind == word {
				words = append(words, v[it.start:it.end])
			}
		}
		v = strings.Join(words, " ")
	}
	// "ESMTP/TLS/DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES256-SHA encrypted SMTP"
	if p.r.TLS == "" {
		if _, after, ok := strings.Cut(v, "/TLS/"); ok {
			p.r.TLS = after
		} else if before, _, ok := strings.Cut(v, " encrypted "); ok {
			p.r.TLS = before
		}
	}
	return v
}

// clip bounds a text that is quoted in a note.
func clip(s string) string {
	if len(s) <= maxStray {
		return s
	}
	return strings.ToValidUTF8(s[:maxStray], "") + " …"
}
