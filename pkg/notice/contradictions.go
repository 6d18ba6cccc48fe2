package notice

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// maxAgainst bounds the warnings set beside one denial: those of the same matter, the earliest first.
const maxAgainst = 20

// known is one warning that a person had notice of.
type known struct {
	statement int32
	first     time.Time
	kind      int
	message   int32 // that shows it
}

// contradictions sets each denial of knowledge, and each blame about the same matter, beside the warnings that its author had notice of before.
// Left alone are denials by persons whom no warning reached, whose copy bounced, or who had notice only after the last incident before the denial.
func (a *analysis) contradictions(l *ledger) []Contradiction {
	found := []Contradiction{}
	had := a.hadNotice(l)
	incidents := a.incidents()
	words := map[int32][]uint32{}
	for i := range a.out.Statements {
		s := &a.out.Statements[i]
		m := &a.Messages[a.stmtMsg[i]]
		if s.Origin == Rejected || s.Part != "" || !does(s, Denial, Blame) || s.At == nil || m.Author < 0 {
			continue
		}
		until := *s.At
		if happened, any := lastBefore(incidents[m.Thread], until); any {
			until = happened
		}
		all := had[[2]int32{m.Thread, m.Author}]
		end, _ := slices.BinarySearchFunc(all, until, func(k known, t time.Time) int { return cmp.Or(k.first.Compare(t), -1) })
		all = all[:end]
		if len(all) == 0 {
			continue
		}
		same := a.sameMatter(int32(i), all, words)
		if len(same) == 0 && does(s, Denial) {
			same = all // a denial that names no matter is one of all
		}
		if len(same) == 0 {
			continue
		}
		found = append(found, a.contradiction(s, m, same[:min(len(same), maxAgainst)]))
	}
	return found
}

// hadNotice lists, for each thread and person, the warnings of others that reached them, by time.
func (a *analysis) hadNotice(l *ledger) map[[2]int32][]known {
	had := map[[2]int32][]known{}
	for i := range l.rows {
		t := &l.rows[i]
		if t.message[kAuthored] >= 0 || !does(&a.out.Statements[t.statement], Warning) {
			continue
		}
		if first, kind := a.firstNotice(t); first != nil {
			key := [2]int32{a.Messages[a.stmtMsg[t.statement]].Thread, t.person}
			had[key] = append(had[key], known{statement: t.statement, first: *first, kind: kind, message: t.message[kind]})
		}
	}
	for _, list := range had {
		slices.SortStableFunc(list, func(x, y known) int { return x.first.Compare(y.first) })
	}
	return had
}

// incidents lists the times of the reported incidents of each thread, sorted.
func (a *analysis) incidents() map[int32][]time.Time {
	times := map[int32][]time.Time{}
	for i := range a.out.Statements {
		if s := &a.out.Statements[i]; s.Origin != Rejected && s.At != nil && does(s, Incident) {
			thread := a.Messages[a.stmtMsg[i]].Thread
			times[thread] = append(times[thread], *s.At)
		}
	}
	for _, list := range times {
		slices.SortFunc(list, time.Time.Compare)
	}
	return times
}

func lastBefore(sorted []time.Time, t time.Time) (time.Time, bool) {
	i, _ := slices.BinarySearchFunc(sorted, t, time.Time.Compare)
	if i == 0 {
		return time.Time{}, false
	}
	return sorted[i-1], true
}

// sameMatter keeps the warnings that share a content word with the denial.
func (a *analysis) sameMatter(denial int32, all []known, cache map[int32][]uint32) []known {
	wordsOf := func(i int32) []uint32 {
		w, done := cache[i]
		if !done {
			w = contentWords(a.out.Statements[i].Text)
			cache[i] = w
		}
		return w
	}
	mine := wordsOf(denial)
	var same []known
	for _, k := range all {
		if share(mine, wordsOf(k.statement)) {
			if same = append(same, k); len(same) == maxAgainst {
				break
			}
		}
	}
	return same
}

// share tells whether two sorted lists have a common element.
func share(a, b []uint32) bool {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			return true
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return false
}

func (a *analysis) contradiction(s *Statement, m *Message, against []known) Contradiction {
	c := Contradiction{Statement: s.ID, Person: s.Author}
	for _, k := range against {
		c.Against = append(c.Against, a.out.Statements[k.statement].ID)
	}
	first := against[0]
	warned := &a.out.Statements[first.statement]
	c.Why = fmt.Sprintf("%s says on %s in exhibit %d: “%s”; %s on %s (exhibit %d, %s), %s before; %s by then",
		a.name(m.Author), day(s.At), s.Exhibit, short(s.Text), verbs[first.kind], day(&first.first), a.Messages[first.message].Exhibit, warned.ID,
		between(first.first, *s.At), count(len(against), "such warning"))
	return c
}

// verbs says what each kind of evidence shows, of the person who denies.
var verbs = [kindCount]string{
	kAcknowledged: "acknowledged a warning", kQuoted: "quoted a warning", kForwarded: "passed a warning on", kReplied: "replied to a warning",
	kDelivered: "a warning was delivered to them", kAddressed: "was addressed by a warning",
}

func day(t *time.Time) string { return t.Format("2006-01-02 15:04 -0700") }

func between(from, to time.Time) string {
	switch d := to.Sub(from); {
	case d >= 48*time.Hour:
		return count(int(d/(24*time.Hour)), "day")
	case d >= time.Hour:
		return count(int(d/time.Hour), "hour")
	default:
		return count(int(d/time.Minute), "minute")
	}
}

// short cuts a text to some 160 characters at a space, line breaks as spaces.
func short(s string) string {
	const limit = 160
	out := make([]rune, 0, limit+1)
	space := false
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			space = len(out) > 0
			if space && len(out) >= limit-20 {
				return string(append(out, '…'))
			}
			continue
		}
		if space {
			out, space = append(out, ' '), false
		}
		if out = append(out, r); len(out) >= limit {
			return string(append(out, '…'))
		}
	}
	return string(out)
}
