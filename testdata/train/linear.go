package main

import (
	"math"
	"math/rand/v2"

	"onrecord/pkg/notice/model"
)

// settings of the linear part.
type settings struct {
	blocks [model.Blocks]float64 // weight of each block of features
	epochs int
	rate   float64
	decay  float64 // of a feature's weight, each time it is met
	least  int     // threads that a feature must occur in
}

var standard = settings{blocks: [model.Blocks]float64{2.0, 0.8, 2.0, 2.0, 1.0}, epochs: 8, rate: 0.1, decay: 2e-4, least: 3}

// linear is a logistic regression for every act over the same features.
type linear struct {
	set     settings
	ids     map[uint64]int32
	blockOf map[uint64]uint8
	weights [][model.Acts]float32
	bias    [model.Acts]float32
}

// instance is an example with the features that the model knows.
type instance struct {
	ids    []int32
	values []float32
}

func (m *linear) instance(e *example) instance {
	var in instance
	for b, list := range e.features {
		v := float32(m.set.blocks[b] * model.InverseRoot(len(list)))
		for _, h := range list {
			if id, ok := m.ids[h]; ok {
				in.ids = append(in.ids, id)
				in.values = append(in.values, v)
			}
		}
	}
	return in
}

// dictionary numbers the features that occur in enough threads.
func dictionary(examples []*example, least int) map[uint64]int32 {
	type seen struct {
		last    string
		threads int
	}
	count := map[uint64]seen{}
	ids := map[uint64]int32{}
	for _, e := range examples {
		if e.stretch {
			continue // its thread is counted already
		}
		for _, list := range e.features {
			for _, h := range list {
				c := count[h]
				if c.threads == 0 || c.last != e.thread {
					c.last = e.thread
					c.threads++
					if c.threads == least {
						ids[h] = int32(len(ids))
					}
					count[h] = c
				}
			}
		}
	}
	return ids
}

// trainLinear fits by AdaGrad in an order fixed by a seed.
func trainLinear(examples []*example, set settings) *linear {
	m := &linear{set: set, ids: dictionary(examples, set.least), blockOf: map[uint64]uint8{}}
	for _, e := range examples {
		for b, list := range e.features {
			for _, h := range list {
				m.blockOf[h] = uint8(b)
			}
		}
	}
	m.weights = make([][model.Acts]float32, len(m.ids))
	squares := make([][model.Acts]float32, len(m.ids))
	var biasSquares [model.Acts]float32
	data := make([]instance, len(examples))
	for i, e := range examples {
		data[i] = m.instance(e)
	}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for epoch := range set.epochs {
		rate := float32(set.rate * (1 - 0.8*float64(epoch)/float64(set.epochs)))
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, n := range order {
			in := &data[n]
			score := m.score(in)
			var grad [model.Acts]float32
			for a := range grad {
				grad[a] = examples[n].slope(a, score[a])
			}
			for k, id := range in.ids {
				w, q, v := &m.weights[id], &squares[id], in.values[k]
				for a, g := range grad {
					g = g*v + float32(set.decay)*w[a]
					q[a] += g * g
					w[a] -= rate * g / (float32(math.Sqrt(float64(q[a]))) + 0.01)
				}
			}
			for a, g := range grad {
				biasSquares[a] += g * g
				m.bias[a] -= rate * g / (float32(math.Sqrt(float64(biasSquares[a]))) + 0.1)
			}
		}
	}
	return m
}

func (m *linear) score(in *instance) [model.Acts]float32 {
	score := m.bias
	for k, id := range in.ids {
		w, v := &m.weights[id], in.values[k]
		for a := range score {
			score[a] += w[a] * v
		}
	}
	return score
}

func (m *linear) scores(all []*example) (out [][model.Acts]float32) {
	for _, e := range all {
		in := m.instance(e)
		out = append(out, m.score(&in))
	}
	return out
}

func logistic(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
