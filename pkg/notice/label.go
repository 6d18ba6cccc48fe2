package notice

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the search for a label.
const (
	maxLabelled = 10 // statements of a topic that are read for its label
	maxLabel    = 4  // words after the article
)

// determiners begin a noun phrase, by language; folded.
var determiners = map[string][]string{
	"en": {"the", "our", "your", "their", "its", "his", "her", "my", "a", "an", "any", "no", "without"},
	"de": {"der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "unser", "unsere", "unserer", "ihre", "ihr", "kein", "keine", "im", "am", "zum", "zur", "beim", "ohne", "vom"},
	"fr": {"le", "la", "les", "l", "un", "une", "des", "du", "au", "aux", "d", "notre", "nos", "votre", "vos", "leur", "leurs", "ce", "cet", "cette", "ces", "sans"},
	"es": {"el", "la", "los", "las", "un", "una", "del", "al", "nuestro", "nuestra", "sus", "su", "este", "esta", "estos", "estas", "sin"},
}

// linking words may stand inside of a noun phrase, by language; folded.
var linking = map[string][]string{
	"en": {"of"}, "de": {"von", "der", "des"}, "fr": {"de", "d", "des", "du", "la", "l", "a"}, "es": {"de", "del", "la", "las", "los"},
}

// fillers are short or common words that stand in no label; folded. What contentWords leaves out stands in none either.
var fillers = foldAll(strings.Fields(`is are was were be been has have had do does did can could will would may might must not it we you they he she i me us him them this that these those there here who which what when where how why if
	then than since until while so too very more most much many own same other such only just even still yet now in on at to for from with by as into over out up down off and or but nor all both each one two three four five six seven eight nine ten first last next
	und oder aber doch auch nicht nur noch schon so wie wenn dass ich du er sie es wir ihr sich ist sind war waren hat haben wird werden kann soll muss zu mit bei nach aus auf an in um für über unter vor bis seit mir dir uns euch ihm ihn man
	et ou mais donc car ni que qui quoi dont où si ne pas plus très bien est sont était a ont sera peut doit fait je tu il elle on nous vous ils elles me te se lui y en dans sur sous par pour avec vers chez entre jusque quand comme tout tous toute toutes autre autres même
	y o pero ni que quien cual donde si no más muy bien es son era fue ha han será puede debe hace yo tú él ella nosotros ellos me te se le les lo en sobre bajo por para con hacia entre hasta cuando como todo todos toda todas otro otra mismo hay ya
	está están estaba estaban siguen sigue tiene tienen contiene contienen contient contiennent tient tiennent vient viennent passe passent marche reste restent occupe occupent hat habt gibt geht steht liegt`)...)

// findLabels names the topics: as the case file does, else by the noun phrase that its statements and their subject have most in common, and that tells it
// from the other topics of its affair; else by what the rules found in a statement, else by the beginning of the first.
func (a *analysis) findLabels() error {
	shared := map[string]int{} // subjects and rule topics that several topics have
	own := make([]string, len(a.matters))
	texts := make([][]Statement, len(a.matters))
	a.labels = make([]label, len(a.matters))
	flush := func(from, to int) {
		for t := from; t < to; t++ {
			a.labels[t] = a.labelOf(int32(t), texts[t], own[t], shared)
			texts[t] = nil
		}
	}
	done := 0
	for t := range a.matters {
		var err error
		if texts[t], err = a.telling(int32(t)); err != nil {
			return err
		}
		for _, s := range texts[t] {
			if len(contentWords(s.Topic)) > 0 { // "that one" is none
				own[t] = s.Topic
				shared[s.Topic]++
				break
			}
		}
		if t-done >= 1000 { // what is far away in the mailbox need not be told from this
			flush(done, t)
			done = t
			clear(shared)
		}
	}
	flush(done, len(a.matters))
	return nil
}

type label struct{ text, language string }

// telling reads the statements of a topic that make notices, or the others if there are none.
func (a *analysis) telling(t int32) (list []Statement, err error) {
	members := cut(a.members, a.matters[t].members)
	for _, tells := range [...]bool{true, false} {
		for _, i := range members {
			if len(list) == maxLabelled {
				return list, nil
			}
			if a.Input.Statements[i].told() != tells {
				continue
			}
			s, err := a.Load(a.Input.Statements[i].Ref)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		if len(list) > 0 {
			break
		}
	}
	return list, nil
}

func (a *analysis) labelOf(t int32, list []Statement, own string, shared map[string]int) label {
	m := &a.matters[t]
	switch {
	case m.named >= 0:
		return label{text: a.caseTopics[m.named].name}
	case len(list) == 0:
		return label{}
	}
	language := list[0].Language
	count := map[uint32]int{}
	for _, s := range list {
		for _, w := range contentWords(s.Text) {
			count[w]++
		}
	}
	for _, w := range contentWords(own) {
		count[w]++
	}
	best, most := "", 0
	for n, s := range list {
		if s.Language != language {
			continue
		}
		for _, p := range nounPhrases(s.Text, language) {
			score := 0
			for _, w := range contentWords(p) {
				score += 2*count[w] - 1
			}
			if n == 0 {
				score++ // the first warning names the matter best
			}
			if score > most {
				best, most = p, score
			}
		}
	}
	switch {
	case best != "" && (most >= 4 || own == "" || shared[own] > 1):
		return label{best, language}
	case own != "":
		return label{own, language}
	}
	return label{"“" + beginning(list[0].Text) + "”", language}
}

// nounPhrases takes what follows a determiner: up to four words, to the next filler, sign or word that looks like a verb.
func nounPhrases(text, language string) (list []string) {
	type token struct {
		shown, folded string
		open          bool // a sign stands before it
	}
	var tokens []token
	open := true
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			open = open || !(c == ' ' || c == '\n' || c == '\'' || c == '’' || c == '\u00a0')
			i += size
			continue
		}
		end := i
		for end < len(text) {
			c, size := utf8.DecodeRuneInString(text[end:])
			if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !(c == '-' && end > i) {
				break
			}
			end += size
		}
		tokens = append(tokens, token{text[i:end], fold(text[i:end]), open})
		open = false
		i = end
	}
	for at, t := range tokens {
		if !slices.Contains(determiners[language], t.folded) {
			continue
		}
		words, last, linked := 0, at, 0
		for i := at + 1; i < len(tokens) && words < maxLabel && !tokens[i].open; i++ {
			w := tokens[i]
			if words > 0 && slices.Contains(linking[language], w.folded) {
				linked = words
				continue
			}
			if linked > 0 && words > linked && (language == "fr" || language == "es") {
				break // one word after the link: what follows is as likely a verb
			}
			if slices.Contains(endOfPhrase, w.folded) || slices.Contains(fillers, w.folded) || slices.Contains(determiners[language], w.folded) || words > 0 && looksLikeVerb(w.shown, w.folded, language) {
				break
			}
			words++
			last = i
		}
		if words == 0 || language == "de" && !unicode.IsUpper(firstRune(tokens[last].shown)) {
			continue
		}
		from := at
		if !slices.Contains([]string{"the", "our", "your", "their", "der", "die", "das", "le", "la", "les", "l", "el", "los", "las"}, t.folded) {
			from++ // an article belongs to the label, a preposition does not
		}
		var b strings.Builder
		for i := from; i <= last; i++ {
			if i > from {
				if f := tokens[i-1].folded; f == "l" || f == "d" {
					b.WriteByte('\'')
				} else {
					b.WriteByte(' ')
				}
			}
			word := tokens[i].shown
			if i == from && from == at {
				word = strings.ToLower(word)
			}
			b.WriteString(word)
		}
		if s := b.String(); len(s) > 5 && len(s) <= maxTopic {
			list = append(list, s)
		}
	}
	return list
}

// looksLikeVerb tells, after the first word of a phrase, whether a word is more likely to go on with the sentence than with the phrase.
func looksLikeVerb(shown, w, language string) bool {
	suffix := func(list ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.HasSuffix(w, s) })
	}
	switch language {
	case "en":
		return suffix("ed", "ing", "ly") || slices.Contains([]string{"shows", "goes", "comes", "came", "went", "made", "makes", "needs", "works", "falls", "fell", "says", "said", "know", "knows", "need", "want", "gets", "runs", "fails", "keeps", "keep", "seem", "seems", "look", "looks"}, w)
	case "de":
		return !unicode.IsUpper(firstRune(shown))
	case "fr":
		return suffix("ment", "ait", "aient", "ons", "ez", "era", "eront", "ira")
	case "es":
		return suffix("mente", "aba", "aban", "ando", "iendo", "ara", "aran", "era", "eran", "aron", "ieron")
	}
	return false
}
