package notice

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"onrecord/pkg/evidence"
)

// Moment is an evidence.Instant in 12 bytes without a pointer: from the highest bit on, whether there is a time (1 bit), the seconds since
// 1970-01-01T00:00:00Z (40, plus secondsZero), the nanoseconds (30), the offset from UTC in seconds (22, plus offsetZero), the basis (3). The zero Moment is no
// time, of basis evidence.BasisNone.
type Moment [3]uint32

const (
	hasTime     = 1 << 31
	secondsZero = 1 << 39
	offsetZero  = 1 << 21
)

var bases = [...]evidence.Basis{evidence.BasisNone, evidence.BasisTrace, evidence.BasisSignature, evidence.BasisOrigination, evidence.BasisEnvelope, evidence.BasisCase, ""}

// MomentOf keeps the instant, its offset from UTC and its basis; the name of the zone is lost. A basis unknown to package evidence counts as none.
func MomentOf(i evidence.Instant) Moment {
	m := Moment{2: uint32(max(0, slices.Index(bases[:], i.Basis)))}
	if i.Time != nil {
		_, offset := i.Time.Zone()
		seconds, nanos := uint64(i.Time.Unix()+secondsZero), uint32(i.Time.Nanosecond())
		m[0] = hasTime | uint32(seconds>>9)
		m[1] = uint32(seconds)<<23 | nanos>>7
		m[2] |= nanos<<25 | uint32(offset+offsetZero)<<3
	}
	return m
}

// Instant gives the moment back; each call makes a time of its own.
func (m Moment) Instant() evidence.Instant {
	i := evidence.Instant{Basis: bases[m[2]&7]}
	if m.known() {
		t := m.time()
		i.Time = &t
	}
	return i
}

func (m Moment) known() bool { return m[0]&hasTime != 0 }

func (m Moment) time() time.Time {
	zone := time.UTC
	if offset := int(m[2]>>3&(1<<22-1)) - offsetZero; offset != 0 {
		zone = time.FixedZone("", offset)
	}
	seconds := int64(m[0]&^hasTime)<<9 | int64(m[1]>>23)
	return time.Unix(seconds-secondsZero, int64(m[1]&(1<<23-1)<<7|m[2]>>25)).In(zone)
}

// compare orders by time; no time comes last.
func (m Moment) compare(o Moment) int {
	switch {
	case m.known() != o.known():
		if m.known() {
			return -1
		}
		return 1
	case !m.known():
		return 0
	case m[0] != o[0]:
		return cmp.Compare(m[0], o[0])
	case m[1] != o[1]:
		return cmp.Compare(m[1], o[1])
	}
	return cmp.Compare(m[2]>>25, o[2]>>25)
}

// before tells whether m is earlier. A time that is known is before one that is not.
func (m Moment) before(o Moment) bool { return m.compare(o) < 0 }

// ActSet is a set of acts.
type ActSet uint16

// The sets that a rule asks for.
const (
	tells     = ActSet(1<<0 | 1<<9 | 1<<10) // warning, incident, notification: what makes notices
	disputes  = ActSet(1<<7 | 1<<8)         // denial, blame
	ofWarning = ActSet(1 << 0)
	ofThanks  = ActSet(1 << 5) // acknowledgement
	ofDenial  = ActSet(1 << 7)
	ofHarm    = ActSet(1 << 9)             // incident
	opens     = ActSet(1<<0 | 1<<1 | 1<<2) // warning, request, order: what may begin another topic in the midst of a message
)

// ActsOf makes a set; an unknown act is left out.
func ActsOf(acts ...Act) ActSet {
	var set ActSet
	for _, a := range acts {
		if i := slices.Index(allActs[:], a); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

// Any tells whether the sets have an act in common.
func (s ActSet) Any(of ActSet) bool { return s&of != 0 }

// First is the first act in the order of the constants; "" of an empty set.
func (s ActSet) First() Act {
	if i := bits.TrailingZeros16(uint16(s)); i < len(allActs) {
		return allActs[i]
	}
	return ""
}

// Brief is a statement without its words.
type Brief struct {
	Message    int32    // index in Input.Messages
	Order      int32    // place of its Part among the parts of the message: 0 for the exhibit's own text, the others from 1 as their paths sort as strings
	Start, End int32    // Span
	Ref        int64    // the caller's handle for Input.Load
	Prints     []uint64 // fingerprints of its sentences, where it makes notices; else nil. Analyse takes them away.
	At         Moment   // with Inner only: when the attached message was sent
	Author     int32    // with Inner only: person in From of the attached message; -1 if unknown
	Addressees Run      // with Inner only: in Input.InnerAddressees, each person once
	Acts       ActSet
	Rejected   bool // Origin is Rejected
	Inner      bool // Part is set: it stands in a message/rfc822 part
}

// BriefOf takes span, acts, origin, Inner and prints of a statement as Find and Marks.Apply left it. Author is -1; the caller sets the rest.
func BriefOf(s *Statement) Brief {
	b := Brief{Start: int32(s.Span[0]), End: int32(s.Span[1]), Author: -1, Acts: ActsOf(s.Acts...), Rejected: s.Origin == Rejected, Inner: s.Part != ""}
	if b.told() {
		b.Prints = fingerprints(s.Text)
	}
	return b
}

// thanks tells whether it acknowledges. Who denies to have been told acknowledges nothing.
func (b *Brief) thanks() bool { return b.Acts.Any(ofThanks) && !b.Acts.Any(ofDenial) }

// told tells whether it makes notices.
func (b *Brief) told() bool { return !b.Rejected && b.Acts.Any(tells) }
