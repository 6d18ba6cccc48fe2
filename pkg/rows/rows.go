// Package rows knows long lists: those that grow in memory without being copied, where a slice that grows holds its old and its new place at the same time,
// and those that lie in temporary files.
package rows

// Rows is such a list. The zero value is empty.
type Rows[T any] struct {
	blocks [][]T
	n      int
}

const (
	bits  = 12
	block = 1 << bits // elements
)

// Len is the number of elements.
func (l *Rows[T]) Len() int { return l.n }

// Add appends v.
func (l *Rows[T]) Add(v T) {
	if l.n>>bits == len(l.blocks) {
		l.blocks = append(l.blocks, make([]T, 0, block))
	}
	last := &l.blocks[len(l.blocks)-1]
	*last = append(*last, v)
	l.n++
}

// At gives element i, from 0. The place stays valid.
func (l *Rows[T]) At(i int) *T { return &l.blocks[i>>bits][i&(block-1)] }

// Take empties the list, calls each for every element in order, and lets go of what is passed.
func (l *Rows[T]) Take(each func(i int, v *T)) {
	for k, b := range l.blocks {
		for i := range b {
			each(k<<bits+i, &b[i])
		}
		l.blocks[k] = nil
	}
	*l = Rows[T]{}
}
