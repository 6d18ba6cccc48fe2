package notice

import (
	"strings"
	"unicode/utf8"
)

// compareWords tells in what a quotation differs from the text that it quotes. That parts are left out is no difference, where whole lines or sentences are;
// nor is what stands before and after the part that is quoted.
func compareWords(quoting string, q []word, original string, o []word) (list []Difference, leftOut int) {
	hunks := diffWords(q, o)
	for _, h := range hunks {
		kind := ""
		switch {
		case h.q0 == h.q1: // words are missing
			if h.q0 == 0 || h.q1 == len(q) || o[h.o0].first && o[h.o1-1].last || ellipsis(quoting, q, h.q0) {
				continue
			}
			kind = "missing"
		case h.o0 == h.o1:
			kind = "added"
		default:
			kind = "changed"
		}
		if kind != "missing" && omission(quoting, q[h.q0:h.q1]) {
			continue
		}
		if len(list) == maxDifferences {
			leftOut++
			continue
		}
		d := Difference{Kind: kind}
		d.Quoted, d.QuotedSpan = passage(quoting, q, h.q0, h.q1, kind == "missing")
		d.Original, d.OriginalSpan = passage(original, o, h.o0, h.o1, kind == "added")
		list = append(list, d)
	}
	return list, leftOut
}

// ellipsis tells whether the words beside a place say that something is left out.
func ellipsis(text string, q []word, at int) bool {
	from, to := 0, len(text)
	if at > 0 {
		from = int(q[at-1].end) - 3
	}
	if at < len(q) {
		to = int(q[at].start)
	}
	between := text[max(from, 0):to]
	return strings.Contains(between, "...") || strings.Contains(between, "…") || strings.Contains(between, "[") && strings.Contains(between, "]")
}

// omission tells whether words stand for what was left out: "[snip]", "<cut>".
func omission(text string, q []word) bool {
	if len(q) > 3 {
		return false
	}
	s := strings.ToLower(text[q[0].start:q[len(q)-1].end])
	return strings.HasPrefix(s, "[") || strings.HasPrefix(s, "<") || strings.HasPrefix(s, "(...") || strings.Contains(s, "snip") || strings.Trim(s, ".… ") == ""
}

// passage shows some words with those around; where there are none, those between which they would stand, and an empty span.
func passage(text string, w []word, from, to int, none bool) (string, [2]int) {
	const around = 4
	a, b := max(0, from-around), min(len(w), to+around)
	if a == b {
		return "", [2]int{}
	}
	start, end := int(w[a].start), int(w[b-1].end)
	shown := clean(text[start:end])
	at := int(w[len(w)-1].end)
	if from < len(w) {
		at = int(w[from].start)
	}
	s := utf8.RuneCountInString(text[:at])
	if none || from == to {
		return shown, [2]int{s, s}
	}
	return shown, [2]int{s, s + utf8.RuneCountInString(text[at:w[to-1].end])}
}

// clean takes out quote marks and line ends, and shortens.
func clean(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimLeft(line, "> \t"))
		b.WriteByte(' ')
	}
	const most = 400
	out := strings.Join(strings.Fields(b.String()), " ")
	if len(out) > most {
		out = strings.ToValidUTF8(out[:most], "") + "…"
	}
	return out
}

// hunk is a place where two lists of words differ.
type hunk struct{ q0, q1, o0, o1 int }

// diffWords compares two lists of words: the greedy algorithm of Myers (1986), from which the longest ends that are equal are taken first. Beyond maxEdits
// differences it tells where both go on in the same way for the first time, and that all after it differs.
func diffWords(q, o []word) []hunk {
	head := 0
	for head < len(q) && head < len(o) && q[head].hash == o[head].hash {
		head++
	}
	tail := 0
	for tail < len(q)-head && tail < len(o)-head && q[len(q)-1-tail].hash == o[len(o)-1-tail].hash {
		tail++
	}
	n, m := len(q)-head-tail, len(o)-head-tail
	switch {
	case n == 0 && m == 0:
		return nil
	case n == 0 || m == 0:
		return []hunk{{head, head + n, head, head + m}}
	}
	a, b := q[head:head+n], o[head:head+m]
	whole := []hunk{{head, head + n, head, head + m}}
	if abs(n-m) > maxEdits {
		return whole
	}
	most := min(n+m, maxEdits)
	offset := most + 1
	v := make([]int32, 2*offset+1)
	var trace []int32 // v before each step d, for -d … d: from d² on
	found := -1
search:
	for d := 0; d <= most; d++ {
		if d == fewEdits && n+m-2*common(a, b) > maxEdits {
			break
		}
		trace = append(trace, v[offset-d:offset+d+1]...)
		for k := -d; k <= d; k += 2 {
			var x int32
			if k == -d || k != d && v[offset+k-1] < v[offset+k+1] {
				x = v[offset+k+1]
			} else {
				x = v[offset+k-1] + 1
			}
			y := x - int32(k)
			for int(x) < n && int(y) < m && a[x].hash == b[y].hash {
				x, y = x+1, y+1
			}
			v[offset+k] = x
			if int(x) >= n && int(y) >= m {
				found = d
				break search
			}
		}
	}
	if found < 0 {
		return whole
	}
	// back from the end
	sameQ := make([]bool, n)
	sameO := make([]bool, m)
	x, y := n, m
	for d := found; d > 0; d-- {
		k := x - y
		prev := trace[d*d:]
		at := func(k int) int32 { return prev[k+d] }
		var pk int
		if k == -d || k != d && at(k-1) < at(k+1) {
			pk = k + 1
		} else {
			pk = k - 1
		}
		px := int(at(pk))
		py := px - pk
		for x > px && y > py && x > 0 && y > 0 && a[x-1].hash == b[y-1].hash {
			x, y = x-1, y-1
			sameQ[x], sameO[y] = true, true
		}
		x, y = px, py
	}
	for x > 0 && y > 0 {
		x, y = x-1, y-1
		sameQ[x], sameO[y] = true, true
	}
	var hunks []hunk
	for i, j := 0, 0; i < n || j < m; {
		if i < n && j < m && sameQ[i] && sameO[j] {
			i, j = i+1, j+1
			continue
		}
		h := hunk{q0: head + i, o0: head + j}
		for i < n && !sameQ[i] {
			i++
		}
		for j < m && !sameO[j] {
			j++
		}
		h.q1, h.o1 = head+i, head+j
		hunks = append(hunks, h)
	}
	return hunks
}

// fewEdits are found sooner than the words are counted.
const fewEdits = 32

// common counts the words that two lists have in common, in whatever order: no comparison can find more.
func common(a, b []word) (n int) {
	count := make(map[uint64]int, len(a))
	for i := range a {
		count[a[i].hash]++
	}
	for i := range b {
		if h := b[i].hash; count[h] > 0 {
			count[h]--
			n++
		}
	}
	return n
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
