package message

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
)

// cp1252 is what windows-1252 has at 0x80 to 0x9F; its five holes are control characters, as browsers read them.
var cp1252 = [32]rune{
	0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
}

// charsetAliases are labels that mail carries, and supersets that mail means, by the name that go-message knows.
var charsetAliases = map[string]string{
	"gb2312": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "euc-cn": "gb18030",
	"ks_c_5601-1987": "euc-kr", "ks_c_5601-1989": "euc-kr", "cp949": "euc-kr", "5601": "euc-kr",
	"cp932": "shift_jis", "ms932": "shift_jis", "x-sjis": "shift_jis", "sjis": "shift_jis", "cp950": "big5", "x-euc-jp": "euc-jp",
	"iso-8859-9": "windows-1254", "iso-8859-11": "windows-874", "tis-620": "windows-874", "iso-8859-8-i": "iso-8859-8",
	"cp1250": "windows-1250", "cp1251": "windows-1251", "win-1251": "windows-1251", "cp1253": "windows-1253", "cp1254": "windows-1254",
	"cp1255": "windows-1255", "cp1256": "windows-1256", "cp1257": "windows-1257", "cp1258": "windows-1258",
	"cp-850": "ibm850", "cp850": "ibm850", "cp437": "ibm437", "cp866": "ibm866", "koi8": "koi8-r", "iso-8859-1-windows-3.1-latin-1": "windows-1252",
}

// charsetName returns the label without what does not belong to it, in lower case.
func charsetName(label string) string {
	label = strings.Trim(label, " \t\r\n\"'<>;")
	if i := strings.IndexByte(label, '*'); i > 0 {
		label = label[:i] // RFC 2231 §5 appends a language
	}
	return strings.ToLower(label)
}

// decodeCharset returns b as UTF-8 and CharsetUnknown or CharsetInvalid if that took a guess: octets that the charset does not
// explain are read as UTF-8 where they are, else as windows-1252.
func decodeCharset(label string, b []byte) (string, DefectKind) {
	name := charsetName(label)
	switch name {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "utf-8", "utf8", "unicode-1-1-utf-8", "x-unknown", "unknown", "unknown-8bit", "utf-8mb4":
		s, clean := decodeLoose(b)
		switch {
		case strings.Contains(name, "unknown") && !isASCII(b):
			return s, CharsetUnknown
		case !clean, !strings.HasPrefix(name, "utf") && !isASCII(b):
			return s, CharsetInvalid
		}
		return s, ""
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1", "iso-8859-1:1987", "windows-1252", "cp1252", "x-cp1252", "ansi", "ms-ansi", "cp-1252", "win-1252":
		return decode1252(b), ""
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return decodeUTF7(b)
	}
	if alias, ok := charsetAliases[name]; ok {
		name = alias
	}
	if s, ok := decodeForeign(name, b); ok {
		if strings.ContainsRune(s, utf8.RuneError) {
			return s, CharsetInvalid
		}
		return s, ""
	}
	s, _ := decodeLoose(b)
	return s, CharsetUnknown
}

// decodeForeign leaves the tables to go-message.
func decodeForeign(name string, b []byte) (string, bool) {
	if len(name) > 64 {
		return "", false
	}
	r, err := charset.Reader(name, strings.NewReader(string(b)))
	if err != nil {
		return "", false
	}
	out, err := io.ReadAll(r)
	if err != nil {
		return "", false
	}
	// The encoding "replacement" of browsers turns all into one U+FFFD: that is no decoding.
	if string(out) == "\ufffd" && len(b) > 1 {
		return "", false
	}
	return strings.ToValidUTF8(string(out), "\ufffd"), true
}

// decodeLoose returns b if it is UTF-8, else each octet that is not as windows-1252; clean tells that all was UTF-8.
func decodeLoose(b []byte) (s string, clean bool) {
	if utf8.Valid(b) {
		return string(b), true
	}
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			n := asciiPrefix(b)
			out.Write(b[:n])
			b = b[n:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r = rune1252(b[0])
		}
		out.WriteRune(r)
		b = b[n:]
	}
	return out.String(), false
}

func decode1252(b []byte) string {
	if isASCII(b) {
		return string(b)
	}
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		n := asciiPrefix(b)
		out.Write(b[:n])
		if b = b[n:]; len(b) > 0 {
			out.WriteRune(rune1252(b[0]))
			b = b[1:]
		}
	}
	return out.String()
}

func rune1252(c byte) rune {
	if c >= 0x80 && c < 0xa0 {
		return cp1252[c-0x80]
	}
	return rune(c)
}

// decodeUTF7 is RFC 2152; what it cannot read stays as it is.
func decodeUTF7(b []byte) (string, DefectKind) {
	var out strings.Builder
	kind := DefectKind("")
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			if b[i] >= utf8.RuneSelf {
				kind = CharsetInvalid
			}
			out.WriteRune(rune1252(b[i]))
			continue
		}
		end := i + 1
		for end < len(b) && b64Table[b[end]] < 64 {
			end++
		}
		octets, err := base64.RawStdEncoding.DecodeString(string(b[i+1 : end]))
		switch {
		case end == i+1 && end < len(b) && b[end] == '-':
			out.WriteByte('+')
		case err != nil || end == i+1:
			kind = CharsetInvalid
			out.Write(b[i:end])
			i = end - 1
			continue
		}
		units := make([]uint16, len(octets)/2)
		for k := range units {
			units[k] = binary.BigEndian.Uint16(octets[2*k:])
		}
		out.WriteString(string(utf16.Decode(units)))
		i = end - 1
		if end < len(b) && b[end] == '-' {
			i = end
		}
	}
	return out.String(), kind
}

// isASCII tells whether all octets are below 0x80.
func isASCII(b []byte) bool { return asciiPrefix(b) == len(b) }

// asciiPrefix returns how many octets at the start are below 0x80.
func asciiPrefix(b []byte) int {
	n := 0
	for len(b)-n >= 8 && binary.LittleEndian.Uint64(b[n:])&0x8080808080808080 == 0 {
		n += 8
	}
	for n < len(b) && b[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// unixLines turns CRLF and CR into LF.
func unixLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\r')
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:i])
		out.WriteByte('\n')
		s = strings.TrimPrefix(s[i+1:], "\n")
	}
}
