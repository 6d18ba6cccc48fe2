package message

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Remote is a host that a mail program would have asked for something on showing the HTML of a message: pictures, styles, frames, web bugs.
type Remote struct {
	Host   string `json:"host"`   // lower case, without port; "" for the hosts beyond the first 100 together
	Count  int    `json:"count"`  // references to it
	Pixels int    `json:"pixels"` // of these, pictures that nobody can see: 1 by 1 at most, or hidden
}

const (
	mostHosts   = 100     // that are named
	mostAddress = 8 << 10 // octets of a reference that is read
	mostHost    = 255     // octets of a name (RFC 1035 §2.3.4)
)

// remotes gathers what HTML refers to.
type remotes struct {
	hosts map[string]*Remote
	rest  Remote
	base  string // host of <base href>, which references without one belong to
}

// list gives the hosts by name, what is beyond the bound at the end.
func (r *remotes) list() []Remote {
	var out []Remote
	for _, h := range r.hosts {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Remote) int { return cmp.Compare(a.Host, b.Host) })
	if r.rest.Count > 0 {
		out = append(out, r.rest)
	}
	return out
}

// read goes through the tags of a document. Whatever is loaded stands in an attribute or in a style sheet (HTML, CSS Values 4 §4.5); time is linear in len(doc).
// What the document says only to Outlook, in a conditional comment, is read too.
func (r *remotes) read(doc []byte, comments bool) {
	z := html.NewTokenizer(bytes.NewReader(doc))
	style := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if style {
				r.css(z.Raw())
			}
		case html.CommentToken:
			if c := z.Raw(); comments && bytes.Contains(c[:min(len(c), 64)], []byte("[if")) {
				if at := bytes.IndexByte(c[4:], '>'); at >= 0 {
					r.read(c[4+at+1:], false)
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			style = tag == atom.Style
			if more {
				r.tag(z, tag)
			}
		case html.EndTagToken:
			style = false
		}
	}
}

// tag reads the attributes of one element.
func (r *remotes) tag(z *html.Tokenizer, tag atom.Atom) {
	var found []string
	var rel, href string
	width, height, unseen, refresh := -1, -1, false, false
	content := ""
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "src", "background", "poster", "lowsrc", "dynsrc":
			found = append(found, string(value))
		case "data":
			if tag == atom.Object {
				found = append(found, string(value))
			}
		case "srcset", "imagesrcset":
			found = append(found, candidates(string(value))...)
		case "href", "xlink:href":
			href = string(value)
		case "rel":
			rel = strings.ToLower(string(value))
		case "style":
			r.css(value)
			w, h := cssLength(value, "width"), cssLength(value, "height")
			width, height = max(w, width), max(h, height)
			unseen = unseen || hidesText(value)
		case "hidden":
			unseen = true
		case "width":
			width = max(width, length(string(value)))
		case "height":
			height = max(height, length(string(value)))
		case "http-equiv":
			refresh = strings.EqualFold(string(value), "refresh")
		case "content":
			content = string(value)
		}
	}
	switch tag {
	case atom.Base:
		if h, ok := hostOf(href, ""); ok && r.base == "" {
			r.base = h
		}
		return
	case atom.Link:
		if loads(rel) {
			found = append(found, href)
		}
	case atom.Meta:
		if _, to, ok := strings.Cut(content, "="); refresh && ok {
			found = append(found, strings.Trim(to, `"' `))
		}
	case atom.A, atom.Area:
	default: // <image>, <use> and the like of SVG
		if href != "" {
			found = append(found, href)
		}
	}
	picture := tag == atom.Img || tag == atom.Image || tag == atom.Input
	for _, address := range found {
		r.add(address, picture && (unseen || width >= 0 && width <= 1 && height >= 0 && height <= 1))
	}
}

// loads tells the relations of a link for which a browser fetches it (HTML §4.6.7).
func loads(rel string) bool {
	return slices.ContainsFunc(strings.Fields(rel), func(r string) bool {
		switch r {
		case "stylesheet", "icon", "apple-touch-icon", "preload", "prefetch", "prerender", "preconnect", "dns-prefetch", "modulepreload", "manifest":
			return true
		}
		return false
	})
}

func (r *remotes) add(address string, pixel bool) {
	host, ok := hostOf(address, r.base)
	if !ok {
		return
	}
	at := r.hosts[host]
	switch {
	case at != nil:
	case len(r.hosts) == mostHosts:
		at = &r.rest
	default:
		if r.hosts == nil {
			r.hosts = map[string]*Remote{}
		}
		at = &Remote{Host: host}
		r.hosts[host] = at
	}
	at.Count++
	if pixel {
		at.Pixels++
	}
}

// hostOf gives the host that a reference leads to, read as browsers read it (WHATWG URL §4.4: white space falls out, a backslash is a slash). A reference that
// names none belongs to base. Shares of a Windows network count: to open one tells who opened it.
func hostOf(address, base string) (string, bool) {
	if len(address) > mostAddress {
		address = address[:mostAddress]
	}
	address = strings.Map(func(c rune) rune {
		switch {
		case c <= ' ':
			return -1
		case c == '\\':
			return '/'
		}
		return c
	}, address)
	rest, scheme := address, ""
	if colon := strings.IndexAny(address, ":/?#"); colon > 0 && address[colon] == ':' {
		scheme, rest = strings.ToLower(address[:colon]), address[colon+1:]
	}
	slashes := len(rest) - len(strings.TrimLeft(rest, "/"))
	switch {
	case scheme == "http", scheme == "https": // however many slashes
	case (scheme == "" || scheme == "ftp" || scheme == "file") && slashes >= 2:
		if scheme == "file" && slashes > 2 {
			return "", false // of the reader's own machine
		}
	case scheme == "" && address != "" && address[0] != '#' && base != "":
		return base, true
	default:
		return "", false
	}
	rest = rest[slashes:]
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if unescaped, err := url.PathUnescape(rest); err == nil {
		rest = unescaped
	}
	if end := strings.IndexByte(rest, ']'); strings.HasPrefix(rest, "[") && end > 0 {
		rest = rest[:end+1]
	} else if colon := strings.IndexByte(rest, ':'); colon >= 0 {
		rest = rest[:colon]
	}
	host := strings.ToValidUTF8(strings.ToLower(rest), "\ufffd")
	if host == "" || len(host) > mostHost || strings.ContainsAny(host, "\"'<>{}|^`%") || strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return "", false
	}
	return host, true
}

// candidates gives the addresses of a srcset (HTML §4.8.4.2.1).
func candidates(set string) []string {
	var out []string
	for len(out) < mostHosts {
		set = strings.TrimLeft(set, " \t\r\n\f,")
		if set == "" {
			break
		}
		end := strings.IndexAny(set, " \t\r\n\f")
		if end < 0 {
			end = len(set)
		}
		address := set[:end]
		set = set[end:]
		if trimmed := strings.TrimRight(address, ","); trimmed != address {
			out = append(out, trimmed)
			continue
		}
		out = append(out, address)
		if comma := strings.IndexByte(set, ','); comma >= 0 {
			set = set[comma:]
		} else {
			set = ""
		}
	}
	return out
}

// css notes what a style sheet, or the style of one element, loads: url() and the string of an @import (CSS Values 4 §4.5, CSS Cascade 5 §2).
func (r *remotes) css(sheet []byte) {
	for len(sheet) > 0 {
		at := bytes.IndexAny(sheet, "(@")
		if at < 0 {
			return
		}
		rest := sheet[at+1:]
		switch {
		case sheet[at] == '(' && at >= 3 && bytes.EqualFold(sheet[at-3:at], []byte("url")):
		case sheet[at] == '@' && len(rest) > 6 && bytes.EqualFold(rest[:6], []byte("import")):
			rest = bytes.TrimLeft(rest[6:], " \t\r\n\f")
			if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
				sheet = rest // an url() follows, or nothing
				continue
			}
		default:
			sheet = rest
			continue
		}
		rest = bytes.TrimLeft(rest, " \t\r\n\f")
		ends := byte(')')
		if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
			ends, rest = rest[0], rest[1:]
		}
		value := rest[:min(len(rest), mostAddress)]
		if end := bytes.IndexByte(value, ends); end >= 0 {
			value = value[:end]
		}
		r.add(string(value), false)
		sheet = rest[len(value):] // what was read is not read again: linear, whatever stands in it
	}
}

// cssLength reads a length of the style of an element, in whole pixels; -1 where it has none.
func cssLength(style []byte, name string) int {
	for declaration := range strings.SplitSeq(strings.ToLower(string(style[:min(len(style), 4096)])), ";") {
		if key, value, ok := strings.Cut(declaration, ":"); ok && strings.TrimSpace(key) == name {
			return length(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		}
	}
	return -1
}

// length reads "1", "1px", "0.5": the number rounded up; -1 where it is none or has another unit.
func length(s string) int {
	s = strings.TrimSuffix(strings.TrimSpace(strings.ToLower(s)), "px")
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || f < 0 || f != f:
		return -1
	case f <= 1:
		return 1
	}
	return 2
}
