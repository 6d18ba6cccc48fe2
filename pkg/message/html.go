package message

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	htmlcharset "golang.org/x/net/html/charset"
)

const (
	mostQuoteMarks = 16 // "> " marks before a line
	mostLists      = 32 // lists within lists that are numbered and indented
)

// HTMLToText returns the text of an HTML document as a reader sees it: paragraphs, lists and quotations keep their form (a quoted
// line starts with "> "), cells of a row are separated by a tab, a link is followed by its address in brackets where the text does
// not show it, and text that the document hides stands in "[hidden: …]". charset is as declared for the part; "" means that the
// document is asked. Time is linear in len(b).
func HTMLToText(b []byte, charset string) string {
	text, _ := readHTML(b, charset, -1)
	return text
}

// readHTML is HTMLToText up to most octets.
func readHTML(b []byte, charset string, most int) (string, DefectKind) {
	if charset == "" {
		_, charset, _ = htmlcharset.DetermineEncoding(b[:min(len(b), 1024)], "text/html")
		if utf8.Valid(b) {
			charset = "utf-8"
		}
	}
	doc, kind := decodeCharset(charset, b)
	w := htmlWriter{most: most, lineEmpty: true}
	w.out.Grow(len(doc) / 4)
	z := html.NewTokenizer(strings.NewReader(doc))
	for !w.full() {
		switch z.Next() {
		case html.ErrorToken:
			return w.finish(), kind
		case html.TextToken:
			if w.skip == 0 {
				w.text(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			w.start(atom.Lookup(name), z, more)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(atom.Lookup(name))
		}
	}
	return w.finish(), kind
}

type htmlWriter struct {
	out  strings.Builder
	most int

	breaks    int  // line endings that are due before the next text
	space     bool // a space is due before the next text
	lineEmpty bool // nothing stands in the line but its marks
	tab       bool // a cell ended
	inRow     bool // a cell of the row holds something

	pre    int
	quotes int
	marks  int   // "> " before the line that was written last
	lists  []int // next number, 0 for a list without numbers

	skip     atom.Atom // the element that is left out
	skipDeep int

	hidden     atom.Atom // the element that is hidden
	hiddenDeep int
	hiddenOpen bool // its mark is written

	href      string
	linkStart int
}

func (w *htmlWriter) full() bool { return w.most >= 0 && w.out.Len() > w.most }

func (w *htmlWriter) finish() string {
	w.closeLink()
	w.closeHidden()
	return strings.TrimRight(w.out.String(), " \t\n")
}

func (w *htmlWriter) start(tag atom.Atom, z *html.Tokenizer, more bool) {
	if w.skip != 0 {
		if tag == w.skip {
			w.skipDeep++
		}
		return
	}
	hides := false
	href, alt := "", ""
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "href":
			href = string(value)
		case "alt":
			alt = string(value)
		case "hidden":
			hides = true
		case "style":
			hides = hides || hidesText(value)
		}
	}
	if w.hidden != 0 && tag == w.hidden {
		w.hiddenDeep++
	} else if hides && w.hidden == 0 && !isVoid(tag) {
		w.hidden, w.hiddenDeep = tag, 1
	}
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Template:
		w.skip, w.skipDeep = tag, 1
	case atom.Br:
		w.newline()
	case atom.Hr:
		w.block(1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table:
		w.block(2)
	case atom.Pre:
		w.block(2)
		w.pre++
	case atom.Blockquote:
		w.block(2)
		w.quotes++
	case atom.Ul, atom.Ol, atom.Menu:
		w.block(1)
		if len(w.lists) < mostLists {
			number := 0
			if tag == atom.Ol {
				number = 1
			}
			w.lists = append(w.lists, number)
		}
	case atom.Li:
		w.block(1)
		w.item()
	case atom.Tr:
		w.block(1)
		w.tab, w.inRow = false, false
	case atom.Td, atom.Th:
		w.tab = w.inRow
	case atom.A:
		w.closeLink()
		w.href, w.linkStart = href, w.out.Len()
	case atom.Img:
		if alt = strings.TrimSpace(alt); alt != "" {
			w.text([]byte("[" + alt + "]"))
		}
	default:
		if isBlock(tag) {
			w.block(1)
		}
	}
}

func (w *htmlWriter) end(tag atom.Atom) {
	if w.skip != 0 {
		if tag == w.skip {
			if w.skipDeep--; w.skipDeep == 0 {
				w.skip = 0
			}
		}
		return
	}
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table:
		w.block(2)
	case atom.Pre:
		w.pre = max(w.pre-1, 0)
		w.block(2)
	case atom.Blockquote:
		w.block(2)
		w.quotes = max(w.quotes-1, 0)
	case atom.Ul, atom.Ol, atom.Menu:
		if len(w.lists) > 0 {
			w.lists = w.lists[:len(w.lists)-1]
		}
		w.block(1)
	case atom.A:
		w.closeLink()
	default:
		if isBlock(tag) {
			w.block(1)
		}
	}
	if w.hidden != 0 && tag == w.hidden {
		if w.hiddenDeep--; w.hiddenDeep == 0 {
			w.closeHidden()
		}
	}
}

// block makes sure that what follows starts a new line, after an empty one if n is 2.
func (w *htmlWriter) block(n int) {
	w.space = false
	if w.out.Len() == 0 {
		return
	}
	if w.lineEmpty && w.breaks == 0 {
		n-- // the line that we are in is empty but for a list mark
	}
	w.breaks = max(w.breaks, n)
}

// newline is <br>: each counts.
func (w *htmlWriter) newline() {
	w.space = false
	if w.out.Len() > 0 {
		w.breaks = min(w.breaks+1, 3)
	}
}

func (w *htmlWriter) item() {
	indent, mark := 0, "- "
	if n := len(w.lists); n > 0 {
		indent = n - 1
		if number := w.lists[n-1]; number > 0 {
			mark = strconv.Itoa(number) + ". "
			w.lists[n-1]++
		}
	}
	w.lead()
	w.out.WriteString(strings.Repeat("  ", indent))
	w.out.WriteString(mark)
	w.lineEmpty = true
}

// lead writes the line endings that are due, and the marks of the new line.
func (w *htmlWriter) lead() {
	fresh := w.out.Len() == 0
	marks := min(w.quotes, mostQuoteMarks)
	for ; w.breaks > 0; w.breaks-- {
		w.out.WriteByte('\n')
		fresh = true
		if between := min(marks, w.marks); w.breaks > 1 && between > 0 {
			w.out.WriteString(strings.Repeat("> ", between-1) + ">")
		}
	}
	if fresh {
		w.out.WriteString(strings.Repeat("> ", marks))
		w.marks, w.lineEmpty, w.space = marks, true, false
	}
}

func (w *htmlWriter) text(b []byte) {
	if w.pre > 0 {
		for {
			line, rest, more := bytes.Cut(b, []byte("\n"))
			if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
				w.word(line)
			}
			if !more {
				return
			}
			w.newline()
			b = rest
		}
	}
	for len(b) > 0 {
		if isSpace(b[0]) {
			w.space = true
			b = b[1:]
			continue
		}
		n := 1
		for n < len(b) && !isSpace(b[n]) {
			n++
		}
		w.word(b[:n])
		b = b[n:]
	}
}

func (w *htmlWriter) word(b []byte) {
	w.lead()
	if w.tab {
		w.out.WriteByte('\t')
		w.tab, w.space = false, false
	}
	if w.space && !w.lineEmpty {
		w.out.WriteByte(' ')
	}
	if w.hidden != 0 && !w.hiddenOpen {
		w.out.WriteString("[hidden: ")
		w.hiddenOpen = true
	}
	w.space, w.lineEmpty, w.inRow = false, false, true
	for {
		// A no-break space is a matter of layout.
		i := bytes.Index(b, []byte("\u00a0"))
		if i < 0 {
			w.out.Write(b)
			return
		}
		w.out.Write(b[:i])
		w.out.WriteByte(' ')
		b = b[i+len("\u00a0"):]
	}
}

func (w *htmlWriter) closeHidden() {
	if w.hiddenOpen {
		w.out.WriteByte(']')
	}
	w.hidden, w.hiddenDeep, w.hiddenOpen = 0, 0, false
}

// closeLink writes where a link leads if its text does not say so.
func (w *htmlWriter) closeLink() {
	href := strings.TrimSpace(w.href)
	w.href = ""
	if href == "" || len(href) > 2000 || w.linkStart == w.out.Len() {
		return
	}
	address := href
	for _, scheme := range [...]string{"https://", "http://", "mailto:"} {
		if len(href) > len(scheme) && strings.EqualFold(href[:len(scheme)], scheme) {
			address = href[len(scheme):]
		}
	}
	if address == href {
		return // a place in the document, or what is no address
	}
	if strings.Contains(w.out.String()[w.linkStart:], strings.TrimRight(address, "/")) {
		return
	}
	w.out.WriteString(" [" + strings.Map(visible, href) + "]")
}

func visible(c rune) rune {
	if c < ' ' || c == 0x7f {
		return -1
	}
	return c
}

// hidesText tells a style that makes the text of an element invisible.
func hidesText(style []byte) bool {
	if len(style) > 4096 {
		style = style[:4096]
	}
	s := strings.ToLower(string(style))
	if !strings.Contains(s, "none") && !strings.Contains(s, "hidden") && !strings.Contains(s, "size") && !strings.Contains(s, "mso-hide") {
		return false
	}
	for declaration := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		switch strings.TrimSpace(name) {
		case "display":
			if value == "none" {
				return true
			}
		case "visibility":
			if value == "hidden" {
				return true
			}
		case "mso-hide":
			if value == "all" {
				return true
			}
		case "font-size":
			if value == "0" || value == "0px" || value == "0pt" || value == "0em" {
				return true
			}
		}
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Img, atom.Br, atom.Hr, atom.Input, atom.Meta, atom.Link, atom.Area, atom.Base, atom.Col, atom.Embed, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Div, atom.Tr, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Address, atom.Article, atom.Aside, atom.Center, atom.Fieldset, atom.Figure,
		atom.Figcaption, atom.Footer, atom.Form, atom.Header, atom.Main, atom.Nav, atom.Section, atom.Caption, atom.Thead, atom.Tbody, atom.Tfoot, atom.Body, atom.Html, atom.Option:
		return true
	}
	return false
}
