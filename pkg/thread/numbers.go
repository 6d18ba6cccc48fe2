package thread

import "slices"

// numbers gives hashes numbers, from 0: their places in order of size. All are added, then settle is called, then they are asked for. That is 8 bytes each.
type numbers struct {
	all []uint64
}

// add takes in a hash that may be there already.
func (n *numbers) add(h uint64) {
	if len(n.all) == cap(n.all) && len(n.all) > 0 {
		if n.settle(); len(n.all) > cap(n.all)/2 {
			n.all = slices.Grow(n.all, cap(n.all)/2)
		}
	}
	n.all = append(n.all, h)
}

func (n *numbers) settle() {
	slices.Sort(n.all)
	n.all = slices.Compact(n.all)
}

func (n *numbers) len() int { return len(n.all) }

// of gives the number of a hash, -1 if it was not added.
func (n *numbers) of(h uint64) int {
	if at, is := slices.BinarySearch(n.all, h); is {
		return at
	}
	return -1
}
