package people

import (
	"slices"
	"strings"

	"onrecord/pkg/casefile"
)

// Resolver takes in the mailboxes of all messages. It keeps each distinct one once. It is not safe for use by several goroutines.
type Resolver struct {
	matter    *casefile.Case
	boxes     []box
	byAddress map[string]Ref // lower case
	byName    map[string]Ref // mailboxes without an address
	names     []name         // distinct display names
	nameIndex map[string]int32
	answers   map[[2]Ref]answer // smaller Ref first
}

// box is one distinct mailbox.
type box struct {
	address   string // as first written; "" if it is a name alone
	names     []nameUse
	authored  uint32 // messages
	received  uint32
	generated uint32 // of authored: not written by a person
	list      bool
}

func (b *box) uses() uint32 { return b.authored + b.received }

type nameUse struct {
	name     int32
	authored uint32
	received uint32
}

// answer counts what speaks for two mailboxes being one person's.
type answer struct {
	from  uint32 // one wrote the answer to a message that was sent to the other
	to    uint32 // the answer to a message of one was sent to the other
	first [2]Ref // answering or answered, then the other
}

// NewResolver returns an empty Resolver. c may be nil.
func NewResolver(c *casefile.Case) *Resolver {
	if c == nil {
		c = &casefile.Case{}
	}
	return &Resolver{matter: c, byAddress: map[string]Ref{}, byName: map[string]Ref{}, nameIndex: map[string]int32{}, answers: map[[2]Ref]answer{}}
}

// Len is the number of Refs given so far.
func (r *Resolver) Len() int { return len(r.boxes) }

// Add takes in one mailbox of one message and returns its handle. Messages come in exhibit order.
func (r *Resolver) Add(m Mailbox, in Use) Ref {
	address := tidyAddress(m.Address)
	if address == "" && strings.Contains(m.Name, "@") && !strings.ContainsAny(strings.TrimSpace(m.Name), " \t") {
		address = tidyAddress(m.Name)
	}
	raw := tidy(m.Name, mostNameRunes)
	if strings.EqualFold(raw, address) {
		raw = ""
	}
	ref := r.box(address, raw)
	if ref == NoRef {
		return NoRef
	}
	b := &r.boxes[ref]
	b.list = b.list || in&AsList != 0
	if in&AsAuthor != 0 {
		b.authored++
		if in&AsGenerated != 0 {
			b.generated++
		}
	}
	if in&AsRecipient != 0 {
		b.received++
	}
	if raw != "" {
		r.call(b, raw, in&AsAuthor != 0)
	}
	return ref
}

func (r *Resolver) name(raw string) int32 {
	if n, known := r.nameIndex[raw]; known {
		return n
	}
	n := int32(len(r.names))
	parsed := parseName(strings.Clone(raw)) // not to hold the whole header that it was cut from
	r.names = append(r.names, parsed)
	r.nameIndex[parsed.raw] = n
	return n
}

// box finds or makes the mailbox of an address or, without one, of a name.
func (r *Resolver) box(address, raw string) Ref {
	index, key := r.byAddress, strings.ToLower(address)
	if address == "" {
		if raw == "" {
			return NoRef
		}
		index = r.byName
		if key = r.names[r.name(raw)].key; key == "" {
			key = "=" + strings.ToLower(raw)
		}
	}
	ref, known := index[key]
	if !known {
		ref = Ref(len(r.boxes))
		r.boxes = append(r.boxes, box{address: strings.Clone(address)})
		index[strings.Clone(key)] = ref
	}
	return ref
}

// call counts a display name of the mailbox. Names that a full mailbox cannot take are not kept anywhere.
func (r *Resolver) call(b *box, raw string, author bool) {
	shown, known := r.nameIndex[raw]
	if !known && len(b.names) >= mostNames {
		return
	}
	if !known {
		shown = r.name(raw)
	}
	at := slices.IndexFunc(b.names, func(u nameUse) bool { return u.name == shown })
	if at < 0 {
		if len(b.names) >= mostNames {
			return
		}
		at = len(b.names)
		b.names = append(b.names, nameUse{name: shown})
	}
	if author {
		b.names[at].authored++
	} else {
		b.names[at].received++
	}
}

// Replied tells the Resolver that a message by author to recipients answers one by parentAuthor to parentRecipients, which In-Reply-To or References say.
// Who answers from an address that the message was not sent to gives a reason to merge, when the names agree as well. Call it after all
// mailboxes were added.
func (r *Resolver) Replied(author Ref, recipients []Ref, parentAuthor Ref, parentRecipients []Ref) {
	if author < 0 || parentAuthor < 0 || author == parentAuthor {
		return
	}
	recipients, parentRecipients = recipients[:min(len(recipients), mostPeople)], parentRecipients[:min(len(parentRecipients), mostPeople)]
	if !slices.Contains(parentRecipients, author) {
		r.speaks(author, parentRecipients, recipients, false)
	}
	if !slices.Contains(recipients, parentAuthor) {
		r.speaks(parentAuthor, recipients, parentRecipients, true)
	}
}

// speaks notes the one mailbox among them, not among the others, whose name agrees with who's. Two that agree prove nothing.
func (r *Resolver) speaks(who Ref, among, others []Ref, answered bool) {
	found := NoRef
	for _, ref := range among {
		if ref < 0 || ref == who || ref == found || slices.Contains(others, ref) || !r.namesAgree(who, ref) {
			continue
		}
		if found != NoRef {
			return
		}
		found = ref
	}
	if found == NoRef {
		return
	}
	pair := [2]Ref{min(who, found), max(who, found)}
	a, known := r.answers[pair]
	if !known {
		if len(r.answers) >= mostPairs {
			return
		}
		a.first = [2]Ref{who, found}
	}
	if answered {
		a.to++
	} else {
		if a.from == 0 {
			a.first = [2]Ref{who, found}
		}
		a.from++
	}
	r.answers[pair] = a
}

// namesAgree tells whether two mailboxes can be one person's by their names and local parts.
func (r *Resolver) namesAgree(a, b Ref) bool {
	na, nb := r.best(&r.boxes[a]), r.best(&r.boxes[b])
	la, _ := split(strings.ToLower(r.boxes[a].address))
	lb, _ := split(strings.ToLower(r.boxes[b].address))
	switch {
	case na != nil && nb != nil:
		return agree(*na, *nb) && (fits(la, *na, *nb) || fits(lb, *na, *nb))
	case na != nil && r.boxes[b].names == nil:
		exactly, _ := made(lb, na.words)
		return exactly
	case nb != nil && r.boxes[a].names == nil:
		exactly, _ := made(la, nb.words)
		return exactly
	}
	return false
}

func fits(local string, names ...name) bool {
	for _, n := range names {
		if exactly, partly := made(local, n.words); exactly || partly {
			return true
		}
	}
	return false
}

// best returns the display name that a mailbox is known by: the most used one that its owner wrote, else that others wrote. nil if none has two words.
func (r *Resolver) best(b *box) *name {
	var found *name
	var most uint64
	for _, u := range b.names {
		n := &r.names[u.name]
		weight := uint64(u.authored)<<32 + uint64(u.received) + 1
		if n.via || len(n.words) < 2 || weight <= most {
			continue
		}
		found, most = n, weight
	}
	return found
}
