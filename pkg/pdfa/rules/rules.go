// Package rules knows the rules of PDF/A-3u (ISO 19005-3:2012) that a file of package pdfa can break, and finds where one is broken. It is for tests only, beside the validators of others: it
// reads files with tables of offsets, and takes no other for granted. Findings begin with the clause.
package rules

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/cos"
)

// checker gathers what it finds.
type checker struct {
	*document
	found []string
	pages []int // object numbers
	files map[int]bool
}

func (c *checker) say(clause, format string, a ...any) {
	if len(c.found) < 100 {
		c.found = append(c.found, clause+": "+fmt.Sprintf(format, a...))
	}
}

// Check gives what a file breaks; nothing if it is a PDF/A-3u file as far as is checked here.
func Check(doc []byte) []string {
	d, err := read(doc)
	if err != nil {
		return []string{"6.1.4: " + err.Error()}
	}
	c := &checker{document: d, files: map[int]bool{}}
	c.file()
	c.objects()
	catalog, ok := d.value(d.trailer, "Root")
	if !ok {
		return append(c.found, "6.1.4: no catalog")
	}
	c.catalog(catalog.body)
	c.intent(catalog.body)
	c.metadata(catalog.body)
	c.pageTree(catalog.body)
	c.outline(catalog.body)
	c.embedded(catalog.body)
	c.fonts()
	return c.found
}

// file checks the frame: header, trailer, end.
func (c *checker) file() {
	if !(bytes.HasPrefix(c.doc, []byte("%PDF-1.")) && len(c.doc) > 15 && c.doc[8] == '\n' && c.doc[9] == '%' &&
		c.doc[10] > 127 && c.doc[11] > 127 && c.doc[12] > 127 && c.doc[13] > 127) {
		c.say("6.1.2", "no header with a line of four octets above 127 behind it")
	}
	id, _ := cos.Value(c.trailer, "ID")
	if list := elements(id); len(list) != 2 || len(list[0]) < 18 {
		c.say("6.1.3", "no file identifier")
	}
	if _, ok := cos.Value(c.trailer, "Encrypt"); ok {
		c.say("6.1.3", "it is encrypted")
	}
	if !bytes.HasSuffix(c.doc, []byte("%%EOF\n")) && !bytes.HasSuffix(c.doc, []byte("%%EOF")) {
		c.say("6.1.3", "something stands behind the end")
	}
	size, _ := cos.Value(c.trailer, "Size")
	if n, _ := strconv.Atoi(string(size)); n != len(c.at)+1 {
		c.say("6.1.4", "%d objects, and the trailer says %s", len(c.at)+1, size)
	}
}

// objects checks what is said of every object.
func (c *checker) objects() {
	for _, number := range c.numbers() {
		o, err := c.object(number)
		if err != nil {
			c.say("6.1.7", "%v", err)
			continue
		}
		if o.stream != nil {
			filter, ok := cos.Value(o.body, "Filter")
			if ok && string(filter) != "/FlateDecode" && string(filter) != "/DCTDecode" {
				c.say("6.1.7.2", "object %d has the filter %s", number, filter)
			}
			for _, key := range []string{"F", "FFilter", "FDecodeParms"} {
				if _, ok := cos.Value(o.body, key); ok {
					c.say("6.1.7", "object %d keeps its stream elsewhere", number)
				}
			}
			if _, err := o.content(); err != nil && string(filter) == "/FlateDecode" {
				c.say("6.1.7", "object %d: %v", number, err)
			}
		}
		for _, kind := range []string{"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView"} {
			if s, _ := cos.Value(o.body, "S"); string(s) == kind {
				c.say("6.5.1", "object %d is an action %s", number, kind)
			}
		}
		if kind, _ := cos.Value(o.body, "Type"); string(kind) == "/Filespec" {
			c.files[number] = true
		}
		c.strings(number, o.body)
	}
}

func (c *checker) numbers() []int {
	all := make([]int, 0, len(c.at))
	for n := range c.at {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}

// strings checks the digits of strings in hexadecimal (§6.1.6).
func (c *checker) strings(number int, body []byte) {
	for i := 0; i < len(body); {
		switch {
		case bytes.HasPrefix(body[i:], []byte("<<")), bytes.HasPrefix(body[i:], []byte(">>")):
			i += 2
		case body[i] == '<' || body[i] == '(':
			end, err := cos.Skip(body, i)
			if err != nil {
				c.say("6.1.6", "object %d: %v", number, err)
				return
			}
			if digits := body[i+1 : end-1]; body[i] == '<' && (len(digits)%2 != 0 || len(bytes.Trim(digits, "0123456789ABCDEFabcdef")) > 0) {
				c.say("6.1.6", "object %d: <%.20s>", number, digits)
			}
			i = end
		default:
			i++
		}
	}
}

func (c *checker) catalog(dict []byte) {
	for _, key := range []string{"AA", "Requirements", "NeedsRendering", "Perms"} {
		if _, ok := cos.Value(dict, key); ok {
			c.say("6.5.2", "the catalog has %s", key)
		}
	}
	if names, ok := c.value(dict, "Names"); ok {
		for _, key := range []string{"JavaScript", "AlternatePresentations"} {
			if _, ok := cos.Value(names.body, key); ok {
				c.say("6.5.1", "the catalog names %s", key)
			}
		}
	}
	if view, ok := c.value(dict, "ViewerPreferences"); !ok || !bytes.Contains(view.body, []byte("/DisplayDocTitle true")) {
		c.say("7.1", "readers are not told to show the title")
	}
	lang, _ := cos.Value(dict, "Lang")
	if !regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`).MatchString(text(lang)) {
		c.say("6.7.4", "language %q", text(lang))
	}
}

// intent checks the output intent and its profile.
func (c *checker) intent(catalog []byte) {
	list, _ := c.value(catalog, "OutputIntents")
	all := elements(list.body)
	if len(all) != 1 {
		c.say("6.2.3", "%d output intents", len(all))
		return
	}
	number, _ := cos.Reference(all[0])
	dict, err := c.object(number)
	if s, _ := cos.Value(dict.body, "S"); err != nil || string(s) != "/GTS_PDFA1" {
		c.say("6.2.3", "the output intent is not one of PDF/A")
		return
	}
	stream, _ := c.value(dict.body, "DestOutputProfile")
	profile, err := stream.content()
	n, _ := cos.Value(stream.body, "N")
	switch {
	case err != nil || len(profile) < 132:
		c.say("6.2.3", "no profile")
	case string(profile[36:40]) != "acsp" || profile[8] > 4 || string(profile[12:20]) != "mntrRGB " || string(n) != "3":
		c.say("6.2.3", "the profile is not one of a display in RGB")
	case int(profile[0])<<24|int(profile[1])<<16|int(profile[2])<<8|int(profile[3]) != len(profile):
		c.say("6.2.3", "the profile is not as long as it says")
	}
}

// pageTree walks the pages and checks what they show and where they lead.
func (c *checker) pageTree(catalog []byte) {
	root, _ := cos.Value(catalog, "Pages")
	queue := [][]byte{root}
	seen := map[int]bool{}
	for len(queue) > 0 {
		number, err := cos.Reference(queue[0])
		queue = queue[1:]
		o, err2 := c.object(number)
		if err != nil || err2 != nil || seen[number] {
			c.say("6.1.4", "the page tree leads to %d", number)
			return
		}
		seen[number] = true
		if kids, ok := cos.Value(o.body, "Kids"); ok {
			queue = append(slices.Clone(elements(kids)), queue...)
			continue
		}
		c.pages = append(c.pages, number)
	}
	for i, number := range c.pages {
		o, _ := c.object(number)
		var box [4]float64
		list, _ := cos.Value(o.body, "MediaBox")
		for k, e := range elements(list) {
			box[k&3], _ = strconv.ParseFloat(string(e), 64)
		}
		if w, h := box[2]-box[0], box[3]-box[1]; w < 3 || h < 3 || w > 14400 || h > 14400 {
			c.say("6.1.13", "page %d measures %v by %v", i+1, w, h)
		}
		if _, ok := cos.Value(o.body, "AA"); ok {
			c.say("6.5.2", "page %d does something by itself", i+1)
		}
		annotations, _ := c.value(o.body, "Annots")
		for _, a := range elements(annotations.body) {
			if ref, err := cos.Reference(a); err == nil {
				in, _ := c.object(ref)
				a = in.body
			}
			c.annotation(i+1, a)
		}
	}
	if open, ok := cos.Value(catalog, "OpenAction"); ok {
		c.destination("the document opens", open)
	}
}

func (c *checker) annotation(page int, a []byte) {
	flags, _ := cos.Value(a, "F")
	const print, hidden, invisible, toggle, noView = 4, 2, 1, 256, 32
	if f, err := strconv.Atoi(string(flags)); err != nil || f&print == 0 || f&(hidden|invisible|toggle|noView) != 0 {
		c.say("6.3.2", "page %d: an annotation with the flags %q", page, flags)
	}
	switch kind, _ := cos.Value(a, "Subtype"); string(kind) {
	case "/Link":
		if to, ok := cos.Value(a, "Dest"); ok {
			c.destination(fmt.Sprintf("page %d: a link leads", page), to)
		}
	case "/Widget":
		rect, _ := cos.Value(a, "Rect")
		if _, ok := cos.Value(a, "AP"); !ok && string(rect) != "[0 0 0 0]" {
			c.say("6.3.3", "page %d: a field has no appearance", page)
		}
	default:
		c.say("6.3.1", "page %d: an annotation %s", page, kind)
	}
}

func (c *checker) destination(what string, to []byte) {
	list := elements(to)
	if len(list) < 2 {
		c.say("destinations", "%s nowhere", what)
		return
	}
	if number, err := cos.Reference(list[0]); err != nil || !slices.Contains(c.pages, number) {
		c.say("destinations", "%s to object %s, which is no page", what, list[0])
	}
}

// outline checks that each entry of the outline is reached once, and leads to a page.
func (c *checker) outline(catalog []byte) {
	root, ok := cos.Value(catalog, "Outlines")
	if !ok {
		return
	}
	seen := map[int]bool{}
	var walk func(parent []byte, depth int) int
	walk = func(parent []byte, depth int) int {
		dict, _ := cos.Reference(parent)
		o, err := c.object(dict)
		if err != nil || depth > 20 {
			c.say("outline", "%v", err)
			return 0
		}
		n := 0
		var before []byte
		next, ok := cos.Value(o.body, "First")
		for ; ok; n++ {
			number, _ := cos.Reference(next)
			item, err := c.object(number)
			up, _ := cos.Value(item.body, "Parent")
			prev, _ := cos.Value(item.body, "Prev")
			if err != nil || seen[number] || !bytes.Equal(up, parent) || !bytes.Equal(prev, before) {
				c.say("outline", "entry %d is out of order", number)
				return n
			}
			seen[number] = true
			to, _ := cos.Value(item.body, "Dest")
			c.destination("an entry of the outline leads", to)
			if _, ok := cos.Value(item.body, "First"); ok {
				walk(next, depth+1)
			}
			before = next
			next, ok = cos.Value(item.body, "Next")
		}
		if last, _ := cos.Value(o.body, "Last"); !bytes.Equal(last, before) {
			c.say("outline", "the last entry of %s is another", parent)
		}
		count, _ := cos.Value(o.body, "Count")
		if strings.TrimPrefix(string(count), "-") != strconv.Itoa(n) {
			c.say("outline", "%s has %d entries and says %s", parent, n, count)
		}
		return n
	}
	walk(root, 0)
}
