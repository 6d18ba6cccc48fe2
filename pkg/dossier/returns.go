package dossier

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/notice"
	"onrecord/pkg/thread"
)

// citations gives the messages that are cited and not held. Exhibits are messages in their order.
func citations(threads *thread.Threads) iter.Seq2[notice.Cited, error] {
	return func(yield func(notice.Cited, error) bool) {
		n := int32(0)
		for t, err := range threads.All() {
			if err != nil {
				yield(notice.Cited{}, err)
				return
			}
			for _, m := range t.Missing {
				c := notice.Cited{MessageID: m.MessageID, Thread: n, By: make([]int32, len(m.CitedBy))}
				for i, e := range m.CitedBy {
					c.By[i] = int32(e - 1)
				}
				if !yield(c, nil) {
					return
				}
			}
			n++
		}
	}
}

// byID finds messages by Message-ID, for what the case file names. The index is made for the first that is asked for.
func (b *builder) byID() func(string) int32 {
	var index ids
	return func(id string) int32 {
		if index == nil {
			index = b.ids()
		}
		return index.of(hashID(id))
	}
}

// held is an exhibit that has a Message-ID.
type held struct {
	id      uint64 // its hash
	message int32
}

// ids finds exhibits by the hash of their Message-ID; they stand in order of it, and then of exhibits.
type ids []held

func (b *builder) ids() ids {
	all := make(ids, 0, len(b.order))
	for n, i := range b.order {
		if id := b.kept.At(int(i)).ID; id != 0 {
			all = append(all, held{id, int32(n)})
		}
	}
	slices.SortFunc(all, func(x, y held) int { return cmp.Or(cmp.Compare(x.id, y.id), cmp.Compare(x.message, y.message)) })
	return all
}

// of gives the first exhibit that has the ID, -1 for none.
func (l ids) of(id uint64) int32 {
	at, is := slices.BinarySearchFunc(l, id, func(h held, id uint64) int { return cmp.Compare(h.id, id) })
	if !is {
		return -1
	}
	return l[at].message
}

// reportWindow is how long after a message a report may come that is tied to it by its subject alone.
const reportWindow = 30 * 24 * time.Hour

// addReturns ties receipts and bounces to the messages that they speak of: by the ID that they name, the message that they bring back, In-Reply-To,
// References, else by subject, recipient and time.
func (b *builder) addReturns(in *notice.Input, forest *thread.Forest) error {
	if len(b.returns) == 0 {
		return nil
	}
	index := b.ids()
	byAddress := map[string]int32{}
	for i, p := range b.d.People {
		for _, a := range p.Addresses {
			byAddress[strings.ToLower(a)] = int32(i)
		}
	}
	bySubject := map[string][]int32{} // base subjects that reports are looked for by → messages
	subjects := map[int]string{}      // the base subjects of these, by their places in in.Receipts
	for n, i := range b.order {
		for _, rep := range b.returns[i] {
			ret := notice.Return{Message: int32(n), Of: -1, Kind: rep.Kind, Form: rep.Form, Addresses: rep.Recipients}
			find := func(id uint64, tie notice.TieKind) {
				if id == 0 || ret.Of >= 0 {
					return
				}
				if of := index.of(id); of >= 0 && of != ret.Message {
					ret.Of, ret.Tie = of, tie
				}
			}
			tie := notice.TieOriginalID
			if rep.Form != "mdn" && rep.Form != "dsn" {
				tie = notice.TieAttached // it stands in the copy of the message below the words
			}
			find(hashID(rep.Original), tie)
			find(b.returned[i], notice.TieAttached)
			for _, a := range rep.Recipients {
				if p, ok := byAddress[strings.ToLower(a)]; ok && !slices.Contains(ret.Persons, p) {
					ret.Persons = append(ret.Persons, p)
				}
			}
			named := rep.Original != "" || b.returned[i] != 0 // what it speaks of is known, and not held
			if p := forest.Parent(int(i)); p >= 0 && ret.Of < 0 && !named {
				switch forest.ParentWhy(int(i)) {
				case thread.ByInReplyTo:
					ret.Of, ret.Tie = b.place[p], notice.TieInReplyTo
				case thread.ByReferences:
					ret.Of, ret.Tie = b.place[p], notice.TieReferences
				}
			}
			if ret.Of < 0 && !named {
				subject := rep.Subject
				if subject == "" {
					_, own, err := b.loadNote(int32(n))
					if err != nil {
						return err
					}
					subject = notice.ReportedSubject(own)
				}
				base := notice.BaseSubject(subject)
				bySubject[base], subjects[len(in.Receipts)] = nil, base
			}
			if len(ret.Persons) == 0 && (rep.Kind == notice.ReadReceipt || rep.Kind == notice.Deleted) && in.Messages[ret.Message].Author >= 0 {
				ret.Persons = []int32{in.Messages[ret.Message].Author}
			}
			in.Receipts = append(in.Receipts, ret)
		}
	}
	if len(subjects) == 0 {
		return nil
	}
	if err := b.listSubjects(bySubject); err != nil {
		return err
	}
	for r, subject := range subjects {
		ret := &in.Receipts[r]
		if of := b.reported(in, ret, bySubject[subject]); of >= 0 {
			ret.Of, ret.Tie = of, notice.TieSubject
		}
	}
	return nil
}

// listSubjects lists the messages of each of the base subjects, in exhibit order; reports are left out.
func (b *builder) listSubjects(by map[string][]int32) error {
	delete(by, "")
	for n, i := range b.order {
		if len(b.returns[i]) > 0 {
			continue
		}
		_, subject, err := b.loadNote(int32(n))
		if err != nil {
			return err
		}
		base := notice.BaseSubject(subject)
		if list, asked := by[base]; asked {
			by[base] = append(list, int32(n))
		}
	}
	return nil
}

// reported picks the last message of the subject before the report, that went to whom the report speaks of.
func (b *builder) reported(in *notice.Input, ret *notice.Return, of []int32) int32 {
	rep := &in.Messages[ret.Message]
	at := rep.Sent.Instant().Time
	whom := ret.Persons
	if len(whom) == 0 && (ret.Kind == notice.ReadReceipt || ret.Kind == notice.Deleted) {
		whom = []int32{rep.Author}
	}
	for _, n := range slices.Backward(of) {
		m := &in.Messages[n]
		sent := m.Sent.Instant().Time
		if at == nil || sent == nil || sent.After(*at) || at.Sub(*sent) > reportWindow || m.Automatic {
			continue
		}
		to := in.Recipients[m.Recipients.Start:][:m.Recipients.Len]
		if len(whom) == 0 || slices.ContainsFunc(to, func(r notice.Recipient) bool { return slices.Contains(whom, r.Person) }) {
			return n
		}
	}
	return -1
}
