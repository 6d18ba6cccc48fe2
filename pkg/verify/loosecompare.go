package verify

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
)

// version is one of the two messages that are compared.
type version struct {
	ex *evidence.Examined
	r  *evidence.Record
	m  *message.Message
}

func newVersion(ex *evidence.Examined, lim message.Limits) (*version, error) {
	m, err := message.Read(ex.Message, lim)
	return &version{ex, ex.Record, m}, err
}

// reason is one thing in which the loose mail differs from the exhibit. It is explained if exporting or delivering a mail does it and what
// the mail says stays the same.
type reason struct {
	what        string
	explained   bool
	held, loose string // as each of the two has it, where that is worth showing
}

// comparison is all that was found out about two messages.
type comparison struct {
	reasons  []reason
	fields   []reason // header fields that make it another mail
	passages []passage
	differ   int             // number of differing passages
	words    changes         // in them
	notes    []string        // on the differing texts as a whole
	told     map[string]bool // content fields in fields, by lower-case name
	noted    map[string]bool // content fields in reasons
	mime     bool            // the two headers say something else of how the body is built
	idForms  bool            // one Message-ID is missing, or the two differ only in brackets or in upper and lower case
}

func (c *comparison) explained(what string) { c.add(reason{what: what, explained: true}) }

func (c *comparison) named(what, held, loose string) {
	c.add(reason{what: what, held: held, loose: loose})
}

func (c *comparison) add(r reason) {
	if !slices.ContainsFunc(c.reasons, func(x reason) bool { return x.what == r.what }) {
		c.reasons = append(c.reasons, r)
	}
}

func (c *comparison) explain(n names, what string) {
	if len(n.order) > 0 {
		c.explained(what + n.String())
	}
}

func (c *comparison) changed(name, held, loose string) {
	c.told[strings.ToLower(name)] = true
	show := func(s string) string {
		if s == "" {
			return "(none)"
		}
		return quoted(s, 300)
	}
	c.fields = append(c.fields, reason{what: name, held: name + ": " + show(held), loose: name + ": " + show(loose)})
}

// texts takes over what the trials found out about two texts.
func (c *comparison) texts(r reading) {
	for _, x := range r.reasons {
		c.add(x)
	}
	c.passages = append(c.passages, r.passages...)
	c.differ += r.differ
	c.words.gone += r.words.gone
	c.words.came += r.words.came
	c.words.held += r.words.held
	c.words.loose += r.words.loose
	if r.note != "" {
		c.notes = append(c.notes, r.note)
	}
}

// sameMail tells whether the two are one mail: equal but for what is named in reasons.
func (c *comparison) sameMail() bool { return len(c.fields) == 0 && c.differ == 0 }

// distance orders comparisons: the smaller, the more alike.
func (c *comparison) distance() int {
	n := 0
	for _, r := range c.reasons {
		if n++; !r.explained {
			n += 1000
		}
	}
	return n + 100_000*(len(c.fields)+min(c.differ, 1000))
}

// compare finds out in what loose differs from held. An error is one of reading.
func compare(held, loose *version) (*comparison, error) {
	c := &comparison{told: map[string]bool{}, noted: map[string]bool{}}
	if h, l := held.m.LineEnding, loose.m.LineEnding; h != l && h != "none" && l != "none" {
		c.explained("the lines of the exhibit end in " + lineEnding(h) + ", those of the loose mail in " + lineEnding(l))
	}
	c.headers(held, loose)
	if err := c.bodies(held, loose); err != nil {
		return nil, err
	}
	if len(c.reasons) == 0 && c.sameMail() && held.r.Digests.Message != loose.r.Digests.Message {
		if held.r.Digests.Canonical == loose.r.Digests.Canonical {
			c.explained("line endings differ")
		} else {
			c.named("bytes differ that are neither in a header field nor in a part of the mail", "", "")
		}
	}
	return c, nil
}

func lineEnding(s string) string {
	switch s {
	case "lf":
		return "LF"
	case "crlf":
		return "CRLF"
	case "cr":
		return "CR"
	}
	return "more than one kind of line ending"
}

// names is a list of names, each once, with how often it was added.
type names struct {
	order []string
	count map[string]int
}

func (n *names) add(name string) { n.addTimes(name, 1) }

func (n *names) addTimes(name string, times int) {
	if times <= 0 {
		return
	}
	if n.count == nil {
		n.count = map[string]int{}
	}
	if n.count[name] == 0 {
		n.order = append(n.order, name)
	}
	n.count[name] += times
}

func (n names) String() string {
	const most = 12
	var all []string
	for _, name := range n.order[:min(len(n.order), most)] {
		s := clipped(name, 60)
		if k := n.count[name]; k > 1 {
			s += fmt.Sprintf(" (%d)", k)
		}
		all = append(all, s)
	}
	if len(n.order) > most {
		all = append(all, fmt.Sprintf("and %d more", len(n.order)-most))
	}
	return strings.Join(all, ", ")
}

// collapse makes one line of s.
func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// clipped is s as one line of at most so many octets and a mark that it goes on, without control characters and marks of direction.
func clipped(s string, most int) string {
	cut := len(s) > 4*most
	if cut {
		s = s[:4*most]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if s = collapse(s); len(s) > most {
		s, cut = strings.ToValidUTF8(s[:most], ""), true
	}
	if cut {
		s += "…"
	}
	return s
}

// quoted is clipped, in quotation marks.
func quoted(s string, most int) string { return "“" + clipped(s, most) + "”" }

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
