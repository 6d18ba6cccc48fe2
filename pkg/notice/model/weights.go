package model

import (
	"cmp"
	"math"
	"slices"
)

// Weights is a trained model before it is packed.
type Weights struct {
	Features   map[uint64][Acts]int8
	Scale      [Acts]int32
	Bias       [Acts]int32
	Thresholds [Acts]int32
	Gates      [Acts]int32 // least linear scores at which the network is asked
	Net        Net
}

const rootShift = 12

// inverseRoot[n] is 1/√n.
var inverseRoot = func() (t [1024]int32) {
	for n := 1; n < len(t); n++ {
		t[n] = int32(math.Round((1 << rootShift) / math.Sqrt(float64(n))))
	}
	return t
}()

// InverseRoot is 1/√n as the model computes it.
func InverseRoot(n int) float64 {
	return float64(inverseRoot[min(n, len(inverseRoot)-1)]) / (1 << rootShift)
}

// ScaleUnit is the score that one unit of Weights.Scale gives to a weight of 1, in log-odds.
const ScaleUnit = 1.0 / (1 << scaleShift) / One

// logOdds holds the log-odds of 1.5 %, 2.5 % … 98.5 %, times One.
var logOdds = func() (t [98]int32) {
	for i := range t {
		p := (float64(i) + 1.5) / 100
		t[i] = int32(math.Round(math.Log(p/(1-p)) * One))
	}
	return t
}()

// arrange lays the features out in buckets; where more than four meet, those of least weight are left out.
func (w *Weights) arrange() []bucket {
	n := 1
	for n*4*7 < len(w.Features)*10 {
		n *= 2
	}
	type feature struct {
		at     uint64
		print  uint16
		weight [Acts]int8
		norm   int
		hash   uint64
	}
	all := make([]feature, 0, len(w.Features))
	for h, v := range w.Features {
		f := feature{hash: h, weight: v}
		f.at, f.print = place(h, uint64(n-1))
		for _, x := range v {
			f.norm += int(x) * int(x)
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b feature) int { return cmp.Or(cmp.Compare(b.norm, a.norm), cmp.Compare(a.hash, b.hash)) })
	buckets := make([]bucket, n)
	for _, f := range all {
		b := &buckets[f.at]
		for i := range b.print {
			if b.print[i] == f.print {
				break
			}
			if b.print[i] == 0 {
				b.print[i] = f.print
				copy(b.weight[i][:], f.weight[:])
				break
			}
		}
	}
	return buckets
}
