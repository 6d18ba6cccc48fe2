package notice

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// replyPrefix is what mail programs put before a subject, in the four languages and some more.
var replyPrefix = regexp.MustCompile(`(?i)^\s*(?:(?:re|aw|wg|fw|fwd|tr|rv|sv|vs|antw|antwort|rép|ref|enc|réf)(?:\[\d+\]|\(\d+\))?\s*:|\[[^\]]{1,40}\])\s*`)

// maxTopic bounds a topic, in bytes.
const maxTopic = 80

// topic names the matter of a statement: what is missing or what it warns of, when a pattern shows it, else the subject without its prefixes.
func (r *reading) topic(in Text, s *sentence) string {
	if t := r.object(in.Body, s); t != "" {
		return t
	}
	subject := in.Subject
	for range 10 {
		short := replyPrefix.ReplaceAllString(subject, "")
		if short == subject {
			break
		}
		subject = short
	}
	return cutWords(strings.TrimSpace(subject))
}

// Language tells in which of the four languages a text is; "" if none of their words stands in it.
func (f *Finder) Language(text string) string {
	r := f.scratch.Get().(*reading)
	defer f.scratch.Put(r)
	r.zones(text)
	r.sentences(text)
	if len(r.sents) == 0 {
		return ""
	}
	return languages[r.main]
}

// answerPrefix is what mail programs put before the subject of an answer.
var answerPrefix = regexp.MustCompile(`(?i)^\s*(?:re|aw|sv|vs|antw|antwort|rép|ref|réf)(?:\[\d+\]|\(\d+\))?\s*:`)

// Answers tells whether a subject says that its message answers another one.
func Answers(subject string) bool { return answerPrefix.MatchString(subject) }

func cutWords(s string) string {
	if len(s) <= maxTopic {
		return s
	}
	end := strings.LastIndexByte(s[:maxTopic], ' ')
	if end <= 0 {
		for end = maxTopic; !utf8.RuneStart(s[end]); end-- {
		}
	}
	return strings.TrimSpace(s[:end])
}

// object takes the noun phrase after "without", "risk of", "danger of" and the like: up to five words, to the next function word or sign.
func (r *reading) object(body string, s *sentence) string {
	g := &r.voc.lang[s.lang]
	of, known := g.class["@topicof"]
	if !known || !overlap([]Act{Warning, Incident, Notification}, s.verdict.acts) {
		return ""
	}
	r.begin(s)
	if !r.present.has(of) {
		return ""
	}
	for _, sp := range r.spans {
		if sp.class == of {
			if t := r.nounPhrase(body, int(sp.end)); t != "" {
				return t
			}
		}
	}
	for i := range r.toks {
		if r.is(i, of) {
			if t := r.nounPhrase(body, i+1); t != "" {
				return t
			}
		}
	}
	return ""
}

// endOfPhrase are words that are no part of a noun phrase though they are no function words; folded.
var endOfPhrase = []string{"either", "also", "too", "again", "anymore", "any", "already", "still", "now", "today", "tomorrow", "auch", "wieder", "noch", "schon", "jetzt", "heute", "morgen", "aussi", "encore", "deja", "maintenant", "aujourd", "demain", "non",
	"tambien", "tampoco", "ya", "ahora", "hoy", "manana", "todavia"}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func (r *reading) nounPhrase(body string, from int) string {
	end := from
	words := 0
	for end < len(r.toks) && words < 5 {
		if end > from && strings.Trim(body[r.toks[end-1].end:r.toks[end].start], " '’-\u00a0\n\r\t") != "" {
			break
		}
		word := body[r.toks[end].start:r.toks[end].end]
		if end > from && languages[r.lang] == "de" && words > 0 && !unicode.IsUpper(firstRune(word)) && unicode.IsUpper(firstRune(body[r.toks[end-1].start:])) {
			break // after the noun
		}
		if words > 0 && slices.Contains(endOfPhrase, fold(word)) {
			break
		}
		function := r.voc.functions[r.toks[end].set]>>r.lang&1 != 0
		if function && words > 0 {
			break
		}
		if !function {
			words++
		}
		end++
	}
	if words == 0 {
		return ""
	}
	t := strings.Join(strings.Fields(body[r.toks[from].start:r.toks[end-1].end]), " ")
	if utf8.RuneCountInString(t) < 6 {
		return ""
	}
	return cutWords(t)
}
