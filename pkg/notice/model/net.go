package model

import (
	"encoding/binary"
	"math"
)

// The sizes of the network. Each word has a vector; every three neighbouring words are looked at through Conv filters, of which the strongest answer in the
// sentence counts (Y. Kim, 2014); with the mean of the vectors that makes Sentence numbers. Those of the sentence and of the ones before and after go through a
// layer of Hidden units to the acts.
const (
	Dim      = 64
	Conv     = 64
	Sentence = Conv + Dim
	Hidden   = 40
)

// Net is the trained network in floating point. Empty Hashes: none.
type Net struct {
	Hashes     []uint64    // of the words, in the order of the rows from FirstWord on
	Vectors    [][Dim]int8 // rows
	Step       float64     // of the vectors
	Filters    [Conv][3 * Dim]float32
	FilterBias [Conv]float32
	Layer      [3][Hidden][Sentence]float32 // for the sentence, the one before, the one after
	Mail       [Hidden][Dim]float32         // for the mean of the vectors of the whole mail
	LayerBias  [Hidden]float32
	Shape      [Shapes][Hidden]float32
	Out        [Acts][Hidden]float32
	OutBias    [Acts]float32
	Mix        [Acts]int32 // scores are multiplied with it, in units of 1/One, before they are added to the linear ones
}

// Fixed-point places: a value of 1 is 1<<valueShift, a weight of 1 is 1<<weightShift. A filter's weights hold the step of the vectors too.
const (
	valueShift  = 8
	weightShift = 10
	filterShift = 16
	most        = 1 << 14 // of a value; no sum overflows
)

// net is the network in integers.
type net struct {
	lexicon    *Lexicon
	vectors    [][Dim]int8
	filters    [3][Conv][Dim]int16 // by place of the word
	filterBias [Conv]int32
	step       int32 // of the vectors, as a weight of the filters
	layer      [3][Hidden][Sentence]int16
	mail       [Hidden][Dim]int16
	layerBias  [Hidden]int32
	shape      [Shapes][Hidden]int16
	out        [Acts][Hidden]int16
	outBias    [Acts]int32
	mix        [Acts]int32
}

func fixed(x float32, shift int) int32 {
	return int32(max(-math.MaxInt32, min(math.MaxInt32, math.Round(float64(x)*float64(int64(1)<<shift)))))
}

func fixed16(x float32, shift int) int16 {
	return int16(max(-math.MaxInt16, min(math.MaxInt16, math.Round(float64(x)*float64(int64(1)<<shift)))))
}

// quantise turns the trained network into integers.
func (n *Net) quantise() *net {
	q := &net{vectors: n.Vectors, mix: n.Mix, step: fixed(float32(n.Step), filterShift)}
	for h := range n.Filters {
		for i, w := range n.Filters[h] {
			q.filters[i/Dim][h][i%Dim] = fixed16(w*float32(n.Step), filterShift)
		}
		q.filterBias[h] = fixed(n.FilterBias[h], valueShift)
	}
	for k := range Hidden {
		for part := range n.Layer {
			for i, w := range n.Layer[part][k] {
				q.layer[part][k][i] = fixed16(w, weightShift)
			}
		}
		for i, w := range n.Mail[k] {
			q.mail[k][i] = fixed16(w, weightShift)
		}
		q.layerBias[k] = fixed(n.LayerBias[k], valueShift+weightShift)
		for f := range n.Shape {
			q.shape[f][k] = fixed16(n.Shape[f][k], weightShift)
		}
		for a := range n.Out {
			q.out[a][k] = fixed16(n.Out[a][k], weightShift)
		}
	}
	for a := range n.OutBias {
		q.outBias[a] = fixed(n.OutBias[a], valueShift+weightShift)
	}
	return q
}

// each calls do with every number of the network but the words, in a fixed order.
func (q *net) each(do16 func(*int16), do32 func(*int32)) {
	for part := range q.filters {
		for h := range q.filters[part] {
			for i := range q.filters[part][h] {
				do16(&q.filters[part][h][i])
			}
		}
	}
	for part := range q.layer {
		for k := range q.layer[part] {
			for i := range q.layer[part][k] {
				do16(&q.layer[part][k][i])
			}
		}
	}
	for k := range q.mail {
		for i := range q.mail[k] {
			do16(&q.mail[k][i])
		}
	}
	for f := range q.shape {
		for k := range q.shape[f] {
			do16(&q.shape[f][k])
		}
	}
	for a := range q.out {
		for k := range q.out[a] {
			do16(&q.out[a][k])
		}
	}
	for _, list := range [][]int32{q.filterBias[:], q.layerBias[:], q.outBias[:], q.mix[:]} {
		for i := range list {
			do32(&list[i])
		}
	}
	do32(&q.step)
}

func (n *Net) append(out []byte) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(len(n.Hashes)))
	if len(n.Hashes) == 0 {
		return out
	}
	for _, h := range n.Hashes {
		out = binary.LittleEndian.AppendUint64(out, h)
	}
	for i := range n.Vectors {
		for _, x := range n.Vectors[i] {
			out = append(out, byte(x))
		}
	}
	n.quantise().each(
		func(x *int16) { out = binary.LittleEndian.AppendUint16(out, uint16(*x)) },
		func(x *int32) { out = binary.LittleEndian.AppendUint32(out, uint32(*x)) },
	)
	return out
}

func readNet(r *reader) *net {
	n := int(r.uint32())
	if n == 0 {
		return nil
	}
	hashes, vectors := r.bytes(8*n), r.bytes((FirstWord+n)*Dim)
	if hashes == nil || vectors == nil {
		return nil
	}
	q := &net{vectors: make([][Dim]int8, FirstWord+n)}
	list := make([]uint64, n)
	for i := range list {
		list[i] = binary.LittleEndian.Uint64(hashes[8*i:])
	}
	q.lexicon = NewLexicon(list)
	for i := range q.vectors {
		for j := range q.vectors[i] {
			q.vectors[i][j] = int8(vectors[i*Dim+j])
		}
	}
	q.each(
		func(x *int16) { *x = int16(r.uint16()) },
		func(x *int32) { *x = int32(r.uint32()) },
	)
	return q
}
