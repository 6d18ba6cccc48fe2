package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"onrecord/pkg/digest"
)

// CustodyFile is the record of what was done with a dossier (ISO/IEC 27037 §5.4.1, chain of custody): one JSON object a line, each with the digest of the one before. It grows, so it
// stands outside of the tag manifests; what a signer vouches for is its state at that time (Statement). Lines are added, never changed.
const CustodyFile = "custody.jsonl"

// Event is one line of the record. Fields are added, never renamed or reused; a line is read only if it is written exactly as it would be written here.
type Event struct {
	N        int    `json:"n"`        // 1, 2, …
	Previous string `json:"previous"` // digest of the line before; "" in the first
	Time     string `json:"time"`     // RFC 3339
	Clock    string `json:"clock"`    // whose word that is
	Action   string `json:"action"`   // collected, built, sealed, stamped, verified, exported
	Result   string `json:"result"`
	Account  string `json:"account"` // as the system names it; "" where it was left out
	Host     string `json:"host"`
	Program  string `json:"program"`        // name and version
	Digest   string `json:"program_digest"` // of the program's file; "" where it was left out

	Arguments []string     `json:"arguments"`
	Files     []FileDigest `json:"files"` // what was read or written, by path
}

// FileDigest is a file of the dossier as it was then.
type FileDigest struct {
	Path   string        `json:"path"`
	SHA256 digest.Digest `json:"sha256"`
}

// Head is the state of a record: how many lines it had, and the digest of the last.
type Head struct {
	N      int
	Digest string // "" before the first line
}

// maxCustody bounds the record that is read, in bytes: some ten thousand lines.
const maxCustody = 16 << 20

const digestMember = `,"digest":"`

// line writes an event: the JSON object and, as its last member, the SHA-256 of all before that member.
func (e Event) line() ([]byte, string, error) {
	if e.Arguments == nil {
		e.Arguments = []string{}
	}
	if e.Files == nil {
		e.Files = []FileDigest{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, "", err
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("}\n"))
	sum := fmt.Sprintf("sha256:%x", sha256.Sum256(body))
	return append(append(slices.Clone(body), digestMember+sum+`"}`...), '\n'), sum, nil
}

// readable puts U+FFFD in the place of bytes that are no UTF-8, as in the name of a file: JSON holds none, and the line must read as it was written.
func (e *Event) readable() {
	for _, s := range []*string{&e.Time, &e.Clock, &e.Action, &e.Result, &e.Account, &e.Host, &e.Program, &e.Digest} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	e.Arguments, e.Files = slices.Clone(e.Arguments), slices.Clone(e.Files)
	for i := range e.Arguments {
		e.Arguments[i] = strings.ToValidUTF8(e.Arguments[i], "\uFFFD")
	}
	for i := range e.Files {
		e.Files[i].Path = strings.ToValidUTF8(e.Files[i].Path, "\uFFFD")
	}
}

// AppendEvents gives the record with events behind what it holds. Their N and Previous are filled in. A record that is broken is not written on.
func AppendEvents(record []byte, events ...Event) ([]byte, error) {
	_, head, err := ReadCustody(record)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(record)
	for _, e := range events {
		e.readable()
		e.N, e.Previous = head.N+1, head.Digest
		line, sum, err := e.line()
		if err != nil {
			return nil, err
		}
		out = append(out, line...)
		head = Head{e.N, sum}
	}
	if len(out) > maxCustody {
		return nil, fmt.Errorf("%s would be longer than %d bytes", CustodyFile, maxCustody)
	}
	return out, nil
}

// ReadCustody reads a record and checks that each line is whole, unchanged and linked to the one before. It gives what was good until then.
func ReadCustody(record []byte) ([]Event, Head, error) {
	var all []Event
	var head Head
	if len(record) > maxCustody {
		return nil, head, fmt.Errorf("it is longer than %d bytes", maxCustody)
	}
	for line := range bytes.Lines(record) {
		n := head.N + 1
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return all, head, fmt.Errorf("line %d is no JSON object", n)
		}
		again, sum, err := e.line()
		switch {
		case err != nil:
			return all, head, err
		case !bytes.Equal(again, line):
			return all, head, fmt.Errorf("line %d was changed", n)
		case e.N != n || e.Previous != head.Digest:
			return all, head, fmt.Errorf("line %d does not follow the one before it", n)
		}
		all, head = append(all, e), Head{n, sum}
	}
	return all, head, nil
}

// HeadAt tells whether the record had this state at some time.
func HeadAt(record []byte, want Head) bool {
	if want.N == 0 {
		return want.Digest == ""
	}
	n := 0
	for line := range bytes.Lines(record) {
		if n++; n == want.N {
			_, rest, ok := strings.Cut(string(line), digestMember)
			return ok && rest == want.Digest+"\"}\n"
		}
	}
	return false
}
