package dossier

// rows is a long list that grows without being copied: a slice that grows holds its old and its new place at the same time.
type rows[T any] struct {
	blocks [][]T
	n      int
}

const listBlock = 1 << 12

func (l *rows[T]) len() int { return l.n }

func (l *rows[T]) add(v T) {
	if l.n%listBlock == 0 {
		l.blocks = append(l.blocks, make([]T, 0, listBlock))
	}
	last := &l.blocks[len(l.blocks)-1]
	*last = append(*last, v)
	l.n++
}

func (l *rows[T]) at(i int) *T { return &l.blocks[i/listBlock][i%listBlock] }
