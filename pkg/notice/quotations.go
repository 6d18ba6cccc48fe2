package notice

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Bounds of the comparison of quotations.
const (
	maxAncestors    = 12     // messages up the thread that a quotation is looked for in
	maxBefore       = 8      // messages of the thread right before it, besides
	maxBlocks       = 40     // quotations of one message
	maxQuoteWords   = 20_000 // of one quotation that are compared
	maxEdits        = 600    // words in which two texts differ; beyond, only the first differences are told
	maxDifferences  = 20     // shown of one quotation
	maxAlteredKept  = 5_000  // quotations whose differences are kept in memory
	keepTexts       = 64     // texts that are kept at hand
	keepTextBytes   = 256 << 10
	leastQuoteWords = 3
)

// quoteRow is a quotation in short.
type quoteRow struct {
	message, of int32 // of: -1, not held
	author      int32
	start, end  int32 // bytes of the text
	words       int32
	intro       [2]int32
	state       uint8 // index in quoteStates
	forwarded   bool
	altered     int32 // index in analysis.differences; -1
}

var quoteStates = [...]QuoteState{QuoteSame, QuoteAltered, QuoteOnly}

type differences struct {
	list    []Difference
	leftOut int
}

// block is a quotation in a message: the words of one other message, in stretches between which answers may stand.
type block struct {
	depth     int
	forwarded bool
	zones     [][2]int // bytes
	intro     [2]int   // the attribution; equal if there is none
	words     []word
}

// word is a word of a text and where it stands.
type word struct {
	hash       uint64
	start, end int32 // bytes
	first      bool  // of a line or a sentence
	last       bool
}

// reader keeps the texts that were read last, with their own words. Each goroutine has one.
type reader struct {
	*analysis
	before []int32 // of each message the one before it in its thread, -1
	held   map[int32]*heldText
	ring   [keepTexts]int32
	at     int
	scan   *reading
	rows   []quoteRow
	found  []differences // of which quoteRow.altered is an index
}

type heldText struct {
	text   string
	own    []word
	squash string          // own words without white space
	grams  map[uint64]bool // of three words
}

// compareQuotations ties each quotation to the message that it quotes and compares the two. Messages are looked at on all cores, a stretch of them on each.
func (a *analysis) compareQuotations() error {
	if a.Text == nil {
		return nil
	}
	before, last := make([]int32, len(a.Messages)), map[int32]int32{}
	var quoting []int32
	for i := range a.Messages {
		before[i] = -1
		if b, is := last[a.Messages[i].Thread]; is {
			before[i] = b
		}
		last[a.Messages[i].Thread] = int32(i)
		if a.quotes.has(int32(i)) {
			quoting = append(quoting, int32(i))
		}
	}
	parts := min(runtime.GOMAXPROCS(0), 1+len(quoting)/64)
	readers, errs := make([]*reader, parts), make([]error, parts)
	var all sync.WaitGroup
	for n := range parts {
		r := &reader{analysis: a, before: before, held: map[int32]*heldText{}, scan: new(reading)}
		readers[n] = r
		all.Go(func() {
			for i := range r.ring {
				r.ring[i] = -1
			}
			for _, m := range quoting[n*len(quoting)/parts : (n+1)*len(quoting)/parts] {
				if errs[n] = r.message(m); errs[n] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for n, r := range readers { // as if there had been one
		if errs[n] != nil {
			return errs[n]
		}
		for _, row := range r.rows {
			if row.altered >= 0 {
				d := r.found[row.altered]
				if row.altered = int32(len(a.differences)); len(a.differences) < maxAlteredKept {
					a.differences = append(a.differences, d)
				} else {
					row.altered = -1
				}
			}
			a.quoteRows = append(a.quoteRows, row)
		}
	}
	return nil
}

// text reads a message, or takes it from those at hand.
func (r *reader) text(m int32) (*heldText, error) {
	if h, is := r.held[m]; is {
		return h, nil
	}
	text, err := r.Text(m)
	if err != nil {
		return nil, err
	}
	h := &heldText{text: text}
	for _, z := range r.scan.zones(text) {
		if z.Depth == 0 && z.Kind != ZoneAttribution {
			h.own = appendWords(h.own, text, z.Start, z.End)
		}
	}
	h.own = h.own[:min(len(h.own), maxQuoteWords)]
	h.squash = squash(text, h.own)
	if len(text) > keepTextBytes {
		return h, nil
	}
	if old := r.ring[r.at]; old >= 0 {
		delete(r.held, old)
	}
	r.ring[r.at], r.held[m] = m, h
	r.at = (r.at + 1) % keepTexts
	return h, nil
}

func (r *reader) message(m int32) error {
	text, err := r.Text(m)
	if err != nil {
		return err
	}
	blocks := quotedBlocks(text, r.scan.zones(text))
	var candidates []int32
	for up, n := r.Messages[m].Parent, 0; r.holds(up) && n < maxAncestors; up, n = r.Messages[up].Parent, n+1 {
		candidates = append(candidates, up)
	}
	for c, n := r.before[m], 0; c >= 0 && n < maxBefore; c, n = r.before[c], n+1 {
		if !slices.Contains(candidates, c) {
			candidates = append(candidates, c)
		}
	}
	for i := range blocks {
		if err := r.block(m, text, &blocks[i], candidates); err != nil {
			return err
		}
	}
	return nil
}

// block finds the message that a quotation quotes: the first that holds all its words in their order, else the one that holds most of them.
func (r *reader) block(m int32, text string, b *block, candidates []int32) error {
	if len(b.words) < leastQuoteWords {
		return nil
	}
	row := quoteRow{message: m, of: -1, author: -1, start: int32(b.zones[0][0]), end: int32(b.zones[len(b.zones)-1][1]), words: int32(len(b.words)),
		intro: [2]int32{int32(b.intro[0]), int32(b.intro[1])}, state: 2, forwarded: b.forwarded, altered: -1}
	var most *heldText
	share := 0.0
	for _, c := range candidates {
		h, err := r.text(c)
		if err != nil {
			return err
		}
		if h.holds(text, b) {
			row.of, row.state, most = c, 0, nil
			break
		}
		if s := h.share(b); s > share {
			row.of, share, most = c, s, h
		}
	}
	switch {
	case row.state == 0:
	case share < 0.4:
		row.of = -1
	default:
		list, leftOut := compareWords(text, b.words, most.text, most.own)
		if row.state = 0; len(list) > 0 {
			row.state = 1
			if len(r.found) < maxAlteredKept {
				row.altered = int32(len(r.found))
				r.found = append(r.found, differences{list, leftOut})
			}
		}
	}
	if row.of >= 0 {
		row.author = r.Messages[row.of].Author
	} else {
		row.author = r.named(m, text[b.intro[0]:b.intro[1]])
	}
	r.rows = append(r.rows, row)
	return nil
}

// named gives the one correspondent of a message whom an attribution names; -1 for none.
func (a *analysis) named(m int32, intro string) int32 {
	intro = fold(intro)
	found := int32(-1)
	consider := func(p int32) {
		if a.is(p) && p != found && len(a.Persons[p].Name) > 4 && strings.Contains(intro, fold(a.Persons[p].Name)) {
			found = p
		}
	}
	msg := &a.Messages[m]
	for _, r := range a.recipients(msg) {
		consider(r.Person)
	}
	if found < 0 {
		consider(msg.Author)
	}
	return found
}

// quotedBlocks gathers the zones of a text into quotations: those of one depth, until an attribution or a lower depth ends them.
func quotedBlocks(text string, zones []Zone) []block {
	var done []block
	open := map[int]int{} // depth → index in done
	intro := [2]int{}
	for n, z := range zones {
		switch {
		case z.Kind == ZoneAttribution:
			if n+1 < len(zones) && zones[n+1].Depth == z.Depth {
				delete(open, z.Depth) // a mail program that does not count depths
			}
			intro = [2]int{z.Start, z.End}
			for d := range open { // what follows is of another message; the one that holds the attribution goes on after it
				if d > z.Depth {
					delete(open, d)
				}
			}
		case z.Depth > 0 && z.Kind != ZoneSignature && z.Kind != ZoneDisclaimer:
			for d := range open {
				if d > z.Depth {
					delete(open, d)
				}
			}
			i, is := open[z.Depth]
			if !is {
				if len(done) == maxBlocks {
					return done
				}
				i = len(done)
				open[z.Depth] = i
				done = append(done, block{depth: z.Depth, forwarded: z.Kind == ZoneForwarded, intro: intro})
				intro = [2]int{}
			}
			b := &done[i]
			b.zones = append(b.zones, [2]int{z.Start, z.End})
			b.words = appendWords(b.words, text, z.Start, z.End)
			b.words = b.words[:min(len(b.words), maxQuoteWords)]
		}
	}
	return done
}

// appendWords takes the words of a stretch of text: what stands between white space, without quote marks at the start of a line, in a spelling that
// mail programs may change on the way (typographic quotes, dashes, emphasis).
func appendWords(list []word, text string, from, to int) []word {
	lineStart := true
	begin := true // of a line or sentence
	for i := from; i < to; {
		c, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case c == '\n':
			lineStart = true
			if n := len(list); n > 0 && !list[n-1].last && (i+1 >= to || isBreak(text[i+1:to])) {
				list[n-1].last, begin = true, true
			}
			i += size
			continue
		case isWhite(c), c == '>' && lineStart:
			i += size
			continue
		}
		if lineStart {
			lineStart = false
			if w := strings.IndexByte(text[i:min(to, i+5)], '>'); w > 1 && allUpper(text[i:i+w]) { // "JS> words"
				i += w + 1
				continue
			}
		}
		end := i
		for end < to {
			c, size := utf8.DecodeRuneInString(text[end:])
			if isWhite(c) || c == '\n' {
				break
			}
			end += size
		}
		if h := wordHash(text[i:end]); h != 0 {
			list = append(list, word{hash: h, start: int32(i), end: int32(end), first: begin, last: endsSentence(text[i:end])})
			begin = list[len(list)-1].last
		}
		i = end
	}
	if n := len(list); n > 0 {
		list[n-1].last = true
	}
	return list
}

// isBreak tells whether the line that follows is empty, or begins what stands for itself: a list item, a greeting.
func isBreak(rest string) bool {
	line, _, _ := strings.Cut(rest, "\n")
	line = strings.TrimLeft(line, "> \t\r")
	return line == "" || line[0] == '-' || line[0] == '*' || line[0] == '['
}

func isWhite(c rune) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v' || c == 0xA0 || c == 0x202F || c == 0x2007 || c == 0x3000 || c == 0x200B || c == 0xFEFF || c == 0xAD
}

func endsSentence(w string) bool {
	w = strings.TrimRight(w, `"')]}»”’*_`)
	return strings.HasSuffix(w, ".") || strings.HasSuffix(w, "!") || strings.HasSuffix(w, "?") || strings.HasSuffix(w, ":") || strings.HasSuffix(w, ";") || strings.HasSuffix(w, "…") || strings.HasSuffix(w, ",")
}

// wordHash is 0 for what mail programs put in and take out by themselves: marks of emphasis and lists, addresses behind names, links, pictures.
func wordHash(w string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	if strings.Contains(w, "://") || strings.HasPrefix(w, "<mailto:") || strings.Contains(w, "cid:") || strings.HasPrefix(w, "www.") || strings.HasPrefix(w, "<") && strings.HasSuffix(strings.TrimRight(w, ",;:."), ">") {
		return 0
	}
	h, any := uint64(offset), false
	for _, c := range w {
		switch c {
		case '*', '_', '|', 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, '"', '“', '”', '„', '«', '»', '‟', '\'', '’', '‘', '‚', '`', '´', '>', '•', '·', '[', ']':
			continue
		case '–', '—', '−', '‐', '‑':
			c = '-'
		case '…':
			h = (h ^ '.') * prime
			h = (h ^ '.') * prime
			c = '.'
		}
		h = (h ^ uint64(c)) * prime
		any = any || c != '-' && c != '.' && c != '='
	}
	if !any {
		return 0
	}
	return h
}

// squash joins the words, so that one text can be looked for in another whatever their lines.
func squash(text string, words []word) string {
	var b strings.Builder
	for _, w := range words {
		appendHash(&b, w.hash)
	}
	return b.String()
}

// appendHash writes four bytes of a hash: enough to compare neighbours, and what is found is compared in full.
func appendHash(b *strings.Builder, h uint64) {
	b.Write([]byte{byte(h), byte(h >> 8), byte(h >> 16), byte(h >> 24)})
}

// holds tells whether each stretch of the quotation stands in the text, word for word.
func (h *heldText) holds(text string, b *block) bool {
	if len(b.words) > len(h.own) {
		return false
	}
	at := 0
	for _, z := range b.zones {
		end := at
		for end < len(b.words) && int(b.words[end].start) < z[1] {
			end++
		}
		if !h.run(squash(text, b.words[at:end])) {
			return false
		}
		at = end
	}
	return at == len(b.words)
}

func (h *heldText) run(s string) bool {
	for from := 0; ; {
		i := strings.Index(h.squash[from:], s)
		if i < 0 {
			return false
		}
		if (from+i)%4 == 0 {
			return true
		}
		from += i + 1
	}
}

// share is the part of the quotation's runs of three words that stand in the text too.
func (h *heldText) share(b *block) float64 {
	if h.grams == nil {
		h.grams = make(map[uint64]bool, len(h.own))
		grams(h.own, func(g uint64) { h.grams[g] = true })
	}
	all, same := 0, 0
	grams(b.words, func(g uint64) {
		all++
		if h.grams[g] {
			same++
		}
	})
	if all == 0 {
		return 0
	}
	return float64(same) / float64(all)
}

func grams(w []word, each func(uint64)) {
	const prime = 1099511628211
	for i := 2; i < len(w); i++ {
		each((w[i-2].hash*prime^w[i-1].hash)*prime ^ w[i].hash)
	}
}

// quotationList writes the quotations out.
func (a *analysis) quotationList() iter.Seq2[Quotation, error] {
	return func(yield func(Quotation, error) bool) {
		last, text := int32(-1), ""
		for i := range a.quoteRows {
			r := &a.quoteRows[i]
			var err error
			if r.message != last {
				last = r.message
				text, err = a.Text(last)
			}
			var q Quotation
			if err == nil {
				q = a.quotation(r, text)
			}
			if !yield(q, err) || err != nil {
				return
			}
		}
	}
}

func (a *analysis) quotation(r *quoteRow, text string) Quotation {
	m := &a.Messages[r.message]
	q := Quotation{Exhibit: int(m.Exhibit), Held: r.of >= 0, Author: a.id(r.author), Forwarded: r.forwarded, State: quoteStates[r.state], Words: int(r.words), Passages: []Difference{}}
	start := utf8.RuneCountInString(text[:r.start])
	q.Span = [2]int{start, start + utf8.RuneCountInString(text[r.start:r.end])}
	if r.intro[1] > r.intro[0] {
		q.Introduce = short(strings.TrimLeft(text[r.intro[0]:r.intro[1]], "> "))
	}
	by := a.name(r.author)
	switch {
	case r.of < 0 && r.author < 0:
		q.Text = fmt.Sprintf("exhibit %d quotes a message that is not held", q.Exhibit)
	case r.of < 0:
		q.Text = fmt.Sprintf("exhibit %d quotes a message that is not held; the line before it names %s", q.Exhibit, by)
	default:
		of := int(a.Messages[r.of].Exhibit)
		q.Quoted = &of
		if q.Text = fmt.Sprintf("exhibit %d quotes exhibit %d, by %s, as it stands there", q.Exhibit, of, by); r.state == 1 {
			q.Text = fmt.Sprintf("exhibit %d quotes exhibit %d, by %s, in other words than stand there", q.Exhibit, of, by)
			if r.altered >= 0 {
				d := &a.differences[r.altered]
				q.Passages, q.LeftOut = d.list, d.leftOut
				q.Text += ": " + count(len(d.list)+d.leftOut, "difference")
			}
		}
	}
	return q
}
