package main

import (
	"math"
	"slices"

	"onrecord/pkg/notice/model"
)

// pack turns weights into bytes: each act has its own step, so that all but its largest weights fit.
func (m *linear) pack() model.Weights {
	block := make([]float32, len(m.weights)) // the weight of the block goes into the weights of its features
	for h, id := range m.ids {
		block[id] = float32(m.set.blocks[m.blockOf[h]])
	}
	w := model.Weights{Features: map[uint64][model.Acts]int8{}}
	var step [model.Acts]float32
	for a := range step {
		size := make([]float32, len(m.weights))
		for id := range m.weights {
			size[id] = float32(math.Abs(float64(m.weights[id][a] * block[id])))
		}
		slices.Sort(size)
		step[a] = max(size[len(size)*9995/10000]/127, 1e-6)
		w.Scale[a] = int32(math.Round(float64(step[a]) / model.ScaleUnit))
		w.Bias[a] = int32(math.Round(float64(m.bias[a]) * model.One))
	}
	for h, id := range m.ids {
		var q [model.Acts]int8
		least := true
		for a := range q {
			v := math.Round(float64(m.weights[id][a] * block[id] / step[a]))
			q[a] = int8(max(-127, min(127, v)))
			least = least && q[a] >= -1 && q[a] <= 1
		}
		if !least {
			w.Features[h] = q
		}
	}
	return w
}

// mixture says how the scores of the two parts make log-odds: linear*first + network*second + third.
type mixture [3]float64

// mix fits a mixture to the scores of sentences whose threads were not seen: logistic regression by Newton's method (compare J. Platt, 1999).
func mix(examples []*example, first, second [][model.Acts]float32, act int) mixture {
	m := mixture{0.5, 0.5, 0}
	for range 30 {
		var grad [3]float64
		var h [3][4]float64 // the Hessian, and the gradient as its last column
		for i, e := range examples {
			if e.labels[act] == model.Either {
				continue
			}
			x := [3]float64{float64(first[i][act]), float64(second[i][act]), 1}
			p := 1 / (1 + math.Exp(-m.score(x[0], x[1])))
			for j := range x {
				grad[j] += (p - float64(e.labels[act])) * x[j]
				for k := range x {
					h[j][k] += p * (1 - p) * x[j] * x[k]
				}
			}
		}
		for j := range h {
			h[j][j] += 1e-3
			h[j][3] = grad[j]
		}
		for j := range h { // Gauß and Jordan
			for k := range h {
				if k != j {
					f := h[k][j] / h[j][j]
					for c := range h[k] {
						h[k][c] -= f * h[j][c]
					}
				}
			}
		}
		for j := range m {
			m[j] -= h[j][3] / h[j][j]
		}
	}
	return m
}

func (m mixture) score(first, second float64) float64 { return m[0]*first + m[1]*second + m[2] }

// pack turns the network into the form that the model holds.
func (n *network) pack() model.Net {
	out := model.Net{Hashes: n.vectors.hashes, Vectors: make([][dim]int8, len(n.rows))}
	var size []float32
	for i := range n.rows {
		for _, x := range n.rows[i] {
			size = append(size, float32(math.Abs(float64(x))))
		}
	}
	slices.Sort(size)
	step := size[len(size)*9999/10000] / 127
	out.Step = float64(step)
	for i := range n.rows {
		for j, x := range n.rows[i] {
			out.Vectors[i][j] = int8(max(-127, min(127, math.Round(float64(x/step)))))
		}
	}
	for h := range conv {
		copy(out.Filters[h][:], n.filter.w[h*3*dim:])
	}
	copy(out.FilterBias[:], n.filterBias.w)
	for k := range hidden {
		copy(out.Mail[k][:], n.ofMail.w[k*dim:])
		for part := range out.Layer {
			copy(out.Layer[part][k][:], n.layer[part].w[k*whole:])
		}
	}
	copy(out.LayerBias[:], n.layerBias.w)
	for f := range out.Shape {
		copy(out.Shape[f][:], n.shape.w[f*hidden:])
	}
	for a := range out.Out {
		copy(out.Out[a][:], n.out.w[a*hidden:])
	}
	copy(out.OutBias[:], n.outBias.w)
	return out
}
