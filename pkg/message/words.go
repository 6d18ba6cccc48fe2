package message

import (
	"strings"
)

// decodeWords decodes the encoded words of RFC 2047 wherever they stand. Neighbours in one charset are joined before the charset
// is undone, because mail programs cut characters in two. bad says what the first word has that stays as it is, "" if all went well.
func decodeWords(s string) (decoded, bad string) {
	if !strings.Contains(s, "=?") {
		return s, ""
	}
	lastEnd := strings.LastIndex(s, "?=")
	var out strings.Builder
	out.Grow(len(s))
	var run []byte // of words next to each other
	runCharset := ""
	flush := func() {
		if len(run) == 0 {
			return
		}
		text, kind := decodeCharset(runCharset, run)
		if kind == CharsetUnknown && bad == "" {
			bad = "has the unknown charset " + brief(runCharset)
		} else if kind == CharsetInvalid && bad == "" {
			bad = "has octets that are not " + brief(runCharset)
		}
		out.WriteString(text)
		run = run[:0]
	}
	afterWord := false
	i := 0
	for i < len(s) {
		j := strings.Index(s[i:], "=?")
		if j < 0 {
			break
		}
		between := s[i : i+j]
		w := parseWord(s[i+j:], lastEnd-(i+j))
		if !w.ok {
			flush()
			out.WriteString(s[i : i+j+w.length])
			if w.length > 2 && bad == "" {
				bad = "cannot be decoded"
			}
			i += j + w.length
			afterWord = false
			continue
		}
		if !afterWord || strings.TrimLeft(between, " \t\r\n") != "" {
			flush()
			out.WriteString(between)
		}
		if !strings.EqualFold(runCharset, w.charset) {
			flush()
		}
		runCharset = w.charset
		run = w.appendTo(run)
		i += j + w.length
		afterWord = true
	}
	flush()
	out.WriteString(s[i:])
	return out.String(), bad
}

// word is one encoded word; if it is not ok, its length is what to skip.
type word struct {
	charset string
	base64  bool
	text    string
	length  int
	ok      bool
}

// parseWord reads the word that s starts with; lastEnd is where the last "?=" of s stands.
func parseWord(s string, lastEnd int) word {
	none := word{length: 2}
	q := strings.IndexByte(s[2:], '?')
	if q <= 0 || q > 64 {
		return none
	}
	charset := s[2 : 2+q]
	if strings.ContainsAny(charset, " \t=\"<>,") {
		return none
	}
	rest := s[2+q+1:]
	if len(rest) < 2 || rest[1] != '?' {
		return none
	}
	start := 2 + q + 1 + 2
	if start > lastEnd {
		return none
	}
	end := strings.Index(s[start:], "?=")
	w := word{charset: charset, text: s[start : start+end], length: start + end + 2}
	switch rest[0] {
	case 'q', 'Q':
		w.ok = true
	case 'b', 'B':
		w.base64 = true
		w.ok = w.text == "" || len(w.appendTo(nil)) > 0
	default:
		return none
	}
	return w
}

func (w word) appendTo(dst []byte) []byte {
	if w.base64 {
		var d base64Decoder
		dst, _ = d.decode(dst, []byte(w.text), true)
		return dst
	}
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(w.text) && unhex(w.text[i+1]) < 16 && unhex(w.text[i+2]) < 16:
			dst = append(dst, unhex(w.text[i+1])<<4|unhex(w.text[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
