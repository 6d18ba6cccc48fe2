package model

import "slices"

// Span is a stretch of a sentence, in bytes.
type Span struct{ Start, End int }

const (
	mostWords = 7  // that an explanation names
	share     = 60 // of the weight that speaks for the acts, in percent, after which it stops
)

// Explain names the words of sentence i that weighed most for the given acts, in the order of the sentence, neighbours as one span.
// The weight of a feature of several words is shared between them, that of the network goes back to the words along its strongest answers. Call it after Score.
func (r *Reader) Explain(i int, acts []int) []Span {
	s := &r.sents[i]
	words := r.all[s.words[0]:s.words[1]]
	weight := make([]int64, len(words))
	value := func(h uint64, block int) int64 {
		var sum row
		r.m.add(&sum, h)
		total := int64(0)
		for _, a := range acts {
			total += int64(sum[a]) * int64(r.m.scale[a])
		}
		return total * int64(inverseRoot[min(s.n[block], len(inverseRoot)-1)]) >> scaleShift
	}
	for j := range words {
		weight[j] += value(words[j].hash, blockWords)
		for _, h := range r.runs(&words[j]) {
			weight[j] += value(h, blockChars)
		}
	}
	eachGram(words, func(h uint64, at [3]int) {
		v := value(h, blockWords) / 2
		for _, j := range at {
			if j >= 0 && j < len(words) {
				weight[j] += v
			}
		}
	})
	if r.m.net != nil && !s.hopeless {
		r.net.explain(r, i, acts, weight)
	}
	total := int64(0)
	order := make([]int, 0, len(words))
	for j, v := range weight {
		if v > 0 && words[j].kind != kindSign {
			total += v
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, weight[b]-weight[a]))) })
	sum := int64(0)
	for n, j := range order {
		if sum += weight[j]; n+1 == mostWords || sum*100 >= total*share {
			order = order[:n+1]
			break
		}
	}
	slices.Sort(order)
	var spans []Span
	for n, j := range order {
		if n > 0 && order[n-1] == j-1 {
			spans[len(spans)-1].End = words[j].end
			continue
		}
		spans = append(spans, Span{words[j].start, words[j].end})
	}
	return spans
}

// explain adds the network's part to the weights of the words, in scores times 1<<rootShift: the sum of the weights on every way from a word to the acts.
func (n *netMemory) explain(r *Reader, i int, acts []int, weight []int64) {
	q := r.m.net
	s := &r.sents[i]
	words := r.all[s.words[0]:s.words[1]]
	hid := n.hidden(r, q, i)
	var slope [Sentence]int64
	for k, x := range hid {
		if x == 0 {
			continue
		}
		out := int64(0)
		for _, a := range acts {
			out += int64(q.out[a][k]) * int64(q.mix[a])
		}
		for d, w := range q.layer[0][k] {
			slope[d] += out * int64(w)
		}
	}
	const toWeight = valueShift + 2*weightShift - rootShift
	found := &n.found[i]
	for h, x := range found.value {
		at := int(found.place[h])
		if at < 0 {
			continue
		}
		v := slope[h] * int64(x) >> toWeight
		weight[at] += v / 2
		if at > 0 {
			weight[at-1] += v / 4
		}
		if at+1 < len(words) {
			weight[at+1] += v / 4
		}
	}
	f := int64(inverseRoot[min(max(1, len(words)), len(inverseRoot)-1)]) * int64(q.step)
	for j := range words {
		for d, x := range n.look(r, q, &words[j]).vector {
			weight[j] += (slope[Conv+d] >> toWeight) * (int64(x) * f) >> (filterShift + rootShift - valueShift + 1)
		}
	}
}
