package pdfa

import (
	"fmt"
	"strings"

	"onrecord/pkg/cos"
)

// mark is an entry of the outline.
type mark struct {
	title string
	level int
	to    Destination
}

// Bookmark adds an entry to the outline, below the last one of the level above; level 0 is the highest. What lies below an entry is closed at first.
func (d *Writer) Bookmark(title string, level int, to Destination) {
	if to.Page < 1 || to.Page > len(d.pages) {
		d.fail(fmt.Errorf("there is no page %d for a bookmark", to.Page))
		return
	}
	highest := 0
	if n := len(d.marks); n > 0 {
		highest = d.marks[n-1].level + 1
	}
	d.marks = append(d.marks, mark{printable(title), min(max(level, 0), highest), to})
}

// writeOutline writes the outline (ISO 32000-1 §12.3.3) and gives its number; 0 if there is none.
func (d *Writer) writeOutline(firstPage int) int {
	if len(d.marks) == 0 {
		return 0
	}
	// Entries by index; the root is the last.
	root := len(d.marks)
	type node struct{ parent, prev, next, first, last, count int }
	nodes := make([]node, root+1)
	for i := range nodes {
		nodes[i] = node{-1, -1, -1, -1, -1, 0}
	}
	above := []int{root} // the way to the last entry
	for i, m := range d.marks {
		above = above[:m.level+1]
		parent := above[m.level]
		nodes[i].parent, nodes[i].prev = parent, nodes[parent].last
		if last := nodes[parent].last; last >= 0 {
			nodes[last].next = i
		} else {
			nodes[parent].first = i
		}
		nodes[parent].last = i
		nodes[parent].count++
		above = append(above, i)
	}
	first := d.out.numbers(len(nodes))
	var b strings.Builder
	for i, n := range nodes {
		b.Reset()
		b.WriteString("<<")
		count := n.count
		if i == root {
			b.WriteString("/Type /Outlines")
		} else {
			m := d.marks[i]
			fmt.Fprintf(&b, "/Title %s /Dest %s", cos.Text(m.title), destination(firstPage, m.to))
			count = -count
		}
		for _, e := range [...]struct {
			key string
			to  int
		}{{"Parent", n.parent}, {"Prev", n.prev}, {"Next", n.next}, {"First", n.first}, {"Last", n.last}} {
			if e.to >= 0 {
				fmt.Fprintf(&b, " /%s %d 0 R", e.key, first+e.to)
			}
		}
		if count != 0 {
			fmt.Fprintf(&b, " /Count %d", count)
		}
		b.WriteString(">>")
		d.out.object(first+i, b.String())
	}
	return first + root
}
