package message

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	mostParams   = 200
	mostSections = 1000 // RFC 2231 §3 continuations of one parameter
)

// param is one parameter; its name is in lower case.
type param struct{ name, value string }

type paramList []param

func (l paramList) get(name string) string {
	for _, p := range l {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// ParseMediaType reads a field of the form of Content-Type or Content-Disposition: the value before the first ";" in lower case and
// the parameters by lower-case name, decoded (RFC 2045 §5.1, RFC 2231, and RFC 2047 where it does not belong). Broken forms are
// read as far as they can be; of repeated parameters the first counts. The defects stand at the offset of the field.
func ParseMediaType(f Field) (string, map[string]string, []Defect) {
	d := defects{most: 100}
	mediaType, list := parseMediaType(f, &d)
	params := make(map[string]string, len(list))
	for _, p := range list {
		params[p.name] = p.value
	}
	return mediaType, params, d.list
}

func parseMediaType(f Field, d *defects) (string, paramList) {
	s := f.Unfolded()
	i := 0
	for i < len(s) && s[i] != ';' && s[i] != '(' && s[i] != ' ' && s[i] != '\t' && s[i] != ',' {
		i++
	}
	mediaType := strings.ToLower(strings.Trim(s[:i], "\"'<>"))
	p := paramScan{s: s, i: i, offset: f.Offset, d: d}
	for !p.done() {
		p.next()
	}
	return mediaType, p.finish()
}

// paramScan walks over the parameters.
type paramScan struct {
	s        string
	i        int
	offset   int64
	d        *defects
	read     int
	list     paramList
	sections []section
}

// section is one piece of a parameter that is continued or that declares its charset (RFC 2231).
type section struct {
	name     string
	number   int
	extended bool
	value    string
}

func (p *paramScan) done() bool {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ';' || c == ' ' || c == '\t' || c == ',' || c == '\r' || c == '\n':
			p.i++
		case c == '(':
			p.i = skipComment(p.s, p.i)
		default:
			return p.read >= mostParams+mostSections
		}
	}
	return true
}

// skipComment returns where the comment that starts at i ends; one that is not closed takes all.
func skipComment(s string, i int) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return len(s)
}

func (p *paramScan) next() {
	p.read++
	start := p.i
	for p.i < len(p.s) && !strings.ContainsRune("=;\"", rune(p.s[p.i])) {
		p.i++
	}
	name := strings.ToLower(strings.TrimSpace(p.s[start:p.i]))
	if p.i == len(p.s) || p.s[p.i] != '=' || name == "" {
		if p.i < len(p.s) && p.s[p.i] != ';' {
			p.i++
		}
		p.d.add(ParameterInvalid, p.offset, "a parameter has no name and value: "+brief(p.s[start:p.i]))
		return
	}
	p.i++
	if k := strings.LastIndexAny(name, " \t"); k >= 0 {
		name = name[k+1:] // what stood before is no parameter
		p.d.add(ParameterInvalid, p.offset, "text before the parameter "+brief(name))
	}
	p.add(name, p.value())
}

func (p *paramScan) value() string {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t') {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '"' {
		return p.quoted()
	}
	rest := p.s[p.i:]
	end := len(rest)
	if k := strings.IndexByte(rest, ';'); k >= 0 {
		end = k
	}
	value := rest[:end]
	// A ";" may be missing between two parameters; white space may also belong to an unquoted file name.
	for from := 0; ; {
		k := strings.IndexAny(value[from:], " \t")
		if k < 0 {
			break
		}
		from += k + 1
		if eq := strings.IndexByte(value[from:min(len(value), from+24)], '='); eq > 0 && usualParam(strings.ToLower(value[from:from+eq])) {
			p.d.add(ParameterInvalid, p.offset, "no \";\" before the parameter "+brief(value[from:from+eq]))
			end, value = from, value[:from]
			break
		}
	}
	p.i += end
	value = strings.TrimSpace(value)
	if k := strings.Index(value, " ("); k > 0 && strings.HasSuffix(value, ")") {
		value = value[:k] // RFC 2045 allows a comment
	} else if strings.ContainsAny(value, " \t") {
		p.d.add(ParameterInvalid, p.offset, "a value with white space is not quoted")
	}
	return value
}

func usualParam(name string) bool {
	switch strings.TrimRight(name, "*0123456789") {
	case "charset", "boundary", "name", "filename", "format", "delsp", "type", "start", "protocol", "micalg", "report-type", "reply-type", "size", "method":
		return true
	}
	return false
}

func (p *paramScan) quoted() string {
	p.i++
	start := p.i
	var out []byte
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			raw := p.s[start:p.i]
			p.i++
			if out != nil {
				return string(out)
			}
			return raw
		case c == '\\' && p.i+1 < len(p.s) && (p.s[p.i+1] == '"' || p.s[p.i+1] == '\\'):
			if out == nil {
				out = append(make([]byte, 0, len(p.s)-start), p.s[start:p.i]...)
			}
			out = append(out, p.s[p.i+1])
			p.i += 2
			continue
		case out != nil:
			out = append(out, c)
		}
		p.i++
	}
	p.d.add(ParameterInvalid, p.offset, "a quoted value does not end")
	if out != nil {
		return string(out)
	}
	return p.s[start:]
}

func (p *paramScan) add(name, value string) {
	base, extended := strings.CutSuffix(name, "*")
	number, continued := 0, false
	if k := strings.LastIndexByte(base, '*'); k > 0 {
		if n, err := strconv.Atoi(base[k+1:]); err == nil && n >= 0 {
			base, number, continued = base[:k], n, true
		}
	}
	switch {
	case extended || continued:
		if len(p.sections) < mostSections {
			p.sections = append(p.sections, section{base, number, extended, value})
		}
	case p.list.get(name) != "":
		p.d.add(ParameterInvalid, p.offset, "the parameter "+brief(name)+" is repeated")
	case len(p.list) < mostParams:
		if strings.Contains(value, "=?") {
			value, _ = decodeWords(value)
		}
		p.list = append(p.list, param{name, value})
	}
}

// finish joins the sections; a parameter in the form of RFC 2231 counts before the plain one, as RFC 6266 §4.3 has it.
func (p *paramScan) finish() paramList {
	slices.SortStableFunc(p.sections, func(a, b section) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return a.number - b.number
	})
	for i := 0; i < len(p.sections); {
		j := i
		for j < len(p.sections) && p.sections[j].name == p.sections[i].name {
			j++
		}
		name, value := p.sections[i].name, p.join(p.sections[i:j])
		if k := slices.IndexFunc(p.list, func(q param) bool { return q.name == name }); k >= 0 {
			p.list[k].value = value
		} else {
			p.list = append(p.list, param{name, value})
		}
		i = j
	}
	return p.list
}

func (p *paramScan) join(sections []section) string {
	charset := ""
	var octets []byte
	for i, s := range sections {
		if i > 0 && s.number == sections[i-1].number {
			p.d.add(ParameterInvalid, p.offset, fmt.Sprintf("section %d of the parameter %s is repeated", s.number, brief(s.name)))
			continue
		}
		if i > 0 && s.number != sections[i-1].number+1 {
			p.d.add(ParameterInvalid, p.offset, fmt.Sprintf("section %d of the parameter %s is missing", sections[i-1].number+1, brief(s.name)))
		}
		value := s.value
		if !s.extended {
			octets = append(octets, value...)
			continue
		}
		if i == 0 {
			if parts := strings.SplitN(value, "'", 3); len(parts) == 3 {
				charset, value = parts[0], parts[2]
			}
		}
		octets = unpercent(octets, value)
	}
	text, kind := decodeCharset(charset, octets)
	if kind == CharsetUnknown || kind == CharsetInvalid && charset != "" {
		p.d.add(ParameterInvalid, p.offset, "the parameter "+brief(sections[0].name)+" is not in its charset "+brief(charset))
	}
	if strings.Contains(text, "=?") {
		text, _ = decodeWords(text)
	}
	return text
}

func unpercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
				dst = append(dst, hi<<4|lo)
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}
