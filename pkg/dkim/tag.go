package dkim

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Tag is one tag=value pair of a tag list (RFC 6376 §3.2).
type Tag struct {
	Name  string
	Value string // without the white space around it; folds inside are kept
	// Start and End bound everything between "=" and ";" (or the end of the list), white space included: what stands there is what is
	// taken away from b= before the signature is computed.
	Start, End int
}

// maxTags bounds a tag list: a real one has about a dozen.
const maxTags = 1000

// ParseTagList reads a tag list (RFC 6376 §3.2). The tags read up to the first error are returned with it. Two tags of one name make the
// whole list invalid. Empty places (";;") are let through, and so is any byte in a value: a verifier that computes needs no stricter grammar.
func ParseTagList(s []byte) ([]Tag, error) {
	tags := make([]Tag, 0, 12)
	var first error
	for at := 0; at < len(s); {
		end := bytes.IndexByte(s[at:], ';')
		if end < 0 {
			end = len(s)
		} else {
			end += at
		}
		spec := s[at:end]
		name, _, found := bytes.Cut(spec, []byte{'='})
		trimmed := string(bytes.Trim(name, fws))
		switch {
		case len(bytes.Trim(spec, fws)) == 0:
		case !found:
			first = errors.Join(first, fmt.Errorf("%q is no tag=value pair", clip(string(bytes.Trim(spec, fws)))))
		case trimmed == "" || strings.ContainsAny(trimmed, fws):
			first = errors.Join(first, fmt.Errorf("%q is no tag name", clip(trimmed)))
		case tagOf(tags, trimmed) != nil:
			first = errors.Join(first, fmt.Errorf("the tag %q stands twice", clip(trimmed)))
		default:
			start := at + len(name) + 1
			tags = append(tags, Tag{Name: trimmed, Value: string(bytes.Trim(s[start:end], fws)), Start: start, End: end})
		}
		if first != nil {
			return tags, first
		}
		if len(tags) > maxTags {
			return tags, fmt.Errorf("more than %d tags", maxTags)
		}
		at = end + 1
	}
	return tags, nil
}

// fws is what counts as white space in a tag list, whatever the line endings of the message.
const fws = " \t\r\n"

func tagOf(tags []Tag, name string) *Tag {
	for i := range tags {
		if tags[i].Name == name {
			return &tags[i]
		}
	}
	return nil
}

func tagValue(tags []Tag, name string) (value string, found bool) {
	if t := tagOf(tags, name); t != nil {
		return t.Value, true
	}
	return "", false
}

// stripFWS takes all white space out of s: base64 and name lists may be folded anywhere.
func stripFWS(s string) string {
	if !strings.ContainsAny(s, fws) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			out = append(out, c)
		}
	}
	return string(out)
}

// list splits a colon-separated list, in lower case.
func list(s string) []string {
	out := make([]string, 0, strings.Count(s, ":")+1)
	for item := range strings.SplitSeq(s, ":") {
		item = strings.Trim(item, fws)
		if strings.ContainsAny(item, fws) {
			item = strings.Join(strings.Fields(item), " ")
		}
		if item = strings.ToLower(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func decodeBase64(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(stripFWS(s), "="))
}

// clip makes what comes out of mail fit for our own sentences: short, on one line, UTF-8.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// unquote decodes dkim-quoted-printable (RFC 6376 §2.11): white space is dropped, =XX is one byte.
func unquote(s string) string {
	s = stripFWS(s)
	if !strings.Contains(s, "=") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if high, low := hexDigit(s[i+1]), hexDigit(s[i+2]); high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
