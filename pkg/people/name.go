package people

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// name is a display name taken apart.
type name struct {
	raw    string   // as it came, white space collapsed
	shown  string   // in the order of speech, without remarks: `"Lee, Ann (External)"` is shown as `Ann Lee`
	words  []string // folded, titles left out, in the order of speech; initials are words of one letter
	key    string   // the full words, sorted; "" if there are fewer than two, or one says that this is no person
	german string   // key with ä as ae; "" if it is the same
	via    bool     // "Ann Lee via Docs": the address is not hers
	comma  bool     // "Lee, Ann"
}

// Titles tell nothing of who it is. Jr and Sr are not among them: these do.
var titles = wordSet(`dr prof professor mr mrs ms miss mx herr frau sir dame rev capt captain kapitän mme mlle maître sra srta dña dott ing
	dipl habil lic phd md mba msc bsc llm esq cpa cissp dphil`)

// A display name that holds one of these is a post, not a person.
var posts = wordSet(`team support service services desk helpdesk help office info sales admin administrator administration newsletter news noreply system daemon
	notification notifications alert alerts mailer delivery list group staff department dept customer customers care billing accounts account hr security
	kundenservice kundendienst vertrieb buchhaltung verwaltung sekretariat büro leitung zentrale einkauf abteilung kontakt
	équipe equipe service secrétariat accueil direction comptabilité assistance exploitation mairie
	equipo servicio atención soporte ventas dirección administración secretaría inspección mantenimiento`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[fold(w, false)] = true
	}
	return set
}

// parseName takes a display name apart. No name is refused: one that says nothing has no words.
func parseName(raw string) name {
	n := name{raw: tidy(raw, mostNameRunes)}
	s := strings.Trim(n.raw, `'"“”„‚‘’« »`)
	lower := strings.ToLower(s)
	for _, by := range []string{" via ", " on behalf of ", " im auftrag von ", " au nom de ", " de parte de "} {
		if at := strings.Index(lower, by); at > 0 && len(lower) == len(s) {
			s, lower, n.via = s[:at], lower[:at], true
		}
	}
	s = strings.Trim(withoutBrackets(s), `'" ,;-`)
	if strings.Contains(s, "@") { // an address in the place of a name
		return n
	}
	n.shown, n.comma = inOrder(s)
	n.words = words(n.shown, false)
	n.key = key(n.words)
	if g := key(words(n.shown, true)); g != n.key {
		n.german = g
	}
	return n
}

// tidy collapses white space, drops control and format characters and bounds the length.
func tidy(s string, most int) string {
	count := 0
	s = strings.Map(func(r rune) rune {
		count++
		switch {
		case count > most || unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// withoutBrackets drops remarks: "(External)", "[EXT]", "{Dept}".
func withoutBrackets(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// inOrder turns "Lee, Ann" and "Lee, Ann, Dr." round; titles behind a comma stay behind.
func inOrder(s string) (shown string, comma bool) {
	var parts, after []string
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case len(words(part, false)) == 0 && len(parts) > 0:
			after = append(after, part)
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) != 2 {
		return strings.Join(parts, ", "), false
	}
	return strings.Join(append([]string{parts[1], parts[0]}, after...), " "), true
}

// words folds and splits; titles are left out.
func words(s string, german bool) []string {
	split := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '\'' && r != '’'
	}
	var out []string
	for _, w := range strings.FieldsFunc(s, split) {
		if plain := fold(w, false); plain != "" && !(titles[plain] && len(plain) > 1) {
			out = append(out, fold(w, german))
		}
	}
	return out
}

// key is the same for names that differ only in order, accents, case, titles and initials. "" if it is no full name of a person.
func key(words []string) string {
	var full []string
	for _, w := range words {
		if posts[w] || strings.ContainsFunc(w, unicode.IsDigit) {
			return ""
		}
		if len([]rune(w)) > 1 {
			full = append(full, w)
		}
	}
	if len(full) < 2 || len(full) > 8 {
		return ""
	}
	slices.Sort(full)
	return strings.Join(full, " ")
}

var letters = map[rune]string{'ß': "ss", 'ø': "o", 'æ': "ae", 'œ': "oe", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", '\'': "", '’': ""}

// fold takes case and accents off a word; german spells an umlaut with an e, as addresses often do.
func fold(s string, german bool) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(norm.NFKC.String(s)) {
		r = unicode.ToLower(r)
		if german && r == '\u0308' && b.Len() > 0 && strings.ContainsRune("aou", rune(b.String()[b.Len()-1])) {
			b.WriteByte('e')
			continue
		}
		if to, ok := letters[r]; ok {
			b.WriteString(to)
		} else if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// agree tells whether two names can be one person's: each word of the one has its own word in the other, which is the same, or begins with it (three
// letters and more: Leo, Leopold), or is its initial. At least two words must agree, and one of them fully or as an initial.
func agree(a, b name) bool {
	short, long := a.words, b.words
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) < 2 || len(long) > 12 || a.key == "" && b.key == "" {
		return false
	}
	var usedShort, usedLong [12]bool
	matched, firm := 0, false
	for _, fits := range []func(w, o string) bool{same, begins, initial} { // the best matches first, so that none is lost to a weaker one
		for i, w := range short {
			for j, o := range long {
				if !usedShort[i] && !usedLong[j] && fits(w, o) {
					usedShort[i], usedLong[j] = true, true
					matched++
					firm = firm || !begins(w, o) || same(w, o)
				}
			}
		}
	}
	return firm && matched == len(short)
}

func same(w, o string) bool { return w == o }

func begins(w, o string) bool {
	return min(len(w), len(o)) > 2 && (strings.HasPrefix(w, o) || strings.HasPrefix(o, w))
}

func initial(w, o string) bool {
	if len(w) > len(o) {
		w, o = o, w
	}
	return len([]rune(w)) == 1 && strings.HasPrefix(o, w)
}

// initialsClash tells that both names have initials and not the same ones: John A. Smith is not John B. Smith.
func initialsClash(a, b name) bool {
	ia, ib := initials(a.words), initials(b.words)
	return len(ia) > 0 && len(ib) > 0 && !slices.Equal(ia, ib)
}

func initials(words []string) []string {
	var out []string
	for _, w := range words {
		if len([]rune(w)) == 1 {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}
