package message

import (
	"bytes"
	"strings"
)

// isDelSp tells text whose soft line breaks stand within words: format=flowed; delsp=yes (RFC 3676 §3.2). Such text cannot be read as it stands.
func isDelSp(h Header) bool {
	f, ok := h.First("Content-Type")
	if !ok || !containsFold(f.Raw, "delsp") || !containsFold(f.Raw, "flowed") {
		return false
	}
	_, params := parseMediaType(f, &defects{})
	return strings.EqualFold(params.get("format"), "flowed") && strings.EqualFold(params.get("delsp"), "yes")
}

func containsFold(b []byte, word string) bool {
	return bytes.Contains(b, []byte(word)) || bytes.Contains(bytes.ToLower(b), []byte(word))
}

// joinFlowed joins lines that a soft break cut (RFC 3676 §4.1, §4.2): the space before the break goes, with the quote marks and the stuffing at the start of the next line,
// which must be of the same depth. A signature separator is no soft break (§4.3).
func joinFlowed(text string) string {
	if !strings.Contains(text, " \n") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	open, depth := false, 0
	for line := range strings.Lines(text) {
		content, ended := strings.CutSuffix(line, "\n")
		marks := 0
		for marks < len(content) && content[marks] == '>' {
			marks++
		}
		rest := strings.TrimPrefix(content[marks:], " ") // stuffing
		joined := open && marks == depth && rest != "-- "
		switch {
		case joined:
			b.WriteString(strings.TrimSuffix(rest, " "))
		case open:
			b.WriteByte('\n')
			fallthrough
		default:
			b.WriteString(content[:marks])
			if marks > 0 && len(rest) < len(content)-marks {
				b.WriteByte(' ')
			}
			if rest == "-- " {
				b.WriteString(rest)
			} else {
				b.WriteString(strings.TrimSuffix(rest, " "))
			}
		}
		open = strings.HasSuffix(rest, " ") && rest != "-- " && ended
		depth = marks
		if !open && ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
