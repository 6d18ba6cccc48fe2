package dossier

import (
	"slices"
	"strings"
	"time"

	"onrecord/pkg/notice"
	"onrecord/pkg/thread"
)

// citations lists the messages that are cited and not held. Exhibits are messages in their order.
func citations(forest *thread.Forest) (all []notice.Cited) {
	for t := range forest.Threads {
		for _, m := range forest.Threads[t].Missing {
			c := notice.Cited{MessageID: m.MessageID, Thread: int32(t), By: make([]int32, len(m.CitedBy))}
			for i, e := range m.CitedBy {
				c.By[i] = int32(e - 1)
			}
			all = append(all, c)
		}
	}
	return all
}

// byID finds messages by Message-ID, for what the case file names. The index is made for the first that is asked for.
func (b *builder) byID(order []int32) func(string) int32 {
	var index map[uint64]int32
	return func(id string) int32 {
		if index == nil {
			index = map[uint64]int32{}
			for _, i := range slices.Backward(order) {
				index[b.kept.At(int(i)).id] = b.kept.At(int(i)).exhibit - 1
			}
		}
		if n, ok := index[hashID(id)]; ok && id != "" {
			return n
		}
		return -1
	}
}

// reportWindow is how long after a message a report may come that is tied to it by its subject alone.
const reportWindow = 30 * 24 * time.Hour

// addReturns ties receipts and bounces to the messages that they speak of: by the ID that they name, the message that they bring back, In-Reply-To,
// References, else by subject, recipient and time.
func (b *builder) addReturns(in *notice.Input, order []int32, forest *thread.Forest) error {
	if len(b.returns) == 0 {
		return nil
	}
	byID := map[uint64]int32{}
	for _, i := range slices.Backward(order) {
		byID[b.kept.At(int(i)).id] = b.kept.At(int(i)).exhibit - 1 // the first exhibit with the ID is left in the end
	}
	byAddress := map[string]int32{}
	for i, p := range b.d.People {
		for _, a := range p.Addresses {
			byAddress[strings.ToLower(a)] = int32(i)
		}
	}
	var bySubject map[string][]int32
	for _, i := range order {
		for _, rep := range b.returns[i] {
			ret := notice.Return{Message: b.kept.At(int(i)).exhibit - 1, Of: -1, Kind: rep.Kind, Form: rep.Form, Addresses: rep.Recipients}
			find := func(id uint64, tie notice.TieKind) {
				if of, ok := byID[id]; ok && id != 0 && ret.Of < 0 && of != ret.Message {
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
					ret.Of, ret.Tie = b.kept.At(p).exhibit-1, notice.TieInReplyTo
				case thread.ByReferences:
					ret.Of, ret.Tie = b.kept.At(p).exhibit-1, notice.TieReferences
				}
			}
			if ret.Of < 0 && !named {
				if bySubject == nil {
					var err error
					if bySubject, err = b.subjects(order); err != nil {
						return err
					}
				}
				subject := rep.Subject
				if subject == "" {
					_, own, err := b.loadNote(b.kept.At(int(i)).note)
					if err != nil {
						return err
					}
					subject = notice.ReportedSubject(own)
				}
				if of := b.reported(in, ret, bySubject[notice.BaseSubject(subject)]); of >= 0 {
					ret.Of, ret.Tie = of, notice.TieSubject
				}
			}
			if len(ret.Persons) == 0 && (rep.Kind == notice.ReadReceipt || rep.Kind == notice.Deleted) && in.Messages[ret.Message].Author >= 0 {
				ret.Persons = []int32{in.Messages[ret.Message].Author}
			}
			in.Receipts = append(in.Receipts, ret)
		}
	}
	return nil
}

// subjects lists the messages by base subject, in exhibit order; reports are left out.
func (b *builder) subjects(order []int32) (map[string][]int32, error) {
	by := map[string][]int32{}
	for _, i := range order {
		if len(b.returns[i]) > 0 {
			continue
		}
		_, subject, err := b.loadNote(b.kept.At(int(i)).note)
		if err != nil {
			return nil, err
		}
		if base := notice.BaseSubject(subject); base != "" {
			by[base] = append(by[base], b.kept.At(int(i)).exhibit-1)
		}
	}
	return by, nil
}

// reported picks the last message of the subject before the report, that went to whom the report speaks of.
func (b *builder) reported(in *notice.Input, ret notice.Return, of []int32) int32 {
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
