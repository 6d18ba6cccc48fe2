package seal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Statement is what a signer says beside the signature: in what role, when by which clock, and what the record of custody was. It is signed with the same key.
type Statement struct {
	Signature string // the file in seal/ that it belongs to
	Dossier   string // digest of tagmanifest-sha256.txt
	Role      string // "collected by", "reviewed by" …
	Signer    string // as given
	Key       string // fingerprint of the key or of the certificate
	Time      string // RFC 3339, as claimed
	Clock     string
	Custody   Head
	Program   string
}

// fields are the lines of a statement, in order. Labels are added at the end, never renamed.
func (s *Statement) fields() []struct {
	label string
	value *string
} {
	return []struct {
		label string
		value *string
	}{{"Signature", &s.Signature}, {"Dossier", &s.Dossier}, {"Role", &s.Role}, {"Signer", &s.Signer}, {"Key", &s.Key}, {"Time", &s.Time}, {"Clock", &s.Clock},
		{"Custody-Digest", &s.Custody.Digest}, {"Program", &s.Program}}
}

var errNoStatement = errors.New("it is no statement of a seal")

const statementHead = "onrecord seal statement 1\n"

// Text is the statement as it is signed: a line for each thing that it says.
func (s Statement) Text() []byte {
	var b strings.Builder
	b.WriteString(statementHead)
	for _, f := range s.fields() {
		fmt.Fprintf(&b, "%s: %s\n", f.label, oneLine(*f.value))
	}
	fmt.Fprintf(&b, "Custody-Lines: %d\n", s.Custody.N)
	return []byte(b.String())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ParseStatement reads what Text writes and nothing else.
func ParseStatement(text []byte) (Statement, error) {
	var s Statement
	rest, ok := strings.CutPrefix(string(text), statementHead)
	if !ok {
		return s, errNoStatement
	}
	for _, f := range s.fields() {
		var line string
		line, rest, ok = strings.Cut(rest, "\n")
		value, found := strings.CutPrefix(line, f.label+": ")
		if !ok || !found {
			return Statement{}, errNoStatement
		}
		*f.value = value
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(rest, "Custody-Lines: "), "\n"))
	if err != nil {
		return Statement{}, errNoStatement
	}
	s.Custody.N = n
	if string(s.Text()) != string(text) {
		return Statement{}, errNoStatement
	}
	return s, nil
}
