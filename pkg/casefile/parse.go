package casefile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parser walks the node tree by hand: decoding into structs would lose the lines, and the keys of a wrong value.
type parser struct {
	file string
	errs []error
}

func (p *parser) fail(n *yaml.Node, key, hint, format string, args ...any) {
	if len(p.errs) < maxErrors {
		p.errs = append(p.errs, Error{File: p.file, Line: n.Line, Key: key, Problem: fmt.Sprintf(format, args...), Hint: hint})
	}
}

// fields walks a mapping and hands each value to the function of its key; required keys that are missing are errors.
func (p *parser) fields(n *yaml.Node, path string, required []string, known map[string]func(v *yaml.Node, key string)) {
	allowed := make([]string, 0, len(known))
	for k := range known {
		allowed = append(allowed, k)
	}
	slices.Sort(allowed)
	hint := "allowed here: " + strings.Join(allowed, ", ")
	if n.Kind != yaml.MappingNode {
		p.fail(n, path, hint, "keys with values are needed here, not %s", kindName(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := join(path, shorten(k.Value))
		take, ok := known[k.Value]
		switch {
		case k.Kind != yaml.ScalarNode || !ok:
			p.fail(k, key, hint, "unknown key")
		case seen[k.Value] > 0:
			p.fail(k, key, "", "stands twice, first in line %d", seen[k.Value])
		default:
			seen[k.Value] = k.Line
			take(v, key)
		}
	}
	for _, r := range required {
		if seen[r] == 0 {
			p.fail(n, join(path, r), hint, "is missing")
		}
	}
}

// items walks a sequence. A key without a value is an empty list.
func (p *parser) items(n *yaml.Node, path string, take func(v *yaml.Node, key string)) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		p.fail(n, path, "each entry starts with \"- \"", "a list is needed here, not %s", kindName(n))
		return
	}
	for i, v := range n.Content {
		take(v, path+"["+strconv.Itoa(i+1)+"]")
	}
}

// text reads one scalar; a number or a date is taken as it is written.
func (p *parser) text(dst *string) func(*yaml.Node, string) {
	return func(v *yaml.Node, key string) {
		switch {
		case isNull(v):
		case v.Kind != yaml.ScalarNode:
			p.fail(v, key, "", "a text is needed here, not %s", kindName(v))
		default:
			*dst = strings.TrimSpace(v.Value)
		}
	}
}

// texts reads a list of scalars, or one scalar.
func (p *parser) texts(dst *[]string) func(*yaml.Node, string) {
	return func(v *yaml.Node, key string) {
		take := func(v *yaml.Node, key string) {
			var s string
			p.text(&s)(v, key)
			if s == "" {
				if v.Kind == yaml.ScalarNode {
					p.fail(v, key, "", "is empty")
				}
				return
			}
			*dst = append(*dst, s)
		}
		if v.Kind == yaml.ScalarNode && !isNull(v) {
			take(v, key)
			return
		}
		p.items(v, key, take)
	}
}

func (p *parser) boolean(dst *bool) func(*yaml.Node, string) {
	return func(v *yaml.Node, key string) {
		switch {
		case v.Kind == yaml.ScalarNode && v.Tag == "!!bool":
			*dst = strings.EqualFold(v.Value, "true")
		default:
			p.fail(v, key, "allowed: true, false", "%s is no truth value", describe(v))
		}
	}
}

func (p *parser) top(n *yaml.Node, c *Case) {
	owner := map[string]Person{} // who has an address, folded
	p.fields(n, "", nil, map[string]func(*yaml.Node, string){
		"matter": func(v *yaml.Node, key string) {
			if isNull(v) {
				return
			}
			p.fields(v, key, nil, map[string]func(*yaml.Node, string){
				"title": p.text(&c.Title), "reference": p.text(&c.Reference), "prepared_by": p.text(&c.PreparedBy),
			})
		},
		"people": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.People = append(c.People, p.person(v, key, owner)) })
		},
		"marks": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Marks = append(c.Marks, p.mark(v, key, false)) })
		},
		"reject": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Marks = append(c.Marks, p.mark(v, key, true)) })
		},
		"events": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Events = append(c.Events, p.event(v, key)) })
		},
	})
	slices.SortStableFunc(c.Marks, func(a, b Mark) int { return bit(a.Reject) - bit(b.Reject) })
}

func (p *parser) person(n *yaml.Node, path string, owner map[string]Person) Person {
	r := Person{Line: n.Line}
	p.fields(n, path, []string{"name"}, map[string]func(*yaml.Node, string){
		"name": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &r.Name) }, "aliases": p.texts(&r.Aliases),
		"addresses": p.addresses(&r.Addresses), "not": p.addresses(&r.Not),
		"role": p.text(&r.Role), "side": p.text(&r.Side), "list": p.boolean(&r.List),
	})
	for _, a := range r.Addresses {
		folded := strings.ToLower(a)
		if o, taken := owner[folded]; taken {
			p.fail(n, join(path, "addresses"), "one address belongs to one person; put all that is known of a person into one entry",
				"%s stands twice: already with %s in line %d", a, o.Name, o.Line)
		}
		owner[folded] = r
		if slices.ContainsFunc(r.Not, func(not string) bool { return strings.EqualFold(not, a) }) {
			p.fail(n, join(path, "not"), "", "%s is named as this person's and as not this person's", a)
		}
	}
	return r
}

func (p *parser) addresses(dst *[]string) func(*yaml.Node, string) {
	return func(v *yaml.Node, key string) {
		p.texts(dst)(v, key)
		for _, a := range *dst {
			at := strings.LastIndexByte(a, '@')
			if at < 1 || at == len(a)-1 || strings.ContainsAny(a, "<> \t\n,;") {
				p.fail(v, key, "one bare address an entry, such as ann.lee@firm.example; names go to aliases", "%q is no address", shorten(a))
			}
		}
	}
}

// mark reads an entry of marks or of reject: which message, which words.
func (p *parser) mark(n *yaml.Node, path string, reject bool) Mark {
	m := Mark{Line: n.Line, Reject: reject}
	known := map[string]func(*yaml.Node, string){
		"exhibit": func(v *yaml.Node, key string) {
			e, err := strconv.Atoi(v.Value)
			if v.Kind != yaml.ScalarNode || err != nil || e < 1 {
				p.fail(v, key, "the exhibit's number, 1 and up; numbers change when sources are added, a Message-ID does not", "%s is no exhibit number", describe(v))
				return
			}
			m.Exhibit = e
		},
		"message": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &m.MessageID) },
		"quote":   func(v *yaml.Node, key string) { p.nonEmpty(v, key, &m.Quote) },
	}
	required := []string{"quote"}
	if reject {
		known["reason"] = p.text(&m.Reason)
	} else {
		required = append(required, "acts")
		known["topic"] = p.text(&m.Topic)
		known["acts"] = func(v *yaml.Node, key string) { p.acts(v, key, &m.Acts) }
	}
	p.fields(n, path, required, known)
	if m.MessageID != "" {
		id := strings.TrimSuffix(strings.TrimPrefix(m.MessageID, "<"), ">")
		if id == "" || strings.ContainsAny(id, "<> \t\n") {
			p.fail(n, join(path, "message"), "the Message-ID in angle brackets: \"<…@…>\"", "%q is no Message-ID", shorten(m.MessageID))
		}
		m.MessageID = "<" + id + ">"
	}
	if n.Kind == yaml.MappingNode && !has(n, "exhibit") && !has(n, "message") {
		p.fail(n, path, "give one of exhibit: 3 or message: \"<…@…>\"", "does not say which message is meant")
	}
	if has(n, "exhibit") && has(n, "message") {
		p.fail(n, path, "give one of exhibit and message", "names the message twice")
	}
	return m
}

func (p *parser) acts(v *yaml.Node, key string, dst *[]string) {
	known := Acts()
	p.texts(dst)(v, key)
	for i, a := range *dst {
		a = strings.ToLower(a)
		(*dst)[i] = a
		if !slices.Contains(known, a) {
			p.fail(v, key, "allowed: "+strings.Join(known, ", "), "%q is no act", shorten(a))
		}
	}
	if len(*dst) == 0 {
		p.fail(v, key, "allowed: "+strings.Join(known, ", "), "is empty")
	}
}

func (p *parser) event(n *yaml.Node, path string) Event {
	e := Event{Line: n.Line}
	p.fields(n, path, []string{"at", "title"}, map[string]func(*yaml.Node, string){
		"at": func(v *yaml.Node, key string) {
			at, problem := parseTime(v.Value)
			if v.Kind != yaml.ScalarNode {
				problem = "a time is needed here, not " + kindName(v)
			}
			if problem != "" {
				p.fail(v, key, "allowed: 2026-03-01T12:00:00+01:00, 2026-03-01 12:00 +01:00, 2026-03-01 12:00 Europe/Berlin", "%s", problem)
			}
			e.At = at
		},
		"title": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &e.Title) },
		"kind":  p.text(&e.Kind),
	})
	return e
}

func (p *parser) nonEmpty(v *yaml.Node, key string, dst *string) {
	p.text(dst)(v, key)
	if *dst == "" && v.Kind == yaml.ScalarNode {
		p.fail(v, key, "", "is empty")
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func has(n *yaml.Node, key string) bool {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// describe names a value in a message: a scalar by its text.
func describe(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return strconv.Quote(shorten(n.Value))
	}
	return kindName(n)
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys with values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias (a case file has none)"
	case isNull(n):
		return "nothing"
	}
	return "a text"
}

func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
