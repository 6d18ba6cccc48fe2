package thread

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
)

// note is what is asked for of some messages only.
type note struct {
	cites      []string // ids: those of References, then those of In-Reply-To
	references int      // how many come from References
	people     []int32  // the author first
	author     bool     // the first of people is the author
	index      string   // decoded Thread-Index
	subject    string   // as it is shown
}

const maxText = 998 // a line of mail (RFC 5322 §2.1.1); longer texts are cut and told apart by a digest

// bounded keeps texts of any length apart in at most maxText bytes.
func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:maxText-65], "") + "#" + hex.EncodeToString(sum[:])
}

// append writes a note down.
func (n *note) append(b []byte) []byte {
	w := packer(b)
	w.number(n.references)
	w.texts(n.cites)
	w.number(bit(n.author))
	w.number(len(n.people))
	for _, p := range n.people {
		w.number(int(uint32(p)))
	}
	w.text(n.index)
	w.text(n.subject)
	return w
}

// read takes a note from what append wrote.
func (n *note) read(raw []byte) error {
	r := unpacker{all: string(raw)}
	n.references, n.cites = r.number(), r.texts(n.cites[:0])
	n.author, n.people = r.number() == 1, n.people[:0]
	for range r.count() {
		n.people = append(n.people, int32(r.number()))
	}
	n.index, n.subject = r.text(), r.text()
	return r.end()
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// append writes a thread down, without its exhibits but for their number.
func (t *Thread) append(b []byte) []byte {
	w := packer(b)
	w.text(t.ID)
	w.text(t.Subject)
	w.number(len(t.Exhibits))
	w.number(len(t.Missing))
	for _, m := range t.Missing {
		w.text(m.MessageID)
		w.number(len(m.CitedBy))
		for _, e := range m.CitedBy {
			w.number(e)
		}
	}
	w.number(t.MissingLeftOut)
	w.texts(t.Joined)
	return w
}

// read takes a thread from what append wrote; its exhibits are numbers to be filled in.
func (t *Thread) read(raw []byte) error {
	r := unpacker{all: string(raw)}
	t.ID, t.Subject = r.text(), r.text()
	t.Exhibits = make([]int, r.number())
	t.Missing = make([]Missing, r.count())
	for k := range t.Missing {
		m := &t.Missing[k]
		m.MessageID, m.CitedBy = r.text(), make([]int, r.count())
		for i := range m.CitedBy {
			m.CitedBy[i] = r.number()
		}
	}
	t.MissingLeftOut, t.Joined = r.number(), r.texts([]string{})
	return r.end()
}

// packer writes numbers as uvarints and texts behind their lengths, byte for byte: what is no UTF-8 stays.
type packer []byte

func (w *packer) number(n int) { *w = binary.AppendUvarint(*w, uint64(n)) }

func (w *packer) text(s string) {
	w.number(len(s))
	*w = append(*w, s...)
}

func (w *packer) texts(list []string) {
	w.number(len(list))
	for _, s := range list {
		w.text(s)
	}
}

// unpacker reads what a packer wrote. Its texts are parts of all.
type unpacker struct {
	all    string
	at     int
	failed bool
}

var errPacked = errors.New("what was kept of a message was not read back as it was written")

func (r *unpacker) number() int {
	v, shift := uint64(0), 0
	for r.at < len(r.all) && shift < 64 {
		c := r.all[r.at]
		r.at++
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int(v)
		}
		shift += 7
	}
	r.failed = true
	return 0
}

// count is the number of things that follow, each of which takes a byte at least.
func (r *unpacker) count() int {
	n := r.number()
	if n < 0 || n > len(r.all)-r.at {
		r.failed = true
		return 0
	}
	return n
}

func (r *unpacker) text() string {
	n := r.count()
	r.at += n
	return r.all[r.at-n : r.at]
}

func (r *unpacker) texts(list []string) []string {
	for range r.count() {
		list = append(list, r.text())
	}
	return list
}

func (r *unpacker) end() error {
	if r.failed || r.at != len(r.all) {
		return errPacked
	}
	return nil
}
