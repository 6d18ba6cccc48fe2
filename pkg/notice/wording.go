package notice

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxIntro bounds what is kept of the lines before a quotation, in bytes.
const maxIntro = 2 << 10

// wording is what a message says and quotes as hashes of its words: what the comparison of quotations reads of it. Its encoded form takes 4 bytes a word, so
// that the texts themselves are read again only where a quotation differs.
type wording struct {
	own    string // 4 bytes of hash for each of the author's own words
	blocks []quoted
}

// quoted is one block of a wording.
type quoted struct {
	forwarded bool
	span      [2]int   // runes of the text
	intro     string   // the attribution
	stretches []string // 4 bytes of hash a word
	words     int
}

// wording takes down the words of a text whose zones are known.
func (r *reading) wording(text string, zones []Zone) []byte {
	r.hashes = r.hashes[:0]
	for _, z := range zones {
		if z.own() {
			r.hashes = appendHashes(r.hashes, text, z.Start, z.End, maxQuoteWords-len(r.hashes)/4)
		}
	}
	out := append(binary.AppendUvarint(r.kept[:0], uint64(len(r.hashes)/4)), r.hashes...)
	at, runes := 0, 0
	for _, b := range quotedBlocks(zones) {
		if b.zones[0][0] < at { // blocks of several depths lie inside of one another
			at, runes = 0, 0
		}
		runes += utf8.RuneCountInString(text[at:b.zones[0][0]])
		at = b.zones[0][0]
		last := b.zones[len(b.zones)-1][1]
		forwarded := byte(0)
		if b.forwarded {
			forwarded = 1
		}
		out = append(out, forwarded)
		out = binary.AppendUvarint(out, uint64(runes))
		out = binary.AppendUvarint(out, uint64(utf8.RuneCountInString(text[at:last])))
		intro := text[b.intro[0]:b.intro[1]]
		intro = strings.ToValidUTF8(intro[:min(len(intro), maxIntro)], "")
		out = binary.AppendUvarint(out, uint64(len(intro)))
		out = append(out, intro...)
		out = binary.AppendUvarint(out, uint64(len(b.zones)))
		left := maxQuoteWords
		for _, z := range b.zones {
			r.hashes = appendHashes(r.hashes[:0], text, z[0], z[1], left)
			left -= len(r.hashes) / 4
			out = binary.AppendUvarint(out, uint64(len(r.hashes)/4))
			out = append(out, r.hashes...)
		}
	}
	r.kept = out
	return slices.Clone(out)
}

// appendHashes appends the hashes of at most so many words of a stretch of text.
func appendHashes(out []byte, text string, from, to, most int) []byte {
	s := scanner{text: text, at: from, to: to, lineStart: true}
	for ; most > 0; most-- {
		_, hash := s.next()
		if hash == 0 {
			break
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(hash))
	}
	return out
}

// own tells whether the author of the message says what stands in a zone, in person or by a footer.
func (z Zone) own() bool { return z.Depth == 0 && z.Kind != ZoneAttribution }

// ownWords are the words of a message that it does not quote.
func ownWords(list []word, text string, zones []Zone) []word {
	for _, z := range zones {
		if z.own() {
			list = appendWords(list, text, z.Start, z.End)
		}
	}
	return list[:min(len(list), maxQuoteWords)]
}

// decodeWording reads what wording wrote.
func decodeWording(data []byte) (w wording, err error) {
	s := string(data)
	broken := false
	number := func() int {
		n, size := binary.Uvarint(data[len(data)-len(s):])
		if size <= 0 || n > math.MaxInt32 {
			broken, s = true, ""
			return 0
		}
		s = s[size:]
		return int(n)
	}
	take := func(n int) string {
		if n > len(s) {
			broken, s = true, ""
			return ""
		}
		taken := s[:n]
		s = s[n:]
		return taken
	}
	w.own = take(4 * number())
	for len(s) > 0 {
		b := quoted{forwarded: take(1) == "\x01"}
		b.span[0] = number()
		b.span[1] = b.span[0] + number()
		b.intro = take(number())
		for n := number(); n > 0 && !broken; n-- {
			b.stretches = append(b.stretches, take(4*number()))
			b.words += len(b.stretches[len(b.stretches)-1]) / 4
		}
		w.blocks = append(w.blocks, b)
	}
	if broken {
		return w, fmt.Errorf("the words of a message cannot be read back")
	}
	return w, nil
}

// scanner gives the words of a stretch of text: what stands between white space, without quote marks at the start of a line, in a spelling that mail programs may
// change on the way (typographic quotes, dashes, emphasis).
type scanner struct {
	text      string
	at, to    int // at: behind the last word
	lineStart bool
}

// next gives the start of the next word and its hash; 0 at the end. What mail programs put in and take out by themselves is no word: marks of emphasis and lists,
// addresses behind names, links, pictures.
func (s *scanner) next() (start int, hash uint64) {
	for s.at < s.to {
		c := s.text[s.at]
		switch shapes[c] {
		case blank:
			s.lineStart = s.lineStart || c == '\n'
			s.at++
			continue
		case foreign:
			if r, size := utf8.DecodeRuneInString(s.text[s.at:]); isWhite(r) {
				s.at += size
				continue
			}
		}
		if s.lineStart {
			if c == '>' {
				s.at++
				continue
			}
			s.lineStart = false
			if w := initials(s.text[s.at:s.to]); w > 0 { // "JS> words"
				s.at += w + 1
				continue
			}
		}
		start = s.at
		if hash = s.word(); hash != 0 {
			return start, hash
		}
	}
	return s.to, 0
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// shape is what a byte does to the hash of a word.
type shape uint8

const (
	letter  shape = iota
	blank         // ends the word
	mark          // counts for nothing
	dot           // counts, but makes no word by itself
	colon         // the word may be a link
	foreign       // not ASCII
)

var shapes = func() (t [256]shape) {
	for c := range t {
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			t[c] = blank
		case c >= utf8.RuneSelf:
			t[c] = foreign
		case strings.IndexByte(`*_|"'`+"`"+`>[]`, byte(c)) >= 0:
			t[c] = mark
		case c == '-' || c == '.' || c == '=':
			t[c] = dot
		case c == ':':
			t[c] = colon
		}
	}
	return t
}()

// word reads a word and gives its hash, 0 for what is none.
func (s *scanner) word() uint64 {
	text, start, at := s.text[:s.to], s.at, s.at
	h, any, link := uint64(fnvOffset), false, false
word:
	for at < len(text) {
		c := text[at]
		switch shapes[c] {
		case letter:
			any = true
			for {
				h = (h ^ uint64(c)) * fnvPrime
				if at++; at == len(text) || shapes[text[at]] != letter {
					continue word
				}
				c = text[at]
			}
		case blank:
			break word
		case mark:
			at++
			continue
		case foreign:
			r, size := utf8.DecodeRuneInString(s.text[at:])
			if isWhite(r) {
				break word
			}
			at += size
			switch r {
			case '“', '”', '„', '«', '»', '‟', '’', '‘', '‚', '´', '•', '·', 0x200C, 0x200D, 0x2060:
			case '–', '—', '−', '‐', '‑':
				h = (h ^ '-') * fnvPrime
			case '…':
				for range 3 {
					h = (h ^ '.') * fnvPrime
				}
			default:
				h, any = (h^uint64(r))*fnvPrime, true
			}
			continue
		case colon:
			any, link = true, true
		}
		h = (h ^ uint64(c)) * fnvPrime
		at++
	}
	s.at = at
	return s.hash(start, h, any, link)
}

func (s *scanner) hash(start int, h uint64, any, link bool) uint64 {
	w := s.text[start:s.at]
	if !any || link && (strings.Contains(w, "://") || strings.Contains(w, "cid:")) || w[0] == 'w' && strings.HasPrefix(w, "www.") ||
		w[0] == '<' && (strings.HasPrefix(w, "<mailto:") || strings.HasSuffix(strings.TrimRight(w, ",;:."), ">")) {
		return 0
	}
	return h
}
