package sshsig

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Allowed is one line of an allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS"): whose key it is.
type Allowed struct {
	Principals  []string // patterns, as written
	Namespaces  []string // patterns; none: any
	ValidAfter  time.Time
	ValidBefore time.Time // zero: for ever
	Key         ssh.PublicKey
}

// maxAllowedLine bounds one line of an allowed-signers file.
const maxAllowedLine = 64 << 10

// ParseAllowed reads an allowed-signers file. Lines for certificate authorities are refused: signatures with SSH certificates are not checked here.
func ParseAllowed(r io.Reader) ([]Allowed, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxAllowedLine)
	var all []Allowed
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		a, err := parseAllowedLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, a)
	}
	return all, sc.Err()
}

func parseAllowedLine(line string) (Allowed, error) {
	principals, rest, ok := strings.Cut(line, " ")
	if !ok {
		return Allowed{}, fmt.Errorf("no key after %q", principals)
	}
	// What follows the principals is a line of authorized_keys: options, key type, key, comment.
	key, _, options, more, err := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(rest)))
	if err != nil {
		return Allowed{}, err
	}
	if len(bytes.TrimSpace(more)) > 0 {
		return Allowed{}, fmt.Errorf("more than one key")
	}
	a := Allowed{Principals: strings.Split(principals, ","), Key: key}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "namespaces":
			a.Namespaces = strings.Split(value, ",")
		case "valid-after":
			if a.ValidAfter, err = parseValidity(value); err != nil {
				return Allowed{}, err
			}
		case "valid-before":
			if a.ValidBefore, err = parseValidity(value); err != nil {
				return Allowed{}, err
			}
		default:
			return Allowed{}, fmt.Errorf("option %q is not known here", name)
		}
	}
	return a, nil
}

// parseValidity reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS. OpenSSH takes them in the local zone unless a Z follows; here they are UTC, so that the result does not depend
// on the machine.
func parseValidity(s string) (time.Time, error) {
	digits := strings.TrimSuffix(s, "Z")
	for _, layout := range [...]string{"20060102", "200601021504", "20060102150405"} {
		if t, err := time.Parse(layout, digits); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: want YYYYMMDD or YYYYMMDDHHMM[SS]", s)
}

// Allows tells whether the line vouches for key in a namespace at a time. Zero time: validity is left out.
func (a Allowed) Allows(key ssh.PublicKey, namespace string, at time.Time) bool {
	if !bytes.Equal(a.Key.Marshal(), key.Marshal()) {
		return false
	}
	if len(a.Namespaces) > 0 && !matchAny(a.Namespaces, namespace) {
		return false
	}
	if at.IsZero() {
		return true
	}
	return !at.Before(a.ValidAfter) && (a.ValidBefore.IsZero() || at.Before(a.ValidBefore))
}

func matchAny(patterns []string, s string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, s); err == nil && ok {
			return true
		}
	}
	return false
}

// Principal is the line's first principal, for people to read.
func (a Allowed) Principal() string { return a.Principals[0] }
