package notice

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/evidence"
)

// timeline lists messages, statements, dropped recipients, receipts, bounces and the events of the case file by instant, then exhibit;
// what has no time stands last.
func (a *analysis) timeline() []Entry {
	entries := make([]Entry, 0, len(a.Messages)+len(a.out.Statements))
	returns := map[int32]*Return{}
	for i := range a.Receipts {
		if r := &a.Receipts[i]; r.Message >= 0 && int(r.Message) < len(a.Messages) && returns[r.Message] == nil {
			returns[r.Message] = r
		}
	}
	for i := range a.Messages {
		m := &a.Messages[i]
		e := Entry{At: m.Sent.Time, Basis: m.Sent.Basis, Kind: KindMessage, Exhibit: int(m.Exhibit), Text: m.Subject}
		if r := returns[int32(i)]; r != nil {
			e.Kind, e.Text = a.returned(r, m)
		}
		entries = append(entries, e)
	}
	for i := range a.out.Statements {
		if s := &a.out.Statements[i]; s.Origin != Rejected {
			entries = append(entries, Entry{At: s.At, Basis: s.Basis, Kind: EntryKind(s.Acts[0]), Exhibit: s.Exhibit, Statement: s.ID, Text: short(s.Text)})
		}
	}
	for _, c := range a.out.Recipients {
		if len(c.Dropped) == 0 {
			continue
		}
		m := &a.Messages[a.at[c.Exhibit]]
		text := c.Headline
		if text == "" {
			text = count(len(c.Dropped), "recipient") + " dropped"
		}
		entries = append(entries, Entry{At: m.Sent.Time, Basis: m.Sent.Basis, Kind: KindDropped, Exhibit: c.Exhibit, Text: text})
	}
	if a.Case != nil {
		for _, ev := range a.Case.Events {
			e := Entry{Basis: evidence.BasisNone, Kind: KindEvent, Text: ev.Title}
			if !ev.At.IsZero() {
				e.At, e.Basis = &ev.At, evidence.BasisCase
			}
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(x, y Entry) int {
		if x.At == nil || y.At == nil {
			return cmp.Or(compareBool(x.At == nil, y.At == nil), cmp.Compare(x.Exhibit, y.Exhibit))
		}
		return cmp.Or(x.At.Compare(*y.At), cmp.Compare(x.Exhibit, y.Exhibit))
	})
	return entries
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// returned tells what a receipt or bounce says.
func (a *analysis) returned(r *Return, m *Message) (EntryKind, string) {
	of := "a message that is not held"
	if r.Of >= 0 && int(r.Of) < len(a.Messages) {
		of = "exhibit " + strconv.Itoa(int(a.Messages[r.Of].Exhibit))
	}
	names := make([]string, 0, len(r.Persons))
	for _, p := range r.Persons {
		names = append(names, a.name(p))
	}
	to := ""
	if len(names) > 0 {
		to = " to " + strings.Join(names, ", ")
	}
	switch r.Kind {
	case Failed:
		return KindBounce, of + " was not delivered" + to
	case Delayed:
		return KindBounce, of + " was delayed" + to
	case Arrived:
		return KindReceipt, of + " was delivered" + to
	case Deleted:
		return KindReceipt, of + " was deleted unread by " + cmp.Or(strings.Join(names, ", "), a.name(m.Author))
	default:
		return KindReceipt, of + " was read by " + cmp.Or(strings.Join(names, ", "), a.name(m.Author))
	}
}
