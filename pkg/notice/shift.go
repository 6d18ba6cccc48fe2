package notice

import (
	"slices"
	"strings"
)

// additives begin another matter; folded, with a space at both ends.
var additives = foldAll(
	" also ", " on top of that ", " in addition ", " additionally ", " besides ", " another thing ", " one more thing ", " another point ", " another problem ", " separately ", " furthermore ", " moreover ", " by the way ", " incidentally ",
	" ps ", " p s ", " unrelated ", " secondly ", " second point ", " either ", " as well ", " apart from that ", " aside from ",
	" ausserdem ", " zudem ", " auch ", " übrigens ", " uebrigens ", " des weiteren ", " weiterhin ", " ferner ", " dazu kommt ", " hinzu kommt ", " noch etwas ", " noch was ", " davon abgesehen ", " nebenbei ", " darüber hinaus ", " zweitens ", " ebenfalls ",
	" aussi ", " en outre ", " par ailleurs ", " de plus ", " d autre part ", " de surcroît ", " au passage ", " autre chose ", " en plus ", " également ", " deuxièmement ", " d ailleurs ",
	" además ", " también ", " por otra parte ", " por otro lado ", " asimismo ", " aparte de eso ", " otra cosa ", " de paso ", " encima ", " en segundo lugar ", " tampoco ",
)

// articles of a definite noun phrase; folded.
var articles = []string{"the", "our", "your", "their", "der", "die", "das", "dem", "den", "unser", "unsere", "eure", "le", "la", "les", "l", "nos", "vos", "notre", "votre", "el", "los", "las", "nuestro", "nuestra", "su", "sus"}

// pointers refer back to what was said; folded.
var pointers = []string{
	"this", "that", "these", "those", "it", "its", "they", "such", "there", "which", "he", "she", "him", "her", "them", "so", "here", "same",
	"dies", "diese", "dieser", "dieses", "diesen", "diesem", "es", "er", "sie", "dort", "da", "solche", "so", "hier", "jene", "derselbe", "dieselbe", "ihn", "ihm", "ihnen",
	"ce", "cet", "cette", "ces", "cela", "ca", "c", "il", "elle", "ils", "elles", "celui", "celle", "y", "en", "ici", "telle", "tel",
	"este", "esta", "esto", "estos", "estas", "ese", "esa", "eso", "esos", "esas", "aquello", "ello", "lo", "ahi", "alli", "aqui",
}

// abstracts head a noun phrase that names no matter of its own; folded stems.
var abstracts = []string{
	"risk", "danger", "hazard", "problem", "issue", "result", "consequence", "point", "fact", "thing", "question", "reason", "worst", "chance", "effect", "situation", "last", "only", "first", "next", "real", "whole",
	"risik", "gefahr", "problem", "folge", "ergebnis", "punkt", "sache", "frage", "grund", "lage", "einzige", "ganze",
	"risqu", "danger", "probl", "resultat", "consequence", "fait", "question", "raison", "situation", "seul", "pire", "moindre",
	"riesgo", "peligro", "problema", "resultado", "consecuencia", "hecho", "cuestion", "razon", "situacion", "unico", "peor",
}

// opening reads how a sentence begins. additive: it says that it adds another matter, and points back to nothing. definite: it begins with a definite
// subject, "Bay 12 has …", "The relays came …"; where that was not spoken of before, the sentence is likely to begin another matter (what centering
// theory calls a shift). pointing: it begins with a word that points back to what was said.
func opening(s string) (additive, definite, pointing bool) {
	const head = 90 // bytes
	if len(s) > head {
		s = s[:head]
	}
	words := strings.FieldsFunc(fold(s), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= 0x80) })
	if len(words) > 0 && slices.Contains(conjunctions, words[0]) {
		words = words[1:]
	}
	if len(words) < 3 {
		return false, false, true
	}
	for _, w := range words[:min(4, len(words))] {
		pointing = pointing || slices.Contains(pointers, w)
	}
	if !slices.Contains(pointers, words[0]) {
		folded := " " + strings.Join(words, " ") + " "
		additive = slices.ContainsFunc(additives, func(w string) bool { return strings.Contains(folded, w) })
	}
	number := digits(words[1]) == len(words[1])
	if pointing || len(words) < 5 || !slices.Contains(articles, words[0]) && !number {
		return additive, false, pointing
	}
	for _, a := range abstracts {
		if strings.HasPrefix(words[1], a) {
			return additive, false, false
		}
	}
	return additive, true, false
}

var conjunctions = []string{"and", "but", "und", "aber", "et", "mais", "y", "pero"}
