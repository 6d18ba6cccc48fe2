package pdf

import (
	"strconv"
	"time"

	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// date writes the day in the dossier's zone.
func (b *book) date(t *time.Time) string {
	if t == nil {
		return b.w.NoTime
	}
	return b.say.Date(t.In(b.o.Zone))
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
		return b.w.NoTime
	}
	return b.say.DateTime(t.In(b.o.Zone))
}

// exact writes a time to the second in the dossier's zone, with the offset that it carried itself beside it.
func (b *book) exact(t *time.Time) string {
	if t == nil {
		return b.w.NoTime
	}
	at := t.In(b.o.Zone)
	out := b.say.Exact(at)
	_, own := t.Zone()
	if _, here := at.Zone(); own != here {
		out += " (" + t.Format("2006-01-02 15:04:05 -0700") + ")"
	}
	return out
}

// clockDate writes the day that a time names in its own offset, beside which the time of day is printed with that offset.
func (b *book) clockDate(t *time.Time) string {
	if t == nil {
		return b.w.NoTime
	}
	return b.say.Date(*t)
}

func (b *book) dayMonth(t *time.Time) string {
	if t == nil {
		return "?"
	}
	return b.say.DayMonth(t.In(b.o.Zone))
}

func (b *book) year(t *time.Time) string {
	if t == nil {
		return ""
	}
	return strconv.Itoa(t.In(b.o.Zone).Year())
}

// delay writes the seconds between two hops.
func (b *book) delay(seconds *float64) string {
	switch {
	case seconds == nil:
		return "–"
	case *seconds > 1e12 || *seconds < -1e12: // beyond any calendar: a broken clock
		return b.say.Decimal(*seconds, 0) + "\u00a0s"
	}
	return b.say.Span(int64(*seconds))
}

func (b *book) basis(basis evidence.Basis) string { return b.say.Basis(basis) }
func (b *book) origin(o notice.Origin) string     { return b.say.Origin(o) }
func (b *book) kind(k notice.EntryKind) string    { return b.say.Kind(k) }
func (b *book) acts(list []notice.Act) string     { return b.say.Acts(list) }
func (b *book) evidenceKind(k notice.EvidenceKind) string {
	return b.say.Words.Evidence(k)
}

// free is a sentence that the JSON has in English alone, in the language; what has no translation is marked.
func (b *book) free(s string) string {
	text, ok := b.say.Free(s)
	if !ok {
		return text + " [en]"
	}
	return text
}

// quoted are words of the mail on one line, in quotation marks.
func (b *book) quoted(s string, most int) string { return b.say.Quoted(cut(words.OneLine(s), most)) }
