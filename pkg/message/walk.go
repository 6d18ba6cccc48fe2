package message

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

const (
	longestBoundary = 900  // RFC 2046 §5.1.1 allows 70; what is longer is never found
	delimiterWindow = 1024 // what is looked at of a line that may be a delimiter
)

// node is one multipart: a place in the tree, kept for the choice of the text.
type node struct {
	parent      int // index in reader.nodes, -1 for the top
	path        string
	boundary    string
	alternative bool
	digest      bool
	children    int
	closed      bool
	depth       int
	self        leaf // what it is if no delimiter ever comes
	hasText     bool // an alternative that has a text/plain to read
}

// leaf is a part before its content is read.
type leaf struct {
	Part
	parent int // index in reader.nodes, -1 for the top
}

// walk finds the parts in one pass over the body, with a stack of open multiparts instead of recursion. Only its delimiters end a
// part: nothing in a header is trusted about lengths.
func (r *reader) walk() error {
	w := walker{reader: r, top: -1, current: -1}
	return w.run()
}

type walker struct {
	*reader
	present map[string]int // boundary → how many open multiparts have it
	top     int            // innermost open multipart, -1 if none
	current int            // index of the leaf whose body we are in, -1 if we are between parts
	opened  int
	full    bool // no further part is opened
}

func (w *walker) run() error {
	w.begin(leaf{Part: Part{Offset: w.m.BodyOffset, Header: w.m.Header, Path: "1"}, parent: -1}, 0, "")
	pos := w.m.BodyOffset
	for w.top >= 0 && !w.full {
		line, found, err := w.nextDelimiter(pos)
		if err != nil {
			return err
		}
		if !found {
			break
		}
		ending, err := w.in.endingBefore(line.offset)
		if err != nil {
			return err
		}
		at := line.node
		w.endLeaf(line.offset - ending)
		for w.top != at {
			w.pop(line.offset - ending)
		}
		n := &w.nodes[at]
		pos = line.after
		if line.close {
			n.closed = true
			if err := w.lookBehind(line.after); err != nil {
				return err
			}
			continue
		}
		if n.closed {
			n.closed = false
			w.d.add(PartAfterClose, line.offset, "a part follows the closing delimiter of its multipart")
		}
		if pos, err = w.openPart(at, line.after); err != nil {
			return err
		}
	}
	w.endLeaf(w.in.size)
	for w.top >= 0 {
		w.pop(w.in.size)
	}
	return nil
}

// lookBehind reports text behind a closing delimiter: it belongs to no part and so is not shown.
func (w *walker) lookBehind(off int64) error {
	b, err := w.in.at(off, delimiterWindow)
	if err != nil {
		return err
	}
	rest := b[:min(len(b), delimiterWindow)]
	text := bytes.TrimLeft(rest, " \t\r\n")
	content, _ := cutLine(text, w.m.cr)
	if _, _, ok := w.match(text[:content]); content > 0 && !ok {
		w.d.add(TextAfterParts, off+int64(len(rest)-len(text)), "text follows the last part of a multipart and belongs to none")
	}
	return nil
}

// openPart reads the header of a part and returns where its body starts.
func (w *walker) openPart(at int, off int64) (int64, error) {
	if w.opened++; w.opened >= w.lim.Parts {
		w.full = true
		w.d.add(PartLimit, off, fmt.Sprintf("more than %d parts: the last one holds the rest", w.lim.Parts))
	}
	fields, end, err := w.header(off, func(line []byte) bool {
		_, _, ok := w.match(line)
		return ok
	})
	if err != nil {
		return 0, err
	}
	reportEnd(&w.d, end, off+int64(end.length))
	n := &w.nodes[at]
	n.children++
	path := strconv.Itoa(n.children)
	if n.path != "" {
		path = n.path + "." + path
	}
	body := off + int64(end.length+end.separator)
	inherited := ""
	if n.digest {
		inherited = "message/rfc822" // RFC 2046 §5.1.5
	}
	w.begin(leaf{Part: Part{Offset: body, Header: fields, Path: path}, parent: at}, n.depth+1, inherited)
	return body, nil
}

// begin enters an entity: a multipart goes onto the stack, all else is a leaf.
func (w *walker) begin(l leaf, depth int, inherited string) {
	boundary := w.describe(&l.Part, inherited)
	kind, isMultipart := strings.CutPrefix(l.ContentType, "multipart/")
	path := l.Path
	if depth == 0 {
		path = "" // the parts of a message that is a multipart are 1, 2, 3
	}
	switch {
	case !isMultipart:
	case boundary == "":
		w.d.add(BoundaryMissing, l.Offset, "a multipart without the parameter boundary is not split")
	case len(boundary) > longestBoundary:
		w.d.add(BoundaryMissing, l.Offset, "a multipart with a boundary that is too long is not split")
	case depth >= w.lim.Depth:
		w.d.add(DepthLimit, l.Offset, fmt.Sprintf("a multipart below %d others is not split", depth))
	case w.full:
	default:
		if w.present[boundary] > 0 {
			w.d.add(BoundaryDuplicate, l.Offset, "a multipart has the boundary of one that it lies in")
		}
		if w.present == nil {
			w.present = map[string]int{}
		}
		w.present[boundary]++
		w.nodes = append(w.nodes, node{
			parent: w.top, path: path, boundary: boundary, depth: depth,
			alternative: kind == "alternative", digest: kind == "digest", self: l,
		})
		w.top, w.current = len(w.nodes)-1, -1
		return
	}
	l.Multipart = isMultipart
	w.leaves = append(w.leaves, l)
	w.current = len(w.leaves) - 1
}

func (w *walker) endLeaf(end int64) {
	if w.current >= 0 {
		p := &w.leaves[w.current].Part
		p.Length = max(end-p.Offset, 0)
		w.current = -1
	}
}

// pop leaves the innermost multipart at end.
func (w *walker) pop(end int64) {
	n := &w.nodes[w.top]
	switch {
	case n.children == 0:
		l := n.self
		l.Multipart = true
		l.Length = max(end-l.Offset, 0)
		w.leaves = append(w.leaves, l)
		w.d.add(BoundaryMissing, l.Offset, "no delimiter of a multipart was found: it is not split")
	case !n.closed:
		w.d.add(BoundaryUnclosed, end, "the closing delimiter of a multipart is missing")
	}
	if w.present[n.boundary]--; w.present[n.boundary] == 0 {
		delete(w.present, n.boundary)
	}
	w.top = n.parent
}

// delimiter is a line that one of the open multiparts is waiting for.
type delimiter struct {
	offset, after int64
	node          int
	close         bool
}

// nextDelimiter looks from the line start pos on.
func (w *walker) nextDelimiter(pos int64) (delimiter, bool, error) {
	lineStart := true
	for pos < w.in.size {
		b, err := w.in.at(pos, delimiterWindow)
		if err != nil {
			return delimiter{}, false, err
		}
		i := 0
		if !lineStart || !bytes.HasPrefix(b, []byte("--")) {
			i = indexDashLine(b)
		}
		if i < 0 {
			// The last octets may be a line ending and a dash.
			if pos+int64(len(b)) >= w.in.size {
				break
			}
			pos += int64(len(b) - 2)
			lineStart = false
			continue
		}
		pos += int64(i)
		if b, err = w.in.at(pos, delimiterWindow); err != nil {
			return delimiter{}, false, err
		}
		content, whole := cutLine(b[:min(len(b), delimiterWindow)], w.m.cr)
		if at, closes, ok := w.match(b[:content]); ok && (whole > content || pos+int64(whole) == w.in.size) {
			if whole > content && b[whole-1] == '\r' && whole < len(b) && b[whole] == '\n' {
				whole++
			}
			return delimiter{offset: pos, after: pos + int64(whole), node: at, close: closes}, true, nil
		}
		pos++
		lineStart = false
	}
	return delimiter{}, false, nil
}

// indexDashLine returns where the first line but the one that b starts in begins with "--", -1 if none does.
func indexDashLine(b []byte) int {
	for i := 1; i < len(b); {
		j := bytes.Index(b[i:], []byte("--"))
		if j < 0 {
			return -1
		}
		i += j
		if b[i-1] == '\n' || b[i-1] == '\r' {
			return i
		}
		for i < len(b) && b[i] == '-' {
			i++
		}
	}
	return -1
}

// match tells which open multipart the line is a delimiter of: the innermost that is not closed, else the innermost. White space
// behind a boundary is transport padding (RFC 2046 §5.1.1).
func (w *walker) match(line []byte) (at int, closes, ok bool) {
	if len(line) < 3 || line[0] != '-' || line[1] != '-' {
		return 0, false, false
	}
	line = bytes.TrimRight(line[2:], " \t\r")
	at, ok = w.innermost(line)
	if name, cut := bytes.CutSuffix(line, []byte("--")); cut && (!ok || w.nodes[at].closed) {
		// One boundary may be another one with "--" behind it.
		if other, found := w.innermost(bytes.TrimRight(name, " \t")); found && (!ok || !w.nodes[other].closed) {
			return other, true, true
		}
	}
	return at, false, ok
}

// innermost returns the innermost open multipart with that boundary.
func (w *walker) innermost(boundary []byte) (at int, ok bool) {
	if w.present[string(boundary)] == 0 {
		return 0, false
	}
	last := -1
	for at := w.top; at >= 0; at = w.nodes[at].parent {
		if w.nodes[at].boundary != string(boundary) {
			continue
		}
		if !w.nodes[at].closed {
			return at, true
		}
		if last < 0 {
			last = at
		}
	}
	return last, true
}

// describe reads what the header of a part says of its content; it returns the boundary.
func (w *walker) describe(p *Part, inherited string) (boundary string) {
	contentType := ""
	var name string
	if f, ok := p.Header.First("Content-Type"); ok {
		var params paramList
		contentType, params = parseMediaType(f, &w.d)
		p.Charset = charsetName(params.get("charset"))
		name = params.get("name")
		boundary = strings.TrimRight(params.get("boundary"), " \t")
		switch major, minor, _ := strings.Cut(contentType, "/"); {
		case major == "text" && minor == "", contentType == "":
			w.d.add(MediaTypeInvalid, f.Offset, "the media type "+brief(contentType)+" is taken as text/plain")
			contentType = "text/plain"
		case major == "" || minor == "":
			w.d.add(MediaTypeInvalid, f.Offset, "no media type: "+brief(contentType))
		}
	}
	switch {
	case contentType != "":
	case inherited != "":
		contentType = inherited
	default:
		contentType = "text/plain" // RFC 2045 §5.2
	}
	p.ContentType = contentType
	if f, ok := p.Header.First("Content-Disposition"); ok {
		var params paramList
		p.Disposition, params = parseMediaType(f, &w.d)
		if filename := params.get("filename"); filename != "" {
			name = filename
		}
	}
	if p.Filename = name; name != "" && unsafeName(name) {
		w.d.add(FilenameUnsafe, p.Offset, "the file name "+brief(name)+" is not safe to use as one")
	}
	p.Encoding = "7bit"
	if f, ok := p.Header.First("Content-Transfer-Encoding"); ok {
		known := false
		if p.Encoding, known = transferEncoding(f.Unfolded()); !known {
			w.d.add(EncodingUnknown, f.Offset, "the transfer encoding "+brief(p.Encoding)+" is not known: the content is taken as it lies there")
		}
	}
	if f, ok := p.Header.First("Content-ID"); ok {
		p.ContentID = strings.Trim(f.Unfolded(), "<> \t")
	}
	return boundary
}

// unsafeName tells a file name that means a path, is a device name, hides its end or cannot be shown.
func unsafeName(name string) bool {
	if name == "." || name == ".." || strings.ContainsAny(name, "/\\:") || len(name) > 255 {
		return true
	}
	for _, c := range name {
		// Controls, and marks that turn the direction of the text around.
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return true
		}
	}
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '1' && stem[3] <= '9'
}
