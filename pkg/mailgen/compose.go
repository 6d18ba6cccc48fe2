package mailgen

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/dkim"
)

// Message is one composed message.
type Message struct {
	Sender   string    // of the From_ line
	Received time.Time // of the From_ line, UTC
	Flags    string    // of the Maildir; "new": not yet seen
	Raw      []byte    // LF
}

// composer turns a source text into a message. A source is the message as it is to be, UTF-8 and LF, with directives on lines of their own:
//
//	%%envelope SENDER TIME FLAGS     first line: From_ line and Maildir flags
//	%%dkim d= s= [c=] [t=] [x=] [l=] [i=] [a=] h=   a DKIM-Signature over what is below, with the key keys/TEST-KEY.s._domainkey.d.pem
//	%%arc d= s= cv= [t=] h=          an ARC set (RFC 8617, i=1) over what is below; the next line begins its ARC-Authentication-Results
//	%%encode ENCODING CHARSET        up to %%end: text that is sent in this encoding and charset
//	%%attach FILE                    the bytes of a file beside the source, in base64
//	%%after-signing                  what follows was added to the body after the message was signed
//
// Signatures are made from the bottom upwards, as mail servers do.
type composer struct {
	files fs.FS // keys/ and source/
}

func (c *composer) compose(name string) (*Message, error) {
	text, err := fs.ReadFile(c.files, name)
	if err != nil {
		return nil, err
	}
	m, err := c.message(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func (c *composer) message(text string) (*Message, error) {
	first, rest, _ := strings.Cut(text, "\n")
	words := strings.Fields(first)
	if len(words) != 4 || words[0] != "%%envelope" {
		return nil, fmt.Errorf("the first line is not %%%%envelope SENDER TIME FLAGS: %q", first)
	}
	at, err := time.Parse(time.RFC3339, words[2])
	if err != nil {
		return nil, err
	}
	header, body, found := strings.Cut(rest, "\n\n")
	if !found {
		return nil, fmt.Errorf("no empty line after the header")
	}
	signed, late, _ := strings.Cut(body, "%%after-signing\n")
	content, err := c.body(signed)
	if err != nil {
		return nil, err
	}
	fields, err := c.header(header+"\n", content)
	if err != nil {
		return nil, err
	}
	raw := append(append([]byte(fields), '\n'), content...)
	return &Message{Sender: words[1], Received: at.UTC(), Flags: words[3], Raw: append(raw, late...)}, nil
}

// body carries out %%encode and %%attach.
func (c *composer) body(text string) ([]byte, error) {
	var out []byte
	for len(text) > 0 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "%%encode ") && len(words) == 3:
			inner, after, found := strings.Cut(text, "%%end\n")
			if !found {
				return nil, fmt.Errorf("no %%%%end after %q", line)
			}
			encoded, err := encode(inner, words[1], words[2])
			if err != nil {
				return nil, err
			}
			out, text = append(out, encoded...), after
		case strings.HasPrefix(line, "%%attach ") && len(words) == 2:
			data, err := fs.ReadFile(c.files, path.Join("source", words[1]))
			if err != nil {
				return nil, err
			}
			out = append(out, wrapped(base64.StdEncoding.EncodeToString(data))...)
		case strings.HasPrefix(line, "%%"):
			return nil, fmt.Errorf("unknown directive %q", line)
		default:
			out = append(append(out, line...), '\n')
		}
	}
	return out, nil
}

func encode(text, encoding, charset string) ([]byte, error) {
	raw := []byte(text)
	switch charset {
	case "utf-8":
	case "iso-8859-1", "windows-1252": // the texts have no letters in which these two differ
		raw = appendLatin1(nil, raw)
	default:
		return nil, fmt.Errorf("charset %q is not known here", charset)
	}
	switch encoding {
	case "8bit":
		return raw, nil
	case "quoted-printable":
		return appendQuotedPrintable(nil, raw), nil
	case "base64": // text is encoded with CRLF line endings (RFC 2045 §6.8)
		return []byte(wrapped(base64.StdEncoding.EncodeToString(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))))), nil
	}
	return nil, fmt.Errorf("encoding %q is not known here", encoding)
}

func wrapped(s string) string {
	var b strings.Builder
	for s != "" {
		n := min(len(s), 76)
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String()
}

// header carries out %%dkim and %%arc, the lowest first.
func (c *composer) header(text string, body []byte) (string, error) {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	done := ""
	for i := len(lines) - 1; i >= 0; i-- {
		line := lines[i]
		var field string
		var err error
		switch {
		case strings.HasPrefix(line, "%%dkim "):
			field, err = c.sign(line, done, body)
		case strings.HasPrefix(line, "%%arc "):
			field, err = c.seal(line, done, body)
		case strings.HasPrefix(line, "%%"):
			err = fmt.Errorf("unknown directive %q", line)
		default:
			field = line
		}
		if err != nil {
			return "", err
		}
		done = field + done
	}
	return done, nil
}

// fields cuts a header (LF) for package dkim, which wants nothing but whole fields.
func fields(header string) []dkim.Field {
	var out []dkim.Field
	for line := range strings.Lines(header) {
		if n := len(out); n > 0 && strings.HasPrefix(line, " ") || n > 0 && strings.HasPrefix(line, "\t") {
			out[n-1].Raw = append(out[n-1].Raw, line...)
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		out = append(out, dkim.Field{Name: name, Raw: []byte(line)})
	}
	return out
}

// arguments reads "k=v" words.
func arguments(line string) (map[string]string, error) {
	out := map[string]string{}
	for _, word := range strings.Fields(line)[1:] {
		k, v, found := strings.Cut(word, "=")
		if !found {
			return nil, fmt.Errorf("%q is not key=value", word)
		}
		out[k] = v
	}
	return out, nil
}

func moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, s)
}

func (c *composer) sign(line, header string, body []byte) (string, error) {
	args, err := arguments(line)
	if err != nil {
		return "", err
	}
	o := dkim.SignOptions{Domain: args["d"], Selector: args["s"], Canonicalization: args["c"], Algorithm: args["a"], Identity: args["i"], Fields: strings.Split(args["h"], ":")}
	if o.SignedAt, err = moment(args["t"]); err != nil {
		return "", err
	}
	if o.ExpiresAt, err = moment(args["x"]); err != nil {
		return "", err
	}
	if args["l"] != "" {
		length, err := strconv.ParseInt(args["l"], 10, 64)
		if err != nil {
			return "", err
		}
		o.BodyLength = &length
	}
	if o.Key, err = c.key(o.Selector + "._domainkey." + o.Domain); err != nil {
		return "", err
	}
	field, err := dkim.Sign(fields(header), bytes.NewReader(body), o)
	return strings.ReplaceAll(field, "\r\n", "\n"), err
}

const keyPrefix = "TEST-KEY."

// key finds the private key of a record name, published or not.
func (c *composer) key(name string) (crypto.Signer, error) {
	for _, dir := range []string{"keys", "keys/unpublished"} {
		data, err := fs.ReadFile(c.files, dir+"/"+keyPrefix+name+".pem")
		if err != nil {
			continue
		}
		return parseKey(data)
	}
	return nil, fmt.Errorf("no key for %s", name)
}

func parseKey(data []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", key)
	}
	return signer, nil
}
