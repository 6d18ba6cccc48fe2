// Package people knows which mailboxes belong to one person, and why it says so (RFC 5322 §3.4 mailboxes, RFC 5233 sub-addresses).
//
// Two addresses are merged only with a reason that is kept: the case file says so; they are one mailbox by a provider's rule; they bear the same full
// name within one organisation; or one answered what was sent to the other, and their names agree. A name alone is never a reason across
// organisations, and addresses whose domains are easily taken for each other are never merged unless the case file says so.
package people

// Person is one correspondent.
type Person struct {
	ID            string   `json:"id"` // p1, p2 … in order of first appearance by exhibit
	Name          string   `json:"name"`
	Addresses     []string `json:"addresses"` // as written, the first one most used; compared without regard to case
	Names         []string `json:"names"`     // display names seen, most used first
	Role          string   `json:"role"`      // from the case file
	Party         string   `json:"party"`     // from the case file
	Side          string   `json:"side"`      // from the case file, or that of the party
	Kind          Kind     `json:"kind"`
	MergedBecause []string `json:"merged_because"` // one sentence for each merge of addresses
}

// Kind tells what a mailbox seems to be.
type Kind string

// The kinds of correspondents.
const (
	Human     Kind = "person"
	List      Kind = "list"      // a distribution list (List-Id, List-Post, or the case file)
	Automatic Kind = "automatic" // mailer-daemon, no-reply and the like
)

// Mailbox is a display name and an addr-spec (RFC 5322 §3.4), decoded. Either may be empty.
type Mailbox struct{ Name, Address string }

// Use tells in what place a mailbox was seen; a set of bits.
type Use uint8

// The uses of a mailbox.
const (
	AsAuthor    Use = 1 << iota // From or Sender
	AsRecipient                 // To, Cc, Bcc
	AsList                      // the address of a distribution list: List-Post, or where the message has List-Id and names it
	AsGenerated                 // with AsAuthor: no person wrote the message (Auto-Submitted: auto-generated, RFC 3834 §5)
)

// Ref is a handle of one distinct mailbox: an address, or a name that stands without one. Refs are given from 0 in order of first sight.
type Ref int32

// NoRef stands for a mailbox with neither name nor address.
const NoRef Ref = -1

// Book is the result.
type Book struct {
	Persons  []Person
	Possible []Possible // persons who were not merged although something speaks for it, for a human to decide
	Notes    []string   // what the case file says and the mail does not bear out
	person   []int32    // by Ref
}

// Possible says that two persons may be one, and why they were left apart.
type Possible struct {
	A, B int // indexes into Persons
	Why  string
}

// Person returns the index into Persons of a mailbox, -1 for NoRef.
func (b *Book) Person(ref Ref) int {
	if ref < 0 || int(ref) >= len(b.person) {
		return -1
	}
	return int(b.person[ref])
}

// Bounds; what lies beyond is left out, never refused.
const (
	mostNames        = 32  // display names of one mailbox that are told apart
	mostNameRunes    = 200 // of a display name
	mostAddressRunes = 998 // of an address: a line of mail
	mostBearers      = 16  // mailboxes of one name: a name that more bear is nobody's ("Mail Delivery System")
	mostReasons      = 100 // sentences a person
	mostPossible     = 500
	mostPairs        = 100_000 // pairs that answers speak for
	mostPeople       = 50      // of one message, in Replied
)
