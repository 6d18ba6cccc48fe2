package dkim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	maxKeyLine = 1 << 20 // of a key file; with parentheses, of one entry
	maxSkipped = 20
	maxAliases = 8
)

// ReadKeys reads key records: our snapshot, a zone file (RFC 1035 §5: $ORIGIN, parentheses, several strings, time-to-live and class optional,
// CNAMEs followed), or dumps of one record a line as in
//
//	selector._domainkey.example.com TXT "v=DKIM1; p=…"
//	selector._domainkey.example.com	v=DKIM1; p=…
//
// Names without a _domainkey label are passed over. Lines not understood are told by Skipped; an error is trouble with reading. A record under
// a time of retrieval as our snapshots tell it counts as snapshot where origin is file.
func ReadKeys(r io.Reader, origin KeyOrigin) (*Keys, error) {
	z := &zone{keys: &Keys{records: map[string][]Record{}}, origin: origin, aliases: map[string]string{}}
	lines := bufio.NewReaderSize(r, 64<<10)
	for z.line = 1; ; z.line++ {
		line, err := readLine(lines)
		if errors.Is(err, errLongLine) {
			z.skip("the line is longer than %d bytes", maxKeyLine)
			continue
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		z.read(line)
		if err == io.EOF {
			break
		}
	}
	if z.open {
		z.skip("a parenthesis is not closed")
	}
	z.follow()
	return z.keys, nil
}

var errLongLine = errors.New("line too long")

// readLine gives a line without its ending; the rest of a line that is too long is dropped.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxKeyLine {
			long = true
		}
		if !long {
			line = append(line, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if long && (err == nil || err == io.EOF) {
			if err == io.EOF {
				return "", io.EOF
			}
			return "", errLongLine
		}
		return strings.TrimRight(string(line), "\r\n"), err
	}
}

type zone struct {
	keys    *Keys
	origin  KeyOrigin
	line    int
	suffix  string // $ORIGIN
	owner   string // of the entry before
	comment Record // what our own comment says of the next record
	entry   strings.Builder
	open    bool // within parentheses
	aliases map[string]string
	order   []string // of aliases
}

func (z *zone) skip(format string, args ...any) {
	if len(z.keys.skipped) < maxSkipped {
		z.keys.skipped = append(z.keys.skipped, fmt.Sprintf("line %d: ", z.line)+fmt.Sprintf(format, args...))
	}
}

func (z *zone) read(line string) {
	if z.line == 1 {
		line = strings.TrimPrefix(line, "\uFEFF")
	}
	trimmed := strings.TrimSpace(line)
	switch {
	case z.open:
		z.gather(line)
	case trimmed == "" || trimmed[0] == '#':
	case trimmed[0] == ';':
		readProvenance(trimmed, &z.comment)
	case strings.HasPrefix(strings.ToUpper(trimmed), "$ORIGIN"):
		z.suffix = strings.TrimSuffix(z.absolute(firstWord(trimmed[len("$ORIGIN"):])), ".")
	case trimmed[0] == '$':
	default:
		z.entryLine(line)
	}
}

func firstWord(s string) string {
	if fields := strings.Fields(s); len(fields) > 0 {
		return fields[0]
	}
	return ""
}

// entryLine reads owner, time-to-live, class and type, then the data in one of the two forms.
func (z *zone) entryLine(line string) {
	rest := line
	if line[0] != ' ' && line[0] != '\t' {
		owner, after := word(line)
		z.owner, rest = owner, after
	}
	kind, data := "", ""
	for at, n := rest, 0; n < 3; n++ { // [time-to-live] [class] type, in either order
		w, after := word(at)
		switch upper := strings.ToUpper(w); {
		case upper == "IN" || upper == "CH" || upper == "HS" || isTTL(w):
			at = after
			continue
		case upper == "DESCRIPTIVE" && strings.HasPrefix(strings.TrimSpace(after), "text "): // as host(1) prints
			_, data = word(after)
			kind = "TXT"
		case isType(upper):
			kind, data = upper, after
		}
		break
	}
	data = strings.TrimSpace(data)
	switch {
	case kind == "TXT" && data != "" && (data[0] == '"' || data[0] == '('):
		z.entry.Reset()
		z.gather(data)
	case kind == "TXT":
		z.add(strings.ReplaceAll(data, `\;`, ";"))
	case kind == "CNAME":
		name := asciiDomain(z.absolute(z.owner))
		if _, known := z.aliases[name]; !known {
			z.order = append(z.order, name)
		}
		z.aliases[name] = asciiDomain(z.absolute(firstWord(data)))
	case kind != "":
	case strings.Contains(rest, "="): // name and record, nothing between
		z.add(strings.ReplaceAll(strings.Trim(strings.TrimSpace(rest), `"`), `\;`, ";"))
	case isKeyName(z.owner):
		z.skip("no TXT record: %q", clip(strings.TrimSpace(line)))
	}
}

func word(s string) (first, rest string) {
	s = strings.TrimLeft(s, " \t")
	if end := strings.IndexAny(s, " \t"); end >= 0 {
		return s[:end], s[end:]
	}
	return s, ""
}

func isTTL(s string) bool {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	return strings.Trim(s, "0123456789smhdwSMHDW") == ""
}

func isType(s string) bool {
	switch s {
	case "TXT", "CNAME", "A", "AAAA", "NS", "SOA", "MX", "SRV", "PTR", "CAA", "DS", "DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "TLSA",
		"SPF", "DNAME", "HTTPS", "SVCB", "SSHFP", "NAPTR", "HINFO", "LOC", "URI":
		return true
	}
	return false
}

// gather collects the quoted strings of an entry, over several lines where a parenthesis is open.
func (z *zone) gather(line string) {
	for i := 0; i < len(line); {
		switch c := line[i]; c {
		case '(':
			z.open = true
			i++
		case ')':
			z.open = false
			i++
		case ';':
			i = len(line)
		case ' ', '\t':
			i++
		case '"':
			text, after, closed := quoted(line[i+1:])
			if !closed {
				z.skip("a quoted string does not end")
			}
			z.entry.WriteString(text)
			i = len(line) - len(after)
		default:
			end := strings.IndexAny(line[i:], " \t();\"")
			if end < 0 {
				end = len(line) - i
			}
			z.entry.WriteString(unescape(line[i : i+end]))
			i += end
		}
		if z.entry.Len() > maxKeyLine {
			z.skip("the record is longer than %d bytes", maxKeyLine)
			z.entry.Reset()
			z.open = false
			return
		}
	}
	if !z.open {
		z.add(z.entry.String())
		z.entry.Reset()
	}
}

// quoted reads up to the closing quote and undoes escapes (RFC 1035 §5.1).
func quoted(s string) (text, rest string, closed bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return unescape(s[:i]), s[i+1:], true
		}
	}
	return unescape(s), "", false
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		if i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 10, 8); err == nil {
				out = append(out, byte(n))
				i += 3
				continue
			}
		}
		i++
		out = append(out, s[i])
	}
	return string(out)
}

// add keeps a record under the entry's owner, if that is a key name.
func (z *zone) add(txt string) {
	name := asciiDomain(z.absolute(z.owner))
	if isKeyName(name) {
		r := z.comment
		r.Name, r.TXT, r.Origin = name, txt, z.origin
		if r.RetrievedAt != nil && r.Origin == OriginFile {
			r.Origin = OriginSnapshot
		}
		z.keys.Add(r)
	} else if strings.HasSuffix(name, "._domainkey") {
		z.skip("%q names no domain, and there is no $ORIGIN", clip(name))
	}
	z.comment = Record{}
}

// absolute undoes escapes in a name and completes a relative one. Without $ORIGIN every name is taken as whole, as dumps write it.
func (z *zone) absolute(name string) string {
	whole := strings.HasSuffix(name, ".")
	name = unescape(name)
	switch {
	case z.suffix == "" || whole:
		return name
	case name == "@":
		return z.suffix
	}
	return name + "." + z.suffix
}

func isKeyName(name string) bool {
	selector, domain, found := strings.Cut(strings.ToLower(name), "._domainkey.")
	return found && selector != "" && strings.Trim(domain, ".") != ""
}

// follow gives the names that are aliases the records of what they stand for.
func (z *zone) follow() {
	for _, name := range z.order {
		target := z.aliases[name]
		for n := 1; n < maxAliases && z.aliases[target] != ""; n++ {
			target = z.aliases[target]
		}
		for _, r := range z.keys.records[target] {
			r.Name = name
			if isKeyName(name) {
				z.keys.Add(r)
			}
		}
	}
}
