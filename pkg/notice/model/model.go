// Package model knows which acts a sentence of mail is likely to perform: a small classifier over hashed word and character n-grams, word vectors and the
// sentences around, trained by testdata/train on the sentences of testdata/training and embedded. It is a sum of integers in a fixed order, so every platform
// gives the same scores; its scores are evidence for a person to weigh, no finding (compare NIST AI 100-1, section 3.5, on explainable and interpretable results).
package model

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Acts is the number of acts. Their order is that of the constants in pkg/notice: warning, request, order, threat, approval, acknowledgement, confirmation,
// denial, blame, incident, notification.
const Acts = 11

// One is the score 1.0: scores are log-odds in units of 1/One.
const One = 1 << 10

// ID names this generation of the model in statements. A model trained anew from changed sentences or features gets the next number.
const ID = "model-1"

//go:embed sentence.model
var embedded []byte

// Model holds the weights. It is immutable and safe for concurrent use.
type Model struct {
	mask       uint64
	buckets    []bucket
	maybe      []uint64    // a bit for each place that features of some hash have: most of what is looked up is not known, and this stays in the cache
	scale      [Acts]int32 // score units per weight unit, times 1<<scaleShift
	bias       [Acts]int32
	thresholds [Acts]int32
	gates      [Acts]int32 // linear scores below which the network is not asked
	shapes     [Shapes]row // the weights of how a sentence stands
	net        *net
}

// bucket holds four features; it is one line of the cache.
type bucket struct {
	print  [4]uint16
	weight [4][Acts + 3]int8
}

const (
	scaleShift = 12
	magic      = "onrecord-model-1"
)

// row is the sum of the weights of some features.
type row [Acts]int32

// Load reads the embedded model; a mistake in it is a mistake in the program and panics.
func Load() *Model {
	m, err := Decode(embedded)
	if err != nil {
		panic(err)
	}
	return m
}

// place splits a hash into the bucket and the print that tells its features apart.
func place(hash, mask uint64) (index uint64, print uint16) {
	hash = mix(hash)
	return hash >> 20 & mask, uint16(hash) | 1
}

// mix spreads the bits of a hash (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// add looks a feature up and adds its weights.
func (m *Model) add(to *row, hash uint64) { m.addAll(to, []uint64{hash}) }

// addAll looks features up and adds their weights. It overwrites the hashes. Each step goes over all of them before the next one does, without branches, so that
// memory is waited for once and not once for each feature.
func (m *Model) addAll(to *row, hashes []uint64) {
	n := 0
	for _, h := range hashes { // those that may be known
		at, print := place(h, m.mask)
		bit := m.bit(at, print)
		hashes[n] = at<<16 | uint64(print)
		n += int(m.maybe[bit>>6] >> (bit & 63) & 1)
	}
	hashes, n = hashes[:n], 0
	for _, h := range hashes { // those that are
		const ones, tops = 0x0001_0001_0001_0001, 0x8000_8000_8000_8000
		differ := m.buckets[h>>16].prints() ^ (h&0xFFFF)*ones
		same := (differ - ones) &^ differ & tops // the lowest bit that is set is of the first print that is the same
		hashes[n] = h>>16<<2 | uint64(bits.TrailingZeros64(same)>>4)&3
		n += int(min(same, 1))
	}
	for _, h := range hashes[:n] {
		w := &m.buckets[h>>2].weight[h&3]
		for a := range to {
			to[a] += int32(w[a])
		}
	}
}

// prints gives the four prints, the first lowest.
func (b *bucket) prints() uint64 {
	return uint64(b.print[0]) | uint64(b.print[1])<<16 | uint64(b.print[2])<<32 | uint64(b.print[3])<<48
}

// bit is the place of a feature in maybe: that of its bucket and four bits of its print.
func (m *Model) bit(at uint64, print uint16) uint64 { return at<<4 | uint64(print>>12) }

// Threshold is the least score at which an act is suggested.
func (m *Model) Threshold(act int) int32 { return m.thresholds[act] }

// Confidence turns a score into a probability, 0.01 to 0.99. Scores are log-odds, fitted to threads that the model had not seen.
func Confidence(score int32) float64 { return float64(percent(score)) / 100 }

// percent is the logistic function in steps of a hundredth.
func percent(z int32) int {
	low, high := 0, len(logOdds)
	for low < high {
		if mid := (low + high) / 2; z >= logOdds[mid] {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low + 1
}

// Encode writes a model in the form that Decode reads; for the trainer.
func Encode(w Weights) []byte {
	buckets := w.arrange()
	out := append([]byte(nil), magic...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(buckets)))
	for _, list := range [][Acts]int32{w.Scale, w.Bias, w.Thresholds, w.Gates} {
		for _, v := range list {
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		}
	}
	for i := range buckets {
		for _, p := range buckets[i].print {
			out = binary.LittleEndian.AppendUint16(out, p)
		}
		for _, ws := range buckets[i].weight {
			for _, v := range ws[:Acts] {
				out = append(out, byte(v))
			}
		}
	}
	return w.Net.append(out)
}

// Decode reads a model.
func Decode(data []byte) (*Model, error) {
	r := reader{data: data}
	if string(r.bytes(len(magic))) != magic {
		return nil, fmt.Errorf("model: not a %s", magic)
	}
	n := r.uint32()
	if bits.OnesCount32(n) != 1 || uint64(n)*uint64(8+4*Acts) > uint64(len(data)) {
		return nil, fmt.Errorf("model: %d buckets", n)
	}
	m := &Model{mask: uint64(n - 1), buckets: make([]bucket, n), maybe: make([]uint64, (n+3)/4)}
	for _, list := range []*[Acts]int32{&m.scale, &m.bias, &m.thresholds, &m.gates} {
		for i := range list {
			list[i] = int32(r.uint32())
		}
	}
	for i := range m.buckets {
		b := &m.buckets[i]
		raw := r.bytes(8 + 4*Acts)
		if raw == nil {
			break
		}
		for j := range b.print {
			b.print[j] = binary.LittleEndian.Uint16(raw[2*j:])
			if bit := m.bit(uint64(i), b.print[j]); b.print[j] != 0 {
				m.maybe[bit>>6] |= 1 << (bit & 63)
			}
			for a := range Acts {
				b.weight[j][a] = int8(raw[8+j*Acts+a])
			}
		}
	}
	for n := range m.shapes {
		m.add(&m.shapes[n], shapeHash(n))
	}
	m.net = readNet(&r)
	if r.short || len(r.data) != 0 {
		return nil, fmt.Errorf("model: the file is cut short or too long")
	}
	return m, nil
}

type reader struct {
	data  []byte
	short bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.short, r.data = true, nil
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) uint16() uint16 {
	if b := r.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}
