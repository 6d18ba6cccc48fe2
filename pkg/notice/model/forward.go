package model

// netMemory is the working memory of the network for one mail.
type netMemory struct {
	words []filtered // cache
	means [][Dim]int32
	turn  uint64 // which place of the two is given up next
	found []strongest
	all   [Hidden]int64 // what the mail as a whole adds to the hidden layer
}

// filtered is the vector of a word, twice, and its share in the filters' answers, as the first, second and third word of three.
type filtered struct {
	hash     uint64
	known    bool
	answered bool
	vector   [Dim]int16
	answer   [3][Conv]int16
}

// strongest is what the filters answer to a sentence.
type strongest struct {
	done  bool
	value [Conv]int32
	place [Conv]int16 // word in the middle of the strongest answer; -1 for none
}

const filteredSize = 1 << 11

// without is what the network would say, roughly, where it is not asked.
const without = -2 * One

func (n *netMemory) begin() { n.means, n.found = n.means[:0], n.found[:0] }

// score adds the network's scores to those of the sentences that are worth it.
func (n *netMemory) score(r *Reader) {
	asked := false
	for i := range r.sents {
		if !r.sents[i].hopeless {
			asked = true
			continue
		}
		for a := range r.scores[i] {
			r.scores[i][a] = min(r.scores[i][a]+without, r.m.thresholds[a]-One)
		}
	}
	if !asked {
		return
	}
	q := r.m.net
	if n.words == nil {
		n.words = make([]filtered, filteredSize)
	}
	var sum [Dim]int64
	for i := range r.sents {
		n.means = append(n.means, n.mean(r, q, i))
		n.found = append(n.found, strongest{})
		for d, x := range n.means[i] {
			sum[d] += int64(x)
		}
	}
	for k := range n.all {
		n.all[k] = int64(q.layerBias[k])
		for d, x := range sum {
			n.all[k] += int64(q.mail[k][d]) * (x / int64(len(r.sents)))
		}
	}
	for i := range r.sents {
		if r.sents[i].hopeless {
			continue
		}
		hid := n.hidden(r, q, i)
		for a := range r.scores[i] {
			r.scores[i][a] += q.act(a, &hid)
		}
	}
}

// hidden works out the hidden layer for a sentence.
func (n *netMemory) hidden(r *Reader, q *net, i int) [Hidden]int64 {
	hid := n.all
	for part, j := range [3]int{i, i - 1, i + 1} {
		if j < 0 || j >= len(r.sents) {
			continue
		}
		if !n.found[j].done {
			n.filter(r, q, j)
		}
		found, mean := &n.found[j].value, &n.means[j]
		for k := range hid {
			w := &q.layer[part][k]
			hid[k] += product((*[Conv]int16)(w[:Conv]), found) + product((*[Dim]int16)(w[Conv:]), mean)
		}
	}
	r.eachShape(i, func(f int) {
		for k, w := range q.shape[f] {
			hid[k] += int64(w) << valueShift
		}
	})
	for k, x := range hid {
		hid[k] = max(0, min(x>>weightShift, most))
	}
	return hid
}

// product is the inner product of weights and values.
func product(w *[Dim]int16, v *[Dim]int32) int64 {
	var a, b, c, e int64
	for i := 0; i < Dim; i += 4 {
		a += int64(w[i]) * int64(v[i])
		b += int64(w[i+1]) * int64(v[i+1])
		c += int64(w[i+2]) * int64(v[i+2])
		e += int64(w[i+3]) * int64(v[i+3])
	}
	return a + b + c + e
}

// act is the network's part in the score of an act.
func (q *net) act(a int, hid *[Hidden]int64) int32 {
	sum := int64(q.outBias[a])
	for k, x := range hid {
		sum += int64(q.out[a][k]) * x
	}
	sum >>= valueShift + weightShift - 10 // to units of 1/One
	return int32(sum * int64(q.mix[a]) >> 10)
}

// mean is the mean of a sentence's word vectors, times the root of their number.
func (n *netMemory) mean(r *Reader, q *net, i int) (mean [Dim]int32) {
	s := &r.sents[i]
	for j := s.words[0]; j < s.words[1]; j++ {
		for d, x := range n.look(r, q, &r.all[j]).vector {
			mean[d] += int32(x)
		}
	}
	f := int64(inverseRoot[min(max(1, s.words[1]-s.words[0]), len(inverseRoot)-1)]) * int64(q.step)
	for d, x := range mean {
		mean[d] = int32(max(-most, min(most, int64(x)*f>>(filterShift+rootShift-valueShift+1))))
	}
	return mean
}

// filter finds the strongest answer of every filter in a sentence.
func (n *netMemory) filter(r *Reader, q *net, i int) {
	s := &r.sents[i]
	words := r.all[s.words[0]:s.words[1]]
	found := &n.found[i]
	found.done = true
	for h := range found.place {
		found.place[h] = -1
	}
	var none [Conv]int16
	var held [3][3][Conv]int16 // of the word at hand and the two before it: the cache may lose them meanwhile
	for j := 0; j <= len(words); j++ {
		if j < len(words) {
			held[j%3] = n.look(r, q, &words[j]).answers(q)
		}
		if j == 0 {
			continue
		}
		first, middle, last := &none, &held[(j-1)%3][1], &none
		if j > 1 {
			first = &held[(j-2)%3][0]
		}
		if j < len(words) {
			last = &held[j%3][2]
		}
		for h := range found.value {
			if x := q.filterBias[h] + int32(first[h]) + int32(middle[h]) + int32(last[h]); x > found.value[h] {
				found.value[h], found.place[h] = x, int16(j-1)
			}
		}
	}
}

// look finds a word in one of its two places in the cache, or puts it there.
func (n *netMemory) look(r *Reader, q *net, w *word) *filtered {
	at := mix(w.hash) % (filteredSize / 2) * 2
	for i := range uint64(2) {
		if c := &n.words[at+i]; c.known && c.hash == w.hash {
			return c
		}
	}
	n.turn ^= 1
	c := &n.words[at+n.turn]
	c.hash, c.known, c.answered = w.hash, true, false
	x, y := q.lexicon.rows(w, r.folded[w.folded[0]:w.folded[1]])
	for d := range c.vector {
		c.vector[d] = int16(q.vectors[x][d]) + int16(q.vectors[y][d])
	}
	return c
}

// answers works out the word's share in the filters' answers when it is first needed.
func (c *filtered) answers(q *net) [3][Conv]int16 {
	if !c.answered {
		c.answered = true
		for part := range c.answer {
			for h := range c.answer[part] {
				sum := int32(0)
				filter := &q.filters[part][h]
				for d, v := range c.vector {
					sum += int32(v) * int32(filter[d])
				}
				c.answer[part][h] = int16(max(-most, min(most, sum>>(filterShift-valueShift+1))))
			}
		}
	}
	return c.answer
}
