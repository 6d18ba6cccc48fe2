package casefile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// ParseTime reads a time as the file has them: with an offset or a named zone.
func ParseTime(s string) (time.Time, error) {
	t, problem := parseTime(s)
	if problem != "" {
		return time.Time{}, errors.New(problem)
	}
	return t, nil
}

// matterKeys in the order in which they are written.
var matterKeys = [...]string{"title", "reference", "prepared_by"}

// SetMatter sets title, reference or prepared_by of the matter.
func (e *Editor) SetMatter(key, value string) error {
	if !slices.Contains(matterKeys[:], key) {
		return fmt.Errorf("matter has %s, no %q", strings.Join(matterKeys[:], ", "), key)
	}
	return e.change(func(d *draft) error { return d.setMatter(key, value) })
}

func (d *draft) setMatter(key, value string) error {
	line, err := encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{plain(key), text(value)}})
	if err != nil {
		return err
	}
	at, matter, next, err := d.section("matter")
	switch {
	case err != nil:
		return err
	case at == nil:
		return d.putFirst("matter:\n  " + line)
	case matter.Kind == yaml.MappingNode && matter.Style&yaml.FlowStyle != 0:
		return errors.New("matter is written in braces: change it by hand, or write each key on a line of its own")
	case matter.Kind != yaml.MappingNode || len(matter.Content) == 0:
		d.splice(at.Line+1, at.Line+1, "  "+line)
		return nil
	}
	put, indent := at.Line+1, matter.Content[0].Column-1
	for i := 0; i+1 < len(matter.Content); i += 2 {
		k, v := matter.Content[i], matter.Content[i+1]
		end := next
		if i+2 < len(matter.Content) {
			end = matter.Content[i+2].Line
		}
		switch {
		case k.Value != key && slices.Index(matterKeys[:], k.Value) < slices.Index(matterKeys[:], key):
			put = d.end(k.Line, end, indent) // after what stands before it by custom
		case k.Value != key:
		case v.Line != k.Line || v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || d.end(k.Line, end, indent) != k.Line+1:
			return fmt.Errorf("matter.%s stands over several lines: change it by hand", key)
		default:
			if v.LineComment != "" {
				line = strings.TrimSuffix(line, "\n") + " " + v.LineComment + "\n"
			}
			d.splice(k.Line, k.Line+1, strings.Repeat(" ", indent)+line)
			return nil
		}
	}
	d.splice(put, put, strings.Repeat(" ", indent)+line)
	return nil
}

// putFirst puts a section before all others, below the comments at the head of the file.
func (d *draft) putFirst(section string) error {
	root, err := document(d.data, "")
	if err != nil {
		return err
	}
	if root == nil || isNull(root) || len(root.Content) == 0 {
		if len(d.data) > 0 {
			section = "\n" + section
		}
		d.splice(len(d.lines())+1, len(d.lines())+1, section)
		return nil
	}
	first := root.Content[0].Line
	lines := d.lines()
	for first > 1 && strings.HasPrefix(strings.TrimSpace(string(lines[first-2])), "#") {
		first-- // the comment of the first key
	}
	if first == 1 {
		first = root.Content[0].Line // or of the whole file
	}
	d.splice(first, first, section+"\n")
	return nil
}

// SetPhase puts a mark on the clock with a title; a phase that the clock has already is replaced. Without such a clock one is made that starts with it.
func (e *Editor) SetPhase(title string, f Phase) error {
	phase := (*yaml.Node)(phaseEntry(f))
	return e.change(func(d *draft) error {
		old, line, err := d.clock(title)
		if err != nil {
			return err
		}
		if old == nil {
			entry := mapping()
			entry.add("title", text(title))
			entry.add("start", text(f.Name))
			entry.add("phases", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{phase}})
			return d.append("clocks", entry)
		}
		return d.edit("clocks", line, func(clock *yaml.Node) {
			for i := 0; i+1 < len(clock.Content); i += 2 {
				if v := clock.Content[i+1]; clock.Content[i].Value == "phases" {
					v.Content = withPhase(v.Content, phase)
				}
			}
		})
	})
}

// edit lets change work on an entry of a list, and writes it anew.
func (d *draft) edit(name string, line int, change func(entry *yaml.Node)) error {
	entry, list, from, to, err := d.entry(name, line)
	if err != nil {
		return err
	}
	change(entry)
	if from == 0 {
		return d.rewrite(name, list)
	}
	clearFoot(entry)
	text, err := written((*entryNode)(entry), list.Column-1)
	if err != nil {
		return err
	}
	d.splice(from, to, text)
	return nil
}

func phaseEntry(f Phase) *entryNode {
	n := mapping()
	n.add("phase", text(f.Name))
	switch {
	case f.MessageID != "":
		n.add("message", quoted(f.MessageID))
	case f.Exhibit > 0:
		n.add("exhibit", plain(strconv.Itoa(f.Exhibit)))
	default:
		n.add("at", plain(f.At.Format(time.RFC3339)))
	}
	if f.Quote != "" {
		n.add("quote", quoted(f.Quote))
	}
	n.addText("note", f.Note)
	return n
}

func withPhase(list []*yaml.Node, phase *yaml.Node) []*yaml.Node {
	list = slices.Clone(list)
	for i, n := range list {
		if Slug(valueOf(n, "phase")) == Slug(valueOf(phase, "phase")) {
			list[i] = phase
			return list
		}
	}
	return append(list, phase)
}

// SetLimit says within what time of its start a clock's phase stop is due; limit is written as in "72 h".
func (e *Editor) SetLimit(title, limit, stop string) error {
	return e.change(func(d *draft) error {
		old, line, err := d.clock(title)
		if err != nil {
			return err
		}
		if old == nil {
			return fmt.Errorf("there is no clock %q", title)
		}
		return d.edit("clocks", line, func(clock *yaml.Node) {
			setValue(clock, "stop", text(stop))
			setValue(clock, "limit", text(limit))
		})
	})
}

// setValue changes the value of a key, or puts the key before the last one.
func setValue(n *yaml.Node, key string, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			v.LineComment = n.Content[i+1].LineComment
			n.Content[i+1] = v
			return
		}
	}
	n.Content = slices.Insert(n.Content, max(0, len(n.Content)-2), plain(key), v)
}

// clock finds an entry of clocks by its title.
func (d *draft) clock(title string) (entry *yaml.Node, line int, err error) {
	_, list, _, err := d.section("clocks")
	if err != nil || list == nil {
		return nil, 0, err
	}
	for _, n := range list.Content {
		if strings.EqualFold(valueOf(n, "title"), title) {
			return n, n.Line, nil
		}
	}
	return nil, 0, nil
}

func valueOf(n *yaml.Node, key string) string {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1].Value
		}
	}
	return ""
}
