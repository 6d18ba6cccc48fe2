package message

import "fmt"

// DefectKind says what is malformed. The set is closed; kinds are added, never renamed or reused.
type DefectKind string

// The kinds of defects.
const (
	NoHeader            DefectKind = "no-header"
	NoBody              DefectKind = "no-body"
	MissingSeparator    DefectKind = "missing-separator"
	LineWithoutColon    DefectKind = "header-line-without-colon"
	NameInvalid         DefectKind = "header-name-invalid"
	HeaderEightBit      DefectKind = "8bit-header"
	HeaderTooLarge      DefectKind = "header-too-large"
	TooManyFields       DefectKind = "too-many-fields"
	DuplicateField      DefectKind = "duplicate-field"
	MissingField        DefectKind = "missing-field"
	ByteOrderMark       DefectKind = "bom"
	NULByte             DefectKind = "nul-byte"
	BareCR              DefectKind = "bare-cr"
	MixedLineEndings    DefectKind = "mixed-line-endings"
	LineTooLong         DefectKind = "line-too-long"
	BoundaryMissing     DefectKind = "boundary-missing"
	BoundaryUnclosed    DefectKind = "boundary-unterminated"
	BoundaryDuplicate   DefectKind = "boundary-duplicate"
	PartAfterClose      DefectKind = "part-after-close"
	TextAfterParts      DefectKind = "text-after-parts"
	DepthLimit          DefectKind = "depth-limit"
	PartLimit           DefectKind = "part-limit"
	MediaTypeInvalid    DefectKind = "media-type-invalid"
	ParameterInvalid    DefectKind = "parameter-invalid"
	CharsetUnknown      DefectKind = "unknown-charset"
	CharsetInvalid      DefectKind = "charset-invalid-bytes"
	EncodingUnknown     DefectKind = "unknown-transfer-encoding"
	Base64Invalid       DefectKind = "base64-invalid"
	QuotedPrintableBad  DefectKind = "quoted-printable-invalid"
	EncodedWordInvalid  DefectKind = "encoded-word-invalid"
	FilenameUnsafe      DefectKind = "filename-unsafe"
	TextTruncated       DefectKind = "text-truncated"
	AddressInvalid      DefectKind = "address-invalid"
	AddressListTooLarge DefectKind = "address-list-too-large"
	WrappingBroken      DefectKind = "wrapping-broken" // of a winmail.dat
)

// Defect is one malformed place: what, in words, and the octet offset in the message at which it was seen.
type Defect struct {
	Kind   DefectKind `json:"kind"`
	Detail string     `json:"detail"`
	Offset int64      `json:"offset"`
}

// defects collects up to most of each kind: hostile mail must not turn into a heap of reports, nor one kind hide the others.
type defects struct {
	list []Defect
	most int
}

func (d *defects) add(kind DefectKind, offset int64, detail string) {
	n := 0
	for i := range d.list {
		if d.list[i].Kind == kind {
			n++
		}
	}
	switch {
	case n < d.most:
		d.list = append(d.list, Defect{kind, detail, offset})
	case n == d.most:
		// Counted as one more of its kind, so that it is said once.
		d.list = append(d.list, Defect{kind, fmt.Sprintf("and more: only the first %d of this kind are listed", d.most), offset})
	}
}

// brief quotes what mail data says, cut short, for a Detail.
func brief(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
