package casefile

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Editor changes a case file and leaves all else in it as it is: comments, order, blank lines, spelling. It works on the lines of the text; only the entry
// that changes is written anew. Every change is checked: one that would not parse is not made.
type Editor struct {
	name string
	data []byte
	c    *Case
}

// Open reads a case file for editing; nil or empty data is a new one. name is used in messages only.
func Open(data []byte, name string) (*Editor, error) {
	c, err := Parse(bytes.NewReader(data), name)
	if err != nil {
		return nil, err
	}
	return &Editor{name: name, data: slices.Clone(data), c: c}, nil
}

// Bytes returns the file as it stands now.
func (e *Editor) Bytes() []byte { return slices.Clone(e.data) }

// Case returns what the file says now. It must not be changed.
func (e *Editor) Case() *Case { return e.c }

// AddMark says what a sentence does. A mark or rejection of the same message with the same words is replaced, in its place.
func (e *Editor) AddMark(m Mark) error {
	m.Reject = false
	return e.setMark(m)
}

// AddRejection says that a suggestion is wrong. A mark or rejection of the same words is replaced.
func (e *Editor) AddRejection(m Mark) error {
	m.Reject, m.Acts, m.Topic = true, nil, ""
	return e.setMark(m)
}

// SetRelabel gives a sentence other acts than those that were suggested or marked. Topic, if set, replaces the topic.
func (e *Editor) SetRelabel(m Mark) error {
	if old, _ := e.findMark(m); old >= 0 && m.Topic == "" {
		m.Topic = e.c.Marks[old].Topic
	}
	return e.AddMark(m)
}

// RemoveMark takes a mark or rejection of the same message with the same words out. It is no error if there is none.
func (e *Editor) RemoveMark(m Mark) error {
	old, _ := e.findMark(m)
	if old < 0 {
		return nil
	}
	return e.change(func(d *draft) error { return d.remove(sectionOf(e.c.Marks[old].Reject), e.c.Marks[old].Line) })
}

// Mark finds what the file says of words in a message.
func (e *Editor) Mark(exhibit int, messageID, quote string) (Mark, bool) {
	at, ok := e.findMark(Mark{Exhibit: exhibit, MessageID: messageID, Quote: quote})
	if !ok {
		return Mark{}, false
	}
	return e.c.Marks[at], true
}

func sectionOf(reject bool) string {
	if reject {
		return "reject"
	}
	return "marks"
}

// findMark looks for the same message and words. A message is the same by its Message-ID, or by its exhibit number.
func (e *Editor) findMark(m Mark) (int, bool) {
	quote := strings.Join(strings.Fields(m.Quote), " ")
	at := slices.IndexFunc(e.c.Marks, func(o Mark) bool {
		same := o.MessageID != "" && o.MessageID == m.MessageID || o.Exhibit > 0 && o.Exhibit == m.Exhibit
		return same && strings.Join(strings.Fields(o.Quote), " ") == quote
	})
	return at, at >= 0
}

func (e *Editor) setMark(m Mark) error {
	entry := mapping()
	if m.MessageID != "" {
		entry.add("message", quoted(m.MessageID))
	} else {
		entry.add("exhibit", plain(strconv.Itoa(m.Exhibit)))
	}
	entry.add("quote", quoted(m.Quote))
	if m.Reject {
		entry.addText("reason", m.Reason)
	} else {
		entry.add("acts", flow(m.Acts))
		entry.addText("topic", m.Topic)
	}
	old, found := e.findMark(m)
	return e.change(func(d *draft) error {
		if !found {
			return d.append(sectionOf(m.Reject), entry)
		}
		o := e.c.Marks[old]
		if o.Reject == m.Reject {
			return d.replace(sectionOf(o.Reject), o.Line, entry)
		}
		if err := d.remove(sectionOf(o.Reject), o.Line); err != nil {
			return err
		}
		return d.append(sectionOf(m.Reject), entry)
	})
}

// MergePeople says that the addresses are one person's. Entries that have one of them are put together with it, the first of them keeps its place, its name
// stays unless p has one, and what they say besides is kept.
func (e *Editor) MergePeople(p Person) error {
	var old []Person
	for _, o := range e.c.People {
		if slices.ContainsFunc(o.Addresses, func(a string) bool { return containsFold(p.Addresses, a) }) {
			old = append(old, o)
		}
	}
	for _, o := range old {
		if p.Name == "" {
			p.Name = o.Name
		} else if o.Name != p.Name && !containsFold(p.Aliases, o.Name) {
			p.Aliases = append(p.Aliases, o.Name)
		}
		p.Addresses, p.Aliases, p.Not = join2(p.Addresses, o.Addresses), join2(p.Aliases, o.Aliases), join2(p.Not, o.Not)
		if p.Role == "" {
			p.Role = o.Role
		}
		if p.Party == "" {
			p.Party = o.Party
		}
		if p.Side == "" {
			p.Side = o.Side
		}
		p.List = p.List || o.List
	}
	p.Not = slices.DeleteFunc(p.Not, func(a string) bool { return containsFold(p.Addresses, a) })
	p.Aliases = slices.DeleteFunc(p.Aliases, func(a string) bool { return a == p.Name })
	return e.putPerson(p, old)
}

// KeepApart says that other is not a mailbox of the person who has address, however alike they look. name is used if no entry has address.
func (e *Editor) KeepApart(name, address, other string) error {
	p := Person{Name: name, Addresses: []string{address}}
	var old []Person
	for _, o := range e.c.People {
		if containsFold(o.Addresses, address) {
			p, old = o, []Person{o}
		}
	}
	if containsFold(p.Not, other) {
		return nil
	}
	p.Not = append(slices.Clone(p.Not), other)
	return e.putPerson(p, old)
}

// SetPerson replaces the entry that has one of the addresses, or adds one.
func (e *Editor) SetPerson(p Person) error {
	for _, o := range e.c.People {
		if slices.ContainsFunc(o.Addresses, func(a string) bool { return containsFold(p.Addresses, a) }) || len(o.Addresses) == 0 && o.Name == p.Name {
			return e.putPerson(p, []Person{o})
		}
	}
	return e.putPerson(p, nil)
}

func (e *Editor) putPerson(p Person, old []Person) error {
	entry := mapping()
	entry.add("name", text(p.Name))
	if len(p.Addresses) > 0 {
		entry.add("addresses", flow(p.Addresses))
	}
	if len(p.Aliases) > 0 {
		entry.add("aliases", flow(p.Aliases))
	}
	entry.addText("role", p.Role)
	if !slices.ContainsFunc(e.c.Parties, func(q Party) bool { return q.Name == p.Party && slices.ContainsFunc(p.Addresses, q.Has) }) {
		entry.addText("party", p.Party)
	}
	if !slices.ContainsFunc(e.c.Parties, func(q Party) bool { return q.Name == p.Party && q.Side == p.Side }) {
		entry.addText("side", p.Side)
	}
	if p.List {
		entry.add("list", plain("true"))
	}
	if len(p.Not) > 0 {
		entry.add("not", flow(p.Not))
	}
	return e.change(func(d *draft) error {
		for i := len(old) - 1; i > 0; i-- { // from the end: lines before stay where they are
			if err := d.remove("people", old[i].Line); err != nil {
				return err
			}
		}
		if len(old) > 0 {
			return d.replace("people", old[0].Line, entry)
		}
		return d.append("people", entry)
	})
}

// AddTopic names a topic.
func (e *Editor) AddTopic(t Topic) error {
	if slices.ContainsFunc(e.c.Topics, func(o Topic) bool { return strings.EqualFold(o.Name, t.Name) }) {
		return nil
	}
	entry := mapping()
	entry.add("name", text(t.Name))
	if len(t.Words) > 0 {
		entry.add("words", flow(t.Words))
	}
	return e.change(func(d *draft) error { return d.append("topics", entry) })
}

// AddEvent adds an event. At is written with its offset.
func (e *Editor) AddEvent(v Event) error {
	entry := mapping()
	switch {
	case v.MessageID != "":
		entry.add("message", quoted(v.MessageID))
	case v.Exhibit > 0:
		entry.add("exhibit", plain(strconv.Itoa(v.Exhibit)))
	default:
		entry.add("at", plain(v.At.Format("2006-01-02T15:04:05Z07:00")))
	}
	entry.add("title", text(v.Title))
	entry.addText("kind", v.Kind)
	return e.change(func(d *draft) error { return d.append("events", entry) })
}

// change makes one change on a copy and takes it over if the result parses.
func (e *Editor) change(do func(d *draft) error) error {
	d := &draft{data: slices.Clone(e.data)}
	if err := do(d); err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	c, err := Parse(bytes.NewReader(d.data), e.name)
	if err != nil {
		return err
	}
	e.data, e.c = d.data, c
	return nil
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, s) })
}

func join2(a, b []string) []string {
	a = slices.Clone(a)
	for _, s := range b {
		if !containsFold(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// entryNode is an entry while it is written.
type entryNode yaml.Node

func mapping() *entryNode { return &entryNode{Kind: yaml.MappingNode} }

func (n *entryNode) add(key string, v *yaml.Node) { n.Content = append(n.Content, plain(key), v) }

// addText leaves an empty text out.
func (n *entryNode) addText(key, s string) {
	if s != "" {
		n.add(key, text(s))
	}
}

func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// text is quoted only where it has to be.
func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: oneLine(s)}
}

func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: oneLine(s)}
}

func flow(list []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range list {
		n.Content = append(n.Content, text(s))
	}
	return n
}

// oneLine joins lines: white space in a quotation is compared loosely.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
