package casefile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// draft is the text of a case file while one entry of a list is changed. Lines count from 1.
type draft struct{ data []byte }

// section finds a list of the top level: the nodes of its key and value, and the line before which the next key, or the end, is.
func (d *draft) section(name string) (key, value *yaml.Node, next int, err error) {
	root, err := document(d.data, "")
	if err != nil {
		return nil, nil, 0, err
	}
	next = len(d.lines()) + 1
	if root == nil || isNull(root) {
		return nil, nil, next, nil
	}
	if root.Style&yaml.FlowStyle != 0 {
		return nil, nil, 0, errors.New("the file is written in braces: it can be read, not edited; write each key on a line of its own")
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != name {
			continue
		}
		if i+2 < len(root.Content) {
			next = root.Content[i+2].Line
		}
		return root.Content[i], root.Content[i+1], next, nil
	}
	return nil, nil, next, nil
}

func (d *draft) lines() [][]byte { return bytes.SplitAfter(d.data, []byte("\n")) }

// splice puts text in the place of lines from … to-1.
func (d *draft) splice(from, to int, text string) {
	lines := d.lines()
	var b bytes.Buffer
	for i, l := range lines {
		if i+1 == from {
			b.WriteString(text)
		}
		if i+1 < from || i+1 >= to {
			b.Write(l)
			if i+1 == from-1 && len(l) > 0 && l[len(l)-1] != '\n' {
				b.WriteByte('\n') // the last line had no end
			}
		}
	}
	if from > len(lines) {
		if n := b.Len(); n > 0 && b.Bytes()[n-1] != '\n' {
			b.WriteByte('\n')
		}
		b.WriteString(text)
	}
	d.data = b.Bytes()
}

// end is the line after the last one that belongs to what starts before line next: blank lines and comments at the margin before next do not.
func (d *draft) end(start, next, indent int) int {
	lines := d.lines()
	end := min(next, len(lines)+1)
	for end-1 > start {
		l := string(lines[end-2])
		t := strings.TrimSpace(l)
		if t != "" && !(t[0] == '#' && len(l)-len(strings.TrimLeft(l, " ")) <= indent) {
			break
		}
		end--
	}
	return end
}

// append adds an entry at the end of a list, which is made at the end of the file if there is none.
func (d *draft) append(name string, entry *entryNode) error {
	key, value, next, err := d.section(name)
	if err != nil {
		return err
	}
	switch {
	case key == nil:
		text, err := written(entry, 2)
		if err != nil {
			return err
		}
		gap := ""
		if len(bytes.TrimSpace(d.data)) > 0 && !bytes.HasSuffix(d.data, []byte("\n\n")) {
			gap = "\n"
		}
		d.splice(len(d.lines())+1, len(d.lines())+1, gap+name+":\n"+text)
		return nil
	case isNull(value) || len(value.Content) == 0:
		text, err := written(entry, 2)
		if err != nil {
			return err
		}
		end := d.end(key.Line, next, -1)
		line := string(d.lines()[key.Line-1])
		head := strings.TrimRight(line[:strings.IndexByte(line, ':')+1], " ")
		if i := strings.Index(line, "#"); i >= 0 {
			head += " " + strings.TrimRight(line[i:], "\r\n")
		}
		var rest string // comments below the key
		for _, l := range d.lines()[key.Line:max(end-1, key.Line)] {
			if t := bytes.TrimSpace(l); len(t) > 0 && t[0] == '#' {
				rest += string(l)
			}
		}
		d.splice(key.Line, end, head+"\n"+rest+text)
		return nil
	}
	if value.Style&yaml.FlowStyle != 0 {
		return d.unfold(name, key, value, next, entry)
	}
	text, err := written(entry, value.Column-1)
	if err != nil {
		return err
	}
	at := d.end(value.Line, next, 0)
	d.splice(at, at, text)
	return nil
}

// unfold writes a list in brackets as one with an entry a line, and adds one.
func (d *draft) unfold(name string, key, value *yaml.Node, next int, entry *entryNode) error {
	value.Style = 0
	for _, n := range value.Content {
		n.Style &^= yaml.FlowStyle
	}
	value.Content = append(value.Content, (*yaml.Node)(entry))
	b, err := encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name, LineComment: key.LineComment}, value}})
	if err != nil {
		return err
	}
	d.splice(key.Line, d.end(key.Line, next, 0), b)
	return nil
}

// entry finds the lines of the entry of a list that starts in a line.
func (d *draft) entry(name string, line int) (n *yaml.Node, list *yaml.Node, from, to int, err error) {
	key, value, next, err := d.section(name)
	if err != nil {
		return nil, nil, 0, 0, err
	}
	if key == nil || value.Kind != yaml.SequenceNode {
		return nil, nil, 0, 0, fmt.Errorf("there is no list %s", name)
	}
	for i, item := range value.Content {
		if item.Line != line {
			continue
		}
		if value.Style&yaml.FlowStyle != 0 {
			return item, value, 0, 0, nil
		}
		if i+1 < len(value.Content) {
			next = value.Content[i+1].Line
		}
		return item, value, item.Line, d.end(item.Line, next, value.Column-1), nil
	}
	return nil, nil, 0, 0, fmt.Errorf("%s has no entry in line %d", name, line)
}

// replace writes an entry anew. Keys that stay keep their comments and their order; keys that the new entry does not have are left out.
func (d *draft) replace(name string, line int, entry *entryNode) error {
	old, list, from, to, err := d.entry(name, line)
	if err != nil {
		return err
	}
	merge(old, entry)
	if from == 0 {
		return d.rewrite(name, list)
	}
	text, err := written((*entryNode)(old), list.Column-1)
	if err != nil {
		return err
	}
	d.splice(from, to, text)
	return nil
}

// merge puts the values of the new entry into the old one. A value that is the same stays as it was written.
func merge(old *yaml.Node, entry *entryNode) {
	var content []*yaml.Node
	left := entry.Content
	take := func(key string) *yaml.Node {
		for i := 0; i+1 < len(left); i += 2 {
			if left[i].Value == key {
				v := left[i+1]
				left = append(append([]*yaml.Node{}, left[:i]...), left[i+2:]...)
				return v
			}
		}
		return nil
	}
	for i := 0; i+1 < len(old.Content); i += 2 {
		k, v := old.Content[i], old.Content[i+1]
		fresh := take(k.Value)
		if fresh == nil {
			continue
		}
		if !equal(v, fresh) {
			fresh.LineComment, fresh.HeadComment = v.LineComment, v.HeadComment
			v = fresh
		}
		content = append(content, k, v)
	}
	old.Content = append(content, left...)
	old.Style = 0
	clearFoot(old)
}

// clearFoot takes away the comments after a node: they stand after the lines that are written anew.
func clearFoot(n *yaml.Node) {
	for queue := []*yaml.Node{n}; len(queue) > 0; queue = queue[1:] {
		queue[0].FootComment = ""
		queue = append(queue, queue[0].Content...)
	}
	n.HeadComment = "" // it stands before them
	if len(n.Content) > 0 {
		n.Content[0].HeadComment = ""
	}
}

func equal(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content { // scalars: an entry holds no deeper lists
		if a.Content[i].Value != b.Content[i].Value {
			return false
		}
	}
	return true
}

// remove takes the lines of an entry out; the key of a list that becomes empty stays.
func (d *draft) remove(name string, line int) error {
	_, list, from, to, err := d.entry(name, line)
	if err != nil {
		return err
	}
	if from == 0 {
		for i, item := range list.Content {
			if item.Line == line {
				list.Content = append(list.Content[:i], list.Content[i+1:]...)
				break
			}
		}
		return d.rewrite(name, list)
	}
	d.splice(from, to, "")
	return nil
}

// rewrite writes a list in brackets anew.
func (d *draft) rewrite(name string, list *yaml.Node) error {
	key, _, next, err := d.section(name)
	if err != nil {
		return err
	}
	list.Style = 0
	if len(list.Content) == 0 {
		list.Style = yaml.FlowStyle
	}
	b, err := encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name, LineComment: key.LineComment}, list}})
	if err != nil {
		return err
	}
	d.splice(key.Line, d.end(key.Line, next, 0), b)
	return nil
}

// written gives the text of an entry of a list, indented.
func written(entry *entryNode, indent int) (string, error) {
	b, err := encode(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{(*yaml.Node)(entry)}})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for line := range strings.Lines(b) {
		if strings.TrimSpace(line) != "" {
			out.WriteString(strings.Repeat(" ", indent))
		}
		out.WriteString(line)
	}
	return out.String(), nil
}

func encode(n *yaml.Node) (string, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return "", err
	}
	err := e.Close()
	return b.String(), err
}
