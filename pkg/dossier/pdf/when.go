package pdf

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// date writes the day in the dossier's zone.
func (b *book) date(t *time.Time) string {
	if t == nil {
		return b.w.noTime
	}
	at := t.In(b.o.Zone)
	return fmt.Sprintf(b.w.dayForm, at.Day(), b.w.months[at.Month()-1], at.Year())
}

// clock writes hour and minute in the dossier's zone.
func (b *book) clock(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(b.o.Zone).Format("15:04")
}

func (b *book) dateTime(t *time.Time) string {
	if t == nil {
		return b.w.noTime
	}
	return b.date(t) + ", " + b.clock(t)
}

// exact writes a time to the second in the dossier's zone, with the offset that it carried itself beside it.
func (b *book) exact(t *time.Time) string {
	if t == nil {
		return b.w.noTime
	}
	at := t.In(b.o.Zone)
	out := b.date(t) + ", " + at.Format("15:04:05 -0700")
	_, own := t.Zone()
	if _, here := at.Zone(); own != here {
		out += " (" + t.Format("2006-01-02 15:04:05 -0700") + ")"
	}
	return out
}

// clockDate writes the day that a time names in its own offset, beside which the time of day is printed with that offset.
func (b *book) clockDate(t *time.Time) string {
	if t == nil {
		return b.w.noTime
	}
	return fmt.Sprintf(b.w.dayForm, t.Day(), b.w.months[t.Month()-1], t.Year())
}

func (b *book) dayMonth(t *time.Time) string {
	if t == nil {
		return "?"
	}
	at := t.In(b.o.Zone)
	return fmt.Sprintf(b.w.dayMonth, at.Day(), b.w.months[at.Month()-1])
}

func (b *book) year(t *time.Time) string {
	if t == nil {
		return ""
	}
	return strconv.Itoa(t.In(b.o.Zone).Year())
}

// delay writes seconds as a reader would say them.
func (b *book) delay(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	s, sign := *seconds, ""
	if s < 0 {
		s, sign = -s, "−"
	}
	switch {
	case s < 120:
		return fmt.Sprintf("%s%.0f s", sign, s)
	case s < 7200:
		return fmt.Sprintf("%s%.0f min %02d s", sign, float64(int(s)/60), int(s)%60)
	case s < 48*3600:
		return fmt.Sprintf("%s%d h %02d min", sign, int(s)/3600, int(s)%3600/60)
	}
	return fmt.Sprintf("%s%d d %d h", sign, int(s)/86400, int(s)%86400/3600)
}

// decimal writes a share between 0 and 1.
func (b *book) decimal(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', 2, 64), ".", b.w.decimalPoint, 1)
}

// bytes writes a size in octets, grouped by thousands.
func (b *book) bytes(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + b.w.thousands + s[i:]
	}
	return s + " B"
}

func (b *book) basis(basis evidence.Basis) string { return named(b.w.bases, string(basis)) }
func (b *book) origin(o notice.Origin) string     { return named(b.w.originNames, string(o)) }
func (b *book) kind(k string) string              { return named(b.w.kinds, k) }
func (b *book) evidenceKind(k notice.EvidenceKind) string {
	return named(b.w.evidenceKinds, string(k))
}

func (b *book) acts(list []notice.Act) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = named(b.w.kinds, string(a))
	}
	return strings.Join(out, ", ")
}

// named looks a word of the data up in our own words; one that is not there stands for itself.
func named(words map[string]string, key string) string {
	if s, ok := words[key]; ok {
		return s
	}
	return key
}
