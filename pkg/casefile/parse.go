package casefile

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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
		"parties": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Parties = append(c.Parties, p.party(v, key, c.Parties)) })
		},
		"people": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.People = append(c.People, p.person(v, key, owner)) })
		},
		"topics": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Topics = append(c.Topics, p.topic(v, key, c.Topics)) })
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
		"clocks": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Clocks = append(c.Clocks, p.clock(v, key)) })
		},
	})
	slices.SortStableFunc(c.Marks, func(a, b Mark) int { return bit(a.Reject) - bit(b.Reject) })
	p.belong(n, c)
}

// belong gives the people of a party its side. It is done when all is read: people may stand before parties.
func (p *parser) belong(n *yaml.Node, c *Case) {
	names := make([]string, 0, len(c.Parties))
	for _, q := range c.Parties {
		names = append(names, q.Name)
	}
	for i := range c.People {
		r := &c.People[i]
		at := slices.IndexFunc(c.Parties, func(q Party) bool { return strings.EqualFold(q.Name, r.Party) })
		if r.Party != "" && at < 0 {
			p.fail(&yaml.Node{Line: r.Line}, fmt.Sprintf("people[%d].party", i+1), "parties named in this file: "+cmp.Or(strings.Join(names, ", "), "none"), "%q is no party", shorten(r.Party))
			continue
		}
		if at < 0 {
			at = slices.IndexFunc(c.Parties, func(q Party) bool { return slices.ContainsFunc(r.Addresses, q.Has) })
		}
		if at >= 0 {
			r.Party, r.Side = c.Parties[at].Name, cmp.Or(r.Side, c.Parties[at].Side)
		}
	}
}

// Has tells whether an address lies in a domain of the party or below it.
func (q Party) Has(address string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return slices.ContainsFunc(q.Domains, func(d string) bool { return domain == d || strings.HasSuffix(domain, "."+d) })
}

func (p *parser) party(n *yaml.Node, path string, before []Party) Party {
	q := Party{Line: n.Line}
	p.fields(n, path, []string{"name"}, map[string]func(*yaml.Node, string){
		"name": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &q.Name) }, "side": p.text(&q.Side),
		"domains": func(v *yaml.Node, key string) {
			p.texts(&q.Domains)(v, key)
			for i, d := range q.Domains {
				q.Domains[i] = strings.ToLower(d)
				if strings.ContainsAny(d, "@ /<>,;") || !strings.Contains(d, ".") || strings.HasPrefix(d, ".") {
					p.fail(v, key, "a domain an entry, such as firm.example", "%q is no domain", shorten(d))
				}
			}
		},
	})
	for _, o := range before {
		if q.Name != "" && strings.EqualFold(o.Name, q.Name) {
			p.fail(n, join(path, "name"), "", "%s stands twice: already in line %d", q.Name, o.Line)
		}
	}
	return q
}

func (p *parser) topic(n *yaml.Node, path string, before []Topic) Topic {
	t := Topic{Line: n.Line}
	p.fields(n, path, []string{"name"}, map[string]func(*yaml.Node, string){
		"name": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &t.Name) }, "words": p.texts(&t.Words),
	})
	for _, o := range before {
		if t.Name != "" && strings.EqualFold(o.Name, t.Name) {
			p.fail(n, join(path, "name"), "", "%s stands twice: already in line %d", t.Name, o.Line)
		}
	}
	return t
}

func (p *parser) person(n *yaml.Node, path string, owner map[string]Person) Person {
	r := Person{Line: n.Line}
	p.fields(n, path, []string{"name"}, map[string]func(*yaml.Node, string){
		"name": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &r.Name) }, "aliases": p.texts(&r.Aliases),
		"addresses": p.addresses(&r.Addresses), "not": p.addresses(&r.Not),
		"role": p.text(&r.Role), "party": p.text(&r.Party), "side": p.text(&r.Side), "list": p.boolean(&r.List),
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
		"exhibit": func(v *yaml.Node, key string) { p.exhibit(v, key, &m.Exhibit) },
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
	m.MessageID = p.messageID(n, path, m.MessageID)
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
	known := p.when(&e.At, &e.Exhibit, &e.MessageID)
	known["title"] = func(v *yaml.Node, key string) { p.nonEmpty(v, key, &e.Title) }
	known["kind"] = p.text(&e.Kind)
	p.fields(n, path, []string{"title"}, known)
	p.oneTime(n, path)
	e.MessageID = p.messageID(n, path, e.MessageID)
	return e
}

// when reads the keys that tell a time: at, or the message that has it.
func (p *parser) when(at *time.Time, exhibit *int, id *string) map[string]func(*yaml.Node, string) {
	return map[string]func(*yaml.Node, string){
		"at": func(v *yaml.Node, key string) {
			t, problem := parseTime(v.Value)
			if v.Kind != yaml.ScalarNode {
				problem = "a time is needed here, not " + kindName(v)
			}
			if problem != "" {
				p.fail(v, key, "allowed: 2026-03-01T12:00:00+01:00, 2026-03-01 12:00 +01:00, 2026-03-01 12:00 Europe/Berlin", "%s", problem)
			}
			*at = t
		},
		"exhibit": func(v *yaml.Node, key string) { p.exhibit(v, key, exhibit) },
		"message": func(v *yaml.Node, key string) { p.nonEmpty(v, key, id) },
	}
}

// oneTime sees to it that a time is told once.
func (p *parser) oneTime(n *yaml.Node, path string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	switch bit(has(n, "at")) + bit(has(n, "exhibit")) + bit(has(n, "message")) {
	case 0:
		p.fail(n, join(path, "at"), "give one of at: 2026-03-01 12:00 Europe/Berlin, exhibit: 3 or message: \"<…@…>\"", "is missing")
	case 1:
	default:
		p.fail(n, path, "give one of at, exhibit and message", "tells the time more than once")
	}
}

func (p *parser) exhibit(v *yaml.Node, key string, dst *int) {
	e, err := strconv.Atoi(v.Value)
	if v.Kind != yaml.ScalarNode || err != nil || e < 1 {
		p.fail(v, key, "the exhibit's number, 1 and up; numbers change when sources are added, a Message-ID does not", "%s is no exhibit number", describe(v))
		return
	}
	*dst = e
}

// messageID checks a Message-ID and gives it in angle brackets; "" stays.
func (p *parser) messageID(n *yaml.Node, path, s string) string {
	if s == "" {
		return ""
	}
	id := strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	if id == "" || strings.ContainsAny(id, "<> \t\n") {
		p.fail(n, join(path, "message"), "the Message-ID in angle brackets: \"<…@…>\"", "%q is no Message-ID", shorten(s))
	}
	return "<" + id + ">"
}

var limitForm = regexp.MustCompile(`^(\d{1,6}) ?(s|sec|second|seconds|min|minute|minutes|h|hour|hours|d|day|days|week|weeks)$`)

func parseLimit(s string) (time.Duration, bool) {
	m := limitForm.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[m[2][0]]
	return time.Duration(n) * unit, err == nil && n > 0
}

func (p *parser) clock(n *yaml.Node, path string) Clock {
	c := Clock{Line: n.Line}
	var start, stop string
	p.fields(n, path, []string{"title", "start", "phases"}, map[string]func(*yaml.Node, string){
		"title": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &c.Title) },
		"start": func(v *yaml.Node, key string) { p.nonEmpty(v, key, &start) },
		"stop":  func(v *yaml.Node, key string) { p.nonEmpty(v, key, &stop) },
		"limit": func(v *yaml.Node, key string) {
			var s string
			p.text(&s)(v, key)
			limit, ok := parseLimit(s)
			if v.Kind == yaml.ScalarNode && !ok {
				p.fail(v, key, "allowed: 72 h, 30 min, 3 days, 2 weeks", "%s is no length of time", describe(v))
			}
			c.Limit = limit
		},
		"phases": func(v *yaml.Node, key string) {
			p.items(v, key, func(v *yaml.Node, key string) { c.Phases = append(c.Phases, p.phase(v, key, c.Phases)) })
		},
	})
	c.Start, c.Stop = Slug(start), Slug(stop)
	if n.Kind != yaml.MappingNode {
		return c
	}
	names := make([]string, 0, len(c.Phases))
	for _, f := range c.Phases {
		names = append(names, f.Name)
	}
	if start != "" && !slices.ContainsFunc(c.Phases, func(f Phase) bool { return f.Slug == c.Start }) {
		p.fail(n, join(path, "start"), "phases of this clock: "+cmp.Or(strings.Join(names, ", "), "none"), "%q is none of its phases", shorten(start))
	}
	if c.Limit > 0 && stop == "" {
		p.fail(n, join(path, "stop"), "the phase that the limit is held against; it may be one that has not come yet", "is missing")
	}
	return c
}

func (p *parser) phase(n *yaml.Node, path string, before []Phase) Phase {
	f := Phase{Line: n.Line}
	known := p.when(&f.At, &f.Exhibit, &f.MessageID)
	known["phase"] = func(v *yaml.Node, key string) { p.nonEmpty(v, key, &f.Name) }
	known["quote"] = func(v *yaml.Node, key string) { p.nonEmpty(v, key, &f.Quote) }
	known["note"] = p.text(&f.Note)
	p.fields(n, path, []string{"phase"}, known)
	p.oneTime(n, path)
	f.MessageID = p.messageID(n, path, f.MessageID)
	f.Slug = Slug(f.Name)
	if f.Quote != "" && has(n, "at") {
		p.fail(n, join(path, "quote"), "with exhibit or message", "there is no message to find it in")
	}
	for _, o := range before {
		if f.Slug != "" && o.Slug == f.Slug {
			p.fail(n, join(path, "phase"), "", "%s stands twice: already in line %d", f.Name, o.Line)
		}
	}
	return f
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
