package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// form is how a language writes dates and numbers.
type form struct {
	months [12]string // short, as in a table
	long   [12]string
	day    string // day, month, year
	full   string
	short  string // day, month
	comma  string
	first  string // of a month; "" for plain 1
	quotes [2]string
	spaced bool // before signs of two parts, as in French
}

// punctuate sets the narrow spaces that a language's typography wants before its signs, so that none of them starts a line.
func (f *form) punctuate(s string) string {
	if !f.spaced {
		return s
	}
	return frenchSpaces.Replace(s)
}

var frenchSpaces = strings.NewReplacer(" ;", "\u202f;", " ?", "\u202f?", " !", "\u202f!", " :", "\u00a0:", "« ", "«\u202f", " »", "\u202f»")

var forms = [4]form{
	{
		months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		long:   [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		day:    "%s %s %d", full: "%s %s %d", short: "%s %s", comma: ".", quotes: [2]string{"“", "”"},
	},
	{
		months: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
		long:   [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		day:    "%s %s %d", full: "%s %s %d", short: "%s %s", comma: ",", first: "1er", spaced: true, quotes: [2]string{"«\u202f", "\u202f»"},
	},
	{
		months: [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
		long:   [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		day:    "%s. %s %d", full: "%s. %s %d", short: "%s. %s", comma: ",", quotes: [2]string{"„", "“"},
	},
	{
		months: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
		long:   [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		day:    "%s %s %d", full: "%s de %s de %d", short: "%s %s", comma: ",", quotes: [2]string{"«", "»"},
	},
}

func (w *Words) dayOf(t time.Time) string {
	if t.Day() == 1 && w.form.first != "" {
		return w.form.first
	}
	return strconv.Itoa(t.Day())
}

// keep makes the spaces of a date, number or unit such that no line breaks there.
func keep(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// Date is the day that t names in its own location, short: "4 Mar 2025", "4 mars 2025", "4. März 2025", "4 mar 2025". Its spaces do not break.
func (w *Words) Date(t time.Time) string {
	return keep(fmt.Sprintf(w.form.day, w.dayOf(t), w.form.months[t.Month()-1], t.Year()))
}

// FullDate has the month in full: "4 March 2025", "4 de marzo de 2025".
func (w *Words) FullDate(t time.Time) string {
	return keep(fmt.Sprintf(w.form.full, w.dayOf(t), w.form.long[t.Month()-1], t.Year()))
}

// DayMonth is a date without its year.
func (w *Words) DayMonth(t time.Time) string {
	return keep(fmt.Sprintf(w.form.short, w.dayOf(t), w.form.months[t.Month()-1]))
}

// DateTime is Date, and the time of day to the minute.
func (w *Words) DateTime(t time.Time) string { return w.Date(t) + ", " + t.Format("15:04") }

// Exact is a time to the second with its offset: "4 Mar 2025, 15:04:05 +0100".
func (w *Words) Exact(t time.Time) string { return w.Date(t) + ", " + t.Format("15:04:05 -0700") }

// Int writes n with narrow spaces between groups of three digits, from five digits on (ISO 80000-1 §7.3.1: the same in every language).
func (w *Words) Int(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	if len(s) < 5 {
		return sign + s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return sign + s
}

// Decimal writes v with so many digits after the comma, or point.
func (w *Words) Decimal(v float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', digits, 64), ".", w.form.comma, 1)
}

// Bytes writes a size in bytes.
func (w *Words) Bytes(n int64) string {
	if n >= 1<<53 || n <= -1<<53 {
		return strconv.FormatInt(n, 10) + "\u00a0" + w.T("unit|B")
	}
	return w.Int(int(n)) + "\u00a0" + w.T("unit|B")
}

// Quoted puts words of the mail into the language's quotation marks.
func (w *Words) Quoted(s string) string { return w.form.quotes[0] + s + w.form.quotes[1] }

// Lasting names a length of time by its two largest units, without its sign: "3 days 4 hours". It is nominative and accusative alike.
func (w *Words) Lasting(seconds int64) string {
	if seconds < 0 {
		seconds = -seconds
	}
	days, hours, minutes := int(seconds/86400), int(seconds%86400/3600), int(seconds%3600/60)
	two := func(a string, m int, b string) string {
		if m == 0 {
			return a
		}
		return a + " " + b
	}
	switch {
	case days > 0:
		return two(w.Days(days), hours, w.hours(hours))
	case hours > 0:
		return two(w.hours(hours), minutes, w.minutes(minutes))
	case minutes > 0:
		return w.minutes(minutes)
	}
	return keep(w.N(int(seconds), "%s second", "%s seconds"))
}

// Days counts days.
func (w *Words) Days(n int) string    { return keep(w.N(n, "%s day", "%s days")) }
func (w *Words) hours(n int) string   { return keep(w.N(n, "%s hour", "%s hours")) }
func (w *Words) minutes(n int) string { return keep(w.N(n, "%s minute", "%s minutes")) }

// Span is Lasting in a table: "75 h 10 min", "3 d 4 h", "−12 s". Hours are told up to four days, as clocks of 72 hours need them.
func (w *Words) Span(seconds int64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	two := func(a int64, ua string, b int64, ub string) string {
		s := sign + w.Int(int(a)) + " " + w.T(ua)
		if b > 0 {
			s += " " + strconv.FormatInt(b, 10) + " " + w.T(ub)
		}
		return keep(s)
	}
	switch {
	case seconds < 60:
		return two(seconds, "unit|s", 0, "")
	case seconds < 3600:
		return two(seconds/60, "unit|min", seconds%60, "unit|s")
	case seconds < 4*86400:
		return two(seconds/3600, "unit|h", seconds%3600/60, "unit|min")
	}
	return two(seconds/86400, "unit|d", seconds%86400/3600, "unit|h")
}

// List joins names: "A", "A and B", "A, B and C".
func (w *Words) List(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return w.T("%s and %s", strings.Join(names[:n-1], ", "), names[n-1])
	}
}
