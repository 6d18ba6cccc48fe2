package main

import (
	"math"
	"math/rand/v2"

	"onrecord/pkg/notice/model"
)

const (
	dim    = model.Dim
	conv   = model.Conv
	whole  = model.Sentence
	hidden = model.Hidden
)

// schedule of the network's training.
type schedule struct {
	epochs   int
	rate     float32
	decay    float32
	dropWord float64
	dropUnit float64
	tune     float32 // rate of the word vectors, as a share of rate
	seed     uint64
}

var standardSchedule = schedule{epochs: 8, rate: 0.002, decay: 0.0003, dropWord: 0.1, dropUnit: 0.3, tune: 0.5, seed: 7}

// param is a block of weights with Adam's moments (D. Kingma, J. Ba, 2015).
type param struct {
	w, g, m, v []float32
}

func newParam(n int, spread float64, random *rand.Rand) *param {
	p := &param{make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)}
	for i := range p.w {
		p.w[i] = float32(random.NormFloat64() * spread)
	}
	return p
}

func (p *param) update(rate, decay float32, t int) {
	c1, c2 := float32(1-math.Pow(0.9, float64(t))), float32(1-math.Pow(0.999, float64(t)))
	for i, g := range p.g {
		p.m[i] = 0.9*p.m[i] + 0.1*g
		p.v[i] = 0.999*p.v[i] + 0.001*g*g
		p.w[i] -= rate * (p.m[i]/c1/(float32(math.Sqrt(float64(p.v[i]/c2)))+1e-6) + decay*p.w[i])
		p.g[i] = 0
	}
}

// network is the network in training; see model.Net.
type network struct {
	vectors    *wordVectors
	rows       [][dim]float32 // tuned
	squares    []float32      // AdaGrad's, a number a row
	filter     *param         // conv × 3·dim
	filterBias *param
	layer      [3]*param // hidden × whole
	ofMail     *param    // hidden × dim
	layerBias  *param
	shape      *param // Shapes × hidden
	out        *param // Acts × hidden
	outBias    *param
}

func newNetwork(v *wordVectors, random *rand.Rand) *network {
	n := &network{vectors: v, rows: make([][dim]float32, len(v.rows)), squares: make([]float32, len(v.rows))}
	for i := range v.rows {
		for j, x := range v.rows[i] {
			n.rows[i][j] = float32(float64(x) * v.step)
		}
	}
	for i := range model.FirstWord {
		for j := range n.rows[i] {
			n.rows[i][j] = float32(random.NormFloat64() * 0.1)
		}
	}
	n.filter = newParam(conv*3*dim, 1/math.Sqrt(3*dim), random)
	n.filterBias = newParam(conv, 0, random)
	for i := range n.layer {
		n.layer[i] = newParam(hidden*whole, 1/math.Sqrt(whole)/float64(1+min(i, 1)), random)
	}
	n.ofMail = newParam(hidden*dim, 0.5/math.Sqrt(dim), random)
	n.layerBias = newParam(hidden, 0, random)
	n.shape = newParam(model.Shapes*hidden, 0.05, random)
	n.out = newParam(model.Acts*hidden, 1/math.Sqrt(hidden), random)
	n.outBias = newParam(model.Acts, 0, random)
	for i := range n.outBias.w {
		n.outBias.w[i] = -3
	}
	return n
}

// state is what the way forward through one sentence leaves behind for the way back.
type state struct {
	words [][2]int32
	seq   []float32 // a zero vector, the words', a zero vector
	best  [conv]int // place of the strongest answer
	value [whole]float32
	mask  [whole]float32 // of dropout
	hid   [hidden]float32
	grad  [whole]float32
	score [model.Acts]float32
	mean  [dim]float32 // of the mail, in its first state
}

func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	for i := 0; i+3 < len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	return s0 + s1 + s2 + s3
}

func addTimes(to []float32, f float32, from []float32) {
	from = from[:len(to)]
	for i := range to {
		to[i] += f * from[i]
	}
}

// sentence is the way forward to the numbers of one sentence. random is nil outside of training.
func (n *network) sentence(s *state, e *example, set *schedule, random *rand.Rand) {
	s.words = append(s.words[:0], e.rows...)
	if random != nil {
		for i := range s.words {
			if random.Float64() < set.dropWord {
				s.words[i] = [2]int32{model.RowUnknown, model.RowUnknown}
			}
		}
	}
	size := (len(s.words) + 2) * dim
	if cap(s.seq) < size {
		s.seq = make([]float32, size)
	}
	s.seq = s.seq[:size]
	clear(s.seq[:dim])
	clear(s.seq[size-dim:])
	mean := s.value[conv:]
	clear(mean)
	for i, w := range s.words {
		v := s.seq[(i+1)*dim : (i+2)*dim]
		a, b := &n.rows[w[0]], &n.rows[w[1]]
		for j := range v {
			v[j] = (a[j] + b[j]) / 2
			mean[j] += v[j]
		}
	}
	f := float32(model.InverseRoot(max(1, len(s.words))))
	for j := range mean {
		mean[j] *= f
	}
	for h := range conv {
		w := n.filter.w[h*3*dim : (h+1)*3*dim]
		best, at := float32(0), -1
		for p := range s.words {
			if x := dot(w, s.seq[p*dim:(p+3)*dim]) + n.filterBias.w[h]; x > best {
				best, at = x, p
			}
		}
		s.value[h], s.best[h] = best, at
	}
	for i := range s.mask {
		s.mask[i] = 1
		if random != nil {
			if s.mask[i] = 0; random.Float64() >= set.dropUnit {
				s.mask[i] = float32(1 / (1 - set.dropUnit))
			}
		}
		s.value[i] *= s.mask[i]
	}
	clear(s.grad[:])
}

// mail is the way forward through the sentences of one mail.
func (n *network) mail(states []state, mail []*example, set *schedule, random *rand.Rand) {
	for i, e := range mail {
		n.sentence(&states[i], e, set, random)
	}
	mean := &states[0].mean
	clear(mean[:])
	for i := range mail {
		addTimes(mean[:], 1/float32(len(mail)), states[i].value[conv:])
	}
	var all [hidden]float32
	for k := range all {
		all[k] = n.layerBias.w[k] + dot(mean[:], n.ofMail.w[k*dim:(k+1)*dim])
	}
	for i, e := range mail {
		s := &states[i]
		for k := range s.hid {
			x := all[k] + dot(s.value[:], n.layer[0].w[k*whole:(k+1)*whole])
			if i > 0 {
				x += dot(states[i-1].value[:], n.layer[1].w[k*whole:(k+1)*whole])
			}
			if i+1 < len(mail) {
				x += dot(states[i+1].value[:], n.layer[2].w[k*whole:(k+1)*whole])
			}
			for _, f := range e.shapes {
				x += n.shape.w[f*hidden+k]
			}
			s.hid[k] = max(0, x)
		}
		for a := range s.score {
			s.score[a] = n.outBias.w[a] + dot(s.hid[:], n.out.w[a*hidden:(a+1)*hidden])
		}
	}
}

// back is the way back.
func (n *network) back(states []state, mail []*example, rowGrad map[int32]*[dim]float32) {
	var mean [hidden]float32
	for i, e := range mail {
		s := &states[i]
		var hid [hidden]float32
		for a := range e.labels {
			g := e.slope(a, s.score[a])
			n.outBias.g[a] += g
			addTimes(n.out.g[a*hidden:(a+1)*hidden], g, s.hid[:])
			addTimes(hid[:], g, n.out.w[a*hidden:(a+1)*hidden])
		}
		for k, g := range hid {
			if s.hid[k] <= 0 {
				continue
			}
			n.layerBias.g[k] += g
			mean[k] += g
			for _, f := range e.shapes {
				n.shape.g[f*hidden+k] += g
			}
			for part, j := range [3]int{i, i - 1, i + 1} {
				if j < 0 || j >= len(mail) {
					continue
				}
				addTimes(n.layer[part].g[k*whole:(k+1)*whole], g, states[j].value[:])
				addTimes(states[j].grad[:], g, n.layer[part].w[k*whole:(k+1)*whole])
			}
		}
	}
	var ofAll [dim]float32
	for k, g := range mean {
		addTimes(n.ofMail.g[k*dim:(k+1)*dim], g, states[0].mean[:])
		addTimes(ofAll[:], g/float32(len(mail)), n.ofMail.w[k*dim:(k+1)*dim])
	}
	for i := range mail {
		s := &states[i]
		addTimes(s.grad[conv:], 1, ofAll[:])
		f := float32(model.InverseRoot(max(1, len(s.words))))
		grad := make([]float32, len(s.seq))
		for p := range s.words {
			for j := range dim {
				grad[(p+1)*dim+j] = s.grad[conv+j] * s.mask[conv+j] * f
			}
		}
		for h := range conv {
			g := s.grad[h] * s.mask[h]
			p := s.best[h]
			if p < 0 || g == 0 {
				continue
			}
			n.filterBias.g[h] += g
			addTimes(n.filter.g[h*3*dim:(h+1)*3*dim], g, s.seq[p*dim:(p+3)*dim])
			addTimes(grad[p*dim:(p+3)*dim], g, n.filter.w[h*3*dim:(h+1)*3*dim])
		}
		for p, w := range s.words {
			for _, r := range w {
				to := rowGrad[r]
				if to == nil {
					to = new([dim]float32)
					rowGrad[r] = to
				}
				addTimes(to[:], 0.5, grad[(p+1)*dim:(p+2)*dim])
			}
		}
	}
}

// byMail cuts examples, which stand in order, into mails.
func byMail(all []*example) (mails [][]*example) {
	for i, e := range all {
		if i == 0 || all[i-1].mail != e.mail {
			mails = append(mails, nil)
		}
		mails[len(mails)-1] = append(mails[len(mails)-1], e)
	}
	return mails
}

func trainNetwork(examples []*example, v *wordVectors, set schedule) *network {
	random := rand.New(rand.NewPCG(set.seed, 1))
	n := newNetwork(v, random)
	mails := byMail(examples)
	longest := 0
	for _, m := range mails {
		longest = max(longest, len(m))
	}
	states := make([]state, longest)
	const batch = 4
	step := 0
	total := set.epochs * (len(mails)/batch + 1)
	rowGrad := map[int32]*[dim]float32{}
	for range set.epochs {
		random.Shuffle(len(mails), func(i, j int) { mails[i], mails[j] = mails[j], mails[i] })
		for i, m := range mails {
			n.mail(states, m, &set, random)
			n.back(states, m, rowGrad)
			if i%batch != batch-1 && i != len(mails)-1 {
				continue
			}
			step++
			rate := set.rate * float32(1-float64(step)/float64(total+1))
			for _, p := range []*param{n.filter, n.filterBias, n.layer[0], n.layer[1], n.layer[2], n.ofMail, n.layerBias, n.shape, n.out, n.outBias} {
				p.update(rate, set.decay, step)
			}
			for r, g := range rowGrad {
				n.squares[r] += dot(g[:], g[:]) / dim
				f := set.tune * rate / (float32(math.Sqrt(float64(n.squares[r]))) + 1e-4)
				if r < model.FirstWord {
					f *= 2
				}
				addTimes(n.rows[r][:], -f, g[:])
			}
			clear(rowGrad)
		}
	}
	return n
}

// scores judges sentences.
func (n *network) scores(all []*example) [][model.Acts]float32 {
	var out [][model.Acts]float32
	for _, m := range byMail(all) {
		states := make([]state, len(m))
		n.mail(states, m, nil, nil)
		for i := range m {
			out = append(out, states[i].score)
		}
	}
	return out
}
