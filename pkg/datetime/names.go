package datetime

import (
	"strings"
	"time"
)

// key packs the first three bytes of a name, in lower case.
func key(s string) uint32 {
	return uint32(s[0]|0x20)<<16 | uint32(s[1]|0x20)<<8 | uint32(s[2]|0x20)
}

const (
	jan = 'j'<<16 | 'a'<<8 | 'n'
	feb = 'f'<<16 | 'e'<<8 | 'b'
	mar = 'm'<<16 | 'a'<<8 | 'r'
	apr = 'a'<<16 | 'p'<<8 | 'r'
	may = 'm'<<16 | 'a'<<8 | 'y'
	jun = 'j'<<16 | 'u'<<8 | 'n'
	jul = 'j'<<16 | 'u'<<8 | 'l'
	aug = 'a'<<16 | 'u'<<8 | 'g'
	sep = 's'<<16 | 'e'<<8 | 'p'
	oct = 'o'<<16 | 'c'<<8 | 't'
	nov = 'n'<<16 | 'o'<<8 | 'v'
	dec = 'd'<<16 | 'e'<<8 | 'c'

	sun = 's'<<16 | 'u'<<8 | 'n'
	mon = 'm'<<16 | 'o'<<8 | 'n'
	tue = 't'<<16 | 'u'<<8 | 'e'
	wed = 'w'<<16 | 'e'<<8 | 'd'
	thu = 't'<<16 | 'h'<<8 | 'u'
	fri = 'f'<<16 | 'r'<<8 | 'i'
	sat = 's'<<16 | 'a'<<8 | 't'
)

// englishMonth reads a name of three letters; 0 if it is none.
func englishMonth(s string) int {
	switch key(s) {
	case jan:
		return 1
	case feb:
		return 2
	case mar:
		return 3
	case apr:
		return 4
	case may:
		return 5
	case jun:
		return 6
	case jul:
		return 7
	case aug:
		return 8
	case sep:
		return 9
	case oct:
		return 10
	case nov:
		return 11
	case dec:
		return 12
	}
	return 0
}

// weekdayOf reads a name of three letters; -1 if it is none.
func weekdayOf(s string) time.Weekday {
	switch key(s) {
	case sun:
		return time.Sunday
	case mon:
		return time.Monday
	case tue:
		return time.Tuesday
	case wed:
		return time.Wednesday
	case thu:
		return time.Thursday
	case fri:
		return time.Friday
	case sat:
		return time.Saturday
	}
	return -1
}

// monthWord reads a month by its name or by at least three letters of it.
func monthWord(w string) (month int, note string) {
	if len(w) < 3 {
		return 0, ""
	}
	if m := englishMonth(w[:3]); m > 0 {
		full := time.Month(m).String()
		switch {
		case len(w) == 3:
			return m, ""
		case len(w) <= len(full) && strings.EqualFold(w, full[:len(w)]):
			if len(w) == len(full) {
				return m, "full month name"
			}
			return m, "month name " + w
		}
	}
	if m := foreignMonth(strings.ToLower(w)); m > 0 {
		return m, "month name " + w + " read as " + time.Month(m).String()
	}
	return 0, ""
}

// foreignMonth knows the German, French and Spanish names, and their usual short forms, in lower case.
func foreignMonth(w string) int {
	switch w {
	case "januar", "jänner", "jän", "janv", "janvier", "ene", "enero":
		return 1
	case "februar", "fév", "févr", "février", "fevrier", "febrero":
		return 2
	case "mär", "märz", "mrz", "maerz", "mars", "marzo":
		return 3
	case "avr", "avril", "abr", "abril":
		return 4
	case "mai", "mayo":
		return 5
	case "juni", "juin", "junio":
		return 6
	case "juli", "juil", "juillet", "julio":
		return 7
	case "aoû", "août", "aout", "ago", "agosto":
		return 8
	case "septembre", "septiembre", "set":
		return 9
	case "okt", "oktober", "octobre", "octubre":
		return 10
	case "novembre", "noviembre":
		return 11
	case "dez", "dezember", "déc", "décembre", "decembre", "dic", "diciembre":
		return 12
	}
	return 0
}

// weekdayWord reads an English day by its name or by at least three letters of it; told is false for any other word.
func weekdayWord(w string) (day time.Weekday, note string, told bool) {
	if len(w) < 3 {
		return -1, "", false
	}
	day = weekdayOf(w[:3])
	if day < 0 {
		return -1, "", false
	}
	full := day.String()
	if len(w) > len(full) || !strings.EqualFold(w, full[:len(w)]) {
		return -1, "", false
	}
	if len(w) == len(full) {
		return day, "full day name", true
	}
	return day, "", true
}

// foreignDay tells whether w is a day of the week in German, French or Spanish; which one is not needed.
func foreignDay(w string) bool {
	switch strings.ToLower(w) {
	case "mo", "di", "mi", "do", "fr", "sa", "so", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
		"lun", "mar", "mer", "jeu", "ven", "sam", "dim", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
		"mié", "jue", "vie", "sáb", "dom", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo":
		return true
	}
	return false
}

// namedZone knows the zones of RFC 5322 §4.3 (standard true) and those that real mail has besides; minutes east of UTC.
func namedZone(w string) (minutes int, standard, known bool) {
	switch w {
	case "Z", "UT", "UTC", "GMT":
		return 0, true, true
	case "EST":
		return -5 * 60, true, true
	case "EDT":
		return -4 * 60, true, true
	case "CST":
		return -6 * 60, true, true
	case "CDT":
		return -5 * 60, true, true
	case "MST":
		return -7 * 60, true, true
	case "MDT":
		return -6 * 60, true, true
	case "PST":
		return -8 * 60, true, true
	case "PDT":
		return -7 * 60, true, true

	case "WET":
		return 0, false, true
	case "CET", "MET", "MEZ", "WEST", "WEDT", "BST", "WAT", "MEWT":
		return 60, false, true
	case "CEST", "MEST", "MES", "MESZ", "METDST", "EET", "OEZ", "SAST", "CAT", "CEDT", "MEDST":
		return 2 * 60, false, true
	case "EEST", "EETDST", "EEDT", "MSK", "EAT", "IDT", "TRT":
		return 3 * 60, false, true
	case "MSD", "GST":
		return 4 * 60, false, true
	case "IRST":
		return 3*60 + 30, false, true
	case "PKT":
		return 5 * 60, false, true
	case "IST":
		return 5*60 + 30, false, true
	case "ICT", "WIB":
		return 7 * 60, false, true
	case "HKT", "SGT", "AWST", "PHT", "MYT":
		return 8 * 60, false, true
	case "JST", "KST":
		return 9 * 60, false, true
	case "ACST":
		return 9*60 + 30, false, true
	case "ACDT":
		return 10*60 + 30, false, true
	case "AEST":
		return 10 * 60, false, true
	case "AEDT":
		return 11 * 60, false, true
	case "NZST":
		return 12 * 60, false, true
	case "NZDT":
		return 13 * 60, false, true
	case "AST":
		return -4 * 60, false, true
	case "ADT", "BRT", "ART":
		return -3 * 60, false, true
	case "NST":
		return -3*60 - 30, false, true
	case "NDT":
		return -2*60 - 30, false, true
	case "BRST":
		return -2 * 60, false, true
	case "AKST":
		return -9 * 60, false, true
	case "AKDT":
		return -8 * 60, false, true
	case "HST":
		return -10 * 60, false, true
	case "SST":
		return -11 * 60, false, true
	}
	return 0, false, false
}

// regionZone knows the long American names, "Pacific Standard Time", by their first word; minutes east of UTC in winter.
func regionZone(w string) (minutes int, known bool) {
	switch strings.ToLower(w) {
	case "eastern":
		return -5 * 60, true
	case "central":
		return -6 * 60, true
	case "mountain":
		return -7 * 60, true
	case "pacific":
		return -8 * 60, true
	}
	return 0, false
}
