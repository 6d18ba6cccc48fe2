package html

import (
	"bufio"
	"strconv"
	"strings"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
)

// markup is HTML of our own. Only constants of this package become markup (a string variable does not convert by itself, and a test forbids
// the explicit conversion), so nothing from mail can be written as markup.
type markup string

// page writes one dossier. Its methods write to w, whose first error sticks and is returned at the end.
type page struct {
	w    *bufio.Writer
	d    *dossier.Dossier
	o    Options
	say  *labels
	lang *words.Words
	tell *words.Teller

	person     map[string]*people.Person
	byAddress  map[string]string // lower-case address → person id
	statement  map[string]*notice.Statement
	ofExhibit  map[int][]*notice.Statement        // in order of place
	against    map[string][]*notice.Contradiction // warning id → what stands against it
	inTimeline map[string]bool                    // statements that have a row there
	subject    map[string]string                  // thread id → subject

	folded bool // inside of a <noscript class="more">, which cannot hold another

	seen []seen // small facts of each exhibit, for the lists after the exhibits
	dups []duplicate
	bad  defectCount
}

// index prepares the look-ups; it reads no message.
func (p *page) index() {
	d := p.d
	p.person = make(map[string]*people.Person, len(d.People))
	p.byAddress = map[string]string{}
	for i := range d.People {
		pr := &d.People[i]
		p.person[pr.ID] = pr
		for _, a := range pr.Addresses {
			if _, taken := p.byAddress[strings.ToLower(a)]; !taken {
				p.byAddress[strings.ToLower(a)] = pr.ID
			}
		}
	}
	p.statement = make(map[string]*notice.Statement, len(d.Statements))
	p.ofExhibit = map[int][]*notice.Statement{}
	for i := range d.Statements {
		s := &d.Statements[i]
		p.statement[s.ID] = s
		p.ofExhibit[s.Exhibit] = append(p.ofExhibit[s.Exhibit], s)
	}
	p.against = map[string][]*notice.Contradiction{}
	for i := range d.Contradictions {
		c := &d.Contradictions[i]
		for _, id := range c.Against {
			p.against[id] = append(p.against[id], c)
		}
	}
	p.inTimeline = map[string]bool{}
	for _, e := range d.Timeline {
		if e.Statement != "" {
			p.inTimeline[e.Statement] = true
		}
	}
	p.subject = map[string]string{}
	for _, t := range d.Threads {
		p.subject[t.ID] = t.Subject
	}
}

// m writes markup of our own.
func (p *page) m(ms ...markup) {
	for _, m := range ms {
		p.w.WriteString(string(m))
	}
}

// text writes s as character data, escaped, with what is invisible made visible.
func (p *page) text(s string) { escape(p.w, s) }

// attr writes ` name="value"`, escaped in the same way.
func (p *page) attr(name markup, value string) {
	p.m(` `, name, `="`)
	escape(p.w, value)
	p.m(`"`)
}

// mail writes a text that came from mail inside a line of ours: isolated where it may run from right to left, so that its direction does not spread.
func (p *page) mail(s string) {
	if !rightToLeft(s) {
		p.text(s)
		return
	}
	p.m(`<bdi>`)
	p.text(s)
	p.m(`</bdi>`)
}

// told writes a sentence that the JSON has in English, in the page's language; a part of which the catalogue does not know the form stays.
func (p *page) told(s string) {
	said, _ := p.lang.Free(s)
	p.mail(cut(said, maxField))
}

// num writes n with the language's thousands separator.
func (p *page) num(n int) { p.text(number(n)) }

// fold writes a piece of the page that a browser with script keeps as text until it is needed (see unfold.js), and one without shows at once.
func (p *page) fold(write func()) {
	if p.folded {
		write()
		return
	}
	p.folded = true
	p.m(`<noscript class="more">`)
	write()
	p.m("</noscript>\n")
	p.folded = false
}

// link writes an inner link; label is escaped.
func (p *page) link(anchor, label string) {
	p.m(`<a`)
	p.attr("href", "#"+anchor)
	p.m(`>`)
	p.text(label)
	p.m(`</a>`)
}

// exhibit writes the link to an exhibit.
func (p *page) exhibit(n int) {
	p.m(`<a class="xl"`)
	p.attr("href", "#x"+strconv.Itoa(n))
	p.m(`>`)
	p.text(p.say.Exhibit + "\u00a0" + strconv.Itoa(n))
	p.m(`</a>`)
}

// passage writes the link to the sentence of a statement in its exhibit.
func (p *page) passage(s *notice.Statement) {
	p.m(`<a class="xl"`)
	p.attr("href", "#"+mark(s))
	p.m(`>`)
	p.text(p.say.Exhibit + "\u00a0" + strconv.Itoa(s.Exhibit))
	p.m(`</a>`)
}

// mark is the anchor of a statement's sentence in its exhibit.
func mark(s *notice.Statement) string { return "x" + strconv.Itoa(s.Exhibit) + "-" + s.ID }

// who writes a person's name as a link to the list of people.
func (p *page) who(id string) {
	pr := p.person[id]
	switch {
	case pr != nil:
		p.m(`<a class="pl"`)
		p.attr("href", "#p-"+id)
		p.m(`>`)
		called := cut(name(pr), maxName)
		if at := strings.LastIndexByte(called, '@'); at > 0 && !rightToLeft(called) { // an address breaks before its domain
			p.text(called[:at])
			p.m(`<wbr>`)
			called = called[at:]
		}
		p.mail(called)
		p.m(`</a>`)
	case id != "":
		p.mail(cut(id, maxName))
	default:
		p.text(p.say.Unknown)
	}
}

func name(pr *people.Person) string {
	switch {
	case pr.Name != "":
		return pr.Name
	case len(pr.Addresses) > 0:
		return pr.Addresses[0]
	}
	return pr.ID
}

// names writes persons by id, the first few only.
func (p *page) names(ids []string) {
	for i, id := range ids {
		if i == maxNames {
			p.text(" " + p.say.AndMore.of(len(ids)-i))
			return
		}
		if i > 0 {
			p.m(`, `)
		}
		p.who(id)
	}
	if len(ids) == 0 {
		p.text(p.say.NoOne)
	}
}

// exhibitLinks writes links to exhibits, the first few only.
func (p *page) exhibitLinks(ns []int) {
	for i, n := range ns {
		if i == maxLinks {
			p.text(" " + p.say.AndMore.of(len(ns)-i))
			return
		}
		if i > 0 {
			p.m(`, `)
		}
		p.exhibit(n)
	}
}

// section opens a part of the page; the caller writes `</section>`.
func (p *page) section(id, title string) {
	p.m(`<section`)
	p.attr("id", id)
	p.attr("aria-labelledby", id+"-h")
	p.m(`><h2`)
	p.attr("id", id+"-h")
	p.m(`>`)
	p.text(title)
	p.m(`</h2>
`)
}

func (p *page) para(s string) {
	p.m(`<p>`)
	p.text(s)
	p.m(`</p>
`)
}

func (p *page) note(s string) {
	p.m(`<p class="note">`)
	p.text(s)
	p.m(`</p>
`)
}

func (p *page) h3(s string) {
	p.m(`<h3>`)
	p.text(s)
	p.m(`</h3>
`)
}

// table opens a table with its caption and column heads; its rows are written with row and cell, its end with end.
func (p *page) table(class markup, caption string, cols ...string) *table {
	t := &table{p: p, class: class, caption: caption, cols: cols}
	t.open()
	return t
}

// longTable is a table of n rows. Where they are many it is written as several, so that a browser lays out only what is in view.
func (p *page) longTable(n int, class markup, caption string, cols ...string) *table {
	t := &table{p: p, class: class, caption: caption, cols: cols}
	if n > chunk {
		t.rows = n
	}
	t.open()
	return t
}

// foldedTable is a longTable that stands in a <details>: none of it is laid out before that is opened.
func (p *page) foldedTable(n int, class markup, caption string, cols ...string) *table {
	t := &table{p: p, class: class, caption: caption, cols: cols, rows: n, fold: true}
	t.open()
	return t
}

// table knows which column the next cell belongs to: on a narrow screen each cell carries its column's name.
type table struct {
	p       *page
	class   markup
	caption string
	cols    []string
	col     int
	rows    int // in all, of a long table; else 0
	done    int
	fold    bool // the first piece is folded too
	folds   bool // this piece is folded
}

const (
	chunk = 100 // rows of one piece of a long table
	whole = 200 // exhibits that are laid out when the page opens; of the others only the head is
)

func (t *table) open() {
	p := t.p
	caption := t.caption
	if t.rows > 0 {
		p.m(`<div class="rows">`)
		if t.folds = !p.folded && (t.fold || t.done > 0); t.folds {
			p.m(`<noscript class="more">`)
			p.folded = true
		}
		caption += ", " + number(t.done+1) + "–" + number(min(t.done+chunk, t.rows))
	}
	p.m(`<table class="`, t.class, `"><caption>`)
	p.text(caption)
	p.m(`</caption><thead><tr>`)
	for _, c := range t.cols {
		p.m(`<th scope="col">`)
		p.text(c)
		p.m(`</th>`)
	}
	p.m("</tr></thead><tbody>\n")
}

func (t *table) row() {
	t.p.m(`<tr>`)
	t.col = 0
}

// rowWith opens a row whose attributes the caller has begun with `<tr` and ends here.
func (t *table) rowWith() {
	t.p.m(`>`)
	t.col = 0
}

func (t *table) cell(write func()) {
	t.p.m(`<td`)
	t.p.attr("data-l", t.cols[t.col])
	t.p.m(`>`)
	write()
	t.p.m(`</td>`)
	t.col++
}

// head writes the cell that names the row.
func (t *table) head(write func()) {
	t.p.m(`<th scope="row"`)
	t.p.attr("data-l", t.cols[t.col])
	t.p.m(`>`)
	write()
	t.p.m(`</th>`)
	t.col++
}

func (t *table) text(s string) { t.cell(func() { t.p.text(s) }) }
func (t *table) mail(s string) { t.cell(func() { t.p.mail(s) }) }
func (t *table) num(n int)     { t.cell(func() { t.p.num(n) }) }

func (t *table) endRow() {
	t.p.m("</tr>\n")
	t.done++
	if t.done < t.rows && t.done%chunk == 0 {
		t.end()
		t.open()
	}
}

func (t *table) end() {
	t.p.m("</tbody></table>\n")
	if t.folds {
		t.p.m(`</noscript>`)
		t.folds, t.p.folded = false, false
	}
	if t.rows > 0 {
		t.p.m("</div>\n")
	}
}

// cut shortens s to at most n characters and says so with an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// How much of a thing is shown in one place; the rest is counted and said. dossier.json holds all.
const (
	maxText      = 500_000 // characters of one text
	maxHeader    = 200_000 // characters of one message's header
	maxQuote     = 1_200   // characters of a statement in a table
	maxName      = 80      // characters of a name in a line of ours
	maxFact      = 200     // characters of a fact about the dossier itself
	maxField     = 2_000   // characters of a header field or note in a box
	maxNames     = 12
	maxLinks     = 200
	maxAddresses = 300
	maxRows      = 1_000 // hops, parts, defects, results of one message
	maxHops      = 30    // stations of a drawn path
	maxNested    = 50    // nested messages of one exhibit
	maxCells     = 20_000
	maxAnswers   = 200
	maxDrawings  = 30
)
