// Package mbox knows the mbox family of mailbox files: the exact bytes of each message with their offsets, the From_ line
// before it, and the variants' ways of quoting body lines that look like a From_ line.
//
// RFC 4155 names the media type application/mbox and leaves the format to "the" mbox of each system; the variant names
// (mboxo, mboxrd, mboxcl, mboxcl2) are those of Rahul Dhesi, Daniel J. Bernstein's mbox(5) and Jonathan de Boyne
// Pollard. MMDF mailboxes (messages between lines of four U+0001) are read as well; they have no variant name here.
//
// Two invariants hold for every input, and are fuzzed: the pieces joined are the file, byte for byte; nothing is changed
// in what is handed out as raw.
package mbox

import "fmt"

// Variant is the quoting convention of an mbox file.
type Variant uint8

const (
	Unknown Variant = iota // no evidence, or evidence against every variant: nothing is un-quoted
	MboxO                  // "From " in a body is written ">From "; ">From " stays, so un-quoting may take one '>' too many
	MboxRD                 // every body line ^>*From  gets one more '>': un-quoting is exact
	MboxCL                 // Content-Length gives the size of the body; quoted as in mboxo
	MboxCL2                // Content-Length gives the size of the body; nothing is quoted
)

var variantNames = [...]string{"", "mboxo", "mboxrd", "mboxcl", "mboxcl2"}

// String returns "mboxo", "mboxrd", "mboxcl", "mboxcl2", or "" for Unknown.
func (v Variant) String() string {
	if int(v) < len(variantNames) {
		return variantNames[v]
	}
	return fmt.Sprintf("Variant(%d)", uint8(v))
}

// MarshalText writes the name as String gives it.
func (v Variant) MarshalText() ([]byte, error) {
	if int(v) >= len(variantNames) {
		return nil, fmt.Errorf("mbox: no variant %d", uint8(v))
	}
	return []byte(variantNames[v]), nil
}

// UnmarshalText reads a name; an unknown one is an error and leaves v as it was.
func (v *Variant) UnmarshalText(text []byte) error {
	for i, name := range variantNames {
		if name == string(text) {
			*v = Variant(i)
			return nil
		}
	}
	return fmt.Errorf("mbox: no variant %q", text)
}
