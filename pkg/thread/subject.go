package thread

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Prefixes that mail programs put before the subject of an answer or a forwarded message, in lower case, without the colon: "re", "fw" and "fwd"
// of RFC 5256 §2.1, and what programs make of them in other languages.
var answerPrefixes = map[string]bool{
	"re": true, "aw": true, "antw": true, "antwort": true, "sv": true, "svar": true, "vs": true, "odp": true, "ref": true, "réf": true, "res": true,
	"rif": true, "ynt": true, "vá": true, "r": true, "rv": true, "tr": true, "wg": true, "fw": true, "fwd": true, "enc": true, "i": true,
	"απ": true, "σχετ": true, "回复": true, "答复": true, "回覆": true, "转发": true, "轉寄": true, "ответ": true,
}

const longestPrefix = 12 // runes before the colon

// base takes the prefixes off a subject. shown keeps list tags such as "[crane]" and the case; key is what two subjects are compared by;
// answer tells that there was a prefix.
func base(subject string) (shown, key string, answer bool) {
	rest := strings.Join(strings.Fields(clean(bounded(subject))), " ")
	var tags []string
	for {
		if after, ok := cutPrefix(rest); ok {
			rest, answer = after, true
			continue
		}
		if tag, after, ok := cutTag(rest); ok {
			if len(tags) == 0 || tags[len(tags)-1] != tag {
				tags = append(tags, tag)
			}
			rest = after
			continue
		}
		break
	}
	key = strings.ToLower(rest)
	key = strings.TrimSpace(strings.TrimSuffix(key, "(fwd)")) // RFC 5256 §2.1 subj-trailer
	shown = strings.Join(append(tags, rest), " ")
	return strings.TrimSpace(shown), key, answer
}

// clean turns control characters into spaces and drops what is no UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.Is(unicode.Cf, r) {
			return -1
		}
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// cutPrefix takes one "Re:", "RE[2]:", "AW :", "Re(3):" or "回复：" off.
func cutPrefix(s string) (string, bool) {
	runes := 0
	for i, r := range s {
		if r == ':' || r == '：' {
			word := strings.TrimSpace(s[:i])
			if open := strings.IndexAny(word, "[(^"); open > 0 {
				number := strings.Trim(word[open:], "[]()^ ")
				if strings.Trim(number, "0123456789") != "" {
					return s, false
				}
				word = strings.TrimSpace(word[:open])
			}
			if !answerPrefixes[strings.ToLower(word)] {
				return s, false
			}
			return strings.TrimSpace(s[i+utf8.RuneLen(r):]), true
		}
		if runes++; runes > longestPrefix {
			break
		}
	}
	return s, false
}

// cutTag takes one "[list]" off, unless nothing is left then.
func cutTag(s string) (tag, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", s, false
	}
	end := strings.IndexByte(s, ']')
	if end < 0 || strings.IndexByte(s[1:end], '[') >= 0 {
		return "", s, false
	}
	if rest = strings.TrimSpace(s[end+1:]); rest == "" {
		return "", s, false
	}
	return s[:end+1], rest, true
}
