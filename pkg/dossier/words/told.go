package words

import (
	"strconv"
	"strings"

	"onrecord/pkg/remark"
)

// Told says sentences of which the JSON keeps what varies apart. ok is false where one of them has no translation: it stays English then.
func (w *Words) Told(t remark.Told) (text string, ok bool) {
	if w.col == 0 || len(t) == 0 {
		return t.String(), true
	}
	ok = true
	said := make([]string, len(t))
	for i, r := range t {
		var known bool
		if said[i], known = w.Remark(r); !known {
			said[i], ok = r.Text, false
		}
	}
	return strings.Join(said, w.form.punctuate(w.semicolon())), ok
}

// Remark says one such sentence. Its row in the catalogue is found by its English with {} for what varies, so that nothing that stands in a gap can be
// taken for words of ours.
func (w *Words) Remark(r remark.Remark) (string, bool) {
	if w.col == 0 {
		return r.Text, true
	}
	key, ok := gapped(r)
	if !ok {
		return w.Free(r.Text)
	}
	if len(r.Args) == 0 {
		if said, ok := w.notes[key]; ok {
			return said, true
		}
		return w.Free(r.Text)
	}
	at, ok := w.keyed[key]
	if !ok || len(w.free[at].order) != len(r.Args) {
		return r.Text, false
	}
	var b strings.Builder
	t := &w.free[at]
	for k, piece := range t.say {
		b.WriteString(piece)
		if k < len(t.order) {
			b.WriteString(w.argument(r.Args[t.order[k]]))
		}
	}
	return b.String(), true
}

// gapped puts {} into the place of each argument; false where one does not stand in the text.
func gapped(r remark.Remark) (string, bool) {
	var b strings.Builder
	rest := r.Text
	for _, a := range r.Args {
		before, after, found := strings.Cut(rest, a)
		if !found {
			return "", false
		}
		b.WriteString(before)
		b.WriteString("{}")
		rest = after
	}
	return b.String() + rest, true
}

// argument says what varies, where it is a phrase of ours and not of the mail.
func (w *Words) argument(s string) string {
	if seconds, ok := lasting(s); ok {
		return w.Lasting(seconds)
	}
	said, _ := w.sentence(s, 0)
	return said
}

// lasting reads "4 days 18 hours".
func lasting(s string) (seconds int64, ok bool) {
	words := strings.Fields(s)
	if len(words) == 0 || len(words)%2 != 0 {
		return 0, false
	}
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.Atoi(words[i])
		unit := map[string]int64{"day": 86400, "hour": 3600, "minute": 60, "second": 1}[strings.TrimSuffix(words[i+1], "s")]
		if err != nil || unit == 0 {
			return 0, false
		}
		seconds += int64(n) * unit
	}
	return seconds, true
}
