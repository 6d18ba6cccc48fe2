package people

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// split cuts an addr-spec at its last "@". Without one, all is local.
func split(address string) (local, domain string) {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return address[:at], address[at+1:]
	}
	return address, ""
}

// tidyAddress takes off what is around an address. Its spelling stays.
func tidyAddress(a string) string {
	a = tidy(a, mostAddressRunes)
	a = strings.TrimSuffix(strings.TrimPrefix(a, "<"), ">")
	if len(a) > 7 && strings.EqualFold(a[:7], "mailto:") {
		a = a[7:]
	}
	return strings.TrimSuffix(a, ".")
}

// organisation is the registrable domain (the public suffix and one label), in lower case.
func organisation(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}

var providers = wordSetPlain(`gmail.com googlemail.com icloud.com me.com mac.com msn.com aol.com aim.com ymail.com rocketmail.com web.de t-online.de freenet.de
	arcor.de posteo.de posteo.net mailbox.org orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr proton.me protonmail.com protonmail.ch pm.me
	mail.ru bk.ru list.ru inbox.ru rambler.ru qq.com 163.com 126.com sina.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
	btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net zoho.com fastmail.com fastmail.fm hushmail.com tutanota.com tuta.io tuta.com mail.com
	email.com telefonica.net terra.es movistar.es libero.it virgilio.it tin.it alice.it bluewin.ch hispeed.ch gmx.com skynet.be telenet.be xs4all.nl ziggo.nl
	kpnmail.nl planet.nl naver.com daum.net hanmail.net rediffmail.com bigpond.com optusnet.com.au earthlink.net juno.com seznam.cz wp.pl o2.pl onet.pl interia.pl`)

func wordSetPlain(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// provider tells whether everybody can have an address there: then a common domain says nothing.
func provider(org string) bool {
	first, _, _ := strings.Cut(org, ".")
	switch first {
	case "gmx", "yahoo", "hotmail", "outlook", "live", "yandex":
		return true
	}
	return providers[org]
}

// provided is the address under which a provider keeps the mailbox: Gmail ignores dots, googlemail.com is gmail.com.
func provided(local, domain string) (string, string) {
	if domain == "gmail.com" || domain == "googlemail.com" {
		return strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local, domain
}

// withoutDetail drops the detail of a sub-address: ann+bills is ann (RFC 5233).
func withoutDetail(local string) string {
	if at := strings.IndexByte(local, '+'); at > 0 {
		return local[:at]
	}
	return local
}

var automatic = []string{"noreply", "donotreply", "nicht-antworten", "nichtantworten", "nepasrepondre", "noresponder", "norespond", "mailerdaemon", "postmaster", "bounce",
	"bounces", "notification", "notifications", "notify", "autoreply", "automailer", "daemon", "nobody"}

var unmarked = strings.NewReplacer("-", "", "_", "", ".", "")

// isAutomatic tells it by the local part: no-reply, MAILER-DAEMON, bounces+17 …
func isAutomatic(local string) bool {
	plain := unmarked.Replace(withoutDetail(local))
	for _, a := range automatic {
		if plain == a || len(a) > 6 && (strings.HasPrefix(plain, a) || strings.HasSuffix(plain, a)) {
			return true
		}
	}
	return false
}

// made tells how a local part is made of a name's words: exactly means of one full word and at least one more word or initial (ann.lee, a.lee, alee, lee.a),
// partly of one full word alone (ann).
func made(local string, words []string) (exactly, partly bool) {
	if len(words) == 0 || len(words) > 6 || len(local) > 64 {
		return false, false
	}
	var rest strings.Builder
	for _, r := range fold(withoutDetail(local), false) {
		switch {
		case unicode.IsLetter(r):
			rest.WriteRune(r)
		case !strings.ContainsRune("._-", r):
			return false, false
		}
	}
	s := rest.String()
	type state struct {
		at, taken  int
		used, full int
	}
	seen := map[state]bool{}
	for stack := []state{{}}; len(stack) > 0; {
		st := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if st.at == len(s) {
			exactly = exactly || st.full > 0 && st.used > 1
			partly = partly || st.full > 0 && st.used == 1
			continue
		}
		for k, w := range words {
			if w == "" || st.taken&(1<<k) != 0 {
				continue
			}
			r := []rune(w)
			if strings.HasPrefix(s[st.at:], w) {
				stack = push(stack, seen, state{st.at + len(w), st.taken | 1<<k, st.used + 1, st.full + bit(len(r) > 1)})
			}
			if first := string(r[0]); len(r) > 1 && strings.HasPrefix(s[st.at:], first) {
				stack = push(stack, seen, state{st.at + len(first), st.taken | 1<<k, st.used + 1, st.full})
			}
		}
	}
	return exactly, partly
}

func push[S comparable](stack []S, seen map[S]bool, s S) []S {
	if seen[s] {
		return stack
	}
	seen[s] = true
	return append(stack, s)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// contradicts tells that a local part is made of one word of the name and of a word that is not in it: patrick.lee is not Ann Lee.
func contradicts(local string, words []string) bool {
	shared, foreign := false, false
	for piece := range strings.FieldsFuncSeq(fold(withoutDetail(local), false), func(r rune) bool { return !unicode.IsLetter(r) }) {
		known := slices.ContainsFunc(words, func(w string) bool { return same(w, piece) || begins(w, piece) })
		exactly, partly := made(piece, words)
		shared = shared || known
		foreign = foreign || !known && !exactly && !partly && len(piece) > 2
	}
	return shared && foreign
}

// onlyNumbersDiffer tells john.smith from john.smith2: where an organisation numbers its people, they are two.
func onlyNumbersDiffer(a, b string) bool {
	pick := func(s string, digits bool) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("._-", r) || unicode.IsDigit(r) != digits {
				return -1
			}
			return r
		}, s)
	}
	return pick(a, false) == pick(b, false) && pick(a, true) != pick(b, true)
}

// lookAlike tells that two organisations' domains are easily taken for each other: one edit apart, or the same once letters that look
// alike are made the same (UTS #39 skeletons, the small part of them that is seen in mail).
func lookAlike(a, b string) bool {
	if a == b || a == "" || b == "" {
		return false
	}
	a, b = unicodeDomain(a), unicodeDomain(b)
	la, _, _ := strings.Cut(a, ".")
	lb, _, _ := strings.Cut(b, ".")
	return nearly(a, b) || skeleton(la) == skeleton(lb) && la != lb || la != lb && nearly(la, lb)
}

func unicodeDomain(d string) string {
	if u, err := idna.ToUnicode(d); err == nil {
		return u
	}
	return d
}

var confusable = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "nn", "m", "0", "o", "1", "l", "i", "l", "5", "s", "3", "e", "-", "", "_", "",
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "l", "ј", "j", "ѕ", "s", "һ", "h", "ԁ", "d", "ո", "n", "ν", "v", "ο", "o", "α", "a", "ρ", "p", "ɡ", "g")

func skeleton(label string) string { return confusable.Replace(fold(label, false)) }

// nearly tells whether one insertion, deletion, substitution or swap of neighbours makes the one into the other.
func nearly(a, b string) bool {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return len(x) <= 1 && len(y) <= 1 || len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0] && !slices.Equal(x, y)
}
