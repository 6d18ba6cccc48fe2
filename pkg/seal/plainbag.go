package seal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Bags that others made, of BagIt 0.93 (draft-kunze-bagit-03) to 1.0 (RFC 8493).

const (
	declarationFile = "bagit.txt"
	declared        = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
	fetchFile       = "fetch.txt"
)

var anyDeclaration = regexp.MustCompile(`\ABagIt-Version: (0\.9[3-7]|1\.0)\nTag-File-Character-Encoding: (\S+)\z`)

// textOf gives what makes UTF-8 of tag files, by the name of their encoding.
var textOf = map[string]func(io.Reader) (io.Reader, error){"UTF-8": utf8Text, "US-ASCII": utf8Text, "ISO-8859-1": latin1Text, "UTF-16": utf16Text}

func utf8Text(r io.Reader) (io.Reader, error) { return r, nil }

// maxPlainText bounds a manifest in another encoding, which is read whole, in bytes.
const maxPlainText = 64 << 20

func latin1Text(r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxPlainText))
	var text strings.Builder
	for _, c := range b {
		text.WriteRune(rune(c))
	}
	return strings.NewReader(text.String()), err
}

// utf16Text: big-endian, unless a byte order mark says otherwise (RFC 2781 §4.3).
func utf16Text(r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxPlainText))
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) {
		order = binary.LittleEndian
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return strings.NewReader(strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff")), err
}

// fetch checks that fetch.txt (RFC 8493 §2.2.3), where there is one, leads nowhere out of the bag. Nothing is fetched: what it lists and is not there is absent.
func (c *checker) fetch() error {
	f, err := c.fsys.Open(fetchFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := c.text(io.LimitReader(f, maxPlainText))
	if err != nil {
		return err
	}
	sc := bufio.NewScanner(text)
	sc.Buffer(make([]byte, 0, 4096), maxManifestLine)
	for sc.Scan() {
		line := strings.TrimRight(sc.Text(), "\r")
		if line == "" {
			continue
		}
		_, rest, _ := cutBlank(line)
		_, name, ok := cutBlank(strings.TrimLeft(rest, " \t"))
		name = decodePath(strings.TrimLeft(name, " \t"))
		problem := unsafePath(name)
		if !ok || name == "" {
			problem = "no URL, length and path"
		} else if problem == "" && !strings.HasPrefix(name, "data/") {
			problem = fmt.Sprintf("path %q is not of the payload", name)
		}
		if problem != "" {
			c.add(Problem{Kind: Malformed, Path: fetchFile, Found: clip(problem)})
			return nil
		}
	}
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		c.add(Problem{Kind: Malformed, Path: fetchFile, Found: "line longer than 64 KiB"})
	} else if err != nil {
		return err
	}
	return nil
}
