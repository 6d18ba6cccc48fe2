package pdf

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

// Bracket pairs (BidiBrackets.txt), as far as they are met in mail.
var (
	openings = []rune("([{⁅⁽₍〈❨❪❬❮❰❲❴⟦⟨⟪⟬⟮⦃⦅⦇《「『【〔〖〘〚﹙﹛﹝（［｛｟｢")
	closings = []rune(")]}⁆⁾₎〉❩❫❭❯❱❳❵⟧⟩⟫⟭⟯⦄⦆⦈》」』】〕〗〙〛﹚﹜﹞）］｝｠｣")
)

// isRTL tells whether r belongs to a script that is written from right to left.
func isRTL(r rune) bool {
	if r < 0x0590 {
		return false
	}
	c := class(r)
	return c == bidi.R || c == bidi.AL
}

func class(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// baseLevel is the paragraph level by rules P2 and P3 of UAX #9: 1 if the first strong character is of a right-to-left script.
func baseLevel(runes []rune) uint8 {
	for _, r := range runes {
		switch class(r) {
		case bidi.L:
			return 0
		case bidi.R, bidi.AL:
			return 1
		}
	}
	return 0
}

// levels resolves the embedding level of each code point by the implicit rules of UAX #9 (W1 to W7, N0 to N2, I1, I2). Embeddings, overrides and isolates never get
// here: they are printed by number.
func levels(runes []rune, base uint8) []uint8 {
	n := len(runes)
	cls := make([]bidi.Class, n)
	sor := bidi.L
	if base == 1 {
		sor = bidi.R
	}
	before, strong := sor, sor
	for i, r := range runes { // W1, W2, W3
		c := class(r)
		switch {
		case c == bidi.NSM:
			c = before
		case c == bidi.EN && strong == bidi.AL:
			c = bidi.AN
		}
		if c == bidi.L || c == bidi.R || c == bidi.AL {
			strong = c
		}
		before = c
		if c == bidi.AL {
			c = bidi.R
		}
		cls[i] = c
	}
	for i := 1; i+1 < n; i++ { // W4
		p, q := cls[i-1], cls[i+1]
		if p == q && ((cls[i] == bidi.ES && p == bidi.EN) || (cls[i] == bidi.CS && (p == bidi.EN || p == bidi.AN))) {
			cls[i] = p
		}
	}
	for i := 0; i < n; { // W5, W6
		j := i
		for j < n && cls[j] == bidi.ET {
			j++
		}
		if j == i {
			i++
			continue
		}
		as := bidi.ON
		if (i > 0 && cls[i-1] == bidi.EN) || (j < n && cls[j] == bidi.EN) {
			as = bidi.EN
		}
		for ; i < j; i++ {
			cls[i] = as
		}
	}
	strong = sor
	for i, c := range cls { // W7
		switch {
		case c == bidi.L || c == bidi.R:
			strong = c
		case c == bidi.EN && strong == bidi.L:
			cls[i] = bidi.L
		}
	}
	side := func(c bidi.Class) bidi.Class { // for the neutrals, numbers count as right-to-left
		if c == bidi.L {
			return bidi.L
		}
		return bidi.R
	}
	pairBrackets(runes, cls, sor, side)
	firm := func(c bidi.Class) bool { return c == bidi.L || c == bidi.R || c == bidi.EN || c == bidi.AN }
	lv := make([]uint8, n)
	for i := 0; i < n; { // N1, N2
		j := i
		for j < n && !firm(cls[j]) {
			j++
		}
		if j == i {
			i++
			continue
		}
		left, right := sor, sor
		if i > 0 {
			left = side(cls[i-1])
		}
		if j < n {
			right = side(cls[j])
		}
		as := sor
		if left == right {
			as = left
		}
		for ; i < j; i++ {
			cls[i] = as
		}
	}
	for i, c := range cls { // I1, I2
		lv[i] = base
		switch {
		case base == 0 && c == bidi.R, base == 1 && (c == bidi.L || c == bidi.EN || c == bidi.AN):
			lv[i]++
		case base == 0 && (c == bidi.EN || c == bidi.AN):
			lv[i] += 2
		}
	}
	return lv
}

// maxPairs is how many brackets may be open at a time (BD16).
const maxPairs = 63

// pairBrackets gives the two brackets of a pair one direction (rule N0): that of the paragraph if anything between them has it, else that of what stands before
// the pair if all between them runs the other way.
func pairBrackets(runes []rune, cls []bidi.Class, sor bidi.Class, side func(bidi.Class) bidi.Class) {
	strong := func(c bidi.Class) bool { return c == bidi.L || c == bidi.R || c == bidi.EN || c == bidi.AN }
	type open struct {
		closing rune
		at      int
	}
	var stack []open
	var pairs [][2]int
	for i, r := range runes {
		if cls[i] != bidi.ON {
			continue
		}
		if k := slices.Index(openings, r); k >= 0 {
			if len(stack) == maxPairs {
				break
			}
			stack = append(stack, open{closings[k], i})
		} else if slices.Contains(closings, r) {
			for k := len(stack) - 1; k >= 0; k-- {
				if stack[k].closing == r {
					pairs = append(pairs, [2]int{stack[k].at, i})
					stack = stack[:k]
					break
				}
			}
		}
	}
	slices.SortFunc(pairs, func(a, b [2]int) int { return a[0] - b[0] })
	for _, p := range pairs {
		found, other := false, false
		for _, c := range cls[p[0]+1 : p[1]] {
			if strong(c) {
				found = found || side(c) == sor
				other = other || side(c) != sor
			}
		}
		as := sor
		switch {
		case found:
		case other:
			before := sor
			for i := p[0] - 1; i >= 0; i-- {
				if strong(cls[i]) {
					before = side(cls[i])
					break
				}
			}
			as = before
		default:
			continue
		}
		for _, at := range p {
			cls[at] = as
			for i := at + 1; i < len(runes) && class(runes[i]) == bidi.NSM; i++ {
				cls[i] = as
			}
		}
	}
}

// reorder puts the cells of one line into visual order (rules L1 and L2 of UAX #9). Marks are in the cell of their base, and glyphs are turned round by the
// shaper (L3, L4).
func reorder(cells []cell, base uint8) {
	for i := len(cells) - 1; i >= 0 && cells[i].kind == space; i-- {
		cells[i].level = base
	}
	highest := uint8(0)
	for i := range cells {
		highest = max(highest, cells[i].level)
	}
	for level := highest; level >= 1; level-- {
		for i := 0; i < len(cells); {
			j := i
			for j < len(cells) && cells[j].level >= level {
				j++
			}
			if j > i {
				slices.Reverse(cells[i:j])
				i = j
			} else {
				i++
			}
		}
	}
}
