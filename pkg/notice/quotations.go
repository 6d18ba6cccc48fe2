package notice

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"

	"onrecord/pkg/rows"
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
	start, end  int32 // runes of the text
	words       int32
	block       int16 // which of the message's
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
}

// words of a block.
func (b *block) words(text string) (list []word) {
	for _, z := range b.zones {
		list = appendWords(list, text, z[0], z[1])
		list = list[:min(len(list), maxQuoteWords)]
	}
	return list
}

// word is a word of a text and where it stands.
type word struct {
	hash       uint64
	start, end int32 // bytes
	first      bool  // of a line or a sentence
	last       bool
}

// reader keeps the wordings that were read last. Each goroutine has one.
type reader struct {
	*analysis
	before []int32 // of each message the one before it in its thread, -1
	held   map[int32]*heldWording
	ring   [keepTexts]int32
	at     int
	scan   *reading
	rows   rows.Rows[quoteRow]
	found  []differences // of which quoteRow.altered is an index
}

type heldWording struct {
	wording
	grams map[uint64]bool // of three own words
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
		r := &reader{analysis: a, before: before, held: map[int32]*heldWording{}, scan: new(reading)}
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
		readers[n] = nil
		r.rows.Take(func(_ int, row *quoteRow) {
			if row.altered >= 0 {
				d := r.found[row.altered]
				if row.altered = int32(len(a.differences)); len(a.differences) < maxAlteredKept {
					a.differences = append(a.differences, d)
				} else {
					row.altered = -1
				}
			}
			a.quoteRows.Add(*row)
		})
	}
	return nil
}

// wording reads the words of a message, or takes them from those at hand.
func (r *reader) wording(m int32) (*heldWording, error) {
	if h, is := r.held[m]; is {
		return h, nil
	}
	w, err := r.words(m, r.scan)
	if err != nil {
		return nil, err
	}
	h := &heldWording{wording: w}
	if len(w.own) > keepTextBytes {
		return h, nil
	}
	if old := r.ring[r.at]; old >= 0 {
		delete(r.held, old)
	}
	r.ring[r.at], r.held[m] = m, h
	r.at = (r.at + 1) % keepTexts
	return h, nil
}

// words reads the wording of a message, from its text where nobody kept it.
func (a *analysis) words(m int32, scan *reading) (wording, error) {
	if a.Wording != nil {
		data, err := a.Wording(m)
		if err != nil {
			return wording{}, err
		}
		return decodeWording(data)
	}
	text, err := a.Text(m)
	if err != nil {
		return wording{}, err
	}
	return decodeWording(scan.wording(text, scan.zones(text)))
}

func (r *reader) message(m int32) error {
	w, err := r.wording(m)
	if err != nil {
		return err
	}
	var candidates []int32
	for up, n := r.Messages[m].Parent, 0; r.holds(up) && n < maxAncestors; up, n = r.Messages[up].Parent, n+1 {
		candidates = append(candidates, up)
	}
	for c, n := r.before[m], 0; c >= 0 && n < maxBefore; c, n = r.before[c], n+1 {
		if !slices.Contains(candidates, c) {
			candidates = append(candidates, c)
		}
	}
	for i := range w.blocks {
		if err := r.block(m, i, &w.blocks[i], candidates); err != nil {
			return err
		}
	}
	return nil
}

// block finds the message that a quotation quotes: the first that holds all its words in their order, else the one that holds most of them.
func (r *reader) block(m int32, number int, b *quoted, candidates []int32) error {
	if b.words < leastQuoteWords {
		return nil
	}
	row := quoteRow{message: m, of: -1, author: -1, start: int32(b.span[0]), end: int32(b.span[1]), words: int32(b.words), block: int16(number),
		state: 2, forwarded: b.forwarded, altered: -1}
	share := 0.0
	for _, c := range candidates {
		h, err := r.wording(c)
		if err != nil {
			return err
		}
		if h.holds(b) {
			row.of, row.state = c, 0
			break
		}
		if s := h.share(b); s > share {
			row.of, share = c, s
		}
	}
	switch {
	case row.state == 0:
	case share < 0.4:
		row.of = -1
	default:
		list, leftOut, err := r.differences(m, number, row.of)
		if err != nil {
			return err
		}
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
		row.author = r.named(m, b.intro)
	}
	r.rows.Add(row)
	return nil
}

// differences compares a block of a message with the message that it quotes, word by word in their texts.
func (r *reader) differences(m int32, number int, of int32) (list []Difference, leftOut int, err error) {
	quoting, err := r.Text(m)
	if err != nil {
		return nil, 0, err
	}
	original, err := r.Text(of)
	if err != nil {
		return nil, 0, err
	}
	blocks := quotedBlocks(r.scan.zones(quoting))
	if number >= len(blocks) {
		return nil, 0, fmt.Errorf("the text of exhibit %d is not the one that was examined", r.Messages[m].Exhibit)
	}
	list, leftOut = compareWords(quoting, blocks[number].words(quoting), original, ownWords(nil, original, r.scan.zones(original)))
	return list, leftOut, nil
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

// quotedBlocks gathers zones into quotations: those of one depth, until an attribution or a lower depth ends them.
func quotedBlocks(zones []Zone) []block {
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
			done[i].zones = append(done[i].zones, [2]int{z.Start, z.End})
		}
	}
	return done
}

// appendWords takes the words of a stretch of text with their places. A word ends a line or a sentence where nothing goes on behind it.
func appendWords(list []word, text string, from, to int) []word {
	s := scanner{text: text, at: from, to: to, lineStart: true}
	begin, behind := true, from // behind the last word
	for {
		start, hash := s.next()
		if hash == 0 {
			break
		}
		if n := len(list); n > 0 && !list[n-1].last && breaksIn(text, behind, start, to) {
			list[n-1].last, begin = true, true
		}
		list = append(list, word{hash: hash, start: int32(start), end: int32(s.at), first: begin, last: endsSentence(text[start:s.at])})
		begin, behind = list[len(list)-1].last, s.at
	}
	if n := len(list); n > 0 {
		list[n-1].last = true
	}
	return list
}

// breaksIn tells whether one of the line ends between two words ends what goes before.
func breaksIn(text string, from, start, to int) bool {
	for i := from; i < start; i++ {
		if text[i] == '\n' && isBreak(text[i+1:to]) {
			return true
		}
	}
	return false
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

// holds tells whether each stretch of the quotation stands in the text, word for word.
func (h *heldWording) holds(b *quoted) bool {
	if 4*b.words > len(h.own) {
		return false
	}
	for _, s := range b.stretches {
		if !h.run(s) {
			return false
		}
	}
	return true
}

func (h *heldWording) run(s string) bool {
	for from := 0; ; {
		i := strings.Index(h.own[from:], s)
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
func (h *heldWording) share(b *quoted) float64 {
	if h.grams == nil {
		h.grams = make(map[uint64]bool, len(h.own)/4)
		grams(func(g uint64) { h.grams[g] = true }, h.own)
	}
	all, same := 0, 0
	grams(func(g uint64) {
		all++
		if h.grams[g] {
			same++
		}
	}, b.stretches...)
	if all == 0 {
		return 0
	}
	return float64(same) / float64(all)
}

// grams gives the runs of three words of a text.
func grams(each func(uint64), stretches ...string) {
	const prime = 1099511628211
	var first, second uint64
	n := 0
	for _, s := range stretches {
		for ; len(s) >= 4; s = s[4:] {
			third := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
			if n++; n >= 3 {
				each((first*prime^second)*prime ^ third)
			}
			first, second = second, third
		}
	}
}

// quotationList writes the quotations out.
func (a *analysis) quotationList() iter.Seq2[Quotation, error] {
	return func(yield func(Quotation, error) bool) {
		last, w, scan := int32(-1), wording{}, new(reading)
		for i := range a.quoteRows.Len() {
			r := a.quoteRows.At(i)
			var err error
			if r.message != last {
				last = r.message
				w, err = a.words(last, scan)
			}
			var q Quotation
			if err == nil {
				q = a.quotation(r, w.blocks[r.block].intro)
			}
			if !yield(q, err) || err != nil {
				return
			}
		}
	}
}

func (a *analysis) quotation(r *quoteRow, intro string) Quotation {
	m := &a.Messages[r.message]
	q := Quotation{Exhibit: int(m.Exhibit), Held: r.of >= 0, Author: a.id(r.author), Forwarded: r.forwarded, State: quoteStates[r.state], Words: int(r.words), Passages: []Difference{},
		Span: [2]int{int(r.start), int(r.end)}, Introduce: short(strings.TrimLeft(intro, "> "))}
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
