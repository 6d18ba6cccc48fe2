package notice

import (
	"slices"
	"strings"
)

// minWords that a sentence needs to be recognised in a quotation: shorter ones are said by everybody.
const minWords = 3

// fingerprint is the 64-bit FNV-1a of the folded words, so that wrapping, quote marks and punctuation do not matter; 0 for too few words.
func fingerprint(s string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h, words, in := uint64(offset), 0, false
	for i := 0; i < len(s); {
		first, second, size := foldASCII[s[i]], byte(0), 1
		if first == 0xFF {
			var skip bool
			if first, second, size, skip = foldAt(s, i); skip {
				i += size
				continue
			}
		}
		i += size
		if first == 0 || first == foldApostrophe {
			in = false
			continue
		}
		if !in {
			in = true
			words++
			h = (h ^ 0xFF) * prime
		}
		h = (h ^ uint64(first)) * prime
		if first == foldDigit {
			h = (h ^ uint64(s[i-1])) * prime
		}
		if second != 0 {
			h = (h ^ uint64(second)) * prime
		}
	}
	if words < minWords {
		return 0
	}
	return h
}

// fingerprints of a statement: of the whole, and of its sentences if a person marked several.
func fingerprints(text string) []uint64 {
	list := []uint64{fingerprint(text)}
	for _, span := range splitSentences(text, 0, len(text)) {
		list = append(list, fingerprint(text[span[0]:span[1]]))
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if list[0] == 0 {
		list = list[1:]
	}
	return list
}

// quotes gives the fingerprints of the quoted sentences.
func (r *reading) quotes(text string, zones []Zone) []uint64 {
	quoted := false
	for _, z := range zones {
		quoted = quoted || z.Kind == ZoneQuoted || z.Kind == ZoneForwarded
	}
	if !quoted {
		return nil
	}
	if r.inner == nil {
		r.inner = new(reading)
	}
	b := r.buf[:0]
	depth := -1
	for i := range r.lines {
		l := &r.lines[i]
		if l.kind != ZoneQuoted && l.kind != ZoneForwarded {
			continue
		}
		if l.depth != depth {
			b = append(b, '\n')
			depth = l.depth
		}
		b = append(b, text[l.body:l.stop]...)
		if trailing := l.stop; trailing < l.end && text[trailing] == ' ' {
			b = append(b, ' ') // flowed
		}
		if b = append(b, '\n'); len(b) > maxOwnBytes {
			break
		}
	}
	r.buf = b
	inner := r.inner
	plain := string(b)
	inner.split(plain)
	for i := range inner.lines {
		inner.lines[i].kind = ZoneOwn
	}
	var list []uint64
	add := func(s *sentence) {
		if len(list) == MaxQuotes {
			return
		}
		if f := fingerprint(plain[s.start:s.end]); f != 0 && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	inner.cut(plain, true)
	for _, p := range inner.parts {
		inner.terminate(plain, p[0], p[1])
	}
	for i := range inner.sents {
		add(&inner.sents[i])
	}
	slices.Sort(list)
	return list
}

// contentWords are hashes of the stems of the longer words of a text, sorted: what two sentences on one matter share.
func contentWords(s string) []uint32 {
	return slices.DeleteFunc(contentStems(s), func(h uint32) bool { return commonStems[h] })
}

// contentStems are hashes of the first six letters of the words of five letters or more, sorted.
func contentStems(s string) []uint32 {
	const offset, prime = 2166136261, 16777619
	var list []uint32
	h, letters := uint32(offset), 0
	flush := func() {
		if letters >= 5 {
			list = append(list, h)
		}
		h, letters = offset, 0
	}
	for i := 0; i < len(s); {
		first, second, size, skip := foldAt(s, i)
		i += size
		if skip {
			continue
		}
		if first == 0 || first > 26 {
			flush()
			continue
		}
		if letters < 6 { // the stem
			h = (h ^ uint32(first)) * prime
			if second != 0 {
				h = (h ^ uint32(second)) * prime
			}
		}
		letters++
	}
	flush()
	slices.Sort(list)
	return slices.Compact(list)
}

// commonStems are those of longer words that tie nothing together.
var commonStems = func() map[uint32]bool {
	m := map[uint32]bool{}
	for _, w := range strings.Fields(`about after again against because before being could does doing every first found from have having might never nobody nothing other people person
		please shall should since something someone somebody still their there these thing think those through today under until warned warning warnings message where which while whose would yesterday
		aber alles andere bitte damit davon diese diesen dieser dieses durch einen einer etwas gegen haben hatte hätte heute immer jetzt keine keinen können könnte machen müssen nicht nichts niemand
		ohne schon sein seine sich sind sollte sondern unser unsere warnung werden wieder wissen würde würden wurde zwischen
		alors après aucun aucune aussi autre autres avant avoir avons cette comme contre depuis encore entre était étaient être faire jamais leurs mais même notre nous personne plus pour quand
		sans sera sont toujours toute toutes vous votre
		tomorrow morning evening tonight monday tuesday wednesday thursday friday saturday sunday january february march april august september october november december week weeks month months
		later earlier really quite maybe perhaps enough another anything everything always already almost right going doing given taken makes making wants wanted needs needed asked asking
		above below under inside outside within without between during until since behind please thanks thank regards dear hello
		morgen gestern abend montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz august oktober dezember woche wochen monat monate später früher wirklich vielleicht genug
		darüber darunter darauf daran dabei dafür dagegen damals danach davor dann wenig viele vielen jeder jede jedes
		demain hier matin lundi mardi mercredi jeudi vendredi samedi dimanche janvier février avril juillet août septembre octobre novembre décembre semaine semaines plutôt vraiment peut-être assez
		dessus dessous dedans dehors devant derrière parmi pendant après merci bonjour quelqu quelque quelques chose choses chaque beaucoup moins mieux
		mañana ayer lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril junio julio agosto octubre diciembre semana semanas después luego realmente quizás bastante
		encima debajo dentro fuera delante detrás durante gracias hola alguien algo cosas mucho muchos poco pocos menos mejor nunca nada
		antes aunque bien como contra cuando cualquier desde donde ellos entre esta estaba estado estamos este esto estos había hacer hasta hemos mismo mucho nadie ningún ninguna nosotros nuestra nuestro
		otra otro para pero porque puede pueden siempre sobre también tener tiene todos ustedes`) {
		for _, h := range contentStems(w) {
			m[h] = true
		}
	}
	return m
}()
