package notice

import "strings"

// ZoneKind tells whose words a stretch of text holds.
type ZoneKind uint8

// The kinds of zones.
const (
	ZoneOwn         ZoneKind = iota // the author's own words
	ZoneQuoted                      // of a message that is answered
	ZoneAttribution                 // the lines that introduce a quotation: "On … wrote:", header blocks, separators
	ZoneSignature
	ZoneDisclaimer // legal footers, list footers, banners of a mail gateway
	ZoneForwarded  // of a message that is passed on
	ZonePatch      // program text handed over as a unified diff
)

// Zone is a stretch of text. Zones follow each other without a gap and cover the whole text.
type Zone struct {
	Kind       ZoneKind
	Start, End int // bytes
	Depth      int // 0 for own words; the number of ">" or of header blocks before a quotation
}

// Bounds on what is counted.
const (
	maxQuoteDepth = 100
	maxLines      = 200_000 // what follows is one line more
)

// Zones tells own words from quoted ones, signatures and disclaimers. It works line by line; a zone ends where a line ends.
func Zones(text string) []Zone {
	return new(reading).zones(text)
}

// line is one line of a text, with the start of the next as its end.
type line struct {
	start, end int // end includes the line ending
	body       int // where the words begin, after white space and ">"
	stop       int // where the words end, before white space
	kind       ZoneKind
	depth      int
}

func (l *line) blank() bool { return l.body >= l.stop }

func (r *reading) zones(text string) []Zone {
	r.split(text)
	r.markQuotes(text)
	r.markPatches(text)
	r.markFooters(text)
	zones := r.zoneBuf[:0]
	for i := range r.lines {
		l := &r.lines[i]
		if n := len(zones); n > 0 && zones[n-1].Kind == l.kind && zones[n-1].Depth == l.depth {
			zones[n-1].End = l.end
			continue
		}
		zones = append(zones, Zone{Kind: l.kind, Start: l.start, End: l.end, Depth: l.depth})
	}
	r.zoneBuf = zones
	if len(zones) == 0 {
		return nil
	}
	return zones
}

// split finds the lines, their quote marks and their words.
func (r *reading) split(text string) {
	r.lines = r.lines[:0]
	for at := 0; at < len(text); {
		l := line{start: at}
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 && len(r.lines) < maxLines {
			l.end = at + n + 1
		} else {
			l.end = len(text)
		}
		at = l.end
		l.body, l.stop = l.start, l.end
		for l.body < l.stop {
			c := text[l.body]
			if c == '>' {
				if l.depth < maxQuoteDepth {
					l.depth++
				}
			} else if !isSpace(c) {
				break
			}
			l.body++
		}
		for l.stop > l.body && isSpace(text[l.stop-1]) {
			l.stop--
		}
		if l.depth == 0 && l.body == l.start {
			// initials before the mark, as in "JS> text"
			if w := initials(text[l.body:l.stop]); w > 0 {
				l.depth, l.body = 1, l.body+w+1
				for l.body < l.stop && isSpace(text[l.body]) {
					l.body++
				}
			}
		}
		if l.depth > 0 {
			l.kind = ZoneQuoted
		}
		r.lines = append(r.lines, l)
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

// initials counts the capitals, two to four, that stand before a quote mark.
func initials(s string) int {
	n := 0
	for n < min(len(s), 4) && 'A' <= s[n] && s[n] <= 'Z' {
		n++
	}
	if n < 2 || n == len(s) || s[n] != '>' {
		return 0
	}
	return n
}

// words of a line.
func (r *reading) words(text string, i int) string {
	l := &r.lines[i]
	return text[l.body:l.stop]
}

// markQuotes finds what introduces a quotation without ">" or before it, and hands the rest over to the quotation.
func (r *reading) markQuotes(text string) {
	rest, depth := ZoneOwn, 0 // what unmarked lines are
	for i := 0; i < len(r.lines); i++ {
		l := &r.lines[i]
		if l.depth > 0 {
			if rest != ZoneOwn {
				l.kind, l.depth = rest, l.depth+depth
			}
			continue
		}
		if rest != ZoneOwn {
			l.kind, l.depth = rest, depth
		}
		if l.blank() {
			continue
		}
		n, kind := r.introduction(text, i)
		if n == 0 {
			continue
		}
		next := i + n // first line after the introduction
		for next < len(r.lines) && r.lines[next].blank() && r.lines[next].depth == 0 {
			next++
		}
		marked := next < len(r.lines) && r.lines[next].depth > 0
		if kind == introLoose && !marked {
			continue
		}
		for j := i; j < min(i+n, len(r.lines)); j++ {
			r.lines[j].kind, r.lines[j].depth = ZoneAttribution, depth
		}
		if !marked {
			if depth < maxQuoteDepth {
				depth++
			}
			rest = ZoneQuoted
			if kind == introForward {
				rest = ZoneForwarded
			}
		} else if kind == introForward {
			for ; next < len(r.lines) && r.lines[next].depth > 0; next++ {
				r.lines[next].kind = ZoneForwarded
			}
		}
		i += n - 1
	}
	r.markInner(text)
	// blank lines between two lines of one quotation belong to it
	for i := 1; i < len(r.lines)-1; i++ {
		l := &r.lines[i]
		if l.kind == ZoneOwn && l.blank() && r.lines[i-1].kind != ZoneOwn {
			l.kind, l.depth = r.lines[i-1].kind, r.lines[i-1].depth
		}
	}
}

// markInner finds the attributions inside of quotations: what stands right before a deeper one and says who wrote it, what says it at length, and header
// blocks.
func (r *reading) markInner(text string) {
	for i := range r.lines {
		l := &r.lines[i]
		if l.depth == 0 || l.kind != ZoneQuoted && l.kind != ZoneForwarded || l.blank() {
			continue
		}
		if n := r.innerBlock(text, i); n > 0 {
			for j := i; j < i+n; j++ {
				r.lines[j].kind = ZoneAttribution
			}
			continue
		}
		if text[l.stop-1] != ':' {
			continue
		}
		next := i + 1
		for next < len(r.lines) && next < i+3 && r.lines[next].blank() {
			next++
		}
		deeper := next < len(r.lines) && r.lines[next].depth > l.depth
		first := r.innerStart(text, i)
		all := text[r.lines[first].body:l.stop]
		sure := attributionStart(r.words(text, first)) && (digits(all) >= 4 || strings.Contains(all, "@"))
		if (sure || deeper) && saysWrote(fold(all)) {
			for j := first; j <= i; j++ {
				r.lines[j].kind = ZoneAttribution
			}
		}
	}
}

// innerStart gives the line, of the three up to i, with which an attribution that ends in line i begins.
func (r *reading) innerStart(text string, i int) int {
	for first := i; first >= 0 && first > i-3; first-- {
		if f := &r.lines[first]; f.depth != r.lines[i].depth || f.blank() {
			break
		}
		if attributionStart(r.words(text, first)) {
			return first
		}
	}
	return i
}

// innerBlock counts the lines of a header block inside of a quotation: a separator and fields, or From and another one, all at one depth.
func (r *reading) innerBlock(text string, i int) int {
	depth, n, from := r.lines[i].depth, 0, false
	if sep, _ := separator(r.words(text, i)); sep && !allOf(r.words(text, i), '-') && !allOf(r.words(text, i), '_') {
		n = 1
	}
	fields := 0
	for i+n < len(r.lines) && r.lines[i+n].depth == depth && fields < 12 {
		key := headerKey(r.words(text, i+n))
		if key == keyNone {
			break
		}
		from = from || key == keyFrom
		n, fields = n+1, fields+1
	}
	if !from || fields < 2 {
		return 0
	}
	return n
}

// introKind tells how sure an introduction is.
type introKind uint8

const (
	introLoose   introKind = iota // counts only before ">"
	introReply                    // the rest of the text is a quotation
	introForward                  // the rest is a message passed on
)

// introduction tells whether a quotation is introduced at line i, and by how many lines.
func (r *reading) introduction(text string, i int) (lines int, kind introKind) {
	w := r.words(text, i)
	if sep, forward := separator(w); sep {
		kind = introReply
		if forward {
			kind = introForward
		}
		block := 1
		for i+block < len(r.lines) && r.lines[i+block].blank() && block < 3 {
			block++
		}
		if n := r.headerBlock(text, i+block, 1); n > 0 {
			return block + n, kind
		}
		if allOf(w, '_') || allOf(w, '-') {
			return 0, introLoose // a ruler alone is none
		}
		return 1, kind
	}
	if n := r.headerBlock(text, i, 3); n > 0 {
		return n, introReply
	}
	return r.attribution(text, i)
}

func allOf(s string, c byte) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != c {
			return false
		}
	}
	return len(s) > 0
}

// separator recognises "-----Original Message-----" in its forms, and rulers of ten or more.
func separator(w string) (found, forward bool) {
	if len(w) < 10 || len(w) > 100 {
		return false, false
	}
	if allOf(w, '_') || allOf(w, '-') && len(w) >= 20 {
		return true, false
	}
	ruled := strings.HasPrefix(w, "--") || strings.HasPrefix(w, "__") || strings.HasPrefix(w, "==") || strings.HasPrefix(w, "**")
	if !ruled && w[0] != 'B' && w[0] != 'A' && w[0] != 'D' && w[0] != 'I' && w[0] != 'E' {
		return false, false
	}
	var room [100]byte
	inner := appendFold(room[:0], strings.Trim(w, "-_=* :"))
	for i := range separators {
		if s := &separators[i]; s.text == string(inner) && (ruled || s.bare) {
			return true, s.forward
		}
	}
	return false, false
}

// headerBlock counts the lines of a copied message header at line i: From or Date first, at least least+… known fields on neighbouring lines.
func (r *reading) headerBlock(text string, i, least int) int {
	if i >= len(r.lines) || r.lines[i].depth > 0 {
		return 0
	}
	key := headerKey(r.words(text, i))
	if key == keyNone || key == keyOther && least > 1 {
		return 0
	}
	var seen [keyCount]bool
	last, known := i, 0
	for j := i; j < len(r.lines) && j < i+16; j++ {
		l := &r.lines[j]
		if l.depth > 0 {
			break
		}
		if l.blank() {
			if known > 1 || j > i+1 {
				break
			}
			continue
		}
		switch key := headerKey(r.words(text, j)); {
		case key != keyNone:
			if key == keyFrom && seen[keyFrom] {
				return 0
			}
			if !seen[key] {
				seen[key] = true
				known++
			}
			last = j
		case j-last > 3 || !continuesHeader(r.words(text, j)):
			j = len(r.lines)
		}
	}
	if !seen[keyFrom] || known < max(2, least) {
		return 0
	}
	return last - i + 1
}

// continuesHeader tells whether a line can be the rest of a long recipient list.
func continuesHeader(w string) bool {
	return strings.ContainsAny(w, "@;,") && !strings.HasSuffix(w, ".")
}

// attribution recognises "On …, Ann wrote:" in four languages, over up to three lines, and the short forms before ">".
func (r *reading) attribution(text string, i int) (int, introKind) {
	first := r.words(text, i)
	if len(first) > 300 {
		return 0, introLoose
	}
	start := attributionStart(first)
	for n := 1; n <= 3 && i+n <= len(r.lines); n++ {
		l := &r.lines[i+n-1]
		if l.blank() || l.depth > 0 {
			break
		}
		w := r.words(text, i+n-1)
		if !strings.HasSuffix(w, ":") {
			if !start {
				break
			}
			continue
		}
		joined := text[r.lines[i].body:l.stop]
		if len(joined) > 400 {
			break
		}
		switch all := fold(joined); {
		case !saysWrote(all):
		case start && (digits(joined) >= 4 || strings.Contains(joined, "@")):
			return n, introReply
		default:
			return n, introLoose
		}
		break
	}
	return 0, introLoose
}

func digits(s string) (n int) {
	for i := 0; i < len(s); i++ {
		if '0' <= s[i] && s[i] <= '9' {
			n++
		}
	}
	return n
}
