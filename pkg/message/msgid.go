package message

import "strings"

// mostIDs bounds what one field can cite.
const mostIDs = 10_000

// ParseMessageIDs returns the identifiers (RFC 5322 §3.6.4) in a field body of Message-ID, In-Reply-To or References, brackets
// included, in their order and without white space that folding left in them. A bracket that is not closed ends at the next one or
// at white space. Without any brackets the words are identifiers if all of them hold an "@". At most 10,000 are returned.
func ParseMessageIDs(body string) []string {
	var ids []string
	open := strings.IndexByte(body, '<')
	if open < 0 {
		return bareIDs(body)
	}
	for open >= 0 && len(ids) < mostIDs {
		body = body[open+1:]
		end := strings.IndexAny(body, "<>")
		id := body
		if end >= 0 {
			id = body[:end]
		}
		if end < 0 || body[end] == '<' {
			id = strings.TrimLeft(id, " \t\r\n")
			if i := strings.IndexAny(id, " \t\r\n"); i >= 0 {
				id = id[:i]
			}
		}
		if id = withoutSpace(id); id != "" {
			ids = append(ids, "<"+id+">")
		}
		if end < 0 {
			break
		}
		body = body[end:]
		open = strings.IndexByte(body, '<')
	}
	return ids
}

func bareIDs(body string) []string {
	words := strings.FieldsFunc(body, func(c rune) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' })
	var ids []string
	for _, w := range words {
		w = strings.Trim(w, "\"'>")
		if i := strings.IndexByte(w, '@'); i <= 0 || i == len(w)-1 {
			return nil
		}
		if len(ids) < mostIDs {
			ids = append(ids, "<"+w+">")
		}
	}
	return ids
}

func withoutSpace(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}
