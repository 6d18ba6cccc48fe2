package pdf

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

// isRTL tells whether r belongs to a script that is written from right to left.
func isRTL(r rune) bool {
	if r < 0x0590 {
		return false
	}
	p, _ := bidi.LookupRune(r)
	c := p.Class()
	return c == bidi.R || c == bidi.AL
}

// baseLevel is the paragraph level by rules P2 and P3 of UAX #9: 1 if the first strong character is of a right-to-left script.
func baseLevel(cells []cell) uint8 {
	for i := range cells {
		switch class(&cells[i]) {
		case bidi.L:
			return 0
		case bidi.R, bidi.AL:
			return 1
		}
	}
	return 0
}

// class is the bidi class of a cell. Explicit embeddings and overrides never get here: they are printed as [U+202E].
func class(c *cell) bidi.Class {
	if c.r < 0x80 {
		switch {
		case c.r >= 'a' && c.r <= 'z', c.r >= 'A' && c.r <= 'Z':
			return bidi.L
		case c.r >= '0' && c.r <= '9':
			return bidi.EN
		}
	}
	p, _ := bidi.LookupRune(c.r)
	return p.Class()
}

// levels resolves the embedding level of each cell by the implicit rules of UAX #9 (W1 to W7, N1, N2, I1, I2).
func levels(cells []cell, base uint8) []uint8 {
	n := len(cells)
	cls := make([]bidi.Class, n)
	sor := bidi.L
	if base == 1 {
		sor = bidi.R
	}
	before, strong := sor, sor
	for i := range cells { // W1, W2, W3
		c := class(&cells[i])
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

// reorder puts the cells of one line into visual order (rules L1, L2 and L4 of UAX #9).
func reorder(cells []cell, lv []uint8, base uint8) {
	for i := len(cells) - 1; i >= 0 && cells[i].kind == space; i-- {
		lv[i] = base
	}
	for i := range cells {
		if lv[i]%2 == 1 {
			cells[i].r = mirrored(cells[i].r)
		}
	}
	highest := slices.Max(lv)
	for level := highest; level >= 1; level-- {
		for i := 0; i < len(cells); {
			j := i
			for j < len(cells) && lv[j] >= level {
				j++
			}
			if j > i {
				slices.Reverse(cells[i:j])
				slices.Reverse(lv[i:j])
				if level%2 == 1 {
					marksAfterBase(cells[i:j])
				}
				i = j
			} else {
				i++
			}
		}
	}
}

// marksAfterBase puts combining marks, which a reversal left before their base, behind it again (rule L3).
func marksAfterBase(cells []cell) {
	for i := 0; i < len(cells); i++ {
		j := i
		for j < len(cells) && cells[j].r >= 0x300 && class(&cells[j]) == bidi.NSM {
			j++
		}
		if j > i && j < len(cells) {
			base := cells[j]
			copy(cells[i+1:j+1], cells[i:j])
			cells[i] = base
			i = j
		}
	}
}

// mirrored returns the glyph that stands for r in right-to-left text (the common pairs of BidiMirroring.txt).
func mirrored(r rune) rune {
	const from, to = "()[]{}<>«»‹›≤≥", ")(][}{><»«›‹≥≤"
	if r < 0x80 && (r == ' ' || r >= '0' && r <= '9') {
		return r
	}
	a, b := []rune(from), []rune(to)
	if i := slices.Index(a, r); i >= 0 {
		return b[i]
	}
	return r
}

// Arabic letters and how many presentation forms each has; the block that starts at U+FE80 holds the forms in this order.
const (
	arabicLetters = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
	arabicCounts  = "12222424244444222244444444" + "4444444224"
	tatweel       = 'ـ'
)

// arabicForms returns the first of r's presentation forms (isolated, final, then initial and medial where it joins to the
// following letter) and their number: 0 for what does not join.
func arabicForms(r rune) (rune, int) {
	switch r {
	case 'پ':
		return 0xFB56, 4
	case 'چ':
		return 0xFB7A, 4
	case 'ژ':
		return 0xFB8A, 2
	case 'ک':
		return 0xFB8E, 4
	case 'گ':
		return 0xFB92, 4
	case 'ی':
		return 0xFBFC, 4
	}
	if r < 'ء' || r > 'ي' {
		return 0, 0
	}
	first, i := rune(0xFE80), 0
	for _, l := range arabicLetters {
		n := int(arabicCounts[i] - '0')
		if l == r {
			return first, n
		}
		first += rune(n)
		i++
	}
	return 0, 0
}

// shapeArabic replaces the Arabic letters of one paragraph, in logical order, by their presentation forms, and joins lam and alef.
// A form that no font has leaves its letter as it is.
func (t *typesetter) shapeArabic(cells []cell) []cell {
	letters := make([]rune, len(cells)) // the letters before shaping; 0 for a mark, which does not part its neighbours
	any := false
	for i := range cells {
		letters[i] = cells[i].r
		if _, n := arabicForms(letters[i]); n > 0 {
			any = true
		}
		if class(&cells[i]) == bidi.NSM {
			letters[i] = 0
		}
	}
	if !any {
		return cells
	}
	neighbour := func(i, step int) rune {
		for i += step; i >= 0 && i < len(letters); i += step {
			if letters[i] != 0 {
				return letters[i]
			}
		}
		return 0
	}
	joinsOn := func(r rune) bool { _, n := arabicForms(r); return n == 4 || r == tatweel }
	joinsBack := func(r rune) bool { _, n := arabicForms(r); return n >= 2 || r == tatweel }
	out := cells[:0]
	for i := 0; i < len(letters); i++ {
		c := cells[i]
		first, n := arabicForms(letters[i])
		if n == 0 {
			out = append(out, c)
			continue
		}
		before := n >= 2 && joinsOn(neighbour(i, -1))
		if letters[i] == 'ل' && i+1 < len(letters) {
			if k := slices.Index([]rune("آأإا"), letters[i+1]); k >= 0 {
				form := rune(0xFEF5 + 2*k)
				if before {
					form++
				}
				t.dress(&c, form)
				out = append(out, c)
				i++
				continue
			}
		}
		after := n == 4 && joinsBack(neighbour(i, 1))
		switch {
		case before && after:
			first += 3
		case after:
			first += 2
		case before:
			first++
		}
		t.dress(&c, first)
		out = append(out, c)
	}
	return out
}
